//! Reads what `strace -f -ttt -y` wrote, and pairs each `201 Created` with the sync that made its booking durable.
//!
//! The order of lines is the order of events: a call that others overtake is printed in two parts, `<unfinished ...>` when
//! it begins and `resumed` when it has ended. So line numbers are compared, not clocks.

use std::collections::HashMap;

/// One system call.
#[derive(Debug, Clone)]
struct Call {
    name: String,
    /// Everything between the parentheses, as printed.
    arguments: String,
    began: usize,
    /// None when the process was killed within the call, or the call failed.
    ended: Option<usize>,
}

/// One booking that the server acknowledged.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Acknowledged {
    /// The visit's id as the response names it.
    pub(crate) id: String,
    /// The trace's line (from 1) on which the response began.
    pub(crate) line: usize,
    /// The sync that covers it, or why there is none.
    pub(crate) verdict: Result<Paired, Unpaired>,
}

/// The write and the sync behind an acknowledgement.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Paired {
    /// The line of the first write that carried the visit's id.
    pub(crate) written: usize,
    /// The line on which a sync of the same file, begun after that write, had ended.
    pub(crate) synced: usize,
}

/// Why an acknowledgement cannot be believed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unpaired {
    /// No file received the visit's id before the response.
    NeverWritten,
    /// It was written, but no sync of that file began afterwards and ended before the response.
    NotSynced,
}

/// Finds every acknowledged booking of the trace and its sync. Responses without a `manage_token` are not bookings.
pub(crate) fn pair(trace: &str) -> Vec<Acknowledged> {
    let calls = calls(trace);
    let responses = responses(&calls);
    let mut first_written: HashMap<[u8; 16], (&str, usize)> = HashMap::new();
    let ids: Vec<[u8; 16]> = responses.iter().filter_map(|(id, _)| raw_id(id)).collect();
    let files = || calls.iter().filter_map(|call| Some((call, file(call)?)));
    for (call, path) in files().filter(|(call, _)| is_write(&call.name)) {
        let Some(ended) = call.ended else { continue };
        let bytes = data(call);
        for id in found(&bytes, &ids) {
            first_written.entry(id).or_insert((path, ended));
        }
    }
    let syncs: Vec<(&str, usize, usize)> = files()
        .filter(|(call, _)| call.name == "fsync" || call.name == "fdatasync")
        .filter_map(|(call, path)| Some((path, call.began, call.ended?)))
        .collect();
    responses
        .into_iter()
        .map(|(id, line)| {
            let verdict = match raw_id(&id).and_then(|raw| first_written.get(&raw)) {
                Some((path, written)) if *written < line => syncs
                    .iter()
                    .find(|(synced, began, ended)| synced == path && began > written && *ended < line)
                    .map(|(_, _, ended)| Paired { written: *written, synced: *ended })
                    .ok_or(Unpaired::NotSynced),
                _ => Err(Unpaired::NeverWritten),
            };
            Acknowledged { id, line, verdict }
        })
        .collect()
}

/// The calls of the trace, in the order in which they began.
fn calls(trace: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut open: HashMap<&str, usize> = HashMap::new();
    for (number, line) in trace.lines().enumerate() {
        let number = number + 1;
        let Some((process, rest)) = line.trim_start().split_once(' ') else {
            continue;
        };
        let Some((_time, event)) = rest.trim_start().split_once(' ') else {
            continue;
        };
        if let Some(resumed) = event.strip_prefix("<... ") {
            let Some(call) = open.remove(process).and_then(|index| calls.get_mut(index)) else {
                continue;
            };
            if let Some((_, rest)) = resumed.split_once("resumed>") {
                let (arguments, succeeded) = result(rest);
                call.arguments.push_str(arguments);
                call.ended = succeeded.then_some(number);
            }
            continue;
        }
        let Some((name, rest)) = event.split_once('(') else {
            continue;
        };
        if !name.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'_') {
            continue;
        }
        let (arguments, ended) = match rest.strip_suffix("<unfinished ...>") {
            Some(arguments) => {
                open.insert(process, calls.len());
                (arguments.trim_end(), None)
            }
            None => {
                let (arguments, succeeded) = result(rest);
                (arguments, succeeded.then_some(number))
            }
        };
        calls.push(Call { name: name.into(), arguments: arguments.into(), began: number, ended });
    }
    calls
}

/// Splits `arguments) = 4096` and says whether the call succeeded. strace pads short calls before the `=`.
fn result(rest: &str) -> (&str, bool) {
    let Some((arguments, result)) = rest.rsplit_once(" = ") else {
        return (rest, false);
    };
    let arguments = arguments.trim_end();
    let arguments = arguments.strip_suffix(')').unwrap_or(arguments);
    (arguments, result.starts_with(|first: char| first.is_ascii_digit()))
}

