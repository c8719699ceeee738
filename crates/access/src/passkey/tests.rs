//! A device of the test's own, which signs as real ones do; and everything that can be wrong with its answers.
#![allow(clippy::unwrap_used)]

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::json;

use super::*;

const CHALLENGE: [u8; 32] = [7; 32];

fn site() -> RelyingParty {
    RelyingParty::of("https://visits.example").unwrap()
}

enum Pair {
    P256(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

/// A device with one passkey.
struct Device {
    pair: Pair,
    id: Vec<u8>,
    flags: u8,
    counter: u32,
    site: String,
    origin: String,
}

impl Device {
    fn new(elliptic: bool) -> Device {
        let random = SystemRandom::new();
        let pair = if elliptic {
            let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
            Pair::P256(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random).unwrap())
        } else {
            Pair::Ed(Ed25519KeyPair::from_pkcs8(Ed25519KeyPair::generate_pkcs8(&random).unwrap().as_ref()).unwrap())
        };
        let (site, origin) = ("visits.example".into(), "https://visits.example".into());
        Device { pair, id: vec![1, 2, 3], flags: USER_PRESENT | USER_VERIFIED, counter: 1, site, origin }
    }

    fn cose(&self) -> Vec<u8> {
        let number = |n: i64| Cbor::Integer(n.into());
        let map = match &self.pair {
            Pair::P256(pair) => {
                let point = pair.public_key().as_ref();
                vec![
                    (number(1), number(2)),
                    (number(3), number(-7)),
                    (number(-1), number(1)),
                    (number(-2), Cbor::Bytes(point[1..33].to_vec())),
                    (number(-3), Cbor::Bytes(point[33..].to_vec())),
                ]
            }
            Pair::Ed(pair) => vec![
                (number(1), number(1)),
                (number(3), number(-8)),
                (number(-1), number(6)),
                (number(-2), Cbor::Bytes(pair.public_key().as_ref().to_vec())),
            ],
        };
        let mut out = Vec::new();
        ciborium::into_writer(&Cbor::Map(map), &mut out).unwrap();
        out
    }

    fn data(&self, more: &[u8], flags: u8) -> Vec<u8> {
        [Sha256::digest(self.site.as_bytes()).as_slice(), &[flags], &self.counter.to_be_bytes(), more].concat()
    }

    fn client_data(&self, kind: &str) -> Vec<u8> {
        let challenge = URL_SAFE_NO_PAD.encode(CHALLENGE);
        json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false}).to_string().into_bytes()
    }

    fn create(&self) -> Created {
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let carried = [&[0; 16], length.as_slice(), &self.id, &self.cose()].concat();
        let object = Cbor::Map(vec![
            (Cbor::Text("fmt".into()), Cbor::Text("none".into())),
            (Cbor::Text("attStmt".into()), Cbor::Map(Vec::new())),
            (Cbor::Text("authData".into()), Cbor::Bytes(self.data(&carried, self.flags | CARRIES_KEY))),
        ]);
        let mut attestation = Vec::new();
        ciborium::into_writer(&object, &mut attestation).unwrap();
        Created {
            client_data: URL_SAFE_NO_PAD.encode(self.client_data("webauthn.create")),
            attestation: URL_SAFE_NO_PAD.encode(attestation),
        }
    }

    fn answer(&self) -> Answered {
        let (data, client_data) = (self.data(&[], self.flags), self.client_data("webauthn.get"));
        let signed = [data.as_slice(), Sha256::digest(&client_data).as_slice()].concat();
        let signature = match &self.pair {
            Pair::P256(pair) => pair.sign(&SystemRandom::new(), &signed).unwrap().as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(&signed).as_ref().to_vec(),
        };
        Answered {
            id: URL_SAFE_NO_PAD.encode(&self.id),
            client_data: URL_SAFE_NO_PAD.encode(client_data),
            authenticator: URL_SAFE_NO_PAD.encode(data),
            signature: URL_SAFE_NO_PAD.encode(signature),
            user: None,
        }
    }
}

