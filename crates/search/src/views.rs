//! The pages of search, ready for display: handlers fill in words, numbers and addresses; templates decide nothing.

use askama::Template;
use web::page::{Choice, DayLink, Link, Page, Phone, Portrait, TimeButton};

/// The slice's texts in three languages.
pub const TEXTS: web::Source =
    web::Source { kk: include_str!("../texts/kk.ftl"), ru: include_str!("../texts/ru.ftl"), en: include_str!("../texts/en.ftl") };

/// `/{lang}/`. The handler supplies the cities (one chosen) and what people of that city most often need.
#[derive(Template)]
#[template(path = "home.html")]
pub struct Home {
    /// The frame; its phone is that of the chosen city.
    pub page: Page,
    /// What stands in the search field; empty at first.
    pub q: String,
    /// Cities by code.
    pub cities: Vec<Choice>,
    /// The chosen city's name as it stands in a list.
    pub city: String,
    /// The chosen city's number; shown as large as the search button.
    pub phone: Option<Phone>,
    /// Six to eight specialties with addresses like `/ru/moscow/therapist`.
    pub popular: Vec<Link>,
    /// Examinations that most clinics of the city offer; may be empty.
    pub examinations: Vec<Link>,
    /// Everything in the chosen city.
    pub all: Option<Link>,
    /// Every city, each with its own page.
    pub places: Vec<Link>,
    /// How many doctors can be booked in all.
    pub doctors: usize,
    /// Clinics in all.
    pub clinics: usize,
}

/// One bookable schedule in a list of results: a doctor at a clinic, or an examination without one.
#[derive(Clone, Debug)]
pub struct Card {
    /// Role id, for the form.
    pub role: String,
    /// The service to hold; `None` for the first one of the role.
    pub service: Option<String>,
    /// The doctor's or the examination's page, on the day that the times below belong to.
    pub href: String,
    /// Drawn from the name; `None` without a doctor.
    pub portrait: Option<Portrait>,
    /// Full name; the examination's name without a doctor.
    pub name: String,
    /// Specialties in the reader's language, comma separated; the device or the room without a doctor.
    pub what: String,
    /// Years of work, whom the doctor sees, in which languages: short notes.
    pub notes: Vec<String>,
    /// At home, by video.
    pub badges: Vec<String>,
    /// Clinic's name.
    pub clinic: String,
    /// District, street and number.
    pub address: String,
    /// Nearest stations with walking minutes.
    pub metro: Vec<Metro>,
    /// How far from where the reader asked, in words.
    pub distance: Option<String>,
    /// What the price is of.
    pub price_of: String,
    /// [`web::money::price`]; empty when the clinic has not told it.
    pub price: String,
    /// `4.8`, with the count of reviews; no row at all when `None`.
    pub rating: Option<Rating>,
    /// The day of the times below in words ([`web::dates::say_day`]); `None` when there are no times.
    pub day: Option<String>,
    /// The first free times of that day, at most six.
    pub times: Vec<TimeButton>,
    /// Further times of the same day, folded under "more times"; at most eighteen.
    pub more: Vec<TimeButton>,
    /// A visit is asked for here, and the clinic names the time.
    pub by_request: bool,
}

/// A station near a clinic.
#[derive(Clone, Debug)]
pub struct Metro {
    /// Its name.
    pub name: String,
    /// Minutes on foot.
    pub minutes: i64,
    /// The lines that stop there.
    pub lines: Vec<Line>,
}

/// A metro line.
#[derive(Clone, Debug)]
pub struct Line {
    /// `#rrggbb`.
    pub colour: String,
    /// Its name.
    pub name: String,
}

/// A rating; exists only with reviews.
#[derive(Clone, Debug)]
pub struct Rating {
    /// `4.8`.
    pub shown: String,
    /// How many reviews.
    pub reviews: i64,
}

/// One value of a filter.
#[derive(Clone, Debug, Default)]
pub struct Value {
    /// Its own in the page: the place of focus is found again by it.
    pub id: String,
    /// Name of the parameter.
    pub name: &'static str,
    /// What the form sends.
    pub value: String,
    /// What is read.
    pub text: String,
    /// How many would fit with it, all other filters kept; `None` where that is not counted.
    pub count: Option<usize>,
    /// Whether it is asked for.
    pub chosen: bool,
    /// Lines of a station.
    pub lines: Vec<Line>,
}

impl Value {
    /// Nobody fits and it is not asked for: there is nothing to choose.
    pub fn off(&self) -> bool {
        self.count == Some(0) && !self.chosen
    }
}

/// Values of one filter, or of filters that belong together. Without any value it is not shown.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Its own in the page.
    pub id: &'static str,
    /// Its heading.
    pub legend: String,
    /// Whether one value excludes the others.
    pub single: bool,
    /// Values that always stand open.
    pub first: Vec<Value>,
    /// Values behind "show all".
    pub rest: Vec<Value>,
    /// The words "show all".
    pub all: String,
}

