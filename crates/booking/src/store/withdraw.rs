//! Visits whose consent was taken back.

use db::{DbError, Tx, args};

use crate::appointment::AppointmentId;

/// Marks the visit: from that day on its tie lives by the shorter term.
pub(crate) async fn mark(tx: &mut Tx, visit: AppointmentId, day: i64) -> Result<(), DbError> {
    let sql = "INSERT INTO withdrawn_visit (visit, withdrawn_on) VALUES ($1, $2) ON CONFLICT (visit) DO NOTHING";
    tx.execute(sql, &args![visit, day]).await.map(drop)
}

/// Nobody calls about it any more.
pub(crate) async fn forget_call(tx: &mut Tx, visit: AppointmentId) -> Result<(), DbError> {
    tx.execute("DELETE FROM visit_to_call WHERE visit = $1", &args![visit]).await.map(drop)
}

/// Marked visits that are still tied, marked on that day or before, with their sealed links, in the order of ids after `after`, at most
/// `limit`.
pub(crate) async fn marked(tx: &mut Tx, day: i64, after: AppointmentId, limit: i64) -> Result<Vec<(AppointmentId, Vec<u8>)>, DbError> {
    let sql = "SELECT a.id, a.link FROM withdrawn_visit w JOIN appointment a ON a.id = w.visit
               WHERE w.withdrawn_on <= $1 AND a.tied = 1 AND a.id > $2 ORDER BY a.id LIMIT $3";
    let rows = tx.query(sql, &args![day, after, limit]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// On which day the visit was marked, if it was.
pub(crate) async fn marked_on(tx: &mut Tx, visit: AppointmentId) -> Result<Option<i64>, DbError> {
    let row = tx.query_opt("SELECT withdrawn_on FROM withdrawn_visit WHERE visit = $1", &args![visit]).await?;
    row.map(|row| row.get(0)).transpose()
}
