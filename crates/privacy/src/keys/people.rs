//! The people of the key store. Key, place in the phone index and sealed identity come to be in one transaction, and go in one (I4).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use clock::{Clock, Timestamp};
use zeroize::Zeroizing;

use super::{KeyError, KeyStore, SubjectKey, Whose, mac};
use crate::PersonId;
use crate::seal::{Sealable, Sealed};
use crate::store::keys::{self as store, KeyRow};
use crate::tombstones::Tombstones;
use crate::vocabulary::Field;

/// People who may share one phone number; a further name is refused.
const PEOPLE_PER_PHONE_MAX: i64 = 8;

/// How often the master key may change while one person is made.
const ROTATIONS_MET_MAX: usize = 3;

/// Days of the grain in which it is known when somebody was last seen.
const WEEK_DAYS: i64 = 7;

/// Tombstones looked at in one read.
const BURIED_AT_ONCE: usize = 500;

/// What came of making a person.
enum Made {
    Now,
    /// There is one with this phone and name.
    Before,
    /// Not, since another wrapping key is the newest by now.
    Outdated,
}

/// When a person was made, or last came again without having a visit: whoever came today is not swept today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// This very moment: nothing is written about them yet.
    Now,
    /// Earlier today.
    Today,
    /// On an earlier day.
    Earlier,
}

/// The fields of an identity, in the order of the columns.
const FIELDS: [Field; 5] = [Field::Name, Field::Phone, Field::Email, Field::Sex, Field::Age];

/// What a person has told of themselves, sealed: the columns of a row of the key store, each bound to its field and its person.
#[derive(Clone)]
pub struct Identity(pub(crate) [Vec<u8>; FIELDS.len()]);

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<sealed>")
    }
}

impl Identity {
    /// The row of sealed name, phone, e-mail, sex and age.
    pub fn new<N, P, E, S, A>(name: &Sealed<N>, phone: &Sealed<P>, email: &Sealed<E>, sex: &Sealed<S>, age: &Sealed<A>) -> Identity
    where
        N: Sealable,
        P: Sealable,
        E: Sealable,
        S: Sealable,
        A: Sealable,
    {
        Identity([name.bytes(), phone.bytes(), email.bytes(), sex.bytes(), age.bytes()].map(<[u8]>::to_vec))
    }

    /// The row of columns that were sealed before, in the order of [`Identity::new`].
    pub fn stored(columns: [Vec<u8>; 5]) -> Identity {
        Identity(columns)
    }
}

/// A person of the store: their key, and what it seals. Opening any of it takes a permit.
#[derive(Debug, Clone)]
pub struct Known {
    key: SubjectKey,
    person: PersonId,
    identity: Identity,
}

impl Known {
    /// The person's key.
    pub fn key(&self) -> &SubjectKey {
        &self.key
    }

    /// Who it is.
    pub fn person(&self) -> PersonId {
        self.person
    }

    /// A field of their identity, sealed; `None` for a field that is kept elsewhere.
    pub fn sealed<T: Sealable>(&self, field: Field) -> Option<Sealed<T>> {
        let place = FIELDS.iter().position(|kept| *kept == field)?;
        Some(Sealed::stored(field, self.person.bytes(), self.identity.0.get(place)?.clone()))
    }
}

impl KeyStore {
    /// The clock that nonces and ids are drawn from.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The person with this phone (E.164) and name, made when not there, with the identity that `identity` seals under their new key. Key,
    /// index and identity are durable when this returns, before any row about them is written (I2).
    ///
    /// # Errors
    /// [`KeyError::TooManyPeople`] when the number has its limit of people.
    pub async fn find_or_make(
        &self,
        phone: &str,
        name: &str,
        identity: impl FnOnce(&SubjectKey, PersonId) -> Identity,
    ) -> Result<(SubjectKey, Came), KeyError> {
        let (phone_tag, name_tag) = self.tags(phone, name);
        if let Some(found) = self.by_tags(phone_tag, name_tag).await? {
            return Ok(found);
        }
        let person = PersonId::random(&self.clock);
        let bytes = Zeroizing::new(self.clock.bytes::<32>());
        let key = SubjectKey::derive(Whose::Person(person), self.suite, &bytes);
        let identity = Arc::new(identity(&key, person));
        let made_on = self.clock.now().day();
        for _ in 0..ROTATIONS_MET_MAX {
            let row = Arc::new(self.wrapping().wrap_person(&self.clock, person, &bytes)?);
            let identity = identity.clone();
            let made = self.db.run("make person", move |tx| {
                let (row, identity) = (row.clone(), identity.clone());
                Box::pin(async move {
                    let (people, newest) = store::people_of_phone(tx, phone_tag).await?;
                    if people >= PEOPLE_PER_PHONE_MAX {
                        return Err(KeyError::TooManyPeople);
                    }
                    if newest != row.generation {
                        return Ok(Made::Outdated);
                    }
                    if !store::insert_key(tx, &row, phone_tag, name_tag, made_on).await? {
                        return Ok(Made::Before);
                    }
                    store::insert_identity(tx, person, &identity.0).await?;
                    Ok(Made::Now)
                })
            });
            match made.await? {
                Made::Now => return Ok((key, Came::Now)),
                Made::Before => break,
                Made::Outdated => self.look_again().await?,
            }
        }
        // Another request made the same person between our look and our insert.
        self.by_tags(phone_tag, name_tag).await?.ok_or(KeyError::Forged)
    }

