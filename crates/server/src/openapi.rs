//! `/api/openapi.json`: each slice describes its part, this puts them together.

use serde_json::{Value, json};

/// The description of the whole API.
pub fn document() -> Value {
    let mut paths = serde_json::Map::new();
    for part in [search::openapi::paths(), booking::openapi::paths()] {
        if let Value::Object(part) = part {
            paths.extend(part);
        }
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Recomed",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Choose a doctor and book a time. Times are RFC 3339 with the place's offset. Errors are application/problem+json with a stable `code`. A partner sends its key as a bearer token and vouches for the phone; the public needs a phone code and is rate limited.",
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{}, {"partner_key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "partner_key": {"type": "http", "scheme": "bearer", "description": "Made by `recomed partner add`."},
                "manage_token": {"type": "http", "scheme": "bearer", "description": "From the answer to a booking."},
            },
            "schemas": {
                "Problem": {
                    "type": "object",
                    "required": ["type", "title", "status", "code", "detail"],
                    "properties": {
                        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
                        "code": {"type": "string", "description": "Stable; the texts are for people and change."},
                        "detail": {"type": "string"}, "clause": {"type": "string", "description": "The policy's clause that says so."},
                        "parameter": {"type": "string", "description": "Name of the parameter of search that cannot be read. Its value is not repeated."},
                        "allowed": {
                            "type": "array",
                            "description": "What that parameter may say, those first that lead to most schedules; districts, stations and services of the city that `city` names.",
                            "items": {"type": "object", "required": ["code", "name"], "properties": {"code": {"type": "string"}, "name": {"type": "string"}}},
                        },
                        "allowed_left_out": {"type": "integer", "description": "How many values there are beyond those in `allowed`."},
                        "allowed_form": {"type": "string", "description": "What a value looks like where values cannot be listed."},
                    },
                },
            },
        },
    });
    for call in document["paths"].as_object_mut().into_iter().flat_map(serde_json::Map::values_mut).filter_map(Value::as_object_mut) {
        for responses in call.values_mut().filter_map(|method| method.get_mut("responses")) {
            responses["default"] = json!({
                "description": "Before a call is looked at: 401 `key_unknown`, 405 `method_not_allowed` with Allow, 413 `too_large`, 415 `not_json`, 429 `too_many_requests` with Retry-After. A fault of ours: 500 `internal`, 503 `unavailable`.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            });
        }
    }
    if let (Value::Object(more), Some(schemas)) = (search::openapi::schemas(), document["components"]["schemas"].as_object_mut()) {
        schemas.extend(more);
    }
    document
}
