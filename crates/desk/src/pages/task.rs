//! One item of the list: why, what to say, whom to call, how it ended.

use access::{Session, StaffId};
use axum::extract::{Extension, Form, Path, Query, State as Extracted};
use axum::response::Response;
use booking::{Appointment, OpenForStaffError, Standing};
use clock::Timestamp;
use db::Lang;
use privacy::disclosure::inbound::InboundReason;
use serde::Deserialize;
use staff::pages::{failed, lang_of, not_found, see_other};
use web::page::{Choice, Phone};
use web::{dates, html, problem};

use super::{State, moment, reason_text, visit_when};
use crate::list;
use crate::problems::NotOpened;
use crate::task::{Outcome, Reason, Task, TaskId, Urgency};
use crate::views::{Done, OneTask, OpenedPerson, OutcomeButton};
use crate::work::{self, Ending, WorkError};

/// Characters of a typed day or time that are looked at.
const TYPED_CHARS_MAX: usize = 20;

#[derive(Deserialize)]
pub(super) struct Asked {
    refused: Option<String>,
}

pub(super) async fn page(
    Extracted(state): Extracted<State>,
    Path((lang, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    Extension(session): Extension<Session>,
) -> Response {
    show(&state, lang_of(&lang), &session, &id, asked.refused.as_deref(), None).await
}

async fn show(state: &State, lang: Lang, session: &Session, id: &str, refused: Option<&str>, opened: Option<OpenedPerson>) -> Response {
    let Ok(id) = id.parse::<TaskId>() else { return not_found(&state.door, lang) };
    let found = match work::task(&state.desk, id).await {
        Ok(found) => found,
        Err(fault) => return failed(&state.door, lang, &fault),
    };
    let Some((task, Some(visit))) = found else { return not_found(&state.door, lang) };
    match view(state, lang, session, &task, &visit, refused, opened).await {
        Ok(view) => html::personal(&view),
        Err(fault) => failed(&state.door, lang, &fault),
    }
}

async fn view(
    state: &State,
    lang: Lang,
    session: &Session,
    task: &Task,
    visit: &Appointment,
    refused: Option<&str>,
    opened: Option<OpenedPerson>,
) -> Result<OneTask, db::DbError> {
    let (texts, now, world) = (state.door.texts(lang), state.door.now(), &state.desk.world);
    let staff = world.db.read("staff", |tx| Box::pin(access::list_staff(tx))).await?;
    let name = |id: StaffId| staff.iter().find(|one| one.id == id).map(|one| one.name.clone()).unwrap_or_default();
    let response = booking::request::response(world, task.visit).await?;
    let done = list::tasks_of(&state.desk, task.visit).await?;
    let catalogue = world.catalogue();
    let role = catalogue.role(visit.role);
    let clinic = role.and_then(|role| catalogue.organization(role.organization));
    let (owner, urgency) = (task.in_hand_of(now), Urgency::at(now, task.since, task.due));
    let mine = owner == Some(session.staff.id) && task.outcome.is_none();
    let proposed = response.and_then(|response| match response.standing {
        Standing::Tentative { start } => {
            let zone = visit.time_zone();
            Some(dates::say(lang, &start.to_jiff().to_zoned(zone.clone()), &now.to_jiff().to_zoned(zone)))
        }
        _ => None,
    });
    let path = format!("/staff/desk/tasks/{}", task.id);
    let at = visit.start.max(now).to_jiff().to_zoned(visit.time_zone());
    let script = match task.reason {
        Reason::AskClinic if visit.is_request() => "desk-script-ask-clinic-request",
        Reason::AskClinic => "desk-script-ask-clinic",
        Reason::FindTime => "desk-script-find-time",
        Reason::AskPerson | Reason::Tell(booking::Turn::Proposed) => "desk-script-ask-person",
        Reason::Tell(_) => "desk-script-tell",
    };
    let operator = world.site.operator.get(lang).to_owned();
    Ok(OneTask {
        reason: reason_text(&texts, task.reason),
        urgency: urgency.code(),
        urgency_text: texts.s(&format!("desk-urgency-{}", urgency.code())),
        due: moment(state, lang, task.due),
        number: visit.number_shown(),
        when: visit_when(state, lang, visit),
        summary: booking::summary_of(world, lang, visit),
        proposed,
        script: texts.two(script, "number", visit.number_shown(), "operator", operator),
        spoken_lang: texts.s(&format!("desk-speaks-{}", visit.lang.code())),
        clinic: clinic.map(|clinic| clinic.names.get(lang).to_owned()),
        clinic_phone: clinic.filter(|clinic| !clinic.phone.is_empty()).map(|clinic| Phone::new(&clinic.phone)),
        calls_person: task.reason.calls_person(),
        mine,
        ended: task.outcome.map(|outcome| texts.s(&format!("desk-outcome-{}", outcome.code()))),
        other: owner.filter(|owner| *owner != session.staff.id).map(name),
        may_take_over: session.reach(access::Act::LeadWork).is_some(),
        tries: task.tries,
        outcomes: if mine { outcomes(state, lang, task) } else { Vec::new() },
        answers: mine && task.reason == Reason::AskClinic,
        can_confirm: !visit.is_request(),
        reasons: InboundReason::ALL
            .into_iter()
            .map(|reason| Choice { value: reason.code().into(), text: texts.s(&format!("desk-why-{}", reason.code())), chosen: false })
            .collect(),
        date: at.date().to_string(),
        date_min: now.to_jiff().to_zoned(visit.time_zone()).date().to_string(),
        later_date: now.to_jiff().to_zoned(state.desk.terms.hours.zone().clone()).date().to_string(),
        done: done
            .iter()
            .filter(|one| one.id != task.id)
            .filter_map(|one| {
                Some(Done {
                    reason: reason_text(&texts, one.reason),
                    outcome: texts.s(&format!("desk-outcome-{}", one.outcome?.code())),
                    when: moment(state, lang, one.closed_at?),
                    by: one.closed_by.map(name),
                })
            })
            .collect(),
        refused: refused.map(|code| texts.s(&refusal_id(code))),
        action: format!("/{lang}{path}"),
        opened,
        frame: state.door.frame(lang, "/staff/desk/list", session),
        page: state.door.page(lang, &path),
    })
}

/// The text of a refusal; of a word that is none of ours the general one.
fn refusal_id(code: &str) -> String {
    const KNOWN: [&str; 13] = [
        "task_ended",
        "task_in_other_hands",
        "task_not_taken",
        "outcome_unfit",
        "call_after_visit",
        "slot_taken",
        "slot_past",
        "time_missing",
        "proposal_outdated",
        "person_busy",
        "visit_not_open",
        "too_late",
        "proposed_too_often",
    ];
    let code = KNOWN.into_iter().find(|known| *known == code).unwrap_or("other");
    format!("desk-refused-{}", code.replace('_', "-"))
}

/// The outcomes with a button of their own; the clinic's answer has a form.
fn outcomes(state: &State, lang: Lang, task: &Task) -> Vec<OutcomeButton> {
    let texts = state.door.texts(lang);
    let tired = task.tries >= state.desk.terms.tries_max;
    Outcome::of(task.reason)
        .iter()
        .filter(|outcome| !matches!(outcome, Outcome::Confirmed | Outcome::Proposed | Outcome::Declined))
        // Unreachable is who did not answer again and again.
        .filter(|outcome| **outcome != Outcome::Unreachable || tired)
        .map(|outcome| OutcomeButton {
            value: outcome.code(),
            text: texts.s(&format!("desk-end-{}", outcome.code())),
            loss: matches!(outcome, Outcome::Cancelled | Outcome::Unreachable | Outcome::WrongNumber),
        })
        .collect()
}

/// Back to the task after something was done, or not.
fn back(state: &State, lang: Lang, id: &str, done: Result<(), WorkError>) -> Response {
    let path = format!("/{lang}/staff/desk/tasks/{id}");
    match done {
        Ok(()) => see_other(&path),
        Err(WorkError::Unknown) => not_found(&state.door, lang),
        Err(WorkError::Db(fault)) => failed(&state.door, lang, &fault),
        Err(refusal) => see_other(&format!("{path}?refused={}", refusal.code())),
    }
}

pub(super) async fn take(
    Extracted(state): Extracted<State>,
    Path((lang, id)): Path<(String, String)>,
    Extension(session): Extension<Session>,
) -> Response {
    take_it(&state, lang_of(&lang), &session, &id, false).await
}

pub(super) async fn over(
    Extracted(state): Extracted<State>,
    Path((lang, id)): Path<(String, String)>,
    Extension(session): Extension<Session>,
) -> Response {
    take_it(&state, lang_of(&lang), &session, &id, true).await
}

async fn take_it(state: &State, lang: Lang, session: &Session, id: &str, over: bool) -> Response {
    let Ok(task) = id.parse::<TaskId>() else { return not_found(&state.door, lang) };
    back(state, lang, id, work::take(&state.desk, task, session.staff.id, over).await)
}

pub(super) async fn leave(
    Extracted(state): Extracted<State>,
    Path((lang, id)): Path<(String, String)>,
    Extension(session): Extension<Session>,
) -> Response {
    let lang = lang_of(&lang);
    let Ok(task) = id.parse::<TaskId>() else { return not_found(&state.door, lang) };
    match work::let_go(&state.desk, task, session.staff.id).await {
        Ok(()) => see_other(&format!("/{lang}/staff/desk/list")),
        Err(fault) => failed(&state.door, lang, &fault),
    }
}

/// Opens the name and the phone of the visit's person for whoever has its task in hand and is about to call.
pub(super) async fn person(
    Extracted(state): Extracted<State>,
    Path((lang, id)): Path<(String, String)>,
    Extension(session): Extension<Session>,
) -> Response {
    let lang = lang_of(&lang);
    let Ok(task) = id.parse::<TaskId>() else { return not_found(&state.door, lang) };
    // Taking it again renews the lease: the call begins now.
    if let Err(refusal) = work::take(&state.desk, task, session.staff.id, false).await {
        return back(&state, lang, &id, Err(refusal));
    }
    let found = match work::task(&state.desk, task).await {
        Ok(Some((task, Some(_)))) if task.reason.calls_person() => task,
        Ok(_) => return not_found(&state.door, lang),
        Err(fault) => return failed(&state.door, lang, &fault),
    };
    let (world, row) = (&state.desk.world, session.row.id.bytes());
    match booking::open_for_call(world, found.visit, row, world.profile.staff.idle_minutes).await {
        Ok((_, person)) => {
            let opened = OpenedPerson { name: person.name.expose().clone(), phone: Phone::new(person.phone.expose()) };
            show(&state, lang, &session, &id, None, Some(opened)).await
        }
        Err(OpenForStaffError::Unavailable) => failed(&state.door, lang, &"a person could not be opened"),
        Err(_) => problem::page(&NotOpened, state.door.page(lang, "/staff/desk/list"), Vec::new()),
    }
}

#[derive(Deserialize)]
pub(super) struct Later {
    #[serde(default)]
    date: String,
    #[serde(default)]
    time: String,
}

/// The instant of a day and a time at a place; `None` when they are none.
fn instant(date: &str, time: &str, zone: jiff::tz::TimeZone) -> Option<Timestamp> {
    let cut = |text: &str| text.trim().chars().take(TYPED_CHARS_MAX).collect::<String>();
    let date: jiff::civil::Date = cut(date).parse().ok()?;
    let time: jiff::civil::Time = cut(time).parse().ok()?;
    Some(Timestamp::from(date.to_datetime(time).to_zoned(zone).ok()?.timestamp()))
}

/// Nobody answered, or a call was promised.
pub(super) async fn later(
    Extracted(state): Extracted<State>,
    Path((lang, id)): Path<(String, String)>,
    Extension(session): Extension<Session>,
    Form(later): Form<Later>,
) -> Response {
    let lang = lang_of(&lang);
    let Ok(task) = id.parse::<TaskId>() else { return not_found(&state.door, lang) };
    let at = instant(&later.date, &later.time, state.desk.terms.hours.zone().clone());
    if at.is_none() && !later.time.is_empty() {
        return see_other(&format!("/{lang}/staff/desk/tasks/{id}?refused=time_missing"));
    }
    match work::put_off(&state.desk, task, session.staff.id, at).await {
        Ok(()) => see_other(&format!("/{lang}/staff/desk/list")),
        refused => back(&state, lang, &id, refused),
    }
}

#[derive(Deserialize)]
pub(super) struct End {
    outcome: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    time: String,
    #[serde(default)]
    reason: String,
}

pub(super) async fn end(
    Extracted(state): Extracted<State>,
    Path((lang, id)): Path<(String, String)>,
    Extension(session): Extension<Session>,
    Form(typed): Form<End>,
) -> Response {
    let lang = lang_of(&lang);
    let Ok(task) = id.parse::<TaskId>() else { return not_found(&state.door, lang) };
    let visit = match work::task(&state.desk, task).await {
        Ok(Some((_, Some(visit)))) => visit,
        Ok(_) => return not_found(&state.door, lang),
        Err(fault) => return failed(&state.door, lang, &fault),
    };
    let ending = match Outcome::from_code(&typed.outcome) {
        Some(Outcome::Proposed) => instant(&typed.date, &typed.time, visit.time_zone()).map(Ending::Proposed),
        Some(Outcome::Declined) => InboundReason::from_code(&typed.reason).map(Ending::Declined),
        Some(outcome) => Some(Ending::Plain(outcome)),
        None => None,
    };
    let Some(ending) = ending else { return see_other(&format!("/{lang}/staff/desk/tasks/{id}?refused=time_missing")) };
    back(&state, lang, &id, work::end(&state.desk, task, session.staff.id, ending).await)
}
