//! Booking: a person gets a time, or is told why not. The list of refusals is the specification.

use std::collections::BTreeSet;

use clock::Timestamp;
use db::{DbError, Tx};
use patients::CodeError;
use privacy::audit::{self, Entry};
use privacy::{KeyStore, Operation, Profile, Purpose, SubjectKey, consent, erasure};

use crate::admit::Admitted;
use crate::appointment::{Appointment, AppointmentId};
use crate::cancel;
use crate::cells::cells;
use crate::contact::Contact;
use crate::hold::{HoldId, Offer, TimeError};
use crate::response;
use crate::status::Status;
use crate::store::{self, FOR_EVER, Resource, Wanted};
use crate::told::{self, Turn};

/// The person's own visits are looked for in batches of this many tags: more than anybody has in the time that a tie lives.
const TAGS_PER_LOOK: u64 = 64;
/// A person's visits looked at, at most.
const VISITS_LOOKED_AT_MAX: u64 = 1_024;
/// Tries to find an unused number and tag.
const NUMBERS_TRIED_MAX: u32 = 6;

/// What [`book`] does. Everything in it was checked for form; nothing in it was decided.
#[derive(Debug, Clone)]
pub(crate) struct Booking {
    pub(crate) offer: Offer,
    pub(crate) hold: Option<HoldId>,
    /// Cancel the person's other visit at that time and take this one.
    pub(crate) instead: bool,
    pub(crate) admitted: Admitted,
}

/// Why nothing was booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BookError {
    /// The time cannot be had.
    Time(TimeError),
    /// The person has another visit then: keep it, or book this one instead.
    PersonBusy(Box<Appointment>),
    /// The person has as many coming visits as the profile allows.
    TooManyVisits(i64),
    /// The person has as many open requests as the profile allows.
    TooManyRequests(i64),
    /// The key was used for another body.
    KeyReused,
    /// The code does not count.
    Code(CodeError),
    /// The other visit can no longer be cancelled online.
    OtherTooLate,
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for BookError {
    fn from(error: DbError) -> Self {
        BookError::Db(error)
    }
}

impl From<TimeError> for BookError {
    fn from(error: TimeError) -> Self {
        if let TimeError::Db(error) = error { BookError::Db(error) } else { BookError::Time(error) }
    }
}

impl db::Refusal for BookError {
    fn fault(&self) -> Option<&DbError> {
        match self {
            BookError::Db(error) | BookError::Time(TimeError::Db(error)) | BookError::Code(CodeError::Db(error)) => Some(error),
            _ => None,
        }
    }
}

impl BookError {
    /// The stable code of API, audit and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            BookError::Time(error) => error.code(),
            BookError::PersonBusy(_) => "person_busy",
            BookError::TooManyVisits(_) => "too_many_visits",
            BookError::TooManyRequests(_) => "too_many_requests",
            BookError::KeyReused => "idempotency_key_reused",
            BookError::Code(CodeError::Unknown) => "code_unknown",
            BookError::Code(CodeError::Expired) => "code_expired",
            BookError::Code(CodeError::Wrong(_)) => "code_wrong",
            BookError::Code(CodeError::Dead) => "code_dead",
            BookError::OtherTooLate => "other_visit_too_late",
            BookError::Db(_) | BookError::Code(CodeError::Db(_)) => "unavailable",
        }
    }
}

impl TimeError {
    /// The stable code of API, audit and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            TimeError::UnknownRole => "role_unknown",
            TimeError::UnknownService => "service_unknown",
            TimeError::Past => "slot_past",
            TimeError::NotOffered => "slot_unknown",
            TimeError::Taken => "slot_taken",
            TimeError::Db(_) => "unavailable",
        }
    }
}

/// Books. Afterwards the visit stands, its cells are claimed for good, the hold is gone, the consent event and the audit entry are
/// written, and the jobs that tell person and clinic are left; or nothing of that, and the refusal is in the audit log.
pub(crate) async fn book(tx: &mut Tx, keys: &KeyStore, profile: &Profile, booking: &Booking) -> Result<Appointment, BookError> {
    let id = AppointmentId::random(tx.clock());
    if let Some(earlier) = begin(tx, &booking.admitted, id).await? {
        return Ok(earlier);
    }
    let outcome = take_time(tx, keys, profile, booking, id).await;
    end(tx, &booking.admitted, outcome, "booked").await
}