    /// Replaces those columns of the identity that are `Some`, in the order of [`Identity::new`]; the others stay.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn refine(&self, person: PersonId, columns: [Option<Vec<u8>>; 5]) -> Result<(), KeyError> {
        let columns = Arc::new(columns);
        let refined = self.db.run("refine person", move |tx| {
            let columns = columns.clone();
            Box::pin(async move { store::refine_identity(tx, person, &columns).await })
        });
        refined.await.map_err(KeyError::Db)
    }

    /// Takes in an identity that was sealed under the person's key elsewhere; one that is there stays, and nobody is made: who has
    /// no key is erased, and stays so.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn adopt(&self, people: Vec<(PersonId, Identity)>) -> Result<(), KeyError> {
        let people = Arc::new(people);
        let adopted = self.db.run("adopt people", move |tx| {
            let people = people.clone();
            Box::pin(async move {
                for (person, identity) in people.iter() {
                    if store::key_of(tx, *person).await?.is_some() {
                        store::insert_identity(tx, *person, &identity.0).await?;
                    }
                }
                Ok::<_, db::DbError>(())
            })
        });
        adopted.await.map_err(KeyError::Db)
    }

    /// The person with this phone (E.164) and name, if there is one; nobody is made.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn find(&self, phone: &str, name: &str) -> Result<Option<(SubjectKey, Came)>, KeyError> {
        let (phone_tag, name_tag) = self.tags(phone, name);
        self.by_tags(phone_tag, name_tag).await
    }

    /// The key of a person; `None` when it was destroyed or never was.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn person(&self, person: PersonId) -> Result<Option<SubjectKey>, KeyError> {
        let row = self.db.read("person key", move |tx| Box::pin(store::key_of(tx, person))).await?;
        match row {
            Some(row) => self.unwrap(&row).await.map(Some),
            None => Ok(None),
        }
    }

    /// Keys and sealed identities of these people, those who are there; one statement however many they are.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn people(&self, people: &[PersonId]) -> Result<HashMap<PersonId, Known>, KeyError> {
        if people.is_empty() {
            return Ok(HashMap::new());
        }
        let people: Arc<[PersonId]> = people.into();
        let rows = self.db.read("people", move |tx| {
            let people = people.clone();
            Box::pin(async move { store::people(tx, &people).await })
        });
        let mut known = HashMap::new();
        for (row, columns) in rows.await? {
            let person = row.person;
            known.insert(person, Known { key: self.unwrap(&row).await?, person, identity: Identity(columns) });
        }
        Ok(known)
    }

    /// One person, as [`KeyStore::people`].
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn known(&self, person: PersonId) -> Result<Option<Known>, KeyError> {
        Ok(self.people(&[person]).await?.remove(&person))
    }

    /// The keys of all who gave this phone (E.164); families share numbers.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn by_phone(&self, phone: &str) -> Result<Vec<SubjectKey>, KeyError> {
        let tag = self.phone_tag(phone);
        let rows = self.db.read("keys of a phone", move |tx| Box::pin(store::keys_of_phone(tx, tag))).await?;
        self.unwrap_all(&rows).await
    }

    /// Keys made in the days before today, at most `days` back, after the person `after`, at most `limit`, in the order of persons.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn made_lately(&self, days: i64, after: PersonId, limit: i64) -> Result<Vec<SubjectKey>, KeyError> {
        let today = self.clock.now().day();
        let rows = self.db.read("keys made lately", move |tx| Box::pin(store::keys_made(tx, today - days, today, after, limit))).await?;
        self.unwrap_all(&rows).await
    }

    /// Marks a person as come again today, so that no sweep takes them for forgotten while they book.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn touch(&self, person: PersonId) -> Result<(), KeyError> {
        let today = self.clock.now().day();
        self.db.run("touch key", move |tx| Box::pin(store::touch_key(tx, person, today))).await.map_err(KeyError::Db)
    }

    /// Destroys key, index and identity of a person, and leaves a tombstone; whether they were there. Nothing sealed under the key can be
    /// opened again, here or in any backup of the database (I4).
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn destroy(&self, person: PersonId) -> Result<bool, KeyError> {
        self.destroy_before(person, i64::MAX).await
    }

    /// The same for a person who has not come today; whoever has stays.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn destroy_forgotten(&self, person: PersonId) -> Result<bool, KeyError> {
        let destroyed = self.destroy_before(person, self.clock.now().day()).await?;
        if destroyed {
            self.entomb(person)?;
        }
        Ok(destroyed)
    }

    /// The store, which from now on writes its tombstones into these files, the first of which is beside the data; and the keys of those who
    /// stand in one of them already, whom a restored store has brought back: they are to be erased again before anybody is answered (I4).
    ///
    /// # Errors
    /// A fault of a file or of the store: then nobody may be answered.
    pub async fn buried(mut self, places: Vec<Tombstones>) -> Result<(KeyStore, Vec<SubjectKey>), KeyError> {
        self.tombstones = places;
        let people: Vec<PersonId> = self.level_tombstones().await?.into_iter().collect();
        let mut risen = Vec::new();
        for some in people.chunks(BURIED_AT_ONCE) {
            let some: Arc<[PersonId]> = some.into();
            let rows = self.db.read("risen", move |tx| {
                let some = some.clone();
                Box::pin(async move { store::keys_of_people(tx, &some).await })
            });
            risen.extend(self.unwrap_all(&rows.await?).await?);
        }
        Ok((self, risen))
    }

    /// The files of tombstones, the one beside the data first; the others are in places of backups.
    pub fn tombstones(&self) -> &[Tombstones] {
        &self.tombstones
    }

    /// Writes into each file whoever stands in another, or in the store alone: a place of backups that could not be reached has them when it
    /// can. All of them.
    ///
    /// # Errors
    /// A fault of the store or of the file beside the data; of the others none is told.
    pub async fn level_tombstones(&self) -> Result<BTreeSet<PersonId>, KeyError> {
        let (mut all, mut after) = (BTreeMap::<PersonId, i64>::new(), PersonId(db::reexport::Uuid::nil()));
        let earliest = |all: &mut BTreeMap<PersonId, i64>, person: PersonId, day: i64| {
            all.entry(person).and_modify(|known| *known = day.min(*known)).or_insert(day);
        };
        loop {
            let known = self.db.read("tombstones", move |tx| Box::pin(store::tombstones_after(tx, after, BURIED_AT_ONCE as i64))).await?;
            let Some((last, _)) = known.last() else { break };
            after = *last;
            known.into_iter().for_each(|(person, day)| earliest(&mut all, person, day));
        }
        let mut read = Vec::new();
        for (number, place) in self.tombstones.iter().enumerate() {
            match place.read_days() {
                Ok(people) => {
                    people.iter().for_each(|(person, day)| earliest(&mut all, *person, *day));
                    read.push((number, people));
                }
                Err(why) if number == 0 => return Err(KeyError::Tombstone(why)),
                Err(_) => {}
            }
        }
        for (number, people) in read {
            let Some(place) = self.tombstones.get(number) else { continue };
            for (person, day) in all.iter().filter(|(person, _)| !people.contains_key(person)) {
                match place.add(*person, *day) {
                    Err(why) if number == 0 => return Err(KeyError::Tombstone(why)),
                    // The next turn comes to it again.
                    Err(_) => break,
                    Ok(()) => {}
                }
            }
        }
        Ok(all.into_keys().collect())
    }

    /// Drops the tombstones of people who were erased more than `days` days ago, the profile's term, everywhere that can be reached; how many
    /// stood in the store. No copy of their keys lives so long (the profile is refused where it would).
    ///
    /// # Errors
    /// A fault of the store or of the file beside the data.
    pub async fn forget_tombstones(&self, days: i64) -> Result<u64, KeyError> {
        let before_on = self.clock.now().day() - days;
        // Levelled first: the earliest day that any place knows is the one that counts everywhere.
        self.level_tombstones().await?;
        for (number, place) in self.tombstones.iter().enumerate() {
            match place.forget_before(before_on) {
                Err(why) if number == 0 => return Err(KeyError::Tombstone(why)),
                Err(_) | Ok(_) => {}
            }
        }
        self.db.run("forget tombstones", move |tx| Box::pin(store::forget_tombstones(tx, before_on))).await.map_err(KeyError::Db)
    }

    /// Writes the person's tombstone where no restore takes it away, before their key dies. A place of backups that cannot be reached now is
    /// levelled later ([`KeyStore::level_tombstones`]).
    ///
    /// # Errors
    /// [`KeyError::Tombstone`]: the key must not be destroyed yet.
    pub fn entomb(&self, person: PersonId) -> Result<(), KeyError> {
        for (number, place) in self.tombstones.iter().enumerate() {
            match place.add(person, self.clock.now().day()) {
                Err(why) if number == 0 => return Err(KeyError::Tombstone(why)),
                Err(_) | Ok(()) => {}
            }
        }
        Ok(())
    }

    async fn destroy_before(&self, person: PersonId, day: i64) -> Result<bool, KeyError> {
        let today = self.clock.now().day();
        self.db.run("destroy person", move |tx| Box::pin(store::destroy_key(tx, person, day, today))).await.map_err(KeyError::Db)
    }

    /// Writes down until when people were seen, before the ties that say so die: by the week, never later than known before. Nobody is made.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn seen(&self, mut people: Vec<(PersonId, Timestamp)>) -> Result<(), KeyError> {
        // In the order of persons, not of visits: what is written together tells no order.
        people.sort_unstable();
        let people = Arc::new(people);
        let seen = self.db.run("people seen", move |tx| {
            let people = people.clone();
            Box::pin(async move {
                for (person, end) in people.iter() {
                    store::seen_until(tx, *person, (end.day() / WEEK_DAYS + 1) * WEEK_DAYS).await?;
                }
                Ok::<_, db::DbError>(())
            })
        });
        seen.await.map_err(KeyError::Db)
    }

    /// People whose last dead tie lay more than `days` days ago, after the person `after`, at most `limit`: they may have other visits still.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn unseen_for(&self, days: i64, after: PersonId, limit: i64) -> Result<Vec<SubjectKey>, KeyError> {
        let before = self.clock.now().day() - days;
        let rows = self.db.read("people unseen", move |tx| Box::pin(store::keys_unseen(tx, before, after, limit))).await?;
        let mut keys = Vec::with_capacity(rows.len());
        for row in &rows {
            // A key that does not unwrap keeps nobody else from ending with their term.
            keys.extend(self.unwrap(row).await.ok());
        }
        Ok(keys)
    }

    /// Destroyed keys no longer stand in the journal of the store either (SQLite; see [`db::Db::scrub`]).
    ///
    /// # Errors
    /// A fault of the store, which is to be asked again.
    pub async fn scrub(&self) -> Result<(), KeyError> {
        self.db.scrub().await.map_err(KeyError::Db)
    }

    fn phone_tag(&self, phone: &str) -> [u8; 32] {
        mac(&self.index, &[b"phone", phone.as_bytes()])
    }

    fn tags(&self, phone: &str, name: &str) -> ([u8; 32], [u8; 32]) {
        (self.phone_tag(phone), mac(&self.index, &[b"name", phone.as_bytes(), comparable(name).as_bytes()]))
    }

    async fn by_tags(&self, phone_tag: [u8; 32], name_tag: [u8; 32]) -> Result<Option<(SubjectKey, Came)>, KeyError> {
        let row = self.db.read("key of a phone and name", move |tx| Box::pin(store::key_of_tags(tx, phone_tag, name_tag))).await?;
        let today = self.clock.now().day();
        match row {
            Some((row, day)) => Ok(Some((self.unwrap(&row).await?, if day < today { Came::Earlier } else { Came::Today }))),
            None => Ok(None),
        }
    }

    async fn unwrap_all(&self, rows: &[KeyRow]) -> Result<Vec<SubjectKey>, KeyError> {
        let mut keys = Vec::with_capacity(rows.len());
        for row in rows {
            keys.push(self.unwrap(row).await?);
        }
        Ok(keys)
    }

    async fn unwrap(&self, row: &KeyRow) -> Result<SubjectKey, KeyError> {
        if !self.wrapping().knows(row.generation) {
            self.look_again().await?;
        }
        let key = self.wrapping().unwrap_person(row)?;
        Ok(SubjectKey::derive(Whose::Person(row.person), self.suite, &key))
    }
}

/// Names are the same person's when they differ only in case, spaces, hyphens or ё.
fn comparable(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).map(|c| if c == 'ё' { 'е' } else { c }).collect()
}
