//! A person asks what is known of them, and to be forgotten; terms end. Whatever dies in between, nothing of the person is left (I4), and
//! nobody else loses anything (clauses 6.1, 12.1, 12.2, 12.3).

use access::Scope;
use privacy::{ConsoleProof, Known, MasterKey, Tombstones};
use rights::erase::{Step, advance, begin_asked, erase, resume};
use serde_json::{Value, json};
use testkit::cast::{self, Person};
use testkit::scan::{phone_forms, scan};
use testkit::{Door, Kind, TestApp};

testkit::both!(
    nothing_is_left_whatever_step_was_the_last,
    whoever_is_being_erased_books_nothing_and_is_new_afterwards,
    a_restored_key_store_does_not_know_the_person,
    a_person_is_told_everything_of_theirs_and_nothing_of_others,
    ties_and_people_end_with_their_terms,
    whoever_has_come_for_years_is_still_found,
);

fn console(app: &TestApp) -> ConsoleProof {
    let master = MasterKey::read(&app.folder().join("master.key")).unwrap();
    app.app.world.keys.console(&master).unwrap()
}

async fn known(app: &TestApp, person: &Person) -> Known {
    let keys = &app.app.world.keys;
    let (key, _) = keys.find(&person.phone, &person.name).await.unwrap().unwrap();
    keys.known(key.person().unwrap()).await.unwrap().unwrap()
}

/// Two people of one phone, and one of another; the first has a visit that is over, one to come, and one that a mother booked for her.
async fn town(app: &TestApp) -> (Door, Vec<String>, Vec<Value>) {
    let role = app.role("Берестов", "Тихая гавань");
    let times = app.slots(&role, "").await;
    let (partner, _) = app.partner(&[Scope::Book, Scope::Search]).await;
    let mut visits = Vec::new();
    for (at, person, email) in [
        (&times[2], anna(), "anna.kometina@lazurita.example"),
        (&times[40], anna(), ""),
        (&times[44], sister(), ""),
        (&times[6], cast::boris(), ""),
    ] {
        let mut wish = app.wish(&role, at, &person).await;
        if !email.is_empty() {
            wish["patient"]["email"] = json!(email);
            wish["patient"]["age"] = json!(37);
            wish["on_behalf_of"] = json!({"relation": "parent", "name": "Лесовая Ждана", "declaration": true});
        }
        let answer = partner.json("POST", "/api/v1/appointments?lang=ru", &wish).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        visits.push(answer.json());
    }
    app.jobs().await;
    (partner, times, visits)
}

fn anna() -> Person {
    Person::new("Кометина Лазурита", "+70007318299")
}

fn sister() -> Person {
    Person::new("Кометина Вереника", "+70007318299")
}

fn planted() -> Vec<String> {
    ["Лазурита", "anna.kometina", "Лесовая", "Ждана"].map(str::to_owned).to_vec()
}

/// Everything of both databases, column by column.
async fn all_bytes(app: &TestApp) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for db in [app.app.world.db.clone(), app.keys_db().await] {
        let columns = db.read("columns", |tx| Box::pin(db::schema::columns(tx))).await.unwrap();
        for column in columns.iter().filter(|column| ["text", "bytes"].contains(&column.kind.as_str())) {
            let sql = format!("SELECT {} FROM {} WHERE {} IS NOT NULL", column.name, column.table, column.name);
            let rows = db.read("column", move |tx| {
                let sql = sql.clone();
                Box::pin(async move { tx.query(&sql, &[]).await })
            });
            for row in rows.await.unwrap() {
                let bytes = row.get::<Vec<u8>>(0).or_else(|_| row.get::<String>(0).map(String::into_bytes)).unwrap();
                all.push((format!("{}.{}", column.table, column.name), bytes));
            }
        }
    }
    all
}

/// Where the person's id stands.
async fn named(app: &TestApp, id: [u8; 16]) -> Vec<String> {
    let all = all_bytes(app).await;
    all.into_iter().filter(|(_, bytes)| bytes.windows(16).any(|window| window == id)).map(|(place, _)| place).collect()
}

