//! The doctor's page, and the hold that a chosen time becomes.

use access::Caller;
use axum::extract::{Extension, Form, Path, Query, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use clock::Timestamp;
use db::Lang;
use directory::catalogue::{City, RoleId};
use jiff::civil::Date;
use serde::Deserialize;
use web::html;
use web::page::Link;
use web::problem::{self, Plain};

use super::profile;
use super::show::{self, Days, When};
use super::{lang_of, no, not_found, see_other};
use crate::api::limited;
use crate::cookies::Draft;
use crate::hold::{HoldId, TimeError};
use crate::problems::DoctorAbsent;
use crate::request;
use crate::views::{NearDay, Taken, TakenWhy};
use crate::world::World;

/// Other times offered when one was taken.
const NEAR_DAYS: usize = 3;
const NEAR_TIMES: usize = 6;
const ID_CHARS: usize = 36;
/// Cities offered at most where a doctor is not there.
const CITIES_MAX: usize = 12;

#[derive(Deserialize)]
pub(super) struct DoctorQuery {
    day: Option<String>,
    service: Option<String>,
    refused: Option<String>,
}

pub(super) async fn page(
    State(world): State<World>,
    Path((lang, doctor)): Path<(String, String)>,
    Query(query): Query<DoctorQuery>,
    RawQuery(asked): RawQuery,
    headers: HeaderMap,
) -> Response {
    let Some(lang) = lang_of(&lang) else { return not_found(&world, Lang::Ru) };
    let catalogue = world.catalogue();
    let id = doctor.get(..ID_CHARS).unwrap_or(&doctor);
    let Ok(id) = id.parse::<RoleId>() else { return not_found(&world, lang) };
    let Some(role) = catalogue.role(id) else { return absent(&world, lang) };
    // One address per page: a name that was changed or mistyped leads to the present one.
    let path = show::doctor_path(&catalogue, role, lang);
    if format!("/doctors/{doctor}") != path {
        let address = format!("/{lang}{path}{}", asked.map_or_else(String::new, |query| format!("?{query}")));
        return (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, address)]).into_response();
    }
    let asked = profile::Asked {
        day: query.day.as_deref(),
        service: query.service.as_deref(),
        refused: query.refused.as_deref() == Some("when"),
        mine: own_hold(&world, &headers),
    };
    match profile::view(&world, &catalogue, role, lang, &asked) {
        Some(view) => html::public(&view),
        // Without a service, a place or a city nobody can be received.
        None => absent(&world, lang),
    }
}

/// Whoever comes by an old link or an old search result is led to the doctors of each city.
fn absent(world: &World, lang: Lang) -> Response {
    let (catalogue, texts) = (world.catalogue(), world.texts.of(lang));
    let link = |city: &City| Link {
        text: texts.one("booking-absent-city", "city", city.names.get(lang)),
        href: format!("/{lang}{}", directory::paths::city(&city.code)),
    };
    let received = |city: &&City| catalogue.roles.iter().any(|role| catalogue.city_of(role).is_some_and(|known| known.code == city.code));
    let links = catalogue.cities.iter().filter(received).take(CITIES_MAX).map(link).collect();
    problem::page(&DoctorAbsent, world.page(lang, "/", None), links)
}

#[derive(Deserialize)]
pub(super) struct HoldForm {
    role: String,
    start: String,
    service: Option<String>,
    once: Option<String>,
}

