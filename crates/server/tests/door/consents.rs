//! What people agree to is kept word for word for ever, and how each of them agreed with all that proves it (clause 2.7).

use db::{DbError, Lang, Value};
use privacy::consent::{self, EmployeeId, EnteredBy, KeypadKey, Method, SheetRef, Spoken, TextKind, Turn};
use privacy::{Documents, Evidence, Identity, OperatorIdentity, Purpose};
use serde_json::json;
use testkit::{Kind, TestApp, cast};

testkit::both!(
    texts_are_published_once_and_for_ever,
    a_changed_text_needs_another_version,
    texts_and_events_are_append_only,
    a_spoken_or_signed_consent_has_its_whole_evidence,
    a_consent_that_nothing_rests_on_is_not_taken,
);

/// Five documents, one of them in an earlier version too, a declaration, a script; each in three languages.
const TEXTS: i64 = (5 + 1 + 1 + 1) * 3;

async fn run(app: &TestApp, sql: &str, values: &[Value]) -> Result<u64, DbError> {
    let (sql, values) = (sql.to_owned(), values.to_vec());
    let done = app.app.world.db.run("forge", move |tx| {
        let (sql, values) = (sql.clone(), values.clone());
        Box::pin(async move { tx.execute(&sql, &values).await })
    });
    done.await
}

async fn texts_are_published_once_and_for_ever(kind: Kind) {
    let app = TestApp::start(kind).await;
    let count = "SELECT count(*) FROM published_text";
    assert_eq!(app.count(count).await, TEXTS);
    let twin = app.twin().await;
    assert_eq!(app.count(count).await, TEXTS, "a second start publishes nothing twice");
    drop(twin);

    // Who agreed yesterday agreed to these words, whatever the operator is called today.
    let before = app.door().get("/api/v1/consent-documents?purpose=P1&lang=ru").await.ok().json();
    let sha256 = before["sha256"].as_str().unwrap();
    let renamed = OperatorIdentity { name: "ООО «Новое имя»".into(), ..server::app::demo_operator() };
    let documents = Documents::new(&renamed).unwrap();
    let published = app.app.world.db.run("publish", move |tx| {
        let documents = documents.clone();
        Box::pin(async move { consent::publish(tx, &documents).await })
    });
    let written = published.await.unwrap();
    assert!(written > 0 && app.count(count).await == TEXTS + i64::try_from(written).unwrap());
    let versions = "SELECT count(DISTINCT version) FROM published_text WHERE kind = 'consent' AND document = 'booking'";
    assert_eq!(app.count(versions).await, 2, "another name is no other version");
    let again = app.door().get(&format!("/api/v1/consent-documents?sha256={sha256}")).await.ok().json();
    for field in ["kind", "purpose", "version", "lang", "sha256", "text"] {
        assert_eq!(again[field], before[field], "{field}");
    }
    let earlier = "SELECT sha256 FROM published_text WHERE document = 'booking' AND kind = 'consent' AND version = 2 AND lang = 'en'";
    let earlier: String = app.rows(earlier, &[]).await[0].get(0).unwrap();
    let page = app.door().get(&format!("/en/consents/{earlier}")).await.ok().text();
    assert!(page.contains(&app.app.world.texts.of(Lang::En).s("booking-consent-old")), "who agreed to an earlier version reads that one");
    let row = app
        .rows(
            "SELECT sha256 FROM published_text WHERE text LIKE $1 AND document = 'booking' AND kind = 'consent' AND version > 2",
            &["%Новое имя%".into()],
        )
        .await;
    let newer: String = row[0].get(0).unwrap();
    let answer = app.door().get(&format!("/api/v1/consent-documents?purpose=P1&sha256={newer}")).await.ok().json();
    assert!(answer["text"].as_str().unwrap().contains("Новое имя"));
    for (query, said) in [
        (format!("purpose=P5&sha256={newer}"), "404 not_found"),
        (format!("sha256={}", "0".repeat(64)), "404 not_found"),
        ("sha256=x".to_owned(), "422 field_invalid"),
        (format!("sha256={}", sha256.to_uppercase()), "422 field_invalid"),
        ("lang=ru".to_owned(), "422 field_invalid"),
    ] {
        assert_eq!(app.door().get(&format!("/api/v1/consent-documents?{query}")).await.said(), said, "{query}");
    }

    // The page of a text is in the reader's language, the text in its own; of one that is not in force it says so.
    for lang in ["kk", "ru", "en"] {
        let texts = app.app.world.texts.of(lang.parse().unwrap());
        let page = app.door().get(&format!("/{lang}/consents/{sha256}")).await.ok().text();
        assert!(page.contains("Согласие на обработку персональных данных для записи на приём") && page.contains("<div lang=\"ru\">"));
        assert!(page.contains(sha256) && !page.contains(&texts.s("booking-consent-old")), "{lang}");
        let page = app.door().get(&format!("/{lang}/consents/{newer}")).await.ok().text();
        assert!(page.contains("Новое имя") && page.contains(&texts.s("booking-consent-old")), "{lang}");
        assert_eq!(app.door().get(&format!("/{lang}/consents/{}", "0".repeat(64))).await.status, 404);
        assert_eq!(app.door().get(&format!("/{lang}/consents/x")).await.status, 404);
    }
    let other = app.rows("SELECT sha256 FROM published_text WHERE kind <> 'consent' AND lang = 'en'", &[]).await;
    for row in &other {
        app.door().get(&format!("/en/consents/{}", row.get::<String>(0).unwrap())).await.ok();
    }
}

