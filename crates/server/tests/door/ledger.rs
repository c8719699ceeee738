//! Money goes on without the tie: what took place is in the ledger once, by clinic and tariff, and the ledger tells neither whose it was nor
//! to whom they went.

use access::{Role, Scope};
use booking::{AppointmentId, Line, Month, Status};
use clock::DAY;
use directory::catalogue::{RoleId, ServiceKind};
use serde_json::json;
use testkit::{Kind, TestApp, attribute, cast};

use crate::staff::{place, signed};

testkit::both!(
    what_took_place_is_settled_once,
    two_who_settle_at_one_time_write_one_line,
    the_fee_is_that_of_the_class,
    money_goes_on_when_the_tie_dies_early,
    a_line_shares_nothing_with_its_visit_but_the_number,
    the_month_is_that_of_the_place,
    the_operator_sees_the_ledger_and_the_registrar_does_not,
);

const TOWN: &str = "\
clinic,city,address,doctor,specialty,price,minutes,services,device,room,hours,horizon_days,notice_minutes
Клиника «Счётная»,Санкт-Петербург,\"улица Пробная, 5\",Первов Пётр Ильич,Кардиолог,2000,30,\"ecg: 900, 40, device Самописец\",,,mon-sun 00:00-24:00,28,60
Клиника «Дальняя»,Санкт-Петербург,\"улица Пробная, 6\",Третьева Инна Ильинична,Кардиолог,2000,30,,,,mon-sun 09:00-17:00,28,60
";

async fn town(kind: Kind) -> TestApp {
    TestApp::plan(kind).csv(TOWN).setting("TARIFFS_CONSULTATION", "50000 RUB").setting("TARIFFS_EXAMINATION", "12550 KZT").start().await
}

/// Books for somebody new; the visit's id.
async fn book(app: &TestApp, role: &str, service: Option<&str>, start: &str, number: usize) -> AppointmentId {
    let (partner, _) = app.partner(&[Scope::Book]).await;
    let mut wish = app.wish(role, start, &cast::extra(number)).await;
    if let Some(service) = service {
        wish["service"] = json!(service);
    }
    let answer = partner.json("POST", "/api/v1/appointments", &wish).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().parse().unwrap()
}

async fn becomes(app: &TestApp, visit: AppointmentId, status: Status) {
    let changed = app.app.world.db.run("status", move |tx| {
        Box::pin(async move { tx.execute("UPDATE appointment SET status = $2 WHERE id = $1", &db::args![visit, status.code()]).await })
    });
    assert_eq!(changed.await.unwrap(), 1);
}

async fn number(app: &TestApp, visit: AppointmentId) -> i64 {
    app.rows("SELECT number FROM appointment WHERE id = $1", &db::args![visit]).await[0].get(0).unwrap()
}

/// One turn of what keeps the terms.
async fn turn(app: &TestApp) {
    let world = &app.app.world;
    rights::retention::run(&world.db, &world.keys, &world.profile).await.unwrap();
}

/// To the begin of the day on which what happens today is settled.
fn term(app: &TestApp) {
    let days = app.app.world.profile.retention.ledger_days_after_visit + 1;
    app.clock.set(clock::Timestamp((app.clock.now().day() + days) * DAY));
}

async fn lines(app: &TestApp, month: &str) -> Vec<Line> {
    let month = Month::read(month).unwrap();
    app.app.world.db.read("lines", move |tx| Box::pin(booking::ledger_lines(tx, month))).await.unwrap()
}

async fn written(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM ledger_line").await
}

