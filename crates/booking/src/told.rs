//! Who is told of a visit: the person by SMS and, if they gave an address, by e-mail, and the clinic; each by a job of its own left in
//! the use case's transaction, so that a failure of one is not a second sending of another. What the person is sent says
//! date, time, street and number of the visit, and has a link; never specialty, doctor or clinic. A person with a landline and no e-mail
//! cannot be told: the visit is put on the list of those to be called. The clinic's says number, time
//! and a link; never a name (clause 4.1: the least that does it).

use db::jobs::{self, Failure, Job, TRIES_MAX};
use db::{DbError, Lang, Tx};
use notify::{Gateway, Post, Sms};
use patients::{is_represented, open_email, open_phone};
use privacy::{Known, OpenError, Personal};
use serde::{Deserialize, Serialize};
use web::dates;

use crate::appointment::{Appointment, AppointmentId};
use crate::contact::{self, Contact};
use crate::letter;
use crate::status::Status;
use crate::store;
use crate::tokens;
use crate::world::World;

/// The job that tells the person.
pub const TELL_PERSON: &str = "tell_person";
/// The job that writes to the person.
pub const MAIL_PERSON: &str = "mail_person";
/// The job that tells the clinic.
pub const TELL_CLINIC: &str = "tell_clinic";

/// What has happened to the visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Turn {
    Requested,
    Booked,
    Moved,
    Cancelled,
}

impl Turn {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Turn::Requested => "requested",
            Turn::Booked => "booked",
            Turn::Moved => "moved",
            Turn::Cancelled => "cancelled",
        }
    }
}

/// A job's payload: which visit, which turn. No person (I5).
#[derive(Serialize, Deserialize)]
struct Payload {
    visit: AppointmentId,
    turn: Turn,
}

/// Leaves the jobs of a visit that stands already.
pub(crate) async fn leave(tx: &mut Tx, visit: AppointmentId, turn: Turn) -> Result<(), DbError> {
    let contact = store::contact(tx, visit).await?;
    leave_known(tx, visit, turn, contact).await
}

/// The same when it is known how the person is reached.
pub(crate) async fn leave_known(tx: &mut Tx, visit: AppointmentId, turn: Turn, contact: Contact) -> Result<(), DbError> {
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
    tx.enqueue(TELL_CLINIC, &Payload { visit, turn }, now).await.map(drop)
}

/// Leaves the job that tells the clinic that the visit is off: there is nobody else to be told. A clinic that has not heard of the visit yet
/// never does.
pub(crate) async fn leave_for_clinic(tx: &mut Tx, visit: AppointmentId) -> Result<(), DbError> {
    let mut unheard = 0;
    for turn in [Turn::Requested, Turn::Booked] {
        unheard += jobs::drop_untried(tx, TELL_CLINIC, &Payload { visit, turn }).await?;
    }
    jobs::drop_untried(tx, TELL_CLINIC, &Payload { visit, turn: Turn::Moved }).await?;
    if unheard > 0 {
        return Ok(());
    }
    let now = tx.now();
    tx.enqueue(TELL_CLINIC, &Payload { visit, turn: Turn::Cancelled }, now).await.map(drop)
}

