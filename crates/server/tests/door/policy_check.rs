//! `policy check`: sound on a program that was used, and each invariant notices what is planted against it, and no other does (clause 8.1).

use rights::check::{Beside, Finding};
use server::personal::{dictionary, key_dictionary};
use testkit::cast::{anna, boris};
use testkit::{Kind, TestApp};

testkit::both!(
    a_used_program_keeps_to_its_policy,
    whatever_is_planted_is_found,
    whatever_somebody_has_to_do_is_told,
    one_replica_checks_each_night,
    files_and_copies_are_looked_at,
);

async fn checked(app: &TestApp, files: &[(String, u32)], column: Option<&str>) -> Vec<Finding> {
    checked_beside(app, files, column, &[]).await
}

async fn checked_beside(app: &TestApp, files: &[(String, u32)], column: Option<&str>, copies: &[&str]) -> Vec<Finding> {
    let world = &app.app.world;
    let columns = world.db.read("columns", |tx| Box::pin(db::schema::columns(tx))).await.unwrap();
    let mut main: Vec<(String, String)> = columns.into_iter().map(|column| (column.table, column.name)).collect();
    main.extend(column.map(|name| ("job".to_owned(), name.to_owned())));
    let of_keys = world.keys.columns().await.unwrap();
    let beside = Beside {
        dictionaries: [dictionary(), key_dictionary()],
        columns: [main, of_keys],
        files,
        old_copies: copies.iter().map(|copy| (*copy).to_owned()).collect(),
    };
    rights::check::check(&world.db, &world.keys, &world.profile, &beside).await.unwrap()
}

fn broken(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().filter(|finding| !finding.is_sound() && !finding.warning).map(|finding| finding.name).collect()
}

async fn used(kind: Kind) -> TestApp {
    let app = TestApp::start(kind).await;
    let role = app.role("", "");
    let slots = app.slots(&role, "").await;
    assert_eq!(app.book(&role, &slots[0], &anna()).await.status, 201);
    assert_eq!(app.book(&role, &slots[2], &boris()).await.status, 201);
    app.jobs().await;
    app.app.sealer.turn().await.unwrap();
    app
}

async fn a_used_program_keeps_to_its_policy(kind: Kind) {
    let app = used(kind).await;
    let findings = checked(&app, &[("keys.db".into(), 0o100_600)], None).await;
    assert_eq!(broken(&findings), Vec::<&str>::new(), "{findings:?}");
    assert!(findings.len() > 20, "{}", findings.len());
    let unread = findings.iter().find(|finding| finding.warning && finding.clause == "1.5").unwrap();
    assert_eq!(unread.count, 1, "the numbers of the profile wait for a lawyer, and it says so");
}

