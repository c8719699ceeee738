//! The SQL of the log's tree: leaves, nodes, heads, cuts, and the lease of whoever seals.

use std::collections::{BTreeMap, BTreeSet};

use clock::Timestamp;
use db::{DbError, Row, Tx, Value, args, placeholders};

use super::EntryId;
use super::head::{Cut, Head};
use super::signer::{PublicKey, Signature};
use super::tree::{self, Frontier, Hash, Peak, Span};
use super::written::Written;

/// Subtrees of this height and more are kept; smaller ones are computed from their leaves.
const NODE_LEVEL_MIN: u32 = 8;
/// Rows of one statement: few texts, so that each stays prepared.
const ROWS_AT_ONCE: [usize; 3] = [64, 8, 1];
/// Cuts that are read at most: one a day for a quarter of a century.
const CUTS_MAX: i64 = 10_000;
/// Unsealed entries that are counted at most.
const COUNTED_MAX: i64 = 100_000;

/// The columns of an entry, as [`Written::from_row`] reads them.
const ENTRY: &str = "e.id, e.at, e.operation, e.purpose, e.asker, e.fields, e.outcome, e.object, e.subject";

/// A number as it is stored; the log never grows so long that it would not fit.
pub(super) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn counted(row: &Row, column: usize) -> Result<u64, DbError> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| DbError::Shape(format!("column {column} is below zero")))
}

/// Takes the lease for so many seconds, or keeps it; `false` when another holds it. On PostgreSQL whoever comes second waits for the
/// first to commit. One that ends later than any could was taken while the clock stood ahead, and holds nobody back.
pub(super) async fn take_lease(tx: &mut Tx, name: &str, holder: [u8; 16], seconds: i64) -> Result<bool, DbError> {
    let now = tx.now();
    let rows = tx
        .execute(
            "INSERT INTO lease (name, holder, until_at) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_at = excluded.until_at
             WHERE lease.holder = excluded.holder OR lease.until_at < $4 OR lease.until_at > $5",
            &args![name, holder, now.plus_seconds(seconds), now, now.plus_seconds(seconds * 2)],
        )
        .await?;
    Ok(rows == 1)
}

/// The newest head with the key that signed it; `None` before the first.
pub(super) async fn newest_head(tx: &mut Tx) -> Result<Option<(Head, PublicKey)>, DbError> {
    tx.query_opt("SELECT size, root, at, key, signature FROM tree_head ORDER BY size DESC LIMIT 1", &[])
        .await?
        .as_ref()
        .map(head)
        .transpose()
}

/// Heads of more leaves than `after` and at most `to`, smallest first.
pub(super) async fn heads(tx: &mut Tx, after: u64, to: u64, limit: u64) -> Result<Vec<(Head, PublicKey)>, DbError> {
    let rows = tx
        .query(
            "SELECT size, root, at, key, signature FROM tree_head WHERE size > $1 AND size <= $2 ORDER BY size LIMIT $3",
            &args![stored(after), stored(to), stored(limit)],
        )
        .await?;
    rows.iter().map(head).collect()
}

fn head(row: &Row) -> Result<(Head, PublicKey), DbError> {
    let head = Head { size: counted(row, 0)?, root: row.get(1)?, at: row.get(2)?, signature: Signature(row.get(4)?) };
    Ok((head, PublicKey(row.get(3)?)))
}

/// Adds a head.
pub(super) async fn insert_head(tx: &mut Tx, head: &Head, key: PublicKey) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO tree_head (size, root, at, key, signature) VALUES ($1, $2, $3, $4, $5)",
        &args![stored(head.size), head.root, head.at, key.0, head.signature.0],
    )
    .await
    .map(drop)
}

/// Adds leaves: place, entry, hash.
pub(super) async fn insert_leaves(tx: &mut Tx, leaves: &[(u64, EntryId, Hash)]) -> Result<(), DbError> {
    for part in in_parts(leaves) {
        let rows = placeholders(part.len(), 3, 1);
        let values: Vec<Value> = part.iter().flat_map(|(seq, entry, hash)| args![stored(*seq), *entry, *hash]).collect();
        tx.execute(&format!("INSERT INTO audit_leaf (seq, entry, hash) VALUES {rows}"), &values).await?;
    }
    Ok(())
}

