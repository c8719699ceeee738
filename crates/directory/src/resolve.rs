//! What the rows of a file mean for the directory: names to codes, natural keys to ids, rows that contradict each other. Pure.

use std::collections::HashMap;
use std::hash::Hash;

use sha2::{Digest, Sha256};

use crate::branches::refuse_lost_branches;
use crate::catalogue::{
    Catalogue, Category, City, Degree, District, License, LocationId, MetroNear, Names, OrganizationId, Parts, PractitionerId,
    PractitionerRole, ResourceId, ResourceKind, RoleId, Rule, Schedule, Sex,
};
use crate::cells::key;
use crate::csv_form::{FormRow, Given};
use crate::offers::{self, Offering};
use crate::reference::reference;
use crate::refused::{Reason, Refused};

/// What a file asks of the directory; its places and people are merged with what is stored when it is applied.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Cities that the directory does not know.
    pub(crate) cities: Vec<City>,
    /// Districts that the directory does not know.
    pub(crate) districts: Vec<District>,
    pub(crate) organizations: HashMap<OrganizationId, ClinicDraft>,
    pub(crate) locations: HashMap<LocationId, LocationDraft>,
    pub(crate) resources: HashMap<ResourceId, ResourceDraft>,
    pub(crate) practitioners: HashMap<PractitionerId, DoctorDraft>,
    pub(crate) roles: Vec<PractitionerRole>,
    pub(crate) refused: Vec<Refused>,
}

/// What the rows of a file say of one thing together. A cell left empty says nothing.
trait Draft {
    /// False when both say something and not the same.
    fn agrees(&self, other: &Self) -> bool;
    /// Adds what only `other` says.
    fn take(&mut self, other: Self);
    /// The line that spoke of it first.
    fn line(&self) -> u64;
}

#[derive(Debug)]
pub(crate) struct ClinicDraft {
    line: u64,
    pub(crate) names: Given,
    pub(crate) phone: Option<String>,
    pub(crate) part_of: Option<OrganizationId>,
    /// The name by which the row calls the clinic whose branch this is.
    pub(crate) branch_of: String,
    pub(crate) license: Option<License>,
    pub(crate) about: Option<Given>,
    pub(crate) site: Option<String>,
}

#[derive(Debug)]
pub(crate) struct LocationDraft {
    line: u64,
    pub(crate) organization: OrganizationId,
    pub(crate) city: String,
    pub(crate) district: Option<String>,
    pub(crate) address: Given,
    pub(crate) metro: Vec<MetroNear>,
    pub(crate) place: Option<(f64, f64)>,
    pub(crate) names: Option<Given>,
    pub(crate) phone: Option<String>,
    pub(crate) hours: Vec<Rule>,
}

#[derive(Debug)]
pub(crate) struct ResourceDraft {
    pub(crate) line: u64,
    pub(crate) organization: OrganizationId,
    pub(crate) location: LocationId,
    pub(crate) kind: ResourceKind,
    pub(crate) names: Given,
}

#[derive(Debug)]
pub(crate) struct DoctorDraft {
    line: u64,
    pub(crate) names: Given,
    pub(crate) sex: Option<Sex>,
    pub(crate) since: Option<i64>,
    pub(crate) languages: Vec<db::Lang>,
    pub(crate) about: Option<Given>,
    pub(crate) category: Option<Category>,
    pub(crate) degree: Option<Degree>,
}

fn same<T: PartialEq>(one: &Option<T>, two: &Option<T>) -> bool {
    one.is_none() || two.is_none() || one == two
}
fn same_names(one: &Given, two: &Given) -> bool {
    key(&one.base) == key(&two.base) && same(&one.kk, &two.kk) && same(&one.en, &two.en)
}
fn take_names(one: &mut Given, two: Given) {
    one.kk = one.kk.take().or(two.kk);
    one.en = one.en.take().or(two.en);
}

impl Draft for ClinicDraft {
    fn agrees(&self, other: &Self) -> bool {
        same_names(&self.names, &other.names)
            && same(&self.phone, &other.phone)
            && same(&self.part_of, &other.part_of)
            && same(&self.license, &other.license)
            && same(&self.about, &other.about)
            && same(&self.site, &other.site)
    }
    fn take(&mut self, other: Self) {
        take_names(&mut self.names, other.names);
        self.phone = self.phone.take().or(other.phone);
        if self.part_of.is_none() {
            (self.part_of, self.branch_of) = (other.part_of, other.branch_of);
        }
        self.license = self.license.take().or(other.license);
        self.about = self.about.take().or(other.about);
        self.site = self.site.take().or(other.site);
    }
    fn line(&self) -> u64 {
        self.line
    }
}

