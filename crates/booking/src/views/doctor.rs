//! The page of a doctor in a clinic, or of a device, a room or a place that is booked without one.

use askama::Template;
use web::page::{Choice, DayLink, DayTimes, Link, Page, Portrait, Station};

/// A service in the list of what is offered.
#[derive(Clone, Debug)]
pub struct OfferLine {
    /// The service.
    pub name: String,
    /// This page with that service's times.
    pub href: String,
    /// Whether its times are shown.
    pub chosen: bool,
    /// `30 min`, with "at home" or "by video" when it is so.
    pub note: String,
    /// Its price.
    pub price: String,
}

/// `/{lang}/doctors/{role_id}-{slug}?day&service`.
#[derive(Template)]
#[template(path = "doctor.html")]
pub struct Doctor {
    /// The frame; its phone is that of the city.
    pub page: Page,
    /// The way to here: home, city, specialty or examination.
    pub crumbs: Vec<Link>,
    /// Role id, for the form.
    pub role: String,
    /// The chosen service's code, for the form.
    pub service: Option<String>,
    /// Drawn from the name; `None` without a doctor.
    pub portrait: Option<Portrait>,
    /// Full name; without a doctor the service's.
    pub name: String,
    /// Specialties, comma separated; without a doctor the clinic's name.
    pub specialty: String,
    /// Years of practice, whom the doctor sees: short phrases.
    pub notes: Vec<String>,
    /// Category and degree; may be empty.
    pub ranks: Vec<String>,
    /// The clinic.
    pub clinic: Link,
    /// City, street and number.
    pub address: String,
    /// The district in words; empty when unknown.
    pub district: String,
    /// Stations near it.
    pub metro: Vec<Station>,
    /// The chosen service's name.
    pub service_name: String,
    /// Price of the chosen service.
    pub price: String,
    /// Minutes of a visit, with "at home" or "by video".
    pub length: String,
    /// The device that the chosen service needs; empty for none.
    pub device: String,
    /// How to prepare for the chosen service: paragraphs; may be empty.
    pub preparation: Vec<String>,
    /// Where else the examination chosen can be had in this city.
    pub examination: Option<Link>,
    /// All services when there are several; empty for one.
    pub services: Vec<OfferLine>,
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
    /// Where there are no live times: a visit can be asked for.
    pub ask: Option<AskBlock>,
}

/// Days and parts of days to tick, for a visit that is asked for. Fields of the form: `role`, `service`, `day`…, `part`….
#[derive(Clone, Debug)]
pub struct AskBlock {
    /// Where the form posts to.
    pub action: String,
    /// Days ahead.
    pub days: Vec<Choice>,
    /// Parts of a day.
    pub parts: Vec<Choice>,
    /// What was wrong with what was ticked.
    pub error: Option<String>,
}

impl Doctor {
    /// Where the buttons of times post to.
    pub fn holds(&self) -> String {
        self.page.url("/holds")
    }

    /// The day with a capital first letter.
    pub fn day_capital(&self) -> String {
        web::dates::capital(&self.day)
    }
}
