//! The whole directory as plain values in memory: what search, booking and the pages read.
//!
//! A [`Catalogue`] is a snapshot. It never changes; after an import a new one is loaded and takes the old one's place.

use std::collections::HashMap;

use clock::jiff::civil::Date;
pub use db::{Lang, Names};

db::id!(
    /// A clinic, as a legal or trading name in one city.
    pub OrganizationId
);
db::id!(
    /// A place where a clinic receives people.
    pub LocationId
);
db::id!(
    /// A doctor, in however many clinics.
    pub PractitionerId
);
db::id!(
    /// A doctor in one clinic: what a person books.
    pub RoleId
);

/// A city that people choose first.
#[derive(Clone, Debug, PartialEq)]
pub struct City {
    /// Stable code and URL slug: `saint-petersburg`.
    pub code: String,
    /// The city's name.
    pub names: Names,
    /// IANA name of the zone in which the city's clinics live: `Europe/Moscow`.
    pub zone: String,
    /// ISO 3166 alpha-2 code of the country, `RU` or `KZ`; chooses the jurisdiction profile.
    pub country: String,
    /// ISO 4217 code of the currency in which the city's prices are.
    pub currency: String,
    /// The number people of this city call to book, E.164; `None` until the operator sets one.
    pub phone: Option<String>,
    /// Latitude of the centre, degrees north.
    pub lat: f64,
    /// Longitude of the centre, degrees east.
    pub lon: f64,
}

/// A part of a city.
#[derive(Clone, Debug, PartialEq)]
pub struct District {
    /// Stable code: `spb-petrogradsky`.
    pub code: String,
    /// The city's code.
    pub city: String,
    /// The district's name, without the word "district".
    pub names: Names,
}

/// A metro station.
#[derive(Clone, Debug, PartialEq)]
pub struct Metro {
    /// Stable code: `spb-petrogradskaya`.
    pub code: String,
    /// The city's code.
    pub city: String,
    /// The station's name.
    pub names: Names,
    /// Latitude, degrees north.
    pub lat: f64,
    /// Longitude, degrees east.
    pub lon: f64,
}

/// What a doctor is.
#[derive(Clone, Debug, PartialEq)]
pub struct Specialty {
    /// Stable code and URL slug: `cardiologist`.
    pub code: String,
    /// The doctor's name: "Кардиолог", "Cardiologist".
    pub names: Names,
    /// The field's name: "Кардиология", "Cardiology".
    pub field: Names,
    /// Other names and everyday complaints that lead here, separated by commas.
    pub words: Names,
    /// True when only children are seen.
    pub child: bool,
}

/// Something that is booked and has a price: a consultation, a follow-up.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthcareService {
    /// Stable code: `cardiologist-consultation`.
    pub code: String,
    /// Code of the specialty it belongs to.
    pub specialty: String,
    /// The service's name.
    pub names: Names,
}

/// A clinic.
#[derive(Clone, Debug, PartialEq)]
pub struct Organization {
    /// Derived from the natural key.
    pub id: OrganizationId,
    /// The clinic's name.
    pub names: Names,
    /// The desk's number, E.164; empty when unknown.
    pub phone: String,
    /// Where a message about each booking goes, E.164; `None` when the clinic gets none.
    pub notify_phone: Option<String>,
}

/// A station near a clinic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetroNear {
    /// Code of the station.
    pub metro: String,
    /// Minutes on foot.
    pub walk_minutes: i64,
}

/// Where a clinic receives people.
#[derive(Clone, Debug, PartialEq)]
pub struct Location {
    /// Derived from the natural key.
    pub id: LocationId,
    /// Whose place it is.
    pub organization: OrganizationId,
    /// The city's code.
    pub city: String,
    /// The district's code.
    pub district: Option<String>,
    /// Street and number.
    pub address: Names,
    /// Stations near it, nearest first.
    pub metro: Vec<MetroNear>,
    /// Latitude, degrees north.
    pub lat: Option<f64>,
    /// Longitude, degrees east.
    pub lon: Option<f64>,
}

/// A doctor's sex, by which some people choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    /// A woman.
    Female,
    /// A man.
    Male,
}

impl Sex {
    /// `f` or `m`: the form of the CSV file and of the database.
    pub fn code(self) -> &'static str {
        match self {
            Sex::Female => "f",
            Sex::Male => "m",
        }
    }

    /// The sex of that code; `None` for any other text.
    pub fn from_code(code: &str) -> Option<Sex> {
        match code {
            "f" => Some(Sex::Female),
            "m" => Some(Sex::Male),
            _ => None,
        }
    }
}

