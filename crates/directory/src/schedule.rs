//! From a weekly schedule to instants. Pure: nothing here knows what is booked.
//!
//! Wall time is the clinic's. Where a zone's clock jumps ahead, the wall times left out do not exist and nothing is offered in
//! them; where it is set back, a wall time that comes twice means its first coming, so that "02:30" on a page means one instant.

use clock::jiff::civil::{Date, DateTime};
use clock::jiff::tz::{AmbiguousOffset, TimeZone};
use clock::{MINUTE, Timestamp};

use crate::catalogue::Schedule;
use crate::cells;

/// A week as people write it: `mon-fri 08:00-20:00; sat 09:00-17:00`.
///
/// # Errors
/// One line: what is wrong with it.
pub fn week_of(text: &str) -> Result<Schedule, String> {
    let rules = cells::hours(text).map_err(|reason| reason.to_string())?;
    Ok(Schedule { rules, exceptions: Vec::new() })
}

/// The hours of a civil day as pairs of minutes since midnight: the exception's when there is one, else the weekday's.
pub fn hours(schedule: &Schedule, day: Date) -> Vec<(i64, i64)> {
    let mut hours = Vec::new();
    each_hours(schedule, day_number(day), |from, to| hours.push((from, to)));
    hours
}

/// Like [`hours`], of a day given by its number, without a list.
pub fn each_hours(schedule: &Schedule, day_number: i64, mut each: impl FnMut(i64, i64)) {
    if !schedule.exceptions.is_empty()
        && let Some(day) = day_of_number(day_number)
        && let Ok(at) = schedule.exceptions.binary_search_by_key(&day, |exception| exception.day)
    {
        schedule.exceptions.get(at).iter().flat_map(|exception| &exception.windows).for_each(|(from, to)| each(*from, *to));
        return;
    }
    // 1970-01-01 was a Thursday.
    let (weekday, week) = ((day_number + 3).rem_euclid(7) + 1, week(day_number));
    schedule
        .rules
        .iter()
        .filter(|rule| rule.weekday == weekday && rule.holds_in(week))
        .for_each(|rule| each(rule.from_minute, rule.to_minute));
}

/// The number of a civil day: days since 1970-01-01.
pub fn day_number(day: Date) -> i64 {
    let epoch = Date::constant(1970, 1, 1);
    i64::from(day.since(epoch).map_or(0, |span| span.get_days()))
}

/// The civil day of that number; `None` beyond the calendar.
pub fn day_of_number(number: i64) -> Option<Date> {
    Date::constant(1970, 1, 1).checked_add(clock::jiff::Span::new().try_days(number).ok()?).ok()
}

/// The number of a civil day's week since Monday 1970-01-05.
pub fn week(day_number: i64) -> i64 {
    (day_number - 4).div_euclid(7)
}

/// The windows of a civil day as instants: ordered, apart from each other, each of positive length. A window that the zone's
/// clock skips is left out, one that it cuts is shortened, one in which it is set back is two windows with the repeated time
/// left out between them: no wall time is offered twice.
pub fn windows(schedule: &Schedule, zone: &TimeZone, day: Date) -> Vec<(Timestamp, Timestamp)> {
    let mut windows = Vec::new();
    for (from_minute, to_minute) in hours(schedule, day) {
        let (Some(mut from), Some(to)) = (instant(zone, day, from_minute), instant(zone, day, to_minute)) else {
            continue;
        };
        if from.plus_minutes(to_minute - from_minute) == to {
            // Nearly every window: the clock was not changed in it.
            windows.push((from, to));
            continue;
        }
        for change in zone.following(from.to_jiff()) {
            let at = Timestamp::from(change.timestamp());
            if at >= to {
                break;
            }
            let back = zone.to_offset(at.plus_seconds(-1).to_jiff()).seconds() - change.offset().seconds();
            if back > 0 {
                windows.push((from, at));
                from = at.plus_seconds(i64::from(back));
            }
        }
        windows.push((from, to));
    }
    windows.retain(|(from, to)| from < to);
    windows
}

/// The starts that the grid of each window offers: from the window's start in steps of `minutes`, each slot wholly inside its
/// window. Nothing for a length below one minute.
pub fn slot_starts(windows: &[(Timestamp, Timestamp)], minutes: i64) -> Vec<Timestamp> {
    let Some(step) = minutes.checked_mul(MINUTE).filter(|step| *step > 0) else {
        return Vec::new();
    };
    let mut starts = Vec::new();
    for (from, to) in windows {
        let mut start = from.0;
        while start.checked_add(step).is_some_and(|end| end <= to.0) {
            starts.push(Timestamp(start));
            start += step;
        }
    }
    starts
}

