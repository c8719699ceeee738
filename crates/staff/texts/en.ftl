staff-nav = Pages for staff
staff-nav-home = My page
staff-nav-day = Visits of the day
staff-nav-colleagues = Colleagues
staff-nav-workstations = Shared computers
staff-nav-events = Security events
staff-nav-ledger = Ledger
staff-nav-account = How I sign in
staff-lock = Lock the screen
staff-sign-out = Sign out

staff-sign-in = Staff sign-in
staff-at-workstation = This computer is shared: { $name }.
staff-switch = Go on by PIN
staff-switch-who = Who is at the computer
staff-switch-go = Go on
staff-whole = Or sign in anew
staff-by-password = Password and one-time code
staff-login = Login
staff-password = Password
staff-password-new = New password
staff-code = Code from the app
staff-come-in = Sign in
staff-lost = Lost your device or forgot the password? Ask the operator for a new link.
staff-said-locked = The screen was locked because nobody used it. Sign in again; nothing is lost that was saved.
staff-said-away = The screen is locked.
staff-said-out = You have signed out.
staff-demo-hint = This is the demo. Logins, passwords and codes:
staff-demo-title = Sign-ins of the demo
staff-demo-lead = Invented colleagues, one for each role. The codes change every thirty seconds and count once.
staff-demo-again = Reload the page for the next codes. Only this computer sees it.

staff-passkey-get = Sign in with a passkey
staff-passkey-make = A passkey
staff-passkey-make-go = Make a passkey
staff-passkey-what = The device asks for your finger, face or its own PIN, and signs in. There is nothing to remember, and nothing that another site could coax out of you.
staff-passkey-name = What to call this device
staff-passkey-this = This device
staff-passkey-unnamed = Without a name
staff-passkey-script = Passkeys need JavaScript, which is off here.
staff-passkey-failed = The device did not answer, or you closed its question. Press the button once more.
staff-passkey-elsewhere = Browsers make passkeys only for names, not for bare addresses. Open this page here:
staff-passkey-there = the same page by name
staff-passkeys = Passkeys
staff-passkeys-none = You have none yet.
staff-added = added { $when }
staff-used = last used { $when }
staff-remove = Remove
staff-has-password = You also have a password with one-time codes.

staff-welcome = Welcome
staff-welcome-lead = { $name }, you are here as { $role }. Choose how you will sign in.
staff-welcome-login = Your login: { $login }
staff-password-make = A password with one-time codes
staff-app = Add this key to an authenticator app on your phone:
staff-app-open = open it in the app on this device
staff-password-rule = Think of a password of { $n } letters or more. A few words that belong together only for you are best.

staff-hello = Good to see you, { $name }
staff-role = Role
staff-clinic = Clinic
staff-session-until = Signed in until
staff-idle = { $n ->
    [one] locked after one minute without a press
   *[other] locked after { $n } minutes without a press
}
staff-grants = Roles for a while
staff-grants-none = None.
staff-until = until { $when }
staff-numbers-unread = No lawyer has read the terms and numbers of the policy yet: which ones is marked in the profile’s file by the word “unchecked”. Until then do not rely on them.
staff-pin-missing = With a PIN you switch at a shared computer in a second.
staff-pin = PIN
staff-pin-new = New PIN
staff-pin-set = Set a PIN
staff-pin-what = Six digits. They count only at shared computers, and only where you have signed in that day.
staff-sessions = Where I am signed in
staff-here = here
staff-here-place = this computer
staff-end = End
staff-method-passkey = by passkey
staff-method-password = by password and code

staff-role-agent = contact centre agent
staff-role-supervisor = contact centre supervisor
staff-role-registrar = registrar
staff-role-doctor = doctor
staff-role-operator = operator
staff-role-privacy-officer = privacy officer
staff-role-auditor = auditor
staff-role-content = editor
staff-may-agent = You keep the list of work: whom to call, which clinic to ask. A person’s name and phone open only from an item that is in your hand.
staff-may-supervisor = You lead the list of work and answer for the agents’ computers. A person’s data opens only from an item that is in your hand.
staff-may-registrar = You see your clinic's visits of the day. Name and phone open one visit at a time, and each opening is written down.
staff-may-doctor = You see the visits to you. Name and phone open one visit at a time, and each opening is written down.
staff-may-operator = You let colleagues in and out. You see no person's data.
staff-may-privacy-officer = You see who came in and who tried to. Answers to people about their data are given at the console.
staff-may-auditor = You see security events. You see nobody's data.
staff-may-content = You write what everybody reads. You see nobody's data.

staff-workstations-lead = Where several people use one computer, register it once. Whoever has signed in there goes on by PIN for the rest of the shift.
staff-workstations-none = No computer is registered yet.
staff-workstation-name = Name of this computer
staff-workstation-hint = So that a colleague knows it: Reception, left
staff-workstation-add = Register this computer

