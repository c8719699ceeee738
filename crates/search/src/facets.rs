//! How many would fit with each value of a filter. A role that fits every filter counts everywhere; one that misses exactly one
//! filter counts for that filter alone: so a person sees what the other choices would bring.

use std::sync::OnceLock;

use directory::catalogue::{Lang, Sex};

use crate::sets::{Facet, SEXES, Sets};

/// Values of one facet at most (I9).
pub const VALUES_MAX: usize = 100;

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

/// What has been counted.
pub(crate) struct Counting<'s> {
    sets: &'s Sets,
    counts: Vec<usize>,
}

impl<'s> Counting<'s> {
    /// Nothing yet.
    pub(crate) fn new(sets: &'s Sets) -> Counting<'s> {
        Counting { sets, counts: vec![0; sets.choices()] }
    }

    /// Counts a role that misses nothing, or this filter only.
    pub(crate) fn count(&mut self, role: usize, missed: Option<Facet>) {
        let own = self.sets.choices_of_role(role);
        let own = match missed {
            None => own,
            Some(facet) => {
                let range = self.sets.choices_of(facet);
                let from = own.iter().position(|choice| *choice >= range.start).unwrap_or(own.len());
                let rest = own.get(from..).unwrap_or_default();
                rest.get(..rest.iter().take_while(|choice| **choice < range.end).count()).unwrap_or_default()
            }
        };
        for choice in own {
            if let Some(count) = self.counts.get_mut(usize::from(*choice)) {
                *count += 1;
            }
        }
    }

    /// The counts by facet.
    pub(crate) fn finish(&self) -> Facets {
        let of = |facet: Facet| {
            let range = self.sets.choices_of(facet);
            self.counts.get(usize::from(range.start)..usize::from(range.end)).unwrap_or_default()
        };
        let places = |facet: Facet| most(of(facet).iter().copied().enumerate());
        let flags = |facet: Facet| most([false, true].into_iter().zip(of(facet).iter().copied()));
        Facets {
            specialty: places(Facet::Specialty),
            city: places(Facet::City),
            district: places(Facet::District),
            metro: places(Facet::Metro),
            sex: most(SEXES.into_iter().zip(of(Facet::Sex).iter().copied())),
            child: flags(Facet::Child),
            language: most(Lang::ALL.into_iter().zip(of(Facet::Language).iter().copied())),
            service: places(Facet::Service),
            home: flags(Facet::Home),
            online: flags(Facet::Online),
            written: Default::default(),
        }
    }
}

/// Stable: equal counts keep the order of the catalogue, which is that of the codes.
fn most<T>(counts: impl Iterator<Item = (T, usize)>) -> Vec<(T, usize)> {
    let mut counts: Vec<_> = counts.filter(|(_, count)| *count > 0).collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.truncate(VALUES_MAX);
    counts
}
