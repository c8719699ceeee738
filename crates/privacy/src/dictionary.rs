//! The data dictionary: what every column of the two databases holds (clause 1.2). Each crate lists its own tables in its `personal.rs` with
//! [`columns!`](crate::columns), the program puts the lists together, and a test holds them against the databases: a column that is added
//! without a line here turns it red. Export, erasure and retention are read off the same lines.

use std::collections::{BTreeMap, BTreeSet};

use crate::profile::TermKey;
use crate::vocabulary::{DataCategory, Field, Purpose, Subject};

/// A column and what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its table.
    pub table: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What stands in it.
    pub holds: Holds,
}

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Nothing about anybody.
    Nothing,
    /// Something about somebody.
    Personal(Datum),
}

/// Something about somebody: all that must be known of it to answer for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Datum {
    /// How it is written.
    pub form: Form,
    /// What kind of data it is.
    pub category: DataCategory,
    /// Whose it is.
    pub of: Subject,
    /// What it is used for; at least one.
    pub purposes: &'static [Purpose],
    /// How long it is kept.
    pub term: Term,
    /// What the person gets of it when they ask for their data (clause 6.1).
    pub export: Export,
    /// What erasing the person does to it (clause 12.1).
    pub erase: Erase,
}

/// How personal data is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In clear, beside whoever it is about.
    Clear,
    /// In clear, in a row that says of nobody whose it is.
    Unlinked,
    /// Sealed: opens only with a permit.
    Sealed(Field),
    /// Sealed under a key of the installation: the link between a person and a visit, and people's own keys.
    UnderSystemKey,
    /// A random id or a MAC: says who it is to nobody without the key store.
    Pseudonym,
}

/// How long a column's content is kept. No number stands here: numbers are the profile's (I8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// As the profile says under this key, counted as the key's name says.
    Kept(TermKey),
    /// As long as the doctor, the clinic or the partner takes part.
    WhileTakingPart,
    /// As long as the program is installed; the reason why that is right.
    Always(&'static str),
}

/// What a person gets of a column when they ask for their data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// The value itself, opened where it is sealed.
    Value,
    /// Not the value but what it stands for: the visit behind a tag, the text behind a hash.
    Meaning,
    /// Nothing; the reason why.
    Nothing(&'static str),
}

/// What erasing a person does to a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erase {
    /// It can be read, or told whose it is, no more once the person's key is destroyed; the row goes after it.
    KeyDeath,
    /// The same, but the row stays: as proof for the law, or as what the operator needs of a visit without a person.
    KeyDeathRowStays,
    /// The row goes with the person.
    Row,
    /// It is overwritten by something that says nothing.
    Overwritten,
    /// It cannot be found by the person, and runs out by its term, which is short.
    RunsOut,
    /// It is taken out by the operator when the doctor, clinic, partner or employee demands it.
    TakenOut,
}

