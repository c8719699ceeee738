//! How a backup is sealed: in pieces, each under a key of this backup alone, bound to its place in it. The master key, from which that key is
//! derived, is never in a backup.

use clock::Clock;
use zeroize::Zeroizing;

use super::{KeyError, MasterKey, Suite, open, seal};

/// The key of one backup set.
pub struct ArchiveKey {
    key: Zeroizing<[u8; 32]>,
}

/// Where a piece stands: its file, its number from 0, and whether it is the last. A piece that is moved, left out or cut off does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Which file of the set: `main`, `keys`.
    pub file: &'a str,
    /// The piece's number.
    pub number: u64,
    /// Whether no other follows.
    pub last: bool,
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.file.as_bytes().to_vec();
        bytes.push(0);
        bytes.extend(self.number.to_be_bytes());
        bytes.push(u8::from(self.last));
        bytes
    }
}

impl MasterKey {
    /// The key that is derived for the backup set of that name.
    pub fn archive(&self, set: &str) -> ArchiveKey {
        let mut what = b"backup ".to_vec();
        what.extend(set.as_bytes());
        ArchiveKey { key: self.expand(&what) }
    }
}

impl ArchiveKey {
    /// A key that nothing is derived from: who has not been given it opens nothing.
    pub fn random(clock: &Clock) -> ArchiveKey {
        ArchiveKey { key: Zeroizing::new(clock.bytes()) }
    }

    /// The key of those bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> ArchiveKey {
        ArchiveKey { key: Zeroizing::new(bytes) }
    }

    /// The key's bytes, to be sealed into something else.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.key
    }

    /// Seals a piece.
    pub fn seal(&self, clock: &Clock, place: Place<'_>, plain: &[u8]) -> Vec<u8> {
        seal(Suite::Sealed, &self.key, clock, &place.bytes(), plain)
    }

    /// Opens a piece.
    ///
    /// # Errors
    /// [`KeyError::Forged`]: changed, of another place, of another set, or sealed under another master key.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        open(Suite::Sealed, &self.key, &place.bytes(), sealed)
    }
}
