//! Two programs over one PostgreSQL: what one writes, it tells at once; the other tells it after its next turn, and before that cannot book
//! over it. Turns are made by hand: nothing here waits for a clock.

use serde_json::{Value, json};
use testkit::{Kind, TestApp, cast};

/// What a program tells of a role: its times, and what search shows of it.
async fn told(app: &TestApp, role: &str) -> (Vec<String>, Value) {
    let found = app.door().get("/api/v1/practitioners?q=%D0%94%D0%B2%D0%BE%D0%B9%D0%BD%D0%BE%D0%B2&per_page=50").await.ok().json();
    let items = found["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["role_id"] == role).unwrap_or_else(|| panic!("{found}"));
    (app.slots(role, "").await, json!([item["next_free"], item["slots"]]))
}

struct Two {
    one: TestApp,
    two: TestApp,
    roles: [String; 2],
}

impl Two {
    async fn told_by(&self, app: &TestApp) -> [(Vec<String>, Value); 2] {
        [told(app, &self.roles[0]).await, told(app, &self.roles[1]).await]
    }

    /// What was done is told by the first at once, by the second after its turn: not before, or the turn would prove nothing.
    async fn after(&self, before: &[(Vec<String>, Value); 2], done: &str) {
        let there = self.told_by(&self.one).await;
        assert_ne!(there[0].0, before[0].0, "{done}: the first still tells the old times");
        assert_ne!(there[0].1, before[0].1, "{done}: search of the first still tells the old times");
        assert_eq!(self.told_by(&self.two).await, *before, "{done}: the second knows before its turn");
        self.two.follow_feed().await;
        assert_eq!(self.told_by(&self.two).await, there, "{done}: the second has not followed");
        self.one.pass(1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_replica_writes_the_other_tells_after_its_turn() {
    let one = TestApp::plan(Kind::Postgres).csv(cast::TWO_CLINICS).start().await;
    let two = one.twin().await;
    let roles = [one.role("Двойнов", "Первая"), one.role("Двойнов", "Вторая")];
    let both = Two { one, two, roles };
    let (one, two, [role, other]) = (&both.one, &both.two, &both.roles);

    // Booked: gone in both clinics of the doctor.
    let before = both.told_by(one).await;
    // Not the first time: it is past booking when a minute has passed.
    let start = before[0].0[1].clone();
    let visit = one.book(role, &start, &cast::anna()).await;
    assert_eq!(visit.status, 201, "{}", visit.text());
    let overlapping = before[1].0[1].clone();
    assert_eq!(two.book(role, &start, &cast::boris()).await.said(), "409 slot_taken", "the second has not followed yet");
    let hold = two.door().json("POST", "/api/v1/holds", &json!({"role_id": other, "start": overlapping})).await;
    assert_eq!(hold.said(), "409 slot_taken", "nor over a part of it, in the other clinic");
    both.after(&before, "a booking").await;
    assert!(!told(one, role).await.0.contains(&start) && !told(one, other).await.0.contains(&overlapping));

    // Held.
    let before = both.told_by(one).await;
    let held = json!({"role_id": role, "start": before[0].0[2]});
    let hold = one.door().json("POST", "/api/v1/holds", &held).await;
    assert_eq!(hold.status, 201, "{}", hold.text());
    assert_eq!(two.door().json("POST", "/api/v1/holds", &held).await.said(), "409 slot_taken");
    both.after(&before, "a hold").await;

    // Moved to another day, so that the old one is read again for its own sake.
    let visit = visit.json();
    let door = one.door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
    let path = format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap());
    let before = both.told_by(one).await;
    let away = before[0].0.iter().find(|time| time.starts_with("2026-11-24")).unwrap();
    let moved = door.json("PATCH", &path, &json!({"start": away})).await;
    assert_eq!(moved.status, 200, "{}", moved.text());
    both.after(&before, "a move").await;
    assert!(told(two, role).await.0.contains(&start), "the old time is free in the second too");

    // Cancelled: a visit of today, which search shows.
    let today = one.book(role, &start, &cast::aigul()).await;
    assert_eq!(today.status, 201, "{}", today.text());
    let visit = today.json();
    let door = one.door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
    let path = format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap());
    two.follow_feed().await;
    let before = both.told_by(one).await;
    door.json("DELETE", &path, &Value::Null).await.ok();
    both.after(&before, "a cancellation").await;

    // A hold runs out in both by itself.
    one.pass(15);
    let there = both.told_by(one).await;
    assert!(there[0].0.contains(&held["start"].as_str().unwrap().to_owned()));
    assert_eq!(both.told_by(two).await, there);

    // Another file of the clinic: both follow the directory's version, each at its turn.
    let before = both.told_by(one).await;
    one.import(&cast::TWO_CLINICS.replace("mon-sun 09:00-17:00", "mon-sun 13:00-17:00")).await;
    assert!(one.follow_directory().await);
    let there = both.told_by(one).await;
    assert_ne!(there[0], before[0]);
    assert!(there[0].0.iter().all(|start| start[11..13] >= *"13"), "{:?}", there[0].0);
    assert_eq!(both.told_by(two).await, before);
    assert!(two.follow_directory().await);
    assert_eq!(both.told_by(two).await, there);
    assert!(!two.follow_directory().await, "once");
}
