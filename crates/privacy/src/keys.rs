//! The key store: apart from the database and its backups. Whoever destroys a person's key has erased the person, in every
//! backup too (I4); whoever has the database without it cannot tell who chose whom (I5).

use std::fmt;
use std::sync::{Arc, RwLock};

use chacha20poly1305::aead::{Aead, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use clock::Clock;
use db::{Db, DbError};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::PersonId;
use crate::audit::Signer;
use crate::store::{self as main, keys as store};
use crate::tombstones::Tombstones;

mod archive;
mod counts;
mod master;
mod people;
mod rotate;
mod wrapping;

pub use archive::{ArchiveKey, Place};
pub use counts::{CodeLimits, Uncounted};
pub use master::MasterKey;
pub use people::{Came, Identity, Known};
pub use rotate::{Rotated, RotationStep, abandon as abandon_rotation, prepare as prepare_rotation, rotate};
use wrapping::Wrapping;
pub use wrapping::master_opens;

/// Bytes of a nonce: random ones of this length do not repeat.
const NONCE_BYTES: usize = 24;

/// Why the key store cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyError {
    /// The master key file is missing, unreadable or open to others.
    MasterFile(String),
    /// The master key is not the one that wrapped these keys.
    WrongMaster,
    /// A sealed value was changed, or belongs to another row, field or key.
    Forged,
    /// This key store is not the one that the database was filled with.
    OtherStore,
    /// More people share this phone number than allowed.
    TooManyPeople,
    /// A tombstone could not be written or read, and why.
    Tombstone(String),
    /// The database of the key store failed.
    Db(DbError),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::MasterFile(why) | KeyError::Tombstone(why) => f.write_str(why),
            KeyError::WrongMaster => write!(f, "the master key does not open this key store; give the file that was used when it was made"),
            KeyError::Forged => write!(f, "a sealed value does not open: it was changed or moved"),
            KeyError::OtherStore => {
                write!(f, "this key store is not the one that the database was filled with; bring back the right one (setting `keys`)")
            }
            KeyError::TooManyPeople => write!(f, "too many people share this phone number"),
            KeyError::Db(error) => write!(f, "key store: {error}"),
        }
    }
}

impl std::error::Error for KeyError {}

impl From<DbError> for KeyError {
    fn from(error: DbError) -> Self {
        KeyError::Db(error)
    }
}

impl db::Refusal for KeyError {
    fn fault(&self) -> Option<&DbError> {
        if let KeyError::Db(error) = self { Some(error) } else { None }
    }
}

/// Whoever has shown the master key: the operator at the machine's console. No request over the network can have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsoleProof(());

/// How values are sealed. There is one way; the other exists so that the test which looks for planted data can prove that it finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Suite {
    /// XChaCha20-Poly1305.
    #[default]
    Sealed,
    /// Nothing is sealed. Only for that one test: no setting leads here.
    #[doc(hidden)]
    NakedForTests,
}

/// Whose data a key seals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Whose {
    /// A person.
    Person(PersonId),
    /// Somebody who has asked for a code and is not yet a person of ours; such rows live for minutes.
    CodeRequest,
    /// Messages shown in the demo's outbox.
    Outbox,
}

/// A key that seals the data of a subject. Opening needs a [`crate::Permit`] besides.
#[derive(Clone)]
pub struct SubjectKey {
    whose: Whose,
    suite: Suite,
    seal: Arc<Zeroizing<[u8; 32]>>,
    tag: Arc<Zeroizing<[u8; 32]>>,
}

impl fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubjectKey(…)")
    }
}

impl SubjectKey {
    fn derive(whose: Whose, suite: Suite, key: &[u8; 32]) -> SubjectKey {
        SubjectKey { whose, suite, seal: Arc::new(expand(key, b"seal")), tag: Arc::new(expand(key, b"tag")) }
    }

    /// Whose it is.
    pub fn whose(&self) -> Whose {
        self.whose
    }

    /// The person, when it is a person's.
    pub fn person(&self) -> Option<PersonId> {
        if let Whose::Person(person) = self.whose { Some(person) } else { None }
    }

    /// Finds the person's own `n`th visit; says nothing without the key (I5).
    pub fn visit_tag(&self, n: u64) -> [u8; 32] {
        mac(&self.tag, &[b"visit", &n.to_be_bytes()])
    }

