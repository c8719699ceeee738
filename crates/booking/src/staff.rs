//! What staff see of visits: the list of a day, which names nobody, and the person of one visit, whom opening puts into the log.

use std::collections::HashMap;

use clock::Timestamp;
use db::{DbError, Tx};
use directory::catalogue::RoleId;
use patients::OPENED_MAX;
use privacy::{Asker, Field, KeyError, Known, OpenError, PersonId, Personal, SubjectKey, consent, prove_staff, record_openings};

use crate::appointment::{Appointment, AppointmentId};
use crate::response::Response;
use crate::store;
use crate::world::World;

/// Visits of a day that are listed at most (I9).
pub const LISTED_MAX: usize = 500;
/// Roles of one statement.
const ROLES_AT_ONCE: usize = 200;

/// The visits of these roles that begin from `from` on and before `to`, earliest first, at most [`LISTED_MAX`]. Names nobody (I5).
///
/// # Errors
/// A fault of the database.
pub async fn visits_of_day(world: &World, roles: Vec<RoleId>, from: Timestamp, to: Timestamp) -> Result<Vec<Appointment>, DbError> {
    let most = i64::try_from(LISTED_MAX).unwrap_or(i64::MAX);
    let mut visits = world
        .db
        .read("visits of a day", move |tx| {
            let roles = roles.clone();
            Box::pin(async move {
                let mut visits = Vec::new();
                for some in roles.chunks(ROLES_AT_ONCE) {
                    visits.extend(store::visits_of_day(tx, some, from, to, most).await?);
                }
                Ok::<_, DbError>(visits)
            })
        })
        .await?;
    visits.sort_by_key(|visit| (visit.start, visit.number));
    visits.truncate(LISTED_MAX);
    Ok(visits)
}

/// The visits of these roles that wait for an answer, of the clinic or of the person to what the clinic has proposed, with what was said so far:
/// earliest first, at most [`LISTED_MAX`]. Names nobody (I5).
///
/// # Errors
/// A fault of the database.
pub async fn visits_to_answer(world: &World, roles: Vec<RoleId>) -> Result<Vec<(Appointment, Response)>, DbError> {
    let most = i64::try_from(LISTED_MAX).unwrap_or(i64::MAX);
    let (mut visits, responses) = world
        .db
        .read("visits to answer", move |tx| {
            let roles = roles.clone();
            Box::pin(async move {
                let mut visits = Vec::new();
                for some in roles.chunks(ROLES_AT_ONCE) {
                    visits.extend(store::visits_to_answer(tx, some, most).await?);
                }
                let ids: Vec<AppointmentId> = visits.iter().map(|visit| visit.id).collect();
                let responses = store::response::of_each(tx, &ids).await?;
                Ok::<_, DbError>((visits, responses))
            })
        })
        .await?;
    visits.sort_by_key(|visit| (visit.start, visit.number));
    visits.truncate(LISTED_MAX);
    let by_visit: HashMap<AppointmentId, Response> = responses.into_iter().map(|response| (response.visit, response)).collect();
    Ok(visits.into_iter().filter_map(|visit| by_visit.get(&visit.id).map(|response| (visit.clone(), *response))).collect())
}

/// A visit's person, as far as staff who receive them need to know.
#[derive(Debug, Clone)]
pub struct OpenedForStaff {
    /// Name.
    pub name: Personal<String>,
    /// E.164.
    pub phone: Personal<String>,
}

/// Why a person was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenForStaffError {
    /// There is no such visit, or it is nobody's any more.
    Unknown,
    /// The visit is none of these roles'.
    Elsewhere,
    /// The visit has come off, no consent covers it, or the session does not count any more.
    Refused,
    /// Database or key store failed.
    Unavailable,
}

impl From<OpenError> for OpenForStaffError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Db(_) => OpenForStaffError::Unavailable,
            _ => OpenForStaffError::Refused,
        }
    }
}

impl From<DbError> for OpenForStaffError {
    fn from(fault: DbError) -> Self {
        tracing::error!(%fault, "a person could not be opened for staff");
        OpenForStaffError::Unavailable
    }
}

