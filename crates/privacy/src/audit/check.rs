//! What a log must be, record by record: the same judge for a file and for a database.

use std::fmt;

use clock::Timestamp;

use super::head::{Cut, Head};
use super::signer::PublicKey;
use super::tree::{Frontier, Hash, Peak};
use super::written::Written;

/// What is wrong with a log. The text says what was found, not where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// Not a line of an export, or not written as an export writes it.
    Form,
    /// The line is not what was hashed into the running check: it was changed, or a line before it was taken away, added or moved.
    Check,
    /// The copy ends before its last line.
    Truncated,
    /// Something stands after the last line.
    Longer,
    /// The end of the copy was not signed by the log's key over these lines.
    End,
    /// The log is of another key than the one that is expected.
    Key {
        /// The key that it names.
        found: PublicKey,
    },
    /// An entry of another place was expected.
    Order {
        /// The place.
        expected: u64,
    },
    /// What the entry says is not what was sealed.
    Leaf,
    /// The body of an entry is gone that no signed cut has passed.
    Gone,
    /// The cut was not signed by the log's key.
    CutSignature,
    /// The head was not signed by the log's key.
    HeadSignature,
    /// The head is of more or fewer entries than stand before it.
    HeadSize {
        /// Entries before it.
        entries: u64,
    },
    /// The root over the entries is another than the signed one: one of those since the head before was changed.
    Root,
    /// Sealed entries stand after the last head.
    Headless,
    /// The log is not a continuation of the one that was kept: at that size it had another root.
    Kept {
        /// The size.
        size: u64,
    },
    /// The log has fewer entries than the one that was kept.
    Shorter {
        /// Its entries.
        entries: u64,
        /// Those of the kept one.
        kept: u64,
    },
    /// A stored subtree has another hash than its leaves.
    Node,
    /// The receipt's path does not lead from its entry to its head.
    Path,
    /// The receipt's key does not open the entry's commitment to its subject.
    Opening,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Form => f.write_str("this is not written as an export of the audit log writes it"),
            Wrong::Check => f.write_str("the running check fails: this line was changed, or one before it taken away, added or moved"),
            Wrong::Truncated => f.write_str("the copy ends here, before its last line"),
            Wrong::Longer => f.write_str("something stands after the last line"),
            Wrong::End => f.write_str("the end is not signed by the log's key over these lines"),
            Wrong::Key { found } => write!(f, "the log is of the key {found}, not of the expected one"),
            Wrong::Order { expected } => write!(f, "entry {expected} was expected here"),
            Wrong::Leaf => f.write_str("the entry is not the one that was sealed"),
            Wrong::Gone => f.write_str("the entry's body is gone, and no signed cut has passed it"),
            Wrong::CutSignature => f.write_str("the cut is not signed by the log's key"),
            Wrong::HeadSignature => f.write_str("the head is not signed by the log's key"),
            Wrong::HeadSize { entries } => write!(f, "the head does not fit the {entries} entries before it"),
            Wrong::Root => f.write_str("the entries have another root than the signed head: one of them was changed with its hash"),
            Wrong::Headless => f.write_str("sealed entries stand after the last head"),
            Wrong::Kept { size } => write!(f, "with {size} entries the log had another root when the head was kept: it was rewritten"),
            Wrong::Shorter { entries, kept } => write!(f, "the log has {entries} entries; it had {kept} when the head was kept"),
            Wrong::Node => f.write_str("a stored subtree has another hash than its leaves"),
            Wrong::Path => f.write_str("the receipt's path does not lead from its entry to its head"),
            Wrong::Opening => f.write_str("the receipt's key does not open the entry's commitment"),
        }
    }
}

/// A root that somebody has kept outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Entries of the log at that time.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// What was found to be whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The log's key.
    pub key: PublicKey,
    /// Sealed entries.
    pub entries: u64,
    /// Those of them whose body is gone.
    pub pruned: u64,
    /// Heads.
    pub heads: u64,
    /// The last of them.
    pub last: Option<Head>,
    /// Entries that wait to be sealed: no head speaks for them yet.
    pub unsealed: u64,
    /// When the oldest of those was written.
    pub unsealed_since: Option<Timestamp>,
}

/// Follows a log from its first record to its last.
pub(super) struct Judge {
    found: Verified,
    tree: Frontier,
    cut: u64,
    kept: Option<Kept>,
}

impl Judge {
    pub(super) fn new(key: PublicKey, kept: Option<Kept>) -> Judge {
        let found = Verified { key, entries: 0, pruned: 0, heads: 0, last: None, unsealed: 0, unsealed_since: None };
        Judge { found, tree: Frontier::default(), cut: 0, kept }
    }

    /// Sealed entries so far.
    pub(super) fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Entries under the last head so far.
    pub(super) fn headed(&self) -> u64 {
        self.found.last.map_or(0, |head| head.size)
    }

    pub(super) fn cut(&mut self, cut: &Cut) -> Result<(), Wrong> {
        if !cut.is_of(&self.found.key) {
            return Err(Wrong::CutSignature);
        }
        self.cut = self.cut.max(cut.seq);
        Ok(())
    }

    /// The next leaf, with its entry's body if that is there; `closed` is told each subtree that became whole.
    pub(super) fn leaf(&mut self, seq: u64, body: Option<&Written<'_>>, leaf: &Hash, closed: impl FnMut(Peak, Hash)) -> Result<(), Wrong> {
        if seq != self.tree.size() {
            return Err(Wrong::Order { expected: self.tree.size() });
        }
        match body {
            Some(body) if body.leaf() != *leaf => return Err(Wrong::Leaf),
            Some(_) => {}
            None if seq >= self.cut => return Err(Wrong::Gone),
            None => self.found.pruned += 1,
        }
        self.tree.push(*leaf, closed);
        self.found.entries += 1;
        match self.kept {
            Some(Kept { size, root }) if size == self.tree.size() && root != self.tree.root() => Err(Wrong::Kept { size }),
            _ => Ok(()),
        }
    }

    pub(super) fn head(&mut self, head: &Head) -> Result<(), Wrong> {
        if !head.is_of(&self.found.key) {
            return Err(Wrong::HeadSignature);
        }
        if head.size != self.tree.size() || head.size <= self.headed() {
            return Err(Wrong::HeadSize { entries: self.tree.size() });
        }
        if head.root != self.tree.root() {
            return Err(Wrong::Root);
        }
        self.found.heads += 1;
        self.found.last = Some(*head);
        Ok(())
    }

    pub(super) fn unsealed(&mut self, body: &Written<'_>) {
        self.found.unsealed += 1;
        self.found.unsealed_since = Some(self.found.unsealed_since.map_or(body.at, |since| since.min(body.at)));
    }

    /// No sealed entry may follow: every leaf is under a head, and the log is no shorter than the kept one.
    pub(super) fn sealed_part_ends(&self) -> Result<(), Wrong> {
        if self.headed() != self.tree.size() {
            return Err(Wrong::Headless);
        }
        match self.kept {
            Some(kept) if kept.size > self.tree.size() => Err(Wrong::Shorter { entries: self.tree.size(), kept: kept.size }),
            _ => Ok(()),
        }
    }

    pub(super) fn found(self) -> Verified {
        self.found
    }
}
