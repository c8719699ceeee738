//! A visit over the JSON API, from search to cancel.

use serde_json::json;
use testkit::{Kind, TestApp, cast};

testkit::both!(
    a_visit_from_search_to_cancel,
    a_visit_moves_onto_a_time_that_overlaps_its_own,
    a_hold_hides_the_time_from_others_only,
    a_hold_ends,
    one_doctor_in_two_clinics_is_one_doctor,
    the_same_person_is_asked_which_visit_to_keep,
    a_second_replica_answers_the_same,
    a_partner_books_without_a_code,
    a_partner_made_inactive_is_shut_out,
);

/// With a name and a phone, and nothing else (clause 2.2).
async fn a_visit_from_search_to_cancel(kind: Kind) {
    let app = TestApp::start(kind).await;
    let door = app.door();
    let found = door.get("/api/v1/practitioners?specialty=therapist&city=saint-petersburg&per_page=2").await.ok().json();
    assert!(found["total"].as_i64().unwrap() > 0);
    let role = found["items"][0]["role_id"].as_str().unwrap().to_owned();
    let slots = app.slots(&role, "").await;
    assert_eq!(found["items"][0]["next_free"].as_str(), slots.first().map(String::as_str));

    let hold = door.json("POST", "/api/v1/holds", &json!({"role_id": role, "start": slots[3]})).await;
    assert_eq!(hold.status, 201, "{}", hold.text());
    let mut wish = app.confirmed_wish(&role, &slots[3], &cast::anna()).await;
    wish["hold_id"] = hold.json()["id"].clone();
    let path = "/api/v1/appointments?lang=ru";
    let once = [("idempotency-key", "one")];
    let first = door.json_with("POST", path, &wish, &once).await;
    assert_eq!(first.status, 201, "{}", first.text());
    let visit = first.json();
    assert_eq!(visit["status"], "booked");

    // The code is spent, and still the same key gets the same answer; another body does not.
    assert_eq!(door.json_with("POST", path, &wish, &once).await.json(), visit);
    wish["instead"] = json!(true);
    assert_eq!(door.json_with("POST", path, &wish, &once).await.said(), "422 idempotency_key_reused");
    wish["instead"] = json!(false);
    assert_eq!(door.json("POST", path, &wish).await.said(), "422 code_unknown", "a spent code books nothing");
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM hold").await, 0);
    assert!(!app.slots(&role, "").await.contains(&slots[3]));

    let own = format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap());
    let bearer = format!("Bearer {}", visit["manage_token"].as_str().unwrap());
    let holder = app.door().with("authorization", &bearer);
    let seen = holder.get(&own).await.ok().json();
    assert_eq!((seen["start"].as_str(), seen["status"].as_str()), (Some(slots[3].as_str()), Some("booked")));
    for wrong in [door.get(&own).await, app.door().with("authorization", "Bearer x").get(&own).await] {
        assert_eq!(wrong.said(), "401 token_unknown");
    }

    let moved = holder.json("PATCH", &own, &json!({"start": slots[8]})).await.ok().json();
    assert_eq!(moved["start"].as_str(), Some(slots[8].as_str()));
    let after = app.slots(&role, "").await;
    assert!(after.contains(&slots[3]) && !after.contains(&slots[8]));

    for _twice in 0..2 {
        assert_eq!(holder.json("DELETE", &own, &json!(null)).await.ok().json()["status"], "cancelled");
    }
    assert!(app.slots(&role, "").await.contains(&slots[8]));
    assert_eq!(app.count("SELECT count(*) FROM claim").await, 0);
    assert_eq!(holder.json("PATCH", &own, &json!({"start": slots[9]})).await.said(), "409 visit_not_open");
}

