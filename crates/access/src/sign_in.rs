//! Coming in: by a passkey, or, where the profile lets it, by a password with a one-time code.

use clock::{Clock, Timestamp};
use db::{Db, DbError, Tx};
use privacy::KeyStore;
use privacy::profile::StaffTerms;
use subtle::ConstantTimeEq as _;

use crate::event::{self, By, Event};
use crate::passkey::{self, Answered, Passkey, PasskeyError, RelyingParty};
use crate::secret;
use crate::session::{self, Method};
use crate::staff::{Secrets, Staff, StaffId, login_of, one_at_a_time};
use crate::store::staff as store;
use crate::totp;
use crate::workstation::Workstation;

/// A challenge must be answered within this time.
const CHALLENGE_SECONDS: i64 = 300;
/// Challenges that wait at one time (I9).
const CHALLENGES_MAX: i64 = 10_000;

/// Why nobody came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInError {
    /// Login, password or code is wrong; which of them, nobody is told. Or the passkey is none of ours.
    Wrong,
    /// Too many wrong tries under this login: again after this instant.
    Locked(Timestamp),
    /// The profile takes passkeys alone.
    PasskeyOnly,
    /// The passkey's answer does not count.
    Passkey(PasskeyError),
    /// Too many are signing in: again in a moment.
    Busy,
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for SignInError {
    fn from(error: DbError) -> Self {
        SignInError::Db(error)
    }
}

impl From<PasskeyError> for SignInError {
    fn from(error: PasskeyError) -> Self {
        SignInError::Passkey(error)
    }
}

impl db::Refusal for SignInError {
    fn fault(&self) -> Option<&DbError> {
        if let SignInError::Db(error) = self { Some(error) } else { None }
    }
}

/// What passwords and PINs are hashed with besides their salt.
pub(crate) fn pepper(keys: &KeyStore) -> [u8; 32] {
    keys.request_mac(&[b"staff pepper"])
}

/// A workstation counts for whoever works where it stands.
fn stands_for(workstation: Option<&Workstation>, staff: &Staff) -> Option<crate::workstation::WorkstationId> {
    workstation.filter(|at| at.clinic.is_none() || at.clinic == staff.clinic).map(|at| at.id)
}

/// Signs in by password and one-time code: the session's token. A try is counted before anything is looked at, so that many at one time
/// are not one; a login that does not exist counts, and takes as long.
///
/// # Errors
/// Why not.
pub async fn sign_in_by_password(
    db: &Db,
    keys: &KeyStore,
    terms: StaffTerms,
    typed: (&str, &str, &str),
    workstation: Option<Workstation>,
) -> Result<String, SignInError> {
    if !terms.password_fallback {
        return Err(SignInError::PasskeyOnly);
    }
    // Before the try is counted: whoever floods the sign-in locks nobody else's login by it.
    let _place = secret::place().ok_or(SignInError::Busy)?;
    let (login, password, code) = (login_of(typed.0), typed.1, typed.2);
    let mark = keys.request_mac(&[b"staff login", login.as_bytes()]);
    let asked = login.clone();
    let known = db
        .run("sign-in", move |tx| {
            let asked = asked.clone();
            Box::pin(async move {
                count_try(tx, mark, &terms).await?;
                store::by_login(tx, &asked).await.map_err(SignInError::from)
            })
        })
        .await?;
    let now = db.clock().now();
    let kept = known.as_ref().map(|(_, secrets)| secrets.password.clone()).unwrap_or_default();
    let password_right = secret::is(pepper(keys), &kept, password).await;
    let step = known.as_ref().and_then(|(staff, secrets)| {
        let secret = keys.open_staff_secret(&staff.id.bytes(), &secrets.totp)?;
        totp::matches(&secret, code, now, secrets.totp_step)
    });
    let about = known.as_ref().map(|(staff, _)| staff.id.bytes());
    let come = known.filter(|(staff, _)| password_right && staff.is_active(now)).zip(step);
    db.run("signed in", move |tx| {
        let (come, workstation) = (come.clone(), workstation.clone());
        Box::pin(async move {
            if let Some(((staff, seen), step)) = come
                && still_opens(tx, staff.id, &seen).await?
                && store::use_code(tx, staff.id, step).await?
            {
                store::forget_tries(tx, mark).await?;
                return Ok(session::open(tx, &terms, staff.id, Method::Password, stands_for(workstation.as_ref(), &staff)).await?);
            }
            event::record(tx, By::Nobody, Event::Refused, about).await?;
            Err(SignInError::Wrong)
        })
    })
    .await
}

