//! An operator's doctors and hours come in from a CSV file: what is right in short transactions of whole rows, everything else refused
//! with its line and reason.
//!
//! A row is written with its clinic, place, devices and doctor in one transaction, so that readers never see half of one; between two
//! transactions bookings go on. Whoever was interrupted imports the file again: what is there already is not written twice.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use db::{Db, DbError, Names, Tx};

use crate::catalogue::{
    Catalogue, Location, LocationId, Organization, OrganizationId, Parts, Practitioner, PractitionerId, Resource, ResourceId,
};
use crate::cells::key;
use crate::csv_form::{self, Given};
use crate::refused::{FileRefused, Refused};
use crate::resolve::{Plan, reference_over, resolve};
use crate::store;

/// What an import did. Rows are counted by what they changed in the directory, for themselves or for their clinic and doctor.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Report {
    /// Rows of doctors who were not in that clinic before.
    pub added: usize,
    /// Rows that changed something known.
    pub changed: usize,
    /// Rows that said what was known already.
    pub unchanged: usize,
    /// The faults of the rows that were not imported, by line.
    pub refused: Vec<Refused>,
    /// The directory's version afterwards.
    pub version: i64,
}

impl Report {
    /// The number of rows that were not imported; a row may have several faults.
    pub fn refused_rows(&self) -> usize {
        self.refused.iter().map(|refused| refused.line).collect::<HashSet<_>>().len()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} added, {} changed, {} unchanged, {} refused", self.added, self.changed, self.unchanged, self.refused_rows())?;
        if self.added + self.changed == 0 { f.write_str("; the directory is as it was") } else { Ok(()) }
    }
}

/// Why nothing was imported.
#[derive(Clone, Debug, PartialEq)]
pub enum ImportError {
    /// The file cannot be read as the form.
    File(FileRefused),
    /// The database failed. What was written before stays, and the same import goes on from there.
    Database(DbError),
    /// Somebody else changed the directory all the while; what was written stays, and the same import goes on from there.
    Busy,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImportError::File(refused) => refused.fmt(f),
            ImportError::Database(error) => error.fmt(f),
            ImportError::Busy => f.write_str("the directory is being changed by somebody else all the while; import the file again later"),
        }
    }
}

impl std::error::Error for ImportError {}

impl From<DbError> for ImportError {
    fn from(error: DbError) -> Self {
        ImportError::Database(error)
    }
}

/// Rows of one transaction: keeps the database's only writer for some tens of milliseconds.
const CHUNK_ROLES: usize = 500;
/// How often an import begins anew because the directory changed meanwhile.
const TRIES_MAX: usize = 20;

/// Afterwards the directory says what the right rows of the file say; doctors whom the file does not name stay as they are.
/// It is written in several transactions, each of whole rows. Importing the same file again changes nothing, and after an
/// interruption writes what is missing. `demo` allows phones from `+7 000`.
///
/// # Errors
/// [`ImportError::File`] when the file as a whole cannot be read; rows at fault are no error, they stand in the report.
pub async fn import_csv(db: &Db, bytes: &[u8], demo: bool) -> Result<Report, ImportError> {
    import_csv_with(db, bytes, demo, |_, _| {}).await
}

/// [`import_csv`] which tells after each transaction how many rows of how many that differ are written.
///
/// # Errors
/// As [`import_csv`].
pub async fn import_csv_with(db: &Db, bytes: &[u8], demo: bool, mut told: impl FnMut(usize, usize)) -> Result<Report, ImportError> {
    let form = csv_form::read(bytes, demo).map_err(ImportError::File)?;
    let mut first: Option<Report> = None;
    for _ in 0..TRIES_MAX {
        let known = db.read("directory before import", |tx| Box::pin(store::load(tx))).await?;
        let mut plan = resolve(&known, &form.rows);
        plan.refused.extend(form.refused.iter().cloned());
        plan.refused.sort_by_key(|refused| refused.line);
        let (parts, report) = changes(&known, &plan);
        let report = first.get_or_insert(report);
        let (total, mut written) = (parts.roles.len(), 0);
        let mut version = known.version;
        let mut overtaken = false;
        for chunk in chunks(parts, CHUNK_ROLES) {
            let roles = chunk.roles.len();
            let chunk = Arc::new(chunk);
            let raised = db
                .run("import csv", move |tx| {
                    let chunk = Arc::clone(&chunk);
                    Box::pin(async move { write_chunk(tx, &chunk, version).await })
                })
                .await?;
            match raised {
                Some(raised) => version = raised,
                None => {
                    overtaken = true;
                    break;
                }
            }
            written += roles;
            told(written, total);
        }
        if !overtaken {
            report.version = version;
            return Ok(report.clone());
        }
    }
    Err(ImportError::Busy)
}

