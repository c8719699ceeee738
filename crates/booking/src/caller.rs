//! Who calls the desk: the people of a phone number, masked; one of them opened once they have shown who they are; their coming visits. Every
//! opening rests on the consent for one of the person's own visits, and stands among the uses of that visit (clauses 2.1, 7.4).

use db::{DbError, Tx};
use patients::Phone;
use privacy::audit::{self, Entry};
use privacy::consent::{self, ConsentGiven};
use privacy::{Asker, Field, KeyError, Known, OpenError, Operation, PersonId, Purpose, SubjectKey, prove_staff};

use crate::appointment::{Appointment, AppointmentId};
use crate::book;
use crate::staff::{OpenForStaffError, Shut};
use crate::status::Status;
use crate::world::World;

/// Visits of a caller that are shown at most (I9): far more than anybody may have open.
const SHOWN_MAX: usize = 40;
/// Visits of a caller, newest first, among which a consent that stands is looked for.
const CONSENTS_LOOKED_AT_MAX: usize = 20;
/// Words of a name of which the first letter is shown.
const INITIALS_MAX: usize = 3;

/// Somebody who has given this phone number, as far as an agent sees them before they have shown who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnPhone {
    /// Who.
    pub person: PersonId,
    /// The first letters of their name.
    pub masked: String,
    /// How many visits and requests of theirs are open.
    pub coming: usize,
}

/// How a caller has shown who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// They said their whole name.
    Name,
    /// They said the number of a visit of theirs.
    VisitNumber,
    /// They were called back under the number that they had given.
    CalledBack,
}

impl Shown {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Shown; 3] = [Shown::Name, Shown::VisitNumber, Shown::CalledBack];

    /// The word of forms and of the log.
    pub fn code(self) -> &'static str {
        match self {
            Shown::Name => "caller_said_name",
            Shown::VisitNumber => "caller_said_number",
            Shown::CalledBack => "caller_called_back",
        }
    }

    /// The one with that word.
    pub fn from_code(code: &str) -> Option<Shown> {
        Shown::ALL.into_iter().find(|shown| shown.code() == code)
    }
}

fn unreadable(fault: KeyError) -> OpenForStaffError {
    tracing::error!(%fault, "a caller could not be found");
    OpenForStaffError::Unavailable
}

/// The first letters of a name: `И… А…`.
fn masked(name: &str) -> String {
    let letters = name.split_whitespace().filter_map(|word| word.chars().next()).take(INITIALS_MAX);
    letters.map(|letter| format!("{letter}…")).collect::<Vec<_>>().join(" ")
}

fn is_open(visit: &Appointment, now: clock::Timestamp) -> bool {
    matches!(visit.status, Status::Proposed | Status::Pending | Status::Booked) && visit.open_until() > now
}

/// The newest of a person's visits for which a consent to booking stands, with it; `None` where nothing allows to open them.
async fn ground(tx: &mut Tx, key: &SubjectKey, visits: &[Appointment]) -> Result<Option<(AppointmentId, Vec<ConsentGiven>)>, DbError> {
    for visit in visits.iter().rev().take(CONSENTS_LOOKED_AT_MAX) {
        let given = consent::given(tx, key, &visit.id.bytes()).await?;
        if given.iter().any(|given| given.purpose() == Purpose::P1) {
            return Ok(Some((visit.id, given)));
        }
    }
    Ok(None)
}

