//! Booking while talking: the caller on the left, search and times in the middle, the list of work on the right. Each form leads back to the one
//! page, whose state is the call.

use access::Session;
use axum::extract::{Extension, Form, Path, Query, State as Extracted};
use axum::http::HeaderMap;
use axum::response::Response;
use booking::{AppointmentId, OpenForStaffError, Shown, request};
use db::Lang;
use patients::Phone;
use serde::Deserialize;
use staff::pages::{failed, lang_of, not_found, see_other};
use web::html;
use web::page::{Choice, Phone as Number};
use web::texts::Texts;

use super::list::line;
use super::{State, book, found, visit_when};
use crate::call::{Call, Stage};
use crate::call_views::{CallPage, CallerPane, CallerVisit, Middle, PersonLine};
use crate::list::{self, Show};

/// Items of the list beside a call.
const WORK_BESIDE: usize = 7;
/// Letters of a mistyped number that are shown again.
const NUMBER_CHARS_MAX: usize = 40;

pub(super) fn row(session: &Session) -> [u8; 16] {
    session.row.id.bytes()
}

/// The call of this session.
pub(super) fn at_hand(state: &State, headers: &HeaderMap, session: &Session) -> Option<Call> {
    Call::read(&state.desk.world, headers, row(session))
}

/// The way back to where a call begins.
pub(super) fn no_call(lang: Lang) -> Response {
    see_other(&format!("/{lang}/staff/desk"))
}

/// On with the call, wherever it is now.
pub(super) fn on(state: &State, lang: Lang, call: Call) -> Response {
    let href = call.href(lang);
    call.keep(&state.desk.world, see_other(&href))
}

pub(super) async fn page(
    Extracted(state): Extracted<State>,
    Path(lang): Path<String>,
    Query(asked): Query<Vec<(String, String)>>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
) -> Response {
    let lang = lang_of(&lang);
    let call = Call::read(&state.desk.world, &headers, row(&session));
    show(&state, lang, &session, call, &asked, None).await
}

async fn show(
    state: &State,
    lang: Lang,
    session: &Session,
    call: Option<Call>,
    asked: &[(String, String)],
    wrong: Option<(String, String)>,
) -> Response {
    let world = &state.desk.world;
    let (work, counts) =
        match (list::open_tasks(&state.desk, Show::All, None).await, world.db.read("tasks counted", |tx| Box::pin(list::counts(tx))).await)
        {
            (Ok(work), Ok(counts)) => (work, counts),
            (Err(fault), _) | (_, Err(fault)) => return failed(&state.door, lang, &fault),
        };
    let mut middle = Middle::Number;
    let mut caller = None;
    if let Some(call) = &call {
        middle = match middle_of(state, lang, call, asked).await {
            Ok(middle) => middle,
            Err(fault) => return failed(&state.door, lang, &fault),
        };
        caller = match caller_of(state, lang, call).await {
            Ok(caller) => Some(caller),
            Err(fault) => return failed(&state.door, lang, &fault),
        };
    }
    let texts = state.door.texts(lang);
    let (number, number_error) = wrong.unwrap_or_default();
    let view = CallPage {
        page: state.door.page(lang, "/staff/desk"),
        frame: state.door.frame(lang, "/staff/desk", session),
        caller,
        said: call.as_ref().and_then(|call| call.said.clone()),
        number,
        number_error: (!number_error.is_empty()).then(|| texts.s(&number_error)),
        middle,
        work: work.iter().take(WORK_BESIDE).map(|(task, visit)| line(state, lang, session, task, visit, &|_| None)).collect(),
        open: counts.0,
        late: counts.1,
    };
    let response = html::personal(&view);
    match call {
        // What was to be told once is told.
        Some(call) if call.said.is_some() => Call { said: None, ..call }.keep(world, response),
        _ => response,
    }
}

async fn middle_of(state: &State, lang: Lang, call: &Call, asked: &[(String, String)]) -> Result<Middle, db::DbError> {
    Ok(match &call.stage {
        Stage::Search => Middle::Search(Box::new(found::search(state, lang, asked))),
        Stage::Held(_) | Stage::Wished { .. } => match book::pane(state, lang, call).await? {
            Some(pane) => Middle::Book(Box::new(pane)),
            None => Middle::Search(Box::new(found::search(state, lang, asked))),
        },
        Stage::Moving(visit) => match found::other_times(state, lang, *visit, asked).await? {
            Some(pane) => Middle::Move(Box::new(pane)),
            None => Middle::Search(Box::new(found::search(state, lang, asked))),
        },
        Stage::Done(visit) => match book::done(state, lang, call, *visit).await? {
            Some(pane) => Middle::Done(Box::new(pane)),
            None => Middle::Search(Box::new(found::search(state, lang, asked))),
        },
    })
}

async fn caller_of(state: &State, lang: Lang, call: &Call) -> Result<CallerPane, db::DbError> {
    let (world, texts) = (&state.desk.world, state.door.texts(lang));
    let visits = match &call.person {
        Some((person, _)) => booking::visits_of_caller(world, *person).await?,
        None => Vec::new(),
    };
    let catalogue = world.catalogue();
    let doctor = |visit: &booking::Appointment| {
        let role = catalogue.role(visit.role)?;
        let doctor = catalogue.practitioner_of(role).map(|doctor| doctor.names.get(lang));
        let clinic = catalogue.organization(role.organization).map(|clinic| clinic.names.get(lang));
        Some([doctor, clinic].into_iter().flatten().collect::<Vec<_>>().join(", "))
    };
    Ok(CallerPane {
        phone: Number::new(&call.phone),
        takes_sms: call.takes_sms,
        langs: Lang::ALL
            .map(|one| Choice { value: one.code().into(), text: texts.s(&format!("desk-lang-{one}")), chosen: one == call.lang })
            .to_vec(),
        name: call.person.as_ref().map(|(_, name)| name.clone()),
        people: if call.person.is_some() { Vec::new() } else { people(call) },
        shown: Shown::ALL.map(|shown| (shown.code(), texts.s(&format!("desk-{}", shown.code().replace('_', "-"))))).to_vec(),
        visits: visits
            .iter()
            .map(|visit| CallerVisit {
                number: visit.number_shown(),
                when: visit_when(state, lang, visit),
                whom: doctor(visit).unwrap_or_default(),
                is_request: visit.is_request(),
                action: format!("/{lang}/staff/desk/visits/{}", visit.id),
            })
            .collect(),
    })
}

