//! How free time follows the database: refreshed by what this process commits, by the feed, and rebuilt aside.
//!
//! Reads that mend follow each other, so that no older answer is put over a newer one; who comes while one is under way waits for the
//! next, which reads for all of them at once.

use std::collections::{HashMap, HashSet};
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
/// Days that may change while everything is read (I9).
const JOURNAL_MAX: usize = 100_000;

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
    journal: Option<Journal>,
}

/// Each mark once.
#[derive(Default)]
struct Journal {
    marks: HashSet<Dirty>,
    /// More was marked than is written down: whoever builds has missed something.
    full: bool,
}

impl Journal {
    fn write(&mut self, dirty: &[Dirty]) {
        let room = JOURNAL_MAX.saturating_sub(self.marks.len());
        self.marks.extend(dirty.iter().take(room));
        self.full |= dirty.len() > room;
    }
}

/// The journal is open while this lives: a rebuild that fails or is given up closes it too.
struct Journaling<'f>(&'f Follow);

impl<'f> Journaling<'f> {
    fn begin(follow: &'f Follow) -> Journaling<'f> {
        follow.waiting.lock().unwrap_or_else(PoisonError::into_inner).journal = Some(Journal::default());
        Journaling(follow)
    }

    /// What was marked until now.
    fn so_far(&self) -> Result<Vec<Dirty>, DbError> {
        let waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match &waiting.journal {
            Some(journal) if !journal.full => Ok(journal.marks.iter().copied().collect()),
            _ => Err(DbError::Unavailable(format!("more than {JOURNAL_MAX} days changed while everything was read; it is read again"))),
        }
    }
}

impl Drop for Journaling<'_> {
    fn drop(&mut self) {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner).journal = None;
    }
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
        let journaling = Journaling::begin(&self.follow);
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
            let (looked, found) = read_again(db, State::looked_at(&new.shape, &journaling.so_far()?), past).await?;
            new.apply(&looked, &found, self.clock.now());
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            new.changes = state.changes + 1;
            *state = new;
        }
        drop(journaling);
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
            waiting.journal.iter_mut().for_each(|journal| journal.write(&dirty));
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn marks(days: std::ops::Range<i64>) -> Vec<Dirty> {
        days.map(|day| Dirty { whose: [1; 16], day }).collect()
    }

    #[test]
    fn a_journal_that_is_full_says_so() {
        let follow = Follow::default();
        let write = |dirty: &[Dirty]| follow.waiting.lock().unwrap().journal.iter_mut().for_each(|journal| journal.write(dirty));
        write(&marks(0..5));
        let journaling = Journaling::begin(&follow);
        assert_eq!(journaling.so_far(), Ok(Vec::new()), "nobody builds, nothing is written down");
        for _ in 0..3 {
            write(&marks(0..5));
        }
        assert_eq!(journaling.so_far().map(|marks| marks.len()), Ok(5), "each once");
        let most = i64::try_from(JOURNAL_MAX).unwrap();
        write(&marks(5..most + 5));
        assert!(journaling.so_far().is_err(), "something was missed");
        assert_eq!(follow.waiting.lock().unwrap().journal.as_ref().map(|journal| journal.marks.len()), Some(JOURNAL_MAX));
        drop(journaling);
        assert!(follow.waiting.lock().unwrap().journal.is_none());
    }

    #[test]
    fn a_rebuild_that_fails_leaves_no_journal_open() {
        let folder = std::env::temp_dir().join(format!("recomed-journal-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let clock = clock::Clock::simulated(Timestamp(0), 1);
            // A database in which nothing stands yet, not even the tables.
            let db = Db::open(db::Options::new(db::Place::Sqlite(folder.join("empty.db"))), clock.clone()).await.unwrap();
            let free = FreeTime::new(clock);
            for day in 0..3 {
                assert!(free.rebuild(&db, Arc::default()).await.is_err());
                free.refresh(&db, &marks(day..day + 1)).await.unwrap();
                assert!(free.follow.waiting.lock().unwrap().journal.is_none());
            }
            db::migrate::migrate(&db, db::migrate::MAIN).await.unwrap();
            free.rebuild(&db, Arc::default()).await.unwrap();
            let waiting = free.follow.waiting.lock().unwrap();
            assert!(waiting.journal.is_none() && waiting.dirty.is_empty());
        });
        drop(runtime);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
