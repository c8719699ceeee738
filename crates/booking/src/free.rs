//! Free time in memory: what the schedules offer, less what is claimed. Search and slot lists read it; the database stays the
//! truth, and the claim decides (I1). Rebuilt at start and when the directory changes, mended by the dirty feed, so that a
//! booking is seen at once here and within a second in another replica.
//!
//! At any moment it equals what a rebuild would give: holds run out, days pass and horizons move without anybody writing.

mod busy;
mod calendar;
mod follow;
mod shape;
mod state;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use clock::{Clock, Timestamp};
use directory::catalogue::{Catalogue, RoleId};

pub(crate) use self::shape::claimed_by;
use self::state::State;
use crate::hold::HoldId;

/// Slots given in one answer at most (I9).
pub const SLOTS_MAX: usize = 2_000;

/// A time that can be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// Begin.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
}

/// Free time of every role. Cheap to clone.
#[derive(Clone)]
pub struct FreeTime {
    state: Arc<RwLock<State>>,
    follow: Arc<follow::Follow>,
    clock: Clock,
}

impl FreeTime {
    /// Nothing known yet; [`FreeTime::rebuild`] fills it.
    pub fn new(clock: Clock) -> FreeTime {
        FreeTime { state: Arc::default(), follow: Arc::default(), clock }
    }

    /// The directory that this free time belongs to: read both from here, and they fit each other.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).shape.catalogue.clone()
    }

    /// Free times of a role that begin in `from..to`, earliest first, at most `limit`. `service` chooses the length; the role's
    /// first service when `None`. Times closed by the role's notice, beyond its horizon, claimed, or held by others are left out;
    /// times held by `mine` are in.
    pub fn slots(
        &self,
        role: RoleId,
        service: Option<&str>,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
        mine: Option<HoldId>,
    ) -> Vec<Slot> {
        let reader = self.reader();
        let place = reader.catalogue().role_place(role);
        place.map(|place| reader.free(place, service, (from, to), limit, mine)).unwrap_or_default()
    }

    /// One look at everything: the answers of one reader fit each other. Others cannot write while it lives.
    pub fn reader(&self) -> Reader<'_> {
        let now = self.clock.now();
        let mut state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        if !state.is_settled(now) {
            drop(state);
            self.state.write().unwrap_or_else(PoisonError::into_inner).settle(now);
            state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        }
        let todays = state.shape.calendars.iter().map(|calendar| calendar.day_at(now)).collect();
        Reader { state, now, todays }
    }

    /// Whether the feed of this role tells times to come that could be booked, though all of them may be taken.
    pub(crate) fn is_told(&self, role: RoleId) -> bool {
        let reader = self.reader();
        reader.catalogue().role_place(role).is_some_and(|place| reader.state.is_told(place, reader.now))
    }

    /// The time that begins then, if the schedule knows it at all, booked or not, within the horizon; and the cells that it takes of
    /// everything it claims.
    pub(crate) fn offered(&self, role: RoleId, service: Option<&str>, start: Timestamp) -> Option<(Slot, Range<i64>)> {
        let reader = self.reader();
        reader.state.offered(reader.catalogue().role_place(role)?, service, start, &reader.todays)
    }
}

/// Many questions about one state of free time; roles are named by their place in [`Catalogue::roles`].
pub struct Reader<'f> {
    state: RwLockReadGuard<'f, State>,
    now: Timestamp,
    todays: Vec<i64>,
}

impl Reader<'_> {
    /// The directory that this free time belongs to.
    #[inline]
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.state.shape.catalogue
    }

    /// Grows with every change of anything that a reader tells, but for the passing of time.
    pub fn changes(&self) -> u64 {
        self.state.changes
    }

    /// Reads what [`Reader::next_free`], or [`Reader::day_mask`] of that day, is going to be asked about these roles, all at once
    /// instead of one after the other: they lie far apart in memory.
    #[inline]
    pub fn fetch(&self, places: impl Iterator<Item = usize>, day: Option<i64>) {
        self.state.fetch(places, day);
    }

    /// The first free begin of the role's first service, notice and horizon kept.
    #[inline]
    pub fn next_free(&self, place: usize) -> Option<Timestamp> {
        self.state.next_free(place, &self.todays, self.now)
    }

    /// Half-hours of a civil day at the role's place (days since 1970-01-01) in which a free time of the role's first service
    /// begins: bit 0 is 00:00–00:30. Past times and those closed by the notice are still in it; days past or beyond the horizon are 0.
    #[inline]
    pub fn day_mask(&self, place: usize, day: i64) -> u64 {
        self.state.day_mask(place, day, &self.todays, self.now)
    }

    /// Half-hours in which a free time of the role's first service may begin on any of the next `days` days, today included: none is left
    /// out; one that is set may be of a day past, or of any day when it is not known.
    #[inline]
    pub fn ever_mask(&self, place: usize, days: i64) -> u64 {
        self.state.ever_mask(place, days, &self.todays)
    }

    /// Like [`FreeTime::slots`], with nothing held by the asker.
    pub fn slots(&self, place: usize, service: Option<&str>, from: Timestamp, to: Timestamp, limit: usize) -> Vec<Slot> {
        self.free(place, service, (from, to), limit, None)
    }

    fn free(&self, place: usize, service: Option<&str>, when: (Timestamp, Timestamp), limit: usize, mine: Option<HoldId>) -> Vec<Slot> {
        let (mut slots, limit) = (Vec::new(), limit.min(SLOTS_MAX));
        if limit > 0 {
            self.state.each_free(place, service, when, (&self.todays, self.now), mine.map(|hold| hold.bytes()), |slot| {
                slots.push(slot);
                slots.len() < limit
            });
        }
        slots
    }
}
