//! The import through its door, on a database.
#![allow(clippy::unwrap_used)]

mod world;

use std::collections::HashMap;

use clock::jiff::civil::date;
use db::{DbError, Lang};
use directory::catalogue::Sex;
use directory::import_csv::{ImportError, Report, import_csv};
use directory::refused::{FileRefused, Reason};
use directory::store;
use world::{catalogue, counts, fresh, import};

const HEAD: &str = "clinic,city,address,doctor,specialty,price,minutes,hours";
const KNOWN: &str = "Ромашка,Москва,\"Тверская, 1\",Иванова Анна,Терапевт,2500,20,mon-fri 09:00-13:00";

fn reasons(report: &Report) -> Vec<(u64, Option<&str>, Reason)> {
    report.refused.iter().map(|refused| (refused.line, refused.column, refused.reason.clone())).collect()
}

#[tokio::test]
async fn new_hours_replace_the_old_ones_and_empty_cells_keep_what_is_known() {
    let fresh = fresh().await;
    let head = "clinic,clinic_en,clinic_phone,city,address,doctor,sex,specialty,price,minutes,hours,except,about";
    let first = import(
        &fresh.db,
        &format!("{head}\nРомашка,Daisy,+7 495 123-45-67,Москва,\"Тверская, 1\",Иванова Анна,f,Терапевт,2500,20,\"mon,wed 09:00-13:00\",2026-12-31 off,Принимает взрослых.\n"),
    )
    .await;
    assert_eq!(counts(&first), (1, 0, 0, 0));
    let second =
        import(&fresh.db, &format!("{head}\n«Ромашка»,,,Moscow,\"Тверская,  1\",Иванова  анна,,therapist,2700,30,tue 14:00-18:00,,\n"))
            .await;
    assert_eq!((second.refused.clone(), counts(&second)), (vec![], (0, 1, 0, 0)));
    let catalogue = catalogue(&fresh.db).await;
    let role = &catalogue.roles[0];
    assert_eq!(catalogue.roles.len(), 1);
    assert_eq!(
        role.schedule.rules.iter().map(|rule| (rule.weekday, rule.from_minute, rule.to_minute)).collect::<Vec<_>>(),
        [(2, 840, 1080)]
    );
    assert_eq!(role.schedule.exceptions, []);
    assert_eq!(role.offer(None).map(|offer| (offer.price_minor, offer.minutes)), Some((270_000, 30)));
    let organization = catalogue.organization(role.organization).unwrap();
    assert_eq!((organization.names.en.as_str(), organization.phone.as_str()), ("Daisy", "+74951234567"));
    let practitioner = catalogue.practitioner_of(role).unwrap();
    assert_eq!((practitioner.sex, practitioner.about.get(Lang::Kk)), (Some(Sex::Female), "Принимает взрослых."));
}

#[tokio::test]
async fn a_file_as_excel_saves_it() {
    let fresh = fresh().await;
    let text = "\u{feff}sep=;\r\nClinic;City;Address;Doctor;Specialty;Price;Minutes;Hours;Except;;\r\n\
        \"Клиника \"\"Север\"\"\";Алматы;\"пр. Абая; 10\";Сейтов Арман;ЛОР;12 000,00;30;\"пн-пт 9:00–13:00,14:00–18:00; сб 10.00-14.00\";31.12.2026 off;;\r\n\
        ;;;;;;;;;;\r\n\r\n";
    let report = import(&fresh.db, text).await;
    assert_eq!((report.refused.clone(), counts(&report)), (vec![], (1, 0, 0, 0)));
    let catalogue = catalogue(&fresh.db).await;
    let role = &catalogue.roles[0];
    assert_eq!(role.specialties, ["otolaryngologist"]);
    assert_eq!(role.services[0].price_minor, 1_200_000);
    assert_eq!(role.schedule.rules.len(), 11);
    assert_eq!(role.schedule.exceptions[0].day, date(2026, 12, 31));
    assert_eq!(catalogue.location(role.location).unwrap().address.ru, "пр. Абая; 10");
    assert_eq!(catalogue.organization(role.organization).unwrap().names.kk, "Клиника \"Север\"");
}

