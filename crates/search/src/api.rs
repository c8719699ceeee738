//! The JSON API of search (`/api/v1`): practitioners, one practitioner, suggestions. [`openapi`] describes it.

use access::{Caller, Scope};
use axum::extract::{Extension, Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use clock::Timestamp;
use db::Lang;
use directory::catalogue::{Names, PractitionerId};
use serde_json::{Value, json};
use web::Texts;
use web::lang::Reader;
use web::problem::{self, Plain, Problem};

use crate::allowed::Refused;
use crate::answer::{self, Asked, Item, Walls, item};
use crate::asked::{self, Parameters};
use crate::engine::{self, Free, TIMES_MAX};
use crate::index::Index;
use crate::problem::NotAllowed;
use crate::suggest;

/// Clinics of one practitioner's card at most (I9).
const ROLES_MAX: usize = 50;

/// The routes, to be nested under `/api/v1`.
pub fn api() -> Router<crate::State> {
    Router::new()
        .route("/practitioners", get(practitioners))
        .route("/practitioners/{id}", get(practitioner))
        .route("/suggest", get(suggestions))
}

/// Whether this caller may search: the public may, a partner with the scope.
fn may(caller: Option<&Extension<Caller>>) -> bool {
    match caller {
        Some(Extension(Caller::Partner(partner))) => partner.scopes.contains(&Scope::Search),
        Some(Extension(Caller::Public(_) | Caller::Agent(_))) | None => true,
    }
}

fn no(texts: &Texts, problem: &dyn Problem) -> Response {
    problem::json(problem, texts)
}

async fn practitioners(
    State(state): State<crate::State>,
    Reader(lang): Reader,
    caller: Option<Extension<Caller>>,
    given: Result<Query<Vec<(String, String)>>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let texts = state.world.texts.of(lang);
    if !may(caller.as_ref()) {
        return no(&texts, &NotAllowed);
    }
    let Ok(Query(given)) = given else {
        return no(&texts, &Plain::BadRequest);
    };
    let index = state.index();
    let given = Parameters(given);
    let query = match asked::query(index.catalogue(), &given) {
        Ok(query) => query,
        Err(unreadable) => return no(&texts, &Refused::new(&index, &texts, &given, unreadable)),
    };
    match body(&index, &state.free(&index), state.world.clock().now(), &texts, &query) {
        Ok(body) => ([(CONTENT_TYPE, "application/json")], body).into_response(),
        Err(_) => no(&texts, &Plain::Internal),
    }
}

/// What `GET /practitioners` answers to a question that could be read.
///
/// # Errors
/// None in practice: an item has nothing that JSON cannot say.
pub fn body(index: &Index, free: &impl Free, now: Timestamp, texts: &Texts, query: &engine::Query) -> Result<Vec<u8>, serde_json::Error> {
    let found = engine::search(index, free, now, query);
    let (catalogue, lang) = (index.catalogue(), texts.lang());
    let asked = Asked { service: query.service.as_deref(), origin: query.origin };
    let mut walls = Walls::default();
    let items = found
        .hits
        .iter()
        .filter_map(|hit| catalogue.roles.get(hit.place).map(|role| item(catalogue, lang, now, role, asked, &hit.slots, &mut walls)))
        .collect();
    let facets = answer::written(index, texts, &found.facets);
    answer::whole(found.total, items, &facets)
}

async fn practitioner(
    State(state): State<crate::State>,
    Reader(lang): Reader,
    caller: Option<Extension<Caller>>,
    Path(id): Path<String>,
) -> Response {
    let texts = state.world.texts.of(lang);
    if !may(caller.as_ref()) {
        return no(&texts, &NotAllowed);
    }
    let (catalogue, now) = (state.world.catalogue(), state.world.clock().now());
    let Some(practitioner) = id.parse().ok().and_then(|id: PractitionerId| catalogue.practitioner(id)) else {
        return no(&texts, &Plain::NotFound);
    };
    let mut walls = Walls::default();
    let roles: Vec<Item<'_>> = catalogue
        .roles_of(practitioner.id)
        .take(ROLES_MAX)
        .map(|role| {
            let to = now.plus_minutes(role.horizon_days.clamp(1, 366).saturating_add(1) * engine::DAY_MINUTES);
            let slots = state.world.free.slots(role.id, None, now, to, TIMES_MAX, None);
            item(&catalogue, lang, now, role, Asked::default(), &slots, &mut walls)
        })
        .collect();
    let mut card = json!(answer::person(lang, now, practitioner));
    if let Some(fields) = card.as_object_mut() {
        fields.insert("about".to_owned(), practitioner.about.get(lang).into());
        fields.insert("languages".to_owned(), practitioner.languages.iter().map(|lang| lang.code()).collect());
        fields.insert("rating".to_owned(), Value::Null);
        fields.insert("reviews".to_owned(), 0.into());
        fields.insert("roles".to_owned(), json!(roles));
    }
    Json(card).into_response()
}

async fn suggestions(
    State(state): State<crate::State>,
    Reader(lang): Reader,
    caller: Option<Extension<Caller>>,
    given: Result<Query<Vec<(String, String)>>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let texts = state.world.texts.of(lang);
    if !may(caller.as_ref()) {
        return no(&texts, &NotAllowed);
    }
    let Ok(Query(given)) = given else {
        return no(&texts, &Plain::BadRequest);
    };
    let (given, index) = (Parameters(given), state.index());
    let catalogue = index.catalogue();
    let city = match given.get("city").map(|text| crate::names::city(catalogue, text)) {
        Some(None) => return no(&texts, &Refused::new(&index, &texts, &given, asked::Unreadable("city"))),
        city => city.flatten().map(|city| city.code.as_str()),
    };
    let found = suggest::suggest(&index, given.get("q").unwrap_or_default(), city, lang);
    let specialty = |place: usize| catalogue.specialties.get(place).map(|entry| named(&entry.code, &entry.names, lang));
    let specialties: Vec<Value> = found.specialties.iter().filter_map(|place| specialty(*place)).collect();
    let services: Vec<Value> = found
        .services
        .iter()
        .filter_map(|place| catalogue.services.get(*place))
        .map(|entry| named(&entry.code, &entry.names, lang))
        .collect();
    let complaints: Vec<Value> =
        found.complaints.iter().map(|entry| json!({ "text": entry.text, "specialty": specialty(entry.specialty) })).collect();
    let practitioners: Vec<Value> = found
        .practitioners
        .iter()
        .filter_map(|place| catalogue.practitioners.get(*place))
        .map(|entry| {
            let role = catalogue.roles_of(entry.id).next();
            json!({ "id": entry.id, "name": entry.names.get(lang), "role_id": role.map(|role| role.id), "specialties": role.map(|role| answer::specialties(catalogue, lang, role)) })
        })
        .collect();
    let clinics: Vec<Value> = found
        .organizations
        .iter()
        .filter_map(|place| catalogue.organizations.get(*place))
        .map(|entry| json!({ "id": entry.id, "name": entry.names.get(lang) }))
        .collect();
    Json(json!({ "specialties": specialties, "services": services, "complaints": complaints, "practitioners": practitioners, "clinics": clinics })).into_response()
}

fn named(code: &str, names: &Names, lang: Lang) -> Value {
    json!({ "code": code, "name": names.get(lang) })
}
