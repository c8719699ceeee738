//! A person takes a consent back by a letter: the officer enters it, with the number under which the register has the sheet.

use db::{Db, DbError};
use privacy::consent::{EnteredBy, SheetRef};
use privacy::{ConsoleProof, Evidence, Known, Purpose};

/// Takes back the consent for `purpose` in every visit of the person; in how many it stood. Only the operator at the console does so: nothing is
/// opened, and the proof says who it is.
///
/// # Errors
/// A fault of the database: then nothing was taken back.
pub async fn withdraw(db: &Db, known: &Known, purpose: Purpose, sheet: &SheetRef, _: ConsoleProof) -> Result<u64, DbError> {
    let (key, evidence) = (known.key().clone(), Evidence::paper(sheet.clone(), EnteredBy::Console));
    let done = db.run("withdraw by letter", move |tx| {
        let (key, evidence) = (key.clone(), evidence.clone());
        Box::pin(async move { booking::withdraw_all(tx, &key, purpose, &evidence, "console").await })
    });
    match done.await {
        Ok(withdrawn) => Ok(withdrawn),
        Err(booking::WithdrawError::Db(fault)) => Err(fault),
        // Only visits of theirs in which it stood were asked for.
        Err(refusal) => Err(DbError::Conflict(refusal.code().into())),
    }
}
