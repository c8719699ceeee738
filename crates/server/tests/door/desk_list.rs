//! The desk's list of work: what comes onto it, in whose hand it is, how it ends.

use std::time::Duration;

use access::{Role, StaffId};
use booking::{AppointmentId, ClinicAnswer};
use clock::Timestamp;
use desk::{Outcome, Reason, Show, Task};
use serde_json::json;
use testkit::cast;
use testkit::{Door, Kind, TestApp, attributes};

use super::answers::booked;
use super::staff::{place, signed};

testkit::both!(
    a_landline_is_called_and_told,
    a_silent_clinic_is_called,
    a_proposal_is_answered_on_the_phone,
    two_agents_take_one_item,
    nobody_answers_again_and_again,
    a_promised_call_comes_back,
    nothing_is_due_when_the_visit_has_begun,
    what_comes_about_by_itself_leaves_the_list,
    a_long_list_is_read_page_by_page,
);

const CLINICS: &str = "\
clinic,clinic_phone,city,address,doctor,specialty,price,minutes,hours,horizon_days,notice_minutes
Клиника «Ответ»,+70008120001,Санкт-Петербург,\"улица Пробная, 4\",Часов Иван Ильич,Терапевт,2000,30,mon-sun 00:00-24:00,28,0
";
const TEN: &str = "2026-11-27T10:00:00+03:00";

async fn tasks(app: &TestApp) -> Vec<Task> {
    let found = desk::open_tasks(&app.app.desk, Show::All, None).await.unwrap();
    found.into_iter().map(|(task, _)| task).collect()
}

/// A person with a landline and no e-mail: only a call reaches them.
async fn landline(app: &TestApp, start: &str) -> AppointmentId {
    let (partner, _) = app.partner(&[access::Scope::Book]).await;
    let body = json!({"role_id": app.role("Часов", ""), "start": start, "patient": {"name": "Домашняя Нина", "phone": "+78123099364"},
        "consents": app.consents().await});
    let answer = partner.json_with("POST", "/api/v1/appointments?lang=kk", &body, &[("idempotency-key", start)]).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    app.jobs().await;
    answer.json()["id"].as_str().unwrap().parse().unwrap()
}

async fn agent(app: &TestApp, login: &str) -> (StaffId, Door) {
    signed(app, login, Role::Agent, place(app, &app.role("Часов", ""))).await
}

fn path(task: &Task, act: &str) -> String {
    format!("/ru/staff/desk/tasks/{}{act}", task.id)
}

async fn ended(app: &TestApp, task: &Task) -> Option<Outcome> {
    desk::task(&app.app.desk, task.id).await.unwrap().unwrap().0.outcome
}

async fn a_landline_is_called_and_told(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let visit = landline(&app, TEN).await;
    let open = tasks(&app).await;
    assert_eq!(open.iter().map(|task| (task.visit, task.reason)).collect::<Vec<_>>(), [(visit, Reason::Tell(booking::Turn::Booked))]);
    let (task, (maya, door)) = (&open[0], agent(&app, "maya").await);
    // Nobody is named before the item is in hand.
    for lang in ["kk", "ru", "en"] {
        let list = door.get(&format!("/{lang}/staff/desk/list")).await.ok().text();
        let page = door.get(&path(task, "").replace("/ru/", &format!("/{lang}/"))).await.ok().text();
        assert!(list.contains("data-test=\"desk-task\"") && page.contains("data-test=\"desk-take\""), "{page}");
        for private in ["Домашняя", "3099364", "309-93-64"] {
            assert!(!list.contains(private) && !page.contains(private), "{private}");
        }
    }
    assert!(door.form(&path(task, "/end"), &[("outcome", "told")]).await.location().contains("refused=task_not_taken"));
    assert_eq!(door.form(&path(task, "/take"), &[]).await.location(), path(task, ""));
    let opened = door.form(&path(task, "/person"), &[]).await.ok().text();
    assert!(opened.contains("Домашняя Нина") && opened.contains("казахски"), "{opened}");
    let by = format!("staff:{maya}");
    let openings = app.rows("SELECT asker, object FROM audit_entry WHERE outcome = 'opened' AND asker = $1", &[by.as_str().into()]).await;
    assert_eq!(openings.len(), 1, "the opening is in the log");
    assert_eq!(openings[0].get::<[u8; 16]>(1).unwrap(), visit.bytes());
    // What does not fit the reason is refused.
    assert!(door.form(&path(task, "/end"), &[("outcome", "confirmed")]).await.location().contains("refused=outcome_unfit"));
    assert!(door.form(&path(task, "/end"), &[("outcome", "overtaken")]).await.location().contains("refused=outcome_unfit"));
    assert_eq!(door.form(&path(task, "/end"), &[("outcome", "told")]).await.location(), path(task, ""));
    assert_eq!(ended(&app, task).await, Some(Outcome::Told));
    assert_eq!(app.count("SELECT count(*) FROM visit_to_call").await, 0);
    app.jobs().await;
    assert_eq!(tasks(&app).await, []);
    assert!(door.form(&path(task, "/end"), &[("outcome", "told")]).await.location().contains("refused=task_ended"));
}

