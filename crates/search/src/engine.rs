//! The search itself: words, filters, free time, order, facets. Pure over an [`Index`] and whatever answers for free time.

use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use booking::{Reader, Slot};
use clock::Timestamp;
use directory::catalogue::{Lang, RoleId, Sex};
use directory::schedule::{day_number, day_of_number};
use jiff::civil::Date;

use crate::facets::{Counting, Facets};
use crate::hours::Timing;
use crate::index::Index;
use crate::sets::Offer;
use crate::wanted::{Passed, Sieve, Wanted};

/// Roles on one page at most (I9).
pub const PER_PAGE_MAX: usize = 50;
/// Pages that can be asked for (I9).
pub const PAGE_MAX: usize = 200;
/// First free times of a hit at most.
pub const TIMES_MAX: usize = 6;
/// Roles whose free days are told together, and times counted of one day, at most (I9).
const DAYS_ROLES_MAX: usize = 200;
const DAY_TIMES_MAX: usize = 100;
/// Minutes of a day: the end of the last hour.
pub const DAY_MINUTES: i64 = 24 * 60;

/// Who knows free times. A [`Reader`] does: one look at everything for all questions of one search. Tests bring their own. Roles are
/// named by their places in the catalogue of the index, which must be that of the free times.
pub trait Free {
    /// Free times of a role that begin in `from..to`, earliest first, at most `limit`; `service` chooses the length.
    fn slots(&self, role: usize, service: Option<&str>, from: Timestamp, to: Timestamp, limit: usize) -> Vec<Slot>;

    /// The first free time of the role's first service from now on.
    fn next_free(&self, role: usize, now: Timestamp) -> Option<Timestamp> {
        self.slots(role, None, now, Timestamp(i64::MAX), 1).first().map(|slot| slot.start)
    }

    /// Half-hours of that day of the clinic's calendar (days since 1970-01-01) in which a free time of the role's first service may
    /// begin: bit 0 is 00:00–00:30. `None` when it is not known. Times past or closed by the role's notice may be in it; none is left
    /// out, and every bit that is set has a time.
    fn day_mask(&self, _role: usize, _day: i64) -> Option<u64> {
        None
    }

    /// The same of any of the next `days` days, today included; what is set need not have a time.
    fn ever_mask(&self, _role: usize, _days: i64) -> Option<u64> {
        None
    }

    /// These roles are going to be asked about their first free times, or about that day. Changes no answer.
    fn fetch(&self, _roles: impl Iterator<Item = usize>, _day: Option<i64>) {}
}

