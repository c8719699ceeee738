//! The sets of a folder of backups, by the names of their files.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use clock::Timestamp;

use super::{KEYS, MAIN, said};
use crate::StartError;
use crate::app::make_private_folder;

/// Sets looked at in one folder at most.
const SETS_MAX: usize = 10_000;

/// Takes the name of a set for this run: of two runs in one second, whatever machines they are on, one gets it.
///
/// # Errors
/// That the name is taken, or what the file system says.
pub(super) fn reserve(to: &Path, set: &str) -> Result<(), StartError> {
    let folder = to.join(MAIN.name);
    make_private_folder(&folder).map_err(said(&folder))?;
    let (partial, whole) = (folder.join(format!("{set}.partial")), folder.join(set));
    let taken = || StartError(format!("{}: another backup was begun in this very second; run it again", whole.display()));
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(&partial) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Err(taken()),
        Err(error) => return Err(said(&partial)(error)),
        Ok(_) => {}
    }
    // The other one has ended: its file has its name since, and this one would take its place.
    if whole.exists() {
        std::fs::remove_file(&partial).map_err(said(&partial))?;
        return Err(taken());
    }
    Ok(())
}

/// Whether it is the name of a set: `20260101T000000Z`. Whatever else lies in a folder of backups is somebody else's.
fn is_set(name: &str) -> bool {
    name.len() == "20260101T000000Z".len()
        && name.bytes().enumerate().all(|(at, byte)| match at {
            8 => byte == b'T',
            15 => byte == b'Z',
            _ => byte.is_ascii_digit(),
        })
}

/// Deletes sets of a folder of backups that are older than the term, by their names, and what runs that died before today have left; how many sets.
///
/// # Errors
/// What the file system says.
pub fn forget_sets(to: &Path, now: Timestamp, days: i64) -> Result<u64, StartError> {
    let folders = [to.join(KEYS.name), to.join(MAIN.name)];
    let oldest = Timestamp(now.micros() - days * clock::DAY).to_jiff().strftime("%Y%m%dT%H%M%SZ").to_string();
    let yesterday = Timestamp(now.micros() - clock::DAY).to_jiff().strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut gone = BTreeSet::new();
    // The key first: without it the other one is noise.
    for folder in &folders {
        for set in sets(folder)?.into_iter().filter(|set| *set < oldest) {
            let file = folder.join(&set);
            match std::fs::remove_file(&file) {
                // A replica on another machine was quicker.
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(said(&file)(error)),
                _ => gone.insert(set),
            };
        }
    }
    // Not of a run that is under way: those are of today.
    for folder in &folders {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for entry in entries.take(SETS_MAX) {
            let entry = entry.map_err(said(folder))?;
            let (file, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if name.strip_suffix(".partial").is_some_and(|set| is_set(set) && set < yesterday.as_str()) {
                std::fs::remove_file(&file).map_err(said(&file))?;
            }
        }
    }
    Ok(gone.len() as u64)
}

/// The files of a folder of backups: both of each set, and what is beside them.
///
/// # Errors
/// What the file system says.
pub(crate) fn files(to: &Path) -> Result<Vec<PathBuf>, StartError> {
    let mut files = vec![to.join("tombstones")];
    for folder in [to.join(MAIN.name), to.join(KEYS.name)] {
        files.extend(sets(&folder)?.iter().map(|set| folder.join(set)));
    }
    Ok(files)
}

/// Names of sets in a folder of backups whose key file is there though it is a day past its term.
///
/// # Errors
/// What the file system says.
pub(crate) fn past_term(to: &Path, now: Timestamp, days: i64) -> Result<Vec<String>, StartError> {
    let oldest = Timestamp(now.micros() - (days + 1) * clock::DAY).to_jiff().strftime("%Y%m%dT%H%M%SZ").to_string();
    Ok(sets(&to.join(KEYS.name))?.into_iter().filter(|set| *set < oldest).collect())
}

/// The names of whole files in a folder, oldest first.
pub(super) fn sets(folder: &Path) -> Result<Vec<String>, StartError> {
    let mut sets = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(sets),
        Err(error) => return Err(said(folder)(error)),
    };
    for entry in entries.take(SETS_MAX) {
        let entry = entry.map_err(said(folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // A link or a folder of that name is none of ours.
        if is_set(&name) && entry.file_type().map_err(said(folder))?.is_file() {
            sets.push(name);
        }
    }
    sets.sort();
    Ok(sets)
}
