//! Everything that is known of a person, for the person (art. 14 of the law, clause 6.1): what, why, on which consent, until when, to whom
//! it went. Written under one permit of the operator's; the opening is in the log, and in the export itself.

use std::collections::HashMap;

use booking::Appointment;
use db::{Db, Lang, Tx};
use directory::catalogue::Catalogue;
use privacy::consent::{self, ConsentEvent, PublishedText};
use privacy::disclosure::{self, Made};
use privacy::{
    Ask, Asker, ConsoleProof, Field, KeyStore, Known, OpenError, Operation, OperatorIdentity, Permit, Profile, Purpose, about, decide,
};
use serde_json::{Value, json};

use crate::erase::EraseError;

/// The fields of an identity and of who acts for the person.
const FIELDS: [Field; 8] =
    [Field::Name, Field::Phone, Field::Email, Field::Sex, Field::Age, Field::Relation, Field::Representative, Field::Declaration];

/// The export, as JSON with line breaks.
///
/// # Errors
/// A fault, or a value that does not open: then nothing is given.
pub async fn export(
    db: &Db,
    keys: &KeyStore,
    known: &Known,
    operator: Option<&OperatorIdentity>,
    profile: &Profile,
    console: ConsoleProof,
) -> Result<String, EraseError> {
    let catalogue = std::sync::Arc::new(db.read("directory", |tx| Box::pin(directory::store::load(tx))).await?);
    let (own, of) = (keys.clone(), known.clone());
    let (person, visits, used) = db
        .run("export subject", move |tx| {
            let (keys, known, catalogue) = (own.clone(), of.clone(), catalogue.clone());
            Box::pin(async move {
                let ask = Ask {
                    asker: Asker::Console(console),
                    key: known.key(),
                    fields: &FIELDS,
                    purpose: Purpose::P9,
                    operation: Operation::Provide,
                    object: None,
                };
                let mut permit = decide(&ask, &[], tx.now()).map_err(|_| OpenError::Outside)?;
                let person = identity(tx, &known, &mut permit).await?;
                let visits = booking::visits_of(tx, known.key()).await?;
                let mut written = Vec::with_capacity(visits.len());
                for visit in &visits {
                    written.push(visit_of(tx, &keys, &known, visit, &catalogue, &mut permit).await?);
                }
                let objects: Vec<[u8; 16]> = visits.iter().map(|visit| visit.id.bytes()).collect();
                let used: Vec<Value> = about::entries(tx, known.key(), &objects).await?.iter().map(entry).collect();
                Ok::<_, OpenError>((person, written, used))
            })
        })
        .await?;
    let export = json!({
        "format": "recomed-subject-export-1",
        "made_at": db.clock().now().to_jiff().to_string(),
        "processing": {
            "confirmed": true,
            "operator": operator.map(|operator| json!({
                "name": operator.name.ru, "address": operator.address.ru, "contact_email": operator.contact_email,
            })),
            "purposes": [{"code": "P1", "basis": "consent", "document": "booking"}],
            "methods": "sealed under a key of the person's own; opened only with a recorded permit",
            "source": "given by the person, or by whoever booked for them",
            "recipients": "the chosen clinic: time and number of the visit; the carriers of SMS and e-mail: phone or address and the message; each by name under `disclosed`",
            "transfer_abroad": false,
            "kept": {
                "visit_known_as_theirs_days_after_it": profile.retention.specialty_days_after_visit,
                "identity_days_after_last_visit": profile.retention.identity_days_after_last_visit,
                "data_days_after_withdrawal": profile.retention.data_days_after_withdrawal,
                "proof_of_consent_days_after_its_end": profile.retention.consent_proof_days_after_end,
            },
            "rights": "withdrawal of consent: on the visit's page or by the contact address; correction, blocking, erasure: by the contact address; complaint to the supervisory authority or a court",
        },
        "person": person,
        "visits": visits,
        "used": used,
    });
    serde_json::to_string_pretty(&export).map_err(|_| EraseError::Open(OpenError::Forged))
}

