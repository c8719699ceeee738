//! One's own ways to sign in, and one's own sessions.

use access::{EnrolError, Session, SessionId};
use axum::Json;
use axum::extract::rejection::{FormRejection, JsonRejection};
use axum::extract::{Extension, Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::{DbError, Lang};
use serde::Deserialize;
use serde_json::json;
use web::html;

use super::sign_in::{creation, say, say_why};
use super::welcome::Named;
use super::{Door, failed, lang_of, moment, see_other, unreadable, zone};
use crate::cookies;
use crate::problems;
use crate::views::{Account, PasskeyLine, SessionLine};

#[derive(Deserialize)]
pub(super) struct Pin {
    pin: String,
}

#[derive(Deserialize)]
pub(super) struct Which {
    id: String,
}

async fn show(door: &Door, lang: Lang, session: &Session, status: StatusCode, error: Option<String>) -> Response {
    let id = session.staff.id;
    let read = door.world.db.read("account", move |tx| {
        Box::pin(async move {
            let staff = access::staff_by_id(tx, id).await?;
            Ok::<_, DbError>((staff, access::passkeys_of(tx, id).await?, access::sessions_of(tx, id).await?))
        })
    });
    let (staff, passkeys, sessions) = match read.await {
        Ok(read) => read,
        Err(fault) => return failed(door, lang, &fault),
    };
    let (texts, now) = (door.texts(lang), door.now());
    let zone = zone(&door.world.catalogue(), session.staff.clinic);
    let view = Account {
        page: door.page(lang, "/staff/account"),
        frame: door.frame(lang, "/staff/account", session),
        passkeys_can: door.site.is_some(),
        passkeys: passkeys
            .into_iter()
            .map(|passkey| PasskeyLine {
                id: URL_SAFE_NO_PAD.encode(&passkey.id),
                name: if passkey.name.is_empty() { texts.s("staff-passkey-unnamed") } else { passkey.name },
                added: moment(lang, &zone, passkey.added_at, now),
                used: moment(lang, &zone, passkey.used_at, now),
            })
            .collect(),
        has_password: session.staff.has_password,
        has_pin: staff.is_some_and(|staff| staff.has_pin),
        sessions: sessions
            .into_iter()
            .map(|row| SessionLine {
                here: row.id == session.row.id,
                id: row.id.to_string(),
                opened: moment(lang, &zone, row.opened_at, now),
                until: moment(lang, &zone, row.ends_at, now),
                how: texts.s(&format!("staff-method-{}", row.method)),
            })
            .collect(),
        error,
    };
    html::status(status, &view)
}

pub(super) async fn page(State(door): State<Door>, Path(lang): Path<String>, Extension(session): Extension<Session>) -> Response {
    show(&door, lang_of(&lang), &session, StatusCode::OK, None).await
}

/// Back to the page after a change, or the page with what is wrong.
async fn after(door: &Door, lang: Lang, session: &Session, done: Result<(), EnrolError>) -> Response {
    match done {
        Ok(()) => see_other(&format!("/{lang}/staff/account")),
        Err(error) => match problems::enrol(&door.texts(lang), &error, door.now()) {
            Some(said) => show(door, lang, session, StatusCode::UNPROCESSABLE_ENTITY, Some(said)).await,
            None => failed(door, lang, &format!("{error:?}")),
        },
    }
}

pub(super) async fn passkey_begin(State(door): State<Door>, Path(lang): Path<String>, Extension(session): Extension<Session>) -> Response {
    let lang = lang_of(&lang);
    let texts = door.texts(lang);
    let Some(site) = &door.site else { return say(StatusCode::CONFLICT, &texts.s("staff-error-no-passkeys")) };
    let id = session.staff.id;
    let begun = door.world.db.run("challenge", move |tx| {
        Box::pin(async move {
            let known = access::passkeys_of(tx, id).await?;
            Ok((access::make_challenge(tx, id).await?, known))
        })
    });
    match begun.await {
        Ok((challenge, known)) => {
            let known: Vec<Vec<u8>> = known.into_iter().map(|passkey| passkey.id).collect();
            creation(site, door.world.site.operator.get(lang), &session.staff, challenge, &known)
        }
        Err(error) => say_why(&door, lang, StatusCode::TOO_MANY_REQUESTS, problems::sign_in(&texts, &error, door.now()), &error),
    }
}

pub(super) async fn passkey_finish(
    State(door): State<Door>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    named: Result<Json<Named>, JsonRejection>,
) -> Response {
    let lang = lang_of(&lang);
    let texts = door.texts(lang);
    let Some(site) = door.site.clone() else { return say(StatusCode::CONFLICT, &texts.s("staff-error-no-passkeys")) };
    let Ok(Json(named)) = named else { return say(StatusCode::BAD_REQUEST, &texts.s("staff-error-passkey")) };
    let (row, named) = (session.row.clone(), std::sync::Arc::new(named));
    let added = door.world.db.run("add passkey", move |tx| {
        let (site, named, row) = (site.clone(), named.clone(), row.clone());
        Box::pin(async move { access::add_passkey(tx, &site, &row, &named.made, &named.name).await })
    });
    match added.await {
        Ok(()) => Json(json!({ "to": format!("/{lang}/staff/account") })).into_response(),
        Err(error) => say_why(&door, lang, StatusCode::UNPROCESSABLE_ENTITY, problems::enrol(&texts, &error, door.now()), &error),
    }
}

pub(super) async fn passkey_remove(
    State(door): State<Door>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    which: Result<Form<Which>, FormRejection>,
) -> Response {
    let lang = lang_of(&lang);
    let passkey = which.ok().and_then(|Form(which)| URL_SAFE_NO_PAD.decode(which.id).ok());
    let Some(passkey) = passkey else { return unreadable(&door, lang) };
    let (row, terms) = (session.row.clone(), door.world.profile.staff);
    let removed = door.world.db.run("remove passkey", move |tx| {
        let (passkey, row) = (passkey.clone(), row.clone());
        Box::pin(async move { access::remove_passkey(tx, &terms, &row, &passkey).await })
    });
    let removed = removed.await;
    after(&door, lang, &session, removed).await
}

pub(super) async fn pin(
    State(door): State<Door>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    typed: Result<Form<Pin>, FormRejection>,
) -> Response {
    let lang = lang_of(&lang);
    let Ok(Form(typed)) = typed else { return unreadable(&door, lang) };
    let set = access::set_pin(&door.world.db, &door.world.keys, &session.row, typed.pin.trim()).await;
    after(&door, lang, &session, set).await
}

pub(super) async fn session_end(
    State(door): State<Door>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    which: Result<Form<Which>, FormRejection>,
) -> Response {
    let lang = lang_of(&lang);
    let Some(id) = which.ok().and_then(|Form(which)| which.id.parse::<SessionId>().ok()) else { return unreadable(&door, lang) };
    let (staff, here) = (session.staff.id, id == session.row.id);
    match door.world.db.run("end session", move |tx| Box::pin(access::end_session(tx, id, staff, here))).await {
        Ok(_) if here => cookies::signed_out(&door, see_other(&format!("/{lang}/staff/sign-in?said=out"))),
        Ok(_) => see_other(&format!("/{lang}/staff/account")),
        Err(fault) => failed(&door, lang, &fault),
    }
}
