//! The program: settings, the open application, its router, what runs by itself, and the commands.

pub mod app;
pub mod metrics;
pub mod openapi;
pub mod router;
pub mod settings;
pub mod timetable;

pub use app::{App, StartError};
pub use settings::Settings;
