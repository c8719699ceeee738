//! A world of five roles, made by hand, for tests: Moscow and Almaty, three specialties.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;

use booking::Slot;
use clock::Timestamp;
use db::reexport::Uuid;
use directory::catalogue::*;

use crate::engine::Free;

fn names(kk: &str, ru: &str, en: &str) -> Names {
    Names { kk: kk.into(), ru: ru.into(), en: en.into() }
}

fn specialty(code: &str, all: Names, field: Names, words: Names) -> Specialty {
    Specialty { code: code.into(), names: all, field, words, child: false }
}

pub(crate) const LEVIN: usize = 0;
pub(crate) const LEVIN_TOO: usize = 1;
pub(crate) const PCHELKINA: usize = 2;
pub(crate) const KARDINA: usize = 3;
pub(crate) const ASEL: usize = 4;

/// The five roles, in the order of the constants above.
pub(crate) fn catalogue() -> Catalogue {
    let city = |code: &str, all, zone: &str, currency: &str| City {
        code: code.into(),
        names: all,
        zone: zone.into(),
        country: "RU".into(),
        currency: currency.into(),
        phone: None,
        lat: 55.0,
        lon: 37.0,
    };
    let metro = |code: &str, all, lat| Metro { code: code.into(), city: "moscow".into(), names: all, lines: Vec::new(), lat, lon: 37.6 };
    let person = |id: u128, all, sex, since, languages: &[Lang]| Practitioner {
        id: PractitionerId(Uuid::from_u128(id)),
        names: all,
        sex: Some(sex),
        since_year: Some(since),
        languages: languages.to_vec(),
        about: Names::default(),
        category: None,
        degree: None,
    };
    let place = |id: u128, city: &str, district: &str, metro: &[(&str, i64)], lat: Option<f64>| Location {
        id: LocationId(Uuid::from_u128(id)),
        organization: OrganizationId(Uuid::from_u128(id)),
        names: Names::default(),
        phone: String::new(),
        hours: Vec::new(),
        city: city.into(),
        district: Some(district.into()),
        address: names("", "улица, 1", ""),
        metro: metro.iter().map(|(metro, walk_minutes)| MetroNear { metro: (*metro).into(), walk_minutes: *walk_minutes }).collect(),
        lat,
        lon: lat.map(|_| 37.6),
    };
    let clinic = |id: u128, all| Organization {
        id: OrganizationId(Uuid::from_u128(id)),
        names: all,
        phone: String::new(),
        notify_phone: None,
        part_of: None,
        license: None,
        about: Names::default(),
        site: String::new(),
    };
    let role = |id: u128, who: u128, place: u128, specialty: &str, price: i64, children| PractitionerRole {
        id: RoleId(Uuid::from_u128(id)),
        practitioner: Some(PractitionerId(Uuid::from_u128(who))),
        organization: OrganizationId(Uuid::from_u128(place)),
        location: LocationId(Uuid::from_u128(place)),
        specialties: vec![specialty.into()],
        services: vec![RoleService::simple(format!("{specialty}-consultation"), price, 30)],
        adults: true,
        children,
        age_min_years: None,
        age_max_years: None,
        source: None,
        horizon_days: 14,
        notice_minutes: 0,
        schedule: Schedule::default(),
    };
    let visit = |specialty: &str, ru: &str| HealthcareService {
        code: format!("{specialty}-consultation"),
        specialty: specialty.into(),
        names: names(ru, ru, ru),
        kind: ServiceKind::Consultation,
        mode: Mode::Clinic,
        preparation: Names::default(),
        words: Names::default(),
    };
    Catalogue::new(Parts {
        version: 1,
        cities: vec![
            city("almaty", names("Алматы", "Алматы", "Almaty"), "Asia/Almaty", "KZT"),
            city("moscow", names("Мәскеу", "Москва", "Moscow"), "Europe/Moscow", "RUB"),
        ],
        districts: vec![
            District { code: "alm-medeu".into(), city: "almaty".into(), names: names("Медеу", "Медеуский", "Medeu") },
            District { code: "msk-tverskoy".into(), city: "moscow".into(), names: names("Тверь", "Тверской", "Tverskoy") },
        ],
        metro_lines: Vec::new(),
        resources: Vec::new(),
        metros: vec![
            metro("msk-arbat", names("Арбат", "Арбат", "Arbat"), 55.75),
            metro("msk-sokol", names("Сокол", "Сокол", "Sokol"), 55.80),
        ],
        specialties: vec![
            specialty(
                "cardiologist",
                names("Жүрек дәрігері", "Кардиолог", "Cardiologist"),
                names("Жүрек аурулары", "Кардиология", "Cardiology"),
                names("жүрегім ауырады, қан қысымы", "болит сердце, давление", "heart pain, blood pressure"),
            ),
            specialty(
                "dentist",
                names("Тіс дәрігері", "Стоматолог", "Dentist"),
                names("Тіс емдеу", "Стоматология", "Dentistry"),
                names("тісім ауырады", "болит зуб, дёсны", "toothache"),
            ),
            specialty(
                "neurologist",
                names("Жүйке дәрігері", "Невролог", "Neurologist"),
                names("Жүйке аурулары", "Неврология", "Neurology"),
                names("басым ауырады", "болит голова, сердечный невроз", "headache"),
            ),
        ],
        services: vec![
            visit("cardiologist", "Первичный приём кардиолога"),
            visit("dentist", "Первичный приём стоматолога"),
            visit("neurologist", "Первичный приём невролога"),
        ],
        organizations: vec![
            clinic(1, names("Алма", "Яблоко", "Apple")),
            clinic(2, names("Жүрек үйі", "Дом сердца", "House of Heart")),
            clinic(3, names("Тау", "Гора", "Mountain")),
        ],
        locations: vec![
            place(1, "moscow", "msk-tverskoy", &[("msk-arbat", 5)], Some(55.76)),
            place(2, "moscow", "msk-tverskoy", &[("msk-sokol", 9)], Some(55.80)),
            place(3, "almaty", "alm-medeu", &[], None),
        ],
        practitioners: vec![
            person(1, names("Левин Пётр", "Левин Пётр Ильич", "Pyotr Levin"), Sex::Male, 2001, &[Lang::Ru]),
            person(2, names("Пчёлкина Софья", "Пчёлкина Софья Яковлевна", "Sofya Pchyolkina"), Sex::Female, 2015, &[Lang::Ru, Lang::En]),
            person(3, names("Кардина Анна", "Кардина Анна Львовна", "Anna Kardina"), Sex::Female, 2010, &[Lang::Ru]),
            person(4, names("Қарлығашева Әсел", "Карлыгашева Асель", "Assel Karlygasheva"), Sex::Female, 2005, &[Lang::Kk, Lang::Ru]),
        ],
        roles: vec![
            role(1, 1, 1, "cardiologist", 300_000, false),
            role(2, 1, 2, "cardiologist", 250_000, false),
            role(3, 2, 1, "dentist", 200_000, true),
            role(4, 3, 2, "neurologist", 400_000, true),
            role(5, 4, 3, "cardiologist", 1_000_000, true),
        ],
    })
}

/// Free times given one by one, by the role's place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times(pub HashMap<usize, Vec<Timestamp>>);

impl Free for Times {
    fn slots(&self, role: usize, _: Option<&str>, from: Timestamp, to: Timestamp, limit: usize) -> Vec<Slot> {
        let starts = self.0.get(&role).map_or(&[][..], Vec::as_slice);
        starts
            .iter()
            .filter(|start| (from..to).contains(start))
            .take(limit)
            .map(|start| Slot { start: *start, end: start.plus_minutes(30) })
            .collect()
    }
}
