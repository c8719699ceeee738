//! Search through its doors, over the demo's directory: the JSON API and the pages.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use booking::{FreeTime, World};
use clock::{Clock, Timestamp};
use db::{Db, Options, Place};
use directory::{demo, import_csv, store};
use privacy::{Documents, KeyStore, MasterKey, OperatorIdentity, Profile, Suite};
use serde_json::Value;
use tower::ServiceExt as _;

struct Demo {
    app: Router,
    folder: PathBuf,
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _left = std::fs::remove_dir_all(&self.folder);
    }
}

/// The demo on Monday 23 November 2026 at eight in Moscow.
async fn open() -> Demo {
    let folder = std::env::temp_dir().join(format!("recomed-search-{}", Clock::real().below(u64::MAX)));
    std::fs::create_dir_all(&folder).unwrap();
    let clock = Clock::simulated(Timestamp::parse_rfc3339("2026-11-23T08:00:00+03:00").unwrap(), 5);
    let database = |file: &str| Db::open(Options::new(Place::Sqlite(folder.join(file))), clock.clone());
    let (db, keys) = (database("main.db").await.unwrap(), database("keys.db").await.unwrap());
    db::migrate::migrate(&db, db::migrate::MAIN).await.unwrap();
    db::migrate::migrate(&keys, db::migrate::KEYS).await.unwrap();
    let report = import_csv::import_csv(&db, demo::DOCTORS, true).await.unwrap();
    assert_eq!(report.refused, []);
    db.run("phones", |tx| Box::pin(async move { import_csv::set_city_phones(tx, &demo::city_phones()).await })).await.unwrap();
    let catalogue = Arc::new(db.read("directory", |tx| Box::pin(store::load(tx))).await.unwrap());
    let free = FreeTime::new(clock.clone());
    free.rebuild(&db, catalogue).await.unwrap();
    let operator = OperatorIdentity {
        name: "Demo".into(),
        address: "Demo".into(),
        hosts: vec!["demo.invalid".into()],
        contact_email: "a@demo.invalid".into(),
    };
    let master = MasterKey::create(&folder.join("master.key"), &clock).unwrap();
    let world = World {
        db,
        keys: KeyStore::open(keys, master, Suite::Sealed).await.unwrap(),
        free,
        profile: Arc::new(Profile::named("ru").unwrap()),
        documents: Arc::new(Documents::new(&operator).unwrap()),
        texts: web::AllTexts::load(&[booking::TEXTS, search::TEXTS]).unwrap(),
        site: Arc::default(),
        limits: Arc::new(access::Limits::new(access::LimitTerms { requests_per_second: 100, holds_per_hour: 100, holds_max: 1000 })),
        public_url: "https://demo.invalid".into(),
        letters: true,
        demo: true,
    };
    let state = search::State::new(world.clone(), search::Search::new(18));
    // With booking's routes, as the server has them: no address may mean two things.
    let app = Router::new()
        .nest("/api/v1", booking::api().with_state(world.clone()).merge(search::api().with_state(state.clone())))
        .merge(booking::pages().with_state(world))
        .merge(search::pages().with_state(state));
    Demo { app, folder }
}

impl Demo {
    async fn get(&self, address: &str) -> (StatusCode, String, String) {
        let request = Request::get(address).header(header::ACCEPT_LANGUAGE, "en;q=0.9, kk;q=0.3").body(Body::empty()).unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let location = response.headers().get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, location, String::from_utf8(body.to_vec()).unwrap())
    }
    async fn json(&self, address: &str) -> Value {
        let (status, _, body) = self.get(address).await;
        assert_eq!(status, StatusCode::OK, "{address}: {body}");
        serde_json::from_str(&body).unwrap()
    }
    async fn page(&self, address: &str) -> String {
        let (status, location, body) = self.get(address).await;
        assert_eq!(status, StatusCode::OK, "{address} -> {location}");
        // A text that does not exist is shown as its id.
        for id in ["search-", "web-error"] {
            assert!(!body.contains(&format!(">{id}")), "{address} shows an id");
        }
        body
    }
}

fn total(found: &Value) -> u64 {
    found["total"].as_u64().unwrap()
}

