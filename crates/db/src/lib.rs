//! The two databases behind one door.
//!
//! A use case is a function over [`Tx`]; [`Db::run`] runs it in one transaction and answers only after the commit. On SQLite
//! one writer thread runs many waiting use cases per commit, a savepoint around each; on PostgreSQL each has a transaction
//! of its own, retried on serialization failures and deadlocks. A use case may be run again, so it changes nothing but `Tx`, and
//! it awaits nothing but `Tx`: no network, no other lock.
//!
//! Values that cross this door are `i64`, `f64`, text, bytes and null; no type of a database library does. SQL is the same text
//! for both, with `$1` parameters; the few places that differ live in this crate.
//!
//! Invariants kept here: I2 (one transaction per use case), I7 (alone knows SQLite from PostgreSQL), I10 (both databases).

pub mod copy;
mod faults;
mod feed;
mod ids;
pub mod jobs;
mod lang;
pub mod migrate;
mod postgres;
pub mod schema;
mod sqlite;
mod tx;
mod value;
mod watch;

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub use clock::Clock;
use tokio::sync::{Notify, broadcast};

pub use faults::{Faults, Moment};
pub use feed::{Dirty, MARKS_MAX, Mark, changed_since, forget_before};
#[doc(hidden)]
pub use ids::reexport;
pub use lang::{Lang, Names, UnknownLang};
pub use migrate::Migration;
pub use tx::Tx;
pub use value::{FromValue, Row, Value, placeholders};
pub use watch::{Watch, watch};

/// What a use case returns: a boxed future that borrows the transaction.
pub type Work<'t, O> = Pin<Box<dyn Future<Output = O> + Send + 't>>;

/// How long a use case or a read may wait for its turn before it is refused as [`DbError::Busy`].
pub const TURN_SECONDS_MAX: u64 = 10;

/// A failure of the database itself, never a refusal of the field. Its text names no value of any row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DbError {
    /// No turn within [`TURN_SECONDS_MAX`], or the lock is held by another program.
    Busy,
    /// The database cannot be reached or opened; the text says why.
    Unavailable(String),
    /// Another transaction won; the same use case may be run again.
    Conflict(String),
    /// The transaction was lost (a full disk, a broken connection): nothing of it was kept, as far as is known.
    Lost(String),
    /// A statement was refused; a defect of the program.
    Statement(String),
    /// A stored value has another type than the program expects.
    Shape(String),
    /// The schema is not the one that this program knows.
    Schema(String),
    /// A use case waited for something other than its transaction; a defect of the program.
    Awaited(&'static str),
}

impl std::fmt::Display for DbError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DbError::Busy => write!(f, "the database is busy; try again"),
            DbError::Unavailable(why) => write!(f, "the database cannot be reached: {why}"),
            DbError::Conflict(why) => write!(f, "another transaction won: {why}"),
            DbError::Lost(why) => write!(f, "the transaction was lost: {why}"),
            DbError::Statement(why) => write!(f, "a statement was refused: {why}"),
            DbError::Shape(why) => write!(f, "a stored value has an unexpected shape: {why}"),
            DbError::Schema(why) => write!(f, "the schema does not fit: {why}"),
            DbError::Awaited(name) => write!(f, "the use case {name} waited for something other than its transaction"),
        }
    }
}

impl std::error::Error for DbError {}

/// The error of a use case: a refusal in the field's words, or a fault of the database. A refusal commits (its audit entry is
/// kept); a fault rolls the use case back.
pub trait Refusal: From<DbError> {
    /// The fault, when this is one.
    fn fault(&self) -> Option<&DbError>;
}

impl Refusal for DbError {
    fn fault(&self) -> Option<&DbError> {
        Some(self)
    }
}

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL address, as libpq writes it.
    Postgres(String),
}

impl std::str::FromStr for Place {
    type Err = DbError;
    fn from_str(text: &str) -> Result<Self, DbError> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err(DbError::Unavailable("`sqlite:` names no file; write sqlite:/path/to/file".into()));
            }
            Ok(Place::Sqlite(PathBuf::from(path)))
        } else if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Ok(Place::Postgres(text.to_owned()))
        } else {
            Err(DbError::Unavailable("the address must begin with sqlite: or postgres://".into()))
        }
    }
}

/// How a database is opened.
#[derive(Clone)]
pub struct Options {
    /// Where it is.
    pub place: Place,
    /// Overwrite deleted content with zeros, as a key store must (I4). SQLite only; PostgreSQL's files are the operator's disk.
    pub secure_delete: bool,
    /// Connections kept for reading (SQLite) or for everything (PostgreSQL).
    pub connections: usize,
    /// `false` only in the test that proves that the durability check notices: commits are then not synced.
    pub synchronous: bool,
    /// Faults that a simulation wants at commits; `None` in the program.
    pub faults: Option<Arc<dyn Faults>>,
}

