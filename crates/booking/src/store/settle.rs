//! What is written when a visit that took place becomes a line of the ledger, and how the ledger is read.

use clock::Timestamp;
use db::{DbError, Row, Tx, Value, args, placeholders};
use directory::catalogue::{OrganizationId, RoleId, ServiceKind};

use crate::appointment::AppointmentId;
use crate::ledger::{Fee, Line, Month, Sum};
use crate::settle::Tariff;
use crate::status::Status;

/// What the ledger needs of a visit that it has just been done with.
pub(crate) struct Settled {
    pub(crate) number: i64,
    pub(crate) role: RoleId,
    pub(crate) service: String,
    pub(crate) start: Timestamp,
    pub(crate) zone: String,
    pub(crate) status: Status,
    pub(crate) currency: String,
}

/// Visits that ended before `before`, those that ended first, at most `limit`, of which the ledger does not know yet. A request without a time
/// may still get one, so it is not among them.
pub(crate) async fn unsettled_before(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<Vec<AppointmentId>, DbError> {
    let sql =
        "SELECT id FROM appointment WHERE settled = 0 AND tied = 1 AND ends_at < $1 AND status NOT IN ($2, $3) ORDER BY ends_at LIMIT $4";
    let rows = tx.query(sql, &args![before, Status::Proposed.code(), Status::Waitlist.code(), limit]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Marks the visit as settled; `None` when it is already, or nobody's any more: of two who come to it at one time, one gets it.
pub(crate) async fn mark(tx: &mut Tx, visit: AppointmentId) -> Result<Option<Settled>, DbError> {
    let sql = "UPDATE appointment SET settled = 1 WHERE id = $1 AND settled = 0 AND tied = 1
               RETURNING number, role, service, starts_at, zone, status, currency";
    let row = tx.query_opt(sql, &args![visit]).await?;
    row.map(|row| {
        Ok(Settled {
            number: row.get(0)?,
            role: row.get(1)?,
            service: row.get(2)?,
            start: row.get(3)?,
            zone: row.get(4)?,
            status: Status::from_code(&row.get::<String>(5)?).ok_or_else(|| DbError::Shape("a strange status".into()))?,
            currency: row.get(6)?,
        })
    })
    .transpose()
}

/// The clinic of that role, the class of that service, and the tariff of the class if there is one.
pub(crate) async fn clinic_and_tariff(
    tx: &mut Tx,
    role: RoleId,
    service: &str,
) -> Result<Option<(OrganizationId, ServiceKind, Option<Fee>)>, DbError> {
    let sql = "SELECT r.organization, s.kind, t.fee_minor, t.currency FROM practitioner_role r
               JOIN healthcare_service s ON s.code = $2 LEFT JOIN tariff t ON t.kind = s.kind WHERE r.id = $1";
    let row = tx.query_opt(sql, &args![role, service]).await?;
    row.map(|row| {
        let fee = row.get::<Option<i64>>(2)?.zip(row.get::<Option<String>>(3)?);
        Ok((row.get(0)?, kind(&row, 1)?, fee.map(|(minor, currency)| Fee { minor, currency })))
    })
    .transpose()
}

fn kind(row: &Row, column: usize) -> Result<ServiceKind, DbError> {
    ServiceKind::from_code(&row.get::<String>(column)?).ok_or_else(|| DbError::Shape("a strange kind of service".into()))
}

/// Writes a line under an id that says nothing.
pub(crate) async fn insert_line(tx: &mut Tx, id: [u8; 16], month: Month, line: &Line) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO ledger_line (id, clinic, month, tariff, number, fee_minor, currency) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &args![id, line.clinic, month.to_string(), line.tariff.code(), line.number, line.fee.minor, line.fee.currency.as_str()],
    )
    .await
    .map(drop)
}

/// Takes the numbers of these visits, at least one, out of their lines: their person goes, and the number is on the person's paper.
pub(crate) async fn forget_numbers(tx: &mut Tx, visits: &[AppointmentId]) -> Result<(), DbError> {
    let values: Vec<Value> = visits.iter().map(|visit| Value::from(*visit)).collect();
    let list = placeholders(1, visits.len(), 1);
    let sql = format!("UPDATE ledger_line SET number = NULL WHERE number IN (SELECT number FROM appointment WHERE id IN {list})");
    tx.execute(&sql, &values).await.map(drop)
}

/// Forgets all tariffs.
pub(crate) async fn forget_tariffs(tx: &mut Tx) -> Result<(), DbError> {
    tx.execute("DELETE FROM tariff", &args![]).await.map(drop)
}

/// Writes a tariff; a second one of the same class replaces the first.
pub(crate) async fn insert_tariff(tx: &mut Tx, tariff: &Tariff) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO tariff (kind, fee_minor, currency) VALUES ($1, $2, $3)
         ON CONFLICT (kind) DO UPDATE SET fee_minor = excluded.fee_minor, currency = excluded.currency",
        &args![tariff.kind.code(), tariff.fee.minor, tariff.fee.currency.as_str()],
    )
    .await
    .map(drop)
}

/// The month's sums, by clinic, tariff and currency, at most `limit`.
pub(crate) async fn sums(tx: &mut Tx, month: Month, limit: i64) -> Result<Vec<Sum>, DbError> {
    let sql = "SELECT clinic, tariff, count(*), CAST(sum(fee_minor) AS BIGINT), currency FROM ledger_line WHERE month = $1
               GROUP BY clinic, tariff, currency ORDER BY clinic, tariff, currency LIMIT $2";
    let rows = tx.query(sql, &args![month.to_string(), limit]).await?;
    rows.iter()
        .map(|row| {
            let fees = Fee { minor: row.get(3)?, currency: row.get(4)? };
            Ok(Sum { clinic: row.get(0)?, tariff: kind(row, 1)?, visits: row.get(2)?, fees })
        })
        .collect()
}

/// The month's lines, by clinic, tariff and number, at most `limit`; those without a number first.
pub(crate) async fn lines(tx: &mut Tx, month: Month, limit: i64) -> Result<Vec<Line>, DbError> {
    let sql = "SELECT clinic, tariff, number, fee_minor, currency FROM ledger_line WHERE month = $1
               ORDER BY clinic, tariff, coalesce(number, 0), id LIMIT $2";
    let rows = tx.query(sql, &args![month.to_string(), limit]).await?;
    rows.iter()
        .map(|row| {
            let fee = Fee { minor: row.get(3)?, currency: row.get(4)? };
            Ok(Line { clinic: row.get(0)?, tariff: kind(row, 1)?, number: row.get(2)?, fee })
        })
        .collect()
}
