//! What this crate holds about people: partners, by the name that the operator gave them, and staff.

use privacy::TermKey;
use privacy::columns;
use privacy::dictionary::{Datum, Erase, Export, Form, Holds, Term};
use privacy::vocabulary::{DataCategory, Purpose, Subject};

/// Who works here or takes part, and as what; for as long as the log names them, since every act has one person behind it (clause 9.1).
const STAFF: Datum = Datum {
    form: Form::Clear,
    category: DataCategory::E1,
    of: Subject::Employee,
    purposes: &[Purpose::P10],
    term: Term::WhileTakingPart,
    export: Export::Value,
    erase: Erase::TakenOut,
};

/// What proves who somebody is: of no use to them.
const PROOF: Datum = Datum { export: Export::Nothing("proves who they are, and says nothing about them"), ..STAFF };

/// When and where somebody is signed in.
const SESSION: Datum = Datum { term: Term::Kept(TermKey::StaffSession), erase: Erase::RunsOut, ..STAFF };

columns! {
    /// Tables of the main database.
    pub const COLUMNS:
    partner { id, key_hash } => Holds::Nothing;
    partner { name, scopes, active, created_at } => Holds::Personal(STAFF);
    staff { id, role, clinic, practitioner } => Holds::Personal(Datum { form: Form::Unlinked, ..STAFF });
    staff { login, name, contract, until_at, added_at, ended_at } => Holds::Personal(STAFF);
    staff { password, totp, pin } => Holds::Personal(Datum { form: Form::UnderSystemKey, ..PROOF });
    staff { totp_step } => Holds::Personal(PROOF);
    staff_passkey { id, key, counter } => Holds::Personal(PROOF);
    staff_passkey { staff, name, added_at, used_at } => Holds::Personal(STAFF);
    staff_link { hash } => Holds::Nothing;
    staff_link { staff, ends_at } => Holds::Personal(Datum { term: Term::Kept(TermKey::StaffLink), erase: Erase::RunsOut, ..PROOF });
    // A random number that is used once, within minutes.
    staff_challenge { challenge, ends_at } => Holds::Nothing;
    staff_challenge { staff } => Holds::Personal(Datum { term: Term::Kept(TermKey::StaffLink), erase: Erase::RunsOut, ..PROOF });
    staff_session { id, hash } => Holds::Nothing;
    staff_session { staff, workstation, method, opened_at, seen_at, ends_at, pins_wrong } => Holds::Personal(SESSION);
    staff_tries { login } => Holds::Personal(Datum { form: Form::Pseudonym, term: Term::Kept(TermKey::StaffTries), erase: Erase::RunsOut, ..PROOF });
    staff_tries { wrong, locked_until, last_at } => Holds::Nothing;
    staff_workstation { id, hash, name, clinic, ended_at } => Holds::Nothing;
    staff_workstation { added_by, added_at } => Holds::Personal(STAFF);
    staff_grant { id } => Holds::Nothing;
    staff_grant { staff, role, reason, granted_by, granted_at, ends_at, ended_at } => Holds::Personal(STAFF);
}