/// The job [`TELL_PERSON`]: opens the phone under a permit, which records the disclosure, and sends.
///
/// # Errors
/// Why it was not sent.
pub async fn tell_person(world: World, gateway: Gateway, job: Job) -> Result<(), Failure> {
    let Payload { visit: id, turn } = job.read()?;
    // A destroyed key is an erased person, an untied visit nobody's: there is nobody to tell.
    let Some((visit, known)) = visit_and_person(&world, id).await? else { return Ok(()) };
    let keys = world.keys.clone();
    let opened = world
        .db
        .run("tell person", move |tx| {
            let (known, keys) = (known.clone(), keys.clone());
            Box::pin(async move {
                let represented = is_represented(tx, &keys, known.key(), &id.bytes()).await?;
                Ok((open_phone(tx, &known, TELL_PERSON, id.bytes()).await?, represented))
            })
        })
        .await;
    let (to, represented) = match opened {
        Ok(opened) => opened,
        // The consent was taken back while the message waited: nothing goes out, and the log says why.
        Err(OpenError::Refused(_)) => return Ok(()),
        Err(OpenError::Db(_)) => return Err(Failure::Later("database")),
        Err(_) => return Err(Failure::Never("phone_closed")),
    };
    let text = person_text(&world, &visit, turn, represented);
    gateway.send(Sms { id: job.id, to, text: Personal::new(text) }).await
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
    let given_up = match &sent {
        Ok(sent) => !sent,
        Err(Failure::Never(_)) => true,
        Err(Failure::Later(_)) => job.attempt >= TRIES_MAX,
    };
    if given_up {
        world
            .db
            .run("leave call", move |tx| {
                Box::pin(async move {
                    if !store::contact(tx, id).await?.sms {
                        contact::leave_call(tx, id, turn).await?;
                    }
                    Ok::<_, DbError>(())
                })
            })
            .await?;
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
    // Cancelled before it could be told of: the letter that says so is on its way, and an invitation now would contradict it.
    if visit.status == Status::Cancelled && turn != Turn::Cancelled {
        return Ok(true);
    }
    let opened = world
        .db
        .run("mail person", move |tx| {
            let known = known.clone();
            Box::pin(async move { open_email(tx, &known, MAIL_PERSON, id.bytes()).await })
        })
        .await;
    let to = match opened {
        Ok(Some(email)) => email,
        Ok(None) => return Ok(false),
        Err(OpenError::Refused(_)) => return Ok(true),
        Err(OpenError::Db(_)) => return Err(Failure::Later("database")),
        Err(_) => return Err(Failure::Never("email_closed")),
    };
    let letter = letter::of_visit(world, post.from(), job.id, &visit, turn, to)?;
    post.send(letter, world.clock().now()).await.map(|()| true)
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
    }
}

fn person_text(world: &World, visit: &Appointment, turn: Turn, represented: bool) -> String {
    let at = visit.start.to_jiff().to_zoned(visit.time_zone());
    world.texts.of(visit.lang).with(
        person_text_id(visit, turn, represented),
        &[
            ("day", dates::day_month(visit.lang, at.date()).into()),
            ("time", dates::time(&at).into()),
            ("street", street(world, visit).into()),
            ("number", visit.number_shown().into()),
            ("link", own_link(world, visit).into()),
        ],
    )
}

/// The job [`TELL_CLINIC`]: nothing about the person is opened or sent.
///
/// # Errors
/// Why it was not sent.
pub async fn tell_clinic(world: World, gateway: Gateway, job: Job) -> Result<(), Failure> {
    let Payload { visit: id, turn } = job.read()?;
    let visit =
        world.db.read("visit to tell of", move |tx| Box::pin(store::any_appointment(tx, id))).await?.ok_or(Failure::Never("visit_gone"))?;
    // A try after one that failed: the word that the visit is off may have gone out in between, and this one would contradict it.
    if job.attempt > 1 && visit.status == Status::Cancelled && turn != Turn::Cancelled {
        return Ok(());
    }
    let catalogue = world.catalogue();
    let clinic = catalogue.role(visit.role).and_then(|role| catalogue.organization(role.organization));
    // A clinic without a number for messages gets none.
    let Some(to) = clinic.and_then(|clinic| clinic.notify_phone.clone()) else { return Ok(()) };
    let at = visit.start.to_jiff().to_zoned(visit.time_zone());
    // The clinic is written to in a language of its own city: the person's language is the person's.
    let country = catalogue.role(visit.role).and_then(|role| catalogue.city_of(role)).map(|city| city.country.as_str());
    let lang = if country == Some("KZ") { Lang::Kk } else { Lang::Ru };
    let link = format!("{}/clinic/visits/{}.{}", world.public_url, visit.id, tokens::clinic(&world.keys, visit.id));
    let text = world.texts.of(lang).with(
        if turn == Turn::Cancelled && visit.is_request() {
            "booking-clinic-sms-request-cancelled".to_owned()
        } else {
            format!("booking-clinic-sms-{}", turn.code())
        }
        .as_str(),
        &[
            ("number", visit.number_shown().into()),
            ("day", dates::day_month(lang, at.date()).into()),
            ("time", dates::time(&at).into()),
            ("link", link.into()),
        ],
    );
    gateway.send(Sms { id: job.id, to: Personal::new(to), text: Personal::new(text) }).await
}
