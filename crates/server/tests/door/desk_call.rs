//! Booking while talking: who calls, what is read to them, what they get; and what nobody sees without a call.

use access::{Role, StaffId};
use testkit::cast;
use testkit::{Door, Kind, TestApp, attribute, attributes};

use super::answers::booked;
use super::staff::{place, signed};

testkit::both!(
    a_new_caller_with_a_landline_is_booked,
    a_family_on_one_phone,
    a_caller_moves_and_calls_off,
    a_child_is_booked_by_a_parent,
    nothing_is_kept_of_whoever_does_not_agree,
    two_agents_and_one_time,
    a_request_where_there_are_no_live_times,
    nobody_is_seen_without_a_call,
);

const CLINICS: &str = "\
clinic,clinic_phone,city,address,doctor,specialty,price,minutes,hours,horizon_days,notice_minutes,ages
Клиника «Ответ»,+70008120001,Санкт-Петербург,\"улица Пробная, 4\",Часов Иван Ильич,Терапевт,2000,30,mon-sun 00:00-24:00,28,0,
Клиника «Ответ»,+70008120001,Санкт-Петербург,\"улица Пробная, 4\",Детков Пётр Ильич,Педиатр,2000,30,mon-sun 00:00-24:00,28,0,0-17
Клиника «Ответ»,+70008120001,Санкт-Петербург,\"улица Пробная, 4\",Звонкова Инна Ильинична,Терапевт,2000,30,off,28,0,
";
const TEN: &str = "2026-11-27T10:00:00+03:00";
const DESK: &str = "/ru/staff/desk";

async fn agent(app: &TestApp, login: &str) -> (StaffId, Door) {
    signed(app, login, Role::Agent, place(app, &app.role("Часов", ""))).await
}

/// The page of the call as it is now.
async fn screen(door: &Door) -> String {
    door.get(DESK).await.ok().text()
}

async fn begin(door: &Door, number: &str) -> String {
    assert_eq!(door.form(&format!("{DESK}/call"), &[("phone", number)]).await.location(), DESK);
    screen(door).await
}

async fn act(door: &Door, act: &str, fields: &[(&str, &str)]) -> String {
    let on = door.form(&format!("{DESK}/call/{act}"), fields).await.location();
    door.get(&on).await.ok().text()
}

