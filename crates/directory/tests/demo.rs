//! The demo's world is whole, and importing it again changes nothing.
#![allow(clippy::unwrap_used)]

mod world;

use std::collections::{HashMap, HashSet};

use db::{DbError, Lang};
use directory::demo;
use directory::import_csv::{import_csv, set_city_phones, write_reference};
use world::{catalogue, counts, fresh};

#[tokio::test]
async fn the_demo_is_whole() {
    let fresh = fresh().await;
    let report = import_csv(&fresh.db, demo::DOCTORS, true).await.unwrap();
    assert_eq!(report.refused, []);
    assert_eq!(counts(&report), (66, 0, 0, 0));
    let catalogue = catalogue(&fresh.db).await;
    assert_eq!(
        (catalogue.cities.len(), catalogue.organizations.len(), catalogue.practitioners.len(), catalogue.roles.len()),
        (3, 12, 60, 66)
    );

    let mut doctors: HashMap<&str, HashSet<_>> = HashMap::new();
    let mut lengths = HashSet::new();
    for role in &catalogue.roles {
        for specialty in &role.specialties {
            doctors.entry(specialty).or_default().insert(role.practitioner);
        }
        lengths.insert(role.offer(None).unwrap().minutes);
        assert!(catalogue.zone_of(role).is_some());
        assert!(!role.schedule.rules.is_empty());
        assert!(role.adults || role.children);
        // In every clinic a visit fits into every window of the week.
        assert!(role.schedule.rules.iter().all(|rule| rule.to_minute - rule.from_minute >= role.offer(None).unwrap().minutes));
    }
    assert_eq!(doctors.len(), 12);
    for (specialty, doctors) in &doctors {
        assert!(doctors.len() >= 2, "{specialty} has too few doctors");
    }
    for length in [15, 20, 30, 40, 45, 60] {
        assert!(lengths.contains(&length), "nobody receives for {length} minutes");
    }
    for practitioner in &catalogue.practitioners {
        assert!(practitioner.sex.is_some() && practitioner.since_year.is_some() && !practitioner.languages.is_empty());
        assert!(practitioner.names.en.is_ascii(), "{}", practitioner.names.en);
        // A doctor of two clinics is never expected in both at once.
        let mut week: Vec<_> = catalogue.roles_of(practitioner.id).flat_map(|role| &role.schedule.rules).collect();
        week.sort();
        for pair in week.windows(2) {
            assert!(pair[0].weekday != pair[1].weekday || pair[0].to_minute <= pair[1].from_minute, "{:?}", practitioner.names.ru);
        }
    }
    for organization in &catalogue.organizations {
        assert!(organization.phone.starts_with("+7000") && organization.notify_phone.as_deref() == Some(&organization.phone));
        for lang in Lang::ALL {
            assert!(!organization.names.get(lang).is_empty());
        }
        assert!(organization.names.en.chars().all(|letter| letter.is_ascii() || letter == '’'), "{}", organization.names.en);
    }
    for location in &catalogue.locations {
        assert!(location.district.as_ref().is_some_and(|code| catalogue.district(code).is_some()));
        assert!(!location.metro.is_empty() && location.metro.iter().all(|near| catalogue.metro(&near.metro).is_some()));
    }
    assert_eq!(catalogue.roles.iter().filter(|role| catalogue.roles_of(role.practitioner.unwrap()).count() == 2).count(), 12);
}

#[tokio::test]
async fn the_demos_cities_get_numbers_that_cannot_ring() {
    let fresh = fresh().await;
    fresh.db.run("reference", |tx| Box::pin(write_reference(tx))).await.unwrap();
    let set = || fresh.db.run::<usize, DbError, _>("phones", |tx| Box::pin(async move { set_city_phones(tx, &demo::city_phones()).await }));
    assert_eq!(set().await.unwrap(), 3);
    let before = catalogue(&fresh.db).await;
    assert!(before.cities.iter().all(|city| { city.phone.as_ref().is_some_and(|phone| phone.starts_with("+7000") && phone.len() == 12) }));
    // Neither the same numbers nor a later import takes them away or counts as a change.
    assert_eq!(set().await.unwrap(), 0);
    fresh.db.run("reference", |tx| Box::pin(write_reference(tx))).await.unwrap();
    let after = catalogue(&fresh.db).await;
    assert_eq!((after.version, after.cities), (before.version, before.cities));
}