/// The instant of a wall time, given in minutes since the day's midnight (1440 is the next midnight). A wall time that does not
/// exist becomes the instant of the jump that left it out.
fn instant(zone: &TimeZone, day: Date, minute: i64) -> Option<Timestamp> {
    let wall = wall(day, minute)?;
    let instant = match zone.to_ambiguous_timestamp(wall).offset() {
        AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => offset.to_timestamp(wall).ok()?,
        // Read with the later offset the wall time lies before the jump: the jump is the first change that follows.
        AmbiguousOffset::Gap { after, .. } => zone.following(after.to_timestamp(wall).ok()?).next()?.timestamp(),
    };
    Some(Timestamp::from(instant))
}

fn wall(day: Date, minute: i64) -> Option<DateTime> {
    let (day, minute) = if minute == 1440 { (day.tomorrow().ok()?, 0) } else { (day, minute) };
    let (hour, minute) = (i8::try_from(minute.div_euclid(60)).ok()?, i8::try_from(minute.rem_euclid(60)).ok()?);
    if !(0..24).contains(&hour) { None } else { Some(day.at(hour, minute, 0, 0)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Exception, Rule};
    use clock::jiff::civil::date;
    use proptest::prelude::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }
    fn always(windows: &[(i64, i64)]) -> Schedule {
        let rules = (1..=7).flat_map(|weekday| windows.iter().map(move |(from, to)| Rule::weekly(weekday, *from, *to))).collect();
        Schedule { rules, exceptions: Vec::new() }
    }
    fn shown(windows: &[(Timestamp, Timestamp)], zone: &TimeZone) -> Vec<String> {
        windows.iter().map(|(from, to)| format!("{} {}", from.rfc3339(zone), to.rfc3339(zone))).collect()
    }

    #[test]
    fn a_weekday_with_a_break_gives_two_windows() {
        let zone = zone("Europe/Moscow");
        let schedule = always(&[(540, 780), (840, 1080)]);
        let windows = windows(&schedule, &zone, date(2026, 11, 24));
        assert_eq!(
            shown(&windows, &zone),
            ["2026-11-24T09:00:00+03:00 2026-11-24T13:00:00+03:00", "2026-11-24T14:00:00+03:00 2026-11-24T18:00:00+03:00"]
        );
        // 4 hours hold 6 visits of 40 minutes; none reaches into the break.
        let starts = slot_starts(&windows, 40);
        assert_eq!(starts.len(), 12);
        assert_eq!(starts[5].rfc3339(&zone), "2026-11-24T12:20:00+03:00");
        assert_eq!(starts[6].rfc3339(&zone), "2026-11-24T14:00:00+03:00");
    }

    #[test]
    fn an_exception_replaces_the_days_rules() {
        let zone = zone("Asia/Almaty");
        let mut schedule = always(&[(540, 1080)]);
        schedule.exceptions =
            vec![Exception { day: date(2026, 12, 30), windows: vec![(540, 720)] }, Exception { day: date(2026, 12, 31), windows: vec![] }];
        assert_eq!(shown(&windows(&schedule, &zone, date(2026, 12, 30)), &zone), ["2026-12-30T09:00:00+05:00 2026-12-30T12:00:00+05:00"]);
        assert!(windows(&schedule, &zone, date(2026, 12, 31)).is_empty());
        assert_eq!(windows(&schedule, &zone, date(2027, 1, 1)).len(), 1);
    }

    #[test]
    fn wall_times_that_the_clock_skips_are_not_offered() {
        // Berlin, 2026-03-29: 02:00 becomes 03:00.
        let zone = zone("Europe/Berlin");
        let day = date(2026, 3, 29);
        assert_eq!(shown(&windows(&always(&[(60, 240)]), &zone, day), &zone), ["2026-03-29T01:00:00+01:00 2026-03-29T04:00:00+02:00"]);
        assert_eq!(shown(&windows(&always(&[(60, 150)]), &zone, day), &zone), ["2026-03-29T01:00:00+01:00 2026-03-29T03:00:00+02:00"]);
        assert_eq!(shown(&windows(&always(&[(150, 240)]), &zone, day), &zone), ["2026-03-29T03:00:00+02:00 2026-03-29T04:00:00+02:00"]);
        assert!(windows(&always(&[(125, 175)]), &zone, day).is_empty());
    }

    #[test]
    fn a_wall_time_that_comes_twice_means_its_first_coming() {
        // Berlin, 2026-10-25: 03:00 becomes 02:00. Almaty, 2024-03-01: 00:00 becomes 23:00 of the day before.
        let berlin = zone("Europe/Berlin");
        assert_eq!(
            shown(&windows(&always(&[(60, 150), (150, 240)]), &berlin, date(2026, 10, 25)), &berlin),
            [
                "2026-10-25T01:00:00+02:00 2026-10-25T02:30:00+02:00",
                "2026-10-25T02:30:00+02:00 2026-10-25T02:00:00+01:00",
                "2026-10-25T03:00:00+01:00 2026-10-25T04:00:00+01:00"
            ]
        );
        let almaty = zone("Asia/Almaty");
        let schedule = always(&[(540, 600)]);
        assert_eq!(
            shown(&windows(&schedule, &almaty, date(2024, 2, 29)), &almaty),
            ["2024-02-29T09:00:00+06:00 2024-02-29T10:00:00+06:00"]
        );
        assert_eq!(shown(&windows(&schedule, &almaty, date(2024, 3, 1)), &almaty), ["2024-03-01T09:00:00+05:00 2024-03-01T10:00:00+05:00"]);
    }

    proptest! {
        #[test]
        fn windows_are_ordered_apart_and_no_slot_leaves_its_window(
            name in prop::sample::select(vec!["Europe/Berlin", "Europe/Moscow", "Asia/Almaty", "America/St_Johns", "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Apia"]),
            days in 0i32..4000, change in 0usize..40, near in -1i32..=1,
            cuts in prop::collection::btree_set(0i64..=288, 2..12), minutes in 1i64..=12,
        ) {
            let zone = zone(name);
            // From 2011-12-01 on: with Apia's lost day, Almaty's decree, Berlin's summers. Days beside a change of the zone's
            // clock where there is one, since a day picked at random is seldom such a day.
            let first = date(2011, 12, 1).to_zoned(zone.clone()).unwrap().timestamp();
            let span = clock::jiff::Span::new();
            let day = match zone.following(first).nth(change) {
                Some(change) => change.timestamp().to_zoned(zone.clone()).date().checked_add(span.days(near)).unwrap(),
                None => date(2011, 12, 1).checked_add(span.days(days)).unwrap(),
            };
            let cuts: Vec<i64> = cuts.into_iter().map(|cut| cut * 5).collect();
            let hours: Vec<(i64, i64)> = cuts.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
            let schedule = always(&hours);
            let windows = windows(&schedule, &zone, day);
            prop_assert!(windows.iter().all(|(from, to)| from < to));
            prop_assert!(windows.windows(2).all(|pair| pair[0].1 <= pair[1].0));
            // Every instant offered reads, on the clinic's wall, a time of that day's hours.
            let mut walls = std::collections::HashSet::new();
            for start in slot_starts(&windows, minutes * 5) {
                let end = start.plus_minutes(minutes * 5);
                prop_assert!(windows.iter().any(|(from, to)| *from <= start && end <= *to));
                prop_assert_eq!(start.0 % (5 * MINUTE), 0, "cells of five minutes");
                let wall = start.to_jiff().to_zoned(zone.clone()).datetime();
                prop_assert_eq!(wall.date(), day);
                prop_assert!(walls.insert(wall), "a wall time is offered twice");
                let minute = i64::from(wall.hour()) * 60 + i64::from(wall.minute());
                prop_assert!(hours.iter().any(|(from, to)| *from <= minute && minute < *to));
            }
        }

        #[test]
        fn slots_fill_each_window_without_gap_or_overlap(from in 0i64..1_000_000, lengths in prop::collection::vec((0i64..600, 0i64..100), 0..5), minutes in 1i64..90) {
            let mut at = Timestamp(from * MINUTE);
            let windows: Vec<_> = lengths.iter().map(|(length, pause)| { let window = (at, at.plus_minutes(*length)); at = window.1.plus_minutes(*pause); window }).collect();
            let expected: i64 = lengths.iter().map(|(length, _)| length / minutes).sum();
            let starts = slot_starts(&windows, minutes);
            prop_assert_eq!(starts.len() as i64, expected);
            prop_assert!(starts.windows(2).all(|pair| pair[0].plus_minutes(minutes) <= pair[1]));
        }
    }
}
