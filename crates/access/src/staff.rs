//! Whoever works with the program: added by the operator, comes in by a link, goes when the operator says so.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clock::Timestamp;
use db::{DbError, Tx};
use privacy::profile::StaffTerms;
use sha2::{Digest as _, Sha256};

use crate::event::{self, By, Event};
use crate::role::Role;
use crate::store::staff as store;

db::id!(
    /// The id of one of the staff.
    pub StaffId
);

/// Letters of a login at most.
pub const LOGIN_CHARS_MAX: usize = 40;
/// Letters of a name at most.
pub const NAME_CHARS_MAX: usize = 100;
/// Staff that a list shows at most.
pub const STAFF_MAX: i64 = 1_000;
/// Passkeys of one person at most.
pub(crate) const PASSKEYS_MAX: i64 = 10;

/// One of the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// Their id.
    pub id: StaffId,
    /// What they type to sign in, and what distinguishes them: nobody shares one (clause 7.4, identification).
    pub login: String,
    /// As colleagues know them.
    pub name: String,
    /// As what they work.
    pub role: Role,
    /// For which clinic; doctors and registrars only.
    pub clinic: Option<[u8; 16]>,
    /// Which doctor of the directory they are; doctors only.
    pub practitioner: Option<[u8; 16]>,
    /// The contract that an auditor works under; empty for others (clause 8.2).
    pub contract: String,
    /// Until when they may come in at all; `None`: until their access is ended.
    pub until: Option<Timestamp>,
    /// Since when.
    pub added_at: Timestamp,
    /// When their access was ended.
    pub ended_at: Option<Timestamp>,
    /// Whether they have a password with one-time codes.
    pub has_password: bool,
    /// Whether they have a PIN.
    pub has_pin: bool,
}

impl Staff {
    /// Whether they may come in at that instant.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && self.until.is_none_or(|until| now < until)
    }
}

/// What proves who they are; never leaves the crate.
#[derive(Debug, Clone)]
pub(crate) struct Secrets {
    pub(crate) password: Vec<u8>,
    pub(crate) totp: Vec<u8>,
    pub(crate) totp_step: i64,
    pub(crate) pin: Vec<u8>,
}

/// A passkey in the list of its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPasskey {
    /// Its id.
    pub id: Vec<u8>,
    /// What the owner calls it.
    pub name: String,
    /// Since when.
    pub added_at: Timestamp,
    /// When it was used last.
    pub used_at: Timestamp,
}

/// Whom to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStaff {
    /// Small letters, digits, dot, hyphen, underscore; begins with a letter.
    pub login: String,
    /// As colleagues know them.
    pub name: String,
    /// As what they work.
    pub role: Role,
    /// For which clinic; needed for doctors and registrars.
    pub clinic: Option<[u8; 16]>,
    /// Which doctor they are; needed for doctors.
    pub practitioner: Option<[u8; 16]>,
    /// The contract; needed for auditors.
    pub contract: String,
    /// Until when; needed for auditors.
    pub until: Option<Timestamp>,
}

/// Why nobody was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddError {
    /// The login has letters that it may not have, or too many.
    Login,
    /// The name is empty or too long.
    Name,
    /// A doctor or a registrar of no clinic.
    Clinic,
    /// A doctor who is no doctor of the directory.
    Practitioner,
    /// An auditor without a contract and an end (clause 8.2).
    Auditor,
    /// Somebody has this login, or had it.
    Taken,
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for AddError {
    fn from(error: DbError) -> Self {
        AddError::Db(error)
    }
}

impl db::Refusal for AddError {
    fn fault(&self) -> Option<&DbError> {
        if let AddError::Db(error) = self { Some(error) } else { None }
    }
}

