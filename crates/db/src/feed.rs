//! The dirty feed: "(role, day) has changed", or "(doctor, device or room, day) has". It says no more, so it names no person; whoever
//! follows reads the truth again.

use clock::Timestamp;

use crate::{DbError, Tx, args};

/// A day of which the free time may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dirty {
    /// The id of what is claimed: a practitioner, a device, a room, whichever roles use it now or used it then. Or of a role, when
    /// what it offers has changed.
    pub whose: [u8; 16],
    /// Days since 1970-01-01: in UTC of what is claimed, civil days at its place of a role.
    pub day: i64,
}

impl Tx {
    /// Tells all followers, here after the commit and elsewhere through the table, that a day has changed.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn mark_dirty(&mut self, dirty: Dirty) -> Result<(), DbError> {
        let (id, now) = (self.clock().bytes::<16>(), self.now());
        self.execute("INSERT INTO dirty (id, role, day, at) VALUES ($1, $2, $3, $4)", &args![id, dirty.whose, dirty.day, now]).await?;
        self.effects.dirty.push(dirty);
        Ok(())
    }

    /// What this transaction has marked so far: what its caller reads again once it is committed.
    pub fn marked(&self) -> Vec<Dirty> {
        self.effects.dirty.clone()
    }
}

/// A mark of the feed as a follower reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The mark's own id: by it a follower knows what it has seen.
    pub id: [u8; 16],
    /// What has changed.
    pub dirty: Dirty,
    /// When the transaction that changed it began.
    pub at: Timestamp,
}

/// Marks that one look brings at most: as many mean "read everything again".
pub const MARKS_MAX: usize = 100_000;

/// Everything marked since `from`, at most [`MARKS_MAX`]. A late commit makes rows appear behind a reader's position, so a
/// follower asks again over a window that overlaps the last one.
///
/// # Errors
/// A fault of the database.
pub async fn changed_since(tx: &mut Tx, from: Timestamp) -> Result<Vec<Mark>, DbError> {
    let rows = tx.query("SELECT id, role, day, at FROM dirty WHERE at >= $1 LIMIT 100000", &args![from]).await?;
    rows.iter().map(|row| Ok(Mark { id: row.get(0)?, dirty: Dirty { whose: row.get(1)?, day: row.get(2)? }, at: row.get(3)? })).collect()
}

/// Drops marks older than `before`; the number dropped.
///
/// # Errors
/// A fault of the database.
pub async fn forget_before(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    tx.execute("DELETE FROM dirty WHERE at < $1", &args![before]).await
}
