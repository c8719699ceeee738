//! What a run found, as it is kept between parts and shown: rows of measured work, facts beside goals, what could not be run.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::load::Seen;

/// Everything that is known, part by part; each part is of one run.
#[derive(Serialize, Deserialize, Default)]
pub(crate) struct Report {
    /// `search`, `slots`, `booking`, `record`, `privacy`.
    pub(crate) parts: BTreeMap<String, Part>,
}

/// One part: what was measured side by side in one run. Ratios are taken within it alone.
#[derive(Serialize, Deserialize, Default)]
pub(crate) struct Part {
    /// When, in UTC, to the minute.
    pub(crate) at: String,
    /// On what.
    pub(crate) machine: String,
    /// Which state of the program, and which versions of the others.
    #[serde(default)]
    pub(crate) versions: String,
    /// Rounds of which each number is the median.
    pub(crate) rounds: usize,
    /// fdatasync calls in a second while the part ran, one number a round.
    pub(crate) syncs: Vec<f64>,
    /// Measured work.
    pub(crate) rows: Vec<Row>,
    /// Ratios and outcomes, with their goals.
    pub(crate) facts: Vec<Fact>,
    /// What could not be run, and why.
    pub(crate) not_run: Vec<String>,
}

/// One kind of work by one server: medians of the rounds.
#[derive(Serialize, Deserialize, Clone, Default)]
pub(crate) struct Row {
    /// What was done.
    pub(crate) work: String,
    /// Who did it.
    pub(crate) who: String,
    /// Doctors in the directory; 0 where it does not matter.
    pub(crate) doctors: usize,
    /// Clients at one time.
    pub(crate) clients: usize,
    /// In a second.
    pub(crate) rate: f64,
    /// Milliseconds.
    pub(crate) p50: f64,
    /// Milliseconds.
    pub(crate) p95: f64,
    /// Milliseconds.
    pub(crate) p99: f64,
    /// Processor microseconds of the server for one piece of work, when it could be told.
    pub(crate) cpu_micros: Option<f64>,
    /// Answers of which the numbers are made, in all rounds.
    pub(crate) answers: usize,
}

/// A ratio or an outcome.
#[derive(Serialize, Deserialize, Clone)]
pub(crate) struct Fact {
    /// What it is of.
    pub(crate) what: String,
    /// As shown.
    pub(crate) value: String,
    /// The goal, as shown; empty when there is none.
    pub(crate) goal: String,
    /// Whether the goal is met.
    pub(crate) met: Option<bool>,
    /// Whether it is an outcome, which must be so on any machine, and not a speed.
    #[serde(default)]
    pub(crate) outcome: bool,
}

/// One round of one server.
#[derive(Clone)]
pub(crate) struct Sample {
    /// What the clients saw.
    pub(crate) seen: Seen,
    /// Processor microseconds of the server for one answer.
    pub(crate) cpu_micros: Option<f64>,
}

/// The rounds of a part as they come in.
#[derive(Default)]
pub(crate) struct Rounds {
    order: Vec<Key>,
    samples: BTreeMap<Key, Vec<Sample>>,
    /// fdatasync calls in a second, one number a round.
    pub(crate) syncs: Vec<f64>,
    /// What went wrong while it was measured, each once.
    pub(crate) faults: Vec<String>,
}

type Key = (String, String, usize, usize);

impl Rounds {
    /// Takes one round in and shows it.
    pub(crate) fn add(&mut self, work: &str, who: &str, doctors: usize, clients: usize, sample: Sample) {
        let (seen, key) = (&sample.seen, (work.to_owned(), who.to_owned(), doctors, clients));
        println!(
            "  {work}, {who}, {doctors} doctors, {clients} at once: {}/s, p50 {} ms, p99 {} ms{}",
            round(seen.rate()),
            round(seen.quantile(0.5, None).unwrap_or(0.0)),
            round(seen.quantile(0.99, None).unwrap_or(0.0)),
            sample.cpu_micros.map_or(String::new(), |micros| format!(", {} µs of processor", round(micros)))
        );
        for fault in &seen.faults {
            let fault = format!("{who}, {work}: {fault}");
            println!("    fault: {fault}");
            if !self.faults.contains(&fault) {
                self.faults.push(fault);
            }
        }
        if !self.order.contains(&key) {
            self.order.push(key.clone());
        }
        self.samples.entry(key).or_default().push(sample);
    }

    /// Medians, in the order in which they were first measured.
    pub(crate) fn rows(&self) -> Vec<Row> {
        self.order.iter().filter_map(|key| self.row_of(key, None)).collect()
    }

