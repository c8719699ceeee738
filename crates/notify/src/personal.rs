//! What this crate holds about people: messages that were sent.

use privacy::TermKey;
use privacy::columns;
use privacy::dictionary::{Datum, Erase, Export, Form, Holds, Term};
use privacy::vocabulary::{DataCategory, Field, Purpose, Subject};

/// A message as it was sent.
const MESSAGE: Datum = Datum {
    form: Form::Sealed(Field::Message),
    category: DataCategory::C2,
    of: Subject::User,
    purposes: &[Purpose::P1],
    term: Term::Kept(TermKey::Outbox),
    export: Export::Nothing("its receiver has it, and it is gone within days"),
    erase: Erase::Row,
};

columns! {
    /// Tables of the main database.
    pub const COLUMNS:
    sent_message { sealed } => Holds::Personal(MESSAGE);
    sent_message { addressee } => Holds::Personal(Datum { form: Form::Pseudonym, ..MESSAGE });
    sent_message { id, sent_at } => Holds::Personal(Datum { form: Form::Unlinked, ..MESSAGE });
}
