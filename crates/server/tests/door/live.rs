//! Search over free time as it is kept: whatever is booked, held, moved, given back or imported, and whatever runs out, each question is
//! answered as by a program that has just read everything, and as the definition says, written down naively.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use booking::{FreeTime, SLOTS_MAX, Slot};
use clock::{DAY, Timestamp};
use directory::catalogue::{Catalogue, Lang, Mode, PractitionerRole, RoleService, Sex};
use jiff::tz::TimeZone;
use search::engine::{self, Found, Query, Sort, When, kilometres};
use search::facets::VALUES_MAX;
use search::index::Index;
use serde_json::{Value, json};
use testkit::{Kind, TestApp, cast};

testkit::both!(nobody_waits_for_an_index, search_is_at_any_moment_what_a_rebuild_gives_and_what_the_definition_says);

const STEPS: usize = 24;
const QUESTIONS: usize = 14;
const MINUTE: i64 = 60_000_000;

/// A doctor with three services of different length and price, an examination on a device of two, and one who sees children only.
const CLINIC: &str = "\
clinic,city,address,doctor,specialty,price,minutes,repeat_price,repeat_minutes,services,device,hours,horizon_days,notice_minutes
Клиника «Живая»,Санкт-Петербург,\"улица Пробная, 7\",Срезов Пётр Ильич,Кардиолог,2000,30,1500,20,\"ecg: 900, 50, after 10, device Живописец\",,mon-sun 09:00-12:00,9,60
Клиника «Живая»,Санкт-Петербург,\"улица Пробная, 7\",Резцова Инна Ильинична,Кардиолог,9000,45,700,10,\"ecg: 400, 15, device Живописец, alone\",,mon-sun 10:10-13:25,5,0
Клиника «Живая»,Санкт-Петербург,\"улица Пробная, 7\",,,,,,,\"ecg: 650, 25\",Живописец,mon-sun 08:00-11:00,3,30
";

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most.max(1)
    }
    fn often(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
    fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// A question about somebody who is there, so that most find somebody.
fn question(dice: &mut Dice, catalogue: &Catalogue, now: Timestamp) -> Query {
    // Every second one is about the clinic where most happens.
    let own = |role: &&PractitionerRole| catalogue.organization(role.organization).is_some_and(|clinic| clinic.names.ru.contains("Живая"));
    let ours: Vec<&PractitionerRole> = catalogue.roles.iter().filter(own).collect();
    let role = if dice.often(2) { dice.of(&ours) } else { dice.of(&catalogue.roles) };
    let location = catalogue.location(role.location).unwrap();
    let doctor = catalogue.practitioner_of(role);
    let mut query = Query { page: 1 + dice.below(2), per_page: 1 + dice.below(9), ..Query::default() };
    if dice.often(2) {
        query.specialty = role.specialties.first().cloned();
    }
    if dice.often(2) {
        query.city = Some(location.city.clone());
    }
    if dice.often(5) {
        query.district.extend(location.district.clone());
    }
    if dice.often(5) {
        query.metro.extend(location.metro.iter().map(|near| near.metro.clone()));
    }
    if dice.often(2) {
        query.service = Some(dice.of(&role.services).service.clone());
    }
    if dice.often(4) {
        query.price_max_minor = Some(dice.of(&role.services).price_minor);
    }
    if dice.often(5) {
        query.sex = Some(*dice.of(&[Sex::Female, Sex::Male]));
    }
    if dice.often(6) {
        query.language = doctor.and_then(|doctor| doctor.languages.first().copied());
    }
    if dice.often(6) {
        query.child = Some(dice.often(2));
    }
    if dice.often(8) {
        query.home = Some(dice.often(2));
    }
    if dice.often(8) {
        query.online = Some(dice.often(2));
    }
    if dice.often(2) {
        let today = now.to_jiff().to_zoned(TimeZone::UTC).date();
        query.when.date = today.checked_add(jiff::Span::new().days(i64::try_from(dice.below(7)).unwrap())).ok();
    }
    if dice.often(3) {
        let hours = [(0, 780), (540, 600), (555, 645), (720, 1440), (600, 1020), (1080, 1440)];
        (query.when.from_minute, query.when.to_minute) = *dice.of(&hours);
    }
    query.sort = *dice.of(&[Sort::Relevance, Sort::Soonest, Sort::Price, Sort::Rating, Sort::Experience, Sort::Distance]);
    query.origin = (query.sort == Sort::Distance || dice.often(4)).then_some((59.93, 30.33));
    query
}

/// By the role's place and the service's code.
type Known = HashMap<(usize, String), Arc<[Slot]>>;

/// A question about the half-hour in which something was taken or given back.
fn at_that_time(start: Timestamp) -> Query {
    let there = start.to_jiff().to_zoned(TimeZone::get("Europe/Moscow").unwrap());
    let from_minute = (i64::from(there.hour()) * 60 + i64::from(there.minute())) / 30 * 30;
    let when = When { date: Some(there.date()), from_minute, to_minute: from_minute + 30 };
    Query { specialty: Some("cardiologist".into()), city: Some("saint-petersburg".into()), when, page: 1, per_page: 50, ..Query::default() }
}

/// A program that has just read everything.
struct Truth {
    catalogue: Arc<Catalogue>,
    now: Timestamp,
    fresh: FreeTime,
    /// All free times of each role and service that was asked about.
    known: RefCell<Known>,
}

impl Truth {
    async fn of(app: &TestApp) -> Truth {
        let world = &app.app.world;
        let (catalogue, fresh, now) = (world.catalogue(), FreeTime::new(app.clock.clone()), app.clock.now());
        fresh.rebuild(&world.db, catalogue.clone()).await.unwrap();
        Truth { catalogue, now, fresh, known: RefCell::default() }
    }

    fn free(&self, place: usize, offer: &RoleService) -> Arc<[Slot]> {
        let read = || {
            let role = self.catalogue.roles[place].id;
            let mut slots: Vec<Slot> = Vec::new();
            loop {
                let from = slots.last().map_or(self.now, |last| Timestamp(last.start.micros() + 1));
                let more = self.fresh.slots(role, Some(&offer.service), from, Timestamp(i64::MAX), SLOTS_MAX, None);
                slots.extend(&more);
                if more.len() < SLOTS_MAX {
                    return slots.into();
                }
            }
        };
        self.known.borrow_mut().entry((place, offer.service.clone())).or_insert_with(read).clone()
    }

    /// What a role would be booked for.
    fn offer<'c>(&'c self, place: usize, query: &Query) -> &'c RoleService {
        let services = &self.catalogue.roles[place].services;
        services.iter().find(|offer| Some(&offer.service) == query.service.as_ref()).unwrap_or(&services[0])
    }

    /// The times that fit, of the first day that has some where a day or hours are asked for.
    fn times(&self, place: usize, query: &Query) -> Vec<Slot> {
        let all = self.free(place, self.offer(place, query));
        if !query.when.is_set() {
            return all.to_vec();
        }
        let zone = self.catalogue.zone_of(&self.catalogue.roles[place]).unwrap();
        let When { date, from_minute, to_minute } = query.when;
        let there = |slot: &Slot| slot.start.to_jiff().to_zoned(zone.clone());
        let fitting = all.iter().filter(|slot| {
            let at = there(slot);
            let minute = i64::from(at.hour()) * 60 + i64::from(at.minute());
            date.is_none_or(|date| date == at.date()) && (from_minute..to_minute).contains(&minute)
        });
        let fitting: Vec<Slot> = fitting.copied().collect();
        let day = fitting.first().map(|slot| there(slot).date());
        fitting.into_iter().filter(|slot| Some(there(slot).date()) == day).collect()
    }

    /// The facets that have a filter which this role misses; nothing when it misses what has no facet.
    fn misses(&self, place: usize, query: &Query) -> Option<Vec<&'static str>> {
        let (catalogue, role) = (&self.catalogue, &self.catalogue.roles[place]);
        if query.price_max_minor.is_some_and(|most| self.offer(place, query).price_minor > most) {
            return None;
        }
        let location = catalogue.location(role.location).unwrap();
        let has = has(catalogue, role);
        let lacks = |facet: &'static str, asked: &[String]| {
            !asked.is_empty() && !asked.iter().any(|value| has.iter().any(|(known, own)| *known == facet && own == value))
        };
        let one = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
        let flag = |value: Option<bool>| value.iter().map(bool::to_string).collect::<Vec<_>>();
        assert_eq!(location.id, role.location);
        let missed = [
            ("specialty", lacks("specialty", &one(&query.specialty))),
            ("city", lacks("city", &one(&query.city))),
            ("district", lacks("district", &query.district)),
            ("metro", lacks("metro", &query.metro)),
            ("service", lacks("service", &one(&query.service))),
            ("sex", lacks("sex", &query.sex.iter().map(|sex| sex.code().to_owned()).collect::<Vec<_>>())),
            ("language", lacks("language", &query.language.iter().map(|lang| lang.code().to_owned()).collect::<Vec<_>>())),
            ("child", lacks("child", &flag(query.child))),
            ("home", lacks("home", &flag(query.home))),
            ("online", lacks("online", &flag(query.online))),
        ];
        let missed: Vec<&'static str> = missed.into_iter().filter(|(_, missed)| *missed).map(|(facet, _)| facet).collect();
        // Whoever misses two filters counts nowhere, whatever the time.
        let timely = missed.len() > 1 || !query.when.is_set() || !self.times(place, query).is_empty();
        timely.then_some(missed)
    }

    fn found(&self, query: &Query) -> Told {
        let mut fitting = Vec::new();
        let mut counts = Counts::new();
        for (place, role) in self.catalogue.roles.iter().enumerate() {
            let Some(misses) = self.misses(place, query) else { continue };
            for (facet, value) in has(&self.catalogue, role) {
                if misses.is_empty() || misses == [facet] {
                    *counts.entry((facet, value)).or_default() += 1;
                }
            }
            if misses.is_empty() {
                fitting.push(place);
            }
        }
        let first = |place: &usize| (*place, self.times(*place, query).first().map_or(Timestamp(i64::MAX), |slot| slot.start));
        let soonest: HashMap<usize, Timestamp> = fitting.iter().map(first).collect();
        let distance = |place: usize| {
            let location = self.catalogue.location(self.catalogue.roles[place].location).unwrap();
            query.origin.zip(location.lat.zip(location.lon)).map_or(f64::INFINITY, |(from, to)| kilometres(from, to))
        };
        let since = |place: usize| self.catalogue.practitioner_of(&self.catalogue.roles[place]).and_then(|doctor| doctor.since_year);
        let price = |place: usize| self.offer(place, query).price_minor;
        fitting.sort_by(|one, two| {
            let first = match query.sort {
                Sort::Relevance | Sort::Rating | Sort::Soonest => std::cmp::Ordering::Equal,
                Sort::Price => price(*one).cmp(&price(*two)),
                Sort::Experience => since(*one).unwrap_or(i64::MAX).cmp(&since(*two).unwrap_or(i64::MAX)),
                Sort::Distance => distance(*one).total_cmp(&distance(*two)),
            };
            first.then(soonest[one].cmp(&soonest[two])).then(one.cmp(two))
        });
        let hits = fitting.iter().skip((query.page - 1) * query.per_page).take(query.per_page);
        let hits = hits.map(|place| {
            let times: Vec<Slot> = self.times(*place, query).into_iter().take(engine::TIMES_MAX).collect();
            (*place, times.first().map(|slot| slot.start), times)
        });
        (fitting.len(), hits.collect(), counts)
    }
}

