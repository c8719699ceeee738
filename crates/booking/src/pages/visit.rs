//! One's own visit: see, add to a calendar, move, cancel. Opened by the link of the message, which puts the visit's token into a
//! sealed cookie and disappears from the address.

use axum::extract::{Form, Path, Query, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use clock::Timestamp;
use db::Lang;
use jiff::civil::Date;
use serde::Deserialize;
use web::html;
use web::page::{DayTimes, Phone};
use web::problem::{self, Plain};

use super::show::{self, Days, When};
use super::{consents, respond};
use super::{failed, lang_of, no, not_found, private, reader, see_other};
use crate::appointment::{Appointment, AppointmentId};
use crate::by::By;
use crate::cancel::{CancelError, too_late};
use crate::cookies;
use crate::hold::TimeError;
use crate::request;
use crate::reschedule::MoveError;
use crate::response::{Response as OfClinic, Standing};
use crate::status::Status;
use crate::tokens;
use crate::views::{Visit, VisitCancel, VisitMove, VisitState};
use crate::world::World;

/// Splits `{id}.{token}`.
pub(super) fn capability(text: &str) -> Option<(AppointmentId, &str)> {
    let (id, token) = text.split_once('.')?;
    Some((id.parse().ok()?, token))
}

pub(super) async fn arrive(State(world): State<World>, Path((lang, text)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let Some(lang) = lang_of(&lang) else { return not_found(&world, reader(&headers)) };
    match capability(&text) {
        Some((id, token)) if tokens::same(&tokens::manage(&world.keys, id), token) => {
            cookies::remember(&world, &headers, id, token, see_other(&format!("/{lang}/visits/{id}")))
        }
        _ => no(&world, lang, "/", &Plain::Forbidden),
    }
}

/// The visit, for whoever carries its token; else the answer.
pub(super) async fn own(world: &World, headers: &HeaderMap, lang: &str, id: &str) -> Result<(Lang, Appointment), Response> {
    let lang = lang_of(lang).ok_or_else(|| not_found(world, reader(headers)))?;
    let id: AppointmentId = id.parse().map_err(|_| not_found(world, lang))?;
    if !cookies::may_see(world, headers, id) {
        return Err(no(world, lang, "/", &Plain::Forbidden));
    }
    match request::visit(world, id).await {
        Ok(Some(visit)) => Ok((lang, visit)),
        Ok(None) => Err(not_found(world, lang)),
        Err(fault) => Err(failed(world, lang, &fault)),
    }
}

pub(super) fn state(world: &World, visit: &Appointment, response: Option<&OfClinic>) -> VisitState {
    match response.map(|response| response.standing) {
        Some(Standing::Declined(_)) if visit.status == Status::Cancelled => return VisitState::Declined,
        Some(Standing::Tentative { .. })
            if matches!(visit.status, Status::Proposed | Status::Booked) && visit.end > world.clock().now() =>
        {
            return VisitState::Proposed;
        }
        _ => {}
    }
    match visit.status {
        Status::Cancelled | Status::EnteredInError if visit.is_request() => VisitState::AskedCancelled,
        Status::Proposed | Status::Waitlist if visit.end <= world.clock().now() => VisitState::Lapsed,
        Status::Proposed | Status::Waitlist => VisitState::Asked,
        Status::Cancelled | Status::EnteredInError => VisitState::Cancelled,
        Status::Fulfilled | Status::NoShow => VisitState::Past,
        _ if visit.end <= world.clock().now() => VisitState::Past,
        Status::Pending => VisitState::Requested,
        Status::Booked | Status::Arrived | Status::CheckedIn => VisitState::Booked,
    }
}

fn may_change(world: &World, visit: &Appointment, cutoff_minutes: i64) -> bool {
    visit.status == Status::Booked && !too_late(visit, cutoff_minutes, world.clock().now())
}

/// A request may be withdrawn at any time.
fn may_cancel(world: &World, visit: &Appointment) -> bool {
    visit.status == Status::Proposed || may_change(world, visit, world.profile.cancel_cutoff_minutes)
}

pub(super) fn city_of(world: &World, visit: &Appointment) -> Option<String> {
    let catalogue = world.catalogue();
    catalogue.role(visit.role).and_then(|role| catalogue.city_of(role)).map(|city| city.code.clone())
}

fn doctor_href(world: &World, lang: Lang, visit: &Appointment) -> String {
    let catalogue = world.catalogue();
    catalogue.role(visit.role).map_or_else(|| format!("/{lang}/"), |role| format!("/{lang}{}", show::doctor_path(&catalogue, role, lang)))
}

/// Other doctors of the same specialty in the city.
fn others_href(world: &World, lang: Lang, visit: &Appointment) -> Option<String> {
    let catalogue = world.catalogue();
    let role = catalogue.role(visit.role)?;
    let (city, specialty) = (catalogue.city_of(role)?, role.specialties.first()?);
    Some(format!("/{lang}{}", directory::paths::specialty(&city.code, specialty)))
}

pub(super) fn clinic_told(world: &World, visit: &Appointment) -> bool {
    let catalogue = world.catalogue();
    catalogue
        .role(visit.role)
        .and_then(|role| catalogue.organization(role.organization))
        .is_some_and(|clinic| clinic.notify_phone.is_some())
}

fn clinic_phone(world: &World, visit: &Appointment) -> Option<Phone> {
    let catalogue = world.catalogue();
    let clinic = catalogue.role(visit.role).and_then(|role| catalogue.organization(role.organization))?;
    (!clinic.phone.is_empty()).then(|| Phone::new(&clinic.phone))
}

pub(super) async fn page(
    State(world): State<World>,
    Path((lang, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let (lang, visit) = match own(&world, &headers, &lang, &id).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    let Some(summary) = show::summary(&world, lang, &When::from(&visit)) else { return not_found(&world, lang) };
    let response = match request::response(&world, visit.id).await {
        Ok(response) => response,
        Err(fault) => return failed(&world, lang, &fault),
    };
    let state = state(&world, &visit, response.as_ref());
    let path = format!("/visits/{}", visit.id);
    let movable = may_change(&world, &visit, world.profile.move_cutoff_minutes) && visit.moves < world.profile.moves_per_visit_max;
    let cancellable = may_cancel(&world, &visit);
    let standing = match request::standing(&world, visit.id).await {
        Ok(standing) => standing,
        Err(fault) => return failed(&world, lang, &fault),
    };
    html::personal(&Visit {
        page: private(&world, lang, path.clone(), city_of(&world, &visit).as_deref()),
        summary,
        state,
        number: visit.number_shown(),
        represented: standing.represented,
        fresh: query == "new",
        moved: query == "moved",
        refused: query
            .strip_prefix("refused=")
            .and_then(|code| refusal(&world, lang, code).or_else(|| respond::refusal(&world, lang, code))),
        proposal: respond::proposal(&world, lang, &visit, response.as_ref()),
        declined: response.and_then(|response| match response.standing {
            Standing::Declined(reason) => Some(reason.code()),
            _ => None,
        }),
        confirmed: response.map(|response| response.standing == Standing::Accepted),
        others_href: others_href(&world, lang, &visit),
        clinic_told: clinic_told(&world, &visit),
        clinic_phone: clinic_phone(&world, &visit),
        calendar_href: matches!(state, VisitState::Booked | VisitState::Requested).then(|| format!("/{lang}{path}/calendar.ics")),
        move_href: movable.then(|| format!("/{lang}{path}/move")),
        cancel_href: cancellable.then(|| format!("/{lang}{path}/cancel")),
        doctor_href: doctor_href(&world, lang, &visit),
        uses_href: format!("/{lang}/visits/{}/uses", visit.id),
        agreed: consents::lines(&world, lang, &visit, &standing),
    })
}

/// Why the visit was not changed, as its page says it; `None` for a word that is none of ours.
fn refusal(world: &World, lang: Lang, code: &str) -> Option<String> {
    let profile = &world.profile;
    let refusals = [
        MoveError::NotPossible(Status::Cancelled),
        MoveError::TooLate(profile.move_cutoff_minutes),
        MoveError::TooOften(profile.moves_per_visit_max),
        MoveError::OtherVisit,
    ];
    let refusal = refusals.iter().find(|refusal| refusal.code() == code)?;
    Some(problem::sentence(refusal, &world.texts.of(lang)))
}

/// A refusal leads to the visit's page, which says why: Back asks nothing again.
fn back_to(lang: Lang, visit: &Appointment, code: &str) -> Response {
    see_other(&format!("/{lang}/visits/{}?refused={code}", visit.id))
}

pub(super) async fn calendar(State(world): State<World>, Path((lang, id)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let (lang, visit) = match own(&world, &headers, &lang, &id).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    // A request has no time: there is nothing to put into a calendar.
    let catalogue = world.catalogue();
    let place = catalogue.role(visit.role).filter(|_| !visit.is_request()).and_then(|role| catalogue.location(role.location));
    let Some(place) = place.map(|place| show::address(&catalogue, place, lang)) else { return not_found(&world, lang) };
    let texts = world.texts.of(lang);
    let file = crate::calendar::file(&crate::calendar::Event {
        method: crate::calendar::Method::Publish,
        visit: &visit,
        now: world.clock().now(),
        // A calendar is read over a shoulder: the title says what the message says, and no more (clause 4.1).
        title: texts.one("booking-calendar-title", "number", visit.number_shown()),
        place,
    });
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"visit.ics\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, file).into_response()
}

#[derive(Deserialize)]
pub(super) struct DayQuery {
    day: Option<String>,
    refused: Option<String>,
}

pub(super) async fn move_form(
    State(world): State<World>,
    Path((lang, id)): Path<(String, String)>,
    Query(query): Query<DayQuery>,
    headers: HeaderMap,
) -> Response {
    let (lang, visit) = match own(&world, &headers, &lang, &id).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    // Why the last try failed: a word of the address, which the page says in its own language.
    let refusals = [
        MoveError::Time(TimeError::Taken),
        MoveError::Time(TimeError::Past),
        MoveError::Time(TimeError::NotOffered),
        MoveError::PersonBusy,
    ];
    let refusal = query.refused.as_deref().and_then(|code| refusals.iter().find(|refusal| refusal.code() == code));
    let said = refusal.map(|refusal| problem::sentence(refusal, &world.texts.of(lang)));
    show_move(&world, lang, &visit, query.day.as_deref(), said)
}

fn show_move(world: &World, lang: Lang, visit: &Appointment, day: Option<&str>, error: Option<String>) -> Response {
    if !may_change(world, visit, world.profile.move_cutoff_minutes) {
        return see_other(&format!("/{lang}/visits/{}", visit.id));
    }
    let catalogue = world.catalogue();
    let Some(role) = catalogue.role(visit.role) else { return not_found(world, lang) };
    let (Some(summary), Some(zone)) = (show::summary(world, lang, &When::from(visit)), catalogue.zone_of(role)) else {
        return not_found(world, lang);
    };
    let path = format!("/visits/{}/move", visit.id);
    let days = Days::of(world, role, &zone, Some(&visit.service), None);
    let chosen = days.chosen(day);
    let href = |day: Date| format!("/{lang}{path}?day={day}#times");
    let times = DayTimes::group(days.buttons(lang, chosen));
    let nearest = times.is_empty().then(|| days.nearest(lang, chosen, href)).flatten();
    let view = VisitMove {
        page: private(world, lang, path.clone(), city_of(world, visit).as_deref()),
        summary,
        days: days.strip(lang, chosen, href),
        day: days.say(lang, chosen),
        times,
        nearest,
        action: format!("/{lang}{path}"),
        error,
        back_href: format!("/{lang}/visits/{}", visit.id),
    };
    html::personal(&view)
}

#[derive(Deserialize)]
pub(super) struct StartForm {
    start: String,
}

pub(super) async fn reschedule(
    State(world): State<World>,
    Path((lang, id)): Path<(String, String)>,
    headers: HeaderMap,
    Form(form): Form<StartForm>,
) -> Response {
    let (lang, visit) = match own(&world, &headers, &lang, &id).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    // No time of the page: the page is shown again.
    let Ok(start) = Timestamp::parse_rfc3339(&form.start) else { return see_other(&format!("/{lang}/visits/{}/move", visit.id)) };
    match request::reschedule(&world, visit.id, start, None, By::Person).await {
        Ok(_) => see_other(&format!("/{lang}/visits/{}?moved", visit.id)),
        Err(error @ (MoveError::Time(TimeError::Taken | TimeError::Past | TimeError::NotOffered) | MoveError::PersonBusy)) => {
            let day = start.to_jiff().to_zoned(visit.time_zone()).date().to_string();
            see_other(&format!("/{lang}/visits/{}/move?day={day}&refused={}", visit.id, error.code()))
        }
        Err(MoveError::Db(fault)) => failed(&world, lang, &fault),
        Err(error) => back_to(lang, &visit, error.code()),
    }
}

pub(super) async fn cancel_form(State(world): State<World>, Path((lang, id)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let (lang, visit) = match own(&world, &headers, &lang, &id).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    let back_href = format!("/{lang}/visits/{}", visit.id);
    if !may_cancel(&world, &visit) {
        return see_other(&back_href);
    }
    let Some(summary) = show::summary(&world, lang, &When::from(&visit)) else { return not_found(&world, lang) };
    let path = format!("/visits/{}/cancel", visit.id);
    html::personal(&VisitCancel {
        page: private(&world, lang, path.clone(), city_of(&world, &visit).as_deref()),
        summary,
        asked: visit.is_request(),
        action: format!("/{lang}{path}"),
        move_href: may_change(&world, &visit, world.profile.move_cutoff_minutes).then(|| format!("{back_href}/move")),
        back_href,
    })
}

pub(super) async fn cancel(State(world): State<World>, Path((lang, id)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let (lang, visit) = match own(&world, &headers, &lang, &id).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    match request::cancel(&world, visit.id, By::Person).await {
        Ok(_) => see_other(&format!("/{lang}/visits/{}", visit.id)),
        Err(CancelError::Db(fault)) => failed(&world, lang, &fault),
        Err(error) => back_to(lang, &visit, error.code()),
    }
}
