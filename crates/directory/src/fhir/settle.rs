//! All of a feed but its slots, once it has been read: references looked up, cities and services found or made, what leads nowhere
//! refused. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};

use db::reexport::Uuid;

use super::feed::{At, Feed};
use super::read::Fault;
use super::take::{Calendar, Coded, Place, Role, Taken};
use crate::catalogue::{
    Catalogue, City, HealthcareService, LocationId, Mode, Names, Organization, OrganizationId, Parts, PractitionerRole, Resource, RoleId,
    RoleService, ServiceKind,
};
use crate::cells::key;
use crate::slug::slug;

/// Minutes of a visit of a feed's schedule; its slots say how long each really is.
const MINUTES: i64 = 30;
/// Cities that one feed may bring (I9).
const CITIES_MAX: usize = 10_000;

/// What a feed asks of the directory.
#[derive(Default)]
pub(super) struct Settled {
    /// Entries, a clinic before its branches; those that are known already among them.
    pub(super) parts: Parts,
    /// Roles by the id of their schedule.
    pub(super) schedules: HashMap<String, RoleId>,
    pub(super) refused: Vec<(At, String, Fault)>,
}

/// The work under way.
struct Settling<'a> {
    feed: &'a Feed,
    known: &'a Catalogue,
    done: Settled,
    cities: BTreeMap<String, City>,
    services: BTreeMap<String, HealthcareService>,
    organizations: HashSet<OrganizationId>,
    /// The clinic of each place.
    places: HashMap<LocationId, OrganizationId>,
    resources: HashSet<crate::catalogue::ResourceId>,
    /// Their id of a HealthcareService to ours.
    codes: HashMap<String, String>,
}

/// Looks everything up.
pub(super) fn settle(feed: &Feed, known: &Catalogue, mut taken: Taken) -> Settled {
    let mut work = Settling {
        feed,
        known,
        done: Settled::default(),
        cities: BTreeMap::new(),
        services: BTreeMap::new(),
        organizations: HashSet::new(),
        places: HashMap::new(),
        resources: HashSet::new(),
        codes: HashMap::new(),
    };
    work.lists(&mut taken);
    work.organizations(&mut taken);
    work.places(&mut taken);
    work.resources(&mut taken);
    for (_, practitioner) in std::mem::take(&mut taken.practitioners).into_values() {
        work.done.parts.practitioners.push(practitioner);
    }
    work.services(&mut taken);
    work.roles(&mut taken);
    let Settling { mut done, cities, services, .. } = work;
    done.parts.cities = cities.into_values().collect();
    done.parts.services.extend(services.into_values());
    done
}

