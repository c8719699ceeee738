//! Days and times as people say them, always in the clinic's own time.

use jiff::Zoned;
use jiff::civil::{Date, Weekday};

use crate::Lang;

/// Days of the week, Monday first, in lower case (English keeps its capitals), as they stand after "tomorrow,".
const WEEKDAYS: [[&str; 7]; 3] = [
    ["дүйсенбі", "сейсенбі", "сәрсенбі", "бейсенбі", "жұма", "сенбі", "жексенбі"],
    ["понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"],
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
];

const WEEKDAYS_SHORT: [[&str; 7]; 3] = [
    ["дс", "сс", "ср", "бс", "жм", "сб", "жс"],
    ["пн", "вт", "ср", "чт", "пт", "сб", "вс"],
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
];

/// Months as they stand after a number: Russian in the genitive.
const MONTHS: [[&str; 12]; 3] = [
    ["қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым", "шілде", "тамыз", "қыркүйек", "қазан", "қараша", "желтоқсан"],
    ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"],
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
];

/// Months without a number before them: Russian in the nominative.
const MONTHS_ALONE: [[&str; 12]; 3] = [
    MONTHS[0],
    ["январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"],
    MONTHS[2],
];

const MONTHS_SHORT: [[&str; 12]; 3] = [
    ["қаң", "ақп", "нау", "сәу", "мам", "мау", "шіл", "там", "қыр", "қаз", "қар", "жел"],
    ["янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"],
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
];

fn row(lang: Lang) -> usize {
    match lang {
        Lang::Kk => 0,
        Lang::Ru => 1,
        Lang::En => 2,
    }
}

fn name<const N: usize>(table: &[[&'static str; N]; 3], lang: Lang, index: i8) -> &'static str {
    let index = usize::try_from(index).unwrap_or_default();
    table.get(row(lang)).and_then(|names| names.get(index)).copied().unwrap_or_default()
}

/// `вторник`, `сейсенбі`, `Tuesday`.
pub fn weekday(lang: Lang, day: Weekday) -> &'static str {
    name(&WEEKDAYS, lang, day.to_monday_zero_offset())
}

/// `вт`, `сс`, `Tue`.
pub fn weekday_short(lang: Lang, day: Weekday) -> &'static str {
    name(&WEEKDAYS_SHORT, lang, day.to_monday_zero_offset())
}

/// `24 ноя`, `24 қар`, `24 Nov`.
pub fn day_short(lang: Lang, date: Date) -> String {
    format!("{}\u{a0}{}", date.day(), name(&MONTHS_SHORT, lang, date.month() - 1))
}

/// `24 ноября`, `24 қараша`, `24 November`.
pub fn day_month(lang: Lang, date: Date) -> String {
    format!("{}\u{a0}{}", date.day(), name(&MONTHS, lang, date.month() - 1))
}

/// With the year: `24 ноября 2026 года`, `2026 жылғы 24 қараша`, `24 November 2026`.
pub fn date(lang: Lang, date: Date) -> String {
    let day = day_month(lang, date);
    match lang {
        Lang::Kk => format!("{} жылғы {day}", date.year()),
        Lang::Ru => format!("{day} {} года", date.year()),
        Lang::En => format!("{day} {}", date.year()),
    }
}

/// A month as it heads a page: `ноябрь 2026 года`, `2026 жылғы қараша`, `November 2026`.
pub fn month(lang: Lang, of: Date) -> String {
    let name = name(&MONTHS_ALONE, lang, of.month() - 1);
    match lang {
        Lang::Kk => format!("{} жылғы {name}", of.year()),
        Lang::Ru => format!("{name} {} года", of.year()),
        Lang::En => format!("{name} {}", of.year()),
    }
}

/// A day as people say it: `завтра, вторник 24 ноября`, `ертең, 24 қараша, сейсенбі`, `tomorrow, Tuesday 24 November`.
/// Begins in lower case (except English weekdays); the year is told only when it is not this one and not close.
pub fn say_day(lang: Lang, day: Date, today: Date) -> String {
    let distance = (day - today).get_days();
    let near = match (lang, distance) {
        (Lang::Kk, 0) => "бүгін, ",
        (Lang::Kk, 1) => "ертең, ",
        (Lang::Kk, 2) => "бүрсігүні, ",
        (Lang::Ru, 0) => "сегодня, ",
        (Lang::Ru, 1) => "завтра, ",
        (Lang::Ru, 2) => "послезавтра, ",
        (Lang::En, 0) => "today, ",
        (Lang::En, 1) => "tomorrow, ",
        _ => "",
    };
    let far = day.year() != today.year() && distance.abs() > 120;
    let words = if far { date(lang, day) } else { day_month(lang, day) };
    let weekday = weekday(lang, day.weekday());
    match lang {
        Lang::Kk => format!("{near}{words}, {weekday}"),
        Lang::Ru | Lang::En => format!("{near}{weekday} {words}"),
    }
}

/// A time as people say it: `завтра, вторник 24 ноября, 18:30`. Both must be in the clinic's zone.
pub fn say(lang: Lang, at: &Zoned, now: &Zoned) -> String {
    format!("{}, {}", say_day(lang, at.date(), now.date()), time(at))
}

/// `18:30`.
pub fn time(at: &Zoned) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// The zone in words, for a reader who may be elsewhere: `по московскому времени`; the offset when the zone has no words here.
pub fn zone(lang: Lang, at: &Zoned) -> String {
    let words = match at.time_zone().iana_name() {
        Some("Europe/Moscow") => ["Мәскеу уақытымен", "по московскому времени", "Moscow time"],
        Some("Asia/Almaty") => ["Алматы уақытымен", "по времени Алматы", "Almaty time"],
        _ => {
            let minutes = at.offset().seconds() / 60;
            let sign = if minutes < 0 { '\u{2212}' } else { '+' };
            return format!("UTC{sign}{}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
        }
    };
    words.get(row(lang)).copied().unwrap_or_default().to_owned()
}

/// The same words with a capital first letter, for the beginning of a line.
pub fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> Zoned {
        text.parse::<Zoned>().unwrap()
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        let now = at("2026-11-23T09:00:00+03:00[Europe/Moscow]");
        let then = at("2026-11-24T18:30:00+03:00[Europe/Moscow]");
        assert_eq!(say(Lang::Ru, &then, &now), "завтра, вторник 24\u{a0}ноября, 18:30");
        assert_eq!(say(Lang::Kk, &then, &now), "ертең, 24\u{a0}қараша, сейсенбі, 18:30");
        assert_eq!(say(Lang::En, &then, &now), "tomorrow, Tuesday 24\u{a0}November, 18:30");
        assert_eq!(say_day(Lang::Ru, "2026-11-30".parse().unwrap(), now.date()), "понедельник 30\u{a0}ноября");
        assert_eq!(say_day(Lang::En, "2027-06-01".parse().unwrap(), now.date()), "Tuesday 1\u{a0}June 2027");
        assert_eq!(say_day(Lang::Kk, "2027-06-01".parse().unwrap(), now.date()), "2027 жылғы 1\u{a0}маусым, сейсенбі");
    }

    #[test]
    fn zones_have_words_or_an_offset() {
        assert_eq!(zone(Lang::Kk, &at("2026-11-24T18:30:00+05:00[Asia/Almaty]")), "Алматы уақытымен");
        assert_eq!(zone(Lang::Ru, &at("2026-11-24T18:30:00+05:00[Asia/Yekaterinburg]")), "UTC+5:00");
    }
}
