//! Time that clinics have taken for themselves.

use clock::Timestamp;
use db::{DbError, Row, Tx, Value, args, placeholders};
use directory::catalogue::RoleId;

use crate::busy::{Busy, BusyId, BusyReason};
use crate::store::{FOR_EVER, Resource, WANTED_MAX, Wanted, claim, release};

const COLUMNS: &str = "id, role, resource, reason, starts_at, ends_at, first_cell, end_cell, overbooked";

fn busy(row: &Row) -> Result<Busy, DbError> {
    let reason = BusyReason::from_code(&row.get::<String>(3)?).ok_or_else(|| DbError::Shape("a strange block".into()))?;
    Ok(Busy {
        id: row.get(0)?,
        role: row.get(1)?,
        resource: row.get(2)?,
        reason,
        start: row.get(4)?,
        end: row.get(5)?,
        first_cell: row.get(6)?,
        end_cell: row.get(7)?,
        overbooked: row.get::<i64>(8)? != 0,
    })
}

pub(crate) async fn insert(tx: &mut Tx, busy: &Busy) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO busy (id, role, resource, reason, starts_at, ends_at, first_cell, end_cell, overbooked) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &args![
            busy.id,
            busy.role,
            busy.resource,
            busy.reason.code(),
            busy.start,
            busy.end,
            busy.first_cell,
            busy.end_cell,
            i64::from(busy.overbooked)
        ],
    )
    .await
    .map(drop)
}

pub(crate) async fn by_id(tx: &mut Tx, id: BusyId) -> Result<Option<Busy>, DbError> {
    let row = tx.query_opt(&format!("SELECT {COLUMNS} FROM busy WHERE id = $1"), &args![id]).await?;
    row.as_ref().map(busy).transpose()
}

/// Takes it away, with all that it has claimed: what another block covers falls to that one.
pub(crate) async fn remove(tx: &mut Tx, id: BusyId) -> Result<(), DbError> {
    tx.execute("DELETE FROM busy WHERE id = $1", &args![id]).await?;
    release(tx, id.bytes()).await
}

/// What these roles, at least one, have written down that touches `from..to`, earliest first, at most `limit`.
pub(crate) async fn of_roles(tx: &mut Tx, roles: &[RoleId], from: Timestamp, to: Timestamp, limit: i64) -> Result<Vec<Busy>, DbError> {
    let mut values: Vec<Value> = args![from, to, limit].to_vec();
    values.extend(roles.iter().map(|role| Value::from(*role)));
    let sql = format!(
        "SELECT {COLUMNS} FROM busy WHERE ends_at > $1 AND starts_at < $2 AND role IN {} ORDER BY starts_at, id LIMIT $3",
        placeholders(1, roles.len(), 4)
    );
    tx.query(&sql, &values).await?.iter().map(busy).collect()
}

/// How much a role has written down that is not over.
pub(crate) async fn count_of(tx: &mut Tx, role: RoleId) -> Result<i64, DbError> {
    let now = tx.now();
    tx.query_one("SELECT count(*) FROM busy WHERE role = $1 AND ends_at > $2", &args![role, now]).await?.get(0)
}

/// What ended before `before`, at most `limit`.
pub(crate) async fn over(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<Vec<BusyId>, DbError> {
    let rows = tx.query("SELECT id FROM busy WHERE ends_at < $1 LIMIT $2", &args![before, limit]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Takes the cells of it that are free or only held for a while: a clinic's own time goes before what somebody has not booked yet. What visits have
/// stays theirs.
pub(crate) async fn take(tx: &mut Tx, busy: &Busy) -> Result<(), DbError> {
    let sql = "DELETE FROM claim WHERE resource = $1 AND cell >= $2 AND cell < $3 AND lane = 0 AND expires_at < $4";
    tx.execute(sql, &args![busy.resource, busy.first_cell, busy.end_cell, FOR_EVER]).await?;
    let resource = Resource::Offered(busy.resource);
    let cells: Vec<Wanted> = (busy.first_cell..busy.end_cell).map(|cell| Wanted { resource, cell }).collect();
    for some in cells.chunks(WANTED_MAX) {
        claim(tx, some, busy.id.bytes(), None, FOR_EVER).await?;
    }
    Ok(())
}

/// Takes these cells in the first other lane in which nobody has any of them; whether there was one.
pub(crate) async fn take_beside(tx: &mut Tx, busy: &Busy, lanes: std::ops::RangeInclusive<i64>) -> Result<bool, DbError> {
    for lane in lanes {
        let sql = "SELECT count(*) FROM claim WHERE resource = $1 AND cell >= $2 AND cell < $3 AND lane = $4";
        let taken: i64 = tx.query_one(sql, &args![busy.resource, busy.first_cell, busy.end_cell, lane]).await?.get(0)?;
        if taken > 0 {
            continue;
        }
        let mut values = Vec::new();
        for cell in busy.first_cell..busy.end_cell {
            values.extend(args![busy.resource, cell, lane, busy.id, FOR_EVER]);
        }
        let count = values.len() / 5;
        let sql = format!(
            "INSERT INTO claim (resource, cell, lane, owner, expires_at) VALUES {} ON CONFLICT (resource, cell, lane) DO NOTHING",
            placeholders(count, 5, 1)
        );
        if tx.execute(&sql, &values).await? == count as u64 {
            return Ok(true);
        }
        // Somebody else overbooks at this very moment.
        return Ok(false);
    }
    Ok(false)
}

/// Gives cells that have come free to the blocks that cover them, in the transaction that frees them: the public never sees them.
pub(crate) async fn fill(tx: &mut Tx, resource: [u8; 16], cells: &[i64]) -> Result<(), DbError> {
    let (Some(first), Some(last)) = (cells.iter().min(), cells.iter().max()) else { return Ok(()) };
    let sql = "SELECT id, first_cell, end_cell FROM busy WHERE resource = $1 AND end_cell > $2 AND first_cell <= $3 ORDER BY id";
    for row in &tx.query(sql, &args![resource, *first, *last]).await? {
        let (id, from, to): (BusyId, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let resource = Resource::Offered(resource);
        let wanted: Vec<Wanted> =
            cells.iter().filter(|cell| (from..to).contains(*cell)).map(|cell| Wanted { resource, cell: *cell }).collect();
        for some in wanted.chunks(WANTED_MAX) {
            claim(tx, some, id.bytes(), None, FOR_EVER).await?;
        }
    }
    Ok(())
}

/// What a visit has claimed of doctors, devices and rooms: each with its first cell and the one after the last.
pub(crate) async fn claimed_by_visit(tx: &mut Tx, owner: [u8; 16]) -> Result<Vec<([u8; 16], i64, i64)>, DbError> {
    let sql = "SELECT resource, min(cell), max(cell) + 1 FROM claim WHERE owner = $1 AND cell > 0 GROUP BY resource";
    tx.query(sql, &args![owner]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}
