//! All SQL of the crate: here that of partners, in [`staff`] that of staff.

use db::{DbError, Tx, args};

use crate::partner::{Partner, Scope};

pub(crate) mod staff;

pub(crate) async fn insert(tx: &mut Tx, partner: &Partner, key_hash: [u8; 32]) -> Result<(), DbError> {
    let scopes: Vec<&str> = partner.scopes.iter().map(|scope| scope.code()).collect();
    let now = tx.now();
    tx.execute(
        "INSERT INTO partner (id, name, key_hash, scopes, active, created_at) VALUES ($1, $2, $3, $4, 1, $5)",
        &args![partner.id, partner.name.as_str(), key_hash, scopes.join(","), now],
    )
    .await
    .map(drop)
}

pub(crate) async fn by_key(tx: &mut Tx, key_hash: [u8; 32]) -> Result<Option<Partner>, DbError> {
    let row = tx.query_opt("SELECT id, name, scopes FROM partner WHERE key_hash = $1 AND active = 1", &args![key_hash]).await?;
    row.map(|row| {
        let scopes: String = row.get(2)?;
        Ok(Partner { id: row.get(0)?, name: row.get(1)?, scopes: scopes.split(',').filter_map(Scope::from_code).collect() })
    })
    .transpose()
}
