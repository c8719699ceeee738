//! The audit log: sealed by one of many, late commits and killed programs included; checked in the database, in a copy, by a receipt;
//! a change is found and located (clauses 7.4, 9.1).

use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use clock::Timestamp;
use db::{Db, DbError, Value as SqlValue};
use privacy::audit::{
    self, Against, Checked, Entry, EntryId, Place, Progress, Receipt, ReceiptError, Verified, VerifyError, Wrong, verify_database,
    verify_file,
};
use privacy::{Operation, Purpose};
use testkit::{Kind, TestApp, cast};

testkit::both!(
    entries_are_sealed_once_and_nothing_is_written_for_nothing,
    one_of_two_programs_seals_and_never_both,
    what_commits_late_is_sealed,
    a_clock_set_back_does_not_stop_the_sealing,
    what_a_killed_program_left_is_sealed_by_the_next,
    what_is_sealed_cannot_be_changed,
    what_is_changed_in_the_database_is_found_and_located,
    every_changed_byte_of_a_copy_is_found_in_its_line,
    old_bodies_go_and_the_log_stays_whole,
    a_receipt_is_checked_by_anybody,
    the_command_checks_a_copy_without_any_database,
);

fn quiet() -> Progress {
    Arc::new(|_| {})
}

fn db(app: &TestApp) -> &Db {
    &app.app.world.db
}

/// Writes so many entries, each in a transaction of its own, an instant apart.
async fn write(app: &TestApp, count: usize) -> Vec<EntryId> {
    let mut ids = Vec::new();
    for number in 0..count {
        app.clock.advance(Duration::from_micros(1));
        let outcome = if number % 2 == 0 { "opened" } else { "refused" };
        let written: Result<EntryId, DbError> = db(app)
            .run("entry", move |tx| {
                Box::pin(async move {
                    let entry = Entry {
                        operation: Operation::Use,
                        purpose: Purpose::P1,
                        asker: "job:test".into(),
                        fields: vec!["name", "phone"],
                        outcome,
                        object: (number % 3 == 0).then_some([7; 16]),
                        subject: None,
                    };
                    audit::record(tx, &entry).await
                })
            })
            .await;
        ids.push(written.unwrap());
    }
    ids
}

/// Writes so many entries in one transaction.
async fn write_at_once(app: &TestApp, count: usize) {
    let written: Result<(), DbError> = db(app)
        .run("entries", move |tx| {
            Box::pin(async move {
                for _ in 0..count {
                    let entry = Entry {
                        operation: Operation::Use,
                        purpose: Purpose::P1,
                        asker: "job:test".into(),
                        fields: vec!["name"],
                        outcome: "opened",
                        object: None,
                        subject: None,
                    };
                    audit::record(tx, &entry).await?;
                }
                Ok(())
            })
        })
        .await;
    written.unwrap();
}

async fn seal(app: &TestApp) -> u64 {
    app.app.sealer.turn().await.unwrap()
}

async fn verify(app: &TestApp) -> Result<Verified, VerifyError> {
    verify_database(db(app), app.app.world.keys.signer().public(), None, quiet()).await
}

async fn whole(app: &TestApp) -> (u64, u64) {
    let found = verify(app).await.unwrap();
    assert_eq!(i64::try_from(found.entries).unwrap(), app.count("SELECT count(*) FROM audit_leaf").await);
    (found.entries, found.unsealed)
}

async fn copy(app: &TestApp) -> Vec<u8> {
    audit::export(db(app), &app.app.world.keys, Vec::new(), quiet()).await.unwrap().0
}

fn check(file: &[u8]) -> Result<Checked, VerifyError> {
    verify_file(&mut &*file, &Against::default(), &quiet())
}

async fn execute(app: &TestApp, sql: &str, values: &[SqlValue]) -> Result<u64, DbError> {
    let (sql, values) = (sql.to_owned(), values.to_vec());
    db(app)
        .run("forge", move |tx| {
            let (sql, values) = (sql.clone(), values.clone());
            Box::pin(async move { tx.execute(&sql, &values).await })
        })
        .await
}