    /// What a person's time is claimed as: the cell cannot be read from it (I5).
    pub fn cell_tag(&self, cell: i64) -> [u8; 32] {
        mac(&self.tag, &[b"cell", &cell.to_be_bytes()])
    }

    /// A commitment to this subject for one row; two rows of one person do not look alike.
    pub fn commitment(&self, what: &[u8], row: &[u8; 16]) -> [u8; 32] {
        mac(&self.tag, &[what, row])
    }

    pub(crate) fn seal_bytes(&self, clock: &Clock, bound_to: &[u8], plain: &[u8]) -> Vec<u8> {
        seal(self.suite, &self.seal, clock, bound_to, plain)
    }

    pub(crate) fn open_bytes(&self, bound_to: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        open(self.suite, &self.seal, bound_to, sealed)
    }
}

/// The open key store.
#[derive(Clone)]
pub struct KeyStore {
    db: Db,
    clock: Clock,
    suite: Suite,
    wrapping: Arc<RwLock<Wrapping>>,
    index: Arc<Zeroizing<[u8; 32]>>,
    link: Arc<Zeroizing<[u8; 32]>>,
    token: Arc<Zeroizing<[u8; 32]>>,
    request: Arc<Zeroizing<[u8; 32]>>,
    cookie: Arc<Zeroizing<[u8; 32]>>,
    staff: Arc<Zeroizing<[u8; 32]>>,
    codes: SubjectKey,
    outbox: SubjectKey,
    audit: Signer,
    tombstones: Vec<Tombstones>,
}

impl KeyStore {
    /// Opens the store over its own database, whose schema is up to date; makes its system keys the first time.
    ///
    /// # Errors
    /// [`KeyError::WrongMaster`] when the master key does not open what is there.
    pub async fn open(db: Db, master: MasterKey, suite: Suite) -> Result<KeyStore, KeyError> {
        let clock = db.clock().clone();
        let mut wrapping = Wrapping::load(&db, master).await?;
        let index = wrapping.system_key(&db, "index").await?;
        let link = wrapping.system_key(&db, "link").await?;
        let token = wrapping.system_key(&db, "token").await?;
        let request = wrapping.system_key(&db, "request").await?;
        let cookie = wrapping.system_key(&db, "cookie").await?;
        let staff = wrapping.system_key(&db, "staff").await?;
        let codes = SubjectKey::derive(Whose::CodeRequest, suite, &*wrapping.system_key(&db, "codes").await?);
        let outbox = SubjectKey::derive(Whose::Outbox, suite, &*wrapping.system_key(&db, "outbox").await?);
        let audit = Signer::from_seed(&*wrapping.system_key(&db, "audit").await?).ok_or(KeyError::Forged)?;
        Ok(KeyStore {
            db,
            clock,
            suite,
            wrapping: Arc::new(RwLock::new(wrapping)),
            index: Arc::new(index),
            link: Arc::new(link),
            token: Arc::new(token),
            request: Arc::new(request),
            cookie: Arc::new(cookie),
            staff: Arc::new(staff),
            codes,
            outbox,
            audit,
            tombstones: Vec::new(),
        })
    }

    /// The proof of the operator who has read the master key from its file; `None` when it is not the key of this store.
    pub fn console(&self, shown: &MasterKey) -> Option<ConsoleProof> {
        self.wrapping().is_of(shown).then_some(ConsoleProof(()))
    }

    /// The key of codes that are on their way.
    pub fn codes(&self) -> &SubjectKey {
        &self.codes
    }

    /// The key of the demo's outbox.
    pub fn outbox(&self) -> &SubjectKey {
        &self.outbox
    }

    /// The audit log's own key (I6).
    pub fn signer(&self) -> &Signer {
        &self.audit
    }

    /// The visit's side of the link between a person and a visit, sealed: it opens only beside that visit (I5).
    pub fn seal_link(&self, visit: &[u8; 16], person: PersonId, n: u64) -> Vec<u8> {
        let mut plain = person.bytes().to_vec();
        plain.extend(n.to_be_bytes());
        seal(self.suite, &self.link, &self.clock, visit, &plain)
    }

