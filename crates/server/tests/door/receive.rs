//! Whoever receives people sees their visits of a day, and opens one person at a press.

use access::Role;
use serde_json::json;
use testkit::cast::{anna, extra};
use testkit::{Kind, TestApp, attribute};

use crate::staff::{events, other_clinic, place, signed};

testkit::both!(a_registrar_opens_the_people_of_their_clinic, a_day_is_opened_at_one_press, a_doctor_opens_their_own);

/// A visit of Anna, and the role it is with.
async fn visit(app: &TestApp) -> (String, String) {
    let role = app.role("", "");
    let start = app.slots(&role, "").await.remove(0);
    let booked = app.book(&role, &start, &anna()).await;
    assert_eq!(booked.status, 201, "{}", booked.text());
    (booked.json()["id"].as_str().unwrap().to_owned(), start)
}

async fn a_registrar_opens_the_people_of_their_clinic(kind: Kind) {
    let app = TestApp::start(kind).await;
    let at = place(&app, &app.role("", ""));
    let (visit, start) = visit(&app).await;
    let day = start.split('T').next().unwrap();
    let (id, desk) = signed(&app, "vera", Role::Registrar, at).await;
    let page = desk.get(&format!("/ru/staff/day?date={day}")).await.ok().text();
    assert_eq!(page.matches("data-test=\"staff-visit\"").count(), 1, "{page}");
    assert!(!page.contains(&anna().name) && !page.contains(&anna().phone), "the list names nobody");
    let action = attribute(&page, "method=\"post\"", "action");
    let open = page.split("<form").find(|form| form.contains("/person")).map(|form| attribute(&format!("<form{form}"), "method", "action"));
    assert_eq!(open.clone().unwrap(), format!("/ru/staff/visits/{visit}/person"), "{action}");
    let before = app.count("SELECT count(*) FROM audit_entry").await;
    let opened = desk.form(&open.unwrap(), &[]).await.ok();
    assert!(opened.text().contains(&anna().name) && opened.text().contains("tel:+70001110001"), "{}", opened.text());
    assert_eq!(opened.header("cache-control"), "no-store");
    let entries = app
        .rows("SELECT asker, purpose, fields, outcome, subject FROM audit_entry WHERE asker LIKE 'staff:%' AND purpose = 'P1'", &[])
        .await;
    assert_eq!(entries.len(), 1);
    let said: Vec<String> = (0..4).map(|column| entries[0].get(column).unwrap()).collect();
    assert_eq!(said, [format!("staff:{id}"), "P1".into(), "name,phone".into(), "opened".into()]);
    assert_eq!(entries[0].get::<Vec<u8>>(4).unwrap().len(), 32, "and commits to whom");
    assert_eq!(app.count("SELECT count(*) FROM audit_entry").await, before + 1);
    // Another clinic's registrar sees no such visit, and the try is written down.
    let (_, far) = signed(&app, "far", Role::Registrar, other_clinic(&app, at.0)).await;
    assert!(!far.get(&format!("/ru/staff/day?date={day}")).await.ok().text().contains("data-test=\"staff-visit\""));
    let refused = far.form(&format!("/ru/staff/visits/{visit}/person"), &[]).await;
    assert_eq!(refused.status, 403);
    assert!(!refused.text().contains(&anna().name));
    assert!(events(&app).await.contains(&"forbidden".to_owned()));
    // A visit that has come off opens nobody.
    let id: booking::AppointmentId = visit.parse().unwrap();
    let called_off = app.app.world.db.run("call off", move |tx| {
        Box::pin(async move { tx.execute("UPDATE appointment SET status = 'cancelled' WHERE id = $1", &db::args![id]).await })
    });
    assert_eq!(called_off.await.unwrap(), 1);
    assert_eq!(desk.form(&format!("/ru/staff/visits/{visit}/person"), &[]).await.status, 409);
}

