//! All SQL of the crate: audit entries and consent events in the main database, keys in the key store.

use db::{DbError, Row, Tx, Value, args, placeholders};

use crate::PersonId;

/// Columns of an audit entry, in the order of [`append_entries`].
const ENTRY_COLUMNS: usize = 9;

/// Appends audit entries in one statement; `values` are their columns, one entry after the other.
pub(crate) async fn append_entries(tx: &mut Tx, values: &[Value]) -> Result<(), DbError> {
    let rows = placeholders(values.len() / ENTRY_COLUMNS, ENTRY_COLUMNS, 1);
    let sql = format!("INSERT INTO audit_entry (id, at, operation, purpose, asker, fields, outcome, object, subject) VALUES {rows}");
    tx.execute(&sql, values).await.map(drop)
}

/// Appends a consent event; `values` are its columns in the order of the statement.
pub(crate) async fn append_consent(tx: &mut Tx, values: &[Value]) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO consent_event (id, subject, purpose, version, sha256, lang, method, given_on) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        values,
    )
    .await
    .map(drop)
}

/// Consents to one act that are looked at: it has one for each purpose.
const CONSENTS_MAX: i64 = 100;

/// Commitment, purpose and version of the consents under these commitments, at least one.
pub(crate) async fn consents(tx: &mut Tx, subjects: &[[u8; 32]]) -> Result<Vec<Row>, DbError> {
    let most = i64::try_from(subjects.len()).unwrap_or(i64::MAX).saturating_mul(CONSENTS_MAX);
    let mut values = args![most].to_vec();
    values.extend(subjects.iter().flat_map(|subject| args![*subject]));
    let list = placeholders(1, subjects.len(), 2);
    tx.query(&format!("SELECT subject, purpose, version FROM consent_event WHERE subject IN {list} LIMIT $1"), &values).await
}

/// A person's key as it is kept.
pub(crate) struct KeyRow {
    pub(crate) person: PersonId,
    pub(crate) wrapped: Vec<u8>,
}

fn key_row(row: &Row) -> Result<KeyRow, DbError> {
    Ok(KeyRow { person: row.get(0)?, wrapped: row.get(1)? })
}

pub(crate) async fn people_of_phone(tx: &mut Tx, phone_tag: [u8; 32]) -> Result<i64, DbError> {
    tx.query_one("SELECT count(*) FROM person_key WHERE phone_tag = $1", &args![phone_tag]).await?.get(0)
}

/// Whether the key was written: `false` when this phone and name have one.
pub(crate) async fn insert_key(tx: &mut Tx, key: &KeyRow, phone_tag: [u8; 32], name_tag: [u8; 32], made_on: i64) -> Result<bool, DbError> {
    let rows = tx
        .execute(
            "INSERT INTO person_key (person, wrapped, phone_tag, name_tag, made_on) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (phone_tag, name_tag) DO NOTHING",
            &args![key.person, key.wrapped.as_slice(), phone_tag, name_tag, made_on],
        )
        .await?;
    Ok(rows == 1)
}

pub(crate) async fn key_of(tx: &mut Tx, person: PersonId) -> Result<Option<KeyRow>, DbError> {
    tx.query_opt("SELECT person, wrapped FROM person_key WHERE person = $1", &args![person]).await?.as_ref().map(key_row).transpose()
}

pub(crate) async fn keys_of_phone(tx: &mut Tx, phone_tag: [u8; 32]) -> Result<Vec<KeyRow>, DbError> {
    let rows = tx.query("SELECT person, wrapped FROM person_key WHERE phone_tag = $1 ORDER BY person LIMIT 100", &args![phone_tag]).await?;
    rows.iter().map(key_row).collect()
}

/// The key, and the day on which the person was made or came again.
pub(crate) async fn key_of_tags(tx: &mut Tx, phone_tag: [u8; 32], name_tag: [u8; 32]) -> Result<Option<(KeyRow, i64)>, DbError> {
    tx.query_opt("SELECT person, wrapped, made_on FROM person_key WHERE phone_tag = $1 AND name_tag = $2", &args![phone_tag, name_tag])
        .await?
        .as_ref()
        .map(|row| Ok((key_row(row)?, row.get(2)?)))
        .transpose()
}

/// The system key of that name: the one that is there, else `fresh`, which then is.
pub(crate) async fn system_key(tx: &mut Tx, name: &str, fresh: &[u8]) -> Result<Vec<u8>, DbError> {
    tx.execute("INSERT INTO system_key (name, wrapped) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", &args![name, fresh]).await?;
    tx.query_one("SELECT wrapped FROM system_key WHERE name = $1", &args![name]).await?.get(0)
}

/// How many system keys there are; asked to see whether the store answers.
pub(crate) async fn count_system_keys(tx: &mut Tx) -> Result<i64, DbError> {
    tx.query_one("SELECT count(*) FROM system_key", &args![]).await?.get(0)
}

/// The value kept under that name in the main database: the one that is there, else `fresh`, which then is.
pub(crate) async fn installation(tx: &mut Tx, name: &str, fresh: [u8; 32]) -> Result<[u8; 32], DbError> {
    tx.execute("INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", &args![name, fresh]).await?;
    tx.query_one("SELECT value FROM installation WHERE name = $1", &args![name]).await?.get(0)
}

/// Whether a value is kept under that name in the main database.
pub(crate) async fn is_installed(tx: &mut Tx, name: &str) -> Result<bool, DbError> {
    Ok(tx.query_opt("SELECT name FROM installation WHERE name = $1", &args![name]).await?.is_some())
}

/// Keys made on days from `from` up to, not including, `to`, after the person `after`, in the order of persons.
pub(crate) async fn keys_made(tx: &mut Tx, from: i64, to: i64, after: PersonId, limit: i64) -> Result<Vec<KeyRow>, DbError> {
    let rows = tx
        .query(
            "SELECT person, wrapped FROM person_key WHERE made_on >= $1 AND made_on < $2 AND person > $3 ORDER BY person LIMIT $4",
            &args![from, to, after, limit],
        )
        .await?;
    rows.iter().map(key_row).collect()
}

/// Says that the person came again today.
pub(crate) async fn touch_key(tx: &mut Tx, person: PersonId, today: i64) -> Result<(), DbError> {
    tx.execute("UPDATE person_key SET made_on = $2 WHERE person = $1 AND made_on < $2", &args![person, today]).await.map(drop)
}

/// Destroys the key if it was made before `before`, and leaves the tombstone; whether it did.
pub(crate) async fn destroy_key(tx: &mut Tx, person: PersonId, before: i64, today: i64) -> Result<bool, DbError> {
    if tx.execute("DELETE FROM person_key WHERE person = $1 AND made_on < $2", &args![person, before]).await? == 0 {
        return Ok(false);
    }
    tx.execute("INSERT INTO tombstone (person, erased_on) VALUES ($1, $2) ON CONFLICT (person) DO NOTHING", &args![person, today]).await?;
    Ok(true)
}

/// Whose keys were destroyed since that day.
pub(crate) async fn tombstones(tx: &mut Tx, since: i64, limit: i64) -> Result<Vec<PersonId>, DbError> {
    let rows = tx.query("SELECT person FROM tombstone WHERE erased_on >= $1 LIMIT $2", &args![since, limit]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}