/// What a form of the page holds besides what is typed.
fn read(page: &str) -> [(&'static str, String); 2] {
    ["consent_version", "consent_sha256"].map(|name| (name, attribute(page, &format!("name=\"{name}\""), "value")))
}

async fn send(door: &Door, page: &str, typed: &[(&str, &str)]) -> String {
    let document = read(page);
    let mut fields: Vec<(&str, &str)> = document.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.extend(typed);
    act(door, "book", &fields).await
}

fn done(page: &str) -> bool {
    page.contains("data-test=\"done-number\"")
}

async fn a_new_caller_with_a_landline_is_booked(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let (maya, door) = agent(&app, "maya").await;
    assert!(screen(&door).await.contains("data-test=\"call-number\""));
    let wrong = door.form(&format!("{DESK}/call"), &[("phone", "восемь")]).await.ok().text();
    assert!(wrong.contains("aria-invalid=\"true\"") && wrong.contains("восемь"), "what was typed stands there");
    let page = begin(&door, "8 (812) 309-93-64").await;
    for part in ["new-caller", "no-sms", "find-words"] {
        assert!(page.contains(&format!("data-test=\"{part}\"")), "{part}: {page}");
    }
    let found = door.get(&format!("{DESK}?q=терапевт&city=saint-petersburg&date=2026-11-27")).await.ok().text();
    assert!(found.contains("Часов Иван Ильич"), "{found}");
    let question = attribute(&found, "name=\"question\"", "value");
    let page = act(&door, "hold", &[("role", &app.role("Часов", "")), ("start", TEN), ("question", &question)]).await;
    assert!(page.contains("Часов Иван Ильич") && page.contains("data-test=\"call-script\""), "{page}");
    assert!(!app.slots(&app.role("Часов", ""), "").await.contains(&TEN.to_owned()), "the time is held");
    // The words that are read are those of the caller's language.
    let kazakh = act(&door, "language", &[("lang", "kk")]).await;
    let script = app.app.world.documents.script(privacy::Purpose::P1, db::Lang::Kk).unwrap();
    assert!(kazakh.contains("lang=\"kk\" data-test=\"call-script\""), "{kazakh}");
    // Nothing typed is lost, and nothing is booked without an answer.
    let again = send(&door, &kazakh, &[("whom", "self"), ("name", "Домашняя Нина")]).await;
    assert!(again.contains("value=\"Домашняя Нина\"") && again.contains("aria-invalid") | again.contains("wrong"), "{again}");
    assert!(!done(&again));
    for _ in 0..2 {
        let page = send(&door, &kazakh, &[("whom", "self"), ("name", "Домашняя Нина"), ("consent", "yes")]).await;
        assert!(done(&page) && page.contains("Пробная"), "{page}");
    }
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 1, "the second click books nothing");
    // The proof: which words, by whom, how.
    let event = app.rows("SELECT method, script_version, script_sha256, witness FROM consent_event", &[]).await;
    assert_eq!(event.len(), 1);
    assert_eq!(event[0].get::<String>(0).unwrap(), "voice");
    assert_eq!((event[0].get::<i64>(1).unwrap(), event[0].get::<String>(2).unwrap()), (script.version(), script.sha256().to_owned()));
    assert_eq!(event[0].get::<String>(3).unwrap(), maya.to_string());
    // Whoever cannot be sent anything is called, unless it was read out to them.
    app.jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM task WHERE outcome = ''").await, 1);
    act(&door, "read", &[]).await;
    app.jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM task WHERE outcome = ''").await, 0);
    assert_eq!(app.messages().await.iter().filter(|(to, _)| to.contains("8123099364")).count(), 0);
}

async fn a_family_on_one_phone(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let anna = cast::anna();
    let visit = booked(&app, "Часов", TEN, &anna).await;
    let other = testkit::cast::Person { name: "Иванов Борис".into(), ..anna.clone() };
    // The next code goes out a minute later.
    app.pass(2);
    booked(&app, "Часов", "2026-11-27T12:00:00+03:00", &other).await;
    let (_, door) = agent(&app, "maya").await;
    let page = begin(&door, &anna.phone).await;
    assert_eq!(attributes(&page, "name=\"person\"", "value").len(), 2, "{page}");
    for name in [anna.name.as_str(), "Иванов Борис", "Борис"] {
        assert!(!page.contains(name), "{name}");
    }
    assert!(!page.contains("data-test=\"caller-visit\""), "nobody's visits before they have shown who they are");
    let other_first = page.split("data-test=\"masked\">").nth(1).unwrap().starts_with("И… Б…");
    let place = if other_first { "0" } else { "1" };
    assert_eq!(door.form(&format!("{DESK}/call/person"), &[("person", "7"), ("shown", "caller_said_name")]).await.status, 404);
    assert_eq!(door.form(&format!("{DESK}/call/person"), &[("person", "0"), ("shown", "by_heart")]).await.status, 404);
    let page = act(&door, "person", &[("person", place), ("shown", "caller_said_number")]).await;
    assert!(page.contains("Иванов Борис") && !page.contains(&anna.name), "{page}");
    assert_eq!(page.matches("data-test=\"caller-visit\"").count(), 1);
    // Anna's visit is not theirs to change.
    assert_eq!(door.form(&format!("{DESK}/visits/{}/cancel", visit.id), &[]).await.status, 404);
    // The person sees who opened them, and that somebody showed who they are.
    let shown = app.rows("SELECT object FROM audit_entry WHERE outcome = 'caller_said_number'", &[]).await;
    assert_eq!(shown.len(), 1);
    assert_ne!(shown[0].get::<[u8; 16]>(0).unwrap(), visit.id.bytes());
    assert_eq!(app.count("SELECT count(*) FROM audit_entry WHERE outcome = 'opened' AND asker LIKE 'staff:%'").await, 3);
    // The cookie shows nothing, and another session does not read it.
    let cookie = door.cookie("recomed_call").unwrap();
    let mut found = Vec::new();
    testkit::scan::scan("recomed_call", cookie.as_bytes(), &["Иванов Борис".to_owned(), anna.phone.to_string()], &mut found);
    assert_eq!(found.len(), 0, "{found:?}");
    let (_, rita) = agent(&app, "rita").await;
    let forger = rita.with("cookie", &format!("recomed_call={cookie}"));
    assert!(!screen(&forger).await.contains("Иванов Борис"));
    // When the call is over, nothing of it is left.
    door.form(&format!("{DESK}/call/end"), &[]).await.location();
    assert!(screen(&door).await.contains("data-test=\"call-number\""));
    assert_eq!(door.form(&format!("{DESK}/visits/{}/cancel", visit.id), &[]).await.location(), DESK);
}

