//! The visits of whoever is on the line: moved to another time, or called off.

use access::Session;
use axum::extract::{Extension, Form, Path, State as Extracted};
use axum::http::HeaderMap;
use axum::response::Response;
use booking::{AppointmentId, By, CancelError, MoveError, request};
use clock::Timestamp;
use serde::Deserialize;
use staff::pages::{failed, lang_of};

use super::State;
use super::call::{let_go, on, own_visit, words};
use crate::call::{Call, Stage};

/// Another time is looked for.
pub(super) async fn moving(
    Extracted(state): Extracted<State>,
    Path((lang, id)): Path<(String, String)>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
) -> Response {
    let lang = lang_of(&lang);
    let (call, visit) = match own_visit(&state, &headers, lang, &session, &id).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    match let_go(&state, &call).await {
        Ok(()) => on(&state, lang, Call { stage: Stage::Moving(visit.id), faults: Vec::new(), ..call }),
        Err(fault) => failed(&state.door, lang, &fault),
    }
}

/// Whoever nothing can be sent to has heard it on the line.
async fn heard(state: &State, call: &Call, visit: AppointmentId, by: By) -> Result<(), db::DbError> {
    if call.takes_sms {
        return Ok(());
    }
    request::told_by_phone(&state.desk.world, visit, by).await.map(drop)
}

#[derive(Deserialize)]
pub(super) struct To {
    start: String,
}

pub(super) async fn reschedule(
    Extracted(state): Extracted<State>,
    Path((lang, id)): Path<(String, String)>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    Form(to): Form<To>,
) -> Response {
    let lang = lang_of(&lang);
    let (call, visit) = match own_visit(&state, &headers, lang, &session, &id).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    let (texts, by) = (state.door.texts(lang), By::Staff(session.staff.id));
    let Ok(start) = Timestamp::parse_rfc3339(&to.start) else { return on(&state, lang, call) };
    match request::reschedule(&state.desk.world, visit.id, start, None, by).await {
        Ok(moved) => match heard(&state, &call, moved.id, by).await {
            Ok(()) => on(&state, lang, Call { stage: Stage::Done(moved.id), ..call }),
            Err(fault) => failed(&state.door, lang, &fault),
        },
        Err(MoveError::Db(fault)) => failed(&state.door, lang, &fault),
        Err(refusal) => on(&state, lang, call.saying(words(&texts, &refusal))),
    }
}

pub(super) async fn cancel(
    Extracted(state): Extracted<State>,
    Path((lang, id)): Path<(String, String)>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
) -> Response {
    let lang = lang_of(&lang);
    let (call, visit) = match own_visit(&state, &headers, lang, &session, &id).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    let (texts, by) = (state.door.texts(lang), By::Staff(session.staff.id));
    match request::cancel(&state.desk.world, visit.id, by).await {
        Ok(off) => match heard(&state, &call, off.id, by).await.and(let_go(&state, &call).await) {
            Ok(()) => on(&state, lang, call.back().saying(texts.one("desk-called-off", "number", visit.number_shown()))),
            Err(fault) => failed(&state.door, lang, &fault),
        },
        Err(CancelError::Db(fault)) => failed(&state.door, lang, &fault),
        Err(refusal) => on(&state, lang, call.saying(words(&texts, &refusal))),
    }
}