async fn a_visit_moves_onto_a_time_that_overlaps_its_own(kind: Kind) {
    let app = TestApp::plan(kind).csv(cast::TWO_CLINICS).start().await;
    let (one, two) = (app.role("Двойнов", "Первая"), app.role("Двойнов", "Вторая"));
    let (at, later) = ("2026-11-24T10:00:00+03:00", "2026-11-24T10:10:00+03:00");
    let visit = app.book(&one, at, &cast::anna()).await.json();
    let holder = app.door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
    let own = format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap());
    let moved = holder.json("PATCH", &own, &json!({"start": later, "role_id": two})).await.ok().json();
    assert_eq!(moved["role_id"].as_str(), Some(two.as_str()));
    // Six cells of five minutes of the doctor, six of the person; the first two of each are free again.
    let cells = app.rows("SELECT count(*), count(DISTINCT owner) FROM claim WHERE cell > 0", &[]).await;
    assert_eq!((cells[0].get::<i64>(0).unwrap(), cells[0].get::<i64>(1).unwrap()), (6, 1));
    assert_eq!(app.count("SELECT count(*) FROM claim WHERE cell = 0").await, 6);
    assert!(app.slots(&one, "").await.contains(&"2026-11-24T09:30:00+03:00".to_owned()));
    assert!(!app.slots(&one, "").await.contains(&at.to_owned()));
    // And back again.
    holder.json("PATCH", &own, &json!({"start": at, "role_id": one})).await.ok();
}

async fn a_hold_hides_the_time_from_others_only(kind: Kind) {
    let app = TestApp::plan(kind).csv(cast::TWO_CLINICS).start().await;
    let (one, two) = (app.role("Двойнов", "Первая"), app.role("Двойнов", "Вторая"));
    let at = "2026-11-24T10:00:00+03:00".to_owned();
    let held = app.door().json("POST", "/api/v1/holds", &json!({"role_id": one, "start": at})).await;
    assert_eq!(held.status, 201);
    let hold = held.json()["id"].as_str().unwrap().to_owned();
    assert!(!app.slots(&one, "").await.contains(&at));
    assert!(app.slots(&one, &format!("&hold={hold}")).await.contains(&at));
    for hidden in ["2026-11-24T09:40:00+03:00", "2026-11-24T10:10:00+03:00"] {
        assert!(!app.slots(&two, "").await.contains(&hidden.to_owned()), "{hidden} overlaps in the other clinic");
        assert_eq!(app.book(&two, hidden, &cast::boris()).await.said(), "409 slot_taken");
        app.pass(2);
    }
    assert_eq!(app.book(&one, &at, &cast::boris()).await.said(), "409 slot_taken");
    let mut wish = app.confirmed_wish(&one, &at, &cast::anna()).await;
    wish["hold_id"] = json!(hold);
    assert_eq!(app.door().json("POST", "/api/v1/appointments", &wish).await.status, 201);
    assert_eq!(app.door().json("POST", "/api/v1/holds", &json!({"role_id": one, "start": at})).await.said(), "409 slot_taken");
}

async fn a_hold_ends(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let at = app.slots(&role, "").await[5].clone();
    let hold = json!({"role_id": role, "start": at});
    let first = app.door().json("POST", "/api/v1/holds", &hold).await;
    assert_eq!(first.status, 201);
    app.pass(14);
    assert_eq!(app.door().json("POST", "/api/v1/holds", &hold).await.said(), "409 slot_taken");
    app.pass(1);
    assert!(app.slots(&role, "").await.contains(&at), "free without a sweep");
    assert_eq!(app.door().json("POST", "/api/v1/holds", &hold).await.status, 201);
    // Whoever comes with the first hold is late: it is no key to the second one's time.
    let mut wish = app.confirmed_wish(&role, &at, &cast::anna()).await;
    wish["hold_id"] = first.json()["id"].clone();
    assert_eq!(app.door().json("POST", "/api/v1/appointments", &wish).await.said(), "409 slot_taken");
    app.pass(24 * 60);
    let profile = app.app.world.profile.clone();
    let swept = app.app.world.db.run("sweep", move |tx| {
        let profile = profile.clone();
        Box::pin(async move { booking::sweep(tx, &profile).await })
    });
    assert!(swept.await.unwrap() > 0);
    assert_eq!(app.count("SELECT count(*) FROM hold").await + app.count("SELECT count(*) FROM claim").await, 0);
}

