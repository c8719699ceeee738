//! A database that somebody else holds, and a clock that is set forward and back.

use std::sync::{Arc, Mutex, mpsc};

use access::Scope;
use db::{Db, DbError, Options};
use serde_json::json;
use testkit::{Kind, TestApp, cast};

testkit::both!(a_held_database_refuses_cleanly, a_clock_set_forward_and_back_loses_nothing);

async fn a_held_database_refuses_cleanly(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let slots = app.slots(&role, "").await;
    let (partner, _) = app.partner(&[Scope::Search, Scope::Book]).await;
    let mut wishes = Vec::new();
    for number in 0..3 {
        wishes.push(app.wish(&role, &slots[number * 4], &cast::extra(number)).await);
    }
    let other = Db::open(Options::new(app.databases.as_ref().unwrap().main.clone()), app.clock.clone()).await.unwrap();
    let (release, held) = mpsc::channel::<()>();
    let (began, begun) = mpsc::channel::<()>();
    let (held, postgres) = (Arc::new(Mutex::new(held)), kind == Kind::Postgres);
    let holder = tokio::spawn(async move {
        let done: Result<(), DbError> = other
            .run("hold the database", move |tx| {
                let (held, began) = (held.clone(), began.clone());
                Box::pin(async move {
                    if postgres {
                        tx.execute("LOCK TABLE appointment IN ACCESS EXCLUSIVE MODE", &[]).await?;
                    }
                    began.send(()).unwrap();
                    tokio::task::block_in_place(|| held.lock().unwrap().recv()).unwrap();
                    Ok(())
                })
            })
            .await;
        done
    });
    tokio::task::block_in_place(|| begun.recv()).unwrap();
    let key = |number: usize| format!("held-{number}");
    let path = "/api/v1/appointments?lang=ru";
    let book = async |number: usize| partner.json_with("POST", path, &wishes[number], &[("idempotency-key", key(number).as_str())]).await;
    let (one, two, three) = tokio::join!(book(0), book(1), book(2));
    for refused in [one, two, three] {
        assert_eq!(refused.said(), "503 unavailable");
        assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    }
    app.door().get(&format!("/api/v1/roles/{role}/slots")).await.ok();
    release.send(()).unwrap();
    holder.await.unwrap().unwrap();
    for number in 0..3 {
        assert_eq!(book(number).await.status, 201, "the same request goes through as soon as the database is free");
    }
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 3);
}

async fn a_clock_set_forward_and_back_loses_nothing(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let slots = app.slots(&role, "").await;
    let (begin, day) = (app.clock.now(), 24 * 3600);
    let booked = app.book(&role, &slots[4], &cast::anna()).await.json();
    let (code, digits) = app.code(&cast::boris().phone).await;
    let hold = app.door().json("POST", "/api/v1/holds", &json!({"role_id": role, "start": slots[40]})).await.json();

    // A day ahead: what had a term has ended, what stands stands.
    app.clock.set(begin.plus_seconds(day));
    app.app.world.free.rebuild(&app.app.world.db, app.app.world.catalogue()).await.unwrap();
    assert!(app.slots(&role, "").await.contains(&slots[40]), "the hold has ended");
    let mut wish = app.wish(&role, &slots[44], &cast::boris()).await;
    wish["phone_code"] = json!({"id": code, "code": digits});
    assert_eq!(app.door().json("POST", "/api/v1/appointments", &wish).await.said(), "422 code_expired");
    let ahead = app.book(&role, &slots[40], &cast::extra(1)).await;
    assert_eq!(ahead.status, 201, "{}", ahead.text());
    let built_at = app.clock.now();
    // A job that was leased and one that failed while the clock was ahead.
    for (id, attempts) in [(1_u8, 1), (2, 1)] {
        let (far, lease) = (app.clock.now().plus_seconds(60), (id == 1).then_some([9_u8; 16]));
        let values = [db::Value::from([id; 16]), far.micros().into(), attempts.into(), lease.map_or(db::Value::Null, db::Value::from)];
        let done: Result<u64, DbError> = app.app.world.db.run("job", move |tx| {
            let values = values.clone();
            Box::pin(async move {
                tx.execute(
                    "INSERT INTO job (id, kind, payload, run_at, state, attempts, lease, lease_until, cause) VALUES ($1, 'tell_clinic', '{}', $2, 'waiting', $3, $4, $2, NULL)",
                    &values,
                )
                .await
            })
        }).await;
        done.unwrap();
    }

    // Two days back: before all of it.
    app.clock.set(begin.plus_seconds(-day));
    assert!(server::timetable::follow_directory_once(&app.app, built_at).await.unwrap(), "free time is built anew, not in a day");
    let free = app.slots(&role, "").await;
    assert!(!free.contains(&slots[40]) && !free.contains(&slots[4]), "nobody's visit is offered");
    assert_eq!(app.book(&role, &slots[40], &cast::extra(2)).await.said(), "409 slot_taken");
    let mut late = app.confirmed_wish(&role, &slots[40], &cast::extra(3)).await;
    late["hold_id"] = hold["id"].clone();
    assert_eq!(app.door().json("POST", "/api/v1/appointments", &late).await.said(), "409 slot_taken", "the hold has lost its time");
    // The phone that had a code a moment ago by a clock that is no more gets one now.
    let asked = app.door().json("POST", "/api/v1/phone-codes", &json!({"phone": cast::boris().phone})).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    app.jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM job WHERE state = 'waiting'").await, 0, "no job waits for the day that was");
    let holder = app.door().with("authorization", &format!("Bearer {}", booked["manage_token"].as_str().unwrap()));
    let seen = holder.get(&format!("/api/v1/appointments/{}", booked["id"].as_str().unwrap())).await.ok().json();
    assert_eq!((seen["status"].as_str(), seen["start"].as_str()), (Some("booked"), Some(slots[4].as_str())));
}
