//! What runs by itself: rows that no longer count are dropped.

use clock::DAY;
use db::{DbError, Tx};
use privacy::Profile;

use crate::store;

/// Rows dropped in one sweep at most: a sweep must not keep bookings waiting.
const SWEPT_MAX: i64 = 500;
/// Expired holds stay readable for a while, so that a person who comes late is told what has run out.
const HOLD_GRACE_MINUTES: i64 = 60;

/// Drops holds and claims that ran out, idempotency keys past their term and marks of the feed that all followers have read.
///
/// # Errors
/// A fault of the database.
pub async fn sweep(tx: &mut Tx, profile: &Profile) -> Result<u64, DbError> {
    let now = tx.now();
    let expired = store::sweep_expired(tx, now.plus_minutes(-HOLD_GRACE_MINUTES), SWEPT_MAX).await?;
    let key_days = (profile.idempotency_retention_hours + 23) / 24;
    let keys = store::forget_keys_before(tx, now.day() - key_days).await?;
    let marks = db::forget_before(tx, clock::Timestamp(now.micros() - DAY)).await?;
    let codes = patients::forget_codes_before(tx, now).await?;
    Ok(expired + keys + marks + codes)
}

/// Visits by state, for metrics.
///
/// # Errors
/// A fault of the database.
pub async fn counts(tx: &mut Tx) -> Result<Vec<(String, i64)>, DbError> {
    store::count_by_status(tx).await
}
