//! Purpose, consent, permit, vault and audit: the one way to a person's data.
//!
//! A person's data is [`Sealed`] under a key of their own ([`SubjectKey`]), kept in a key store apart from the database
//! ([`KeyStore`], I4). It is opened only with a [`Permit`], which only [`decide`] makes, for a person, a set of fields, a
//! purpose and a short time (I3); opening writes the audit entry in the same transaction. What comes out is a
//! [`Personal`] value, which prints as `<personal>`.
//!
//! What leaves the operator passes one door ([`disclosure`]): only a [`disclosure::Disclosed`] value can be sent, and making one writes the row
//! that says to whom, what for and which items (clause 4.1).
//!
//! What every column holds, why and how long, says the [`dictionary`]; how long that is, the [`profile`] of the jurisdiction.
//!
//! Invariants kept here: I3, I4, I5 (tags and the sealed link), I6 (append-only entries), I8 (terms come from [`Profile`]).

pub mod about;
pub mod audit;
pub mod calendar;
pub mod consent;
mod decide;
pub mod dictionary;
pub mod disclosure;
pub mod erasure;
mod keys;
pub mod personal;
pub mod profile;
pub mod retention;
mod seal;
mod staff;
mod store;
mod tombstones;
pub mod vocabulary;

pub use calendar::{Calendar, NoCalendar, Span};
pub use consent::{ConsentDocument, ConsentGiven, Documents, Evidence, OperatorIdentity};
/// The transaction that an opening leaves its entry in.
pub use db::Tx;
pub use decide::{Ask, Asker, Permit, RefusedReason, decide, record_openings};
pub use keys::{
    ArchiveKey, Came, CodeLimits, ConsoleProof, Identity, KeyError, KeyStore, Known, MasterKey, Place, Rotated, RotationStep, SubjectKey,
    Suite, Uncounted, Whose, abandon_rotation, master_opens, prepare_rotation, rotate,
};
pub use profile::{Profile, ProfileError, TermKey};
pub use seal::{OpenError, Personal, Sealable, Sealed};
pub use staff::{StaffProof, prove_staff};
pub use tombstones::{BackupPlaces, Tombstones};
pub use vocabulary::{Clause, DataCategory, Field, Item, LegalBasis, Operation, OwnDocument, Purpose, Recipient, Subject};

db::id!(
    /// A person's id: random (UUIDv4), meaningless without the key store.
    pub PersonId
);
