//! The JSON API of booking (`/api/v1`): free times, holds, consent documents, phone codes, visits.

mod consents;

use access::{Caller, Scope};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use clock::{DAY, LocalTimes, Timestamp};
use db::Lang;
use directory::catalogue::RoleId;
use jiff::tz::TimeZone;
use patients::{CodeId, CodeTerms, Details, PatientName, Phone, Relation, Sex, ask_code, read_email};
use privacy::Purpose;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use web::lang::Reader;
use web::problem::{self, Plain, Problem};
use web::query::given;

use crate::appointment::{Appointment, AppointmentId};
use crate::by::By;
use crate::free::{SLOTS_MAX, Slot};
use crate::hold::HoldId;
use crate::problems::Malformed;
use crate::request::{self, Applicant, BookRequest, Booked, ConsentRef, OnBehalf, VisitRequest};
use crate::reschedule::MoveError;
use crate::response::Standing;
use crate::tokens;
use crate::wish::{Part, WISHES_MAX, Wish};
use crate::world::World;

const DAYS_DEFAULT: i64 = 14;
const DAYS_MAX: i64 = 62;
const KEY_CHARS_MAX: usize = 200;
/// Ages that are believed.
pub(crate) const AGES: std::ops::RangeInclusive<i64> = 0..=120;

/// The routes.
pub fn api() -> Router<World> {
    Router::new()
        .route("/roles/{role_id}/slots", get(slots))
        .route("/holds", post(hold))
        .route("/consent-documents", get(consents::documents))
        .route("/phone-codes", post(phone_codes))
        .route("/appointments", post(book))
        .route("/requests", post(ask))
        .route("/appointments/{id}", get(visit).patch(reschedule).delete(cancel))
        .route("/appointments/{id}/consents", get(consents::given))
        .route("/appointments/{id}/consents/{purpose}", delete(consents::withdraw))
}

/// An idempotency key and the body that it is bound to.
type OnceKey = (String, Vec<u8>);

/// An error answer in the reader's language.
fn no(world: &World, lang: Lang, problem: &dyn Problem) -> Response {
    problem::json(problem, &world.texts.of(lang))
}

/// Reads a body. What is wrong is told by field and place only: its content may be personal.
fn body<T: DeserializeOwned>(world: &World, lang: Lang, bytes: &Bytes) -> Result<T, Box<Response>> {
    serde_json::from_slice(bytes).map_err(|_| Box::new(no(world, lang, &Malformed::Body)))
}

fn allowed(world: &World, lang: Lang, caller: &Caller, scope: Scope) -> Result<(), Box<Response>> {
    match caller {
        Caller::Partner(partner) if !partner.scopes.contains(&scope) => Err(Box::new(no(world, lang, &Malformed::Scope))),
        _ => Ok(()),
    }
}

/// An instant in RFC 3339. The `+` of an offset that stands in an address as it is arrives as a space.
fn instant(text: &str) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(text).or_else(|_| Timestamp::parse_rfc3339(&text.replace(' ', "+"))).ok()
}

async fn slots(
    State(world): State<World>,
    Reader(lang): Reader,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    if let Err(response) = allowed(&world, lang, &caller, Scope::Search) {
        return *response;
    }
    let catalogue = world.catalogue();
    let Some(role) = id.parse().ok().and_then(|id: RoleId| catalogue.role(id)) else { return no(&world, lang, &Plain::NotFound) };
    let Some(zone) = catalogue.zone_of(role) else { return no(&world, lang, &Plain::NotFound) };
    let service = given(&query, "service");
    if let Some(code) = service
        && !role.services.iter().any(|offered| offered.service == code)
    {
        return no(&world, lang, &Malformed::Field("service"));
    }
    let now = world.clock().now();
    let from = match given(&query, "from") {
        None => now,
        // A day at the place, or an instant.
        Some(text) => match text.parse::<jiff::civil::Date>().ok().and_then(|day| day.to_zoned(zone.clone()).ok()) {
            Some(midnight) if text.len() == 10 => Timestamp::from(midnight.timestamp()),
            _ => match instant(text) {
                Some(at) => at,
                None => return no(&world, lang, &Malformed::Field("from")),
            },
        },
    };
    let days = match given(&query, "days").map(str::parse::<i64>) {
        None => DAYS_DEFAULT,
        Some(Ok(days)) if (1..=DAYS_MAX).contains(&days) => days,
        Some(_) => return no(&world, lang, &Malformed::Field("days")),
    };
    let hold = match given(&query, "hold").map(str::parse::<HoldId>) {
        None => None,
        Some(Ok(hold)) => Some(hold),
        Some(Err(_)) => return no(&world, lang, &Malformed::Field("hold")),
    };
    let to = Timestamp(from.micros().saturating_add(days * DAY));
    let found = world.free.slots(role.id, service, from, to, SLOTS_MAX, hold);
    ([(header::CONTENT_TYPE, "application/json")], slots_json(&found, zone)).into_response()
}

