//! How many codes a phone and a network have had in a day. Here and not beside the visits: the history of a row that counts one phone would
//! tie all its visits of a day to each other (I5).

use clock::{SECOND, Timestamp};

use super::{KeyError, KeyStore, mac};
use crate::TermKey;
use crate::store::keys as store;

/// How many, and how far apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeLimits {
    /// Codes of one phone in a day.
    pub per_phone_max: i64,
    /// Codes for one network in a day.
    pub per_network_max: i64,
    /// Seconds between two of one phone.
    pub apart_seconds: i64,
}

/// Why one more is not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uncounted {
    /// The last one was moments ago; the seconds to wait.
    Soon(i64),
    /// The phone has had its codes of the day.
    Phone,
    /// The network has had its codes of the day.
    Network,
    /// The store failed.
    Keys(KeyError),
}

impl From<db::DbError> for Uncounted {
    fn from(error: db::DbError) -> Self {
        Uncounted::Keys(KeyError::Db(error))
    }
}

impl db::Refusal for Uncounted {
    fn fault(&self) -> Option<&db::DbError> {
        if let Uncounted::Keys(KeyError::Db(error)) = self { Some(error) } else { None }
    }
}

impl KeyStore {
    /// Counts one more code today for the phone (E.164) and for the network, for both or for neither: a refusal uses up nobody's day.
    ///
    /// # Errors
    /// [`Uncounted`].
    pub async fn count_code(&self, phone: &str, network: &str, limits: CodeLimits) -> Result<(), Uncounted> {
        let day = self.clock.now().day();
        let of_phone = |day: i64| mac(&self.request, &[b"code phone", phone.as_bytes(), &day.to_be_bytes()]);
        let (today, yesterday) = (of_phone(day), of_phone(day - 1));
        let network = mac(&self.request, &[b"code network", network.as_bytes(), &day.to_be_bytes()]);
        self.db
            .run("count code", move |tx| {
                Box::pin(async move {
                    let now = tx.now();
                    tx.savepoint().await?;
                    // The phone comes first: its count locks out a second request for the same phone until this one is decided.
                    let refusal = if !store::count_code(tx, &today, day, limits.per_phone_max).await? {
                        Some(Uncounted::Phone)
                    } else if let Some(wait) = wait(store::last_code_at(tx, [today, yesterday]).await?, now, limits.apart_seconds) {
                        Some(Uncounted::Soon(wait))
                    } else if !store::count_code(tx, &network, day, limits.per_network_max).await? {
                        Some(Uncounted::Network)
                    } else {
                        None
                    };
                    if let Some(refusal) = refusal {
                        tx.undo().await?;
                        return Err(refusal);
                    }
                    tx.keep().await?;
                    Ok(store::note_code(tx, &today, day, now).await?)
                })
            })
            .await
    }

    /// Drops the counts of days that are more than `days` past; how many. The wait between two codes still asks for yesterday's just after
    /// midnight.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn forget_counts(&self, days: i64) -> Result<u64, KeyError> {
        let before = self.clock.now().day() - days;
        self.db.run("forget counts", move |tx| Box::pin(store::forget_counts_before(tx, before))).await.map_err(KeyError::Db)
    }
}

impl KeyStore {
    /// Tables and columns of the store, for whoever holds them against the dictionary.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn columns(&self) -> Result<Vec<(String, String)>, KeyError> {
        let columns = self.db.read("columns", |tx| Box::pin(db::schema::columns(tx))).await.map_err(KeyError::Db)?;
        Ok(columns.into_iter().map(|column| (column.table, column.name)).collect())
    }

    /// How many people have both a tombstone and a key: none, or an erasure was undone.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn count_risen(&self) -> Result<i64, KeyError> {
        self.db.read("risen", |tx| Box::pin(store::count_risen(tx))).await.map_err(KeyError::Db)
    }

    /// How many rows of the store of this term are of days before `before_on`, and the earliest day; nothing for terms of which it keeps none.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn past_term(&self, term: TermKey, before_on: i64) -> Result<Option<(i64, Option<i64>)>, KeyError> {
        let found = self.db.read("past their term", move |tx| {
            Box::pin(async move {
                match term {
                    TermKey::Identity => store::count_unseen(tx, before_on).await.map(Some),
                    TermKey::CodeCount => store::count_counts(tx, before_on).await.map(Some),
                    TermKey::Tombstone => store::count_tombstones(tx, before_on).await.map(Some),
                    _ => Ok(None),
                }
            })
        });
        found.await.map_err(KeyError::Db)
    }
}

/// The seconds until another code may go to the phone; `None` when one may now.
fn wait(last: Option<Timestamp>, now: Timestamp, apart_seconds: i64) -> Option<i64> {
    let wait = last.map(|last| apart_seconds - (now.micros() - last.micros()) / SECOND);
    // More than the term: the last code bears the time of a clock that has been set back since, and tells nothing.
    wait.filter(|wait| (1..=apart_seconds).contains(wait))
}
