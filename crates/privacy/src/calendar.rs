//! Terms in hours, days and working days, and the instants at which they end. Working days are those of the country's production calendar, a
//! file for each year (`policy/calendars`). A year that has no file is refused, never guessed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use clock::{DAY, MINUTE, SECOND, Timestamp};
use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::Deserialize;

/// A term: so many seconds, minutes, hours, days, or working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Seconds.
    Seconds(i64),
    /// Minutes.
    Minutes(i64),
    /// Hours; they run through nights and weekends.
    Hours(i64),
    /// Calendar days.
    Days(i64),
    /// Working days of the production calendar.
    WorkingDays(i64),
}

impl Span {
    /// Its length in microseconds; `None` for working days, which no clock knows.
    pub fn micros(self) -> Option<i64> {
        let (number, unit) = match self {
            Span::Seconds(number) => (number, SECOND),
            Span::Minutes(number) => (number, MINUTE),
            Span::Hours(number) => (number, MINUTE.saturating_mul(60)),
            Span::Days(number) => (number, DAY),
            Span::WorkingDays(_) => return None,
        };
        Some(number.saturating_mul(unit))
    }

    /// How many days it touches at most: a part of one counts as a whole. Of working days their number.
    pub fn whole_days(self) -> i64 {
        match self {
            Span::WorkingDays(number) => number,
            _ => self.micros().unwrap_or(0).saturating_add(DAY - 1).div_euclid(DAY),
        }
    }

    /// The instant so long before `now`: what is older is past this term. `None` for working days.
    pub fn before(self, now: Timestamp) -> Option<Timestamp> {
        Some(Timestamp(now.micros().saturating_sub(self.micros()?)))
    }
}

/// A year that no calendar of the country covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoCalendar {
    country: String,
    year: i16,
}

impl fmt::Display for NoCalendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NoCalendar { country, year } = self;
        write!(
            f,
            "there is no production calendar of {country} for {year}; add policy/calendars/{country}-{year}.toml when it is published"
        )
    }
}

impl std::error::Error for NoCalendar {}

/// The working days of a country, for the years that have a file.
#[derive(Debug, Clone)]
pub struct Calendar {
    country: String,
    years: BTreeMap<i16, Year>,
}

/// A year's file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    /// The profile it belongs to.
    country: String,
    year: i16,
    /// Whether the government has moved the days off of this year, or said that it moves none. Until then the file has nothing but the
    /// holidays themselves, and each Saturday counts as working, since it may become so: a term ends too early by it, never too late.
    settled: bool,
    /// How many working days the published calendar counts; refuses a mistyped date. Only of a settled year.
    working_days: Option<usize>,
    /// Days from Monday to Friday that are off.
    #[serde(deserialize_with = "dates")]
    days_off: BTreeSet<Date>,
    /// Saturdays and Sundays on which people work.
    #[serde(deserialize_with = "dates")]
    working_weekends: BTreeSet<Date>,
}

impl Calendar {
    /// The calendar that comes with the program for a profile: `ru` or `kz`.
    ///
    /// # Errors
    /// One line: which file, what is wrong with it.
    pub fn named(profile: &str) -> Result<Calendar, String> {
        match profile {
            "ru" => Calendar::from_texts(
                "ru",
                &[include_str!("../../../policy/calendars/ru-2026.toml"), include_str!("../../../policy/calendars/ru-2027.toml")],
            ),
            "kz" => Calendar::from_texts(
                "kz",
                &[include_str!("../../../policy/calendars/kz-2026.toml"), include_str!("../../../policy/calendars/kz-2027.toml")],
            ),
            _ => Err(format!("there is no calendar `{profile}`; choose ru or kz")),
        }
    }