async fn entries_are_sealed_once_and_nothing_is_written_for_nothing(kind: Kind) {
    let app = TestApp::start(kind).await;
    assert_eq!(seal(&app).await, 0);
    assert_eq!(app.count("SELECT count(*) FROM lease").await, 0, "nothing to seal, nothing written");
    let role = app.role("Берестов", "Тихая гавань");
    let start = app.slots(&role, "").await[3].clone();
    assert_eq!(app.book(&role, &start, &cast::anna()).await.status, 201);
    let entries = app.count("SELECT count(*) FROM audit_entry").await;
    assert!(entries >= 4, "{entries}");
    assert_eq!(whole(&app).await, (0, entries.cast_unsigned()));
    let metrics = app.door().get("/metrics").await.ok().text();
    assert!(metrics.contains(&format!("recomed_audit_unsealed {entries}\n")), "{metrics}");
    app.clock.advance(Duration::from_secs(2));
    assert!(app.door().get("/metrics").await.ok().text().contains("recomed_audit_unsealed_seconds 2\n"));
    assert_eq!(seal(&app).await, entries.cast_unsigned());
    assert_eq!(whole(&app).await, (entries.cast_unsigned(), 0));
    assert_eq!(seal(&app).await, 0);
    assert_eq!(app.count("SELECT count(*) FROM tree_head").await, 1);
    let metrics = app.door().get("/metrics").await.ok().text();
    assert!(metrics.contains("recomed_audit_unsealed 0\n") && metrics.contains("recomed_audit_unsealed_seconds 0\n"), "{metrics}");
    // More than one batch, at one and the same instant.
    write_at_once(&app, 1_200).await;
    assert_eq!(seal(&app).await, 1_200);
    assert_eq!(whole(&app).await, (entries.cast_unsigned() + 1_200, 0));
    assert_eq!(app.count("SELECT count(*) FROM tree_head").await, 4);
    assert!(app.count("SELECT count(*) FROM audit_node").await >= 4, "whole subtrees of 256 leaves are kept");
}

async fn one_of_two_programs_seals_and_never_both(kind: Kind) {
    let one = TestApp::start(kind).await;
    let two = one.twin().await;
    write(&one, 3).await;
    assert_eq!(seal(&one).await, 3);
    write(&one, 2).await;
    assert_eq!(seal(&two).await, 0, "the first holds the lease");
    assert_eq!(seal(&one).await, 2);
    // The first is heard of no more.
    write(&one, 4).await;
    one.clock.advance(Duration::from_secs(4));
    assert_eq!(seal(&two).await, 4);
    write(&one, 1).await;
    assert_eq!(seal(&one).await, 0, "now the second holds it");
    assert_eq!(whole(&one).await, (9, 1));
    // Both at once, with the lease up for both at every turn, while entries come in.
    let turns = |app: &TestApp| {
        let (sealer, clock) = (app.app.sealer.clone(), app.clock.clone());
        tokio::spawn(async move {
            let mut sealed = 0;
            for _ in 0..60 {
                clock.advance(Duration::from_secs(5));
                sealed += sealer.turn().await.unwrap();
                tokio::task::yield_now().await;
            }
            sealed
        })
    };
    let (first, second) = (turns(&one), turns(&two));
    write(&one, 120).await;
    let sealed = first.await.unwrap() + second.await.unwrap();
    // The clock ran while entries were on their way: what seems late by it is found by a look over everything.
    let mut rest = 0;
    for _ in 0..3 {
        one.clock.advance(Duration::from_secs(3_700));
        rest += seal(&one).await;
    }
    assert_eq!(sealed + rest, 121, "each once");
    assert_eq!(whole(&one).await, (130, 0));
}

async fn what_commits_late_is_sealed(kind: Kind) {
    let app = TestApp::start(kind).await;
    write(&app, 2).await;
    assert_eq!(seal(&app).await, 2);
    // As a transaction that began long ago and commits now leaves it.
    let late = async |seconds: i64, number: u8| {
        let at = app.clock.now().plus_seconds(-seconds);
        let sql = "INSERT INTO audit_entry (id, at, operation, purpose, asker, fields, outcome, object, subject) VALUES ($1, $2, 'use', 'P1', 'job:late', '', 'opened', NULL, NULL)";
        execute(&app, sql, &db::args![[number; 16], at]).await.unwrap();
    };
    late(2, 1).await;
    assert_eq!(seal(&app).await, 1, "a little late: at the next turn");
    late(60, 2).await;
    assert_eq!(seal(&app).await, 0);
    assert_eq!(verify(&app).await.unwrap().unsealed, 1, "the check sees it at once");
    app.clock.advance(Duration::from_secs(31));
    assert_eq!(seal(&app).await, 1, "a minute late: within half a minute");
    late(7_200, 3).await;
    app.clock.advance(Duration::from_secs(31));
    assert_eq!(seal(&app).await, 0);
    app.clock.advance(Duration::from_secs(3_600));
    assert_eq!(seal(&app).await, 1, "hours late: within the hour");
    assert_eq!(whole(&app).await, (5, 0));
}

