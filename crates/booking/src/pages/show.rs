//! From values of the field to what pages show: summaries, day strips, times.

use clock::{DAY, Timestamp};
use db::{Lang, Names};
use directory::catalogue::{Catalogue, Location, Practitioner, PractitionerRole, RoleId};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{ToSpan as _, Zoned};
use web::dates;
use web::money;
use web::page::{DayLink, Link, Portrait, Station, Summary, TimeButton};
use web::texts::Texts;

use crate::appointment::Appointment;
use crate::free::{SLOTS_MAX, Slot};
use crate::hold::HoldId;
use crate::wish::{Part, Wish};
use crate::world::World;

/// Days of the strip at most.
const STRIP_DAYS_MAX: i64 = 28;

/// The address of a doctor's page without its language.
pub(crate) fn doctor_path(catalogue: &Catalogue, role: &PractitionerRole, lang: Lang) -> String {
    directory::paths::doctor(catalogue, role, lang)
}

pub(crate) fn specialties(catalogue: &Catalogue, role: &PractitionerRole, lang: Lang) -> String {
    let names: Vec<&str> =
        role.specialties.iter().filter_map(|code| catalogue.specialty(code)).map(|specialty| specialty.names.get(lang)).collect();
    names.join(", ")
}

pub(crate) fn address(catalogue: &Catalogue, place: &Location, lang: Lang) -> String {
    let city = catalogue.city(&place.city).map_or("", |city| city.names.get(lang));
    format!("{city}, {}", place.address.get(lang))
}

/// Stations of one page at most (I9).
const STATIONS_MAX: usize = 4;

/// The stations near a place with their lines, in the order of the directory: nearest first.
pub(crate) fn stations(catalogue: &Catalogue, place: &Location, texts: &Texts) -> Vec<Station> {
    let near = place.metro.iter().take(STATIONS_MAX);
    near.filter_map(|near| {
        let metro = catalogue.metro(&near.metro)?;
        let line = |code: &String| {
            let line = catalogue.metro_line(code)?;
            Some((line.colour.clone(), line.names.get(texts.lang()).to_owned()))
        };
        let name = metro.names.get(texts.lang()).to_owned();
        Some(Station {
            words: texts.two("booking-metro-near", "metro", name, "n", near.walk_minutes),
            lines: metro.lines.iter().filter_map(line).collect(),
        })
    })
    .collect()
}

pub(crate) fn metro(catalogue: &Catalogue, place: &Location, texts: &Texts) -> Vec<String> {
    place
        .metro
        .iter()
        .filter_map(|near| {
            let name = catalogue.metro(&near.metro)?.names.get(texts.lang()).to_owned();
            Some(texts.two("booking-metro-near", "metro", name, "n", near.walk_minutes))
        })
        .collect()
}

/// Who, where, when, how much; of a hold, a visit, or a time just chosen.
pub(crate) struct When<'a> {
    pub(crate) role: RoleId,
    pub(crate) service: &'a str,
    pub(crate) start: Timestamp,
    /// The price told at booking, when it was booked already.
    pub(crate) price: Option<(i64, &'a str)>,
    /// What is asked for instead of a time.
    pub(crate) wishes: &'a [Wish],
}

impl<'a> From<&'a Appointment> for When<'a> {
    fn from(visit: &'a Appointment) -> Self {
        When {
            role: visit.role,
            service: &visit.service,
            start: visit.start,
            price: Some((visit.price_minor, &visit.currency)),
            wishes: if visit.is_request() { &visit.wishes } else { &[] },
        }
    }
}

impl<'a> From<&'a crate::hold::Hold> for When<'a> {
    fn from(hold: &'a crate::hold::Hold) -> Self {
        When { role: hold.role, service: &hold.service, start: hold.start, price: None, wishes: &[] }
    }
}