impl Options {
    /// The usual options for a place.
    pub fn new(place: Place) -> Options {
        Options { place, secure_delete: false, connections: 8, synchronous: true, faults: None }
    }
}

/// An open database. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    backend: Backend,
    clock: Clock,
    changes: broadcast::Sender<Dirty>,
    jobs_waiting: Arc<Notify>,
}

enum Backend {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Db {
    /// Opens the database and, for SQLite, creates the file when it is not there. The schema is not touched: see [`migrate`].
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when it cannot be reached, or when the SQLite library is older than the one proven.
    pub async fn open(options: Options, clock: Clock) -> Result<Db, DbError> {
        let faults = options.faults.clone();
        let signals = Signals { changes: broadcast::channel(4096).0, jobs_waiting: Arc::new(Notify::new()), faults };
        let backend = match &options.place {
            Place::Sqlite(path) => Backend::Sqlite(sqlite::Sqlite::open(path, &options, clock.clone(), signals.clone())?),
            Place::Postgres(url) => Backend::Postgres(postgres::Postgres::open(url, &options, clock.clone(), signals.clone()).await?),
        };
        Ok(Db(Arc::new(Inner { backend, clock, changes: signals.changes, jobs_waiting: signals.jobs_waiting })))
    }

    /// Runs a use case in one transaction. `Ok` and refusals are committed and durable when this returns; after a fault nothing
    /// of the use case is kept. The use case may be run more than once.
    ///
    /// # Errors
    /// The use case's own refusal, or a fault turned into its error type.
    pub async fn run<T, E, F>(&self, name: &'static str, use_case: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Refusal + Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> Work<'t, Result<T, E>> + Send + Sync + 'static,
    {
        watch::begins(name, true);
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.run(name, use_case).await,
            Backend::Postgres(postgres) => postgres.run(name, use_case).await,
        }
    }

    /// Runs a function that only reads, on one consistent state of the database.
    ///
    /// # Errors
    /// As [`Db::run`]; a statement that writes is refused.
    pub async fn read<T, E, F>(&self, name: &'static str, reading: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Refusal + Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> Work<'t, Result<T, E>> + Send + Sync + 'static,
    {
        watch::begins(name, false);
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.read(name, reading).await,
            Backend::Postgres(postgres) => postgres.read(name, reading).await,
        }
    }

    /// Nothing that was deleted stands in the database's own files any more, where it was opened with [`Options::secure_delete`]. On
    /// PostgreSQL nothing is done: dead rows and journal go when its own housekeeping comes to them, and are the operator's disk until then.
    ///
    /// # Errors
    /// [`DbError::Busy`] when readers held on to what was deleted for too long: try again.
    pub async fn scrub(&self) -> Result<(), DbError> {
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.scrub().await,
            Backend::Postgres(_) => Ok(()),
        }
    }

    /// What this process has committed, as it commits; a slow follower loses messages and must read the feed itself.
    pub fn changes(&self) -> broadcast::Receiver<Dirty> {
        self.0.changes.subscribe()
    }

    /// Woken when a commit of this process has left jobs.
    pub fn jobs_waiting(&self) -> Arc<Notify> {
        self.0.jobs_waiting.clone()
    }

    /// The clock that this database was opened with.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// `sqlite` or `postgres`: for people and tests, not for branching.
    pub fn kind(&self) -> &'static str {
        match &self.0.backend {
            Backend::Sqlite(_) => "sqlite",
            Backend::Postgres(_) => "postgres",
        }
    }
}

/// What a commit tells the process.
#[derive(Clone)]
struct Signals {
    changes: broadcast::Sender<Dirty>,
    jobs_waiting: Arc<Notify>,
    faults: Option<Arc<dyn Faults>>,
}

impl Signals {
    /// What a simulation does to this commit.
    fn fault(&self, moment: Moment) -> Result<(), DbError> {
        if self.faults.as_ref().is_some_and(|faults| faults.strikes(moment)) {
            return Err(DbError::Lost("a simulated fault".into()));
        }
        Ok(())
    }

    /// Tells followers and the job runner what a committed transaction has left.
    fn committed(&self, effects: tx::Effects) {
        for dirty in effects.dirty {
            // An error means that nobody follows.
            let _nobody = self.changes.send(dirty);
        }
        if effects.jobs {
            self.jobs_waiting.notify_one();
        }
    }
}

const TURN_MAX: Duration = Duration::from_secs(TURN_SECONDS_MAX);
