//! The filters of a results page as they stand, each value with the number that it would bring.

use directory::catalogue::{Catalogue, Lang, ServiceKind, Sex};
use jiff::{ToSpan as _, Zoned};
use web::dates;
use web::money;
use web::page::{Choice, Page};

use super::chips;
use super::{by_name, cards, last_day};
use crate::address::{Asked, hours_written, sort_name};
use crate::around::Around;
use crate::engine::Sort;
use crate::facets::Facets;
use crate::index::Index;
use crate::texts;
use crate::views::{Filters, Group, Value};

/// Values of a long list that stand open; the rest are behind "show all".
const LISTED: usize = 6;
/// Days that stand open, today included, and days in all (I9).
const DAYS: i64 = 5;
const DAYS_MAX: i64 = 60;
/// Where the morning and the afternoon end, as the groups of times on every page do.
const NOON: i64 = 12 * 60;
const EVENING: i64 = 17 * 60;

/// What the filters are made of.
pub(super) struct Ground<'a> {
    pub(super) index: &'a Index,
    pub(super) page: &'a Page,
    pub(super) asked: &'a Asked,
    pub(super) facets: &'a Facets,
    pub(super) around: &'a Around,
    pub(super) now_there: &'a Zoned,
    /// How many values are asked for.
    pub(super) set: usize,
}

/// Every filter with its choices. A value that nobody would fit is left out of long lists, unless it is asked for.
pub(super) fn filters(ground: &Ground<'_>) -> Filters {
    let Ground { index, page, asked, .. } = ground;
    let catalogue = index.catalogue();
    Filters {
        q: asked.q.clone(),
        cities: cities(ground),
        specialties: specialties(ground),
        services: services(ground),
        any_service: asked.service.is_none(),
        groups: vec![days(ground), parts(ground), prices(ground), kinds(ground), sexes(ground), languages(ground)],
        lists: vec![districts(ground), stations(ground)],
        near: asked.near.map(|near| near.written()),
        sorts: sorts(page, asked),
        sort_note: match asked.sort {
            Sort::Distance if asked.origin(catalogue).is_none() => Some(page.s("search-sort-distance-note")),
            Sort::Rating => Some(page.s("search-sort-rating-note")),
            _ => None,
        },
        set: ground.set,
    }
}

fn sorts(page: &Page, asked: &Asked) -> Vec<Choice> {
    [Sort::Relevance, Sort::Soonest, Sort::Price, Sort::Experience, Sort::Distance, Sort::Rating]
        .map(|sort| choice(sort_name(sort), page.s(texts::sort(sort)), asked.sort == sort))
        .into()
}

fn choice(value: &str, text: String, chosen: bool) -> Choice {
    Choice { value: value.to_owned(), text, chosen }
}

fn counted(page: &Page, name: &str, count: usize) -> String {
    page.two("search-counted", "name", name, "n", count)
}

fn count_of(counts: &[(usize, usize)], place: usize) -> usize {
    counts.iter().find(|(known, _)| *known == place).map_or(0, |(_, count)| *count)
}

/// Cities in which somebody receives. Their numbers are told only where they are of the same question: districts and stations do
/// not move along.
fn cities(ground: &Ground<'_>) -> Vec<Choice> {
    let Ground { index, page, asked, facets, .. } = ground;
    let moves = asked.district.is_empty() && asked.metro.is_empty() && asked.near.is_none();
    let mut cities = super::cities(index, page.lang(), &asked.city);
    if moves {
        let catalogue = index.catalogue();
        for city in &mut cities {
            let place = catalogue.cities.iter().position(|known| known.code == city.value);
            city.text = counted(page, &city.text, place.map_or(0, |place| count_of(&facets.city, place)));
        }
    }
    cities
}

fn specialties(ground: &Ground<'_>) -> Vec<Choice> {
    let Ground { index, page, asked, facets, .. } = ground;
    let known = index.catalogue().specialties.iter().enumerate();
    let choices = known.filter_map(|(place, specialty)| {
        let (count, chosen) = (count_of(&facets.specialty, place), asked.specialty.as_deref() == Some(&specialty.code));
        (count > 0 || chosen).then(|| choice(&specialty.code, counted(page, specialty.names.get(page.lang()), count), chosen))
    });
    let mut choices = by_name(choices.collect());
    choices.insert(0, Filters::any(page, asked.specialty.is_none()));
    choices
}

