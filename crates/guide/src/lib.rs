//! The pages of places and examinations: a city, its clinics, one clinic, the examinations of a city, one examination; and what
//! machines read to find every page of the site.
//!
//! # Invariants
//! - Whatever stands in the sitemap is linked from a page of the site and has one address in each language.
//! - A page says nothing to machines that it does not show to people.
//! - Every list has a limit (I9).

pub mod atlas;
mod city;
mod clinic;
mod examination;
pub mod hours;
mod machines;
mod offers;
pub mod pages;
mod places;
pub mod views;

pub use pages::{State, pages};
pub use views::TEXTS;
