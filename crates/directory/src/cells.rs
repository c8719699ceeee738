//! The small languages inside the cells of the CSV form: hours, dates, stations, phones, prices. Pure.
//!
//! They accept what people and spreadsheets write (9:00 for 09:00, long dashes, narrow spaces, decimal commas, dates with dots) and
//! refuse what could mean two things.

use clock::jiff::civil::{Date, date};

use crate::catalogue::{Exception, Rule};
use crate::csv_form::Given;
use crate::refused::Reason;

/// The form in which two spellings of one name are equal: lower case, `ё` as `е`, hyphens as spaces, without quotation marks.
pub(crate) fn key(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            '«' | '»' | '"' | '“' | '”' | '„' | '\'' | '’' | '.' => {}
            'ё' => out.push('е'),
            '-' | '–' | '—' => out.push(' '),
            other => out.push(other),
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `mon-fri 09:00-13:00,14:00-18:00; every 2 weeks from 2026-11-23: sat 10:00-14:00`, or `off` for a doctor who takes no bookings
/// here. Ordered as the database orders them; no two rules meet in any week.
pub(crate) fn hours(text: &str) -> Result<Vec<Rule>, Reason> {
    if is_off(text) {
        return Ok(Vec::new());
    }
    let mut rules: Vec<Rule> = Vec::new();
    for part in parts(text) {
        let fault = || Reason::Hours { part: part.to_owned() };
        let (every_weeks, week, rest) = match part.split_once(": ") {
            Some((weeks, rest)) if weeks.chars().any(|letter| letter.is_ascii_digit()) => {
                let (every_weeks, week) = weeks_of(weeks).ok_or_else(|| Reason::Weeks { part: weeks.to_owned() })?;
                (every_weeks, week, rest)
            }
            _ => (1, 0, part),
        };
        let at = rest.find(|letter: char| letter.is_ascii_digit()).ok_or_else(fault)?;
        let (days, ranges) = rest.split_at(at);
        let windows = windows(ranges).ok_or_else(fault)?;
        for weekday in weekdays(days).ok_or_else(fault)? {
            rules.extend(windows.iter().map(|(from, to)| Rule { every_weeks, week, ..Rule::weekly(weekday, *from, *to) }));
        }
    }
    rules.sort_by_key(|rule| (rule.weekday, rule.from_minute, rule.every_weeks, rule.week));
    for (at, one) in rules.iter().enumerate() {
        let after = rules.get(at + 1..).unwrap_or_default();
        if after.iter().any(|two| one.weekday == two.weekday && two.from_minute < one.to_minute && share_a_week(one, two)) {
            return Err(Reason::HoursOverlap);
        }
    }
    if rules.is_empty() { Err(Reason::Empty) } else { Ok(rules) }
}

/// `every 2 weeks from 2026-11-23`, in any of the three languages: how many weeks, and the number of that day's week modulo it.
fn weeks_of(text: &str) -> Option<(i64, i64)> {
    const WORDS: [&str; 12] = ["every", "weeks", "week", "from", "каждые", "недели", "недель", "неделю", "с", "әр", "апта", "сайын"];
    let (mut every, mut day) = (None, None);
    for word in text.to_lowercase().split_whitespace() {
        if WORDS.contains(&word) || word == "бастап" {
            continue;
        } else if let Ok(number) = word.parse::<i64>() {
            every.replace(number).is_none().then_some(())?;
        } else {
            day.replace(calendar_day(word)?).is_none().then_some(())?;
        }
    }
    let every = every.filter(|every| (2..=8).contains(every))?;
    let days = date(1970, 1, 5).until(day?).ok()?.get_days();
    Some((every, i64::from(days).div_euclid(7).rem_euclid(every)))
}

/// Whether there is a week in which both rules hold: their weeks agree modulo what both lengths have in common.
fn share_a_week(one: &Rule, two: &Rule) -> bool {
    let (mut a, mut b) = (one.every_weeks, two.every_weeks);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    (one.week - two.week) % a == 0
}

/// `18+`, `3-17`, `0-3`: the youngest and the oldest age received, in whole years.
pub(crate) fn ages(text: &str) -> Result<(i64, Option<i64>), Reason> {
    let year = |text: &str| text.trim().parse::<i64>().ok().filter(|year| (0..=120).contains(year)).ok_or(Reason::Ages);
    if let Some(from) = text.strip_suffix('+') {
        return Ok((year(from)?, None));
    }
    let (from, to) = text.split_once(['-', '–', '—']).ok_or(Reason::Ages)?;
    let (from, to) = (year(from)?, year(to)?);
    if from <= to { Ok((from, Some(to))) } else { Err(Reason::Ages) }
}

/// A date as `2026-12-31` or `31.12.2026`, from 2000 to 2200.
pub(crate) fn past_day(text: &str) -> Result<Date, Reason> {
    calendar_day(text).ok_or(Reason::Day)
}

/// `Кабинет 12 / 12-кабинет / Room 12`: one name, or the same in Russian, Kazakh and English.
pub(crate) fn tri_name(text: &str) -> Result<Given, Reason> {
    let names: Vec<&str> = text.split(" / ").map(str::trim).collect();
    if names.iter().any(|name| name.chars().count() > 200 || !name.chars().any(char::is_alphanumeric)) {
        return Err(Reason::ThreeNames);
    }
    match names[..] {
        [base] => Ok(Given { base: base.to_owned(), kk: None, en: None }),
        [base, kk, en] => Ok(Given { base: base.to_owned(), kk: Some(kk.to_owned()), en: Some(en.to_owned()) }),
        _ => Err(Reason::ThreeNames),
    }
}

/// Minutes before or after a visit: a multiple of 5 in 0..=120.
pub(crate) fn buffer(text: &str) -> Result<i64, Reason> {
    text.parse::<i64>().ok().filter(|minutes| (0..=120).contains(minutes) && minutes % 5 == 0).ok_or(Reason::Buffer)
}

/// One offer of the cell `services`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GivenOffer {
    /// The service's code or name, as written.
    pub(crate) service: String,
    pub(crate) price_minor: i64,
    pub(crate) minutes: i64,
    pub(crate) before: Option<i64>,
    pub(crate) after: Option<i64>,
    pub(crate) device: Option<Given>,
    pub(crate) room: Option<Given>,
    /// The doctor is not needed for it.
    pub(crate) alone: bool,
}

