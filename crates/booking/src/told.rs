//! Who is told of a visit: the person by SMS and, if they gave an address, by e-mail, and the clinic; each by a job of its own left in
//! the use case's transaction, so that a failure of one is not a second sending of another. What the person is sent says
//! date, time, street and number of the visit, and has a link; never specialty, doctor or clinic. A person with a landline and no e-mail
//! cannot be told: the visit is put on the list of those to be called. What the clinic is sent stands in `told_clinic.rs`.

use db::jobs::{self, Failure, Job, TRIES_MAX};
use db::{DbError, Lang, Tx};
use notify::{Gateway, Post, Sms};
use patients::{is_represented, open_email, open_phone};
use privacy::disclosure::{self, Ground, Leaving, NotDisclosed, Parts, To};
use privacy::{Item, Known, OpenError, Personal, Purpose, Recipient, consent};
use serde::{Deserialize, Serialize};
use web::dates;

use crate::appointment::{Appointment, AppointmentId};
use crate::contact::{self, Contact};
use crate::letter;
use crate::response::Standing;
use crate::status::Status;
use crate::store;
use crate::tokens;
use crate::world::World;

/// The job that tells the person.
pub const TELL_PERSON: &str = "tell_person";
/// The job that writes to the person.
pub const MAIL_PERSON: &str = "mail_person";
/// The job by which the desk looks at how a visit stands.
pub const LOOK: &str = "look";
/// The job that tells the clinic.
pub const TELL_CLINIC: &str = "tell_clinic";
/// The job that writes to the clinic.
pub const MAIL_CLINIC: &str = "mail_clinic";

/// What has happened to the visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// Asked for; no time is fixed.
    Requested,
    /// Booked.
    Booked,
    /// Another time.
    Moved,
    /// Called off by the person, or for them.
    Cancelled,
    /// The clinic expects them.
    Confirmed,
    /// The clinic has proposed another time.
    Proposed,
    /// The clinic does not receive them.
    Declined,
    /// The person does not take the proposed time.
    Refused,
}

impl Turn {
    /// All of them.
    pub const ALL: [Turn; 8] =
        [Turn::Requested, Turn::Booked, Turn::Moved, Turn::Cancelled, Turn::Confirmed, Turn::Proposed, Turn::Declined, Turn::Refused];

    /// The word of tables and texts.
    pub fn code(self) -> &'static str {
        match self {
            Turn::Requested => "requested",
            Turn::Booked => "booked",
            Turn::Moved => "moved",
            Turn::Cancelled => "cancelled",
            Turn::Confirmed => "confirmed",
            Turn::Proposed => "proposed",
            Turn::Declined => "declined",
            Turn::Refused => "refused",
        }
    }

    /// The turn with that word.
    pub fn from_code(code: &str) -> Option<Turn> {
        Turn::ALL.into_iter().find(|turn| turn.code() == code)
    }

    /// Whether the person is told of it: all but what they have said themselves to the clinic.
    fn concerns_person(self) -> bool {
        self != Turn::Refused
    }

    /// Whether the clinic is told of it: all but what it has said itself.
    fn concerns_clinic(self) -> bool {
        !matches!(self, Turn::Confirmed | Turn::Proposed | Turn::Declined)
    }
}

/// A job's payload: which visit, which turn. No person (I5).
#[derive(Serialize, Deserialize)]
pub(crate) struct Payload {
    pub(crate) visit: AppointmentId,
    pub(crate) turn: Turn,
}

/// Leaves the jobs of a visit that stands already.
pub(crate) async fn leave(tx: &mut Tx, visit: AppointmentId, turn: Turn) -> Result<(), DbError> {
    let contact = store::contact(tx, visit).await?;
    leave_known(tx, visit, turn, contact).await
}

/// The same when it is known how the person is reached.
pub(crate) async fn leave_known(tx: &mut Tx, visit: AppointmentId, turn: Turn, contact: Contact) -> Result<(), DbError> {
    let now = tx.now();
    // What the desk has to do about a visit follows from how it stands; a fresh one leaves nothing to do for a while.
    let fresh = matches!(turn, Turn::Requested | Turn::Booked) && !contact.must_be_called();
    if !fresh {
        look(tx, visit).await?;
    }
    if turn.concerns_person() {
        leave_for_person(tx, visit, turn, contact).await?;
    }
    if turn.concerns_clinic() {
        for kind in ways(tx, visit).await? {
            tx.enqueue(kind, &Payload { visit, turn }, now).await?;
        }
    }
    Ok(())
}