/// Percent-encodes what a test types.
fn typed(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[tokio::test]
async fn the_list_is_as_the_interface_says() {
    let demo = open().await;
    let all = demo.json("/api/v1/practitioners?per_page=50").await;
    assert_eq!((total(&all), all["items"].as_array().unwrap().len()), (66, 50));
    let counted: u64 = all["facets"]["city"].as_array().unwrap().iter().map(|value| value["count"].as_u64().unwrap()).sum();
    assert_eq!(counted, 66);

    let found = demo.json("/api/v1/practitioners?specialty=cardiologist&city=almaty&lang=kk&sort=soonest").await;
    assert!(total(&found) > 0);
    for item in found["items"].as_array().unwrap() {
        assert_eq!(item["location"]["city"], "Алматы");
        assert!(
            item["specialties"]
                .as_array()
                .unwrap()
                .iter()
                .any(|specialty| specialty["code"] == "cardiologist" && specialty["name"] != "Cardiologist")
        );
        assert_eq!(item["price"]["currency"], "KZT");
        assert!(item["price"]["amount"].as_i64().unwrap() >= 100_000);
        assert!(item["rating"].is_null());
        assert!(item["practitioner"]["photo"].as_str().is_some_and(|photo| photo.starts_with("/assets/portraits/")));
        assert!(item["next_free"].as_str().unwrap().ends_with("+05:00"));
        assert_eq!(item["slots"][0]["start"], item["next_free"]);
        assert!(item["slots"].as_array().unwrap().len() <= 6);
    }
    let soonest: Vec<&str> = found["items"].as_array().unwrap().iter().map(|item| item["next_free"].as_str().unwrap()).collect();
    assert!(soonest.is_sorted());

    let first = &all["items"][0];
    let card = demo.json(&format!("/api/v1/practitioners/{}", first["practitioner"]["id"].as_str().unwrap())).await;
    assert_eq!(card["name"], first["practitioner"]["name"]);
    assert!(card["roles"].as_array().unwrap().iter().any(|role| role["role_id"] == first["role_id"]));
}

#[tokio::test]
async fn words_find_in_three_languages() {
    let demo = open().await;
    let mut totals = Vec::new();
    for q in ["кардиолог", "Кардиологи", "cardiologist", "кардиологу", "кардио"] {
        let found = demo.json(&format!("/api/v1/practitioners?q={}", typed(q))).await;
        let items = found["items"].as_array().unwrap();
        assert!(
            items.iter().all(|item| item["specialties"].as_array().unwrap().iter().any(|specialty| specialty["code"] == "cardiologist")),
            "{q}"
        );
        totals.push(total(&found));
    }
    assert!(totals.iter().all(|total| *total == totals[0] && *total > 0), "{totals:?}");
    for (q, code) in [
        ("болит зуб", "dentist"),
        ("тісім ауырады", "dentist"),
        ("тисим ауырады", "dentist"),
        ("toothache", "dentist"),
        ("дёсны", "dentist"),
        ("лор", "otolaryngologist"),
        ("окулист", "ophthalmologist"),
    ] {
        let found = demo.json(&format!("/api/v1/practitioners?q={}", typed(q))).await;
        assert_eq!(found["items"][0]["specialties"][0]["code"], code, "{q}");
    }
    let spellings = [
        "/api/v1/practitioners?city=%D0%9C%D0%BE%D1%81%D0%BA%D0%B2%D0%B0",
        "/api/v1/practitioners?city=moscow",
        "/api/v1/practitioners?city=M%D3%99skeu&utm=1",
    ];
    assert_eq!(total(&demo.json(spellings[0]).await), total(&demo.json(spellings[1]).await));
    assert_eq!(demo.get(spellings[2]).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn days_hours_prices_and_pages() {
    let demo = open().await;
    let found = demo.json("/api/v1/practitioners?city=moscow&date=2026-11-25&from=09:00&to=12:00&price_max=3000&per_page=50").await;
    assert!(total(&found) > 0);
    for item in found["items"].as_array().unwrap() {
        assert!(item["price"]["amount"].as_i64().unwrap() <= 300_000);
        for slot in item["slots"].as_array().unwrap() {
            let start = slot["start"].as_str().unwrap();
            assert!(("2026-11-25T09:00:00+03:00".."2026-11-25T12:00:00+03:00").contains(&start), "{start}");
        }
    }
    let (one, two) = (demo.json("/api/v1/practitioners?per_page=33").await, demo.json("/api/v1/practitioners?per_page=33&page=2").await);
    let mut ids: Vec<&str> =
        [&one, &two].into_iter().flat_map(|page| page["items"].as_array().unwrap()).map(|item| item["role_id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 66);
    let near = demo.json("/api/v1/practitioners?city=moscow&sort=distance&near=55.7558,37.6173").await;
    let place = |item: &Value| (item["location"]["lat"].as_f64().unwrap(), item["location"]["lon"].as_f64().unwrap());
    let distances: Vec<f64> =
        near["items"].as_array().unwrap().iter().map(|item| search::engine::kilometres((55.7558, 37.6173), place(item))).collect();
    assert!(distances.is_sorted());
}

#[tokio::test]
async fn refusals_name_the_parameter() {
    let demo = open().await;
    for (query, name) in [("date=2026-02-30", "date"), ("sort=distance", "near"), ("page=201", "page"), ("sex=x", "sex")] {
        let (status, _, body) = demo.get(&format!("/api/v1/practitioners?{query}")).await;
        let problem: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, problem["code"].as_str().unwrap()), (StatusCode::UNPROCESSABLE_ENTITY, "field_invalid"));
        assert!(problem["detail"].as_str().unwrap().contains(name), "{body}");
    }
    for id in ["x", "00000000-0000-8000-8000-000000000000"] {
        assert_eq!(demo.get(&format!("/api/v1/practitioners/{id}")).await.0, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn suggestions_are_few_and_of_all_kinds() {
    let demo = open().await;
    let suggested = demo.json(&format!("/api/v1/suggest?q={}&lang=ru", typed("карди"))).await;
    assert_eq!(suggested["specialties"][0]["code"], "cardiologist");
    let suggested = demo.json(&format!("/api/v1/suggest?q={}&city=moscow&lang=ru", typed("болит го"))).await;
    assert_eq!(suggested["complaints"][0]["text"], "болит голова");
    assert_eq!(suggested["complaints"][0]["specialty"]["code"], "neurologist");
    let suggested = demo.json(&format!("/api/v1/suggest?q={}", typed("ка"))).await;
    let count: usize = suggested.as_object().unwrap().values().map(|list| list.as_array().unwrap().len()).sum();
    assert!((1..=10).contains(&count), "{count}");
}

#[tokio::test]
async fn the_way_in_follows_the_readers_language() {
    let demo = open().await;
    let (status, location, _) = demo.get("/").await;
    assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/en/"));
    assert_eq!(demo.get("/kk").await.1, "/kk/");
    assert_eq!(demo.get("/de/").await.0, StatusCode::NOT_FOUND);
    assert!(demo.page("/ru/").await.contains("href=\"/ru/saint-petersburg/"));
    assert!(demo.page("/kk/").await.contains("href=\"/kk/almaty/"));
    assert!(demo.page("/ru/?city=saint-petersburg").await.contains("+7\u{a0}000\u{a0}812"));
}

#[tokio::test]
async fn results_have_cards_chips_and_one_address() {
    let demo = open().await;
    for lang in ["kk", "ru", "en"] {
        let page = demo.page(&format!("/{lang}/moscow/cardiologist?from=09:00&sex=f")).await;
        assert!(page.contains("name=\"start\"") && page.contains("class=\"card\""));
        assert!(page.contains(&format!("href=\"/{lang}/moscow/cardiologist?sex=f\"")), "a chip without the hours");
        assert!(
            page.contains("href=\"/kk/moscow/cardiologist?sex=f&#38;from=09:00\"")
                || page.contains("href=\"/kk/moscow/cardiologist?sex=f&amp;from=09:00\""),
            "the same in Kazakh"
        );
    }
    let (status, location, _) = demo
        .get(&format!("/ru/search?q={}&city=moscow&metro=&price_max=&sex=&date=&from=&to=&sort=soonest&specialty=", typed("Кардиолог")))
        .await;
    assert_eq!((status, location.as_str()), (StatusCode::SEE_OTHER, "/ru/moscow/cardiologist?sort=soonest"));
    assert_eq!(demo.get("/ru/search?city=moscow&specialty=dentist").await.1, "/ru/moscow/dentist");
    assert_eq!(demo.get("/ru/moscow/astrologer").await.0, StatusCode::NOT_FOUND);
    let words = demo.page(&format!("/ru/search?q={}&city=moscow", typed("болит голова"))).await;
    assert!(words.contains("«болит голова»") && words.contains("class=\"card\""));
    demo.page("/ru/search").await;
}

#[tokio::test]
async fn an_empty_day_offers_others() {
    let demo = open().await;
    // Yesterday.
    let page = demo.page("/ru/moscow/cardiologist?date=2026-11-22").await;
    assert!(page.contains("class=\"days\""), "other days are offered");
    assert!(page.contains("/ru/moscow/cardiologist?date=2026-11-2"));
    let page = demo.page("/ru/search?q=zzzz&city=moscow").await;
    assert!(!page.contains("class=\"days\"") && !page.contains("class=\"card\""));
}
