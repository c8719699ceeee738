//! Jobs: what a use case sets going. They are rows of its own transaction, so that an effect happens if and only if the use
//! case was committed, at least once. A job names no person (I5): it says which visit, which code, which message.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use clock::{Clock, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::{Db, DbError, Tx, args};

crate::id!(
    /// A job's id.
    pub JobId
);

/// Tries of a job at most; after the last it lies among the dead until a person decides.
pub const TRIES_MAX: i64 = 12;
/// How long a leased job is left alone; longer than any handler may take.
pub const LEASE_SECONDS: i64 = 120;
/// How long a handler may take before its try counts as failed.
pub const HANDLER_SECONDS_MAX: u64 = 60;
/// Jobs taken in one turn.
const TURN_JOBS_MAX: i64 = 16;
const BACKOFF_SECONDS_MAX: i64 = 3_600;
/// What chance adds to a pause at most.
const JITTER_SECONDS_MAX: i64 = 1;
/// How often the table is looked at without being woken: for jobs of other processes and for those whose time has come.
const POLL_SECONDS: u64 = 1;

/// A job as its handler sees it.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id, the same at every try: handlers use it as the idempotency key of what they send.
    pub id: JobId,
    /// Which handler.
    pub kind: String,
    /// JSON; no personal data.
    pub payload: String,
    /// This try, counted from 1.
    pub attempt: i64,
}

impl Job {
    /// The payload as the handler's type.
    ///
    /// # Errors
    /// A payload of another form, which no further try will mend.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_str(&self.payload).map_err(|_| Failure::Never("payload_unreadable"))
    }
}

/// Why a try failed. The text is a stable code without personal data; it is stored with the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// May go well later.
    Later(&'static str),
    /// No further try will help.
    Never(&'static str),
}

impl From<DbError> for Failure {
    fn from(_: DbError) -> Self {
        Failure::Later("database")
    }
}

/// What does the work of one kind of job. Runs outside any transaction, at least once per job.
pub type Handler = Arc<dyn Fn(Job) -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>> + Send + Sync>;

impl Tx {
    /// Leaves a job for after the commit, not before `run_at`.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn enqueue(&mut self, kind: &'static str, payload: &(impl Serialize + Sync), run_at: Timestamp) -> Result<JobId, DbError> {
        let id = JobId::random(self.clock());
        let payload = serde_json::to_string(payload).map_err(|error| DbError::Shape(error.to_string()))?;
        // A job that is due at once says so: it must not wait for its time when the clock is set back before it has run.
        let at_once = if run_at <= self.now() { run_at } else { Timestamp(0) };
        self.execute(
            "INSERT INTO job (id, kind, payload, run_at, state, attempts, lease, lease_until, cause) VALUES ($1, $2, $3, $4, 'waiting', 0, NULL, $5, NULL)",
            &args![id, kind, payload, run_at, at_once],
        )
        .await?;
        self.effects.jobs = true;
        Ok(id)
    }
}

/// Drops jobs of this kind and exactly these payloads that nobody has tried yet; how many. One that was taken once may have had its effect, and
/// stays.
///
/// # Errors
/// A fault of the database.
pub async fn drop_untried(tx: &mut Tx, kind: &'static str, payload: &(impl Serialize + Sync)) -> Result<u64, DbError> {
    let payload = serde_json::to_string(payload).map_err(|error| DbError::Shape(error.to_string()))?;
    let sql = "DELETE FROM job WHERE state = 'waiting' AND kind = $1 AND payload = $2 AND attempts = 0";
    tx.execute(sql, &args![kind, payload]).await
}

/// A job that will not be tried again.
#[derive(Debug, Clone)]
pub struct DeadJob {
    /// Its id.
    pub id: JobId,
    /// Its kind.
    pub kind: String,
    /// Tries made.
    pub attempts: i64,
    /// The last cause's code.
    pub cause: String,
}