/// Lists columns: `table { column, column } => what they hold;`, each column once. The list is `pub const NAME: &[Column]`.
#[macro_export]
macro_rules! columns {
    ($(#[$about:meta])* $vis:vis const $list:ident: $($table:ident { $($name:ident),+ $(,)? } => $holds:expr;)+) => {
        $(#[$about])*
        $vis const $list: &[$crate::dictionary::Column] = &[
            $($($crate::dictionary::Column { table: stringify!($table), name: stringify!($name), holds: $holds },)+)+
        ];
    };
}

/// What is wrong with a dictionary beside the columns (table, name) that a database has: one line for each fault, which says what to do.
pub fn faults(dictionary: &[Column], database: &[(String, String)]) -> Vec<String> {
    let mut listed: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for column in dictionary {
        *listed.entry((column.table, column.name)).or_default() += 1;
    }
    let there: BTreeSet<(&str, &str)> = database.iter().map(|(table, name)| (table.as_str(), name.as_str())).collect();
    let unlisted = there.iter().filter(|column| !listed.contains_key(*column)).map(|(table, name)| {
        format!(
            "{table}.{name}: stands in the database and in no personal.rs; say what it holds in the personal.rs of the crate that writes it"
        )
    });
    let gone = listed
        .keys()
        .filter(|column| !there.contains(*column))
        .map(|(table, name)| format!("{table}.{name}: stands in a personal.rs and not in the database; take the line out"));
    let twice = listed.iter().filter(|(_, times)| **times > 1).map(|((table, name), times)| {
        format!("{table}.{name}: stands in the dictionary {times} times; leave the line of the crate that writes it")
    });
    unlisted.chain(gone).chain(twice).chain(dictionary.iter().flat_map(Column::faults)).collect()
}

impl Column {
    /// What is held about somebody.
    pub fn datum(&self) -> Option<&Datum> {
        if let Holds::Personal(datum) = &self.holds { Some(datum) } else { None }
    }

    /// What is wrong with the line itself.
    fn faults(&self) -> Vec<String> {
        let Some(datum) = self.datum() else { return Vec::new() };
        let mut faults = Vec::new();
        let mut fault = |what: String| faults.push(format!("{}.{}: {what}", self.table, self.name));
        if datum.purposes.is_empty() {
            fault("is kept for no purpose; name one, or do not keep it (clause 1.4)".into());
        }
        for purpose in datum.purposes.iter().filter(|_| datum.of.is_user()) {
            if !purpose.categories().contains(&datum.category) {
                fault(format!("{purpose} has no use for {} (clause 10.1); take the purpose out", datum.category));
            }
        }
        if let Form::Sealed(field) = datum.form
            && field.category() != datum.category
        {
            fault(format!("is sealed as `{field}`, which is {}, and listed as {}; make the two agree", field.category(), datum.category));
        }
        if datum.of.is_user() && datum.form == Form::Clear {
            fault("a user's data stands in clear beside them; seal it (I3)".into());
        }
        if matches!(datum.form, Form::Clear | Form::Unlinked) && datum.erase == Erase::KeyDeath {
            fault("stands in clear, so the death of a key does nothing to it; say how it goes (clause 12.1)".into());
        }
        if let Term::Always(reason) = datum.term
            && reason.trim().is_empty()
        {
            fault("is kept for ever without a reason; give one".into());
        }
        if let Export::Nothing(reason) = datum.export
            && reason.trim().is_empty()
        {
            fault("is left out of a person's data without a reason; give one".into());
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: Datum = Datum {
        form: Form::Sealed(Field::Phone),
        category: DataCategory::C2,
        of: Subject::User,
        purposes: &[Purpose::P1],
        term: Term::Kept(TermKey::Identity),
        export: Export::Value,
        erase: Erase::KeyDeath,
    };

    columns! {
        /// Two tables.
        const SOUND:
        person { phone } => Holds::Personal(PHONE);
        person { id, kind } => Holds::Nothing;
    }

    fn database(names: &[&str]) -> Vec<(String, String)> {
        names.iter().map(|name| ("person".to_owned(), (*name).to_owned())).collect()
    }

    #[test]
    fn a_dictionary_that_has_each_column_once_is_sound() {
        assert_eq!(faults(SOUND, &database(&["id", "kind", "phone"])), Vec::<String>::new());
    }

    #[test]
    fn a_column_too_many_too_few_or_twice_is_found() {
        let [fault] = &faults(SOUND, &database(&["id", "kind", "phone", "height"]))[..] else { panic!("one fault") };
        assert!(fault.starts_with("person.height: stands in the database and in no personal.rs"), "{fault}");
        let [fault] = &faults(SOUND, &database(&["id", "phone"]))[..] else { panic!("one fault") };
        assert!(fault.starts_with("person.kind: stands in a personal.rs and not in the database"), "{fault}");
        let twice = [SOUND, SOUND].concat();
        assert_eq!(faults(&twice, &database(&["id", "kind", "phone"])).len(), 3);
    }

    #[test]
    fn a_line_that_cannot_be_right_is_found() {
        let with =
            |datum: Datum| faults(&[Column { table: "person", name: "phone", holds: Holds::Personal(datum) }], &database(&["phone"]));
        assert_eq!(with(PHONE), Vec::<String>::new());
        for (datum, part) in [
            (Datum { purposes: &[], ..PHONE }, "kept for no purpose"),
            (Datum { purposes: &[Purpose::P6], ..PHONE }, "P6 has no use for C2"),
            (Datum { category: DataCategory::C4, ..PHONE }, "sealed as `phone`, which is C2, and listed as C4"),
            (Datum { form: Form::Clear, erase: Erase::Row, ..PHONE }, "stands in clear beside them"),
            (Datum { form: Form::Unlinked, ..PHONE }, "the death of a key does nothing"),
            (Datum { term: Term::Always(""), ..PHONE }, "for ever without a reason"),
            (Datum { export: Export::Nothing(" "), ..PHONE }, "left out of a person's data without a reason"),
        ] {
            let found = with(datum);
            assert!(matches!(&found[..], [fault] if fault.contains(part)), "{part}: {found:?}");
        }
    }
}
