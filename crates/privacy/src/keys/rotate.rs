//! The master key changes while the server runs (I4). Each step leaves the store and the file such that the key in the file opens the store, so
//! whoever stops at any of them starts, serves, and can run the change again to its end.
//!
//! 1. The new master key stands in a file beside the old one's (`.next`), synced.
//! 2. In one transaction every wrapping key is wrapped under it as well, and the store says that a change is under way, from which key to which:
//!    both open the store, and nobody begins another change.
//! 3. The old key is kept under another name for backups that were sealed under it; the new one takes the name of the settings, in one rename.
//! 4. In one transaction what the old key opens goes, and a new wrapping key comes.
//! 5. All keys are wrapped under that, some at a time; then the change is over. Servers that run meet a generation that they do not know, and read
//!    the file again.
//!
//! How far a change has come the store says, never what files there are: several machines have files of their own.

use std::fs::File;
use std::path::{Path, PathBuf};

use db::{Db, DbError};
use zeroize::Zeroizing;

use super::wrapping::{Wrapping, alone};
use super::{KeyError, MasterKey};
use crate::store::wrapping::{self as store, Rotation};

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
/// store. Where servers run on several machines, it is brought beside the file of each before [`rotate`]. Answers with the new key's file.
///
/// # Errors
/// As [`rotate`].
pub async fn prepare(db: &Db, file: &Path, told: impl Fn(RotationStep) -> Result<(), KeyError> + Send + Sync) -> Result<PathBuf, KeyError> {
    let file = &itself(file)?;
    let _lock = lock(file)?;
    match double(db, file, &told).await? {
        Doubled::Now(_) => Ok(beside(file, NEXT)),
        Doubled::Replaced | Doubled::Elsewhere(_) => Err(wrong(file, "a change is being ended; run `recomed keys rotate` first")),
    }
}

/// Puts a new master key into `file` in place of the one there, for the store in `db`, while servers run or not. `told` hears of each step; an
/// error of its stops the change there, as a crash would. A change that was begun or stopped is ended by the next run; where another machine has
/// ended it, the key that was brought from there takes its place here.
///
/// # Errors
/// [`KeyError::WrongMaster`] when the key in the file is not this store's; that another change is under way; faults of files and of the store.
pub async fn rotate(db: &Db, file: &Path, told: impl Fn(RotationStep) -> Result<(), KeyError> + Send + Sync) -> Result<Rotated, KeyError> {
    let file = &itself(file)?;
    let _lock = lock(file)?;
    let doubled = double(db, file, &told).await?;
    let mut kept = None;
    if let Doubled::Now(old) | Doubled::Elsewhere(old) = &doubled {
        let said = said(file);
        let replaced = beside(file, &format!("replaced-{}-{}", db.clock().now().to_jiff().strftime("%Y%m%d"), old.name()));
        // There already when an earlier run stopped here, and perhaps not written to its end.
        if !MasterKey::read(&replaced).is_ok_and(|kept| kept.mark() == old.mark()) {
            remove(&replaced).map_err(&said)?;
            old.written(&replaced)?;
        }
        as_owned(file, &replaced).map_err(&said)?;
        sync_folder(file).map_err(&said)?;
        told(RotationStep::Kept)?;

        std::fs::rename(beside(file, NEXT), file).map_err(|error| {
            wrong(file, &format!("the new master key in {} cannot take this name ({error}); put its text here yourself and run this again, or take the change back with --abandon", beside(file, NEXT).display()))
        })?;
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
            let Some(Rotation { old, renewed: false, .. }) = store::rotation(tx).await?.filter(|rotation| rotation.new == new.mark())
            else {
                // Another machine was quicker; or it was done before this run.
                return store::wrapping_keys(tx).await;
            };
            store::forget_master(tx, old).await?;
            let newest = store::wrapping_keys(tx).await?.iter().map(|(generation, ..)| *generation).max().unwrap_or_default();
            let fresh = Zeroizing::new(tx.clock().bytes::<32>());
            store::insert_wrapping_key(tx, &new.wrap(tx.clock(), newest + 1, &fresh), tx.now().day()).await?;
            store::renewed(tx).await?;
            store::wrapping_keys(tx).await
        })
    });
    let rows = rows.await.map_err(KeyError::Db)?;
    let wrapping = Wrapping::of(new.clone(), &rows)?;
    db.scrub().await?;
    told(RotationStep::Renewed)?;

    let keys = wrapping.rewrap(db, |done, all| told(RotationStep::Rewrapped(done, all))).await?;
    let mark = new.mark();
    db.run("rotation ends", move |tx| Box::pin(store::end_rotation(tx, mark))).await?;
    db.scrub().await?;
    Ok(Rotated { keys, kept })
}

