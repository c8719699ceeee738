//! Instants as the clock on a place's wall shows them, written many at a time.

use jiff::tz::{Offset, TimeZone};

use crate::{SECOND, Timestamp};

const DAY_SECONDS: i64 = 86_400;
/// Letters of `2026-11-24T`.
const DATE_LETTERS: usize = 11;
/// Letters of `+03:00`.
const OFFSET_LETTERS: usize = 6;

/// Writes instants in RFC 3339 with the place's offset. It remembers the offset and the date of the last one: a list of a day's times costs
/// little more than its letters.
pub struct LocalTimes {
    zone: TimeZone,
    /// Seconds since the epoch between which `offset` holds.
    holds: std::ops::Range<i64>,
    offset: i64,
    suffix: [u8; OFFSET_LETTERS],
    /// The civil day of `date`, in days since 1970-01-01.
    day: i64,
    date: [u8; DATE_LETTERS],
}

impl LocalTimes {
    /// For this zone.
    pub fn new(zone: TimeZone) -> LocalTimes {
        LocalTimes { zone, holds: 0..0, offset: 0, suffix: *b"+00:00", day: i64::MIN, date: *b"1970-01-01T" }
    }

    /// Appends the instant, to the second: `2026-11-24T18:30:00+03:00`. Instants outside the years 1 to 9999 become their nearest end.
    pub fn push(&mut self, at: Timestamp, text: &mut Vec<u8>) {
        let seconds = at.to_jiff().as_microsecond().div_euclid(SECOND).clamp(-62_135_500_000, 253_402_200_000);
        if !self.holds.contains(&seconds) {
            self.find_offset(seconds);
        }
        let local = seconds + self.offset;
        let (day, second) = (local.div_euclid(DAY_SECONDS), local.rem_euclid(DAY_SECONDS));
        if day != self.day {
            self.find_date(seconds);
            self.day = day;
        }
        text.extend_from_slice(&self.date);
        for (number, after) in [(second / 3600, Some(b':')), (second / 60 % 60, Some(b':')), (second % 60, None)] {
            text.extend_from_slice(&two(number));
            text.extend(after);
        }
        text.extend_from_slice(&self.suffix);
    }

    fn find_offset(&mut self, seconds: i64) {
        let at = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        self.offset = i64::from(self.zone.to_offset(at).seconds());
        let next = self.zone.following(at).next().map_or(i64::MAX, |change| change.timestamp().as_second());
        self.holds = seconds..next;
        let sign = if self.offset < 0 { b'-' } else { b'+' };
        let minutes = self.offset.abs() / 60;
        let ([h1, h2], [m1, m2]) = (two(minutes / 60), two(minutes % 60));
        self.suffix = [sign, h1, h2, b':', m1, m2];
    }

    fn find_date(&mut self, seconds: i64) {
        let at = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let offset = i32::try_from(self.offset).ok().and_then(|offset| Offset::from_seconds(offset).ok()).unwrap_or(Offset::UTC);
        let date = offset.to_datetime(at).date();
        let year = i64::from(date.year());
        let ([y1, y2], [y3, y4]) = (two(year / 100), two(year % 100));
        let ([m1, m2], [d1, d2]) = (two(i64::from(date.month())), two(i64::from(date.day())));
        self.date = [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T'];
    }
}

/// Two digits of a number in 0..100.
fn two(number: i64) -> [u8; 2] {
    let digit = |number: i64| b'0' + u8::try_from(number.rem_euclid(10)).unwrap_or(0);
    [digit(number / 10), digit(number)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As jiff itself writes it.
    fn by_jiff(at: Timestamp, zone: &TimeZone) -> String {
        let zoned = at.to_jiff().to_zoned(zone.clone());
        let offset = zoned.offset().seconds();
        let sign = if offset < 0 { '-' } else { '+' };
        format!("{}{sign}{:02}:{:02}", zoned.datetime().strftime("%Y-%m-%dT%H:%M:%S"), offset.abs() / 3600, offset.abs() % 3600 / 60)
    }

    #[test]
    fn a_list_reads_as_its_members() {
        for name in ["Europe/Moscow", "Asia/Almaty", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "UTC"] {
            let zone = TimeZone::get(name).unwrap();
            let mut times = LocalTimes::new(zone.clone());
            // Forwards over sixteen years in odd steps, then back: every change of the clock is crossed both ways.
            let steps = (0..20_000).map(|step| Timestamp((1_300_000_000 + step * 25_013) * SECOND));
            for at in steps.clone().chain(steps.rev()) {
                let mut text = Vec::new();
                times.push(at, &mut text);
                assert_eq!(String::from_utf8(text).unwrap(), by_jiff(at, &zone));
            }
        }
    }

    #[test]
    fn the_ends_of_time_are_written_too() {
        let mut times = LocalTimes::new(TimeZone::UTC);
        for at in [Timestamp(i64::MIN), Timestamp(-1), Timestamp(i64::MAX)] {
            let mut text = Vec::new();
            times.push(at, &mut text);
            assert_eq!(text.len(), 25, "{}", String::from_utf8_lossy(&text));
        }
        let mut text = Vec::new();
        times.push(Timestamp(-1), &mut text);
        assert_eq!(text, b"1969-12-31T23:59:59+00:00");
    }
}
