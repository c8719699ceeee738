//! The register of recipients (clause 4.1): who gets data, where they are, under which contract, and whether they were told what for.

use db::reexport::uuid_from_mac;
use db::{DbError, Tx};
use serde::Deserialize;

use super::NotDisclosed;
use crate::consent::sha256_hex;
use crate::keys::mac;
use crate::store::disclosure as store;
use crate::vocabulary::Recipient;

db::id!(
    /// A recipient's id: a clinic's is its own in the directory.
    pub RecipientId
);

/// Recipients listed at most.
const LISTED_MAX: i64 = 10_000;

/// The contract of a clinic that has none of its own on the register: the agreement by which it stands in the directory. It runs as long as
/// it stands there. Such a clinic gets word of visits booked with it, whether or not it has acknowledged the notice; how many have not,
/// `recomed policy check` says.
pub const BY_DIRECTORY: &str = "directory";

/// A recipient on the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// Its id.
    pub id: RecipientId,
    /// What it is.
    pub kind: Recipient,
    /// Its name.
    pub name: String,
    /// Where it is: ISO 3166 alpha-2.
    pub country: String,
    /// Which contract binds it; [`BY_DIRECTORY`] for a clinic without another.
    pub contract: String,
    /// SHA-256, in hex, of the contract's clause on confidentiality (clause 4.2 b); empty when nobody has given it.
    pub clause: String,
    /// The first day of the contract, counted since 1970-01-01.
    pub from_on: i64,
    /// The last day of the contract.
    pub until_on: i64,
    /// The version of the notice that it has acknowledged (clause 4.2 a); 0: none.
    pub notice: i64,
    /// Whether anything may go to it.
    pub active: bool,
}

impl Registered {
    /// The id of a carrier: the same kind and name are the same carrier, after every start.
    pub fn id_of(kind: Recipient, name: &str) -> RecipientId {
        RecipientId(uuid_from_mac(&mac(&[0; 32], &[b"recipient", kind.code().as_bytes(), name.as_bytes()])))
    }

    /// Whether its contract runs on that day.
    pub fn has_contract_on(&self, day: i64) -> bool {
        self.active && !self.contract.is_empty() && self.from_on <= day && day <= self.until_on
    }
}

/// A clinic as the directory knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clinic<'a> {
    /// Its id in the directory.
    pub id: [u8; 16],
    /// Its name.
    pub name: &'a str,
    /// The country of the visit's city.
    pub country: &'a str,
}

/// What every recipient is told: that what it gets is for the named purpose alone (clause 4.2 a).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its version.
    pub version: i64,
    /// Its text in Russian, which is the one that counts.
    pub text: &'static str,
    /// SHA-256 of that text, in hex.
    pub sha256: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VersionFile {
    version: i64,
}

impl Notice {
    /// The notice in force.
    ///
    /// # Errors
    /// The version file cannot be read.
    pub fn in_force() -> Result<Notice, String> {
        let file = include_str!("../../../../policy/notices/recipient/version.toml");
        let read: VersionFile =
            toml::from_str(file).map_err(|error| format!("policy/notices/recipient/version.toml: {}", error.message()))?;
        let text = include_str!("../../../../policy/notices/recipient/ru.md").trim();
        Ok(Notice { version: read.version, text, sha256: sha256_hex(text.as_bytes()) })
    }
}

/// Brings the register to what the settings name: these carriers are active with these contracts, any other of their kinds is not, and a
/// kind of carrier that is not named has none.
///
/// # Errors
/// A fault of the database.
pub async fn register(tx: &mut Tx, carriers: &[Registered]) -> Result<(), DbError> {
    for kind in [Recipient::SmsCarrier, Recipient::MailCarrier] {
        let active: Vec<&Registered> = carriers.iter().filter(|carrier| carrier.kind == kind && carrier.active).take(1).collect();
        store::retire(tx, kind, active.first().map(|carrier| carrier.id)).await?;
        for carrier in active {
            store::put(tx, carrier).await?;
        }
    }
    Ok(())
}

/// Everybody on the register, by kind and name, at most ten thousand.
///
/// # Errors
/// A fault of the database.
pub async fn registered(tx: &mut Tx) -> Result<Vec<Registered>, DbError> {
    store::recipients(tx, LISTED_MAX).await
}

/// The active one of that kind.
pub(super) async fn of_kind(tx: &mut Tx, kind: Recipient) -> Result<Option<Registered>, DbError> {
    store::active(tx, kind).await
}

/// The clinic's place on the register, made when it has none. What the directory says of name and country goes in, unless the clinic has a
/// contract of its own there.
pub(super) async fn of_directory(tx: &mut Tx, clinic: Clinic<'_>) -> Result<Registered, NotDisclosed> {
    let id = RecipientId(db::reexport::Uuid::from_bytes(clinic.id));
    let known = store::recipient(tx, id).await?;
    if let Some(known) = &known
        && (known.contract != BY_DIRECTORY || (known.name == clinic.name && known.country == clinic.country))
    {
        return Ok(known.clone());
    }
    let fresh = Registered {
        id,
        kind: Recipient::Organization,
        name: clinic.name.to_owned(),
        country: clinic.country.to_owned(),
        contract: BY_DIRECTORY.to_owned(),
        clause: known.as_ref().map(|known| known.clause.clone()).unwrap_or_default(),
        from_on: 0,
        until_on: i64::MAX,
        notice: known.as_ref().map_or(0, |known| known.notice),
        active: known.is_none_or(|known| known.active),
    };
    store::put(tx, &fresh).await?;
    Ok(fresh)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contract_runs_from_its_first_to_its_last_day() {
        let carrier = Registered {
            id: Registered::id_of(Recipient::SmsCarrier, "Carrier"),
            kind: Recipient::SmsCarrier,
            name: "Carrier".into(),
            country: "RU".into(),
            contract: "1".into(),
            clause: String::new(),
            from_on: 10,
            until_on: 12,
            notice: 0,
            active: true,
        };
        let days = |carrier: &Registered| (8..15).filter(|day| carrier.has_contract_on(*day)).collect::<Vec<i64>>();
        assert_eq!(days(&carrier), [10, 11, 12]);
        assert_eq!(days(&Registered { active: false, ..carrier.clone() }), [0; 0]);
        assert_eq!(days(&Registered { contract: String::new(), ..carrier.clone() }), [0; 0]);
        assert_eq!(carrier.id, Registered::id_of(Recipient::SmsCarrier, "Carrier"));
        assert_ne!(carrier.id, Registered::id_of(Recipient::MailCarrier, "Carrier"));
        assert_ne!(carrier.id, Registered::id_of(Recipient::SmsCarrier, "Another"));
    }

    #[test]
    fn the_notice_is_whole() {
        let notice = Notice::in_force().unwrap();
        assert!(notice.version >= 1 && notice.text.len() > 100 && !notice.text.contains('{'));
    }
}
