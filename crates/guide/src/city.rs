//! A city: its specialties, examinations and clinics; and the two lists that go on from there.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State as Held};
use axum::http::HeaderMap;
use axum::response::Response;
use db::Lang;
use directory::catalogue::{Catalogue, City, Organization, OrganizationId};
use directory::paths;
use serde::Deserialize;
use web::page::{Link, Page};
use web::{Found, html};

use crate::atlas::{Atlas, InCity};
use crate::offers::range;
use crate::pages::{State, by_name, home, not_found};
use crate::views::{CityPage, ListPage, Row};

/// Clinics named on the page of a city.
const CLINICS_FIRST: usize = 12;
/// Clinics on one page of their list.
const PER_PAGE: usize = 60;

struct Asked<'a> {
    lang: Lang,
    catalogue: &'a Catalogue,
    city: &'a City,
    here: &'a InCity,
}

fn asked<'a>(atlas: &'a Atlas, lang: &str, city: &str) -> Option<Asked<'a>> {
    let catalogue = atlas.catalogue();
    Some(Asked { lang: lang.parse().ok()?, catalogue, city: catalogue.city(city)?, here: atlas.city(city)? })
}

impl Asked<'_> {
    fn name(&self) -> &str {
        self.city.names.get(self.lang)
    }

    fn crumb(&self, page: &Page) -> Link {
        Link { text: self.name().to_owned(), href: page.url(&paths::city(&self.city.code)) }
    }

    fn page(&self, state: &State, path: String) -> Page {
        state.world.page(self.lang, path, Some(&self.city.code))
    }
}

