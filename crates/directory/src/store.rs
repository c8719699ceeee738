//! All SQL of the directory. The same text runs on both databases. Reading is here, the batches that write are in `write`.

mod write;

use std::collections::HashMap;
use std::hash::Hash;

use db::{DbError, Names, Row, Tx, Value, args, placeholders};

use crate::catalogue::{
    Catalogue, City, District, Exception, HealthcareService, Location, LocationId, Metro, MetroNear, Organization, Parts, Practitioner,
    PractitionerRole, RoleId, RoleService, Rule, Schedule, Sex, Specialty,
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
const METRO: Table = Table { name: "metro", columns: &["code", "city", "name_kk", "name_ru", "name_en", "lat", "lon"], keys: 1 };
const SPECIALTY: Table = Table {
    name: "specialty",
    columns: &["code", "name_kk", "name_ru", "name_en", "field_kk", "field_ru", "field_en", "words_kk", "words_ru", "words_en", "child"],
    keys: 1,
};
const SERVICE: Table = Table { name: "healthcare_service", columns: &["code", "specialty", "name_kk", "name_ru", "name_en"], keys: 1 };
const ORGANIZATION: Table =
    Table { name: "organization", columns: &["id", "name_kk", "name_ru", "name_en", "phone", "notify_phone"], keys: 1 };
const LOCATION: Table = Table {
    name: "location",
    columns: &["id", "organization", "city", "district", "address_kk", "address_ru", "address_en", "lat", "lon"],
    keys: 1,
};
const LOCATION_METRO: Table = Table { name: "location_metro", columns: &["location", "metro", "walk_minutes"], keys: 2 };
const PRACTITIONER: Table = Table {
    name: "practitioner",
    columns: &["id", "name_kk", "name_ru", "name_en", "sex", "since_year", "languages", "about_kk", "about_ru", "about_en"],
    keys: 1,
};
const ROLE: Table = Table {
    name: "practitioner_role",
    columns: &["id", "practitioner", "organization", "location", "adults", "children", "horizon_days", "notice_minutes"],
    keys: 1,
};
const ROLE_SPECIALTY: Table = Table { name: "role_specialty", columns: &["role", "specialty", "place"], keys: 2 };
const ROLE_SERVICE: Table = Table { name: "role_service", columns: &["role", "service", "place", "price_minor", "minutes"], keys: 2 };
const RULE: Table = Table { name: "schedule_rule", columns: &["role", "weekday", "from_minute", "to_minute"], keys: 3 };
const EXCEPTION: Table = Table { name: "schedule_exception", columns: &["role", "day", "number", "from_minute", "to_minute"], keys: 3 };

const TABLES: [&Table; 14] = [
    &CITY,
    &DISTRICT,
    &METRO,
    &SPECIALTY,
    &SERVICE,
    &ORGANIZATION,
    &LOCATION,
    &LOCATION_METRO,
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
    let metros = read(tx, &METRO, "code", |row| {
        Ok(Metro { code: row.get(0)?, city: row.get(1)?, names: names(row, 2)?, lat: row.get(5)?, lon: row.get(6)? })
    })
    .await?;
    let specialties = read(tx, &SPECIALTY, "code", |row| {
        Ok(Specialty { code: row.get(0)?, names: names(row, 1)?, field: names(row, 4)?, words: names(row, 7)?, child: row.get(10)? })
    })
    .await?;
    let services =
        read(tx, &SERVICE, "code", |row| Ok(HealthcareService { code: row.get(0)?, specialty: row.get(1)?, names: names(row, 2)? }))
            .await?;
    let organizations = read(tx, &ORGANIZATION, "id", |row| {
        Ok(Organization { id: row.get(0)?, names: names(row, 1)?, phone: row.get(4)?, notify_phone: row.get(5)? })
    })
    .await?;
    let mut near: HashMap<LocationId, Vec<MetroNear>> = grouped(tx, &LOCATION_METRO, "location, walk_minutes, metro", |row| {
        Ok(MetroNear { metro: row.get(1)?, walk_minutes: row.get(2)? })
    })
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
        })
    })
    .await?;
    let practitioners = read(tx, &PRACTITIONER, "id", practitioner).await?;
    let roles = roles(tx).await?;
    Ok(Catalogue::new(Parts { version, cities, districts, metros, specialties, services, organizations, locations, practitioners, roles }))
}

async fn roles(tx: &mut Tx) -> Result<Vec<PractitionerRole>, DbError> {
    let mut specialties: HashMap<RoleId, Vec<String>> = grouped(tx, &ROLE_SPECIALTY, "role, place", |row| row.get(1)).await?;
    let mut services: HashMap<RoleId, Vec<RoleService>> = grouped(tx, &ROLE_SERVICE, "role, place", |row| {
        Ok(RoleService { service: row.get(1)?, price_minor: row.get(3)?, minutes: row.get(4)? })
    })
    .await?;
    let mut rules: HashMap<RoleId, Vec<Rule>> = grouped(tx, &RULE, "role, weekday, from_minute", |row| {
        Ok(Rule { weekday: row.get(1)?, from_minute: row.get(2)?, to_minute: row.get(3)? })
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

fn practitioner(row: &Row) -> Result<Practitioner, DbError> {
    let sex: Option<String> = row.get(4)?;
    let languages: String = row.get(6)?;
    Ok(Practitioner {
        id: row.get(0)?,
        names: names(row, 1)?,
        sex: sex.as_deref().and_then(Sex::from_code),
        since_year: row.get(5)?,
        languages: languages.split_whitespace().filter_map(|code| code.parse().ok()).collect(),
        about: names(row, 7)?,
    })
}