async fn a_clock_set_back_does_not_stop_the_sealing(kind: Kind) {
    let one = TestApp::start(kind).await;
    let two = one.twin().await;
    write(&one, 2).await;
    assert_eq!(seal(&one).await, 2);
    one.clock.set(one.clock.now().plus_seconds(-7_200));
    write(&one, 3).await;
    assert_eq!(seal(&two).await, 3, "a lease that was taken in the future holds nobody back");
    assert_eq!(whole(&one).await, (5, 0));
}

async fn what_a_killed_program_left_is_sealed_by_the_next(kind: Kind) {
    let app = TestApp::start(kind).await;
    write(&app, 2).await;
    seal(&app).await;
    write(&app, 5).await;
    // Committed, not sealed, and the program is gone: the check of the copy says so.
    let Checked::Log(found) = check(&copy(&app).await).unwrap() else { panic!("it is a log") };
    assert_eq!((found.entries, found.unsealed), (2, 5));
    let next = app.twin().await;
    app.clock.advance(Duration::from_secs(4));
    assert_eq!(seal(&next).await, 5);
    assert_eq!(whole(&next).await, (7, 0));
}

async fn what_is_sealed_cannot_be_changed(kind: Kind) {
    let app = TestApp::start(kind).await;
    write_at_once(&app, 300).await;
    seal(&app).await;
    let signer = app.app.world.keys.signer().clone();
    let cut: Result<_, DbError> = db(&app)
        .run("cut", move |tx| {
            let signer = signer.clone();
            Box::pin(async move { audit::cut(tx, &signer, Timestamp(0)).await })
        })
        .await;
    assert_eq!(cut.unwrap(), None, "nothing is older than that");
    execute(&app, "INSERT INTO audit_cut (seq, before_at, at, signature) VALUES (0, 0, 0, $1)", &db::args![[0; 64]]).await.unwrap();
    let mut refused = vec!["DELETE FROM audit_entry".to_owned(), "UPDATE audit_entry SET at = at + 1".into()];
    for (table, column) in [("audit_leaf", "hash"), ("audit_node", "hash"), ("tree_head", "root"), ("audit_cut", "signature")] {
        assert!(app.count(&format!("SELECT count(*) FROM {table}")).await > 0, "{table}");
        refused.extend([format!("DELETE FROM {table}"), format!("UPDATE {table} SET {column} = {column}")]);
        refused.push(match kind {
            Kind::Sqlite => format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}"),
            Kind::Postgres => format!("TRUNCATE {table}"),
        });
    }
    refused.push(match kind {
        Kind::Sqlite => "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry".into(),
        Kind::Postgres => "TRUNCATE audit_entry".into(),
    });
    for sql in refused {
        let done = execute(&app, &sql, &[]).await;
        assert!(done.unwrap_err().to_string().contains("append-only"), "{sql}");
    }
    assert_eq!(app.count("SELECT count(*) FROM audit_entry").await, 300);
}

/// Takes the triggers away, as somebody with the whole database in hand does.
async fn without_triggers(app: &TestApp, kind: Kind) {
    for table in ["audit_entry", "audit_leaf", "audit_node", "tree_head", "audit_cut"] {
        if kind == Kind::Postgres {
            execute(app, &format!("ALTER TABLE {table} DISABLE TRIGGER USER"), &[]).await.unwrap();
            continue;
        }
        for name in app.rows("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = $1", &db::args![table]).await {
            execute(app, &format!("DROP TRIGGER {}", name.get::<String>(0).unwrap()), &[]).await.unwrap();
        }
    }
}

