//! Free time itself: shape, claims, stored slots, and what is kept ready of them. Pure but for the instants it is given.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use clock::{MINUTE, SECOND, Timestamp};
use db::Dirty;
use directory::catalogue::{Catalogue, RoleId, StoredSlot};

use super::Slot;
use super::busy::{Busy, Taken};
use super::shape::{OfferShape, RoleShape, Shape};
use crate::cells::{CELL_SECONDS, CELLS_MAX, cells_of_day};
use crate::store::Claimed;

impl Claimed {
    fn taken(&self) -> Taken {
        Taken { cell: self.cell, owner: self.owner, until: self.expires_at }
    }
}

/// Two threads may read the clock in one order and ask in the other; a clock that was set back jumps farther.
const SET_BACK: i64 = 2 * SECOND;
/// In [`Near::next`]: nobody has looked yet.
const UNKNOWN: i64 = i64::MIN;
/// In [`Near::next`], plus the place's civil day: nothing is free on that day's horizon.
const NOTHING: i64 = i64::MIN / 2;
/// Days whose free half-hours are kept; beyond them they are worked out when asked.
const MASK_DAYS_MAX: i64 = 64;

/// Claims and stored slots as one read of the database brings them.
#[derive(Default)]
pub(super) struct Found {
    pub(super) claims: Vec<Claimed>,
    pub(super) slots: Vec<StoredSlot>,
}

/// What a refresh reads: of each range of cells the resources, and feeds' roles.
#[derive(Default)]
pub(super) struct Looked {
    pub(super) cells: Vec<(Range<i64>, Vec<[u8; 16]>)>,
    pub(super) feeds: Vec<RoleId>,
}

/// What a search asks of thousands of roles, side by side with their neighbours.
struct Near {
    /// First free begin of the role's first service, as far as somebody has asked.
    next: AtomicI64,
    notice_minutes: u32,
    horizon_days: u16,
    calendar: u16,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) shape: Arc<Shape>,
    busy: Busy,
    slots: HashMap<usize, Vec<Slot>>,
    /// Of each role of a feed the last begin that the feed tells, free or given away.
    told: HashMap<usize, Timestamp>,
    near: Vec<Near>,
    /// Free half-hours, day after day from `mask_first` on, of each day all roles: who asks many roles asks them about one day.
    masks: Vec<u64>,
    mask_first: i64,
    mask_days: i64,
    /// Of each role the free half-hours of all these days together.
    ever: Vec<u64>,
    latest: AtomicI64,
    pub(super) changes: u64,
}

impl State {
    /// Everything worked out anew.
    pub(super) fn build(catalogue: Arc<Catalogue>, found: Found, now: Timestamp) -> State {
        let shape = Arc::new(Shape::new(catalogue, now));
        let mut busy = Busy::new(shape.resources());
        let mut by_resource: HashMap<u32, Vec<Taken>> = HashMap::new();
        for claim in &found.claims {
            if let Some(resource) = shape.resource(&claim.resource) {
                by_resource.entry(resource).or_default().push(claim.taken());
            }
        }
        for (resource, taken) in by_resource {
            busy.replace(resource, &(i64::MIN / 2..i64::MAX / 2), &taken, now);
        }
        let mut slots: HashMap<usize, Vec<Slot>> = HashMap::new();
        let mut told: HashMap<usize, Timestamp> = HashMap::new();
        for slot in found.slots.iter().filter(|slot| ours(slot)) {
            if let Some(place) = shape.catalogue.role_place(slot.role) {
                let last = told.entry(place).or_insert(slot.start);
                *last = slot.start.max(*last);
            }
            if let Some(place) = shape.catalogue.role_place(slot.role).filter(|_| bookable(slot)) {
                slots.entry(place).or_default().push(Slot { start: slot.start, end: slot.end });
            }
        }
        slots.values_mut().for_each(in_order);
        let near = |role: &RoleShape| Near {
            next: AtomicI64::new(UNKNOWN),
            notice_minutes: u32::try_from(role.notice_minutes).unwrap_or(0),
            horizon_days: u16::try_from(role.horizon_days).unwrap_or(u16::MAX),
            calendar: u16::try_from(role.calendar).unwrap_or(u16::MAX),
        };
        let todays = || shape.calendars.iter().map(|calendar| calendar.day_at(now));
        let mask_first = todays().min().unwrap_or_default();
        let later = todays().max().unwrap_or_default() - mask_first;
        let mask_days = shape.roles.iter().map(|role| role.horizon_days.min(MASK_DAYS_MAX) + later).max().unwrap_or_default();
        let mut state = State {
            busy,
            slots,
            told,
            near: shape.roles.iter().map(near).collect(),
            masks: vec![0; usize::try_from(mask_days).unwrap_or_default() * shape.roles.len()],
            mask_first,
            mask_days,
            ever: vec![0; shape.roles.len()],
            shape: shape.clone(),
            latest: AtomicI64::new(now.micros()),
            changes: 0,
        };
        for (place, role) in shape.roles.iter().enumerate() {
            state.mask_again(place, i64::MIN..i64::MAX, role, now);
        }
        state
    }