/// `ЭКГ: 900, 15; УЗИ щитовидной железы: 2100, 20, after 5, device УЗИ-аппарат, room Кабинет 4, alone`: services with price and
/// minutes, then what else they need, in any order. A comma divides only where a space follows: 1,5 Тл is one thing.
pub(crate) fn offers(text: &str) -> Result<Vec<GivenOffer>, Reason> {
    parts(text).map(|part| offer(part).ok_or_else(|| Reason::Offer { part: part.to_owned() })?).collect()
}

fn offer(part: &str) -> Option<Result<GivenOffer, Reason>> {
    let (service, rest) = part.split_once(": ")?;
    let mut items = rest.split(", ").map(str::trim);
    let price_minor = match price_minor(items.next()?) {
        Ok(price) => price,
        Err(reason) => return Some(Err(reason)),
    };
    let minutes = match minutes(items.next()?) {
        Ok(minutes) => minutes,
        Err(reason) => return Some(Err(reason)),
    };
    let mut offer = GivenOffer {
        service: service.trim().to_owned(),
        price_minor,
        minutes,
        before: None,
        after: None,
        device: None,
        room: None,
        alone: false,
    };
    for item in items {
        let (word, rest) = item.split_once(' ').unwrap_or((item, ""));
        let fresh = match word.to_lowercase().as_str() {
            "alone" if rest.is_empty() => !std::mem::replace(&mut offer.alone, true),
            "before" => offer.before.replace(buffer(rest).ok()?).is_none(),
            "after" => offer.after.replace(buffer(rest).ok()?).is_none(),
            "device" => offer.device.replace(tri_name(rest).ok()?).is_none(),
            "room" => offer.room.replace(tri_name(rest).ok()?).is_none(),
            _ => false,
        };
        fresh.then_some(())?;
    }
    (!offer.service.is_empty()).then_some(Ok(offer))
}

/// `2026-12-31 off; 2026-12-30 09:00-12:00`: ordered, one entry for a day.
pub(crate) fn exceptions(text: &str) -> Result<Vec<Exception>, Reason> {
    let mut all: Vec<Exception> = Vec::new();
    for part in parts(text) {
        let fault = || Reason::Exception { part: part.to_owned() };
        let (day, rest) = part.split_once(char::is_whitespace).ok_or_else(fault)?;
        let day = calendar_day(day).ok_or_else(fault)?;
        let windows = if is_off(rest) { Vec::new() } else { windows(rest).ok_or_else(fault)? };
        all.push(Exception { day, windows });
    }
    all.sort_by_key(|exception| exception.day);
    for pair in all.windows(2) {
        if let [one, two] = pair
            && one.day == two.day
        {
            return Err(Reason::ExceptionTwice { day: one.day });
        }
    }
    Ok(all)
}

