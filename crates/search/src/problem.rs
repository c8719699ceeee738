//! What a refusal of search tells the outside.

use axum::http::StatusCode;
use web::problem::Problem;
use web::texts::Value;

use crate::asked::Unreadable;

impl Problem for Unreadable {
    fn status(&self) -> StatusCode {
        StatusCode::UNPROCESSABLE_ENTITY
    }
    fn code(&self) -> &'static str {
        "field_invalid"
    }
    fn text(&self) -> (&'static str, Vec<(&'static str, Value)>) {
        match self.0 {
            "near" => ("search-problem-near", Vec::new()),
            name => ("search-problem-parameter", vec![("name", name.into())]),
        }
    }
}

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
