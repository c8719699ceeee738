//! What the directory says of each role, in numbers: places in the catalogue's lists.

use std::collections::HashMap;

use directory::catalogue::{Catalogue, Lang, Mode, PractitionerRole, Sex};
use jiff::tz::TimeZone;

/// What is read of a role besides its choices.
#[derive(Clone, Debug)]
pub struct Row {
    /// City: its place in the catalogue's list.
    pub city: Option<usize>,
    /// Some service is a visit at the patient's home.
    pub home: bool,
    /// Some service is a visit by video.
    pub online: bool,
    /// Since when the doctor has practised.
    pub since_year: Option<i64>,
    /// Degrees north and east.
    pub place: Option<(f64, f64)>,
    /// How many minutes before its start a time closes.
    pub notice_minutes: i64,
    /// How many days ahead times are open.
    pub horizon_days: i64,
    /// The zone of the clinic's hours: its place in [`Index::zones`].
    pub zone: usize,
}

/// Everything that filters and words can ask of a role, for building only. Numbers are places in the catalogue's lists.
pub(crate) struct Traits {
    pub(crate) specialties: Vec<usize>,
    pub(crate) city: Option<usize>,
    pub(crate) district: Option<usize>,
    pub(crate) metros: Vec<usize>,
    /// Services offered, each once.
    pub(crate) services: Vec<usize>,
    /// The service of each offer.
    pub(crate) offers: Vec<Option<usize>>,
    pub(crate) sex: Option<Sex>,
    pub(crate) languages: Vec<Lang>,
    pub(crate) children: bool,
    pub(crate) home: bool,
    pub(crate) online: bool,
}

/// Places by code, for building only.
pub(crate) struct Places<'a> {
    cities: HashMap<&'a str, usize>,
    districts: HashMap<&'a str, usize>,
    metros: HashMap<&'a str, usize>,
    specialties: HashMap<&'a str, usize>,
    services: HashMap<&'a str, usize>,
}

impl<'a> Places<'a> {
    pub(crate) fn of(catalogue: &'a Catalogue) -> Places<'a> {
        Places {
            cities: catalogue.cities.iter().enumerate().map(|(at, city)| (city.code.as_str(), at)).collect(),
            districts: catalogue.districts.iter().enumerate().map(|(at, district)| (district.code.as_str(), at)).collect(),
            metros: catalogue.metros.iter().enumerate().map(|(at, metro)| (metro.code.as_str(), at)).collect(),
            specialties: catalogue.specialties.iter().enumerate().map(|(at, specialty)| (specialty.code.as_str(), at)).collect(),
            services: catalogue.services.iter().enumerate().map(|(at, service)| (service.code.as_str(), at)).collect(),
        }
    }
}

/// The place of a zone, put in when it is not there yet; an unknown one is UTC.
pub(crate) fn zone(zones: &mut Vec<TimeZone>, name: &str) -> usize {
    let Ok(zone) = TimeZone::get(name) else { return 0 };
    zones.iter().position(|known| *known == zone).unwrap_or_else(|| {
        zones.push(zone);
        zones.len() - 1
    })
}

pub(crate) fn row(catalogue: &Catalogue, zones: &[usize], role: &PractitionerRole, traits: &Traits) -> Row {
    let location = catalogue.location(role.location);
    Row {
        city: traits.city,
        home: traits.home,
        online: traits.online,
        since_year: catalogue.practitioner_of(role).and_then(|practitioner| practitioner.since_year),
        place: location.and_then(|location| location.lat.zip(location.lon)),
        notice_minutes: role.notice_minutes,
        horizon_days: role.horizon_days,
        zone: traits.city.and_then(|city| zones.get(city)).copied().unwrap_or_default(),
    }
}

pub(crate) fn traits(catalogue: &Catalogue, adult_years: i64, places: &Places<'_>, role: &PractitionerRole) -> Traits {
    let location = catalogue.location(role.location);
    let practitioner = catalogue.practitioner_of(role);
    let offers: Vec<Option<usize>> = role.services.iter().map(|offer| places.services.get(offer.service.as_str()).copied()).collect();
    let mut services: Vec<usize> = offers.iter().copied().flatten().collect();
    services.sort_unstable();
    services.dedup();
    let takes_place = |mode: Mode| services.iter().any(|at| catalogue.services.get(*at).is_some_and(|service| service.mode == mode));
    Traits {
        specialties: role.specialties.iter().filter_map(|code| places.specialties.get(code.as_str()).copied()).collect(),
        city: location.and_then(|location| places.cities.get(location.city.as_str()).copied()),
        district: location.and_then(|location| places.districts.get(location.district.as_deref()?).copied()),
        metros: location
            .iter()
            .flat_map(|location| &location.metro)
            .filter_map(|near| places.metros.get(near.metro.as_str()).copied())
            .collect(),
        home: takes_place(Mode::Home),
        online: takes_place(Mode::Online),
        services,
        offers,
        sex: practitioner.and_then(|practitioner| practitioner.sex),
        languages: practitioner.map(|practitioner| practitioner.languages.clone()).unwrap_or_default(),
        children: role.children && role.age_min_years.is_none_or(|least| least < adult_years),
    }
}
