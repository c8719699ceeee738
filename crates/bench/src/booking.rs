//! Booking: sixteen clients, each time tried by two at once; by us on both databases, by the same statements without us, by the peer.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use crate::load::{self, Client, Http};
use crate::ours::{self, Ours, Place};
use crate::peers::postgres::{Postgres, connect, said};
use crate::peers::{BARE_POSTGRES, BARE_SQLITE, DJANGO, OURS, OURS_POSTGRES, django};
use crate::process;
use crate::recording::{self, Recording};
use crate::replay::{Pair, Repeater};
use crate::report::{Fact, Part, Rounds, median, round};
use crate::world::{Time, World};
use crate::{Bench, search};

/// A person's first booking, each time tried by two.
const FIRST: &str = "booking, a person's first";
/// A later one of a person whom we know.
const LATER: &str = "booking, a person's later";
/// One client, nobody else.
const ALONE: &str = "booking, one client, a person's first";
/// Tries recorded, to be sent again without the program.
const RECORDED: usize = 2_400;
/// Clients that want one time at the same moment.
const CROWD: usize = 1_000;
/// What a client saw: it got the time, or somebody else did.
const WON: usize = 0;
const TAKEN: usize = 1;

/// A list of times that clients take from, each so often, and what became of them.
pub(crate) struct Wanted {
    times: Vec<Time>,
    next: AtomicUsize,
    /// How many want each time.
    rivals: usize,
    /// The first phone of new people; `None`: people who have booked before.
    new_from: Option<usize>,
    known: Mutex<Vec<usize>>,
    won: Mutex<Vec<usize>>,
}

impl Wanted {
    /// Times that new people want, with phones from this number on.
    pub(crate) fn by_new(times: Vec<Time>, rivals: usize, new_from: usize) -> Arc<Wanted> {
        let (next, known, won) = (AtomicUsize::new(0), Mutex::default(), Mutex::default());
        Arc::new(Wanted { times, next, rivals, new_from: Some(new_from), known, won })
    }

    /// Times that these people want, each of them one.
    fn by_known(times: Vec<Time>, known: Vec<usize>) -> Arc<Wanted> {
        let (next, known, won) = (AtomicUsize::new(0), Mutex::new(known), Mutex::default());
        Arc::new(Wanted { times, next, rivals: 2, new_from: None, known, won })
    }

