//! What a role has of everything that filters and facets ask about: every choice of every facet is a number, each number has the set
//! of its roles, and each role the list of its numbers.

use std::collections::HashMap;
use std::ops::Range;

use directory::catalogue::{Catalogue, Lang, PractitionerRole, Sex};

use crate::bits::Bits;
use crate::traits::Traits;

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
pub(crate) type Choice = u16;

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
    own: Vec<Own>,
    /// The choices of roles that have too many for [`Own`].
    more: HashMap<usize, Vec<Choice>>,
    /// What each role offers: the service's choice and the price in minor units, the first offer first.
    offers: Lists<(Choice, i64)>,
}

/// Choices kept beside each other; few roles have more.
const OWN_MAX: usize = 26;

/// What thousands of roles are asked for one question: of each role as much as a processor reads at once.
#[repr(align(64))]
struct Own {
    /// Minor units of the first offer.
    first_price: i64,
    /// How many of `choices` there are; 0 when they stand elsewhere, for everybody has some.
    length: u16,
    choices: [Choice; OWN_MAX],
}

const _: () = assert!(size_of::<Own>() == 64);

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
        let mut end: Choice = 0;
        for (length, begin) in lengths.into_iter().zip(sets.begins.iter_mut().skip(1)) {
            end = Choice::try_from(length).ok().and_then(|length| end.checked_add(length)).unwrap_or(Choice::MAX - 1);
            *begin = end;
        }
        sets.roles_of = vec![none; usize::from(end)];
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
            self.roles_of.get_mut(usize::from(*choice)).into_iter().for_each(|set| set.put(at));
        }
        let mut own = Own { first_price: 0, length: 0, choices: [0; OWN_MAX] };
        if choices.len() <= OWN_MAX {
            own.length = u16::try_from(choices.len()).unwrap_or_default();
            own.choices.iter_mut().zip(&choices).for_each(|(to, from)| *to = *from);
        } else {
            self.more.insert(at, choices);
        }
        let offers = row
            .offers
            .iter()
            .zip(&role.services)
            .map(|(service, offer)| (service.map_or(Choice::MAX, |place| self.choice(Facet::Service, place)), offer.price_minor));
        let offers: Vec<(Choice, i64)> = offers.collect();
        own.first_price = offers.first().map_or(0, |(_, price)| *price);
        self.own.push(own);
        self.offers.add(offers);
    }

    /// The choice at that place of the facet's list; one that nobody has where a directory names more than 65,534 in all.
    pub(crate) fn choice(&self, facet: Facet, place: usize) -> Choice {
        let range = self.choices_of(facet);
        let choice = Choice::try_from(place).ok().and_then(|place| range.start.checked_add(place));
        choice.filter(|choice| range.contains(choice)).unwrap_or(Choice::MAX)
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
        self.roles_of.get(usize::from(choice))
    }

    /// The roles with that place of the facet's list.
    pub(crate) fn of(&self, facet: Facet, place: usize) -> Option<&Bits> {
        self.roles_of(self.choice(facet, place))
    }

    /// The roles of each place of the facet's list, in its order.
    pub(crate) fn all_of(&self, facet: Facet) -> impl Iterator<Item = &Bits> {
        self.choices_of(facet).filter_map(|choice| self.roles_of(choice))
    }

    /// The choices of a role, ordered, and so facet by facet.
    pub(crate) fn choices_of_role(&self, role: usize) -> &[Choice] {
        let own = self.own.get(role).and_then(|own| own.choices.get(..usize::from(own.length))).unwrap_or_default();
        if own.is_empty() { self.more.get(&role).map_or(own, Vec::as_slice) } else { own }
    }

    /// The places in the facet's list that a role has.
    pub(crate) fn places_of_role(&self, role: usize, facet: Facet) -> impl Iterator<Item = usize> {
        let range = self.choices_of(facet);
        let own = self.choices_of_role(role).iter().filter(move |choice| range.contains(choice));
        own.map(move |choice| usize::from(choice - self.choices_of(facet).start))
    }

    /// What a role would be booked for when this service is asked for: the service if it offers it, else what it offers first.
    #[inline]
    pub(crate) fn offer(&self, role: usize, service: Option<Choice>) -> Offer {
        let place = service.and_then(|service| self.offers.get(role).iter().position(|(known, _)| *known == service));
        Offer { place: place.unwrap_or_default() }
    }

    /// The price of what a role would be booked for, minor units; 0 for a role that offers nothing, which is in no answer.
    #[inline]
    pub(crate) fn price(&self, role: usize, offer: Offer) -> i64 {
        match offer.place {
            0 => self.own.get(role).map_or(0, |own| own.first_price),
            place => self.offers.get(role).get(place).map_or(0, |(_, price)| *price),
        }
    }

    /// Reads what is going to be asked of these roles, all at once instead of one after the other.
    pub(crate) fn fetch(&self, roles: impl Iterator<Item = usize>) {
        std::hint::black_box(roles.filter_map(|role| self.own.get(role)).fold(0, |sum, own| sum ^ own.length));
    }
}

/// What a role would be booked for.
#[derive(Clone, Copy)]
pub(crate) struct Offer {
    /// Its place among the role's offers.
    pub(crate) place: usize,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use directory::catalogue::{Catalogue, HealthcareService, Parts, RoleService};

    use super::*;
    use crate::engine::{Query, search};
    use crate::index::Index;
    use crate::small::{Times, catalogue};

    #[test]
    fn who_offers_very_much_is_filtered_counted_and_priced_like_others() {
        let small = catalogue();
        let code = |number: usize| format!("more-{number:02}");
        let more = || (0..2 * OWN_MAX).map(code);
        let (mut services, mut roles) = (small.services.clone(), small.roles.clone());
        services.extend(more().map(|code| HealthcareService { code, ..small.services[0].clone() }));
        roles[0].services.extend(more().zip(100..).map(|(code, price)| RoleService::simple(code, price, 30)));
        let Catalogue { cities, districts, metros, specialties, organizations, locations, practitioners, .. } = small;
        let parts =
            Parts { cities, districts, metros, specialties, organizations, locations, practitioners, services, roles, ..Parts::default() };
        let index = Index::new(Arc::new(Catalogue::new(parts)), 18);
        let last = code(2 * OWN_MAX - 1);
        let query = Query { service: Some(last.clone()), price_max_minor: Some(200), page: 1, per_page: 9, ..Query::default() };
        let found = search(&index, &Times::default(), clock::Timestamp(0), &query);
        assert_eq!((found.total, found.hits.first().map(|hit| hit.place)), (1, Some(0)), "by its last service, at that service's price");
        let counted = found.facets.service.iter().filter(|(place, _)| index.catalogue().services[*place].code.starts_with("more-"));
        assert!(counted.count() > OWN_MAX, "facets count what it offers: {:?}", found.facets.service);
        assert!(index.sets().choices_of_role(0).len() > OWN_MAX && index.sets().choices_of_role(1).len() <= OWN_MAX);
        let dearer = Query { price_max_minor: Some(100), ..query };
        assert_eq!(search(&index, &Times::default(), clock::Timestamp(0), &dearer).total, 0);
    }
}
