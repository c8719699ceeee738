//! Who changes a visit: the person, somebody of the staff for them, or the clinic by the link that it was sent.

use access::StaffId;

/// Who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The person of the visit, by its token.
    Person,
    /// Somebody of the staff who has signed in.
    Staff(StaffId),
    /// The clinic of the visit, by the token that it was sent.
    Clinic,
}

impl By {
    /// As the log names them.
    pub fn code(&self) -> String {
        match self {
            By::Person => "person".to_owned(),
            By::Staff(staff) => format!("staff:{staff}"),
            By::Clinic => "clinic".to_owned(),
        }
    }

    /// Whether cut-offs and counts of the profile bind them: they are for what nobody looks at. Who speaks with the clinic may do more.
    pub(crate) fn is_bound_by_terms(&self) -> bool {
        matches!(self, By::Person)
    }
}