async fn nothing_is_left_whatever_step_was_the_last(kind: Kind) {
    for last in [None].into_iter().chain(Step::ALL.map(Some)) {
        let app = TestApp::start(kind).await;
        let (_, times, visits) = town(&app).await;
        // The first visit is over.
        app.pass(36 * 60);
        let (db, keys) = (&app.app.world.db, &app.app.world.keys);
        let person = known(&app, &anna()).await;
        let id = person.person();
        assert!(named(&app, id.bytes()).await.contains(&"person_key.person".to_owned()), "who is looked for can be found");
        let before = app.messages().await.len();

        if let Some(last) = last {
            let begun = begin_asked(db, keys, &person, console(&app)).await.unwrap();
            advance(db, keys, begun, last, "console").await.unwrap();
        }
        // The program dies, and another goes on.
        let next = app.twin().await;
        // Where the tombstone stands and the key lives, the start itself has gone on.
        let open = u64::from(matches!(last, Some(Step::Begun | Step::Destroyed)));
        assert_eq!(resume(&next.app.world.db, &next.app.world.keys).await, Ok(open), "{last:?}");
        assert_eq!(resume(&next.app.world.db, &next.app.world.keys).await, Ok(0), "{last:?}: once");
        if last.is_none() {
            erase(db, keys, &known(&app, &anna()).await, console(&app)).await.unwrap();
        }
        // Whoever made the last step is in the log as who they are.
        let by = match last {
            None | Some(Step::Done) => "console",
            Some(Step::Entombed) => "start",
            Some(Step::Begun | Step::Destroyed) => "timetable",
        };
        assert_eq!(
            app.count(&format!("SELECT count(*) FROM audit_entry WHERE outcome = 'erased' AND asker = '{by}'")).await,
            1,
            "{last:?}"
        );
        app.jobs().await;

        // No key, no identity, no index, no tie, no message; the id stands on the tombstone alone.
        assert_eq!(named(&app, id.bytes()).await, ["tombstone.person"], "{last:?}");
        assert!(Tombstones::in_folder(app.folder()).read().unwrap().contains(&id));
        assert!(app.app.world.keys.find(&anna().phone, &anna().name).await.unwrap().is_none());
        assert_eq!(app.count("SELECT count(*) FROM representative").await, 0);
        assert_eq!(app.count("SELECT count(*) FROM visit_contact").await, 0);
        assert_eq!(app.count("SELECT count(*) FROM appointment WHERE tied = 0").await, 2);
        assert_eq!(app.count("SELECT count(*) FROM erasure WHERE done_at > 0 AND visits = 2 AND length(person) = 0").await, 1);
        assert_eq!(app.count("SELECT count(*) FROM audit_entry WHERE outcome = 'erased' AND operation = 'delete'").await, 1);
        assert_eq!(app.count("SELECT count(*) FROM job WHERE state = 'dead'").await, 0);
        let messages = app.messages().await;
        let to_her: Vec<&(String, String)> = messages.iter().filter(|(phone, _)| *phone == anna().phone).collect();
        assert!(to_her.is_empty(), "{last:?}: her messages are gone, and she is told nothing more: {to_her:?}");
        assert!(messages.len() < before && app.letters().await.is_empty());
        // The clinic hears that the visit to come is off; of the one that was it hears nothing.
        let numbers: Vec<&str> = visits.iter().map(|visit| visit["number"].as_str().unwrap()).collect();
        let told = |number: &str| messages.iter().filter(|(phone, text)| *phone != anna().phone && text.contains(number)).count();
        assert_eq!([told(numbers[0]), told(numbers[1])], [1, 2], "{last:?}: {messages:?}");
        // Her pages are gone, and her time is free.
        for visit in &visits[..2] {
            let door = app.door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
            assert_eq!(door.get(&format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap())).await.status, 404);
            let page = format!("/ru/v/{}.{}", visit["id"].as_str().unwrap(), visit["manage_token"].as_str().unwrap());
            let browser = app.door();
            let shown = browser.get(&page).await.location();
            assert_eq!(browser.get(&shown).await.status, 404);
        }
        next.follow_feed().await;
        let role = app.role("Берестов", "Тихая гавань");
        assert!(next.slots(&role, "").await.contains(&times[40]), "{last:?}: her time can be had");

        // Her sister, who has the same phone, and Boris keep everything.
        assert_eq!(app.people().await, 2);
        for (visit, person) in [(&visits[2], sister()), (&visits[3], cast::boris())] {
            let door = app.door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
            let shown = door.get(&format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap())).await;
            assert_eq!(shown.ok().json()["status"], "booked");
            let told = rights::export(db, keys, &known(&app, &person).await, None, &app.app.world.profile, console(&app)).await.unwrap();
            assert!(told.contains(&person.name) && told.contains(&person.phone));
        }
    }
}

