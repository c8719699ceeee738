//! `GET /fhir/…`: the directory and its free times as FHIR R4.
//!
//! Reads, searches and publishes in bulk; writes nothing. What may be seen is what the public search shows. Refusals are
//! OperationOutcomes in the reader's language that say what to do.

mod bulk;
mod capability;
mod search;
mod slots;

use access::{Caller, Scope};
use axum::Router;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use booking::World;
use directory::catalogue::Catalogue;
use directory::fhir::{lists, out};
use serde_json::{Value, json};
use web::Texts;
use web::lang::Reader;
use web::problem::{self, Plain, Problem};

/// The types that are read and searched.
pub(crate) const TYPES: [&str; 9] =
    ["CodeSystem", "Organization", "Location", "Device", "Practitioner", "HealthcareService", "PractitionerRole", "Schedule", "Slot"];

/// The routes, beginning with `/fhir`.
pub fn routes() -> Router<World> {
    let inside = Router::new()
        .route("/metadata", get(metadata))
        .route("/$bulk-publish", get(bulk::manifest))
        .route("/bulk/{file}", get(bulk::file))
        .route("/{kind}", get(searched))
        .route("/{kind}/{id}", get(read))
        .fallback(nothing);
    Router::new().nest("/fhir", inside)
}

/// Why a request is refused.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    NotFound,
    /// A parameter that this server does not know, under strict handling.
    Unknown(String),
    /// A parameter about what is not kept.
    NotKept(String),
    /// A parameter whose value cannot be read.
    Wrong(String),
    /// Too many bulk downloads at one time.
    Busy,
    /// A partner's key without the scope.
    Scope,
    /// The database failed.
    Fault,
}

impl Problem for Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Refusal::NotFound => StatusCode::NOT_FOUND,
            Refusal::Unknown(_) | Refusal::NotKept(_) | Refusal::Wrong(_) => StatusCode::BAD_REQUEST,
            Refusal::Busy | Refusal::Fault => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Scope => StatusCode::FORBIDDEN,
        }
    }
    fn code(&self) -> &'static str {
        // FHIR's list of issue types.
        match self {
            Refusal::NotFound => "not-found",
            Refusal::Unknown(_) | Refusal::NotKept(_) => "not-supported",
            Refusal::Wrong(_) => "invalid",
            Refusal::Busy => "throttled",
            Refusal::Scope => "forbidden",
            Refusal::Fault => "transient",
        }
    }
    fn text(&self) -> (&'static str, Vec<(&'static str, web::texts::Value)>) {
        let named = |name: &String| vec![("name", web::texts::Value::from(name.chars().take(60).collect::<String>()))];
        match self {
            Refusal::NotFound => ("partners-fhir-not-found", Vec::new()),
            Refusal::Unknown(name) => ("partners-fhir-unknown", named(name)),
            Refusal::NotKept(name) => ("partners-fhir-not-kept", named(name)),
            Refusal::Wrong(name) => ("partners-fhir-wrong", named(name)),
            Refusal::Busy => ("partners-fhir-busy", Vec::new()),
            Refusal::Scope => ("partners-fhir-scope", Vec::new()),
            Refusal::Fault => Plain::Unavailable.text(),
        }
    }
    fn retry_after_seconds(&self) -> Option<u64> {
        matches!(self, Refusal::Busy | Refusal::Fault).then_some(5)
    }
}

/// A refusal of any part of the program as an OperationOutcome.
pub fn refuse(problem: &dyn Problem, texts: &Texts) -> Response {
    let code = match problem.code() {
        "too_many_requests" => "throttled",
        "not_found" => "not-found",
        "internal" => "exception",
        "unavailable" => "transient",
        "forbidden" => "forbidden",
        "key_unknown" => "login",
        "bad_request" => "invalid",
        "method_not_allowed" => "not-supported",
        "too_large" => "too-long",
        other => other,
    };
    let issue = json!({ "severity": "error", "code": code, "diagnostics": problem::sentence(problem, texts) });
    let mut response = resource(&json!({ "resourceType": "OperationOutcome", "issue": [issue] }));
    *response.status_mut() = problem.status();
    response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(texts.lang().code()));
    if let Some(seconds) = problem.retry_after_seconds() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn resource(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/fhir+json; charset=utf-8")], value.to_string()).into_response()
}

/// Whether this caller may search: the public may, a partner with the scope.
fn may(caller: Option<&Extension<Caller>>) -> Result<(), Refusal> {
    match caller {
        Some(Extension(Caller::Partner(partner))) if !partner.scopes.contains(&Scope::Search) => Err(Refusal::Scope),
        _ => Ok(()),
    }
}

fn answer(world: &World, lang: db::Lang, result: Result<Value, Refusal>) -> Response {
    match result {
        Ok(value) => resource(&value),
        Err(refusal) => refuse(&refusal, &world.texts.of(lang)),
    }
}

async fn metadata(State(world): State<World>) -> Response {
    resource(&capability::statement(&world.public_url))
}

async fn nothing(State(world): State<World>, Reader(lang): Reader) -> Response {
    answer(&world, lang, Err(Refusal::NotFound))
}

async fn read(
    State(world): State<World>,
    Reader(lang): Reader,
    caller: Option<Extension<Caller>>,
    Path((kind, id)): Path<(String, String)>,
) -> Response {
    let found = async {
        may(caller.as_ref())?;
        if kind == "Slot" {
            return slots::one(&world, &id).await;
        }
        one(&world.catalogue(), &kind, &id).ok_or(Refusal::NotFound)
    };
    let found = found.await;
    answer(&world, lang, found)
}

/// One resource that is no slot.
fn one(catalogue: &Catalogue, kind: &str, id: &str) -> Option<Value> {
    match kind {
        "CodeSystem" => lists::code_system(catalogue, id),
        "Organization" => catalogue.organization(id.parse().ok()?).map(out::organization),
        "Location" => match catalogue.location(id.parse().ok()?) {
            Some(location) => Some(out::location(catalogue, location)),
            None => resource_of(catalogue, id, directory::catalogue::ResourceKind::Room),
        },
        "Device" => resource_of(catalogue, id, directory::catalogue::ResourceKind::Device),
        "Practitioner" => catalogue.practitioner(id.parse().ok()?).map(out::practitioner),
        "HealthcareService" => catalogue.service(id).map(out::healthcare_service),
        "PractitionerRole" => catalogue.role(id.parse().ok()?).map(|role| out::role(catalogue, role)),
        "Schedule" => catalogue.role(id.parse().ok()?).map(|role| out::schedule(catalogue, role)),
        _ => None,
    }
}

fn resource_of(catalogue: &Catalogue, id: &str, kind: directory::catalogue::ResourceKind) -> Option<Value> {
    catalogue.resource(id.parse().ok()?).filter(|resource| resource.kind == kind).map(out::resource)
}

async fn searched(
    State(world): State<World>,
    Reader(lang): Reader,
    caller: Option<Extension<Caller>>,
    Path(kind): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let found = async {
        may(caller.as_ref())?;
        let strict =
            headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok()).any(|value| value.contains("handling=strict"));
        let asked = search::Asked::read(&kind, query.as_deref().unwrap_or_default(), strict)?;
        if kind == "Slot" { slots::search(&world, &asked).await } else { search::search(&world, &asked) }
    };
    let found = found.await;
    answer(&world, lang, found)
}
