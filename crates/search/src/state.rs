//! What the handlers of search hold: the world of booking and the index over its directory.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::FromRef;
use booking::{Reader, Slot, World};
use clock::Timestamp;
use directory::catalogue::{Catalogue, PractitionerRole};

use crate::engine::Free;
use crate::index::Index;

/// Versions kept: the one in use, and the one that is about to be.
const KEPT: usize = 2;

/// The index of each version of the directory that is in use or about to be. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct Search {
    adult_years: i64,
    kept: Arc<Mutex<Vec<Arc<Index>>>>,
}

impl Search {
    /// No index yet. Who has lived `adult_years` (the profile's) is no child.
    pub fn new(adult_years: i64) -> Search {
        Search { adult_years, kept: Arc::default() }
    }

    /// Makes the index of a directory that is about to be used, aside: whoever asks meanwhile is answered from the one in use. Nothing
    /// is made when that version has one.
    pub async fn prepare(&self, catalogue: Arc<Catalogue>) {
        let adult_years = self.adult_years;
        if self.known(catalogue.version).is_none()
            && let Ok(index) = tokio::task::spawn_blocking(move || Index::new(catalogue, adult_years)).await
        {
            self.keep(Arc::new(index));
        }
    }

    /// The index of this directory: the one that was prepared. Only a version that nobody has prepared is made here, at the cost of
    /// whoever asks.
    pub fn index(&self, catalogue: Arc<Catalogue>) -> Arc<Index> {
        self.known(catalogue.version).unwrap_or_else(|| self.keep(Arc::new(Index::new(catalogue, self.adult_years))))
    }

    /// Whether the index of that version is made: nobody who asks waits for it.
    pub fn has(&self, version: i64) -> bool {
        self.known(version).is_some()
    }

    fn known(&self, version: i64) -> Option<Arc<Index>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|index| index.catalogue().version == version).cloned()
    }

    /// Puts it in front; what does not fit behind it is dropped after the lock, because it is large.
    fn keep(&self, index: Arc<Index>) -> Arc<Index> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|known| known.catalogue().version != index.catalogue().version);
        kept.insert(0, index.clone());
        let end = KEPT.min(kept.len());
        let dropped = kept.split_off(end);
        drop(kept);
        drop(dropped);
        index
    }
}

/// The state of this slice's routers.
#[derive(Clone)]
pub struct State {
    /// Free time, texts, clock.
    pub world: World,
    /// The index.
    pub search: Search,
}

impl State {
    /// Over an index that is kept elsewhere too.
    pub fn new(world: World, search: Search) -> State {
        State { world, search }
    }

    /// The index of the directory as it is now.
    pub fn index(&self) -> Arc<Index> {
        self.search.index(self.world.catalogue())
    }

    /// Free times for the roles of this index.
    pub fn free<'a>(&'a self, index: &'a Index) -> FreeOf<'a> {
        FreeOf::new(self.world.free.reader(), index)
    }
}

/// Free times by the places of one index.
pub struct FreeOf<'a> {
    reader: Reader<'a>,
    /// The index's roles, when a new directory has come since the index was taken: each is then looked for by its id.
    roles: Option<&'a [PractitionerRole]>,
}

impl<'a> FreeOf<'a> {
    fn new(reader: Reader<'a>, index: &'a Index) -> FreeOf<'a> {
        let same = reader.catalogue().version == index.catalogue().version;
        FreeOf { reader, roles: (!same).then(|| &*index.catalogue().roles) }
    }

    fn place(&self, role: usize) -> Option<usize> {
        match self.roles {
            None => Some(role),
            Some(roles) => self.reader.catalogue().role_place(roles.get(role)?.id),
        }
    }
}

impl Free for FreeOf<'_> {
    fn slots(&self, role: usize, service: Option<&str>, from: Timestamp, to: Timestamp, limit: usize) -> Vec<Slot> {
        self.place(role).map(|place| self.reader.slots(place, service, from, to, limit)).unwrap_or_default()
    }

    fn next_free(&self, role: usize, _now: Timestamp) -> Option<Timestamp> {
        self.place(role).and_then(|place| self.reader.next_free(place))
    }

    fn day_mask(&self, role: usize, day: i64) -> Option<u64> {
        Some(self.place(role).map_or(0, |place| self.reader.day_mask(place, day)))
    }

    fn ever_mask(&self, role: usize, days: i64) -> Option<u64> {
        Some(self.place(role).map_or(0, |place| self.reader.ever_mask(place, days)))
    }

    fn fetch(&self, roles: impl Iterator<Item = usize>, day: Option<i64>) {
        if self.roles.is_none() {
            self.reader.fetch(roles, day);
        }
    }
}

