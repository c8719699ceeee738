//! The pages of booking: complete without JavaScript. A form is post, redirect, get, whether it is accepted or
//! refused: Back never asks to send it again.

mod ask;
mod booking;
mod chosen;
mod code;
mod consents;
mod doctor;
mod person;
mod profile;
mod respond;
mod show;
mod uses;
mod visit;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use db::Lang;
use web::page::Page;
use web::problem::{self, Plain, Problem};

use crate::world::World;

pub use ask::wishes as wishes_ticked;
pub use person::{PersonTyped, age_field, read_person, typed_field, typed_for_role, whom_block};
pub use respond::{AnswerAsked, AnswerPlace, AnswerTyped, answer_page, answer_submit};

/// Who, where, when and how much, of a visit, as the pages of staff show it too; `None` when the doctor is no longer in the directory.
pub fn summary_of(world: &World, lang: Lang, visit: &crate::appointment::Appointment) -> Option<web::page::Summary> {
    show::summary(world, lang, &show::When::from(visit))
}

/// The same of a time that is held.
pub fn summary_of_hold(world: &World, lang: Lang, hold: &crate::hold::Hold) -> Option<web::page::Summary> {
    show::summary(world, lang, &show::When::from(hold))
}

/// The same of days that are wished for; an empty service is the role's first.
pub fn summary_of_wishes(
    world: &World,
    lang: Lang,
    role: directory::catalogue::RoleId,
    service: &str,
    wishes: &[crate::wish::Wish],
) -> Option<web::page::Summary> {
    let catalogue = world.catalogue();
    let service = &catalogue.role(role)?.offer(Some(service).filter(|service| !service.is_empty()))?.service;
    show::summary(world, lang, &show::When { role, service, start: clock::Timestamp(0), price: None, wishes })
}

/// The routes. `{lang}` is `kk`, `ru` or `en`; anything else is not found.
pub fn pages() -> Router<World> {
    Router::new()
        .route("/{lang}/doctors/{doctor}", get(doctor::page))
        .route("/{lang}/holds", post(doctor::hold))
        .route("/{lang}/taken", get(doctor::gone))
        .route("/{lang}/requests", post(ask::begin))
        .route("/{lang}/book/{hold}", get(booking::form).post(booking::submit))
        .route("/{lang}/book/{hold}/consent", get(booking::consent))
        .route("/{lang}/book/{hold}/keep", post(booking::keep))
        .route("/{lang}/book/{hold}/code", get(code::form).post(code::finish))
        .route("/{lang}/book/{hold}/code/again", post(code::again))
        .route("/{lang}/book/{hold}/clash", get(code::clash))
        .route("/{lang}/v/{capability}", get(visit::arrive))
        .route("/{lang}/visits/{id}", get(visit::page))
        .route("/{lang}/visits/{id}/calendar.ics", get(visit::calendar))
        .route("/{lang}/visits/{id}/move", get(visit::move_form).post(visit::reschedule))
        .route("/{lang}/visits/{id}/cancel", get(visit::cancel_form).post(visit::cancel))
        .route("/{lang}/consents/{sha256}", get(consents::text))
        .route("/{lang}/visits/{id}/withdraw", get(consents::withdraw_form).post(consents::withdraw))
        .route("/{lang}/visits/{id}/uses", get(uses::page))
        .route("/{lang}/visits/{id}/uses/{entry}", get(uses::receipt))
        .route("/{lang}/visits/{id}/answer", post(respond::person))
        .route("/clinic/visits/{capability}", get(respond::clinic).post(respond::clinic_submit))
}

/// 303 to a place on this site.
fn see_other(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}

/// The page that says that something is not there, or why it cannot be done.
fn no(world: &World, lang: Lang, path: &str, problem: &dyn Problem) -> Response {
    problem::page(problem, world.page(lang, path, None), Vec::new())
}

fn not_found(world: &World, lang: Lang) -> Response {
    no(world, lang, "/", &Plain::NotFound)
}

/// The answer to a fault of the database: logged here, never shown.
fn failed(world: &World, lang: Lang, fault: &dyn std::fmt::Display) -> Response {
    tracing::error!(%fault, "a page could not be made");
    no(world, lang, "/", &Plain::Unavailable)
}

/// The language of a page's address.
fn lang_of(code: &str) -> Option<Lang> {
    code.parse().ok()
}

/// For addresses without a language.
fn reader(headers: &HeaderMap) -> Lang {
    web::lang::choose(headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
}

fn private(world: &World, lang: Lang, path: String, city: Option<&str>) -> Page {
    world.page(lang, path, city).private()
}
