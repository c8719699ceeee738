//! What `recomed policy check` looks at besides the tables: the schema of both databases, and who may read their files.

use db::{Db, DbError, Place};
use privacy::{KeyStore, Profile};
use rights::check::{Beside, Finding};

use crate::app::StartError;
use crate::personal::{dictionary, key_dictionary};
use crate::settings::Settings;

/// Every invariant of the policy, checked.
///
/// # Errors
/// A fault of one of the databases.
pub async fn policy(settings: &Settings, db: &Db, keys: &KeyStore, profile: &Profile) -> Result<Vec<Finding>, StartError> {
    let files = files(settings);
    let columns = [names(db).await?, keys.columns().await?];
    let beside = Beside { dictionaries: [dictionary(), key_dictionary()], columns, files: &files };
    Ok(rights::check::check(db, keys, profile, &beside).await?)
}

async fn names(db: &Db) -> Result<Vec<(String, String)>, DbError> {
    let columns = db.read("columns", |tx| Box::pin(db::schema::columns(tx))).await?;
    Ok(columns.into_iter().map(|column| (column.table, column.name)).collect())
}

/// The files that hold data or keys, with their modes; those that are not there are left out.
fn files(settings: &Settings) -> Vec<(String, u32)> {
    let mut paths = vec![settings.master_key_file.clone(), settings.data.join("tombstones")];
    for place in [&settings.database, &settings.keys] {
        if let Place::Sqlite(path) = place {
            paths.push(path.clone());
        }
    }
    paths.into_iter().filter_map(|path| Some((path.display().to_string(), mode(&path)?))).collect()
}

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
