//! The pages of staff. All but passkeys work without JavaScript: browsers know passkeys by no other way.

mod account;
mod answers;
mod calendar;
mod colleagues;
mod day;
mod events;
mod home;
mod ledger;
mod sign_in;
mod way;
mod welcome;
mod workstations;

use std::sync::Arc;

use access::{Act, Event, RelyingParty, Role, Session, Staff, StaffId};
use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use booking::World;
use clock::Timestamp;
use db::Lang;
use directory::catalogue::{Catalogue, OrganizationId};
use jiff::tz::TimeZone;
use web::dates;
use web::page::{Link, Page};
use web::problem::{self, Plain};
use web::texts::Texts;

use crate::problems::Forbidden;
use crate::routes;
use crate::views::Frame;

/// What the pages work with. Cheap to clone.
#[derive(Clone)]
pub struct Door {
    /// What all slices work with.
    pub world: World,
    /// How staff reach these pages: `https://host`, without a slash at its end.
    pub url: Arc<str>,
    /// For which site passkeys are made; `None` where browsers make none.
    pub site: Option<RelyingParty>,
}

impl Door {
    /// The pages at this address.
    pub fn new(world: World, url: &str) -> Door {
        Door { world, url: url.into(), site: RelyingParty::of(url) }
    }

    /// The same page by the name for which browsers make passkeys, where this one was asked for by another name of this machine. Elsewhere a
    /// proxy may have changed the name that is seen here, and nobody is sent away.
    fn elsewhere(&self, headers: &HeaderMap, path: &str) -> Option<String> {
        let site = self.site.as_ref().filter(|site| site.id == "localhost")?;
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let there = host == site.id || host.strip_prefix(&site.id).is_some_and(|port| port.starts_with(':'));
        if there { None } else { site.origins.first().map(|origin| format!("{origin}{path}")) }
    }

    /// The texts of that language.
    pub fn texts(&self, lang: Lang) -> Texts {
        self.world.texts.of(lang)
    }

    /// The instant.
    pub fn now(&self) -> Timestamp {
        self.world.clock().now()
    }

    /// The frame of a page at `/{lang}{path}`, private.
    pub fn page(&self, lang: Lang, path: &str) -> Page {
        self.world.page(lang, path, None).private()
    }

    /// What stands around a page of somebody who has signed in.
    pub fn frame(&self, lang: Lang, path: &str, session: &Session) -> Frame {
        let texts = self.texts(lang);
        let pages = [
            (Act::Home, "/staff", "staff-nav-home"),
            (Act::TakeCall, "/staff/desk", "staff-nav-call"),
            (Act::SeeWork, "/staff/desk/list", "staff-nav-work"),
            (Act::SeeDay, "/staff/day", "staff-nav-day"),
            (Act::ChangeCalendar, "/staff/calendar", "staff-nav-calendar"),
            (Act::AnswerVisit, "/staff/answers", "staff-nav-answers"),
            (Act::ChooseWay, "/staff/way", "staff-nav-way"),
            (Act::SeeColleagues, "/staff/colleagues", "staff-nav-colleagues"),
            (Act::Workstations, "/staff/workstations", "staff-nav-workstations"),
            (Act::SeeEvents, "/staff/events", "staff-nav-events"),
            (Act::SeeLedger, "/staff/ledger", "staff-nav-ledger"),
            (Act::OwnAccount, "/staff/account", "staff-nav-account"),
        ];
        let links = pages
            .into_iter()
            .filter(|(act, ..)| session.reach(*act).is_some())
            .map(|(_, href, text)| (Link { text: texts.s(text), href: format!("/{lang}{href}") }, href == path))
            .collect();
        Frame {
            links,
            who: session.staff.name.clone(),
            role: role_text(&texts, session.staff.role),
            can_lock: session.row.workstation.is_some() && session.staff.has_pin,
        }
    }
}

