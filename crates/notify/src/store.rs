//! All SQL of the crate: messages kept for the demo's outbox, sealed.

use clock::Timestamp;
use db::{DbError, Row, Tx, args};

/// Keeps a message; a second try of the same job changes nothing.
pub(crate) async fn insert(tx: &mut Tx, id: [u8; 16], sealed: &[u8], addressee: &[u8; 32], sent_at: Timestamp) -> Result<u64, DbError> {
    tx.execute(
        "INSERT INTO sent_message (id, sealed, addressee, sent_at) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING",
        &args![id, sealed, *addressee, sent_at],
    )
    .await
}

/// Id, sealed line and instant, newest first.
pub(crate) async fn newest(tx: &mut Tx, limit: i64) -> Result<Vec<Row>, DbError> {
    tx.query("SELECT id, sealed, sent_at FROM sent_message ORDER BY sent_at DESC, id LIMIT $1", &args![limit]).await
}

/// Ids and addressees of messages after `after`, in the order of ids, at most `limit`.
pub(crate) async fn addressees(tx: &mut Tx, after: [u8; 16], limit: i64) -> Result<Vec<([u8; 16], Vec<u8>)>, DbError> {
    let rows = tx.query("SELECT id, addressee FROM sent_message WHERE id > $1 ORDER BY id LIMIT $2", &args![after, limit]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

pub(crate) async fn delete(tx: &mut Tx, id: [u8; 16]) -> Result<u64, DbError> {
    tx.execute("DELETE FROM sent_message WHERE id = $1", &args![id]).await
}

pub(crate) async fn delete_before(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    tx.execute("DELETE FROM sent_message WHERE sent_at < $1", &args![before]).await
}