impl Free for Reader<'_> {
    fn slots(&self, role: usize, service: Option<&str>, from: Timestamp, to: Timestamp, limit: usize) -> Vec<Slot> {
        Reader::slots(self, role, service, from, to, limit)
    }

    fn next_free(&self, role: usize, _now: Timestamp) -> Option<Timestamp> {
        Reader::next_free(self, role)
    }

    fn day_mask(&self, role: usize, day: i64) -> Option<u64> {
        Some(Reader::day_mask(self, role, day))
    }

    fn ever_mask(&self, role: usize, days: i64) -> Option<u64> {
        Some(Reader::ever_mask(self, role, days))
    }

    fn fetch(&self, roles: impl Iterator<Item = usize>, day: Option<i64>) {
        Reader::fetch(self, roles, day);
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

/// The place of a role in the order of an answer: the lesser stands first. What is asked to be first, then the best match of words,
/// then the earliest free time, then the catalogue's order.
type Key = (u64, std::cmp::Reverse<u32>, i64, u32);

/// The first so many of those shown to it.
struct First {
    most: usize,
    /// The last of them on top.
    found: BinaryHeap<Key>,
}

impl First {
    fn takes(&self, key: &Key) -> bool {
        self.found.len() < self.most || self.found.peek().is_some_and(|last| key < last)
    }

    fn take(&mut self, key: Key) {
        if self.takes(&key) {
            self.found.push(key);
            if self.found.len() > self.most {
                self.found.pop();
            }
        }
    }
}

/// Finds the roles that fit and puts them in order. Equal ones stand by their free time, then by their id: the same question
/// gets the same order until a time is taken.
pub fn search(index: &Index, free: &impl Free, now: Timestamp, query: &Query) -> Found {
    let Some(wanted) = Wanted::of(index, query) else { return Found::default() };
    let sets = index.sets();
    let sieve = Sieve::new(index, &wanted, &query.q);
    let mut timing = Timing::new(index, free, now, query);
    // Facets that depend on filters only are kept with the index; words, which may be a person's name, are kept nowhere.
    let keepable = !sieve.has_words() && !query.when.is_set();
    let known = if keepable { index.counted(&wanted) } else { None };
    let mut counting = Counting::new(sets);
    let per_page = query.per_page.clamp(1, PER_PAGE_MAX);
    let skipped = query.page.clamp(1, PAGE_MAX).saturating_sub(1) * per_page;
    let mut first = First { most: skipped + per_page, found: BinaryHeap::new() };
    let mut total = 0;
    let needs_choices = known.is_none() || wanted.price_max_minor.is_some() || query.sort == Sort::Price;
    sieve.each_many(known.is_none(), |many| {
        if needs_choices {
            sets.fetch(many.iter().map(|passed| passed.role));
        }
        timing.fetch(many);
        for Passed { role, worth, missed } in many {
            let (role, offer) = (*role, sets.offer(*role, wanted.service));
            if wanted.price_max_minor.is_some_and(|most| sets.price(role, offer) > most) {
                continue;
            }
            if missed.is_some() {
                if timing.fits(role, offer) {
                    counting.count(role, *missed);
                }
                continue;
            }
            let Some((not_before, exact)) = timing.not_before(role, offer) else { continue };
            total += 1;
            if known.is_none() {
                counting.count(role, None);
            }
            let key = |at: Option<Timestamp>| key(index, query, role, offer, *worth, at);
            let earliest = key(Some(not_before));
            if exact {
                first.take(earliest);
            } else if first.takes(&earliest) {
                // Only what may be shown needs its exact time.
                first.take(key(timing.first(role, offer)));
            }
        }
    });
    let facets = known.unwrap_or_else(|| {
        let facets = Arc::new(counting.finish());
        if keepable {
            index.keep(wanted.clone(), facets.clone());
        }
        facets
    });
    let hit = |(.., soonest, role): Key| {
        let place = usize::try_from(role).ok()?;
        let slots = timing.times(place, sets.offer(place, wanted.service), TIMES_MAX);
        let next_free = (soonest < i64::MAX).then_some(Timestamp(soonest));
        Some(Hit { role: index.catalogue().roles.get(place)?.id, place, next_free, slots })
    };
    let hits = first.found.into_sorted_vec().into_iter().skip(skipped).filter_map(hit).collect();
    Found { total, hits, facets }
}

fn key(index: &Index, query: &Query, role: usize, offer: Offer, worth: u32, at: Option<Timestamp>) -> Key {
    let soonest = at.map_or(i64::MAX, Timestamp::micros);
    let last = u64::MAX;
    let ordered = |number: i64| number.cast_unsigned() ^ (1 << 63);
    let primary = match query.sort {
        Sort::Relevance | Sort::Rating => 0,
        Sort::Soonest => ordered(soonest),
        Sort::Price => ordered(index.sets().price(role, offer)),
        Sort::Experience => index.rows().get(role).and_then(|row| row.since_year).map_or(last, ordered),
        // The bits of numbers that are not negative stand in the order of the numbers.
        Sort::Distance => {
            query.origin.zip(index.rows().get(role).and_then(|row| row.place)).map_or(last, |(from, to)| kilometres(from, to).to_bits())
        }
    };
    (primary, std::cmp::Reverse(worth), soonest, u32::try_from(role).unwrap_or(u32::MAX))
}

/// The next days, beginning with today, on which a role that fits has a time within the hours asked for: each with the number of
/// such times. Looks at `days` days and at most 200 roles; the day asked for does not matter.
pub fn free_days(index: &Index, free: &impl Free, now: Timestamp, query: &Query, days: i64) -> Vec<(Date, usize)> {
    let Some(wanted) = Wanted::of(index, query) else { return Vec::new() };
    let mut timing = Timing::new(index, free, now, query);
    let mut roles = Vec::new();
    Sieve::new(index, &wanted, &query.q).each_fitting(|role| {
        let offer = index.sets().offer(role, wanted.service);
        if wanted.price_max_minor.is_none_or(|most| index.sets().price(role, offer) <= most) && roles.len() < DAYS_ROLES_MAX {
            roles.push((role, offer));
        }
    });
    let mut found: BTreeMap<i64, usize> = BTreeMap::new();
    for (role, offer) in roles {
        for day in timing.days(role, days) {
            let count = timing.of_day(role, offer, day, DAY_TIMES_MAX).len();
            if count > 0 {
                *found.entry(day).or_default() += count;
            }
        }
    }
    found.into_iter().filter_map(|(day, count)| Some((day_of_number(day)?, count))).collect()
}

/// The free times of a role on one day within the hours of the question, earliest first; its day does not matter.
pub fn of_day(index: &Index, free: &impl Free, now: Timestamp, query: &Query, role: usize, date: Date, limit: usize) -> Vec<Slot> {
    let service = Wanted::of(index, query).and_then(|wanted| wanted.service);
    let offer = index.sets().offer(role, service);
    Timing::new(index, free, now, query).of_day(role, offer, day_number(date), limit)
}

/// Shows every role that fits, by its place, with what it would be booked for. Nothing is put in order, no facet is counted.
pub(crate) fn each_fitting(index: &Index, free: &impl Free, now: Timestamp, query: &Query, mut show: impl FnMut(usize, Offer)) {
    let Some(wanted) = Wanted::of(index, query) else { return };
    let mut timing = Timing::new(index, free, now, query);
    Sieve::new(index, &wanted, &query.q).each_fitting(|role| {
        let offer = index.sets().offer(role, wanted.service);
        if wanted.price_max_minor.is_none_or(|most| index.sets().price(role, offer) <= most) && timing.fits(role, offer) {
            show(role, offer);
        }
    });
}

/// Great-circle distance; good to half a percent.
pub fn kilometres(from: (f64, f64), to: (f64, f64)) -> f64 {
    let (north, south) = (from.0.to_radians(), to.0.to_radians());
    let (up, across) = ((south - north) / 2.0, (to.1 - from.1).to_radians() / 2.0);
    let chord = up.sin().powi(2) + north.cos() * south.cos() * across.sin().powi(2);
    2.0 * 6371.0 * chord.clamp(0.0, 1.0).sqrt().asin()
}
