//! Coming in the first time, or anew after everything was lost, by a link; and changing one's own ways to sign in.

use clock::Clock;
use db::{Db, DbError, Tx};
use privacy::KeyStore;
use privacy::profile::StaffTerms;

use crate::event::{self, By, Event};
use crate::passkey::{Created, RelyingParty};
use crate::secret::{self, WeakPassword};
use crate::session::{self, Method, SessionRow};
use crate::sign_in::{self, SignInError, pepper};
use crate::staff::{Staff, StaffId, hash_of, one_at_a_time};
use crate::store::staff as store;
use crate::totp;

/// Why a way to sign in was not set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnrolError {
    /// The link was used, has run out, or never was.
    Link,
    /// The profile takes passkeys alone.
    PasskeyOnly,
    /// The password is weak.
    Password(WeakPassword),
    /// The one-time code is not the app's code of this minute.
    Code,
    /// The PIN is easy to guess, or no six digits.
    Pin,
    /// It is the last way to sign in.
    Last,
    /// The passkey does not count.
    Passkey(SignInError),
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for EnrolError {
    fn from(error: DbError) -> Self {
        EnrolError::Db(error)
    }
}

impl From<SignInError> for EnrolError {
    fn from(error: SignInError) -> Self {
        if let SignInError::Db(error) = error { EnrolError::Db(error) } else { EnrolError::Passkey(error) }
    }
}

impl db::Refusal for EnrolError {
    fn fault(&self) -> Option<&DbError> {
        if let EnrolError::Db(error) = self { Some(error) } else { None }
    }
}

/// Whose link it is, while it counts.
///
/// # Errors
/// A fault of the database.
pub async fn invited(tx: &mut Tx, token: &str) -> Result<Option<Staff>, DbError> {
    let now = tx.now();
    let Some(id) = store::link(tx, hash_of(token)).await? else { return Ok(None) };
    Ok(store::by_id(tx, id).await?.map(|(staff, _)| staff).filter(|staff| staff.is_active(now)))
}

/// The secret of one-time codes that goes with a link: the same each time its page is looked at, kept nowhere until it is confirmed.
pub fn offered_secret(keys: &KeyStore, token: &str) -> [u8; totp::SECRET_BYTES] {
    let mut secret = [0; totp::SECRET_BYTES];
    let mac = keys.request_mac(&[b"staff totp", &hash_of(token)]);
    secret.copy_from_slice(mac.first_chunk().unwrap_or(&[0; totp::SECRET_BYTES]));
    secret
}

/// Comes in by a link with a new passkey; the link is used up: the session's token.
///
/// # Errors
/// Why not.
pub async fn enrol_by_passkey(
    tx: &mut Tx,
    terms: &StaffTerms,
    site: &RelyingParty,
    token: &str,
    made: &Created,
    name: &str,
) -> Result<String, EnrolError> {
    let staff = invited(tx, token).await?.ok_or(EnrolError::Link)?;
    one_at_a_time(tx, staff.id).await?;
    // Another browser with the same link may have been first: a refusal commits, so nothing may be kept before it.
    invited(tx, token).await?.ok_or(EnrolError::Link)?;
    sign_in::keep_passkey(tx, site, staff.id, made, name).await?;
    store::use_link(tx, hash_of(token)).await?;
    Ok(session::open(tx, terms, staff.id, Method::Passkey, None).await?)
}

/// Comes in by a link with a password and the first one-time code; the link is used up: the session's token.
///
/// # Errors
/// Why not.
pub async fn enrol_by_password(
    db: &Db,
    keys: &KeyStore,
    terms: StaffTerms,
    token: &str,
    password: &str,
    code: &str,
) -> Result<String, EnrolError> {
    if !terms.password_fallback {
        return Err(EnrolError::PasskeyOnly);
    }
    let asked = token.to_owned();
    let staff = db
        .read("invited", move |tx| {
            let asked = asked.clone();
            Box::pin(async move { invited(tx, &asked).await })
        })
        .await?
        .ok_or(EnrolError::Link)?;
    secret::password_will_do(password, &staff.login).map_err(EnrolError::Password)?;
    let offered = offered_secret(keys, token);
    let step = totp::matches(&offered, code, db.clock().now(), 0).ok_or(EnrolError::Code)?;
    let _place = secret::place().ok_or(SignInError::Busy)?;
    let kept = secret::hash(db.clock(), pepper(keys), password).await;
    let sealed = keys.seal_staff_secret(&staff.id.bytes(), &offered);
    let (hash, id) = (hash_of(token), staff.id);
    db.run("enrol", move |tx| {
        let (kept, sealed) = (kept.clone(), sealed.clone());
        Box::pin(async move {
            one_at_a_time(tx, id).await?;
            if !store::use_link(tx, hash).await? {
                return Err(EnrolError::Link);
            }
            store::set_password(tx, id, &kept, &sealed, step).await?;
            event::record(tx, By::Staff(id), Event::PasswordSet, Some(id.bytes())).await?;
            Ok(session::open(tx, &terms, id, Method::Password, None).await?)
        })
    })
    .await
}

