//! Devices and rooms are claimed like doctors (I1): one time of one device goes to one visit, whichever role it is booked with, and what
//! is claimed by a visit is what the directory said when it was booked.

use access::Scope;
use clock::Timestamp;
use directory::catalogue::RoleId;
use serde_json::{Value, json};
use testkit::{Answer, Door, Kind, TestApp, cast};

use crate::fhir;
use crate::races::{all_at_once, one_has_won};

testkit::both!(
    sixty_four_on_one_device,
    sixty_four_on_overlapping_times_of_one_device,
    an_examination_keeps_its_device_and_no_doctor,
    a_visit_keeps_the_device_it_was_booked_on,
    a_time_of_a_feed_is_booked_once,
    a_room_is_nobody_elses,
    what_is_long_over_is_forgotten,
);

const HEAD: &str = "clinic,city,address,doctor,specialty,price,minutes,services,device,room,hours,horizon_days,notice_minutes\n";
/// One recorder that two doctors work with, one that is booked at a doctor's without the doctor, and by itself: four grids, with buffers. The
/// doctor without whom it is booked receives elsewhere too. A second recorder has times of its own.
const RECORDER: &str = "\
Клиника «Приборная»,Санкт-Петербург,\"улица Пробная, 5\",Первов Пётр Ильич,Кардиолог,2000,30,\"ecg: 900, 40, device Самописец\",,,mon-sun 09:00-17:00,28,60
Клиника «Приборная»,Санкт-Петербург,\"улица Пробная, 5\",Вторев Иван Ильич,Кардиолог,2000,30,\"ecg: 900, 20, after 25, device Самописец\",,,mon-sun 09:00-17:00,28,60
Клиника «Приборная»,Санкт-Петербург,\"улица Пробная, 5\",Третьева Инна Ильинична,Кардиолог,2000,30,\"ecg: 900, 15, before 5, after 10, device Самописец, alone\",,,mon-sun 09:00-17:00,28,60
Клиника «Приборная»,Санкт-Петербург,\"улица Пробная, 5\",,,,,\"ecg: 700, 15\",Самописец,,mon-sun 09:00-17:00,28,60
Клиника «Приборная»,Санкт-Петербург,\"улица Пробная, 5\",,,,,\"ecg: 700, 15\",Запасной самописец,,mon-sun 09:00-17:00,28,60
Клиника «Дальняя»,Санкт-Петербург,\"улица Пробная, 6\",Третьева Инна Ильинична,Кардиолог,2000,30,,,,mon-sun 09:00-17:00,28,60
";

fn recorder() -> &'static str {
    static TEXT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    TEXT.get_or_init(|| format!("{HEAD}{RECORDER}"))
}

async fn open(kind: Kind) -> TestApp {
    TestApp::plan(kind).csv(recorder()).start().await
}

/// The role of a device alone.
#[track_caller]
fn alone(app: &TestApp, device: &str) -> String {
    let catalogue = app.app.world.catalogue();
    let named = |id| catalogue.resource(id).is_some_and(|found| found.names.ru == device);
    let role = catalogue.roles.iter().find(|role| role.practitioner.is_none() && role.services[0].device.is_some_and(named));
    role.unwrap_or_else(|| panic!("no {device}")).id.to_string()
}

/// An instant of a Tuesday soon, in Moscow.
fn at(time: &str) -> String {
    format!("2026-11-24T{time}:00+03:00")
}

/// The times of that Tuesday at which an examination can begin.
async fn ecg(app: &TestApp, role: &str) -> Vec<String> {
    let slots = app.slots(role, "&service=ecg").await;
    slots.iter().filter_map(|start| start.strip_prefix("2026-11-24T")?.get(..5).map(str::to_owned)).collect()
}

async fn is_free(app: &TestApp, role: &str, time: &str) -> bool {
    ecg(app, role).await.contains(&time.to_owned())
}

async fn wish(app: &TestApp, role: &str, start: &str, number: usize) -> Value {
    let mut wish = app.wish(role, start, &cast::extra(number)).await;
    wish["service"] = json!("ecg");
    wish
}

async fn book(app: &TestApp, role: &str, time: &str, number: usize) -> Answer {
    let (partner, _) = app.partner(&[Scope::Book]).await;
    partner.json("POST", "/api/v1/appointments", &wish(app, role, &at(time), number).await).await
}

