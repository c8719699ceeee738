//! Letters with a calendar file, by the demo's outbox and by a real conversation in SMTP; people who can only be called.

use access::Scope;
use clock::Timestamp;
use serde_json::{Value, json};
use testkit::{Kind, Postbox, TestApp, cast};

testkit::both!(
    each_turn_of_a_visit_is_written_of,
    nobody_without_an_address_is_written_to,
    where_no_letters_are_sent_no_address_is_asked_for,
    letters_cross_smtp,
    a_busy_server_is_asked_again_and_a_refusal_ends,
    a_landline_is_called,
);

const ANNA: &str = "anna@demo.example";

/// The value of a line of a calendar file.
fn line(file: &str, name: &str) -> String {
    let file = file.replace("\r\n ", "");
    let line = file.split("\r\n").find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap_or_else(|| panic!("{name} in {file}")).to_owned()
}

fn utc(start: &str) -> String {
    Timestamp::parse_rfc3339(start).unwrap().to_jiff().strftime("%Y%m%dT%H%M%SZ").to_string()
}

async fn each_turn_of_a_visit_is_written_of(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let slots = app.slots(&role, "").await;
    let mut wish = app.confirmed_wish(&role, &slots[3], &cast::anna()).await;
    wish["patient"]["email"] = json!(format!(" {ANNA} "));
    let booked = app.door().json("POST", "/api/v1/appointments?lang=ru", &wish).await;
    assert_eq!(booked.status, 201, "{}", booked.text());
    let visit = booked.json();
    let holder = app.door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
    let own = format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap());
    app.jobs().await;
    app.pass(1);
    holder.json("PATCH", &own, &json!({"start": slots[6]})).await.ok();
    app.jobs().await;
    app.pass(1);
    holder.json("DELETE", &own, &json!(null)).await.ok();
    app.jobs().await;

    let mut letters = app.letters().await;
    letters.reverse();
    assert_eq!(letters.len(), 3);
    let expected = [
        ("Вы записаны: ", "REQUEST", "0", "CONFIRMED", &slots[3]),
        ("Новое время приёма: ", "REQUEST", "1", "CONFIRMED", &slots[6]),
        ("Запись отменена: ", "CANCEL", "2", "CANCELLED", &slots[6]),
    ];
    for (letter, (subject, method, sequence, status, start)) in letters.iter().zip(expected) {
        assert_eq!(letter.email.expose(), ANNA);
        let (said, file) = (letter.subject.expose(), letter.calendar.expose());
        // The slot is told with the offset of the place: the clock on the wall is what the letter must say.
        assert!(said.starts_with(subject) && said.ends_with(&start[11..16]), "{said}: {start}");
        assert_eq!(line(file, "UID"), format!("{}@recomed", visit["id"].as_str().unwrap()));
        assert_eq!((line(file, "METHOD"), line(file, "SEQUENCE"), line(file, "STATUS")), (method.into(), sequence.into(), status.into()));
        assert_eq!(line(file, "DTSTART"), utc(start), "no client is an hour off");
        assert!(file.contains(&format!("mailto:{ANNA}")) && !file.contains("Берестов") && !file.contains("Анна"), "{file}");
    }
    let texts = app.messages().await.iter().filter(|(phone, _)| *phone == cast::anna().phone).count();
    assert_eq!(texts, 4, "the code and three turns go by SMS all the same");
    let disclosed = "SELECT count(*) FROM audit_entry WHERE asker = 'job:mail_person' AND fields = 'email' AND operation = 'provide'";
    assert_eq!(app.count(disclosed).await, 3);
    assert_eq!(app.count("SELECT count(*) FROM job").await, 0);
}

async fn nobody_without_an_address_is_written_to(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let slots = app.slots(&role, "").await;
    assert_eq!(app.book(&role, &slots[3], &cast::anna()).await.status, 201);
    app.jobs().await;
    assert_eq!(app.letters().await.len(), 0);
    assert_eq!(app.count("SELECT count(*) FROM audit_entry WHERE fields = 'email'").await, 0);
    assert_eq!(app.count("SELECT count(*) FROM visit_contact").await, 0);
    for wrong in ["anna", "anna@demo.example\r\nBcc: x@y.example", "a@b.example, c@d.example"] {
        let mut wish = app.wish(&role, &slots[5], &cast::boris()).await;
        wish["patient"]["email"] = json!(wrong);
        assert_eq!(app.door().json("POST", "/api/v1/appointments", &wish).await.said(), "422 field_invalid", "{wrong}");
    }
}

