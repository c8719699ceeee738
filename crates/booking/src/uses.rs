//! Who used the data of a visit, and who was given some of it: the entries of the audit log about it, and the receipt of each, for whoever
//! holds the visit's token.

use db::DbError;

use privacy::audit::{self, EntryId, Receipt, ReceiptError, Written};
use privacy::disclosure::{self, Made};

use crate::appointment::AppointmentId;
use crate::told;
use crate::world::World;

/// The newest entries about the visit but for the `skip` newest, oldest first; whether each is sealed; and whether there are earlier ones.
pub(crate) async fn list(world: &World, visit: AppointmentId, skip: i64) -> Result<(Vec<(Written<'static>, bool)>, bool), DbError> {
    world.db.read("uses", move |tx| Box::pin(audit::entries_of(tx, visit.bytes(), skip))).await
}

/// What left about the visit.
pub(crate) async fn disclosed(world: &World, visit: AppointmentId) -> Result<Vec<Made>, DbError> {
    world.db.read("disclosures", move |tx| Box::pin(disclosure::of(tx, visit.bytes()))).await
}

/// The receipt of one of the visit's entries; `None` when it is none of them, or not sealed yet. It opens the entry's commitment to the
/// person for as long as the visit is known as theirs; afterwards it proves the entry, and no longer about whom it is.
pub(crate) async fn receipt(world: &World, visit: AppointmentId, entry: EntryId) -> Result<Option<Receipt>, DbError> {
    if !world.db.read("whose entry", move |tx| Box::pin(audit::is_about(tx, entry, visit.bytes()))).await? {
        return Ok(None);
    }
    let person = told::visit_and_person(world, visit).await;
    // A link or a key store that does not open makes the receipt say less, not nothing.
    let key = person.ok().flatten().map(|(_, known)| known.key().clone());
    let given = world.db.read("receipt", move |tx| {
        let key = key.clone();
        Box::pin(async move {
            match audit::receipt(tx, entry, key.as_ref()).await {
                // Somebody else's part in the visit.
                Err(ReceiptError::NotTheirs) => audit::receipt(tx, entry, None).await,
                given => given,
            }
        })
    });
    match given.await {
        Ok(receipt) => Ok(Some(receipt)),
        Err(ReceiptError::Db(fault)) => Err(fault),
        Err(ReceiptError::Unknown | ReceiptError::NotSealed | ReceiptError::NotTheirs | ReceiptError::Pruned) => Ok(None),
    }
}
