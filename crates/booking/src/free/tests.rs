//! Free time is at any moment what a rebuild would give, and what the definition says, written down naively.

use std::collections::BTreeMap;

use clock::DAY;
use directory::catalogue::*;
use directory::schedule::{day_of_number, windows};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::state::{Found, Looked, State};
use super::*;
use crate::appointment::civil_day;
use crate::cells::{cells, day_of};
use crate::store::{Claimed, FOR_EVER};

/// Beside a change of each clock, and a day like others.
const PLACES: [(&str, &str); 9] = [
    ("Europe/Berlin", "2026-03-27T10:00:00Z"),
    ("Europe/Berlin", "2026-10-23T10:00:00Z"),
    ("America/St_Johns", "2026-10-30T10:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-03T10:00:00Z"),
    ("Africa/Cairo", "2026-10-28T10:00:00Z"),
    ("Pacific/Apia", "2011-12-28T20:00:00Z"),
    ("Asia/Almaty", "2024-02-28T10:00:00Z"),
    ("Europe/Moscow", "2014-10-24T10:00:00Z"),
    ("Asia/Almaty", "2026-12-29T10:00:00Z"),
];

fn names() -> Names {
    Names::default()
}

fn id(kind: u8, number: usize) -> db::reexport::Uuid {
    let mut bytes = [kind; 16];
    bytes[15] = u8::try_from(number).unwrap();
    db::reexport::Uuid::from_bytes(bytes)
}

/// An offer: minutes, before, after, device, room, with the doctor.
type DrawnOffer = (i64, i64, i64, Option<usize>, Option<usize>, bool);

/// One role: who, hours (weekday 0 is each day), weeks, offers, notice, horizon, feed.
#[derive(Debug, Clone)]
struct Drawn {
    doctor: Option<usize>,
    cuts: Vec<i64>,
    weeks: (i64, i64),
    off: Option<i64>,
    offers: Vec<DrawnOffer>,
    notice: i64,
    horizon: i64,
    of_feed: bool,
}

fn role() -> impl Strategy<Value = Drawn> {
    let room = prop::option::weighted(0.3, 0usize..2);
    let offer = (1i64..=9, 0i64..=2, 0i64..=2, prop::option::of(0usize..2), room, prop::bool::weighted(0.7));
    (
        prop::option::weighted(0.8, 0usize..2),
        prop::collection::btree_set(0i64..=96, 2..6),
        (1i64..=3, 0i64..3),
        prop::option::of(0i64..4),
        prop::collection::vec(offer, 1..3),
        (0i64..200, 1i64..9),
        prop::bool::weighted(0.2),
    )
        .prop_map(|(doctor, cuts, (every, week), off, offers, (notice, horizon), of_feed)| Drawn {
            doctor,
            cuts: cuts.into_iter().map(|cut| cut * 15).collect(),
            weeks: (every, week % every),
            off,
            offers: offers.into_iter().map(|(m, b, a, device, room, with)| (m * 5, b * 5, a * 5, device, room, with)).collect(),
            notice,
            horizon,
            of_feed,
        })
}

fn catalogue(zone: &str, began: Timestamp, drawn: &[Drawn]) -> Arc<Catalogue> {
    let time_zone = TimeZone::get(zone).unwrap();
    let city = City {
        code: "c".into(),
        names: names(),
        zone: zone.into(),
        country: "RU".into(),
        currency: "RUB".into(),
        phone: None,
        lat: 0.0,
        lon: 0.0,
    };
    let location = Location {
        id: LocationId(id(1, 0)),
        organization: OrganizationId(id(2, 0)),
        names: names(),
        phone: String::new(),
        hours: Vec::new(),
        city: "c".into(),
        district: None,
        address: names(),
        metro: Vec::new(),
        lat: None,
        lon: None,
    };
    let roles = drawn.iter().enumerate().map(|(at, drawn)| {
        let hours: Vec<(i64, i64)> = drawn.cuts.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        let rules = (1..=7).flat_map(|weekday| {
            hours.iter().map(move |(from, to)| Rule {
                every_weeks: drawn.weeks.0,
                week: drawn.weeks.1,
                ..Rule::weekly(weekday, *from, *to)
            })
        });
        let off = drawn.off.and_then(|ahead| day_of_number(civil_day(began, &time_zone) + ahead));
        PractitionerRole {
            id: RoleId(id(3, at)),
            practitioner: drawn.doctor.map(|doctor| PractitionerId(id(4, doctor))),
            organization: OrganizationId(id(2, 0)),
            location: LocationId(id(1, 0)),
            specialties: vec!["s".into()],
            services: (drawn.offers.iter().enumerate())
                .map(|(n, (minutes, before, after, device, room, with))| RoleService {
                    before_minutes: *before,
                    after_minutes: *after,
                    device: device.map(|device| ResourceId(id(5, device))),
                    room: room.map(|room| ResourceId(id(8, room))),
                    with_practitioner: *with,
                    ..RoleService::simple(format!("v{n}"), 1, *minutes)
                })
                .collect(),
            adults: true,
            children: true,
            age_min_years: None,
            age_max_years: None,
            horizon_days: drawn.horizon,
            notice_minutes: drawn.notice,
            schedule: Schedule {
                rules: rules.collect(),
                exceptions: off.map(|day| Exception { day, windows: vec![(600, 660)] }).into_iter().collect(),
            },
            source: drawn.of_feed.then(|| "feed".into()),
        }
    });
    Arc::new(Catalogue::new(Parts { cities: vec![city], locations: vec![location], roles: roles.collect(), ..Parts::default() }))
}

