//! How clinics hear of visits: three clinics, three ways; and what is in what they are sent.

use access::Role;
use testkit::cast;
use testkit::{Kind, TestApp};

use super::answers::booked;
use super::staff::{other_clinic, place, signed};

testkit::both!(
    a_clinic_whose_calendar_is_the_truth_is_not_asked,
    a_clinic_chooses_how_it_hears,
    three_clinics_three_ways,
    a_letter_says_no_more_than_a_message
);

const CLINICS: &str = "\
clinic,clinic_phone,city,address,doctor,specialty,price,minutes,hours,horizon_days,notice_minutes
Клиника «Сообщение»,+70008120001,Санкт-Петербург,\"улица Пробная, 4\",Часов Иван Ильич,Терапевт,2000,30,mon-sun 00:00-24:00,28,0
Клиника «Письмо»,+70008120002,Санкт-Петербург,\"улица Пробная, 5\",Письмова Инна Ильинична,Кардиолог,2000,30,mon-sun 00:00-24:00,28,0
Клиника «Страница»,+70008120003,Санкт-Петербург,\"улица Пробная, 6\",Листов Пётр Ильич,Уролог,2000,30,mon-sun 00:00-24:00,28,0
";
const MAIL: &str = "registratura@pismo.example";
const TEN: &str = "2026-11-27T10:00:00+03:00";

async fn choose(app: &TestApp, login: &str, doctor: &str, fields: &[(&str, &str)]) -> testkit::Answer {
    let at = place(app, &app.role(doctor, ""));
    let (_, door) = signed(app, login, Role::Registrar, at).await;
    let clinic = db::reexport::Uuid::from_bytes(at.0).to_string();
    let mut all = vec![("clinic", clinic.as_str())];
    all.extend(fields);
    door.form("/ru/staff/way", &all).await
}

/// Letters to the clinic: subjects and texts.
async fn letters(app: &TestApp) -> Vec<(String, String)> {
    app.jobs().await;
    let kept = app.app.outbox.newest().await.unwrap();
    let to = |kept: &notify::Kept| kept.letter.as_ref().is_some_and(|letter| letter.email.expose() == MAIL);
    let said = |kept: &notify::Kept| (kept.letter.as_ref().unwrap().subject.expose().clone(), kept.text.expose().clone());
    kept.iter().filter(|kept| to(kept)).map(said).collect()
}

async fn messages(app: &TestApp, number: &str) -> usize {
    app.messages().await.iter().filter(|(to, _)| to == number).count()
}

async fn a_clinic_chooses_how_it_hears(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    let at = place(&app, &app.role("Письмова", ""));
    let (id, door) = signed(&app, "vera", Role::Registrar, at).await;
    for lang in ["kk", "ru", "en"] {
        let page = door.get(&format!("/{lang}/staff/way")).await.ok().text();
        assert!(page.contains("data-test=\"way-sms\"") && page.contains(" checked") && page.contains("data-test=\"way-mail\""), "{page}");
    }
    let clinic = db::reexport::Uuid::from_bytes(at.0).to_string();
    let wrong = door.form("/ru/staff/way", &[("clinic", clinic.as_str()), ("mail", "registratura at pismo")]).await.ok().text();
    assert!(wrong.contains("id=\"mail-error\"") && wrong.contains("registratura at pismo"), "what was typed stands there: {wrong}");
    assert_eq!(app.count("SELECT count(*) FROM clinic_way").await, 0);
    let saved = door.form("/ru/staff/way", &[("clinic", clinic.as_str()), ("mail", MAIL)]).await.location();
    let page = door.get(&saved).await.ok().text();
    assert!(page.contains("data-test=\"way-saved\"") && page.contains(MAIL) && !page.contains(" checked"), "{page}");
    let by = format!("staff:{id}");
    assert_eq!(app.rows("SELECT id FROM audit_entry WHERE outcome = 'way_chosen' AND asker = $1", &[by.as_str().into()]).await.len(), 1);
    // Another clinic's registrar changes nothing here; the operator may.
    let (_, far) = signed(&app, "far", Role::Registrar, other_clinic(&app, at.0)).await;
    assert_eq!(far.form("/ru/staff/way", &[("clinic", clinic.as_str()), ("sms", "yes")]).await.status, 403);
    assert_eq!(far.get(&format!("/ru/staff/way?clinic={clinic}")).await.status, 403);
    let (_, operator) = signed(&app, "boss", Role::Operator, at).await;
    assert!(
        operator.get(&format!("/ru/staff/way?clinic={clinic}")).await.ok().text().contains("Клиника «Страница»"),
        "all clinics are there"
    );
    operator.form("/ru/staff/way", &[("clinic", clinic.as_str()), ("sms", "yes")]).await.location();
    assert_eq!(app.count("SELECT count(*) FROM clinic_way WHERE sms = 1 AND mail = ''").await, 1);
}

