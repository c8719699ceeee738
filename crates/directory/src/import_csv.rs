//! An operator's doctors and hours come in from a CSV file: everything that is right in one transaction, everything else refused with
//! its line and reason.

use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use db::{Db, DbError, Names, Tx};

use crate::catalogue::{Catalogue, Location, Organization, Parts, Practitioner};
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
    /// The database failed; nothing was written.
    Database(DbError),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImportError::File(refused) => refused.fmt(f),
            ImportError::Database(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ImportError {}

impl From<DbError> for ImportError {
    fn from(error: DbError) -> Self {
        ImportError::Database(error)
    }
}

/// Afterwards the directory says what the right rows of the file say; doctors whom the file does not name stay as they are.
/// All of it is written in one transaction. Importing the same file again changes nothing. `demo` allows phones from `+7 000`.
///
/// # Errors
/// [`ImportError::File`] when the file as a whole cannot be read; rows at fault are no error, they stand in the report.
pub async fn import_csv(db: &Db, bytes: &[u8], demo: bool) -> Result<Report, ImportError> {
    let form = csv_form::read(bytes, demo).map_err(ImportError::File)?;
    let known = db.read("directory before import", |tx| Box::pin(store::load(tx))).await?;
    let mut plan = resolve(&known, form.rows);
    plan.refused.extend(form.refused);
    plan.refused.sort_by_key(|refused| refused.line);
    let plan = Arc::new(plan);
    let report = db
        .run("import csv", move |tx| {
            let plan = Arc::clone(&plan);
            Box::pin(async move { apply(tx, &plan).await })
        })
        .await?;
    Ok(report)
}

/// Afterwards the program's own lists (cities, districts, stations, specialties, services) stand in the directory. For a server that
/// starts on an empty database, or with a newer program; changes nothing when they are there.
///
/// # Errors
/// A fault of the database.
pub async fn write_reference(tx: &mut Tx) -> Result<(), DbError> {
    apply(tx, &Plan::default()).await.map(drop)
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

async fn apply(tx: &mut Tx, plan: &Plan) -> Result<Report, DbError> {
    let known = store::load(tx).await?;
    let mut report = Report { refused: plan.refused.clone(), ..Report::default() };
    let own = reference_over(&known);
    let mut parts = Parts {
        cities: changed(own.cities, |city| known.city(&city.code)),
        districts: changed(own.districts, |district| known.district(&district.code)),
        metros: changed(own.metros, |metro| known.metro(&metro.code)),
        specialties: changed(own.specialties, |specialty| known.specialty(&specialty.code)),
        services: changed(own.services, |service| known.service(&service.code)),
        organizations: changed(organizations(plan, &known), |organization| known.organization(organization.id)),
        locations: changed(locations(plan, &known), |location| known.location(location.id)),
        practitioners: changed(practitioners(plan, &known), |practitioner| known.practitioner(practitioner.id)),
        ..Parts::default()
    };
    // Another import may have brought the same city or district since this file was read; what is known stays.
    parts.cities.extend(plan.cities.iter().filter(|city| known.city(&city.code).is_none()).cloned());
    parts.districts.extend(plan.districts.iter().filter(|district| known.district(&district.code).is_none()).cloned());
    let organizations = ids(&parts.organizations, |organization| organization.id);
    let locations = ids(&parts.locations, |location| location.id);
    let practitioners = ids(&parts.practitioners, |practitioner| practitioner.id);
    for role in &plan.roles {
        let around = organizations.contains(&role.organization)
            || locations.contains(&role.location)
            || role.practitioner.is_some_and(|doctor| practitioners.contains(&doctor));
        match known.role(role.id) {
            None => report.added += 1,
            Some(stored) if stored != role || around => report.changed += 1,
            Some(_) => report.unchanged += 1,
        }
        if known.role(role.id) != Some(role) {
            parts.roles.push(role.clone());
        }
    }
    report.version = known.version;
    if parts != Parts::default() {
        store::write(tx, &parts).await?;
        store::raise_version(tx).await?;
        report.version += 1;
    }
    Ok(report)
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
            part_of: known.and_then(|known| known.part_of),
            license: known.and_then(|known| known.license.clone()),
            about: known.map(|known| known.about.clone()).unwrap_or_default(),
            site: known.map(|known| known.site.clone()).unwrap_or_default(),
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
            names: known.map(|known| known.names.clone()).unwrap_or_default(),
            phone: known.map(|known| known.phone.clone()).unwrap_or_default(),
            hours: known.map(|known| known.hours.clone()).unwrap_or_default(),
        }
    });
    merged.collect()
}

fn practitioners(plan: &Plan, known: &Catalogue) -> Vec<Practitioner> {
    let merged = plan.practitioners.iter().map(|(id, draft)| {
        let known = known.practitioner(*id);
        let about = match &draft.about {
            Some(about) => names(about, known.map(|known| &known.about)),
            None => known.map(|known| known.about.clone()).unwrap_or_default(),
        };
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
            category: known.and_then(|known| known.category),
            degree: known.and_then(|known| known.degree),
        }
    });
    merged.collect()
}
