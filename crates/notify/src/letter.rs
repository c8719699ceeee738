//! Letters: e-mail with a calendar file, through the operator's SMTP server.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clock::Timestamp;
use db::Db;
use db::jobs::{Failure, JobId};
use lettre::address::Envelope;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, Message, MultiPart, MultiPartKind, SinglePart};
use lettre::transport::smtp::SmtpTransport;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, Transport as _};
use privacy::Personal;
use privacy::disclosure::{Disclosed, Payload};

use crate::Outbox;

/// One answer of the server may take this long; a job's own limit ends the whole conversation.
const ANSWER_SECONDS_MAX: u64 = 10;
/// The whole conversation, below [`db::jobs::HANDLER_SECONDS_MAX`].
const CONVERSATION_SECONDS_MAX: u64 = 45;
/// Longer subjects are cut: they are ours, but a street in one may be long.
const SUBJECT_CHARS_MAX: usize = 150;

/// An e-mail of ours.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The job that sends it: the same at every try, so that a second delivery can be known as the first.
    pub id: JobId,
    /// The address.
    pub to: Personal<String>,
    /// One line.
    pub subject: Personal<String>,
    /// What it says, as plain text.
    pub text: Personal<String>,
    /// The same as a small page.
    pub html: Personal<String>,
    /// The visit, for the reader's calendar; a clinic has its own.
    pub calendar: Option<Calendar>,
}

/// A calendar file that goes with a letter (RFC 5545, 6047).
#[derive(Debug, Clone)]
pub struct Calendar {
    /// `REQUEST` or `CANCEL`; the file says the same.
    pub method: &'static str,
    /// The file.
    pub file: Personal<String>,
}

impl Payload for Letter {
    /// Page and calendar file say the same once more, the latter with the instant of the try.
    fn committed(&self) -> Vec<u8> {
        format!("{}\n{}\n{}", self.to.expose(), self.subject.expose(), self.text.expose()).into_bytes()
    }
}

/// Where letters go.
#[derive(Clone)]
pub enum Post {
    /// Nowhere, and nobody is asked for an address.
    Off,
    /// Nowhere: kept sealed for the demo's outbox.
    Log(Box<Outbox>),
    /// To the operator's SMTP server.
    Smtp(Box<Smtp>),
}

impl Post {
    /// Whether letters are sent at all: only then may an address be asked for and kept.
    pub fn is_on(&self) -> bool {
        !matches!(self, Post::Off)
    }

    /// Who organises the events in calendar files: the address that letters come from.
    pub fn from(&self) -> &str {
        match self {
            Post::Smtp(smtp) => smtp.from.email.as_ref(),
            Post::Off | Post::Log(_) => "demo@recomed.invalid",
        }
    }

    /// Sends, or says why not, and writes how it ended; `last` says that no further try will come.
    ///
    /// # Errors
    /// [`Failure::Never`] when the server refuses this letter for good; [`Failure::Later`] for everything that may pass.
    pub async fn send(&self, db: &Db, letter: Disclosed<Letter>, last: bool) -> Result<(), Failure> {
        let (slip, letter) = letter.released();
        let sent = match self {
            Post::Off => Err(Failure::Never("email_off")),
            Post::Log(outbox) => outbox.keep_letter(letter).await,
            Post::Smtp(smtp) => smtp.clone().send(letter, db.clock().now()).await,
        };
        slip.ended(db, &sent, last).await;
        sent
    }
}

/// How the wire to the SMTP server is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// Begins in clear and must become TLS before anything is said.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// In clear: for a server on this machine alone.
    Clear,
}

/// The operator's SMTP server, as the settings name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpTerms {
    /// Host name; the certificate must be for it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// TLS or not.
    pub wire: Wire,
    /// User, and the file with the password.
    pub sign_in: Option<(String, PathBuf)>,
    /// Address that letters come from.
    pub from: String,
    /// Name beside it.
    pub from_name: String,
}

/// The operator's SMTP server, ready to be spoken to.
#[derive(Clone)]
pub struct Smtp {
    transport: SmtpTransport,
    from: Mailbox,
}

impl Smtp {
    /// Nothing is sent yet.
    ///
    /// # Errors
    /// One line: which setting, what is wrong.
    pub fn new(terms: &SmtpTerms) -> Result<Smtp, String> {
        let from: Address = terms.from.parse().map_err(|_| "`email_from`: no e-mail address; write name@host".to_owned())?;
        if terms.from_name.chars().any(char::is_control) {
            return Err("`email_from_name`: one line is expected".into());
        }
        let wire = |error| format!("`email_host`: TLS to it cannot be set up: {error}");
        let tls = match terms.wire {
            Wire::StartTls => Tls::Required(TlsParameters::new_rustls(terms.host.clone()).map_err(wire)?),
            Wire::Tls => Tls::Wrapper(TlsParameters::new_rustls(terms.host.clone()).map_err(wire)?),
            Wire::Clear => Tls::None,
        };
        let mut transport = SmtpTransport::builder_dangerous(terms.host.clone())
            .port(terms.port)
            .tls(tls)
            .timeout(Some(Duration::from_secs(ANSWER_SECONDS_MAX)))
            .hello_name(ClientId::Domain(from.domain().to_owned()));
        if let Some((user, file)) = &terms.sign_in {
            let password = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
            transport = transport.credentials(Credentials::new(user.clone(), password.trim_end_matches(['\r', '\n']).to_owned()));
        }
        let name = Some(terms.from_name.trim().to_owned()).filter(|name| !name.is_empty());
        Ok(Smtp { transport: transport.build(), from: Mailbox::new(name, from) })
    }

