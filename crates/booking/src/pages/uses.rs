//! Who used the data of one's own visit, and the receipt for each use.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use directory::catalogue::OrganizationId;
use privacy::audit::{EntryId, OF_AN_OBJECT_MAX, Written};
use privacy::disclosure::Made;
use privacy::{LegalBasis, Recipient};
use serde::Deserialize;
use web::html;
use web::texts::Texts;

use super::visit::{city_of, own};
use super::{failed, not_found, private};
use crate::appointment::Appointment;
use crate::told::{MAIL_PERSON, TELL_PERSON};
use crate::uses;
use crate::views::{UseLine, Uses};
use crate::world::World;

/// How many of the newest uses are left out: those of the pages before.
#[derive(Deserialize)]
pub(super) struct Earlier {
    #[serde(default)]
    skip: u16,
}

pub(super) async fn page(
    State(world): State<World>,
    Path((lang, id)): Path<(String, String)>,
    Query(Earlier { skip }): Query<Earlier>,
    headers: HeaderMap,
) -> Response {
    let (lang, visit) = match own(&world, &headers, &lang, &id).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    let skip = i64::from(skip);
    let (entries, earlier, made) = match (uses::list(&world, visit.id, skip).await, uses::disclosed(&world, visit.id).await) {
        (Ok((entries, earlier)), Ok(made)) => (entries, earlier, made),
        (Err(fault), _) | (_, Err(fault)) => return failed(&world, lang, &fault),
    };
    let texts = world.texts.of(lang);
    let back_href = format!("/{lang}/visits/{}", visit.id);
    let lines = entries
        .iter()
        .map(|(entry, sealed)| (entry, sealed, made.iter().find(|made| made.entry == entry.id)))
        .map(|(entry, sealed, made)| UseLine {
            when: when(&texts, &visit, entry),
            what: made.map_or_else(|| texts.s(what(entry)), |made| given(&world, &texts, made)),
            more: made.map(|made| more(&texts, made)),
            data: texts.one("booking-uses-data", "data", data(&texts, &entry.fields)),
            receipt_href: sealed.then(|| format!("{back_href}/uses/{}", entry.id)),
        })
        .collect();
    html::personal(&Uses {
        page: private(&world, lang, format!("/visits/{}/uses", visit.id), city_of(&world, &visit).as_deref()),
        lines,
        earlier_href: earlier.then(|| format!("{back_href}/uses?skip={}", skip + OF_AN_OBJECT_MAX)),
        key: world.keys.signer().public().to_string(),
        back_href,
    })
}

/// Day and time where the visit is.
fn when(texts: &Texts, visit: &Appointment, entry: &Written<'_>) -> String {
    let at = entry.at.to_jiff().to_zoned(visit.time_zone());
    format!("{}, {}", web::dates::date(texts.lang(), at.date()), web::dates::time(&at))
}

/// The text that says who did what.
fn what(entry: &Written<'_>) -> &'static str {
    match (entry.asker.as_ref(), entry.outcome.as_ref()) {
        (asker, "booked") if asker.starts_with("partner:") => "booking-uses-booked-partner",
        (asker, "booked" | "asked") if asker.starts_with("staff:") => "booking-uses-booked-agent",
        (_, "booked") => "booking-uses-booked",
        (_, "asked") => "booking-uses-asked",
        (_, "moved") => "booking-uses-moved",
        (_, "cancelled") => "booking-uses-cancelled",
        (_, "clinic_accepted") => "booking-uses-clinic-accepted",
        (_, "clinic_proposed") => "booking-uses-clinic-proposed",
        (_, "clinic_declined") => "booking-uses-clinic-declined",
        (_, "proposal_accepted") => "booking-uses-proposal-accepted",
        (_, "proposal_refused") => "booking-uses-proposal-refused",
        (_, "told_by_phone") => "booking-uses-told",
        (_, "not_reached") => "booking-uses-not-reached",
        (_, "caller_said_name" | "caller_said_number" | "caller_called_back") => "booking-uses-caller",
        (_, "withdrawn") => "booking-uses-withdrawn",
        (asker, "not_consented") if asker.starts_with("job:") => "booking-uses-stopped",
        (asker, "opened") if asker.strip_prefix("job:") == Some(TELL_PERSON) => "booking-uses-sms",
        (asker, "opened") if asker.strip_prefix("job:") == Some(MAIL_PERSON) => "booking-uses-letter",
        (asker, "opened") if asker.starts_with("staff:") => "booking-uses-staff",
        ("console", _) => "booking-uses-console",
        ("person", _) => "booking-uses-refused",
        _ => "booking-uses-other",
    }
}

/// To whom it was given. A clinic is named as the reader knows it.
fn given(world: &World, texts: &Texts, made: &Made) -> String {
    let clinic = OrganizationId(made.recipient.0);
    let catalogue = world.catalogue();
    let (id, name) = match made.kind {
        Recipient::Organization => {
            let name = catalogue.organization(clinic).map(|clinic| clinic.names.get(texts.lang()).to_owned());
            ("booking-given-clinic", name.unwrap_or_else(|| made.name.clone()))
        }
        Recipient::SmsCarrier => ("booking-given-sms", made.name.clone()),
        Recipient::MailCarrier => ("booking-given-mail", made.name.clone()),
        _ => ("booking-given", made.name.clone()),
    };
    texts.one(id, "name", name)
}

/// What for, by what right, how it ended.
fn more(texts: &Texts, made: &Made) -> String {
    let why = if made.basis == LegalBasis::Consent.code() { "booking-given-consent" } else { "booking-given-request" };
    format!("{} {}", texts.s(why), texts.s(&format!("booking-given-{}", made.state)))
}

/// The data, in words; what has no word here stays as it is written.
fn data(texts: &Texts, fields: &str) -> String {
    let word = |code: &str| {
        let id = format!("booking-data-{code}");
        if texts.has(&id) { texts.s(&id) } else { code.to_owned() }
    };
    fields.split(',').map(word).collect::<Vec<String>>().join(", ")
}

pub(super) async fn receipt(
    State(world): State<World>,
    Path((lang, id, entry)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let (lang, visit) = match own(&world, &headers, &lang, &id).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    let Ok(entry) = entry.parse::<EntryId>() else { return not_found(&world, lang) };
    let receipt = match uses::receipt(&world, visit.id, entry).await {
        Ok(Some(receipt)) => receipt,
        Ok(None) => return not_found(&world, lang),
        Err(fault) => return failed(&world, lang, &fault),
    };
    let Ok(text) = serde_json::to_string_pretty(&receipt) else { return failed(&world, lang, &"a receipt could not be written") };
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"receipt.json\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, text + "\n").into_response()
}
