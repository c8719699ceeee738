//! The list of work follows how visits stand: what a visit needs is read from the truth, and its one open task is opened, changed or closed.
//! Whatever died in between, the next look brings the list to the truth again.

use access::StaffId;
use booking::{AppointmentId, LookAt, Need};
use clock::Timestamp;
use db::jobs::{Failure, Job};
use db::{DbError, Tx};

use crate::store;
use crate::task::{Outcome, Reason, Task, TaskId};
use crate::world::{Desk, Terms};

/// Visits looked at in one transaction of the sweep.
const LOOKED_AT_ONCE: i64 = 200;
/// Turns of one sweep at most: whatever is left waits for the next.
const TURNS_MAX: usize = 100;

/// The job `LOOK`: one visit.
///
/// # Errors
/// A fault of the database: it is tried again.
pub async fn look_job(desk: Desk, job: Job) -> Result<(), Failure> {
    let LookAt { visit } = job.read()?;
    look(&desk, visit).await.map_err(Failure::from)
}

/// Brings the list to how this visit stands.
///
/// # Errors
/// A fault of the database.
pub async fn look(desk: &Desk, visit: AppointmentId) -> Result<(), DbError> {
    let terms = desk.terms.clone();
    desk.world
        .db
        .run("look at a visit", move |tx| {
            let terms = terms.clone();
            Box::pin(async move { bring(tx, &terms, visit, None).await })
        })
        .await
}

/// Why there is work about the visit at this instant, since when, and until when; `None` when there is none, or none yet.
fn due(terms: &Terms, need: Option<(booking::Appointment, Need, Timestamp)>, now: Timestamp) -> Option<(Reason, Timestamp, Timestamp)> {
    let (visit, need, asked) = need?;
    let reason = Reason::from(need);
    // Nothing is promised for when the visit has begun.
    let promised = |since| terms.hours.due(since, terms.promise_minutes).min(visit.open_until());
    if !reason.waits_for_an_answer() {
        return Some((reason, asked, promised(asked)));
    }
    // Whoever is asked has their term; a visit that begins before it ends cannot wait for that.
    let answered_by = terms.hours.due(asked, terms.answer_minutes);
    let since = answered_by.min(visit.open_until().plus_minutes(-terms.answer_minutes)).max(asked);
    (since <= now).then(|| (reason, since, promised(since)))
}

/// The same in a transaction. `hand` is whose hand the visit is in: the next step is theirs too.
pub(crate) async fn bring(tx: &mut Tx, terms: &Terms, visit: AppointmentId, hand: Option<(StaffId, Timestamp)>) -> Result<(), DbError> {
    store::one_at_a_time(tx, visit).await?;
    let needed = due(terms, booking::need(tx, visit).await?, tx.now());
    let open = store::open_of(tx, visit).await?;
    match (needed, open) {
        (None, None) => Ok(()),
        (Some((reason, ..)), Some(task)) if task.reason == reason => Ok(()),
        (None, Some(task)) => store::close(tx, task.id, Outcome::Overtaken, None).await,
        (Some((reason, since, due)), open) => {
            let now = tx.now();
            let held = open.as_ref().and_then(|task| Some((task.in_hand_of(now)?, task.leased_until)));
            let hand = hand.or(held);
            let (owner, leased_until) = (hand.map(|(owner, _)| owner), hand.map_or(Timestamp(0), |(_, until)| until));
            if let Some(task) = &open {
                store::close(tx, task.id, Outcome::Overtaken, None).await?;
            }
            let id = TaskId::random(tx.clock());
            let task =
                Task { id, visit, reason, since, due, owner, leased_until, tries: 0, outcome: None, closed_at: None, closed_by: None };
            store::insert(tx, &task).await
        }
    }
}

/// Looks at the visits for which time alone has made work: whoever was asked has not answered. Closes the tasks of visits that are over, and forgets
/// those of visits that are nobody's any more.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(desk: &Desk) -> Result<(), DbError> {
    let (db, mut after) = (&desk.world.db, None);
    let before = db.clock().now();
    for _ in 0..TURNS_MAX {
        let waiting = db.read("unanswered visits", move |tx| Box::pin(booking::unanswered(tx, before, after, LOOKED_AT_ONCE))).await?;
        let Some(last) = waiting.last().copied() else { break };
        after = Some(last);
        let terms = desk.terms.clone();
        db.run("look at unanswered visits", move |tx| {
            let (terms, waiting) = (terms.clone(), waiting.clone());
            Box::pin(async move {
                let visits: Vec<AppointmentId> = waiting.into_iter().map(|(_, visit)| visit).collect();
                // What has its task already was looked at when that came about.
                let known = store::settled_among(tx, &visits).await?;
                for visit in visits.into_iter().filter(|visit| !known.contains(visit)) {
                    bring(tx, &terms, visit, None).await?;
                }
                Ok::<_, DbError>(())
            })
        })
        .await?;
    }
    let over = db.read("tasks of visits that are over", |tx| Box::pin(store::over(tx, LOOKED_AT_ONCE))).await?;
    for visit in over {
        look(desk, visit).await?;
    }
    db.run("tasks of nobody", |tx| Box::pin(store::forget_of_nobody(tx))).await
}
