//! The bodies of old entries go, their leaves stay: what the log says of them can no longer be read, that nothing else was changed
//! can still be shown.

use clock::Timestamp;
use db::{DbError, Tx};

use super::head::Cut;
use super::signer::Signer;
use super::store;

/// Bodies taken away in one transaction at most.
pub const PRUNED_MAX: i64 = 1_000;

/// Records, signed, that the bodies of sealed entries older than `before` may go; the cut that is in force then. An earlier one that
/// reaches as far stays. The database refuses the deletion of any entry that no cut has passed.
///
/// # Errors
/// A fault of the database.
pub async fn cut(tx: &mut Tx, signer: &Signer, before: Timestamp) -> Result<Option<Cut>, DbError> {
    let last = store::cuts(tx).await?.pop();
    let size = store::newest_head(tx).await?.map_or(0, |(head, _)| head.size);
    let seq = store::first_since(tx, before).await?.unwrap_or(size);
    if seq <= last.map_or(0, |last| last.seq) {
        return Ok(last);
    }
    let cut = Cut::sign(signer, seq, before, tx.now());
    store::insert_cut(tx, &cut).await?;
    Ok(Some(cut))
}

/// Takes away the bodies that the last cut has passed, oldest first, at most [`PRUNED_MAX`]; how many.
///
/// # Errors
/// A fault of the database.
pub async fn prune(tx: &mut Tx) -> Result<u64, DbError> {
    match store::cuts(tx).await?.pop() {
        Some(cut) => store::delete_bodies(tx, &cut, PRUNED_MAX).await,
        None => Ok(0),
    }
}
