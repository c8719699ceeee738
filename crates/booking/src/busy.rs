//! A clinic takes time for itself: blocks a stretch, or writes down a visit that came by its own phone, of which it tells nothing but the time. So the
//! free times that people see stay true. Visits that stand below a block stay until somebody moves them; the time that they let go falls to the
//! block and to nobody else (I1).

use access::StaffId;
use clock::{DAY, Timestamp};
use db::{DbError, Dirty, Tx};
use directory::catalogue::{Catalogue, RoleId};
use privacy::audit::{self, Entry};
use privacy::{Operation, Purpose};

use crate::appointment::Appointment;
use crate::by::By;
use crate::cells::{CELL_SECONDS, CELLS_MAX, cells, day_of};
use crate::free::claimed_by;
use crate::hold::CLINIC_AHEAD_MINUTES_MAX;
use crate::store;
use crate::world::World;

db::id!(
    /// Id of a time that a clinic has taken for itself.
    pub BusyId
);

/// Days of one block at most: a longer absence is several, or another schedule.
const BLOCK_DAYS_MAX: i64 = 31;
/// What one doctor may have written down that is not over (I9).
const OF_ROLE_MAX: i64 = 500;
/// What a day shows at most (I9).
const SHOWN_MAX: i64 = 500;
/// Lanes beside the public one (I1): as many visits may be put beside one that stands.
const OTHER_LANES: std::ops::RangeInclusive<i64> = 1..=3;
/// No visit is longer.
const LONGEST_SECONDS: i64 = CELLS_MAX as i64 * CELL_SECONDS;
/// What one sweep forgets at most.
const SWEPT_MAX: i64 = 100;

/// Why a time is taken (FHIR `Slot.status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BusyReason {
    /// Nobody is received (`busy-unavailable`).
    Unavailable,
    /// Somebody is, who came another way (`busy`).
    Elsewhere,
}

impl BusyReason {
    /// The word of the table and of texts.
    pub fn code(self) -> &'static str {
        match self {
            BusyReason::Unavailable => "unavailable",
            BusyReason::Elsewhere => "elsewhere",
        }
    }

    /// The one with that word.
    pub fn from_code(code: &str) -> Option<BusyReason> {
        [BusyReason::Unavailable, BusyReason::Elsewhere].into_iter().find(|reason| reason.code() == code)
    }
}

/// A time that a clinic has taken for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Busy {
    /// Its id.
    pub id: BusyId,
    /// For which doctor in the clinic it was written down.
    pub role: RoleId,
    /// Whose time it is.
    pub(crate) resource: [u8; 16],
    /// Why.
    pub reason: BusyReason,
    /// Begin.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    pub(crate) first_cell: i64,
    /// The one after the last.
    pub(crate) end_cell: i64,
    /// Put beside what stands there, after a second confirmation.
    pub overbooked: bool,
}

/// Why a time is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BusyError {
    /// No such doctor or service, or nothing by that id.
    Unknown,
    /// It is past, has no length, is longer than a block may be, or does not begin on a multiple of five minutes.
    Range,
    /// Something stands there: it can be put beside it by a second confirmation.
    Taken,
    /// As much stands there as can be put beside one another.
    Full,
    /// The doctor has as much written down as can be.
    TooMany,
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for BusyError {
    fn from(error: DbError) -> Self {
        BusyError::Db(error)
    }
}

impl db::Refusal for BusyError {
    fn fault(&self) -> Option<&DbError> {
        if let BusyError::Db(fault) = self { Some(fault) } else { None }
    }
}

impl BusyError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            BusyError::Unknown => "unknown",
            BusyError::Range => "range",
            BusyError::Taken => "taken",
            BusyError::Full => "full",
            BusyError::TooMany => "too_many",
            BusyError::Db(_) => "unavailable",
        }
    }
}

/// Whose time a block of this role takes: the doctor's; without one the device's or the room's.
fn resource(catalogue: &Catalogue, role: RoleId) -> Option<[u8; 16]> {
    let role = catalogue.role(role)?;
    role.practitioner.map(|id| id.bytes()).or_else(|| claimed_by(role, role.offer(None)?).first().copied())
}