/// Services under the words for their kind.
fn services(ground: &Ground<'_>) -> Vec<(String, Vec<Choice>)> {
    let Ground { index, page, asked, facets, .. } = ground;
    let known = || index.catalogue().services.iter().enumerate();
    let of = |kind: ServiceKind| {
        let choices = known().filter(|(_, service)| service.kind == kind).filter_map(|(place, service)| {
            let (count, chosen) = (count_of(&facets.service, place), asked.service.as_deref() == Some(&service.code));
            (count > 0 || chosen).then(|| choice(&service.code, counted(page, service.names.get(page.lang()), count), chosen))
        });
        by_name(choices.collect())
    };
    [(ServiceKind::Consultation, "search-kind-consultation"), (ServiceKind::Examination, "search-kind-examination")]
        .map(|(kind, text)| (page.s(text), of(kind)))
        .into_iter()
        .filter(|(_, choices)| !choices.is_empty())
        .collect()
}

fn any(page: &Page, name: &'static str, chosen: bool) -> Value {
    Value { id: format!("{name}-any"), name, text: page.s("search-any"), chosen, ..Value::default() }
}

fn value(name: &'static str, value: &str, text: String, count: Option<usize>, chosen: bool) -> Value {
    // A name for the page's own use: what an id may not hold is left out.
    let plain: String = value.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
    Value { id: format!("{name}-{plain}"), name, value: value.to_owned(), text, count, chosen, lines: Vec::new() }
}

/// Today, tomorrow and the next days as buttons; the days after them behind "other days".
fn days(ground: &Ground<'_>) -> Group {
    let Ground { index, page, asked, now_there, .. } = ground;
    let (lang, today) = (page.lang(), now_there.date());
    let last = last_day(index, &asked.city, today);
    let one = |date: jiff::civil::Date| {
        let text = match (date - today).get_days() {
            0 => page.s("search-today"),
            1 => page.s("search-tomorrow"),
            _ => format!("{}, {}", dates::weekday_short(lang, date.weekday()), dates::day_short(lang, date)),
        };
        value("date", &date.to_string(), dates::capital(&text), None, asked.date == Some(date))
    };
    let mut days: Vec<_> =
        (0..DAYS_MAX).filter_map(|ahead| today.checked_add(ahead.days()).ok()).take_while(|date| *date <= last).collect();
    days.extend(asked.date.filter(|date| !days.contains(date)));
    let mut first = vec![any(page, "date", asked.date.is_none())];
    let mut rest = Vec::new();
    for (ahead, date) in (0..).zip(days) {
        if ahead < DAYS { first.push(one(date)) } else { rest.push(one(date)) }
    }
    Group { id: "date", legend: page.s("search-date"), single: true, first, rest, all: page.s("search-date-all") }
}

/// Morning, afternoon, evening, and whatever else an address asks for.
fn parts(ground: &Ground<'_>) -> Group {
    let Ground { page, asked, .. } = ground;
    let mut parts = vec![
        (None, Some(NOON), page.s("search-morning")),
        (Some(NOON), Some(EVENING), page.s("search-afternoon")),
        (Some(EVENING), None, page.s("search-evening")),
    ];
    if let Some(own) = chips::hours(page, asked.from, asked.to)
        && !parts.iter().any(|(from, to, _)| (*from, *to) == (asked.from, asked.to))
    {
        parts.push((asked.from, asked.to, own));
    }
    let mut first = vec![any(page, "hours", asked.from.is_none() && asked.to.is_none())];
    first.extend(
        parts
            .into_iter()
            .map(|(from, to, text)| value("hours", &hours_written(from, to), text, None, (from, to) == (asked.from, asked.to))),
    );
    Group { id: "hours", legend: page.s("search-hours"), single: true, first, ..Group::default() }
}

fn prices(ground: &Ground<'_>) -> Group {
    let Ground { index, page, asked, around, .. } = ground;
    let currency = index.catalogue().city(&asked.city).map_or("", |city| city.currency.as_str());
    let mut bands = around.bands();
    bands.extend(asked.price_max.filter(|price| !bands.contains(price)));
    bands.sort_unstable();
    if bands.is_empty() {
        return Group { id: "price", ..Group::default() };
    }
    let mut first = vec![any(page, "price_max", asked.price_max.is_none())];
    first.extend(bands.into_iter().map(|band| {
        let text = page.one("search-chip-price", "price", money::price(band * 100, currency));
        value("price_max", &band.to_string(), text, Some(around.within(band * 100)), asked.price_max == Some(band))
    }));
    Group { id: "price", legend: page.s("search-price-max"), single: true, first, ..Group::default() }
}

