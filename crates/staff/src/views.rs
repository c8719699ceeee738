//! What the templates of staff show.

use askama::Template;
use web::page::{Choice, Field, Link, Page, Phone};
use web::texts::Source;

/// The texts of these pages.
pub const TEXTS: Source =
    Source { kk: include_str!("../texts/kk.ftl"), ru: include_str!("../texts/ru.ftl"), en: include_str!("../texts/en.ftl") };

/// What stands around a page of somebody who has signed in.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The pages that their role has, and which is this one.
    pub links: Vec<(Link, bool)>,
    /// Their name.
    pub who: String,
    /// Their role.
    pub role: String,
    /// Whether the screen can be locked: at a shared workstation, by whoever has a PIN.
    pub can_lock: bool,
}

/// Somebody to whom a workstation switches.
#[derive(Clone, Debug)]
pub struct SwitchLine {
    /// The session to go on with.
    pub session: String,
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: String,
}

/// `/{lang}/staff/sign-in`.
#[derive(Template)]
#[template(path = "staff_sign_in.html")]
pub struct SignIn {
    /// The page.
    pub page: Page,
    /// The workstation's name, at one.
    pub workstation: Option<String>,
    /// To whom it switches by PIN.
    pub switches: Vec<SwitchLine>,
    /// Whether browsers make passkeys for this site.
    pub passkeys: bool,
    /// The same page under the name for which they do, when this is another.
    pub elsewhere: Option<String>,
    /// Whether a password with a one-time code opens a session.
    pub password: bool,
    /// What was typed as login.
    pub login: String,
    /// What is wrong.
    pub error: Option<String>,
    /// What has happened.
    pub note: Option<String>,
}

/// `/{lang}/staff/welcome/{token}`.
#[derive(Template)]
#[template(path = "staff_welcome.html")]
pub struct Welcome {
    /// The page.
    pub page: Page,
    /// Whom the link is for; `None` when it counts no more.
    pub name: Option<String>,
    /// Their role.
    pub role: String,
    /// Their login.
    pub login: String,
    /// The secret of the app, as it is typed.
    pub secret: String,
    /// The same as a link.
    pub address: String,
    /// Whether browsers make passkeys for this site.
    pub passkeys: bool,
    /// The same page under the name for which they do, when this is another.
    pub elsewhere: Option<String>,
    /// Whether a password with a one-time code can be chosen.
    pub password: bool,
    /// Letters of a password at least.
    pub password_min: usize,
    /// Where the form goes.
    pub action: String,
    /// What is wrong.
    pub error: Option<String>,
}

/// A role for a while.
#[derive(Clone, Debug)]
pub struct GrantLine {
    /// Its id.
    pub id: String,
    /// The role.
    pub role: String,
    /// Why.
    pub reason: String,
    /// Until when.
    pub until: String,
}

/// `/{lang}/staff`.
#[derive(Template)]
#[template(path = "staff_home.html")]
pub struct Home {
    /// The page.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// Their clinic.
    pub clinic: Option<String>,
    /// What their role may do, in a sentence.
    pub may: String,
    /// What they were granted.
    pub grants: Vec<GrantLine>,
    /// When the session ends.
    pub until: String,
    /// After how many minutes without a press it is locked.
    pub idle_minutes: i64,
    /// Whether they have no PIN yet.
    pub pin_missing: bool,
    /// Whether this is somebody who answers for the policy, whose numbers no lawyer has read yet.
    pub numbers_unread: bool,
}

/// A passkey of one's own.
#[derive(Clone, Debug)]
pub struct PasskeyLine {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Since when.
    pub added: String,
    /// When it was used last.
    pub used: String,
}

/// A session of one's own.
#[derive(Clone, Debug)]
pub struct SessionLine {
    /// Its id.
    pub id: String,
    /// Whether it is the one at hand.
    pub here: bool,
    /// Since when.
    pub opened: String,
    /// Until when.
    pub until: String,
    /// How it was opened.
    pub how: String,
}

/// `/{lang}/staff/account`.
#[derive(Template)]
#[template(path = "staff_account.html")]
pub struct Account {
    /// The page.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// Whether browsers make passkeys for this site.
    pub passkeys_can: bool,
    /// One's passkeys.
    pub passkeys: Vec<PasskeyLine>,
    /// Whether there is a password with one-time codes.
    pub has_password: bool,
    /// Whether there is a PIN.
    pub has_pin: bool,
    /// One's living sessions.
    pub sessions: Vec<SessionLine>,
    /// What is wrong.
    pub error: Option<String>,
}

/// A shared computer.
#[derive(Clone, Debug)]
pub struct WorkstationLine {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub clinic: Option<String>,
    /// Since when.
    pub added: String,
    /// Whether it is the one at hand.
    pub here: bool,
}

