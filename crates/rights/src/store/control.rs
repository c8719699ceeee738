//! The SQL of the nightly check's results.

use clock::Timestamp;
use db::{DbError, Tx, args};

/// Takes the run of this day: nobody has it, or whoever had it began before `died_before` and never ended. Whether it was taken.
pub(crate) async fn take(tx: &mut Tx, day: i64, died_before: Timestamp) -> Result<bool, DbError> {
    let sql = "INSERT INTO control_run (day, begun_at, done_at) VALUES ($1, $2, 0)
         ON CONFLICT (day) DO UPDATE SET begun_at = excluded.begun_at WHERE control_run.done_at = 0 AND control_run.begun_at < $3";
    Ok(tx.execute(sql, &args![day, tx.now(), died_before]).await? == 1)
}

/// Ends the run of this day; whether this call did.
pub(crate) async fn end(tx: &mut Tx, day: i64) -> Result<bool, DbError> {
    Ok(tx.execute("UPDATE control_run SET done_at = $2 WHERE day = $1 AND done_at = 0", &args![day, tx.now()]).await? == 1)
}

/// Writes what was found of one invariant.
pub(crate) async fn insert_finding(tx: &mut Tx, day: i64, name: &str, clause: &str, found: i64, warning: bool) -> Result<(), DbError> {
    let sql = "INSERT INTO control_finding (day, name, clause, found, warning) VALUES ($1, $2, $3, $4, $5)";
    tx.execute(sql, &args![day, name, clause, found, i64::from(warning)]).await.map(drop)
}

/// Drops runs of days before that day.
pub(crate) async fn forget_before(tx: &mut Tx, day: i64) -> Result<(), DbError> {
    tx.execute("DELETE FROM control_finding WHERE day < $1", &args![day]).await?;
    tx.execute("DELETE FROM control_run WHERE day < $1", &args![day]).await.map(drop)
}

/// The newest run that has ended: its day and when it ended.
pub(crate) async fn newest(tx: &mut Tx) -> Result<Option<(i64, Timestamp)>, DbError> {
    let sql = "SELECT day, done_at FROM control_run WHERE done_at > 0 ORDER BY day DESC LIMIT 1";
    tx.query_opt(sql, &args![]).await?.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// What a run found: name, how many, and whether it is a warning.
pub(crate) async fn findings(tx: &mut Tx, day: i64) -> Result<Vec<(String, i64, bool)>, DbError> {
    let sql = "SELECT name, found, warning FROM control_finding WHERE day = $1 ORDER BY name LIMIT 200";
    let rows = tx.query(sql, &args![day]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get::<i64>(2)? != 0))).collect()
}
