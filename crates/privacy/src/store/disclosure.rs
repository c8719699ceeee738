//! SQL of the register of recipients and of the ledger of disclosures.

use db::jobs::JobId;
use db::{DbError, Row, Tx, Value, args};

use crate::audit::EntryId;
use crate::disclosure::{Made, RecipientId, Registered};
use crate::vocabulary::Recipient;

fn recipient_of(row: &Row) -> Result<Registered, DbError> {
    let kind: String = row.get(1)?;
    Ok(Registered {
        id: row.get(0)?,
        kind: Recipient::from_code(&kind).ok_or_else(|| DbError::Shape("a strange kind of recipient".into()))?,
        name: row.get(2)?,
        country: row.get(3)?,
        contract: row.get(4)?,
        clause: row.get(5)?,
        from_on: row.get(6)?,
        until_on: row.get(7)?,
        notice: row.get(8)?,
        active: row.get(9)?,
    })
}

/// The active recipient of a kind.
pub(crate) async fn active(tx: &mut Tx, kind: Recipient) -> Result<Option<Registered>, DbError> {
    let sql = "SELECT id, kind, name, country, contract, clause, from_on, until_on, notice, active FROM recipient WHERE kind = $1 AND active = 1 LIMIT 1";
    tx.query_opt(sql, &args![kind.code()]).await?.as_ref().map(recipient_of).transpose()
}

/// The recipient of that id.
pub(crate) async fn recipient(tx: &mut Tx, id: RecipientId) -> Result<Option<Registered>, DbError> {
    let sql = "SELECT id, kind, name, country, contract, clause, from_on, until_on, notice, active FROM recipient WHERE id = $1";
    tx.query_opt(sql, &args![id]).await?.as_ref().map(recipient_of).transpose()
}

/// Everybody on the register.
pub(crate) async fn recipients(tx: &mut Tx, limit: i64) -> Result<Vec<Registered>, DbError> {
    let sql = "SELECT id, kind, name, country, contract, clause, from_on, until_on, notice, active FROM recipient ORDER BY kind, name, id LIMIT $1";
    tx.query(sql, &args![limit]).await?.iter().map(recipient_of).collect()
}

/// Writes a recipient, over what was there under its id.
pub(crate) async fn put(tx: &mut Tx, recipient: &Registered) -> Result<(), DbError> {
    let Registered { id, kind, name, country, contract, clause, from_on, until_on, notice, active } = recipient;
    let sql = "INSERT INTO recipient (id, kind, name, country, contract, clause, from_on, until_on, notice, active) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, country = excluded.country, contract = excluded.contract, clause = excluded.clause,
         from_on = excluded.from_on, until_on = excluded.until_on, notice = excluded.notice, active = excluded.active";
    tx.execute(sql, &args![id, kind.code(), name, country, contract, clause, *from_on, *until_on, *notice, *active]).await.map(drop)
}

/// Nobody of this kind is active but, perhaps, this one.
pub(crate) async fn retire(tx: &mut Tx, kind: Recipient, but: Option<RecipientId>) -> Result<(), DbError> {
    let but = but.map(|id| id.bytes().to_vec()).unwrap_or_default();
    tx.execute("UPDATE recipient SET active = 0 WHERE kind = $1 AND active = 1 AND id <> $2", &args![kind.code(), but]).await.map(drop)
}

/// The row of this message with these bytes, and its state.
pub(crate) async fn of_message(tx: &mut Tx, message: JobId, payload: [u8; 32]) -> Result<Option<(EntryId, String)>, DbError> {
    let row = tx.query_opt("SELECT id, state FROM disclosure WHERE message = $1 AND payload = $2", &args![message, payload]).await?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// Writes a disclosure; `values` are its columns in the order of the statement.
pub(crate) async fn insert(tx: &mut Tx, values: &[Value]) -> Result<(), DbError> {
    let sql =
        "INSERT INTO disclosure (id, message, recipient, kind, country, contract, purpose, basis, fields, payload, object, made_on, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'pending')";
    tx.execute(sql, values).await.map(drop)
}

/// Writes how it ended, once.
pub(crate) async fn end(tx: &mut Tx, id: EntryId, state: &'static str) -> Result<u64, DbError> {
    tx.execute("UPDATE disclosure SET state = $2 WHERE id = $1 AND state = 'pending'", &args![id, state]).await
}

/// Ends what was made before that day, is pending, and has no job that would try again.
pub(crate) async fn end_before(tx: &mut Tx, before: i64, state: &'static str) -> Result<u64, DbError> {
    let sql = "UPDATE disclosure SET state = $2 WHERE made_on < $1 AND state = 'pending'
         AND NOT EXISTS (SELECT 1 FROM job WHERE job.id = disclosure.message AND job.state = 'waiting')";
    tx.execute(sql, &args![before, state]).await
}

/// The disclosures about an object, with the names of their recipients.
pub(crate) async fn of(tx: &mut Tx, object: [u8; 16], limit: i64) -> Result<Vec<Made>, DbError> {
    let sql = "SELECT d.id, d.recipient, coalesce(r.name, ''), d.kind, d.country, d.purpose, d.basis, d.fields, d.made_on, d.state
         FROM disclosure d LEFT JOIN recipient r ON r.id = d.recipient WHERE d.object = $1 ORDER BY d.made_on DESC, d.id LIMIT $2";
    let rows = tx.query(sql, &args![object, limit]).await?;
    rows.iter()
        .map(|row| {
            let kind: String = row.get(3)?;
            Ok(Made {
                entry: row.get(0)?,
                recipient: row.get(1)?,
                name: row.get(2)?,
                kind: Recipient::from_code(&kind).ok_or_else(|| DbError::Shape("a strange kind of recipient".into()))?,
                country: row.get(4)?,
                purpose: row.get(5)?,
                basis: row.get(6)?,
                fields: row.get(7)?,
                made_on: row.get(8)?,
                state: row.get(9)?,
            })
        })
        .collect()
}

/// Deletes rows whose entries are gone from the log.
pub(crate) async fn prune(tx: &mut Tx, limit: i64) -> Result<u64, DbError> {
    let sql = "DELETE FROM disclosure WHERE id IN (SELECT d.id FROM disclosure d LEFT JOIN audit_entry e ON e.id = d.id WHERE e.id IS NULL LIMIT $1)";
    tx.execute(sql, &args![limit]).await
}