    /// Whether nothing that is kept ready has become wrong by the passing of time.
    pub(super) fn is_settled(&self, now: Timestamp) -> bool {
        let latest = self.latest.load(Ordering::Relaxed);
        if now.micros() > latest {
            self.latest.store(now.micros(), Ordering::Relaxed);
        }
        now.micros() >= latest - SET_BACK && self.busy.is_settled(now)
    }

    /// Makes it right again.
    pub(super) fn settle(&mut self, now: Timestamp) {
        let set_back = now.micros() < self.latest.load(Ordering::Relaxed) - SET_BACK;
        if set_back {
            self.near.iter_mut().for_each(|near| *near.next.get_mut() = UNKNOWN);
            *self.latest.get_mut() = now.micros();
        }
        let changed = self.busy.settle(now, set_back);
        self.changed(changed, now);
    }

    /// What must be read again for these marks.
    pub(super) fn looked_at(shape: &Shape, dirty: &[Dirty]) -> Looked {
        let mut by_cells: HashMap<(i64, i64), Vec<[u8; 16]>> = HashMap::new();
        let mut feeds = Vec::new();
        for mark in dirty {
            if shape.resource(&mark.whose).is_some() {
                let cells = cells_of_day(mark.day);
                by_cells.entry((cells.start, cells.end)).or_default().push(mark.whose);
                continue;
            }
            let id = RoleId(db::reexport::Uuid::from_bytes(mark.whose));
            let Some(place) = shape.catalogue.role_place(id) else { continue };
            let (resources, cells) = shape.looked_at(place, mark.day);
            by_cells.entry((cells.start, cells.end)).or_default().extend(resources);
            feeds.extend(shape.roles.get(place).filter(|role| role.of_feed).map(|_| id));
        }
        feeds.sort_unstable();
        feeds.dedup();
        let mut cells: Vec<_> = by_cells.into_iter().map(|((from, to), resources)| (from..to, resources)).collect();
        cells.sort_unstable_by_key(|(cells, _)| (cells.start, cells.end));
        for (_, resources) in &mut cells {
            resources.sort_unstable();
            resources.dedup();
        }
        Looked { cells, feeds }
    }

    /// Puts what was just read in place of what was known of it.
    pub(super) fn apply(&mut self, looked: &Looked, found: &Found, now: Timestamp) {
        let shape = self.shape.clone();
        let mut by_resource: HashMap<u32, Vec<Taken>> = HashMap::new();
        for claim in &found.claims {
            if let Some(resource) = shape.resource(&claim.resource) {
                by_resource.entry(resource).or_default().push(claim.taken());
            }
        }
        let mut changed = Vec::new();
        for (cells, resources) in &looked.cells {
            for resource in resources.iter().filter_map(|id| shape.resource(id)) {
                let taken = by_resource.get(&resource).map(Vec::as_slice).unwrap_or_default();
                changed.extend(self.busy.replace(resource, cells, taken, now).map(|cells| (resource, cells)));
            }
        }
        self.changed(changed, now);
        for id in &looked.feeds {
            let Some((place, role)) = shape.catalogue.role_place(*id).and_then(|place| Some((place, shape.roles.get(place)?))) else {
                continue;
            };
            match found.slots.iter().filter(|slot| slot.role == *id && ours(slot)).map(|slot| slot.start).max() {
                Some(last) => self.told.insert(place, last),
                None => self.told.remove(&place),
            };
            let of_role = found.slots.iter().filter(|slot| slot.role == *id && bookable(slot));
            let mut slots: Vec<Slot> = of_role.map(|slot| Slot { start: slot.start, end: slot.end }).collect();
            in_order(&mut slots);
            if self.slots.get(&place).map(Vec::as_slice).unwrap_or_default() != slots {
                self.slots.insert(place, slots);
                self.mask_again(place, i64::MIN..i64::MAX, role, now);
                self.changes += 1;
            }
        }
    }

