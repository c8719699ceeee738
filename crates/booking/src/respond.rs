//! A clinic answers: it expects the person, proposes another time, or declines with a reason; and the person takes or refuses what was
//! proposed. Whoever records it, the page behind the link, the clinic's own page or the desk on the phone, it is the same answer.

use clock::Timestamp;
use db::{DbError, Tx};
use privacy::disclosure::inbound::InboundReason;
use privacy::{Profile, SubjectKey};

use crate::appointment::{Appointment, AppointmentId};
use crate::book::person_cells;
use crate::busy;
use crate::by::By;
use crate::cancel;
use crate::hold::{Hold, HoldId, Offer, TimeError};
use crate::reschedule::MoveError;
use crate::response::{self, Response, Standing};
use crate::status::Status;
use crate::store::{self, FOR_EVER, Resource, Wanted};
use crate::told::{self, Turn};

/// What a clinic answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClinicAnswer {
    /// It expects the person.
    Accepted,
    /// It can receive them at another time.
    Proposed {
        /// Begin of that time.
        start: Timestamp,
    },
    /// It does not receive them.
    Declined(InboundReason),
}

/// Why an answer is not taken. The visit stands as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RespondError {
    /// No such visit, or nobody's any more.
    Unknown,
    /// It is over or called off.
    NotPossible(Status),
    /// A request names no time: one has to be proposed.
    TimeMissing,
    /// Nothing is proposed, or something else than what was answered.
    Outdated,
    /// The person has another visit at that time.
    PersonBusy,
    /// The clinic has proposed as often as the profile allows: it calls the desk.
    TooOften(i64),
    /// The time cannot be had.
    Time(TimeError),
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for RespondError {
    fn from(error: DbError) -> Self {
        RespondError::Db(error)
    }
}

/// The two ways in which a visit is not found.
impl From<MoveError> for RespondError {
    fn from(error: MoveError) -> Self {
        if let MoveError::Db(error) = error { RespondError::Db(error) } else { RespondError::Unknown }
    }
}

impl From<TimeError> for RespondError {
    fn from(error: TimeError) -> Self {
        if let TimeError::Db(error) = error { RespondError::Db(error) } else { RespondError::Time(error) }
    }
}

impl db::Refusal for RespondError {
    fn fault(&self) -> Option<&DbError> {
        match self {
            RespondError::Db(error) | RespondError::Time(TimeError::Db(error)) => Some(error),
            _ => None,
        }
    }
}

impl RespondError {
    /// The stable code of API, audit and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            RespondError::Unknown => "visit_unknown",
            RespondError::NotPossible(_) => "visit_not_open",
            RespondError::TimeMissing => "time_missing",
            RespondError::Outdated => "proposal_outdated",
            RespondError::PersonBusy => "person_busy",
            RespondError::TooOften(_) => "proposed_too_often",
            RespondError::Time(error) => error.code(),
            RespondError::Db(_) => "unavailable",
        }
    }
}

/// What [`respond`] does.
#[derive(Debug, Clone)]
pub(crate) enum Responding {
    Accepted,
    Declined(InboundReason),
    /// The time as it would be claimed.
    Proposed(Box<Offer>),
}

/// Takes the clinic's answer. The same answer again changes nothing and tells nobody twice.
pub(crate) async fn respond(
    tx: &mut Tx,
    profile: &Profile,
    id: AppointmentId,
    key: &SubjectKey,
    answer: &Responding,
    by: By,
) -> Result<Appointment, RespondError> {
    let outcome = take(tx, profile, id, key, answer).await;
    let word = match (&outcome, answer) {
        (Err(refusal), _) if db::Refusal::fault(refusal).is_some() => return outcome,
        (Err(refusal), _) => refusal.code(),
        (Ok(_), Responding::Accepted) => "clinic_accepted",
        (Ok(_), Responding::Declined(_)) => "clinic_declined",
        (Ok(_), Responding::Proposed(_)) => "clinic_proposed",
    };
    cancel::record(tx, id, &by.code(), word, Some(key)).await?;
    outcome
}

/// The visit under its lock, if anything can still be said about it, and what was said before.
async fn open(tx: &mut Tx, id: AppointmentId) -> Result<(Appointment, Response), RespondError> {
    let visit = store::appointment_for_change(tx, id).await?.ok_or(RespondError::Unknown)?;
    let now = tx.now();
    if visit.open_until() <= now || !matches!(visit.status, Status::Proposed | Status::Pending | Status::Booked) {
        return Err(RespondError::NotPossible(visit.status));
    }
    let response = store::response::of(tx, id).await?;
    // A visit from before clinics were asked.
    let response = response.unwrap_or(Response { visit: id, standing: Standing::NeedsAction, asked_at: now, hold: None });
    Ok((visit, response))
}

