//! The visits of a day: number, time, doctor; the name and the phone of one at a press, or of all, which is written down.

use std::collections::HashMap;

use access::{Act, Reach, Session};
use axum::extract::{Extension, Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use booking::{Appointment, AppointmentId, OpenForStaffError, OpenedForStaff};
use clock::Timestamp;
use db::Lang;
use directory::catalogue::{Catalogue, RoleId};
use jiff::civil::Date;
use serde::Deserialize;
use web::html;
use web::page::Phone;
use web::{dates, problem};

use super::{Door, failed, forbidden, lang_of, not_found, zone};
use crate::views::{Day, OpenedPerson, VisitLine};

#[derive(Deserialize)]
pub(super) struct Asked {
    date: Option<String>,
}

/// The doctors and devices whose visits this person may see.
pub(super) fn roles(session: &Session, act: Act, catalogue: &Catalogue) -> Vec<RoleId> {
    let (clinic, doctor) = (session.staff.clinic, session.staff.practitioner);
    let reach = session.reach(act);
    catalogue
        .roles
        .iter()
        .filter(|role| match reach {
            Some(Reach::All) => true,
            Some(Reach::Clinic) => clinic == Some(role.organization.bytes()),
            Some(Reach::OwnVisits) => {
                clinic == Some(role.organization.bytes()) && doctor.is_some() && doctor == role.practitioner.map(|id| id.bytes())
            }
            Some(Reach::Own | Reach::Call) | None => false,
        })
        .map(|role| role.id)
        .collect()
}

fn line(door: &Door, lang: Lang, visit: &Appointment, can_open: bool, person: Option<&OpenedForStaff>) -> VisitLine {
    let catalogue = door.world.catalogue();
    let role = catalogue.role(visit.role);
    let at = visit.start.to_jiff().to_zoned(visit.time_zone());
    VisitLine {
        time: dates::time(&at),
        number: visit.number_shown(),
        doctor: role
            .and_then(|role| role.practitioner)
            .and_then(|id| catalogue.practitioner(id))
            .map(|doctor| doctor.names.get(lang).to_owned())
            .unwrap_or_default(),
        service: catalogue.service(&visit.service).map(|service| service.names.get(lang).to_owned()).unwrap_or_default(),
        state: door.texts(lang).s(&format!("staff-visit-{}", visit.status.code())),
        person: person.map(|person| (person.name.expose().clone(), Phone::new(person.phone.expose()))),
        action: (can_open && person.is_none()).then(|| format!("/{lang}/staff/visits/{}/person", visit.id)),
    }
}

/// Whom a press has opened.
enum Opened {
    Nobody,
    One(OpenedPerson),
    /// Everybody of the day.
    All,
}

async fn show(door: &Door, lang: Lang, session: &Session, date: Option<Date>, opened: Opened) -> Response {
    let catalogue = door.world.catalogue();
    let zone = zone(&catalogue, session.staff.clinic);
    let today = door.now().to_jiff().to_zoned(zone.clone()).date();
    let date = date.unwrap_or(today);
    let bounds = date.to_zoned(zone.clone()).ok().zip(date.tomorrow().ok().and_then(|next| next.to_zoned(zone).ok()));
    let Some((from, to)) = bounds.map(|(from, to)| (Timestamp::from(from.timestamp()), Timestamp::from(to.timestamp()))) else {
        return not_found(door, lang);
    };
    let of = roles(session, Act::SeeDay, &catalogue);
    let visits = match booking::visits_of_day(&door.world, of, from, to).await {
        Ok(visits) => visits,
        Err(fault) => return failed(door, lang, &fault),
    };
    let can_open = session.reach(Act::OpenPerson).is_some();
    let mut people = HashMap::new();
    if matches!(opened, Opened::All) {
        let idle_minutes = door.world.profile.staff.idle_minutes;
        people = match booking::open_day(&door.world, &visits, session.row.id.bytes(), idle_minutes).await {
            Ok(people) => people,
            Err(OpenForStaffError::Unavailable) => return failed(door, lang, &StatusCode::SERVICE_UNAVAILABLE),
            Err(_) => return problem::page(&crate::problems::NotOpened, door.world.page(lang, "/staff/day", None), Vec::new()),
        };
    }
    let can_open_all = can_open && matches!(opened, Opened::Nobody) && visits.iter().any(|visit| visit.status.holds_time());
    let view = Day {
        date: date.to_string(),
        day: dates::capital(&dates::say_day(lang, date, today)),
        before: date.yesterday().map(|day| format!("/{lang}/staff/day?date={day}")).unwrap_or_default(),
        after: date.tomorrow().map(|day| format!("/{lang}/staff/day?date={day}")).unwrap_or_default(),
        full: visits.len() >= booking::LISTED_MAX,
        lines: visits.iter().map(|visit| line(door, lang, visit, can_open && visit.status.holds_time(), people.get(&visit.id))).collect(),
        page: door.page(lang, "/staff/day"),
        frame: door.frame(lang, "/staff/day", session),
        can_open_all,
        all: matches!(opened, Opened::All).then_some(people.len()),
        opened: if let Opened::One(person) = opened { Some(person) } else { None },
    };
    html::personal(&view)
}

pub(super) async fn page(
    State(door): State<Door>,
    Path(lang): Path<String>,
    Query(asked): Query<Asked>,
    Extension(session): Extension<Session>,
) -> Response {
    let date = asked.date.and_then(|date| date.parse::<Date>().ok());
    show(&door, lang_of(&lang), &session, date, Opened::Nobody).await
}

/// Everybody of the day: as it is printed in the morning, or read at the counter.
pub(super) async fn people(
    State(door): State<Door>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    Form(of): Form<Asked>,
) -> Response {
    let date = of.date.and_then(|date| date.parse::<Date>().ok());
    show(&door, lang_of(&lang), &session, date, Opened::All).await
}

pub(super) async fn person(
    State(door): State<Door>,
    Path((lang, id)): Path<(String, String)>,
    Extension(session): Extension<Session>,
) -> Response {
    let lang = lang_of(&lang);
    let Ok(id) = id.parse::<AppointmentId>() else { return not_found(&door, lang) };
    let of = roles(&session, Act::OpenPerson, &door.world.catalogue());
    let idle_minutes = door.world.profile.staff.idle_minutes;
    match booking::open_for_staff(&door.world, id, &of, session.row.id.bytes(), idle_minutes).await {
        Ok((visit, person)) => {
            let at = visit.start.to_jiff().to_zoned(visit.time_zone());
            let opened = OpenedPerson {
                number: visit.number_shown(),
                time: dates::time(&at),
                name: person.name.expose().clone(),
                phone: Phone::new(person.phone.expose()),
            };
            show(&door, lang, &session, Some(at.date()), Opened::One(opened)).await
        }
        // Somebody else's visit is no visit to this person, and the try is written down.
        Err(OpenForStaffError::Unknown) => not_found(&door, lang),
        Err(OpenForStaffError::Elsewhere) => {
            let staff = session.staff.id;
            match door.world.db.run("forbidden", move |tx| Box::pin(access::record_forbidden(tx, staff))).await {
                Ok(()) => forbidden(&door, lang),
                Err(fault) => failed(&door, lang, &fault),
            }
        }
        Err(OpenForStaffError::Refused) => {
            problem::page(&crate::problems::NotOpened, door.world.page(lang, "/staff/day", None), Vec::new())
        }
        Err(OpenForStaffError::Unavailable) => failed(&door, lang, &StatusCode::SERVICE_UNAVAILABLE),
    }
}