    /// Works out again what is kept ready of the roles that use these resources.
    fn changed(&mut self, changed: Vec<(u32, Range<i64>)>, now: Timestamp) {
        if changed.is_empty() {
            return;
        }
        self.changes += 1;
        let shape = self.shape.clone();
        let instant = |cell: i64| Timestamp(cell.saturating_mul(CELL_SECONDS * SECOND));
        let mut again: Vec<(u32, Range<i64>)> = Vec::new();
        for (resource, cells) in changed {
            for place in shape.users(resource) {
                let calendar = shape.roles.get(*place as usize).and_then(|role| shape.calendar(role));
                // A time that begins up to a longest visit earlier reaches into these cells.
                let days = calendar.map(|calendar| calendar.day_at(instant(cells.start)) - 1..calendar.day_at(instant(cells.end)) + 2);
                again.extend(days.map(|days| (*place, days)));
            }
        }
        again.sort_unstable_by_key(|(place, days)| (*place, days.start, days.end));
        again.dedup();
        for (place, days) in again {
            if let Some(role) = shape.roles.get(place as usize) {
                self.mask_again(place as usize, days, role, now);
            }
        }
    }

    fn mask_again(&mut self, place: usize, days: Range<i64>, role: &RoleShape, now: Timestamp) {
        for day in days.start.max(self.mask_first)..days.end.min(self.mask_first + self.mask_days) {
            let mask = self.worked_out(place, role, day, now);
            self.mask_place(place, day).and_then(|at| self.masks.get_mut(at)).into_iter().for_each(|kept| *kept = mask);
        }
        let kept = (self.mask_first..self.mask_first + self.mask_days).filter_map(|day| self.masks.get(self.mask_place(place, day)?));
        let together = kept.fold(0, |together, mask| together | mask);
        self.ever.get_mut(place).into_iter().for_each(|ever| *ever = together);
        self.near.get_mut(place).into_iter().for_each(|near| *near.next.get_mut() = UNKNOWN);
    }

    /// Where the mask of that day is kept; `None` when it is not.
    #[inline]
    fn mask_place(&self, place: usize, day: i64) -> Option<usize> {
        let ahead = day - self.mask_first;
        let kept = (0..self.mask_days).contains(&ahead) && place < self.near.len();
        if kept { usize::try_from(ahead).ok().map(|ahead| ahead * self.near.len() + place) } else { None }
    }

    fn worked_out(&self, place: usize, role: &RoleShape, day: i64, now: Timestamp) -> u64 {
        let (Some(calendar), Some(offer)) = (self.shape.calendar(role), self.shape.offer(place, None)) else { return 0 };
        let mut mask = 0;
        self.each_offered(place, role, offer, day, |slot| {
            if self.is_free(role, offer, slot, now, None) {
                mask |= 1 << calendar.half_hour(day, slot.start);
            }
            true
        });
        mask
    }

    /// See [`super::Reader::day_mask`].
    #[inline]
    pub(super) fn day_mask(&self, place: usize, day: i64, todays: &[i64], now: Timestamp) -> u64 {
        let Some(near) = self.near.get(place) else { return 0 };
        let Some(today) = todays.get(usize::from(near.calendar)) else { return 0 };
        if day < *today || day - today >= i64::from(near.horizon_days) { 0 } else { self.kept(place, day, now) }
    }

