//! I8: terms stand in a jurisdiction's profile, where a lawyer reads them, and never in code.

use std::collections::HashSet;

/// Lengths of time that are no terms of law or of storage, each with the reason. The list may only shrink: a line that nothing in the code
/// answers to is a fault.
const WINDOWS: [(&str, &str, &str); 44] = [
    ("crates/booking/src/api.rs", "DAYS_DEFAULT", "how much of a calendar one answer shows"),
    ("crates/booking/src/api.rs", "DAYS_MAX", "how much of a calendar one answer shows at most"),
    ("crates/booking/src/free/calendar.rs", "30 * MINUTE", "the halves of an hour that a day is drawn in"),
    ("crates/booking/src/free/calendar.rs", "DAYS_AHEAD", "how far ahead free time is computed"),
    ("crates/booking/src/free/follow.rs", "PAST_MINUTES", "how far back free time is computed, since a day begins earlier in the east"),
    ("crates/booking/src/free/state.rs", "MASK_DAYS_MAX", "bits of a word"),
    ("crates/booking/src/pages/doctor.rs", "NEAR_DAYS", "columns of a page"),
    ("crates/booking/src/hold.rs", "CLINIC_AHEAD_MINUTES_MAX", "farther ahead than any calendar is open"),
    ("crates/booking/src/busy.rs", "BLOCK_DAYS_MAX", "how much of a calendar one form blocks"),
    ("crates/desk/src/call.rs", "CALL_MINUTES", "how long nothing may happen in a call before it counts as over"),
    ("crates/desk/src/pages/found.rs", "DAYS_AHEAD", "how far ahead another time is looked for"),
    ("crates/desk/src/pages/found.rs", "DAYS_SHOWN", "columns of a page"),
    ("crates/desk/src/pages/found.rs", "TIMES_OF_DAY_MAX", "a number of times"),
    ("crates/desk/src/hours.rs", "DAYS_AHEAD_MAX", "how far ahead opening hours are looked for"),
    ("crates/booking/src/pages/show.rs", "STRIP_DAYS_MAX", "columns of a page"),
    ("crates/db/src/jobs.rs", "BACKOFF_SECONDS_MAX", "the longest pause between two tries of a job"),
    ("crates/directory/src/fhir/settle.rs", "MINUTES", "the length of a visit that a clinic's file does not tell"),
    ("crates/directory/src/fhir/slots.rs", "DAYS_MAX", "the longest slot that a clinic's file may bring"),
    ("crates/guide/src/hours.rs", "DAY", "the minutes of a day"),
    ("crates/guide/src/offers.rs", "DAY_MINUTES", "the minutes of a day"),
    ("crates/partners/src/feed.rs", "FILE_SECONDS_MAX", "how long a file of a feed may take to come"),
    ("crates/partners/src/fhir/bulk.rs", "SLOTS_OF_WEEK_MAX", "a number of slots"),
    ("crates/partners/src/fhir/bulk.rs", "WEEKS", "files of one export"),
    ("crates/partners/src/fhir/bulk.rs", "7 * DAY", "the length of a week"),
    ("crates/partners/src/fhir/slots.rs", "400 * DAY", "farther ahead than any calendar is open"),
    ("crates/search/src/engine.rs", "DAYS_ROLES_MAX", "a number of roles"),
    ("crates/search/src/engine.rs", "DAY_MINUTES", "the minutes of a day"),
    ("crates/search/src/engine.rs", "DAY_TIMES_MAX", "a number of times"),
    ("crates/search/src/hours.rs", "DAYS_KEPT", "how many days' answers are remembered"),
    ("crates/search/src/hours.rs", "DAYS_MAX", "how far ahead a question about hours may reach"),
    ("crates/search/src/pages/filters.rs", "DAYS", "choices of a filter"),
    ("crates/search/src/pages/filters.rs", "DAYS_MAX", "choices of a filter at most"),
    ("crates/search/src/pages/results.rs", "OTHER_DAYS_MAX", "other days that a page names"),
    ("crates/search/src/pages/results.rs", "OTHER_DAYS_SEEN", "how far ahead a page looks for other days"),
    ("crates/privacy/src/audit/seal.rs", "WHOLE_EVERY_SECONDS", "how often the whole log is looked through"),
    ("crates/privacy/src/keys/people.rs", "WEEK_DAYS", "the length of a week: how coarsely it is known when somebody was seen"),
    ("crates/privacy/src/retention.rs", "CALENDAR_DAYS_MAX", "how far ahead a clinic's calendar may be open"),
    ("crates/rights/src/check.rs", "SLACK_DAYS", "how late a turn of the timetable may be before it is a fault"),
    ("crates/rights/src/control.rs", "DIED_MINUTES", "a check that has not ended by then has died with its program"),
    ("crates/rights/src/retention.rs", "AHEAD_DAYS", "how far ahead a preview looks"),
    ("crates/server/src/backup/sets.rs", "- DAY", "how old what a dead run has left must be, so that one under way loses nothing"),
    ("crates/server/src/timetable.rs", "CONTROL_SECONDS", "how often it is looked whether the day's check was made"),
    ("crates/server/src/timetable.rs", "ORPHANS_SECONDS", "how often a sweep runs"),
    ("crates/staff/src/cookies.rs", "PLACE_SECONDS", "as long as browsers keep any cookie"),
];

