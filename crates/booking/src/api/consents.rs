//! Consent in the JSON API: the texts that are agreed to, now and before; what a visit rests on, and taking it back.

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use privacy::Purpose;
use privacy::consent::{self, Turn};
use serde::Deserialize;
use serde_json::{Value, json};
use web::lang::Reader;
use web::problem::Plain;

use super::{no, shown};
use crate::appointment::AppointmentId;
use crate::problems::Malformed;
use crate::request;
use crate::withdraw::WithdrawError;
use crate::world::World;

#[derive(Deserialize)]
pub(super) struct DocumentQuery {
    purpose: Option<String>,
    sha256: Option<String>,
}

/// The document in force for a purpose, or the text with that hash, whenever it was published.
pub(super) async fn documents(State(world): State<World>, Reader(lang): Reader, Query(query): Query<DocumentQuery>) -> Response {
    let purpose = match query.purpose.as_deref().map(Purpose::from_code) {
        Some(None) => return no(&world, lang, &Malformed::Field("purpose")),
        purpose => purpose.flatten(),
    };
    if let Some(sha256) = query.sha256 {
        if !consent::is_sha256(&sha256) {
            return no(&world, lang, &Malformed::Field("sha256"));
        }
        let published = world.db.read("published text", move |tx| {
            let sha256 = sha256.clone();
            Box::pin(async move { consent::published(tx, &sha256).await })
        });
        return match published.await {
            Ok(Some(text)) if purpose.is_none_or(|purpose| purpose == text.purpose) => axum::Json(json!({
                "kind": text.kind.code(), "purpose": text.purpose.code(), "version": text.version, "lang": text.lang.code(),
                "sha256": text.sha256, "text": text.text,
            }))
            .into_response(),
            Ok(_) => no(&world, lang, &Plain::NotFound),
            Err(fault) => {
                tracing::error!(%fault, "a published text could not be read");
                no(&world, lang, &Plain::Unavailable)
            }
        };
    }
    let Some(purpose) = purpose else { return no(&world, lang, &Malformed::Field("purpose")) };
    let Some(document) = world.documents.get(purpose, lang) else { return no(&world, lang, &Plain::NotFound) };
    let mut answer = json!({
        "kind": "consent", "purpose": document.purpose.code(), "version": document.version, "lang": document.lang.code(),
        "sha256": document.sha256, "text": document.text,
    });
    // What `on_behalf_of.declaration: true` declares.
    if purpose == Purpose::P1
        && let Some(declaration) = world.documents.declaration(lang)
    {
        answer["declaration"] = json!({"version": declaration.version, "sha256": declaration.sha256, "text": declaration.short});
    }
    axum::Json(answer).into_response()
}

/// What the visit's person agreed to and declared, and whether it stands.
pub(super) async fn given(State(world): State<World>, Reader(lang): Reader, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let Some(id) = shown(&world, &id, &headers) else { return no(&world, lang, &Malformed::Key) };
    list(&world, lang, id).await
}

/// Takes a consent back; twice is no error.
pub(super) async fn withdraw(
    State(world): State<World>,
    Reader(lang): Reader,
    Path((id, purpose)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some(id) = shown(&world, &id, &headers) else { return no(&world, lang, &Malformed::Key) };
    let Some(purpose) = Purpose::from_code(&purpose) else { return no(&world, lang, &Malformed::Field("purpose")) };
    match request::withdraw(&world, id, purpose).await {
        Ok(_) => list(&world, lang, id).await,
        Err(WithdrawError::Db(fault)) => {
            tracing::error!(%fault, "a consent could not be taken back");
            no(&world, lang, &Plain::Unavailable)
        }
        Err(error) => no(&world, lang, &error),
    }
}

async fn list(world: &World, lang: db::Lang, id: AppointmentId) -> Response {
    let events = match request::standing(world, id).await {
        Ok(standing) => standing.events,
        Err(fault) => {
            tracing::error!(%fault, "a visit's consents could not be read");
            return no(world, lang, &Plain::Unavailable);
        }
    };
    if events.is_empty() {
        return no(world, lang, &WithdrawError::Unknown);
    }
    let day = |days: i64| clock::Timestamp(days * clock::DAY).to_jiff().strftime("%Y-%m-%d").to_string();
    let items: Vec<Value> = events
        .iter()
        .filter(|event| event.turn == Turn::Given)
        .map(|event| {
            let back = events.iter().find(|back| back.turn == Turn::Withdrawn && (back.kind, back.purpose) == (event.kind, event.purpose));
            json!({
                "kind": event.kind.code(), "purpose": event.purpose.code(), "version": event.version, "sha256": event.sha256, "lang": event.lang,
                "method": event.method.code(), "given_on": day(event.day), "withdrawn_on": back.map(|back| day(back.day)),
            })
        })
        .collect();
    axum::Json(json!({ "items": items })).into_response()
}
