//! A receipt: the proof, in a person's hand, that an entry is in the log, and that it is about them.

use std::fmt;

use clock::Timestamp;
use db::{DbError, Tx};
use serde::{Deserialize, Serialize};

use super::check::{Kept, Wrong};
use super::head::Head;
use super::line::{hex, unhex};
use super::signer::PublicKey;
use super::tree::{self, Hash};
use super::written::Written;
use super::{EntryId, opening, store, subject};
use crate::SubjectKey;

/// What a receipt says it is.
pub(super) const FORMAT: &str = "recomed-audit-receipt-1";
/// Entries about one object that are listed at most.
pub const OF_AN_OBJECT_MAX: i64 = 100;
/// Steps of a path at most: the log's places are numbers of 63 bits.
const PATH_MAX: usize = 64;

/// The proof that an entry stands in the log; serialised as JSON of about 2 KiB. It holds no personal data. Checked with
/// `recomed audit verify --from FILE`, by anybody, without the program's database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    format: String,
    entry: EntrySaid,
    /// The key of this one entry's commitment: with it anybody can see that the entry is about whoever holds it. It opens no other.
    opening: Option<String>,
    seq: u64,
    path: Vec<String>,
    head: HeadSaid,
    key: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntrySaid {
    id: EntryId,
    at: i64,
    operation: String,
    purpose: String,
    asker: String,
    fields: String,
    outcome: String,
    object: Option<String>,
    subject: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeadSaid {
    size: u64,
    root: String,
    at: i64,
    signature: String,
}

/// Why there is no receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptError {
    /// There is no such entry.
    Unknown,
    /// It is not sealed yet; within a second or two it is.
    NotSealed,
    /// The entry is about somebody else.
    NotTheirs,
    /// Its text went with the log's term; its leaf is in the tree for ever.
    Pruned,
    /// The database failed.
    Db(DbError),
}

