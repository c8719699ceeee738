//! How clinics hear of visits.

use db::{DbError, Tx, args};
use directory::catalogue::OrganizationId;

use crate::appointment::AppointmentId;
use crate::way::Way;

pub(crate) async fn of(tx: &mut Tx, clinic: OrganizationId) -> Result<Option<Way>, DbError> {
    let row = tx.query_opt("SELECT mail, sms, answers FROM clinic_way WHERE clinic = $1", &args![clinic]).await?;
    row.map(|row| {
        let mail: String = row.get(0)?;
        Ok(Way { mail: Some(mail).filter(|mail| !mail.is_empty()), sms: row.get::<i64>(1)? != 0, answers: row.get::<i64>(2)? != 0 })
    })
    .transpose()
}

pub(crate) async fn put(tx: &mut Tx, clinic: OrganizationId, way: &Way) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO clinic_way (clinic, mail, sms, answers) VALUES ($1, $2, $3, $4)
         ON CONFLICT (clinic) DO UPDATE SET mail = excluded.mail, sms = excluded.sms, answers = excluded.answers",
        &args![clinic, way.mail.as_deref().unwrap_or(""), i64::from(way.sms), i64::from(way.answers)],
    )
    .await
    .map(drop)
}

/// Whether the clinic of this visit is written to.
pub(crate) async fn is_written_to(tx: &mut Tx, visit: AppointmentId) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM appointment a JOIN practitioner_role r ON r.id = a.role JOIN clinic_way w ON w.clinic = r.organization
               WHERE a.id = $1 AND w.mail <> ''";
    Ok(tx.query_opt(sql, &args![visit]).await?.is_some())
}

/// Whether the clinic of this visit is asked for an answer.
pub(crate) async fn answers(tx: &mut Tx, visit: AppointmentId) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM appointment a JOIN practitioner_role r ON r.id = a.role JOIN clinic_way w ON w.clinic = r.organization
               WHERE a.id = $1 AND w.answers = 0";
    Ok(tx.query_opt(sql, &args![visit]).await?.is_none())
}
