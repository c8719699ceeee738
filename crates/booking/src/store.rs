//! All SQL of the slice. [`claim`] decides who wins.

use std::collections::BTreeMap;

use clock::Timestamp;
use db::{DbError, Dirty, Row, Tx, Value, args, placeholders};
use directory::catalogue::RoleId;

use crate::appointment::{Appointment, AppointmentId};
use crate::cells::{BUFFER_CELLS_MAX, CELLS_MAX, day_of};
use crate::contact::{Contact, ToCall};
use crate::hold::{Hold, HoldId};
use crate::status::Status;
use crate::wish;

pub(crate) mod busy;
pub(crate) mod response;
pub(crate) mod settle;
pub(crate) mod untie;
pub(crate) mod way;
pub(crate) mod withdraw;

/// The lane of every public door (I1).
pub(crate) const PUBLIC_LANE: i64 = 0;
/// A claim that never expires.
pub(crate) const FOR_EVER: Timestamp = Timestamp(i64::MAX);

/// Cells of one claim at most: practitioner, device and room with both buffers, and the person's own.
pub(crate) const WANTED_MAX: usize = 3 * (CELLS_MAX + 2 * BUFFER_CELLS_MAX) + CELLS_MAX;

/// What is claimed: a cell of a resource. A practitioner, a device, a room is known by its id; a person's resource is a MAC that tells
/// nothing, with cell 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wanted {
    pub(crate) resource: Resource,
    pub(crate) cell: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Resource {
    /// The id of a practitioner, a device or a room.
    Offered([u8; 16]),
    Person([u8; 32]),
}

impl From<Resource> for Value {
    fn from(resource: Resource) -> Self {
        match resource {
            Resource::Offered(id) => Value::from(id),
            Resource::Person(tag) => Value::from(tag),
        }
    }
}

/// Takes all wanted cells that are free, expired, or belong to `owner` or `heir_of` (a hold that becomes a booking). What was
/// taken comes back: fewer than wanted means refused, and the caller undoes the savepoint. Only what is held for a while can be inherited:
/// a visit's claims are for ever, whoever names its id as a hold.
pub(crate) async fn claim(
    tx: &mut Tx,
    wanted: &[Wanted],
    owner: [u8; 16],
    heir_of: Option<[u8; 16]>,
    expires_at: Timestamp,
) -> Result<Vec<Resource>, DbError> {
    if wanted.is_empty() || wanted.len() > WANTED_MAX {
        return Ok(Vec::new());
    }
    // One order for all, so that two who want the same cells wait for each other instead of deadlocking.
    let mut wanted = wanted.to_vec();
    wanted.sort_unstable();
    let now = tx.now();
    let mut values = args![now, owner, heir_of.unwrap_or(owner), FOR_EVER].to_vec();
    for want in &wanted {
        values.extend(args![want.resource, want.cell, PUBLIC_LANE, owner, expires_at]);
    }
    let sql = format!(
        "INSERT INTO claim (resource, cell, lane, owner, expires_at) VALUES {rows}
         ON CONFLICT (resource, cell, lane) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
         WHERE claim.expires_at <= $1 OR claim.owner = $2 OR (claim.owner = $3 AND claim.expires_at < $4)
         RETURNING resource",
        rows = placeholders(wanted.len(), 5, 5)
    );
    let rows = tx.query(&sql, &values).await?;
    rows.iter().map(resource).collect()
}

fn resource(row: &Row) -> Result<Resource, DbError> {
    let bytes: Vec<u8> = row.get(0)?;
    if let Ok(id) = <[u8; 16]>::try_from(bytes.as_slice()) {
        return Ok(Resource::Offered(id));
    }
    <[u8; 32]>::try_from(bytes.as_slice()).map(Resource::Person).map_err(|_| DbError::Shape("a resource of a strange length".into()))
}

