# Справочник: город, клиники, клиника, исследования.
guide-home = Главная
guide-clinics = Клиники
guide-examinations = Исследования
guide-specialties = Врачи
guide-other-cities = Другие города
guide-onward = Куда дальше
guide-city-heading = Врачи и клиники: { $city }
guide-city-lead = { $doctors ->
    [one] { $doctors } врач
    [few] { $doctors } врача
   *[many] { $doctors } врачей
  } в { $clinics ->
    [one] { $clinics } клинике
   *[other] { $clinics } клиниках
  }{ $examinations ->
    [0] {""}
    [one] {""}, { $examinations } исследование
    [few] {""}, { $examinations } исследования
   *[many] {""}, { $examinations } исследований
  }. Свободное время видно сразу.
guide-offers = { $n }
guide-all-clinics = { $n ->
    [one] Вся { $n } клиника
    [few] Все { $n } клиники
   *[many] Все { $n } клиник
  }
guide-clinics-heading = Клиники: { $city }
guide-clinics-lead = { $n ->
    [one] { $n } клиника, в которую можно записаться.
    [few] { $n } клиники, в которые можно записаться.
   *[many] { $n } клиник, в которые можно записаться.
  }
guide-examinations-heading = Исследования: { $city }
guide-examinations-lead = { $n ->
    [one] { $n } исследование: цена, подготовка, ближайшее время.
    [few] { $n } исследования: цены, подготовка, ближайшее время.
   *[many] { $n } исследований: цены, подготовка, ближайшее время.
  }
guide-examinations-none = Записи на исследования в этом городе пока нет. Врач скажет, куда обратиться.
guide-pages = Страницы списка
guide-previous = Назад
guide-next = Дальше
guide-page = { $n } из { $of }
guide-clinic-lead = { $city }. { $doctors ->
    [0] Исследования по записи.
    [one] Принимает { $doctors } врач.
    [few] Принимают { $doctors } врача.
   *[many] Принимают { $doctors } врачей.
  }
  { $examinations ->
    [0] {""}
    [one] { $examinations } исследование.
    [few] { $examinations } исследования.
   *[many] { $examinations } исследований.
  }
guide-clinic-prices = Первый приём: { $prices }.
guide-clinic-more = { $n ->
    [one] Ещё { $n } врач
    [few] Ещё { $n } врача
   *[many] Ещё { $n } врачей
  }
guide-part-of = Отделение клиники
guide-branches = Отделения
guide-about = О клинике
guide-devices = Оборудование
guide-call-clinic = Телефон клиники
guide-license = Лицензия { $number }
guide-license-of = Лицензия { $number } от { $day }
guide-license-issuer = Выдана: { $issuer }
guide-district = Район: { $district }
guide-station = { $station }, { $n } мин пешком
guide-map = Показать на карте
guide-open-always = Открыто круглосуточно
guide-open-until = Открыто до { $time }
guide-closed-until = Сейчас закрыто. Откроется: { $day }, { $time }
guide-every-day = Ежедневно
guide-closed = закрыто
guide-all-day = круглосуточно
guide-examination-heading = { $name }: { $city }
guide-examination-lead = { $n ->
    [one] Делают в { $n } клинике
   *[other] Делают в { $n } клиниках
  }, цена { $price }.
guide-also-called = Говорят также: { $names }
guide-preparation = Как подготовиться
guide-preparation-none = Готовиться не нужно: приходите в назначенное время.
guide-preparation-print = Эту памятку можно распечатать: лишнего на бумаге не будет.
guide-where = Где сделать
guide-more-places = { $n ->
    [one] Есть ещё { $n } вариант. Позвоните, подберём.
    [few] Есть ещё { $n } варианта. Позвоните, подберём.
   *[many] Есть ещё { $n } вариантов. Позвоните, подберём.
  }
guide-ask-doctor = расскажет о результате
guide-same-there = это же исследование
guide-minutes = { $n } мин
guide-years = { $n ->
    [0] Стаж меньше года
    [one] Стаж { $n } год
    [few] Стаж { $n } года
   *[many] Стаж { $n } лет
  }
guide-sees-both = взрослым и детям
guide-sees-children = только детям
guide-free-on = Свободно { $day }
guide-all-times = Всё время
guide-no-times = Свободного времени в ближайшие недели нет.
guide-more-about = Подробнее
guide-absent = Возможно, она закрылась или больше не записывает через нас. Выберите другую в своём городе.
guide-absent-heading = Этой клиники здесь нет
