//! What there is in each city, counted once for each version of the directory.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use axum::body::Bytes;
use clock::Timestamp;
use db::Lang;
use directory::catalogue::{Catalogue, OrganizationId, ServiceKind};
use directory::paths;

/// What one city has.
#[derive(Debug, Default)]
pub struct InCity {
    /// Code of each specialty with somebody to book, and how many roles that is; most first.
    pub specialties: Vec<(String, usize)>,
    /// Code of each examination, and the places of the roles that offer it in [`Catalogue::roles`].
    pub examinations: BTreeMap<String, Vec<usize>>,
    /// Clinics with a place in the city, in the order of their ids.
    pub clinics: Vec<OrganizationId>,
    /// Doctors with a role in the city, each once.
    pub doctors: usize,
    /// Roles with or without a doctor.
    pub roles: usize,
}

/// A page that stands in the sitemap; numbers are places in the catalogue's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// The home page.
    Home,
    /// The policy.
    Policy,
    /// A city.
    City(usize),
    /// The clinics of a city.
    Clinics(usize),
    /// The examinations of a city.
    Examinations(usize),
    /// A specialty in a city: places of the city and of the specialty.
    Specialty(usize, usize),
    /// An examination in a city: places of the city and of the service.
    Examination(usize, usize),
    /// A clinic.
    Clinic(usize),
    /// A doctor in a clinic, or a device.
    Role(usize),
}

impl Thing {
    /// Its address after the language; `None` when the catalogue has no such place.
    pub fn path(self, catalogue: &Catalogue, lang: Lang) -> Option<String> {
        let city = |place: usize| catalogue.cities.get(place).map(|city| city.code.as_str());
        Some(match self {
            Thing::Home => "/".to_owned(),
            Thing::Policy => "/policy".to_owned(),
            Thing::City(place) => paths::city(city(place)?),
            Thing::Clinics(place) => paths::clinics(city(place)?),
            Thing::Examinations(place) => paths::examinations(city(place)?),
            Thing::Specialty(place, specialty) => paths::specialty(city(place)?, &catalogue.specialties.get(specialty)?.code),
            Thing::Examination(place, service) => paths::examination(city(place)?, &catalogue.services.get(service)?.code),
            Thing::Clinic(place) => paths::clinic(catalogue.organizations.get(place)?, lang),
            Thing::Role(place) => paths::doctor(catalogue, catalogue.roles.get(place)?, lang),
        })
    }
}

/// Parts of the sitemap that are kept written, of about two megabytes each; further ones are written anew each time (I9).
const PARTS_KEPT_MAX: usize = 24;

/// The counted directory.
#[derive(Debug)]
pub struct Atlas {
    catalogue: Arc<Catalogue>,
    cities: HashMap<String, InCity>,
    things: Vec<Thing>,
    made_at: Timestamp,
    written: Mutex<HashMap<(usize, String), Bytes>>,
}

impl Atlas {
    /// Counts the whole directory.
    pub fn new(catalogue: Arc<Catalogue>, made_at: Timestamp) -> Atlas {
        let mut cities: HashMap<String, InCity> = HashMap::new();
        let mut specialties: HashMap<(String, String), usize> = HashMap::new();
        let mut doctors = std::collections::HashSet::new();
        for (place, role) in catalogue.roles.iter().enumerate() {
            let Some(city) = catalogue.city_of(role) else { continue };
            let here = cities.entry(city.code.clone()).or_default();
            here.roles += 1;
            if let Some(doctor) = role.practitioner
                && doctors.insert((city.code.clone(), doctor))
            {
                here.doctors += 1;
            }
            for code in &role.specialties {
                *specialties.entry((city.code.clone(), code.clone())).or_default() += 1;
            }
            for offer in &role.services {
                if catalogue.service(&offer.service).is_some_and(|service| service.kind == ServiceKind::Examination) {
                    here.examinations.entry(offer.service.clone()).or_default().push(place);
                }
            }
        }
        for ((city, specialty), count) in specialties {
            cities.entry(city).or_default().specialties.push((specialty, count));
        }
        for location in &catalogue.locations {
            if let Some(here) = cities.get_mut(&location.city) {
                here.clinics.push(location.organization);
            }
        }
        for here in cities.values_mut() {
            here.specialties.sort_by(|(one, many), (two, more)| more.cmp(many).then_with(|| one.cmp(two)));
            here.clinics.sort_unstable();
            here.clinics.dedup();
        }
        let things = things(&catalogue, &cities);
        Atlas { catalogue, cities, things, made_at, written: Mutex::default() }
    }

