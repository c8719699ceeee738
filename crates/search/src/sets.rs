//! What a role has of everything that filters and facets ask about: every choice of every facet is a number, each number has the set
//! of its roles, and each role the list of its numbers.

use std::ops::Range;

use directory::catalogue::{Catalogue, Lang, PractitionerRole, Sex};

use crate::bits::Bits;
use crate::index::Traits;

/// A filter that has counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Facet {
    Specialty,
    City,
    District,
    Metro,
    Service,
    Sex,
    Language,
    Child,
    Home,
    Online,
}

/// How many facets there are.
const FACETS: usize = 10;

/// The sexes in the order of their choices.
pub(crate) const SEXES: [Sex; 2] = [Sex::Female, Sex::Male];

/// A choice of a facet: the places of a facet's list, or its values in their order, one facet after the other.
pub(crate) type Choice = u32;

/// Sets and lists of one catalogue.
#[derive(Default)]
pub(crate) struct Sets {
    /// Roles that offer anything at all.
    pub(crate) offering: Bits,
    /// Schedules of devices and rooms, where no doctor is chosen.
    pub(crate) without_doctor: Bits,
    /// Where each facet's choices begin, and the end of all.
    begins: [Choice; FACETS + 1],
    roles_of: Vec<Bits>,
    choices: Lists<Choice>,
    /// What each role offers: the service's choice and the price in minor units, the first offer first.
    offers: Lists<(Choice, i64)>,
    /// The price of each role's first offer, side by side: what thousands of roles are asked for one question.
    first_price: Vec<i64>,
}

/// A list for each role, one behind the other.
#[derive(Default)]
struct Lists<T> {
    all: Vec<T>,
    ends: Vec<u32>,
}

impl<T> Lists<T> {
    fn add(&mut self, list: impl IntoIterator<Item = T>) {
        self.all.extend(list);
        self.ends.push(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
    }

    fn get(&self, at: usize) -> &[T] {
        let from = at.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        self.ends.get(at).and_then(|end| self.all.get(from..*end as usize)).unwrap_or_default()
    }
}

impl Sets {
    /// Of a catalogue and what its roles have.
    pub(crate) fn new(catalogue: &Catalogue, traits: &[Traits]) -> Sets {
        let lengths = [
            catalogue.specialties.len(),
            catalogue.cities.len(),
            catalogue.districts.len(),
            catalogue.metros.len(),
            catalogue.services.len(),
            SEXES.len(),
            Lang::ALL.len(),
            2,
            2,
            2,
        ];
        let none = Bits::none(traits.len());
        let mut sets = Sets { offering: none.clone(), without_doctor: none.clone(), ..Sets::default() };
        let mut end = 0;
        for (length, begin) in lengths.into_iter().zip(sets.begins.iter_mut().skip(1)) {
            end += u32::try_from(length).unwrap_or_default();
            *begin = end;
        }
        sets.roles_of = vec![none; end as usize];
        for (at, (traits, role)) in traits.iter().zip(&catalogue.roles).enumerate() {
            sets.add(at, traits, role);
        }
        sets
    }

    fn add(&mut self, at: usize, row: &Traits, role: &PractitionerRole) {
        if !role.services.is_empty() {
            self.offering.put(at);
        }
        if role.practitioner.is_none() {
            self.without_doctor.put(at);
        }
        let (sex, spoken) = (
            SEXES.iter().position(|sex| row.sex == Some(*sex)),
            Lang::ALL.iter().enumerate().filter(|(_, lang)| row.languages.contains(lang)).map(|(place, _)| place),
        );
        let of = |facet: Facet, places: &[usize]| places.iter().map(|place| (facet, *place)).collect::<Vec<_>>();
        let all = [
            of(Facet::Specialty, &row.specialties),
            of(Facet::City, row.city.as_slice()),
            of(Facet::District, row.district.as_slice()),
            of(Facet::Metro, &row.metros),
            of(Facet::Service, &row.services),
            of(Facet::Sex, sex.as_slice()),
            of(Facet::Language, &spoken.collect::<Vec<_>>()),
            of(Facet::Child, &[usize::from(row.children)]),
            of(Facet::Home, &[usize::from(row.home)]),
            of(Facet::Online, &[usize::from(row.online)]),
        ];
        let mut choices: Vec<Choice> = all.into_iter().flatten().map(|(facet, place)| self.choice(facet, place)).collect();
        choices.sort_unstable();
        choices.dedup();
        for choice in &choices {
            self.roles_of.get_mut(*choice as usize).into_iter().for_each(|set| set.put(at));
        }
        self.choices.add(choices);
        let offers = row.offers.iter().zip(&role.services).map(|(service, offer)| {
            (service.map_or(Choice::MAX, |place| self.choice(Facet::Service, place)), offer.price_minor)
        });
        let offers: Vec<(Choice, i64)> = offers.collect();
        self.first_price.push(offers.first().map_or(0, |(_, price)| *price));
        self.offers.add(offers);
    }

    /// The choice at that place of the facet's list.
    pub(crate) fn choice(&self, facet: Facet, place: usize) -> Choice {
        self.choices_of(facet).start + u32::try_from(place).unwrap_or_default()
    }

    /// All choices of a facet.
    pub(crate) fn choices_of(&self, facet: Facet) -> Range<Choice> {
        let at = facet as usize;
        self.begins.get(at).copied().unwrap_or_default()..self.begins.get(at + 1).copied().unwrap_or_default()
    }

    /// How many choices all facets have.
    pub(crate) fn choices(&self) -> usize {
        self.roles_of.len()
    }

    /// The roles that have this choice.
    pub(crate) fn roles_of(&self, choice: Choice) -> Option<&Bits> {
        self.roles_of.get(choice as usize)
    }

    /// The roles with that place of the facet's list.
    pub(crate) fn of(&self, facet: Facet, place: usize) -> Option<&Bits> {
        self.roles_of(self.choice(facet, place))
    }

    /// The choices of a role, ordered, and so facet by facet.
    pub(crate) fn choices_of_role(&self, role: usize) -> &[Choice] {
        self.choices.get(role)
    }

    /// The places in the facet's list that a role has.
    pub(crate) fn places_of_role(&self, role: usize, facet: Facet) -> impl Iterator<Item = usize> {
        let range = self.choices_of(facet);
        let own = self.choices_of_role(role).iter().filter(move |choice| range.contains(choice));
        own.map(move |choice| (choice - self.choices_of(facet).start) as usize)
    }

    /// What a role would be booked for when this service is asked for: the service if it offers it, else what it offers first;
    /// `None` when it offers nothing.
    pub(crate) fn offer(&self, role: usize, service: Option<Choice>) -> Option<Offer> {
        if let Some(service) = service {
            let offers = self.offers.get(role);
            let place = offers.iter().position(|(known, _)| *known == service).unwrap_or_default();
            return offers.get(place).map(|(_, price_minor)| Offer { place, price_minor: *price_minor });
        }
        // A role that offers nothing is in no answer; its price is not looked at.
        self.first_price.get(role).map(|price_minor| Offer { place: 0, price_minor: *price_minor })
    }
}

/// What a role would be booked for.
#[derive(Clone, Copy)]
pub(crate) struct Offer {
    /// Its place among the role's offers.
    pub(crate) place: usize,
    /// Minor units.
    pub(crate) price_minor: i64,
}