/// Takes the idempotency key, if there is one; the visit that was made under it before.
pub(crate) async fn begin(tx: &mut Tx, admitted: &Admitted, id: AppointmentId) -> Result<Option<Appointment>, BookError> {
    let Some(once) = admitted.once else { return Ok(None) };
    let Some((body, earlier)) = store::take_key(tx, once.caller, once.key, once.body, id.bytes()).await? else { return Ok(None) };
    if body != once.body {
        record(tx, admitted, None, "idempotency_key_reused").await?;
        return Err(BookError::KeyReused);
    }
    let earlier = AppointmentId(db::reexport::Uuid::from_bytes(earlier));
    let visit = store::appointment(tx, earlier).await?;
    visit.map(Some).ok_or_else(|| DbError::Shape("an idempotency key names no visit".into()).into())
}

/// Leaves the entry of what was made or refused; after a refusal the idempotency key is free again.
pub(crate) async fn end(
    tx: &mut Tx,
    admitted: &Admitted,
    outcome: Result<Appointment, BookError>,
    made: &'static str,
) -> Result<Appointment, BookError> {
    match &outcome {
        Ok(visit) => record(tx, admitted, Some(visit.id), made).await?,
        Err(refusal) if db::Refusal::fault(refusal).is_some() => return outcome,
        Err(refusal) => {
            if let Some(once) = admitted.once {
                store::give_key_back(tx, once.caller, once.key).await?;
            }
            record(tx, admitted, None, refusal.code()).await?;
        }
    }
    outcome
}

async fn take_time(
    tx: &mut Tx,
    keys: &KeyStore,
    profile: &Profile,
    booking: &Booking,
    id: AppointmentId,
) -> Result<Appointment, BookError> {
    let (offer, key) = (&booking.offer, &booking.admitted.key);
    let now = tx.now();
    // Whatever was named as the hold counts only if it is one.
    let hold = match booking.hold {
        Some(hold) => store::hold(tx, hold).await?.map(|hold| hold.id),
        None => None,
    };
    let (mut visits, next) = alone(tx, key).await?;
    visits.retain(|visit| visit.status.holds_time() && visit.end > now);

    tx.savepoint().await?;
    let attempt = async {
        let overlaps = |visit: &Appointment| visit.status.holds_time() && visit.start < offer.end && offer.start < visit.end;
        if let Some(other) = visits.iter().find(|visit| overlaps(visit)).cloned() {
            if !booking.instead {
                return Err(BookError::PersonBusy(Box::new(other)));
            }
            // Read again under its lock: it may have been moved or cancelled since.
            match store::appointment_for_change(tx, other.id).await? {
                Some(other) if overlaps(&other) => {
                    if cancel::too_late(&other, profile.cancel_cutoff_minutes, now) {
                        return Err(BookError::OtherTooLate);
                    }
                    cancel::apply(tx, &other).await?;
                    cancel::record(tx, other.id, &booking.admitted.asker, "cancelled", None).await?;
                }
                _ => {}
            }
            visits.retain(|visit| visit.id != other.id);
            // The choice was between two; a third one is asked about again.
            if let Some(third) = visits.iter().find(|visit| overlaps(visit)) {
                return Err(BookError::PersonBusy(Box::new(third.clone())));
            }
        }
        if i64::try_from(visits.len()).unwrap_or(i64::MAX) >= profile.visits_open_per_person_max {
            return Err(BookError::TooManyVisits(profile.visits_open_per_person_max));
        }
        // The person's own cells first or last makes no difference: one statement takes all or is undone.
        let mut wanted = offer.wanted();
        wanted.extend(person_cells(key, offer.start, offer.end));
        let won = store::claim(tx, &wanted, id.bytes(), hold.map(|hold| hold.bytes()), FOR_EVER).await?;
        if won.len() < wanted.len() {
            // The person's own cells can be lost only to another request of theirs at this very moment; then too the time is taken.
            return Err(TimeError::Taken.into());
        }
        if let Some((code, phone)) = &booking.admitted.code {
            patients::spend_code(tx, keys, *code, phone).await.map_err(BookError::Code)?;
        }
        Ok(())
    }
    .await;
    match attempt {
        Ok(()) => tx.keep().await?,
        Err(refusal) => {
            if db::Refusal::fault(&refusal).is_none() {
                tx.undo().await?;
            }
            return Err(refusal);
        }
    }

    if let Some(hold) = hold {
        // A hold for another time than the one booked still holds cells: they are freed with it.
        store::release_hold(tx, hold).await?;
    }
    let visit = Appointment {
        id,
        number: 0,
        role: offer.role,
        service: offer.service.clone(),
        start: offer.start,
        end: offer.end,
        zone: offer.zone.clone(),
        status: Status::Booked,
        price_minor: offer.price_minor,
        currency: offer.currency.clone(),
        lang: booking.admitted.lang,
        moves: 0,
        wishes: Vec::new(),
    };
    let visit = write_down(tx, keys, &booking.admitted, visit, next).await?;
    response::ask_clinic(tx, id).await?;
    told::leave_known(tx, id, Turn::Booked, booking.admitted.contact).await?;
    offer.mark(tx).await?;
    Ok(visit)
}

