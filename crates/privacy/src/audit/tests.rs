//! Copies of a log, whole and forged: what is wrong with them, and where.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use super::line::{Chain, Line};
use super::tree::Frontier;
use super::verify::{Against, Checked, Place, VerifyError, verify_file};
use super::written::Written;
use super::written::tests::sample;
use super::*;

const ENTRIES: u64 = 60;
/// Sizes of the tree at which it was signed.
const HEADS: [u64; 4] = [7, 20, 21, ENTRIES];
/// Bodies before this place may be missing; every second of them is.
const CUT: u64 = 6;

fn signer(seed: u8) -> Signer {
    Signer::from_seed(&[seed; 32]).unwrap()
}

fn entry(number: u64) -> Written<'static> {
    let at = clock::Timestamp(1_764_000_000_000_000 + i64::try_from(number).unwrap() * 1_000);
    let id = uuid(number);
    Written { id, at, outcome: if number.is_multiple_of(3) { "booked" } else { "opened" }.into(), ..sample() }
}

fn uuid(number: u64) -> EntryId {
    format!("00000000-0000-4000-8000-{number:012x}").parse().unwrap()
}

/// The lines of a log of sixty entries, without the last one.
fn log(signer: &Signer) -> Vec<Line<'static>> {
    log_of(signer, ENTRIES)
}

/// The lines of a log of so many entries, without the last one.
fn log_of(signer: &Signer, entries: u64) -> Vec<Line<'static>> {
    let at = entry(0).at;
    let mut lines = vec![Line::Header { key: signer.public(), made_at: at }, Line::Cut(Cut::sign(signer, CUT, at, at))];
    let mut tree = Frontier::default();
    for seq in 0..entries {
        let written = entry(seq);
        let leaf = written.leaf();
        tree.push(leaf, |_, _| {});
        lines.push(if seq < CUT && seq % 2 == 0 { Line::Pruned { seq, leaf } } else { Line::Entry { seq, written, leaf } });
        if HEADS.contains(&tree.size()) {
            lines.push(Line::Head(Head::sign(signer, tree.size(), tree.root(), at)));
        }
    }
    lines.extend((0..2).map(|number| Line::Unsealed { number, written: entry(100 + number) }));
    lines
}

