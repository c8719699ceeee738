//! Every refusal has its stable code, its status and a sentence in the reader's language.

use std::collections::HashSet;
use std::time::Duration;

use access::Scope;
use axum::http::Method;
use serde_json::{Value, json};
use testkit::{Answer, Kind, TestApp, cast};

testkit::both!(
    a_time_that_cannot_be_had,
    a_consent_that_does_not_count,
    a_code_that_does_not_count,
    codes_have_limits,
    midnight_does_not_shorten_the_wait_for_a_code,
    a_refused_network_does_not_use_up_a_phone,
    a_form_that_cannot_be_read,
    a_person_has_so_many_visits_and_a_phone_so_many_people,
    too_late_too_often_and_elsewhere,
    a_key_opens_what_its_scopes_say,
    every_refusal_is_in_the_language_asked_for,
    parameters_of_free_times_are_read_as_those_of_search,
);

/// The answer is a refusal in our form: `problem+json`, a sentence that differs by language, nothing of what was sent.
async fn refused(app: &TestApp, method: &str, path: &str, body: &Value, expected: &str) -> Answer {
    let answer = app.door().json(method, path, body).await;
    assert_eq!(answer.said(), expected, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.json()["type"], format!("urn:recomed:problem:{}", answer.json()["code"].as_str().unwrap()));
    assert!(answer.json()["detail"].as_str().is_some_and(|sentence| sentence.len() > 10 && !sentence.contains('!')));
    answer
}

async fn a_time_that_cannot_be_had(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let at = app.slots(&role, "").await[5].clone();
    let (partner, _) = app.partner(&[Scope::Book]).await;
    assert_eq!(partner.json("POST", "/api/v1/appointments", &app.wish(&role, &at, &cast::anna()).await).await.status, 201);
    let mut sentences = std::collections::BTreeSet::new();
    for lang in ["kk", "ru", "en"] {
        let wish = app.confirmed_wish(&role, &at, &cast::boris()).await;
        let answer = refused(&app, "POST", &format!("/api/v1/appointments?lang={lang}"), &wish, "409 slot_taken").await;
        sentences.insert(answer.json()["detail"].as_str().unwrap().to_owned());
        assert_eq!(answer.header("content-language"), lang);
        app.pass(2);
    }
    assert_eq!(sentences.len(), 3);
    for (role, start, service, expected) in [
        (role.as_str(), "2026-11-20T15:00:00+03:00", None, "422 slot_past"),
        (&role, "2026-11-23T09:10:00+03:00", None, "422 slot_past"),
        (&role, "2026-11-24T15:05:00+03:00", None, "422 slot_unknown"),
        (&role, "2026-11-24T03:00:00+03:00", None, "422 slot_unknown"),
        (&role, "2027-11-24T15:00:00+03:00", None, "422 slot_unknown"),
        (&role, "2026-11-24T15:00:00+03:00", Some("dentist-consultation"), "422 service_unknown"),
        ("00000000-0000-4000-8000-000000000000", "2026-11-24T15:00:00+03:00", None, "404 role_unknown"),
    ] {
        let body = json!({"role_id": role, "start": start, "service": service});
        refused(&app, "POST", "/api/v1/holds", &body, expected).await;
        let mut wish = app.wish(role, start, &cast::boris()).await;
        wish["service"] = json!(service);
        assert_eq!(partner.json("POST", "/api/v1/appointments", &wish).await.said(), expected, "{start}");
    }
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 1);
}

async fn a_consent_that_does_not_count(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let at = app.slots(&role, "").await[5].clone();
    let wish = app.confirmed_wish(&role, &at, &cast::anna()).await;
    let mut none = wish.clone();
    none["consents"] = json!([]);
    let answer = refused(&app, "POST", "/api/v1/appointments", &none, "422 consent_missing").await;
    assert_eq!(answer.json()["clause"], "2.7");
    none["consents"] = json!([{"purpose": "P5", "version": 1, "sha256": wish["consents"][0]["sha256"]}]);
    refused(&app, "POST", "/api/v1/appointments", &none, "422 consent_missing").await;
    let mut old = wish.clone();
    old["consents"][0]["version"] = json!(0);
    refused(&app, "POST", "/api/v1/appointments", &old, "422 consent_outdated").await;
    let mut other = wish.clone();
    other["consents"][0]["sha256"] = json!("00");
    refused(&app, "POST", "/api/v1/appointments", &other, "422 consent_outdated").await;
    // Beside the one that is asked for, another that nothing stands behind: told, not dropped.
    let mut more = wish.clone();
    more["consents"].as_array_mut().unwrap().push(json!({"purpose": "P5", "version": 1, "sha256": "00"}));
    let answer = refused(&app, "POST", "/api/v1/appointments", &more, "422 consent_unknown").await;
    assert_eq!(answer.json()["clause"], "2.1");
    more["consents"] = json!(vec![wish["consents"][0].clone(); 11]);
    refused(&app, "POST", "/api/v1/appointments", &more, "422 field_invalid").await;
    assert_eq!(app.people().await + app.count("SELECT count(*) FROM consent_event").await, 0, "nobody was written down");
    assert_eq!(app.door().json("POST", "/api/v1/appointments", &wish).await.status, 201);
    assert_eq!(app.count("SELECT count(*) FROM consent_event").await, 1);
}