/// Frees everything that `owner` has claimed, and marks it: what was claimed then may be another device than the directory names now.
pub(crate) async fn release(tx: &mut Tx, owner: [u8; 16]) -> Result<(), DbError> {
    let freed = tx.query("DELETE FROM claim WHERE owner = $1 RETURNING resource, cell", &args![owner]).await?;
    mark_freed(tx, &freed).await
}

/// Frees what a hold has claimed, and marks it; claims of a visit stay, whoever names its id as a hold.
pub(crate) async fn release_hold(tx: &mut Tx, hold: HoldId) -> Result<(), DbError> {
    release_held(tx, hold).await?;
    delete_hold(tx, hold).await
}

async fn release_held(tx: &mut Tx, hold: HoldId) -> Result<(), DbError> {
    let sql = "DELETE FROM claim WHERE owner = $1 AND expires_at < $2 RETURNING resource, cell";
    let freed = tx.query(sql, &args![hold, FOR_EVER]).await?;
    mark_freed(tx, &freed).await
}

/// Frees what `owner` has claimed besides `kept`, and marks it. What is offered is kept in one range of cells, of everything alike.
pub(crate) async fn release_others(tx: &mut Tx, owner: [u8; 16], kept: &[Wanted]) -> Result<(), DbError> {
    let offered = || kept.iter().filter(|kept| matches!(kept.resource, Resource::Offered(_))).map(|kept| kept.cell);
    let (Some(first), Some(last)) = (offered().min(), offered().max()) else { return release(tx, owner).await };
    let mut resources: Vec<Resource> = kept.iter().map(|kept| kept.resource).collect();
    resources.sort_unstable();
    resources.dedup();
    let mut values = args![owner, first, last].to_vec();
    values.extend(resources.iter().map(|resource| Value::from(*resource)));
    let list: Vec<String> = (4..4 + resources.len()).map(|index| format!("${index}")).collect();
    // A person's claims have cell 0.
    let sql = format!(
        "DELETE FROM claim WHERE owner = $1 AND ((cell > 0 AND (cell < $2 OR cell > $3)) OR resource NOT IN ({})) RETURNING resource, cell",
        list.join(",")
    );
    let freed = tx.query(&sql, &values).await?;
    mark_freed(tx, &freed).await
}

/// Marks the days of everything offered among these; what a clinic's block covers falls to the block.
async fn mark_freed(tx: &mut Tx, freed: &[Row]) -> Result<(), DbError> {
    let mut dirty: Vec<Dirty> = Vec::new();
    let mut cells: BTreeMap<[u8; 16], Vec<i64>> = BTreeMap::new();
    for row in freed {
        if let Resource::Offered(whose) = resource(row)? {
            let cell = row.get(1)?;
            dirty.push(Dirty { whose, day: day_of(cell) });
            cells.entry(whose).or_default().push(cell);
        }
    }
    for (whose, cells) in cells {
        busy::fill(tx, whose, &cells).await?;
    }
    dirty.sort_unstable();
    dirty.dedup();
    for dirty in dirty {
        tx.mark_dirty(dirty).await?;
    }
    Ok(())
}

/// A living claim, as free time reads it.
pub(crate) struct Claimed {
    pub(crate) resource: [u8; 16],
    pub(crate) cell: i64,
    pub(crate) owner: [u8; 16],
    pub(crate) expires_at: Timestamp,
}

fn claimed(row: &Row) -> Result<Claimed, DbError> {
    Ok(Claimed { resource: row.get(0)?, cell: row.get(1)?, owner: row.get(2)?, expires_at: row.get(3)? })
}

/// All living claims of practitioners, devices and rooms from a cell on. Claims of people have cell 0 and are never among them.
pub(crate) async fn claims_from(tx: &mut Tx, cell: i64) -> Result<Vec<Claimed>, DbError> {
    let now = tx.now();
    let rows = tx
        .query(
            "SELECT resource, cell, owner, expires_at FROM claim WHERE cell >= $1 AND cell > 0 AND lane = $2 AND expires_at > $3",
            &args![cell, PUBLIC_LANE, now],
        )
        .await?;
    rows.iter().map(claimed).collect()
}

