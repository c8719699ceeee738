//! How free time follows the database: refreshed by what this process commits, by the feed, and rebuilt aside.
//!
//! Reads that mend follow each other, so that no older answer is put over a newer one; who comes while one is under way waits for the
//! next, which reads for all of them at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use clock::Timestamp;
use db::{Db, DbError, Dirty};
use directory::catalogue::Catalogue;
use directory::store::slots::{slots_of_feeds, slots_of_role};

use super::FreeTime;
use super::state::{Found, Looked, State};
use crate::cells::cell_of;
use crate::store;

/// How far back the feed is read again: longer than any commit takes to appear.
const OVERLAP_SECONDS: i64 = 10;
/// Resources asked about in one statement.
const RESOURCES_PER_LOOK: usize = 500;
/// How long what has ended is still read: buffers and long visits reach over midnight.
const PAST_MINUTES: i64 = 24 * 60;

#[derive(Default)]
pub(super) struct Follow {
    /// Held while something is read and put in place.
    turn: tokio::sync::Mutex<()>,
    /// Held while a rebuild is under way.
    building: tokio::sync::Mutex<()>,
    waiting: Mutex<Waiting>,
    feed: Mutex<Feed>,
}

#[derive(Default)]
struct Waiting {
    dirty: Vec<Dirty>,
    asked: u64,
    done: u64,
    /// What was read again while a rebuild is under way: it may have begun to read before.
    meanwhile: Option<Vec<Dirty>>,
}

#[derive(Default)]
struct Feed {
    /// Marks seen in the window that is read again.
    seen: HashMap<[u8; 16], Timestamp>,
    /// Until when the feed was read.
    until: Option<Timestamp>,
}

/// Marks that somebody is reading again; they wait anew when the reading fails or its request is dropped.
struct Reading<'f> {
    follow: &'f Follow,
    dirty: Vec<Dirty>,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if !self.dirty.is_empty() {
            self.follow.waiting.lock().unwrap_or_else(PoisonError::into_inner).dirty.append(&mut self.dirty);
        }
    }
}

impl FreeTime {
    /// Reads everything anew for this directory. Readers go on with what was known until it is ready, and nothing that is
    /// committed meanwhile is lost.
    ///
    /// # Errors
    /// A fault of the database; what was known stays.
    pub async fn rebuild(&self, db: &Db, catalogue: Arc<Catalogue>) -> Result<(), DbError> {
        let _building = self.follow.building.lock().await;
        self.follow.waiting.lock().unwrap_or_else(PoisonError::into_inner).meanwhile = Some(Vec::new());
        let began = self.clock.now();
        let past = began.plus_minutes(-PAST_MINUTES);
        let found = db.read("all claims", move |tx| {
            Box::pin(async move {
                Ok::<_, DbError>(Found { claims: store::claims_from(tx, cell_of(past)).await?, slots: slots_of_feeds(tx, past).await? })
            })
        });
        let found = found.await?;
        let build = tokio::task::spawn_blocking(move || State::build(catalogue, found, began));
        let mut new = build.await.map_err(|fault| DbError::Unavailable(fault.to_string()))?;
        {
            let _turn = self.follow.turn.lock().await;
            let meanwhile = self.follow.waiting.lock().unwrap_or_else(PoisonError::into_inner).meanwhile.clone().unwrap_or_default();
            let (looked, found) = read_again(db, State::looked_at(&new.shape, &meanwhile), past).await?;
            new.apply(&looked, &found, self.clock.now());
            self.follow.waiting.lock().unwrap_or_else(PoisonError::into_inner).meanwhile = None;
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            new.changes = state.changes + 1;
            *state = new;
        }
        // What others committed while we read is in the feed.
        Box::pin(self.follow_feed(db, began, false)).await
    }

