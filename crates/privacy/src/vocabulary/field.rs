//! Sealed fields of a person.

use super::{Clause, DataCategory, closed};

closed! {
    /// A sealed field of a person.
    pub enum Field {
        /// Name.
        Name = "name",
        /// Phone.
        Phone = "phone",
        /// E-mail.
        Email = "email",
        /// Sex.
        Sex = "sex",
        /// Age.
        Age = "age",
        /// A message as it was sent: to whom, and its text.
        Message = "message",
        /// Who acts for the person: their parent, guardian, … (clause 2.4).
        Relation = "relation",
        /// The name of whoever acts for the person.
        Representative = "representative",
        /// What they declared: version, hash and language of the text, and when.
        Declaration = "declaration",
    }
}

impl Field {
    /// The number that is bound into the sealed bytes. It never changes.
    pub(crate) fn number(self) -> u8 {
        match self {
            Field::Name => 1,
            Field::Phone => 2,
            Field::Email => 3,
            Field::Sex => 4,
            Field::Age => 5,
            Field::Message => 6,
            Field::Relation => 7,
            Field::Representative => 8,
            Field::Declaration => 9,
        }
    }

    /// What kind of data it is. A message is its receiver's number or address; what it says besides is kept as shortly.
    pub fn category(self) -> DataCategory {
        match self {
            Field::Name | Field::Representative => DataCategory::C1,
            Field::Phone | Field::Message => DataCategory::C2,
            Field::Email => DataCategory::C4,
            Field::Sex => DataCategory::C5,
            Field::Age => DataCategory::C6,
            Field::Relation | Field::Declaration => DataCategory::A1,
        }
    }

    /// Where the policy names it.
    pub fn clause(self) -> Clause {
        match self {
            Field::Relation | Field::Representative | Field::Declaration => Clause::C2_4,
            Field::Message => Clause::C16_4,
            _ => self.category().clause(),
        }
    }

    /// To how many bytes its sealed text is padded: every value that a form lets through has one length, so that a length tells nobody from
    /// another (I5). Only messages, which live for days, and names in scripts of three bytes a letter may take two lengths.
    pub(crate) fn padded_bytes(self) -> usize {
        match self {
            Field::Phone | Field::Sex | Field::Age | Field::Relation => 64,
            // A version, a hash, a language, an instant.
            Field::Declaration => 192,
            // A hundred letters of two bytes, and the length.
            Field::Name | Field::Representative => 256,
            // As long as an address may be: 254 bytes.
            Field::Email => 320,
            Field::Message => 1024,
        }
    }
}
