//! The pages of the guide, ready for display: handlers fill in words, numbers and addresses; templates decide nothing.

use askama::Template;
use web::page::{Link, Page, Phone, Portrait, Station, TimeButton};

/// The slice's texts in three languages.
pub const TEXTS: web::Source =
    web::Source { kk: include_str!("../texts/kk.ftl"), ru: include_str!("../texts/ru.ftl"), en: include_str!("../texts/en.ftl") };

/// A link with what stands beside it.
#[derive(Clone, Debug)]
pub struct Row {
    /// What is read and where it leads.
    pub link: Link,
    /// A few words more: `from 1 500 ₽`, `12 doctors`; may be empty.
    pub note: String,
}

/// A line of the week: `Mon–Fri`, `08:00–20:00`.
#[derive(Clone, Debug)]
pub struct Hours {
    /// The days.
    pub days: String,
    /// The hours, or "closed".
    pub hours: String,
}

/// Where a clinic receives people.
#[derive(Clone, Debug)]
pub struct Place {
    /// Anchor and `id` of its heading.
    pub anchor: String,
    /// Its own name, else its address.
    pub name: String,
    /// City, street and number; empty when it is the name.
    pub address: String,
    /// The district in words; empty when unknown.
    pub district: String,
    /// Stations near it.
    pub stations: Vec<Station>,
    /// Open or closed now, in words; empty when the hours are unknown.
    pub now: String,
    /// Whether it is open now.
    pub open: bool,
    /// The week; empty when the hours are unknown.
    pub week: Vec<Hours>,
    /// Its own number, if it differs from the clinic's.
    pub phone: Option<Phone>,
    /// A map by its coordinates.
    pub map_href: Option<String>,
}

/// Something that can be booked here: a doctor in a list, or an examination at a clinic.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Role id, for the form.
    pub role: String,
    /// The service to hold; `None` for the role's first one.
    pub service: Option<String>,
    /// Drawn from the name; `None` for a device, a room or a place alone.
    pub portrait: Option<Portrait>,
    /// The doctor, or the clinic of a device.
    pub name: String,
    /// Its page, on the day of the times below.
    pub href: String,
    /// Specialties, or the device; may be empty.
    pub what: String,
    /// Years of practice, whom it is for: joined; may be empty.
    pub note: String,
    /// The clinic; `None` where the page is about it.
    pub clinic: Option<Link>,
    /// Street and number; empty where the page says it already.
    pub address: String,
    /// Stations near it.
    pub stations: Vec<Station>,
    /// What the price is for: the service's name; empty when the page is about it.
    pub price_for: String,
    /// The price.
    pub price: String,
    /// `30 min`.
    pub minutes: i64,
    /// The day of the times in words; `None` when there is no free time.
    pub day: Option<String>,
    /// The first free times of that day.
    pub times: Vec<TimeButton>,
}

/// The doctors of one specialty in a clinic.
#[derive(Clone, Debug)]
pub struct Group {
    /// The specialty's field, leading to the specialty in this city.
    pub link: Link,
    /// Its doctors.
    pub offers: Vec<Offer>,
}

/// `/{lang}/{city}`.
#[derive(Template)]
#[template(path = "city.html")]
pub struct CityPage {
    /// The frame.
    pub page: Page,
    /// The way to here.
    pub crumbs: Vec<Link>,
    /// The heading.
    pub heading: String,
    /// How many doctors, clinics.
    pub lead: String,
    /// Every specialty with somebody to book.
    pub specialties: Vec<Row>,
    /// Every examination.
    pub examinations: Vec<Row>,
    /// The first clinics by name.
    pub clinics: Vec<Row>,
    /// All of them, when there are more.
    pub all_clinics: Option<Link>,
    /// Other cities.
    pub cities: Vec<Link>,
}

/// `/{lang}/{city}/clinics` and `/{lang}/{city}/examinations`: a list with a heading.
#[derive(Template)]
#[template(path = "list.html")]
pub struct ListPage {
    /// The frame.
    pub page: Page,
    /// The way to here.
    pub crumbs: Vec<Link>,
    /// The heading.
    pub heading: String,
    /// One sentence.
    pub lead: String,
    /// The list.
    pub rows: Vec<Row>,
    /// Where else to look when the list is empty.
    pub instead: Link,
    /// Previous page.
    pub previous: Option<String>,
    /// Next page.
    pub next: Option<String>,
    /// This page, from 1.
    pub number: usize,
    /// How many pages.
    pub pages: usize,
}

/// `/{lang}/clinics/{id}-{slug}`.
#[derive(Template)]
#[template(path = "clinic.html")]
pub struct ClinicPage {
    /// The frame; its phone is that of the city.
    pub page: Page,
    /// The way to here.
    pub crumbs: Vec<Link>,
    /// The clinic's name.
    pub name: String,
    /// What it has, in a sentence.
    pub lead: String,
    /// The clinic's own number.
    pub phone: Option<Phone>,
    /// The clinic of which it is a branch.
    pub part_of: Option<Link>,
    /// Its branches, with their addresses.
    pub branches: Vec<Row>,
    /// Where it receives people.
    pub places: Vec<Place>,
    /// Paragraphs about it.
    pub about: Vec<String>,
    /// Doctors by specialty.
    pub groups: Vec<Group>,
    /// How many doctors more there are than are shown.
    pub more: Option<Link>,
    /// Examinations, each with the address of its offer here.
    pub examinations: Vec<Row>,
    /// Devices, by name.
    pub devices: Vec<String>,
    /// The licence in a sentence; empty when unknown.
    pub license: String,
    /// Its own site.
    pub site: Option<Link>,
}

impl ClinicPage {
    /// Where the buttons of times post to.
    pub fn holds(&self) -> String {
        self.page.url("/holds")
    }
}

/// `/{lang}/{city}/examinations/{code}`.
#[derive(Template)]
#[template(path = "examination.html")]
pub struct ExaminationPage {
    /// The frame.
    pub page: Page,
    /// The way to here.
    pub crumbs: Vec<Link>,
    /// The examination's name and the city.
    pub heading: String,
    /// Where and for how much, in a sentence.
    pub lead: String,
    /// Other names; may be empty.
    pub words: String,
    /// How to prepare; empty when nothing is needed.
    pub preparation: Vec<String>,
    /// Where it is done, soonest first.
    pub offers: Vec<Offer>,
    /// How many more there are than are shown.
    pub more: usize,
    /// The specialty it belongs to, in this city, when somebody of it can be booked.
    pub specialty: Option<Link>,
    /// The same examination in other cities.
    pub cities: Vec<Link>,
    /// All examinations of the city.
    pub all: Link,
}

impl ExaminationPage {
    /// Where the buttons of times post to.
    pub fn holds(&self) -> String {
        self.page.url("/holds")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    #[test]
    fn texts_are_whole_in_three_languages() {
        assert_eq!(web::texts::faults("guide", &super::TEXTS), Vec::<String>::new());
        web::AllTexts::load(&[super::TEXTS]).unwrap();
    }

    #[test]
    fn templates_ask_only_for_texts_that_exist() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        assert_eq!(web::texts::unknown_in_templates(&folder, &super::TEXTS).unwrap(), Vec::<String>::new());
    }
}
