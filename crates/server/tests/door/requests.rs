//! A visit that is asked for: where there are no live times, nothing is claimed and nothing is promised.

use access::Scope;
use serde_json::{Value, json};
use testkit::cast::{self, Person};
use testkit::{Kind, TestApp, attribute, attributes};

use super::fhir;

testkit::both!(
    a_visit_is_asked_for,
    what_cannot_be_asked_for,
    a_visit_is_asked_for_through_the_pages,
    a_feeds_doctor_who_is_booked_out_is_not_asked,
);

/// One doctor without hours on the site, and one with.
const OFF: &str = "\
clinic,city,address,doctor,specialty,price,minutes,hours,horizon_days,notice_minutes
Клиника «По звонку»,Санкт-Петербург,\"улица Пробная, 4\",Звонкова Инна Ильинична,Терапевт,2000,30,off,28,0
Клиника «По звонку»,Санкт-Петербург,\"улица Пробная, 4\",Часов Иван Ильич,Терапевт,2000,30,mon-sun 09:00-17:00,28,0
";

async fn body(app: &TestApp, doctor: &str, person: &Person) -> Value {
    json!({
        "kind": "visit",
        "role_id": app.role(doctor, "По звонку"),
        "name": person.name,
        "phone": person.phone,
        "when": [{"day": "2026-11-25", "part": "morning"}, {"day": "2026-11-24"}],
        "consents": app.consents().await,
    })
}

async fn a_visit_is_asked_for(kind: Kind) {
    let app = TestApp::plan(kind).csv(OFF).start().await;
    let mut asked = body(&app, "Звонкова", &cast::anna()).await;
    assert_eq!(app.door().json("POST", "/api/v1/requests", &asked).await.said(), "422 code_missing");
    let (id, code) = app.code(&cast::anna().phone).await;
    asked["phone_code"] = json!({"id": id, "code": code});
    let answer = app.door().json_with("POST", "/api/v1/requests?lang=ru", &asked, &[("idempotency-key", "one")]).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let visit = answer.json();
    assert_eq!(visit["status"], "proposed");
    let again = app.door().json_with("POST", "/api/v1/requests?lang=ru", &asked, &[("idempotency-key", "one")]).await;
    assert_eq!(again.json(), visit, "the same key, the same answer");
    assert_eq!(app.count("SELECT (SELECT count(*) FROM claim) + (SELECT count(*) FROM hold)").await, 0, "nothing is taken");
    assert_eq!(app.count("SELECT count(*) FROM consent_event").await, 1);

    let holder = app.door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
    let own = format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap());
    let seen = holder.get(&own).await.ok().json();
    assert_eq!((&seen["status"], &seen["start"], &seen["end"]), (&json!("proposed"), &Value::Null, &Value::Null));
    assert_eq!(seen["when"], json!([{"day": "2026-11-24", "part": "any"}, {"day": "2026-11-25", "part": "morning"}]));
    assert_eq!(holder.json("PATCH", &own, &json!({"start": "2026-11-25T10:00:00+03:00"})).await.said(), "422 slot_unknown");

    // The message calls it a request, and says that somebody will call.
    app.jobs().await;
    let number = visit["number"].as_str().unwrap();
    let messages = app.messages().await;
    let own_message = messages.iter().find(|(phone, text)| *phone == cast::anna().phone && text.contains(number)).unwrap();
    assert!(own_message.1.starts_with("Заявка") && own_message.1.contains("позвонит"), "{}", own_message.1);
    assert!(!own_message.1.contains("Вы записаны"));

    let cancelled = holder.json("DELETE", &own, &json!(null)).await.ok().json();
    assert_eq!((&cancelled["status"], &cancelled["start"]), (&json!("cancelled"), &Value::Null));
    app.jobs().await;
    assert!(app.messages().await.iter().any(|(_, text)| text.starts_with("Заявка") && text.contains("отозвана")));
}

