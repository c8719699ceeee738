//! The contact centre: the one list of work, and booking while talking.
//!
//! Follow an item: a turn of a visit leaves the job `LOOK` → `look.rs` reads what the visit needs and opens its task → `work.rs` an agent takes it,
//! calls, and ends it by writing the answer where it is true → the next look closes the circle.
//!
//! # Invariants
//! - One open task for each visit, in one hand at a time; none ends without an outcome.
//! - No page without a line in [`ROUTES`]; the gate is that of all pages of staff.
//! - Nobody's name or phone is open here but of whoever is on the line or on the item at hand, and each opening is in the log (I3).
//! - Every list has a limit (I9).

mod call;
pub mod call_views;
mod hours;
mod list;
mod look;
mod pages;
pub mod personal;
mod problems;
mod store;
mod task;
pub mod views;
mod work;
mod world;

pub use hours::Hours;
pub use list::{LISTED_MAX, Show, counts, open_tasks, tasks_of, unreached};
pub use look::{look, look_job, sweep};
pub use pages::{ROUTES, pages};
pub use task::{Outcome, Reason, Task, TaskId, Urgency};
pub use views::TEXTS;
pub use work::{Ending, WorkError, end, let_go, put_off, take, task};
pub use world::{Desk, Terms};
