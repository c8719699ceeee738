//! What `db` promises of a use case: whole or not at all, durable when answered, run again when that helps.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use db::migrate::{MAIN, migrate};
use db::{Clock, Db, DbError, Faults, Moment, Options, Refusal, args};
use testkit::{Databases, Kind};
use tokio::task::JoinSet;

testkit::both!(
    a_fault_undoes_its_own_use_case_only,
    a_refusal_is_kept,
    a_cancelled_callers_use_case_is_whole,
    a_reader_writes_nothing,
    many_at_once_lose_nothing,
    a_history_that_does_not_fit_is_refused,
    a_simulation_can_lose_commits_and_answers,
);

/// A refusal in the field's words, or a fault.
#[derive(Debug, PartialEq)]
enum No {
    Unwanted,
    Db(DbError),
}

impl From<DbError> for No {
    fn from(fault: DbError) -> No {
        No::Db(fault)
    }
}

impl Refusal for No {
    fn fault(&self) -> Option<&DbError> {
        if let No::Db(fault) = self { Some(fault) } else { None }
    }
}

struct Opened {
    databases: Option<Databases>,
    db: Db,
}

impl Drop for Opened {
    fn drop(&mut self) {
        let databases = self.databases.take();
        tokio::task::block_in_place(|| drop(databases));
    }
}

async fn open(kind: Kind) -> Opened {
    let databases = tokio::task::spawn_blocking(move || Databases::make(kind)).await.unwrap();
    let db = Db::open(Options::new(databases.main.clone()), Clock::real()).await.unwrap();
    db.run("table", |tx| {
        Box::pin(async move { tx.execute("CREATE TABLE note (id BIGINT NOT NULL PRIMARY KEY, text TEXT NOT NULL)", &[]).await })
    })
    .await
    .unwrap();
    Opened { databases: Some(databases), db }
}

async fn note(db: &Db, id: i64) -> Result<u64, DbError> {
    db.run("note", move |tx| Box::pin(async move { tx.execute("INSERT INTO note (id, text) VALUES ($1, 'x')", &args![id]).await })).await
}

async fn notes(db: &Db) -> Vec<i64> {
    let rows = db.read("notes", |tx| Box::pin(async move { tx.query("SELECT id FROM note ORDER BY id", &[]).await })).await;
    rows.unwrap().iter().map(|row| row.get(0).unwrap()).collect()
}

async fn a_fault_undoes_its_own_use_case_only(kind: Kind) {
    let opened = open(kind).await;
    let db = opened.db.clone();
    let mut tasks = JoinSet::new();
    for id in 0..40 {
        let db = db.clone();
        tasks.spawn(async move {
            let done: Result<(), DbError> = db
                .run("note", move |tx| {
                    Box::pin(async move {
                        tx.execute("INSERT INTO note (id, text) VALUES ($1, 'x')", &args![id]).await?;
                        if id % 4 == 0 {
                            tx.execute("INSERT INTO note (id, text) VALUES ($1, NULL)", &args![id + 1000]).await?;
                        }
                        Ok(())
                    })
                })
                .await;
            assert_eq!(done.is_err(), id % 4 == 0);
        });
    }
    tasks.join_all().await;
    assert_eq!(notes(&db).await, (0..40).filter(|id| id % 4 != 0).collect::<Vec<_>>());
}

async fn a_refusal_is_kept(kind: Kind) {
    let opened = open(kind).await;
    let refused: Result<(), No> = opened
        .db
        .run("refuse", |tx| {
            Box::pin(async move {
                tx.execute("INSERT INTO note (id, text) VALUES (1, 'why')", &[]).await?;
                tx.savepoint().await?;
                tx.execute("INSERT INTO note (id, text) VALUES (2, 'taken back')", &[]).await?;
                tx.undo().await?;
                Err(No::Unwanted)
            })
        })
        .await;
    assert_eq!(refused, Err(No::Unwanted));
    assert_eq!(notes(&opened.db).await, [1]);
}

