//! How a clinic hears of visits: by a text message to its registrar, by a letter, or only on its own page. Whichever it is, what it is sent holds number,
//! time and a link, and nobody's name (clause 4.1).

use access::StaffId;
use db::DbError;
use directory::catalogue::OrganizationId;
use privacy::audit::{self, Entry};
use privacy::{Operation, Purpose};

use crate::by::By;
use crate::store;
use crate::world::World;

/// The ways that a clinic has chosen, besides its own page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Letters to this address.
    pub mail: Option<String>,
    /// Text messages to the number that the directory has for it.
    pub sms: bool,
    /// It answers each visit, and the desk calls it when it does not. Without it its calendar here is the truth: whoever is booked is expected.
    pub answers: bool,
}

impl Default for Way {
    /// What holds for a clinic that has chosen nothing.
    fn default() -> Way {
        Way { mail: None, sms: true, answers: true }
    }
}

/// What a clinic has chosen.
///
/// # Errors
/// A fault of the database.
pub async fn way_of(world: &World, clinic: OrganizationId) -> Result<Way, DbError> {
    world.db.read("way of a clinic", move |tx| Box::pin(store::way::of(tx, clinic))).await.map(Option::unwrap_or_default)
}

/// Chooses for a clinic; who did it is in the log. Whoever asks has looked whether they may.
///
/// # Errors
/// A fault of the database.
pub async fn choose_way(world: &World, clinic: OrganizationId, way: Way, by: StaffId) -> Result<(), DbError> {
    world
        .db
        .run("choose a way", move |tx| {
            let way = way.clone();
            Box::pin(async move {
                store::way::put(tx, clinic, &way).await?;
                let (asker, object) = (By::Staff(by).code(), Some(clinic.bytes()));
                let entry = Entry {
                    operation: Operation::Use,
                    purpose: Purpose::P9,
                    asker,
                    fields: Vec::new(),
                    outcome: "way_chosen",
                    object,
                    subject: None,
                };
                audit::record(tx, &entry).await.map(drop)
            })
        })
        .await
}
