//! The pages of booking and of a visit, ready for display: handlers fill in words, numbers and addresses; templates decide nothing.

mod consents;
mod doctor;
mod uses;
mod visit;

use askama::Template;
pub use consents::{AgreedLine, PublishedPage, VisitWithdraw};
pub use doctor::{AskBlock, Doctor, OfferLine};
use web::page::{Choice, Field, Page, Summary, TimeButton};
use web::prose::Block;

pub use uses::{UseLine, Uses};
pub use visit::{AnswerForm, ClinicVisit, Proposal, Visit, VisitCancel, VisitMove, VisitState};

/// The slice's texts in three languages.
pub const TEXTS: web::Source =
    web::Source { kk: include_str!("../texts/kk.ftl"), ru: include_str!("../texts/ru.ftl"), en: include_str!("../texts/en.ftl") };

/// What the consent block of the form needs.
#[derive(Clone, Debug, Default)]
pub struct ConsentBlock {
    /// The short form: two or three sentences.
    pub short: Vec<String>,
    /// The whole text: headings of level 2 and lower, without its title.
    pub whole: Vec<Block>,
    /// `/{lang}/book/{hold}/consent`.
    pub href: String,
    /// Version, sent back with the form.
    pub version: String,
    /// Hex SHA-256 of the text that was shown, sent back with the form.
    pub sha256: String,
    /// Why the form was not accepted; the box is never ticked by us.
    pub error: Option<String>,
}

/// What somebody declares who acts for another person (clause 2.4).
#[derive(Clone, Debug)]
pub struct Declaration {
    /// The text.
    pub text: String,
    /// Its version, sent back with the form.
    pub version: String,
    /// Hex SHA-256 of the text that was shown, sent back with the form.
    pub sha256: String,
    /// Why the form was not accepted; the box is never ticked by us.
    pub error: Option<String>,
}

/// Whom the visit is for, and who acts for them.
#[derive(Clone, Debug)]
pub struct WhomBlock {
    /// The doctor sees children only: nobody is asked whether they book for themselves.
    pub children_only: bool,
    /// Another person is chosen.
    pub other: bool,
    /// What is wrong with the choice.
    pub error: Option<String>,
    /// What the representative may be to the patient.
    pub relations: Vec<Choice>,
    /// What is wrong with it.
    pub relation_error: Option<String>,
    /// The representative's name.
    pub representative: Field,
    /// The patient's age, where it decides for another person only.
    pub age: Option<Field>,
    /// The declaration.
    pub declaration: Declaration,
}

/// `/{lang}/book/{hold_id}`: whom for, name and phone. Fields of the form: `whom` (`self`|`other`), `name`, `age`, `relation`,
/// `representative`, `age_other`, `declaration` (`yes` when ticked) with version and hash, `phone`, `consent` (`yes` when ticked),
/// `consent_version`, `consent_sha256`.
#[derive(Template)]
#[template(path = "book.html")]
pub struct BookForm {
    /// The frame, private.
    pub page: Page,
    /// Who, where, when, how much.
    pub summary: Summary,
    /// Whole minutes for which the time is still kept; `None` for a request.
    pub minutes: Option<i64>,
    /// Where the form posts to: this page's own address.
    pub action: String,
    /// Choose another time: the doctor's page.
    pub back_href: String,
    /// Whom for.
    pub whom: WhomBlock,
    /// Name.
    pub name: Field,
    /// Phone.
    pub phone: Field,
    /// E-mail, only where letters are sent; may stay empty.
    pub email: Option<Field>,
    /// Age in whole years, only where it decides.
    pub age: Option<Field>,
    /// The consent.
    pub consent: ConsentBlock,
    /// What is wrong with the form as a whole, above it.
    pub error: Option<String>,
}

impl BookForm {
    /// This screen's place among the three.
    pub fn step(&self) -> u8 {
        2
    }

    /// The id of every field with a fault and the text id of its label, for the list above the form.
    pub fn errors(&self) -> Vec<(&'static str, &'static str)> {
        let wrong = |field: &Option<Field>| field.as_ref().is_some_and(|field| field.error.is_some());
        [
            ("whom-self", "booking-whom", self.whom.error.is_some()),
            ("name", "booking-name", self.name.error.is_some()),
            ("age", "booking-age", wrong(&self.age)),
            ("relation", "booking-relation", self.whom.relation_error.is_some()),
            ("representative", "booking-representative", self.whom.representative.error.is_some()),
            ("age_other", "booking-age", wrong(&self.whom.age)),
            ("declaration", "booking-declaration", self.whom.declaration.error.is_some()),
            ("phone", "booking-phone", self.phone.error.is_some()),
            ("email", "booking-email", wrong(&self.email)),
            ("consent", "booking-consent-short", self.consent.error.is_some()),
        ]
        .into_iter()
        .filter(|(.., wrong)| *wrong)
        .map(|(id, label, _)| (id, label))
        .collect()
    }
}

/// `/{lang}/book/{hold_id}/consent`: the whole text on a page of its own.
#[derive(Template)]
#[template(path = "consent.html")]
pub struct ConsentText {
    /// The frame, private.
    pub page: Page,
    /// The whole text: headings of level 2 and lower, without its title.
    pub whole: Vec<Block>,
    /// Its version.
    pub version: String,
    /// Hex SHA-256 of the text.
    pub sha256: String,
    /// Back to the form.
    pub back_href: String,
}

