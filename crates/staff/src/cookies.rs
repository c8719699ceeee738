//! Two cookies: whose session it is, and at which shared workstation. Both are random tokens of which only a hash is kept.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use crate::pages::Door;

const SESSION: &str = "recomed_staff";
const PLACE: &str = "recomed_place";
/// As long as browsers keep any cookie. The workstation ends when somebody ends it.
const PLACE_SECONDS: i64 = 34_560_000;

/// Under https the name says that only this very host can have set it: no page of a neighbouring name can plant a session.
fn named(door: &Door, name: &str) -> String {
    if door.url.starts_with("https://") { format!("__Host-{name}") } else { name.to_owned() }
}

fn read(door: &Door, headers: &HeaderMap, name: &str) -> Option<String> {
    let name = named(door, name);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name.as_str())?.strip_prefix('='))
        .filter(|token| !token.is_empty() && token.len() <= 64)
        .map(str::to_owned)
}

/// The session's token.
pub(crate) fn session(door: &Door, headers: &HeaderMap) -> Option<String> {
    read(door, headers, SESSION)
}

/// The workstation's token.
pub(crate) fn place(door: &Door, headers: &HeaderMap) -> Option<String> {
    read(door, headers, PLACE)
}

fn set(door: &Door, mut response: Response, name: &str, token: &str, seconds: Option<i64>) -> Response {
    let life = seconds.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
    // Without TLS, as in the demo on one's own machine, a browser would drop a Secure cookie.
    let secure = if door.url.starts_with("https://") { "; Secure" } else { "" };
    // Strict: no other site's link or form brings it along.
    let name = named(door, name);
    if let Ok(value) = HeaderValue::from_str(&format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict{life}{secure}")) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// The browser holds this session from now on.
pub(crate) fn signed_in(door: &Door, response: Response, token: &str) -> Response {
    set(door, response, SESSION, token, None)
}

/// The browser holds no session any more.
pub(crate) fn signed_out(door: &Door, response: Response) -> Response {
    set(door, response, SESSION, "", Some(0))
}

/// The browser is this workstation's from now on.
pub(crate) fn placed(door: &Door, response: Response, token: &str) -> Response {
    set(door, response, PLACE, token, Some(PLACE_SECONDS))
}
