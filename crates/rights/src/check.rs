//! The policy's invariants, each a question to the databases whose answer must be zero (clause 8.1: control of the measures). What an answer names
//! is counts and codes, never anybody.

use clock::{DAY, Timestamp};
use db::{Db, DbError, Tx};
use privacy::audit::{self, Progress};
use privacy::dictionary::{self, Column};
use privacy::disclosure::{self, Ended, Notice};
use privacy::{Item, KeyError, KeyStore, LegalBasis, Operation, Profile, Purpose, Recipient};

use crate::retention::{self, KeptBy};
use crate::store::check as store;

/// What happened within this time may still be on its way.
const SLACK_DAYS: i64 = 2;

/// One invariant and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its name.
    pub name: &'static str,
    /// The clause that it comes from.
    pub clause: &'static str,
    /// How many things are not as they should be.
    pub count: i64,
    /// What to look at; codes, names of tables, never people.
    pub more: Vec<String>,
    /// Whether it is a warning: nothing is broken, somebody has something to do.
    pub warning: bool,
}

impl Finding {
    /// Whether all is as it should be.
    pub fn is_sound(&self) -> bool {
        self.count == 0
    }
}

/// What is checked besides the two databases.
pub struct Beside<'a> {
    /// The dictionary of the main database and of the key store.
    pub dictionaries: [Vec<Column>; 2],
    /// The columns that the two have.
    pub columns: [Vec<(String, String)>; 2],
    /// Files that nobody but their owner may read: their paths and Unix modes.
    pub files: &'a [(String, u32)],
    /// Copies of the key store that are past their term and still there: their names.
    pub old_copies: Vec<String>,
}

/// Names of findings shown at most.
const SHOWN_MAX: usize = 5;

fn found(name: &'static str, clause: &'static str, all: Vec<String>) -> Finding {
    let count = i64::try_from(all.len()).unwrap_or(i64::MAX);
    Finding { name, clause, count, more: all.into_iter().take(SHOWN_MAX).collect(), warning: false }
}

fn counted(name: &'static str, clause: &'static str, count: i64) -> Finding {
    Finding { name, clause, count, more: Vec::new(), warning: false }
}

fn warned(name: &'static str, clause: &'static str, count: i64) -> Finding {
    Finding { warning: true, ..counted(name, clause, count) }
}

/// Checks all of them; in a fixed order.
///
/// # Errors
/// A fault of one of the databases.
pub async fn check(db: &Db, keys: &KeyStore, profile: &Profile, beside: &Beside<'_>) -> Result<Vec<Finding>, KeyError> {
    let own = profile.clone();
    let mut findings = db
        .read("policy check", move |tx| {
            let profile = own.clone();
            Box::pin(async move { of_the_database(tx, &profile).await })
        })
        .await?;
    let [main, of_keys] = [0, 1].map(|at| dictionary::faults(&beside.dictionaries[at], &beside.columns[at]));
    findings.insert(0, found("every column stands in the dictionary", "1.2", [main, of_keys].concat()));
    findings.push(counted("no visit without a consent", "2.1", booking::count_without_consent(db, keys).await?));
    findings.push(past_their_term(db, keys, profile).await?);
    findings.push(counted("nobody who was erased has a key", "6.1", keys.count_risen().await?));
    let open = beside.files.iter().filter(|(_, mode)| mode & 0o077 != 0).map(|(path, _)| path.clone()).collect();
    findings.push(found("nobody else can read the stores", "2.8", open));
    findings.push(found("copies of keys go at their term", "12.2", beside.old_copies.clone()));
    findings.push(log_is_whole(db, keys).await?);
    findings.push(warned("the profile's numbers were read by a lawyer", "1.5", i64::from(profile.unchecked || profile.review)));
    Ok(findings)
}

