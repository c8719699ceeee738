//! FHIR: read, searched, published in bulk, and read back into an equal directory; a feed of another system imported.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use directory::catalogue::{Catalogue, Parts, StoredSlot};
use directory::fhir::import::Report;
use serde_json::{Value, json};
use server::feeds::{FeedError, Said, import_feed};
use testkit::{Databases, Kind, TestApp};

testkit::both!(
    the_directory_comes_back_equal,
    resources_are_read_and_searched,
    refusals_say_what_to_do,
    a_feed_of_another_form_is_imported,
    the_published_sample_is_imported_where_it_lies,
    an_import_broken_off_is_taken_up_again,
    hostile_lines_are_refused_one_by_one,
);

/// An empty database with the program's own lists.
struct Empty {
    db: db::Db,
    databases: Option<Databases>,
}

impl Drop for Empty {
    fn drop(&mut self) {
        let databases = self.databases.take();
        tokio::task::block_in_place(|| drop(databases));
    }
}

async fn empty(kind: Kind) -> Empty {
    let databases = tokio::task::spawn_blocking(move || Databases::make(kind)).await.unwrap();
    let db = db::Db::open(db::Options::new(databases.main.clone()), clock::Clock::real()).await.unwrap();
    db::migrate::migrate(&db, db::migrate::MAIN).await.unwrap();
    db.run("reference", |tx| Box::pin(directory::import_csv::write_reference(tx))).await.unwrap();
    Empty { db, databases: Some(databases) }
}

async fn catalogue(db: &db::Db) -> Catalogue {
    db.read("load", |tx| Box::pin(directory::store::load(tx))).await.unwrap()
}

async fn stored(db: &db::Db) -> Vec<StoredSlot> {
    db.read("slots", |tx| Box::pin(directory::store::slots::slots_of_feeds(tx, clock::Timestamp(i64::MIN)))).await.unwrap()
}

/// All but the version.
fn parts(catalogue: Catalogue) -> Parts {
    Parts {
        version: 0,
        cities: catalogue.cities,
        districts: catalogue.districts,
        metro_lines: catalogue.metro_lines,
        metros: catalogue.metros,
        specialties: catalogue.specialties,
        services: catalogue.services,
        organizations: catalogue.organizations,
        locations: catalogue.locations,
        resources: catalogue.resources,
        practitioners: catalogue.practitioners,
        roles: catalogue.roles,
    }
}

pub(super) async fn import(db: &db::Db, place: &Path, said: Said) -> Report {
    match import_feed(db, &[], &place.display().to_string(), said, Arc::new(|_| {})).await {
        Ok(report) => report,
        Err(FeedError::Use(why)) => panic!("{why}"),
        Err(FeedError::Failed(why)) => panic!("{why}"),
    }
}

pub(super) fn said() -> Said {
    Said { zone: Some("Europe/Moscow".into()), country: Some("RU".into()), currency: Some("RUB".into()), ..Said::default() }
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/fhir-feed")
}

/// The bulk files of a running program in a folder.
async fn published(app: &TestApp) -> PathBuf {
    let folder = app.folder().join("published");
    std::fs::create_dir_all(&folder).unwrap();
    let manifest = app.door().get("/fhir/$bulk-publish").await.ok();
    std::fs::write(folder.join("bulk-publish.json"), &manifest.body).unwrap();
    for output in manifest.json()["output"].as_array().unwrap() {
        let url = output["url"].as_str().unwrap();
        let (_, path) = url.split_once("/fhir/").unwrap();
        let file = app.door().get(&format!("/fhir/{path}")).await.ok();
        assert_eq!(file.header("content-type"), "application/fhir+ndjson");
        std::fs::write(folder.join(url.rsplit('/').next().unwrap()), &file.body).unwrap();
    }
    folder
}

