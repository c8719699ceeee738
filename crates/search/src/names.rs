//! What people and programs write where a code is meant: the code, or the name in any language, in whatever case.

use directory::catalogue::{Catalogue, City, HealthcareService, Names, Specialty};

use crate::words::plain;

/// The specialty of that code, name or field.
pub fn specialty<'a>(catalogue: &'a Catalogue, text: &str) -> Option<&'a Specialty> {
    catalogue.specialty(text).or_else(|| {
        let text = plain(text);
        let named =
            |names: &Names| any(names, |name| plain(name) == text || name.split_once(" (").is_some_and(|(short, _)| plain(short) == text));
        catalogue.specialties.iter().find(|entry| named(&entry.names) || named(&entry.field))
    })
}

/// The city of that code or name.
pub fn city<'a>(catalogue: &'a Catalogue, text: &str) -> Option<&'a City> {
    catalogue.city(text).or_else(|| catalogue.cities.iter().find(|entry| is(&entry.names, text)))
}

/// The service of that code or name.
pub fn service<'a>(catalogue: &'a Catalogue, text: &str) -> Option<&'a HealthcareService> {
    catalogue.service(text).or_else(|| catalogue.services.iter().find(|entry| is(&entry.names, text)))
}

/// Codes of the districts of that code or name, in one city when it is given; several cities may have one name.
pub fn districts(catalogue: &Catalogue, city: Option<&str>, text: &str) -> Vec<String> {
    if let Some(known) = catalogue.district(text) {
        return vec![known.code.clone()];
    }
    let here = |of: &str| city.is_none_or(|city| city == of);
    catalogue.districts.iter().filter(|entry| here(&entry.city) && is(&entry.names, text)).map(|entry| entry.code.clone()).collect()
}

/// Codes of the stations of that code or name, in one city when it is given.
pub fn metros(catalogue: &Catalogue, city: Option<&str>, text: &str) -> Vec<String> {
    if let Some(known) = catalogue.metro(text) {
        return vec![known.code.clone()];
    }
    let here = |of: &str| city.is_none_or(|city| city == of);
    catalogue.metros.iter().filter(|entry| here(&entry.city) && is(&entry.names, text)).map(|entry| entry.code.clone()).collect()
}

fn is(names: &Names, text: &str) -> bool {
    let text = plain(text);
    !text.is_empty() && any(names, |name| plain(name) == text)
}

fn any(names: &Names, test: impl Fn(&str) -> bool) -> bool {
    test(&names.kk) || test(&names.ru) || test(&names.en)
}
