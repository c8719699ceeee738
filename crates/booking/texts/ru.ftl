# Запись: врач, форма, код, своя запись.
booking-back-results = К списку врачей
booking-back-form = К форме записи
booking-back-visit = К записи
booking-years = { $n ->
    [0] Стаж меньше года
    [one] Стаж { $n } год
    [few] Стаж { $n } года
   *[many] Стаж { $n } лет
  }
booking-sees-children = принимает только детей
booking-sees-both = принимает взрослых и детей
booking-metro-near = { $metro }, { $n } мин пешком
booking-home = Главная
booking-district = Район: { $district }
booking-category-highest = Высшая категория
booking-category-first = Первая категория
booking-category-second = Вторая категория
booking-degree-candidate = Кандидат медицинских наук
booking-degree-doctor = Доктор медицинских наук
booking-degree-phd = PhD
booking-ages = возраст от { $from } до { $to } лет
booking-ages-from = возраст от { $from } лет
booking-ages-to = возраст до { $to } лет
booking-mode-home = на дому
booking-mode-online = по видеосвязи
booking-device = Оборудование
booking-preparation = Как подготовиться
booking-examination-all = Где ещё сделать
booking-choose = Выберите время
booking-choose-new = Новое время
booking-services = Вид приёма
booking-day-empty = В этот день свободного времени нет.
booking-day-nearest = Ближайшее: { $day }
booking-the-visit = О приёме
booking-minutes = { $n } мин
booking-minutes-long = Приём длится { $n } минут.
booking-speaks = Говорит на языках
booking-elsewhere = Принимает и в других клиниках
booking-about = О враче
booking-lang-kk = казахский
booking-lang-ru = русский
booking-lang-en = английский
booking-summary = Ваш приём
booking-summary-now = Сейчас вы записаны
booking-steps = Шаги записи
booking-step-time = Время
booking-step-you = Имя и телефон
booking-step-code = Код
booking-step-done = готово
booking-form-title = Имя и телефон
booking-form-heading = Кто придёт на приём
booking-kept = { $n ->
    [0] Это время вот-вот освободится.
    [one] Держим это время для вас ещё { $n } минуту.
    [few] Держим это время для вас ещё { $n } минуты.
   *[many] Держим это время для вас ещё { $n } минут.
  }
booking-other-time = Выбрать другое время
booking-errors = { $n ->
    [one] Осталось поправить одно поле:
   *[other] Осталось поправить поля:
  }