/// A doctor.
#[derive(Clone, Debug, PartialEq)]
pub struct Practitioner {
    /// Derived from the natural key.
    pub id: PractitionerId,
    /// Full name: family name, given name, patronymic where there is one.
    pub names: Names,
    /// `None` when the operator did not say.
    pub sex: Option<Sex>,
    /// The year since which the doctor has practised.
    pub since_year: Option<i64>,
    /// Languages in which the doctor receives, in the order given.
    pub languages: Vec<Lang>,
    /// A few sentences about the doctor; empty when there are none.
    pub about: Names,
}

/// What a doctor does in one clinic, for how much and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleService {
    /// Code of the service.
    pub service: String,
    /// Price in minor units of the city's currency.
    pub price_minor: i64,
    /// Length of one visit, a multiple of 5 in 5..=480.
    pub minutes: i64,
}

/// A doctor in one clinic: what is found and booked.
#[derive(Clone, Debug, PartialEq)]
pub struct PractitionerRole {
    /// Derived from the natural key.
    pub id: RoleId,
    /// Who.
    pub practitioner: PractitionerId,
    /// In which clinic.
    pub organization: OrganizationId,
    /// Where.
    pub location: LocationId,
    /// Codes of specialties, the main one first; never empty.
    pub specialties: Vec<String>,
    /// What is offered; the first is the first visit, whose price cards show. Never empty.
    pub services: Vec<RoleService>,
    /// Adults are received.
    pub adults: bool,
    /// Children are received.
    pub children: bool,
    /// How many days ahead times are open, today included, 1..=366.
    pub horizon_days: i64,
    /// How many minutes before its start a time closes, 0..=10080.
    pub notice_minutes: i64,
    /// When the doctor receives.
    pub schedule: Schedule,
}

/// Hours of one weekday in the city's wall time. A break is the gap between two rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// Monday 1 … Sunday 7.
    pub weekday: i64,
    /// Minutes since midnight, a multiple of 5 in 0..1440.
    pub from_minute: i64,
    /// Minutes since midnight, a multiple of 5, greater than `from_minute`, at most 1440.
    pub to_minute: i64,
}

/// Hours of one date in place of that weekday's rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The date in the city's calendar.
    pub day: Date,
    /// Pairs (from, to) in minutes since midnight, ordered, apart from each other; empty is a day off.
    pub windows: Vec<(i64, i64)>,
}

/// When a doctor receives in one clinic. Rules are ordered and do not overlap; exceptions are ordered, one for a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// The week.
    pub rules: Vec<Rule>,
    /// Days that differ from the week.
    pub exceptions: Vec<Exception>,
}

/// The lists of a [`Catalogue`], before it is indexed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// Grows with every import that changed something.
    pub version: i64,
    /// Cities.
    pub cities: Vec<City>,
    /// Districts.
    pub districts: Vec<District>,
    /// Metro stations.
    pub metros: Vec<Metro>,
    /// Specialties.
    pub specialties: Vec<Specialty>,
    /// Services.
    pub services: Vec<HealthcareService>,
    /// Clinics.
    pub organizations: Vec<Organization>,
    /// Places of clinics.
    pub locations: Vec<Location>,
    /// Doctors.
    pub practitioners: Vec<Practitioner>,
    /// Doctors in clinics.
    pub roles: Vec<PractitionerRole>,
}

/// The directory in memory, with an index for every way in which it is asked.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Grows with every import that changed something.
    pub version: i64,
    /// Cities, in the order of their codes; so are the four lists that follow.
    pub cities: Vec<City>,
    /// Districts.
    pub districts: Vec<District>,
    /// Metro stations.
    pub metros: Vec<Metro>,
    /// Specialties.
    pub specialties: Vec<Specialty>,
    /// Services.
    pub services: Vec<HealthcareService>,
    /// Clinics, in the order of their ids; so are the lists that follow.
    pub organizations: Vec<Organization>,
    /// Places of clinics.
    pub locations: Vec<Location>,
    /// Doctors.
    pub practitioners: Vec<Practitioner>,
    /// Doctors in clinics.
    pub roles: Vec<PractitionerRole>,
    index: Index,
}

#[derive(Clone, Debug, Default)]
struct Index {
    cities: HashMap<String, usize>,
    districts: HashMap<String, usize>,
    metros: HashMap<String, usize>,
    specialties: HashMap<String, usize>,
    services: HashMap<String, usize>,
    organizations: HashMap<OrganizationId, usize>,
    locations: HashMap<LocationId, usize>,
    practitioners: HashMap<PractitionerId, usize>,
    roles: HashMap<RoleId, usize>,
    roles_of: HashMap<PractitionerId, Vec<usize>>,
}

