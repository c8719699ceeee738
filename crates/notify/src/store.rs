//! All SQL of the crate: messages kept for the demo's outbox, sealed.

use clock::Timestamp;
use db::{DbError, Row, Tx, args};

/// Keeps a message; a second try of the same job changes nothing.
pub(crate) async fn insert(tx: &mut Tx, id: [u8; 16], sealed: &[u8], sent_at: Timestamp) -> Result<u64, DbError> {
    tx.execute(
        "INSERT INTO sent_message (id, sealed, sent_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING",
        &args![id, sealed, sent_at],
    )
    .await
}

/// Id, sealed line and instant, newest first.
pub(crate) async fn newest(tx: &mut Tx, limit: i64) -> Result<Vec<Row>, DbError> {
    tx.query("SELECT id, sealed, sent_at FROM sent_message ORDER BY sent_at DESC, id LIMIT $1", &args![limit]).await
}

pub(crate) async fn delete_before(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    tx.execute("DELETE FROM sent_message WHERE sent_at < $1", &args![before]).await
}
