//! The two schemas are one, and every statement is understood by both databases (I7, I10).

use db::migrate::{KEYS, MAIN, migrate};
use db::schema::{Column, columns};
use db::{Clock, Db, DbError, Migration, Options};
use testkit::{Databases, Kind, statements};

pub(crate) async fn open(kind: Kind) -> (Databases, Db, Db) {
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

pub(crate) fn gone(databases: Databases) {
    tokio::task::block_in_place(|| drop(databases));
}

pub(crate) async fn described(db: &Db) -> Vec<Column> {
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

/// A directory written before 0005: the table that SQLite makes anew keeps its rows, and what refers to them still finds them.
#[tokio::test(flavor = "multi_thread")]
async fn an_older_directory_is_widened_with_its_rows() {
    const OLDER: &[Migration] = MAIN.split_at(4).0;
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let databases = tokio::task::spawn_blocking(move || Databases::make(kind)).await.unwrap();
        let db = Db::open(Options::new(databases.main.clone()), Clock::real()).await.unwrap();
        if kind == Kind::Postgres {
            // Copied from a template that has every step already.
            db.run("empty", |tx| {
                Box::pin(async move {
                    tx.execute("DROP SCHEMA public CASCADE", &[]).await?;
                    tx.execute("CREATE SCHEMA public", &[]).await
                })
            })
            .await
            .unwrap();
        }
        migrate(&db, OLDER).await.unwrap();
        db.run("an older directory", |tx| {
            Box::pin(async move {
                let id = |byte: u8| [byte; 16];
                for (sql, values) in [
                    ("INSERT INTO city VALUES ('c', 'к', 'к', 'c', 'Europe/Moscow', 'RU', 'RUB', NULL, 55, 37)", db::args![].to_vec()),
                    ("INSERT INTO specialty VALUES ('s', 'с', 'с', 's', '', '', '', '', '', '', 0)", db::args![].to_vec()),
                    ("INSERT INTO healthcare_service VALUES ('s-consultation', 's', 'с', 'с', 's')", db::args![].to_vec()),
                    ("INSERT INTO organization VALUES ($1, 'к', 'к', 'c', '', NULL)", db::args![id(1)].to_vec()),
                    ("INSERT INTO location VALUES ($1, $2, 'c', NULL, 'а', 'а', 'a', 55, 37)", db::args![id(2), id(1)].to_vec()),
                    ("INSERT INTO practitioner VALUES ($1, 'д', 'д', 'd', 'f', 2000, 'ru', '', '', '')", db::args![id(3)].to_vec()),
                    ("INSERT INTO practitioner_role VALUES ($1, $2, $3, $4, 1, 0, 28, 60)", db::args![id(4), id(3), id(1), id(2)].to_vec()),
                    ("INSERT INTO role_specialty VALUES ($1, 's', 0)", db::args![id(4)].to_vec()),
                    ("INSERT INTO role_service VALUES ($1, 's-consultation', 0, 150000, 30)", db::args![id(4)].to_vec()),
                    ("INSERT INTO schedule_rule VALUES ($1, 1, 540, 1080)", db::args![id(4)].to_vec()),
                ] {
                    tx.execute(sql, &values).await?;
                }
                Ok::<_, DbError>(())
            })
        })
        .await
        .unwrap();
        migrate(&db, MAIN).await.unwrap();
        let catalogue = db.read("directory", |tx| Box::pin(directory::store::load(tx))).await.unwrap();
        let [role] = catalogue.roles.as_slice() else { panic!("{:?}", catalogue.roles) };
        assert!(catalogue.practitioner_of(role).is_some());
        assert_eq!(role.services, [directory::catalogue::RoleService::simple("s-consultation", 150_000, 30)]);
        assert_eq!(role.schedule.rules, [directory::catalogue::Rule::weekly(1, 540, 1080)]);
        // The reference still holds: a role that is referred to cannot go.
        let refused = db.run("delete", |tx| Box::pin(async move { tx.execute("DELETE FROM practitioner_role", &[]).await })).await;
        assert!(refused.is_err());
        drop(db);
        gone(databases);
    }
}
