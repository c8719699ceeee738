//! Slots: those that follow from schedules are computed, those of clinics' feeds are stored.

use booking::World;
use clock::{DAY, Timestamp};
use directory::catalogue::{Catalogue, PractitionerRole, RoleId, SlotId, StoredSlot};
use directory::fhir::{computed_slot, out};
use directory::store::slots;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::Refusal;
use super::search::Asked;

/// Schedules looked through for one page at most; the link to the next page goes on where this one stopped.
const ROLES_MAX: usize = 2_000;

/// One slot by its id.
pub(super) async fn one(world: &World, id: &str) -> Result<Value, Refusal> {
    let catalogue = world.catalogue();
    if let Some((role, start)) = computed_slot(id) {
        let role = catalogue.role(role).filter(|role| role.source.is_none()).ok_or(Refusal::NotFound)?;
        let free = world.free.slots(role.id, None, start, Timestamp(start.micros() + 1), 1, None);
        let slot = free.first().ok_or(Refusal::NotFound)?;
        return Ok(out::computed_slot(role, slot.start, slot.end, &zone(&catalogue, role)));
    }
    let id: SlotId = id.parse().map_err(|_| Refusal::NotFound)?;
    let found = world.db.read("slot", move |tx| Box::pin(async move { slots::slots_of_ids(tx, &[id]).await })).await.map_err(fault)?;
    let (slot, _) = found.into_iter().next().ok_or(Refusal::NotFound)?;
    let role = catalogue.role(slot.role).ok_or(Refusal::NotFound)?;
    Ok(stored(world, &catalogue, role, &slot))
}

fn fault(fault: db::DbError) -> Refusal {
    tracing::error!(%fault, "slots could not be read");
    Refusal::Fault
}

fn zone(catalogue: &Catalogue, role: &PractitionerRole) -> TimeZone {
    catalogue.zone_of(role).unwrap_or(TimeZone::UTC)
}

/// A stored slot; busy when it has been booked here since the clinic published it.
fn stored(world: &World, catalogue: &Catalogue, role: &PractitionerRole, slot: &StoredSlot) -> Value {
    let claims = role.practitioner.is_some() || !role.resources().is_empty();
    let ours = slot.capacity == 1 && claims && slot.start > world.clock().now();
    let taken = ours && world.free.slots(role.id, None, slot.start, Timestamp(slot.start.micros() + 1), 1, None).is_empty();
    out::stored_slot(slot, slot.free && !taken, &zone(catalogue, role))
}

/// All stored slots of a role that have not ended.
async fn stored_of(
    world: &World,
    catalogue: &Catalogue,
    role: &PractitionerRole,
    from: Timestamp,
) -> Result<Vec<(Timestamp, Value)>, Refusal> {
    let id = role.id;
    let found = world.db.read("slots of a role", move |tx| Box::pin(async move { slots::slots_of_role(tx, id, from).await }));
    let found = found.await.map_err(fault)?;
    Ok(found.iter().map(|slot| (slot.start, stored(world, catalogue, role, slot))).collect())
}

/// One page of slots, by schedule and begin.
pub(super) async fn search(world: &World, asked: &Asked) -> Result<Value, Refusal> {
    let catalogue = world.catalogue();
    let (from, to) = span(asked, world.clock().now())?;
    let wanted: Vec<&str> = values(asked, "schedule").map(|value| value.rsplit('/').next().unwrap_or_default()).collect();
    let statuses: Vec<&str> = values(asked, "status").map(|value| value.rsplit('|').next().unwrap_or_default()).collect();
    if let Some(id) = values(asked, "_id").next() {
        let found: Vec<Value> = one(world, id).await.into_iter().collect();
        return Ok(asked.bundle(world, Some(found.len()), found, None));
    }
    // A page begins at a schedule and an instant of it.
    let (first, after) = match asked.page.as_deref() {
        None => (0, Timestamp(i64::MIN)),
        Some(page) => page
            .split_once('.')
            .and_then(|(place, micros)| Some((place.parse::<usize>().ok()?, Timestamp(micros.parse().ok()?))))
            .ok_or_else(|| Refusal::Wrong("_page".into()))?,
    };
    let places: Vec<usize> = if wanted.is_empty() {
        (first..catalogue.roles.len()).collect()
    } else {
        let mut places: Vec<usize> =
            wanted.iter().filter_map(|id| catalogue.role_place(id.parse::<RoleId>().ok()?)).filter(|place| *place >= first).collect();
        places.sort_unstable();
        places.dedup();
        places
    };
    let mut found = Vec::new();
    for (looked, place) in places.into_iter().enumerate() {
        let Some(role) = catalogue.roles.get(place) else { break };
        if looked >= ROLES_MAX {
            return Ok(asked.bundle(world, None, found, Some(format!("{place}.{}", i64::MIN))));
        }
        let begin = if place == first { from.max(after) } else { from };
        let slots: Vec<(Timestamp, Value)> = match &role.source {
            Some(_) => stored_of(world, &catalogue, role, begin).await?,
            None => {
                let zone = zone(&catalogue, role);
                let free = world.free.slots(role.id, None, begin, to, asked.count - found.len() + 1, None);
                free.into_iter().map(|slot| (slot.start, out::computed_slot(role, slot.start, slot.end, &zone))).collect()
            }
        };
        for (start, slot) in slots {
            let status = slot["status"].as_str().unwrap_or_default();
            if start < begin || start >= to || !(statuses.is_empty() || statuses.contains(&status)) {
                continue;
            }
            if found.len() >= asked.count {
                let next = (asked.count > 0).then(|| format!("{place}.{}", start.micros()));
                return Ok(asked.bundle(world, None, found, next));
            }
            found.push(slot);
        }
    }
    Ok(asked.bundle(world, None, found, None))
}

fn values<'a>(asked: &'a Asked, name: &'static str) -> impl Iterator<Item = &'a str> {
    asked.given.iter().filter(move |(given, _)| given == name).flat_map(|(_, values)| values.split(','))
}

/// The begins asked for; from now on, when nothing is said.
fn span(asked: &Asked, now: Timestamp) -> Result<(Timestamp, Timestamp), Refusal> {
    let wrong = || Refusal::Wrong("start".into());
    let (mut from, mut to) = (now, Timestamp(now.micros().saturating_add(400 * DAY)));
    for value in values(asked, "start") {
        let (prefix, text) = match value.get(..2) {
            Some(prefix @ ("ge" | "gt" | "le" | "lt" | "eq")) => (prefix, value.get(2..).unwrap_or_default()),
            _ => ("eq", value),
        };
        // A date is a whole day of UTC; an instant is an instant. A plus sign of an offset may have become a blank.
        let (first, last) = if text.len() == 10 {
            let first = Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z")).map_err(|_| wrong())?;
            (first, Timestamp(first.micros() + DAY))
        } else {
            let first = Timestamp::parse_rfc3339(&text.replace(' ', "+")).map_err(|_| wrong())?;
            (first, Timestamp(first.micros() + 1))
        };
        match prefix {
            "ge" => from = from.max(first),
            "gt" => from = from.max(last),
            "le" => to = to.min(last),
            "lt" => to = to.min(first),
            _ => (from, to) = (from.max(first), to.min(last)),
        }
    }
    Ok((from, to))
}