    /// The median row of one kind of answer only.
    pub(crate) fn row_of_kind(&self, work: &str, who: &str, doctors: usize, clients: usize, kind: usize) -> Option<Row> {
        self.row_of(&(work.to_owned(), who.to_owned(), doctors, clients), Some(kind))
    }

    fn row_of(&self, key: &Key, kind: Option<usize>) -> Option<Row> {
        let samples = self.samples.get(key)?;
        let middle = |of: &dyn Fn(&Sample) -> Option<f64>| median(samples.iter().filter_map(of).collect());
        let quantile = |share: f64| middle(&move |sample: &Sample| sample.seen.quantile(share, kind)).unwrap_or(0.0);
        let (work, who, doctors, clients) = key.clone();
        Some(Row {
            work,
            who,
            doctors,
            clients,
            rate: middle(&|sample| Some(sample.seen.rate())).unwrap_or(0.0),
            p50: quantile(0.5),
            p95: quantile(0.95),
            p99: quantile(0.99),
            cpu_micros: middle(&|sample| sample.cpu_micros),
            answers: samples.iter().map(|sample| sample.seen.answers.len()).sum(),
        })
    }

    /// The median row of this work by this server.
    pub(crate) fn row(&self, work: &str, who: &str, doctors: usize, clients: usize) -> Option<Row> {
        self.row_of(&(work.to_owned(), who.to_owned(), doctors, clients), None)
    }
}

/// The middle one; the upper of two middle ones.
pub(crate) fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}

/// Three figures that mean something.
pub(crate) fn round(number: f64) -> String {
    let figures = match number.abs() {
        large if large >= 100.0 => 0,
        middle if middle >= 10.0 => 1,
        small if small >= 1.0 => 2,
        _ => 3,
    };
    let text = format!("{number:.figures$}");
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) && digit.is_ascii_digit() && !grouped.ends_with('-') {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped + &rest
}

impl Fact {
    /// An outcome without a goal.
    pub(crate) fn plain(what: impl Into<String>, value: impl Into<String>) -> Fact {
        Fact { what: what.into(), value: value.into(), goal: String::new(), met: None, outcome: false }
    }

    /// A number that should be at least so much.
    pub(crate) fn at_least(what: impl Into<String>, number: f64, least: f64, sign: &str) -> Fact {
        let (value, goal) = (format!("{sign}{}", round(number)), format!("≥ {sign}{}", round(least)));
        Fact { what: what.into(), value, goal, met: Some(number >= least), outcome: false }
    }

    /// A number that should be at most so much.
    pub(crate) fn at_most(what: impl Into<String>, number: f64, most: f64, unit: &str) -> Fact {
        let (value, goal) = (format!("{}{unit}", round(number)), format!("≤ {}{unit}", round(most)));
        Fact { what: what.into(), value, goal, met: Some(number <= most), outcome: false }
    }

    /// Something that must be so.
    pub(crate) fn must(what: impl Into<String>, value: impl Into<String>, goal: impl Into<String>, met: bool) -> Fact {
        Fact { what: what.into(), value: value.into(), goal: goal.into(), met: Some(met), outcome: true }
    }
}

impl Report {
    /// What earlier runs left, or nothing.
    pub(crate) fn read(file: &Path) -> Report {
        std::fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// Keeps it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn write(&self, file: &Path) -> Result<(), String> {
        let text = serde_json::to_string_pretty(self).map_err(|fault| fault.to_string())?;
        std::fs::write(file, text + "\n").map_err(|fault| format!("{}: {fault}", file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_with_the_figures_that_mean_something() {
        let shown: Vec<String> = [0.0123, 1.234, 45.67, 123.4, 12_345.6, 1_234_567.0].into_iter().map(round).collect();
        assert_eq!(shown, ["0.012", "1.23", "45.7", "123", "12\u{202f}346", "1\u{202f}234\u{202f}567"]);
    }

    #[test]
    fn a_row_is_the_median_of_its_rounds() {
        let mut rounds = Rounds::default();
        for (answers, micros) in [(10, 1_000), (30, 3_000), (20, 2_000)] {
            let seen = Seen { answers: vec![(0, micros); answers], seconds: 1.0, faults: vec![] };
            rounds.add("search", "us", 10, 16, Sample { seen, cpu_micros: Some(micros as f64) });
        }
        let row = rounds.row("search", "us", 10, 16).unwrap();
        assert_eq!((row.rate, row.p99, row.cpu_micros, row.answers), (20.0, 2.0, Some(2_000.0), 60));
        assert!(rounds.row("search", "them", 10, 16).is_none());
    }

    #[test]
    fn goals_are_judged() {
        assert_eq!(Fact::at_least("x", 3.0, 2.0, "×").met, Some(true));
        assert_eq!(Fact::at_most("x", 3.0, 2.0, " ms").met, Some(false));
    }
}
