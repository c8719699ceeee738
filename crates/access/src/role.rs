//! What staff may do: role by act, one table. Whatever is not in it is refused (clause 7.4, access control).

use privacy::Purpose;

/// What somebody works as. One person has one role; a grant adds another for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Answers calls in the contact centre.
    Agent,
    /// Answers for the agents.
    Supervisor,
    /// Receives people in a clinic.
    Registrar,
    /// Sees people in a clinic.
    Doctor,
    /// Runs the installation: colleagues, workstations, grants.
    Operator,
    /// Answers for personal data (clause 7.3).
    PrivacyOfficer,
    /// Checks from outside, under a contract and for a time; sees evidence, not people (clause 8.2).
    Auditor,
    /// Writes what everybody reads.
    Content,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 8] =
        [Role::Agent, Role::Supervisor, Role::Registrar, Role::Doctor, Role::Operator, Role::PrivacyOfficer, Role::Auditor, Role::Content];

    /// The name that commands, tables and the log use.
    pub fn code(self) -> &'static str {
        match self {
            Role::Agent => "agent",
            Role::Supervisor => "supervisor",
            Role::Registrar => "registrar",
            Role::Doctor => "doctor",
            Role::Operator => "operator",
            Role::PrivacyOfficer => "privacy-officer",
            Role::Auditor => "auditor",
            Role::Content => "content",
        }
    }

    /// The role with that name.
    pub fn from_code(code: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.code() == code)
    }

    /// Whether somebody in this role works for one clinic.
    pub fn is_of_a_clinic(self) -> bool {
        matches!(self, Role::Registrar | Role::Doctor)
    }
}

/// Something that staff do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// See one's own page; lock it, leave it.
    Home,
    /// See and change one's own ways to sign in, end one's own sessions.
    OwnAccount,
    /// See the visits of a day: numbers, times, doctors; nobody's name.
    SeeDay,
    /// Open the name and the phone of one visit's person.
    OpenPerson,
    /// See who works here.
    SeeColleagues,
    /// Add a colleague, end their access, let them sign in anew.
    ChangeColleagues,
    /// Give a colleague another role for a while, and take it back.
    Grant,
    /// Register a shared computer, and end it.
    Workstations,
    /// See security events.
    SeeEvents,
    /// See the ledger: how many visits took place at which clinic, and what they come to.
    SeeLedger,
    /// See the desk's list of work; take an item, close it with an outcome.
    SeeWork,
    /// Take a call: find who calls, open them once they have shown who they are, book, move and cancel for them.
    TakeCall,
    /// See the work of all agents, and take over what somebody has.
    LeadWork,
    /// Answer for the clinic: confirm a visit, propose another time, decline.
    AnswerVisit,
    /// Change the clinic's calendar: block a time, add a visit that came another way, overbook.
    ChangeCalendar,
    /// Choose how a clinic hears of visits, and acknowledge for it what data is for.
    ChooseWay,
}

impl Act {
    /// All of them.
    pub const ALL: [Act; 16] = [
        Act::Home,
        Act::OwnAccount,
        Act::SeeDay,
        Act::OpenPerson,
        Act::SeeColleagues,
        Act::ChangeColleagues,
        Act::Grant,
        Act::Workstations,
        Act::SeeEvents,
        Act::SeeLedger,
        Act::SeeWork,
        Act::TakeCall,
        Act::LeadWork,
        Act::AnswerVisit,
        Act::ChangeCalendar,
        Act::ChooseWay,
    ];

    /// What for.
    pub fn purpose(self) -> Purpose {
        match self {
            Act::SeeDay | Act::OpenPerson => Purpose::P1,
            Act::SeeWork | Act::TakeCall | Act::LeadWork | Act::AnswerVisit | Act::ChangeCalendar => Purpose::P1,
            // Accounts are a duty of the law.
            Act::SeeLedger => Purpose::P9,
            // Whom a clinic is told by, and what it was told, is a duty towards the people (clause 4.2).
            Act::ChooseWay => Purpose::P9,
            Act::Home | Act::OwnAccount | Act::SeeColleagues | Act::ChangeColleagues | Act::Grant | Act::Workstations | Act::SeeEvents => {
                Purpose::P10
            }
        }
    }
}

/// How far an act reaches. The later ones reach farther.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// What is one's own.
    Own,
    /// Whoever is on the line or on the item at hand, and nobody else.
    Call,
    /// The visits to oneself, as a doctor.
    OwnVisits,
    /// One's own clinic.
    Clinic,
    /// Everything.
    All,
}

