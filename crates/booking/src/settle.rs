//! Money goes on without the tie: a visit that took place leaves one line in the ledger, with a tariff, and neither person, doctor nor
//! specialty. Nothing but the visit's printed number leads from the line to the visit, and that no longer than the tie lives.

use clock::{DAY, Timestamp};
use db::{Db, DbError, Tx};
use directory::catalogue::ServiceKind;
use jiff::tz::TimeZone;

use crate::appointment::AppointmentId;
use crate::ledger::{Fee, Line, Month};
use crate::store;
use crate::store::settle::Settled;

/// Visits settled in one transaction at most: bookings wait for no more than that.
const SETTLED_AT_ONCE: i64 = 200;

/// What the operator asks of clinics for a visit of this class. The class is all that a line says of what was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tariff {
    /// The class.
    pub kind: ServiceKind,
    /// The fee.
    pub fee: Fee,
}

/// From now on these are the tariffs, and no others. Lines that are written stay as they are.
///
/// # Errors
/// A fault of the database.
pub async fn set_tariffs(tx: &mut Tx, tariffs: &[Tariff]) -> Result<(), DbError> {
    store::settle::forget_tariffs(tx).await?;
    for tariff in tariffs {
        store::settle::insert_tariff(tx, tariff).await?;
    }
    Ok(())
}

/// Settles what ended more than `days` whole days ago, the profile's term; how many visits were looked at. Days begin in UTC: all visits of a
/// day are settled together and written in an order drawn by lot, so that no file of the database keeps the order of their times.
///
/// # Errors
/// A fault of the database.
pub async fn settle_due(db: &Db, days: i64) -> Result<u64, DbError> {
    let mut settled = 0;
    loop {
        let due = db.read("visits to settle", move |tx| {
            let before = Timestamp((tx.now().day() - days) * DAY);
            Box::pin(async move { store::settle::unsettled_before(tx, before, SETTLED_AT_ONCE).await })
        });
        let due: Vec<AppointmentId> = due.await?;
        if due.is_empty() {
            return Ok(settled);
        }
        settled += due.len() as u64;
        db.run("settle", move |tx| {
            let due = due.clone();
            Box::pin(async move { settle(tx, due, true).await })
        })
        .await?;
    }
}

/// Settles visits whose tie dies in this transaction, before their term in the ledger: a person is erased, a consent was taken back. Such
/// lines have no number: the files of a database tell which rows were written together, and the number is on the person's paper.
pub(crate) async fn settle_untied(tx: &mut Tx, visits: &[AppointmentId]) -> Result<(), DbError> {
    settle(tx, visits.to_vec(), false).await
}

async fn settle(tx: &mut Tx, mut visits: Vec<AppointmentId>, numbered: bool) -> Result<(), DbError> {
    // One order for all, so that two who settle the same visits wait for each other instead of deadlocking.
    visits.sort_unstable();
    let mut lines = Vec::new();
    for visit in visits {
        let Some(settled) = store::settle::mark(tx, visit).await? else { continue };
        if settled.status.took_place()
            && let Some(line) = line(tx, &settled, numbered).await?
        {
            lines.push((tx.clock().bytes::<16>(), line));
        }
    }
    lines.sort_unstable_by_key(|(id, _)| *id);
    for (id, (month, line)) in &lines {
        store::settle::insert_line(tx, *id, *month, line).await?;
    }
    Ok(())
}

async fn line(tx: &mut Tx, settled: &Settled, numbered: bool) -> Result<Option<(Month, Line)>, DbError> {
    let Some((clinic, tariff, fee)) = store::settle::clinic_and_tariff(tx, settled.role, &settled.service).await? else {
        tracing::warn!("a visit has no line in the ledger: its doctor or its service is not in the directory");
        return Ok(None);
    };
    let zone = TimeZone::get(&settled.zone).unwrap_or(TimeZone::UTC);
    let month = Month::of(settled.start.to_jiff().to_zoned(zone).date());
    // Without a tariff the ledger is a count.
    let fee = fee.unwrap_or_else(|| Fee { minor: 0, currency: settled.currency.clone() });
    Ok(Some((month, Line { clinic, tariff, number: numbered.then_some(settled.number), fee })))
}