impl Settling<'_> {
    fn refuse(&mut self, at: At, resource: String, field: &str, why: impl Into<String>) {
        self.done.refused.push((at, resource, Fault::new(field, why)));
    }

    /// Entries of the lists that are not known are added; those that are stay as they are here, but for a number to call.
    fn lists(&mut self, taken: &mut Taken) {
        let lists = std::mem::take(&mut taken.lists);
        for city in lists.cities {
            let city = match self.known.city(&city.code) {
                Some(known) => City { phone: known.phone.clone().or(city.phone), ..known.clone() },
                None => city,
            };
            self.cities.insert(city.code.clone(), city);
        }
        let known = self.known;
        let cities: HashSet<String> = self.cities.keys().cloned().chain(known.cities.iter().map(|city| city.code.clone())).collect();
        let parts = &mut self.done.parts;
        parts.districts = lists.districts;
        parts.districts.retain(|entry| known.district(&entry.code).is_none() && cities.contains(&entry.city));
        parts.metro_lines = lists.metro_lines;
        parts.metro_lines.retain(|entry| known.metro_line(&entry.code).is_none() && cities.contains(&entry.city));
        parts.metros = lists.metros;
        parts.metros.retain(|entry| known.metro(&entry.code).is_none() && cities.contains(&entry.city));
        parts.specialties = lists.specialties;
        parts.specialties.retain(|entry| known.specialty(&entry.code).is_none());
    }

    /// Clinics in an order in which none comes before the one that it is a branch of; circles are refused.
    fn organizations(&mut self, taken: &mut Taken) {
        let mut waiting = std::mem::take(&mut taken.organizations);
        loop {
            let ready: Vec<OrganizationId> = waiting
                .values()
                .filter(|(_, entry)| {
                    entry.part_of.is_none_or(|whole| {
                        self.organizations.contains(&whole) || (!waiting.contains_key(&whole) && self.known.organization(whole).is_some())
                    })
                })
                .map(|(_, entry)| entry.id)
                .collect();
            if ready.is_empty() {
                break;
            }
            for id in ready {
                if let Some((_, mut entry)) = waiting.remove(&id) {
                    self.organizations.insert(id);
                    // Where messages go is not published; what the operator has set here stays.
                    let known = self.known.organization(id);
                    entry.notify_phone = entry.notify_phone.or_else(|| known.and_then(|known| known.notify_phone.clone()));
                    self.done.parts.organizations.push(entry);
                }
            }
        }
        for (at, entry) in waiting.into_values() {
            let why = "names a clinic that is not in the feed, was refused, or is in the end a branch of this one; correct the reference";
            self.refuse(at, format!("Organization {}", entry.names.ru), "partOf", why);
        }
    }

    fn places(&mut self, taken: &mut Taken) {
        for (id, (at, place)) in std::mem::take(&mut taken.places) {
            let name = format!("Location/{}", place.their);
            match self.place(&place) {
                Ok((organization, city)) => {
                    let mut location = place.location;
                    location.organization = organization;
                    location.city = city;
                    self.places.insert(id, organization);
                    self.done.parts.locations.push(location);
                }
                Err(fault) => self.done.refused.push((at, name, fault)),
            }
        }
    }

    /// The clinic and the city of a place.
    fn place(&mut self, place: &Place) -> Result<(OrganizationId, String), Fault> {
        let location = &place.location;
        let city = if place.own { self.own_city(place)? } else { self.city(place)? };
        let organization = match place.organization {
            Some(id) if self.organizations.contains(&id) || self.known.organization(id).is_some() => id,
            Some(_) => return Err(Fault::new("managingOrganization", "names a clinic that is not in the feed or was refused; add it")),
            None => {
                // A place that belongs to nobody is a clinic of its own.
                if location.names == Names::default() {
                    return Err(Fault::new("name", "absent, and no managingOrganization either; give one of them"));
                }
                let id = OrganizationId(Uuid::from_bytes(self.feed.id("Organization of Location", &place.their)));
                self.organizations.insert(id);
                self.done.parts.organizations.push(Organization {
                    id,
                    names: location.names.clone(),
                    phone: location.phone.clone(),
                    notify_phone: self.known.organization(id).and_then(|known| known.notify_phone.clone()),
                    part_of: None,
                    license: None,
                    about: Names::default(),
                    site: place.site.clone(),
                });
                id
            }
        };
        Ok((organization, city))
    }

    fn own_city(&self, place: &Place) -> Result<String, Fault> {
        let Place { location, .. } = place;
        if !self.cities.contains_key(&location.city) && self.known.city(&location.city).is_none() {
            return Err(Fault::new("extension.city", "a city that is not known; import the list of cities, CodeSystem/city, with it"));
        }
        let parts = &self.done.parts;
        if let Some(district) = &location.district
            && self.known.district(district).is_none()
            && !parts.districts.iter().any(|entry| entry.code == *district)
        {
            return Err(Fault::new("extension.district", "a district that is not known; import CodeSystem/district with it"));
        }
        let unknown = |code: &String| self.known.metro(code).is_none() && !parts.metros.iter().any(|entry| entry.code == *code);
        if location.metro.iter().any(|near| unknown(&near.metro)) {
            return Err(Fault::new("extension.metro", "a station that is not known; import CodeSystem/metro with it"));
        }
        Ok(location.city.clone())
    }

    /// The city of a place of a feed: one that is known by that name, else a new one with what the operator says of the feed.
    fn city(&mut self, place: &Place) -> Result<String, Fault> {
        let feed = self.feed;
        let name = place.city.as_deref().or(feed.city.as_deref());
        let name = name.ok_or_else(|| Fault::new("address.city", "absent; give it, or name the feed's city by --city"))?;
        let wanted = key(name);
        let country =
            feed.country.clone().or_else(|| place.country.clone().filter(|code| code.bytes().all(|letter| letter.is_ascii_uppercase())));
        let fits = |city: &&City| {
            let named = [&city.names.kk, &city.names.ru, &city.names.en].into_iter().any(|name| key(name) == wanted) || city.code == wanted;
            named && (city.country.is_empty() || country.as_ref().is_none_or(|country| *country == city.country))
        };
        if let Some(city) = self.cities.values().find(fits) {
            return Ok(city.code.clone());
        }
        let fresh = |code: String| City {
            code,
            names: Names { kk: name.to_owned(), ru: name.to_owned(), en: name.to_owned() },
            zone: feed.zone.clone().unwrap_or_default(),
            country: country.clone().unwrap_or_default(),
            currency: feed.currency.clone().unwrap_or_default(),
            phone: None,
            lat: place.location.lat.unwrap_or_default(),
            lon: place.location.lon.unwrap_or_default(),
        };
        if let Some(known) = self.known.cities.iter().find(fits) {
            let mut city = known.clone();
            // A feed brought it without a zone; now the operator has said which.
            if city.zone.is_empty() {
                let said = fresh(city.code.clone());
                city = City { zone: said.zone, country: said.country, currency: said.currency, ..city };
            }
            let code = city.code.clone();
            if city != *known {
                self.cities.insert(code.clone(), city);
            }
            return Ok(code);
        }
        if self.cities.len() >= CITIES_MAX {
            return Err(Fault::new("address.city", "more than 10000 cities in one feed; correct the cities"));
        }
        let mut code: String = slug(name).chars().take(40).collect();
        if self.known.city(&code).is_some() || self.cities.contains_key(&code) {
            code = format!("{code}-{}", slug(&feed.source).chars().take(20).collect::<String>());
        }
        self.cities.insert(code.clone(), fresh(code.clone()));
        Ok(code)
    }

    fn resources(&mut self, taken: &mut Taken) {
        for (id, (at, inside)) in std::mem::take(&mut taken.resources) {
            let known = self.known.location(inside.location).map(|location| location.organization);
            match self.places.get(&inside.location).copied().or(known) {
                Some(organization) => {
                    self.resources.insert(id);
                    let resource = Resource { id, organization, location: inside.location, kind: inside.kind, names: inside.names };
                    self.done.parts.resources.push(resource);
                }
                None => self.refuse(at, String::new(), "location", "names a place that is not in the feed or was refused; add it"),
            }
        }
    }

    fn services(&mut self, taken: &mut Taken) {
        for (at, offered) in std::mem::take(&mut taken.services) {
            let specialty = offered.specialty.unwrap_or_else(|| self.feed.specialty().to_owned());
            if !self.is_specialty(&specialty) {
                self.refuse(
                    at,
                    format!("HealthcareService/{}", offered.their),
                    "specialty",
                    "not known; import CodeSystem/specialty with it",
                );
                continue;
            }
            let mut service = offered.service;
            let mapped = self.feed.services.iter().find(|(theirs, _)| *theirs == offered.their).map(|(_, ours)| ours.clone());
            if offered.own && self.known.service(&service.code).is_some() {
                // Ours stays as this program has it.
                self.codes.insert(offered.their, service.code);
                continue;
            }
            if let (Some(code), false) = (mapped, offered.own) {
                self.codes.insert(offered.their, code);
                continue;
            }
            if !offered.own {
                service.code = self.fresh_code(&offered.their);
            }
            service.specialty = specialty;
            self.codes.insert(offered.their, service.code.clone());
            self.services.insert(service.code.clone(), service);
        }
    }

    fn is_specialty(&self, code: &str) -> bool {
        self.known.specialty(code).is_some() || self.done.parts.specialties.iter().any(|entry| entry.code == code)
    }

    fn is_service(&self, code: &str) -> bool {
        self.known.service(code).is_some() || self.services.contains_key(code)
    }

    fn fresh_code(&self, their: &str) -> String {
        let code: String = slug(&format!("{} {their}", self.feed.source)).chars().take(64).collect();
        code.trim_end_matches('-').to_owned()
    }

    /// Our service for one of their types: as the operator maps it, else one of the feed's own.
    fn coded(&mut self, coded: &Coded, specialty: &str) -> Option<String> {
        for (system, code) in &coded.codings {
            if *system == super::ours("service") && self.is_service(code) {
                return Some(code.clone());
            }
            let whole = format!("{system}|{code}");
            if let Some((_, ours)) = self.feed.services.iter().find(|(theirs, _)| theirs == code || *theirs == whole) {
                return Some(ours.clone());
            }
        }
        let names = coded.names.clone()?;
        let their = coded.codings.last().map_or_else(|| names.en.clone(), |(_, code)| code.clone());
        let code = self.fresh_code(&their);
        self.services.entry(code.clone()).or_insert_with(|| HealthcareService {
            code: code.clone(),
            specialty: specialty.to_owned(),
            names,
            kind: ServiceKind::Consultation,
            mode: Mode::Clinic,
            preparation: Names::default(),
            words: Names::default(),
        });
        Some(code)
    }

    fn roles(&mut self, taken: &mut Taken) {
        let practitioners: HashSet<_> = self.done.parts.practitioners.iter().map(|entry| entry.id).collect();
        let mut roles: BTreeMap<RoleId, PractitionerRole> = BTreeMap::new();
        for (at, role) in std::mem::take(&mut taken.roles) {
            let name = format!("PractitionerRole/{}", role.their);
            let settled = self.role(&role).and_then(|settled| {
                let there = |id| practitioners.contains(&id) || self.known.practitioner(id).is_some();
                if settled.practitioner.is_none_or(there) {
                    Ok(settled)
                } else {
                    Err(Fault::new("practitioner", "names a doctor who is not in the feed or was refused; add the Practitioner"))
                }
            });
            match settled {
                Ok(settled) => {
                    roles.insert(settled.id, settled);
                }
                Err(fault) => self.done.refused.push((at, name, fault)),
            }
        }
        for (at, calendar) in std::mem::take(&mut taken.schedules) {
            let name = format!("Schedule/{}", calendar.their);
            match self.calendar(&calendar, &mut roles, &practitioners) {
                Ok(id) => {
                    self.done.schedules.insert(calendar.their, id);
                }
                Err(fault) => self.done.refused.push((at, name, fault)),
            }
        }
        self.done.parts.roles = roles.into_values().collect();
    }

    fn role(&mut self, role: &Role) -> Result<PractitionerRole, Fault> {
        let id = match role.own {
            true => role.their.parse().map_err(|_| Fault::new("id", "not a UUID"))?,
            false => RoleId(Uuid::from_bytes(self.feed.id("PractitionerRole", &role.their))),
        };
        let location = role.location.ok_or_else(|| Fault::new("location", "absent; say where people are received"))?;
        let organization = self.clinic_of(location, "location")?;
        // A clinic's place may be named with the clinic's whole; what is booked belongs to the place's.
        let organization = role.organization.filter(|id| role.own && self.organizations.contains(id)).unwrap_or(organization);
        let mut specialties = role.specialties.clone();
        specialties.dedup();
        if specialties.is_empty() {
            specialties.push(self.feed.specialty().to_owned());
        }
        if specialties.iter().any(|code| !self.is_specialty(code)) {
            return Err(Fault::new("specialty", "not known; import CodeSystem/specialty with it"));
        }
        let mut services = role.offers.clone();
        if services.is_empty() {
            for their in &role.services {
                let code = self
                    .codes
                    .get(their)
                    .ok_or_else(|| Fault::new("healthcareService", "names a service that is not in the feed; add it"))?;
                services.push(RoleService::simple(code.clone(), self.feed.price_minor, MINUTES));
            }
        }
        if services.is_empty() {
            services.push(self.usual(specialties.first().map_or("", String::as_str)));
        }
        for offer in &services {
            if !self.is_service(&offer.service) {
                return Err(Fault::new("extension.offer", "names a service that is not known; add the HealthcareService"));
            }
            let there = |id: crate::catalogue::ResourceId| self.resources.contains(&id) || self.known.resource(id).is_some();
            if !offer.device.into_iter().chain(offer.room).all(there) {
                return Err(Fault::new("extension.offer", "names a device or a room that is not in the feed; add it"));
            }
        }
        let mut seen = HashSet::new();
        services.retain(|offer| seen.insert(offer.service.clone()));
        Ok(PractitionerRole {
            id,
            practitioner: role.practitioner,
            organization,
            location,
            specialties,
            services,
            adults: role.adults,
            children: role.children,
            age_min_years: role.ages.0,
            age_max_years: role.ages.1,
            horizon_days: role.horizon_days,
            notice_minutes: role.notice_minutes,
            schedule: role.schedule.clone(),
            source: role.source.clone(),
        })
    }

    fn clinic_of(&self, location: LocationId, field: &str) -> Result<OrganizationId, Fault> {
        let known = || self.known.location(location).map(|location| location.organization);
        let found = self.places.get(&location).copied().or_else(known);
        found.ok_or_else(|| Fault::new(field, "names a place that is not in the feed or was refused; add the Location"))
    }

    /// What is offered when a feed does not say: the first visit of that specialty.
    fn usual(&self, specialty: &str) -> RoleService {
        let code = crate::reference::consultation(specialty);
        let code = if self.is_service(&code) { code } else { crate::reference::consultation("therapist") };
        RoleService::simple(code, self.feed.price_minor, MINUTES)
    }

    /// The role whose times a schedule holds: the PractitionerRole that it names, else one made of its doctor and place.
    fn calendar(
        &mut self,
        calendar: &Calendar,
        roles: &mut BTreeMap<RoleId, PractitionerRole>,
        practitioners: &HashSet<crate::catalogue::PractitionerId>,
    ) -> Result<RoleId, Fault> {
        let feed = self.feed;
        let id = |kind: &str, their: &str| match calendar.own {
            true => their.parse().map_err(|_| Fault::new("actor", "not a UUID")),
            false => Ok(Uuid::from_bytes(feed.id(kind, their))),
        };
        let actor = |kind: &str| calendar.actors.iter().find(|(named, _)| named == kind).map(|(_, their)| id(kind, their)).transpose();
        if let Some(role) = actor("PractitionerRole")?.map(RoleId) {
            if roles.contains_key(&role) || self.known.role(role).is_some() {
                return Ok(role);
            }
            return Err(Fault::new("actor", "names a PractitionerRole that is not in the feed or was refused; add it"));
        }
        let location = actor("Location")?
            .map(LocationId)
            .ok_or_else(|| Fault::new("actor", "names neither a PractitionerRole nor a Location; say where people are received"))?;
        let organization = self.clinic_of(location, "actor")?;
        let practitioner = actor("Practitioner")?.map(crate::catalogue::PractitionerId);
        if practitioner.is_some_and(|id| !practitioners.contains(&id) && self.known.practitioner(id).is_none()) {
            return Err(Fault::new("actor", "names a doctor who is not in the feed or was refused; add the Practitioner"));
        }
        let mut specialties: Vec<String> = calendar.specialties.iter().filter(|code| self.is_specialty(code)).cloned().collect();
        if specialties.is_empty() {
            specialties.push(feed.specialty().to_owned());
        }
        let specialty = specialties.first().cloned().unwrap_or_default();
        let mut services = Vec::new();
        for coded in &calendar.services {
            let offer = self.coded(coded, &specialty).map(|code| RoleService::simple(code, feed.price_minor, MINUTES));
            services.extend(offer);
        }
        if services.is_empty() {
            services.push(self.usual(&specialty));
        }
        let mut seen = HashSet::new();
        services.retain(|offer| seen.insert(offer.service.clone()));
        let role = RoleId(id("Schedule", &calendar.their)?);
        roles.insert(
            role,
            PractitionerRole {
                id: role,
                practitioner,
                organization,
                location,
                specialties,
                services,
                adults: true,
                children: false,
                age_min_years: None,
                age_max_years: None,
                horizon_days: 60,
                notice_minutes: 0,
                schedule: crate::catalogue::Schedule::default(),
                source: Some(feed.source.clone()),
            },
        );
        Ok(role)
    }
}
