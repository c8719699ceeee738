//! A tie that has died is dead for those too who hold every key: in what is kept nothing leads from a living person to the doctor
//! whom they saw (clauses 11.1, 16.2).

use std::collections::BTreeSet;

use booking::AppointmentId;
use clock::{DAY, Timestamp};
use db::args;
use privacy::{SubjectKey, audit, consent};
use testkit::{Kind, TestApp, cast};

testkit::both!(a_dead_tie_is_dead_for_whoever_has_every_key, so_is_one_whose_consent_was_withdrawn, a_clinic_is_told_of_what_goes_at_once,);

/// The person's numbers that anybody would try.
const NUMBERS: u64 = 64;

/// The visits of the table, as ids, that whoever has every key can tie to this person: by links, by tags, by consents, and by entries of the log.
async fn tied(app: &TestApp, key: &SubjectKey) -> BTreeSet<[u8; 16]> {
    let (world, own) = (&app.app.world, key.clone());
    let rows = world.db.read("visits", |tx| {
        Box::pin(async move {
            let rows = tx.query("SELECT id, link, visit_tag FROM appointment LIMIT 1000", &[]).await?;
            rows.iter()
                .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .collect::<Result<Vec<([u8; 16], Vec<u8>, [u8; 32])>, db::DbError>>()
        })
    });
    let visits = rows.await.unwrap();
    let (mut found, tags): (BTreeSet<[u8; 16]>, Vec<_>) = (BTreeSet::new(), (0..NUMBERS).map(|n| key.visit_tag(n)).collect());
    for (id, link, tag) in &visits {
        let by_link = world.keys.open_link(id, link).is_ok_and(|(person, _)| Some(person) == key.person());
        let (own, act) = (own.clone(), *id);
        let by_consent = world.db.read("consents", move |tx| {
            let own = own.clone();
            Box::pin(async move { consent::events(tx, &own, &act).await })
        });
        if by_link || tags.contains(tag) || !by_consent.await.unwrap().is_empty() {
            found.insert(*id);
        }
    }
    // Entries that name the person and say which visit.
    app.app.sealer.turn().await.unwrap();
    let own = key.clone();
    let named = world.db.read("entries", move |tx| {
        let own = own.clone();
        Box::pin(async move {
            let rows =
                tx.query("SELECT id, object FROM audit_entry WHERE object IS NOT NULL AND subject IS NOT NULL LIMIT 1000", &[]).await?;
            let mut named: BTreeSet<[u8; 16]> = BTreeSet::new();
            for row in rows {
                if audit::receipt(tx, row.get(0)?, Some(&own)).await.is_ok() {
                    named.insert(row.get(1)?);
                }
            }
            Ok::<_, db::DbError>(named)
        })
    });
    let named = named.await.unwrap();
    assert!(!named.is_empty(), "the log names them for half a year");
    found.extend(visits.iter().map(|(id, ..)| *id).filter(|id| named.contains(id)));
    found
}

async fn days(app: &TestApp, days: i64) {
    app.clock.set(Timestamp(app.clock.now().micros() + days * DAY));
}

async fn a_dead_tie_is_dead_for_whoever_has_every_key(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (role, world) = (app.role("Берестов", "Тихая гавань"), &app.app.world);
    let at = app.slots(&role, "").await;
    // Anna comes today and, so that she is still known when that tie is dead, as late as there are times.
    let first = app.book(&role, &at[3], &cast::anna()).await;
    app.pass(2);
    let last = app.book(&role, at.last().unwrap(), &cast::anna()).await;
    assert_eq!((first.status, last.status), (201, 201), "{}", last.text());
    app.jobs().await;
    let (key, _) = world.keys.find(&cast::anna().phone, &cast::anna().name).await.unwrap().unwrap();
    assert_eq!(tied(&app, &key).await.len(), 2, "while they stand the keys lead to both");

    assert!(app.count("SELECT count(*) FROM claim").await > 0);
    let until = Timestamp::parse_rfc3339(at.last().unwrap()).unwrap();
    app.clock.set(Timestamp(until.micros() + 2 * DAY));
    days(&app, world.profile.retention.specialty_days_after_visit).await;
    rights::retention::run(&world.db, &world.keys, &world.profile).await.unwrap();
    let (key, _) = world.keys.find(&cast::anna().phone, &cast::anna().name).await.unwrap().expect("she is known for a year");
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE tied = 0").await, 2, "the statistics are there");
    assert_eq!(app.count("SELECT count(*) FROM consent_event").await, 2, "and so are the proofs");
    assert_eq!(tied(&app, &key).await, BTreeSet::new());
    // A claim names its visit, and says of which doctor and when; no sweep has run in this test.
    assert_eq!(app.count("SELECT count(*) FROM claim").await, 0);
    let id: AppointmentId = first.json()["id"].as_str().unwrap().parse().unwrap();
    let named = app.app.world.db.read("old name", move |tx| {
        Box::pin(
            async move { tx.query_one("SELECT count(*) FROM appointment WHERE id = $1 OR number > 0", &args![id]).await?.get::<i64>(0) },
        )
    });
    assert_eq!(named.await.unwrap_or(-1), 0, "no paper with the visit's number leads to the doctor");
}

