//! The SQL of staff: who they are, how they sign in, where, and what they were granted.

use clock::Timestamp;
use db::{DbError, Row, Tx, args};

use crate::grant::{Grant, GrantId};
use crate::passkey::Passkey;
use crate::role::Role;
use crate::session::{SessionId, SessionRow};
use crate::staff::{KeptPasskey, Secrets, Staff, StaffId};
use crate::workstation::{Workstation, WorkstationId};

const STAFF: &str = "id, login, name, role, clinic, practitioner, contract, until_at, added_at, ended_at, password, totp, totp_step, pin";

fn moment(row: &Row, column: usize) -> Result<Option<Timestamp>, DbError> {
    let at: Timestamp = row.get(column)?;
    Ok((at.micros() > 0).then_some(at))
}

fn role(row: &Row, column: usize) -> Result<Role, DbError> {
    let code: String = row.get(column)?;
    Role::from_code(&code).ok_or_else(|| DbError::Shape("a strange role".into()))
}

fn staff(row: &Row) -> Result<(Staff, Secrets), DbError> {
    let secrets = Secrets { password: row.get(10)?, totp: row.get(11)?, totp_step: row.get(12)?, pin: row.get(13)? };
    let staff = Staff {
        id: row.get(0)?,
        login: row.get(1)?,
        name: row.get(2)?,
        role: role(row, 3)?,
        clinic: row.get(4)?,
        practitioner: row.get(5)?,
        contract: row.get(6)?,
        until: moment(row, 7)?,
        added_at: row.get(8)?,
        ended_at: moment(row, 9)?,
        has_password: !secrets.password.is_empty(),
        has_pin: !secrets.pin.is_empty(),
    };
    Ok((staff, secrets))
}

/// Adds somebody; `false` when the login is taken.
pub(crate) async fn insert(tx: &mut Tx, staff: &Staff) -> Result<bool, DbError> {
    let until = staff.until.map_or(0, Timestamp::micros);
    let rows = tx
        .execute(
            "INSERT INTO staff (id, login, name, role, clinic, practitioner, contract, until_at, added_at, ended_at, password, totp, totp_step, pin)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $10, 0, $10) ON CONFLICT (login) DO NOTHING",
            &args![
                staff.id,
                staff.login.as_str(),
                staff.name.as_str(),
                staff.role.code(),
                staff.clinic,
                staff.practitioner,
                staff.contract.as_str(),
                until,
                staff.added_at,
                Vec::<u8>::new()
            ],
        )
        .await?;
    Ok(rows == 1)
}

pub(crate) async fn by_login(tx: &mut Tx, login: &str) -> Result<Option<(Staff, Secrets)>, DbError> {
    tx.query_opt(&format!("SELECT {STAFF} FROM staff WHERE login = $1"), &args![login]).await?.as_ref().map(staff).transpose()
}

pub(crate) async fn by_id(tx: &mut Tx, id: StaffId) -> Result<Option<(Staff, Secrets)>, DbError> {
    tx.query_opt(&format!("SELECT {STAFF} FROM staff WHERE id = $1"), &args![id]).await?.as_ref().map(staff).transpose()
}

pub(crate) async fn all(tx: &mut Tx, limit: i64) -> Result<Vec<Staff>, DbError> {
    let rows = tx.query(&format!("SELECT {STAFF} FROM staff ORDER BY ended_at > 0, login LIMIT $1"), &args![limit]).await?;
    rows.iter().map(|row| staff(row).map(|(staff, _)| staff)).collect()
}

/// Ends somebody's access; `false` when it had ended.
pub(crate) async fn end(tx: &mut Tx, id: StaffId) -> Result<bool, DbError> {
    let now = tx.now();
    let rows = tx.execute("UPDATE staff SET ended_at = $2 WHERE id = $1 AND ended_at = 0", &args![id, now]).await?;
    Ok(rows == 1)
}

/// Takes every way to sign in away.
pub(crate) async fn forget_ways(tx: &mut Tx, id: StaffId) -> Result<(), DbError> {
    tx.execute("UPDATE staff SET password = $2, totp = $2, totp_step = 0, pin = $2 WHERE id = $1", &args![id, Vec::<u8>::new()]).await?;
    tx.execute("DELETE FROM staff_link WHERE staff = $1", &args![id]).await?;
    tx.execute("DELETE FROM staff_passkey WHERE staff = $1", &args![id]).await?;
    Ok(())
}

