//! A time is held while the form is filled. Whoever has the hold's id owns it; it hides the time from everybody else, never from them.

use clock::{SECOND, Timestamp};
use db::{DbError, Dirty, Tx};
use directory::catalogue::{Catalogue, PractitionerRole, RoleId};
use privacy::Profile;

use crate::cells::{CELL_SECONDS, cells, day_of};
use crate::free::{FreeTime, claimed_by};
use crate::store::{self, Resource, Wanted};

/// How far ahead a clinic may name a time: a year, as far as the longest schedule.
pub(crate) const CLINIC_AHEAD_MINUTES_MAX: i64 = 366 * 24 * 60;

db::id!(
    /// A hold's id: the capability to use it.
    pub HoldId
);

impl HoldId {
    /// An id that follows from a MAC: a second click makes the same one, and nobody can guess it.
    pub(crate) fn from_mac(mac: &[u8; 32]) -> HoldId {
        HoldId(db::reexport::uuid_from_mac(mac))
    }
}

/// A time kept for somebody until `expires_at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// The doctor in the clinic.
    pub role: RoleId,
    /// Code of the service.
    pub service: String,
    /// Begin.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Why a time cannot be had; the same answers for holding, booking and moving.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeError {
    /// No such doctor in a clinic.
    UnknownRole,
    /// The doctor does not offer this service there.
    UnknownService,
    /// The time is past, or closer than the doctor's notice.
    Past,
    /// The schedule has no such time.
    NotOffered,
    /// Somebody else has it.
    Taken,
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for TimeError {
    fn from(error: DbError) -> Self {
        TimeError::Db(error)
    }
}

impl db::Refusal for TimeError {
    fn fault(&self) -> Option<&DbError> {
        if let TimeError::Db(error) = self { Some(error) } else { None }
    }
}

/// A time that the schedule offers: what is claimed. Made only by [`offer`].
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    pub(crate) role: RoleId,
    /// Ids of practitioner, device, room: what is claimed; never empty.
    pub(crate) claims: Vec<[u8; 16]>,
    /// The cells taken of each of them: the visit with its buffers.
    pub(crate) taken: std::ops::Range<i64>,
    pub(crate) service: String,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) zone: String,
    pub(crate) price_minor: i64,
    pub(crate) currency: String,
}

impl Offer {
    /// Every cell of everything that is claimed: one doctor, one device is one resource, in however many clinics and offers.
    pub(crate) fn wanted(&self) -> Vec<Wanted> {
        let of = |resource: &[u8; 16]| {
            let resource = Resource::Offered(*resource);
            self.taken.clone().map(move |cell| Wanted { resource, cell })
        };
        self.claims.iter().flat_map(of).collect()
    }

    /// Marks the days of everything that is claimed.
    pub(crate) async fn mark(&self, tx: &mut Tx) -> Result<(), DbError> {
        let mut days: Vec<i64> = self.taken.clone().map(day_of).collect();
        days.dedup();
        for whose in &self.claims {
            for day in &days {
                tx.mark_dirty(Dirty { whose: *whose, day: *day }).await?;
            }
        }
        Ok(())
    }
}

/// Checks a wanted time against directory and schedule: pure but for the clock.
pub(crate) fn offer(
    free: &FreeTime,
    catalogue: &Catalogue,
    now: Timestamp,
    role: RoleId,
    service: Option<&str>,
    start: Timestamp,
) -> Result<Offer, TimeError> {
    let role: &PractitionerRole = catalogue.role(role).ok_or(TimeError::UnknownRole)?;
    let city = catalogue.city_of(role).ok_or(TimeError::UnknownRole)?;
    let chosen = role.offer(service).ok_or(TimeError::UnknownService)?;
    if start < now.plus_minutes(role.notice_minutes) {
        return Err(TimeError::Past);
    }
    let (slot, taken) = free.offered(role.id, service, start).ok_or(TimeError::NotOffered)?;
    let claims = claimed_by(role, chosen);
    if claims.is_empty() {
        return Err(TimeError::NotOffered);
    }
    Ok(Offer {
        role: role.id,
        claims,
        taken,
        service: chosen.service.clone(),
        start,
        end: slot.end,
        zone: city.zone.clone(),
        price_minor: chosen.price_minor,
        currency: city.currency.clone(),
    })
}

/// A time that the clinic itself names, whatever its pattern says: on the grid of five minutes and ahead. Whether it is free the claim decides.
///
/// # Errors
/// [`TimeError::NotOffered`] off the grid or too far ahead, [`TimeError::Past`] when it has begun.
pub(crate) fn offer_of_clinic(
    catalogue: &Catalogue,
    now: Timestamp,
    role: RoleId,
    service: Option<&str>,
    start: Timestamp,
) -> Result<Offer, TimeError> {
    let role: &PractitionerRole = catalogue.role(role).ok_or(TimeError::UnknownRole)?;
    let city = catalogue.city_of(role).ok_or(TimeError::UnknownRole)?;
    let chosen = role.offer(service).ok_or(TimeError::UnknownService)?;
    if start <= now {
        return Err(TimeError::Past);
    }
    let on_grid = start.micros().rem_euclid(CELL_SECONDS * SECOND) == 0;
    let claims = claimed_by(role, chosen);
    if !on_grid || start > now.plus_minutes(CLINIC_AHEAD_MINUTES_MAX) || claims.is_empty() {
        return Err(TimeError::NotOffered);
    }
    let end = start.plus_minutes(chosen.minutes);
    Ok(Offer {
        role: role.id,
        claims,
        taken: cells(start.plus_minutes(-chosen.before_minutes), end.plus_minutes(chosen.after_minutes)),
        service: chosen.service.clone(),
        start,
        end,
        zone: city.zone.clone(),
        price_minor: chosen.price_minor,
        currency: city.currency.clone(),
    })
}

/// Holds the time for the profile's term. Durable, and seen by all other doors at once. `id` names the hold: asked for the same
/// again (a second click), the answer is the same. `previous` is a hold of the same browser: it is let go, and its cells count as free.
///
/// # Errors
/// [`TimeError::Taken`] when another hold or visit has a part of it; then the previous hold stays.
pub(crate) async fn hold(tx: &mut Tx, id: HoldId, offer: &Offer, profile: &Profile, previous: Option<HoldId>) -> Result<Hold, TimeError> {
    let expires_at = tx.now().plus_seconds(profile.hold_seconds);
    match store::hold(tx, id).await? {
        Some(same) if same.expires_at > tx.now() => return Ok(same),
        // The same page is asked again after its hold ran out.
        Some(_) => store::release_hold(tx, id).await?,
        None => {}
    }
    let hold = Hold { id, role: offer.role, service: offer.service.clone(), start: offer.start, end: offer.end, expires_at };
    let wanted = offer.wanted();
    tx.savepoint().await?;
    let won = store::claim(tx, &wanted, id.bytes(), previous.map(|previous| previous.bytes()), expires_at).await?;
    if won.len() < wanted.len() || !store::insert_hold(tx, &hold).await? {
        tx.undo().await?;
        return Err(TimeError::Taken);
    }
    tx.keep().await?;
    if let Some(previous) = previous {
        store::let_go(tx, previous).await?;
    }
    offer.mark(tx).await?;
    Ok(hold)
}
