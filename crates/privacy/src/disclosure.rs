//! The one door for everything about a person that leaves the operator (clause 4.1).
//!
//! [`door`] asks the register who the recipient is, whether the contract lives today and whether the country may be sent to (clause 5.1);
//! [`Door::disclose`] asks what may go to that kind of recipient for that purpose ([`mask`]) and by what right, writes the message out of
//! what the mask has let through, and leaves the row that says to whom, what for, which items, and a commitment to the bytes. Both run in
//! the transaction that opens the data. What comes out is a [`Disclosed`] value; who sends takes nothing else, so nothing leaves without
//! its row. The sending itself is outside (I2); how it ended is the row's only change ([`Slip::ended`]).
//!
//! A row names a visit or a code and no person, and no day finer than a day (I5). Its commitment is keyed by what dies with the tie between
//! the two, so a phone cannot be looked for by trying all of them, and afterwards nobody can show any more whose message it was.

pub mod inbound;
mod mask;
mod register;

use db::jobs::{Failure, JobId};
use db::{Db, DbError, Tx, args};

use crate::audit::{self, Entry, EntryId};
use crate::consent::ConsentGiven;
use crate::keys::{KeyStore, mac};
use crate::profile::Profile;
use crate::seal::{OpenError, Personal};
use crate::store::disclosure as store;
use crate::vocabulary::{Item, LegalBasis, Operation, Purpose, Recipient};

pub use mask::mask;
pub use register::{BY_DIRECTORY, Clinic, Notice, RecipientId, Registered, register, registered};

/// Disclosures of one object that are given: a visit has a few for each of its turns.
const OF_OBJECT_MAX: i64 = 200;
/// Rows that go in one transaction at most.
pub const PRUNED_MAX: i64 = 1_000;

/// Who is to get it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To<'a> {
    /// The one of that kind who is active on the register.
    Registered(Recipient),
    /// The clinic that the person chose, as it stands in the directory.
    Clinic(Clinic<'a>),
}

/// Why something does not leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotDisclosed {
    /// Nobody of that kind is active on the register.
    Unknown,
    /// The contract does not run today (clause 4.2).
    Contract,
    /// The country may not be sent to (clause 5.1).
    Country,
    /// No mask lets this item out to this recipient for this purpose.
    Outside(Item),
    /// Nothing makes it lawful (clause 1.4 a).
    Basis,
    /// The message could not be written.
    Form,
    /// This message with these bytes has reached the recipient before: there is nothing left to send.
    Already,
    /// What was to be sent did not open, or the database failed.
    Open(OpenError),
}

impl std::fmt::Display for NotDisclosed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for NotDisclosed {}

impl NotDisclosed {
    /// The word under which a job's cause and the log list it.
    pub fn code(&self) -> &'static str {
        match self {
            NotDisclosed::Unknown => "recipient_unknown",
            NotDisclosed::Contract => "contract_over",
            NotDisclosed::Country => "country_not_adequate",
            NotDisclosed::Outside(_) => "outside_mask",
            NotDisclosed::Basis => "no_basis",
            NotDisclosed::Form => "message_form",
            NotDisclosed::Already => "sent_already",
            NotDisclosed::Open(OpenError::Db(_)) => "database",
            NotDisclosed::Open(_) => "data_closed",
        }
    }
}

impl From<OpenError> for NotDisclosed {
    fn from(error: OpenError) -> Self {
        NotDisclosed::Open(error)
    }
}

impl From<DbError> for NotDisclosed {
    fn from(error: DbError) -> Self {
        NotDisclosed::Open(OpenError::Db(error))
    }
}

impl db::Refusal for NotDisclosed {
    fn fault(&self) -> Option<&DbError> {
        if let NotDisclosed::Open(OpenError::Db(error)) = self { Some(error) } else { None }
    }
}

impl From<NotDisclosed> for Failure {
    fn from(refused: NotDisclosed) -> Failure {
        let code = refused.code();
        match refused {
            // The operator mends the register, and what waits goes out.
            NotDisclosed::Unknown | NotDisclosed::Contract | NotDisclosed::Country | NotDisclosed::Open(OpenError::Db(_)) => {
                Failure::Later(code)
            }
            _ => Failure::Never(code),
        }
    }
}