/// Adds those of the subtrees that are kept.
pub(super) async fn insert_nodes(tx: &mut Tx, nodes: &[(Peak, Hash)]) -> Result<(), DbError> {
    for part in in_parts(nodes) {
        let rows = placeholders(part.len(), 2, 1);
        let values: Vec<Value> = part.iter().flat_map(|(peak, hash)| args![stored(peak.number()), *hash]).collect();
        tx.execute(&format!("INSERT INTO audit_node (node, hash) VALUES {rows}"), &values).await?;
    }
    Ok(())
}

/// Whether a subtree is kept.
pub(super) fn is_kept(peak: Peak) -> bool {
    peak.level >= NODE_LEVEL_MIN
}

fn in_parts<T>(mut rows: &[T]) -> Vec<&[T]> {
    let mut parts = Vec::new();
    for length in ROWS_AT_ONCE {
        while let Some((part, rest)) = rows.split_at_checked(length) {
            parts.push(part);
            rows = rest;
        }
    }
    parts
}

/// The instant of the entry `offset` places after the first at or after `from`; `None` when there are no more than that.
pub(super) async fn at_after(tx: &mut Tx, from: Timestamp, offset: i64) -> Result<Option<Timestamp>, DbError> {
    tx.query_opt("SELECT at FROM audit_entry WHERE at >= $1 ORDER BY at LIMIT 1 OFFSET $2", &args![from, offset])
        .await?
        .as_ref()
        .map(|row| row.get(0))
        .transpose()
}

/// Entries from `from` to `to`, both included, that are not under a leaf, in the order in which they are sealed.
pub(super) async fn unsealed(tx: &mut Tx, from: Timestamp, to: Timestamp, limit: i64) -> Result<Vec<Written<'static>>, DbError> {
    let rows = tx
        .query(
            &format!(
                "SELECT {ENTRY} FROM audit_entry e WHERE e.at >= $1 AND e.at <= $2
                 AND NOT EXISTS (SELECT 1 FROM audit_leaf l WHERE l.entry = e.id) ORDER BY e.at, e.id LIMIT $3"
            ),
            &args![from, to, limit],
        )
        .await?;
    rows.iter().map(|row| Written::from_row(row, 0)).collect()
}

/// How many entries since `from` are not under a leaf, at most [`COUNTED_MAX`], and the oldest of them.
pub(super) async fn count_unsealed(tx: &mut Tx, from: Timestamp) -> Result<(i64, Option<Timestamp>), DbError> {
    let row = tx
        .query_one(
            "SELECT count(*), min(at) FROM (SELECT e.at AS at FROM audit_entry e WHERE e.at >= $1
             AND NOT EXISTS (SELECT 1 FROM audit_leaf l WHERE l.entry = e.id) LIMIT $2) AS waiting",
            &args![from, COUNTED_MAX],
        )
        .await?;
    Ok((row.get(0)?, row.get(1)?))
}

/// A leaf, with the body of its entry while that is there.
pub(super) struct LeafRow {
    pub(super) seq: u64,
    pub(super) hash: Hash,
    pub(super) body: Option<Written<'static>>,
}

/// The leaves `start..end`, in their order.
pub(super) async fn leaves(tx: &mut Tx, span: Span) -> Result<Vec<LeafRow>, DbError> {
    let rows = tx
        .query(
            &format!(
                "SELECT l.seq, l.hash, {ENTRY} FROM audit_leaf l LEFT JOIN audit_entry e ON e.id = l.entry
                 WHERE l.seq >= $1 AND l.seq < $2 ORDER BY l.seq"
            ),
            &args![stored(span.start), stored(span.end)],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let there = row.get::<Option<[u8; 16]>>(2)?.is_some();
            let body = if there { Some(Written::from_row(row, 2)?) } else { None };
            Ok(LeafRow { seq: counted(row, 0)?, hash: row.get(1)?, body })
        })
        .collect()
}

