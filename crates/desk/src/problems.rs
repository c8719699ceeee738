//! What each refusal tells the outside.

use axum::http::StatusCode;
use web::problem::Problem;
use web::texts::Value;

/// A person whom no consent opens any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotOpened;

impl Problem for NotOpened {
    fn status(&self) -> StatusCode {
        StatusCode::CONFLICT
    }
    fn code(&self) -> &'static str {
        "not_opened"
    }
    fn text(&self) -> (&'static str, Vec<(&'static str, Value)>) {
        ("desk-not-opened", Vec::new())
    }
    fn clause(&self) -> Option<&'static str> {
        Some("2.1")
    }
}