#[tokio::test]
async fn refused_rows_are_told_by_line_column_and_reason_and_the_others_are_imported() {
    let fresh = fresh().await;
    let row = |change: &dyn Fn(&mut HashMap<&str, &str>)| {
        let mut cells: HashMap<&str, &str> =
            HEAD.split(',').zip(["Ромашка", "Москва", "Тверская 1", "Иванова Анна", "Терапевт", "2500", "20", "mon 09:00-13:00"]).collect();
        change(&mut cells);
        let head = format!(
            "{HEAD},clinic_phone,zone,currency,metro,lat,lon,sex,since,languages,patients,repeat_price,repeat_minutes,except,horizon_days,notice_minutes"
        );
        head.split(',').map(|column| format!("\"{}\"", cells.get(column).copied().unwrap_or_default())).collect::<Vec<_>>().join(",")
    };
    let head = format!(
        "{HEAD},clinic_phone,zone,currency,metro,lat,lon,sex,since,languages,patients,repeat_price,repeat_minutes,except,horizon_days,notice_minutes"
    );
    let given = |text: &str| text.to_owned();
    let faults: Vec<(&str, &str, Reason)> = vec![
        ("clinic", "", Reason::Empty),
        ("doctor", "12345", Reason::Name),
        ("doctor", "Иванова\u{7}Анна", Reason::ControlCharacter),
        ("city", "Атлантида", Reason::CityUnknown),
        ("specialty", "Астролог", Reason::Specialty { given: given("Астролог") }),
        ("specialty", "Терапевт; therapist", Reason::SpecialtyTwice),
        ("price", "бесплатно", Reason::Price),
        ("minutes", "17", Reason::Minutes),
        ("hours", "с утра", Reason::Hours { part: given("с утра") }),
        ("hours", "mon 09:00-12:00; mon 11:00-14:00", Reason::HoursOverlap),
        ("hours", "mon 09:00-09:15", Reason::HoursShort),
        ("clinic_phone", "123", Reason::Phone),
        ("clinic_phone", "+70008120101", Reason::PhoneDemo),
        ("clinic_phone", "7,8E+10", Reason::PhoneRewritten),
        ("zone", "Mars/Olympus", Reason::Zone),
        ("zone", "Asia/Almaty", Reason::ZoneDiffers { known: given("Europe/Moscow") }),
        ("currency", "USD", Reason::Currency),
        ("currency", "KZT", Reason::CurrencyDiffers { known: given("RUB") }),
        ("metro", "Тверская", Reason::MetroForm { part: given("Тверская") }),
        ("metro", "Петроградская 5", Reason::Metro { given: given("Петроградская") }),
        ("metro", "Тверская 5; Tverskaya 6", Reason::MetroTwice),
        ("lat", "north", Reason::Coordinate),
        ("sex", "x", Reason::Sex),
        ("since", "1880", Reason::Since),
        ("languages", "ru de", Reason::Language { given: given("de") }),
        ("patients", "cats", Reason::Patients),
        ("repeat_price", "1000", Reason::Repeat),
        ("except", "31 December", Reason::Exception { part: given("31 December") }),
        ("except", "2026-12-31 off; 2026-12-31 09:00-10:00", Reason::ExceptionTwice { day: date(2026, 12, 31) }),
        ("horizon_days", "0", Reason::HorizonDays),
        ("notice_minutes", "-5", Reason::NoticeMinutes),
    ];
    let mut text = head;
    for (column, cell, _) in &faults {
        text.push('\n');
        text.push_str(&row(&|cells| {
            cells.insert(column, cell);
        }));
    }
    text.push('\n');
    text.push_str(&row(&|_| {}));
    let report = import(&fresh.db, &text).await;
    let expected: Vec<_> = (2u64..).zip(&faults).map(|(line, (column, _, reason))| (line, Some(*column), reason.clone())).collect();
    assert_eq!(reasons(&report), expected);
    assert_eq!(counts(&report), (1, 0, 0, faults.len()));
    assert_eq!(catalogue(&fresh.db).await.roles.len(), 1);
    let shown = report.refused[7].to_string();
    assert_eq!(shown, "line 9, column minutes: not a length of a visit; write minutes from 5 to 480 in steps of 5");
}

#[tokio::test]
async fn rows_that_disagree_are_refused() {
    let fresh = fresh().await;
    let text = format!(
        "{HEAD},sex,lat,lon,doctor_code\n{KNOWN},f,,,\n{KNOWN},f,,,\n\
         Ромашка,Москва,\"Арбат, 2\",Иванова Анна,Терапевт,2500,20,tue 09:00-13:00,m,,,\n\
         Ромашка,Москва,\"Арбат, 2\",Иванова Анна,Терапевт,2500,20,tue 09:00-13:00,m,,,K-2\n\
         Ромашка,Москва,\"Арбат, 2\",Петров Илья,Хирург,2500,20,tue 09:00-13:00,,37.6,55.7,\n\
         Ромашка,Москва,\"Арбат, 2\",Петров Илья,Хирург,2500,20,tue 09:00-13:00,,55.7,,\n\
         Ромашка,Москва,Арбат 2,Петров Илья,Хирург,2500,20\n"
    );
    let report = import(&fresh.db, &text).await;
    assert_eq!(
        reasons(&report),
        [
            (3, Some("doctor"), Reason::Duplicate { line: 2 }),
            (4, Some("doctor"), Reason::Contradicts { line: 2 }),
            (6, Some("lat"), Reason::CoordinateFar),
            (7, Some("lon"), Reason::CoordinateAlone),
            (8, None, Reason::CellCount { found: 7, expected: 12 }),
        ]
    );
    assert_eq!(counts(&report), (2, 0, 0, 5));
    // The namesake with a code of her own is another doctor.
    assert_eq!(catalogue(&fresh.db).await.practitioners.len(), 2);
}

