//! What can be booked, as a row of a list: who or which device, where, for how much, and the first free times.

use clock::Timestamp;
use directory::catalogue::{Catalogue, PractitionerRole, RoleService};
use directory::paths;
use web::page::{Link, Page, Portrait, TimeButton};
use web::{dates, money};

use crate::pages::State;
use crate::places;
use crate::views::Offer;

/// Free times of one row.
const TIMES_MAX: usize = 4;
/// Minutes of a day.
const DAY_MINUTES: i64 = 24 * 60;

/// Where a row stands: what the page around it says already is left out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    /// The page of its clinic; `true` when the clinic has several places.
    Clinic(bool),
    /// The page of its service.
    Service,
}

/// The row of that offer, and its first free time.
pub(crate) fn offer(
    state: &State,
    catalogue: &Catalogue,
    page: &Page,
    role: &PractitionerRole,
    offered: &RoleService,
    on: On,
) -> Option<(Option<Timestamp>, Offer)> {
    let (lang, now) = (page.lang(), state.world.clock().now());
    let location = catalogue.location(role.location)?;
    let city = catalogue.city(&location.city)?;
    let zone = catalogue.zone_of(role)?;
    let clinic = catalogue.organization(role.organization)?;
    let service = catalogue.service(&offered.service)?;
    let doctor = catalogue.practitioner_of(role);
    let first = role.services.first().is_some_and(|first| first.service == offered.service);
    let code = (!first).then(|| offered.service.clone());
    let to = now.plus_minutes(role.horizon_days.clamp(1, 366).saturating_add(1) * DAY_MINUTES);
    let slots = state.world.free.slots(role.id, Some(&offered.service), now, to, TIMES_MAX, None);
    let now_there = now.to_jiff().to_zoned(zone.clone());
    let starts: Vec<_> = slots.iter().map(|slot| (slot.start, slot.start.to_jiff().to_zoned(zone.clone()))).collect();
    let date = starts.first().map(|(_, at)| at.date());
    let times = starts
        .iter()
        .filter(|(_, at)| Some(at.date()) == date)
        .map(|(start, at)| TimeButton { label: dates::time(at), long: dates::say(lang, at, &now_there), start: start.rfc3339(&zone) })
        .collect();
    let query: Vec<String> =
        date.map(|day| format!("day={day}")).into_iter().chain(code.iter().map(|code| format!("service={code}"))).collect();
    let path = page.url(&paths::doctor(catalogue, role, lang));
    let device = offered.device.and_then(|id| catalogue.resource(id)).map(|device| device.names.get(lang).to_owned());
    let specialties: Vec<&str> =
        role.specialties.iter().filter_map(|code| catalogue.specialty(code)).map(|specialty| specialty.names.get(lang)).collect();
    let mut note = Vec::new();
    if let Some(since) = doctor.and_then(|doctor| doctor.since_year) {
        note.push(page.one("guide-years", "n", (i64::from(now_there.year()) - since).max(0)));
    }
    match (role.adults, role.children) {
        (true, true) => note.push(page.s("guide-sees-both")),
        (false, true) => note.push(page.s("guide-sees-children")),
        (_, false) => {}
    }
    let of_service = on == On::Service;
    let street = of_service || on == On::Clinic(true);
    let row = Offer {
        role: role.id.to_string(),
        service: code,
        portrait: doctor
            .map(|doctor| Portrait::named(&doctor.names, lang).drawn_by(&doctor.id.to_string(), doctor.sex.map(|sex| sex.code()))),
        name: match doctor {
            Some(doctor) => doctor.names.get(lang).to_owned(),
            None if of_service => clinic.names.get(lang).to_owned(),
            None => service.names.get(lang).to_owned(),
        },
        href: if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) },
        what: match (doctor, of_service) {
            (Some(_), true) => specialties.join(", "),
            (None, _) => device.unwrap_or_default(),
            (Some(_), false) => String::new(),
        },
        note: note.join(" · "),
        clinic: (of_service && doctor.is_some())
            .then(|| Link { text: clinic.names.get(lang).to_owned(), href: page.url(&paths::clinic(clinic, lang)) }),
        address: if street { web::unbroken(location.address.get(lang)) } else { String::new() },
        stations: if of_service { places::stations(catalogue, location, page) } else { Vec::new() },
        price_for: if of_service || doctor.is_none() { String::new() } else { service.names.get(lang).to_owned() },
        price: money::price(offered.price_minor, &city.currency),
        minutes: offered.minutes,
        day: date.map(|date| dates::say_day(lang, date, now_there.date())),
        times,
    };
    Some((slots.first().map(|slot| slot.start), row))
}

/// `1 500 ₽`, or `1 500–3 000 ₽`; empty without a price.
pub(crate) fn range(prices: impl Iterator<Item = i64> + Clone, currency: &str) -> String {
    match (prices.clone().min(), prices.max()) {
        (Some(low), Some(high)) => money::range(low, high, currency),
        _ => String::new(),
    }
}