/// The directory's new version; `None`, and nothing written, when it is no longer at `expected`.
async fn write_chunk(tx: &mut Tx, chunk: &Parts, expected: i64) -> Result<Option<i64>, DbError> {
    if store::version(tx).await? != expected {
        return Ok(None);
    }
    store::write(tx, chunk).await?;
    store::raise_version(tx).await?;
    Ok(Some(expected + 1))
}

/// The same entries in portions of at most `roles` roles, each with everything its roles need that no portion before it has. The
/// first has the program's lists, the last what belongs to no role that changed. No portion is empty.
fn chunks(parts: Parts, roles: usize) -> Vec<Parts> {
    let Parts { organizations, locations, resources, practitioners, roles: all, .. } = &parts;
    let mut waiting = Waiting {
        organizations: organizations.iter().map(|organization| (organization.id, organization)).collect(),
        locations: locations.iter().map(|location| (location.id, location)).collect(),
        resources: resources.iter().map(|resource| (resource.id, resource)).collect(),
        practitioners: practitioners.iter().map(|practitioner| (practitioner.id, practitioner)).collect(),
    };
    let lists = Parts {
        cities: parts.cities.clone(),
        districts: parts.districts.clone(),
        metro_lines: parts.metro_lines.clone(),
        metros: parts.metros.clone(),
        specialties: parts.specialties.clone(),
        services: parts.services.clone(),
        ..Parts::default()
    };
    let mut portions = vec![lists];
    for portion in all.chunks(roles.max(1)) {
        let mut chunk = Parts { roles: portion.to_vec(), ..Parts::default() };
        for role in portion {
            waiting.take_organization(role.organization, &mut chunk);
            chunk.locations.extend(waiting.locations.remove(&role.location).cloned());
            for resource in role.resources() {
                chunk.resources.extend(waiting.resources.remove(&resource).cloned());
            }
            chunk.practitioners.extend(role.practitioner.and_then(|id| waiting.practitioners.remove(&id)).cloned());
        }
        portions.push(chunk);
    }
    let mut rest = Parts::default();
    for organization in organizations {
        waiting.take_organization(organization.id, &mut rest);
    }
    rest.locations.extend(locations.iter().filter(|location| waiting.locations.contains_key(&location.id)).cloned());
    rest.resources.extend(resources.iter().filter(|resource| waiting.resources.contains_key(&resource.id)).cloned());
    rest.practitioners.extend(practitioners.iter().filter(|doctor| waiting.practitioners.contains_key(&doctor.id)).cloned());
    portions.push(rest);
    portions.retain(|portion| *portion != Parts::default());
    portions
}

/// Entries that no portion has yet.
struct Waiting<'p> {
    organizations: HashMap<OrganizationId, &'p Organization>,
    locations: HashMap<LocationId, &'p Location>,
    resources: HashMap<ResourceId, &'p Resource>,
    practitioners: HashMap<PractitionerId, &'p Practitioner>,
}

impl Waiting<'_> {
    /// The clinic whose branch it is comes first. A branch has no branches, so this ends.
    fn take_organization(&mut self, id: OrganizationId, chunk: &mut Parts) {
        if let Some(organization) = self.organizations.remove(&id) {
            if let Some(head) = organization.part_of {
                self.take_organization(head, chunk);
            }
            chunk.organizations.push(organization.clone());
        }
    }
}

