//! All SQL of the slice.

use std::collections::HashSet;

use access::StaffId;
use booking::AppointmentId;
use clock::Timestamp;
use db::{DbError, Row, Tx, Value, args, placeholders};

use crate::task::{Outcome, Reason, Task, TaskId};

const COLUMNS: &str = "id, visit, reason, turn, since_at, due_at, owner, leased_until, tries, outcome, closed_at, closed_by";

fn task(row: &Row) -> Result<Task, DbError> {
    let strange = || DbError::Shape("a strange task".into());
    let outcome: String = row.get(9)?;
    Ok(Task {
        id: row.get(0)?,
        visit: row.get(1)?,
        reason: Reason::from_codes(&row.get::<String>(2)?, &row.get::<String>(3)?).ok_or_else(strange)?,
        since: row.get(4)?,
        due: row.get(5)?,
        owner: row.get(6)?,
        leased_until: row.get(7)?,
        tries: row.get(8)?,
        outcome: if outcome.is_empty() { None } else { Some(Outcome::from_code(&outcome).ok_or_else(strange)?) },
        closed_at: row.get(10)?,
        closed_by: row.get(11)?,
    })
}

/// Waits until nobody else changes the tasks of this visit.
pub(crate) async fn one_at_a_time(tx: &mut Tx, visit: AppointmentId) -> Result<(), DbError> {
    let mut mark = [0; 32];
    mark[..4].copy_from_slice(b"task");
    mark[16..].copy_from_slice(&visit.bytes());
    tx.exclusive(&mark).await
}

pub(crate) async fn insert(tx: &mut Tx, task: &Task) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO task (id, visit, reason, turn, since_at, due_at, owner, leased_until, tries, outcome)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '')",
        &args![
            task.id,
            task.visit,
            task.reason.code(),
            task.reason.turn_code(),
            task.since,
            task.due,
            task.owner,
            task.leased_until,
            task.tries
        ],
    )
    .await
    .map(drop)
}

pub(crate) async fn open_of(tx: &mut Tx, visit: AppointmentId) -> Result<Option<Task>, DbError> {
    let row = tx.query_opt(&format!("SELECT {COLUMNS} FROM task WHERE visit = $1 AND outcome = ''"), &args![visit]).await?;
    row.as_ref().map(task).transpose()
}

/// Those of these visits, at least one, that have an open task which time alone does not change: a proposal lapses when its time has come.
pub(crate) async fn settled_among(tx: &mut Tx, visits: &[AppointmentId]) -> Result<HashSet<AppointmentId>, DbError> {
    let values: Vec<Value> = visits.iter().map(|visit| Value::from(*visit)).collect();
    let sql = format!(
        "SELECT visit FROM task WHERE outcome = '' AND reason <> 'ask-person' AND turn <> 'proposed' AND visit IN {}",
        placeholders(1, visits.len(), 1)
    );
    tx.query(&sql, &values).await?.iter().map(|row| row.get(0)).collect()
}

pub(crate) async fn by_id(tx: &mut Tx, id: TaskId) -> Result<Option<Task>, DbError> {
    let row = tx.query_opt(&format!("SELECT {COLUMNS} FROM task WHERE id = $1"), &args![id]).await?;
    row.as_ref().map(task).transpose()
}

/// Ends a task that is open.
pub(crate) async fn close(tx: &mut Tx, id: TaskId, outcome: Outcome, by: Option<StaffId>) -> Result<(), DbError> {
    let now = tx.now();
    tx.execute(
        "UPDATE task SET outcome = $2, closed_at = $3, closed_by = $4 WHERE id = $1 AND outcome = ''",
        &args![id, outcome.code(), now, by],
    )
    .await
    .map(drop)
}

/// Writes how the newest task of the visit ended that came about by itself a moment ago, while an agent was at it.
pub(crate) async fn name_outcome(tx: &mut Tx, id: TaskId, outcome: Outcome, by: StaffId) -> Result<(), DbError> {
    tx.execute(
        "UPDATE task SET outcome = $2, closed_by = $3 WHERE id = $1 AND outcome = $4",
        &args![id, outcome.code(), by, Outcome::Overtaken.code()],
    )
    .await
    .map(drop)
}

/// Takes an open task into somebody's hand, unless it is in another's; whether it is theirs now. `over` takes it from whoever has it.
pub(crate) async fn take(tx: &mut Tx, id: TaskId, owner: StaffId, until: Timestamp, over: bool) -> Result<bool, DbError> {
    let now = tx.now();
    // Whose lease ends before this may lose it.
    let before = if over { Timestamp(i64::MAX) } else { now };
    let rows = tx
        .execute(
            "UPDATE task SET owner = $2, leased_until = $3
             WHERE id = $1 AND outcome = '' AND (owner IS NULL OR owner = $2 OR leased_until <= $4)",
            &args![id, owner, until, before],
        )
        .await?;
    Ok(rows == 1)
}