async fn what_is_changed_in_the_database_is_found_and_located(kind: Kind) {
    let app = TestApp::start(kind).await;
    for _ in 0..6 {
        write_at_once(&app, 100).await;
        seal(&app).await;
        app.clock.advance(Duration::from_secs(1));
    }
    without_triggers(&app, kind).await;
    assert_eq!(whole(&app).await, (600, 0));
    let id = |seq: i64| format!("(SELECT entry FROM audit_leaf WHERE seq = {seq})");
    let cases = [
        ("a body", format!("UPDATE audit_entry SET outcome = 'booked' WHERE id = {}", id(250)), Place::Entry(250), Wrong::Leaf),
        (
            "a leaf",
            "UPDATE audit_leaf SET hash = (SELECT hash FROM audit_leaf WHERE seq = 1) WHERE seq = 250".into(),
            Place::Entry(250),
            Wrong::Leaf,
        ),
        ("a body gone", format!("DELETE FROM audit_entry WHERE id = {}", id(250)), Place::Entry(250), Wrong::Gone),
        ("a leaf gone", "DELETE FROM audit_leaf WHERE seq = 250".into(), Place::Entry(250), Wrong::Order { expected: 250 }),
        ("the last leaf gone", "DELETE FROM audit_leaf WHERE seq = 599".into(), Place::Head(600), Wrong::HeadSize { entries: 599 }),
        (
            "a head's root",
            "UPDATE tree_head SET root = (SELECT root FROM tree_head WHERE size = 100) WHERE size = 300".into(),
            Place::Head(300),
            Wrong::HeadSignature,
        ),
        ("a head's size", "UPDATE tree_head SET size = 299 WHERE size = 300".into(), Place::Head(299), Wrong::HeadSignature),
        ("the last head gone", "DELETE FROM tree_head WHERE size = 600".into(), Place::Entries(500, 599), Wrong::Headless),
        (
            "a subtree",
            "UPDATE audit_node SET hash = (SELECT hash FROM audit_leaf WHERE seq = 0) WHERE node = 255".into(),
            Place::Entries(0, 255),
            Wrong::Node,
        ),
        ("a subtree gone", "DELETE FROM audit_node WHERE node = 511".into(), Place::Entries(0, 511), Wrong::Node),
        (
            "a cut",
            "INSERT INTO audit_cut (seq, before_at, at, signature) SELECT 300, 0, 0, signature FROM tree_head LIMIT 1".into(),
            Place::Cut(300),
            Wrong::CutSignature,
        ),
    ];
    for (what, sql, place, wrong) in cases {
        // Tried in a copy of the tables, so that each case stands alone.
        for table in ["audit_entry", "audit_leaf", "audit_node", "tree_head", "audit_cut"] {
            execute(&app, &format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"), &[]).await.unwrap();
        }
        assert!(execute(&app, &sql, &[]).await.unwrap() > 0, "{what}");
        assert_eq!(verify(&app).await, Err(VerifyError::Wrong(place, wrong)), "{what}");
        for table in ["audit_entry", "audit_leaf", "audit_node", "tree_head", "audit_cut"] {
            execute(&app, &format!("DELETE FROM {table}"), &[]).await.unwrap();
            execute(&app, &format!("INSERT INTO {table} SELECT * FROM kept_{table}"), &[]).await.unwrap();
            execute(&app, &format!("DROP TABLE kept_{table}"), &[]).await.unwrap();
        }
    }
    assert_eq!(whole(&app).await, (600, 0));
    // With its leaf: no longer at the entry itself, but at the first head that does not know it; a copy says the same.
    let forged = app.rows(&format!("SELECT asker FROM audit_entry WHERE id = {}", id(250)), &[]).await;
    assert_eq!(forged.len(), 1);
    let leaf: [u8; 32] = app.rows("SELECT hash FROM audit_leaf WHERE seq = 251", &[]).await[0].get(0).unwrap();
    let other: [u8; 16] = app.rows("SELECT entry FROM audit_leaf WHERE seq = 251", &[]).await[0].get(0).unwrap();
    execute(&app, "DELETE FROM audit_leaf WHERE seq IN (250, 251)", &[]).await.unwrap();
    execute(&app, "INSERT INTO audit_leaf (seq, entry, hash) VALUES (250, $1, $2)", &db::args![other, leaf]).await.unwrap();
    execute(&app, "UPDATE audit_leaf SET seq = seq - 1000 WHERE seq > 251", &[]).await.unwrap();
    execute(&app, "UPDATE audit_leaf SET seq = seq + 999 WHERE seq < 0", &[]).await.unwrap();
    // One entry fewer, everything renumbered.
    assert_eq!(verify(&app).await, Err(VerifyError::Wrong(Place::Entries(200, 299), Wrong::Root)));
    assert!(matches!(check(&copy(&app).await), Err(VerifyError::Wrong(Place::Lines(..), Wrong::Root))));
}

async fn every_changed_byte_of_a_copy_is_found_in_its_line(kind: Kind) {
    let app = TestApp::start(kind).await;
    for _ in 0..3 {
        write(&app, 5).await;
        seal(&app).await;
    }
    write(&app, 2).await;
    let copy = copy(&app).await;
    let Checked::Log(found) = check(&copy).unwrap() else { panic!("it is a log") };
    assert_eq!((found.entries, found.heads, found.unsealed, found.pruned), (15, 3, 2, 0));
    let lines: Vec<u64> = copy.iter().scan(1, |line, byte| Some(std::mem::replace(line, *line + u64::from(*byte == b'\n')))).collect();
    let each = |from: usize| {
        for at in (from..copy.len()).step_by(2) {
            let mut spoiled = copy.clone();
            spoiled[at] ^= 1;
            match check(&spoiled) {
                Err(VerifyError::Wrong(place, _)) => assert_eq!(place, Place::Line(lines[at]), "byte {at}"),
                other => panic!("byte {at}: {other:?}"),
            }
        }
    };
    tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            scope.spawn(|| each(0));
            each(1);
        });
    });
}