/// The same of everybody, with grants and workstations; how many staff there are.
pub(crate) async fn forget_all_ways(tx: &mut Tx) -> Result<u64, DbError> {
    let now = tx.now();
    tx.execute("DELETE FROM staff_link", &[]).await?;
    tx.execute("DELETE FROM staff_passkey", &[]).await?;
    tx.execute("DELETE FROM staff_session", &[]).await?;
    tx.execute("UPDATE staff_grant SET ended_at = $1 WHERE ended_at = 0", &args![now]).await?;
    tx.execute("UPDATE staff_workstation SET ended_at = $1 WHERE ended_at = 0", &args![now]).await?;
    tx.execute("UPDATE staff SET password = $1, totp = $1, totp_step = 0, pin = $1", &args![Vec::<u8>::new()]).await
}

pub(crate) async fn set_password(tx: &mut Tx, id: StaffId, password: &[u8], totp: &[u8], step: i64) -> Result<(), DbError> {
    tx.execute("UPDATE staff SET password = $2, totp = $3, totp_step = $4 WHERE id = $1", &args![id, password, totp, step]).await.map(drop)
}

pub(crate) async fn set_pin(tx: &mut Tx, id: StaffId, pin: &[u8]) -> Result<(), DbError> {
    tx.execute("UPDATE staff SET pin = $2 WHERE id = $1", &args![id, pin]).await.map(drop)
}

/// Counts a code as used; `false` when it, or a later one, was used before.
pub(crate) async fn use_code(tx: &mut Tx, id: StaffId, step: i64) -> Result<bool, DbError> {
    Ok(tx.execute("UPDATE staff SET totp_step = $2 WHERE id = $1 AND totp_step < $2", &args![id, step]).await? == 1)
}

pub(crate) async fn insert_link(tx: &mut Tx, hash: [u8; 32], staff: StaffId, ends_at: Timestamp) -> Result<(), DbError> {
    tx.execute("DELETE FROM staff_link WHERE staff = $1", &args![staff]).await?;
    tx.execute("INSERT INTO staff_link (hash, staff, ends_at) VALUES ($1, $2, $3)", &args![hash, staff, ends_at]).await.map(drop)
}

/// Whose link it is, while it counts.
pub(crate) async fn link(tx: &mut Tx, hash: [u8; 32]) -> Result<Option<StaffId>, DbError> {
    let now = tx.now();
    let row = tx.query_opt("SELECT staff FROM staff_link WHERE hash = $1 AND ends_at > $2", &args![hash, now]).await?;
    row.map(|row| row.get(0)).transpose()
}

/// Uses a link up; `false` when it was used or has run out.
pub(crate) async fn use_link(tx: &mut Tx, hash: [u8; 32]) -> Result<bool, DbError> {
    let now = tx.now();
    Ok(tx.execute("DELETE FROM staff_link WHERE hash = $1 AND ends_at > $2", &args![hash, now]).await? == 1)
}

/// Keeps a challenge until it ends: one that waits for its answer, or, of nobody, one that was answered. `false` when it is kept already.
pub(crate) async fn insert_challenge(tx: &mut Tx, challenge: &[u8], staff: Option<StaffId>, ends_at: Timestamp) -> Result<bool, DbError> {
    let sql = "INSERT INTO staff_challenge (challenge, staff, ends_at) VALUES ($1, $2, $3) ON CONFLICT (challenge) DO NOTHING";
    Ok(tx.execute(sql, &args![challenge, staff, ends_at]).await? == 1)
}

pub(crate) async fn count_challenges(tx: &mut Tx) -> Result<i64, DbError> {
    tx.query_one("SELECT count(*) FROM staff_challenge WHERE staff IS NOT NULL", &[]).await?.get(0)
}

/// Uses a challenge up that waits for its answer: whose it was; `None` when it is none of ours, was used, or has run out.
pub(crate) async fn use_challenge(tx: &mut Tx, challenge: &[u8]) -> Result<Option<StaffId>, DbError> {
    let now = tx.now();
    let sql = "DELETE FROM staff_challenge WHERE challenge = $1 AND ends_at > $2 AND staff IS NOT NULL RETURNING staff";
    tx.query_opt(sql, &args![challenge, now]).await?.map(|row| row.get(0)).transpose()
}

/// Keeps a passkey; `false` when its id is kept already.
pub(crate) async fn insert_passkey(tx: &mut Tx, staff: StaffId, passkey: &Passkey, name: &str) -> Result<bool, DbError> {
    let now = tx.now();
    let rows = tx
        .execute(
            "INSERT INTO staff_passkey (id, staff, name, key, counter, added_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $6)
             ON CONFLICT (id) DO NOTHING",
            &args![passkey.id.as_slice(), staff, name, passkey.key.as_slice(), passkey.counter, now],
        )
        .await?;
    Ok(rows == 1)
}