async fn the_directory_comes_back_equal(kind: Kind) {
    let app = TestApp::start(kind).await;
    let folder = published(&app).await;
    let there = empty(kind).await;
    let report = import(&there.db, &folder, Said::default()).await;
    assert!(report.is_whole(), "{report} {:?}", report.refused.first());
    let (one, two) = (parts(catalogue(&app.app.world.db).await), parts(catalogue(&there.db).await));
    for (one, two) in one.roles.iter().zip(&two.roles) {
        assert_eq!(one, two);
    }
    for (one, two) in one.organizations.iter().zip(&two.organizations) {
        assert_eq!(one, two);
    }
    assert!(!one.roles.is_empty());
    assert!(one == two, "the directories differ");
    let again = import(&there.db, &folder, Said::default()).await;
    assert!(again.changed_nothing() && again.is_whole(), "{again}");
}

async fn resources_are_read_and_searched(kind: Kind) {
    let app = TestApp::start(kind).await;
    let door = app.door();
    let statement = door.get("/fhir/metadata").await.ok();
    assert!(statement.header("content-type").starts_with("application/fhir+json"));
    assert_eq!(statement.json()["fhirVersion"], "4.0.1");
    for kind in ["Organization", "Location", "Practitioner", "HealthcareService", "PractitionerRole", "Schedule", "Slot", "CodeSystem"] {
        let page = door.get(&format!("/fhir/{kind}?_count=2")).await.ok().json();
        let entries = page["entry"].as_array().unwrap();
        assert_eq!(entries.len(), 2, "{kind}");
        let id = entries[0]["resource"]["id"].as_str().unwrap();
        assert_eq!(door.get(&format!("/fhir/{kind}/{id}")).await.ok().json(), entries[0]["resource"], "{kind}");
        // The next page goes on where this one stopped.
        let next = page["link"].as_array().unwrap().iter().find(|link| link["relation"] == "next").unwrap();
        let (_, path) = next["url"].as_str().unwrap().split_once("/fhir/").unwrap();
        let second = door.get(&format!("/fhir/{path}")).await.ok().json();
        assert_ne!(second["entry"][0]["resource"]["id"], entries[1]["resource"]["id"], "{kind}");
        assert_ne!(second["entry"][0]["resource"]["id"], entries[0]["resource"]["id"], "{kind}");
    }
    let role = app.role("Берестов", "Тихая гавань");
    let practitioner = door.get(&format!("/fhir/PractitionerRole/{role}")).await.ok().json()["practitioner"]["reference"].clone();
    let roles = door.get(&format!("/fhir/PractitionerRole?practitioner={}", practitioner.as_str().unwrap())).await.ok().json();
    assert!(roles["entry"].as_array().unwrap().iter().any(|entry| entry["resource"]["id"] == role.as_str()));
    let found = door.get("/fhir/Practitioner?name=%D0%B1%D0%B5%D1%80%D0%B5%D1%81%D1%82").await.ok().json();
    assert_eq!(found["entry"][0]["resource"]["name"][0]["family"], "Берестов");

    // Every free time is walked through page by page, each once; one that is booked is gone.
    let mut begins = Vec::new();
    let mut path = format!("Slot?schedule=Schedule/{role}&start=lt2026-12-07&_count=50");
    loop {
        let page = door.get(&format!("/fhir/{path}")).await.ok().json();
        begins.extend(page["entry"].as_array().into_iter().flatten().map(|entry| entry["resource"]["start"].as_str().unwrap().to_owned()));
        let Some(next) = page["link"].as_array().unwrap().iter().find(|link| link["relation"] == "next") else { break };
        path = next["url"].as_str().unwrap().split_once("/fhir/").unwrap().1.to_owned();
    }
    let free = app.slots(&role, "").await;
    let free: Vec<&String> = free.iter().filter(|start| start.as_str() < "2026-12-07T03").collect();
    assert_eq!(begins.iter().collect::<Vec<_>>(), free);
    assert_eq!(app.book(&role, &begins[2], &testkit::cast::anna()).await.status, 201);
    let after = door.get(&format!("/fhir/Slot?schedule={role}&_count=5")).await.ok().json();
    assert!(after["entry"].as_array().unwrap().iter().all(|entry| entry["resource"]["start"] != begins[2].as_str()));
}

