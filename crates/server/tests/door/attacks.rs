//! What a stranger tried: each of these once succeeded, or broke something.

use access::Scope;
use testkit::{Kind, TestApp, attribute, cast};
use tokio::task::JoinSet;

testkit::both!(
    a_visit_is_no_hold,
    one_key_sent_at_once_by_the_public_has_one_answer,
    a_range_that_is_past_is_empty,
    the_second_click_gets_the_visit_of_the_first,
    no_column_ties_two_visits_of_one_phone,
    people_without_a_visit_are_swept,
    another_key_store_is_refused,
    a_time_whose_hold_ran_out_can_be_chosen_again_from_the_same_page,
);

/// Whoever knew a visit's id could name it as their hold, and inherit or free its time.
async fn a_visit_is_no_hold(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let times = app.slots(&role, "").await;
    let (partner, _) = app.partner(&[Scope::Book]).await;
    let first = partner.json("POST", "/api/v1/appointments", &app.wish(&role, &times[5], &cast::anna()).await).await;
    assert_eq!(first.status, 201);
    let mut same = app.wish(&role, &times[5], &cast::boris()).await;
    same["hold_id"] = first.json()["id"].clone();
    assert_eq!(partner.json("POST", "/api/v1/appointments", &same).await.said(), "409 slot_taken");
    let mut other = app.wish(&role, &times[9], &cast::boris()).await;
    other["hold_id"] = first.json()["id"].clone();
    assert_eq!(partner.json("POST", "/api/v1/appointments", &other).await.status, 201);
    assert_eq!(
        partner.json("POST", "/api/v1/appointments", &app.wish(&role, &times[5], &cast::aigul()).await).await.said(),
        "409 slot_taken",
        "the first visit's time was freed"
    );
}

async fn one_key_sent_at_once_by_the_public_has_one_answer(kind: Kind) {
    let app = TestApp::plan(kind).real_clock().start().await;
    let role = app.role("Берестов", "Тихая гавань");
    let start = app.slots(&role, "").await[5].clone();
    let wish = app.confirmed_wish(&role, &start, &cast::anna()).await;
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let (door, wish) = (app.door(), wish.clone());
        tasks.spawn(async move { door.json_with("POST", "/api/v1/appointments", &wish, &[("idempotency-key", "one")]).await.text() });
    }
    let answers: std::collections::BTreeSet<String> = tasks.join_all().await.into_iter().collect();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(answers.first().is_some_and(|answer| answer.contains("manage_token")), "{answers:?}");
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 1);
}

async fn a_range_that_is_past_is_empty(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    for range in ["from=2020-01-01&days=1", "from=9999-12-31&days=62", "from=0001-01-01&days=1"] {
        let answer = app.door().get(&format!("/api/v1/roles/{role}/slots?{range}")).await;
        assert_eq!((answer.status, answer.json()["items"].as_array().map(Vec::len)), (200, Some(0)), "{range}: {}", answer.text());
    }
}

/// The browser that pressed twice, or whose first answer was lost, has the cookies of before.
async fn the_second_click_gets_the_visit_of_the_first(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let page = app.door();
    let start = app.slots(&role, "").await[5].clone();
    // Two presses of one button of one page: one hold.
    let press = [("role", role.as_str()), ("start", &start), ("once", "a-word-of-this-page")];
    let place = page.form("/ru/holds", &press).await.location();
    assert_eq!(app.door().form("/ru/holds", &press).await.location(), place);
    let form = page.get(&place).await.ok().text();
    let (version, sha256) = (attribute(&form, "name=\"consent_version\"", "value"), attribute(&form, "name=\"consent_sha256\"", "value"));
    let person = cast::anna();
    let fields = [
        ("name", person.name.as_str()),
        ("phone", &person.phone),
        ("consent", "yes"),
        ("consent_version", &version),
        ("consent_sha256", &sha256),
    ];
    let code_page = page.form(&place, &fields).await.location();
    app.jobs().await;
    let digits = app.digits(&person.phone).await;
    let cookie = page.cookie("recomed_booking").unwrap();
    let again = || app.door().with("cookie", &format!("recomed_booking={cookie}"));
    let visit = page.form(&code_page, &[("code", &digits)]).await.location();
    assert!(visit.contains("/visits/"), "{visit}");
    assert_eq!(again().form(&code_page, &[("code", &digits)]).await.location(), visit, "the second press");
    assert_eq!(again().get(&code_page).await.location(), visit, "a reload after a lost answer");
    assert!(page.get(&code_page).await.location().starts_with(visit.split('?').next().unwrap()), "Back");
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 1);
    // Another browser that knows only the address gets nothing.
    assert_eq!(app.door().get(&code_page).await.status, 404);
}

