//! The data dictionary of the whole program: every crate's own list, and the tables of `db`, which stands below the words of the policy.
//! A new crate with tables is one line in [`dictionary`] or [`key_dictionary`].

use privacy::TermKey;
use privacy::columns;
use privacy::dictionary::{Column, Datum, Erase, Export, Form, Holds, Term};
use privacy::vocabulary::{DataCategory, Purpose, Subject};

/// Work that a use case left behind: which visit, which code; never whose.
const JOB: Datum = Datum {
    form: Form::Unlinked,
    category: DataCategory::C9,
    of: Subject::User,
    purposes: &[Purpose::P1],
    term: Term::Kept(TermKey::DeadJob),
    export: Export::Nothing("work to be done that names a visit and nobody"),
    erase: Erase::RunsOut,
};

columns! {
    /// Tables that `db` keeps in the main database.
    const OF_DB:
    dirty { id, role, day, at } => Holds::Nothing;
    job { id, kind, run_at, state, attempts, lease, lease_until, cause } => Holds::Nothing;
    job { payload } => Holds::Personal(JOB);
}

columns! {
    /// The table that `db` keeps in each database.
    const OF_EACH:
    migration { name, applied_at, length } => Holds::Nothing;
}

/// What every column of the main database holds.
pub fn dictionary() -> Vec<Column> {
    let lists = [
        OF_EACH,
        OF_DB,
        privacy::personal::COLUMNS,
        access::personal::COLUMNS,
        notify::personal::COLUMNS,
        directory::personal::COLUMNS,
        patients::personal::COLUMNS,
        booking::personal::COLUMNS,
        rights::personal::COLUMNS,
        desk::personal::COLUMNS,
    ];
    lists.concat()
}

/// What every column of the key store holds.
pub fn key_dictionary() -> Vec<Column> {
    [OF_EACH, privacy::personal::KEY_COLUMNS, patients::personal::KEY_COLUMNS].concat()
}
