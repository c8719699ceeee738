//! Typed ids.

/// Declares a typed id: a 16-byte value that cannot be mixed up with another noun's. Stored as bytes, written as UUID text.
///
/// `random` makes a UUIDv4: the only kind allowed for people and for all that is sealed, since it tells no time (I5).
#[macro_export]
macro_rules! id {
    ($(#[$meta:meta])* $vis:vis $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, $crate::reexport::Serialize, $crate::reexport::Deserialize)]
        #[serde(transparent)]
        $vis struct $name(pub $crate::reexport::Uuid);

        impl $name {
            /// A new random id (UUIDv4).
            pub fn random(clock: &$crate::Clock) -> Self {
                Self($crate::reexport::random_uuid(clock))
            }
            /// The sixteen bytes as stored.
            pub fn bytes(&self) -> [u8; 16] {
                *self.0.as_bytes()
            }
        }
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }
        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0, f)
            }
        }
        impl ::std::str::FromStr for $name {
            type Err = $crate::reexport::UuidError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
        impl From<$name> for $crate::Value {
            fn from(id: $name) -> Self {
                $crate::Value::from(id.bytes())
            }
        }
        impl From<&$name> for $crate::Value {
            fn from(id: &$name) -> Self {
                $crate::Value::from(id.bytes())
            }
        }
        impl $crate::FromValue for $name {
            fn from_value(value: &$crate::Value) -> Option<Self> {
                <[u8; 16]>::from_value(value).map(|bytes| Self($crate::reexport::Uuid::from_bytes(bytes)))
            }
        }
    };
}

/// What [`id!`](crate::id) expands to; not for use by name.
#[doc(hidden)]
pub mod reexport {
    pub use serde::{Deserialize, Serialize};
    pub use uuid::{Error as UuidError, Uuid};

    /// A UUIDv8 of the first sixteen bytes.
    pub fn uuid_from_mac(mac: &[u8; 32]) -> Uuid {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&mac[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }

    pub fn random_uuid(clock: &crate::Clock) -> Uuid {
        uuid::Builder::from_random_bytes(clock.bytes()).into_uuid()
    }
}