/// Two visits of one person share no value in any table by which the database alone could tie them (I5).
async fn no_column_ties_two_visits_of_one_phone(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let times = app.slots(&role, "").await;
    let (partner, _) = app.partner(&[Scope::Book]).await;
    for (index, time) in [&times[2], &times[8]].into_iter().enumerate() {
        let wish = app.wish(&role, time, &cast::anna()).await;
        let key = format!("key-{index}");
        assert_eq!(partner.json_with("POST", "/api/v1/appointments", &wish, &[("idempotency-key", &key)]).await.status, 201);
        let public = app.confirmed_wish(&role, &times[12 + index * 4], &cast::anna()).await;
        assert_eq!(app.door().json_with("POST", "/api/v1/appointments", &public, &[("idempotency-key", &key)]).await.status, 201);
        app.pass(2);
    }
    for (table, column, rows) in
        [("idempotency", "key", 4), ("appointment", "visit_tag", 4), ("appointment", "link", 4), ("consent_event", "subject", 4)]
    {
        assert_eq!(app.count(&format!("SELECT count(DISTINCT {column}) FROM {table}")).await, rows, "{table}.{column}");
    }
    // By its caller an idempotency row tells the public from a partner, and no more.
    assert_eq!(app.count("SELECT count(DISTINCT caller) FROM idempotency").await, 2);
}

/// A booking that was refused leaves nobody behind; one that died between the person and the visit leaves a key and a row: the next day
/// they are gone, and nobody else is (I2).
async fn people_without_a_visit_are_swept(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let times = app.slots(&role, "").await;
    let (partner, _) = app.partner(&[Scope::Book]).await;
    assert_eq!(partner.json("POST", "/api/v1/appointments", &app.wish(&role, &times[5], &cast::anna()).await).await.status, 201);
    for person in [cast::boris(), cast::aigul()] {
        let wish = app.wish(&role, &times[5], &person).await;
        assert_eq!(partner.json("POST", "/api/v1/appointments", &wish).await.said(), "409 slot_taken");
    }
    assert_eq!(app.people().await, 1, "who wanted what is gone is not written down");
    for person in [cast::boris(), cast::aigul()] {
        let details = patients::Details {
            name: patients::PatientName::parse(&person.name).unwrap(),
            phone: patients::Phone::parse(&person.phone, true).unwrap(),
            email: None,
            sex: None,
            age: None,
        };
        patients::enrol(&app.app.world.keys, &details).await.unwrap();
    }
    assert_eq!((app.people().await, booking::sweep_orphans(&app.app.world).await.unwrap()), (3, 0), "not on the same day");
    app.pass(24 * 60);
    let store = app.keys_db().await;
    let kept = store.read("keys", |tx| {
        Box::pin(async move { tx.query("SELECT wrapped FROM person_key UNION ALL SELECT name FROM person", &[]).await })
    });
    let kept: Vec<Vec<u8>> = kept.await.unwrap().iter().map(|row| row.get(0).unwrap()).collect();
    assert_eq!(kept.len(), 6, "keys and names");
    // One of them comes back before the sweep does.
    assert_eq!(partner.json("POST", "/api/v1/appointments", &app.wish(&role, &times[60], &cast::aigul()).await).await.status, 201);
    assert_eq!((booking::sweep_orphans(&app.app.world).await.unwrap(), app.people().await), (1, 2));
    assert!(app.app.world.keys.by_phone(&cast::boris().phone).await.unwrap().is_empty());
    if kind == Kind::Sqlite {
        // A destroyed key is in no file of the store, the journal included; the two others are there to be found.
        let mut files = Vec::new();
        for file in std::fs::read_dir(app.folder()).unwrap().flatten() {
            if file.file_name().to_string_lossy().starts_with("keys") {
                files.extend(std::fs::read(file.path()).unwrap());
            }
        }
        let found = |key: &[u8]| files.windows(key.len()).any(|window| window == key);
        assert_eq!(kept.iter().filter(|key| found(key)).count(), 4);
    }
    assert_eq!(app.app.world.keys.by_phone(&cast::anna().phone).await.unwrap().len(), 1);
}

/// A key store that is not the database's own is refused at start: with it every link and token would be dead.
async fn another_key_store_is_refused(kind: Kind) {
    let (app, other) = (TestApp::start(kind).await, TestApp::plan(kind).real_clock().start().await);
    assert_eq!(app.app.world.keys.belongs_to(&app.app.world.db).await, Ok(()));
    assert_eq!(other.app.world.keys.belongs_to(&app.app.world.db).await, Err(privacy::KeyError::OtherStore));
}

/// Back to the page of before, and the same button: nobody was faster. What was typed comes along.
async fn a_time_whose_hold_ran_out_can_be_chosen_again_from_the_same_page(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let page = app.door();
    let start = app.slots(&role, "").await[9].clone();
    let press = [("role", role.as_str()), ("start", &start), ("once", "a-word-of-this-page")];
    let place = page.form("/en/holds", &press).await.location();
    app.pass(16);
    let late = page.form(&place, &[("name", "Anna Wright"), ("phone", "+7 000 123-45-67")]).await;
    assert_eq!(late.location(), place);
    assert_eq!(page.get(&place).await.status, 409);
    let again = page.form("/en/holds", &press).await.location();
    assert_eq!(again, place);
    let form = page.get(&again).await.ok().text();
    assert!(form.contains("Anna Wright") && form.contains("+7 000 123-45-67"), "what was typed is lost");
}