/// The living claims of these between two cells.
pub(crate) async fn claims_of(tx: &mut Tx, resources: &[[u8; 16]], from: i64, to: i64) -> Result<Vec<Claimed>, DbError> {
    if resources.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = args![from, to, PUBLIC_LANE, tx.now()].to_vec();
    values.extend(resources.iter().map(|resource| Value::from(*resource)));
    let list: Vec<String> = (5..5 + resources.len()).map(|index| format!("${index}")).collect();
    let sql = format!(
        "SELECT resource, cell, owner, expires_at FROM claim WHERE resource IN ({}) AND cell >= $1 AND cell < $2 AND lane = $3 AND expires_at > $4",
        list.join(",")
    );
    tx.query(&sql, &values).await?.iter().map(claimed).collect()
}

/// Writes the hold; `false` when one of that id is there, if only an expired one.
pub(crate) async fn insert_hold(tx: &mut Tx, hold: &Hold) -> Result<bool, DbError> {
    let rows = tx
        .execute(
            "INSERT INTO hold (id, role, service, starts_at, ends_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING",
            &args![hold.id, hold.role, hold.service.as_str(), hold.start, hold.end, hold.expires_at],
        )
        .await?;
    Ok(rows == 1)
}

pub(crate) async fn hold(tx: &mut Tx, id: HoldId) -> Result<Option<Hold>, DbError> {
    let row = tx.query_opt("SELECT id, role, service, starts_at, ends_at, expires_at FROM hold WHERE id = $1", &args![id]).await?;
    row.map(|row| {
        Ok(Hold { id: row.get(0)?, role: row.get(1)?, service: row.get(2)?, start: row.get(3)?, end: row.get(4)?, expires_at: row.get(5)? })
    })
    .transpose()
}

/// Lets a hold go: its time is free at once; its row stays a while, so that a page still open on it can say what has become of it.
pub(crate) async fn let_go(tx: &mut Tx, hold: HoldId) -> Result<(), DbError> {
    let now = tx.now();
    release_held(tx, hold).await?;
    tx.execute("UPDATE hold SET expires_at = $2 WHERE id = $1 AND expires_at > $2", &args![hold, now]).await.map(drop)
}

async fn delete_hold(tx: &mut Tx, id: HoldId) -> Result<(), DbError> {
    tx.execute("DELETE FROM hold WHERE id = $1", &args![id]).await.map(drop)
}

