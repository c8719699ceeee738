//! A refusal becomes an answer: a page for people, `application/problem+json` for programs, both in the reader's language.
//! The cause of a failure is logged where it happens and never shown.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fluent_bundle::FluentValue;
use serde_json::{Map, Value, json};

use crate::html;
use crate::page::{Link, Page};
use crate::texts::Texts;
use crate::views::ErrorPage;

/// What an error of a use case tells the outside. Implemented beside each error enum, exhaustively.
pub trait Problem {
    /// HTTP status.
    fn status(&self) -> StatusCode;
    /// Stable code of the API: `slot_taken`.
    fn code(&self) -> &'static str;
    /// Id of the public sentence (what happened, what to do) in the texts, with its variables. A text `{id}-heading` becomes the
    /// heading of the page; without one the heading follows from the status.
    fn text(&self) -> (&'static str, Vec<(&'static str, FluentValue<'static>)>);
    /// The policy's clause that says so: `2.4`.
    fn clause(&self) -> Option<&'static str> {
        None
    }
    /// Further members of the answer to a program (RFC 9457, section 3.2), none of them named as one that every problem has.
    fn more(&self) -> Map<String, Value> {
        Map::new()
    }
    /// Seconds after which another try makes sense.
    fn retry_after_seconds(&self) -> Option<u64> {
        None
    }
}

/// The refusals that belong to no slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// There is nothing at this address.
    NotFound,
    /// The link or the sign-in does not allow this.
    Forbidden,
    /// The request cannot be read.
    BadRequest,
    /// There is something at this address, and it cannot be done with it.
    MethodNotAllowed,
    /// The body is larger than allowed.
    TooLarge,
    /// Too many requests; seconds to wait.
    TooMany(u64),
    /// A fault of ours.
    Internal,
    /// Not now: overloaded or stopping.
    Unavailable,
}

impl Problem for Plain {
    fn status(&self) -> StatusCode {
        match self {
            Plain::NotFound => StatusCode::NOT_FOUND,
            Plain::Forbidden => StatusCode::FORBIDDEN,
            Plain::BadRequest => StatusCode::BAD_REQUEST,
            Plain::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Plain::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Plain::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Plain::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Plain::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Plain::NotFound => "not_found",
            Plain::Forbidden => "forbidden",
            Plain::BadRequest => "bad_request",
            Plain::MethodNotAllowed => "method_not_allowed",
            Plain::TooLarge => "too_large",
            Plain::TooMany(_) => "too_many_requests",
            Plain::Internal => "internal",
            Plain::Unavailable => "unavailable",
        }
    }
    fn text(&self) -> (&'static str, Vec<(&'static str, FluentValue<'static>)>) {
        let id = match self {
            Plain::NotFound => "web-error-not-found",
            Plain::Forbidden => "web-error-forbidden",
            Plain::BadRequest => "web-error-bad-request",
            Plain::MethodNotAllowed => "web-error-method",
            Plain::TooLarge => "web-error-too-large",
            Plain::TooMany(_) => "web-error-too-many",
            Plain::Internal => "web-error-internal",
            Plain::Unavailable => "web-error-unavailable",
        };
        (id, Vec::new())
    }
    fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            Plain::TooMany(seconds) => Some(*seconds),
            Plain::Unavailable => Some(5),
            _ => None,
        }
    }
}

/// The public sentence of a problem.
pub fn sentence(problem: &dyn Problem, texts: &Texts) -> String {
    let (id, args) = problem.text();
    texts.with(id, &args)
}

/// The heading of a problem: its own if it has one, else by its status.
pub fn heading(problem: &dyn Problem, texts: &Texts) -> String {
    let (id, args) = problem.text();
    let own = format!("{id}-heading");
    if texts.has(&own) {
        return texts.with(&own, &args);
    }
    texts.s(match problem.status().as_u16() {
        404 | 410 => "web-error-not-found-heading",
        403 | 401 => "web-error-forbidden-heading",
        409 => "web-error-conflict-heading",
        429 => "web-error-too-many-heading",
        500.. => "web-error-internal-heading",
        _ => "web-error-bad-request-heading",
    })
}

/// `application/problem+json` with the stable code.
pub fn json(problem: &dyn Problem, texts: &Texts) -> Response {
    let mut body = json!({
        "type": format!("urn:recomed:problem:{}", problem.code()),
        "title": heading(problem, texts),
        "status": problem.status().as_u16(),
        "code": problem.code(),
        "detail": sentence(problem, texts),
    });
    if let Some(fields) = body.as_object_mut() {
        fields.extend(problem.clause().map(|clause| ("clause".to_owned(), clause.into())));
        fields.extend(problem.more());
    }
    let mut response = (problem.status(), Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(texts.lang().code()));
    retry(problem, response)
}

/// A page that says what happened and offers `links` as next steps.
pub fn page(problem: &dyn Problem, page: Page, links: Vec<Link>) -> Response {
    let view = ErrorPage {
        status: problem.status().as_u16(),
        heading: heading(problem, page.texts()),
        sentence: sentence(problem, page.texts()),
        clause: problem.clause().map(str::to_owned),
        links,
        page: page.private(),
    };
    retry(problem, html::status(problem.status(), &view))
}

fn retry(problem: &dyn Problem, mut response: Response) -> Response {
    if let Some(seconds) = problem.retry_after_seconds() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
