//! The cards of a results page: a doctor at a clinic, or an examination where no doctor is chosen.

use booking::Slot;
use clock::Timestamp;
use directory::catalogue::{Catalogue, Lang, Metro, PractitionerRole, RoleService};
use directory::paths;
use jiff::Zoned;
use web::dates;
use web::money;
use web::page::{Page, Portrait, TimeButton};

use crate::address::Asked;
use crate::engine::{self, Hit, Query, TIMES_MAX, kilometres};
use crate::index::Index;
use crate::texts;
use crate::views::{self, Card, Line};

/// Free times of a day on a card: the first ones and the folded ones.
const CARD_TIMES_MAX: usize = TIMES_MAX + 18;
/// Stations on a card (I9).
const STATIONS_MAX: usize = 3;

/// What all cards of one page share.
pub(super) struct Ground<'a> {
    pub(super) state: &'a crate::State,
    pub(super) index: &'a Index,
    pub(super) page: &'a Page,
    pub(super) now: Timestamp,
    pub(super) asked: &'a Asked,
    pub(super) query: &'a Query,
}

/// The card of a hit. `None` only for a role whose place or city the directory has lost, which its loading refuses.
pub(super) fn card(ground: &Ground<'_>, hit: &Hit) -> Option<Card> {
    let Ground { state, index, page, now, asked, .. } = *ground;
    let (catalogue, lang) = (index.catalogue(), page.lang());
    let (role, row) = (catalogue.roles.get(hit.place)?, index.rows().get(hit.place)?);
    let location = catalogue.location(role.location)?;
    let city = catalogue.city(&location.city)?;
    let doctor = catalogue.practitioner_of(role);
    // The service asked for; a role that offers it first holds it by its own default.
    let offer = role.offer(asked.service.as_deref()).or_else(|| role.offer(None))?;
    let first = role.services.first().is_some_and(|first| first.service == offer.service);
    let code = (!first).then(|| offer.service.clone());
    let service = catalogue.service(&offer.service).map_or("", |service| service.names.get(lang));
    let zone = index.zone_of(row);
    let now_there = now.to_jiff().to_zoned(zone.clone());
    let date = hit.next_free.map(|start| start.to_jiff().to_zoned(zone.clone()).date());
    let slots = |date| engine::of_day(index, &state.free(index), now, ground.query, hit.place, date, CARD_TIMES_MAX);
    let button = |slot: Slot| {
        let at = slot.start.to_jiff().to_zoned(zone.clone());
        TimeButton { label: dates::time(&at), long: dates::say(lang, &at, &now_there), start: slot.start.rfc3339(&zone) }
    };
    let mut times: Vec<TimeButton> = date.map(slots).unwrap_or_default().into_iter().map(button).collect();
    let more = times.split_off(TIMES_MAX.min(times.len()));
    let query: Vec<String> =
        date.map(|day| format!("day={day}")).into_iter().chain(code.iter().map(|code| format!("service={code}"))).collect();
    let path = page.url(&paths::doctor(catalogue, role, lang));
    let district = location.district.as_deref().and_then(|code| catalogue.district(code)).map(|district| district.names.get(lang));
    let address = location.address.get(lang);
    Some(Card {
        role: role.id.to_string(),
        href: if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) },
        portrait: doctor
            .map(|doctor| Portrait::named(&doctor.names, lang).drawn_by(&doctor.id.to_string(), doctor.sex.map(|sex| sex.code()))),
        name: doctor.map_or(service, |doctor| doctor.names.get(lang)).to_owned(),
        what: if doctor.is_some() { specialties(catalogue, role, lang) } else { device(catalogue, offer, lang) },
        notes: notes(catalogue, page, role, &now_there),
        badges: [(row.home, texts::home(true)), (row.online, texts::online(true))]
            .into_iter()
            .filter(|(is, _)| *is)
            .map(|(_, text)| page.s(text))
            .collect(),
        clinic: catalogue.organization(role.organization).map_or_else(String::new, |clinic| clinic.names.get(lang).to_owned()),
        address: match district {
            Some(district) => page.two("search-address", "district", district, "address", address),
            None => address.to_owned(),
        },
        metro: stations(catalogue, location, lang),
        distance: ground.query.origin.zip(row.place).map(|(from, to)| distance(page, asked.near.is_some(), kilometres(from, to))),
        price_of: match doctor {
            Some(_) if asked.service.is_none() => page.s("search-first-visit"),
            Some(_) => service.to_owned(),
            None => String::new(),
        },
        // A feed without prices leaves zero.
        price: if offer.price_minor > 0 { money::price(offer.price_minor, &city.currency) } else { String::new() },
        rating: None,
        day: (!times.is_empty()).then_some(date).flatten().map(|date| dates::say_day(lang, date, now_there.date())),
        by_request: times.is_empty() && booking::by_request(&state.world.free, role),
        times,
        more,
        service: code,
    })
}