async fn of_the_database(tx: &mut Tx, profile: &Profile) -> Result<Vec<Finding>, DbError> {
    let strange = |words: Vec<String>, known: fn(&str) -> bool| words.into_iter().filter(|word| !known(word)).collect::<Vec<String>>();
    let today = tx.now().day();
    let slack = tx.now().plus_minutes(-SLACK_DAYS * 24 * 60).micros();
    Ok(vec![
        found(
            "the log knows these operations alone",
            "1.2",
            strange(store::operations(tx).await?, |word| Operation::from_code(word).is_some()),
        ),
        found(
            "everything is for a purpose of the list",
            "2.1",
            strange(store::purposes(tx).await?, |word| Purpose::from_code(word).is_some()),
        ),
        found(
            "consent is given by an act",
            "2.7",
            strange(store::methods(tx).await?, |word| matches!(word, "web" | "partner" | "voice" | "paper")),
        ),
        counted("the words of every consent are kept", "2.7", store::consents_without_text(tx).await?),
        counted("what was taken back had been given", "13.1", store::withdrawn_of_nothing(tx).await?),
        counted("no visit stands whose consent was taken back", "13.1", store::visits_without_consent(tx).await?),
        counted("an erasure that was begun is ended", "12.1", store::erasures_open_since(tx, slack).await?),
        counted("what left went to somebody under contract", "4.1", store::disclosed_without_contract(tx).await?),
        found("what left is what its recipient may have", "4.1", beyond_masks(store::disclosed_kinds(tx).await?)),
        counted("what left has an end", "4.2", store::disclosed_without_end(tx, today - SLACK_DAYS).await?),
        found(
            "recipients are where data may go",
            "5.1",
            store::countries(tx).await?.into_iter().filter(|country| !profile.is_adequate(country)).collect(),
        ),
        counted("each number to call is one city's", "1.1", store::phones_twice(tx).await?),
        counted("each grant has an end and another's hand", "7.3", store::grants_without_end(tx).await?),
        counted("each auditor has a contract and a last day", "8.2", store::auditors_without_contract(tx).await?),
        counted("nobody whose access ended is signed in", "7.4", store::sessions_of_nobody(tx).await?),
        warned("contracts of recipients run", "4.2", store::contracts_over(tx, today).await?),
        warned(
            "recipients have acknowledged the notice",
            "4.2",
            store::not_acknowledged(tx, Notice::in_force().map_or(i64::MAX, |notice| notice.version)).await?,
        ),
    ])
}

/// Disclosures that no mask would let out, or whose basis or state is no word of ours: as `kind purpose items basis state`.
fn beyond_masks(kinds: Vec<[String; 6]>) -> Vec<String> {
    let sound = |[kind, purpose, items, basis, state, _]: &[String; 6]| {
        let (Some(kind), Some(purpose)) = (Recipient::from_code(kind), Purpose::from_code(purpose)) else { return false };
        let mask = disclosure::mask(kind, purpose);
        let within = items.split(',').all(|item| Item::from_code(item).is_some_and(|item| mask.contains(&item)));
        let ended = state == disclosure::PENDING || Ended::ALL.iter().any(|ended| ended.code() == state);
        within && ended && LegalBasis::from_code(basis).is_some()
    };
    kinds.into_iter().filter(|kind| !sound(kind)).map(|kind| kind[..5].join(" ")).collect()
}

async fn past_their_term(db: &Db, keys: &KeyStore, profile: &Profile) -> Result<Finding, KeyError> {
    let at = Timestamp(db.clock().now().micros() - SLACK_DAYS * DAY);
    let past = retention::past_at(db, keys, profile, at).await?;
    // Who has come again is counted as due until retention looks closer, so people by their term are its matter alone.
    let all = past
        .into_iter()
        .filter(|(term, count)| *count > 0 && retention::rule(*term).1 == KeptBy::Run && *term != privacy::TermKey::Identity)
        .map(|(term, count)| format!("{}: {count}", term.path()))
        .collect();
    Ok(found("nothing is kept past its term", "1.4", all))
}

async fn log_is_whole(db: &Db, keys: &KeyStore) -> Result<Finding, KeyError> {
    let quiet: Progress = std::sync::Arc::new(|_| {});
    let verified = audit::verify_database(db, keys.signer().public(), None, quiet).await;
    let wrong = match verified {
        Ok(_) => Vec::new(),
        Err(error) => vec![error.to_string()],
    };
    Ok(found("the log is whole", "7.4", wrong))
}
