staff-nav = Страницы сотрудников
staff-nav-home = Моя страница
staff-nav-day = Записи на день
staff-nav-colleagues = Сотрудники
staff-nav-workstations = Общие компьютеры
staff-nav-events = События безопасности
staff-nav-ledger = Взаиморасчёты
staff-nav-account = Мой вход
staff-lock = Заблокировать экран
staff-sign-out = Выйти

staff-sign-in = Вход для сотрудников
staff-at-workstation = Это общий компьютер: { $name }.
staff-switch = Продолжить по ПИН-коду
staff-switch-who = Кто за компьютером
staff-switch-go = Продолжить
staff-whole = Или войдите заново
staff-by-password = Пароль и одноразовый код
staff-login = Логин
staff-password = Пароль
staff-password-new = Новый пароль
staff-code = Код из приложения
staff-come-in = Войти
staff-lost = Потеряли устройство или забыли пароль? Попросите у администратора новую ссылку.
staff-said-locked = Экраном не пользовались, и он заблокирован. Войдите снова: всё сохранённое на месте.
staff-said-away = Экран заблокирован.
staff-said-out = Вы вышли.
staff-demo-hint = Это демонстрация. Логины, пароли и коды:
staff-demo-title = Входы демонстрации
staff-demo-lead = Вымышленные сотрудники, по одному на роль. Код меняется каждые тридцать секунд и действует один раз.
staff-demo-again = Обновите страницу, чтобы увидеть следующие коды. Её видит только этот компьютер.

staff-passkey-get = Войти с ключом доступа
staff-passkey-make = Ключ доступа
staff-passkey-make-go = Создать ключ доступа
staff-passkey-what = Устройство спросит палец, лицо или свой код и впустит вас. Запоминать нечего, и выманить на чужом сайте тоже нечего.
staff-passkey-name = Как назвать это устройство
staff-passkey-this = Это устройство
staff-passkey-unnamed = Без названия
staff-passkey-script = Ключам доступа нужен JavaScript, а он здесь выключен.
staff-passkey-failed = Устройство не ответило, или вы закрыли его вопрос. Нажмите кнопку ещё раз.
staff-passkey-elsewhere = Браузеры создают ключи доступа только для имён сайтов, а не для голых адресов. Откройте эту страницу здесь:
staff-passkey-there = та же страница по имени
staff-passkeys = Ключи доступа
staff-passkeys-none = Пока ни одного.
staff-added = добавлен: { $when }
staff-used = последний вход: { $when }
staff-remove = Убрать
staff-has-password = Ещё у вас есть пароль с одноразовыми кодами.

staff-welcome = Добро пожаловать
staff-welcome-lead = { $name }, ваша роль: { $role }. Выберите, как будете входить.
staff-welcome-login = Ваш логин: { $login }
staff-password-make = Пароль с одноразовыми кодами
staff-app = Добавьте этот ключ в приложение с кодами на телефоне:
staff-app-open = открыть в приложении на этом устройстве
staff-password-rule = Придумайте пароль длиной от { $n } знаков. Лучше всего несколько слов, которые связаны только для вас.

staff-hello = Здравствуйте, { $name }
staff-role = Роль
staff-clinic = Клиника
staff-session-until = Вход действует до
staff-idle = { $n ->
    [one] блокируется через { $n } минуту без нажатий
    [few] блокируется через { $n } минуты без нажатий
   *[other] блокируется через { $n } минут без нажатий
}
staff-grants = Роли на время
staff-grants-none = Нет.
staff-until = до: { $when }
staff-numbers-unread = Сроки и числа политики ещё не проверил юрист: какие, помечено в файле профиля словом «unchecked». Пока это так, на них нельзя полагаться.
staff-pin-missing = С ПИН-кодом вы сменяете друг друга за общим компьютером за секунду.
staff-pin = ПИН-код
staff-pin-new = Новый ПИН-код
staff-pin-set = Задать ПИН-код
staff-pin-what = Шесть цифр. Действуют только за общими компьютерами и только там, где вы входили в этот день.
staff-sessions = Где я вошёл
staff-here = здесь
staff-here-place = этот компьютер
staff-end = Завершить
staff-method-passkey = ключом доступа
staff-method-password = паролем и кодом

