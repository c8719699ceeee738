//! Opening hours of a place: the week in a few lines, and now in words.

use directory::catalogue::Rule;
use jiff::civil::Date;
use jiff::{ToSpan as _, Zoned};

/// Minutes of a day.
const DAY: i64 = 24 * 60;

/// What a person who stands at the door wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Now {
    /// Open day and night.
    Always,
    /// Open until that minute of the day (1440 is midnight).
    Until(i64),
    /// Closed; opens on that day at that minute.
    Opens(Date, i64),
}

/// The hours of a day: pairs (from, to) in minutes since midnight, ordered; ranges that touch are one.
pub fn of_day(rules: &[Rule], day: Date) -> Vec<(i64, i64)> {
    let weekday = i64::from(day.weekday().to_monday_one_offset());
    let weeks = (day - jiff::civil::date(1970, 1, 5)).get_days().div_euclid(7);
    let holds = |rule: &&Rule| rule.weekday == weekday && i64::from(weeks).rem_euclid(rule.every_weeks.max(1)) == rule.week;
    let mut hours: Vec<(i64, i64)> = Vec::new();
    for rule in rules.iter().filter(holds) {
        match hours.last_mut().filter(|(_, to)| *to >= rule.from_minute) {
            Some(last) => last.1 = last.1.max(rule.to_minute),
            None => hours.push((rule.from_minute, rule.to_minute)),
        }
    }
    hours
}

/// How the place is at that moment of its own wall time; `None` when its hours are unknown or it never opens again within a week.
pub fn at(rules: &[Rule], now: &Zoned) -> Option<Now> {
    let (today, minute) = (now.date(), i64::from(now.hour()) * 60 + i64::from(now.minute()));
    if rules.is_empty() {
        return None;
    }
    let ahead = |days: i64| today.checked_add(days.days()).ok();
    if let Some((_, mut to)) = of_day(rules, today).into_iter().find(|(from, to)| (*from..*to).contains(&minute)) {
        for days in 1..=7 {
            // Open past midnight: the end is that of the next day's first hours.
            if to < DAY {
                return Some(Now::Until(to));
            }
            match ahead(days).map(|day| of_day(rules, day)).unwrap_or_default().first() {
                Some((0, next)) => to = *next,
                _ => return Some(Now::Until(DAY)),
            }
        }
        return Some(Now::Always);
    }
    (0..=7).find_map(|days| {
        let day = ahead(days)?;
        let (from, _) = of_day(rules, day).into_iter().find(|(from, _)| days > 0 || *from > minute)?;
        Some(Now::Opens(day, from))
    })
}

/// First weekday, last weekday (Monday 1 … Sunday 7), hours in minutes since midnight.
pub type Run = (i64, i64, Vec<(i64, i64)>);

/// The week as runs of days with the same hours: first weekday, last weekday (Monday 1 … Sunday 7), hours. Hours of alternating
/// weeks are those of the week of `today`.
pub fn week(rules: &[Rule], today: Date) -> Vec<Run> {
    let monday = today.checked_sub(i64::from(today.weekday().to_monday_zero_offset()).days()).unwrap_or(today);
    let mut runs: Vec<Run> = Vec::new();
    for weekday in 1..=7_i64 {
        let hours = monday.checked_add((weekday - 1).days()).map(|day| of_day(rules, day)).unwrap_or_default();
        match runs.last_mut().filter(|(_, _, known)| *known == hours) {
            Some(run) => run.1 = weekday,
            None => runs.push((weekday, weekday, hours)),
        }
    }
    runs
}

/// `08:00`.
pub fn clock_time(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn weekdays() -> Vec<Rule> {
        let mut rules: Vec<Rule> = (1..=5).map(|day| Rule::weekly(day, 480, 1200)).collect();
        rules.push(Rule::weekly(6, 540, 900));
        rules
    }

    fn now(text: &str) -> Zoned {
        format!("{text}+03:00[Europe/Moscow]").parse().unwrap()
    }

    #[test]
    fn the_door_says_until_when_or_from_when() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        for (moment, expected) in [
            ("2026-11-23T08:00:00", Now::Until(1200)),
            ("2026-11-23T19:59:59", Now::Until(1200)),
            ("2026-11-23T20:00:00", Now::Opens(day("2026-11-24"), 480)),
            ("2026-11-23T07:30:00", Now::Opens(day("2026-11-23"), 480)),
            ("2026-11-28T15:00:00", Now::Opens(day("2026-11-30"), 480)),
        ] {
            assert_eq!(at(&weekdays(), &now(moment)), Some(expected), "{moment}");
        }
        assert_eq!(at(&[], &now("2026-11-23T08:00:00")), None);
        let always: Vec<Rule> = (1..=7).map(|day| Rule::weekly(day, 0, 1440)).collect();
        assert_eq!(at(&always, &now("2026-11-23T03:00:00")), Some(Now::Always));
        let night = [Rule::weekly(1, 1200, 1440), Rule::weekly(2, 0, 120)];
        assert_eq!(at(&night, &now("2026-11-23T23:00:00")), Some(Now::Until(120)));
    }

    #[test]
    fn days_with_the_same_hours_are_one_line() {
        let today = "2026-11-25".parse().unwrap();
        assert_eq!(week(&weekdays(), today), [(1, 5, vec![(480, 1200)]), (6, 6, vec![(540, 900)]), (7, 7, Vec::new())]);
        // An odd Saturday: 23 November 2026 begins week 2968, so week 0 of 2.
        let every_other = [Rule { every_weeks: 2, week: 1, ..Rule::weekly(6, 540, 900) }];
        assert_eq!(week(&every_other, today), [(1, 7, Vec::new())]);
        let touching = [Rule::weekly(1, 480, 720), Rule::weekly(1, 720, 900)];
        assert_eq!(of_day(&touching, "2026-11-23".parse().unwrap()), [(480, 900)]);
    }
}