/// `/{lang}/staff/workstations`.
#[derive(Template)]
#[template(path = "staff_workstations.html")]
pub struct Workstations {
    /// The page.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The name of the workstation at hand, if this is one.
    pub here: Option<String>,
    /// Those that this person answers for.
    pub lines: Vec<WorkstationLine>,
    /// The name to give to the computer at hand.
    pub name: Field,
}

/// A colleague in the list.
#[derive(Clone, Debug)]
pub struct ColleagueLine {
    /// Their page.
    pub href: String,
    /// Their name.
    pub name: String,
    /// Their login.
    pub login: String,
    /// Their role.
    pub role: String,
    /// Their clinic.
    pub clinic: Option<String>,
    /// Whether they may not come in any more.
    pub ended: bool,
}

/// The form for a new colleague.
#[derive(Clone, Debug)]
pub struct NewColleague {
    /// Login.
    pub login: Field,
    /// Name.
    pub name: Field,
    /// Roles.
    pub roles: Vec<Choice>,
    /// Clinics.
    pub clinics: Vec<Choice>,
    /// The doctor's page or id.
    pub practitioner: String,
    /// The contract.
    pub contract: String,
    /// The last day.
    pub until: String,
}

/// `/{lang}/staff/colleagues`.
#[derive(Template)]
#[template(path = "staff_colleagues.html")]
pub struct Colleagues {
    /// The page.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// Who works here.
    pub lines: Vec<ColleagueLine>,
    /// The form, for whoever may add.
    pub new: Option<NewColleague>,
    /// What is wrong.
    pub error: Option<String>,
    /// A link that was just made: for whom, and the link.
    pub link: Option<(String, String)>,
    /// For how many hours it counts.
    pub link_hours: i64,
}

/// `/{lang}/staff/colleagues/{id}`.
#[derive(Template)]
#[template(path = "staff_colleague.html")]
pub struct Colleague {
    /// The page.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// Their name.
    pub name: String,
    /// Their login.
    pub login: String,
    /// Their role.
    pub role: String,
    /// Their clinic.
    pub clinic: Option<String>,
    /// An auditor's contract.
    pub contract: String,
    /// Since when.
    pub since: String,
    /// When their access was ended.
    pub ended: Option<String>,
    /// Until when they may come in.
    pub until: Option<String>,
    /// What they were granted.
    pub grants: Vec<GrantLine>,
    /// Whether their access can be changed here.
    pub can_change: bool,
    /// Whether a role can be granted here.
    pub can_grant: bool,
    /// The roles.
    pub roles: Vec<Choice>,
    /// The reasons.
    pub reasons: Vec<Choice>,
    /// Hours at most.
    pub hours_max: i64,
    /// Their page.
    pub path: String,
    /// The list.
    pub back_href: String,
    /// What is wrong.
    pub error: Option<String>,
}

/// A visit of the day.
#[derive(Clone, Debug)]
pub struct VisitLine {
    /// `18:30`.
    pub time: String,
    /// The visit's number.
    pub number: String,
    /// The doctor; empty for a device.
    pub doctor: String,
    /// What for.
    pub service: String,
    /// Whether it stands.
    pub state: String,
    /// Where the press goes that opens the person.
    pub action: Option<String>,
    /// The person, when the whole day was opened.
    pub person: Option<(String, Phone)>,
}

/// Whom a press has opened.
#[derive(Clone, Debug)]
pub struct OpenedPerson {
    /// The visit's number.
    pub number: String,
    /// Its time.
    pub time: String,
    /// Their name.
    pub name: String,
    /// Their phone.
    pub phone: Phone,
}

/// `/{lang}/staff/day`.
#[derive(Template)]
#[template(path = "staff_day.html")]
pub struct Day {
    /// The page.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The day, `2026-11-24`.
    pub date: String,
    /// The day in words.
    pub day: String,
    /// The day before.
    pub before: String,
    /// The day after.
    pub after: String,
    /// Its visits.
    pub lines: Vec<VisitLine>,
    /// Whether there are more than are shown.
    pub full: bool,
    /// Whom a press has opened.
    pub opened: Option<OpenedPerson>,
    /// Whether a press would open everybody.
    pub can_open_all: bool,
    /// How many a press has opened.
    pub all: Option<usize>,
}

/// What stands in a doctor's day.
#[derive(Clone, Debug)]
pub struct CalendarEntry {
    /// Begin; with the day where it is another.
    pub from: String,
    /// End.
    pub to: String,
    /// What it is.
    pub what: String,
    /// Which service.
    pub more: String,
    /// What does not fit.
    pub conflict: Option<String>,
    /// By what it is given back.
    pub id: Option<String>,
}

