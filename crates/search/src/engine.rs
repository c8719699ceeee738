//! The search itself: words, filters, free time, order, facets. Pure over an [`Index`] and whatever answers for free time.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::sync::Arc;

use booking::{Reader, Slot};
use clock::Timestamp;
use directory::catalogue::{Lang, PractitionerRole, RoleId, RoleService, Sex};
use directory::schedule::day_number;
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::bits::Bits;
use crate::facets::{Counting, Facets};
use crate::index::{Index, Row};

/// Roles on one page at most (I9).
pub const PER_PAGE_MAX: usize = 50;
/// Pages that can be asked for (I9).
pub const PAGE_MAX: usize = 200;
/// First free times of a hit at most.
pub const TIMES_MAX: usize = 6;
/// Minutes of a day: the end of the last hour.
pub const DAY_MINUTES: i64 = 24 * 60;
/// Days ahead that a search by hours alone looks through.
const DAYS_MAX: i64 = 60;
/// From so many roles on, counting sets is cheaper than counting roles one by one.
/// Tests count sets wherever they may, so that their small worlds go both ways.
const MANY: usize = if cfg!(test) { 0 } else { 2_000 };

/// Who knows free times. A [`Reader`] does: one look at everything for all questions of one search. Tests bring their own. A role is
/// named by its id, and by the place at which it is looked for first.
pub trait Free {
    /// Free times of a role that begin in `from..to`, earliest first, at most `limit`; `service` chooses the length.
    fn slots(&self, role: (usize, &PractitionerRole), service: Option<&str>, from: Timestamp, to: Timestamp, limit: usize) -> Vec<Slot>;

    /// The first free time of the role's first service from now on.
    fn next_free(&self, role: (usize, &PractitionerRole), now: Timestamp) -> Option<Timestamp> {
        self.slots(role, None, now, Timestamp(i64::MAX), 1).first().map(|slot| slot.start)
    }

    /// Half-hours of that day of the clinic's calendar in which a free time of the role's first service may begin: bit 0 is
    /// 00:00–00:30. `None` when it is not known. Times past or closed by the role's notice may be in it; none is left out, and every
    /// bit that is set has a time.
    fn day_mask(&self, _role: (usize, &PractitionerRole), _day: Date) -> Option<u64> {
        None
    }
}

/// The place of a role in the directory of free time, which may be of another version than the index.
fn place_in(reader: &Reader<'_>, (place, role): (usize, &PractitionerRole)) -> Option<usize> {
    // The same directory has the same role there; nothing of it need be read.
    let there = reader.catalogue().roles.get(place).is_some_and(|known| std::ptr::eq(known, role));
    if there { Some(place) } else { reader.catalogue().role_place(role.id) }
}

impl Free for Reader<'_> {
    fn slots(&self, role: (usize, &PractitionerRole), service: Option<&str>, from: Timestamp, to: Timestamp, limit: usize) -> Vec<Slot> {
        place_in(self, role).map(|place| Reader::slots(self, place, service, from, to, limit)).unwrap_or_default()
    }

    fn next_free(&self, role: (usize, &PractitionerRole), _now: Timestamp) -> Option<Timestamp> {
        place_in(self, role).and_then(|place| Reader::next_free(self, place))
    }

    fn day_mask(&self, role: (usize, &PractitionerRole), day: Date) -> Option<u64> {
        Some(place_in(self, role).map_or(0, |place| Reader::day_mask(self, place, day_number(day))))
    }
}

/// The order of what is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Best match of the words first.
    #[default]
    Relevance,
    /// Earliest free time first.
    Soonest,
    /// Lowest price first.
    Price,
    /// There are no ratings yet: the order of relevance.
    Rating,
    /// Longest practice first.
    Experience,
    /// Nearest to [`Query::origin`] first.
    Distance,
}