/// The passkey with that id, and whose it is.
pub(crate) async fn passkey(tx: &mut Tx, id: &[u8]) -> Result<Option<(StaffId, Passkey)>, DbError> {
    let row = tx.query_opt("SELECT staff, id, key, counter FROM staff_passkey WHERE id = $1", &args![id]).await?;
    row.map(|row| Ok((row.get(0)?, Passkey { id: row.get(1)?, key: row.get(2)?, counter: row.get(3)? }))).transpose()
}

pub(crate) async fn passkeys(tx: &mut Tx, staff: StaffId, limit: i64) -> Result<Vec<KeptPasskey>, DbError> {
    let sql = "SELECT id, name, added_at, used_at FROM staff_passkey WHERE staff = $1 ORDER BY added_at LIMIT $2";
    let rows = tx.query(sql, &args![staff, limit]).await?;
    rows.iter().map(|row| Ok(KeptPasskey { id: row.get(0)?, name: row.get(1)?, added_at: row.get(2)?, used_at: row.get(3)? })).collect()
}

/// Notes that a passkey was used; `false` when its counter is beyond this already.
pub(crate) async fn use_passkey(tx: &mut Tx, id: &[u8], counter: i64) -> Result<bool, DbError> {
    let now = tx.now();
    let sql = "UPDATE staff_passkey SET counter = $2, used_at = $3 WHERE id = $1 AND (counter < $2 OR counter = 0)";
    Ok(tx.execute(sql, &args![id, counter, now]).await? == 1)
}

pub(crate) async fn delete_passkey(tx: &mut Tx, staff: StaffId, id: &[u8]) -> Result<bool, DbError> {
    Ok(tx.execute("DELETE FROM staff_passkey WHERE id = $1 AND staff = $2", &args![id, staff]).await? == 1)
}

/// Wrong tries under this login, until when it is locked, and when the last one was.
pub(crate) async fn tries(tx: &mut Tx, login: [u8; 32]) -> Result<Option<(i64, Timestamp, Timestamp)>, DbError> {
    let row = tx.query_opt("SELECT wrong, locked_until, last_at FROM staff_tries WHERE login = $1", &args![login]).await?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).transpose()
}

pub(crate) async fn set_tries(tx: &mut Tx, login: [u8; 32], wrong: i64, locked_until: Timestamp) -> Result<(), DbError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO staff_tries (login, wrong, locked_until, last_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (login) DO UPDATE SET wrong = excluded.wrong, locked_until = excluded.locked_until, last_at = excluded.last_at",
        &args![login, wrong, locked_until, now],
    )
    .await
    .map(drop)
}

pub(crate) async fn forget_tries(tx: &mut Tx, login: [u8; 32]) -> Result<(), DbError> {
    tx.execute("DELETE FROM staff_tries WHERE login = $1", &args![login]).await.map(drop)
}

const SESSION: &str = "id, staff, workstation, method, opened_at, seen_at, ends_at, pins_wrong";

fn session(row: &Row) -> Result<SessionRow, DbError> {
    Ok(SessionRow {
        id: row.get(0)?,
        staff: row.get(1)?,
        workstation: row.get(2)?,
        method: row.get(3)?,
        opened_at: row.get(4)?,
        seen_at: row.get(5)?,
        ends_at: row.get(6)?,
        pins_wrong: row.get(7)?,
    })
}

pub(crate) async fn insert_session(tx: &mut Tx, hash: [u8; 32], session: &SessionRow) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO staff_session (id, hash, staff, workstation, method, opened_at, seen_at, ends_at, pins_wrong)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)",
        &args![
            session.id,
            hash,
            session.staff,
            session.workstation,
            session.method.as_str(),
            session.opened_at,
            session.seen_at,
            session.ends_at
        ],
    )
    .await
    .map(drop)
}

pub(crate) async fn session_by_hash(tx: &mut Tx, hash: [u8; 32]) -> Result<Option<SessionRow>, DbError> {
    tx.query_opt(&format!("SELECT {SESSION} FROM staff_session WHERE hash = $1"), &args![hash]).await?.as_ref().map(session).transpose()
}

pub(crate) async fn session_by_id(tx: &mut Tx, id: SessionId) -> Result<Option<SessionRow>, DbError> {
    tx.query_opt(&format!("SELECT {SESSION} FROM staff_session WHERE id = $1"), &args![id]).await?.as_ref().map(session).transpose()
}

