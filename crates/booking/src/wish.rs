//! A visit without a live time is asked for: days and parts of days, chosen from lists. Nothing is claimed and no time is promised.

use std::fmt;
use std::str::FromStr;

use clock::Timestamp;
use directory::catalogue::PractitionerRole;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{ToSpan as _, Zoned};

use crate::free::FreeTime;

/// Wishes of one request at most.
pub const WISHES_MAX: usize = 28;

/// A part of a day at the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Before noon.
    Morning,
    /// From noon to 17:00.
    Day,
    /// From 17:00.
    Evening,
    /// Whenever.
    Any,
}

impl Part {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Part; 4] = [Part::Morning, Part::Day, Part::Evening, Part::Any];

    /// The code of forms and API.
    pub fn code(self) -> &'static str {
        match self {
            Part::Morning => "morning",
            Part::Day => "day",
            Part::Evening => "evening",
            Part::Any => "any",
        }
    }

    /// The part with that code.
    pub fn from_code(code: &str) -> Option<Part> {
        Part::ALL.into_iter().find(|part| part.code() == code)
    }

    fn hours(self) -> (i8, i8) {
        match self {
            Part::Morning => (0, 12),
            Part::Day => (12, 17),
            Part::Evening => (17, 24),
            Part::Any => (0, 24),
        }
    }
}

/// A day and a part of it. Written as `2026-11-24/morning`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wish {
    /// The day in the place's calendar.
    pub day: Date,
    /// Which part.
    pub part: Part,
}

impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.day, self.part.code())
    }
}

impl FromStr for Wish {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (day, part) = text.split_once('/').ok_or(())?;
        Ok(Wish { day: day.parse().map_err(|_| ())?, part: Part::from_code(part).ok_or(())? })
    }
}

impl Wish {
    fn bounds(self, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let (from, to) = self.part.hours();
        let at = |hour: i8| {
            let (day, hour) = if hour == 24 { (self.day.checked_add(1.day()).ok()?, 0) } else { (self.day, hour) };
            Some(Timestamp::from(day.at(hour, 0, 0, 0).to_zoned(zone.clone()).ok()?.timestamp()))
        };
        Some((at(from)?, at(to)?))
    }
}

impl Wish {
    /// Whether a visit from `start` to `end` lies within it.
    pub(crate) fn holds(self, start: Timestamp, end: Timestamp, zone: &TimeZone) -> bool {
        self.bounds(zone).is_some_and(|(from, to)| from <= start && end <= to)
    }
}

/// As a row keeps them: `2026-11-24/morning 2026-11-25/any`.
pub(crate) fn written(wishes: &[Wish]) -> String {
    wishes.iter().map(Wish::to_string).collect::<Vec<_>>().join(" ")
}

/// What a row keeps; `None` when it is no list of wishes.
pub(crate) fn read(text: &str) -> Option<Vec<Wish>> {
    text.split_whitespace().map(|wish| wish.parse().ok()).collect()
}

/// The wishes in order, each once, if they name days from today to `days_max - 1` days ahead and are not over: then with the begin of the
/// first and the end of the last. `None` when there is none, or one too many, or one that cannot be had.
pub(crate) fn checked(wishes: &[Wish], now: &Zoned, days_max: i64) -> Option<(Vec<Wish>, Timestamp, Timestamp)> {
    if wishes.len() > WISHES_MAX {
        return None;
    }
    let mut wishes = wishes.to_vec();
    wishes.sort_unstable();
    wishes.dedup();
    if wishes.is_empty() {
        return None;
    }
    let last_day = now.date().checked_add((days_max - 1).days()).ok()?;
    let (zone, instant) = (now.time_zone(), Timestamp::from(now.timestamp()));
    let (mut from, mut to) = (Timestamp(i64::MAX), Timestamp(0));
    for wish in &wishes {
        let (begin, end) = wish.bounds(zone)?;
        if wish.day < now.date() || wish.day > last_day || end <= instant {
            return None;
        }
        (from, to) = (from.min(begin), to.max(end));
    }
    Some((wishes, from, to))
}

/// Whether this schedule shows no live times, so that a visit may be asked for: it has no hours at all, or its feed tells no times that are
/// booked one by one. A doctor who has hours or times and is booked out is another matter.
pub fn by_request(free: &FreeTime, role: &PractitionerRole) -> bool {
    let schedule = &role.schedule;
    let hours = || !schedule.rules.is_empty() || schedule.exceptions.iter().any(|day| !day.windows.is_empty());
    let times = if role.source.is_some() { free.is_told(role.id) } else { hours() };
    !role.services.is_empty() && !times
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn wishes(text: &str) -> Vec<Wish> {
        read(text).unwrap()
    }

    #[test]
    fn wishes_are_days_ahead_from_a_list() {
        let zone = TimeZone::fixed(jiff::tz::offset(3));
        let now = Timestamp::parse_rfc3339("2026-11-24T12:30:00+03:00").unwrap().to_jiff().to_zoned(zone);
        let ok = |text: &str| checked(&wishes(text), &now, 14).is_some();
        assert!(ok("2026-11-24/any") && ok("2026-11-24/day") && ok("2026-12-07/morning"));
        assert!(!ok("2026-11-24/morning"), "this morning is over");
        assert!(!ok("2026-12-08/any") && !ok("2026-11-23/any") && !ok(""));
        let (kept, from, to) = checked(&wishes("2026-11-26/evening 2026-11-25/morning 2026-11-26/evening"), &now, 14).unwrap();
        assert_eq!(written(&kept), "2026-11-25/morning 2026-11-26/evening");
        assert_eq!(from, Timestamp::parse_rfc3339("2026-11-25T00:00:00+03:00").unwrap());
        assert_eq!(to, Timestamp::parse_rfc3339("2026-11-27T00:00:00+03:00").unwrap());
        let many: Vec<Wish> =
            (1..=40).map(|n| Wish { day: now.date().checked_add((n % 13).days()).unwrap(), part: Part::ALL[n as usize / 13] }).collect();
        assert!(checked(&many, &now, 14).is_none());
        assert_eq!(read("tomorrow"), None);
        assert_eq!(read("2026-11-24/noon"), None);
    }
}
