//! What this slice holds about people.

use privacy::TermKey;
use privacy::columns;
use privacy::dictionary::{Datum, Erase, Export, Form, Holds, Term};
use privacy::vocabulary::{DataCategory, Field, Purpose, Subject};

/// A sealed field of a person.
const fn of_person(field: Field, category: DataCategory, purposes: &'static [Purpose]) -> Holds {
    Holds::Personal(Datum {
        form: Form::Sealed(field),
        category,
        of: Subject::User,
        purposes,
        term: Term::Kept(TermKey::Identity),
        export: Export::Value,
        erase: Erase::KeyDeath,
    })
}

/// A row about a code that was asked for: somebody means to book.
const CODE: Datum = Datum {
    form: Form::Unlinked,
    category: DataCategory::C3,
    of: Subject::User,
    purposes: &[Purpose::P1],
    term: Term::Kept(TermKey::Code),
    export: Export::Nothing("gone within minutes; nobody is known yet who asked"),
    erase: Erase::RunsOut,
};

/// How many codes a phone or a network asked for on a day.
const COUNT: Datum = Datum {
    category: DataCategory::C10,
    purposes: &[Purpose::P10],
    term: Term::Kept(TermKey::CodeCount),
    export: Export::Nothing("a mark that changes every day and leads to nobody"),
    ..CODE
};

/// Who acts for a person in a visit.
const REPRESENTATIVE: Datum = Datum {
    form: Form::Pseudonym,
    category: DataCategory::A1,
    of: Subject::Representative,
    purposes: &[Purpose::P1, Purpose::P9],
    term: Term::Kept(TermKey::Tie),
    export: Export::Value,
    erase: Erase::Row,
};

columns! {
    /// Tables of the main database.
    pub const COLUMNS:
    phone_code { id, code, lang, tries, state, made_at, expires_at } => Holds::Personal(CODE);
    phone_code { phone } => Holds::Personal(Datum { form: Form::Sealed(Field::Phone), category: DataCategory::C2, ..CODE });
    phone_code { phone_tag } => Holds::Personal(Datum { form: Form::Pseudonym, category: DataCategory::C2, ..CODE });
    representative { tag } => Holds::Personal(Datum { export: Export::Meaning, ..REPRESENTATIVE });
    representative { relation } => Holds::Personal(Datum { form: Form::Sealed(Field::Relation), ..REPRESENTATIVE });
    representative { name } => Holds::Personal(Datum { form: Form::Sealed(Field::Representative), category: DataCategory::C1, ..REPRESENTATIVE });
    representative { declaration } => Holds::Personal(Datum { form: Form::Sealed(Field::Declaration), ..REPRESENTATIVE });
}

columns! {
    /// Tables of the key store.
    pub const KEY_COLUMNS:
    person { person } => Holds::Personal(Datum {
        form: Form::Pseudonym,
        category: DataCategory::C1,
        of: Subject::User,
        purposes: &[Purpose::P1],
        term: Term::Kept(TermKey::Identity),
        export: Export::Nothing("a random number that leads to the person's data, which is given"),
        erase: Erase::Row,
    });
    person { name } => of_person(Field::Name, DataCategory::C1, &[Purpose::P1, Purpose::P2, Purpose::P3]);
    person { phone } => of_person(Field::Phone, DataCategory::C2, &[Purpose::P1, Purpose::P2, Purpose::P3, Purpose::P4, Purpose::P7, Purpose::P8]);
    person { email } => of_person(Field::Email, DataCategory::C4, &[Purpose::P1, Purpose::P4]);
    person { sex } => of_person(Field::Sex, DataCategory::C5, &[Purpose::P1]);
    person { age } => of_person(Field::Age, DataCategory::C6, &[Purpose::P1]);
    code_count { tag } => Holds::Personal(Datum { form: Form::Pseudonym, ..COUNT });
    code_count { day, count, last_at } => Holds::Personal(COUNT);
}
