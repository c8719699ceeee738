//! What the handlers of search hold: the world of booking and the index over its directory.

use std::sync::{Arc, PoisonError, RwLock};

use axum::extract::FromRef;
use booking::World;
use directory::catalogue::Catalogue;

use crate::index::Index;

/// The index, made anew when the directory's version changes. Cheap to clone; clones share it.
#[derive(Clone, Default)]
pub struct Search(Arc<RwLock<Option<Arc<Index>>>>);

impl Search {
    /// The index of this directory; the kept one when it is of the same version. The first caller after a change makes it.
    pub fn index(&self, catalogue: Arc<Catalogue>) -> Arc<Index> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(index) = known.filter(|index| index.catalogue().version == catalogue.version) {
            return index;
        }
        // Made outside the lock, so that nobody waits who could answer from the old one; made twice at worst.
        let index = Arc::new(Index::new(catalogue));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(index.clone());
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
    /// With an index that the first request makes.
    pub fn new(world: World) -> State {
        State { world, search: Search::default() }
    }

    /// The index of the directory as it is now.
    pub fn index(&self) -> Arc<Index> {
        self.search.index(self.world.catalogue())
    }
}

impl FromRef<State> for World {
    fn from_ref(state: &State) -> World {
        state.world.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_gets_another_index() {
        let search = Search::default();
        let of = |version| {
            let mut catalogue = crate::small::catalogue();
            catalogue.version = version;
            search.index(Arc::new(catalogue))
        };
        let first = of(1);
        assert!(Arc::ptr_eq(&first, &of(1)));
        let second = of(2);
        assert!(!Arc::ptr_eq(&first, &second) && second.catalogue().version == 2);
    }
}