impl std::fmt::Display for AddError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            AddError::Login => write!(f, "the login: 2 to {LOGIN_CHARS_MAX} small letters, digits, `.`, `-`, `_`, a letter first"),
            AddError::Name => write!(f, "the name: 1 to {NAME_CHARS_MAX} letters"),
            AddError::Clinic => write!(f, "a doctor and a registrar work for a clinic; name it with --clinic ID"),
            AddError::Practitioner => write!(f, "a doctor is one of the directory; name them with --practitioner ID"),
            AddError::Auditor => {
                write!(f, "an auditor has a contract and an end (clause 8.2); add --contract REFERENCE and --until YYYY-MM-DD")
            }
            AddError::Taken => write!(f, "somebody has this login; choose another"),
            AddError::Db(error) => write!(f, "{error}"),
        }
    }
}

/// Whether this can stand in a list of colleagues: not empty, not too long, nothing that a reader cannot see or that turns the line around.
pub(crate) fn is_a_name(name: &str) -> bool {
    let unseen =
        |letter: char| letter.is_control() || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}');
    !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX && !name.chars().any(unseen)
}

/// A login as it is kept: without blanks around it, in small letters.
pub(crate) fn login_of(typed: &str) -> String {
    typed.trim().chars().take(LOGIN_CHARS_MAX + 1).collect::<String>().to_lowercase()
}

/// Adds somebody, and makes the link by which they come in the first time: its token, shown this once.
///
/// # Errors
/// What is missing or wrong.
pub async fn add_staff(tx: &mut Tx, terms: &StaffTerms, new: &NewStaff, by: By) -> Result<(Staff, String), AddError> {
    let login = login_of(&new.login);
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '.' | '-' | '_');
    let length = login.chars().count();
    if !(2..=LOGIN_CHARS_MAX).contains(&length) || !login.chars().all(fits) || !login.starts_with(|first: char| first.is_ascii_lowercase())
    {
        return Err(AddError::Login);
    }
    let name = new.name.trim().to_owned();
    if !is_a_name(&name) {
        return Err(AddError::Name);
    }
    if new.role.is_of_a_clinic() && new.clinic.is_none() {
        return Err(AddError::Clinic);
    }
    if new.role == Role::Doctor && new.practitioner.is_none() {
        return Err(AddError::Practitioner);
    }
    let contract = new.contract.trim().to_owned();
    if new.role == Role::Auditor && (contract.is_empty() || contract.chars().count() > NAME_CHARS_MAX || new.until.is_none()) {
        return Err(AddError::Auditor);
    }
    let staff = Staff {
        id: StaffId::random(tx.clock()),
        login,
        name,
        role: new.role,
        clinic: new.clinic.filter(|_| new.role.is_of_a_clinic()),
        practitioner: new.practitioner.filter(|_| new.role == Role::Doctor),
        contract: if new.role == Role::Auditor { contract } else { String::new() },
        until: new.until,
        added_at: tx.now(),
        ended_at: None,
        has_password: false,
        has_pin: false,
    };
    if !store::insert(tx, &staff).await? {
        return Err(AddError::Taken);
    }
    event::record(tx, by, Event::Added, Some(staff.id.bytes())).await?;
    let token = make_link(tx, terms, staff.id).await?;
    Ok((staff, token))
}

/// A token that nobody guesses, and what is kept of it.
pub(crate) fn new_token(clock: &clock::Clock) -> (String, [u8; 32]) {
    let token = URL_SAFE_NO_PAD.encode(clock.bytes::<32>());
    let hash = hash_of(&token);
    (token, hash)
}

