//! The whole directory as plain values in memory: what search, booking and the pages read.
//!
//! A [`Catalogue`] is a snapshot. It never changes; after an import a new one is loaded and takes the old one's place.

use std::collections::HashMap;

use clock::jiff::civil::Date;
pub use db::{Lang, Names};

mod terms;

pub use terms::{
    Category, Degree, License, LocationId, Mode, OrganizationId, PractitionerId, ResourceId, ResourceKind, RoleId, ServiceKind, Sex,
    SlotId, StoredSlot,
};

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

/// A metro line.
#[derive(Clone, Debug, PartialEq)]
pub struct MetroLine {
    /// Stable code: `spb-2`.
    pub code: String,
    /// The city's code.
    pub city: String,
    /// The line's name.
    pub names: Names,
    /// The colour of the map, `#rrggbb`.
    pub colour: String,
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
    /// Codes of the lines that stop here.
    pub lines: Vec<String>,
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

/// Something that is booked and has a price: a consultation, a follow-up, an examination.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthcareService {
    /// Stable code: `cardiologist-consultation`.
    pub code: String,
    /// Code of the specialty it belongs to.
    pub specialty: String,
    /// The service's name.
    pub names: Names,
    /// Consultation or examination.
    pub kind: ServiceKind,
    /// Where it takes place.
    pub mode: Mode,
    /// How to prepare for it; empty when nothing is needed.
    pub preparation: Names,
    /// Other names that lead here, separated by commas.
    pub words: Names,
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
    /// The clinic of which this one is a branch.
    pub part_of: Option<OrganizationId>,
    /// The licence; `None` when the operator did not give one.
    pub license: Option<License>,
    /// A few sentences about the clinic; empty when there are none.
    pub about: Names,
    /// Its own site, `https://…`; empty when there is none.
    pub site: String,
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
    /// The place's own name; empty when it has none beside the clinic's.
    pub names: Names,
    /// The place's own number, E.164; empty when it is the clinic's.
    pub phone: String,
    /// When it is open, in the city's wall time: ordered, every week; empty when unknown.
    pub hours: Vec<Rule>,
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

/// A device or a room: claimed by the visits that need it, whichever doctor they are with.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Derived from the natural key.
    pub id: ResourceId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Where it stands.
    pub location: LocationId,
    /// Device or room.
    pub kind: ResourceKind,
    /// Its name: "МРТ 1,5 Тл", "Кабинет 12".
    pub names: Names,
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
    /// Qualification category.
    pub category: Option<Category>,
    /// Scientific degree.
    pub degree: Option<Degree>,
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
    /// Minutes that everything claimed is taken before the visit, a multiple of 5 in 0..=120.
    pub before_minutes: i64,
    /// Minutes that everything claimed is taken after the visit, a multiple of 5 in 0..=120.
    pub after_minutes: i64,
    /// The device that the visit claims.
    pub device: Option<ResourceId>,
    /// The room that the visit claims.
    pub room: Option<ResourceId>,
    /// Whether the visit claims the role's practitioner, if it has one.
    pub with_practitioner: bool,
}

impl RoleService {
    /// An offer by the practitioner alone, without buffers.
    pub fn simple(service: impl Into<String>, price_minor: i64, minutes: i64) -> RoleService {
        RoleService {
            service: service.into(),
            price_minor,
            minutes,
            before_minutes: 0,
            after_minutes: 0,
            device: None,
            room: None,
            with_practitioner: true,
        }
    }

    /// Minutes that one visit takes of everything it claims: before, itself, after.
    pub fn occupied_minutes(&self) -> i64 {
        self.before_minutes + self.minutes + self.after_minutes
    }
}

