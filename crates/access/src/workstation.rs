//! Shared workstations: a computer that several people use in turn. Only there does a PIN switch between people who have signed in at it
//! today; elsewhere a session that was locked needs a sign-in.

use clock::Timestamp;
use db::{Db, DbError, Tx};
use privacy::KeyStore;
use privacy::profile::StaffTerms;

use crate::event::{self, By, Event};
use crate::secret;
use crate::session::SessionId;
use crate::sign_in::pepper;
use crate::staff::{Staff, StaffId, hash_of, is_a_name, new_token};
use crate::store::staff as store;

db::id!(
    /// A workstation's id.
    pub WorkstationId
);

/// Workstations that a list shows at most.
const WORKSTATIONS_MAX: i64 = 500;
/// People that a workstation offers to switch to at most.
const SWITCHES_MAX: i64 = 30;

/// A shared computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workstation {
    /// Its id.
    pub id: WorkstationId,
    /// Where it stands: `Reception, left`.
    pub name: String,
    /// Whose it is; `None`: the operator's own.
    pub clinic: Option<[u8; 16]>,
    /// Since when.
    pub added_at: Timestamp,
}

/// Somebody to whom a workstation can switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// The session to go on with.
    pub session: SessionId,
    /// Who it is.
    pub staff: Staff,
}

/// Why no workstation was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkstationError {
    /// The name is empty or too long.
    Name,
    /// There are as many as there can be.
    TooMany,
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for WorkstationError {
    fn from(error: DbError) -> Self {
        WorkstationError::Db(error)
    }
}

impl db::Refusal for WorkstationError {
    fn fault(&self) -> Option<&DbError> {
        if let WorkstationError::Db(error) = self { Some(error) } else { None }
    }
}

/// Registers the computer at which this is asked: its token, which its browser keeps.
///
/// # Errors
/// Why not.
pub async fn add_workstation(tx: &mut Tx, name: &str, clinic: Option<[u8; 16]>, by: StaffId) -> Result<String, WorkstationError> {
    let name = name.trim().to_owned();
    if !is_a_name(&name) {
        return Err(WorkstationError::Name);
    }
    // No more than a list shows: what cannot be seen cannot be ended.
    if store::count_workstations(tx).await? >= WORKSTATIONS_MAX {
        return Err(WorkstationError::TooMany);
    }
    let (token, hash) = new_token(tx.clock());
    let workstation = Workstation { id: WorkstationId::random(tx.clock()), name, clinic, added_at: tx.now() };
    store::insert_workstation(tx, hash, &workstation, by).await?;
    event::record(tx, By::Staff(by), Event::WorkstationAdded, Some(workstation.id.bytes())).await?;
    Ok(token)
}

/// The workstation with that id, while it counts.
///
/// # Errors
/// A fault of the database.
pub async fn workstation_by_id(tx: &mut Tx, id: WorkstationId) -> Result<Option<Workstation>, DbError> {
    store::workstation_by_id(tx, id).await
}

/// The workstations, oldest first, at most five hundred.
///
/// # Errors
/// A fault of the database.
pub async fn list_workstations(tx: &mut Tx) -> Result<Vec<Workstation>, DbError> {
    store::workstations(tx, WORKSTATIONS_MAX).await
}

/// The workstation whose browser holds the token.
///
/// # Errors
/// A fault of the database.
pub async fn workstation(db: &Db, token: &str) -> Result<Option<Workstation>, DbError> {
    let hash = hash_of(token);
    db.read("workstation", move |tx| Box::pin(store::workstation_by_hash(tx, hash))).await
}

/// Ends a workstation and every session opened at it; `false` when it had ended.
///
/// # Errors
/// A fault of the database.
pub async fn end_workstation(tx: &mut Tx, id: WorkstationId, by: StaffId) -> Result<bool, DbError> {
    if !store::end_workstation(tx, id).await? {
        return Ok(false);
    }
    store::end_sessions_at(tx, id).await?;
    event::record(tx, By::Staff(by), Event::WorkstationEnded, Some(id.bytes())).await?;
    Ok(true)
}

