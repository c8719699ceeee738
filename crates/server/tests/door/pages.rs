//! The way through the pages without JavaScript: forms, cookies (clause 15.1), redirects, in each language.

use testkit::cast::Person;
use testkit::{Answer, Door, Kind, TestApp, attribute, attributes, cast};

testkit::both!(
    a_visit_through_the_pages,
    the_pages_ask_which_visit_to_keep,
    a_hold_that_ran_out_says_so,
    two_windows_do_not_take_each_others_time,
    a_refused_change_leads_back_to_the_visit,
    a_visit_belongs_to_its_browser
);

/// Hidden fields of a page's forms.
fn hidden(page: &str) -> Vec<(String, String)> {
    attributes(page, "type=\"hidden\"", "name").into_iter().zip(attributes(page, "type=\"hidden\"", "value")).collect()
}

/// Sends the page's form with its hidden fields and these.
async fn send(door: &Door, page: &str, to: &str, fields: &[(&str, &str)]) -> Answer {
    let hidden = hidden(page);
    let mut all: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.extend(fields);
    door.form(to, &all).await
}

/// Chooses a time on a doctor's page; the address of the form that follows.
async fn choose(door: &Door, lang: &str, doctor: &str, number: usize) -> String {
    let page = door.get(doctor).await.ok().text();
    let start = attributes(&page, "data-test=\"slot\"", "value")[number].clone();
    send(door, &page, &format!("/{lang}/holds"), &[("start", &start)]).await.location()
}

/// From a chosen time to the visit's address.
async fn book(app: &TestApp, door: &Door, form: &str, person: &Person) -> Answer {
    let page = door.get(form).await.ok().text();
    let code =
        send(door, &page, form, &[("name", &person.name), ("phone", &person.phone), ("age", "37"), ("consent", "yes")]).await.location();
    app.jobs().await;
    door.form(&code, &[("code", &app.digits(&person.phone).await)]).await
}

