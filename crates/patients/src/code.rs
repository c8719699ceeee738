//! The phone code: proof that the number is in the hands of whoever books. Asking for one creates no person.
//!
//! The code comes from the operating system's generator when the message is sent, and is kept only as a MAC. A wrong try is
//! counted and committed; after the last the code is dead. How many codes a phone and a network may ask for in a day is counted
//! under tags that change every day.

use std::sync::Arc;

use db::jobs::{Failure, Job, JobId};
use db::{Db, DbError, Lang, Tx};
use notify::{Gateway, Sms};
use privacy::audit::{self, Entry};
use privacy::disclosure::{self, Ground, Leaving, NotDisclosed, Parts, To};
use privacy::{
    Ask, Asker, CodeLimits, Field, Item, KeyError, KeyStore, OpenError, Operation, Personal, Profile, Purpose, Recipient, Sealed,
    Uncounted, decide,
};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use web::texts::AllTexts;

use crate::phone::Phone;
use crate::store;

db::id!(
    /// A code that was asked for.
    pub CodeId
);

/// The job that sends a code.
pub const SEND_CODE: &str = "send_code";

/// The payload of [`SEND_CODE`].
#[derive(Serialize, Deserialize)]
pub struct PhoneCodePayload {
    code: CodeId,
}

/// What the limits of codes are.
#[derive(Debug, Clone, Copy)]
pub struct CodeTerms {
    seconds: i64,
    digits: u32,
    tries_max: i64,
    per_phone_max: i64,
    per_network_max: i64,
    resend_seconds_min: i64,
}

impl From<&Profile> for CodeTerms {
    fn from(profile: &Profile) -> Self {
        CodeTerms {
            seconds: profile.code_seconds,
            digits: profile.code_digits,
            tries_max: profile.code_tries_max,
            per_phone_max: profile.codes_per_phone_per_day_max,
            per_network_max: profile.codes_per_network_per_day_max,
            resend_seconds_min: profile.code_resend_seconds_min,
        }
    }
}

/// A code on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeIssued {
    /// Names the code when it is typed in.
    pub id: CodeId,
    /// Until when it counts.
    pub expires_at: clock::Timestamp,
}

/// Why no code goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskCodeError {
    /// One was sent moments ago; the seconds to wait.
    TooSoon(i64),
    /// This number has had its codes of the day.
    PhoneLimit,
    /// This network has had its codes of the day.
    NetworkLimit,
    /// The database failed.
    Db(DbError),
}

/// Why a code does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeError {
    /// No such code for this phone.
    Unknown,
    /// Its time is over.
    Expired,
    /// Wrong; the tries left.
    Wrong(i64),
    /// Wrong too often: another code is needed.
    Dead,
    /// The database failed.
    Db(DbError),
}

macro_rules! refusal {
    ($name:ident) => {
        impl From<DbError> for $name {
            fn from(error: DbError) -> Self {
                $name::Db(error)
            }
        }
        impl db::Refusal for $name {
            fn fault(&self) -> Option<&DbError> {
                if let $name::Db(error) = self { Some(error) } else { None }
            }
        }
    };
}
refusal!(AskCodeError);
refusal!(CodeError);

/// Whose code it is. Bound to its row: the row is spent in the transaction of a visit, and a tag that two rows of one phone shared would
/// tie the visits of that phone to each other in every journal of the database (I5).
fn phone_tag(keys: &KeyStore, id: CodeId, phone: &Phone) -> [u8; 32] {
    keys.request_mac(&[b"code", &id.bytes(), phone.e164().as_bytes()])
}