fn is_write(name: &str) -> bool {
    matches!(name, "write" | "writev" | "pwrite64" | "pwritev" | "pwritev2" | "sendto" | "sendmsg")
}

/// What the first argument's descriptor stands for: `5</data/recomed.db-wal>`.
fn descriptor(call: &Call) -> Option<&str> {
    let (_, named) = call.arguments.split_once('<')?;
    let end = named.find(">,").or_else(|| named.rfind('>'))?;
    Some(&named[..end])
}

/// The path, when the descriptor is a file's.
fn file(call: &Call) -> Option<&str> {
    descriptor(call).filter(|name| name.starts_with('/') && !name.starts_with("/dev/"))
}

/// Ids and lines of the responses that acknowledge a booking.
fn responses(calls: &[Call]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        let socket = descriptor(call).filter(|name| name.starts_with("socket:") || name.starts_with("TCP"));
        let Some(socket) = socket.filter(|_| is_write(&call.name)) else {
            continue;
        };
        let mut bytes = data(call);
        if !bytes.starts_with(b"HTTP/1.1 201") {
            continue;
        }
        // A body may leave in a call of its own, after its head.
        let later = calls[index + 1..].iter().filter(|later| is_write(&later.name) && descriptor(later) == Some(socket));
        for more in later.map(data).take_while(|more| !more.starts_with(b"HTTP/1.1")).take(3) {
            bytes.extend(more);
        }
        let text = String::from_utf8_lossy(&bytes);
        if text.contains("\"manage_token\"")
            && let Some(id) = text.split("\"id\":\"").nth(1).and_then(|rest| rest.get(..36))
        {
            found.push((id.to_owned(), call.began));
        }
    }
    found
}

/// The bytes that a call wrote: its strings, decoded.
fn data(call: &Call) -> Vec<u8> {
    let several = matches!(call.name.as_str(), "writev" | "pwritev" | "pwritev2" | "sendmsg");
    let mut bytes = Vec::new();
    let mut rest = call.arguments.as_bytes();
    while let Some(start) = rest.iter().position(|byte| *byte == b'"') {
        let read = unescape(&rest[start + 1..], &mut bytes);
        rest = &rest[start + 1 + read..];
        if !several {
            break;
        }
    }
    bytes
}

/// Decodes one of strace's C strings up to its closing quote; returns how many bytes of text it took.
fn unescape(text: &[u8], bytes: &mut Vec<u8>) -> usize {
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'"' => return at,
            b'\\' => {
                let Some(&letter) = text.get(at) else {
                    return at;
                };
                at += 1;
                match letter {
                    b'n' => bytes.push(b'\n'),
                    b't' => bytes.push(b'\t'),
                    b'r' => bytes.push(b'\r'),
                    b'v' => bytes.push(0x0b),
                    b'f' => bytes.push(0x0c),
                    b'0'..=b'7' => {
                        let mut value = u32::from(letter - b'0');
                        for _ in 0..2 {
                            let Some(digit @ b'0'..=b'7') = text.get(at) else {
                                break;
                            };
                            value = value * 8 + u32::from(digit - b'0');
                            at += 1;
                        }
                        bytes.push(value.to_le_bytes()[0]);
                    }
                    b'x' => {
                        let digits = text.get(at..at + 2).and_then(|pair| std::str::from_utf8(pair).ok());
                        if let Some(value) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                            bytes.push(value);
                            at += 2;
                        }
                    }
                    other => bytes.push(other),
                }
            }
            plain => bytes.push(plain),
        }
    }
    at
}

/// The 16 bytes of a UUID.
fn raw_id(id: &str) -> Option<[u8; 16]> {
    let digits: String = id.chars().filter(|letter| *letter != '-').collect();
    let number = u128::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 32)?;
    Some(number.to_be_bytes())
}

