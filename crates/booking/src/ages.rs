//! Whom a doctor receives: adults, children, from what age to what. An age is asked for only where it decides (clause 2.2).

use directory::catalogue::PractitionerRole;
use patients::Relation;

/// Why a person of that age is not received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgeRule {
    /// The doctor sees adults only.
    AdultsOnly,
    /// The doctor sees children only.
    ChildrenOnly,
    /// Nobody younger than this.
    From(i64),
    /// Nobody older than this.
    To(i64),
}

impl AgeRule {
    /// Id of the text that says what is wrong with the age, and what to do.
    pub(crate) fn text_id(self) -> &'static str {
        match self {
            AgeRule::AdultsOnly => "booking-error-age-adults",
            AgeRule::ChildrenOnly => "booking-error-age-children",
            AgeRule::From(_) => "booking-error-age-from",
            AgeRule::To(_) => "booking-error-age-to",
        }
    }

    /// The text's `n`.
    pub(crate) fn years(self) -> i64 {
        match self {
            AgeRule::AdultsOnly | AgeRule::ChildrenOnly => 0,
            AgeRule::From(years) | AgeRule::To(years) => years,
        }
    }
}

/// The limits that the doctor has set besides adults and children, inclusive. A limit that says no more than those two is none.
fn limits(role: &PractitionerRole, adult_years: i64) -> (Option<i64>, Option<i64>) {
    let (youngest, oldest) = (if role.children { 0 } else { adult_years }, if role.adults { i64::MAX } else { adult_years - 1 });
    (role.age_min_years.filter(|from| *from > youngest), role.age_max_years.filter(|to| *to < oldest))
}

/// Whether somebody of this age is received.
///
/// # Errors
/// The rule that says no.
pub(crate) fn received(role: &PractitionerRole, age: i64, adult_years: i64) -> Result<(), AgeRule> {
    let (from, to) = limits(role, adult_years);
    match age {
        _ if age < adult_years && !role.children => Err(AgeRule::AdultsOnly),
        _ if age >= adult_years && !role.adults => Err(AgeRule::ChildrenOnly),
        _ if from.is_some_and(|from| age < from) => Err(AgeRule::From(from.unwrap_or_default())),
        _ if to.is_some_and(|to| age > to) => Err(AgeRule::To(to.unwrap_or_default())),
        _ => Ok(()),
    }
}

/// Whether the form must ask for the age of whoever comes: where it decides. A doctor who receives everybody needs none; an adult who books
/// for themselves with a doctor for adults says it by that.
pub(crate) fn decides(role: &PractitionerRole, for_other: bool, adult_years: i64) -> bool {
    match limits(role, adult_years) {
        (None, None) => !role.adults || (!role.children && for_other),
        _ => true,
    }
}

/// Whether everybody whom the doctor receives is represented by somebody else.
pub(crate) fn children_only(role: &PractitionerRole, adult_years: i64) -> bool {
    !role.adults || limits(role, adult_years).1.is_some_and(|to| to < adult_years)
}

/// Whether somebody of that relation may act for a person under age: a legal representative only, since a child charges nobody with it
/// (clause 2.4). For an adult anybody may, who declares that the adult has asked them.
pub(crate) fn acts_for_children(relation: Relation) -> bool {
    match relation {
        Relation::Parent | Relation::AdoptiveParent | Relation::Guardian => true,
        Relation::Spouse | Relation::Child | Relation::Other => false,
    }
}

#[cfg(test)]
mod tests {
    use directory::catalogue::{LocationId, OrganizationId, RoleId, Schedule};

    use super::*;

    fn role(adults: bool, children: bool, from: Option<i64>, to: Option<i64>) -> PractitionerRole {
        let id = db::reexport::Uuid::nil();
        PractitionerRole {
            id: RoleId(id),
            practitioner: None,
            organization: OrganizationId(id),
            location: LocationId(id),
            specialties: Vec::new(),
            services: Vec::new(),
            adults,
            children,
            age_min_years: from,
            age_max_years: to,
            source: None,
            horizon_days: 14,
            notice_minutes: 0,
            schedule: Schedule::default(),
        }
    }

    #[test]
    fn who_is_received_and_whose_age_is_asked_for() {
        let received = |role: &PractitionerRole, age| received(role, age, 18);
        let adults = role(true, false, Some(18), None);
        assert_eq!((received(&adults, 17), received(&adults, 18)), (Err(AgeRule::AdultsOnly), Ok(())));
        assert!(!decides(&adults, false, 18) && decides(&adults, true, 18), "from 18 says no more than adults");
        let children = role(false, true, None, Some(17));
        assert_eq!((received(&children, 17), received(&children, 18)), (Ok(()), Err(AgeRule::ChildrenOnly)));
        assert!(decides(&children, true, 18) && children_only(&children, 18));
        let everybody = role(true, true, Some(0), None);
        assert!(!decides(&everybody, true, 18) && !children_only(&everybody, 18));
        let some = role(true, true, Some(3), Some(70));
        assert_eq!((received(&some, 2), received(&some, 71)), (Err(AgeRule::From(3)), Err(AgeRule::To(70))));
        assert!(decides(&some, false, 18) && received(&some, 3).is_ok() && received(&some, 70).is_ok());
        assert!(children_only(&role(true, true, None, Some(14)), 18));
    }

    #[test]
    fn nobody_acts_for_their_own_parent_who_is_a_child() {
        let acting: Vec<&str> =
            Relation::ALL.into_iter().filter(|relation| acts_for_children(*relation)).map(|relation| relation.code()).collect();
        assert_eq!(acting, ["parent", "adoptive_parent", "guardian"]);
    }
}
