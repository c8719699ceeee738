//! Groups of commands, one file each.

pub(crate) mod audit;
