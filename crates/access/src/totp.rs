//! One-time codes of an authenticator app (RFC 6238): SHA-1, six digits, thirty seconds, which is what every app reads.

use clock::Timestamp;
use ring::hmac;
use subtle::ConstantTimeEq as _;

/// Bytes of a secret, as RFC 4226 wants for SHA-1.
pub const SECRET_BYTES: usize = 20;
const STEP_SECONDS: i64 = 30;
const DIGITS: usize = 6;
const CODES: u32 = 1_000_000;
/// Steps before and after the clock's own that count too: phones' clocks are wrong by some seconds.
const DRIFT_STEPS: i64 = 1;

/// The step of time in which an instant lies.
fn step(at: Timestamp) -> i64 {
    at.micros().div_euclid(1_000_000).div_euclid(STEP_SECONDS)
}

/// The code of a step.
fn code(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    // RFC 4226, 5.3: the low half of the last byte says where the number begins.
    let at = usize::from(bytes.last().copied().unwrap_or(0) & 0x0f);
    let number = bytes.get(at..at + 4).and_then(|part| part.try_into().ok()).map_or(0, u32::from_be_bytes) & 0x7fff_ffff;
    format!("{:0DIGITS$}", number % CODES)
}

/// The code at that instant.
pub fn code_at(secret: &[u8], at: Timestamp) -> String {
    code(secret, step(at))
}

/// The step whose code this is, near `at` and later than `after`: a code counts once.
pub(crate) fn matches(secret: &[u8], typed: &str, at: Timestamp, after: i64) -> Option<i64> {
    let typed: String = typed.chars().filter(|letter| !letter.is_whitespace()).take(DIGITS + 1).collect();
    let now = step(at);
    (now - DRIFT_STEPS..=now + DRIFT_STEPS)
        .filter(|step| bool::from(code(secret, *step).as_bytes().ct_eq(typed.as_bytes())))
        .find(|step| *step > after)
}

/// The secret as apps take it when it is typed: base32 (RFC 4648) without padding.
pub fn base32(secret: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits = secret.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect::<Vec<u8>>();
    bits.chunks(5)
        .map(|chunk| {
            let value = chunk.iter().fold(0, |value, bit| value << 1 | bit) << (5 - chunk.len());
            char::from(LETTERS[usize::from(value) & 31])
        })
        .collect()
}

/// The address that apps take from a link or a picture. Neither name may hold a colon; whatever an address cannot hold is escaped.
pub fn address(issuer: &str, login: &str, secret: &[u8]) -> String {
    let escaped = |text: &str| {
        text.bytes()
            .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
            .collect::<String>()
    };
    let (issuer, login) = (escaped(&issuer.replace(':', " ")), escaped(&login.replace(':', " ")));
    format!("otpauth://totp/{issuer}:{login}?secret={}&issuer={issuer}", base32(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1_000_000)
    }

    /// RFC 6238, appendix B, cut to six digits.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (seconds, expected) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(code_at(secret, at(seconds)), expected);
        }
    }

    #[test]
    fn a_code_counts_near_its_time_and_once() {
        let secret = b"12345678901234567890";
        let (now, code) = (at(1_111_111_111), "050471");
        let step = matches(secret, code, now, 0);
        assert!(step.is_some());
        assert_eq!(matches(secret, "050 471", now, 0), step, "as apps show it");
        assert_eq!(matches(secret, code, now, step.unwrap_or_default()), None, "a second time");
        assert_eq!(matches(secret, code, now.plus_seconds(30), 0), step);
        assert_eq!(matches(secret, code, now.plus_seconds(90), 0), None);
        assert_eq!(matches(secret, "", now, 0), None);
        assert_eq!(matches(secret, "0504710", now, 0), None);
    }

    /// RFC 4648, section 10.
    #[test]
    fn base32_is_that_of_the_standard() {
        for (plain, expected) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(base32(plain.as_bytes()), expected);
        }
        assert_eq!(address("ИП A", "anna", b"foo"), "otpauth://totp/%D0%98%D0%9F%20A:anna?secret=MZXW6&issuer=%D0%98%D0%9F%20A");
    }
}
