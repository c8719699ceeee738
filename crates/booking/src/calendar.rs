//! A calendar file (RFC 5545) of one visit. Times are instants in UTC, so that no reader's calendar needs our zone tables.

use clock::Timestamp;

use crate::appointment::Appointment;
use crate::status::Status;

/// Octets of a line before it must be folded (RFC 5545, 3.1).
const LINE_OCTETS_MAX: usize = 75;

/// What the file is for: it decides what a calendar does with it (RFC 5546).
pub(crate) enum Method<'a> {
    /// To be kept by whoever downloads it.
    Publish,
    /// Sent by `from` to `to`: a calendar that knows the event changes it, and takes it out when it is cancelled.
    Sent { from: &'a str, to: &'a str },
}

impl Method<'_> {
    /// The word in the file and beside it.
    pub(crate) fn word(&self, visit: &Appointment) -> &'static str {
        match self {
            Method::Publish => "PUBLISH",
            Method::Sent { .. } if visit.status == Status::Cancelled => "CANCEL",
            Method::Sent { .. } => "REQUEST",
        }
    }
}

pub(crate) struct Event<'a> {
    pub(crate) method: Method<'a>,
    pub(crate) visit: &'a Appointment,
    pub(crate) now: Timestamp,
    pub(crate) title: String,
    pub(crate) place: String,
}

/// The file: one event with a reminder two hours before. Its `UID` stays and its `SEQUENCE` grows with each move and with the
/// cancelling, so that a calendar moves the event instead of keeping two.
pub(crate) fn file(event: &Event<'_>) -> String {
    let cancelled = event.visit.status == Status::Cancelled;
    let status = if cancelled { "CANCELLED" } else { "CONFIRMED" };
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Recomed//Visit//EN".to_owned(),
        "CALSCALE:GREGORIAN".to_owned(),
        format!("METHOD:{}", event.method.word(event.visit)),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}@recomed", event.visit.id),
        format!("SEQUENCE:{}", event.visit.moves + i64::from(cancelled)),
        format!("DTSTAMP:{}", utc(event.now)),
        format!("DTSTART:{}", utc(event.visit.start)),
        format!("DTEND:{}", utc(event.visit.end)),
        format!("SUMMARY:{}", escaped(&event.title)),
        format!("LOCATION:{}", escaped(&event.place)),
        format!("STATUS:{status}"),
    ];
    if let Method::Sent { from, to } = &event.method {
        // Without a question to answer: the visit stands, whatever a calendar's buttons say. Addresses only, no names.
        lines.push(format!("ORGANIZER:mailto:{from}"));
        lines.push(format!("ATTENDEE;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:{to}"));
    }
    if !cancelled {
        lines.extend(["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT2H"].map(str::to_owned));
        lines.push(format!("DESCRIPTION:{}", escaped(&event.title)));
        lines.push("END:VALARM".to_owned());
    }
    lines.extend(["END:VEVENT", "END:VCALENDAR"].map(str::to_owned));
    let mut file = String::new();
    for line in lines {
        fold(&line, &mut file);
    }
    file
}

fn utc(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace("\r\n", "\\n").replace(['\n', '\r'], "\\n")
}

/// Breaks a line at most every 75 octets, never inside a character; a continued line begins with a space.
fn fold(line: &str, out: &mut String) {
    let mut width = 0;
    for character in line.chars() {
        if width + character.len_utf8() > LINE_OCTETS_MAX {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(character);
        width += character.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn long_lines_are_folded_between_characters() {
        let mut out = String::new();
        fold(&format!("LOCATION:{}", "Қызылорда ".repeat(12)), &mut out);
        assert!(out.lines().count() > 1);
        assert!(out.split("\r\n").all(|line| line.len() <= LINE_OCTETS_MAX));
        assert_eq!(out.replace("\r\n ", "").trim_end(), format!("LOCATION:{}", "Қызылорда ".repeat(12)).trim_end());
        assert_eq!(escaped("a,b;c\\d\ne"), "a\\,b\\;c\\\\d\\ne");
        assert_eq!(utc(Timestamp::parse_rfc3339("2026-11-24T18:30:00+03:00").unwrap()), "20261124T153000Z");
    }
}
