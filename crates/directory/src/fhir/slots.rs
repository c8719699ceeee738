//! Slots of a feed: one line into a [`StoredSlot`], and why it can or cannot be booked here.

use std::collections::HashMap;
use std::fmt;

use clock::Timestamp;
use db::reexport::Uuid;
use serde_json::Value;

use super::feed::Feed;
use super::ours;
use super::read::{Fault, extension, extension_ending, items, string, target};
use super::take::{head, is_own, web_address};
use crate::catalogue::{Catalogue, RoleId, SlotId, StoredSlot};

/// A slot longer than this is a mistake.
const DAYS_MAX: i64 = 366;
/// Slots lie between these years: a clinic's system that says otherwise has lost its calendar.
const YEARS: (&str, &str) = ("1970-01-01T00:00:00Z", "2200-01-01T00:00:00Z");

/// What a line of a feed says.
pub(super) enum Told {
    /// A slot.
    Slot(StoredSlot),
    /// A slot that follows from a role's rules: known without being stored.
    Computed,
    /// A slot that the clinic has taken back.
    Withdrawn,
}

/// Whose times the feed's schedules are.
pub(super) struct Schedules<'a> {
    pub(super) feed: &'a Feed,
    /// By the id of a schedule in this feed.
    pub(super) told: &'a HashMap<String, RoleId>,
    /// The directory with all that the feed brought.
    pub(super) known: &'a Catalogue,
}

/// Reads one Slot.
pub(super) fn slot(schedules: &Schedules<'_>, resource: &Value) -> Result<Told, Fault> {
    let (_, their) = head(resource)?;
    let feed = schedules.feed;
    let own = is_own(feed, resource)?;
    if extension(resource, "computed")?.is_some() {
        return Ok(Told::Computed);
    }
    let status = string(resource, "status", 40)?.ok_or_else(|| Fault::new("status", "absent; write free or busy"))?;
    let free = match status.as_str() {
        "free" => true,
        "busy" | "busy-unavailable" | "busy-tentative" => false,
        "entered-in-error" => return Ok(Told::Withdrawn),
        _ => return Err(Fault::new("status", "not a status of a slot; write free or busy")),
    };
    let schedule = resource.get("schedule").ok_or_else(|| Fault::new("schedule", "absent; say whose time it is"))?;
    let (kind, schedule) = target(schedule, "schedule")?;
    if kind != "Schedule" {
        return Err(Fault::new("schedule.reference", "not a reference to a Schedule; write it as Schedule/1"));
    }
    let derived = || RoleId(Uuid::from_bytes(feed.id("Schedule", &schedule)));
    let role = schedules.told.get(&schedule).copied().or_else(|| Some(derived()).filter(|role| schedules.known.role(*role).is_some()));
    let role = role.ok_or_else(|| Fault::new("schedule.reference", "names a schedule that is not in the feed or was refused; add it"))?;
    if schedules.known.role(role).is_some_and(|role| role.source.is_none()) {
        return Ok(Told::Computed);
    }
    let (start, end) = (instant(resource, "start")?, instant(resource, "end")?);
    if start >= end {
        return Err(Fault::new("end", "not later than start; correct one of them"));
    }
    if end.micros() - start.micros() > DAYS_MAX * clock::DAY {
        return Err(Fault::new("end", "more than a year after start; correct one of them"));
    }
    let capacity = match extension_ending(resource, "slot-capacity")? {
        None => 1,
        Some(found) => found["valueInteger"]
            .as_i64()
            .filter(|capacity| (0..=1_000_000).contains(capacity))
            .ok_or_else(|| Fault::new("extension.slot-capacity", "not a whole number from 0 to 1000000; correct it"))?,
    };
    let deep_link = match extension_ending(resource, "booking-deep-link")? {
        None => String::new(),
        Some(found) => match string(found, "valueUrl", 2_000)? {
            Some(link) => web_address(&link, "extension.booking-deep-link")?,
            None => String::new(),
        },
    };
    let phone = extension_ending(resource, "booking-phone")?.map(|found| string(found, "valueString", 64)).transpose()?.flatten();
    let (mut source, mut their_id) = (feed.source.clone(), their.clone());
    let id = if own {
        if let Some(said) = extension(resource, "source")?.map(|said| string(said, "valueString", 40)).transpose()?.flatten() {
            source = said;
        }
        let said = items(resource, "identifier")?.iter().find(|identifier| identifier["system"] == ours("their-id"));
        if let Some(said) = said.map(|said| string(said, "value", 200)).transpose()?.flatten() {
            their_id = said;
        }
        their.parse().map_err(|_| Fault::new("id", "not a UUID beside an identifier of this program; leave that identifier out"))?
    } else {
        SlotId(Uuid::from_bytes(feed.id("Slot", &their)))
    };
    Ok(Told::Slot(StoredSlot { id, role, source, their_id, start, end, free, capacity, deep_link, phone: phone.unwrap_or_default() }))
}