async fn whoever_is_being_erased_books_nothing_and_is_new_afterwards(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (partner, times, _) = town(&app).await;
    let (db, keys) = (&app.app.world.db, &app.app.world.keys);
    let person = known(&app, &anna()).await;
    let begun = begin_asked(db, keys, &person, console(&app)).await.unwrap();
    assert_eq!(begin_asked(db, keys, &person, console(&app)).await.unwrap(), begun, "asked for twice it is one erasure");

    let role = app.role("Берестов", "Тихая гавань");
    let wish = app.wish(&role, &times[60], &anna()).await;
    assert_eq!(partner.json("POST", "/api/v1/appointments", &wish).await.said(), "503 unavailable");
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 4);
    assert_eq!(resume(db, keys).await, Ok(1));
    let answer = partner.json("POST", "/api/v1/appointments", &wish).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let anew = known(&app, &anna()).await;
    assert_ne!(anew.person(), person.person());
    app.jobs().await;
    assert!(app.messages().await.iter().any(|(phone, _)| *phone == anna().phone), "she is told as anybody is");
}

async fn a_restored_key_store_does_not_know_the_person(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (_, _, visits) = town(&app).await;
    let person = known(&app, &anna()).await;
    let store = app.keys_db().await;
    let rows = |sql: &'static str| {
        let store = store.clone();
        async move { store.read("rows", move |tx| Box::pin(async move { tx.query(sql, &[]).await })).await.unwrap() }
    };
    // What a backup of the key store, made before, holds of everybody.
    let keys_kept = rows("SELECT person, wrapped, phone_tag, name_tag, made_on FROM person_key").await;
    let people_kept = rows("SELECT person, name, phone, email, sex, age FROM person").await;
    erase(&app.app.world.db, &app.app.world.keys, &person, console(&app)).await.unwrap();

    // It is brought back: whoever was erased since has a key again, and no tombstone in the store.
    let back = async |sql: &'static str, values: Vec<db::Value>| {
        let done = store.run("back", move |tx| {
            let values = values.clone();
            Box::pin(async move { tx.execute(sql, &values).await })
        });
        let _: u64 = done.await.unwrap();
    };
    back("DELETE FROM tombstone", vec![]).await;
    let bytes = |row: &db::Row, column: usize| db::Value::from(row.get::<Vec<u8>>(column).unwrap());
    for row in &keys_kept {
        let mut values: Vec<db::Value> = (0..4).map(|column| bytes(row, column)).collect();
        values.push(db::Value::from(row.get::<i64>(4).unwrap()));
        back(
            "INSERT INTO person_key (person, wrapped, phone_tag, name_tag, made_on) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            values,
        )
        .await;
    }
    for row in &people_kept {
        let values = (0..6).map(|column| bytes(row, column)).collect();
        back("INSERT INTO person (person, name, phone, email, sex, age) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING", values)
            .await;
    }
    assert_eq!(app.people().await, 3, "she is back");

    let restarted = app.twin().await;
    assert_eq!(app.people().await, 2, "before anybody is answered she is gone again");
    assert_eq!(app.count("SELECT count(*) FROM erasure WHERE reason = 'risen' AND done_at > 0 AND length(person) = 0").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM audit_entry WHERE outcome = 'erased'").await, 2, "both times");
    assert!(restarted.app.world.keys.find(&anna().phone, &anna().name).await.unwrap().is_none());
    assert_eq!(named(&app, person.person().bytes()).await, ["tombstone.person"]);
    let found = rights::find(&restarted.app.world.db, &restarted.app.world.keys, &anna().phone, console(&app)).await.unwrap();
    assert_eq!(found.iter().map(|found| found.visits).collect::<Vec<_>>(), [1], "her sister has the same phone, and her visit");
    let visit = &visits[2];
    let door = restarted.door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
    assert_eq!(door.get(&format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap())).await.status, 200);
}