/// Nobody answered: the task is nobody's until it is due again.
pub(crate) async fn postpone(tx: &mut Tx, id: TaskId, due: Timestamp, counts: bool) -> Result<(), DbError> {
    tx.execute(
        "UPDATE task SET due_at = $2, owner = NULL, leased_until = 0, tries = tries + CAST($3 AS BIGINT) WHERE id = $1 AND outcome = ''",
        &args![id, due, i64::from(counts)],
    )
    .await
    .map(drop)
}

/// Lets a task go that somebody has in hand.
pub(crate) async fn let_go(tx: &mut Tx, id: TaskId, owner: StaffId) -> Result<(), DbError> {
    tx.execute("UPDATE task SET owner = NULL, leased_until = 0 WHERE id = $1 AND owner = $2", &args![id, owner]).await.map(drop)
}

/// Open tasks in the order in which they are due, after `(due, id)` of the one before, at most `limit`.
pub(crate) async fn open(
    tx: &mut Tx,
    owner: Option<StaffId>,
    due_before: Timestamp,
    after: Option<(Timestamp, TaskId)>,
    limit: i64,
) -> Result<Vec<Task>, DbError> {
    let (due, id) = after.unwrap_or((Timestamp(i64::MIN), TaskId(db::reexport::Uuid::nil())));
    let rows = match owner {
        None => {
            let sql = format!(
                "SELECT {COLUMNS} FROM task WHERE outcome = '' AND due_at < $1 AND (due_at, id) > ($2, $3) ORDER BY due_at, id LIMIT $4"
            );
            tx.query(&sql, &args![due_before, due, id, limit]).await?
        }
        Some(owner) => {
            let sql = format!(
                "SELECT {COLUMNS} FROM task
                 WHERE outcome = '' AND due_at < $1 AND (due_at, id) > ($2, $3) AND owner = $5 ORDER BY due_at, id LIMIT $4"
            );
            tx.query(&sql, &args![due_before, due, id, limit, owner]).await?
        }
    };
    rows.iter().map(task).collect()
}

/// Open tasks, and those of them that are late.
pub(crate) async fn counts(tx: &mut Tx) -> Result<(i64, i64), DbError> {
    let now = tx.now();
    let open = tx.query_one("SELECT count(*) FROM task WHERE outcome = ''", &args![]).await?.get(0)?;
    let late = tx.query_one("SELECT count(*) FROM task WHERE outcome = '' AND due_at < $1", &args![now]).await?.get(0)?;
    Ok((open, late))
}

/// What was done about a visit, oldest first, at most `limit`.
pub(crate) async fn of_visit(tx: &mut Tx, visit: AppointmentId, limit: i64) -> Result<Vec<Task>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM task WHERE visit = $1 ORDER BY since_at, id LIMIT $2");
    tx.query(&sql, &args![visit, limit]).await?.iter().map(task).collect()
}

/// Tasks that somebody has ended with this outcome, newest first, at most `limit`.
pub(crate) async fn ended(tx: &mut Tx, outcome: Outcome, limit: i64) -> Result<Vec<Task>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM task WHERE outcome <> '' AND outcome = $1 ORDER BY closed_at DESC LIMIT $2");
    tx.query(&sql, &args![outcome.code(), limit]).await?.iter().map(task).collect()
}

/// Visits that have an open task and are over, or nobody's, at most `limit`.
pub(crate) async fn over(tx: &mut Tx, limit: i64) -> Result<Vec<AppointmentId>, DbError> {
    let now = tx.now();
    let rows = tx
        .query(
            "SELECT t.visit FROM task t LEFT JOIN appointment a ON a.id = t.visit AND a.tied = 1
             WHERE t.outcome = '' AND (a.id IS NULL OR (a.ends_at <= $1 AND a.status = 'proposed') OR (a.starts_at <= $1 AND a.status <> 'proposed'))
             LIMIT $2",
            &args![now, limit],
        )
        .await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Forgets the tasks of visits that are nobody's any more.
pub(crate) async fn forget_of_nobody(tx: &mut Tx) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM task WHERE id IN (SELECT t.id FROM task t LEFT JOIN appointment a ON a.id = t.visit AND a.tied = 1 WHERE a.id IS NULL LIMIT 500)",
        &args![],
    )
    .await
    .map(drop)
}