/// The place of the entry among the leaves; `None` while it is not sealed.
pub(super) async fn seq_of(tx: &mut Tx, entry: EntryId) -> Result<Option<u64>, DbError> {
    tx.query_opt("SELECT seq FROM audit_leaf WHERE entry = $1", &args![entry]).await?.as_ref().map(|row| counted(row, 0)).transpose()
}

/// The entry's body.
pub(super) async fn entry(tx: &mut Tx, entry: EntryId) -> Result<Option<Written<'static>>, DbError> {
    let row = tx.query_opt(&format!("SELECT {ENTRY} FROM audit_entry e WHERE e.id = $1"), &args![entry]).await?;
    row.as_ref().map(|row| Written::from_row(row, 0)).transpose()
}

/// The entries about an object but for the `skip` newest, newest first, and whether each is sealed.
pub(super) async fn entries_of(tx: &mut Tx, object: [u8; 16], skip: i64, limit: i64) -> Result<Vec<(Written<'static>, bool)>, DbError> {
    let sql = format!(
        "SELECT {ENTRY}, l.seq FROM audit_entry e LEFT JOIN audit_leaf l ON l.entry = e.id WHERE e.object = $1
         ORDER BY e.at DESC, e.id DESC LIMIT $2 OFFSET $3"
    );
    let rows = tx.query(&sql, &args![object, limit, skip]).await?;
    rows.iter().map(|row| Ok((Written::from_row(row, 0)?, row.get::<Option<i64>>(9)?.is_some()))).collect()
}

/// Kept subtrees under these numbers.
pub(super) async fn nodes(tx: &mut Tx, numbers: &[u64]) -> Result<BTreeMap<u64, Hash>, DbError> {
    if numbers.is_empty() {
        return Ok(BTreeMap::new());
    }
    let list = placeholders(1, numbers.len(), 1);
    let values: Vec<Value> = numbers.iter().map(|number| Value::from(stored(*number))).collect();
    let rows = tx.query(&format!("SELECT node, hash FROM audit_node WHERE node IN {list}"), &values).await?;
    rows.iter().map(|row| Ok((counted(row, 0)?, row.get(1)?))).collect()
}

