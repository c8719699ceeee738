//! The list of work: what is due, in whose hand.

use access::{Act, Session, StaffId};
use axum::extract::{Extension, Path, Query, State as Extracted};
use axum::response::Response;
use booking::Appointment;
use clock::Timestamp;
use db::Lang;
use serde::Deserialize;
use staff::pages::{failed, lang_of};
use web::html;
use web::page::Link;

use super::{State, moment, reason_text, visit_when};
use crate::list::{self, LISTED_MAX, Show};
use crate::task::{Task, TaskId, Urgency};
use crate::views::{List, TaskLine};

#[derive(Deserialize)]
pub(super) struct Asked {
    show: Option<String>,
    after: Option<String>,
}

/// The place in the list from which a page goes on: `{due}.{id}`.
fn place(text: &str) -> Option<(Timestamp, TaskId)> {
    let (due, id) = text.split_once('.')?;
    Some((Timestamp(due.parse().ok()?), id.parse().ok()?))
}

pub(super) async fn page(
    Extracted(state): Extracted<State>,
    Path(lang): Path<String>,
    Query(asked): Query<Asked>,
    Extension(session): Extension<Session>,
) -> Response {
    let lang = lang_of(&lang);
    let word = asked.show.as_deref().unwrap_or("all");
    let show = match word {
        "mine" => Show::Of(session.staff.id),
        "late" => Show::Late,
        _ => Show::All,
    };
    let after = asked.after.as_deref().and_then(place);
    let found = list::open_tasks(&state.desk, show, after).await;
    let counts = state.desk.world.db.read("tasks counted", |tx| Box::pin(list::counts(tx))).await;
    let staff = state.desk.world.db.read("staff", |tx| Box::pin(access::list_staff(tx))).await;
    let ((tasks, (open, late)), staff) = match found.and_then(|found| Ok((found, counts?))).and_then(|found| Ok((found, staff?))) {
        Ok(read) => read,
        Err(fault) => return failed(&state.door, lang, &fault),
    };
    let names = |id: StaffId| staff.iter().find(|one| one.id == id).map(|one| one.name.clone());
    let next = tasks.last().filter(|_| tasks.len() >= LISTED_MAX).map(|(task, _)| format!("{}.{}", task.due.micros(), task.id));
    let texts = state.door.texts(lang);
    let shows = ["all", "mine", "late"]
        .map(|one| (Link { text: texts.s(&format!("desk-show-{one}")), href: format!("/{lang}/staff/desk/list?show={one}") }, one == word));
    html::personal(&List {
        page: state.door.page(lang, "/staff/desk/list"),
        frame: state.door.frame(lang, "/staff/desk/list", &session),
        heading: texts.s("desk-list"),
        shows: shows.into(),
        open,
        late,
        lines: tasks.iter().map(|(task, visit)| line(&state, lang, &session, task, visit, &names)).collect(),
        next: next.map(|next| format!("/{lang}/staff/desk/list?show={word}&after={next}")),
        unreached_href: session.reach(Act::LeadWork).map(|_| format!("/{lang}/staff/desk/unreached")),
    })
}

pub(super) fn line(
    state: &State,
    lang: Lang,
    session: &Session,
    task: &Task,
    visit: &Appointment,
    names: &dyn Fn(StaffId) -> Option<String>,
) -> TaskLine {
    let (texts, now) = (state.door.texts(lang), state.door.now());
    let urgency = Urgency::at(now, task.since, task.due);
    let owner = task.in_hand_of(now);
    TaskLine {
        urgency: urgency.code(),
        urgency_text: texts.s(&format!("desk-urgency-{}", urgency.code())),
        due: moment(state, lang, task.due),
        reason: reason_text(&texts, task.reason),
        when: visit_when(state, lang, visit),
        number: visit.number_shown(),
        tries: task.tries,
        owner: owner.map(|owner| if owner == session.staff.id { texts.s("desk-mine") } else { names(owner).unwrap_or_default() }),
        outcome: task.outcome.map(|outcome| texts.s(&format!("desk-outcome-{}", outcome.code()))),
        href: format!("/{lang}/staff/desk/tasks/{}", task.id),
    }
}

/// Whom nobody reached, for those who lead.
pub(super) async fn unreached(
    Extracted(state): Extracted<State>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
) -> Response {
    let lang = lang_of(&lang);
    match list::unreached(&state.desk).await {
        Ok(tasks) => html::personal(&List {
            page: state.door.page(lang, "/staff/desk/unreached"),
            frame: state.door.frame(lang, "/staff/desk/list", &session),
            heading: state.door.texts(lang).s("desk-unreached"),
            shows: Vec::new(),
            open: 0,
            late: 0,
            lines: tasks.iter().map(|(task, visit)| line(&state, lang, &session, task, visit, &|_| None)).collect(),
            next: None,
            unreached_href: None,
        }),
        Err(fault) => failed(&state.door, lang, &fault),
    }
}
