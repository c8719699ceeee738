//! Groups of commands, one file each.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod keys;
pub(crate) mod ledger;
pub(crate) mod policy;
pub(crate) mod retention;
pub(crate) mod staff;
pub(crate) mod subject;
