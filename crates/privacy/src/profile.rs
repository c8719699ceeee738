//! Terms and limits of a jurisdiction: they live in `policy/profiles/*.toml`, where a lawyer can read them, never in code (I8).

use serde::Deserialize;

/// The terms of one jurisdiction. Units stand last in the names.
#[derive(Debug, Clone, Deserialize)]
pub struct Profile {
    /// Its name: `ru`, `kz`.
    pub profile: String,
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
    /// How long the demo's outbox keeps a message.
    pub outbox_retention_days: i64,
    /// How long an idempotency key is remembered.
    pub idempotency_retention_hours: i64,
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

impl Profile {
    /// A profile that comes with the program: `ru` or `kz`.
    ///
    /// # Errors
    /// An unknown name.
    pub fn named(name: &str) -> Result<Profile, ProfileError> {
        let text = match name {
            "ru" => include_str!("../../../policy/profiles/ru.toml"),
            "kz" => include_str!("../../../policy/profiles/kz.toml"),
            _ => return Err(ProfileError(format!("there is no profile `{name}`; choose ru or kz"))),
        };
        toml::from_str(text).map_err(|error| ProfileError(format!("profile {name}: {}", error.message())))
    }
}
