//! Everything at once, in the form of SMART Scheduling Links: a manifest and NDJSON files, streamed.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use access::Caller;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use booking::World;
use clock::{DAY, Timestamp};
use directory::catalogue::{Catalogue, ResourceKind};
use directory::fhir::{lists, out};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};
use web::lang::Reader;

use super::{Refusal, TYPES, answer, may, refuse, resource};

/// Weeks of computed slots that are published, this one among them.
const WEEKS: i64 = 4;
/// Files streamed at one time: each keeps a thread busy.
static STREAMS: Semaphore = Semaphore::const_new(4);
/// Text sent in one piece.
const PIECE_BYTES: usize = 64 * 1024;
/// Slots of one schedule in one week at most.
const SLOTS_OF_WEEK_MAX: usize = 2_000;
const STORED: &str = "Slot-stored.ndjson";

/// `$bulk-publish`: the list of files.
pub(super) async fn manifest(State(world): State<World>, Reader(lang): Reader, caller: Option<Extension<Caller>>) -> Response {
    if let Err(refusal) = may(caller.as_ref()) {
        return answer(&world, lang, Err(refusal));
    }
    let now = world.clock().now();
    let base = format!("{}/fhir", world.public_url);
    let file = |kind: &str, name: &str| json!({ "type": kind, "url": format!("{base}/bulk/{name}") });
    let mut output: Vec<Value> = TYPES.iter().filter(|kind| **kind != "Slot").map(|kind| file(kind, &format!("{kind}.ndjson"))).collect();
    output.push(file("Slot", STORED));
    for week in 0..WEEKS {
        let mut entry = file("Slot", &format!("Slot-{}.ndjson", monday(now, week)));
        // Whoever reads the schedules has these already.
        entry["extension"] = json!({ "computed": true });
        output.push(entry);
    }
    let manifest = json!({
        "transactionTime": now.rfc3339(&TimeZone::UTC),
        "request": format!("{base}/$bulk-publish"),
        "requiresAccessToken": false,
        "output": output,
        "error": [],
    });
    let mut response = resource(&manifest);
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("public, max-age=60"));
    response
}

/// The Monday that begins the week of `now`, or the `ahead`th after it, in UTC: `2026-11-23`.
fn monday(now: Timestamp, ahead: i64) -> String {
    let day = now.day();
    // 1970-01-05 was a Monday.
    let monday = day - (day - 4).rem_euclid(7) + 7 * ahead;
    Timestamp(monday * DAY).rfc3339(&TimeZone::UTC).chars().take(10).collect()
}

/// One file of the manifest.
pub(super) async fn file(
    State(world): State<World>,
    Reader(lang): Reader,
    caller: Option<Extension<Caller>>,
    Path(file): Path<String>,
) -> Response {
    let no = |refusal: Refusal| refuse(&refusal, &world.texts.of(lang));
    if let Err(refusal) = may(caller.as_ref()) {
        return no(refusal);
    }
    let Some(name) = file.strip_suffix(".ndjson") else { return no(Refusal::NotFound) };
    let week = match name.strip_prefix("Slot-") {
        Some("stored") => None,
        Some(day) => match Timestamp::parse_rfc3339(&format!("{day}T00:00:00Z")) {
            Ok(begin) => Some(begin),
            Err(_) => return no(Refusal::NotFound),
        },
        None if TYPES.contains(&name) && name != "Slot" => None,
        None => return no(Refusal::NotFound),
    };
    let Ok(turn) = STREAMS.try_acquire() else { return no(Refusal::Busy) };
    let catalogue = world.catalogue();
    let stored = if file == STORED {
        let now = world.clock().now();
        let read = world.db.read("slots of feeds", move |tx| Box::pin(directory::store::slots::slots_of_feeds(tx, now)));
        match read.await {
            Ok(stored) => stored,
            Err(fault) => {
                tracing::error!(%fault, "slots could not be read");
                return no(Refusal::Fault);
            }
        }
    } else {
        Vec::new()
    };
    let (send, pieces) = mpsc::channel(4);
    let name = name.to_owned();
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let mut lines = Lines { send, piece: Vec::with_capacity(PIECE_BYTES) };
        // An error means that the reader went away.
        let _gone = match (week, name.as_str()) {
            (Some(begin), _) => computed(&world, &catalogue, begin, &mut lines),
            (None, "Slot-stored") => stored.iter().try_for_each(|slot| {
                let zone = catalogue.role(slot.role).and_then(|role| catalogue.zone_of(role)).unwrap_or(TimeZone::UTC);
                lines.line(&out::stored_slot(slot, slot.free, &zone))
            }),
            (None, kind) => directory(&catalogue, kind, &mut lines),
        }
        .and_then(|()| lines.flush());
    });
    ([(header::CONTENT_TYPE, "application/fhir+ndjson"), (header::CACHE_CONTROL, "public, max-age=60")], Body::from_stream(Pieces(pieces)))
        .into_response()
}

