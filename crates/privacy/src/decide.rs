//! Who may open what, for which purpose, until when. Pure: the same question at the same instant has the same answer.

use clock::Timestamp;
use db::{DbError, Tx};

use crate::audit;
use crate::consent::ConsentGiven;
use crate::keys::{ConsoleProof, SubjectKey, Whose};
use crate::seal::OpenError;
use crate::vocabulary::{Field, Operation, Purpose};

/// A permit is for one use case, not for a day.
const PERMIT_SECONDS: i64 = 60;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// A job that delivers what the person asked for; the text is its kind.
    Job(&'static str),
    /// The operator at the machine's console, who has shown the master key: answers to the person and erasure (P9), and nothing else.
    Console(ConsoleProof),
    /// The page of the demo that shows messages instead of sending them.
    DemoOutbox,
}

impl Asker {
    /// The name under which audit entries list it.
    pub fn code(self) -> String {
        match self {
            Asker::Job(kind) => format!("job:{kind}"),
            Asker::Console(_) => "console".into(),
            Asker::DemoOutbox => "demo-outbox".into(),
        }
    }
}

/// A question to [`decide`].
pub struct Ask<'a> {
    /// Who asks.
    pub asker: Asker,
    /// Whose data, with the key to it.
    pub key: &'a SubjectKey,
    /// Which fields, at least one.
    pub fields: &'a [Field],
    /// What for.
    pub purpose: Purpose,
    /// What is done with it.
    pub operation: Operation,
    /// The visit, code or message that it concerns, for the audit entry.
    pub object: Option<[u8; 16]>,
}

/// Leave to open certain fields of one subject for one purpose until an instant. Made only by [`decide`]; cannot be copied.
#[derive(Debug)]
pub struct Permit {
    key: SubjectKey,
    fields: Vec<Field>,
    purpose: Purpose,
    operation: Operation,
    asker: Asker,
    object: Option<[u8; 16]>,
    until: Timestamp,
    recorded: bool,
}

/// Why there is no permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedReason {
    /// This asker never uses data for this purpose.
    Purpose,
    /// This asker does not need one of these fields (clause 1.4 b).
    Fields,
    /// The person has given no consent that covers this (clause 2.1).
    Consent,
}

impl RefusedReason {
    /// How an entry of the log names it.
    pub fn code(self) -> &'static str {
        match self {
            RefusedReason::Purpose => "purpose_refused",
            RefusedReason::Fields => "fields_refused",
            RefusedReason::Consent => "not_consented",
        }
    }
}

/// Decides. For now the askers are jobs of a booking (P1, the phone or the e-mail, never both and nothing else, and only under a
/// booking consent) and the demo's outbox (its own messages). Everything else is refused. A person who asks for their own data is no
/// asker by their word alone: they will be one with a proof that cannot be made up.
///
/// # Errors
/// The reason for the refusal.
pub fn decide(ask: &Ask<'_>, consents: &[ConsentGiven], now: Timestamp) -> Result<Permit, RefusedReason> {
    if ask.fields.is_empty() {
        return Err(RefusedReason::Fields);
    }
    let purpose = if matches!(ask.asker, Asker::Console(_)) { Purpose::P9 } else { Purpose::P1 };
    if ask.purpose != purpose {
        return Err(RefusedReason::Purpose);
    }
    let consented = || consents.iter().any(|given| given.purpose() == ask.purpose);
    match (ask.asker, ask.key.whose()) {
        (Asker::Job(_), Whose::Person(_)) => {
            if !matches!(ask.fields, [Field::Phone | Field::Email]) {
                return Err(RefusedReason::Fields);
            }
            if !consented() {
                return Err(RefusedReason::Consent);
            }
        }
        // The law gives the person the answer (art. 14 and 21), whatever they have agreed to.
        (Asker::Console(_), Whose::Person(_)) => {}
        // Whoever asks for a code asks for exactly this use of their number.
        (Asker::Job(_), Whose::CodeRequest) if ask.fields == [Field::Phone] => {}
        (Asker::DemoOutbox, Whose::Outbox) if ask.fields == [Field::Message] => {}
        _ => return Err(RefusedReason::Fields),
    }
    Ok(Permit {
        key: ask.key.clone(),
        fields: ask.fields.to_vec(),
        purpose: ask.purpose,
        operation: ask.operation,
        asker: ask.asker,
        object: ask.object,
        until: now.plus_seconds(PERMIT_SECONDS),
        recorded: false,
    })
}

impl Permit {
    pub(crate) fn key(&self) -> &SubjectKey {
        &self.key
    }

    pub(crate) fn covers(&self, field: Field, now: Timestamp) -> Result<(), OpenError> {
        if now <= self.until && self.fields.contains(&field) { Ok(()) } else { Err(OpenError::Outside) }
    }

    /// Writes the permit's entry once.
    pub(crate) async fn record(&mut self, tx: &mut Tx) -> Result<(), DbError> {
        record_openings(tx, std::slice::from_mut(self)).await
    }

