//! Consent: the documents a person agrees to, word for word and for ever, and the events that they did or took it back. An event is proof, so
//! it is append-only and names the document's version and hash; it stands beside one act (a booking) and carries a commitment to the
//! person, not the person (clauses 2.1, 2.7).

mod documents;
mod events;
mod evidence;
mod published;

use std::fmt::Write as _;

use db::{Lang, Names};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

pub(crate) use documents::purpose_of;
pub use documents::{ConsentDocument, Documents, FOLDERS, Script, TextKind};
pub use events::{ConsentEvent, ConsentGiven, Turn, Withdrawn, events, given, given_each, record, record_declaration, withdraw};
pub use evidence::{EmployeeId, EnteredBy, Evidence, KeypadKey, Method, SheetRef, Spoken};
pub use published::{PublishError, PublishedText, publish, published};

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

/// SHA-256 in lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing into a String cannot fail.
        let _always = write!(hex, "{byte:02x}");
        hex
    })
}

/// Letters of a SHA-256 in hex.
const SHA256_HEX: usize = 64;

/// Whether this is how a SHA-256 is written here.
pub fn is_sha256(text: &str) -> bool {
    text.len() == SHA256_HEX && text.bytes().all(|letter| letter.is_ascii_digit() || (b'a'..=b'f').contains(&letter))
}