async fn a_code_that_does_not_count(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let at = app.slots(&role, "").await[5].clone();
    let post = "/api/v1/appointments";
    let wish = app.confirmed_wish(&role, &at, &cast::anna()).await;
    let right = wish["phone_code"]["code"].as_str().unwrap().to_owned();
    let wrong = if right == "000000" { "000001" } else { "000000" };
    let with = |wish: &Value, field: &str, value: Value| {
        let mut wish = wish.clone();
        wish["phone_code"][field] = value;
        wish
    };
    let mut none = wish.clone();
    none.as_object_mut().unwrap().remove("phone_code");
    refused(&app, "POST", post, &none, "422 code_missing").await;
    refused(&app, "POST", post, &with(&wish, "id", json!("00000000-0000-4000-8000-000000000000")), "422 code_unknown").await;
    let mut others = wish.clone();
    others["patient"]["phone"] = json!("+70009990000");
    refused(&app, "POST", post, &others, "422 code_unknown").await;
    for left in ["4", "3", "2", "1"] {
        let answer = refused(&app, "POST", &format!("{post}?lang=en"), &with(&wish, "code", json!(wrong)), "422 code_wrong").await;
        assert!(answer.json()["detail"].as_str().unwrap().contains(left), "{}", answer.text());
    }
    refused(&app, "POST", post, &with(&wish, "code", json!(wrong)), "422 code_dead").await;
    refused(&app, "POST", post, &wish, "422 code_dead").await;
    app.pass(2);
    let late = app.confirmed_wish(&role, &at, &cast::anna()).await;
    app.pass(10);
    refused(&app, "POST", post, &late, "422 code_expired").await;
    assert_eq!(app.people().await + app.count("SELECT count(*) FROM appointment").await, 0);
    // A code spelled as people read it counts.
    let again = app.confirmed_wish(&role, &at, &cast::anna()).await;
    let digits = again["phone_code"]["code"].as_str().unwrap();
    let spaced = format!(" {} {} ", &digits[..3], &digits[3..]);
    assert_eq!(app.door().json("POST", post, &with(&again, "code", json!(spaced))).await.status, 201);
}

async fn codes_have_limits(kind: Kind) {
    let app = TestApp::start(kind).await;
    let body = json!({"phone": cast::anna().phone});
    let path = "/api/v1/phone-codes";
    assert_eq!(app.door().json("POST", path, &body).await.status, 202);
    let soon = refused(&app, "POST", path, &body, "429 code_too_soon").await;
    assert_eq!(soon.header("retry-after"), "60");
    // Another spelling is the same phone.
    refused(&app, "POST", path, &json!({"phone": "8 (000) 111-00-01"}), "429 code_too_soon").await;
    for _more in 1..5 {
        app.pass(1);
        assert_eq!(app.door().json("POST", path, &body).await.status, 202);
    }
    app.pass(1);
    refused(&app, "POST", path, &body, "429 code_phone_limit").await;
    app.pass(24 * 60);
    assert_eq!(app.door().json("POST", path, &body).await.status, 202, "a new day");
    for number in 1..200 {
        let body = json!({"phone": cast::extra(number).phone});
        assert_eq!(app.door().json("POST", path, &body).await.status, 202, "{number}");
    }
    refused(&app, "POST", path, &json!({"phone": cast::extra(500).phone}), "429 code_network_limit").await;
    let elsewhere = app.door().from("192.0.2.7");
    assert_eq!(elsewhere.json("POST", path, &json!({"phone": cast::extra(501).phone})).await.status, 202);
    assert_eq!(app.people().await, 0, "asking for a code makes no person");
}

