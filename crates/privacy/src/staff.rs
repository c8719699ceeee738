//! Staff as askers: a proof that somebody has signed in, read from the session itself. No word of a caller makes one.

use db::{DbError, Tx};

use crate::store;

/// One of the staff, signed in at the instant at which it was made. What they may ask for is the matter of `access`; that they are
/// somebody, and who the log names, is this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaffProof {
    staff: [u8; 16],
}

impl StaffProof {
    /// As the log names them.
    pub(crate) fn code(self) -> String {
        format!("staff:{}", db::reexport::Uuid::from_bytes(self.staff))
    }

    #[cfg(test)]
    pub(crate) fn for_tests() -> StaffProof {
        StaffProof { staff: [1; 16] }
    }
}

/// The proof of a session that counts now: neither ended nor locked, of somebody whose access has not ended. `idle_minutes` is the
/// profile's.
///
/// # Errors
/// A fault of the database.
pub async fn prove_staff(tx: &mut Tx, session: [u8; 16], idle_minutes: i64) -> Result<Option<StaffProof>, DbError> {
    let now = tx.now();
    let staff = store::signed_in(tx, session, now, now.plus_minutes(-idle_minutes)).await?;
    Ok(staff.map(|staff| StaffProof { staff }))
}
