//! What waits for the clinic's answer, and the answer.

use access::{Act, Session};
use axum::extract::{Extension, Form, Path, Query, State};
use axum::response::Response;
use booking::{AnswerAsked, AnswerPlace, AnswerTyped, Appointment, AppointmentId, By, Standing};
use db::Lang;
use web::html;

use super::day::roles;
use super::{Door, failed, forbidden, lang_of, moment, not_found, zone};
use crate::views::{AnswerLine, Answers};

fn line(door: &Door, lang: Lang, session: &Session, visit: &Appointment, standing: Standing) -> AnswerLine {
    let (catalogue, texts) = (door.world.catalogue(), door.texts(lang));
    let role = catalogue.role(visit.role);
    let doctor = role.and_then(|role| catalogue.practitioner_of(role)).map(|doctor| doctor.names.get(lang).to_owned());
    let zone = zone(&catalogue, session.staff.clinic);
    AnswerLine {
        when: if visit.is_request() { texts.s("staff-answers-asked") } else { moment(lang, &visit.time_zone(), visit.start, door.now()) },
        number: visit.number_shown(),
        doctor: doctor.unwrap_or_default(),
        service: catalogue.service(&visit.service).map(|service| service.names.get(lang).to_owned()).unwrap_or_default(),
        offered: match standing {
            Standing::Tentative { start } => Some(texts.one("staff-answers-offered", "when", moment(lang, &zone, start, door.now()))),
            _ => None,
        },
        href: format!("/{lang}/staff/visits/{}/answer", visit.id),
    }
}

/// `/{lang}/staff/answers`.
pub(super) async fn page(State(door): State<Door>, Path(lang): Path<String>, Extension(session): Extension<Session>) -> Response {
    let lang = lang_of(&lang);
    let of = roles(&session, Act::AnswerVisit, &door.world.catalogue());
    match booking::visits_to_answer(&door.world, of).await {
        Ok(found) => html::personal(&Answers {
            full: found.len() >= booking::LISTED_MAX,
            lines: found.iter().map(|(visit, response)| line(&door, lang, &session, visit, response.standing)).collect(),
            page: door.page(lang, "/staff/answers"),
            frame: door.frame(lang, "/staff/answers", &session),
        }),
        Err(fault) => failed(&door, lang, &fault),
    }
}

/// The visit, if this person answers for its clinic; else the answer. A try at somebody else's visit is written down.
async fn own(door: &Door, lang: Lang, session: &Session, id: &str) -> Result<AppointmentId, Response> {
    let id: AppointmentId = id.parse().map_err(|_| not_found(door, lang))?;
    let visit = booking::request::visit(&door.world, id).await.map_err(|fault| failed(door, lang, &fault))?;
    let visit = visit.ok_or_else(|| not_found(door, lang))?;
    if roles(session, Act::AnswerVisit, &door.world.catalogue()).contains(&visit.role) {
        return Ok(id);
    }
    let staff = session.staff.id;
    match door.world.db.run("forbidden", move |tx| Box::pin(access::record_forbidden(tx, staff))).await {
        Ok(()) => Err(forbidden(door, lang)),
        Err(fault) => Err(failed(door, lang, &fault)),
    }
}

/// `/{lang}/staff/visits/{id}/answer`.
pub(super) async fn form(
    State(door): State<Door>,
    Path((lang, id)): Path<(String, String)>,
    Query(asked): Query<AnswerAsked>,
    Extension(session): Extension<Session>,
) -> Response {
    let lang = lang_of(&lang);
    match own(&door, lang, &session, &id).await {
        Ok(id) => {
            let path = format!("/staff/visits/{id}/answer");
            let place = AnswerPlace {
                action: format!("/{lang}{path}"),
                page: door.page(lang, &path),
                back_href: Some(format!("/{lang}/staff/answers")),
            };
            booking::answer_page(&door.world, lang, id, place, &asked).await
        }
        Err(response) => response,
    }
}

/// The answer of one of the clinic's people.
pub(super) async fn submit(
    State(door): State<Door>,
    Path((lang, id)): Path<(String, String)>,
    Extension(session): Extension<Session>,
    Form(typed): Form<AnswerTyped>,
) -> Response {
    let lang = lang_of(&lang);
    match own(&door, lang, &session, &id).await {
        Ok(id) => {
            let action = format!("/{lang}/staff/visits/{id}/answer");
            booking::answer_submit(&door.world, lang, id, By::Staff(session.staff.id), &action, &typed).await
        }
        Err(response) => response,
    }
}
