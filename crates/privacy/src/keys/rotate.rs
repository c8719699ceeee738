//! The master key changes while the server runs (I4). Each step leaves the store and the file such that the key in the file opens the store, so
//! whoever stops at any of them starts, serves, and can run the change again to its end.
//!
//! 1. The new master key stands in a file beside the old one's (`.next`), synced.
//! 2. Every wrapping key is wrapped under it as well: both master keys open the store.
//! 3. The old key is kept under another name for backups that were sealed under it; the new one takes the name of the settings, in one rename.
//! 4. In one transaction what the old key opens goes, and a new wrapping key comes.
//! 5. All keys are wrapped under that, some at a time. Servers that run meet a generation that they do not know, and read the file again.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use db::{Db, DbError};
use zeroize::Zeroizing;

use super::wrapping::{Wrapping, alone};
use super::{KeyError, MasterKey};
use crate::store::wrapping as store;

/// How far a change of the master key has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RotationStep {
    /// The new key is on the disk, beside the old one.
    Made,
    /// Both open the store.
    Doubled,
    /// The old one is in a file of another name as well.
    Kept,
    /// The new one has the name of the settings.
    Replaced,
    /// The old one opens nothing of the store any more.
    Renewed,
    /// So many of people's keys are wrapped anew, of so many.
    Rewrapped(u64, u64),
}

/// What a change of the master key has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// People's keys that were wrapped anew.
    pub keys: u64,
    /// Where the old master key is now, for backups that were sealed under it; `None` when an earlier run, which this one ended, has kept it.
    pub kept: Option<PathBuf>,
}

/// Begins a change of the master key: the new one stands beside the one in `file`, under that name with `.next` at its end, and both open the
/// store. Where servers run on several machines, it is brought beside the file of each before [`rotate`].
///
/// # Errors
/// As [`rotate`].
pub async fn prepare(db: &Db, file: &Path, told: impl Fn(RotationStep) -> Result<(), KeyError> + Send + Sync) -> Result<PathBuf, KeyError> {
    let file = &itself(file)?;
    let _lock = lock(file)?;
    double(db, file, &told).await.map(|_| beside(file, NEXT))
}

/// Puts a new master key into `file` in place of the one there, for the store in `db`, while servers run or not. `told` hears of each step; an
/// error of its stops the change there, as a crash would. A change that was begun or stopped is ended by the next run.
///
/// # Errors
/// [`KeyError::WrongMaster`] when the key in the file is not this store's; faults of files and of the store.
pub async fn rotate(db: &Db, file: &Path, told: impl Fn(RotationStep) -> Result<(), KeyError> + Send + Sync) -> Result<Rotated, KeyError> {
    let file = &itself(file)?;
    let _lock = lock(file)?;
    let mut kept = None;
    if let Some(old) = double(db, file, &told).await? {
        let said = said(file);
        let replaced = beside(file, &format!("replaced-{}-{}", db.clock().now().to_jiff().strftime("%Y%m%d"), old.name()));
        // There already when an earlier run stopped here, and perhaps not written to its end.
        if !MasterKey::read(&replaced).is_ok_and(|kept| kept.mark() == old.mark()) {
            match std::fs::remove_file(&replaced) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(said(error)),
                _ => old.written(&replaced)?,
            };
        }
        as_owned(file, &replaced).map_err(&said)?;
        sync_folder(file).map_err(&said)?;
        told(RotationStep::Kept)?;

        std::fs::rename(beside(file, NEXT), file).map_err(&said)?;
        sync_folder(file).map_err(&said)?;
        kept = Some(replaced);
        told(RotationStep::Replaced)?;
    }

    let new = MasterKey::read(file)?;
    let own = new.clone();
    let rows = db.run("renew wrapping key", move |tx| {
        let new = own.clone();
        Box::pin(async move {
            alone(tx).await?;
            store::leave_to_master(tx, new.mark()).await?;
            let newest = store::wrapping_keys(tx).await?.iter().map(|(generation, ..)| *generation).max().unwrap_or_default();
            let fresh = Zeroizing::new(tx.clock().bytes::<32>());
            store::insert_wrapping_key(tx, &new.wrap(tx.clock(), newest + 1, &fresh), tx.now().day()).await?;
            store::wrapping_keys(tx).await
        })
    });
    let rows = rows.await.map_err(KeyError::Db)?;
    let wrapping = Wrapping::of(new, &rows)?;
    db.scrub().await?;
    told(RotationStep::Renewed)?;

    let keys = wrapping.rewrap(db, |done, all| told(RotationStep::Rewrapped(done, all))).await?;
    db.scrub().await?;
    Ok(Rotated { keys, kept })
}