/// What a visit of this offer keeps from all others, said once more.
fn kept_by(role: &PractitionerRole, offer: &RoleService) -> Vec<[u8; 16]> {
    let mut kept = Vec::new();
    if let (Some(doctor), true) = (role.practitioner, offer.with_practitioner) {
        kept.push(doctor.bytes());
    }
    kept.extend([offer.device, offer.room].into_iter().flatten().map(|id| id.bytes()));
    kept
}

/// The marks that a change of these claims leaves.
fn marks<'c>(claims: impl IntoIterator<Item = &'c ([u8; 16], i64)>) -> Vec<db::Dirty> {
    let mut marks: Vec<db::Dirty> = claims.into_iter().map(|(whose, cell)| db::Dirty { whose: *whose, day: day_of(*cell) }).collect();
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// The truth, as the database would keep it: claims by resource and cell.
#[derive(Default, Clone)]
struct Truth {
    claims: BTreeMap<([u8; 16], i64), ([u8; 16], Timestamp)>,
    slots: Vec<StoredSlot>,
}

impl Truth {
    fn found(&self, now: Timestamp, wanted: impl Fn(&[u8; 16], i64) -> bool) -> Found {
        let living = self.claims.iter().filter(|((resource, cell), (_, until))| *until > now && wanted(resource, *cell));
        Found {
            claims: living
                .map(|((resource, cell), (owner, until))| Claimed { resource: *resource, cell: *cell, owner: *owner, expires_at: *until })
                .collect(),
            slots: self.slots.clone(),
        }
    }

    fn looked(&self, now: Timestamp, looked: &Looked) -> Found {
        self.found(now, |resource, cell| looked.cells.iter().any(|(cells, of)| cells.contains(&cell) && of.contains(resource)))
    }

    /// Claims a time of this offer, buffers and all; the claims.
    fn take(
        &mut self,
        role: &PractitionerRole,
        offer: &RoleService,
        slot: Slot,
        owner: [u8; 16],
        until: Timestamp,
        now: Timestamp,
    ) -> Vec<([u8; 16], i64)> {
        let (before, after) = if role.source.is_some() { (0, 0) } else { (offer.before_minutes, offer.after_minutes) };
        let mut taken = Vec::new();
        for id in kept_by(role, offer) {
            for cell in cells(slot.start.plus_minutes(-before), slot.end.plus_minutes(after)) {
                let had = self.claims.insert((id, cell), (owner, until));
                assert!(had.is_none_or(|(_, until)| until <= now), "a time told as free was claimed");
                taken.push((id, cell));
            }
        }
        taken
    }

    /// The definition: free times of an offer, in order.
    fn free(&self, catalogue: &Catalogue, place: usize, offer: &RoleService, now: Timestamp) -> Vec<Slot> {
        let role = &catalogue.roles[place];
        let zone = catalogue.zone_of(role).unwrap();
        let claims = kept_by(role, offer);
        let today = civil_day(now, &zone);
        let mut free = Vec::new();
        if claims.is_empty() {
            return free;
        }
        let is_free = |from: Timestamp, to: Timestamp| {
            claims.iter().all(|id| cells(from, to).all(|cell| self.claims.get(&(*id, cell)).is_none_or(|(_, until)| *until <= now)))
        };
        if role.source.is_some() {
            let in_horizon = |at: Timestamp| (today..today + role.horizon_days).contains(&civil_day(at, &zone));
            let all = self.slots.iter().filter(|slot| slot.role == role.id && slot.free && slot.capacity == 1 && in_horizon(slot.start));
            free.extend(all.filter(|slot| is_free(slot.start, slot.end)).map(|slot| Slot { start: slot.start, end: slot.end }));
            free.sort_unstable();
            free.dedup_by_key(|slot| slot.start);
            return free;
        }
        for day in today..today + role.horizon_days {
            for (from, to) in windows(&role.schedule, &zone, day_of_number(day).unwrap()) {
                let mut at = from;
                while at.plus_minutes(offer.occupied_minutes()) <= to {
                    let next = at.plus_minutes(offer.occupied_minutes());
                    if is_free(at, next) {
                        let start = at.plus_minutes(offer.before_minutes);
                        free.push(Slot { start, end: start.plus_minutes(offer.minutes) });
                    }
                    at = next;
                }
            }
        }
        free
    }
}

fn free_time(state: State, clock: &Clock) -> FreeTime {
    let free = FreeTime::new(clock.clone());
    *free.state.write().unwrap() = state;
    free
}

/// What anybody can ask, of everything.
/// Of one role: the next free time, the masks of its days, the slots of each of its services.
type Told = (Option<Timestamp>, Vec<u64>, Vec<Vec<Slot>>);

fn told(free: &FreeTime) -> Vec<Told> {
    let reader = free.reader();
    let catalogue = reader.catalogue().clone();
    let days = reader.now.day() - 3..reader.now.day() + 14;
    (0..catalogue.roles.len())
        .map(|place| {
            let to_come =
                |many: i64| (0..many).fold(0, |all, ahead| all | reader.day_mask(place, today(&catalogue, place, reader.now) + ahead));
            for many in [1, 4, 20] {
                assert_eq!(to_come(many) & !reader.ever_mask(place, many), 0, "a time of the next {many} days is left out");
            }
            let of = |service: &RoleService| reader.slots(place, Some(&service.service), Timestamp(0), Timestamp(i64::MAX), 2_000);
            let masks = days.clone().map(|day| reader.day_mask(place, day)).collect();
            (reader.next_free(place), masks, catalogue.roles[place].services.iter().map(of).collect())
        })
        .collect()
}

fn today(catalogue: &Catalogue, place: usize, now: Timestamp) -> i64 {
    civil_day(now, &catalogue.zone_of(&catalogue.roles[place]).unwrap())
}

/// The same by the definition.
fn defined(truth: &Truth, catalogue: &Catalogue, now: Timestamp) -> Vec<Told> {
    let days = now.day() - 3..now.day() + 14;
    (catalogue.roles.iter().enumerate())
        .map(|(place, role)| {
            let zone = catalogue.zone_of(role).unwrap();
            let first = truth.free(catalogue, place, &role.services[0], now);
            let open = |slots: Vec<Slot>| -> Vec<Slot> {
                slots.into_iter().filter(|slot| slot.start >= now.plus_minutes(role.notice_minutes)).collect()
            };
            let mask = |day| {
                let on = first.iter().map(|slot| slot.start.to_jiff().to_zoned(zone.clone()).datetime());
                let on = on.filter(|wall| Some(wall.date()) == day_of_number(day));
                on.fold(0u64, |mask, wall| mask | 1 << (i64::from(wall.hour()) * 2 + i64::from(wall.minute()) / 30))
            };
            let all = role.services.iter().map(|offer| open(truth.free(catalogue, place, offer, now))).collect();
            (open(first.clone()).first().map(|slot| slot.start), days.clone().map(mask).collect(), all)
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn free_time_is_what_a_rebuild_gives_and_what_the_definition_says(
        place in 0usize..PLACES.len(),
        drawn in prop::collection::vec(role(), 1..5),
        later in prop::collection::vec(role(), 1..5),
        stored in prop::collection::vec((0usize..5, 0i64..3_000, 1i64..200, prop::bool::weighted(0.8), 1i64..3), 0..12),
        steps in prop::collection::vec((0u8..11, any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1i64..1_500), 1..16),
    ) {
        let (zone, began) = PLACES[place];
        let mut now = Timestamp::parse_rfc3339(began).unwrap();
        let mut clock = Clock::simulated(now, 1);
        let mut truth = Truth::default();
        let slot = |(number, (role, from, minutes, free, capacity)): (usize, &(usize, i64, i64, bool, i64))| StoredSlot {
            id: SlotId(id(6, number)), role: RoleId(id(3, *role)), source: "feed".into(), their_id: String::new(),
            start: now.plus_minutes(from * 3), end: now.plus_minutes(from * 3 + minutes), free: *free, capacity: *capacity,
            deep_link: String::new(), phone: String::new(),
        };
        truth.slots = stored.iter().enumerate().map(slot).collect();
        // Of two directories one is known here; another replica may still have the other one, or have it already.
        let (mut known, mut elsewhere) = (catalogue(zone, now, &drawn), catalogue(zone, now, &later));
        let mut free = free_time(State::build(known.clone(), truth.found(now, |_, _| true), now), &clock);
        let mut owner = 0usize;
        for (what, which, at, number) in steps {
            match what {
                // Somebody books or holds a time that is told as free, here or elsewhere, or gives one back; the day is marked.
                0..=4 | 8 | 9 => {
                    let of = if what == 8 { elsewhere.clone() } else { known.clone() };
                    let place = which.index(of.roles.len());
                    let role = &of.roles[place];
                    let offer = &role.services[at.index(role.services.len())];
                    let mut dirty: Vec<db::Dirty> = Vec::new();
                    if what == 4 {
                        let owners: Vec<[u8; 16]> = truth.claims.values().map(|(owner, _)| *owner).collect();
                        if !owners.is_empty() {
                            let gone = owners[at.index(owners.len())];
                            // The directory may have changed since: what is freed is what was claimed then.
                            dirty = marks(truth.claims.iter().filter(|(_, (owner, _))| *owner == gone).map(|(claim, _)| claim));
                            truth.claims.retain(|_, (owner, _)| *owner != gone);
                        }
                    } else if what == 9 {
                        // The clinic's own system gives a time away, or has it free again.
                        if !truth.slots.is_empty() {
                            let slot = at.index(truth.slots.len());
                            let slot = &mut truth.slots[slot];
                            slot.free = !slot.free;
                            dirty.push(db::Dirty { whose: slot.role.bytes(), day: civil_day(slot.start, &TimeZone::get(zone).unwrap()) });
                        }
                    } else if what == 8 {
                        let mut slots = truth.free(&of, place, offer, now);
                        slots.retain(|slot| slot.start >= now);
                        if !slots.is_empty() {
                            let slot = slots[at.index(slots.len())];
                            owner += 1;
                            dirty = marks(&truth.take(role, offer, slot, id(7, owner).into_bytes(), FOR_EVER, now));
                        }
                    } else {
                        let slots = free.slots(role.id, Some(&offer.service), now, Timestamp(i64::MAX), 2_000, None);
                        if !slots.is_empty() {
                            let slot = slots[at.index(slots.len())];
                            owner += 1;
                            let until = if what < 2 { FOR_EVER } else { now.plus_minutes(number) };
                            let (found, taken) = free.offered(role.id, Some(&offer.service), slot.start).unwrap();
                            prop_assert_eq!(found, slot);
                            let claims = truth.take(role, offer, slot, id(7, owner).into_bytes(), until, now);
                            // What the door would claim is what the definition claims.
                            let wanted = claimed_by(role, offer).into_iter().flat_map(|id| taken.clone().map(move |cell| (id, cell)));
                            prop_assert_eq!(wanted.collect::<Vec<_>>(), claims.clone());
                            dirty = marks(&claims);
                        }
                    }
                    for mark in dirty {
                        let mut state = free.state.write().unwrap();
                        let looked = State::looked_at(&state.shape.clone(), &[mark]);
                        let found = truth.looked(now, &looked);
                        state.apply(&looked, &found, now);
                    }
                }
                // Time passes; days too.
                5 | 6 => {
                    let minutes = if what == 5 { number } else { number * 3 };
                    clock.advance(std::time::Duration::from_secs(u64::try_from(minutes).unwrap() * 60));
                    now = clock.now();
                }
                // Another directory, or the clock is set back.
                _ if number % 2 == 0 => {
                    std::mem::swap(&mut known, &mut elsewhere);
                    free = free_time(State::build(known.clone(), truth.found(now, |_, _| true), now), &clock);
                }
                _ => {
                    let before = now;
                    now = now.plus_minutes(-(number % 200));
                    clock = Clock::simulated(now, 1);
                    free.clock = clock.clone();
                    // A hold that has run out lives again by such a clock. Whether its time is told as free depends on whether its day was
                    // read in between; either is harmless, since the claim decides, and ends with the next rebuild: here it is now.
                    if truth.claims.values().any(|(_, until)| now < *until && *until <= before) {
                        free = free_time(State::build(known.clone(), truth.found(now, |_, _| true), now), &clock);
                    }
                }
            }
            let said = told(&free);
            prop_assert_eq!(&said, &told(&free_time(State::build(known.clone(), truth.found(now, |_, _| true), now), &clock)), "a rebuild");
            prop_assert_eq!(&said, &defined(&truth, &known, now), "the definition");
        }
        // Everything given back: all is free again as on the first day.
        truth.claims.clear();
        let mut state = free.state.write().unwrap();
        let dirty: Vec<db::Dirty> = known.roles.iter()
            .flat_map(|role| (now.day() - 40..now.day() + 40).map(|day| db::Dirty { whose: role.id.bytes(), day })).collect();
        let looked = State::looked_at(&state.shape.clone(), &dirty);
        let found = truth.looked(now, &looked);
        state.apply(&looked, &found, now);
        drop(state);
        prop_assert_eq!(told(&free), defined(&truth, &known, now));
    }
}

#[test]
fn a_role_that_claims_nothing_has_no_times() {
    let now = Timestamp(20_000 * DAY);
    let alone = Drawn {
        doctor: Some(0),
        cuts: vec![0, 1440],
        weeks: (1, 0),
        off: None,
        offers: vec![(30, 0, 0, None, None, false), (30, 0, 0, None, None, true)],
        notice: 0,
        horizon: 3,
        of_feed: false,
    };
    let free = free_time(State::build(catalogue("Asia/Almaty", now, &[alone]), Found::default(), now), &Clock::simulated(now, 1));
    let role = RoleId(id(3, 0));
    let of = |service| free.slots(role, Some(service), Timestamp(0), Timestamp(i64::MAX), 9, None).len();
    assert_eq!((of("v0"), of("v1")), (0, 9));
    assert_eq!((free.reader().next_free(0), free.reader().day_mask(0, now.day()), free.reader().ever_mask(0, 3)), (None, 0, 0));
    assert!(free.offered(role, Some("v0"), now.plus_minutes(60)).is_none());
}

/// One grid of half hours, two roles that share only what is asked about: whatever an offer claims is busy for the other one, from the
/// buffer before to the buffer after, and for nobody else.
#[test]
fn whatever_is_shared_is_busy_with_its_buffers() {
    let now = Timestamp(20_000 * DAY);
    let role = |doctor, device, room, before, after| Drawn {
        doctor: Some(doctor),
        cuts: vec![0, 1440],
        weeks: (1, 0),
        off: None,
        offers: vec![(10, before, after, device, room, true)],
        notice: 0,
        horizon: 2,
        of_feed: false,
    };
    // The visitor has everything 0; of the three who come after, each shares one thing, the last one nothing.
    let roles = [
        role(0, Some(0), Some(0), 10, 20),
        role(0, Some(1), Some(1), 0, 0),
        role(1, Some(0), Some(1), 0, 0),
        role(1, Some(1), Some(0), 0, 0),
        role(1, Some(1), Some(1), 0, 0),
    ];
    let catalogue = catalogue("Etc/UTC", now, &roles);
    let clock = Clock::simulated(now, 1);
    let empty = free_time(State::build(catalogue.clone(), Found::default(), now), &clock);
    let visit = RoleId(id(3, 0));
    let start = now.plus_minutes(10);
    let (slot, taken) = empty.offered(visit, None, start).unwrap();
    assert_eq!((slot, taken.clone()), (Slot { start, end: start.plus_minutes(10) }, cells(now, now.plus_minutes(40))));
    let claims = claimed_by(catalogue.role(visit).unwrap(), &catalogue.role(visit).unwrap().services[0]);
    let claimed = |resource: &[u8; 16]| {
        let resource = *resource;
        taken.clone().map(move |cell| Claimed { resource, cell, owner: [9; 16], expires_at: FOR_EVER })
    };
    let found = Found { claims: claims.iter().flat_map(claimed).collect(), slots: Vec::new() };
    let free = free_time(State::build(catalogue, found, now), &clock);
    let first = |role| free.slots(RoleId(id(3, role)), None, now, Timestamp(i64::MAX), 1, None)[0].start;
    let after = now.plus_minutes(40);
    assert_eq!([1, 2, 3, 4].map(first), [after, after, after, now], "doctor, device, room, nothing shared");
    assert_eq!(first(0), after.plus_minutes(10), "the next of the same kind, after its own buffer");
}
