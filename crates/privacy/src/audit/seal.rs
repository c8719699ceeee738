//! Sealing: entries become leaves of the tree, and each batch ends with a signed head.
//!
//! An entry is written in its use case's transaction and nothing more is asked of it there. Behind it, whichever process holds the
//! lease looks for entries without a leaf. A transaction may commit long after the instant that its entry bears, so "newer than the
//! last" would miss some: every look reaches back, most of them a little, some of them further, now and then over everything.

use std::sync::{Arc, Mutex, PoisonError};

use clock::Timestamp;
use db::{Db, DbError, Tx};

use super::EntryId;
use super::head::Head;
use super::signer::Signer;
use super::store;
use super::tree::{Hash, Peak};
use crate::KeyStore;

/// Under this name the lease is held.
const LEASE: &str = "audit";
/// How long whoever seals keeps the others out when it is heard of no more.
const LEASE_SECONDS: i64 = 3;
/// Entries of one transaction at most: the writer is free again after some milliseconds.
const BATCH_MAX: i64 = 512;
/// Transactions of one turn at most; what is left is taken up in the next.
const BATCHES_MAX: usize = 64;
/// Entries that one look passes over at most.
const PAGE_MAX: i64 = 20_000;
/// How far an ordinary look reaches back behind the last head: a use case takes milliseconds.
const NEAR_SECONDS: i64 = 5;
/// How far a look for late commits reaches back: longer than a request may last, with all its waits.
const LATE_SECONDS: i64 = 120;
/// How often one looks for late commits.
const LATE_EVERY_SECONDS: i64 = 30;
/// How often everything is looked through; at the start too.
const WHOLE_EVERY_SECONDS: i64 = 3_600;

/// Seals the log of one database. One for a process; any number of processes.
pub struct Sealer {
    db: Db,
    signer: Signer,
    holder: [u8; 16],
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// A look that has not come to its end.
    under_way: Option<Look>,
    late_at: Option<Timestamp>,
    whole_at: Option<Timestamp>,
}

#[derive(Clone, Copy)]
struct Look {
    reach: Reach,
    from: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Near,
    Late,
    Whole,
}

/// A batch ready to be written.
struct Batch {
    base: u64,
    leaves: Vec<(u64, EntryId, Hash)>,
    nodes: Vec<(Peak, Hash)>,
    head: Head,
}

/// What became of a step.
enum Step {
    /// So many entries were sealed, perhaps none; the look goes on from there.
    On(u64, Timestamp),
    /// Nothing is left.
    Done,
    /// Another process holds the lease.
    NotOurs,
}

impl Sealer {
    /// For this database, with the key store's key.
    pub fn new(db: Db, keys: &KeyStore) -> Sealer {
        let holder = db.clock().bytes();
        Sealer { db, signer: keys.signer().clone(), holder, state: Mutex::default() }
    }

