//! A person calls a visit off, until the profile's cut-off, or staff for them until it begins; the time is free for others at once.

use clock::Timestamp;
use db::{DbError, Tx};
use privacy::audit::{self, Entry};
use privacy::{Operation, Profile, Purpose, SubjectKey};

use crate::appointment::{Appointment, AppointmentId};
use crate::by::By;
use crate::response;
use crate::status::Status;
use crate::store;
use crate::told::{self, Turn};

/// Why a visit is not called off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CancelError {
    /// No such visit.
    Unknown,
    /// It is over, or was called off by somebody else.
    NotPossible(Status),
    /// Too close to the visit: the clinic must be called. The minutes of the cut-off.
    TooLate(i64),
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for CancelError {
    fn from(error: DbError) -> Self {
        CancelError::Db(error)
    }
}

impl db::Refusal for CancelError {
    fn fault(&self) -> Option<&DbError> {
        if let CancelError::Db(error) = self { Some(error) } else { None }
    }
}

impl CancelError {
    /// The stable code of API, audit and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            CancelError::Unknown => "visit_unknown",
            CancelError::NotPossible(_) => "visit_not_open",
            CancelError::TooLate(_) => "too_late",
            CancelError::Db(_) => "unavailable",
        }
    }
}

/// Whether the visit begins too soon to be changed online.
pub(crate) fn too_late(visit: &Appointment, cutoff_minutes: i64, now: Timestamp) -> bool {
    visit.start < now.plus_minutes(cutoff_minutes)
}

/// Cancels. Cancelling what is cancelled already is no error: the answer is the same.
pub(crate) async fn cancel(tx: &mut Tx, profile: &Profile, id: AppointmentId, by: By) -> Result<Appointment, CancelError> {
    let outcome = decide_and_apply(tx, profile, id, by).await;
    let word = match &outcome {
        Ok(_) => "cancelled",
        Err(CancelError::Db(_)) => return outcome,
        Err(refusal) => refusal.code(),
    };
    record(tx, id, &by.code(), word, None).await?;
    outcome
}

/// Leaves the entry of a visit that was cancelled or moved, or of the refusal to.
pub(crate) async fn record(
    tx: &mut Tx,
    id: AppointmentId,
    asker: &str,
    outcome: &'static str,
    subject: Option<&SubjectKey>,
) -> Result<(), DbError> {
    let entry = Entry {
        operation: Operation::Refine,
        purpose: Purpose::P1,
        asker: asker.to_owned(),
        fields: vec!["visit"],
        outcome,
        object: Some(id.bytes()),
        subject,
    };
    audit::record(tx, &entry).await.map(drop)
}

async fn decide_and_apply(tx: &mut Tx, profile: &Profile, id: AppointmentId, by: By) -> Result<Appointment, CancelError> {
    let mut visit = store::appointment_for_change(tx, id).await?.ok_or(CancelError::Unknown)?;
    if visit.status == Status::Cancelled {
        return Ok(visit);
    }
    if !visit.status.may_become(Status::Cancelled) {
        return Err(CancelError::NotPossible(visit.status));
    }
    let cutoff_minutes = if by.is_bound_by_terms() { profile.cancel_cutoff_minutes } else { 0 };
    if visit.status != Status::Proposed && too_late(&visit, cutoff_minutes, tx.now()) {
        return Err(CancelError::TooLate(cutoff_minutes));
    }
    apply(tx, &visit).await?;
    visit.status = Status::Cancelled;
    Ok(visit)
}

/// Takes the visit off: state, claims, feed, messages.
pub(crate) async fn apply(tx: &mut Tx, visit: &Appointment) -> Result<(), DbError> {
    store::set_status(tx, visit.id, Status::Cancelled).await?;
    response::forget(tx, visit.id).await?;
    told::leave(tx, visit.id, Turn::Cancelled).await?;
    if visit.status == Status::Proposed {
        return Ok(());
    }
    store::release(tx, visit.id.bytes()).await
}