#[tokio::test]
async fn a_city_of_the_operators_own() {
    let fresh = fresh().await;
    let head = format!("{HEAD},city_en,zone,currency,lat,lon,district");
    let row = "Надежда,Караганда,\"Бухар Жырау, 5\",Ким Вера,Педиатр,9000,20,дс-жм 09:00-13:00";
    let refused = import(&fresh.db, &format!("{head}\n{row},,Asia/Almaty,,,,\n")).await;
    assert_eq!(reasons(&refused), [(2, Some("city"), Reason::CityUnknown)]);
    // One row tells what the city is; the others may stand before it.
    let text =
        format!("{head}\n{row},,,,,,Новый район\n{},Karaganda,Asia/Almaty,KZT,49.8019,73.1021,\n", row.replace("Ким Вера", "Ли Инна"));
    let report = import(&fresh.db, &text).await;
    assert_eq!((report.refused.clone(), counts(&report)), (vec![], (2, 0, 0, 0)));
    let catalogue = catalogue(&fresh.db).await;
    let city = catalogue.city("karaganda").unwrap();
    assert_eq!((city.names.en.as_str(), city.country.as_str(), city.currency.as_str()), ("Karaganda", "KZ", "KZT"));
    assert_eq!(catalogue.district("karaganda-novyy-rayon").unwrap().names.kk, "Новый район");
    assert!(catalogue.roles.iter().all(|role| role.children && !role.adults));
    assert_eq!(counts(&import(&fresh.db, &text).await), (0, 0, 2, 0));
}

#[tokio::test]
async fn a_file_that_is_not_the_form_changes_nothing() {
    let fresh = fresh().await;
    let refused = async |bytes: &[u8]| match import_csv(&fresh.db, bytes, false).await {
        Err(ImportError::File(refused)) => refused,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(b"").await, FileRefused::NoHeader);
    assert_eq!(refused(b"\n \n").await, FileRefused::NoHeader);
    assert_eq!(refused(HEAD.as_bytes()).await, FileRefused::NoRows);
    assert_eq!(refused(b"clinic,city,address,doctor,price,minutes\nx").await, FileRefused::ColumnsMissing(vec!["specialty", "hours"]));
    assert_eq!(refused(format!("{HEAD},horus\n").as_bytes()).await, FileRefused::ColumnUnknown("horus".into()));
    assert_eq!(refused(format!("{HEAD},Price\n").as_bytes()).await, FileRefused::ColumnTwice("price".into()));
    let mut windows_1251 = format!("{HEAD}\n").into_bytes();
    windows_1251.extend([0xd0, 0xee, 0xec, 0xe0]);
    assert_eq!(refused(&windows_1251).await, FileRefused::NotUtf8 { line: 2 });
    assert_eq!(refused(&vec![b' '; directory::csv_form::FILE_BYTES_MAX + 1]).await, FileRefused::TooLarge);
    let many = format!("{HEAD}\n{}", "x\n".repeat(directory::csv_form::ROWS_MAX + 1));
    assert_eq!(refused(many.as_bytes()).await, FileRefused::TooManyRows);
    assert_eq!(catalogue(&fresh.db).await.version, 0);
}

#[tokio::test]
async fn a_long_cell_is_refused() {
    let fresh = fresh().await;
    let report = import(&fresh.db, &format!("{HEAD},about\n{KNOWN},{}\n", "я".repeat(2001))).await;
    assert_eq!(reasons(&report), [(2, Some("about"), Reason::TooLong)]);
    let report = import(&fresh.db, &format!("{HEAD},about\n{KNOWN},{}\n", "я".repeat(2000))).await;
    assert_eq!(counts(&report), (1, 0, 0, 0));
}

#[tokio::test]
async fn every_statement_is_understood() {
    let fresh = fresh().await;
    fresh
        .db
        .read("prepare", |tx| {
            Box::pin(async move {
                for statement in store::statements() {
                    tx.prepare(&statement).await?;
                }
                Ok::<(), DbError>(())
            })
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn the_documented_example_is_imported() {
    let fresh = fresh().await;
    let example = include_bytes!("../../../docs/operations/example-doctors.csv");
    let report = import_csv(&fresh.db, example, false).await.unwrap();
    assert_eq!(report.refused, []);
    assert!(report.added > 0);
}

#[test]
fn every_column_is_documented() {
    let text = include_str!("../../../docs/operations/import-csv.md");
    for column in directory::csv_form::REQUIRED.iter().chain(&directory::csv_form::OPTIONAL) {
        assert!(text.contains(&format!("`{column}`")), "{column} is not documented");
    }
}
