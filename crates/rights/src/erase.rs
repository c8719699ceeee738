//! A person is erased: visits untied, coming ones called off, messages dropped; then the tombstone, and the death of the key with everything
//! that it seals, here and in every backup (I4). Each step may be the last that the program lives to make: the next start, or the next
//! turn of the timetable, goes on from there.

use db::{Db, DbError};
use notify::Outbox;
use privacy::erasure::{self, Begun, Reason};
use privacy::{Ask, Asker, ConsoleProof, Field, KeyError, KeyStore, Known, OpenError, Operation, Personal, Purpose, SubjectKey, decide};

/// Who ends an erasure, as the log names them: the operator at the console, a start that finds somebody risen, what runs by itself.
const CONSOLE: &str = "console";
const START: &str = "start";
const TIMETABLE: &str = "timetable";
/// Erasures gone on with in one turn.
const RESUMED_AT_ONCE: i64 = 100;
/// People whose term is looked at in one read.
const LOOKED_AT_ONCE: i64 = 200;

/// Why somebody is not erased yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EraseError {
    /// A value that should have opened did not.
    Open(OpenError),
    /// The key store failed.
    Keys(KeyError),
}

impl std::fmt::Display for EraseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            EraseError::Open(error) => error.fmt(f),
            EraseError::Keys(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for EraseError {}

impl From<OpenError> for EraseError {
    fn from(error: OpenError) -> Self {
        EraseError::Open(error)
    }
}

impl From<KeyError> for EraseError {
    fn from(error: KeyError) -> Self {
        EraseError::Keys(error)
    }
}

impl From<DbError> for EraseError {
    fn from(error: DbError) -> Self {
        EraseError::Keys(KeyError::Db(error))
    }
}

/// The steps of an erasure, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Begun: nothing ties the person to a visit any more.
    Begun,
    /// The tombstone stands where no restore can take it away.
    Entombed,
    /// Key, index and identity are gone.
    Destroyed,
    /// The act of destruction is in the log.
    Done,
}

impl Step {
    /// All of them.
    pub const ALL: [Step; 4] = [Step::Begun, Step::Entombed, Step::Destroyed, Step::Done];
}

/// Erases a person who asked for it, for the operator at the console; what is left to be known of it is the erasure's id.
///
/// # Errors
/// A fault; what was begun goes on by itself later.
pub async fn erase(db: &Db, keys: &KeyStore, known: &Known, console: ConsoleProof) -> Result<Begun, EraseError> {
    let begun = begin_asked(db, keys, known, console).await?;
    advance(db, keys, begun, Step::Done, CONSOLE).await?;
    Ok(begun)
}

/// The first step alone, for [`erase`] and for the test that lets the program die after each step.
///
/// # Errors
/// A fault: then nothing was begun.
pub async fn begin_asked(db: &Db, keys: &KeyStore, known: &Known, console: ConsoleProof) -> Result<Begun, EraseError> {
    let (keys, known) = (keys.clone(), known.clone());
    db.run("erase", move |tx| {
        let (keys, known) = (keys.clone(), known.clone());
        Box::pin(async move {
            let ask = Ask {
                asker: Asker::Console(console),
                key: known.key(),
                fields: &[Field::Phone, Field::Email],
                purpose: Purpose::P9,
                operation: Operation::Delete,
                object: None,
            };
            let mut permit = decide(&ask, &[], tx.now()).map_err(|_| OpenError::Outside)?;
            let phone = known.sealed::<String>(Field::Phone).ok_or(OpenError::Outside)?.open(tx, &mut permit).await?;
            let email = known.sealed::<Option<String>>(Field::Email).ok_or(OpenError::Outside)?.open(tx, &mut permit).await?;
            let addresses = [Some(phone), email.expose().clone().map(Personal::new)];
            for address in addresses.iter().flatten() {
                Outbox::forget_addressee(tx, &keys, address.expose()).await?;
            }
            let visits = booking::let_go(tx, &keys, known.key()).await?;
            erasure::begin(tx, &keys, known.key(), Reason::Asked, CONSOLE, visits).await.map_err(OpenError::Db)
        })
    })
    .await
    .map_err(EraseError::Open)
}