/// What is asked. Fields left at their default do not filter. Codes that the catalogue does not know find nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Words; every one must be found.
    pub q: String,
    /// Code of a specialty.
    pub specialty: Option<String>,
    /// Code of a city.
    pub city: Option<String>,
    /// Codes of districts, any of which fits.
    pub district: Vec<String>,
    /// Codes of stations, any of which fits.
    pub metro: Vec<String>,
    /// Code of a service: the role offers it, and price, length and times are its own.
    pub service: Option<String>,
    /// Highest price, minor units.
    pub price_max_minor: Option<i64>,
    /// The doctor's sex.
    pub sex: Option<Sex>,
    /// A language in which the doctor receives.
    pub language: Option<Lang>,
    /// Whether children must be (or must not be) received.
    pub child: Option<bool>,
    /// When the visit may begin.
    pub when: When,
    /// Degrees north and east, from where distance is counted.
    pub origin: Option<(f64, f64)>,
    /// Whether some visit must (or must not) be at the patient's home.
    pub home: Option<bool>,
    /// Whether some visit must (or must not) be by video.
    pub online: Option<bool>,
    /// The order.
    pub sort: Sort,
    /// Page, from 1.
    pub page: usize,
    /// Roles on a page, up to [`PER_PAGE_MAX`].
    pub per_page: usize,
}

/// A day, hours of the day, or both; in the clinic's wall time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// The day; `None` for the first that has such a time.
    pub date: Option<Date>,
    /// Minute of the day from which the visit may begin.
    pub from_minute: i64,
    /// Minute of the day before which it must begin, up to [`DAY_MINUTES`].
    pub to_minute: i64,
}

impl Default for When {
    fn default() -> When {
        When { date: None, from_minute: 0, to_minute: DAY_MINUTES }
    }
}

impl When {
    /// Whether a day or hours are asked for at all.
    pub fn is_set(&self) -> bool {
        *self != When::default()
    }

    /// Whether hours are asked for.
    pub fn has_hours(&self) -> bool {
        self.from_minute > 0 || self.to_minute < DAY_MINUTES
    }
}

/// A role that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Which.
    pub role: RoleId,
    /// Its place in the catalogue's list and in [`Index::rows`].
    pub place: usize,
    /// The first free time that fits; always there when a day or hours were asked for.
    pub next_free: Option<Timestamp>,
    /// The first free times, at most [`TIMES_MAX`]; all of one day when a day or hours were asked for.
    pub slots: Vec<Slot>,
}

/// What is found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Roles that fit, on all pages.
    pub total: usize,
    /// Those of the page asked for.
    pub hits: Vec<Hit>,
    /// How many would fit with each value of a filter, all other filters kept.
    pub facets: Arc<Facets>,
}

struct Candidate {
    role: u32,
    worth: u32,
    next_free: Option<Timestamp>,
}

/// Finds the roles that fit and puts them in order. Equal ones stand by their free time, then by their id: the same question
/// gets the same order until a time is taken.
pub fn search(index: &Index, free: &impl Free, now: Timestamp, query: &Query) -> Found {
    let counting = Counting::new(index, query);
    if counting.unknown {
        return Found::default();
    }
    let words = index.roles(&query.q);
    let asked = Sought { index, filters: counting.filters(index.sets()), base: base(index, words.as_deref()) };
    let worth = |role: u32| {
        let words = words.as_deref().unwrap_or_default();
        words.binary_search_by_key(&role, |(role, _)| *role).ok().and_then(|at| words.get(at)).map_or(0, |(_, worth)| *worth)
    };
    let mut fitting = Vec::new();
    for role in asked.but(None).places() {
        let Some((entry, row)) = place_at(index, role) else {
            continue;
        };
        if !may_fit(index, role, query) || !fits_otherwise(entry, query) {
            continue;
        }
        let next_free = first(free, entry, row, now, query);
        if next_free.is_some() || !query.when.is_set() {
            let role = u32::try_from(role).unwrap_or(u32::MAX);
            fitting.push(Candidate { role, worth: worth(role), next_free });
        }
    }
    let facets = facets(&asked, counting, free, now, query, &fitting);
    let total = fitting.len();
    let per_page = query.per_page.clamp(1, PER_PAGE_MAX);
    let skipped = query.page.clamp(1, PAGE_MAX).saturating_sub(1) * per_page;
    if skipped + per_page < total {
        // Only what is shown needs its exact order.
        fitting.select_nth_unstable_by(skipped + per_page, |one, two| order(index, query, one, two));
        fitting.truncate(skipped + per_page);
    }
    fitting.sort_unstable_by(|one, two| order(index, query, one, two));
    let hits = fitting.iter().skip(skipped).take(per_page).filter_map(|found| hit(index, free, now, query, found)).collect();
    Found { total, hits, facets }
}

/// The filters of one question as sets.
struct Sought<'i> {
    index: &'i Index,
    filters: Vec<(u16, Cow<'i, Bits>)>,
    /// The roles of its words.
    base: Bits,
}