async fn leaf_hashes(tx: &mut Tx, span: Span) -> Result<Vec<Hash>, DbError> {
    let rows = tx
        .query("SELECT hash FROM audit_leaf WHERE seq >= $1 AND seq < $2 ORDER BY seq", &args![stored(span.start), stored(span.end)])
        .await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// The hashes of these subtrees: one read for all that are kept, and one for each block of leaves that smaller ones lie in.
pub(super) async fn hashes(tx: &mut Tx, spans: &[Span]) -> Result<Vec<Hash>, DbError> {
    let lost = || DbError::Shape("a leaf or a node of the audit tree is missing".into());
    let peaks: Vec<Vec<Peak>> = spans.iter().map(|span| span.peaks()).collect();
    let (kept, small): (BTreeSet<Peak>, BTreeSet<Peak>) = peaks.iter().flatten().copied().partition(|peak| is_kept(*peak));
    let numbers: Vec<u64> = kept.iter().map(|peak| peak.number()).collect();
    let kept = nodes(tx, &numbers).await?;
    let mut blocks = BTreeMap::new();
    for block in small.iter().map(|peak| peak.first() >> NODE_LEVEL_MIN).collect::<BTreeSet<u64>>() {
        let span = Span { start: block << NODE_LEVEL_MIN, end: (block + 1) << NODE_LEVEL_MIN };
        blocks.insert(block, leaf_hashes(tx, span).await?);
    }
    let hash_of = |peak: &Peak| {
        if is_kept(*peak) {
            return kept.get(&peak.number()).copied().ok_or_else(lost);
        }
        let (block, within) = (peak.first() >> NODE_LEVEL_MIN, peak.first() & ((1 << NODE_LEVEL_MIN) - 1));
        let within = usize::try_from(within).map_err(|_| lost())?;
        let leaves = blocks.get(&block).and_then(|leaves| leaves.get(within..within + (1 << peak.level))).ok_or_else(lost)?;
        let mut tree = Frontier::default();
        leaves.iter().for_each(|leaf| tree.push(*leaf, |_, _| {}));
        Ok(tree.root())
    };
    peaks.iter().map(|peaks| Ok(tree::fold(&peaks.iter().map(hash_of).collect::<Result<Vec<Hash>, DbError>>()?))).collect()
}

/// The tree of `size` leaves, to be grown.
pub(super) async fn frontier(tx: &mut Tx, size: u64) -> Result<Frontier, DbError> {
    let whole = if size == 0 { Vec::new() } else { Span { start: 0, end: size }.peaks() };
    let spans: Vec<Span> = whole.iter().map(|peak| Span { start: peak.first(), end: peak.first() + (1 << peak.level) }).collect();
    Frontier::new(size, hashes(tx, &spans).await?).ok_or_else(|| DbError::Shape("the audit tree has another size than its head".into()))
}

/// All cuts, oldest first.
pub(super) async fn cuts(tx: &mut Tx) -> Result<Vec<Cut>, DbError> {
    let rows = tx.query("SELECT seq, before_at, at, signature FROM audit_cut ORDER BY seq LIMIT $1", &args![CUTS_MAX]).await?;
    rows.iter()
        .map(|row| Ok(Cut { seq: counted(row, 0)?, before: row.get(1)?, at: row.get(2)?, signature: Signature(row.get(3)?) }))
        .collect()
}

/// Adds a cut.
pub(super) async fn insert_cut(tx: &mut Tx, cut: &Cut) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO audit_cut (seq, before_at, at, signature) VALUES ($1, $2, $3, $4)",
        &args![stored(cut.seq), cut.before, cut.at, cut.signature.0],
    )
    .await
    .map(drop)
}

/// The place of the oldest sealed entry that is not older than `before`; `None` when all are.
pub(super) async fn first_since(tx: &mut Tx, before: Timestamp) -> Result<Option<u64>, DbError> {
    tx.query_opt(
        "SELECT l.seq FROM audit_entry e JOIN audit_leaf l ON l.entry = e.id WHERE e.at >= $1 ORDER BY e.at, e.id LIMIT 1",
        &args![before],
    )
    .await?
    .as_ref()
    .map(|row| counted(row, 0))
    .transpose()
}

/// Takes away at most `limit` bodies that the cut has passed, oldest first; how many.
pub(super) async fn delete_bodies(tx: &mut Tx, cut: &Cut, limit: i64) -> Result<u64, DbError> {
    tx.execute(
        "DELETE FROM audit_entry WHERE id IN (SELECT e.id FROM audit_entry e JOIN audit_leaf l ON l.entry = e.id
         WHERE e.at < $1 AND l.seq < $2 ORDER BY e.at LIMIT $3)",
        &args![cut.before, stored(cut.seq), limit],
    )
    .await
}

/// The newest entries for security (P10) of whoever is known, newest first.
pub(super) async fn security(tx: &mut Tx, limit: i64) -> Result<Vec<Written<'static>>, DbError> {
    let sql =
        format!("SELECT {ENTRY} FROM audit_entry e WHERE e.purpose = 'P10' AND e.asker <> 'public' ORDER BY e.at DESC, e.id LIMIT $1");
    tx.query(&sql, &args![limit]).await?.iter().map(|row| Written::from_row(row, 0)).collect()
}

/// The newest entries for security (P10) of nobody known, newest first.
pub(super) async fn security_of_nobody(tx: &mut Tx, limit: i64) -> Result<Vec<Written<'static>>, DbError> {
    let sql = format!("SELECT {ENTRY} FROM audit_entry e WHERE e.purpose = 'P10' AND e.asker = 'public' ORDER BY e.at DESC, e.id LIMIT $1");
    tx.query(&sql, &args![limit]).await?.iter().map(|row| Written::from_row(row, 0)).collect()
}