/// The form of a booking, opened in a browser.
async fn form(app: &TestApp) -> (testkit::Door, String, String) {
    let role = app.role("Берестов", "Тихая гавань");
    let start = app.slots(&role, "").await[8].clone();
    let door = app.door();
    let hold = door.form("/ru/holds", &[("role", &role), ("start", &start)]).await.location();
    let page = door.get(&hold).await.ok().text();
    (door, hold, page)
}

async fn where_no_letters_are_sent_no_address_is_asked_for(kind: Kind) {
    let app = TestApp::plan(kind).without_letters().start().await;
    let (.., page) = form(&app).await;
    assert!(!page.contains("name=\"email\""));
    let role = app.role("Берестов", "Тихая гавань");
    let mut wish = app.confirmed_wish(&role, &app.slots(&role, "").await[3], &cast::anna()).await;
    wish["patient"]["email"] = json!(ANNA);
    assert_eq!(app.door().json("POST", "/api/v1/appointments", &wish).await.status, 201);
    assert_eq!(app.count("SELECT count(*) FROM visit_contact").await, 0, "what is not used is not kept");
}

async fn letters_cross_smtp(kind: Kind) {
    let postbox = Postbox::open().await;
    let app = with_postbox(kind, &postbox).await;
    let (door, hold, page) = form(&app).await;
    let field = |name: &str| testkit::attribute(&page, &format!("name=\"{name}\""), "value");
    let (version, sha256) = (field("consent_version"), field("consent_sha256"));
    let send = async |email: &str| {
        let fields = [
            ("name", "Пробная Анна"),
            ("phone", "+7 000 111-00-01"),
            ("email", email),
            ("consent", "yes"),
            ("consent_version", &version),
            ("consent_sha256", &sha256),
        ];
        door.form(&hold, &fields).await
    };
    assert_eq!(send("anna at home").await.location(), hold);
    let wrong = door.get(&hold).await.ok();
    assert!(wrong.text().contains("id=\"email-error\"") && wrong.text().contains("anna at home"), "what was typed stays");
    let code = send(ANNA).await.location();
    app.jobs().await;
    let digits = app.digits("+70001110001").await;
    door.form(&code, &[("code", &digits)]).await.location();
    app.jobs().await;

    let received = postbox.received();
    assert_eq!(received.len(), 1);
    let letter = &received[0];
    assert_eq!(letter.envelope, ["MAIL FROM:<visits@clinic.example>", &format!("RCPT TO:<{ANNA}>")]);
    assert!(letter.raw.is_ascii());
    assert_eq!(letter.header("To"), ANNA);
    assert!(letter.header("From").starts_with("=?utf-8?b?") && letter.header("From").ends_with("<visits@clinic.example>"));
    assert!(letter.header("Subject").starts_with("=?utf-8?b?"));
    assert_eq!(letter.header("Auto-Submitted"), "auto-generated");
    assert!(letter.header("Message-ID").ends_with("@clinic.example>"));
    let parts = letter.parts();
    let kinds: Vec<&str> = parts.iter().map(|part| part.kind.split(';').next().unwrap()).collect();
    assert_eq!(kinds, ["text/plain", "text/html", "text/calendar", "application/ics"]);
    assert!(parts[2].kind.contains("method=REQUEST") && parts[2].kind.to_lowercase().contains("charset=utf-8"));
    assert_eq!(parts[2].text.trim_end(), parts[3].text.trim_end());
    let start: Timestamp = app.rows("SELECT starts_at FROM appointment", &[]).await[0].get(0).unwrap();
    let zone = jiff::tz::TimeZone::get("Europe/Moscow").unwrap();
    assert_eq!(line(&parts[2].text, "DTSTART"), utc(&start.rfc3339(&zone)));
    let wall = start.to_jiff().to_zoned(zone).strftime("%H:%M").to_string();
    let link = parts[0].text.split_whitespace().find_map(|word| word.strip_prefix("http://127.0.0.1:8080")).unwrap();
    assert!(parts[0].text.contains(&wall) && parts[1].text.contains(&wall) && parts[1].text.contains(link));
    assert!(door.stranger().get(link).await.location().contains("/visits/"), "the link opens the visit");
}

async fn with_postbox(kind: Kind, postbox: &Postbox) -> TestApp {
    TestApp::plan(kind)
        .setting("EMAIL_HOST", "127.0.0.1")
        .setting("EMAIL_PORT", &postbox.address.port().to_string())
        .setting("EMAIL_TLS", "none")
        .setting("EMAIL_FROM", "visits@clinic.example")
        .setting("EMAIL_FROM_NAME", "Рекомед, запись")
        .start()
        .await
}