booking-name = Фамилия и имя пациента
booking-name-hint = Как к пациенту обратятся в клинике
booking-phone = Мобильный телефон
booking-phone-hint = Ваш номер: пришлём на него код и ссылку на запись
booking-age = Полных лет пациенту
booking-age-hint = Врач принимает не любой возраст
booking-error-name = Напишите фамилию и имя, хотя бы две буквы.
booking-error-name-long = Имя длиннее, чем мы можем записать. Сократите его.
booking-error-phone = Проверьте номер, например +7 000 123-45-67.
booking-error-age = Напишите возраст числом от 0 до 120.
booking-error-consent = Без согласия мы не вправе записать вас. Прочитайте его и поставьте отметку.
booking-error-consent-changed = Текст согласия обновился. Прочитайте его ещё раз и поставьте отметку.
booking-problem-consent-unknown = Согласие для одной из этих целей здесь ничему не служит, и хранить его незачем. Передавайте только согласие для P1.
booking-consent-heading = Согласие на обработку данных для записи
booking-consent-short = Отметка о согласии
booking-consent-whole = Прочитать согласие целиком
booking-consent-page = Открыть согласие отдельной страницей
booking-consent-version = Версия { $version }
booking-consent-old = Это прежний текст: тот, на который было дано согласие. Сейчас действует другой.
booking-consent-script = Что читают вслух перед согласием по телефону
booking-consent-declaration = Заявление того, кто записывает другого человека
booking-consent-tick = Даю согласие на обработку моих данных для этой записи
booking-get-code = Получить код по СМС
booking-get-code-note = Время будет записано за вами после ввода кода.
booking-code-title = Код из СМС
booking-code-heading = Введите код из СМС
booking-code-sent = Отправили код на номер { $phone }.
booking-code-change = Изменить номер
booking-code-demo = В демонстрации код лежит здесь:
booking-code = Код
booking-code-none = Код не пришёл?
booking-code-again = Отправить ещё раз
booking-code-note-sent = Отправили код ещё раз. Прежний больше не действует.
booking-finish = Записаться
booking-error-code-empty = Введите цифры из СМС.
booking-badge-booked = Вы записаны
booking-badge-requested = Ждём ответа клиники
booking-badge-cancelled = Запись отменена
booking-badge-past = Приём прошёл
booking-visit-fresh = Вас ждут на приёме
booking-visit-moved = Время изменено
booking-visit-booked = Ваша запись
booking-visit-requested = Ваша заявка
booking-visit-cancelled = Вы не записаны
booking-visit-past = Приём уже прошёл
booking-next-fresh = Отправили СМС со ссылкой на эту страницу. По ней можно перенести или отменить запись.
booking-next-moved = Прежнее время освободилось. Отправили СМС с новым временем.
booking-next-booked = Клиника знает о вашей записи. Назовите в регистратуре номер записи.
booking-next-requested = Клиника ещё не подтвердила время. Пришлём СМС, как только она ответит.
booking-next-cancelled = Время освободилось, приходить не нужно. Записаться можно снова.
booking-next-past = Если нужно прийти ещё раз, выберите новое время.
booking-number = Номер записи
booking-calendar = Добавить в календарь
booking-call-clinic = Позвонить в клинику
booking-move = Перенести
booking-cancel = Отменить запись
booking-again = Записаться снова
booking-too-late = До приёма осталось мало времени: перенести или отменить запись можно только по телефону клиники.
booking-bring = Что взять с собой
booking-bring-1 = Паспорт или другой документ
booking-bring-2 = Полис, если он у вас есть
booking-bring-3 = Прежние выписки, анализы и список лекарств
booking-way = Как добраться
booking-way-early = Приходите за десять минут до приёма.
booking-move-heading = Перенести запись
booking-move-lead = Прежнее время остаётся за вами, пока вы не выберете новое.
booking-move-taken = Это время только что заняли. Ваша запись осталась прежней, выберите другое время.
booking-cancel-heading = Отменить эту запись?
booking-cancel-lead = Время освободится для других. Отмена ничего не стоит.
booking-cancel-yes = Да, отменить
booking-cancel-move = Лучше перенести
booking-cancel-keep = Оставить как есть
booking-clinic-heading = Запись { $number }
booking-clinic-badge-booked = Пациент записан
booking-clinic-badge-requested = Ждёт вашего ответа
booking-clinic-booked = Пациент записан и подтвердил телефон. Он назовёт номер записи в регистратуре.
booking-clinic-requested = Пациент просит это время и ждёт ответа.
booking-clinic-cancelled = Пациент отменил запись. Время снова свободно.
booking-clinic-past = Время этой записи прошло.
booking-clinic-private = На этой странице нет данных о пациенте: для неё они не нужны.
booking-taken-heading = Это время только что заняли
booking-taken-lead = Другой человек записался раньше на несколько секунд. Ваши данные никуда не отправлены.
booking-expired-heading = Время больше не держится за вами
booking-expired-lead = Мы держали его, пока вы заполняли форму. Если оно ещё свободно, вы увидите его ниже.
booking-past-heading = На это время уже не записаться
booking-past-lead = До него осталось слишком мало, или оно прошло. Выберите другое.
booking-taken-near = Ближайшее свободное время этого врача
booking-taken-no-near = У этого врача сейчас нет другого свободного времени.
booking-taken-all = Все дни этого врача
booking-taken-others = Другие врачи рядом
booking-taken-wanted = Вы выбирали
booking-clash-heading = В это время у вас уже есть запись
booking-clash-lead = На двух приёмах сразу не побывать. Решите, какой оставить.
booking-clash-existing = Уже записаны
booking-clash-keep = Оставить и выбрать другое время
booking-clash-wanted = Записываетесь сейчас
booking-clash-instead = Отменить прежнюю и записаться сюда