async fn a_silent_clinic_is_called(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let visit = booked(&app, "Часов", TEN, &cast::anna()).await;
    desk::sweep(&app.app.desk).await.unwrap();
    assert_eq!(tasks(&app).await, [], "the clinic has its term");
    app.pass(3 * 24 * 60);
    desk::sweep(&app.app.desk).await.unwrap();
    desk::sweep(&app.app.desk).await.unwrap();
    let open = tasks(&app).await;
    assert_eq!(open.iter().map(|task| (task.visit, task.reason)).collect::<Vec<_>>(), [(visit.id, Reason::AskClinic)], "once");
    let (_, door) = agent(&app, "maya").await;
    let task = &open[0];
    door.form(&path(task, "/take"), &[]).await;
    let page = door.get(&path(task, "")).await.ok().text();
    assert!(page.contains("data-test=\"desk-clinic-phone\"") && page.contains("tel:+70008120001"), "{page}");
    // The clinic's own phone is called: the person is nobody's business here.
    assert!(!page.contains("data-test=\"desk-open\""));
    assert_eq!(door.form(&path(task, "/person"), &[]).await.status, 404);
    for wrong in [vec![("outcome", "proposed")], vec![("outcome", "declined"), ("reason", "ill")], vec![("outcome", "nothing")]] {
        assert!(door.form(&path(task, "/end"), &wrong).await.location().contains("refused=time_missing"), "{wrong:?}");
    }
    // Whoever has called the clinic has told the person nothing.
    assert!(door.form(&path(task, "/end"), &[("outcome", "cancelled")]).await.location().contains("refused=outcome_unfit"));
    door.form(&path(task, "/end"), &[("outcome", "confirmed")]).await.location();
    assert_eq!(ended(&app, task).await, Some(Outcome::Confirmed));
    app.jobs().await;
    assert!(app.messages().await.iter().any(|(to, text)| *to == cast::anna().phone && text.starts_with("Клиника ждёт вас")));
    assert_eq!(tasks(&app).await, []);
}

async fn a_proposal_is_answered_on_the_phone(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let visit = landline(&app, TEN).await;
    let (_, door) = agent(&app, "maya").await;
    let first = tasks(&app).await.remove(0);
    door.form(&path(&first, "/take"), &[]).await;
    door.form(&path(&first, "/end"), &[("outcome", "told")]).await;
    app.jobs().await;
    // The clinic proposes by its link; only a call can ask the person.
    let start = Timestamp::parse_rfc3339("2026-11-27T18:00:00+03:00").unwrap();
    booking::request::respond(&app.app.world, visit, ClinicAnswer::Proposed { start }, booking::By::Clinic).await.unwrap();
    app.jobs().await;
    let task = tasks(&app).await.remove(0);
    assert_eq!(task.reason, Reason::Tell(booking::Turn::Proposed));
    door.form(&path(&task, "/take"), &[]).await;
    let page = door.get(&path(&task, "")).await.ok().text();
    assert!(page.contains("data-test=\"desk-proposed\"") && page.contains("18:00"), "{page}");
    door.form(&path(&task, "/end"), &[("outcome", "taken")]).await.location();
    assert_eq!(ended(&app, &task).await, Some(Outcome::Taken));
    app.jobs().await;
    assert_eq!(tasks(&app).await, [], "they have heard it from us: no second call");
    let visit = booking::request::visit(&app.app.world, visit).await.unwrap().unwrap();
    assert_eq!((visit.start, visit.status), (start, booking::Status::Booked));
}

