//! Cells: the grains in which time is claimed. A visit claims every cell that it touches, so that any two visits that overlap
//! by a second want the same cell, whatever their lengths (I1).

use clock::{DAY, SECOND, Timestamp};

/// Length of a cell of a practitioner's time. Fixed per resource: changing it would let old and new claims pass each other.
pub const CELL_SECONDS: i64 = 300;
const CELL: i64 = CELL_SECONDS * SECOND;
/// A day of UTC begins with a cell.
const CELLS_PER_DAY: i64 = DAY / CELL;
/// Cells of one visit at most: twelve hours.
pub(crate) const CELLS_MAX: usize = 144;
/// Cells of one buffer at most: two hours.
pub(crate) const BUFFER_CELLS_MAX: usize = 24;

/// The cell in which an instant lies.
pub(crate) fn cell_of(at: Timestamp) -> i64 {
    at.micros().div_euclid(CELL)
}

/// The day of UTC in which a cell lies, counted from 1970-01-01.
pub(crate) fn day_of(cell: i64) -> i64 {
    cell.div_euclid(CELLS_PER_DAY)
}

/// The cells of a day of UTC; of a day beyond all time none.
pub(crate) fn cells_of_day(day: i64) -> std::ops::Range<i64> {
    let first = day.saturating_mul(CELLS_PER_DAY);
    first..first.saturating_add(CELLS_PER_DAY)
}

/// All cells that `start..end` touches, in order; empty when `end` is not after `start`.
pub(crate) fn cells(start: Timestamp, end: Timestamp) -> std::ops::Range<i64> {
    if end <= start {
        return 0..0;
    }
    cell_of(start)..cell_of(Timestamp(end.micros() - 1)) + 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn visits_share_a_cell_if_they_overlap_and_only_if_they_touch_one(a in 0i64..100_000, la in 1i64..20_000, b in 0i64..100_000, lb in 1i64..20_000) {
            let (a, b) = ((Timestamp(a * SECOND), Timestamp((a + la) * SECOND)), (Timestamp(b * SECOND), Timestamp((b + lb) * SECOND)));
            let shared = cells(a.0, a.1).any(|cell| cells(b.0, b.1).contains(&cell));
            if a.0 < b.1 && b.0 < a.1 {
                prop_assert!(shared, "overlapping visits must collide");
            }
            // On the grid of five minutes the two are the same thing.
            let round = |t: Timestamp| Timestamp(t.micros() / CELL * CELL);
            let (a, b) = ((round(a.0), Timestamp(round(a.1).micros() + CELL)), (round(b.0), Timestamp(round(b.1).micros() + CELL)));
            let shared = cells(a.0, a.1).any(|cell| cells(b.0, b.1).contains(&cell));
            prop_assert_eq!(shared, a.0 < b.1 && b.0 < a.1);
        }
    }

    proptest! {
        #[test]
        fn a_cell_lies_in_its_day(cell in -1_000_000i64..10_000_000) {
            let day = day_of(cell);
            prop_assert!(cells_of_day(day).contains(&cell) && !cells_of_day(day + 1).contains(&cell));
            prop_assert_eq!(day, Timestamp(cell * CELL).day());
        }
    }

    #[test]
    fn nothing_claims_nothing() {
        assert!(cells(Timestamp(5), Timestamp(5)).is_empty());
        assert_eq!(cell_of(Timestamp(-1)), -1);
    }
}
