//! The table of people as it was before they moved into the key store. Its statements fit only that older schema.

use db::{DbError, Tx, args};
use privacy::{Identity, PersonId};

/// People after `after`, in the order of their ids, at most `limit`.
pub(crate) async fn people(tx: &mut Tx, after: PersonId, limit: i64) -> Result<Vec<(PersonId, Identity)>, DbError> {
    let sql = "SELECT id, name, phone, email, sex, age FROM patient WHERE id > $1 ORDER BY id LIMIT $2";
    let rows = tx.query(sql, &args![after, limit]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, Identity::stored([row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?])))).collect()
}

/// Empties the table: all who are in it have moved.
pub(crate) async fn forget_all(tx: &mut Tx) -> Result<u64, DbError> {
    tx.execute("DELETE FROM patient", &[]).await
}