/// What is to leave, item by item, in the order in which it was put in.
#[derive(Debug, Clone, Default)]
pub struct Parts(Vec<(Item, Personal<String>)>);

impl Parts {
    /// Nothing yet.
    pub fn new() -> Parts {
        Parts::default()
    }

    /// With one item more.
    #[must_use]
    pub fn with(mut self, item: Item, value: impl Into<String>) -> Parts {
        self.0.push((item, Personal::new(value.into())));
        self
    }

    /// The value of an item; empty when it is not there.
    pub fn get(&self, item: Item) -> &str {
        self.0.iter().find(|(there, _)| *there == item).map_or("", |(_, value)| value.expose())
    }

    /// The items with their values, as a text's places are filled: by the items' codes.
    pub fn places(&self) -> impl Iterator<Item = (&'static str, &str)> + '_ {
        self.0.iter().map(|(item, value)| (item.code(), value.expose().as_str()))
    }

    /// The items, in their order.
    pub fn items(&self) -> impl Iterator<Item = Item> + '_ {
        self.0.iter().map(|(item, _)| *item)
    }

    /// What the mask lets through. Free text is dropped (clause 2.5); anything else that is outside is a fault of the program, and refused.
    fn through(mut self, mask: &[Item]) -> Result<Parts, NotDisclosed> {
        self.0.retain(|(item, _)| *item != Item::Comment || mask.contains(item));
        let outside = self.items().find(|item| !mask.contains(item));
        match outside {
            Some(outside) => Err(NotDisclosed::Outside(outside)),
            None => Ok(self),
        }
    }
}

/// By what right it leaves.
#[derive(Debug, Clone, Copy)]
pub enum Ground<'a> {
    /// The consents that the person gave for this act, as the log has them.
    Consents(&'a [ConsentGiven]),
    /// What the person has just asked for cannot be done otherwise: a code to their phone, word of their visit to the clinic they chose.
    Request,
}

/// What is known of a message beside its parts.
#[derive(Debug, Clone, Copy)]
pub struct Leaving<'a> {
    /// What for.
    pub purpose: Purpose,
    /// By what right.
    pub ground: Ground<'a>,
    /// The kind of job that sends it.
    pub job: &'static str,
    /// The visit or the code that it is about.
    pub object: [u8; 16],
    /// Bytes that die with the tie between the object and the person: the visit's sealed link, the code's sealed phone.
    pub tie: &'a [u8],
    /// The message: the same at every try.
    pub message: JobId,
}

/// What can be sent, once it is disclosed.
pub trait Payload {
    /// The bytes that the row commits to: the address and all that is said.
    fn committed(&self) -> Vec<u8>;
}

/// A recipient who may be sent to today. Made only by [`door`]; cannot be copied, and is spent by what leaves.
#[derive(Debug)]
pub struct Door {
    to: Registered,
}

/// Whether the recipient may be sent to today. `through` is the carrier who delivers it, when that is somebody else: a contract that is
/// over stops what would go through its hands.
///
/// # Errors
/// [`NotDisclosed`]: unknown, without a live contract, or in a country that may not be sent to.
pub async fn door(tx: &mut Tx, profile: &Profile, to: To<'_>, through: Option<Recipient>) -> Result<Door, NotDisclosed> {
    if let Some(carrier) = through {
        let carrier = register::of_kind(tx, carrier).await?.ok_or(NotDisclosed::Unknown)?;
        may_be_sent_to(tx, profile, &carrier)?;
    }
    let to = match to {
        To::Registered(kind) => register::of_kind(tx, kind).await?.ok_or(NotDisclosed::Unknown)?,
        To::Clinic(clinic) => register::of_directory(tx, clinic).await?,
    };
    may_be_sent_to(tx, profile, &to)?;
    Ok(Door { to })
}

