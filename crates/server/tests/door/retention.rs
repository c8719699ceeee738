//! What is past its term goes, and nothing else; the preview says beforehand what (clauses 1.4, 11.1).

use std::collections::BTreeMap;

use clock::{DAY, Timestamp};
use privacy::{Profile, TermKey, Tombstones};
use rights::retention::{self, KeptBy, Line};
use testkit::cast::{anna, boris};
use testkit::{Kind, TestApp};

testkit::both!(
    the_preview_says_what_a_run_takes,
    each_term_ends_on_its_day,
    a_withdrawn_consent_counts_from_its_withdrawal,
    proofs_do_not_go_before_their_term,
    the_log_is_whole_after_its_bodies_went,
    tombstones_go_from_every_place_at_one_time,
);

async fn preview(app: &TestApp) -> BTreeMap<&'static str, Line> {
    let world = &app.app.world;
    let lines = retention::preview(&world.db, &world.keys, &world.profile).await.unwrap();
    assert_eq!(lines.len(), TermKey::ALL.len());
    lines.into_iter().map(|line| (line.term.path(), line)).collect()
}

async fn run(app: &TestApp) -> BTreeMap<&'static str, u64> {
    let world = &app.app.world;
    let taken = retention::run(&world.db, &world.keys, &world.profile).await.unwrap();
    taken.by_term.into_iter().map(|(term, number)| (term.path(), number)).collect()
}

fn days(app: &TestApp, days: i64) {
    app.clock.set(Timestamp(app.clock.now().micros() + days * DAY));
}

fn profile(app: &TestApp) -> &Profile {
    &app.app.world.profile
}

/// Two visits, one erased person, one dead job, entries sealed.
async fn lived_in(app: &TestApp) {
    let role = app.role("", "");
    let slots = app.slots(&role, "").await;
    let kept = app.book(&role, &slots[0], &anna()).await;
    assert_eq!(kept.status, 201, "{}", kept.text());
    assert_eq!(app.book(&role, &slots[2], &boris()).await.status, 201);
    let world = &app.app.world;
    let boris = world.keys.by_phone(&boris().phone).await.unwrap().remove(0);
    let known = world.keys.known(boris.person().unwrap()).await.unwrap().unwrap();
    let master = privacy::MasterKey::read(&app.folder().join("master.key")).unwrap();
    rights::erase::erase(&world.db, &world.keys, &known, world.keys.console(&master).unwrap()).await.unwrap();
    world
        .db
        .run("a dead job", |tx| {
            Box::pin(async move {
                let now = tx.now();
                let sql = "INSERT INTO job (id, kind, payload, run_at, state, attempts, lease_until) VALUES ($1, 'planted', '{}', $2, 'dead', 8, 0)";
                tx.execute(sql, &db::args![[9_u8; 16], now]).await.map(drop)
            })
        })
        .await
        .unwrap();
    app.jobs().await;
    app.app.sealer.turn().await.unwrap();
}

