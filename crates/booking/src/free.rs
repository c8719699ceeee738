//! Free time in memory: for each role and day the schedule's windows, and a bitmap of claimed cells. Search and slot lists read it;
//! the database stays the truth, and the claim decides (I1). Rebuilt at start and when the directory changes, mended by the dirty
//! feed, so that a booking is seen at once here and within a second in another replica.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use clock::{Clock, DAY, MINUTE, SECOND, Timestamp};
use db::{Db, DbError, Dirty};
use directory::catalogue::{Catalogue, PractitionerRole, RoleId};
use directory::schedule::{slot_starts, windows};
use jiff::ToSpan as _;

use crate::appointment::civil_day;
use crate::cells::{CELL_SECONDS, cell_of, cells};
use crate::hold::HoldId;
use crate::store::{self, Claimed, FOR_EVER};

/// Words of a day's bitmap: 320 cells, more than the 300 of the longest civil day (25 hours).
const WORDS: usize = 5;
/// How far back the feed is read again: longer than any commit takes to appear.
const OVERLAP_SECONDS: i64 = 10;
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
    clock: Clock,
}

#[derive(Default)]
struct State {
    catalogue: Arc<Catalogue>,
    roles: HashMap<RoleId, RoleDays>,
    changes: u64,
}

/// Days by civil day.
type RoleDays = BTreeMap<i64, Day>;

struct Day {
    windows: Vec<(Timestamp, Timestamp)>,
    /// The cell of the day's first instant.
    first_cell: i64,
    /// Cells claimed for good.
    taken: [u64; WORDS],
    /// Cells held for a while.
    held: Vec<Held>,
}

#[derive(Clone, Copy)]
struct Held {
    cell: i64,
    until: Timestamp,
    owner: [u8; 16],
}

impl Day {
    fn clear(&mut self) {
        self.taken = [0; WORDS];
        self.held.clear();
    }

    fn mark(&mut self, claim: &Claimed) {
        let Some((word, bit)) = self.place(claim.cell) else { return };
        if claim.expires_at == FOR_EVER {
            if let Some(word) = self.taken.get_mut(word) {
                *word |= bit;
            }
        } else {
            self.held.push(Held { cell: claim.cell, until: claim.expires_at, owner: claim.owner });
        }
    }

    fn place(&self, cell: i64) -> Option<(usize, u64)> {
        let index = usize::try_from(cell - self.first_cell).ok().filter(|index| *index < WORDS * 64)?;
        Some((index / 64, 1 << (index % 64)))
    }

    fn is_free(&self, slot: Slot, now: Timestamp, mine: Option<[u8; 16]>) -> bool {
        let wanted = cells(slot.start, slot.end);
        let taken =
            wanted.clone().any(|cell| self.place(cell).is_none_or(|(word, bit)| self.taken.get(word).is_none_or(|word| word & bit != 0)));
        !taken && !self.held.iter().any(|held| wanted.contains(&held.cell) && held.until > now && Some(held.owner) != mine)
    }
}

impl FreeTime {
    /// Nothing known yet; [`FreeTime::rebuild`] fills it.
    pub fn new(clock: Clock) -> FreeTime {
        FreeTime { state: Arc::default(), clock }
    }