/// The file of these lines, its end signed.
fn file(lines: &[Line<'_>], signer: &Signer) -> Vec<u8> {
    let (mut chain, mut out) = (Chain::default(), Vec::new());
    lines.iter().for_each(|line| chain.write(line, &mut out));
    let count = lines.len() as u64;
    let end = Line::End { lines: count, signature: signer.sign(&chain.message(count)) };
    chain.write(&end, &mut out);
    out
}

fn check(file: &[u8], against: Against) -> Result<Checked, VerifyError> {
    let quiet: Progress = Arc::new(|_| {});
    verify_file(&mut &*file, &against, &quiet)
}

fn fault(file: &[u8]) -> (Place, Wrong) {
    match check(file, Against::default()) {
        Err(VerifyError::Wrong(place, wrong)) => (place, wrong),
        other => panic!("{other:?}"),
    }
}

/// The line, counted from 1, of the entry or of the head.
fn line_of(lines: &[Line<'_>], wanted: impl Fn(&Line<'_>) -> bool) -> usize {
    lines.iter().position(wanted).unwrap() + 1
}

fn of_entry(seq: u64) -> impl Fn(&Line<'_>) -> bool {
    move |line| matches!(line, Line::Entry { seq: found, .. } | Line::Pruned { seq: found, .. } if *found == seq)
}

fn of_head(size: u64) -> impl Fn(&Line<'_>) -> bool {
    move |line| matches!(line, Line::Head(head) if head.size == size)
}

#[test]
fn a_whole_log_is_accepted() {
    let signer = signer(1);
    let Checked::Log(found) = check(&file(&log(&signer), &signer), Against { key: Some(signer.public()), kept: None }).unwrap() else {
        panic!("it is no receipt")
    };
    assert_eq!((found.entries, found.pruned, found.heads, found.unsealed), (60, 3, 4, 2));
    assert_eq!(found.last.map(|head| head.size), Some(60));
    assert_eq!(found.unsealed_since, Some(entry(100).at));
    // An empty log is whole too.
    let nothing = [Line::Header { key: signer.public(), made_at: entry(0).at }];
    assert!(check(&file(&nothing, &signer), Against::default()).is_ok());
}

#[test]
fn every_changed_byte_is_found_in_its_line() {
    let signer = signer(1);
    // Every kind of line, the short way: each change costs a check of everything before it.
    let whole = file(&log_of(&signer, 20), &signer);
    let lines: Vec<u64> = whole.iter().scan(1, |line, byte| Some(std::mem::replace(line, *line + u64::from(*byte == b'\n')))).collect();
    let each = |from: usize| {
        for at in (from..whole.len()).step_by(2) {
            // A letter becomes its neighbour, or of the other case, or no text at all.
            for change in [0x01, 0x20, 0x80] {
                let mut spoiled = whole.clone();
                spoiled[at] ^= change;
                let (place, wrong) = fault(&spoiled);
                assert_eq!(place, Place::Line(lines[at]), "byte {at}: {wrong:?}");
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| each(0));
        each(1);
    });
}

#[test]
fn a_copy_that_is_cut_off_is_found_wherever_it_ends() {
    let signer = signer(1);
    let whole = file(&log_of(&signer, 20), &signer);
    let mut line = 1;
    for (end, byte) in whole.iter().enumerate() {
        let (place, wrong) = fault(&whole[..end]);
        // What ends in its first line could be anything.
        assert!(wrong == Wrong::Truncated || line == 1 && wrong == Wrong::Form, "{end} bytes: {wrong:?}");
        assert_eq!(place, Place::Line(line), "{end} bytes");
        line += u64::from(*byte == b'\n');
    }
    assert_eq!(fault(&[whole.as_slice(), b"\n"].concat()), (Place::Line(line), Wrong::Longer));
    assert_eq!(fault(&[whole.as_slice(), whole.as_slice()].concat()), (Place::Line(line), Wrong::Longer));
}

/// Whoever writes the file anew, with the running check right and even with the end signed, is found by what the heads say.
#[test]
fn what_was_rewritten_with_care_is_found_by_the_tree() {
    type Forge = fn(&mut Vec<Line<'static>>);
    let signer = signer(1);
    let whole = log(&signer);
    let line = |seq| line_of(&whole, of_entry(seq)) as u64;
    let head = |size| line_of(&whole, of_head(size)) as u64;
    let forged: [(&str, Forge, Place, Wrong); 16] = [
        (
            "an entry says something else",
            |lines| edit(lines, 30, |written, _| written.outcome = "refused".into()),
            Place::Line(line(30)),
            Wrong::Leaf,
        ),
        (
            "an entry says something else, and so does its leaf",
            |lines| edit(lines, 30, |written, leaf| (written.outcome, *leaf) = ("refused".into(), refused(written))),
            Place::Lines(head(21) + 1, head(60)),
            Wrong::Root,
        ),
        (
            "a body is gone that no cut has passed",
            |lines| {
                let at = line_of(lines, of_entry(30)) - 1;
                if let Line::Entry { seq, leaf, .. } = lines[at] {
                    lines[at] = Line::Pruned { seq, leaf };
                }
            },
            Place::Line(line(30)),
            Wrong::Gone,
        ),
        (
            "an entry is taken away",
            |lines| drop(lines.remove(line_of(lines, of_entry(30)) - 1)),
            Place::Line(line(30)),
            Wrong::Order { expected: 30 },
        ),
        (
            "an entry is added",
            |lines| lines.insert(line_of(lines, of_entry(30)), Line::Entry { seq: 31, written: entry(99), leaf: entry(99).leaf() }),
            Place::Line(line(31) + 1),
            Wrong::Order { expected: 32 },
        ),
        (
            "two entries change places",
            |lines| {
                let at = line_of(lines, of_entry(30));
                lines.swap(at - 1, at);
            },
            Place::Line(line(30)),
            Wrong::Order { expected: 30 },
        ),
        (
            "two entries change places and numbers",
            |lines| {
                let at = line_of(lines, of_entry(30));
                lines.swap(at - 1, at);
                for (line, number) in lines[at - 1..=at].iter_mut().zip(30..) {
                    if let Line::Entry { seq, .. } = line {
                        *seq = number;
                    }
                }
            },
            Place::Lines(head(21) + 1, head(60)),
            Wrong::Root,
        ),
        (
            "the log loses its end",
            |lines| lines.retain(|line| !matches!(line, Line::Entry { seq: 21.., .. })),
            Place::Line(head(21) + 1),
            Wrong::HeadSize { entries: 21 },
        ),
        (
            "the log loses its last head",
            |lines| drop(lines.remove(line_of(lines, of_head(60)) - 1)),
            Place::Lines(head(21) + 1, head(60)),
            Wrong::Headless,
        ),
        ("a head has another root", |lines| behead(lines, 21, |head| head.root[0] ^= 1), Place::Line(head(21)), Wrong::HeadSignature),
        ("a head has another instant", |lines| behead(lines, 21, |head| head.at.0 += 1), Place::Line(head(21)), Wrong::HeadSignature),
        ("a head has another size", |lines| behead(lines, 21, |head| head.size = 22), Place::Line(head(21)), Wrong::HeadSignature),
        (
            "a head is of another key",
            |lines| behead(lines, 21, |head| *head = Head::sign(&self::signer(2), head.size, head.root, head.at)),
            Place::Line(head(21)),
            Wrong::HeadSignature,
        ),
        (
            "a head stands twice",
            |lines| lines.insert(line_of(lines, of_head(21)), lines[line_of(lines, of_head(21)) - 1].clone()),
            Place::Line(head(21) + 1),
            Wrong::HeadSize { entries: 21 },
        ),
        (
            "a cut reaches further",
            |lines| {
                if let Line::Cut(cut) = &mut lines[1] {
                    cut.seq = 40;
                }
            },
            Place::Line(2),
            Wrong::CutSignature,
        ),
        (
            "what is not sealed stands before what is",
            |lines| lines.insert(line_of(lines, of_head(21)), Line::Unsealed { number: 0, written: entry(99) }),
            Place::Line(head(21) + 2),
            Wrong::Form,
        ),
    ];
    for (what, forge, place, wrong) in forged {
        let mut lines = whole.clone();
        forge(&mut lines);
        assert_eq!(fault(&file(&lines, &signer)), (place, wrong), "{what}");
    }
    // What no head speaks for, only the end does: without the key it cannot be signed anew.
    let mut lines = whole.clone();
    lines.remove(line_of(&lines, of_head(21)) - 1);
    lines.pop();
    let end = lines.len() as u64 + 1;
    assert!(check(&file(&lines, &signer), Against::default()).is_ok());
    assert_eq!(fault(&file(&lines, &self::signer(2))), (Place::Line(end), Wrong::End));
}

fn edit(lines: &mut [Line<'static>], wanted: u64, change: fn(&mut Written<'static>, &mut tree::Hash)) {
    for line in lines {
        if let Line::Entry { seq, written, leaf } = line
            && *seq == wanted
        {
            change(written, leaf);
        }
    }
}

fn refused(written: &Written<'static>) -> tree::Hash {
    Written { outcome: "refused".into(), ..written.clone() }.leaf()
}

fn behead(lines: &mut [Line<'static>], size: u64, change: fn(&mut Head)) {
    for line in lines {
        if let Line::Head(head) = line
            && head.size == size
        {
            change(head);
        }
    }
}

/// Whoever has both the database and the key store writes another history that is whole in itself. What others kept tells.
#[test]
fn another_history_is_found_by_what_was_kept() {
    let (signer, other) = (signer(1), signer(2));
    let kept = check(&file(&log(&signer), &signer), Against::default()).unwrap().kept();
    let against = |key: Option<PublicKey>, kept| Against { key, kept };
    // The log goes on: an older copy's root is a root of it.
    let younger: Vec<Line<'_>> = log(&signer).into_iter().take_while(|line| !of_entry(21)(line)).collect();
    let older = check(&file(&younger, &signer), Against::default()).unwrap().kept();
    assert_eq!(older.unwrap().size, 21);
    assert!(check(&file(&log(&signer), &signer), against(None, older)).is_ok());
    // It was cut off behind its back.
    let wrong = check(&file(&younger, &signer), against(None, kept)).unwrap_err();
    assert!(matches!(wrong, VerifyError::Wrong(_, Wrong::Shorter { entries: 21, kept: 60 })), "{wrong:?}");
    // It was written anew, by another key or by the same.
    for signer in [&signer, &other] {
        let mut lines = log(signer);
        let mut tree = Frontier::default();
        edit(&mut lines, 10, |written, leaf| (written.outcome, *leaf) = ("refused".into(), refused(written)));
        for line in &mut lines {
            match line {
                Line::Entry { leaf, .. } | Line::Pruned { leaf, .. } => tree.push(*leaf, |_, _| {}),
                Line::Head(head) => *head = Head::sign(signer, head.size, tree.root(), head.at),
                _ => {}
            }
        }
        let forged = file(&lines, signer);
        assert!(check(&forged, Against::default()).is_ok(), "in itself it is whole");
        let wrong = check(&forged, against(None, older)).unwrap_err();
        let last = line_of(&lines, of_entry(20)) as u64;
        assert_eq!(wrong, VerifyError::Wrong(Place::Line(last), Wrong::Kept { size: 21 }));
    }
    let forged = file(&log(&other), &other);
    assert!(check(&forged, Against::default()).is_ok());
    let wrong = check(&forged, against(Some(signer.public()), None)).unwrap_err();
    assert_eq!(wrong, VerifyError::Wrong(Place::Line(1), Wrong::Key { found: other.public() }));
}

/// No head speaks for what waits to be sealed; the signed end does, for each of its lines and not only for the last.
#[test]
fn what_waits_to_be_sealed_is_not_rewritten_without_the_key() {
    let signer = signer(1);
    let lines = log(&signer);
    let end = lines.len() as u64 + 1;
    let mut signed = Chain::default();
    lines.iter().for_each(|line| signed.write(line, &mut Vec::new()));
    let signature = signer.sign(&signed.message(end - 1));
    let with_end = |lines: &[Line<'_>]| {
        let (mut chain, mut out) = (Chain::default(), Vec::new());
        lines.iter().for_each(|line| chain.write(line, &mut out));
        chain.write(&Line::End { lines: end - 1, signature }, &mut out);
        out
    };
    assert!(check(&with_end(&lines), Against::default()).is_ok());
    let mut forged = lines.clone();
    let first = line_of(&lines, |line| matches!(line, Line::Unsealed { number: 0, .. }));
    forged[first - 1] = Line::Unsealed { number: 0, written: entry(99) };
    assert_eq!(fault(&with_end(&forged)), (Place::Line(end), Wrong::End));
}

#[test]
fn what_is_written_otherwise_is_refused() {
    let signer = signer(1);
    let text = String::from_utf8(file(&log(&signer), &signer)).unwrap();
    for (what, with) in
        [(":30,", ": 30,"), ("\"booked\"", "\"b\\u006foked\""), ("{\"end\"", " {\"end\""), ("\n{\"head\":21", "\r\n{\"head\":21")]
    {
        let spoiled = text.replacen(what, with, 1);
        assert_ne!(spoiled, text);
        assert_eq!(fault(spoiled.as_bytes()).1, Wrong::Form, "{what}");
    }
    assert_eq!(fault(b"").1, Wrong::Form);
    assert_eq!(fault(&vec![b'x'; 200_000]).1, Wrong::Form);
    assert_eq!(fault(b"{\"format\":\"recomed-audit-receipt-1\"}").1, Wrong::Form);
}
