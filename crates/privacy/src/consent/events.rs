//! That a consent was given, or taken back: entries that nobody changes. A withdrawal ends the consent to its act for good; who agrees again
//! does so for another act, so that no order of entries has to be known beyond the day.

use std::collections::HashMap;

use clock::Timestamp;
use db::{DbError, Row, Tx, args};

use super::{ConsentDocument, ConsentEventId, Evidence, Method, TextKind};
use crate::keys::SubjectKey;
use crate::store;
use crate::vocabulary::Purpose;

/// What an event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It was given.
    Given,
    /// It was taken back.
    Withdrawn,
}

impl Turn {
    /// The word of the database and of exports.
    pub fn code(self) -> &'static str {
        match self {
            Turn::Given => "given",
            Turn::Withdrawn => "withdrawn",
        }
    }
}

/// A consent that stands. It is only ever read from the events of the log: whoever asks [`crate::decide`] cannot bring one of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsentGiven {
    purpose: Purpose,
    version: i64,
}

impl ConsentGiven {
    /// For which purpose it was given.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// To which version of the document.
    pub fn version(&self) -> i64 {
        self.version
    }

    #[cfg(test)]
    pub(crate) fn for_tests(purpose: Purpose) -> ConsentGiven {
        ConsentGiven { purpose, version: 1 }
    }
}

/// Commitments to the subject and the act, one for each kind of text.
fn commitment(key: &SubjectKey, kind: TextKind, act: &[u8; 16]) -> [u8; 32] {
    key.commitment(if kind == TextKind::Declaration { b"declaration" } else { b"consent" }, act)
}

/// Records that the subject, or whoever acts for them, agreed to `document` for the act `act` (a visit's id).
///
/// # Errors
/// A fault of the database, or a script that was read for another purpose.
pub async fn record(tx: &mut Tx, key: &SubjectKey, act: &[u8; 16], document: &ConsentDocument, evidence: &Evidence) -> Result<(), DbError> {
    append(tx, commitment(key, TextKind::Consent, act), Turn::Given, &Agreed::from(document), evidence).await
}

/// Records that somebody declared `document` for the subject and the act `act`: that they may act for them. An event of its own, so that no
/// event covers two documents; found again only with the subject's key, as a consent is.
///
/// # Errors
/// As [`record`].
pub async fn record_declaration(
    tx: &mut Tx,
    key: &SubjectKey,
    act: &[u8; 16],
    document: &ConsentDocument,
    evidence: &Evidence,
) -> Result<(), DbError> {
    append(tx, commitment(key, TextKind::Declaration, act), Turn::Given, &Agreed::from(document), evidence).await
}

/// What was agreed to.
struct Agreed<'a> {
    purpose: Purpose,
    version: i64,
    sha256: &'a str,
    lang: &'a str,
}

impl<'a> From<&'a ConsentDocument> for Agreed<'a> {
    fn from(document: &'a ConsentDocument) -> Self {
        Agreed { purpose: document.purpose, version: document.version, sha256: &document.sha256, lang: document.lang.code() }
    }
}

async fn append(tx: &mut Tx, subject: [u8; 32], turn: Turn, agreed: &Agreed<'_>, evidence: &Evidence) -> Result<(), DbError> {
    if !evidence.fits(agreed.purpose) {
        return Err(DbError::Shape("the script that was read is for another purpose".into()));
    }
    let id = ConsentEventId::random(tx.clock());
    let mut columns = args![
        id,
        subject,
        agreed.purpose.code(),
        agreed.version,
        agreed.sha256,
        agreed.lang,
        evidence.method().code(),
        tx.now().day(),
        turn.code()
    ]
    .to_vec();
    columns.extend(evidence.columns());
    store::append_consent(tx, &columns).await
}

/// What came of a withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawn {
    /// It stood, and stands no more.
    Now,
    /// It had been taken back before.
    Before,
    /// It was never given.
    Never,
}

/// Takes back the consent that the subject gave to `purpose` for the act. From the commit on no permit rests on it. The caller lets no other
/// withdrawal of this act go on beside this transaction.
///
/// # Errors
/// As [`record`].
pub async fn withdraw(tx: &mut Tx, key: &SubjectKey, act: &[u8; 16], purpose: Purpose, evidence: &Evidence) -> Result<Withdrawn, DbError> {
    let events = of_kind(tx, key, act, TextKind::Consent).await?;
    let mut events = events.iter().filter(|event| event.purpose == purpose);
    if events.clone().any(|event| event.turn == Turn::Withdrawn) {
        return Ok(Withdrawn::Before);
    }
    let Some(given) = events.next() else { return Ok(Withdrawn::Never) };
    let agreed = Agreed { purpose, version: given.version, sha256: &given.sha256, lang: &given.lang };
    append(tx, commitment(key, TextKind::Consent, act), Turn::Withdrawn, &agreed, evidence).await?;
    Ok(Withdrawn::Now)
}