staff-colleagues-none = Nobody works here yet.
staff-name = Name
staff-ended = no access any more
staff-new = A new colleague
staff-login-hint = Small letters, digits, dot, hyphen. Nobody else has it, and nobody shares it.
staff-clinic-hint = For doctors and registrars.
staff-practitioner = Doctor in the directory
staff-practitioner-hint = For doctors: the address of their page.
staff-contract = Contract
staff-contract-hint = For auditors: its number. An auditor also needs a last day.
staff-last-day = Last day of access
staff-add = Add
staff-link-for = A link for { $name }:
staff-link-once = { $n ->
    [one] It is shown this once, counts once, and for one hour. Hand it over in person.
   *[other] It is shown this once, counts once, and for { $n } hours. Hand it over in person.
}
staff-since = Since
staff-grant-role = Role
staff-grant-reason = Why
staff-grant-hours = For how many hours, at most { $n }
staff-grant-go = Grant for a while
staff-reason-cover = stands in for somebody
staff-reason-load = more work than hands
staff-reason-incident = an incident is looked into
staff-reason-training = is learning the work
staff-access = Access
staff-anew = Make a new link
staff-anew-what = Password, passkeys and PIN count no more, every session ends. For whoever has lost their device.
staff-end-access = End access
staff-end-what = At once and everywhere. The log keeps what was done.

staff-day-before = Day before
staff-day-after = Day after
staff-day-choose = Day
staff-day-show = Show
staff-day-none = No visits on this day.
staff-day-full = More visits than fit here. The earliest are shown.
staff-time = Time
staff-number = Number
staff-doctor = Doctor
staff-state = State
staff-open = Name and phone
staff-open-all = Show everybody’s name and phone
staff-all-opened = { $n ->
    [one] { $n } person is opened. They will see who did it. The sheet can be printed; destroy it after the visits.
   *[other] { $n } people are opened. Each will see who did it. The sheet can be printed; destroy it after the visits.
 }
staff-open-note = Each opening is written down with your name. The person can see it.
staff-opened = Visit { $number }, { $time }
staff-opened-note = For this visit only. The opening is in the log.
staff-visit-proposed = asked for
staff-visit-pending = waits for an answer
staff-visit-booked = booked
staff-visit-arrived = is here
staff-visit-checked-in = is here and ready
staff-visit-fulfilled = took place
staff-visit-cancelled = cancelled
staff-visit-noshow = did not come
staff-visit-entered-in-error = written in error
staff-visit-waitlist = waits for a time

staff-ledger-lead = Visits that took place, by clinic and tariff. No person, doctor or specialty stands here.
staff-ledger-before = Month before
staff-ledger-after = Month after
staff-ledger-choose = Month
staff-ledger-none = Nothing is settled for this month yet.
staff-ledger-when = { $n ->
    [one] A visit gets here when a whole day has passed since it and nobody said that it did not take place.
   *[other] A visit gets here when { $n } whole days have passed since it and nobody said that it did not take place.
}
staff-ledger-tariff = Tariff
staff-ledger-visits = Visits
staff-ledger-fees = Fees
staff-ledger-all = In all
staff-ledger-csv = Download as CSV
staff-ledger-full = More clinics than fit here. The command recomed ledger tells all of them.
staff-tariff-consultation = consultation
staff-tariff-examination = examination

staff-events-lead = Who came in, who tried to, who changed who may do what. The newest two hundred of each; all of them are in the log.
staff-events-known = What colleagues did
staff-events-tried = What was tried without signing in
staff-events-none = Nothing yet.
staff-when = When
staff-what = What
staff-by = Who
staff-about = About whom
staff-by-console = console
staff-by-nobody = not signed in
staff-by-former = a former colleague
staff-event-in-by-passkey = signed in by passkey
staff-event-in-by-password = signed in by password and code
staff-event-in-by-pin = went on by PIN
staff-event-sign-in-refused = sign-in refused
staff-event-login-locked = login locked after too many tries
staff-event-pin-wrong = wrong PIN
staff-event-pins-wrong = session ended after too many wrong PINs
staff-event-passkey-copied = a passkey may have been copied
staff-event-away = locked the screen
staff-event-out = signed out
staff-event-session-ended = ended a session elsewhere
staff-event-staff-added = colleague added
staff-event-staff-ended = access ended
staff-event-link-made = new link made
staff-event-passkey-added = passkey added
staff-event-passkey-removed = passkey removed
staff-event-password-set = password set
staff-event-pin-set = PIN set
staff-event-granted = role granted
staff-event-grant-ended = grant ended
staff-event-workstation-added = shared computer registered
staff-event-workstation-ended = shared computer ended
staff-event-forbidden = asked for what the role does not have