impl Group {
    /// Whether something behind "show all" is asked for.
    pub fn open(&self) -> bool {
        self.rest.iter().any(|value| value.chosen)
    }

    /// Whether there is anything to choose.
    pub fn is_empty(&self) -> bool {
        self.first.is_empty() && self.rest.is_empty()
    }
}

/// The filters as they stand. Every value is the one that the form sends and is kept through a failure.
#[derive(Clone, Debug, Default)]
pub struct Filters {
    /// Words.
    pub q: String,
    /// City codes; one chosen.
    pub cities: Vec<Choice>,
    /// Specialty codes; the first, with an empty value, is "any" ([`Filters::any`]).
    pub specialties: Vec<Choice>,
    /// Services under the words for their kind (consultations, examinations).
    pub services: Vec<(String, Vec<Choice>)>,
    /// "Any" of the services is chosen.
    pub any_service: bool,
    /// Day, part of the day, price, kind of visit, doctor, language: small groups, shown as buttons.
    pub groups: Vec<Group>,
    /// District and station: long groups, shown as lists.
    pub lists: Vec<Group>,
    /// About where the person is, as the address has it.
    pub near: Option<String>,
    /// `relevance`, `soonest`, …; one chosen.
    pub sorts: Vec<Choice>,
    /// Why the order asked for cannot be had, and what to do.
    pub sort_note: Option<String>,
    /// How many filters besides the city, the words and the order are set; opens the fold and is told on it.
    pub set: usize,
}

impl Filters {
    /// The choice that stands for "no matter", text `search-any`.
    pub fn any(page: &Page, chosen: bool) -> Choice {
        Choice { value: String::new(), text: page.s("search-any"), chosen }
    }
}

/// A filter to drop when nothing fits.
#[derive(Clone, Debug)]
pub struct Drop {
    /// The filter's words.
    pub text: String,
    /// The address without it.
    pub href: String,
    /// How many fit then; never 0.
    pub count: usize,
}

/// A service with its price, or the range of its prices.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The service.
    pub name: String,
    /// `2 500 ₽`, `1 500–3 000 ₽`.
    pub price: String,
}

/// What the plain page of a specialty in a city has beside its list.
#[derive(Clone, Debug)]
pub struct Landing {
    /// The field, in how many clinics, for how much: one sentence.
    pub intro: String,
    /// What is offered, for how much.
    pub services: Vec<Offered>,
    /// Districts to choose by.
    pub districts: Vec<Link>,
    /// Stations to choose by.
    pub metros: Vec<Link>,
    /// Other specialties in the city.
    pub neighbours: Vec<Link>,
    /// The city.
    pub city: Link,
}

/// `/{lang}/search` and `/{lang}/{city}/{specialty}`.
#[derive(Template)]
#[template(path = "results.html")]
pub struct Results {
    /// The frame; its phone is that of the city.
    pub page: Page,
    /// What is shown, as a heading: `Cardiologists in Saint Petersburg` is made by the handler from `search-heading`
    /// (`specialty`, `city`), `search-heading-city` (`city`) or `search-heading-words` (`words`).
    pub heading: String,
    /// The way to here.
    pub crumbs: Vec<Link>,
    /// On the plain page of a specialty in a city.
    pub landing: Option<Landing>,
    /// How many schedules fit.
    pub total: usize,
    /// The same in words: doctors, examinations.
    pub said: String,
    /// The same as the words of a button.
    pub show: String,
    /// Which parts of the address were not understood; the rest counts.
    pub puzzled: Option<String>,
    /// When nothing fits: filters whose absence brings somebody, the most first.
    pub drops: Vec<Drop>,
    /// How many fit without any filter; told when nothing fits.
    pub cleared: usize,
    /// The filters.
    pub filters: Filters,
    /// One for each filter set: its text and the address without it.
    pub chips: Vec<Link>,
    /// The same search without any filter, kept city and words.
    pub clear_href: String,
    /// This page's share of the doctors.
    pub cards: Vec<Card>,
    /// When nothing fits: the next days on which something does (or empty).
    pub other_days: Vec<DayLink>,
    /// Previous page.
    pub previous: Option<String>,
    /// Next page.
    pub next: Option<String>,
    /// This page, from 1.
    pub number: usize,
    /// How many pages.
    pub pages: usize,
}

impl Results {
    /// A heading with a colon in two parts, so that a line breaks between them and not inside a city's name.
    pub fn heading_parts(&self) -> Option<(String, String)> {
        let (before, after) = self.heading.split_once(": ")?;
        Some((format!("{before}:"), after.to_owned()))
    }

    /// The page's own address.
    pub fn address(&self) -> String {
        self.page.url(&self.page.path)
    }

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
        assert_eq!(web::texts::faults("search", &super::TEXTS), Vec::<String>::new());
        web::AllTexts::load(&[super::TEXTS]).unwrap();
    }

    #[test]
    fn templates_ask_only_for_texts_that_exist() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        assert_eq!(web::texts::unknown_in_templates(&folder, &super::TEXTS).unwrap(), Vec::<String>::new());
    }
}
