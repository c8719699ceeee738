# Booking: the doctor, the form, the code, one's own visit.
booking-back-results = Back to the list
booking-back-form = Back to the form
booking-back-visit = Back to the visit
booking-years = { $n ->
    [0] Less than a year in practice
    [one] { $n } year in practice
   *[other] { $n } years in practice
  }
booking-sees-children = sees children only
booking-sees-both = sees adults and children
booking-metro-near = { $metro }, { $n } min on foot
booking-home = Home
booking-district = District: { $district }
booking-category-highest = Highest category
booking-category-first = First category
booking-category-second = Second category
booking-degree-candidate = Candidate of medical sciences
booking-degree-doctor = Doctor of medical sciences
booking-degree-phd = PhD
booking-ages = aged { $from } to { $to }
booking-ages-from = aged { $from } and over
booking-ages-to = aged up to { $to }
booking-mode-home = at home
booking-mode-online = by video
booking-device = Equipment
booking-preparation = How to prepare
booking-examination-all = Other clinics that do it
booking-choose = Choose a time
booking-choose-new = New time
booking-services = Kind of visit
booking-day-empty = No free times on this day.
booking-day-nearest = Nearest: { $day }
booking-the-visit = About the visit
booking-minutes = { $n } min
booking-minutes-long = The visit takes { $n } minutes.
booking-speaks = Speaks
booking-elsewhere = Also sees patients at
booking-about = About the doctor
booking-lang-kk = Kazakh
booking-lang-ru = Russian
booking-lang-en = English
booking-summary = Your visit
booking-summary-now = You are booked now
booking-steps = Steps of booking
booking-step-time = Time
booking-step-you = Name and phone
booking-step-code = Code
booking-step-done = done
booking-form-title = Name and phone
booking-form-heading = Who is coming
booking-kept = { $n ->
    [0] This time is about to be released.
    [one] We keep this time for you for { $n } more minute.
   *[other] We keep this time for you for { $n } more minutes.
  }
booking-other-time = Choose another time
booking-errors = { $n ->
    [one] One field still needs a change:
   *[other] These fields still need a change:
  }
