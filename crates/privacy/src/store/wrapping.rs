//! The SQL of keys that wrap keys.

use db::{DbError, Tx, args};

use super::keys::KeyRow;
use crate::PersonId;

/// A wrapping key as it is kept: its generation, the mark of the master key that it is wrapped under, and itself.
pub(crate) type WrappingRow = (i64, [u8; 32], Vec<u8>);

/// All of them. There are few: one for each change of the master key that has not been swept yet.
pub(crate) async fn wrapping_keys(tx: &mut Tx) -> Result<Vec<WrappingRow>, DbError> {
    let rows = tx.query("SELECT generation, master, wrapped FROM wrapping_key ORDER BY generation, master LIMIT 1000", &args![]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

/// Writes one; one that is there stays.
pub(crate) async fn insert_wrapping_key(tx: &mut Tx, row: &WrappingRow, made_on: i64) -> Result<(), DbError> {
    let (generation, master, wrapped) = row;
    tx.execute(
        "INSERT INTO wrapping_key (generation, master, wrapped, made_on) VALUES ($1, $2, $3, $4) ON CONFLICT (generation, master) DO NOTHING",
        &args![*generation, *master, wrapped.as_slice(), made_on],
    )
    .await
    .map(drop)
}

/// Takes away what this master key opens.
pub(crate) async fn forget_master(tx: &mut Tx, master: [u8; 32]) -> Result<u64, DbError> {
    tx.execute("DELETE FROM wrapping_key WHERE master = $1", &args![master]).await
}

/// A change of the master key that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rotation {
    /// The mark of the key that goes.
    pub(crate) old: [u8; 32],
    /// The mark of the one that comes.
    pub(crate) new: [u8; 32],
    /// Whether the old one opens nothing any more.
    pub(crate) renewed: bool,
}

/// The change that is under way.
pub(crate) async fn rotation(tx: &mut Tx) -> Result<Option<Rotation>, DbError> {
    let row = tx.query_opt("SELECT old_master, new_master, renewed FROM rotation WHERE one = 1", &args![]).await?;
    row.map(|row| Ok(Rotation { old: row.get(0)?, new: row.get(1)?, renewed: row.get::<i64>(2)? != 0 })).transpose()
}

/// Begins a change; the caller has seen that none is under way.
pub(crate) async fn begin_rotation(tx: &mut Tx, old: [u8; 32], new: [u8; 32]) -> Result<(), DbError> {
    tx.execute("INSERT INTO rotation (one, old_master, new_master, renewed) VALUES (1, $1, $2, 0)", &args![old, new]).await.map(drop)
}

/// Says that the old key opens nothing any more.
pub(crate) async fn renewed(tx: &mut Tx) -> Result<(), DbError> {
    tx.execute("UPDATE rotation SET renewed = 1 WHERE one = 1", &args![]).await.map(drop)
}

/// Ends the change to this key, if it is the one under way.
pub(crate) async fn end_rotation(tx: &mut Tx, new: [u8; 32]) -> Result<(), DbError> {
    tx.execute("DELETE FROM rotation WHERE one = 1 AND new_master = $1", &args![new]).await.map(drop)
}

/// The system key of that name with its generation: the one that is there, else `fresh`, which then is.
pub(crate) async fn system_key(tx: &mut Tx, name: &str, fresh: &[u8], generation: i64) -> Result<(Vec<u8>, i64), DbError> {
    let sql = "INSERT INTO system_key (name, wrapped, generation) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING";
    tx.execute(sql, &args![name, fresh, generation]).await?;
    let row = tx.query_one("SELECT wrapped, generation FROM system_key WHERE name = $1", &args![name]).await?;
    Ok((row.get(0)?, row.get(1)?))
}

/// One of the system keys, if there are any, with its name: it shows whether a master key is the store's.
pub(crate) async fn any_system_key(tx: &mut Tx) -> Result<Option<(String, Vec<u8>)>, DbError> {
    let row = tx.query_opt("SELECT name, wrapped FROM system_key ORDER BY name LIMIT 1", &args![]).await?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// System keys of older generations: name, key, generation.
pub(crate) async fn older_system_keys(tx: &mut Tx, newest: i64) -> Result<Vec<(String, Vec<u8>, i64)>, DbError> {
    let rows = tx.query("SELECT name, wrapped, generation FROM system_key WHERE generation < $1 LIMIT 100", &args![newest]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

/// Replaces a system key if it is still of that generation.
pub(crate) async fn rewrap_system_key(tx: &mut Tx, name: &str, of: i64, wrapped: &[u8], newest: i64) -> Result<(), DbError> {
    let sql = "UPDATE system_key SET wrapped = $3, generation = $4 WHERE name = $1 AND generation = $2";
    tx.execute(sql, &args![name, of, wrapped, newest]).await.map(drop)
}

/// People's keys of older generations, at most `limit`.
pub(crate) async fn older_keys(tx: &mut Tx, newest: i64, limit: i64) -> Result<Vec<KeyRow>, DbError> {
    let sql = "SELECT person, wrapped, generation FROM person_key WHERE generation < $1 ORDER BY generation, person LIMIT $2";
    let rows = tx.query(sql, &args![newest, limit]).await?;
    rows.iter().map(|row| Ok(KeyRow { person: row.get(0)?, wrapped: row.get(1)?, generation: row.get(2)? })).collect()
}

/// How many people's keys are of older generations.
pub(crate) async fn count_older_keys(tx: &mut Tx, newest: i64) -> Result<i64, DbError> {
    tx.query_one("SELECT count(*) FROM person_key WHERE generation < $1", &args![newest]).await?.get(0)
}

/// Replaces a person's key if it is still of that generation; who was destroyed meanwhile stays so.
pub(crate) async fn rewrap_key(tx: &mut Tx, person: PersonId, of: i64, wrapped: &[u8], newest: i64) -> Result<(), DbError> {
    let sql = "UPDATE person_key SET wrapped = $3, generation = $4 WHERE person = $1 AND generation = $2";
    tx.execute(sql, &args![person, of, wrapped, newest]).await.map(drop)
}

/// Takes away wrapping keys older than the newest, when that is of a day before `today` and nothing is wrapped under them any more; how many. A
/// day is longer than any program goes without looking which is the newest.
pub(crate) async fn forget_wrapping_keys(tx: &mut Tx, newest: i64, today: i64) -> Result<u64, DbError> {
    let sql = "DELETE FROM wrapping_key WHERE generation < $1
          AND EXISTS (SELECT 1 FROM wrapping_key n WHERE n.generation = $1 AND n.made_on < $2)
          AND NOT EXISTS (SELECT 1 FROM person_key p WHERE p.generation < $1)
          AND NOT EXISTS (SELECT 1 FROM system_key s WHERE s.generation < $1)";
    tx.execute(sql, &args![newest, today]).await
}

/// What older programs knew nothing of is as if it were not there.
#[cfg(test)]
pub(crate) async fn as_older_programs(tx: &mut Tx) -> Result<(), DbError> {
    tx.execute("DELETE FROM wrapping_key", &args![]).await?;
    tx.execute("UPDATE system_key SET generation = 0", &args![]).await?;
    tx.execute("UPDATE person_key SET generation = 0", &args![]).await.map(drop)
}