    fn entry(&self) -> audit::Entry<'_> {
        audit::Entry {
            operation: self.operation,
            purpose: self.purpose,
            asker: self.asker.code(),
            fields: self.fields.iter().map(|field| field.code()).collect(),
            outcome: "opened",
            object: self.object,
            subject: Some(&self.key),
        }
    }
}

/// Writes the entries of these permits that have none yet, in one statement: whoever opens a day's worth of people waits for the
/// database once. Opening under them then writes nothing more.
///
/// # Errors
/// A fault of the database.
pub async fn record_openings(tx: &mut Tx, permits: &mut [Permit]) -> Result<(), DbError> {
    let entries: Vec<audit::Entry<'_>> = permits.iter().filter(|permit| !permit.recorded).map(Permit::entry).collect();
    audit::record_all(tx, &entries).await?;
    permits.iter_mut().for_each(|permit| permit.recorded = true);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clock::Clock;
    use db::{Db, Options, Place};

    use super::*;
    use crate::{KeyStore, MasterKey, Suite};

    /// The whole table: every asker × every holder of a key × every single field × every purpose × with and without consent.
    #[tokio::test]
    async fn the_whole_table_of_decisions() {
        let folder = std::env::temp_dir().join(format!("recomed-decide-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let clock = Clock::simulated(Timestamp(0), 1);
        let db = Db::open(Options::new(Place::Sqlite(folder.join("keys.db"))), clock.clone()).await.unwrap();
        db::migrate::migrate(&db, db::migrate::KEYS).await.unwrap();
        let master = MasterKey::create(&folder.join("master.key"), &clock).unwrap();
        let keys = KeyStore::open(db, master.clone(), Suite::Sealed).await.unwrap();
        let console = keys.console(&master).unwrap();
        assert!(keys.console(&MasterKey::create(&folder.join("other.key"), &clock).unwrap()).is_none(), "another key proves nothing");
        let (person, _) = keys.find_or_make("+70000000001", "Planted", |_, _| crate::Identity::stored(Default::default())).await.unwrap();
        std::fs::remove_dir_all(&folder).unwrap();

        let fields = [
            Field::Name,
            Field::Phone,
            Field::Email,
            Field::Sex,
            Field::Age,
            Field::Message,
            Field::Relation,
            Field::Representative,
            Field::Declaration,
        ];
        let given = [ConsentGiven::for_tests(Purpose::P1)];
        let other = [ConsentGiven::for_tests(Purpose::P5)];
        let mut allowed = Vec::new();
        for asker in [Asker::Job("sms"), Asker::Console(console), Asker::DemoOutbox] {
            for (holder, key) in [("person", &person), ("code", keys.codes()), ("outbox", keys.outbox())] {
                for field in fields {
                    for purpose in Purpose::ALL {
                        for (consent, consents) in [("agreed", given.as_slice()), ("other", other.as_slice()), ("none", [].as_slice())] {
                            let ask = Ask { asker, key, fields: &[field], purpose, operation: Operation::Use, object: None };
                            if decide(&ask, consents, Timestamp(0)).is_ok() {
                                allowed.push(format!("{} {holder} {} {} {consent}", asker.code(), field.code(), purpose.code()));
                            }
                        }
                    }
                }
            }
        }
        let any = ["agreed", "other", "none"];
        let mut expected = Vec::new();
        expected.extend(["phone", "email"].map(|field| format!("job:sms person {field} P1 agreed")));
        expected.extend(any.map(|consent| format!("job:sms code phone P1 {consent}")));
        for field in fields {
            expected.extend(any.map(|consent| format!("console person {} P9 {consent}", field.code())));
        }
        expected.extend(any.map(|consent| format!("demo-outbox outbox message P1 {consent}")));
        assert_eq!(allowed, expected);

        let ask = |fields: &'static [Field], purpose| Ask {
            asker: Asker::Job("sms"),
            key: &person,
            fields,
            purpose,
            operation: Operation::Use,
            object: None,
        };
        let permit = decide(&ask(&[Field::Phone], Purpose::P1), &given, Timestamp(0)).unwrap();
        assert!(permit.covers(Field::Phone, Timestamp(0).plus_seconds(PERMIT_SECONDS)).is_ok());
        assert!(permit.covers(Field::Name, Timestamp(0)).is_err(), "another field");
        assert!(permit.covers(Field::Phone, Timestamp(0).plus_seconds(PERMIT_SECONDS + 1)).is_err(), "too late");

        // One field is the least that does it; two of which each may be had alone are refused, and so is nothing.
        let refused = |fields, purpose| decide(&ask(fields, purpose), &given, Timestamp(0)).map(drop).unwrap_err();
        assert_eq!(refused(&[Field::Phone, Field::Email], Purpose::P1), RefusedReason::Fields);
        assert_eq!(refused(&[], Purpose::P1), RefusedReason::Fields);
        assert_eq!(refused(&[Field::Phone], Purpose::P5), RefusedReason::Purpose);
        assert_eq!(decide(&ask(&[Field::Phone], Purpose::P1), &other, Timestamp(0)).map(drop), Err(RefusedReason::Consent));
    }
}
