//! What no profile may say, whatever the law: numbers out of all reason, and terms that contradict each other.

use std::ops::RangeInclusive;

use super::Profile;
use crate::consent;
use crate::vocabulary::{LegalBasis, Purpose};

/// The first thing in the profile that cannot be: where, what, and what to write instead.
pub(super) fn impossible(profile: &Profile) -> Option<String> {
    out_of_range(profile).or_else(|| contradiction(profile)).or_else(|| purposes(profile)).or_else(|| countries(profile))
}

/// Each number with the least and the most that makes any sense.
fn numbers(profile: &Profile) -> Vec<(&'static str, i64, RangeInclusive<i64>)> {
    let Profile { retention, answers, incidents, transfer, staff, .. } = profile;
    vec![
        ("version", profile.version, 1..=9_999),
        ("hold_seconds", profile.hold_seconds, 60..=7_200),
        ("holds_per_network_max", profile.holds_per_network_max, 1..=100_000),
        ("holds_per_network_per_hour_max", profile.holds_per_network_per_hour_max, 1..=1_000_000),
        ("cancel_cutoff_minutes", profile.cancel_cutoff_minutes, 0..=10_080),
        ("move_cutoff_minutes", profile.move_cutoff_minutes, 0..=10_080),
        ("moves_per_visit_max", profile.moves_per_visit_max, 0..=100),
        ("proposal_minutes", profile.proposal_minutes, 10..=10_080),
        ("proposals_per_visit_max", profile.proposals_per_visit_max, 1..=100),
        ("visits_open_per_person_max", profile.visits_open_per_person_max, 1..=1_000),
        ("requests_open_per_person_max", profile.requests_open_per_person_max, 1..=1_000),
        ("request_days_max", profile.request_days_max, 1..=366),
        ("request_draft_seconds", profile.request_draft_seconds, 60..=7_200),
        ("adult_years", profile.adult_years, 14..=21),
        ("code_seconds", profile.code_seconds, 60..=3_600),
        ("code_digits", i64::from(profile.code_digits), 4..=9),
        ("code_tries_max", profile.code_tries_max, 1..=20),
        ("codes_per_phone_per_day_max", profile.codes_per_phone_per_day_max, 1..=100),
        ("codes_per_network_per_day_max", profile.codes_per_network_per_day_max, 1..=100_000),
        ("code_resend_seconds_min", profile.code_resend_seconds_min, 1..=3_600),
        ("retention.specialty_days_after_visit", retention.specialty_days_after_visit, 1..=366),
        ("retention.identity_days_after_last_visit", retention.identity_days_after_last_visit, 1..=3_660),
        ("retention.data_days_after_withdrawal", retention.data_days_after_withdrawal, 0..=366),
        ("retention.orphan_days", retention.orphan_days, 1..=366),
        ("retention.claim_days_after_visit", retention.claim_days_after_visit, 1..=31),
        ("retention.ledger_days_after_visit", retention.ledger_days_after_visit, 0..=92),
        ("retention.hold_grace_minutes", retention.hold_grace_minutes, 0..=1_440),
        ("retention.outbox_days", retention.outbox_days, 1..=366),
        ("retention.idempotency_hours", retention.idempotency_hours, 1..=720),
        ("retention.code_count_days", retention.code_count_days, 1..=31),
        ("retention.change_mark_hours", retention.change_mark_hours, 1..=720),
        ("retention.dead_job_days", retention.dead_job_days, 1..=366),
        ("retention.recording_days", retention.recording_days, 1..=90),
        ("retention.consent_proof_days_after_end", retention.consent_proof_days_after_end, 1..=3_660),
        ("retention.request_days_after_answer", retention.request_days_after_answer, 1..=3_660),
        ("retention.erasure_act_days", retention.erasure_act_days, 1..=3_660),
        ("retention.tombstone_days", retention.tombstone_days, 1..=3_660),
        ("retention.security_log_days", retention.security_log_days, 1..=3_660),
        ("retention.key_backup_days", retention.key_backup_days, 1..=366),
        ("answers.access_working_days", answers.access_working_days, 1..=60),
        ("answers.access_more_working_days_max", answers.access_more_working_days_max, 0..=60),
        ("answers.rectify_working_days", answers.rectify_working_days, 1..=60),
        ("answers.erase_days", answers.erase_days, 1..=183),
        ("answers.stop_working_days", answers.stop_working_days, 1..=60),
        ("answers.stop_more_working_days_max", answers.stop_more_working_days_max, 0..=60),
        ("answers.unlawful_stop_working_days", answers.unlawful_stop_working_days, 1..=60),
        ("answers.unlawful_destroy_working_days", answers.unlawful_destroy_working_days, 1..=60),
        ("answers.deferral_days_max", answers.deferral_days_max, 0..=183),
        ("answers.repeat_days_min", answers.repeat_days_min, 0..=366),
        ("incidents.authority_first_hours", incidents.authority_first_hours, 1..=72),
        ("incidents.authority_second_hours", incidents.authority_second_hours, 1..=720),
        ("incidents.person_hours", incidents.person_hours, 1..=720),
        ("transfer.notice_working_days", transfer.notice_working_days, 0..=60),
        ("staff.session_minutes", staff.session_minutes, 5..=1_440),
        ("staff.idle_minutes", staff.idle_minutes, 1..=480),
        ("staff.pin_tries_max", staff.pin_tries_max, 1..=10),
        ("staff.sign_in_tries_max", staff.sign_in_tries_max, 1..=50),
        ("staff.lockout_minutes", staff.lockout_minutes, 1..=1_440),
        ("staff.enrolment_hours", staff.enrolment_hours, 1..=336),
        ("staff.grant_hours_max", staff.grant_hours_max, 1..=720),
    ]
}

