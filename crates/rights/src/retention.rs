//! Retention: for each term of the profile, what is past it now and what will be within a month; and what makes it go. The list is an
//! exhaustive match over the terms, so a new term does not compile before somebody has said what keeps it.

use clock::{DAY, Timestamp};
use db::{Db, DbError, Tx};
use privacy::retention::{self, ConsentTerm, FORGOTTEN_AT_ONCE};
use privacy::{Clause, KeyError, KeyStore, Profile, TermKey};

use crate::erase::{self, EraseError};
use crate::store::{self, Counted};

/// The preview looks so far ahead.
pub const AHEAD_DAYS: i64 = 30;
/// Batches of one kind in one turn at most; the next turn goes on.
const BATCHES_MAX: usize = 200;

/// What makes rows of a term go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptBy {
    /// [`run`], every ten minutes and by `recomed retention run`.
    Run,
    /// The server's sweep, every minute.
    Sweep,
    /// Nothing of the kind is kept yet.
    Nothing,
    /// Files, deleted by `recomed backup` and by the server.
    Files,
}

/// One term of the profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The term.
    pub term: TermKey,
    /// What goes.
    pub what: &'static str,
    /// What makes it go.
    pub kept_by: KeptBy,
    /// How many are past it now.
    pub due: i64,
    /// How many more will be within [`AHEAD_DAYS`], if nothing changes.
    pub soon: i64,
    /// Since when the oldest of those past it stands there, by what the term counts from.
    pub oldest: Option<Timestamp>,
}

/// What goes by each term, and what makes it go.
pub fn rule(term: TermKey) -> (&'static str, KeptBy) {
    match term {
        TermKey::Tie => ("ties between visits and people", KeptBy::Run),
        TermKey::Identity => ("people, with everything sealed under their keys", KeptBy::Run),
        TermKey::Withdrawal => ("ties of visits whose consent was withdrawn", KeptBy::Run),
        TermKey::Claim => ("claims of visits", KeptBy::Sweep),
        TermKey::Hold => ("holds", KeptBy::Sweep),
        TermKey::Code => ("phone codes", KeptBy::Sweep),
        TermKey::CodeCount => ("counts of codes", KeptBy::Run),
        TermKey::Outbox => ("messages that were sent", KeptBy::Sweep),
        TermKey::Idempotency => ("idempotency keys", KeptBy::Sweep),
        TermKey::DeadJob => ("jobs whose tries ended", KeptBy::Run),
        TermKey::Recording => ("recordings of calls", KeptBy::Nothing),
        TermKey::ConsentProof => ("proofs of consents", KeptBy::Run),
        TermKey::Request => ("requests of people and their answers", KeptBy::Nothing),
        TermKey::ErasureAct => ("acts of destruction", KeptBy::Run),
        TermKey::Tombstone => ("tombstones of destroyed keys", KeptBy::Run),
        TermKey::SecurityLog => ("bodies of the log's entries", KeptBy::Run),
        TermKey::KeyBackup => ("copies of the key store", KeptBy::Files),
        TermKey::StaffSession => ("sessions of staff", KeptBy::Sweep),
        TermKey::StaffLink => ("links by which staff come in", KeptBy::Sweep),
        TermKey::StaffTries => ("counts of wrong sign-ins", KeptBy::Sweep),
    }
}

/// The clause of the policy that the term keeps; each is a clause of the text in force.
pub fn clause(term: TermKey) -> Clause {
    match term {
        TermKey::Withdrawal => Clause::C11_2,
        TermKey::ErasureAct | TermKey::Tombstone => Clause::C12_3,
        TermKey::KeyBackup => Clause::C12_2,
        // Not of users: what lets staff in.
        TermKey::StaffSession | TermKey::StaffLink | TermKey::StaffTries => Clause::C7_4,
        // What the text names by no number of days: nothing is kept longer than its purpose needs.
        TermKey::Claim | TermKey::CodeCount | TermKey::DeadJob => Clause::C1_4,
        TermKey::Tie
        | TermKey::Identity
        | TermKey::Hold
        | TermKey::Code
        | TermKey::Outbox
        | TermKey::Idempotency
        | TermKey::Recording
        | TermKey::ConsentProof
        | TermKey::Request
        | TermKey::SecurityLog => Clause::C11_1,
    }
}

/// What the main database has of a term that is past it at `now`; `None` for what it does not keep.
async fn past(tx: &mut Tx, profile: &Profile, term: TermKey, now: Timestamp) -> Result<Option<Counted>, DbError> {
    let span = profile.term(term);
    let (before, day) = (span.before(now).map_or(i64::MIN, Timestamp::micros), now.day());
    let in_days = |(number, day): Counted| (number, day.map(|day| day.saturating_mul(DAY)));
    Ok(Some(match term {
        TermKey::Tie => store::ties(tx, before).await?,
        TermKey::Withdrawal => in_days(store::withdrawn(tx, day - span.whole_days()).await?),
        TermKey::Claim => store::claims(tx, before).await?,
        TermKey::Hold => store::holds(tx, now.plus_minutes(-profile.retention.hold_grace_minutes).micros()).await?,
        TermKey::Code => store::codes(tx, now.micros()).await?,
        TermKey::Outbox => store::messages(tx, before).await?,
        TermKey::Idempotency => in_days(store::keys(tx, day - span.whole_days()).await?),
        TermKey::DeadJob => store::dead_jobs(tx, before).await?,
        TermKey::ConsentProof => {
            let term = ConsentTerm::on(day, profile);
            in_days(store::consents(tx, term.withdrawn_before, term.given_before).await?)
        }
        TermKey::ErasureAct => store::acts(tx, before).await?,
        TermKey::SecurityLog => store::entries(tx, Timestamp(before).day().saturating_mul(DAY)).await?,
        // Rows that say when they end.
        TermKey::StaffSession => store::sessions(tx, now.micros()).await?,
        TermKey::StaffLink => store::links(tx, now.micros()).await?,
        TermKey::StaffTries => store::tries(tx, before).await?,
        TermKey::Identity | TermKey::CodeCount | TermKey::Recording | TermKey::Request | TermKey::Tombstone | TermKey::KeyBackup => {
            return Ok(None);
        }
    }))
}

