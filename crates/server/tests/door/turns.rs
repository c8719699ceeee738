//! From any order of what people, clinics and agents do, and whenever the program dies in between, each visit and each request ends in an outcome
//! that both sides were told.

use access::{Scope, StaffId};
use booking::{AppointmentId, By, ClinicAnswer, Standing, Status};
use clock::Timestamp;
use desk::{Ending, Outcome, Show};
use privacy::disclosure::inbound::InboundReason;
use serde_json::json;
use testkit::{Kind, TestApp};

testkit::both!(every_order_ends_with_both_sides_told);

const CLINICS: &str = "\
clinic,clinic_phone,city,address,doctor,specialty,price,minutes,hours,horizon_days,notice_minutes
Клиника «Ответ»,+70008120001,Санкт-Петербург,\"улица Пробная, 4\",Часов Иван Ильич,Терапевт,2000,30,mon-sun 00:00-24:00,28,0
Клиника «Ответ»,+70008120001,Санкт-Петербург,\"улица Пробная, 4\",Звонкова Инна Ильинична,Терапевт,2000,30,off,28,0
";
const SEEDS: u64 = 16;
const STEPS: u64 = 14;
/// Rounds in which the desk works off its list before the test gives up.
const ROUNDS_MAX: usize = 60;

/// A seeded die: the same orders every time.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

struct Made {
    id: AppointmentId,
    phone: &'static str,
}

/// A visit of somebody with a mobile, one of somebody with a landline, a request.
async fn made(app: &TestApp) -> Vec<Made> {
    let (partner, _) = app.partner(&[Scope::Book]).await;
    let consents = app.consents().await;
    let mut made = Vec::new();
    for (name, phone, start) in
        [("Мобильная Анна", "+70001110001", "2026-11-30T10:00:00+03:00"), ("Домашняя Нина", "+78123099364", "2026-11-30T11:00:00+03:00")]
    {
        let body =
            json!({"role_id": app.role("Часов", ""), "start": start, "patient": {"name": name, "phone": phone}, "consents": consents});
        let answer = partner.json_with("POST", "/api/v1/appointments?lang=ru", &body, &[("idempotency-key", phone)]).await;
        made.push(Made { id: answer.json()["id"].as_str().unwrap().parse().unwrap(), phone });
    }
    let body = json!({"kind": "visit", "role_id": app.role("Звонкова", ""), "name": "Просящий Пётр", "phone": "+70001110009",
        "when": [{"day": "2026-11-30", "part": "morning"}], "consents": consents});
    let answer = partner.json("POST", "/api/v1/requests?lang=ru", &body).await;
    made.push(Made { id: answer.json()["id"].as_str().unwrap().parse().unwrap(), phone: "+70001110009" });
    made
}

/// A half hour of the next eight days: some are over before anybody has answered.
fn time(app: &TestApp, dice: &mut Dice) -> Timestamp {
    let half_hour = 30 * clock::MINUTE;
    let now = Timestamp(app.clock.now().micros() / half_hour * half_hour);
    now.plus_minutes(i64::try_from(1 + dice.roll(384)).unwrap() * 30)
}

fn clinic_answer(app: &TestApp, dice: &mut Dice) -> ClinicAnswer {
    match dice.roll(4) {
        0 => ClinicAnswer::Accepted,
        1 => ClinicAnswer::Declined(InboundReason::DoctorAway),
        _ => ClinicAnswer::Proposed { start: time(app, dice) },
    }
}

/// One thing that somebody does; what is refused is refused.
async fn step(app: &TestApp, dice: &mut Dice, made: &[Made], agent: StaffId) {
    let world = &app.app.world;
    let one = &made[usize::try_from(dice.roll(made.len() as u64)).unwrap()];
    match dice.roll(9) {
        0 | 1 => drop(booking::request::respond(world, one.id, clinic_answer(app, dice), By::Clinic).await),
        2 => {
            let response = booking::request::response(world, one.id).await.unwrap();
            if let Some(Standing::Tentative { start }) = response.map(|response| response.standing) {
                drop(if dice.roll(2) == 0 {
                    booking::request::accept(world, one.id, start, By::Person).await
                } else {
                    booking::request::refuse(world, one.id, start, By::Person).await
                });
            }
        }
        3 if dice.roll(3) == 0 => drop(booking::request::cancel(world, one.id, By::Person).await),
        4 => drop(booking::request::reschedule(world, one.id, time(app, dice), None, By::Person).await),
        5 => app.jobs().await,
        6 => app.pass(dice.roll(240)),
        7 => desk::sweep(&app.app.desk).await.unwrap(),
        _ => work(app, dice, agent, true).await,
    }
}

