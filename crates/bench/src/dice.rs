//! Numbers that look random and are the same in every run, so that every run asks the same.

/// A small generator of numbers; the same seed gives the same ones.
pub(crate) struct Dice(u64);

impl Dice {
    /// A generator with this seed.
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `bound`; 0 when that is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0).checked_rem(bound).unwrap_or(0)
    }

    /// One of these.
    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let throw = |seed| (0..100).scan(Dice::new(seed), |dice, _| Some(dice.below(6))).collect::<Vec<_>>();
        assert!(throw(1) == throw(1) && throw(1) != throw(2));
        assert!((0..6).all(|face| throw(1).contains(&face)), "every number comes");
        assert_eq!((Dice::new(3).below(0), Dice::new(3).one::<u8>(&[])), (0, None));
    }
}