/// Whether what was looked at is still so: hashing takes its time, and meanwhile somebody may have taken it all away.
async fn still_opens(tx: &mut Tx, id: StaffId, seen: &Secrets) -> Result<bool, DbError> {
    one_at_a_time(tx, id).await?;
    let now = tx.now();
    let known = store::by_id(tx, id).await?;
    Ok(known.is_some_and(|(staff, kept)| staff.is_active(now) && kept.password == seen.password && kept.totp == seen.totp))
}

/// Counts a try under this login.
async fn count_try(tx: &mut Tx, login: [u8; 32], terms: &StaffTerms) -> Result<(), SignInError> {
    let now = tx.now();
    tx.exclusive(&login).await?;
    let (wrong, locked_until, last_at) = store::tries(tx, login).await?.unwrap_or((0, Timestamp(0), Timestamp(0)));
    if now < locked_until && locked_until <= now.plus_minutes(terms.lockout_minutes) {
        return Err(SignInError::Locked(locked_until));
    }
    // Tries long ago say nothing of now.
    let wrong = if last_at.plus_minutes(terms.lockout_minutes) < now { 0 } else { wrong };
    if wrong >= terms.sign_in_tries_max {
        let until = now.plus_minutes(terms.lockout_minutes);
        store::set_tries(tx, login, 0, until).await?;
        event::record(tx, By::Nobody, Event::Locked, None).await?;
        return Err(SignInError::Locked(until));
    }
    store::set_tries(tx, login, wrong + 1, Timestamp(0)).await?;
    Ok(())
}

/// Bytes of a sign-in's challenge before its seal: when it ends, and what makes it no other's.
const SIGNED_BYTES: usize = 20;

/// What a passkey has to sign at a sign-in. It is kept nowhere until somebody has answered it: whoever asks for a million of them fills nothing.
pub fn sign_in_challenge(keys: &KeyStore, clock: &Clock) -> [u8; 32] {
    let ends_at = clock.now().plus_seconds(CHALLENGE_SECONDS).micros();
    let begin: Vec<u8> = ends_at.to_be_bytes().into_iter().chain(clock.bytes::<12>()).collect();
    let seal = keys.request_mac(&[b"staff challenge", &begin]);
    let mut challenge = [0; 32];
    challenge.iter_mut().zip(begin.iter().chain(&seal)).for_each(|(to, from)| *to = *from);
    challenge
}

/// When a challenge ends; `None` for one that is none of ours, or has ended.
fn is_ours(keys: &KeyStore, challenge: &[u8], now: Timestamp) -> Option<Timestamp> {
    let (begin, seal) = challenge.split_at_checked(SIGNED_BYTES)?;
    let made = keys.request_mac(&[b"staff challenge", begin]);
    let ends_at = Timestamp(i64::from_be_bytes(*begin.first_chunk()?));
    let sealed = seal.len() == 32 - SIGNED_BYTES && bool::from(seal.ct_eq(made.get(..seal.len())?));
    (sealed && now < ends_at).then_some(ends_at)
}

/// Makes a challenge for one of the staff who adds a passkey.
///
/// # Errors
/// [`SignInError::Busy`] when too many wait.
pub async fn make_challenge(tx: &mut Tx, staff: StaffId) -> Result<[u8; 32], SignInError> {
    if store::count_challenges(tx).await? >= CHALLENGES_MAX {
        return Err(SignInError::Busy);
    }
    let challenge: [u8; 32] = tx.clock().bytes();
    let ends_at = tx.now().plus_seconds(CHALLENGE_SECONDS);
    store::insert_challenge(tx, &challenge, Some(staff), ends_at).await?;
    Ok(challenge)
}

