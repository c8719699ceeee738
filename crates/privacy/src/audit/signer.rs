//! The log's own key: Ed25519. Its public half is what others keep to check heads, receipts and exports with.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

/// Signs for the log. Made by the key store alone.
#[derive(Clone)]
pub struct Signer(Arc<Ed25519KeyPair>);

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(…)")
    }
}

impl Signer {
    /// The key that grows from this seed; `None` when the library refuses it.
    pub(crate) fn from_seed(seed: &[u8; 32]) -> Option<Signer> {
        Ed25519KeyPair::from_seed_unchecked(seed).ok().map(|pair| Signer(Arc::new(pair)))
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        // A public key of Ed25519 has 32 bytes.
        PublicKey(self.0.public_key().as_ref().first_chunk::<32>().copied().unwrap_or_default())
    }

    /// Signs. What is signed begins with words of its own for each use, so that no signature passes for another's.
    pub(crate) fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).as_ref().first_chunk::<64>().copied().unwrap_or([0; 64]))
    }
}

/// The public half of a log's key; written as base64.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// Whether that key signed the message.
    pub(crate) fn has_signed(&self, message: &[u8], signature: &Signature) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(message, &signature.0).is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for PublicKey {
    type Err = NotBase64;
    fn from_str(text: &str) -> Result<PublicKey, NotBase64> {
        decoded(text).map(PublicKey)
    }
}

/// A signature of a log's key; written as base64.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Signature {
    type Err = NotBase64;
    fn from_str(text: &str) -> Result<Signature, NotBase64> {
        decoded(text).map(Signature)
    }
}

/// The text is not base64 of as many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotBase64;

fn decoded<const N: usize>(text: &str) -> Result<[u8; N], NotBase64> {
    STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(NotBase64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// RFC 8032, section 7.1, the first test: seed, public key and signature of the empty message.
    #[test]
    fn it_signs_as_the_standard_says() {
        let bytes = |hex: &str| (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap()).collect::<Vec<u8>>();
        let seed = bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let signer = Signer::from_seed(&seed.try_into().unwrap()).unwrap();
        assert_eq!(signer.public().0.to_vec(), bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
        let signature = signer.sign(b"");
        let expected = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
        assert_eq!(signature.0.to_vec(), bytes(expected));
        assert!(signer.public().has_signed(b"", &signature) && !signer.public().has_signed(b"x", &signature));
        assert_eq!(signature.to_string().parse(), Ok(signature));
        assert_eq!("AAAA".parse::<PublicKey>(), Err(NotBase64));
    }
}
