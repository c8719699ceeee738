//! What runs by itself: rows that no longer count are dropped.

use db::{DbError, Tx};
use privacy::{KeyError, PersonId, Profile, SubjectKey, TermKey};

use crate::appointment::AppointmentId;
use crate::book::own_visits;
use crate::busy;
use crate::store;
use crate::world::World;

/// Rows dropped in one sweep at most: a sweep must not keep bookings waiting.
const SWEPT_MAX: i64 = 500;
/// Visits whose claims are looked at in one sweep at most.
const VISITS_SWEPT_MAX: i64 = 1_000;

/// Drops holds and claims that ran out, claims of visits that are over, idempotency keys past their term and marks of the feed that all followers have read.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(tx: &mut Tx, profile: &Profile) -> Result<u64, DbError> {
    let (now, retention) = (tx.now(), &profile.retention);
    // Whoever comes late with a hold is told what has run out.
    let expired = store::sweep_expired(tx, now.plus_minutes(-retention.hold_grace_minutes), SWEPT_MAX).await?;
    let over = sweep_visits(tx, profile).await?;
    // Kept by day, so that no row says when somebody booked: a part of a day counts as a whole one.
    let key_days = profile.term(TermKey::Idempotency).whole_days();
    let keys = store::forget_keys_before(tx, now.day() - key_days).await?;
    let marks = db::forget_before(tx, now.plus_minutes(retention.change_mark_hours * -60)).await?;
    let codes = patients::forget_codes_before(tx, now).await?;
    let calls = store::forget_calls_before(tx, now).await?;
    let busy = busy::sweep(tx).await?;
    Ok(busy + expired + over + keys + marks + codes + calls)
}

/// Drops claims of visits that are long over: of a stretch of visits that begins anywhere, so that every visit has its turn and nobody
/// must remember where the last sweep ended. How many.
async fn sweep_visits(tx: &mut Tx, profile: &Profile) -> Result<u64, DbError> {
    let Some(before) = profile.term(TermKey::Claim).before(tx.now()) else { return Ok(0) };
    let anywhere = AppointmentId::random(tx.clock());
    let mut looked_at = store::ends_of_visits(tx, anywhere, VISITS_SWEPT_MAX).await?;
    let more = VISITS_SWEPT_MAX - i64::try_from(looked_at.len()).unwrap_or(VISITS_SWEPT_MAX);
    if more > 0 {
        looked_at.extend(store::ends_of_visits(tx, AppointmentId(db::reexport::Uuid::nil()), more).await?);
    }
    let over: Vec<AppointmentId> = looked_at.into_iter().filter(|(_, end)| *end < before).map(|(id, _)| id).collect();
    store::forget_claims_of(tx, &over).await
}

/// People looked at in one read.
const ORPHANS_PER_LOOK: i64 = 200;

/// Erases people who came on an earlier day and have no visit: their booking was refused after they were enrolled, or the program died
/// between the two (I2). At the end no journal holds a destroyed key, of this sweep or of one that could not wait for it. How many went.
///
/// # Errors
/// A fault of the database or the key store.
pub async fn sweep_orphans(world: &World) -> Result<u64, KeyError> {
    let (mut swept, mut after) = (0, PersonId(db::reexport::Uuid::nil()));
    // A sweep that did not run for so long has been missed by its operator.
    let days_back = world.profile.retention.orphan_days;
    loop {
        let keys = world.keys.made_lately(days_back, after, ORPHANS_PER_LOOK).await?;
        let Some(last) = keys.last().and_then(SubjectKey::person) else { break };
        after = last;
        for key in keys {
            let Some(person) = key.person() else { continue };
            if !has_visits(world, &key).await? && world.keys.destroy_forgotten(person).await? {
                swept += 1;
            }
        }
    }
    world.keys.scrub().await?;
    Ok(swept)
}

/// Whether the person has or had a visit.
pub(crate) async fn has_visits(world: &World, key: &SubjectKey) -> Result<bool, KeyError> {
    let key = key.clone();
    let visits = world.db.read("visits of a person", move |tx| {
        let key = key.clone();
        Box::pin(async move { own_visits(tx, &key).await })
    });
    Ok(!visits.await?.0.is_empty())
}

/// Visits by state, for metrics.
///
/// # Errors
/// A fault of the database.
pub async fn counts(tx: &mut Tx) -> Result<Vec<(String, i64)>, DbError> {
    store::count_by_status(tx).await
}
