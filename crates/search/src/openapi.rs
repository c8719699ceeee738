//! The description of search's part of the API, for `/api/openapi.json`.

use serde_json::{Value, json};

/// The `paths` of OpenAPI 3.1 that [`crate::api()`] serves, by their address under `/api/v1`.
pub fn paths() -> Value {
    let problem = |code: &str| json!({ "description": format!("`code`: {code}"), "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } });
    let answers = |what: &str, schema: Value| {
        json!({
            "200": { "description": what, "content": { "application/json": { "schema": schema } } },
            "400": problem("bad_request"), "403": problem("scope_missing"),
            "422": problem("field_invalid. It names the parameter and says what that may hold, in `allowed` or in `allowed_form`."),
        })
    };
    json!({
        "/practitioners": { "get": {
            "summary": "Doctors in clinics that fit, in order, with their first free times.",
            "description": "A parameter that is empty is absent, one that is not described is ignored. Where several values are not allowed the first one counts.",
            "parameters": search_parameters(),
            "responses": answers("Times carry the offset of the place. With `date`, `from` or `to` only roles with such a time are found, `next_free` is the first such time and `slots` are of that day.", found()),
        } },
        "/practitioners/{id}": { "get": {
            "summary": "A doctor with all clinics.",
            "parameters": [parameter("id", "path", "Id of the practitioner.", "uuid"), language()],
            "responses": { "200": { "description": "The card.", "content": { "application/json": { "schema": card() } } }, "403": problem("scope_missing"), "404": problem("not_found") },
        } },
        "/suggest": { "get": {
            "summary": "Specialties, services, complaints, practitioners and clinics whose names begin so; at most 10 in all.",
            "parameters": [parameter("q", "query", "What has been typed so far.", ""), parameter("city", "query", "Code or name; only what is offered there.", ""), language()],
            "responses": answers("Each list with the best first.", suggested()),
        } },
    })
}

/// The `components.schemas` of OpenAPI that [`paths`] refer to.
pub fn schemas() -> Value {
    json!({
        "PractitionerRole": all_but(json!({
            "role_id": uuid(),
            "name": said("The doctor's name; else the device's or the room's; else the service's."),
            "practitioner": or_null(all(person()), "Null for a device, a room or a place alone."),
            "organization": all(json!({ "id": uuid(), "name": text() })),
            "location": all(json!({
                "city": text(), "district": { "type": ["string", "null"] }, "address": text(),
                "metro": list(all(json!({ "name": text(), "walk_minutes": { "type": "integer" } }))),
                "lat": { "type": ["number", "null"] }, "lon": { "type": ["number", "null"] },
            })),
            "specialties": list(named()),
            "service": or_null(named(), "What `price` and `slots` are of: the service asked for, else the first one."),
            "price": or_null(all(json!({ "amount": { "type": "integer", "description": "Minor units." }, "currency": said("ISO 4217.") })), "Null when the clinic has not said it."),
            "rating": { "type": ["number", "null"], "description": "Null without reviews." },
            "reviews": { "type": "integer" },
            "distance_km": { "type": "number", "description": "From `near` or the first `metro`; absent without either, and where the clinic's place is not known." },
            "next_free": { "type": ["string", "null"], "format": "date-time" },
            "slots": list(all(json!({ "start": instant(), "end": instant() }))),
        }), &["distance_km"]),
    })
}

fn found() -> Value {
    let counted = list(all(json!({ "code": text(), "name": text(), "count": { "type": "integer" } })));
    let facets: serde_json::Map<String, Value> = FACETS.iter().map(|name| ((*name).to_owned(), counted.clone())).collect();
    let mut facets = all(Value::Object(facets));
    facets["description"] = json!("What each value of a filter would find with all other filters kept: most first, none without any.");
    all(json!({ "total": { "type": "integer" }, "items": list(role()), "facets": facets }))
}

fn card() -> Value {
    let mut card = person();
    card["about"] = text();
    card["languages"] = list(json!({ "enum": ["kk", "ru", "en"] }));
    card["rating"] = json!({ "type": ["number", "null"], "description": "Null without reviews." });
    card["reviews"] = json!({ "type": "integer" });
    card["roles"] = list(role());
    all(card)
}

fn suggested() -> Value {
    let role = json!({ "type": ["string", "null"], "format": "uuid" });
    all(json!({
        "specialties": list(named()),
        "services": list(named()),
        "complaints": list(all(json!({ "text": text(), "specialty": named() }))),
        "practitioners": list(all(json!({ "id": uuid(), "name": text(), "role_id": role, "specialties": list(named()) }))),
        "clinics": list(all(json!({ "id": uuid(), "name": text() }))),
    }))
}

fn person() -> Value {
    json!({
        "id": uuid(), "name": text(),
        "sex": { "type": ["string", "null"], "enum": ["f", "m", null] },
        "experience_years": { "type": ["integer", "null"] },
        "photo": said("Address on this server."),
    })
}

const FACETS: [&str; 10] = ["specialty", "city", "district", "metro", "service", "sex", "child", "language", "home", "online"];

/// An object with all of these fields, always.
fn all(properties: Value) -> Value {
    all_but(properties, &[])
}

/// An object with all of these fields, of which some may be absent.
fn all_but(properties: Value, optional: &[&str]) -> Value {
    let names = properties.as_object().into_iter().flat_map(serde_json::Map::keys).filter(|name| !optional.contains(&name.as_str()));
    json!({ "type": "object", "required": names.collect::<Vec<_>>(), "properties": properties })
}

fn or_null(mut object: Value, when: &str) -> Value {
    object["type"] = json!(["object", "null"]);
    object["description"] = json!(when);
    object
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

fn role() -> Value {
    json!({ "$ref": "#/components/schemas/PractitionerRole" })
}

fn named() -> Value {
    all(json!({ "code": text(), "name": text() }))
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn said(what: &str) -> Value {
    json!({ "type": "string", "description": what })
}

fn uuid() -> Value {
    json!({ "type": "string", "format": "uuid" })
}

fn instant() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn parameter(name: &str, place: &str, what: &str, format: &str) -> Value {
    let schema = if format.is_empty() { json!({ "type": "string" }) } else { json!({ "type": "string", "format": format }) };
    json!({ "name": name, "in": place, "required": place == "path", "description": what, "schema": schema })
}

fn language() -> Value {
    json!({ "name": "lang", "in": "query", "description": "Language of names and messages; else Accept-Language decides.", "schema": { "enum": ["kk", "ru", "en"] } })
}

fn choice(name: &str, what: &str, values: &[&str]) -> Value {
    json!({ "name": name, "in": "query", "description": what, "schema": { "enum": values } })
}

fn search_parameters() -> Value {
    let text = |name: &str, what: &str| parameter(name, "query", what, "");
    let number = |name: &str, what: &str, most: usize| json!({ "name": name, "in": "query", "description": what, "schema": { "type": "integer", "minimum": 1, "maximum": most } });
    json!([
        text("q", "Words; every one must be found in names, specialty, services, clinic, metro, district, city or everyday words."),
        text("specialty", "Code or name in any language."),
        text("city", "Code or name in any language."),
        text("district", "Code or name in any language; repeated or separated by commas: any of them."),
        text(
            "metro",
            "Code or name in any language; repeated or separated by commas: any of them. The first is also the origin of distance."
        ),
        text("service", "Code or name; price, length and times are then those of this service."),
        json!({ "name": "price_max", "in": "query", "description": "Highest price in MAJOR units of the city's currency (roubles, tenge), as people type it. Amounts in answers are in minor units.", "schema": { "type": "integer", "minimum": 0 } }),
        choice("sex", "Sex of the doctor.", &["f", "m"]),
        choice("language", "A language in which the doctor receives.", &["kk", "ru", "en"]),
        choice("child", "Whether children are received: `true` finds roles that receive anybody under 18.", &["true", "false"]),
        choice("home", "Whether some service is a visit at the patient's home.", &["true", "false"]),
        choice("online", "Whether some service is a visit by video.", &["true", "false"]),
        text("near", "`LAT,LON` in degrees: the origin of distance. Needed for `sort=distance` unless a metro is given."),
        parameter("date", "query", "A day in the place's calendar, YYYY-MM-DD.", "date"),
        text("from", "HH:MM, from when the visit may begin."),
        text("to", "HH:MM, before which the visit must begin."),
        choice(
            "sort",
            "The order. There are no ratings yet: `rating` is the order of relevance.",
            &["relevance", "soonest", "price", "rating", "experience", "distance"]
        ),
        number("page", "Page.", crate::engine::PAGE_MAX),
        number("per_page", "Items on a page, 20 when absent; more than the maximum means the maximum.", crate::engine::PER_PAGE_MAX),
        language(),
    ])
}
