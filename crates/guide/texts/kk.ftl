# Анықтамалық: қала, емханалар, емхана, тексерулер.
guide-home = Басты бет
guide-clinics = Емханалар
guide-examinations = Тексерулер
guide-specialties = Дәрігерлер
guide-other-cities = Басқа қалалар
guide-onward = Әрі қарай
guide-city-heading = Дәрігерлер мен емханалар: { $city }
guide-city-lead = { $clinics } емханада { $doctors } дәрігер қабылдайды{ $examinations ->
    [0] {""}
   *[other] {""}, тексеру түрі: { $examinations }
  }. Бос уақыты бірден көрінеді.
guide-offers = { $n }
guide-all-clinics = Барлық { $n } емхана
guide-clinics-heading = Емханалар: { $city }
guide-clinics-lead = Жазылуға болатын { $n } емхана.
guide-examinations-heading = Тексерулер: { $city }
guide-examinations-lead = { $n } тексеру: бағасы, дайындығы, ең жақын уақыты.
guide-examinations-none = Бұл қалада тексеруге жазылу әзірге жоқ. Қайда бару керегін дәрігер айтады.
guide-pages = Тізім беттері
guide-previous = Артқа
guide-next = Әрі қарай
guide-page = { $of } беттің { $n }-беті
guide-clinic-lead = { $city }. { $doctors ->
    [0] Тексеруге алдын ала жазылады.
   *[other] { $doctors } дәрігер қабылдайды.
  }
  { $examinations ->
    [0] {""}
   *[other] Тексеру түрі: { $examinations }.
  }
guide-clinic-prices = Алғашқы қабылдау: { $prices }.
guide-clinic-more = Тағы { $n } дәрігер
guide-part-of = Мына емхананың бөлімшесі:
guide-branches = Бөлімшелері
guide-about = Емхана туралы
guide-devices = Құрал-жабдығы
guide-call-clinic = Емхананың телефоны
guide-license = Лицензия { $number }
guide-license-of = Лицензия { $number }, { $day }
guide-license-issuer = Берген: { $issuer }
guide-district = Аудан: { $district }
guide-station = { $station }, жаяу { $n } мин
guide-map = Картадан көрсету
guide-open-always = Тәулік бойы ашық
guide-open-until = { $time } дейін ашық
guide-closed-until = Қазір жабық. Ашылатын уақыты: { $day }, { $time }
guide-every-day = Күн сайын
guide-closed = жабық
guide-all-day = тәулік бойы
guide-examination-heading = { $name }: { $city }
guide-examination-lead = { $n } емханада жасалады, бағасы { $price }.
guide-also-called = Басқаша атауы: { $names }
guide-preparation = Қалай дайындалу керек
guide-preparation-none = Дайындалудың қажеті жоқ: белгіленген уақытта келіңіз.
guide-preparation-print = Бұл жадынаманы басып шығаруға болады: қағазда артық ештеңе қалмайды.
guide-where = Қайда жасатуға болады
guide-more-places = Тағы { $n } нұсқа бар. Қоңырау шалыңыз, бірге таңдаймыз.
guide-ask-doctor = нәтижесін түсіндіреді
guide-same-there = осы тексеру
guide-minutes = { $n } мин
guide-years = { $n ->
    [0] Еңбек өтілі бір жылға толмаған
   *[other] Еңбек өтілі { $n } жыл
  }
guide-sees-both = ересектер мен балаларға
guide-sees-children = тек балаларға
guide-free-on = Бос уақыт: { $day }
guide-all-times = Барлық уақыты
guide-no-times = Жақын апталарда бос уақыт жоқ.
guide-more-about = Толығырақ
guide-absent = Емхана жабылған немесе біз арқылы енді жазбайтын болуы мүмкін. Өз қалаңыздан басқасын таңдаңыз.
guide-absent-heading = Бұл емхана мұнда жоқ