/// `/{lang}/{city}`.
pub(crate) async fn page(Held(state): Held<State>, Path((lang, city)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let atlas = state.atlas();
    let Some(asked) = asked(&atlas, &lang, &city) else { return not_found(&state, &lang, &headers) };
    let (lang, here) = (asked.lang, asked.here);
    let path = paths::city(&asked.city.code);
    let page = asked.page(&state, path.clone());
    let heading = page.one("guide-city-heading", "city", asked.name());
    let lead = page.with(
        "guide-city-lead",
        &[("doctors", here.doctors.into()), ("clinics", here.clinics.len().into()), ("examinations", here.examinations.len().into())],
    );
    let crumbs = vec![home(&page)];
    let mut specialties: Vec<Row> = here
        .specialties
        .iter()
        .filter_map(|(code, count)| {
            let specialty = asked.catalogue.specialty(code)?;
            Some(Row {
                link: Link { text: specialty.names.get(lang).to_owned(), href: page.url(&paths::specialty(&asked.city.code, code)) },
                note: page.one("guide-offers", "n", *count),
            })
        })
        .collect();
    by_name(&mut specialties, |row| &row.link.text);
    let mut clinics = clinics_of(&asked);
    let more = clinics.len() > CLINICS_FIRST;
    clinics.truncate(CLINICS_FIRST);
    let mut cities: Vec<Link> = asked
        .catalogue
        .cities
        .iter()
        .filter(|other| other.code != asked.city.code && atlas.city(&other.code).is_some())
        .map(|other| Link { text: other.names.get(lang).to_owned(), href: page.url(&paths::city(&other.code)) })
        .collect();
    by_name(&mut cities, |link| &link.text);
    let found = Found::at(&path, heading.clone(), format!("{heading}. {lead}")).fact(page.breadcrumbs(&crumbs, asked.name()));
    html::public(&CityPage {
        heading,
        lead,
        specialties,
        examinations: examination_rows(&asked, &page),
        clinics: clinics.into_iter().map(|clinic| clinic_row(&asked, &page, clinic)).collect(),
        all_clinics: more.then(|| Link {
            text: page.one("guide-all-clinics", "n", here.clinics.len()),
            href: page.url(&paths::clinics(&asked.city.code)),
        }),
        cities,
        crumbs,
        page: page.found(found),
    })
}

#[derive(Deserialize)]
pub(crate) struct Numbered {
    page: Option<usize>,
}

/// `/{lang}/{city}/clinics?page`.
pub(crate) async fn clinics(
    Held(state): Held<State>,
    Path((lang, city)): Path<(String, String)>,
    query: Result<Query<Numbered>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let atlas = state.atlas();
    let Some(asked) = asked(&atlas, &lang, &city) else { return not_found(&state, &lang, &headers) };
    let path = paths::clinics(&asked.city.code);
    let clinics = clinics_of(&asked);
    let pages = clinics.len().div_ceil(PER_PAGE).max(1);
    let number = query.ok().and_then(|Query(query)| query.page).unwrap_or(1).clamp(1, pages);
    let at = |number: usize| if number == 1 { path.clone() } else { format!("{path}?page={number}") };
    let page = asked.page(&state, at(number));
    let heading = page.one("guide-clinics-heading", "city", asked.name());
    let lead = page.one("guide-clinics-lead", "n", clinics.len());
    let crumbs = vec![home(&page), asked.crumb(&page)];
    let found = Found::at(&path, heading.clone(), format!("{heading}. {lead}"))
        .indexed(number == 1)
        .fact(page.breadcrumbs(&crumbs, &page.s("guide-clinics")));
    html::public(&ListPage {
        heading,
        lead,
        rows: clinics.into_iter().skip((number - 1) * PER_PAGE).take(PER_PAGE).map(|clinic| clinic_row(&asked, &page, clinic)).collect(),
        instead: asked.crumb(&page),
        previous: (number > 1).then(|| page.url(&at(number - 1))),
        next: (number < pages).then(|| page.url(&at(number + 1))),
        number,
        pages,
        crumbs,
        page: page.found(found),
    })
}

/// `/{lang}/{city}/examinations`.
pub(crate) async fn examinations(Held(state): Held<State>, Path((lang, city)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let atlas = state.atlas();
    let Some(asked) = asked(&atlas, &lang, &city) else { return not_found(&state, &lang, &headers) };
    let path = paths::examinations(&asked.city.code);
    let page = asked.page(&state, path.clone());
    let heading = page.one("guide-examinations-heading", "city", asked.name());
    let rows = examination_rows(&asked, &page);
    let lead = if rows.is_empty() { page.s("guide-examinations-none") } else { page.one("guide-examinations-lead", "n", rows.len()) };
    let crumbs = vec![home(&page), asked.crumb(&page)];
    let found = Found::at(&path, heading.clone(), format!("{heading}. {lead}"))
        .indexed(!rows.is_empty())
        .fact(page.breadcrumbs(&crumbs, &page.s("guide-examinations")));
    html::public(&ListPage {
        heading,
        lead,
        rows,
        instead: asked.crumb(&page),
        previous: None,
        next: None,
        number: 1,
        pages: 1,
        crumbs,
        page: page.found(found),
    })
}

fn clinics_of<'a>(asked: &Asked<'a>) -> Vec<&'a Organization> {
    let mut clinics: Vec<&Organization> =
        asked.here.clinics.iter().filter_map(|id: &OrganizationId| asked.catalogue.organization(*id)).collect();
    by_name(&mut clinics, |clinic| clinic.names.get(asked.lang));
    clinics
}

fn clinic_row(asked: &Asked<'_>, page: &Page, clinic: &Organization) -> Row {
    let place = asked.catalogue.locations_of(clinic.id).find(|place| place.city == asked.city.code);
    Row {
        link: Link { text: clinic.names.get(asked.lang).to_owned(), href: page.url(&paths::clinic(clinic, asked.lang)) },
        note: place.map_or_else(String::new, |place| web::unbroken(place.address.get(asked.lang))),
    }
}

fn examination_rows(asked: &Asked<'_>, page: &Page) -> Vec<Row> {
    let mut rows: Vec<Row> = asked
        .here
        .examinations
        .iter()
        .filter_map(|(code, roles)| {
            let service = asked.catalogue.service(code)?;
            let prices =
                roles.iter().filter_map(|place| asked.catalogue.roles.get(*place)?.offer(Some(code))).map(|offer| offer.price_minor);
            Some(Row {
                link: Link { text: service.names.get(asked.lang).to_owned(), href: page.url(&paths::examination(&asked.city.code, code)) },
                note: range(prices, &asked.city.currency),
            })
        })
        .collect();
    by_name(&mut rows, |row| &row.link.text);
    rows
}
