//! The addresses of things on the site, after the language. The name in an address decorates it; the id or the code decides.

use db::Lang;

use crate::catalogue::{Catalogue, Organization, PractitionerRole};
use crate::slug::slug;

/// `/doctors/{id}-{name}`: a doctor in a clinic. A role without a doctor is named by what it offers first.
pub fn doctor(catalogue: &Catalogue, role: &PractitionerRole, lang: Lang) -> String {
    let named = catalogue.practitioner_of(role).map(|doctor| &doctor.names);
    let offered = || role.services.first().and_then(|offer| catalogue.service(&offer.service)).map(|service| &service.names);
    let name = named.or_else(offered).map(|names| slug(names.get(lang))).unwrap_or_default();
    format!("/doctors/{}-{name}", role.id)
}

/// `/clinics/{id}-{name}`.
pub fn clinic(clinic: &Organization, lang: Lang) -> String {
    format!("/clinics/{}-{}", clinic.id, slug(clinic.names.get(lang)))
}

/// `/{city}`.
pub fn city(city: &str) -> String {
    format!("/{city}")
}

/// `/{city}/clinics`.
pub fn clinics(city: &str) -> String {
    format!("/{city}/clinics")
}

/// `/{city}/examinations`.
pub fn examinations(city: &str) -> String {
    format!("/{city}/examinations")
}

/// `/{city}/examinations/{code}`.
pub fn examination(city: &str, service: &str) -> String {
    format!("/{city}/examinations/{service}")
}

/// `/{city}/{specialty}`.
pub fn specialty(city: &str, specialty: &str) -> String {
    format!("/{city}/{specialty}")
}
