//! The states of a visit: FHIR R4 `AppointmentStatus`, and the moves between them that are legal.

/// State of an Appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Asked for; no time promised.
    Proposed,
    /// A time is promised; somebody has yet to confirm.
    Pending,
    /// Agreed.
    Booked,
    /// The person is there.
    Arrived,
    /// The person is there and ready.
    CheckedIn,
    /// It took place.
    Fulfilled,
    /// Called off.
    Cancelled,
    /// The person did not come.
    NoShow,
    /// Never should have been written.
    EnteredInError,
    /// Waits for a time.
    Waitlist,
}

impl Status {
    /// All states.
    pub const ALL: [Status; 10] = [
        Status::Proposed,
        Status::Pending,
        Status::Booked,
        Status::Arrived,
        Status::CheckedIn,
        Status::Fulfilled,
        Status::Cancelled,
        Status::NoShow,
        Status::EnteredInError,
        Status::Waitlist,
    ];

    /// FHIR's code.
    pub fn code(self) -> &'static str {
        match self {
            Status::Proposed => "proposed",
            Status::Pending => "pending",
            Status::Booked => "booked",
            Status::Arrived => "arrived",
            Status::CheckedIn => "checked-in",
            Status::Fulfilled => "fulfilled",
            Status::Cancelled => "cancelled",
            Status::NoShow => "noshow",
            Status::EnteredInError => "entered-in-error",
            Status::Waitlist => "waitlist",
        }
    }

    /// The state with that code.
    pub fn from_code(code: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.code() == code)
    }

    /// Whether a visit may go from this state to `next`. What is over stays over, except for what was written in error.
    pub fn may_become(self, next: Status) -> bool {
        use Status::{Arrived, Booked, Cancelled, CheckedIn, EnteredInError, Fulfilled, NoShow, Pending, Proposed, Waitlist};
        match self {
            Proposed => matches!(next, Pending | Booked | Waitlist | Cancelled | EnteredInError),
            Waitlist => matches!(next, Proposed | Pending | Booked | Cancelled | EnteredInError),
            Pending => matches!(next, Booked | Cancelled | EnteredInError),
            Booked => matches!(next, Arrived | CheckedIn | Fulfilled | Cancelled | NoShow | EnteredInError),
            Arrived => matches!(next, CheckedIn | Fulfilled | Cancelled | EnteredInError),
            CheckedIn => matches!(next, Fulfilled | Cancelled | EnteredInError),
            Fulfilled | NoShow => matches!(next, EnteredInError),
            Cancelled | EnteredInError => false,
        }
    }

    /// Whether a visit in this state that is over is taken to have taken place: nobody said that it did not.
    pub fn took_place(self) -> bool {
        self.holds_time() || self == Status::Fulfilled
    }

    /// Whether the visit holds its time.
    pub fn holds_time(self) -> bool {
        matches!(self, Status::Pending | Status::Booked | Status::Arrived | Status::CheckedIn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_move_is_decided() {
        let legal: Vec<String> = Status::ALL
            .into_iter()
            .flat_map(|from| {
                Status::ALL.into_iter().filter(move |to| from.may_become(*to)).map(move |to| format!("{}>{}", from.code(), to.code()))
            })
            .collect();
        let expected = "proposed>pending proposed>booked proposed>cancelled proposed>entered-in-error proposed>waitlist \
             pending>booked pending>cancelled pending>entered-in-error \
             booked>arrived booked>checked-in booked>fulfilled booked>cancelled booked>noshow booked>entered-in-error \
             arrived>checked-in arrived>fulfilled arrived>cancelled arrived>entered-in-error \
             checked-in>fulfilled checked-in>cancelled checked-in>entered-in-error \
             fulfilled>entered-in-error noshow>entered-in-error \
             waitlist>proposed waitlist>pending waitlist>booked waitlist>cancelled waitlist>entered-in-error";
        assert_eq!(legal, expected.split_whitespace().collect::<Vec<_>>());
        let took_place: Vec<&str> = Status::ALL.into_iter().filter(|status| status.took_place()).map(Status::code).collect();
        assert_eq!(took_place, ["pending", "booked", "arrived", "checked-in", "fulfilled"]);
        assert!(Status::ALL.iter().all(|status| Status::from_code(status.code()) == Some(*status)));
    }
}
