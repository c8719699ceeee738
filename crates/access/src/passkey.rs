//! Passkeys (W3C Web Authentication, level 2): what a browser sends is checked here, step by step as sections 7.1 and 7.2 number them.
//!
//! Of the standard this takes what signing in needs: no attestation (who made the device is nobody's business here), user verification
//! always, and the three algorithms that devices have.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::Value as Cbor;
use ring::signature::{ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// Bytes of a credential's id at most, as the standard says.
const ID_BYTES_MAX: usize = 1_023;
/// Bytes of a credential's public key at most: an RSA key of 8192 bits, and some.
const KEY_BYTES_MAX: usize = 2_048;
/// How deep CBOR may nest: an attestation object has three levels.
const DEPTH_MAX: usize = 8;

/// COSE numbers of the algorithms, best first: ES256, EdDSA, RS256.
pub const ALGORITHMS: [i64; 3] = [-7, -8, -257];

/// For which site passkeys are made and used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    /// The host's name. Browsers make no passkeys for bare addresses.
    pub id: String,
    /// The addresses that pages may have: `https://host`.
    pub origins: Vec<String>,
}

impl RelyingParty {
    /// Of a public address; `None` where browsers make no passkeys: for an address of numbers that is not this machine's, and for plain http
    /// anywhere but on this machine. This machine's own address is `localhost` to browsers.
    pub fn of(public_url: &str) -> Option<RelyingParty> {
        let (scheme, rest) = public_url.split_once("://")?;
        let authority = rest.split('/').next().unwrap_or_default();
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !port.is_empty() => (host, format!(":{port}")),
            _ => (authority, String::new()),
        };
        let bare = host.trim_matches(['[', ']']);
        let near = bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        if near {
            return Some(RelyingParty { id: "localhost".into(), origins: vec![format!("{scheme}://localhost{port}")] });
        }
        if scheme != "https" || bare.is_empty() || bare.parse::<std::net::IpAddr>().is_ok() {
            return None;
        }
        Some(RelyingParty { id: host.to_lowercase(), origins: vec![format!("https://{}{port}", host.to_lowercase())] })
    }
}

/// Why a passkey's answer does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasskeyError {
    /// It cannot be read.
    Unreadable,
    /// It was made for another kind of act, another site or from another page.
    Elsewhere,
    /// The device did not check who holds it.
    Unverified,
    /// The device's key is of a kind that is not taken.
    Algorithm,
    /// The signature is not by that key.
    Signature,
    /// The device's counter went back: there may be a copy of it.
    Counter,
}

/// What the browser says of the page that asked.
#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: bool,
}

/// A new passkey, as `navigator.credentials.create` gives it; bytes in base64url.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Created {
    /// `response.clientDataJSON`.
    pub client_data: String,
    /// `response.attestationObject`.
    pub attestation: String,
}

/// A passkey's answer, as `navigator.credentials.get` gives it; bytes in base64url.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// The credential's id.
    pub id: String,
    /// `response.clientDataJSON`.
    pub client_data: String,
    /// `response.authenticatorData`.
    pub authenticator: String,
    /// `response.signature`.
    pub signature: String,
    /// `response.userHandle`: whose it is.
    #[serde(default)]
    pub user: Option<String>,
}

/// A passkey as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// The credential's id.
    pub id: Vec<u8>,
    /// The public key in COSE form.
    pub key: Vec<u8>,
    /// How often it signed, where the device counts; else 0.
    pub counter: i64,
}

fn bytes(text: &str) -> Result<Vec<u8>, PasskeyError> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| PasskeyError::Unreadable)
}

/// The challenge that an answer was made for: it says which row of ours to look at, and proves nothing by itself.
///
/// # Errors
/// [`PasskeyError::Unreadable`].
pub(crate) fn challenge_of(client_data: &str) -> Result<Vec<u8>, PasskeyError> {
    let data: ClientData = serde_json::from_slice(&bytes(client_data)?).map_err(|_| PasskeyError::Unreadable)?;
    bytes(&data.challenge)
}

/// The client data's bytes, once kind, challenge and page are right.
fn client_data(text: &str, kind: &str, challenge: &[u8], site: &RelyingParty) -> Result<Vec<u8>, PasskeyError> {
    let raw = bytes(text)?;
    let data: ClientData = serde_json::from_slice(&raw).map_err(|_| PasskeyError::Unreadable)?;
    let here = data.kind == kind && bytes(&data.challenge)? == challenge && !data.cross_origin && site.origins.contains(&data.origin);
    if here { Ok(raw) } else { Err(PasskeyError::Elsewhere) }
}

/// What the device says, after its first checks: flags, counter, and what follows them.
struct AuthenticatorData<'d> {
    counter: i64,
    rest: &'d [u8],
    carries_key: bool,
}

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const CARRIES_KEY: u8 = 1 << 6;

fn authenticator_data<'d>(data: &'d [u8], site: &RelyingParty) -> Result<AuthenticatorData<'d>, PasskeyError> {
    let (site_hash, rest) = data.split_first_chunk::<32>().ok_or(PasskeyError::Unreadable)?;
    let (flags, rest) = rest.split_first().ok_or(PasskeyError::Unreadable)?;
    let (counter, rest) = rest.split_first_chunk::<4>().ok_or(PasskeyError::Unreadable)?;
    if site_hash.as_slice() != Sha256::digest(site.id.as_bytes()).as_slice() {
        return Err(PasskeyError::Elsewhere);
    }
    if flags & USER_PRESENT == 0 || flags & USER_VERIFIED == 0 {
        return Err(PasskeyError::Unverified);
    }
    Ok(AuthenticatorData { counter: i64::from(u32::from_be_bytes(*counter)), rest, carries_key: flags & CARRIES_KEY != 0 })
}