booking-name = Patient’s surname and first name
booking-name-hint = How the clinic will address the patient
booking-phone = Mobile phone
booking-phone-hint = Your own number: we text a code and the link to the visit to it
booking-age = Patient’s age in full years
booking-age-hint = The doctor does not see every age
booking-error-name = Write the surname and first name, two letters at least.
booking-error-name-long = The name is longer than we can record. Please shorten it.
booking-error-phone = Check the number, for example +7 000 123-45-67.
booking-error-age = Write the age as a number from 0 to 120.
booking-error-consent = Without your consent we may not book you. Read it and tick the box.
booking-error-consent-changed = The consent text has been renewed. Read it again and tick the box.
booking-problem-consent-unknown = Nothing here rests on a consent for one of these purposes, so there is no reason to keep it. Send the consent for P1 alone.
booking-consent-heading = Consent to the use of your data for this booking
booking-consent-short = Consent
booking-consent-whole = Read the whole consent
booking-consent-page = Open the consent on its own page
booking-consent-version = Version { $version }
booking-consent-old = This is an earlier text, the one that was agreed to. Another one is in force today.
booking-consent-script = What is read aloud before a consent by phone
booking-consent-declaration = The declaration of whoever books for another person
booking-consent-tick = I consent to the use of my data for this booking
booking-get-code = Text me a code
booking-get-code-note = The time becomes yours once you enter the code.
booking-code-title = Code from the message
booking-code-heading = Enter the code we texted you
booking-code-sent = We sent a code to { $phone }.
booking-code-change = Change the number
booking-code-demo = In the demo the code is here:
booking-code = Code
booking-code-none = No code?
booking-code-again = Send it again
booking-code-note-sent = We sent a new code. The previous one no longer works.
booking-finish = Book the visit
booking-error-code-empty = Enter the digits from the message.
booking-badge-booked = You are booked
booking-badge-requested = Waiting for the clinic
booking-badge-cancelled = Visit cancelled
booking-badge-past = Visit over
booking-visit-fresh = The doctor expects you
booking-visit-moved = The time is changed
booking-visit-booked = Your visit
booking-visit-requested = Your request
booking-visit-cancelled = You are not booked
booking-visit-past = This visit is over
booking-next-fresh = We texted you a link to this page. It lets you move or cancel the visit.
booking-next-moved = The earlier time is free again. We texted you the new one.
booking-next-booked = The clinic knows about your visit. Give the visit number at the reception.
booking-next-requested = The clinic has not confirmed the time yet. We text you as soon as it answers.
booking-next-cancelled = The time is free again; there is no need to come. You may book anew.
booking-next-past = If you need to come again, choose a new time.
booking-number = Visit number
booking-calendar = Add to calendar
booking-call-clinic = Call the clinic
booking-move = Move
booking-cancel = Cancel the visit
booking-again = Book again
booking-too-late = The visit is close: to move or cancel it now, call the clinic.
booking-bring = What to bring
booking-bring-1 = Passport or another document
booking-bring-2 = Insurance policy, if you have one
booking-bring-3 = Earlier reports, test results and a list of your medicines
booking-way = How to get there
booking-way-early = Come ten minutes before the visit.
booking-move-heading = Move the visit
booking-move-lead = Your present time stays yours until you choose a new one.
booking-move-taken = That time has just been taken. Your visit is unchanged; choose another time.
booking-cancel-heading = Cancel this visit?
booking-cancel-lead = The time becomes free for others. Cancelling costs nothing.
booking-cancel-yes = Yes, cancel
booking-cancel-move = Move it instead
booking-cancel-keep = Leave it as it is
booking-clinic-heading = Visit { $number }
booking-clinic-badge-booked = Patient booked
booking-clinic-badge-requested = Waiting for your answer
booking-clinic-booked = The patient is booked and has confirmed their phone. They will give the visit number at the reception.
booking-clinic-requested = The patient asks for this time and waits for an answer.
booking-clinic-cancelled = The patient cancelled. The time is free again.
booking-clinic-past = The time of this visit is past.
booking-clinic-private = This page holds nothing about the patient: it does not need to.
booking-taken-heading = This time has just been taken
booking-taken-lead = Somebody else was a few seconds faster. Your data went nowhere.
booking-expired-heading = The time is no longer kept for you
booking-expired-lead = We kept it while you filled in the form. If it is still free, you see it below.
booking-past-heading = This time can no longer be booked
booking-past-lead = It is too near, or it is past. Choose another.
booking-taken-near = This doctor’s nearest free times
booking-taken-no-near = This doctor has no other free time at the moment.
booking-taken-all = All days of this doctor
booking-taken-others = Other doctors nearby
booking-taken-wanted = You had chosen
booking-clash-heading = You already have a visit at that time
booking-clash-lead = Nobody can be at two visits at once. Decide which one stays.
booking-clash-existing = Already booked
booking-clash-keep = Keep it and choose another time
booking-clash-wanted = Booking now
booking-clash-instead = Cancel the earlier one and book this

# Messages. Date, time, street and number only: never specialty, doctor or clinic.
booking-sms-booked = You are booked: { $day }, { $time }, { $street }. Visit number { $number }. Move or cancel: { $link }
booking-sms-moved = New time: { $day }, { $time }, { $street }. Visit number { $number }. Move or cancel: { $link }
booking-sms-cancelled = The visit on { $day }, { $time }, { $street } is cancelled. Visit number { $number }. { $link }
booking-clinic-sms-booked = New visit { $number }: { $day }, { $time }. { $link }
booking-clinic-sms-moved = Visit { $number } moved to { $day }, { $time }. { $link }
booking-clinic-sms-cancelled = Visit { $number } on { $day }, { $time } cancelled. { $link }
booking-calendar-title = Visit { $number }
# What the API and the error page say.
booking-problem-role = There is no such doctor here any more. Search again.
booking-problem-service = This doctor does not offer that kind of visit there. Choose another.
booking-problem-past = That time is past or too near to be booked. Choose another.
booking-problem-not-offered = The doctor does not see patients at that time. Choose one of the free times.
booking-problem-taken = That time has just been taken. Choose another.
booking-problem-person-busy = The patient already has a visit at that time. Keep it and choose another time, or book this one instead.
booking-problem-person-busy-move = The patient has another visit at that time. This one is unchanged; choose another time.
booking-problem-other-too-late = Your other visit is too close to be cancelled online. Call the clinic, or choose another time.
booking-problem-too-many = { $n ->
    [one] You already have { $n } visit ahead, which is the most that can be booked. Cancel one you do not need, or call us.
   *[other] You already have { $n } visits ahead, which is the most that can be booked. Cancel one you do not need, or call us.
  }
