//! The description of the API and the API are about the same addresses, and the same answers.

use access::Scope;
use axum::http::Method;
use serde_json::json;
use testkit::{Kind, TestApp, cast};

use super::document::Document;

testkit::both!(every_described_address_answers, search_answers_as_described, booking_answers_as_described);

/// Doctors of whom little is known: no price, no station, no place on the map; one without hours.
const BARE: &str = "\
clinic,city,address,doctor,specialty,price,minutes,hours,horizon_days,notice_minutes
Клиника «Голая»,Санкт-Петербург,\"улица Пробная, 8\",Безценов Иван Ильич,Терапевт,0,30,mon-sun 09:00-17:00,28,0
Клиника «Голая»,Санкт-Петербург,\"улица Пробная, 8\",Звонкова Инна Ильинична,Терапевт,2000,30,off,28,0
";

/// A method that no address has is answered by the list of those it has.
async fn every_described_address_answers(kind: Kind) {
    let app = TestApp::start(kind).await;
    let description = app.door().get("/api/openapi.json").await.ok().json();
    let paths = description["paths"].as_object().unwrap();
    assert!(paths.len() >= 9, "{:?}", paths.keys());
    for (path, described) in paths {
        let place = path.split('/').map(|part| if part.starts_with('{') { "00000000-0000-4000-8000-000000000000" } else { part });
        let place = format!("/api/v1{}", place.collect::<Vec<_>>().join("/"));
        let answer = app.door().send(Method::PUT, &place, &[], Vec::new()).await;
        assert_eq!(answer.status, 405, "{place}");
        for method in ["get", "post", "patch", "delete"] {
            let allowed = answer.header("allow").to_lowercase().split(',').any(|one| one.trim() == method);
            assert_eq!(described.get(method).is_some(), allowed, "{method} {path}");
        }
    }
}

