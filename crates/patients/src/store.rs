//! All SQL of the slice.

use clock::Timestamp;
use db::{DbError, Lang, Tx, args};

use crate::code::CodeId;
use crate::represent::RepresentativeRow;

pub(crate) mod before_0012;

pub(crate) struct CodeRow {
    pub(crate) phone: Vec<u8>,
    pub(crate) phone_tag: [u8; 32],
    pub(crate) code: Vec<u8>,
    pub(crate) tries: i64,
    pub(crate) state: String,
    pub(crate) expires_at: Timestamp,
}

pub(crate) async fn insert_code(
    tx: &mut Tx,
    id: CodeId,
    phone: &[u8],
    phone_tag: &[u8; 32],
    made_at: Timestamp,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO phone_code (id, phone, phone_tag, code, lang, tries, state, made_at, expires_at) VALUES ($1, $2, $3, $4, $5, 0, 'asked', $6, $7)",
        &args![id, phone, *phone_tag, Vec::new(), Lang::Ru.code(), made_at, expires_at],
    )
    .await
    .map(drop)
}

pub(crate) async fn code(tx: &mut Tx, id: CodeId) -> Result<Option<CodeRow>, DbError> {
    let row = tx.query_opt("SELECT phone, phone_tag, code, tries, state, expires_at FROM phone_code WHERE id = $1", &args![id]).await?;
    row.map(|row| {
        Ok(CodeRow {
            phone: row.get(0)?,
            phone_tag: row.get(1)?,
            code: row.get(2)?,
            tries: row.get(3)?,
            state: row.get(4)?,
            expires_at: row.get(5)?,
        })
    })
    .transpose()
}

pub(crate) async fn set_code(tx: &mut Tx, id: CodeId, mac: &[u8; 32]) -> Result<(), DbError> {
    tx.execute("UPDATE phone_code SET code = $2 WHERE id = $1 AND state = 'asked'", &args![id, *mac]).await.map(drop)
}

pub(crate) async fn confirm_code(tx: &mut Tx, id: CodeId) -> Result<(), DbError> {
    tx.execute("UPDATE phone_code SET state = 'confirmed' WHERE id = $1 AND state = 'asked'", &args![id]).await.map(drop)
}

/// The tries after counting one more; `None` when there were none left.
pub(crate) async fn count_try(tx: &mut Tx, id: CodeId, max: i64) -> Result<Option<i64>, DbError> {
    let row = tx.query_opt("UPDATE phone_code SET tries = tries + 1 WHERE id = $1 AND tries < $2 RETURNING tries", &args![id, max]).await?;
    row.map(|row| row.get(0)).transpose()
}

pub(crate) async fn spend_code(tx: &mut Tx, id: CodeId) -> Result<bool, DbError> {
    Ok(tx.execute("UPDATE phone_code SET state = 'spent' WHERE id = $1 AND state = 'confirmed'", &args![id]).await? == 1)
}

/// Drops codes that expired before `before`; how many.
///
/// # Errors
/// A fault of the database.
pub async fn forget_codes_before(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    tx.execute("DELETE FROM phone_code WHERE expires_at < $1", &args![before]).await
}

/// Writes who acts for a person in a visit.
pub(crate) async fn insert_representative(tx: &mut Tx, row: &RepresentativeRow) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO representative (tag, relation, name, declaration) VALUES ($1, $2, $3, $4)",
        &args![row.tag, row.relation.bytes(), row.name.bytes(), row.declaration.bytes()],
    )
    .await
    .map(drop)
}

/// Whether there is a representative under one of these tags.
pub(crate) async fn representative_there(tx: &mut Tx, [tag, older]: [[u8; 32]; 2]) -> Result<bool, DbError> {
    Ok(tx.query_opt("SELECT tag FROM representative WHERE tag IN ($1, $2) LIMIT 1", &args![tag, older]).await?.is_some())
}

/// Relation, name and declaration of the representative under one of these tags, sealed.
pub(crate) async fn representative(tx: &mut Tx, [tag, older]: [[u8; 32]; 2]) -> Result<Option<[Vec<u8>; 3]>, DbError> {
    let sql = "SELECT relation, name, declaration FROM representative WHERE tag IN ($1, $2) LIMIT 1";
    tx.query_opt(sql, &args![tag, older]).await?.map(|row| Ok([row.get(0)?, row.get(1)?, row.get(2)?])).transpose()
}

pub(crate) async fn delete_representative(tx: &mut Tx, tag: [u8; 32]) -> Result<(), DbError> {
    tx.execute("DELETE FROM representative WHERE tag = $1", &args![tag]).await.map(drop)
}