#[test]
fn a_passkey_is_made_and_answers() {
    for elliptic in [true, false] {
        let mut device = Device::new(elliptic);
        let kept = created(&device.create(), &CHALLENGE, &site()).unwrap();
        assert_eq!((kept.id.as_slice(), kept.counter), ([1, 2, 3].as_slice(), 1));
        device.counter = 2;
        assert_eq!(answered(&device.answer(), &CHALLENGE, &site(), &kept), Ok(2));
        // A device that does not count.
        device.counter = 0;
        assert_eq!(answered(&device.answer(), &CHALLENGE, &site(), &Passkey { counter: 0, ..kept }), Ok(0));
    }
}

#[test]
fn what_is_wrong_with_an_answer_is_found() {
    let sound = || {
        let mut device = Device::new(true);
        let kept = created(&device.create(), &CHALLENGE, &site()).unwrap();
        device.counter = 2;
        (device, kept)
    };
    let refused = |device: &Device, kept: &Passkey| answered(&device.answer(), &CHALLENGE, &site(), kept).unwrap_err();

    let (mut device, kept) = sound();
    device.origin = "https://visits.example.evil.test".into();
    assert_eq!(refused(&device, &kept), PasskeyError::Elsewhere);
    assert_eq!(created(&device.create(), &CHALLENGE, &site()), Err(PasskeyError::Elsewhere));

    let (mut device, kept) = sound();
    device.site = "other.example".into();
    assert_eq!(refused(&device, &kept), PasskeyError::Elsewhere);

    let (mut device, kept) = sound();
    device.flags = USER_PRESENT;
    assert_eq!(refused(&device, &kept), PasskeyError::Unverified);
    assert_eq!(created(&device.create(), &CHALLENGE, &site()), Err(PasskeyError::Unverified));

    let (mut device, kept) = sound();
    device.counter = 1;
    assert_eq!(refused(&device, &kept), PasskeyError::Counter);

    let (device, kept) = sound();
    assert_eq!(answered(&device.answer(), &[8; 32], &site(), &kept), Err(PasskeyError::Elsewhere), "another challenge");
    let mut answer = device.answer();
    answer.client_data = device.create().client_data;
    assert_eq!(answered(&answer, &CHALLENGE, &site(), &kept), Err(PasskeyError::Elsewhere), "another act");
    let other = created(&Device::new(true).create(), &CHALLENGE, &site()).unwrap();
    assert_eq!(refused(&device, &other), PasskeyError::Signature);
    let mut answer = device.answer();
    answer.signature = URL_SAFE_NO_PAD.encode([0; 70]);
    assert_eq!(answered(&answer, &CHALLENGE, &site(), &kept), Err(PasskeyError::Signature));
}

/// Whatever bytes come: an error, never an end of the program.
#[test]
fn no_bytes_end_the_program() {
    let device = Device::new(true);
    let whole = URL_SAFE_NO_PAD.decode(device.create().attestation).unwrap();
    for end in 0..whole.len() {
        let cut = Created { attestation: URL_SAFE_NO_PAD.encode(&whole[..end]), ..device.create() };
        assert!(created(&cut, &CHALLENGE, &site()).is_err(), "{end}");
    }
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 0xff;
        let _any = created(&Created { attestation: URL_SAFE_NO_PAD.encode(changed), ..device.create() }, &CHALLENGE, &site());
    }
    let deep = Created { attestation: URL_SAFE_NO_PAD.encode([0x81; 100_000]), ..device.create() };
    assert_eq!(created(&deep, &CHALLENGE, &site()), Err(PasskeyError::Unreadable));
    let huge = Created { attestation: URL_SAFE_NO_PAD.encode([0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), ..device.create() };
    assert_eq!(created(&huge, &CHALLENGE, &site()), Err(PasskeyError::Unreadable));
}

#[test]
fn a_site_is_known_by_its_name() {
    let of = |url: &str| RelyingParty::of(url).map(|site| (site.id, site.origins[0].clone()));
    let is = |id: &str, origin: &str| Some((id.to_owned(), origin.to_owned()));
    assert_eq!(of("https://Visits.example/"), is("visits.example", "https://visits.example"));
    assert_eq!(of("https://visits.example:8443"), is("visits.example", "https://visits.example:8443"));
    assert_eq!(of("http://127.0.0.1:8080"), is("localhost", "http://localhost:8080"));
    assert_eq!(of("http://[::1]:8080"), is("localhost", "http://localhost:8080"));
    assert_eq!(of("http://visits.example"), None, "browsers make no passkeys for plain http");
    assert_eq!(of("https://10.0.0.1"), None);
    assert_eq!(of("nonsense"), None);
}
