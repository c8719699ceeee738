//! Shared workstations: the computer at hand becomes one, or one ends.

use access::{Act, Reach, Session, Workstation, WorkstationError, WorkstationId};
use axum::extract::rejection::FormRejection;
use axum::extract::{Extension, Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use db::Lang;
use serde::Deserialize;
use web::html;
use web::page::Field;

use super::{Door, clinic_name, failed, lang_of, moment, see_other, unreadable, zone};
use crate::cookies;
use crate::views::{WorkstationLine, Workstations};

#[derive(Deserialize)]
pub(super) struct Typed {
    name: String,
}

#[derive(Deserialize)]
pub(super) struct Which {
    id: String,
}

/// Those that this person answers for.
fn within(session: &Session, all: Vec<Workstation>) -> Vec<Workstation> {
    let everywhere = session.reach(Act::Workstations) == Some(Reach::All);
    all.into_iter().filter(|one| everywhere || (one.clinic.is_some() && one.clinic == session.staff.clinic)).collect()
}

async fn show(door: &Door, lang: Lang, headers: &HeaderMap, session: &Session, status: StatusCode, name: Field) -> Response {
    let all = match door.world.db.read("workstations", |tx| Box::pin(access::list_workstations(tx))).await {
        Ok(all) => all,
        Err(fault) => return failed(door, lang, &fault),
    };
    let here = match cookies::place(door, headers) {
        Some(token) => match access::workstation(&door.world.db, &token).await {
            Ok(here) => here,
            Err(fault) => return failed(door, lang, &fault),
        },
        None => None,
    };
    let (catalogue, now) = (door.world.catalogue(), door.now());
    let zone = zone(&catalogue, session.staff.clinic);
    let lines = within(session, all)
        .into_iter()
        .map(|one| WorkstationLine {
            here: here.as_ref().is_some_and(|here| here.id == one.id),
            id: one.id.to_string(),
            clinic: clinic_name(&catalogue, lang, one.clinic),
            added: moment(lang, &zone, one.added_at, now),
            name: one.name,
        })
        .collect();
    let view = Workstations {
        page: door.page(lang, "/staff/workstations"),
        frame: door.frame(lang, "/staff/workstations", session),
        here: here.map(|here| here.name),
        lines,
        name,
    };
    html::status(status, &view)
}

pub(super) async fn page(
    State(door): State<Door>,
    Path(lang): Path<String>,
    headers: HeaderMap,
    Extension(session): Extension<Session>,
) -> Response {
    show(&door, lang_of(&lang), &headers, &session, StatusCode::OK, Field::default()).await
}

pub(super) async fn add(
    State(door): State<Door>,
    Path(lang): Path<String>,
    headers: HeaderMap,
    Extension(session): Extension<Session>,
    typed: Result<Form<Typed>, FormRejection>,
) -> Response {
    let lang = lang_of(&lang);
    let Ok(Form(typed)) = typed else { return unreadable(&door, lang) };
    let (name, clinic, by) = (typed.name.clone(), session.staff.clinic, session.staff.id);
    let added = door.world.db.run("add workstation", move |tx| {
        let name = name.clone();
        Box::pin(async move { access::add_workstation(tx, &name, clinic, by).await })
    });
    match added.await {
        Ok(token) => cookies::placed(&door, see_other(&format!("/{lang}/staff/workstations")), &token),
        Err(WorkstationError::Db(fault)) => failed(&door, lang, &fault),
        Err(error) => {
            let said = if error == WorkstationError::TooMany { "staff-error-workstations" } else { "staff-error-workstation" };
            let name = Field::of(typed.name).wrong(door.texts(lang).s(said));
            show(&door, lang, &headers, &session, StatusCode::UNPROCESSABLE_ENTITY, name).await
        }
    }
}

pub(super) async fn end(
    State(door): State<Door>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    which: Result<Form<Which>, FormRejection>,
) -> Response {
    let lang = lang_of(&lang);
    let Some(id) = which.ok().and_then(|Form(which)| which.id.parse::<WorkstationId>().ok()) else { return unreadable(&door, lang) };
    let ended = door.world.db.run("end workstation", move |tx| {
        let session = session.clone();
        Box::pin(async move {
            // One of another clinic is none to this person.
            let found = access::workstation_by_id(tx, id).await?;
            if !within(&session, found.into_iter().collect()).is_empty() {
                access::end_workstation(tx, id, session.staff.id).await
            } else {
                Ok(false)
            }
        })
    });
    match ended.await {
        Ok(_) => see_other(&format!("/{lang}/staff/workstations")),
        Err(fault) => failed(&door, lang, &fault),
    }
}