/// Goes on with a begun erasure until the step `until` is made, on behalf of `asker`. Every step may be made twice.
///
/// # Errors
/// A fault: the steps before it are made.
pub async fn advance(db: &Db, keys: &KeyStore, begun: Begun, until: Step, asker: &'static str) -> Result<(), EraseError> {
    if until >= Step::Entombed {
        keys.entomb(begun.person)?;
    }
    if until >= Step::Destroyed {
        keys.destroy(begun.person).await?;
        keys.scrub().await?;
    }
    if until >= Step::Done {
        db.run("erased", move |tx| Box::pin(erasure::finish(tx, begun.id, asker))).await?;
    }
    Ok(())
}

/// Goes on with every erasure that was begun and not done; how many were.
///
/// # Errors
/// A fault.
pub async fn resume(db: &Db, keys: &KeyStore) -> Result<u64, EraseError> {
    let own = keys.clone();
    let open = db.read("erasures begun", move |tx| {
        let keys = own.clone();
        Box::pin(async move { erasure::begun(tx, &keys, RESUMED_AT_ONCE).await })
    });
    let open: Vec<Begun> = open.await?;
    for begun in &open {
        advance(db, keys, *begun, Step::Done, TIMETABLE).await?;
    }
    Ok(open.len() as u64)
}

/// Lets go of visits whose consent was taken back `days` days ago or more, the profile's term (text 12.2), and erases whoever has no other;
/// how many were erased.
///
/// # Errors
/// A fault; what was begun goes on by itself later.
pub async fn erase_withdrawn(db: &Db, keys: &KeyStore, days: i64) -> Result<u64, EraseError> {
    let gone = booking::let_go_of_withdrawn(db, keys, days, TIMETABLE).await?;
    for begun in &gone.begun {
        advance(db, keys, *begun, Step::Done, TIMETABLE).await?;
    }
    Ok(gone.begun.len() as u64)
}

/// Erases somebody who was erased before and has come back with a backup, visits and all.
///
/// # Errors
/// A fault: then nobody may be answered.
pub async fn erase_again(db: &Db, keys: &KeyStore, key: &SubjectKey) -> Result<(), EraseError> {
    let (own, of) = (keys.clone(), key.clone());
    let begun = db.run("erase again", move |tx| {
        let (keys, key) = (own.clone(), of.clone());
        Box::pin(async move {
            let visits = booking::let_go(tx, &keys, &key).await?;
            erasure::begin(tx, &keys, &key, Reason::Risen, START, visits).await
        })
    });
    let begun: Begun = begun.await?;
    advance(db, keys, begun, Step::Done, START).await
}

/// Erases everybody whose last visit is more than `days` days ago, the profile's term (text 11.1), and who has no other; how many.
///
/// # Errors
/// A fault.
pub async fn erase_due(db: &Db, keys: &KeyStore, days: i64) -> Result<u64, EraseError> {
    let (mut erased, mut after) = (0, privacy::PersonId(db::reexport::Uuid::nil()));
    loop {
        let due = keys.unseen_for(days, after, LOOKED_AT_ONCE).await?;
        let Some(last) = due.last().and_then(SubjectKey::person) else { return Ok(erased) };
        after = last;
        for key in due {
            let own = keys.clone();
            let begun = db.run("erase by term", move |tx| {
                let (keys, key) = (own.clone(), key.clone());
                Box::pin(async move {
                    // They came back: the term begins again when that tie dies.
                    if !booking::visits_for_change(tx, &key).await?.is_empty() {
                        return Ok::<_, DbError>(None);
                    }
                    erasure::begin(tx, &keys, &key, Reason::Term, TIMETABLE, 0).await.map(Some)
                })
            });
            if let Some(begun) = begun.await? {
                advance(db, keys, begun, Step::Done, TIMETABLE).await?;
                erased += 1;
            }
        }
    }
}
