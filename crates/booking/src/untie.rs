//! The tie between a visit and its person dies: thirty days after the visit (clause 11.1), or with the
//! person. Afterwards link and tag are noise of the same length, id and number are others, nobody acts for anybody, the pages of the visit are
//! gone, and what is left is a line of statistics: doctor, service, time, price.

use std::collections::BTreeSet;

use clock::{DAY, Timestamp};
use db::{Db, DbError, Tx};
use privacy::audit::{self, Entry};
use privacy::{KeyError, KeyStore, Operation, PersonId, Purpose, SubjectKey, consent};

use crate::appointment::{Appointment, AppointmentId};
use crate::book;
use crate::response;
use crate::settle;
use crate::status::Status;
use crate::store;
use crate::told;

/// Ties that die in one transaction at most: bookings wait for no more than that.
const UNTIED_AT_ONCE: i64 = 200;

/// A person's visits, oldest first, for whoever answers the person.
///
/// # Errors
/// A fault of the database.
pub async fn visits_of(tx: &mut Tx, key: &SubjectKey) -> Result<Vec<Appointment>, DbError> {
    Ok(book::own_visits(tx, key).await?.0)
}

/// The same, while no booking or erasure of this person goes on beside this transaction.
///
/// # Errors
/// A fault of the database.
pub async fn visits_for_change(tx: &mut Tx, key: &SubjectKey) -> Result<Vec<Appointment>, DbError> {
    book::one_at_a_time(tx, key).await?;
    visits_of(tx, key).await
}

/// Lets a person go: their coming visits are called off, the clinics told; all their visits are untied. They book nothing meanwhile, since
/// this holds the lock that a booking takes. How many visits there were.
///
/// # Errors
/// A fault of the database.
pub async fn let_go(tx: &mut Tx, keys: &KeyStore, key: &SubjectKey) -> Result<u64, DbError> {
    let visits = visits_for_change(tx, key).await?;
    for visit in &visits {
        call_off(tx, visit).await?;
    }
    let ids: Vec<AppointmentId> = visits.iter().map(|visit| visit.id).collect();
    untie(tx, keys, &ids, Name::Stays).await?;
    Ok(ids.len() as u64)
}

/// Lets visits go whose person is one of these and has no key any more: coming ones are called off, the clinics told, all are untied. All tied
/// visits are looked at; it is done when a backup has been brought back. How many were let go.
///
/// # Errors
/// A fault of one of the databases.
pub async fn let_go_of_dead(db: &Db, keys: &KeyStore, dead: BTreeSet<PersonId>) -> Result<u64, KeyError> {
    let (mut gone, mut after) = (0, AppointmentId(db::reexport::Uuid::nil()));
    if dead.is_empty() {
        return Ok(0);
    }
    loop {
        let tied = db.read("tied visits", move |tx| Box::pin(store::untie::tied_after(tx, after, UNTIED_AT_ONCE))).await?;
        let Some((last, _)) = tied.last() else { return Ok(gone) };
        after = *last;
        let of_dead = |(id, link): &(AppointmentId, Vec<u8>)| {
            keys.open_link(&id.bytes(), link).is_ok_and(|(person, _)| dead.contains(&person)).then_some(*id)
        };
        let visits: Vec<AppointmentId> = tied.iter().filter_map(of_dead).collect();
        gone += visits.len() as u64;
        let own = keys.clone();
        let done = db.run("let go of the dead", move |tx| {
            let (keys, visits) = (own.clone(), visits.clone());
            Box::pin(async move {
                for id in &visits {
                    if let Some(visit) = store::appointment_for_change(tx, *id).await? {
                        call_off(tx, &visit).await?;
                    }
                }
                untie(tx, &keys, &visits, Name::Stays).await
            })
        });
        done.await?;
    }
}

/// How many tied visits have no consent of their person beside them that stands, and are not waiting to be let go because it was withdrawn. All
/// tied visits are looked at, and each one's person is followed: a count of rows would let the proofs of old visits hide it.
///
/// # Errors
/// A fault of one of the databases.
pub async fn count_without_consent(db: &Db, keys: &KeyStore) -> Result<i64, KeyError> {
    let (mut without, mut after) = (0, AppointmentId(db::reexport::Uuid::nil()));
    loop {
        let tied = db.read("tied visits", move |tx| Box::pin(store::untie::tied_after(tx, after, UNTIED_AT_ONCE))).await?;
        let Some((last, _)) = tied.last() else { return Ok(without) };
        after = *last;
        let owners: Vec<(AppointmentId, PersonId)> =
            tied.iter().filter_map(|(id, link)| keys.open_link(&id.bytes(), link).ok().map(|(person, _)| (*id, person))).collect();
        let people = keys.people(&owners.iter().map(|(_, person)| *person).collect::<Vec<_>>()).await?;
        let known: Vec<(SubjectKey, [u8; 16])> =
            owners.iter().filter_map(|(id, person)| people.get(person).map(|known| (known.key().clone(), id.bytes()))).collect();
        // A link that does not open, or a person who is not there, has none either.
        without += i64::try_from(tied.len() - known.len()).unwrap_or(i64::MAX);
        let found = db.read("consents of visits", move |tx| {
            let known = known.clone();
            Box::pin(async move {
                let asked: Vec<(&SubjectKey, [u8; 16])> = known.iter().map(|(key, visit)| (key, *visit)).collect();
                let given = consent::given_each(tx, &asked).await?;
                let mut without = 0;
                for ((_, visit), given) in asked.iter().zip(given) {
                    let agreed = given.iter().any(|given| given.purpose() == Purpose::P1);
                    let visit = AppointmentId(db::reexport::Uuid::from_bytes(*visit));
                    if !agreed && store::withdraw::marked_on(tx, visit).await?.is_none() {
                        without += 1;
                    }
                }
                Ok::<_, DbError>(without)
            })
        });
        without += found.await?;
    }
}

