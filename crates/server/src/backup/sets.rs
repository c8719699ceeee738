//! The sets of a folder of backups, by the names of their files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clock::Timestamp;

use super::{KEYS, MAIN, said};
use crate::StartError;

/// Sets looked at in one folder at most.
const SETS_MAX: usize = 10_000;

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
            let file = entry.map_err(said(folder))?.path();
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if name.strip_suffix(".partial").is_some_and(|set| set < yesterday.as_str()) {
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
        let name = entry.map_err(said(folder))?.file_name().to_string_lossy().into_owned();
        if name.len() == "20260101T000000Z".len() && name.ends_with('Z') && name.as_bytes().get(8) == Some(&b'T') {
            sets.push(name);
        }
    }
    sets.sort();
    Ok(sets)
}
