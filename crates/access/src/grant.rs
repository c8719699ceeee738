//! Grants: a role beyond one's own, for a while, with a reason, by somebody else (clause 7.3).

use clock::Timestamp;
use db::{DbError, Tx};
use privacy::profile::StaffTerms;

use crate::event::{self, By, Event};
use crate::role::Role;
use crate::staff::{StaffId, one_at_a_time};
use crate::store::staff as store;

db::id!(
    /// A grant's id.
    pub GrantId
);

/// Grants of one person that count at one time (I9).
const GRANTS_MAX: i64 = 5;

/// Why a role is granted. A list: reasons in free words would name people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Somebody is away.
    Cover,
    /// More work than hands.
    Load,
    /// Something has happened and is looked into.
    Incident,
    /// Somebody is learning the work.
    Training,
}

impl Reason {
    /// All of them.
    pub const ALL: [Reason; 4] = [Reason::Cover, Reason::Load, Reason::Incident, Reason::Training];

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Reason::Cover => "cover",
            Reason::Load => "load",
            Reason::Incident => "incident",
            Reason::Training => "training",
        }
    }

    /// The reason with that code.
    pub fn from_code(code: &str) -> Option<Reason> {
        Reason::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

/// A role that somebody has for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// The role.
    pub role: Role,
    /// Why.
    pub reason: Reason,
    /// Since when.
    pub granted_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
}

/// Why nothing was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantError {
    /// To oneself: somebody else must do it.
    ToOneself,
    /// There is nobody with that id, or their access has ended.
    Unknown,
    /// They have that role.
    HasIt,
    /// A doctor's or a registrar's work for somebody of no clinic, a doctor's for no doctor, or an auditor's, which has a contract.
    Unfit,
    /// Fewer hours than one, or more than this.
    Hours(i64),
    /// They have as many grants as one may have.
    TooMany,
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for GrantError {
    fn from(error: DbError) -> Self {
        GrantError::Db(error)
    }
}

impl db::Refusal for GrantError {
    fn fault(&self) -> Option<&DbError> {
        if let GrantError::Db(error) = self { Some(error) } else { None }
    }
}

/// Grants a role for so many hours.
///
/// # Errors
/// Why not.
pub async fn grant(
    tx: &mut Tx,
    terms: &StaffTerms,
    to: StaffId,
    role: Role,
    reason: Reason,
    hours: i64,
    by: StaffId,
) -> Result<Grant, GrantError> {
    if to == by {
        return Err(GrantError::ToOneself);
    }
    if !(1..=terms.grant_hours_max).contains(&hours) {
        return Err(GrantError::Hours(terms.grant_hours_max));
    }
    one_at_a_time(tx, to).await?;
    let now = tx.now();
    let staff = store::by_id(tx, to).await?.map(|(staff, _)| staff).filter(|staff| staff.is_active(now)).ok_or(GrantError::Unknown)?;
    if staff.role == role {
        return Err(GrantError::HasIt);
    }
    let clinic_missing = role.is_of_a_clinic() && staff.clinic.is_none();
    let doctor_missing = role == Role::Doctor && staff.practitioner.is_none();
    if clinic_missing || doctor_missing || role == Role::Auditor {
        return Err(GrantError::Unfit);
    }
    let living = store::grants(tx, to, GRANTS_MAX).await?;
    if living.iter().any(|grant| grant.role == role) {
        return Err(GrantError::HasIt);
    }
    if i64::try_from(living.len()).unwrap_or(i64::MAX) >= GRANTS_MAX {
        return Err(GrantError::TooMany);
    }
    let grant = Grant { id: GrantId::random(tx.clock()), role, reason, granted_at: now, ends_at: now.plus_minutes(hours * 60) };
    store::insert_grant(tx, to, &grant, by).await?;
    event::record(tx, By::Staff(by), Event::Granted, Some(to.bytes())).await?;
    Ok(grant)
}

/// Somebody's grants that count now.
///
/// # Errors
/// A fault of the database.
pub async fn grants_of(tx: &mut Tx, staff: StaffId) -> Result<Vec<Grant>, DbError> {
    store::grants(tx, staff, GRANTS_MAX).await
}

/// Ends a grant before its time; `false` when it had ended.
///
/// # Errors
/// A fault of the database.
pub async fn end_grant(tx: &mut Tx, id: GrantId, by: StaffId) -> Result<bool, DbError> {
    match store::end_grant(tx, id).await? {
        Some(of) => {
            event::record(tx, By::Staff(by), Event::GrantEnded, Some(of.bytes())).await?;
            Ok(true)
        }
        None => Ok(false),
    }
}