/// The first two steps; the key that is to be replaced, or `None` when an earlier run came past the rename, and the key in the file is the new one.
async fn double(
    db: &Db,
    file: &Path,
    told: &(impl Fn(RotationStep) -> Result<(), KeyError> + Send + Sync),
) -> Result<Option<MasterKey>, KeyError> {
    let (old, next_file) = (MasterKey::read(file)?, beside(file, NEXT));
    let wrapping = Wrapping::load(db, old.clone()).await?;
    let rows = db.read("wrapping keys", |tx| Box::pin(store::wrapping_keys(tx))).await?;
    let masters: BTreeSet<[u8; 32]> = rows.iter().map(|(_, master, _)| *master).collect();
    if masters.len() > 1 && !next_file.exists() {
        return Ok(None);
    }
    let next = match MasterKey::read(&next_file) {
        Ok(next) => next,
        Err(fault) if masters.len() > 1 => return Err(fault),
        // None, or one that was not written to its end: nothing is under it.
        Err(_) => match std::fs::remove_file(&next_file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(said(file)(error)),
            _ => MasterKey::create(&next_file, db.clock())?,
        },
    };
    as_owned(file, &next_file).map_err(said(file))?;
    sync_folder(file).map_err(said(file))?;
    told(RotationStep::Made)?;

    let doubled: Vec<_> = wrapping.generations().map(|(generation, key)| next.wrap(db.clock(), generation, key)).collect();
    let written = db.run("double wrapping keys", move |tx| {
        let doubled = doubled.clone();
        Box::pin(async move {
            alone(tx).await?;
            for row in &doubled {
                store::insert_wrapping_key(tx, row, tx.now().day()).await?;
            }
            Ok::<_, DbError>(())
        })
    });
    written.await?;
    told(RotationStep::Doubled)?;
    Ok(Some(old))
}

/// The end of the name of a key that is to take over.
pub(super) const NEXT: &str = "next";

fn said(file: &Path) -> impl Fn(std::io::Error) -> KeyError + '_ {
    move |error| KeyError::MasterFile(format!("{}: the master key cannot be changed: {error}", file.display()))
}

/// The file that a name leads to: a link stays one, and what it leads to changes.
fn itself(file: &Path) -> Result<PathBuf, KeyError> {
    std::fs::canonicalize(file).map_err(|error| KeyError::MasterFile(format!("{}: the master key cannot be read: {error}", file.display())))
}

/// Gives a new file to the owner of the old one: whoever runs the server reads it, whoever runs the command.
fn as_owned(file: &Path, new: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, chown};
        let (of, is) = (std::fs::metadata(file)?, std::fs::metadata(new)?);
        if (of.uid(), of.gid()) != (is.uid(), is.gid()) {
            chown(new, Some(of.uid()), Some(of.gid()))?;
        }
    }
    Ok(())
}

/// One change at a time, of whatever program: until what is returned is dropped.
fn lock(file: &Path) -> Result<File, KeyError> {
    let lock = File::options().write(true).create(true).truncate(false).open(beside(file, "lock")).map_err(said(file))?;
    lock.lock().map_err(said(file))?;
    Ok(lock)
}

pub(super) fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(end);
    name.into()
}

fn sync_folder(file: &Path) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
