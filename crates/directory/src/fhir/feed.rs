//! A feed: whose it is, what it leaves unsaid, and the files in which it lies.

use std::fmt;
use std::io::BufRead;
use std::sync::Arc;

use crate::catalogue::Catalogue;
use crate::resolve::uuid8;

/// What the operator says of a feed, since FHIR does not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feed {
    /// Names the feed: its ids are derived from this and the clinic's ids. 1 to 40 of `a-z`, `0-9`, `.` and `-`.
    pub source: String,
    /// Whether the operator gave the name. Without one, the directory of another Recomed keeps its ids.
    pub named: bool,
    /// IANA zone of places in cities that are not known yet. Without one their times are shown to nobody.
    pub zone: Option<String>,
    /// ISO 3166 code of their country.
    pub country: Option<String>,
    /// ISO 4217 code of their prices.
    pub currency: Option<String>,
    /// The city of places that name none.
    pub city: Option<String>,
    /// Code of the specialty under which services and schedules stand that name none; general practice without one.
    pub specialty: Option<String>,
    /// Which of our services a type of theirs is: their code, or `system|code`, and ours.
    pub services: Vec<(String, String)>,
    /// Price of a visit in minor units, since a feed has none.
    pub price_minor: i64,
}

/// Where services without a specialty stand unless the operator says otherwise.
const SPECIALTY: &str = "therapist";

impl Feed {
    /// What is wrong with these settings, and what to do.
    ///
    /// # Errors
    /// One line.
    pub fn check(&self, known: &Catalogue) -> Result<(), String> {
        let letters = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, b'.' | b'-');
        if !(1..=40).contains(&self.source.len()) || !self.source.bytes().all(letters) {
            return Err(format!("source `{}`: write 1 to 40 of a-z, 0-9, dot and hyphen", self.source));
        }
        if let Some(zone) = self.zone.as_deref().filter(|zone| clock::jiff::tz::TimeZone::get(zone).is_err()) {
            return Err(format!("zone `{zone}`: no such time zone; write its IANA name, as Asia/Almaty"));
        }
        let capitals = |text: &str, length: usize| text.len() == length && text.bytes().all(|letter| letter.is_ascii_uppercase());
        if let Some(country) = self.country.as_deref().filter(|country| !capitals(country, 2)) {
            return Err(format!("country `{country}`: write two capital letters, as KZ"));
        }
        if let Some(currency) = self.currency.as_deref().filter(|currency| !capitals(currency, 3)) {
            return Err(format!("currency `{currency}`: write three capital letters, as KZT"));
        }
        if known.specialty(self.specialty()).is_none() {
            return Err(format!("specialty `{}`: not known here; write a code from the list of specialties", self.specialty()));
        }
        if let Some((_, ours)) = self.services.iter().find(|(_, ours)| known.service(ours).is_none()) {
            return Err(format!("service `{ours}`: not known here; write a code from the list of services"));
        }
        if !(0..=1_000_000_000).contains(&self.price_minor) {
            return Err("price: write minor units from 0 to 1000000000".to_owned());
        }
        Ok(())
    }

    pub(super) fn specialty(&self) -> &str {
        self.specialty.as_deref().unwrap_or(SPECIALTY)
    }

    /// The id of one of their resources.
    pub(super) fn id(&self, kind: &str, their: &str) -> [u8; 16] {
        *uuid8("fhir", &[self.source.as_bytes(), kind.as_bytes(), their.as_bytes()]).as_bytes()
    }
}

/// One file of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedFile {
    /// As reports name it: its last part.
    pub name: String,
    /// The type of its resources, when the manifest says; `None`: whatever is in it.
    pub kind: Option<String>,
    /// A path or an address: what [`Opened`] is asked for.
    pub place: String,
}

/// The files of a feed that can be read, and a line for each that cannot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// To be read.
    pub files: Vec<FeedFile>,
    /// What cannot be read, why, and what to do.
    pub absent: Vec<String>,
}

/// Opens a file for reading; the error says why it cannot be, and what to do.
pub type Opened = Arc<dyn Fn(&FeedFile) -> Result<Box<dyn BufRead + Send>, String> + Send + Sync>;

/// Where something stands in a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) file: usize,
    pub(super) line: u64,
}

/// A resource that is not imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The file.
    pub file: String,
    /// The line, counted from 1; in a Bundle the entry.
    pub line: u64,
    /// `Slot/20`; empty when the line is no resource.
    pub resource: String,
    /// The element at fault; empty when it is the whole.
    pub field: String,
    /// Why, and what to do.
    pub why: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.file, self.line)?;
        for part in [&self.resource, &self.field] {
            if !part.is_empty() {
                write!(f, ", {part}")?;
            }
        }
        write!(f, ": {}", self.why)
    }
}