async fn what_took_place_is_settled_once(kind: Kind) {
    let app = town(kind).await;
    let role = app.role("Первов", "Счётная");
    let today = app.slots(&role, "").await;
    let mut visits = Vec::new();
    for (number, status) in Status::ALL.into_iter().enumerate() {
        let visit = book(&app, &role, None, &today[number], number).await;
        becomes(&app, visit, status).await;
        visits.push((visit, status));
    }
    let to_come = book(&app, &role, None, app.slots(&role, "").await.last().unwrap(), 40).await;
    app.clock.set(clock::Timestamp((app.clock.now().day() + app.app.world.profile.retention.ledger_days_after_visit + 1) * DAY - 1));
    turn(&app).await;
    assert_eq!(written(&app).await, 0, "the clinic may still say that nobody came");
    app.clock.advance(std::time::Duration::from_secs(1));
    turn(&app).await;
    turn(&app).await;
    let mut took_place = Vec::new();
    for (visit, status) in &visits {
        if !matches!(status, Status::Proposed | Status::Waitlist | Status::Cancelled | Status::NoShow | Status::EnteredInError) {
            took_place.push(Some(number(&app, *visit).await));
        }
    }
    took_place.sort_unstable();
    let lines = lines(&app, "2026-11").await;
    assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), took_place, "each once, though the turn came twice");
    let clinic = app.app.world.catalogue().role(role.parse().unwrap()).unwrap().organization;
    assert!(lines.iter().all(|line| line.clinic == clinic && line.tariff == ServiceKind::Consultation));
    if kind == Kind::Postgres {
        // As they lie in the file: by lot, not by the time of the visits.
        let order = |by: &str| format!("SELECT id FROM ledger_line ORDER BY {by}");
        assert_eq!(app.rows(&order("ctid"), &[]).await, app.rows(&order("id"), &[]).await);
    }
    // What is said of a visit afterwards changes no line, and the request may still get a time.
    becomes(&app, visits[2].0, Status::Fulfilled).await;
    assert_eq!(app.count("SELECT count(*) FROM appointment WHERE settled = 0").await, 3, "two requests and the visit to come");
    becomes(&app, visits[0].0, Status::Booked).await;
    turn(&app).await;
    assert_eq!(written(&app).await, 6);
    // When the ties have died, nothing has come to it twice.
    app.pass(60 * 24 * 60);
    turn(&app).await;
    turn(&app).await;
    assert_eq!((written(&app).await, app.count("SELECT count(*) FROM appointment WHERE tied = 1").await), (7, 0));
    assert_eq!(
        app.count("SELECT count(*) FROM ledger_line l JOIN appointment a ON a.number = l.number").await,
        0,
        "the numbers lead nowhere"
    );
    assert!(self::lines(&app, "2026-12").await.iter().all(|line| line.number.is_some()), "{to_come}: settled before it was untied");
}

async fn two_who_settle_at_one_time_write_one_line(kind: Kind) {
    let app = town(kind).await;
    let role = app.role("Первов", "Счётная");
    let today = app.slots(&role, "").await;
    for (number, time) in today.iter().take(6).enumerate() {
        book(&app, &role, None, time, number).await;
    }
    term(&app);
    let replica = app.twin().await;
    tokio::join!(turn(&app), turn(&replica), turn(&app), turn(&replica));
    assert_eq!(written(&app).await, 6);
}

async fn the_fee_is_that_of_the_class(kind: Kind) {
    let app = town(kind).await;
    let role = app.role("Первов", "Счётная");
    book(&app, &role, None, &app.slots(&role, "").await[0], 1).await;
    book(&app, &role, Some("ecg"), &app.slots(&role, "&service=ecg").await[6], 2).await;
    term(&app);
    turn(&app).await;
    let fees = |lines: Vec<Line>| -> Vec<(ServiceKind, i64, String)> {
        lines.into_iter().map(|line| (line.tariff, line.fee.minor, line.fee.currency)).collect()
    };
    let both = [(ServiceKind::Consultation, 50_000, "RUB".to_owned()), (ServiceKind::Examination, 12_550, "KZT".to_owned())];
    assert_eq!(fees(lines(&app, "2026-11").await), both);
    // The next start has no tariffs: what is written stays, what comes is a count, in the currency of the visit.
    app.twin().await;
    book(&app, &role, None, &app.slots(&role, "").await[0], 3).await;
    term(&app);
    turn(&app).await;
    let mut now = fees(lines(&app, "2026-11").await);
    now.extend(fees(lines(&app, "2026-12").await));
    now.sort_by_key(|(_, fee, _)| *fee);
    assert_eq!(now, [(ServiceKind::Consultation, 0, "RUB".to_owned()), both[1].clone(), both[0].clone()]);
}