async fn midnight_does_not_shorten_the_wait_for_a_code(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (path, body) = ("/api/v1/phone-codes", json!({"phone": cast::anna().phone}));
    let into_day = app.clock.now().micros() % clock::DAY / clock::SECOND;
    let seconds = |seconds: i64| Duration::from_secs(u64::try_from(seconds).unwrap());
    app.clock.advance(seconds(24 * 3600 - 30 - into_day));
    assert_eq!(app.door().json("POST", path, &body).await.status, 202, "half a minute before midnight");
    app.clock.advance(seconds(31));
    let profile = app.app.world.profile.clone();
    let swept = app.app.world.db.run("sweep", move |tx| {
        let profile = profile.clone();
        Box::pin(async move { booking::sweep(tx, &profile).await })
    });
    swept.await.unwrap();
    let soon = refused(&app, "POST", path, &body, "429 code_too_soon").await;
    assert_eq!(soon.header("retry-after"), "29");
    app.clock.advance(seconds(29));
    assert_eq!(app.door().json("POST", path, &body).await.status, 202);
    // What one phone asks for twice has nothing in common that a journal of the database could show.
    let rows = app.rows("SELECT phone_tag, code FROM phone_code", &[]).await;
    let tags: HashSet<Vec<u8>> = rows.iter().map(|row| row.get(0).unwrap()).collect();
    assert_eq!((rows.len(), tags.len()), (2, 2));
}

async fn a_refused_network_does_not_use_up_a_phone(kind: Kind) {
    let app = TestApp::start(kind).await;
    let path = "/api/v1/phone-codes";
    for number in 0..200 {
        assert_eq!(app.door().json("POST", path, &json!({"phone": cast::extra(number).phone})).await.status, 202);
    }
    let body = json!({"phone": cast::anna().phone});
    for _ in 0..6 {
        refused(&app, "POST", path, &body, "429 code_network_limit").await;
    }
    assert_eq!(app.door().from("192.0.2.7").json("POST", path, &body).await.status, 202);
}

async fn a_form_that_cannot_be_read(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let at = app.slots(&role, "").await[5].clone();
    let wish = app.wish(&role, &at, &cast::anna()).await;
    for (field, value, expected) in [
        ("name", json!(""), "422 field_invalid"),
        ("name", json!("12345"), "422 field_invalid"),
        ("name", json!("а".repeat(101)), "422 field_invalid"),
        ("name", json!(7), "422 body_invalid"),
        ("phone", json!("123"), "422 phone_invalid"),
        ("phone", json!("+7 000 111-22-3"), "422 phone_invalid"),
        ("phone", json!("8 495 123-45-67"), "422 phone_landline"),
        ("email", json!("anna at home"), "422 field_invalid"),
        ("sex", json!("x"), "422 field_invalid"),
        ("age", json!(121), "422 field_invalid"),
        ("age", json!(-1), "422 field_invalid"),
    ] {
        let mut wrong = wish.clone();
        wrong["patient"][field] = value.clone();
        let answer = refused(&app, "POST", "/api/v1/appointments", &wrong, expected).await;
        if let Some(typed) = value.as_str().filter(|typed| typed.len() > 4) {
            assert!(!answer.text().contains(typed), "what was typed is not said again");
        }
    }
    for (field, value, expected) in [
        ("start", json!("tomorrow"), "422 field_invalid"),
        ("on_behalf_of", json!({"relation": "child", "name": "x", "declaration": true}), "422 field_invalid"),
        ("role_id", json!("x"), "422 body_invalid"),
        ("consents", json!([{"purpose": "P99", "version": 1, "sha256": ""}]), "422 body_invalid"),
    ] {
        let mut wrong = wish.clone();
        wrong[field] = value;
        refused(&app, "POST", "/api/v1/appointments", &wrong, expected).await;
    }
    refused(&app, "POST", "/api/v1/appointments", &json!(null), "422 body_invalid").await;
    refused(&app, "POST", "/api/v1/holds", &json!({"role_id": role}), "422 body_invalid").await;
    refused(&app, "POST", "/api/v1/holds", &json!({"role_id": role, "start": "x"}), "422 field_invalid").await;
    refused(&app, "POST", "/api/v1/phone-codes", &json!({"phone": "8 495 123-45-67"}), "422 phone_landline").await;
    for path in [
        format!("/api/v1/roles/{role}/slots?days=0"),
        format!("/api/v1/roles/{role}/slots?days=63"),
        format!("/api/v1/roles/{role}/slots?from=never"),
        format!("/api/v1/roles/{role}/slots?hold=mine"),
        format!("/api/v1/roles/{role}/slots?service=nothing"),
        "/api/v1/consent-documents".to_owned(),
        "/api/v1/consent-documents?purpose=P77".to_owned(),
    ] {
        refused(&app, "GET", &path, &json!(null), "422 field_invalid").await;
    }
    refused(&app, "GET", "/api/v1/consent-documents?purpose=P4", &json!(null), "404 not_found").await;
    refused(&app, "GET", "/api/v1/roles/none/slots", &json!(null), "404 not_found").await;
    refused(&app, "GET", "/api/v1/nothing", &json!(null), "404 not_found").await;
    let long = app.door().json_with("POST", "/api/v1/appointments", &wish, &[("idempotency-key", &"k".repeat(201))]).await;
    assert_eq!(long.said(), "422 field_invalid");
}

