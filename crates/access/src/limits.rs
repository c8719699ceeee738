//! How often a network may do what costs us or others. In memory: a restart forgives. What must survive a restart (codes per
//! phone and day) is counted in the database.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use clock::{SECOND, Timestamp};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::network::Network;

/// The limits of one network.
#[derive(Debug, Clone, Copy)]
pub struct LimitTerms {
    /// Requests in a second, on average; ten times as many at once.
    pub requests_per_second: u32,
    /// Times held in an hour, on average; a tenth of them at once, but at least ten.
    pub holds_per_hour: u32,
    /// Times held at one moment.
    pub holds_max: usize,
}

/// Counters by network.
pub struct Limits {
    requests: DefaultKeyedRateLimiter<Network>,
    holds: DefaultKeyedRateLimiter<Network>,
    living: Mutex<HashMap<Network, Vec<Timestamp>>>,
    holds_max: usize,
}

impl Limits {
    /// Nothing counted yet. Terms of 0 count as 1.
    pub fn new(terms: LimitTerms) -> Limits {
        let requests = at_least_one(terms.requests_per_second);
        let holds = at_least_one(terms.holds_per_hour);
        Limits {
            requests: RateLimiter::keyed(Quota::per_second(requests).allow_burst(requests.saturating_mul(at_least_one(10)))),
            holds: RateLimiter::keyed(Quota::per_hour(holds).allow_burst(at_least_one((holds.get() / 10).max(10)))),
            living: Mutex::default(),
            holds_max: terms.holds_max.max(1),
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// The seconds to wait.
    pub fn request(&self, network: &Network) -> Result<(), u64> {
        check(&self.requests, network)
    }

    /// Counts a time that is going to be held until `until`.
    ///
    /// # Errors
    /// The seconds to wait.
    pub fn hold(&self, network: &Network, now: Timestamp, until: Timestamp) -> Result<(), u64> {
        check(&self.holds, network)?;
        let mut living = self.living.lock().unwrap_or_else(PoisonError::into_inner);
        let own = living.entry(network.clone()).or_default();
        own.retain(|end| *end > now);
        if own.len() >= self.holds_max {
            let first = own.iter().min().copied().unwrap_or(until);
            return Err(u64::try_from((first.micros() - now.micros()) / SECOND).unwrap_or(1).max(1));
        }
        own.push(until);
        Ok(())
    }

    /// Forgets networks that have been quiet, so that the counters do not grow for ever.
    pub fn forget_quiet(&self, now: Timestamp) {
        let mut living = self.living.lock().unwrap_or_else(PoisonError::into_inner);
        living.retain(|_, own| own.iter().any(|end| *end > now));
        drop(living);
        self.requests.retain_recent();
        self.holds.retain_recent();
    }
}

fn at_least_one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

fn check(limiter: &DefaultKeyedRateLimiter<Network>, network: &Network) -> Result<(), u64> {
    limiter.check_key(network).map_err(|refused| {
        let wait: Duration = refused.wait_time_from(DefaultClock::default().now());
        wait.as_secs().max(1)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_network_does_not_use_up_anothers_share() {
        let limits = Limits::new(LimitTerms { requests_per_second: 1, holds_per_hour: 100, holds_max: 3 });
        let (one, two) = (Network::of("192.0.2.1".parse().unwrap()), Network::of("192.0.2.2".parse().unwrap()));
        assert_eq!((0..20).filter(|_| limits.request(&one).is_ok()).count(), 10);
        assert!(limits.request(&one).unwrap_err() >= 1);
        assert!(limits.request(&two).is_ok());
        let (now, later) = (Timestamp(0), Timestamp(60 * SECOND));
        assert_eq!((0..5).filter(|_| limits.hold(&one, now, later).is_ok()).count(), 3);
        assert_eq!(limits.hold(&one, Timestamp(20 * SECOND), later), Err(40));
        assert!(limits.hold(&two, now, later).is_ok() && limits.hold(&one, later, Timestamp(120 * SECOND)).is_ok());
    }
}