    /// The directory that this free time belongs to: read both from here, and they fit each other.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).catalogue.clone()
    }

    /// Reads everything anew for this directory.
    ///
    /// # Errors
    /// A fault of the database; what was known stays.
    pub async fn rebuild(&self, db: &Db, catalogue: Arc<Catalogue>) -> Result<(), DbError> {
        let began = self.clock.now();
        let claims = db.read("all claims", move |tx| Box::pin(store::claims_from(tx, cell_of(began.plus_minutes(-24 * 60))))).await?;
        let mut roles: HashMap<RoleId, RoleDays> = catalogue.roles.iter().map(|role| (role.id, days(&catalogue, role, began))).collect();
        for claim in &claims {
            for role in roles_of(&catalogue, claim.practitioner) {
                if let Some(day) = roles.get_mut(&role).and_then(|days| day_of_cell(days, claim.cell)) {
                    day.mark(claim);
                }
            }
        }
        {
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            *state = State { catalogue, roles, changes: state.changes + 1 };
        }
        // What was committed while we read is in the feed.
        self.catch_up(db, began).await
    }

    /// Applies the feed since `from`, and a little before.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn catch_up(&self, db: &Db, from: Timestamp) -> Result<(), DbError> {
        let from = from.plus_seconds(-OVERLAP_SECONDS);
        let dirty = db.read("dirty feed", move |tx| Box::pin(db::changed_since(tx, from))).await?;
        self.refresh(db, &dirty).await
    }

    /// Reads these days again, for every clinic of the same practitioner.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn refresh(&self, db: &Db, dirty: &[Dirty]) -> Result<(), DbError> {
        let catalogue = self.catalogue();
        let mut wanted: Vec<([u8; 16], i64)> = dirty
            .iter()
            .filter_map(|dirty| {
                let role = catalogue.role(RoleId(db::reexport::Uuid::from_bytes(dirty.role)))?;
                Some((role.practitioner?.bytes(), dirty.day))
            })
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        for (practitioner, day) in wanted {
            // A civil day lies within these UTC days, in whatever zone.
            let (from, to) = (cell_of(Timestamp((day - 1) * DAY)), cell_of(Timestamp((day + 2) * DAY)));
            let claims = db.read("claims of a practitioner", move |tx| Box::pin(store::claims_of(tx, practitioner, from, to))).await?;
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            state.changes += 1;
            for role in roles_of(&catalogue, practitioner) {
                let Some(days) = state.roles.get_mut(&role) else { continue };
                for (_, day) in days.range_mut(day - 1..=day + 1) {
                    // Only days that the claims just read cover whole.
                    if day.first_cell >= from && day.first_cell + cells_in_a_day() <= to {
                        day.clear();
                        for claim in &claims {
                            day.mark(claim);
                        }
                    }
                }
            }
        }
        Ok(())
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
        let Some(place) = reader.state.catalogue.role_place(role) else { return Vec::new() };
        reader.free(place, service, from, to, limit, mine)
    }

    /// One look at everything: the answers of one reader fit each other. Others cannot write while it lives.
    pub fn reader(&self) -> Reader<'_> {
        Reader { state: self.state.read().unwrap_or_else(PoisonError::into_inner), now: self.clock.now() }
    }

    /// Whether the schedule knows this time at all, booked or not, within notice and horizon.
    pub(crate) fn offered(&self, role: RoleId, service: Option<&str>, start: Timestamp) -> bool {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let (Some(role), Some(days)) = (state.catalogue.role(role), state.roles.get(&role)) else { return false };
        let Some(minutes) = length(role, service) else { return false };
        days.range(start.day() - 1..=start.day() + 1).any(|(_, day)| slot_starts(&day.windows, minutes).contains(&start))
    }
}

/// Many questions about one state of free time; roles are named by their place in [`Catalogue::roles`].
pub struct Reader<'f> {
    state: RwLockReadGuard<'f, State>,
    now: Timestamp,
}