fn holder(app: &TestApp, visit: &Value) -> (Door, String) {
    let door = app.door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
    (door, format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap()))
}

/// What is told of the clinics' times is what a program tells that was started just now.
async fn as_if_started_now(app: &TestApp, after: &str) {
    let twin = app.twin().await;
    let catalogue = app.app.world.catalogue();
    let own =
        |id| catalogue.organization(id).is_some_and(|clinic| clinic.names.ru.contains("Приборная") || clinic.names.ru.contains("Дальняя"));
    for role in catalogue.roles.iter().filter(|role| own(role.organization)) {
        for offer in &role.services {
            let told = (role.id.to_string(), format!("&service={}", offer.service));
            assert_eq!(app.slots(&told.0, &told.1).await, twin.slots(&told.0, &told.1).await, "{after}: {} {}", offer.service, role.id);
        }
    }
}

async fn sixty_four_on_one_device(kind: Kind) {
    let app = open(kind).await;
    let roles = [app.role("Первов", "Приборная"), app.role("Вторев", "Приборная"), alone(&app, "Самописец")];
    let mut wishes = Vec::new();
    for number in 0..64 {
        wishes.push(wish(&app, &roles[number % roles.len()], &at("09:00"), number).await);
    }
    one_has_won(&app, &all_at_once(&app, wishes).await).await;
}

async fn sixty_four_on_overlapping_times_of_one_device(kind: Kind) {
    let app = open(kind).await;
    let (one, two, three) = (app.role("Первов", "Приборная"), app.role("Вторев", "Приборная"), app.role("Третьева", "Приборная"));
    let device = alone(&app, "Самописец");
    // Role, begin, and the minutes before it and after it in which nobody else may have the device.
    let wanted: [(&String, &str, i64, i64); 8] = [
        (&one, "11:40", 0, 40),
        (&two, "11:15", 0, 45),
        (&two, "12:00", 0, 45),
        (&three, "11:35", 5, 25),
        (&three, "12:05", 5, 25),
        (&device, "11:45", 0, 15),
        (&device, "12:00", 0, 15),
        (&device, "12:15", 0, 15),
    ];
    let mut wishes = Vec::new();
    for number in 0..64 {
        let (role, time, ..) = wanted[number % wanted.len()];
        wishes.push(wish(&app, role, &at(time), number).await);
    }
    let occupied = |role: &str, start: Timestamp| {
        let (_, _, before, after) = wanted.iter().find(|(of, time, ..)| *of == role && at(time) == shown(start)).unwrap();
        (start.plus_minutes(-before), start.plus_minutes(*after))
    };
    let answers = all_at_once(&app, wishes.clone()).await;
    let mut won: Vec<(Timestamp, Timestamp, &str)> = Vec::new();
    for (_, body) in answers.iter().filter(|(status, _)| *status == 201) {
        let (door, path) = holder(&app, body);
        let visit = door.get(&path).await.ok().json();
        let start = Timestamp::parse_rfc3339(visit["start"].as_str().unwrap()).unwrap();
        let (from, to) = occupied(visit["role_id"].as_str().unwrap(), start);
        won.push((from, to, body["id"].as_str().unwrap()));
    }
    won.sort();
    assert!(!won.is_empty());
    assert!(won.windows(2).all(|pair| pair[0].1 <= pair[1].0), "two have the device at one time: {won:?}");
    // Answers come in the order in which they ended; who lost, lost to somebody.
    assert_eq!(
        answers.iter().filter(|(status, body)| *status == 409 && body["code"] == "slot_taken").count(),
        64 - won.len(),
        "{answers:?}"
    );
    for wish in &wishes {
        let (from, to) = occupied(wish["role_id"].as_str().unwrap(), Timestamp::parse_rfc3339(wish["start"].as_str().unwrap()).unwrap());
        assert!(won.iter().any(|(begin, end, _)| *begin < to && from < *end), "a free time was refused: {wish}");
    }
    // The same is stored: each visit has every cell of the device that it occupies, and nobody has another one.
    let resource = app.app.world.catalogue().role(device.parse().unwrap()).unwrap().services[0].device.unwrap();
    let claims = app.rows("SELECT cell, owner FROM claim WHERE resource = $1 ORDER BY cell", &[resource.into()]).await;
    let claims: Vec<(i64, String)> = claims
        .iter()
        .map(|row| (row.get(0).unwrap(), row.get::<[u8; 16]>(1).unwrap().map(|byte| format!("{byte:02x}")).concat()))
        .collect();
    let cells = won.iter().flat_map(|(from, to, visit)| {
        let cell = |at: &Timestamp| at.micros() / clock::SECOND / 300;
        (cell(from)..cell(to)).map(|cell| (cell, visit.replace('-', "")))
    });
    assert_eq!(claims, cells.collect::<Vec<_>>());
}

