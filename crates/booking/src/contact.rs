//! How a visit's person can be told of it, without saying who they are; and the visits whose person nobody could tell.

use clock::Timestamp;
use db::{DbError, Tx};

use crate::appointment::AppointmentId;
use crate::store;
use crate::told::Turn;

/// The ways in which the person of a visit is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Contact {
    /// An e-mail was given with this booking.
    pub(crate) email: bool,
    /// The number takes SMS; `false`: a landline.
    pub(crate) sms: bool,
}

impl Contact {
    /// What most visits have, and what is therefore not written down.
    pub(crate) const SMS: Contact = Contact { email: false, sms: true };

    /// Whether only a call is left.
    pub(crate) fn must_be_called(self) -> bool {
        !self.email && !self.sms
    }
}

/// A visit whose person is to be called. The number is opened by whoever calls, under a permit of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToCall {
    /// The visit.
    pub visit: AppointmentId,
    /// What is said aloud to name it.
    pub number: i64,
    /// What they were not told: `booked`, `moved`, `cancelled`.
    pub turn: String,
    /// Since when.
    pub since: Timestamp,
    /// When the visit begins: after that there is nothing left to tell.
    pub start: Timestamp,
}

/// Puts the visit on the list of those to be called; the newest turn is what is to be told.
pub(crate) async fn leave_call(tx: &mut Tx, visit: AppointmentId, turn: Turn) -> Result<(), DbError> {
    let now = tx.now();
    store::put_to_call(tx, visit, turn.code(), now).await
}

/// Visits whose person is to be called, longest waiting first, at most `limit`.
///
/// # Errors
/// A fault of the database.
pub async fn to_call(tx: &mut Tx, limit: i64) -> Result<Vec<ToCall>, DbError> {
    store::to_call(tx, limit).await
}

/// How many visits wait for a call; for metrics.
///
/// # Errors
/// A fault of the database.
pub async fn count_to_call(tx: &mut Tx) -> Result<i64, DbError> {
    store::count_to_call(tx).await
}
