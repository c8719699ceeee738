//! All SQL of the directory. The same text runs on both databases. Reading is here, the batches that write are in `write`.

pub mod slots;
mod write;

use std::collections::HashMap;
use std::hash::Hash;

use db::{DbError, Names, Row, Tx, Value, args, placeholders};

use crate::catalogue::{
    Catalogue, Category, City, Degree, District, Exception, HealthcareService, License, Location, LocationId, Metro, MetroLine, MetroNear,
    Mode, Organization, Parts, Practitioner, PractitionerRole, Resource, ResourceKind, RoleId, RoleService, Rule, Schedule, ServiceKind,
    Sex, Specialty,
};

pub(crate) use write::write;

/// A table as the batches write it: its columns, of which the first `keys` are the primary key.
struct Table {
    name: &'static str,
    columns: &'static [&'static str],
    keys: usize,
}

const CITY: Table = Table {
    name: "city",
    columns: &["code", "name_kk", "name_ru", "name_en", "zone", "country", "currency", "phone", "lat", "lon"],
    keys: 1,
};
const DISTRICT: Table = Table { name: "district", columns: &["code", "city", "name_kk", "name_ru", "name_en"], keys: 1 };
const METRO_LINE: Table = Table { name: "metro_line", columns: &["code", "city", "name_kk", "name_ru", "name_en", "colour"], keys: 1 };
const METRO: Table = Table { name: "metro", columns: &["code", "city", "name_kk", "name_ru", "name_en", "lat", "lon", "lines"], keys: 1 };
const SPECIALTY: Table = Table {
    name: "specialty",
    columns: &["code", "name_kk", "name_ru", "name_en", "field_kk", "field_ru", "field_en", "words_kk", "words_ru", "words_en", "child"],
    keys: 1,
};
const SERVICE: Table = Table {
    name: "healthcare_service",
    columns: &[
        "code",
        "specialty",
        "name_kk",
        "name_ru",
        "name_en",
        "kind",
        "mode",
        "preparation_kk",
        "preparation_ru",
        "preparation_en",
        "words_kk",
        "words_ru",
        "words_en",
    ],
    keys: 1,
};
const ORGANIZATION: Table = Table {
    name: "organization",
    columns: &[
        "id",
        "name_kk",
        "name_ru",
        "name_en",
        "phone",
        "notify_phone",
        "part_of",
        "license_number",
        "license_issued_on",
        "license_issuer",
        "about_kk",
        "about_ru",
        "about_en",
        "site",
    ],
    keys: 1,
};
const LOCATION: Table = Table {
    name: "location",
    columns: &[
        "id",
        "organization",
        "city",
        "district",
        "address_kk",
        "address_ru",
        "address_en",
        "lat",
        "lon",
        "name_kk",
        "name_ru",
        "name_en",
        "phone",
    ],
    keys: 1,
};
const LOCATION_HOURS: Table = Table { name: "location_hours", columns: &["location", "weekday", "from_minute", "to_minute"], keys: 3 };
const RESOURCE: Table =
    Table { name: "resource", columns: &["id", "organization", "location", "kind", "name_kk", "name_ru", "name_en"], keys: 1 };
const LOCATION_METRO: Table = Table { name: "location_metro", columns: &["location", "metro", "walk_minutes"], keys: 2 };
const PRACTITIONER: Table = Table {
    name: "practitioner",
    columns: &[
        "id",
        "name_kk",
        "name_ru",
        "name_en",
        "sex",
        "since_year",
        "languages",
        "about_kk",
        "about_ru",
        "about_en",
        "category",
        "degree",
    ],
    keys: 1,
};
const ROLE: Table = Table {
    name: "practitioner_role",
    columns: &[
        "id",
        "practitioner",
        "organization",
        "location",
        "adults",
        "children",
        "horizon_days",
        "notice_minutes",
        "age_min_years",
        "age_max_years",
        "source",
    ],
    keys: 1,
};
const ROLE_SPECIALTY: Table = Table { name: "role_specialty", columns: &["role", "specialty", "place"], keys: 2 };
const ROLE_SERVICE: Table = Table {
    name: "role_service",
    columns: &[
        "role",
        "service",
        "place",
        "price_minor",
        "minutes",
        "before_minutes",
        "after_minutes",
        "device",
        "room",
        "with_practitioner",
    ],
    keys: 2,
};
const RULE: Table =
    Table { name: "schedule_rule", columns: &["role", "weekday", "from_minute", "every_weeks", "week", "to_minute"], keys: 5 };
