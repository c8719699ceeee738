//! Many at one time, and what a stranger tried: nothing is kept twice, outrun, hidden, or left without an end.

use access::{By, Role};
use serde_json::json;
use testkit::cast::anna;
use testkit::{Authenticator, Door, Kind, TestApp, attribute};

use crate::staff::{HERE, PASSWORD, add, code, equipped, events, new, place, sign_in, signed};

testkit::both!(
    one_link_by_many_passkeys_at_one_time,
    what_is_taken_away_is_not_outrun,
    many_tries_hide_nothing,
    many_openings_hide_nothing,
    wrong_pins_count_for_the_person,
    there_are_no_more_workstations_than_are_shown,
    whoever_has_run_out_is_forgotten,
    cookies_of_https_belong_to_the_host,
);

/// Eight browsers answer by one link at one time: one comes in, and of the other seven nothing is kept.
async fn one_link_by_many_passkeys_at_one_time(kind: Kind) {
    let app = TestApp::start(kind).await;
    let at = place(&app, &app.role("", ""));
    let (_, token) = add(&app, new("vera", Role::Operator, at)).await;
    let link = format!("/ru/staff/welcome/{token}/passkey");
    let same = [("sec-fetch-site", "same-origin")];
    // All have their challenges before any answers.
    let mut ready = Vec::new();
    for _ in 0..8 {
        let door = app.door();
        let asked = door.json_with("POST", &format!("{link}/begin"), &json!({}), &same).await.ok().json();
        ready.push((door, link.clone(), Authenticator::new(HERE).create(&asked)));
    }
    // Whoever has to connect first comes too late to meet the others: eight connections are open before.
    let mut warm = tokio::task::JoinSet::new();
    for (door, link, _) in &ready {
        let (door, path) = (door.stranger(), format!("{link}/begin"));
        warm.spawn(async move { door.json_with("POST", &path, &json!({}), &[("sec-fetch-site", "same-origin")]).await.status });
    }
    warm.join_all().await;
    let mut tasks = tokio::task::JoinSet::new();
    for (door, link, made) in ready {
        tasks.spawn(
            async move { door.json_with("POST", &format!("{link}/finish"), &made, &[("sec-fetch-site", "same-origin")]).await.status },
        );
    }
    let answers = tasks.join_all().await;
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert_eq!(app.count("SELECT count(*) FROM staff_passkey").await, 1, "{answers:?}");
}

/// Somebody who types the right password while the operator takes it away comes in by nothing, however long the hashing takes.
async fn what_is_taken_away_is_not_outrun(kind: Kind) {
    let app = TestApp::start(kind).await;
    let at = place(&app, &app.role("", ""));
    let id = equipped(&app, "vera", Role::Operator, at).await;
    let right = code(&app);
    // Others wait for their turn before.
    let mut others = tokio::task::JoinSet::new();
    for number in 0..24 {
        let door = app.door();
        others.spawn(async move {
            let login = format!("nobody{number}");
            door.form("/ru/staff/sign-in", &[("login", &login), ("password", "не тот пароль"), ("code", "000000")]).await.status
        });
    }
    tokio::task::yield_now().await;
    let vera = std::sync::Arc::new(app.door());
    let (door, typed) = (vera.clone(), right.clone());
    let coming =
        tokio::spawn(
            async move { door.form("/ru/staff/sign-in", &[("login", "vera"), ("password", PASSWORD), ("code", &typed)]).await.status },
        );
    // Her try is counted: she was read, and her password waits to be hashed.
    while app.count("SELECT count(*) FROM staff_tries").await < 25 && !coming.is_finished() {
        tokio::task::yield_now().await;
    }
    assert!(!coming.is_finished(), "the queue is long enough");
    let terms = app.app.world.profile.staff;
    let anew = app.app.world.db.run("anew", move |tx| Box::pin(async move { access::start_over(tx, &terms, id, By::Console).await }));
    assert!(anew.await.unwrap().is_some());
    assert_eq!(coming.await.unwrap(), 401);
    assert_eq!(vera.get("/ru/staff").await.status, 303);
    assert_eq!(app.count("SELECT count(*) FROM staff_session").await, 0);
    others.join_all().await;
}

