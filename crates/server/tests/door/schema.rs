//! The two schemas are one, and every statement is understood by both databases (I7, I10).

use db::migrate::{KEYS, MAIN, migrate};
use db::schema::{Column, columns};
use db::{Clock, Db, DbError, Migration, Options};
use testkit::{Databases, Kind, statements};

async fn open(kind: Kind) -> (Databases, Db, Db) {
    let databases = tokio::task::spawn_blocking(move || Databases::make(kind)).await.unwrap();
    let (main, keys) = (migrated(&databases.main, MAIN).await, migrated(&databases.keys, KEYS).await);
    (databases, main, keys)
}

async fn migrated(place: &db::Place, history: &'static [Migration]) -> Db {
    let db = Db::open(Options::new(place.clone()), Clock::real()).await.unwrap();
    migrate(&db, history).await.unwrap();
    assert_eq!(migrate(&db, history).await.unwrap(), Vec::<&str>::new(), "a second time there is nothing to do");
    db
}

fn gone(databases: Databases) {
    tokio::task::block_in_place(|| drop(databases));
}

async fn described(db: &Db) -> Vec<Column> {
    db.read("columns", |tx| Box::pin(columns(tx))).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_two_schemas_are_equal() {
    let (sqlite, sqlite_main, sqlite_keys) = open(Kind::Sqlite).await;
    let (postgres, postgres_main, postgres_keys) = open(Kind::Postgres).await;
    for (one, two, tables) in [(sqlite_main, postgres_main, 20), (sqlite_keys, postgres_keys, 2)] {
        let (one, two) = (described(&one).await, described(&two).await);
        let lacking = |here: &[Column], there: &[Column]| here.iter().filter(|column| !there.contains(column)).cloned().collect::<Vec<_>>();
        assert_eq!(lacking(&one, &two), [], "on SQLite only");
        assert_eq!(lacking(&two, &one), [], "on PostgreSQL only");
        assert!(one.iter().all(|column| ["int", "real", "text", "bytes"].contains(&column.kind.as_str())), "{one:?}");
        let mut names: Vec<&str> = one.iter().map(|column| column.table.as_str()).collect();
        names.dedup();
        assert!(names.len() >= tables, "{names:?}");
        for name in names {
            assert!(one.iter().any(|column| column.table == name && column.key == 1), "{name} has a primary key");
        }
    }
    gone(sqlite);
    gone(postgres);
}

async fn prepares(db: &Db, sql: &str) -> Result<(), DbError> {
    let sql = sql.to_owned();
    db.read("prepare", move |tx| {
        let sql = sql.clone();
        Box::pin(async move { tx.prepare(&sql).await })
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_is_understood_by_both() {
    let all = statements::all().unwrap_or_else(|faults| panic!("the scan cannot read:\n{}", faults.join("\n")));
    assert!(all.len() > 90, "only {} statements were found", all.len());
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let (databases, main, keys) = open(kind).await;
        let mut refused = Vec::new();
        for statement in &all {
            let sql = if kind == Kind::Sqlite { &statement.sqlite } else { &statement.postgres };
            // A statement belongs to one of the two databases; which one, its tables say.
            if let Err(fault) = prepares(&main, sql).await
                && prepares(&keys, sql).await.is_err()
            {
                refused.push(format!("{}: {sql}: {fault}", statement.file));
            }
        }
        assert!(refused.is_empty(), "{kind:?}:\n{}", refused.join("\n"));
        assert!(prepares(&main, "SELECT nothing FROM nowhere").await.is_err());
        gone(databases);
    }
}
