//! Settings: a TOML file, and for every key an environment variable `RECOMED_<SECTION>_<KEY>` that wins over it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use db::{Names, Place};
use notify::{SmtpTerms, Wire};
use privacy::OperatorIdentity;
use toml::Value;

use crate::recipients::CarrierTerms;

/// What the program is told. Read once at start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Address and port to listen on.
    pub listen: String,
    /// Address and port for the pages of staff alone; without one they stand on `listen` beside the others.
    pub staff_listen: Option<String>,
    /// How staff reach their pages; without one, as `public_url`.
    pub staff_url: Option<String>,
    /// Folder for what is not given its own place.
    pub data: PathBuf,
    /// The main database.
    pub database: Place,
    /// The key store, apart from it.
    pub keys: Place,
    /// The file with the master key.
    pub master_key_file: PathBuf,
    /// How people reach the site: `https://host`, without a slash at its end. `None`: the address listened on, as in the demo.
    pub public_url: Option<String>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: access::TrustedProxies,
    /// Who runs the site.
    pub operator: Option<OperatorIdentity>,
    /// The number to call in each city: code and E.164.
    pub phones: Vec<(String, String)>,
    /// Jurisdiction: `ru` or `kz`.
    pub profile: String,
    /// Where messages go.
    pub sms: SmsSettings,
    /// Who carries text messages, and under which contract.
    pub sms_carrier: Option<CarrierTerms>,
    /// Where letters go.
    pub email: EmailSettings,
    /// Who carries letters.
    pub email_carrier: Option<CarrierTerms>,
    /// Requests of one network in a second.
    pub requests_per_second: u32,
    /// Seconds a time is held, instead of the profile's term; for tests.
    pub hold_seconds: Option<i64>,
    /// `false` only for the test that proves that the durability check notices.
    pub sqlite_synchronous: bool,
    /// What the operator says of feeds, by their names: the tables `[[feed]]`.
    pub feeds: Vec<directory::fhir::Feed>,
    /// What the operator asks of clinics for visits that took place: the table `[tariffs]`.
    pub tariffs: Vec<booking::Tariff>,
    /// When the desk is staffed, and what it promises: the section `[desk]`.
    pub desk: DeskSettings,
    /// The demo: its numbers that cannot ring, its outbox.
    pub demo: bool,
    /// How many doctors a new demo has.
    pub practitioners: u64,
}

/// What a desk promises, in minutes of its opening hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskSettings {
    /// The week, as people write it.
    pub hours: String,
    /// The zone of those hours; when `None`, that of the first city of the profile's country.
    pub zone: Option<String>,
    /// Whoever waits for a call is called within these.
    pub promise_minutes: i64,
    /// A clinic, or a person to whom a time is proposed, answers within these; then the desk calls.
    pub answer_minutes: i64,
    /// After a call that nobody answers the next one comes after these.
    pub retry_minutes: i64,
    /// Such calls, after which a person counts as unreachable.
    pub tries_max: i64,
    /// An item in somebody's hand is nobody else's for these; minutes of the clock.
    pub lease_minutes: i64,
}

impl DeskSettings {
    fn read(get: &impl Fn(&str) -> Option<String>) -> Result<DeskSettings, String> {
        let number = |key: &str, default: i64, most: i64| match get(key) {
            None => Ok(default),
            Some(text) => match text.parse::<i64>() {
                Ok(number) if (1..=most).contains(&number) => Ok(number),
                _ => Err(format!("`{key}`: `{text}` is not between 1 and {most}")),
            },
        };
        Ok(DeskSettings {
            hours: get("desk_hours").unwrap_or_else(|| "mon-fri 08:00-20:00; sat 09:00-17:00".to_owned()),
            zone: get("desk_zone"),
            promise_minutes: number("desk_promise_minutes", 60, 10_080)?,
            answer_minutes: number("desk_answer_minutes", 120, 10_080)?,
            retry_minutes: number("desk_retry_minutes", 120, 10_080)?,
            tries_max: number("desk_tries_max", 3, 100)?,
            lease_minutes: number("desk_lease_minutes", 20, 480)?,
        })
    }
}

