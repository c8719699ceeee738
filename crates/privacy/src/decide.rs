//! Who may open what, for which purpose, until when. Pure: the same question at the same instant has the same answer.

use clock::Timestamp;
use db::{DbError, Tx};

use crate::audit;
use crate::consent::ConsentGiven;
use crate::keys::{ConsoleProof, SubjectKey, Whose};
use crate::seal::OpenError;
use crate::staff::StaffProof;
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
    /// One of the staff, who has signed in: the name and the phone of a visit's person whom they receive.
    Staff(StaffProof),
    /// The page of the demo that shows messages instead of sending them.
    DemoOutbox,
}

impl Asker {
    /// The name under which audit entries list it.
    pub fn code(self) -> String {
        match self {
            Asker::Job(kind) => format!("job:{kind}"),
            Asker::Console(_) => "console".into(),
            Asker::Staff(proof) => proof.code(),
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
    /// This asker has nothing to do with this kind of subject.
    Subject,
    /// This asker never uses data for this purpose.
    Purpose,
    /// This asker never does that with data.
    Operation,
    /// This asker does not need one of these fields, or not both at one time (clause 1.4 b).
    Fields,
    /// The person has given no consent that covers this (clause 2.1).
    Consent,
}

impl RefusedReason {
    /// How an entry of the log names it.
    pub fn code(self) -> &'static str {
        match self {
            RefusedReason::Subject => "subject_refused",
            RefusedReason::Purpose => "purpose_refused",
            RefusedReason::Operation => "operation_refused",
            RefusedReason::Fields => "fields_refused",
            RefusedReason::Consent => "not_consented",
        }
    }
}

/// Which fields may be asked for at one time.
enum Needs {
    /// One of these.
    OneOf(&'static [Field]),
    /// Any of these, each once.
    AnyOf(&'static [Field]),
}

impl Needs {
    fn cover(&self, fields: &[Field]) -> bool {
        match self {
            Needs::OneOf(known) => matches!(fields, [one] if known.contains(one)),
            // As many of the known are asked for as are asked for at all: none is strange, and none stands twice.
            Needs::AnyOf(known) => !fields.is_empty() && known.iter().filter(|field| fields.contains(field)).count() == fields.len(),
        }
    }
}

/// What one asker may do with the data of one kind of subject: a line of the table below.
struct Line {
    purpose: Purpose,
    operation: Operation,
    needs: Needs,
    /// Whether it needs the person's consent to the purpose.
    consent: bool,
}

/// All that is known of a person.
const OF_A_PERSON: &[Field] =
    &[Field::Name, Field::Phone, Field::Email, Field::Sex, Field::Age, Field::Relation, Field::Representative, Field::Declaration];

/// The whole table. Who stands in no line opens nothing.
fn lines(asker: Asker, whose: Whose) -> &'static [Line] {
    use Needs::{AnyOf, OneOf};
    use Operation::{Delete, Provide, Use};
    match (asker, whose) {
        // A message goes to one address at a time, and only under the consent to booking.
        (Asker::Job(_), Whose::Person(_)) => {
            &[Line { purpose: Purpose::P1, operation: Provide, needs: OneOf(&[Field::Phone, Field::Email]), consent: true }]
        }
        // Whoever asks for a code asks for exactly this use of their number.
        (Asker::Job(_), Whose::CodeRequest) => {
            &[Line { purpose: Purpose::P1, operation: Provide, needs: OneOf(&[Field::Phone]), consent: false }]
        }
        // Whoever receives people for a visit knows whom they wait for and how to reach them; which visits, `access` says.
        (Asker::Staff(_), Whose::Person(_)) => {
            &[Line { purpose: Purpose::P1, operation: Use, needs: AnyOf(&[Field::Name, Field::Phone]), consent: true }]
        }
        // The law gives the person the answer and the end (art. 14 and 21), whatever they have agreed to. An end needs the addresses under
        // which kept messages are found.
        (Asker::Console(_), Whose::Person(_)) => &[
            Line { purpose: Purpose::P9, operation: Provide, needs: AnyOf(OF_A_PERSON), consent: false },
            Line { purpose: Purpose::P9, operation: Delete, needs: AnyOf(&[Field::Phone, Field::Email]), consent: false },
        ],
        // The demo shows what would have been sent, to whoever sits at the machine.
        (Asker::DemoOutbox, Whose::Outbox) => {
            &[Line { purpose: Purpose::P1, operation: Use, needs: OneOf(&[Field::Message]), consent: false }]
        }
        (Asker::Job(_), Whose::Outbox)
        | (Asker::Staff(_) | Asker::Console(_), Whose::CodeRequest | Whose::Outbox)
        | (Asker::DemoOutbox, Whose::Person(_) | Whose::CodeRequest) => &[],
    }
}

/// Decides by the table: who asks, whose data, what for, what is done with it, which fields, under which consents. Whatever is not in the table
/// is refused. A person who asks for their own data is no asker by their word alone: they will be one with a proof that cannot be made up.
///
/// # Errors
/// The reason for the refusal.
pub fn decide(ask: &Ask<'_>, consents: &[ConsentGiven], now: Timestamp) -> Result<Permit, RefusedReason> {
    let lines = lines(ask.asker, ask.key.whose());
    if lines.is_empty() {
        return Err(RefusedReason::Subject);
    }
    if !lines.iter().any(|line| line.purpose == ask.purpose) {
        return Err(RefusedReason::Purpose);
    }
    let line = lines.iter().find(|line| line.purpose == ask.purpose && line.operation == ask.operation).ok_or(RefusedReason::Operation)?;
    if !line.needs.cover(ask.fields) {
        return Err(RefusedReason::Fields);
    }
    if line.consent && !consents.iter().any(|given| given.purpose() == ask.purpose) {
        return Err(RefusedReason::Consent);
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

    /// The whole table, written once more as people would say it: every asker × every holder of a key × every field, every pair of fields
    /// (both orders, and one twice) and none × every purpose × every operation × with the consent, with another one, with none.
    /// Clause 2.1.
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

        let mut sets: Vec<Vec<Field>> = vec![Vec::new()];
        sets.extend(Field::ALL.map(|field| vec![field]));
        sets.extend(Field::ALL.into_iter().flat_map(|one| Field::ALL.map(|two| vec![one, two])));
        assert_eq!(sets.len(), 1 + 9 + 81);
        let given = [ConsentGiven::for_tests(Purpose::P1)];
        let other = [ConsentGiven::for_tests(Purpose::P5), ConsentGiven::for_tests(Purpose::P9)];
        let askers = [
            ("job", Asker::Job("sms")),
            ("console", Asker::Console(console)),
            ("staff", Asker::Staff(StaffProof::for_tests())),
            ("demo-outbox", Asker::DemoOutbox),
        ];
        let holders = [("person", &person), ("code", keys.codes()), ("outbox", keys.outbox())];
        let consent_states = [("agreed", given.as_slice()), ("other", other.as_slice()), ("none", [].as_slice())];
        let (mut allowed, mut asked) = (Vec::new(), 0);
        for (who, asker) in askers {
            for (holder, key) in holders {
                for (purpose, operation) in Purpose::ALL.into_iter().flat_map(|one| Operation::ALL.map(|two| (one, two))) {
                    for (fields, (consent, consents)) in sets.iter().flat_map(|set| consent_states.map(|state| (set, state))) {
                        asked += 1;
                        let ask = Ask { asker, key, fields, purpose, operation, object: None };
                        if decide(&ask, consents, Timestamp(0)).is_ok() {
                            let fields: Vec<&str> = fields.iter().map(|field| field.code()).collect();
                            allowed.push(format!("{who} {holder} {} {} {} {consent}", purpose.code(), operation.code(), fields.join("+")));
                        }
                    }
                }
            }
        }
        assert_eq!(asked, 4 * 3 * 10 * 16 * 91 * 3);

        let any = ["agreed", "other", "none"];
        let mut expected = Vec::new();
        expected.extend(["phone", "email"].map(|field| format!("job person P1 provide {field} agreed")));
        expected.extend(any.map(|consent| format!("job code P1 provide phone {consent}")));
        let of_a_person = ["name", "phone", "email", "sex", "age", "relation", "representative", "declaration"];
        let pairs = |known: &[&str]| -> Vec<String> {
            let one: Vec<String> = known.iter().map(|field| (*field).to_owned()).collect();
            let two = known.iter().flat_map(|one| known.iter().filter(move |two| *two != one).map(move |two| format!("{one}+{two}")));
            one.iter().cloned().chain(two).collect()
        };
        for fields in pairs(&of_a_person) {
            expected.extend(any.map(|consent| format!("console person P9 provide {fields} {consent}")));
        }
        for fields in pairs(&["phone", "email"]) {
            expected.extend(any.map(|consent| format!("console person P9 delete {fields} {consent}")));
        }
        expected.extend(pairs(&["name", "phone"]).iter().map(|fields| format!("staff person P1 use {fields} agreed")));
        expected.extend(any.map(|consent| format!("demo-outbox outbox P1 use message {consent}")));
        // Both in the order of their letters: the loops' own order says nothing.
        allowed.sort();
        expected.sort();
        assert_eq!(allowed, expected);

        // Every line's fields at one time, and why something is refused.
        let ask =
            |asker, fields: &'static [Field], purpose, operation| Ask { asker, key: &person, fields, purpose, operation, object: None };
        let job = |fields, purpose, operation| ask(Asker::Job("sms"), fields, purpose, operation);
        assert!(decide(&ask(Asker::Console(console), OF_A_PERSON, Purpose::P9, Operation::Provide), &[], Timestamp(0)).is_ok());
        let why = |ask: &Ask<'_>, consents: &[ConsentGiven]| decide(ask, consents, Timestamp(0)).map(drop).unwrap_err();
        assert_eq!(why(&ask(Asker::DemoOutbox, &[Field::Phone], Purpose::P1, Operation::Use), &given), RefusedReason::Subject);
        assert_eq!(why(&job(&[Field::Phone], Purpose::P5, Operation::Provide), &given), RefusedReason::Purpose);
        assert_eq!(why(&job(&[Field::Phone], Purpose::P1, Operation::Use), &given), RefusedReason::Operation);
        assert_eq!(why(&job(&[Field::Phone, Field::Email], Purpose::P1, Operation::Provide), &given), RefusedReason::Fields);
        assert_eq!(why(&job(&[], Purpose::P1, Operation::Provide), &given), RefusedReason::Fields);
        assert_eq!(why(&job(&[Field::Phone], Purpose::P1, Operation::Provide), &other), RefusedReason::Consent);

        let permit = decide(&job(&[Field::Phone], Purpose::P1, Operation::Provide), &given, Timestamp(0)).unwrap();
        assert!(permit.covers(Field::Phone, Timestamp(0).plus_seconds(PERMIT_SECONDS)).is_ok());
        assert!(permit.covers(Field::Name, Timestamp(0)).is_err(), "another field");
        assert!(permit.covers(Field::Phone, Timestamp(0).plus_seconds(PERMIT_SECONDS + 1)).is_err(), "too late");
    }
}