async fn a_clinic_whose_calendar_is_the_truth_is_not_asked(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    choose(&app, "vera", "Письмова", &[("mail", MAIL)]).await.location();
    let not_asked = booked_without_link(&app, "Письмова", &cast::boris()).await;
    let asked = booked(&app, "Часов", TEN, &cast::anna()).await;
    app.pass(2 * 24 * 60);
    desk::sweep(&app.app.desk).await.unwrap();
    let open = desk::open_tasks(&app.app.desk, desk::Show::All, None).await.unwrap();
    assert_eq!(open.iter().map(|(task, _)| task.visit).collect::<Vec<_>>(), [asked.id]);
    let need = app.app.world.db.read("need", move |tx| Box::pin(booking::need(tx, not_asked))).await.unwrap();
    assert!(need.is_none(), "{need:?}");
    // It may still say that it cannot receive them.
    let no = booking::ClinicAnswer::Declined(privacy::disclosure::inbound::InboundReason::DoctorAway);
    booking::request::respond(&app.app.world, not_asked, no, booking::By::Clinic).await.unwrap();
    // Asked again when it wants to answer again.
    choose(&app, "lena", "Письмова", &[("answers", "yes"), ("sms", "yes")]).await.location();
    let clinic = app.app.world.catalogue().role(app.role("Письмова", "").parse().unwrap()).unwrap().organization;
    assert!(booking::way_of(&app.app.world, clinic).await.unwrap().answers);
}

async fn three_clinics_three_ways(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    choose(&app, "vera", "Письмова", &[("mail", MAIL)]).await.location();
    choose(&app, "lena", "Листов", &[]).await.location();
    let by_message = booked(&app, "Часов", TEN, &cast::anna()).await;
    let by_letter = booked_without_link(&app, "Письмова", &cast::boris()).await;
    let by_page = booked_without_link(&app, "Листов", &cast::aigul()).await;
    let sent = letters(&app).await;
    assert_eq!((messages(&app, "+70008120001").await, sent.len()), (1, 1));
    assert_eq!((messages(&app, "+70008120002").await, messages(&app, "+70008120003").await), (0, 0));
    // Each answers in its way.
    app.door().form(&by_message.link, &[("answer", "confirm")]).await.location();
    let link = sent[0].1.split_whitespace().find_map(|word| word.find("/clinic/visits/").map(|at| word[at..].to_owned())).unwrap();
    assert!(link.contains(&by_letter.to_string()), "{link}");
    app.door().form(&link, &[("answer", "confirm")]).await.location();
    let (_, door) = signed(&app, "olga", Role::Registrar, place(&app, &app.role("Листов", ""))).await;
    door.form(&format!("/ru/staff/visits/{by_page}/answer"), &[("answer", "confirm")]).await.location();
    for visit in [by_message.id, by_letter, by_page] {
        let response = booking::request::response(&app.app.world, visit).await.unwrap().unwrap();
        assert_eq!(response.standing, booking::Standing::Accepted, "{visit}");
    }
    // What left for the clinic by a letter stands on the register with its carrier.
    let made = app.rows("SELECT object FROM audit_entry WHERE outcome = 'disclosed' AND asker = 'job:mail_clinic'", &[]).await;
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].get::<[u8; 16]>(0).unwrap(), by_letter.bytes());
    // Called off: the letter says so too.
    booking::request::cancel(&app.app.world, by_letter, booking::By::Person).await.unwrap();
    assert_eq!(letters(&app).await.len(), 2);
}

async fn booked_without_link(app: &TestApp, doctor: &str, person: &cast::Person) -> booking::AppointmentId {
    let (partner, _) = app.partner(&[access::Scope::Book]).await;
    let body =
        serde_json::json!({"role_id": app.role(doctor, ""), "start": TEN, "patient": person.patient(), "consents": app.consents().await});
    let answer = partner.json_with("POST", "/api/v1/appointments?lang=ru", &body, &[("idempotency-key", person.phone.as_str())]).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().parse().unwrap()
}

/// Planted name, phone, specialty, doctor: none of it is in a letter to a clinic, and nothing but the number in its subject.
async fn a_letter_says_no_more_than_a_message(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINICS).start().await;
    choose(&app, "vera", "Письмова", &[("mail", MAIL), ("sms", "yes")]).await.location();
    let visit = booked_without_link(&app, "Письмова", &cast::boris()).await;
    booking::request::reschedule(
        &app.app.world,
        visit,
        clock::Timestamp::parse_rfc3339("2026-11-28T10:00:00+03:00").unwrap(),
        None,
        booking::By::Person,
    )
    .await
    .unwrap();
    booking::request::cancel(&app.app.world, visit, booking::By::Person).await.unwrap();
    let sent = letters(&app).await;
    assert_eq!((sent.len(), messages(&app, "+70008120002").await), (3, 3), "both ways, each turn once");
    let number = booking::request::visit(&app.app.world, visit).await.unwrap().unwrap().number_shown();
    let boris = cast::boris();
    let planted: Vec<String> =
        [boris.name.as_str(), boris.phone.as_str(), "Кардиолог", "Письмова", "кардиолог"].map(str::to_owned).to_vec();
    for (subject, text) in &sent {
        assert_eq!(*subject, format!("Запись {number}"));
        let mut found = Vec::new();
        testkit::scan::scan("letter", text.as_bytes(), &planted, &mut found);
        testkit::scan::scan("subject", subject.as_bytes(), &planted, &mut found);
        assert_eq!(found.len(), 0, "{found:?}");
    }
}
