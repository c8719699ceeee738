//! The directory as FHIR R4 resources: written by [`out`], read by [`import`].
//!
//! What FHIR has an element for stands in that element. What it has none for stands in extensions and code systems whose addresses
//! begin with [`BASE`]; `docs/operations/fhir.md` lists them. Names carry their languages by FHIR's own translation extension.
//! What [`out`] writes of a directory, [`import`] reads into an equal one.

mod feed;
pub mod import;
pub mod lists;
pub mod out;
mod read;
mod settle;
mod slots;
mod take;

pub use feed::{Feed, FeedFile, Found, Opened};

/// Begins every address of ours: extensions, systems of identifiers and code systems. A name, not a place to visit.
pub const BASE: &str = "urn:recomed:fhir:";
/// FHIR's extension that gives a text in another language.
pub(crate) const TRANSLATION: &str = "http://hl7.org/fhir/StructureDefinition/translation";

/// The address of one of our extensions or systems.
pub fn ours(name: &str) -> String {
    format!("{BASE}{name}")
}

/// The id of the computed slot of a role that begins at that second: the role's id, a dot, seconds since 1970.
pub fn computed_slot_id(role: crate::catalogue::RoleId, start: clock::Timestamp) -> String {
    format!("{role}.{}", start.micros().div_euclid(clock::SECOND))
}

/// The role and the begin that [`computed_slot_id`] wrote; `None` for any other text.
pub fn computed_slot(id: &str) -> Option<(crate::catalogue::RoleId, clock::Timestamp)> {
    let (role, seconds) = id.split_once('.')?;
    let seconds: i64 = seconds.parse().ok()?;
    Some((role.parse().ok()?, clock::Timestamp(seconds.checked_mul(clock::SECOND)?)))
}
