//! A consent is taken back as easily as it was given, and from that moment on nothing rests on it: what waits is not sent, the visit is off,
//! the data go by their term (clauses 6.1, 7.2, 11.2, 13.1).

use access::Scope;
use clock::Timestamp;
use privacy::consent::Turn;
use privacy::{MasterKey, Purpose, consent};
use serde_json::{Value, json};
use testkit::{Answer, Door, Kind, TestApp, attribute, attributes, cast};

testkit::both!(
    what_waits_to_be_sent_is_not_sent,
    the_visit_is_off_whatever_the_cutoff,
    taking_back_twice_is_once,
    nobody_takes_back_anothers_consent,
    the_page_says_what_follows_in_three_languages,
    the_data_go_by_their_term,
    a_call_and_a_letter_are_taken_back_too,
    the_officer_enters_a_letter,
);

/// Who shows the visit's token.
fn holder(app: &TestApp, visit: &Value) -> (Door, String) {
    let door = app.door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
    (door, format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap()))
}

async fn take_back(app: &TestApp, visit: &Value) -> Answer {
    let (door, path) = holder(app, visit);
    door.json("DELETE", &format!("{path}/consents/P1"), &json!(null)).await
}

async fn entries(app: &TestApp, outcome: &str) -> Vec<String> {
    let rows = app.rows("SELECT asker FROM audit_entry WHERE outcome = $1 ORDER BY asker", &[outcome.into()]).await;
    rows.iter().map(|row| row.get(0).unwrap()).collect()
}

/// Messages about visits that went to that number.
async fn told(app: &TestApp, number: &str, phone: &str) -> usize {
    app.messages().await.iter().filter(|(to, text)| to == phone && text.contains(number)).count()
}

/// All that was sent to anybody about the visit.
async fn all_told(app: &TestApp, number: &str) -> usize {
    app.messages().await.iter().filter(|(_, text)| text.contains(number)).count()
}

async fn what_waits_to_be_sent_is_not_sent(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let slots = app.slots(&role, "").await;
    let anna = cast::anna();
    let mut wish = app.confirmed_wish(&role, &slots[3], &anna).await;
    wish["patient"]["email"] = json!("anna@demo.example");
    let visit = app.door().json("POST", "/api/v1/appointments?lang=ru", &wish).await.json();
    let number = visit["number"].as_str().unwrap().to_owned();
    assert_eq!(app.count("SELECT count(*) FROM job WHERE kind IN ('tell_person', 'mail_person', 'tell_clinic')").await, 3);

    let answer = take_back(&app, &visit).await.ok().json();
    assert_eq!((&answer["items"][0]["purpose"], &answer["items"][0]["withdrawn_on"]), (&json!("P1"), &json!("2026-11-23")));
    app.jobs().await;
    assert_eq!(all_told(&app, &number).await, 0, "{:?}", app.messages().await);
    assert_eq!(app.letters().await.len(), 0);
    assert_eq!(entries(&app, "not_consented").await, ["job:tell_person"], "the refusal is in the log");
    let opened = entries(&app, "opened").await.into_iter().filter(|asker| asker.starts_with("job:")).collect::<Vec<_>>();
    assert_eq!(opened, ["job:send_code"], "nothing of the visit was opened");
    assert_eq!(entries(&app, "withdrawn").await, ["person"]);
    assert_eq!(app.count("SELECT count(*) FROM job").await, 0, "no job is left, waiting or dead");

    // The same for a visit that is over, whose message waits for another try: it is no cancelled visit that stops it.
    app.pass(2);
    let wish = app.confirmed_wish(&role, &slots[4], &anna).await;
    let visit = app.door().json("POST", "/api/v1/appointments?lang=ru", &wish).await.json();
    let number = visit["number"].as_str().unwrap().to_owned();
    let begins = Timestamp::parse_rfc3339(&slots[4]).unwrap();
    let until = u64::try_from((begins.micros() - app.clock.now().micros()) / clock::MINUTE).unwrap();
    app.pass(until + 120);
    let tried = app.app.world.db.run("tried", |tx| Box::pin(async move { tx.execute("UPDATE job SET attempts = 3", &[]).await }));
    assert_eq!(tried.await, Ok(2), "the person's and the clinic's");
    take_back(&app, &visit).await.ok();
    app.jobs().await;
    assert_eq!(told(&app, &number, &anna.phone).await, 0);
    assert_eq!(entries(&app, "not_consented").await, ["job:tell_person"; 2]);
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE status = 'booked'").await, 1, "what is over is not called off");

    // Another visit has a consent of its own.
    let slots = app.slots(&role, "").await;
    let wish = app.confirmed_wish(&role, &slots[7], &anna).await;
    let visit = app.door().json("POST", "/api/v1/appointments?lang=ru", &wish).await.json();
    app.jobs().await;
    assert_eq!(told(&app, visit["number"].as_str().unwrap(), &anna.phone).await, 1);
}

