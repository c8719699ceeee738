//! The Merkle tree of RFC 9162 (section 2.1) over SHA-256: roots, and proofs that a leaf is in a tree or a tree in a later one.
//!
//! Pure: what is read from where is the caller's. A tree of `size` leaves is told by its peaks, the whole subtrees of which it
//! consists from left to right, one for each bit of its size.

use sha2::{Digest as _, Sha256};

/// A node's hash.
pub type Hash = [u8; 32];

/// The hash of a leaf over these bytes.
pub fn leaf_hash(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
}

/// The hash of a node over its two children.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// A whole subtree: the `place`th, counted from 0, of those with `2^level` leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Peak {
    /// Its height.
    pub level: u32,
    /// Which of its height.
    pub place: u64,
}

impl Peak {
    /// Its in-order number: unique over all levels, and the same however far the tree grows.
    pub fn number(self) -> u64 {
        (((self.place << 1) | 1) << self.level) - 1
    }

    /// Its first leaf.
    pub fn first(self) -> u64 {
        self.place << self.level
    }
}

/// The leaves `start..end` of a tree: a subtree as proofs name them, not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first leaf.
    pub start: u64,
    /// The leaf after the last.
    pub end: u64,
}

impl Span {
    /// The whole subtrees of which it consists, from left to right.
    pub fn peaks(self) -> Vec<Peak> {
        let (mut at, length) = (self.start, self.end - self.start);
        let mut peaks = Vec::new();
        for level in (0..u64::BITS).rev().filter(|level| length >> level & 1 == 1) {
            peaks.push(Peak { level, place: at >> level });
            at += 1 << level;
        }
        peaks
    }

    /// Its two halves; the left one is the largest whole subtree that leaves something for the right one. `None` for a single leaf.
    fn halves(self) -> Option<(Span, Span)> {
        let length = self.end - self.start;
        let left = 1 << (length - 1).checked_ilog2()?;
        let middle = self.start + left;
        Some((Span { start: self.start, end: middle }, Span { start: middle, end: self.end }))
    }
}

/// The hash of a subtree from those of its peaks, in their order; that of the empty tree for none.
pub fn fold(peaks: &[Hash]) -> Hash {
    let mut rest = peaks.iter().rev();
    let Some(last) = rest.next() else { return Sha256::digest([]).into() };
    rest.fold(*last, |right, left| node_hash(left, &right))
}

