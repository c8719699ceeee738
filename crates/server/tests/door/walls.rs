//! What stands around every request: headers that let nobody else be asked (clause 15.2), foreign forms, sizes, limits, probes, the outbox.

use axum::http::Method;
use serde_json::json;
use testkit::{Kind, TestApp, cast};

testkit::both!(
    every_answer_keeps_to_itself,
    forms_of_other_sites_are_refused,
    too_much_is_refused,
    probes_and_counters_answer,
    the_outbox_is_for_this_machine_only,
);

async fn every_answer_keeps_to_itself(kind: Kind) {
    let app = TestApp::start(kind).await;
    let door = app.door();
    let asset = web::assets::url("site.css");
    for (path, status, cache) in [
        ("/ru/", 200, None),
        ("/ru/nothing/at/all", 404, None),
        ("/xx/", 404, None),
        ("/api/v1/practitioners", 200, Some("no-store")),
        ("/api/v1/nothing", 404, Some("no-store")),
        ("/healthz", 200, Some("no-store")),
        ("/ru/visits/00000000-0000-4000-8000-000000000000", 403, Some("no-store")),
        (asset.as_str(), 200, Some("public, max-age=31536000, immutable")),
    ] {
        let answer = door.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("content-security-policy"), web::headers::CONTENT_SECURITY_POLICY, "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{path} {name}");
        }
        if let Some(cache) = cache {
            assert_eq!(answer.header("cache-control"), cache, "{path}");
        }
        if answer.header("content-type").starts_with("text/html") {
            let page = answer.text();
            assert!(
                !page.contains("<script>") && !page.contains("<style") && !page.contains(" style=\"") && !page.contains(" onclick="),
                "{path}"
            );
        }
        assert!(!path.starts_with("/api/") || status == 200 || answer.header("content-type") == "application/problem+json", "{path}");
    }
}

async fn forms_of_other_sites_are_refused(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let start = app.slots(&role, "").await[3].clone();
    let fields = [("role", role.as_str()), ("start", start.as_str())];
    for foreign in [
        &[("sec-fetch-site", "cross-site"), ("origin", "https://elsewhere.example")][..],
        &[("sec-fetch-site", "same-site"), ("origin", "https://other.recomed.example")],
        &[("origin", "https://elsewhere.example")],
        &[("origin", "null")],
    ] {
        assert_eq!(app.door().form_with("/ru/holds", &fields, foreign).await.status, 403, "{foreign:?}");
    }
    assert_eq!(app.count("SELECT count(*) FROM hold").await, 0);
    assert_eq!(app.door().form_with("/ru/holds", &fields, &[("sec-fetch-site", "same-origin")]).await.status, 303);
    // The API is called by programs; it knows no cookies, so nothing can be forged.
    assert_eq!(
        app.door()
            .json_with("POST", "/api/v1/phone-codes", &json!({"phone": cast::anna().phone}), &[("origin", "https://elsewhere.example")])
            .await
            .status,
        202
    );
}

async fn too_much_is_refused(kind: Kind) {
    let app = TestApp::plan(kind).setting("LIMITS_REQUESTS_PER_SECOND", "1").start().await;
    let large = app
        .door()
        .from("192.0.2.1")
        .send(Method::POST, "/api/v1/appointments", &[("content-type", "application/json")], vec![b' '; 65 * 1024])
        .await;
    assert_eq!(large.said(), "413 too_large");
    assert_eq!(large.header("content-type"), "application/problem+json");
    let page = app.door().from("192.0.2.1").form("/ru/holds", &[("role", &"x".repeat(66_000))]).await;
    assert_eq!(page.status, 413);
    assert!(page.header("content-type").starts_with("text/html"));
    let wrong = app.door().from("192.0.2.1").send(Method::PUT, "/api/v1/holds", &[], Vec::new()).await;
    assert_eq!(wrong.status, 405);
    assert_eq!(wrong.header("allow"), "POST");

    for kind in ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", ""] {
        let headers: &[(&str, &str)] = if kind.is_empty() { &[] } else { &[("content-type", kind)] };
        let other = app.door().from("192.0.2.4").send(Method::POST, "/api/v1/holds", headers, b"{}".to_vec()).await;
        assert_eq!(other.said(), "415 not_json", "{kind}");
    }

    // Keys that are none use up their network's share: nobody tries keys by the thousand.
    let thief = app.door().from("192.0.2.5").with("authorization", "Bearer rcm_not-a-key");
    let mut tried = Vec::new();
    for _ in 0..14 {
        tried.push(thief.get("/api/v1/suggest?q=x").await.said());
    }
    assert_eq!(tried.first().map(String::as_str), Some("401 key_unknown"));
    assert_eq!(tried.last().map(String::as_str), Some("429 too_many_requests"));

    let (door, other) = (app.door().from("192.0.2.2"), app.door().from("192.0.2.3"));
    let mut said = Vec::new();
    for _ in 0..14 {
        said.push(door.get("/api/v1/suggest?q=x").await);
    }
    let last = said.last().unwrap();
    assert_eq!(last.said(), "429 too_many_requests");
    assert!(last.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert_eq!(door.get("/ru/").await.status, 429);
    assert_eq!(door.get("/healthz").await.status, 200, "probes are always answered");
    assert_eq!(other.get("/api/v1/suggest?q=x").await.status, 200, "another network is another count");
    // A stranger's word about where they come from is not believed.
    assert_eq!(app.door().from("192.0.2.2").with("x-forwarded-for", "203.0.113.5").get("/ru/").await.status, 429);
}

async fn probes_and_counters_answer(kind: Kind) {
    let app = TestApp::start(kind).await;
    let door = app.door();
    assert_eq!(door.get("/healthz").await.ok().text(), "alive");
    assert_eq!(door.get("/readyz").await.ok().text(), "ready");
    let role = app.role("Берестов", "Тихая гавань");
    let start = app.slots(&role, "").await[3].clone();
    assert_eq!(app.book(&role, &start, &cast::anna()).await.status, 201);
    let metrics = door.get("/metrics").await.ok();
    assert!(metrics.header("content-type").starts_with("application/openmetrics-text"));
    let text = metrics.text();
    assert!(text.contains("recomed_appointments{state=\"booked\"} 1"), "{text}");
    assert!(text.contains("route=\"/api/v1/appointments\",status=\"201\""), "{text}");
    assert!(!text.contains(&role), "routes, never paths");
    let described = door.get("/api/openapi.json").await.ok().json();
    assert!(described["openapi"].as_str().unwrap().starts_with("3."));
}

async fn the_outbox_is_for_this_machine_only(kind: Kind) {
    let app = TestApp::start(kind).await;
    app.code(&cast::anna().phone).await;
    for path in ["/demo/outbox", "/ru/demo/outbox"] {
        app.door().get(path).await.ok();
        app.door().from("::1").get(path).await.ok();
        for stranger in
            [app.door().from("192.0.2.1"), app.door().with("x-forwarded-for", "127.0.0.1"), app.door().with("forwarded", "for=127.0.0.1")]
        {
            let answer = stranger.get(path).await;
            assert_eq!(answer.status, 404);
            assert!(!answer.text().contains("1110001"));
        }
    }
    let items = app.door().get("/demo/outbox").await.json();
    assert_eq!(items["items"][0]["phone"], cast::anna().phone);
}
