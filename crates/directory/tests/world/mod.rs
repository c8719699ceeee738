//! A fresh database for a test of this crate.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

use std::path::PathBuf;

use clock::Clock;
use db::{Db, Options, Place};
use directory::catalogue::Catalogue;
use directory::import_csv::{Report, import_csv};
use directory::store;

/// A SQLite file that goes when the test ends.
pub struct Fresh {
    pub db: Db,
    folder: PathBuf,
}

impl Drop for Fresh {
    fn drop(&mut self) {
        let _left = std::fs::remove_dir_all(&self.folder);
    }
}

pub async fn fresh() -> Fresh {
    let clock = Clock::real();
    let name: String = clock.bytes::<8>().iter().map(|byte| format!("{byte:02x}")).collect();
    let folder = std::env::temp_dir().join(format!("recomed-directory-{name}"));
    std::fs::create_dir_all(&folder).unwrap();
    let db = Db::open(Options::new(Place::Sqlite(folder.join("test.db"))), clock).await.unwrap();
    db::migrate::migrate(&db, db::migrate::MAIN).await.unwrap();
    Fresh { db, folder }
}

pub async fn catalogue(db: &Db) -> Catalogue {
    db.read("load", |tx| Box::pin(store::load(tx))).await.unwrap()
}

pub async fn import(db: &Db, text: &str) -> Report {
    import_csv(db, text.as_bytes(), false).await.unwrap()
}

pub fn counts(report: &Report) -> (usize, usize, usize, usize) {
    (report.added, report.changed, report.unchanged, report.refused_rows())
}