fn out_of_range(profile: &Profile) -> Option<String> {
    let (key, number, range) = numbers(profile).into_iter().find(|(_, number, range)| !range.contains(number))?;
    Some(format!("{key} is {number}; write a number from {} to {}", range.start(), range.end()))
}

/// Pairs of which the first may not be longer than the second, and why.
fn contradiction(profile: &Profile) -> Option<String> {
    let Profile { retention, answers, incidents, staff, special, .. } = profile;
    let pairs = [
        ("code_seconds", profile.code_seconds, "hold_seconds", profile.hold_seconds, "a code must be of use while the time is held"),
        (
            "retention.specialty_days_after_visit",
            retention.specialty_days_after_visit,
            "retention.identity_days_after_last_visit",
            retention.identity_days_after_last_visit,
            "whom a person chose is not kept longer than the person",
        ),
        (
            "retention.ledger_days_after_visit + 1",
            retention.ledger_days_after_visit + 1,
            "retention.specialty_days_after_visit",
            retention.specialty_days_after_visit,
            "a visit is settled, by whole days, while its number still means something",
        ),
        (
            "retention.key_backup_days",
            retention.key_backup_days,
            "answers.erase_days",
            answers.erase_days,
            "erasure is complete when the last copy of the key is gone",
        ),
        (
            "retention.data_days_after_withdrawal + retention.key_backup_days",
            retention.data_days_after_withdrawal + retention.key_backup_days,
            "answers.erase_days",
            answers.erase_days,
            "what rested on a withdrawn consent is gone, from the last copy of its key too",
        ),
        (
            "retention.key_backup_days + 1",
            retention.key_backup_days + 1,
            "retention.tombstone_days",
            retention.tombstone_days,
            "a tombstone outlives every copy of its key",
        ),
        (
            "incidents.authority_first_hours",
            incidents.authority_first_hours,
            "incidents.authority_second_hours",
            incidents.authority_second_hours,
            "the second notice comes after the first",
        ),
        ("staff.idle_minutes", staff.idle_minutes, "staff.session_minutes", staff.session_minutes, "a session ends in any case"),
    ];
    if let Some((short, less, long, more, why)) = pairs.into_iter().find(|(_, less, _, more, _)| less > more) {
        return Some(format!("{short} is {less} and {long} is {more}: {why}; write no more than {more} for the first"));
    }
    if staff.passkey_required == staff.password_fallback {
        let both = staff.passkey_required;
        return Some(format!(
            "staff.passkey_required and staff.password_fallback are both {both}; one of them is true: either only passkeys open a session, or a password does too"
        ));
    }
    if special.art10_written_consent {
        return Some("special.art10_written_consent is on, and there is no document for it yet; write false until counsel has one".into());
    }
    None
}

