//! The times of a question: which of a role's free times fit the day and hours asked for, each in the clinic's own wall time.

use booking::Slot;
use clock::Timestamp;
use directory::schedule::{day_number, day_of_number};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::engine::{DAY_MINUTES, Free, Query, When};
use crate::index::Index;
use crate::sets::Offer;
use crate::wanted::Passed;

/// Days ahead that a search by hours alone looks through.
const DAYS_MAX: i64 = 60;
/// Days ahead whose hours are worked out once for all roles: as far as any horizon reaches.
const DAYS_KEPT: usize = 367;

/// The hours asked for on one civil day of one zone.
#[derive(Clone, Copy)]
struct Hours {
    from: Timestamp,
    to: Timestamp,
    /// The day's first instant, where the hours asked for are whole half-hours and the clock stands unchanged through the day: then
    /// its half-hours tell alone whether a time fits.
    midnight: Option<Timestamp>,
}

/// One zone's calendar as far as the question needs it.
struct Wall<'a> {
    zone: &'a TimeZone,
    today: i64,
    /// By day ahead; worked out at first need.
    days: Vec<Option<Option<Hours>>>,
}

/// Free times that fit a question.
pub(crate) struct Timing<'a, F> {
    index: &'a Index,
    free: &'a F,
    now: Timestamp,
    when: When,
    /// The half-hours that the hours asked for touch.
    bits: u64,
    service: Option<&'a str>,
    /// As [`Index::zones`].
    walls: Vec<Wall<'a>>,
    /// The day asked for, by its number.
    day: Option<i64>,
    /// On the day asked for half-hours tell alone, whatever a role's notice.
    plain: bool,
}

impl<'a, F: Free> Timing<'a, F> {
    /// For the day, the hours and the service of the question.
    pub(crate) fn new(index: &'a Index, free: &'a F, now: Timestamp, query: &'a Query) -> Timing<'a, F> {
        let at = now.to_jiff();
        let walls = index.zones().iter().map(|zone| Wall { zone, today: day_number(at.to_zoned(zone.clone()).date()), days: Vec::new() });
        let (when, walls) = (query.when, walls.collect());
        let day = when.date.map(day_number);
        let mut timing =
            Timing { index, free, now, when, bits: half_hours(when), service: query.service.as_deref(), walls, day, plain: false };
        if let Some(day) = day {
            let open_from = now.plus_minutes(index.longest_notice()).max(now);
            let plain = |hours: Hours| hours.midnight.is_some_and(|_| hours.from >= open_from);
            timing.plain = (0..timing.walls.len()).all(|zone| timing.hours(zone, day).is_some_and(plain));
        }
        timing
    }

    /// These roles are going to be asked about.
    pub(crate) fn fetch(&self, roles: &[Passed]) {
        self.free.fetch(roles.iter().map(|passed| passed.role), self.day);
    }

    /// Whether the role fits as far as time goes: always, where no time is asked for.
    pub(crate) fn fits(&mut self, role: usize, offer: Offer) -> bool {
        if !self.when.is_set() {
            return true;
        }
        if let (true, Some(day), 0) = (self.plain, self.day, offer.place)
            && let Some(mask) = self.free.day_mask(role, day)
        {
            return mask & self.bits != 0;
        }
        self.not_before(role, offer).is_some()
    }

    /// An instant before which the role has no time that fits, and whether that is its first one; `None` when a time is asked for and
    /// it has none at all.
    pub(crate) fn not_before(&mut self, role: usize, offer: Offer) -> Option<(Timestamp, bool)> {
        if !self.when.is_set() {
            return Some((self.now, false));
        }
        // Most who have such hours at all have them soon; nobody else is asked day by day.
        let ever = if self.day.is_none() && offer.place == 0 { self.free.ever_mask(role, DAYS_MAX) } else { None };
        if ever.is_some_and(|mask| mask & self.bits == 0) {
            return None;
        }
        self.days_asked(role).find_map(|day| self.not_before_on(role, offer, day))
    }

    /// The same for one day.
    fn not_before_on(&mut self, role: usize, offer: Offer, day: i64) -> Option<(Timestamp, bool)> {
        let mask = if offer.place == 0 { self.free.day_mask(role, day) } else { None };
        let fitting = mask.map(|mask| mask & self.bits);
        if fitting == Some(0) {
            return None;
        }
        let row = self.index.rows().get(role)?;
        let (hours, open_from) = (self.hours(row.zone, day)?, self.now.plus_minutes(row.notice_minutes));
        match (fitting, hours.midnight) {
            (Some(bits), Some(midnight)) if hours.from >= open_from => {
                Some((midnight.plus_minutes(i64::from(bits.trailing_zeros()) * 30), false))
            }
            _ => self.of_day(role, offer, day, 1).first().map(|slot| (slot.start, true)),
        }
    }

    /// The day asked for; else all that the role's horizon reaches, up to [`DAYS_MAX`].
    fn days_asked(&self, role: usize) -> std::ops::Range<i64> {
        match self.day {
            Some(day) => day..day + 1,
            None => self.days(role, self.index.rows().get(role).map_or(0, |row| row.horizon_days.clamp(1, DAYS_MAX))),
        }
    }

    /// The first free time that fits.
    pub(crate) fn first(&mut self, role: usize, offer: Offer) -> Option<Timestamp> {
        if offer.place == 0 && !self.when.is_set() {
            return self.free.next_free(role, self.now);
        }
        self.times(role, offer, 1).first().map(|slot| slot.start)
    }

    /// The first free times that fit, at most `limit`; all of one day where a day or hours are asked for.
    pub(crate) fn times(&mut self, role: usize, offer: Offer, limit: usize) -> Vec<Slot> {
        if !self.when.is_set() {
            // Nothing is free before the first time that is known.
            let from = if offer.place == 0 { self.free.next_free(role, self.now) } else { Some(self.now) };
            return from.map(|from| self.free.slots(role, self.service_of(offer), from, Timestamp(i64::MAX), limit)).unwrap_or_default();
        }
        self.days_asked(role).map(|day| self.of_day(role, offer, day, limit)).find(|slots| !slots.is_empty()).unwrap_or_default()
    }

    /// The free times of one day within the hours asked for, earliest first.
    pub(crate) fn of_day(&mut self, role: usize, offer: Offer, day: i64, limit: usize) -> Vec<Slot> {
        let none = |mask: u64| mask & self.bits == 0;
        if offer.place == 0 && self.free.day_mask(role, day).is_some_and(none) {
            return Vec::new();
        }
        let Some(zone) = self.index.rows().get(role).map(|row| row.zone) else { return Vec::new() };
        let Some(hours) = self.hours(zone, day) else { return Vec::new() };
        self.free.slots(role, self.service_of(offer), hours.from.max(self.now), hours.to, limit)
    }

    /// The days from today on, at most so many, at the role's place.
    pub(crate) fn days(&self, role: usize, most: i64) -> std::ops::Range<i64> {
        let zone = self.index.rows().get(role).map_or(0, |row| row.zone);
        let today = self.walls.get(zone).map_or(0, |wall| wall.today);
        today..today + most
    }

    fn service_of(&self, offer: Offer) -> Option<&'a str> {
        self.service.filter(|_| offer.place > 0)
    }