/// Percent-encodes letters of a query.
fn q(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn search_answers_as_described(kind: Kind) {
    let app = TestApp::plan(kind).csv(BARE).start().await;
    let door = app.door();
    let mut document = Document::new(door.get("/api/openapi.json").await.ok().json());
    let here = "/practitioners";
    let (bare, device, unknown) = (q("Безценов"), q("мрт"), q("Звонкова"));
    for query in [
        "per_page=50".to_owned(),
        "city=moscow&sort=distance&near=55.75,37.62&lang=en".into(),
        format!("q={device}&city=moscow&lang=kk"),
        format!("q={bare}"),
        format!("q={unknown}&near=59.9,30.3"),
        "city=moscow&date=2026-11-25&from=10:00&to=12:00&child=true".into(),
        "q=zzzzzz".into(),
        "city=nowhere".into(),
        "metro=nowhere".into(),
        "date=someday".into(),
    ] {
        document.compare("GET", here, &door.get(&format!("/api/v1{here}?{query}")).await);
    }
    let found = door.get(&format!("/api/v1{here}?q={device}&city=moscow")).await.ok().json();
    assert!(found["items"].as_array().unwrap().iter().any(|item| item["practitioner"].is_null()), "a device without a doctor");
    let found = door.get(&format!("/api/v1{here}?q={bare}")).await.ok().json();
    assert_eq!((&found["total"], &found["items"][0]["price"]), (&json!(1), &json!(null)), "a price that nobody has said");
    let (stranger, _) = app.partner(&[Scope::Book]).await;
    document.compare("GET", here, &stranger.get(&format!("/api/v1{here}")).await);

    let card = "/practitioners/{id}";
    let catalogue = app.app.world.catalogue();
    for practitioner in catalogue.practitioners.iter().take(30).map(|known| known.id.to_string()) {
        document.compare("GET", card, &door.get(&format!("/api/v1/practitioners/{practitioner}")).await);
    }
    let bare = found["items"][0]["practitioner"]["id"].as_str().unwrap();
    document.compare("GET", card, &door.get(&format!("/api/v1/practitioners/{bare}")).await);
    document.compare("GET", card, &door.get("/api/v1/practitioners/nobody").await);
    document.compare("GET", card, &stranger.get(&format!("/api/v1/practitioners/{bare}")).await);

    for query in [format!("q={}", q("кард")), format!("q={}&lang=ru", q("боль")), format!("q={}", q("клин")), "q=a&city=nowhere".into()]
    {
        document.compare("GET", "/suggest", &door.get(&format!("/api/v1/suggest?{query}")).await);
    }
    let names: Vec<String> = catalogue.practitioners.iter().take(5).map(|known| known.names.ru.chars().take(4).collect()).collect();
    for name in names {
        document.compare("GET", "/suggest", &door.get(&format!("/api/v1/suggest?q={}", q(&name))).await);
    }
    document.compare("GET", "/suggest", &stranger.get("/api/v1/suggest?q=a").await);

    let slots = "/roles/{role_id}/slots";
    let role = app.role("Безценов", "Голая");
    for (door, path) in [
        (&door, format!("{role}/slots")),
        (&door, "nobody/slots".into()),
        (&door, format!("{role}/slots?days=0")),
        (&stranger, format!("{role}/slots")),
    ] {
        document.compare("GET", slots, &door.get(&format!("/api/v1/roles/{path}")).await);
    }
    // Nobody has ratings yet, the clause stands in refusals of booking, and a card has no origin of distance.
    let faults = document.faults(&[".rating", "Problem.clause", "GET /practitioners/{id} 200.roles[].distance_km"]);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

async fn booking_answers_as_described(kind: Kind) {
    let app = TestApp::plan(kind).csv(BARE).start().await;
    let door = app.door();
    let mut document = Document::new(door.get("/api/openapi.json").await.ok().json());
    let (role, nobody) = (app.role("Безценов", "Голая"), "00000000-0000-4000-8000-000000000000");
    let slots = app.slots(&role, "").await;
    for hold in [
        json!({"role_id": role, "start": slots[3]}),
        json!({"role_id": role, "start": slots[3]}),
        json!({"role_id": nobody, "start": slots[3]}),
        json!({"role_id": role, "start": "2026-11-01T10:00:00+03:00"}),
        json!({}),
    ] {
        document.compare("POST", "/holds", &door.json("POST", "/api/v1/holds", &hold).await);
    }
    for purpose in ["P1", "P4", "P99"] {
        let path = format!("/api/v1/consent-documents?purpose={purpose}");
        document.compare("GET", "/consent-documents", &door.get(&path).await);
    }
    let (partner, _) = app.partner(&[Scope::Book]).await;
    let (searcher, _) = app.partner(&[Scope::Search]).await;
    for (door, phone) in [(&door, "+70001110009"), (&door, "x"), (&door, "+70001110009"), (&partner, "+70001110009")] {
        document.compare("POST", "/phone-codes", &door.json("POST", "/api/v1/phone-codes", &json!({"phone": phone})).await);
    }
    let here = "/appointments";
    let wish = app.confirmed_wish(&role, &slots[5], &cast::anna()).await;
    let booked = door.json("POST", "/api/v1/appointments", &wish).await;
    document.compare("POST", here, &booked);
    document.compare("POST", here, &door.json("POST", "/api/v1/appointments", &wish).await);
    document.compare("POST", here, &searcher.json("POST", "/api/v1/appointments", &wish).await);
    document.compare("POST", here, &partner.json("POST", "/api/v1/appointments", &app.wish(&role, &slots[5], &cast::boris()).await).await);
    document.compare("POST", here, &partner.json("POST", "/api/v1/appointments", &app.wish(nobody, &slots[5], &cast::boris()).await).await);
    let mut young = app.wish(&role, &slots[7], &cast::boris()).await;
    young["patient"]["age"] = json!(6);
    document.compare("POST", here, &partner.json("POST", "/api/v1/appointments", &young).await);

    let mut asked = json!({
        "kind": "visit", "role_id": app.role("Звонкова", "Голая"), "name": cast::aigul().name, "phone": cast::aigul().phone,
        "when": [{"day": "2026-11-25", "part": "morning"}, {"day": "2026-11-24"}], "consents": app.consents().await,
    });
    let request = partner.json("POST", "/api/v1/requests", &asked).await;
    document.compare("POST", "/requests", &request);
    document.compare("POST", "/requests", &searcher.json("POST", "/api/v1/requests", &asked).await);
    for (field, value) in [("kind", json!("call")), ("role_id", json!(nobody))] {
        asked[field] = value;
        document.compare("POST", "/requests", &partner.json("POST", "/api/v1/requests", &asked).await);
        asked["kind"] = json!("visit");
    }

    let own = "/appointments/{id}";
    for made in [&request, &booked] {
        let (path, made) = (format!("/api/v1/appointments/{}", made.json()["id"].as_str().unwrap()), made.json());
        let holder = app.door().with("authorization", &format!("Bearer {}", made["manage_token"].as_str().unwrap()));
        document.compare("GET", own, &holder.get(&path).await);
        let offered = booking::ClinicAnswer::Proposed { start: clock::Timestamp::parse_rfc3339("2026-11-25T19:00:00+03:00").unwrap() };
        let id = made["id"].as_str().unwrap().parse().unwrap();
        booking::request::respond(&app.app.world, id, offered, booking::By::Clinic).await.unwrap();
        document.compare("GET", own, &holder.get(&path).await);
        for start in [&slots[9], "x"] {
            document.compare("PATCH", own, &holder.json("PATCH", &path, &json!({"start": start})).await);
        }
        let (consents, back) = ("/appointments/{id}/consents", "/appointments/{id}/consents/{purpose}");
        document.compare("GET", consents, &holder.get(&format!("{path}/consents")).await);
        document.compare("GET", consents, &door.get(&format!("{path}/consents")).await);
        for purpose in ["P5", "P99", "P1"] {
            // The booked one is moved and cancelled first, by whom a cancelled visit's consent is taken back.
            if purpose == "P1" && made["id"] == booked.json()["id"] {
                document.compare("DELETE", own, &holder.json("DELETE", &path, &json!(null)).await);
            }
            document.compare("DELETE", back, &holder.json("DELETE", &format!("{path}/consents/{purpose}"), &json!(null)).await);
        }
        document.compare("DELETE", back, &door.json("DELETE", &format!("{path}/consents/P1"), &json!(null)).await);
        document.compare("GET", consents, &holder.get(&format!("{path}/consents")).await);
        document.compare("DELETE", own, &holder.json("DELETE", &path, &json!(null)).await);
        document.compare("PATCH", own, &holder.json("PATCH", &path, &json!({"start": slots[10]})).await);
        document.compare("GET", own, &door.get(&path).await);
        document.compare("PATCH", own, &door.json("PATCH", &path, &json!({"start": slots[10]})).await);
        document.compare("DELETE", own, &door.json("DELETE", &path, &json!(null)).await);
    }
    // What a parameter of search may hold stands in refusals of search; nobody has made a visit of a request yet.
    let elsewhere = ["Problem.parameter", "Problem.allowed", "Problem.allowed_left_out", "Problem.allowed_form"];
    let faults = document.faults(&[&elsewhere[..], &["PATCH /appointments/{id} 200.when"]].concat());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