/// Opens the name under what the person has agreed to; what was shown for it, if anything, is written down first.
async fn open_name(
    tx: &mut Tx,
    known: &Known,
    session: [u8; 16],
    idle_minutes: i64,
    shown: Option<Shown>,
) -> Result<Option<(String, Vec<Appointment>)>, Shut> {
    let asker = Asker::Staff(prove_staff(tx, session, idle_minutes).await?.ok_or(Shut(OpenForStaffError::Refused, None))?);
    let (visits, _) = book::own_visits(tx, known.key()).await?;
    let Some((visit, consents)) = ground(tx, known.key(), &visits).await? else { return Ok(None) };
    if let Some(shown) = shown {
        let entry = Entry {
            operation: Operation::Use,
            purpose: Purpose::P1,
            asker: asker.code(),
            fields: Vec::new(),
            outcome: shown.code(),
            object: Some(visit.bytes()),
            subject: Some(known.key()),
        };
        audit::record(tx, &entry).await?;
    }
    let mut permit = patients::permit_of_staff(tx, known.key(), asker, &[Field::Name], visit.bytes(), &consents).await?;
    let name = known.sealed::<String>(Field::Name).ok_or(OpenError::Outside)?.open(tx, &mut permit).await?;
    Ok(Some((name.expose().clone(), visits)))
}

/// The people who have given this number, masked, for whoever has a call from it. A person whom nothing allows to open is not among them: they
/// are a new caller.
///
/// # Errors
/// Why not.
pub async fn people_on_phone(
    world: &World,
    phone: &Phone,
    session: [u8; 16],
    idle_minutes: i64,
) -> Result<Vec<OnPhone>, OpenForStaffError> {
    let keys = world.keys.by_phone(phone.e164()).await.map_err(unreadable)?;
    let people: Vec<PersonId> = keys.iter().filter_map(SubjectKey::person).collect();
    let mut known = world.keys.people(&people).await.map_err(unreadable)?;
    let known: Vec<Known> = people.iter().filter_map(|person| known.remove(person)).collect();
    world
        .db
        .run("people of a phone", move |tx| {
            let known = known.clone();
            Box::pin(async move {
                let (mut found, now) = (Vec::with_capacity(known.len()), tx.now());
                for one in &known {
                    if let Some((name, visits)) = open_name(tx, one, session, idle_minutes, None).await? {
                        let coming = visits.iter().filter(|visit| is_open(visit, now)).count();
                        found.push(OnPhone { person: one.person(), masked: masked(&name), coming });
                    }
                }
                Ok(found)
            })
        })
        .await
        .map_err(|Shut(why, _)| why)
}

/// Opens the name of a caller who has shown who they are; how, and the opening, are in the log.
///
/// # Errors
/// Why not.
pub async fn open_caller(
    world: &World,
    person: PersonId,
    shown: Shown,
    session: [u8; 16],
    idle_minutes: i64,
) -> Result<String, OpenForStaffError> {
    let known = world.keys.known(person).await.map_err(unreadable)?.ok_or(OpenForStaffError::Unknown)?;
    world
        .db
        .run("open a caller", move |tx| {
            let known = known.clone();
            Box::pin(async move {
                let opened = open_name(tx, &known, session, idle_minutes, Some(shown)).await?;
                opened.map(|(name, _)| name).ok_or(Shut(OpenForStaffError::Refused, None))
            })
        })
        .await
        .map_err(|Shut(why, _)| why)
}

/// The visits and requests of a caller that are open, the next one first. They name nobody (I5).
///
/// # Errors
/// A fault of the database or the key store.
pub async fn visits_of_caller(world: &World, person: PersonId) -> Result<Vec<Appointment>, DbError> {
    let key = world.keys.person(person).await.map_err(|_| DbError::Unavailable("key store".into()))?;
    let Some(key) = key else { return Ok(Vec::new()) };
    world
        .db
        .read("visits of a caller", move |tx| {
            let key = key.clone();
            Box::pin(async move {
                let now = tx.now();
                let (visits, _) = book::own_visits(tx, &key).await?;
                Ok(visits.into_iter().filter(|visit| is_open(visit, now)).take(SHOWN_MAX).collect())
            })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_name_is_its_first_letters() {
        assert_eq!(masked("Иванова Анна Петровна"), "И… А… П…");
        assert_eq!(masked("Ли"), "Л…");
        for shown in Shown::ALL {
            assert_eq!(Shown::from_code(shown.code()), Some(shown));
        }
    }
}