staff-role-agent = сотрудник контактного центра
staff-role-supervisor = старший контактного центра
staff-role-registrar = регистратор
staff-role-doctor = врач
staff-role-operator = администратор площадки
staff-role-privacy-officer = ответственный за персональные данные
staff-role-auditor = аудитор
staff-role-content = редактор
staff-may-agent = Вы ведёте список дел: кому позвонить, какую клинику спросить. Имя и телефон человека открываются только из дела, которое у вас в работе.
staff-may-supervisor = Вы отвечаете за список дел и компьютеры контакт-центра. Данные человека открываются только из дела, которое у вас в работе.
staff-may-registrar = Вы видите записи своей клиники на день. Имя и телефон открываются по одной записи, и каждое открытие записывается.
staff-may-doctor = Вы видите записи к себе. Имя и телефон открываются по одной записи, и каждое открытие записывается.
staff-may-operator = Вы даёте и забираете доступ сотрудникам. Данных людей вы не видите.
staff-may-privacy-officer = Вы видите, кто входил и кто пытался войти. Ответы людям об их данных даются с консоли.
staff-may-auditor = Вы видите события безопасности. Данных людей вы не видите.
staff-may-content = Вы пишете то, что читают все. Данных людей вы не видите.

staff-workstations-lead = Если за одним компьютером сидят несколько человек, зарегистрируйте его один раз. Кто вошёл за ним, до конца смены продолжает по ПИН-коду.
staff-workstations-none = Пока ни один компьютер не зарегистрирован.
staff-workstation-name = Название этого компьютера
staff-workstation-hint = Чтобы узнал коллега: Регистратура, слева
staff-workstation-add = Зарегистрировать этот компьютер

staff-colleagues-none = Здесь пока никто не работает.
staff-name = Имя
staff-ended = доступа больше нет
staff-new = Новый сотрудник
staff-login-hint = Строчные латинские буквы, цифры, точка, дефис. Логин ни у кого не повторяется и никому не передаётся.
staff-clinic-hint = Для врачей и регистраторов.
staff-practitioner = Врач в каталоге
staff-practitioner-hint = Для врачей: адрес страницы врача.
staff-contract = Договор
staff-contract-hint = Для аудиторов: номер договора. Аудитору нужен и последний день доступа.
staff-last-day = Последний день доступа
staff-add = Добавить
staff-link-for = Ссылка для сотрудника { $name }:
staff-link-once = { $n ->
    [one] Показана один раз, действует один раз и { $n } час. Передайте её лично.
    [few] Показана один раз, действует один раз и { $n } часа. Передайте её лично.
   *[other] Показана один раз, действует один раз и { $n } часов. Передайте её лично.
}
staff-since = С какого дня
staff-grant-role = Роль
staff-grant-reason = Почему
staff-grant-hours = На сколько часов, не больше { $n }
staff-grant-go = Дать на время
staff-reason-cover = замещает коллегу
staff-reason-load = работы больше, чем рук
staff-reason-incident = разбирается происшествие
staff-reason-training = учится работе
staff-access = Доступ
staff-anew = Сделать новую ссылку
staff-anew-what = Пароль, ключи доступа и ПИН-код перестают действовать, все входы завершаются. Для тех, кто потерял устройство.
staff-end-access = Забрать доступ
staff-end-what = Сразу и везде. Что было сделано, остаётся в журнале.

staff-day-before = День раньше
staff-day-after = День позже
staff-day-choose = День
staff-day-show = Показать
staff-day-none = На этот день записей нет.
staff-day-full = Записей больше, чем помещается. Показаны самые ранние.
staff-time = Время
staff-number = Номер
staff-doctor = Врач
staff-state = Состояние
staff-open = Имя и телефон
staff-open-all = Показать имена и телефоны всех
staff-all-opened = { $n ->
    [one] Открыт { $n } человек. Каждый увидит, кто его открыл. Лист можно напечатать; после приёма уничтожьте его.
    [few] Открыто { $n } человека. Каждый увидит, кто его открыл. Лист можно напечатать; после приёма уничтожьте его.
   *[other] Открыто { $n } человек. Каждый увидит, кто его открыл. Лист можно напечатать; после приёма уничтожьте его.
 }
staff-open-note = Каждое открытие записывается с вашим именем. Человек может его увидеть.
staff-opened = Запись { $number }, { $time }
staff-opened-note = Только для этой записи. Открытие внесено в журнал.
staff-visit-proposed = заявка
staff-visit-pending = ждёт ответа
staff-visit-booked = записан
staff-visit-arrived = пришёл
staff-visit-checked-in = пришёл и готов
staff-visit-fulfilled = состоялась
staff-visit-cancelled = отменена
staff-visit-noshow = не пришёл
staff-visit-entered-in-error = записана по ошибке
staff-visit-waitlist = ждёт времени