/// A visit that can be put beside another one.
#[derive(Clone, Debug)]
pub struct Overbook {
    /// Code of the service.
    pub service: String,
    /// The time.
    pub time: String,
}

/// `/{lang}/staff/calendar`.
#[derive(Template)]
#[template(path = "staff_calendar.html")]
pub struct Calendar {
    /// The page.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The day in words.
    pub day: String,
    /// The day, `2026-11-24`.
    pub date: String,
    /// The day before.
    pub before: String,
    /// The day after.
    pub after: String,
    /// Whose calendar it is.
    pub role: String,
    /// Whose calendars there are.
    pub doctors: Vec<Choice>,
    /// What a visit may be for.
    pub services: Vec<Choice>,
    /// What stands in it.
    pub entries: Vec<CalendarEntry>,
    /// What is asked about once more.
    pub overbook: Option<Overbook>,
    /// Why the last form was not taken.
    pub refused: Option<String>,
}

/// `/{lang}/staff/way`.
#[derive(Template)]
#[template(path = "staff_way.html")]
pub struct ChooseWay {
    /// The page.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// Which clinic.
    pub clinic: String,
    /// Its name.
    pub name: String,
    /// The clinics to choose from, when there are several.
    pub clinics: Vec<Choice>,
    /// The number that the directory has for messages.
    pub number: Option<Phone>,
    /// Whether messages go there.
    pub sms: bool,
    /// Whether it answers each visit.
    pub answers: bool,
    /// Where letters go; `None` where none can be sent.
    pub mail: Option<Field>,
    /// Whether this was chosen a moment ago.
    pub saved: bool,
}

/// A clinic's visits of a month under one tariff.
#[derive(Clone, Debug)]
pub struct LedgerLine {
    /// The clinic.
    pub clinic: String,
    /// The class of service.
    pub tariff: String,
    /// How many visits.
    pub visits: i64,
    /// What they come to, with the currency.
    pub fees: String,
}

/// All visits of a month in one currency.
#[derive(Clone, Debug)]
pub struct LedgerTotal {
    /// How many visits.
    pub visits: i64,
    /// What they come to, with the currency.
    pub fees: String,
}

/// `/{lang}/staff/ledger`.
#[derive(Template)]
#[template(path = "staff_ledger.html")]
pub struct Ledger {
    /// The page.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// The month, `2026-11`.
    pub month: String,
    /// The month in words.
    pub heading: String,
    /// The month before; empty where there is none.
    pub before: String,
    /// The month after; empty where there is none.
    pub after: String,
    /// The same as a file.
    pub csv: String,
    /// By clinic and tariff.
    pub lines: Vec<LedgerLine>,
    /// By currency.
    pub totals: Vec<LedgerTotal>,
    /// Whether there are more than are shown.
    pub full: bool,
    /// How long after a visit it stands here at the earliest.
    pub days: i64,
}

/// An event.
#[derive(Clone, Debug)]
pub struct EventLine {
    /// When.
    pub when: String,
    /// What.
    pub what: String,
    /// By whom.
    pub by: String,
    /// About whom else.
    pub about: Option<String>,
}

/// `/{lang}/staff/events`.
#[derive(Template)]
#[template(path = "staff_events.html")]
pub struct Events {
    /// The page.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// What people did who are known, newest first.
    pub lines: Vec<EventLine>,
    /// What was tried by nobody known, newest first.
    pub tried: Vec<EventLine>,
}

/// A sign-in of the demo.
#[derive(Clone, Debug)]
pub struct DemoSignIn {
    /// Login.
    pub login: String,
    /// Role.
    pub role: String,
    /// Password.
    pub password: String,
    /// The one-time code of this half minute.
    pub code: String,
}

/// `/{lang}/demo/staff`: the demo's sign-ins with their codes. Demo only.
#[derive(Template)]
#[template(path = "staff_demo.html")]
pub struct Demo {
    /// The page.
    pub page: Page,
    /// The sign-ins.
    pub lines: Vec<DemoSignIn>,
}

/// A visit that waits for an answer.
#[derive(Clone, Debug)]
pub struct AnswerLine {
    /// When, as people say it; of a request, that it names no time.
    pub when: String,
    /// The visit's number.
    pub number: String,
    /// The doctor; empty of a device alone.
    pub doctor: String,
    /// The service.
    pub service: String,
    /// The time that was proposed, while the person has not answered.
    pub offered: Option<String>,
    /// Where it is answered.
    pub href: String,
}

/// `/{lang}/staff/answers`.
#[derive(Template)]
#[template(path = "staff_answers.html")]
pub struct Answers {
    /// The page.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// What waits, earliest first.
    pub lines: Vec<AnswerLine>,
    /// Whether there may be more than are listed.
    pub full: bool,
}
