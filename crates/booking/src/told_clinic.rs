//! What a clinic is told of a visit: number, time and a link, by a text message, by a letter, or both, as it has chosen; never a name, never a
//! specialty (clause 4.1: the least that does it).

use askama::Template;
use db::Lang;
use db::jobs::{Failure, Job, JobId};
use directory::catalogue::Organization;
use notify::{Gateway, Letter, Post, Sms};
use privacy::disclosure::{self, Clinic, Disclosed, Ground, Leaving, NotDisclosed, Parts, Payload as Sendable, To};
use privacy::{Item, Personal, Purpose, Recipient};
use web::dates;

use crate::appointment::Appointment;
use crate::status::Status;
use crate::store;
use crate::tokens;
use crate::told::{MAIL_CLINIC, Payload, TELL_CLINIC, Turn, filled, is_last};
use crate::way::Way;
use crate::world::World;

/// The page of a letter to a clinic: no pictures, nothing fetched from anywhere.
#[derive(Template)]
#[template(path = "clinic_letter.html")]
struct LetterPage<'a> {
    lang: Lang,
    text: &'a str,
    link: &'a str,
    answer: &'a str,
}

/// Whom a message goes to, and what it is about.
struct Told<'a> {
    world: &'a World,
    message: JobId,
    clinic: &'a Organization,
    way: &'a Way,
    /// The clinic is written to in a language of its own city: the person's language is the person's.
    lang: Lang,
    text_id: &'a str,
}

/// The job [`TELL_CLINIC`]: nothing about the person is opened or sent; that a time is taken is disclosed to the clinic of the visit, which the
/// directory names, by the carrier of text messages. A clinic without a number, or one that wants no messages, gets none.
///
/// # Errors
/// Why it was not sent.
pub async fn tell_clinic(world: World, gateway: Gateway, job: Job) -> Result<(), Failure> {
    let number = |told: &Told<'_>| told.clinic.notify_phone.clone().filter(|_| told.way.sms);
    let sms = disclosed(&world, &job, TELL_CLINIC, Recipient::SmsCarrier, number, |told, to, parts| {
        let text = filled(told.world, told.lang, told.text_id, parts);
        Some(Sms { id: told.message, to: Personal::new(to), text: Personal::new(text) })
    });
    match sms.await? {
        Some(sms) => gateway.send(&world.db, sms, is_last(&job)).await,
        None => Ok(()),
    }
}

/// The job [`MAIL_CLINIC`]: the same by the carrier of letters, to the address that the clinic has chosen. Its subject is the visit's number alone: it is
/// read over shoulders, and lies in the logs of carriers.
///
/// # Errors
/// Why it was not sent.
pub async fn mail_clinic(world: World, post: Post, job: Job) -> Result<(), Failure> {
    let address = |told: &Told<'_>| told.way.mail.clone();
    let letter = disclosed(&world, &job, MAIL_CLINIC, Recipient::MailCarrier, address, |told, to, parts| {
        let (texts, text) = (told.world.texts.of(told.lang), filled(told.world, told.lang, told.text_id, parts));
        let answer = texts.s("booking-clinic-letter-answer");
        let html = LetterPage { lang: told.lang, text: &text, link: parts.get(Item::Link), answer: &answer }.render().ok()?;
        Some(Letter {
            id: told.message,
            to: Personal::new(to),
            subject: Personal::new(texts.one("booking-clinic-letter-subject", "number", parts.get(Item::Number).to_owned())),
            text: Personal::new(text),
            html: Personal::new(html),
            calendar: None,
        })
    });
    match letter.await? {
        Some(letter) => post.send(&world.db, letter, is_last(&job)).await,
        None => Ok(()),
    }
}

/// The message, disclosed; `None` when the clinic is not told in that way, or was told already.
async fn disclosed<T: Sendable + Send + 'static>(
    world: &World,
    job: &Job,
    kind: &'static str,
    carrier: Recipient,
    to: fn(&Told<'_>) -> Option<String>,
    write: fn(&Told<'_>, String, &Parts) -> Option<T>,
) -> Result<Option<Disclosed<T>>, Failure> {
    let Payload { visit: id, turn } = job.read()?;
    let visit =
        world.db.read("visit to tell of", move |tx| Box::pin(store::any_appointment(tx, id))).await?.ok_or(Failure::Never("visit_gone"))?;
    // A try after one that failed: the word that the visit is off may have gone out in between, and this one would contradict it.
    if job.attempt > 1 && visit.status == Status::Cancelled && turn != Turn::Cancelled {
        return Ok(None);
    }
    let (own, message) = (world.clone(), job.id);
    let disclosed = world
        .db
        .run("tell clinic", move |tx| {
            let (world, visit) = (own.clone(), visit.clone());
            Box::pin(async move {
                let catalogue = world.catalogue();
                let role = catalogue.role(visit.role);
                let Some(clinic) = role.and_then(|role| catalogue.organization(role.organization)) else { return Ok(None) };
                let way = store::way::of(tx, clinic.id).await?.unwrap_or_default();
                let country = role.and_then(|role| catalogue.city_of(role)).map_or("", |city| city.country.as_str());
                let lang = if country == "KZ" { Lang::Kk } else { Lang::Ru };
                let text_id = clinic_text_id(&visit, turn);
                let told = Told { world: &world, message, clinic, way: &way, lang, text_id: &text_id };
                let Some(address) = to(&told) else { return Ok(None) };
                let receiver = To::Clinic(Clinic { id: clinic.id.bytes(), name: &clinic.names.ru, country });
                let door = disclosure::door(tx, &world.profile, receiver, Some(carrier)).await?;
                // Called off with the person: whose visit it was nobody can tell any more.
                let tie = store::appointment_link(tx, id).await?.unwrap_or_default();
                let leaving = Leaving { purpose: Purpose::P1, ground: Ground::Request, job: kind, object: id.bytes(), tie: &tie, message };
                let parts = clinic_parts(&world, &visit, lang, turn);
                let written = |parts: &Parts| write(&told, address, parts);
                door.disclose(tx, &world.keys, &world.profile, leaving, parts, written).await.map(Some)
            })
        })
        .await;
    match disclosed {
        Ok(written) => Ok(written),
        Err(NotDisclosed::Already) => Ok(None),
        Err(refused) => Err(refused.into()),
    }
}

fn clinic_text_id(visit: &Appointment, turn: Turn) -> String {
    match turn {
        Turn::Cancelled if visit.is_request() => "booking-clinic-sms-request-cancelled".to_owned(),
        _ => format!("booking-clinic-sms-{}", turn.code()),
    }
}

fn clinic_parts(world: &World, visit: &Appointment, lang: Lang, turn: Turn) -> Parts {
    let parts = Parts::new().with(Item::Number, visit.number_shown());
    let parts = if visit.is_request() || turn == Turn::Requested {
        parts
    } else {
        let at = visit.start.to_jiff().to_zoned(visit.time_zone());
        parts.with(Item::Day, dates::day_month(lang, at.date())).with(Item::Time, dates::time(&at))
    };
    let link = format!("{}/clinic/visits/{}.{}", world.public_url, visit.id, tokens::clinic(&world.keys, visit.id));
    parts.with(Item::Link, link)
}