# Сообщения. Только дата, время, улица и номер: ни специальности, ни врача, ни клиники.
booking-sms-booked = Вы записаны: { $day }, { $time }, { $street }. Номер записи { $number }. Перенести или отменить: { $link }
booking-sms-moved = Новое время: { $day }, { $time }, { $street }. Номер записи { $number }. Перенести или отменить: { $link }
booking-sms-cancelled = Запись на { $day }, { $time }, { $street } отменена. Номер записи { $number }. { $link }
booking-clinic-sms-booked = Новая запись { $number }: { $day }, { $time }. { $link }
booking-clinic-sms-moved = Запись { $number } перенесена на { $day }, { $time }. { $link }
booking-clinic-sms-cancelled = Запись { $number } на { $day }, { $time } отменена. { $link }
booking-calendar-title = Приём, запись { $number }
# Что отвечают API и страница ошибки.
booking-problem-role = Этого врача здесь больше нет. Начните поиск заново.
booking-problem-service = Такого приёма у этого врача здесь нет. Выберите другой.
booking-problem-past = Это время прошло или наступит слишком скоро. Выберите другое.
booking-problem-not-offered = В это время врач не принимает. Выберите одно из свободных.
booking-problem-taken = Это время только что заняли. Выберите другое.
booking-problem-person-busy = На это время пациент уже записан. Оставьте ту запись и выберите другое время — или запишите его сюда вместо неё.
booking-problem-person-busy-move = На это время у пациента другая запись. Эта не изменилась; выберите другое время.
booking-problem-other-too-late = До другого вашего приёма осталось мало времени, онлайн запись уже не отменить. Позвоните в клинику или выберите другое время.
booking-problem-too-many = { $n ->
    [one] У вас впереди уже { $n } запись, больше нельзя. Отмените ненужную или позвоните нам.
    [few] У вас впереди уже { $n } записи, больше нельзя. Отмените ненужную или позвоните нам.
   *[other] У вас впереди уже { $n } записей, больше нельзя. Отмените ненужную или позвоните нам.
  }
booking-problem-key-reused = Этот Idempotency-Key уже использован для другого запроса. Пришлите новый.
booking-problem-code-missing = Сначала подтвердите номер: запросите код и пришлите его вместе с записью.
booking-problem-too-many-people = С этого номера записано слишком много людей. Позвоните нам.
booking-problem-not-open = Приём прошёл или запись отменена, изменить её нельзя.
booking-problem-moved-too-often = { $n ->
    [one] Запись переносили уже { $n } раз, больше нельзя. Позвоните в клинику.
    [few] Запись переносили уже { $n } раза, больше нельзя. Позвоните в клинику.
   *[other] Запись переносили уже { $n } раз, больше нельзя. Позвоните в клинику.
  }
booking-problem-other-visit = Перенести можно к тому же врачу и на тот же приём. Для другого запишитесь заново.
booking-problem-body = Тело запроса — не тот JSON, который описан. Смотрите /api/openapi.json.
booking-problem-field = Значения «{ $field }» нет или оно недопустимо. Смотрите /api/openapi.json.
booking-problem-scope = Этот ключ такого не разрешает.
booking-problem-token = Ключа нет или он не от этой записи.
booking-problem-scope-heading = Нет доступа
booking-problem-token-heading = Нет доступа
booking-next-booked-quiet = В регистратуре назовите номер записи.
# Запись другого человека.
booking-whom = Кого вы записываете
booking-whom-self = Себя
booking-whom-other = Другого человека
booking-whom-children = Этот врач принимает детей: записывает мать, отец или другой представитель ребёнка.
booking-relation = Кто вы пациенту
booking-relation-choose = Выберите
booking-relation-parent = Мать или отец
booking-relation-adoptive_parent = Усыновитель
booking-relation-guardian = Опекун или попечитель
booking-relation-spouse = Жена или муж
booking-relation-child = Дочь или сын
booking-relation-other = Близкий человек, которого об этом попросили
booking-representative = Ваши фамилия и имя
booking-representative-hint = Запомним, кто оформил запись
booking-declaration = Подтверждение представителя
booking-error-whom-young = { $n ->
    [one] До { $n } года записывает представитель. Выберите «Другого человека» и заполните поля о себе.
   *[other] До { $n } лет записывает представитель. Выберите «Другого человека» и заполните поля о себе.
  }
booking-error-relation = Выберите, кто вы пациенту.
booking-error-relation-child = { $n ->
    [one] До { $n } года записывают мать, отец, усыновитель, опекун или попечитель. Выберите, кто вы, или попросите их записать ребёнка.
   *[other] До { $n } лет записывают мать, отец, усыновитель, опекун или попечитель. Выберите, кто вы, или попросите их записать ребёнка.
  }
