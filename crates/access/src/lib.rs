//! Who acts: the public from a network, or a partner with a key; and how often they may. Staff and roles join here later.

mod limits;
mod network;
mod partner;
pub mod personal;
mod store;

pub use limits::{LimitTerms, Limits};
pub use network::{Network, TrustedProxies};
pub use partner::{Partner, PartnerId, PartnerKeys, Scope, add_partner};

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Anybody, from a network.
    Public(Network),
    /// A partner who showed a key.
    Partner(std::sync::Arc<Partner>),
}

impl Caller {
    /// The name under which audit entries list it.
    pub fn code(&self) -> String {
        match self {
            Caller::Public(_) => "public".into(),
            Caller::Partner(partner) => format!("partner:{}", partner.id),
        }
    }
}