staff-ledger-lead = Состоявшиеся приёмы по клиникам и тарифам. Ни человека, ни врача, ни специальности здесь нет.
staff-ledger-before = Месяц раньше
staff-ledger-after = Месяц позже
staff-ledger-choose = Месяц
staff-ledger-none = За этот месяц пока ничего не учтено.
staff-ledger-when = { $n ->
    [one] Приём попадает сюда, когда после него прошёл { $n } полный день и никто не сообщил, что он не состоялся.
    [few] Приём попадает сюда, когда после него прошло { $n } полных дня и никто не сообщил, что он не состоялся.
   *[other] Приём попадает сюда, когда после него прошло { $n } полных дней и никто не сообщил, что он не состоялся.
}
staff-ledger-tariff = Тариф
staff-ledger-visits = Приёмов
staff-ledger-fees = К оплате
staff-ledger-all = Всего
staff-ledger-csv = Скачать в CSV
staff-ledger-full = Клиник больше, чем помещается. Все показывает команда recomed ledger.
staff-tariff-consultation = консультация
staff-tariff-examination = исследование

staff-events-lead = Кто входил, кто пытался, кто менял, кому что можно. По двести последних; в журнале есть все.
staff-events-known = Что делали сотрудники
staff-events-tried = Что пробовали без входа
staff-events-none = Пока ничего.
staff-when = Когда
staff-what = Что
staff-by = Кто
staff-about = О ком
staff-by-console = консоль
staff-by-nobody = без входа
staff-by-former = бывший сотрудник
staff-event-in-by-passkey = вход ключом доступа
staff-event-in-by-password = вход паролем и кодом
staff-event-in-by-pin = продолжение по ПИН-коду
staff-event-sign-in-refused = во входе отказано
staff-event-login-locked = логин заблокирован: слишком много попыток
staff-event-pin-wrong = неверный ПИН-код
staff-event-pins-wrong = вход завершён: слишком много неверных ПИН-кодов
staff-event-passkey-copied = ключ доступа, возможно, скопирован
staff-event-away = экран заблокирован
staff-event-out = выход
staff-event-session-ended = завершён вход в другом месте
staff-event-staff-added = сотрудник добавлен
staff-event-staff-ended = доступ закрыт
staff-event-link-made = сделана новая ссылка
staff-event-passkey-added = ключ доступа добавлен
staff-event-passkey-removed = ключ доступа убран
staff-event-password-set = пароль задан
staff-event-pin-set = ПИН-код задан
staff-event-granted = роль дана на время
staff-event-grant-ended = роль на время забрана
staff-event-workstation-added = общий компьютер зарегистрирован
staff-event-workstation-ended = общий компьютер снят с регистрации
staff-event-forbidden = обращение к тому, чего у роли нет

staff-error-forbidden = У вашей роли этой страницы нет. Если она нужна, попросите администратора дать роль на время.
staff-error-forbidden-heading = Не для вашей роли
staff-error-not-opened = Данные не открыты: запись отменена, или нет согласия, которое это позволяет.
staff-error-not-opened-heading = Не открыто
staff-error-wrong = Не совпало. Проверьте логин, пароль и код; код действует один раз, дождитесь следующего.
staff-error-locked = { $n ->
    [one] Слишком много неверных попыток. Попробуйте через { $n } минуту.
    [few] Слишком много неверных попыток. Попробуйте через { $n } минуты.
   *[other] Слишком много неверных попыток. Попробуйте через { $n } минут.
}
staff-error-passkey-only = Здесь входят с ключом доступа. Если его нет, попросите у администратора новую ссылку.
staff-error-passkey = Ключ доступа не подошёл к этой странице. Обновите её и нажмите кнопку снова.
staff-error-copied = Этим ключом тем временем входили в другом месте: возможно, он скопирован. Скажите администратору.
staff-error-unverified = Устройство не проверило, что это вы. Включите на нём блокировку экрана и попробуйте снова.
staff-error-algorithm = Это устройство создаёт ключи такого вида, который здесь не принимают. Возьмите другое.
staff-error-busy = Сейчас входит слишком много людей, или у вас уже столько ключей, сколько можно. Подождите минуту или уберите один.
staff-error-no-passkeys = Для ключей доступа сайту нужны имя и https. Скажите тому, кто его ведёт.
staff-error-link = Этой ссылкой уже воспользовались, или её срок вышел. Попросите у администратора новую.
staff-error-password-length = Нужно хотя бы { $n } знаков. Несколько слов подряд запомнить легко.
staff-error-password-guessable = Это легко угадать. Уберите логин и возьмите больше разных букв.
staff-error-code = Это не код приложения на эту минуту. Дождитесь следующего и введите его.
staff-error-pin = Шесть цифр: не подряд и не одинаковые.
staff-error-last = Это ваш последний способ войти. Сначала добавьте другой ключ доступа.
staff-error-switch-ended = Этот вход завершён. Войдите с ключом доступа или паролем.
staff-error-pin-wrong = { $n ->
    [one] Неверный ПИН-код. Осталась { $n } попытка.
    [few] Неверный ПИН-код. Осталось { $n } попытки.
   *[other] Неверный ПИН-код. Осталось { $n } попыток.
}
staff-error-pin-too-often = Слишком много неверных ПИН-кодов. Войдите с ключом доступа или паролем.
staff-error-grant-oneself = Роль самому себе не дают. Попросите другого администратора.
staff-error-grant-unknown = У этого сотрудника больше нет доступа.
staff-error-grant-has = Эта роль у него уже есть.
staff-error-grant-unfit = Для этой роли нужна клиника, а для врача ещё и врач каталога. Аудитора добавляют с договором.
staff-error-grant-hours = От одного часа до { $n }.
staff-error-grant-many = Ролей столько, сколько можно одновременно. Сначала завершите одну.
staff-error-login = Логин: от 2 до 40 строчных латинских букв, цифр, точек, дефисов; первой стоит буква.
staff-error-name = Введите имя: от 1 до 100 знаков.
staff-error-clinic = Врачи и регистраторы работают в клинике. Выберите её.
staff-error-practitioner = Вставьте адрес страницы врача.
staff-error-auditor = Аудитору нужны договор и последний день (пункт 8.2).
staff-error-until = Последний день должен быть впереди.
staff-error-taken = Этот логин занят или был занят. Возьмите другой.
staff-error-oneself = Свой доступ никто не меняет сам. Попросите другого администратора.
staff-error-workstation = Введите название: от 1 до 100 знаков.
staff-error-workstations = Общих компьютеров столько, сколько может быть. Снимите с регистрации тот, которым не пользуются.