impl Sought<'_> {
    /// The roles that fit the words and every filter, one left out.
    fn but(&self, left_out: Option<u16>) -> Bits {
        let mut roles = self.base.clone();
        self.filters.iter().filter(|(bit, _)| Some(*bit) != left_out).for_each(|(_, set)| roles.and(set));
        roles
    }
}

fn base(index: &Index, words: Option<&[(u32, u32)]>) -> Bits {
    let Some(words) = words else {
        return index.sets().offering.clone();
    };
    let mut base = Bits::none(index.rows().len());
    words.iter().filter_map(|(role, _)| usize::try_from(*role).ok()).for_each(|role| base.put(role));
    base.and(&index.sets().offering);
    base
}

/// Counts `fitting` for every filter, and for each filter asked for the roles that miss it alone. What depends on filters only is
/// kept with the index; words, which may be a person's name, are kept nowhere.
fn facets(
    asked: &Sought<'_>,
    mut counting: Counting,
    free: &impl Free,
    now: Timestamp,
    query: &Query,
    fitting: &[Candidate],
) -> Arc<Facets> {
    let index = asked.index;
    let name = (query.q.is_empty() && !query.when.is_set()).then(|| {
        let Query { specialty, city, district, metro, service, price_max_minor, sex, language, child, home, online, .. } = query;
        format!("{:?}", (specialty, city, district, metro, service, price_max_minor, sex, language, child, home, online))
    });
    if let Some(known) = name.as_deref().and_then(|name| index.counted(name)) {
        return known;
    }
    for found in fitting {
        if let Some((_, row)) = role_at(index, found.role) {
            counting.count(row, 0);
        }
    }
    let mut known = Known::default();
    for (bit, set) in &asked.filters {
        let mut missing = asked.but(Some(*bit));
        missing.minus(set);
        if query.price_max_minor.is_none() && !query.when.is_set() && missing.count() > MANY {
            counting.count_set(index.sets(), *bit, &missing);
            continue;
        }
        for role in missing.places() {
            if !may_fit(index, role, query) {
                continue;
            }
            let Some((entry, row)) = place_at(index, role) else {
                continue;
            };
            if fits_otherwise(entry, query) && (!query.when.is_set() || is_timely(free, entry, row, now, query, &mut known)) {
                counting.count(row, *bit);
            }
        }
    }
    let facets = Arc::new(counting.finish());
    if let Some(name) = name {
        index.keep(name, facets.clone());
    }
    facets
}

fn hit(index: &Index, free: &impl Free, now: Timestamp, query: &Query, found: &Candidate) -> Option<Hit> {
    let (entry, row) = role_at(index, found.role)?;
    Some(Hit {
        role: entry.id,
        place: usize::try_from(found.role).ok()?,
        next_free: found.next_free,
        slots: times(free, entry, row, now, query, TIMES_MAX),
    })
}

/// The next days, beginning with today, on which a role that fits has a time within the hours asked for: each with the number of
/// such times. Looks at `days` days and at most 200 roles; the day asked for does not matter.
pub fn free_days(index: &Index, free: &impl Free, now: Timestamp, query: &Query, days: i64) -> Vec<(Date, usize)> {
    let counting = Counting::new(index, query);
    let mut found: std::collections::BTreeMap<Date, usize> = std::collections::BTreeMap::new();
    if counting.unknown {
        return Vec::new();
    }
    let asked = Sought { index, filters: counting.filters(index.sets()), base: base(index, index.roles(&query.q).as_deref()) };
    let roles = asked.but(None);
    let fitting = roles.places().filter_map(|role| place_at(index, role)).filter(|(entry, _)| fits_otherwise(entry, query)).take(200);
    for (entry, row) in fitting {
        let today = now.to_jiff().to_zoned(row.zone.clone()).date();
        for ahead in 0..days {
            let Ok(date) = today.checked_add(ahead.days()) else {
                break;
            };
            let when = When { date: Some(date), ..query.when };
            let count = of_day(free, entry, row, now, offered(entry, query), when, 100).len();
            if count > 0 {
                *found.entry(date).or_default() += count;
            }
        }
    }
    found.into_iter().collect()
}

/// The free times of one day within the hours asked for, earliest first. Without a day in `when`: none.
pub fn of_day(
    free: &impl Free,
    role: &PractitionerRole,
    row: &Row,
    now: Timestamp,
    service: Option<&str>,
    when: When,
    limit: usize,
) -> Vec<Slot> {
    let Some((from, to)) = when.date.and_then(|date| bounds(row, date, when)) else {
        return Vec::new();
    };
    let mask = if service.is_none() { when.date.and_then(|date| free.day_mask((row.at, role), date)) } else { None };
    if mask.is_some_and(|mask| mask & half_hours(when) == 0) {
        return Vec::new();
    }
    free.slots((row.at, role), service, from.max(now), to, limit)
}