fn people(call: &Call) -> Vec<PersonLine> {
    let line = |(place, one): (usize, &crate::call::Candidate)| PersonLine { place, masked: one.masked.clone(), coming: one.coming };
    call.people.iter().enumerate().map(line).collect()
}

#[derive(Deserialize)]
pub(super) struct Begin {
    #[serde(default)]
    phone: String,
}

/// A call begins: the number is typed, and whoever has given it before is listed, masked.
pub(super) async fn begin(
    Extracted(state): Extracted<State>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    Form(typed): Form<Begin>,
) -> Response {
    let (lang, world) = (lang_of(&lang), &state.desk.world);
    let Ok(phone) = Phone::parse_any(&typed.phone, world.demo) else {
        let typed: String = typed.phone.chars().take(NUMBER_CHARS_MAX).collect();
        return show(&state, lang, &session, None, &[], Some((typed, "desk-number-wrong".into()))).await;
    };
    match booking::people_on_phone(world, &phone, row(&session), world.profile.staff.idle_minutes).await {
        Ok(people) => on(&state, lang, Call::begin(row(&session), &phone, lang, people)),
        Err(why) => failed(&state.door, lang, &format!("the people of a number could not be listed: {why:?}")),
    }
}

#[derive(Deserialize)]
pub(super) struct Who {
    person: usize,
    shown: String,
}

/// The caller has shown who they are.
pub(super) async fn person(
    Extracted(state): Extracted<State>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    Form(who): Form<Who>,
) -> Response {
    let (lang, world) = (lang_of(&lang), &state.desk.world);
    let Some(mut call) = at_hand(&state, &headers, &session) else { return no_call(lang) };
    let (Some(one), Some(shown)) = (call.people.get(who.person), Shown::from_code(&who.shown)) else {
        return not_found(&state.door, lang);
    };
    let person = one.person;
    match booking::open_caller(world, person, shown, row(&session), world.profile.staff.idle_minutes).await {
        Ok(name) => {
            call.person = Some((person, name));
            call.typed = call.nothing_typed();
            on(&state, lang, call)
        }
        Err(OpenForStaffError::Unavailable) => failed(&state.door, lang, &"a caller could not be opened"),
        Err(_) => {
            let said = state.door.texts(lang).s("desk-not-opened");
            on(&state, lang, call.saying(said))
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Speak {
    lang: String,
}

/// The caller speaks another language: what is read to them and sent to them is in it.
pub(super) async fn speak(
    Extracted(state): Extracted<State>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    Form(speak): Form<Speak>,
) -> Response {
    let lang = lang_of(&lang);
    let Some(mut call) = at_hand(&state, &headers, &session) else { return no_call(lang) };
    call.lang = speak.lang.parse().unwrap_or(call.lang);
    on(&state, lang, call)
}

/// One step back: a time that was held is free again.
pub(super) async fn back(
    Extracted(state): Extracted<State>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
) -> Response {
    let lang = lang_of(&lang);
    let Some(call) = at_hand(&state, &headers, &session) else { return no_call(lang) };
    match let_go(&state, &call).await {
        Ok(()) => on(&state, lang, call.back()),
        Err(fault) => failed(&state.door, lang, &fault),
    }
}

/// The time that is held for the call, if there is one, is free again.
pub(super) async fn let_go(state: &State, call: &Call) -> Result<(), db::DbError> {
    match call.stage {
        Stage::Held(hold) => request::let_go(&state.desk.world, hold).await,
        _ => Ok(()),
    }
}

/// The call is over: nothing of it stays in the browser.
pub(super) async fn end(
    Extracted(state): Extracted<State>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
) -> Response {
    let lang = lang_of(&lang);
    if let Some(call) = at_hand(&state, &headers, &session)
        && let Err(fault) = let_go(&state, &call).await
    {
        return failed(&state.door, lang, &fault);
    }
    Call::end(&state.desk.world, see_other(&format!("/{lang}/staff/desk")))
}

/// A visit of whoever is on the line and has shown who they are, with the call; anybody else's is not there.
pub(super) async fn own_visit(
    state: &State,
    headers: &HeaderMap,
    lang: Lang,
    session: &Session,
    id: &str,
) -> Result<(Call, booking::Appointment), Response> {
    let call = at_hand(state, headers, session).ok_or_else(|| no_call(lang))?;
    let gone = || not_found(&state.door, lang);
    let (id, (person, _)) = id.parse::<AppointmentId>().ok().zip(call.person.as_ref()).ok_or_else(gone)?;
    let visits = booking::visits_of_caller(&state.desk.world, *person).await.map_err(|fault| failed(&state.door, lang, &fault))?;
    let visit = visits.into_iter().find(|visit| visit.id == id).ok_or_else(gone)?;
    Ok((call, visit))
}

/// A refusal in words.
pub(super) fn words(texts: &Texts, problem: &dyn web::problem::Problem) -> String {
    let (id, args) = problem.text();
    texts.with(id, &args.iter().map(|(name, value)| (*name, value.clone())).collect::<Vec<_>>())
}
