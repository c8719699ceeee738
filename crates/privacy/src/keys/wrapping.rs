//! Keys that wrap keys. The master key wraps a wrapping key, and that one all others: so a new master key is written beside the old one in a few
//! rows, and takes over at once; then a new wrapping key takes over row by row, so that whoever kept the old master key and an old copy of the
//! store opens nothing that is written now.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLockReadGuard};

use clock::Clock;
use db::{Db, DbError, Tx};
use zeroize::Zeroizing;

use super::rotate::{NEXT, beside, itself};
use super::{KeyError, KeyStore, MasterKey, Suite, expand, mac, open, seal};
use crate::PersonId;
use crate::store::keys::KeyRow;
use crate::store::wrapping::{self as store, WrappingRow};

/// People's keys wrapped anew in one transaction: bookings wait for no more than that.
const REWRAPPED_AT_ONCE: i64 = 200;

/// The wrapping keys by generation, and the master key that opened them.
#[derive(Clone)]
pub(super) struct Wrapping {
    master: MasterKey,
    generations: BTreeMap<i64, Zeroizing<[u8; 32]>>,
}

/// Whoever changes what the table of wrapping keys means does so alone.
pub(super) async fn alone(tx: &mut Tx) -> Result<(), DbError> {
    tx.exclusive(&mac(&[0; 32], &[b"wrapping keys"])).await
}

impl MasterKey {
    /// A wrapping key of that generation, as it is kept under this master key.
    pub(super) fn wrap(&self, clock: &Clock, generation: i64, key: &[u8; 32]) -> WrappingRow {
        let under = self.expand(b"wrap wrapping key");
        (generation, self.mark(), seal(Suite::Sealed, &under, clock, &generation.to_be_bytes(), key))
    }

    fn unwrap(&self, (generation, _, wrapped): &WrappingRow) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        key_of(&open(Suite::Sealed, &self.expand(b"wrap wrapping key"), &generation.to_be_bytes(), wrapped)?)
    }
}

fn key_of(bytes: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    bytes.try_into().map(Zeroizing::new).map_err(|_| KeyError::Forged)
}

impl Wrapping {
    /// All wrapping keys of the store; the first is made when there is none.
    ///
    /// # Errors
    /// [`KeyError::WrongMaster`] when the master key opens none of them.
    pub(super) async fn load(db: &Db, master: MasterKey) -> Result<Wrapping, KeyError> {
        let own = master.clone();
        let rows = db.run("wrapping keys", move |tx| {
            let master = own.clone();
            Box::pin(async move {
                alone(tx).await?;
                let rows = store::wrapping_keys(tx).await?;
                if !rows.is_empty() {
                    return Ok(rows);
                }
                let first = match store::any_system_key(tx).await? {
                    None => Zeroizing::new(tx.clock().bytes()),
                    // A store of an older program: what is there was wrapped under the master key itself.
                    Some((name, wrapped)) => {
                        let under = master.expand(b"wrap system");
                        open(Suite::Sealed, &under, name.as_bytes(), &wrapped).map_err(|_| KeyError::WrongMaster)?;
                        Zeroizing::new(*master.bytes())
                    }
                };
                let row = master.wrap(tx.clock(), 0, &first);
                store::insert_wrapping_key(tx, &row, tx.now().day()).await?;
                Ok::<_, KeyError>(vec![row])
            })
        });
        Wrapping::of(master, &rows.await?)
    }

    /// Those that are wrapped under this master key.
    ///
    /// # Errors
    /// [`KeyError::WrongMaster`] when none is.
    pub(super) fn of(master: MasterKey, rows: &[WrappingRow]) -> Result<Wrapping, KeyError> {
        let mark = master.mark();
        let own = rows.iter().filter(|(_, of, _)| *of == mark);
        let generations = own.map(|row| Ok((row.0, master.unwrap(row)?))).collect::<Result<BTreeMap<_, _>, KeyError>>()?;
        if generations.is_empty() {
            return Err(KeyError::WrongMaster);
        }
        Ok(Wrapping { master, generations })
    }

    /// Whether this is the master key that opened them.
    pub(super) fn is_of(&self, shown: &MasterKey) -> bool {
        // Both are in this process's memory: how long the comparison takes tells nobody anything.
        self.master.bytes() == shown.bytes()
    }

    /// Every generation with its key.
    pub(super) fn generations(&self) -> impl Iterator<Item = (i64, &[u8; 32])> {
        self.generations.iter().map(|(generation, key)| (*generation, &**key))
    }

    /// The newest generation.
    pub(super) fn newest(&self) -> i64 {
        self.generations.keys().next_back().copied().unwrap_or_default()
    }

