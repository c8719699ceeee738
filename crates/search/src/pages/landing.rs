//! What the plain page of a specialty in a city has beside its list: an introduction, what is offered for how much, stations to
//! choose by, and where else to look. Pages of filters and numbers do without.

use std::collections::BTreeMap;

use directory::catalogue::{Catalogue, City, Specialty};
use directory::paths;
use serde_json::json;
use web::Found;
use web::money;
use web::page::{Link, Page};

use super::by_name_of;
use crate::address::Asked;
use crate::index::Index;
use crate::sets::Facet;
use crate::views::{Landing, Offered};

/// Districts, stations and services linked at most (I9).
const DISTRICTS_MAX: usize = 24;
const STATIONS_MAX: usize = 12;
const SERVICES_MAX: usize = 20;

/// The plain question of a specialty in a city: no words, no filter, first page.
pub(super) fn is_plain(asked: &Asked) -> bool {
    asked.specialty.as_ref().is_some_and(|code| asked.address() == paths::specialty(&asked.city, code))
}

/// The way to a results page: home, city.
pub(super) fn crumbs(page: &Page, city: Option<&City>) -> Vec<Link> {
    let mut crumbs = vec![Link { text: page.s("search-home"), href: page.url("/") }];
    crumbs.extend(city.map(|city| Link { text: city.names.get(page.lang()).to_owned(), href: page.url(&paths::city(&city.code)) }));
    crumbs
}

/// What machines read of a results page: only the plain page of a specialty in a city is worth finding.
pub(super) fn found(page: &Page, asked: &Asked, heading: &str, total: usize, crumbs: &[Link]) -> Found {
    let path = match &asked.specialty {
        Some(code) if asked.q.is_empty() => paths::specialty(&asked.city, code),
        _ => "/search".to_owned(),
    };
    let sentence = format!("{heading}. {} {}", page.one("search-total", "n", total), page.s("search-landing-sentence"));
    Found::at(&path, heading, sentence).indexed(is_plain(asked) && total > 0).fact(page.breadcrumbs(crumbs, heading))
}

/// `None` for any other question than the plain one.
pub(super) fn landing(index: &Index, page: &Page, asked: &Asked, city: Option<&City>) -> Option<Landing> {
    let (catalogue, lang): (&Catalogue, _) = (index.catalogue(), page.lang());
    let specialty = asked.specialty.as_deref().filter(|_| is_plain(asked)).and_then(|code| catalogue.specialty(code))?;
    let city = city?;
    let place = catalogue.cities.iter().position(|known| known.code == city.code)?;
    let number = catalogue.specialties.iter().position(|known| known.code == specialty.code)?;
    let sets = index.sets();
    let (of_city, of_specialty) = (sets.of(Facet::City, place)?, sets.of(Facet::Specialty, number)?);
    let mut prices: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    let mut stations: BTreeMap<usize, usize> = BTreeMap::new();
    let mut districts: BTreeMap<usize, usize> = BTreeMap::new();
    let others = (0..catalogue.specialties.len()).filter(|other| *other != number);
    let others = others.map(|other| (other, sets.of(Facet::Specialty, other).map_or(0, |those| of_city.common(those))));
    let others: BTreeMap<usize, usize> = others.filter(|(_, count)| *count > 0).collect();
    let (mut clinics, mut visits) = (std::collections::BTreeSet::new(), Vec::new());
    for at in of_city.places().filter(|at| of_specialty.has(*at)) {
        let Some(role) = catalogue.roles.get(at) else { continue };
        clinics.insert(role.organization);
        visits.extend(role.offer(None).map(|offer| offer.price_minor));
        sets.places_of_role(at, Facet::District).for_each(|district| *districts.entry(district).or_default() += 1);
        sets.places_of_role(at, Facet::Metro).for_each(|station| *stations.entry(station).or_default() += 1);
        for offer in &role.services {
            let range = prices.entry(&offer.service).or_insert((offer.price_minor, offer.price_minor));
            *range = (range.0.min(offer.price_minor), range.1.max(offer.price_minor));
        }
    }
    let mut services: Vec<Offered> = prices
        .into_iter()
        .filter_map(|(code, (low, high))| {
            let service = catalogue.service(code)?;
            let price = money::range(low, high, &city.currency);
            Some(Offered { name: service.names.get(lang).to_owned(), price })
        })
        .take(SERVICES_MAX)
        .collect();
    services.sort_by_cached_key(|offered| crate::words::plain(&offered.name));
    let mut metros: Vec<Link> = most(stations, STATIONS_MAX)
        .filter_map(|place| catalogue.metros.get(place))
        .map(|metro| Link {
            text: metro.names.get(lang).to_owned(),
            href: page.url(&asked.but(|asked| set_metro(asked, &metro.code)).address()),
        })
        .collect();
    by_name_of(&mut metros);
    let mut districts: Vec<Link> = most(districts, DISTRICTS_MAX)
        .filter_map(|place| catalogue.districts.get(place))
        .map(|district| Link {
            text: district.names.get(lang).to_owned(),
            href: page.url(&asked.but(|asked| set_district(asked, &district.code)).address()),
        })
        .collect();
    by_name_of(&mut districts);
    let mut neighbours: Vec<Link> = most(others, usize::MAX)
        .filter_map(|place| catalogue.specialties.get(place))
        .map(|other: &Specialty| Link {
            text: other.names.get(lang).to_owned(),
            href: page.url(&paths::specialty(&city.code, &other.code)),
        })
        .collect();
    by_name_of(&mut neighbours);
    Some(Landing {
        intro: page.with(
            "search-landing-intro",
            &[
                ("field", specialty.field.get(lang).into()),
                ("clinics", clinics.len().into()),
                ("prices", money::range(visits.iter().copied().min()?, visits.iter().copied().max()?, &city.currency).into()),
            ],
        ),
        services,
        districts,
        metros,
        neighbours,
        city: Link { text: city.names.get(lang).to_owned(), href: page.url(&paths::city(&city.code)) },
    })
}

fn set_district(asked: &mut Asked, code: &str) {
    asked.district = vec![code.to_owned()];
}

fn set_metro(asked: &mut Asked, code: &str) {
    asked.metro = vec![code.to_owned()];
}

/// The keys with the highest counts.
fn most(counted: BTreeMap<usize, usize>, limit: usize) -> impl Iterator<Item = usize> {
    let mut counted: Vec<(usize, usize)> = counted.into_iter().collect();
    counted.sort_by_key(|(place, count)| (std::cmp::Reverse(*count), *place));
    counted.into_iter().take(limit).map(|(place, _)| place)
}

/// The facts of the site itself, for the home page.
pub(super) fn of_the_site(page: &Page) -> Found {
    let url = page.absolute(&page.url("/"));
    let site = json!({
        "@type": "WebSite",
        "name": "Recomed",
        "url": url,
        "inLanguage": page.code(),
        "potentialAction": {
            "@type": "SearchAction",
            "target": format!("{}?q={{words}}", page.absolute(&page.url("/search"))),
            "query-input": "required name=words",
        },
    });
    Found::at("/", page.s("search-home-title"), page.s("search-home-lead")).fact(site)
}