/// A wait of so many seconds or more is a term unless it is listed.
const LONG_WAIT: u64 = 3_600;

/// What is wrong: lengths of time in the program's code that are not listed, and lines of the list without one.
pub(crate) fn in_code(files: &[(String, String)]) -> Vec<String> {
    beside(files, &WINDOWS)
}

fn beside(files: &[(String, String)], windows: &[(&str, &str, &str)]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut met = vec![false; windows.len()];
    let for_tests = test_modules(files);
    for (name, text) in files.iter().filter(|(name, _)| is_program(name) && !for_tests.contains(name)) {
        // Inline tests stand last in a file.
        let program = text.split("#[cfg(test)]").next().unwrap_or("");
        for (number, line) in program.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for length in lengths(line) {
                match windows.iter().position(|(file, what, _)| file == name && *what == length) {
                    Some(place) => met[place] = true,
                    None => faults.push(format!(
                        "{name}:{}: `{length}` is a term in code; move it to policy/profiles (I8), or, if it is none, list it in xtask's terms.rs with the reason",
                        number + 1
                    )),
                }
            }
        }
    }
    let idle = windows.iter().zip(met).filter(|(_, met)| !met);
    faults
        .extend(idle.map(|((file, what, _), _)| format!("crates/xtask/src/terms.rs: {file} has no `{what}` any more; take the line out")));
    faults
}

/// Not tests, not the tools, not the crate that says what a day is.
fn is_program(name: &str) -> bool {
    let tools = ["crates/bench/", "crates/clock/", "crates/testkit/", "crates/xtask/"];
    let aside = name.contains("/tests/") || name.contains("/examples/");
    name.starts_with("crates/") && !aside && !tools.iter().any(|folder| name.starts_with(folder))
}

/// Files that are modules for tests alone: `#[cfg(test)] mod name;`.
fn test_modules(files: &[(String, String)]) -> HashSet<String> {
    let mut modules = HashSet::new();
    for (name, text) in files {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name.as_str()));
        let inside = match file.trim_end_matches(".rs") {
            "lib" | "main" => folder.to_owned(),
            stem => format!("{folder}/{stem}"),
        };
        let declared = text.split("#[cfg(test)]\nmod ").skip(1).filter_map(|rest| rest.split_once(';'));
        let names =
            declared.map(|(module, _)| module).filter(|module| module.chars().all(|letter| letter.is_alphanumeric() || letter == '_'));
        modules.extend(names.map(|module| format!("{inside}/{module}.rs")));
    }
    modules
}