impl Reader<'_> {
    /// The directory that this free time belongs to.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.state.catalogue
    }

    /// Grows with every change of anything that a reader tells, but for the passing of time.
    pub fn changes(&self) -> u64 {
        self.state.changes
    }

    /// The first free begin of the role's first service, notice and horizon kept.
    pub fn next_free(&self, place: usize) -> Option<Timestamp> {
        self.free(place, None, self.now, Timestamp(i64::MAX), 1, None).first().map(|slot| slot.start)
    }

    /// Half-hours of a civil day at the role's place (days since 1970-01-01) in which a free time of the role's first service
    /// begins: bit 0 is 00:00–00:30. Past times and those closed by the notice are still in it; days past or beyond the horizon are 0.
    pub fn day_mask(&self, place: usize, day: i64) -> u64 {
        let Some(role) = self.state.catalogue.roles.get(place) else { return 0 };
        let Some(zone) = self.state.catalogue.zone_of(role) else { return 0 };
        let (Some(day), Some(minutes)) = (self.state.roles.get(&role.id).and_then(|days| days.get(&day)), length(role, None)) else {
            return 0;
        };
        let free = slot_starts(&day.windows, minutes).into_iter();
        let free = free.filter(|start| day.is_free(Slot { start: *start, end: start.plus_minutes(minutes) }, self.now, None));
        free.fold(0, |mask, start| {
            let wall = start.to_jiff().to_zoned(zone.clone());
            mask | 1 << (i64::from(wall.hour()) * 2 + i64::from(wall.minute()) / 30)
        })
    }

    /// Like [`FreeTime::slots`], with nothing held by the asker.
    pub fn slots(&self, place: usize, service: Option<&str>, from: Timestamp, to: Timestamp, limit: usize) -> Vec<Slot> {
        self.free(place, service, from, to, limit, None)
    }

    fn free(&self, place: usize, service: Option<&str>, from: Timestamp, to: Timestamp, limit: usize, mine: Option<HoldId>) -> Vec<Slot> {
        let Some(role) = self.state.catalogue.roles.get(place) else { return Vec::new() };
        let Some(days) = self.state.roles.get(&role.id) else { return Vec::new() };
        let Some(minutes) = length(role, service) else { return Vec::new() };
        let now = self.now;
        let (from, mine) = (from.max(now.plus_minutes(role.notice_minutes)), mine.map(|hold| hold.bytes()));
        let mut slots = Vec::new();
        if from >= to {
            return slots;
        }
        for (_, day) in days.range(from.day() - 1..=to.day().saturating_add(1)) {
            for start in slot_starts(&day.windows, minutes) {
                let slot = Slot { start, end: start.plus_minutes(minutes) };
                if start >= from && start < to && day.is_free(slot, now, mine) {
                    slots.push(slot);
                    if slots.len() >= limit.min(SLOTS_MAX) {
                        return slots;
                    }
                }
            }
        }
        slots
    }
}

/// Minutes of a visit for this service; `None` when the role does not offer it.
pub(crate) fn length(role: &PractitionerRole, service: Option<&str>) -> Option<i64> {
    match service {
        Some(code) => role.services.iter().find(|offered| offered.service == code),
        None => role.services.first(),
    }
    .map(|service| service.minutes)
}

fn cells_in_a_day() -> i64 {
    DAY / (CELL_SECONDS * SECOND) + 60 * MINUTE / (CELL_SECONDS * SECOND)
}

fn roles_of(catalogue: &Catalogue, practitioner: [u8; 16]) -> Vec<RoleId> {
    let practitioner = directory::catalogue::PractitionerId(db::reexport::Uuid::from_bytes(practitioner));
    catalogue.roles_of(practitioner).map(|role| role.id).collect()
}

fn day_of_cell(days: &mut RoleDays, cell: i64) -> Option<&mut Day> {
    days.values_mut().rev().find(|day| day.first_cell <= cell).filter(|day| day.place(cell).is_some())
}

/// The days of a role's horizon, with nothing claimed.
fn days(catalogue: &Catalogue, role: &PractitionerRole, now: Timestamp) -> RoleDays {
    let Some(zone) = catalogue.zone_of(role) else { return RoleDays::new() };
    let today = now.to_jiff().to_zoned(zone.clone()).date();
    let mut days = RoleDays::new();
    for ahead in 0..role.horizon_days.max(1) {
        let Ok(date) = today.checked_add(ahead.days()) else { break };
        let Ok(midnight) = date.to_zoned(zone.clone()) else { break };
        let first = Timestamp::from(midnight.timestamp());
        days.insert(
            civil_day(first, &zone),
            Day { windows: windows(&role.schedule, &zone, date), first_cell: cell_of(first), taken: [0; WORDS], held: Vec::new() },
        );
    }
    days
}