async fn the_preview_says_what_a_run_takes(kind: Kind) {
    let app = TestApp::start(kind).await;
    lived_in(&app).await;
    // A fresh installation has nothing past its term; what will be is told.
    app.pass(1);
    let fresh = preview(&app).await;
    assert_eq!(run(&app).await, BTreeMap::new());
    assert!(fresh.values().all(|line| line.due == 0), "{fresh:?}");
    assert_eq!(fresh["retention.dead_job_days"].soon, 1);
    // Through the years: before each turn the preview names the numbers that the turn then takes.
    let mut seen: BTreeMap<&'static str, u64> = BTreeMap::new();
    for _ in 0..60 {
        days(&app, 30);
        app.app.sealer.turn().await.unwrap();
        let told = preview(&app).await;
        let taken = run(&app).await;
        for (path, line) in told.iter().filter(|(_, line)| line.kept_by == KeptBy::Run) {
            let took = taken.get(path).copied().unwrap_or(0);
            assert_eq!(i64::try_from(took).unwrap(), line.due, "{path}");
            assert_eq!(line.due == 0, line.oldest.is_none(), "{path}: {line:?}");
            *seen.entry(path).or_default() += took;
        }
        assert!(preview(&app).await.values().filter(|line| line.kept_by == KeptBy::Run).all(|line| line.due == 0), "nothing is left");
    }
    let counted = |path: &str| seen.get(path).copied().unwrap_or(0);
    assert_eq!(counted("retention.specialty_days_after_visit"), 1);
    assert_eq!(counted("retention.identity_days_after_last_visit"), 1);
    assert_eq!(counted("retention.dead_job_days"), 1);
    assert_eq!(counted("retention.consent_proof_days_after_end"), 2);
    assert_eq!(counted("retention.erasure_act_days"), 2);
    assert_eq!(counted("retention.tombstone_days"), 2);
    assert!(counted("retention.security_log_days") > 5);
    // Whatever nothing keeps by this run is kept by the sweep, or there is none of it.
    for line in preview(&app).await.values() {
        assert!(line.kept_by != KeptBy::Nothing || line.due + line.soon == 0, "{line:?}");
    }
}

async fn each_term_ends_on_its_day(kind: Kind) {
    let app = TestApp::start(kind).await;
    lived_in(&app).await;
    let terms = profile(&app).retention.clone();
    let left = async || {
        (
            app.count("SELECT count(*) FROM job WHERE state = 'dead'").await,
            app.count("SELECT count(*) FROM erasure").await,
            app.count_in_keys("SELECT count(*) FROM tombstone").await,
        )
    };
    days(&app, terms.dead_job_days);
    run(&app).await;
    assert_eq!(left().await, (1, 1, 1), "not before its time");
    app.pass(1);
    run(&app).await;
    assert_eq!(left().await, (0, 1, 1));
    days(&app, terms.erasure_act_days - terms.dead_job_days - 1);
    run(&app).await;
    assert_eq!(left().await.1, 2, "the other person has ended by their term, and nobody's act has gone");
    days(&app, 1);
    run(&app).await;
    assert_eq!((left().await.1, left().await.2), (1, 2), "the first act is over; a tombstone is counted by whole days");
    days(&app, 1);
    run(&app).await;
    assert_eq!((left().await.1, left().await.2), (1, 1), "the first tombstone is over");
}

async fn a_withdrawn_consent_counts_from_its_withdrawal(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("", "");
    let start = app.slots(&role, "").await.remove(0);
    let booked = app.book(&role, &start, &anna()).await.json();
    assert_eq!(app.book(&role, &app.slots(&role, "").await[3], &boris()).await.status, 201);
    let bearer = [("authorization", format!("Bearer {}", booked["manage_token"].as_str().unwrap()))];
    let path = format!("/api/v1/appointments/{}/consents/P1", booked["id"].as_str().unwrap());
    days(&app, 1);
    let bearer: Vec<(&str, &str)> = bearer.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let withdrawn = app.door().send("DELETE".parse().unwrap(), &path, &bearer, Vec::new()).await;
    assert!(withdrawn.status < 300, "{}", withdrawn.text());
    let events = async || app.count("SELECT count(*) FROM consent_event").await;
    assert_eq!(events().await, 3, "two given, one withdrawn");
    let term = profile(&app).retention.consent_proof_days_after_end;
    days(&app, term);
    run(&app).await;
    assert_eq!(events().await, 3, "the last day still counts");
    days(&app, 1);
    run(&app).await;
    assert_eq!(events().await, 1, "what was withdrawn, and the withdrawal");
    let longest = profile(&app).retention.identity_days_after_last_visit.max(366) + profile(&app).retention.specialty_days_after_visit;
    days(&app, longest - 2);
    run(&app).await;
    assert_eq!(events().await, 1);
    days(&app, 1);
    run(&app).await;
    assert_eq!(events().await, 0);
}

