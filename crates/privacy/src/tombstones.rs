//! The names on the tombstones: a file beside the data, and one in every place of backups, that only ever grows. A restored key store brings
//! back the key of somebody who was erased since; by this file the key dies again before anybody is answered (I4).
//!
//! A line is a person's id and the day: `3f0c… 2026-11-23`. The id is random and names nobody once the key is gone. A line torn by a death
//! of the program is no line; the erasure that wrote it is still open and writes it again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use clock::{Timestamp, jiff};

use crate::PersonId;

/// Bytes of a line, its end included: an id, a space, a day.
const LINE_BYTES: u64 = 36 + 1 + 10 + 1;
/// Lines read at most: a million erased people.
const LINES_MAX: u64 = 1_000_000;

/// The file of tombstones in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstones(PathBuf);

impl Tombstones {
    /// The file `tombstones` in this folder; it need not be there.
    pub fn in_folder(folder: &Path) -> Tombstones {
        Tombstones(folder.join("tombstones"))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Adds the person, durably: when this returns the line is on the disk. One who is there already is added once more, to no harm. `day` is
    /// that of their end, in days since 1970-01-01: all places have the same, so that a line goes from all of them at one time.
    ///
    /// # Errors
    /// What the file system says; the person is then not to be taken for erased.
    pub fn add(&self, person: PersonId, day: i64) -> Result<(), String> {
        let said = |error: std::io::Error| format!("{}: the tombstone could not be written: {error}", self.0.display());
        let _turn = self.turn().map_err(said)?;
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.0).map_err(said)?;
        // Behind a torn line this one begins on its own.
        let mut last = [b'\n'];
        if file.seek(SeekFrom::End(-1)).is_ok() {
            file.read_exact(&mut last).map_err(said)?;
        }
        let begin = if last == [b'\n'] { "" } else { "\n" };
        let line = format!("{begin}{}", line(person, day));
        file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(said)?;
        self.sync_folder().map_err(said)
    }

    /// Drops the lines of days before `day`, durably: the file is written anew beside the old one and takes its place. How many people went.
    ///
    /// # Errors
    /// What the file system says; the file is then as it was.
    pub fn forget_before(&self, day: i64) -> Result<u64, String> {
        let said = |error: std::io::Error| format!("{}: the tombstones could not be written: {error}", self.0.display());
        if !self.0.exists() {
            return Ok(0);
        }
        // Nobody adds a line to the old file meanwhile.
        let _turn = self.turn().map_err(said)?;
        let all = self.read_days()?;
        let gone = all.values().filter(|erased_on| **erased_on < day).count() as u64;
        if gone == 0 {
            return Ok(0);
        }
        let kept: String = all.iter().filter(|(_, erased_on)| **erased_on >= day).map(|(person, on)| line(*person, *on)).collect();
        let beside = self.0.with_extension("new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside).map_err(said)?;
        file.write_all(kept.as_bytes()).and_then(|()| file.sync_all()).map_err(said)?;
        std::fs::rename(&beside, &self.0).map_err(said)?;
        self.sync_folder().map_err(said)?;
        Ok(gone)
    }

    fn folder(&self) -> &Path {
        self.0.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    fn sync_folder(&self) -> std::io::Result<()> {
        File::open(self.folder())?.sync_all()
    }

    /// One writer at a time, of whatever program: until what is returned is dropped.
    fn turn(&self) -> std::io::Result<File> {
        let lock = File::options().write(true).create(true).truncate(false).open(self.0.with_extension("lock"))?;
        lock.lock()?;
        Ok(lock)
    }

    /// Everybody in the file; nobody when it is not there. Torn lines are passed over.
    ///
    /// # Errors
    /// What the file system says, or that the file is longer than any can be.
    pub fn read(&self) -> Result<BTreeSet<PersonId>, String> {
        Ok(self.read_days()?.into_keys().collect())
    }

    /// The same with the day of each, the earliest that is written.
    ///
    /// # Errors
    /// As [`Tombstones::read`].
    pub fn read_days(&self) -> Result<BTreeMap<PersonId, i64>, String> {
        let said = |error: std::io::Error| format!("{}: the tombstones cannot be read: {error}", self.0.display());
        let file = match File::open(&self.0) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(said(error)),
        };
        if file.metadata().map_err(said)?.len() > LINES_MAX * LINE_BYTES * 2 {
            return Err(format!("{}: this is not a file of tombstones: it is too long", self.0.display()));
        }
        let mut people: BTreeMap<PersonId, i64> = BTreeMap::new();
        for line in BufReader::new(file.take(LINES_MAX * LINE_BYTES * 2)).split(b'\n') {
            let line = line.map_err(said)?;
            let text = std::str::from_utf8(&line).unwrap_or_default();
            if let Some((id, day)) = text.split_once(' ')
                && id.len() == 36
                && day.len() == 10
                && let Ok(person) = id.parse::<PersonId>()
            {
                // A day that cannot be read must not make a tombstone go: it is as young as can be.
                let day = day.parse::<jiff::civil::Date>().map_or(i64::MAX, day_number);
                people.entry(person).and_modify(|known| *known = day.min(*known)).or_insert(day);
            }
        }
        Ok(people)
    }
}

fn day_number(day: jiff::civil::Date) -> i64 {
    day.to_zoned(jiff::tz::TimeZone::UTC).map_or(i64::MAX, |midnight| Timestamp::from(midnight.timestamp()).day())
}

fn line(person: PersonId, day: i64) -> String {
    format!("{person} {}\n", Timestamp(day.saturating_mul(clock::DAY)).to_jiff().strftime("%Y-%m-%d"))
}

/// The places of backups that this installation has written to, a line each, beside the data: their tombstones are kept with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupPlaces(PathBuf);

/// Places remembered at most: an operator has two or three.
const PLACES_MAX: usize = 16;
/// Bytes of the list at most.
const PLACES_BYTES_MAX: u64 = 64 * 1024;

impl BackupPlaces {
    /// The list in the folder of the data; it need not be there.
    pub fn in_folder(folder: &Path) -> BackupPlaces {
        BackupPlaces(folder.join("backup-places"))
    }

