//! Erasing a person, so that it survives a death of the program at any moment (I4). It is begun in the transaction that unties the
//! person's visits; then come the tombstone, the death of the key, and the end. A begun erasure is found again by its row; while the row
//! stands nothing new is written about the person, even by a request that had their key in its hands before.

use db::{DbError, Tx, args};

use crate::audit::{self, Entry};
use crate::keys::{KeyStore, SubjectKey};
use crate::vocabulary::{Operation, Purpose};
use crate::{PersonId, store};

db::id!(
    /// An erasure's id; on the act of destruction it stands for the person, of whom nothing else is left.
    pub ErasureId
);

/// Why a person is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// They asked for it.
    Asked,
    /// They were erased before, and a backup has brought them back.
    Risen,
    /// The term of the policy is over (text 11.1).
    Term,
    /// They took back the last consent that anything of theirs rested on, and the term after that is over (text 12.2).
    Withdrawn,
}

impl Reason {
    /// The code in rows and entries.
    pub fn code(self) -> &'static str {
        match self {
            Reason::Asked => "asked",
            Reason::Risen => "risen",
            Reason::Term => "term",
            Reason::Withdrawn => "withdrawn",
        }
    }
}

/// An erasure that was begun and is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// Its id.
    pub id: ErasureId,
    /// Whose.
    pub person: PersonId,
}

fn mark(key: &SubjectKey, person: PersonId) -> [u8; 32] {
    key.commitment(b"erasing", &person.bytes())
}

/// Begins, in the transaction that unties the person's `visits` visits; the one that was begun before, if there is one.
///
/// # Errors
/// A fault of the database, or a key that is no person's.
pub async fn begin(tx: &mut Tx, keys: &KeyStore, key: &SubjectKey, reason: Reason, asker: &str, visits: u64) -> Result<Begun, DbError> {
    let person = key.person().ok_or_else(|| DbError::Shape("the key is no person's".into()))?;
    let mark = mark(key, person);
    let now = tx.now();
    if let Some((id, done)) = store::erasure_of(tx, mark).await? {
        if done {
            // A restored key store alone: what was done is to be done again, and to be in the log again.
            let sealed = keys.seal_link(&id.bytes(), person, 0);
            store::reopen_erasure(tx, &args![id, sealed, reason.code(), now]).await?;
            record(tx, id, asker, "erasing").await?;
        }
        return Ok(Begun { id, person });
    }
    let id = ErasureId::random(tx.clock());
    let sealed = keys.seal_link(&id.bytes(), person, 0);
    let visits = i64::try_from(visits).unwrap_or(i64::MAX);
    store::begin_erasure(tx, &args![id, mark, sealed, reason.code(), visits, now]).await?;
    record(tx, id, asker, "erasing").await?;
    Ok(Begun { id, person })
}

/// Whether the person of this key is being erased, or has been while a request still had the key: then nothing is written about them.
///
/// # Errors
/// A fault of the database.
pub async fn is_begun(tx: &mut Tx, key: &SubjectKey) -> Result<bool, DbError> {
    let Some(person) = key.person() else { return Ok(false) };
    Ok(store::erasure_of(tx, mark(key, person)).await?.is_some())
}

/// Erasures that are not done, oldest first, at most `limit`.
///
/// # Errors
/// A fault of the database, or a row that this key store cannot read.
pub async fn begun(tx: &mut Tx, keys: &KeyStore, limit: i64) -> Result<Vec<Begun>, DbError> {
    let unreadable = |_| DbError::Shape("an erasure names nobody".into());
    let rows = store::begun_erasures(tx, limit).await?;
    rows.into_iter().map(|(id, sealed)| Ok(Begun { id, person: keys.open_link(&id.bytes(), &sealed).map_err(unreadable)?.0 })).collect()
}

/// How many were erased once more, after a backup had brought them back.
///
/// # Errors
/// A fault of the database.
pub async fn count_risen(tx: &mut Tx) -> Result<i64, DbError> {
    store::count_erasures(tx, Reason::Risen.code()).await
}

/// Ends it: the row forgets the person, and the log has the act of destruction. Whether it was not ended before.
///
/// # Errors
/// A fault of the database.
pub async fn finish(tx: &mut Tx, id: ErasureId, asker: &str) -> Result<bool, DbError> {
    let now = tx.now();
    let ended = store::end_erasure(tx, id, now).await?;
    if ended {
        record(tx, id, asker, "erased").await?;
    }
    Ok(ended)
}

async fn record(tx: &mut Tx, id: ErasureId, asker: &str, outcome: &'static str) -> Result<(), DbError> {
    let entry = Entry {
        operation: Operation::Delete,
        purpose: Purpose::P9,
        asker: asker.to_owned(),
        fields: vec!["person"],
        outcome,
        object: Some(id.bytes()),
        subject: None,
    };
    audit::record(tx, &entry).await.map(drop)
}