/// `/{lang}/book/{hold_id}/code`. Field of the form: `code`.
#[derive(Template)]
#[template(path = "code.html")]
pub struct CodeForm {
    /// The frame, private.
    pub page: Page,
    /// Who, where, when, how much.
    pub summary: Summary,
    /// Whole minutes for which the time is still kept; `None` for a request.
    pub minutes: Option<i64>,
    /// The number that the code went to, as people read it.
    pub phone: String,
    /// What was typed is not kept here: a wrong code is typed anew. Only the error is used.
    pub code: Field,
    /// Where the form posts to.
    pub action: String,
    /// Where "send again" posts to; `None` when no more codes may be sent now.
    pub resend: Option<String>,
    /// A sentence about a code just sent again, or about why none can be; shown as status.
    pub note: Option<String>,
    /// Why the visit could not be booked, or the request not sent.
    pub error: Option<String>,
    /// Back to name and phone.
    pub change_href: String,
    /// The outbox, in the demo only: where the code can be read.
    pub outbox_href: Option<String>,
}

impl CodeForm {
    /// The sentence before and after the number, which stands between them unbroken.
    pub fn sent(&self) -> (String, String) {
        let sentence = self.page.one("booking-code-sent", "phone", "\u{1}");
        sentence.split_once('\u{1}').map(|(before, after)| (before.to_owned(), after.to_owned())).unwrap_or((sentence, String::new()))
    }

    /// This screen's place among the three.
    pub fn step(&self) -> u8 {
        3
    }
}

/// Some free times of one day.
#[derive(Clone, Debug)]
pub struct NearDay {
    /// The day in words.
    pub day: String,
    /// Its nearest times.
    pub times: Vec<TimeButton>,
}

impl NearDay {
    /// The day with a capital first letter.
    pub fn capital(&self) -> String {
        web::dates::capital(&self.day)
    }
}

/// Why a time could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenWhy {
    /// Another person was first.
    Taken,
    /// The hold ran out before the booking was finished.
    Expired,
    /// The time is past or too near.
    Past,
}

impl TakenWhy {
    /// The word in the page's address.
    pub fn code(self) -> &'static str {
        match self {
            TakenWhy::Taken => "taken",
            TakenWhy::Expired => "expired",
            TakenWhy::Past => "past",
        }
    }

    /// The reason with that word.
    pub fn from_code(code: &str) -> Option<TakenWhy> {
        [TakenWhy::Taken, TakenWhy::Expired, TakenWhy::Past].into_iter().find(|why| why.code() == code)
    }
}

/// 409: "this time has just been taken", with the nearest other times of the same doctor.
#[derive(Template)]
#[template(path = "taken.html")]
pub struct Taken {
    /// The frame, private.
    pub page: Page,
    /// Why.
    pub why: TakenWhy,
    /// What was wanted.
    pub summary: Summary,
    /// Role id, for the form.
    pub role: String,
    /// Service code, for the form.
    pub service: Option<String>,
    /// The nearest other times, at most three days.
    pub near: Vec<NearDay>,
    /// All times of the doctor.
    pub doctor_href: String,
    /// Other doctors of this specialty in this city.
    pub others_href: String,
}

impl Taken {
    /// Text id of what happened.
    pub fn heading(&self) -> &'static str {
        match self.why {
            TakenWhy::Taken => "booking-taken-heading",
            TakenWhy::Expired => "booking-expired-heading",
            TakenWhy::Past => "booking-past-heading",
        }
    }

    /// Text id of what it means.
    pub fn sentence(&self) -> &'static str {
        match self.why {
            TakenWhy::Taken => "booking-taken-lead",
            TakenWhy::Expired => "booking-expired-lead",
            TakenWhy::Past => "booking-past-lead",
        }
    }

    /// Where the buttons of times post to.
    pub fn holds(&self) -> String {
        self.page.url("/holds")
    }
}

/// A time that was held in this window.
#[derive(Clone, Debug)]
pub struct HeldTime {
    /// Who, where, when, how much.
    pub summary: Summary,
    /// Role id, for the form.
    pub role: String,
    /// Service code, for the form.
    pub service: String,
    /// The form's `start`.
    pub start: String,
}

/// 409: another time was chosen in another window since; two ways on.
#[derive(Template)]
#[template(path = "elsewhere.html")]
pub struct Elsewhere {
    /// The frame, private.
    pub page: Page,
    /// What was chosen last.
    pub last: Summary,
    /// Go on with it.
    pub last_href: String,
    /// What this window shows; `None` when it is forgotten.
    pub here: Option<HeldTime>,
}

impl Elsewhere {
    /// Where the button of this window's time posts to.
    pub fn holds(&self) -> String {
        self.page.url("/holds")
    }
}

/// 409: the same person has another visit at that time; two ways out. The form has the field `instead` = `yes`.
#[derive(Template)]
#[template(path = "clash.html")]
pub struct Clash {
    /// The frame, private.
    pub page: Page,
    /// The patient is not the reader.
    pub other: bool,
    /// What is being booked.
    pub wanted: Summary,
    /// What there already is.
    pub existing: Summary,
    /// Keep it and choose another time: the doctor's page.
    pub keep_href: String,
    /// Cancel it and book this one: where the form posts to.
    pub instead_action: String,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    #[test]
    fn texts_are_whole_in_three_languages() {
        assert_eq!(web::texts::faults("booking", &super::TEXTS), Vec::<String>::new());
        web::AllTexts::load(&[super::TEXTS]).unwrap();
    }

    #[test]
    fn templates_ask_only_for_texts_that_exist() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        assert_eq!(web::texts::unknown_in_templates(&folder, &super::TEXTS).unwrap(), Vec::<String>::new());
    }
}