async fn money_goes_on_when_the_tie_dies_early(kind: Kind) {
    let app = town(kind).await;
    let role = app.role("Первов", "Счётная");
    let today = app.slots(&role, "").await;
    let (over, off) = (book(&app, &role, None, &today[0], 1).await, book(&app, &role, None, &today[2], 1).await);
    let others = book(&app, &role, None, &today[4], 2).await;
    becomes(&app, off, Status::NoShow).await;
    app.pass(12 * 60);
    let to_come = book(&app, &role, None, &app.slots(&role, "").await[30], 1).await;
    erase(&app, 1).await;
    let early = lines(&app, "2026-11").await;
    assert_eq!(early.len(), 1, "of {over}, {off} and {to_come} one took place");
    assert_eq!((early[0].number, early[0].fee.minor), (None, 50_000), "the number is on her paper");
    // Nobody comes to it a second time, and everybody else keeps their term.
    turn(&app).await;
    assert_eq!(written(&app).await, 1);
    app.pass(10 * 24 * 60);
    turn(&app).await;
    let numbers: Vec<Option<i64>> = lines(&app, "2026-11").await.iter().map(|line| line.number).collect();
    assert_eq!(numbers, [None, Some(number(&app, others).await)]);
    // Whoever goes later takes the number out of the line that is there.
    erase(&app, 2).await;
    assert_eq!(lines(&app, "2026-11").await.iter().map(|line| line.number).collect::<Vec<_>>(), [None, None]);

    // A consent that was taken back takes the tie, not the money. What was held so shortly has no number either.
    let visit = book(&app, &role, None, &app.slots(&role, "").await[0], 5).await;
    app.pass(12 * 60);
    let world = &app.app.world;
    let day = app.clock.now().day();
    world
        .db
        .run("withdrawn", move |tx| {
            Box::pin(async move {
                tx.execute("INSERT INTO withdrawn_visit (visit, withdrawn_on) VALUES ($1, $2)", &db::args![visit, day]).await
            })
        })
        .await
        .unwrap();
    assert_eq!(rights::erase::erase_withdrawn(&world.db, &world.keys, 0).await, Ok(1));
    let numbers: Vec<Option<i64>> = lines(&app, "2026-12").await.iter().map(|line| line.number).collect();
    assert_eq!(numbers, [None]);
}

async fn erase(app: &TestApp, number: usize) {
    let world = &app.app.world;
    let key = world.keys.by_phone(&cast::extra(number).phone).await.unwrap().remove(0);
    let known = world.keys.known(key.person().unwrap()).await.unwrap().unwrap();
    let master = privacy::MasterKey::read(&app.folder().join("master.key")).unwrap();
    rights::erase::erase(&world.db, &world.keys, &known, world.keys.console(&master).unwrap()).await.unwrap();
}

/// Everything of a table as bytes, row by row: numbers in their sixteen digits too.
async fn values(app: &TestApp, table: &str) -> Vec<Vec<(String, Vec<u8>)>> {
    let columns = app.app.world.db.read("columns", |tx| Box::pin(db::schema::columns(tx))).await.unwrap();
    let columns: Vec<_> = columns.into_iter().filter(|column| column.table == table).collect();
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let rows = app.rows(&format!("SELECT {} FROM {table}", names.join(", ")), &[]).await;
    rows.iter()
        .map(|row| {
            let value = |place: usize, kind: &str| match kind {
                "int" => row.get::<Option<i64>>(place).unwrap().map(|number| number.to_string().into_bytes()),
                "text" => row.get::<Option<String>>(place).unwrap().map(String::into_bytes),
                _ => row.get::<Option<Vec<u8>>>(place).unwrap(),
            };
            let named = columns.iter().enumerate();
            named.map(|(place, column)| (column.name.clone(), value(place, &column.kind).unwrap_or_default())).collect()
        })
        .collect()
}

async fn a_line_shares_nothing_with_its_visit_but_the_number(kind: Kind) {
    let app = town(kind).await;
    let role = app.role("Первов", "Счётная");
    let visit = book(&app, &role, Some("ecg"), &app.slots(&role, "&service=ecg").await[0], 1).await;
    term(&app);
    turn(&app).await;
    let [line] = &values(&app, "ledger_line").await[..] else { panic!("one line") };
    let names: Vec<&str> = line.iter().map(|(name, _)| name.as_str()).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        ["clinic", "currency", "fee_minor", "id", "month", "number", "tariff"],
        "a column more is a decision: docs/decisions/ledger.md"
    );
    let [row] = &values(&app, "appointment").await[..] else { panic!("one visit") };
    let shared: Vec<&str> = line
        .iter()
        .filter(|(_, value)| {
            row.iter().any(|(_, there)| there.len() > 1 && (there == value || value.windows(there.len()).any(|part| part == there)))
        })
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(shared, ["number"]);
    // Neither the doctor nor what they are for, in whatever spelling.
    let catalogue = app.app.world.catalogue();
    let id: RoleId = role.parse().unwrap();
    let known = catalogue.role(id).unwrap();
    let doctor = known.practitioner.unwrap();
    let specialty = catalogue.service("ecg").unwrap().specialty.clone();
    let mut told: Vec<Vec<u8>> = vec![id.bytes().into(), doctor.bytes().into(), visit.bytes().into(), known.location.bytes().into()];
    told.extend([role.clone(), doctor.to_string(), visit.to_string(), "ecg".into(), specialty, "cardio".into()].map(String::into_bytes));
    told.extend(known.services.iter().map(|offer| offer.service.clone().into_bytes()));
    for (name, value) in line {
        let what = told.iter().find(|what| value.windows(what.len()).any(|part| part == what.as_slice()));
        assert_eq!(what, None, "{name}");
    }
}

