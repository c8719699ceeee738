//! Sessions: opened by a sign-in, asked at every request, ended by time, by a click, or with the person's access.

use clock::Timestamp;
use db::{Db, DbError, Tx};
use privacy::profile::StaffTerms;

use crate::event::{self, By, Event};
use crate::grant::Grant;
use crate::role::{Act, Reach, Role, reach};
use crate::staff::{Staff, StaffId, hash_of, new_token};
use crate::store::staff as store;
use crate::workstation::WorkstationId;

db::id!(
    /// A session's id.
    pub SessionId
);

/// Living sessions of one person; another ends the oldest (I9).
const SESSIONS_MAX: usize = 20;
/// A session is marked as seen again after this long: each request need not write.
const SEEN_SECONDS: i64 = 30;
/// Grants of one person that are looked at.
const GRANTS_MAX: i64 = 20;

/// How a session was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// By a passkey.
    Passkey,
    /// By a password and a one-time code.
    Password,
}

impl Method {
    /// `passkey` or `password`.
    pub fn code(self) -> &'static str {
        match self {
            Method::Passkey => "passkey",
            Method::Password => "password",
        }
    }
}

/// A session as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub staff: StaffId,
    /// At which shared workstation it was opened.
    pub workstation: Option<WorkstationId>,
    /// [`Method::code`].
    pub method: String,
    /// Since when.
    pub opened_at: Timestamp,
    /// When it was used last; the beginning of time once it was locked.
    pub seen_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Wrong PINs since the last right one.
    pub pins_wrong: i64,
}

/// Somebody who has signed in, as a request finds them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The session.
    pub row: SessionRow,
    /// Who it is.
    pub staff: Staff,
    /// What they were granted beyond their role.
    pub grants: Vec<Grant>,
}

impl Session {
    /// How far this person may go with an act: by their role, or by a grant that counts now.
    pub fn reach(&self, act: Act) -> Option<Reach> {
        self.roles().filter_map(|role| reach(role, act)).max()
    }

    /// Their role, and those granted.
    pub fn roles(&self) -> impl Iterator<Item = Role> {
        std::iter::once(self.staff.role).chain(self.grants.iter().map(|grant| grant.role))
    }

    /// As the log names them.
    pub fn by(&self) -> By {
        By::Staff(self.staff.id)
    }
}

/// What is behind a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A session that counts.
    Open(Box<Session>),
    /// One that was left alone for too long, or locked: a PIN goes on with it at its workstation, elsewhere a sign-in.
    Locked(SessionRow),
    /// None, or one that has ended.
    Nothing,
}

/// Finds whoever holds the token, and marks them as seen.
///
/// # Errors
/// A fault of the database.
pub async fn find_session(db: &Db, terms: &StaffTerms, token: &str) -> Result<Found, DbError> {
    let (hash, idle_minutes) = (hash_of(token), terms.idle_minutes);
    let found = db.read("staff session", move |tx| Box::pin(find(tx, hash, idle_minutes))).await?;
    if let Found::Open(session) = &found
        && session.row.seen_at.plus_seconds(SEEN_SECONDS) < db.clock().now()
    {
        let id = session.row.id;
        db.run("staff seen", move |tx| Box::pin(store::see(tx, id))).await?;
    }
    Ok(found)
}

async fn find(tx: &mut Tx, hash: [u8; 32], idle_minutes: i64) -> Result<Found, DbError> {
    let now = tx.now();
    let Some(row) = store::session_by_hash(tx, hash).await? else { return Ok(Found::Nothing) };
    // Opened in the future: the clock was set back since. Nobody stays signed in for as long as that makes it.
    if now >= row.ends_at || now < row.opened_at {
        return Ok(Found::Nothing);
    }
    let Some((staff, _)) = store::by_id(tx, row.staff).await? else { return Ok(Found::Nothing) };
    if !staff.is_active(now) {
        return Ok(Found::Nothing);
    }
    if now >= row.seen_at.plus_minutes(idle_minutes) {
        return Ok(Found::Locked(row));
    }
    let grants = store::grants(tx, staff.id, GRANTS_MAX).await?;
    Ok(Found::Open(Box::new(Session { row, staff, grants })))
}

/// Opens a session; its token, which only the browser keeps.
pub(crate) async fn open(
    tx: &mut Tx,
    terms: &StaffTerms,
    staff: StaffId,
    method: Method,
    workstation: Option<WorkstationId>,
) -> Result<String, DbError> {
    let now = tx.now();
    for old in sessions_of(tx, staff).await?.iter().skip(SESSIONS_MAX - 1) {
        store::end_session(tx, old.id, staff).await?;
    }
    let (token, hash) = new_token(tx.clock());
    let row = SessionRow {
        id: SessionId::random(tx.clock()),
        staff,
        workstation,
        method: method.code().to_owned(),
        opened_at: now,
        seen_at: now,
        ends_at: now.plus_minutes(terms.session_minutes),
        pins_wrong: 0,
    };
    store::insert_session(tx, hash, &row).await?;
    let event = match method {
        Method::Passkey => Event::InByPasskey,
        Method::Password => Event::InByPassword,
    };
    event::record(tx, By::Staff(staff), event, Some(staff.bytes())).await?;
    Ok(token)
}

/// Somebody's living sessions, newest first.
///
/// # Errors
/// A fault of the database.
pub async fn sessions_of(tx: &mut Tx, staff: StaffId) -> Result<Vec<SessionRow>, DbError> {
    store::sessions_of(tx, staff, i64::try_from(SESSIONS_MAX).unwrap_or(i64::MAX)).await
}

/// Locks the session: a PIN goes on with it at its workstation.
///
/// # Errors
/// A fault of the database.
pub async fn lock_session(tx: &mut Tx, session: SessionId, staff: StaffId) -> Result<(), DbError> {
    store::lock(tx, session).await?;
    event::record(tx, By::Staff(staff), Event::Away, Some(staff.bytes())).await
}

/// Ends one of one's own sessions, the one at hand or another; `false` when it had ended or is somebody else's.
///
/// # Errors
/// A fault of the database.
pub async fn end_session(tx: &mut Tx, session: SessionId, staff: StaffId, at_hand: bool) -> Result<bool, DbError> {
    if !store::end_session(tx, session, staff).await? {
        return Ok(false);
    }
    let event = if at_hand { Event::Out } else { Event::SessionEnded };
    event::record(tx, By::Staff(staff), event, Some(staff.bytes())).await?;
    Ok(true)
}

/// Writes down that somebody asked for what they may not do.
///
/// # Errors
/// A fault of the database.
pub async fn record_forbidden(tx: &mut Tx, staff: StaffId) -> Result<(), DbError> {
    event::record(tx, By::Staff(staff), Event::Forbidden, Some(staff.bytes())).await
}
