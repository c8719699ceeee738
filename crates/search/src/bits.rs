//! Sets of roles as bits: an intersection of sets of 100,000 roles reads 1,563 words.

/// A set of places below a length that all sets of one index share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    /// The empty set for places below `length`.
    pub(crate) fn none(length: usize) -> Bits {
        Bits(vec![0; length.div_ceil(64)])
    }

    /// Puts a place in; one beyond the length is left out.
    pub(crate) fn put(&mut self, place: usize) {
        if let Some(word) = self.0.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
    }

    /// Whether a place stands in it.
    pub(crate) fn has(&self, place: usize) -> bool {
        self.word(place / 64) & (1 << (place % 64)) != 0
    }

    /// The places 64 by 64.
    pub(crate) fn words(&self) -> &[u64] {
        &self.0
    }

    /// The places `at * 64..at * 64 + 64`.
    pub(crate) fn word(&self, at: usize) -> u64 {
        self.0.get(at).copied().unwrap_or_default()
    }

    /// Adds what stands in the other.
    pub(crate) fn or(&mut self, other: &Bits) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }

    /// How many places stand in it.
    pub(crate) fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// How many places stand in both.
    pub(crate) fn common(&self, other: &Bits) -> usize {
        self.0.iter().zip(&other.0).map(|(word, other)| (word & other).count_ones() as usize).sum()
    }

    /// The places, ordered.
    pub(crate) fn places(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
                left &= left - 1;
                Some(at * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_sets() {
        let of = |places: &[usize]| {
            let mut bits = Bits::none(130);
            places.iter().for_each(|place| bits.put(*place));
            bits
        };
        let (one, two) = (of(&[0, 63, 64, 129, 500]), of(&[63, 129]));
        assert_eq!(one.places().collect::<Vec<_>>(), [0, 63, 64, 129]);
        assert_eq!((one.count(), one.common(&two)), (4, 2));
        assert!(one.has(64) && !two.has(64) && !one.has(500) && one.words().len() == 3 && one.word(3) == 0);
        let mut rest = of(&[0, 64]);
        rest.or(&two);
        assert_eq!(rest, one);
    }
}