fn may_be_sent_to(tx: &Tx, profile: &Profile, to: &Registered) -> Result<(), NotDisclosed> {
    if !to.has_contract_on(tx.now().day()) {
        return Err(NotDisclosed::Contract);
    }
    // There is no written consent to a transfer abroad in this program: without adequate protection nothing goes there.
    if profile.is_adequate(&to.country) { Ok(()) } else { Err(NotDisclosed::Country) }
}

impl Door {
    /// The message, written by `write` out of what the mask has let through, and its row. The same message with the same bytes has one row,
    /// however often it is tried: who died between the row and the sending tries again without a second one.
    ///
    /// # Errors
    /// [`NotDisclosed`]: an item outside the mask, no basis, nothing written, or a fault. Nothing has left then.
    pub async fn disclose<T: Payload>(
        self,
        tx: &mut Tx,
        keys: &KeyStore,
        profile: &Profile,
        leaving: Leaving<'_>,
        parts: Parts,
        write: impl FnOnce(&Parts) -> Option<T> + Send,
    ) -> Result<Disclosed<T>, NotDisclosed> {
        let parts = parts.through(mask(self.to.kind, leaving.purpose))?;
        let basis = basis(profile, self.to.kind, &leaving, &parts)?;
        let written = write(&parts).ok_or(NotDisclosed::Form)?;
        let payload = commitment(keys, leaving.tie, leaving.message, &written.committed());
        match store::of_message(tx, leaving.message, payload).await? {
            Some((_, state)) if state == Ended::Sent.code() => return Err(NotDisclosed::Already),
            Some((id, _)) => return Ok(Disclosed { slip: Slip(id), written }),
            None => {}
        }
        let fields: Vec<&'static str> = parts.items().map(Item::code).collect();
        let codes = fields.join(",");
        let entry = Entry {
            operation: Operation::Provide,
            purpose: leaving.purpose,
            asker: format!("job:{}", leaving.job),
            fields,
            outcome: "disclosed",
            object: Some(leaving.object),
            // The visit leads to the person as long as it is theirs; one tie more would outlive that.
            subject: None,
        };
        let id = audit::record(tx, &entry).await?;
        let made_on = tx.now().day();
        let Registered { id: to, kind, country, contract, .. } = self.to;
        let row = args![
            id,
            leaving.message,
            to,
            kind.code(),
            country,
            contract,
            leaving.purpose.code(),
            basis.code(),
            codes,
            payload,
            leaving.object,
            made_on
        ];
        store::insert(tx, &row).await?;
        Ok(Disclosed { slip: Slip(id), written })
    }
}

/// By what right it leaves, as the profile has it for the purpose.
fn basis(profile: &Profile, to: Recipient, leaving: &Leaving<'_>, parts: &Parts) -> Result<LegalBasis, NotDisclosed> {
    // Who neither works on instruction nor was chosen needs a consent document of its own; there is none yet.
    if !to.is_processor() && !to.is_chosen() {
        return Err(NotDisclosed::Basis);
    }
    match (profile.basis(leaving.purpose), leaving.ground) {
        (LegalBasis::Consent, Ground::Consents(given)) => {
            let consented = given.iter().any(|given| given.purpose() == leaving.purpose);
            if consented { Ok(LegalBasis::Consent) } else { Err(NotDisclosed::Basis) }
        }
        // A phone goes with the code that was asked for to it; else a request carries word of a visit, and nobody's name or address.
        (LegalBasis::Consent, Ground::Request) => {
            let code = parts.items().any(|item| item == Item::Code);
            let personal = |item| matches!(item, Item::Name | Item::Email | Item::Sex | Item::Age) || (item == Item::Phone && !code);
            if parts.items().any(personal) { Err(NotDisclosed::Basis) } else { Ok(LegalBasis::Request) }
        }
        (basis, _) => Ok(basis),
    }
}

/// The row's commitment to what was sent, for those who hold the tie.
fn commitment(keys: &KeyStore, tie: &[u8], message: JobId, bytes: &[u8]) -> [u8; 32] {
    mac(&keys.request_mac(&[b"disclosed", tie, &message.bytes()]), &[bytes])
}