    /// Whose the visit is, and which of theirs.
    ///
    /// # Errors
    /// [`KeyError::Forged`] when the link was changed or belongs to another visit.
    pub fn open_link(&self, visit: &[u8; 16], link: &[u8]) -> Result<(PersonId, u64), KeyError> {
        let plain = open(self.suite, &self.link, visit, link)?;
        let (Some(person), Some(n)) = (plain.first_chunk::<16>(), plain.last_chunk::<8>()) else { return Err(KeyError::Forged) };
        if plain.len() != 24 {
            return Err(KeyError::Forged);
        }
        Ok((PersonId(db::reexport::Uuid::from_bytes(*person)), u64::from_be_bytes(*n)))
    }

    /// A token for a row, recomputed whenever it is needed and stored nowhere. `what` keeps tokens of different use apart.
    pub fn token(&self, what: &str, row: &[u8; 16]) -> [u8; 16] {
        let full = mac(&self.token, &[what.as_bytes(), row]);
        let mut token = [0; 16];
        token.copy_from_slice(full.first_chunk::<16>().unwrap_or(&[0; 16]));
        token
    }

    /// A MAC over parts of a request: what is kept of a body, a phone, a network, since a bare hash of those can be guessed.
    pub fn request_mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.request, parts)
    }

    /// Seals what a browser keeps for us between two pages.
    pub fn seal_cookie(&self, name: &str, plain: &[u8]) -> Vec<u8> {
        seal(Suite::Sealed, &self.cookie, &self.clock, name.as_bytes(), plain)
    }

    /// Opens what [`KeyStore::seal_cookie`] sealed; `None` for anything else.
    pub fn open_cookie(&self, name: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        open(Suite::Sealed, &self.cookie, name.as_bytes(), sealed).ok()
    }

    /// Seals what proves who one of the staff is; bound to them.
    pub fn seal_staff_secret(&self, staff: &[u8; 16], plain: &[u8]) -> Vec<u8> {
        seal(Suite::Sealed, &self.staff, &self.clock, staff, plain)
    }

    /// Opens what [`KeyStore::seal_staff_secret`] sealed for the same person; `None` for anything else.
    pub fn open_staff_secret(&self, staff: &[u8; 16], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        open(Suite::Sealed, &self.staff, staff, sealed).ok()
    }

    /// Checks that this key store is the one that `db` was filled with; a new database takes it as its own.
    ///
    /// # Errors
    /// [`KeyError::OtherStore`] when it is another.
    pub async fn belongs_to(&self, db: &Db) -> Result<(), KeyError> {
        let mark = mac(&self.token, &[b"installation"]);
        let kept = db.run("installation", move |tx| Box::pin(main::installation(tx, "key_store", mark))).await?;
        if kept == mark { Ok(()) } else { Err(KeyError::OtherStore) }
    }

    /// Whether `db` was filled with a key store already: then a missing one must be brought back, never made anew.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn is_expected_by(db: &Db) -> Result<bool, DbError> {
        db.read("installation", |tx| Box::pin(main::is_installed(tx, "key_store"))).await
    }

    /// Whether the store's database answers.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn ready(&self) -> Result<(), KeyError> {
        self.db.read("key store ready", |tx| Box::pin(store::count_system_keys(tx))).await.map(drop).map_err(KeyError::Db)
    }
}

fn expand(key: &[u8; 32], what: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    // Fails only for an output longer than 8160 bytes.
    let _always = Hkdf::<Sha256>::new(None, key).expand(what, out.as_mut_slice());
    out
}

/// HMAC-SHA-256 over the parts, each with its length before it, so that two lists of parts never read the same.
pub(crate) fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length.
    let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn seal(suite: Suite, key: &[u8; 32], clock: &Clock, bound_to: &[u8], plain: &[u8]) -> Vec<u8> {
    if suite == Suite::NakedForTests {
        return plain.to_vec();
    }
    let nonce: [u8; NONCE_BYTES] = clock.bytes();
    let cipher = XChaCha20Poly1305::new(key.into());
    let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: bound_to });
    // Encryption fails only for texts beyond 256 GiB; an empty answer would be refused at opening.
    let mut out = nonce.to_vec();
    out.extend(sealed.unwrap_or_default());
    out
}

fn open(suite: Suite, key: &[u8; 32], bound_to: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    if suite == Suite::NakedForTests {
        return Ok(Zeroizing::new(sealed.to_vec()));
    }
    let (nonce, text) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(KeyError::Forged)?;
    let cipher = XChaCha20Poly1305::new(key.into());
    cipher.decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: bound_to }).map(Zeroizing::new).map_err(|_| KeyError::Forged)
}
