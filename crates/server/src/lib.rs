//! The program: settings, the open application, its router, what runs by itself, and the commands.

pub mod app;
pub mod backup;
pub mod check;
pub mod demo;
pub mod feeds;
pub mod metrics;
pub mod openapi;
pub mod personal;
pub mod recipients;
pub mod router;
pub mod settings;
pub mod timetable;

mod tariffs;

pub use app::{App, StartError};
pub use settings::Settings;

/// What is logged: `wanted` in the syntax of `RECOMED_LOG`, else warnings and what the server says of itself. Addresses hold capabilities
/// and whatever people type, so the one library that would write them down is never heard.
pub fn log_filter(wanted: Option<&str>) -> tracing_subscriber::EnvFilter {
    let usual = || tracing_subscriber::EnvFilter::new("warn,server=info");
    let filter = wanted.map_or_else(usual, |wanted| tracing_subscriber::EnvFilter::try_new(wanted).unwrap_or_else(|_| usual()));
    match "tower_http::csrf=off".parse() {
        Ok(silent) => filter.add_directive(silent),
        Err(_) => usual(),
    }
}
