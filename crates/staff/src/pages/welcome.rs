//! Coming in the first time, by the link that a colleague or the console gave.

use access::{Created, Staff, totp};
use axum::Json;
use axum::extract::rejection::{FormRejection, JsonRejection};
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use db::{DbError, Lang};
use serde::Deserialize;
use serde_json::json;
use web::html;

use super::sign_in::{creation, say, say_why};
use super::{Door, failed, lang_of, role_text, see_other, unreadable};
use crate::cookies;
use crate::problems;
use crate::views::Welcome;

#[derive(Deserialize)]
pub(super) struct Typed {
    password: String,
    code: String,
}

/// A passkey with the name that its owner gives it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) made: Created,
}

async fn invited(door: &Door, token: &str) -> Result<Option<Staff>, DbError> {
    let token = token.to_owned();
    door.world
        .db
        .read("invited", move |tx| {
            let token = token.clone();
            Box::pin(async move { access::invited(tx, &token).await })
        })
        .await
}

async fn show(door: &Door, lang: Lang, headers: &HeaderMap, token: &str, status: StatusCode, error: Option<String>) -> Response {
    let texts = door.texts(lang);
    let staff = match invited(door, token).await {
        Ok(staff) => staff,
        Err(fault) => return failed(door, lang, &fault),
    };
    let status = if staff.is_none() { StatusCode::GONE } else { status };
    let secret = access::offered_secret(&door.world.keys, token);
    let password = door.world.profile.staff.password_fallback;
    let view = Welcome {
        page: door.world.page(lang, format!("/staff/welcome/{token}"), None).private(),
        role: staff.as_ref().map(|staff| role_text(&texts, staff.role)).unwrap_or_default(),
        login: staff.as_ref().map(|staff| staff.login.clone()).unwrap_or_default(),
        secret: grouped(&totp::base32(&secret)),
        address: staff.as_ref().map(|staff| totp::address(door.world.site.operator.get(lang), &staff.login, &secret)).unwrap_or_default(),
        name: staff.map(|staff| staff.name),
        passkeys: door.site.is_some(),
        elsewhere: door.elsewhere(headers, &format!("/{lang}/staff/welcome/{token}")),
        password,
        password_min: access::PASSWORD_CHARS_MIN,
        action: format!("/{lang}/staff/welcome/{token}"),
        error,
    };
    html::status(status, &view)
}

/// In groups of four, as it is typed into an app.
fn grouped(text: &str) -> String {
    text.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect::<Vec<String>>().join(" ")
}

pub(super) async fn form(State(door): State<Door>, Path((lang, token)): Path<(String, String)>, headers: HeaderMap) -> Response {
    show(&door, lang_of(&lang), &headers, &token, StatusCode::OK, None).await
}

pub(super) async fn submit(
    State(door): State<Door>,
    Path((lang, token)): Path<(String, String)>,
    headers: HeaderMap,
    typed: Result<Form<Typed>, FormRejection>,
) -> Response {
    let lang = lang_of(&lang);
    let Ok(Form(typed)) = typed else { return unreadable(&door, lang) };
    let world = &door.world;
    match access::enrol_by_password(&world.db, &world.keys, world.profile.staff, &token, &typed.password, &typed.code).await {
        Ok(session) => cookies::signed_in(&door, see_other(&format!("/{lang}/staff")), &session),
        Err(error) => match problems::enrol(&door.texts(lang), &error, door.now()) {
            Some(said) => show(&door, lang, &headers, &token, StatusCode::UNPROCESSABLE_ENTITY, Some(said)).await,
            None => failed(&door, lang, &format!("{error:?}")),
        },
    }
}

pub(super) async fn passkey_begin(State(door): State<Door>, Path((lang, token)): Path<(String, String)>) -> Response {
    let lang = lang_of(&lang);
    let texts = door.texts(lang);
    let Some(site) = &door.site else { return say(StatusCode::CONFLICT, &texts.s("staff-error-no-passkeys")) };
    let staff = match invited(&door, &token).await {
        Ok(Some(staff)) => staff,
        Ok(None) => return say(StatusCode::GONE, &texts.s("staff-error-link")),
        Err(fault) => return failed(&door, lang, &fault),
    };
    let id = staff.id;
    match door.world.db.run("challenge", move |tx| Box::pin(access::make_challenge(tx, id))).await {
        Ok(challenge) => creation(site, door.world.site.operator.get(lang), &staff, challenge, &[]),
        Err(error) => say_why(&door, lang, StatusCode::TOO_MANY_REQUESTS, problems::sign_in(&texts, &error, door.now()), &error),
    }
}

pub(super) async fn passkey_finish(
    State(door): State<Door>,
    Path((lang, token)): Path<(String, String)>,
    named: Result<Json<Named>, JsonRejection>,
) -> Response {
    let lang = lang_of(&lang);
    let texts = door.texts(lang);
    let Some(site) = door.site.clone() else { return say(StatusCode::CONFLICT, &texts.s("staff-error-no-passkeys")) };
    let Ok(Json(named)) = named else { return say(StatusCode::BAD_REQUEST, &texts.s("staff-error-passkey")) };
    let (terms, named) = (door.world.profile.staff, std::sync::Arc::new(named));
    let come = door.world.db.run("enrol by passkey", move |tx| {
        let (site, named, token) = (site.clone(), named.clone(), token.clone());
        Box::pin(async move { access::enrol_by_passkey(tx, &terms, &site, &token, &named.made, &named.name).await })
    });
    match come.await {
        Ok(session) => cookies::signed_in(&door, Json(json!({ "to": format!("/{lang}/staff") })).into_response(), &session),
        Err(error) => say_why(&door, lang, StatusCode::UNPROCESSABLE_ENTITY, problems::enrol(&texts, &error, door.now()), &error),
    }
}
