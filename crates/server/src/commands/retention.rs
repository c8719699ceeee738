//! `recomed retention`: what is past its term. The server keeps the terms by itself; this shows what it will do, or does it now.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use privacy::{Profile, Span};
use rights::retention::{self, AHEAD_DAYS, KeptBy, Line};
use serde_json::json;
use server::{Settings, StartError};

use crate::{open_existing, read};

#[derive(Subcommand)]
pub(crate) enum Act {
    /// Say for each term of the profile what is past it now, and what will be within a month; nothing is changed
    Preview {
        /// As JSON
        #[arg(long)]
        json: bool,
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Take away now what the server would within ten minutes
    Run {
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
}

pub(crate) async fn run(act: Act) -> Result<ExitCode, StartError> {
    match act {
        Act::Preview { json, config } => preview(&read(config, false)?, json).await,
        Act::Run { config } => run_now(&read(config, false)?).await,
    }
}

fn profile(settings: &Settings) -> Result<Profile, StartError> {
    Profile::named(&settings.profile).map_err(|error| StartError(error.to_string()))
}

fn kept_by(by: KeptBy) -> &'static str {
    match by {
        KeptBy::Run => "every ten minutes",
        KeptBy::Sweep => "every minute, by the server",
        KeptBy::Nothing => "nothing of the kind is kept",
        KeptBy::Files => "with each backup",
    }
}

fn span(span: Span) -> String {
    let (number, unit) = match span {
        Span::Seconds(number) => (number, "seconds"),
        Span::Minutes(number) => (number, "minutes"),
        Span::Hours(number) => (number, "hours"),
        Span::Days(number) => (number, "days"),
        Span::WorkingDays(number) => (number, "working days"),
    };
    format!("{number} {unit}")
}

fn day(line: &Line) -> Option<String> {
    line.oldest.map(|at| at.to_jiff().strftime("%Y-%m-%d").to_string())
}

async fn preview(settings: &Settings, as_json: bool) -> Result<ExitCode, StartError> {
    let profile = profile(settings)?;
    let (db, keys) = open_existing(settings).await?;
    let lines = retention::preview(&db, &keys, &profile).await?;
    if as_json {
        let items: Vec<serde_json::Value> = lines
            .iter()
            .map(|line| {
                json!({
                    "term": line.term.path(), "clause": retention::clause(line.term).code(), "span": span(profile.term(line.term)),
                    "what": line.what, "kept_by": kept_by(line.kept_by), "due": line.due, "soon": line.soon, "oldest": day(line),
                })
            })
            .collect();
        say!("{}", json!({ "profile": profile.profile, "ahead_days": AHEAD_DAYS, "items": items }));
        return Ok(ExitCode::SUCCESS);
    }
    for line in &lines {
        let oldest = day(line).map(|day| format!(", oldest {day}")).unwrap_or_default();
        say!("{:>7} now {:>7} within {AHEAD_DAYS} days  {}{oldest}", line.due, line.soon, line.what);
        let clause = retention::clause(line.term).code();
        say!("{:>35}  clause {clause}: {} = {}; {}", "", line.term.path(), span(profile.term(line.term)), kept_by(line.kept_by));
    }
    say!("past their term: {}", lines.iter().map(|line| line.due).sum::<i64>());
    Ok(ExitCode::SUCCESS)
}

async fn run_now(settings: &Settings) -> Result<ExitCode, StartError> {
    let profile = profile(settings)?;
    let (db, keys) = open_existing(settings).await?;
    let taken = retention::run(&db, &keys, &profile).await.map_err(|error| StartError(error.to_string()))?;
    if taken.resumed > 0 {
        say!("{:>7}  erasures that had been begun", taken.resumed);
    }
    for (term, number) in &taken.by_term {
        say!("{number:>7}  {}", retention::rule(*term).0);
    }
    say!("taken away: {}", taken.count());
    Ok(ExitCode::SUCCESS)
}
