//! The pages of a visit and of a request: one's own, moving, cancelling, and what the clinic sees.

use super::AgreedLine;
use askama::Template;
use web::page::{Choice, DayLink, DayTimes, Link, Page, Phone, Summary};

/// The state of a visit as a person sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitState {
    /// Booked and confirmed.
    Booked,
    /// Asked for; the clinic has not answered.
    Requested,
    /// Asked for where there are no live times: no time is fixed.
    Asked,
    /// Such a request, withdrawn.
    AskedCancelled,
    /// Such a request, whose days are past.
    Lapsed,
    /// Called off.
    Cancelled,
    /// Over.
    Past,
    /// The clinic has proposed another time, and waits for the person.
    Proposed,
    /// The clinic does not receive the person.
    Declined,
}

impl VisitState {
    /// `booked`, `requested`, `cancelled`, `past`: class of the badge and last part of the text ids.
    pub fn code(self) -> &'static str {
        match self {
            VisitState::Booked => "booked",
            VisitState::Requested | VisitState::Asked => "requested",
            VisitState::AskedCancelled => "asked-cancelled",
            VisitState::Lapsed => "lapsed",
            VisitState::Cancelled => "cancelled",
            VisitState::Past => "past",
            VisitState::Proposed => "proposed",
            VisitState::Declined => "declined",
        }
    }

    fn badge(self) -> &'static str {
        match self {
            VisitState::Booked => "booking-badge-booked",
            VisitState::Requested => "booking-badge-requested",
            VisitState::Asked => "booking-badge-asked",
            VisitState::AskedCancelled => "booking-badge-asked-cancelled",
            VisitState::Lapsed => "booking-badge-lapsed",
            VisitState::Cancelled => "booking-badge-cancelled",
            VisitState::Past => "booking-badge-past",
            VisitState::Proposed => "booking-badge-proposed",
            VisitState::Declined => "booking-badge-declined",
        }
    }
}

/// Another time that the clinic proposes. Fields of the form: `answer` (`accept` or `refuse`) and `start`, the time that was shown.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The time, as people say it.
    pub when: String,
    /// The same for the form, RFC 3339.
    pub start: String,
    /// Where the form posts to.
    pub action: String,
    /// Whether it answers a request, which has no time yet.
    pub asked: bool,
}

/// `/{lang}/visits/{id}`: the person's own visit, and the confirmation right after booking.
#[derive(Template)]
#[template(path = "visit.html")]
pub struct Visit {
    /// The frame, private.
    pub page: Page,
    /// Who, where, when, how much.
    pub summary: Summary,
    /// In plain words.
    pub state: VisitState,
    /// The number that a person can read out to the clinic.
    pub number: String,
    /// Somebody else acts for the patient.
    pub represented: bool,
    /// True right after booking; says then that a message went out.
    pub fresh: bool,
    /// True right after moving to another time.
    pub moved: bool,
    /// Why the last try to change it failed.
    pub refused: Option<String>,
    /// Whether the clinic gets a message about each turn.
    pub clinic_told: bool,
    /// The clinic's own number.
    pub clinic_phone: Option<Phone>,
    /// Calendar file; `None` for cancelled and past visits.
    pub calendar_href: Option<String>,
    /// `None` when it is too late or over.
    pub move_href: Option<String>,
    /// `None` when it is too late or over.
    pub cancel_href: Option<String>,
    /// What the clinic proposes, while it waits for the person.
    pub proposal: Option<Proposal>,
    /// Why the clinic does not receive them: the reason's word.
    pub declined: Option<&'static str>,
    /// Whether the clinic has confirmed; `None` when it is not asked.
    pub confirmed: Option<bool>,
    /// Other doctors of the same specialty in the city.
    pub others_href: Option<String>,
    /// The doctor's page, to book again.
    pub doctor_href: String,
    /// Who used the data.
    pub uses_href: String,
    /// What the person agreed to and declared.
    pub agreed: Vec<AgreedLine>,
}

impl Visit {
    /// The heading's text id.
    pub fn heading(&self) -> String {
        match (self.state, self.fresh, self.moved) {
            (VisitState::Booked, true, _) if self.represented => "booking-visit-fresh-other".to_owned(),
            (VisitState::Cancelled, ..) if self.represented => "booking-visit-cancelled-other".to_owned(),
            (VisitState::Booked, true, _) => "booking-visit-fresh".to_owned(),
            (VisitState::Booked, _, true) => "booking-visit-moved".to_owned(),
            (state, ..) => format!("booking-visit-{}", state.code()),
        }
    }

    /// What happens next, in a sentence.
    pub fn lead(&self) -> String {
        match self.declined.filter(|_| self.state == VisitState::Declined) {
            Some(reason) => self.page.one("booking-next-declined", "reason", self.page.s(&format!("booking-declined-{reason}"))),
            None => self.page.s(self.sentence()),
        }
    }

