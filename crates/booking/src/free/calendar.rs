//! Civil days of a zone as instants, worked out ahead: nearly every day has 24 hours and needs no calendar when it is asked about.

use clock::{DAY, MINUTE, Timestamp};
use directory::catalogue::Schedule;
use directory::schedule::{day_of_number, each_hours, windows};
use jiff::tz::TimeZone;

use crate::appointment::civil_day;

/// Days worked out ahead: the longest horizon, and a month in which nobody rebuilds.
const DAYS_AHEAD: i64 = 400;

/// The days of one zone.
pub(super) struct Calendar {
    pub(super) zone: TimeZone,
    first: i64,
    days: Vec<CivilDay>,
}

/// A day's first instant, and whether its clock stands unchanged until the next day's.
#[derive(Clone, Copy)]
struct CivilDay {
    midnight: Timestamp,
    regular: bool,
}

impl Calendar {
    pub(super) fn new(zone: TimeZone, now: Timestamp) -> Calendar {
        let first = civil_day(now, &zone) - 1;
        let days = (first..first + DAYS_AHEAD).map_while(|day| civil(&zone, day)).collect();
        Calendar { zone, first, days }
    }

    /// The civil day of an instant.
    pub(super) fn day_at(&self, at: Timestamp) -> i64 {
        // Whoever counts days of 24 hours from the first midnight is never off by more than a day.
        let near = self.days.first().map(|first| (at.micros() - first.midnight.micros()).div_euclid(DAY));
        let known = near.into_iter().flat_map(|near| near - 1..near + 2).find(|ahead| {
            let of = |ahead: i64| usize::try_from(ahead).ok().and_then(|ahead| self.days.get(ahead));
            of(*ahead).is_some_and(|day| day.regular && day.midnight <= at && at.micros() - day.midnight.micros() < DAY)
        });
        known.map_or_else(|| civil_day(at, &self.zone), |ahead| self.first + ahead)
    }

    /// From the day's first instant to the next day's.
    pub(super) fn bounds(&self, day: i64) -> Option<(Timestamp, Timestamp)> {
        Some((self.civil(day)?.midnight, self.civil(day + 1)?.midnight))
    }

    /// The windows of a schedule on that day, in order, until `each` says `false`.
    pub(super) fn windows(&self, schedule: &Schedule, day: i64, mut each: impl FnMut(Timestamp, Timestamp) -> bool) {
        let Some(civil) = self.civil(day) else { return };
        let mut go_on = true;
        if civil.regular {
            each_hours(schedule, day, |from, to| {
                go_on = go_on && each(civil.midnight.plus_minutes(from), civil.midnight.plus_minutes(to));
            });
        } else if let Some(date) = day_of_number(day) {
            for (from, to) in windows(schedule, &self.zone, date) {
                if !each(from, to) {
                    return;
                }
            }
        }
    }

    /// The half-hour of the clinic's wall in which an instant of that day lies, 0..48.
    pub(super) fn half_hour(&self, day: i64, at: Timestamp) -> u32 {
        let since = match self.civil(day) {
            Some(civil) if civil.regular => at.micros() - civil.midnight.micros(),
            _ => at.plus_seconds(i64::from(self.zone.to_offset(at.to_jiff()).seconds())).micros().rem_euclid(DAY),
        };
        u32::try_from(since / (30 * MINUTE)).unwrap_or(0).min(47)
    }

    fn civil(&self, day: i64) -> Option<CivilDay> {
        let known = usize::try_from(day - self.first).ok().and_then(|at| self.days.get(at)).copied();
        known.or_else(|| civil(&self.zone, day))
    }
}

fn civil(zone: &TimeZone, day: i64) -> Option<CivilDay> {
    let midnight = |day| day_of_number(day)?.to_zoned(zone.clone()).ok().map(|midnight| Timestamp::from(midnight.timestamp()));
    let (midnight, next) = (midnight(day)?, midnight(day + 1)?);
    // A change at either end can give midnight a second coming: such a day is looked at with care too.
    let change = zone.following(midnight.plus_seconds(-1).to_jiff()).next();
    let quiet = change.is_none_or(|change| Timestamp::from(change.timestamp()) > next);
    Some(CivilDay { midnight, regular: quiet && next.micros() - midnight.micros() == DAY })
}
