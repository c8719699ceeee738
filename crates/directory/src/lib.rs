pub mod catalogue;
pub mod reference;
pub mod schedule;
pub mod slug;