async fn a_person_has_so_many_visits_and_a_phone_so_many_people(kind: Kind) {
    let app = TestApp::plan(kind).csv(cast::TWO_CLINICS).start().await;
    let role = app.role("Быстрова", "Вторая");
    let slots = app.slots(&role, "").await;
    let (partner, _) = app.partner(&[Scope::Book]).await;
    for start in &slots[..10] {
        assert_eq!(partner.json("POST", "/api/v1/appointments", &app.wish(&role, start, &cast::anna()).await).await.status, 201);
    }
    assert_eq!(
        partner.json("POST", "/api/v1/appointments", &app.wish(&role, &slots[10], &cast::anna()).await).await.said(),
        "422 too_many_visits"
    );
    for (number, start) in slots[10..19].iter().enumerate() {
        let mut person = cast::extra(number);
        person.phone = cast::boris().phone;
        let answer = partner.json("POST", "/api/v1/appointments", &app.wish(&role, start, &person).await).await;
        assert_eq!(answer.said(), if number < 8 { "201 -" } else { "422 phone_shared_too_often" });
    }
}

async fn too_late_too_often_and_elsewhere(kind: Kind) {
    let app = TestApp::plan(kind).csv(cast::TWO_CLINICS).start().await;
    let (quick, long, two) = (app.role("Быстрова", "Вторая"), app.role("Долгов", "Вторая"), app.role("Двойнов", "Вторая"));
    let (partner, _) = app.partner(&[Scope::Book]).await;
    let book = async |role: &str, start: &str| {
        let booked = partner.json("POST", "/api/v1/appointments", &app.wish(role, start, &cast::anna()).await).await;
        assert_eq!(booked.status, 201, "{start}: {}", booked.text());
        let visit = booked.json();
        let holder = app.door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
        (holder, format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap()))
    };
    let (holder, own) = book(&quick, "2026-11-24T12:00:00+03:00").await;
    let (other, others) = book(&quick, "2026-11-24T13:00:00+03:00").await;
    assert_eq!(holder.json("PATCH", &own, &json!({"start": "2026-11-24T13:00:00+03:00"})).await.said(), "409 slot_taken");
    assert_eq!(holder.json("PATCH", &own, &json!({"start": "2026-11-24T12:00:00+03:00", "role_id": long})).await.said(), "422 other_visit");
    assert_eq!(holder.json("PATCH", &own, &json!({"start": "2026-11-24T12:05:00+03:00"})).await.said(), "422 slot_unknown");
    assert_eq!(holder.json("PATCH", &own, &json!({"start": "never"})).await.said(), "422 field_invalid");
    // Anna is at Dolgov's from ten to twelve; at Bystrova's the same time is free, but not for her.
    let (busy, long_visit) = book(&long, "2026-11-24T10:00:00+03:00").await;
    assert_eq!(holder.json("PATCH", &own, &json!({"start": "2026-11-24T11:50:00+03:00"})).await.said(), "409 person_busy");
    assert_eq!(holder.get(&own).await.json()["start"], "2026-11-24T12:00:00+03:00", "it stands as it was");
    busy.json("DELETE", &long_visit, &json!(null)).await.ok();
    for minute in ["10", "20", "30", "40", "50"] {
        holder.json("PATCH", &own, &json!({"start": format!("2026-11-24T12:{minute}:00+03:00")})).await.ok();
    }
    assert_eq!(holder.json("PATCH", &own, &json!({"start": "2026-11-24T12:00:00+03:00"})).await.said(), "409 moved_too_often");
    holder.json("PATCH", &own, &json!({"start": "2026-11-24T12:50:00+03:00"})).await.ok();

    // Monday 09:00 in Moscow is now; Tuesday 12:20 is thirty minutes before the visit.
    app.pass(27 * 60 + 20);
    other.get(&others).await.ok();
    app.pass(1);
    for (method, body) in [("PATCH", json!({"start": "2026-11-24T15:00:00+03:00"})), ("DELETE", json!(null))] {
        assert_eq!(holder.json(method, &own, &body).await.said(), "409 too_late");
    }
    // To take another visit instead would cancel the first, which is too late as well.
    let (_, _) = book(&long, "2026-11-24T14:00:00+03:00").await;
    app.pass(75);
    let mut wish = app.confirmed_wish(&quick, "2026-11-24T14:00:00+03:00", &cast::anna()).await;
    wish["instead"] = json!(true);
    assert_eq!(app.door().json("POST", "/api/v1/appointments", &wish).await.said(), "409 other_visit_too_late");
    // What a partner did not book, or even did, a partner does not cancel so: only the person chooses between two visits.
    assert_eq!(partner.json("POST", "/api/v1/appointments", &wish).await.said(), "409 person_busy");
    app.pass(24 * 60);
    assert_eq!(other.json("DELETE", &others, &json!(null)).await.said(), "409 too_late");
    assert!(!two.is_empty());
}