/// The dead, oldest first, at most `limit`.
///
/// # Errors
/// A fault of the database.
pub async fn dead(tx: &mut Tx, limit: i64) -> Result<Vec<DeadJob>, DbError> {
    let rows = tx
        .query("SELECT id, kind, attempts, coalesce(cause, '') FROM job WHERE state = 'dead' ORDER BY run_at LIMIT $1", &args![limit])
        .await?;
    rows.iter().map(|row| Ok(DeadJob { id: row.get(0)?, kind: row.get(1)?, attempts: row.get(2)?, cause: row.get(3)? })).collect()
}

/// Drops the dead whose last try was before `before`, at most `limit`; how many.
///
/// # Errors
/// A fault of the database.
pub async fn forget_dead(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM job WHERE id IN (SELECT id FROM job WHERE state = 'dead' AND run_at < $1 ORDER BY run_at LIMIT $2)",
        &args![before, limit],
    )
    .await
}

/// Jobs waiting, and jobs dead.
///
/// # Errors
/// A fault of the database.
pub async fn counts(tx: &mut Tx) -> Result<(i64, i64), DbError> {
    let rows = tx.query("SELECT state, count(*) FROM job GROUP BY state", &args![]).await?;
    let mut counts = (0, 0);
    for row in &rows {
        match row.get::<String>(0)?.as_str() {
            "dead" => counts.1 = row.get(1)?,
            _ => counts.0 += row.get::<i64>(1)?,
        }
    }
    Ok(counts)
}

/// Runs jobs with the handlers it was given.
#[derive(Clone)]
pub struct Runner {
    db: Db,
    clock: Clock,
    handlers: Arc<HashMap<&'static str, Handler>>,
}

impl Runner {
    /// A runner; kinds without a handler are left in the table for a program that knows them.
    pub fn new(db: Db, handlers: HashMap<&'static str, Handler>) -> Runner {
        Runner { clock: db.clock().clone(), db, handlers: Arc::new(handlers) }
    }

    /// Takes the jobs whose time has come and runs them; how many. A simulation calls this step by step.
    ///
    /// # Errors
    /// A fault of the database; the leases then run out and the jobs are taken again.
    pub async fn turn(&self) -> Result<usize, DbError> {
        let lease: [u8; 16] = self.clock.bytes();
        let kinds: Vec<&'static str> = self.handlers.keys().copied().collect();
        let jobs = self.db.run("lease jobs", move |tx| Box::pin(lease_jobs(tx, lease, kinds.clone()))).await?;
        let count = jobs.len();
        let mut running = tokio::task::JoinSet::new();
        for job in jobs {
            let runner = self.clone();
            running.spawn(async move { runner.try_job(job).await });
        }
        while let Some(first) = running.join_next().await {
            // Whatever has ended meanwhile ends in one transaction: a job costs the disk no sync of its own, and none waits for a
            // slower one.
            let mut ended = vec![first];
            while let Some(next) = running.try_join_next() {
                ended.push(next);
            }
            let mut tries = Vec::with_capacity(ended.len());
            for done in ended {
                match done {
                    Ok(done) => tries.push(done),
                    // A handler that panicked: its lease runs out and the try counts.
                    Err(error) => tracing::error!(panicked = error.is_panic(), "a job's handler stopped"),
                }
            }
            self.end(Arc::new(tries), lease).await?;
        }
        Ok(count)
    }

    /// Runs turns until `stop` becomes true.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        let waiting = self.db.jobs_waiting();
        while !*stop.borrow() {
            match self.turn().await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(fault) => tracing::warn!(%fault, "jobs could not be taken"),
            }
            tokio::select! {
                () = waiting.notified() => {}
                () = self.clock.sleep(Duration::from_secs(POLL_SECONDS)) => {}
                _ = stop.changed() => {}
            }
        }
    }

    async fn try_job(&self, job: Job) -> Tried {
        let (id, attempt, kind) = (job.id, job.attempt, job.kind.clone());
        // Only kinds with a handler are leased.
        let outcome = match self.handlers.get(kind.as_str()) {
            Some(handler) => {
                tokio::time::timeout(Duration::from_secs(HANDLER_SECONDS_MAX), handler(job)).await.unwrap_or(Err(Failure::Later("timeout")))
            }
            None => Err(Failure::Later("no_handler")),
        };
        if let Err(failure) = &outcome {
            tracing::warn!(job = %id, kind, attempt, ?failure, "a job failed");
        }
        Tried { id, attempt, outcome, jitter_millis: i64::try_from(self.clock.below(1000)).unwrap_or(0) }
    }

    async fn end(&self, tries: Arc<Vec<Tried>>, lease: [u8; 16]) -> Result<(), DbError> {
        self.db
            .run("end jobs", move |tx| {
                let tries = tries.clone();
                Box::pin(async move {
                    for tried in tries.iter() {
                        end_job(tx, tried, lease).await?;
                    }
                    Ok::<_, DbError>(())
                })
            })
            .await
    }
}

