//! The pages of booking and of a visit, ready for display: handlers fill in words, numbers and addresses; templates decide nothing.

use askama::Template;
use web::page::{Choice, DayLink, DayTimes, Field, Link, Page, Phone, Portrait, Summary, TimeButton};
use web::prose::Block;

/// `/{lang}/doctors/{role_id}-{slug}?day&service`.
#[derive(Template)]
#[template(path = "doctor.html")]
pub struct Doctor {
    /// The frame; its phone is that of the city.
    pub page: Page,
    /// Role id, for the form.
    pub role: String,
    /// The chosen service's code, for the form.
    pub service: Option<String>,
    /// Drawn from the name.
    pub portrait: Portrait,
    /// Full name.
    pub name: String,
    /// Specialties, comma separated.
    pub specialty: String,
    /// Whole years of work; `None` when unknown.
    pub years: Option<i64>,
    /// Text id `booking-sees-children` or `booking-sees-both`; `None` for adults only.
    pub sees: Option<&'static str>,
    /// The clinic.
    pub clinic: String,
    /// City, street and number.
    pub address: String,
    /// `Petrogradskaya, 5 min on foot`.
    pub metro: Vec<String>,
    /// The chosen service's name and price; the length of a visit in minutes.
    pub service_name: String,
    /// Price of the chosen service.
    pub price: String,
    /// Minutes.
    pub minutes: i64,
    /// All services when there are several (value = address of this page with that service); empty for one.
    pub services: Vec<Choice>,
    /// The day strip: every day of the horizon shown, at most 28.
    pub days: Vec<DayLink>,
    /// The day shown, in words; begins in lower case ([`web::dates::say_day`]).
    pub day: String,
    /// Its free times; may be empty.
    pub times: DayTimes,
    /// When the day is empty: the nearest day that is not.
    pub nearest: Option<Link>,
    /// The zone in words, only when it may differ from the reader's.
    pub zone: Option<String>,
    /// The same doctor elsewhere: text = clinic and address.
    pub elsewhere: Vec<Link>,
    /// Paragraphs about the doctor; may be empty.
    pub about: Vec<String>,
    /// Languages spoken, in the reader's language, comma separated; empty when unknown.
    pub languages: String,
    /// Back to the results, or to the specialty in this city.
    pub back_href: String,
}

impl Doctor {
    /// Where the buttons of times post to.
    pub fn holds(&self) -> String {
        self.page.url("/holds")
    }
}

/// What the consent block of the form needs.
#[derive(Clone, Debug, Default)]
pub struct ConsentBlock {
    /// The short form: two or three sentences.
    pub short: Vec<String>,
    /// The whole text.
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

/// `/{lang}/book/{hold_id}`: name and phone. Fields of the form: `name`, `phone`, `email`, `sex` (`f`|`m`), `age`,
/// `consent` (`yes` when ticked), `consent_version`, `consent_sha256`.
#[derive(Template)]
#[template(path = "book.html")]
pub struct BookForm {
    /// The frame, private.
    pub page: Page,
    /// Who, where, when, how much.
    pub summary: Summary,
    /// Whole minutes for which the time is still kept.
    pub minutes: i64,
    /// Where the form posts to: this page's own address.
    pub action: String,
    /// Choose another time: the doctor's page.
    pub back_href: String,
    /// Name.
    pub name: Field,
    /// Phone.
    pub phone: Field,
    /// E-mail, optional.
    pub email: Field,
    /// Sex, only if the clinic asks for it: value `f`, `m` or empty.
    pub sex: Option<Field>,
    /// Age in whole years, only if the clinic asks for it.
    pub age: Option<Field>,
    /// The consent.
    pub consent: ConsentBlock,
    /// What is wrong with the form as a whole, above it.
    pub error: Option<String>,
}

impl BookForm {
    /// Every fault with the id of its field, for the list on top.
    pub fn errors(&self) -> Vec<(&'static str, &str)> {
        [
            ("name", self.name.error.as_deref()),
            ("phone", self.phone.error.as_deref()),
            ("email", self.email.error.as_deref()),
            ("sex-f", self.sex.as_ref().and_then(|field| field.error.as_deref())),
            ("age", self.age.as_ref().and_then(|field| field.error.as_deref())),
            ("consent", self.consent.error.as_deref()),
        ]
        .into_iter()
        .filter_map(|(id, error)| error.map(|error| (id, error)))
        .collect()
    }
}

/// `/{lang}/book/{hold_id}/consent`: the whole text on a page of its own.
#[derive(Template)]
#[template(path = "consent.html")]
pub struct ConsentText {
    /// The frame, private.
    pub page: Page,
    /// The whole text.
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
    /// Whole minutes for which the time is still kept.
    pub minutes: i64,
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
    /// Back to name and phone.
    pub change_href: String,
    /// The outbox, in the demo only: where the code can be read.
    pub outbox_href: Option<String>,
}

/// The state of a visit as a person sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitState {
    /// Booked and confirmed.
    Booked,
    /// Asked for; the clinic has not answered.
    Requested,
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
            VisitState::Requested => "requested",
            VisitState::Cancelled => "cancelled",
            VisitState::Past => "past",
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
    /// True right after booking; says then that a message went out.
    pub fresh: bool,
    /// True right after moving to another time.
    pub moved: bool,
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
}

impl Visit {
    /// The heading's text id.
    pub fn heading(&self) -> String {
        match (self.state, self.fresh, self.moved) {
            (VisitState::Booked, true, _) => "booking-visit-fresh".to_owned(),
            (VisitState::Booked, _, true) => "booking-visit-moved".to_owned(),
            (state, ..) => format!("booking-visit-{}", state.code()),
        }
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

/// `/{lang}/visits/{id}/cancel`.
#[derive(Template)]
#[template(path = "cancel.html")]
pub struct VisitCancel {
    /// The frame, private.
    pub page: Page,
    /// The visit.
    pub summary: Summary,
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

/// Some free times of one day.
#[derive(Clone, Debug)]
pub struct NearDay {
    /// The day in words.
    pub day: String,
    /// Its nearest times.
    pub times: Vec<TimeButton>,
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
    /// `taken`, `expired`, `past`: last part of the text ids.
    pub fn code(self) -> &'static str {
        match self {
            TakenWhy::Taken => "taken",
            TakenWhy::Expired => "expired",
            TakenWhy::Past => "past",
        }
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
    /// Where the buttons of times post to.
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
    /// What is being booked.
    pub wanted: Summary,
    /// What there already is.
    pub existing: Summary,
    /// Keep it and choose another time: the doctor's page.
    pub keep_href: String,
    /// Cancel it and book this one: where the form posts to.
    pub instead_action: String,
}
