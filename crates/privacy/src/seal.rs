//! Sealed values and the one way to open them.

use std::fmt;
use std::marker::PhantomData;

use clock::Clock;
use db::{DbError, Tx};
use zeroize::Zeroizing;

use crate::decide::{Permit, RefusedReason};
use crate::keys::{KeyError, SubjectKey};
use crate::vocabulary::Field;

/// A value that can be sealed.
pub trait Sealable: Sized {
    /// The value as text.
    fn to_text(&self) -> String;
    /// The value that was written so.
    fn from_text(text: &str) -> Option<Self>;
}

impl Sealable for String {
    fn to_text(&self) -> String {
        self.clone()
    }
    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl Sealable for i64 {
    fn to_text(&self) -> String {
        self.to_string()
    }
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// Absent values are sealed too: that a person gave no e-mail is not to be seen.
impl<T: Sealable> Sealable for Option<T> {
    fn to_text(&self) -> String {
        self.as_ref().map_or_else(String::new, |value| format!("+{}", value.to_text()))
    }
    fn from_text(text: &str) -> Option<Self> {
        match text.strip_prefix('+') {
            Some(text) => T::from_text(text).map(Some),
            None => text.is_empty().then_some(None),
        }
    }
}

/// A value about a person, as stored. Nothing can be done with it but to store it, and to open it with a permit.
pub struct Sealed<T> {
    bytes: Vec<u8>,
    field: Field,
    row: [u8; 16],
    of: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<sealed>")
    }
}

impl<T: Sealable> Sealed<T> {
    /// Seals `value` for the row `row` and its column `field`: moved elsewhere it will not open.
    pub fn seal(key: &SubjectKey, clock: &Clock, field: Field, row: [u8; 16], value: &T) -> Sealed<T> {
        let text = Zeroizing::new(value.to_text());
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let mut plain = Zeroizing::new(Vec::with_capacity((text.len() + 4).next_multiple_of(field.padded_bytes())));
        plain.extend_from_slice(&length.to_be_bytes());
        plain.extend_from_slice(text.as_bytes());
        let padded = plain.len().next_multiple_of(field.padded_bytes());
        plain.resize(padded, 0);
        Sealed { bytes: key.seal_bytes(clock, &bound_to(field, &row), &plain), field, row, of: PhantomData }
    }

    /// What a store read: the bytes of column `field` in row `row`.
    pub fn stored(field: Field, row: [u8; 16], bytes: Vec<u8>) -> Sealed<T> {
        Sealed { bytes, field, row, of: PhantomData }
    }

    /// The bytes to be stored.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Opens the value. The first opening under a permit writes the permit's audit entry into `tx`; what is opened counts only
    /// if that transaction commits, so that no value leaves without its entry (I3, clause 7.4.5).
    ///
    /// # Errors
    /// [`OpenError::Outside`] when the permit does not cover the field or has expired.
    pub async fn open(&self, tx: &mut Tx, permit: &mut Permit) -> Result<Personal<T>, OpenError> {
        permit.covers(self.field, tx.now())?;
        permit.record(tx).await?;
        let plain = permit.key().open_bytes(&bound_to(self.field, &self.row), &self.bytes).map_err(|_| OpenError::Forged)?;
        let (length, rest) = plain.split_first_chunk::<4>().ok_or(OpenError::Forged)?;
        let text = rest.get(..u32::from_be_bytes(*length) as usize).ok_or(OpenError::Forged)?;
        let text = std::str::from_utf8(text).map_err(|_| OpenError::Forged)?;
        T::from_text(text).map(Personal).ok_or(OpenError::Forged)
    }
}

fn bound_to(field: Field, row: &[u8; 16]) -> [u8; 17] {
    let mut bytes = [field.number(); 17];
    if let Some(rest) = bytes.last_chunk_mut::<16>() {
        *rest = *row;
    }
    bytes
}

/// Why a sealed value stays sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenError {
    /// The permit is for other fields, or its time is over.
    Outside,
    /// There is no permit: [`crate::decide`] has said why.
    Refused(RefusedReason),
    /// The value was changed, moved, or sealed under another key.
    Forged,
    /// The audit entry could not be written.
    Db(DbError),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Outside => f.write_str("the permit does not cover this"),
            OpenError::Refused(_) => f.write_str("there is no permit for this"),
            OpenError::Forged => KeyError::Forged.fmt(f),
            OpenError::Db(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<DbError> for OpenError {
    fn from(error: DbError) -> Self {
        OpenError::Db(error)
    }
}

impl db::Refusal for OpenError {
    fn fault(&self) -> Option<&DbError> {
        if let OpenError::Db(error) = self { Some(error) } else { None }
    }
}

/// A value about a person in clear. Prints as `<personal>`; [`Personal::expose`] is the word to look for in a review.
#[derive(Clone, PartialEq, Eq)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Marks a value that came from the person.
    pub fn new(value: T) -> Personal<T> {
        Personal(value)
    }
    /// The value itself.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<personal>")
    }
}

impl<T> fmt::Display for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<personal>")
    }
}