/// Afterwards the program's own lists (cities, districts, stations, specialties, services) stand in the directory. For a server that
/// starts on an empty database, or with a newer program; changes nothing when they are there.
///
/// # Errors
/// A fault of the database.
pub async fn write_reference(tx: &mut Tx) -> Result<(), DbError> {
    let known = store::load(tx).await?;
    let (parts, _) = changes(&known, &Plan::default());
    if parts != Parts::default() {
        store::write(tx, &parts).await?;
        store::raise_version(tx).await?;
    }
    Ok(())
}

/// Afterwards these cities (by code) show these numbers, E.164. Cities that are not known are passed over; the number of those that
/// changed is returned.
///
/// # Errors
/// A fault of the database.
pub async fn set_city_phones(tx: &mut Tx, phones: &[(String, String)]) -> Result<usize, DbError> {
    let mut changed = 0;
    for (city, phone) in phones {
        changed += usize::from(store::set_city_phone(tx, city, phone).await?);
    }
    if changed > 0 {
        store::raise_version(tx).await?;
    }
    Ok(changed)
}

/// What of the plan and of the program's lists is not known yet, and what the rows change.
fn changes(known: &Catalogue, plan: &Plan) -> (Parts, Report) {
    let mut report = Report { refused: plan.refused.clone(), ..Report::default() };
    let own = reference_over(known);
    let mut parts = Parts {
        cities: changed(own.cities, |city| known.city(&city.code)),
        districts: changed(own.districts, |district| known.district(&district.code)),
        metro_lines: changed(own.metro_lines, |line| known.metro_line(&line.code)),
        metros: changed(own.metros, |metro| known.metro(&metro.code)),
        specialties: changed(own.specialties, |specialty| known.specialty(&specialty.code)),
        services: changed(own.services, |service| known.service(&service.code)),
        organizations: changed(organizations(plan, known), |organization| known.organization(organization.id)),
        locations: changed(locations(plan, known), |location| known.location(location.id)),
        resources: changed(resources(plan, known), |resource| known.resource(resource.id)),
        practitioners: changed(practitioners(plan, known), |practitioner| known.practitioner(practitioner.id)),
        ..Parts::default()
    };
    // Another import may have brought the same city or district since this file was read; what is known stays.
    parts.cities.extend(plan.cities.iter().filter(|city| known.city(&city.code).is_none()).cloned());
    parts.districts.extend(plan.districts.iter().filter(|district| known.district(&district.code).is_none()).cloned());
    let organizations = ids(&parts.organizations, |organization| organization.id);
    let locations = ids(&parts.locations, |location| location.id);
    let practitioners = ids(&parts.practitioners, |practitioner| practitioner.id);
    let resources = ids(&parts.resources, |resource| resource.id);
    for role in &plan.roles {
        let around = organizations.contains(&role.organization)
            || locations.contains(&role.location)
            || role.practitioner.is_some_and(|doctor| practitioners.contains(&doctor))
            || role.resources().iter().any(|resource| resources.contains(resource));
        match known.role(role.id) {
            None => report.added += 1,
            Some(stored) if stored != role || around => report.changed += 1,
            Some(_) => report.unchanged += 1,
        }
        if known.role(role.id) != Some(role) {
            parts.roles.push(role.clone());
        }
    }
    (parts, report)
}

/// Those entries that are new or differ from what is known.
fn changed<'k, T: PartialEq + 'k>(wanted: Vec<T>, known: impl Fn(&T) -> Option<&'k T>) -> Vec<T> {
    wanted.into_iter().filter(|entry| known(entry) != Some(entry)).collect()
}

fn ids<T, K: Eq + Hash>(list: &[T], id: impl Fn(&T) -> K) -> HashSet<K> {
    list.iter().map(id).collect()
}

