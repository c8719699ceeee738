//! What the program brings along: the first cities with their districts and stations, the specialties and their services.
//!
//! The lists are CSV files inside the program. Every import writes them first, so that a newer program brings newer lists; what an
//! operator's files add to them (a further city, a district) stays.

use crate::catalogue::{City, District, HealthcareService, Metro, MetroLine, Mode, Names, Parts, ServiceKind, Specialty};

const CITIES: &str = include_str!("../data/cities.csv");
const DISTRICTS: &str = include_str!("../data/districts.csv");
const METRO_LINES: &str = include_str!("../data/metro_lines.csv");
const METRO: &str = include_str!("../data/metro.csv");
const SPECIALTIES: &str = include_str!("../data/specialties.csv");
const SERVICES: &str = include_str!("../data/services.csv");

/// The embedded lists; no clinics, doctors or phones. Every name exists in the three languages and no code stands twice: the
/// test of this file keeps the lists so.
pub fn reference() -> Parts {
    Parts {
        cities: table(CITIES, |row| City {
            code: row.text("code"),
            names: row.names("name"),
            zone: row.text("zone"),
            country: row.text("country"),
            currency: row.text("currency"),
            phone: None,
            lat: row.number("lat"),
            lon: row.number("lon"),
        }),
        districts: table(DISTRICTS, |row| District { code: row.text("code"), city: row.text("city"), names: row.names("name") }),
        metro_lines: table(METRO_LINES, |row| MetroLine {
            code: row.text("code"),
            city: row.text("city"),
            names: row.names("name"),
            colour: row.text("colour"),
        }),
        metros: table(METRO, |row| Metro {
            code: row.text("code"),
            city: row.text("city"),
            names: row.names("name"),
            lines: row.text("lines").split_whitespace().map(str::to_owned).collect(),
            lat: row.number("lat"),
            lon: row.number("lon"),
        }),
        specialties: table(SPECIALTIES, |row| Specialty {
            code: row.text("code"),
            names: row.names("name"),
            field: row.names("field"),
            words: row.names("words"),
            child: row.text("child") == "1",
        }),
        services: table(SERVICES, |row| HealthcareService {
            code: row.text("code"),
            specialty: row.text("specialty"),
            names: row.names("name"),
            kind: ServiceKind::from_code(&row.text("kind")).unwrap_or(ServiceKind::Consultation),
            mode: Mode::from_code(&row.text("mode")).unwrap_or(Mode::Clinic),
            preparation: row.names("preparation"),
            words: row.names("words"),
        }),
        ..Parts::default()
    }
}

/// The service booked first with a doctor of that specialty.
pub(crate) fn consultation(specialty: &str) -> String {
    format!("{specialty}-consultation")
}

/// The service booked afterwards.
pub(crate) fn follow_up(specialty: &str) -> String {
    format!("{specialty}-follow-up")
}

/// A visit at home, for the specialties that make them.
pub(crate) fn home_visit(specialty: &str) -> String {
    format!("{specialty}-home")
}

/// A visit by video, for the specialties that offer one.
pub(crate) fn online_consultation(specialty: &str) -> String {
    format!("{specialty}-online")
}

/// A row of an embedded list. A missing column or a wrong number reads as empty or zero: the lists are part of the program and
/// their test refuses both.
pub(crate) struct ListRow<'r> {
    header: &'r csv::StringRecord,
    record: &'r csv::StringRecord,
}

impl ListRow<'_> {
    pub(crate) fn text(&self, column: &str) -> String {
        let at = self.header.iter().position(|name| name == column);
        at.and_then(|at| self.record.get(at)).unwrap_or_default().to_owned()
    }
    pub(crate) fn names(&self, column: &str) -> Names {
        let name = |lang: &str| self.text(&format!("{column}_{lang}"));
        Names { kk: name("kk"), ru: name("ru"), en: name("en") }
    }
    pub(crate) fn number(&self, column: &str) -> f64 {
        self.text(column).parse().unwrap_or_default()
    }
}

