//! All SQL of the crate: here audit entries and consent events in the main database; keys and people of the key store in [`keys`].

use clock::Timestamp;
use db::{DbError, Row, Tx, Value, args, placeholders};

use crate::erasure::ErasureId;

pub(crate) mod disclosure;
pub(crate) mod keys;
pub(crate) mod wrapping;

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
    let sql = "INSERT INTO consent_event (id, subject, purpose, version, sha256, lang, method, given_on, turn, spoken_at, script_version, script_sha256, keypad, sheet, witness)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    tx.execute(sql, values).await.map(drop)
}

/// Consents to one act that are looked at: it has one for each purpose.
const CONSENTS_MAX: i64 = 100;

/// Commitment, purpose and version of the consents under these commitments, at least one, that were not taken back.
pub(crate) async fn consents(tx: &mut Tx, subjects: &[[u8; 32]]) -> Result<Vec<Row>, DbError> {
    let most = i64::try_from(subjects.len()).unwrap_or(i64::MAX).saturating_mul(CONSENTS_MAX);
    let mut values = args![most].to_vec();
    values.extend(subjects.iter().flat_map(|subject| args![*subject]));
    let list = placeholders(1, subjects.len(), 2);
    let sql = format!(
        "SELECT subject, purpose, version FROM consent_event given WHERE subject IN {list} AND turn = 'given'
         AND NOT EXISTS (SELECT 1 FROM consent_event back WHERE back.subject = given.subject AND back.purpose = given.purpose AND back.turn = 'withdrawn')
         LIMIT $1"
    );
    tx.query(&sql, &values).await
}

/// Whether texts of this kind, document, version and language were published from another source than the one given last.
pub(crate) async fn has_other_source(tx: &mut Tx, of: &[Value]) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM published_text WHERE kind = $1 AND document = $2 AND version = $3 AND lang = $4 AND source <> $5 LIMIT 1";
    Ok(tx.query_opt(sql, of).await?.is_some())
}

/// Whether the text of this kind, document, version, language and hash was published.
pub(crate) async fn is_published(tx: &mut Tx, of: &[Value]) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM published_text WHERE kind = $1 AND document = $2 AND version = $3 AND lang = $4 AND sha256 = $5";
    Ok(tx.query_opt(sql, of).await?.is_some())
}

/// Appends a published text, unless another program has just done so; how many rows. `values` are its columns in the order of the statement.
pub(crate) async fn append_text(tx: &mut Tx, values: &[Value]) -> Result<u64, DbError> {
    let sql = "INSERT INTO published_text (kind, document, purpose, version, lang, sha256, source, text, published_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
    tx.execute(sql, values).await
}