fn shown(at: Timestamp) -> String {
    at.rfc3339(&jiff::tz::TimeZone::get("Europe/Moscow").unwrap())
}

async fn an_examination_keeps_its_device_and_no_doctor(kind: Kind) {
    let app = open(kind).await;
    let (one, here, elsewhere) = (app.role("Первов", "Приборная"), app.role("Третьева", "Приборная"), app.role("Третьева", "Дальняя"));
    let device = alone(&app, "Самописец");
    let visits = (app.slots(&here, "").await, app.slots(&elsewhere, "").await);
    assert!(is_free(&app, &one, "11:40").await && is_free(&app, &device, "12:15").await && is_free(&app, &here, "12:05").await);

    let examination = book(&app, &here, "12:05", 1).await;
    assert_eq!(examination.status, 201, "{}", examination.text());
    assert_eq!((app.slots(&here, "").await, app.slots(&elsewhere, "").await), visits, "the doctor receives meanwhile");
    for (role, time, free) in [
        (&here, "12:05", false),
        (&one, "11:40", false),
        (&one, "11:00", true),
        (&device, "11:45", true),
        (&device, "12:00", false),
        (&device, "12:15", false),
        (&device, "12:30", true),
    ] {
        assert_eq!(is_free(&app, role, time).await, free, "{time}");
    }
    assert_eq!(app.book(&elsewhere, &at("12:00"), &cast::anna()).await.status, 201, "the doctor can be booked at that very time");
    assert_eq!(book(&app, &one, "11:40", 2).await.said(), "409 slot_taken");
    as_if_started_now(&app, "booked").await;

    let (door, path) = holder(&app, &examination.json());
    let moved = door.json("PATCH", &path, &json!({"start": at("13:05")})).await;
    assert_eq!(moved.status, 200, "{}", moved.text());
    for (role, time, free) in
        [(&one, "11:40", true), (&device, "12:00", true), (&device, "12:15", true), (&here, "13:05", false), (&device, "13:15", false)]
    {
        assert_eq!(is_free(&app, role, time).await, free, "{time}, moved");
    }
    // By half an hour, so that the new time begins where the old one ends, and back over it.
    for time in ["13:35", "13:05"] {
        let moved = door.json("PATCH", &path, &json!({"start": at(time)})).await;
        assert!(moved.status == 200 || moved.said() == "409 moved_too_often", "{}", moved.text());
        as_if_started_now(&app, time).await;
    }
    door.json("DELETE", &path, &Value::Null).await.ok();
    assert!(is_free(&app, &here, "13:05").await && is_free(&app, &device, "13:15").await && is_free(&app, &one, "11:40").await);
    as_if_started_now(&app, "cancelled").await;
    let resource = app.app.world.catalogue().role(device.parse::<RoleId>().unwrap()).unwrap().services[0].device.unwrap();
    assert_eq!(app.rows("SELECT cell FROM claim WHERE resource = $1", &[resource.into()]).await.len(), 0);
}