/// One booking of a person at a time: else two at once would both see one visit fewer than the limit. Their visits, and the first number
/// that none of them has.
pub(crate) async fn alone(tx: &mut Tx, key: &SubjectKey) -> Result<(Vec<Appointment>, u64), DbError> {
    one_at_a_time(tx, key).await?;
    // A request that had the key in its hands before: nothing is written under a key that dies. The next try makes the person anew.
    if erasure::is_begun(tx, key).await? {
        return Err(DbError::Unavailable("the person is being erased".into()));
    }
    own_visits(tx, key).await
}

/// Waits until no other booking or erasure of this person is under way.
pub(crate) async fn one_at_a_time(tx: &mut Tx, key: &SubjectKey) -> Result<(), DbError> {
    let person = key.person().ok_or_else(|| DbError::Shape("the key is no person's".into()))?;
    tx.exclusive(&key.commitment(b"books", &person.bytes())).await
}

/// Writes the visit with an unused number, the consent, and who acts for the person.
pub(crate) async fn write_down(
    tx: &mut Tx,
    keys: &KeyStore,
    admitted: &Admitted,
    mut visit: Appointment,
    next: u64,
) -> Result<Appointment, DbError> {
    let key = &admitted.key;
    let person = key.person().ok_or_else(|| DbError::Shape("the key is no person's".into()))?;
    let (id, mut n, mut tries) = (visit.id, next, 0);
    loop {
        visit.number = i64::try_from(tx.clock().below(90_000_000)).unwrap_or(0) + 10_000_000;
        let link = keys.seal_link(&id.bytes(), person, n);
        if store::insert_appointment(tx, &visit, &link, key.visit_tag(n)).await? {
            break;
        }
        tries += 1;
        n += 1;
        if tries >= NUMBERS_TRIED_MAX {
            return Err(DbError::Conflict("no unused visit number was found".into()));
        }
    }
    consent::record(tx, key, &id.bytes(), &admitted.document, &admitted.evidence).await?;
    if let Some(representative) = &admitted.representative {
        patients::represent(tx, keys, key, id.bytes(), representative, &admitted.evidence).await?;
    }
    if admitted.contact != Contact::SMS {
        store::insert_contact(tx, id, admitted.contact).await?;
    }
    Ok(visit)
}

/// The person's own visits, oldest first, and the lowest number that none of them has. Numbers of visits whose tie has died are free again, so
/// there are gaps among those of the living; a new visit fills the lowest, so that all stand low and the first look finds them.
pub(crate) async fn own_visits(tx: &mut Tx, key: &SubjectKey) -> Result<(Vec<Appointment>, u64), DbError> {
    let (mut visits, mut numbers, mut from) = (Vec::new(), BTreeSet::new(), 0);
    while from < VISITS_LOOKED_AT_MAX {
        let tags: Vec<[u8; 32]> = (from..from + TAGS_PER_LOOK).map(|n| key.visit_tag(n)).collect();
        let found = store::appointments_by_tag(tx, &tags).await?;
        if found.is_empty() {
            break;
        }
        for (visit, tag) in found {
            if let Some(place) = tags.iter().position(|candidate| *candidate == tag) {
                numbers.insert(from + place as u64);
            }
            visits.push(visit);
        }
        from += TAGS_PER_LOOK;
    }
    visits.sort_by_key(|visit| visit.start);
    let lowest = (0..).find(|number| !numbers.contains(number)).unwrap_or(0);
    Ok((visits, lowest))
}

pub(crate) fn person_cells(key: &SubjectKey, start: Timestamp, end: Timestamp) -> Vec<Wanted> {
    cells(start, end).map(|cell| Wanted { resource: Resource::Person(key.cell_tag(cell)), cell: 0 }).collect()
}

async fn record(tx: &mut Tx, admitted: &Admitted, visit: Option<AppointmentId>, outcome: &'static str) -> Result<(), DbError> {
    let object = visit.map(|visit| visit.bytes());
    let entry = entry(admitted.asker.clone(), admitted.fields.clone(), object, outcome, Some(&admitted.key));
    audit::record(tx, &entry).await.map(drop)
}

/// What is written of every booking and refusal.
pub(crate) fn entry<'k>(
    asker: String,
    fields: Vec<&'static str>,
    object: Option<[u8; 16]>,
    outcome: &'static str,
    subject: Option<&'k SubjectKey>,
) -> Entry<'k> {
    Entry { operation: Operation::Collect, purpose: Purpose::P1, asker, fields, outcome, object, subject }
}