/// Lets a code go out to the phone: counted in the key store, then recorded and left as a job. Creates no person. Of `network`, the address of
/// the asker, only a MAC that changes daily is kept.
///
/// # Errors
/// [`AskCodeError`]; a refusal is recorded and does not count.
pub async fn ask_code(
    db: &Db,
    keys: &KeyStore,
    terms: CodeTerms,
    phone: &Phone,
    network: &str,
    lang: Lang,
) -> Result<CodeIssued, AskCodeError> {
    let id = CodeId::random(db.clock());
    let limits =
        CodeLimits { per_phone_max: terms.per_phone_max, per_network_max: terms.per_network_max, apart_seconds: terms.resend_seconds_min };
    let counted = keys.count_code(phone.e164(), network, limits).await;
    let refusal = match counted {
        Ok(()) => None,
        Err(Uncounted::Soon(seconds)) => Some(("code_too_soon", AskCodeError::TooSoon(seconds))),
        Err(Uncounted::Phone) => Some(("code_phone_limit", AskCodeError::PhoneLimit)),
        Err(Uncounted::Network) => Some(("code_network_limit", AskCodeError::NetworkLimit)),
        Err(Uncounted::Keys(KeyError::Db(fault))) => return Err(fault.into()),
        Err(Uncounted::Keys(_)) => return Err(DbError::Unavailable("key store".into()).into()),
    };
    if let Some((word, refusal)) = refusal {
        let refused: Result<(), DbError> = db.run("refuse code", move |tx| Box::pin(record(tx, id, word))).await;
        return Err(refused.map_or_else(AskCodeError::Db, |()| refusal));
    }
    // Number and language sealed in one: what a person reads is the same at each of their visits, and is spent with them (I5).
    let asked = format!("{} {}", phone.e164(), lang.code());
    let sealed = Sealed::<String>::seal(keys.codes(), db.clock(), Field::Phone, id.bytes(), &asked).bytes().to_vec();
    let tag = phone_tag(keys, id, phone);
    db.run("ask code", move |tx| {
        let sealed = sealed.clone();
        Box::pin(async move {
            let now = tx.now();
            let expires_at = now.plus_seconds(terms.seconds);
            store::insert_code(tx, id, &sealed, &tag, now, expires_at).await?;
            tx.enqueue(SEND_CODE, &PhoneCodePayload { code: id }, now).await?;
            record(tx, id, "code_asked").await?;
            Ok(CodeIssued { id, expires_at })
        })
    })
    .await
}

/// The job [`SEND_CODE`]: makes the code, keeps its MAC, opens the phone under a permit, discloses both to the carrier, sends.
///
/// # Errors
/// Why it was not sent.
pub async fn send_code(db: Db, keys: KeyStore, gateway: Gateway, texts: AllTexts, profile: Arc<Profile>, job: Job) -> Result<(), Failure> {
    let payload: PhoneCodePayload = job.read()?;
    let terms = CodeTerms::from(&*profile);
    let digits = terms.digits.clamp(4, 9);
    let code = format!("{:0width$}", db.clock().below(10_u64.pow(digits)), width = digits as usize);
    let mac = keys.request_mac(&[b"code digits", &payload.code.bytes(), code.as_bytes()]);
    // Each try sends other digits and so is another message: a gateway that drops the second of one id would leave the dead ones.
    let id = JobId::random(db.clock());
    let disclosed = db
        .run("send code", move |tx| {
            let (keys, texts, profile, code) = (keys.clone(), texts.clone(), profile.clone(), code.clone());
            Box::pin(async move {
                let Some(row) = store::code(tx, payload.code).await? else { return Ok(None) };
                if row.state != "asked" || row.expires_at <= tx.now() {
                    return Ok(None);
                }
                let door = disclosure::door(tx, &profile, To::Registered(Recipient::SmsCarrier), None).await?;
                store::set_code(tx, payload.code, &mac).await?;
                let ask = Ask {
                    asker: Asker::Job(SEND_CODE),
                    key: keys.codes(),
                    fields: &[Field::Phone],
                    purpose: Purpose::P1,
                    operation: Operation::Provide,
                    object: Some(payload.code.bytes()),
                };
                let mut permit = decide(&ask, &[], tx.now()).map_err(|_| OpenError::Outside)?;
                let asked = Sealed::<String>::stored(Field::Phone, payload.code.bytes(), row.phone.clone()).open(tx, &mut permit).await?;
                let (phone, lang) = asked.expose().split_once(' ').unwrap_or((asked.expose(), ""));
                let (texts, minutes) = (texts.of(lang.parse().unwrap_or(Lang::Ru)), terms.seconds / 60);
                let leaving = Leaving {
                    purpose: Purpose::P1,
                    // Whoever asks for a code asks for exactly this use of their number.
                    ground: Ground::Request,
                    job: SEND_CODE,
                    object: payload.code.bytes(),
                    tie: &row.phone,
                    message: id,
                };
                let parts = Parts::new().with(Item::Phone, phone).with(Item::Code, code);
                let write = |parts: &Parts| {
                    let text = texts.two("patients-sms-code", "code", parts.get(Item::Code), "minutes", minutes);
                    Some(Sms { id, to: Personal::new(parts.get(Item::Phone).to_owned()), text: Personal::new(text) })
                };
                door.disclose(tx, &keys, &profile, leaving, parts, write).await.map(Some)
            })
        })
        .await;
    match disclosed {
        Ok(Some(sms)) => gateway.send(&db, sms, true).await,
        // Expired or confirmed meanwhile: there is nothing left to send.
        Ok(None) | Err(NotDisclosed::Already) => Ok(()),
        Err(refused) => Err(refused.into()),
    }
}