/// The clinic's next file names another device; the visits that are booked stay where they are.
async fn a_visit_keeps_the_device_it_was_booked_on(kind: Kind) {
    let app = open(kind).await;
    let (one, two) = (app.role("Первов", "Приборная"), app.role("Вторев", "Приборная"));
    let (old, spare) = (alone(&app, "Самописец"), alone(&app, "Запасной самописец"));
    // Another replica that will hear of the change later.
    let behind = app.twin().await;
    let visit = book(&app, &one, "11:40", 1).await;
    assert_eq!(visit.status, 201, "{}", visit.text());
    let hold = app.door().json("POST", "/api/v1/holds", &json!({"role_id": two, "service": "ecg", "start": at("09:00")})).await;
    assert_eq!(hold.status, 201, "{}", hold.text());
    assert!(!is_free(&app, &old, "11:45").await && !is_free(&app, &old, "09:15").await && !is_free(&app, &two, "11:15").await);

    let changed = recorder().replace("device Самописец\"", "device Запасной самописец\"");
    app.import(&changed).await;
    assert!(app.follow_directory().await);
    as_if_started_now(&app, "changed").await;
    assert!(!is_free(&app, &old, "11:45").await, "the visit is on the old device");
    assert!(is_free(&app, &spare, "11:45").await && is_free(&app, &two, "11:15").await, "and not on the new one");

    let (door, path) = holder(&app, &visit.json());
    door.json("DELETE", &path, &Value::Null).await.ok();
    assert!(is_free(&app, &old, "11:45").await, "the old device is free at once");
    as_if_started_now(&app, "cancelled").await;
    app.pass(15);
    assert!(is_free(&app, &old, "09:15").await, "the hold on the old device has run out");
    as_if_started_now(&app, "run out").await;

    // Who has not heard of the change books on the old device.
    let late = book(&behind, &one, "13:40", 2).await;
    assert_eq!(late.status, 201, "{}", late.text());
    app.follow_feed().await;
    assert!(!is_free(&app, &old, "13:45").await && is_free(&app, &spare, "13:45").await);
    as_if_started_now(&app, "booked by the old file").await;

    // Moved by whoever knows the new file: from the old device to the new one.
    let (door, path) = holder(&app, &late.json());
    let moved = door.json("PATCH", &path, &json!({"start": at("14:20")})).await;
    assert_eq!(moved.status, 200, "{}", moved.text());
    assert!(is_free(&app, &old, "13:45").await && is_free(&app, &old, "14:30").await && !is_free(&app, &spare, "14:30").await);
    as_if_started_now(&app, "moved").await;
    behind.follow_feed().await;
    assert!(is_free(&behind, &old, "13:45").await && !is_free(&behind, &spare, "14:30").await);
}

async fn a_time_of_a_feed_is_booked_once(kind: Kind) {
    let app = TestApp::start(kind).await;
    let folder = app.folder().join("feed");
    std::fs::create_dir_all(&folder).unwrap();
    // The clock of the test stands at 09:00 of 2026-11-23 in Moscow.
    let slot = |id: &str, start: &str, minutes: i64, status: &str, capacity: i64| {
        let end = shown(Timestamp::parse_rfc3339(start).unwrap().plus_minutes(minutes));
        json!({"resourceType": "Slot", "id": id, "schedule": {"reference": "Schedule/c"}, "status": status, "start": start, "end": end,
            "extension": [{"url": "x/slot-capacity", "valueInteger": capacity}]})
    };
    let feed = |status: &str| {
        let slots = [
            slot("past", "2026-11-23T08:00:00+03:00", 30, "free", 1),
            slot("good", &at("10:00"), 30, status, 1),
            slot("over", &at("10:20"), 30, "free", 1),
            slot("many", &at("11:00"), 30, "free", 3),
            slot("none", &at("12:00"), 30, "free", 0),
            slot("busy", &at("13:00"), 30, "busy", 1),
            slot("next", &at("14:00"), 30, "free", 1),
        ];
        fhir::feed(&folder, slots.into_iter());
    };
    feed("free");
    let report = fhir::import(&app.app.world.db, &folder, fhir::said()).await;
    assert_eq!((report.added, report.refused_count), (7, 0), "{report} {:?}", report.refused);
    app.follow_directory().await;
    let catalogue = app.app.world.catalogue();
    let role = catalogue.roles.iter().find(|role| role.source.is_some()).unwrap().id.to_string();
    let (good, over, next) = (at("10:00"), at("10:20"), at("14:00"));
    assert_eq!(app.slots(&role, "").await, [good.clone(), over.clone(), next.clone()]);
    for (start, said) in [
        ("2026-11-23T08:00:00+03:00", "422 slot_past"),
        (&at("11:00"), "422 slot_unknown"),
        (&at("12:00"), "422 slot_unknown"),
        (&at("13:00"), "422 slot_unknown"),
        (&at("10:05"), "422 slot_unknown"),
    ] {
        assert_eq!(app.book(&role, start, &cast::anna()).await.said(), said, "{start}");
        let hold = app.door().json("POST", "/api/v1/holds", &json!({"role_id": role, "start": start})).await;
        assert_eq!(hold.said(), said, "{start}, held");
        app.pass(2);
    }
    assert_eq!(app.count("SELECT count(*) FROM claim").await, 0);

    let mut wishes = Vec::new();
    for number in 0..16 {
        wishes.push(app.wish(&role, if number % 2 == 0 { &good } else { &over }, &cast::extra(number)).await);
    }
    one_has_won(&app, &all_at_once(&app, wishes).await).await;
    assert_eq!(app.slots(&role, "").await, [next.as_str()], "each overlaps the other");
    // Their file says so too, then that it is free again: what we have booked stays booked.
    for status in ["busy", "free"] {
        feed(status);
        fhir::import(&app.app.world.db, &folder, fhir::said()).await;
        app.follow_feed().await;
        assert_eq!(app.slots(&role, "").await, [next.as_str()], "{status}");
    }
    // A time that they give away by themselves is gone here at the next turn, and comes back the same way.
    let text = std::fs::read_to_string(folder.join("slots.ndjson")).unwrap();
    std::fs::write(
        folder.join("slots.ndjson"),
        text.replace(&format!("\"start\":\"{next}\",\"status\":\"free\""), &format!("\"start\":\"{next}\",\"status\":\"busy\"")),
    )
    .unwrap();
    fhir::import(&app.app.world.db, &folder, fhir::said()).await;
    app.follow_feed().await;
    assert_eq!(app.slots(&role, "").await, Vec::<String>::new());
    assert_eq!(app.book(&role, &next, &cast::boris()).await.said(), "422 slot_unknown");
    std::fs::write(folder.join("slots.ndjson"), text).unwrap();
    fhir::import(&app.app.world.db, &folder, fhir::said()).await;
    app.follow_feed().await;
    app.pass(2);
    assert_eq!(app.book(&role, &next, &cast::boris()).await.status, 201);
}

