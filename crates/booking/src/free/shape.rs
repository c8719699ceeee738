//! What the directory says about time, packed: one entry for each role, one for each offer, resources by number.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use clock::{DAY, Timestamp};
use directory::catalogue::{Catalogue, PractitionerRole, RoleService};
use jiff::tz::TimeZone;

use super::calendar::Calendar;
use crate::cells::cell_of;

/// No calendar: the role's place or zone is unknown, and it has no times.
const NONE: u32 = u32::MAX;

/// All roles of one directory.
#[derive(Default)]
pub(super) struct Shape {
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) calendars: Vec<Calendar>,
    pub(super) roles: Vec<RoleShape>,
    offers: Vec<OfferShape>,
    resources: HashMap<[u8; 16], u32>,
    /// Roles that claim each resource, one list after the other.
    users: Vec<u32>,
    users_end: Vec<u32>,
}

pub(super) struct RoleShape {
    pub(super) calendar: u32,
    offers: Range<u32>,
    pub(super) horizon_days: i64,
    pub(super) notice_minutes: i64,
    pub(super) of_feed: bool,
}

/// An offer's grid, and the numbers of what it claims.
pub(super) struct OfferShape {
    pub(super) minutes: i64,
    pub(super) before: i64,
    pub(super) after: i64,
    claims: [u32; 3],
}

impl OfferShape {
    pub(super) fn claims(&self) -> impl Iterator<Item = u32> {
        self.claims.into_iter().filter(|resource| *resource != NONE)
    }

    /// The cells that a visit takes of everything it claims.
    pub(super) fn cells(&self, start: Timestamp, end: Timestamp) -> Range<i64> {
        crate::cells::cells(start.plus_minutes(-self.before), end.plus_minutes(self.after))
    }
}

/// The ids that an offer claims: practitioner, device, room.
pub(crate) fn claimed_by(role: &PractitionerRole, offer: &RoleService) -> Vec<[u8; 16]> {
    let practitioner = role.practitioner.filter(|_| offer.with_practitioner).map(|id| id.bytes());
    let mut claims: Vec<[u8; 16]> =
        practitioner.into_iter().chain(offer.device.map(|id| id.bytes())).chain(offer.room.map(|id| id.bytes())).collect();
    claims.dedup();
    claims
}

impl Shape {
    pub(super) fn new(catalogue: Arc<Catalogue>, now: Timestamp) -> Shape {
        let mut shape = Shape::default();
        let mut by_zone: HashMap<&str, u32> = HashMap::new();
        let mut claims: Vec<(u32, u32)> = Vec::new();
        for (place, role) in (0u32..).zip(&catalogue.roles) {
            let calendar = catalogue.city_of(role).map_or(NONE, |city| {
                *by_zone.entry(city.zone.as_str()).or_insert_with(|| match TimeZone::get(&city.zone) {
                    Ok(zone) => {
                        shape.calendars.push(Calendar::new(zone, now));
                        u32::try_from(shape.calendars.len() - 1).unwrap_or(NONE)
                    }
                    Err(_) => NONE,
                })
            });
            let first = u32::try_from(shape.offers.len()).unwrap_or(NONE);
            for offer in &role.services {
                let mut numbers = [NONE; 3];
                for (number, id) in numbers.iter_mut().zip(claimed_by(role, offer)) {
                    let next = u32::try_from(shape.resources.len()).unwrap_or(NONE);
                    *number = *shape.resources.entry(id).or_insert(next);
                    claims.push((*number, place));
                }
                let (minutes, before, after) = (offer.minutes, offer.before_minutes, offer.after_minutes);
                shape.offers.push(OfferShape { minutes, before, after, claims: numbers });
            }
            shape.roles.push(RoleShape {
                calendar,
                offers: first..u32::try_from(shape.offers.len()).unwrap_or(NONE),
                horizon_days: role.horizon_days.max(1),
                notice_minutes: role.notice_minutes,
                of_feed: role.source.is_some(),
            });
        }
        claims.sort_unstable();
        claims.dedup();
        shape.users_end = vec![0; shape.resources.len()];
        for (resource, place) in claims {
            shape.users.push(place);
            if let Some(end) = shape.users_end.get_mut(resource as usize) {
                *end = u32::try_from(shape.users.len()).unwrap_or(NONE);
            }
        }
        shape.catalogue = catalogue.clone();
        shape
    }

    pub(super) fn resources(&self) -> usize {
        self.resources.len()
    }

    pub(super) fn resource(&self, id: &[u8; 16]) -> Option<u32> {
        self.resources.get(id).copied()
    }

    /// Places of the roles with an offer that claims that resource.
    pub(super) fn users(&self, resource: u32) -> &[u32] {
        let at = resource as usize;
        let from = at.checked_sub(1).and_then(|before| self.users_end.get(before)).copied().unwrap_or(0);
        self.users_end.get(at).and_then(|to| self.users.get(from as usize..*to as usize)).unwrap_or_default()
    }

    pub(super) fn calendar(&self, role: &RoleShape) -> Option<&Calendar> {
        self.calendars.get(role.calendar as usize)
    }

    /// The day on which the role's place lives, of those that were looked up once for each calendar.
    pub(super) fn today(role: &RoleShape, todays: &[i64]) -> i64 {
        todays.get(role.calendar as usize).copied().unwrap_or(i64::MAX / 2)
    }

    /// The offer of that service; the first when `None`.
    pub(super) fn offer(&self, place: usize, service: Option<&str>) -> Option<&OfferShape> {
        let at = match service {
            None => 0,
            Some(code) => self.catalogue.roles.get(place)?.services.iter().position(|offer| offer.service == code)?,
        };
        let offers = &self.roles.get(place)?.offers;
        self.offers.get(offers.start as usize..offers.end as usize)?.get(at)
    }

    /// All resources that the role's offers claim, and the cells of that civil day and its neighbours, in whatever zone.
    pub(super) fn looked_at(&self, place: usize, day: i64) -> (Vec<[u8; 16]>, Range<i64>) {
        let role = self.catalogue.roles.get(place);
        let resources = role.into_iter().flat_map(|role| role.services.iter().flat_map(|offer| claimed_by(role, offer))).collect();
        let at = |day: i64| cell_of(Timestamp(day.saturating_mul(DAY)));
        (resources, at(day.saturating_sub(1))..at(day.saturating_add(3)))
    }
}