/// Kind, document, purpose, version, language and words of the text with that hash. The same words may stand under two versions: the older.
pub(crate) async fn text(tx: &mut Tx, sha256: &str) -> Result<Option<Row>, DbError> {
    let sql = "SELECT kind, document, purpose, version, lang, text FROM published_text WHERE sha256 = $1 ORDER BY version LIMIT 1";
    tx.query_opt(sql, &args![sha256]).await
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

/// The erasure under this mark, and whether it is done.
pub(crate) async fn erasure_of(tx: &mut Tx, mark: [u8; 32]) -> Result<Option<(ErasureId, bool)>, DbError> {
    let row = tx.query_opt("SELECT id, done_at FROM erasure WHERE mark = $1", &args![mark]).await?;
    row.map(|row| Ok((row.get(0)?, row.get::<i64>(1)? > 0))).transpose()
}

/// Writes an erasure; `values` are its columns in the order of the statement.
pub(crate) async fn begin_erasure(tx: &mut Tx, values: &[Value]) -> Result<(), DbError> {
    let sql = "INSERT INTO erasure (id, mark, person, reason, visits, begun_at, done_at) VALUES ($1, $2, $3, $4, $5, $6, 0)";
    tx.execute(sql, values).await.map(drop)
}

/// Erasures that are not done, with their sealed persons.
pub(crate) async fn begun_erasures(tx: &mut Tx, limit: i64) -> Result<Vec<(ErasureId, Vec<u8>)>, DbError> {
    let rows = tx.query("SELECT id, person FROM erasure WHERE done_at = 0 ORDER BY begun_at LIMIT $1", &args![limit]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Ends an erasure; whether it was open.
pub(crate) async fn end_erasure(tx: &mut Tx, id: ErasureId, now: clock::Timestamp) -> Result<bool, DbError> {
    let nobody: &[u8] = &[];
    let sql = "UPDATE erasure SET done_at = $2, person = $3 WHERE id = $1 AND done_at = 0";
    Ok(tx.execute(sql, &args![id, now, nobody]).await? == 1)
}

/// An entry as it is read back.
pub(crate) struct EntryRow {
    pub(crate) id: [u8; 16],
    pub(crate) object: Option<[u8; 16]>,
    pub(crate) subject: Option<[u8; 32]>,
    pub(crate) entry: crate::about::Entry,
}

/// Entries after the id `after`, in the order of ids, at most `limit`.
pub(crate) async fn entries_after(tx: &mut Tx, after: [u8; 16], limit: i64) -> Result<Vec<EntryRow>, DbError> {
    let sql =
        "SELECT id, object, subject, at, operation, purpose, asker, fields, outcome FROM audit_entry WHERE id > $1 ORDER BY id LIMIT $2";
    let rows = tx.query(sql, &args![after, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(EntryRow {
                id: row.get(0)?,
                object: row.get(1)?,
                subject: row.get(2)?,
                entry: crate::about::Entry {
                    at: row.get(3)?,
                    operation: row.get(4)?,
                    purpose: row.get(5)?,
                    asker: row.get(6)?,
                    fields: row.get(7)?,
                    outcome: row.get(8)?,
                },
            })
        })
        .collect()
}

/// What is told of the consents under a commitment, in the order of their days.
pub(crate) async fn consent_events(tx: &mut Tx, subject: [u8; 32]) -> Result<Vec<Row>, DbError> {
    let sql =
        "SELECT purpose, version, sha256, lang, method, given_on, turn, spoken_at, script_version, script_sha256, keypad, sheet, witness
               FROM consent_event WHERE subject = $1 ORDER BY given_on LIMIT $2";
    tx.query(sql, &args![subject, CONSENTS_MAX]).await
}

/// How many erasures have that reason.
pub(crate) async fn count_erasures(tx: &mut Tx, reason: &str) -> Result<i64, DbError> {
    tx.query_one("SELECT count(*) FROM erasure WHERE reason = $1", &args![reason]).await?.get(0)
}

/// Opens an erasure again that was done; `values` are its id, person, reason and instant.
pub(crate) async fn reopen_erasure(tx: &mut Tx, values: &[Value]) -> Result<(), DbError> {
    tx.execute("UPDATE erasure SET person = $2, reason = $3, begun_at = $4, done_at = 0 WHERE id = $1", values).await.map(drop)
}

/// Whose session it is, if it counts at `now`, was seen after `seen_after`, and its owner may come in.
pub(crate) async fn signed_in(tx: &mut Tx, session: [u8; 16], now: Timestamp, seen_after: Timestamp) -> Result<Option<[u8; 16]>, DbError> {
    let sql = "SELECT s.id FROM staff_session e JOIN staff s ON s.id = e.staff WHERE e.id = $1 AND e.ends_at > $2 AND e.seen_at > $3 \
         AND s.ended_at = 0 AND (s.until_at = 0 OR s.until_at > $2)";
    tx.query_opt(sql, &args![session, now, seen_after]).await?.map(|row| row.get(0)).transpose()
}

/// Lets events before that day go, of this kind of term: further than before, or as far.
pub(crate) async fn set_consent_cut(tx: &mut Tx, what: &'static str, before_on: i64) -> Result<(), DbError> {
    let row = tx.query_opt("SELECT before_on FROM retention_cut WHERE what = $1", &args![what]).await?;
    match row.map(|row| row.get::<i64>(0)).transpose()? {
        None => {
            // Two programs may come to it at one time; on SQLite there is one writer.
            let sql = "INSERT INTO retention_cut (what, before_on) VALUES ($1, $2) ON CONFLICT (what) DO NOTHING";
            tx.execute(sql, &args![what, before_on]).await.map(drop)
        }
        Some(before) if before < before_on => {
            let sql = "UPDATE retention_cut SET before_on = $2 WHERE what = $1 AND before_on < $2";
            tx.execute(sql, &args![what, before_on]).await.map(drop)
        }
        Some(_) => Ok(()),
    }
}

/// Drops events of days before `before_on`, oldest first, at most `limit`; how many.
pub(crate) async fn forget_consents(tx: &mut Tx, before_on: i64, limit: i64) -> Result<u64, DbError> {
    let sql = "DELETE FROM consent_event WHERE id IN (SELECT id FROM consent_event WHERE given_on < $1 ORDER BY given_on, id LIMIT $2)";
    tx.execute(sql, &args![before_on, limit]).await
}

/// Drops what was given and then withdrawn on a day before `before_on`: at most `limit` of what was given, then the withdrawals that have
/// nothing left before them; how many.
pub(crate) async fn forget_withdrawn(tx: &mut Tx, before_on: i64, limit: i64) -> Result<u64, DbError> {
    let given = tx
        .execute(
            "DELETE FROM consent_event WHERE id IN (SELECT g.id FROM consent_event w JOIN consent_event g ON g.subject = w.subject AND g.purpose = w.purpose
             WHERE w.turn = 'withdrawn' AND w.given_on < $1 AND g.turn = 'given' LIMIT $2)",
            &args![before_on, limit],
        )
        .await?;
    let withdrawn = tx
        .execute(
            "DELETE FROM consent_event WHERE id IN (SELECT w.id FROM consent_event w WHERE w.turn = 'withdrawn' AND w.given_on < $1
             AND NOT EXISTS (SELECT 1 FROM consent_event g WHERE g.subject = w.subject AND g.purpose = w.purpose AND g.turn = 'given') LIMIT $2)",
            &args![before_on, limit],
        )
        .await?;
    Ok(given + withdrawn)
}

/// Drops acts of destruction that were done before `before`, at most `limit`; how many.
pub(crate) async fn forget_acts(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64, DbError> {
    let sql = "DELETE FROM erasure WHERE id IN (SELECT id FROM erasure WHERE done_at > 0 AND done_at < $1 ORDER BY done_at LIMIT $2)";
    tx.execute(sql, &args![before, limit]).await
}