/// A chosen time becomes a hold, and the form follows. A second click makes the same hold; choosing another time lets the first one go and
/// keeps what was typed.
pub(super) async fn hold(
    State(world): State<World>,
    Path(lang): Path<String>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Form(form): Form<HoldForm>,
) -> Response {
    let Some(lang) = lang_of(&lang) else { return not_found(&world, Lang::Ru) };
    let (Ok(role), Ok(start)) = (form.role.parse::<RoleId>(), Timestamp::parse_rfc3339(&form.start)) else {
        return no(&world, lang, "/", &Plain::BadRequest);
    };
    if let Caller::Public(network) = &caller
        && let Err(seconds) = limited(&world, network)
    {
        return no(&world, lang, "/", &Plain::TooMany(seconds));
    }
    let service = form.service.as_deref().filter(|code| !code.is_empty());
    let before = Draft::last(&world, &headers).filter(|draft| draft.became.is_none());
    let previous = before.as_ref().map(|draft| draft.hold);
    match request::hold(&world, role, start, service, form.once.as_deref(), previous).await {
        Ok(hold) => {
            let draft = before.map_or_else(
                || Draft::begin(hold.id),
                // A second click: the same hold, with whatever has come of it.
                |before| if before.hold == hold.id { before } else { before.on_with(hold.id, None) },
            );
            draft.keep(&world, see_other(&format!("/{lang}/book/{}", hold.id)))
        }
        Err(TimeError::Taken) => see_other(&taken_path(lang, role, service, start, TakenWhy::Taken)),
        Err(TimeError::Past | TimeError::NotOffered) => see_other(&taken_path(lang, role, service, start, TakenWhy::Past)),
        Err(TimeError::UnknownRole | TimeError::UnknownService) => not_found(&world, lang),
        Err(TimeError::Db(fault)) => super::failed(&world, lang, &fault),
    }
}

/// The hold that this browser has, if any: its own time is not hidden from it.
fn own_hold(world: &World, headers: &HeaderMap) -> Option<HoldId> {
    Draft::last(world, headers).filter(|draft| draft.became.is_none()).map(|draft| draft.hold)
}

/// The address of the page that says that a time is gone.
pub(super) fn taken_path(lang: Lang, role: RoleId, service: Option<&str>, start: Timestamp, why: TakenWhy) -> String {
    let service = service.map(|code| format!("&service={code}")).unwrap_or_default();
    // A plus sign in a query is a space.
    let start = start.rfc3339(&jiff::tz::TimeZone::UTC).replace('+', "%2B");
    format!("/{lang}/taken?role={role}&start={start}{service}&why={}", why.code())
}

#[derive(Deserialize)]
pub(super) struct GoneQuery {
    role: RoleId,
    start: String,
    service: Option<String>,
    why: String,
}

/// What could not be had: a page with an address of its own, so that Back asks nothing.
pub(super) async fn gone(State(world): State<World>, Path(lang): Path<String>, Query(query): Query<GoneQuery>) -> Response {
    let Some(lang) = lang_of(&lang) else { return not_found(&world, Lang::Ru) };
    let (Ok(start), Some(why)) = (Timestamp::parse_rfc3339(&query.start), TakenWhy::from_code(&query.why)) else {
        return not_found(&world, lang);
    };
    taken(&world, lang, query.role, query.service.as_deref(), start, why)
}

/// 409: the time is gone; the nearest others of the same doctor.
pub(super) fn taken(world: &World, lang: Lang, role: RoleId, service: Option<&str>, start: Timestamp, why: TakenWhy) -> Response {
    let catalogue = world.catalogue();
    let made = (|| {
        let known = catalogue.role(role)?;
        let (city, zone) = (catalogue.city_of(known)?, catalogue.zone_of(known)?);
        let offered = service.map(str::to_owned).or_else(|| known.services.first().map(|first| first.service.clone()))?;
        let summary = show::summary(world, lang, &When { role, service: &offered, start, price: None, wishes: &[] })?;
        let days = Days::of(world, known, &zone, service, None);
        let from = start.to_jiff().to_zoned(zone).date();
        let mut near = days.nearest_days(lang, from, NEAR_DAYS, NEAR_TIMES);
        if near.is_empty() {
            near = days.nearest_days(lang, Date::MIN, NEAR_DAYS, NEAR_TIMES);
        }
        let path = show::doctor_path(&catalogue, known, lang);
        Some(Taken {
            page: world.page(lang, path.clone(), Some(&city.code)).private(),
            why,
            summary,
            role: role.to_string(),
            service: service.map(str::to_owned),
            near: near.into_iter().map(|(day, times)| NearDay { day, times }).collect(),
            doctor_href: format!("/{lang}{path}"),
            others_href: known.specialties.first().map_or_else(|| format!("/{lang}/"), |code| format!("/{lang}/{}/{code}", city.code)),
        })
    })();
    match made {
        Some(view) => html::status(StatusCode::CONFLICT, &view),
        None => not_found(world, lang),
    }
}