/// Calls a visit off that is still to come; its clinic is told. Whether it was one.
pub(crate) async fn call_off(tx: &mut Tx, visit: &Appointment) -> Result<bool, DbError> {
    if visit.end <= tx.now() || !visit.status.may_become(Status::Cancelled) {
        return Ok(false);
    }
    store::set_status(tx, visit.id, Status::Cancelled).await?;
    response::forget(tx, visit.id).await?;
    told::leave_for_clinic(tx, visit.id).await?;
    if visit.status != Status::Proposed {
        store::release(tx, visit.id.bytes()).await?;
    }
    Ok(true)
}

/// What becomes of a visit's own name, its id and number, when it is untied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    /// It stays until the visit's time is over: the clinic may yet have to be told of it.
    Stays,
    /// It goes. The person's key lives on, and with it anybody who holds all keys could find the person's consents and entries of the log, which
    /// name the visit: the line of statistics must not be the visit that they name.
    Goes,
}

/// Unties these visits. Those that took place and are not settled yet leave their line in the ledger; a line whose visit keeps its number loses it.
pub(crate) async fn untie(tx: &mut Tx, keys: &KeyStore, visits: &[AppointmentId], name: Name) -> Result<(), DbError> {
    for some in visits.chunks(UNTIED_AT_ONCE as usize) {
        // While they still say when and where they were: money goes on without the tie.
        settle::settle_untied(tx, some).await?;
        if name == Name::Stays {
            store::settle::forget_numbers(tx, some).await?;
        }
        for visit in some {
            // Sealed under no key that anybody has: as long as a link, and as good as noise.
            let nobody = PersonId::random(tx.clock());
            let (link, tag) = (keys.seal_link(&tx.clock().bytes::<16>(), nobody, 0), tx.clock().bytes::<32>());
            store::untie::untie(tx, *visit, &link, tag).await?;
            patients::nobody_represents(tx, keys, &visit.bytes()).await?;
        }
        store::untie::forget_around(tx, some).await?;
        if name == Name::Goes {
            rename(tx, some).await?;
        }
    }
    Ok(())
}

async fn rename(tx: &mut Tx, visits: &[AppointmentId]) -> Result<(), DbError> {
    for visit in visits {
        let (id, number) = (AppointmentId::random(tx.clock()), Appointment::no_number(tx.clock()));
        store::untie::rename(tx, *visit, id, number).await?;
    }
    Ok(())
}

/// Takes their names from visits that were untied while a clinic had yet to be told of them, and are over.
async fn rename_due(db: &Db) -> Result<(), DbError> {
    loop {
        let renamed = db.run("rename visits", |tx| {
            Box::pin(async move {
                let visits = store::untie::named_still(tx, UNTIED_AT_ONCE).await?;
                rename(tx, &visits).await?;
                Ok::<_, DbError>(visits.len())
            })
        });
        if renamed.await? == 0 {
            return Ok(());
        }
    }
}

fn term(now: Timestamp, days: i64) -> Timestamp {
    Timestamp(now.micros() - days * DAY)
}

/// Unties what ended more than `days` days ago, the profile's term; how many. First the key store learns until when these people were seen, coarsely, since
/// afterwards nobody can tell: it is what their own term is counted from.
///
/// # Errors
/// A fault of the database or the key store.
pub async fn untie_due(db: &Db, keys: &KeyStore, days: i64) -> Result<u64, KeyError> {
    let mut untied = 0;
    loop {
        let due = db.read("ties due", move |tx| {
            let before = term(tx.now(), days);
            Box::pin(async move { store::untie::tied_before(tx, before, UNTIED_AT_ONCE).await })
        });
        let due: Vec<(AppointmentId, Vec<u8>, Timestamp)> = due.await?;
        if due.is_empty() {
            rename_due(db).await?;
            return Ok(untied);
        }
        // A link that does not open is as good as untied: it is made noise with the others.
        let seen: Vec<(PersonId, Timestamp)> =
            due.iter().filter_map(|(id, link, end)| keys.open_link(&id.bytes(), link).ok().map(|(person, _)| (person, *end))).collect();
        keys.seen(seen).await?;
        let (own, ids) = (keys.clone(), due.iter().map(|(id, ..)| *id).collect::<Vec<_>>());
        let done = db.run("untie", move |tx| {
            let (keys, ids) = (own.clone(), ids.clone());
            Box::pin(async move {
                untie(tx, &keys, &ids, Name::Goes).await?;
                // One entry for all of them: which they were is what must not be known any more.
                let entry = Entry {
                    operation: Operation::Delete,
                    purpose: Purpose::P9,
                    asker: "timetable".to_owned(),
                    fields: vec!["link"],
                    outcome: "untied",
                    object: None,
                    subject: None,
                };
                audit::record(tx, &entry).await.map(drop)
            })
        });
        done.await?;
        untied += due.len() as u64;
    }
}
