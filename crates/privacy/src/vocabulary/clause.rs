//! The clauses of the policy in force: each is an anchor of `policy/text`, in all three languages.

use super::closed;

closed! {
    /// A clause of the policy, or a whole section of it. Its code is its anchor in the published text (`#2.1`).
    pub enum Clause {
        /// General provisions.
        C1 = "1",
        /// What the policy is, and whose.
        C1_1 = "1.1",
        /// Words: user, personal data, processing, contact centre.
        C1_2 = "1.2",
        /// It applies to all users equally.
        C1_3 = "1.3",
        /// Principles of processing.
        C1_4 = "1.4",
        /// The rest is decided by the law.
        C1_5 = "1.5",
        /// Processing of users' personal data.
        C2 = "2",
        /// The purposes, a closed list.
        C2_1 = "2.1",
        /// What a booking takes.
        C2_2 = "2.2",
        /// Recordings of conversations.
        C2_3 = "2.3",
        /// Completeness, and legal representatives.
        C2_4 = "2.4",
        /// Further information is optional; medical secrets stay with clinics.
        C2_5 = "2.5",
        /// No data on health or intimate life.
        C2_6 = "2.6",
        /// Consent is a person's own act.
        C2_7 = "2.7",
        /// Protection at the operator's expense.
        C2_8 = "2.8",
        /// Collection, storage and use.
        C3 = "3",
        /// An electronic database.
        C3_1 = "3.1",
        /// Databases inside the country.
        C3_2 = "3.2",
        /// Transfer.
        C4 = "4",
        /// The recipients, a closed list.
        C4_1 = "4.1",
        /// Recipients are warned and bound to confidentiality.
        C4_2 = "4.2",
        /// Transfer across borders.
        C5 = "5",
        /// To countries without adequate protection.
        C5_1 = "5.1",
        /// To countries with adequate protection.
        C5_2 = "5.2",
        /// Users' rights.
        C6 = "6",
        /// Information, access, correction, deletion, withdrawal.
        C6_1 = "6.1",
        /// Refusal with reasons, and disagreement.
        C6_2 = "6.2",
        /// Protection.
        C7 = "7",
        /// The harms guarded against.
        C7_1 = "7.1",
        /// Legal measures.
        C7_2 = "7.2",
        /// Organisational measures.
        C7_3 = "7.3",
        /// Technical measures.
        C7_4 = "7.4",
        /// Control.
        C8 = "8",
        /// Internal control.
        C8_1 = "8.1",
        /// Audit by a third party.
        C8_2 = "8.2",
        /// Assessment of harm.
        C8_3 = "8.3",
        /// Liability.
        C9 = "9",
        /// Liability of whoever breaks the rules.
        C9_1 = "9.1",
        /// Compensation of moral harm.
        C9_2 = "9.2",
        /// Purposes, categories of data, categories of people.
        C10 = "10",
        /// Which data each purpose needs.
        C10_1 = "10.1",
        /// Doctors and employees.
        C10_2 = "10.2",
        /// Dissemination only by a consent of its own.
        C10_3 = "10.3",
        /// Periods of storage.
        C11 = "11",
        /// How long each thing is kept.
        C11_1 = "11.1",
        /// The shorter period applies.
        C11_2 = "11.2",
        /// Destruction.
        C12 = "12",
        /// Destroying the key is destroying the data.
        C12_1 = "12.1",
        /// Within which time.
        C12_2 = "12.2",
        /// Act and extract of the log.
        C12_3 = "12.3",
        /// Answers and how to apply.
        C13 = "13",
        /// How to apply.
        C13_1 = "13.1",
        /// Terms of answers.
        C13_2 = "13.2",
        /// Complaints.
        C13_3 = "13.3",
        /// Incidents.
        C14 = "14",
        /// Notice to the authority.
        C14_1 = "14.1",
        /// Notice to the person.
        C14_2 = "14.2",
        /// A chosen specialty counts as health.
        C14_3 = "14.3",
        /// Cookies and technical data.
        C15 = "15",
        /// The two cookies.
        C15_1 = "15.1",
        /// No advertising, no third parties.
        C15_2 = "15.2",
        /// Searching needs no name.
        C15_3 = "15.3",
        /// How the choice of a doctor is protected.
        C16 = "16",
        /// Nothing about illness is asked.
        C16_1 = "16.1",
        /// The choice is protected as if it were health.
        C16_2 = "16.2",
        /// A schedule does not say by whom.
        C16_3 = "16.3",
        /// Messages name no doctor.
        C16_4 = "16.4",
        /// The choice serves no advertising.
        C16_5 = "16.5",
        /// Health told all the same is not used.
        C16_6 = "16.6",
        /// Contact, versions, language.
        C17 = "17",
        /// Where to write.
        C17_1 = "17.1",
        /// Versions.
        C17_2 = "17.2",
        /// Languages.
        C17_3 = "17.3",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [(&str, &str); 3] = [
        ("kk", include_str!("../../../../policy/text/kk.md")),
        ("ru", include_str!("../../../../policy/text/ru.md")),
        ("en", include_str!("../../../../policy/text/en.md")),
    ];

    /// The anchors of a text, in its order.
    fn anchors(text: &str) -> Vec<&str> {
        text.split("{#").skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    #[test]
    fn every_clause_is_an_anchor_of_each_text_and_every_anchor_a_clause() {
        let clauses: Vec<&str> = Clause::ALL.into_iter().map(Clause::code).collect();
        for (lang, text) in TEXTS {
            assert_eq!(anchors(text), clauses, "policy/text/{lang}.md beside Clause, in the order of the text");
        }
    }
}
