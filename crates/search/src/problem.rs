//! What a refusal of search tells the outside.

use axum::http::StatusCode;
use web::problem::Problem;
use web::texts::Value;

/// The partner's key was not given the scope `search`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotAllowed;

impl Problem for NotAllowed {
    fn status(&self) -> StatusCode {
        StatusCode::FORBIDDEN
    }
    fn code(&self) -> &'static str {
        "scope_missing"
    }
    fn text(&self) -> (&'static str, Vec<(&'static str, Value)>) {
        ("search-problem-scope", Vec::new())
    }
}
