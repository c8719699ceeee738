//! How many would fit with each value of a filter. A role that fits every filter counts everywhere; one that misses exactly one
//! filter counts for that filter alone: so a person sees what the other choices would bring.

use directory::catalogue::{Lang, Sex};

use crate::engine::Query;
use crate::index::{Index, Row};

/// Values of one facet at most (I9).
pub const VALUES_MAX: usize = 100;

const SPECIALTY: u8 = 1;
const CITY: u8 = 1 << 1;
const DISTRICT: u8 = 1 << 2;
const METRO: u8 = 1 << 3;
const SEX: u8 = 1 << 4;
const CHILD: u8 = 1 << 5;
const LANGUAGE: u8 = 1 << 6;

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
    /// Filters that name a code which the catalogue does not have: every role misses them, and so does every choice.
    unknown: bool,
    by_specialty: Vec<usize>,
    by_city: Vec<usize>,
    by_district: Vec<usize>,
    by_metro: Vec<usize>,
    by_sex: [usize; 2],
    by_child: [usize; 2],
    by_language: [usize; 3],
}

const SEXES: [Sex; 2] = [Sex::Female, Sex::Male];

impl Counting {
    pub(crate) fn new(index: &Index, query: &Query) -> Counting {
        let catalogue = index.catalogue();
        let (specialty, no_specialty) = place(query.specialty.as_deref(), catalogue.specialties.iter().map(|entry| entry.code.as_str()));
        let (city, no_city) = place(query.city.as_deref(), catalogue.cities.iter().map(|entry| entry.code.as_str()));
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
            unknown: no_specialty || no_city || no_district || no_metro,
            by_specialty: vec![0; catalogue.specialties.len()],
            by_city: vec![0; catalogue.cities.len()],
            by_district: vec![0; catalogue.districts.len()],
            by_metro: vec![0; catalogue.metros.len()],
            by_sex: [0; 2],
            by_child: [0; 2],
            by_language: [0; 3],
        }
    }

    /// The filters that the role does not fit, one bit each.
    pub(crate) fn misses(&self, row: &Row) -> u8 {
        if self.unknown {
            return u8::MAX;
        }
        let mut misses = 0;
        let mut check = |fits: bool, bit: u8| {
            if !fits {
                misses |= bit;
            }
        };
        check(self.specialty.is_none_or(|asked| row.specialties.contains(&asked)), SPECIALTY);
        check(self.city.is_none() || self.city == row.city, CITY);
        check(self.districts.is_empty() || row.district.is_some_and(|district| self.districts.contains(&district)), DISTRICT);
        check(self.metros.is_empty() || row.metros.iter().any(|metro| self.metros.contains(metro)), METRO);
        check(self.sex.is_none() || self.sex == row.sex, SEX);
        check(self.child.is_none_or(|asked| row.children == asked), CHILD);
        check(self.language.is_none_or(|asked| row.languages.contains(&asked)), LANGUAGE);
        misses
    }

    /// Counts a role that misses nothing, or one filter only.
    pub(crate) fn count(&mut self, row: &Row, misses: u8) {
        let counts = |bit: u8| misses == 0 || misses == bit;
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
