//! The terms of a profile by name: the dictionary says which one a column has, the profile says how long it is.

use super::Profile;
use crate::calendar::Span;

/// Declares the keys: each with its path in the profile's file, the unit that the path names, and the field it reads.
macro_rules! terms {
    ($($(#[$doc:meta])* $word:ident = $path:literal, $unit:ident($($field:ident).+);)+) => {
        /// A term of storage: a key of the profile.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum TermKey {
            $($(#[$doc])* $word,)+
        }

        impl TermKey {
            /// All of them.
            pub const ALL: [TermKey; [$(TermKey::$word),+].len()] = [$(TermKey::$word),+];

            /// Where it stands in a profile's file: `section.key`, or `key`.
            pub fn path(self) -> &'static str {
                match self {
                    $(TermKey::$word => $path,)+
                }
            }
        }

        impl Profile {
            /// How long the profile lets that be kept.
            pub fn term(&self, key: TermKey) -> Span {
                match key {
                    $(TermKey::$word => Span::$unit(self.$($field).+),)+
                }
            }
        }
    };
}

terms! {
    /// The tie between a person and whom they chose, after the visit.
    Tie = "retention.specialty_days_after_visit", Days(retention.specialty_days_after_visit);
    /// Who a person is, after their last visit.
    Identity = "retention.identity_days_after_last_visit", Days(retention.identity_days_after_last_visit);
    /// The tie to a visit, and the person, after the consent was withdrawn.
    Withdrawal = "retention.data_days_after_withdrawal", Days(retention.data_days_after_withdrawal);
    /// That a time is taken, after the visit.
    Claim = "retention.claim_days_after_visit", Days(retention.claim_days_after_visit);
    /// A held time.
    Hold = "hold_seconds", Seconds(hold_seconds);
    /// A phone code.
    Code = "code_seconds", Seconds(code_seconds);
    /// Counts of codes, after their day.
    CodeCount = "retention.code_count_days", Days(retention.code_count_days);
    /// Messages that were sent.
    Outbox = "retention.outbox_days", Days(retention.outbox_days);
    /// Idempotency keys.
    Idempotency = "retention.idempotency_hours", Hours(retention.idempotency_hours);
    /// Jobs whose tries ended.
    DeadJob = "retention.dead_job_days", Days(retention.dead_job_days);
    /// Recordings of calls.
    Recording = "retention.recording_days", Days(retention.recording_days);
    /// Proof of a consent, after its end.
    ConsentProof = "retention.consent_proof_days_after_end", Days(retention.consent_proof_days_after_end);
    /// A person's request and its answer, after the answer.
    Request = "retention.request_days_after_answer", Days(retention.request_days_after_answer);
    /// The act of destruction.
    ErasureAct = "retention.erasure_act_days", Days(retention.erasure_act_days);
    /// What is left of a destroyed key.
    Tombstone = "retention.tombstone_days", Days(retention.tombstone_days);
    /// Security events and audit entries.
    SecurityLog = "retention.security_log_days", Days(retention.security_log_days);
    /// Copies of the key store.
    KeyBackup = "retention.key_backup_days", Days(retention.key_backup_days);
    /// Sessions of staff.
    StaffSession = "staff.session_minutes", Minutes(staff.session_minutes);
    /// Links by which staff come in the first time.
    StaffLink = "staff.enrolment_hours", Hours(staff.enrolment_hours);
    /// Counts of wrong sign-ins.
    StaffTries = "staff.lockout_minutes", Minutes(staff.lockout_minutes);
}
