//! Consent: the documents a person agrees to, word for word, and the events that they did. An event is proof, so it is
//! append-only and names the document's version and hash; it stands beside one act (a booking) and carries a commitment to the
//! person, not the person (clauses 2.1, 2.7).

use std::collections::HashMap;
use std::fmt::Write as _;

use db::{DbError, Lang, Names, Tx, args};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::keys::SubjectKey;
use crate::store;
use crate::vocabulary::Purpose;

db::id!(
    /// A consent event's id.
    pub ConsentEventId
);

/// Who runs the site: fills the places left open in policy and consent documents. Nothing may be empty (clause 1.1).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct OperatorIdentity {
    /// Full name of the operator.
    pub name: Names,
    /// Postal address.
    pub address: Names,
    /// Host names of the site.
    pub hosts: Vec<String>,
    /// Where questions and written applications go.
    pub contact_email: String,
}

impl OperatorIdentity {
    /// Fills `{operator_name}`, `{operator_address}`, `{hosts}` and `{contact_email}` of a text in that language.
    pub fn fill(&self, text: &str, lang: Lang) -> String {
        text.replace("{operator_name}", self.name.get(lang))
            .replace("{operator_address}", self.address.get(lang))
            .replace("{hosts}", &self.hosts.join(", "))
            .replace("{contact_email}", &self.contact_email)
    }
}

/// A document that can be agreed to: one purpose, one version, one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentDocument {
    /// The one purpose it covers.
    pub purpose: Purpose,
    /// Its version.
    pub version: i64,
    /// Its language.
    pub lang: Lang,
    /// What one agrees to, in a sentence.
    pub short: String,
    /// The whole text (Markdown), which begins with the sentence.
    pub text: String,
    /// SHA-256 of `text`, in hex: names exactly what was agreed to.
    pub sha256: String,
}

/// All documents in force.
#[derive(Debug, Clone)]
pub struct Documents {
    consents: HashMap<(Purpose, Lang), ConsentDocument>,
    declarations: HashMap<Lang, ConsentDocument>,
}

#[derive(Deserialize)]
struct VersionFile {
    purpose: Purpose,
    version: i64,
}

impl Documents {
    /// The documents as this operator publishes them.
    ///
    /// # Errors
    /// A text whose places could not all be filled, or a version file that cannot be read.
    pub fn new(operator: &OperatorIdentity) -> Result<Documents, String> {
        let consents = read(
            operator,
            "booking consent",
            include_str!("../../../policy/consents/booking/version.toml"),
            [
                (Lang::Kk, include_str!("../../../policy/consents/booking/kk.md")),
                (Lang::Ru, include_str!("../../../policy/consents/booking/ru.md")),
                (Lang::En, include_str!("../../../policy/consents/booking/en.md")),
            ],
        )?;
        let declarations = read(
            operator,
            "declaration of a representative",
            include_str!("../../../policy/declarations/representative/version.toml"),
            [
                (Lang::Kk, include_str!("../../../policy/declarations/representative/kk.md")),
                (Lang::Ru, include_str!("../../../policy/declarations/representative/ru.md")),
                (Lang::En, include_str!("../../../policy/declarations/representative/en.md")),
            ],
        )?;
        Ok(Documents {
            consents: consents.into_iter().map(|document| ((document.purpose, document.lang), document)).collect(),
            declarations: declarations.into_iter().map(|document| (document.lang, document)).collect(),
        })
    }

    /// The document in force for a purpose, if there is one.
    pub fn get(&self, purpose: Purpose, lang: Lang) -> Option<&ConsentDocument> {
        self.consents.get(&(purpose, lang))
    }

    /// The document that was shown to a person who names its version and hash; `None` when no such document is in force.
    pub fn agreed(&self, purpose: Purpose, version: i64, sha256: &str) -> Option<&ConsentDocument> {
        self.consents.values().find(|document| document.purpose == purpose && document.version == version && document.sha256 == sha256)
    }

    /// What somebody declares who acts for another person (clause 2.4).
    pub fn declaration(&self, lang: Lang) -> Option<&ConsentDocument> {
        self.declarations.get(&lang)
    }

    /// The declaration that was shown to somebody who names its version and hash; `None` when it is not in force.
    pub fn declared(&self, version: i64, sha256: &str) -> Option<&ConsentDocument> {
        self.declarations.values().find(|document| document.version == version && document.sha256 == sha256)
    }
}