async fn old_bodies_go_and_the_log_stays_whole(kind: Kind) {
    let app = TestApp::start(kind).await;
    write(&app, 40).await;
    seal(&app).await;
    app.pass(60);
    let before = app.clock.now();
    write(&app, 20).await;
    seal(&app).await;
    let waiting = write(&app, 1).await;
    let cut = async |before: Timestamp| {
        let signer = app.app.world.keys.signer().clone();
        let done: Result<_, DbError> = db(&app)
            .run("cut", move |tx| {
                let signer = signer.clone();
                Box::pin(async move { audit::cut(tx, &signer, before).await })
            })
            .await;
        done.unwrap().unwrap()
    };
    let made = cut(before).await;
    assert_eq!((made.seq, made.before), (40, before));
    assert_eq!(cut(before).await, made, "once");
    // One that is sealed and too young, one that is not sealed: both stay.
    let young = app.rows("SELECT entry FROM audit_leaf WHERE seq = 40", &[]).await[0].get::<[u8; 16]>(0).unwrap();
    for id in [young, waiting[0].bytes()] {
        let done = execute(&app, "DELETE FROM audit_entry WHERE id = $1", &db::args![id]).await;
        assert!(done.unwrap_err().to_string().contains("append-only"));
    }
    let pruned: Result<u64, DbError> = db(&app).run("prune", |tx| Box::pin(audit::prune(tx))).await;
    assert_eq!(pruned.unwrap(), 40);
    assert_eq!(app.count("SELECT count(*) FROM audit_entry").await, 21);
    let found = verify(&app).await.unwrap();
    assert_eq!((found.entries, found.pruned, found.unsealed), (60, 40, 1));
    assert_eq!(check(&copy(&app).await).map(|checked| checked.kept().unwrap().size), Ok(60));
    // What is left can still be proven.
    let left: EntryId = app.rows("SELECT entry FROM audit_leaf WHERE seq = 50", &[]).await[0].get(0).unwrap();
    let receipt: Receipt = db(&app).read("receipt", move |tx| Box::pin(audit::receipt(tx, left, None))).await.unwrap();
    assert_eq!(receipt.verify(None).unwrap().seq, 50);
    let gone: EntryId = app.rows("SELECT entry FROM audit_leaf WHERE seq = 5", &[]).await[0].get(0).unwrap();
    let gone = db(&app).read("receipt", move |tx| Box::pin(audit::receipt(tx, gone, None))).await;
    assert_eq!(gone, Err(ReceiptError::Pruned), "it was there, and that is not denied");
    // All that is sealed may go one day; then the log goes on.
    app.pass(60);
    assert_eq!(cut(app.clock.now()).await.seq, 60);
    assert_eq!(seal(&app).await, 1);
    assert_eq!(whole(&app).await, (61, 0));
}