/// A doctor in one clinic: what is found and booked.
#[derive(Clone, Debug, PartialEq)]
pub struct PractitionerRole {
    /// Derived from the natural key.
    pub id: RoleId,
    /// Who; `None` for a device, a room or a place alone.
    pub practitioner: Option<PractitionerId>,
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
    /// Youngest age received, in whole years; `None` when only `adults` and `children` say.
    pub age_min_years: Option<i64>,
    /// Oldest age received, in whole years, inclusive.
    pub age_max_years: Option<i64>,
    /// How many days ahead times are open, today included, 1..=366.
    pub horizon_days: i64,
    /// How many minutes before its start a time closes, 0..=10080.
    pub notice_minutes: i64,
    /// When the doctor receives.
    pub schedule: Schedule,
    /// The feed whose stored slots are this role's times; `None` when they follow from `schedule`.
    pub source: Option<String>,
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
    /// The rule holds every so many weeks, 1..=8; 1 is each week.
    pub every_weeks: i64,
    /// In which of them, 0..`every_weeks`: the week's number since Monday 1970-01-05, modulo `every_weeks`.
    pub week: i64,
}

impl Rule {
    /// A rule of every week.
    pub fn weekly(weekday: i64, from_minute: i64, to_minute: i64) -> Rule {
        Rule { weekday, from_minute, to_minute, every_weeks: 1, week: 0 }
    }

    /// Whether the rule holds in that week, numbered since Monday 1970-01-05.
    pub fn holds_in(&self, week: i64) -> bool {
        self.every_weeks <= 1 || week.rem_euclid(self.every_weeks) == self.week
    }
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
    /// Metro lines.
    pub metro_lines: Vec<MetroLine>,
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
    /// Devices and rooms.
    pub resources: Vec<Resource>,
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
    /// Cities, in the order of their codes; so are the five lists that follow.
    pub cities: Vec<City>,
    /// Districts.
    pub districts: Vec<District>,
    /// Metro lines.
    pub metro_lines: Vec<MetroLine>,
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
    /// Devices and rooms.
    pub resources: Vec<Resource>,
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
    metro_lines: HashMap<String, usize>,
    metros: HashMap<String, usize>,
    specialties: HashMap<String, usize>,
    services: HashMap<String, usize>,
    organizations: HashMap<OrganizationId, usize>,
    locations: HashMap<LocationId, usize>,
    resources: HashMap<ResourceId, usize>,
    practitioners: HashMap<PractitionerId, usize>,
    roles: HashMap<RoleId, usize>,
    roles_of: HashMap<PractitionerId, Vec<usize>>,
    roles_at: HashMap<LocationId, Vec<usize>>,
    locations_of: HashMap<OrganizationId, Vec<usize>>,
    branches_of: HashMap<OrganizationId, Vec<usize>>,
    resources_at: HashMap<LocationId, Vec<usize>>,
    using: HashMap<ResourceId, Vec<usize>>,
}

impl Catalogue {
    /// Indexes the lists. Of two entries with the same code or id the later one is found; the database has no such pair.
    pub fn new(parts: Parts) -> Catalogue {
        let mut index = Index {
            cities: by(&parts.cities, |city| city.code.clone()),
            districts: by(&parts.districts, |district| district.code.clone()),
            metro_lines: by(&parts.metro_lines, |line| line.code.clone()),
            metros: by(&parts.metros, |metro| metro.code.clone()),
            specialties: by(&parts.specialties, |specialty| specialty.code.clone()),
            services: by(&parts.services, |service| service.code.clone()),
            organizations: by(&parts.organizations, |organization| organization.id),
            locations: by(&parts.locations, |location| location.id),
            resources: by(&parts.resources, |resource| resource.id),
            practitioners: by(&parts.practitioners, |practitioner| practitioner.id),
            roles: by(&parts.roles, |role| role.id),
            ..Index::default()
        };
        for (at, role) in parts.roles.iter().enumerate() {
            if let Some(practitioner) = role.practitioner {
                index.roles_of.entry(practitioner).or_default().push(at);
            }
            index.roles_at.entry(role.location).or_default().push(at);
            for resource in role.resources() {
                index.using.entry(resource).or_default().push(at);
            }
        }
        for (at, location) in parts.locations.iter().enumerate() {
            index.locations_of.entry(location.organization).or_default().push(at);
        }
        for (at, resource) in parts.resources.iter().enumerate() {
            index.resources_at.entry(resource.location).or_default().push(at);
        }
        for (at, organization) in parts.organizations.iter().enumerate() {
            if let Some(whole) = organization.part_of {
                index.branches_of.entry(whole).or_default().push(at);
            }
        }
        let Parts {
            version,
            cities,
            districts,
            metro_lines,
            metros,
            specialties,
            services,
            organizations,
            locations,
            resources,
            practitioners,
            roles,
        } = parts;
        Catalogue {
            version,
            cities,
            districts,
            metro_lines,
            metros,
            specialties,
            services,
            organizations,
            locations,
            resources,
            practitioners,
            roles,
            index,
        }
    }

