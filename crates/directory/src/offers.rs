//! What a row of the CSV form offers: its prices and its cell `services`, as services with what each of them claims. Pure.

use crate::catalogue::{LocationId, ResourceId, ResourceKind, RoleService};
use crate::cells::{GivenOffer, key};
use crate::csv_form::Given;
use crate::reference::{consultation, follow_up, home_visit, online_consultation};
use crate::refused::Reason;
use crate::resolve::{Known, uuid8};

/// The cells of a row that say what is offered.
pub(crate) struct Offering {
    pub(crate) specialties: Vec<String>,
    pub(crate) first: Option<(i64, i64)>,
    pub(crate) repeat: Option<(i64, i64)>,
    pub(crate) home: Option<(i64, i64)>,
    pub(crate) online: Option<(i64, i64)>,
    pub(crate) offers: Vec<GivenOffer>,
    pub(crate) device: Option<Given>,
    pub(crate) room: Option<Given>,
    pub(crate) before_minutes: i64,
    pub(crate) after_minutes: i64,
    pub(crate) with_practitioner: bool,
    pub(crate) resources: Vec<(ResourceId, ResourceKind, Given)>,
}

/// Specialties, offers, the devices and rooms that they name, and the one that is booked when there is no doctor.
type Offered = (Vec<String>, Vec<RoleService>, Vec<(ResourceId, ResourceKind, Given)>, Option<ResourceId>);

/// What the row offers at that place. The visits of its specialties come first, in the clinic, then at home, then online; the services
/// of the cell `services` after them. The row's device and room are claimed by everything in the clinic that names no other.
pub(crate) fn resolve(known: &Known, location: LocationId, mut row: Offering, refuse: &mut impl FnMut(&'static str, Reason)) -> Offered {
    let row_device = row.device.take().map(|names| row.resource(location, ResourceKind::Device, names));
    let row_room = row.room.take().map(|names| row.resource(location, ResourceKind::Room, names));
    let mut services: Vec<RoleService> = Vec::new();
    let plain = |service: String, (price_minor, minutes): (i64, i64), in_clinic: bool| RoleService {
        before_minutes: row.before_minutes,
        after_minutes: row.after_minutes,
        device: row_device.filter(|_| in_clinic),
        room: row_room.filter(|_| in_clinic),
        with_practitioner: row.with_practitioner,
        ..RoleService::simple(service, price_minor, minutes)
    };
    for specialty in &row.specialties {
        services.extend(row.first.map(|first| plain(consultation(specialty), first, true)));
        services.extend(row.repeat.map(|repeat| plain(follow_up(specialty), repeat, true)));
    }
    for (column, mode, given, code) in
        [("home_price", "home", row.home, home_visit as fn(&str) -> String), ("online_price", "online", row.online, online_consultation)]
    {
        let Some(given) = given else { continue };
        let known_codes: Vec<String> =
            row.specialties.iter().map(|specialty| code(specialty)).filter(|code| known.specialty_of.contains_key(code)).collect();
        if let (true, Some(specialty)) = (known_codes.is_empty(), row.specialties.first()) {
            refuse(column, Reason::ServiceMissing { specialty: specialty.clone(), mode });
        }
        services.extend(known_codes.into_iter().map(|code| plain(code, given, false)));
    }
    let mut specialties = std::mem::take(&mut row.specialties);
    for offer in std::mem::take(&mut row.offers) {
        let Some(code) = known.services.get(&key(&offer.service)) else {
            refuse("services", Reason::ServiceUnknown { given: offer.service });
            continue;
        };
        if services.iter().any(|known| known.service == *code) {
            refuse("services", Reason::ServiceTwice { given: offer.service });
            continue;
        }
        let device = offer.device.map(|names| row.resource(location, ResourceKind::Device, names)).or(row_device);
        let room = offer.room.map(|names| row.resource(location, ResourceKind::Room, names)).or(row_room);
        services.push(RoleService {
            service: code.clone(),
            price_minor: offer.price_minor,
            minutes: offer.minutes,
            before_minutes: offer.before.unwrap_or(row.before_minutes),
            after_minutes: offer.after.unwrap_or(row.after_minutes),
            device,
            room,
            with_practitioner: row.with_practitioner && !offer.alone,
        });
        if !row.with_practitioner
            && let Some(specialty) = known.specialty_of.get(code)
            && !specialties.contains(specialty)
        {
            // A device is found under the specialties of what is done with it.
            specialties.push(specialty.clone());
        }
    }
    (specialties, services, row.resources, row_device.or(row_room))
}

impl Offering {
    /// The id of a device or room at that place; it stands in the list afterwards, once.
    fn resource(&mut self, location: LocationId, kind: ResourceKind, names: Given) -> ResourceId {
        let id = ResourceId(uuid8("resource", &[&location.bytes(), kind.code().as_bytes(), key(&names.base).as_bytes()]));
        if !self.resources.iter().any(|(known, _, _)| *known == id) {
            self.resources.push((id, kind, names));
        }
        id
    }
}