    fn hours(&mut self, zone: usize, day: i64) -> Option<Hours> {
        let when = self.when;
        let wall = self.walls.get_mut(zone)?;
        let Some(ahead) = usize::try_from(day - wall.today).ok().filter(|ahead| *ahead < DAYS_KEPT) else {
            return hours(wall.zone, day, when);
        };
        if wall.days.len() <= ahead {
            wall.days.resize(ahead + 1, None);
        }
        let known = wall.days.get_mut(ahead)?;
        *known.get_or_insert_with(|| hours(wall.zone, day, when))
    }
}

fn hours(zone: &TimeZone, day: i64, when: When) -> Option<Hours> {
    let date = day_of_number(day)?;
    let (from, to) = bounds(zone, date, when)?;
    let (midnight, next) = bounds(zone, date, When::default())?;
    let changed =
        zone.following(midnight.plus_seconds(-1).to_jiff()).next().is_some_and(|change| Timestamp::from(change.timestamp()) <= next);
    let plain = !changed && when.from_minute % 30 == 0 && when.to_minute % 30 == 0 && next.micros() - midnight.micros() == clock::DAY;
    Some(Hours { from, to, midnight: plain.then_some(midnight) })
}

/// The half-hours of a day that the hours asked for touch, bit 0 being 00:00–00:30.
fn half_hours(when: When) -> u64 {
    let below = |half: i64| if half >= 64 { u64::MAX } else { (1u64 << half.max(0)) - 1 };
    below((when.to_minute + 29) / 30) & !below(when.from_minute / 30)
}

/// The instants between which a visit may begin on that day of the clinic's calendar.
fn bounds(zone: &TimeZone, date: Date, when: When) -> Option<(Timestamp, Timestamp)> {
    let at = |minute: i64| {
        let (date, minute) = if minute >= DAY_MINUTES { (date.tomorrow().ok()?, 0) } else { (date, minute.max(0)) };
        let wall = date.at(i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?, 0, 0);
        Some(Timestamp::from(wall.to_zoned(zone.clone()).ok()?.timestamp()))
    };
    Some((at(when.from_minute)?, at(when.to_minute)?))
}
