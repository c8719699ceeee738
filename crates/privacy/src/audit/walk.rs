//! The whole log of a database, read once from its first record to its last in one consistent state.

use std::iter::Peekable;

use clock::Timestamp;
use db::{DbError, Tx};

use super::head::{Cut, Head};
use super::signer::PublicKey;
use super::store;
use super::tree::{Hash, Peak, Span};
use super::written::Written;

/// Leaves that are read at once.
const PAGE_LEAVES: u64 = 2_048;
/// Entries over which one look for unsealed ones passes.
const PAGE_ENTRIES: i64 = 20_000;
/// Unsealed entries of one such look at most.
const UNSEALED_MAX: i64 = 100_000;

/// Who is told of the records: cuts, then leaves with each head behind its last, then what is not sealed.
pub(super) trait Listener: Send {
    /// Why it wants to hear no more.
    type Fault: From<DbError>;

    /// Bodies may be missing before a place.
    fn cut(&mut self, cut: &Cut) -> Result<(), Self::Fault>;
    /// A leaf, and its entry's body if that is there.
    fn leaf(&mut self, seq: u64, body: Option<&Written<'_>>, hash: &Hash) -> Result<(), Self::Fault>;
    /// A head, and the key that it says it is of.
    fn head(&mut self, head: &Head, key: PublicKey) -> Result<(), Self::Fault>;
    /// Subtrees that became whole by the last leaves, in any order, to be compared with those that are stored.
    fn closed(&mut self) -> Vec<(Peak, Hash)> {
        Vec::new()
    }
    /// One of those is stored otherwise.
    fn other_node(&mut self, peak: Peak) -> Result<(), Self::Fault>;
    /// There are no more leaves.
    fn sealed_part_ends(&mut self) -> Result<(), Self::Fault>;
    /// An entry without a leaf.
    fn unsealed(&mut self, body: &Written<'_>) -> Result<(), Self::Fault>;
}

/// Tells the listener everything.
pub(super) async fn walk<L: Listener>(tx: &mut Tx, listener: &mut L) -> Result<(), L::Fault> {
    for cut in store::cuts(tx).await? {
        listener.cut(&cut)?;
    }
    let mut start = 0;
    loop {
        let span = Span { start, end: start + PAGE_LEAVES };
        let rows = store::leaves(tx, span).await?;
        if rows.is_empty() {
            break;
        }
        let mut heads = store::heads(tx, span.start, span.end, PAGE_LEAVES).await?.into_iter().peekable();
        for row in &rows {
            // A head over leaves that are not there comes before the leaf that does not fit.
            tell_heads(listener, &mut heads, row.seq)?;
            listener.leaf(row.seq, row.body.as_ref(), &row.hash)?;
            tell_heads(listener, &mut heads, row.seq + 1)?;
        }
        tell_heads(listener, &mut heads, span.end)?;
        let kept: Vec<(Peak, Hash)> = listener.closed().into_iter().filter(|(peak, _)| store::is_kept(*peak)).collect();
        let numbers: Vec<u64> = kept.iter().map(|(peak, _)| peak.number()).collect();
        let stored = store::nodes(tx, &numbers).await?;
        for (peak, hash) in kept {
            if stored.get(&peak.number()) != Some(&hash) {
                listener.other_node(peak)?;
            }
        }
        start = span.end;
    }
    // A head of more leaves than there are: the listener says that it does not fit.
    for (head, key) in store::heads(tx, start, u64::MAX, 1).await? {
        listener.head(&head, key)?;
    }
    listener.sealed_part_ends()?;
    let mut from = Timestamp(i64::MIN);
    loop {
        let end = store::at_after(tx, from, PAGE_ENTRIES).await?;
        for body in store::unsealed(tx, from, end.unwrap_or(Timestamp(i64::MAX)), UNSEALED_MAX).await? {
            listener.unsealed(&body)?;
        }
        let Some(end) = end else { return Ok(()) };
        from = Timestamp(end.micros().saturating_add(1));
    }
}

/// The heads of at most so many leaves.
fn tell_heads<L: Listener>(
    listener: &mut L,
    heads: &mut Peekable<impl Iterator<Item = (Head, PublicKey)>>,
    size: u64,
) -> Result<(), L::Fault> {
    while let Some((head, key)) = heads.next_if(|(head, _)| head.size <= size) {
        listener.head(&head, key)?;
    }
    Ok(())
}
