//! A clinic's place as people look for it: address, stations, hours, map.

use directory::catalogue::{Catalogue, Location, Organization};
use jiff::Zoned;
use jiff::civil::Weekday;
use serde_json::{Value, json};
use web::page::{Page, Phone, Station};
use web::{Lang, dates};

use crate::hours::{self, Now};
use crate::views::{Hours, Place};

/// Stations shown for one place at most (I9).
const STATIONS_MAX: usize = 4;

/// `Saint Petersburg, Kamennoostrovsky Avenue 42`.
pub(crate) fn address(catalogue: &Catalogue, place: &Location, lang: Lang) -> String {
    let city = catalogue.city(&place.city).map_or("", |city| city.names.get(lang));
    format!("{city}, {}", place.address.get(lang))
}

/// The stations near a place, nearest first, with the colours of their lines.
pub(crate) fn stations(catalogue: &Catalogue, place: &Location, page: &Page) -> Vec<Station> {
    let lang = page.lang();
    let near = place.metro.iter().take(STATIONS_MAX);
    near.filter_map(|near| {
        let metro = catalogue.metro(&near.metro)?;
        let line = |code: &String| {
            let line = catalogue.metro_line(code)?;
            Some((line.colour.clone(), line.names.get(lang).to_owned()))
        };
        Some(Station {
            words: page.two("guide-station", "station", metro.names.get(lang), "n", near.walk_minutes),
            lines: metro.lines.iter().filter_map(line).collect(),
        })
    })
    .collect()
}

/// One place of a clinic; `number` tells it from the others on the page.
pub(crate) fn place(catalogue: &Catalogue, clinic: &Organization, location: &Location, page: &Page, now: &Zoned, number: usize) -> Place {
    let lang = page.lang();
    let whole = web::unbroken(&address(catalogue, location, lang));
    let own = location.names.get(lang);
    let (name, address) = if own.is_empty() { (whole, String::new()) } else { (own.to_owned(), whole) };
    let state = hours::at(&location.hours, now);
    let district = location.district.as_deref().and_then(|code| catalogue.district(code));
    Place {
        anchor: format!("place-{number}"),
        name,
        address,
        district: district.map_or_else(String::new, |district| page.one("guide-district", "district", district.names.get(lang))),
        stations: stations(catalogue, location, page),
        now: state.map_or_else(String::new, |state| words(page, state, now)),
        open: matches!(state, Some(Now::Always | Now::Until(_))),
        week: week(page, location, now),
        phone: Some(&location.phone).filter(|phone| !phone.is_empty() && **phone != clinic.phone).map(|phone| Phone::new(phone)),
        map_href: location
            .lat
            .zip(location.lon)
            .map(|(lat, lon)| format!("https://www.openstreetmap.org/?mlat={lat:.5}&mlon={lon:.5}#map=17/{lat:.5}/{lon:.5}")),
    }
}

fn words(page: &Page, state: Now, now: &Zoned) -> String {
    match state {
        Now::Always => page.s("guide-open-always"),
        Now::Until(minute) => page.one("guide-open-until", "time", hours::clock_time(minute)),
        Now::Opens(day, minute) => {
            let day = dates::say_day(page.lang(), day, now.date());
            page.two("guide-closed-until", "day", day, "time", hours::clock_time(minute))
        }
    }
}

fn week(page: &Page, location: &Location, now: &Zoned) -> Vec<Hours> {
    if location.hours.is_empty() {
        return Vec::new();
    }
    let short = |weekday: i64| {
        let weekday = i8::try_from(weekday).ok().and_then(|number| Weekday::from_monday_one_offset(number).ok());
        dates::capital(weekday.map_or("", |weekday| dates::weekday_short(page.lang(), weekday)))
    };
    let line = |(first, last, hours): (i64, i64, Vec<(i64, i64)>)| Hours {
        days: match (first, last) {
            (1, 7) => page.s("guide-every-day"),
            (first, last) if first == last => short(first),
            (first, last) => format!("{}–{}", short(first), short(last)),
        },
        hours: match hours.as_slice() {
            [] => page.s("guide-closed"),
            [(0, 1440)] => page.s("guide-all-day"),
            hours => {
                let ranges: Vec<String> =
                    hours.iter().map(|(from, to)| format!("{}–{}", hours::clock_time(*from), hours::clock_time(*to))).collect();
                ranges.join(", ")
            }
        },
    };
    hours::week(&location.hours, now.date()).into_iter().map(line).collect()
}

/// Address, place and hours as schema.org says them; a part of the node of whatever is there.
pub(crate) fn facts(catalogue: &Catalogue, location: &Location, lang: Lang, now: &Zoned) -> Vec<(&'static str, Value)> {
    let city = catalogue.city(&location.city);
    let mut facts = vec![(
        "address",
        json!({
            "@type": "PostalAddress",
            "streetAddress": location.address.get(lang),
            "addressLocality": city.map(|city| city.names.get(lang)),
            "addressCountry": city.map(|city| city.country.as_str()),
        }),
    )];
    if let Some((lat, lon)) = location.lat.zip(location.lon) {
        facts.push(("geo", json!({"@type": "GeoCoordinates", "latitude": lat, "longitude": lon})));
    }
    const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let mut specification = Vec::new();
    for (first, last, hours) in hours::week(&location.hours, now.date()) {
        let days: Vec<&str> = (first..=last).filter_map(|day| DAYS.get(usize::try_from(day - 1).ok()?).copied()).collect();
        for (from, to) in hours {
            let closes = if to == 1440 { "23:59".to_owned() } else { hours::clock_time(to) };
            specification.push(json!({
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": days,
                "opens": hours::clock_time(from),
                "closes": closes,
            }));
        }
    }
    if !specification.is_empty() {
        facts.push(("openingHoursSpecification", specification.into()));
    }
    facts
}