async fn identity(tx: &mut Tx, known: &Known, permit: &mut Permit) -> Result<Value, OpenError> {
    let text = |field| known.sealed::<String>(field).ok_or(OpenError::Outside);
    let optional = |field| known.sealed::<Option<String>>(field).ok_or(OpenError::Outside);
    Ok(json!({
        "id": known.person().to_string(),
        "name": text(Field::Name)?.open(tx, permit).await?.expose(),
        "phone": text(Field::Phone)?.open(tx, permit).await?.expose(),
        "email": optional(Field::Email)?.open(tx, permit).await?.expose(),
        "sex": optional(Field::Sex)?.open(tx, permit).await?.expose(),
        "age": optional(Field::Age)?.open(tx, permit).await?.expose(),
    }))
}

async fn visit_of(
    tx: &mut Tx,
    keys: &KeyStore,
    known: &Known,
    visit: &Appointment,
    catalogue: &Catalogue,
    permit: &mut Permit,
) -> Result<Value, OpenError> {
    let id = visit.id.bytes();
    let role = catalogue.role(visit.role);
    let doctor = role.and_then(|role| catalogue.practitioner_of(role)).map(|doctor| doctor.names.get(Lang::Ru).to_owned());
    let clinic = role.and_then(|role| catalogue.organization(role.organization)).map(|clinic| clinic.names.get(Lang::Ru).to_owned());
    let representative = patients::open_representative(tx, keys, known.key(), id, permit).await?;
    let mut consents = Vec::new();
    for event in consent::events(tx, known.key(), &id).await? {
        let text = consent::published(tx, &event.sha256).await?;
        consents.push(consent_event(&event, text.as_ref()));
    }
    let disclosed: Vec<Value> = disclosure::of(tx, id).await?.iter().map(given).collect();
    let zone = visit.time_zone();
    Ok(json!({
        "number": visit.number_shown(),
        "doctor": doctor,
        "clinic": clinic,
        "service": visit.service,
        "begins": visit.start.to_jiff().to_zoned(zone.clone()).to_string(),
        "ends": visit.end.to_jiff().to_zoned(zone).to_string(),
        "status": visit.status.code(),
        "price": {"minor_units": visit.price_minor, "currency": visit.currency},
        "language": visit.lang.code(),
        "representative": representative.map(|acting| json!({
            "relation": acting.relation.expose().code(), "name": acting.name.expose(), "declaration": acting.declaration.expose(),
        })),
        "consents": consents,
        "disclosed": disclosed,
    }))
}

/// To whom something about the visit went.
fn given(made: &Made) -> Value {
    json!({
        "recipient": made.name,
        "kind": made.kind.code(),
        "country": made.country,
        "purpose": made.purpose,
        "basis": made.basis,
        "items": made.fields,
        "day": day(made.made_on),
        "state": made.state,
        "entry": made.entry.to_string(),
    })
}

/// What was given or taken back, how, and the words of it.
fn consent_event(event: &ConsentEvent, text: Option<&PublishedText>) -> Value {
    json!({
        "kind": event.kind.code(),
        "turn": event.turn.code(),
        "purpose": event.purpose.code(),
        "version": event.version,
        "sha256": event.sha256,
        "language": event.lang,
        "method": event.method.code(),
        "day": day(event.day),
        "spoken_at": event.spoken_at.map(|at| at.to_jiff().to_string()),
        "script": event.script.as_ref().map(|(version, sha256)| json!({"version": version, "sha256": sha256})),
        "keypad": event.keypad,
        "sheet": event.sheet,
        "text": text.map(|text| text.text.as_str()),
    })
}

fn day(days: i64) -> String {
    clock::Timestamp(days * clock::DAY).to_jiff().strftime("%Y-%m-%d").to_string()
}

fn entry(entry: &about::Entry) -> Value {
    let parts = HashMap::from([
        ("operation", entry.operation.as_str()),
        ("purpose", entry.purpose.as_str()),
        ("asker", entry.asker.as_str()),
        ("fields", entry.fields.as_str()),
        ("outcome", entry.outcome.as_str()),
    ]);
    let mut written = json!(parts);
    written["at"] = json!(entry.at.to_jiff().to_string());
    written
}
