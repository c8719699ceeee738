# Поиск врача: главная страница и результаты.
search-home-title = Запись к врачу
search-home-heading = Выберите врача и удобное время
search-home-lead = Найдите врача рядом, выберите свободное время, подтвердите телефон. Регистрация не нужна.
search-field = Врач, специальность или жалоба
search-field-hint = Например, кардиолог
search-city = Город
search-go = Найти врача
search-show = Показать
search-or-call = или позвоните, подберём вместе
search-popular = { $city }: чаще всего записываются
search-how = Как это устроено
search-how-1 = Выбираете врача и время: всё, что показано, свободно.
search-how-2 = Оставляете имя и телефон и вводите код из СМС.
search-how-3 = Приходите в клинику. Перенести или отменить запись можно по ссылке из СМС.
search-home-counts = { $doctors ->
    [one] { $doctors } врач
    [few] { $doctors } врача
   *[many] { $doctors } врачей
  } в { $clinics ->
    [one] { $clinics } клинике
   *[other] { $clinics } клиниках
  }.
search-heading = { $specialty }: { $city }
search-heading-city = Врачи: { $city }
search-heading-words = «{ $words }»
search-total = { $n ->
    [one] Подходит { $n } врач
    [few] Подходят { $n } врача
   *[many] Подходят { $n } врачей
  }
search-total-none = Никто не подходит под все условия сразу
search-filters = Фильтры
search-filters-set = Фильтры: выбрано { $n }
search-specialty = Специальность
search-metro = Метро
search-date = День
search-hours = Время дня
search-from = Не раньше
search-to = Не позже
search-price-max = Цена до
search-sex = Кто принимает
search-sex-f = Женщина
search-sex-m = Мужчина
search-child = Принимает детей
search-sort = Сначала
search-sort-relevance = подходящие
search-sort-soonest = ближайшее время
search-sort-price = дешевле
search-any = Неважно
search-chips = Выбранные условия
search-chip-remove = Убрать условие:
search-chip-price = до { $price }
search-chip-hours = { $from }–{ $to }
search-chip-from = с { $from }
search-chip-to = до { $to }
search-clear = Убрать все условия
search-nothing-next = Что ещё можно сделать
search-nothing-days = Свободно в другие дни
search-anew = Начать поиск заново
search-years = { $n ->
    [0] Стаж меньше года
    [one] Стаж { $n } год
    [few] Стаж { $n } года
   *[many] Стаж { $n } лет
  }
search-sees-children = принимает только детей
search-sees-both = принимает взрослых и детей
search-rating = Оценка { $rating }, { $n ->
    [one] { $n } отзыв
    [few] { $n } отзыва
   *[many] { $n } отзывов
  }
search-metro-near = { $metro }, { $n } мин пешком
search-first-visit = Первый приём
search-free-on = Свободно { $day }
search-more-times = Ещё { $n }
search-other-days = Другие дни
search-doctor-page = Подробнее о враче
search-no-times = Свободного времени в ближайшие недели нет.
search-pages = Страницы результатов
search-previous = Назад
search-next = Дальше
search-page = { $n } из { $of }
search-child-no = Не принимает детей
search-home-visit = Выезжает на дом
search-home-visit-no = Без выезда на дом
search-online = Приём по видео
search-online-no = Без приёма по видео
search-language-kk = казахский
search-language-ru = русский
search-language-en = английский
search-problem-value = У параметра { $name } нет такого значения. Выберите одно из перечисленных в allowed.
search-problem-parameter = Не получилось прочитать параметр { $name }. { $form }
search-problem-near = Скажите, откуда считать расстояние: широта и долгота в параметре near (например, 59.94,30.31) или станция в параметре metro.
search-form-date = Нужен день календаря в виде ГГГГ-ММ-ДД, например 2027-03-08.
search-form-hour = Нужно время суток в виде ЧЧ:ММ, от 00:00 до 24:00, например 09:30; from должно быть раньше to.
search-form-price = Нужно целое число от 0 до 1000000000 в валюте города (рубли или тенге, а не копейки и тиыны), например 3000.
search-form-near = Нужны широта и долгота в градусах через запятую, например 59.94,30.31.
search-form-page = Нужно целое число от 1 до { $most }.
search-form-per-page = Нужно целое число больше нуля; всё, что больше { $most }, считается за { $most }.
search-problem-scope = Этому ключу не разрешён поиск.
search-home = Главная
search-popular-examinations = { $city }: исследования
search-places = Города
search-all-of-city = { $city }: все врачи, клиники и исследования
search-landing-intro = { $field }: { $clinics ->
    [one] { $clinics } клиника
    [few] { $clinics } клиники
   *[many] { $clinics } клиник
  }, первый приём { $prices }.
