//! Many want one time (I1): exactly one gets it, and every other is told so.

use access::Scope;
use serde_json::{Value, json};
use testkit::{Kind, TestApp, cast, wire};
use tokio::task::JoinSet;

testkit::both!(
    sixty_four_on_one_time,
    sixty_four_on_overlapping_times,
    sixty_four_hold_one_time,
    sixteen_clients_on_one_time,
    one_key_sixteen_times,
    one_person_at_sixteen_doctors,
    eight_visits_move_to_one_time,
    sixteen_visits_of_one_person_stop_at_the_limit,
    sixteen_codes_for_one_phone,
    a_visit_moves_while_it_is_given_up_for_another,
);

async fn open(kind: Kind) -> TestApp {
    TestApp::plan(kind).real_clock().csv(cast::TWO_CLINICS).start().await
}

/// Noon of a day that has not begun, on the first clinic's grid: the clock is the real one, and the morning of that day is free too.
async fn noon(app: &TestApp, role: &str) -> String {
    app.slots(role, "").await.into_iter().filter(|start| start.contains("T12:00:00")).nth(1).unwrap()
}

/// All wishes at once, each by a task of its own.
pub(super) async fn all_at_once(app: &TestApp, wishes: Vec<Value>) -> Vec<(u16, Value)> {
    let (_, key) = app.partner(&[Scope::Book]).await;
    let bearer = format!("Bearer {key}");
    let mut tasks = JoinSet::new();
    for wish in wishes {
        let door = app.door().with("authorization", &bearer);
        tasks.spawn(async move {
            let answer = door.json("POST", "/api/v1/appointments", &wish).await;
            (answer.status, answer.json())
        });
    }
    tasks.join_all().await
}

/// One won, all others were told that the time is taken, and nobody else's claim is left.
pub(super) async fn one_has_won(app: &TestApp, answers: &[(u16, Value)]) {
    let won: Vec<&Value> = answers.iter().filter(|(status, _)| *status == 201).map(|(_, body)| body).collect();
    assert_eq!(won.len(), 1, "{} won", won.len());
    for (status, body) in answers.iter().filter(|(status, _)| *status != 201) {
        assert_eq!((*status, body["code"].as_str()), (409, Some("slot_taken")), "{body}");
    }
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM consent_event").await, 1);
    let visit: [u8; 16] = app.rows("SELECT id FROM appointment", &[]).await[0].get(0).unwrap();
    let owners = app.rows("SELECT DISTINCT owner FROM claim", &[]).await;
    assert_eq!(owners.len(), 1);
    assert_eq!(owners[0].get::<[u8; 16]>(0).unwrap(), visit);
    assert_eq!(won[0]["id"].as_str().unwrap().replace('-', ""), visit.map(|byte| format!("{byte:02x}")).concat());
}

async fn sixty_four_on_one_time(kind: Kind) {
    let app = open(kind).await;
    let role = app.role("Двойнов", "Первая");
    let start = noon(&app, &role).await;
    let mut wishes = Vec::new();
    for number in 0..64 {
        wishes.push(app.wish(&role, &start, &cast::extra(number)).await);
    }
    one_has_won(&app, &all_at_once(&app, wishes).await).await;
}

async fn sixty_four_on_overlapping_times(kind: Kind) {
    let app = open(kind).await;
    let (one, two) = (app.role("Двойнов", "Первая"), app.role("Двойнов", "Вторая"));
    let start = noon(&app, &one).await;
    let short = app.app.world.catalogue().role(one.parse().unwrap()).unwrap().services[1].service.clone();
    // Any two of these share the ten minutes after noon: two clinics, two lengths, four grids.
    let wanted = [(&one, "T12:00", None), (&two, "T11:40", None), (&one, "T12:00", Some(&short)), (&two, "T11:50", Some(&short))];
    let mut wishes = Vec::new();
    for number in 0..64 {
        let (role, time, service) = wanted[number % wanted.len()];
        let mut wish = app.wish(role, &start.replace("T12:00", time), &cast::extra(number)).await;
        wish["service"] = json!(service);
        wishes.push(wish);
    }
    one_has_won(&app, &all_at_once(&app, wishes).await).await;
}

