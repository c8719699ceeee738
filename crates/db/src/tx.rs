//! A transaction as a use case sees it.

use clock::{Clock, Timestamp};

use crate::feed::Dirty;
use crate::postgres::PostgresSession;
use crate::sqlite::SqliteSession;
use crate::{DbError, Row, Value, watch};

/// An open transaction. Only [`crate::Db`] makes one.
pub struct Tx {
    pub(crate) session: Session,
    pub(crate) clock: Clock,
    pub(crate) effects: Effects,
}

pub(crate) enum Session {
    Sqlite(SqliteSession),
    Postgres(PostgresSession),
}

/// What is told to the process once the transaction is committed.
#[derive(Default)]
pub(crate) struct Effects {
    pub(crate) dirty: Vec<Dirty>,
    pub(crate) jobs: bool,
}

impl Tx {
    /// Runs a statement that answers with rows.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn query(&mut self, sql: &str, args: &[Value]) -> Result<Vec<Row>, DbError> {
        watch::statement(sql, args);
        match &mut self.session {
            Session::Sqlite(session) => session.query(sql, args),
            Session::Postgres(session) => session.query(sql, args).await,
        }
    }

    /// Runs a statement that answers with at most one row; further rows are dropped.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn query_opt(&mut self, sql: &str, args: &[Value]) -> Result<Option<Row>, DbError> {
        Ok(self.query(sql, args).await?.into_iter().next())
    }

    /// Runs a statement that must answer with a row.
    ///
    /// # Errors
    /// A fault of the database; [`DbError::Shape`] when no row came.
    pub async fn query_one(&mut self, sql: &str, args: &[Value]) -> Result<Row, DbError> {
        self.query_opt(sql, args).await?.ok_or_else(|| DbError::Shape("a row was expected".into()))
    }

    /// Runs a statement that writes; the number of rows it touched.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn execute(&mut self, sql: &str, args: &[Value]) -> Result<u64, DbError> {
        watch::statement(sql, args);
        match &mut self.session {
            Session::Sqlite(session) => session.execute(sql, args),
            Session::Postgres(session) => session.execute(sql, args).await,
        }
    }

    /// Opens a savepoint inside the use case; ended by [`Tx::keep`] or [`Tx::undo`].
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn savepoint(&mut self) -> Result<(), DbError> {
        self.execute("SAVEPOINT attempt", &[]).await.map(drop)
    }

    /// Keeps what was done since [`Tx::savepoint`].
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn keep(&mut self) -> Result<(), DbError> {
        self.execute("RELEASE SAVEPOINT attempt", &[]).await.map(drop)
    }

    /// Takes back what was done since [`Tx::savepoint`].
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn undo(&mut self) -> Result<(), DbError> {
        self.execute("ROLLBACK TO SAVEPOINT attempt", &[]).await?;
        self.keep().await
    }

    /// Waits until no other use case holds this mark, and holds it to the end of the transaction; leaves no trace in any row. On SQLite
    /// use cases follow each other anyway.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn exclusive(&mut self, mark: &[u8; 32]) -> Result<(), DbError> {
        if self.is_postgres() {
            let [a, b, c, d, e, f, g, h, ..] = *mark;
            let number = i64::from_be_bytes([a, b, c, d, e, f, g, h]);
            // The answer is of type void, which no value has; the row count is asked instead.
            self.query("SELECT count(*) FROM (SELECT pg_advisory_xact_lock($1)) AS held", &[Value::Int(number)]).await?;
        }
        Ok(())
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The clock and random source of this database.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Whether the statements speak to PostgreSQL; this crate's own business.
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.session, Session::Postgres(_))
    }
}
