//! What the log of the main database and the key store hold about people.

use crate::columns;
use crate::dictionary::{Datum, Erase, Export, Form, Holds, Term};
use crate::profile::TermKey;
use crate::vocabulary::{DataCategory, Purpose, Subject};

/// What was done with a person's data, without saying whose.
const ENTRY: Datum = Datum {
    form: Form::Unlinked,
    category: DataCategory::C10,
    of: Subject::User,
    purposes: &[Purpose::P9, Purpose::P10],
    term: Term::Kept(TermKey::SecurityLog),
    export: Export::Value,
    erase: Erase::KeyDeathRowStays,
};

/// That somebody agreed to a text, or declared it, without saying who.
const CONSENT: Datum = Datum {
    form: Form::Unlinked,
    category: DataCategory::A1,
    of: Subject::User,
    purposes: &[Purpose::P9],
    term: Term::Kept(TermKey::ConsentProof),
    export: Export::Value,
    erase: Erase::KeyDeathRowStays,
};

/// The key to a person, and the index that leads from phone and name to it.
const KEY: Datum = Datum {
    form: Form::Pseudonym,
    category: DataCategory::C1,
    of: Subject::User,
    purposes: &[Purpose::P1, Purpose::P9],
    term: Term::Kept(TermKey::Identity),
    export: Export::Nothing("leads to the person's data, which is given"),
    erase: Erase::Row,
};

/// What is left of a destroyed key.
const TOMBSTONE: Datum = Datum {
    form: Form::Pseudonym,
    category: DataCategory::C1,
    of: Subject::User,
    purposes: &[Purpose::P9],
    term: Term::Kept(TermKey::Tombstone),
    export: Export::Nothing("there is nobody left whom it could be about"),
    erase: Erase::KeyDeathRowStays,
};

/// That somebody was erased, without saying who: the act of destruction.
const ERASURE: Datum = Datum {
    form: Form::Unlinked,
    category: DataCategory::A1,
    of: Subject::User,
    purposes: &[Purpose::P9],
    term: Term::Kept(TermKey::ErasureAct),
    export: Export::Nothing("there is nobody left whom it could be about"),
    erase: Erase::KeyDeathRowStays,
};

/// To whom it went; the row names a visit.
const DISCLOSURE: Datum = Datum { category: DataCategory::C9, purposes: &[Purpose::P9], ..ENTRY };

/// Who gets data: a carrier, a clinic; a sole trader is a person too.
const RECIPIENT: Datum = Datum {
    form: Form::Clear,
    category: DataCategory::E1,
    of: Subject::Organization,
    purposes: &[Purpose::P9],
    term: Term::Always("old disclosures name their recipients, and it is no user's data"),
    export: Export::Nothing("the register of those whom the operator works with"),
    erase: Erase::TakenOut,
};

columns! {
    /// Tables of the main database.
    pub const COLUMNS:
    audit_entry { id } => Holds::Nothing;
    audit_entry { at, operation, purpose, fields, outcome } => Holds::Personal(ENTRY);
    audit_entry { asker } => Holds::Personal(Datum { form: Form::Pseudonym, category: DataCategory::E1, of: Subject::Employee, erase: Erase::RunsOut, ..ENTRY });
    audit_entry { object } => Holds::Personal(Datum { category: DataCategory::C9, purposes: &[Purpose::P9], export: Export::Meaning, ..ENTRY });
    // Ids of entries and hashes: what they are of says the entry.
    audit_leaf { seq, entry, hash } => Holds::Nothing;
    audit_node { node, hash } => Holds::Nothing;
    tree_head { size, root, at, key, signature } => Holds::Nothing;
    audit_cut { seq, before_at, at, signature } => Holds::Nothing;
    lease { name, holder, until_at } => Holds::Nothing;
    retention_cut { what, before_on } => Holds::Nothing;
    audit_entry { subject } => Holds::Personal(Datum { form: Form::Pseudonym, export: Export::Meaning, ..ENTRY });
    consent_event { id } => Holds::Nothing;
    consent_event { subject } => Holds::Personal(Datum { form: Form::Pseudonym, export: Export::Meaning, ..CONSENT });
    consent_event { purpose, version, lang, method, given_on, turn, spoken_at, script_version, keypad, sheet } => Holds::Personal(CONSENT);
    consent_event { script_sha256 } => Holds::Personal(Datum { export: Export::Meaning, ..CONSENT });
    consent_event { witness } => Holds::Personal(Datum { form: Form::Pseudonym, category: DataCategory::E1, of: Subject::Employee, erase: Erase::RunsOut, ..CONSENT });
    consent_event { sha256 } => Holds::Personal(Datum { export: Export::Meaning, ..CONSENT });
    recipient { id, kind, country, contract, clause, from_on, until_on, notice, active } => Holds::Nothing;
    recipient { name } => Holds::Personal(RECIPIENT);
    disclosure { id, recipient, kind, country, contract } => Holds::Nothing;
    disclosure { message, object } => Holds::Personal(Datum { export: Export::Meaning, ..DISCLOSURE });
    disclosure { purpose, basis, fields, made_on, state } => Holds::Personal(DISCLOSURE);
    disclosure { payload } => Holds::Personal(Datum { form: Form::Pseudonym, export: Export::Nothing("a mark of the message, which the person has"), ..DISCLOSURE });
    erasure { id, reason, visits, begun_at, done_at } => Holds::Personal(ERASURE);
    erasure { mark } => Holds::Personal(Datum { form: Form::Pseudonym, ..ERASURE });
    erasure { person } => Holds::Personal(Datum { form: Form::UnderSystemKey, erase: Erase::Overwritten, ..ERASURE });
    // What the operator publishes, its own name and address among it.
    published_text { kind, document, purpose, version, lang, sha256, source, text, published_at } => Holds::Nothing;
    installation { name, value } => Holds::Nothing;
}

columns! {
    /// Tables of the key store.
    pub const KEY_COLUMNS:
    system_key { name, wrapped, generation } => Holds::Nothing;
    wrapping_key { generation, master, wrapped, made_on } => Holds::Nothing;
    rotation { one, old_master, new_master, renewed } => Holds::Nothing;
    person_key { generation } => Holds::Nothing;
    person_key { person, name_tag } => Holds::Personal(KEY);
    person_key { phone_tag } => Holds::Personal(Datum { category: DataCategory::C2, ..KEY });
    person_key { wrapped } => Holds::Personal(Datum { form: Form::UnderSystemKey, ..KEY });
    person_key { seen_until } => Holds::Personal(Datum { form: Form::Unlinked, category: DataCategory::C9, purposes: &[Purpose::P9], export: Export::Value, ..KEY });
    person_key { made_on } => Holds::Personal(Datum { form: Form::Unlinked, category: DataCategory::C10, purposes: &[Purpose::P9], export: Export::Value, ..KEY });
    tombstone { person } => Holds::Personal(TOMBSTONE);
    tombstone { erased_on } => Holds::Personal(Datum { form: Form::Unlinked, category: DataCategory::C10, ..TOMBSTONE });
}
