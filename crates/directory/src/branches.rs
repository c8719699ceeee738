//! Branches whose clinic is nowhere to be found. Pure.

use std::collections::{HashMap, HashSet};

use crate::catalogue::{Catalogue, OrganizationId, PractitionerId, RoleId};
use crate::refused::{Reason, Refused};
use crate::resolve::Plan;

/// Afterwards every branch of the plan has its clinic, in the plan or in the directory, and that clinic is no branch itself.
pub(crate) fn refuse_lost_branches(catalogue: &Catalogue, plan: &mut Plan, lines: &HashMap<RoleId, u64>) {
    let whole = |plan: &Plan, id: OrganizationId| match (plan.organizations.get(&id), catalogue.organization(id)) {
        (None, None) => None,
        (draft, known) => Some(draft.and_then(|draft| draft.part_of).or_else(|| known.and_then(|known| known.part_of)).is_none()),
    };
    let mut lost: HashMap<OrganizationId, Reason> = HashMap::new();
    for (id, draft) in &plan.organizations {
        let given = draft.branch_of.clone();
        match draft.part_of.map(|head| whole(plan, head)) {
            Some(None) => lost.insert(*id, Reason::Branch { given }),
            Some(Some(false)) => lost.insert(*id, Reason::BranchOfBranch { given }),
            _ => None,
        };
    }
    if lost.is_empty() {
        return;
    }
    for role in plan.roles.iter().filter(|role| lost.contains_key(&role.organization)) {
        if let (Some(reason), Some(line)) = (lost.get(&role.organization), lines.get(&role.id)) {
            plan.refused.push(Refused { line: *line, column: Some("branch_of"), reason: reason.clone() });
        }
    }
    plan.roles.retain(|role| !lost.contains_key(&role.organization));
    plan.organizations.retain(|id, _| !lost.contains_key(id));
    plan.locations.retain(|_, location| !lost.contains_key(&location.organization));
    plan.resources.retain(|_, resource| !lost.contains_key(&resource.organization));
    let still: HashSet<PractitionerId> = plan.roles.iter().filter_map(|role| role.practitioner).collect();
    plan.practitioners.retain(|id, _| still.contains(id));
    // What was refused may itself have been the clinic of others.
    refuse_lost_branches(catalogue, plan, lines);
}