booking-problem-key-reused = This Idempotency-Key was used for another request. Send a new one.
booking-problem-code-missing = Confirm the phone number first: ask for a code and send it with the booking.
booking-problem-too-many-people = Too many people are booked from this number already. Call us.
booking-problem-not-open = This visit is over or cancelled and cannot be changed.
booking-problem-moved-too-often = { $n ->
    [one] The visit was moved { $n } time already, which is the most. Call the clinic.
   *[other] The visit was moved { $n } times already, which is the most. Call the clinic.
  }
booking-problem-other-visit = A visit moves between times of the same doctor and the same service. For another one, book anew.
booking-problem-body = The body is not the JSON that the description asks for. See /api/openapi.json.
booking-problem-field = The value of “{ $field }” is missing or not allowed. See /api/openapi.json.
booking-problem-scope = The key does not allow this.
booking-problem-token = The token is missing or does not belong to this visit.
booking-problem-scope-heading = Not allowed
booking-problem-token-heading = Not allowed
booking-next-booked-quiet = Give the visit number at the reception.
# Booking for another person.
booking-whom = Whom are you booking for
booking-whom-self = Myself
booking-whom-other = Another person
booking-whom-children = This doctor sees children: a mother, father or another representative of the child books.
booking-relation = What are you to the patient
booking-relation-choose = Choose
booking-relation-parent = Mother or father
booking-relation-adoptive_parent = Adoptive parent
booking-relation-guardian = Guardian or trustee
booking-relation-spouse = Wife or husband
booking-relation-child = Daughter or son
booking-relation-other = Someone close who was asked to
booking-representative = Your own surname and first name
booking-representative-hint = We keep who made the booking
booking-declaration = Representative’s declaration
booking-error-whom-young = { $n ->
    [one] Under { $n } year of age a representative books. Choose “Another person” and fill in the fields about yourself.
   *[other] Under { $n } years of age a representative books. Choose “Another person” and fill in the fields about yourself.
  }
booking-error-relation = Choose what you are to the patient.
booking-error-relation-child = { $n ->
    [one] Under { $n } year of age a mother, father, adoptive parent or guardian books. Choose what you are, or ask one of them to book the child.
   *[other] Under { $n } years of age a mother, father, adoptive parent or guardian books. Choose what you are, or ask one of them to book the child.
  }
booking-error-representative = Write your own surname and first name, two letters at least.
booking-error-declaration = Without this declaration another person cannot be booked. Read it and tick the box.
booking-error-declaration-changed = The declaration has been renewed. Read it again and tick the box.
booking-error-age-adults = This doctor sees adults only. Look for a doctor who sees children.
booking-error-age-children = This doctor sees children only. Look for a doctor for adults.
booking-error-age-from = { $n ->
    [one] This doctor sees patients from { $n } year of age. Look for one who sees younger patients.
   *[other] This doctor sees patients from { $n } years of age. Look for one who sees younger patients.
  }
booking-error-age-to = { $n ->
    [one] This doctor sees patients up to { $n } year of age. Look for one who sees older patients.
   *[other] This doctor sees patients up to { $n } years of age. Look for one who sees older patients.
  }
booking-problem-representative = { $n ->
    [one] A patient under { $n } year of age is booked by a representative: say who books and what they are to the patient.
   *[other] A patient under { $n } years of age is booked by a representative: say who books and what they are to the patient.
  }
booking-problem-relation = { $n ->
    [one] A patient under { $n } year of age is booked only by a mother, father, adoptive parent or guardian.
   *[other] A patient under { $n } years of age is booked only by a mother, father, adoptive parent or guardian.
  }
booking-visit-fresh-other = The doctor expects the patient
booking-badge-booked-other = Patient booked
booking-visit-cancelled-other = The patient is not booked
booking-bring-other = The patient’s document and your own, with proof that you represent them
booking-clash-heading-other = The patient already has a visit at that time
booking-sms-booked-other = Visit booked for another person: { $day }, { $time }, { $street }. Visit number { $number }. Move or cancel: { $link }

