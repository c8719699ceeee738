//! What this slice holds about people: what has to be done about a visit, and who of the staff does it.

use privacy::TermKey;
use privacy::columns;
use privacy::dictionary::{Datum, Erase, Export, Form, Holds, Term};
use privacy::vocabulary::{DataCategory, Purpose, Subject};

/// What is to be done about a visit. It goes when the visit's tie does.
const WORK: Datum = Datum {
    form: Form::Unlinked,
    category: DataCategory::C9,
    of: Subject::User,
    purposes: &[Purpose::P1],
    term: Term::Kept(TermKey::Tie),
    export: Export::Nothing("what is to be done about the visit; the visit itself is given"),
    erase: Erase::RunsOut,
};

/// Who does it.
const WORKER: Datum = Datum { category: DataCategory::E1, of: Subject::Employee, purposes: &[Purpose::P10], ..WORK };

columns! {
    /// Tables of the main database.
    pub const COLUMNS:
    task { id, visit, reason, turn, since_at, due_at, tries, outcome, closed_at } => Holds::Personal(WORK);
    task { owner, leased_until, closed_by } => Holds::Personal(WORKER);
}
