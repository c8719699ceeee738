//! SQLite: one writer thread with group commit, and a pool of reading connections.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use clock::Clock;
use rusqlite::types::{Value as SqliteValue, ValueRef};
use rusqlite::{Connection, OpenFlags, params_from_iter};
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::tx::{Effects, Session};
use crate::{DbError, Moment, Options, Refusal, Row, Signals, TURN_MAX, Tx, Value, Work};

/// The oldest library version whose WAL-reset race is mended (committed pages could be lost before).
const VERSION_MIN: i32 = 3_051_003;
/// Use cases in one commit at most, so that the first does not wait for ever.
const GROUP_MAX: usize = 256;
/// How long a group may grow before it is committed.
const GROUP_MICROS_MAX: i64 = 5_000;
/// Use cases waiting for the writer at most (I9).
const QUEUE_MAX: usize = 4096;
const BUSY_MILLIS_MAX: u32 = 5_000;

pub(crate) struct Sqlite {
    writer: mpsc::Sender<Box<dyn Attempt>>,
    readers: Arc<Readers>,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, options: &Options, clock: Clock, signals: Signals) -> Result<Sqlite, DbError> {
        if rusqlite::version_number() < VERSION_MIN {
            return Err(DbError::Unavailable(format!("SQLite {} is too old; 3.51.3 or newer is needed", rusqlite::version())));
        }
        make_private_file(path)?;
        let connection = Connection::open(path).map_err(|error| cannot_open(path, &error))?;
        let synchronous = if options.synchronous { "FULL" } else { "OFF" };
        let secure = if options.secure_delete { "ON" } else { "OFF" };
        connection
            .execute_batch(&format!(
                "PRAGMA busy_timeout={BUSY_MILLIS_MAX}; PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous};
                 PRAGMA secure_delete={secure}; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
            ))
            .map_err(|error| cannot_open(path, &error))?;
        connection.set_prepared_statement_cache_capacity(256);
        let (writer, queue) = mpsc::channel(QUEUE_MAX);
        let tx = Tx {
            session: Session::Sqlite(SqliteSession { connection, file: Some(OpenFile::of(path)) }),
            clock: clock.clone(),
            effects: Effects::default(),
        };
        std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || write_groups(tx, queue, &signals))
            .map_err(|error| DbError::Unavailable(format!("no thread for the writer: {error}")))?;
        let readers = Readers {
            path: path.to_owned(),
            clock,
            idle: Mutex::new(Vec::new()),
            turns: Arc::new(Semaphore::new(options.connections.max(1))),
        };
        Ok(Sqlite { writer, readers: Arc::new(readers) })
    }

    pub(crate) async fn run<T, E, F>(&self, name: &'static str, use_case: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Refusal + Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> Work<'t, Result<T, E>> + Send + Sync + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let attempt = Box::new(UseCase { name, use_case, outcome: None, answer });
        match tokio::time::timeout(TURN_MAX, self.writer.send(attempt)).await {
            Err(_) => return Err(DbError::Busy.into()),
            Ok(Err(_)) => return Err(DbError::Unavailable("the writer has stopped".into()).into()),
            Ok(Ok(())) => {}
        }
        // No timeout here: the use case is in the writer's hands and will be committed; giving up now would hide its outcome.
        answered.await.unwrap_or_else(|_| Err(DbError::Unavailable("the writer has stopped".into()).into()))
    }

    pub(crate) async fn read<T, E, F>(&self, name: &'static str, reading: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Refusal + Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> Work<'t, Result<T, E>> + Send + Sync + 'static,
    {
        let readers = self.readers.clone();
        let turn = match tokio::time::timeout(TURN_MAX, readers.turns.clone().acquire_owned()).await {
            Ok(Ok(turn)) => turn,
            _ => return Err(DbError::Busy.into()),
        };
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let mut tx = readers.take().map_err(E::from)?;
            let outcome = (|| {
                tx.sqlite()?.batch("BEGIN")?;
                Ok(finish(name, reading(&mut tx)))
            })();
            let ended = tx.sqlite().and_then(|session| session.batch("ROLLBACK"));
            if ended.is_ok() {
                readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(tx);
            }
            outcome.map_err(E::from)?.map_err(E::from)?
        });
        done.await.unwrap_or_else(|_| Err(DbError::Lost("a reader stopped".into()).into()))
    }
}

