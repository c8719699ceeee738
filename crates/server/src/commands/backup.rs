//! `recomed backup` and `recomed restore`.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clock::Clock;
use db::{Db, Options};
use privacy::MasterKey;
use server::backup::Told;
use server::{Settings, StartError};

use crate::open_existing;

/// Rows between two lines of progress.
const TOLD_ROWS: u64 = 20_000;

/// Progress on standard error, for work that is long enough to be wondered about.
fn progress() -> Told {
    let told = AtomicU64::new(0);
    Arc::new(move |part, rows, all| {
        let step = rows / TOLD_ROWS;
        if all > TOLD_ROWS && told.swap(step, Ordering::Relaxed) != step {
            eprintln!("{part}: {rows} of {all} rows");
        }
    })
}

pub(crate) async fn backup(settings: &Settings, to: &Path) -> Result<ExitCode, StartError> {
    let (db, _keys) = open_existing(settings).await?;
    let keys = Db::open(Options { secure_delete: true, ..Options::new(settings.keys.clone()) }, Clock::real()).await?;
    let master = MasterKey::read(&settings.master_key_file)?;
    let done = server::backup::backup(settings, &db, &keys, &master, to, progress()).await?;
    say!("backup {} is whole: {} rows in main/, {} in keys/", done.set, done.rows, done.key_rows);
    if done.gone > 0 {
        say!("{} older sets were past their term and are gone", done.gone);
    }
    say!("the master key {} is in no backup: keep it in another place", settings.master_key_file.display());
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn restore(settings: &Settings, from: &Path, set: Option<&str>) -> Result<ExitCode, StartError> {
    let done = server::backup::restore(settings, &Clock::real(), from, set, progress()).await?;
    say!("restored {}: {} rows, {} in the key store", done.set, done.rows, done.key_rows);
    if done.gone > 0 {
        say!("{} people who had been erased since were erased again", done.gone);
    }
    say!("staff sign in anew, each by a new link: recomed staff link LOGIN for an operator, who has a page for the others");
    say!("start the server, and check the log with `recomed audit verify`");
    Ok(ExitCode::SUCCESS)
}
