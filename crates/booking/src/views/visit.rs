//! The pages of a visit and of a request: one's own, moving, cancelling, and what the clinic sees.

use super::AgreedLine;
use askama::Template;
use web::page::{DayLink, DayTimes, Link, Page, Phone, Summary};

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
        }
    }
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

    /// Text id of what happens next.
    pub fn sentence(&self) -> &'static str {
        match (self.state, self.fresh, self.moved) {
            (VisitState::Booked, true, _) => "booking-next-fresh",
            (VisitState::Booked, _, true) => "booking-next-moved",
            (VisitState::Booked, ..) if !self.clinic_told => "booking-next-booked-quiet",
            (VisitState::Booked, ..) => "booking-next-booked",
            (VisitState::Requested, ..) => "booking-next-requested",
            (VisitState::Asked, ..) => "booking-next-asked",
            (VisitState::AskedCancelled, ..) => "booking-next-asked-cancelled",
            (VisitState::Lapsed, ..) => "booking-next-lapsed",
            (VisitState::Cancelled, ..) => "booking-next-cancelled",
            (VisitState::Past, ..) => "booking-next-past",
        }
    }

    /// Text id of the state in a word or two.
    pub fn badge(&self) -> &'static str {
        if self.represented && self.state == VisitState::Booked { "booking-badge-booked-other" } else { self.state.badge() }
    }

    /// Whether it is a request, which has no time.
    pub fn asked(&self) -> bool {
        matches!(self.state, VisitState::Asked | VisitState::AskedCancelled | VisitState::Lapsed)
    }

    /// Whether the visit is still to come.
    pub fn open(&self) -> bool {
        matches!(self.state, VisitState::Booked | VisitState::Requested | VisitState::Asked)
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
        }
    }
}