staff-error-forbidden = Your role does not have this page. If you need it, ask the operator for a role for a while.
staff-error-forbidden-heading = Not for your role
staff-error-not-opened = The person is not opened: the visit has come off, or no consent covers it.
staff-error-not-opened-heading = Not opened
staff-error-wrong = That did not match. Check login, password and code; a code counts once, so wait for the next one.
staff-error-locked = { $n ->
    [one] Too many wrong tries. Try again in a minute.
   *[other] Too many wrong tries. Try again in { $n } minutes.
}
staff-error-passkey-only = Here one signs in with a passkey. Ask the operator for a new link if you have none.
staff-error-passkey = The passkey did not match this page. Reload it and press the button again.
staff-error-copied = This passkey was used elsewhere in the meantime and may have been copied. Tell the operator.
staff-error-unverified = The device did not check that it is you. Set a screen lock on it and try again.
staff-error-algorithm = This device makes passkeys of a kind that is not taken here. Use another one.
staff-error-busy = Too many are signing in, or you have as many passkeys as there can be. Wait a minute, or remove one.
staff-error-no-passkeys = Passkeys need this site to have a name and https. Tell whoever runs it.
staff-error-link = This link was used or has run out. Ask the operator for a new one.
staff-error-password-length = At least { $n } letters, please. A few words in a row are easy to remember.
staff-error-password-guessable = That is easy to guess. Leave out your login, and take more different letters.
staff-error-code = That is not the app's code of this minute. Wait for the next one and type it again.
staff-error-pin = Six digits that are no row and not all the same.
staff-error-last = This is your last way to sign in. Add another passkey first.
staff-error-switch-ended = That session has ended. Sign in with a passkey or password.
staff-error-pin-wrong = { $n ->
    [one] Wrong PIN. One try is left.
   *[other] Wrong PIN. { $n } tries are left.
}
staff-error-pin-too-often = Too many wrong PINs. Sign in with a passkey or password.
staff-error-grant-oneself = Nobody grants a role to themselves. Ask another operator.
staff-error-grant-unknown = This colleague has no access any more.
staff-error-grant-has = They have this role already.
staff-error-grant-unfit = This role needs a clinic, and for doctors a doctor of the directory. An auditor is added with a contract.
staff-error-grant-hours = From one hour to { $n }.
staff-error-grant-many = As many roles as there can be at one time. End one first.
staff-error-login = Login: from 2 to 40 small Latin letters, digits, dot, hyphen; a letter first.
staff-error-name = Type the name: from 1 to 100 letters.
staff-error-clinic = Doctors and registrars work for a clinic. Choose it.
staff-error-practitioner = Paste the address of the doctor's page.
staff-error-auditor = An auditor needs a contract and a last day (clause 8.2).
staff-error-until = The last day must lie ahead.
staff-error-taken = Somebody has, or had, this login. Choose another.
staff-error-oneself = Nobody changes their own access. Ask another operator.
staff-error-workstation = Type a name: from 1 to 100 letters.
staff-error-workstations = There are as many shared computers as there can be. End one that nobody uses.

# What waits for the clinic.
staff-nav-call = Call
staff-nav-work = List of work
staff-nav-answers = Waiting for an answer
staff-answers-lead = Patients and the contact centre wait for these answers. What stays unanswered, the contact centre asks about by phone.
staff-answers-none = Nothing waits for your answer.
staff-answers-answer = Answer
staff-answers-asked = no time is fixed: patient’s days are inside
staff-answers-offered = offered: { $when }
staff-nav-calendar = Calendar
staff-calendar-nobody = Nobody is booked with you: there is no calendar.
staff-calendar-none = Nothing is booked or blocked on this day.
staff-calendar-what = What stands there
staff-calendar-visit = Visit { $number }
staff-calendar-blocked = Blocked
staff-calendar-own = The clinic’s own visit
staff-calendar-own-beside = The clinic’s own visit, beside another
staff-calendar-conflict-blocked = Stands on a blocked time: move it, or call
staff-calendar-conflict-hours = Outside the hours
staff-calendar-give-back = Give the time back
staff-calendar-block = Block a time
staff-calendar-block-note = Nobody is offered a blocked time. Whoever is booked already stays booked.
staff-calendar-from = From
staff-calendar-until = To the day
staff-calendar-to = To
staff-calendar-add = Add the clinic’s own visit
staff-calendar-add-note = For people who booked at the clinic itself. No name is needed: only the time matters.
staff-calendar-service = Service
staff-calendar-sure = Something stands at { $time } already. Put a second one beside it? The log will say so.
staff-calendar-beside = Yes, put it beside
staff-calendar-refused-unknown = There is no such time in the calendar any more.
staff-calendar-refused-range = Name times to five minutes: the begin before the end, not past, a month at most.
staff-calendar-refused-taken = Something stands at that time already.
staff-calendar-refused-full = As many visits stand at that time as can be.
staff-calendar-refused-too-many = The doctor has as many blocked times as can be. Give some back.
staff-nav-way = How the clinic hears
staff-way-clinic = Clinic
staff-way-note = The clinic sees each visit on its own page. It can be written to as well: a message holds the visit’s number, its time and a link to answer, and no name. If the clinic does not answer in time, the contact centre calls.
staff-way-sms = Text messages to { $number }
staff-way-sms-none = Text messages: the directory has no number for them
staff-way-mail = Letters to this address
staff-way-mail-hint = The clinic’s address, not anybody’s own. Empty: no letters.
staff-way-mail-wrong = Check the address, for example visits@clinic.example.
staff-way-save = Save
staff-way-saved = Saved. The next visits come this way.
staff-way-answers = The clinic confirms each visit
staff-way-answers-hint = Without this the times of its calendar are the truth: whoever is booked is expected, and the contact centre does not call to ask.