async fn the_visit_is_off_whatever_the_cutoff(kind: Kind) {
    let app = TestApp::plan(kind).csv(cast::TWO_CLINICS).start().await;
    let role = app.role("Быстрова", "Вторая");
    let slots = app.slots(&role, "").await;
    let start = &slots[30];
    let visit = app.book(&role, start, &cast::anna()).await.json();
    app.jobs().await;
    let number = visit["number"].as_str().unwrap().to_owned();
    let before = all_told(&app, &number).await;
    // Ten minutes before it: too late to cancel, never too late to take the consent back.
    let begins = Timestamp::parse_rfc3339(start).unwrap();
    app.pass(u64::try_from((begins.micros() - app.clock.now().micros()) / clock::MINUTE).unwrap() - 10);
    let (door, path) = holder(&app, &visit);
    assert_eq!(door.json("DELETE", &path, &json!(null)).await.said(), "409 too_late");
    assert!(!app.slots(&role, "").await.contains(start));
    take_back(&app, &visit).await.ok();
    assert_eq!(door.get(&path).await.ok().json()["status"], "cancelled");
    assert!(app.slots(&role, "").await.contains(start), "the time is free");
    assert_eq!(app.count("SELECT count(*) FROM claim").await, 0, "the person's own cells too");
    assert_eq!(entries(&app, "cancelled").await, ["person"]);
    app.jobs().await;
    assert_eq!(told(&app, &number, &cast::anna().phone).await, 1, "the booking, before; of the end nobody writes to her");
    assert!(all_told(&app, &number).await >= before);
    assert_eq!(app.book(&role, start, &cast::boris()).await.status, 201);

    // A clinic that was told of the visit is told that it is off; one that was not never hears of it.
    let role = app.role("Берестов", "Тихая гавань");
    let slots = app.slots(&role, "").await;
    let known = app.book(&role, &slots[3], &cast::aigul()).await.json();
    app.jobs().await;
    let number = known["number"].as_str().unwrap().to_owned();
    assert_eq!(all_told(&app, &number).await, 2, "she and her clinic");
    take_back(&app, &known).await.ok();
    app.jobs().await;
    assert_eq!((all_told(&app, &number).await, told(&app, &number, &cast::aigul().phone).await), (3, 1));
    let unheard = app.book(&role, &slots[9], &cast::extra(1)).await.json();
    take_back(&app, &unheard).await.ok();
    app.jobs().await;
    assert_eq!(all_told(&app, unheard["number"].as_str().unwrap()).await, 0);
    // Where nobody knows whether it was told, since a try failed, it hears that the visit is off and not afterwards that it is on.
    let tried = app.book(&role, &slots[12], &cast::extra(2)).await.json();
    let failed = app.app.world.db.run("tried", |tx| Box::pin(async move { tx.execute("UPDATE job SET attempts = 1", &[]).await }));
    assert_eq!(failed.await, Ok(2));
    take_back(&app, &tried).await.ok();
    app.jobs().await;
    let number = tried["number"].as_str().unwrap();
    let texts = app.messages().await.into_iter().filter(|(_, text)| text.contains(number)).map(|(_, text)| text).collect::<Vec<_>>();
    assert!(texts.len() == 1 && texts[0].contains("отменена"), "{texts:?}");
}

async fn taking_back_twice_is_once(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let start = app.slots(&role, "").await[3].clone();
    let visit = app.book(&role, &start, &cast::anna()).await.json();
    let (first, second) = tokio::join!(take_back(&app, &visit), take_back(&app, &visit));
    assert_eq!((first.status, second.status), (200, 200), "{} {}", first.text(), second.text());
    let answer = take_back(&app, &visit).await.ok().json();
    let (door, path) = holder(&app, &visit);
    assert_eq!(door.get(&format!("{path}/consents")).await.ok().json(), answer);
    assert_eq!(app.count("SELECT count(*) FROM consent_event WHERE turn = 'withdrawn'").await, 1);
    assert_eq!((entries(&app, "withdrawn").await.len(), entries(&app, "cancelled").await.len()), (1, 1));
    // The two events are about one consent, and both stay.
    let of = app.rows("SELECT count(DISTINCT subject), count(DISTINCT sha256), count(*) FROM consent_event", &[]).await;
    assert_eq!((0..3).map(|column| of[0].get::<i64>(column).unwrap()).collect::<Vec<_>>(), [1, 1, 2]);
}

