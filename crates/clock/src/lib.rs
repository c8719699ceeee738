//! Time and randomness. Nothing else in the program reads the system's clock or its random source, so that a simulation
//! can hold both: [`Clock::real`] for the server, [`Clock::simulated`] for tests.

#![allow(clippy::disallowed_methods, reason = "this is the crate that reads time and randomness")]

mod local;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use jiff;
pub use local::LocalTimes;
use tokio::sync::watch;

/// An instant: microseconds since 1970-01-01T00:00:00Z. The form in which every time is stored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// Microseconds in a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds in a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Microseconds in twenty-four hours (not a civil day: those have 23 to 25 hours).
pub const DAY: i64 = 24 * 60 * MINUTE;

impl Timestamp {
    /// Microseconds since the epoch.
    pub fn micros(self) -> i64 {
        self.0
    }
    /// The instant `seconds` later (earlier when negative); stays at the ends of the range instead of wrapping.
    pub fn plus_seconds(self, seconds: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(seconds.saturating_mul(SECOND)))
    }
    /// The instant `minutes` later (earlier when negative).
    pub fn plus_minutes(self, minutes: i64) -> Timestamp {
        self.plus_seconds(minutes.saturating_mul(60))
    }
    /// The number of whole UTC days since the epoch: the finest instant that a row about a person may carry (I5).
    pub fn day(self) -> i64 {
        self.0.div_euclid(DAY)
    }
    /// The same instant for calendar arithmetic; instants outside jiff's range become its nearest end.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX })
    }
    /// RFC 3339 in the place's offset, to the second: `2026-11-24T18:30:00+03:00`.
    pub fn rfc3339(self, zone: &jiff::tz::TimeZone) -> String {
        let mut text = Vec::with_capacity(25);
        LocalTimes::new(zone.clone()).push(self, &mut text);
        String::from_utf8(text).unwrap_or_default()
    }
    /// Reads RFC 3339 with an offset or `Z`.
    ///
    /// # Errors
    /// A text that is not such an instant.
    pub fn parse_rfc3339(text: &str) -> Result<Timestamp, jiff::Error> {
        text.parse::<jiff::Timestamp>().map(Timestamp::from)
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(value: jiff::Timestamp) -> Self {
        Timestamp(value.as_microsecond())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_jiff())
    }
}

/// Where time and random bytes come from. Cheap to clone.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    Real,
    Simulated(Arc<Simulated>),
}

struct Simulated {
    now: watch::Sender<Timestamp>,
    random: Mutex<u64>,
}

impl Clock {
    /// The machine's clock and the operating system's random generator.
    pub fn real() -> Clock {
        Clock(Source::Real)
    }

    /// A clock that stands at `now` until [`Clock::advance`] moves it, and a random source that repeats for the same `seed`.
    /// Never for a server that holds data of people: its keys could be guessed.
    pub fn simulated(now: Timestamp, seed: u64) -> Clock {
        Clock(Source::Simulated(Arc::new(Simulated { now: watch::channel(now).0, random: Mutex::new(seed) })))
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::Real => Timestamp::from(jiff::Timestamp::now()),
            Source::Simulated(simulated) => *simulated.now.borrow(),
        }
    }

    /// Fills `bytes` from the operating system's generator (or the simulation's).
    ///
    /// # Panics
    /// When the operating system has no randomness to give: no key may be made then.
    pub fn fill(&self, bytes: &mut [u8]) {
        match &self.0 {
            Source::Real => {
                if let Err(error) = getrandom::fill(bytes) {
                    panic!("the operating system gave no random bytes: {error}");
                }
            }
            Source::Simulated(simulated) => {
                let mut state = simulated.random.lock().unwrap_or_else(PoisonError::into_inner);
                for byte in bytes {
                    // splitmix64: repeatable and evenly spread, which is all that a simulation needs.
                    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                    let mut word = *state;
                    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                    *byte = (word ^ (word >> 31)) as u8;
                }
            }
        }
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A number evenly spread over `0..bound`; 0 when `bound` is 0.
    pub fn below(&self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        // Values past the last whole multiple of the bound are thrown away: without that, small numbers come more often.
        let limit = u64::MAX - u64::MAX % bound;
        loop {
            let value = u64::from_le_bytes(self.bytes());
            if value < limit {
                return value % bound;
            }
        }
    }

    /// Waits until `duration` has passed on this clock.
    pub async fn sleep(&self, duration: Duration) {
        match &self.0 {
            Source::Real => tokio::time::sleep(duration).await,
            Source::Simulated(simulated) => {
                let until = Timestamp(self.now().0.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)));
                let mut now = simulated.now.subscribe();
                let _closed = now.wait_for(|now| *now >= until).await;
            }
        }
    }

    /// Sets a simulated clock, back too, as an operator or a time server may; wakes those whose time has come. Does nothing to the real one.
    pub fn set(&self, to: Timestamp) {
        if let Source::Simulated(simulated) = &self.0 {
            simulated.now.send_modify(|now| *now = to);
        }
    }

    /// Moves a simulated clock forward and wakes those who waited for it; does nothing to the real one.
    pub fn advance(&self, duration: Duration) {
        if let Source::Simulated(simulated) = &self.0 {
            let step = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
            simulated.now.send_modify(|now| now.0 = now.0.saturating_add(step));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_instant_is_written_with_the_places_offset() {
        let zone = jiff::tz::TimeZone::get("Asia/Almaty").unwrap();
        let at = Timestamp::parse_rfc3339("2026-11-24T13:30:00Z").unwrap();
        assert_eq!(at.rfc3339(&zone), "2026-11-24T18:30:00+05:00");
        assert_eq!(Timestamp::parse_rfc3339("2026-11-24T18:30:00+05:00").unwrap(), at);
    }

    #[test]
    fn a_simulation_repeats_itself() {
        let (one, two) = (Clock::simulated(Timestamp(0), 7), Clock::simulated(Timestamp(0), 7));
        assert_eq!(one.bytes::<32>(), two.bytes::<32>());
        assert_ne!(one.bytes::<32>(), Clock::simulated(Timestamp(0), 8).bytes::<32>());
        assert!((0..1000).all(|_| one.below(7) < 7));
    }

    #[tokio::test]
    async fn sleep_ends_when_the_clock_is_moved() {
        let clock = Clock::simulated(Timestamp(0), 1);
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep(Duration::from_secs(60)).await }
        });
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(60));
        sleeper.await.unwrap();
    }
}
