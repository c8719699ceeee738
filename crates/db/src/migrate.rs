//! Schema changes: one history, the two dialects side by side.

use clock::Timestamp;

use crate::tx::Session;
use crate::{Db, DbError, Tx, args};

/// One step of the history. Applied once, in order, and never changed afterwards.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Name of its folder, which begins with its number.
    pub name: &'static str,
    /// The step for SQLite.
    pub sqlite: &'static str,
    /// The same step for PostgreSQL.
    pub postgres: &'static str,
}

/// Includes a folder of `migrations/` as a [`Migration`].
#[macro_export]
macro_rules! migration {
    ($name:literal) => {
        $crate::Migration {
            name: $name,
            sqlite: include_str!(concat!("../../../migrations/", $name, "/sqlite.sql")),
            postgres: include_str!(concat!("../../../migrations/", $name, "/postgres.sql")),
        }
    };
}

/// The history of the main database.
pub const MAIN: &[Migration] = &[
    migration!("0001_directory"),
    migration!("0002_floor"),
    migration!("0003_patients"),
    migration!("0004_booking"),
    migration!("0005_whole_directory"),
    migration!("0006_representatives"),
    migration!("0007_fhir"),
    migration!("0009_mail"),
    migration!("0010_codes"),
    migration!("0011_audit_tree"),
    migration!("0012_vault"),
    migration!("0013_consent"),
    migration!("0014_disclosure"),
    migration!("0016_staff"),
    migration!("0017_retention"),
    migration!("0018_control"),
    migration!("0019_ledger"),
    migration!("0020_names"),
    migration!("0021_response"),
    migration!("0022_task"),
    migration!("0023_busy"),
    migration!("0024_way"),
];

/// The history of the key store.
pub const KEYS: &[Migration] = &[migration!("keys_0001"), migration!("keys_0002"), migration!("keys_0003")];

/// Applies the steps that the database does not have yet, each in a transaction; the names of those applied.
///
/// # Errors
/// [`DbError::Schema`] when the database has a step that this program does not know, or one whose text has changed.
pub async fn migrate(db: &Db, history: &'static [Migration]) -> Result<Vec<&'static str>, DbError> {
    steps(db, history, None).await.map(|(applied, _)| applied)
}

/// The same up to, not including, the step `before`; whether that step is still to come: then what must be done before it can be.
///
/// # Errors
/// As [`migrate`].
pub async fn migrate_before(db: &Db, history: &'static [Migration], before: &str) -> Result<bool, DbError> {
    steps(db, history, Some(before)).await.map(|(_, to_come)| to_come)
}

/// Brings an empty database to the state in which exactly these steps are applied: what a backup of an older program is filled into.
///
/// # Errors
/// [`DbError::Schema`] when they are not the beginning of this history.
pub async fn migrate_to(db: &Db, history: &'static [Migration], steps_of_then: &[String]) -> Result<(), DbError> {
    let known = history.iter().zip(steps_of_then).take_while(|(step, name)| step.name == name.as_str()).count();
    if known < steps_of_then.len() || steps_of_then.is_empty() {
        return Err(DbError::Schema("it was made by another program; use that one, or a newer one".into()));
    }
    let next = history.get(known).map(|step| step.name);
    steps(db, history, next).await.map(drop)
}

async fn steps(db: &Db, history: &'static [Migration], before: Option<&str>) -> Result<(Vec<&'static str>, bool), DbError> {
    db.run("migration table", |tx| {
        Box::pin(async move {
            tx.execute(
                "CREATE TABLE IF NOT EXISTS migration (name TEXT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL, length BIGINT NOT NULL)",
                &[],
            )
            .await
        })
    })
    .await?;
    let known: Vec<(String, i64)> = db
        .read("applied migrations", |tx| {
            Box::pin(async move {
                let rows = tx.query("SELECT name, length FROM migration", &[]).await?;
                rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
            })
        })
        .await?;
    if let Some((name, _)) = known.iter().find(|(name, _)| !history.iter().any(|step| step.name == name)) {
        return Err(DbError::Schema(format!("the database has the step {name}, which this program does not know; use a newer program")));
    }
    let mut applied = Vec::new();
    for step in history {
        let text = if db.kind() == "sqlite" { step.sqlite } else { step.postgres };
        let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
        match known.iter().find(|(name, _)| name == step.name) {
            Some((_, was)) if *was == length => continue,
            Some(_) => return Err(DbError::Schema(format!("the step {} was changed after it was applied", step.name))),
            None if before == Some(step.name) => return Ok((applied, true)),
            None => {}
        }
        db.run("migrate", move |tx| {
            Box::pin(async move {
                tx.batch(text).await?;
                let now: Timestamp = tx.now();
                tx.execute("INSERT INTO migration (name, applied_at, length) VALUES ($1, $2, $3)", &args![step.name, now, length]).await
            })
        })
        .await?;
        applied.push(step.name);
    }
    Ok((applied, false))
}

impl Tx {
    /// Runs several statements without parameters: a step of the schema's history.
    pub(crate) async fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        match &mut self.session {
            Session::Sqlite(session) => session.batch(sql),
            Session::Postgres(session) => session.batch(sql).await,
        }
    }

    /// Whether this schema understands the statement, without running it; for the test that prepares every statement.
    ///
    /// # Errors
    /// Why the database refuses it.
    pub async fn prepare(&mut self, sql: &str) -> Result<(), DbError> {
        match &mut self.session {
            Session::Sqlite(session) => session.prepare(sql),
            Session::Postgres(session) => session.prepare(sql).await,
        }
    }
}