    fn take(&self) -> Option<(&Time, usize)> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let time = self.times.get(turn / self.rivals)?;
        let person = match self.new_from {
            Some(first) => first + turn,
            None => self.known.lock().unwrap_or_else(PoisonError::into_inner).pop()?,
        };
        Some((time, person))
    }

    fn winners(&self) -> Vec<usize> {
        self.won.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A partner's program that books for people.
pub(crate) struct Booker {
    http: Http,
    wanted: Arc<Wanted>,
    bearer: String,
    consents: Value,
}

impl Booker {
    /// So many of them over one list.
    pub(crate) async fn many(address: &str, bearer: &str, wanted: &Arc<Wanted>, clients: usize) -> Result<Vec<Booker>, String> {
        let mut http = Http::new(address);
        let answer = http.send(&Http::request("GET", "/api/v1/consent-documents?purpose=P1&lang=ru", &[], &[])).await?;
        let document: Value = serde_json::from_slice(&answer.body).map_err(|fault| fault.to_string())?;
        let consents = json!([{ "purpose": document["purpose"], "version": document["version"], "sha256": document["sha256"] }]);
        let booker = || Booker { http: Http::new(address), wanted: wanted.clone(), bearer: bearer.into(), consents: consents.clone() };
        Ok((0..clients).map(|_| booker()).collect())
    }
}

impl Client for Booker {
    async fn ask(&mut self) -> Result<Option<usize>, String> {
        let wanted = self.wanted.clone();
        let Some((time, person)) = wanted.take() else { return Ok(None) };
        let body = json!({
            "role_id": time.role,
            "start": time.start,
            "patient": { "name": "Айгүл Сәрсенова", "phone": format!("+7000{person:07}") },
            "consents": self.consents,
        });
        let key = format!("bench-{person}-{}", time.start);
        let headers = [("Authorization", self.bearer.as_str()), ("Idempotency-Key", key.as_str()), ("Content-Type", "application/json")];
        let answer = self.http.send(&Http::request("POST", "/api/v1/appointments", &headers, body.to_string().as_bytes())).await?;
        match answer.status {
            201 => {
                wanted.won.lock().unwrap_or_else(PoisonError::into_inner).push(person);
                Ok(Some(WON))
            }
            409 if contains(&answer.body, b"slot_taken") => Ok(Some(TAKEN)),
            status => Err(format!("{status}: {}", String::from_utf8_lossy(answer.body.get(..200).unwrap_or(&answer.body)))),
        }
    }
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// One of our servers, the floor beside it, and the lists that are left.
struct Side {
    who: &'static str,
    bare: &'static str,
    place: Place,
    server: Ours,
    server_ids: Vec<u32>,
    recording: Recording,
    bare_place: BarePlace,
    first: Vec<Time>,
    later: Vec<Time>,
    next_person: usize,
    acknowledged: usize,
    contested: usize,
}

enum BarePlace {
    Sqlite(Box<Pair>, usize),
    Postgres(String, String, Arc<Vec<crate::replay::Work>>, Arc<AtomicUsize>),
}

/// Measures booking in the smallest directory; what it costs does not depend on the number of doctors.
///
/// # Errors
/// When our own server cannot be run; peers that cannot are told of.
pub(crate) async fn run(bench: &Bench) -> Result<Part, String> {
    let (mut rounds, mut part) = (Rounds::default(), bench.part());
    let scale = bench.plan.scales.first().copied().unwrap_or(600);
    let base = bench.place(scale)?;
    let world = World::read(db::Place::Sqlite(base.data.join("recomed.db"))).await?;
    let doctors = scale;
    let mut sides = vec![sqlite_side(bench, &base, &world).await?];
    match &bench.postgres {
        Ok(server) => sides.push(postgres_side(bench, server, scale, &world).await?),
        Err(why) => part.not_run.push(format!("{OURS_POSTGRES}: {why}")),
    }
    let site = match (&bench.django, &bench.postgres) {
        (Ok(python), Ok(server)) => {
            println!("filling {DJANGO}");
            django::start(python, server, &bench.work, &world).await
        }
        (Err(why), _) | (_, Err(why)) => Err(why.clone()),
    };
    let site = site.map_err(|why| part.not_run.push(format!("{DJANGO}: {why}"))).ok();
    let peers = site.as_ref().map(|_| (Arc::new(django::wanted(&world, 20_000)), Arc::new(AtomicUsize::new(0))));

    for _ in 0..bench.plan.rounds {
        rounds.syncs.push(bench.syncs()?);
        for side in &mut sides {
            one_round(bench, side, doctors, &mut rounds).await?;
        }
        if let (Some(site), Some((wanted, next))) = (&site, &peers) {
            let clients = django::Booker::many(&site.running.address, wanted, next, bench.plan.clients);
            let sample = bench.measure_for(bench.plan.long, clients, Some(site.running.id())).await;
            rounds.add(FIRST, DJANGO, doctors, bench.plan.clients, sample);
        }
    }
    for side in &mut sides {
        crowd(side, &mut part).await?;
        syncs(bench, side, &mut part).await?;
    }
    facts(bench, &rounds, doctors, &sides, &mut part);
    for side in sides {
        part.facts.push(verdict(side).await?);
    }
    if let Some(site) = &site {
        let (times, doubled) = django::doubles(&site.database).await?;
        part.facts.push(Fact::plain(format!("times booked twice, {DJANGO}"), format!("{doubled} of {times}")));
    }
    bench.close(part, rounds)
}

/// Splits free times at an instant, so that nobody who wants one of the second half is busy by one of the first.
fn halves(world: &World) -> (Vec<Time>, Vec<Time>) {
    let times = world.times(120_000);
    let mut instants: Vec<i64> = times.iter().map(|time| time.at).collect();
    instants.sort_unstable();
    let middle = instants.get(instants.len() * 2 / 3).copied().unwrap_or(0);
    // A visit lasts two hours at most here.
    times.into_iter().filter(|time| (time.at - middle).abs() > 7_200_000_000).partition(|time| time.at < middle)
}

async fn sqlite_side(bench: &Bench, base: &Place, world: &World) -> Result<Side, String> {
    let (mut first, later) = halves(world);
    let recorded = first.split_off(first.len().saturating_sub(bench.recorded(RECORDED) / 2));
    println!("recording what is sent on SQLite");
    let place = ours::copy(base, &bench.work, "booking-recorded")?;
    let recording = recording::of_bookings(&place, recorded).await?;
    let bare = ours::copy(base, &bench.work, "booking-bare")?;
    let place = ours::copy(base, &bench.work, "booking")?;
    let server = ours::start(&bench.program, &place)?;
    let server_ids = vec![server.running.id()];
    let bare_place = BarePlace::Sqlite(Box::new(Pair::open(&bare.data)?), 0);
    Ok(Side::new(OURS, BARE_SQLITE, place, server, server_ids, recording, bare_place, first, later))
}

async fn postgres_side(bench: &Bench, server: &Postgres, scale: usize, world: &World) -> Result<Side, String> {
    let (mut first, later) = halves(world);
    let recorded = first.split_off(first.len().saturating_sub(bench.recorded(RECORDED) / 2));
    let settings = |main: &str, keys: &str| {
        vec![("RECOMED_DATABASE".to_owned(), server.database(main)), ("RECOMED_KEYS".to_owned(), server.database(keys))]
    };
    server.make("booking_main", None).await?;
    server.make("booking_keys", None).await?;
    let folder = bench.work.join("booking-postgres");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|fault| format!("{}: {fault}", folder.display()))?;
    }
    let place = ours::prepare(&bench.program, &bench.work, "booking-postgres", scale, &settings("booking_main", "booking_keys"))?;
    for copy in ["recorded", "bare"] {
        server.make(&format!("{copy}_main"), Some("booking_main")).await?;
        server.make(&format!("{copy}_keys"), Some("booking_keys")).await?;
    }
    println!("recording what is sent on PostgreSQL");
    let copied = Place { settings: settings("recorded_main", "recorded_keys"), ..place.clone() };
    let recording = recording::of_bookings(&copied, recorded).await?;
    let ours = ours::start(&bench.program, &place)?;
    let ids = vec![ours.running.id(), server.id];
    let works = Arc::new(recording.works.clone());
    let bare = BarePlace::Postgres(server.database("bare_main"), server.database("bare_keys"), works, Arc::default());
    Ok(Side::new(OURS_POSTGRES, BARE_POSTGRES, place, ours, ids, recording, bare, first, later))
}