/// Reads an embedded list.
pub(crate) fn table<T>(text: &str, read: impl Fn(&ListRow<'_>) -> T) -> Vec<T> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    reader.records().filter_map(Result::ok).map(|record| read(&ListRow { header: &header, record: &record })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn complete(names: &Names, what: &str) {
        for lang in db::Lang::ALL {
            let name = names.get(lang);
            assert!(!name.trim().is_empty(), "{what} has no name in {lang}");
            assert_eq!(name.trim(), name, "{what} in {lang}");
        }
    }
    fn unique<'c>(codes: impl Iterator<Item = &'c str>) {
        let mut seen = HashSet::new();
        for code in codes {
            assert!(seen.insert(code), "{code} stands twice");
            assert!(code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{code}");
        }
        assert!(!seen.is_empty());
    }
    fn lines(text: &str) -> usize {
        text.lines().count() - 1
    }

    #[test]
    fn every_list_is_complete_in_three_languages() {
        let parts = reference();
        assert_eq!(parts.cities.len(), lines(CITIES));
        assert_eq!(parts.districts.len(), lines(DISTRICTS));
        assert_eq!(parts.metros.len(), lines(METRO));
        assert_eq!((parts.specialties.len(), lines(SPECIALTIES)), (25, 25));
        assert_eq!(parts.services.len(), lines(SERVICES));
        unique(parts.cities.iter().map(|city| city.code.as_str()));
        unique(parts.districts.iter().map(|district| district.code.as_str()));
        unique(parts.metros.iter().map(|metro| metro.code.as_str()));
        unique(parts.specialties.iter().map(|specialty| specialty.code.as_str()));
        unique(parts.services.iter().map(|service| service.code.as_str()));
        for city in &parts.cities {
            complete(&city.names, &city.code);
            assert!(clock::jiff::tz::TimeZone::get(&city.zone).is_ok(), "{}", city.zone);
            assert!(matches!((city.country.as_str(), city.currency.as_str()), ("RU", "RUB") | ("KZ", "KZT")));
        }
        let city = |code: &str| parts.cities.iter().find(|city| city.code == code).unwrap();
        for district in &parts.districts {
            complete(&district.names, &district.code);
            city(&district.city);
        }
        assert_eq!(parts.metro_lines.len(), lines(METRO_LINES));
        unique(parts.metro_lines.iter().map(|line| line.code.as_str()));
        for line in &parts.metro_lines {
            complete(&line.names, &line.code);
            assert!(line.colour.len() == 7 && line.colour.strip_prefix('#').is_some_and(|hex| u32::from_str_radix(hex, 16).is_ok()));
            assert!(parts.metros.iter().any(|metro| metro.lines.contains(&line.code)), "{} has no station", line.code);
        }
        for metro in &parts.metros {
            let known = |code: &String| parts.metro_lines.iter().any(|line| line.code == *code && line.city == metro.city);
            assert!(!metro.lines.is_empty() && metro.lines.iter().all(known), "{} is on no line", metro.code);
            complete(&metro.names, &metro.code);
            let centre = city(&metro.city);
            let (north, east) = ((metro.lat - centre.lat) * 111.0, (metro.lon - centre.lon) * 111.0 * centre.lat.to_radians().cos());
            assert!(north.hypot(east) < 30.0, "{} is {:.0} km from the centre", metro.code, north.hypot(east));
        }
        for specialty in &parts.specialties {
            complete(&specialty.names, &specialty.code);
            complete(&specialty.field, &specialty.code);
            complete(&specialty.words, &specialty.code);
            for lang in db::Lang::ALL {
                assert!(specialty.words.get(lang).split(", ").count() >= 8, "{} has few words in {lang}", specialty.code);
            }
            for service in [consultation(&specialty.code), follow_up(&specialty.code)] {
                assert!(parts.services.iter().any(|known| known.code == service && known.specialty == specialty.code), "{service}");
            }
        }
        let mut examinations = 0;
        for service in &parts.services {
            complete(&service.names, &service.code);
            assert!(parts.specialties.iter().any(|specialty| specialty.code == service.specialty), "{}", service.code);
            if service.kind == ServiceKind::Examination {
                examinations += 1;
                complete(&service.preparation, &service.code);
                complete(&service.words, &service.code);
            }
        }
        assert!(parts.services.len() >= 60 && examinations >= 15);
    }

    #[test]
    fn only_one_specialty_sees_children_alone() {
        let only: Vec<_> =
            reference().specialties.into_iter().filter(|specialty| specialty.child).map(|specialty| specialty.code).collect();
        assert_eq!(only, ["paediatrician"]);
    }
}