/// The lengths of time that a line of code fixes by a number: constants by their names, expressions by their words.
fn lengths(line: &str) -> Vec<String> {
    let words = words(line);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let Some(name) = constant(&words) {
        return vec![name.to_owned()];
    }
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let before = |back: usize| at.checked_sub(back).and_then(|at| words.get(at)).copied().unwrap_or("");
        let after = |ahead: usize| words.get(at + ahead).copied().unwrap_or("");
        // `7 * DAY`, `clock::DAY * 7`, and `- DAY`: so long ago.
        if matches!(*word, "DAY" | "MINUTE" | "HOUR") {
            let back = if before(1) == ":" { 4 } else { 1 };
            if before(back) == "*" && is_number(before(back + 1)) {
                found.push(format!("{} * {word}", before(back + 1)));
            } else if after(1) == "*" && is_number(after(2)) {
                found.push(format!("{word} * {}", after(2)));
            } else if before(back) == "-" {
                found.push(format!("- {word}"));
            }
        }
        // `plus_minutes(-60)`, `Duration::from_hours(2)`, `Span::Days(30)`.
        let call = if after(1) == "(" { if after(2) == "-" { after(3) } else { after(2) } } else { "" };
        if is_number(call) {
            let long = matches!(*word, "plus_days" | "plus_minutes" | "from_days" | "from_hours" | "from_mins")
                || (matches!(*word, "plus_seconds" | "from_secs") && value(call) >= LONG_WAIT)
                || (matches!(*word, "Days" | "Hours" | "Minutes" | "WorkingDays") && before(3) == "Span");
            if long {
                found.push(format!("{word}({call})"));
            }
        }
        // `30.days()`; one day more or less is a step of the calendar.
        let unit = matches!(after(2), "day" | "days" | "hour" | "hours" | "week" | "weeks" | "month" | "months" | "year" | "years");
        if is_number(word) && after(1) == "." && unit && after(3) == "(" && value(word) > 1 {
            found.push(format!("{word}.{}()", after(2)));
        }
    }
    found
}

/// The name of a constant that is a length of time: a number whose name says days, or a longer wait in seconds.
fn constant<'a>(words: &[&'a str]) -> Option<&'a str> {
    let at = words.iter().position(|word| *word == "const")?;
    let [name, ":", kind, "=", value_words @ ..] = words.get(at + 1..)? else { return None };
    let integer =
        matches!(*kind, "i8" | "i16" | "i32" | "i64" | "i128" | "isize" | "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "f64");
    let numbers: Vec<u64> = value_words.iter().filter(|word| is_number(word)).map(|word| value(word)).collect();
    if !integer || numbers.is_empty() {
        return None;
    }
    let says = |units: &[&str]| name.split('_').any(|part| units.contains(&part));
    let product = numbers.iter().copied().fold(1, u64::saturating_mul);
    let days = says(&["DAY", "DAYS", "HOUR", "HOURS", "MINUTE", "MINUTES", "WEEK", "WEEKS", "MONTH", "MONTHS", "YEAR", "YEARS"]);
    (days || (says(&["SECOND", "SECONDS"]) && product >= LONG_WAIT)).then_some(*name)
}

fn is_number(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_digit())
}

fn value(word: &str) -> u64 {
    let digits: String = word.chars().take_while(|letter| letter.is_ascii_digit() || *letter == '_').filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(u64::MAX)
}