# A request: no live times, the time is agreed by phone.
booking-ask = Ask for a visit
booking-ask-lead = This doctor shows no free times online. Tick when it suits to come: the clinic or our operator will call and offer a time.
booking-ask-days = On which days
booking-ask-parts = At what part of the day
booking-ask-go = Continue
booking-ask-note = A request is not a booking yet: the time is agreed by phone.
booking-error-when = Tick at least one day of the list.
booking-part-morning = in the morning
booking-part-day = in the afternoon
booking-part-evening = in the evening
booking-part-any = at any time
booking-wishes = { $days }, { $parts }
booking-wished = Request: { $wishes }
booking-ask-other-days = Choose other days
booking-finish-ask = Send the request
booking-get-code-note-ask = The request leaves once you enter the code.
booking-next-asked = We have your request. The clinic or our operator will call and offer a time. Nothing is fixed yet.
booking-badge-asked = Request: no time fixed yet
booking-badge-asked-cancelled = Request withdrawn
booking-visit-asked-cancelled = You withdrew the request
booking-next-asked-cancelled = Nobody will call about it. You may ask again any day.
booking-badge-lapsed = The requested days are past
booking-visit-lapsed = The days you asked for are past
booking-next-lapsed = No time was fixed. Call us or ask again.
booking-cancel-ask = Withdraw the request
booking-cancel-ask-heading = Withdraw this request?
booking-cancel-ask-lead = Neither the clinic nor the operator will call about it.
booking-cancel-ask-yes = Yes, withdraw
booking-number-ask = Request number
booking-clinic-heading-ask = Request { $number }
booking-clinic-asked = The patient asks for a visit on these days and has confirmed their phone. The operator agrees the time with them.
booking-clinic-asked-cancelled = The patient withdrew the request.
booking-clinic-lapsed = The days that the patient asked for are past.
booking-sms-requested = Request { $number } received, no time is fixed yet: the clinic or the operator will call. See or withdraw it: { $link }
booking-sms-request-cancelled = Request { $number } is withdrawn, nobody will call about it. { $link }
booking-clinic-sms-requested = Request for a visit { $number }. { $link }
booking-clinic-sms-request-cancelled = Request { $number } withdrawn. { $link }
booking-problem-too-many-requests = { $n ->
    [one] You already have { $n } open request, which is the most. Withdraw one you do not need, or call us.
   *[other] You already have { $n } open requests, which is the most. Withdraw one you do not need, or call us.
  }
booking-problem-when = Name days from the list: at least one, not past and not too far ahead.
booking-problem-live-times = This doctor has free times online. Choose one and book it at once.
booking-problem-kind = Requests of this kind are not taken here yet. “visit” is.

# Two windows.
booking-elsewhere-heading = You chose something else in another window
booking-elsewhere-lead = We keep one time for you: the one chosen last. Everything you wrote is kept.
booking-elsewhere-last = Chosen last
booking-elsewhere-go-on = Go on with this one
booking-elsewhere-here = Chosen in this window
booking-elsewhere-take = Take this time back

# Letters. Date, time, street and number only: never specialty, doctor or clinic.
booking-email = E-mail
booking-email-hint = Optional. We send a letter about the visit with a file for your calendar
booking-error-email = Check the address, for example anna@mail.example. You may also leave it out.
booking-letter-subject-booked = You are booked: { $day }, { $time }
booking-letter-subject-moved = New time of your visit: { $day }, { $time }
booking-letter-subject-cancelled = Visit cancelled: { $day }, { $time }
booking-letter-lead-booked = You are booked.
booking-letter-lead-moved = Your visit is moved. The new time:
booking-letter-lead-cancelled = Your visit is cancelled; there is no need to come.
booking-letter-number = Visit number: { $number }
booking-letter-change = See, move or cancel the visit
booking-letter-open = Open the visit
booking-letter-calendar = The attached file lets your calendar add, move or remove the visit.
booking-letter-why = This address was given when the visit was booked. There is no need to reply.

# A doctor who is not in the directory.
booking-absent = The doctor may no longer take bookings through us. Look for the surname on the home page, or choose another doctor in your city.
booking-absent-heading = This doctor is not here
booking-absent-city = Doctors: { $city }

