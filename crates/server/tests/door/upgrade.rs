//! An installation that was filled by an older program.

use db::migrate::{MAIN, migrate, migrate_before};
use db::{DbError, Value};
use testkit::{Kind, TestApp, cast};

testkit::both!(people_move_into_the_key_store);

async fn run(db: &db::Db, sql: &'static str, args: Vec<Value>) -> Result<u64, DbError> {
    db.run("older", move |tx| {
        let args = args.clone();
        Box::pin(async move { tx.execute(sql, &args).await })
    })
    .await
}

/// Before `0012_vault` people were rows of the database of visits. They move, unread, to the key store; an erased person's row goes; and the
/// step that drops the table refuses to do so while anybody is in it.
async fn people_move_into_the_key_store(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let start = app.slots(&role, "").await[3].clone();
    assert_eq!(app.book(&role, &start, &cast::anna()).await.status, 201);
    let (main, store) = (app.app.world.db.clone(), app.keys_db().await);

    // The installation as it was: the row in the one database, none in the other.
    let bytes = if kind == Kind::Sqlite { "BLOB" } else { "BYTEA" };
    let table: &'static str = Box::leak(
        format!(
            "CREATE TABLE patient (id {bytes} NOT NULL PRIMARY KEY, name {bytes} NOT NULL, phone {bytes} NOT NULL, email {bytes} NOT NULL, sex {bytes} NOT NULL, age {bytes} NOT NULL, created_on BIGINT NOT NULL)"
        )
        .into_boxed_str(),
    );
    run(&main, table, vec![]).await.unwrap();
    let rows = app.rows_in_keys("SELECT person, name, phone, email, sex, age FROM person").await;
    let columns: Vec<Vec<u8>> = (0..6).map(|column| rows[0].get(column).unwrap()).collect();
    let erased = vec![7; 16];
    for id in [columns[0].clone(), erased] {
        let mut row = vec![Value::from(id)];
        row.extend(columns[1..].iter().map(|column| Value::from(column.clone())));
        run(&main, "INSERT INTO patient (id, name, phone, email, sex, age, created_on) VALUES ($1, $2, $3, $4, $5, $6, 20000)", row)
            .await
            .unwrap();
    }
    run(&store, "DELETE FROM person", vec![]).await.unwrap();
    for undone in [
        "DELETE FROM migration WHERE name = '0012_vault'",
        "DELETE FROM migration WHERE name = '0020_names'",
        "DROP INDEX appointment_named",
        "DROP INDEX appointment_tied",
        "ALTER TABLE appointment DROP COLUMN tied",
        "DROP TABLE erasure",
        "ALTER TABLE sent_message DROP COLUMN addressee",
        "CREATE TABLE code_count (tag BIGINT NOT NULL PRIMARY KEY)",
    ] {
        run(&main, undone, vec![]).await.unwrap();
    }

    assert!(migrate(&main, MAIN).await.is_err(), "nobody is dropped who has not moved");
    assert_eq!(app.count("SELECT count(*) FROM patient").await, 2);
    assert!(migrate_before(&main, MAIN, patients::SETTLED_BEFORE).await.unwrap());
    assert_eq!(patients::settle(&main, &app.app.world.keys).await, Ok(2));
    assert!(migrate(&main, MAIN).await.unwrap().contains(&"0012_vault"));
    assert!(!migrate_before(&main, MAIN, patients::SETTLED_BEFORE).await.unwrap());

    let moved = app.rows_in_keys("SELECT person, name, phone, email, sex, age FROM person").await;
    assert_eq!(moved.len(), 1);
    assert_eq!((0..6).map(|column| moved[0].get::<Vec<u8>>(column).unwrap()).collect::<Vec<_>>(), columns);
    // What was sealed before opens: the message of the booking goes to her phone.
    app.jobs().await;
    assert!(app.messages().await.iter().any(|(phone, _)| *phone == cast::anna().phone));
}