async fn one_doctor_in_two_clinics_is_one_doctor(kind: Kind) {
    let app = TestApp::plan(kind).csv(cast::TWO_CLINICS).start().await;
    let (one, two) = (app.role("Двойнов", "Первая"), app.role("Двойнов", "Вторая"));
    assert_eq!(app.book(&one, "2026-11-24T10:00:00+03:00", &cast::anna()).await.status, 201);
    for overlapping in ["2026-11-24T09:40:00+03:00", "2026-11-24T10:10:00+03:00"] {
        assert_eq!(app.book(&two, overlapping, &cast::boris()).await.said(), "409 slot_taken");
        app.pass(2);
    }
    assert_eq!(app.book(&two, "2026-11-24T10:40:00+03:00", &cast::boris()).await.status, 201);
    // The shorter service has a grid of its own; it collides all the same.
    let mut wish = app.confirmed_wish(&one, "2026-11-24T10:20:00+03:00", &cast::aigul()).await;
    let catalogue = app.app.world.catalogue();
    let role = catalogue.role(one.parse().unwrap()).unwrap();
    wish["service"] = json!(role.services[1].service);
    assert_eq!(app.door().json("POST", "/api/v1/appointments", &wish).await.said(), "409 slot_taken");
}

async fn the_same_person_is_asked_which_visit_to_keep(kind: Kind) {
    let app = TestApp::plan(kind).csv(cast::TWO_CLINICS).start().await;
    let (one, other) = (app.role("Двойнов", "Первая"), app.role("Долгов", "Вторая"));
    let anna = cast::anna();
    let first = app.book(&one, "2026-11-24T10:00:00+03:00", &anna).await.json();
    app.pass(2);
    let mut wish = app.confirmed_wish(&other, "2026-11-24T10:00:00+03:00", &anna).await;
    let refused = app.door().json("POST", "/api/v1/appointments", &wish).await;
    assert_eq!(refused.said(), "409 person_busy");
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 1);
    wish["instead"] = json!(true);
    assert_eq!(app.door().json("POST", "/api/v1/appointments", &wish).await.status, 201, "the refusal has not spent the code");
    let holder = app.door().with("authorization", &format!("Bearer {}", first["manage_token"].as_str().unwrap()));
    let own = format!("/api/v1/appointments/{}", first["id"].as_str().unwrap());
    assert_eq!(holder.get(&own).await.ok().json()["status"], "cancelled");
    assert!(app.slots(&one, "").await.contains(&"2026-11-24T10:00:00+03:00".to_owned()));
}

async fn a_second_replica_answers_the_same(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let at = app.slots(&role, "").await[5].clone();
    let visit = app.book(&role, &at, &cast::anna()).await.json();
    let replica = app.replica().await;
    let slots = replica.get(&format!("/api/v1/roles/{role}/slots")).await.ok().json();
    assert!(slots["items"].as_array().unwrap().iter().all(|slot| slot["start"] != at.as_str()));
    let own = format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap());
    let holder = replica.with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
    assert_eq!(holder.get(&own).await.ok().json()["number"], visit["number"]);
    holder.json("DELETE", &own, &json!(null)).await.ok();
}

async fn a_partner_books_without_a_code(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let at = app.slots(&role, "").await[5].clone();
    let (partner, _) = app.partner(&[access::Scope::Search, access::Scope::Book]).await;
    let wish = app.wish(&role, &at, &cast::anna()).await;
    let booked = partner.json_with("POST", "/api/v1/appointments", &wish, &[("idempotency-key", "k")]).await;
    assert_eq!(booked.status, 201, "{}", booked.text());
    assert_eq!(partner.json_with("POST", "/api/v1/appointments", &wish, &[("idempotency-key", "k")]).await.json(), booked.json());
    // A key belongs to its caller: another partner's is another key, and the time is gone.
    let (other, _) = app.partner(&[access::Scope::Book]).await;
    let wish = app.wish(&role, &at, &cast::boris()).await;
    assert_eq!(other.json_with("POST", "/api/v1/appointments", &wish, &[("idempotency-key", "k")]).await.said(), "409 slot_taken");
    assert_eq!(app.count("SELECT count(*) FROM consent_event WHERE method = 'partner'").await, 1);
}

async fn a_partner_made_inactive_is_shut_out(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (partner, _) = app.partner(&[access::Scope::Search]).await;
    let path = "/api/v1/practitioners?city=moscow";
    assert_eq!(partner.get(path).await.status, 200);
    app.app.world.db.run("inactive", |tx| Box::pin(async move { tx.execute("UPDATE partner SET active = 0", &[]).await })).await.unwrap();
    // A key seen a moment ago is believed for a few seconds, and not for a minute.
    assert_eq!(partner.get(path).await.status, 200);
    app.pass(1);
    assert_eq!(partner.get(path).await.status, 401);
    assert_eq!(partner.get(path).await.status, 401);
}