/// Letters of one slot and its comma.
const SLOT_LETTERS: usize = 72;

/// `{"items":[{"start":…,"end":…},…]}`, written straight into one buffer: the list is asked for more often than anything but search.
fn slots_json(slots: &[Slot], zone: TimeZone) -> Vec<u8> {
    let mut times = LocalTimes::new(zone);
    let mut text = Vec::with_capacity(slots.len() * SLOT_LETTERS + 16);
    text.extend_from_slice(b"{\"items\":[");
    for (number, slot) in slots.iter().enumerate() {
        text.extend_from_slice(if number == 0 { b"{\"start\":\"" } else { b",{\"start\":\"" });
        times.push(slot.start, &mut text);
        text.extend_from_slice(b"\",\"end\":\"");
        times.push(slot.end, &mut text);
        text.extend_from_slice(b"\"}");
    }
    text.extend_from_slice(b"]}");
    text
}

#[derive(Deserialize)]
struct HoldBody {
    role_id: RoleId,
    start: String,
    service: Option<String>,
}

async fn hold(State(world): State<World>, Reader(lang): Reader, Extension(caller): Extension<Caller>, bytes: Bytes) -> Response {
    if let Err(response) = allowed(&world, lang, &caller, Scope::Book) {
        return *response;
    }
    let wanted: HoldBody = match body(&world, lang, &bytes) {
        Ok(wanted) => wanted,
        Err(response) => return *response,
    };
    let Ok(start) = Timestamp::parse_rfc3339(&wanted.start) else { return no(&world, lang, &Malformed::Field("start")) };
    if let Caller::Public(network) = &caller
        && let Err(seconds) = limited(&world, network)
    {
        return no(&world, lang, &Plain::TooMany(seconds));
    }
    match request::hold(&world, wanted.role_id, start, wanted.service.as_deref(), None, None).await {
        Ok(hold) => {
            let zone = zone_of(&world, hold.role);
            (StatusCode::CREATED, axum::Json(json!({"id": hold.id, "expires_at": hold.expires_at.rfc3339(&zone)}))).into_response()
        }
        Err(error) => no(&world, lang, &error),
    }
}

/// Counts a hold for a network; the seconds to wait when it has too many.
pub(crate) fn limited(world: &World, network: &access::Network) -> Result<(), u64> {
    let now = world.clock().now();
    world.limits.hold(network, now, now.plus_seconds(world.profile.hold_seconds))
}

fn zone_of(world: &World, role: RoleId) -> jiff::tz::TimeZone {
    let catalogue = world.catalogue();
    catalogue.role(role).and_then(|role| catalogue.zone_of(role)).unwrap_or(jiff::tz::TimeZone::UTC)
}

#[derive(Deserialize)]
struct PhoneBody {
    phone: String,
}

async fn phone_codes(State(world): State<World>, Reader(lang): Reader, Extension(caller): Extension<Caller>, bytes: Bytes) -> Response {
    let Caller::Public(network) = &caller else { return no(&world, lang, &Malformed::Scope) };
    let typed: PhoneBody = match body(&world, lang, &bytes) {
        Ok(typed) => typed,
        Err(response) => return *response,
    };
    let phone = match Phone::parse(&typed.phone, world.demo) {
        Ok(phone) => phone,
        Err(error) => return no(&world, lang, &Malformed::Phone(error)),
    };
    let terms = CodeTerms::from(&*world.profile);
    match ask_code(&world.db, &world.keys, terms, &phone, network.as_str(), lang).await {
        Ok(issued) => {
            let expires_at = issued.expires_at.rfc3339(&jiff::tz::TimeZone::UTC);
            (StatusCode::ACCEPTED, axum::Json(json!({"id": issued.id, "expires_at": expires_at}))).into_response()
        }
        Err(error) => no(&world, lang, &error),
    }
}

