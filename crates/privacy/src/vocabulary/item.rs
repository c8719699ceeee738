//! What may stand in something that leaves.

use super::{Clause, DataCategory, closed};

closed! {
    /// What may stand in something that leaves (clause 4.1): a text, a letter, a partner's request is made of these and of nothing else
    /// about anybody. Its code is also the name of its place in the texts.
    pub enum Item {
        /// Name.
        Name = "name",
        /// Phone.
        Phone = "phone",
        /// E-mail.
        Email = "email",
        /// Sex.
        Sex = "sex",
        /// Age.
        Age = "age",
        /// The digits that prove a phone.
        Code = "code",
        /// The day of the visit.
        Day = "day",
        /// Its time.
        Time = "time",
        /// Its street and house.
        Street = "street",
        /// Its number.
        Number = "number",
        /// The address of the visit's page, with what opens it.
        Link = "link",
        /// The doctor.
        Doctor = "doctor",
        /// The service.
        Service = "service",
        /// The specialty.
        Specialty = "specialty",
        /// Whatever a person has typed or told besides: free text. No mask lets it through (clause 2.5).
        Comment = "comment",
    }
}

impl Item {
    /// What kind of data it is.
    pub fn category(self) -> DataCategory {
        match self {
            Item::Name => DataCategory::C1,
            Item::Phone | Item::Code => DataCategory::C2,
            Item::Email => DataCategory::C4,
            Item::Sex => DataCategory::C5,
            Item::Age => DataCategory::C6,
            Item::Comment => DataCategory::C7,
            Item::Day | Item::Time | Item::Street | Item::Number | Item::Link | Item::Doctor | Item::Service | Item::Specialty => {
                DataCategory::C9
            }
        }
    }

    /// Where the policy names it.
    pub fn clause(self) -> Clause {
        self.category().clause()
    }
}