/// What is kept of a token: it holds 256 random bits, so a plain hash cannot be guessed.
pub(crate) fn hash_of(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Waits until no other change of this person's ways to sign in is under way: each reads what is so, decides, and writes. What was read before
/// is read again afterwards.
pub(crate) async fn one_at_a_time(tx: &mut Tx, staff: StaffId) -> Result<(), DbError> {
    let mark: [u8; 32] = Sha256::new().chain_update(b"staff").chain_update(staff.bytes()).finalize().into();
    tx.exclusive(&mark).await
}

async fn make_link(tx: &mut Tx, terms: &StaffTerms, staff: StaffId) -> Result<String, DbError> {
    let (token, hash) = new_token(tx.clock());
    let ends_at = tx.now().plus_minutes(terms.enrolment_hours.saturating_mul(60));
    store::insert_link(tx, hash, staff, ends_at).await?;
    Ok(token)
}

/// Takes every way to sign in away from somebody, ends their sessions, and makes a new link for them: its token, shown this once. `None`
/// when there is nobody with that id, or their access has ended.
///
/// # Errors
/// A fault of the database.
pub async fn start_over(tx: &mut Tx, terms: &StaffTerms, id: StaffId, by: By) -> Result<Option<String>, DbError> {
    one_at_a_time(tx, id).await?;
    let Some((staff, _)) = store::by_id(tx, id).await? else { return Ok(None) };
    if !staff.is_active(tx.now()) {
        return Ok(None);
    }
    store::forget_ways(tx, id).await?;
    store::end_sessions_of(tx, id).await?;
    event::record(tx, by, Event::LinkMade, Some(id.bytes())).await?;
    make_link(tx, terms, id).await.map(Some)
}

/// Ends somebody's access at once: sessions, ways to sign in, links. `false` when it had ended, or there is nobody.
///
/// # Errors
/// A fault of the database.
pub async fn end_staff(tx: &mut Tx, id: StaffId, by: By) -> Result<bool, DbError> {
    one_at_a_time(tx, id).await?;
    if !store::end(tx, id).await? {
        return Ok(false);
    }
    store::forget_ways(tx, id).await?;
    store::end_sessions_of(tx, id).await?;
    event::record(tx, by, Event::Ended, Some(id.bytes())).await?;
    Ok(true)
}

/// The staff: those who may come in first, then by login; at most a thousand.
///
/// # Errors
/// A fault of the database.
pub async fn list_staff(tx: &mut Tx) -> Result<Vec<Staff>, DbError> {
    store::all(tx, STAFF_MAX).await
}

/// One of the staff by login.
///
/// # Errors
/// A fault of the database.
pub async fn staff_by_login(tx: &mut Tx, login: &str) -> Result<Option<Staff>, DbError> {
    Ok(store::by_login(tx, &login_of(login)).await?.map(|(staff, _)| staff))
}

/// One of the staff by id.
///
/// # Errors
/// A fault of the database.
pub async fn staff_by_id(tx: &mut Tx, id: StaffId) -> Result<Option<Staff>, DbError> {
    Ok(store::by_id(tx, id).await?.map(|(staff, _)| staff))
}

/// Somebody's passkeys, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn passkeys_of(tx: &mut Tx, id: StaffId) -> Result<Vec<KeptPasskey>, DbError> {
    store::passkeys(tx, id, PASSKEYS_MAX).await
}

/// Sessions, links, challenges and tries that have run out go; so does, after the term of the log that names it, whatever ended.
///
/// # Errors
/// A fault of the database.
pub async fn sweep_staff(tx: &mut Tx, terms: &StaffTerms, ended_before: Option<Timestamp>) -> Result<u64, DbError> {
    let tries_before = tx.now().plus_minutes(-terms.lockout_minutes);
    let mut gone = store::sweep(tx, tries_before).await?;
    if let Some(before) = ended_before {
        gone += store::forget_ended(tx, before).await?;
    }
    Ok(gone)
}

/// Takes every way to sign in away from everybody, and ends grants and shared workstations: after a restore nobody knows which of them had been
/// ended since the backup was written. Who works here stays.
///
/// # Errors
/// A fault of the database.
pub async fn start_all_over(tx: &mut Tx) -> Result<u64, DbError> {
    let staff = store::forget_all_ways(tx).await?;
    event::record(tx, By::Console, Event::LinkMade, None).await?;
    Ok(staff)
}