async fn a_visit_through_the_pages(kind: Kind) {
    let app = TestApp::start(kind).await;
    for (lang, person) in [("kk", cast::aigul()), ("ru", cast::anna()), ("en", cast::boris())] {
        let door = app.door();
        let home = door.get(&format!("/{lang}/")).await.ok();
        assert!(home.text().contains(&format!("<html lang=\"{lang}\"")));
        let results = door.get(&format!("/{lang}/saint-petersburg/therapist")).await.ok().text();
        let doctor = attribute(&results, &format!("href=\"/{lang}/doctors/"), "href");
        let doctor = doctor.split('#').next().unwrap().to_owned();
        let form = choose(&door, lang, &doctor, 2).await;

        // What was typed stays, whatever was wrong with it; the box is never ticked for anybody.
        let page = door.get(&form).await.ok().text();
        let names: Vec<String> = hidden(&page).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["declaration_version", "declaration_sha256", "consent_version", "consent_sha256"]);
        let phone = "8 000 111-00-0";
        let wrong = send(&door, &page, &form, &[("name", &person.name), ("phone", phone), ("age", "37"), ("consent", "yes")]).await;
        assert_eq!(wrong.location(), form, "a refused form leads to a page, too: Back does not ask to send it again");
        let text = door.get(&form).await.ok().text();
        assert_eq!(attribute(&text, "id=\"name\"", "value"), person.name);
        assert_eq!(attribute(&text, "id=\"phone\"", "value"), phone);
        assert!(text.contains("phone-error") && !text.contains("name-error"));
        let unticked = send(&door, &page, &form, &[("name", ""), ("phone", &person.phone), ("age", "37")]).await;
        assert_eq!(unticked.location(), form);
        let text = door.get(&form).await.ok().text();
        assert!(text.contains("consent-error") && text.contains("name-error"));
        let boxes: Vec<&str> = text.split("<input").filter(|input| input.contains("type=\"checkbox\"")).collect();
        assert_eq!(boxes.len(), 2, "declaration and consent");
        assert!(boxes.iter().all(|input| !input.split('>').next().unwrap().contains(" checked")));
        assert_eq!(attribute(&door.get(&form).await.text(), "id=\"phone\"", "value"), person.phone, "a reload keeps it too");
        door.get(&format!("{form}/consent")).await.ok();
        assert_eq!(door.stranger().get(&format!("{form}/code")).await.location(), form, "no draft, no code");

        let code = send(&door, &page, &form, &[("name", &person.name), ("phone", &person.phone), ("age", "37"), ("consent", "yes")])
            .await
            .location();
        assert!(door.get(&code).await.ok().text().contains(&person.phone[person.phone.len() - 2..]));
        app.jobs().await;
        // Back, and on again with the same number: the code that is on its way stays the one.
        let codes = app.count("SELECT count(*) FROM phone_code").await;
        let again = send(&door, &page, &form, &[("name", &person.name), ("phone", &person.phone), ("age", "37"), ("consent", "yes")]).await;
        assert_eq!((again.location(), app.count("SELECT count(*) FROM phone_code").await), (code.clone(), codes));
        let digits = app.digits(&person.phone).await;
        for typed in ["", if digits == "000000" { "000001" } else { "000000" }] {
            assert_eq!(door.form(&code, &[("code", typed)]).await.location(), code);
            assert!(door.get(&code).await.ok().text().contains("code-error"));
        }
        let messages = app.messages().await.len();
        assert_eq!(door.form(&format!("{code}/again"), &[]).await.location(), code, "another code goes out after a minute");
        assert!(door.get(&code).await.ok().text().contains("role=\"status\""));
        app.jobs().await;
        assert_eq!(app.messages().await.len(), messages);
        let booked = door.form(&code, &[("code", &digits)]).await.location();
        let visit = booked.split('?').next().unwrap().to_owned();
        assert!(visit.starts_with(&format!("/{lang}/visits/")));

        // A second click, Back, a reload of the form: all lead to the visit.
        assert_eq!(door.form(&code, &[("code", &digits)]).await.location().split('?').next().unwrap(), visit);
        for page in [&form, &code] {
            assert_eq!(door.get(page).await.location().split('?').next().unwrap(), visit);
        }
        let page = door.get(&booked).await.ok().text();
        let calendar = door.get(&format!("{visit}/calendar.ics")).await.ok();
        assert_eq!(calendar.header("content-type"), "text/calendar; charset=utf-8");
        assert!(calendar.text().starts_with("BEGIN:VCALENDAR\r\n") && calendar.text().contains("STATUS:CONFIRMED"));
        let heading = page.split("<h1>").nth(1).unwrap().split('<').next().unwrap().to_owned();

        let page = door.get(&format!("{visit}/move")).await.ok().text();
        let other = attributes(&page, "data-test=\"slot\"", "value").pop().unwrap();
        assert_eq!(send(&door, &page, &format!("{visit}/move"), &[("start", &other)]).await.location(), format!("{visit}?moved"));
        door.get(&format!("{visit}/cancel")).await.ok();
        assert_eq!(door.form(&format!("{visit}/cancel"), &[]).await.location(), visit);
        let page = door.get(&visit).await.ok().text();
        assert!(!page.contains(&format!("{visit}/move")) && !page.contains(&heading));
        assert_eq!(door.get(&format!("{visit}/move")).await.location(), visit);
    }
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE status = 'cancelled' AND moves = 1").await, 3);
    assert_eq!(app.count("SELECT count(DISTINCT lang) FROM appointment").await, 3);
    assert_eq!(app.count("SELECT count(*) FROM claim").await, 0);
}

async fn the_pages_ask_which_visit_to_keep(kind: Kind) {
    let app = TestApp::plan(kind).csv(cast::TWO_CLINICS).start().await;
    let door = app.door();
    let (one, other) = (format!("/ru/doctors/{}", app.role("Двойнов", "Первая")), format!("/ru/doctors/{}", app.role("Долгов", "Вторая")));
    let (one, other) = (door.get(&one).await.moved(), door.get(&other).await.moved());
    let day = "?day=2026-11-25";
    let form = choose(&door, "ru", &format!("{one}{day}"), 0).await;
    let first = book(&app, &door, &form, &cast::anna()).await.location();
    app.pass(2);
    let form = choose(&door, "ru", &format!("{other}{day}"), 0).await;
    // Nine o'clock is in the two hours from eight.
    assert_eq!(book(&app, &door, &form, &cast::anna()).await.location(), format!("{form}/clash"));
    assert_eq!(door.get(&format!("{form}/clash")).await.status, 409);
    let second = door.form(&format!("{form}/code"), &[("instead", "yes")]).await.location();
    assert_ne!(first, second);
    assert!(!door.get(first.split('?').next().unwrap()).await.ok().text().contains("/move\""));
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE status = 'booked'").await, 1);
}