    /// The catalogue that was counted.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// What that city has; `None` when nobody receives there.
    pub fn city(&self, code: &str) -> Option<&InCity> {
        self.cities.get(code)
    }

    /// When it was counted: since then the list of pages is as it is.
    pub fn made_at(&self) -> Timestamp {
        self.made_at
    }

    /// A part of the sitemap for a site at `base`, written once for this version of the directory.
    pub fn written(&self, part: usize, base: &str, write: impl FnOnce() -> String) -> Bytes {
        let key = (part, base.to_owned());
        if let Some(known) = self.written.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return known.clone();
        }
        let body = Bytes::from(write());
        let mut kept = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < PARTS_KEPT_MAX {
            kept.insert(key, body.clone());
        }
        body
    }

    /// Every page that is worth finding.
    pub fn things(&self) -> &[Thing] {
        &self.things
    }
}

fn things(catalogue: &Catalogue, cities: &HashMap<String, InCity>) -> Vec<Thing> {
    let mut things = vec![Thing::Home, Thing::Policy];
    let specialties: HashMap<&str, usize> =
        catalogue.specialties.iter().enumerate().map(|(place, specialty)| (specialty.code.as_str(), place)).collect();
    let services: HashMap<&str, usize> =
        catalogue.services.iter().enumerate().map(|(place, service)| (service.code.as_str(), place)).collect();
    for (place, city) in catalogue.cities.iter().enumerate() {
        let Some(here) = cities.get(&city.code) else { continue };
        things.extend([Thing::City(place), Thing::Clinics(place)]);
        things.extend((!here.examinations.is_empty()).then_some(Thing::Examinations(place)));
        let known = here.specialties.iter().filter_map(|(code, _)| specialties.get(code.as_str()));
        things.extend(known.map(|specialty| Thing::Specialty(place, *specialty)));
        let known = here.examinations.keys().filter_map(|code| services.get(code.as_str()));
        things.extend(known.map(|service| Thing::Examination(place, *service)));
    }
    let listed: std::collections::HashSet<OrganizationId> = cities.values().flat_map(|here| here.clinics.iter().copied()).collect();
    let clinics = catalogue.organizations.iter().enumerate().filter(|(_, clinic)| listed.contains(&clinic.id));
    things.extend(clinics.map(|(place, _)| Thing::Clinic(place)));
    let bookable = catalogue.roles.iter().enumerate().filter(|(_, role)| catalogue.city_of(role).is_some());
    things.extend(bookable.map(|(place, _)| Thing::Role(place)));
    things
}

/// The atlas of the directory as it is now; made anew when the directory's version changes. Clones share it.
#[derive(Clone, Default)]
pub struct Kept(Arc<RwLock<Option<Arc<Atlas>>>>);

impl Kept {
    /// The atlas of this directory; the kept one when it is of the same version.
    pub fn atlas(&self, catalogue: Arc<Catalogue>, now: Timestamp) -> Arc<Atlas> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(atlas) = known.filter(|atlas| atlas.catalogue.version == catalogue.version) {
            return atlas;
        }
        let atlas = Arc::new(Atlas::new(catalogue, now));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(atlas.clone());
        atlas
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_written_once_for_a_version_and_an_address() {
        let (kept, now) = (Kept::default(), Timestamp(1));
        let catalogue = |version| {
            let mut catalogue = Catalogue::default();
            catalogue.version = version;
            Arc::new(catalogue)
        };
        let atlas = kept.atlas(catalogue(1), now);
        assert_eq!(atlas.written(1, "a", || "first".into()), "first");
        assert_eq!(atlas.written(1, "a", || "again".into()), "first");
        assert_eq!(atlas.written(2, "a", || "another part".into()), "another part");
        assert_eq!(atlas.written(1, "b", || "another address".into()), "another address");
        assert_eq!(kept.atlas(catalogue(1), Timestamp(2)).made_at(), now, "the same version is counted once");
        let next = kept.atlas(catalogue(2), Timestamp(3));
        assert_eq!((next.made_at(), next.written(1, "a", || "new".into())), (Timestamp(3), "new".into()));
        for part in 0..2 * PARTS_KEPT_MAX {
            next.written(part, "a", String::new);
        }
        assert_eq!(next.written.lock().unwrap_or_else(PoisonError::into_inner).len(), PARTS_KEPT_MAX);
    }
}
