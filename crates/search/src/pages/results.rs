//! The list of who fits: cards, filters with their numbers, what is asked for, and a way on when nobody fits.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use clock::Timestamp;
use db::Lang;
use directory::catalogue::{Catalogue, City};
use jiff::Zoned;
use jiff::tz::TimeZone;
use web::dates;
use web::html;
use web::page::{DayLink, Link, Page};

use super::cards::{self, card};
use super::chips::{self, Chip};
use super::{Given, filters, landing, not_found, parameters, reader, see_other};
use crate::address::{Asked, PER_PAGE};
use crate::around::{self, Around};
use crate::asked::Parameters;
use crate::engine::{self, Found, PAGE_MAX, Query};
use crate::index::Index;
use crate::names;
use crate::texts;
use crate::views::{Card, Drop, Results};

/// Days looked through when the day asked for has nothing, and days offered.
const OTHER_DAYS_SEEN: i64 = 21;
const OTHER_DAYS_MAX: usize = 7;
/// Filters offered for dropping (I9).
const DROPS_MAX: usize = 8;
/// Sent by the page's own script, which shows what is found in place and reads the address from the page.
const IN_PLACE: &str = "recomed-in-place";
/// The one page that may ask where somebody is: when its button is pressed.
const PERMISSIONS: &str = "accelerometer=(), camera=(), geolocation=(self), gyroscope=(), microphone=(), payment=(), usb=()";

/// `/{lang}/{city}/{specialty}`.
pub(super) async fn pair(
    State(state): State<crate::State>,
    Path((lang, city, specialty)): Path<(String, String, String)>,
    given: Given,
    headers: HeaderMap,
) -> Response {
    let Ok(lang) = lang.parse::<Lang>() else {
        return not_found(&state, reader(&headers));
    };
    let index = state.index();
    let catalogue = index.catalogue();
    if catalogue.city(&city).is_none() || catalogue.specialty(&specialty).is_none() {
        return not_found(&state, lang);
    }
    let mut given = parameters(given);
    given.0.retain(|(name, _)| !["q", "city", "specialty"].contains(&name.as_str()));
    let mut asked = Asked::read(catalogue, &given, &city);
    asked.specialty = Some(specialty);
    show(&state, &index, lang, asked)
}

/// `/{lang}/search`. A form sends every field; the address that follows has only what is asked for.
pub(super) async fn search(State(state): State<crate::State>, Path(lang): Path<String>, given: Given, headers: HeaderMap) -> Response {
    let Ok(lang) = lang.parse::<Lang>() else {
        return not_found(&state, reader(&headers));
    };
    let (index, given) = (state.index(), parameters(given));
    let catalogue = index.catalogue();
    let city = catalogue.first_city(lang).map_or("", |city| city.code.as_str());
    let mut asked = Asked::read(catalogue, &given, city);
    // Words that are nothing but a specialty's name are that specialty, which has an address of its own.
    if let Some(specialty) = names::specialty(catalogue, &asked.q)
        && asked.specialty.as_ref().is_none_or(|code| *code == specialty.code)
    {
        asked.q.clear();
        asked.specialty = Some(specialty.code.clone());
    }
    let pair = asked.q.is_empty() && asked.specialty.is_some();
    // What was not understood has to be told, and an address does not keep it.
    if asked.puzzled.is_empty() && !headers.contains_key(IN_PLACE) && (pair || of_a_form(&given)) {
        return see_other(&format!("/{}{}", lang.code(), asked.address()));
    }
    show(&state, &index, lang, asked)
}

/// Whether these are the fields of a form as it sends them, empty ones too.
fn of_a_form(given: &Parameters) -> bool {
    given.0.iter().any(|(name, value)| name == "hours" || value.is_empty())
}