/// The agent takes what is due first and ends it somehow; `calls_off` says whether people may lose their wish to come.
async fn work(app: &TestApp, dice: &mut Dice, agent: StaffId, calls_off: bool) {
    let desk = &app.app.desk;
    let open = desk::open_tasks(desk, Show::All, None).await.unwrap();
    let Some((task, _)) = open.first() else { return };
    if desk::take(desk, task.id, agent, false).await.is_err() {
        return;
    }
    let outcomes: Vec<Outcome> = Outcome::of(task.reason).iter().copied().filter(|one| calls_off || *one != Outcome::Cancelled).collect();
    let outcome = outcomes[usize::try_from(dice.roll(outcomes.len() as u64)).unwrap()];
    let ending = match outcome {
        Outcome::Proposed => Ending::Proposed(time(app, dice)),
        Outcome::Declined => Ending::Declined(InboundReason::ClinicClosed),
        outcome => Ending::Plain(outcome),
    };
    // The time may be taken, the visit changed: the item stays and comes again.
    drop(desk::end(desk, task.id, agent, ending).await);
}

async fn every_order_ends_with_both_sides_told(kind: Kind) {
    for seed in 1..=SEEDS {
        let app = TestApp::plan(kind).csv(CLINICS).start().await;
        let (made, agent, mut dice) = (made(&app).await, StaffId::random(&app.clock), Dice(seed * 7_919));
        for _ in 0..STEPS {
            step(&app, &mut dice, &made, agent).await;
        }
        // The program dies with jobs undone, and comes back.
        drop(app.open_again().await.unwrap());
        // From now on nobody does anything but the desk, until its list is empty and stays so.
        let mut quiet = 0;
        for _ in 0..ROUNDS_MAX {
            app.jobs().await;
            app.pass(120);
            desk::sweep(&app.app.desk).await.unwrap();
            // Whatever is stuck must not end by calling the visit off.
            work(&app, &mut dice, agent, false).await;
            app.jobs().await;
            quiet = if desk::open_tasks(&app.app.desk, Show::All, None).await.unwrap().is_empty() { quiet + 1 } else { 0 };
        }
        assert!(quiet > 0, "seed {seed}: the list does not end");
        for one in &made {
            ended(&app, seed, one).await;
        }
        let without = app.count("SELECT count(*) FROM task WHERE outcome = ''").await;
        assert_eq!((without, app.count("SELECT count(*) FROM visit_to_call").await), (0, 0), "seed {seed}");
        assert_eq!(app.count("SELECT count(*) FROM job").await, 0, "seed {seed}: nothing waits");
    }
}

/// How it ended, and that both know it.
async fn ended(app: &TestApp, seed: u64, one: &Made) {
    let world = &app.app.world;
    let visit = booking::request::visit(world, one.id).await.unwrap().unwrap();
    let response = booking::request::response(world, one.id).await.unwrap();
    let messages = app.messages().await;
    let what = format!("seed {seed}, {}: {:?} {:?}\n{messages:#?}", one.phone, visit.status, response.map(|response| response.standing));
    let number = visit.number_shown();
    let said = |to: &str, words: &[&str], more: &str| {
        messages.iter().any(|(phone, text)| {
            phone == to && text.contains(&number) && text.contains(more) && words.iter().any(|words| text.contains(words))
        })
    };
    let by_phone = one.phone == "+78123099364";
    let rows = app.rows("SELECT count(*) FROM task WHERE visit = $1 AND outcome <> 'overtaken'", &[one.id.bytes().into()]).await;
    let called = rows[0].get::<i64>(0).unwrap() > 0;
    match visit.status {
        Status::Booked => {
            let time = web::dates::time(&visit.start.to_jiff().to_zoned(visit.time_zone()));
            assert_eq!(response.map(|response| response.standing), Some(Standing::Accepted), "{what}");
            assert!(
                if by_phone {
                    called
                } else {
                    said(one.phone, &["Вы записаны", "Новое время", "Клиника ждёт"], &time)
                },
                "{what}"
            );
            assert!(said("+70008120001", &["Новая запись", "перенесена"], &time), "{what}");
        }
        Status::Cancelled => {
            let ends = ["отменена", "отозвана", "не сможет принять", "нет времени"];
            assert!(if by_phone { called } else { said(one.phone, &ends, "") }, "{what}");
            let declined = response.is_some_and(|response| matches!(response.standing, Standing::Declined(_)));
            assert!(declined || said("+70008120001", &["отменена", "отозвана"], ""), "{what}");
        }
        // The days of a request went by: its page says so, and the desk has asked the clinic to the end.
        Status::Proposed => assert!(visit.end <= app.clock.now(), "{what}"),
        other => panic!("{other:?} {what}"),
    }
}