/// Who can go on by PIN at this workstation: whoever signed in at it fully, whose session lives, and who has a PIN.
///
/// # Errors
/// A fault of the database.
pub async fn switches(tx: &mut Tx, at: WorkstationId) -> Result<Vec<Switch>, DbError> {
    let now = tx.now();
    let mut switches: Vec<Switch> = Vec::new();
    for row in store::sessions_at(tx, at, SWITCHES_MAX).await? {
        if switches.iter().any(|known| known.staff.id == row.staff) {
            continue;
        }
        if let Some((staff, _)) = store::by_id(tx, row.staff).await?
            && staff.is_active(now)
            && staff.has_pin
        {
            switches.push(Switch { session: row.id, staff });
        }
    }
    switches.sort_by(|one, two| one.staff.name.cmp(&two.staff.name));
    Ok(switches)
}

/// Why a PIN did not switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SwitchError {
    /// That person has no session at this workstation any more: a sign-in is needed.
    Ended,
    /// The PIN is wrong; so many tries are left.
    Wrong(i64),
    /// The PIN was wrong too often: all sessions of that person at this workstation have ended.
    TooOften,
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for SwitchError {
    fn from(error: DbError) -> Self {
        SwitchError::Db(error)
    }
}

impl db::Refusal for SwitchError {
    fn fault(&self) -> Option<&DbError> {
        if let SwitchError::Db(error) = self { Some(error) } else { None }
    }
}

/// Goes on with a session of this workstation by its owner's PIN: its new token. Whatever session the browser had before is locked. A try
/// is counted before the PIN is looked at, so that many at one time are not one.
///
/// # Errors
/// Why not.
pub async fn switch(
    db: &Db,
    keys: &KeyStore,
    terms: &StaffTerms,
    at: WorkstationId,
    session: SessionId,
    pin: &str,
    leaving: Option<SessionId>,
) -> Result<String, SwitchError> {
    let most = terms.pin_tries_max;
    let (staff, kept, tries) = db
        .run("pin", move |tx| {
            Box::pin(async move {
                let now = tx.now();
                let row = store::session_by_id(tx, session).await?.filter(|row| row.workstation == Some(at) && now < row.ends_at);
                let Some(row) = row else { return Err(SwitchError::Ended) };
                let known = store::by_id(tx, row.staff).await?.filter(|(staff, _)| staff.is_active(now) && staff.has_pin);
                let Some((staff, secrets)) = known else { return Err(SwitchError::Ended) };
                let Some(tries) = store::count_pin(tx, session).await? else { return Err(SwitchError::Ended) };
                if tries > most {
                    store::end_sessions_of_at(tx, staff.id, at).await?;
                    return Err(SwitchError::TooOften);
                }
                Ok((staff.id, secrets.pin, tries))
            })
        })
        .await?;
    let right = secret::is(pepper(keys), &kept, pin).await;
    db.run("switch", move |tx| {
        Box::pin(async move {
            if !right {
                if tries >= most {
                    // All of theirs here: else each sign-in of the day would be so many tries more.
                    store::end_sessions_of_at(tx, staff, at).await?;
                    event::record(tx, By::Nobody, Event::PinsWrong, Some(staff.bytes())).await?;
                    return Err(SwitchError::TooOften);
                }
                event::record(tx, By::Nobody, Event::PinWrong, Some(staff.bytes())).await?;
                return Err(SwitchError::Wrong(most - tries));
            }
            let (token, hash) = new_token(tx.clock());
            if !store::resume(tx, session, hash).await? {
                return Err(SwitchError::Ended);
            }
            if let Some(leaving) = leaving.filter(|leaving| *leaving != session) {
                store::lock(tx, leaving).await?;
            }
            event::record(tx, By::Staff(staff), Event::InByPin, Some(staff.bytes())).await?;
            Ok(token)
        })
    })
    .await
}
