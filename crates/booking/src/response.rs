//! What the clinic has said of a visit (FHIR `AppointmentResponse`): nothing yet, yes, another time, no. The words of the states are FHIR's
//! participation statuses.

use clock::Timestamp;
use db::{DbError, Tx};
use privacy::disclosure::inbound::InboundReason;

use crate::appointment::{Appointment, AppointmentId};
use crate::hold::HoldId;
use crate::status::Status;
use crate::store;
use crate::told::Turn;

/// How the clinic stands to a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has been asked and has not answered.
    NeedsAction,
    /// It expects the person.
    Accepted,
    /// It has proposed another time, which the person has not answered.
    Tentative {
        /// Begin of the proposed time.
        start: Timestamp,
    },
    /// It does not receive them.
    Declined(InboundReason),
}

impl Standing {
    /// FHIR's participation status.
    pub fn code(self) -> &'static str {
        match self {
            Standing::NeedsAction => "needs-action",
            Standing::Accepted => "accepted",
            Standing::Tentative { .. } => "tentative",
            Standing::Declined(_) => "declined",
        }
    }
}

/// The clinic's answer as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Response {
    /// Which visit.
    pub visit: AppointmentId,
    /// How the clinic stands to it.
    pub standing: Standing,
    /// Since when the clinic is asked; of a proposal, the person.
    pub asked_at: Timestamp,
    /// What keeps the proposed time.
    pub(crate) hold: Option<HoldId>,
}

/// What somebody at the desk may have to do about a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Tell the person by phone, whom nothing else reaches. At once.
    Tell(Turn),
    /// Find a doctor and a time for a request that names none. At once.
    FindTime,
    /// Ask the clinic, if it has not answered within its term.
    AskClinic,
    /// Ask the person whether they take the proposed time, if they have not answered within the term.
    AskPerson,
}

/// What a visit may need of the desk, and since when; `None` when it needs nothing. It is read from how things stand, so that it is true
/// whatever happened meanwhile. Nothing is done about a visit that is over, or is nobody's any more.
///
/// # Errors
/// A fault of the database.
pub async fn need(tx: &mut Tx, id: AppointmentId) -> Result<Option<(Appointment, Need, Timestamp)>, DbError> {
    let Some(visit) = store::appointment(tx, id).await? else { return Ok(None) };
    let now = tx.now();
    if visit.open_until() <= now {
        return Ok(None);
    }
    let response = store::response::of(tx, id).await?;
    let to_call = store::response::to_call_of(tx, id).await?;
    if let Some((turn, since)) = to_call.and_then(|(turn, since)| Some((Turn::from_code(&turn)?, since))) {
        let proposed = matches!(response, Some(Response { standing: Standing::Tentative { .. }, .. }));
        // Nobody is called about a proposal that is none any more.
        if turn != Turn::Proposed || proposed {
            return Ok(Some((visit, Need::Tell(turn), since)));
        }
    }
    if !matches!(visit.status, Status::Proposed | Status::Pending | Status::Booked) {
        return Ok(None);
    }
    let Some(response) = response else { return Ok(None) };
    let need = match response.standing {
        Standing::NeedsAction if visit.names_no_doctor() => Need::FindTime,
        // A request has no time before the clinic names one; a booked time counts where the calendar is the truth.
        Standing::NeedsAction if !visit.is_request() && !store::way::answers(tx, id).await? => return Ok(None),
        Standing::NeedsAction => Need::AskClinic,
        Standing::Tentative { .. } => Need::AskPerson,
        Standing::Accepted | Standing::Declined(_) => return Ok(None),
    };
    Ok(Some((visit, need, response.asked_at)))
}

/// Visits that are not over and whose clinic, or of a proposal whose person, was asked before `before` and has not answered, and requests that name no doctor: longest
/// waiting first, at most `limit`, after the visit `after` of the last look.
///
/// # Errors
/// A fault of the database.
pub async fn unanswered(
    tx: &mut Tx,
    before: Timestamp,
    after: Option<(Timestamp, AppointmentId)>,
    limit: i64,
) -> Result<Vec<(Timestamp, AppointmentId)>, DbError> {
    store::response::unanswered(tx, before, after, limit).await
}

/// What the clinic has said of these visits.
///
/// # Errors
/// A fault of the database.
pub async fn responses(tx: &mut Tx, visits: &[AppointmentId]) -> Result<Vec<Response>, DbError> {
    store::response::of_each(tx, visits).await
}

/// Nobody is asked any more: the visit is off. A time that was proposed is free.
pub(crate) async fn forget(tx: &mut Tx, visit: AppointmentId) -> Result<(), DbError> {
    if let Some(hold) = store::response::of(tx, visit).await?.and_then(|response| response.hold) {
        store::release_hold(tx, hold).await?;
    }
    store::response::forget(tx, visit).await
}

/// Asks the clinic: for the first time, or anew after the visit has changed.
pub(crate) async fn ask_clinic(tx: &mut Tx, visit: AppointmentId) -> Result<(), DbError> {
    let asked_at = tx.now();
    store::response::put(tx, &Response { visit, standing: Standing::NeedsAction, asked_at, hold: None }).await
}