async fn sixty_four_hold_one_time(kind: Kind) {
    let app = open(kind).await;
    let (one, two) = (app.role("Двойнов", "Первая"), app.role("Двойнов", "Вторая"));
    let start = noon(&app, &one).await;
    let mut tasks = JoinSet::new();
    for number in 0..64 {
        let door = app.door().from(&format!("192.0.2.{number}"));
        let body = if number % 2 == 0 {
            json!({"role_id": one, "start": start})
        } else {
            json!({"role_id": two, "start": start.replace("T12:00", "T11:40")})
        };
        tasks.spawn(async move { door.json("POST", "/api/v1/holds", &body).await.said() });
    }
    let said = tasks.join_all().await;
    assert_eq!(said.iter().filter(|said| *said == "201 -").count(), 1, "{said:?}");
    assert_eq!(said.iter().filter(|said| *said == "409 slot_taken").count(), 63, "{said:?}");
    assert_eq!(app.count("SELECT count(*) FROM hold").await, 1);
    assert_eq!(app.count("SELECT count(DISTINCT owner) FROM claim").await, 1);
}

async fn sixteen_clients_on_one_time(kind: Kind) {
    let app = open(kind).await;
    let role = app.role("Двойнов", "Первая");
    let start = noon(&app, &role).await;
    let (_, key) = app.partner(&[Scope::Book]).await;
    let address = app.listen().await;
    let mut clients = JoinSet::new();
    for number in 0..16 {
        let (wish, key) = (app.wish(&role, &start, &cast::extra(number)).await, key.clone());
        clients.spawn(async move { wire::post(address, "/api/v1/appointments", &key, &wish).await.unwrap() });
    }
    one_has_won(&app, &clients.join_all().await).await;
}

async fn one_key_sixteen_times(kind: Kind) {
    let app = open(kind).await;
    let role = app.role("Двойнов", "Первая");
    let wish = app.wish(&role, &noon(&app, &role).await, &cast::anna()).await;
    let (_, key) = app.partner(&[Scope::Book]).await;
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let (door, wish) = (app.door().with("authorization", &format!("Bearer {key}")), wish.clone());
        tasks.spawn(async move { door.json_with("POST", "/api/v1/appointments", &wish, &[("idempotency-key", "once")]).await });
    }
    let answers = tasks.join_all().await;
    assert!(
        answers.iter().all(|answer| answer.status == 201 && answer.json() == answers[0].json()),
        "{:?}",
        answers.iter().map(|a| a.text()).collect::<Vec<_>>()
    );
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 1);
    assert_eq!(app.people().await, 1);
}

async fn one_person_at_sixteen_doctors(kind: Kind) {
    let app = open(kind).await;
    let mut wishes: Vec<Value> = Vec::new();
    let start = noon(&app, &app.role("Двойнов", "Первая")).await;
    let day = start.split('T').next().unwrap().to_owned();
    let catalogue = app.app.world.catalogue();
    let mut doctors = std::collections::BTreeSet::new();
    for role in catalogue.roles.iter().filter(|role| doctors.insert(role.practitioner)) {
        // Anything that begins at noon, Moscow time.
        if app.slots(&role.id.to_string(), "").await.contains(&format!("{day}T12:00:00+03:00")) && wishes.len() < 16 {
            wishes.push(app.wish(&role.id.to_string(), &start, &cast::anna()).await);
        }
    }
    assert!(wishes.len() > 2, "{} doctors", wishes.len());
    let answers = all_at_once(&app, wishes).await;
    assert_eq!(answers.iter().filter(|(status, _)| *status == 201).count(), 1, "{answers:?}");
    assert!(
        answers.iter().all(|(status, body)| *status == 201 || body["code"] == "person_busy" || body["code"] == "slot_taken"),
        "{answers:?}"
    );
    assert_eq!(app.count("SELECT count(*) FROM appointment").await, 1);
}

async fn eight_visits_move_to_one_time(kind: Kind) {
    let app = open(kind).await;
    let role = app.role("Двойнов", "Первая");
    let start = noon(&app, &role).await;
    let (partner, _) = app.partner(&[Scope::Book]).await;
    let mut tasks = JoinSet::new();
    for (number, time) in ["T09:00", "T09:30", "T10:00", "T10:30", "T13:00", "T13:30", "T14:00", "T14:30"].iter().enumerate() {
        let wish = app.wish(&role, &start.replace("T12:00", time), &cast::extra(number)).await;
        let visit = partner.json("POST", "/api/v1/appointments", &wish).await.json();
        let door = app.door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
        let (path, body) = (format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap()), json!({"start": start}));
        tasks.spawn(async move { door.json("PATCH", &path, &body).await.said() });
    }
    let said = tasks.join_all().await;
    assert_eq!(said.iter().filter(|said| said.starts_with("200")).count(), 1, "{said:?}");
    assert_eq!(said.iter().filter(|said| *said == "409 slot_taken").count(), 7, "{said:?}");
    // Eight visits of six cells each: nobody has lost the old time, nobody has both.
    assert_eq!(app.count("SELECT count(*) FROM claim WHERE cell > 0").await, 48);
    assert_eq!(app.count("SELECT count(DISTINCT owner) FROM claim").await, 8);
}

