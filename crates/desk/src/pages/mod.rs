//! The pages of the desk, behind the gate of all pages of staff. They work without JavaScript.

use axum::Router;
use staff::{Door, Route};

/// Every page and every form of the desk.
pub const ROUTES: &[Route] = &[];

/// The routes; each stands in [`ROUTES`], or nobody reaches it.
pub fn pages(door: &Door, _search: &search::State) -> Router {
    staff::gated(door, ROUTES, Router::new())
}