type Counts = BTreeMap<(&'static str, String), usize>;
/// How many, the page's roles with their first times, and the facets.
type Told = (usize, Vec<(usize, Option<Timestamp>, Vec<Slot>)>, Counts);

/// Every value of every facet that a role has.
fn has(catalogue: &Catalogue, role: &PractitionerRole) -> Vec<(&'static str, String)> {
    let location = catalogue.location(role.location).unwrap();
    let doctor = catalogue.practitioner_of(role);
    let mode = |mode: Mode| role.services.iter().any(|offer| catalogue.service(&offer.service).unwrap().mode == mode).to_string();
    let mut has: Vec<(&'static str, String)> = Vec::new();
    has.extend(role.specialties.iter().map(|code| ("specialty", code.clone())));
    has.push(("city", location.city.clone()));
    has.extend(location.district.iter().map(|code| ("district", code.clone())));
    has.extend(location.metro.iter().map(|near| ("metro", near.metro.clone())));
    has.extend(role.services.iter().map(|offer| ("service", offer.service.clone())));
    has.extend(doctor.and_then(|doctor| doctor.sex).map(|sex| ("sex", sex.code().to_owned())));
    has.extend(doctor.iter().flat_map(|doctor| &doctor.languages).map(|lang| ("language", lang.code().to_owned())));
    has.push(("child", (role.children && role.age_min_years.is_none_or(|least| least < 18)).to_string()));
    has.push(("home", mode(Mode::Home)));
    has.push(("online", mode(Mode::Online)));
    has.sort();
    has.dedup();
    has
}

fn told(catalogue: &Catalogue, found: &Found) -> Told {
    let mut counts = Counts::new();
    let facets = &found.facets;
    let mut add = |facet: &'static str, value: String, count: usize| assert!(counts.insert((facet, value), count).is_none());
    facets.specialty.iter().for_each(|(at, n)| add("specialty", catalogue.specialties[*at].code.clone(), *n));
    facets.city.iter().for_each(|(at, n)| add("city", catalogue.cities[*at].code.clone(), *n));
    facets.district.iter().for_each(|(at, n)| add("district", catalogue.districts[*at].code.clone(), *n));
    facets.metro.iter().for_each(|(at, n)| add("metro", catalogue.metros[*at].code.clone(), *n));
    facets.service.iter().for_each(|(at, n)| add("service", catalogue.services[*at].code.clone(), *n));
    facets.sex.iter().for_each(|(sex, n)| add("sex", sex.code().to_owned(), *n));
    facets.language.iter().for_each(|(lang, n): &(Lang, usize)| add("language", lang.code().to_owned(), *n));
    facets.child.iter().for_each(|(is, n)| add("child", is.to_string(), *n));
    facets.home.iter().for_each(|(is, n)| add("home", is.to_string(), *n));
    facets.online.iter().for_each(|(is, n)| add("online", is.to_string(), *n));
    let hits = found.hits.iter().map(|hit| (hit.place, hit.next_free, hit.slots.clone())).collect();
    (found.total, hits, counts)
}

async fn nobody_waits_for_an_index(kind: Kind) {
    let app = TestApp::start(kind).await;
    let first = app.app.world.catalogue().version;
    assert!(app.app.search.has(first), "made before the first request");
    app.import(CLINIC).await;
    assert!(app.follow_directory().await);
    let second = app.app.world.catalogue().version;
    assert!(second > first && app.app.search.has(second), "made before the directory is used");
}

/// The counts that must be told: all of a facet, but of one with too many values the greatest only. Which of equal ones are left out is
/// for search to say, so those that it tells come first.
fn top(defined: &Counts, told: &Counts) -> Counts {
    let mut all: Vec<(&(&'static str, String), &usize)> = defined.iter().collect();
    all.sort_by_key(|(value, count)| (value.0, std::cmp::Reverse(**count), !told.contains_key(*value)));
    let of_facet = all.chunk_by(|one, two| one.0.0 == two.0.0);
    of_facet.flat_map(|values| values.iter().take(VALUES_MAX)).map(|(value, count)| ((*value).clone(), **count)).collect()
}

/// A visit that may be moved or given back.
struct Visit {
    role: String,
    service: String,
    /// When it was booked.
    start: String,
    path: String,
    token: String,
}

async fn search_is_at_any_moment_what_a_rebuild_gives_and_what_the_definition_says(kind: Kind) {
    let app = TestApp::plan(kind).csv(CLINIC).start().await;
    let mut dice = Dice(7);
    let mut visits: Vec<Visit> = Vec::new();
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut asked, mut answered, mut second_services) = (0, 0, 0);
    for step in 0..STEPS {
        let (what, changed) = act(&app, &mut dice, &mut visits, step).await;
        *done.entry(what).or_default() += 1;
        let truth = Truth::of(&app).await;
        let world = &app.app.world;
        let index = app.app.search.index(world.catalogue());
        let anew = Index::new(world.catalogue(), world.profile.adult_years);
        let near =
            [Some(Query { city: Some("saint-petersburg".into()), page: 1, per_page: 50, ..Query::default() }), changed.map(at_that_time)];
        let mut random = Dice(step as u64);
        let random = (0..QUESTIONS).map(|_| question(&mut random, &truth.catalogue, truth.now));
        for query in near.into_iter().flatten().chain(random) {
            let kept = told(&truth.catalogue, &engine::search(&index, &world.free.reader(), truth.now, &query));
            let rebuilt = told(&truth.catalogue, &engine::search(&anew, &truth.fresh.reader(), truth.now, &query));
            assert_eq!(kept, rebuilt, "step {step}, {what}: a rebuild answers otherwise: {query:?}");
            let (total, hits, counts) = truth.found(&query);
            let defined = (total, hits, top(&counts, &kept.2));
            assert_eq!(kept, defined, "step {step}, {what}: the definition says otherwise: {query:?}");
            asked += 1;
            answered += usize::from(kept.0 > 0);
            let second = |place: usize| truth.offer(place, &query).service != truth.catalogue.roles[place].services[0].service;
            second_services += usize::from(kept.1.iter().any(|(place, ..)| second(*place)));
        }
    }
    // The test would prove nothing if hardly anything happened.
    for what in ["booked", "held", "given back", "moved", "time passed", "imported"] {
        assert!(done.contains_key(what), "never {what}: {done:?}");
    }
    assert!(answered * 2 > asked && second_services > 20, "{answered} of {asked} answered, {second_services} with a role's second service");
}

/// Does one thing that changes what is free; which, and what time it was about.
async fn act(app: &TestApp, dice: &mut Dice, visits: &mut Vec<Visit>, step: usize) -> (&'static str, Option<Timestamp>) {
    let role = app.role(dice.of::<&str>(&["Срезов", "Резцова"]), "Живая");
    let catalogue = app.app.world.catalogue();
    let known = catalogue.role(role.parse().unwrap()).unwrap();
    let service = dice.of(&known.services).service.clone();
    let times = app.slots(&role, &format!("&service={service}")).await;
    let nothing = times.is_empty();
    // Often the very first one, which lists show.
    let chosen = if nothing { String::new() } else { times[if dice.often(2) { 0 } else { dice.below(times.len()) }].clone() };
    let at = |start: &str| Timestamp::parse_rfc3339(start).ok();
    match step % 8 {
        0 | 3 if !nothing => {
            let mut wish = app.confirmed_wish(&role, &chosen, &cast::extra(step)).await;
            wish["service"] = json!(service);
            let visit = app.door().json("POST", "/api/v1/appointments?lang=ru", &wish).await;
            assert_eq!(visit.status, 201, "{}", visit.text());
            let visit = visit.json();
            let text = |name: &str| visit[name].as_str().unwrap().to_owned();
            visits.push(Visit {
                role,
                service,
                start: chosen.clone(),
                path: format!("/api/v1/appointments/{}", text("id")),
                token: format!("Bearer {}", text("manage_token")),
            });
            ("booked", at(&chosen))
        }
        1 | 5 if !nothing => {
            let wish = json!({"role_id": role, "start": chosen, "service": service});
            let held = app.door().json("POST", "/api/v1/holds", &wish).await;
            assert_eq!(held.status, 201, "{}", held.text());
            ("held", at(&chosen))
        }
        4 if !visits.is_empty() => {
            let visit = &visits[dice.below(visits.len())];
            let to = app.slots(&visit.role, &format!("&service={}", visit.service)).await;
            let to = dice.of(&to);
            let moved = app.door().with("authorization", &visit.token).json("PATCH", &visit.path, &json!({"start": to})).await;
            assert!(moved.status == 200 || moved.said() == "409 too_late", "{}", moved.text());
            (if moved.status == 200 { "moved" } else { "too late" }, at(to))
        }
        6 if !visits.is_empty() => {
            let visit = visits.swap_remove(dice.below(visits.len()));
            let given = app.door().with("authorization", &visit.token).json("DELETE", &visit.path, &Value::Null).await;
            assert!(given.status < 300 || given.said() == "409 too_late", "{}", given.text());
            (if given.status < 300 { "given back" } else { "too late" }, at(&visit.start))
        }
        7 => {
            // Another file of the clinic: other hours, another price, another length.
            let hours = format!("mon-sun {:02}:00-{:02}:30", 8 + dice.below(3), 12 + dice.below(4));
            let minutes = format!("2000,{},1500", 20 + 5 * dice.below(5));
            app.import(&CLINIC.replace("mon-sun 09:00-12:00", &hours).replace("2000,30,1500", &minutes)).await;
            assert!(app.follow_directory().await);
            ("imported", None)
        }
        _ => {
            // Holds run out, times become past, at last days do.
            app.pass(if dice.often(3) { 26 * 60 } else { 20 });
            let now = app.clock.now();
            assert!(now.micros() % MINUTE == 0 && now.micros() > DAY);
            ("time passed", None)
        }
    }
}