const EXCEPTION: Table = Table { name: "schedule_exception", columns: &["role", "day", "number", "from_minute", "to_minute"], keys: 3 };

const TABLES: [&Table; 17] = [
    &CITY,
    &DISTRICT,
    &METRO_LINE,
    &METRO,
    &SPECIALTY,
    &SERVICE,
    &ORGANIZATION,
    &LOCATION,
    &LOCATION_METRO,
    &LOCATION_HOURS,
    &RESOURCE,
    &PRACTITIONER,
    &ROLE,
    &ROLE_SPECIALTY,
    &ROLE_SERVICE,
    &RULE,
    &EXCEPTION,
];

const READ_VERSION: &str = "SELECT version FROM catalogue_version WHERE one = 1";
const RAISE_VERSION: &str = "UPDATE catalogue_version SET version = version + 1 WHERE one = 1";
const SET_CITY_PHONE: &str = "UPDATE city SET phone = $2 WHERE code = $1 AND (phone IS NULL OR phone <> $2)";

/// Rows of one statement: keeps the parameters well below the limits of both databases.
const BATCH_ROWS: usize = 500;

impl Table {
    fn select(&self, order: &str) -> String {
        format!("SELECT {} FROM {} ORDER BY {order}", self.columns.join(", "), self.name)
    }

    /// Inserts `rows` rows; a row whose key is there takes the new values.
    fn upsert(&self, rows: usize) -> String {
        let (keys, rest) = self.columns.split_at(self.keys);
        let set: Vec<String> = rest.iter().map(|column| format!("{column} = excluded.{column}")).collect();
        let action = if set.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", set.join(", ")) };
        format!(
            "INSERT INTO {} ({}) VALUES {} ON CONFLICT ({}) DO {action}",
            self.name,
            self.columns.join(", "),
            placeholders(rows, self.columns.len(), 1),
            keys.join(", "),
        )
    }

    /// Deletes all that belongs to `owners` owners, the first column of the key.
    fn delete_of(&self, owners: usize) -> String {
        let owner = self.columns.first().copied().unwrap_or_default();
        format!("DELETE FROM {} WHERE {owner} IN {}", self.name, placeholders(1, owners, 1))
    }

    async fn write(&self, tx: &mut Tx, rows: Vec<Vec<Value>>) -> Result<(), DbError> {
        for batch in rows.chunks(BATCH_ROWS) {
            tx.execute(&self.upsert(batch.len()), &batch.concat()).await?;
        }
        Ok(())
    }

    async fn clear(&self, tx: &mut Tx, owners: &[Value]) -> Result<(), DbError> {
        for batch in owners.chunks(BATCH_ROWS) {
            tx.execute(&self.delete_of(batch.len()), batch).await?;
        }
        Ok(())
    }
}

/// Every statement of this file, for the test that prepares them on both databases.
pub fn statements() -> Vec<String> {
    let mut all = vec![READ_VERSION.to_owned(), RAISE_VERSION.to_owned(), SET_CITY_PHONE.to_owned()];
    for table in TABLES {
        all.extend([table.select("1, 2"), table.upsert(1), table.upsert(2), table.delete_of(2)]);
    }
    all.extend(slots::statements());
    all
}

/// The version of the directory: grows with every change, so that a follower knows when to [`load`] again.
///
/// # Errors
/// A fault of the database.
pub async fn version(tx: &mut Tx) -> Result<i64, DbError> {
    match tx.query_opt(READ_VERSION, &[]).await? {
        Some(row) => row.get(0),
        None => Ok(0),
    }
}

pub(crate) async fn raise_version(tx: &mut Tx) -> Result<(), DbError> {
    tx.execute(RAISE_VERSION, &[]).await.map(drop)
}

pub(crate) async fn set_city_phone(tx: &mut Tx, city: &str, phone: &str) -> Result<bool, DbError> {
    Ok(tx.execute(SET_CITY_PHONE, &args![city, phone]).await? > 0)
}