/// A refusal inside the transaction: it commits.
pub(crate) struct Shut(pub(crate) OpenForStaffError, pub(crate) Option<DbError>);

impl From<DbError> for Shut {
    fn from(fault: DbError) -> Self {
        Shut(OpenForStaffError::Unavailable, Some(fault))
    }
}

impl From<OpenError> for Shut {
    fn from(error: OpenError) -> Self {
        if let OpenError::Db(fault) = error { Shut::from(fault) } else { Shut(error.into(), None) }
    }
}

impl db::Refusal for Shut {
    fn fault(&self) -> Option<&DbError> {
        self.1.as_ref()
    }
}

/// These visits, by their ids; those that are nobody's any more are missing.
///
/// # Errors
/// A fault of the database.
pub async fn visits_by_id(tx: &mut Tx, ids: &[AppointmentId]) -> Result<HashMap<AppointmentId, Appointment>, DbError> {
    let mut visits = HashMap::with_capacity(ids.len());
    for some in ids.chunks(ROLES_AT_ONCE) {
        visits.extend(store::appointments(tx, some).await?.into_iter().map(|visit| (visit.id, visit)));
    }
    Ok(visits)
}

/// Opens the person of a visit for an agent who is about to call them, whatever state it is in; the opening, with who asked, is in the log. The
/// caller has looked that the agent has the visit's item in hand.
///
/// # Errors
/// Why not.
pub async fn open_for_call(
    world: &World,
    visit: AppointmentId,
    session: [u8; 16],
    idle_minutes: i64,
) -> Result<(Appointment, OpenedForStaff), OpenForStaffError> {
    open(world, visit, session, idle_minutes, |_| Ok(())).await
}

/// Opens the person of a visit of these roles for whoever holds the session; the opening, with who asked, is in the log (clauses 2.1, 7.4).
/// A visit that has come off opens nobody: there is nothing to receive them for.
///
/// # Errors
/// Why not.
pub async fn open_for_staff(
    world: &World,
    visit: AppointmentId,
    roles: &[RoleId],
    session: [u8; 16],
    idle_minutes: i64,
) -> Result<(Appointment, OpenedForStaff), OpenForStaffError> {
    open(world, visit, session, idle_minutes, |found| {
        if !roles.contains(&found.role) {
            Err(OpenForStaffError::Elsewhere)
        } else if found.status.holds_time() {
            Ok(())
        } else {
            Err(OpenForStaffError::Refused)
        }
    })
    .await
}

/// Opens the people of all these visits for whoever receives them, under one proof of who asks: one entry for each person, in as many statements as
/// for one. Visits that have come off, and people whom no consent opens any more, are missing. The caller has looked that the visits are theirs.
///
/// # Errors
/// Why nobody is opened.
pub async fn open_day(
    world: &World,
    visits: &[Appointment],
    session: [u8; 16],
    idle_minutes: i64,
) -> Result<HashMap<AppointmentId, OpenedForStaff>, OpenForStaffError> {
    let mut opened = HashMap::with_capacity(visits.len());
    let of: Vec<AppointmentId> = visits.iter().filter(|visit| visit.status.holds_time()).map(|visit| visit.id).collect();
    for some in of.chunks(OPENED_MAX) {
        let ids = some.to_vec();
        let links = world.db.read("links of a day", move |tx| {
            let ids = ids.clone();
            Box::pin(async move { store::appointment_links(tx, &ids).await })
        });
        let mut people = Vec::with_capacity(some.len());
        for (visit, link) in links.await? {
            let (person, _) = world.keys.open_link(&visit.bytes(), &link).map_err(unreadable)?;
            people.push((visit, person));
        }
        let persons: Vec<PersonId> = people.iter().map(|(_, person)| *person).collect();
        let known = world.keys.people(&persons).await.map_err(unreadable)?;
        let known: Vec<(AppointmentId, Known)> =
            people.iter().filter_map(|(visit, person)| Some((*visit, known.get(person)?.clone()))).collect();
        let found = world
            .db
            .run("open a day", move |tx| {
                let known = known.clone();
                Box::pin(async move { open_many(tx, &known, session, idle_minutes).await })
            })
            .await
            .map_err(|Shut(why, _)| why)?;
        opened.extend(found);
    }
    Ok(opened)
}