    async fn send(self, letter: Letter, now: Timestamp) -> Result<(), Failure> {
        let (envelope, message) = self.message(&letter, now)?;
        let sent = tokio::task::spawn_blocking(move || self.transport.send_raw(&envelope, &message));
        match tokio::time::timeout(Duration::from_secs(CONVERSATION_SECONDS_MAX), sent).await {
            Ok(Ok(Ok(_))) => Ok(()),
            Ok(Ok(Err(error))) => Err(failure(&error)),
            Ok(Err(_)) => Err(Failure::Later("email_stopped")),
            Err(_) => Err(Failure::Later("email_slow")),
        }
    }

    /// The letter as it crosses the wire. Whatever is not ASCII is encoded, so nothing that stands in a field can begin another one.
    fn message(&self, letter: &Letter, now: Timestamp) -> Result<(Envelope, Vec<u8>), Failure> {
        let to: Address = letter.to.expose().parse().map_err(|_| Failure::Never("email_address"))?;
        let envelope = Envelope::new(Some(self.from.email.clone()), vec![to.clone()]).map_err(|_| Failure::Never("email_address"))?;
        let micros = Duration::from_micros(u64::try_from(now.micros()).unwrap_or(0));
        let boundary = |part: &str| format!("recomed-{part}-{}", letter.id);
        let calendar = |kind: String| ContentType::parse(&kind).map_err(|_| Failure::Never("email_form"));
        let mut alternatives = MultiPart::builder()
            .kind(MultiPartKind::Alternative)
            .boundary(boundary("alternatives"))
            .singlepart(SinglePart::plain(letter.text.expose().clone()))
            .singlepart(SinglePart::html(letter.html.expose().clone()));
        let mut attached = None;
        // The order of mail clients' own invitations: text, page and event as alternatives, and the same file to save.
        if let Some(Calendar { method, file }) = &letter.calendar {
            let file = file.expose();
            alternatives = alternatives.singlepart(
                SinglePart::builder().header(calendar(format!("text/calendar; charset=utf-8; method={method}"))?).body(file.clone()),
            );
            attached = Some(Attachment::new("visit.ics".to_owned()).body(file.clone(), calendar("application/ics".to_owned())?));
        }
        let mut whole = MultiPart::builder().kind(MultiPartKind::Mixed).boundary(boundary("whole")).multipart(alternatives);
        if let Some(file) = attached {
            whole = whole.singlepart(file);
        }
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(one_line(letter.subject.expose()))
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.email.domain())))
            .date(SystemTime::UNIX_EPOCH + micros)
            .header(AutoSubmitted)
            .multipart(whole)
            .map_err(|_| Failure::Never("email_form"))?;
        Ok((envelope, message.formatted()))
    }
}

/// Says that a program wrote the letter, so that no holiday notice answers it (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }
    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(AutoSubmitted)
    }
    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

fn one_line(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SUBJECT_CHARS_MAX).collect()
}

/// The server's words may repeat the address, so only a code of ours is kept.
fn failure(error: &lettre::transport::smtp::Error) -> Failure {
    let code = error.status().map(|code| code.to_string()).unwrap_or_default();
    match code.as_str() {
        // Signing in is the operator's matter and is mended; the letter is as good as before.
        "530" | "534" | "535" | "538" => Failure::Later("email_sign_in_refused"),
        code if code.starts_with('5') => Failure::Never("email_refused"),
        code if code.starts_with('4') => Failure::Later("email_busy"),
        _ if error.is_timeout() => Failure::Later("email_slow"),
        _ if error.is_tls() => Failure::Later("email_tls"),
        _ => Failure::Later("email_unreachable"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clock::Clock;

    use super::*;

    fn smtp(from_name: &str) -> Result<Smtp, String> {
        Smtp::new(&SmtpTerms {
            host: "127.0.0.1".into(),
            port: 25,
            wire: Wire::Clear,
            sign_in: None,
            from: "visits@clinic.example".into(),
            from_name: from_name.into(),
        })
    }

    fn letter(to: &str, subject: &str) -> Letter {
        Letter {
            id: JobId::random(&Clock::simulated(Timestamp(0), 7)),
            to: Personal::new(to.into()),
            subject: Personal::new(subject.into()),
            text: Personal::new("Вы записаны\r\n.\r\nX-Text: 1".into()),
            html: Personal::new("<p>Вы записаны</p>".into()),
            calendar: Some(Calendar { method: "REQUEST", file: Personal::new("BEGIN:VCALENDAR\r\n".into()) }),
        }
    }

    #[test]
    fn no_field_begins_another() {
        let smtp = smtp("Рекомед, запись").unwrap();
        let (_, message) = smtp.message(&letter("anna@demo.example", "Приём\r\nBcc: all@x.example\r\n\r\nbody"), Timestamp(0)).unwrap();
        let text = String::from_utf8(message).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap();
        assert!(text.is_ascii(), "everything is encoded: {text}");
        assert!(!head.to_lowercase().contains("\nbcc:"), "{head}");
        assert!(head.contains("From: =?utf-8?") && head.contains("<visits@clinic.example>"), "{head}");
        let from = head.lines().filter(|line| line.starts_with("Message-ID:") || line.starts_with("Date:")).collect::<Vec<_>>();
        assert_eq!(from.len(), 2, "{head}");
        assert!(from.iter().any(|line| line.contains("@clinic.example>")) && head.contains("1970 00:00:00"), "{from:?}");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let smtp = smtp("").unwrap();
        for wrong in ["", "anna", "anna@demo.example\r\nBcc: x@y.example", "anna@demo.example>, <x@y.example", "a b@demo.example"] {
            assert_eq!(smtp.message(&letter(wrong, "x"), Timestamp(0)).unwrap_err(), Failure::Never("email_address"), "{wrong}");
        }
        assert!(super::tests::smtp("Clinic\r\nBcc: x@y.example").is_err());
    }
}