async fn a_receipt_is_checked_by_anybody(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let start = app.slots(&role, "").await[3].clone();
    let visit = app.book(&role, &start, &cast::anna()).await.json();
    let visit: booking::AppointmentId = visit["id"].as_str().unwrap().parse().unwrap();
    let keys = &app.app.world.keys;
    let (anna, _) = keys.find(&cast::anna().phone, &cast::anna().name).await.unwrap().unwrap();
    assert_eq!(app.book(&role, &app.slots(&role, "").await[7].clone(), &cast::boris()).await.status, 201);
    let (boris, _) = keys.find(&cast::boris().phone, &cast::boris().name).await.unwrap().unwrap();
    let entries = db(&app).read("entries", move |tx| Box::pin(audit::entries_of(tx, visit.bytes(), 0))).await.unwrap();
    let entries: Vec<EntryId> = entries.0.into_iter().map(|(entry, _)| entry.id).collect();
    let booked = "SELECT id FROM audit_entry WHERE outcome = 'booked' AND object = $1";
    let entry: EntryId = app.rows(booked, &db::args![visit]).await[0].get(0).unwrap();
    assert!(entries.contains(&entry));
    let ask = async |entry: EntryId, key: Option<privacy::SubjectKey>| {
        let asked = db(&app).read("receipt", move |tx| {
            let key = key.clone();
            Box::pin(async move { audit::receipt(tx, entry, key.as_ref()).await })
        });
        asked.await
    };
    assert_eq!(ask(entry, Some(anna.clone())).await, Err(ReceiptError::NotSealed));
    seal(&app).await;
    assert_eq!(ask(entry, Some(boris)).await, Err(ReceiptError::NotTheirs));
    assert_eq!(ask(EntryId::random(&app.clock), None).await, Err(ReceiptError::Unknown));
    // Among many others, wherever it stands.
    write_at_once(&app, 1_000).await;
    seal(&app).await;
    let receipt = ask(entry, Some(anna.clone())).await.unwrap();
    let text = serde_json::to_string(&receipt).unwrap();
    assert!(text.len() <= 4_096, "{} bytes", text.len());
    for planted in [cast::anna().name.as_str(), &cast::anna().phone[2..]] {
        assert!(!text.contains(planted));
    }
    let Checked::Receipt(proven) = check(text.as_bytes()).unwrap() else { panic!("it is a receipt") };
    assert!(proven.opened && proven.key == keys.signer().public());
    assert_eq!(proven.said[4], "booked");
    assert!(!ask(entry, None).await.unwrap().verify(None).unwrap().opened, "without the key it opens nothing");
    // What it opens is this entry and no other of hers.
    let opened: serde_json::Value = serde_json::from_str(&text).unwrap();
    for other in entries.iter().filter(|other| **other != entry) {
        let Ok(theirs) = ask(*other, Some(anna.clone())).await else { continue };
        let mut theirs = serde_json::to_value(theirs).unwrap();
        theirs["opening"] = opened["opening"].clone();
        if !theirs["entry"]["subject"].is_null() {
            let forged: Receipt = serde_json::from_value(theirs).unwrap();
            assert_eq!(forged.verify(None), Err(Wrong::Opening));
        }
    }
    for at in 0..text.len() {
        let mut spoiled = text.clone().into_bytes();
        spoiled[at] ^= 1;
        assert!(check(&spoiled).is_err(), "byte {at}: {}", &text[at.saturating_sub(20)..at]);
    }
    assert_eq!(receipt.verify(Some(audit::PublicKey([1; 32]))), Err(Wrong::Key { found: keys.signer().public() }));
    // Every place of the log has a path of its own.
    for seq in (0..app.count("SELECT count(*) FROM audit_leaf").await).step_by(37) {
        let id: EntryId = app.rows("SELECT entry FROM audit_leaf WHERE seq = $1", &db::args![seq]).await[0].get(0).unwrap();
        assert_eq!(ask(id, None).await.unwrap().verify(None).unwrap().seq, seq.cast_unsigned());
    }
    // An entry written before commitments had keys of their own: proven, not opened.
    let (id, key) = (EntryId::random(&app.clock), anna.clone());
    let sql = "INSERT INTO audit_entry (id, at, operation, purpose, asker, fields, outcome, object, subject) VALUES ($1, $2, 'use', 'P1', 'person', '', 'opened', NULL, $3)";
    execute(&app, sql, &db::args![id, app.clock.now(), key.commitment(b"audit", &id.bytes())]).await.unwrap();
    seal(&app).await;
    assert!(!ask(id, Some(anna)).await.unwrap().verify(None).unwrap().opened);
}