async fn whole_demo(db: &db::Db) -> directory::catalogue::Catalogue {
    for file in demo::catalogue(demo::PRACTITIONERS) {
        let report = import_csv(db, &file, true).await.unwrap();
        assert_eq!(report.refused, []);
    }
    catalogue(db).await
}

#[tokio::test]
async fn the_grown_demo_is_whole() {
    let fresh = fresh().await;
    let catalogue = whole_demo(&fresh.db).await;
    assert_eq!(catalogue.practitioners.len(), 600);
    assert!((76..=90).contains(&catalogue.organizations.len()), "{} clinics", catalogue.organizations.len());
    assert!((76..=90).contains(&catalogue.locations.len()));
    assert!(catalogue.organizations.iter().filter(|clinic| clinic.part_of.is_some()).count() >= 3);
    assert!(catalogue.organizations.iter().filter(|clinic| clinic.license.is_some()).count() >= 60);
    assert!(catalogue.roles.iter().filter(|role| role.practitioner.is_none()).count() >= 20);
    assert!(catalogue.resources.len() >= 60);
    // No street brought a district of its own making.
    assert_eq!(catalogue.districts.len(), directory::reference::reference().districts.len());
    let mut names = HashSet::new();
    for practitioner in &catalogue.practitioners {
        let city = catalogue.roles_of(practitioner.id).next().and_then(|role| catalogue.city_of(role)).unwrap().code.clone();
        assert!(names.insert((city, practitioner.names.ru.clone())), "{} stands twice", practitioner.names.ru);
        assert!(practitioner.names.en.is_ascii(), "{}", practitioner.names.en);
        for lang in Lang::ALL {
            assert!(!practitioner.names.get(lang).is_empty());
        }
    }
    for specialty in &catalogue.specialties {
        let doctors =
            catalogue.roles.iter().filter(|role| role.practitioner.is_some() && role.specialties.contains(&specialty.code)).count();
        assert!(doctors >= 4, "{} has {doctors} doctors", specialty.code);
    }
    // Every service is to be had somewhere.
    for service in &catalogue.services {
        assert!(catalogue.roles.iter().any(|role| role.offer(Some(&service.code)).is_some()), "nobody offers {}", service.code);
    }
    for organization in &catalogue.organizations {
        assert!(organization.phone.starts_with("+7000"));
    }
    for location in &catalogue.locations {
        assert!(location.district.as_ref().is_some_and(|code| catalogue.district(code).is_some()), "{}", location.address.ru);
        assert!(!location.metro.is_empty(), "{}", location.address.ru);
    }
    // The same again is nothing new.
    let again = whole_demo(&fresh.db).await;
    assert_eq!((again.version, again.roles == catalogue.roles), (catalogue.version, true));
}

#[tokio::test]
async fn the_same_file_twice_changes_nothing() {
    let fresh = fresh().await;
    let first = import_csv(&fresh.db, demo::DOCTORS, true).await.unwrap();
    let before = catalogue(&fresh.db).await;
    let second = import_csv(&fresh.db, demo::DOCTORS, true).await.unwrap();
    assert_eq!(counts(&second), (0, 0, 66, 0));
    assert_eq!(second.version, first.version);
    assert_eq!(second.to_string(), "0 added, 0 changed, 66 unchanged, 0 refused; the directory is as it was");
    let after = catalogue(&fresh.db).await;
    assert_eq!((before.version, before.roles, before.locations), (after.version, after.roles, after.locations));
}
