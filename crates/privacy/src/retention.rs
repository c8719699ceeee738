//! Proofs end too: consents, acts of destruction, entries of the log, each after its term (clause 1.4: no longer than needed).

use clock::Timestamp;
use db::{DbError, Tx};

use crate::audit::{self, Signer};
use crate::profile::Profile;
use crate::store;

/// Rows that go in one transaction at most: bookings wait for no more than that.
pub const FORGOTTEN_AT_ONCE: i64 = 500;

/// No calendar is open farther ahead: the limit of what a clinic may bring.
const CALENDAR_DAYS_MAX: i64 = 366;

/// The days before which proofs of consents go, in days since 1970-01-01: of those that were withdrawn, by the day of the withdrawal; of the
/// others by the day on which they were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsentTerm {
    /// Of a consent that was withdrawn on an earlier day.
    pub withdrawn_before: i64,
    /// Of any consent given on an earlier day.
    pub given_before: i64,
}

impl ConsentTerm {
    /// On that day. A consent ends with its withdrawal or with the tie of its visit; which visit that is, no row says (I5). So what was not
    /// withdrawn is counted from the last day on which the tie can have died: of a visit as far ahead as any calendar is open, or as long ahead
    /// as a person is kept without one, whichever is more.
    pub fn on(day: i64, profile: &Profile) -> ConsentTerm {
        let retention = &profile.retention;
        let proof = retention.consent_proof_days_after_end;
        let ahead = retention.identity_days_after_last_visit.max(CALENDAR_DAYS_MAX);
        let longest = ahead + retention.specialty_days_after_visit;
        ConsentTerm { withdrawn_before: day - proof, given_before: day - proof - longest }
    }
}

/// Drops proofs of consents past their term, at most [`FORGOTTEN_AT_ONCE`] of each kind; how many.
///
/// # Errors
/// A fault of the database.
pub async fn forget_consents(tx: &mut Tx, term: ConsentTerm) -> Result<u64, DbError> {
    store::set_consent_cut(tx, "withdrawn_consent", term.withdrawn_before).await?;
    store::set_consent_cut(tx, "consent", term.given_before).await?;
    let withdrawn = store::forget_withdrawn(tx, term.withdrawn_before, FORGOTTEN_AT_ONCE).await?;
    Ok(withdrawn + store::forget_consents(tx, term.given_before, FORGOTTEN_AT_ONCE).await?)
}

/// Drops acts of destruction that were done before `before`, at most [`FORGOTTEN_AT_ONCE`]; how many.
///
/// # Errors
/// A fault of the database.
pub async fn forget_acts(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    store::forget_acts(tx, before, FORGOTTEN_AT_ONCE).await
}

/// Drops bodies of the log's entries that are older than `before`, at most [`audit::PRUNED_MAX`]; how many. One cut a day is signed at most:
/// `before` is the beginning of a day.
///
/// # Errors
/// A fault of the database.
pub async fn forget_entries(tx: &mut Tx, signer: &Signer, before: Timestamp) -> Result<u64, DbError> {
    let day = Timestamp(before.day() * clock::DAY);
    audit::cut(tx, signer, day).await?;
    audit::prune(tx).await
}
