//! The pages of search: home, results, results of a specialty in a city. Plain GET forms; every state has an address.
//! What people ask is written to no log.

mod filters;
mod landing;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use clock::Timestamp;
use db::Lang;
use directory::catalogue::{Catalogue, City, PractitionerRole, ServiceKind};
use directory::paths;
use directory::slug::slug;
use jiff::tz::TimeZone;
use jiff::{ToSpan as _, Zoned};
use web::dates;
use web::html;
use web::money;
use web::page::{Choice, DayLink, Link, Page, Phone, Portrait, TimeButton};
use web::problem::{self, Plain};

use crate::address::{Asked, PER_PAGE};
use crate::asked::Parameters;
use crate::engine::{self, Found, Hit, PAGE_MAX, TIMES_MAX, When};
use crate::index::{Index, Row};
use crate::names;
use crate::views::{Card, Home, Metro, Results};

/// Free times of a day on a card: the first ones and the folded ones.
const CARD_TIMES_MAX: usize = TIMES_MAX + 18;
/// Links to specialties on the home page.
const POPULAR_MAX: usize = 8;
/// Days looked through when the day asked for has nothing, and days offered.
const OTHER_DAYS_SEEN: i64 = 21;
const OTHER_DAYS_MAX: usize = 7;

type Given = Result<Query<Vec<(String, String)>>, QueryRejection>;

/// The routes. `{lang}` is `kk`, `ru` or `en`; anything else is not found.
pub fn pages() -> Router<crate::State> {
    Router::new()
        .route("/", get(root))
        .route("/{lang}", get(bare))
        .route("/{lang}/", get(home))
        .route("/{lang}/search", get(results))
        .route("/{lang}/{city}/{specialty}", get(pair))
}