const ROOM: &str = "\
Клиника «Тесная»,Санкт-Петербург,\"улица Пробная, 7\",Первов Пётр Ильич,Кардиолог,2000,30,,,Кабинет 1,mon-sun 09:00-17:00,28,60
Клиника «Тесная»,Санкт-Петербург,\"улица Пробная, 7\",Вторев Иван Ильич,Кардиолог,2000,20,,,Кабинет 1,mon-sun 09:00-17:00,28,60
";

async fn a_room_is_nobody_elses(kind: Kind) {
    let app = open(kind).await;
    app.import(&format!("{HEAD}{ROOM}")).await;
    assert!(app.follow_directory().await);
    let (one, two) = (app.role("Первов", "Тесная"), app.role("Вторев", "Тесная"));
    let mut wishes = Vec::new();
    for number in 0..32 {
        // Half past eleven to twelve, and twenty to twelve to twelve.
        let (role, time) = if number % 2 == 0 { (&one, "11:30") } else { (&two, "11:40") };
        wishes.push(app.wish(role, &at(time), &cast::extra(number)).await);
    }
    let answers = all_at_once(&app, wishes).await;
    one_has_won(&app, &answers).await;
    let slots = [app.slots(&one, "").await, app.slots(&two, "").await];
    assert!(!slots[0].contains(&at("11:30")) && !slots[1].contains(&at("11:40")) && slots[1].contains(&at("12:00")));
}

async fn sweep(app: &TestApp) {
    let profile = app.app.world.profile.clone();
    let swept = app.app.world.db.run("sweep", move |tx| {
        let profile = profile.clone();
        Box::pin(async move { booking::sweep(tx, &profile).await })
    });
    swept.await.unwrap();
}

/// Claims do not gather for ever: those of a visit go some days after it, and no others.
async fn what_is_long_over_is_forgotten(kind: Kind) {
    let app = open(kind).await;
    let one = app.role("Первов", "Приборная");
    assert_eq!(book(&app, &one, "11:40", 1).await.status, 201);
    let mut wish = wish(&app, &one, "2026-12-01T11:40:00+03:00", 1).await;
    let (partner, _) = app.partner(&[Scope::Book]).await;
    wish["service"] = json!("ecg");
    assert_eq!(partner.json("POST", "/api/v1/appointments", &wish).await.status, 201);
    // Eight cells of the doctor, of the device and of the person, twice.
    let claims = "SELECT count(*) FROM claim";
    assert_eq!(app.count(claims).await, 48);
    for (days, left) in [(0, 48), (2, 48), (2, 24), (4, 24), (4, 0)] {
        app.pass(days * 24 * 60);
        sweep(&app).await;
        assert_eq!(app.count(claims).await, left, "{:?}", app.clock.now());
    }
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 2, "the visits stay");
}
