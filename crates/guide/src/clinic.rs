//! A clinic: where it is, when it is open, who receives there and what is examined.

use std::collections::BTreeMap;

use axum::extract::{Path, RawQuery, State as Held};
use axum::http::HeaderMap;
use axum::response::Response;
use clock::Timestamp;
use directory::catalogue::{Catalogue, Location, Organization, OrganizationId, PractitionerRole, ResourceKind, ServiceKind};
use directory::paths;
use jiff::Zoned;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use web::page::{Link, Page, Phone};
use web::{Found, Lang, dates, html};

use crate::offers::{self, On, range};
use crate::pages::{State, by_name, clinic_absent, home, in_all, moved, not_found, paragraphs};
use crate::places;
use crate::views::{ClinicPage, Group, Offer, Row};

/// Places of a clinic shown at most (I9).
const PLACES_MAX: usize = 20;
/// Doctors shown at most; the search has the others.
const DOCTORS_MAX: usize = 80;
/// Branches, devices: names in a list at most.
const NAMES_MAX: usize = 40;
const ID_CHARS: usize = 36;

/// `/{lang}/clinics/{id}-{slug}`.
pub(crate) async fn page(
    Held(state): Held<State>,
    Path((code, clinic)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let catalogue = state.world.catalogue();
    let id = clinic.get(..ID_CHARS).unwrap_or(&clinic).parse::<OrganizationId>();
    let Some((lang, id)) = code.parse::<Lang>().ok().zip(id.ok()) else { return not_found(&state, &code, &headers) };
    let Some(known) = catalogue.organization(id) else { return clinic_absent(&state, lang) };
    let path = paths::clinic(known, lang);
    if format!("/clinics/{clinic}") != path {
        // One address per clinic: a name that was changed or mistyped leads to the present one.
        return moved(&format!("/{lang}{path}{}", query.map_or_else(String::new, |query| format!("?{query}"))));
    }
    match view(&state, &catalogue, known, lang, path) {
        Some(view) => html::public(&view),
        // Without a place nobody can be received.
        None => clinic_absent(&state, lang),
    }
}

fn view(state: &State, catalogue: &Catalogue, clinic: &Organization, lang: Lang, path: String) -> Option<ClinicPage> {
    let locations: Vec<&Location> = catalogue.locations_of(clinic.id).take(PLACES_MAX).collect();
    let city = catalogue.city(&locations.first()?.city)?;
    let page = state.world.page(lang, path, Some(&city.code));
    let moment = state.world.clock().now();
    let now_at = |location: &Location| -> Zoned {
        let zone = catalogue.city(&location.city).and_then(|city| TimeZone::get(&city.zone).ok()).unwrap_or(TimeZone::UTC);
        moment.to_jiff().to_zoned(zone)
    };
    let name = clinic.names.get(lang).to_owned();
    let roles: Vec<&PractitionerRole> = catalogue.roles_of_organization(clinic.id).collect();
    let doctors = roles.iter().filter(|role| role.practitioner.is_some()).count();
    let examinations = examinations(catalogue, &page, &roles, &city.currency);
    let city_name = city.names.get(lang);
    let lead = page
        .with("guide-clinic-lead", &[("city", city_name.into()), ("doctors", doctors.into()), ("examinations", examinations.len().into())]);
    let crumbs = vec![
        home(&page),
        Link { text: city_name.to_owned(), href: page.url(&paths::city(&city.code)) },
        Link { text: page.s("guide-clinics"), href: page.url(&paths::clinics(&city.code)) },
    ];
    let places: Vec<_> = locations
        .iter()
        .enumerate()
        .map(|(number, location)| places::place(catalogue, clinic, location, &page, &now_at(location), number + 1))
        .collect();
    let named = |other: &Organization| Link { text: other.names.get(lang).to_owned(), href: page.url(&paths::clinic(other, lang)) };
    let mut branches: Vec<Row> = catalogue
        .branches_of(clinic.id)
        .take(NAMES_MAX)
        .filter_map(|branch| {
            let place = catalogue.locations_of(branch.id).next()?;
            Some(Row { link: named(branch), note: web::unbroken(&places::address(catalogue, place, lang)) })
        })
        .collect();
    by_name(&mut branches, |row| &row.link.text);
    let part_of =
        clinic.part_of.and_then(|id| catalogue.organization(id)).filter(|whole| catalogue.locations_of(whole.id).next().is_some());
    let prices = range(roles.iter().filter_map(|role| role.offer(None)).map(|offer| offer.price_minor), &city.currency);
    let mut found = Found::by_language(
        in_all(|lang| paths::clinic(clinic, lang)),
        name.clone(),
        format!("{name}, {}. {lead}", places::address(catalogue, locations.first()?, lang)),
    )
    .fact(page.breadcrumbs(&crumbs, &name));
    for (number, location) in locations.iter().enumerate() {
        let mut node = Map::new();
        let mut put = |key: &str, value: Value| drop(node.insert(key.to_owned(), value));
        put("@type", "MedicalClinic".into());
        put("@id", page.absolute(&format!("{}#place-{}", page.url(&paths::clinic(clinic, lang)), number + 1)).into());
        put("url", page.absolute(&page.url(&paths::clinic(clinic, lang))).into());
        put("name", name.as_str().into());
        let phone = if location.phone.is_empty() { &clinic.phone } else { &location.phone };
        if !phone.is_empty() {
            put("telephone", phone.as_str().into());
        }
        if !prices.is_empty() {
            put("priceRange", prices.as_str().into());
        }
        if let Some(whole) = part_of {
            put(
                "parentOrganization",
                json!({"@type": "MedicalOrganization", "name": whole.names.get(lang), "url": page.absolute(&named(whole).href)}),
            );
        }
        if !clinic.site.is_empty() {
            put("sameAs", clinic.site.as_str().into());
        }
        for (key, value) in places::facts(catalogue, location, lang, &now_at(location)) {
            put(key, value);
        }
        found = found.fact(node.into());
    }
    let (groups, shown) = groups(state, catalogue, &page, &roles, &city.code, locations.len() > 1);
    let mut devices: Vec<String> = locations
        .iter()
        .flat_map(|location| catalogue.resources_at(location.id))
        .filter(|resource| resource.kind == ResourceKind::Device)
        .map(|resource| resource.names.get(lang).to_owned())
        .collect();
    devices.sort_unstable();
    devices.dedup();
    devices.truncate(NAMES_MAX);
    Some(ClinicPage {
        lead: if prices.is_empty() { lead } else { format!("{lead} {}", page.one("guide-clinic-prices", "prices", &prices)) },
        phone: Some(&clinic.phone).filter(|phone| !phone.is_empty()).map(|phone| Phone::new(phone)),
        part_of: part_of.map(named),
        branches,
        places,
        about: paragraphs(clinic.about.get(lang)),
        groups,
        more: (doctors > shown).then(|| Link {
            text: page.one("guide-clinic-more", "n", doctors - shown),
            href: page.url(&format!("/search?city={}&q={}", city.code, percent(&name))),
        }),
        examinations,
        devices,
        license: license(&page, clinic),
        site: Some(&clinic.site).filter(|site| site.starts_with("https://") || site.starts_with("http://")).map(|site| Link {
            text: site.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/').to_owned(),
            href: site.clone(),
        }),
        name,
        crumbs,
        page: page.found(found),
    })
}

/// Doctors by specialty, the largest first, within it the soonest first; and how many are shown.
fn groups(state: &State, catalogue: &Catalogue, page: &Page, roles: &[&PractitionerRole], city: &str, places: bool) -> (Vec<Group>, usize) {
    let mut by_specialty: BTreeMap<&str, Vec<(Option<Timestamp>, Offer)>> = BTreeMap::new();
    let mut shown = 0;
    for role in roles.iter().filter(|role| role.practitioner.is_some()).take(DOCTORS_MAX) {
        let (Some(specialty), Some(offered)) = (role.specialties.first(), role.offer(None)) else { continue };
        if let Some(row) = offers::offer(state, catalogue, page, role, offered, On::Clinic(places)) {
            by_specialty.entry(specialty).or_default().push(row);
            shown += 1;
        }
    }
    let mut groups: Vec<Group> = by_specialty
        .into_iter()
        .filter_map(|(code, mut rows)| {
            // `None` last, which is not the order of `Option`.
            rows.sort_by_key(|(next, _)| (next.is_none(), *next));
            let link =
                Link { text: catalogue.specialty(code)?.field.get(page.lang()).to_owned(), href: page.url(&paths::specialty(city, code)) };
            Some(Group { link, offers: rows.into_iter().map(|(_, row)| row).collect() })
        })
        .collect();
    by_name(&mut groups, |group| &group.link.text);
    groups.sort_by_key(|group| std::cmp::Reverse(group.offers.len()));
    (groups, shown)
}

/// Each examination of the clinic once, at its lowest price; the link leads to the offer of the soonest role here.
fn examinations(catalogue: &Catalogue, page: &Page, roles: &[&PractitionerRole], currency: &str) -> Vec<Row> {
    let mut known: BTreeMap<&str, (&PractitionerRole, Vec<i64>)> = BTreeMap::new();
    for role in roles {
        for offer in &role.services {
            if catalogue.service(&offer.service).is_some_and(|service| service.kind == ServiceKind::Examination) {
                known.entry(&offer.service).or_insert_with(|| (*role, Vec::new())).1.push(offer.price_minor);
            }
        }
    }
    let mut rows: Vec<Row> = known
        .into_iter()
        .filter_map(|(code, (role, prices))| {
            let first = role.services.first().is_some_and(|first| first.service == code);
            let query = if first { String::new() } else { format!("?service={code}") };
            Some(Row {
                link: Link {
                    text: catalogue.service(code)?.names.get(page.lang()).to_owned(),
                    href: page.url(&format!("{}{query}", paths::doctor(catalogue, role, page.lang()))),
                },
                note: range(prices.into_iter(), currency),
            })
        })
        .collect();
    by_name(&mut rows, |row| &row.link.text);
    rows
}

/// `Licence Л041-… of 12 March 2021, given by …`.
fn license(page: &Page, clinic: &Organization) -> String {
    let Some(license) = &clinic.license else { return String::new() };
    let mut words = match license.issued_on {
        Some(day) => page.two("guide-license-of", "number", &license.number, "day", dates::date(page.lang(), day)),
        None => page.one("guide-license", "number", &license.number),
    };
    if !license.issuer.is_empty() {
        words = format!("{words}. {}", page.one("guide-license-issuer", "issuer", &license.issuer));
    }
    words
}

/// Percent-encoding of all but the unreserved characters.
fn percent(text: &str) -> String {
    let escaped = |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(escaped).collect()
}