    /// A calendar of these years' files.
    ///
    /// # Errors
    /// One line: which file, what is wrong with it.
    pub fn from_texts(country: &str, texts: &[&str]) -> Result<Calendar, String> {
        let mut years = BTreeMap::new();
        for text in texts {
            let year: Year =
                toml::from_str(text).map_err(|error| format!("calendar {country}: {}", crate::profile::one_line(text, &error)))?;
            let fault = |what: &str| Err(format!("calendar {country}-{}: {what}", year.year));
            if year.country != country {
                return fault(&format!("is of `{}`; put it under that country's name", year.country));
            }
            if let Some(date) = year.days_off.iter().chain(&year.working_weekends).find(|date| date.year() != year.year) {
                return fault(&format!("{date} is a day of another year; move it to that year's file"));
            }
            // In a year that is not settled Saturdays count as working days, but for those that the law itself names.
            let off_anyway = |date: &Date| date.weekday() == Weekday::Sunday || (year.settled && is_weekend(*date));
            if let Some(date) = year.days_off.iter().find(|date| off_anyway(date)) {
                return fault(&format!("{date} is a weekend and off anyway; days_off are the others"));
            }
            if let Some(date) = year.working_weekends.iter().find(|date| !is_weekend(**date)) {
                return fault(&format!("{date} is no weekend; working_weekends are Saturdays and Sundays"));
            }
            if year.settled != year.working_days.is_some() {
                return fault("working_days stands beside settled = true, and only there");
            }
            let counted = year.count();
            if year.working_days.is_some_and(|days| days != counted) {
                return fault(&format!(
                    "has {counted} working days by its dates and {} by working_days; compare both with the published one",
                    year.working_days.unwrap_or(0)
                ));
            }
            let number = year.year;
            if years.insert(number, year).is_some() {
                return Err(format!("calendar {country}-{number}: stands there twice; leave one"));
            }
        }
        Ok(Calendar { country: country.to_owned(), years })
    }

    /// Whether people work on that day. In a year whose days off may still be moved, every day counts that may become a working day.
    ///
    /// # Errors
    /// [`NoCalendar`] for a year without a file.
    pub fn is_working(&self, day: Date) -> Result<bool, NoCalendar> {
        let year = self.years.get(&day.year()).ok_or_else(|| NoCalendar { country: self.country.clone(), year: day.year() })?;
        Ok(year.is_working(day))
    }

    /// The last day of a term in days or working days that runs for something received on `received`: the day after it is the first that
    /// counts. Of a shorter term the day itself.
    ///
    /// # Errors
    /// [`NoCalendar`] when working days would have to be counted in a year without a file.
    pub fn due_on(&self, received: Date, term: Span) -> Result<Date, NoCalendar> {
        let beyond = || NoCalendar { country: self.country.clone(), year: received.year() };
        match term {
            Span::Seconds(_) | Span::Minutes(_) | Span::Hours(_) => Ok(received),
            Span::Days(days) => received.checked_add(days.max(0).days()).map_err(|_| beyond()),
            Span::WorkingDays(days) => {
                let (mut day, mut left) = (received, days);
                // Ends by the last year that has a file.
                while left > 0 {
                    day = day.tomorrow().map_err(|_| beyond())?;
                    if self.is_working(day)? {
                        left -= 1;
                    }
                }
                Ok(day)
            }
        }
    }

    /// The instant from which a term is missed that runs for something received at `received`: the end of its last day in `zone`, or, of a
    /// term in hours, so many hours later, nights and weekends counted.
    ///
    /// # Errors
    /// [`NoCalendar`] when working days would have to be counted in a year without a file.
    pub fn due(&self, received: Timestamp, zone: &TimeZone, term: Span) -> Result<Timestamp, NoCalendar> {
        if let (Span::Seconds(_) | Span::Minutes(_) | Span::Hours(_), Some(micros)) = (term, term.micros()) {
            return Ok(Timestamp(received.micros().saturating_add(micros)));
        }
        let last = self.due_on(received.to_jiff().to_zoned(zone.clone()).date(), term)?;
        let beyond = || NoCalendar { country: self.country.clone(), year: last.year() };
        let after = last.tomorrow().map_err(|_| beyond())?.to_zoned(zone.clone()).map_err(|_| beyond())?;
        Ok(Timestamp(after.timestamp().as_microsecond()))
    }

    /// The last day for which working days can be told.
    pub fn known_until(&self) -> Option<Date> {
        self.years.last_key_value().and_then(|(year, _)| Date::new(*year, 12, 31).ok())
    }

    /// Whether the government has settled the days off of every year there is a file for.
    pub fn is_settled(&self) -> bool {
        self.years.values().all(|year| year.settled)
    }
}

impl Year {
    fn is_working(&self, day: Date) -> bool {
        match day.weekday() {
            Weekday::Saturday => (!self.settled && !self.days_off.contains(&day)) || self.working_weekends.contains(&day),
            Weekday::Sunday => self.working_weekends.contains(&day),
            _ => !self.days_off.contains(&day),
        }
    }

    fn count(&self) -> usize {
        days_of(self.year).filter(|day| self.is_working(*day)).count()
    }
}

/// Dates as `2026-12-31`.
fn dates<'de, D: serde::Deserializer<'de>>(from: D) -> Result<BTreeSet<Date>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    texts
        .iter()
        .map(|text| text.parse::<Date>().map_err(|_| serde::de::Error::custom(format!("`{text}` is no date; write it like 2026-12-31"))))
        .collect()
}