/// The routes; each stands in [`crate::ROUTES`], or nobody reaches it.
pub fn pages(door: &Door) -> Router {
    let router = Router::new()
        .route("/staff", get(home::arrive))
        .route("/{lang}/staff/sign-in", get(sign_in::form).post(sign_in::submit))
        .route("/{lang}/staff/sign-in/passkey/begin", post(sign_in::passkey_begin))
        .route("/{lang}/staff/sign-in/passkey/finish", post(sign_in::passkey_finish))
        .route("/{lang}/staff/switch", post(sign_in::switch))
        .route("/{lang}/staff/welcome/{token}", get(welcome::form).post(welcome::submit))
        .route("/{lang}/staff/welcome/{token}/passkey/begin", post(welcome::passkey_begin))
        .route("/{lang}/staff/welcome/{token}/passkey/finish", post(welcome::passkey_finish))
        .route("/{lang}/staff", get(home::page))
        .route("/{lang}/staff/lock", post(home::lock))
        .route("/{lang}/staff/sign-out", post(home::sign_out))
        .route("/{lang}/staff/account", get(account::page))
        .route("/{lang}/staff/account/passkey/begin", post(account::passkey_begin))
        .route("/{lang}/staff/account/passkey/finish", post(account::passkey_finish))
        .route("/{lang}/staff/account/passkey/remove", post(account::passkey_remove))
        .route("/{lang}/staff/account/pin", post(account::pin))
        .route("/{lang}/staff/account/session/end", post(account::session_end))
        .route("/{lang}/staff/day", get(day::page))
        .route("/{lang}/staff/day/people", post(day::people))
        .route("/{lang}/staff/way", get(way::page).post(way::choose))
        .route("/{lang}/staff/calendar", get(calendar::page))
        .route("/{lang}/staff/calendar/block", post(calendar::block))
        .route("/{lang}/staff/calendar/own", post(calendar::add))
        .route("/{lang}/staff/calendar/back", post(calendar::give_back))
        .route("/{lang}/staff/visits/{id}/person", post(day::person))
        .route("/{lang}/staff/answers", get(answers::page))
        .route("/{lang}/staff/visits/{id}/answer", get(answers::form).post(answers::submit))
        .route("/{lang}/staff/colleagues", get(colleagues::page).post(colleagues::add))
        .route("/{lang}/staff/colleagues/{id}", get(colleagues::one))
        .route("/{lang}/staff/colleagues/{id}/end", post(colleagues::end))
        .route("/{lang}/staff/colleagues/{id}/anew", post(colleagues::anew))
        .route("/{lang}/staff/colleagues/{id}/grants", post(colleagues::grant))
        .route("/{lang}/staff/colleagues/{id}/grants/end", post(colleagues::end_grant))
        .route("/{lang}/staff/workstations", get(workstations::page).post(workstations::add))
        .route("/{lang}/staff/workstations/end", post(workstations::end))
        .route("/{lang}/staff/events", get(events::page))
        .route("/{lang}/staff/ledger", get(ledger::page))
        .route("/{lang}/staff/ledger/csv", get(ledger::csv))
        .with_state(door.clone());
    gated(door, routes::ROUTES, router)
}

/// These pages behind the gate: whoever asks for one must have the act that the table names for it. Another crate's pages of staff come in
/// by this.
pub fn gated(door: &Door, routes: &'static [routes::Route], router: Router) -> Router {
    router.layer(middleware::from_fn_with_state(routes::Gate { door: door.clone(), routes }, routes::gate))
}

/// 303 to a place on this site.
pub fn see_other(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}

/// The answer to a fault: logged here, never shown.
pub fn failed(door: &Door, lang: Lang, fault: &dyn std::fmt::Display) -> Response {
    tracing::error!(%fault, "a page of staff could not be made");
    problem::page(&Plain::Unavailable, door.world.page(lang, "/staff", None), Vec::new())
}

/// The page that says that one's role does not have this.
pub fn forbidden(door: &Door, lang: Lang) -> Response {
    let home = Link { text: door.texts(lang).s("staff-nav-home"), href: format!("/{lang}/staff") };
    problem::page(&Forbidden, door.world.page(lang, "/staff", None), vec![home])
}

/// The page that says that there is nothing.
pub fn not_found(door: &Door, lang: Lang) -> Response {
    problem::page(&Plain::NotFound, door.world.page(lang, "/staff", None), Vec::new())
}

/// The page that says that a form could not be read.
pub fn unreadable(door: &Door, lang: Lang) -> Response {
    problem::page(&Plain::BadRequest, door.world.page(lang, "/staff", None), Vec::new())
}

/// The language of a page's address; the gate has looked whether it is one.
pub fn lang_of(code: &str) -> Lang {
    code.parse().unwrap_or(Lang::Ru)
}

/// For addresses without a language.
fn reader(headers: &HeaderMap) -> Lang {
    web::lang::choose(headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
}

fn role_text(texts: &Texts, role: Role) -> String {
    texts.s(&format!("staff-role-{}", role.code()))
}

fn event_text(texts: &Texts, code: &str) -> String {
    match Event::from_code(code) {
        Some(event) => texts.s(&format!("staff-event-{}", event.code())),
        None => code.to_owned(),
    }
}

/// The name of a clinic.
pub fn clinic_name(catalogue: &Catalogue, lang: Lang, clinic: Option<[u8; 16]>) -> Option<String> {
    let id = OrganizationId(db::reexport::Uuid::from_bytes(clinic?));
    catalogue.organization(id).map(|found| found.names.get(lang).to_owned())
}

/// The zone in which somebody's times are told: that of their clinic, else of the first city.
pub fn zone(catalogue: &Catalogue, clinic: Option<[u8; 16]>) -> TimeZone {
    let organization = clinic.map(|id| OrganizationId(db::reexport::Uuid::from_bytes(id)));
    let at = organization.and_then(|id| catalogue.locations.iter().find(|location| location.organization == id));
    let city = at.and_then(|location| catalogue.city(&location.city)).or_else(|| catalogue.cities.first());
    city.and_then(|city| TimeZone::get(&city.zone).ok()).unwrap_or(TimeZone::UTC)
}

/// Day and time, as people say them.
pub fn moment(lang: Lang, zone: &TimeZone, at: Timestamp, now: Timestamp) -> String {
    dates::say(lang, &at.to_jiff().to_zoned(zone.clone()), &now.to_jiff().to_zoned(zone.clone()))
}

fn name_of(staff: &[Staff], id: StaffId) -> Option<String> {
    staff.iter().find(|one| one.id == id).map(|one| one.name.clone())
}