async fn open_many(
    tx: &mut Tx,
    known: &[(AppointmentId, Known)],
    session: [u8; 16],
    idle_minutes: i64,
) -> Result<Vec<(AppointmentId, OpenedForStaff)>, Shut> {
    let asker = Asker::Staff(prove_staff(tx, session, idle_minutes).await?.ok_or(Shut(OpenForStaffError::Refused, None))?);
    let of: Vec<(&SubjectKey, [u8; 16])> = known.iter().map(|(visit, known)| (known.key(), visit.bytes())).collect();
    let consents = consent::given_each(tx, &of).await?;
    let (mut allowed, mut permits) = (Vec::with_capacity(known.len()), Vec::with_capacity(known.len()));
    for ((visit, known), consents) in known.iter().zip(consents) {
        match patients::permit_of_staff(tx, known.key(), asker, &[Field::Name, Field::Phone], visit.bytes(), &consents).await {
            Ok(permit) => {
                allowed.push((visit, known));
                permits.push(permit);
            }
            Err(OpenError::Db(fault)) => return Err(fault.into()),
            // The log says that nothing allowed it.
            Err(_) => {}
        }
    }
    record_openings(tx, &mut permits).await?;
    let mut opened = Vec::with_capacity(allowed.len());
    for ((visit, known), permit) in allowed.into_iter().zip(&mut permits) {
        let name = known.sealed::<String>(Field::Name).ok_or(OpenError::Outside)?.open(tx, permit).await?;
        let phone = known.sealed::<String>(Field::Phone).ok_or(OpenError::Outside)?.open(tx, permit).await?;
        opened.push((*visit, OpenedForStaff { name, phone }));
    }
    Ok(opened)
}

fn unreadable(fault: KeyError) -> OpenForStaffError {
    tracing::error!(%fault, "a visit's person could not be followed");
    OpenForStaffError::Unavailable
}

async fn open(
    world: &World,
    visit: AppointmentId,
    session: [u8; 16],
    idle_minutes: i64,
    may: impl FnOnce(&Appointment) -> Result<(), OpenForStaffError>,
) -> Result<(Appointment, OpenedForStaff), OpenForStaffError> {
    let found = world
        .db
        .read("visit for staff", move |tx| {
            Box::pin(async move {
                let found = store::appointment(tx, visit).await?;
                let link = store::appointment_link(tx, visit).await?;
                Ok::<_, DbError>(found.zip(link))
            })
        })
        .await?;
    let (found, link) = found.ok_or(OpenForStaffError::Unknown)?;
    may(&found)?;
    let (person, _) = world.keys.open_link(&visit.bytes(), &link).map_err(unreadable)?;
    let known = world.keys.known(person).await.map_err(unreadable)?.ok_or(OpenForStaffError::Unknown)?;
    let opened = world
        .db
        .run("open for staff", move |tx| {
            let known = known.clone();
            Box::pin(async move {
                let proof = prove_staff(tx, session, idle_minutes).await?.ok_or(Shut(OpenForStaffError::Refused, None))?;
                let consents = consent::given(tx, known.key(), &visit.bytes()).await?;
                let mut permit =
                    patients::permit_of_staff(tx, known.key(), Asker::Staff(proof), &[Field::Name, Field::Phone], visit.bytes(), &consents)
                        .await?;
                let name = known.sealed::<String>(Field::Name).ok_or(OpenError::Outside)?.open(tx, &mut permit).await?;
                let phone = known.sealed::<String>(Field::Phone).ok_or(OpenError::Outside)?.open(tx, &mut permit).await?;
                Ok(OpenedForStaff { name, phone })
            })
        })
        .await
        .map_err(|Shut(why, _)| why)?;
    Ok((found, opened))
}