booking-error-representative = Напишите свои фамилию и имя, хотя бы две буквы.
booking-error-declaration = Без этого подтверждения записать другого человека нельзя. Прочитайте его и поставьте отметку.
booking-error-declaration-changed = Текст подтверждения обновился. Прочитайте его ещё раз и поставьте отметку.
booking-error-age-adults = Этот врач принимает только взрослых. Найдите врача, который принимает детей.
booking-error-age-children = Этот врач принимает только детей. Найдите врача для взрослых.
booking-error-age-from = { $n ->
    [one] Этот врач принимает с { $n } года. Найдите врача для младших.
   *[other] Этот врач принимает с { $n } лет. Найдите врача для младших.
  }
booking-error-age-to = { $n ->
    [one] Этот врач принимает до { $n } года включительно. Найдите врача для старших.
   *[other] Этот врач принимает до { $n } лет включительно. Найдите врача для старших.
  }
booking-problem-representative = { $n ->
    [one] Пациента младше { $n } года записывает представитель: укажите, кто записывает и кем приходится.
   *[other] Пациента младше { $n } лет записывает представитель: укажите, кто записывает и кем приходится.
  }
booking-problem-relation = { $n ->
    [one] Пациента младше { $n } года записывают только мать, отец, усыновитель, опекун или попечитель.
   *[other] Пациента младше { $n } лет записывают только мать, отец, усыновитель, опекун или попечитель.
  }
booking-visit-fresh-other = Пациента ждут на приёме
booking-badge-booked-other = Пациент записан
booking-visit-cancelled-other = Пациент не записан
booking-bring-other = Документ пациента и ваш, с подтверждением, что вы его представитель
booking-clash-heading-other = В это время у пациента уже есть запись
booking-sms-booked-other = Запись для другого человека: { $day }, { $time }, { $street }. Номер записи { $number }. Перенести или отменить: { $link }

# Заявка: свободных часов на сайте нет, время назовут по телефону.
booking-ask = Оставить заявку на приём
booking-ask-lead = Свободных часов этого врача на сайте нет. Отметьте, когда удобно прийти: клиника или наш оператор позвонит и предложит время.
booking-ask-days = В какие дни
booking-ask-parts = В какую часть дня
booking-ask-go = Дальше
booking-ask-note = Заявка — ещё не запись: время назовут по телефону.
booking-error-when = Отметьте хотя бы один день из списка.
booking-part-morning = утром
booking-part-day = днём
booking-part-evening = вечером
booking-part-any = в любое время
booking-wishes = { $days } — { $parts }
booking-wished = Заявка: { $wishes }
booking-ask-other-days = Выбрать другие дни
booking-finish-ask = Отправить заявку
booking-get-code-note-ask = Заявка уйдёт, когда вы введёте код.
booking-next-asked = Заявка принята. Клиника или наш оператор позвонит и предложит время. Пока ничего не назначено.
booking-badge-asked = Заявка: время ещё не назначено
booking-badge-asked-cancelled = Заявка отозвана
booking-visit-asked-cancelled = Вы отозвали заявку
booking-next-asked-cancelled = Звонить по ней не будем. Оставить новую можно в любой день.
booking-badge-lapsed = Дни из заявки прошли
booking-visit-lapsed = Дни из вашей заявки прошли
booking-next-lapsed = Время так и не назначили. Позвоните нам или оставьте новую заявку.
booking-cancel-ask = Отозвать заявку
booking-cancel-ask-heading = Отозвать эту заявку?
booking-cancel-ask-lead = Клиника и оператор не будут по ней звонить.
booking-cancel-ask-yes = Да, отозвать
booking-number-ask = Номер заявки
booking-clinic-heading-ask = Заявка { $number }
booking-clinic-asked = Пациент просит о приёме в эти дни и подтвердил телефон. Время с ним согласует оператор.
booking-clinic-asked-cancelled = Пациент отозвал заявку.
booking-clinic-lapsed = Дни, о которых просил пациент, прошли.
booking-sms-requested = Заявка { $number } принята, время ещё не назначено: клиника или оператор позвонит. Посмотреть или отозвать: { $link }
booking-sms-request-cancelled = Заявка { $number } отозвана, звонить по ней не будем. { $link }
booking-clinic-sms-requested = Заявка на приём { $number }. { $link }
booking-clinic-sms-request-cancelled = Заявка { $number } отозвана. { $link }
booking-problem-too-many-requests = { $n ->
    [one] У вас уже { $n } открытая заявка, больше нельзя. Отзовите ненужную или позвоните нам.
    [few] У вас уже { $n } открытые заявки, больше нельзя. Отзовите ненужную или позвоните нам.
   *[other] У вас уже { $n } открытых заявок, больше нельзя. Отзовите ненужную или позвоните нам.
  }