    /// Whether keys of that generation can be opened.
    pub(super) fn knows(&self, generation: i64) -> bool {
        self.generations.contains_key(&generation)
    }

    fn under(&self, generation: i64, what: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        self.generations.get(&generation).map(|key| expand(key, what)).ok_or(KeyError::Forged)
    }

    /// A person's key as it is kept, under the newest wrapping key.
    pub(super) fn wrap_person(&self, clock: &Clock, person: PersonId, key: &[u8; 32]) -> Result<KeyRow, KeyError> {
        let generation = self.newest();
        let wrapped = seal(Suite::Sealed, &*self.under(generation, b"wrap person")?, clock, &person.bytes(), key);
        Ok(KeyRow { person, wrapped, generation })
    }

    /// A person's key.
    ///
    /// # Errors
    /// [`KeyError::Forged`] when it was changed, or its generation is not known.
    pub(super) fn unwrap_person(&self, row: &KeyRow) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        key_of(&open(Suite::Sealed, &*self.under(row.generation, b"wrap person")?, &row.person.bytes(), &row.wrapped)?)
    }

    /// The system key of that name, made when there is none.
    pub(super) async fn system_key(&mut self, db: &Db, name: &'static str) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        let generation = self.newest();
        let fresh = seal(Suite::Sealed, &*self.under(generation, b"wrap system")?, db.clock(), name.as_bytes(), &db.clock().bytes::<32>());
        let kept = db.run("system key", move |tx| {
            let fresh = fresh.clone();
            Box::pin(async move { store::system_key(tx, name, &fresh, generation).await })
        });
        let (wrapped, generation) = kept.await?;
        if !self.knows(generation) {
            // The master key was changed since this store was opened, a moment ago.
            *self = Wrapping::again(db, &self.master).await?;
        }
        key_of(&open(Suite::Sealed, &*self.under(generation, b"wrap system")?, name.as_bytes(), &wrapped)?)
    }

    /// The wrapping keys as they are now, opened by the same master key, by the one that has taken its place in the file, or by one that was
    /// brought beside it: another machine has changed it.
    async fn again(db: &Db, master: &MasterKey) -> Result<Wrapping, KeyError> {
        let rows = db.read("wrapping keys", |tx| Box::pin(store::wrapping_keys(tx))).await?;
        let file = master.file();
        match Wrapping::of(master.clone(), &rows) {
            Err(KeyError::WrongMaster) => {}
            known => return known,
        }
        let in_file = MasterKey::read(file).and_then(|now| Wrapping::of(now, &rows));
        if in_file.is_ok() {
            return in_file;
        }
        // The name may be a link: what was brought may lie beside it or beside what it leads to.
        let places = [Some(beside(file, NEXT)), itself(file).ok().map(|file| beside(&file, NEXT))];
        let brought = places.into_iter().flatten().find_map(|next| Wrapping::of(MasterKey::read(&next).ok()?.at(file), &rows).ok());
        // What is wrong with the file of the settings is what whoever reads this can mend.
        brought.map_or(in_file, Ok)
    }

    /// Wraps under the newest wrapping key whatever is under an older one, and how many of people's keys that were; `told` hears how many are
    /// done, of how many.
    pub(super) async fn rewrap(&self, db: &Db, told: impl Fn(u64, u64) -> Result<(), KeyError> + Send) -> Result<u64, KeyError> {
        let newest = self.newest();
        for (name, wrapped, of) in db.read("older keys", move |tx| Box::pin(store::older_system_keys(tx, newest))).await? {
            let key = open(Suite::Sealed, &*self.under(of, b"wrap system")?, name.as_bytes(), &wrapped)?;
            let wrapped = seal(Suite::Sealed, &*self.under(newest, b"wrap system")?, db.clock(), name.as_bytes(), &key);
            let done = db.run("rewrap", move |tx| {
                let (name, wrapped) = (name.clone(), wrapped.clone());
                Box::pin(async move { store::rewrap_system_key(tx, &name, of, &wrapped, newest).await })
            });
            done.await?;
        }
        let all = u64::try_from(db.read("older keys", move |tx| Box::pin(store::count_older_keys(tx, newest))).await?).unwrap_or(0);
        let mut done = 0;
        loop {
            let rows = db.read("older keys", move |tx| Box::pin(store::older_keys(tx, newest, REWRAPPED_AT_ONCE))).await?;
            if rows.is_empty() {
                return Ok(done);
            }
            let mut anew = Vec::with_capacity(rows.len());
            for row in &rows {
                anew.push((row.generation, self.wrap_person(db.clock(), row.person, &*self.unwrap_person(row)?)?));
            }
            done += anew.len() as u64;
            let anew = Arc::new(anew);
            let written = db.run("rewrap", move |tx| {
                let anew = anew.clone();
                Box::pin(async move {
                    for (of, row) in anew.iter() {
                        store::rewrap_key(tx, row.person, *of, &row.wrapped, newest).await?;
                    }
                    Ok::<_, DbError>(())
                })
            });
            written.await?;
            told(done, all.max(done))?;
        }
    }
}