    /// See [`super::Reader::ever_mask`].
    #[inline]
    pub(super) fn ever_mask(&self, place: usize, days: i64, todays: &[i64]) -> u64 {
        let Some(near) = self.near.get(place) else { return 0 };
        let Some(today) = todays.get(usize::from(near.calendar)) else { return 0 };
        // Days that have come since this was built are not among those kept.
        let kept = *today >= self.mask_first && today + days.min(i64::from(near.horizon_days)) <= self.mask_first + self.mask_days;
        if kept { self.ever.get(place).copied().unwrap_or(u64::MAX) } else { u64::MAX }
    }

    /// The mask of a day, from what is kept ready when it is there.
    #[inline]
    fn kept(&self, place: usize, day: i64, now: Timestamp) -> u64 {
        let kept = self.mask_place(place, day).and_then(|at| self.masks.get(at)).copied();
        kept.unwrap_or_else(|| self.shape.roles.get(place).map_or(0, |role| self.worked_out(place, role, day, now)))
    }

    /// See [`super::Reader::fetch`].
    pub(super) fn fetch(&self, places: impl Iterator<Item = usize>, day: Option<i64>) {
        let sum = match day {
            None => places
                .filter_map(|place| self.near.get(place).zip(self.ever.get(place)))
                .fold(0, |sum, (near, ever)| sum ^ u64::from(near.notice_minutes) ^ ever),
            Some(day) => places.filter_map(|place| self.masks.get(self.mask_place(place, day)?)).fold(0, |sum, mask| sum ^ mask),
        };
        std::hint::black_box(sum);
    }

    /// See [`super::Reader::next_free`].
    #[inline]
    pub(super) fn next_free(&self, place: usize, todays: &[i64], now: Timestamp) -> Option<Timestamp> {
        let near = self.near.get(place)?;
        let known = near.next.load(Ordering::Relaxed);
        // Most are asked again and again.
        if known >= now.micros() + i64::from(near.notice_minutes) * MINUTE {
            return Some(Timestamp(known));
        }
        self.look_for_next(place, near, todays, now)
    }

    fn look_for_next(&self, place: usize, near: &Near, todays: &[i64], now: Timestamp) -> Option<Timestamp> {
        let nothing = NOTHING + todays.get(usize::from(near.calendar)).copied().unwrap_or_default();
        if near.next.load(Ordering::Relaxed) == nothing {
            return None;
        }
        let mut first = None;
        self.each_free(place, None, (now, Timestamp(i64::MAX)), (todays, now), None, |slot| {
            first = Some(slot.start);
            false
        });
        near.next.store(first.map_or(nothing, Timestamp::micros), Ordering::Relaxed);
        first
    }

    /// Free times of an offer that begin in `from..to`, notice and horizon kept, in order, until `each` says `false`.
    pub(super) fn each_free(
        &self,
        place: usize,
        service: Option<&str>,
        (from, to): (Timestamp, Timestamp),
        (todays, now): (&[i64], Timestamp),
        mine: Option<[u8; 16]>,
        mut each: impl FnMut(Slot) -> bool,
    ) {
        let Some((role, offer)) = self.shape.roles.get(place).zip(self.shape.offer(place, service)) else { return };
        let Some(calendar) = self.shape.calendar(role) else { return };
        let from = from.max(now.plus_minutes(role.notice_minutes));
        if from >= to {
            return;
        }
        let today = Shape::today(role, todays);
        let first = today.max(calendar.day_at(from).saturating_sub(1));
        let last = if to == Timestamp(i64::MAX) { i64::MAX } else { calendar.day_at(to) };
        let end = today.saturating_add(role.horizon_days).min(last.saturating_add(2));
        // What is kept ready is of the first offer, and of nobody's own holds.
        let by_masks = mine.is_none() && self.shape.offer(place, None).is_some_and(|first| std::ptr::eq(first, offer));
        let mut go_on = true;
        for day in first..end {
            let mask = if by_masks { self.kept(place, day, now) } else { u64::MAX };
            if mask == 0 {
                continue;
            }
            self.each_offered(place, role, offer, day, |slot| {
                if slot.start < from {
                    return true;
                }
                if slot.start >= to {
                    return false;
                }
                let may_be = !by_masks || mask & (1 << calendar.half_hour(day, slot.start)) != 0;
                if may_be && self.is_free(role, offer, slot, now, mine) {
                    go_on = each(slot);
                }
                go_on
            });
            if !go_on {
                return;
            }
        }
    }