/// The jobs by which the clinic of a visit hears of it.
async fn ways(tx: &mut Tx, visit: AppointmentId) -> Result<Vec<&'static str>, DbError> {
    let mut kinds = vec![TELL_CLINIC];
    if store::way::is_written_to(tx, visit).await? {
        kinds.push(MAIL_CLINIC);
    }
    Ok(kinds)
}

/// What the job [`LOOK`] carries: which visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookAt {
    /// The visit.
    pub visit: AppointmentId,
}

/// Leaves the job by which the desk looks at how the visit stands.
pub(crate) async fn look(tx: &mut Tx, visit: AppointmentId) -> Result<(), DbError> {
    let now = tx.now();
    tx.enqueue(LOOK, &LookAt { visit }, now).await.map(drop)
}

async fn leave_for_person(tx: &mut Tx, visit: AppointmentId, turn: Turn, contact: Contact) -> Result<(), DbError> {
    let now = tx.now();
    if contact.sms {
        tx.enqueue(TELL_PERSON, &Payload { visit, turn }, now).await?;
    }
    if contact.email {
        tx.enqueue(MAIL_PERSON, &Payload { visit, turn }, now).await?;
    }
    if contact.must_be_called() {
        contact::leave_call(tx, visit, turn).await?;
    }
    Ok(())
}

/// Leaves the job that tells the clinic that the visit is off: there is nobody else to be told. A clinic that has not heard of the visit yet
/// never does.
pub(crate) async fn leave_for_clinic(tx: &mut Tx, visit: AppointmentId) -> Result<(), DbError> {
    let now = tx.now();
    for kind in ways(tx, visit).await? {
        let mut unheard = 0;
        for turn in [Turn::Requested, Turn::Booked] {
            unheard += jobs::drop_untried(tx, kind, &Payload { visit, turn }).await?;
        }
        jobs::drop_untried(tx, kind, &Payload { visit, turn: Turn::Moved }).await?;
        if unheard == 0 {
            tx.enqueue(kind, &Payload { visit, turn: Turn::Cancelled }, now).await?;
        }
    }
    Ok(())
}

/// The job [`TELL_PERSON`]: opens the phone under a permit, discloses it to the carrier of text messages, and sends. When that has failed for
/// good, the visit is put on the list of those to be called.
///
/// # Errors
/// Why it was not sent.
pub async fn tell_person(world: World, gateway: Gateway, job: Job) -> Result<(), Failure> {
    let Payload { visit, turn } = job.read()?;
    let sent = text_person(&world, &gateway, &job, visit, turn).await;
    if is_given_up(&sent, &job) {
        leave_call(&world, visit, turn, false).await?;
    }
    sent
}

/// Whether no further try will come of a job that ends so.
fn is_given_up<T>(sent: &Result<T, Failure>, job: &Job) -> bool {
    match sent {
        Ok(_) => false,
        Err(Failure::Never(_)) => true,
        Err(Failure::Later(_)) => is_last(job),
    }
}

pub(crate) fn is_last(job: &Job) -> bool {
    job.attempt >= TRIES_MAX
}

/// Puts the visit on the list of those to be called; `unless_sms` where a text message still goes out.
async fn leave_call(world: &World, visit: AppointmentId, turn: Turn, unless_sms: bool) -> Result<(), Failure> {
    let left = world.db.run("leave call", move |tx| {
        Box::pin(async move {
            if !(unless_sms && store::contact(tx, visit).await?.sms) {
                contact::leave_call(tx, visit, turn).await?;
                look(tx, visit).await?;
            }
            Ok::<_, DbError>(())
        })
    });
    Ok(left.await?)
}