/// Somebody's living sessions, newest first.
pub(crate) async fn sessions_of(tx: &mut Tx, staff: StaffId, limit: i64) -> Result<Vec<SessionRow>, DbError> {
    let now = tx.now();
    let sql = format!("SELECT {SESSION} FROM staff_session WHERE staff = $1 AND ends_at > $2 ORDER BY opened_at DESC, id LIMIT $3");
    tx.query(&sql, &args![staff, now, limit]).await?.iter().map(session).collect()
}

/// The living sessions of a workstation, newest first.
pub(crate) async fn sessions_at(tx: &mut Tx, workstation: WorkstationId, limit: i64) -> Result<Vec<SessionRow>, DbError> {
    let now = tx.now();
    let sql = format!("SELECT {SESSION} FROM staff_session WHERE workstation = $1 AND ends_at > $2 ORDER BY opened_at DESC, id LIMIT $3");
    tx.query(&sql, &args![workstation, now, limit]).await?.iter().map(session).collect()
}

pub(crate) async fn see(tx: &mut Tx, session: SessionId) -> Result<(), DbError> {
    let now = tx.now();
    // A session that was locked meanwhile stays so.
    tx.execute("UPDATE staff_session SET seen_at = $2 WHERE id = $1 AND seen_at > 0 AND seen_at < $2", &args![session, now]).await.map(drop)
}

pub(crate) async fn lock(tx: &mut Tx, session: SessionId) -> Result<(), DbError> {
    tx.execute("UPDATE staff_session SET seen_at = 0 WHERE id = $1", &args![session]).await.map(drop)
}

/// Counts a try of the PIN before it is looked at; how many there were without a right one.
pub(crate) async fn count_pin(tx: &mut Tx, session: SessionId) -> Result<Option<i64>, DbError> {
    let sql = "UPDATE staff_session SET pins_wrong = pins_wrong + 1 WHERE id = $1 RETURNING pins_wrong";
    tx.query_opt(sql, &args![session]).await?.map(|row| row.get(0)).transpose()
}

/// Goes on with a session under a new token.
pub(crate) async fn resume(tx: &mut Tx, session: SessionId, hash: [u8; 32]) -> Result<bool, DbError> {
    let now = tx.now();
    let sql = "UPDATE staff_session SET hash = $2, seen_at = $3, pins_wrong = 0 WHERE id = $1 AND ends_at > $3";
    Ok(tx.execute(sql, &args![session, hash, now]).await? == 1)
}

pub(crate) async fn end_session(tx: &mut Tx, session: SessionId, staff: StaffId) -> Result<bool, DbError> {
    Ok(tx.execute("DELETE FROM staff_session WHERE id = $1 AND staff = $2", &args![session, staff]).await? == 1)
}

pub(crate) async fn end_sessions_of(tx: &mut Tx, staff: StaffId) -> Result<u64, DbError> {
    tx.execute("DELETE FROM staff_session WHERE staff = $1", &args![staff]).await
}

pub(crate) async fn end_sessions_at(tx: &mut Tx, workstation: WorkstationId) -> Result<u64, DbError> {
    tx.execute("DELETE FROM staff_session WHERE workstation = $1", &args![workstation]).await
}

pub(crate) async fn end_sessions_of_at(tx: &mut Tx, staff: StaffId, workstation: WorkstationId) -> Result<u64, DbError> {
    tx.execute("DELETE FROM staff_session WHERE staff = $1 AND workstation = $2", &args![staff, workstation]).await
}

pub(crate) async fn insert_workstation(tx: &mut Tx, hash: [u8; 32], workstation: &Workstation, by: StaffId) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO staff_workstation (id, hash, name, clinic, added_by, added_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, 0)",
        &args![workstation.id, hash, workstation.name.as_str(), workstation.clinic, by, workstation.added_at],
    )
    .await
    .map(drop)
}

fn workstation(row: &Row) -> Result<Workstation, DbError> {
    Ok(Workstation { id: row.get(0)?, name: row.get(1)?, clinic: row.get(2)?, added_at: row.get(3)? })
}

pub(crate) async fn workstation_by_hash(tx: &mut Tx, hash: [u8; 32]) -> Result<Option<Workstation>, DbError> {
    let sql = "SELECT id, name, clinic, added_at FROM staff_workstation WHERE hash = $1 AND ended_at = 0";
    tx.query_opt(sql, &args![hash]).await?.as_ref().map(workstation).transpose()
}