/// Takes back a change that was begun and in which the old key still has its name: afterwards it alone opens the store.
///
/// # Errors
/// That there is nothing to take back, or that it is too late.
pub async fn abandon(db: &Db, file: &Path) -> Result<(), KeyError> {
    let file = &itself(file)?;
    let _lock = lock(file)?;
    let old = MasterKey::read(file)?.mark();
    let undone = db.run("abandon rotation", move |tx| {
        Box::pin(async move {
            alone(tx).await?;
            match store::rotation(tx).await? {
                Some(rotation) if rotation.old == old && !rotation.renewed => {
                    store::forget_master(tx, rotation.new).await?;
                    store::end_rotation(tx, rotation.new).await.map(|()| true)
                }
                _ => Ok(false),
            }
        })
    });
    if !undone.await.map_err(KeyError::Db)? {
        return Err(wrong(file, "there is no change to take back: none was begun, or the new key has its name already"));
    }
    db.scrub().await?;
    remove(&beside(file, NEXT)).map_err(said(file))?;
    sync_folder(file).map_err(said(file))
}

/// What the first two steps have come to.
enum Doubled {
    /// Both keys open the store: the one to be replaced.
    Now(MasterKey),
    /// The key in the file is the new one already.
    Replaced,
    /// The change was ended on another machine; here the old key still has the name, and the new one is beside.
    Elsewhere(MasterKey),
}

/// The first two steps.
async fn double(db: &Db, file: &Path, told: &(impl Fn(RotationStep) -> Result<(), KeyError> + Send + Sync)) -> Result<Doubled, KeyError> {
    let (here, next_file) = (MasterKey::read(file)?, beside(file, NEXT));
    let (rotation, rows) = db
        .read("rotation", |tx| Box::pin(async move { Ok::<_, DbError>((store::rotation(tx).await?, store::wrapping_keys(tx).await?)) }))
        .await?;
    let next = MasterKey::read(&next_file);
    if let Some(rotation) = rotation {
        if rotation.new == here.mark() {
            return Ok(Doubled::Replaced);
        }
        if next.as_ref().is_ok_and(|next| next.mark() == rotation.new) {
            return Ok(if rotation.old == here.mark() { Doubled::Now(here) } else { Doubled::Elsewhere(here) });
        }
        return Err(match next {
            Err(fault @ KeyError::MasterFile(_)) if next_file.exists() => fault,
            _ => wrong(
                file,
                "a change has begun on another machine, or its new key was taken away: bring that file here under this name with .next at its end, or take the change back with --abandon",
            ),
        });
    }
    let wrapping = match Wrapping::load(db, here.clone()).await {
        Err(KeyError::WrongMaster) if next.is_ok_and(|next| Wrapping::of(next, &rows).is_ok()) => return Ok(Doubled::Elsewhere(here)),
        loaded => loaded?,
    };
    // None is under way: whatever lies there is of no use, and may be a key that somebody has seen.
    remove(&next_file).map_err(said(file))?;
    let next = MasterKey::create(&next_file, db.clock())?;
    as_owned(file, &next_file).map_err(said(file))?;
    sync_folder(file).map_err(said(file))?;
    told(RotationStep::Made)?;

    let doubled: Vec<_> = wrapping.generations().map(|(generation, key)| next.wrap(db.clock(), generation, key)).collect();
    let (old, new) = (here.mark(), next.mark());
    let begun = db.run("double wrapping keys", move |tx| {
        let doubled = doubled.clone();
        Box::pin(async move {
            alone(tx).await?;
            let known: Vec<i64> = store::wrapping_keys(tx).await?.into_iter().filter(|row| row.1 == old).map(|row| row.0).collect();
            // Somebody else has begun or ended a change since they were read.
            if store::rotation(tx).await?.is_some() || !known.iter().eq(doubled.iter().map(|row| &row.0)) {
                return Ok(false);
            }
            store::begin_rotation(tx, old, new).await?;
            for row in &doubled {
                store::insert_wrapping_key(tx, row, tx.now().day()).await?;
            }
            Ok::<_, DbError>(true)
        })
    });
    if !begun.await? {
        remove(&next_file).map_err(said(file))?;
        return Err(wrong(file, "another change of the master key has just begun; when it has ended, bring its new key here"));
    }
    told(RotationStep::Doubled)?;
    Ok(Doubled::Now(here))
}

/// The end of the name of a key that is to take over.
pub(super) const NEXT: &str = "next";

fn wrong(file: &Path, why: &str) -> KeyError {
    KeyError::MasterFile(format!("{}: {why}", file.display()))
}

fn said(file: &Path) -> impl Fn(std::io::Error) -> KeyError + '_ {
    move |error| wrong(file, &format!("the master key cannot be changed: {error}"))
}

/// The file that a name leads to: a link stays one, and what it leads to changes.
pub(super) fn itself(file: &Path) -> Result<PathBuf, KeyError> {
    std::fs::canonicalize(file).map_err(|error| wrong(file, &format!("the master key cannot be read: {error}")))
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

fn remove(file: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// One change at a time with this file, of whatever program: until what is returned is dropped.
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
