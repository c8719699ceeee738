//! A clinic's own calendar: what it blocks is offered to nobody, whatever people do meanwhile; what it adds makes its times true.

use access::Role;
use booking::{BusyError, By};
use clock::Timestamp;
use db::args;
use testkit::cast;
use testkit::{Kind, TestApp, attribute};

use super::answers::booked;
use super::staff::{other_clinic, place, signed};
use super::turns::Dice;

testkit::both!(
    a_registrar_blocks_and_gives_back,
    a_visit_below_a_block_leaves_its_time_to_it,
    a_held_time_is_the_clinics_to_take,
    a_visit_of_the_clinics_own_is_put_beside_another_by_a_second_word,
    a_block_and_a_booking_at_once,
    a_blocked_time_is_never_offered_whatever_happens,
);

const CLINICS: &str = "\
clinic,clinic_phone,city,address,doctor,specialty,price,minutes,hours,horizon_days,notice_minutes
Клиника «Ответ»,+70008120001,Санкт-Петербург,\"улица Пробная, 4\",Часов Иван Ильич,Терапевт,2000,30,mon-sun 00:00-24:00,28,0
";
const TEN: &str = "2026-11-27T10:00:00+03:00";
const HALF_PAST_TEN: &str = "2026-11-27T10:30:00+03:00";
const ELEVEN: &str = "2026-11-27T11:00:00+03:00";

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

async fn offered(app: &TestApp, start: &str) -> bool {
    app.follow_feed().await;
    app.slots(&app.role("Часов", ""), "&days=7").await.contains(&start.to_owned())
}

/// The form of the calendar's page.
async fn send(door: &testkit::Door, role: &str, act: &str, fields: &[(&str, &str)]) -> String {
    let mut all = vec![("role", role), ("date", "2026-11-27")];
    all.extend(fields);
    door.form(&format!("/ru/staff/calendar/{act}"), &all).await.location()
}

async fn a_registrar_blocks_and_gives_back(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let role = app.role("Часов", "");
    let (id, door) = signed(&app, "vera", Role::Registrar, place(&app, &role)).await;
    let here = format!("/ru/staff/calendar?role={role}&date=2026-11-27");
    for lang in ["kk", "ru", "en"] {
        assert!(!door.get(&here.replace("/ru/", &format!("/{lang}/"))).await.ok().text().contains("data-test=\"calendar-entry\""));
    }
    assert_eq!(send(&door, &role, "block", &[("from", "10:00"), ("to", "11:00")]).await, here);
    assert!(!offered(&app, TEN).await && !offered(&app, HALF_PAST_TEN).await && offered(&app, ELEVEN).await);
    let page = door.get(&here).await.ok().text();
    assert!(page.contains("10:00–11:00"), "{page}");
    let by = format!("staff:{id}");
    assert_eq!(app.rows("SELECT id FROM audit_entry WHERE outcome = 'blocked' AND asker = $1", &[by.as_str().into()]).await.len(), 1);
    // What makes no stretch of time is refused, and nothing is written.
    for wrong in [
        vec![("from", "11:00"), ("to", "10:00")],
        vec![("from", "10:02"), ("to", "11:00")],
        vec![("from", "10:00"), ("to", "11:00"), ("until", "2027-03-01")],
        vec![("from", "soon"), ("to", "11:00")],
    ] {
        assert!(send(&door, &role, "block", &wrong).await.ends_with("refused=range"), "{wrong:?}");
    }
    assert_eq!(app.count("SELECT count(*) FROM busy").await, 1);
    // Another clinic's registrar changes nothing here, and the try is written down.
    let (_, far) = signed(&app, "far", Role::Registrar, other_clinic(&app, place(&app, &role).0)).await;
    let block = attribute(&page, "name=\"id\"", "value");
    for act in ["block", "own", "back"] {
        let fields =
            [("role", role.as_str()), ("date", "2026-11-27"), ("from", "12:00"), ("to", "13:00"), ("time", "12:00"), ("id", &block)];
        assert_eq!(far.form(&format!("/ru/staff/calendar/{act}"), &fields).await.status, 403, "{act}");
    }
    assert_eq!(send(&door, &role, "back", &[("id", &block)]).await, here);
    assert!(offered(&app, TEN).await && offered(&app, HALF_PAST_TEN).await);
    assert!(send(&door, &role, "back", &[("id", &block)]).await.ends_with("refused=unknown"), "the second click");
    assert_eq!(app.count("SELECT count(*) FROM claim").await, 0);
}