/// Clause 17.2.
async fn a_changed_text_needs_another_version(kind: Kind) {
    let app = TestApp::start(kind).await;
    let version = app.app.world.documents.get(Purpose::P1, Lang::Kk).unwrap().version;
    // As if this version had been published with other words by the program before this one.
    let insert = "INSERT INTO published_text (kind, document, purpose, version, lang, sha256, source, text, published_at) VALUES ('consent', 'booking', 'P1', $1, 'kk', $2, $2, 'x', 0)";
    run(&app, insert, &[version.into(), "ab".repeat(32).into()]).await.unwrap();
    let refused = app.open_again().await.err().expect("a text changed in place is refused").to_string();
    assert_eq!(
        refused,
        format!(
            "policy/consents/booking/kk.md was changed, and version {version} of it has been published with other words; raise `version` in policy/consents/booking/version.toml, or bring the words back"
        )
    );
    // Another version of it is nothing to say anything about.
    let app = TestApp::start(kind).await;
    run(&app, insert, &[(version + 1).into(), "ab".repeat(32).into()]).await.unwrap();
    assert!(app.open_again().await.is_ok());
}

async fn texts_and_events_are_append_only(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let start = app.slots(&role, "").await[3].clone();
    assert_eq!(app.book(&role, &start, &cast::anna()).await.status, 201);
    for (table, column) in [("published_text", "text"), ("consent_event", "turn")] {
        let whole = format!("SELECT * FROM {table} ORDER BY 1, 2, 3, 4, 5, 6");
        let counted = app.count(&format!("SELECT count(*) FROM {table}")).await;
        assert!(counted > 0);
        let before = format!("{:?}", app.rows(&whole, &[]).await);
        let mut forged = vec![format!("UPDATE {table} SET {column} = {column}"), format!("DELETE FROM {table}")];
        match kind {
            Kind::Sqlite => {
                forged.push(format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}"));
                forged.push(format!("UPDATE OR REPLACE {table} SET {column} = {column}"));
            }
            Kind::Postgres => {
                forged.push(format!("TRUNCATE {table}"));
                let key = if table == "consent_event" { "id" } else { "kind, document, version, lang, sha256" };
                forged.push(format!(
                    "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}"
                ));
            }
        }
        for sql in forged {
            let fault = run(&app, &sql, &[]).await.unwrap_err().to_string();
            assert!(fault.contains("append-only"), "{sql}: {fault}");
        }
        assert_eq!(format!("{:?}", app.rows(&whole, &[]).await), before);
    }
}