async fn refusals_say_what_to_do(kind: Kind) {
    let app = TestApp::start(kind).await;
    let door = app.door();
    for (path, status, code) in [
        ("/fhir/Patient", 404, "not-found"),
        ("/fhir/Practitioner/x", 404, "not-found"),
        ("/fhir/Practitioner/x/_history/1", 404, "not-found"),
        ("/fhir/Slot/00000000-0000-8000-8000-000000000000", 404, "not-found"),
        ("/fhir/bulk/../x.ndjson", 404, "not-found"),
        ("/fhir/Practitioner?_lastUpdated=gt2020-01-01", 400, "not-supported"),
        ("/fhir/Practitioner?_count=many", 400, "invalid"),
        ("/fhir/Slot?start=soon", 400, "invalid"),
        ("/fhir/Slot?_page=1", 400, "invalid"),
    ] {
        let answer = door.get(path).await;
        let body = answer.json();
        let issue = (answer.status, body["issue"][0]["code"].as_str().unwrap_or_default());
        assert_eq!((body["resourceType"].as_str(), issue), (Some("OperationOutcome"), (status, code)), "{path}");
        assert!(body["issue"][0]["diagnostics"].as_str().unwrap().chars().count() > 20);
    }
    let strict = app.door().with("prefer", "handling=strict");
    assert_eq!(strict.get("/fhir/Practitioner?shoe=43").await.status, 400);
    assert_eq!(door.get("/fhir/Practitioner?shoe=43").await.status, 200);
    let (booker, _) = app.partner(&[access::Scope::Book]).await;
    assert_eq!(booker.get("/fhir/Practitioner").await.status, 403);
    assert_eq!(booker.get("/fhir/$bulk-publish").await.status, 403);
    // However many are asked for, a page has its limit.
    assert!(door.get("/fhir/Slot?_count=100000").await.ok().json()["entry"].as_array().unwrap().len() <= 200);
}

async fn a_feed_of_another_form_is_imported(kind: Kind) {
    let there = empty(kind).await;
    let report = import(&there.db, &fixture(), said()).await;
    // A place without a city, the schedule at it, the slot of that schedule, a slot that ends before it begins.
    let refused: Vec<(&str, &str)> = report.refused.iter().map(|one| (one.resource.as_str(), one.field.as_str())).collect();
    assert_eq!(
        refused,
        [("Schedule/c3", "actor"), ("Location/p3", "address.city"), ("Slot/late", "schedule.reference"), ("Slot/back", "end")]
    );
    assert_eq!(report.absent.len(), 1, "{:?}", report.absent);
    assert!(report.absent[0].starts_with("week-11.ndjson: not beside the manifest"), "{:?}", report.absent);
    assert!(!report.is_whole());
    assert_eq!(
        (report.added, report.bookable.bookable, report.bookable.past, report.bookable.capacity, report.bookable.nobody),
        (10, 0, 10, 10, 10)
    );
    assert!(report.to_string().contains("10 slots imported, none bookable: 10 in the past, 10 not for one person"), "{report}");
    let directory = catalogue(&there.db).await;
    assert_eq!((directory.organizations.len(), directory.locations.len(), directory.roles.len()), (2, 2, 2));
    assert!(directory.roles.iter().all(|role| role.practitioner.is_none() && role.source.as_deref() == Some("fhir-feed")));
    let city = directory.city_of(&directory.roles[0]).unwrap();
    assert_eq!((city.zone.as_str(), city.country.as_str()), ("Europe/Moscow", "RU"));
    assert!(directory.service("fhir-feed-flu-shot").is_some(), "their service has become one of the feed's own");

    let again = import(&there.db, &fixture(), said()).await;
    assert!(again.changed_nothing(), "{again}");
    assert_eq!(again.unchanged, 10);
}

