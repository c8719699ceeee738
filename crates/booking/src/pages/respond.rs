//! The clinic's answer by the link that it was sent, and the person's answer to what it has proposed. Both are forms: a program that looks at
//! a link answers nothing.

use axum::extract::{Form, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response as Answered;
use clock::Timestamp;
use db::Lang;
use privacy::disclosure::inbound::InboundReason;
use serde::Deserialize;
use web::page::{Choice, Page};
use web::problem::{self, Plain};
use web::{dates, html};

use super::show::{self, When};
use super::visit::{capability, own, state};
use super::{failed, no, not_found, private, reader, see_other};
use crate::appointment::{Appointment, AppointmentId};
use crate::by::By;
use crate::hold::TimeError;
use crate::request;
use crate::respond::{ClinicAnswer, RespondError};
use crate::response::{Response, Standing};
use crate::status::Status;
use crate::tokens;
use crate::views::{AnswerForm, ClinicVisit, Proposal};
use crate::world::World;

/// Characters of a typed day or time that are looked at.
const TYPED_CHARS_MAX: usize = 20;

/// What the person is asked, when their clinic has proposed another time.
pub(super) fn proposal(world: &World, lang: Lang, visit: &Appointment, response: Option<&Response>) -> Option<Proposal> {
    let Standing::Tentative { start } = response?.standing else { return None };
    let at = start.to_jiff().to_zoned(visit.time_zone());
    Some(Proposal {
        when: dates::say(lang, &at, &show::now(world, &visit.time_zone())),
        start: start.rfc3339(&visit.time_zone()),
        action: format!("/{lang}/visits/{}/answer", visit.id),
        asked: visit.is_request(),
    })
}

#[derive(Deserialize)]
pub(super) struct PersonForm {
    answer: String,
    start: String,
}

/// The person takes the proposed time, or does not.
pub(super) async fn person(
    State(world): State<World>,
    Path((lang, id)): Path<(String, String)>,
    headers: HeaderMap,
    Form(form): Form<PersonForm>,
) -> Answered {
    let (lang, visit) = match own(&world, &headers, &lang, &id).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    let back = format!("/{lang}/visits/{}", visit.id);
    let Ok(start) = Timestamp::parse_rfc3339(&form.start) else { return see_other(&back) };
    let answered = match form.answer.as_str() {
        "accept" => request::accept(&world, visit.id, start, By::Person).await,
        "refuse" => request::refuse(&world, visit.id, start, By::Person).await,
        _ => return see_other(&back),
    };
    match answered {
        Ok(_) if form.answer == "accept" => see_other(&format!("{back}?moved")),
        Ok(_) => see_other(&back),
        Err(RespondError::Db(fault)) => failed(&world, lang, &fault),
        Err(refusal) => see_other(&format!("{back}?refused={}", refusal.code())),
    }
}

/// What was typed the last time, and why it was not taken.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AnswerAsked {
    refused: String,
    date: String,
    time: String,
}

/// A clinic's answer as its form sends it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AnswerTyped {
    answer: String,
    date: String,
    time: String,
    reason: String,
}

fn refusals(most: i64) -> [RespondError; 10] {
    [
        RespondError::NotPossible(Status::Cancelled),
        RespondError::TimeMissing,
        RespondError::Outdated,
        RespondError::PersonBusy,
        RespondError::TooOften(most),
        RespondError::Time(TimeError::Taken),
        RespondError::Time(TimeError::Past),
        RespondError::Time(TimeError::NotOffered),
        RespondError::Time(TimeError::UnknownRole),
        RespondError::Time(TimeError::UnknownService),
    ]
}

/// Why an answer was not taken, as a page says it; `None` for a word that is none of ours.
pub(super) fn refusal(world: &World, lang: Lang, code: &str) -> Option<String> {
    let refusal = refusals(world.profile.proposals_per_visit_max).into_iter().find(|refusal| refusal.code() == code)?;
    Some(problem::sentence(&refusal, &world.texts.of(lang)))
}

/// Where somebody answers for the clinic: at the link that it was sent, or among its own pages.
pub struct AnswerPlace {
    /// The frame of the page.
    pub page: Page,
    /// Where the form posts to, and what is looked at afterwards.
    pub action: String,
    /// Back to the clinic's own pages, where there are any.
    pub back_href: Option<String>,
}

/// The page on which the clinic answers: time, doctor, state; nothing about the person.
pub async fn answer_page(world: &World, lang: Lang, id: AppointmentId, place: AnswerPlace, asked: &AnswerAsked) -> Answered {
    let visit = match request::visit(world, id).await {
        Ok(Some(visit)) => visit,
        Ok(None) => return not_found(world, lang),
        Err(fault) => return failed(world, lang, &fault),
    };
    let response = match request::response(world, id).await {
        Ok(response) => response,
        Err(fault) => return failed(world, lang, &fault),
    };
    let Some(summary) = show::summary(world, lang, &When::from(&visit)) else { return not_found(world, lang) };
    html::personal(&ClinicVisit {
        summary,
        state: state(world, &visit, response.as_ref()),
        number: visit.number_shown(),
        minutes: (visit.end.micros() - visit.start.micros()) / clock::MINUTE,
        said: said(world, lang, &visit, response.as_ref()),
        form: form(world, lang, &visit, response.as_ref(), place.action, asked),
        page: place.page,
        back_href: place.back_href,
    })
}