/// `Петроградская 5; Горьковская 12`: pairs of a name and the minutes on foot, as given.
pub(crate) fn stations(text: &str) -> Result<Vec<(String, i64)>, Reason> {
    parts(text)
        .map(|part| {
            let fault = || Reason::MetroForm { part: part.to_owned() };
            let (name, minutes) = part.rsplit_once(char::is_whitespace).ok_or_else(fault)?;
            let minutes: i64 = minutes.parse().map_err(|_| fault())?;
            if (0..=180).contains(&minutes) { Ok((name.trim().to_owned(), minutes)) } else { Err(fault()) }
        })
        .collect()
}

/// A phone number as E.164. Brackets, spaces and hyphens are dropped; `8` or `7` before ten digits is the trunk form of `+7`.
/// Numbers that begin with `+7000` cannot ring and are accepted for a demo only.
pub(crate) fn phone(text: &str, demo: bool) -> Result<String, Reason> {
    if text.to_uppercase().contains("E+") {
        return Err(Reason::PhoneRewritten);
    }
    let mut digits = String::new();
    for (at, letter) in text.chars().enumerate() {
        match letter {
            '0'..='9' => digits.push(letter),
            '+' if at == 0 => {}
            ' ' | '(' | ')' | '-' | '–' | '.' => {}
            _ => return Err(Reason::Phone),
        }
    }
    if !text.starts_with('+') {
        match (digits.len(), digits.strip_prefix('8')) {
            (11, Some(rest)) => digits = format!("7{rest}"),
            (11, None) if digits.starts_with('7') => {}
            _ => return Err(Reason::Phone),
        }
    }
    let fits = if digits.starts_with('7') { digits.len() == 11 } else { (8..=15).contains(&digits.len()) && !digits.starts_with('0') };
    if !fits {
        Err(Reason::Phone)
    } else if digits.starts_with("7000") && !demo {
        Err(Reason::PhoneDemo)
    } else {
        Ok(format!("+{digits}"))
    }
}

/// A price in minor units: `2500`, `2 500`, `2500,50`. Zero is a free visit; at most ten million major units.
pub(crate) fn price_minor(text: &str) -> Result<i64, Reason> {
    let plain: String =
        text.chars().filter(|letter| !letter.is_whitespace()).map(|letter| if letter == ',' { '.' } else { letter }).collect();
    let (major, minor) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if major.is_empty() || major.len() > 8 || minor.len() > 2 || !digits(major) || !digits(minor) {
        return Err(Reason::Price);
    }
    let major: i64 = major.parse().map_err(|_| Reason::Price)?;
    let minor: i64 = format!("{minor:0<2}").parse().map_err(|_| Reason::Price)?;
    if major > 10_000_000 { Err(Reason::Price) } else { Ok(major * 100 + minor) }
}

/// The length of a visit: a multiple of 5 in 5..=480.
pub(crate) fn minutes(text: &str) -> Result<i64, Reason> {
    text.parse::<i64>().ok().filter(|minutes| (5..=480).contains(minutes) && minutes % 5 == 0).ok_or(Reason::Minutes)
}

/// A whole number inside `range`.
pub(crate) fn whole(text: &str, range: std::ops::RangeInclusive<i64>, fault: Reason) -> Result<i64, Reason> {
    text.parse::<i64>().ok().filter(|number| range.contains(number)).ok_or(fault)
}

/// Degrees within `bound` on either side of zero; a decimal comma is understood.
pub(crate) fn degrees(text: &str, bound: f64) -> Result<f64, Reason> {
    text.replace(',', ".").parse::<f64>().ok().filter(|degrees| degrees.abs() <= bound).ok_or(Reason::Coordinate)
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|part| !part.is_empty())
}

fn is_off(text: &str) -> bool {
    matches!(text.trim().to_lowercase().as_str(), "off" | "выходной" | "демалыс")
}

/// `09:00-13:00,14:00-18:00`, ordered and apart.
fn windows(text: &str) -> Option<Vec<(i64, i64)>> {
    let mut windows = Vec::new();
    for range in text.split(',') {
        let (from, to) = range.split_once(['-', '–', '—'])?;
        let (from, to) = (time(from)?, time(to)?);
        if from >= to || windows.last().is_some_and(|(_, before)| from < *before) {
            return None;
        }
        windows.push((from, to));
    }
    Some(windows)
}

