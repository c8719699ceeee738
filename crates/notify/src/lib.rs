//! Messages to people and clinics. They are sent by jobs only, never inside a use case: texts through one [`Gateway`], letters through
//! one [`Post`]. Both take what has been disclosed and nothing else ([`privacy::disclosure`]), and write on its slip how it ended. Either is the `log`, which keeps them sealed and shows them in the demo, or a service of the operator's choice.

mod letter;
pub mod personal;
mod store;

use std::time::Duration;

use clock::Timestamp;
use db::Db;
use db::jobs::{Failure, JobId};
use privacy::disclosure::{Disclosed, Payload};
use privacy::{Ask, Asker, Field, KeyStore, OpenError, Operation, Personal, Purpose, Sealed, decide};
use serde::{Deserialize, Serialize};

pub use letter::{Calendar, Letter, Post, Smtp, SmtpTerms, Wire};

const GATEWAY_SECONDS_MAX: u64 = 10;

/// A text message.
#[derive(Debug, Clone)]
pub struct Sms {
    /// The job that sends it: the same at every try, so that a gateway can drop the second.
    pub id: JobId,
    /// E.164.
    pub to: Personal<String>,
    /// What it says. By default date, time, street and number of the visit: never specialty, doctor or clinic.
    pub text: Personal<String>,
}

impl Payload for Sms {
    fn committed(&self) -> Vec<u8> {
        format!("{}\n{}", self.to.expose(), self.text.expose()).into_bytes()
    }
}

/// Where messages go.
#[derive(Clone)]
pub enum Gateway {
    /// Nowhere: kept sealed in the database for the demo's outbox.
    Log(Box<Outbox>),
    /// `POST` of `{"id", "to", "text"}` to an address of the operator's choice.
    Http(HttpGateway),
}

impl Gateway {
    /// Sends, or says why not, and writes how it ended; `last` says that no further try will come. After an error nothing is known to have
    /// been sent.
    ///
    /// # Errors
    /// [`Failure::Never`] when the gateway refuses the message itself; [`Failure::Later`] for everything else.
    pub async fn send(&self, db: &Db, sms: Disclosed<Sms>, last: bool) -> Result<(), Failure> {
        let (slip, sms) = sms.released();
        let sent = match self {
            Gateway::Log(outbox) => outbox.keep(sms).await,
            Gateway::Http(gateway) => gateway.clone().post(sms).await,
        };
        slip.ended(db, &sent, last).await;
        sent
    }
}

/// The operator's HTTP gateway.
#[derive(Clone)]
pub struct HttpGateway {
    url: String,
    token: Option<String>,
    agent: ureq::Agent,
}

impl HttpGateway {
    /// A gateway at `url`; `token` goes as a bearer token.
    pub fn new(url: String, token: Option<String>) -> HttpGateway {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(GATEWAY_SECONDS_MAX)))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        HttpGateway { url, token, agent: config.into() }
    }

    async fn post(self, sms: Sms) -> Result<(), Failure> {
        let body = serde_json::json!({"id": sms.id.to_string(), "to": sms.to.expose(), "text": sms.text.expose()}).to_string();
        let sent = tokio::task::spawn_blocking(move || {
            let mut request =
                self.agent.post(&self.url).header("content-type", "application/json").header("idempotency-key", sms.id.to_string());
            if let Some(token) = &self.token {
                request = request.header("authorization", format!("Bearer {token}"));
            }
            request.send(body).map(|response| response.status().as_u16())
        });
        match sent.await {
            Ok(Ok(200..=299)) => Ok(()),
            // Too many or too slow: those pass; the other refusals of this class will come again.
            Ok(Ok(408 | 425 | 429)) => Err(Failure::Later("gateway_busy")),
            Ok(Ok(400..=499)) => Err(Failure::Never("gateway_refused")),
            Ok(Ok(_)) => Err(Failure::Later("gateway_failed")),
            Ok(Err(_)) => Err(Failure::Later("gateway_unreachable")),
            Err(_) => Err(Failure::Later("gateway_stopped")),
        }
    }
}

/// Messages kept instead of sent.
#[derive(Clone)]
pub struct Outbox {
    db: Db,
    keys: KeyStore,
}

/// A kept message, opened.
#[derive(Debug, Clone)]
pub struct Kept {
    /// When it would have been sent.
    pub at: Timestamp,
    /// E.164; empty for a letter.
    pub phone: Personal<String>,
    /// What it says.
    pub text: Personal<String>,
    /// What a letter has besides.
    pub letter: Option<KeptLetter>,
}

/// What a letter has besides its text.
#[derive(Debug, Clone)]
pub struct KeptLetter {
    /// The address.
    pub email: Personal<String>,
    /// The subject.
    pub subject: Personal<String>,
    /// The calendar file.
    pub calendar: Personal<String>,
}

