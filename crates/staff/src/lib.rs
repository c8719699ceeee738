//! The pages by which staff come in, switch at a shared workstation, and see what their role lets them see. Who may do what is decided
//! in `access`; here every page says which act it is, in one table, and a page that stands in no table cannot be reached.
//!
//! # Invariants
//! - No page without a line in [`ROUTES`]; no act without a role that has it (`door/staff.rs` tries every page as every role).
//! - A name or a phone is seen one visit at a time, at a press, and the press is in the log (I3).
//! - Every list has a limit (I9).

mod cookies;
pub mod pages;
mod problems;
mod routes;
pub mod views;

pub use pages::{Door, gated, pages};
pub use routes::{ROUTES, Route, Rule, get, post};
pub use views::TEXTS;
