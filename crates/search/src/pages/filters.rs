//! The filters of a results page as they stand, and the chips that take them away.

use directory::catalogue::{Catalogue, Sex};
use jiff::Zoned;
use web::dates;
use web::money;
use web::page::{Choice, Link, Page};

use super::{by_name, cities, last_day};
use crate::address::{Asked, clock_time, sort_name};
use crate::engine::Sort;
use crate::index::Index;
use crate::texts;
use crate::views::Filters;

/// Hours at which a visit may begin at the earliest.
const FROM: std::ops::RangeInclusive<i64> = 8..=21;
/// Hours before which it must begin.
const TO: std::ops::RangeInclusive<i64> = 9..=22;

/// Every filter with its choices; what nobody in the city offers is not among them, unless it is chosen.
pub(super) fn filters(index: &Index, page: &Page, asked: &Asked, now_there: &Zoned) -> Filters {
    let (catalogue, lang, today) = (index.catalogue(), page.lang(), now_there.date());
    let city = catalogue.cities.iter().position(|city| city.code == asked.city);
    let here: Vec<_> = index.rows().iter().filter(|row| row.city == city).collect();
    let chosen_specialty = |code: &str| asked.specialty.as_deref() == Some(code);
    let specialties = catalogue
        .specialties
        .iter()
        .enumerate()
        .filter(|(place, specialty)| chosen_specialty(&specialty.code) || here.iter().any(|row| row.specialties.contains(place)))
        .map(|(_, specialty)| choice(&specialty.code, specialty.names.get(lang), chosen_specialty(&specialty.code)))
        .collect();
    let chosen_metro = |code: &str| asked.metro.as_deref() == Some(code);
    let metros: Vec<Choice> = catalogue
        .metros
        .iter()
        .enumerate()
        .filter(|(place, metro)| chosen_metro(&metro.code) || here.iter().any(|row| row.metros.contains(place)))
        .map(|(_, metro)| choice(&metro.code, metro.names.get(lang), chosen_metro(&metro.code)))
        .collect();
    let sexes = [Sex::Female, Sex::Male].map(|sex| choice(sex.code(), &page.s(texts::sex(sex)), asked.sex == Some(sex)));
    let sorts = [(Sort::Relevance, "search-sort-relevance"), (Sort::Soonest, "search-sort-soonest"), (Sort::Price, "search-sort-price")];
    Filters {
        q: asked.q.clone(),
        cities: cities(index, lang, &asked.city),
        specialties: or_any(page, by_name(specialties)),
        metros: if metros.is_empty() { Vec::new() } else { or_any(page, by_name(metros)) },
        sexes: or_any(page, sexes.into()),
        price_max: asked.price_max.map_or_else(String::new, |price| price.to_string()),
        currency: catalogue.city(&asked.city).map_or_else(String::new, |city| money::sign(&city.currency).to_owned()),
        child: asked.child,
        date: asked.date.map_or_else(String::new, |date| date.to_string()),
        date_min: today.to_string(),
        date_max: last_day(index, &asked.city, today).to_string(),
        from: or_any(page, hours(FROM, asked.from)),
        to: or_any(page, hours(TO, asked.to)),
        sorts: sorts.map(|(sort, text)| choice(sort_name(sort), &page.s(text), asked.query().sort == sort)).into(),
        set: set(asked),
    }
}

fn set(asked: &Asked) -> usize {
    let hours = asked.from.is_some() || asked.to.is_some();
    [
        asked.specialty.is_some(),
        asked.metro.is_some(),
        asked.price_max.is_some(),
        asked.sex.is_some(),
        asked.child,
        asked.date.is_some(),
        hours,
    ]
    .into_iter()
    .filter(|set| *set)
    .count()
}

fn choice(value: &str, text: &str, chosen: bool) -> Choice {
    Choice { value: value.to_owned(), text: text.to_owned(), chosen }
}

fn or_any(page: &Page, mut choices: Vec<Choice>) -> Vec<Choice> {
    let none = !choices.iter().any(|choice| choice.chosen);
    choices.insert(0, Filters::any(page, none));
    choices
}

/// Full hours, and the one asked for by an address even if it is not full.
fn hours(offered: std::ops::RangeInclusive<i64>, asked: Option<i64>) -> Vec<Choice> {
    let mut minutes: Vec<i64> = offered.map(|hour| hour * 60).chain(asked).collect();
    minutes.sort_unstable();
    minutes.dedup();
    minutes.into_iter().map(|minute| choice(&clock_time(minute), &clock_time(minute), asked == Some(minute))).collect()
}

/// One for each filter that is set: its words and the address without it.
pub(super) fn chips(catalogue: &Catalogue, page: &Page, asked: &Asked, now_there: &Zoned) -> Vec<Link> {
    let mut chips = Vec::new();
    let mut add = |text: String, without: Asked| chips.push(Link { text, href: page.url(&without.address()) });
    if let Some(specialty) = asked.specialty.as_deref().and_then(|code| catalogue.specialty(code)) {
        add(specialty.names.get(page.lang()).to_owned(), asked.but(|asked| asked.specialty = None));
    }
    if let Some(metro) = asked.metro.as_deref().and_then(|code| catalogue.metro(code)) {
        add(metro.names.get(page.lang()).to_owned(), asked.but(|asked| asked.metro = None));
    }
    if let Some(date) = asked.date {
        add(dates::capital(&dates::say_day(page.lang(), date, now_there.date())), asked.but(|asked| asked.date = None));
    }
    let hours = match (asked.from.map(clock_time), asked.to.map(clock_time)) {
        (Some(from), Some(to)) => Some(page.two("search-chip-hours", "from", from, "to", to)),
        (Some(from), None) => Some(page.one("search-chip-from", "from", from)),
        (None, Some(to)) => Some(page.one("search-chip-to", "to", to)),
        (None, None) => None,
    };
    if let Some(hours) = hours {
        add(hours, asked.but(|asked| (asked.from, asked.to) = (None, None)));
    }
    if let Some(price) = asked.price_max {
        let currency = catalogue.city(&asked.city).map_or("", |city| city.currency.as_str());
        add(page.one("search-chip-price", "price", money::price(price * 100, currency)), asked.but(|asked| asked.price_max = None));
    }
    if let Some(sex) = asked.sex {
        add(page.s(texts::sex(sex)), asked.but(|asked| asked.sex = None));
    }
    if asked.child {
        add(page.s(texts::child(true)), asked.but(|asked| asked.child = false));
    }
    chips
}