/// The whole directory, on the state of this transaction.
///
/// # Errors
/// A fault of the database.
pub async fn load(tx: &mut Tx) -> Result<Catalogue, DbError> {
    let version = version(tx).await?;
    let cities = read(tx, &CITY, "code", city).await?;
    let districts = read(tx, &DISTRICT, "code", |row| Ok(District { code: row.get(0)?, city: row.get(1)?, names: names(row, 2)? })).await?;
    let metro_lines = read(tx, &METRO_LINE, "code", |row| {
        Ok(MetroLine { code: row.get(0)?, city: row.get(1)?, names: names(row, 2)?, colour: row.get(5)? })
    })
    .await?;
    let metros = read(tx, &METRO, "code", |row| {
        let lines: String = row.get(7)?;
        let lines = lines.split_whitespace().map(str::to_owned).collect();
        Ok(Metro { code: row.get(0)?, city: row.get(1)?, names: names(row, 2)?, lines, lat: row.get(5)?, lon: row.get(6)? })
    })
    .await?;
    let specialties = read(tx, &SPECIALTY, "code", |row| {
        Ok(Specialty { code: row.get(0)?, names: names(row, 1)?, field: names(row, 4)?, words: names(row, 7)?, child: row.get(10)? })
    })
    .await?;
    let services = read(tx, &SERVICE, "code", service).await?;
    let organizations = read(tx, &ORGANIZATION, "id", organization).await?;
    let mut near: HashMap<LocationId, Vec<MetroNear>> = grouped(tx, &LOCATION_METRO, "location, walk_minutes, metro", |row| {
        Ok(MetroNear { metro: row.get(1)?, walk_minutes: row.get(2)? })
    })
    .await?;
    let mut hours: HashMap<LocationId, Vec<Rule>> =
        grouped(tx, &LOCATION_HOURS, "location, weekday, from_minute", |row| Ok(Rule::weekly(row.get(1)?, row.get(2)?, row.get(3)?)))
            .await?;
    let locations = read(tx, &LOCATION, "id", |row| {
        let id = row.get(0)?;
        Ok(Location {
            id,
            organization: row.get(1)?,
            city: row.get(2)?,
            district: row.get(3)?,
            address: names(row, 4)?,
            metro: near.remove(&id).unwrap_or_default(),
            lat: row.get(7)?,
            lon: row.get(8)?,
            names: names(row, 9)?,
            phone: row.get(12)?,
            hours: hours.remove(&id).unwrap_or_default(),
        })
    })
    .await?;
    let resources = read(tx, &RESOURCE, "id", |row| {
        let kind: String = row.get(3)?;
        let kind = ResourceKind::from_code(&kind).ok_or_else(|| DbError::Shape("a strange kind of resource".into()))?;
        Ok(Resource { id: row.get(0)?, organization: row.get(1)?, location: row.get(2)?, kind, names: names(row, 4)? })
    })
    .await?;
    let practitioners = read(tx, &PRACTITIONER, "id", practitioner).await?;
    let roles = roles(tx).await?;
    Ok(Catalogue::new(Parts {
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
    }))
}

async fn roles(tx: &mut Tx) -> Result<Vec<PractitionerRole>, DbError> {
    let mut specialties: HashMap<RoleId, Vec<String>> = grouped(tx, &ROLE_SPECIALTY, "role, place", |row| row.get(1)).await?;
    let mut services: HashMap<RoleId, Vec<RoleService>> = grouped(tx, &ROLE_SERVICE, "role, place", |row| {
        Ok(RoleService {
            service: row.get(1)?,
            price_minor: row.get(3)?,
            minutes: row.get(4)?,
            before_minutes: row.get(5)?,
            after_minutes: row.get(6)?,
            device: row.get(7)?,
            room: row.get(8)?,
            with_practitioner: row.get(9)?,
        })
    })
    .await?;
    let mut rules: HashMap<RoleId, Vec<Rule>> = grouped(tx, &RULE, "role, weekday, from_minute, every_weeks, week", |row| {
        Ok(Rule { weekday: row.get(1)?, from_minute: row.get(2)?, to_minute: row.get(5)?, every_weeks: row.get(3)?, week: row.get(4)? })
    })
    .await?;
    let mut exceptions: HashMap<RoleId, Vec<Exception>> = HashMap::new();
    for row in tx.query(&EXCEPTION.select("role, day, number"), &[]).await? {
        let day: String = row.get(1)?;
        let day = day.parse().map_err(|_| DbError::Shape("an exception's day is not a date".into()))?;
        let of_role = exceptions.entry(row.get(0)?).or_default();
        if of_role.last().is_none_or(|last| last.day != day) {
            of_role.push(Exception { day, windows: Vec::new() });
        }
        if let (Some(from), Some(to), Some(last)) = (row.get(3)?, row.get(4)?, of_role.last_mut()) {
            last.windows.push((from, to));
        }
    }
    read(tx, &ROLE, "id", |row| {
        let id = row.get(0)?;
        Ok(PractitionerRole {
            id,
            practitioner: row.get(1)?,
            organization: row.get(2)?,
            location: row.get(3)?,
            specialties: specialties.remove(&id).unwrap_or_default(),
            services: services.remove(&id).unwrap_or_default(),
            adults: row.get(4)?,
            children: row.get(5)?,
            horizon_days: row.get(6)?,
            notice_minutes: row.get(7)?,
            age_min_years: row.get(8)?,
            age_max_years: row.get(9)?,
            source: row.get(10)?,
            schedule: Schedule { rules: rules.remove(&id).unwrap_or_default(), exceptions: exceptions.remove(&id).unwrap_or_default() },
        })
    })
    .await
}

