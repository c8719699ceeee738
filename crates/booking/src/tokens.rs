//! Tokens: who shows one may see and change the visit it belongs to. Recomputed, never stored; compared in constant time.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use privacy::KeyStore;
use subtle::ConstantTimeEq as _;

use crate::appointment::AppointmentId;

/// The person's token: see, move, cancel (`manage_token`).
pub(crate) fn manage(keys: &KeyStore, visit: AppointmentId) -> String {
    URL_SAFE_NO_PAD.encode(keys.token("manage", &visit.bytes()))
}

/// The clinic's token: see time, doctor and state.
pub(crate) fn clinic(keys: &KeyStore, visit: AppointmentId) -> String {
    URL_SAFE_NO_PAD.encode(keys.token("clinic", &visit.bytes()))
}

/// Whether `shown` is `expected`.
pub(crate) fn same(expected: &str, shown: &str) -> bool {
    expected.as_bytes().ct_eq(shown.as_bytes()).into()
}
