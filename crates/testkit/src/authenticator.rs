//! A device that makes passkeys, as a browser hands its answers on.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciborium::Value as Cbor;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Present, verified.
const FLAGS: u8 = 1 | 1 << 2;
const CARRIES_KEY: u8 = 1 << 6;

/// A device with one passkey.
pub struct Authenticator {
    pair: EcdsaKeyPair,
    id: Vec<u8>,
    /// The page that it believes to be on.
    pub origin: String,
    /// How often it has signed.
    pub counter: u32,
}

impl Authenticator {
    /// A new one, on a page of this origin.
    pub fn new(origin: &str) -> Authenticator {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random).unwrap();
        let id = Sha256::digest(pair.public_key().as_ref()).to_vec();
        Authenticator { pair, id, origin: origin.to_owned(), counter: 0 }
    }

    fn data(&self, asked: &Value, flags: u8, more: &[u8]) -> Vec<u8> {
        let site = Sha256::digest(asked["site"].as_str().unwrap().as_bytes());
        [site.as_slice(), &[flags], &self.counter.to_be_bytes(), more].concat()
    }

    fn client_data(&self, asked: &Value, kind: &str) -> Vec<u8> {
        json!({"type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": false}).to_string().into_bytes()
    }

    /// A new passkey for what the page was asked.
    pub fn create(&self, asked: &Value) -> Value {
        let number = |n: i64| Cbor::Integer(n.into());
        let point = self.pair.public_key().as_ref();
        let key = Cbor::Map(vec![
            (number(1), number(2)),
            (number(3), number(-7)),
            (number(-1), number(1)),
            (number(-2), Cbor::Bytes(point[1..33].to_vec())),
            (number(-3), Cbor::Bytes(point[33..].to_vec())),
        ]);
        let mut cose = Vec::new();
        ciborium::into_writer(&key, &mut cose).unwrap();
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let carried = [&[0; 16], length.as_slice(), &self.id, &cose].concat();
        let object = Cbor::Map(vec![
            (Cbor::Text("fmt".into()), Cbor::Text("none".into())),
            (Cbor::Text("attStmt".into()), Cbor::Map(Vec::new())),
            (Cbor::Text("authData".into()), Cbor::Bytes(self.data(asked, FLAGS | CARRIES_KEY, &carried))),
        ]);
        let mut attestation = Vec::new();
        ciborium::into_writer(&object, &mut attestation).unwrap();
        json!({"name": "Проба", "made": {
            "client_data": URL_SAFE_NO_PAD.encode(self.client_data(asked, "webauthn.create")),
            "attestation": URL_SAFE_NO_PAD.encode(attestation),
        }})
    }

    /// The answer to what the page was asked.
    pub fn answer(&mut self, asked: &Value) -> Value {
        self.counter += 1;
        let (data, client_data) = (self.data(asked, FLAGS, &[]), self.client_data(asked, "webauthn.get"));
        let signed = [data.as_slice(), Sha256::digest(&client_data).as_slice()].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &signed).unwrap();
        json!({
            "id": URL_SAFE_NO_PAD.encode(&self.id),
            "client_data": URL_SAFE_NO_PAD.encode(client_data),
            "authenticator": URL_SAFE_NO_PAD.encode(data),
            "signature": URL_SAFE_NO_PAD.encode(signature),
            "user": null,
        })
    }
}
