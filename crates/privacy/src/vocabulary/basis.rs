//! By what right data is used, and which acts need a consent document of their own.

use super::{Clause, closed, written};

closed! {
    /// By what right data is used (clause 1.4 a). Which purpose rests on which, the profile says.
    pub enum LegalBasis {
        /// The person's consent, on a document of its own.
        Consent = "consent",
        /// The person's own request: what they asked for cannot be done otherwise.
        Request = "request",
        /// A duty that the law lays on the operator.
        LegalDuty = "law",
        /// An interest of the operator that outweighs the person's. Nothing rests on it unless a lawyer has said so in the profile.
        LegitimateInterest = "interest",
    }
}
written!(LegalBasis);

impl LegalBasis {
    /// Where the policy names it.
    pub fn clause(self) -> Clause {
        match self {
            LegalBasis::Consent => Clause::C2_7,
            LegalBasis::Request => Clause::C2_2,
            LegalBasis::LegalDuty => Clause::C10_1,
            LegalBasis::LegitimateInterest => Clause::C1_4,
        }
    }
}

closed! {
    /// What never shares a consent document with anything else.
    pub enum OwnDocument {
        /// Advertising (P5), for each means of communication.
        Marketing = "marketing",
        /// Recording of calls.
        Recording = "recording",
        /// Publishing, on doctors' pages and in reviews.
        Dissemination = "dissemination",
        /// Handing over to anybody but the chosen clinic, its doctor and those who work on instruction.
        OtherRecipient = "other_recipient",
    }
}
written!(OwnDocument);

impl OwnDocument {
    /// Where the policy asks for it.
    pub fn clause(self) -> Clause {
        match self {
            OwnDocument::Marketing => Clause::C2_1,
            OwnDocument::Recording => Clause::C2_3,
            OwnDocument::Dissemination => Clause::C10_3,
            OwnDocument::OtherRecipient => Clause::C4_1,
        }
    }
}
