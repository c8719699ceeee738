//! Words, filters and ranking over the directory and free time.
//!
//! An [`Index`](index::Index) is made of one [`Catalogue`](directory::catalogue::Catalogue) and never changes; a directory of
//! another version gets another index. Free time is never copied: it is asked at each search, so that a time just taken is gone
//! from the next answer.
//!
//! # Invariants
//! - Every word of a question must be found in a role (names, specialty, service, clinic, metro, district, city, everyday words).
//! - One analysis ([`words`]) for what is indexed and what is asked.
//! - The same question gets the same order until a time is taken.
//! - Every list has a limit (I9). What people ask is written nowhere.
//!
//! # Use cases
//! - [`engine::search`]: the roles that fit, in order, with first free times and facets.
//! - [`suggest::suggest`]: what a person may mean, while they type.

mod address;
mod allowed;
mod answer;
pub mod api;
mod around;
pub mod asked;
mod bits;
pub mod engine;
pub mod facets;
mod hours;
pub mod index;
pub mod names;
pub mod openapi;
pub mod pages;
mod problem;
mod sets;
#[cfg(test)]
mod small;
pub mod state;
pub mod suggest;
mod texts;
mod traits;
mod typos;
pub mod views;
mod wanted;
pub mod words;

#[cfg(test)]
mod tests;

pub use api::api;
pub use pages::pages;
pub use state::{Search, State};
pub use views::TEXTS;