async fn a_hold_that_ran_out_says_so(kind: Kind) {
    let app = TestApp::start(kind).await;
    let door = app.door();
    let doctor = door.get(&format!("/ru/doctors/{}", app.role("Берестов", "Тихая гавань"))).await.moved();
    let form = choose(&door, "ru", &doctor, 3).await;
    let page = door.get(&form).await.ok().text();
    app.pass(16);
    let late = send(&door, &page, &form, &[("name", "Пробная Анна"), ("phone", "+70001110001"), ("consent", "yes")]).await;
    assert_eq!(late.location(), form);
    let late = door.get(&form).await;
    assert_eq!(late.status, 409);
    assert!(!attributes(&late.text(), "data-test=\"slot\"", "value").is_empty(), "other times are offered");
    assert_eq!(app.count("SELECT count(*) FROM phone_code").await, 0, "no code went out");
}

/// The first window's form is sent after another time was chosen in the second: nothing is booked for the other time, nothing typed is lost.
async fn two_windows_do_not_take_each_others_time(kind: Kind) {
    let app = TestApp::start(kind).await;
    let door = app.door();
    let doctor = door.get(&format!("/ru/doctors/{}", app.role("Берестов", "Тихая гавань"))).await.moved();
    let first = choose(&door, "ru", &doctor, 3).await;
    let page = door.get(&first).await.ok().text();
    let second = choose(&door, "ru", &doctor, 6).await;
    assert_ne!(first, second);
    // What somebody else holds is told on a page of its own, with other times.
    let stale = app.door();
    let seen = stale.get(&doctor).await.ok().text();
    let start = attributes(&seen, "data-test=\"slot\"", "value")[2].clone();
    choose(&app.door(), "ru", &doctor, 2).await;
    let gone = send(&stale, &seen, "/ru/holds", &[("start", &start)]).await.location();
    let gone = stale.get(&gone).await;
    assert_eq!((gone.status, attributes(&gone.text(), "data-test=\"slot\"", "value").is_empty()), (409, false));
    let typed = [("name", "Пробная Анна"), ("phone", "+70001110001"), ("consent", "yes")];
    assert_eq!(send(&door, &page, &first, &typed).await.location(), first, "not on to the other's time");
    assert_eq!(app.count("SELECT count(*) FROM phone_code").await, 0, "no code went out for it");
    let both = door.get(&first).await;
    assert_eq!(both.status, 409);
    let both = both.text();
    assert!(both.contains(&format!("href=\"{second}\"")));
    // On with the second: what was typed in the first window is there.
    assert_eq!(attribute(&door.get(&second).await.ok().text(), "id=\"name\"", "value"), "Пробная Анна");
    // Or the first time again, with what was typed.
    let start = attribute(&both, "data-test=\"elsewhere-here\"", "value");
    let again = send(&door, &both, "/ru/holds", &[("start", &start)]).await.location();
    assert!(again != first && again != second);
    assert_eq!(attribute(&door.get(&again).await.ok().text(), "id=\"phone\"", "value"), "+70001110001");
    assert_eq!(door.get(&second).await.status, 409, "now it is the second window's turn to be asked");
    assert_eq!(
        app.count("SELECT count(*) FROM hold WHERE expires_at > (SELECT max(at) FROM dirty)").await,
        2,
        "this browser's and the other one's"
    );
}