async fn two_agents_take_one_item(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    landline(&app, TEN).await;
    let task = tasks(&app).await.remove(0);
    let agents = [StaffId::random(&app.clock), StaffId::random(&app.clock), StaffId::random(&app.clock)];
    let desk = &app.app.desk;
    let took = tokio::join!(
        desk::take(desk, task.id, agents[0], false),
        desk::take(desk, task.id, agents[1], false),
        desk::take(desk, task.id, agents[2], false)
    );
    let won: Vec<bool> = [&took.0, &took.1, &took.2].into_iter().map(|took| took.is_ok()).collect();
    assert_eq!(won.iter().filter(|won| **won).count(), 1, "{took:?}");
    let winner = agents[won.iter().position(|won| *won).unwrap()];
    for lost in [&took.0, &took.1, &took.2].into_iter().filter(|took| took.is_err()) {
        assert_eq!(lost.as_ref().unwrap_err(), &desk::WorkError::Others(winner));
    }
    // Whoever has not got it ends nothing.
    let (_, door) = agent(&app, "late").await;
    assert!(door.form(&path(&task, "/take"), &[]).await.location().contains("refused=task_in_other_hands"));
    assert!(door.form(&path(&task, "/end"), &[("outcome", "told")]).await.location().contains("refused=task_in_other_hands"));
    assert!(door.form(&path(&task, "/person"), &[]).await.location().contains("refused=task_in_other_hands"));
    assert_eq!(door.form(&path(&task, "/over"), &[]).await.status, 403, "an agent takes nothing over");
    // A supervisor may; and a hand that is gone for long lets go by itself.
    let (_, lidia) = signed(&app, "lidia", Role::Supervisor, place(&app, &app.role("Часов", ""))).await;
    lidia.form(&path(&task, "/over"), &[]).await.location();
    assert!(lidia.get(&path(&task, "")).await.ok().text().contains("data-test=\"desk-open\""));
    app.clock.advance(Duration::from_secs(60 * u64::try_from(desk.terms.lease_minutes).unwrap()));
    assert_eq!(desk::take(desk, task.id, winner, false).await, Ok(()));
    // A call that outlasts the lease loses nothing, as long as nobody else took the item.
    app.clock.advance(Duration::from_secs(60 * u64::try_from(desk.terms.lease_minutes).unwrap()));
    assert_eq!(desk::end(desk, task.id, winner, desk::Ending::Plain(Outcome::Told)).await, Ok(()));
}

async fn nobody_answers_again_and_again(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    landline(&app, TEN).await;
    let (desk, maya) = (&app.app.desk, StaffId::random(&app.clock));
    let task = tasks(&app).await.remove(0);
    for tried in 1..=desk.terms.tries_max {
        desk::take(desk, task.id, maya, false).await.unwrap();
        let early = desk::end(desk, task.id, maya, desk::Ending::Plain(Outcome::Unreachable)).await;
        assert_eq!(early, Err(desk::WorkError::Unfit), "after {} calls", tried - 1);
        desk::put_off(desk, task.id, maya, None).await.unwrap();
        let now = tasks(&app).await.remove(0);
        assert_eq!((now.tries, now.owner), (tried, None));
        assert_eq!(now.due, desk.terms.hours.due(app.clock.now(), desk.terms.retry_minutes));
    }
    let (_, door) = agent(&app, "maya").await;
    door.form(&path(&task, "/take"), &[]).await;
    assert!(door.get(&path(&task, "")).await.ok().text().contains("data-test=\"desk-end-unreachable\""));
    door.form(&path(&task, "/end"), &[("outcome", "unreachable")]).await.location();
    app.jobs().await;
    assert_eq!((ended(&app, &task).await, tasks(&app).await.len()), (Some(Outcome::Unreachable), 0));
    assert_eq!(app.count("SELECT count(*) FROM audit_entry WHERE outcome = 'not_reached'").await, 1);
    let (_, lidia) = signed(&app, "lidia", Role::Supervisor, place(&app, &app.role("Часов", ""))).await;
    assert!(lidia.get("/ru/staff/desk/unreached").await.ok().text().contains("data-test=\"desk-task\""), "those who lead see it");
    assert_eq!(door.get("/ru/staff/desk/unreached").await.status, 403);
}

