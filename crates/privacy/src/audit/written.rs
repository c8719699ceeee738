//! An entry as it stands in the log, and the bytes that its leaf is made of.

use std::borrow::Cow;

use clock::Timestamp;
use db::{DbError, Row};

use super::EntryId;
use super::tree::{self, Hash};

/// The first byte of what is hashed. Another form of entry gets another number; this one's bytes never change.
const FORMAT: u8 = 1;
/// Stands where the length of a column would, when there is none.
const NOTHING: u32 = u32::MAX;

/// An entry of the log, column by column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written<'a> {
    /// Its id.
    pub id: EntryId,
    /// When its use case began.
    pub at: Timestamp,
    /// What was done.
    pub operation: Cow<'a, str>,
    /// What for.
    pub purpose: Cow<'a, str>,
    /// Who asked.
    pub asker: Cow<'a, str>,
    /// Codes of the fields, with commas between them.
    pub fields: Cow<'a, str>,
    /// How it ended.
    pub outcome: Cow<'a, str>,
    /// The visit, code or message concerned.
    pub object: Option<[u8; 16]>,
    /// The commitment to whom it is about.
    pub subject: Option<[u8; 32]>,
}

impl Written<'_> {
    /// The bytes under the leaf: the format, then each column in the order of the table with its length (big-endian, four bytes)
    /// before it; numbers are eight bytes, big-endian. Fixed for ever.
    pub fn canonical(&self) -> Vec<u8> {
        let texts = [&self.operation, &self.purpose, &self.asker, &self.fields, &self.outcome];
        let mut bytes = Vec::with_capacity(1 + 9 * 4 + 16 + 8 + 16 + 32 + texts.iter().map(|text| text.len()).sum::<usize>());
        bytes.push(FORMAT);
        push(&mut bytes, Some(&self.id.bytes()));
        push(&mut bytes, Some(&self.at.micros().to_be_bytes()));
        for text in texts {
            push(&mut bytes, Some(text.as_bytes()));
        }
        push(&mut bytes, self.object.as_ref().map(<[u8; 16]>::as_slice));
        push(&mut bytes, self.subject.as_ref().map(<[u8; 32]>::as_slice));
        bytes
    }

    /// The hash of its leaf.
    pub fn leaf(&self) -> Hash {
        tree::leaf_hash(&self.canonical())
    }

    /// From a row with the columns of the table in their order, beginning at `first`.
    pub(super) fn from_row(row: &Row, first: usize) -> Result<Written<'static>, DbError> {
        let text = |column: usize| row.get::<String>(first + column).map(Cow::Owned);
        Ok(Written {
            id: row.get(first)?,
            at: row.get(first + 1)?,
            operation: text(2)?,
            purpose: text(3)?,
            asker: text(4)?,
            fields: text(5)?,
            outcome: text(6)?,
            object: row.get(first + 7)?,
            subject: row.get(first + 8)?,
        })
    }
}

fn push(bytes: &mut Vec<u8>, column: Option<&[u8]>) {
    let length = column.map_or(NOTHING, |column| u32::try_from(column.len()).unwrap_or(NOTHING));
    bytes.extend(length.to_be_bytes());
    bytes.extend(column.unwrap_or_default());
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    pub(in crate::audit) fn sample() -> Written<'static> {
        Written {
            id: "00112233-4455-4677-8899-aabbccddeeff".parse().unwrap(),
            at: Timestamp(1_764_000_000_000_000),
            operation: "use".into(),
            purpose: "P1".into(),
            asker: "job:sms".into(),
            fields: "name,phone".into(),
            outcome: "opened".into(),
            object: Some([7; 16]),
            subject: None,
        }
    }

    /// These bytes lie under heads that were signed long ago: a change here makes every log a forgery.
    #[test]
    fn the_bytes_under_a_leaf_never_change() {
        let hex: String = sample().canonical().iter().map(|byte| format!("{byte:02x}")).collect();
        let expected = [
            "01",
            "0000001000112233445546778899aabbccddeeff",
            "000000080006445941624000",
            "00000003757365",
            "000000025031",
            "000000076a6f623a736d73",
            "0000000a6e616d652c70686f6e65",
            "000000066f70656e6564",
            "0000001007070707070707070707070707070707",
            "ffffffff",
        ];
        assert_eq!(hex, expected.concat());
    }

    #[test]
    fn every_column_is_under_the_leaf() {
        let whole = sample();
        let leaf = whole.leaf();
        let others = [
            Written { id: "00112233-4455-4677-8899-aabbccddee00".parse().unwrap(), ..sample() },
            Written { at: Timestamp(1), ..sample() },
            Written { operation: "collect".into(), ..sample() },
            Written { purpose: "P2".into(), ..sample() },
            Written { asker: "job:sm".into(), ..sample() },
            Written { fields: "".into(), ..sample() },
            Written { outcome: "refused".into(), ..sample() },
            Written { object: None, ..sample() },
            Written { subject: Some([0; 32]), ..sample() },
            // What ends one column must not begin the next.
            Written { asker: "job:smsn".into(), fields: "ame,phone".into(), ..sample() },
        ];
        for other in others {
            assert_ne!(other.leaf(), leaf, "{other:?}");
        }
    }
}