/// Whether a free time of the role's own first service, or of the one asked for, fits the day and hours. Half-hours tell it alone where
/// the hours asked for are whole half-hours, the clock stands unchanged through the day, and nothing of them is past or closed by notice.
fn is_timely(free: &impl Free, role: &PractitionerRole, row: &Row, now: Timestamp, query: &Query, known: &mut Known) -> bool {
    let when = query.when;
    let (None, Some(date)) = (offered(role, query), when.date) else {
        return first(free, role, row, now, query).is_some();
    };
    let Some(mask) = free.day_mask((row.at, role), date) else {
        return first(free, role, row, now, query).is_some();
    };
    if mask & half_hours(when) == 0 {
        return false;
    }
    let plain_from = known.plain_from(row, date, when);
    if plain_from.is_some_and(|from| from >= now.plus_minutes(role.notice_minutes)) {
        return true;
    }
    first(free, role, row, now, query).is_some()
}

/// From when on the half-hours asked for are plain, city by city; worked out at first need.
#[derive(Default)]
struct Known(Vec<Option<Option<Timestamp>>>);

impl Known {
    fn plain_from(&mut self, row: &Row, date: Date, when: When) -> Option<Timestamp> {
        let at = row.city?;
        if self.0.len() <= at {
            self.0.resize(at + 1, None);
        }
        let known = self.0.get_mut(at)?;
        if known.is_none() {
            *known = Some(plain_from(row, date, when));
        }
        (*known)?
    }
}

fn plain_from(row: &Row, date: Date, when: When) -> Option<Timestamp> {
    let (midnight, next) = bounds(row, date, When::default())?;
    let changed =
        row.zone.following(midnight.plus_seconds(-1).to_jiff()).next().is_some_and(|change| Timestamp::from(change.timestamp()) <= next);
    let plain = !changed && when.from_minute % 30 == 0 && when.to_minute % 30 == 0 && next.micros() - midnight.micros() == clock::DAY;
    plain.then(|| midnight.plus_minutes(when.from_minute))
}

/// The half-hours of a day that the hours asked for touch, bit 0 being 00:00–00:30.
fn half_hours(when: When) -> u64 {
    let below = |half: i64| if half >= 64 { u64::MAX } else { (1u64 << half.max(0)) - 1 };
    below((when.to_minute + 29) / 30) & !below(when.from_minute / 30)
}

/// The first of [`times`].
fn first(free: &impl Free, role: &PractitionerRole, row: &Row, now: Timestamp, query: &Query) -> Option<Timestamp> {
    let service = offered(role, query);
    if service.is_none() && !query.when.is_set() {
        return free.next_free((row.at, role), now);
    }
    times(free, role, row, now, query, 1).first().map(|slot| slot.start)
}

/// The service asked for where the role offers it; `None`, its first service, where it does not and is counted for other
/// choices of the filter, and where the one asked for is the first anyway.
fn offered<'q>(role: &PractitionerRole, query: &'q Query) -> Option<&'q str> {
    let asked = query.service.as_deref()?;
    let place = role.services.iter().position(|offer| offer.service == asked)?;
    (place > 0).then_some(asked)
}

fn times(free: &impl Free, role: &PractitionerRole, row: &Row, now: Timestamp, query: &Query, limit: usize) -> Vec<Slot> {
    let service = offered(role, query);
    if !query.when.is_set() {
        let to = now.plus_minutes(role.horizon_days.clamp(1, 366).saturating_add(1) * DAY_MINUTES);
        return free.slots((row.at, role), service, now, to, limit);
    }
    if query.when.date.is_some() {
        return of_day(free, role, row, now, service, query.when, limit);
    }
    // Hours of any day: the first day that has some.
    let today = now.to_jiff().to_zoned(row.zone.clone()).date();
    (0..role.horizon_days.clamp(1, DAYS_MAX))
        .filter_map(|ahead| today.checked_add(ahead.days()).ok())
        .map(|date| of_day(free, role, row, now, service, When { date: Some(date), ..query.when }, limit))
        .find(|slots| !slots.is_empty())
        .unwrap_or_default()
}