    /// The time that begins then, if schedule or feed knows it within the horizon, booked or not; and the cells it takes.
    pub(super) fn offered(&self, place: usize, service: Option<&str>, start: Timestamp, todays: &[i64]) -> Option<(Slot, Range<i64>)> {
        let (role, offer) = self.shape.roles.get(place).zip(self.shape.offer(place, service))?;
        let calendar = self.shape.calendar(role)?;
        let today = Shape::today(role, todays);
        let day = calendar.day_at(start);
        let mut found = None;
        for day in (day - 1).max(today)..(day + 2).min(today.saturating_add(role.horizon_days)) {
            self.each_offered(place, role, offer, day, |slot| {
                if slot.start == start {
                    found = Some(slot);
                }
                found.is_none()
            });
        }
        found.map(|slot| (slot, taken(role, offer, slot)))
    }

    /// Every time that schedule or feed knows on that day, free or not, in order, until `each` says `false`.
    fn each_offered(&self, place: usize, role: &RoleShape, offer: &OfferShape, day: i64, mut each: impl FnMut(Slot) -> bool) {
        // Whoever claims nothing cannot be booked here: nobody would notice the second booking.
        let Some(calendar) = self.shape.calendar(role).filter(|_| offer.claims().next().is_some()) else { return };
        if role.of_feed {
            let Some((slots, (from, to))) = self.slots.get(&place).zip(calendar.bounds(day)) else { return };
            let first = slots.partition_point(|slot| slot.start < from);
            let _ = slots.iter().skip(first).take_while(|slot| slot.start < to).all(|slot| each(*slot));
            return;
        }
        let Some(schedule) = self.shape.catalogue.roles.get(place).map(|role| &role.schedule) else { return };
        let (before, minutes, after) = (offer.before * MINUTE, offer.minutes * MINUTE, offer.after * MINUTE);
        if minutes <= 0 || before < 0 || after < 0 {
            return;
        }
        calendar.windows(schedule, day, |from, to| {
            let mut start = from.micros() + before;
            while start + minutes + after <= to.micros() {
                if !each(Slot { start: Timestamp(start), end: Timestamp(start + minutes) }) {
                    return false;
                }
                start += before + minutes + after;
            }
            true
        });
    }

    /// Whether the role's feed tells a time to come that is booked one by one, free or given away, and the role claims something by it.
    pub(super) fn is_told(&self, place: usize, now: Timestamp) -> bool {
        let claims = self.shape.offer(place, None).is_some_and(|offer| offer.claims().next().is_some());
        claims && self.told.get(&place).is_some_and(|last| *last > now)
    }

    fn is_free(&self, role: &RoleShape, offer: &OfferShape, slot: Slot, now: Timestamp, mine: Option<[u8; 16]>) -> bool {
        let cells = taken(role, offer, slot);
        offer.claims().all(|resource| self.busy.is_free(resource, &cells, now, mine))
    }
}

/// The cells of everything that is claimed: a feed's time is taken as it is, the offer's buffers belong to our own grid.
fn taken(role: &RoleShape, offer: &OfferShape, slot: Slot) -> Range<i64> {
    if role.of_feed { crate::cells::cells(slot.start, slot.end) } else { offer.cells(slot.start, slot.end) }
}

/// Whether a feed's slot is of the kind that we book, if it is free.
fn ours(slot: &StoredSlot) -> bool {
    let cells = crate::cells::cells(slot.start, slot.end);
    slot.capacity == 1 && !cells.is_empty() && usize::try_from(cells.end - cells.start).is_ok_and(|cells| cells <= CELLS_MAX)
}

/// Whether a feed's slot may be booked by us, if it is not past.
fn bookable(slot: &StoredSlot) -> bool {
    slot.free && ours(slot)
}

/// One slot for each begin, the shortest.
fn in_order(slots: &mut Vec<Slot>) {
    slots.sort_unstable();
    slots.dedup_by_key(|slot| slot.start);
    slots.shrink_to_fit();
}