async fn a_person_is_told_everything_of_theirs_and_nothing_of_others(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (_, _, visits) = town(&app).await;
    let (db, keys) = (&app.app.world.db, &app.app.world.keys);
    let found = rights::find(db, keys, &anna().phone, console(&app)).await.unwrap();
    let mut counts: Vec<usize> = found.iter().map(|found| found.visits).collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 2]);
    assert_eq!(rights::find(db, keys, "+70000000009", console(&app)).await.unwrap(), []);
    assert_eq!(app.count("SELECT count(*) FROM audit_entry WHERE asker = 'console' AND outcome = 'found'").await, 2);
    assert_eq!(app.count("SELECT count(*) FROM audit_entry WHERE asker = 'console' AND outcome = 'not_found'").await, 1);

    let person = known(&app, &anna()).await;
    let told = rights::export(db, keys, &person, Some(&server::app::demo_operator()), &app.app.world.profile, console(&app)).await.unwrap();
    let export: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(export["person"]["name"], anna().name);
    assert_eq!(export["person"]["phone"], anna().phone);
    assert_eq!(export["person"]["email"], "anna.kometina@lazurita.example");
    assert_eq!(export["person"]["age"], "37");
    assert_eq!(export["person"]["sex"], Value::Null);
    assert_eq!(export["visits"].as_array().unwrap().len(), 2);
    let first = &export["visits"][0];
    assert_eq!((&first["number"], &first["status"]), (&visits[0]["number"], &json!("booked")));
    assert!(first["doctor"].as_str().unwrap().starts_with("Берестов"));
    assert_eq!(first["representative"]["relation"], "parent");
    assert_eq!(first["representative"]["name"], "Лесовая Ждана");
    assert!(first["representative"]["declaration"].as_str().unwrap().contains("ru"));
    assert_eq!(first["consents"].as_array().unwrap().len(), 2, "the consent and the declaration: {first}");
    assert_eq!(export["visits"][1]["representative"], Value::Null);
    assert!(export["processing"]["operator"]["name"].as_str().unwrap().contains("Примерова"));
    let kept = json!({
        "visit_known_as_theirs_days_after_it": 30, "identity_days_after_last_visit": 365, "data_days_after_withdrawal": 10,
        "proof_of_consent_days_after_its_end": 1095,
    });
    assert_eq!(export["processing"]["kept"], kept);
    // Whoever used it: the bookings, the messages, and this very answer.
    let used = export["used"].as_array().unwrap();
    let outcomes = |of: &str| used.iter().filter(|entry| entry["outcome"] == of).count();
    assert_eq!((outcomes("booked"), outcomes("found")), (2, 1), "{used:?}");
    assert!(
        used.iter()
            .any(|entry| entry["asker"] == "console" && entry["outcome"] == "opened" && entry["fields"].as_str().unwrap().contains("name"))
    );
    assert!(used.iter().any(|entry| entry["asker"] == "job:tell_person" && entry["fields"] == "phone"));
    // Nothing of her sister, of Boris, or of anybody's visit but hers.
    for other in [&sister(), &cast::boris()] {
        let first_name = other.name.split(' ').nth(1).unwrap();
        assert!(!told.contains(first_name) && !told.contains(&known(&app, other).await.person().to_string()));
    }
    for visit in &visits[2..] {
        assert!(!told.contains(visit["number"].as_str().unwrap()) && !told.contains(visit["id"].as_str().unwrap()));
    }
    // It went to whoever asked, and nowhere else.
    for (place, bytes) in all_bytes(&app).await {
        let mut traces = Vec::new();
        scan(&place, &bytes, &planted(), &mut traces);
        scan(&place, &bytes, &phone_forms(&anna().phone), &mut traces);
        assert_eq!(traces, []);
    }
}