/// Reads a new passkey (section 7.1) made for this challenge.
///
/// # Errors
/// Why it does not count.
pub fn created(made: &Created, challenge: &[u8], site: &RelyingParty) -> Result<Passkey, PasskeyError> {
    client_data(&made.client_data, "webauthn.create", challenge, site)?;
    let attestation = bytes(&made.attestation)?;
    let object: Cbor =
        ciborium::de::from_reader_with_recursion_limit(attestation.as_slice(), DEPTH_MAX).map_err(|_| PasskeyError::Unreadable)?;
    let Cbor::Map(entries) = object else { return Err(PasskeyError::Unreadable) };
    let found = entries.iter().find(|(name, _)| name.as_text() == Some("authData")).and_then(|(_, value)| value.as_bytes());
    let data = authenticator_data(found.ok_or(PasskeyError::Unreadable)?, site)?;
    if !data.carries_key {
        return Err(PasskeyError::Unreadable);
    }
    // Sixteen bytes name the make of the device: not ours to know.
    let (_make, rest) = data.rest.split_first_chunk::<16>().ok_or(PasskeyError::Unreadable)?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or(PasskeyError::Unreadable)?;
    let length = usize::from(u16::from_be_bytes(*length));
    if length == 0 || length > ID_BYTES_MAX {
        return Err(PasskeyError::Unreadable);
    }
    let (id, key) = rest.split_at_checked(length).ok_or(PasskeyError::Unreadable)?;
    // Extensions may stand behind the key: it is written again, alone.
    let cose: Cbor = ciborium::de::from_reader_with_recursion_limit(key, DEPTH_MAX).map_err(|_| PasskeyError::Unreadable)?;
    let mut alone = Vec::new();
    ciborium::into_writer(&cose, &mut alone).map_err(|_| PasskeyError::Unreadable)?;
    if alone.len() > KEY_BYTES_MAX {
        return Err(PasskeyError::Unreadable);
    }
    PublicKey::read(&alone)?;
    Ok(Passkey { id: id.to_vec(), key: alone, counter: data.counter })
}

/// Checks a passkey's answer to this challenge (section 7.2); the counter to keep.
///
/// # Errors
/// Why it does not count.
pub fn answered(answer: &Answered, challenge: &[u8], site: &RelyingParty, kept: &Passkey) -> Result<i64, PasskeyError> {
    let client_data = client_data(&answer.client_data, "webauthn.get", challenge, site)?;
    let authenticator = bytes(&answer.authenticator)?;
    let data = authenticator_data(&authenticator, site)?;
    let signed = [authenticator.as_slice(), Sha256::digest(&client_data).as_slice()].concat();
    PublicKey::read(&kept.key)?.verify(&signed, &bytes(&answer.signature)?)?;
    // A device that does not count says 0 each time.
    if (data.counter > 0 || kept.counter > 0) && data.counter <= kept.counter {
        return Err(PasskeyError::Counter);
    }
    Ok(data.counter)
}

/// The id that an answer names.
pub(crate) fn id_of(answer: &Answered) -> Result<Vec<u8>, PasskeyError> {
    bytes(&answer.id).and_then(|id| if id.is_empty() || id.len() > ID_BYTES_MAX { Err(PasskeyError::Unreadable) } else { Ok(id) })
}

/// Whose the answer says it is; `None` where it does not say.
pub(crate) fn user_of(answer: &Answered) -> Result<Option<Vec<u8>>, PasskeyError> {
    answer.user.as_deref().filter(|user| !user.is_empty()).map(bytes).transpose()
}

/// A public key (RFC 9053, RFC 8230).
enum PublicKey {
    /// ES256: the point, uncompressed.
    P256(Vec<u8>),
    /// EdDSA over Ed25519.
    Ed25519(Vec<u8>),
    /// RS256: modulus and exponent.
    Rsa(Vec<u8>, Vec<u8>),
}

impl PublicKey {
    fn read(cose: &[u8]) -> Result<PublicKey, PasskeyError> {
        let Ok(Cbor::Map(entries)) = ciborium::de::from_reader_with_recursion_limit::<Cbor, _>(cose, DEPTH_MAX) else {
            return Err(PasskeyError::Unreadable);
        };
        let at = |label: i64| entries.iter().find(|(name, _)| name.as_integer() == Some(label.into())).map(|(_, value)| value);
        let number = |label| at(label).and_then(Cbor::as_integer).and_then(|value| i64::try_from(value).ok());
        let part = |label| at(label).and_then(Cbor::as_bytes).cloned().ok_or(PasskeyError::Unreadable);
        // Kind of key, algorithm, curve.
        match (number(1), number(3), number(-1)) {
            (Some(2), Some(-7), Some(1)) => {
                let (x, y) = (part(-2)?, part(-3)?);
                if x.len() != 32 || y.len() != 32 {
                    return Err(PasskeyError::Unreadable);
                }
                Ok(PublicKey::P256([&[4], x.as_slice(), y.as_slice()].concat()))
            }
            (Some(1), Some(-8), Some(6)) => part(-2).map(PublicKey::Ed25519),
            (Some(3), Some(-257), _) => Ok(PublicKey::Rsa(part(-1)?, part(-2)?)),
            _ => Err(PasskeyError::Algorithm),
        }
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), PasskeyError> {
        let verified = match self {
            PublicKey::P256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature),
            PublicKey::Ed25519(point) => UnparsedPublicKey::new(&ED25519, point).verify(message, signature),
            PublicKey::Rsa(n, e) => RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature),
        };
        verified.map_err(|_| PasskeyError::Signature)
    }
}

#[cfg(test)]
mod tests;
