//! What is written when the tie between a visit and its person dies.

use clock::Timestamp;
use db::{DbError, Lang, Tx, Value, args, placeholders};

use crate::appointment::AppointmentId;

/// Visits that are tied and ended before `before`, with their sealed links, those that ended first, at most `limit`.
pub(crate) async fn tied_before(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<Vec<(AppointmentId, Vec<u8>, Timestamp)>, DbError> {
    let sql = "SELECT id, link, ends_at FROM appointment WHERE tied = 1 AND ends_at < $1 ORDER BY ends_at LIMIT $2";
    let rows = tx.query(sql, &args![before, limit]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

/// Visits that are tied, with their sealed links, after the visit `after`, in the order of ids, at most `limit`.
pub(crate) async fn tied_after(tx: &mut Tx, after: AppointmentId, limit: i64) -> Result<Vec<(AppointmentId, Vec<u8>)>, DbError> {
    let rows = tx.query("SELECT id, link FROM appointment WHERE tied = 1 AND id > $1 ORDER BY id LIMIT $2", &args![after, limit]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// The visit's link and tag become the noise that is given, its language nobody's.
pub(crate) async fn untie(tx: &mut Tx, visit: AppointmentId, link: &[u8], tag: [u8; 32]) -> Result<(), DbError> {
    let sql = "UPDATE appointment SET tied = 0, link = $2, visit_tag = $3, lang = $4 WHERE id = $1";
    tx.execute(sql, &args![visit, link, tag, Lang::Ru.code()]).await.map(drop)
}

/// The visit has another id and number from now on, and no claim: a claim names it, and says of which doctor and when.
pub(crate) async fn rename(tx: &mut Tx, visit: AppointmentId, id: AppointmentId, number: i64) -> Result<(), DbError> {
    tx.execute("DELETE FROM claim WHERE owner = $1", &args![visit]).await?;
    tx.execute("UPDATE appointment SET id = $2, number = $3 WHERE id = $1", &args![visit, id, number]).await.map(drop)
}

/// Visits that are untied, are over, and have the names that they were booked under, at most `limit`.
pub(crate) async fn named_still(tx: &mut Tx, limit: i64) -> Result<Vec<AppointmentId>, DbError> {
    let sql = "SELECT id FROM appointment WHERE tied = 0 AND number > 0 AND ends_at < $1 ORDER BY ends_at LIMIT $2";
    tx.query(sql, &args![tx.now(), limit]).await?.iter().map(|row| row.get(0)).collect()
}

/// Drops whatever else of these visits, at least one, was kept for their person's sake.
pub(crate) async fn forget_around(tx: &mut Tx, visits: &[AppointmentId]) -> Result<(), DbError> {
    let values: Vec<Value> = visits.iter().map(|visit| Value::from(*visit)).collect();
    let list = placeholders(1, visits.len(), 1);
    tx.execute(&format!("DELETE FROM visit_contact WHERE visit IN {list}"), &values).await?;
    tx.execute(&format!("DELETE FROM visit_to_call WHERE visit IN {list}"), &values).await?;
    tx.execute(&format!("DELETE FROM appointment_response WHERE visit IN {list}"), &values).await?;
    tx.execute(&format!("DELETE FROM withdrawn_visit WHERE visit IN {list}"), &values).await?;
    tx.execute(&format!("DELETE FROM idempotency WHERE object IN {list}"), &values).await.map(drop)
}