async fn so_is_one_whose_consent_was_withdrawn(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (role, world) = (app.role("Берестов", "Тихая гавань"), &app.app.world);
    let at = app.slots(&role, "").await;
    let kept = app.book(&role, &at[3], &cast::anna()).await;
    app.pass(2);
    let taken_back = app.book(&role, at.last().unwrap(), &cast::anna()).await;
    assert_eq!((kept.status, taken_back.status), (201, 201));
    let door = app.door().with("authorization", &format!("Bearer {}", taken_back.json()["manage_token"].as_str().unwrap()));
    let path = format!("/api/v1/appointments/{}/consents/P1", taken_back.json()["id"].as_str().unwrap());
    let withdrawn = door.json("DELETE", &path, &serde_json::json!({})).await;
    assert!(withdrawn.status < 300, "{}", withdrawn.text());
    app.jobs().await;
    days(&app, world.profile.retention.data_days_after_withdrawal + 1).await;
    rights::retention::run(&world.db, &world.keys, &world.profile).await.unwrap();
    let (key, _) = world.keys.find(&cast::anna().phone, &cast::anna().name).await.unwrap().expect("her other visit stands");
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE tied = 0").await, 1);
    assert_eq!(tied(&app, &key).await.len(), 1, "only the one that she kept");
}

/// Where the profile leaves no day between the withdrawal and its end, the clinic's message is still on its way: the visit keeps its name until
/// its time is over, and not longer.
async fn a_clinic_is_told_of_what_goes_at_once(kind: Kind) {
    let csv = "clinic,city,address,doctor,specialty,price,minutes,hours,horizon_days,notice_minutes,clinic_phone
«Пробная клиника»,Алматы,\"улица Пробная, 1\",Двойнов Пётр Ильич,Терапевт,9000,30,mon-sun 09:00-17:00,28,60,+70001110099
";
    let app = TestApp::plan(kind).setting("PROFILE", "kz").csv(csv).start().await;
    let (role, world) = (app.role("Двойнов", ""), &app.app.world);
    assert_eq!((world.profile.country.as_str(), world.profile.retention.data_days_after_withdrawal), ("KZ", 0));
    let at = app.slots(&role, "").await;
    let kept = app.book(&role, at.last().unwrap(), &cast::anna()).await;
    app.pass(2);
    let taken_back = app.book(&role, &at[9], &cast::anna()).await;
    assert_eq!((kept.status, taken_back.status), (201, 201), "{}", taken_back.text());
    app.jobs().await;
    let door = app.door().with("authorization", &format!("Bearer {}", taken_back.json()["manage_token"].as_str().unwrap()));
    let path = format!("/api/v1/appointments/{}/consents/P1", taken_back.json()["id"].as_str().unwrap());
    assert_eq!(door.json("DELETE", &path, &serde_json::json!(null)).await.status, 200);
    // The timetable is quicker than the message.
    rights::retention::run(&world.db, &world.keys, &world.profile).await.unwrap();
    let (key, _) = world.keys.find(&cast::anna().phone, &cast::anna().name).await.unwrap().expect("her other visit stands");
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE tied = 0").await, 1);
    app.jobs().await;
    let number = taken_back.json()["number"].as_str().unwrap().to_owned();
    let off = app.messages().await.into_iter().filter(|(_, text)| text.contains(&number) && text.contains("бас тартылды")).count();
    assert_eq!(off, 1, "its clinic knows that it is off");

    let begins = Timestamp::parse_rfc3339(&at[9]).unwrap();
    app.clock.set(Timestamp(begins.micros() + DAY));
    rights::retention::run(&world.db, &world.keys, &world.profile).await.unwrap();
    assert_eq!(tied(&app, &key).await.len(), 1, "only the one that she kept");
}