/// Books at a landline as a partner.
async fn book_by_landline(app: &TestApp, key: &testkit::Door, slot: usize, phone: &str, email: Option<&str>) -> Value {
    let role = app.role("Берестов", "Тихая гавань");
    let start = app.slots(&role, "").await[slot].clone();
    let mut wish = app.wish(&role, &start, &cast::Person::new("Пробная Анна", phone)).await;
    wish["patient"]["email"] = json!(email);
    let booked = key.json("POST", "/api/v1/appointments?lang=ru", &wish).await;
    assert_eq!(booked.status, 201, "{}", booked.text());
    booked.json()
}

async fn a_busy_server_is_asked_again_and_a_refusal_ends(kind: Kind) {
    let postbox = Postbox::open().await;
    let app = with_postbox(kind, &postbox).await;
    let (partner, _) = app.partner(&[Scope::Search, Scope::Book]).await;
    postbox.refuse(Some("451 anna@demo.example is busy"));
    book_by_landline(&app, &partner, 2, "+7 812 000-00-01", Some(ANNA)).await;
    app.jobs().await;
    let state = async || {
        let rows = app.rows("SELECT state, attempts, cause FROM job", &[]).await;
        rows.iter()
            .map(|row| (row.get::<String>(0).unwrap(), row.get::<i64>(1).unwrap(), row.get(2).unwrap()))
            .collect::<Vec<(_, _, String)>>()
    };
    assert_eq!(state().await, [("waiting".into(), 1, "email_busy".into())], "the server's words are not kept: they name the person");
    postbox.refuse(None);
    app.pass(1);
    app.jobs().await;
    assert_eq!((state().await.len(), postbox.received().len()), (0, 1));
    assert_eq!(app.count("SELECT count(*) FROM visit_to_call").await, 0);

    postbox.refuse(Some("550 no such box"));
    book_by_landline(&app, &partner, 8, "+7 812 000-00-02", Some("nobody@demo.example")).await;
    app.jobs().await;
    assert_eq!(state().await, [("dead".into(), 1, "email_refused".into())]);
    assert_eq!(app.count("SELECT count(*) FROM visit_to_call WHERE turn = 'booked'").await, 1, "nothing else is left than to call");
}

async fn a_landline_is_called(kind: Kind) {
    let app = TestApp::start(kind).await;
    let landline = "8 (812) 000-00-01";
    let asked = app.door().json("POST", "/api/v1/phone-codes?lang=ru", &json!({"phone": landline})).await;
    assert_eq!(asked.said(), "422 phone_landline");
    assert!(asked.text().contains("мобильный") && asked.text().contains("позвоните"), "{}", asked.text());
    let role = app.role("Берестов", "Тихая гавань");
    let wish = app.wish(&role, &app.slots(&role, "").await[2], &cast::Person::new("Пробная Анна", landline)).await;
    assert_eq!(app.door().json("POST", "/api/v1/appointments", &wish).await.said(), "422 phone_landline");

    let (partner, _) = app.partner(&[Scope::Search, Scope::Book]).await;
    let to_call = async || {
        let metrics = app.door().get("/metrics").await.ok().text();
        let line = metrics.lines().find_map(|line| line.strip_prefix("recomed_visits_to_call ")).map(str::to_owned);
        line.unwrap_or_else(|| panic!("{metrics}"))
    };
    assert_eq!(to_call().await, "0");
    let visit = book_by_landline(&app, &partner, 2, landline, None).await;
    book_by_landline(&app, &partner, 8, "+7 727 200-00-01", Some(ANNA)).await;
    app.jobs().await;
    assert_eq!(app.letters().await.len(), 1, "an e-mail reaches whom no SMS does");
    assert!(app.messages().await.iter().all(|(phone, _)| !phone.starts_with("+7812") && !phone.starts_with("+7727")));
    assert_eq!(to_call().await, "1");
    let list = app.app.world.db.read("to call", |tx| Box::pin(booking::to_call(tx, 10))).await.unwrap();
    assert_eq!((list[0].visit.to_string(), list[0].turn.as_str()), (visit["id"].as_str().unwrap().to_owned(), "booked"));

    // Whoever has the token cancels: the person still knows nothing, and that is what is to be told now.
    let holder = app.door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
    holder.json("DELETE", &format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap()), &json!(null)).await.ok();
    assert_eq!(app.count("SELECT count(*) FROM visit_to_call WHERE turn = 'cancelled'").await, 1);
    app.pass(60 * 24 * 30);
    let profile = app.app.world.profile.clone();
    let swept = app.app.world.db.run("sweep", move |tx| {
        let profile = profile.clone();
        Box::pin(async move { booking::sweep(tx, &profile).await })
    });
    swept.await.unwrap();
    assert_eq!(to_call().await, "0", "nobody is told of the past");
}