async fn proofs_do_not_go_before_their_term(kind: Kind) {
    let app = TestApp::start(kind).await;
    lived_in(&app).await;
    let refused = async |sql: &'static str| {
        app.app.world.db.run("attack", move |tx| Box::pin(async move { tx.execute(sql, &[]).await.map(drop) })).await.is_err()
    };
    run(&app).await;
    assert!(refused("DELETE FROM consent_event").await);
    assert!(refused("DELETE FROM audit_entry").await);
    assert!(refused("UPDATE retention_cut SET before_on = before_on - 1").await);
    assert!(refused("DELETE FROM retention_cut").await);
    if app.app.world.db.kind() == "sqlite" {
        assert!(refused("INSERT OR REPLACE INTO retention_cut (what, before_on) VALUES ('consent', 1)").await);
    } else {
        assert!(refused("TRUNCATE retention_cut").await);
    }
    assert!(!refused("UPDATE retention_cut SET before_on = before_on + 1 WHERE what = 'none'").await, "what touches nothing is no fault");
    assert_eq!(app.count("SELECT count(*) FROM consent_event").await, 2);
}

async fn the_log_is_whole_after_its_bodies_went(kind: Kind) {
    let app = TestApp::start(kind).await;
    lived_in(&app).await;
    let world = &app.app.world;
    let before = app.count("SELECT count(*) FROM audit_entry").await;
    days(&app, profile(&app).retention.security_log_days + 1);
    app.app.sealer.turn().await.unwrap();
    let taken = run(&app).await;
    assert!(taken["retention.security_log_days"] >= u64::try_from(before).unwrap(), "{taken:?}");
    app.app.sealer.turn().await.unwrap();
    let quiet: privacy::audit::Progress = std::sync::Arc::new(|_| {});
    let (file, exported) = privacy::audit::export(&world.db, &world.keys, Vec::new(), quiet.clone()).await.unwrap();
    let verified = privacy::audit::verify_file(&mut file.as_slice(), &privacy::audit::Against::default(), &quiet);
    assert!(verified.is_ok(), "{:?}", verified.err());
    assert!(exported.entries > 0, "something is left to be checked");
    // A second turn of the same day signs no further cut.
    let cuts = app.count("SELECT count(*) FROM audit_cut").await;
    app.pass(10);
    run(&app).await;
    assert_eq!(app.count("SELECT count(*) FROM audit_cut").await, cuts);
}

async fn tombstones_go_from_every_place_at_one_time(kind: Kind) {
    let app = TestApp::start(kind).await;
    lived_in(&app).await;
    let beside = Tombstones::in_folder(app.folder());
    let away = app.folder().join("away");
    std::fs::create_dir_all(&away).unwrap();
    let [(person, day)] = beside.read_days().unwrap().into_iter().collect::<Vec<_>>()[..] else { panic!("one tombstone") };
    assert_eq!(day, app.clock.now().day());
    // A place of backups that is reached again much later gets the day of the end, not its own.
    days(&app, 500);
    let keys = app.app.world.keys.clone();
    let (keys, risen) = keys.buried(vec![beside.clone(), Tombstones::in_folder(&away)]).await.unwrap();
    assert!(risen.is_empty());
    assert_eq!(Tombstones::in_folder(&away).read_days().unwrap(), beside.read_days().unwrap());
    let term = profile(&app).retention.tombstone_days;
    days(&app, term - 500);
    keys.forget_tombstones(term).await.unwrap();
    assert!(beside.read().unwrap().contains(&person), "the last day still counts");
    days(&app, 1);
    assert_eq!(keys.forget_tombstones(term).await.unwrap(), 1);
    for place in [beside, Tombstones::in_folder(&away)] {
        assert!(place.read().unwrap().is_empty());
        // A tombstone that is added afterwards stands.
        place.add(person, app.clock.now().day()).unwrap();
        assert_eq!(place.read().unwrap().len(), 1);
    }
}
