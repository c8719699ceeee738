//! What the log says about a person. Entries hold commitments only, so each is tried with the person's key: whoever lacks it finds nothing.

use clock::Timestamp;
use db::{DbError, Tx};

use crate::audit;
use crate::keys::SubjectKey;
use crate::store;

/// Entries read in one statement.
const READ_AT_ONCE: i64 = 2_000;
/// Entries about one person that are given; more would be a fault, or an attack.
const ENTRIES_MAX: usize = 50_000;

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub operation: String,
    /// What for.
    pub purpose: String,
    /// Who asked.
    pub asker: String,
    /// Which fields.
    pub fields: String,
    /// How it ended.
    pub outcome: String,
}

/// The entries that name this person, or one of these visits of theirs, oldest first; the newest left out beyond fifty thousand. The whole
/// log is read: it is done when somebody asks what is known of them.
///
/// # Errors
/// A fault of the database.
pub async fn entries(tx: &mut Tx, key: &SubjectKey, visits: &[[u8; 16]]) -> Result<Vec<Entry>, DbError> {
    let (mut found, mut after) = (Vec::new(), [0; 16]);
    loop {
        let rows = store::entries_after(tx, after, READ_AT_ONCE).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        for row in rows {
            let named = row.subject.is_some_and(|subject| audit::names(key, row.id, &subject));
            let of_visit = row.object.is_some_and(|object| visits.contains(&object));
            if named || of_visit {
                found.push(row.entry);
            }
        }
    }
    found.sort_by_key(|entry| entry.at);
    found.truncate(ENTRIES_MAX);
    Ok(found)
}
