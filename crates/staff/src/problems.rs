//! What staff are told when something cannot be done.

use access::{EnrolError, GrantError, SignInError, SwitchError, WeakPassword};
use axum::http::StatusCode;
use web::problem::Problem;
use web::texts::{Texts, Value};

/// What a role does not have.
pub(crate) struct Forbidden;

impl Problem for Forbidden {
    fn status(&self) -> StatusCode {
        StatusCode::FORBIDDEN
    }
    fn code(&self) -> &'static str {
        "staff_forbidden"
    }
    fn text(&self) -> (&'static str, Vec<(&'static str, Value)>) {
        ("staff-error-forbidden", Vec::new())
    }
}

fn counted(texts: &Texts, id: &str, n: i64) -> String {
    texts.one(id, "n", n)
}

/// Why a sign-in failed: one sentence; `None` for a fault of ours.
pub(crate) fn sign_in(texts: &Texts, error: &SignInError, now: clock::Timestamp) -> Option<String> {
    Some(match error {
        SignInError::Wrong => texts.s("staff-error-wrong"),
        SignInError::Locked(until) => {
            // A begun minute is one.
            let minutes = (until.micros() - now.micros() + clock::MINUTE - 1).div_euclid(clock::MINUTE);
            counted(texts, "staff-error-locked", minutes.max(1))
        }
        SignInError::PasskeyOnly => texts.s("staff-error-passkey-only"),
        SignInError::Passkey(access::PasskeyError::Counter) => texts.s("staff-error-copied"),
        SignInError::Passkey(access::PasskeyError::Unverified) => texts.s("staff-error-unverified"),
        SignInError::Passkey(access::PasskeyError::Algorithm) => texts.s("staff-error-algorithm"),
        SignInError::Passkey(_) => texts.s("staff-error-passkey"),
        SignInError::Busy => texts.s("staff-error-busy"),
        SignInError::Db(_) => return None,
    })
}

/// Why a way to sign in was not set up; `None` for a fault of ours.
pub(crate) fn enrol(texts: &Texts, error: &EnrolError, now: clock::Timestamp) -> Option<String> {
    Some(match error {
        EnrolError::Link => texts.s("staff-error-link"),
        EnrolError::PasskeyOnly => texts.s("staff-error-passkey-only"),
        EnrolError::Password(WeakPassword::Length) => {
            counted(texts, "staff-error-password-length", i64::try_from(access::PASSWORD_CHARS_MIN).unwrap_or(0))
        }
        EnrolError::Password(WeakPassword::Guessable) => texts.s("staff-error-password-guessable"),
        EnrolError::Code => texts.s("staff-error-code"),
        EnrolError::Pin => texts.s("staff-error-pin"),
        EnrolError::Last => texts.s("staff-error-last"),
        EnrolError::Passkey(error) => return sign_in(texts, error, now),
        EnrolError::Db(_) => return None,
    })
}

/// Why a PIN did not switch; `None` for a fault of ours.
pub(crate) fn switch(texts: &Texts, error: &SwitchError) -> Option<String> {
    Some(match error {
        SwitchError::Ended => texts.s("staff-error-switch-ended"),
        SwitchError::Wrong(left) => counted(texts, "staff-error-pin-wrong", *left),
        SwitchError::TooOften => texts.s("staff-error-pin-too-often"),
        SwitchError::Db(_) => return None,
    })
}

/// Why nothing was granted; `None` for a fault of ours.
pub(crate) fn grant(texts: &Texts, error: &GrantError) -> Option<String> {
    Some(match error {
        GrantError::ToOneself => texts.s("staff-error-grant-oneself"),
        GrantError::Unknown => texts.s("staff-error-grant-unknown"),
        GrantError::HasIt => texts.s("staff-error-grant-has"),
        GrantError::Unfit => texts.s("staff-error-grant-unfit"),
        GrantError::Hours(most) => counted(texts, "staff-error-grant-hours", *most),
        GrantError::TooMany => texts.s("staff-error-grant-many"),
        GrantError::Db(_) => return None,
    })
}

/// Why nobody was added; `None` for a fault of ours.
pub(crate) fn add(texts: &Texts, error: &access::AddError) -> Option<String> {
    Some(match error {
        access::AddError::Login => texts.s("staff-error-login"),
        access::AddError::Name => texts.s("staff-error-name"),
        access::AddError::Clinic => texts.s("staff-error-clinic"),
        access::AddError::Practitioner => texts.s("staff-error-practitioner"),
        access::AddError::Auditor => texts.s("staff-error-auditor"),
        access::AddError::Taken => texts.s("staff-error-taken"),
        access::AddError::Db(_) => return None,
    })
}

/// A person who cannot be opened: the visit has come off, or they agreed to nothing that covers it, or no longer do.
pub(crate) struct NotOpened;

impl Problem for NotOpened {
    fn status(&self) -> StatusCode {
        StatusCode::CONFLICT
    }
    fn code(&self) -> &'static str {
        "person_not_opened"
    }
    fn text(&self) -> (&'static str, Vec<(&'static str, Value)>) {
        ("staff-error-not-opened", Vec::new())
    }
    fn clause(&self) -> Option<&'static str> {
        Some("2.1")
    }
}