async fn a_visit_below_a_block_leaves_its_time_to_it(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let visit = booked(&app, "Часов", TEN, &cast::anna()).await;
    let role = app.role("Часов", "");
    let (_, door) = signed(&app, "vera", Role::Registrar, place(&app, &role)).await;
    send(&door, &role, "block", &[("from", "09:00"), ("to", "12:00")]).await;
    let stands = booking::request::visit(&app.app.world, visit.id).await.unwrap().unwrap();
    assert_eq!(stands.start, at(TEN), "whoever is booked stays booked");
    let page = door.get(&format!("/ru/staff/calendar?role={role}&date=2026-11-27")).await.ok().text();
    assert_eq!(page.matches("data-test=\"calendar-conflict\"").count(), 1, "{page}");
    booking::request::reschedule(&app.app.world, visit.id, at("2026-11-27T15:00:00+03:00"), None, By::Person).await.unwrap();
    assert!(!offered(&app, TEN).await, "the time that was let go is the block's");
    // Out of a block nobody is moved into it.
    let refused = booking::request::reschedule(&app.app.world, visit.id, at(TEN), None, By::Person).await;
    assert!(refused.is_err(), "{refused:?}");
    let left = "SELECT count(*) FROM claim c WHERE c.lane = 0 AND NOT EXISTS (SELECT 1 FROM busy b WHERE b.id = c.owner)";
    assert_eq!(app.count(left).await, 12, "six cells of the doctor's and six of the person's own at the new time");
}

async fn a_held_time_is_the_clinics_to_take(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let (world, role) = (&app.app.world, app.role("Часов", ""));
    let id = role.parse().unwrap();
    booking::request::hold(world, id, at(TEN), None, None, None).await.unwrap();
    let (vera, _) = signed(&app, "vera", Role::Registrar, place(&app, &role)).await;
    booking::block(world, id, at(TEN), at(ELEVEN), vera).await.unwrap();
    assert!(!offered(&app, TEN).await);
    // When the hold has run out the time is not free either.
    app.pass(60);
    assert!(!offered(&app, TEN).await);
    let held = booking::request::hold(world, id, at(TEN), None, None, None).await;
    assert_eq!(held.map(drop), Err(booking::TimeError::Taken));
}

async fn a_visit_of_the_clinics_own_is_put_beside_another_by_a_second_word(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    booked(&app, "Часов", TEN, &cast::anna()).await;
    let role = app.role("Часов", "");
    let (_, door) = signed(&app, "vera", Role::Registrar, place(&app, &role)).await;
    send(&door, &role, "own", &[("time", "10:30")]).await;
    assert!(!offered(&app, HALF_PAST_TEN).await, "the clinic's own visit takes its time");
    let asked = send(&door, &role, "own", &[("time", "10:00")]).await;
    assert!(asked.contains("refused=taken"), "{asked}");
    let page = door.get(&asked).await.ok().text();
    assert!(page.contains("data-test=\"calendar-sure\""), "{page}");
    assert_eq!(app.count("SELECT count(*) FROM busy").await, 1, "nothing before the second word");
    for _ in 0..3 {
        let done = send(&door, &role, "own", &[("time", "10:00"), ("confirm", "yes")]).await;
        assert!(!done.contains("refused"), "{done}");
    }
    assert!(
        send(&door, &role, "own", &[("time", "10:00"), ("confirm", "yes")]).await.ends_with("refused=full"),
        "three lanes beside the public one"
    );
    assert_eq!(app.count("SELECT count(*) FROM audit_entry WHERE outcome = 'overbooked'").await, 3);
    assert_eq!(app.count("SELECT count(DISTINCT lane) FROM claim WHERE lane > 0").await, 3);
    // The rest of a time that only begins beside another is nobody else's.
    send(&door, &role, "own", &[("time", "10:45"), ("confirm", "yes")]).await;
    assert!(!offered(&app, ELEVEN).await, "the clinic receives somebody until a quarter past eleven");
    // Nobody who comes from outside gets into another lane.
    let own = booking::add_own(&app.app.world, role.parse().unwrap(), None, at(TEN), false, access::StaffId::random(&app.clock)).await;
    assert_eq!(own.map(drop), Err(BusyError::Taken));
}