/// The gateway for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmsSettings {
    /// Nobody has said. Commands that send nothing do without; a server does not start, lest messages vanish unnoticed.
    Unset,
    /// Kept, sealed, instead of sent.
    Log,
    /// Posted to this address, with the token in this file.
    Http {
        /// Address.
        url: String,
        /// File with the bearer token.
        token_file: Option<PathBuf>,
    },
}

/// The way of letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmailSettings {
    /// There are none, and nobody is asked for an address.
    Off,
    /// Kept, sealed, instead of sent: the demo.
    Log,
    /// To this server.
    Smtp(SmtpTerms),
}

const KNOWN: [&str; 56] = [
    "desk_hours",
    "desk_zone",
    "desk_promise_minutes",
    "desk_answer_minutes",
    "desk_retry_minutes",
    "desk_tries_max",
    "desk_lease_minutes",
    "listen",
    "staff_listen",
    "staff_url",
    "data",
    "database",
    "keys",
    "master_key_file",
    "public_url",
    "trusted_proxies",
    "profile",
    "operator_name",
    "operator_name_kk",
    "operator_name_en",
    "operator_address",
    "operator_address_kk",
    "operator_address_en",
    "operator_hosts",
    "operator_contact_email",
    "sms_gateway",
    "sms_url",
    "sms_token_file",
    "sms_carrier",
    "sms_carrier_country",
    "sms_contract",
    "sms_contract_clause",
    "sms_contract_from",
    "sms_contract_until",
    "sms_contract_notice",
    "email_host",
    "email_port",
    "email_tls",
    "email_user",
    "email_password_file",
    "email_from",
    "email_from_name",
    "email_carrier",
    "email_carrier_country",
    "email_contract",
    "email_contract_clause",
    "email_contract_from",
    "email_contract_until",
    "email_contract_notice",
    "limits_requests_per_second",
    "booking_hold_seconds",
    "sqlite_synchronous",
    "recordings",
    "pbx_url",
    "pbx_user",
    "pbx_password_file",
];

impl Settings {
    /// Reads the file, if one is named, and the environment. `demo` sets what the demo needs and the settings leave open.
    ///
    /// # Errors
    /// One line: which key, what is wrong, what to do.
    pub fn read(file: Option<&Path>, environment: impl Iterator<Item = (String, String)>, demo: bool) -> Result<Settings, String> {
        let mut keys = BTreeMap::new();
        let mut phones = Vec::new();
        let mut feeds = Vec::new();
        let mut tariffs = Vec::new();
        if let Some(path) = file {
            let text =
                std::fs::read_to_string(path).map_err(|error| format!("{}: the settings cannot be read: {error}", path.display()))?;
            let mut table: toml::Table = toml::from_str(&text).map_err(|error| format!("{}: {}", path.display(), error.message()))?;
            if let Some(tables) = table.remove("feed") {
                feeds = crate::feeds::read(&tables).map_err(|why| format!("{}: {why}", path.display()))?;
            }
            if let Some(table) = table.remove("tariffs") {
                tariffs = crate::tariffs::read(&table).map_err(|why| format!("{}: {why}", path.display()))?;
            }
            flatten(&table, &mut keys, &mut phones).map_err(|why| format!("{}: {why}", path.display()))?;
        }
        for (name, value) in environment {
            let Some(key) = name.strip_prefix("RECOMED_") else { continue };
            let key = key.to_lowercase();
            // Variables of the same prefix that are none of ours (the tests') are left alone; a file's keys are checked strictly.
            if let Some(city) = key.strip_prefix("phones_") {
                phones.push((city.replace('_', "-"), value));
            } else if let Some(class) = key.strip_prefix("tariffs_") {
                let tariff = crate::tariffs::from_variable(class, &value)?;
                tariffs.retain(|known| known.kind != tariff.kind);
                tariffs.push(tariff);
            } else if KNOWN.contains(&key.as_str()) {
                keys.insert(key, value);
            }
        }
        if let Some(unknown) = keys.keys().find(|key| !KNOWN.contains(&key.as_str())) {
            return Err(format!("there is no setting `{unknown}`; known are: {}", KNOWN.join(", ")));
        }
        Ok(Settings { feeds, tariffs, ..Settings::from_keys(&keys, phones, demo)? })
    }