pub(crate) async fn workstations(tx: &mut Tx, limit: i64) -> Result<Vec<Workstation>, DbError> {
    let sql = "SELECT id, name, clinic, added_at FROM staff_workstation WHERE ended_at = 0 ORDER BY added_at LIMIT $1";
    tx.query(sql, &args![limit]).await?.iter().map(workstation).collect()
}

pub(crate) async fn workstation_by_id(tx: &mut Tx, id: WorkstationId) -> Result<Option<Workstation>, DbError> {
    let sql = "SELECT id, name, clinic, added_at FROM staff_workstation WHERE id = $1 AND ended_at = 0";
    tx.query_opt(sql, &args![id]).await?.as_ref().map(workstation).transpose()
}

pub(crate) async fn count_workstations(tx: &mut Tx) -> Result<i64, DbError> {
    tx.query_one("SELECT count(*) FROM staff_workstation WHERE ended_at = 0", &[]).await?.get(0)
}

pub(crate) async fn end_workstation(tx: &mut Tx, id: WorkstationId) -> Result<bool, DbError> {
    let now = tx.now();
    Ok(tx.execute("UPDATE staff_workstation SET ended_at = $2 WHERE id = $1 AND ended_at = 0", &args![id, now]).await? == 1)
}

pub(crate) async fn insert_grant(tx: &mut Tx, staff: StaffId, grant: &Grant, by: StaffId) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO staff_grant (id, staff, role, reason, granted_by, granted_at, ends_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)",
        &args![grant.id, staff, grant.role.code(), grant.reason.code(), by, grant.granted_at, grant.ends_at],
    )
    .await
    .map(drop)
}

/// Grants to somebody that count now, the one that ends last first.
pub(crate) async fn grants(tx: &mut Tx, staff: StaffId, limit: i64) -> Result<Vec<Grant>, DbError> {
    let now = tx.now();
    let sql = "SELECT id, role, reason, granted_at, ends_at FROM staff_grant WHERE staff = $1 AND ended_at = 0 AND ends_at > $2 \
         ORDER BY ends_at DESC, id LIMIT $3";
    let rows = tx.query(sql, &args![staff, now, limit]).await?;
    rows.iter()
        .map(|row| {
            let reason: String = row.get(2)?;
            let reason = crate::grant::Reason::from_code(&reason).ok_or_else(|| DbError::Shape("a strange reason".into()))?;
            Ok(Grant { id: row.get(0)?, role: role(row, 1)?, reason, granted_at: row.get(3)?, ends_at: row.get(4)? })
        })
        .collect()
}

/// Ends a grant; whose it was, `None` when it had ended.
pub(crate) async fn end_grant(tx: &mut Tx, id: GrantId) -> Result<Option<StaffId>, DbError> {
    let now = tx.now();
    let sql = "UPDATE staff_grant SET ended_at = $2 WHERE id = $1 AND ended_at = 0 AND ends_at > $2 RETURNING staff";
    tx.query_opt(sql, &args![id, now]).await?.map(|row| row.get(0)).transpose()
}

/// What has run out goes: sessions, links, challenges, and tries whose last is older than `tries_before`.
pub(crate) async fn sweep(tx: &mut Tx, tries_before: Timestamp) -> Result<u64, DbError> {
    let now = tx.now();
    let mut gone = tx.execute("DELETE FROM staff_session WHERE ends_at <= $1", &args![now]).await?;
    gone += tx.execute("DELETE FROM staff_link WHERE ends_at <= $1", &args![now]).await?;
    gone += tx.execute("DELETE FROM staff_challenge WHERE ends_at <= $1", &args![now]).await?;
    gone += tx.execute("DELETE FROM staff_tries WHERE last_at < $1 AND locked_until < $2", &args![tries_before, now]).await?;
    Ok(gone)
}

/// What is left of colleagues, workstations and grants that ended before `before` goes: the log, which names them, has gone too.
pub(crate) async fn forget_ended(tx: &mut Tx, before: Timestamp) -> Result<u64, DbError> {
    let sql = "DELETE FROM staff WHERE (ended_at > 0 AND ended_at < $1) OR (until_at > 0 AND until_at < $1)";
    let mut gone = tx.execute(sql, &args![before]).await?;
    gone += tx.execute("DELETE FROM staff_passkey WHERE staff NOT IN (SELECT id FROM staff)", &[]).await?;
    gone += tx.execute("DELETE FROM staff_workstation WHERE ended_at > 0 AND ended_at < $1", &args![before]).await?;
    gone += tx.execute("DELETE FROM staff_grant WHERE ends_at < $1", &args![before]).await?;
    Ok(gone)
}