async fn many_tries_hide_nothing(kind: Kind) {
    let app = TestApp::start(kind).await;
    let at = place(&app, &app.role("", ""));
    let (_, boss) = signed(&app, "boss", Role::Operator, at).await;
    let (id, _) = signed(&app, "vera", Role::Registrar, at).await;
    boss.form(&format!("/ru/staff/colleagues/{id}/grants"), &[("role", "operator"), ("reason", "load"), ("hours", "8")]).await;
    app.pass(1);
    app.app
        .world
        .db
        .run("tries", |tx| {
            Box::pin(async move {
                for number in 0..300_u16 {
                    let [high, low] = number.to_be_bytes();
                    let mut id = [9; 16];
                    (id[0], id[1]) = (high, low);
                    let now = tx.now();
                    let sql = "INSERT INTO audit_entry (id, at, operation, purpose, asker, fields, outcome) VALUES ($1, $2, 'use', 'P10', 'public', '', 'sign-in-refused')";
                    tx.execute(sql, &db::args![id, now]).await?;
                }
                Ok::<_, db::DbError>(())
            })
        })
        .await
        .unwrap();
    let page = boss.get("/ru/staff/events").await.ok().text();
    assert!(page.contains("роль дана на время"), "{page}");
    assert_eq!(page.matches("во входе отказано").count(), 200, "of those, the newest");
}

async fn many_openings_hide_nothing(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("", "");
    let start = app.slots(&role, "").await.remove(0);
    let booked = app.book(&role, &start, &anna()).await.json();
    let (visit, token) = (booked["id"].as_str().unwrap().to_owned(), booked["manage_token"].as_str().unwrap().to_owned());
    let (_, desk) = signed(&app, "vera", Role::Registrar, place(&app, &role)).await;
    for _ in 0..104 {
        desk.form(&format!("/ru/staff/visits/{visit}/person"), &[]).await.ok();
    }
    app.pass(1);
    let bearer = format!("Bearer {token}");
    let path = format!("/api/v1/appointments/{visit}/consents/P1");
    let withdrawn = app.door().send("DELETE".parse().unwrap(), &path, &[("authorization", bearer.as_str())], Vec::new()).await;
    assert!(withdrawn.status < 300, "{}", withdrawn.text());
    app.app.sealer.turn().await.unwrap();
    let own = app.door();
    own.get(&format!("/ru/v/{visit}.{token}")).await;
    let page = own.get(&format!("/ru/visits/{visit}/uses")).await.ok().text();
    assert!(page.contains("Согласие отозвано"), "the newest is there: {page}");
    assert_eq!(page.matches("data-test=\"use\"").count(), 100);
    // The earlier ones are a page away, with their receipts.
    let earlier = attribute(&page, "data-test=\"earlier\"", "href");
    let before = own.get(&earlier).await.ok().text();
    assert!(before.contains("Вы записались") && !before.contains("data-test=\"earlier\""), "{before}");
    let receipt = attribute(&before, "data-test=\"receipt\"", "href");
    assert_eq!(own.get(&receipt).await.ok().header("content-type"), "application/json");
    // Another visit's entry is none of this one's.
    let other = app.book(&role, &app.slots(&role, "").await[4], &testkit::cast::boris()).await.json();
    let stranger = receipt.replace(&visit, other["id"].as_str().unwrap());
    let theirs = app.door();
    theirs.get(&format!("/ru/v/{}.{}", other["id"].as_str().unwrap(), other["manage_token"].as_str().unwrap())).await;
    assert_eq!(theirs.get(&stranger).await.status, 404);
}