/// Checks the typed code. Right: the code is confirmed and may be spent until it expires. Wrong: the try is counted and kept.
///
/// # Errors
/// [`CodeError`].
pub async fn confirm_code(tx: &mut Tx, keys: &KeyStore, terms: CodeTerms, id: CodeId, phone: &Phone, typed: &str) -> Result<(), CodeError> {
    let outcome = confirm(tx, keys, terms, id, phone, typed).await;
    let word = match &outcome {
        Ok(()) => "code_confirmed",
        Err(CodeError::Unknown) => "code_unknown",
        Err(CodeError::Expired) => "code_expired",
        Err(CodeError::Wrong(_)) => "code_wrong",
        Err(CodeError::Dead) => "code_dead",
        Err(CodeError::Db(_)) => return outcome,
    };
    record(tx, id, word).await?;
    outcome
}

async fn confirm(tx: &mut Tx, keys: &KeyStore, terms: CodeTerms, id: CodeId, phone: &Phone, typed: &str) -> Result<(), CodeError> {
    let row = store::code(tx, id).await?.ok_or(CodeError::Unknown)?;
    if !bool::from(row.phone_tag.ct_eq(&phone_tag(keys, id, phone))) || row.state == "spent" {
        return Err(CodeError::Unknown);
    }
    if row.expires_at <= tx.now() {
        return Err(CodeError::Expired);
    }
    if row.tries >= terms.tries_max {
        return Err(CodeError::Dead);
    }
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let mac = keys.request_mac(&[b"code digits", &id.bytes(), digits.as_bytes()]);
    if row.code.len() == mac.len() && bool::from(row.code.ct_eq(&mac)) {
        store::confirm_code(tx, id).await?;
        return Ok(());
    }
    // Counted by the database, so that tries at the same time cannot share one count.
    let tries = store::count_try(tx, id, terms.tries_max).await?;
    match tries {
        Some(tries) if tries < terms.tries_max => Err(CodeError::Wrong(terms.tries_max - tries)),
        _ => Err(CodeError::Dead),
    }
}

/// Whether the code is this phone's, not spent, not expired, and has tries left.
///
/// # Errors
/// A fault of the database.
pub async fn code_alive(tx: &mut Tx, keys: &KeyStore, terms: CodeTerms, id: CodeId, phone: &Phone) -> Result<bool, DbError> {
    let Some(row) = store::code(tx, id).await? else { return Ok(false) };
    let own = bool::from(row.phone_tag.ct_eq(&phone_tag(keys, id, phone)));
    Ok(own && row.state != "spent" && row.expires_at > tx.now() && row.tries < terms.tries_max)
}

/// Spends a confirmed code inside the booking's transaction, so that one code makes one visit.
///
/// # Errors
/// [`CodeError::Unknown`] when it is not confirmed, or spent already; [`CodeError::Expired`].
pub async fn spend_code(tx: &mut Tx, keys: &KeyStore, id: CodeId, phone: &Phone) -> Result<(), CodeError> {
    let row = store::code(tx, id).await?.ok_or(CodeError::Unknown)?;
    if !bool::from(row.phone_tag.ct_eq(&phone_tag(keys, id, phone))) {
        return Err(CodeError::Unknown);
    }
    if row.expires_at <= tx.now() {
        return Err(CodeError::Expired);
    }
    if store::spend_code(tx, id).await? { Ok(()) } else { Err(CodeError::Unknown) }
}

async fn record(tx: &mut Tx, id: CodeId, outcome: &'static str) -> Result<(), DbError> {
    let entry = Entry {
        operation: Operation::Collect,
        purpose: Purpose::P1,
        asker: "public".into(),
        fields: vec![Field::Phone.code()],
        outcome,
        object: Some(id.bytes()),
        subject: None,
    };
    audit::record(tx, &entry).await.map(drop)
}
