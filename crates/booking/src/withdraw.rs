//! A person takes back the consent that a visit rests on, at any time and for no reason. From the commit on nothing is opened under it: what
//! waits to be sent is refused when its turn comes. A visit that is still to come is called off, whatever the cut-off, since nobody may be
//! received of whom nothing may be known.

use db::{Db, DbError, Tx};
use privacy::audit::{self, Entry};
use privacy::consent::{self, Withdrawn};
use privacy::erasure::{self, Begun, Reason};
use privacy::{Evidence, KeyError, KeyStore, Operation, Purpose, SubjectKey};

use crate::appointment::{Appointment, AppointmentId};
use crate::status::Status;
use crate::{book, cancel, store, untie};

/// Visits looked at in one read.
const LOOKED_AT_ONCE: i64 = 200;

/// Why nothing is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WithdrawError {
    /// No such visit.
    Unknown,
    /// The visit rests on no consent for that purpose.
    NotGiven,
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for WithdrawError {
    fn from(error: DbError) -> Self {
        WithdrawError::Db(error)
    }
}

impl db::Refusal for WithdrawError {
    fn fault(&self) -> Option<&DbError> {
        if let WithdrawError::Db(error) = self { Some(error) } else { None }
    }
}

impl WithdrawError {
    /// The stable code of API and audit.
    pub fn code(&self) -> &'static str {
        match self {
            WithdrawError::Unknown => "visit_unknown",
            WithdrawError::NotGiven => "consent_not_given",
            WithdrawError::Db(_) => "unavailable",
        }
    }
}

/// Takes back the consent of the person of `key` for `purpose` in this visit, and calls the visit off if it lies ahead. Taking back twice is
/// no error and leaves no second event. The visit as it stands then.
pub(crate) async fn withdraw(
    tx: &mut Tx,
    key: &SubjectKey,
    id: AppointmentId,
    purpose: Purpose,
    evidence: &Evidence,
    asker: &str,
) -> Result<Appointment, WithdrawError> {
    // Under its lock: two withdrawals of one visit follow each other, and so do a withdrawal and a move.
    let mut visit = store::appointment_for_change(tx, id).await?.ok_or(WithdrawError::Unknown)?;
    match consent::withdraw(tx, key, &id.bytes(), purpose, evidence).await? {
        Withdrawn::Before => return Ok(visit),
        Withdrawn::Never => {
            record(tx, key, id, purpose, WithdrawError::NotGiven.code(), asker).await?;
            return Err(WithdrawError::NotGiven);
        }
        Withdrawn::Now => record(tx, key, id, purpose, "withdrawn", asker).await?,
    }
    if purpose != Purpose::P1 {
        return Ok(visit);
    }
    let today = tx.now().day();
    store::withdraw::mark(tx, id, today).await?;
    store::withdraw::forget_call(tx, id).await?;
    if untie::call_off(tx, &visit).await? {
        visit.status = Status::Cancelled;
        cancel::record(tx, id, asker, "cancelled", Some(key)).await?;
    }
    Ok(visit)
}

/// What is left of the data is kept from all use until it is destroyed.
async fn record(
    tx: &mut Tx,
    key: &SubjectKey,
    id: AppointmentId,
    purpose: Purpose,
    outcome: &'static str,
    asker: &str,
) -> Result<(), DbError> {
    let entry = Entry {
        operation: Operation::Block,
        purpose,
        asker: asker.to_owned(),
        fields: vec!["consent"],
        outcome,
        object: Some(id.bytes()),
        subject: Some(key),
    };
    audit::record(tx, &entry).await.map(drop)
}

/// Takes back the consent for `purpose` in every visit of the person, for whoever answers their letter; in how many it stood.
///
/// # Errors
/// A fault of the database.
pub async fn withdraw_all(tx: &mut Tx, key: &SubjectKey, purpose: Purpose, evidence: &Evidence, asker: &str) -> Result<u64, WithdrawError> {
    let mut withdrawn = 0;
    for visit in untie::visits_for_change(tx, key).await? {
        if !consent::given(tx, key, &visit.id.bytes()).await?.iter().any(|given| given.purpose() == purpose) {
            continue;
        }
        withdraw(tx, key, visit.id, purpose, evidence, asker).await?;
        withdrawn += 1;
    }
    Ok(withdrawn)
}

/// What came of the visits whose consent was taken back `days` days ago or more, the profile's term.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LetGo {
    /// Visits that were untied from people who have others.
    pub untied: u64,
    /// People of whom nothing else rests on a consent: their erasure is begun.
    pub begun: Vec<Begun>,
}

/// Unties visits whose consent was taken back `days` days ago or more; whoever has no other is being erased from then on (text 12.2).
///
/// # Errors
/// A fault of one of the databases.
pub async fn let_go_of_withdrawn(db: &Db, keys: &KeyStore, days: i64, asker: &'static str) -> Result<LetGo, KeyError> {
    let (mut done, mut after) = (LetGo::default(), AppointmentId(db::reexport::Uuid::nil()));
    loop {
        let marked = db.read("withdrawn visits", move |tx| {
            let day = tx.now().day() - days;
            Box::pin(async move { store::withdraw::marked(tx, day, after, LOOKED_AT_ONCE).await })
        });
        let marked: Vec<(AppointmentId, Vec<u8>)> = marked.await?;
        let Some((last, _)) = marked.last() else { return Ok(done) };
        after = *last;
        for (visit, link) in marked {
            let person = keys.open_link(&visit.bytes(), &link).ok().map(|(person, _)| person);
            let key = match person {
                Some(person) => keys.person(person).await?,
                None => None,
            };
            let own = keys.clone();
            let gone = db.run("let go of the withdrawn", move |tx| {
                let (keys, key) = (own.clone(), key.clone());
                Box::pin(async move { let_go(tx, &keys, key.as_ref(), visit, days, asker).await })
            });
            match gone.await? {
                Some(begun) => done.begun.push(begun),
                None => done.untied += 1,
            }
        }
    }
}

/// One of them: the person's erasure, or nothing when only this visit was untied.
async fn let_go(
    tx: &mut Tx,
    keys: &KeyStore,
    key: Option<&SubjectKey>,
    visit: AppointmentId,
    days: i64,
    asker: &str,
) -> Result<Option<Begun>, DbError> {
    if let Some(key) = key {
        // While this holds the person's lock they book nothing.
        book::one_at_a_time(tx, key).await?;
        let (last_day, visits) = (tx.now().day() - days, untie::visits_of(tx, key).await?);
        let mut nothing_else = visits.iter().any(|own| own.id == visit);
        for own in &visits {
            nothing_else &= store::withdraw::marked_on(tx, own.id).await?.is_some_and(|day| day <= last_day);
        }
        if nothing_else {
            let visits = untie::let_go(tx, keys, key).await?;
            return erasure::begin(tx, keys, key, Reason::Withdrawn, asker, visits).await.map(Some);
        }
    }
    // Where nothing is waited for, the clinic may not have been told yet that the visit is off.
    let name = if days > 0 { untie::Name::Goes } else { untie::Name::Stays };
    untie::untie(tx, keys, &[visit], name).await?;
    Ok(None)
}
