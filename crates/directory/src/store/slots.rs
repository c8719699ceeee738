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
/// The same table with where in a feed a slot stands.
const SLOT_OF_FEED: Table = Table {
    name: "slot",
    columns: &["id", "role", "source", "their_id", "starts_at", "ends_at", "free", "capacity", "deep_link", "phone", "feed", "file"],
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

const FILES_OF_FEED: &str = "SELECT DISTINCT file FROM slot WHERE feed = $1 ORDER BY file LIMIT 10000";
const IDS_OF_FILE: &str = "SELECT id, role, starts_at FROM slot WHERE feed = $1 AND file = $2 AND id > $3 ORDER BY id LIMIT $4";

fn of_ids(ids: usize) -> String {
    format!("SELECT {} FROM slot WHERE id IN {}", SLOT_OF_FEED.columns.join(", "), db::placeholders(1, ids, 1))
}

pub(super) fn statements() -> Vec<String> {
    vec![
        SLOT.upsert(1),
        SLOT.upsert(2),
        SLOT.delete_of(2),
        SLOT_OF_FEED.upsert(1),
        SLOT_OF_FEED.upsert(2),
        of_feeds(),
        of_role(),
        of_ids(2),
        DELETE_ENDED.to_owned(),
        FILES_OF_FEED.to_owned(),
        IDS_OF_FILE.to_owned(),
    ]
}

/// The stored slots of these ids (at most a few thousand), each with the file of the feed in which it stood.
///
/// # Errors
/// A fault of the database.
pub async fn slots_of_ids(tx: &mut Tx, ids: &[SlotId]) -> Result<Vec<(StoredSlot, String)>, DbError> {
    let mut found = Vec::with_capacity(ids.len());
    for batch in ids.chunks(super::BATCH_ROWS) {
        let args: Vec<Value> = batch.iter().map(|id| Value::from(*id)).collect();
        for row in tx.query(&of_ids(batch.len()), &args).await? {
            found.push((slot(&row)?, row.get(11)?));
        }
    }
    Ok(found)
}

/// Writes these slots of one file of a feed: new ones are added, known ones take the new values.
pub(crate) async fn write_slots_of_file(tx: &mut Tx, feed: &str, file: &str, slots: &[&StoredSlot]) -> Result<(), DbError> {
    let row = |slot: &&StoredSlot| {
        let mut row = slot_row(slot);
        row.extend(args![feed, file]);
        row
    };
    SLOT_OF_FEED.write(tx, slots.iter().map(row).collect()).await
}

/// The files of a feed from which slots are stored.
pub(crate) async fn files_of_feed(tx: &mut Tx, feed: &str) -> Result<Vec<String>, DbError> {
    tx.query(FILES_OF_FEED, &args![feed]).await?.iter().map(|row| row.get(0)).collect()
}

/// Slots of one file of a feed in the order of their ids, beginning after `after`: id, role, begin.
pub(crate) async fn ids_of_file(
    tx: &mut Tx,
    feed: &str,
    file: &str,
    after: [u8; 16],
    limit: i64,
) -> Result<Vec<(SlotId, RoleId, Timestamp)>, DbError> {
    let rows = tx.query(IDS_OF_FILE, &args![feed, file, after, limit]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

fn slot_row(slot: &StoredSlot) -> Vec<Value> {
    args![slot.id, slot.role, &slot.source, &slot.their_id, slot.start, slot.end, slot.free, slot.capacity, &slot.deep_link, &slot.phone]
        .to_vec()
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
    SLOT.write(tx, slots.iter().map(slot_row).collect()).await
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
