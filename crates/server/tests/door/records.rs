//! What is left behind: messages, jobs, audit entries, consents.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use db::DbError;
use db::jobs::{Failure, Handler, Runner, TRIES_MAX};
use patients::{Details, OPENED_MAX, PatientName, Phone, enrol, open_phones};
use privacy::{OpenError, Purpose, consent};
use serde_json::json;
use testkit::scan::{phone_forms, scan};
use testkit::{Kind, TestApp, cast};

testkit::both!(
    messages_say_no_more_than_they_must,
    a_job_is_tried_again_and_ends,
    jobs_and_entries_name_nobody,
    what_is_written_into_the_log_stays,
    a_day_of_people_is_opened_with_an_entry_for_each,
);

/// Clause 16.4.
async fn messages_say_no_more_than_they_must(kind: Kind) {
    let app = TestApp::start(kind).await;
    let catalogue = app.app.world.catalogue();
    let role = app.role("Берестов", "Тихая гавань");
    let times = app.slots(&role, "").await;
    let found = catalogue.role(role.parse().unwrap()).unwrap();
    let clinic = catalogue.organization(found.organization).unwrap();
    let (doctor, place) = (catalogue.practitioner_of(found).unwrap(), catalogue.location(found.location).unwrap());
    for (number, (lang, person)) in [("kk", cast::aigul()), ("ru", cast::anna()), ("en", cast::boris())].into_iter().enumerate() {
        let wish = app.confirmed_wish(&role, &times[number * 4], &person).await;
        let visit = app.door().json("POST", &format!("/api/v1/appointments?lang={lang}"), &wish).await.json();
        let holder = app.door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
        let own = format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap());
        holder.json("PATCH", &own, &json!({"start": times[number * 4 + 2]})).await.ok();
        holder.json("DELETE", &own, &json!(null)).await.ok();
        app.jobs().await;
        let shown = visit["number"].as_str().unwrap();
        let messages: Vec<(String, String)> = app.messages().await.into_iter().filter(|(_, text)| text.contains(shown)).collect();
        let to_person: Vec<&String> = messages.iter().filter(|(phone, _)| *phone == person.phone).map(|(_, text)| text).collect();
        let to_clinic: Vec<&String> =
            messages.iter().filter(|(phone, _)| Some(phone) == clinic.notify_phone.as_ref()).map(|(_, text)| text).collect();
        assert_eq!((to_person.len(), to_clinic.len(), messages.len()), (3, 3, 6), "{messages:?}");
        let mut closed: Vec<String> = Vec::new();
        for names in [&doctor.names, &clinic.names] {
            for name in [&names.kk, &names.ru, &names.en] {
                closed.extend(name.split([' ', '«', '»', '“', '”']).filter(|word| word.chars().count() > 4).map(str::to_lowercase));
            }
        }
        for specialty in &catalogue.specialties {
            closed.extend([&specialty.names.kk, &specialty.names.ru, &specialty.names.en, &specialty.code].map(|name| name.to_lowercase()));
        }
        for text in &to_person {
            let lower = text.to_lowercase();
            for word in &closed {
                assert!(!lower.contains(word.as_str()), "{lang}: {word} in {text}");
            }
            assert!(!text.contains(&person.name) && !text.contains('!'));
        }
        assert!(to_person.iter().any(|text| text.contains(place.address.get(lang.parse().unwrap()))), "{to_person:?}");
        for text in &to_clinic {
            for word in person.name.split(' ').map(str::to_owned).chain(phone_forms(&person.phone)) {
                assert!(!text.contains(&word), "{lang}: {word} in {text}");
            }
            // The clinic's link shows the visit and nobody.
            let link = text.split_whitespace().find_map(|word| word.strip_prefix("http://127.0.0.1:8080")).unwrap();
            let page = app.door().get(link).await.ok().text();
            assert!(page.contains(shown) && !page.contains(&person.name) && !page.contains(&phone_forms(&person.phone)[1]));
        }
        app.pass(2);
    }
}

