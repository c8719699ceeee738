//! `recomed audit`: the log as a file, and the check of a file, of a receipt, of the database. No server need run.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Subcommand;
use privacy::audit::{self, Against, Checked, Progress, Proven, PublicKey, Verified};
use server::{Settings, StartError};

use crate::{open_existing, read};

/// Bytes read and written at once.
const BUFFER_BYTES: usize = 1 << 20;

#[derive(Subcommand)]
pub(crate) enum Act {
    /// Write the whole log into a new file, to be kept and checked elsewhere
    Export {
        /// The file, not there yet
        file: PathBuf,
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Check the log: that nothing in it was changed, taken away, added or moved
    Verify {
        /// An exported log or a receipt; without it, the database of the settings
        #[arg(long)]
        from: Option<PathBuf>,
        /// The log's public key as it was kept; without it, a file's own key is believed and shown
        #[arg(long, value_parser = key)]
        key: Option<PublicKey>,
        /// A receipt or an older export: the log must be the continuation of that one
        #[arg(long)]
        kept: Option<PathBuf>,
        /// Settings in TOML
        #[arg(long, conflicts_with = "from")]
        config: Option<PathBuf>,
    },
}

fn key(text: &str) -> Result<PublicKey, String> {
    text.parse().map_err(|_| "a public key is expected: base64 of 32 bytes".into())
}

pub(crate) async fn run(act: Act) -> Result<ExitCode, StartError> {
    match act {
        Act::Export { file, config } => export(&read(config, false)?, &file).await,
        Act::Verify { from: Some(file), key, kept, .. } => {
            // Reading and hashing a file has nothing to wait for.
            tokio::task::spawn_blocking(move || verify_file(&file, key, kept.as_deref()))
                .await
                .map_err(|_| StartError("the check stopped before its end".into()))?
        }
        Act::Verify { from: None, key, kept, config } => verify_database(&read(config, false)?, key, kept.as_deref()).await,
    }
}

fn progress() -> Progress {
    Arc::new(|entries| eprintln!("{entries} entries"))
}

async fn export(settings: &Settings, path: &Path) -> Result<ExitCode, StartError> {
    let (db, keys) = open_existing(settings).await?;
    let wrong = |why: &dyn std::fmt::Display| StartError(format!("{}: {why}", path.display()));
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => wrong(&"the file is there already; name another one"),
        _ => wrong(&error),
    })?;
    let written = async {
        let (to, exported) =
            audit::export(&db, &keys, BufWriter::with_capacity(BUFFER_BYTES, file), progress()).await.map_err(|e| wrong(&e))?;
        // Whoever is told that it is there has it after a power cut too.
        let file = to.into_inner().map_err(|error| wrong(error.error()))?;
        file.sync_all().map_err(|error| wrong(&error))?;
        Ok::<_, StartError>(exported)
    };
    match written.await {
        Ok(exported) => {
            say!("{}: {} entries, {} not sealed yet", path.display(), exported.entries, exported.unsealed);
            say!("key: {}", exported.key);
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            // A part is worth nothing, and would stand in the way of the next try.
            let _gone = std::fs::remove_file(path);
            Err(error)
        }
    }
}

fn check(path: &Path, against: &Against) -> Result<Checked, StartError> {
    let wrong = |why: &dyn std::fmt::Display| StartError(format!("{}: {why}", path.display()));
    let file = File::open(path).map_err(|error| wrong(&format!("it cannot be opened: {error}")))?;
    audit::verify_file(&mut BufReader::with_capacity(BUFFER_BYTES, file), against, &progress()).map_err(|error| wrong(&error))
}

/// What was kept outside: its root, and the key that it is of.
fn kept(path: Option<&Path>, key: Option<PublicKey>) -> Result<Against, StartError> {
    let Some(path) = path else { return Ok(Against { key, kept: None }) };
    let checked = check(path, &Against { key, kept: None })?;
    if checked.kept().is_none() {
        return Err(StartError(format!("{}: it holds no head to compare with; name a receipt or a copy with entries", path.display())));
    }
    Ok(Against { key: Some(checked.key()), kept: checked.kept() })
}

fn verify_file(path: &Path, key: Option<PublicKey>, older: Option<&Path>) -> Result<ExitCode, StartError> {
    let against = kept(older, key)?;
    match check(path, &against)? {
        Checked::Log(found) => say_log(&found, &path.display().to_string()),
        Checked::Receipt(_) if against.kept.is_some() => {
            return Err(StartError(format!(
                "{}: this is a receipt; --kept goes with a log: give the receipt there, and the log with --from",
                path.display()
            )));
        }
        Checked::Receipt(proven) => say_receipt(&proven, &path.display().to_string()),
    }
    if against.key.is_none() {
        eprintln!("The key is the file's own word: compare it with the one that you kept, or give that one with --key.");
    }
    Ok(ExitCode::SUCCESS)
}

async fn verify_database(settings: &Settings, key: Option<PublicKey>, older: Option<&Path>) -> Result<ExitCode, StartError> {
    let against = kept(older, key)?;
    let (db, keys) = open_existing(settings).await?;
    let key = against.key.unwrap_or_else(|| keys.signer().public());
    let found = audit::verify_database(&db, key, against.kept, progress()).await;
    let found = found.map_err(|error| StartError(format!("the audit log of the database: {error}")))?;
    say_log(&found, "the audit log of the database");
    Ok(ExitCode::SUCCESS)
}

fn say_log(found: &Verified, what: &str) {
    say!("{what} is whole: {} entries under {} heads, {} without their bodies", found.entries, found.heads, found.pruned);
    if found.pruned > 0 {
        say!("a text goes at the end of the log's term (clause 11.1 of the policy); its place among the others is proven all the same");
    }
    if let Some(head) = &found.last {
        say!("sealed last: {}", head.at.to_jiff());
    }
    if let Some(since) = found.unsealed_since {
        say!("not sealed yet: {} entries since {}; no head speaks for them", found.unsealed, since.to_jiff());
    }
    say!("key: {}", found.key);
}

fn say_receipt(proven: &Proven, what: &str) {
    let [operation, purpose, asker, fields, outcome] = &proven.said;
    say!("{what} is true: entry {} of {} in the log sealed at {}", proven.seq, proven.head.size, proven.head.at.to_jiff());
    say!("{}  {operation} for {purpose} by {asker}  fields: {fields}  outcome: {outcome}", proven.at.to_jiff());
    say!("{}", if proven.opened { "it opens the entry's commitment to its subject" } else { "it does not say whom the entry is about" });
    say!("key: {}", proven.key);
}