async fn sixteen_visits_of_one_person_stop_at_the_limit(kind: Kind) {
    let app = open(kind).await;
    let role = app.role("Двойнов", "Первая");
    // Half hours of two days: none overlaps another.
    let times: Vec<String> = app
        .slots(&role, "")
        .await
        .into_iter()
        .filter(|start| start.contains(":00:00+") || start.contains(":30:00+"))
        .skip(4)
        .take(16)
        .collect();
    assert_eq!(times.len(), 16);
    let mut wishes = Vec::new();
    for start in &times {
        wishes.push(app.wish(&role, start, &cast::anna()).await);
    }
    let answers = all_at_once(&app, wishes).await;
    let most = usize::try_from(app.app.world.profile.visits_open_per_person_max).unwrap();
    assert_eq!(answers.iter().filter(|(status, _)| *status == 201).count(), most, "{answers:?}");
    assert!(answers.iter().all(|(status, body)| *status == 201 || body["code"] == "too_many_visits"), "{answers:?}");
    assert_eq!(app.count("SELECT count(DISTINCT owner) FROM claim").await, most as i64);
}

async fn sixteen_codes_for_one_phone(kind: Kind) {
    let app = open(kind).await;
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let door = app.door();
        tasks.spawn(async move { door.json("POST", "/api/v1/phone-codes", &json!({"phone": cast::anna().phone})).await.said() });
    }
    let said = tasks.join_all().await;
    assert_eq!(said.iter().filter(|said| said.starts_with("202")).count(), 1, "{said:?}");
    assert_eq!(said.iter().filter(|said| *said == "429 code_too_soon").count(), 15, "{said:?}");
    app.jobs().await;
    assert_eq!(app.messages().await.len(), 1);
}

/// The person moves the visit away at the moment in which a booking gives it up: whichever comes first, nothing is left over or held twice.
async fn a_visit_moves_while_it_is_given_up_for_another(kind: Kind) {
    let app = open(kind).await;
    let (role, other) = (app.role("Двойнов", "Первая"), app.role("Быстрова", "Вторая"));
    let start = noon(&app, &role).await;
    for round in 0..6 {
        let person = cast::extra(round);
        let old = start.replace("T12:00", &format!("T{:02}:{}0", 10 + round / 2, if round % 2 == 0 { 0 } else { 3 }));
        let away = start.replace("T12:00", &format!("T{:02}:{}0", 14 + round / 2, if round % 2 == 0 { 0 } else { 3 }));
        let (partner, _) = app.partner(&[Scope::Book]).await;
        let visit = partner.json("POST", "/api/v1/appointments", &app.wish(&role, &old, &person).await).await;
        assert_eq!(visit.status, 201, "{}", visit.text());
        let visit = visit.json();
        let mut instead = app.confirmed_wish(&other, &old, &person).await;
        instead["instead"] = json!(true);
        let mover = app.door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
        let path = format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap());
        let (body, public) = (json!({"start": away}), app.door());
        let (moved, booked) = tokio::join!(
            tokio::spawn(async move { mover.json("PATCH", &path, &body).await.said() }),
            tokio::spawn(async move { public.json("POST", "/api/v1/appointments", &instead).await.said() }),
        );
        let (moved, booked) = (moved.unwrap(), booked.unwrap());
        assert!(booked.starts_with("201"), "{booked}");
        let open = app.count("SELECT count(*) FROM appointment WHERE status = 'booked'").await;
        let owners = app.count("SELECT count(DISTINCT owner) FROM claim").await;
        assert_eq!(open, owners, "{moved}, {booked}: a claim without a visit, or a visit without a claim");
        let first = app.rows("SELECT status FROM appointment WHERE moves > 0 OR status = 'cancelled'", &[]).await;
        assert_eq!(first.len(), round + 1, "either moved or given up, never neither: {moved}");
        assert!(moved.starts_with("200") || moved == "409 visit_not_open", "{moved}");
    }
}
