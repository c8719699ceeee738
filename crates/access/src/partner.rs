//! Partners: other programs that search and book for people they vouch for, by a key that is shown once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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

/// The active partner with this key. A key holds 256 random bits, so its plain hash cannot be guessed, and looking the hash up
/// tells a guesser nothing by its time.
///
/// # Errors
/// A fault of the database.
pub async fn partner_by_key(db: &Db, key: &str) -> Result<Option<Partner>, DbError> {
    if !key.starts_with(KEY_PREFIX) {
        return Ok(None);
    }
    let hash = hash(key);
    db.read("partner by key", move |tx| Box::pin(store::by_key(tx, hash))).await
}

fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}
