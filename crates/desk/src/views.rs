//! What the templates of the desk show.

use askama::Template;
use staff::views::Frame;
use web::page::{Choice, Link, Page, Phone, Summary};
use web::texts::Source;

/// The texts of these pages.
pub const TEXTS: Source =
    Source { kk: include_str!("../texts/kk.ftl"), ru: include_str!("../texts/ru.ftl"), en: include_str!("../texts/en.ftl") };

/// An item of the list.
#[derive(Clone, Debug)]
pub struct TaskLine {
    /// `calm`, `soon`, `late`.
    pub urgency: &'static str,
    /// The same in a word: colour says nothing alone.
    pub urgency_text: String,
    /// Until when.
    pub due: String,
    /// Why.
    pub reason: String,
    /// When the visit is.
    pub when: String,
    /// The visit's number.
    pub number: String,
    /// Calls that nobody answered.
    pub tries: i64,
    /// Who has it in hand.
    pub owner: Option<String>,
    /// How it ended.
    pub outcome: Option<String>,
    /// Its page.
    pub href: String,
}

/// `/{lang}/staff/desk/list`.
#[derive(Template)]
#[template(path = "desk_list.html")]
pub struct List {
    /// The page.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// What the list is.
    pub heading: String,
    /// Other choices of the list, and which is this one.
    pub shows: Vec<(Link, bool)>,
    /// How many items are open.
    pub open: i64,
    /// How many of them are late.
    pub late: i64,
    /// The items, soonest due first.
    pub lines: Vec<TaskLine>,
    /// The next page.
    pub next: Option<String>,
    /// Whom nobody reached, for those who lead.
    pub unreached_href: Option<String>,
}

/// An outcome with a button of its own.
#[derive(Clone, Debug)]
pub struct OutcomeButton {
    /// What the form sends.
    pub value: &'static str,
    /// What is read.
    pub text: String,
    /// Whether something is lost by it.
    pub loss: bool,
}

/// What was done about the visit before.
#[derive(Clone, Debug)]
pub struct Done {
    /// Why.
    pub reason: String,
    /// How it ended.
    pub outcome: String,
    /// When.
    pub when: String,
    /// By whom; `None` when it came about by itself.
    pub by: Option<String>,
}

/// Whom to call.
#[derive(Clone, Debug)]
pub struct OpenedPerson {
    /// Name.
    pub name: String,
    /// Phone.
    pub phone: Phone,
}

/// `/{lang}/staff/desk/tasks/{id}`.
#[derive(Template)]
#[template(path = "desk_task.html")]
pub struct OneTask {
    /// The page.
    pub page: Page,
    /// What stands around it.
    pub frame: Frame,
    /// Why.
    pub reason: String,
    /// `calm`, `soon`, `late`.
    pub urgency: &'static str,
    /// The same in a word.
    pub urgency_text: String,
    /// Until when.
    pub due: String,
    /// The visit's number.
    pub number: String,
    /// When the visit is.
    pub when: String,
    /// Doctor, clinic, place; `None` for a request that names none.
    pub summary: Option<Summary>,
    /// The time that the clinic proposes.
    pub proposed: Option<String>,
    /// What to say.
    pub script: String,
    /// In which language the person is spoken to.
    pub spoken_lang: String,
    /// The clinic.
    pub clinic: Option<String>,
    /// Its phone.
    pub clinic_phone: Option<Phone>,
    /// Whether the person is called, and not the clinic.
    pub calls_person: bool,
    /// Whether it is in the reader's hand.
    pub mine: bool,
    /// How it ended.
    pub ended: Option<String>,
    /// Who else has it in hand.
    pub other: Option<String>,
    /// Whether the reader may take it from them.
    pub may_take_over: bool,
    /// Calls that nobody answered.
    pub tries: i64,
    /// How it may end.
    pub outcomes: Vec<OutcomeButton>,
    /// Whether it ends with the clinic's answer.
    pub answers: bool,
    /// Whether there is a time to confirm.
    pub can_confirm: bool,
    /// Why a clinic declines.
    pub reasons: Vec<Choice>,
    /// The day for the clinic's proposal.
    pub date: String,
    /// The first day that can be named.
    pub date_min: String,
    /// Today at the desk.
    pub later_date: String,
    /// What was done before.
    pub done: Vec<Done>,
    /// Why the last try failed.
    pub refused: Option<String>,
    /// The address of the task: forms stand under it.
    pub action: String,
    /// Whom to call, just opened.
    pub opened: Option<OpenedPerson>,
}

#[cfg(test)]
mod tests {
    #[test]
    fn texts_are_whole_in_three_languages() {
        assert_eq!(web::texts::faults("desk", &super::TEXTS), Vec::<String>::new());
    }
}
