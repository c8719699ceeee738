//! The bound of everything that writes: the statements that the program sent, recorded, and sent again without the program. No HTTP, no
//! decisions, no sealing; on SQLite in groups of as many as there are clients, on PostgreSQL by as many connections.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use db::{Value, Watch};
use rusqlite::Connection;
use rusqlite::types::Value as SqliteValue;
use tokio_postgres::types::ToSql;

use crate::load::{Client, Seen};
use crate::peers::postgres::{connect, said};

/// One transaction as the program sent it.
#[derive(Clone, Debug)]
pub(crate) struct Transaction {
    /// The use case's name.
    pub(crate) name: &'static str,
    /// Whether it was a use case, not a read.
    pub(crate) writes: bool,
    /// Statements and their parameters.
    pub(crate) statements: Vec<(String, Vec<Value>)>,
    /// Whether it was of the key store.
    pub(crate) of_keys: bool,
}

/// What one piece of work sent.
pub(crate) type Work = Vec<Transaction>;

/// Collects what the program sends, one piece of work after the other.
#[derive(Clone, Default)]
pub(crate) struct Recorder {
    open: Arc<Mutex<Vec<Transaction>>>,
    /// Off, it costs one look: the same process is measured, too.
    on: Arc<AtomicBool>,
}

impl Watch for Recorder {
    fn begins(&self, name: &'static str, writes: bool) {
        if !self.on.load(Ordering::Relaxed) {
            return;
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.push(Transaction { name, writes, statements: Vec::new(), of_keys: false });
    }

    fn statement(&self, sql: &str, args: &[Value]) {
        if !self.on.load(Ordering::Relaxed) {
            return;
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(transaction) = open.last_mut() {
            transaction.statements.push((sql.to_owned(), args.to_vec()));
        }
    }
}

impl Recorder {
    /// Listens from now on, or no more; what was heard so far is forgotten.
    pub(crate) fn listen(&self, on: bool) {
        self.on.store(on, Ordering::Relaxed);
        self.take();
    }

    /// Everything since the last time.
    pub(crate) fn take(&self) -> Work {
        let mut all = std::mem::take(&mut *self.open.lock().unwrap_or_else(PoisonError::into_inner));
        all.retain(|transaction| !transaction.statements.is_empty());
        for transaction in &mut all {
            transaction.of_keys = of_keys(transaction);
        }
        all
    }
}

/// Whether a transaction is of the key store: it speaks of a table that only that one has.
fn of_keys(transaction: &Transaction) -> bool {
    let tables = ["person_key", "system_key", "tombstone"];
    transaction.statements.iter().any(|(sql, _)| tables.iter().any(|table| sql.contains(table)))
}

/// The two databases of a SQLite folder, opened as the program opens them.
pub(crate) struct Pair {
    main: Connection,
    keys: Connection,
}

impl Pair {
    /// Opens them.
    ///
    /// # Errors
    /// What SQLite said.
    pub(crate) fn open(data: &std::path::Path) -> Result<Pair, String> {
        let open = |file: &str, secure: &str| {
            let connection = Connection::open(data.join(file)).map_err(|fault| fault.to_string())?;
            connection
                .execute_batch(&format!(
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete={secure}; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
                ))
                .map_err(|fault| fault.to_string())?;
            connection.set_prepared_statement_cache_capacity(256);
            Ok::<_, String>(connection)
        };
        Ok(Pair { main: open("recomed.db", "OFF")?, keys: open("keys.db", "ON")? })
    }

    /// Sends recorded work again for so long or to its end, `clients` pieces side by side: what each of them sends at the same
    /// place is one commit. Returns what was seen and how many pieces were sent.
    ///
    /// # Errors
    /// What SQLite said.
    pub(crate) fn repeat(&mut self, works: &[Work], clients: usize, length: Duration) -> Result<(Seen, usize), String> {
        let begun = Instant::now();
        let (mut seen, mut sent) = (Seen::default(), 0);
        for group in works.chunks(clients.max(1)) {
            let asked = Instant::now();
            if asked.duration_since(begun) > length {
                break;
            }
            let longest = group.iter().map(Vec::len).max().unwrap_or(0);
            for place in 0..longest {
                let here = || group.iter().filter_map(move |work| work.get(place));
                for transaction in here().filter(|transaction| !transaction.writes) {
                    self.send("BEGIN", &[transaction], "ROLLBACK")?;
                }
                for keys in [true, false] {
                    let writing: Vec<&Transaction> =
                        here().filter(|transaction| transaction.writes && transaction.of_keys == keys).collect();
                    if !writing.is_empty() {
                        self.send("BEGIN IMMEDIATE", &writing, "COMMIT")?;
                    }
                }
            }
            let micros = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
            seen.answers.extend(std::iter::repeat_n((0, micros), group.len()));
            sent += group.len();
        }
        seen.seconds = begun.elapsed().as_secs_f64();
        Ok((seen, sent))
    }

    fn send(&mut self, begin: &str, transactions: &[&Transaction], end: &str) -> Result<(), String> {
        let of_keys = transactions.first().is_some_and(|first| first.of_keys);
        let connection = if of_keys { &self.keys } else { &self.main };
        let fault = |fault: rusqlite::Error| fault.to_string();
        connection.execute_batch(begin).map_err(fault)?;
        for transaction in transactions {
            if transaction.writes {
                connection.execute_batch("SAVEPOINT use_case").map_err(fault)?;
            }
            for (sql, args) in &transaction.statements {
                let mut statement = connection.prepare_cached(&sql.replace('$', "?")).map_err(fault)?;
                let mut rows = statement.query(rusqlite::params_from_iter(args.iter().map(sqlite_value))).map_err(fault)?;
                while rows.next().map_err(fault)?.is_some() {}
            }
            if transaction.writes {
                connection.execute_batch("RELEASE use_case").map_err(fault)?;
            }
        }
        connection.execute_batch(end).map_err(fault)
    }
}

fn sqlite_value(value: &Value) -> SqliteValue {
    match value {
        Value::Null => SqliteValue::Null,
        Value::Int(value) => SqliteValue::Integer(*value),
        Value::Real(value) => SqliteValue::Real(*value),
        Value::Text(value) => SqliteValue::Text(value.clone()),
        Value::Bytes(value) => SqliteValue::Blob(value.clone()),
    }
}

/// A pair of connections to PostgreSQL that sends recorded work again.
pub(crate) struct Repeater {
    main: Session,
    keys: Session,
    works: Arc<Vec<Work>>,
    next: Arc<AtomicUsize>,
}

struct Session {
    client: tokio_postgres::Client,
    statements: std::collections::HashMap<String, tokio_postgres::Statement>,
}

impl Repeater {
    /// So many of them over one list of work.
    ///
    /// # Errors
    /// What the server said.
    pub(crate) async fn many(
        addresses: (&str, &str),
        works: &Arc<Vec<Work>>,
        next: &Arc<AtomicUsize>,
        clients: usize,
    ) -> Result<Vec<Repeater>, String> {
        let mut repeaters = Vec::new();
        for _ in 0..clients {
            let session =
                async |address: &str| Ok::<_, String>(Session { client: connect(address).await?, statements: Default::default() });
            repeaters.push(Repeater {
                main: session(addresses.0).await?,
                keys: session(addresses.1).await?,
                works: works.clone(),
                next: next.clone(),
            });
        }
        Ok(repeaters)
    }
}

impl Session {
    async fn send(&mut self, transaction: &Transaction) -> Result<(), String> {
        let (begin, end) =
            if transaction.writes { ("BEGIN", "COMMIT") } else { ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "ROLLBACK") };
        let told = |fault: tokio_postgres::Error| said(&fault);
        self.client.batch_execute(begin).await.map_err(told)?;
        for (sql, args) in &transaction.statements {
            if args.is_empty() && sql.ends_with("SAVEPOINT attempt") {
                self.client.batch_execute(sql).await.map_err(told)?;
                continue;
            }
            let statement = match self.statements.get(sql) {
                Some(statement) => statement.clone(),
                None => {
                    let statement = self.client.prepare(sql).await.map_err(told)?;
                    self.statements.insert(sql.clone(), statement.clone());
                    statement
                }
            };
            let params: Vec<&(dyn ToSql + Sync)> = args.iter().map(|arg| arg as &(dyn ToSql + Sync)).collect();
            self.client.query(&statement, &params).await.map_err(told)?;
        }
        self.client.batch_execute(end).await.map_err(told)
    }
}

impl Client for Repeater {
    async fn ask(&mut self) -> Result<Option<usize>, String> {
        let works = self.works.clone();
        let Some(work) = works.get(self.next.fetch_add(1, Ordering::Relaxed)) else { return Ok(None) };
        for transaction in work {
            let session = if transaction.of_keys { &mut self.keys } else { &mut self.main };
            if let Err(fault) = session.send(transaction).await {
                // As the program does: what lost against another is given up whole.
                let _ended = session.client.batch_execute("ROLLBACK").await;
                return Err(fault);
            }
        }
        Ok(Some(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recorded_belongs_to_its_transaction() {
        let recorder = Recorder::default();
        recorder.begins("nobody listens", true);
        recorder.listen(true);
        recorder.begins("book", true);
        recorder.statement("INSERT INTO claim", &[Value::Int(1)]);
        recorder.begins("nothing", false);
        recorder.begins("key", true);
        recorder.statement("INSERT INTO person_key", &[]);
        let work = recorder.take();
        assert_eq!(work.iter().map(|transaction| transaction.name).collect::<Vec<_>>(), ["book", "key"]);
        assert_eq!(work.iter().map(|transaction| transaction.of_keys).collect::<Vec<_>>(), [false, true]);
        assert!(recorder.take().is_empty());
    }
}
