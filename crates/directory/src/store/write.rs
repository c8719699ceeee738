//! The batches that write the directory.

use db::{DbError, Names, Tx, Value, args};

use super::{
    CITY, DISTRICT, EXCEPTION, LOCATION, LOCATION_METRO, METRO, ORGANIZATION, PRACTITIONER, ROLE, ROLE_SERVICE, ROLE_SPECIALTY, RULE,
    SERVICE, SPECIALTY,
};
use crate::catalogue::{Location, Parts, Practitioner, PractitionerRole, Sex, Specialty};

/// Writes all entries of `parts`: new ones are added, those whose key is there take the new values. Stations, specialties, services
/// and hours of a written place or role are replaced as a whole.
pub(crate) async fn write(tx: &mut Tx, parts: &Parts) -> Result<(), DbError> {
    CITY.write(
        tx,
        parts
            .cities
            .iter()
            .map(|city| {
                row_of(&[&city.code], &city.names, args![&city.zone, &city.country, &city.currency, city.phone.clone(), city.lat, city.lon])
            })
            .collect(),
    )
    .await?;
    DISTRICT
        .write(tx, parts.districts.iter().map(|district| row_of(&[&district.code, &district.city], &district.names, [])).collect())
        .await?;
    METRO
        .write(
            tx,
            parts.metros.iter().map(|metro| row_of(&[&metro.code, &metro.city], &metro.names, args![metro.lat, metro.lon])).collect(),
        )
        .await?;
    SPECIALTY.write(tx, parts.specialties.iter().map(specialty_row).collect()).await?;
    SERVICE
        .write(tx, parts.services.iter().map(|service| row_of(&[&service.code, &service.specialty], &service.names, [])).collect())
        .await?;
    ORGANIZATION
        .write(
            tx,
            parts
                .organizations
                .iter()
                .map(|organization| {
                    let Names { kk, ru, en } = &organization.names;
                    args![organization.id, kk, ru, en, &organization.phone, organization.notify_phone.clone()].to_vec()
                })
                .collect(),
        )
        .await?;
    write_locations(tx, &parts.locations).await?;
    PRACTITIONER.write(tx, parts.practitioners.iter().map(practitioner_row).collect()).await?;
    write_roles(tx, &parts.roles).await
}

fn row_of<const N: usize>(codes: &[&String], names: &Names, rest: [Value; N]) -> Vec<Value> {
    let mut row: Vec<Value> = codes.iter().map(|code| Value::from(*code)).collect();
    row.extend(args![&names.kk, &names.ru, &names.en]);
    row.extend(rest);
    row
}

fn specialty_row(specialty: &Specialty) -> Vec<Value> {
    let (field, words) = (&specialty.field, &specialty.words);
    row_of(&[&specialty.code], &specialty.names, args![&field.kk, &field.ru, &field.en, &words.kk, &words.ru, &words.en, specialty.child])
}

fn practitioner_row(practitioner: &Practitioner) -> Vec<Value> {
    let (names, about) = (&practitioner.names, &practitioner.about);
    let languages: Vec<&str> = practitioner.languages.iter().map(|lang| lang.code()).collect();
    let sex = practitioner.sex.map(Sex::code);
    args![
        practitioner.id,
        &names.kk,
        &names.ru,
        &names.en,
        sex,
        practitioner.since_year,
        languages.join(" "),
        &about.kk,
        &about.ru,
        &about.en
    ]
    .to_vec()
}

async fn write_locations(tx: &mut Tx, locations: &[Location]) -> Result<(), DbError> {
    let ids: Vec<Value> = locations.iter().map(|location| Value::from(location.id)).collect();
    let row = |location: &Location| {
        let address = &location.address;
        let (city, district) = (&location.city, location.district.clone());
        args![location.id, location.organization, city, district, &address.kk, &address.ru, &address.en, location.lat, location.lon]
            .to_vec()
    };
    LOCATION.write(tx, locations.iter().map(row).collect()).await?;
    LOCATION_METRO.clear(tx, &ids).await?;
    let near =
        locations.iter().flat_map(|location| location.metro.iter().map(|near| args![location.id, &near.metro, near.walk_minutes].to_vec()));
    LOCATION_METRO.write(tx, near.collect()).await
}

async fn write_roles(tx: &mut Tx, roles: &[PractitionerRole]) -> Result<(), DbError> {
    let ids: Vec<Value> = roles.iter().map(|role| Value::from(role.id)).collect();
    let (mut rows, mut specialties, mut services, mut rules, mut exceptions) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for role in roles {
        let id = role.id;
        rows.push(
            args![
                id,
                role.practitioner,
                role.organization,
                role.location,
                role.adults,
                role.children,
                role.horizon_days,
                role.notice_minutes
            ]
            .to_vec(),
        );
        for (place, specialty) in (0i64..).zip(&role.specialties) {
            specialties.push(args![id, specialty, place].to_vec());
        }
        for (place, offer) in (0i64..).zip(&role.services) {
            services.push(args![id, &offer.service, place, offer.price_minor, offer.minutes].to_vec());
        }
        for rule in &role.schedule.rules {
            rules.push(args![id, rule.weekday, rule.from_minute, rule.to_minute].to_vec());
        }
        for exception in &role.schedule.exceptions {
            let day = exception.day.to_string();
            if exception.windows.is_empty() {
                exceptions.push(vec![id.into(), day.clone().into(), 0i64.into(), Value::Null, Value::Null]);
            }
            for (number, (from, to)) in (0i64..).zip(&exception.windows) {
                exceptions.push(args![id, &day, number, *from, *to].to_vec());
            }
        }
    }
    ROLE.write(tx, rows).await?;
    for (table, rows) in [(&ROLE_SPECIALTY, specialties), (&ROLE_SERVICE, services), (&RULE, rules), (&EXCEPTION, exceptions)] {
        table.clear(tx, &ids).await?;
        table.write(tx, rows).await?;
    }
    Ok(())
}
