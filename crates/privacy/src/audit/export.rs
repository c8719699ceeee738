//! The log as a file that anybody can check without the program's database: see [`super::verify`].

use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use db::{Db, DbError};

use super::Progress;
use super::head::{Cut, Head};
use super::line::{Chain, Line};
use super::signer::{PublicKey, Signer};
use super::tree::{Hash, Peak};
use super::walk::{Listener, walk};
use super::written::Written;
use crate::KeyStore;

/// After so many entries the caller is told how far it is.
const TOLD_EVERY: u64 = 100_000;

/// Why a log could not be exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportError {
    /// The file could not be written.
    Write(String),
    /// The database failed.
    Db(DbError),
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExportError::Write(why) => write!(f, "it cannot be written: {why}"),
            ExportError::Db(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ExportError {}

impl From<DbError> for ExportError {
    fn from(error: DbError) -> Self {
        ExportError::Db(error)
    }
}

impl From<std::io::Error> for ExportError {
    fn from(error: std::io::Error) -> Self {
        ExportError::Write(error.to_string())
    }
}

impl db::Refusal for ExportError {
    fn fault(&self) -> Option<&DbError> {
        if let ExportError::Db(error) = self { Some(error) } else { None }
    }
}

/// What an export holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    /// Sealed entries.
    pub entries: u64,
    /// Entries that were not sealed yet.
    pub unsealed: u64,
    /// The key that the file is checked with.
    pub key: PublicKey,
}

/// Writes the whole log, as it is at one instant, line by line; memory is bounded however long it is. `to` should be buffered; it is
/// given back, not yet flushed.
///
/// # Errors
/// When it cannot be written, or the database fails; `to` then holds a part that no check accepts.
pub async fn export<W: Write + Send + 'static>(db: &Db, keys: &KeyStore, to: W, progress: Progress) -> Result<(W, Exported), ExportError> {
    let signer = keys.signer().clone();
    // A reading may be begun again by its signature, never by what it does: the file can be written once.
    let place = Arc::new(Mutex::new(Some(to)));
    db.read("export audit", move |tx| {
        let (place, signer, progress) = (place.clone(), signer.clone(), progress.clone());
        Box::pin(async move {
            let taken = place.lock().unwrap_or_else(PoisonError::into_inner).take();
            let to = taken.ok_or_else(|| DbError::Lost("the export was begun twice".into()))?;
            let mut file = File { to, chain: Chain::default(), lines: 0, entries: 0, unsealed: 0, buffer: Vec::new(), progress };
            file.line(&Line::Header { key: signer.public(), made_at: tx.now() })?;
            walk(tx, &mut file).await?;
            file.end(&signer)
        })
    })
    .await
}

struct File<W> {
    to: W,
    chain: Chain,
    lines: u64,
    entries: u64,
    unsealed: u64,
    buffer: Vec<u8>,
    progress: Progress,
}

impl<W: Write> File<W> {
    fn line(&mut self, line: &Line<'_>) -> Result<(), ExportError> {
        self.buffer.clear();
        self.chain.write(line, &mut self.buffer);
        self.to.write_all(&self.buffer)?;
        self.lines += 1;
        Ok(())
    }

    fn end(mut self, signer: &Signer) -> Result<(W, Exported), ExportError> {
        let signature = signer.sign(&self.chain.message(self.lines));
        self.line(&Line::End { lines: self.lines, signature })?;
        Ok((self.to, Exported { entries: self.entries, unsealed: self.unsealed, key: signer.public() }))
    }
}

/// A file is a copy, not a judgement: what is wrong with the log is copied, and found by whoever checks.
impl<W: Write + Send> Listener for File<W> {
    type Fault = ExportError;

    fn cut(&mut self, cut: &Cut) -> Result<(), ExportError> {
        self.line(&Line::Cut(*cut))
    }

    fn leaf(&mut self, seq: u64, body: Option<&Written<'_>>, hash: &Hash) -> Result<(), ExportError> {
        match body {
            Some(body) => self.line(&Line::Entry { seq, written: body.clone(), leaf: *hash })?,
            None => self.line(&Line::Pruned { seq, leaf: *hash })?,
        }
        self.entries += 1;
        if self.entries.is_multiple_of(TOLD_EVERY) {
            (self.progress)(self.entries);
        }
        Ok(())
    }

    fn head(&mut self, head: &Head, _key: PublicKey) -> Result<(), ExportError> {
        self.line(&Line::Head(*head))
    }

    fn other_node(&mut self, _peak: Peak) -> Result<(), ExportError> {
        Ok(())
    }

    fn sealed_part_ends(&mut self) -> Result<(), ExportError> {
        Ok(())
    }

    fn unsealed(&mut self, body: &Written<'_>) -> Result<(), ExportError> {
        self.line(&Line::Unsealed { number: self.unsealed, written: body.clone() })?;
        self.unsealed += 1;
        Ok(())
    }
}