async fn a_spoken_or_signed_consent_has_its_whole_evidence(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (db, keys, documents) = (&app.app.world.db, &app.app.world.keys, app.app.world.documents.clone());
    let (key, _) = keys.find_or_make("+70009990001", "Anna", |_, _| Identity::stored(Default::default())).await.unwrap();
    let agent = EmployeeId::random(&app.clock);
    let script = documents.script(Purpose::P1, Lang::Kk).unwrap().clone();
    let at = app.clock.now();
    let given = [
        Evidence::WEB,
        Evidence::PARTNER,
        Evidence::voice(&script, Spoken::ToAgent(agent), at),
        Evidence::voice(&script, Spoken::Key(KeypadKey::new('1').unwrap()), at),
        Evidence::paper(SheetRef::parse("К-2026/117").unwrap(), EnteredBy::Employee(agent)),
    ];
    for (place, evidence) in given.iter().enumerate() {
        let act = [u8::try_from(place).unwrap(); 16];
        let (of, how) = (key.clone(), evidence.clone());
        let document = documents.get(Purpose::P1, Lang::Kk).unwrap().clone();
        let written = db.run("consent", move |tx| {
            let (key, how, document) = (of.clone(), how.clone(), document.clone());
            Box::pin(async move {
                consent::record(tx, &key, &act, &document, &how).await?;
                Ok::<_, DbError>((consent::given(tx, &key, &act).await?, consent::events(tx, &key, &act).await?))
            })
        });
        let (standing, events) = written.await.unwrap();
        assert_eq!(standing.len(), 1);
        let event = events[0].clone();
        assert_eq!((events.len(), event.kind, event.turn, event.method), (1, TextKind::Consent, Turn::Given, evidence.method()));
        let spoken = event.method == Method::Voice;
        assert_eq!(event.spoken_at, spoken.then_some(at));
        assert_eq!(event.script, spoken.then(|| (script.version(), script.sha256().to_owned())));
        assert_eq!(event.keypad.as_deref(), (place == 3).then_some("1"));
        assert_eq!(event.sheet.as_deref(), (place == 4).then_some("К-2026/117"));
        assert_eq!(event.witness, (place == 2 || place == 4).then(|| agent.to_string()));
    }

    // A script is read for one purpose.
    let (of, how) = (key.clone(), given[2].clone());
    let marketing = documents.get(Purpose::P5, Lang::Kk).unwrap().clone();
    let other = db.run("consent", move |tx| {
        let (key, how, document) = (of.clone(), how.clone(), marketing.clone());
        Box::pin(async move { consent::record(tx, &key, &[9; 16], &document, &how).await })
    });
    assert!(other.await.is_err());

    // Whoever writes past the program: the database knows no other way to agree, and none that is half proven.
    let before = app.count("SELECT count(*) FROM consent_event").await;
    let columns = "INSERT INTO consent_event (id, subject, purpose, version, sha256, lang, given_on, turn, method, spoken_at, script_version, script_sha256, keypad, sheet, witness) VALUES ($1, $1, 'P1', 1, 'x', 'ru', 1, ";
    for half in [
        "'given', 'browse', NULL, NULL, NULL, NULL, NULL, NULL)",
        "'given', 'scroll', NULL, NULL, NULL, NULL, NULL, NULL)",
        "'given', 'prechecked', NULL, NULL, NULL, NULL, NULL, NULL)",
        "'silent', 'web', NULL, NULL, NULL, NULL, NULL, NULL)",
        "'given', 'web', 1, NULL, NULL, NULL, NULL, NULL)",
        "'given', 'voice', NULL, NULL, NULL, NULL, NULL, NULL)",
        "'given', 'voice', 1, 1, 'x', NULL, NULL, NULL)",
        "'given', 'voice', NULL, 1, 'x', '1', NULL, NULL)",
        "'given', 'voice', 1, NULL, NULL, '1', NULL, NULL)",
        "'given', 'voice', 1, 1, 'x', '1', NULL, 'somebody')",
        "'given', 'paper', NULL, NULL, NULL, NULL, '117', NULL)",
        "'given', 'paper', NULL, NULL, NULL, NULL, NULL, 'somebody')",
        "'given', 'paper', 1, NULL, NULL, NULL, '117', 'somebody')",
    ] {
        assert!(run(&app, &format!("{columns}{half}"), &[vec![1_u8; 16].into()]).await.is_err(), "{half}");
    }
    assert_eq!(app.count("SELECT count(*) FROM consent_event").await, before);
    run(&app, &format!("{columns}'given', 'paper', NULL, NULL, NULL, NULL, '117', 'somebody')"), &[vec![1_u8; 16].into()]).await.unwrap();
}

/// A document that nothing asks for is published, and nowhere taken.
/// Nothing is published of anybody yet, and no consent to it is taken (clause 10.3).
async fn a_consent_that_nothing_rests_on_is_not_taken(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let start = app.slots(&role, "").await[3].clone();
    for purpose in ["P2", "P3", "P5", "P8"] {
        for lang in ["kk", "ru", "en"] {
            let document = app.door().get(&format!("/api/v1/consent-documents?purpose={purpose}&lang={lang}")).await.ok().json();
            assert_eq!((document["purpose"].as_str(), document["lang"].as_str()), (Some(purpose), Some(lang)));
            assert!(document["text"].as_str().unwrap().starts_with("> ") && !document["text"].as_str().unwrap().contains('{'));
        }
    }
    let document = app.door().get("/api/v1/consent-documents?purpose=P5&lang=ru").await.ok().json();
    let mut wish = app.wish(&role, &start, &cast::anna()).await;
    let (partner, _) = app.partner(&[access::Scope::Book]).await;
    wish["consents"].as_array_mut().unwrap().push(json!({"purpose": "P5", "version": document["version"], "sha256": document["sha256"]}));
    assert_eq!(partner.json("POST", "/api/v1/appointments", &wish).await.said(), "422 consent_unknown");
    wish["consents"].as_array_mut().unwrap().pop();
    assert_eq!(partner.json("POST", "/api/v1/appointments", &wish).await.status, 201);
    assert_eq!(app.count("SELECT count(*) FROM consent_event WHERE purpose <> 'P1'").await, 0);
}