/// A try that has ended.
struct Tried {
    id: JobId,
    attempt: i64,
    outcome: Result<(), Failure>,
    /// What chance adds to the pause before the next try, so that jobs which failed together do not come together.
    jitter_millis: i64,
}

async fn end_job(tx: &mut Tx, tried: &Tried, lease: [u8; 16]) -> Result<(), DbError> {
    let (id, now) = (tried.id, tx.now());
    match &tried.outcome {
        Ok(()) => tx.execute("DELETE FROM job WHERE id = $1 AND lease = $2", &args![id, lease]).await?,
        Err(Failure::Later(cause)) if tried.attempt < TRIES_MAX => {
            let seconds = (1_i64 << tried.attempt.clamp(1, 20)).min(BACKOFF_SECONDS_MAX);
            let again = Timestamp(now.plus_seconds(seconds).micros() + tried.jitter_millis * 1000);
            tx.execute(
                "UPDATE job SET run_at = $3, lease = NULL, lease_until = 0, cause = $4 WHERE id = $1 AND lease = $2",
                &args![id, lease, again, *cause],
            )
            .await?
        }
        Err(Failure::Later(cause) | Failure::Never(cause)) => {
            tx.execute("UPDATE job SET state = 'dead', lease = NULL, cause = $3 WHERE id = $1 AND lease = $2", &args![id, lease, *cause])
                .await?
        }
    };
    Ok(())
}

async fn lease_jobs(tx: &mut Tx, lease: [u8; 16], kinds: Vec<&'static str>) -> Result<Vec<Job>, DbError> {
    let now = tx.now();
    // A lease or a next try further away than any can be was written by a clock that has been set back since: it counts as over.
    let (lease_max, try_max) = (now.plus_seconds(LEASE_SECONDS), now.plus_seconds(BACKOFF_SECONDS_MAX + JITTER_SECONDS_MAX));
    // A job whose handler died on its last try has no tries left: it is buried here, since nobody else will end it.
    tx.execute(
        "UPDATE job SET state = 'dead', lease = NULL, cause = 'handler_stopped' WHERE state = 'waiting' AND attempts >= $1 AND (lease_until < $2 OR lease_until > $3) AND lease IS NOT NULL",
        &args![TRIES_MAX, now, lease_max],
    )
    .await?;
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let list: Vec<String> = (0..kinds.len()).map(|index| format!("${}", index + 7)).collect();
    let skip = if tx.is_postgres() { "FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "UPDATE job SET lease = $1, lease_until = $2, attempts = attempts + 1
         WHERE id IN (SELECT id FROM job WHERE state = 'waiting' AND (run_at <= $3 OR (attempts > 0 AND run_at > $6) OR (lease IS NULL AND lease_until = run_at))
               AND (lease IS NULL OR lease_until < $3 OR lease_until > $5) AND kind IN ({}) ORDER BY run_at LIMIT $4 {skip})
         RETURNING id, kind, payload, attempts",
        list.join(",")
    );
    let mut values = args![lease, lease_max, now, TURN_JOBS_MAX, lease_max, try_max].to_vec();
    values.extend(kinds.iter().map(|kind| crate::Value::from(*kind)));
    let rows = tx.query(&sql, &values).await?;
    rows.iter().map(|row| Ok(Job { id: row.get(0)?, kind: row.get(1)?, payload: row.get(2)?, attempt: row.get(3)? })).collect()
}
