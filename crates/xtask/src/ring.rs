//! The rings of the tests: which there are, in what order, what each found and how long it took.

use std::time::{Duration, Instant};

use crate::ground::Ground;
use crate::machine::{self, Tool};
use crate::{bench, breaks, browser, cargo_tests, drill, kills, licences, postgres, sync_trace, tidy, trouble};

/// What one ring found.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Checks that held.
    pub(crate) passed: u64,
    /// Checks that did not; what was wrong has been printed.
    pub(crate) failed: u64,
    /// What could not be run here, and why.
    pub(crate) not_run: Vec<String>,
    /// Closing lines of other test programs, kept for the end of the output.
    pub(crate) closing: Vec<String>,
}

impl Outcome {
    /// Counts one check and prints it.
    pub(crate) fn check(&mut self, what: &str, faults: &[String]) {
        if faults.is_empty() {
            self.passed += 1;
            println!("ok      {what}");
        } else {
            self.failed += 1;
            println!("FAILED  {what}");
            for fault in faults {
                println!("        {fault}");
            }
        }
    }

    /// Nothing could be run, for this reason.
    pub(crate) fn impossible(why: impl Into<String>) -> Self {
        Self { not_run: vec![why.into()], ..Self::default() }
    }
}

/// A ring's work; an error is one failed check.
type Run = fn(&Ground) -> Result<Outcome, String>;

/// Every ring: its name, what it needs of the machine, its work. Quick ones first: their answer comes before the compiler's.
const RINGS: [(&str, &[Tool], Run); 10] = [
    ("tidy", &[Tool::Git], tidy::run),
    ("deny", &[], licences::run),
    ("tests", &[Tool::Postgres], cargo_tests::run),
    ("browser", &[Tool::Node, Tool::Chromium, Tool::Fonts], browser::run),
    ("kills", &[], kills::run),
    ("drill", &[], drill::run),
    ("trace", &[Tool::Strace], sync_trace::run),
    ("trouble", &[Tool::Postgres], trouble::run),
    ("bench", &[Tool::Postgres, Tool::Strace], bench::ring),
    ("breaks", &[Tool::Git, Tool::Postgres], breaks::run),
];

/// Runs the named rings (all, when none is named), prints a table, and says whether everything passed.
///
/// # Errors
/// A ring's name that does not exist, or surroundings that cannot be read at all.
pub(crate) fn test(names: &[&str]) -> Result<bool, String> {
    if let Some(unknown) = names.iter().find(|name| RINGS.iter().all(|ring| ring.0 != **name)) {
        return Err(format!("there is no ring {unknown}"));
    }
    let chosen: Vec<_> = RINGS.into_iter().filter(|ring| names.is_empty() || names.contains(&ring.0)).collect();
    let mut ground = Ground::survey()?;

    let begun = Instant::now();
    let needed: Vec<Tool> = chosen.iter().flat_map(|ring| ring.1.iter().copied()).collect();
    machine::install(&needed);
    let mut server = None;
    if needed.contains(&Tool::Postgres) && Tool::Postgres.is_here() {
        // Kept until the end of this function; however it ends, the server ends with it.
        match postgres::start("postgres") {
            Ok(started) => server = Some(started),
            Err(fault) => println!("PostgreSQL could not be started: {fault}"),
        }
    }
    ground.postgres = server.as_ref().map(|server| server.address.clone());

    let mut rows = vec![("machine", Outcome::default(), begun.elapsed())];
    for (name, tools, run) in chosen {
        println!("\n== {name}");
        let begun = Instant::now();
        let mut outcome = match missing(tools) {
            // The tests run on SQLite alone when there is no PostgreSQL; the other rings have no second leg.
            Some(why) if name != "tests" => Outcome::impossible(why),
            _ => run(&ground).unwrap_or_else(|fault| {
                println!("FAILED  {name}: {fault}");
                Outcome { failed: 1, ..Outcome::default() }
            }),
        };
        if name == "tests" && ground.postgres.is_none() {
            outcome.not_run.push("everything on PostgreSQL: it could not be started here".into());
        }
        rows.push((name, outcome, begun.elapsed()));
    }
    drop(server);
    Ok(sum_up(&rows, ground.ci))
}

fn missing(tools: &[Tool]) -> Option<String> {
    let names: Vec<&str> = tools.iter().filter(|tool| !tool.is_here()).map(|tool| tool.name()).collect();
    (!names.is_empty()).then(|| format!("missing on this machine: {}", names.join(", ")))
}

fn sum_up(rows: &[(&str, Outcome, Duration)], ci: bool) -> bool {
    println!("\n{:<10} {:>8} {:>8} {:>8}", "ring", "passed", "failed", "seconds");
    for (name, outcome, took) in rows {
        println!("{name:<10} {:>8} {:>8} {:>8.1}", outcome.passed, outcome.failed, took.as_secs_f64());
    }
    let whole: Duration = rows.iter().map(|row| row.2).sum();
    let passed: u64 = rows.iter().map(|row| row.1.passed).sum();
    let mut failed: u64 = rows.iter().map(|row| row.1.failed).sum();
    println!("{:<10} {passed:>8} {failed:>8} {:>8.1}\n", "all", whole.as_secs_f64());
    for (name, outcome, _) in rows {
        for why in &outcome.not_run {
            println!("not run: {name}: {why}");
            failed += u64::from(ci);
        }
    }
    for line in rows.iter().flat_map(|row| &row.1.closing) {
        println!("{line}");
    }
    println!("{passed} passed, {failed} failed");
    failed == 0
}