fn instant(resource: &Value, field: &str) -> Result<Timestamp, Fault> {
    let text = string(resource, field, 40)?.ok_or_else(|| Fault::new(field, "absent; give an instant with its offset"))?;
    let wrong = || Fault::new(field, "not an instant with an offset; write it as 2026-12-31T09:00:00+05:00");
    let instant = Timestamp::parse_rfc3339(&text).map_err(|_| wrong())?;
    let within = |bound: &str| Timestamp::parse_rfc3339(bound).map_err(|_| wrong());
    if (within(YEARS.0)?..within(YEARS.1)?).contains(&instant) {
        Ok(instant)
    } else {
        Err(Fault::new(field, "not between the years 1970 and 2200; correct it"))
    }
}

/// How many of a feed's slots can be booked here, and of the others how many for each reason; one slot may have several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bookable {
    /// Can be booked.
    pub bookable: usize,
    /// The clinic's system says that they are taken.
    pub busy: usize,
    /// Have begun.
    pub past: usize,
    /// Are for more people than one, or for nobody.
    pub capacity: usize,
    /// Their schedule has no doctor, device or room that could be claimed.
    pub nobody: usize,
    /// Their city has no time zone.
    pub no_zone: usize,
}

impl Bookable {
    /// Counts one slot.
    pub(super) fn count(&mut self, known: &Catalogue, slot: &StoredSlot, now: Timestamp) {
        let role = known.role(slot.role);
        let claims = role.is_some_and(|role| {
            role.services
                .iter()
                .any(|offer| (offer.with_practitioner && role.practitioner.is_some()) || offer.device.or(offer.room).is_some())
        });
        let zone = role.is_some_and(|role| known.zone_of(role).is_some());
        let faults = [!slot.free, slot.start <= now, slot.capacity != 1, !claims, !zone];
        let counts = [&mut self.busy, &mut self.past, &mut self.capacity, &mut self.nobody, &mut self.no_zone];
        for (count, fault) in counts.into_iter().zip(faults) {
            *count += usize::from(fault);
        }
        self.bookable += usize::from(faults == [false; 5]);
    }
}

impl fmt::Display for Bookable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons = [
            (self.past, "in the past"),
            (self.capacity, "not for one person"),
            (self.nobody, "without a doctor, device or room to claim"),
            (self.busy, "taken at the clinic"),
            (self.no_zone, "in a city without a time zone (say which by --zone)"),
        ];
        let reasons: Vec<String> =
            reasons.iter().filter(|(count, _)| *count > 0).map(|(count, reason)| format!("{count} {reason}")).collect();
        match self.bookable {
            0 => f.write_str("none bookable")?,
            some => write!(f, "{some} bookable")?,
        }
        if reasons.is_empty() { Ok(()) } else { write!(f, ": {}", reasons.join(", ")) }
    }
}