/// All names of a day at once: each person has an entry of their own, and whoever has taken their consent back stays shut.
async fn a_day_is_opened_at_one_press(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("", "");
    let at = place(&app, &role);
    let (partner, _) = app.partner(&[access::Scope::Book]).await;
    let starts = app.slots(&role, "").await;
    let day = starts[0].split('T').next().unwrap().to_owned();
    let mut visits = Vec::new();
    for (n, start) in starts.iter().filter(|start| start.starts_with(&day)).take(6).enumerate() {
        let body = json!({"role_id": role, "start": start, "patient": {"name": extra(n).name, "phone": format!("+7000555{n:04}")},
            "consents": app.consents().await});
        let answer = partner.json_with("POST", "/api/v1/appointments", &body, &[("idempotency-key", start.as_str())]).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        visits.push(answer.json()["id"].as_str().unwrap().parse::<booking::AppointmentId>().unwrap());
    }
    let count = visits.len();
    assert!(count >= 4, "{count}");
    let (world, by) = (&app.app.world, booking::By::Person);
    booking::request::cancel(world, visits[0], by).await.unwrap();
    let (id, desk) = signed(&app, "vera", Role::Registrar, at).await;
    let page = desk.get(&format!("/ru/staff/day?date={day}")).await.ok().text();
    assert!(page.contains("data-test=\"staff-open-all\"") && !page.contains(&extra(1).name), "{page}");
    let opened = desk.form("/ru/staff/day/people", &[("date", &day)]).await.ok();
    assert_eq!(opened.header("cache-control"), "no-store");
    for n in 1..count {
        assert!(opened.text().contains(&extra(n).name) && opened.text().contains(&format!("tel:+7000555{n:04}")), "{n}");
    }
    assert!(!opened.text().contains("tel:+70005550000"), "who has called off is not expected");
    let by = format!("staff:{id}");
    let sql = "SELECT object, fields FROM audit_entry WHERE asker = $1 AND outcome = 'opened'";
    let mut entries: Vec<[u8; 16]> = app.rows(sql, &[by.as_str().into()]).await.iter().map(|row| row.get(0).unwrap()).collect();
    let mut expected: Vec<[u8; 16]> = visits[1..].iter().map(|visit| visit.bytes()).collect();
    entries.sort_unstable();
    expected.sort_unstable();
    assert_eq!(entries, expected, "each person has their own entry");
    // Another clinic's registrar opens nobody by it, and whoever may not open people is refused.
    let (_, far) = signed(&app, "far", Role::Registrar, other_clinic(&app, at.0)).await;
    assert!(!far.form("/ru/staff/day/people", &[("date", &day)]).await.ok().text().contains("tel:+7000555"));
    let (_, maya) = signed(&app, "maya", Role::Agent, at).await;
    assert_eq!(maya.form("/ru/staff/day/people", &[("date", &day)]).await.status, 403);
}

async fn a_doctor_opens_their_own(kind: Kind) {
    let app = TestApp::start(kind).await;
    let at = place(&app, &app.role("", ""));
    let (visit, start) = visit(&app).await;
    let day = start.split('T').next().unwrap();
    let (_, own) = signed(&app, "own", Role::Doctor, at).await;
    assert!(own.get(&format!("/ru/staff/day?date={day}")).await.ok().text().contains("data-test=\"staff-visit\""));
    assert!(own.form(&format!("/ru/staff/visits/{visit}/person"), &[]).await.ok().text().contains(&anna().name));
    // A colleague of the same clinic is another doctor.
    let colleague = other_clinic(&app, at.0).1;
    let (_, other) = signed(&app, "other", Role::Doctor, (at.0, colleague)).await;
    assert!(!other.get(&format!("/ru/staff/day?date={day}")).await.ok().text().contains("data-test=\"staff-visit\""));
    assert_eq!(other.form(&format!("/ru/staff/visits/{visit}/person"), &[]).await.status, 403);
    assert_eq!(own.form("/ru/staff/visits/00000000-0000-4000-8000-000000000000/person", &[]).await.status, 404);
}
