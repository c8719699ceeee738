//! One form for every door: pages, API, later FHIR, the desk and the keypad parse into [`BookRequest`], and [`take`] does the rest in
//! the order that I2 asks for: code, key store, person's row, visit.

use std::collections::HashMap;

use clock::Timestamp;
use db::DbError;
use directory::catalogue::RoleId;
use patients::{CodeError, CodeId, CodeTerms, Phone};
use privacy::consent::{self, ConsentEvent, PublishedText};
use privacy::{Evidence, KeyError, Purpose, SubjectKey};

use crate::admit::{self, Entry};
pub use crate::admit::{Applicant, ConsentRef, OnBehalf};
pub use crate::ages::AgeRule;
use crate::appointment::{Appointment, AppointmentId};
use crate::ask::{self, Asking, Wanted};
use crate::book::{self, BookError, Booking};
use crate::by::By;
use crate::cancel::{self, CancelError};
use crate::hold::{self, Hold, HoldId, TimeError, offer, offer_of_clinic};
use crate::reschedule::{self, MoveError};
use crate::respond::{self, Answering, ClinicAnswer, RespondError, Responding};
use crate::response::Response;
use crate::status::Status;
use crate::store;
use crate::wish::{self, Wish, by_request};
use crate::withdraw::{self, WithdrawError};
use crate::world::World;
use crate::{tokens, told};

/// What somebody wants booked.
#[derive(Debug, Clone)]
pub struct BookRequest {
    /// The doctor in the clinic.
    pub role: RoleId,
    /// Begin.
    pub start: Timestamp,
    /// The service; the role's first when `None`.
    pub service: Option<String>,
    /// The hold that keeps the time, if there is one.
    pub hold: Option<HoldId>,
    /// Cancel the person's other visit at that time.
    pub instead: bool,
    /// Who asks, and for whom.
    pub applicant: Applicant,
}

/// What somebody asks for where there are no live times.
#[derive(Debug, Clone)]
pub struct VisitRequest {
    /// The doctor in the clinic.
    pub role: RoleId,
    /// The service; the role's first when `None`.
    pub service: Option<String>,
    /// When they could come.
    pub wishes: Vec<Wish>,
    /// Who asks, and for whom.
    pub applicant: Applicant,
}

/// A visit, and the token with which it is changed.
#[derive(Debug, Clone)]
pub struct Booked {
    /// The visit.
    pub visit: Appointment,
    /// `manage_token`.
    pub token: String,
}

/// Why nothing was booked, beyond the refusals of [`BookError`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestError {
    /// No consent for booking.
    ConsentMissing,
    /// The consent is to a text that is no longer in force.
    ConsentOutdated,
    /// A consent for a purpose that nothing here rests on: it would be kept for nothing.
    ConsentUnknown,
    /// The public needs a phone code.
    CodeMissing,
    /// More people than allowed share this phone.
    TooManyPeople,
    /// Nobody acts for a person younger than this (clause 2.4).
    RepresentativeMissing(i64),
    /// Whoever acts for a person younger than this is no parent, adoptive parent or guardian (clause 2.4).
    RelationUnfit(i64),
    /// Whoever acts for the person has not declared that they may (clause 2.4).
    DeclarationMissing,
    /// The doctor does not receive people of that age.
    AgeNotReceived(AgeRule),
    /// No wished day, too many of them, or one that cannot be had.
    WhenInvalid,
    /// There are live times: one of them can be booked.
    LiveTimes,
    /// Booking refused it.
    Book(BookError),
    /// Database or key store failed.
    Unavailable,
}

impl From<BookError> for RequestError {
    fn from(error: BookError) -> Self {
        if let Some(fault) = db::Refusal::fault(&error) {
            tracing::error!(%fault, "booking failed");
            return RequestError::Unavailable;
        }
        RequestError::Book(error)
    }
}

