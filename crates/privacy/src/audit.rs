//! The audit log: what was done with whose data, for what, and how it ended. Entries are append-only (the database refuses
//! changes), are written in the transaction of their use case, and hold commitments, never personal data (I6).

use db::{DbError, Tx, args};

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
    let subject = entry.subject.map(|key| key.commitment(b"audit", &id.bytes()));
    let now = tx.now();
    let columns = args![
        id,
        now,
        entry.operation.code(),
        entry.purpose.code(),
        entry.asker.as_str(),
        entry.fields.join(","),
        entry.outcome,
        entry.object,
        subject
    ];
    store::append_entry(tx, &columns).await?;
    Ok(id)
}
