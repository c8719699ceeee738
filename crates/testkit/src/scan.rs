//! The search for planted data: in whatever spelling a program may have written it.

use std::path::Path;

use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use crate::database::files;

/// Where a planted text was found, and in which spelling.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The file, or the table and column.
    pub place: String,
    /// The spelling.
    pub spelling: &'static str,
    /// What was planted.
    pub planted: String,
}

/// Every spelling of `planted` in bytes: UTF-8, UTF-16, base64 at each of the three alignments in both alphabets, hex, URL
/// encoding, JSON escapes.
pub fn spellings(planted: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf8 = planted.as_bytes();
    let mut all = vec![("utf-8", utf8.to_vec())];
    all.push(("utf-16le", planted.encode_utf16().flat_map(u16::to_le_bytes).collect()));
    all.push(("utf-16be", planted.encode_utf16().flat_map(u16::to_be_bytes).collect()));
    for before in 0..3 {
        for (name, engine) in [("base64", &STANDARD), ("base64url", &URL_SAFE)] {
            all.push((name, aligned(engine, before, utf8)));
        }
    }
    all.push(("hex", hex(utf8, false)));
    all.push(("HEX", hex(utf8, true)));
    all.push(("url", percent(utf8, false).into_bytes()));
    all.push(("url+", percent(utf8, true).replace("%20", "+").into_bytes()));
    all.push(("url lower", percent(utf8, false).to_lowercase().into_bytes()));
    let escaped: String = planted
        .encode_utf16()
        .map(|unit| if unit < 128 { char::from_u32(unit.into()).unwrap().to_string() } else { format!("\\u{unit:04x}") })
        .collect();
    all.push(("json", escaped.into_bytes()));
    all
}

/// What is certain of the base64 of `bytes` with `before` other bytes in front and anything behind.
fn aligned(engine: &impl base64::Engine, before: usize, bytes: &[u8]) -> Vec<u8> {
    let mut whole = vec![0; before];
    whole.extend_from_slice(bytes);
    let text = engine.encode(&whole);
    // A character tells of the planted bytes alone when none of its six bits belongs to a neighbour.
    let first = (before * 8).div_ceil(6);
    let last = whole.len() * 8 / 6;
    text.as_bytes().get(first..last).unwrap_or_default().to_vec()
}

fn hex(bytes: &[u8], upper: bool) -> Vec<u8> {
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    if upper { text.to_uppercase() } else { text }.into_bytes()
}

/// Percent-encoding of everything but letters, digits and `-._~`; with `reserved` also `+` and the like stay as they are.
pub fn percent(bytes: &[u8], reserved: bool) -> String {
    bytes
        .iter()
        .map(|byte| {
            let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(byte) || (reserved && b"+@:/".contains(byte));
            if plain { char::from(*byte).to_string() } else { format!("%{byte:02X}") }
        })
        .collect()
}

/// A phone as it might be written: with and without plus, national, dialled inside the country.
pub fn phone_forms(e164: &str) -> Vec<String> {
    let digits = e164.trim_start_matches('+');
    let national = &digits[1..];
    let (area, a, b, c) = (&national[..3], &national[3..6], &national[6..8], &national[8..]);
    vec![national.to_owned(), format!("{area} {a}-{b}-{c}"), format!("{a}-{b}-{c}"), format!("{a} {b} {c}")]
}

/// Looks for every planted text in `bytes`.
pub fn scan(place: &str, bytes: &[u8], planted: &[String], found: &mut Vec<Found>) {
    for text in planted {
        for (spelling, needle) in spellings(text) {
            assert!(needle.len() >= 5, "{text} is too short to be looked for as {spelling}");
            if contains(bytes, &needle) {
                found.push(Found { place: place.into(), spelling, planted: text.clone() });
            }
        }
    }
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    let Some((first, rest)) = needle.split_first() else { return false };
    let mut from = 0;
    while let Some(at) = bytes.get(from..).and_then(|tail| tail.iter().position(|byte| byte == first)) {
        let after = from + at + 1;
        if bytes.get(after..after + rest.len()) == Some(rest) {
            return true;
        }
        from = after;
    }
    false
}

/// Looks through every file under a folder; how many files there were, and what was found.
pub fn scan_folder(folder: &Path, planted: &[String]) -> (usize, Vec<Found>) {
    let mut found = Vec::new();
    let all = files(folder);
    for file in &all {
        let name = file.strip_prefix(folder).unwrap_or(file).display().to_string();
        scan(&name, &std::fs::read(file).unwrap(), planted, &mut found);
        scan(&format!("name of {name}"), name.as_bytes(), planted, &mut found);
    }
    (all.len(), found)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::*;

    #[test]
    fn every_spelling_is_found_wherever_it_stands() {
        let planted = "Звездопадова".to_owned();
        let bytes = planted.as_bytes();
        for before in 0..7 {
            let mut whole = vec![b'x'; before];
            whole.extend_from_slice(bytes);
            whole.extend_from_slice(b"tail?>~");
            for text in [STANDARD.encode(&whole), URL_SAFE.encode(&whole)] {
                let mut found = Vec::new();
                scan("here", text.as_bytes(), std::slice::from_ref(&planted), &mut found);
                assert!(!found.is_empty(), "{before} bytes before: {text}");
            }
        }
        for (spelling, needle) in spellings(&planted) {
            let mut found = Vec::new();
            let mut whole = b"before".to_vec();
            whole.extend(needle);
            whole.extend(b"after");
            scan("here", &whole, std::slice::from_ref(&planted), &mut found);
            assert!(found.iter().any(|found| found.spelling == spelling), "{spelling}");
        }
        let mut found = Vec::new();
        scan("here", "Звездопад".repeat(50).as_bytes(), &[planted], &mut found);
        assert_eq!(found, []);
    }
}