async fn what_cannot_be_asked_for(kind: Kind) {
    let app = TestApp::plan(kind).csv(OFF).start().await;
    let (partner, _) = app.partner(&[Scope::Book]).await;
    let good = body(&app, "Звонкова", &cast::anna()).await;
    let with = |field: &str, value: Value| {
        let mut changed = good.clone();
        changed[field] = value;
        changed
    };
    for (request, expected) in [
        (with("kind", json!("call_me")), "422 kind_unsupported"),
        (with("kind", json!("find_doctor")), "422 kind_unsupported"),
        (with("kind", json!(null)), "422 body_invalid"),
        (with("role_id", json!(app.role("Часов", "По звонку"))), "422 live_times"),
        (with("role_id", json!("00000000-0000-4000-8000-000000000000")), "404 role_unknown"),
        (with("service", json!("dentist-consultation")), "422 service_unknown"),
        (with("when", json!([])), "422 when_invalid"),
        (with("when", json!([{"day": "2026-11-22"}])), "422 when_invalid"),
        (with("when", json!([{"day": "2027-11-22"}])), "422 when_invalid"),
        (with("when", json!([{"day": "завтра"}])), "422 field_invalid"),
        (with("when", json!([{"day": "2026-11-25", "part": "noon"}])), "422 field_invalid"),
        (with("when", json!(vec![json!({"day": "2026-11-25"}); 40])), "422 when_invalid"),
        (with("consents", json!([])), "422 consent_missing"),
        (with("age", json!(9)), "422 representative_missing"),
        (with("phone", json!("112")), "422 phone_invalid"),
    ] {
        assert_eq!(partner.json("POST", "/api/v1/requests", &request).await.said(), expected, "{request}");
    }
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 0);
    // Three open requests of one person, no more; one that is withdrawn makes room.
    let mut first = None;
    for _ in 0..3 {
        let answer = partner.json("POST", "/api/v1/requests", &good).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        first = first.or_else(|| Some(answer.json()));
    }
    assert_eq!(partner.json("POST", "/api/v1/requests", &good).await.said(), "422 too_many_requests");
    let first = first.unwrap();
    let holder = app.door().with("authorization", &format!("Bearer {}", first["manage_token"].as_str().unwrap()));
    holder.json("DELETE", &format!("/api/v1/appointments/{}", first["id"].as_str().unwrap()), &json!(null)).await.ok();
    assert_eq!(partner.json("POST", "/api/v1/requests", &good).await.status, 201);
}

