//! Coming in: by passkey, by password where the profile lets it, by PIN at a shared workstation.

use access::{Answered, Found, SessionId, Workstation};
use axum::Json;
use axum::extract::rejection::{FormRejection, JsonRejection};
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::{DbError, Lang};
use serde::Deserialize;
use serde_json::json;
use web::html;

use super::{Door, failed, lang_of, role_text, see_other, unreadable};
use crate::cookies;
use crate::problems;
use crate::views::{SignIn, SwitchLine};

/// What the page before has to say.
#[derive(Deserialize)]
pub(super) struct Said {
    said: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Typed {
    login: String,
    password: String,
    code: String,
}

#[derive(Deserialize)]
pub(super) struct Pin {
    session: String,
    pin: String,
}

/// The workstation at which this browser stands.
async fn workstation(door: &Door, headers: &HeaderMap) -> Result<Option<Workstation>, DbError> {
    match cookies::place(door, headers) {
        Some(token) => access::workstation(&door.world.db, &token).await,
        None => Ok(None),
    }
}

/// The form with what is to be said about it.
struct Shown {
    status: StatusCode,
    login: String,
    error: Option<String>,
    note: Option<String>,
}

async fn show(door: &Door, lang: Lang, headers: &HeaderMap, shown: Shown) -> Response {
    let workstation = match workstation(door, headers).await {
        Ok(workstation) => workstation,
        Err(fault) => return failed(door, lang, &fault),
    };
    let texts = door.texts(lang);
    let mut switches = Vec::new();
    if let Some(at) = &workstation {
        let id = at.id;
        switches = match door.world.db.read("switches", move |tx| Box::pin(access::switches(tx, id))).await {
            Ok(found) => found
                .into_iter()
                .map(|one| SwitchLine { session: one.session.to_string(), name: one.staff.name, role: role_text(&texts, one.staff.role) })
                .collect(),
            Err(fault) => return failed(door, lang, &fault),
        };
    }
    let elsewhere = door.elsewhere(headers, &format!("/{lang}/staff/sign-in"));
    let view = SignIn {
        page: door.world.page(lang, "/staff/sign-in", None).private(),
        workstation: workstation.map(|at| at.name),
        switches,
        passkeys: door.site.is_some(),
        elsewhere,
        password: door.world.profile.staff.password_fallback,
        login: shown.login,
        error: shown.error,
        note: shown.note,
    };
    html::status(shown.status, &view)
}

pub(super) async fn form(State(door): State<Door>, Path(lang): Path<String>, Query(said): Query<Said>, headers: HeaderMap) -> Response {
    let lang = lang_of(&lang);
    let texts = door.texts(lang);
    let note = match said.said.as_deref() {
        Some("locked") => Some(texts.s("staff-said-locked")),
        Some("away") => Some(texts.s("staff-said-away")),
        Some("out") => Some(texts.s("staff-said-out")),
        _ => None,
    };
    show(&door, lang, &headers, Shown { status: StatusCode::OK, login: String::new(), error: None, note }).await
}

pub(super) async fn submit(
    State(door): State<Door>,
    Path(lang): Path<String>,
    headers: HeaderMap,
    typed: Result<Form<Typed>, FormRejection>,
) -> Response {
    let lang = lang_of(&lang);
    let Ok(Form(typed)) = typed else { return unreadable(&door, lang) };
    let at = match workstation(&door, &headers).await {
        Ok(at) => at,
        Err(fault) => return failed(&door, lang, &fault),
    };
    let world = &door.world;
    let typed_words = (typed.login.as_str(), typed.password.as_str(), typed.code.as_str());
    match access::sign_in_by_password(&world.db, &world.keys, world.profile.staff, typed_words, at).await {
        Ok(token) => cookies::signed_in(&door, see_other(&format!("/{lang}/staff")), &token),
        Err(error) => match problems::sign_in(&door.texts(lang), &error, door.now()) {
            Some(said) => {
                let login = typed.login.chars().take(access::LOGIN_CHARS_MAX).collect();
                show(&door, lang, &headers, Shown { status: StatusCode::UNAUTHORIZED, login, error: Some(said), note: None }).await
            }
            None => failed(&door, lang, &format!("{error:?}")),
        },
    }
}

pub(super) async fn switch(
    State(door): State<Door>,
    Path(lang): Path<String>,
    headers: HeaderMap,
    typed: Result<Form<Pin>, FormRejection>,
) -> Response {
    let lang = lang_of(&lang);
    let Ok(Form(typed)) = typed else { return unreadable(&door, lang) };
    let Ok(session) = typed.session.parse::<SessionId>() else { return unreadable(&door, lang) };
    let at = match workstation(&door, &headers).await {
        Ok(Some(at)) => at,
        Ok(None) => return see_other(&format!("/{lang}/staff/sign-in")),
        Err(fault) => return failed(&door, lang, &fault),
    };
    let world = &door.world;
    // Whoever was at the screen before is locked, not ended.
    let leaving = match cookies::session(&door, &headers) {
        Some(token) => match access::find_session(&world.db, &world.profile.staff, &token).await {
            Ok(Found::Open(session)) => Some(session.row.id),
            Ok(Found::Locked(_) | Found::Nothing) => None,
            Err(fault) => return failed(&door, lang, &fault),
        },
        None => None,
    };
    match access::switch(&world.db, &world.keys, &world.profile.staff, at.id, session, &typed.pin, leaving).await {
        Ok(token) => cookies::signed_in(&door, see_other(&format!("/{lang}/staff")), &token),
        Err(error) => match problems::switch(&door.texts(lang), &error) {
            Some(said) => {
                let shown = Shown { status: StatusCode::UNAUTHORIZED, login: String::new(), error: Some(said), note: None };
                show(&door, lang, &headers, shown).await
            }
            None => failed(&door, lang, &format!("{error:?}")),
        },
    }
}

/// An answer to the page's script: what to say.
pub(super) fn say(status: StatusCode, said: &str) -> Response {
    (status, Json(json!({ "said": said }))).into_response()
}

/// The same for what was refused; a refusal without words is a fault of ours.
pub(super) fn say_why(door: &Door, lang: Lang, status: StatusCode, said: Option<String>, error: &dyn std::fmt::Debug) -> Response {
    match said {
        Some(said) => say(status, &said),
        None => failed(door, lang, &format!("{error:?}")),
    }
}

pub(super) async fn passkey_begin(State(door): State<Door>, Path(lang): Path<String>) -> Response {
    let lang = lang_of(&lang);
    let texts = door.texts(lang);
    let Some(site) = &door.site else { return say(StatusCode::CONFLICT, &texts.s("staff-error-no-passkeys")) };
    let challenge = access::sign_in_challenge(&door.world.keys, door.world.clock());
    Json(json!({ "challenge": URL_SAFE_NO_PAD.encode(challenge), "site": site.id })).into_response()
}

pub(super) async fn passkey_finish(
    State(door): State<Door>,
    Path(lang): Path<String>,
    headers: HeaderMap,
    answer: Result<Json<Answered>, JsonRejection>,
) -> Response {
    let lang = lang_of(&lang);
    let texts = door.texts(lang);
    let Some(site) = door.site.clone() else { return say(StatusCode::CONFLICT, &texts.s("staff-error-no-passkeys")) };
    let Ok(Json(answer)) = answer else { return say(StatusCode::BAD_REQUEST, &texts.s("staff-error-passkey")) };
    let at = match workstation(&door, &headers).await {
        Ok(at) => at,
        Err(fault) => return failed(&door, lang, &fault),
    };
    let (terms, answer, keys) = (door.world.profile.staff, std::sync::Arc::new(answer), door.world.keys.clone());
    let come = door.world.db.run("passkey sign-in", move |tx| {
        let (site, answer, at, keys) = (site.clone(), answer.clone(), at.clone(), keys.clone());
        Box::pin(async move { access::sign_in_by_passkey(tx, &keys, &terms, &site, &answer, at.as_ref()).await })
    });
    match come.await {
        Ok(token) => cookies::signed_in(&door, Json(json!({ "to": format!("/{lang}/staff") })).into_response(), &token),
        Err(error) => say_why(&door, lang, StatusCode::UNAUTHORIZED, problems::sign_in(&texts, &error, door.now()), &error),
    }
}

/// What a browser needs to make a passkey for somebody.
pub(super) fn creation(
    site: &access::RelyingParty,
    operator: &str,
    staff: &access::Staff,
    challenge: [u8; 32],
    known: &[Vec<u8>],
) -> Response {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    Json(json!({
        "challenge": encode(&challenge),
        "site": site.id,
        "operator": operator,
        "user": encode(&staff.id.bytes()),
        "login": staff.login,
        "name": staff.name,
        "algorithms": access::ALGORITHMS,
        "known": known.iter().map(|id| encode(id)).collect::<Vec<String>>(),
    }))
    .into_response()
}
