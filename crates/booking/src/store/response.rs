//! What clinics have said of visits.

use clock::Timestamp;
use db::{DbError, Row, Tx, Value, args, placeholders};
use privacy::disclosure::inbound::InboundReason;

use crate::appointment::AppointmentId;
use crate::response::{Response, Standing};

const COLUMNS: &str = "visit, clinic, reason, asked_at, proposed_at, hold";
/// Visits of one statement.
const AT_ONCE: usize = 200;

/// A proposal whose time has come is none any more: the clinic is asked anew since then.
fn response(row: &Row, now: Timestamp) -> Result<Response, DbError> {
    let strange = || DbError::Shape("a strange answer of a clinic".into());
    let mut asked_at = row.get(3)?;
    let standing = match row.get::<String>(1)?.as_str() {
        "needs-action" => Standing::NeedsAction,
        "accepted" => Standing::Accepted,
        "tentative" => {
            let start = row.get::<Option<Timestamp>>(4)?.ok_or_else(strange)?;
            if start > now {
                Standing::Tentative { start }
            } else {
                asked_at = start;
                Standing::NeedsAction
            }
        }
        "declined" => Standing::Declined(InboundReason::from_code(&row.get::<String>(2)?).ok_or_else(strange)?),
        _ => return Err(strange()),
    };
    Ok(Response { visit: row.get(0)?, standing, asked_at, hold: row.get(5)? })
}

pub(crate) async fn put(tx: &mut Tx, response: &Response) -> Result<(), DbError> {
    let (reason, start) = match response.standing {
        Standing::Declined(reason) => (reason.code(), None),
        Standing::Tentative { start } => ("", Some(start)),
        Standing::NeedsAction | Standing::Accepted => ("", None),
    };
    tx.execute(
        "INSERT INTO appointment_response (visit, clinic, reason, asked_at, proposed_at, hold) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (visit) DO UPDATE SET clinic = excluded.clinic, reason = excluded.reason, asked_at = excluded.asked_at,
            proposed_at = excluded.proposed_at, hold = excluded.hold",
        &args![response.visit, response.standing.code(), reason, response.asked_at, start, response.hold],
    )
    .await
    .map(drop)
}

/// Counts one proposal more of a visit that has an answer; how many there are.
pub(crate) async fn count_proposal(tx: &mut Tx, visit: AppointmentId) -> Result<i64, DbError> {
    let sql = "UPDATE appointment_response SET proposals = proposals + 1 WHERE visit = $1 RETURNING proposals";
    tx.query_one(sql, &args![visit]).await?.get(0)
}

/// How often the clinic has proposed another time.
pub(crate) async fn proposals(tx: &mut Tx, visit: AppointmentId) -> Result<i64, DbError> {
    let row = tx.query_opt("SELECT proposals FROM appointment_response WHERE visit = $1", &args![visit]).await?;
    row.map_or(Ok(0), |row| row.get(0))
}

pub(crate) async fn of(tx: &mut Tx, visit: AppointmentId) -> Result<Option<Response>, DbError> {
    let row = tx.query_opt(&format!("SELECT {COLUMNS} FROM appointment_response WHERE visit = $1"), &args![visit]).await?;
    let now = tx.now();
    row.as_ref().map(|row| response(row, now)).transpose()
}

pub(crate) async fn of_each(tx: &mut Tx, visits: &[AppointmentId]) -> Result<Vec<Response>, DbError> {
    let (mut found, now) = (Vec::with_capacity(visits.len()), tx.now());
    for some in visits.chunks(AT_ONCE) {
        let values: Vec<Value> = some.iter().map(|visit| Value::from(*visit)).collect();
        let sql = format!("SELECT {COLUMNS} FROM appointment_response WHERE visit IN {}", placeholders(1, some.len(), 1));
        for row in &tx.query(&sql, &values).await? {
            found.push(response(row, now)?);
        }
    }
    Ok(found)
}

pub(crate) async fn forget(tx: &mut Tx, visit: AppointmentId) -> Result<(), DbError> {
    tx.execute("DELETE FROM appointment_response WHERE visit = $1", &args![visit]).await.map(drop)
}

pub(crate) async fn unanswered(
    tx: &mut Tx,
    before: Timestamp,
    after: Option<(Timestamp, AppointmentId)>,
    limit: i64,
) -> Result<Vec<(Timestamp, AppointmentId)>, DbError> {
    let (since, visit) = after.unwrap_or((Timestamp(i64::MIN), AppointmentId(db::reexport::Uuid::nil())));
    let now = tx.now();
    let rows = tx
        .query(
            "SELECT r.asked_at, r.visit FROM appointment_response r JOIN appointment a ON a.id = r.visit
             WHERE r.clinic IN ('needs-action', 'tentative') AND r.asked_at <= $1 AND (r.asked_at, r.visit) > ($2, $3)
                AND a.tied = 1 AND a.ends_at > $5
                AND (r.clinic = 'tentative' OR a.status = 'proposed' OR NOT EXISTS (
                    SELECT 1 FROM practitioner_role p JOIN clinic_way w ON w.clinic = p.organization WHERE p.id = a.role AND w.answers = 0))
             ORDER BY r.asked_at, r.visit LIMIT $4",
            &args![before, since, visit, limit, now],
        )
        .await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// What the person of the visit has to be told by phone, and since when.
pub(crate) async fn to_call_of(tx: &mut Tx, visit: AppointmentId) -> Result<Option<(String, Timestamp)>, DbError> {
    let row = tx.query_opt("SELECT turn, since_at FROM visit_to_call WHERE visit = $1", &args![visit]).await?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// The person knows: no call is left. Whether one was.
pub(crate) async fn forget_call(tx: &mut Tx, visit: AppointmentId) -> Result<bool, DbError> {
    Ok(tx.execute("DELETE FROM visit_to_call WHERE visit = $1", &args![visit]).await? > 0)
}

/// The request has become a visit: what was wished is past.
pub(crate) async fn forget_wishes(tx: &mut Tx, visit: AppointmentId) -> Result<(), DbError> {
    tx.execute("UPDATE appointment SET wish = '' WHERE id = $1", &args![visit]).await.map(drop)
}
