//! How a clinic hears of visits: its registrar chooses, or the operator for it.

use access::{Act, Reach, Session};
use axum::extract::{Extension, Form, Path, Query, State};
use axum::response::Response;
use booking::Way;
use db::Lang;
use directory::catalogue::{Catalogue, OrganizationId};
use serde::Deserialize;
use web::html;
use web::page::{Choice, Field, Phone};

use super::{Door, failed, forbidden, lang_of, not_found, see_other};
use crate::views::ChooseWay;

/// Clinics that a list offers at most (I9).
const CLINICS_MAX: usize = 2_000;
/// Letters of a mistyped address that are shown again.
const TYPED_CHARS_MAX: usize = 200;

#[derive(Deserialize)]
pub(super) struct Asked {
    clinic: Option<OrganizationId>,
    saved: Option<String>,
}

/// The clinics that this session chooses for.
fn clinics(session: &Session, catalogue: &Catalogue) -> Vec<OrganizationId> {
    let own = session.staff.clinic;
    let of = |reach: Option<Reach>, id: OrganizationId| match reach {
        Some(Reach::All) => true,
        Some(Reach::Clinic) => own == Some(id.bytes()),
        _ => false,
    };
    let reach = session.reach(Act::ChooseWay);
    catalogue.organizations.iter().map(|one| one.id).filter(|id| of(reach, *id)).take(CLINICS_MAX).collect()
}

pub(super) async fn page(
    State(door): State<Door>,
    Path(lang): Path<String>,
    Query(asked): Query<Asked>,
    Extension(session): Extension<Session>,
) -> Response {
    show(&door, lang_of(&lang), &session, asked.clinic, asked.saved.is_some(), None).await
}

async fn show(
    door: &Door,
    lang: Lang,
    session: &Session,
    clinic: Option<OrganizationId>,
    saved: bool,
    typed: Option<(Way, Field)>,
) -> Response {
    let catalogue = door.world.catalogue();
    let own = clinics(session, &catalogue);
    let Some(clinic) = clinic.or_else(|| own.first().copied()).filter(|clinic| own.contains(clinic)) else {
        return if clinic.is_some() { refuse(door, lang, session).await } else { not_found(door, lang) };
    };
    let way = match booking::way_of(&door.world, clinic).await {
        Ok(way) => way,
        Err(fault) => return failed(door, lang, &fault),
    };
    let (way, mail) = typed.unwrap_or_else(|| {
        let mail = Field { value: way.mail.clone().unwrap_or_default(), error: None };
        (way, mail)
    });
    let names = |id: OrganizationId| catalogue.organization(id).map(|one| one.names.get(lang).to_owned()).unwrap_or_default();
    html::personal(&ChooseWay {
        page: door.page(lang, "/staff/way"),
        frame: door.frame(lang, "/staff/way", session),
        clinic: clinic.to_string(),
        name: names(clinic),
        clinics: if own.len() > 1 {
            own.iter().map(|one| Choice { value: one.to_string(), text: names(*one), chosen: *one == clinic }).collect()
        } else {
            Vec::new()
        },
        number: catalogue.organization(clinic).and_then(|one| one.notify_phone.as_deref()).map(Phone::new),
        sms: way.sms,
        answers: way.answers,
        mail: door.world.letters.then_some(mail),
        saved,
    })
}

async fn refuse(door: &Door, lang: Lang, session: &Session) -> Response {
    let staff = session.staff.id;
    match door.world.db.run("forbidden", move |tx| Box::pin(access::record_forbidden(tx, staff))).await {
        Ok(()) => forbidden(door, lang),
        Err(fault) => failed(door, lang, &fault),
    }
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    clinic: OrganizationId,
    #[serde(default)]
    sms: String,
    #[serde(default)]
    answers: String,
    #[serde(default)]
    mail: String,
}

pub(super) async fn choose(
    State(door): State<Door>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    Form(chosen): Form<Chosen>,
) -> Response {
    let lang = lang_of(&lang);
    if !clinics(&session, &door.world.catalogue()).contains(&chosen.clinic) {
        return refuse(&door, lang, &session).await;
    }
    let typed = chosen.mail.trim();
    let way = Way { mail: booking::read_email(typed), sms: chosen.sms == "yes", answers: chosen.answers == "yes" };
    if !typed.is_empty() && way.mail.is_none() {
        let value = typed.chars().take(TYPED_CHARS_MAX).collect();
        let field = Field { value, error: Some(door.texts(lang).s("staff-way-mail-wrong")) };
        return show(&door, lang, &session, Some(chosen.clinic), false, Some((way, field))).await;
    }
    match booking::choose_way(&door.world, chosen.clinic, way, session.staff.id).await {
        Ok(()) => see_other(&format!("/{lang}/staff/way?clinic={}&saved=yes", chosen.clinic)),
        Err(fault) => failed(&door, lang, &fault),
    }
}