/// Signs in by a passkey's answer to a challenge: the session's token. A challenge that was answered rightly is used up.
///
/// # Errors
/// Why not.
pub async fn sign_in_by_passkey(
    tx: &mut Tx,
    keys: &KeyStore,
    terms: &StaffTerms,
    site: &RelyingParty,
    answer: &Answered,
    workstation: Option<&Workstation>,
) -> Result<String, SignInError> {
    let challenge = passkey::challenge_of(&answer.client_data)?;
    let id = passkey::id_of(answer)?;
    let now = tx.now();
    // One made for adding a passkey is not sealed so, and opens nothing.
    let Some(ends_at) = is_ours(keys, &challenge, now) else { return Err(SignInError::Passkey(PasskeyError::Elsewhere)) };
    let Some((owner, kept)) = store::passkey(tx, &id).await? else { return refuse(tx, None, SignInError::Wrong).await };
    let about = Some(owner.bytes());
    if passkey::user_of(answer)?.is_some_and(|user| user != owner.bytes()) {
        return refuse(tx, about, SignInError::Wrong).await;
    }
    let counter = match passkey::answered(answer, &challenge, site, &kept) {
        Ok(counter) => counter,
        Err(PasskeyError::Counter) => {
            event::record(tx, By::Nobody, Event::PasskeyCopied, about).await?;
            return Err(SignInError::Passkey(PasskeyError::Counter));
        }
        Err(error) => return refuse(tx, about, SignInError::Passkey(error)).await,
    };
    one_at_a_time(tx, owner).await?;
    // Read again under the lock: it may have been taken away with everything else.
    if store::passkey(tx, &id).await?.is_none_or(|(of, _)| of != owner) {
        return refuse(tx, about, SignInError::Wrong).await;
    }
    if !store::insert_challenge(tx, &challenge, None, ends_at).await? {
        return refuse(tx, about, SignInError::Passkey(PasskeyError::Elsewhere)).await;
    }
    let staff = store::by_id(tx, owner).await?.map(|(staff, _)| staff).filter(|staff| staff.is_active(now));
    let Some(staff) = staff else { return refuse(tx, about, SignInError::Wrong).await };
    if !store::use_passkey(tx, &id, counter).await? {
        return refuse(tx, about, SignInError::Passkey(PasskeyError::Counter)).await;
    }
    Ok(session::open(tx, terms, staff.id, Method::Passkey, stands_for(workstation, &staff)).await?)
}

async fn refuse(tx: &mut Tx, about: Option<[u8; 16]>, why: SignInError) -> Result<String, SignInError> {
    event::record(tx, By::Nobody, Event::Refused, about).await?;
    Err(why)
}

/// Keeps a new passkey that answers a challenge made for its owner.
pub(crate) async fn keep_passkey(
    tx: &mut Tx,
    site: &RelyingParty,
    owner: StaffId,
    made: &passkey::Created,
    name: &str,
) -> Result<Passkey, SignInError> {
    let challenge = passkey::challenge_of(&made.client_data)?;
    if store::use_challenge(tx, &challenge).await? != Some(owner) {
        return Err(SignInError::Passkey(PasskeyError::Elsewhere));
    }
    let made = passkey::created(made, &challenge, site)?;
    let name: String = name.trim().chars().filter(|letter| !letter.is_control()).take(crate::staff::NAME_CHARS_MAX).collect();
    let many = i64::try_from(store::passkeys(tx, owner, crate::staff::PASSKEYS_MAX).await?.len()).unwrap_or(i64::MAX);
    if many >= crate::staff::PASSKEYS_MAX || !store::insert_passkey(tx, owner, &made, &name).await? {
        return Err(SignInError::Busy);
    }
    event::record(tx, By::Staff(owner), Event::PasskeyAdded, Some(owner.bytes())).await?;
    Ok(made)
}