    fn from_keys(keys: &BTreeMap<String, String>, phones: Vec<(String, String)>, demo: bool) -> Result<Settings, String> {
        let get = |key: &str| keys.get(key).map(String::as_str).filter(|value| !value.is_empty());
        let number =
            |key: &str| get(key).map(|value| value.parse::<i64>().map_err(|_| format!("`{key}`: a whole number is expected"))).transpose();
        let data = PathBuf::from(get("data").unwrap_or(if demo { "recomed-demo" } else { "." }));
        let place = |key: &str, file: &str| match get(key) {
            Some(address) => address.parse::<Place>().map_err(|error| format!("`{key}`: {error}")),
            None => Ok(Place::Sqlite(data.join(file))),
        };
        // Who has not written it in a language is named there as everywhere else.
        let said = |everywhere: &str, key: &str| Names {
            kk: get(&format!("{key}_kk")).unwrap_or(everywhere).to_owned(),
            ru: everywhere.to_owned(),
            en: get(&format!("{key}_en")).unwrap_or(everywhere).to_owned(),
        };
        let operator = match (get("operator_name"), get("operator_address"), get("operator_hosts"), get("operator_contact_email")) {
            (Some(name), Some(address), Some(hosts), Some(email)) => Some(OperatorIdentity {
                name: said(name, "operator_name"),
                address: said(address, "operator_address"),
                hosts: hosts.split(',').map(|host| host.trim().to_owned()).filter(|host| !host.is_empty()).collect(),
                contact_email: email.into(),
            }),
            (None, None, None, None) => None,
            _ => return Err("the section [operator] needs name, address, hosts and contact_email, all four".into()),
        };
        let sms = match (get("sms_gateway"), get("sms_url")) {
            (None, None) if !demo => SmsSettings::Unset,
            (None | Some("log"), None) => SmsSettings::Log,
            (Some("http"), Some(url)) if url.starts_with("http://") || url.starts_with("https://") => {
                SmsSettings::Http { url: url.into(), token_file: get("sms_token_file").map(PathBuf::from) }
            }
            (Some("http"), _) => return Err("`sms_url` must be an http:// or https:// address when sms_gateway is http".into()),
            _ => return Err("`sms_gateway` must be log or http; sms_url goes with http".into()),
        };
        let email = email(&get, demo)?;
        let public_url = get("public_url").map(|url| url.trim_end_matches('/').to_owned());
        if let Some(url) = &public_url
            && !(url.starts_with("http://") || url.starts_with("https://"))
        {
            return Err("`public_url` must begin with https:// (or http:// on one's own machine)".into());
        }
        let staff_url = get("staff_url").map(|url| url.trim_end_matches('/').to_owned());
        if let Some(url) = &staff_url
            && !(url.starts_with("http://") || url.starts_with("https://"))
        {
            return Err("`staff_url` must begin with https:// (or http:// on one's own machine)".into());
        }
        if let Some(wrong) = number("booking_hold_seconds")?.filter(|seconds| !(1..=86_400).contains(seconds)) {
            return Err(format!("`booking_hold_seconds`: {wrong} is not between 1 and 86400"));
        }
        if let Some(wrong) = number("limits_requests_per_second")?.filter(|requests| !(1..=1_000_000).contains(requests)) {
            return Err(format!("`limits_requests_per_second`: {wrong} is not between 1 and 1000000"));
        }
        let sqlite_synchronous = match get("sqlite_synchronous") {
            None | Some("full") => true,
            Some("off") => false,
            Some(_) => return Err("`sqlite_synchronous` must be full; off exists for a test".into()),
        };
        Ok(Settings {
            listen: get("listen").unwrap_or("127.0.0.1:8080").to_owned(),
            staff_listen: get("staff_listen").map(str::to_owned),
            staff_url,
            database: place("database", "recomed.db")?,
            keys: place("keys", "keys.db")?,
            master_key_file: get("master_key_file").map_or_else(|| data.join("master.key"), PathBuf::from),
            data,
            public_url,
            trusted_proxies: get("trusted_proxies").unwrap_or_default().parse().map_err(|why| format!("`trusted_proxies`: {why}"))?,
            operator,
            phones,
            profile: get("profile").unwrap_or("ru").to_owned(),
            sms,
            sms_carrier: crate::recipients::read(&get, "sms")?,
            email,
            email_carrier: crate::recipients::read(&get, "email")?,
            requests_per_second: number("limits_requests_per_second")?
                .map_or(Ok(50), u32::try_from)
                .map_err(|_| "`limits_requests_per_second` is out of range")?,
            hold_seconds: number("booking_hold_seconds")?,
            sqlite_synchronous,
            feeds: Vec::new(),
            tariffs: Vec::new(),
            desk: DeskSettings::read(&|key| get(key).map(str::to_owned))?,
            demo,
            practitioners: directory::demo::PRACTITIONERS,
        })
    }
}