/// Which of the ids these bytes contain, in their 16-byte form.
fn found(bytes: &[u8], ids: &[[u8; 16]]) -> Vec<[u8; 16]> {
    let mut found = Vec::new();
    for id in ids {
        // The first byte alone rules out most places; a trace holds megabytes.
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|byte| *byte == id[0]) {
            if rest[at..].starts_with(id) {
                found.push(*id);
                break;
            }
            rest = &rest[at + 1..];
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The ids of the recorded samples.
    const FIRST: &str = "0199c0de-0000-7000-8000-000000000001";

    fn verdicts(trace: &str) -> Vec<Result<Paired, Unpaired>> {
        pair(trace).into_iter().map(|booking| booking.verdict).collect()
    }

    fn response(process: u32, id: &str) -> String {
        format!(
            "{process}  1795380836.90 writev(9<socket:[77]>, [{{iov_base=\"HTTP/1.1 201 Created\\r\\n\\r\\n\", iov_len=24}}, \
             {{iov_base=\"{{\\\"id\\\":\\\"{id}\\\",\\\"status\\\":\\\"booked\\\",\\\"manage_token\\\":\\\"x\\\"}}\", iov_len=90}}], 2) = 114\n"
        )
    }

    fn write(process: u32, file: &str) -> String {
        format!(
            "{process}  1795380836.10 pwrite64(5</d/{file}>, \"\\0\\0page\\1\\231\\300\\336\\0\\0p\\0\\200\\0\\0\\0\\0\\0\\0\\1rest\"..., 4096, 32) = 4096\n"
        )
    }

    const SYNC: &str = "11  1795380836.20 fdatasync(5</d/r.db-wal>)      = 0\n";

    #[test]
    fn a_sync_between_the_write_and_the_response_pairs_them() {
        let trace = write(11, "r.db-wal") + SYNC + &response(12, FIRST);
        assert_eq!(verdicts(&trace), [Ok(Paired { written: 1, synced: 2 })]);
        assert_eq!(pair(&trace)[0].id, FIRST);
    }

    #[test]
    fn a_sync_before_the_write_after_the_response_or_of_another_file_does_not() {
        for trace in [
            SYNC.to_owned() + &write(11, "r.db-wal") + &response(12, FIRST),
            write(11, "r.db-wal") + &response(12, FIRST) + SYNC,
            write(11, "keys.db-wal") + SYNC + &response(12, FIRST),
            write(11, "r.db-wal") + &SYNC.replace("= 0", "= -1 EIO (Input/output error)") + &response(12, FIRST),
        ] {
            assert_eq!(verdicts(&trace), [Err(Unpaired::NotSynced)], "{trace}");
        }
        let elsewhere = SYNC.to_owned() + &response(12, FIRST) + &write(11, "r.db-wal");
        assert_eq!(verdicts(&elsewhere), [Err(Unpaired::NeverWritten)]);
    }

    #[test]
    fn a_sync_that_has_begun_but_not_ended_does_not_count() {
        let begun = "11  1795380836.20 fdatasync(5</d/r.db-wal> <unfinished ...>\n";
        let ended = "11  1795380836.40 <... fdatasync resumed>)    = 0\n";
        let late = write(11, "r.db-wal") + begun + &response(12, FIRST) + ended;
        assert_eq!(verdicts(&late), [Err(Unpaired::NotSynced)]);
        let in_time = write(11, "r.db-wal") + begun + ended + &response(12, FIRST);
        assert_eq!(verdicts(&in_time), [Ok(Paired { written: 1, synced: 3 })]);
        // A sync that began while the write was still under way may have missed it.
        let whole = write(11, "r.db-wal");
        let (arguments, _) = whole.trim_end().rsplit_once(')').unwrap();
        let torn = format!("{arguments} <unfinished ...>\n")
            + &SYNC.replace("11  ", "13  ")
            + "11  1795380836.30 <... pwrite64 resumed>) = 4096\n"
            + &response(12, FIRST);
        assert_eq!(verdicts(&torn), [Err(Unpaired::NotSynced)]);
    }

    #[test]
    fn a_response_torn_by_another_thread_begins_where_its_first_part_stands() {
        let whole = response(12, FIRST);
        let (arguments, _) = whole.trim_end().rsplit_once(')').unwrap();
        let trace = write(11, "r.db-wal")
            + &format!("{arguments} <unfinished ...>\n")
            + SYNC
            + "12  1795380836.95 <... writev resumed>)      = 114\n";
        assert_eq!(verdicts(&trace), [Err(Unpaired::NotSynced)]);
    }

    #[test]
    fn head_and_body_in_two_calls_are_one_response() {
        let body = format!("{{\\\"id\\\":\\\"{FIRST}\\\",\\\"manage_token\\\":\\\"x\\\"}}");
        let trace = write(11, "r.db-wal")
            + SYNC
            + "12  1.1 write(9<socket:[77]>, \"HTTP/1.1 201 Created\\r\\n\\r\\n\", 24) = 24\n"
            + &format!("12  1.2 sendto(9<socket:[77]>, \"{body}\", 70, MSG_NOSIGNAL, NULL, 0) = 70\n");
        assert_eq!(verdicts(&trace).len(), 1);
        assert!(verdicts(&trace)[0].is_ok());
    }

    #[test]
    fn other_answers_and_other_lines_are_no_bookings() {
        let trace = "11  1.0 write(9<socket:[77]>, \"HTTP/1.1 201 Created\\r\\n\\r\\n{\\\"id\\\":\\\"x\\\"}\", 30) = 30\n\
                     11  1.1 write(9<socket:[77]>, \"HTTP/1.1 409 Conflict\\r\\n\\r\\n\", 30) = 30\n\
                     11  1.2 --- SIGTERM {si_signo=SIGTERM} ---\n11  1.3 +++ exited with 0 +++\n";
        assert_eq!(pair(trace), []);
    }
}
