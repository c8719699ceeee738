//! For each value of a filter the set of roles that fit it.

use directory::catalogue::{Catalogue, Lang, Sex};

use crate::bits::Bits;
use crate::index::Row;

/// Sets by place in the catalogue's lists, or by value.
#[derive(Default)]
pub(crate) struct Sets {
    /// Roles that offer anything at all.
    pub(crate) offering: Bits,
    pub(crate) specialty: Vec<Bits>,
    pub(crate) city: Vec<Bits>,
    pub(crate) district: Vec<Bits>,
    pub(crate) metro: Vec<Bits>,
    pub(crate) service: Vec<Bits>,
    /// Women, men.
    pub(crate) sex: [Bits; 2],
    /// As [`Lang::ALL`].
    pub(crate) language: [Bits; 3],
    /// Without, with.
    pub(crate) child: [Bits; 2],
    pub(crate) home: [Bits; 2],
    pub(crate) online: [Bits; 2],
}

/// The sexes in the order of [`Sets::sex`].
pub(crate) const SEXES: [Sex; 2] = [Sex::Female, Sex::Male];

impl Sets {
    pub(crate) fn of(catalogue: &Catalogue, rows: &[Row]) -> Sets {
        let none = || Bits::none(rows.len());
        let mut sets = Sets {
            offering: none(),
            specialty: vec![none(); catalogue.specialties.len()],
            city: vec![none(); catalogue.cities.len()],
            district: vec![none(); catalogue.districts.len()],
            metro: vec![none(); catalogue.metros.len()],
            service: vec![none(); catalogue.services.len()],
            sex: [none(), none()],
            language: [none(), none(), none()],
            child: [none(), none()],
            home: [none(), none()],
            online: [none(), none()],
        };
        for (at, _) in catalogue.roles.iter().enumerate().filter(|(_, role)| !role.services.is_empty()) {
            sets.offering.put(at);
        }
        for (at, row) in rows.iter().enumerate() {
            row.specialties.iter().for_each(|place| put(&mut sets.specialty, *place, at));
            row.city.iter().for_each(|place| put(&mut sets.city, *place, at));
            row.district.iter().for_each(|place| put(&mut sets.district, *place, at));
            row.metros.iter().for_each(|place| put(&mut sets.metro, *place, at));
            row.services.iter().for_each(|place| put(&mut sets.service, *place, at));
            SEXES.iter().position(|sex| row.sex == Some(*sex)).iter().for_each(|place| put(&mut sets.sex, *place, at));
            let spoken = Lang::ALL.iter().enumerate().filter(|(_, lang)| row.languages.contains(lang));
            spoken.for_each(|(place, _)| put(&mut sets.language, place, at));
            put(&mut sets.child, usize::from(row.children), at);
            put(&mut sets.home, usize::from(row.home), at);
            put(&mut sets.online, usize::from(row.online), at);
        }
        sets
    }
}

fn put(sets: &mut [Bits], place: usize, at: usize) {
    if let Some(set) = sets.get_mut(place) {
        set.put(at);
    }
}