impl From<DbError> for RequestError {
    fn from(fault: DbError) -> Self {
        RequestError::from(BookError::Db(fault))
    }
}

impl From<TimeError> for RequestError {
    fn from(error: TimeError) -> Self {
        RequestError::from(BookError::from(error))
    }
}

impl From<CodeError> for RequestError {
    fn from(error: CodeError) -> Self {
        RequestError::from(BookError::Code(error))
    }
}

impl From<KeyError> for RequestError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::TooManyPeople => RequestError::TooManyPeople,
            fault => {
                tracing::error!(%fault, "the key store failed");
                RequestError::Unavailable
            }
        }
    }
}

/// Holds a time. `once` makes a second click the same hold; `previous` is the hold that the same browser lets go by choosing anew.
///
/// # Errors
/// [`TimeError`].
pub async fn hold(
    world: &World,
    role: RoleId,
    start: Timestamp,
    service: Option<&str>,
    once: Option<&str>,
    previous: Option<HoldId>,
) -> Result<Hold, TimeError> {
    let offer = offer(&world.free, &world.catalogue(), world.clock().now(), role, service, start)?;
    let id = match once.filter(|once| !once.is_empty()) {
        None => HoldId::random(world.clock()),
        Some(once) => {
            let mac =
                world.keys.request_mac(&[b"hold", once.as_bytes(), &role.bytes(), &start.micros().to_be_bytes(), offer.service.as_bytes()]);
            HoldId::from_mac(&mac)
        }
    };
    let previous = previous.filter(|previous| *previous != id);
    let profile = world.profile.clone();
    let (held, dirty) = world
        .db
        .run("hold", move |tx| {
            let (offer, profile) = (offer.clone(), profile.clone());
            Box::pin(async move { Ok::<_, TimeError>((hold::hold(tx, id, &offer, &profile, previous).await?, tx.marked())) })
        })
        .await?;
    world.seen(&dirty).await;
    Ok(held)
}

/// Lets a held time go: it is free at once.
///
/// # Errors
/// A fault of the database.
pub async fn let_go(world: &World, id: HoldId) -> Result<(), DbError> {
    let dirty = world
        .db
        .run("let a hold go", move |tx| {
            Box::pin(async move {
                store::let_go(tx, id).await?;
                Ok::<_, DbError>(tx.marked())
            })
        })
        .await?;
    world.seen(&dirty).await;
    Ok(())
}

/// A hold, run out or not, as long as its row is there: for the page that says what was wanted.
///
/// # Errors
/// A fault of the database.
pub async fn any_hold(world: &World, id: HoldId) -> Result<Option<Hold>, DbError> {
    world.db.read("hold", move |tx| Box::pin(store::hold(tx, id))).await
}

/// Books, or says why not. The same key with the same body gets the same answer.
///
/// # Errors
/// [`RequestError`].
pub async fn take(world: &World, request: BookRequest) -> Result<Booked, RequestError> {
    let once = admit::once(&world.keys, &request.applicant);
    if let Some(once) = once
        && let Some(earlier) = admit::earlier(world, once).await?
    {
        return Ok(answer(world, earlier));
    }
    let papers = admit::papers(world, request.role, &request.applicant)?;
    let offer = offer(&world.free, &world.catalogue(), world.clock().now(), request.role, request.service.as_deref(), request.start)?;
    let gone = world.free.slots(request.role, request.service.as_deref(), request.start, request.start.plus_seconds(1), 1, request.hold);
    let admitted = match admit::admit(world, &request.applicant, papers, once, gone.is_empty()).await? {
        Entry::Earlier(visit) => return Ok(answer(world, visit)),
        Entry::Admitted(admitted) => *admitted,
    };
    // A partner cannot cancel what somebody else has booked: only the person, who has shown the code or is on the line, chooses between two.
    let instead = request.instead && admitted.chooses;
    let booking = Booking { offer, hold: request.hold, instead, admitted };
    let (keys, profile) = (world.keys.clone(), world.profile.clone());
    let (visit, dirty) = world
        .db
        .run("book", move |tx| {
            let (keys, profile, booking) = (keys.clone(), profile.clone(), booking.clone());
            Box::pin(async move { Ok::<_, BookError>((book::book(tx, &keys, &profile, &booking).await?, tx.marked())) })
        })
        .await?;
    world.seen(&dirty).await;
    Ok(answer(world, visit))
}

