//! Passwords and PINs: argon2id over a secret of the key store, so that whoever has the database alone cannot even try.

use argon2::{Algorithm, Argon2, Params, Version};
use clock::Clock;
use subtle::ConstantTimeEq as _;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Letters of a password at least: length is what makes one hard to guess; no rule of signs and digits.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Letters of a password at most: a sentence fits.
pub const PASSWORD_CHARS_MAX: usize = 128;
/// A password has so many different letters at least: `aaaaaaaaaaaa` is none.
const PASSWORD_DIFFERENT_MIN: usize = 5;
/// Digits of a PIN.
pub const PIN_DIGITS: usize = 6;

const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// Hashing takes twenty megabytes and a core each: so many at one time, whoever asks.
static AT_ONCE: Semaphore = Semaphore::const_new(2);
/// Sign-ins by password that wait for their turn at most; more are told to come again.
static WAITING: Semaphore = Semaphore::const_new(64);

/// What is wrong with a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeakPassword {
    /// Too short, or longer than allowed.
    Length,
    /// A few letters over and over, or the login in it.
    Guessable,
}

/// Whether a new password will do.
///
/// # Errors
/// What is wrong with it.
pub fn password_will_do(password: &str, login: &str) -> Result<(), WeakPassword> {
    let letters: Vec<char> = password.chars().collect();
    if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&letters.len()) {
        return Err(WeakPassword::Length);
    }
    let different: std::collections::HashSet<&char> = letters.iter().collect();
    if different.len() < PASSWORD_DIFFERENT_MIN || password.to_lowercase().contains(&login.to_lowercase()) {
        return Err(WeakPassword::Guessable);
    }
    Ok(())
}

/// Whether a new PIN will do: six digits, neither one digit six times nor a row of them.
pub fn pin_will_do(pin: &str) -> bool {
    let digits = pin.as_bytes();
    if digits.len() != PIN_DIGITS || !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let steps: Vec<i16> = digits.windows(2).map(|pair| i16::from(pair[1]) - i16::from(pair[0])).collect();
    let even = steps.iter().all(|step| Some(step) == steps.first()) && matches!(steps.first(), Some(-1..=1));
    !even
}

/// A place in the queue of those who sign in by password, for as long as it is held; `None` when the queue is full.
pub(crate) fn place() -> Option<SemaphorePermit<'static>> {
    WAITING.try_acquire().ok()
}

/// What is kept of a secret: salt and hash.
pub(crate) async fn hash(clock: &Clock, pepper: [u8; 32], secret: &str) -> Vec<u8> {
    let salt: [u8; SALT_BYTES] = clock.bytes();
    let mut kept = salt.to_vec();
    kept.extend(stretched(pepper, secret.to_owned(), salt).await.unwrap_or_default());
    kept
}

/// Whether this is the secret of which `kept` was kept. Takes as long where nothing was kept, so that the time tells no login.
pub(crate) async fn is(pepper: [u8; 32], kept: &[u8], secret: &str) -> bool {
    let salt = kept.first_chunk::<SALT_BYTES>().copied().unwrap_or_default();
    let hashed = stretched(pepper, secret.chars().take(PASSWORD_CHARS_MAX).collect(), salt).await;
    match (hashed, kept.split_at_checked(SALT_BYTES)) {
        (Some(hashed), Some((_, kept))) => kept.len() == HASH_BYTES && bool::from(hashed.as_slice().ct_eq(kept)),
        _ => false,
    }
}

async fn stretched(pepper: [u8; 32], secret: String, salt: [u8; SALT_BYTES]) -> Option<Vec<u8>> {
    // Never closed.
    let turn = AT_ONCE.acquire().await.ok()?;
    tokio::task::spawn_blocking(move || {
        // Goes with the work, not with whoever waits for it: who hangs up gives no turn back before the hash is made.
        let _turn = turn;
        let argon2 = Argon2::new_with_secret(&pepper, Algorithm::Argon2id, Version::V0x13, Params::DEFAULT).ok()?;
        let mut out = vec![0; HASH_BYTES];
        argon2.hash_password_into(secret.as_bytes(), &salt, &mut out).ok()?;
        Some(out)
    })
    .await
    .ok()?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_same_secret_opens_under_the_same_pepper() {
        let clock = Clock::simulated(clock::Timestamp(0), 1);
        let kept = hash(&clock, [1; 32], "a sentence of words").await;
        assert_eq!(kept.len(), SALT_BYTES + HASH_BYTES);
        assert!(is([1; 32], &kept, "a sentence of words").await);
        assert!(!is([1; 32], &kept, "a sentence of word").await);
        assert!(!is([2; 32], &kept, "a sentence of words").await);
        assert!(!is([1; 32], &[], "").await);
        assert!(!is([1; 32], &[0; SALT_BYTES], "").await, "a salt without a hash is no secret");
        assert_ne!(kept, hash(&clock, [1; 32], "a sentence of words").await);

        // Whoever hangs up gives their turn back when the work is done, not before.
        let all = AT_ONCE.available_permits();
        let asked = tokio::spawn(async move { is([1; 32], &kept, "a sentence of words").await });
        while AT_ONCE.available_permits() == all && !asked.is_finished() {
            tokio::task::yield_now().await;
        }
        asked.abort();
        assert!(asked.await.is_err(), "it was cut short in its work");
        assert_eq!(AT_ONCE.available_permits(), all - 1, "and the work goes on");
        drop(AT_ONCE.acquire_many(u32::try_from(all).unwrap_or(u32::MAX)).await);
    }

    #[test]
    fn weak_secrets_are_refused() {
        assert_eq!(password_will_do("short", "anna"), Err(WeakPassword::Length));
        assert_eq!(password_will_do(&"words ".repeat(30), "anna"), Err(WeakPassword::Length));
        assert_eq!(password_will_do("aaaaaaaaaaaaab", "anna"), Err(WeakPassword::Guessable));
        assert_eq!(password_will_do("Anna is my name here", "anna"), Err(WeakPassword::Guessable));
        assert_eq!(password_will_do("тихий двор под снегом", "anna"), Ok(()));
        for pin in ["12345", "1234567", "123456", "654321", "000000", "12345a", "١٢٣٤٥٦"] {
            assert!(!pin_will_do(pin), "{pin}");
        }
        assert!(pin_will_do("193746") && pin_will_do("246802"));
    }
}
