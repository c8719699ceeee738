//! The audit log: what was done with whose data, for what, and how it ended. Entries are append-only (the database refuses
//! changes), are written in the transaction of their use case, and hold commitments, never personal data (I6).

use db::{DbError, Tx, Value, args};

use crate::keys::SubjectKey;
use crate::store;
use crate::vocabulary::{Operation, Purpose};

db::id!(
    /// An audit entry's id.
    pub EntryId
);

/// What an entry says.
pub struct Entry<'a> {
    /// What was done.
    pub operation: Operation,
    /// What for.
    pub purpose: Purpose,
    /// Who asked: `person`, `public`, `partner:ID`, `job:KIND`, …
    pub asker: String,
    /// Codes of the fields.
    pub fields: Vec<&'static str>,
    /// A stable code: `booked`, `slot_taken`, `opened`, …
    pub outcome: &'static str,
    /// The visit, code or message concerned.
    pub object: Option<[u8; 16]>,
    /// The subject, of whom only a commitment is written.
    pub subject: Option<&'a SubjectKey>,
}

/// Writes an entry into the use case's transaction.
///
/// # Errors
/// A fault of the database.
pub async fn record(tx: &mut Tx, entry: &Entry<'_>) -> Result<EntryId, DbError> {
    let id = EntryId::random(tx.clock());
    let columns = columns(tx, id, entry);
    store::append_entries(tx, &columns).await?;
    Ok(id)
}

/// Writes so many entries in one statement; nothing for none.
///
/// # Errors
/// A fault of the database.
pub(crate) async fn record_all(tx: &mut Tx, entries: &[Entry<'_>]) -> Result<(), DbError> {
    if entries.is_empty() {
        return Ok(());
    }
    let columns: Vec<Value> = entries.iter().flat_map(|entry| columns(tx, EntryId::random(tx.clock()), entry)).collect();
    store::append_entries(tx, &columns).await
}

fn columns(tx: &Tx, id: EntryId, entry: &Entry<'_>) -> [Value; 9] {
    let subject = entry.subject.map(|key| key.commitment(b"audit", &id.bytes()));
    args![
        id,
        tx.now(),
        entry.operation.code(),
        entry.purpose.code(),
        entry.asker.as_str(),
        entry.fields.join(","),
        entry.outcome,
        entry.object,
        subject
    ]
}