booking-problem-when = Назовите дни из ближайших: хотя бы один, не прошедший и не слишком далёкий.
booking-problem-live-times = У этого врача есть свободные часы на сайте. Выберите время и запишитесь сразу.
booking-problem-kind = Заявки такого вида здесь пока не принимаются. Принимается «visit».

# Два окна.
booking-elsewhere-heading = В другом окне вы выбрали другое
booking-elsewhere-lead = За вами держится одно время — то, что выбрано последним. Всё, что вы написали, сохранено.
booking-elsewhere-last = Выбрано последним
booking-elsewhere-go-on = Записаться на это время
booking-elsewhere-here = Выбрано в этом окне
booking-elsewhere-take = Вернуть это время

# Письма. Дата, время, улица и номер: ни специальности, ни врача, ни клиники.
booking-email = Электронная почта
booking-email-hint = Необязательно. Пришлём письмо о записи с файлом для календаря
booking-error-email = Проверьте адрес, например anna@pochta.example. Его можно и не указывать.
booking-letter-subject-booked = Вы записаны: { $day }, { $time }
booking-letter-subject-moved = Новое время приёма: { $day }, { $time }
booking-letter-subject-cancelled = Запись отменена: { $day }, { $time }
booking-letter-lead-booked = Вы записаны на приём.
booking-letter-lead-moved = Приём перенесён. Новое время:
booking-letter-lead-cancelled = Запись отменена, приходить не нужно.
booking-letter-number = Номер записи: { $number }
booking-letter-change = Посмотреть, перенести или отменить запись
booking-letter-open = Открыть запись
booking-letter-calendar = К письму приложен файл: по нему календарь сам добавит, перенесёт или уберёт приём.
booking-letter-why = Этот адрес указали при записи. Отвечать на письмо не нужно.

# Врача нет в справочнике.
booking-absent = Возможно, врач больше не принимает через нас. Поищите его по фамилии на главной странице или выберите другого в своём городе.
booking-absent-heading = Этого врача здесь нет
booking-absent-city = Врачи: { $city }

# Кто пользовался данными записи.
booking-uses = Кто пользовался вашими данными
booking-uses-lead = Каждое обращение к данным этой записи попадает в журнал. Изменить его незаметно нельзя, и квитанция это доказывает.
booking-uses-booked = Вы записались
booking-uses-booked-partner = Вас записал сервис-партнёр
booking-uses-asked = Вы оставили заявку
booking-uses-moved = Запись перенесена
booking-uses-cancelled = Запись отменена
booking-uses-refused = Изменить запись не получилось
booking-uses-sms = Программа взяла номер, чтобы отправить СМС
booking-uses-letter = Программа взяла адрес, чтобы отправить письмо
booking-uses-staff = Сотрудник клиники или контакт-центра открыл эти данные, чтобы принять вас, позвонить вам или потому, что позвонили вы
booking-uses-console = Оператор работал с вашим запросом о данных
booking-uses-other = Программа обратилась к данным
booking-uses-data = Данные: { $data }
booking-uses-earlier = Более ранние обращения
booking-uses-receipt = Скачать квитанцию
booking-uses-waiting = Квитанция появится через несколько секунд
booking-uses-check = Как проверить квитанцию
booking-uses-check-how = Проверить её может кто угодно, без интернета и без нас. Нужны только сам файл и программа Recomed:
booking-uses-check-key = Последнее слово команды — ключ журнала. Сохраните его вместе с квитанцией.
booking-data-name = имя
booking-data-phone = телефон
booking-data-email = электронная почта
booking-data-sex = пол
booking-data-age = возраст
booking-data-message = сообщение
booking-data-relation = кем представитель приходится пациенту
booking-data-representative = имя представителя
booking-data-declaration = заявление представителя
booking-data-visit = время и место приёма

