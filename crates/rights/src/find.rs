//! Who is meant: the people of a phone number, for the operator at the console. Ids and counts; no name is opened.

use db::{Db, DbError};
use privacy::audit::{self, Entry};
use privacy::{Asker, ConsoleProof, Field, KeyError, KeyStore, Operation, PersonId, Purpose};

/// Somebody of this phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Their id.
    pub person: PersonId,
    /// How many visits are known to be theirs.
    pub visits: usize,
}

/// The people of this phone (E.164), at most eight; the search is in the log, found or not (clause 7.4.5).
///
/// # Errors
/// A fault of one of the databases.
pub async fn find(db: &Db, keys: &KeyStore, phone: &str, console: ConsoleProof) -> Result<Vec<Found>, KeyError> {
    let of_phone = keys.by_phone(phone).await?;
    let found = db.run("find subject", move |tx| {
        let of_phone = of_phone.clone();
        Box::pin(async move {
            let mut found = Vec::new();
            for key in &of_phone {
                if let Some(person) = key.person() {
                    found.push(Found { person, visits: booking::visits_of(tx, key).await?.len() });
                }
                let entry = Entry {
                    operation: Operation::Use,
                    purpose: Purpose::P9,
                    asker: Asker::Console(console).code(),
                    fields: vec![Field::Phone.code(), "visit"],
                    outcome: "found",
                    object: None,
                    subject: Some(key),
                };
                audit::record(tx, &entry).await?;
            }
            if found.is_empty() {
                let entry = Entry {
                    operation: Operation::Use,
                    purpose: Purpose::P9,
                    asker: Asker::Console(console).code(),
                    fields: vec![Field::Phone.code()],
                    outcome: "not_found",
                    object: None,
                    subject: None,
                };
                audit::record(tx, &entry).await?;
            }
            Ok::<_, DbError>(found)
        })
    });
    Ok(found.await?)
}