impl Sqlite {
    /// What was overwritten in a page still stands in the journal until a checkpoint: this one waits for readers, as long as any wait for
    /// the file, and leaves an empty journal.
    pub(crate) async fn scrub(&self) -> Result<(), DbError> {
        let path = self.readers.path.clone();
        let done = tokio::task::spawn_blocking(move || {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(&path, flags).map_err(|error| cannot_open(&path, &error))?;
            connection.execute_batch(&format!("PRAGMA busy_timeout={BUSY_MILLIS_MAX}")).map_err(fault)?;
            let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(fault)?;
            if busy == 0 { Ok(()) } else { Err(DbError::Busy) }
        });
        done.await.unwrap_or_else(|_| Err(DbError::Lost("a checkpoint stopped".into())))
    }
}

struct Readers {
    path: PathBuf,
    clock: Clock,
    idle: Mutex<Vec<Tx>>,
    turns: Arc<Semaphore>,
}

impl Readers {
    fn take(&self) -> Result<Tx, DbError> {
        if let Some(tx) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(tx);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags).map_err(|error| cannot_open(&self.path, &error))?;
        connection
            .execute_batch(&format!("PRAGMA busy_timeout={BUSY_MILLIS_MAX}; PRAGMA query_only=ON; PRAGMA temp_store=MEMORY;"))
            .map_err(fault)?;
        connection.set_prepared_statement_cache_capacity(256);
        Ok(Tx {
            session: Session::Sqlite(SqliteSession { connection, file: None }),
            clock: self.clock.clone(),
            effects: Effects::default(),
        })
    }
}

/// A use case waiting in the writer's queue, its types hidden.
trait Attempt: Send {
    /// Runs it once more; `Err` is a fault, after which its savepoint is rolled back.
    fn run(&mut self, tx: &mut Tx) -> Result<(), DbError>;
    /// Answers whoever waits: with its own outcome, or with the fault that ended the transaction.
    fn answer(self: Box<Self>, transaction: Result<(), DbError>);
}

struct UseCase<T, E, F> {
    name: &'static str,
    use_case: F,
    outcome: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Attempt for UseCase<T, E, F>
where
    T: Send,
    E: Refusal + Send,
    F: for<'t> Fn(&'t mut Tx) -> Work<'t, Result<T, E>> + Send,
{
    fn run(&mut self, tx: &mut Tx) -> Result<(), DbError> {
        // A use case that panics must not take the one writer with it: it is undone as after a fault.
        let ran = catch_unwind(AssertUnwindSafe(|| finish(self.name, (self.use_case)(tx))));
        let outcome = match ran {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(fault)) => Err(E::from(fault)),
            Err(_) => Err(E::from(DbError::Statement(format!("the use case {} panicked", self.name)))),
        };
        let fault = outcome.as_ref().err().and_then(Refusal::fault).cloned();
        self.outcome = Some(outcome);
        fault.map_or(Ok(()), Err)
    }

    fn answer(self: Box<Self>, transaction: Result<(), DbError>) {
        let outcome = match (transaction, self.outcome) {
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(DbError::Lost("the use case did not run".into()).into()),
            // A use case that failed by its own fault is told that one: it is nearer to the cause.
            (Err(_), Some(Err(own))) if own.fault().is_some() => Err(own),
            (Err(fault), _) => Err(fault.into()),
        };
        // An error means that the request was cancelled; its outcome stands all the same.
        let _cancelled = self.answer.send(outcome);
    }
}

/// Drives a future that awaits nothing but a SQLite transaction: it is ready at its first poll, or it is wrong.
fn finish<O>(name: &'static str, mut work: Work<'_, O>) -> Result<O, DbError> {
    match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => Ok(outcome),
        Poll::Pending => Err(DbError::Awaited(name)),
    }
}

fn write_groups(mut tx: Tx, mut queue: mpsc::Receiver<Box<dyn Attempt>>, signals: &Signals) {
    while let Some(first) = queue.blocking_recv() {
        let mut group = Vec::new();
        match run_group(&mut tx, first, &mut queue, &mut group, signals) {
            Ok(()) => {
                signals.committed(std::mem::take(&mut tx.effects));
                for attempt in group {
                    attempt.answer(signals.fault(Moment::After));
                }
            }
            // Another program holds the file, and the wait for it is over. Each of those behind would wait as long again: all are told now.
            Err(DbError::Busy) => {
                while let Ok(waiting) = queue.try_recv() {
                    group.push(waiting);
                }
                tracing::warn!(waiting = group.len(), "another program holds the database");
                for attempt in group {
                    attempt.answer(Err(DbError::Busy));
                }
            }
            Err(fault) => {
                tracing::warn!(waiting = group.len(), %fault, "a group was lost and is run again, each use case alone");
                for attempt in group {
                    run_alone(&mut tx, attempt, signals);
                }
            }
        }
    }
}

