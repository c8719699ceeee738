//! What comes back from a clinic: a status out of a closed list and nothing else (clause 2.5). A clinic has no way to send us what it knows of
//! a person's health: a body with any further word in it is refused, and not kept.

use clock::Timestamp;
use serde::Deserialize;

/// Bytes of an answer at most.
pub const INBOUND_BYTES_MAX: usize = 4_096;

/// What a clinic may say of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inbound {
    /// It stands.
    Confirmed,
    /// It has another time.
    Moved {
        /// The new begin.
        start: Timestamp,
    },
    /// It is off, and why.
    Cancelled(Option<InboundReason>),
    /// The person came. Says that somebody sought help, and is taken only where that is switched on.
    Attended,
}

/// Why a clinic calls a visit off: never anything about the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InboundReason {
    /// The doctor is away.
    DoctorAway,
    /// The clinic is closed.
    ClinicClosed,
    /// The device does not work.
    DeviceDown,
    /// Taken at the desk meanwhile.
    TimeTaken,
    /// The person has asked the clinic for it.
    PersonAsked,
}

impl InboundReason {
    /// All of them, in the order in which they are offered.
    pub const ALL: [InboundReason; 5] = [
        InboundReason::DoctorAway,
        InboundReason::ClinicClosed,
        InboundReason::DeviceDown,
        InboundReason::TimeTaken,
        InboundReason::PersonAsked,
    ];

    /// The word of answers, tables and texts.
    pub fn code(self) -> &'static str {
        match self {
            InboundReason::DoctorAway => "doctor_away",
            InboundReason::ClinicClosed => "clinic_closed",
            InboundReason::DeviceDown => "device_down",
            InboundReason::TimeTaken => "time_taken",
            InboundReason::PersonAsked => "person_asked",
        }
    }

    /// The reason with that word.
    pub fn from_code(code: &str) -> Option<InboundReason> {
        InboundReason::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

/// A clinic's answer about a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Which visit: the id that the clinic was given.
    pub visit: [u8; 16],
    /// What of it.
    pub status: Inbound,
}

/// Why an answer is refused, as `422` with [`InboundRefused::code`]. Nothing of the body is in it, nor kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InboundRefused {
    /// More bytes than an answer has.
    TooLong,
    /// No JSON of this form: a field too many, one too few, a word that is not on the list.
    Form,
    /// Whether people came is not taken here.
    Attended,
}

impl InboundRefused {
    /// HTTP status.
    pub const STATUS: u16 = 422;

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            InboundRefused::TooLong => "answer_too_long",
            InboundRefused::Form => "answer_form",
            InboundRefused::Attended => "answer_attended",
        }
    }
}

/// The body as it is written. A field that is not here is refused, whatever it is called.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    visit: db::reexport::Uuid,
    status: Word,
    start: Option<String>,
    reason: Option<InboundReason>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Confirmed,
    Moved,
    Cancelled,
    Attended,
}

/// Reads a clinic's answer; `attended` says whether it may tell that a person came (off unless the operator switches it on).
///
/// # Errors
/// [`InboundRefused`]: nothing of the body is to be kept.
pub fn read(body: &[u8], attended: bool) -> Result<Answer, InboundRefused> {
    if body.len() > INBOUND_BYTES_MAX {
        return Err(InboundRefused::TooLong);
    }
    let body: Body = serde_json::from_slice(body).map_err(|_| InboundRefused::Form)?;
    let status = match (body.status, body.start, body.reason) {
        (Word::Confirmed, None, None) => Inbound::Confirmed,
        (Word::Moved, Some(start), None) => Inbound::Moved { start: Timestamp::parse_rfc3339(&start).map_err(|_| InboundRefused::Form)? },
        (Word::Cancelled, None, reason) => Inbound::Cancelled(reason),
        (Word::Attended, None, None) if attended => Inbound::Attended,
        (Word::Attended, None, None) => return Err(InboundRefused::Attended),
        _ => return Err(InboundRefused::Form),
    };
    Ok(Answer { visit: *body.visit.as_bytes(), status })
}

#[cfg(test)]
mod tests {
    use super::*;

    const VISIT: &str = "00112233-4455-4677-8899-aabbccddeeff";

    fn said(rest: &str) -> Result<Inbound, InboundRefused> {
        read(format!("{{\"visit\":\"{VISIT}\",{rest}}}").as_bytes(), false).map(|answer| answer.status)
    }

    #[test]
    fn the_list_is_closed() {
        assert_eq!(said(r#""status":"confirmed""#), Ok(Inbound::Confirmed));
        let start = Timestamp::parse_rfc3339("2026-11-24T18:30:00+03:00").unwrap();
        assert_eq!(said(r#""status":"moved","start":"2026-11-24T18:30:00+03:00""#), Ok(Inbound::Moved { start }));
        assert_eq!(said(r#""status":"cancelled""#), Ok(Inbound::Cancelled(None)));
        assert_eq!(said(r#""status":"cancelled","reason":"device_down""#), Ok(Inbound::Cancelled(Some(InboundReason::DeviceDown))));
        assert_eq!(said(r#""status":"attended""#), Err(InboundRefused::Attended));
        let on = format!("{{\"visit\":\"{VISIT}\",\"status\":\"attended\"}}");
        assert_eq!(read(on.as_bytes(), true).map(|answer| answer.status), Ok(Inbound::Attended));
    }

    /// Whatever a clinic might add about a person is refused with the whole answer (clauses 2.5, 16.6).
    #[test]
    fn nothing_else_comes_in() {
        for rest in [
            r#""status":"confirmed","diagnosis":"J06.9""#,
            r#""status":"confirmed","comment":"""#,
            r#""status":"confirmed","reason":"doctor_away""#,
            r#""status":"cancelled","reason":"person is ill""#,
            r#""status":"cancelled","reason":{"text":"ill"}"#,
            r#""status":"moved""#,
            r#""status":"moved","start":"tomorrow""#,
            r#""status":"no_show""#,
            r#""status":"confirmed","status":"cancelled""#,
            r#""state":"confirmed""#,
        ] {
            assert_eq!(said(rest), Err(InboundRefused::Form), "{rest}");
        }
        let long = format!("{{\"visit\":\"{VISIT}\",\"status\":\"confirmed\"{}}}", " ".repeat(INBOUND_BYTES_MAX));
        assert_eq!(read(long.as_bytes(), false), Err(InboundRefused::TooLong));
        assert_eq!(read(b"[]", true), Err(InboundRefused::Form));
        assert_eq!((InboundRefused::STATUS, InboundRefused::Form.code()), (422, "answer_form"));
    }
}