fn on_grid(at: Timestamp) -> bool {
    at.micros().rem_euclid(CELL_SECONDS * clock::SECOND) == 0
}

async fn note(tx: &mut Tx, busy: BusyId, by: StaffId, outcome: &'static str) -> Result<(), DbError> {
    let (asker, object) = (By::Staff(by).code(), Some(busy.bytes()));
    let entry = Entry { operation: Operation::Use, purpose: Purpose::P1, asker, fields: Vec::new(), outcome, object, subject: None };
    audit::record(tx, &entry).await.map(drop)
}

async fn mark(tx: &mut Tx, busy: &Busy) -> Result<(), DbError> {
    for day in day_of(busy.first_cell)..=day_of(busy.end_cell - 1) {
        tx.mark_dirty(Dirty { whose: busy.resource, day }).await?;
    }
    Ok(())
}

async fn room_for_more(tx: &mut Tx, role: RoleId) -> Result<(), BusyError> {
    if store::busy::count_of(tx, role).await? >= OF_ROLE_MAX { Err(BusyError::TooMany) } else { Ok(()) }
}

/// Blocks `start..end` of a doctor's time, or of a device's without one. Visits that stand there stay; times that somebody only holds are lost to them.
///
/// # Errors
/// [`BusyError`].
pub async fn block(world: &World, role: RoleId, start: Timestamp, end: Timestamp, by: StaffId) -> Result<Busy, BusyError> {
    let resource = resource(&world.catalogue(), role).ok_or(BusyError::Unknown)?;
    let now = world.clock().now();
    let length = end.micros() - start.micros();
    let too_far = end > now.plus_minutes(CLINIC_AHEAD_MINUTES_MAX);
    if !on_grid(start) || !on_grid(end) || end <= now || too_far || length <= 0 || length > BLOCK_DAYS_MAX * DAY {
        return Err(BusyError::Range);
    }
    // What is over needs no block.
    let taken = cells(start.max(now), end);
    let id = BusyId::random(world.clock());
    let busy = Busy {
        id,
        role,
        resource,
        reason: BusyReason::Unavailable,
        start,
        end,
        first_cell: taken.start,
        end_cell: taken.end,
        overbooked: false,
    };
    let (written, dirty) = world
        .db
        .run("block a time", move |tx| {
            let busy = busy.clone();
            Box::pin(async move {
                room_for_more(tx, role).await?;
                store::busy::insert(tx, &busy).await?;
                store::busy::take(tx, &busy).await?;
                note(tx, busy.id, by, "blocked").await?;
                mark(tx, &busy).await?;
                Ok::<_, BusyError>((busy, tx.marked()))
            })
        })
        .await?;
    world.seen(&dirty).await;
    Ok(written)
}

/// Writes down a visit that came another way: a service of this doctor from `start` on, whatever the pattern says. Where something stands already,
/// only `confirmed` puts it beside that, which the log says.
///
/// # Errors
/// [`BusyError`].
pub async fn add_own(
    world: &World,
    role: RoleId,
    service: Option<&str>,
    start: Timestamp,
    confirmed: bool,
    by: StaffId,
) -> Result<Busy, BusyError> {
    let catalogue = world.catalogue();
    let resource = resource(&catalogue, role).ok_or(BusyError::Unknown)?;
    let minutes = catalogue.role(role).and_then(|role| role.offer(service)).ok_or(BusyError::Unknown)?.minutes;
    let end = start.plus_minutes(minutes);
    if !on_grid(start) || end <= world.clock().now() || start > world.clock().now().plus_minutes(CLINIC_AHEAD_MINUTES_MAX) {
        return Err(BusyError::Range);
    }
    let taken = cells(start, end);
    let id = BusyId::random(world.clock());
    let busy = Busy {
        id,
        role,
        resource,
        reason: BusyReason::Elsewhere,
        start,
        end,
        first_cell: taken.start,
        end_cell: taken.end,
        overbooked: false,
    };
    let (written, dirty) = world
        .db
        .run("a visit that came another way", move |tx| {
            let mut busy = busy.clone();
            Box::pin(async move {
                room_for_more(tx, role).await?;
                let resource = store::Resource::Offered(busy.resource);
                let wanted: Vec<store::Wanted> = (busy.first_cell..busy.end_cell).map(|cell| store::Wanted { resource, cell }).collect();
                tx.savepoint().await?;
                let won = store::claim(tx, &wanted, busy.id.bytes(), None, store::FOR_EVER).await?;
                if won.len() < wanted.len() {
                    tx.undo().await?;
                    if !confirmed {
                        return Err(BusyError::Taken);
                    }
                    if !store::busy::take_beside(tx, &busy, OTHER_LANES).await? {
                        return Err(BusyError::Full);
                    }
                    busy.overbooked = true;
                    // What is free beside it is the clinic's too: nobody books the rest of its time.
                    store::claim(tx, &wanted, busy.id.bytes(), None, store::FOR_EVER).await?;
                } else {
                    tx.keep().await?;
                }
                store::busy::insert(tx, &busy).await?;
                note(tx, busy.id, by, if busy.overbooked { "overbooked" } else { "written_down" }).await?;
                mark(tx, &busy).await?;
                Ok::<_, BusyError>((busy, tx.marked()))
            })
        })
        .await?;
    world.seen(&dirty).await;
    Ok(written)
}