fn reader(headers: &HeaderMap) -> Lang {
    web::lang::choose(headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
}

fn see_other(address: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response()
}

fn not_found(state: &crate::State, lang: Lang) -> Response {
    problem::page(&Plain::NotFound, state.world.page(lang, "/", None), Vec::new())
}

async fn root(headers: HeaderMap) -> Response {
    let mut response = see_other(&format!("/{}/", reader(&headers).code()));
    response.headers_mut().insert(header::VARY, header::HeaderValue::from_static("accept-language"));
    response
}

async fn bare(State(state): State<crate::State>, Path(lang): Path<String>, headers: HeaderMap) -> Response {
    match lang.parse::<Lang>() {
        Ok(lang) => see_other(&format!("/{}/", lang.code())),
        Err(_) => not_found(&state, reader(&headers)),
    }
}

fn parameters(given: Given) -> Parameters {
    Parameters(given.map(|Query(pairs)| pairs).unwrap_or_default())
}

async fn home(State(state): State<crate::State>, Path(lang): Path<String>, given: Given, headers: HeaderMap) -> Response {
    let Ok(lang) = lang.parse::<Lang>() else {
        return not_found(&state, reader(&headers));
    };
    let (index, given) = (state.index(), parameters(given));
    let catalogue = index.catalogue();
    let chosen = given.get("city").and_then(|text| names::city(catalogue, text));
    let city = chosen.or_else(|| index.catalogue().first_city(lang));
    let path = chosen.map_or_else(|| "/".to_owned(), |city| format!("/?city={}", city.code));
    let code = city.map_or("", |city| city.code.as_str());
    let page = state.world.page(lang, path, Some(code));
    let found = landing::of_the_site(&page);
    html::public(&Home {
        all: city.map(|city| Link {
            text: page.one("search-all-of-city", "city", city.names.get(lang)),
            href: page.url(&paths::city(&city.code)),
        }),
        examinations: examinations(&index, &page, city),
        places: places(&index, &page),
        page: page.found(found),
        q: given.get("q").unwrap_or_default().to_owned(),
        cities: cities(&index, lang, code),
        city: city.map_or_else(String::new, |city| city.names.get(lang).to_owned()),
        phone: city.and_then(|city| city.phone.as_deref()).map(Phone::new),
        popular: popular(&index, lang, code),
        doctors: catalogue.practitioners.len(),
        clinics: catalogue.organizations.len(),
    })
}

async fn pair(
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
    show(&state, &index, lang, &asked)
}

async fn results(State(state): State<crate::State>, Path(lang): Path<String>, given: Given, headers: HeaderMap) -> Response {
    let Ok(lang) = lang.parse::<Lang>() else {
        return not_found(&state, reader(&headers));
    };
    let (index, given) = (state.index(), parameters(given));
    let catalogue = index.catalogue();
    let city = index.catalogue().first_city(lang).map_or("", |city| city.code.as_str());
    let mut asked = Asked::read(catalogue, &given, city);
    // Words that are nothing but a specialty's name are that specialty, which has an address of its own.
    if let Some(specialty) = names::specialty(catalogue, &asked.q)
        && asked.specialty.as_ref().is_none_or(|code| *code == specialty.code)
    {
        asked.q.clear();
        asked.specialty = Some(specialty.code.clone());
    }
    if asked.q.is_empty() && asked.specialty.is_some() {
        return see_other(&format!("/{}{}", lang.code(), asked.address()));
    }
    show(&state, &index, lang, &asked)
}

fn show(state: &crate::State, index: &Index, lang: Lang, asked: &Asked) -> Response {
    let (catalogue, world) = (index.catalogue(), &state.world);
    let page = world.page(lang, asked.address(), Some(&asked.city));
    let now = world.clock().now();
    let city = catalogue.city(&asked.city);
    let zone = city.and_then(|city| TimeZone::get(&city.zone).ok()).unwrap_or(TimeZone::UTC);
    let now_there = now.to_jiff().to_zoned(zone);
    let query = asked.query();
    let found = engine::search(index, &world.free.reader(), now, &query);
    let cards: Vec<Card> = found.hits.iter().filter_map(|hit| card(state, index, &page, now, asked, hit)).collect();
    let pages = found.total.div_ceil(PER_PAGE).min(PAGE_MAX);
    let number = asked.pages_before + 1;
    let (heading, crumbs) = (heading(catalogue, &page, asked, city), landing::crumbs(&page, city));
    let described = landing::found(&page, asked, &heading, found.total, &crumbs);
    let to_page = |pages_before: usize| page.url(&Asked { pages_before, ..asked.clone() }.address());
    html::public(&Results {
        landing: landing::landing(index, &page, asked, city),
        total: found.total,
        filters: filters::filters(index, &page, asked, &now_there),
        chips: filters::chips(catalogue, &page, asked, &now_there),
        clear_href: page.url(&asked.cleared().address()),
        other_days: other_days(state, index, &page, now, &now_there, asked, &found),
        previous: (number > 1).then(|| to_page(asked.pages_before.min(pages).saturating_sub(1))),
        next: (number < pages).then(|| to_page(number)),
        cards,
        number,
        pages,
        heading,
        crumbs,
        page: page.found(described),
    })
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
    let days = engine::free_days(index, &state.world.free.reader(), now, &asked.query(), OTHER_DAYS_SEEN);
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

fn card(state: &crate::State, index: &Index, page: &Page, now: Timestamp, asked: &Asked, hit: &Hit) -> Option<Card> {
    let (catalogue, lang) = (index.catalogue(), page.lang());
    let (role, row) = (catalogue.roles.get(hit.place)?, index.rows().get(hit.place)?);
    let doctor = catalogue.practitioner_of(role)?;
    let location = catalogue.location(role.location)?;
    let city = catalogue.city(&location.city)?;
    let now_there = now.to_jiff().to_zoned(row.zone.clone());
    let date = hit.next_free.map(|start| start.to_jiff().to_zoned(row.zone.clone()).date());
    let mut times = times(state, role, row, now, &now_there, lang, When { date, ..asked.query().when });
    let more = times.split_off(TIMES_MAX.min(times.len()));
    let specialties: Vec<&str> =
        role.specialties.iter().filter_map(|code| catalogue.specialty(code)).map(|specialty| specialty.names.get(lang)).collect();
    let name = doctor.names.get(lang);
    let day = date.map_or_else(String::new, |date| format!("?day={date}"));
    Some(Card {
        role: role.id.to_string(),
        service: None,
        href: page.url(&format!("/doctors/{}-{}{day}", role.id, slug(name))),
        portrait: Portrait::named(&doctor.names, lang).drawn_by(&doctor.id.to_string(), doctor.sex.map(|sex| sex.code())),
        name: name.to_owned(),
        specialty: specialties.join(", "),
        years: doctor.since_year.map(|since| (i64::from(now_there.year()) - since).max(0)),
        sees: match (role.adults, role.children) {
            (true, true) => Some("search-sees-both"),
            (false, true) => Some("search-sees-children"),
            (_, false) => None,
        },
        clinic: catalogue.organization(role.organization).map_or_else(String::new, |clinic| clinic.names.get(lang).to_owned()),
        address: location.address.get(lang).to_owned(),
        metro: location
            .metro
            .iter()
            .filter_map(|near| {
                catalogue.metro(&near.metro).map(|metro| Metro { name: metro.names.get(lang).to_owned(), minutes: near.walk_minutes })
            })
            .collect(),
        price: role.offer(None).map_or_else(String::new, |offer| money::price(offer.price_minor, &city.currency)),
        rating: None,
        day: (!times.is_empty()).then_some(date).flatten().map(|date| dates::say_day(lang, date, now_there.date())),
        times,
        more,
    })
}

fn times(
    state: &crate::State,
    role: &PractitionerRole,
    row: &Row,
    now: Timestamp,
    now_there: &Zoned,
    lang: Lang,
    when: When,
) -> Vec<TimeButton> {
    let slots = engine::of_day(&state.world.free.reader(), role, row, now, None, when, CARD_TIMES_MAX);
    let button = |start: Timestamp| {
        let at = start.to_jiff().to_zoned(row.zone.clone());
        TimeButton { label: dates::time(&at), long: dates::say(lang, &at, now_there), start: start.rfc3339(&row.zone) }
    };
    slots.into_iter().map(|slot| button(slot.start)).collect()
}

fn in_city(index: &Index, city: usize) -> usize {
    index.rows().iter().filter(|row| row.city == Some(city)).count()
}

/// Cities in which somebody receives, by name.
fn cities(index: &Index, lang: Lang, chosen: &str) -> Vec<Choice> {
    let shown = index.catalogue().cities.iter().enumerate().filter(|(place, city)| in_city(index, *place) > 0 || city.code == chosen);
    by_name(
        shown
            .map(|(_, city)| Choice { value: city.code.clone(), text: city.names.get(lang).to_owned(), chosen: city.code == chosen })
            .collect(),
    )
}

fn by_name(mut choices: Vec<Choice>) -> Vec<Choice> {
    choices.sort_by_cached_key(|choice| crate::words::plain(&choice.text));
    choices
}

fn by_name_of(links: &mut [Link]) {
    links.sort_by_cached_key(|link| crate::words::plain(&link.text));
}

/// Cities in which somebody receives, each leading to its own page.
fn places(index: &Index, page: &Page) -> Vec<Link> {
    let shown = index.catalogue().cities.iter().enumerate().filter(|(place, _)| in_city(index, *place) > 0);
    let link = |(_, city): (usize, &City)| Link { text: city.names.get(page.lang()).to_owned(), href: page.url(&paths::city(&city.code)) };
    let mut links: Vec<Link> = shown.map(link).collect();
    by_name_of(&mut links);
    links
}

/// Examinations that most clinics of the city offer.
fn examinations(index: &Index, page: &Page, city: Option<&City>) -> Vec<Link> {
    let (catalogue, Some(city)) = (index.catalogue(), city) else { return Vec::new() };
    let place = catalogue.cities.iter().position(|known| known.code == city.code);
    let mut counted: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for (_, role) in index.rows().iter().zip(&catalogue.roles).filter(|(row, _)| row.city == place) {
        for offer in &role.services {
            if catalogue.service(&offer.service).is_some_and(|service| service.kind == ServiceKind::Examination) {
                *counted.entry(&offer.service).or_default() += 1;
            }
        }
    }
    let mut counted: Vec<(&str, usize)> = counted.into_iter().collect();
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let link = |(code, _): (&str, usize)| {
        let text = catalogue.service(code)?.names.get(page.lang()).to_owned();
        Some(Link { text, href: page.url(&paths::examination(&city.code, code)) })
    };
    counted.into_iter().filter_map(link).take(POPULAR_MAX).collect()
}

/// Specialties with the most doctors in the city.
fn popular(index: &Index, lang: Lang, city: &str) -> Vec<Link> {
    let catalogue = index.catalogue();
    let place = catalogue.cities.iter().position(|known| known.code == city);
    let here = |role: &u32| usize::try_from(*role).ok().and_then(|role| index.rows().get(role)).is_some_and(|row| row.city == place);
    let count = |place: usize| index.of_specialty(place).iter().filter(|role| here(role)).count();
    let mut counted: Vec<_> = catalogue
        .specialties
        .iter()
        .enumerate()
        .map(|(place, specialty)| (count(place), specialty))
        .filter(|(count, _)| *count > 0)
        .collect();
    counted.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let link = |(_, specialty): (usize, &directory::catalogue::Specialty)| Link {
        text: specialty.names.get(lang).to_owned(),
        href: format!("/{}/{city}/{}", lang.code(), specialty.code),
    };
    counted.into_iter().take(POPULAR_MAX).map(link).collect()
}

/// The last day that can be booked in the city.
fn last_day(index: &Index, city: &str, today: jiff::civil::Date) -> jiff::civil::Date {
    let place = index.catalogue().cities.iter().position(|known| known.code == city);
    let horizon =
        index.rows().iter().zip(&index.catalogue().roles).filter(|(row, _)| row.city == place).map(|(_, role)| role.horizon_days).max();
    today.checked_add((horizon.unwrap_or(1).clamp(1, 366) - 1).days()).unwrap_or(today)
}