fn specialties(catalogue: &Catalogue, role: &PractitionerRole, lang: Lang) -> String {
    let names: Vec<&str> =
        role.specialties.iter().filter_map(|code| catalogue.specialty(code)).map(|specialty| specialty.names.get(lang)).collect();
    names.join(", ")
}

fn device(catalogue: &Catalogue, offer: &RoleService, lang: Lang) -> String {
    let resource = offer.device.or(offer.room).and_then(|id| catalogue.resource(id));
    resource.map_or_else(String::new, |resource| resource.names.get(lang).to_owned())
}

/// Years, ages, languages: what a person compares at a glance.
fn notes(catalogue: &Catalogue, page: &Page, role: &PractitionerRole, now_there: &Zoned) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(doctor) = catalogue.practitioner_of(role) {
        notes.extend(doctor.since_year.map(|since| page.one("search-years", "n", (i64::from(now_there.year()) - since).max(0))));
        match (role.adults, role.children) {
            (true, true) => notes.push(dates::capital(&page.s("search-sees-both"))),
            (false, true) => notes.push(dates::capital(&page.s("search-sees-children"))),
            (_, false) => {}
        }
        let languages: Vec<String> = doctor.languages.iter().map(|lang| page.s(texts::language(*lang))).collect();
        if !languages.is_empty() {
            notes.push(page.one("search-speaks", "languages", languages.join(", ")));
        }
    }
    notes
}

/// A place of the reader's own is known to a kilometre only, so its distances are told so.
fn distance(page: &Page, about: bool, kilometres: f64) -> String {
    // Distances on Earth: a cast loses nothing.
    let whole = kilometres.round() as i64;
    match (about, whole) {
        (true, 0) => page.s("search-distance-near"),
        (true, _) => page.one("search-distance-about", "n", whole),
        (false, 0..=9) => {
            let point = if page.lang() == Lang::En { "." } else { "," };
            page.one("search-distance-station", "km", format!("{kilometres:.1}").replace('.', point))
        }
        (false, _) => page.one("search-distance-station", "km", whole),
    }
}

fn stations(catalogue: &Catalogue, location: &directory::catalogue::Location, lang: Lang) -> Vec<views::Metro> {
    let near = location.metro.iter().filter_map(|near| {
        let metro = catalogue.metro(&near.metro)?;
        Some(views::Metro { name: metro.names.get(lang).to_owned(), minutes: near.walk_minutes, lines: lines(catalogue, metro, lang) })
    });
    near.take(STATIONS_MAX).collect()
}

/// The lines of a station.
pub(super) fn lines(catalogue: &Catalogue, metro: &Metro, lang: Lang) -> Vec<Line> {
    let line = |code: &String| {
        let line = catalogue.metro_line(code)?;
        Some(Line { colour: line.colour.clone(), name: line.names.get(lang).to_owned() })
    };
    metro.lines.iter().filter_map(line).collect()
}