/// Drops what has expired before `before`: rows that no longer count. At most `limit` of each, so that a sweep stays short.
pub(crate) async fn sweep_expired(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<u64, DbError> {
    let claims = tx
        .execute(
            "DELETE FROM claim WHERE (resource, cell, lane) IN (SELECT resource, cell, lane FROM claim WHERE expires_at < $1 LIMIT $2)",
            &args![before, limit],
        )
        .await?;
    let holds =
        tx.execute("DELETE FROM hold WHERE id IN (SELECT id FROM hold WHERE expires_at < $1 LIMIT $2)", &args![before, limit]).await?;
    Ok(claims + holds)
}

/// Visits from `after` on in the order of their ids, which is no order that anybody could tell: id and end.
pub(crate) async fn ends_of_visits(tx: &mut Tx, after: AppointmentId, limit: i64) -> Result<Vec<(AppointmentId, Timestamp)>, DbError> {
    let rows = tx.query("SELECT id, ends_at FROM appointment WHERE id >= $1 ORDER BY id LIMIT $2", &args![after, limit]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Forgets what these visits have claimed; how many rows. No mark is left: it is for visits that are long over.
pub(crate) async fn forget_claims_of(tx: &mut Tx, visits: &[AppointmentId]) -> Result<u64, DbError> {
    if visits.is_empty() {
        return Ok(0);
    }
    let list: Vec<String> = (1..=visits.len()).map(|index| format!("${index}")).collect();
    let values: Vec<Value> = visits.iter().map(|visit| Value::from(*visit)).collect();
    tx.execute(&format!("DELETE FROM claim WHERE owner IN ({})", list.join(",")), &values).await
}

/// Writes the visit. `false` when its number or the person's tag is in use: another pair must be tried.
pub(crate) async fn insert_appointment(tx: &mut Tx, visit: &Appointment, link: &[u8], visit_tag: [u8; 32]) -> Result<bool, DbError> {
    let rows = tx
        .execute(
            "INSERT INTO appointment (id, number, role, service, starts_at, ends_at, zone, status, price_minor, currency, lang, moves, wish, link, visit_tag)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT DO NOTHING",
            &args![
                visit.id,
                visit.number,
                visit.role,
                visit.service.as_str(),
                visit.start,
                visit.end,
                visit.zone.as_str(),
                visit.status.code(),
                visit.price_minor,
                visit.currency.as_str(),
                visit.lang.code(),
                visit.moves,
                wish::written(&visit.wishes),
                link,
                visit_tag
            ],
        )
        .await?;
    Ok(rows == 1)
}

/// Every column of [`Appointment`], in its order.
const COLUMNS: &str = "id, number, role, service, starts_at, ends_at, zone, status, price_minor, currency, lang, moves, wish";

fn appointment_row(row: &Row) -> Result<Appointment, DbError> {
    Ok(Appointment {
        id: row.get(0)?,
        number: row.get(1)?,
        role: row.get(2)?,
        service: row.get(3)?,
        start: row.get(4)?,
        end: row.get(5)?,
        zone: row.get(6)?,
        status: Status::from_code(&row.get::<String>(7)?).ok_or_else(|| DbError::Shape("a strange status".into()))?,
        price_minor: row.get(8)?,
        currency: row.get(9)?,
        lang: row.get::<String>(10)?.parse().map_err(|_| DbError::Shape("a strange language".into()))?,
        moves: row.get(11)?,
        wishes: wish::read(&row.get::<String>(12)?).ok_or_else(|| DbError::Shape("a strange wish".into()))?,
    })
}

/// The visit, while it is tied to its person.
pub(crate) async fn appointment(tx: &mut Tx, id: AppointmentId) -> Result<Option<Appointment>, DbError> {
    let row = tx.query_opt(&format!("SELECT {COLUMNS} FROM appointment WHERE id = $1 AND tied = 1"), &args![id]).await?;
    row.as_ref().map(appointment_row).transpose()
}

/// Those of these visits, at least one, that are tied to their person.
pub(crate) async fn appointments(tx: &mut Tx, ids: &[AppointmentId]) -> Result<Vec<Appointment>, DbError> {
    let values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = format!("SELECT {COLUMNS} FROM appointment WHERE tied = 1 AND id IN {}", placeholders(1, ids.len(), 1));
    tx.query(&sql, &values).await?.iter().map(appointment_row).collect()
}

/// The visit, tied or not: for its clinic, which must hear of it either way.
pub(crate) async fn any_appointment(tx: &mut Tx, id: AppointmentId) -> Result<Option<Appointment>, DbError> {
    let row = tx.query_opt(&format!("SELECT {COLUMNS} FROM appointment WHERE id = $1"), &args![id]).await?;
    row.as_ref().map(appointment_row).transpose()
}

/// The visit with its row locked until the transaction ends, so that two changes of one visit follow each other. On SQLite
/// there is one writer, and the statement changes nothing.
pub(crate) async fn appointment_for_change(tx: &mut Tx, id: AppointmentId) -> Result<Option<Appointment>, DbError> {
    tx.execute("UPDATE appointment SET moves = moves WHERE id = $1", &args![id]).await?;
    appointment(tx, id).await
}

pub(crate) async fn appointment_link(tx: &mut Tx, id: AppointmentId) -> Result<Option<Vec<u8>>, DbError> {
    tx.query_opt("SELECT link FROM appointment WHERE id = $1 AND tied = 1", &args![id]).await?.map(|row| row.get(0)).transpose()
}

/// The links of these visits, at least one, that are somebody's.
pub(crate) async fn appointment_links(tx: &mut Tx, ids: &[AppointmentId]) -> Result<Vec<(AppointmentId, Vec<u8>)>, DbError> {
    let values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = format!("SELECT id, link FROM appointment WHERE tied = 1 AND id IN {}", placeholders(1, ids.len(), 1));
    tx.query(&sql, &values).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// The visits of these roles, at least one, that begin from `from` on and before `to`, earliest first, at most `limit`.
pub(crate) async fn visits_of_day(
    tx: &mut Tx,
    roles: &[RoleId],
    from: Timestamp,
    to: Timestamp,
    limit: i64,
) -> Result<Vec<Appointment>, DbError> {
    let mut values = args![from, to, limit].to_vec();
    values.extend(roles.iter().map(|role| Value::from(*role)));
    let list = placeholders(1, roles.len(), 4);
    let sql = format!(
        "SELECT {COLUMNS} FROM appointment WHERE role IN {list} AND starts_at >= $1 AND starts_at < $2 ORDER BY starts_at, number LIMIT $3"
    );
    tx.query(&sql, &values).await?.iter().map(appointment_row).collect()
}

/// Visits of these roles, at least one, whose clinic or person has yet to answer and that are not over, earliest first, at most `limit`.
pub(crate) async fn visits_to_answer(tx: &mut Tx, roles: &[RoleId], limit: i64) -> Result<Vec<Appointment>, DbError> {
    let mut values = args![tx.now(), limit].to_vec();
    values.extend(roles.iter().map(|role| Value::from(*role)));
    let list = placeholders(1, roles.len(), 3);
    let sql = format!(
        "SELECT {COLUMNS} FROM appointment
         WHERE id IN (SELECT visit FROM appointment_response WHERE clinic IN ('needs-action', 'tentative'))
            AND tied = 1 AND ends_at > $1 AND role IN {list} ORDER BY starts_at, number LIMIT $2"
    );
    tx.query(&sql, &values).await?.iter().map(appointment_row).collect()
}

/// Visits with one of these tags, and which of the tags.
pub(crate) async fn appointments_by_tag(tx: &mut Tx, tags: &[[u8; 32]]) -> Result<Vec<(Appointment, [u8; 32])>, DbError> {
    let list: Vec<String> = (1..=tags.len()).map(|index| format!("${index}")).collect();
    let sql = format!("SELECT {COLUMNS}, visit_tag FROM appointment WHERE visit_tag IN ({})", list.join(","));
    let values: Vec<Value> = tags.iter().map(|tag| Value::from(*tag)).collect();
    let rows = tx.query(&sql, &values).await?;
    rows.iter().map(|row| Ok((appointment_row(row)?, row.get(13)?))).collect()
}

/// How the visit's person is told, where that is not by SMS alone.
pub(crate) async fn insert_contact(tx: &mut Tx, visit: AppointmentId, contact: Contact) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO visit_contact (visit, email, sms) VALUES ($1, $2, $3)",
        &args![visit, i64::from(contact.email), i64::from(contact.sms)],
    )
    .await
    .map(drop)
}

pub(crate) async fn contact(tx: &mut Tx, visit: AppointmentId) -> Result<Contact, DbError> {
    let row = tx.query_opt("SELECT email, sms FROM visit_contact WHERE visit = $1", &args![visit]).await?;
    row.map_or(Ok(Contact::SMS), |row| Ok(Contact { email: row.get::<i64>(0)? == 1, sms: row.get::<i64>(1)? == 1 }))
}

pub(crate) async fn put_to_call(tx: &mut Tx, visit: AppointmentId, turn: &str, now: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO visit_to_call (visit, turn, since_at) VALUES ($1, $2, $3) ON CONFLICT (visit) DO UPDATE SET turn = excluded.turn",
        &args![visit, turn, now],
    )
    .await
    .map(drop)
}

pub(crate) async fn to_call(tx: &mut Tx, limit: i64) -> Result<Vec<ToCall>, DbError> {
    let rows = tx
        .query(
            "SELECT c.visit, a.number, c.turn, c.since_at, a.starts_at FROM visit_to_call c JOIN appointment a ON a.id = c.visit ORDER BY c.since_at, c.visit LIMIT $1",
            &args![limit],
        )
        .await?;
    rows.iter()
        .map(|row| Ok(ToCall { visit: row.get(0)?, number: row.get(1)?, turn: row.get(2)?, since: row.get(3)?, start: row.get(4)? }))
        .collect()
}

pub(crate) async fn count_to_call(tx: &mut Tx) -> Result<i64, DbError> {
    tx.query_one("SELECT count(*) FROM visit_to_call", &args![]).await?.get(0)
}

/// Drops calls about visits that have begun: nobody is told of the past.
pub(crate) async fn forget_calls_before(tx: &mut Tx, now: Timestamp) -> Result<u64, DbError> {
    tx.execute("DELETE FROM visit_to_call WHERE visit IN (SELECT id FROM appointment WHERE starts_at < $1)", &args![now]).await
}

pub(crate) async fn set_status(tx: &mut Tx, id: AppointmentId, status: Status) -> Result<(), DbError> {
    tx.execute("UPDATE appointment SET status = $2 WHERE id = $1", &args![id, status.code()]).await.map(drop)
}

pub(crate) async fn set_time(tx: &mut Tx, visit: &Appointment) -> Result<(), DbError> {
    tx.execute(
        "UPDATE appointment SET role = $2, starts_at = $3, ends_at = $4, zone = $5, price_minor = $6, currency = $7, moves = $8 WHERE id = $1",
        &args![visit.id, visit.role, visit.start, visit.end, visit.zone.as_str(), visit.price_minor, visit.currency.as_str(), visit.moves],
    )
    .await
    .map(drop)
}

/// Takes the idempotency key for this body. `None`: it was free. `Some((body, object))`: what was done under it before.
pub(crate) async fn take_key(
    tx: &mut Tx,
    caller: [u8; 32],
    key: [u8; 32],
    body: [u8; 32],
    object: [u8; 16],
) -> Result<Option<([u8; 32], [u8; 16])>, DbError> {
    let today = tx.now().day();
    let rows = tx
        .execute(
            "INSERT INTO idempotency (caller, key, body, object, kept_on) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (caller, key) DO NOTHING",
            &args![caller, key, body, object, today],
        )
        .await?;
    if rows == 1 {
        return Ok(None);
    }
    let row = tx.query_one("SELECT body, object FROM idempotency WHERE caller = $1 AND key = $2", &args![caller, key]).await?;
    Ok(Some((row.get(0)?, row.get(1)?)))
}

/// What was done under the key before: its body and object.
pub(crate) async fn key(tx: &mut Tx, caller: [u8; 32], key: [u8; 32]) -> Result<Option<([u8; 32], [u8; 16])>, DbError> {
    let row = tx.query_opt("SELECT body, object FROM idempotency WHERE caller = $1 AND key = $2", &args![caller, key]).await?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// Gives the key back after a refusal: the next try is decided anew.
pub(crate) async fn give_key_back(tx: &mut Tx, caller: [u8; 32], key: [u8; 32]) -> Result<(), DbError> {
    tx.execute("DELETE FROM idempotency WHERE caller = $1 AND key = $2", &args![caller, key]).await.map(drop)
}

pub(crate) async fn forget_keys_before(tx: &mut Tx, day: i64) -> Result<u64, DbError> {
    tx.execute("DELETE FROM idempotency WHERE kept_on < $1", &args![day]).await
}

/// How many visits stand in each state; for metrics.
pub(crate) async fn count_by_status(tx: &mut Tx) -> Result<Vec<(String, i64)>, DbError> {
    let rows = tx.query("SELECT status, count(*) FROM appointment GROUP BY status", &args![]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}