async fn counted(db: &Db, keys: &KeyStore, profile: &Profile, term: TermKey, now: Timestamp) -> Result<Counted, KeyError> {
    let own = profile.clone();
    let main = db.read("past their term", move |tx| {
        let profile = own.clone();
        Box::pin(async move { past(tx, &profile, term, now).await })
    });
    if let Some(counted) = main.await? {
        return Ok(counted);
    }
    let before_on = now.day() - profile.term(term).whole_days();
    let (number, day) = keys.past_term(term, before_on).await?.unwrap_or((0, None));
    Ok((number, day.map(|day| day.saturating_mul(DAY))))
}

/// How many of each term would be past it at that instant.
pub(crate) async fn past_at(db: &Db, keys: &KeyStore, profile: &Profile, at: Timestamp) -> Result<Vec<(TermKey, i64)>, KeyError> {
    let mut past = Vec::with_capacity(TermKey::ALL.len());
    for term in TermKey::ALL {
        past.push((term, counted(db, keys, profile, term, at).await?.0));
    }
    Ok(past)
}

/// What each term of the profile would take now, and within a month. Nothing is changed. Files are not looked at.
///
/// # Errors
/// A fault of one of the databases.
pub async fn preview(db: &Db, keys: &KeyStore, profile: &Profile) -> Result<Vec<Line>, KeyError> {
    let now = db.clock().now();
    let later = Timestamp(now.micros().saturating_add(AHEAD_DAYS * DAY));
    let mut lines = Vec::with_capacity(TermKey::ALL.len());
    for term in TermKey::ALL {
        let (what, kept_by) = rule(term);
        let (due, oldest) = counted(db, keys, profile, term, now).await?;
        let (all, _) = counted(db, keys, profile, term, later).await?;
        lines.push(Line { term, what, kept_by, due, soon: (all - due).max(0), oldest: oldest.map(Timestamp) });
    }
    Ok(lines)
}

/// What one turn has taken away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Erasures that had been begun and are done now.
    pub resumed: u64,
    /// By each term that had something.
    pub by_term: Vec<(TermKey, u64)>,
}

impl Taken {
    fn add(&mut self, term: TermKey, number: u64) {
        if number > 0 {
            self.by_term.push((term, number));
        }
    }

    /// All of it.
    pub fn count(&self) -> u64 {
        self.resumed + self.by_term.iter().map(|(_, number)| number).sum::<u64>()
    }
}

/// Settles visits that are over, ends erasures that were begun, then takes away whatever [`KeptBy::Run`] has past its term, in batches.
///
/// # Errors
/// A fault; what was taken until then is gone, and the next turn goes on.
pub async fn run(db: &Db, keys: &KeyStore, profile: &Profile) -> Result<Taken, EraseError> {
    let retention = &profile.retention;
    // Before any tie dies: a line of the ledger has the visit's number.
    booking::settle_due(db, retention.ledger_days_after_visit).await?;
    let mut taken = Taken { resumed: erase::resume(db, keys).await?, ..Taken::default() };
    taken.add(TermKey::CodeCount, keys.forget_counts(retention.code_count_days).await?);
    taken.add(TermKey::Tie, booking::untie_due(db, keys, retention.specialty_days_after_visit).await?);
    taken.add(TermKey::Withdrawal, erase::erase_withdrawn(db, keys, retention.data_days_after_withdrawal).await?);
    taken.add(TermKey::Identity, erase::erase_due(db, keys, retention.identity_days_after_last_visit).await?);
    taken.add(TermKey::Tombstone, keys.forget_tombstones(retention.tombstone_days).await?);

    let now = db.clock().now();
    let consents = ConsentTerm::on(now.day(), profile);
    let before = |term| profile.term(term).before(now).unwrap_or(Timestamp(i64::MIN));
    let (jobs, acts, entries) = (before(TermKey::DeadJob), before(TermKey::ErasureAct), before(TermKey::SecurityLog));
    let forgotten = batches(db, move |tx| Box::pin(db::jobs::forget_dead(tx, jobs, FORGOTTEN_AT_ONCE))).await?;
    taken.add(TermKey::DeadJob, forgotten);
    taken.add(TermKey::ConsentProof, batches(db, move |tx| Box::pin(retention::forget_consents(tx, consents))).await?);
    taken.add(TermKey::ErasureAct, batches(db, move |tx| Box::pin(retention::forget_acts(tx, acts))).await?);
    let signer = keys.signer().clone();
    let forgotten = batches(db, move |tx| {
        let signer = signer.clone();
        Box::pin(async move { retention::forget_entries(tx, &signer, entries).await })
    });
    taken.add(TermKey::SecurityLog, forgotten.await?);
    Ok(taken)
}

/// Runs a batch until it finds nothing more; how many rows went.
async fn batches<F>(db: &Db, batch: F) -> Result<u64, DbError>
where
    F: for<'t> Fn(&'t mut Tx) -> db::Work<'t, Result<u64, DbError>> + Clone + Send + Sync + 'static,
{
    let mut all = 0;
    for _ in 0..BATCHES_MAX {
        let gone = db.run("retention", batch.clone()).await?;
        all += gone;
        if gone == 0 {
            break;
        }
    }
    Ok(all)
}
