//! An agent works on an item of the list: takes it, ends it with an outcome, or puts it off. An outcome is written where it is true, in the visit,
//! and the list follows from that; nothing ends without one.

use access::StaffId;
use booking::request;
use booking::{Appointment, By, ClinicAnswer, RespondError, Standing};
use clock::Timestamp;
use db::DbError;
use privacy::disclosure::inbound::InboundReason;

use crate::look::bring;
use crate::store;
use crate::task::{Outcome, Reason, Task, TaskId};
use crate::world::Desk;

/// What an agent ends a task with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// An outcome that says all.
    Plain(Outcome),
    /// The clinic can receive them at another time.
    Proposed(Timestamp),
    /// The clinic does not receive them.
    Declined(InboundReason),
}

impl Ending {
    fn outcome(self) -> Outcome {
        match self {
            Ending::Plain(outcome) => outcome,
            Ending::Proposed(_) => Outcome::Proposed,
            Ending::Declined(_) => Outcome::Declined,
        }
    }
}

/// Why a task is not taken or ended. It stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkError {
    /// No such task.
    Unknown,
    /// It has ended meanwhile.
    Ended(Outcome),
    /// Somebody else has it in hand.
    Others(StaffId),
    /// It is in nobody's hand: take it first.
    NotTaken,
    /// No task of this reason ends so, or not yet: unreachable is who did not answer again and again.
    Unfit,
    /// The promised call would come when the visit has begun.
    AfterVisit,
    /// The visit does not take it.
    Respond(RespondError),
    /// It cannot be called off any more.
    Cancel(booking::CancelError),
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for WorkError {
    fn from(error: DbError) -> Self {
        WorkError::Db(error)
    }
}

impl From<RespondError> for WorkError {
    fn from(error: RespondError) -> Self {
        if let RespondError::Db(fault) = error { WorkError::Db(fault) } else { WorkError::Respond(error) }
    }
}

impl From<booking::CancelError> for WorkError {
    fn from(error: booking::CancelError) -> Self {
        if let booking::CancelError::Db(fault) = error { WorkError::Db(fault) } else { WorkError::Cancel(error) }
    }
}

impl db::Refusal for WorkError {
    fn fault(&self) -> Option<&DbError> {
        if let WorkError::Db(fault) = self { Some(fault) } else { None }
    }
}

impl WorkError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            WorkError::Unknown => "task_unknown",
            WorkError::Ended(_) => "task_ended",
            WorkError::Others(_) => "task_in_other_hands",
            WorkError::NotTaken => "task_not_taken",
            WorkError::Unfit => "outcome_unfit",
            WorkError::AfterVisit => "call_after_visit",
            WorkError::Respond(error) => error.code(),
            WorkError::Cancel(error) => error.code(),
            WorkError::Db(_) => "unavailable",
        }
    }
}

/// A task with the visit that it is about; the visit is `None` when it is nobody's any more.
///
/// # Errors
/// A fault of the database.
pub async fn task(desk: &Desk, id: TaskId) -> Result<Option<(Task, Option<Appointment>)>, DbError> {
    let found = desk.world.db.read("task", move |tx| Box::pin(store::by_id(tx, id))).await?;
    let Some(task) = found else { return Ok(None) };
    let visit = request::visit(&desk.world, task.visit).await?;
    Ok(Some((task, visit)))
}

/// Takes a task into this agent's hand for the term of a lease; nobody else has it meanwhile. Taking one's own again renews it. `over` takes it from
/// whoever has it: for those who lead.
///
/// # Errors
/// [`WorkError`]: ended, or in other hands.
pub async fn take(desk: &Desk, id: TaskId, by: StaffId, over: bool) -> Result<(), WorkError> {
    let lease_minutes = desk.terms.lease_minutes;
    desk.world
        .db
        .run("take a task", move |tx| {
            Box::pin(async move {
                let until = tx.now().plus_minutes(lease_minutes);
                if store::take(tx, id, by, until, over).await? {
                    return Ok(());
                }
                let task = store::by_id(tx, id).await?.ok_or(WorkError::Unknown)?;
                match (task.outcome, task.owner) {
                    (Some(outcome), _) => Err(WorkError::Ended(outcome)),
                    (None, Some(other)) => Err(WorkError::Others(other)),
                    (None, None) => Err(WorkError::NotTaken),
                }
            })
        })
        .await
}

/// Lets a task go that this agent has in hand.
///
/// # Errors
/// A fault of the database.
pub async fn let_go(desk: &Desk, id: TaskId, by: StaffId) -> Result<(), DbError> {
    desk.world.db.run("let a task go", move |tx| Box::pin(store::let_go(tx, id, by))).await
}

/// The task, if this agent has it in hand.
async fn in_hand(desk: &Desk, id: TaskId, by: StaffId) -> Result<Task, WorkError> {
    let task = desk.world.db.read("task in hand", move |tx| Box::pin(store::by_id(tx, id))).await?.ok_or(WorkError::Unknown)?;
    if let Some(outcome) = task.outcome {
        return Err(WorkError::Ended(outcome));
    }
    match (task.owner, task.in_hand_of(desk.world.clock().now())) {
        // A long call outlasts the lease: as long as nobody else took it, nothing of it is lost.
        (Some(owner), _) if owner == by => Ok(task),
        (_, Some(other)) => Err(WorkError::Others(other)),
        _ => Err(WorkError::NotTaken),
    }
}