async fn nobody_takes_back_anothers_consent(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let slots = app.slots(&role, "").await;
    let anna = app.book(&role, &slots[3], &cast::anna()).await.json();
    let boris = app.book(&role, &slots[7], &cast::boris()).await.json();
    let (annas, path) = holder(&app, &anna);
    let (boriss, _) = holder(&app, &boris);
    for door in [&boriss, &app.door()] {
        assert_eq!(door.json("DELETE", &format!("{path}/consents/P1"), &json!(null)).await.said(), "401 token_unknown");
        assert_eq!(door.get(&format!("{path}/consents")).await.said(), "401 token_unknown");
    }
    let own = format!("/ru/visits/{}/withdraw", anna["id"].as_str().unwrap());
    let browser = app.door().stranger();
    browser.get(&format!("/ru/v/{}.{}", boris["id"].as_str().unwrap(), boris["manage_token"].as_str().unwrap())).await;
    assert_eq!(browser.get(&own).await.status, 403);
    assert_eq!(browser.form(&own, &[("purpose", "P1")]).await.status, 403);
    // With the right token, from another site's page.
    let browser = app.door().stranger();
    browser.get(&format!("/ru/v/{}.{}", anna["id"].as_str().unwrap(), anna["manage_token"].as_str().unwrap())).await;
    let elsewhere = [("sec-fetch-site", "cross-site"), ("origin", "https://elsewhere.example")];
    assert_eq!(browser.form_with(&own, &[("purpose", "P1")], &elsewhere).await.status, 403);
    for (purpose, said) in [("P99", "422 field_invalid"), ("P5", "404 consent_not_given"), ("P9", "404 consent_not_given")] {
        assert_eq!(annas.json("DELETE", &format!("{path}/consents/{purpose}"), &json!(null)).await.said(), said, "{purpose}");
    }
    assert_eq!(browser.form(&own, &[("purpose", "P99")]).await.location(), own, "asked again");
    assert_eq!(app.count("SELECT count(*) FROM consent_event WHERE turn = 'withdrawn'").await, 0);
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE status = 'booked'").await, 2);
}

async fn the_page_says_what_follows_in_three_languages(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let slots = app.slots(&role, "").await;
    for (place, lang) in ["kk", "ru", "en"].into_iter().enumerate() {
        let texts = app.app.world.texts.of(lang.parse().unwrap());
        let person = cast::extra(place);
        let visit = app.book(&role, &slots[place * 3], &person).await.json();
        let door = app.door().stranger();
        let arrived = format!("/{lang}/v/{}.{}", visit["id"].as_str().unwrap(), visit["manage_token"].as_str().unwrap());
        let own = door.get(&arrived).await.location();
        // What was agreed to, in the words that were agreed to, and the whole of it one click away.
        let page = door.get(&own).await.ok().text();
        let short = app.app.world.documents.get(Purpose::P1, db::Lang::Ru).unwrap().short.clone();
        assert!(page.contains(&texts.s("booking-agreed")) && page.contains(&format!("<p lang=\"ru\">{short}</p>")), "{lang}");
        let text = door.get(&attribute(&page, "data-test=\"agreed-text\"", "href")).await.ok().text();
        assert!(text.contains("Согласие на обработку персональных данных для записи на приём"));
        // One link, one button.
        let asked = attribute(&page, "data-test=\"withdraw-link\"", "href");
        let page = door.get(&asked).await.ok().text();
        for said in ["booking-withdraw-heading", "booking-withdraw-lead", "booking-withdraw-messages", "booking-withdraw-clinic"] {
            assert!(page.contains(&texts.s(said)), "{lang} {said}");
        }
        let retention = &app.app.world.profile.retention;
        for (said, days) in [
            ("booking-withdraw-data", retention.data_days_after_withdrawal),
            ("booking-withdraw-proof", retention.consent_proof_days_after_end),
        ] {
            let said = texts.one(said, "n", days);
            assert!(said.contains(&days.to_string()) && page.contains(&said), "{lang} {said}");
        }
        assert!(page.contains("contact@recomed.site"), "{lang}: how to have everything destroyed");
        let form = attribute(&page, "method=\"post\"", "action");
        let purpose = attribute(&page, "name=\"purpose\"", "value");
        for _ in ["a click", "a double click"] {
            assert_eq!(door.form(&form, &[("purpose", &purpose)]).await.location(), own);
        }
        app.jobs().await;
        app.app.sealer.turn().await.unwrap();
        let page = door.get(&own).await.ok().text();
        let (before, _) = page.split_once("data-test=\"withdrawn\"").expect("the page says since when");
        assert!(
            before.contains(&texts.s("booking-visit-cancelled")) && attributes(&page, "data-test=\"withdraw-link\"", "href").is_empty()
        );
        assert_eq!(door.get(&asked).await.location(), own, "there is nothing left to take back");
        let page = door.get(&format!("{own}/uses")).await.ok().text();
        for said in ["booking-uses-withdrawn", "booking-uses-stopped", "booking-uses-cancelled", "booking-data-consent"] {
            assert!(page.contains(&texts.s(said)), "{lang} {said}");
        }
        assert_eq!(attributes(&page, "data-test=\"receipt\"", "href").len(), 4, "{lang}: booked, withdrawn, cancelled, stopped");
        assert_eq!(told(&app, visit["number"].as_str().unwrap(), &person.phone).await, 0);
    }
}