fn directory(catalogue: &Arc<Catalogue>, kind: &str, lines: &mut Lines) -> Result<(), Gone> {
    let inside = |of: ResourceKind| catalogue.resources.iter().filter(move |entry| entry.kind == of);
    match kind {
        "CodeSystem" => lists::LISTS.into_iter().filter_map(|id| lists::code_system(catalogue, id)).try_for_each(|list| lines.line(&list)),
        "Organization" => catalogue.organizations.iter().try_for_each(|entry| lines.line(&out::organization(entry))),
        "Location" => {
            catalogue.locations.iter().try_for_each(|entry| lines.line(&out::location(catalogue, entry)))?;
            inside(ResourceKind::Room).try_for_each(|entry| lines.line(&out::resource(entry)))
        }
        "Device" => inside(ResourceKind::Device).try_for_each(|entry| lines.line(&out::resource(entry))),
        "Practitioner" => catalogue.practitioners.iter().try_for_each(|entry| lines.line(&out::practitioner(entry))),
        "HealthcareService" => catalogue.services.iter().try_for_each(|entry| lines.line(&out::healthcare_service(entry))),
        "PractitionerRole" => catalogue.roles.iter().try_for_each(|entry| lines.line(&out::role(catalogue, entry))),
        _ => catalogue.roles.iter().try_for_each(|entry| lines.line(&out::schedule(catalogue, entry))),
    }
}

fn computed(world: &World, catalogue: &Catalogue, begin: Timestamp, lines: &mut Lines) -> Result<(), Gone> {
    let end = Timestamp(begin.micros() + 7 * DAY);
    for role in catalogue.roles.iter().filter(|role| role.source.is_none()) {
        let zone = catalogue.zone_of(role).unwrap_or(TimeZone::UTC);
        for slot in world.free.slots(role.id, None, begin, end, SLOTS_OF_WEEK_MAX, None) {
            lines.line(&out::computed_slot(role, slot.start, slot.end, &zone))?;
        }
    }
    Ok(())
}

/// The reader has gone away.
struct Gone;

/// Lines gathered into pieces.
struct Lines {
    send: mpsc::Sender<Bytes>,
    piece: Vec<u8>,
}

impl Lines {
    fn line(&mut self, resource: &Value) -> Result<(), Gone> {
        self.piece.extend(resource.to_string().as_bytes());
        self.piece.push(b'\n');
        if self.piece.len() >= PIECE_BYTES { self.flush() } else { Ok(()) }
    }
    fn flush(&mut self) -> Result<(), Gone> {
        self.send.blocking_send(Bytes::from(std::mem::take(&mut self.piece))).map_err(|_| Gone)
    }
}

struct Pieces(mpsc::Receiver<Bytes>);

impl futures_core::Stream for Pieces {
    type Item = Result<Bytes, Infallible>;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|piece| piece.map(Ok))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_mondays() {
        let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap_or_default();
        assert_eq!(monday(at("2026-11-23T00:00:00Z"), 0), "2026-11-23");
        assert_eq!(monday(at("2026-11-29T23:59:59Z"), 1), "2026-11-30");
    }
}
