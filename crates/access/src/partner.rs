//! Partners: other programs that search and book for people they vouch for, by a key that is shown once.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clock::Timestamp;
use db::{Db, DbError, Tx};
use sha2::{Digest as _, Sha256};

use crate::store;

db::id!(
    /// A partner's id.
    pub PartnerId
);

/// What a partner may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Search and read free times.
    Search,
    /// Hold and book.
    Book,
}

impl Scope {
    /// `search` or `book`.
    pub fn code(self) -> &'static str {
        match self {
            Scope::Search => "search",
            Scope::Book => "book",
        }
    }

    /// The scope with that code.
    pub fn from_code(code: &str) -> Option<Scope> {
        [Scope::Search, Scope::Book].into_iter().find(|scope| scope.code() == code)
    }
}

/// A partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// Its id.
    pub id: PartnerId,
    /// Its name.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

/// Every key begins so, for people and for scanners of leaked secrets.
const KEY_PREFIX: &str = "rcm_";

/// Adds a partner; the key, which is shown this once: only its hash is kept.
///
/// # Errors
/// A fault of the database.
pub async fn add_partner(tx: &mut Tx, name: &str, scopes: &[Scope]) -> Result<String, DbError> {
    let key = format!("{KEY_PREFIX}{}", URL_SAFE_NO_PAD.encode(tx.clock().bytes::<32>()));
    let partner = Partner { id: PartnerId::random(tx.clock()), name: name.to_owned(), scopes: scopes.to_vec() };
    store::insert(tx, &partner, hash(&key)).await?;
    Ok(key)
}

/// For how long a key that was found is believed without asking the database: a partner who is made inactive is shut out after it.
const BELIEVED_SECONDS: i64 = 5;
/// Keys remembered at most (I9).
const REMEMBERED_MAX: usize = 10_000;

/// Partners by their keys, remembered for a few seconds: a busy partner asks hundreds of times a second. Cheap to clone.
#[derive(Clone, Default)]
pub struct PartnerKeys(Arc<RwLock<HashMap<[u8; 32], Seen>>>);

/// A partner, and when their key was last found in the database.
type Seen = (Arc<Partner>, Timestamp);

impl PartnerKeys {
    /// The active partner with this key. A key holds 256 random bits, so its plain hash cannot be guessed, and looking the hash up
    /// tells a guesser nothing by its time. Unknown keys are never remembered, so that a new one counts at once.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn find(&self, db: &Db, key: &str) -> Result<Option<Arc<Partner>>, DbError> {
        if !key.starts_with(KEY_PREFIX) {
            return Ok(None);
        }
        let (hash, now) = (hash(key), db.clock().now());
        let remembered = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&hash).cloned();
        // Also not beyond now: a clock set back must not make it last.
        if let Some((partner, found_at)) = remembered
            && (found_at..found_at.plus_seconds(BELIEVED_SECONDS)).contains(&now)
        {
            return Ok(Some(partner));
        }
        let found = db.read("partner by key", move |tx| Box::pin(store::by_key(tx, hash))).await?.map(Arc::new);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match &found {
            Some(partner) => {
                if known.len() >= REMEMBERED_MAX {
                    known.clear();
                }
                known.insert(hash, (partner.clone(), now));
            }
            None => {
                known.remove(&hash);
            }
        }
        Ok(found)
    }
}

fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}
