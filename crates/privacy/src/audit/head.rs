//! What the log's key signs about the tree: heads, and cuts up to which the bodies of entries may go.

use clock::Timestamp;

use super::signer::{PublicKey, Signature, Signer};
use super::tree::Hash;

/// How a head's message begins; the number changes with the form.
const HEAD: &[u8] = b"recomed audit head 1\n";
/// How a cut's message begins.
const CUT: &[u8] = b"recomed audit cut 1\n";

/// The tree as it was at an instant, signed: whoever has kept it can tell later whether the log that it was of is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// When it was sealed.
    pub at: Timestamp,
    /// Of size, instant and root.
    pub signature: Signature,
}

impl Head {
    pub(super) fn sign(signer: &Signer, size: u64, root: Hash, at: Timestamp) -> Head {
        Head { size, root, at, signature: signer.sign(&head_message(size, &root, at)) }
    }

    /// Whether that key signed it.
    pub fn is_of(&self, key: &PublicKey) -> bool {
        key.has_signed(&head_message(self.size, &self.root, self.at), &self.signature)
    }
}

fn head_message(size: u64, root: &Hash, at: Timestamp) -> Vec<u8> {
    [HEAD, &size.to_be_bytes(), &at.micros().to_be_bytes(), root].concat()
}

/// Leave to take the bodies of old entries away: of those that stand before `seq` and are older than `before`. Their leaves stay.
///
/// A copied log without a body cannot show how old it was; that it stands before a signed place it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Bodies before this place may go.
    pub seq: u64,
    /// Of entries older than this.
    pub before: Timestamp,
    /// When it was made.
    pub at: Timestamp,
    /// Of the three.
    pub signature: Signature,
}

impl Cut {
    pub(super) fn sign(signer: &Signer, seq: u64, before: Timestamp, at: Timestamp) -> Cut {
        Cut { seq, before, at, signature: signer.sign(&cut_message(seq, before, at)) }
    }

    /// Whether that key signed it.
    pub fn is_of(&self, key: &PublicKey) -> bool {
        key.has_signed(&cut_message(self.seq, self.before, self.at), &self.signature)
    }
}

fn cut_message(seq: u64, before: Timestamp, at: Timestamp) -> Vec<u8> {
    [CUT, &seq.to_be_bytes(), &before.micros().to_be_bytes(), &at.micros().to_be_bytes()].concat()
}