async fn wrong_pins_count_for_the_person(kind: Kind) {
    let app = TestApp::start(kind).await;
    let at = place(&app, &app.role("", ""));
    let (_, desk) = signed(&app, "vera", Role::Registrar, at).await;
    desk.form("/ru/staff/account/pin", &[("pin", "193746")]).await;
    desk.form("/ru/staff/workstations", &[("name", "Стойка")]).await;
    // Signed in three times at it today.
    for _ in 0..3 {
        sign_in(&app, &desk, "vera").await;
    }
    let page = desk.get("/ru/staff/sign-in").await.ok().text();
    let session = attribute(&page, "name=\"session\"", "value");
    for _ in 0..app.app.world.profile.staff.pin_tries_max {
        assert_eq!(desk.form("/ru/staff/switch", &[("session", &session), ("pin", "808316")]).await.status, 401);
    }
    assert!(!desk.get("/ru/staff/sign-in").await.ok().text().contains("name=\"session\""), "none of the three is left");
    assert!(events(&app).await.contains(&"pins-wrong".to_owned()));
}

async fn there_are_no_more_workstations_than_are_shown(kind: Kind) {
    let app = TestApp::start(kind).await;
    let at = place(&app, &app.role("", ""));
    let (_, boss) = signed(&app, "boss", Role::Operator, at).await;
    app.app
        .world
        .db
        .run("workstations", |tx| {
            Box::pin(async move {
                for number in 0..499_u16 {
                    let [high, low] = number.to_be_bytes();
                    let mut id = [7; 16];
                    (id[0], id[1]) = (high, low);
                    let sql = "INSERT INTO staff_workstation (id, hash, name, added_by, added_at, ended_at) VALUES ($1, $1, 'x', $1, 1, 0)";
                    tx.execute(sql, &db::args![id]).await?;
                }
                Ok::<_, db::DbError>(())
            })
        })
        .await
        .unwrap();
    assert_eq!(boss.form("/ru/staff/workstations", &[("name", "Последний")]).await.status, 303);
    let page = boss.get("/ru/staff/workstations").await.ok().text();
    assert!(page.contains("Последний"), "the last one is shown");
    let (_, other) = signed(&app, "second", Role::Operator, at).await;
    let refused = other.form("/ru/staff/workstations", &[("name", "Ещё один")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("столько, сколько может быть"), "{}", refused.text());
}

async fn whoever_has_run_out_is_forgotten(kind: Kind) {
    let app = TestApp::start(kind).await;
    let at = place(&app, &app.role("", ""));
    add(&app, new("audit", Role::Auditor, at)).await;
    add(&app, new("vera", Role::Operator, at)).await;
    let terms = app.app.world.profile.staff;
    let left = async |before: &str| {
        let before = clock::Timestamp::parse_rfc3339(before).unwrap();
        app.app
            .world
            .db
            .run("sweep", move |tx| Box::pin(async move { access::sweep_staff(tx, &terms, Some(before)).await }))
            .await
            .unwrap();
        app.count("SELECT count(*) FROM staff").await
    };
    assert_eq!(left("2026-12-31T00:00:00Z").await, 2, "to the last day, and as long as the log names them");
    assert_eq!(left("2026-12-31T00:00:01Z").await, 1);
}

async fn cookies_of_https_belong_to_the_host(kind: Kind) {
    let app = TestApp::start(kind).await;
    let at = place(&app, &app.role("", ""));
    equipped(&app, "vera", Role::Operator, at).await;
    let door = Door::new(staff::pages(&staff::Door::new(app.app.world.clone(), "https://staff.example")));
    sign_in(&app, &door, "vera").await;
    assert!(door.cookie("__Host-recomed_staff").is_some() && door.cookie("recomed_staff").is_none());
    assert_eq!(door.get("/ru/staff").await.status, 200);
    // One that a neighbouring name could have set is not looked at.
    let planted = door.stranger().with("cookie", &format!("recomed_staff={}", door.cookie("__Host-recomed_staff").unwrap()));
    assert_eq!(planted.get("/ru/staff").await.status, 303);
    assert_eq!(app.door().get("/xx/staff/sign-in").await.status, 404, "no language of ours");
    let none = json!({});
    assert_eq!(door.json("POST", "/ru/staff/sign-in/passkey/begin", &none).await.ok().json()["site"], "staff.example");
}