/// The consents that the subject gave for the act and has not taken back.
///
/// # Errors
/// A fault of the database.
pub async fn given(tx: &mut Tx, key: &SubjectKey, act: &[u8; 16]) -> Result<Vec<ConsentGiven>, DbError> {
    Ok(given_each(tx, &[(key, *act)]).await?.pop().unwrap_or_default())
}

/// The standing consents of each subject for its act, in the order asked for; one statement however many they are.
///
/// # Errors
/// A fault of the database.
pub async fn given_each(tx: &mut Tx, of: &[(&SubjectKey, [u8; 16])]) -> Result<Vec<Vec<ConsentGiven>>, DbError> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let subjects: Vec<[u8; 32]> = of.iter().map(|(key, act)| commitment(key, TextKind::Consent, act)).collect();
    let mut found: HashMap<[u8; 32], Vec<ConsentGiven>> = HashMap::with_capacity(of.len());
    for row in &store::consents(tx, &subjects).await? {
        if let Some(purpose) = Purpose::from_code(&row.get::<String>(1)?) {
            found.entry(row.get(0)?).or_default().push(ConsentGiven { purpose, version: row.get(2)? });
        }
    }
    // The same act may be asked for twice.
    Ok(subjects.iter().map(|subject| found.get(subject).cloned().unwrap_or_default()).collect())
}

/// A consent as the log has it, for the person who gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentEvent {
    /// A consent, or a declaration.
    pub kind: TextKind,
    /// Given, or taken back.
    pub turn: Turn,
    /// For which purpose.
    pub purpose: Purpose,
    /// To which version of the document.
    pub version: i64,
    /// SHA-256 of the text, in hex: [`super::published`] has it.
    pub sha256: String,
    /// In which language.
    pub lang: String,
    /// How.
    pub method: Method,
    /// On which day, in days since 1970-01-01. The act itself, a visit, has an entry with its instant in the audit log.
    pub day: i64,
    /// Of a spoken one: the instant, which is its proof, since nothing is recorded.
    pub spoken_at: Option<Timestamp>,
    /// Of a spoken one: version and hash of what was read aloud.
    pub script: Option<(i64, String)>,
    /// Of a spoken one: the key that was pressed.
    pub keypad: Option<String>,
    /// Of one on paper: where the register has it.
    pub sheet: Option<String>,
    /// Who heard it, or entered the sheet.
    pub witness: Option<String>,
}

/// The consents and declarations that the subject gave for the act and what they took back, each kind in the order of its days.
///
/// # Errors
/// A fault of the database.
pub async fn events(tx: &mut Tx, key: &SubjectKey, act: &[u8; 16]) -> Result<Vec<ConsentEvent>, DbError> {
    let mut events = of_kind(tx, key, act, TextKind::Consent).await?;
    events.extend(of_kind(tx, key, act, TextKind::Declaration).await?);
    Ok(events)
}

async fn of_kind(tx: &mut Tx, key: &SubjectKey, act: &[u8; 16], kind: TextKind) -> Result<Vec<ConsentEvent>, DbError> {
    let rows = store::consent_events(tx, commitment(key, kind, act)).await?;
    let mut events = rows.iter().map(|row| event(row, kind)).collect::<Result<Vec<ConsentEvent>, DbError>>()?;
    // On one day the giving comes first.
    events.sort_by_key(|event| (event.day, event.turn == Turn::Withdrawn));
    Ok(events)
}

fn event(row: &Row, kind: TextKind) -> Result<ConsentEvent, DbError> {
    let strange = |what: &str| DbError::Shape(format!("a consent event has a strange {what}"));
    let turn = match row.get::<String>(6)?.as_str() {
        "given" => Turn::Given,
        "withdrawn" => Turn::Withdrawn,
        _ => return Err(strange("turn")),
    };
    Ok(ConsentEvent {
        kind,
        turn,
        purpose: Purpose::from_code(&row.get::<String>(0)?).ok_or_else(|| strange("purpose"))?,
        version: row.get(1)?,
        sha256: row.get(2)?,
        lang: row.get(3)?,
        method: Method::from_code(&row.get::<String>(4)?).ok_or_else(|| strange("method"))?,
        day: row.get(5)?,
        spoken_at: row.get(7)?,
        script: row.get::<Option<i64>>(8)?.zip(row.get::<Option<String>>(9)?),
        keypad: row.get(10)?,
        sheet: row.get(11)?,
        witness: row.get(12)?,
    })
}