    /// The places, the newest last.
    ///
    /// # Errors
    /// What the file system says.
    pub fn read(&self) -> Result<Vec<PathBuf>, String> {
        let said = |error: std::io::Error| format!("{}: the list of backup places cannot be read: {error}", self.0.display());
        let mut text = String::new();
        match File::open(&self.0) {
            Ok(file) => file.take(PLACES_BYTES_MAX).read_to_string(&mut text).map_err(said)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(said(error)),
        };
        Ok(text.lines().filter(|line| !line.is_empty()).map(PathBuf::from).collect())
    }

    /// Remembers a place, which must be absolute; the oldest is forgotten when there are too many.
    ///
    /// # Errors
    /// What the file system says.
    pub fn remember(&self, place: &Path) -> Result<(), String> {
        let said = |error: std::io::Error| format!("{}: the list of backup places cannot be written: {error}", self.0.display());
        let mut places = self.read()?;
        if places.iter().any(|known| known == place) {
            return Ok(());
        }
        places.push(place.to_owned());
        let from = places.len().saturating_sub(PLACES_MAX);
        let lines: Vec<String> = places.iter().skip(from).map(|place| place.display().to_string()).collect();
        let written = self.0.with_extension("new");
        std::fs::write(&written, lines.join("\n") + "\n").and_then(|()| std::fs::rename(&written, &self.0)).map_err(said)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clock::Clock;

    use super::*;

    #[test]
    fn a_torn_line_costs_nobody_else_theirs() {
        let folder = std::env::temp_dir().join(format!("recomed-tombstones-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (clock, file) = (Clock::simulated(Timestamp(0), 1), Tombstones::in_folder(&folder));
        assert_eq!(file.read(), Ok(BTreeSet::new()), "no file, nobody");
        let people: Vec<PersonId> = (0..3).map(|_| PersonId::random(&clock)).collect();
        file.add(people[0], 0).unwrap();
        file.add(people[0], 0).unwrap();
        file.add(people[1], 0).unwrap();
        assert_eq!(file.read().unwrap(), BTreeSet::from([people[0], people[1]]));
        // Died in the middle of a line, at each byte of it.
        let whole = std::fs::read(file.path()).unwrap();
        for cut in 1..usize::try_from(LINE_BYTES).unwrap() {
            std::fs::write(file.path(), &whole[..whole.len() - cut]).unwrap();
            file.add(people[2], 0).unwrap();
            let read = file.read().unwrap();
            assert!(read.contains(&people[0]) && read.contains(&people[2]), "cut by {cut}");
            // Without its last byte a line is whole but for its end.
            assert_eq!(read.contains(&people[1]), cut == 1, "cut by {cut}");
            assert_eq!(read.len(), 2 + usize::from(cut == 1), "cut by {cut}");
        }
        // Two torn lines that are as long as a whole one together.
        std::fs::write(file.path(), [&whole[..20], b"\n", &whole[..27]].concat()).unwrap();
        file.add(people[2], 0).unwrap();
        assert_eq!(file.read().unwrap(), BTreeSet::from([people[2]]));
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(file.path()).unwrap().permissions());
        assert_eq!(mode & 0o077, 0);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
