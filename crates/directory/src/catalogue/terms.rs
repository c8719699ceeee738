//! Ids and closed lists of the directory, and the times that feeds bring.

use clock::Timestamp;
use clock::jiff::civil::Date;

db::id!(
    /// A clinic, as a legal or trading name in one city.
    pub OrganizationId
);
db::id!(
    /// A place where a clinic receives people.
    pub LocationId
);
db::id!(
    /// A doctor, in however many clinics.
    pub PractitionerId
);
db::id!(
    /// A doctor in one clinic: what a person books.
    pub RoleId
);
db::id!(
    /// A device or a room of a clinic.
    pub ResourceId
);
db::id!(
    /// A time that a clinic's own system publishes.
    pub SlotId
);

/// A closed list of words with their stable codes, as the files and the database write them.
macro_rules! coded {
    ($(#[$doc:meta])* $name:ident { $($(#[$word:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$word])* $variant),+
        }

        impl $name {
            /// Every word of the list.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The stable code.
            pub fn code(self) -> &'static str {
                match self {
                    $($name::$variant => $code),+
                }
            }

            /// The word of that code; `None` for any other text.
            pub fn from_code(code: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|word| word.code() == code)
            }
        }
    };
}

coded!(
    /// What a service is.
    ServiceKind {
        /// A doctor is spoken to.
        Consultation = "consultation",
        /// Something is looked at or measured.
        Examination = "examination",
    }
);
coded!(
    /// Where a service takes place.
    Mode {
        /// In the clinic.
        Clinic = "clinic",
        /// At the person's home.
        Home = "home",
        /// By video.
        Online = "online",
    }
);
coded!(
    /// A doctor's qualification category.
    Category {
        /// The highest.
        Highest = "highest",
        /// The first.
        First = "first",
        /// The second.
        Second = "second",
    }
);
coded!(
    /// A doctor's scientific degree.
    Degree {
        /// Candidate of medical sciences.
        Candidate = "candidate",
        /// Doctor of medical sciences.
        Doctor = "doctor",
        /// PhD.
        Phd = "phd",
    }
);
coded!(
    /// What is claimed beside a doctor.
    ResourceKind {
        /// An apparatus.
        Device = "device",
        /// A room.
        Room = "room",
    }
);

coded!(
    /// A doctor's sex, by which some people choose.
    Sex {
        /// A woman.
        Female = "f",
        /// A man.
        Male = "m",
    }
);

/// A time that a clinic's own system publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSlot {
    /// Derived from the source and the clinic's id.
    pub id: SlotId,
    /// The schedule it belongs to.
    pub role: RoleId,
    /// The feed it came from.
    pub source: String,
    /// Its id in the clinic's system.
    pub their_id: String,
    /// Begin.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// FHIR's status `free`.
    pub free: bool,
    /// How many people it is for; only a slot for one is booked here.
    pub capacity: i64,
    /// Where the clinic itself books it; empty when it does not say.
    pub deep_link: String,
    /// The number that books it; empty when the feed does not say.
    pub phone: String,
}

/// The licence under which a clinic works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct License {
    /// Its number as printed.
    pub number: String,
    /// The day it was given.
    pub issued_on: Option<Date>,
    /// Who gave it.
    pub issuer: String,
}