fn recomed(arguments: &[&str]) -> Output {
    // No settings: whatever it needs, it finds in the file.
    Command::new(env!("CARGO_BIN_EXE_recomed")).args(arguments).env_clear().current_dir("/").output().unwrap()
}

async fn the_command_checks_a_copy_without_any_database(kind: Kind) {
    let app = TestApp::start(kind).await;
    write(&app, 5).await;
    seal(&app).await;
    let id: EntryId = app.rows("SELECT entry FROM audit_leaf WHERE seq = 2", &[]).await[0].get(0).unwrap();
    let receipt = db(&app).read("receipt", move |tx| Box::pin(audit::receipt(tx, id, None))).await.unwrap();
    let older = copy(&app).await;
    write(&app, 6).await;
    seal(&app).await;
    write(&app, 1).await;
    let younger = copy(&app).await;
    let path = |name: &str| app.folder().join(name).display().to_string();
    std::fs::write(path("receipt"), serde_json::to_string_pretty(&receipt).unwrap()).unwrap();
    std::fs::write(path("older"), &older).unwrap();
    std::fs::write(path("younger"), &younger).unwrap();
    let mut spoiled = String::from_utf8(younger).unwrap();
    spoiled = spoiled.replacen("\"outcome\":\"refused\"", "\"outcome\":\"opened\"", 1);
    std::fs::write(path("spoiled"), spoiled).unwrap();
    let key = app.app.world.keys.signer().public().to_string();
    let run = |arguments: &[&str]| {
        let out = recomed(&[["audit", "verify"].as_slice(), arguments].concat());
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (out.status.code(), text(out.stdout), text(out.stderr))
    };
    let (code, said, warned) = run(&["--from", &path("younger")]);
    assert_eq!(code, Some(0), "{warned}");
    assert!(said.contains("is whole: 11 entries under 2 heads") && said.contains("not sealed yet: 1 entries"), "{said}");
    assert!(said.contains(&key) && warned.contains("compare it"), "{said}{warned}");
    assert_eq!(run(&["--from", &path("younger"), "--key", &key, "--kept", &path("older")]).0, Some(0));
    assert_eq!(run(&["--from", &path("younger"), "--kept", &path("receipt")]).0, Some(0));
    assert_eq!(run(&["--from", &path("receipt"), "--key", &key]).0, Some(0));
    let refused: [(&[&str], i32, &str); 6] = [
        (&["--from", &path("spoiled")], 1, "line 3: the entry is not the one that was sealed"),
        (&["--from", &path("older"), "--kept", &path("younger")], 1, "the log has 5 entries; it had 11"),
        (&["--from", &path("older"), "--key", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="], 1, "line 1: the log is of the key"),
        (&["--from", &path("nothing")], 1, "it cannot be opened"),
        (&["--from", &path("receipt"), "--kept", &path("older")], 1, "this is a receipt"),
        (&["--key", "short"], 2, "base64 of 32 bytes"),
    ];
    for (arguments, code, words) in refused {
        let (found, said, why) = run(arguments);
        assert_eq!((found, said.as_str()), (Some(code), ""), "{arguments:?}: {why}");
        assert!(why.contains(words) && (code == 2 || why.lines().count() == 1), "{arguments:?}: {why}");
    }
    // The commands that do need the database, on a closed one.
    let places = app.databases.as_ref().unwrap();
    let address = |place: &db::Place| match place {
        db::Place::Sqlite(path) => format!("sqlite:{}", path.display()),
        db::Place::Postgres(url) => url.clone(),
    };
    let settled = |arguments: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_recomed"))
            .args(arguments)
            .env_clear()
            .env("RECOMED_DATA", app.folder())
            .env("RECOMED_DATABASE", address(&places.main))
            .env("RECOMED_KEYS", address(&places.keys))
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    };
    assert!(settled(&["audit", "verify", "--kept", &path("older")]).contains("is whole: 11 entries"));
    assert!(settled(&["audit", "export", &path("third")]).contains("11 entries, 1 not sealed yet"));
    assert_eq!(run(&["--from", &path("third"), "--key", &key]).0, Some(0));
}