#[derive(Deserialize)]
struct BookBody {
    role_id: RoleId,
    start: String,
    service: Option<String>,
    hold_id: Option<HoldId>,
    patient: PatientBody,
    on_behalf_of: Option<BehalfBody>,
    phone_code: Option<CodeBody>,
    #[serde(default)]
    consents: Vec<ConsentBody>,
    #[serde(default)]
    instead: bool,
}

#[derive(Deserialize)]
struct PatientBody {
    name: String,
    phone: String,
    email: Option<String>,
    sex: Option<String>,
    age: Option<i64>,
}

#[derive(Deserialize)]
struct BehalfBody {
    relation: Option<String>,
    name: Option<String>,
    #[serde(default)]
    declaration: bool,
}

#[derive(Deserialize)]
struct CodeBody {
    id: CodeId,
    code: String,
}

#[derive(Deserialize)]
struct ConsentBody {
    purpose: Purpose,
    version: i64,
    sha256: String,
}

async fn book(
    State(world): State<World>,
    Reader(lang): Reader,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let (wanted, once): (BookBody, _) = match begin(&world, lang, &caller, &headers, &bytes) {
        Ok(begun) => begun,
        Err(response) => return *response,
    };
    let request = match parse(&world, wanted, lang, caller, once) {
        Ok(request) => request,
        Err(problem) => return no(&world, lang, &problem),
    };
    match request::take(&world, request).await {
        Ok(booked) => created(&booked),
        Err(error) => no(&world, lang, &error),
    }
}

/// The key and the body of a request that leads to a visit, for whoever may book.
fn begin<T: DeserializeOwned>(
    world: &World,
    lang: Lang,
    caller: &Caller,
    headers: &HeaderMap,
    bytes: &Bytes,
) -> Result<(T, Option<OnceKey>), Box<Response>> {
    allowed(world, lang, caller, Scope::Book)?;
    let once = match headers.get("idempotency-key").map(|key| key.to_str()) {
        None => None,
        Some(Ok(key)) if (1..=KEY_CHARS_MAX).contains(&key.len()) => Some((key.to_owned(), bytes.to_vec())),
        Some(_) => return Err(Box::new(no(world, lang, &Malformed::Field("Idempotency-Key")))),
    };
    Ok((body(world, lang, bytes)?, once))
}

fn created(booked: &Booked) -> Response {
    let visit = &booked.visit;
    let answer = json!({"id": visit.id, "status": visit.status.code(), "manage_token": booked.token, "number": visit.number_shown()});
    (StatusCode::CREATED, axum::Json(answer)).into_response()
}

fn parse(world: &World, wanted: BookBody, lang: Lang, caller: Caller, once: Option<OnceKey>) -> Result<BookRequest, Malformed> {
    let start = Timestamp::parse_rfc3339(&wanted.start).map_err(|_| Malformed::Field("start"))?;
    let said =
        Said { patient: wanted.patient, on_behalf_of: wanted.on_behalf_of, phone_code: wanted.phone_code, consents: wanted.consents };
    Ok(BookRequest {
        role: wanted.role_id,
        start,
        service: wanted.service,
        hold: wanted.hold_id,
        instead: wanted.instead,
        applicant: applicant(world, said, lang, caller, once)?,
    })
}

/// What somebody says of themselves and of whoever comes.
struct Said {
    patient: PatientBody,
    on_behalf_of: Option<BehalfBody>,
    phone_code: Option<CodeBody>,
    consents: Vec<ConsentBody>,
}