/// Runs the first use case and all that wait behind it in one transaction. On `Err` nothing was kept; `group` holds all that ran.
fn run_group(
    tx: &mut Tx,
    first: Box<dyn Attempt>,
    queue: &mut mpsc::Receiver<Box<dyn Attempt>>,
    group: &mut Vec<Box<dyn Attempt>>,
    signals: &Signals,
) -> Result<(), DbError> {
    let began = tx.now();
    group.push(first);
    tx.effects = Effects::default();
    tx.sqlite()?.batch("BEGIN IMMEDIATE")?;
    let outcome = (|| {
        let mut next = 0;
        loop {
            if let Some(attempt) = group.get_mut(next) {
                run_in_savepoint(tx, attempt.as_mut())?;
            }
            next += 1;
            if group.len() >= GROUP_MAX || tx.now().micros() - began.micros() >= GROUP_MICROS_MAX {
                break;
            }
            match queue.try_recv() {
                Ok(attempt) => group.push(attempt),
                Err(_) => break,
            }
        }
        signals.fault(Moment::Before)?;
        tx.sqlite()?.still_there()?;
        tx.sqlite()?.batch("COMMIT")
    })();
    if outcome.is_err() {
        tx.sqlite()?.abandon();
    }
    outcome
}

/// The last try: alone in a transaction. Its failure is final, and is answered.
fn run_alone(tx: &mut Tx, mut attempt: Box<dyn Attempt>, signals: &Signals) {
    tx.effects = Effects::default();
    let outcome = (|| {
        tx.sqlite()?.batch("BEGIN IMMEDIATE")?;
        run_in_savepoint(tx, attempt.as_mut())?;
        signals.fault(Moment::Before)?;
        tx.sqlite()?.still_there()?;
        tx.sqlite()?.batch("COMMIT")
    })();
    if outcome.is_err() {
        if let Ok(session) = tx.sqlite() {
            session.abandon();
        }
    } else {
        signals.committed(std::mem::take(&mut tx.effects));
    }
    attempt.answer(outcome);
}

/// Runs one use case; its own fault undoes only itself. `Err` means that the whole transaction is gone.
fn run_in_savepoint(tx: &mut Tx, attempt: &mut dyn Attempt) -> Result<(), DbError> {
    tx.sqlite()?.batch("SAVEPOINT use_case")?;
    let (dirty, jobs) = (tx.effects.dirty.len(), tx.effects.jobs);
    match attempt.run(tx) {
        Ok(()) => tx.sqlite()?.batch("RELEASE use_case"),
        Err(fault) => {
            tx.effects.dirty.truncate(dirty);
            tx.effects.jobs = jobs;
            let session = tx.sqlite()?;
            // A full disk rolls the whole transaction back by itself; then there is no savepoint to return to.
            if session.connection.is_autocommit() {
                return Err(DbError::Lost(fault.to_string()));
            }
            session.batch("ROLLBACK TO use_case; RELEASE use_case")
        }
    }
}

impl Tx {
    fn sqlite(&mut self) -> Result<&mut SqliteSession, DbError> {
        match &mut self.session {
            Session::Sqlite(session) => Ok(session),
            Session::Postgres(_) => Err(DbError::Lost("not a SQLite transaction".into())),
        }
    }
}

pub(crate) struct SqliteSession {
    connection: Connection,
    /// The writer's file; a reader has none, since nothing is lost by it.
    file: Option<OpenFile>,
}

/// A file as it was when it was opened.
struct OpenFile {
    path: PathBuf,
    identity: Option<(u64, u64)>,
}

impl OpenFile {
    fn of(path: &Path) -> OpenFile {
        OpenFile { path: path.to_owned(), identity: identity(path) }
    }
}

/// Device and inode of what lies at the path now.
fn identity(path: &Path) -> Option<(u64, u64)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
    }
    #[cfg(not(unix))]
    std::fs::metadata(path).ok().map(|_| (0, 0))
}