/// `None` when the doctor is no longer in the directory.
pub(crate) fn summary(world: &World, lang: Lang, when: &When<'_>) -> Option<Summary> {
    let catalogue = world.catalogue();
    let role = catalogue.role(when.role)?;
    // A device, a room or a place alone is named by what is done there.
    let service = catalogue.service(when.service);
    let doctor = catalogue.practitioner_of(role);
    let named = doctor.map(|doctor| &doctor.names).or_else(|| service.map(|service| &service.names))?;
    let clinic = catalogue.organization(role.organization)?;
    let place = catalogue.location(role.location)?;
    let zone = catalogue.zone_of(role)?;
    let offered = role.services.iter().find(|service| service.service == when.service);
    let currency = catalogue.city_of(role).map_or("", |city| city.currency.as_str());
    let (amount, currency) = when.price.or_else(|| offered.map(|service| (service.price_minor, currency)))?;
    let name = named.get(lang).to_owned();
    let mut specialty = specialties(&catalogue, role, lang);
    // The plain first visit needs no word of its own.
    if doctor.is_some()
        && role.services.first().is_none_or(|first| first.service != when.service)
        && let Some(service) = service
    {
        specialty = format!("{specialty}, {}", service.names.get(lang));
    }
    let at = when.start.to_jiff().to_zoned(zone.clone());
    Some(Summary {
        portrait: portrait(doctor, named, lang),
        doctor: name,
        specialty,
        when: match when.wishes {
            [] => dates::say(lang, &at, &now(world, &zone)),
            wishes => world.texts.of(lang).one("booking-wished", "wishes", wished(&world.texts.of(lang), wishes)),
        },
        start: if when.wishes.is_empty() { when.start.rfc3339(&zone) } else { String::new() },
        zone: if when.wishes.is_empty() { zone_words(&catalogue, lang, &at) } else { None },
        clinic: clinic.names.get(lang).to_owned(),
        address: web::unbroken(&address(&catalogue, place, lang)),
        metro: metro(&catalogue, place, &world.texts.of(lang)),
        price: money::price(amount, currency),
    })
}

/// Wishes in words: days that share their parts stand together.
fn wished(texts: &Texts, wishes: &[Wish]) -> String {
    let mut by_day: Vec<(Date, Vec<Part>)> = Vec::new();
    for wish in wishes {
        match by_day.iter_mut().find(|(day, _)| *day == wish.day) {
            Some((_, parts)) => parts.push(wish.part),
            None => by_day.push((wish.day, vec![wish.part])),
        }
    }
    let mut groups: Vec<(Vec<Part>, Vec<String>)> = Vec::new();
    for (day, parts) in by_day {
        let day = dates::day_month(texts.lang(), day);
        match groups.iter_mut().find(|(known, _)| *known == parts) {
            Some((_, days)) => days.push(day),
            None => groups.push((parts, vec![day])),
        }
    }
    let words = groups.into_iter().map(|(parts, days)| {
        let parts: Vec<String> = parts.iter().map(|part| texts.s(&format!("booking-part-{}", part.code()))).collect();
        texts.two("booking-wishes", "days", days.join(", "), "parts", parts.join(", "))
    });
    words.collect::<Vec<_>>().join("; ")
}

pub(crate) fn now(world: &World, zone: &TimeZone) -> Zoned {
    world.clock().now().to_jiff().to_zoned(zone.clone())
}

/// The zone in words when the operator's cities live in more than one: then a reader may be in another.
pub(crate) fn zone_words(catalogue: &Catalogue, lang: Lang, at: &Zoned) -> Option<String> {
    let first = catalogue.cities.first()?;
    catalogue.cities.iter().any(|city| city.zone != first.zone).then(|| dates::zone(lang, at))
}

pub(crate) fn button(lang: Lang, slot: Slot, zone: &TimeZone, now: &Zoned) -> TimeButton {
    let at = slot.start.to_jiff().to_zoned(zone.clone());
    TimeButton { label: dates::time(&at), long: dates::say(lang, &at, now), start: slot.start.rfc3339(zone) }
}

/// The free times of a role by day, from today on.
pub(crate) struct Days {
    today: Date,
    zone: TimeZone,
    now: Zoned,
    by_day: Vec<(Date, Vec<Slot>)>,
}