async fn a_key_opens_what_its_scopes_say(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let at = app.slots(&role, "").await[5].clone();
    let slots = format!("/api/v1/roles/{role}/slots");
    let hold = json!({"role_id": role, "start": at});
    let wish = app.wish(&role, &at, &cast::anna()).await;
    let (reader, _) = app.partner(&[Scope::Search]).await;
    let (booker, key) = app.partner(&[Scope::Book]).await;
    assert_eq!(reader.get(&slots).await.status, 200);
    assert_eq!(reader.get("/api/v1/practitioners").await.status, 200);
    assert_eq!(reader.json("POST", "/api/v1/holds", &hold).await.said(), "403 scope_missing");
    assert_eq!(reader.json("POST", "/api/v1/appointments", &wish).await.said(), "403 scope_missing");
    assert_eq!(booker.get(&slots).await.said(), "403 scope_missing");
    for path in ["/api/v1/practitioners", "/api/v1/suggest?q=x"] {
        assert_eq!(booker.get(path).await.said(), "403 scope_missing");
    }
    assert_eq!(booker.json("POST", "/api/v1/phone-codes", &json!({"phone": cast::anna().phone})).await.said(), "403 scope_missing");
    assert_eq!(booker.json("POST", "/api/v1/holds", &hold).await.status, 201);
    let stranger = app.door().with("authorization", "Bearer rcm_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(stranger.get(&slots).await.said(), "401 key_unknown");
    // Only the hash of a key is kept.
    let kept = app.rows("SELECT count(*) FROM partner WHERE name LIKE $1 OR scopes LIKE $1", &db::args![format!("%{}%", &key[4..])]).await;
    assert_eq!(kept[0].get::<i64>(0).unwrap(), 0);
}

/// What a program is refused before anything looks at its call is told in the language it asked for, with the status it has.
async fn every_refusal_is_in_the_language_asked_for(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (door, thief) = (app.door(), app.door().with("authorization", "Bearer rcm_nobodys"));
    let text = [("content-type", "text/plain")];
    for lang in ["kk", "ru", "en", "EN"] {
        for (answer, said) in [
            (door.get(&format!("/api/v1/nothing?lang={lang}")).await, "404 not_found"),
            (door.get(&format!("/api/?lang={lang}")).await, "404 not_found"),
            (door.send(Method::PUT, &format!("/api/v1/holds?lang={lang}"), &[], Vec::new()).await, "405 method_not_allowed"),
            (door.send(Method::POST, &format!("/api/v1/holds?lang={lang}"), &text, b"{}".to_vec()).await, "415 not_json"),
            (thief.get(&format!("/api/v1/suggest?q=x&lang={lang}")).await, "401 key_unknown"),
        ] {
            assert_eq!(answer.said(), said);
            assert_eq!(answer.header("content-type"), "application/problem+json");
            assert_eq!(answer.header("content-language"), lang.to_lowercase(), "{said}");
            assert_eq!(answer.json()["status"], answer.status);
        }
    }
}

async fn parameters_of_free_times_are_read_as_those_of_search(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let times = async |query: &str| app.door().get(&format!("/api/v1/roles/{role}/slots?{query}")).await;
    let all = times("days=2").await.ok().json();
    assert!(!all["items"].as_array().unwrap().is_empty());
    for query in ["days=2&from=&service=&hold=", "days=2&days=5", "days=%202%20"] {
        assert_eq!(times(query).await.ok().json(), all, "{query}");
    }
    // The plus of an offset, written as it is.
    assert_eq!(
        times("days=2&from=2026-11-24T10:00:00+03:00").await.ok().json(),
        times("days=2&from=2026-11-24T10:00:00%2B03:00").await.json()
    );
    for query in ["days=0", "from=tomorrow", "hold=x", "service=x"] {
        assert_eq!(times(query).await.said(), "422 field_invalid", "{query}");
    }
}
