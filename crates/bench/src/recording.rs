//! A run of the program inside this process, whose statements are written down.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use clock::Clock;
use privacy::Suite;
use server::{App, Settings, router};
use tokio::sync::Notify;

use crate::booking::{Booker, Wanted};
use crate::load::Client as _;
use crate::ours::Place;
use crate::replay::{Recorder, Work};
use crate::world::Time;

/// The one listener of this process.
static RECORDER: OnceLock<Recorder> = OnceLock::new();

/// What was sent for each piece of work.
pub(crate) struct Recording {
    /// In the order in which it was done.
    pub(crate) works: Vec<Work>,
}

impl Recording {
    /// Statements sent for one piece of work on average, begin and end of transactions left out; and how they fall on use cases and reads.
    pub(crate) fn round_trips(&self) -> (f64, Vec<(String, f64)>) {
        let count = self.works.len().max(1) as f64;
        let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
        for transaction in self.works.iter().flatten() {
            let kind = if transaction.writes { "use case" } else { "read" };
            *by_name.entry(format!("{kind} `{}`", transaction.name)).or_default() += transaction.statements.len();
        }
        let all: usize = by_name.values().sum();
        (all as f64 / count, by_name.into_iter().map(|(name, statements)| (name, statements as f64 / count)).collect())
    }
}

/// The listener, set once.
pub(crate) fn recorder() -> Recorder {
    RECORDER
        .get_or_init(|| {
            let recorder = Recorder::default();
            let _set = db::watch(Box::new(recorder.clone()));
            recorder
        })
        .clone()
}

/// The program's settings over a data folder, as `recomed demo` reads them.
///
/// # Errors
/// A setting that cannot be read.
pub(crate) fn settings(place: &Place) -> Result<Settings, String> {
    let mut environment = vec![("RECOMED_DATA".to_owned(), place.data.to_string_lossy().into_owned())];
    environment.extend(place.settings.iter().cloned());
    Settings::read(None, environment.into_iter(), true)
}

/// Books these times inside this process, each time tried by two new people, one try after the other; jobs do not run.
///
/// # Errors
/// When the program does not open, or answers otherwise than it should.
pub(crate) async fn of_bookings(place: &Place, times: Vec<Time>) -> Result<Recording, String> {
    let recorder = recorder();
    let tries = times.len() * 2;
    let app = App::open(&settings(place)?, Clock::real(), Suite::Sealed, "http://127.0.0.1").await.map_err(|fault| fault.to_string())?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(|fault| fault.to_string())?;
    let address = listener.local_addr().map_err(|fault| fault.to_string())?.to_string();
    let stop = Arc::new(Notify::new());
    let serving = tokio::spawn(router::serve(listener, router::router(app)?, stop.clone()));
    let bearer = format!("Bearer {}", place.key);
    let wanted = Wanted::by_new(times, 2, 5_000_000);
    let mut clients = Booker::many(&address, &bearer, &wanted, 1).await?;
    let mut works = Vec::with_capacity(tries);
    recorder.listen(true);
    for client in &mut clients {
        while client.ask().await?.is_some() {
            works.push(recorder.take());
        }
    }
    recorder.listen(false);
    stop.notify_one();
    let _ended = serving.await;
    Ok(Recording { works })
}