impl Draft for LocationDraft {
    fn agrees(&self, other: &Self) -> bool {
        same_names(&self.address, &other.address)
            && same(&self.district, &other.district)
            && same(&self.place, &other.place)
            && (self.metro.is_empty() || other.metro.is_empty() || self.metro == other.metro)
            && same(&self.names, &other.names)
            && same(&self.phone, &other.phone)
            && (self.hours.is_empty() || other.hours.is_empty() || self.hours == other.hours)
    }
    fn take(&mut self, other: Self) {
        take_names(&mut self.address, other.address);
        self.district = self.district.take().or(other.district);
        self.place = self.place.or(other.place);
        if self.metro.is_empty() {
            self.metro = other.metro;
        }
        self.names = self.names.take().or(other.names);
        self.phone = self.phone.take().or(other.phone);
        if self.hours.is_empty() {
            self.hours = other.hours;
        }
    }
    fn line(&self) -> u64 {
        self.line
    }
}

impl Draft for ResourceDraft {
    fn agrees(&self, other: &Self) -> bool {
        same_names(&self.names, &other.names)
    }
    fn take(&mut self, other: Self) {
        take_names(&mut self.names, other.names);
    }
    fn line(&self) -> u64 {
        self.line
    }
}

impl Draft for DoctorDraft {
    fn agrees(&self, other: &Self) -> bool {
        let about = match (&self.about, &other.about) {
            (Some(one), Some(two)) => one == two,
            _ => true,
        };
        same_names(&self.names, &other.names)
            && about
            && same(&self.sex, &other.sex)
            && same(&self.since, &other.since)
            && same(&self.category, &other.category)
            && same(&self.degree, &other.degree)
            && (self.languages.is_empty() || other.languages.is_empty() || self.languages == other.languages)
    }
    fn take(&mut self, other: Self) {
        take_names(&mut self.names, other.names);
        self.sex = self.sex.or(other.sex);
        self.since = self.since.or(other.since);
        self.about = self.about.take().or(other.about);
        self.category = self.category.or(other.category);
        self.degree = self.degree.or(other.degree);
        if self.languages.is_empty() {
            self.languages = other.languages;
        }
    }
    fn line(&self) -> u64 {
        self.line
    }
}

fn clash<K: Eq + Hash, D: Draft>(drafts: &HashMap<K, D>, id: &K, draft: &D) -> Option<u64> {
    drafts.get(id).filter(|known| !known.agrees(draft)).map(Draft::line)
}

fn add<K: Eq + Hash, D: Draft>(drafts: &mut HashMap<K, D>, id: K, draft: D) {
    match drafts.get_mut(&id) {
        Some(known) => known.take(draft),
        None => {
            drafts.insert(id, draft);
        }
    }
}