/// Whether this master key opens the key store that `tx` reads, as it is at this instant.
///
/// # Errors
/// A fault of the store.
pub async fn master_opens(tx: &mut Tx, master: &MasterKey) -> Result<bool, DbError> {
    let rows = store::wrapping_keys(tx).await?;
    Ok(Wrapping::of(master.clone(), &rows).is_ok())
}

impl KeyStore {
    pub(super) fn wrapping(&self) -> RwLockReadGuard<'_, Wrapping> {
        self.wrapping.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Learns the wrapping keys anew: somebody has changed the master key since.
    pub(super) async fn look_again(&self) -> Result<(), KeyError> {
        let master = self.wrapping().master.clone();
        let now = Wrapping::again(&self.db, &master).await?;
        *self.wrapping.write().unwrap_or_else(PoisonError::into_inner) = now;
        Ok(())
    }

    /// Ends what a change of the master key has left: keys under an older wrapping key are wrapped anew, and on a later day the older one goes.
    /// How many of people's keys there were. To be run by every replica, more often than daily.
    ///
    /// # Errors
    /// A fault of the store, or a key that does not open.
    pub async fn rewrap(&self) -> Result<u64, KeyError> {
        self.look_again().await?;
        let now = self.wrapping().clone();
        let done = now.rewrap(&self.db, |_, _| Ok(())).await?;
        let (newest, today) = (now.newest(), self.clock.now().day());
        let gone = self.db.run("forget wrapping keys", move |tx| Box::pin(store::forget_wrapping_keys(tx, newest, today))).await?;
        if done + gone > 0 {
            self.scrub().await?;
        }
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use clock::Timestamp;
    use db::{Options, Place};

    use super::*;

    /// In older programs the master key itself wrapped all others, and no wrapping key was kept.
    #[tokio::test]
    async fn a_store_of_an_older_program_is_taken_over() {
        let folder = std::env::temp_dir().join(format!("recomed-wrapping-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let clock = Clock::simulated(Timestamp::parse_rfc3339("2026-11-24T09:00:00Z").unwrap(), 7);
        let db = Db::open(Options::new(Place::Sqlite(folder.join("keys.db"))), clock.clone()).await.unwrap();
        db::migrate::migrate(&db, db::migrate::KEYS).await.unwrap();
        let master = MasterKey::create(&folder.join("master.key"), &clock).unwrap();
        let keys = KeyStore::open(db.clone(), master.clone(), Suite::Sealed).await.unwrap();
        let identity = |_: &crate::SubjectKey, _| super::super::Identity::stored([const { Vec::new() }; 5]);
        let (key, _) = keys.find_or_make("+70000000001", "Анна", identity).await.unwrap();

        // Everything under the master key, as if it were a wrapping key; then nobody knows of wrapping keys any more.
        let mut older = Wrapping::load(&db, master.clone()).await.unwrap();
        older.generations.insert(1, Zeroizing::new(*master.bytes()));
        assert_eq!(older.rewrap(&db, |_, _| Ok(())).await.unwrap(), 1);
        db.run("as older programs", |tx| Box::pin(store::as_older_programs(tx))).await.unwrap();

        let stranger = MasterKey::create(&folder.join("stranger.key"), &clock).unwrap();
        let wrong = KeyStore::open(db.clone(), stranger, Suite::Sealed).await.err();
        assert_eq!(wrong, Some(KeyError::WrongMaster));
        let keys = KeyStore::open(db.clone(), master.clone(), Suite::Sealed).await.unwrap();
        let (found, _) = keys.find("+70000000001", "Анна").await.unwrap().expect("the stranger has left nothing in the way");
        assert_eq!((found.person(), found.visit_tag(1)), (key.person(), key.visit_tag(1)));
        super::super::rotate(&db, master.file(), |_| Ok(())).await.unwrap();
        let (found, _) = keys.find("+70000000001", "Анна").await.unwrap().unwrap();
        assert_eq!(found.visit_tag(1), key.visit_tag(1));
        assert_eq!(KeyStore::open(db.clone(), master, Suite::Sealed).await.err(), Some(KeyError::WrongMaster));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
