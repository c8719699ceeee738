//! What `recomed policy check` looks at besides the tables: the schema of both databases, and who may read their files.

use std::path::PathBuf;

use db::{Db, DbError, Place};
use privacy::{BackupPlaces, KeyStore, Profile};
use rights::check::{Beside, Finding};

use crate::app::StartError;
use crate::personal::{dictionary, key_dictionary};
use crate::settings::Settings;

/// Files and folders that hold data or keys, and where copies are.
#[derive(Debug, Clone)]
pub struct Guarded {
    files: Vec<PathBuf>,
    data: PathBuf,
}

impl Guarded {
    /// Those of these settings.
    pub fn of(settings: &Settings) -> Guarded {
        let mut files = vec![settings.master_key_file.clone(), settings.data.join("tombstones")];
        for place in [&settings.database, &settings.keys] {
            if let Place::Sqlite(path) = place {
                files.extend(["", "-wal", "-shm"].map(|end| {
                    let mut file = path.clone().into_os_string();
                    file.push(end);
                    PathBuf::from(file)
                }));
            }
        }
        Guarded { files, data: settings.data.clone() }
    }
}

/// Every invariant of the policy, checked.
///
/// # Errors
/// A fault of one of the databases.
pub async fn policy(guarded: &Guarded, db: &Db, keys: &KeyStore, profile: &Profile) -> Result<Vec<Finding>, StartError> {
    let columns = [names(db).await?, keys.columns().await?];
    let (mut files, mut old_copies) = (guarded.files.clone(), Vec::new());
    // A place that cannot be reached now has been said so by whoever copies there.
    for place in BackupPlaces::in_folder(&guarded.data).read()?.iter().filter(|place| place.is_dir()) {
        files.extend(crate::backup::files(place)?);
        old_copies.extend(crate::backup::past_term(place, db.clock().now(), profile.retention.key_backup_days)?);
    }
    let files: Vec<(String, u32)> = files.into_iter().filter_map(|path| Some((path.display().to_string(), mode(&path)?))).collect();
    let beside = Beside { dictionaries: [dictionary(), key_dictionary()], columns, files: &files, old_copies };
    Ok(rights::check::check(db, keys, profile, &beside).await?)
}

async fn names(db: &Db) -> Result<Vec<(String, String)>, DbError> {
    let columns = db.read("columns", |tx| Box::pin(db::schema::columns(tx))).await?;
    Ok(columns.into_iter().map(|column| (column.table, column.name)).collect())
}

/// The file's mode; `None` when it is not there.
#[cfg(unix)]
fn mode(path: &std::path::Path) -> Option<u32> {
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).ok().map(|found| std::os::unix::fs::PermissionsExt::mode(&found.permissions()));
    // Whoever cannot enter the folder cannot read the file.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(std::path::Path::new("."));
    let closed = mode(folder)? & 0o077 == 0;
    mode(path).map(|mode| if closed { mode & 0o700 } else { mode })
}

#[cfg(not(unix))]
fn mode(_: &std::path::Path) -> Option<u32> {
    None
}