async fn a_promised_call_comes_back(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    landline(&app, TEN).await;
    let (_, door) = agent(&app, "maya").await;
    let task = tasks(&app).await.remove(0);
    door.form(&path(&task, "/take"), &[]).await;
    assert!(door.form(&path(&task, "/later"), &[("date", "tomorrow"), ("time", "noon")]).await.location().contains("refused=time_missing"));
    let late = door.form(&path(&task, "/later"), &[("date", "2026-11-27"), ("time", "10:00")]).await.location();
    assert!(late.contains("refused=call_after_visit"), "{late}");
    assert_eq!(door.form(&path(&task, "/later"), &[("date", "2026-11-25"), ("time", "16:30")]).await.location(), "/ru/staff/desk/list");
    let now = tasks(&app).await.remove(0);
    assert_eq!(now.due, Timestamp::parse_rfc3339("2026-11-25T16:30:00+03:00").unwrap());
    assert_eq!((now.tries, now.owner), (0, None), "a promise is no call that nobody answered");
}

async fn nothing_is_due_when_the_visit_has_begun(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let start = app.slots(&app.role("Часов", ""), "").await.remove(1);
    landline(&app, &start).await;
    let (task, terms) = (tasks(&app).await.remove(0), &app.app.desk.terms);
    let start = Timestamp::parse_rfc3339(&start).unwrap();
    assert!(terms.hours.due(task.since, terms.promise_minutes) > start, "the promise alone would be too late");
    assert_eq!(task.due, start);
}

async fn what_comes_about_by_itself_leaves_the_list(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    // The clinic answers a moment before it is called.
    let visit = booked(&app, "Часов", TEN, &cast::anna()).await;
    app.pass(3 * 24 * 60);
    desk::sweep(&app.app.desk).await.unwrap();
    let task = tasks(&app).await.remove(0);
    app.door().form(&visit.link, &[("answer", "confirm")]).await;
    // The program dies before the job has run: it runs when it comes back.
    let again = app.open_again().await.unwrap();
    assert_eq!(again.desk.terms, app.app.desk.terms);
    app.jobs().await;
    assert_eq!((ended(&app, &task).await, tasks(&app).await.len()), (Some(Outcome::Overtaken), 0));
    // A person who cancels needs no call; a visit that has begun neither.
    let other = landline(&app, "2026-11-28T10:00:00+03:00").await;
    assert_eq!(tasks(&app).await.len(), 1);
    app.pass(7 * 24 * 60);
    desk::sweep(&app.app.desk).await.unwrap();
    assert_eq!(tasks(&app).await, []);
    let ended = app.rows("SELECT outcome FROM task WHERE visit = $1", &[other.bytes().into()]).await;
    assert_eq!(ended[0].get::<String>(0).unwrap(), "overtaken");
    // The tie dies, and with it what was done about it.
    app.pass(60 * 24 * 60);
    let world = &app.app.world;
    rights::retention::run(&world.db, &world.keys, &world.profile).await.unwrap();
    desk::sweep(&app.app.desk).await.unwrap();
    assert_eq!(app.count("SELECT count(*) FROM task").await, 0);
}

async fn a_long_list_is_read_page_by_page(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let (partner, _) = app.partner(&[access::Scope::Book]).await;
    let role = app.role("Часов", "");
    let slots = app.slots(&role, "&days=7").await;
    // The first one begins at this very minute.
    for (n, start) in slots.iter().skip(1).take(desk::LISTED_MAX + 5).enumerate() {
        let body = json!({"role_id": role, "start": start, "patient": {"name": cast::extra(n).name, "phone": format!("+7812309{:04}", n)},
            "consents": app.consents().await});
        let answer = partner.json_with("POST", "/api/v1/appointments", &body, &[("idempotency-key", start.as_str())]).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    for _ in 0..20 {
        app.jobs().await;
    }
    let (_, door) = agent(&app, "maya").await;
    let first = door.get("/ru/staff/desk/list").await.ok().text();
    assert_eq!(first.matches("data-test=\"desk-task\"").count(), desk::LISTED_MAX);
    let next = attributes(&first, "class=\"button second\"", "href").remove(0).replace("&#38;", "&").replace("&amp;", "&");
    let second = door.get(&next).await.ok().text();
    assert_eq!(second.matches("data-test=\"desk-task\"").count(), 5);
    assert!(door.get("/ru/staff/desk/list?show=mine").await.ok().text().matches("data-test=\"desk-task\"").count() == 0);
    assert!(door.get("/ru/staff/desk/list?after=nonsense").await.ok().text().contains("data-test=\"desk-task\""));
}