/// What a visit must offer: each on its own.
fn kinds(ground: &Ground<'_>) -> Group {
    let Ground { page, asked, facets, .. } = ground;
    let with = |counts: &[(bool, usize)]| counts.iter().find(|(is, _)| *is).map_or(0, |(_, count)| *count);
    let tick = |name, text, counts: &[(bool, usize)], asked: Option<bool>| {
        value(name, "true", page.s(text), Some(with(counts)), asked == Some(true))
    };
    let first = vec![
        tick("child", texts::child(true), &facets.child, asked.child),
        tick("home", texts::home(true), &facets.home, asked.home),
        tick("online", texts::online(true), &facets.online, asked.online),
    ];
    Group { id: "visit", legend: page.s("search-visit"), first, ..Group::default() }
}

fn sexes(ground: &Ground<'_>) -> Group {
    let Ground { page, asked, facets, .. } = ground;
    let count = |sex: Sex| facets.sex.iter().find(|(known, _)| *known == sex).map_or(0, |(_, count)| *count);
    let mut first = vec![any(page, "sex", asked.sex.is_none())];
    let own = |sex: Sex| value("sex", sex.code(), page.s(texts::sex(sex)), Some(count(sex)), asked.sex == Some(sex));
    first.extend([Sex::Female, Sex::Male].map(own));
    Group { id: "sex", legend: page.s("search-sex"), single: true, first, ..Group::default() }
}

fn languages(ground: &Ground<'_>) -> Group {
    let Ground { page, asked, facets, .. } = ground;
    let count = |lang: Lang| facets.language.iter().find(|(known, _)| *known == lang).map_or(0, |(_, count)| *count);
    let mut first = vec![any(page, "language", asked.language.is_none())];
    let own = |lang: Lang| {
        let text = dates::capital(&page.s(texts::language(lang)));
        value("language", lang.code(), text, Some(count(lang)), asked.language == Some(lang))
    };
    first.extend(Lang::ALL.map(own));
    Group { id: "language", legend: page.s("search-language"), single: true, first, ..Group::default() }
}

fn districts(ground: &Ground<'_>) -> Group {
    let Ground { index, page, asked, facets, .. } = ground;
    let known = |catalogue: &Catalogue, place: usize| {
        let district = catalogue.districts.get(place).filter(|district| district.city == asked.city)?;
        let chosen = asked.district.contains(&district.code);
        Some(value("district", &district.code, district.names.get(page.lang()).to_owned(), Some(count_of(&facets.district, place)), chosen))
    };
    let catalogue = index.catalogue();
    let values = (0..catalogue.districts.len()).filter_map(|place| known(catalogue, place)).collect();
    listed(page, "district", page.s("search-district"), values, "search-district-all")
}

fn stations(ground: &Ground<'_>) -> Group {
    let Ground { index, page, asked, facets, .. } = ground;
    let catalogue = index.catalogue();
    let known = |place: usize| {
        let metro = catalogue.metros.get(place).filter(|metro| metro.city == asked.city)?;
        let chosen = asked.metro.contains(&metro.code);
        let own = value("metro", &metro.code, metro.names.get(page.lang()).to_owned(), Some(count_of(&facets.metro, place)), chosen);
        Some(Value { lines: cards::lines(catalogue, metro, page.lang()), ..own })
    };
    let values = (0..catalogue.metros.len()).filter_map(known).collect();
    listed(page, "metro", page.s("search-metro"), values, "search-metro-all")
}

/// The values that bring the most stand open, the rest behind "show all" by name. Their places do not depend on what is chosen among
/// them: nothing moves under a finger.
fn listed(page: &Page, id: &'static str, legend: String, mut values: Vec<Value>, all: &str) -> Group {
    values.retain(|value| !value.off());
    values.sort_by_cached_key(|value| (std::cmp::Reverse(value.count), crate::words::plain(&value.text)));
    let mut rest = values.split_off(LISTED.min(values.len()));
    // A fold for one or two more is only in the way.
    if rest.len() <= 2 {
        values.append(&mut rest);
    }
    rest.sort_by_cached_key(|value| crate::words::plain(&value.text));
    Group { id, legend, single: false, first: values, all: page.one(all, "n", rest.len()), rest }
}
