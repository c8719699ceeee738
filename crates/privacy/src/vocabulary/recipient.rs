//! To whom data may go.

use super::{Clause, closed, written};

closed! {
    /// To whom data may go (clause 4.1): the closed list of kinds. Which clinic, partner or carrier it is, the register of recipients says.
    pub enum Recipient {
        /// DocDoc LLC, for times offered through it.
        DocDoc = "R1",
        /// Another partner of the operator.
        Partner = "R2",
        /// The clinic that the person chose.
        Organization = "R3",
        /// The doctor whom the person chose.
        Practitioner = "R4",
        /// The contact centre.
        ContactCentre = "R5",
        /// Whoever controls the quality of the service.
        QualityControl = "R6",
        /// Who delivers text messages.
        SmsCarrier = "R7.sms",
        /// Who delivers letters.
        MailCarrier = "R7.mail",
        /// Who provides machines.
        Hosting = "R7.hosting",
        /// An auditor. Sees evidence and proofs, never a user's data.
        Auditor = "R8",
    }
}
written!(Recipient);

impl Recipient {
    /// Where the policy names it.
    pub fn clause(self) -> Clause {
        match self {
            Recipient::Auditor => Clause::C8_2,
            _ => Clause::C4_1,
        }
    }

    /// Whether it works on the operator's instruction and for nothing of its own: named in no consent, bound by contract.
    pub fn is_processor(self) -> bool {
        matches!(self, Recipient::ContactCentre | Recipient::SmsCarrier | Recipient::MailCarrier | Recipient::Hosting)
    }

    /// Whether the person chose it themselves by booking there.
    pub fn is_chosen(self) -> bool {
        matches!(self, Recipient::Organization | Recipient::Practitioner)
    }
}