/// One document in its languages, its open places filled.
fn read(operator: &OperatorIdentity, what: &str, version: &str, texts: [(Lang, &'static str); 3]) -> Result<Vec<ConsentDocument>, String> {
    let version: VersionFile = toml::from_str(version).map_err(|error| format!("{what}: {}", error.message()))?;
    let filled = texts.into_iter().map(|(lang, text)| {
        let text = operator.fill(text.trim(), lang);
        if text.contains('{') {
            return Err(format!("{what}, {lang}: a place was left open"));
        }
        let short =
            text.lines().next().and_then(|line| line.strip_prefix("> ")).ok_or(format!("{what}, {lang}: the short form is missing"))?;
        Ok(ConsentDocument {
            purpose: version.purpose,
            version: version.version,
            lang,
            short: short.to_owned(),
            sha256: sha256_hex(text.as_bytes()),
            text,
        })
    });
    filled.collect()
}

/// SHA-256 in lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing into a String cannot fail.
        let _always = write!(hex, "{byte:02x}");
        hex
    })
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

/// Records that the subject, or whoever acts for them, agreed to `document` for the act `act` (a visit's id), by `method` (`web`, `partner`).
///
/// # Errors
/// A fault of the database.
pub async fn record(
    tx: &mut Tx,
    key: &SubjectKey,
    act: &[u8; 16],
    document: &ConsentDocument,
    method: &'static str,
) -> Result<(), DbError> {
    append(tx, key.commitment(b"consent", act), document, method).await
}

/// Records that somebody declared `document` for the subject and the act `act`: that they may act for them. An event of its own, so that no
/// event covers two documents; found again only with the subject's key, as a consent is.
///
/// # Errors
/// A fault of the database.
pub async fn record_declaration(
    tx: &mut Tx,
    key: &SubjectKey,
    act: &[u8; 16],
    document: &ConsentDocument,
    method: &'static str,
) -> Result<(), DbError> {
    append(tx, key.commitment(b"declaration", act), document, method).await
}

async fn append(tx: &mut Tx, subject: [u8; 32], document: &ConsentDocument, method: &'static str) -> Result<(), DbError> {
    let id = ConsentEventId::random(tx.clock());
    let given_on = tx.now().day();
    let columns =
        args![id, subject, document.purpose.code(), document.version, document.sha256.as_str(), document.lang.code(), method, given_on];
    store::append_consent(tx, &columns).await
}

/// The consents that the subject gave for the act.
///
/// # Errors
/// A fault of the database.
pub async fn given(tx: &mut Tx, key: &SubjectKey, act: &[u8; 16]) -> Result<Vec<ConsentGiven>, DbError> {
    Ok(given_each(tx, &[(key, *act)]).await?.pop().unwrap_or_default())
}

/// The consents of each subject for its act, in the order asked for; one statement however many they are.
///
/// # Errors
/// A fault of the database.
pub async fn given_each(tx: &mut Tx, of: &[(&SubjectKey, [u8; 16])]) -> Result<Vec<Vec<ConsentGiven>>, DbError> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let subjects: Vec<[u8; 32]> = of.iter().map(|(key, act)| key.commitment(b"consent", act)).collect();
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
    /// For which purpose.
    pub purpose: Purpose,
    /// To which version of the document.
    pub version: i64,
    /// SHA-256 of the text, in hex.
    pub sha256: String,
    /// In which language.
    pub lang: String,
    /// How: `web`, `partner`.
    pub method: String,
    /// On which day, in days since 1970-01-01.
    pub given_on: i64,
}

/// The consents and declarations that the subject gave for the act, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn events(tx: &mut Tx, key: &SubjectKey, act: &[u8; 16]) -> Result<Vec<ConsentEvent>, DbError> {
    let mut events = Vec::new();
    for what in [b"consent".as_slice(), b"declaration"] {
        for row in &store::consent_events(tx, key.commitment(what, act)).await? {
            let purpose = Purpose::from_code(&row.get::<String>(0)?).ok_or_else(|| DbError::Shape("a strange purpose".into()))?;
            events.push(ConsentEvent {
                purpose,
                version: row.get(1)?,
                sha256: row.get(2)?,
                lang: row.get(3)?,
                method: row.get(4)?,
                given_on: row.get(5)?,
            });
        }
    }
    Ok(events)
}
