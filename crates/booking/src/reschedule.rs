//! A person moves a visit, or staff for them. The old time is freed only when the new one is won, in one transaction; the new time may overlap the old.

use db::{DbError, Tx};
use privacy::{Profile, SubjectKey};

use crate::appointment::{Appointment, AppointmentId};
use crate::book::person_cells;
use crate::by::By;
use crate::cancel::{self, too_late};
use crate::hold::{Offer, TimeError};
use crate::response;
use crate::status::Status;
use crate::store::{self, FOR_EVER, Resource};
use crate::told::{self, Turn};

/// Why a visit is not moved. It stands as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoveError {
    /// No such visit.
    Unknown,
    /// It is over or called off.
    NotPossible(Status),
    /// Too close to the visit: the clinic must be called. The minutes of the cut-off.
    TooLate(i64),
    /// Moved as often as the profile allows.
    TooOften(i64),
    /// Another doctor, or another service: that is another visit.
    OtherVisit,
    /// The person has another visit at the new time.
    PersonBusy,
    /// The new time cannot be had.
    Time(TimeError),
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for MoveError {
    fn from(error: DbError) -> Self {
        MoveError::Db(error)
    }
}

impl From<TimeError> for MoveError {
    fn from(error: TimeError) -> Self {
        if let TimeError::Db(error) = error { MoveError::Db(error) } else { MoveError::Time(error) }
    }
}

impl db::Refusal for MoveError {
    fn fault(&self) -> Option<&DbError> {
        match self {
            MoveError::Db(error) | MoveError::Time(TimeError::Db(error)) => Some(error),
            _ => None,
        }
    }
}

impl MoveError {
    /// The stable code of API, audit and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            MoveError::Unknown => "visit_unknown",
            MoveError::NotPossible(_) => "visit_not_open",
            MoveError::TooLate(_) => "too_late",
            MoveError::TooOften(_) => "moved_too_often",
            MoveError::OtherVisit => "other_visit",
            MoveError::PersonBusy => "person_busy",
            MoveError::Time(error) => error.code(),
            MoveError::Db(_) => "unavailable",
        }
    }
}

/// Moves the visit to the offered time. To the time it has already: nothing happens.
pub(crate) async fn reschedule(
    tx: &mut Tx,
    profile: &Profile,
    id: AppointmentId,
    key: &SubjectKey,
    offer: &Offer,
    by: By,
) -> Result<Appointment, MoveError> {
    let outcome = decide_and_apply(tx, profile, id, key, offer, by).await;
    let word = match &outcome {
        Ok(_) => "moved",
        Err(refusal) if db::Refusal::fault(refusal).is_some() => return outcome,
        Err(refusal) => refusal.code(),
    };
    cancel::record(tx, id, &by.code(), word, Some(key)).await?;
    outcome
}

async fn decide_and_apply(
    tx: &mut Tx,
    profile: &Profile,
    id: AppointmentId,
    key: &SubjectKey,
    offer: &Offer,
    by: By,
) -> Result<Appointment, MoveError> {
    let mut visit = store::appointment_for_change(tx, id).await?.ok_or(MoveError::Unknown)?;
    if visit.status != Status::Booked {
        return Err(MoveError::NotPossible(visit.status));
    }
    if visit.role == offer.role && visit.start == offer.start {
        return Ok(visit);
    }
    let cutoff_minutes = if by.is_bound_by_terms() { profile.move_cutoff_minutes } else { 0 };
    if too_late(&visit, cutoff_minutes, tx.now()) {
        return Err(MoveError::TooLate(cutoff_minutes));
    }
    if by.is_bound_by_terms() && visit.moves >= profile.moves_per_visit_max {
        return Err(MoveError::TooOften(profile.moves_per_visit_max));
    }
    if visit.service != offer.service {
        return Err(MoveError::OtherVisit);
    }
    let mut wanted = offer.wanted();
    wanted.extend(person_cells(key, offer.start, offer.end));
    let proposal = store::response::of(tx, id).await?.and_then(|response| response.hold);
    tx.savepoint().await?;
    // What the clinic has proposed is kept for this very person: they may as well take a part of it.
    let won = store::claim(tx, &wanted, id.bytes(), proposal.map(|hold| hold.bytes()), FOR_EVER).await?;
    if won.len() < wanted.len() {
        tx.undo().await?;
        let offered =
            |resources: &mut dyn Iterator<Item = Resource>| resources.filter(|resource| matches!(resource, Resource::Offered(_))).count();
        let time_lost = offered(&mut won.iter().copied()) < offered(&mut wanted.iter().map(|want| want.resource));
        return Err(if time_lost { TimeError::Taken.into() } else { MoveError::PersonBusy });
    }
    store::release_others(tx, id.bytes(), &wanted).await?;
    tx.keep().await?;
    visit.role = offer.role;
    visit.start = offer.start;
    visit.end = offer.end;
    visit.zone.clone_from(&offer.zone);
    visit.price_minor = offer.price_minor;
    visit.currency.clone_from(&offer.currency);
    visit.moves += 1;
    store::set_time(tx, &visit).await?;
    if let Some(hold) = proposal {
        store::release_hold(tx, hold).await?;
    }
    response::ask_clinic(tx, id).await?;
    told::leave(tx, id, Turn::Moved).await?;
    offer.mark(tx).await?;
    Ok(visit)
}