#[allow(clippy::print_stderr, reason = "says what it did not look at")]
async fn the_published_sample_is_imported_where_it_lies(kind: Kind) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/smart-scheduling-links");
    if !sample.exists() {
        eprintln!("not run: the published sample does not lie beside the checkout; the fixture of the same form covers it");
        return;
    }
    let there = empty(kind).await;
    let report = import(&there.db, &sample.join("bulk-publish.json"), said()).await;
    assert_eq!((report.refused_count, report.absent.len(), report.is_whole()), (0, 3, false), "{report}");
    assert_eq!((report.added, report.bookable.bookable, report.bookable.past, report.bookable.capacity), (140, 0, 140, 140));
    let again = import(&there.db, &sample.join("bulk-publish.json"), said()).await;
    assert!(again.changed_nothing(), "{again}");
}

fn slot(id: usize, schedule: &str, start: &str, end: &str) -> Value {
    json!({"resourceType": "Slot", "id": format!("s{id}"), "schedule": {"reference": format!("Schedule/{schedule}")},
        "status": "free", "start": start, "end": end})
}

pub(super) fn feed(folder: &Path, slots: impl Iterator<Item = Value>) {
    let entries = [
        json!({"resourceType": "Location", "id": "l", "name": "Пункт", "address": {"line": ["ул. Тихая, 1"], "city": "Тихий-Выдуманный"}}),
        json!({"resourceType": "Practitioner", "id": "d", "name": [{"family": "Придумов", "given": ["Пробный"]}]}),
        json!({"resourceType": "Schedule", "id": "c", "actor": [{"reference": "Location/l"}, {"reference": "Practitioner/d"}]}),
    ];
    let text = |lines: Vec<Value>| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    std::fs::write(folder.join("a.ndjson"), text(entries.to_vec())).unwrap();
    std::fs::write(folder.join("slots.ndjson"), text(slots.collect())).unwrap();
}

fn numbered(range: std::ops::Range<usize>) -> impl Iterator<Item = Value> {
    range.map(|id| {
        let at = |minutes: usize| (clock::Timestamp::parse_rfc3339("2099-01-01T00:00:00Z").unwrap()).plus_minutes(minutes as i64);
        let text = |minutes| at(minutes).rfc3339(&jiff::tz::TimeZone::UTC);
        slot(id, "c", &text(id * 30), &text(id * 30 + 30))
    })
}

async fn an_import_broken_off_is_taken_up_again(kind: Kind) {
    let there = empty(kind).await;
    let folder = there.databases.as_ref().unwrap().folder.join("feed");
    std::fs::create_dir_all(&folder).unwrap();
    feed(&folder, numbered(0..5_000));
    // The reader of progress breaks the whole off in the middle, as a kill would between two transactions.
    let (db, place) = (there.db.clone(), folder.display().to_string());
    let task = tokio::spawn(async move { import_feed(&db, &[], &place, said(), Arc::new(|_| {})).await.map(drop).map_err(drop) });
    loop {
        if (1..5_000).contains(&stored(&there.db).await.len()) || task.is_finished() {
            break;
        }
        tokio::task::yield_now().await;
    }
    task.abort();
    let _aborted = task.await;
    let report = import(&there.db, &folder, said()).await;
    assert!(report.is_whole(), "{report}");
    assert_eq!(report.bookable.bookable, 5_000);
    assert_eq!(stored(&there.db).await.len(), 5_000);
    assert!(import(&there.db, &folder, said()).await.changed_nothing());

    // What the clinic has taken back is gone; what it moved has moved.
    let mut rest: Vec<Value> = numbered(0..4_000).collect();
    rest[0]["end"] = json!("2099-01-01T00:20:00Z");
    feed(&folder, rest.into_iter());
    let report = import(&there.db, &folder, said()).await;
    assert_eq!((report.added, report.changed, report.withdrawn), (0, 1, 1_000), "{report}");
    // A file that is not read to its end takes nothing back.
    feed(&folder, numbered(0..1));
    std::fs::remove_file(folder.join("slots.ndjson")).unwrap();
    let manifest = json!({"output": [{"type": "Location", "url": "a.ndjson"}, {"type": "Slot", "url": "slots.ndjson"}]});
    std::fs::write(folder.join("bulk-publish.json"), manifest.to_string()).unwrap();
    let report = import(&there.db, &folder, said()).await;
    assert_eq!((report.withdrawn, report.absent.len()), (0, 1), "{report}");
    assert_eq!(stored(&there.db).await.len(), 4_000);
}

