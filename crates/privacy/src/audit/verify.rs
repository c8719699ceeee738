//! The check of a log: of a copied file or a receipt, which needs nothing else, and of the database itself.

use std::fmt;
use std::io::{BufRead, Read as _};

use db::{Db, DbError};

use super::Progress;
use super::check::{Judge, Kept, Verified, Wrong};
use super::head::{Cut, Head};
use super::line::{self, Chain, Line};
use super::receipt::{Proven, Receipt};
use super::signer::PublicKey;
use super::tree::{Hash, Peak};
use super::walk::{Listener, walk};
use super::written::Written;

/// No line is longer, and no receipt.
const LINE_BYTES_MAX: u64 = 64 * 1024;
/// After so many entries the caller is told how far it is.
const TOLD_EVERY: u64 = 100_000;

/// Where something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In this line of the file, counted from 1.
    Line(u64),
    /// Between these lines, both included.
    Lines(u64, u64),
    /// At the entry of this place in the log, counted from 0.
    Entry(u64),
    /// Among the entries of these places, both included.
    Entries(u64, u64),
    /// At the head over so many entries.
    Head(u64),
    /// At the cut before this place.
    Cut(u64),
    /// In the receipt.
    Receipt,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line(line) => write!(f, "line {line}"),
            Place::Lines(from, to) => write!(f, "lines {from} to {to}"),
            Place::Entry(seq) => write!(f, "entry {seq}"),
            Place::Entries(from, to) => write!(f, "entries {from} to {to}"),
            Place::Head(size) => write!(f, "the head over {size} entries"),
            Place::Cut(seq) => write!(f, "the cut before entry {seq}"),
            Place::Receipt => f.write_str("the receipt"),
        }
    }
}

/// Why a log was not found to be whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerifyError {
    /// The first thing that is wrong.
    Wrong(Place, Wrong),
    /// The file could not be read.
    Read(String),
    /// The database failed.
    Db(DbError),
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VerifyError::Wrong(place, wrong) => write!(f, "{place}: {wrong}"),
            VerifyError::Read(why) => write!(f, "it cannot be read: {why}"),
            VerifyError::Db(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for VerifyError {}

impl From<DbError> for VerifyError {
    fn from(error: DbError) -> Self {
        VerifyError::Db(error)
    }
}

impl db::Refusal for VerifyError {
    fn fault(&self) -> Option<&DbError> {
        if let VerifyError::Db(error) = self { Some(error) } else { None }
    }
}

/// What the log is held against besides itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Against {
    /// The key that it must be of; without one, the key that it names.
    pub key: Option<PublicKey>,
    /// A root that was kept outside: the log must have had it.
    pub kept: Option<Kept>,
}

/// What a file was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// A whole log.
    Log(Verified),
    /// A true receipt.
    Receipt(Proven),
}

impl Checked {
    /// The log's key.
    pub fn key(&self) -> PublicKey {
        match self {
            Checked::Log(log) => log.key,
            Checked::Receipt(proven) => proven.key,
        }
    }

    /// The root that this file keeps, to hold a later copy of the log against; `None` for a log without a head.
    pub fn kept(&self) -> Option<Kept> {
        match self {
            Checked::Log(log) => log.last.map(|head| Kept { size: head.size, root: head.root }),
            Checked::Receipt(proven) => Some(proven.kept()),
        }
    }
}

/// Checks an exported log or a receipt; which of the two it is, the file says itself. Reads once from begin to end, a line at a time.
///
/// # Errors
/// The first thing that is wrong and where it stands, or that the file cannot be read.
pub fn verify_file(file: &mut impl BufRead, against: &Against, progress: &Progress) -> Result<Checked, VerifyError> {
    let mut lines = Lines { file, number: 0, bytes: Vec::new() };
    lines.read()?;
    if !matches!(Line::parse(&lines.bytes), Some(Line::Header { .. })) {
        return receipt(lines, against).map(Checked::Receipt);
    }
    log(lines, against, progress).map(Checked::Log)
}

/// The lines of a file, one at a time.
struct Lines<'f, F> {
    file: &'f mut F,
    number: u64,
    bytes: Vec<u8>,
}

impl<F: BufRead> Lines<'_, F> {
    /// Reads the next line with its end; empty behind the last one.
    fn read(&mut self) -> Result<(), VerifyError> {
        self.bytes.clear();
        self.number += 1;
        let read = self.file.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut self.bytes);
        read.map(drop).map_err(|error| VerifyError::Read(error.to_string()))
    }

    fn wrong(&self, wrong: Wrong) -> VerifyError {
        VerifyError::Wrong(Place::Line(self.number), wrong)
    }
}

/// A file that is no export: a receipt, or nothing that is known.
fn receipt(mut lines: Lines<'_, impl BufRead>, against: &Against) -> Result<Proven, VerifyError> {
    let mut text = std::mem::take(&mut lines.bytes);
    let rest = lines.file.by_ref().take(LINE_BYTES_MAX).read_to_end(&mut text);
    rest.map_err(|error| VerifyError::Read(error.to_string()))?;
    let receipt: Receipt = serde_json::from_slice(&text).map_err(|_| lines.wrong(Wrong::Form))?;
    receipt.verify(against.key).map_err(|wrong| VerifyError::Wrong(Place::Receipt, wrong))
}