/// Ids follow from natural keys, so that one file means one thing whenever and wherever it is imported.
fn uuid(kind: &str, parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in [b"recomed directory".as_slice(), kind.as_bytes()].into_iter().chain(parts.iter().copied()) {
        // The length before each part: no two lists of parts are hashed as the same bytes.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut bytes = [0; 16];
    for (byte, digest) in bytes.iter_mut().zip(hash.finalize()) {
        *byte = digest;
    }
    bytes
}

pub(crate) fn uuid8(kind: &str, parts: &[&[u8]]) -> uuid::Uuid {
    uuid::Builder::from_custom_bytes(uuid(kind, parts)).into_uuid()
}

/// The names that the directory and the program's own lists know.
pub(crate) struct Known {
    cities: HashMap<String, City>,
    city_codes: HashMap<String, String>,
    districts: HashMap<(String, String), String>,
    metros: HashMap<(String, String), String>,
    specialties: HashMap<String, (String, bool)>,
    /// Spellings of services to their codes, and by code the specialty each belongs to.
    pub(crate) services: HashMap<String, String>,
    pub(crate) specialty_of: HashMap<String, String>,
}

fn spellings(names: &Names) -> [String; 3] {
    [key(&names.kk), key(&names.ru), key(&names.en)]
}

impl Known {
    fn new(catalogue: &Catalogue) -> Known {
        let own = reference();
        let mut known = Known {
            cities: HashMap::new(),
            city_codes: HashMap::new(),
            districts: HashMap::new(),
            metros: HashMap::new(),
            specialties: HashMap::new(),
            services: HashMap::new(),
            specialty_of: HashMap::new(),
        };
        for city in own.cities.iter().chain(&catalogue.cities) {
            known.add_city(city.clone());
        }
        for district in own.districts.iter().chain(&catalogue.districts) {
            known.add_district(district);
        }
        for metro in own.metros.iter().chain(&catalogue.metros) {
            for name in spellings(&metro.names) {
                known.metros.insert((metro.city.clone(), name), metro.code.clone());
            }
        }
        // Names before words: a word may be another specialty's name.
        for specialty in own.specialties.iter().chain(&catalogue.specialties) {
            for words in [&specialty.words.kk, &specialty.words.ru, &specialty.words.en] {
                for word in words.split(',') {
                    known.specialties.insert(key(word), (specialty.code.clone(), specialty.child));
                }
            }
        }
        for specialty in own.specialties.iter().chain(&catalogue.specialties) {
            let entry = (specialty.code.clone(), specialty.child);
            for name in [&specialty.code, &specialty.names.kk, &specialty.names.ru, &specialty.names.en] {
                known.specialties.insert(key(name), entry.clone());
                if let Some((plain, _)) = name.split_once(" (") {
                    known.specialties.insert(key(plain), entry.clone());
                }
            }
        }
        for service in own.services.iter().chain(&catalogue.services) {
            for words in [&service.words.kk, &service.words.ru, &service.words.en] {
                for word in words.split(',') {
                    known.services.insert(key(word), service.code.clone());
                }
            }
        }
        for service in own.services.iter().chain(&catalogue.services) {
            for name in [&service.code, &service.names.kk, &service.names.ru, &service.names.en] {
                known.services.insert(key(name), service.code.clone());
            }
            known.specialty_of.insert(service.code.clone(), service.specialty.clone());
        }
        known
    }

    fn add_city(&mut self, city: City) {
        for name in spellings(&city.names).into_iter().chain([key(&city.code)]) {
            self.city_codes.insert(name, city.code.clone());
        }
        self.cities.insert(city.code.clone(), city);
    }

    fn add_district(&mut self, district: &District) {
        for name in spellings(&district.names).into_iter().chain([key(&district.code)]) {
            self.districts.insert((district.city.clone(), name), district.code.clone());
        }
    }

    fn city(&self, name: &str) -> Option<&City> {
        self.city_codes.get(&key(name)).and_then(|code| self.cities.get(code))
    }
}

fn names(given: &Given) -> Names {
    let or_base = |name: &Option<String>| name.clone().unwrap_or_else(|| given.base.clone());
    Names { kk: or_base(&given.kk), ru: given.base.clone(), en: or_base(&given.en) }
}

/// The plan of the rows that can be imported, and the faults of those that cannot.
pub(crate) fn resolve(catalogue: &Catalogue, rows: &[FormRow]) -> Plan {
    let mut known = Known::new(catalogue);
    let mut plan = Plan::default();
    new_cities(&mut known, &mut plan, rows);
    let mut lines: HashMap<RoleId, u64> = HashMap::new();
    for row in rows {
        let mut faults = Vec::new();
        if let Some(resolved) = resolve_row(&known, row.clone(), &mut faults) {
            let role = &resolved.role;
            let clash = clash(&plan.organizations, &role.organization, &resolved.clinic).map(|line| ("clinic", line));
            let clash = clash.or_else(|| self::clash(&plan.locations, &role.location, &resolved.location).map(|line| ("address", line)));
            let clash = clash.or_else(|| {
                let (id, doctor) = role.practitioner.zip(resolved.doctor.as_ref())?;
                self::clash(&plan.practitioners, &id, doctor).map(|line| ("doctor", line))
            });
            let clash = clash.or_else(|| {
                let mut clashes = resolved.resources.iter().filter_map(|(id, resource)| self::clash(&plan.resources, id, resource));
                clashes.next().map(|line| ("services", line))
            });
            if let Some(line) = lines.get(&role.id) {
                let column = if role.practitioner.is_some() { "doctor" } else { "device" };
                faults.push((column, Reason::Duplicate { line: *line }, resolved.line));
            } else if let Some((column, line)) = clash {
                faults.push((column, Reason::Contradicts { line }, resolved.line));
            }
            if faults.is_empty() {
                lines.insert(resolved.role.id, resolved.line);
                if let Some(district) = resolved.new_district {
                    known.add_district(&district);
                    plan.districts.push(district);
                }
                add(&mut plan.organizations, resolved.role.organization, resolved.clinic);
                add(&mut plan.locations, resolved.role.location, resolved.location);
                if let Some((id, doctor)) = resolved.role.practitioner.zip(resolved.doctor) {
                    add(&mut plan.practitioners, id, doctor);
                }
                for (id, resource) in resolved.resources {
                    add(&mut plan.resources, id, resource);
                }
                plan.roles.push(resolved.role);
            }
        }
        plan.refused.extend(faults.into_iter().map(|(column, reason, line)| Refused { line, column: Some(column), reason }));
    }
    refuse_lost_branches(catalogue, &mut plan, &lines);
    plan
}

/// A city not known yet is defined by the first of its rows that tells zone, currency and place.
fn new_cities(known: &mut Known, plan: &mut Plan, rows: &[FormRow]) {
    for row in rows {
        if known.city(&row.city.base).is_some() {
            continue;
        }
        if let (Some(zone), Some(currency), Some((lat, lon))) = (&row.zone, &row.currency, row.place) {
            let country = if currency == "KZT" { "KZ" } else { "RU" };
            let mut code = crate::slug::slug(row.city.en.as_ref().unwrap_or(&row.city.base));
            if known.cities.contains_key(&code) {
                code = format!("{code}-{}", country.to_lowercase());
            }
            let city = City {
                code,
                names: names(&row.city),
                zone: zone.clone(),
                country: country.to_owned(),
                currency: currency.clone(),
                phone: None,
                lat,
                lon,
            };
            known.add_city(city.clone());
            plan.cities.push(city);
        }
    }
}

struct Resolved {
    line: u64,
    new_district: Option<District>,
    clinic: ClinicDraft,
    location: LocationDraft,
    doctor: Option<DoctorDraft>,
    resources: Vec<(ResourceId, ResourceDraft)>,
    role: PractitionerRole,
}

type Fault = (&'static str, Reason, u64);

fn resolve_row(known: &Known, row: FormRow, faults: &mut Vec<Fault>) -> Option<Resolved> {
    let line = row.line;
    let mut refuse = |column: &'static str, reason: Reason| faults.push((column, reason, line));
    let Some(city) = known.city(&row.city.base) else {
        refuse("city", Reason::CityUnknown);
        return None;
    };
    if row.zone.as_ref().is_some_and(|zone| *zone != city.zone) {
        refuse("zone", Reason::ZoneDiffers { known: city.zone.clone() });
    }
    if row.currency.as_ref().is_some_and(|currency| *currency != city.currency) {
        refuse("currency", Reason::CurrencyDiffers { known: city.currency.clone() });
    }
    if let Some((lat, lon)) = row.place {
        let (north, east) = ((lat - city.lat) * 111.0, (lon - city.lon) * 111.0 * city.lat.to_radians().cos());
        if north.hypot(east) > 100.0 {
            refuse("lat", Reason::CoordinateFar);
        }
    }
    let mut metro: Vec<MetroNear> = Vec::new();
    for (name, walk_minutes) in row.metro {
        match known.metros.get(&(city.code.clone(), key(&name))) {
            None => refuse("metro", Reason::Metro { given: name }),
            Some(code) if metro.iter().any(|near| near.metro == *code) => refuse("metro", Reason::MetroTwice),
            Some(code) => metro.push(MetroNear { metro: code.clone(), walk_minutes }),
        }
    }
    metro.sort_by(|one, two| (one.walk_minutes, &one.metro).cmp(&(two.walk_minutes, &two.metro)));
    let (mut specialties, mut children_only) = (Vec::new(), true);
    for name in row.specialties {
        match known.specialties.get(&key(&name)) {
            None => refuse("specialty", Reason::Specialty { given: name }),
            Some((code, _)) if specialties.contains(code) => refuse("specialty", Reason::SpecialtyTwice),
            Some((code, child)) => {
                specialties.push(code.clone());
                children_only &= child;
            }
        }
    }
    let (district, new_district) = match row.district {
        None => (None, None),
        Some(given) => match known.districts.get(&(city.code.clone(), key(&given.base))) {
            Some(code) => (Some(code.clone()), None),
            None => {
                let code = format!("{}-{}", city.code, crate::slug::slug(&given.base));
                (Some(code.clone()), Some(District { code, city: city.code.clone(), names: names(&given) }))
            }
        },
    };
    let organization_of = |name: &str| OrganizationId(uuid8("organization", &[city.code.as_bytes(), key(name).as_bytes()]));
    let organization = organization_of(&row.clinic.base);
    let part_of = row.branch_of.as_deref().map(organization_of);
    if let (Some(head), Some(given)) = (part_of, &row.branch_of)
        && head == organization
    {
        refuse("branch_of", Reason::BranchOfBranch { given: given.clone() });
    }
    let location = LocationId(uuid8("location", &[&organization.bytes(), key(&row.address.base).as_bytes()]));
    let offering = Offering {
        specialties,
        first: row.first,
        repeat: row.repeat,
        home: row.home,
        online: row.online,
        offers: row.offers,
        device: row.device,
        room: row.room,
        before_minutes: row.before_minutes,
        after_minutes: row.after_minutes,
        with_practitioner: row.doctor.is_some(),
        resources: Vec::new(),
    };
    let (specialties, services, resources, booked) = offers::resolve(known, location, offering, &mut refuse);
    let (adults, children) = match (row.patients, row.ages) {
        (Some(patients), _) => patients,
        (None, Some((from, to))) => (to.is_none_or(|to| to >= 18), from < 18),
        (None, None) => (!children_only, children_only),
    };
    if let Some((from, to)) = row.ages
        && !((adults && to.is_none_or(|to| to >= 18)) || (children && from < 18))
    {
        refuse("ages", Reason::AgesEmpty);
    }
    if !faults.is_empty() {
        return None;
    }
    // A name tells a doctor within one city; an operator's own code tells namesakes apart and follows a doctor to other cities.
    let practitioner = row.doctor.as_ref().map(|doctor| {
        PractitionerId(match &row.doctor_code {
            Some(code) => uuid8("practitioner by code", &[code.as_bytes()]),
            None => uuid8("practitioner", &[city.code.as_bytes(), key(&doctor.base).as_bytes()]),
        })
    });
    let id = match practitioner {
        Some(practitioner) => uuid8("role", &[&practitioner.bytes(), &location.bytes()]),
        None => uuid8("role of a resource", &[&booked.map(|id| id.bytes()).unwrap_or_default(), &location.bytes()]),
    };
    let drafts = resources.into_iter().map(|(id, kind, names)| (id, ResourceDraft { line, organization, location, kind, names }));
    Some(Resolved {
        line,
        new_district,
        clinic: ClinicDraft {
            line,
            names: row.clinic,
            phone: row.clinic_phone,
            part_of,
            branch_of: row.branch_of.unwrap_or_default(),
            license: row.license,
            about: row.clinic_about,
            site: row.site,
        },
        location: LocationDraft {
            line,
            organization,
            city: city.code.clone(),
            district,
            address: row.address,
            metro,
            place: row.place,
            names: row.place_name,
            phone: row.place_phone,
            hours: row.place_hours,
        },
        doctor: row.doctor.map(|names| DoctorDraft {
            line,
            names,
            sex: row.sex,
            since: row.since,
            languages: row.languages,
            about: row.about,
            category: row.category,
            degree: row.degree,
        }),
        resources: drafts.collect(),
        role: PractitionerRole {
            id: RoleId(id),
            practitioner,
            organization,
            location,
            specialties,
            services,
            adults,
            children,
            horizon_days: row.horizon_days,
            notice_minutes: row.notice_minutes,
            age_min_years: row.ages.map(|ages| ages.0),
            age_max_years: row.ages.and_then(|ages| ages.1),
            source: None,
            schedule: Schedule { rules: row.rules, exceptions: row.exceptions },
        },
    })
}

/// The lists of the program joined with what the directory already holds of the same codes; a city keeps its phone.
pub(crate) fn reference_over(catalogue: &Catalogue) -> Parts {
    let mut parts = reference();
    for city in &mut parts.cities {
        city.phone = catalogue.city(&city.code).and_then(|known| known.phone.clone());
    }
    parts
}
