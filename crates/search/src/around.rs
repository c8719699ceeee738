//! What is around a question: who fits it but for the price, and how many would fit without one of its filters.

use clock::Timestamp;

use crate::engine::{Free, Query, each_fitting};
use crate::index::Index;

/// Bands of prices offered (I9).
const BANDS_MAX: usize = 4;
/// Figures of a band in tenths of a power of ten, ordered: people think in round sums.
const ROUND: [i64; 11] = [10, 12, 15, 20, 25, 30, 40, 50, 60, 70, 80];

/// Who fits but for the price.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Around {
    /// Prices, minor units, lowest first.
    prices: Vec<i64>,
    /// Of those that fit with the price too: schedules of devices and rooms, where no doctor is chosen.
    pub(crate) without_doctor: usize,
}

/// Looks around. Costs as much as a search.
pub(crate) fn around(index: &Index, free: &impl Free, now: Timestamp, query: &Query) -> Around {
    let mut found = Around::default();
    let any_price = Query { price_max_minor: None, ..query.clone() };
    let sets = index.sets();
    each_fitting(index, free, now, &any_price, |role, offer| {
        let price = sets.price(role, offer);
        found.prices.push(price);
        let fits = query.price_max_minor.is_none_or(|most| price <= most);
        found.without_doctor += usize::from(fits && sets.without_doctor.has(role));
    });
    found.prices.sort_unstable();
    found
}

/// How many fit.
pub(crate) fn count(index: &Index, free: &impl Free, now: Timestamp, query: &Query) -> usize {
    let mut count = 0;
    each_fitting(index, free, now, query, |_, _| count += 1);
    count
}

impl Around {
    /// How many cost at most that.
    pub(crate) fn within(&self, most_minor: i64) -> usize {
        self.prices.partition_point(|price| *price <= most_minor)
    }

    /// Round sums, major units, lowest first, each of which lets more in than the one before and none of which lets everybody in.
    pub(crate) fn bands(&self) -> Vec<i64> {
        let Some(highest) = self.prices.last().map(|price| price / 100) else { return Vec::new() };
        let mut bands: Vec<(usize, i64)> = Vec::new();
        let mut power = 1;
        while power <= highest {
            for band in ROUND.map(|figure| figure * power / 10) {
                let within = self.within(band * 100);
                // A free visit is no reason for a band.
                let more = within > bands.last().map_or(self.within(0), |(within, _)| *within);
                if band > 0 && more && within < self.prices.len() {
                    bands.push((within, band));
                }
            }
            power *= 10;
        }
        // Those nearest to equal shares.
        let mut chosen: Vec<i64> = (1..=BANDS_MAX)
            .filter_map(|share| {
                let wanted = self.prices.len() * share / (BANDS_MAX + 1);
                bands.iter().min_by_key(|(within, _)| within.abs_diff(wanted)).map(|(_, band)| *band)
            })
            .collect();
        chosen.dedup();
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_round_and_each_lets_more_in() {
        let prices = |major: &[i64]| Around { prices: major.iter().map(|price| price * 100).collect(), without_doctor: 0 };
        assert_eq!(prices(&[1_700, 2_100, 2_200, 2_900, 3_300, 4_100, 4_700, 5_200, 6_100, 9_900]).bands(), [2_000, 3_000, 4_000, 6_000]);
        assert_eq!(prices(&[9_500, 10_500, 11_500, 11_500, 12_000]).bands(), [10_000], "tenge are more");
        assert_eq!(prices(&[2_000; 9]).bands(), Vec::<i64>::new());
        assert_eq!(prices(&[0, 0, 0]).bands(), Vec::<i64>::new());
        assert_eq!(prices(&[]).bands(), Vec::<i64>::new());
        assert_eq!(prices(&[1_000, 2_000, 3_000]).within(200_000), 2);
    }
}
