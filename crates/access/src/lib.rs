//! Who acts: the public from a network, a partner with a key, or staff who have signed in; what each may do, and how often.

mod enrol;
mod event;
mod grant;
mod limits;
mod network;
mod partner;
mod passkey;
pub mod personal;
mod role;
mod secret;
mod session;
mod sign_in;
mod staff;
mod store;
pub mod totp;
mod workstation;

pub use enrol::{
    EnrolError, add_passkey, enrol_by_passkey, enrol_by_password, equip_for_demo, invited, offered_secret, remove_passkey, set_pin,
};
pub use event::{By, Event};
pub use grant::{Grant, GrantError, GrantId, Reason, end_grant, grant, grants_of};
pub use limits::{LimitTerms, Limits};
pub use network::{Network, TrustedProxies};
pub use partner::{Partner, PartnerId, PartnerKeys, Scope, add_partner};
pub use passkey::{ALGORITHMS, Answered, Created, Passkey, PasskeyError, RelyingParty, answered, created};
pub use role::{Act, Reach, Role, reach};
pub use secret::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, PIN_DIGITS, WeakPassword, password_will_do, pin_will_do};
pub use session::{Found, Method, Session, SessionId, SessionRow, end_session, find_session, lock_session, record_forbidden, sessions_of};
pub use sign_in::{SignInError, make_challenge, sign_in_by_passkey, sign_in_by_password, sign_in_challenge};
pub use staff::{
    AddError, KeptPasskey, LOGIN_CHARS_MAX, NAME_CHARS_MAX, NewStaff, STAFF_MAX, Staff, StaffId, add_staff, end_staff, list_staff,
    passkeys_of, staff_by_id, staff_by_login, start_all_over, start_over, sweep_staff,
};
pub use workstation::{
    Switch, SwitchError, Workstation, WorkstationError, WorkstationId, add_workstation, end_workstation, list_workstations, switch,
    switches, workstation, workstation_by_id,
};

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Anybody, from a network.
    Public(Network),
    /// A partner who showed a key.
    Partner(std::sync::Arc<Partner>),
    /// An agent of the contact centre, for whoever is on the line; only the desk makes one, of a session.
    Agent(StaffId),
}

impl Caller {
    /// The name under which audit entries list it.
    pub fn code(&self) -> String {
        match self {
            Caller::Public(_) => "public".into(),
            Caller::Partner(partner) => format!("partner:{}", partner.id),
            Caller::Agent(staff) => format!("staff:{staff}"),
        }
    }
}