/// Asks for a visit where there are no live times: a visit in the state `proposed`, which claims nothing and promises no time.
///
/// # Errors
/// [`RequestError`]; [`RequestError::LiveTimes`] when a time can be booked instead.
pub async fn ask(world: &World, mut request: VisitRequest) -> Result<Booked, RequestError> {
    // There is no time yet that a letter could tell, so no address is kept: whoever answers the request calls.
    request.applicant.details.email = None;
    let once = admit::once(&world.keys, &request.applicant);
    if let Some(once) = once
        && let Some(earlier) = admit::earlier(world, once).await?
    {
        return Ok(answer(world, earlier));
    }
    let papers = admit::papers(world, request.role, &request.applicant)?;
    let wanted = wanted(world, request.role, request.service.as_deref(), &request.wishes)?;
    let admitted = match admit::admit(world, &request.applicant, papers, once, false).await? {
        Entry::Earlier(visit) => return Ok(answer(world, visit)),
        Entry::Admitted(admitted) => *admitted,
    };
    let asking = Asking { wanted, admitted };
    let (keys, profile) = (world.keys.clone(), world.profile.clone());
    let visit = world
        .db
        .run("ask", move |tx| {
            let (keys, profile, asking) = (keys.clone(), profile.clone(), asking.clone());
            Box::pin(async move { ask::ask(tx, &keys, &profile, &asking).await })
        })
        .await?;
    Ok(answer(world, visit))
}

/// What is asked for, if it can be asked for.
pub(crate) fn wanted(world: &World, role: RoleId, service: Option<&str>, wishes: &[Wish]) -> Result<Wanted, RequestError> {
    let (catalogue, now) = (world.catalogue(), world.clock().now());
    let role = catalogue.role(role).ok_or(TimeError::UnknownRole)?;
    let (city, zone) = (catalogue.city_of(role).ok_or(TimeError::UnknownRole)?, catalogue.zone_of(role).ok_or(TimeError::UnknownRole)?);
    let offered = role.offer(service).ok_or(TimeError::UnknownService)?;
    if !by_request(&world.free, role) {
        return Err(RequestError::LiveTimes);
    }
    let now = now.to_jiff().to_zoned(zone);
    let (wishes, start, end) = wish::checked(wishes, &now, world.profile.request_days_max).ok_or(RequestError::WhenInvalid)?;
    Ok(Wanted {
        role: role.id,
        service: offered.service.clone(),
        start,
        end,
        zone: now.time_zone().iana_name().unwrap_or(&city.zone).to_owned(),
        price_minor: offered.price_minor,
        currency: city.currency.clone(),
        wishes,
    })
}

fn answer(world: &World, visit: Appointment) -> Booked {
    Booked { token: tokens::manage(&world.keys, visit.id), visit }
}

/// The idempotency key of a booking by pages: one hold, one code.
pub(crate) fn page_key(hold: HoldId, code: CodeId) -> String {
    format!("{hold}:{code}")
}

/// What a hold became, for the browser whose sealed draft names the hold, the code and the phone: the answer to a second click, or to a first
/// one whose answer was lost.
pub(crate) async fn became(world: &World, hold: HoldId, code: CodeId, phone: &Phone) -> Result<Option<Booked>, RequestError> {
    let once = admit::once_of_public(&world.keys, phone, &page_key(hold, code), &[]);
    Ok(admit::earlier(world, once).await?.map(|visit| answer(world, visit)))
}

