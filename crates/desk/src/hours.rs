//! When the desk is staffed, and when something is due: terms count in opening hours, so that nobody is promised a call in the night.

use clock::Timestamp;
use directory::catalogue::Schedule;
use directory::schedule;
use jiff::ToSpan as _;
use jiff::tz::TimeZone;

/// Days looked ahead for opening hours; a desk that is shut for longer keeps no promise.
const DAYS_AHEAD_MAX: i64 = 60;

/// The hours of the desk.
#[derive(Debug, Clone, PartialEq)]
pub struct Hours {
    week: Schedule,
    zone: TimeZone,
}

impl Hours {
    /// The week as people write it (`mon-fri 08:00-20:00; sat 09:00-17:00`), in the wall time of that zone.
    ///
    /// # Errors
    /// One line: what is wrong with it.
    pub fn parse(week: &str, zone: TimeZone) -> Result<Hours, String> {
        let week = schedule::week_of(week)?;
        if week.rules.is_empty() {
            return Err("the desk is never open".into());
        }
        Ok(Hours { week, zone })
    }

    /// The zone of the desk.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// When `minutes` of opening hours have passed since `since`. A term that begins while the desk is shut begins with its next hour.
    pub fn due(&self, since: Timestamp, minutes: i64) -> Timestamp {
        let mut left = minutes.max(0) * clock::MINUTE;
        let first = since.to_jiff().to_zoned(self.zone.clone()).date();
        for ahead in 0..DAYS_AHEAD_MAX {
            let Ok(day) = first.checked_add(ahead.days()) else { break };
            for (from, to) in schedule::windows(&self.week, &self.zone, day) {
                let from = from.max(since);
                let open = to.micros() - from.micros();
                if open <= 0 {
                    continue;
                }
                if left <= open {
                    return Timestamp(from.micros() + left);
                }
                left -= open;
            }
        }
        since.plus_minutes(minutes)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    fn hours() -> Hours {
        Hours::parse("mon-fri 09:00-13:00, 14:00-18:00; sat 10:00-14:00", TimeZone::get("Europe/Berlin").unwrap()).unwrap()
    }

    #[test]
    fn terms_pass_nights_weekends_and_the_change_of_clocks() {
        for (since, minutes, due) in [
            // Monday.
            ("2026-11-23T10:00:00+01:00", 60, "2026-11-23T11:00:00+01:00"),
            // Over lunch.
            ("2026-11-23T12:30:00+01:00", 60, "2026-11-23T14:30:00+01:00"),
            // At night the term begins in the morning.
            ("2026-11-23T03:00:00+01:00", 60, "2026-11-23T10:00:00+01:00"),
            ("2026-11-23T17:30:00+01:00", 60, "2026-11-24T09:30:00+01:00"),
            // Saturday, Sunday, Monday.
            ("2026-11-28T13:30:00+01:00", 60, "2026-11-30T09:30:00+01:00"),
            // The night of 25 October 2026 is an hour longer.
            ("2026-10-24T13:00:00+02:00", 120, "2026-10-26T10:00:00+01:00"),
            ("2026-11-23T12:00:00+01:00", 60, "2026-11-23T13:00:00+01:00"),
            ("2026-11-23T12:00:00+01:00", 0, "2026-11-23T12:00:00+01:00"),
        ] {
            assert_eq!(hours().due(at(since), minutes), at(due), "{since} + {minutes}");
        }
        assert!(Hours::parse("off", TimeZone::UTC).is_err());
        assert!(Hours::parse("whenever", TimeZone::UTC).is_err());
    }

    proptest! {
        /// Later begins are due no earlier, longer terms no earlier, and a term is never shorter than its minutes.
        #[test]
        fn terms_keep_their_order(since in 0i64..100_000, wait in 0i64..5_000, minutes in 1i64..3_000, more in 0i64..600) {
            let hours = hours();
            let start = at("2026-10-20T00:00:00+02:00");
            let (one, later) = (start.plus_minutes(since), start.plus_minutes(since + wait));
            let due = hours.due(one, minutes);
            prop_assert!(due >= one.plus_minutes(minutes));
            prop_assert!(hours.due(later, minutes) >= due);
            prop_assert!(hours.due(one, minutes + more) >= due);
            // A term can be counted in two parts.
            prop_assert_eq!(hours.due(due, more), hours.due(one, minutes + more));
        }
    }
}
