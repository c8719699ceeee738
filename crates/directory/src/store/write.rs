//! The batches that write the directory.

use db::{DbError, Names, Tx, Value, args};

use super::{
    CITY, DISTRICT, EXCEPTION, LOCATION, LOCATION_HOURS, LOCATION_METRO, METRO, METRO_LINE, ORGANIZATION, PRACTITIONER, RESOURCE, ROLE,
    ROLE_SERVICE, ROLE_SPECIALTY, RULE, SERVICE, SPECIALTY,
};
use crate::catalogue::{
    Category, Degree, HealthcareService, Location, Organization, Parts, Practitioner, PractitionerRole, Sex, Specialty,
};

/// Writes all entries of `parts`: new ones are added, those whose key is there take the new values. Stations, specialties, services
/// and hours of a written place or role are replaced as a whole. A clinic must come before its branches.
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
    METRO_LINE
        .write(tx, parts.metro_lines.iter().map(|line| row_of(&[&line.code, &line.city], &line.names, args![&line.colour])).collect())
        .await?;
    METRO
        .write(
            tx,
            parts
                .metros
                .iter()
                .map(|metro| row_of(&[&metro.code, &metro.city], &metro.names, args![metro.lat, metro.lon, metro.lines.join(" ")]))
                .collect(),
        )
        .await?;
    SPECIALTY.write(tx, parts.specialties.iter().map(specialty_row).collect()).await?;
    SERVICE.write(tx, parts.services.iter().map(service_row).collect()).await?;
    ORGANIZATION.write(tx, parts.organizations.iter().map(organization_row).collect()).await?;
    write_locations(tx, &parts.locations).await?;
    let resources = parts.resources.iter().map(|resource| {
        let Names { kk, ru, en } = &resource.names;
        args![resource.id, resource.organization, resource.location, resource.kind.code(), kk, ru, en].to_vec()
    });
    RESOURCE.write(tx, resources.collect()).await?;
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

fn service_row(service: &HealthcareService) -> Vec<Value> {
    let (preparation, words) = (&service.preparation, &service.words);
    row_of(
        &[&service.code, &service.specialty],
        &service.names,
        args![service.kind.code(), service.mode.code(), &preparation.kk, &preparation.ru, &preparation.en, &words.kk, &words.ru, &words.en],
    )
}

fn organization_row(organization: &Organization) -> Vec<Value> {
    let (names, about) = (&organization.names, &organization.about);
    let license = organization.license.as_ref();
    args![
        organization.id,
        &names.kk,
        &names.ru,
        &names.en,
        &organization.phone,
        organization.notify_phone.clone(),
        organization.part_of,
        license.map(|license| license.number.clone()),
        license.and_then(|license| license.issued_on).map(|day| day.to_string()),
        license.map(|license| license.issuer.clone()),
        &about.kk,
        &about.ru,
        &about.en,
        &organization.site
    ]
    .to_vec()
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
        &about.en,
        practitioner.category.map(Category::code),
        practitioner.degree.map(Degree::code)
    ]
    .to_vec()
}

async fn write_locations(tx: &mut Tx, locations: &[Location]) -> Result<(), DbError> {
    let ids: Vec<Value> = locations.iter().map(|location| Value::from(location.id)).collect();
    let row = |location: &Location| {
        let address = &location.address;
        let (city, district, names) = (&location.city, location.district.clone(), &location.names);
        args![
            location.id,
            location.organization,
            city,
            district,
            &address.kk,
            &address.ru,
            &address.en,
            location.lat,
            location.lon,
            &names.kk,
            &names.ru,
            &names.en,
            &location.phone
        ]
        .to_vec()
    };
    LOCATION.write(tx, locations.iter().map(row).collect()).await?;
    LOCATION_METRO.clear(tx, &ids).await?;
    let near =
        locations.iter().flat_map(|location| location.metro.iter().map(|near| args![location.id, &near.metro, near.walk_minutes].to_vec()));
    LOCATION_METRO.write(tx, near.collect()).await?;
    LOCATION_HOURS.clear(tx, &ids).await?;
    let hours = locations
        .iter()
        .flat_map(|location| location.hours.iter().map(|rule| args![location.id, rule.weekday, rule.from_minute, rule.to_minute].to_vec()));
    LOCATION_HOURS.write(tx, hours.collect()).await
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
                role.notice_minutes,
                role.age_min_years,
                role.age_max_years,
                role.source.clone()
            ]
            .to_vec(),
        );
        for (place, specialty) in (0i64..).zip(&role.specialties) {
            specialties.push(args![id, specialty, place].to_vec());
        }
        for (place, offer) in (0i64..).zip(&role.services) {
            services.push(
                args![
                    id,
                    &offer.service,
                    place,
                    offer.price_minor,
                    offer.minutes,
                    offer.before_minutes,
                    offer.after_minutes,
                    offer.device,
                    offer.room,
                    offer.with_practitioner
                ]
                .to_vec(),
            );
        }
        for rule in &role.schedule.rules {
            rules.push(args![id, rule.weekday, rule.from_minute, rule.every_weeks, rule.week, rule.to_minute].to_vec());
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