/// What an agent has booked or asked for before under this name of a form: the answer to a second click whose first answer was lost.
///
/// # Errors
/// [`RequestError`].
pub async fn done_by_agent(world: &World, staff: access::StaffId, once: HoldId) -> Result<Option<Appointment>, RequestError> {
    admit::earlier(world, admit::once_of_staff(&world.keys, staff, &once.to_string())).await
}

/// Whether a code sent before may still be typed in for this phone. When in doubt another one is sent.
pub(crate) async fn code_alive(world: &World, id: CodeId, phone: &Phone) -> bool {
    let (keys, terms, phone) = (world.keys.clone(), CodeTerms::from(&*world.profile), phone.clone());
    let alive = world.db.read("code alive", move |tx| {
        let (keys, phone) = (keys.clone(), phone.clone());
        Box::pin(async move { patients::code_alive(tx, &keys, terms, id, &phone).await })
    });
    alive.await.unwrap_or(false)
}

/// Checks a typed code; a code that was confirmed before is confirmed again by the same digits.
///
/// # Errors
/// [`CodeError`].
pub async fn confirm_code(world: &World, id: CodeId, phone: &Phone, typed: String) -> Result<(), CodeError> {
    let (keys, terms, phone) = (world.keys.clone(), CodeTerms::from(&*world.profile), phone.clone());
    world
        .db
        .run("confirm code", move |tx| {
            let (keys, phone, typed) = (keys.clone(), phone.clone(), typed.clone());
            Box::pin(async move { patients::confirm_code(tx, &keys, terms, id, &phone, &typed).await })
        })
        .await
}

/// A visit by its id, for whoever has shown its token.
///
/// # Errors
/// A fault of the database.
pub async fn visit(world: &World, id: AppointmentId) -> Result<Option<Appointment>, DbError> {
    world.db.read("visit", move |tx| Box::pin(store::appointment(tx, id))).await
}

/// Cancels a visit for whoever has shown its token, or for staff whose pages have looked whether they may.
///
/// # Errors
/// [`CancelError`].
pub async fn cancel(world: &World, id: AppointmentId, by: By) -> Result<Appointment, CancelError> {
    let profile = world.profile.clone();
    let (visit, dirty) = world
        .db
        .run("cancel", move |tx| {
            let profile = profile.clone();
            Box::pin(async move { Ok::<_, CancelError>((cancel::cancel(tx, &profile, id, by).await?, tx.marked())) })
        })
        .await?;
    world.seen(&dirty).await;
    Ok(visit)
}

/// Moves a visit for whoever has shown its token, or for staff whose pages have looked whether they may.
///
/// # Errors
/// [`MoveError`].
pub async fn reschedule(
    world: &World,
    id: AppointmentId,
    start: Timestamp,
    role: Option<RoleId>,
    by: By,
) -> Result<Appointment, MoveError> {
    let (before, key) = visit_and_key(world, id).await?;
    let role = role.unwrap_or(before.role);
    let offer = offer(&world.free, &world.catalogue(), world.clock().now(), role, Some(&before.service), start)?;
    let catalogue = world.catalogue();
    let doctor = |role| catalogue.role(role).and_then(|role| role.practitioner);
    if role != before.role && (doctor(role).is_none() || doctor(role) != doctor(before.role)) {
        return Err(MoveError::OtherVisit);
    }
    let profile = world.profile.clone();
    let (visit, dirty) = world
        .db
        .run("move", move |tx| {
            let (profile, key, offer) = (profile.clone(), key.clone(), offer.clone());
            Box::pin(async move { Ok::<_, MoveError>((reschedule::reschedule(tx, &profile, id, &key, &offer, by).await?, tx.marked())) })
        })
        .await?;
    world.seen(&dirty).await;
    Ok(visit)
}

