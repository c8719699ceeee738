//! One's own first page; locking it, leaving it.

use access::{Role, Session};
use axum::extract::{Extension, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use web::html;

use super::{Door, clinic_name, failed, lang_of, moment, reader, role_text, see_other, zone};
use crate::cookies;
use crate::views::{GrantLine, Home};

/// `/staff`: in the reader's language.
pub(super) async fn arrive(headers: HeaderMap) -> Response {
    see_other(&format!("/{}/staff", reader(&headers)))
}

pub(super) async fn page(State(door): State<Door>, Path(lang): Path<String>, Extension(session): Extension<Session>) -> Response {
    let lang = lang_of(&lang);
    let (texts, catalogue, now) = (door.texts(lang), door.world.catalogue(), door.now());
    let zone = zone(&catalogue, session.staff.clinic);
    let grants = session
        .grants
        .iter()
        .map(|grant| GrantLine {
            id: grant.id.to_string(),
            role: role_text(&texts, grant.role),
            reason: texts.s(&format!("staff-reason-{}", grant.reason.code())),
            until: moment(lang, &zone, grant.ends_at, now),
        })
        .collect();
    html::personal(&Home {
        page: door.page(lang, "/staff"),
        frame: door.frame(lang, "/staff", &session),
        clinic: clinic_name(&catalogue, lang, session.staff.clinic),
        may: texts.s(&format!("staff-may-{}", session.staff.role.code())),
        grants,
        until: moment(lang, &zone, session.row.ends_at, now),
        idle_minutes: door.world.profile.staff.idle_minutes,
        pin_missing: !session.staff.has_pin,
        numbers_unread: session.roles().any(|role| matches!(role, Role::Operator | Role::PrivacyOfficer))
            && (door.world.profile.unchecked || door.world.profile.review),
    })
}

pub(super) async fn lock(State(door): State<Door>, Path(lang): Path<String>, Extension(session): Extension<Session>) -> Response {
    let lang = lang_of(&lang);
    let (id, staff) = (session.row.id, session.staff.id);
    match door.world.db.run("lock", move |tx| Box::pin(access::lock_session(tx, id, staff))).await {
        Ok(()) => see_other(&format!("/{lang}/staff/sign-in?said=away")),
        Err(fault) => failed(&door, lang, &fault),
    }
}

pub(super) async fn sign_out(State(door): State<Door>, Path(lang): Path<String>, Extension(session): Extension<Session>) -> Response {
    let lang = lang_of(&lang);
    let (id, staff) = (session.row.id, session.staff.id);
    match door.world.db.run("sign out", move |tx| Box::pin(access::end_session(tx, id, staff, true))).await {
        Ok(_) => cookies::signed_out(&door, see_other(&format!("/{lang}/staff/sign-in?said=out"))),
        Err(fault) => failed(&door, lang, &fault),
    }
}
