//! `recomed keys`: the master key.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use clock::Clock;
use db::{Db, Options, Place};
use privacy::{KeyError, RotationStep, abandon_rotation, prepare_rotation, rotate};
use server::{Settings, StartError};

use crate::{open_existing, read};

#[derive(Subcommand)]
pub(crate) enum Act {
    /// Put a new master key in the place of the old one; the server may run
    Rotate {
        /// Only make the new key, which from then on opens the store as the old one does: where servers run on several machines, it is brought
        /// beside the master key of each before the change
        #[arg(long)]
        prepare: bool,
        /// Take back a change that was begun and has not put the new key in place
        #[arg(long, conflicts_with = "prepare")]
        abandon: bool,
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
}

pub(crate) async fn run(act: Act) -> Result<ExitCode, StartError> {
    match act {
        Act::Rotate { abandon: true, config, .. } => take_back(&read(config, false)?).await,
        Act::Rotate { prepare, config, .. } => change(&read(config, false)?, prepare).await,
    }
}

/// People's keys between two lines of progress.
const TOLD_KEYS: u64 = 20_000;

fn progress(step: RotationStep) -> Result<(), KeyError> {
    if let RotationStep::Rewrapped(done, all) = step
        && all > TOLD_KEYS
        && (done % TOLD_KEYS == 0 || done == all)
    {
        eprintln!("{done} of {all} people's keys are wrapped anew");
    }
    Ok(())
}

async fn store(settings: &Settings) -> Result<Db, StartError> {
    if let Place::Sqlite(path) = &settings.keys
        && !path.exists()
    {
        return Err(StartError(format!("{}: there is no key store; name its folder by --config or RECOMED_DATA", path.display())));
    }
    Ok(Db::open(Options { secure_delete: true, ..Options::new(settings.keys.clone()) }, Clock::real()).await?)
}

async fn take_back(settings: &Settings) -> Result<ExitCode, StartError> {
    // It opens under the key that is there, or says why not.
    let _opened = open_existing(settings).await?;
    abandon_rotation(&store(settings).await?, &settings.master_key_file).await?;
    say!("{} alone opens the store, as before", settings.master_key_file.display());
    Ok(ExitCode::SUCCESS)
}

async fn change(settings: &Settings, only_prepare: bool) -> Result<ExitCode, StartError> {
    let file = &settings.master_key_file;
    // It is this installation's store, up to date. Which key opens it the change itself looks at: it may have been ended elsewhere.
    let db = store(settings).await?;
    db::migrate::migrate(&db, db::migrate::KEYS).await?;
    if only_prepare {
        let next = prepare_rotation(&db, file, progress).await?;
        say!("{} opens the store as {} does", next.display(), file.display());
        say!(
            "bring it beside the master key of every machine, under that name; then run `recomed keys rotate` on one of them, and on the others after it"
        );
        return Ok(ExitCode::SUCCESS);
    }
    let done = rotate(&db, file, progress).await?;
    say!("{} is a new master key; {} people's keys are wrapped anew, and the old one opens nothing of them", file.display(), done.keys);
    match done.kept {
        Some(kept) => say!("the old one is in {}: backups made until now open with it alone", kept.display()),
        None => {
            say!("a change that was begun before has been ended; the old key is where that run has kept it, under a name with `replaced`")
        }
    }
    say!(
        "now keep a copy of the new key where the old one's was, run `recomed backup`, and destroy the old key when no backup of before is left"
    );
    Ok(ExitCode::SUCCESS)
}