async fn the_month_is_that_of_the_place(kind: Kind) {
    let app = town(kind).await;
    let role = app.role("Первов", "Счётная");
    app.clock.set(clock::Timestamp::parse_rfc3339("2026-11-30T12:00:00Z").unwrap());
    app.app.world.free.rebuild(&app.app.world.db, app.app.world.catalogue()).await.unwrap();
    // The last of November by London's clock is the first of December by the clinic's.
    book(&app, &role, None, "2026-11-30T23:30:00+03:00", 1).await;
    book(&app, &role, None, "2026-12-01T00:00:00+03:00", 2).await;
    term(&app);
    app.pass(24 * 60);
    turn(&app).await;
    assert_eq!((lines(&app, "2026-11").await.len(), lines(&app, "2026-12").await.len()), (1, 1));
}

async fn the_operator_sees_the_ledger_and_the_registrar_does_not(kind: Kind) {
    let app = town(kind).await;
    let (here, far) = (app.role("Первов", "Счётная"), app.role("Третьева", "Дальняя"));
    let at = place(&app, &here);
    let (times, far_times) = (app.slots(&here, "").await, app.slots(&far, "").await);
    for number in 0..3 {
        book(&app, &here, None, &times[number * 2], number).await;
    }
    book(&app, &here, Some("ecg"), &app.slots(&here, "&service=ecg").await[12], 4).await;
    book(&app, &far, None, &far_times[0], 5).await;
    let (_, operator) = signed(&app, "operator", Role::Operator, at).await;
    for (lang, empty) in [("kk", "ештеңе есептелген жоқ"), ("ru", "ничего не учтено"), ("en", "Nothing is settled")]
    {
        let page = operator.get(&format!("/{lang}/staff/ledger?month=2026-11")).await.ok().text();
        assert!(page.contains(empty) && !page.contains("staff-ledger-line") && !page.contains("staff-ledger-csv"), "{page}");
    }
    term(&app);
    app.pass(24 * 60);
    turn(&app).await;
    let (_, operator) = signed(&app, "another", Role::Operator, at).await;
    let page = operator.get("/ru/staff/ledger?month=2026-11").await.ok();
    assert_eq!(page.header("cache-control"), "no-store");
    let page = page.text();
    assert_eq!(page.matches("data-test=\"staff-ledger-line\"").count(), 3, "{page}");
    assert_eq!(page.matches("data-test=\"staff-ledger-total\"").count(), 2, "two currencies are not added up: {page}");
    for part in [
        "ноябрь 2026 года",
        "Счётная",
        "Дальняя",
        "<td>консультация</td><td>3</td><td>1\u{202f}500\u{a0}₽</td>",
        "125,50\u{a0}₸",
        "<td>4</td><td>2\u{202f}000\u{a0}₽</td>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("Первов") && !page.contains("ЭКГ"), "{page}");
    // From month to month; who names none gets this one.
    assert_eq!(attribute(&page, "staff-ledger-before", "href"), "/ru/staff/ledger?month=2026-10");
    assert!(operator.get("/ru/staff/ledger?month=2026-10").await.ok().text().contains("staff-ledger-none"));
    assert!(operator.get("/en/staff/ledger").await.ok().text().contains("November 2026"));
    for wrong in ["2026-13", "2026", "%27"] {
        assert_eq!(operator.get(&format!("/ru/staff/ledger?month={wrong}")).await.status, 404, "{wrong}");
    }
    let csv = operator.get(&attribute(&page, "staff-ledger-csv", "href")).await.ok();
    assert_eq!((csv.header("content-type"), csv.header("cache-control")), ("text/csv; charset=utf-8".into(), "no-store".into()));
    let csv = csv.text();
    assert_eq!(csv.lines().count(), 4, "{csv}");
    for part in ["consultation,3,1500.00,RUB", "examination,1,125.50,KZT", "consultation,1,500.00,RUB"] {
        assert!(csv.contains(part), "{csv}");
    }
    // Whoever works for a clinic sees neither.
    let (_, registrar) = signed(&app, "registrar", Role::Registrar, at).await;
    for path in ["/ru/staff/ledger", "/ru/staff/ledger?month=2026-11", "/ru/staff/ledger/csv?month=2026-11"] {
        assert_eq!(registrar.get(path).await.status, 403, "{path}");
    }
    assert!(!registrar.get("/ru/staff/day").await.ok().text().contains("/staff/ledger"));
}
