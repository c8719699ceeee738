//! The description of booking's part of the API, for `/api/openapi.json`. Beside `api.rs`: change both.

use serde_json::{Value, json};

/// The `paths` of OpenAPI 3.1 that [`crate::api()`] serves, by their address under `/api/v1`.
pub fn paths() -> Value {
    json!({
        "/roles/{role_id}/slots": { "get": {
            "summary": "Free times of a doctor in a clinic, earliest first, at most 2000.",
            "parameters": [
                path("role_id", "Any bookable schedule, as search names it."),
                query("service", "Code; the length of its visit decides which times fit. The first service when absent.", string()),
                query("from", "A day at the place (YYYY-MM-DD) or an instant (RFC 3339); now when absent.", string()),
                query("days", "How many days; 14 when absent.", json!({"type": "integer", "minimum": 1, "maximum": 62})),
                query("hold", "Your hold: its time is among the answers.", uuid()),
                language(),
            ],
            "responses": { "200": answer("Times with the offset of the place.", json!({"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": slot()}}})), "403": problem("scope_missing"), "404": problem("not_found"), "422": problem("field_invalid") },
        } },
        "/holds": { "post": {
            "summary": "Keeps a time while the form is filled. Whoever has the id owns the hold; it never hides the time from its owner.",
            "parameters": [language()],
            "requestBody": body(object(&["role_id", "start"], json!({"role_id": uuid(), "start": instant(), "service": string()}))),
            "responses": {
                "201": answer("Kept until `expires_at`.", object(&["id", "expires_at"], json!({"id": uuid(), "expires_at": instant()}))),
                "403": problem("scope_missing"), "404": problem("role_unknown"), "409": problem("slot_taken"), "422": problem("slot_past, slot_unknown, service_unknown, field_invalid, body_invalid"), "429": problem("too_many_requests"),
            },
        } },
        "/consent-documents": { "get": {
            "summary": "The text a person must be shown and agree to, word for word; or, by its hash, one that was ever published.",
            "parameters": [
                query("purpose", "A purpose of the policy; P1 is booking, the only one that a consent is taken for here.", json!({"enum": ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10"]})),
                query("sha256", "In place of `purpose`, or beside it: exactly this text, in force or not.", json!({"type": "string", "pattern": "^[0-9a-f]{64}$"})),
                language(),
            ],
            "responses": {
                "200": answer("The document. `sha256` names exactly this text.", object(&["kind", "purpose", "version", "lang", "sha256", "text"], json!({"kind": {"enum": ["consent", "declaration", "script"]}, "purpose": string(), "version": {"type": "integer"}, "lang": {"enum": ["kk", "ru", "en"]}, "sha256": string(), "text": string(), "declaration": declaration()}))),
                "404": problem("not_found"), "422": problem("field_invalid"),
            },
        } },
        "/phone-codes": { "post": {
            "summary": "Sends a code by SMS. Creates no person. For the public; a partner vouches instead.",
            "parameters": [language()],
            "requestBody": body(object(&["phone"], json!({"phone": string()}))),
            "responses": {
                "202": answer("On its way; counts until `expires_at`.", object(&["id", "expires_at"], json!({"id": uuid(), "expires_at": instant()}))),
                "403": problem("scope_missing"), "422": problem("phone_invalid, phone_landline"), "429": problem("code_too_soon, code_phone_limit, code_network_limit"),
            },
        } },
        "/appointments": { "post": {
            "summary": "Books. Durable before the answer. The same Idempotency-Key with the same body gets the same answer.",
            "parameters": [{"name": "Idempotency-Key", "in": "header", "required": false, "schema": {"type": "string", "minLength": 1, "maxLength": 200}, "description": "One per intended booking; scoped by partner, or by phone for the public."}, language()],
            "requestBody": body(object(&["role_id", "start", "patient", "consents"], json!({
                "role_id": uuid(), "start": instant(), "service": string(), "hold_id": uuid(),
                "patient": object(&["name", "phone"], json!({"name": string(), "phone": {"type": "string", "description": "A mobile; from a partner also a landline, whose person is told by e-mail or is to be called."}, "email": {"type": "string", "format": "email", "description": "Optional: a letter with a calendar file goes there for this visit. Not kept where no letters are sent."}, "sex": {"enum": ["f", "m"]}, "age": {"type": "integer", "minimum": 0, "maximum": 120}})),
                "on_behalf_of": behalf(),
                "phone_code": object(&["id", "code"], json!({"id": uuid(), "code": string()})),
                "consents": {"type": "array", "items": object(&["purpose", "version", "sha256"], json!({"purpose": string(), "version": {"type": "integer"}, "sha256": string()}))},
                "instead": {"type": "boolean", "description": "Cancel the person's other visit at that time and take this one. For the public, who has shown the code; a partner is answered person_busy."},
            }))),
            "responses": {
                "201": answer("Booked. `manage_token` opens and changes the visit; it is shown here and in the person's message.", object(&["id", "status", "manage_token", "number"], json!({"id": uuid(), "status": string(), "manage_token": string(), "number": string()}))),
                "403": problem("scope_missing"), "404": problem("role_unknown"), "409": problem("slot_taken, person_busy, other_visit_too_late"),
                "422": problem("consent_missing, consent_outdated, consent_unknown, representative_missing, relation_unfit, declaration_missing, age_not_received, code_missing, code_wrong, code_expired, code_dead, code_unknown, slot_past, slot_unknown, service_unknown, phone_invalid, phone_landline, phone_shared_too_often, too_many_visits, idempotency_key_reused, field_invalid, body_invalid"),
                "503": problem("unavailable"),
            },
        } },
        "/requests": { "post": {
            "summary": "Asks for a visit where a schedule shows no live times. It is `proposed`: nothing is promised, the clinic or the operator calls.",
            "parameters": [{"name": "Idempotency-Key", "in": "header", "required": false, "schema": {"type": "string", "minLength": 1, "maxLength": 200}, "description": "As for /appointments."}, language()],
            "requestBody": body(object(&["kind", "role_id", "name", "phone", "when", "consents"], json!({
                "kind": {"enum": ["visit"]}, "role_id": uuid(), "service": string(), "name": string(), "phone": string(), "email": string(),
                "sex": {"enum": ["f", "m"]}, "age": {"type": "integer", "minimum": 0, "maximum": 120},
                "when": {"type": "array", "minItems": 1, "maxItems": 28, "items": wish()},
                "on_behalf_of": behalf(),
                "phone_code": object(&["id", "code"], json!({"id": uuid(), "code": string()})),
                "consents": {"type": "array", "items": object(&["purpose", "version", "sha256"], json!({"purpose": string(), "version": {"type": "integer"}, "sha256": string()}))},
            }))),
            "responses": {
                "201": answer("Asked for. `manage_token` opens and cancels the request.", object(&["id", "status", "manage_token", "number"], json!({"id": uuid(), "status": {"enum": ["proposed"]}, "manage_token": string(), "number": string()}))),
                "403": problem("scope_missing"), "404": problem("role_unknown"),
                "422": problem("kind_unsupported, live_times, when_invalid, too_many_requests, consent_missing, consent_outdated, consent_unknown, representative_missing, relation_unfit, declaration_missing, age_not_received, code_missing, code_wrong, code_expired, code_dead, code_unknown, service_unknown, phone_invalid, phone_landline, phone_shared_too_often, idempotency_key_reused, field_invalid, body_invalid"),
                "503": problem("unavailable"),
            },
        } },
        "/appointments/{id}": {
            "parameters": [path("id", "The visit."), language()],
            "get": { "summary": "The visit.", "security": [{"manage_token": []}], "responses": { "200": answer("As it stands.", visit_seen()), "401": problem("token_unknown") } },
            "patch": {
                "summary": "Moves the visit, or takes the time that its clinic proposes. The old time is freed only when the new one is won; the new one may overlap the old.",
                "security": [{"manage_token": []}],
                "requestBody": body(object(&["start"], json!({"start": instant(), "role_id": uuid()}))),
                "responses": { "200": answer("As it stands now.", visit_answered()), "401": problem("token_unknown"), "409": problem("slot_taken, person_busy, too_late, moved_too_often, visit_not_open, proposal_outdated"), "422": problem("slot_past, slot_unknown, service_unknown, other_visit, field_invalid, body_invalid") },
            },
            "delete": {
                "summary": "Cancels the visit; cancelling it twice is no error.",
                "security": [{"manage_token": []}],
                "responses": { "200": answer("Cancelled.", visit()), "401": problem("token_unknown"), "409": problem("too_late, visit_not_open") },
            },
        },
        "/appointments/{id}/consents": {
            "parameters": [path("id", "The visit."), language()],
            "get": {
                "summary": "What the visit's person agreed to and declared for it, and what of it was taken back.",
                "security": [{"manage_token": []}],
                "responses": { "200": answer("In the order of their days.", consents()), "401": problem("token_unknown"), "404": problem("visit_unknown") },
            },
        },
        "/appointments/{id}/consents/{purpose}": {
            "parameters": [path("id", "The visit."), {"name": "purpose", "in": "path", "required": true, "description": "The purpose of the consent: P1.", "schema": string()}, language()],
            "delete": {
                "summary": "Takes the consent back, at any time; twice is no error. A visit ahead that rests on it is cancelled, what waits to be sent about it is not sent, and the data are destroyed by the term of the policy.",
                "security": [{"manage_token": []}],
                "responses": { "200": answer("As they stand now.", consents()), "401": problem("token_unknown"), "404": problem("consent_not_given, visit_unknown"), "422": problem("field_invalid") },
            },
        },
    })
}

fn consents() -> Value {
    let item = object(
        &["kind", "purpose", "version", "sha256", "lang", "method", "given_on", "withdrawn_on"],
        json!({
            "kind": {"enum": ["consent", "declaration"]}, "purpose": string(), "version": {"type": "integer"},
            "sha256": {"type": "string", "description": "The text: GET /consent-documents?sha256."}, "lang": string(),
            "method": {"enum": ["web", "partner", "voice", "paper"]}, "given_on": {"type": "string", "format": "date"},
            "withdrawn_on": {"type": ["string", "null"], "format": "date", "description": "Null while it stands."},
        }),
    );
    object(&["items"], json!({"items": {"type": "array", "items": item}}))
}

/// A visit with what its clinic has said.
fn visit_answered() -> Value {
    let mut visit = visit();
    visit["properties"]["clinic"] = json!({"enum": ["needs-action", "accepted", "tentative", "declined"], "description": "What the clinic has said (FHIR participation status); absent where it is not asked."});
    visit
}

/// The same with the time that the clinic proposes.
fn visit_seen() -> Value {
    let mut visit = visit_answered();
    visit["properties"]["proposed_start"] = json!({"type": "string", "format": "date-time", "description": "The time that the clinic proposes, kept for the person: `PATCH` with it says yes."});
    visit
}

fn visit() -> Value {
    object(
        &["id", "status", "number", "role_id", "service", "start", "end", "price"],
        json!({
            "id": uuid(), "status": {"enum": ["proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow", "entered-in-error", "checked-in", "waitlist"]},
            "number": string(), "role_id": uuid(), "service": string(), "start": promised(), "end": promised(), "when": {"type": "array", "items": wish()},
            "price": object(&["amount", "currency"], json!({"amount": {"type": "integer", "description": "Minor units."}, "currency": string()})),
        }),
    )
}

/// Null while nothing is promised.
fn promised() -> Value {
    json!({"type": ["string", "null"], "format": "date-time"})
}

fn wish() -> Value {
    object(&["day"], json!({"day": {"type": "string", "format": "date"}, "part": {"enum": ["morning", "day", "evening", "any"]}}))
}

fn behalf() -> Value {
    let relations = patients::Relation::ALL.map(patients::Relation::code);
    let mut behalf = object(
        &["relation", "name", "declaration"],
        json!({"relation": {"enum": relations}, "name": string(), "declaration": {"type": "boolean", "description": "True declares the text that /consent-documents gives under `declaration`, in the language of the request."}}),
    );
    behalf["description"] = json!("Whoever books for another person. Required when `age` is below the age of majority.");
    behalf
}

fn declaration() -> Value {
    let mut declaration =
        object(&["version", "sha256", "text"], json!({"version": {"type": "integer"}, "sha256": string(), "text": string()}));
    declaration["description"] = json!("With P1: what `on_behalf_of.declaration` declares.");
    declaration
}

fn slot() -> Value {
    object(&["start", "end"], json!({"start": instant(), "end": instant()}))
}

fn object(required: &[&str], properties: Value) -> Value {
    json!({"type": "object", "required": required, "properties": properties})
}

fn string() -> Value {
    json!({"type": "string"})
}

fn uuid() -> Value {
    json!({"type": "string", "format": "uuid"})
}

fn instant() -> Value {
    json!({"type": "string", "format": "date-time"})
}

fn body(schema: Value) -> Value {
    json!({"required": true, "content": {"application/json": {"schema": schema}}})
}

fn answer(what: &str, schema: Value) -> Value {
    json!({"description": what, "content": {"application/json": {"schema": schema}}})
}

/// An error: its stable codes stand in the description.
fn problem(codes: &str) -> Value {
    json!({"description": format!("`code`: {codes}"), "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}})
}

fn path(name: &str, what: &str) -> Value {
    json!({"name": name, "in": "path", "required": true, "description": what, "schema": uuid()})
}

fn query(name: &str, what: &str, schema: Value) -> Value {
    json!({"name": name, "in": "query", "required": false, "description": what, "schema": schema})
}

fn language() -> Value {
    query("lang", "Language of names and messages; else Accept-Language decides.", json!({"enum": ["kk", "ru", "en"]}))
}
