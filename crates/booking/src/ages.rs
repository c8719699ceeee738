//! Whom a doctor receives: adults, children, from what age to what. An age is asked for only where it decides (clause 2.2).

use directory::catalogue::PractitionerRole;

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

/// The limits that the doctor has set besides adults and children, inclusive.
fn limits(role: &PractitionerRole) -> (Option<i64>, Option<i64>) {
    (role.age_min_years, role.age_max_years)
}

/// Whether somebody of this age is received.
///
/// # Errors
/// The rule that says no.
pub(crate) fn received(role: &PractitionerRole, age: i64, adult_years: i64) -> Result<(), AgeRule> {
    let (from, to) = limits(role);
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
pub(crate) fn decides(role: &PractitionerRole, for_other: bool) -> bool {
    match limits(role) {
        (None, None) => !role.adults || (!role.children && for_other),
        _ => true,
    }
}

/// Whether everybody whom the doctor receives is represented by somebody else.
pub(crate) fn children_only(role: &PractitionerRole, adult_years: i64) -> bool {
    !role.adults || limits(role).1.is_some_and(|to| to < adult_years)
}
