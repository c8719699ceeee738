//! What a person may mean, while they type.

use directory::catalogue::Lang;

use crate::index::{Complaint, Index, Thing};

/// Suggestions of all kinds together, at most (I9).
pub const SUGGESTED_MAX: usize = 10;

/// Places in the catalogue's lists; only things that lead to a role, in the city when one is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggested {
    /// Specialties.
    pub specialties: Vec<usize>,
    /// Services.
    pub services: Vec<usize>,
    /// Everyday words, each with its specialty.
    pub complaints: Vec<Complaint>,
    /// Doctors.
    pub practitioners: Vec<usize>,
    /// Clinics.
    pub organizations: Vec<usize>,
}

/// The best things of each kind whose names hold every word of `text`, the last one perhaps only begun; at most
/// [`SUGGESTED_MAX`] in all, shared out evenly. Everyday words in the reader's language come before others.
pub fn suggest(index: &Index, text: &str, city: Option<&str>, lang: Lang) -> Suggested {
    let city = city.map(|code| index.catalogue().cities.iter().position(|city| city.code == code));
    let here = |role: &u32| {
        let row = index.rows().get(*role as usize);
        row.is_some_and(|row| city.is_none_or(|city| city.is_some() && city == row.city))
    };
    let mut found = Suggested::default();
    for (thing, roles) in index.things(text) {
        if !roles.iter().any(here) {
            continue;
        }
        match thing {
            Thing::Specialty(place) => found.specialties.push(place),
            Thing::Service(place) => found.services.push(place),
            Thing::Complaint(place) => found.complaints.extend(index.complaints().get(place).cloned()),
            Thing::Practitioner(place) => found.practitioners.push(place),
            Thing::Organization(place) => found.organizations.push(place),
            Thing::Metro(_) | Thing::District(_) | Thing::City(_) => {}
        }
    }
    found.complaints.sort_by_key(|complaint| complaint.lang != lang);
    share(&mut found);
    found
}

/// Takes from the longest list, of equal ones from the last, until all of them together are short enough.
fn share(found: &mut Suggested) {
    found.specialties.truncate(SUGGESTED_MAX);
    found.services.truncate(SUGGESTED_MAX);
    found.complaints.truncate(SUGGESTED_MAX);
    found.practitioners.truncate(SUGGESTED_MAX);
    found.organizations.truncate(SUGGESTED_MAX);
    loop {
        let lengths =
            [found.specialties.len(), found.services.len(), found.complaints.len(), found.practitioners.len(), found.organizations.len()];
        if lengths.iter().sum::<usize>() <= SUGGESTED_MAX {
            return;
        }
        let longest = lengths.iter().max();
        match lengths.iter().rposition(|length| Some(length) == longest) {
            Some(0) => found.specialties.truncate(lengths[0] - 1),
            Some(1) => found.services.truncate(lengths[1] - 1),
            Some(2) => found.complaints.truncate(lengths[2] - 1),
            Some(3) => found.practitioners.truncate(lengths[3] - 1),
            _ => found.organizations.truncate(lengths[4].saturating_sub(1)),
        }
    }
}