async fn let_go(app: &TestApp) -> u64 {
    let days = app.app.world.profile.retention.data_days_after_withdrawal;
    rights::erase::erase_withdrawn(&app.app.world.db, &app.app.world.keys, days).await.unwrap()
}

async fn the_data_go_by_their_term(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let slots = app.slots(&role, "").await;
    let annas = app.book(&role, &slots[20], &cast::anna()).await.json();
    let boriss = app.book(&role, &slots[23], &cast::boris()).await.json();
    app.pass(2);
    let borisss = app.book(&role, &slots[27], &cast::boris()).await.json();
    take_back(&app, &annas).await.ok();
    take_back(&app, &boriss).await.ok();
    let days = u64::try_from(app.app.world.profile.retention.data_days_after_withdrawal).unwrap();
    app.pass((days - 1) * 24 * 60);
    assert_eq!((let_go(&app).await, app.people().await), (0, 2), "not before the term");
    let (anna, path) = holder(&app, &annas);
    // What the officer hands out has both events, and the words.
    let keys = &app.app.world.keys;
    let (key, _) = keys.find(&cast::anna().phone, &cast::anna().name).await.unwrap().unwrap();
    let known = keys.known(key.person().unwrap()).await.unwrap().unwrap();
    let console = keys.console(&MasterKey::read(&app.folder().join("master.key")).unwrap()).unwrap();
    let exported = rights::export(&app.app.world.db, keys, &known, None, &app.app.world.profile, console).await.unwrap();
    let exported: Value = serde_json::from_str(&exported).unwrap();
    let consents = &exported["visits"][0]["consents"];
    assert_eq!((&consents[0]["turn"], &consents[1]["turn"]), (&json!("given"), &json!("withdrawn")));
    assert_eq!(consents[0]["text"], app.app.world.documents.get(Purpose::P1, db::Lang::Ru).unwrap().text);
    anna.get(&format!("{path}/consents")).await.ok();

    app.pass(24 * 60);
    assert_eq!(let_go(&app).await, 1, "she has nothing else, he has");
    assert_eq!(app.people().await, 1);
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE tied = 1").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM withdrawn_visit").await, 0);
    assert_eq!(app.count("SELECT count(*) FROM erasure WHERE reason = 'withdrawn' AND done_at > 0").await, 1);
    assert_eq!(anna.get(&path).await.status, 404);
    let (boris, path) = holder(&app, &borisss);
    boris.get(&path).await.ok();
    assert_eq!(app.count("SELECT count(*) FROM consent_event").await, 5, "the proofs stay");
    assert_eq!(let_go(&app).await, 0);
    // His other visit's consent stands.
    let (key, _) = keys.find(&cast::boris().phone, &cast::boris().name).await.unwrap().unwrap();
    let act = borisss["id"].as_str().unwrap().parse::<booking::AppointmentId>().unwrap().bytes();
    let standing = app.app.world.db.read("standing", move |tx| {
        let key = key.clone();
        Box::pin(async move { Ok::<_, db::DbError>((consent::given(tx, &key, &act).await?, consent::events(tx, &key, &act).await?)) })
    });
    let (given, events) = standing.await.unwrap();
    assert_eq!((given.len(), events.len(), events[0].turn), (1, 1, Turn::Given));

    // Where the law has one day for all of it, the term is none: it goes at the next turn.
    take_back(&app, &borisss).await.ok();
    assert_eq!(rights::erase::erase_withdrawn(&app.app.world.db, keys, 0).await, Ok(1));
    assert_eq!((app.people().await, app.count("SELECT count(*) FROM appointment WHERE tied = 1").await), (0, 0));
}

