//! Who carries messages, as the settings name them: the carriers on the register of recipients (clause 4.1).

use clock::jiff::civil::{Date, date};
use privacy::Recipient;
use privacy::disclosure::Registered;

use crate::app::StartError;
use crate::settings::{EmailSettings, Settings, SmsSettings};

/// The first and the last day of what has no contract because nothing leaves.
const ALWAYS: (i64, i64) = (0, i64::MAX);

/// A carrier and the contract that binds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarrierTerms {
    /// Its name.
    pub name: String,
    /// Where it is: ISO 3166 alpha-2; `None`: at home.
    pub country: Option<String>,
    /// Number and day of the contract.
    pub contract: String,
    /// SHA-256, in hex, of its clause on confidentiality; empty when it is not given.
    pub clause: String,
    /// The first day of the contract.
    pub from_on: Date,
    /// The last day of the contract.
    pub until_on: Date,
    /// The version of the notice that the carrier has acknowledged; 0: none.
    pub notice: i64,
}

/// The names of the settings, behind their section's: `sms_`, `email_`.
const KEYS: [&str; 7] = ["carrier", "carrier_country", "contract", "contract_clause", "contract_from", "contract_until", "contract_notice"];

/// Reads the carrier of a section; `None` when none of its settings is there.
///
/// # Errors
/// One line: which key, what is wrong.
pub(crate) fn read<'k>(get: &impl Fn(&str) -> Option<&'k str>, section: &str) -> Result<Option<CarrierTerms>, String> {
    let named = |key: &str| format!("{section}_{key}");
    let value = |key: &str| get(&named(key));
    if KEYS.iter().all(|key| value(key).is_none()) {
        return Ok(None);
    }
    let wanted = |key: &str| value(key).map(str::to_owned).ok_or(format!("`{}` is missing: {WANTED}", named(key)));
    let day = |key: &str| wanted(key)?.parse::<Date>().map_err(|_| format!("`{}`: a day like 2026-12-31 is expected", named(key)));
    let country = value("carrier_country").map(str::to_owned);
    if country.as_ref().is_some_and(|code| code.len() != 2 || !code.bytes().all(|letter| letter.is_ascii_uppercase())) {
        return Err(format!("`{}`: the two capital letters of ISO 3166 are expected", named("carrier_country")));
    }
    let clause = value("contract_clause").unwrap_or_default().to_ascii_lowercase();
    if !clause.is_empty() && (clause.len() != 64 || !clause.bytes().all(|digit| digit.is_ascii_hexdigit())) {
        return Err(format!("`{}`: SHA-256 in hex is expected, 64 digits", named("contract_clause")));
    }
    let notice = value("contract_notice").map_or(Ok(0), str::parse::<i64>);
    Ok(Some(CarrierTerms {
        name: wanted("carrier")?,
        country,
        contract: wanted("contract")?,
        clause,
        from_on: day("contract_from")?,
        until_on: day("contract_until")?,
        notice: notice.map_err(|_| format!("`{}`: the number of the notice's version is expected", named("contract_notice")))?,
    }))
}

const WANTED: &str = "a carrier has a name, a contract, and the days on which it begins and ends";

/// The carriers in force. Where messages are kept instead of sent, the outbox of this program stands in their place; the demo invents some.
///
/// # Errors
/// Something leaves, and the settings do not say who carries it.
pub fn carriers(settings: &Settings, home: &str) -> Result<Vec<Registered>, StartError> {
    let text_leaves = matches!(settings.sms, SmsSettings::Http { .. });
    let ways = [
        (Recipient::SmsCarrier, "sms", &settings.sms_carrier, Some(text_leaves), "«Пример-СМС», вымышленный оператор"),
        (
            Recipient::MailCarrier,
            "email",
            &settings.email_carrier,
            match &settings.email {
                EmailSettings::Off => None,
                EmailSettings::Log => Some(false),
                EmailSettings::Smtp(_) => Some(true),
            },
            "«Пример-почта», вымышленный оператор",
        ),
    ];
    let mut carriers = Vec::new();
    for (kind, section, named, leaves, invented) in ways {
        let registered = match (named, leaves) {
            (_, None) => continue,
            (Some(terms), Some(_)) => of_terms(kind, terms, home),
            (None, Some(_)) if settings.demo => nobody(kind, invented, "демо", home),
            (None, Some(false)) => nobody(kind, "исходящие этой программы", "ничего не уходит", home),
            (None, Some(true)) => {
                return Err(StartError(format!(
                    "the settings do not say who carries what leaves by [{section}]; write there carrier, contract, contract_from and contract_until (clause 4.1 of the policy)"
                )));
            }
        };
        carriers.push(registered);
    }
    Ok(carriers)
}

fn of_terms(kind: Recipient, terms: &CarrierTerms, home: &str) -> Registered {
    Registered {
        id: Registered::id_of(kind, &terms.name),
        kind,
        name: terms.name.clone(),
        country: terms.country.clone().unwrap_or_else(|| home.to_owned()),
        contract: terms.contract.clone(),
        clause: terms.clause.clone(),
        from_on: number(terms.from_on),
        until_on: number(terms.until_on),
        notice: terms.notice,
        active: true,
    }
}

/// Who stands on the register where nothing reaches anybody. It has nothing to acknowledge.
fn nobody(kind: Recipient, name: &str, contract: &str, home: &str) -> Registered {
    Registered {
        id: Registered::id_of(kind, name),
        kind,
        name: name.to_owned(),
        country: home.to_owned(),
        contract: contract.to_owned(),
        clause: "0".repeat(64),
        from_on: ALWAYS.0,
        until_on: ALWAYS.1,
        notice: i64::MAX,
        active: true,
    }
}

/// The day's number, counted since 1970-01-01.
fn number(day: Date) -> i64 {
    day.since(date(1970, 1, 1)).map_or(0, |since| i64::from(since.get_days()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn terms(pairs: &[(&str, &str)]) -> Result<Option<CarrierTerms>, String> {
        read(&|key: &str| pairs.iter().find(|(name, _)| *name == key).map(|(_, value)| *value), "sms")
    }

    #[test]
    fn a_carrier_is_read_whole_or_refused() {
        let whole =
            [("sms_carrier", "Carrier"), ("sms_contract", "7"), ("sms_contract_from", "1970-01-02"), ("sms_contract_until", "2026-12-31")];
        let read = terms(&whole).unwrap().unwrap();
        assert_eq!((read.notice, number(read.from_on), number(read.until_on)), (0, 1, 20_818));
        assert_eq!(of_terms(Recipient::SmsCarrier, &read, "KZ").country, "KZ", "at home, unless the settings say where");
        assert_eq!(terms(&[]).unwrap(), None);
        for without in 0..whole.len() {
            let mut some = whole.to_vec();
            let (gone, _) = some.remove(without);
            assert!(terms(&some).unwrap_err().starts_with(&format!("`{gone}` is missing")), "{gone}");
        }
        for (key, wrong) in [
            ("sms_contract_until", "soon"),
            ("sms_carrier_country", "Russia"),
            ("sms_contract_clause", "abc"),
            ("sms_contract_notice", "first"),
        ] {
            let mut some: Vec<_> = whole.into_iter().filter(|(name, _)| *name != key).collect();
            some.push((key, wrong));
            assert!(terms(&some).unwrap_err().starts_with(&format!("`{key}`")), "{key}");
        }
    }
}