async fn a_caller_moves_and_calls_off(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let anna = cast::anna();
    let visit = booked(&app, "Часов", TEN, &anna).await;
    let (maya, door) = agent(&app, "maya").await;
    begin(&door, &anna.phone).await;
    act(&door, "person", &[("person", "0"), ("shown", "caller_said_name")]).await;
    let path = format!("{DESK}/visits/{}", visit.id);
    door.form(&format!("{path}/moving"), &[]).await.location();
    let page = door.get(&format!("{DESK}?date=2026-11-28")).await.ok().text();
    let start = attribute(&page, "data-test=\"move-time\"", "value");
    assert!(start.starts_with("2026-11-28"), "{start}");
    door.form(&format!("{path}/move"), &[("start", &start)]).await.location();
    assert!(done(&screen(&door).await));
    let moved = booking::request::visit(&app.app.world, visit.id).await.unwrap().unwrap();
    assert_eq!(moved.start.rfc3339(&moved.time_zone()), start);
    act(&door, "read", &[]).await;
    let off = door.form(&format!("{path}/cancel"), &[]).await.location();
    let page = door.get(&off).await.ok().text();
    assert!(page.contains("data-test=\"call-said\"") && !page.contains("data-test=\"caller-visit\""), "{page}");
    assert!(!screen(&door).await.contains("data-test=\"call-said\""), "it is said once");
    let by = format!("staff:{maya}");
    for outcome in ["moved", "cancelled"] {
        let found = app.rows("SELECT id FROM audit_entry WHERE outcome = $1 AND asker = $2", &[outcome.into(), by.as_str().into()]).await;
        assert_eq!(found.len(), 1, "{outcome}");
    }
}