# Согласие на странице записи и его отзыв.
booking-agreed = На что дано согласие
booking-agreed-web = Согласие дано { $day } на сайте.
booking-agreed-partner = Согласие дано { $day } через сайт партнёра.
booking-agreed-voice = Согласие дано { $day } по телефону.
booking-agreed-paper = Согласие дано { $day } на бумаге.
booking-agreed-declared = Заявлено { $day } тем, кто записывал.
booking-agreed-text = Прочитать целиком
booking-agreed-withdrawn = Согласие отозвано { $day }. Данные этой записи больше не используются.
booking-withdraw = Отозвать согласие
booking-withdraw-heading = Отозвать согласие?
booking-withdraw-lead = Эта запись будет отменена: без согласия передавать её клинике мы не вправе.
booking-withdraw-lead-ask = Эта заявка будет снята: без согласия звонить по ней мы не вправе.
booking-withdraw-lead-past = Отменять нечего: впереди этого приёма нет. Согласие просто перестанет действовать.
booking-withdraw-what = Что будет дальше
booking-withdraw-clinic = Клинике сообщим только номер записи и то, что она отменена.
booking-withdraw-clinic-quiet = Время освободится. Если вы уже говорили с клиникой, предупредите её сами.
booking-withdraw-messages = Сообщения, которые ещё не ушли, не уйдут. Об отмене тоже не напишем.
booking-withdraw-data = { $n ->
    [0] Связь между вами и этой записью будет уничтожена сразу, а если других записей у вас нет, то и имя с телефоном.
    [one] Связь между вами и этой записью будет уничтожена через { $n } день, а если других записей у вас нет, то и имя с телефоном.
    [few] Связь между вами и этой записью будет уничтожена через { $n } дня, а если других записей у вас нет, то и имя с телефоном.
   *[many] Связь между вами и этой записью будет уничтожена через { $n } дней, а если других записей у вас нет, то и имя с телефоном.
  }
booking-withdraw-proof = { $n ->
    [one] Отметка, что согласие было и что его отозвали, хранится { $n } день как доказательство. Имени и телефона в ней нет.
    [few] Отметка, что согласие было и что его отозвали, хранится { $n } дня как доказательство. Имени и телефона в ней нет.
   *[many] Отметка, что согласие было и что его отозвали, хранится { $n } дней как доказательство. Имени и телефона в ней нет.
  }
booking-withdraw-yes = Да, отозвать
booking-withdraw-keep = Оставить как есть
booking-withdraw-erase = Чтобы уничтожить сразу всё, что о вас известно, напишите нам:
booking-uses-withdrawn = Согласие отозвано
booking-uses-stopped = Сообщение не отправлено: согласие отозвано
booking-data-consent = согласие
booking-problem-not-given = Для этой цели по этой записи согласия не давали, отзывать нечего.
booking-data-day = день
booking-data-time = время
booking-data-street = улица и дом
booking-data-number = номер записи
booking-data-link = ссылка на страницу записи
booking-given = Передано получателю: { $name }
booking-given-clinic = Передано клинике: { $name }
booking-given-sms = Передано тому, кто доставляет СМС: { $name }
booking-given-mail = Передано тому, кто доставляет письма: { $name }
booking-given-consent = Зачем: запись на приём, по вашему согласию.
booking-given-request = Зачем: запись на приём, о которой вы попросили.
booking-given-pending = Ещё отправляется.
booking-given-sent = Получатель принял.
booking-given-refused = Получатель не принял.
booking-given-failed = Отправить не получилось.
booking-given-unknown = Дошло ли, неизвестно.

