//! The list as it is read: what is open, in the order in which it is due; what is late; what ended without reaching anybody.

use access::StaffId;
use booking::{Appointment, AppointmentId};
use clock::Timestamp;
use db::{DbError, Tx};

use crate::store;
use crate::task::{Outcome, Task, TaskId};
use crate::world::Desk;

/// Tasks of one page.
pub const LISTED_MAX: usize = 100;
/// Tasks of one visit that its page shows.
const OF_VISIT_MAX: i64 = 50;

/// Which tasks are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// All that are open.
    All,
    /// Those in one agent's hand.
    Of(StaffId),
    /// Those that are late.
    Late,
}

/// Open tasks, each with its visit, soonest due first, at most [`LISTED_MAX`] after `after`, the due time and id of the last one of the page before.
///
/// # Errors
/// A fault of the database.
pub async fn open_tasks(desk: &Desk, show: Show, after: Option<(Timestamp, TaskId)>) -> Result<Vec<(Task, Appointment)>, DbError> {
    let most = i64::try_from(LISTED_MAX).unwrap_or(i64::MAX);
    desk.world
        .db
        .read("open tasks", move |tx| {
            Box::pin(async move {
                let (owner, before) = match show {
                    Show::All => (None, Timestamp(i64::MAX)),
                    Show::Of(owner) => (Some(owner), Timestamp(i64::MAX)),
                    Show::Late => (None, tx.now()),
                };
                let tasks = store::open(tx, owner, before, after, most).await?;
                with_visits(tx, tasks).await
            })
        })
        .await
}

/// What has ended without anybody having been reached, newest first, for as long as the visits are somebody's.
///
/// # Errors
/// A fault of the database.
pub async fn unreached(desk: &Desk) -> Result<Vec<(Task, Appointment)>, DbError> {
    let most = i64::try_from(LISTED_MAX).unwrap_or(i64::MAX);
    desk.world
        .db
        .read("unreached people", move |tx| {
            Box::pin(async move {
                let mut tasks = store::ended(tx, Outcome::Unreachable, most).await?;
                tasks.extend(store::ended(tx, Outcome::WrongNumber, most).await?);
                with_visits(tx, tasks).await
            })
        })
        .await
}

async fn with_visits(tx: &mut Tx, tasks: Vec<Task>) -> Result<Vec<(Task, Appointment)>, DbError> {
    let ids: Vec<AppointmentId> = tasks.iter().map(|task| task.visit).collect();
    let visits = booking::visits_by_id(tx, &ids).await?;
    Ok(tasks.into_iter().filter_map(|task| visits.get(&task.visit).cloned().map(|visit| (task, visit))).collect())
}

/// How many tasks are open, and how many of them are late.
///
/// # Errors
/// A fault of the database.
pub async fn counts(tx: &mut Tx) -> Result<(i64, i64), DbError> {
    store::counts(tx).await
}

/// All that was done about a visit, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn tasks_of(desk: &Desk, visit: AppointmentId) -> Result<Vec<Task>, DbError> {
    desk.world.db.read("tasks of a visit", move |tx| Box::pin(store::of_visit(tx, visit, OF_VISIT_MAX))).await
}
