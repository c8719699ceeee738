//! What runs by itself goes by the profile: with other terms in it, other rows stay (I8).

use privacy::Profile;
use serde_json::json;
use testkit::{Kind, TestApp, cast};

testkit::both!(the_profile_rules_the_terms);

/// What a sweep drops, table by table. Marks of the feed only as far as they were there before it.
const SWEPT: [&str; 4] =
    ["SELECT count(*) FROM claim", "SELECT count(*) FROM hold", "SELECT count(*) FROM idempotency", "SELECT count(*) FROM dirty"];

async fn sweep(app: &TestApp, profile: &Profile) -> [i64; 5] {
    let days = profile.retention.code_count_days;
    let profile = profile.clone();
    let swept = app.app.world.db.run("sweep", move |tx| {
        let profile = profile.clone();
        Box::pin(async move { booking::sweep(tx, &profile).await })
    });
    swept.await.unwrap();
    app.app.world.keys.forget_counts(days).await.unwrap();
    counts(app).await
}

async fn counts(app: &TestApp) -> [i64; 5] {
    let mut counts = [0; 5];
    for (count, sql) in counts.iter_mut().zip(SWEPT) {
        *count = app.count(sql).await;
    }
    counts[4] = app.count_in_keys("SELECT count(*) FROM code_count").await;
    counts
}

async fn the_profile_rules_the_terms(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let at = app.slots(&role, "").await;
    let wish = app.confirmed_wish(&role, &at[0], &cast::anna()).await;
    let booked = app.door().with("idempotency-key", "the only one").json("POST", "/api/v1/appointments?lang=ru", &wish).await;
    assert_eq!(booked.status, 201, "{}", booked.text());
    let hold = json!({"role_id": role, "start": at[5]});
    assert_eq!(app.door().json("POST", "/api/v1/holds", &hold).await.status, 201);
    let there = counts(&app).await;
    assert!(there.iter().all(|count| *count > 0), "{there:?}");

    // Nine days later everything is past the terms of a profile that has a day for each, and nothing past those of one that has twenty.
    let begins: clock::Timestamp = clock::Timestamp::parse_rfc3339(&at[0]).unwrap();
    let until_visit = u64::try_from((begins.micros() - app.clock.now().micros()) / clock::MINUTE).unwrap();
    app.pass(until_visit + 9 * 24 * 60);
    let with = |days: i64| {
        let mut profile = Profile::named("ru").unwrap();
        let retention = &mut profile.retention;
        (retention.claim_days_after_visit, retention.code_count_days) = (days, days);
        (retention.idempotency_hours, retention.change_mark_hours, retention.hold_grace_minutes) = (days * 24, days * 24, days * 24 * 60);
        profile
    };
    assert_eq!(sweep(&app, &with(20)).await, there);
    assert_eq!(sweep(&app, &with(1)).await, [0; 5]);
}
