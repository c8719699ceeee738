//! What the desk works with.

use std::sync::Arc;

use booking::World;

use crate::hours::Hours;

/// The terms of one desk, which its operator chooses: they are promises to people, and no terms of the law.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// When it is staffed.
    pub hours: Hours,
    /// A person who waits for a call is called within so many minutes of opening hours.
    pub promise_minutes: i64,
    /// A clinic, or a person to whom a time is proposed, answers within so many minutes of opening hours; then the desk calls.
    pub answer_minutes: i64,
    /// After a call that nobody answers the next one comes so many minutes of opening hours later.
    pub retry_minutes: i64,
    /// Calls that nobody answers, after which a person counts as unreachable.
    pub tries_max: i64,
    /// A task in somebody's hand is nobody else's for so many minutes.
    pub lease_minutes: i64,
}

/// Everything the desk needs. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// What all slices work with.
    pub world: World,
    /// Its terms.
    pub terms: Arc<Terms>,
}