    /// Applies the feed since `from`, and a little before; since it was last read if that is longer ago.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn catch_up(&self, db: &Db, from: Timestamp) -> Result<(), DbError> {
        self.follow_feed(db, from, true).await
    }

    async fn follow_feed(&self, db: &Db, now: Timestamp, may_rebuild: bool) -> Result<(), DbError> {
        let until = self.follow.feed.lock().unwrap_or_else(PoisonError::into_inner).until;
        let from = until.map_or(now, |until| until.min(now)).plus_seconds(-OVERLAP_SECONDS);
        let marks = db.read("dirty feed", move |tx| Box::pin(db::changed_since(tx, from))).await?;
        let new: Vec<Dirty> = {
            let feed = self.follow.feed.lock().unwrap_or_else(PoisonError::into_inner);
            marks.iter().filter(|mark| !feed.seen.contains_key(&mark.id)).map(|mark| mark.dirty).collect()
        };
        if marks.len() >= db::MARKS_MAX && may_rebuild {
            let catalogue = self.catalogue();
            self.follow.feed.lock().unwrap_or_else(PoisonError::into_inner).until = Some(now);
            return self.rebuild(db, catalogue).await;
        }
        self.read_dirty(db, &new).await?;
        let mut feed = self.follow.feed.lock().unwrap_or_else(PoisonError::into_inner);
        feed.seen.retain(|_, at| *at >= from);
        feed.seen.extend(marks.iter().map(|mark| (mark.id, mark.at)));
        feed.until = Some(now);
        Ok(())
    }

    /// Reads these days again, of everything that the roles claim, for all who claim it too.
    ///
    /// # Errors
    /// A fault of the database; the feed brings it later.
    pub async fn refresh(&self, db: &Db, dirty: &[Dirty]) -> Result<(), DbError> {
        if dirty.is_empty() { Ok(()) } else { self.read_dirty(db, dirty).await }
    }

    async fn read_dirty(&self, db: &Db, dirty: &[Dirty]) -> Result<(), DbError> {
        let mine = {
            let mut waiting = self.follow.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.dirty.extend_from_slice(dirty);
            waiting.asked += 1;
            waiting.asked
        };
        let _turn = self.follow.turn.lock().await;
        let (mut reading, asked) = {
            let mut waiting = self.follow.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.done >= mine {
                return Ok(());
            }
            let mut dirty = std::mem::take(&mut waiting.dirty);
            dirty.sort_unstable();
            dirty.dedup();
            waiting.meanwhile.iter_mut().for_each(|meanwhile| meanwhile.extend_from_slice(&dirty));
            (Reading { follow: &self.follow, dirty }, waiting.asked)
        };
        if !reading.dirty.is_empty() {
            let shape = self.state.read().unwrap_or_else(PoisonError::into_inner).shape.clone();
            let past = self.clock.now().plus_minutes(-PAST_MINUTES);
            let (looked, found) = read_again(db, State::looked_at(&shape, &reading.dirty), past).await?;
            self.state.write().unwrap_or_else(PoisonError::into_inner).apply(&looked, &found, self.clock.now());
            reading.dirty.clear();
        }
        self.follow.waiting.lock().unwrap_or_else(PoisonError::into_inner).done = asked;
        Ok(())
    }
}

/// Everything asked for, in one look at the database.
async fn read_again(db: &Db, looked: Looked, past: Timestamp) -> Result<(Arc<Looked>, Found), DbError> {
    let looked = Arc::new(looked);
    if looked.cells.is_empty() {
        return Ok((looked, Found::default()));
    }
    let asked = looked.clone();
    let found = db.read("claims again", move |tx| {
        let asked = asked.clone();
        Box::pin(async move {
            let mut found = Found::default();
            for (cells, resources) in &asked.cells {
                for some in resources.chunks(RESOURCES_PER_LOOK) {
                    found.claims.extend(store::claims_of(tx, some, cells.start, cells.end).await?);
                }
            }
            for role in &asked.feeds {
                found.slots.extend(slots_of_role(tx, *role, past).await?);
            }
            Ok::<_, DbError>(found)
        })
    });
    Ok((looked, found.await?))
}
