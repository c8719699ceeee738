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

/// One doctor at one clinic in a list of results.
#[derive(Clone, Debug)]
pub struct Card {
    /// Role id, for the form.
    pub role: String,
    /// The service to hold; `None` for the first one of the role.
    pub service: Option<String>,
    /// The doctor's page, on the day that the times below belong to.
    pub href: String,
    /// Drawn from the name.
    pub portrait: Portrait,
    /// Full name.
    pub name: String,
    /// Specialties in the reader's language, comma separated.
    pub specialty: String,
    /// Whole years of work; `None` when unknown.
    pub years: Option<i64>,
    /// Whether children are seen, and only they: one of `Some("search-sees-children")`, `Some("search-sees-both")`, `None` for adults.
    pub sees: Option<&'static str>,
    /// Clinic's name.
    pub clinic: String,
    /// Street and number.
    pub address: String,
    /// Nearest stations with walking minutes.
    pub metro: Vec<Metro>,
    /// Price of the first visit ([`web::money::price`]).
    pub price: String,
    /// `4.8`, with the count of reviews; no row at all when `None`.
    pub rating: Option<Rating>,
    /// The day of the times below in words ([`web::dates::say_day`]); `None` when there are no times.
    pub day: Option<String>,
    /// The first free times of that day, at most six.
    pub times: Vec<TimeButton>,
    /// Further times of the same day, folded under "more times"; at most eighteen.
    pub more: Vec<TimeButton>,
}

/// A station near a clinic.
#[derive(Clone, Debug)]
pub struct Metro {
    /// Its name.
    pub name: String,
    /// Minutes on foot.
    pub minutes: i64,
}

/// A rating; exists only with reviews.
#[derive(Clone, Debug)]
pub struct Rating {
    /// `4.8`.
    pub shown: String,
    /// How many reviews.
    pub reviews: i64,
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
    /// Metro codes of the city; empty when the city has none; the first is "any".
    pub metros: Vec<Choice>,
    /// `f`, `m` or empty: "any", "woman", "man".
    pub sexes: Vec<Choice>,
    /// Highest price in whole units of the currency; empty for none.
    pub price_max: String,
    /// `₽` or `₸`.
    pub currency: String,
    /// Whether only doctors who see children are shown.
    pub child: bool,
    /// `YYYY-MM-DD` or empty.
    pub date: String,
    /// Today in the city, `YYYY-MM-DD`: the date field does not go before it.
    pub date_min: String,
    /// The last day that can be booked, `YYYY-MM-DD`.
    pub date_max: String,
    /// Hours `08:00` … in which the visit may begin; the first is "any".
    pub from: Vec<Choice>,
    /// Hours before which it must begin; the first is "any".
    pub to: Vec<Choice>,
    /// `relevance`, `soonest`, `price`; one chosen.
    pub sorts: Vec<Choice>,
    /// How many filters besides the city, the words and the order are set; opens the fold and is told on it.
    pub set: usize,
}

impl Filters {
    /// The choice that stands for "no matter", text `search-any`.
    pub fn any(page: &Page, chosen: bool) -> Choice {
        Choice { value: String::new(), text: page.s("search-any"), chosen }
    }
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
    /// How many doctors fit.
    pub total: usize,
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