# Ответы клиники.
staff-nav-call = Звонок
staff-nav-work = Список дел
staff-nav-answers = Ждут ответа
staff-answers-lead = Этих ответов ждут пациенты и контакт-центр. О том, что осталось без ответа, контакт-центр спросит по телефону.
staff-answers-none = Ответа ничего не ждёт.
staff-answers-answer = Ответить
staff-answers-asked = время не назначено, дни пациента внутри
staff-answers-offered = предложено: { $when }
staff-nav-calendar = Календарь
staff-calendar-nobody = К вам никого не записывают: календаря нет.
staff-calendar-none = На этот день ничего не записано и не закрыто.
staff-calendar-what = Что стоит
staff-calendar-visit = Запись { $number }
staff-calendar-blocked = Закрыто
staff-calendar-own = Своя запись клиники
staff-calendar-own-beside = Своя запись клиники, вторая на это время
staff-calendar-conflict-blocked = Стоит на закрытом времени: перенесите или позвоните
staff-calendar-conflict-hours = Вне часов приёма
staff-calendar-give-back = Вернуть время
staff-calendar-block = Закрыть время
staff-calendar-block-note = Закрытое время никому не предлагают. Кто уже записан, остаётся записан.
staff-calendar-from = С
staff-calendar-until = По день
staff-calendar-to = До
staff-calendar-add = Добавить свою запись
staff-calendar-add-note = Для пациентов, которые записались в самой клинике. Имени не нужно: важно только время.
staff-calendar-service = Услуга
staff-calendar-sure = На { $time } уже стоит запись. Поставить вторую на то же время? Это запишут в журнал.
staff-calendar-beside = Да, поставить вторую
staff-calendar-refused-unknown = Такого времени в календаре уже нет.
staff-calendar-refused-range = Назовите время с точностью до пяти минут: начало раньше конца, не в прошлом, не дольше месяца.
staff-calendar-refused-taken = На это время уже что-то стоит.
staff-calendar-refused-full = На это время стоит уже столько записей, сколько можно.
staff-calendar-refused-too-many = У врача записано столько закрытых времён, сколько можно. Верните лишние.
staff-nav-way = Как сообщать клинике
staff-way-clinic = Клиника
staff-way-note = О каждой записи клиника узнаёт на своей странице. Кроме того, ей можно писать: в сообщении номер записи, время и ссылка для ответа, имени пациента в нём нет. Если клиника не ответит в срок, позвонит контакт-центр.
staff-way-sms = СМС на { $number }
staff-way-sms-none = СМС: номера для сообщений в справочнике нет
staff-way-mail = Письма на адрес
staff-way-mail-hint = Адрес клиники, а не чей-то личный. Пусто: без писем.
staff-way-mail-wrong = Проверьте адрес, например zapis@klinika.example.
staff-way-save = Сохранить
staff-way-saved = Сохранено. Следующие записи придут так.
staff-way-answers = Клиника подтверждает каждую запись
staff-way-answers-hint = Если отметки нет, время в календаре считается верным: записанного ждут, и контакт-центр не звонит с вопросом.