/// Names and numbers as they are, every other sign alone, blanks dropped.
fn words(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut inside = false;
    for letter in line.chars() {
        let part = letter.is_alphanumeric() || letter == '_';
        match words.last_mut() {
            Some(word) if part && inside => word.push(letter),
            _ if letter.is_whitespace() => {}
            _ => words.push(letter.to_string()),
        }
        inside = part;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Vec<String> {
        beside(&[("crates/booking/src/sweep.rs".into(), line.into())], &[])
    }

    #[test]
    fn a_term_that_is_planted_in_code_is_found() {
        for planted in [
            "const HOLD_GRACE_MINUTES: i64 = 60;",
            "pub(crate) const CLAIMS_KEPT_DAYS: i64 = 2;",
            "const ADULT_YEARS: i64 = 18;",
            "const KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;",
            "const KEPT: i64 = 30 * DAY;",
            "let before = Timestamp(now.micros() - 2 * clock::DAY);",
            "let before = Timestamp(now.micros() - DAY);",
            "let before = now.micros() - clock::DAY;",
            "let before = now.micros() - DAY * 3;",
            "let until = now.plus_minutes(-60);",
            "let until = now.plus_seconds(86_400);",
            "tokio::time::sleep(Duration::from_secs(7200));",
            "let Some(before) = Span::Days(30).before(now) else { return };",
            "let due = calendar.due(now, &zone, privacy::Span::WorkingDays(10));",
            "let last = today.checked_add(14.days());",
        ] {
            let faults = found(planted);
            assert!(matches!(&faults[..], [fault] if fault.starts_with("crates/booking/src/sweep.rs:1: `")), "{planted}: {faults:?}");
        }
    }

    #[test]
    fn what_is_no_term_is_left_alone() {
        for line in [
            "const SWEPT_MAX: i64 = 500;",
            "const SWEEP_SECONDS: u64 = 60;",
            "const CELLS_PER_DAY: i64 = DAY / CELL;",
            "const DAYS: [&str; 7] = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"];",
            "let expires_at = now.plus_seconds(profile.hold_seconds);",
            "let before = now.plus_minutes(-profile.retention.hold_grace_minutes);",
            "let marks = now.plus_minutes(retention.change_mark_hours * -60);",
            "let tomorrow = day.checked_add(1.day());",
            "let midnight = first.micros() + DAY;",
            "Span::Days(number) => (number, DAY),",
            "// It was 30 * DAY once.",
            "#[cfg(test)] mod tests { const LATER_DAYS: i64 = 3; }",
        ] {
            assert_eq!(found(line), Vec::<String>::new(), "{line}");
        }
        let planted = |name: &str| (String::from(name), String::from("const KEPT_DAYS: i64 = 3;"));
        let elsewhere = |name: &str| beside(&[planted(name)], &[]).len();
        assert_eq!(
            ["crates/a/tests/door/b.rs", "crates/a/examples/b.rs", "crates/xtask/src/b.rs", "crates/a/src/b.rs"].map(elsewhere),
            [0, 0, 0, 1]
        );
        // Modules for tests are told by the line that declares them.
        let parent = |name: &str| (String::from(name), String::from("mod a;\n#[cfg(test)]\nmod small;\n"));
        assert_eq!(beside(&[parent("crates/a/src/lib.rs"), planted("crates/a/src/small.rs"), planted("crates/a/src/a.rs")], &[]).len(), 1);
        assert_eq!(
            beside(&[parent("crates/a/src/b.rs"), planted("crates/a/src/b/small.rs"), planted("crates/a/src/small.rs")], &[]).len(),
            1
        );
    }

    #[test]
    fn a_listed_length_passes_and_one_that_is_gone_is_told() {
        let windows = [("crates/a/src/b.rs", "SHOWN_DAYS", "columns of a page"), ("crates/a/src/b.rs", "7 * DAY", "a week")];
        let both = "const SHOWN_DAYS: i64 = 3;\nlet end = begin + 7 * DAY;\n";
        assert_eq!(beside(&[("crates/a/src/b.rs".into(), both.into())], &windows), Vec::<String>::new());
        let one = beside(&[("crates/a/src/b.rs".into(), "const SHOWN_DAYS: i64 = 3;\n".into())], &windows);
        assert_eq!(one, ["crates/xtask/src/terms.rs: crates/a/src/b.rs has no `7 * DAY` any more; take the line out"]);
        // The same name in another file is not the one that was listed.
        assert_eq!(beside(&[("crates/a/src/c.rs".into(), both.into())], &windows).len(), 4);
    }
}