    /// Seals what there is to seal, if nobody else does; how many entries. Nothing is written when there is nothing.
    ///
    /// # Errors
    /// A fault of the database. What was sealed before it stays sealed, the rest is found again.
    pub async fn turn(&self) -> Result<u64, DbError> {
        let under_way = self.state().under_way.take();
        let mut look = match under_way {
            Some(look) => look,
            None => self.begin().await?,
        };
        let mut sealed = 0;
        for _ in 0..BATCHES_MAX {
            match self.step(look.from).await? {
                Step::On(count, from) => {
                    sealed += count;
                    look.from = from;
                }
                Step::Done => {
                    self.ended(look.reach);
                    return Ok(sealed);
                }
                // The other will have sealed what was found here; the look goes on from there.
                Step::NotOurs => break,
            }
        }
        self.state().under_way = Some(look);
        Ok(sealed)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn begin(&self) -> Result<Look, DbError> {
        let now = self.db.clock().now();
        // Done in the future: the clock has been set back since.
        let due = |done: Option<Timestamp>, every: i64| done.is_none_or(|at| now >= at.plus_seconds(every) || now < at);
        let reach = {
            let state = self.state();
            if due(state.whole_at, WHOLE_EVERY_SECONDS) {
                Reach::Whole
            } else if due(state.late_at, LATE_EVERY_SECONDS) {
                Reach::Late
            } else {
                Reach::Near
            }
        };
        let seconds = match reach {
            Reach::Whole => return Ok(Look { reach, from: Timestamp(i64::MIN) }),
            Reach::Late => LATE_SECONDS,
            Reach::Near => NEAR_SECONDS,
        };
        let from = self.db.read("last head", move |tx| Box::pin(since_last_head(tx, seconds))).await?;
        Ok(Look { reach, from })
    }

    fn ended(&self, reach: Reach) {
        let now = self.db.clock().now();
        let mut state = self.state();
        if reach != Reach::Near {
            state.late_at = Some(now);
        }
        if reach == Reach::Whole {
            state.whole_at = Some(now);
        }
    }

    /// Reads, hashes and signs outside the writer; then one short transaction, which finds the tree as it was read or writes nothing.
    async fn step(&self, from: Timestamp) -> Result<Step, DbError> {
        let signer = self.signer.clone();
        let read = self.db.read("unsealed entries", move |tx| {
            let signer = signer.clone();
            Box::pin(async move { next_batch(tx, &signer, from).await })
        });
        let (batch, next) = read.await?;
        let Some(batch) = batch else {
            return Ok(next.map_or(Step::Done, |from| Step::On(0, from)));
        };
        let count = batch.leaves.len() as u64;
        Ok(match self.write(batch).await? {
            None => Step::NotOurs,
            Some(true) => Step::On(count, next.unwrap_or(from)),
            // Somebody has sealed meanwhile: from the same place, with the tree as it is now.
            Some(false) => Step::On(0, from),
        })
    }

    /// Whether the batch was written: `None` when another holds the lease, `false` when the tree is no longer the one it was made for.
    async fn write(&self, batch: Batch) -> Result<Option<bool>, DbError> {
        let (batch, holder, key) = (Arc::new(batch), self.holder, self.signer.public());
        let wrote = self.db.run("seal", move |tx| {
            let batch = batch.clone();
            Box::pin(async move {
                if !store::take_lease(tx, LEASE, holder, LEASE_SECONDS).await? {
                    return Ok(None);
                }
                if store::newest_head(tx).await?.map_or(0, |(head, _)| head.size) != batch.base {
                    return Ok(Some(false));
                }
                store::insert_leaves(tx, &batch.leaves).await?;
                store::insert_nodes(tx, &batch.nodes).await?;
                store::insert_head(tx, &batch.head, key).await?;
                Ok::<_, DbError>(Some(true))
            })
        });
        wrote.await
    }
}

/// Where a look begins that reaches so far back behind the last head, or behind now when the clock has been set back since.
async fn since_last_head(tx: &mut Tx, seconds: i64) -> Result<Timestamp, DbError> {
    let head = store::newest_head(tx).await?;
    Ok(head.map_or(Timestamp(i64::MIN), |(head, _)| head.at.min(tx.now()).plus_seconds(-seconds)))
}

/// The next entries without a leaf, made into a batch, and where to look next; no batch when this page has none, and no place when
/// it was the last page.
async fn next_batch(tx: &mut Tx, signer: &Signer, from: Timestamp) -> Result<(Option<Batch>, Option<Timestamp>), DbError> {
    let end = store::at_after(tx, from, PAGE_MAX).await?;
    let entries = store::unsealed(tx, from, end.unwrap_or(Timestamp(i64::MAX)), BATCH_MAX).await?;
    let Some(last) = entries.last() else {
        return Ok((None, end.map(|end| Timestamp(end.micros().saturating_add(1)))));
    };
    // Others may bear the same instant.
    let next = last.at;
    let base = store::newest_head(tx).await?.map_or(0, |(head, _)| head.size);
    let mut tree = store::frontier(tx, base).await?;
    let (mut leaves, mut nodes) = (Vec::with_capacity(entries.len()), Vec::new());
    for entry in &entries {
        let hash = entry.leaf();
        leaves.push((tree.size(), entry.id, hash));
        tree.push(hash, |peak, hash| {
            if store::is_kept(peak) {
                nodes.push((peak, hash));
            }
        });
    }
    let head = Head::sign(signer, tree.size(), tree.root(), tx.now());
    Ok((Some(Batch { base, leaves, nodes, head }), Some(next)))
}

/// What waits to be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Entries.
    pub entries: i64,
    /// Seconds since the oldest was written; 0 for none.
    pub oldest_seconds: i64,
}

/// Counts what waits to be sealed. Late commits from before the last head are counted once they have been looked for.
///
/// # Errors
/// A fault of the database.
pub async fn waiting(tx: &mut Tx) -> Result<Waiting, DbError> {
    let from = since_last_head(tx, NEAR_SECONDS).await?;
    let (entries, oldest) = store::count_unsealed(tx, from).await?;
    let micros = oldest.map_or(0, |oldest| tx.now().micros().saturating_sub(oldest.micros()));
    Ok(Waiting { entries, oldest_seconds: micros.max(0) / clock::SECOND })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clock::Clock;
    use db::{Options, Place};

    use super::*;
    use crate::audit::{Entry, record};
    use crate::vocabulary::{Operation, Purpose};

    /// Read, hashed and signed outside the writer: by the time it is written, somebody may have sealed the same entries.
    #[tokio::test]
    async fn a_batch_is_written_on_the_tree_that_it_was_made_for_or_not_at_all() {
        let clock = Clock::real();
        let folder = std::env::temp_dir().join(format!("recomed-seal-{}", EntryId::random(&clock)));
        std::fs::create_dir(&folder).unwrap();
        let db = Db::open(Options::new(Place::Sqlite(folder.join("db"))), clock).await.unwrap();
        db::migrate::migrate(&db, db::migrate::MAIN).await.unwrap();
        let entry: Result<EntryId, DbError> = db
            .run("entry", |tx| {
                Box::pin(async move {
                    let (operation, purpose, outcome) = (Operation::Use, Purpose::P1, "opened");
                    let asker = "job:test".into();
                    record(tx, &Entry { operation, purpose, asker, fields: vec![], outcome, object: None, subject: None }).await
                })
            })
            .await;
        entry.unwrap();
        let signer = Signer::from_seed(&[1; 32]).unwrap();
        let sealer = Sealer { db: db.clone(), signer: signer.clone(), holder: [1; 16], state: Mutex::default() };
        let batch = async || {
            let signer = signer.clone();
            let read = db.read("batch", move |tx| {
                let signer = signer.clone();
                Box::pin(async move { next_batch(tx, &signer, Timestamp(i64::MIN)).await })
            });
            read.await.unwrap().0.unwrap()
        };
        let (one, two) = (batch().await, batch().await);
        assert_eq!((one.base, one.leaves.len(), two.leaves.len()), (0, 1, 1));
        assert_eq!(sealer.write(one).await, Ok(Some(true)));
        assert_eq!(sealer.write(two).await, Ok(Some(false)), "the entry is sealed already");
        assert_eq!(sealer.turn().await, Ok(0));
        drop((sealer, db));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