impl Catalogue {
    /// Indexes the lists. Of two entries with the same code or id the later one is found; the database has no such pair.
    pub fn new(parts: Parts) -> Catalogue {
        let mut index = Index {
            cities: by(&parts.cities, |city| city.code.clone()),
            districts: by(&parts.districts, |district| district.code.clone()),
            metros: by(&parts.metros, |metro| metro.code.clone()),
            specialties: by(&parts.specialties, |specialty| specialty.code.clone()),
            services: by(&parts.services, |service| service.code.clone()),
            organizations: by(&parts.organizations, |organization| organization.id),
            locations: by(&parts.locations, |location| location.id),
            practitioners: by(&parts.practitioners, |practitioner| practitioner.id),
            roles: by(&parts.roles, |role| role.id),
            roles_of: HashMap::new(),
        };
        for (at, role) in parts.roles.iter().enumerate() {
            index.roles_of.entry(role.practitioner).or_default().push(at);
        }
        let Parts { version, cities, districts, metros, specialties, services, organizations, locations, practitioners, roles } = parts;
        Catalogue { version, cities, districts, metros, specialties, services, organizations, locations, practitioners, roles, index }
    }

    /// The city of that code.
    pub fn city(&self, code: &str) -> Option<&City> {
        self.index.cities.get(code).and_then(|at| self.cities.get(*at))
    }
    /// The district of that code.
    pub fn district(&self, code: &str) -> Option<&District> {
        self.index.districts.get(code).and_then(|at| self.districts.get(*at))
    }
    /// The station of that code.
    pub fn metro(&self, code: &str) -> Option<&Metro> {
        self.index.metros.get(code).and_then(|at| self.metros.get(*at))
    }
    /// The specialty of that code.
    pub fn specialty(&self, code: &str) -> Option<&Specialty> {
        self.index.specialties.get(code).and_then(|at| self.specialties.get(*at))
    }
    /// The service of that code.
    pub fn service(&self, code: &str) -> Option<&HealthcareService> {
        self.index.services.get(code).and_then(|at| self.services.get(*at))
    }
    /// The clinic of that id.
    pub fn organization(&self, id: OrganizationId) -> Option<&Organization> {
        self.index.organizations.get(&id).and_then(|at| self.organizations.get(*at))
    }
    /// The place of that id.
    pub fn location(&self, id: LocationId) -> Option<&Location> {
        self.index.locations.get(&id).and_then(|at| self.locations.get(*at))
    }
    /// The doctor of that id.
    pub fn practitioner(&self, id: PractitionerId) -> Option<&Practitioner> {
        self.index.practitioners.get(&id).and_then(|at| self.practitioners.get(*at))
    }
    /// The doctor in a clinic of that id.
    pub fn role(&self, id: RoleId) -> Option<&PractitionerRole> {
        self.index.roles.get(&id).and_then(|at| self.roles.get(*at))
    }
    /// The city that is shown before one is chosen: of the language's country the one with the most doctors, if it has any.
    pub fn first_city(&self, lang: Lang) -> Option<&City> {
        let country = if lang == Lang::Kk { "KZ" } else { "RU" };
        let roles_in = |city: &City| {
            self.roles.iter().filter(|role| self.location(role.location).is_some_and(|place| place.city == city.code)).count()
        };
        // `max_by_key` takes the last of equal ones; reversed, the first by code.
        self.cities.iter().rev().max_by_key(|city| {
            let roles = roles_in(city);
            (roles > 0, city.country == country, roles)
        })
    }
    /// All clinics in which that doctor receives.
    pub fn roles_of(&self, practitioner: PractitionerId) -> impl Iterator<Item = &PractitionerRole> {
        self.index.roles_of.get(&practitioner).into_iter().flatten().filter_map(|at| self.roles.get(*at))
    }
    /// The city in which that role's clinic stands: its zone rules the schedule, its currency the prices.
    pub fn city_of(&self, role: &PractitionerRole) -> Option<&City> {
        self.location(role.location).and_then(|location| self.city(&location.city))
    }
    /// The zone in which that role's schedule is written; `None` when the place is missing or the zone has no such name.
    pub fn zone_of(&self, role: &PractitionerRole) -> Option<clock::jiff::tz::TimeZone> {
        self.city_of(role).and_then(|city| clock::jiff::tz::TimeZone::get(&city.zone).ok())
    }
}

fn by<T, K: Eq + std::hash::Hash>(list: &[T], key: impl Fn(&T) -> K) -> HashMap<K, usize> {
    list.iter().enumerate().map(|(at, entry)| (key(entry), at)).collect()
}

impl PractitionerRole {
    /// The offer of that service; the first one when `service` is `None`.
    pub fn offer(&self, service: Option<&str>) -> Option<&RoleService> {
        match service {
            None => self.services.first(),
            Some(code) => self.services.iter().find(|offer| offer.service == code),
        }
    }
}
