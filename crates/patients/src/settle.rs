//! People move once from the database of visits into the key store, when a program that knows of it opens an older installation.

use db::{Db, DbError};
use privacy::{KeyError, KeyStore, PersonId};

use crate::store::before_0012 as before;

/// The step of the main history before which this runs.
pub const SETTLED_BEFORE: &str = "0012_vault";
/// People moved in one transaction.
const MOVED_AT_ONCE: i64 = 500;

/// Moves everybody whose key lives: afterwards the key store has their sealed identities, durable, and the table is empty. A row without
/// a key is an erased person's and goes. Safe to be run again after it died anywhere. How many rows there were.
///
/// # Errors
/// A fault of one of the databases.
pub async fn settle(db: &Db, keys: &KeyStore) -> Result<u64, KeyError> {
    let mut after = PersonId(db::reexport::Uuid::nil());
    loop {
        let people = db.read("people before", move |tx| Box::pin(before::people(tx, after, MOVED_AT_ONCE))).await?;
        let Some((last, _)) = people.last() else { break };
        after = *last;
        keys.adopt(people).await?;
    }
    let moved: Result<u64, DbError> = db.run("people moved", |tx| Box::pin(before::forget_all(tx))).await;
    Ok(moved?)
}
