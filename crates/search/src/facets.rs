//! How many would fit with each value of a filter. A role that fits every filter counts everywhere; one that misses exactly one
//! filter counts for that filter alone: so a person sees what the other choices would bring.

use std::borrow::Cow;
use std::sync::OnceLock;

use directory::catalogue::{Lang, Sex};

use crate::bits::Bits;
use crate::sets::{SEXES, Sets};

use crate::engine::Query;
use crate::index::{Index, Row};

/// Values of one facet at most (I9).
pub const VALUES_MAX: usize = 100;

const SPECIALTY: u16 = 1;
const CITY: u16 = 1 << 1;
const DISTRICT: u16 = 1 << 2;
const METRO: u16 = 1 << 3;
const SEX: u16 = 1 << 4;
const CHILD: u16 = 1 << 5;
const LANGUAGE: u16 = 1 << 6;
const SERVICE: u16 = 1 << 7;
const HOME: u16 = 1 << 8;
const ONLINE: u16 = 1 << 9;

/// Pairs of a place in the catalogue's list (or a value) and the number of roles, most first, only above zero, at most
/// [`VALUES_MAX`] of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// Places of specialties.
    pub specialty: Vec<(usize, usize)>,
    /// Places of cities.
    pub city: Vec<(usize, usize)>,
    /// Places of districts.
    pub district: Vec<(usize, usize)>,
    /// Places of stations.
    pub metro: Vec<(usize, usize)>,
    /// Sexes.
    pub sex: Vec<(Sex, usize)>,
    /// Whether children are received.
    pub child: Vec<(bool, usize)>,
    /// Languages of the reception.
    pub language: Vec<(Lang, usize)>,
    /// Places of services.
    pub service: Vec<(usize, usize)>,
    /// Whether some visit is at the patient's home.
    pub home: Vec<(bool, usize)>,
    /// Whether some visit is by video.
    pub online: Vec<(bool, usize)>,
    /// As the JSON API writes them, by the reader's language in the order of [`Lang::ALL`]; written at first need.
    pub(crate) written: [OnceLock<String>; 3],
}

/// The filters that have facets, as numbers, and what has been counted.
pub(crate) struct Counting {
    specialty: Option<usize>,
    city: Option<usize>,
    districts: Vec<usize>,
    metros: Vec<usize>,
    sex: Option<Sex>,
    child: Option<bool>,
    language: Option<Lang>,
    service: Option<usize>,
    home: Option<bool>,
    online: Option<bool>,
    /// Filters that name a code which the catalogue does not have: every role misses them, and so does every choice.
    pub(crate) unknown: bool,
    by_specialty: Vec<usize>,
    by_city: Vec<usize>,
    by_district: Vec<usize>,
    by_metro: Vec<usize>,
    by_sex: [usize; 2],
    by_child: [usize; 2],
    by_language: [usize; 3],
    by_service: Vec<usize>,
    by_home: [usize; 2],
    by_online: [usize; 2],
}

impl Counting {
    pub(crate) fn new(index: &Index, query: &Query) -> Counting {
        let catalogue = index.catalogue();
        let (specialty, no_specialty) = place(query.specialty.as_deref(), catalogue.specialties.iter().map(|entry| entry.code.as_str()));
        let (city, no_city) = place(query.city.as_deref(), catalogue.cities.iter().map(|entry| entry.code.as_str()));
        let (service, no_service) = place(query.service.as_deref(), catalogue.services.iter().map(|entry| entry.code.as_str()));
        let (districts, no_district) = places(&query.district, catalogue.districts.iter().map(|entry| entry.code.as_str()));
        let (metros, no_metro) = places(&query.metro, catalogue.metros.iter().map(|entry| entry.code.as_str()));
        Counting {
            specialty,
            city,
            districts,
            metros,
            sex: query.sex,
            child: query.child,
            language: query.language,
            service,
            home: query.home,
            online: query.online,
            unknown: no_specialty || no_city || no_district || no_metro || no_service,
            by_specialty: vec![0; catalogue.specialties.len()],
            by_city: vec![0; catalogue.cities.len()],
            by_district: vec![0; catalogue.districts.len()],
            by_metro: vec![0; catalogue.metros.len()],
            by_sex: [0; 2],
            by_child: [0; 2],
            by_language: [0; 3],
            by_service: vec![0; catalogue.services.len()],
            by_home: [0; 2],
            by_online: [0; 2],
        }
    }