async fn a_child_is_booked_by_a_parent(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let (_, door) = agent(&app, "maya").await;
    begin(&door, "+7 000 812-77-01").await;
    let page = act(&door, "hold", &[("role", &app.role("Детков", "")), ("start", TEN)]).await;
    assert!(!page.contains("id=\"whom-self\""), "a doctor for children: {page}");
    let declared = ["declaration_version", "declaration_sha256"].map(|name| (name, attribute(&page, &format!("name=\"{name}\""), "value")));
    let child = [("whom", "other"), ("name", "Пробный Миша"), ("age", "6"), ("relation", "parent"), ("representative", "Пробная Ольга")];
    let mut typed: Vec<(&str, &str)> = child.into();
    typed.push(("consent", "yes"));
    assert!(send(&door, &page, &typed).await.contains("id=\"declaration-error\""), "nobody acts for a child without saying that they may");
    typed.extend(declared.iter().map(|(name, value)| (*name, value.as_str())));
    typed.push(("declaration", "yes"));
    let page = send(&door, &page, &typed).await;
    assert!(done(&page), "{page}");
    assert_eq!(app.count("SELECT count(*) FROM representative").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM consent_event WHERE method = 'voice'").await, 2, "the consent and the declaration");
}

async fn nothing_is_kept_of_whoever_does_not_agree(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let (_, door) = agent(&app, "maya").await;
    begin(&door, "+7 000 812-77-02").await;
    let page = act(&door, "hold", &[("role", &app.role("Часов", "")), ("start", TEN)]).await;
    let page = send(&door, &page, &[("whom", "self"), ("name", "Несогласный Егор"), ("consent", "no")]).await;
    assert!(page.contains("data-test=\"call-said\"") && !page.contains("Егор"), "{page}");
    assert!(app.slots(&app.role("Часов", ""), "").await.contains(&TEN.to_owned()), "the time is free");
    assert_eq!((app.people().await, app.count("SELECT count(*) FROM appointment").await), (0, 0));
    assert_eq!(app.count("SELECT count(*) FROM consent_event").await, 0);
}

async fn two_agents_and_one_time(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let role = app.role("Часов", "");
    let (_, maya) = agent(&app, "maya").await;
    let (_, rita) = agent(&app, "rita").await;
    begin(&maya, "+7 000 812-77-03").await;
    begin(&rita, "+7 000 812-77-04").await;
    let (path, fields) = (format!("{DESK}/call/hold"), [("role", role.as_str()), ("start", TEN), ("question", "q=x")]);
    let (one, two) = tokio::join!(maya.form(&path, &fields), rita.form(&path, &fields));
    let pages = [maya.get(&one.location()).await.ok().text(), rita.get(&two.location()).await.ok().text()];
    let (holds, told): (Vec<&String>, Vec<&String>) = pages.iter().partition(|page| page.contains("data-test=\"call-form\""));
    assert_eq!(holds.len(), 1, "one of them has it");
    assert!(told[0].contains("data-test=\"call-said\"") && told[0].contains("data-test=\"find-words\""), "{}", told[0]);
    // A step back lets the time go.
    for door in [&maya, &rita] {
        act(door, "back", &[]).await;
    }
    assert!(app.slots(&role, "").await.contains(&TEN.to_owned()));
}

async fn a_request_where_there_are_no_live_times(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let (_, door) = agent(&app, "maya").await;
    begin(&door, "+7 000 812-77-05").await;
    let found = door.get(&format!("{DESK}?q=Звонкова&city=saint-petersburg")).await.ok().text();
    assert!(found.contains("data-test=\"found-ask\""), "{found}");
    let role = app.role("Звонкова", "");
    let none = act(&door, "wish", &[("role", &role)]).await;
    assert!(none.contains("data-test=\"call-said\""), "{none}");
    let page = act(&door, "wish", &[("role", &role), ("day", "2026-11-26"), ("part", "morning")]).await;
    let page = send(&door, &page, &[("whom", "self"), ("name", "Просящая Вера"), ("consent", "yes")]).await;
    assert!(done(&page), "{page}");
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE status = 'proposed'").await, 1);
}

async fn nobody_is_seen_without_a_call(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let visit = booked(&app, "Часов", TEN, &cast::anna()).await;
    let (_, door) = agent(&app, "maya").await;
    for (path, fields) in [
        (format!("{DESK}/call/person"), vec![("person", "0"), ("shown", "caller_said_name")]),
        (format!("{DESK}/call/hold"), vec![("role", "x"), ("start", TEN)]),
        (format!("{DESK}/visits/{}/cancel", visit.id), vec![]),
        (format!("{DESK}/visits/{}/move", visit.id), vec![("start", TEN)]),
        (format!("{DESK}/call/book"), vec![("consent", "yes")]),
    ] {
        let answer = door.form(&path, &fields).await;
        assert!(answer.status == 422 || answer.status == 400 || answer.location() == DESK, "{path}: {}", answer.status);
    }
    assert_eq!(app.count("SELECT count(*) FROM audit_entry WHERE outcome = 'opened' AND asker LIKE 'staff:%'").await, 0);
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE status = 'booked'").await, 1);
    // A number that nobody has given shows nobody.
    let page = begin(&door, "+7 000 812-77-06").await;
    assert!(page.contains("data-test=\"new-caller\""));
    // A call that nothing happens in ends by itself.
    app.pass(61);
    let after = door.get(DESK).await;
    assert!(after.status == 303 || after.text().contains("data-test=\"call-number\""), "{}", after.status);
}
