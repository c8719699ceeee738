//! Why data is used.

use super::{Clause, DataCategory, closed, written};

closed! {
    /// Why data is used: the purposes of clause 2.1, and the two that the law adds.
    pub enum Purpose {
        /// Booking of a visit or an examination through the site.
        P1 = "P1",
        /// Talking with the contact centre.
        P2 = "P2",
        /// Quality control with staff, clinics, doctors and third parties.
        P3 = "P3",
        /// Support in using the site.
        P4 = "P4",
        /// Advertising.
        P5 = "P5",
        /// Improving the site and the service.
        P6 = "P6",
        /// Feedback on the operator and the site.
        P7 = "P7",
        /// Feedback on clinics and doctors.
        P8 = "P8",
        /// Answering subjects, and duties of the law.
        P9 = "P9",
        /// Security log.
        P10 = "P10",
    }
}
written!(Purpose);

impl Purpose {
    /// Where the policy declares it.
    pub fn clause(self) -> Clause {
        Clause::C2_1
    }

    /// What it may be used on (clause 10.1): the categories of a user or whoever acts for them. Nothing else is of use to it, so nothing
    /// else is opened or kept for it. The choice of a doctor (C9) is not among those of advertising or of improving the site (16.5).
    pub fn categories(self) -> &'static [DataCategory] {
        use DataCategory as C;
        match self {
            Purpose::P1 => &[C::C1, C::C2, C::C3, C::C4, C::C5, C::C6, C::C9, C::A1],
            Purpose::P2 | Purpose::P3 => &[C::C1, C::C2, C::C3, C::C8, C::C9],
            Purpose::P4 => &[C::C2, C::C4, C::C7],
            Purpose::P5 => &[C::C1, C::C2, C::C4],
            Purpose::P6 => &[],
            Purpose::P7 | Purpose::P8 => &[C::C2, C::C7, C::C8, C::C9],
            // What is needed to recognise whoever applies, to answer, and to prove what was agreed to.
            Purpose::P9 => &[C::C1, C::C2, C::C3, C::C4, C::C5, C::C6, C::C7, C::C8, C::C9, C::C10, C::A1],
            Purpose::P10 => &[C::C10],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clause 16.5.
    #[test]
    fn advertising_and_improving_never_need_the_choice() {
        for purpose in [Purpose::P5, Purpose::P6] {
            assert!(!purpose.categories().contains(&DataCategory::C9), "{purpose}");
        }
        assert!(Purpose::P6.categories().is_empty(), "statistics alone");
    }
}