/// How far somebody in this role may go with this act; `None`: not at all. Agents and their supervisors open people from a call or an item
/// at hand and from nowhere else.
pub fn reach(role: Role, act: Act) -> Option<Reach> {
    use Role as R;
    match (act, role) {
        (Act::Home | Act::OwnAccount, _) => Some(Reach::Own),

        (Act::SeeDay | Act::OpenPerson, R::Registrar) => Some(Reach::Clinic),
        (Act::SeeDay | Act::OpenPerson, R::Doctor) => Some(Reach::OwnVisits),
        (Act::SeeDay | Act::OpenPerson, R::Agent | R::Supervisor | R::Operator | R::PrivacyOfficer | R::Auditor | R::Content) => None,

        (Act::SeeColleagues, R::Operator | R::PrivacyOfficer) => Some(Reach::All),
        (Act::SeeColleagues, R::Agent | R::Supervisor | R::Registrar | R::Doctor | R::Auditor | R::Content) => None,

        (Act::ChangeColleagues | Act::Grant, R::Operator) => Some(Reach::All),
        (Act::ChangeColleagues | Act::Grant, R::Agent | R::Supervisor | R::Registrar | R::Doctor) => None,
        (Act::ChangeColleagues | Act::Grant, R::PrivacyOfficer | R::Auditor | R::Content) => None,

        (Act::Workstations, R::Operator | R::Supervisor) => Some(Reach::All),
        (Act::Workstations, R::Registrar) => Some(Reach::Clinic),
        (Act::Workstations, R::Agent | R::Doctor | R::PrivacyOfficer | R::Auditor | R::Content) => None,

        (Act::SeeEvents, R::Operator | R::PrivacyOfficer | R::Auditor) => Some(Reach::All),
        (Act::SeeEvents, R::Agent | R::Supervisor | R::Registrar | R::Doctor | R::Content) => None,

        (Act::SeeLedger, R::Operator) => Some(Reach::All),
        (Act::SeeLedger, R::Agent | R::Supervisor | R::Registrar | R::Doctor) => None,
        (Act::SeeLedger, R::PrivacyOfficer | R::Auditor | R::Content) => None,

        (Act::SeeWork | Act::TakeCall, R::Agent | R::Supervisor) => Some(Reach::Call),
        (Act::LeadWork, R::Supervisor) => Some(Reach::Call),
        (Act::LeadWork, R::Agent) => None,
        (Act::SeeWork | Act::TakeCall | Act::LeadWork, R::Registrar | R::Doctor | R::Operator) => None,
        (Act::SeeWork | Act::TakeCall | Act::LeadWork, R::PrivacyOfficer | R::Auditor | R::Content) => None,

        (Act::AnswerVisit | Act::ChangeCalendar, R::Registrar) => Some(Reach::Clinic),
        (Act::AnswerVisit | Act::ChangeCalendar, R::Doctor) => Some(Reach::OwnVisits),
        (Act::AnswerVisit | Act::ChangeCalendar, R::Agent | R::Supervisor | R::Operator) => None,
        (Act::AnswerVisit | Act::ChangeCalendar, R::PrivacyOfficer | R::Auditor | R::Content) => None,

        (Act::ChooseWay, R::Registrar) => Some(Reach::Clinic),
        (Act::ChooseWay, R::Operator) => Some(Reach::All),
        (Act::ChooseWay, R::Agent | R::Supervisor | R::Doctor | R::PrivacyOfficer | R::Auditor | R::Content) => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Role by role, as people read it: a change here is a change of who may do what.
    #[test]
    fn the_whole_table_of_roles() {
        let table: Vec<String> = Role::ALL
            .into_iter()
            .map(|role| {
                let acts: Vec<String> = Act::ALL
                    .into_iter()
                    .filter(|act| !matches!(act, Act::Home | Act::OwnAccount))
                    .filter_map(|act| reach(role, act).map(|reach| format!("{act:?}:{reach:?}")))
                    .collect();
                format!("{}: {}", role.code(), acts.join(" "))
            })
            .collect();
        assert_eq!(
            table,
            [
                "agent: SeeWork:Call TakeCall:Call",
                "supervisor: Workstations:All SeeWork:Call TakeCall:Call LeadWork:Call",
                "registrar: SeeDay:Clinic OpenPerson:Clinic Workstations:Clinic AnswerVisit:Clinic ChangeCalendar:Clinic ChooseWay:Clinic",
                "doctor: SeeDay:OwnVisits OpenPerson:OwnVisits AnswerVisit:OwnVisits ChangeCalendar:OwnVisits",
                "operator: SeeColleagues:All ChangeColleagues:All Grant:All Workstations:All SeeEvents:All SeeLedger:All ChooseWay:All",
                "privacy-officer: SeeColleagues:All SeeEvents:All",
                "auditor: SeeEvents:All",
                "content: ",
            ]
        );
        for role in Role::ALL {
            assert_eq!(Role::from_code(role.code()), Some(role));
            assert_eq!((reach(role, Act::Home), reach(role, Act::OwnAccount)), (Some(Reach::Own), Some(Reach::Own)));
        }
    }

    /// Whoever opens people opens them of a clinic or of a call, for booking; nobody opens everybody.
    #[test]
    fn nobody_opens_people_of_everywhere() {
        for role in Role::ALL {
            for act in Act::ALL.into_iter().filter(|act| act.purpose() == Purpose::P1) {
                let fits = |reach: Reach| if role.is_of_a_clinic() { reach < Reach::All } else { reach == Reach::Call };
                assert!(reach(role, act).is_none_or(fits), "{role:?} {act:?}");
            }
        }
    }
}