fn log(mut lines: Lines<'_, impl BufRead>, against: &Against, progress: &Progress) -> Result<Verified, VerifyError> {
    let Some(Line::Header { key, .. }) = Line::parse(&lines.bytes) else { return Err(lines.wrong(Wrong::Form)) };
    if against.key.is_some_and(|expected| expected != key) {
        return Err(lines.wrong(Wrong::Key { found: key }));
    }
    let (mut judge, mut chain, mut written) = (Judge::new(key, against.kept), Chain::default(), Vec::new());
    // The line of the last head, and whether what is not sealed has begun.
    let (mut last_head, mut tail) = (0, None);
    loop {
        if !lines.bytes.ends_with(b"\n") {
            let long = lines.bytes.len() as u64 == LINE_BYTES_MAX;
            return Err(lines.wrong(if long { Wrong::Form } else { Wrong::Truncated }));
        }
        let Some(line) = Line::parse(&lines.bytes) else { return Err(lines.wrong(Wrong::Form)) };
        let here = |wrong: Wrong| match wrong {
            Wrong::Root | Wrong::Headless => VerifyError::Wrong(Place::Lines(last_head + 1, lines.number), wrong),
            wrong => VerifyError::Wrong(Place::Line(lines.number), wrong),
        };
        let mut ended = false;
        match &line {
            Line::Header { .. } if lines.number == 1 => {}
            Line::Cut(cut) if judge.size() == 0 && tail.is_none() => judge.cut(cut).map_err(here)?,
            Line::Entry { seq, written, leaf } if tail.is_none() => {
                judge.leaf(*seq, Some(written), leaf, |_, _| {}).map_err(here)?;
            }
            Line::Pruned { seq, leaf } if tail.is_none() => judge.leaf(*seq, None, leaf, |_, _| {}).map_err(here)?,
            Line::Head(head) if tail.is_none() => {
                judge.head(head).map_err(here)?;
                last_head = lines.number;
            }
            Line::Unsealed { number, written } if *number == tail.unwrap_or(0) => {
                if tail.is_none() {
                    judge.sealed_part_ends().map_err(here)?;
                }
                judge.unsealed(written);
                tail = Some(*number + 1);
            }
            Line::End { lines: said, signature } => {
                if tail.is_none() {
                    judge.sealed_part_ends().map_err(here)?;
                }
                if *said != lines.number - 1 || !key.has_signed(&chain.message(*said), signature) {
                    return Err(here(Wrong::End));
                }
                ended = true;
            }
            _ => return Err(here(Wrong::Form)),
        }
        written.clear();
        chain.write(&line, &mut written);
        if written != lines.bytes {
            let same = line::content(&written) == line::content(&lines.bytes);
            return Err(lines.wrong(if same { Wrong::Check } else { Wrong::Form }));
        }
        if matches!(line, Line::Entry { .. } | Line::Pruned { .. }) && judge.size().is_multiple_of(TOLD_EVERY) {
            progress(judge.size());
        }
        lines.read()?;
        if ended {
            return if lines.bytes.is_empty() { Ok(judge.found()) } else { Err(lines.wrong(Wrong::Longer)) };
        }
    }
}

/// Checks the log of the database, as it is at one instant: every entry against its leaf, every leaf against the heads, every stored
/// subtree against its leaves.
///
/// # Errors
/// The first thing that is wrong and where it stands, or a fault of the database.
pub async fn verify_database(db: &Db, key: PublicKey, kept: Option<Kept>, progress: Progress) -> Result<Verified, VerifyError> {
    db.read("verify audit", move |tx| {
        let progress = progress.clone();
        Box::pin(async move {
            let mut reading = Reading { judge: Judge::new(key, kept), closed: Vec::new(), progress };
            walk(tx, &mut reading).await?;
            Ok(reading.judge.found())
        })
    })
    .await
}

struct Reading {
    judge: Judge,
    closed: Vec<(Peak, Hash)>,
    progress: Progress,
}

impl Reading {
    /// The entries since the last head.
    fn since_head(&self) -> Place {
        Place::Entries(self.judge.headed(), self.judge.size().max(1) - 1)
    }
}

impl Listener for Reading {
    type Fault = VerifyError;

    fn cut(&mut self, cut: &Cut) -> Result<(), VerifyError> {
        self.judge.cut(cut).map_err(|wrong| VerifyError::Wrong(Place::Cut(cut.seq), wrong))
    }

    fn leaf(&mut self, seq: u64, body: Option<&Written<'_>>, hash: &Hash) -> Result<(), VerifyError> {
        let closed = &mut self.closed;
        self.judge.leaf(seq, body, hash, |peak, hash| closed.push((peak, hash))).map_err(|wrong| {
            let place = if let Wrong::Order { expected } = wrong { Place::Entry(expected) } else { Place::Entry(seq) };
            VerifyError::Wrong(place, wrong)
        })?;
        if self.judge.size().is_multiple_of(TOLD_EVERY) {
            (self.progress)(self.judge.size());
        }
        Ok(())
    }

    fn head(&mut self, head: &Head, key: PublicKey) -> Result<(), VerifyError> {
        let judged = match self.judge.head(head) {
            Err(Wrong::HeadSignature) if head.is_of(&key) => Err(Wrong::Key { found: key }),
            judged => judged,
        };
        judged.map_err(|wrong| {
            let place = if wrong == Wrong::Root { self.since_head() } else { Place::Head(head.size) };
            VerifyError::Wrong(place, wrong)
        })
    }

    fn closed(&mut self) -> Vec<(Peak, Hash)> {
        std::mem::take(&mut self.closed)
    }

    fn other_node(&mut self, peak: Peak) -> Result<(), VerifyError> {
        let last = peak.first() + (1 << peak.level) - 1;
        Err(VerifyError::Wrong(Place::Entries(peak.first(), last), Wrong::Node))
    }

    fn sealed_part_ends(&mut self) -> Result<(), VerifyError> {
        self.judge.sealed_part_ends().map_err(|wrong| VerifyError::Wrong(self.since_head(), wrong))
    }

    fn unsealed(&mut self, body: &Written<'_>) -> Result<(), VerifyError> {
        self.judge.unsealed(body);
        Ok(())
    }
}
