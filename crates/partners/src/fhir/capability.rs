//! What this server can do, as a CapabilityStatement.

use serde_json::{Value, json};

use super::TYPES;
use super::search::parameters;

/// The statement of the server at this public address.
pub(super) fn statement(public_url: &str) -> Value {
    let kind = |name: &&str| {
        let parameter = |(name, kind): &(&str, &str)| json!({ "name": name, "type": kind });
        json!({
            "type": name,
            "interaction": [{ "code": "read" }, { "code": "search-type" }],
            "versioning": "no-version",
            "searchParam": parameters(name).iter().map(parameter).collect::<Vec<_>>(),
        })
    };
    json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-23",
        "kind": "instance",
        "software": { "name": "Recomed", "version": env!("CARGO_PKG_VERSION") },
        "implementation": { "description": "Doctors, clinics and free times", "url": format!("{public_url}/fhir") },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [{ "mode": "server", "resource": TYPES.iter().map(kind).collect::<Vec<_>>() }],
    })
}