async fn a_block_and_a_booking_at_once(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let (world, role) = (&app.app.world, app.role("Часов", ""));
    let id = role.parse().unwrap();
    let (vera, _) = signed(&app, "vera", Role::Registrar, place(&app, &role)).await;
    let hours: Vec<Timestamp> = (0..6).map(|n| at(TEN).plus_minutes(n * 60)).collect();
    for start in hours {
        let visit = booked_at(&app, start).await;
        let (blocked, cancelled, held) = tokio::join!(
            booking::block(world, id, start, start.plus_minutes(30), vera),
            booking::request::cancel(world, visit, By::Person),
            booking::request::hold(world, id, start, None, None, None),
        );
        blocked.unwrap();
        cancelled.unwrap();
        drop(held);
        // Whatever came first, at the end the clinic has its time, or somebody holds it who was faster than the block.
        let free = world.free.slots(id, None, start, start.plus_minutes(5), 1, None);
        assert!(free.is_empty(), "{start:?} is offered below a block");
    }
}

async fn booked_at(app: &TestApp, start: Timestamp) -> booking::AppointmentId {
    let (partner, _) = app.partner(&[access::Scope::Book]).await;
    let start = start.rfc3339(&jiff::tz::TimeZone::get("Europe/Moscow").unwrap());
    let body = serde_json::json!({"role_id": app.role("Часов", ""), "start": start,
        "patient": {"name": "Занятова Ева", "phone": format!("+7000444{:04}", app.clock.below(10_000))}, "consents": app.consents().await});
    let answer = partner.json_with("POST", "/api/v1/appointments", &body, &[("idempotency-key", start.as_str())]).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().parse().unwrap()
}

/// Any order of booking, moving, cancelling, holding, letting go, blocking, giving back and declining: no cell below a block is free, and none is two's.
async fn a_blocked_time_is_never_offered_whatever_happens(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let (world, role) = (&app.app.world, app.role("Часов", ""));
    let id: directory::catalogue::RoleId = role.parse().unwrap();
    let vera = access::StaffId::random(&app.clock);
    let mut dice = Dice(7);
    let (mut visits, mut blocks, mut holds) = (Vec::new(), Vec::new(), Vec::new());
    for step in 0..120u64 {
        let start = at(TEN).plus_minutes(i64::try_from(dice.roll(12)).unwrap() * 30);
        let any = |of: usize, dice: &mut Dice| usize::try_from(dice.roll(of.max(1) as u64)).unwrap();
        match dice.roll(8) {
            0 | 1 if !world.free.slots(id, None, start, start.plus_minutes(5), 1, None).is_empty() => {
                visits.push(booked_at(&app, start).await);
            }
            2 => {
                let minutes = 30 + i64::try_from(dice.roll(5)).unwrap() * 25;
                blocks.push(booking::block(world, id, start, start.plus_minutes(minutes), vera).await.unwrap().id);
            }
            3 if !blocks.is_empty() => {
                let block = blocks.swap_remove(any(blocks.len(), &mut dice));
                booking::give_back(world, block, &[id], vera).await.unwrap();
            }
            4 if !visits.is_empty() => {
                drop(booking::request::cancel(world, visits[any(visits.len(), &mut dice)], By::Person).await);
            }
            5 if !visits.is_empty() => {
                drop(booking::request::reschedule(world, visits[any(visits.len(), &mut dice)], start, None, By::Person).await);
            }
            6 => {
                if let Ok(hold) = booking::request::hold(world, id, start, None, None, holds.pop()).await {
                    holds.push(hold.id);
                }
            }
            _ if !visits.is_empty() => {
                let answer = booking::ClinicAnswer::Declined(privacy::disclosure::inbound::InboundReason::TimeTaken);
                drop(booking::request::respond(world, visits[any(visits.len(), &mut dice)], answer, By::Clinic).await);
            }
            _ => {}
        }
        // Every cell that a block covers has an owner for ever: the block, another block, or a visit that stands.
        let sql = "SELECT b.first_cell, b.end_cell, b.resource FROM busy b";
        for row in app.rows(sql, &[]).await {
            let (first, end, resource): (i64, i64, [u8; 16]) = (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
            let owned = "SELECT count(*) FROM claim WHERE resource = $1 AND cell >= $2 AND cell < $3 AND lane = 0 AND expires_at = $4";
            let values = args![resource, first, end, Timestamp(i64::MAX)];
            let cells: i64 = app.rows(owned, &values).await[0].get(0).unwrap();
            assert_eq!(cells, end - first, "a blocked cell is nobody's after step {step}");
        }
    }
    assert!(app.count("SELECT count(*) FROM busy").await > 0 && !visits.is_empty());
}