async fn ties_and_people_end_with_their_terms(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (partner, _, visits) = town(&app).await;
    let days = |days: u64| app.pass(days * 24 * 60);
    let terms = async || {
        let (db, keys, profile) = (&app.app.world.db, &app.app.world.keys, &app.app.world.profile);
        (
            booking::untie_due(db, keys, profile.retention.specialty_days_after_visit).await.unwrap(),
            rights::erase::erase_due(db, keys, profile.retention.identity_days_after_last_visit).await.unwrap(),
        )
    };
    assert_eq!(terms().await, (0, 0));
    let ended: i64 = app.rows("SELECT max(ends_at) FROM appointment", &[]).await[0].get(0).unwrap();
    // On the thirtieth day after the last of them every tie still stands; on the next none does.
    app.clock.advance(std::time::Duration::from_micros(u64::try_from(ended - app.clock.now().micros()).unwrap()));
    days(30);
    let (links, tied) = ("SELECT link FROM appointment ORDER BY id", "SELECT count(*) FROM appointment WHERE tied = 1");
    let earlier = terms().await;
    assert_eq!((earlier.0 + u64::try_from(app.count(tied).await).unwrap(), earlier.1), (4, 0));
    assert!(app.count(tied).await >= 1, "the last one's term is not over");
    let before: Vec<Vec<u8>> = app.rows(links, &[]).await.iter().map(|row| row.get(0).unwrap()).collect();
    app.pass(1);
    assert!(terms().await.0 >= 1);
    assert_eq!(app.count(tied).await, 0);
    assert_eq!(app.count("SELECT count(*) FROM audit_entry WHERE outcome = 'untied' AND object IS NULL AND subject IS NULL").await, 2);
    let after: Vec<Vec<u8>> = app.rows(links, &[]).await.iter().map(|row| row.get(0).unwrap()).collect();
    assert!(before != after && after.iter().all(|link| link.len() == before[0].len()), "noise of the same length");
    assert_eq!(app.count("SELECT count(*) FROM representative").await, 0);
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE price_minor > 0").await, 4, "what was paid for stays known");
    let visit = &visits[0];
    let door = app.door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
    assert_eq!(door.get(&format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap())).await.status, 404);
    assert_eq!(app.people().await, 3, "who they are is still known: they may come again");

    // Boris comes again; the sisters do not.
    days(300);
    let role = app.role("Берестов", "Тихая гавань");
    server::timetable::follow_directory_once(&app.app, app.clock.now().plus_seconds(-100_000)).await.unwrap();
    let at = app.slots(&role, "").await[3].clone();
    assert_eq!(partner.json("POST", "/api/v1/appointments", &app.wish(&role, &at, &cast::boris()).await).await.status, 201);
    days(34);
    assert_eq!(terms().await, (1, 0), "not before a whole year has passed");
    days(9);
    assert_eq!((terms().await.1, app.people().await), (2, 1));
    assert!(app.app.world.keys.find(&cast::boris().phone, &cast::boris().name).await.unwrap().is_some());
    assert_eq!(app.count("SELECT count(*) FROM erasure WHERE reason = 'term' AND done_at > 0").await, 2);
}

/// Forty visits whose ties have died leave their numbers free; the forty-first, made before they died, is still the person's: it counts, it
/// clashes, and it goes with the person.
async fn whoever_has_come_for_years_is_still_found(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let times = app.slots(&role, "").await;
    let (partner, _) = app.partner(&[Scope::Book]).await;
    for number in 0..41 {
        let wish = app.wish(&role, &times[number + 5], &anna()).await;
        let visit = partner.json("POST", "/api/v1/appointments?lang=ru", &wish).await;
        assert_eq!(visit.status, 201, "{}", visit.text());
        let visit = visit.json();
        if number < 40 {
            let holder = app.door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
            holder.json("DELETE", &format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap()), &json!(null)).await.ok();
        }
    }
    let db = &app.app.world.db;
    let (key, _) = app.app.world.keys.find(&anna().phone, &anna().name).await.unwrap().unwrap();
    let mine = async || {
        let key = key.clone();
        let visits = db.read("visits", move |tx| {
            let key = key.clone();
            Box::pin(async move { booking::visits_of(tx, &key).await })
        });
        let visits: Result<Vec<booking::Appointment>, db::DbError> = visits.await;
        visits.unwrap().len()
    };
    assert_eq!(mine().await, 41);
    // The cancelled forty are untied, as their term would do.
    let done: Result<u64, db::DbError> = db
        .run("untied", |tx| {
            Box::pin(async move {
                let sql = "UPDATE appointment SET tied = 0, visit_tag = id WHERE status = 'cancelled'";
                tx.execute(sql, &[]).await
            })
        })
        .await;
    assert_eq!((done.unwrap(), mine().await), (40, 1));
    let wish = app.wish(&role, &times[45], &anna()).await;
    assert_eq!(partner.json("POST", "/api/v1/appointments?lang=ru", &wish).await.said(), "409 person_busy");
    let wish = app.wish(&role, &times[60], &anna()).await;
    assert_eq!(partner.json("POST", "/api/v1/appointments?lang=ru", &wish).await.status, 201);
    assert_eq!(mine().await, 2);
    erase(db, &app.app.world.keys, &known(&app, &anna()).await, console(&app)).await.unwrap();
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE tied = 1").await, 0);
}
