//! An examination in a city: what it is, how to prepare, where it is done, for how much and when.

use axum::extract::{Path, State as Held};
use axum::http::HeaderMap;
use axum::response::Response;
use clock::Timestamp;
use directory::paths;
use serde_json::json;
use web::page::Link;
use web::{Found, Lang, html};

use crate::offers::{self, On, range};
use crate::pages::{State, by_name, home, not_found, paragraphs};
use crate::views::{ExaminationPage, Offer};

/// Roles whose free times are looked at (I9).
const SEEN_MAX: usize = 200;
/// Rows shown.
const OFFERS_MAX: usize = 30;

/// `/{lang}/{city}/examinations/{code}`.
pub(crate) async fn page(
    Held(state): Held<State>,
    Path((code, city, service)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let atlas = state.atlas();
    match view(&state, &atlas, &code, &city, &service) {
        Some(view) => html::public(&view),
        None => not_found(&state, &code, &headers),
    }
}

fn view(state: &State, atlas: &crate::atlas::Atlas, code: &str, city: &str, service: &str) -> Option<ExaminationPage> {
    let catalogue = atlas.catalogue();
    let lang = code.parse::<Lang>().ok()?;
    let (city, here) = (catalogue.city(city)?, atlas.city(city)?);
    let places = here.examinations.get(service)?;
    let service = catalogue.service(service)?;
    let path = paths::examination(&city.code, &service.code);
    let page = state.world.page(lang, path.clone(), Some(&city.code));
    let roles: Vec<_> = places.iter().filter_map(|place| catalogue.roles.get(*place)).collect();
    let prices: Vec<i64> = roles.iter().filter_map(|role| role.offer(Some(&service.code))).map(|offer| offer.price_minor).collect();
    let mut clinics: Vec<_> = roles.iter().map(|role| role.organization).collect();
    clinics.sort_unstable();
    clinics.dedup();
    let (name, city_name) = (service.names.get(lang), city.names.get(lang));
    let heading = page.two("guide-examination-heading", "name", name, "city", city_name);
    let price = range(prices.iter().copied(), &city.currency);
    let lead = page.two("guide-examination-lead", "n", clinics.len(), "price", &price);
    let preparation = paragraphs(service.preparation.get(lang));
    let crumbs = vec![
        home(&page),
        Link { text: city_name.to_owned(), href: page.url(&paths::city(&city.code)) },
        Link { text: page.s("guide-examinations"), href: page.url(&paths::examinations(&city.code)) },
    ];
    let mut rows: Vec<(Option<Timestamp>, Offer)> = roles
        .iter()
        .take(SEEN_MAX)
        .filter_map(|role| offers::offer(state, catalogue, &page, role, role.offer(Some(&service.code))?, On::Service))
        .collect();
    // `None` last, which is not the order of `Option`.
    rows.sort_by_key(|(next, _)| (next.is_none(), *next));
    let more = roles.len().saturating_sub(OFFERS_MAX);
    rows.truncate(OFFERS_MAX);
    let mut cities: Vec<Link> = catalogue
        .cities
        .iter()
        .filter(|other| other.code != city.code)
        .filter(|other| atlas.city(&other.code).is_some_and(|there| there.examinations.contains_key(&service.code)))
        .map(|other| Link { text: other.names.get(lang).to_owned(), href: page.url(&paths::examination(&other.code, &service.code)) })
        .collect();
    by_name(&mut cities, |link| &link.text);
    let specialty = here.specialties.iter().find(|(code, _)| *code == service.specialty).and_then(|(code, _)| {
        let text = catalogue.specialty(code)?.names.get(lang).to_owned();
        Some(Link { text, href: page.url(&paths::specialty(&city.code, code)) })
    });
    let words = service.words.get(lang).trim().to_owned();
    let names: Vec<&str> = words.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    let mut test = json!({
        "@type": ["MedicalTest", "MedicalProcedure"],
        "name": name,
        "url": page.absolute(&page.url(&path)),
    });
    if let Some(fields) = test.as_object_mut() {
        if !names.is_empty() {
            fields.insert("alternateName".into(), names.clone().into());
        }
        if !preparation.is_empty() {
            fields.insert("preparation".into(), preparation.join(" ").into());
        }
    }
    let offered = json!({
        "@type": "Service",
        "name": name,
        "areaServed": {"@type": "City", "name": city_name},
        "offers": {
            "@type": "AggregateOffer",
            "lowPrice": major(prices.iter().copied().min()?),
            "highPrice": major(prices.iter().copied().max()?),
            "priceCurrency": city.currency,
            "offerCount": roles.len(),
        },
    });
    let found =
        Found::at(&path, heading.clone(), format!("{heading}. {lead}")).fact(page.breadcrumbs(&crumbs, name)).fact(test).fact(offered);
    Some(ExaminationPage {
        heading,
        lead,
        words: names.join(", "),
        preparation,
        offers: rows.into_iter().map(|(_, row)| row).collect(),
        more,
        specialty,
        cities,
        all: Link { text: page.one("guide-examinations-heading", "city", city_name), href: page.url(&paths::examinations(&city.code)) },
        crumbs,
        page: page.found(found),
    })
}

/// Minor units as schema.org writes a price: `1500` or `1500.50`.
fn major(minor: i64) -> String {
    let (whole, part) = (minor / 100, minor % 100);
    if part == 0 { whole.to_string() } else { format!("{whole}.{part:02}") }
}