    /// The city of that code.
    pub fn city(&self, code: &str) -> Option<&City> {
        self.index.cities.get(code).and_then(|at| self.cities.get(*at))
    }
    /// The district of that code.
    pub fn district(&self, code: &str) -> Option<&District> {
        self.index.districts.get(code).and_then(|at| self.districts.get(*at))
    }
    /// The metro line of that code.
    pub fn metro_line(&self, code: &str) -> Option<&MetroLine> {
        self.index.metro_lines.get(code).and_then(|at| self.metro_lines.get(*at))
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
    /// The device or room of that id.
    pub fn resource(&self, id: ResourceId) -> Option<&Resource> {
        self.index.resources.get(&id).and_then(|at| self.resources.get(*at))
    }
    /// The doctor of that id.
    pub fn practitioner(&self, id: PractitionerId) -> Option<&Practitioner> {
        self.index.practitioners.get(&id).and_then(|at| self.practitioners.get(*at))
    }
    /// The doctor in a clinic of that id.
    pub fn role(&self, id: RoleId) -> Option<&PractitionerRole> {
        self.index.roles.get(&id).and_then(|at| self.roles.get(*at))
    }
    /// The place of that role in [`Catalogue::roles`].
    pub fn role_place(&self, id: RoleId) -> Option<usize> {
        self.index.roles.get(&id).copied()
    }
    /// The doctor of that role; `None` for a device, a room or a place alone.
    pub fn practitioner_of(&self, role: &PractitionerRole) -> Option<&Practitioner> {
        role.practitioner.and_then(|id| self.practitioner(id))
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
        listed(&self.roles, self.index.roles_of.get(&practitioner))
    }
    /// All roles at that place.
    pub fn roles_at(&self, location: LocationId) -> impl Iterator<Item = &PractitionerRole> {
        listed(&self.roles, self.index.roles_at.get(&location))
    }
    /// All roles with an offer that claims that device or room.
    pub fn roles_using(&self, resource: ResourceId) -> impl Iterator<Item = &PractitionerRole> {
        listed(&self.roles, self.index.using.get(&resource))
    }
    /// All places of that clinic, without those of its branches.
    pub fn locations_of(&self, organization: OrganizationId) -> impl Iterator<Item = &Location> {
        listed(&self.locations, self.index.locations_of.get(&organization))
    }
    /// All roles of that clinic, without those of its branches.
    pub fn roles_of_organization(&self, organization: OrganizationId) -> impl Iterator<Item = &PractitionerRole> {
        self.locations_of(organization).flat_map(|location| self.roles_at(location.id))
    }
    /// The clinics that are branches of that one.
    pub fn branches_of(&self, organization: OrganizationId) -> impl Iterator<Item = &Organization> {
        listed(&self.organizations, self.index.branches_of.get(&organization))
    }
    /// Devices and rooms at that place.
    pub fn resources_at(&self, location: LocationId) -> impl Iterator<Item = &Resource> {
        listed(&self.resources, self.index.resources_at.get(&location))
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

fn listed<'c, T>(list: &'c [T], places: Option<&'c Vec<usize>>) -> impl Iterator<Item = &'c T> + use<'c, T> {
    places.into_iter().flatten().filter_map(|at| list.get(*at))
}

impl PractitionerRole {
    /// Devices and rooms that any of the offers claims, each once.
    pub fn resources(&self) -> Vec<ResourceId> {
        let mut all: Vec<ResourceId> = self.services.iter().flat_map(|offer| offer.device.into_iter().chain(offer.room)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The offer of that service; the first one when `service` is `None`.
    pub fn offer(&self, service: Option<&str>) -> Option<&RoleService> {
        match service {
            None => self.services.first(),
            Some(code) => self.services.iter().find(|offer| offer.service == code),
        }
    }
}
