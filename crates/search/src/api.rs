//! The JSON API of search (`/api/v1`): practitioners, one practitioner, suggestions. [`openapi`] describes it.

use access::{Caller, Scope};
use axum::extract::{Extension, Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use booking::Slot;
use clock::Timestamp;
use db::Lang;
use directory::catalogue::{Catalogue, Names, Practitioner, PractitionerId, PractitionerRole};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use web::Texts;
use web::lang::Reader;
use web::problem::{self, Plain, Problem};

use crate::asked::{self, Parameters};
use crate::engine::{self, Found, TIMES_MAX};
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
        Some(Extension(Caller::Public(_))) | None => true,
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
    let query = match asked::query(index.catalogue(), &Parameters(given)) {
        Ok(query) => query,
        Err(unreadable) => return no(&texts, &unreadable),
    };
    let now = state.world.clock().now();
    let found = engine::search(&index, &state.world.free, now, &query);
    let catalogue = index.catalogue();
    let items: Vec<Value> = found
        .hits
        .iter()
        .filter_map(|hit| catalogue.roles.get(hit.place).map(|role| item(catalogue, lang, now, role, query.service.as_deref(), &hit.slots)))
        .collect();
    Json(json!({ "total": found.total, "items": items, "facets": facets(&index, &texts, &found) })).into_response()
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
    let roles: Vec<Value> = catalogue
        .roles_of(practitioner.id)
        .take(ROLES_MAX)
        .map(|role| {
            let to = now.plus_minutes(role.horizon_days.clamp(1, 366).saturating_add(1) * engine::DAY_MINUTES);
            let slots = state.world.free.slots(role.id, None, now, to, TIMES_MAX, None);
            item(&catalogue, lang, now, role, None, &slots)
        })
        .collect();
    let mut card = person(lang, now, practitioner);
    if let Some(fields) = card.as_object_mut() {
        fields.insert("about".to_owned(), practitioner.about.get(lang).into());
        fields.insert("languages".to_owned(), practitioner.languages.iter().map(|lang| lang.code()).collect());
        fields.insert("rating".to_owned(), Value::Null);
        fields.insert("reviews".to_owned(), 0.into());
        fields.insert("roles".to_owned(), roles.into());
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
        Some(None) => return no(&texts, &asked::Unreadable("city")),
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
            json!({ "id": entry.id, "name": entry.names.get(lang), "role_id": role.map(|role| role.id), "specialties": role.map(|role| specialties_of(catalogue, lang, role)) })
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

fn specialties_of(catalogue: &Catalogue, lang: Lang, role: &PractitionerRole) -> Value {
    role.specialties.iter().filter_map(|code| catalogue.specialty(code)).map(|entry| named(&entry.code, &entry.names, lang)).collect()
}

fn person(lang: Lang, now: Timestamp, practitioner: &Practitioner) -> Value {
    let year = i64::from(now.to_jiff().to_zoned(TimeZone::UTC).year());
    json!({
        "id": practitioner.id,
        "name": practitioner.names.get(lang),
        "sex": practitioner.sex.map(|sex| sex.code()),
        "experience_years": practitioner.since_year.map(|since| (year - since).max(0)),
        "photo": web::portrait::url(&practitioner.id.to_string(), practitioner.sex.map(|sex| sex.code())),
    })
}

/// One role as the list shows it.
fn item(catalogue: &Catalogue, lang: Lang, now: Timestamp, role: &PractitionerRole, service: Option<&str>, slots: &[Slot]) -> Value {
    let zone = catalogue.zone_of(role).unwrap_or(TimeZone::UTC);
    let (location, city) = (catalogue.location(role.location), catalogue.city_of(role));
    let district = location.and_then(|location| catalogue.district(location.district.as_deref()?));
    let metro: Vec<Value> = location
        .iter()
        .flat_map(|location| &location.metro)
        .map(|near| json!({ "name": catalogue.metro(&near.metro).map(|metro| metro.names.get(lang)), "walk_minutes": near.walk_minutes }))
        .collect();
    let slots: Vec<Value> =
        slots.iter().map(|slot| json!({ "start": slot.start.rfc3339(&zone), "end": slot.end.rfc3339(&zone) })).collect();
    json!({
        "role_id": role.id,
        "practitioner": catalogue.practitioner_of(role).map(|practitioner| person(lang, now, practitioner)),
        "organization": catalogue.organization(role.organization).map(|organization| json!({ "id": organization.id, "name": organization.names.get(lang) })),
        "location": {
            "city": city.map(|city| city.names.get(lang)),
            "district": district.map(|district| district.names.get(lang)),
            "address": location.map(|location| location.address.get(lang)),
            "metro": metro,
            "lat": location.and_then(|location| location.lat),
            "lon": location.and_then(|location| location.lon),
        },
        "specialties": specialties_of(catalogue, lang, role),
        "price": role.offer(service).map(|offer| json!({ "amount": offer.price_minor, "currency": city.map(|city| city.currency.as_str()) })),
        "rating": null,
        "reviews": 0,
        "next_free": slots.first().and_then(|slot| slot.get("start")),
        "slots": slots,
    })
}

fn facets(index: &Index, texts: &Texts, found: &Found) -> Value {
    let (catalogue, lang, facets) = (index.catalogue(), texts.lang(), &found.facets);
    let values = |counts: &[(usize, usize)], entry: &dyn Fn(usize) -> Option<(String, String)>| -> Value {
        let value =
            |(place, count): &(usize, usize)| entry(*place).map(|(code, name)| json!({ "code": code, "name": name, "count": count }));
        counts.iter().filter_map(value).collect()
    };
    let pair = |code: &str, names: &Names| (code.to_owned(), names.get(lang).to_owned());
    let sex = facets.sex.iter().map(|(sex, count)| json!({ "code": sex.code(), "name": texts.s(crate::texts::sex(*sex)), "count": count }));
    let child = facets
        .child
        .iter()
        .map(|(child, count)| json!({ "code": child.to_string(), "name": texts.s(crate::texts::child(*child)), "count": count }));
    let language = facets
        .language
        .iter()
        .map(|(lang, count)| json!({ "code": lang.code(), "name": texts.s(crate::texts::language(*lang)), "count": count }));
    json!({
        "specialty": values(&facets.specialty, &|place| catalogue.specialties.get(place).map(|entry| pair(&entry.code, &entry.names))),
        "city": values(&facets.city, &|place| catalogue.cities.get(place).map(|entry| pair(&entry.code, &entry.names))),
        "district": values(&facets.district, &|place| catalogue.districts.get(place).map(|entry| pair(&entry.code, &entry.names))),
        "metro": values(&facets.metro, &|place| catalogue.metros.get(place).map(|entry| pair(&entry.code, &entry.names))),
        "sex": sex.collect::<Value>(),
        "child": child.collect::<Value>(),
        "language": language.collect::<Value>(),
    })
}