search-landing-sentence = Цены, адреса и свободное время; запись без регистрации.
search-landing-prices = Сколько стоит
search-landing-districts = По районам
search-landing-metros = Рядом с метро
search-landing-neighbours = { $city }: другие врачи
search-total-examinations = { $n ->
    [one] Подходит { $n } исследование
    [few] Подходят { $n } исследования
   *[many] Подходят { $n } исследований
  }
search-total-both = { $doctors ->
    [one] Подходят { $doctors } врач
    [few] Подходят { $doctors } врача
   *[many] Подходят { $doctors } врачей
  } и { $examinations ->
    [one] { $examinations } исследование
    [few] { $examinations } исследования
   *[many] { $examinations } исследований
  }
search-show-n = { $n ->
    [0] Никого нет
    [one] Показать { $n } вариант
    [few] Показать { $n } варианта
   *[many] Показать { $n } вариантов
  }
search-skip = К списку врачей
search-filters-close = Закрыть фильтры
search-service = Услуга
search-kind-consultation = Приёмы врачей
search-kind-examination = Исследования
search-counted = { $name } ({ $n })
search-date-all = Другие дни
search-today = сегодня
search-tomorrow = завтра
search-morning = Утро, до 12:00
search-afternoon = День, 12:00–17:00
search-evening = Вечер, с 17:00
search-visit = Особенности приёма
search-language = Язык приёма
search-district = Район
search-district-all = Ещё районы: { $n }
search-metro-all = Ещё станции: { $n }
search-chip-district = Район { $name }
search-chip-metro = м. { $name }
search-chip-near = Рядом со мной
search-near = Рядом со мной
search-near-note = Место узнаём с точностью до километра и не сохраняем. Или выберите станцию метро ниже.
search-near-wait = Определяем, где вы. Это займёт несколько секунд.
search-near-denied = Браузер не разрешает узнать, где вы. Разрешите доступ в его настройках или выберите станцию метро.
search-near-failed = Не получилось определить, где вы. Попробуйте ещё раз или выберите станцию метро.
search-order = Порядок
search-sort-experience = с большим стажем
search-sort-distance = ближе ко мне
search-sort-rating = с высокой оценкой
search-sort-distance-note = Чтобы увидеть сначала ближних, нажмите «Рядом со мной» или выберите станцию метро. Пока порядок обычный.
search-sort-rating-note = Оценок пока ни у кого нет, поэтому порядок обычный.
search-puzzled = В адресе страницы не удалось прочитать: { $names }. Всё остальное учтено.
search-nothing-drop = Уберите одно условие
search-nothing-none = Мешают несколько условий сразу
search-nothing-without = Без условия «{ $what }»
search-nothing-call = Расскажите, какой врач нужен и когда: подберём по телефону.
search-nothing-clear = Убрать все условия: { $n ->
    [one] { $n } вариант
    [few] { $n } варианта
   *[many] { $n } вариантов
  }
search-speaks = Языки: { $languages }
search-address = { $address }, район { $district }
search-distance-near = Меньше километра от вас
search-distance-about = Около { $n } км от вас
search-distance-station = { $km } км от станции
search-price-unknown = Цену назовут в клинике
search-by-request = Время назначает клиника: выберите удобные дни, и вам перезвонят.
search-ask = Оставить заявку
search-examination-page = Подробнее об исследовании
search-show-doctors = { $n ->
    [0] Никого нет
    [one] Показать { $n } врача
   *[many] Показать { $n } врачей
  }
search-reset = Сбросить