async fn a_job_is_tried_again_and_ends(kind: Kind) {
    let app = TestApp::start(kind).await;
    let db = app.app.world.db.clone();
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = tries.clone();
    let later: Handler = Arc::new(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { Err(Failure::Later("gateway_busy")) })
    });
    let never: Handler = Arc::new(|_| Box::pin(async { Err(Failure::Never("gateway_refused")) }));
    let runner = Runner::new(db.clone(), [("later", later), ("never", never)].into_iter().collect());
    db.run("leave", |tx| {
        Box::pin(async move {
            let now = tx.now();
            for kind in ["later", "never", "nobodys"] {
                tx.enqueue(kind, &json!({}), now).await?;
            }
            Ok::<_, DbError>(())
        })
    })
    .await
    .unwrap();
    assert_eq!(runner.turn().await.unwrap(), 2);
    assert_eq!(runner.turn().await.unwrap(), 0, "not before its time");
    let mut waits = Vec::new();
    for _ in 1..TRIES_MAX {
        let due: i64 = app.rows("SELECT run_at FROM job WHERE kind = 'later'", &[]).await[0].get(0).unwrap();
        let wait = due - app.clock.now().micros();
        waits.push(wait);
        app.clock.advance(std::time::Duration::from_micros(u64::try_from(wait).unwrap()));
        assert_eq!(runner.turn().await.unwrap(), 1);
    }
    assert!(
        waits.windows(2).all(|pair| pair[0] < pair[1] + 1_000_000) && waits[0] < 4_000_000 && *waits.last().unwrap() > 1_000_000_000,
        "{waits:?}"
    );
    app.pass(24 * 60);
    assert_eq!(runner.turn().await.unwrap(), 0, "the dead stay dead");
    assert_eq!(tries.load(Ordering::Relaxed), usize::try_from(TRIES_MAX).unwrap());
    let dead = db.read("dead", |tx| Box::pin(db::jobs::dead(tx, 10))).await.unwrap();
    let mut listed: Vec<(String, i64, String)> = dead.into_iter().map(|job| (job.kind, job.attempts, job.cause)).collect();
    listed.sort();
    assert_eq!(listed, [("later".to_owned(), TRIES_MAX, "gateway_busy".to_owned()), ("never".to_owned(), 1, "gateway_refused".to_owned())]);
    assert_eq!(db.read("counts", |tx| Box::pin(db::jobs::counts(tx))).await.unwrap(), (1, 2), "a kind that nobody knows waits");
}

async fn jobs_and_entries_name_nobody(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let times = app.slots(&role, "").await;
    let anna = cast::Person::new("Звездочётова Маврикия", "+70008172635");
    let visit = app.book(&role, &times[3], &anna).await.json();
    let outcomes = |rows: Vec<db::Row>| rows.iter().map(|row| row.get::<String>(0).unwrap()).collect::<Vec<_>>();
    let written = app.rows("SELECT outcome FROM audit_entry ORDER BY outcome", &[]).await;
    let written = outcomes(written);
    for outcome in ["code_asked", "code_confirmed", "booked", "opened"] {
        assert!(written.iter().any(|there| there == outcome), "{outcome} in {written:?}");
    }
    assert_eq!(app.count("SELECT count(*) FROM consent_event").await, 1);
    let person: [u8; 16] = app.rows_in_keys("SELECT person FROM person").await[0].get(0).unwrap();
    let hex: String = person.map(|byte| format!("{byte:02x}")).concat();
    let dashed = format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
    // The jobs that tell of the visit are still there.
    let waiting = app.rows("SELECT payload FROM job", &[]).await;
    assert_eq!(waiting.len(), 2);
    let mut planted: Vec<String> = anna.name.split(' ').map(str::to_owned).collect();
    planted.extend(phone_forms(&anna.phone));
    planted.extend([hex.clone(), dashed]);
    // A refusal leaves its entry too, and the person's own id stands nowhere in the database (I5).
    app.pass(2);
    assert_eq!(app.book(&role, &times[3], &cast::boris()).await.said(), "409 slot_taken");
    assert_eq!(app.count("SELECT count(*) FROM audit_entry WHERE outcome = 'slot_taken' AND object IS NULL").await, 1);
    // So does one that the use case itself decides, for somebody known (I2).
    app.pass(2);
    assert_eq!(app.book(&role, &times[9], &cast::boris()).await.status, 201);
    app.pass(2);
    assert_eq!(app.book(&role, &times[3], &cast::boris()).await.said(), "409 slot_taken");
    assert_eq!(app.count("SELECT count(*) FROM audit_entry WHERE outcome = 'slot_taken' AND object IS NULL").await, 2);
    let columns = app.app.world.db.read("columns", |tx| Box::pin(db::schema::columns(tx))).await.unwrap();
    for column in columns.iter().filter(|column| ["text", "bytes"].contains(&column.kind.as_str())) {
        for row in app.rows(&format!("SELECT {} FROM {} WHERE {} IS NOT NULL", column.name, column.table, column.name), &[]).await {
            let bytes = row.get::<Vec<u8>>(0).or_else(|_| row.get::<String>(0).map(String::into_bytes)).unwrap();
            let mut found = Vec::new();
            scan(&format!("{}.{}", column.table, column.name), &bytes, &planted, &mut found);
            assert_eq!(found, []);
            assert!(!bytes.windows(16).any(|window| window == person), "{}.{} names the person", column.table, column.name);
        }
    }
    // Two entries about one person do not look alike.
    let subjects = app.rows("SELECT count(subject), count(DISTINCT subject) FROM audit_entry", &[]).await;
    assert_eq!(subjects[0].get::<i64>(0).unwrap(), subjects[0].get::<i64>(1).unwrap());
    assert!(visit["id"].is_string());
}