async fn a_call_and_a_letter_are_taken_back_too(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (partner, _) = app.partner(&[Scope::Book, Scope::Search]).await;
    let role = app.role("Берестов", "Тихая гавань");
    let slots = app.slots(&role, "").await;
    // A landline without an e-mail: somebody is to call. Not any more.
    let mut wish = app.wish(&role, &slots[3], &cast::anna()).await;
    wish["patient"]["phone"] = json!("+7 812 000-00-01");
    let visit = partner.json("POST", "/api/v1/appointments?lang=ru", &wish).await.json();
    assert_eq!(app.count("SELECT count(*) FROM visit_to_call").await, 1);
    take_back(&app, &visit).await.ok();
    assert_eq!(app.count("SELECT count(*) FROM visit_to_call").await, 0);

    // A landline with an e-mail whose letter is refused for want of consent does not come on that list either.
    let mut wish = app.wish(&role, &slots[7], &cast::boris()).await;
    wish["patient"]["phone"] = json!("+7 812 000-00-02");
    wish["patient"]["email"] = json!("boris@demo.example");
    let visit = partner.json("POST", "/api/v1/appointments?lang=ru", &wish).await.json();
    let begins = Timestamp::parse_rfc3339(&slots[7]).unwrap();
    app.pass(u64::try_from((begins.micros() - app.clock.now().micros()) / clock::MINUTE).unwrap() + 120);
    take_back(&app, &visit).await.ok();
    app.jobs().await;
    assert_eq!(entries(&app, "not_consented").await, ["job:mail_person"]);
    assert_eq!((app.letters().await.len(), app.count("SELECT count(*) FROM visit_to_call").await), (0, 0));
}

async fn the_officer_enters_a_letter(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let slots = app.slots(&role, "").await;
    let boriss = app.book(&role, &slots[6], &cast::boris()).await.json();
    let annas = [app.book(&role, &slots[3], &cast::anna()).await.json(), {
        app.pass(2);
        app.book(&role, &slots[9], &cast::anna()).await.json()
    }];
    take_back(&app, &annas[0]).await.ok();
    let keys = &app.app.world.keys;
    let (key, _) = keys.find(&cast::anna().phone, &cast::anna().name).await.unwrap().unwrap();
    let known = keys.known(key.person().unwrap()).await.unwrap().unwrap();
    let console = keys.console(&MasterKey::read(&app.folder().join("master.key")).unwrap()).unwrap();
    let sheet = consent::SheetRef::parse("K-2026/117").unwrap();
    let db = &app.app.world.db;
    assert_eq!(rights::withdraw(db, &known, Purpose::P5, &sheet, console).await, Ok(0));
    assert_eq!(rights::withdraw(db, &known, Purpose::P1, &sheet, console).await, Ok(1), "one was taken back before");
    assert_eq!(rights::withdraw(db, &known, Purpose::P1, &sheet, console).await, Ok(0));
    let rows = app.rows("SELECT sheet, witness FROM consent_event WHERE method = 'paper' AND turn = 'withdrawn'", &[]).await;
    assert_eq!(
        (rows.len(), rows[0].get::<String>(0).unwrap().as_str(), rows[0].get::<String>(1).unwrap().as_str()),
        (1, "K-2026/117", "console")
    );
    assert_eq!(entries(&app, "withdrawn").await, ["console", "person"]);
    for (visit, status) in [(&annas[1], "cancelled"), (&boriss, "booked")] {
        let (door, path) = holder(&app, visit);
        assert_eq!(door.get(&path).await.ok().json()["status"], status);
    }
    app.jobs().await;
    assert_eq!(told(&app, annas[1]["number"].as_str().unwrap(), &cast::anna().phone).await, 0);
    assert_eq!(told(&app, boriss["number"].as_str().unwrap(), &cast::boris().phone).await, 1);
}
