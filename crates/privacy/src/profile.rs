//! Terms and limits of a jurisdiction: they live in `policy/profiles/*.toml`, where a lawyer can read them, never in code (I8).
//!
//! A file says everything: a key that is missing, unknown or impossible is refused with one line that says where and what to do.

mod check;
mod term;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use term::TermKey;

use crate::vocabulary::{DataCategory, LegalBasis, OwnDocument, Purpose};

/// The terms of one jurisdiction. Units stand last in the names, or last before `_min` and `_max`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name: `ru`, `kz`.
    pub profile: String,
    /// Version of the file's numbers.
    pub version: i64,
    /// ISO 3166 alpha-2 code of the country.
    pub country: String,
    /// Whether the whole file waits for a lawyer: the law has changed, and what it says now was not read.
    pub review: bool,
    /// Whether some number was not read in the law's own text: the file's first line says so.
    #[serde(skip)]
    pub unchecked: bool,
    /// How long a time is held while the form is filled.
    pub hold_seconds: i64,
    /// Living holds of one network.
    pub holds_per_network_max: i64,
    /// Holds of one network in an hour.
    pub holds_per_network_per_hour_max: i64,
    /// A person cancels by themselves until this long before the visit.
    pub cancel_cutoff_minutes: i64,
    /// A person moves a visit by themselves until this long before it.
    pub move_cutoff_minutes: i64,
    /// How often a person may move one visit.
    pub moves_per_visit_max: i64,
    /// How long a time that a clinic proposes is kept for the person to answer.
    pub proposal_minutes: i64,
    /// Other times that a clinic may propose for one visit: each is a message to the person.
    pub proposals_per_visit_max: i64,
    /// Coming visits of one person.
    pub visits_open_per_person_max: i64,
    /// Requests for a visit without a live time that one person has open.
    pub requests_open_per_person_max: i64,
    /// Days ahead that such a request may name, today included.
    pub request_days_max: i64,
    /// How long the browser keeps what was typed into a request.
    pub request_draft_seconds: i64,
    /// From this age on a person acts for themselves.
    pub adult_years: i64,
    /// Life of a phone code.
    pub code_seconds: i64,
    /// Digits of a phone code.
    pub code_digits: u32,
    /// Wrong tries after which a code is dead.
    pub code_tries_max: i64,
    /// Codes to one phone in a day.
    pub codes_per_phone_per_day_max: i64,
    /// Codes for one network in a day.
    pub codes_per_network_per_day_max: i64,
    /// Time between two codes to one phone.
    pub code_resend_seconds_min: i64,
    /// How long data is kept.
    pub retention: Retention,
    /// What is protected beyond the rest.
    pub special: Special,
    /// By what right each purpose is served: all ten.
    pub purpose: BTreeMap<Purpose, PurposeTerms>,
    /// Consent.
    pub consent: ConsentTerms,
    /// Answers to a person.
    pub answers: Answers,
    /// Incidents.
    pub incidents: Incidents,
    /// Transfer across borders.
    pub transfer: Transfer,
    /// Staff's access.
    pub staff: StaffTerms,
}

/// How long data is kept. From when a term counts, its name says; without a word, from when the row was written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// The tie between a person and whom they chose, after the visit.
    pub specialty_days_after_visit: i64,
    /// Name, phone, e-mail, sex, age, after the person's last visit.
    pub identity_days_after_last_visit: i64,
    /// The tie to a visit whose consent was withdrawn, and the person, when nothing else of theirs rests on a consent.
    pub data_days_after_withdrawal: i64,
    /// How many days back people without a visit are looked for.
    pub orphan_days: i64,
    /// Rows that say a time is taken, after the visit.
    pub claim_days_after_visit: i64,
    /// How long after a visit its line in the ledger waits: its clinic may still say that nobody came.
    pub ledger_days_after_visit: i64,
    /// A hold, after it has run out: whoever comes late is told what has run out.
    pub hold_grace_minutes: i64,
    /// Text of a message, after it was sent or the last try failed.
    pub outbox_days: i64,
    /// How long the same idempotency key gets the same answer.
    pub idempotency_hours: i64,
    /// Counts of codes, after their day.
    pub code_count_days: i64,
    /// Marks that a day of the calendar has changed.
    pub change_mark_hours: i64,
    /// Jobs whose tries ended.
    pub dead_job_days: i64,
    /// Recordings of calls.
    pub recording_days: i64,
    /// Proof of a consent, after its end.
    pub consent_proof_days_after_end: i64,
    /// A person's request and its answer, after the answer.
    pub request_days_after_answer: i64,
    /// The act of destruction and the extract of the log.
    pub erasure_act_days: i64,
    /// What is left of a destroyed key; longer than any copy of the key.
    pub tombstone_days: i64,
    /// Security events and audit entries.
    pub security_log_days: i64,
    /// Copies of the key store.
    pub key_backup_days: i64,
}

/// What is protected beyond the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Special {
    /// Whether a chosen specialty counts as data on health: drives sealing, the short life of the tie and the class of an incident.
    pub specialty_protected_as_health: bool,
    /// Whether a written consent for data on health is asked for besides. Counsel's switch.
    pub art10_written_consent: bool,
}

/// By what right a purpose is served.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurposeTerms {
    /// The right.
    pub basis: LegalBasis,
    /// The consent document, a folder of `policy/consents`. A purpose that rests on consent and has none is not served yet; one that has one
    /// is served where something asks for that consent.
    pub document: Option<String>,
}

