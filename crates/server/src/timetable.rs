//! What runs by itself: jobs, the feed, the directory's version, sweeps. Every task ends when `stop` becomes true.

use std::sync::Arc;
use std::time::Duration;

use clock::Timestamp;
use db::DbError;
use privacy::TermKey;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::app::App;

/// How often other replicas' bookings are looked for: a booking is visible there within this and a little more.
const FEED_MILLIS: u64 = 500;
/// How often the directory's version is looked at.
const DIRECTORY_SECONDS: u64 = 2;
/// How often everything is read anew: days pass, horizons move.
const REBUILD_SECONDS: i64 = 900;
/// How often entries of the audit log are sealed: each within a second (I6).
const SEAL_MILLIS: u64 = 500;
const SWEEP_SECONDS: u64 = 60;
/// How often the desk looks for answers that have not come in time.
const DESK_SECONDS: u64 = 60;
const ORPHANS_SECONDS: u64 = 3_600;
/// How often it is looked for what has outlived its term, and for erasures that were begun and not ended.
const TERMS_SECONDS: u64 = 600;

/// How often it is looked whether the policy has been checked today.
const CONTROL_SECONDS: u64 = 3_600;

/// Starts all tasks.
pub fn start(app: &App, stop: &watch::Receiver<bool>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let (runner, until) = (app.runner.clone(), stop.clone());
    tasks.spawn(async move { runner.run(until).await });
    tasks.spawn(every(app.clone(), stop.clone(), Duration::from_millis(FEED_MILLIS), "feed", |app| {
        Box::pin(async move { app.world.free.catch_up(&app.world.db, app.world.clock().now()).await })
    }));
    tasks.spawn(every(app.clone(), stop.clone(), Duration::from_millis(SEAL_MILLIS), "seal", |app| {
        Box::pin(async move { app.sealer.turn().await.map(drop) })
    }));
    tasks.spawn(follow_directory(app.clone(), stop.clone()));
    tasks.spawn(every(app.clone(), stop.clone(), Duration::from_secs(SWEEP_SECONDS), "sweep", |app| {
        Box::pin(async move { sweep(&app).await })
    }));
    tasks.spawn(every(app.clone(), stop.clone(), Duration::from_secs(DESK_SECONDS), "desk", |app| {
        Box::pin(async move { desk::sweep(&app.desk).await })
    }));
    tasks.spawn(every(app.clone(), stop.clone(), Duration::from_secs(ORPHANS_SECONDS), "orphans", |app| {
        Box::pin(async move { sweep_orphans(&app).await })
    }));
    tasks.spawn(every(app.clone(), stop.clone(), Duration::from_secs(TERMS_SECONDS), "terms", |app| {
        Box::pin(async move { keep_terms(&app).await })
    }));
    tasks.spawn(every(app.clone(), stop.clone(), Duration::from_secs(CONTROL_SECONDS), "control", |app| {
        Box::pin(async move { control(&app).await.map(drop) })
    }));
    tasks
}

/// Asks every invariant of the policy, once a day, whichever replica comes first; whether this one did.
///
/// # Errors
/// A fault of one of the databases: the next hour tries again.
pub async fn control(app: &App) -> Result<bool, DbError> {
    let (world, failed) = (&app.world, |fault: &dyn std::fmt::Display| DbError::Unavailable(fault.to_string()));
    let Some(day) = rights::control::begin(&world.db).await? else { return Ok(false) };
    let findings = crate::check::policy(&app.guarded, &world.db, &world.keys, &world.profile).await.map_err(|fault| failed(&fault))?;
    for finding in findings.iter().filter(|finding| !finding.is_sound() && !finding.warning) {
        tracing::error!(name = finding.name, clause = finding.clause, count = finding.count, "an invariant of the policy does not hold");
    }
    rights::control::end(&world.db, day, findings, world.profile.retention.security_log_days).await.map(|()| true)
}

async fn sweep_orphans(app: &App) -> Result<(), DbError> {
    match booking::sweep_orphans(&app.world).await {
        Ok(0) => Ok(()),
        Ok(swept) => {
            tracing::info!(swept, "people without a visit were erased");
            Ok(())
        }
        Err(fault) => Err(DbError::Unavailable(fault.to_string())),
    }
}

