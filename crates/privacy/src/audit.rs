//! The audit log: what was done with whose data, for what, and how it ended. Entries are append-only (the database refuses
//! changes), are written in the transaction of their use case, and hold commitments, never personal data (I6).
//!
//! Behind the use cases the entries are sealed into a Merkle tree with signed heads ([`Sealer`]). From then on a change shows: in a
//! copy ([`export`], [`verify_file`]), in the database ([`verify_database`]), and to anybody who has kept a [`Receipt`] or a head.
//! Whoever holds both the database and the key store can write another history; only what others have kept tells it from this one.

mod check;
mod export;
mod head;
mod line;
mod prune;
mod receipt;
mod seal;
mod signer;
mod store;
pub mod tree;
mod verify;
mod walk;
mod written;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use db::{DbError, Tx, Value, args};

pub use check::{Kept, Verified, Wrong};
pub use export::{ExportError, Exported, export};
pub use head::{Cut, Head};
pub use prune::{PRUNED_MAX, cut, prune};
pub use receipt::{OF_AN_OBJECT_MAX, Proven, Receipt, ReceiptError, entries_of, is_about, receipt, security_entries};
pub use seal::{Sealer, Waiting, waiting};
pub use signer::{NotBase64, PublicKey, Signature, Signer};
pub use verify::{Against, Checked, Place, VerifyError, verify_database, verify_file};
pub use written::Written;

use crate::keys::{SubjectKey, mac};
use crate::vocabulary::{Operation, Purpose};

db::id!(
    /// An audit entry's id.
    pub EntryId
);

/// Who is told, now and then, after how many entries a long work is.
pub type Progress = Arc<dyn Fn(u64) + Send + Sync>;

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
    crate::store::append_entries(tx, &columns).await?;
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
    crate::store::append_entries(tx, &columns).await
}

fn columns(tx: &Tx, id: EntryId, entry: &Entry<'_>) -> [Value; 9] {
    let subject = entry.subject.map(|key| subject(&opening(key, id), id));
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

/// The key of one entry's commitment to its subject: derived from the subject's, so it dies with that, and tells nothing of the
/// subject's other entries to whoever is given it.
fn opening(key: &SubjectKey, entry: EntryId) -> [u8; 32] {
    key.commitment(b"audit entry", &entry.bytes())
}

/// Whether the commitment in an entry is to this subject; entries of older programs commit in another way.
pub(crate) fn names(key: &SubjectKey, entry: [u8; 16], commitment: &[u8; 32]) -> bool {
    let entry = EntryId(db::reexport::Uuid::from_bytes(entry));
    *commitment == subject(&opening(key, entry), entry) || *commitment == key.commitment(b"audit", &entry.bytes())
}

/// The commitment itself.
fn subject(opening: &[u8; 32], entry: EntryId) -> [u8; 32] {
    mac(opening, &[b"audit", &entry.bytes()])
}
