# Общее: рамка страницы, ошибки, исходящие сообщения демонстрации.
web-skip = К содержанию
web-home = на главную
web-call = Позвонить
web-languages = Язык
web-footer-languages = Язык страницы
web-footer-call = Записаться по телефону
web-footer-about = Recomed
web-footer-policy = Как мы обращаемся с вашими данными
web-footer-note = Recomed помогает выбрать врача и время. Лечит клиника: о противопоказаниях спросите врача.
web-demo = Это демонстрация: врачи и клиники выдуманы.
web-demo-outbox = Отправленные СМС
web-crumbs = Где вы находитесь
web-price = Стоимость
web-days = Дни
web-morning = Утро
web-day = День
web-evening = Вечер
web-free = { $n ->
    [one] { $n } место
    [few] { $n } места
   *[many] { $n } мест
  }
web-free-none = нет
web-free-long = { $n ->
    [one] { $n } свободное время
    [few] { $n } свободных времени
   *[many] { $n } свободных времён
  }
web-free-none-long = свободного времени нет
web-wait = Секунду…
web-error-home = На главную
web-error-status = Код ответа { $status }
web-error-clause = Так сказано в пункте { $clause } политики
web-error-not-found = Возможно, в адресе опечатка или ссылка устарела. Начните с поиска врача или позвоните нам.
web-error-not-found-heading = Такой страницы нет
web-error-forbidden = Ссылка из СМС открывает только вашу запись. Откройте её из сообщения ещё раз или позвоните нам.
web-error-forbidden-heading = Эту страницу по такой ссылке не открыть
web-error-bad-request = Мы не смогли прочитать запрос. Вернитесь назад и попробуйте ещё раз.
web-error-bad-request-heading = Что-то не так с запросом
web-error-method = По этому адресу такой метод не действует. Какие действуют, сказано в заголовке Allow.
web-error-too-large = Отправлено больше, чем мы можем принять. Сократите и отправьте ещё раз.
web-error-too-many = С вашего адреса пришло слишком много запросов подряд. Подождите минуту и повторите.
web-error-too-many-heading = Нужно немного подождать
web-error-conflict-heading = Так сделать не получится
web-error-internal = Ошибка у нас, не у вас. Ничего не записано дважды. Попробуйте через минуту или позвоните: запишем по телефону.
web-error-internal-heading = У нас не получилось
web-error-unavailable = Сейчас мы не успеваем отвечать всем. Попробуйте через несколько секунд или позвоните.
web-outbox-title = Отправленные СМС
web-outbox-lead = В демонстрации сообщения никуда не уходят. Вот что получили бы пациент и клиника.
web-outbox-empty = Пока ничего не отправлено. Запишитесь к врачу, и здесь появится код.
web-outbox-open = Открыть ссылку из сообщения
web-error-key = Такого ключа нет. Проверьте, целиком ли он скопирован, или попросите у оператора новый.
web-error-key-heading = Ключ неизвестен
web-error-not-json = Тело запроса должно быть JSON с типом application/json.