/// The name in three languages: a language left empty keeps what is known of the same name, else takes the given one.
fn names(given: &Given, known: Option<&Names>) -> Names {
    let known = known.filter(|known| key(&known.ru) == key(&given.base));
    let other = |named: &Option<String>, kept: fn(&Names) -> &String| {
        let kept = known.filter(|known| *kept(known) != known.ru).map(kept);
        named.as_ref().or(kept).unwrap_or(&given.base).clone()
    };
    Names { kk: other(&given.kk, |names| &names.kk), ru: given.base.clone(), en: other(&given.en, |names| &names.en) }
}

/// The given text, else the known one, else none.
fn text(given: Option<&Given>, known: Option<&Names>) -> Names {
    match given {
        Some(given) => names(given, known),
        None => known.cloned().unwrap_or_default(),
    }
}

fn resources(plan: &Plan, known: &Catalogue) -> Vec<Resource> {
    let merged = plan.resources.iter().map(|(id, draft)| Resource {
        id: *id,
        organization: draft.organization,
        location: draft.location,
        kind: draft.kind,
        names: names(&draft.names, known.resource(*id).map(|known| &known.names)),
    });
    merged.collect()
}

fn organizations(plan: &Plan, known: &Catalogue) -> Vec<Organization> {
    let merged = plan.organizations.iter().map(|(id, draft)| {
        let known = known.organization(*id);
        let phone = draft.phone.clone().or_else(|| known.map(|known| known.phone.clone())).unwrap_or_default();
        let notify_phone = draft.phone.clone().or_else(|| known.and_then(|known| known.notify_phone.clone()));
        Organization {
            id: *id,
            names: names(&draft.names, known.map(|known| &known.names)),
            phone,
            notify_phone,
            part_of: draft.part_of.or_else(|| known.and_then(|known| known.part_of)),
            license: draft.license.clone().or_else(|| known.and_then(|known| known.license.clone())),
            about: text(draft.about.as_ref(), known.map(|known| &known.about)),
            site: draft.site.clone().or_else(|| known.map(|known| known.site.clone())).unwrap_or_default(),
        }
    });
    merged.collect()
}

fn locations(plan: &Plan, known: &Catalogue) -> Vec<Location> {
    let merged = plan.locations.iter().map(|(id, draft)| {
        let known = known.location(*id);
        let place = draft.place.or_else(|| known.and_then(|known| known.lat.zip(known.lon)));
        let metro = if draft.metro.is_empty() { known.map(|known| known.metro.clone()).unwrap_or_default() } else { draft.metro.clone() };
        Location {
            id: *id,
            organization: draft.organization,
            city: draft.city.clone(),
            district: draft.district.clone().or_else(|| known.and_then(|known| known.district.clone())),
            address: names(&draft.address, known.map(|known| &known.address)),
            metro,
            lat: place.map(|place| place.0),
            lon: place.map(|place| place.1),
            names: text(draft.names.as_ref(), known.map(|known| &known.names)),
            phone: draft.phone.clone().or_else(|| known.map(|known| known.phone.clone())).unwrap_or_default(),
            hours: if draft.hours.is_empty() { known.map(|known| known.hours.clone()).unwrap_or_default() } else { draft.hours.clone() },
        }
    });
    merged.collect()
}

fn practitioners(plan: &Plan, known: &Catalogue) -> Vec<Practitioner> {
    let merged = plan.practitioners.iter().map(|(id, draft)| {
        let known = known.practitioner(*id);
        let about = text(draft.about.as_ref(), known.map(|known| &known.about));
        let languages = if draft.languages.is_empty() {
            known.map(|known| known.languages.clone()).unwrap_or_default()
        } else {
            draft.languages.clone()
        };
        Practitioner {
            id: *id,
            names: names(&draft.names, known.map(|known| &known.names)),
            sex: draft.sex.or_else(|| known.and_then(|known| known.sex)),
            since_year: draft.since.or_else(|| known.and_then(|known| known.since_year)),
            languages,
            about,
            category: draft.category.or_else(|| known.and_then(|known| known.category)),
            degree: draft.degree.or_else(|| known.and_then(|known| known.degree)),
        }
    });
    merged.collect()
}
