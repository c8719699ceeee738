//! A view becomes an answer.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// A page that anybody may see. Browsers ask again each time, shared caches keep nothing: the language of the page and the
/// free times on it are the moment's.
pub fn public(view: &impl Template) -> Response {
    answer(StatusCode::OK, view, "private, no-cache")
}

/// A page of one person: nothing keeps it.
pub fn personal(view: &impl Template) -> Response {
    answer(StatusCode::OK, view, "no-store")
}

/// Any page with a status of its own; nothing keeps it.
pub fn status(status: StatusCode, view: &impl Template) -> Response {
    answer(status, view, "no-store")
}

fn answer(status: StatusCode, view: &impl Template, cache: &'static str) -> Response {
    match view.render() {
        Ok(page) => {
            let mut response = (status, Html(page)).into_response();
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
            response
        }
        // A template fails only on a failing `Display`, which none of ours has.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
