//! Which cells of which resource are claimed: bitmaps that hold only what is claimed, and what is held for a while apart from it.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use clock::Timestamp;

use crate::store::FOR_EVER;

const BITS: i64 = 64;

/// A living claim on a resource, as the database tells it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    pub(super) cell: i64,
    pub(super) owner: [u8; 16],
    pub(super) until: Timestamp,
}

/// Claims of all resources, each named by its number.
#[derive(Default)]
pub(super) struct Busy {
    /// Of each resource: words of its bitmap that are not 0, by their place.
    claimed: Vec<Vec<(i64, u64)>>,
    held: HashMap<u32, Vec<Taken>>,
    /// Holds that count, by when they run out.
    expiring: BTreeSet<(Timestamp, u32)>,
}

impl Busy {
    pub(super) fn new(resources: usize) -> Busy {
        Busy { claimed: vec![Vec::new(); resources], ..Busy::default() }
    }

    /// Whether nothing but holds of `mine` is claimed in `cells`.
    pub(super) fn is_free(&self, resource: u32, cells: &Range<i64>, now: Timestamp, mine: Option<[u8; 16]>) -> bool {
        let Some(words) = self.claimed.get(resource as usize) else { return false };
        let from = words.partition_point(|(place, _)| *place < cells.start.div_euclid(BITS));
        let claimed =
            words.iter().skip(from).take_while(|(place, _)| place * BITS < cells.end).any(|(place, word)| word & bits(*place, cells) != 0);
        if claimed {
            return false;
        }
        let Some(held) = (!self.held.is_empty()).then(|| self.held.get(&resource)).flatten() else { return true };
        !held.iter().any(|hold| cells.contains(&hold.cell) && hold.until > now && Some(hold.owner) != mine)
    }

    /// Puts what is claimed in `cells` in place of what was known of them; the cells that have changed.
    pub(super) fn replace(&mut self, resource: u32, cells: &Range<i64>, taken: &[Taken], now: Timestamp) -> Option<Range<i64>> {
        let words = self.claimed.get_mut(resource as usize)?;
        let mut changed: Option<Range<i64>> = None;
        let mut widen = |more: Range<i64>| {
            changed = Some(changed.as_ref().map_or(more.clone(), |range| range.start.min(more.start)..range.end.max(more.end)));
        };
        let mut new: Vec<(i64, u64)> = words.iter().map(|(place, word)| (*place, word & !bits(*place, cells))).collect();
        for claim in taken.iter().filter(|claim| claim.until == FOR_EVER && cells.contains(&claim.cell)) {
            let (place, bit) = (claim.cell.div_euclid(BITS), 1 << claim.cell.rem_euclid(BITS));
            match new.binary_search_by_key(&place, |(place, _)| *place) {
                Ok(at) => new.get_mut(at).into_iter().for_each(|(_, word)| *word |= bit),
                Err(at) => new.insert(at, (place, bit)),
            }
        }
        new.retain(|(_, word)| *word != 0);
        if new != *words {
            for (place, _) in words.iter().filter(|word| !new.contains(word)).chain(new.iter().filter(|word| !words.contains(word))) {
                widen(place * BITS..(place + 1) * BITS);
            }
            new.shrink_to_fit();
            *words = new;
        }
        let holds: Vec<Taken> = taken.iter().filter(|claim| claim.until != FOR_EVER && cells.contains(&claim.cell)).copied().collect();
        if !holds.is_empty() || self.held.contains_key(&resource) {
            let held = self.held.entry(resource).or_default();
            held.iter().filter(|hold| cells.contains(&hold.cell)).chain(&holds).for_each(|hold| widen(hold.cell..hold.cell + 1));
            held.retain(|hold| !cells.contains(&hold.cell));
            held.extend(&holds);
            self.expiring.extend(holds.iter().filter(|hold| hold.until > now).map(|hold| (hold.until, resource)));
            if held.is_empty() {
                self.held.remove(&resource);
            }
        }
        changed
    }

    /// Whether no hold has run out unnoticed.
    pub(super) fn is_settled(&self, now: Timestamp) -> bool {
        self.expiring.first().is_none_or(|(until, _)| *until > now)
    }

    /// Notices what has run out by `now`: resources with the cells concerned. When time was set back (`anew`), everything held.
    pub(super) fn settle(&mut self, now: Timestamp, anew: bool) -> Vec<(u32, Range<i64>)> {
        let mut resources: BTreeSet<u32> = BTreeSet::new();
        if anew {
            resources.extend(self.held.keys());
            self.expiring = self.held.iter().flat_map(|(resource, held)| held.iter().map(|hold| (hold.until, *resource))).collect();
        }
        while let Some((until, resource)) = self.expiring.first().copied().filter(|(until, _)| *until <= now) {
            self.expiring.remove(&(until, resource));
            resources.insert(resource);
        }
        let cells = |resource: u32| self.held.get(&resource).into_iter().flatten().map(move |hold| (resource, hold.cell..hold.cell + 1));
        resources.into_iter().flat_map(cells).collect()
    }
}

/// The bits of a word that lie in `cells`.
fn bits(place: i64, cells: &Range<i64>) -> u64 {
    let low = (cells.start - place * BITS).clamp(0, BITS);
    let high = (cells.end - place * BITS).clamp(0, BITS);
    if low >= high {
        return 0;
    }
    (u64::MAX >> (BITS - (high - low))) << low
}