async fn a_cancelled_callers_use_case_is_whole(kind: Kind) {
    let opened = open(kind).await;
    let (db, began) = (opened.db.clone(), Arc::new(AtomicUsize::new(0)));
    let seen = began.clone();
    let caller = tokio::spawn(async move {
        let done: Result<u64, DbError> = db
            .run("slow", move |tx| {
                let seen = seen.clone();
                Box::pin(async move {
                    tx.execute("INSERT INTO note (id, text) VALUES (1, 'x')", &[]).await?;
                    seen.store(1, Ordering::Release);
                    std::thread::sleep(Duration::from_millis(200));
                    tx.execute("INSERT INTO note (id, text) VALUES (2, 'x')", &[]).await
                })
            })
            .await;
        done
    });
    while began.load(Ordering::Acquire) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    for _ in 0..100 {
        if !notes(&opened.db).await.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(notes(&opened.db).await, [1, 2]);
}

async fn a_reader_writes_nothing(kind: Kind) {
    let opened = open(kind).await;
    let done: Result<u64, DbError> =
        opened.db.read("write", |tx| Box::pin(async move { tx.execute("INSERT INTO note (id, text) VALUES (1, 'x')", &[]).await })).await;
    assert!(done.is_err());
    assert_eq!(notes(&opened.db).await, Vec::<i64>::new());
}

async fn many_at_once_lose_nothing(kind: Kind) {
    let opened = open(kind).await;
    note(&opened.db, -1).await.unwrap();
    let mut tasks = JoinSet::new();
    for _ in 0..200 {
        let db = opened.db.clone();
        tasks.spawn(async move {
            let done: Result<(), DbError> = db
                .run("count", |tx| {
                    Box::pin(async move {
                        tx.execute("UPDATE note SET text = 'y' WHERE id = -1", &[]).await?;
                        let next: i64 = tx.query_one("SELECT count(*) FROM note", &[]).await?.get(0)?;
                        tx.execute("INSERT INTO note (id, text) VALUES ($1, 'x')", &args![next]).await.map(drop)
                    })
                })
                .await;
            done.unwrap();
        });
    }
    tasks.join_all().await;
    // The first statement locks; so each saw what all before it had written.
    assert_eq!(notes(&opened.db).await.len(), 201);
    if kind == Kind::Sqlite {
        let wal = std::fs::read(opened.databases.as_ref().unwrap().folder.join("recomed.db-wal")).unwrap();
        let commits = commits(&wal);
        assert!((2..100).contains(&commits), "{commits} commits for more than 200 use cases");
    }
}

/// Strikes at one kind of moment, as often as it is told.
struct Strikes {
    at: Moment,
    left: AtomicUsize,
}

impl Faults for Strikes {
    fn strikes(&self, moment: Moment) -> bool {
        moment == self.at && self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
    }
}

/// The seam of the simulation: a commit that is lost keeps nothing and says so; an answer that is lost keeps all, and says that it does not know.
async fn a_simulation_can_lose_commits_and_answers(kind: Kind) {
    let opened = open(kind).await;
    let place = opened.databases.as_ref().unwrap().main.clone();
    // SQLite runs a lost group again, each alone: only a second loss is final.
    let losses = if kind == Kind::Sqlite { 2 } else { 1 };
    for (at, left, kept) in [(Moment::Before, losses, false), (Moment::After, 1, true)] {
        let faults: Arc<dyn Faults> = Arc::new(Strikes { at, left: AtomicUsize::new(left) });
        let db = Db::open(Options { faults: Some(faults), ..Options::new(place.clone()) }, Clock::real()).await.unwrap();
        let id = i64::from(kept) + 100;
        assert!(matches!(note(&db, id).await, Err(DbError::Lost(_))), "{at:?}");
        assert_eq!(notes(&opened.db).await.contains(&id), kept, "{at:?}");
        note(&db, id + 10).await.unwrap();
    }
}

/// Commits in a write-ahead log: frames that name the database's size (SQLite's file format, section 4).
fn commits(wal: &[u8]) -> usize {
    let number = |bytes: &[u8]| u32::from_be_bytes(bytes[..4].try_into().unwrap());
    let page = usize::try_from(number(&wal[8..])).unwrap();
    wal[32..].chunks_exact(24 + page).filter(|frame| frame[8..16] == wal[16..24] && number(&frame[4..]) != 0).count()
}

async fn a_history_that_does_not_fit_is_refused(kind: Kind) {
    let opened = open(kind).await;
    migrate(&opened.db, MAIN).await.unwrap();
    let older = MAIN.split_last().unwrap().1;
    assert!(matches!(migrate(&opened.db, older).await, Err(DbError::Schema(why)) if why.contains("newer program")));
    let forged: &'static [db::Migration] =
        Box::leak(MAIN.iter().map(|step| db::Migration { sqlite: "SELECT 1", postgres: "SELECT 1", ..*step }).collect());
    assert!(matches!(migrate(&opened.db, forged).await, Err(DbError::Schema(why)) if why.contains("changed")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_use_case_that_awaits_something_else_is_refused() {
    let opened = open(Kind::Sqlite).await;
    let done: Result<(), DbError> = opened
        .db
        .run("sleeper", |tx| {
            Box::pin(async move {
                tx.execute("INSERT INTO note (id, text) VALUES (1, 'x')", &[]).await?;
                tokio::task::yield_now().await;
                Ok(())
            })
        })
        .await;
    assert_eq!(done, Err(DbError::Awaited("sleeper")));
    assert_eq!(notes(&opened.db).await, Vec::<i64>::new());
    note(&opened.db, 2).await.unwrap();
}

/// A full disk rolls a whole transaction back by itself; here a use case does.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_transaction_is_run_again_each_alone() {
    let opened = open(Kind::Sqlite).await;
    let (mut tasks, runs) = (JoinSet::new(), Arc::new(AtomicUsize::new(0)));
    let db = opened.db.clone();
    // While this one is at work, all others come to stand in the queue behind it.
    let first = tokio::spawn(async move {
        db.run("slow", |_| {
            Box::pin(async {
                std::thread::sleep(Duration::from_millis(300));
                Ok::<_, DbError>(())
            })
        })
        .await
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    for id in 0..9 {
        let (db, runs) = (opened.db.clone(), runs.clone());
        tasks.spawn(async move {
            let done: Result<u64, DbError> = db
                .run("note", move |tx| {
                    let runs = runs.clone();
                    Box::pin(async move {
                        runs.fetch_add(1, Ordering::Relaxed);
                        if id == 4 {
                            tx.execute("ROLLBACK", &[]).await?;
                            return Err(DbError::Statement("the disk is full".into()));
                        }
                        tx.execute("INSERT INTO note (id, text) VALUES ($1, 'x')", &args![id]).await
                    })
                })
                .await;
            assert_eq!(done.is_err(), id == 4, "{id}: {done:?}");
        });
    }
    first.await.unwrap().unwrap();
    tasks.join_all().await;
    assert_eq!(notes(&opened.db).await, [0, 1, 2, 3, 5, 6, 7, 8]);
    assert!(runs.load(Ordering::Relaxed) > 9, "some ran twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_run_again() {
    let opened = open(Kind::Postgres).await;
    for id in [1, 2] {
        note(&opened.db, id).await.unwrap();
    }
    let (runs, met) = (Arc::new(AtomicUsize::new(0)), Arc::new(tokio::sync::Barrier::new(2)));
    let mut tasks = JoinSet::new();
    for order in [[1, 2], [2, 1]] {
        let (db, runs, met) = (opened.db.clone(), runs.clone(), met.clone());
        tasks.spawn(async move {
            let done: Result<(), DbError> = db
                .run("cross", move |tx| {
                    let (runs, met) = (runs.clone(), met.clone());
                    Box::pin(async move {
                        let run = runs.fetch_add(1, Ordering::Relaxed);
                        let [first, second] = order.map(i64::from);
                        tx.execute("UPDATE note SET text = text || 'y' WHERE id = $1", &args![first]).await?;
                        if run < 2 {
                            // Each holds what the other wants next.
                            met.wait().await;
                        }
                        tx.execute("UPDATE note SET text = text || 'y' WHERE id = $1", &args![second]).await.map(drop)
                    })
                })
                .await;
            done.unwrap();
        });
    }
    tasks.join_all().await;
    assert!(runs.load(Ordering::Relaxed) >= 3, "one of the two was run again");
    let rows =
        opened.db.read("text", |tx| Box::pin(async move { tx.query("SELECT text FROM note ORDER BY id", &[]).await })).await.unwrap();
    assert!(rows.iter().all(|row| row.get::<String>(0).unwrap() == "xyy"));
}