async fn hostile_lines_are_refused_one_by_one(kind: Kind) {
    let there = empty(kind).await;
    let folder = there.databases.as_ref().unwrap().folder.join("feed");
    std::fs::create_dir_all(&folder).unwrap();
    let (start, end) = ("2099-01-01T00:00:00Z", "2099-01-01T00:30:00Z");
    let with = |name: &str, value: Value| {
        let mut bad = slot(7, "c", start, end);
        bad["id"] = json!("bad");
        bad[name] = value;
        bad
    };
    let link = |url: &str| json!([{"url": "x/booking-deep-link", "valueUrl": url}]);
    let bad = [
        with("id", json!(7)),
        with("start", json!("99999999-01-01T00:00:00Z")),
        with("start", json!(4e300)),
        with("schedule", json!([])),
        with("schedule", json!({"reference": "Schedule/../../x"})),
        with("status", json!("maybe")),
        with("extension", json!([{"url": "x/slot-capacity", "valueInteger": 9e18}])),
        with("extension", json!([{"url": "x/slot-capacity", "valueInteger": -1}])),
        with("extension", link("javascript:alert(1)")),
        with("extension", link("https://a.invalid/\u{0007}")),
        with("extension", json!({"url": 1})),
        json!([1, 2]),
        json!("Slot"),
        json!({"resourceType": "Patient", "id": "p"}),
        json!({"resourceType": "Organization", "id": "o1", "name": "Круг", "partOf": {"reference": "Organization/o2"}}),
        json!({"resourceType": "Organization", "id": "o2", "name": "Круг", "partOf": {"reference": "Organization/o1"}}),
        json!({"resourceType": "Location", "id": "l", "name": "Дважды", "address": {"city": "Тихий-Выдуманный"}}),
        json!({"resourceType": "Location", "id": "l2", "name": "Скрытое\u{202e}", "address": {"city": "Тихий-Выдуманный"}}),
    ];
    feed(&folder, bad.into_iter().chain(numbered(0..3)).chain(numbered(2..3)));
    let mut text = std::fs::read_to_string(folder.join("slots.ndjson")).unwrap();
    text.push_str(&format!("{}{}\n", "[".repeat(50_000), "]".repeat(50_000)));
    text.push_str(&format!("{{\"resourceType\":\"Slot\",\"id\":\"{}\"}}\n", "x".repeat(3_000_000)));
    text.push_str("{\"resourceType\":\"Slot\",\"id\":\"huge\",\"n\":1e99999}\n\n{broken\n");
    text.push_str(&format!("{}\n", slot(9, "c", start, end)));
    std::fs::write(folder.join("slots.ndjson"), text).unwrap();
    let report = import(&there.db, &folder, said()).await;
    assert_eq!(report.added, 4, "the right ones come in: {report}");
    // Eighteen, one slot twice, and four lines that are no JSON.
    assert_eq!(report.refused_count, 18 + 1 + 4, "{:#?}", report.refused);
    assert!(report.refused.iter().all(|one| one.why.contains(';') && !one.to_string().chars().any(char::is_control)));
    assert_eq!(catalogue(&there.db).await.organizations.len(), 1);
}