    /// Text id of what happens next.
    pub fn sentence(&self) -> &'static str {
        match (self.state, self.fresh, self.moved) {
            (VisitState::Booked, true, _) => "booking-next-fresh",
            (VisitState::Booked, _, true) => "booking-next-moved",
            (VisitState::Booked, ..) if self.confirmed == Some(true) => "booking-next-confirmed",
            (VisitState::Booked, ..) if self.confirmed == Some(false) => "booking-next-unanswered",
            (VisitState::Booked, ..) if !self.clinic_told => "booking-next-booked-quiet",
            (VisitState::Booked, ..) => "booking-next-booked",
            (VisitState::Requested, ..) => "booking-next-requested",
            (VisitState::Asked, ..) => "booking-next-asked",
            (VisitState::AskedCancelled, ..) => "booking-next-asked-cancelled",
            (VisitState::Lapsed, ..) => "booking-next-lapsed",
            (VisitState::Cancelled, ..) => "booking-next-cancelled",
            (VisitState::Past, ..) => "booking-next-past",
            (VisitState::Proposed, ..) => "booking-next-proposed",
            (VisitState::Declined, ..) => "booking-next-cancelled",
        }
    }

    /// Text id of the state in a word or two.
    pub fn badge(&self) -> &'static str {
        if self.represented && self.state == VisitState::Booked { "booking-badge-booked-other" } else { self.state.badge() }
    }

    /// Whether it is a request, which has no time.
    pub fn asked(&self) -> bool {
        matches!(self.state, VisitState::Asked | VisitState::AskedCancelled | VisitState::Lapsed)
            || self.proposal.as_ref().is_some_and(|proposal| proposal.asked)
    }

    /// Whether the visit is still to come.
    pub fn open(&self) -> bool {
        matches!(self.state, VisitState::Booked | VisitState::Requested | VisitState::Asked | VisitState::Proposed)
    }
}

/// `/{lang}/visits/{id}/move?day`. Field of the form: `start`.
#[derive(Template)]
#[template(path = "move.html")]
pub struct VisitMove {
    /// The frame, private.
    pub page: Page,
    /// The visit as it stands.
    pub summary: Summary,
    /// The day strip.
    pub days: Vec<DayLink>,
    /// The day shown, in words.
    pub day: String,
    /// Its free times.
    pub times: DayTimes,
    /// When the day is empty: the nearest day that is not.
    pub nearest: Option<Link>,
    /// Where the buttons post to.
    pub action: String,
    /// Why the last try failed (the time was taken): a sentence.
    pub error: Option<String>,
    /// Back to the visit.
    pub back_href: String,
}

impl VisitMove {
    /// The day with a capital first letter.
    pub fn day_capital(&self) -> String {
        web::dates::capital(&self.day)
    }
}

/// `/{lang}/visits/{id}/cancel`.
#[derive(Template)]
#[template(path = "cancel.html")]
pub struct VisitCancel {
    /// The frame, private.
    pub page: Page,
    /// The visit.
    pub summary: Summary,
    /// It is a request.
    pub asked: bool,
    /// Where the form posts to.
    pub action: String,
    /// Move instead; `None` when it cannot be moved.
    pub move_href: Option<String>,
    /// Back to the visit.
    pub back_href: String,
}

/// `/clinic/visits/{id}.{token}`: what the clinic sees. Nothing about the person.
#[derive(Template)]
#[template(path = "clinic_visit.html")]
pub struct ClinicVisit {
    /// The frame, private.
    pub page: Page,
    /// Who (the doctor), where, when.
    pub summary: Summary,
    /// Its state.
    pub state: VisitState,
    /// The number that the person reads out.
    pub number: String,
    /// Minutes.
    pub minutes: i64,
    /// What the clinic has said so far.
    pub said: Option<String>,
    /// Its answer; `None` when nothing can be answered any more.
    pub form: Option<AnswerForm>,
    /// Back to the clinic's own pages.
    pub back_href: Option<String>,
}

/// The form of a clinic's answer. Fields: `answer` (`confirm`, `propose`, `decline`), `date` and `time` at the place, `reason`.
#[derive(Clone, Debug)]
pub struct AnswerForm {
    /// Where it posts to.
    pub action: String,
    /// Whether it answers a request, which has no time.
    pub asked: bool,
    /// Whether there is something to confirm.
    pub can_confirm: bool,
    /// The day, `2026-11-24`.
    pub date: String,
    /// The first day that can be named.
    pub date_min: String,
    /// The begin, `18:30`.
    pub time: String,
    /// Why not.
    pub reasons: Vec<Choice>,
    /// Why the last try was not taken.
    pub refused: Option<String>,
}

impl ClinicVisit {
    /// Whether it is a request, which has no time.
    pub fn asked(&self) -> bool {
        matches!(self.state, VisitState::Asked | VisitState::AskedCancelled | VisitState::Lapsed)
    }

    /// The heading's text id.
    pub fn heading(&self) -> &'static str {
        if self.asked() { "booking-clinic-heading-ask" } else { "booking-clinic-heading" }
    }

    /// Text id of the state in a word or two, as the clinic would say it.
    pub fn badge(&self) -> &'static str {
        match self.state {
            VisitState::Booked => "booking-clinic-badge-booked",
            VisitState::Requested => "booking-clinic-badge-requested",
            VisitState::Proposed => "booking-clinic-badge-proposed",
            VisitState::Declined => "booking-clinic-badge-declined",
            _ => self.state.badge(),
        }
    }

    /// Text id of what the clinic should do.
    pub fn sentence(&self) -> &'static str {
        match self.state {
            VisitState::Booked => "booking-clinic-booked",
            VisitState::Requested => "booking-clinic-requested",
            VisitState::Asked => "booking-clinic-asked",
            VisitState::AskedCancelled => "booking-clinic-asked-cancelled",
            VisitState::Lapsed => "booking-clinic-lapsed",
            VisitState::Cancelled => "booking-clinic-cancelled",
            VisitState::Past => "booking-clinic-past",
            VisitState::Proposed => "booking-clinic-proposed",
            VisitState::Declined => "booking-clinic-declined",
        }
    }
}
