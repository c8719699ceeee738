//! Counters for Prometheus. Labels are route templates and statuses: never a path, a query or an address.

use std::time::Duration;

use privacy::audit::Waiting;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use rights::control::Controlled;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct State {
    state: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Invariant {
    invariant: String,
}

/// All counters of the process.
pub struct Metrics {
    registry: Registry,
    requests: Family<Answer, Counter>,
    seconds: Histogram,
    appointments: Family<State, Gauge>,
    jobs: Family<State, Gauge>,
    to_call: Gauge,
    tasks: Gauge,
    tasks_late: Gauge,
    unsealed: Gauge,
    unsealed_seconds: Gauge,
    violations: Family<Invariant, Gauge>,
    checked_at: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("recomed");
        let requests = Family::<Answer, Counter>::default();
        let seconds = Histogram::new(exponential_buckets(0.0005, 2.0, 14));
        let appointments = Family::<State, Gauge>::default();
        let jobs = Family::<State, Gauge>::default();
        registry.register("http_requests", "Answers by route template and status", requests.clone());
        registry.register("http_seconds", "Time to answer", seconds.clone());
        registry.register("appointments", "Visits by state", appointments.clone());
        registry.register("jobs", "Jobs waiting and dead", jobs.clone());
        let to_call = Gauge::default();
        registry.register("visits_to_call", "Visits whose person could not be told and is to be called", to_call.clone());
        let (unsealed, unsealed_seconds) = (Gauge::default(), Gauge::default());
        registry.register("audit_unsealed", "Audit entries that no signed head covers yet", unsealed.clone());
        registry.register(
            "audit_unsealed_seconds",
            "Age of the oldest of them; more than a few says that sealing has stopped",
            unsealed_seconds.clone(),
        );
        let (violations, checked_at) = (Family::<Invariant, Gauge>::default(), Gauge::default());
        registry.register("policy_violations", "What the nightly check found against each invariant of the policy", violations.clone());
        registry.register("policy_checked_at_seconds", "When it ended, in seconds since 1970; 0 before the first", checked_at.clone());
        let (tasks, tasks_late) = (Gauge::default(), Gauge::default());
        registry.register("desk_tasks_open", "Items of the desk's list of work that are open", tasks.clone());
        registry.register("desk_tasks_late", "Open items whose promised time has passed", tasks_late.clone());
        Metrics {
            registry,
            requests,
            seconds,
            appointments,
            jobs,
            to_call,
            tasks,
            tasks_late,
            unsealed,
            unsealed_seconds,
            violations,
            checked_at,
        }
    }
}

impl Metrics {
    /// Counts an answer.
    pub fn answered(&self, route: &str, status: u16, took: Duration) {
        self.requests.get_or_create(&Answer { route: route.to_owned(), status }).inc();
        self.seconds.observe(took.as_secs_f64());
    }

    /// Sets how many items of the desk's list are open, and how many of them are late.
    pub fn set_tasks(&self, (open, late): (i64, i64)) {
        self.tasks.set(open);
        self.tasks_late.set(late);
    }

    /// Sets what is counted in the database.
    pub fn set_counts(&self, appointments: &[(String, i64)], jobs: (i64, i64), to_call: i64, unsealed: Waiting) {
        self.to_call.set(to_call);
        self.unsealed.set(unsealed.entries);
        self.unsealed_seconds.set(unsealed.oldest_seconds);
        for (state, count) in appointments {
            self.appointments.get_or_create(&State { state: state.clone() }).set(*count);
        }
        self.jobs.get_or_create(&State { state: "waiting".into() }).set(jobs.0);
        self.jobs.get_or_create(&State { state: "dead".into() }).set(jobs.1);
    }

    /// Sets what the newest nightly check found, by whichever replica.
    pub fn set_control(&self, newest: &Controlled) {
        self.checked_at.set(newest.at.micros() / clock::SECOND);
        // One that an older program knew is told no more.
        self.violations.clear();
        for (invariant, found) in &newest.found {
            self.violations.get_or_create(&Invariant { invariant: invariant.clone() }).set(*found);
        }
    }

    /// The text that Prometheus reads.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a String cannot fail.
        let _always = encode(&mut text, &self.registry);
        text
    }
}