/// Ends erasures that were begun, and takes away what is past its term.
async fn keep_terms(app: &App) -> Result<(), DbError> {
    let failed = |fault: &dyn std::fmt::Display| DbError::Unavailable(fault.to_string());
    let (db, keys, profile) = (&app.world.db, &app.world.keys, &app.world.profile);
    for place in keys.tombstones().iter().skip(1).filter_map(|file| file.path().parent()) {
        match crate::backup::forget_sets(place, app.world.clock().now(), profile.retention.key_backup_days) {
            Ok(0) => {}
            Ok(sets) => {
                tracing::warn!(sets, "backups past their term were deleted; make new ones, and look at the clock if they were young")
            }
            // A folder of copies that is not as it should be keeps no other term.
            Err(fault) => tracing::error!(%fault, "old backups could not be deleted"),
        }
    }
    keys.level_tombstones().await.map_err(|fault| failed(&fault))?;
    // Terms are kept all the same: a machine to which a new master key was not brought still lets go of what is past its term.
    if let Err(fault) = keys.rewrap().await {
        tracing::error!(%fault, "keys could not be wrapped anew; if the master key was changed on another machine, bring it to this one");
    }
    db.run("disclosures", |tx| {
        Box::pin(async move {
            privacy::disclosure::end_forgotten(tx).await?;
            privacy::disclosure::prune(tx).await
        })
    })
    .await?;
    let taken = rights::retention::run(db, keys, profile).await.map_err(|fault| failed(&fault))?;
    if taken.count() > 0 {
        let by_term: Vec<String> = taken.by_term.iter().map(|(term, number)| format!("{}: {number}", term.path())).collect();
        tracing::info!(resumed = taken.resumed, by_term = by_term.join(", "), "terms of the policy were kept");
    }
    Ok(())
}

type Turn = std::pin::Pin<Box<dyn Future<Output = Result<(), DbError>> + Send>>;

async fn every(app: App, mut stop: watch::Receiver<bool>, pause: Duration, name: &'static str, turn: fn(App) -> Turn) {
    while !*stop.borrow() {
        if let Err(fault) = turn(app.clone()).await {
            tracing::warn!(name, %fault, "a turn of the timetable failed");
        }
        tokio::select! {
            () = app.world.clock().sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn follow_directory(app: App, mut stop: watch::Receiver<bool>) {
    let mut built_at: Timestamp = app.world.clock().now();
    while !*stop.borrow() {
        match follow_directory_once(&app, built_at).await {
            Ok(true) => built_at = app.world.clock().now(),
            Ok(false) => {}
            Err(fault) => tracing::warn!(%fault, "the directory could not be read"),
        }
        tokio::select! {
            () = app.world.clock().sleep(Duration::from_secs(DIRECTORY_SECONDS)) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Rebuilds free time when the directory has a new version or the last build is old; whether it did.
///
/// # Errors
/// A fault of the database.
pub async fn follow_directory_once(app: &App, built_at: Timestamp) -> Result<bool, DbError> {
    let world = &app.world;
    let version = world.db.read("directory version", |tx| Box::pin(directory::store::version(tx))).await?;
    let current = world.catalogue();
    let now = world.clock().now();
    // Built in the future: the clock has been set back since, and nothing would be old for as long.
    let old = now > built_at.plus_seconds(REBUILD_SECONDS) || now < built_at;
    if version == current.version && !old {
        return Ok(false);
    }
    let catalogue = if version == current.version {
        current
    } else {
        Arc::new(world.db.read("directory", |tx| Box::pin(directory::store::load(tx))).await?)
    };
    // The index first: whoever sees the new directory in free time finds it made.
    app.search.prepare(catalogue.clone()).await;
    world.free.rebuild(&world.db, catalogue).await?;
    Ok(true)
}

async fn sweep(app: &App) -> Result<(), DbError> {
    let profile = app.world.profile.clone();
    app.world
        .db
        .run("sweep", move |tx| {
            let profile = profile.clone();
            Box::pin(async move { booking::sweep(tx, &profile).await })
        })
        .await?;
    let (terms, ended_before) = (app.world.profile.staff, app.world.profile.term(TermKey::SecurityLog).before(app.world.clock().now()));
    app.world.db.run("sweep staff", move |tx| Box::pin(async move { access::sweep_staff(tx, &terms, ended_before).await })).await?;
    if let Some(before) = app.world.profile.term(TermKey::Outbox).before(app.world.clock().now()) {
        app.outbox.forget_before(before).await?;
    }
    app.world.limits.forget_quiet(app.world.clock().now());
    Ok(())
}
