//! The closed vocabularies of the policy (clauses 1.2, 2.1, 2.2).

use serde::{Deserialize, Serialize};

/// Why data is used: the purposes of clause 2.1, and the two that the law adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Purpose {
    /// Booking of a visit or an examination through the site.
    P1,
    /// Talking with the contact centre.
    P2,
    /// Quality control with staff, clinics, doctors and third parties.
    P3,
    /// Support in using the site.
    P4,
    /// Advertising.
    P5,
    /// Improving the site and the service.
    P6,
    /// Feedback on the operator and the site.
    P7,
    /// Feedback on clinics and doctors.
    P8,
    /// Answering subjects, and duties of the law.
    P9,
    /// Security log.
    P10,
}

impl Purpose {
    /// All purposes.
    pub const ALL: [Purpose; 10] =
        [Purpose::P1, Purpose::P2, Purpose::P3, Purpose::P4, Purpose::P5, Purpose::P6, Purpose::P7, Purpose::P8, Purpose::P9, Purpose::P10];

    /// `P1` … `P10`, as the policy and the API name it.
    pub fn code(self) -> &'static str {
        match self {
            Purpose::P1 => "P1",
            Purpose::P2 => "P2",
            Purpose::P3 => "P3",
            Purpose::P4 => "P4",
            Purpose::P5 => "P5",
            Purpose::P6 => "P6",
            Purpose::P7 => "P7",
            Purpose::P8 => "P8",
            Purpose::P9 => "P9",
            Purpose::P10 => "P10",
        }
    }

    /// The purpose with that code.
    pub fn from_code(code: &str) -> Option<Purpose> {
        Purpose::ALL.into_iter().find(|purpose| purpose.code() == code)
    }
}

/// A sealed field of a person (categories C1, C2, C4, C5, C6 of clause 2.2). The number is bound into the sealed bytes: it never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// C1.
    Name = 1,
    /// C2.
    Phone = 2,
    /// C4.
    Email = 3,
    /// C5.
    Sex = 4,
    /// C6.
    Age = 5,
    /// A message as it was sent: number and text.
    Message = 6,
    /// Who acts for the person: their parent, guardian, … (clause 2.4).
    Relation = 7,
    /// The name of whoever acts for the person.
    Representative = 8,
    /// What they declared: version, hash and language of the text, and when.
    Declaration = 9,
}

impl Field {
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

    /// The name under which audit entries list it.
    pub fn code(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::Phone => "phone",
            Field::Email => "email",
            Field::Sex => "sex",
            Field::Age => "age",
            Field::Message => "message",
            Field::Relation => "relation",
            Field::Representative => "representative",
            Field::Declaration => "declaration",
        }
    }
}

/// What is done with data (the closed list of clause 1.2, as far as the program does it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Collect and record.
    Collect,
    /// Retrieve and use.
    Use,
    /// Refine: correct, move, change.
    Refine,
    /// Provide to a recipient.
    Provide,
    /// Delete.
    Delete,
}

impl Operation {
    /// The name under which audit entries list it.
    pub fn code(self) -> &'static str {
        match self {
            Operation::Collect => "collect",
            Operation::Use => "use",
            Operation::Refine => "refine",
            Operation::Provide => "provide",
            Operation::Delete => "delete",
        }
    }
}