/// Gives a time back that was taken for one of these roles.
///
/// # Errors
/// [`BusyError::Unknown`] when there is no such time, or it is none of theirs.
pub async fn give_back(world: &World, id: BusyId, roles: &[RoleId], by: StaffId) -> Result<Busy, BusyError> {
    let roles = roles.to_vec();
    let (busy, dirty) = world
        .db
        .run("give a time back", move |tx| {
            let roles = roles.clone();
            Box::pin(async move {
                let busy = store::busy::by_id(tx, id).await?.filter(|busy| roles.contains(&busy.role)).ok_or(BusyError::Unknown)?;
                store::busy::remove(tx, id).await?;
                note(tx, id, by, "given_back").await?;
                Ok::<_, BusyError>((busy, tx.marked()))
            })
        })
        .await?;
    world.seen(&dirty).await;
    Ok(busy)
}

/// What stands in a doctor's calendar between two instants: visits and requests booked, and what the clinic has taken for itself. Names nobody (I5).
///
/// # Errors
/// A fault of the database.
pub async fn calendar(world: &World, role: RoleId, from: Timestamp, to: Timestamp) -> Result<(Vec<Appointment>, Vec<Busy>), DbError> {
    world
        .db
        .read("calendar of a doctor", move |tx| {
            Box::pin(async move {
                // A visit that has begun before is still under way.
                let visits = store::visits_of_day(tx, &[role], from.plus_seconds(-LONGEST_SECONDS), to, SHOWN_MAX).await?;
                let visits = visits.into_iter().filter(|visit| visit.end > from && visit.status.holds_time()).collect();
                Ok::<_, DbError>((visits, store::busy::of_roles(tx, &[role], from, to, SHOWN_MAX).await?))
            })
        })
        .await
}

/// The time of a visit that its clinic declines, because nobody is there or it is taken, is offered to nobody else: before the visit lets it go.
pub(crate) async fn keep_from_others(tx: &mut Tx, visit: &Appointment) -> Result<(), DbError> {
    for (resource, first_cell, end_cell) in store::busy::claimed_by_visit(tx, visit.id.bytes()).await? {
        let busy = Busy {
            id: BusyId::random(tx.clock()),
            role: visit.role,
            resource,
            reason: BusyReason::Unavailable,
            start: visit.start,
            end: visit.end,
            first_cell,
            end_cell,
            overbooked: false,
        };
        store::busy::insert(tx, &busy).await?;
    }
    Ok(())
}

/// Forgets what is over.
pub(crate) async fn sweep(tx: &mut Tx) -> Result<u64, DbError> {
    let now = tx.now();
    let over = store::busy::over(tx, now, SWEPT_MAX).await?;
    for id in &over {
        store::busy::remove(tx, *id).await?;
    }
    Ok(over.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for reason in [BusyReason::Unavailable, BusyReason::Elsewhere] {
            assert_eq!(BusyReason::from_code(reason.code()), Some(reason));
        }
        assert!(on_grid(Timestamp(0)) && !on_grid(Timestamp(1)));
    }
}
