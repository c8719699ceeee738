//! What is done with data.

use super::{Clause, closed, written};

closed! {
    /// What is done with data: the verbs of clause 1.2, in its order. An entry names the one that says most: `collect` includes recording,
    /// `use` includes retrieving.
    pub enum Operation {
        /// Collect from the person.
        Collect = "collect",
        /// Record.
        Record = "record",
        /// Systematise.
        Systematise = "systematise",
        /// Accumulate.
        Accumulate = "accumulate",
        /// Store.
        Store = "store",
        /// Refine: correct, move, change.
        Refine = "refine",
        /// Retrieve.
        Retrieve = "retrieve",
        /// Use.
        Use = "use",
        /// Disseminate: to anybody.
        Disseminate = "disseminate",
        /// Provide to a recipient.
        Provide = "provide",
        /// Give a recipient access.
        GiveAccess = "give_access",
        /// Transfer across a border.
        TransferAbroad = "transfer_abroad",
        /// Depersonalise.
        Depersonalise = "depersonalise",
        /// Block.
        Block = "block",
        /// Delete.
        Delete = "delete",
        /// Destroy: no copy can be read any more.
        Destroy = "destroy",
    }
}
written!(Operation);

impl Operation {
    /// Where the policy defines it.
    pub fn clause(self) -> Clause {
        Clause::C1_2
    }

    /// Whether data leaves the operator by it (clause 4.1).
    pub fn leaves(self) -> bool {
        matches!(self, Operation::Disseminate | Operation::Provide | Operation::GiveAccess | Operation::TransferAbroad)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clause 1.2 in English, where one word is one verb.
    #[test]
    fn the_policy_has_these_verbs_and_no_other() {
        let text = include_str!("../../../../policy/text/en.md");
        let line = text.lines().find_map(|line| line.strip_prefix("- \"Processing of personal data\"")).unwrap();
        let list = line.split(": ").nth(1).unwrap();
        let nouns = [
            "collection",
            "recording",
            "systematisation",
            "accumulation",
            "storage",
            "refinement",
            "retrieval",
            "use",
            "dissemination",
            "provision",
            "access",
            "across borders",
            "depersonalisation",
            "blocking",
            "deletion",
            "destruction",
        ];
        assert_eq!(nouns.len(), Operation::ALL.len());
        let mut rest = list;
        for noun in nouns {
            let at = rest.find(noun).unwrap_or_else(|| panic!("{noun} stands in the order of the clause"));
            rest = &rest[at + noun.len()..];
        }
        // One comma between any two, and the one in "updating, changing", which explain refinement: there is no further verb.
        assert_eq!(list.matches(", ").count(), (nouns.len() - 1) + 1, "{list}");
    }
}
