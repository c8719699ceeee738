//! The directory: who receives whom, where, when and for how much.
//!
//! A [`Practitioner`](catalogue::Practitioner) works for an [`Organization`](catalogue::Organization) at a
//! [`Location`](catalogue::Location); the three meet in a [`PractitionerRole`](catalogue::PractitionerRole), which is what a
//! person finds and books. A role has specialties, services with a price and a length, and a weekly schedule with exceptions.
//! No personal data of patients is kept here.
//!
//! # Invariants
//! - Names exist in Kazakh, Russian and English; whoever gives one language has it shown in all three.
//! - Ids follow from natural keys: the same file means the same ids wherever it is imported.
//! - Lengths, hours and therefore starts are multiples of five minutes, the cell of a claim (I1).
//! - A [`Catalogue`](catalogue::Catalogue) never changes; its version tells followers when to load the next one.
//! - SQL lives in [`store`] alone (I7).
//!
//! # Use cases
//! - [`import_csv`](import_csv::import_csv): an operator's doctors and hours come in from a file.
//! - [`write_reference`](import_csv::write_reference): the program's own lists are there.
//! - [`set_city_phones`](import_csv::set_city_phones): the number to call in each city.
//! - [`load`](store::load): the whole directory into memory; [`version`](store::version): whether to do so again.
//!
//! [`schedule`] turns a role's schedule into instants; what of them is free is `booking`'s matter.

mod branches;
pub mod catalogue;
mod cells;
pub mod csv_form;
pub mod demo;
pub mod fhir;
pub mod generate;
pub mod import_csv;
mod offers;
pub mod paths;
pub mod personal;
pub mod reference;
pub mod refused;
mod resolve;
pub mod schedule;
pub mod slug;
pub mod store;
