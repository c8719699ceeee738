//! Texts that are agreed to, and taking a consent back.

use askama::Template;
use db::Lang;
use web::page::{Page, Summary};
use web::prose::Block;

use super::VisitState;

/// `/{lang}/consents/{sha256}`: a text that was published, in its own language.
#[derive(Template)]
#[template(path = "published.html")]
pub struct PublishedPage {
    /// The frame, private.
    pub page: Page,
    /// Its heading.
    pub title: String,
    /// The whole text: headings of level 2 and lower, without its title.
    pub whole: Vec<Block>,
    /// The text's language.
    pub of: Lang,
    /// Its version.
    pub version: String,
    /// Hex SHA-256 of the text.
    pub sha256: String,
    /// Whether it is what people agree to today.
    pub in_force: bool,
}

/// A consent or a declaration on the visit's page.
#[derive(Clone, Debug)]
pub struct AgreedLine {
    /// What was agreed to, in a sentence; `None` when its words are not kept here.
    pub short: Option<String>,
    /// The language of that sentence: the one in which it was agreed to.
    pub lang: String,
    /// When and how.
    pub given: String,
    /// When it was taken back.
    pub withdrawn: Option<String>,
    /// The whole text.
    pub text_href: Option<String>,
    /// To take it back; `None` when it cannot be, or was.
    pub withdraw_href: Option<String>,
}

/// `/{lang}/visits/{id}/withdraw`. Field of the form: `purpose`.
#[derive(Template)]
#[template(path = "withdraw.html")]
pub struct VisitWithdraw {
    /// The frame, private.
    pub page: Page,
    /// The visit.
    pub summary: Summary,
    /// In plain words.
    pub state: VisitState,
    /// Whether the clinic gets a message about each turn.
    pub clinic_told: bool,
    /// The purpose whose consent is taken back.
    pub purpose: &'static str,
    /// After how many days the data are destroyed.
    pub data_days: i64,
    /// For how many days the proof is kept.
    pub proof_days: i64,
    /// Where the form posts to.
    pub action: String,
    /// Back to the visit.
    pub back_href: String,
}

impl VisitWithdraw {
    /// Whether there is something to be called off.
    pub fn ahead(&self) -> bool {
        matches!(self.state, VisitState::Booked | VisitState::Requested | VisitState::Asked)
    }

    /// Text id of what becomes of the visit.
    pub fn sentence(&self) -> &'static str {
        match self.state {
            VisitState::Asked => "booking-withdraw-lead-ask",
            VisitState::Booked | VisitState::Requested => "booking-withdraw-lead",
            _ => "booking-withdraw-lead-past",
        }
    }
}
