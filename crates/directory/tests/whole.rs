//! Devices, branches and interruptions, through the import's door.
#![allow(clippy::unwrap_used)]

mod world;

use directory::catalogue::{Mode, ResourceKind, Rule};
use directory::generate::files;
use directory::import_csv::{import_csv, import_csv_with};
use directory::refused::Reason;
use world::{catalogue, counts, fresh, import};

const HEAD: &str = "clinic,city,address,doctor,specialty,price,minutes,hours,services,device,room,branch_of,license,ages,online_price,online_minutes,place_hours,after_minutes";

#[tokio::test]
async fn a_device_is_shared_and_booked_alone() {
    let fresh = fresh().await;
    let rows = [
        "Ромашка,Москва,\"Тверская, 1\",Иванова Анна,Кардиолог,2500,20,mon-fri 09:00-13:00,\"ecg: 900, 15, device Аппарат\",,Кабинет 2,,Л-1,18+,,,mon-sun 08:00-20:00,5",
        "Ромашка,Москва,\"Тверская, 1\",,,,,mon-sun 08:00-20:00,\"ЭКГ: 700, 15, alone, after 10\",Аппарат / Аппарат / Recorder,,,,7+,,,,",
        "Ромашка 2,Москва,\"Арбат, 2\",Петров Илья,therapist,2000,20,\"every 2 weeks from 2026-11-23: mon 09:00-13:00\",,,,Ромашка,Л-2,,1500,30,,",
    ];
    let report = import(&fresh.db, &format!("{HEAD}\n{}\n", rows.join("\n"))).await;
    assert_eq!((report.refused.clone(), counts(&report)), (vec![], (3, 0, 0, 0)));
    let catalogue = catalogue(&fresh.db).await;
    let alone = catalogue.roles.iter().find(|role| role.practitioner.is_none()).unwrap();
    assert_eq!((alone.specialties.as_slice(), alone.age_min_years), (["functional-diagnostician".to_owned()].as_slice(), Some(7)));
    let device = alone.services[0].device.unwrap();
    assert_eq!((alone.services[0].with_practitioner, alone.services[0].after_minutes), (false, 10));
    assert_eq!(catalogue.roles_using(device).count(), 2);
    let resource = catalogue.resource(device).unwrap();
    assert_eq!((resource.kind, resource.names.en.as_str(), resource.names.ru.as_str()), (ResourceKind::Device, "Recorder", "Аппарат"));
    let cardiologist = catalogue.roles.iter().find(|role| role.specialties == ["cardiologist"]).unwrap();
    let visit = cardiologist.offer(None).unwrap();
    assert!(visit.device.is_none() && visit.room.is_some() && visit.with_practitioner && visit.after_minutes == 5);
    let ecg = cardiologist.offer(Some("ecg")).unwrap();
    assert_eq!((ecg.device, ecg.room, ecg.with_practitioner), (Some(device), visit.room, true));
    let branch = catalogue.organizations.iter().find(|clinic| clinic.part_of.is_some()).unwrap();
    assert_eq!(catalogue.organization(branch.part_of.unwrap()).unwrap().names.ru, "Ромашка");
    assert_eq!(branch.license.as_ref().unwrap().number, "Л-2");
    let therapist = catalogue.roles_of_organization(branch.id).next().unwrap();
    assert_eq!(therapist.schedule.rules, [Rule { every_weeks: 2, week: 0, ..Rule::weekly(1, 540, 780) }]);
    let online = therapist.services.iter().find(|offer| catalogue.service(&offer.service).unwrap().mode == Mode::Online).unwrap();
    assert_eq!((online.price_minor, online.minutes), (150_000, 30));
    assert_eq!(catalogue.location(cardiologist.location).unwrap().hours.len(), 7);
    assert_eq!(counts(&import(&fresh.db, &format!("{HEAD}\n{}\n", rows.join("\n"))).await), (0, 0, 3, 0));
}

