//! `recomed policy`: whether the program and its data keep to the policy; its text; what keeps each clause. It reads, and changes nothing.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use db::Lang;
use privacy::Profile;
use rights::Policies;
use serde_json::json;
use server::app::operator_of;
use server::check::Guarded;
use server::{Settings, StartError};

use crate::{open_existing, read};

#[derive(Subcommand)]
pub(crate) enum Act {
    /// Check every invariant; the exit code is 1 when one does not hold
    Check {
        /// As JSON
        #[arg(long)]
        json: bool,
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Print the policy as this operator publishes it, in Markdown
    Render {
        /// kk, ru or en
        #[arg(long)]
        lang: Lang,
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Print which rule, function, test and check stand behind each clause, in Markdown
    Map,
}

/// Made from the sources that this program was made of.
const MAP: &str = include_str!("../../../../policy/map.md");

pub(crate) async fn run(act: Act) -> Result<ExitCode, StartError> {
    match act {
        Act::Check { json, config } => check(&read(config, false)?, json).await,
        Act::Render { lang, config } => {
            let policies = Policies::new(&operator_of(&read(config, false)?)?)?;
            say!("{}", policies.text(lang).unwrap_or_default().trim_end());
            Ok(ExitCode::SUCCESS)
        }
        Act::Map => {
            say!("{}", MAP.trim_end());
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn check(settings: &Settings, as_json: bool) -> Result<ExitCode, StartError> {
    let profile = Profile::named(&settings.profile).map_err(|error| StartError(error.to_string()))?;
    let (db, keys) = open_existing(settings).await?;
    let findings = server::check::policy(&Guarded::of(settings), &db, &keys, &profile).await?;
    let broken = findings.iter().filter(|finding| !finding.is_sound() && !finding.warning).count();
    if as_json {
        let items: Vec<serde_json::Value> = findings
            .iter()
            .map(|finding| {
                let state = if finding.is_sound() {
                    "ok"
                } else if finding.warning {
                    "warning"
                } else {
                    "broken"
                };
                json!({ "name": finding.name, "clause": finding.clause, "state": state, "count": finding.count, "more": finding.more })
            })
            .collect();
        say!("{}", json!({ "profile": profile.profile, "version": profile.version, "broken": broken, "items": items }));
    } else {
        for finding in &findings {
            let state = if finding.is_sound() {
                "ok"
            } else if finding.warning {
                "warning"
            } else {
                "BROKEN"
            };
            let count = if finding.is_sound() { String::new() } else { format!(": {}", finding.count) };
            say!("{state:<8} {:<5} {}{count}", finding.clause, finding.name);
            for more in &finding.more {
                say!("               {more}");
            }
        }
        say!("invariants: {}, broken: {broken}", findings.len());
    }
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
