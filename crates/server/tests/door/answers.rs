//! The clinic's answer to a visit, and the person's to what it has proposed.

use access::{Role, Scope};
use booking::{By, ClinicAnswer, Need};
use clock::Timestamp;
use serde_json::json;
use testkit::cast::{self, Person};
use testkit::{Door, Kind, TestApp, attribute};

use super::staff::{place, signed};

testkit::both!(
    a_clinic_confirms_by_its_link,
    a_clinic_proposes_and_the_person_takes_it,
    a_person_does_not_take_what_is_proposed,
    a_proposal_whose_time_has_come_is_none,
    a_clinic_declines,
    a_wished_time_is_booked_at_once,
    programs_see_and_take_what_is_proposed,
    a_clinics_answers_are_written_of,
    who_cannot_be_written_to_is_to_be_called,
    two_answers_at_once,
    a_registrar_answers_for_her_own_clinic,
);

/// A clinic with a number for messages, a doctor with hours and one without; and another clinic.
const CLINICS: &str = "\
clinic,clinic_phone,city,address,doctor,specialty,price,minutes,hours,horizon_days,notice_minutes
Клиника «Ответ»,+70008120001,Санкт-Петербург,\"улица Пробная, 4\",Звонкова Инна Ильинична,Терапевт,2000,30,off,28,0
Клиника «Ответ»,+70008120001,Санкт-Петербург,\"улица Пробная, 4\",Часов Иван Ильич,Терапевт,2000,30,mon-sun 09:00-17:00,28,0
Клиника «Чужая»,+70008120002,Санкт-Петербург,\"улица Пробная, 5\",Соседов Пётр Ильич,Терапевт,2000,30,mon-sun 09:00-17:00,28,0
";

const TEN: &str = "2026-11-24T10:00:00+03:00";
const ELEVEN: &str = "2026-11-25T11:00:00+03:00";
const HALF_PAST_TEN: &str = "2026-11-24T10:30:00+03:00";
/// Beyond the doctor's hours: the clinic may name it all the same.
const EIGHT_IN_THE_EVENING: &str = "2026-11-24T20:00:00+03:00";

pub(crate) struct Booked {
    pub(crate) id: booking::AppointmentId,
    pub(crate) person: Door,
    pub(crate) page: String,
    /// The path of the clinic's link.
    pub(crate) link: String,
}

/// Books for a person, who has their page open, and finds the link that the clinic got.
pub(crate) async fn booked(app: &TestApp, doctor: &str, start: &str, person: &Person) -> Booked {
    let answer = app.book(&app.role(doctor, ""), start, person).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    from(app, &answer.json()).await
}

async fn from(app: &TestApp, visit: &serde_json::Value) -> Booked {
    let (id, token) = (visit["id"].as_str().unwrap().to_owned(), visit["manage_token"].as_str().unwrap());
    let person = app.door();
    let page = person.get(&format!("/ru/v/{id}.{token}")).await.location();
    app.jobs().await;
    let link = link_of(app, &id).await;
    Booked { id: id.parse().unwrap(), person, page, link }
}

async fn link_of(app: &TestApp, id: &str) -> String {
    let messages = app.messages().await;
    let (_, text) = messages.iter().find(|(_, text)| text.contains(&format!("/clinic/visits/{id}."))).unwrap();
    let at = text.find("/clinic/visits/").unwrap();
    text[at..].split_whitespace().next().unwrap().to_owned()
}

/// The newest message to that phone that is none of those before.
async fn told(app: &TestApp, phone: &str, begins: &str) -> String {
    app.jobs().await;
    let messages = app.messages().await;
    let found: Vec<&String> = messages.iter().filter(|(to, text)| to == phone && text.starts_with(begins)).map(|(_, text)| text).collect();
    assert_eq!(found.len(), 1, "{begins}: {messages:?}");
    found[0].clone()
}

async fn need(app: &TestApp, id: booking::AppointmentId) -> Option<Need> {
    let found = app.app.world.db.read("need", move |tx| Box::pin(booking::need(tx, id))).await.unwrap();
    found.map(|(_, need, _)| need)
}