#[tokio::test]
async fn faults_of_the_new_columns_are_told() {
    let fresh = fresh().await;
    let start = "Ромашка,Москва,\"Тверская, 1\"";
    let tails = [
        "Иванова Анна,Терапевт,2500,20,mon 09:00-13:00,\"Гадание: 100, 20\",,,,,,,,,",
        "Иванова Анна,Терапевт,2500,20,mon 09:00-13:00,\"ecg: 100, 20; ЭКГ: 200, 20\",,,,,,,,,",
        "Иванова Анна,Терапевт,2500,20,mon 09:00-13:00,,Аппарат,,,,,,,,",
        ",Терапевт,2500,20,mon 09:00-13:00,,Аппарат,,,,,,,,",
        "Иванова Анна,Хирург,2500,20,mon 09:00-13:00,,,,,,,500,30,,",
        "Иванова Анна,Терапевт,2500,20,mon 09:00-13:00,,,,Нигде,,,,,,",
        "Иванова Анна,Терапевт,2500,20,mon 09:00-13:00,,,,Ромашка,,,,,,",
        "Иванова Анна,Педиатр,2500,20,mon 09:00-13:00,,,,,,взрослые,,,,",
        "Иванова Анна,Терапевт,2500,20,mon 09:00-13:00,,,,,,,,,,7",
    ];
    let text: Vec<String> = tails.iter().map(|tail| format!("{start},{tail}")).collect();
    let report = import(&fresh.db, &format!("{HEAD}\n{}\n", text.join("\n"))).await;
    let given = |text: &str| text.to_owned();
    let told: Vec<_> = report.refused.iter().map(|refused| (refused.line, refused.column.unwrap(), refused.reason.clone())).collect();
    assert_eq!(
        told,
        [
            (2, "services", Reason::ServiceUnknown { given: given("Гадание") }),
            (3, "services", Reason::ServiceTwice { given: given("ЭКГ") }),
            (4, "device", Reason::DeviceWithDoctor),
            (5, "services", Reason::NoOffer),
            (6, "online_price", Reason::ServiceMissing { specialty: given("surgeon"), mode: "online" }),
            (7, "branch_of", Reason::Branch { given: given("Нигде") }),
            (8, "branch_of", Reason::BranchOfBranch { given: given("Ромашка") }),
            (9, "ages", Reason::Ages),
            (10, "after_minutes", Reason::Buffer),
        ]
    );
}

#[tokio::test]
async fn an_interrupted_import_goes_on_where_it_was() {
    let file = files(1_200, 5).next().unwrap().bytes;
    let whole = fresh().await;
    let report = import_csv(&whole.db, &file, true).await.unwrap();
    assert_eq!(report.refused, []);
    let expected = catalogue(&whole.db).await;
    let broken = fresh().await;
    let (db, bytes) = (broken.db.clone(), file.clone());
    // The first portion of roles is committed when the import dies.
    let died = tokio::spawn(async move { import_csv_with(&db, &bytes, true, |written, _| assert!(written == 0, "killed")).await }).await;
    assert!(died.is_err());
    let half = catalogue(&broken.db).await;
    assert!(!half.roles.is_empty() && half.roles.len() < expected.roles.len());
    // What readers see meanwhile is whole.
    assert!(
        half.roles
            .iter()
            .all(|role| half.location(role.location).is_some() && role.practitioner.is_none_or(|id| half.practitioner(id).is_some()))
    );
    let resumed = import_csv(&broken.db, &file, true).await.unwrap();
    assert_eq!(resumed.added + resumed.unchanged, report.added);
    let after = catalogue(&broken.db).await;
    assert!(after.roles == expected.roles && after.practitioners == expected.practitioners && after.locations == expected.locations);
    assert!(after.organizations == expected.organizations && after.resources == expected.resources);
    let again = import_csv(&broken.db, &file, true).await.unwrap();
    assert_eq!((again.added, again.changed, again.version), (0, 0, resumed.version));
}