/// `9:00`, `09.00`; `24:00` is the day's end. A multiple of five minutes.
fn time(text: &str) -> Option<i64> {
    let (hour, minute) = text.trim().split_once([':', '.'])?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !(1..=2).contains(&hour.len()) || minute.len() != 2 || !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute) = (hour.parse::<i64>().ok()?, minute.parse::<i64>().ok()?);
    let minutes = hour * 60 + minute;
    (minute < 60 && minutes <= 1440 && minute % 5 == 0).then_some(minutes)
}

/// `mon-fri`, `mon, wed`, `sat-mon`: each weekday once, Monday 1.
fn weekdays(text: &str) -> Option<Vec<i64>> {
    let mut days = Vec::new();
    for item in text.trim().trim_end_matches(':').split(',') {
        let (from, to) = match item.split_once(['-', '–', '—']) {
            Some((from, to)) => (weekday(from)?, weekday(to)?),
            None => (weekday(item)?, weekday(item)?),
        };
        let mut day = from;
        loop {
            if days.contains(&day) {
                return None;
            }
            days.push(day);
            if day == to {
                break;
            }
            day = day % 7 + 1;
        }
    }
    Some(days)
}

/// English, Russian and Kazakh abbreviations; `ср` and `сб` mean the same day in the latter two.
fn weekday(text: &str) -> Option<i64> {
    Some(match text.trim().trim_end_matches('.').to_lowercase().as_str() {
        "mon" | "пн" | "дс" => 1,
        "tue" | "вт" | "сс" => 2,
        "wed" | "ср" => 3,
        "thu" | "чт" | "бс" => 4,
        "fri" | "пт" | "жм" => 5,
        "sat" | "сб" => 6,
        "sun" | "вс" | "жс" => 7,
        _ => return None,
    })
}

