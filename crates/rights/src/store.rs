//! What is past its term, counted: reads of other crates' tables, so that the whole of retention stands on one page.

use db::{DbError, Row, Tx, args};

pub(crate) mod check;
pub(crate) mod control;

/// How many, and the earliest instant or day.
pub(crate) type Counted = (i64, Option<i64>);

fn counted(row: &Row) -> Result<Counted, DbError> {
    Ok((row.get(0)?, row.get(1)?))
}

/// Ties of visits that ended before that instant.
pub(crate) async fn ties(tx: &mut Tx, before: i64) -> Result<Counted, DbError> {
    counted(&tx.query_one("SELECT count(*), min(ends_at) FROM appointment WHERE tied = 1 AND ends_at < $1", &args![before]).await?)
}

/// Visits whose consent was withdrawn on that day or earlier, and which are still tied.
pub(crate) async fn withdrawn(tx: &mut Tx, on: i64) -> Result<Counted, DbError> {
    let sql = "SELECT count(*), min(w.withdrawn_on) FROM withdrawn_visit w JOIN appointment a ON a.id = w.visit WHERE a.tied = 1 AND w.withdrawn_on <= $1";
    counted(&tx.query_one(sql, &args![on]).await?)
}

/// Holds that ran out before that instant.
pub(crate) async fn holds(tx: &mut Tx, before: i64) -> Result<Counted, DbError> {
    counted(&tx.query_one("SELECT count(*), min(expires_at) FROM hold WHERE expires_at < $1", &args![before]).await?)
}

/// Codes that ran out before that instant.
pub(crate) async fn codes(tx: &mut Tx, before: i64) -> Result<Counted, DbError> {
    counted(&tx.query_one("SELECT count(*), min(expires_at) FROM phone_code WHERE expires_at < $1", &args![before]).await?)
}

/// Claims of visits that ended before that instant.
pub(crate) async fn claims(tx: &mut Tx, before: i64) -> Result<Counted, DbError> {
    let sql = "SELECT count(*), min(a.ends_at) FROM claim c JOIN appointment a ON a.id = c.owner WHERE a.ends_at < $1";
    counted(&tx.query_one(sql, &args![before]).await?)
}

/// Messages sent before that instant.
pub(crate) async fn messages(tx: &mut Tx, before: i64) -> Result<Counted, DbError> {
    counted(&tx.query_one("SELECT count(*), min(sent_at) FROM sent_message WHERE sent_at < $1", &args![before]).await?)
}

/// Idempotency keys of days before that day.
pub(crate) async fn keys(tx: &mut Tx, before_on: i64) -> Result<Counted, DbError> {
    counted(&tx.query_one("SELECT count(*), min(kept_on) FROM idempotency WHERE kept_on < $1", &args![before_on]).await?)
}

/// Dead jobs whose last try was before that instant.
pub(crate) async fn dead_jobs(tx: &mut Tx, before: i64) -> Result<Counted, DbError> {
    counted(&tx.query_one("SELECT count(*), min(run_at) FROM job WHERE state = 'dead' AND run_at < $1", &args![before]).await?)
}

/// Proofs of consents withdrawn on days before `withdrawn_before`, or given on days before `given_before`.
pub(crate) async fn consents(tx: &mut Tx, withdrawn_before: i64, given_before: i64) -> Result<Counted, DbError> {
    let sql = "SELECT count(*), min(e.given_on) FROM consent_event e WHERE e.given_on < $2 OR EXISTS (SELECT 1 FROM consent_event w \
         WHERE w.subject = e.subject AND w.purpose = e.purpose AND w.turn = 'withdrawn' AND w.given_on < $1)";
    counted(&tx.query_one(sql, &args![withdrawn_before, given_before]).await?)
}

/// Acts of destruction done before that instant.
pub(crate) async fn acts(tx: &mut Tx, before: i64) -> Result<Counted, DbError> {
    counted(&tx.query_one("SELECT count(*), min(done_at) FROM erasure WHERE done_at > 0 AND done_at < $1", &args![before]).await?)
}

/// Sealed entries of the log older than that instant.
pub(crate) async fn entries(tx: &mut Tx, before: i64) -> Result<Counted, DbError> {
    let sql = "SELECT count(*), min(e.at) FROM audit_entry e JOIN audit_leaf l ON l.entry = e.id WHERE e.at < $1";
    counted(&tx.query_one(sql, &args![before]).await?)
}

/// Sessions of staff that ended before that instant.
pub(crate) async fn sessions(tx: &mut Tx, before: i64) -> Result<Counted, DbError> {
    counted(&tx.query_one("SELECT count(*), min(ends_at) FROM staff_session WHERE ends_at < $1", &args![before]).await?)
}

/// Links of staff that ended before that instant.
pub(crate) async fn links(tx: &mut Tx, before: i64) -> Result<Counted, DbError> {
    counted(&tx.query_one("SELECT count(*), min(ends_at) FROM staff_link WHERE ends_at < $1", &args![before]).await?)
}

/// Counts of wrong sign-ins whose last was before that instant.
pub(crate) async fn tries(tx: &mut Tx, before: i64) -> Result<Counted, DbError> {
    counted(&tx.query_one("SELECT count(*), min(last_at) FROM staff_tries WHERE last_at < $1", &args![before]).await?)
}
