//! The SQL of the policy's invariants: each statement counts what should not be there.

use db::{DbError, Tx, args};

async fn number(tx: &mut Tx, sql: &'static str) -> Result<i64, DbError> {
    tx.query_one(sql, &[]).await?.get(0)
}

/// The words of a column of the log or of consents, each once.
async fn words(tx: &mut Tx, sql: &'static str) -> Result<Vec<String>, DbError> {
    tx.query(sql, &[]).await?.iter().map(|row| row.get(0)).collect()
}

pub(crate) async fn operations(tx: &mut Tx) -> Result<Vec<String>, DbError> {
    words(tx, "SELECT DISTINCT operation FROM audit_entry").await
}

pub(crate) async fn purposes(tx: &mut Tx) -> Result<Vec<String>, DbError> {
    words(tx, "SELECT purpose FROM audit_entry UNION SELECT purpose FROM consent_event UNION SELECT purpose FROM disclosure").await
}

pub(crate) async fn methods(tx: &mut Tx) -> Result<Vec<String>, DbError> {
    words(tx, "SELECT DISTINCT method FROM consent_event").await
}

/// Consents to texts that nobody can read any more; those given before texts were kept are known by hash alone.
pub(crate) async fn consents_without_text(tx: &mut Tx) -> Result<i64, DbError> {
    let sql = "SELECT count(*) FROM consent_event e WHERE NOT EXISTS (SELECT 1 FROM published_text p WHERE p.sha256 = e.sha256) \
         AND e.given_on > (SELECT min(published_at) FROM published_text) / $1";
    tx.query_one(sql, &args![clock::DAY]).await?.get(0)
}

pub(crate) async fn withdrawn_of_nothing(tx: &mut Tx) -> Result<i64, DbError> {
    let sql = "SELECT count(*) FROM consent_event w WHERE w.turn = 'withdrawn' AND NOT EXISTS \
         (SELECT 1 FROM consent_event g WHERE g.turn = 'given' AND g.subject = w.subject AND g.purpose = w.purpose)";
    number(tx, sql).await
}

pub(crate) async fn visits_without_consent(tx: &mut Tx) -> Result<i64, DbError> {
    let now = tx.now();
    let sql = "SELECT count(*) FROM withdrawn_visit w JOIN appointment a ON a.id = w.visit WHERE a.starts_at > $1 \
         AND a.status NOT IN ('cancelled', 'entered-in-error')";
    tx.query_one(sql, &args![now]).await?.get(0)
}

pub(crate) async fn erasures_open_since(tx: &mut Tx, before: i64) -> Result<i64, DbError> {
    let sql = "SELECT count(*) FROM erasure WHERE done_at = 0 AND begun_at < $1";
    tx.query_one(sql, &args![before]).await?.get(0)
}

/// Disclosures to nobody on the register, and those of a contract on a day on which it did not run.
pub(crate) async fn disclosed_without_contract(tx: &mut Tx) -> Result<i64, DbError> {
    let sql = "SELECT count(*) FROM disclosure d LEFT JOIN recipient r ON r.id = d.recipient WHERE r.id IS NULL OR d.contract = '' \
         OR (d.contract = r.contract AND (d.made_on < r.from_on OR d.made_on > r.until_on))";
    number(tx, sql).await
}

/// What went where: kind of recipient, purpose, items, basis, state and country, each combination once.
pub(crate) async fn disclosed_kinds(tx: &mut Tx) -> Result<Vec<[String; 6]>, DbError> {
    let rows = tx.query("SELECT DISTINCT kind, purpose, fields, basis, state, country FROM disclosure", &[]).await?;
    rows.iter().map(|row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?])).collect()
}

pub(crate) async fn disclosed_without_end(tx: &mut Tx, before_on: i64) -> Result<i64, DbError> {
    let sql = "SELECT count(*) FROM disclosure WHERE state = 'pending' AND made_on < $1";
    tx.query_one(sql, &args![before_on]).await?.get(0)
}

/// Countries of recipients who may be sent to, and of those who were.
pub(crate) async fn countries(tx: &mut Tx) -> Result<Vec<String>, DbError> {
    words(tx, "SELECT country FROM recipient WHERE active = 1 UNION SELECT country FROM disclosure").await
}

/// Recipients whose contract was over on that day, and those who have not acknowledged the notice.
pub(crate) async fn contracts_over(tx: &mut Tx, today: i64) -> Result<i64, DbError> {
    let sql = "SELECT count(*) FROM recipient WHERE active = 1 AND until_on < $1";
    tx.query_one(sql, &args![today]).await?.get(0)
}

pub(crate) async fn not_acknowledged(tx: &mut Tx, version: i64) -> Result<i64, DbError> {
    tx.query_one("SELECT count(*) FROM recipient WHERE active = 1 AND notice < $1", &args![version]).await?.get(0)
}

pub(crate) async fn phones_twice(tx: &mut Tx) -> Result<i64, DbError> {
    number(tx, "SELECT count(*) FROM (SELECT phone FROM city WHERE phone IS NOT NULL GROUP BY phone HAVING count(*) > 1) t").await
}

pub(crate) async fn grants_without_end(tx: &mut Tx) -> Result<i64, DbError> {
    number(tx, "SELECT count(*) FROM staff_grant WHERE ends_at <= granted_at OR granted_by = staff OR reason = ''").await
}

pub(crate) async fn auditors_without_contract(tx: &mut Tx) -> Result<i64, DbError> {
    number(tx, "SELECT count(*) FROM staff WHERE role = 'auditor' AND ended_at = 0 AND (contract = '' OR until_at = 0)").await
}

/// Sessions of people who may not come in any more.
pub(crate) async fn sessions_of_nobody(tx: &mut Tx) -> Result<i64, DbError> {
    let sql = "SELECT count(*) FROM staff_session e LEFT JOIN staff s ON s.id = e.staff WHERE s.id IS NULL OR s.ended_at > 0";
    number(tx, sql).await
}
