//! The closed vocabularies of the policy: what data is, why and by right of what it is used, what is done with it, who gets it, whose it
//! is. Each word has a code, under which logs and files name it and which therefore never changes, and the clause it comes from.

mod basis;
mod category;
mod clause;
mod field;
mod item;
mod operation;
mod purpose;
mod recipient;

pub use basis::{LegalBasis, OwnDocument};
pub use category::{DataCategory, Subject};
pub use clause::Clause;
pub use field::Field;
pub use item::Item;
pub use operation::Operation;
pub use purpose::Purpose;
pub use recipient::Recipient;

/// A closed list of words with their codes: the enum, `ALL` in the order of the list, `code` and `from_code`.
macro_rules! closed {
    ($(#[$about:meta])* pub enum $name:ident { $($(#[$doc:meta])* $word:ident = $code:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$doc])* $word,)+
        }

        impl $name {
            /// All of them, in the order of the policy.
            pub const ALL: [$name; [$($name::$word),+].len()] = [$($name::$word),+];

            /// The word under which logs and files name it. It never changes.
            pub fn code(self) -> &'static str {
                match self {
                    $($name::$word => $code,)+
                }
            }

            /// The one with that code.
            pub fn from_code(code: &str) -> Option<$name> {
                $name::ALL.into_iter().find(|word| word.code() == code)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}
use closed;

/// The same, for words that also stand in files as their codes.
macro_rules! written {
    ($name:ident) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<$name, D::Error> {
                let code = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
                $name::from_code(&code).ok_or_else(|| {
                    let known: Vec<&str> = $name::ALL.into_iter().map($name::code).collect();
                    serde::de::Error::custom(format!("`{code}` is none of {}", known.join(", ")))
                })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.code())
            }
        }
    };
}
use written;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// No code stands for two words, and each leads back to its own.
    macro_rules! codes_lead_back {
        ($($name:ident)+) => {
            $(
                let codes: BTreeSet<&str> = $name::ALL.into_iter().map($name::code).collect();
                assert_eq!(codes.len(), $name::ALL.len(), stringify!($name));
                assert!($name::ALL.into_iter().all(|word| $name::from_code(word.code()) == Some(word)), stringify!($name));
                assert_eq!($name::from_code("nothing of ours"), None);
            )+
        };
    }

    #[test]
    fn each_code_is_one_words() {
        codes_lead_back!(Clause Purpose DataCategory Subject Recipient LegalBasis OwnDocument Operation Field Item);
    }

    /// What logs and requests of earlier versions hold must still be read: these codes are no longer ours to choose.
    #[test]
    fn codes_that_were_written_down_stay() {
        let operations = [Operation::Collect, Operation::Use, Operation::Refine, Operation::Provide, Operation::Delete];
        assert_eq!(operations.map(Operation::code), ["collect", "use", "refine", "provide", "delete"]);
        let purposes: Vec<String> = (1..=10).map(|number| format!("P{number}")).collect();
        assert_eq!(Purpose::ALL.map(Purpose::code).to_vec(), purposes);
        let categories: Vec<String> = (1..=10).map(|number| format!("C{number}")).collect();
        assert_eq!(DataCategory::ALL.map(DataCategory::code)[..10].to_vec(), categories);
        let fields = [
            (1, "name"),
            (2, "phone"),
            (3, "email"),
            (4, "sex"),
            (5, "age"),
            (6, "message"),
            (7, "relation"),
            (8, "representative"),
            (9, "declaration"),
        ];
        assert_eq!(Field::ALL.map(|field| (field.number(), field.code())), fields);
    }

    /// The policy lists its purposes with their codes, and so do the words of `Operation` and `Recipient` come from it.
    #[test]
    fn the_policy_names_each_purpose() {
        for text in [
            include_str!("../../../policy/text/kk.md"),
            include_str!("../../../policy/text/ru.md"),
            include_str!("../../../policy/text/en.md"),
        ] {
            let listed: Vec<&str> = text
                .lines()
                .skip_while(|line| !line.ends_with("{#2.1}"))
                .skip(1)
                .take_while(|line| line.starts_with("- "))
                .filter_map(|line| line.strip_prefix("- ")?.split(':').next())
                .collect();
            assert_eq!(listed, Purpose::ALL.map(Purpose::code));
        }
    }
}
