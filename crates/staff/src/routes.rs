//! Which page is which act: one table, asked before any page is made. What does not stand in it is refused.

use access::{Act, Found, Session};
use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use db::Lang;

use crate::cookies;
use crate::pages::{Door, failed, forbidden, see_other};

/// Who reaches a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Anybody: the pages by which one comes in.
    Anybody,
    /// Whoever has signed in and whose role, or grant, has this act.
    Signed(Act),
}

/// A page or a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Its address, as the router knows it.
    pub path: &'static str,
    /// Who reaches it.
    pub rule: Rule,
}

/// A page.
pub const fn get(path: &'static str, rule: Rule) -> Route {
    Route { method: "GET", path, rule }
}

/// A form.
pub const fn post(path: &'static str, rule: Rule) -> Route {
    Route { method: "POST", path, rule }
}

/// Every page and every form of staff.
pub const ROUTES: &[Route] = &[
    get("/staff", Rule::Anybody),
    get("/{lang}/staff/sign-in", Rule::Anybody),
    post("/{lang}/staff/sign-in", Rule::Anybody),
    post("/{lang}/staff/sign-in/passkey/begin", Rule::Anybody),
    post("/{lang}/staff/sign-in/passkey/finish", Rule::Anybody),
    post("/{lang}/staff/switch", Rule::Anybody),
    get("/{lang}/staff/welcome/{token}", Rule::Anybody),
    post("/{lang}/staff/welcome/{token}", Rule::Anybody),
    post("/{lang}/staff/welcome/{token}/passkey/begin", Rule::Anybody),
    post("/{lang}/staff/welcome/{token}/passkey/finish", Rule::Anybody),
    get("/{lang}/staff", Rule::Signed(Act::Home)),
    post("/{lang}/staff/lock", Rule::Signed(Act::Home)),
    post("/{lang}/staff/sign-out", Rule::Signed(Act::Home)),
    get("/{lang}/staff/account", Rule::Signed(Act::OwnAccount)),
    post("/{lang}/staff/account/passkey/begin", Rule::Signed(Act::OwnAccount)),
    post("/{lang}/staff/account/passkey/finish", Rule::Signed(Act::OwnAccount)),
    post("/{lang}/staff/account/passkey/remove", Rule::Signed(Act::OwnAccount)),
    post("/{lang}/staff/account/pin", Rule::Signed(Act::OwnAccount)),
    post("/{lang}/staff/account/session/end", Rule::Signed(Act::OwnAccount)),
    get("/{lang}/staff/day", Rule::Signed(Act::SeeDay)),
    post("/{lang}/staff/day/people", Rule::Signed(Act::OpenPerson)),
    get("/{lang}/staff/way", Rule::Signed(Act::ChooseWay)),
    post("/{lang}/staff/way", Rule::Signed(Act::ChooseWay)),
    get("/{lang}/staff/calendar", Rule::Signed(Act::ChangeCalendar)),
    post("/{lang}/staff/calendar/block", Rule::Signed(Act::ChangeCalendar)),
    post("/{lang}/staff/calendar/own", Rule::Signed(Act::ChangeCalendar)),
    post("/{lang}/staff/calendar/back", Rule::Signed(Act::ChangeCalendar)),
    post("/{lang}/staff/visits/{id}/person", Rule::Signed(Act::OpenPerson)),
    get("/{lang}/staff/answers", Rule::Signed(Act::AnswerVisit)),
    get("/{lang}/staff/visits/{id}/answer", Rule::Signed(Act::AnswerVisit)),
    post("/{lang}/staff/visits/{id}/answer", Rule::Signed(Act::AnswerVisit)),
    get("/{lang}/staff/colleagues", Rule::Signed(Act::SeeColleagues)),
    post("/{lang}/staff/colleagues", Rule::Signed(Act::ChangeColleagues)),
    get("/{lang}/staff/colleagues/{id}", Rule::Signed(Act::SeeColleagues)),
    post("/{lang}/staff/colleagues/{id}/end", Rule::Signed(Act::ChangeColleagues)),
    post("/{lang}/staff/colleagues/{id}/anew", Rule::Signed(Act::ChangeColleagues)),
    post("/{lang}/staff/colleagues/{id}/grants", Rule::Signed(Act::Grant)),
    post("/{lang}/staff/colleagues/{id}/grants/end", Rule::Signed(Act::Grant)),
    get("/{lang}/staff/workstations", Rule::Signed(Act::Workstations)),
    post("/{lang}/staff/workstations", Rule::Signed(Act::Workstations)),
    post("/{lang}/staff/workstations/end", Rule::Signed(Act::Workstations)),
    get("/{lang}/staff/events", Rule::Signed(Act::SeeEvents)),
    get("/{lang}/staff/ledger", Rule::Signed(Act::SeeLedger)),
    get("/{lang}/staff/ledger/csv", Rule::Signed(Act::SeeLedger)),
];

/// What the gate asks: who stands at the door, and the table of the pages behind it.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) door: Door,
    pub(crate) routes: &'static [Route],
}

/// The rule for a request; `None` for what stands in no line.
fn rule(routes: &[Route], method: &str, path: &str) -> Option<Rule> {
    // Whoever asks for the head of a page asks for the page.
    let method = if method == "HEAD" { "GET" } else { method };
    routes.iter().find(|route| route.method == method && route.path == path).map(|route| route.rule)
}

/// Stands before every page: finds who it is, and lets through whom the table lets through.
pub(crate) async fn gate(
    State(Gate { door, routes }): State<Gate>,
    path: Option<MatchedPath>,
    mut request: Request,
    next: Next,
) -> Response {
    let matched = path.as_ref().map_or("", MatchedPath::as_str);
    let Some(rule) = rule(routes, request.method().as_str(), matched) else {
        // A form's address that is asked for as a page.
        let known = routes.iter().any(|route| route.path == matched);
        return if known { StatusCode::METHOD_NOT_ALLOWED } else { StatusCode::NOT_FOUND }.into_response();
    };
    // The one address without a language leads to the reader's.
    let lang = match request.uri().path().split('/').nth(1).map(str::parse::<Lang>) {
        Some(Ok(lang)) => lang,
        _ if matched == "/staff" => Lang::Ru,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let Rule::Signed(act) = rule else { return next.run(request).await };
    let found = match cookies::session(&door, request.headers()) {
        Some(token) => access::find_session(&door.world.db, &door.world.profile.staff, &token).await,
        None => Ok(Found::Nothing),
    };
    let session: Session = match found {
        Ok(Found::Open(session)) => *session,
        Ok(Found::Locked(_)) => return see_other(&format!("/{lang}/staff/sign-in?said=locked")),
        Ok(Found::Nothing) => return see_other(&format!("/{lang}/staff/sign-in")),
        Err(fault) => return failed(&door, lang, &fault),
    };
    if session.reach(act).is_none() {
        let staff = session.staff.id;
        let written = door.world.db.run("forbidden", move |tx| Box::pin(access::record_forbidden(tx, staff))).await;
        if let Err(fault) = written {
            tracing::error!(%fault, "a refusal could not be written down");
        }
        return forbidden(&door, lang);
    }
    request.extensions_mut().insert(session);
    next.run(request).await
}
