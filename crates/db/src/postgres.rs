//! PostgreSQL: a pool of connections, a transaction per use case, retried when another transaction won.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clock::Clock;
use tokio::sync::Semaphore;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, private::BytesMut};
use tokio_postgres::{Client, Config, NoTls, Statement};

use crate::tx::{Effects, Session};
use crate::{DbError, Moment, Options, Refusal, Row, Signals, TURN_MAX, Tx, Value, Work};

/// Tries of one use case at most, when other transactions keep winning.
const TRIES_MAX: u32 = 8;
const CONNECT_SECONDS_MAX: u64 = 5;
/// No statement, no lock and no forgotten transaction waits for ever, whatever becomes of us.
/// And no look-up by key reads a whole table: where disks do not turn, a page by its number costs what the next page costs.
const SESSION: &str = "-c statement_timeout=30s -c lock_timeout=8s -c idle_in_transaction_session_timeout=60s -c random_page_cost=1.1";
/// Statements kept prepared per connection.
const STATEMENTS_MAX: usize = 512;

pub(crate) struct Postgres(Arc<Pool>);

struct Pool {
    config: Config,
    idle: Mutex<Vec<PostgresSession>>,
    turns: Arc<Semaphore>,
    clock: Clock,
    signals: Signals,
}

/// There is no TLS to PostgreSQL yet. What would cross a network in clear is refused, unless the operator says that the wire is theirs.
fn refuse_open_wire(config: &Config) -> Result<(), DbError> {
    let near = |host: &Host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback()),
        Host::Unix(_) => true,
    };
    if config.get_ssl_mode() == SslMode::Require {
        return Err(DbError::Unavailable("TLS to PostgreSQL is not there yet; use a socket or a tunnel on this machine".into()));
    }
    if config.get_ssl_mode() != SslMode::Disable && !config.get_hosts().iter().all(near) {
        return Err(DbError::Unavailable(
            "PostgreSQL on another machine would be spoken to in clear; use a tunnel, or add ?sslmode=disable if the wire is yours alone"
                .into(),
        ));
    }
    Ok(())
}

impl Postgres {
    pub(crate) async fn open(url: &str, options: &Options, clock: Clock, signals: Signals) -> Result<Postgres, DbError> {
        let mut config: Config = url
            .parse()
            .map_err(|_| DbError::Unavailable("the PostgreSQL address cannot be read; write postgres://user@host/database".into()))?;
        refuse_open_wire(&config)?;
        config.connect_timeout(Duration::from_secs(CONNECT_SECONDS_MAX)).application_name("recomed").options(SESSION);
        let turns = Arc::new(Semaphore::new(options.connections.max(1)));
        let pool = Pool { config, idle: Mutex::new(Vec::new()), turns, clock, signals };
        let first = pool.connect().await?;
        pool.give_back(first);
        Ok(Postgres(Arc::new(pool)))
    }

    pub(crate) async fn run<T, E, F>(&self, name: &'static str, use_case: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Refusal + Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> Work<'t, Result<T, E>> + Send + Sync + 'static,
    {
        let pool = self.0.clone();
        // In a task of its own: a request that is cancelled must not leave a transaction open.
        let done = tokio::spawn(async move {
            let mut tries = 0;
            loop {
                tries += 1;
                match pool.attempt("BEGIN", "COMMIT", &use_case).await {
                    Ok(outcome) => return outcome,
                    Err(fault) if matches!(fault, DbError::Conflict(_)) && tries < TRIES_MAX => {
                        let wait = pool.clock.below(1 << (tries + 2));
                        tracing::debug!(name, tries, "run again after a conflict");
                        pool.clock.sleep(Duration::from_millis(wait)).await;
                    }
                    Err(fault) => return Err(fault.into()),
                }
            }
        });
        done.await.unwrap_or_else(|_| Err(DbError::Lost("a use case stopped".into()).into()))
    }

    pub(crate) async fn read<T, E, F>(&self, _name: &'static str, reading: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Refusal + Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> Work<'t, Result<T, E>> + Send + Sync + 'static,
    {
        let pool = self.0.clone();
        let done = tokio::spawn(async move {
            match pool.attempt("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "ROLLBACK", &reading).await {
                Ok(outcome) => outcome,
                Err(fault) => Err(fault.into()),
            }
        });
        done.await.unwrap_or_else(|_| Err(DbError::Lost("a reader stopped".into()).into()))
    }
}

impl Pool {
    /// One transaction. The outer error is a fault that kept nothing and may be tried again when it is a conflict.
    async fn attempt<T, E, F>(&self, begin: &str, end: &str, work: &F) -> Result<Result<T, E>, DbError>
    where
        E: Refusal,
        F: for<'t> Fn(&'t mut Tx) -> Work<'t, Result<T, E>> + Send + Sync,
    {
        let turn = tokio::time::timeout(TURN_MAX, self.turns.acquire()).await.map_err(|_| DbError::Busy)?;
        let _turn = turn.map_err(|_| DbError::Unavailable("the pool is closed".into()))?;
        let session = self.take(begin).await?;
        let mut tx = Tx { session: Session::Postgres(session), clock: self.clock.clone(), effects: Effects::default() };
        let outcome = work(&mut tx).await;
        let effects = std::mem::take(&mut tx.effects);
        let Session::Postgres(mut session) = tx.session else {
            return Err(DbError::Lost("not a PostgreSQL transaction".into()));
        };
        match outcome.as_ref().err().and_then(Refusal::fault) {
            None => {
                // A session dropped before its COMMIT rolls back.
                self.signals.fault(Moment::Before)?;
                session.batch(end).await?;
                self.give_back(session);
                self.signals.committed(effects);
                self.signals.fault(Moment::After)?;
                Ok(outcome)
            }
            Some(fault) => {
                let fault = fault.clone();
                if session.batch("ROLLBACK").await.is_ok() {
                    self.give_back(session);
                }
                if matches!(fault, DbError::Conflict(_)) { Err(fault) } else { Ok(outcome) }
            }
        }
    }

    /// A session in a begun transaction. An idle one may have died with the server: then a new one is opened, once.
    async fn take(&self, begin: &str) -> Result<PostgresSession, DbError> {
        loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(mut session) = idle else { break };
            if !session.client.is_closed() && session.batch(begin).await.is_ok() {
                return Ok(session);
            }
        }
        let mut session = self.connect().await?;
        session.batch(begin).await?;
        Ok(session)
    }