impl fmt::Display for ReceiptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReceiptError::Unknown => f.write_str("there is no such entry"),
            ReceiptError::NotSealed => f.write_str("the entry is not sealed yet; ask again in a second"),
            ReceiptError::NotTheirs => f.write_str("the entry is about somebody else"),
            ReceiptError::Pruned => {
                f.write_str("the entry's text was deleted at the end of its term; its place in the log is proven by its leaf")
            }
            ReceiptError::Db(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReceiptError {}

impl From<DbError> for ReceiptError {
    fn from(error: DbError) -> Self {
        ReceiptError::Db(error)
    }
}

impl db::Refusal for ReceiptError {
    fn fault(&self) -> Option<&DbError> {
        if let ReceiptError::Db(error) = self { Some(error) } else { None }
    }
}

/// The receipt for an entry, under the newest head, opened with the key of whoever it is given to. Of an entry without a subject,
/// and of one written before commitments had keys of their own, the receipt has no opening. Without a key it has none either.
///
/// Whether the caller may have it is the caller's question when the entry names no subject: a visit's entries belong to whoever
/// holds the visit's token.
///
/// # Errors
/// [`ReceiptError::NotTheirs`] when the entry commits to somebody else than the holder of `key`.
pub async fn receipt(tx: &mut Tx, entry: EntryId, key: Option<&SubjectKey>) -> Result<Receipt, ReceiptError> {
    let Some(written) = store::entry(tx, entry).await? else {
        return Err(if store::seq_of(tx, entry).await?.is_some() { ReceiptError::Pruned } else { ReceiptError::Unknown });
    };
    let opening = match (written.subject, key) {
        (Some(said), Some(key)) => {
            let opening = opening(key, entry);
            if subject(&opening, entry) == said {
                Some(opening)
            } else if key.commitment(b"audit", &entry.bytes()) == said {
                None
            } else {
                return Err(ReceiptError::NotTheirs);
            }
        }
        _ => None,
    };
    let seq = store::seq_of(tx, entry).await?.ok_or(ReceiptError::NotSealed)?;
    let (head, public) = store::newest_head(tx).await?.ok_or(ReceiptError::NotSealed)?;
    let spans = tree::inclusion(seq, head.size).ok_or(ReceiptError::NotSealed)?;
    let path = store::hashes(tx, &spans).await?;
    Ok(Receipt {
        format: FORMAT.into(),
        entry: EntrySaid {
            id: written.id,
            at: written.at.micros(),
            operation: written.operation.into(),
            purpose: written.purpose.into(),
            asker: written.asker.into(),
            fields: written.fields.into(),
            outcome: written.outcome.into(),
            object: written.object.map(|object| hex(&object)),
            subject: written.subject.map(|subject| hex(&subject)),
        },
        opening: opening.map(|opening| hex(&opening)),
        seq,
        path: path.iter().map(|hash| hex(hash)).collect(),
        head: HeadSaid { size: head.size, root: hex(&head.root), at: head.at.micros(), signature: head.signature.to_string() },
        key: public.to_string(),
    })
}

/// The newest entries about an object (a visit, a code, a message) but for the `skip` newest, oldest first, at most [`OF_AN_OBJECT_MAX`];
/// whether each is sealed, so that there is a receipt for it; and whether there are earlier ones.
///
/// # Errors
/// A fault of the database.
pub async fn entries_of(tx: &mut Tx, object: [u8; 16], skip: i64) -> Result<(Vec<(Written<'static>, bool)>, bool), DbError> {
    let mut entries = store::entries_of(tx, object, skip, OF_AN_OBJECT_MAX + 1).await?;
    let most = usize::try_from(OF_AN_OBJECT_MAX).unwrap_or(usize::MAX);
    let earlier = entries.len() > most;
    entries.truncate(most);
    entries.reverse();
    Ok((entries, earlier))
}

/// Whether the log has that entry, and it is about this object.
///
/// # Errors
/// A fault of the database.
pub async fn is_about(tx: &mut Tx, entry: EntryId, object: [u8; 16]) -> Result<bool, DbError> {
    Ok(store::entry(tx, entry).await?.is_some_and(|written| written.object == Some(object)))
}

/// Security events that a list shows at most.
const SECURITY_MAX: i64 = 200;

/// The newest entries for security (purpose P10), newest first, at most two hundred of each: what people did who are known, and what was tried by
/// nobody known. Apart, so that whoever tries often hides nothing.
///
/// # Errors
/// A fault of the database.
pub async fn security_entries(tx: &mut Tx) -> Result<[Vec<Written<'static>>; 2], DbError> {
    Ok([store::security(tx, SECURITY_MAX).await?, store::security_of_nobody(tx, SECURITY_MAX).await?])
}

/// What a receipt proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The entry's place in the log.
    pub seq: u64,
    /// When its use case began.
    pub at: Timestamp,
    /// What was done, what for, by whom, with which fields, how it ended.
    pub said: [String; 5],
    /// Whether the receipt opens the entry's commitment to its subject.
    pub opened: bool,
    /// The signed head that it is under.
    pub head: Head,
    /// The log's key.
    pub key: PublicKey,
}

impl Proven {
    /// The root, to be compared with the log later.
    pub fn kept(&self) -> Kept {
        Kept { size: self.head.size, root: self.head.root }
    }
}

impl Receipt {
    /// Checks the receipt by itself, against the expected key when there is one.
    ///
    /// # Errors
    /// What does not hold.
    pub fn verify(&self, expected: Option<PublicKey>) -> Result<Proven, Wrong> {
        let read = self.read().filter(|_| self.format == FORMAT && self.path.len() <= PATH_MAX);
        let (written, path, opening, head, key) = read.ok_or(Wrong::Form)?;
        if expected.is_some_and(|expected| expected != key) {
            return Err(Wrong::Key { found: key });
        }
        if !head.is_of(&key) {
            return Err(Wrong::HeadSignature);
        }
        if !tree::is_included(&written.leaf(), self.seq, head.size, &path, &head.root) {
            return Err(Wrong::Path);
        }
        if opening.is_some_and(|opening| written.subject != Some(subject(&opening, written.id))) {
            return Err(Wrong::Opening);
        }
        let said = [&written.operation, &written.purpose, &written.asker, &written.fields, &written.outcome].map(|text| text.to_string());
        Ok(Proven { seq: self.seq, at: written.at, said, opened: opening.is_some(), head, key })
    }

    #[allow(clippy::type_complexity, reason = "the parts of one receipt, taken apart at once")]
    fn read(&self) -> Option<(Written<'_>, Vec<Hash>, Option<[u8; 32]>, Head, PublicKey)> {
        let entry = &self.entry;
        let written = Written {
            id: entry.id,
            at: Timestamp(entry.at),
            operation: entry.operation.as_str().into(),
            purpose: entry.purpose.as_str().into(),
            asker: entry.asker.as_str().into(),
            fields: entry.fields.as_str().into(),
            outcome: entry.outcome.as_str().into(),
            object: maybe(entry.object.as_deref())?,
            subject: maybe(entry.subject.as_deref())?,
        };
        let path = self.path.iter().map(|hash| unhex(hash)).collect::<Option<Vec<Hash>>>()?;
        let (root, signature) = (unhex(&self.head.root)?, self.head.signature.parse().ok()?);
        let head = Head { size: self.head.size, root, at: Timestamp(self.head.at), signature };
        Some((written, path, maybe(self.opening.as_deref())?, head, self.key.parse().ok()?))
    }
}

/// `None` for a text that is there and is not so many bytes.
fn maybe<const N: usize>(text: Option<&str>) -> Option<Option<[u8; N]>> {
    match text {
        Some(text) => unhex(text).map(Some),
        None => Some(None),
    }
}