impl SqliteSession {
    /// A file that was deleted or exchanged is still written to, and gone at the next start: what would be acknowledged would be lost.
    fn still_there(&self) -> Result<(), DbError> {
        match &self.file {
            Some(file) if identity(&file.path) != file.identity => Err(DbError::Unavailable(format!(
                "{}: the file was moved or deleted under the program; stop it, bring the file back, start again",
                file.path.display()
            ))),
            _ => Ok(()),
        }
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        self.connection.execute_batch(sql).map_err(fault)
    }

    fn abandon(&mut self) {
        if !self.connection.is_autocommit()
            && let Err(fault) = self.batch("ROLLBACK")
        {
            tracing::error!(%fault, "a transaction could not be rolled back");
        }
    }

    pub(crate) fn query(&mut self, sql: &str, args: &[Value]) -> Result<Vec<Row>, DbError> {
        let mut statement = self.connection.prepare_cached(&numbered(sql)).map_err(fault)?;
        let width = statement.column_count();
        let mut rows = statement.query(params_from_iter(args.iter().map(to_sqlite))).map_err(fault)?;
        let mut answer = Vec::new();
        while let Some(row) = rows.next().map_err(fault)? {
            let mut values = Vec::with_capacity(width);
            for column in 0..width {
                values.push(from_sqlite(row.get_ref(column).map_err(fault)?)?);
            }
            answer.push(Row(values));
        }
        Ok(answer)
    }

    pub(crate) fn execute(&mut self, sql: &str, args: &[Value]) -> Result<u64, DbError> {
        let mut statement = self.connection.prepare_cached(&numbered(sql)).map_err(fault)?;
        if statement.column_count() > 0 {
            // A statement with RETURNING must be stepped to its end to take effect.
            let mut rows = statement.query(params_from_iter(args.iter().map(to_sqlite))).map_err(fault)?;
            let mut count = 0;
            while rows.next().map_err(fault)?.is_some() {
                count += 1;
            }
            return Ok(count);
        }
        statement.execute(params_from_iter(args.iter().map(to_sqlite))).map(|count| count as u64).map_err(fault)
    }

    /// Whether the statement is one that SQLite understands, without running it.
    pub(crate) fn prepare(&mut self, sql: &str) -> Result<(), DbError> {
        self.connection.prepare(&numbered(sql)).map(drop).map_err(fault)
    }
}

/// SQLite counts `$1` by the order of appearance; `?1` is counted by its number, as PostgreSQL counts `$1`.
fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

fn to_sqlite(value: &Value) -> SqliteValue {
    match value {
        Value::Null => SqliteValue::Null,
        Value::Int(value) => SqliteValue::Integer(*value),
        Value::Real(value) => SqliteValue::Real(*value),
        Value::Text(value) => SqliteValue::Text(value.clone()),
        Value::Bytes(value) => SqliteValue::Blob(value.clone()),
    }
}

fn from_sqlite(value: ValueRef<'_>) -> Result<Value, DbError> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Real(value) => Value::Real(value),
        ValueRef::Text(value) => Value::Text(String::from_utf8(value.to_vec()).map_err(|_| DbError::Shape("a text is not UTF-8".into()))?),
        ValueRef::Blob(value) => Value::Bytes(value.to_vec()),
    })
}

/// A new database is readable by its owner alone, and so are the files that SQLite makes beside it; one that is there stays as it is.
fn make_private_file(path: &Path) -> Result<(), DbError> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = options.open(path);
    opened
        .map(drop)
        .map_err(|error| DbError::Unavailable(format!("{}: {error}; check that the folder exists and may be written", path.display())))
}

fn cannot_open(path: &Path, error: &rusqlite::Error) -> DbError {
    use rusqlite::ErrorCode;
    let what = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another program holds the database; stop that program",
        Some(ErrorCode::DiskFull) => "the disk is full; make room",
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => "this is not a database, or a damaged one; bring back a copy",
        _ => "",
    };
    if !what.is_empty() {
        return DbError::Unavailable(format!("{}: {what}", path.display()));
    }
    DbError::Unavailable(format!("{}: {error}; check that the folder exists and may be written", path.display()))
}

/// SQLite's messages name tables and columns, never values.
fn fault(error: rusqlite::Error) -> DbError {
    use rusqlite::ErrorCode;
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => DbError::Busy,
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::OutOfMemory | ErrorCode::CannotOpen) => {
            DbError::Lost(error.to_string())
        }
        Some(ErrorCode::ReadOnly | ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => DbError::Unavailable(error.to_string()),
        _ => DbError::Statement(error.to_string()),
    }
}