/// What somebody with the database in their hands might do; triggers are no obstacle to them.
async fn whatever_is_planted_is_found(kind: Kind) {
    let plants: [(&str, &[&str]); 18] = [
        (
            "the log knows these operations alone",
            &[
                "INSERT INTO audit_entry (id, at, operation, purpose, asker, fields, outcome) SELECT id, (SELECT max(at) FROM audit_entry), 'guess', 'P1', 'x', '', 'x' FROM partner_like",
            ],
        ),
        (
            "everything is for a purpose of the list",
            &[
                "INSERT INTO audit_entry (id, at, operation, purpose, asker, fields, outcome) SELECT id, (SELECT max(at) FROM audit_entry), 'use', 'P11', 'x', '', 'x' FROM partner_like",
            ],
        ),
        ("no visit without a consent", &["UPDATE consent_event SET purpose = 'P3'"]),
        ("the words of every consent are kept", &["UPDATE consent_event SET sha256 = 'none', given_on = given_on + 2"]),
        (
            "what was taken back had been given",
            &[
                "INSERT INTO consent_event (id, subject, purpose, version, sha256, lang, method, given_on, turn) SELECT p.id, p.key_hash, e.purpose, e.version, e.sha256, e.lang, e.method, e.given_on, 'withdrawn' FROM consent_event e, partner_like p LIMIT 1",
            ],
        ),
        (
            "no visit stands whose consent was taken back",
            &["INSERT INTO withdrawn_visit (visit, withdrawn_on) SELECT id, 30000 FROM appointment ORDER BY starts_at LIMIT 1"],
        ),
        (
            "an erasure that was begun is ended",
            &[
                "INSERT INTO erasure (id, mark, person, reason, visits, begun_at, done_at) SELECT id, id, id, 'asked', 0, 1, 0 FROM partner_like",
            ],
        ),
        ("what left went to somebody under contract", &["DELETE FROM recipient WHERE kind = 'R7.sms'"]),
        ("what left went to somebody under contract", &["UPDATE disclosure SET made_on = -9", "UPDATE recipient SET from_on = 0"]),
        ("what left is what its recipient may have", &["UPDATE disclosure SET fields = 'phone,comment' WHERE kind = 'R7.sms'"]),
        ("what left is what its recipient may have", &["UPDATE disclosure SET state = 'lost'"]),
        (
            "what left has an end",
            &["UPDATE disclosure SET state = 'pending', made_on = 1 WHERE id = (SELECT id FROM disclosure ORDER BY id LIMIT 1)"],
        ),
        ("recipients are where data may go", &["UPDATE recipient SET country = 'XX' WHERE kind = 'R7.sms'"]),
        ("each number to call is one city's", &["UPDATE city SET phone = '+70000000000'"]),
        (
            "each grant has an end and another's hand",
            &[
                "INSERT INTO staff_grant (id, staff, role, reason, granted_by, granted_at, ends_at, ended_at) SELECT id, id, 'operator', 'cover', id, 1, 2, 0 FROM partner_like",
            ],
        ),
        (
            "each auditor has a contract and a last day",
            &[
                "INSERT INTO staff (id, login, name, role, contract, until_at, added_at, ended_at, password, totp, totp_step, pin) SELECT id, 'a', 'a', 'auditor', '', 0, 1, 0, id, id, 0, id FROM partner_like",
            ],
        ),
        (
            "nobody whose access ended is signed in",
            &[
                "INSERT INTO staff_session (id, hash, staff, method, opened_at, seen_at, ends_at, pins_wrong) SELECT id, id, id, 'passkey', 1, 1, 9000000000000000, 0 FROM partner_like",
            ],
        ),
        (
            "nothing is kept past its term",
            &["UPDATE appointment SET ends_at = 1, starts_at = 0 WHERE number = (SELECT min(number) FROM appointment)"],
        ),
    ];
    for (name, statements) in plants {
        let app = used(kind).await;
        // A partner's id is any sixteen bytes.
        let (_, _key) = app.partner(&[access::Scope::Search]).await;
        let statements: Vec<String> = statements.iter().map(|sql| sql.replace("partner_like", "partner")).collect();
        unguarded(&app, &statements).await;
        app.app.sealer.turn().await.unwrap();
        assert_eq!(broken(&checked(&app, &[], None).await), [name], "{kind:?}: {name}");
    }
    let app = used(kind).await;
    assert_eq!(broken(&checked(&app, &[("keys.db".into(), 0o100_644)], None).await), ["nobody else can read the stores"]);
    assert_eq!(broken(&checked(&app, &[], Some("planted")).await), ["every column stands in the dictionary"]);
    assert_eq!(broken(&checked_beside(&app, &[], None, &["20260101T000000Z"]).await), ["copies of keys go at their term"]);
    // The log, changed behind the tree's back.
    unguarded(&app, &["UPDATE audit_entry SET outcome = 'nothing' WHERE id = (SELECT id FROM audit_entry ORDER BY id LIMIT 1)".to_owned()])
        .await;
    assert_eq!(broken(&checked(&app, &[], None).await), ["the log is whole"]);
    // Somebody who was erased is back.
    let app = used(kind).await;
    let keys = app.keys_db().await;
    keys.run("plant", |tx| {
        Box::pin(async move {
            tx.execute("INSERT INTO tombstone (person, erased_on) SELECT person, 30000 FROM person_key", &[]).await.map(drop)
        })
    })
    .await
    .unwrap();
    assert_eq!(broken(&checked(&app, &[], None).await), ["nobody who was erased has a key"]);
}

/// Runs statements with the triggers of the main database out of the way.
async fn unguarded(app: &TestApp, statements: &[String]) {
    let (statements, sqlite) = (statements.to_vec(), app.app.world.db.kind() == "sqlite");
    let done = app.app.world.db.run("plant", move |tx| {
        let statements = statements.clone();
        Box::pin(async move {
            if sqlite {
                for row in &tx.query("SELECT name FROM sqlite_master WHERE type = 'trigger'", &[]).await? {
                    let name: String = row.get(0)?;
                    tx.execute(&format!("DROP TRIGGER {name}"), &[]).await?;
                }
            } else {
                tx.execute("SET LOCAL session_replication_role = replica", &[]).await?;
            }
            for sql in &statements {
                assert!(tx.execute(sql, &[]).await? > 0, "{sql}: nothing was planted");
            }
            Ok::<_, db::DbError>(())
        })
    });
    done.await.unwrap();
}