async fn read<T>(tx: &mut Tx, table: &Table, order: &str, of: impl FnMut(&Row) -> Result<T, DbError>) -> Result<Vec<T>, DbError> {
    tx.query(&table.select(order), &[]).await?.iter().map(of).collect()
}

/// Rows gathered under their first column.
async fn grouped<K: Eq + Hash + db::FromValue, T>(
    tx: &mut Tx,
    table: &Table,
    order: &str,
    of: impl Fn(&Row) -> Result<T, DbError>,
) -> Result<HashMap<K, Vec<T>>, DbError> {
    let mut groups: HashMap<K, Vec<T>> = HashMap::new();
    for row in tx.query(&table.select(order), &[]).await? {
        groups.entry(row.get(0)?).or_default().push(of(&row)?);
    }
    Ok(groups)
}

fn names(row: &Row, first: usize) -> Result<Names, DbError> {
    Ok(Names { kk: row.get(first)?, ru: row.get(first + 1)?, en: row.get(first + 2)? })
}

fn city(row: &Row) -> Result<City, DbError> {
    Ok(City {
        code: row.get(0)?,
        names: names(row, 1)?,
        zone: row.get(4)?,
        country: row.get(5)?,
        currency: row.get(6)?,
        phone: row.get(7)?,
        lat: row.get(8)?,
        lon: row.get(9)?,
    })
}

fn service(row: &Row) -> Result<HealthcareService, DbError> {
    let (kind, mode): (String, String) = (row.get(5)?, row.get(6)?);
    Ok(HealthcareService {
        code: row.get(0)?,
        specialty: row.get(1)?,
        names: names(row, 2)?,
        kind: ServiceKind::from_code(&kind).ok_or_else(|| DbError::Shape("a strange kind of service".into()))?,
        mode: Mode::from_code(&mode).ok_or_else(|| DbError::Shape("a strange mode of a service".into()))?,
        preparation: names(row, 7)?,
        words: names(row, 10)?,
    })
}

fn organization(row: &Row) -> Result<Organization, DbError> {
    let number: Option<String> = row.get(7)?;
    let license = match number {
        None => None,
        Some(number) => {
            let issued_on: Option<String> = row.get(8)?;
            let issuer: Option<String> = row.get(9)?;
            Some(License { number, issued_on: issued_on.and_then(|day| day.parse().ok()), issuer: issuer.unwrap_or_default() })
        }
    };
    Ok(Organization {
        id: row.get(0)?,
        names: names(row, 1)?,
        phone: row.get(4)?,
        notify_phone: row.get(5)?,
        part_of: row.get(6)?,
        license,
        about: names(row, 10)?,
        site: row.get(13)?,
    })
}

fn practitioner(row: &Row) -> Result<Practitioner, DbError> {
    let sex: Option<String> = row.get(4)?;
    let (category, degree): (Option<String>, Option<String>) = (row.get(10)?, row.get(11)?);
    let languages: String = row.get(6)?;
    Ok(Practitioner {
        id: row.get(0)?,
        names: names(row, 1)?,
        sex: sex.as_deref().and_then(Sex::from_code),
        since_year: row.get(5)?,
        languages: languages.split_whitespace().filter_map(|code| code.parse().ok()).collect(),
        about: names(row, 7)?,
        category: category.as_deref().and_then(Category::from_code),
        degree: degree.as_deref().and_then(Degree::from_code),
    })
}