async fn what_is_written_into_the_log_stays(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let start = app.slots(&role, "").await[3].clone();
    assert_eq!(app.book(&role, &start, &cast::anna()).await.status, 201);
    let before = (app.count("SELECT count(*) FROM audit_entry").await, app.count("SELECT count(*) FROM consent_event").await);
    assert!(before.0 > 0 && before.1 == 1);
    for sql in [
        "UPDATE audit_entry SET outcome = 'nothing'",
        "DELETE FROM audit_entry",
        "UPDATE consent_event SET version = 99",
        "DELETE FROM consent_event",
    ] {
        let done: Result<u64, DbError> = app.app.world.db.run("forge", move |tx| Box::pin(async move { tx.execute(sql, &[]).await })).await;
        assert!(done.unwrap_err().to_string().contains("append-only"), "{sql}");
    }
    assert_eq!((app.count("SELECT count(*) FROM audit_entry").await, app.count("SELECT count(*) FROM consent_event").await), before);
    assert_eq!(app.count("SELECT count(*) FROM audit_entry WHERE outcome = 'nothing'").await, 0);
}

async fn a_day_of_people_is_opened_with_an_entry_for_each(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (db, keys) = (&app.app.world.db, &app.app.world.keys);
    let document = app.app.world.documents.get(Purpose::P1, db::Lang::Ru).unwrap().clone();
    let mut of = Vec::new();
    for number in 0..6 {
        let details = Details {
            name: PatientName::parse("Айша Планова").unwrap(),
            phone: Phone::parse(&format!("+700044400{number:02}"), true).unwrap(),
            email: None,
            sex: None,
            age: None,
        };
        let (key, _) = enrol(keys, &details).await.unwrap();
        of.push((key, [number; 16], details.phone.e164().to_owned()));
    }
    // The first has two visits of that day; the last has consented to none.
    of.push((of[0].0.clone(), [77; 16], of[0].2.clone()));
    for (place, (key, visit, _)) in of.clone().into_iter().enumerate() {
        let document = document.clone();
        if place != 5 {
            let given = db.run("consent", move |tx| {
                let (key, document) = (key.clone(), document.clone());
                Box::pin(async move { consent::record(tx, &key, &visit, &document, &privacy::Evidence::PARTNER).await.map(drop) })
            });
            let _: Result<(), DbError> = given.await;
        }
    }
    let ids: Vec<_> = of.iter().map(|(key, _, _)| key.person().unwrap()).collect();
    let known = Arc::new(keys.people(&ids).await.unwrap());
    assert_eq!(known.len(), 6);
    let (asked, all) = (Arc::new(of.clone()), known.clone());
    let opened = db.run("day", move |tx| {
        let (asked, known) = (asked.clone(), all.clone());
        Box::pin(async move {
            let wanted: Vec<_> = asked.iter().map(|(key, visit, _)| (&known[&key.person().unwrap()], *visit)).collect();
            open_phones(tx, "day", &wanted).await
        })
    });
    let opened = opened.await.unwrap();
    let shown: Vec<Option<String>> = opened.iter().map(|phone| phone.as_ref().map(|phone| phone.expose().clone())).collect();
    let expected: Vec<Option<String>> = of.iter().enumerate().map(|(place, (_, _, phone))| (place != 5).then(|| phone.clone())).collect();
    assert_eq!(shown, expected);
    let entries = app.rows("SELECT object FROM audit_entry WHERE asker = 'job:day' AND outcome = 'opened'", &[]).await;
    let mut objects: Vec<[u8; 16]> = entries.iter().map(|row| row.get(0).unwrap()).collect();
    objects.sort_unstable();
    assert_eq!(objects, [[0; 16], [1; 16], [2; 16], [3; 16], [4; 16], [77; 16]]);

    // One too many: nobody is opened, and nothing is written.
    let crowd = Arc::new(vec![of[0].clone(); OPENED_MAX + 1]);
    let refused = db.run("crowd", move |tx| {
        let (crowd, known) = (crowd.clone(), known.clone());
        Box::pin(async move {
            let wanted: Vec<_> = crowd.iter().map(|(key, visit, _)| (&known[&key.person().unwrap()], *visit)).collect();
            open_phones(tx, "crowd", &wanted).await.map(|opened| opened.len())
        })
    });
    assert_eq!(refused.await, Err(OpenError::Outside));
    assert_eq!(app.count("SELECT count(*) FROM audit_entry WHERE asker = 'job:crowd'").await, 0);
}
