//! Whoever receives people sees their visits of a day, and opens one person at a press.

use access::Role;
use testkit::cast::anna;
use testkit::{Kind, TestApp, attribute};

use crate::staff::{events, other_clinic, place, signed};

testkit::both!(a_registrar_opens_the_people_of_their_clinic, a_doctor_opens_their_own);

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
