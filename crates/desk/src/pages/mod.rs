//! The pages of the desk, behind the gate of all pages of staff. They work without JavaScript.

mod book;
mod call;
mod found;
mod list;
mod task;
mod visits;

use access::Act;
use axum::Router;
use axum::extract::FromRef;
use axum::routing::{get, post};
use booking::Appointment;
use clock::Timestamp;
use db::Lang;
use staff::{Door, Route, Rule};
use web::dates;

use crate::task::Reason;
use crate::world::Desk;

/// Every page and every form of the desk.
pub const ROUTES: &[Route] = &[
    staff::get("/{lang}/staff/desk", Rule::Signed(Act::TakeCall)),
    staff::post("/{lang}/staff/desk/call", Rule::Signed(Act::TakeCall)),
    staff::post("/{lang}/staff/desk/call/person", Rule::Signed(Act::TakeCall)),
    staff::post("/{lang}/staff/desk/call/language", Rule::Signed(Act::TakeCall)),
    staff::post("/{lang}/staff/desk/call/back", Rule::Signed(Act::TakeCall)),
    staff::post("/{lang}/staff/desk/call/end", Rule::Signed(Act::TakeCall)),
    staff::post("/{lang}/staff/desk/call/hold", Rule::Signed(Act::TakeCall)),
    staff::post("/{lang}/staff/desk/call/wish", Rule::Signed(Act::TakeCall)),
    staff::post("/{lang}/staff/desk/call/book", Rule::Signed(Act::TakeCall)),
    staff::post("/{lang}/staff/desk/call/read", Rule::Signed(Act::TakeCall)),
    staff::post("/{lang}/staff/desk/visits/{id}/moving", Rule::Signed(Act::TakeCall)),
    staff::post("/{lang}/staff/desk/visits/{id}/move", Rule::Signed(Act::TakeCall)),
    staff::post("/{lang}/staff/desk/visits/{id}/cancel", Rule::Signed(Act::TakeCall)),
    staff::get("/{lang}/staff/desk/list", Rule::Signed(Act::SeeWork)),
    staff::get("/{lang}/staff/desk/unreached", Rule::Signed(Act::LeadWork)),
    staff::get("/{lang}/staff/desk/tasks/{id}", Rule::Signed(Act::SeeWork)),
    staff::post("/{lang}/staff/desk/tasks/{id}/take", Rule::Signed(Act::SeeWork)),
    staff::post("/{lang}/staff/desk/tasks/{id}/over", Rule::Signed(Act::LeadWork)),
    staff::post("/{lang}/staff/desk/tasks/{id}/leave", Rule::Signed(Act::SeeWork)),
    staff::post("/{lang}/staff/desk/tasks/{id}/person", Rule::Signed(Act::SeeWork)),
    staff::post("/{lang}/staff/desk/tasks/{id}/later", Rule::Signed(Act::SeeWork)),
    staff::post("/{lang}/staff/desk/tasks/{id}/end", Rule::Signed(Act::SeeWork)),
];

/// What the pages work with.
#[derive(Clone)]
pub(crate) struct State {
    door: Door,
    desk: Desk,
    search: search::State,
}

impl FromRef<State> for Door {
    fn from_ref(state: &State) -> Door {
        state.door.clone()
    }
}

/// The routes; each stands in [`ROUTES`], or nobody reaches it.
pub fn pages(door: &Door, desk: &Desk, search: &search::State) -> Router {
    let router = Router::new()
        .route("/{lang}/staff/desk", get(call::page))
        .route("/{lang}/staff/desk/call", post(call::begin))
        .route("/{lang}/staff/desk/call/person", post(call::person))
        .route("/{lang}/staff/desk/call/language", post(call::speak))
        .route("/{lang}/staff/desk/call/back", post(call::back))
        .route("/{lang}/staff/desk/call/end", post(call::end))
        .route("/{lang}/staff/desk/call/hold", post(found::hold))
        .route("/{lang}/staff/desk/call/wish", post(found::wish))
        .route("/{lang}/staff/desk/call/book", post(book::submit))
        .route("/{lang}/staff/desk/call/read", post(book::read_out))
        .route("/{lang}/staff/desk/visits/{id}/moving", post(visits::moving))
        .route("/{lang}/staff/desk/visits/{id}/move", post(visits::reschedule))
        .route("/{lang}/staff/desk/visits/{id}/cancel", post(visits::cancel))
        .route("/{lang}/staff/desk/list", get(list::page))
        .route("/{lang}/staff/desk/unreached", get(list::unreached))
        .route("/{lang}/staff/desk/tasks/{id}", get(task::page))
        .route("/{lang}/staff/desk/tasks/{id}/take", post(task::take))
        .route("/{lang}/staff/desk/tasks/{id}/over", post(task::over))
        .route("/{lang}/staff/desk/tasks/{id}/leave", post(task::leave))
        .route("/{lang}/staff/desk/tasks/{id}/person", post(task::person))
        .route("/{lang}/staff/desk/tasks/{id}/later", post(task::later))
        .route("/{lang}/staff/desk/tasks/{id}/end", post(task::end))
        .with_state(State { door: door.clone(), desk: desk.clone(), search: search.clone() });
    staff::gated(door, ROUTES, router)
}

/// Why there is work, in a few words.
fn reason_text(texts: &web::texts::Texts, reason: Reason) -> String {
    match reason {
        Reason::Tell(turn) => texts.s(&format!("desk-reason-tell-{}", turn.code())),
        _ => texts.s(&format!("desk-reason-{}", reason.code())),
    }
}

/// Day and time at the desk's own place.
fn moment(state: &State, lang: Lang, at: Timestamp) -> String {
    staff::pages::moment(lang, state.desk.terms.hours.zone(), at, state.door.now())
}

/// When the visit is, as people say it; of a request, that it has no time.
fn visit_when(state: &State, lang: Lang, visit: &Appointment) -> String {
    if visit.is_request() {
        return state.door.texts(lang).s("desk-no-time");
    }
    let zone = visit.time_zone();
    dates::say(lang, &visit.start.to_jiff().to_zoned(zone.clone()), &state.door.now().to_jiff().to_zoned(zone))
}