/// Whether the row of `message` commits to exactly these bytes. `tie` is what it was made with; once that is gone nobody can say.
pub fn commits_to(keys: &KeyStore, tie: &[u8], message: JobId, bytes: &[u8], payload: &[u8]) -> bool {
    commitment(keys, tie, message, bytes).as_slice() == payload
}

/// Something that may be sent, once: its row is written. Made only by [`Door::disclose`]; cannot be copied.
pub struct Disclosed<T> {
    slip: Slip,
    written: T,
}

impl<T> std::fmt::Debug for Disclosed<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<disclosed>")
    }
}

impl<T> Disclosed<T> {
    /// For whoever sends it: the message, and the slip on which is written how it ended.
    pub fn released(self) -> (Slip, T) {
        (self.slip, self.written)
    }
}

/// How a disclosure ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The recipient has it.
    Sent,
    /// The recipient refused it.
    Refused,
    /// The last try failed; a try may have reached the recipient all the same.
    Failed,
    /// Nobody knows: the program died between the row and the answer, and did not try again.
    Unknown,
}

impl Ended {
    /// All of them.
    pub const ALL: [Ended; 4] = [Ended::Sent, Ended::Refused, Ended::Failed, Ended::Unknown];

    /// The word in the row.
    pub fn code(self) -> &'static str {
        match self {
            Ended::Sent => "sent",
            Ended::Refused => "refused",
            Ended::Failed => "failed",
            Ended::Unknown => "unknown",
        }
    }
}

/// The state of a row whose message has not been answered yet.
pub const PENDING: &str = "pending";

/// A row that waits for its end.
#[derive(Debug)]
pub struct Slip(EntryId);

impl Slip {
    /// Writes how the sending ended, unless a further try is to come (`last` says that none is). A fault is no reason to send again: the row
    /// then stays as it is, and becomes `unknown` in time.
    pub async fn ended(self, db: &Db, sent: &Result<(), Failure>, last: bool) {
        let ended = match sent {
            Ok(()) => Ended::Sent,
            Err(Failure::Never(_)) => Ended::Refused,
            Err(Failure::Later(_)) if last => Ended::Failed,
            Err(Failure::Later(_)) => return,
        };
        let id = self.0;
        let written: Result<u64, DbError> = db.run("end disclosure", move |tx| Box::pin(store::end(tx, id, ended.code()))).await;
        if let Err(fault) = written {
            tracing::warn!(%fault, "how a disclosure ended could not be written");
        }
    }
}

/// A disclosure, for the person whose visit it was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The entry in the log.
    pub entry: EntryId,
    /// Who got it.
    pub recipient: RecipientId,
    /// Their name on the register.
    pub name: String,
    /// What they are.
    pub kind: Recipient,
    /// Where they are (ISO 3166 alpha-2).
    pub country: String,
    /// What for.
    pub purpose: String,
    /// By what right.
    pub basis: String,
    /// Which items, with commas between them.
    pub fields: String,
    /// On which day, counted since 1970-01-01.
    pub made_on: i64,
    /// How it ended, or that it has not.
    pub state: String,
}

/// What left about this visit or code, oldest day first, at most two hundred.
///
/// # Errors
/// A fault of the database.
pub async fn of(tx: &mut Tx, object: [u8; 16]) -> Result<Vec<Made>, DbError> {
    store::of(tx, object, OF_OBJECT_MAX).await
}

/// Ends as unknown whatever was begun before yesterday, was never answered, and is not tried again; how many.
///
/// # Errors
/// A fault of the database.
pub async fn end_forgotten(tx: &mut Tx) -> Result<u64, DbError> {
    let yesterday = tx.now().day() - 1;
    store::end_before(tx, yesterday, Ended::Unknown.code()).await
}

/// Takes away the rows whose entries the log has let go of, at most [`PRUNED_MAX`]; how many.
///
/// # Errors
/// A fault of the database.
pub async fn prune(tx: &mut Tx) -> Result<u64, DbError> {
    store::prune(tx, PRUNED_MAX).await
}
