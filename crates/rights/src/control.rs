//! The nightly check: once a day one replica asks every invariant of the policy and writes down what it found (clause 8.1). Its result is in the
//! sealed log, so that nobody makes a broken night a sound one.

use clock::Timestamp;
use db::{Db, DbError, Tx};
use privacy::audit::{self, Entry};
use privacy::{Operation, Purpose};

use crate::check::Finding;
use crate::store::control as store;

/// A run that was begun so long ago and has not ended has died.
const DIED_MINUTES: i64 = 60;

/// Takes the run of this day, if nobody has; whoever gets the day checks and then calls [`end`] with it.
///
/// # Errors
/// A fault of the database.
pub async fn begin(db: &Db) -> Result<Option<i64>, DbError> {
    db.run("control begins", |tx| {
        Box::pin(async move {
            let day = tx.now().day();
            Ok(store::take(tx, day, tx.now().plus_minutes(-DIED_MINUTES)).await?.then_some(day))
        })
    })
    .await
}

/// Writes down what the run of this day found, with an entry of the log; results of days longer ago than `days`, the term of the log, go. One that
/// somebody else has ended meanwhile stays as it is.
///
/// # Errors
/// A fault of the database.
pub async fn end(db: &Db, day: i64, findings: Vec<Finding>, days: i64) -> Result<(), DbError> {
    db.run("control ends", move |tx| {
        let findings = findings.clone();
        Box::pin(async move {
            if !store::end(tx, day).await? {
                return Ok(());
            }
            for finding in &findings {
                store::insert_finding(tx, day, finding.name, finding.clause, finding.count, finding.warning).await?;
            }
            store::forget_before(tx, day - days).await?;
            let broken = findings.iter().any(|finding| !finding.is_sound() && !finding.warning);
            let entry = Entry {
                operation: Operation::Use,
                purpose: Purpose::P10,
                asker: "timetable".to_owned(),
                fields: Vec::new(),
                outcome: if broken { "policy_broken" } else { "policy_held" },
                object: None,
                subject: None,
            };
            audit::record(tx, &entry).await.map(drop)
        })
    })
    .await
}

/// What the newest run found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Controlled {
    /// When it ended.
    pub at: Timestamp,
    /// Each invariant that is no warning, with how many things were not as they should be.
    pub found: Vec<(String, i64)>,
}

/// The newest run that has ended; `None` before the first.
///
/// # Errors
/// A fault of the database.
pub async fn newest(tx: &mut Tx) -> Result<Option<Controlled>, DbError> {
    let Some((day, at)) = store::newest(tx).await? else { return Ok(None) };
    let found =
        store::findings(tx, day).await?.into_iter().filter(|(.., warning)| !warning).map(|(name, found, _)| (name, found)).collect();
    Ok(Some(Controlled { at, found }))
}
