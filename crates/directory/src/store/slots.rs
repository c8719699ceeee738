//! The times that clinics' own systems publish.

use clock::Timestamp;
use db::{DbError, Row, Tx, Value, args};

use super::Table;
use crate::catalogue::{RoleId, SlotId, StoredSlot};

const SLOT: Table = Table {
    name: "slot",
    columns: &["id", "role", "source", "their_id", "starts_at", "ends_at", "free", "capacity", "deep_link", "phone"],
    keys: 1,
};
/// Slots read for one question at most (I9).
pub const SLOTS_READ_MAX: i64 = 5_000_000;
/// Slots of one role read at most (I9).
pub const SLOTS_OF_ROLE_MAX: i64 = 10_000;

fn of_feeds() -> String {
    format!("SELECT {} FROM slot WHERE ends_at > $1 ORDER BY role, starts_at, id LIMIT $2", SLOT.columns.join(", "))
}

fn of_role() -> String {
    format!("SELECT {} FROM slot WHERE role = $1 AND ends_at > $2 ORDER BY starts_at, id LIMIT $3", SLOT.columns.join(", "))
}

const DELETE_ENDED: &str = "DELETE FROM slot WHERE id IN (SELECT id FROM slot WHERE source = $1 AND ends_at <= $2 LIMIT $3)";

pub(super) fn statements() -> Vec<String> {
    vec![SLOT.upsert(1), SLOT.upsert(2), SLOT.delete_of(2), of_feeds(), of_role(), DELETE_ENDED.to_owned()]
}

/// Every stored slot that ends after `from`, by role and begin.
///
/// # Errors
/// A fault of the database.
pub async fn slots_of_feeds(tx: &mut Tx, from: Timestamp) -> Result<Vec<StoredSlot>, DbError> {
    tx.query(&of_feeds(), &args![from, SLOTS_READ_MAX]).await?.iter().map(slot).collect()
}

/// The stored slots of one role that end after `from`, by begin.
///
/// # Errors
/// A fault of the database.
pub async fn slots_of_role(tx: &mut Tx, role: RoleId, from: Timestamp) -> Result<Vec<StoredSlot>, DbError> {
    tx.query(&of_role(), &args![role, from, SLOTS_OF_ROLE_MAX]).await?.iter().map(slot).collect()
}

/// Writes these slots: new ones are added, known ones take the new values.
///
/// # Errors
/// A fault of the database.
pub async fn write_slots(tx: &mut Tx, slots: &[StoredSlot]) -> Result<(), DbError> {
    let row = |slot: &StoredSlot| {
        args![
            slot.id,
            slot.role,
            &slot.source,
            &slot.their_id,
            slot.start,
            slot.end,
            slot.free,
            slot.capacity,
            &slot.deep_link,
            &slot.phone
        ]
        .to_vec()
    };
    SLOT.write(tx, slots.iter().map(row).collect()).await
}

/// Deletes these slots.
///
/// # Errors
/// A fault of the database.
pub async fn delete_slots(tx: &mut Tx, slots: &[SlotId]) -> Result<(), DbError> {
    let ids: Vec<Value> = slots.iter().map(|slot| Value::from(*slot)).collect();
    SLOT.clear(tx, &ids).await
}

/// Forgets at most `limit` slots of a feed that ended by `before`; how many.
///
/// # Errors
/// A fault of the database.
pub async fn forget_ended(tx: &mut Tx, source: &str, before: Timestamp, limit: i64) -> Result<u64, DbError> {
    tx.execute(DELETE_ENDED, &args![source, before, limit]).await
}

fn slot(row: &Row) -> Result<StoredSlot, DbError> {
    Ok(StoredSlot {
        id: row.get(0)?,
        role: row.get(1)?,
        source: row.get(2)?,
        their_id: row.get(3)?,
        start: row.get(4)?,
        end: row.get(5)?,
        free: row.get(6)?,
        capacity: row.get(7)?,
        deep_link: row.get(8)?,
        phone: row.get(9)?,
    })
}