# Who used a visit's data.
booking-uses = Who used your data
booking-uses-lead = Each use of this visit’s data leaves an entry in a log. Nobody can change it unnoticed, and a receipt proves that.
booking-uses-booked = You booked the visit
booking-uses-booked-partner = A partner service booked the visit for you
booking-uses-asked = You left a request
booking-uses-moved = The visit was moved
booking-uses-cancelled = The visit was cancelled
booking-uses-refused = The visit could not be changed
booking-uses-sms = The program took your number to send a text message
booking-uses-letter = The program took your address to send an e-mail
booking-uses-staff = Somebody of the clinic or of the contact centre opened this, to receive you, to call you, or because you called
booking-uses-console = The operator worked on your request about your data
booking-uses-other = The program used data
booking-uses-data = Data: { $data }
booking-uses-earlier = Earlier uses
booking-uses-receipt = Download the receipt
booking-uses-waiting = The receipt will be here in a few seconds
booking-uses-check = How to check a receipt
booking-uses-check-how = Anybody can check it, offline and without us. All it takes is the file and the Recomed program:
booking-uses-check-key = The last word of the command is the log’s key. Keep it together with the receipt.
booking-data-name = name
booking-data-phone = phone
booking-data-email = e-mail
booking-data-sex = sex
booking-data-age = age
booking-data-message = message
booking-data-relation = how the representative is related to the patient
booking-data-representative = the representative’s name
booking-data-declaration = the representative’s declaration
booking-data-visit = time and place of the visit

# The consent on the visit's page, and taking it back.
booking-agreed = What was consented to
booking-agreed-web = Consent given on { $day } on this site.
booking-agreed-partner = Consent given on { $day } through a partner’s site.
booking-agreed-voice = Consent given on { $day } by phone.
booking-agreed-paper = Consent given on { $day } on paper.
booking-agreed-declared = Declared on { $day } by whoever booked.
booking-agreed-text = Read the whole text
booking-agreed-withdrawn = Consent withdrawn on { $day }. The data of this visit are not used any more.
booking-withdraw = Withdraw the consent
booking-withdraw-heading = Withdraw the consent?
booking-withdraw-lead = This visit will be cancelled: without consent we may not pass it to the clinic.
booking-withdraw-lead-ask = This request will be dropped: without consent we may not call about it.
booking-withdraw-lead-past = There is nothing to cancel: this visit does not lie ahead. The consent just stops being in force.
booking-withdraw-what = What happens next
booking-withdraw-clinic = The clinic is told the visit’s number and that it is cancelled, nothing else.
booking-withdraw-clinic-quiet = The time becomes free. If you have talked with the clinic, let it know yourself.
booking-withdraw-messages = Messages that have not left yet will not leave. We will not write about the cancellation either.
booking-withdraw-data = { $n ->
    [0] The tie between you and this visit is destroyed at once; if you have no other visits, so are your name and phone number.
    [one] The tie between you and this visit is destroyed after { $n } day; if you have no other visits, so are your name and phone number.
   *[other] The tie between you and this visit is destroyed after { $n } days; if you have no other visits, so are your name and phone number.
  }
booking-withdraw-proof = { $n ->
    [one] A mark that there was a consent and that it was withdrawn is kept for { $n } day as proof. It holds neither name nor phone number.
   *[other] A mark that there was a consent and that it was withdrawn is kept for { $n } days as proof. It holds neither name nor phone number.
  }
booking-withdraw-yes = Yes, withdraw
booking-withdraw-keep = Leave it as it is
booking-withdraw-erase = To have everything known of you destroyed at once, write to us:
booking-uses-withdrawn = The consent was withdrawn
booking-uses-stopped = A message was not sent: the consent had been withdrawn
booking-data-consent = consent
booking-problem-not-given = No consent was given for this purpose with this visit, so there is nothing to withdraw.
booking-data-day = day
booking-data-time = time
booking-data-street = street and house
booking-data-number = booking number
booking-data-link = link to the visit’s page
booking-given = Given to: { $name }
booking-given-clinic = Given to the clinic: { $name }
booking-given-sms = Given to the carrier of text messages: { $name }
booking-given-mail = Given to the carrier of letters: { $name }
booking-given-consent = What for: your booking, by your consent.
booking-given-request = What for: the booking that you asked for.
booking-given-pending = On its way.
booking-given-sent = The recipient took it.
booking-given-refused = The recipient did not take it.
booking-given-failed = It could not be sent.
booking-given-unknown = Whether it arrived is not known.

