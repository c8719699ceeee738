//! The contact centre: the one list of work, and booking while talking.
//!
//! # Invariants
//! - No page without a line in [`ROUTES`]; the gate is that of all pages of staff.
//! - Nobody's name or phone is open here but of whoever is on the line or on the item at hand, and each opening is in the log (I3).
//! - Every list has a limit (I9).

mod pages;
pub mod views;

pub use pages::{ROUTES, pages};
pub use views::TEXTS;