    /// The filters asked for: each one's bit and the roles that fit it.
    pub(crate) fn filters<'s>(&self, sets: &'s Sets) -> Vec<(u16, Cow<'s, Bits>)> {
        let mut filters = Vec::new();
        let mut add = |bit: u16, sets: &'s [Bits], asked: &[usize]| match asked {
            [] => {}
            [one] => filters.extend(sets.get(*one).map(|set| (bit, Cow::Borrowed(set)))),
            [first, rest @ ..] => {
                let mut union = sets.get(*first).cloned().unwrap_or_default();
                rest.iter().filter_map(|place| sets.get(*place)).for_each(|set| union.or(set));
                filters.push((bit, Cow::Owned(union)));
            }
        };
        let flag = |asked: Option<bool>| asked.map(usize::from);
        add(SPECIALTY, &sets.specialty, self.specialty.as_slice());
        add(CITY, &sets.city, self.city.as_slice());
        add(DISTRICT, &sets.district, &self.districts);
        add(METRO, &sets.metro, &self.metros);
        add(SERVICE, &sets.service, self.service.as_slice());
        add(SEX, &sets.sex, self.sex.and_then(|asked| SEXES.iter().position(|sex| *sex == asked)).as_slice());
        add(LANGUAGE, &sets.language, self.language.and_then(|asked| Lang::ALL.iter().position(|lang| *lang == asked)).as_slice());
        add(CHILD, &sets.child, flag(self.child).as_slice());
        add(HOME, &sets.home, flag(self.home).as_slice());
        add(ONLINE, &sets.online, flag(self.online).as_slice());
        filters
    }

    /// Counts a whole set of roles for one filter: every role that fits all others.
    pub(crate) fn count_set(&mut self, sets: &Sets, bit: u16, roles: &Bits) {
        let (counts, values): (&mut [usize], &[Bits]) = match bit {
            SPECIALTY => (&mut self.by_specialty, &sets.specialty),
            CITY => (&mut self.by_city, &sets.city),
            DISTRICT => (&mut self.by_district, &sets.district),
            METRO => (&mut self.by_metro, &sets.metro),
            SERVICE => (&mut self.by_service, &sets.service),
            SEX => (&mut self.by_sex, &sets.sex),
            LANGUAGE => (&mut self.by_language, &sets.language),
            CHILD => (&mut self.by_child, &sets.child),
            HOME => (&mut self.by_home, &sets.home),
            _ => (&mut self.by_online, &sets.online),
        };
        counts.iter_mut().zip(values).for_each(|(count, value)| *count += roles.common(value));
    }

    /// Counts a role that misses nothing, or one filter only.
    pub(crate) fn count(&mut self, row: &Row, misses: u16) {
        let counts = |bit: u16| misses == 0 || misses == bit;
        if counts(SPECIALTY) {
            row.specialties.iter().for_each(|place| add(&mut self.by_specialty, *place));
        }
        if counts(CITY) {
            row.city.iter().for_each(|place| add(&mut self.by_city, *place));
        }
        if counts(DISTRICT) {
            row.district.iter().for_each(|place| add(&mut self.by_district, *place));
        }
        if counts(METRO) {
            row.metros.iter().for_each(|place| add(&mut self.by_metro, *place));
        }
        if counts(SEX) {
            let place = SEXES.iter().position(|sex| row.sex == Some(*sex));
            place.into_iter().for_each(|place| add(&mut self.by_sex, place));
        }
        if counts(CHILD) {
            add(&mut self.by_child, usize::from(row.children));
        }
        if counts(LANGUAGE) {
            let spoken = Lang::ALL.iter().enumerate().filter(|(_, lang)| row.languages.contains(lang));
            spoken.for_each(|(place, _)| add(&mut self.by_language, place));
        }
        if counts(SERVICE) {
            row.services.iter().for_each(|place| add(&mut self.by_service, *place));
        }
        if counts(HOME) {
            add(&mut self.by_home, usize::from(row.home));
        }
        if counts(ONLINE) {
            add(&mut self.by_online, usize::from(row.online));
        }
    }

    pub(crate) fn finish(self) -> Facets {
        Facets {
            specialty: most((0..).zip(self.by_specialty)),
            city: most((0..).zip(self.by_city)),
            district: most((0..).zip(self.by_district)),
            metro: most((0..).zip(self.by_metro)),
            sex: most(SEXES.into_iter().zip(self.by_sex)),
            child: most([false, true].into_iter().zip(self.by_child)),
            language: most(Lang::ALL.into_iter().zip(self.by_language)),
            service: most((0..).zip(self.by_service)),
            home: most([false, true].into_iter().zip(self.by_home)),
            online: most([false, true].into_iter().zip(self.by_online)),
            written: Default::default(),
        }
    }
}

fn add(counts: &mut [usize], place: usize) {
    if let Some(count) = counts.get_mut(place) {
        *count += 1;
    }
}

/// Stable: equal counts keep the order of the catalogue, which is that of the codes.
fn most<T>(counts: impl Iterator<Item = (T, usize)>) -> Vec<(T, usize)> {
    let mut counts: Vec<_> = counts.filter(|(_, count)| *count > 0).collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.truncate(VALUES_MAX);
    counts
}

/// The place of a code, and whether it was asked for and is not there.
fn place<'a>(asked: Option<&str>, mut codes: impl Iterator<Item = &'a str>) -> (Option<usize>, bool) {
    let Some(asked) = asked else {
        return (None, false);
    };
    let place = codes.position(|code| code == asked);
    (place, place.is_none())
}

fn places<'a>(asked: &[String], codes: impl Iterator<Item = &'a str>) -> (Vec<usize>, bool) {
    let found: Vec<usize> = codes.enumerate().filter(|(_, code)| asked.iter().any(|asked| asked == code)).map(|(place, _)| place).collect();
    let unknown = !asked.is_empty() && found.is_empty();
    (found, unknown)
}
