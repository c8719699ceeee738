//! What kind of data it is, and whose.

use super::{Clause, closed, written};

closed! {
    /// What kind of data it is. C1 to C7 are what a person gives (clause 2.2), C8 is their voice (2.3), C9 and C10 arise while the program
    /// works. The three after them are of the policy too: what somebody declared, and the data of people who are no users.
    pub enum DataCategory {
        /// Name.
        C1 = "C1",
        /// Phone.
        C2 = "C2",
        /// That they mean to see a doctor.
        C3 = "C3",
        /// E-mail.
        C4 = "C4",
        /// Sex.
        C5 = "C5",
        /// Age.
        C6 = "C6",
        /// Whatever else they type or tell.
        C7 = "C7",
        /// The sound of a call.
        C8 = "C8",
        /// Whom they chose: specialty, service, clinic, doctor, time.
        C9 = "C9",
        /// Technical data: network address, instants, programs, language of the pages.
        C10 = "C10",
        /// What they declared or agreed to, and for whom they act.
        A1 = "A1",
        /// A doctor's qualifications, place and hours of practice.
        D1 = "D1",
        /// An employee's or a partner's work contact, and what they did in the system.
        E1 = "E1",
    }
}
written!(DataCategory);

impl DataCategory {
    /// Where the policy names it.
    pub fn clause(self) -> Clause {
        use DataCategory as C;
        match self {
            C::C1 | C::C2 | C::C3 | C::C4 | C::C5 | C::C6 | C::C7 => Clause::C2_2,
            C::C8 => Clause::C2_3,
            C::C9 => Clause::C16_2,
            C::C10 => Clause::C10_1,
            C::A1 => Clause::C2_7,
            C::D1 | C::E1 => Clause::C10_2,
        }
    }

    /// Whether it may hint at health (clause 16.2). Where the profile says `specialty_protected_as_health`, it is then sealed, lives short and
    /// makes an incident one with health data (14.3).
    pub fn may_hint_at_health(self) -> bool {
        matches!(self, DataCategory::C7 | DataCategory::C8 | DataCategory::C9)
    }
}

closed! {
    /// Whose data it is.
    pub enum Subject {
        /// Whoever uses the site or means to, by phone too.
        User = "user",
        /// Whoever acts for a user.
        Representative = "representative",
        /// A doctor in the directory.
        Practitioner = "practitioner",
        /// Whoever works for the operator, a clinic or a partner and uses the system.
        Employee = "employee",
        /// A clinic; a sole trader is one.
        Organization = "organization",
    }
}

impl Subject {
    /// Where the policy names them.
    pub fn clause(self) -> Clause {
        match self {
            Subject::User => Clause::C1_2,
            Subject::Representative => Clause::C2_4,
            Subject::Practitioner | Subject::Employee | Subject::Organization => Clause::C10_2,
        }
    }

    /// Whether the purposes' lists of data (clause 10.1) are about them.
    pub fn is_user(self) -> bool {
        matches!(self, Subject::User | Subject::Representative)
    }
}