/// `2026-12-31` or `31.12.2026`.
fn calendar_day(text: &str) -> Option<Date> {
    let dots: Vec<&str> = text.split('.').collect();
    if let [day, month, year] = dots[..] {
        let (year, month, day) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
        return if (2000..=2200).contains(&year) { Date::new(year, month, day).ok() } else { None };
    }
    let day: Date = if text.len() == 10 {
        text.parse().ok()?
    } else {
        return None;
    };
    (date(2000, 1, 1)..=date(2200, 12, 31)).contains(&day).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(rules: &[Rule]) -> String {
        let time = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
        rules
            .iter()
            .map(|rule| format!("{} {}-{}", rule.weekday, time(rule.from_minute), time(rule.to_minute)))
            .collect::<Vec<_>>()
            .join("; ")
    }

    #[test]
    fn hours_as_people_write_them() {
        for (text, expected) in [
            ("mon 09:00-13:00", "1 09:00-13:00"),
            ("mon-wed 9:00–13:00, 14.00—18:00", "1 09:00-13:00; 1 14:00-18:00; 2 09:00-13:00; 2 14:00-18:00; 3 09:00-13:00; 3 14:00-18:00"),
            ("sat-mon 10:00-11:00", "1 10:00-11:00; 6 10:00-11:00; 7 10:00-11:00"),
            ("пн, ср 9:00-10:00; вс 00:00-24:00;", "1 09:00-10:00; 3 09:00-10:00; 7 00:00-24:00"),
            (
                "дс-жм 09:00-18:00; жс 10:00-12:00",
                "1 09:00-18:00; 2 09:00-18:00; 3 09:00-18:00; 4 09:00-18:00; 5 09:00-18:00; 7 10:00-12:00",
            ),
            ("mon 14:00-18:00; mon 09:00-13:00", "1 09:00-13:00; 1 14:00-18:00"),
            ("off", ""),
        ] {
            assert_eq!(hours(text).map(|rules| shown(&rules)), Ok(expected.to_owned()), "{text}");
        }
        for text in [
            "09:00-18:00",
            "mon",
            "mon 9-18",
            "mon 18:00-09:00",
            "mon 09:00-09:00",
            "mon 09:03-10:00",
            "mon 25:00-26:00",
            "mon 09:00-24:05",
            "mon 09:00-13:00,12:00-15:00",
            "mon,mon 09:00-10:00",
            "montag 09:00-10:00",
            "mon 09:00-10:00 11:00-12:00",
            "mon 09:00",
            "mon 09:60-10:00",
        ] {
            assert_eq!(hours(text), Err(Reason::Hours { part: text.to_owned() }), "{text}");
        }
        assert_eq!(hours("mon-fri 09:00-13:00; wed 12:00-15:00"), Err(Reason::HoursOverlap));
        assert_eq!(hours(" ; "), Err(Reason::Empty));
    }

    #[test]
    fn exceptions_and_their_faults() {
        let all = exceptions("2026-12-31 off; 30.12.2026 09:00-12:00,13:00-15:00").unwrap();
        assert_eq!(
            all,
            [
                Exception { day: date(2026, 12, 30), windows: vec![(540, 720), (780, 900)] },
                Exception { day: date(2026, 12, 31), windows: vec![] },
            ]
        );
        assert_eq!(exceptions("").unwrap(), []);
        for part in
            ["2026-12-31", "2026-13-01 off", "31.02.2026 off", "31.12.26 off", "off 2026-12-31", "2026-12-31 closed", "12/31/2026 off"]
        {
            assert_eq!(exceptions(part), Err(Reason::Exception { part: part.to_owned() }), "{part}");
        }
        assert_eq!(exceptions("2026-12-31 off; 31.12.2026 09:00-10:00"), Err(Reason::ExceptionTwice { day: date(2026, 12, 31) }));
    }

    #[test]
    fn phones_become_e164() {
        for (text, expected) in [
            ("+7 (812) 309-12-34", "+78123091234"),
            ("8 812 309 12 34", "+78123091234"),
            ("78123091234", "+78123091234"),
            ("+49 30 901820", "+4930901820"),
        ] {
            assert_eq!(phone(text, false), Ok(expected.to_owned()), "{text}");
        }
        for text in ["3091234", "+7812309123", "+781230912345", "+0123456789", "call me", "9+78123091234", "+7 812 000-00-00, доб. 5"] {
            assert_eq!(phone(text, false), Err(Reason::Phone), "{text}");
        }
        assert_eq!(phone("7,81231E+10", false), Err(Reason::PhoneRewritten));
        assert_eq!(phone("+70008120101", false), Err(Reason::PhoneDemo));
        assert_eq!(phone("8 000 812-01-01", false), Err(Reason::PhoneDemo));
        assert_eq!(phone("+70008120101", true), Ok("+70008120101".to_owned()));
    }

    #[test]
    fn prices_and_lengths() {
        for (text, expected) in
            [("2500", 250_000), ("2 500", 250_000), ("2\u{a0}500,5", 250_050), ("0", 0), ("1999.99", 199_999), ("10000000", 1_000_000_000)]
        {
            assert_eq!(price_minor(text), Ok(expected), "{text}");
        }
        for text in ["", "-1", "2500 ₽", "1.234.567", "2500.123", "10000001", "1e3", ".5"] {
            assert_eq!(price_minor(text), Err(Reason::Price), "{text}");
        }
        assert_eq!((minutes("5"), minutes("480"), minutes("45")), (Ok(5), Ok(480), Ok(45)));
        for text in ["0", "4", "7", "485", "-20", "20 min"] {
            assert_eq!(minutes(text), Err(Reason::Minutes), "{text}");
        }
    }

    #[test]
    fn stations_with_their_minutes() {
        assert_eq!(stations("Петроградская 5; Парк Победы 12").unwrap(), [("Петроградская".to_owned(), 5), ("Парк Победы".to_owned(), 12)]);
        for part in ["Петроградская", "5", "Петроградская пять", "Петроградская 999"] {
            assert_eq!(stations(part), Err(Reason::MetroForm { part: part.to_owned() }), "{part}");
        }
    }

    #[test]
    fn one_name_in_two_spellings_has_one_key() {
        assert_eq!(key("  Клиника «Тёплый  Свет» "), key("клиника теплый свет"));
        assert_eq!(key("Санкт-Петербург"), key("санкт петербург"));
    }

    fn rule(weekday: i64, from: i64, to: i64, every_weeks: i64, week: i64) -> Rule {
        Rule { weekday, from_minute: from, to_minute: to, every_weeks, week }
    }

    #[test]
    fn weeks_alternate() {
        // 2026-11-23 is a Monday, 2968 weeks after 1970-01-05.
        for text in [
            "every 2 weeks from 2026-11-23: sat 10:00-14:00; every 2 weeks from 30.11.2026: sat 12:00-16:00",
            "каждые 2 недели с 2026-11-28: сб 10:00-14:00; каждые 2 недели с 2026-12-02: сб 12:00-16:00",
            "әр 2 апта сайын 2026-11-29 бастап: сб 10:00-14:00; әр 2 апта сайын 2026-11-30 бастап: сб 12:00-16:00",
        ] {
            assert_eq!(hours(text), Ok(vec![rule(6, 600, 840, 2, 0), rule(6, 720, 960, 2, 1)]), "{text}");
        }
        assert_eq!(hours("every 2 weeks from 2026-11-23: sat 10:00-14:00; sat 12:00-16:00"), Err(Reason::HoursOverlap));
        // Lengths without a common part meet some day.
        assert_eq!(
            hours("every 2 weeks from 2026-11-23: sat 10:00-14:00; every 3 weeks from 2026-11-30: sat 12:00-16:00"),
            Err(Reason::HoursOverlap)
        );
        for wrong in ["every 9 weeks from 2026-11-23", "every 1 weeks from 2026-11-23", "every 2 weeks", "every 2 moons from 2026-11-23"] {
            let given = format!("{wrong}: sat 10:00-14:00");
            assert_eq!(hours(&given), Err(Reason::Weeks { part: wrong.to_owned() }), "{given}");
        }
    }

    #[test]
    fn offers_say_what_they_need() {
        let plain = |base: &str| Given { base: base.to_owned(), kk: None, en: None };
        let read = offers("ЭКГ: 1 200,50, 20; МРТ: 6500, 30, alone, after 10, device МРТ 1,5 Тл / МРТ 1,5 Тл / MRI 1.5 T, room Кабинет 3")
            .unwrap();
        assert_eq!((read[0].service.as_str(), read[0].price_minor, read[0].minutes, read[0].alone), ("ЭКГ", 120_050, 20, false));
        let mri = &read[1];
        assert_eq!((mri.before, mri.after, mri.alone, mri.room.clone()), (None, Some(10), true, Some(plain("Кабинет 3"))));
        assert_eq!(mri.device.as_ref().map(|device| (device.base.as_str(), device.en.as_deref())), Some(("МРТ 1,5 Тл", Some("MRI 1.5 T"))));
        for wrong in [
            "ЭКГ",
            "ЭКГ 1200, 20",
            "ЭКГ: 1200",
            ": 1200, 20",
            "ЭКГ: 1200, 20, after 7",
            "ЭКГ: 1200, 20, alone, alone",
            "ЭКГ: 1200, 20, device",
        ] {
            assert_eq!(offers(wrong), Err(Reason::Offer { part: wrong.to_owned() }), "{wrong}");
        }
        assert_eq!(offers("ЭКГ: дорого, 20"), Err(Reason::Price));
        assert_eq!(offers("ЭКГ: 1200, 17"), Err(Reason::Minutes));
    }

    #[test]
    fn ages_are_whole_years() {
        assert_eq!((ages("18+"), ages("3-17"), ages("0 – 3")), (Ok((18, None)), Ok((3, Some(17))), Ok((0, Some(3)))));
        for wrong in ["", "17-3", "18", "adult", "3-121", "-5"] {
            assert_eq!(ages(wrong), Err(Reason::Ages), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_stops_the_reader(text in "[ a-zа-я0-9:;,/.+-]{0,60}") {
            let _read = (hours(&text), offers(&text), ages(&text), tri_name(&text), exceptions(&text));
        }

        #[test]
        fn hours_that_are_read_meet_in_no_week(rules in proptest::collection::vec((1i64..=7, 0i64..280, 1i64..8, 2i64..=8, 0i64..8), 1..6)) {
            const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
            let text: Vec<String> = rules.iter().map(|(day, from, length, every, week)| {
                let (from, to) = (from * 5, (from + length) * 5);
                let monday = date(1970, 1, 5).checked_add(clock::jiff::Span::new().weeks(2968 + week)).unwrap();
                format!("every {every} weeks from {monday}: {} {:02}:{:02}-{:02}:{:02}", DAYS[*day as usize - 1], from / 60, from % 60, to / 60, to % 60)
            }).collect();
            match hours(&text.join("; ")) {
                Ok(read) => {
                    for week in 0..840 {
                        let mut held: Vec<_> = read.iter().filter(|rule| week % rule.every_weeks == rule.week).map(|rule| (rule.weekday, rule.from_minute, rule.to_minute)).collect();
                        held.sort_unstable();
                        proptest::prop_assert!(held.windows(2).all(|pair| pair[0].0 != pair[1].0 || pair[0].2 <= pair[1].1));
                    }
                    proptest::prop_assert_eq!(read.len(), rules.len());
                }
                Err(reason) => proptest::prop_assert_eq!(reason, Reason::HoursOverlap),
            }
        }
    }
}
