//! The pages of search: home, results, results of a specialty in a city. Plain GET forms; every state has an address.
//! What people ask is written to no log.

mod cards;
mod chips;
mod filters;
mod landing;
mod results;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use db::Lang;
use directory::catalogue::{City, HealthcareService, ServiceKind};
use directory::paths;
use jiff::ToSpan as _;
use web::html;
use web::page::{Choice, Link, Page, Phone};
use web::problem::{self, Plain};

use crate::asked::Parameters;
use crate::bits::Bits;
use crate::index::Index;
use crate::names;
use crate::sets::Facet;
use crate::views::Home;

/// Links to specialties on the home page.
const POPULAR_MAX: usize = 8;
type Given = Result<Query<Vec<(String, String)>>, QueryRejection>;

/// The routes. `{lang}` is `kk`, `ru` or `en`; anything else is not found.
pub fn pages() -> Router<crate::State> {
    Router::new()
        .route("/", get(root))
        .route("/{lang}", get(bare))
        .route("/{lang}/", get(home))
        .route("/{lang}/search", get(results::search))
        .route("/{lang}/{city}/{specialty}", get(results::pair))
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

fn in_city(index: &Index, city: usize) -> usize {
    index.sets().of(Facet::City, city).map_or(0, Bits::count)
}

/// How many in the city have that place of the facet's list.
fn both(index: &Index, city: &str, facet: Facet, place: usize) -> usize {
    let city = index.catalogue().cities.iter().position(|known| known.code == city);
    let here = city.and_then(|city| index.sets().of(Facet::City, city));
    here.zip(index.sets().of(facet, place)).map_or(0, |(here, those)| here.common(those))
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
    let known = catalogue.services.iter().enumerate().filter(|(_, service)| service.kind == ServiceKind::Examination);
    let mut counted: Vec<(usize, &HealthcareService)> =
        known.map(|(place, service)| (both(index, &city.code, Facet::Service, place), service)).filter(|(count, _)| *count > 0).collect();
    counted.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let link = |(_, service): (usize, &HealthcareService)| Link {
        text: service.names.get(page.lang()).to_owned(),
        href: page.url(&paths::examination(&city.code, &service.code)),
    };
    counted.into_iter().take(POPULAR_MAX).map(link).collect()
}

/// Specialties with the most doctors in the city.
fn popular(index: &Index, lang: Lang, city: &str) -> Vec<Link> {
    let catalogue = index.catalogue();
    let mut counted: Vec<_> = catalogue
        .specialties
        .iter()
        .enumerate()
        .map(|(place, specialty)| (both(index, city, Facet::Specialty, place), specialty))
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
    let horizon = index.rows().iter().filter(|row| row.city == place).map(|row| row.horizon_days).max();
    today.checked_add((horizon.unwrap_or(1).clamp(1, 366) - 1).days()).unwrap_or(today)
}