/// Warnings: nothing is broken, somebody has something to do.
async fn whatever_somebody_has_to_do_is_told(kind: Kind) {
    let warned = |findings: &[Finding]| {
        let warned = findings.iter().filter(|finding| finding.warning && !finding.is_sound());
        warned.map(|finding| finding.name).collect::<Vec<_>>()
    };
    let app = used(kind).await;
    assert_eq!(
        warned(&checked(&app, &[], None).await),
        ["recipients have acknowledged the notice", "the profile's numbers were read by a lawyer"]
    );
    for (name, sql) in [
        ("contracts of recipients run", "UPDATE recipient SET until_on = (SELECT max(made_on) FROM disclosure) WHERE kind = 'R7.sms'"),
        ("recipients have acknowledged the notice", "UPDATE recipient SET notice = 0 WHERE kind = 'R7.sms'"),
    ] {
        let app = used(kind).await;
        unguarded(&app, &["UPDATE recipient SET notice = 99".to_owned()]).await;
        let before = checked(&app, &[], None).await;
        assert_eq!(warned(&before), ["the profile's numbers were read by a lawyer"]);
        unguarded(&app, &[sql.to_owned()]).await;
        app.pass(24 * 60);
        let after = checked(&app, &[], None).await;
        let count = |findings: &[Finding]| findings.iter().find(|finding| finding.name == name).unwrap().count;
        assert_eq!(count(&after), count(&before) + 1, "{kind:?}: {name}");
        assert_eq!(broken(&after), broken(&before), "{kind:?}: {name}");
    }
}

/// One run for each day, by one replica; one that died is run again; the result is in the metrics, in a table and in the log.
async fn one_replica_checks_each_night(kind: Kind) {
    let app = used(kind).await;
    let other = app.twin().await;
    let metrics = async |app: &TestApp| app.door().get("/metrics").await.text();
    assert!(metrics(&app).await.contains("recomed_policy_checked_at_seconds 0"));
    let (first, second) = tokio::join!(server::timetable::control(&app.app), server::timetable::control(&other.app));
    assert_eq!([first.unwrap(), second.unwrap()].iter().filter(|done| **done).count(), 1);
    let outcomes = async || app.rows("SELECT outcome FROM audit_entry WHERE outcome LIKE 'policy_%' ORDER BY at", &[]).await.len();
    assert_eq!((app.count("SELECT count(*) FROM control_run WHERE done_at > 0").await, outcomes().await), (1, 1));
    assert!(
        metrics(&other).await.contains("recomed_policy_violations{invariant=\"no visit without a consent\"} 0"),
        "each replica tells it"
    );
    // The next day something is broken, and the first try dies.
    app.pass(24 * 60);
    assert!(rights::control::begin(&app.app.world.db).await.unwrap().is_some());
    assert!(!server::timetable::control(&app.app).await.unwrap(), "somebody is at it");
    app.pass(61);
    unguarded(&app, &["UPDATE consent_event SET purpose = 'P3'".to_owned()]).await;
    assert!(server::timetable::control(&other.app).await.unwrap());
    assert!(!server::timetable::control(&app.app).await.unwrap());
    assert!(metrics(&app).await.contains("recomed_policy_violations{invariant=\"no visit without a consent\"} 2"));
    let last = app.rows("SELECT outcome FROM audit_entry WHERE outcome LIKE 'policy_%' ORDER BY at DESC", &[]).await;
    assert_eq!(last[0].get::<String>(0).unwrap(), "policy_broken");
    // Results live as long as the log.
    let days = u64::try_from(app.app.world.profile.retention.security_log_days).unwrap();
    app.pass(days * 24 * 60);
    assert!(server::timetable::control(&app.app).await.unwrap());
    assert_eq!(app.count("SELECT count(*) FROM control_run").await, 2, "the first day is past its term, the second is on its last day");
    assert_eq!(app.count("SELECT count(DISTINCT day) FROM control_finding").await, 2);
}

/// The journal of a database opens to nobody else, nor does a copy; a copy of keys is gone when its term is over.
async fn files_and_copies_are_looked_at(kind: Kind) {
    use std::os::unix::fs::PermissionsExt as _;
    let app = used(kind).await;
    let found = async || {
        let world = &app.app.world;
        broken(&server::check::policy(&app.app.guarded, &world.db, &world.keys, &world.profile).await.unwrap())
    };
    let open = |path: &std::path::Path, mode: u32| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    assert_eq!(found().await, Vec::<&str>::new());
    let copies = app.folder().join("copies");
    let old = copies.join("keys").join("20260101T000000Z");
    std::fs::create_dir_all(old.parent().unwrap()).unwrap();
    std::fs::write(&old, "a copy").unwrap();
    open(&old, 0o600);
    privacy::BackupPlaces::in_folder(app.folder()).remember(&copies).unwrap();
    assert_eq!(found().await, ["copies of keys go at their term"]);
    let young = copies.join("keys").join(app.clock.now().to_jiff().strftime("%Y%m%dT%H%M%SZ").to_string());
    std::fs::rename(&old, &young).unwrap();
    assert_eq!(found().await, Vec::<&str>::new());
    open(&young, 0o644);
    open(young.parent().unwrap(), 0o755);
    assert_eq!(found().await, ["nobody else can read the stores"]);
    open(&young, 0o600);
    if kind == Kind::Sqlite {
        // A folder that nobody else enters closes what is in it.
        let journal = app.folder().join("recomed.db-wal");
        open(&journal, 0o644);
        open(app.folder(), 0o755);
        assert_eq!(found().await, ["nobody else can read the stores"]);
        open(&journal, 0o600);
        open(app.folder(), 0o700);
        assert_eq!(found().await, Vec::<&str>::new());
    }
}