/// A tree that grows: its size and its peaks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The tree of `size` leaves with the hashes of its peaks; `None` when their number does not fit the size.
    pub fn new(size: u64, peaks: Vec<Hash>) -> Option<Frontier> {
        (size.count_ones() as usize == peaks.len()).then_some(Frontier { size, peaks })
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root.
    pub fn root(&self) -> Hash {
        fold(&self.peaks)
    }

    /// Adds a leaf; `closed` is told each subtree that became whole by it, smallest first.
    pub fn push(&mut self, leaf: Hash, mut closed: impl FnMut(Peak, Hash)) {
        let (mut hash, mut level) = (leaf, 0);
        while self.size >> level & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            level += 1;
            closed(Peak { level, place: self.size >> level }, hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }
}

/// The subtrees whose hashes prove that leaf `seq` is in the tree of `size` leaves, from the leaf upwards; `None` when it is not.
pub fn inclusion(seq: u64, size: u64) -> Option<Vec<Span>> {
    (seq < size).then(|| {
        let (mut within, mut path) = (Span { start: 0, end: size }, Vec::new());
        while let Some((left, right)) = within.halves() {
            let (goes, stays) = if seq < right.start { (left, right) } else { (right, left) };
            path.push(stays);
            within = goes;
        }
        path.reverse();
        path
    })
}

/// The subtrees whose hashes prove that the tree of `older` leaves begins the tree of `newer`; `None` when `older` is 0 or the larger.
pub fn consistency(older: u64, newer: u64) -> Option<Vec<Span>> {
    (0 < older && older <= newer).then(|| {
        let (mut within, mut path) = (Span { start: 0, end: newer }, Vec::new());
        while within.end != older
            && let Some((left, right)) = within.halves()
        {
            let (goes, stays) = if older <= left.end { (left, right) } else { (right, left) };
            path.push(stays);
            within = goes;
        }
        // The older root itself is known to whoever checks; a part of it is not.
        if within.start > 0 {
            path.push(within);
        }
        path.reverse();
        path
    })
}

/// Whether `path` proves that `leaf` stands at `seq` in the tree of `size` leaves with this root (RFC 9162, 2.1.3.2).
pub fn is_included(leaf: &Hash, seq: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    if seq >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (seq, size - 1, *leaf);
    for beside in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(beside, &hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, beside);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether `path` proves that the tree with the older size and root begins the newer one (RFC 9162, 2.1.4.2).
pub fn is_consistent(older: (u64, &Hash), newer: (u64, &Hash), path: &[Hash]) -> bool {
    let ((older, older_root), (newer, newer_root)) = (older, newer);
    if older == newer {
        return path.is_empty() && older_root == newer_root;
    }
    if older == 0 || older > newer {
        return false;
    }
    let mut path = path.iter();
    let first = if older.is_power_of_two() { Some(older_root) } else { path.next() };
    let Some(first) = first else { return false };
    let (mut at, mut last) = (older - 1, newer - 1);
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let (mut was, mut is) = (*first, *first);
    for beside in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            (was, is) = (node_hash(beside, &was), node_hash(beside, &is));
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            is = node_hash(&is, beside);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && was == *older_root && is == *newer_root
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The definition, word for word (RFC 9162, 2.1.1).
    fn root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => *leaf,
            leaves => {
                let mut middle = 1;
                while middle * 2 < leaves.len() {
                    middle *= 2;
                }
                node_hash(&root(&leaves[..middle]), &root(&leaves[middle..]))
            }
        }
    }

    fn leaves(count: usize) -> Vec<Hash> {
        (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
    }

    fn hash_of(leaves: &[Hash], span: Span) -> Hash {
        root(&leaves[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()])
    }

    fn hex(hash: &Hash) -> String {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Hashes that any other tool gives: `printf '' | sha256sum`, `printf '\0' | sha256sum`, and so on up the tree.
    #[test]
    fn small_trees_have_the_hashes_that_other_tools_give() {
        assert_eq!(hex(&Frontier::default().root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(hex(&leaf_hash(b"")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        let mut tree = Frontier::default();
        for leaf in [b"".as_slice(), b"\x00", b"\x10"] {
            tree.push(leaf_hash(leaf), |_, _| {});
        }
        // The first three leaves of the test trees that implementations of certificate transparency share.
        assert_eq!(hex(&tree.root()), "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
    }

    #[test]
    fn a_growing_tree_has_the_roots_of_the_definition() {
        let leaves = leaves(300);
        let (mut tree, mut whole) = (Frontier::default(), Vec::new());
        for (count, leaf) in leaves.iter().enumerate() {
            assert_eq!(tree.root(), root(&leaves[..count]));
            tree.push(*leaf, |peak, hash| whole.push((peak, hash)));
        }
        let mut numbers: Vec<u64> = whole.iter().map(|(peak, _)| peak.number()).collect();
        for (peak, hash) in &whole {
            assert_eq!(*hash, hash_of(&leaves, Span { start: peak.first(), end: peak.first() + (1 << peak.level) }));
        }
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), whole.len(), "each has a number of its own");
        // Taken up again from its peaks, it is the same tree.
        let span = Span { start: 0, end: 300 };
        let peaks =
            span.peaks().into_iter().map(|peak| hash_of(&leaves, Span { start: peak.first(), end: peak.first() + (1 << peak.level) }));
        assert_eq!(Frontier::new(300, peaks.collect()), Some(tree));
        assert_eq!(Frontier::new(300, vec![[0; 32]]), None);
    }

    #[test]
    fn every_leaf_of_every_tree_is_proven_and_nothing_else() {
        let leaves = leaves(70);
        for size in 1..=leaves.len() {
            let whole = root(&leaves[..size]);
            for seq in 0..size {
                let (at, of) = (seq as u64, size as u64);
                let path: Vec<Hash> = inclusion(at, of).unwrap().into_iter().map(|span| hash_of(&leaves, span)).collect();
                assert!(is_included(&leaves[seq], at, of, &path, &whole), "{seq} of {size}");
                assert!(!is_included(&leaves[seq], at + 1, of, &path, &whole), "another place");
                assert!(!is_included(&[9; 32], at, of, &path, &whole), "another leaf");
                assert!(!is_included(&leaves[seq], at, of, &path, &[9; 32]), "another root");
                let mut longer = path.clone();
                longer.push([9; 32]);
                assert!(!is_included(&leaves[seq], at, of, &longer, &whole), "a longer path");
                for step in 0..path.len() {
                    let mut other = path.clone();
                    other[step][0] ^= 1;
                    assert!(!is_included(&leaves[seq], at, of, &other, &whole), "another path");
                    assert!(!is_included(&leaves[seq], at, of, &path[..step], &whole), "a shorter path");
                }
            }
            assert_eq!(inclusion(size as u64, size as u64), None);
        }
    }

    #[test]
    fn every_tree_is_proven_to_begin_every_later_one_and_no_other() {
        let leaves = leaves(40);
        let mut forged = leaves.clone();
        forged[0][0] ^= 1;
        for newer in 1..=leaves.len() {
            let is = root(&leaves[..newer]);
            for older in 1..=newer {
                let was = root(&leaves[..older]);
                let (few, many) = (older as u64, newer as u64);
                let path: Vec<Hash> = consistency(few, many).unwrap().into_iter().map(|span| hash_of(&leaves, span)).collect();
                assert!(is_consistent((few, &was), (many, &is), &path), "{older} in {newer}");
                assert!(!is_consistent((few, &root(&forged[..older])), (many, &is), &path), "an older tree that was another");
                for step in 0..path.len() {
                    let mut other = path.clone();
                    other[step][0] ^= 1;
                    assert!(!is_consistent((few, &was), (many, &is), &other), "another path");
                }
            }
        }
        assert_eq!((consistency(0, 3), consistency(4, 3)), (None, None));
    }
}
