//! The lines of an exported log. One JSON object a line, written in one way only: what is read must be what would be written.
//!
//! Each line ends with `check`, the beginning of a running hash over all lines up to it; so a changed, missing, added or moved
//! line is found where it stands.

use std::io::Write as _;

use clock::Timestamp;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::head::{Cut, Head};
use super::signer::{PublicKey, Signature};
use super::tree::Hash;
use super::written::Written;
use std::borrow::Cow;

/// What the first line of an export says it is.
pub(super) const FORMAT: &str = "recomed-audit-1";
/// How the message begins that is signed at the end of an export.
const END: &[u8] = b"recomed audit export 1\n";
/// Bytes of the running hash that stand in a line.
const CHECK_BYTES: usize = 8;
/// `,"check":"0123456789abcdef"}` and the end of the line.
const TAIL_BYTES: usize = 10 + CHECK_BYTES * 2 + 2 + 1;

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// The first: the log's key, and when the copy was made.
    Header { key: PublicKey, made_at: Timestamp },
    /// Bodies before that place may be missing.
    Cut(Cut),
    /// A sealed entry.
    Entry { seq: u64, written: Written<'a>, leaf: Hash },
    /// A sealed entry whose body is gone.
    Pruned { seq: u64, leaf: Hash },
    /// A head over all entries before it.
    Head(Head),
    /// An entry that waits to be sealed.
    Unsealed { number: u64, written: Written<'a> },
    /// The last: how many lines stand before it, signed with the running hash over them.
    End { lines: u64, signature: Signature },
}

/// The running hash over an export's lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Chain(Hash);

impl Chain {
    /// The message that is signed at the end: this many lines, with this running hash.
    pub(super) fn message(&self, lines: u64) -> Vec<u8> {
        [END, &lines.to_be_bytes(), &self.0].concat()
    }

    /// Appends the line to `out`, and its hash to the chain.
    pub(super) fn write(&mut self, line: &Line<'_>, out: &mut Vec<u8>) {
        let begin = out.len();
        line.content(out);
        self.0 = Sha256::new().chain_update(self.0).chain_update(out.get(begin..).unwrap_or_default()).finalize().into();
        out.extend(b",\"check\":\"");
        push_hex(out, self.0.get(..CHECK_BYTES).unwrap_or_default());
        out.extend(b"\"}\n");
    }
}

/// A line without its check and its end: two lines that differ only there say the same.
pub(super) fn content(line: &[u8]) -> &[u8] {
    line.get(..line.len().saturating_sub(TAIL_BYTES)).unwrap_or_default()
}

impl<'a> Line<'a> {
    fn content(&self, out: &mut Vec<u8>) {
        // Writing into a vector cannot fail.
        let _always = match self {
            Line::Header { key, made_at } => {
                write!(out, r#"{{"format":"{FORMAT}","key":"{key}","made_at":{}"#, made_at.micros())
            }
            Line::Cut(cut) => {
                let (before, at) = (cut.before.micros(), cut.at.micros());
                write!(out, r#"{{"cut":{},"before_at":{before},"at":{at},"signature":"{}""#, cut.seq, cut.signature)
            }
            Line::Entry { seq, written, leaf } => write!(out, r#"{{"entry":{seq}"#).map(|()| {
                push_written(out, written);
                push_hash(out, b",\"leaf\":", leaf);
            }),
            Line::Pruned { seq, leaf } => write!(out, r#"{{"pruned":{seq}"#).map(|()| push_hash(out, b",\"leaf\":", leaf)),
            Line::Head(head) => write!(out, r#"{{"head":{}"#, head.size).and_then(|()| {
                push_hash(out, b",\"root\":", &head.root);
                write!(out, r#","at":{},"signature":"{}""#, head.at.micros(), head.signature)
            }),
            Line::Unsealed { number, written } => write!(out, r#"{{"unsealed":{number}"#).map(|()| push_written(out, written)),
            Line::End { lines, signature } => write!(out, r#"{{"end":{lines},"signature":"{signature}""#),
        };
    }

    /// What the line says; `None` when it is none of these. Whether it is written in the one way, only writing it again tells.
    pub(super) fn parse(line: &'a [u8]) -> Option<Line<'a>> {
        let text = std::str::from_utf8(line).ok()?;
        let (kind, _) = text.strip_prefix("{\"")?.split_once('"')?;
        Some(match kind {
            "entry" => {
                let said: EntrySaid<'a> = serde_json::from_str(text).ok()?;
                Line::Entry { seq: said.entry, leaf: unhex(said.leaf)?, written: said.written()? }
            }
            "pruned" => {
                let said: PrunedSaid<'_> = serde_json::from_str(text).ok()?;
                Line::Pruned { seq: said.pruned, leaf: unhex(said.leaf)? }
            }
            "head" => {
                let said: HeadSaid<'_> = serde_json::from_str(text).ok()?;
                let (root, signature) = (unhex(said.root)?, said.signature.parse().ok()?);
                Line::Head(Head { size: said.head, root, at: Timestamp(said.at), signature })
            }
            "unsealed" => {
                let said: UnsealedSaid<'a> = serde_json::from_str(text).ok()?;
                Line::Unsealed { number: said.unsealed, written: said.written()? }
            }
            "cut" => {
                let said: CutSaid<'_> = serde_json::from_str(text).ok()?;
                let signature = said.signature.parse().ok()?;
                Line::Cut(Cut { seq: said.cut, before: Timestamp(said.before_at), at: Timestamp(said.at), signature })
            }
            "format" => {
                let said: HeaderSaid<'_> = serde_json::from_str(text).ok()?;
                (said.format == FORMAT).then_some(())?;
                Line::Header { key: said.key.parse().ok()?, made_at: Timestamp(said.made_at) }
            }
            "end" => {
                let said: EndSaid<'_> = serde_json::from_str(text).ok()?;
                Line::End { lines: said.end, signature: said.signature.parse().ok()? }
            }
            _ => return None,
        })
    }
}

fn push_written(out: &mut Vec<u8>, written: &Written<'_>) {
    let _always = write!(out, r#","id":"{}","at":{}"#, written.id, written.at.micros());
    for (name, text) in [
        ("operation", &written.operation),
        ("purpose", &written.purpose),
        ("asker", &written.asker),
        ("fields", &written.fields),
        ("outcome", &written.outcome),
    ] {
        let _always = write!(out, r#","{name}":"#);
        // A text is always JSON.
        let _always = serde_json::to_writer(&mut *out, text.as_ref());
    }
    push_maybe(out, b",\"object\":", written.object.as_ref().map(<[u8; 16]>::as_slice));
    push_maybe(out, b",\"subject\":", written.subject.as_ref().map(<[u8; 32]>::as_slice));
}

fn push_maybe(out: &mut Vec<u8>, name: &[u8], bytes: Option<&[u8]>) {
    out.extend(name);
    match bytes {
        Some(bytes) => {
            out.push(b'"');
            push_hex(out, bytes);
            out.push(b'"');
        }
        None => out.extend(b"null"),
    }
}

fn push_hash(out: &mut Vec<u8>, name: &[u8], hash: &Hash) {
    push_maybe(out, name, Some(hash));
}

fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    out.extend(bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]));
}

/// Lower-case hexadecimal digits of the bytes.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len() * 2);
    push_hex(&mut out, bytes);
    String::from_utf8(out).unwrap_or_default()
}

/// The bytes of lower-case hexadecimal digits; `None` for anything else.
pub(super) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    if text.len() != N * 2 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

/// The columns of an entry as a line says them, in the structs of the two lines that have them.
macro_rules! said_of_an_entry {
    ($name:ident, $first:ident, { $($more:ident: $type:ty),* }) => {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name<'a> {
            $first: u64,
            id: &'a str,
            at: i64,
            #[serde(borrow)]
            operation: Cow<'a, str>,
            #[serde(borrow)]
            purpose: Cow<'a, str>,
            #[serde(borrow)]
            asker: Cow<'a, str>,
            #[serde(borrow)]
            fields: Cow<'a, str>,
            #[serde(borrow)]
            outcome: Cow<'a, str>,
            object: Option<&'a str>,
            subject: Option<&'a str>,
            $($more: $type,)*
            #[allow(dead_code, reason = "it is compared as it is written")]
            check: &'a str,
        }

        impl<'a> $name<'a> {
            fn written(self) -> Option<Written<'a>> {
                Some(Written {
                    id: self.id.parse().ok()?,
                    at: Timestamp(self.at),
                    operation: self.operation,
                    purpose: self.purpose,
                    asker: self.asker,
                    fields: self.fields,
                    outcome: self.outcome,
                    object: maybe(self.object)?,
                    subject: maybe(self.subject)?,
                })
            }
        }
    };
}

said_of_an_entry!(EntrySaid, entry, { leaf: &'a str });
said_of_an_entry!(UnsealedSaid, unsealed, {});

/// `None` for a text that is there and is not so many bytes.
fn maybe<const N: usize>(text: Option<&str>) -> Option<Option<[u8; N]>> {
    match text {
        Some(text) => unhex(text).map(Some),
        None => Some(None),
    }
}

/// The structs of the other lines.
macro_rules! said {
    ($name:ident { $($field:ident: $type:ty),* }) => {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $name<'a> {
            $($field: $type,)*
            #[allow(dead_code, reason = "it is compared as it is written")]
            check: &'a str,
        }
    };
}

said!(HeaderSaid { format: &'a str, key: &'a str, made_at: i64 });
said!(CutSaid { cut: u64, before_at: i64, at: i64, signature: &'a str });
said!(PrunedSaid { pruned: u64, leaf: &'a str });
said!(HeadSaid { head: u64, root: &'a str, at: i64, signature: &'a str });
said!(EndSaid { end: u64, signature: &'a str });

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::audit::written::tests::sample;

    #[test]
    fn every_line_reads_as_it_was_written() {
        let signature = Signature([5; 64]);
        let odd = Written { asker: "job:\"quoted\"\n\\ё".into(), object: None, subject: Some([3; 32]), ..sample() };
        let lines = [
            Line::Header { key: PublicKey([1; 32]), made_at: Timestamp(-5) },
            Line::Cut(Cut { seq: 3, before: Timestamp(8), at: Timestamp(9), signature }),
            Line::Entry { seq: 0, written: sample(), leaf: sample().leaf() },
            Line::Pruned { seq: u64::MAX, leaf: [255; 32] },
            Line::Head(Head { size: 4, root: [171; 32], at: Timestamp(7), signature }),
            Line::Unsealed { number: 1, written: odd },
            Line::End { lines: 6, signature },
        ];
        let (mut chain, mut out) = (Chain::default(), Vec::new());
        lines.iter().for_each(|line| chain.write(line, &mut out));
        let text = out.split_inclusive(|byte| *byte == b'\n').map(Line::parse);
        assert_eq!(text.map(Option::unwrap).collect::<Vec<_>>(), lines);
        assert_eq!(Line::parse(b"{\"nothing\":1,\"check\":\"\"}\n"), None);
        assert_eq!((unhex::<2>("0aff"), unhex::<2>("0AFF"), unhex::<2>("0af")), (Some([10, 255]), None, None));
    }
}