/// What cannot be changed any more is told by the visit's own page: no form is answered by itself, a second click does no harm.
async fn a_refused_change_leads_back_to_the_visit(kind: Kind) {
    let app = TestApp::start(kind).await;
    let told = async |door: &Door, form: &str, to: &str, start: &str| {
        for _ in 0..2 {
            let answer = door.form(form, &[("start", start)]).await;
            assert_eq!((answer.status, answer.location()), (303, to.to_owned()), "{form}");
        }
        door.get(to).await.ok().text()
    };
    let mut booked = Vec::new();
    for (number, lang) in ["kk", "ru", "en"].into_iter().enumerate() {
        let (door, texts) = (app.door(), app.app.world.texts.of(lang.parse().unwrap()));
        let doctor = door.get(&format!("/{lang}/doctors/{}", app.role("Берестов", "Тихая гавань"))).await.moved();
        let page = door.get(&doctor).await.ok().text();
        let start = attributes(&page, "data-test=\"slot\"", "value").pop().unwrap();
        let mut visits = Vec::new();
        for person in [cast::extra(2 * number), cast::extra(2 * number + 1)] {
            let form = choose(&door, lang, &doctor, 3).await;
            let visit = book(&app, &door, &form, &person).await.location();
            visits.push(visit.split('?').next().unwrap().to_owned());
        }
        let gone = visits.pop().unwrap();
        assert_eq!(door.form(&format!("{gone}/cancel"), &[]).await.location(), gone);
        let shown = told(&door, &format!("{gone}/move"), &format!("{gone}?refused=visit_not_open"), &start).await;
        assert!(shown.contains(&texts.s("booking-problem-not-open")));
        assert_eq!(door.form(&format!("{gone}/cancel"), &[]).await.location(), gone, "cancelled is cancelled");
        assert!(!door.get(&format!("{gone}?refused=nonsense")).await.ok().text().contains("role=\"alert\""));
        let visit = visits.pop().unwrap();
        let again = told(&door, &format!("{visit}/move"), &format!("{visit}/move"), "whenever").await;
        assert!(again.contains("data-test=\"slot\""), "a time that is none shows the times again");
        booked.push((door, texts, visit, start));
    }
    // Into the cut-off of the last of the three visits, before the begin of the first.
    let begins = async |door: &Door, visit: &str| {
        let page = door.get(visit).await.ok().text();
        clock::Timestamp::parse_rfc3339(&attribute(&page, "datetime=\"", "datetime")).unwrap().micros()
    };
    let mut last = 0;
    for (door, _, visit, _) in &booked {
        last = last.max(begins(door, visit).await);
    }
    let minutes = (last - app.clock.now().micros()) / clock::MINUTE - 20;
    app.pass(u64::try_from(minutes).unwrap());
    for (door, texts, visit, start) in &booked {
        let over = begins(door, visit).await <= app.clock.now().micros();
        for form in ["move", "cancel"] {
            let shown = told(door, &format!("{visit}/{form}"), &format!("{visit}?refused=too_late"), start).await;
            assert!(shown.contains("role=\"alert\"") && !shown.contains(&format!("{visit}/move\"")));
            assert!(over || shown.matches(&texts.s("booking-too-late")).count() == 1, "said, and said once");
        }
    }
}

async fn a_visit_belongs_to_its_browser(kind: Kind) {
    let app = TestApp::start(kind).await;
    let door = app.door();
    let doctor = door.get(&format!("/ru/doctors/{}", app.role("Берестов", "Тихая гавань"))).await.moved();
    let form = choose(&door, "ru", &doctor, 3).await;
    let visit = book(&app, &door, &form, &cast::anna()).await.location();
    let visit = visit.split('?').next().unwrap();
    app.jobs().await;
    let stranger = door.stranger();
    for page in ["", "/move", "/cancel", "/calendar.ics"] {
        assert_eq!(stranger.get(&format!("{visit}{page}")).await.status, 403, "{page}");
    }
    for page in ["/move", "/cancel"] {
        assert_eq!(stranger.form(&format!("{visit}{page}"), &[("start", "2026-11-25T15:00:00+03:00")]).await.status, 403, "{page}");
    }
    // The cookie of one visit opens no other, and a changed one opens none.
    for name in ["recomed_visit", "recomed_booking"] {
        let cookie = door.cookie(name).unwrap();
        for planted in ["Анна", "1110001"] {
            let mut found = Vec::new();
            testkit::scan::scan(name, cookie.as_bytes(), &[planted.to_owned()], &mut found);
            assert_eq!(found, []);
        }
        let mut changed = cookie.into_bytes();
        changed[40] = if changed[40] == b'A' { b'B' } else { b'A' };
        let forger = door.stranger().with("cookie", &format!("{name}={}", String::from_utf8(changed).unwrap()));
        assert_eq!(forger.get(visit).await.status, 403);
    }
    // The link of the message is the key; without its last letters it is none.
    let (_, sms) = app.messages().await.into_iter().find(|(phone, text)| *phone == cast::anna().phone && text.contains("/v/")).unwrap();
    let link = sms.split_whitespace().find_map(|word| word.strip_prefix("http://127.0.0.1:8080")).unwrap();
    assert_eq!(stranger.get(&link[..link.len() - 2]).await.status, 403);
    assert_eq!(stranger.get(link).await.location(), visit);
    stranger.get(visit).await.ok();
}