/// The instants between which a visit may begin on that day of the clinic's calendar.
fn bounds(row: &Row, date: Date, when: When) -> Option<(Timestamp, Timestamp)> {
    let at = |minute: i64| {
        let (date, minute) = if minute >= DAY_MINUTES { (date.tomorrow().ok()?, 0) } else { (date, minute.max(0)) };
        let wall = date.at(i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?, 0, 0);
        Some(Timestamp::from(wall.to_zoned(row.zone.clone()).ok()?.timestamp()))
    };
    Some((at(when.from_minute)?, at(when.to_minute)?))
}

fn role_at(index: &Index, role: u32) -> Option<(&PractitionerRole, &Row)> {
    place_at(index, usize::try_from(role).ok()?)
}

fn place_at(index: &Index, place: usize) -> Option<(&PractitionerRole, &Row)> {
    Some((index.catalogue().roles.get(place)?, index.rows().get(place)?))
}

/// Whether the price of the role's first service fits, where that is the one asked for: read without the role itself.
fn may_fit(index: &Index, role: usize, query: &Query) -> bool {
    let (None, Some(most)) = (&query.service, query.price_max_minor) else { return true };
    index.first(role).and_then(|first| first.price_minor).is_some_and(|price| price <= most)
}

/// The filters that have no facet.
fn fits_otherwise(role: &PractitionerRole, query: &Query) -> bool {
    role.offer(offered(role, query)).is_some_and(|offer| query.price_max_minor.is_none_or(|most| offer.price_minor <= most))
}

fn order(index: &Index, query: &Query, one: &Candidate, two: &Candidate) -> Ordering {
    // `None` last, which is not the order of `Option`.
    let soonest = |found: &Candidate| (found.next_free.is_none(), found.next_free);
    let primary = match query.sort {
        Sort::Relevance | Sort::Rating => Ordering::Equal,
        Sort::Soonest => soonest(one).cmp(&soonest(two)),
        Sort::Price => price(index, query, one).cmp(&price(index, query, two)),
        Sort::Experience => since(index, one).cmp(&since(index, two)),
        Sort::Distance => distance(index, query, one).total_cmp(&distance(index, query, two)),
    };
    primary
        .then_with(|| Reverse(one.worth).cmp(&Reverse(two.worth)))
        .then_with(|| soonest(one).cmp(&soonest(two)))
        .then_with(|| one.role.cmp(&two.role))
}

fn price(index: &Index, query: &Query, found: &Candidate) -> i64 {
    role_at(index, found.role).and_then(|(role, _)| role.offer(query.service.as_deref())).map_or(i64::MAX, |offer| offer.price_minor)
}

fn since(index: &Index, found: &Candidate) -> i64 {
    role_at(index, found.role).and_then(|(_, row)| row.since_year).unwrap_or(i64::MAX)
}

fn distance(index: &Index, query: &Query, found: &Candidate) -> f64 {
    let place = role_at(index, found.role).and_then(|(_, row)| row.place);
    query.origin.zip(place).map_or(f64::INFINITY, |(from, to)| kilometres(from, to))
}

/// Great-circle distance; good to half a percent.
pub fn kilometres(from: (f64, f64), to: (f64, f64)) -> f64 {
    let (north, south) = (from.0.to_radians(), to.0.to_radians());
    let (up, across) = ((south - north) / 2.0, (to.1 - from.1).to_radians() / 2.0);
    let chord = up.sin().powi(2) + north.cos() * south.cos() * across.sin().powi(2);
    2.0 * 6371.0 * chord.clamp(0.0, 1.0).sqrt().asin()
}

/// Shows every role that fits, in the catalogue's order, with what it would be booked for. Nothing is put in order, no facet is counted.
pub(crate) fn each_fitting(
    index: &Index,
    free: &impl Free,
    now: Timestamp,
    query: &Query,
    mut show: impl FnMut(&PractitionerRole, &RoleService),
) {
    let counting = Counting::new(index, query);
    if counting.unknown {
        return;
    }
    let asked = Sought { index, filters: counting.filters(index.sets()), base: base(index, index.roles(&query.q).as_deref()) };
    for (entry, row) in asked.but(None).places().filter_map(|role| place_at(index, role)) {
        if fits_otherwise(entry, query)
            && (!query.when.is_set() || first(free, entry, row, now, query).is_some())
            && let Some(offer) = entry.offer(offered(entry, query))
        {
            show(entry, offer);
        }
    }
}