/// Gives somebody of the demo a password and a secret of one-time codes without a link: their sign-in is printed, so it protects nothing.
///
/// # Errors
/// A fault of the database.
pub async fn equip_for_demo(
    db: &Db,
    keys: &KeyStore,
    staff: StaffId,
    password: &str,
    codes: &[u8; totp::SECRET_BYTES],
) -> Result<(), DbError> {
    let kept = secret::hash(db.clock(), pepper(keys), password).await;
    let sealed = keys.seal_staff_secret(&staff.bytes(), codes);
    db.run("equip for the demo", move |tx| {
        let (kept, sealed) = (kept.clone(), sealed.clone());
        Box::pin(async move { store::set_password(tx, staff, &kept, &sealed, 0).await })
    })
    .await
}

/// Adds a passkey to one's own, for as long as the session stands.
///
/// # Errors
/// Why not.
pub async fn add_passkey(tx: &mut Tx, site: &RelyingParty, session: &SessionRow, made: &Created, name: &str) -> Result<(), EnrolError> {
    let staff = of_session(tx, session).await?;
    sign_in::keep_passkey(tx, site, staff, made, name).await.map(drop).map_err(EnrolError::from)
}

/// Whose session it is, if it still stands: it may have been ended since the request began, with every way to sign in.
async fn of_session(tx: &mut Tx, session: &SessionRow) -> Result<StaffId, EnrolError> {
    one_at_a_time(tx, session.staff).await?;
    match store::session_by_id(tx, session.id).await? {
        Some(row) => Ok(row.staff),
        None => Err(EnrolError::Link),
    }
}

/// Takes a passkey away from one's own; the last way to sign in stays. A password is one only where the profile takes it.
///
/// # Errors
/// [`EnrolError::Last`].
pub async fn remove_passkey(tx: &mut Tx, terms: &StaffTerms, session: &SessionRow, id: &[u8]) -> Result<(), EnrolError> {
    let staff = of_session(tx, session).await?;
    let has_password = terms.password_fallback && store::by_id(tx, staff).await?.is_some_and(|(staff, _)| staff.has_password);
    let passkeys = store::passkeys(tx, staff, crate::staff::PASSKEYS_MAX).await?;
    if passkeys.iter().any(|passkey| passkey.id == id) && passkeys.len() == 1 && !has_password {
        return Err(EnrolError::Last);
    }
    if store::delete_passkey(tx, staff, id).await? {
        event::record(tx, By::Staff(staff), Event::PasskeyRemoved, Some(staff.bytes())).await?;
    }
    Ok(())
}

/// Sets one's own PIN.
///
/// # Errors
/// [`EnrolError::Pin`] for one that is easy to guess.
pub async fn set_pin(db: &Db, keys: &KeyStore, session: &SessionRow, pin: &str) -> Result<(), EnrolError> {
    if !secret::pin_will_do(pin) {
        return Err(EnrolError::Pin);
    }
    let clock: &Clock = db.clock();
    let _place = secret::place().ok_or(SignInError::Busy)?;
    let kept = secret::hash(clock, pepper(keys), pin).await;
    let session = session.clone();
    db.run("set pin", move |tx| {
        let (kept, session) = (kept.clone(), session.clone());
        Box::pin(async move {
            let staff = of_session(tx, &session).await?;
            store::set_pin(tx, staff, &kept).await?;
            event::record(tx, By::Staff(staff), Event::PinSet, Some(staff.bytes())).await.map_err(EnrolError::from)
        })
    })
    .await
}