/// The section [email]: nothing but a host is off, and then the other keys would be silently useless.
fn email<'k>(get: &impl Fn(&str) -> Option<&'k str>, demo: bool) -> Result<EmailSettings, String> {
    let Some(host) = get("email_host") else {
        let useless = KNOWN.iter().find(|key| key.starts_with("email_") && get(key).is_some());
        return match useless {
            Some(key) => Err(format!("`{key}` is set, but `email_host` is not: name the SMTP server")),
            None if demo => Ok(EmailSettings::Log),
            None => Ok(EmailSettings::Off),
        };
    };
    let near = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    let wire = match get("email_tls") {
        None | Some("starttls") => Wire::StartTls,
        Some("tls") => Wire::Tls,
        Some("none") if near => Wire::Clear,
        Some("none") => return Err("`email_tls`: none is for a server on this machine; write starttls or tls".into()),
        Some(_) => return Err("`email_tls` must be starttls, tls or none".into()),
    };
    let port = match (get("email_port"), wire) {
        (Some(port), _) => port.parse::<u16>().ok().filter(|port| *port > 0).ok_or("`email_port`: a port is expected, 1 to 65535")?,
        (None, Wire::StartTls) => 587,
        (None, Wire::Tls) => 465,
        (None, Wire::Clear) => 25,
    };
    let sign_in = match (get("email_user"), get("email_password_file")) {
        (Some(user), Some(file)) => Some((user.to_owned(), PathBuf::from(file))),
        (None, None) => None,
        _ => return Err("`email_user` and `email_password_file` go together".into()),
    };
    let from = get("email_from").and_then(patients::read_email).ok_or("`email_from`: the address that letters come from is expected")?;
    let from_name = get("email_from_name").unwrap_or_default().to_owned();
    if from_name.chars().any(char::is_control) {
        return Err("`email_from_name`: one line is expected".into());
    }
    Ok(EmailSettings::Smtp(SmtpTerms { host: host.to_owned(), port, wire, sign_in, from, from_name }))
}

