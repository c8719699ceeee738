//! All SQL of the slice.

use std::collections::HashMap;

use clock::Timestamp;
use db::{DbError, Lang, Tx, Value, args, placeholders};
use privacy::{PersonId, Sealed};

use crate::code::CodeId;
use crate::enrol::Sex;
use crate::represent::RepresentativeRow;

pub(crate) struct CodeRow {
    pub(crate) phone: Vec<u8>,
    pub(crate) phone_tag: [u8; 32],
    pub(crate) code: Vec<u8>,
    pub(crate) lang: Lang,
    pub(crate) tries: i64,
    pub(crate) state: String,
    pub(crate) expires_at: Timestamp,
}

/// When the last code went out under one of these tags, today's and yesterday's of one phone.
pub(crate) async fn last_code_at(tx: &mut Tx, tags: [[u8; 32]; 2]) -> Result<Option<Timestamp>, DbError> {
    let [today, yesterday] = tags;
    let row = tx.query_one("SELECT max(last_at) FROM code_count WHERE tag IN ($1, $2)", &args![today, yesterday]).await?;
    Ok(row.get::<Option<Timestamp>>(0)?.filter(|last| last.micros() > 0))
}

/// Writes down that a code goes out now under the tag, which was counted.
pub(crate) async fn note_code(tx: &mut Tx, tag: &[u8; 32], day: i64, now: Timestamp) -> Result<(), DbError> {
    tx.execute("UPDATE code_count SET last_at = $3 WHERE tag = $1 AND day = $2", &args![*tag, day, now]).await.map(drop)
}

/// Counts one more unless the day's limit is reached; whether it was counted.
pub(crate) async fn count_code(tx: &mut Tx, tag: &[u8; 32], day: i64, max: i64) -> Result<bool, DbError> {
    let rows = tx
        .execute(
            "INSERT INTO code_count (tag, day, count) VALUES ($1, $2, 1) ON CONFLICT (tag, day) DO UPDATE SET count = code_count.count + 1 WHERE code_count.count < $3",
            &args![*tag, day, max],
        )
        .await?;
    Ok(rows == 1)
}

pub(crate) async fn insert_code(
    tx: &mut Tx,
    id: CodeId,
    phone: &[u8],
    phone_tag: &[u8; 32],
    lang: Lang,
    made_at: Timestamp,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO phone_code (id, phone, phone_tag, code, lang, tries, state, made_at, expires_at) VALUES ($1, $2, $3, $4, $5, 0, 'asked', $6, $7)",
        &args![id, phone, *phone_tag, Vec::new(), lang.code(), made_at, expires_at],
    )
    .await
    .map(drop)
}

pub(crate) async fn code(tx: &mut Tx, id: CodeId) -> Result<Option<CodeRow>, DbError> {
    let row =
        tx.query_opt("SELECT phone, phone_tag, code, lang, tries, state, expires_at FROM phone_code WHERE id = $1", &args![id]).await?;
    row.map(|row| {
        Ok(CodeRow {
            phone: row.get(0)?,
            phone_tag: row.get(1)?,
            code: row.get(2)?,
            lang: row.get::<String>(3)?.parse().unwrap_or(Lang::Ru),
            tries: row.get(4)?,
            state: row.get(5)?,
            expires_at: row.get(6)?,
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

/// Drops codes that expired before `before`, and counts that are older than `count_days` days; how many codes. The wait between two codes
/// still asks for the counts of yesterday just after midnight.
///
/// # Errors
/// A fault of the database.
pub async fn forget_codes_before(tx: &mut Tx, before: Timestamp, count_days: i64) -> Result<u64, DbError> {
    tx.execute("DELETE FROM code_count WHERE day < $1", &args![before.day() - count_days]).await?;
    tx.execute("DELETE FROM phone_code WHERE expires_at < $1", &args![before]).await
}

/// A person's row, sealed.
pub(crate) struct PatientRow {
    pub(crate) id: PersonId,
    pub(crate) name: Sealed<String>,
    pub(crate) phone: Sealed<String>,
    pub(crate) email: Sealed<Option<String>>,
    pub(crate) sex: Sealed<Option<Sex>>,
    pub(crate) age: Sealed<Option<i64>>,
}

/// Writes the row; one that is there already stays, since it was written for the same key. Days, not instants (I5).
pub(crate) async fn insert_patient(tx: &mut Tx, row: &PatientRow) -> Result<(), DbError> {
    let created_on = tx.now().day();
    tx.execute(
        "INSERT INTO patient (id, name, phone, email, sex, age, created_on) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING",
        &args![row.id, row.name.bytes(), row.phone.bytes(), row.email.bytes(), row.sex.bytes(), row.age.bytes(), created_on],
    )
    .await
    .map(drop)
}

/// The phones of these people, at least one; those who are there, in any order.
pub(crate) async fn patient_phones(tx: &mut Tx, ids: &[PersonId]) -> Result<HashMap<PersonId, Sealed<String>>, DbError> {
    let values: Vec<Value> = ids.iter().flat_map(|id| args![*id]).collect();
    let list = placeholders(1, ids.len(), 1);
    let rows = tx.query(&format!("SELECT id, phone FROM patient WHERE id IN {list}"), &values).await?;
    rows.iter()
        .map(|row| {
            let id: PersonId = row.get(0)?;
            Ok((id, Sealed::stored(privacy::Field::Phone, id.bytes(), row.get(1)?)))
        })
        .collect()
}

pub(crate) async fn patient_email(tx: &mut Tx, id: PersonId) -> Result<Option<Sealed<Option<String>>>, DbError> {
    let row = tx.query_opt("SELECT email FROM patient WHERE id = $1", &args![id]).await?;
    row.map(|row| Ok(Sealed::stored(privacy::Field::Email, id.bytes(), row.get(0)?))).transpose()
}

pub(crate) async fn patient_there(tx: &mut Tx, id: PersonId) -> Result<bool, DbError> {
    Ok(tx.query_opt("SELECT created_on FROM patient WHERE id = $1", &args![id]).await?.is_some())
}

/// Deletes a person's row; whether there was one.
pub(crate) async fn delete_patient(tx: &mut Tx, id: PersonId) -> Result<bool, DbError> {
    Ok(tx.execute("DELETE FROM patient WHERE id = $1", &args![id]).await? == 1)
}

/// Which of the optional fields were given.
#[derive(Clone, Copy)]
pub(crate) struct Given {
    pub(crate) email: bool,
    pub(crate) sex: bool,
    pub(crate) age: bool,
}

/// Replaces the optional fields that were given.
pub(crate) async fn refine_patient(tx: &mut Tx, row: &PatientRow, given: Given) -> Result<(), DbError> {
    if given.email {
        tx.execute("UPDATE patient SET email = $2 WHERE id = $1", &args![row.id, row.email.bytes()]).await?;
    }
    if given.sex {
        tx.execute("UPDATE patient SET sex = $2 WHERE id = $1", &args![row.id, row.sex.bytes()]).await?;
    }
    if given.age {
        tx.execute("UPDATE patient SET age = $2 WHERE id = $1", &args![row.id, row.age.bytes()]).await?;
    }
    Ok(())
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

/// Whether there is a representative under the tag.
pub(crate) async fn representative_there(tx: &mut Tx, tag: [u8; 32]) -> Result<bool, DbError> {
    Ok(tx.query_opt("SELECT tag FROM representative WHERE tag = $1", &args![tag]).await?.is_some())
}