# The clinic's answer.
booking-sms-confirmed = The clinic expects you: { $day }, { $time }, { $street }. Visit number { $number }. Move or cancel: { $link }
booking-sms-proposed = The clinic offers another time: { $day }, { $time }, { $street }. It is not fixed until you say yes. Visit number { $number }. Take it or not: { $link }
booking-sms-declined = The clinic cannot receive you on { $day }, { $time }, { $street }. Visit number { $number }. Other times: { $link }
booking-sms-request-declined = The clinic has no time for request { $number }. Other doctors and times: { $link }
booking-clinic-sms-refused = Visit { $number }: the patient cannot come at the time you offered. Please answer again: { $link }
booking-letter-subject-confirmed = The clinic expects you: { $day }, { $time }
booking-letter-subject-proposed = Another time is offered: { $day }, { $time }
booking-letter-subject-declined = The clinic cannot receive you: { $day }, { $time }
booking-letter-lead-confirmed = The clinic expects you.
booking-letter-lead-proposed = The clinic offers another time. It is not fixed until you say yes:
booking-letter-lead-declined = The clinic cannot receive you at this time. Choose another one by the link.
booking-letter-answer = Take the time or not
booking-letter-other = Other times
booking-badge-proposed = Your answer is needed
booking-badge-declined = The clinic declined
booking-visit-proposed = The clinic offers another time
booking-visit-declined = The clinic cannot receive you
booking-next-proposed = Say whether it suits you. Until then nothing changes, and we keep the offered time for you.
booking-next-declined = { $reason } Choose another time: nothing has to be typed again except your name and phone.
booking-next-confirmed = The clinic has confirmed that it expects you. Give the visit number at the reception.
booking-next-unanswered = Your time is taken for you. The clinic has not answered yet: we ask it, and tell you only if something changes.
booking-declined-doctor_away = The doctor will be away.
booking-declined-clinic_closed = The clinic will be closed.
booking-declined-device_down = The equipment does not work.
booking-declined-time_taken = This time was taken at the clinic’s own desk.
booking-declined-person_asked = The clinic says that you asked for it.
booking-proposed-time = Offered time
booking-proposed-accept = This time suits me
booking-proposed-refuse = It does not suit me
booking-proposed-refuse-note = Then the clinic is asked again, and your present time stays until it answers.
booking-proposed-refuse-note-ask = Then the clinic is asked for another time.
booking-problem-proposal-outdated = The offer has changed meanwhile. This is how things stand now.
booking-problem-visit-not-open = Nothing can be changed about this visit any more.
booking-problem-time-missing = Name a time: the patient asked for one.
booking-answer-heading = Your answer
booking-answer-confirm = We expect the patient
booking-answer-propose = Offer another time
booking-answer-propose-ask = Offer a time
booking-answer-date = Day
booking-answer-time = Begin, to five minutes
booking-answer-decline = We cannot receive them
booking-answer-reason = Why
booking-reason-doctor_away = The doctor is away
booking-reason-clinic_closed = The clinic is closed
booking-reason-device_down = The equipment does not work
booking-reason-time_taken = The time is taken
booking-reason-person_asked = The patient asked us to
booking-answer-said-accepted = You have confirmed this visit. The patient knows.
booking-answer-said-tentative = You have offered { $when }. We are waiting for the patient.
booking-answer-said-declined = You have declined: { $reason }. The patient has been told.
booking-answer-wishes = The patient’s days
booking-clinic-proposed = A patient’s answer is awaited: you have offered another time.
booking-clinic-declined = You have declined this visit.
booking-others = Other doctors
booking-answer-back = Back to the list of answers
booking-uses-booked-agent = The contact centre booked it for you on the phone
booking-uses-clinic-accepted = The clinic confirmed the visit
booking-uses-clinic-proposed = The clinic proposed another time
booking-uses-clinic-declined = The clinic declined the visit
booking-uses-proposal-accepted = The proposed time was taken
booking-uses-proposal-refused = The proposed time was not taken
booking-uses-caller = You were on the line with the contact centre and showed who you are
booking-uses-told = The contact centre told you by phone
booking-uses-not-reached = The contact centre could not reach you by phone
booking-clinic-badge-proposed = Waiting for the patient
booking-clinic-badge-declined = You declined
booking-problem-proposed-too-often = { $n ->
    [one] You have offered { $n } other time, which is the most. Call us, and we agree on one together.
   *[other] You have offered { $n } other times, which is the most. Call us, and we agree on one together.
  }
booking-clinic-letter-subject = Visit { $number }
booking-clinic-letter-answer = Open and answer
