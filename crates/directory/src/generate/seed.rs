//! Numbers that look random and follow from a seed alone, on every machine alike.

/// A stream of numbers (SplitMix64). Not for secrets.
pub(super) struct Stream(u64);

impl Stream {
    /// The stream of that seed and place; neighbouring places have nothing in common.
    pub(super) fn of(seed: u64, place: u64) -> Stream {
        let mut start = Stream(seed ^ 0x5265_636f_6d65_6431);
        let mixed = start.next();
        let mut stream = Stream(mixed ^ place.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        stream.next();
        stream
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in 0..`end`; 0 when `end` is 0. The remainder's unevenness is far below what anybody could see here.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or_default()
    }

    /// True in so many of a hundred.
    pub(super) fn percent(&mut self, of_hundred: u64) -> bool {
        self.below(100) < of_hundred
    }

    /// One of the list; `None` when it is empty.
    pub(super) fn one<'l, T>(&mut self, list: &'l [T]) -> Option<&'l T> {
        let at = self.below(list.len() as u64);
        list.get(usize::try_from(at).unwrap_or_default())
    }
}

/// A permutation of 0..`size`: each number has one place, and neighbours land far apart.
pub(super) fn shuffled(number: u64, size: u64, seed: u64) -> u64 {
    if size < 2 {
        return 0;
    }
    let mut stream = Stream::of(seed, size);
    let shift = stream.below(size);
    // A step without a common part with the size visits every place once.
    let mut step = size / 2 + stream.below(size / 2) + 1;
    while common(step, size) != 1 {
        step += 1;
    }
    let place = (u128::from(number % size) * u128::from(step) + u128::from(shift)) % u128::from(size);
    u64::try_from(place).unwrap_or_default()
}

fn common(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