async fn take(
    tx: &mut Tx,
    profile: &Profile,
    id: AppointmentId,
    key: &SubjectKey,
    answer: &Responding,
) -> Result<Appointment, RespondError> {
    let (mut visit, response) = match (open(tx, id).await, answer) {
        // The second click on the same no.
        (Err(RespondError::NotPossible(Status::Cancelled)), Responding::Declined(_)) => {
            let response = store::response::of(tx, id).await?;
            let declined = response.is_some_and(|response| matches!(response.standing, Standing::Declined(_)));
            let visit = store::appointment(tx, id).await?.ok_or(RespondError::Unknown)?;
            return if declined { Ok(visit) } else { Err(RespondError::NotPossible(Status::Cancelled)) };
        }
        (found, _) => found?,
    };
    let now = tx.now();
    let said = |standing| Response { visit: id, standing, asked_at: now, hold: None };
    match answer {
        Responding::Accepted => {
            if visit.status == Status::Proposed {
                return Err(RespondError::TimeMissing);
            }
            if response.standing != Standing::Accepted {
                let_go_of_proposal(tx, &response).await?;
                store::response::put(tx, &said(Standing::Accepted)).await?;
                told::leave(tx, id, Turn::Confirmed).await?;
            }
            Ok(visit)
        }
        Responding::Declined(reason) => {
            let_go_of_proposal(tx, &response).await?;
            let held = visit.status.holds_time();
            store::set_status(tx, id, Status::Cancelled).await?;
            store::response::put(tx, &said(Standing::Declined(*reason))).await?;
            if held {
                // Whoever declines because nobody is there does not receive the next one either.
                if *reason != InboundReason::PersonAsked {
                    busy::keep_from_others(tx, &visit).await?;
                }
                store::release(tx, id.bytes()).await?;
            }
            told::leave(tx, id, Turn::Declined).await?;
            visit.status = Status::Cancelled;
            Ok(visit)
        }
        Responding::Proposed(offer) => propose(tx, profile, visit, &response, key, offer).await,
    }
}

/// Keeps the proposed time for the person. A time that the person has wished for needs no second yes: it is booked.
async fn propose(
    tx: &mut Tx,
    profile: &Profile,
    visit: Appointment,
    response: &Response,
    key: &SubjectKey,
    offer: &Offer,
) -> Result<Appointment, RespondError> {
    let (id, now) = (visit.id, tx.now());
    if visit.status != Status::Proposed && visit.role == offer.role && visit.start == offer.start {
        return Err(TimeError::NotOffered.into());
    }
    if response.standing == (Standing::Tentative { start: offer.start }) {
        return Ok(visit);
    }
    let wished = visit.status == Status::Proposed && visit.wishes.iter().any(|wish| wish.holds(offer.start, offer.end, &visit.time_zone()));
    if wished {
        return settle(tx, visit, key, offer, response.hold).await;
    }
    let hold = Hold {
        id: HoldId::random(tx.clock()),
        role: offer.role,
        service: offer.service.clone(),
        start: offer.start,
        end: offer.end,
        expires_at: now.plus_minutes(profile.proposal_minutes).min(offer.start),
    };
    if store::response::proposals(tx, id).await? >= profile.proposals_per_visit_max {
        return Err(RespondError::TooOften(profile.proposals_per_visit_max));
    }
    // What the visit has itself it keeps until the person says yes: the proposed time may overlap its own.
    let own = own_cells(tx, id, offer).await?;
    let wanted: Vec<Wanted> = offer.wanted().into_iter().filter(|want| !own.contains(want)).collect();
    tx.savepoint().await?;
    let won = store::claim(tx, &wanted, hold.id.bytes(), response.hold.map(|earlier| earlier.bytes()), hold.expires_at).await?;
    if won.len() < wanted.len() || !store::insert_hold(tx, &hold).await? {
        tx.undo().await?;
        return Err(TimeError::Taken.into());
    }
    tx.keep().await?;
    let_go_of_proposal(tx, response).await?;
    let standing = Standing::Tentative { start: offer.start };
    store::response::put(tx, &Response { visit: id, standing, asked_at: now, hold: Some(hold.id) }).await?;
    store::response::count_proposal(tx, id).await?;
    told::leave(tx, id, Turn::Proposed).await?;
    offer.mark(tx).await?;
    Ok(visit)
}