# Ответ клиники.
booking-sms-confirmed = Клиника ждёт вас: { $day }, { $time }, { $street }. Номер записи { $number }. Перенести или отменить: { $link }
booking-sms-proposed = Клиника предлагает другое время: { $day }, { $time }, { $street }. Пока вы не согласились, оно не назначено. Номер записи { $number }. Ответить: { $link }
booking-sms-declined = Клиника не сможет принять вас: { $day }, { $time }, { $street }. Номер записи { $number }. Другое время: { $link }
booking-sms-request-declined = У клиники нет времени по заявке { $number }. Другие врачи и время: { $link }
booking-clinic-sms-refused = Запись { $number }: пациенту не подходит предложенное время. Ответьте ещё раз: { $link }
booking-letter-subject-confirmed = Клиника ждёт вас: { $day }, { $time }
booking-letter-subject-proposed = Предлагают другое время: { $day }, { $time }
booking-letter-subject-declined = Клиника не сможет принять: { $day }, { $time }
booking-letter-lead-confirmed = Клиника ждёт вас на приём.
booking-letter-lead-proposed = Клиника предлагает другое время. Пока вы не согласились, оно не назначено:
booking-letter-lead-declined = Клиника не сможет принять вас в это время. Другое время можно выбрать по ссылке.
booking-letter-answer = Ответить на предложение
booking-letter-other = Другое время
booking-badge-proposed = Нужен ваш ответ
booking-badge-declined = Клиника отказала
booking-visit-proposed = Клиника предлагает другое время
booking-visit-declined = Клиника не сможет вас принять
booking-next-proposed = Ответьте, подходит ли оно. До этого ничего не меняется, предложенное время держим для вас.
booking-next-declined = { $reason } Выберите другое время: заново понадобятся только имя и телефон.
booking-next-confirmed = Клиника подтвердила, что ждёт вас. Назовите в регистратуре номер записи.
booking-next-unanswered = Время закреплено за вами. Клиника ещё не ответила: мы спросим её сами и напишем, только если что-то изменится.
booking-declined-doctor_away = Врача в это время не будет.
booking-declined-clinic_closed = Клиника в это время закрыта.
booking-declined-device_down = Аппарат не работает.
booking-declined-time_taken = Это время заняли в самой клинике.
booking-declined-person_asked = Клиника сообщила, что вы просили об этом.
booking-proposed-time = Предложенное время
booking-proposed-accept = Подходит, приду
booking-proposed-refuse = Не подходит
booking-proposed-refuse-note = Тогда спросим клинику ещё раз; до её ответа ваше время остаётся за вами.
booking-proposed-refuse-note-ask = Тогда попросим клинику назвать другое время.
booking-problem-proposal-outdated = Предложение тем временем изменилось. Вот как обстоит дело сейчас.
booking-problem-visit-not-open = В этой записи уже ничего нельзя изменить.
booking-problem-time-missing = Назовите время: пациент просил о нём.
booking-answer-heading = Ваш ответ
booking-answer-confirm = Ждём пациента
booking-answer-propose = Предложить другое время
booking-answer-propose-ask = Предложить время
booking-answer-date = День
booking-answer-time = Начало, с точностью до пяти минут
booking-answer-decline = Принять не сможем
booking-answer-reason = Почему
booking-reason-doctor_away = Врача не будет
booking-reason-clinic_closed = Клиника закрыта
booking-reason-device_down = Аппарат не работает
booking-reason-time_taken = Время уже занято
booking-reason-person_asked = Пациент попросил нас
booking-answer-said-accepted = Вы подтвердили эту запись. Пациент знает.
booking-answer-said-tentative = Вы предложили { $when }. Ждём ответа пациента.
booking-answer-said-declined = Вы отказали: { $reason }. Пациенту сообщили.
booking-answer-wishes = Дни, удобные пациенту
booking-clinic-proposed = Ждём ответа пациента: вы предложили другое время.
booking-clinic-declined = Вы отказали в этой записи.
booking-others = Другие врачи
booking-answer-back = К списку ответов
booking-uses-booked-agent = Контакт-центр оформил это с вами по телефону
booking-uses-clinic-accepted = Клиника подтвердила запись
booking-uses-clinic-proposed = Клиника предложила другое время
booking-uses-clinic-declined = Клиника отказала в записи
booking-uses-proposal-accepted = Предложенное время принято
booking-uses-proposal-refused = Предложенное время не подошло
booking-uses-caller = Вы говорили с контакт-центром и подтвердили, кто вы
booking-uses-told = Контакт-центр сообщил вам по телефону
booking-uses-not-reached = Контакт-центр не смог до вас дозвониться
booking-clinic-badge-proposed = Ждём пациента
booking-clinic-badge-declined = Вы отказали
booking-problem-proposed-too-often = { $n ->
    [one] Вы уже предлагали другое время { $n } раз, больше нельзя. Позвоните нам, договоримся вместе.
    [few] Вы уже предлагали другое время { $n } раза, больше нельзя. Позвоните нам, договоримся вместе.
   *[other] Вы уже предлагали другое время { $n } раз, больше нельзя. Позвоните нам, договоримся вместе.
  }
booking-clinic-letter-subject = Запись { $number }
booking-clinic-letter-answer = Открыть и ответить