/// Consent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentTerms {
    /// What is never agreed to together with anything else.
    pub own_documents: Vec<OwnDocument>,
}

/// Answers to a person (clause 13.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// Information, access, or a reasoned refusal.
    pub access_working_days: i64,
    /// By how much that may be prolonged, with reasons.
    pub access_more_working_days_max: i64,
    /// Correction, from the proof that data is wrong.
    pub rectify_working_days: i64,
    /// Destruction, once the purpose is reached or consent is withdrawn.
    pub erase_days: i64,
    /// Stopping on demand.
    pub stop_working_days: i64,
    /// By how much that may be prolonged, with reasons.
    pub stop_more_working_days_max: i64,
    /// Stopping what is unlawful.
    pub unlawful_stop_working_days: i64,
    /// Destroying what cannot be made lawful.
    pub unlawful_destroy_working_days: i64,
    /// How long destruction may wait, blocked, where it cannot be done in time.
    pub deferral_days_max: i64,
    /// From when on the same person may ask the same again.
    pub repeat_days_min: i64,
}

/// Incidents (clauses 14.1, 14.2). Hours run through weekends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incidents {
    /// First notice to the authority.
    pub authority_first_hours: i64,
    /// What the operator's own inquiry found.
    pub authority_second_hours: i64,
    /// Notice to the people whom it may harm.
    pub person_hours: i64,
}

/// Transfer across borders (clauses 5.1, 5.2).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// Where the databases stand.
    pub home: String,
    /// Countries that protect data adequately, as ISO 3166 alpha-2 codes.
    pub adequate: Vec<String>,
    /// How long after the notice to the authority nothing goes to any other country.
    pub notice_working_days: i64,
}

/// Staff's access (clause 7.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaffTerms {
    /// A session ends so long after the sign-in.
    pub session_minutes: i64,
    /// A session ends after so long without a request.
    pub idle_minutes: i64,
    /// Wrong PINs at a shared workstation, after which a full sign-in is asked for.
    pub pin_tries_max: i64,
    /// Wrong passwords or codes, after which the account is locked.
    pub sign_in_tries_max: i64,
    /// For how long it is locked.
    pub lockout_minutes: i64,
    /// How long a link by which somebody signs in for the first time counts.
    pub enrolment_hours: i64,
    /// How long a grant beyond one's role may last.
    pub grant_hours_max: i64,
    /// Whether only a passkey opens a session.
    pub passkey_required: bool,
    /// Whether a password with a one-time code does too.
    pub password_fallback: bool,
}

/// A profile that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileError(pub String);

impl std::fmt::Display for ProfileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ProfileError {}

/// The texts of the profiles that come with the program.
const TEXTS: [(&str, &str); 2] =
    [("ru", include_str!("../../../policy/profiles/ru.toml")), ("kz", include_str!("../../../policy/profiles/kz.toml"))];

/// The first word of a profile whose numbers were not all read in the law.
const UNCHECKED: &str = "# UNCHECKED ";

impl Profile {
    /// A profile that comes with the program: `ru` or `kz`.
    ///
    /// # Errors
    /// An unknown name.
    pub fn named(name: &str) -> Result<Profile, ProfileError> {
        let known = TEXTS.into_iter().find(|(known, _)| *known == name);
        let (_, text) = known.ok_or_else(|| ProfileError(format!("there is no profile `{name}`; choose ru or kz")))?;
        Profile::from_text(name, text)
    }

    /// The profile `name` from the text of its file.
    ///
    /// # Errors
    /// One line: what cannot be, where it stands, what to do.
    pub fn from_text(name: &str, text: &str) -> Result<Profile, ProfileError> {
        let wrong = |what: String| ProfileError(format!("profile {name}: {what}"));
        let mut profile: Profile = toml::from_str(text).map_err(|error| wrong(one_line(text, &error)))?;
        profile.unchecked = text.starts_with(UNCHECKED);
        if profile.profile != name {
            return Err(wrong(format!("`profile` is `{}`; write `{name}`, or rename the file", profile.profile)));
        }
        match check::impossible(&profile) {
            Some(what) => Err(wrong(what)),
            None => Ok(profile),
        }
    }

    /// By what right the purpose is served. Every profile that could be read has all ten.
    pub fn basis(&self, purpose: Purpose) -> LegalBasis {
        self.purpose.get(&purpose).map_or(LegalBasis::Consent, |terms| terms.basis)
    }

    /// Whether this kind of data is protected as data on health.
    pub fn protected_as_health(&self, category: DataCategory) -> bool {
        self.special.specialty_protected_as_health && category.may_hint_at_health()
    }

    /// Whether data may go to that country (ISO 3166 alpha-2) without the conditions of clause 5.1.
    pub fn is_adequate(&self, country: &str) -> bool {
        self.transfer.home == country || self.transfer.adequate.iter().any(|adequate| adequate == country)
    }
}

/// A fault of a file in one line: where, and what.
pub(crate) fn one_line(text: &str, error: &toml::de::Error) -> String {
    let what = error.message().replace('\n', " ");
    match error.span() {
        Some(span) => {
            let line = text.get(..span.start).unwrap_or_default().lines().count().max(1);
            let line = if text.get(..span.start).is_some_and(|before| before.ends_with('\n')) { line + 1 } else { line };
            format!("line {line}: {what}")
        }
        None => what,
    }
}

#[cfg(test)]
mod tests;