impl Side {
    #[expect(clippy::too_many_arguments, reason = "what a side is made of, once")]
    fn new(
        who: &'static str,
        bare: &'static str,
        place: Place,
        server: Ours,
        server_ids: Vec<u32>,
        recording: Recording,
        bare_place: BarePlace,
        first: Vec<Time>,
        later: Vec<Time>,
    ) -> Side {
        let (next_person, acknowledged, contested) = (1, 0, 0);
        Side { who, bare, place, server, server_ids, recording, bare_place, first, later, next_person, acknowledged, contested }
    }

    /// The next list of times for new people; what is left of it comes back by [`Side::done`].
    fn wanted(&mut self, times: usize, rivals: usize) -> Arc<Wanted> {
        let rest = self.first.split_off(times.min(self.first.len()));
        let times = std::mem::replace(&mut self.first, rest);
        let people = times.len() * rivals;
        self.next_person += people;
        Wanted::by_new(times, rivals, self.next_person - people)
    }

    fn done(&mut self, wanted: &Wanted) {
        self.acknowledged += wanted.winners().len();
        self.contested += if wanted.rivals > 1 { wanted.winners().len() } else { 0 };
    }

    fn cpu(&self) -> f64 {
        self.server_ids.iter().map(|id| process::cpu_seconds(*id)).sum()
    }

    async fn measure(&self, wanted: &Arc<Wanted>, clients: usize, length: Duration) -> Result<crate::report::Sample, String> {
        let clients = Booker::many(&self.server.running.address, &self.server.bearer, wanted, clients).await?;
        let before = self.cpu();
        let (seen, _) = load::run(clients, length).await;
        Ok(search::sample(seen, Some(self.cpu() - before)))
    }
}

