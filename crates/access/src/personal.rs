//! What this crate holds about people: partners, by the name that the operator gave them.

use privacy::columns;
use privacy::dictionary::{Datum, Erase, Export, Form, Holds, Term};
use privacy::vocabulary::{DataCategory, Purpose, Subject};

columns! {
    /// Tables of the main database.
    pub const COLUMNS:
    partner { id, key_hash } => Holds::Nothing;
    partner { name, scopes, active, created_at } => Holds::Personal(Datum {
        form: Form::Clear,
        category: DataCategory::E1,
        of: Subject::Employee,
        purposes: &[Purpose::P10],
        term: Term::WhileTakingPart,
        export: Export::Value,
        erase: Erase::TakenOut,
    });
}
