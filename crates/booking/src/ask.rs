//! A visit is asked for where there are no live times. Nothing is claimed; the clinic or the operator calls.

use clock::Timestamp;
use db::Tx;
use directory::catalogue::RoleId;
use privacy::{KeyStore, Profile};

use crate::admit::Admitted;
use crate::appointment::{Appointment, AppointmentId};
use crate::book::{self, BookError};
use crate::response;
use crate::status::Status;
use crate::told::{self, Turn};
use crate::wish::Wish;

/// What is asked for: checked, and bounded by the begin of the first wish and the end of the last. No time is promised by it.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) role: RoleId,
    pub(crate) service: String,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) zone: String,
    pub(crate) price_minor: i64,
    pub(crate) currency: String,
    pub(crate) wishes: Vec<Wish>,
}

/// What [`ask`] does.
#[derive(Debug, Clone)]
pub(crate) struct Asking {
    pub(crate) wanted: Wanted,
    pub(crate) admitted: Admitted,
}

/// Writes the request down. Afterwards it stands as `proposed`, with its consent event and audit entry, and the jobs that tell person and
/// clinic are left; or nothing of that, and the refusal is in the audit log.
pub(crate) async fn ask(tx: &mut Tx, keys: &KeyStore, profile: &Profile, asking: &Asking) -> Result<Appointment, BookError> {
    let id = AppointmentId::random(tx.clock());
    if let Some(earlier) = book::begin(tx, &asking.admitted, id).await? {
        return Ok(earlier);
    }
    let outcome = propose(tx, keys, profile, asking, id).await;
    book::end(tx, &asking.admitted, outcome, "asked").await
}

async fn propose(tx: &mut Tx, keys: &KeyStore, profile: &Profile, asking: &Asking, id: AppointmentId) -> Result<Appointment, BookError> {
    let Asking { wanted, admitted } = asking;
    let now = tx.now();
    let (visits, next) = book::alone(tx, &admitted.key).await?;
    let open = visits.iter().filter(|visit| visit.status == Status::Proposed && visit.end > now).count();
    if i64::try_from(open).unwrap_or(i64::MAX) >= profile.requests_open_per_person_max {
        return Err(BookError::TooManyRequests(profile.requests_open_per_person_max));
    }
    if let Some((code, phone)) = &admitted.code {
        patients::spend_code(tx, keys, *code, phone).await.map_err(BookError::Code)?;
    }
    let visit = Appointment {
        id,
        number: 0,
        role: wanted.role,
        service: wanted.service.clone(),
        start: wanted.start,
        end: wanted.end,
        zone: wanted.zone.clone(),
        status: Status::Proposed,
        price_minor: wanted.price_minor,
        currency: wanted.currency.clone(),
        lang: admitted.lang,
        moves: 0,
        wishes: wanted.wishes.clone(),
    };
    let visit = book::write_down(tx, keys, admitted, visit, next).await?;
    response::ask_clinic(tx, id).await?;
    told::leave_known(tx, id, Turn::Requested, admitted.contact).await?;
    Ok(visit)
}