/// Sections become prefixes: `[sms] url = …` is `sms_url`. `[phones]` has a number for each city.
fn flatten(table: &toml::Table, keys: &mut BTreeMap<String, String>, phones: &mut Vec<(String, String)>) -> Result<(), String> {
    for (name, value) in table {
        match value {
            Value::Table(section) if name == "phones" => {
                for (city, number) in section {
                    let number = number.as_str().ok_or(format!("phones.{city}: a number in quotes is expected"))?;
                    phones.push((city.clone(), number.to_owned()));
                }
            }
            Value::Table(section) => {
                for (key, value) in section {
                    keys.insert(
                        format!("{name}_{key}"),
                        plain(value).ok_or(format!("{name}.{key}: a text, a number or a list of texts is expected"))?,
                    );
                }
            }
            value => {
                keys.insert(name.clone(), plain(value).ok_or(format!("{name}: a text, a number or a list of texts is expected"))?);
            }
        }
    }
    Ok(())
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(flag) => Some(flag.to_string()),
        Value::Array(items) => {
            items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>().map(|items| items.join(","))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        let sms = [("RECOMED_SMS_GATEWAY", "log")];
        let pairs = sms.iter().chain(pairs).map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Settings::read(None, pairs, false)
    }

    #[test]
    fn the_environment_is_read() {
        let settings = read(&[
            ("RECOMED_DATA", "/srv/recomed"),
            ("RECOMED_DATABASE", "postgres://u@h/d"),
            ("RECOMED_PHONES_SAINT_PETERSBURG", "+70000000000"),
            ("HOME", "/"),
        ])
        .unwrap();
        assert_eq!(settings.database, Place::Postgres("postgres://u@h/d".into()));
        assert_eq!(settings.keys, Place::Sqlite("/srv/recomed/keys.db".into()));
        assert_eq!(settings.phones, [("saint-petersburg".to_owned(), "+70000000000".to_owned())]);
    }

    #[test]
    fn the_operator_is_named_in_each_language() {
        let named = read(&[
            ("RECOMED_OPERATOR_NAME", "Имя"),
            ("RECOMED_OPERATOR_NAME_EN", "Name"),
            ("RECOMED_OPERATOR_ADDRESS", "Адрес"),
            ("RECOMED_OPERATOR_HOSTS", "example.test"),
            ("RECOMED_OPERATOR_CONTACT_EMAIL", "a@example.test"),
        ]);
        let name = named.unwrap().operator.unwrap().name;
        assert_eq!((name.kk.as_str(), name.ru.as_str(), name.en.as_str()), ("Имя", "Имя", "Name"));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_key() {
        for (pairs, word) in [
            (vec![("RECOMED_DATABASE", "mysql://h/d")], "database"),
            (vec![("RECOMED_SMS_GATEWAY", "http")], "sms_url"),
            (vec![("RECOMED_OPERATOR_NAME", "Name")], "operator"),
            (vec![("RECOMED_PUBLIC_URL", "recomed.example")], "public_url"),
            (vec![("RECOMED_STAFF_URL", "recomed.example")], "staff_url"),
            (vec![("RECOMED_TRUSTED_PROXIES", "everyone")], "trusted_proxies"),
            (vec![("RECOMED_LIMITS_REQUESTS_PER_SECOND", "many")], "limits_requests_per_second"),
            (vec![("RECOMED_LIMITS_REQUESTS_PER_SECOND", "0")], "limits_requests_per_second"),
            (vec![("RECOMED_BOOKING_HOLD_SECONDS", "-5")], "booking_hold_seconds"),
            (vec![("RECOMED_TARIFFS_CONSULTATION", "500")], "tariffs.consultation"),
            (vec![("RECOMED_SMS_GATEWAY", "pigeon")], "sms_gateway"),
            (vec![("RECOMED_EMAIL_FROM", "visits@clinic.example")], "email_host"),
            (vec![("RECOMED_EMAIL_HOST", "mail.example")], "email_from"),
            (vec![("RECOMED_EMAIL_HOST", "mail.example"), ("RECOMED_EMAIL_FROM", "visits\r\nBcc: a@b.example")], "email_from"),
            (vec![("RECOMED_EMAIL_HOST", "mail.example"), ("RECOMED_EMAIL_TLS", "none")], "email_tls"),
            (vec![("RECOMED_EMAIL_HOST", "mail.example"), ("RECOMED_EMAIL_PORT", "0")], "email_port"),
            (vec![("RECOMED_EMAIL_HOST", "mail.example"), ("RECOMED_EMAIL_USER", "visits")], "email_password_file"),
            (
                vec![
                    ("RECOMED_EMAIL_HOST", "mail.example"),
                    ("RECOMED_EMAIL_FROM", "visits@clinic.example"),
                    ("RECOMED_EMAIL_FROM_NAME", "Clinic\r\nBcc: a@b.example"),
                ],
                "email_from_name",
            ),
        ] {
            let error = read(&pairs).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
        assert_eq!(read(&[("RECOMED_SMS_GATEWAY", "")]).unwrap().sms, SmsSettings::Unset);
        assert_eq!(read(&[]).unwrap().email, EmailSettings::Off);
        assert_eq!(Settings::read(None, std::iter::empty(), true).unwrap().email, EmailSettings::Log);
        let email = read(&[("RECOMED_EMAIL_HOST", "mail.example"), ("RECOMED_EMAIL_FROM", "visits@clinic.example")]).unwrap().email;
        let EmailSettings::Smtp(terms) = email else { panic!("{email:?}") };
        assert_eq!((terms.host.as_str(), terms.port, terms.wire, terms.sign_in), ("mail.example", 587, Wire::StartTls, None));
    }
}