/// What the clinic has said so far, in a sentence.
fn said(world: &World, lang: Lang, visit: &Appointment, response: Option<&Response>) -> Option<String> {
    let texts = world.texts.of(lang);
    match response?.standing {
        Standing::NeedsAction => None,
        Standing::Accepted if visit.status == Status::Booked => Some(texts.s("booking-answer-said-accepted")),
        Standing::Accepted => None,
        Standing::Tentative { start } => {
            let at = start.to_jiff().to_zoned(visit.time_zone());
            let when = dates::say(lang, &at, &show::now(world, &visit.time_zone()));
            Some(texts.one("booking-answer-said-tentative", "when", when))
        }
        Standing::Declined(reason) => {
            let reason = texts.s(&format!("booking-reason-{}", reason.code()));
            Some(texts.one("booking-answer-said-declined", "reason", reason))
        }
    }
}

/// The form, while anything can be answered.
fn form(
    world: &World,
    lang: Lang,
    visit: &Appointment,
    response: Option<&Response>,
    action: String,
    asked: &AnswerAsked,
) -> Option<AnswerForm> {
    let now = show::now(world, &visit.time_zone());
    let ahead = if visit.is_request() { visit.end } else { visit.start } > world.clock().now();
    if !ahead || !matches!(visit.status, Status::Proposed | Status::Pending | Status::Booked) {
        return None;
    }
    let texts = world.texts.of(lang);
    let at = visit.start.to_jiff().to_zoned(visit.time_zone());
    let day = at.date().max(now.date());
    let typed = |typed: &str, default: String| if typed.is_empty() { default } else { typed.chars().take(TYPED_CHARS_MAX).collect() };
    Some(AnswerForm {
        action,
        asked: visit.is_request(),
        can_confirm: !visit.is_request() && response.is_none_or(|response| response.standing != Standing::Accepted),
        date: typed(&asked.date, day.to_string()),
        date_min: now.date().to_string(),
        time: typed(&asked.time, if visit.is_request() { String::new() } else { dates::time(&at) }),
        reasons: InboundReason::ALL
            .into_iter()
            .map(|reason| Choice {
                value: reason.code().to_owned(),
                text: texts.s(&format!("booking-reason-{}", reason.code())),
                chosen: false,
            })
            .collect(),
        refused: refusal(world, lang, &asked.refused),
    })
}

/// The answer in a form: `None` when it is none.
fn parsed(visit: &Appointment, typed: &AnswerTyped) -> Option<ClinicAnswer> {
    match typed.answer.as_str() {
        "confirm" => Some(ClinicAnswer::Accepted),
        "decline" => InboundReason::from_code(&typed.reason).map(ClinicAnswer::Declined),
        "propose" => {
            let date: jiff::civil::Date = typed.date.trim().parse().ok()?;
            let time: jiff::civil::Time = typed.time.trim().parse().ok()?;
            let at = date.to_datetime(time).to_zoned(visit.time_zone()).ok()?;
            Some(ClinicAnswer::Proposed { start: Timestamp::from(at.timestamp()) })
        }
        _ => None,
    }
}

/// Takes what the clinic's form sends, and leads back to `action`, which shows how it stands, or why it was not taken and what was typed.
pub async fn answer_submit(world: &World, lang: Lang, id: AppointmentId, by: By, action: &str, typed: &AnswerTyped) -> Answered {
    let visit = match request::visit(world, id).await {
        Ok(Some(visit)) => visit,
        Ok(None) => return not_found(world, lang),
        Err(fault) => return failed(world, lang, &fault),
    };
    let refused = match parsed(&visit, typed) {
        None => RespondError::TimeMissing,
        Some(answer) => match request::respond(world, id, answer, by).await {
            Ok(_) => return see_other(action),
            Err(RespondError::Db(fault)) => return failed(world, lang, &fault),
            Err(refusal) => refusal,
        },
    };
    let plain =
        |text: &str| text.chars().filter(|c| c.is_ascii_digit() || matches!(c, '-' | ':')).take(TYPED_CHARS_MAX).collect::<String>();
    see_other(&format!("{action}?refused={}&date={}&time={}", refused.code(), plain(&typed.date), plain(&typed.time)))
}

/// The visit of a clinic's link, if the token is its own.
fn linked(world: &World, text: &str) -> Result<AppointmentId, Plain> {
    let (id, token) = capability(text).ok_or(Plain::NotFound)?;
    if tokens::same(&tokens::clinic(&world.keys, id), token) { Ok(id) } else { Err(Plain::Forbidden) }
}

/// `/clinic/visits/{id}.{token}`.
pub(super) async fn clinic(
    State(world): State<World>,
    Path(text): Path<String>,
    Query(asked): Query<AnswerAsked>,
    headers: HeaderMap,
) -> Answered {
    let lang = reader(&headers);
    let id = match linked(&world, &text) {
        Ok(id) => id,
        Err(problem) => return no(&world, lang, "/", &problem),
    };
    let place = AnswerPlace { page: private(&world, lang, "/".into(), None), action: format!("/clinic/visits/{text}"), back_href: None };
    answer_page(&world, lang, id, place, &asked).await
}

/// The clinic's answer by its link.
pub(super) async fn clinic_submit(
    State(world): State<World>,
    Path(text): Path<String>,
    headers: HeaderMap,
    Form(typed): Form<AnswerTyped>,
) -> Answered {
    let lang = reader(&headers);
    match linked(&world, &text) {
        Ok(id) => answer_submit(&world, lang, id, By::Clinic, &format!("/clinic/visits/{text}"), &typed).await,
        Err(problem) => no(&world, lang, "/", &problem),
    }
}