/// Takes a clinic's answer about a visit: from its own page, from the link that it was sent, or from the desk that has called it. Whoever asks
/// has looked whether `by` may.
///
/// # Errors
/// [`RespondError`].
pub async fn respond(world: &World, id: AppointmentId, clinic: ClinicAnswer, by: By) -> Result<Appointment, RespondError> {
    let (visit, key) = visit_and_key(world, id).await?;
    let answer = match clinic {
        ClinicAnswer::Accepted => Responding::Accepted,
        // It stands at that time already: the clinic says yes to it.
        ClinicAnswer::Proposed { start } if visit.status != Status::Proposed && start == visit.start => Responding::Accepted,
        ClinicAnswer::Proposed { start } => {
            let (catalogue, now) = (world.catalogue(), world.clock().now());
            Responding::Proposed(Box::new(offer_of_clinic(&catalogue, now, visit.role, Some(&visit.service), start)?))
        }
        ClinicAnswer::Declined(reason) => Responding::Declined(reason),
    };
    let profile = world.profile.clone();
    let (visit, dirty) = world
        .db
        .run("respond", move |tx| {
            let (profile, key, answer) = (profile.clone(), key.clone(), answer.clone());
            Box::pin(async move { Ok::<_, RespondError>((respond::respond(tx, &profile, id, &key, &answer, by).await?, tx.marked())) })
        })
        .await?;
    world.seen(&dirty).await;
    Ok(visit)
}

/// The person takes the time that their clinic has proposed. `start` is the time that they were shown: another one is not taken for it.
///
/// # Errors
/// [`RespondError`].
pub async fn accept(world: &World, id: AppointmentId, start: Timestamp, by: By) -> Result<Appointment, RespondError> {
    let (visit, key) = visit_and_key(world, id).await?;
    let offer = offer_of_clinic(&world.catalogue(), world.clock().now(), visit.role, Some(&visit.service), start)?;
    answer_proposal(world, id, key, start, Answering::Accept(Box::new(offer)), by).await
}

/// The person does not take the time that their clinic has proposed: the clinic is asked anew.
///
/// # Errors
/// [`RespondError`].
pub async fn refuse(world: &World, id: AppointmentId, start: Timestamp, by: By) -> Result<Appointment, RespondError> {
    let (_, key) = visit_and_key(world, id).await?;
    answer_proposal(world, id, key, start, Answering::Refuse, by).await
}

async fn answer_proposal(
    world: &World,
    id: AppointmentId,
    key: SubjectKey,
    start: Timestamp,
    answer: Answering,
    by: By,
) -> Result<Appointment, RespondError> {
    let (visit, dirty) = world
        .db
        .run("answer a proposal", move |tx| {
            let (key, answer) = (key.clone(), answer.clone());
            Box::pin(async move { Ok::<_, RespondError>((respond::answer(tx, id, &key, start, &answer, by).await?, tx.marked())) })
        })
        .await?;
    world.seen(&dirty).await;
    Ok(visit)
}

/// The clinic's answer to a visit, as it stands.
///
/// # Errors
/// A fault of the database.
pub async fn response(world: &World, id: AppointmentId) -> Result<Option<Response>, DbError> {
    world.db.read("answer of a clinic", move |tx| Box::pin(store::response::of(tx, id))).await
}

/// Somebody has told the person by phone what nothing else could tell them: no call about it is left. Whether one was.
///
/// # Errors
/// A fault of the database.
pub async fn told_by_phone(world: &World, id: AppointmentId, by: By) -> Result<bool, DbError> {
    world
        .db
        .run("told by phone", move |tx| {
            Box::pin(async move {
                let told = store::response::forget_call(tx, id).await?;
                if told {
                    cancel::record(tx, id, &by.code(), "told_by_phone", None).await?;
                    told::look(tx, id).await?;
                }
                Ok::<_, DbError>(told)
            })
        })
        .await
}