fn days_of(year: i16) -> impl Iterator<Item = Date> {
    let first = Date::new(year, 1, 1).ok();
    std::iter::successors(first, |day| day.tomorrow().ok()).take_while(move |day| day.year() == year)
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const FIRST: &str = "country = 'x'\nyear = 2026\nsettled = true\nworking_days = 258\n\
        days_off = ['2026-01-01', '2026-01-02', '2026-12-31']\nworking_weekends = []\n";
    const SECOND: &str = "country = 'x'\nyear = 2027\nsettled = true\nworking_days = 257\n\
        days_off = ['2027-01-01', '2027-01-04', '2027-01-05', '2027-01-06', '2027-01-07']\nworking_weekends = ['2027-02-20']\n";

    fn two_years() -> Calendar {
        Calendar::from_texts("x", &[FIRST, SECOND]).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    fn moscow() -> TimeZone {
        TimeZone::get("Europe/Moscow").unwrap()
    }

    #[test]
    fn a_request_of_the_30th_of_december_waits_for_the_holidays_to_end() {
        // Of 2026 the 31st is off, of 2027 the 1st and, in this calendar, the 4th to the 7th.
        assert_eq!(two_years().due_on(date(2026, 12, 30), Span::WorkingDays(1)), Ok(date(2027, 1, 8)));
        assert_eq!(two_years().due_on(date(2026, 12, 30), Span::WorkingDays(10)), Ok(date(2027, 1, 21)));
        // The real one. The days off of 2027 are not settled, so the Saturdays of January count: never later than whatever is decided.
        let russia = Calendar::named("ru").unwrap();
        assert_eq!(russia.due_on(date(2026, 12, 30), Span::WorkingDays(1)), Ok(date(2027, 1, 9)));
        assert_eq!(russia.due_on(date(2026, 12, 30), Span::WorkingDays(10)), Ok(date(2027, 1, 20)));
    }

    #[test]
    fn a_year_without_a_file_is_refused_and_never_guessed() {
        let refusal = two_years().due_on(date(2027, 12, 30), Span::WorkingDays(10)).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "there is no production calendar of x for 2028; add policy/calendars/x-2028.toml when it is published"
        );
        assert!(two_years().due_on(date(2025, 12, 1), Span::WorkingDays(1)).is_err(), "nor the years before");
        assert_eq!(two_years().known_until(), Some(date(2027, 12, 31)));
        // Days and hours need no calendar.
        assert_eq!(two_years().due_on(date(2027, 12, 30), Span::Days(30)), Ok(date(2028, 1, 29)));
    }

    #[test]
    fn hours_run_through_nights_weekends_and_holidays() {
        // A Friday evening before the long weekend of March.
        let received = at("2026-03-06T22:30:00+03:00");
        let russia = Calendar::named("ru").unwrap();
        assert_eq!(russia.due(received, &moscow(), Span::Hours(24)), Ok(at("2026-03-07T22:30:00+03:00")));
        assert_eq!(russia.due(received, &moscow(), Span::Hours(72)), Ok(at("2026-03-09T22:30:00+03:00")));
    }

    #[test]
    fn a_term_in_days_ends_with_its_last_day_at_the_operators_place() {
        let received = at("2026-03-06T22:30:00Z");
        // In Moscow it is the 7th already; the weekend and the 9th are off.
        let due = |term| Calendar::named("ru").unwrap().due(received, &moscow(), term).unwrap();
        assert_eq!(due(Span::WorkingDays(1)), at("2026-03-11T00:00:00+03:00"), "the 10th, to its end");
        assert_eq!(due(Span::Days(30)), at("2026-04-07T00:00:00+03:00"));
        assert_eq!(due(Span::WorkingDays(0)), at("2026-03-08T00:00:00+03:00"), "the day itself");
    }

    #[test]
    fn the_calendars_of_the_program_hold() {
        for (profile, working, off) in [
            ("ru", date(2026, 1, 12), [date(2026, 1, 9), date(2026, 12, 31), date(2027, 11, 4)]),
            ("kz", date(2026, 1, 5), [date(2026, 3, 25), date(2026, 5, 27), date(2027, 3, 23)]),
        ] {
            let calendar = Calendar::named(profile).unwrap();
            assert!(calendar.is_working(working).unwrap(), "{profile} {working}");
            assert!(off.iter().all(|day| !calendar.is_working(*day).unwrap()), "{profile} {off:?}");
            assert_eq!(calendar.known_until(), Some(date(2027, 12, 31)));
            assert!(!calendar.is_settled(), "{profile}: 2027 is not");
        }
        assert!(Calendar::named("xx").is_err());
    }

    #[test]
    fn a_file_that_cannot_be_right_is_refused() {
        for (from, to, part) in [
            ("country = 'x'", "country = 'y'", "is of `y`"),
            ("'2026-01-02'", "'2025-01-02'", "2025-01-02 is a day of another year"),
            ("'2026-01-02'", "'2026-01-03'", "2026-01-03 is a weekend and off anyway"),
            ("working_weekends = []", "working_weekends = ['2026-01-05']", "2026-01-05 is no weekend"),
            ("= 258", "= 259", "has 258 working days by its dates and 259 by working_days"),
            ("settled = true", "settled = false", "working_days stands beside settled"),
            ("'2026-01-02'", "'2.1.2026'", "`2.1.2026` is no date"),
            ("days_off", "holidays", "unknown field `holidays`"),
        ] {
            let fault = Calendar::from_texts("x", &[&FIRST.replacen(from, to, 1)]).unwrap_err();
            assert!(fault.contains(part) && !fault.contains('\n'), "{part}: {fault}");
        }
        assert!(Calendar::from_texts("x", &[FIRST, FIRST]).unwrap_err().contains("stands there twice"));
    }

    #[test]
    fn spans_of_hours_and_days_have_a_length_and_working_days_none() {
        assert_eq!(Span::Hours(24).micros(), Span::Days(1).micros());
        assert_eq!(Span::Minutes(15).before(Timestamp(MINUTE * 15)), Some(Timestamp(0)));
        assert_eq!(Span::Seconds(1).micros(), Some(clock::SECOND));
        assert_eq!(
            [Span::Hours(24), Span::Hours(25), Span::Seconds(1), Span::Days(3), Span::WorkingDays(3)].map(Span::whole_days),
            [1, 2, 1, 3, 3]
        );
        assert_eq!((Span::WorkingDays(1).micros(), Span::WorkingDays(1).before(Timestamp(0))), (None, None));
    }

    proptest! {
        /// Beside a list of all working days of the two years, written out.
        #[test]
        fn a_term_ends_where_a_walk_over_the_list_ends(start in 0_usize..730, days in 0_usize..600) {
            let all: Vec<Date> = [2026, 2027].into_iter().flat_map(days_of).collect();
            let off: Vec<Date> = FIRST.split('\'').chain(SECOND.split('\'')).filter_map(|text| text.parse().ok()).filter(|day| !is_weekend(*day)).collect();
            let received = all[start];
            let working: Vec<Date> = all
                .iter()
                .copied()
                .filter(|day| *day > received && (!is_weekend(*day) && !off.contains(day) || *day == date(2027, 2, 20)))
                .collect();
            let expected = if days == 0 { Some(received) } else { working.get(days - 1).copied() };
            let term = Span::WorkingDays(i64::try_from(days).unwrap());
            prop_assert_eq!(two_years().due_on(received, term).ok(), expected);
        }

        /// Whatever a government still decides for an unsettled year, as long as it moves days off among weekdays and makes Saturdays
        /// work: the term told today is not later than the true one.
        #[test]
        fn a_term_in_an_unsettled_year_is_never_told_too_late(
            start in 0_usize..300, days in 1_i64..40,
            moved in prop::collection::btree_set(0_usize..365, 0..12), saturdays in prop::collection::btree_set(0_usize..52, 0..4),
        ) {
            let all: Vec<Date> = days_of(2027).collect();
            let year = |settled: bool, days_off: BTreeSet<Date>, working_weekends: BTreeSet<Date>| Calendar {
                country: "x".into(),
                years: BTreeMap::from([(2027, Year { country: "x".into(), year: 2027, settled, working_days: None, days_off, working_weekends })]),
            };
            let law: BTreeSet<Date> = [date(2027, 1, 1), date(2027, 11, 4)].into();
            let decided: BTreeSet<Date> = law.iter().copied().chain(moved.iter().map(|day| all[*day]).filter(|day| !is_weekend(*day))).collect();
            let work: BTreeSet<Date> = all.iter().copied().filter(|day| day.weekday() == Weekday::Saturday).enumerate()
                .filter(|(number, _)| saturdays.contains(number)).map(|(_, day)| day).collect();
            let term = Span::WorkingDays(days);
            let told = year(false, law, BTreeSet::new()).due_on(all[start], term);
            if let Ok(real) = year(true, decided, work).due_on(all[start], term) {
                prop_assert!(told.unwrap() <= real);
            }
        }
    }
}