fn applicant(world: &World, said: Said, lang: Lang, caller: Caller, once: Option<OnceKey>) -> Result<Applicant, Malformed> {
    let patient = said.patient;
    let email = match patient.email.filter(|email| !email.is_empty()) {
        Some(email) => Some(read_email(&email).ok_or(Malformed::Field("email"))?),
        None => None,
    };
    let sex = match patient.sex.as_deref() {
        None => None,
        Some("f" | "female") => Some(Sex::Female),
        Some("m" | "male") => Some(Sex::Male),
        Some(_) => return Err(Malformed::Field("sex")),
    };
    if patient.age.is_some_and(|age| !AGES.contains(&age)) {
        return Err(Malformed::Field("age"));
    }
    let details = Details {
        name: PatientName::parse(&patient.name).ok_or(Malformed::Field("name"))?,
        phone: match &caller {
            Caller::Public(_) => Phone::parse(&patient.phone, world.demo),
            // A partner vouches for the number: nothing has to be proven by a code.
            Caller::Partner(_) | Caller::Agent(_) => Phone::parse_any(&patient.phone, world.demo),
        }
        .map_err(Malformed::Phone)?,
        // Where no letters are sent an address would be kept for nothing.
        email: email.filter(|_| world.letters),
        sex,
        age: patient.age,
    };
    let on_behalf = match said.on_behalf_of {
        None => None,
        Some(behalf) => Some(OnBehalf {
            relation: behalf.relation.as_deref().and_then(Relation::from_code).ok_or(Malformed::Field("on_behalf_of.relation"))?,
            name: behalf.name.as_deref().and_then(PatientName::parse).ok_or(Malformed::Field("on_behalf_of.name"))?,
            declaration: if behalf.declaration { world.documents.declaration(lang).cloned() } else { None },
        }),
    };
    if said.consents.len() > Purpose::ALL.len() {
        return Err(Malformed::Field("consents"));
    }
    Ok(Applicant {
        details,
        on_behalf,
        code: said.phone_code.map(|code| (code.id, code.code)),
        consents: said
            .consents
            .into_iter()
            .map(|consent| ConsentRef { purpose: consent.purpose, version: consent.version, sha256: consent.sha256 })
            .collect(),
        lang,
        once,
        caller,
    })
}

#[derive(Deserialize)]
struct KindBody {
    kind: String,
}

#[derive(Deserialize)]
struct AskBody {
    role_id: RoleId,
    service: Option<String>,
    name: String,
    phone: String,
    email: Option<String>,
    sex: Option<String>,
    age: Option<i64>,
    #[serde(default)]
    when: Vec<WishBody>,
    on_behalf_of: Option<BehalfBody>,
    phone_code: Option<CodeBody>,
    #[serde(default)]
    consents: Vec<ConsentBody>,
}

#[derive(Deserialize)]
struct WishBody {
    day: String,
    part: Option<String>,
}

/// Asks for a visit where there are no live times.
async fn ask(
    State(world): State<World>,
    Reader(lang): Reader,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let (KindBody { kind }, _) = match begin(&world, lang, &caller, &headers, &bytes) {
        Ok(begun) => begun,
        Err(response) => return *response,
    };
    if kind != "visit" {
        return no(&world, lang, &Malformed::Kind);
    }
    let (wanted, once): (AskBody, _) = match begin(&world, lang, &caller, &headers, &bytes) {
        Ok(begun) => begun,
        Err(response) => return *response,
    };
    let wishes = wanted.when.iter().take(WISHES_MAX + 1).map(|wish| {
        let part = wish.part.as_deref().map_or(Some(Part::Any), Part::from_code)?;
        Some(Wish { day: wish.day.parse().ok()?, part })
    });
    let Some(wishes) = wishes.collect::<Option<Vec<Wish>>>() else { return no(&world, lang, &Malformed::Field("when")) };
    let patient = PatientBody { name: wanted.name, phone: wanted.phone, email: wanted.email, sex: wanted.sex, age: wanted.age };
    let said = Said { patient, on_behalf_of: wanted.on_behalf_of, phone_code: wanted.phone_code, consents: wanted.consents };
    let applicant = match applicant(&world, said, lang, caller, once) {
        Ok(applicant) => applicant,
        Err(problem) => return no(&world, lang, &problem),
    };
    let request = VisitRequest { role: wanted.role_id, service: wanted.service, wishes, applicant };
    match request::ask(&world, request).await {
        Ok(booked) => created(&booked),
        Err(error) => no(&world, lang, &error),
    }
}

