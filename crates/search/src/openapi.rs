//! The description of search's part of the API, for `/api/openapi.json`.

use serde_json::{Value, json};

/// The `paths` of OpenAPI 3.1 that [`crate::api()`] serves, by their address under `/api/v1`.
pub fn paths() -> Value {
    let problem = json!({ "description": "application/problem+json; `field_invalid` names the parameter and says what it may hold in `allowed` or `allowed_form`.", "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } });
    let answers = |what: &str| json!({ "200": { "description": what, "content": { "application/json": {} } }, "422": problem });
    json!({
        "/practitioners": { "get": {
            "summary": "Doctors in clinics that fit, in order, with their first free times.",
            "parameters": search_parameters(),
            "responses": answers("`{total, items, facets}`. `price.amount` is in minor units; times carry the offset of the place. With `date`, `from` or `to` only roles with such a time are found, `next_free` is the first such time and `slots` are of that day. A facet counts what each of its values would find with all other filters kept."),
        } },
        "/practitioners/{id}": { "get": {
            "summary": "A doctor with all clinics.",
            "parameters": [parameter("id", "path", "Id of the practitioner.", "uuid"), language()],
            "responses": { "200": { "description": "The card; `roles` are items as in the list.", "content": { "application/json": {} } }, "404": problem },
        } },
        "/suggest": { "get": {
            "summary": "Specialties, services, complaints, practitioners and clinics whose names begin so; at most 10 in all.",
            "parameters": [parameter("q", "query", "What has been typed so far.", ""), parameter("city", "query", "Code or name; only what is offered there.", ""), language()],
            "responses": answers("`{specialties, services, complaints, practitioners, clinics}`"),
        } },
    })
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