fn purposes(profile: &Profile) -> Option<String> {
    for purpose in Purpose::ALL {
        let Some(terms) = profile.purpose.get(&purpose) else {
            return Some(format!("purpose.{purpose} is missing; say on what basis it rests"));
        };
        let law = matches!(purpose, Purpose::P9 | Purpose::P10);
        if law != (terms.basis == LegalBasis::LegalDuty) {
            return Some(format!("purpose.{purpose}.basis is `{}`; P9 and P10 rest on the law, and they alone", terms.basis));
        }
        if purpose == Purpose::P5 && terms.basis != LegalBasis::Consent {
            return Some(format!("purpose.P5.basis is `{}`; advertising rests on consent alone", terms.basis));
        }
        match (&terms.document, terms.basis) {
            (None, _) => {}
            (Some(document), LegalBasis::Consent) => match consent::purpose_of(document) {
                Some(of) if of == purpose => {}
                Some(of) => {
                    return Some(format!("purpose.{purpose}.document is `{document}`, which is for {of}; write one that is for {purpose}"));
                }
                None => return Some(format!("purpose.{purpose}.document is `{document}`; write the name of a folder of policy/consents")),
            },
            (Some(_), basis) => return Some(format!("purpose.{purpose} has a document and rests on `{basis}`; take one of the two out")),
        }
    }
    let own = &profile.consent.own_documents;
    let doubled = own.iter().enumerate().find(|(place, document)| own.iter().take(*place).any(|earlier| earlier == *document));
    if let Some((_, document)) = doubled {
        return Some(format!("consent.own_documents names `{document}` twice; leave one"));
    }
    if let Some(document) = own.iter().find(|document| consent::purpose_of(document.code()).is_none()) {
        return Some(format!("consent.own_documents names `{document}`, and policy/consents has no such folder; take it out"));
    }
    let named = |folder: &str| {
        own.iter().any(|document| document.code() == folder)
            || profile.purpose.values().any(|terms| terms.document.as_deref() == Some(folder))
    };
    consent::FOLDERS.into_iter().find(|folder| !named(folder)).map(|folder| {
        format!(
            "nothing names the document policy/consents/{folder}; name it as the document of its purpose or among consent.own_documents"
        )
    })
}

fn countries(profile: &Profile) -> Option<String> {
    let named = [("country", &profile.country), ("transfer.home", &profile.transfer.home)];
    let listed = profile.transfer.adequate.iter().map(|country| ("transfer.adequate", country));
    let is_code = |country: &str| country.len() == 2 && country.bytes().all(|letter| letter.is_ascii_uppercase());
    if let Some((key, country)) = named.into_iter().chain(listed).find(|(_, country)| !is_code(country)) {
        return Some(format!("{key} has `{country}`; write the two capital letters of ISO 3166"));
    }
    let Profile { country, transfer, .. } = profile;
    if transfer.home != *country {
        return Some(format!("transfer.home is `{}` and country is `{country}`; data stays in the country of the profile", transfer.home));
    }
    transfer.adequate.contains(country).then(|| format!("transfer.adequate names `{country}`, which is home; take it out"))
}