impl Days {
    pub(crate) fn of(world: &World, role: &PractitionerRole, zone: &TimeZone, service: Option<&str>, mine: Option<HoldId>) -> Days {
        let now = now(world, zone);
        let today = now.date();
        let from = Timestamp::from(now.timestamp());
        let slots = world.free.slots(role.id, service, from, Timestamp(from.micros() + STRIP_DAYS_MAX * DAY), SLOTS_MAX, mine);
        let mut by_day: Vec<(Date, Vec<Slot>)> = (0..STRIP_DAYS_MAX.min(role.horizon_days.max(1)))
            .filter_map(|ahead| today.checked_add(ahead.days()).ok())
            .map(|date| (date, Vec::new()))
            .collect();
        for slot in slots {
            let date = slot.start.to_jiff().to_zoned(zone.clone()).date();
            if let Some((_, day)) = by_day.iter_mut().find(|(day, _)| *day == date) {
                day.push(slot);
            }
        }
        Days { today, zone: zone.clone(), now, by_day }
    }

    /// The day asked for, if the strip has it; else the first day with a free time; else today.
    pub(crate) fn chosen(&self, asked: Option<&str>) -> Date {
        let asked = asked.and_then(|day| day.parse::<Date>().ok()).filter(|day| self.by_day.iter().any(|(known, _)| known == day));
        asked.or_else(|| self.first_free().map(|(day, _)| *day)).unwrap_or(self.today)
    }

    fn first_free(&self) -> Option<&(Date, Vec<Slot>)> {
        self.by_day.iter().find(|(_, slots)| !slots.is_empty())
    }

    /// The strip; `href` makes the address of a day.
    pub(crate) fn strip(&self, lang: Lang, chosen: Date, href: impl Fn(Date) -> String) -> Vec<DayLink> {
        self.by_day
            .iter()
            .map(|(day, slots)| DayLink {
                href: href(*day),
                weekday: dates::weekday_short(lang, day.weekday()).to_owned(),
                day: dates::day_short(lang, *day),
                long: dates::say_day(lang, *day, self.today),
                free: slots.len(),
                chosen: *day == chosen,
            })
            .collect()
    }

    /// The buttons of a day.
    pub(crate) fn buttons(&self, lang: Lang, day: Date) -> Vec<TimeButton> {
        let slots = self.by_day.iter().find(|(known, _)| *known == day).map(|(_, slots)| slots.as_slice()).unwrap_or_default();
        slots.iter().map(|slot| button(lang, *slot, &self.zone, &self.now)).collect()
    }

    /// When the day is empty: the next day that is not, else the first one that is not.
    pub(crate) fn nearest(&self, lang: Lang, day: Date, href: impl Fn(Date) -> String) -> Option<Link> {
        let full = |(known, slots): &&(Date, Vec<Slot>)| *known > day && !slots.is_empty();
        let (near, _) = self.by_day.iter().find(full).or_else(|| self.first_free())?;
        Some(Link { text: dates::say_day(lang, *near, self.today), href: href(*near) })
    }

    /// The day in words.
    pub(crate) fn say(&self, lang: Lang, day: Date) -> String {
        dates::say_day(lang, day, self.today)
    }

    /// The first days that have free times on or after `from`, each with its buttons closest to its begin.
    pub(crate) fn nearest_days(&self, lang: Lang, from: Date, days: usize, times: usize) -> Vec<(String, Vec<TimeButton>)> {
        self.by_day
            .iter()
            .filter(|(day, slots)| *day >= from && !slots.is_empty())
            .take(days)
            .map(|(day, slots)| {
                (self.say(lang, *day), slots.iter().take(times).map(|slot| button(lang, *slot, &self.zone, &self.now)).collect())
            })
            .collect()
    }
}

/// The drawn portrait of a doctor; initials of what is booked where there is no doctor.
pub(crate) fn portrait(doctor: Option<&Practitioner>, names: &Names, lang: Lang) -> Portrait {
    let portrait = Portrait::named(names, lang);
    match doctor {
        Some(doctor) => portrait.drawn_by(&doctor.id.to_string(), doctor.sex.map(|sex| sex.code())),
        None => portrait,
    }
}