/// A letter as the outbox keeps it, before it is sealed. A text message is kept as a line with the number, and never begins so.
#[derive(Serialize, Deserialize)]
struct LetterLine {
    email: String,
    subject: String,
    text: String,
    calendar: String,
}

fn opened(at: Timestamp, line: &str) -> Option<Kept> {
    if let Ok(kept) = serde_json::from_str::<LetterLine>(line) {
        let letter =
            KeptLetter { email: Personal::new(kept.email), subject: Personal::new(kept.subject), calendar: Personal::new(kept.calendar) };
        return Some(Kept { at, phone: Personal::new(String::new()), text: Personal::new(kept.text), letter: Some(letter) });
    }
    let (phone, text) = line.split_once('\n')?;
    Some(Kept { at, phone: Personal::new(phone.to_owned()), text: Personal::new(text.to_owned()), letter: None })
}

/// Names whose message a row is, to whoever knows the address, and says nothing to anybody else.
fn addressee(keys: &KeyStore, row: &[u8; 16], to: &str) -> [u8; 32] {
    keys.request_mac(&[b"addressee", row, to.as_bytes()])
}

/// Messages looked at in one statement when those of one person are dropped.
const FORGOTTEN_AT_ONCE: i64 = 500;
/// Messages shown at most.
const SHOWN_MAX: i64 = 100;

impl Outbox {
    /// The outbox in this database.
    pub fn new(db: Db, keys: KeyStore) -> Outbox {
        Outbox { db, keys }
    }

    async fn keep(&self, sms: Sms) -> Result<(), Failure> {
        self.keep_line(sms.id, sms.to.expose(), format!("{}\n{}", sms.to.expose(), sms.text.expose())).await
    }

    async fn keep_letter(&self, letter: Letter) -> Result<(), Failure> {
        let line = LetterLine {
            email: letter.to.expose().clone(),
            subject: letter.subject.expose().clone(),
            text: letter.text.expose().clone(),
            calendar: letter.calendar.map(|calendar| calendar.file.expose().clone()).unwrap_or_default(),
        };
        let line = serde_json::to_string(&line).map_err(|_| Failure::Never("email_form"))?;
        self.keep_line(letter.id, letter.to.expose(), line).await
    }

    async fn keep_line(&self, id: JobId, to: &str, line: String) -> Result<(), Failure> {
        let row = id.bytes();
        let addressee = addressee(&self.keys, &row, to);
        let sealed = Sealed::<String>::seal(self.keys.outbox(), self.db.clock(), Field::Message, row, &line).bytes().to_vec();
        self.db
            .run("keep message", move |tx| {
                let sealed = sealed.clone();
                Box::pin(async move {
                    let now = tx.now();
                    store::insert(tx, row, &sealed, &addressee, now).await
                })
            })
            .await?;
        Ok(())
    }

    /// The newest messages, newest first, at most 100, opened under one permit each batch.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn newest(&self) -> Result<Vec<Kept>, OpenError> {
        let keys = self.keys.clone();
        self.db
            .run("demo outbox", move |tx| {
                let keys = keys.clone();
                Box::pin(async move {
                    let ask = Ask {
                        asker: Asker::DemoOutbox,
                        key: keys.outbox(),
                        fields: &[Field::Message],
                        purpose: Purpose::P1,
                        operation: Operation::Use,
                        object: None,
                    };
                    let mut permit = decide(&ask, &[], tx.now()).map_err(|_| OpenError::Outside)?;
                    let rows = store::newest(tx, SHOWN_MAX).await?;
                    let mut kept = Vec::with_capacity(rows.len());
                    for row in &rows {
                        let sealed = Sealed::<String>::stored(Field::Message, row.get(0)?, row.get(1)?);
                        let line = sealed.open(tx, &mut permit).await?;
                        kept.extend(opened(row.get(2)?, line.expose()));
                    }
                    Ok(kept)
                })
            })
            .await
    }

    /// Drops the messages to this phone or e-mail address, in the transaction of whoever erases the person; how many. None is opened.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn forget_addressee(tx: &mut db::Tx, keys: &KeyStore, to: &str) -> Result<u64, db::DbError> {
        let (mut forgotten, mut after) = (0, [0; 16]);
        loop {
            let rows = store::addressees(tx, after, FORGOTTEN_AT_ONCE).await?;
            let Some((last, _)) = rows.last() else { return Ok(forgotten) };
            after = *last;
            for (id, kept) in &rows {
                if *kept == addressee(keys, id, to) {
                    forgotten += store::delete(tx, *id).await?;
                }
            }
        }
    }

    /// Drops messages older than `before`; how many.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn forget_before(&self, before: Timestamp) -> Result<u64, db::DbError> {
        self.db.run("forget messages", move |tx| Box::pin(store::delete_before(tx, before))).await
    }
}
