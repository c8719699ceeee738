//! What this slice holds about people: visits, which name nobody, and the tie that says whose they are.

use privacy::TermKey;
use privacy::columns;
use privacy::dictionary::{Datum, Erase, Export, Form, Holds, Term};
use privacy::vocabulary::{DataCategory, Purpose, Subject};

/// A visit as everybody sees it who may see the calendar: it says of nobody whose it is (I5), and stays as a ledger of times and prices.
const VISIT: Datum = Datum {
    form: Form::Unlinked,
    category: DataCategory::C9,
    of: Subject::User,
    purposes: &[Purpose::P1],
    term: Term::Always("times and prices for the operator's accounts; nobody's once the tie is destroyed"),
    export: Export::Value,
    erase: Erase::KeyDeathRowStays,
};

/// What says whose a visit is.
const TIE: Datum =
    Datum { form: Form::Pseudonym, term: Term::Kept(TermKey::Tie), export: Export::Meaning, erase: Erase::Overwritten, ..VISIT };

/// What is known of how to reach whoever comes; goes with the tie.
const CONTACT: Datum = Datum { term: Term::Kept(TermKey::Tie), export: Export::Meaning, erase: Erase::Row, ..VISIT };

/// That a visit took place, under which tariff: what the operator's accounts need of it. Only the number leads to the visit, while it is tied.
const LEDGER: Datum = Datum {
    purposes: &[Purpose::P9],
    term: Term::Always("the operator's accounts; once the tie is destroyed the number is no visit's any more"),
    export: Export::Nothing("a count for accounts; the visit itself is given"),
    ..VISIT
};

/// That a time is taken.
const CLAIM: Datum = Datum {
    term: Term::Kept(TermKey::Claim),
    export: Export::Nothing("says that a time is taken; the visit itself is given"),
    erase: Erase::RunsOut,
    ..VISIT
};

/// A time kept while the form is filled.
const HOLD: Datum =
    Datum { term: Term::Kept(TermKey::Hold), export: Export::Nothing("gone within the hour; nobody is known yet who holds it"), ..CLAIM };

/// That a request was made: a mark by which the same request gets the same answer.
const REPEATED: Datum = Datum {
    form: Form::Pseudonym,
    term: Term::Kept(TermKey::Idempotency),
    export: Export::Nothing("marks of a request; the visit itself is given"),
    ..CLAIM
};

columns! {
    /// Tables of the main database.
    pub const COLUMNS:
    appointment { id, number, role, service, starts_at, ends_at, zone, status, price_minor, currency, moves, wish, tied, settled } => Holds::Personal(VISIT);
    appointment { lang } => Holds::Personal(Datum { form: Form::Unlinked, export: Export::Value, ..TIE });
    appointment { link } => Holds::Personal(Datum { form: Form::UnderSystemKey, ..TIE });
    appointment { visit_tag } => Holds::Personal(TIE);
    ledger_line { id, clinic, month, tariff, fee_minor, currency } => Holds::Personal(LEDGER);
    ledger_line { number } => Holds::Personal(Datum { form: Form::Pseudonym, ..LEDGER });
    tariff { kind, fee_minor, currency } => Holds::Nothing;
    visit_contact { visit } => Holds::Personal(CONTACT);
    visit_contact { email } => Holds::Personal(Datum { category: DataCategory::C4, ..CONTACT });
    visit_contact { sms } => Holds::Personal(Datum { category: DataCategory::C2, ..CONTACT });
    visit_to_call { visit, turn, since_at } => Holds::Personal(CONTACT);
    appointment_response { visit, clinic, reason, asked_at, proposals, proposed_at, hold } => Holds::Personal(CONTACT);
    withdrawn_visit { visit, withdrawn_on } => Holds::Personal(Datum { term: Term::Kept(TermKey::Withdrawal), ..CONTACT });
    claim { resource } => Holds::Personal(Datum { form: Form::Pseudonym, ..CLAIM });
    claim { cell, lane, owner, expires_at } => Holds::Personal(CLAIM);
    busy { id, role, resource, reason, starts_at, ends_at, first_cell, end_cell, overbooked } => Holds::Nothing;
    clinic_way { clinic, mail, sms, answers } => Holds::Nothing;
    hold { id, role, service, starts_at, ends_at, expires_at } => Holds::Personal(HOLD);
    idempotency { caller, key, body } => Holds::Personal(REPEATED);
    idempotency { object, kept_on } => Holds::Personal(Datum { form: Form::Unlinked, ..REPEATED });
}