async fn a_visit_is_asked_for_through_the_pages(kind: Kind) {
    let app = TestApp::plan(kind).csv(OFF).start().await;
    let role = app.role("Звонкова", "По звонку");
    for (number, lang) in ["kk", "ru", "en"].into_iter().enumerate() {
        let door = app.door();
        let doctor = door.get(&format!("/{lang}/doctors/{role}")).await.moved();
        let page = door.get(&doctor).await.ok().text();
        assert_eq!(attributes(&page, "data-test=\"slot\"", "value").len(), 0);
        let days = attributes(&page, "data-test=\"ask-day\"", "value");
        assert_eq!(days.len(), 14);
        let to = format!("/{lang}/requests");
        let refused = door.form(&to, &[("role", &role), ("part", "morning")]).await.location();
        assert!(door.get(refused.split('#').next().unwrap()).await.ok().text().contains("id=\"when-error\""));
        let form = door.form(&to, &[("role", &role), ("day", &days[2]), ("day", &days[3]), ("part", "evening")]).await.location();
        let page = door.get(&form).await.ok().text();
        let person = cast::extra(number + 40);
        let fields = [
            ("name", person.name.clone()),
            ("phone", person.phone.clone()),
            ("consent", "yes".to_owned()),
            ("consent_version", attribute(&page, "name=\"consent_version\"", "value")),
            ("consent_sha256", attribute(&page, "name=\"consent_sha256\"", "value")),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let code = door.form(&form, &fields).await.location();
        app.jobs().await;
        let digits = app.digits(&person.phone).await;
        let visit = door.form(&code, &[("code", &digits)]).await.location();
        assert_eq!(door.form(&code, &[("code", &digits)]).await.location().split('?').next(), visit.split('?').next(), "a second click");
        let page = door.get(&visit).await.ok().text();
        let texts = app.app.world.texts.of(lang.parse().unwrap());
        assert!(page.contains("state-requested") && page.contains(&texts.s("booking-badge-asked")));
        for booked in ["booking-badge-booked", "booking-visit-fresh", "booking-calendar", "booking-move"] {
            assert!(!page.contains(&texts.s(booked)), "{lang} {booked}");
        }
        let visit = visit.split('?').next().unwrap();
        assert_eq!(door.get(&format!("{visit}/calendar.ics")).await.status, 404);
        assert_eq!(door.get(&format!("{visit}/move")).await.location(), visit);
        if lang == "ru" {
            door.get(&format!("{visit}/cancel")).await.ok();
            assert_eq!(door.form(&format!("{visit}/cancel"), &[]).await.location(), visit);
            assert!(door.get(visit).await.ok().text().contains(&texts.s("booking-visit-asked-cancelled")));
        }
    }
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE status = 'proposed'").await, 2);
    app.pass(14 * 24 * 60);
    assert_eq!(app.count("SELECT count(*) FROM claim").await, 0);
}

/// A feed that tells times has live times, though all of them be taken; one that tells none, or none that is booked one by one, has not.
async fn a_feeds_doctor_who_is_booked_out_is_not_asked(kind: Kind) {
    let app = TestApp::start(kind).await;
    let folder = app.folder().join("feed");
    std::fs::create_dir_all(&folder).unwrap();
    let slot = |id: &str, hour: u32, status: &str, capacity: i64| {
        let at = |minute: u32| format!("2026-11-24T{hour}:{minute:02}:00+03:00");
        json!({"resourceType": "Slot", "id": id, "schedule": {"reference": "Schedule/c"}, "status": status, "start": at(0), "end": at(30),
            "extension": [{"url": "x/slot-capacity", "valueInteger": capacity}]})
    };
    let (ten, group) = (slot("one", 10, "free", 1), slot("many", 11, "free", 3));
    let (mut role, mut city) = (String::new(), String::new());
    for (told, expected) in [
        (vec![ten.clone()], "422 live_times"),
        (vec![slot("one", 10, "busy", 1)], "422 live_times"),
        (vec![group], "422 when_invalid"),
        (vec![], "422 when_invalid"),
        (vec![ten], "422 live_times"),
    ] {
        fhir::feed(&folder, told.iter().cloned());
        fhir::import(&app.app.world.db, &folder, fhir::said()).await;
        if role.is_empty() {
            app.follow_directory().await;
            let catalogue = app.app.world.catalogue();
            let fed = catalogue.roles.iter().find(|role| role.source.is_some()).unwrap();
            (role, city) = (fed.id.to_string(), catalogue.city_of(fed).unwrap().code.clone());
        }
        app.follow_feed().await;
        // A request that cannot be written down says first whether one may be made at all.
        let asked = json!({"kind": "visit", "role_id": role, "name": cast::anna().name, "phone": cast::anna().phone, "when": [], "consents": app.consents().await});
        let (partner, _) = app.partner(&[Scope::Book]).await;
        assert_eq!(partner.json("POST", "/api/v1/requests", &asked).await.said(), expected, "{told:?}");
        let page = app.door().get(&format!("/ru/search?city={city}")).await.ok().text();
        assert!(page.contains("Придумов"), "{page}");
        assert_eq!(page.contains("button requested"), expected != "422 live_times", "{told:?}");
    }
    // The last time is booked here: full, and still not by request.
    assert_eq!(app.book(&role, "2026-11-24T10:00:00+03:00", &cast::boris()).await.status, 201);
    assert_eq!(app.slots(&role, "").await, Vec::<String>::new());
    let page = app.door().get(&format!("/ru/search?city={city}")).await.ok().text();
    assert!(page.contains("Придумов") && !page.contains("button requested"));
    let doctor = app.door().get(&format!("/ru/doctors/{role}")).await.moved();
    assert!(!app.door().get(&doctor).await.ok().text().contains("data-test=\"ask-day\""));
}