/// Those of the offered cells that the visit has already.
async fn own_cells(tx: &mut Tx, id: AppointmentId, offer: &Offer) -> Result<Vec<Wanted>, DbError> {
    let claims = store::claims_of(tx, &offer.claims, offer.taken.start, offer.taken.end).await?;
    let own = claims.into_iter().filter(|claim| claim.owner == id.bytes());
    Ok(own.map(|claim| Wanted { resource: Resource::Offered(claim.resource), cell: claim.cell }).collect())
}

async fn let_go_of_proposal(tx: &mut Tx, response: &Response) -> Result<(), DbError> {
    match response.hold {
        Some(hold) => store::release_hold(tx, hold).await,
        None => Ok(()),
    }
}

/// What the person says to a proposed time.
#[derive(Debug, Clone)]
pub(crate) enum Answering {
    /// They take it, as it would be claimed.
    Accept(Box<Offer>),
    Refuse,
}

/// Takes the person's answer to the proposed time `start`: it becomes the visit's, or the clinic is asked anew. Visit and proposal may have
/// changed meanwhile: then nothing is done.
pub(crate) async fn answer(
    tx: &mut Tx,
    id: AppointmentId,
    key: &SubjectKey,
    start: Timestamp,
    answer: &Answering,
    by: By,
) -> Result<Appointment, RespondError> {
    let outcome = take_answer(tx, id, key, start, answer).await;
    let word = match (&outcome, answer) {
        (Err(refusal), _) if db::Refusal::fault(refusal).is_some() => return outcome,
        (Err(refusal), _) => refusal.code(),
        (Ok(_), Answering::Accept(_)) => "proposal_accepted",
        (Ok(_), Answering::Refuse) => "proposal_refused",
    };
    cancel::record(tx, id, &by.code(), word, Some(key)).await?;
    outcome
}

async fn take_answer(
    tx: &mut Tx,
    id: AppointmentId,
    key: &SubjectKey,
    start: Timestamp,
    answer: &Answering,
) -> Result<Appointment, RespondError> {
    let (visit, response) = open(tx, id).await?;
    if response.standing != (Standing::Tentative { start }) {
        // The second click on the same yes.
        let taken = matches!(answer, Answering::Accept(_)) && response.standing == Standing::Accepted && visit.start == start;
        return if taken { Ok(visit) } else { Err(RespondError::Outdated) };
    }
    match answer {
        Answering::Accept(offer) => settle(tx, visit, key, offer, response.hold).await,
        Answering::Refuse => {
            let_go_of_proposal(tx, &response).await?;
            response::ask_clinic(tx, id).await?;
            store::response::forget_call(tx, id).await?;
            told::leave(tx, id, Turn::Refused).await?;
            Ok(visit)
        }
    }
}

/// The offered time becomes the visit's. The old one is free only when the new one is won.
async fn settle(
    tx: &mut Tx,
    mut visit: Appointment,
    key: &SubjectKey,
    offer: &Offer,
    hold: Option<HoldId>,
) -> Result<Appointment, RespondError> {
    let (id, was_request) = (visit.id, visit.status == Status::Proposed);
    let mut wanted = offer.wanted();
    wanted.extend(person_cells(key, offer.start, offer.end));
    tx.savepoint().await?;
    let won = store::claim(tx, &wanted, id.bytes(), hold.map(|hold| hold.bytes()), FOR_EVER).await?;
    if won.len() < wanted.len() {
        tx.undo().await?;
        let offered = |won: &Resource| matches!(won, Resource::Offered(_));
        let time_lost = won.iter().filter(|won| offered(won)).count() < wanted.iter().filter(|want| offered(&want.resource)).count();
        return Err(if time_lost { TimeError::Taken.into() } else { RespondError::PersonBusy });
    }
    store::release_others(tx, id.bytes(), &wanted).await?;
    tx.keep().await?;
    if let Some(hold) = hold {
        store::release_hold(tx, hold).await?;
    }
    visit.role = offer.role;
    visit.start = offer.start;
    visit.end = offer.end;
    visit.zone.clone_from(&offer.zone);
    visit.price_minor = offer.price_minor;
    visit.currency.clone_from(&offer.currency);
    visit.moves += i64::from(!was_request);
    visit.wishes.clear();
    store::set_time(tx, &visit).await?;
    store::response::forget_wishes(tx, id).await?;
    if was_request {
        store::set_status(tx, id, Status::Booked).await?;
        visit.status = Status::Booked;
    }
    store::response::put(tx, &Response { visit: id, standing: Standing::Accepted, asked_at: tx.now(), hold: None }).await?;
    told::leave(tx, id, if was_request { Turn::Booked } else { Turn::Moved }).await?;
    offer.mark(tx).await?;
    Ok(visit)
}
