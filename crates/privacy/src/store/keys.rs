//! The SQL of the key store: keys, their index, and people's sealed identities.

use clock::Timestamp;
use db::{DbError, Row, Tx, Value, args, placeholders};

use crate::PersonId;

/// A person's key as it is kept.
pub(crate) struct KeyRow {
    pub(crate) person: PersonId,
    pub(crate) wrapped: Vec<u8>,
    /// Of the wrapping key.
    pub(crate) generation: i64,
}

fn key_row(row: &Row) -> Result<KeyRow, DbError> {
    Ok(KeyRow { person: row.get(0)?, wrapped: row.get(1)?, generation: row.get(2)? })
}

/// How many people gave this phone, and the newest generation of wrapping keys.
pub(crate) async fn people_of_phone(tx: &mut Tx, phone_tag: [u8; 32]) -> Result<(i64, i64), DbError> {
    let sql = "SELECT count(*), (SELECT max(generation) FROM wrapping_key) FROM person_key WHERE phone_tag = $1";
    let row = tx.query_one(sql, &args![phone_tag]).await?;
    Ok((row.get(0)?, row.get(1)?))
}

/// Whether the key was written: `false` when this phone and name have one.
pub(crate) async fn insert_key(tx: &mut Tx, key: &KeyRow, phone_tag: [u8; 32], name_tag: [u8; 32], made_on: i64) -> Result<bool, DbError> {
    let rows = tx
        .execute(
            "INSERT INTO person_key (person, wrapped, phone_tag, name_tag, made_on, generation) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (phone_tag, name_tag) DO NOTHING",
            &args![key.person, key.wrapped.as_slice(), phone_tag, name_tag, made_on, key.generation],
        )
        .await?;
    Ok(rows == 1)
}

pub(crate) async fn key_of(tx: &mut Tx, person: PersonId) -> Result<Option<KeyRow>, DbError> {
    tx.query_opt("SELECT person, wrapped, generation FROM person_key WHERE person = $1", &args![person])
        .await?
        .as_ref()
        .map(key_row)
        .transpose()
}

pub(crate) async fn keys_of_phone(tx: &mut Tx, phone_tag: [u8; 32]) -> Result<Vec<KeyRow>, DbError> {
    let rows = tx
        .query("SELECT person, wrapped, generation FROM person_key WHERE phone_tag = $1 ORDER BY person LIMIT 100", &args![phone_tag])
        .await?;
    rows.iter().map(key_row).collect()
}

/// The key, and the day on which the person was made or came again.
pub(crate) async fn key_of_tags(tx: &mut Tx, phone_tag: [u8; 32], name_tag: [u8; 32]) -> Result<Option<(KeyRow, i64)>, DbError> {
    tx.query_opt(
        "SELECT person, wrapped, generation, made_on FROM person_key WHERE phone_tag = $1 AND name_tag = $2",
        &args![phone_tag, name_tag],
    )
    .await?
    .as_ref()
    .map(|row| Ok((key_row(row)?, row.get(3)?)))
    .transpose()
}

/// How many system keys there are; asked to see whether the store answers.
pub(crate) async fn count_system_keys(tx: &mut Tx) -> Result<i64, DbError> {
    tx.query_one("SELECT count(*) FROM system_key", &args![]).await?.get(0)
}