/// Nobody could be reached under the person's number, again and again: no call about the visit is left, and the log says so.
///
/// # Errors
/// A fault of the database.
pub async fn not_reached(world: &World, id: AppointmentId, by: By) -> Result<(), DbError> {
    world
        .db
        .run("not reached", move |tx| {
            Box::pin(async move {
                store::response::forget_call(tx, id).await?;
                cancel::record(tx, id, &by.code(), "not_reached", None).await
            })
        })
        .await
}

/// Takes back the consent that a visit rests on, for whoever has shown the visit's token.
///
/// # Errors
/// [`WithdrawError`].
pub async fn withdraw(world: &World, id: AppointmentId, purpose: Purpose) -> Result<Appointment, WithdrawError> {
    let key = person_of(world, id).await?.ok_or(WithdrawError::Unknown)?;
    let (visit, dirty) = world
        .db
        .run("withdraw", move |tx| {
            let key = key.clone();
            Box::pin(async move {
                let visit = withdraw::withdraw(tx, &key, id, purpose, &Evidence::WEB, "person").await?;
                Ok::<_, WithdrawError>((visit, tx.marked()))
            })
        })
        .await?;
    world.seen(&dirty).await;
    Ok(visit)
}

/// What is known of a visit's person without opening anything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    /// Somebody acts for them in this visit.
    pub(crate) represented: bool,
    /// What they agreed to for this visit, declared, and took back.
    pub(crate) events: Vec<ConsentEvent>,
    /// The words of it, as far as they are kept, by their hashes.
    pub(crate) texts: HashMap<String, PublishedText>,
}

/// How the visit's person stands to it.
///
/// # Errors
/// A fault of the database or the key store.
pub(crate) async fn standing(world: &World, id: AppointmentId) -> Result<Standing, DbError> {
    // A destroyed key: nothing is known of them any more.
    let Some(key) = person_of(world, id).await? else { return Ok(Standing::default()) };
    let keys = world.keys.clone();
    world
        .db
        .read("standing", move |tx| {
            let (keys, key) = (keys.clone(), key.clone());
            Box::pin(async move {
                let represented = patients::is_represented(tx, &keys, &key, &id.bytes()).await?;
                let events = consent::events(tx, &key, &id.bytes()).await?;
                let mut texts = HashMap::new();
                for event in &events {
                    if let Some(text) = consent::published(tx, &event.sha256).await? {
                        texts.insert(text.sha256.clone(), text);
                    }
                }
                Ok(Standing { represented, events, texts })
            })
        })
        .await
}

/// The key of the visit's person; `None` when there is no such visit, or nobody any more.
async fn person_of(world: &World, id: AppointmentId) -> Result<Option<SubjectKey>, DbError> {
    let Some(link) = world.db.read("link of a visit", move |tx| Box::pin(store::appointment_link(tx, id))).await? else {
        return Ok(None);
    };
    match key_of(world, id, &link).await {
        Ok(key) => Ok(Some(key)),
        Err(MoveError::Db(fault)) => Err(fault),
        Err(_) => Ok(None),
    }
}

async fn key_of(world: &World, id: AppointmentId, link: &[u8]) -> Result<SubjectKey, MoveError> {
    let unreadable = |fault: KeyError| {
        tracing::error!(%fault, "a visit's link could not be followed");
        MoveError::Db(DbError::Unavailable("key store".into()))
    };
    let (person, _) = world.keys.open_link(&id.bytes(), link).map_err(unreadable)?;
    world.keys.person(person).await.map_err(unreadable)?.ok_or(MoveError::Unknown)
}

/// A visit, and the key of its person.
async fn visit_and_key(world: &World, id: AppointmentId) -> Result<(Appointment, SubjectKey), MoveError> {
    let found = world.db.read("visit and person", move |tx| {
        Box::pin(async move {
            let visit = store::appointment(tx, id).await?;
            Ok::<_, DbError>(visit.zip(store::appointment_link(tx, id).await?))
        })
    });
    let (visit, link) = found.await?.ok_or(MoveError::Unknown)?;
    Ok((visit, key_of(world, id, &link).await?))
}