/// Nobody answered, or a call was promised: the task comes back, to whoever is free then. `at` is the promised instant; without one the next try
/// comes after the desk's term, and counts.
///
/// # Errors
/// [`WorkError`].
pub async fn put_off(desk: &Desk, id: TaskId, by: StaffId, at: Option<Timestamp>) -> Result<(), WorkError> {
    let task = in_hand(desk, id, by).await?;
    let visit = request::visit(&desk.world, task.visit).await?.ok_or(WorkError::Unknown)?;
    if at.is_some_and(|at| at >= visit.open_until()) {
        return Err(WorkError::AfterVisit);
    }
    let terms = desk.terms.clone();
    desk.world
        .db
        .run("put a task off", move |tx| {
            let terms = terms.clone();
            Box::pin(async move {
                let now = tx.now();
                let due = at.map_or_else(|| terms.hours.due(now, terms.retry_minutes), |at| at.max(now));
                store::postpone(tx, id, due, at.is_none()).await
            })
        })
        .await
        .map_err(WorkError::from)
}

/// Ends a task that this agent has in hand. What follows from it about the same visit is theirs too.
///
/// # Errors
/// [`WorkError`]: then the task is open still.
pub async fn end(desk: &Desk, id: TaskId, by: StaffId, ending: Ending) -> Result<(), WorkError> {
    let task = in_hand(desk, id, by).await?;
    let outcome = ending.outcome();
    let tired = task.tries >= desk.terms.tries_max;
    if !Outcome::of(task.reason).contains(&outcome) || (outcome == Outcome::Unreachable && !tired) {
        return Err(WorkError::Unfit);
    }
    write_down(desk, &task, ending, By::Staff(by)).await?;
    let terms = desk.terms.clone();
    desk.world
        .db
        .run("end a task", move |tx| {
            let terms = terms.clone();
            Box::pin(async move {
                let until = tx.now().plus_minutes(terms.lease_minutes);
                store::one_at_a_time(tx, task.visit).await?;
                store::close(tx, id, outcome, Some(by)).await?;
                // The list may have seen the change already, and have closed the task without knowing who it was.
                store::name_outcome(tx, id, outcome, by).await?;
                bring(tx, &terms, task.visit, Some((by, until))).await
            })
        })
        .await
        .map_err(WorkError::from)
}

/// Writes what was agreed on the phone where it is true.
async fn write_down(desk: &Desk, task: &Task, ending: Ending, by: By) -> Result<(), WorkError> {
    let (world, visit) = (&desk.world, task.visit);
    match ending {
        Ending::Proposed(start) => request::respond(world, visit, ClinicAnswer::Proposed { start }, by).await.map(drop)?,
        Ending::Declined(reason) => request::respond(world, visit, ClinicAnswer::Declined(reason), by).await.map(drop)?,
        Ending::Plain(Outcome::Confirmed) => request::respond(world, visit, ClinicAnswer::Accepted, by).await.map(drop)?,
        Ending::Plain(Outcome::Taken) => {
            let start = proposed(desk, task).await?;
            request::accept(world, visit, start, by).await?;
            // They have heard it from us.
            request::told_by_phone(world, visit, by).await?;
        }
        Ending::Plain(Outcome::Refused) => {
            let start = proposed(desk, task).await?;
            request::refuse(world, visit, start, by).await.map(drop)?;
        }
        Ending::Plain(Outcome::Cancelled) => {
            match request::cancel(world, visit, by).await {
                // Off already: they were only to be told of it.
                Ok(_) | Err(booking::CancelError::NotPossible(booking::Status::Cancelled)) => {}
                Err(refusal) => return Err(refusal.into()),
            }
            request::told_by_phone(world, visit, by).await?;
        }
        Ending::Plain(Outcome::Told) => {
            request::told_by_phone(world, visit, by).await?;
        }
        Ending::Plain(Outcome::Unreachable | Outcome::WrongNumber) => match task.reason {
            // The clinic keeps no time for somebody whom nobody reaches.
            Reason::Tell(booking::Turn::Proposed) | Reason::AskPerson => {
                let start = proposed(desk, task).await?;
                request::refuse(world, visit, start, by).await.map(drop)?;
            }
            Reason::FindTime => {
                request::cancel(world, visit, by).await?;
                request::not_reached(world, visit, by).await?;
            }
            Reason::Tell(_) | Reason::AskClinic => {
                request::not_reached(world, visit, by).await?;
            }
        },
        Ending::Plain(_) => return Err(WorkError::Unfit),
    }
    Ok(())
}

/// The time that the clinic proposes.
async fn proposed(desk: &Desk, task: &Task) -> Result<Timestamp, WorkError> {
    match request::response(&desk.world, task.visit).await?.map(|response| response.standing) {
        Some(Standing::Tentative { start }) => Ok(start),
        _ => Err(WorkError::Respond(RespondError::Outdated)),
    }
}