/// Keys made on days from `from` up to, not including, `to`, after the person `after`, in the order of persons.
pub(crate) async fn keys_made(tx: &mut Tx, from: i64, to: i64, after: PersonId, limit: i64) -> Result<Vec<KeyRow>, DbError> {
    let rows = tx
        .query(
            "SELECT person, wrapped, generation FROM person_key WHERE made_on >= $1 AND made_on < $2 AND person > $3 ORDER BY person LIMIT $4",
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
    tx.execute("DELETE FROM person WHERE person = $1", &args![person]).await?;
    tx.execute("INSERT INTO tombstone (person, erased_on) VALUES ($1, $2) ON CONFLICT (person) DO NOTHING", &args![person, today]).await?;
    Ok(true)
}

/// Whose keys were destroyed and on which day, after the person `after`, in the order of persons.
pub(crate) async fn tombstones_after(tx: &mut Tx, after: PersonId, limit: i64) -> Result<Vec<(PersonId, i64)>, DbError> {
    let rows = tx.query("SELECT person, erased_on FROM tombstone WHERE person > $1 ORDER BY person LIMIT $2", &args![after, limit]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Drops tombstones of days before `before_on`; how many.
pub(crate) async fn forget_tombstones(tx: &mut Tx, before_on: i64) -> Result<u64, DbError> {
    tx.execute("DELETE FROM tombstone WHERE erased_on < $1", &args![before_on]).await
}

/// Writes an identity; one that is there stays.
pub(crate) async fn insert_identity(tx: &mut Tx, person: PersonId, columns: &[Vec<u8>; 5]) -> Result<(), DbError> {
    let [name, phone, email, sex, age] = columns.each_ref().map(Vec::as_slice);
    tx.execute(
        "INSERT INTO person (person, name, phone, email, sex, age) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (person) DO NOTHING",
        &args![person, name, phone, email, sex, age],
    )
    .await
    .map(drop)
}

/// Replaces the columns that are given.
pub(crate) async fn refine_identity(tx: &mut Tx, person: PersonId, columns: &[Option<Vec<u8>>; 5]) -> Result<(), DbError> {
    let [name, phone, email, sex, age] = columns.each_ref().map(Option::as_deref);
    tx.execute(
        "UPDATE person SET name = coalesce($2, name), phone = coalesce($3, phone), email = coalesce($4, email), sex = coalesce($5, sex),
             age = coalesce($6, age) WHERE person = $1",
        &args![person, name, phone, email, sex, age],
    )
    .await
    .map(drop)
}

/// Keys and identities of these people, at least one asked for; those who are there.
pub(crate) async fn people(tx: &mut Tx, people: &[PersonId]) -> Result<Vec<(KeyRow, [Vec<u8>; 5])>, DbError> {
    let values: Vec<Value> = people.iter().flat_map(|person| args![*person]).collect();
    let list = placeholders(1, people.len(), 1);
    let sql = format!(
        "SELECT person_key.person, wrapped, generation, name, phone, email, sex, age FROM person_key JOIN person ON person.person = person_key.person WHERE person_key.person IN {list}"
    );
    let rows = tx.query(&sql, &values).await?;
    rows.iter().map(|row| Ok((key_row(row)?, [row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?]))).collect()
}

/// Says that the person was seen until the day before `day`, unless they were seen later.
pub(crate) async fn seen_until(tx: &mut Tx, person: PersonId, day: i64) -> Result<(), DbError> {
    tx.execute("UPDATE person_key SET seen_until = $2 WHERE person = $1 AND seen_until < $2", &args![person, day]).await.map(drop)
}

/// Keys of people who were seen, but not since the day `before`, after the person `after`, in the order of persons.
pub(crate) async fn keys_unseen(tx: &mut Tx, before: i64, after: PersonId, limit: i64) -> Result<Vec<KeyRow>, DbError> {
    let sql = "SELECT person, wrapped, generation FROM person_key WHERE seen_until > 0 AND seen_until <= $1 AND person > $2 ORDER BY person LIMIT $3";
    let rows = tx.query(sql, &args![before, after, limit]).await?;
    rows.iter().map(key_row).collect()
}

/// The keys of these people, at least one asked for; those who are there.
pub(crate) async fn keys_of_people(tx: &mut Tx, people: &[PersonId]) -> Result<Vec<KeyRow>, DbError> {
    let values: Vec<Value> = people.iter().flat_map(|person| args![*person]).collect();
    let list = placeholders(1, people.len(), 1);
    let rows = tx.query(&format!("SELECT person, wrapped, generation FROM person_key WHERE person IN {list}"), &values).await?;
    rows.iter().map(key_row).collect()
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
            "INSERT INTO code_count (tag, day, count, last_at) VALUES ($1, $2, 1, 0) ON CONFLICT (tag, day) DO UPDATE SET count = code_count.count + 1 WHERE code_count.count < $3",
            &args![*tag, day, max],
        )
        .await?;
    Ok(rows == 1)
}

/// Drops counts of days before `day`.
pub(crate) async fn forget_counts_before(tx: &mut Tx, day: i64) -> Result<u64, DbError> {
    tx.execute("DELETE FROM code_count WHERE day < $1", &args![day]).await
}

fn counted(row: &Row) -> Result<(i64, Option<i64>), DbError> {
    Ok((row.get(0)?, row.get(1)?))
}

/// People whose last dead tie lay on that day or earlier, and the earliest such day. Who has come again since is among them.
pub(crate) async fn count_unseen(tx: &mut Tx, before_on: i64) -> Result<(i64, Option<i64>), DbError> {
    let sql = "SELECT count(*), min(seen_until) FROM person_key WHERE seen_until > 0 AND seen_until <= $1";
    counted(&tx.query_one(sql, &args![before_on]).await?)
}

/// Counts of codes of days before that day, and the earliest day.
pub(crate) async fn count_counts(tx: &mut Tx, before_on: i64) -> Result<(i64, Option<i64>), DbError> {
    counted(&tx.query_one("SELECT count(*), min(day) FROM code_count WHERE day < $1", &args![before_on]).await?)
}

/// Tombstones of days before that day, and the earliest day.
pub(crate) async fn count_tombstones(tx: &mut Tx, before_on: i64) -> Result<(i64, Option<i64>), DbError> {
    counted(&tx.query_one("SELECT count(*), min(erased_on) FROM tombstone WHERE erased_on < $1", &args![before_on]).await?)
}

/// People with a tombstone and a key.
pub(crate) async fn count_risen(tx: &mut Tx) -> Result<i64, DbError> {
    tx.query_one("SELECT count(*) FROM tombstone t JOIN person_key k ON k.person = t.person", &[]).await?.get(0)
}