fn show(state: &crate::State, index: &Index, lang: Lang, mut asked: Asked) -> Response {
    let (catalogue, world) = (index.catalogue(), &state.world);
    let now = world.clock().now();
    let free = state.free(index);
    let mut query = asked.query(catalogue);
    let mut found = engine::search(index, &free, now, &query);
    let pages = found.total.div_ceil(PER_PAGE).min(PAGE_MAX);
    if found.hits.is_empty() && pages > 0 {
        // An old link to a page that the list no longer has.
        asked.pages_before = pages - 1;
        query = asked.query(catalogue);
        found = engine::search(index, &free, now, &query);
    }
    let around = around::around(index, &free, now, &query);
    drop(free);
    let asked = &asked;
    let page = world.page(lang, asked.address(), Some(&asked.city));
    let city = catalogue.city(&asked.city);
    let zone = city.and_then(|city| TimeZone::get(&city.zone).ok()).unwrap_or(TimeZone::UTC);
    let now_there = now.to_jiff().to_zoned(zone);
    let ground = cards::Ground { state, index, page: &page, now, asked, query: &query };
    let cards: Vec<Card> = found.hits.iter().filter_map(|hit| card(&ground, hit)).collect();
    let number = asked.pages_before + 1;
    let (heading, crumbs) = (heading(catalogue, &page, asked, city), landing::crumbs(&page, city));
    let described = landing::found(&page, asked, &heading, found.total, &crumbs);
    let to_page = |pages_before: usize| page.url(&Asked { pages_before, ..asked.clone() }.address());
    let chips = chips::chips(catalogue, &page, asked, &now_there);
    let ground =
        filters::Ground { index, page: &page, asked, facets: &found.facets, around: &around, now_there: &now_there, set: chips.len() };
    let filters = filters::filters(&ground);
    let empty = found.total == 0;
    let view = Results {
        landing: landing::landing(index, &page, asked, city),
        total: found.total,
        said: said(&page, found.total, &around),
        show: page.one(if around.without_doctor == 0 { "search-show-doctors" } else { "search-show-n" }, "n", found.total),
        puzzled: puzzled(&page, asked),
        filters,
        drops: if empty { drops(state, index, &page, now, asked, &chips) } else { Vec::new() },
        cleared: if empty { count(state, index, now, &asked.cleared().query(catalogue)) } else { 0 },
        chips: chips.into_iter().map(|chip| Link { text: chip.text, href: page.url(&chip.without.address()) }).collect(),
        clear_href: page.url(&asked.cleared().address()),
        other_days: other_days(state, index, &page, now, &now_there, asked, &found),
        previous: (number > 1).then(|| to_page(asked.pages_before.saturating_sub(1))),
        next: (number < pages).then(|| to_page(number)),
        cards,
        number,
        pages,
        heading,
        crumbs,
        page: page.found(described),
    };
    let mut response = html::public(&view);
    response.headers_mut().insert(HeaderName::from_static("permissions-policy"), HeaderValue::from_static(PERMISSIONS));
    response
}

fn heading(catalogue: &Catalogue, page: &Page, asked: &Asked, city: Option<&City>) -> String {
    let city = city.map_or("", |city| city.names.get(page.lang()));
    let specialty = asked.specialty.as_deref().and_then(|code| catalogue.specialty(code));
    match specialty {
        _ if !asked.q.is_empty() => page.one("search-heading-words", "words", &asked.q),
        Some(specialty) => page.two("search-heading", "specialty", specialty.names.get(page.lang()), "city", city),
        None => page.one("search-heading-city", "city", city),
    }
}

/// How many fit, doctors and examinations told apart.
fn said(page: &Page, total: usize, around: &Around) -> String {
    let examinations = around.without_doctor.min(total);
    match (total - examinations, examinations) {
        (0, 0) => page.s("search-total-none"),
        (doctors, 0) => page.one("search-total", "n", doctors),
        (0, examinations) => page.one("search-total-examinations", "n", examinations),
        (doctors, examinations) => page.two("search-total-both", "doctors", doctors, "examinations", examinations),
    }
}

/// Which parts of the address were not understood, by their names on the page. What stood there is not repeated: it may be anything.
fn puzzled(page: &Page, asked: &Asked) -> Option<String> {
    let mut names: Vec<String> = asked.puzzled.iter().map(|name| page.s(texts::parameter(name)).to_lowercase()).collect();
    names.dedup();
    (!names.is_empty()).then(|| page.two("search-puzzled", "names", names.join(", "), "n", names.len()))
}

fn count(state: &crate::State, index: &Index, now: Timestamp, query: &Query) -> usize {
    around::count(index, &state.free(index), now, query)
}

/// The filters whose absence alone brings somebody, and the words, with how many.
fn drops(state: &crate::State, index: &Index, page: &Page, now: Timestamp, asked: &Asked, chips: &[Chip]) -> Vec<Drop> {
    let words = (!asked.q.is_empty() && !chips.is_empty())
        .then(|| Chip { text: page.one("search-heading-words", "words", &asked.q), without: asked.but(|asked| asked.q.clear()) });
    let counted = |chip: &Chip| Drop {
        text: chip.text.clone(),
        href: page.url(&chip.without.address()),
        count: count(state, index, now, &chip.without.query(index.catalogue())),
    };
    let mut drops: Vec<Drop> = chips.iter().take(DROPS_MAX).chain(&words).map(counted).filter(|drop| drop.count > 0).collect();
    drops.sort_by_key(|drop| std::cmp::Reverse(drop.count));
    drops
}

/// When nothing fits the day asked for: the next days on which something does.
fn other_days(
    state: &crate::State,
    index: &Index,
    page: &Page,
    now: Timestamp,
    now_there: &Zoned,
    asked: &Asked,
    found: &Found,
) -> Vec<DayLink> {
    if found.total > 0 || asked.date.is_none() {
        return Vec::new();
    }
    let days = engine::free_days(index, &state.free(index), now, &asked.query(index.catalogue()), OTHER_DAYS_SEEN);
    let link = |(date, free): (jiff::civil::Date, usize)| DayLink {
        href: page.url(&asked.but(|asked| asked.date = Some(date)).address()),
        weekday: dates::weekday_short(page.lang(), date.weekday()).to_owned(),
        day: dates::day_short(page.lang(), date),
        long: dates::say_day(page.lang(), date, now_there.date()),
        free,
        chosen: false,
    };
    days.into_iter().take(OTHER_DAYS_MAX).map(link).collect()
}