async fn one_round(bench: &Bench, side: &mut Side, doctors: usize, rounds: &mut Rounds) -> Result<(), String> {
    let (many, length) = (bench.plan.clients, bench.plan.length);
    // More than can be booked in that time, and no more: the rest is for the other rounds.
    let most = side.first.len() / 8;
    let wanted = side.wanted(most, 2);
    let sample = side.measure(&wanted, many, length).await?;
    side.done(&wanted);
    rounds.add(FIRST, side.who, doctors, many, sample);

    let sample = match &mut side.bare_place {
        BarePlace::Sqlite(pair, sent) => {
            let works = side.recording.works.get(*sent..).unwrap_or_default();
            let works = works.get(..works.len().min(side.recording.works.len() / bench.plan.rounds)).unwrap_or_default();
            let before = process::cpu_seconds(std::process::id());
            let (seen, more) = tokio::task::block_in_place(|| pair.repeat(works, many, length))?;
            *sent += more;
            search::sample(seen, Some(process::cpu_seconds(std::process::id()) - before))
        }
        BarePlace::Postgres(main, keys, works, next) => {
            let share = works.len() / bench.plan.rounds;
            let from = next.load(Ordering::Relaxed).min(works.len());
            let part = Arc::new(works.get(from..(from + share).min(works.len())).unwrap_or_default().to_vec());
            let begin = Arc::new(AtomicUsize::new(0));
            let repeaters = Repeater::many((main, keys), &part, &begin, many).await?;
            let server = side.server_ids.last().copied().unwrap_or(0);
            let before = process::cpu_seconds(server);
            let (seen, _) = load::run(repeaters, length).await;
            next.store(from + begin.load(Ordering::Relaxed).min(part.len()), Ordering::Relaxed);
            search::sample(seen, Some(process::cpu_seconds(server) - before))
        }
    };
    rounds.add(FIRST, side.bare, doctors, many, sample);

    let people = wanted.winners();
    let rest = side.later.split_off((people.len() / 2 + many).min(side.later.len()));
    let times = std::mem::replace(&mut side.later, rest);
    let wanted = Wanted::by_known(times, people);
    let sample = side.measure(&wanted, many, length).await?;
    side.done(&wanted);
    rounds.add(LATER, side.who, doctors, many, sample);

    let wanted = side.wanted(most / 2, 1);
    let sample = side.measure(&wanted, 1, length / 2).await?;
    side.done(&wanted);
    rounds.add(ALONE, side.who, doctors, 1, sample);
    Ok(())
}

/// A thousand want one time: one gets it, and nobody of the others waits much longer.
async fn crowd(side: &mut Side, part: &mut Part) -> Result<(), String> {
    let wanted = side.wanted(1, CROWD);
    let mut clients = Booker::many(&side.server.running.address, &side.server.bearer, &wanted, CROWD).await?;
    for client in &mut clients {
        client.http.connect().await?;
    }
    let (seen, _) = load::run(clients, Duration::from_secs(30)).await;
    side.done(&wanted);
    let won = seen.answers.iter().filter(|(kind, _)| *kind == WON).count();
    let what = format!("one time wanted by {CROWD} at once, {}", side.who);
    part.facts.push(Fact::must(
        &what,
        format!("{won} won, {} refused", seen.answers.len() - won),
        "1 won",
        won == 1 && seen.faults.is_empty(),
    ));
    part.not_run.extend(seen.faults.iter().map(|fault| format!("{what}: {fault}")));
    if let (Some(winner), Some(losers)) = (seen.quantile(1.0, Some(WON)), seen.quantile(0.99, Some(TAKEN))) {
        let what = format!("{what}: p99 of those refused, beyond the winner's {} ms", round(winner));
        part.facts.push(Fact::at_most(what, (losers - winner).max(0.0), 1.0, " ms"));
    }
    Ok(())
}

/// Syncs of files for one try, counted by the tracer in a slice of its own, since it slows what it looks at.
async fn syncs(bench: &Bench, side: &mut Side, part: &mut Part) -> Result<(), String> {
    let family: Vec<u32> = side.server_ids.iter().flat_map(|id| process::family(*id)).collect();
    for (clients, rivals) in [(bench.plan.clients, 2), (1, 1)] {
        let wanted = side.wanted(2_000, rivals);
        let bookers = Booker::many(&side.server.running.address, &side.server.bearer, &wanted, clients).await?;
        let log = bench.work.join("syncs.strace");
        let ((seen, _), calls) = process::syncs_during(&family, &log, load::run(bookers, bench.plan.length / 2)).await;
        side.done(&wanted);
        let what = format!("syncs of files for a try, {clients} at once, {}", side.who);
        match calls {
            Some(calls) if !seen.answers.is_empty() => {
                part.facts.push(Fact::plain(what, round(calls as f64 / seen.answers.len() as f64)));
            }
            _ => part.not_run.push(format!("{what}: strace could not look, or nothing was answered")),
        }
    }
    Ok(())
}