impl FromRef<State> for World {
    fn from_ref(state: &State) -> World {
        state.world.clone()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use directory::catalogue::{Parts, Rule};
    use directory::schedule::day_number;

    use super::*;

    fn catalogue(version: i64) -> Arc<Catalogue> {
        let mut catalogue = crate::small::catalogue();
        catalogue.version = version;
        Arc::new(catalogue)
    }

    #[test]
    fn another_version_gets_another_index() {
        let search = Search::new(18);
        let first = search.index(catalogue(1));
        assert!(Arc::ptr_eq(&first, &search.index(catalogue(1))));
        let second = search.index(catalogue(2));
        assert!(!Arc::ptr_eq(&first, &second) && second.catalogue().version == 2);
    }

    #[tokio::test]
    async fn what_is_prepared_is_used_and_the_one_in_use_stays_meanwhile() {
        let search = Search::new(18);
        search.prepare(catalogue(1)).await;
        let first = search.known(1).unwrap();
        search.prepare(catalogue(1)).await;
        assert!(Arc::ptr_eq(&first, &search.index(catalogue(1))), "made once");
        search.prepare(catalogue(2)).await;
        let second = search.known(2).unwrap();
        assert!(Arc::ptr_eq(&first, &search.index(catalogue(1))), "still in use until free time follows");
        assert!(Arc::ptr_eq(&second, &search.index(catalogue(2))));
        search.prepare(catalogue(3)).await;
        assert!(search.known(1).is_none() && search.known(2).is_some() && search.known(3).is_some(), "two are kept");
    }

    /// A page that was begun with one directory is finished with it, while free time has gone on to the next.
    #[tokio::test]
    async fn roles_are_found_again_in_a_directory_that_has_come_since() {
        let clock = clock::Clock::simulated(Timestamp::parse_rfc3339("2026-11-23T08:00:00+03:00").unwrap(), 1);
        let file = std::env::temp_dir().join(format!("recomed-state-{}.db", clock::Clock::real().below(u64::MAX)));
        let db = db::Db::open(db::Options::new(db::Place::Sqlite(file.clone())), clock.clone()).await.unwrap();
        db::migrate::migrate(&db, db::migrate::MAIN).await.unwrap();
        // Each role begins an hour after the one before; the second directory has lost the first one, so that all places move.
        let small = crate::small::catalogue();
        let mut roles = small.roles.clone();
        for (hour, role) in (9i64..).zip(&mut roles) {
            role.schedule.rules = (1..=7).map(|weekday| Rule::weekly(weekday, hour * 60, hour * 60 + 60)).collect();
        }
        let directory = |version: i64, roles: &[PractitionerRole]| {
            let Catalogue { cities, districts, metros, specialties, services, organizations, locations, practitioners, .. } = small.clone();
            let roles = roles.to_vec();
            let parts = Parts {
                version,
                cities,
                districts,
                metros,
                specialties,
                services,
                organizations,
                locations,
                practitioners,
                roles,
                ..Parts::default()
            };
            Arc::new(Catalogue::new(parts))
        };
        let (old, new) = (directory(1, &roles), directory(2, &roles[1..]));
        let (index, free) = (Index::new(old.clone(), 18), booking::FreeTime::new(clock.clone()));
        let told = |reader: Reader<'_>| {
            let free = FreeOf::new(reader, &index);
            let day = day_number("2026-11-24".parse().unwrap());
            let of = |place| {
                (
                    free.next_free(place, clock.now()),
                    free.slots(place, None, clock.now(), Timestamp(i64::MAX), 3),
                    free.day_mask(place, day),
                )
            };
            (0..roles.len()).map(of).collect::<Vec<_>>()
        };
        free.rebuild(&db, old).await.unwrap();
        let before = told(free.reader());
        assert!(before.iter().all(|(next, slots, mask)| next.is_some() && slots.len() == 3 && mask.is_some_and(|mask| mask != 0)));
        assert_ne!(before[1], before[2], "places that are mistaken for each other are noticed");
        free.rebuild(&db, new).await.unwrap();
        let after = told(free.reader());
        assert_eq!(after[1..], before[1..]);
        assert_eq!(after[0], (None, Vec::new(), Some(0)), "gone");
        drop(db);
        std::fs::remove_file(file).unwrap();
    }
}
