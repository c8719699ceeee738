//! `policy check`: sound on a program that was used, and each invariant notices what is planted against it, and no other does (clause 8.1).

use rights::check::{Beside, Finding};
use server::personal::{dictionary, key_dictionary};
use testkit::cast::{anna, boris};
use testkit::{Kind, TestApp};

testkit::both!(a_used_program_keeps_to_its_policy, whatever_is_planted_is_found);

async fn checked(app: &TestApp, files: &[(String, u32)], column: Option<&str>) -> Vec<Finding> {
    let world = &app.app.world;
    let columns = world.db.read("columns", |tx| Box::pin(db::schema::columns(tx))).await.unwrap();
    let mut main: Vec<(String, String)> = columns.into_iter().map(|column| (column.table, column.name)).collect();
    main.extend(column.map(|name| ("job".to_owned(), name.to_owned())));
    let of_keys = world.keys.columns().await.unwrap();
    let beside = Beside { dictionaries: [dictionary(), key_dictionary()], columns: [main, of_keys], files };
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