async fn text_person(world: &World, gateway: &Gateway, job: &Job, id: AppointmentId, turn: Turn) -> Result<(), Failure> {
    // A destroyed key is an erased person, an untied visit nobody's: there is nobody to tell.
    let Some((visit, known)) = visit_and_person(world, id).await? else { return Ok(()) };
    let Some(told) = as_told(world, &visit, turn).await? else { return Ok(()) };
    let (own, message) = (world.clone(), job.id);
    let disclosed = world
        .db
        .run("tell person", move |tx| {
            let (world, known, visit, told) = (own.clone(), known.clone(), visit.clone(), told.clone());
            Box::pin(async move {
                let Some(tie) = store::appointment_link(tx, id).await? else { return Err(NotDisclosed::Already) };
                let door = disclosure::door(tx, &world.profile, To::Registered(Recipient::SmsCarrier), None).await?;
                let represented = is_represented(tx, &world.keys, known.key(), &id.bytes()).await?;
                let phone = open_phone(tx, &known, TELL_PERSON, id.bytes()).await?;
                let consents = consent::given(tx, known.key(), &id.bytes()).await?;
                let leaving = Leaving {
                    purpose: Purpose::P1,
                    ground: Ground::Consents(&consents),
                    job: TELL_PERSON,
                    object: id.bytes(),
                    tie: &tie,
                    message,
                };
                let parts = person_parts(&world, &told, turn, phone.expose());
                let write = |parts: &Parts| {
                    let text = filled(&world, visit.lang, person_text_id(&visit, turn, represented), parts);
                    Some(Sms { id: message, to: Personal::new(parts.get(Item::Phone).to_owned()), text: Personal::new(text) })
                };
                door.disclose(tx, &world.keys, &world.profile, leaving, parts, write).await
            })
        })
        .await;
    match disclosed {
        Ok(sms) => gateway.send(&world.db, sms, is_last(job)).await,
        // The consent was taken back while the message waited: nothing goes out, and the log says why.
        Err(NotDisclosed::Already | NotDisclosed::Open(OpenError::Refused(_))) => Ok(()),
        Err(refused) => Err(refused.into()),
    }
}

/// The visit with the time that the turn tells of: of a proposal, the proposed one. `None` when the turn is not true any more, and another one
/// tells how things stand.
async fn as_told(world: &World, visit: &Appointment, turn: Turn) -> Result<Option<Appointment>, Failure> {
    let id = visit.id;
    match turn {
        Turn::Proposed => {
            let response = world.db.read("answer to tell of", move |tx| Box::pin(store::response::of(tx, id))).await?;
            let Some(Standing::Tentative { start }) = response.map(|response| response.standing) else { return Ok(None) };
            Ok(Some(Appointment { start, ..visit.clone() }))
        }
        Turn::Confirmed if visit.status != Status::Booked => Ok(None),
        _ => Ok(Some(visit.clone())),
    }
}

/// The text of that id, its places filled by the parts.
pub(crate) fn filled(world: &World, lang: Lang, id: &str, parts: &Parts) -> String {
    let places: Vec<_> = parts.places().map(|(place, value)| (place, value.into())).collect();
    world.texts.of(lang).with(id, &places)
}

pub(crate) async fn visit_and_person(world: &World, id: AppointmentId) -> Result<Option<(Appointment, Known)>, Failure> {
    let found = world
        .db
        .read("visit to tell of", move |tx| {
            Box::pin(async move {
                let visit = store::appointment(tx, id).await?;
                let link = store::appointment_link(tx, id).await?;
                Ok::<_, DbError>(visit.zip(link))
            })
        })
        .await?;
    let Some((visit, link)) = found else { return Ok(None) };
    let (person, _) = world.keys.open_link(&id.bytes(), &link).map_err(|_| Failure::Never("link_unreadable"))?;
    let known = world.keys.known(person).await.map_err(|_| Failure::Later("key_store"))?;
    Ok(known.map(|known| (visit, known)))
}

/// The job [`MAIL_PERSON`]: opens the e-mail under a permit, which records the disclosure, and sends. When nothing else is left to reach the
/// person and the letter has failed for good, the visit is put on the list of those to be called.
///
/// # Errors
/// Why it was not sent.
pub async fn mail_person(world: World, post: Post, job: Job) -> Result<(), Failure> {
    let Payload { visit: id, turn } = job.read()?;
    let sent = write_to_person(&world, &post, &job, id, turn).await;
    if matches!(sent, Ok(false)) || is_given_up(&sent, &job) {
        leave_call(&world, id, turn, true).await?;
    }
    sent.map(drop)
}