fn facts(bench: &Bench, rounds: &Rounds, doctors: usize, sides: &[Side], part: &mut Part) {
    let many = bench.plan.clients;
    let peer = rounds.row(FIRST, DJANGO, doctors, many);
    let sync = median(rounds.syncs.clone()).map_or(0.0, |rate| 1_000.0 / rate.max(1.0));
    for side in sides {
        let who = side.who;
        let (sent, statements) = side.recording.round_trips();
        part.facts.push(Fact::plain(format!("statements sent for a person's first booking, {who}"), round(sent)));
        for line in statements {
            part.facts.push(Fact::plain(format!("  of them in {}", line.0), round(line.1)));
        }
        let Some(ours) = rounds.row(FIRST, who, doctors, many) else { continue };
        if let Some(bare) = rounds.row(FIRST, side.bare, doctors, many) {
            part.facts.push(Fact::at_least(
                format!("booking, rate of tries against {}, {who}", side.bare),
                ours.rate / bare.rate.max(0.001),
                0.7,
                "× ",
            ));
        }
        if let Some(peer) = &peer {
            part.facts.push(Fact::at_least(
                format!("booking, rate of tries against {DJANGO}, {who}"),
                ours.rate / peer.rate.max(0.001),
                150.0,
                "× ",
            ));
            part.facts.push(Fact::at_least(
                format!("booking, {DJANGO}'s p99 against ours, {who}"),
                peer.p99 / ours.p99.max(0.001),
                100.0,
                "× ",
            ));
        }
        if let Some(alone) = rounds.row(ALONE, who, doctors, 1) {
            let most = 1.5 * sync + 0.3;
            part.facts.push(Fact::at_most(
                format!("booking, one client's p50, {who}; goal 1.5 fdatasync of {} ms + 0.3 ms", round(sync)),
                alone.p50,
                most,
                " ms",
            ));
        }
    }
}

/// Whether any doctor was booked twice at one time, and whether every acknowledged booking is there. The server is stopped first.
async fn verdict(side: Side) -> Result<Fact, String> {
    let Side { who, place, server, acknowledged, contested, .. } = side;
    drop(server);
    let sql = "SELECT r.practitioner, a.starts_at, a.ends_at FROM appointment a JOIN practitioner_role r ON r.id = a.role WHERE a.status = 'booked'";
    let mut visits: BTreeMap<Vec<u8>, Vec<(i64, i64)>> = BTreeMap::new();
    if let Some((_, address)) = place.settings.iter().find(|(key, _)| key == "RECOMED_DATABASE") {
        for row in connect(address).await?.query(sql, &[]).await.map_err(|fault| said(&fault))? {
            visits.entry(row.get(0)).or_default().push((row.get(1), row.get(2)));
        }
    } else {
        let connection = rusqlite::Connection::open(place.data.join("recomed.db")).map_err(|fault| fault.to_string())?;
        let fault = |fault: rusqlite::Error| fault.to_string();
        let mut statement = connection.prepare(sql).map_err(fault)?;
        let mut rows = statement.query([]).map_err(fault)?;
        while let Some(row) = rows.next().map_err(fault)? {
            visits.entry(row.get(0).map_err(fault)?).or_default().push((row.get(1).map_err(fault)?, row.get(2).map_err(fault)?));
        }
    }
    let (mut there, mut doubled) = (0, 0);
    for times in visits.values_mut() {
        there += times.len();
        doubled += overlaps(times);
    }
    let value = format!("{doubled} of {contested} contested; {there} there of {acknowledged} acknowledged");
    Ok(Fact::must(format!("times booked twice, {who}"), value, "0, all there", doubled == 0 && there == acknowledged))
}

/// How many of these times (begin, end) of one doctor begin before another has ended.
fn overlaps(times: &mut [(i64, i64)]) -> usize {
    times.sort_unstable();
    times.windows(2).filter(|pair| matches!(pair, [one, two] if two.0 < one.1)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_booked_twice_is_found() {
        assert_eq!(overlaps(&mut [(30, 60), (0, 30), (60, 90)]), 0);
        assert_eq!(overlaps(&mut [(0, 30), (60, 90), (0, 30)]), 1);
        assert_eq!(overlaps(&mut [(0, 30), (25, 55)]), 1);
    }

    #[test]
    fn each_time_is_wanted_by_as_many_as_it_is_fought_over_by() {
        let time = |at| Time { role: "r".into(), start: String::new(), at };
        let wanted = Wanted::by_new(vec![time(1), time(2)], 2, 10);
        let taken: Vec<(i64, usize)> = std::iter::from_fn(|| wanted.take().map(|(time, person)| (time.at, person))).collect();
        assert_eq!(taken, [(1, 10), (1, 11), (2, 12), (2, 13)]);
        let known = Wanted::by_known(vec![time(1), time(2)], vec![7, 8, 9]);
        assert_eq!(std::iter::from_fn(|| known.take().map(|(_, person)| person)).collect::<Vec<_>>(), [9, 8, 7]);
    }
}