async fn clinic_says(app: &TestApp, link: &str, fields: &[(&str, &str)]) -> String {
    app.door().form(link, fields).await.location()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

async fn standing(app: &TestApp, id: booking::AppointmentId) -> String {
    let response = booking::request::response(&app.app.world, id).await.unwrap();
    response.map_or_else(String::new, |response| response.standing.code().to_owned())
}

async fn a_clinic_confirms_by_its_link(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let anna = cast::anna();
    let visit = booked(&app, "Часов", TEN, &anna).await;
    assert_eq!(need(&app, visit.id).await, Some(Need::AskClinic));
    // Whoever only looks at the link answers nothing.
    for lang in ["kk", "ru", "en"] {
        let page = app.door().with("accept-language", lang).get(&visit.link).await.ok().text();
        let texts = app.app.world.texts.of(lang.parse().unwrap());
        assert!(page.contains(&texts.s("booking-answer-confirm")) && page.contains("data-test=\"clinic-decline\""), "{page}");
        for private in [&anna.name, &anna.phone, "Пробная Анна"] {
            assert!(!page.contains(private), "{private}");
        }
    }
    assert_eq!(standing(&app, visit.id).await, "needs-action");
    assert!(visit.person.get(&visit.page).await.ok().text().contains("Клиника ещё не ответила"));

    assert_eq!(clinic_says(&app, &visit.link, &[("answer", "confirm")]).await, visit.link);
    assert_eq!(standing(&app, visit.id).await, "accepted");
    assert!(told(&app, &anna.phone, "Клиника ждёт вас").await.contains("10:00"));
    assert_eq!(need(&app, visit.id).await, None);
    assert!(visit.person.get(&visit.page).await.ok().text().contains("подтвердила"));
    // A second click tells nobody a second time.
    assert_eq!(clinic_says(&app, &visit.link, &[("answer", "confirm")]).await, visit.link);
    told(&app, &anna.phone, "Клиника ждёт вас").await;
    assert!(!app.door().get(&visit.link).await.ok().text().contains("data-test=\"clinic-confirm\""));
    // Another token is nobody's.
    let forged = format!("{}x", visit.link);
    assert_eq!(app.door().form(&forged, &[("answer", "confirm")]).await.status, 403);
    // Moved by the person: the clinic is asked anew.
    let holder = visit.person.form(&format!("{}/move", visit.page), &[("start", HALF_PAST_TEN)]).await;
    assert!(holder.location().ends_with("?moved"));
    assert_eq!((standing(&app, visit.id).await.as_str(), need(&app, visit.id).await), ("needs-action", Some(Need::AskClinic)));
    // Called off: there is nothing left to answer.
    visit.person.form(&format!("{}/cancel", visit.page), &[]).await.location();
    assert_eq!(need(&app, visit.id).await, None);
    assert!(clinic_says(&app, &visit.link, &[("answer", "confirm")]).await.contains("refused=visit_not_open"));
}

async fn a_clinic_proposes_and_the_person_takes_it(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let (anna, role) = (cast::anna(), app.role("Часов", ""));
    let visit = booked(&app, "Часов", TEN, &anna).await;
    // It can overlap the time that the visit has, and lie outside the hours of the site.
    for (date, time, start) in [("2026-11-24", "10:15", "2026-11-24T10:15:00+03:00"), ("2026-11-24", "20:00", EIGHT_IN_THE_EVENING)] {
        let answered = clinic_says(&app, &visit.link, &[("answer", "propose"), ("date", date), ("time", time)]).await;
        assert_eq!(answered, visit.link);
        app.jobs().await;
        let offered = booking::request::response(&app.app.world, visit.id).await.unwrap().unwrap();
        assert_eq!(offered.standing, booking::Standing::Tentative { start: at(start) });
    }
    assert_eq!(need(&app, visit.id).await, Some(Need::AskPerson));
    // The first proposal is let go, the second one is kept; the visit keeps its own time meanwhile.
    let free = app.slots(&role, "").await;
    assert!(!free.contains(&TEN.to_owned()) && free.contains(&HALF_PAST_TEN.to_owned()), "{free:?}");
    let page = visit.person.get(&visit.page).await.ok().text();
    assert!(page.contains("data-test=\"proposal\"") && page.contains("20:00"), "{page}");
    let start = attribute(&page, "name=\"start\"", "value");
    // What was shown before is not taken for what is proposed now.
    let outdated = visit.person.form(&format!("{}/answer", visit.page), &[("answer", "accept"), ("start", TEN)]).await.location();
    assert!(outdated.ends_with("refused=proposal_outdated"), "{outdated}");
    assert!(visit.person.get(&outdated).await.ok().text().contains("role=\"alert\""));
    // Nobody else may answer.
    assert_eq!(app.door().form(&format!("{}/answer", visit.page), &[("answer", "accept"), ("start", &start)]).await.status, 403);

    for _ in 0..2 {
        visit.person.form(&format!("{}/answer", visit.page), &[("answer", "accept"), ("start", &start)]).await.location();
    }
    assert_eq!((standing(&app, visit.id).await.as_str(), need(&app, visit.id).await), ("accepted", None));
    assert!(app.slots(&role, "").await.contains(&TEN.to_owned()), "the old time is free");
    assert!(told(&app, &anna.phone, "Новое время").await.contains("20:00"));
    assert!(told(&app, "+70008120001", &format!("Запись {} перенесена", number(&app, visit.id).await)).await.contains("20:00"));
    assert_eq!(app.count("SELECT count(*) FROM hold").await, 0);
    let visit = booking::request::visit(&app.app.world, visit.id).await.unwrap().unwrap();
    assert_eq!((visit.start, visit.moves), (at(EIGHT_IN_THE_EVENING), 1));
}

async fn number(app: &TestApp, id: booking::AppointmentId) -> String {
    booking::request::visit(&app.app.world, id).await.unwrap().unwrap().number_shown()
}

async fn a_person_does_not_take_what_is_proposed(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let visit = booked(&app, "Часов", TEN, &cast::anna()).await;
    clinic_says(&app, &visit.link, &[("answer", "propose"), ("date", "2026-11-25"), ("time", "10:00")]).await;
    let role = app.role("Часов", "");
    assert!(!app.slots(&role, "").await.contains(&"2026-11-25T10:00:00+03:00".to_owned()), "the proposed time is kept");
    let start = attribute(&visit.person.get(&visit.page).await.ok().text(), "name=\"start\"", "value");
    visit.person.form(&format!("{}/answer", visit.page), &[("answer", "refuse"), ("start", &start)]).await.location();
    assert_eq!((standing(&app, visit.id).await.as_str(), need(&app, visit.id).await), ("needs-action", Some(Need::AskClinic)));
    assert!(app.slots(&role, "").await.contains(&"2026-11-25T10:00:00+03:00".to_owned()));
    told(&app, "+70008120001", &format!("Запись {}: пациенту не подходит", number(&app, visit.id).await)).await;
    assert_eq!(booking::request::visit(&app.app.world, visit.id).await.unwrap().unwrap().start, at(TEN), "the visit stands");
    // They may move to a time that overlaps what is proposed: that is kept for nobody but them.
    clinic_says(&app, &visit.link, &[("answer", "propose"), ("date", "2026-11-28"), ("time", "12:10")]).await;
    booking::request::reschedule(&app.app.world, visit.id, at("2026-11-28T12:00:00+03:00"), None, booking::By::Person).await.unwrap();
    assert_eq!(app.count("SELECT count(*) FROM hold").await, 0, "nothing is kept beside it");
    booking::request::reschedule(&app.app.world, visit.id, at(TEN), None, booking::By::Person).await.unwrap();
    // A proposal that is not answered lets its time go by itself; the visit still stands.
    let later = "2026-11-27T10:00:00+03:00".to_owned();
    clinic_says(&app, &visit.link, &[("answer", "propose"), ("date", "2026-11-27"), ("time", "10:00")]).await;
    assert!(!app.slots(&role, "").await.contains(&later));
    app.pass(u64::try_from(app.app.world.profile.proposal_minutes).unwrap() + 1);
    app.follow_feed().await;
    assert!(app.slots(&role, "").await.contains(&later), "whoever does not answer keeps nobody from it");
}

/// A proposed time that has come without an answer is no proposal any more: nobody is asked about it, and the clinic is asked anew.
async fn a_proposal_whose_time_has_come_is_none(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let visit = booked(&app, "Часов", "2026-11-27T10:00:00+03:00", &cast::anna()).await;
    clinic_says(&app, &visit.link, &[("answer", "propose"), ("date", "2026-11-24"), ("time", "10:00")]).await;
    let page = visit.person.get(&visit.page).await.ok().text();
    let start = attribute(&page, "name=\"start\"", "value");
    assert_eq!(need(&app, visit.id).await, Some(Need::AskPerson));
    app.pass(2 * 24 * 60);
    assert_eq!((need(&app, visit.id).await, standing(&app, visit.id).await.as_str()), (Some(Need::AskClinic), "needs-action"));
    assert!(!visit.person.get(&visit.page).await.ok().text().contains("data-test=\"proposal\""));
    for answer in ["accept", "refuse"] {
        let answered = visit.person.form(&format!("{}/answer", visit.page), &[("answer", answer), ("start", &start)]).await.location();
        assert!(answered.contains("refused="), "{answered}");
    }
    assert_eq!(clinic_says(&app, &visit.link, &[("answer", "confirm")]).await, visit.link);
    assert_eq!(standing(&app, visit.id).await, "accepted");
    assert_eq!(app.count("SELECT count(*) FROM appointment_response WHERE hold IS NOT NULL").await, 0);
}

async fn a_clinic_declines(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let anna = cast::anna();
    let visit = booked(&app, "Часов", TEN, &anna).await;
    // No reason, no answer.
    assert!(clinic_says(&app, &visit.link, &[("answer", "decline")]).await.contains("refused="));
    assert!(clinic_says(&app, &visit.link, &[("answer", "decline"), ("reason", "she is ill")]).await.contains("refused="));
    assert_eq!(standing(&app, visit.id).await, "needs-action");
    for _ in 0..2 {
        assert_eq!(clinic_says(&app, &visit.link, &[("answer", "decline"), ("reason", "doctor_away")]).await, visit.link);
    }
    assert_eq!(standing(&app, visit.id).await, "declined");
    assert!(told(&app, &anna.phone, "Клиника не сможет принять вас").await.contains("10:00"));
    assert!(app.messages().await.iter().all(|(_, text)| !text.contains("отменена")), "the person cancelled nothing");
    let page = visit.person.get(&visit.page).await.ok().text();
    assert!(page.contains("state-declined") && page.contains("Врача в это время не будет") && page.contains("data-test=\"others-link\""));
    // The doctor is away: nobody else is offered that time.
    assert!(!app.slots(&app.role("Часов", ""), "").await.contains(&TEN.to_owned()));
    assert_eq!(app.count("SELECT count(*) FROM claim c WHERE NOT EXISTS (SELECT 1 FROM busy b WHERE b.id = c.owner)").await, 0);
    // Where the person has asked for it, the doctor is there for others.
    let other = booked(&app, "Часов", ELEVEN, &cast::boris()).await;
    clinic_says(&app, &other.link, &[("answer", "decline"), ("reason", "person_asked")]).await;
    app.follow_feed().await;
    assert!(app.slots(&app.role("Часов", ""), "").await.contains(&ELEVEN.to_owned()));
}

async fn a_wished_time_is_booked_at_once(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let (partner, _) = app.partner(&[Scope::Book]).await;
    let ask = async |person: &Person| {
        let body = json!({"kind": "visit", "role_id": app.role("Звонкова", ""), "name": person.name, "phone": person.phone,
            "when": [{"day": "2026-11-25", "part": "morning"}], "consents": app.consents().await});
        let answer = partner.json("POST", "/api/v1/requests?lang=ru", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        from(&app, &answer.json()).await
    };
    let (anna, boris) = (cast::anna(), cast::boris());
    let (first, second) = (ask(&anna).await, ask(&boris).await);
    // A request has no time to confirm.
    assert!(clinic_says(&app, &first.link, &[("answer", "confirm")]).await.contains("refused=time_missing"));
    // Within the wish: booked, and told as booked.
    assert_eq!(clinic_says(&app, &first.link, &[("answer", "propose"), ("date", "2026-11-25"), ("time", "10:00")]).await, first.link);
    let visit = booking::request::visit(&app.app.world, first.id).await.unwrap().unwrap();
    assert_eq!((visit.status, visit.is_request()), (booking::Status::Booked, false));
    assert!(told(&app, &anna.phone, "Вы записаны").await.contains("10:00"));
    // The same doctor at the same time cannot be offered to somebody else.
    let taken = clinic_says(&app, &second.link, &[("answer", "propose"), ("date", "2026-11-25"), ("time", "10:15")]).await;
    assert!(taken.contains("refused=slot_taken") && taken.contains("time=10:15"), "{taken}");
    assert!(app.door().get(&taken).await.ok().text().contains("value=\"10:15\""), "what was typed stays");
    // Outside the wish: it stays a request until the person says yes.
    clinic_says(&app, &second.link, &[("answer", "propose"), ("date", "2026-11-25"), ("time", "15:00")]).await;
    let page = second.person.get(&second.page).await.ok().text();
    assert!(page.contains("data-test=\"proposal\"") && !page.contains("Вы записаны"), "{page}");
    told(&app, &boris.phone, "Клиника предлагает другое время").await;
    let start = attribute(&page, "name=\"start\"", "value");
    second.person.form(&format!("{}/answer", second.page), &[("answer", "accept"), ("start", &start)]).await.location();
    assert!(told(&app, &boris.phone, "Вы записаны").await.contains("15:00"));
    assert_eq!(need(&app, second.id).await, None);
}

async fn who_cannot_be_written_to_is_to_be_called(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let (partner, _) = app.partner(&[Scope::Book]).await;
    let body = json!({"role_id": app.role("Часов", ""), "start": TEN, "patient": {"name": "Домашняя Нина", "phone": "+78123099364"},
        "consents": app.consents().await});
    let answer = partner.json_with("POST", "/api/v1/appointments?lang=ru", &body, &[("idempotency-key", "landline")]).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let visit = from(&app, &answer.json()).await;
    let (world, agent) = (&app.app.world, By::Staff(access::StaffId::random(&app.clock)));
    assert_eq!(need(&app, visit.id).await, Some(Need::Tell(booking::Turn::Booked)));
    assert!(booking::request::told_by_phone(world, visit.id, agent).await.unwrap());
    assert!(!booking::request::told_by_phone(world, visit.id, agent).await.unwrap());
    assert_eq!(need(&app, visit.id).await, Some(Need::AskClinic));
    // The desk records what the clinic says on the phone, and what the person answers.
    let start = at(EIGHT_IN_THE_EVENING);
    booking::request::respond(world, visit.id, ClinicAnswer::Proposed { start }, agent).await.unwrap();
    assert_eq!(need(&app, visit.id).await, Some(Need::Tell(booking::Turn::Proposed)));
    booking::request::accept(world, visit.id, start, agent).await.unwrap();
    assert_eq!(need(&app, visit.id).await, Some(Need::Tell(booking::Turn::Moved)));
    assert_eq!(
        app.count("SELECT count(*) FROM audit_entry WHERE outcome IN ('clinic_proposed', 'proposal_accepted', 'told_by_phone')").await,
        3
    );
}

/// The person cancels, the clinic confirms, proposes and declines, all at one time: whatever comes first, both sides end knowing the same.
async fn two_answers_at_once(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    for (turn, start) in [TEN, HALF_PAST_TEN, "2026-11-24T11:00:00+03:00", "2026-11-24T11:30:00+03:00"].into_iter().enumerate() {
        let person = cast::extra(turn);
        let visit = booked(&app, "Часов", start, &person).await;
        let (world, id) = (app.app.world.clone(), visit.id);
        let proposed = ClinicAnswer::Proposed { start: at("2026-11-25T18:00:00+03:00").plus_minutes(i64::try_from(turn).unwrap() * 60) };
        let (_, _, _, _) = tokio::join!(
            booking::request::respond(&world, id, ClinicAnswer::Accepted, By::Clinic),
            booking::request::respond(&world, id, proposed, By::Clinic),
            booking::request::cancel(&world, id, By::Person),
            booking::request::respond(
                &world,
                id,
                ClinicAnswer::Declined(privacy::disclosure::inbound::InboundReason::TimeTaken),
                By::Clinic
            ),
        );
        // Two of the four end it; whichever came first, the visit is off and nothing of it is kept.
        let visit = booking::request::visit(&world, id).await.unwrap().unwrap();
        assert_eq!(visit.status, booking::Status::Cancelled);
        app.jobs().await;
        // A declined time is the clinic's own from then on.
        let kept = "SELECT count(*) FROM claim c WHERE NOT EXISTS (SELECT 1 FROM busy b WHERE b.id = c.owner)";
        assert_eq!(app.count(kept).await, 0, "nothing of it is kept");
        let ends = app.messages().await;
        let ends =
            ends.iter().filter(|(to, text)| *to == person.phone && (text.contains("отменена") || text.contains("не сможет принять")));
        assert_eq!(ends.count(), 1, "the person is told of the end once");
        assert_eq!(need(&app, id).await, None);
    }
}

async fn a_registrar_answers_for_her_own_clinic(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let visit = booked(&app, "Часов", TEN, &cast::anna()).await;
    let (own, other) = (place(&app, &app.role("Часов", "")), place(&app, &app.role("Соседов", "")));
    let (_, vera) = signed(&app, "vera", Role::Registrar, own).await;
    let (_, stranger) = signed(&app, "stranger", Role::Registrar, other).await;
    let page = vera.get("/ru/staff/answers").await.ok().text();
    assert!(page.contains(&number(&app, visit.id).await) && !page.contains(&cast::anna().name), "{page}");
    assert!(!stranger.get("/ru/staff/answers").await.ok().text().contains("staff-answer-line"));
    let path = format!("/ru/staff/visits/{}/answer", visit.id);
    assert_eq!(stranger.get(&path).await.status, 403);
    assert_eq!(stranger.form(&path, &[("answer", "confirm")]).await.status, 403);
    assert_eq!(standing(&app, visit.id).await, "needs-action");
    for lang in ["kk", "ru", "en"] {
        vera.get(&path.replace("/ru/", &format!("/{lang}/"))).await.ok();
    }
    assert_eq!(vera.form(&path, &[("answer", "confirm")]).await.location(), path);
    assert_eq!(standing(&app, visit.id).await, "accepted");
    assert!(!vera.get("/ru/staff/answers").await.ok().text().contains("staff-answer-line"));
    let by = app.count("SELECT count(*) FROM audit_entry WHERE outcome = 'clinic_accepted' AND asker LIKE 'staff:%'").await;
    assert_eq!(by, 1);
}

/// A program that books for people sees what the clinic says, and takes what it proposes by moving there; and there is an end of proposals.
async fn programs_see_and_take_what_is_proposed(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let answer = app.book(&app.role("Часов", ""), TEN, &cast::anna()).await.json();
    let (id, token) = (answer["id"].as_str().unwrap(), answer["manage_token"].as_str().unwrap());
    let holder = app.door().with("authorization", &format!("Bearer {token}"));
    let own = format!("/api/v1/appointments/{id}");
    let seen = holder.get(&own).await.ok().json();
    assert_eq!((&seen["clinic"], &seen["proposed_start"]), (&json!("needs-action"), &serde_json::Value::Null));
    app.jobs().await;
    let link = link_of(&app, id).await;
    let most = app.app.world.profile.proposals_per_visit_max;
    for turn in 0..most {
        let time = format!("{}:00", 17 + turn);
        assert_eq!(clinic_says(&app, &link, &[("answer", "propose"), ("date", "2026-11-24"), ("time", &time)]).await, link);
    }
    let over = clinic_says(&app, &link, &[("answer", "propose"), ("date", "2026-11-24"), ("time", "22:00")]).await;
    assert!(over.contains("refused=proposed_too_often"), "{over}");
    assert!(app.door().get(&over).await.ok().text().contains("role=\"alert\""));
    let seen = holder.get(&own).await.ok().json();
    let last = format!("2026-11-24T{}:00:00+03:00", 16 + most);
    assert_eq!((&seen["clinic"], &seen["proposed_start"], &seen["start"]), (&json!("tentative"), &json!(last), &json!(TEN)));
    let moved = holder.json("PATCH", &own, &json!({"start": last})).await.ok().json();
    assert_eq!((&moved["clinic"], &moved["start"]), (&json!("accepted"), &json!(last)));
}

/// Whoever gave an address is written to of each answer; the letter says no more than the text message, and its calendar file keeps to the time
/// that the visit has.
async fn a_clinics_answers_are_written_of(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let mut wish = app.confirmed_wish(&app.role("Часов", ""), TEN, &cast::anna()).await;
    wish["patient"]["email"] = json!("anna@demo.example");
    let answer = app.door().json("POST", "/api/v1/appointments?lang=ru", &wish).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let visit = from(&app, &answer.json()).await;
    let mut subjects = Vec::new();
    for fields in [
        vec![("answer", "confirm")],
        vec![("answer", "propose"), ("date", "2026-11-24"), ("time", "18:30")],
        vec![("answer", "decline"), ("reason", "doctor_away")],
    ] {
        app.pass(1);
        assert_eq!(clinic_says(&app, &visit.link, &fields).await, visit.link);
        app.jobs().await;
        let letter = app.letters().await.remove(0);
        let (subject, file) = (letter.subject.expose().clone(), letter.calendar.expose().clone());
        assert!(file.contains("DTSTART:20261124T070000Z"), "the visit has its own time still: {file}");
        for private in ["Часов", "Терапевт", "Ответ", "Анна"] {
            assert!(!subject.contains(private) && !file.contains(private), "{private}");
        }
        subjects.push(subject);
    }
    assert_eq!(
        subjects,
        [
            "Клиника ждёт вас: 24\u{a0}ноября 2026 года, 10:00",
            "Предлагают другое время: 24\u{a0}ноября 2026 года, 18:30",
            "Клиника не сможет принять: 24\u{a0}ноября 2026 года, 10:00"
        ]
    );
}
