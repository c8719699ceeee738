//! What the screen of a call shows.

use askama::Template;
use booking::views::WhomBlock;
use db::Lang;
use staff::views::Frame;
use web::page::{Choice, Field, Page, Phone, Summary, TimeButton};
use web::prose::Block;

use crate::views::TaskLine;

/// `/{lang}/staff/desk`.
#[derive(Template)]
#[template(path = "desk_call.html")]
pub struct CallPage {
    /// The page.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// Who is on the line.
    pub caller: Option<CallerPane>,
    /// What came of the act before.
    pub said: Option<String>,
    /// A number that could not be read.
    pub number: String,
    /// What is wrong with it.
    pub number_error: Option<String>,
    /// What is being done.
    pub middle: Middle,
    /// The first items of the list of work.
    pub work: Vec<TaskLine>,
    /// How many are open.
    pub open: i64,
    /// How many of them are late.
    pub late: i64,
}

/// The middle of the screen.
pub enum Middle {
    /// Nobody is on the line.
    Number,
    /// A doctor and a time are looked for.
    Search(Box<SearchPane>),
    /// A time or days are chosen.
    Book(Box<BookPane>),
    /// Another time is looked for.
    Move(Box<MovePane>),
    /// It is done and read out.
    Done(Box<DonePane>),
}

/// Who is on the line.
pub struct CallerPane {
    /// The number.
    pub phone: Phone,
    /// Whether it takes text messages.
    pub takes_sms: bool,
    /// The languages, the caller's chosen.
    pub langs: Vec<Choice>,
    /// The name, once they have shown who they are.
    pub name: Option<String>,
    /// Who may be calling.
    pub people: Vec<PersonLine>,
    /// How they may show it: value and words.
    pub shown: Vec<(&'static str, String)>,
    /// Their open visits.
    pub visits: Vec<CallerVisit>,
}

/// Somebody who may be calling.
pub struct PersonLine {
    /// Their place in the list.
    pub place: usize,
    /// The first letters of their name.
    pub masked: String,
    /// Their open visits.
    pub coming: usize,
}

/// A visit of whoever is on the line.
pub struct CallerVisit {
    /// Its number.
    pub number: String,
    /// When.
    pub when: String,
    /// Doctor and clinic.
    pub whom: String,
    /// Whether it has no time yet.
    pub is_request: bool,
    /// Where its forms go.
    pub action: String,
}

/// The search.
pub struct SearchPane {
    /// The words.
    pub q: String,
    /// The cities, the one asked for chosen.
    pub cities: Vec<Choice>,
    /// The day; empty: any.
    pub date: String,
    /// The first day.
    pub date_min: String,
    /// The question as an address has it.
    pub question: String,
    /// Who fits; `None` when nothing was asked yet.
    pub found: Option<Vec<FoundLine>>,
    /// How many fit.
    pub total: usize,
    /// The next page.
    pub next: Option<String>,
}

/// A doctor who fits.
pub struct FoundLine {
    /// Id of the role.
    pub role: String,
    /// Code of the service.
    pub service: String,
    /// Their name, else the examination's.
    pub name: String,
    /// The specialty.
    pub what: String,
    /// The clinic.
    pub clinic: String,
    /// Street, number, station.
    pub place: String,
    /// The price; empty when nobody has told it.
    pub price: String,
    /// The day of the times.
    pub day: Option<String>,
    /// The first free times.
    pub times: Vec<TimeButton>,
    /// The days that can be wished for, where there are no live times.
    pub days: Vec<Choice>,
    /// The parts of a day.
    pub parts: Vec<Choice>,
}

/// Who comes, and what is read aloud.
pub struct BookPane {
    /// Who, where, when, how much.
    pub summary: Summary,
    /// For how many minutes the time is kept; `None` for a request.
    pub minutes: Option<i64>,
    /// Whom for.
    pub whom: WhomBlock,
    /// What is declared for another person, in the caller's language: text, version, hash.
    pub declaration: Option<(String, String, String)>,
    /// The name of whoever comes.
    pub name: Field,
    /// Their age, where it decides.
    pub age: Option<Field>,
    /// Their e-mail, where letters can be sent.
    pub email: Option<Field>,
    /// What is read aloud.
    pub script: ScriptBlock,
    /// They have another visit at that time.
    pub clash: Option<String>,
    /// What is wrong with the whole.
    pub error: Option<String>,
}

/// What is read aloud before somebody agrees.
pub struct ScriptBlock {
    /// Its language.
    pub lang: Lang,
    /// The words.
    pub text: Vec<Block>,
    /// Version of the document that is agreed to.
    pub version: String,
    /// Its hash.
    pub sha256: String,
    /// What is wrong with the answer.
    pub error: Option<String>,
}

/// The other times of a visit.
pub struct MovePane {
    /// Its number.
    pub number: String,
    /// What it is.
    pub summary: Option<Summary>,
    /// The day from which on.
    pub date: String,
    /// The first day.
    pub date_min: String,
    /// The times.
    pub days: Vec<TimesOfDay>,
    /// Where the form goes.
    pub action: String,
}

/// The times of one day.
pub struct TimesOfDay {
    /// The day, as people say it.
    pub day: String,
    /// Its times.
    pub times: Vec<TimeButton>,
}

/// What is read out.
pub struct DonePane {
    /// The visit's number.
    pub number: String,
    /// Whether it is a request.
    pub is_request: bool,
    /// When.
    pub when: String,
    /// Who, where, when, how much, in the caller's language.
    pub summary: Option<Summary>,
    /// In which language it is read.
    pub spoken: String,
    /// Whether nothing can be sent to them.
    pub must_be_read: bool,
}