    fn give_back(&self, session: PostgresSession) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
    }

    async fn connect(&self) -> Result<PostgresSession, DbError> {
        let (client, connection) = self.config.connect(NoTls).await.map_err(|error| {
            let why = error.as_db_error().map_or_else(|| cause(&error), |db| db.message().to_owned());
            DbError::Unavailable(format!("PostgreSQL: {why}"))
        })?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(%error, "a PostgreSQL connection ended");
            }
        });
        Ok(PostgresSession { client, statements: HashMap::new() })
    }
}

pub(crate) struct PostgresSession {
    client: Client,
    statements: HashMap<String, Statement>,
}

impl PostgresSession {
    pub(crate) async fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        self.client.batch_execute(sql).await.map_err(|error| fault(&error))
    }

    async fn statement(&mut self, sql: &str) -> Result<Statement, DbError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).await.map_err(|error| fault(&error))?;
        if self.statements.len() >= STATEMENTS_MAX {
            self.statements.clear();
        }
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(crate) async fn query(&mut self, sql: &str, args: &[Value]) -> Result<Vec<Row>, DbError> {
        let statement = self.statement(sql).await?;
        let rows = self.client.query(&statement, &params(args)).await.map_err(|error| fault(&error))?;
        rows.iter()
            .map(|row| {
                let mut values = Vec::with_capacity(row.len());
                for column in 0..row.len() {
                    values.push(row.try_get::<_, Value>(column).map_err(|error| DbError::Shape(error.to_string()))?);
                }
                Ok(Row(values))
            })
            .collect()
    }

    pub(crate) async fn execute(&mut self, sql: &str, args: &[Value]) -> Result<u64, DbError> {
        if args.is_empty() && sql.ends_with("SAVEPOINT attempt") {
            // Statements that open and end savepoints need no plan.
            return self.batch(sql).await.map(|()| 0);
        }
        let statement = self.statement(sql).await?;
        self.client.execute(&statement, &params(args)).await.map_err(|error| fault(&error))
    }

    /// Whether the statement is one that this schema understands, without running it.
    pub(crate) async fn prepare(&mut self, sql: &str) -> Result<(), DbError> {
        self.client.prepare(sql).await.map(drop).map_err(|error| fault(&error))
    }
}

fn params(args: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    args.iter().map(|arg| arg as &(dyn ToSql + Sync)).collect()
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(value) if *ty == Type::INT8 => value.to_sql(ty, out),
            Value::Real(value) if *ty == Type::FLOAT8 => value.to_sql(ty, out),
            Value::Text(value) if *ty == Type::TEXT => value.to_sql(ty, out),
            Value::Bytes(value) if *ty == Type::BYTEA => value.to_sql(ty, out),
            _ => Err(format!("a parameter does not fit the type {ty}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    tokio_postgres::types::to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(match *ty {
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i32::from_sql(ty, raw)?.into()),
            Type::BOOL => Value::Int(bool::from_sql(ty, raw)?.into()),
            Type::FLOAT8 => Value::Real(f64::from_sql(ty, raw)?),
            Type::BYTEA => Value::Bytes(Vec::from_sql(ty, raw)?),
            _ => Value::Text(String::from_sql(ty, raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Value::Null)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::INT4 | Type::BOOL | Type::FLOAT8 | Type::BYTEA | Type::TEXT | Type::VARCHAR | Type::NAME)
    }
}

/// PostgreSQL's messages name tables and constraints; its details hold values and are left out.
fn fault(error: &tokio_postgres::Error) -> DbError {
    let Some(db) = error.as_db_error() else {
        // A server that went away breaks the wire in the middle of a word.
        let wire = error.is_closed() || error.source().is_some_and(|source| source.is::<std::io::Error>());
        return if wire { DbError::Lost(cause(error)) } else { DbError::Statement(cause(error)) };
    };
    let text = format!("{} ({})", db.message(), db.code().code());
    match db.code().code() {
        "40001" | "40P01" => DbError::Conflict(text),
        "55P03" => DbError::Busy,
        "53100" | "53200" | "53300" | "57014" | "57P01" | "57P02" | "57P03" => DbError::Lost(text),
        _ => DbError::Statement(text),
    }
}

fn cause(error: &tokio_postgres::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn nothing_crosses_a_network_in_clear_by_accident() {
        let verdict = |url: &str| refuse_open_wire(&url.parse().unwrap()).is_ok();
        assert!(
            verdict("postgres:///recomed?host=/run/postgresql")
                && verdict("postgres://u@localhost/d")
                && verdict("postgres://u@127.0.0.1/d")
        );
        assert!(
            !verdict("postgres://u@db.example/d")
                && !verdict("postgres://u@192.0.2.1/d")
                && !verdict("postgres://u@localhost/d?sslmode=require")
        );
        assert!(verdict("postgres://u@db.example/d?sslmode=disable"));
    }
}