/// `Ok(false)`: there is no address any more.
async fn write_to_person(world: &World, post: &Post, job: &Job, id: AppointmentId, turn: Turn) -> Result<bool, Failure> {
    let Some((visit, known)) = visit_and_person(world, id).await? else { return Ok(true) };
    // A request promises no time: there is nothing for a calendar, and whoever answers it calls.
    if visit.is_request() {
        return Ok(true);
    }
    let Some(told) = as_told(world, &visit, turn).await? else { return Ok(true) };
    // Cancelled before it could be told of: the letter that says so is on its way, and an invitation now would contradict it.
    if visit.status == Status::Cancelled && !matches!(turn, Turn::Cancelled | Turn::Declined) {
        return Ok(true);
    }
    let (own, from, message) = (world.clone(), post.from().to_owned(), job.id);
    let disclosed = world
        .db
        .run("mail person", move |tx| {
            let (world, known, visit, told, from) = (own.clone(), known.clone(), visit.clone(), told.clone(), from.clone());
            Box::pin(async move {
                let Some(tie) = store::appointment_link(tx, id).await? else { return Err(NotDisclosed::Already) };
                let door = disclosure::door(tx, &world.profile, To::Registered(Recipient::MailCarrier), None).await?;
                let Some(email) = open_email(tx, &known, MAIL_PERSON, id.bytes()).await? else { return Ok(None) };
                let consents = consent::given(tx, known.key(), &id.bytes()).await?;
                let leaving = Leaving {
                    purpose: Purpose::P1,
                    ground: Ground::Consents(&consents),
                    job: MAIL_PERSON,
                    object: id.bytes(),
                    tie: &tie,
                    message,
                };
                let parts = letter::parts(&world, &told, email.expose());
                let write = |parts: &Parts| letter::of_visit(&world, &from, message, &visit, turn, parts);
                door.disclose(tx, &world.keys, &world.profile, leaving, parts, write).await.map(Some)
            })
        })
        .await;
    match disclosed {
        Ok(Some(letter)) => post.send(&world.db, letter, is_last(job)).await.map(|()| true),
        Ok(None) => Ok(false),
        Err(NotDisclosed::Already | NotDisclosed::Open(OpenError::Refused(_))) => Ok(true),
        Err(refused) => Err(refused.into()),
    }
}

/// Street and number of the visit, in its language.
pub(crate) fn street(world: &World, visit: &Appointment) -> String {
    let catalogue = world.catalogue();
    let place = catalogue.role(visit.role).and_then(|role| catalogue.location(role.location));
    place.map(|place| place.address.get(visit.lang).to_owned()).unwrap_or_default()
}

/// The address at which the person sees, moves and cancels the visit.
pub(crate) fn own_link(world: &World, visit: &Appointment) -> String {
    format!("{}/{}/v/{}.{}", world.public_url, visit.lang.code(), visit.id, tokens::manage(&world.keys, visit.id))
}

/// Which text tells of the turn. Who is represented is not told in it, only that it is not the reader.
fn person_text_id(visit: &Appointment, turn: Turn, represented: bool) -> &'static str {
    match (turn, represented) {
        (Turn::Requested, _) => "booking-sms-requested",
        (Turn::Booked, false) => "booking-sms-booked",
        (Turn::Booked, true) => "booking-sms-booked-other",
        (Turn::Moved, _) => "booking-sms-moved",
        (Turn::Cancelled, _) if !visit.is_request() => "booking-sms-cancelled",
        (Turn::Cancelled, _) => "booking-sms-request-cancelled",
        (Turn::Confirmed | Turn::Refused, _) => "booking-sms-confirmed",
        (Turn::Proposed, _) => "booking-sms-proposed",
        (Turn::Declined, _) if !visit.is_request() => "booking-sms-declined",
        (Turn::Declined, _) => "booking-sms-request-declined",
    }
}

/// What a text message to the person is made of: of a request, which promises no time, its number and its page alone.
fn person_parts(world: &World, visit: &Appointment, turn: Turn, phone: &str) -> Parts {
    let parts = Parts::new().with(Item::Phone, phone);
    let parts = if visit.is_request() && turn != Turn::Proposed {
        parts
    } else {
        let at = visit.start.to_jiff().to_zoned(visit.time_zone());
        parts
            .with(Item::Day, dates::day_month(visit.lang, at.date()))
            .with(Item::Time, dates::time(&at))
            .with(Item::Street, street(world, visit))
    };
    parts.with(Item::Number, visit.number_shown()).with(Item::Link, own_link(world, visit))
}