/// The visit whose token was shown. Nobody learns whether a visit exists without its token.
fn shown(world: &World, id: &str, headers: &HeaderMap) -> Option<AppointmentId> {
    let id: AppointmentId = id.parse().ok()?;
    let token = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
    tokens::same(&tokens::manage(&world.keys, id), token.trim()).then_some(id)
}

fn described(visit: &Appointment) -> Value {
    let zone = visit.time_zone();
    // A request promises no time: it says what was wished.
    let promised = |at: Timestamp| (!visit.is_request()).then(|| at.rfc3339(&zone));
    let mut described = json!({
        "id": visit.id,
        "status": visit.status.code(),
        "number": visit.number_shown(),
        "role_id": visit.role,
        "service": visit.service,
        "start": promised(visit.start),
        "end": promised(visit.end),
        "price": {"amount": visit.price_minor, "currency": visit.currency},
    });
    if !visit.wishes.is_empty() {
        described["when"] = visit.wishes.iter().map(|wish| json!({"day": wish.day.to_string(), "part": wish.part.code()})).collect();
    }
    described
}

/// The visit with what its clinic has said of it.
async fn answered(world: &World, lang: Lang, visit: &Appointment) -> Response {
    let response = match request::response(world, visit.id).await {
        Ok(response) => response,
        Err(fault) => {
            tracing::error!(%fault, "a clinic's answer could not be read");
            return no(world, lang, &Plain::Unavailable);
        }
    };
    let mut described = described(visit);
    if let Some(response) = response {
        described["clinic"] = json!(response.standing.code());
        if let Standing::Tentative { start } = response.standing {
            described["proposed_start"] = json!(start.rfc3339(&visit.time_zone()));
        }
    }
    axum::Json(described).into_response()
}

async fn visit(State(world): State<World>, Reader(lang): Reader, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let Some(id) = shown(&world, &id, &headers) else { return no(&world, lang, &Malformed::Key) };
    match request::visit(&world, id).await {
        Ok(Some(visit)) => answered(&world, lang, &visit).await,
        Ok(None) => no(&world, lang, &Plain::NotFound),
        Err(fault) => {
            tracing::error!(%fault, "a visit could not be read");
            no(&world, lang, &Plain::Unavailable)
        }
    }
}

#[derive(Deserialize)]
struct MoveBody {
    start: String,
    role_id: Option<RoleId>,
}

async fn reschedule(
    State(world): State<World>,
    Reader(lang): Reader,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let Some(id) = shown(&world, &id, &headers) else { return no(&world, lang, &Malformed::Key) };
    let wanted: MoveBody = match body(&world, lang, &bytes) {
        Ok(wanted) => wanted,
        Err(response) => return *response,
    };
    let Ok(start) = Timestamp::parse_rfc3339(&wanted.start) else { return no(&world, lang, &Malformed::Field("start")) };
    // The time that the clinic proposes is kept for this person: to move there is to say yes.
    let proposed = match request::response(&world, id).await {
        Ok(response) => response.is_some_and(|response| response.standing == Standing::Tentative { start }),
        Err(fault) => return no(&world, lang, &MoveError::Db(fault)),
    };
    if proposed {
        return match request::accept(&world, id, start, By::Person).await {
            Ok(visit) => answered(&world, lang, &visit).await,
            Err(error) => no(&world, lang, &error),
        };
    }
    match request::reschedule(&world, id, start, wanted.role_id, By::Person).await {
        Ok(visit) => answered(&world, lang, &visit).await,
        Err(error) => no(&world, lang, &error),
    }
}

async fn cancel(State(world): State<World>, Reader(lang): Reader, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let Some(id) = shown(&world, &id, &headers) else { return no(&world, lang, &Malformed::Key) };
    match request::cancel(&world, id, By::Person).await {
        Ok(visit) => axum::Json(described(&visit)).into_response(),
        Err(error) => no(&world, lang, &error),
    }
}
