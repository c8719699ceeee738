//! Search: the mix of a thousand questions, asked of us and of the peers, after they were shown to find the same doctors.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::Bench;
use crate::load::{Client, Http, Seen};
use crate::ours::{self, Ours, Place};
use crate::peers::postgres::Postgres;
use crate::peers::{FLOOR, GROONGA, OURS, POSTGRES, groonga, postgres};
use crate::process::Running;
use crate::report::{Fact, Part, Rounds, Sample, median, round};
use crate::world::{KINDS, Question, World};

/// The work's name in the tables.
const MIX: &str = "search: the mix";
/// Questions of filters whose doctors are compared, id by id.
const COMPARED: usize = 80;
/// Pages that we give of one question.
const PAGES_MAX: usize = 200;

/// A connection that sends prepared requests one after the other.
pub(crate) struct Asker {
    http: Http,
    requests: Arc<Vec<(usize, Vec<u8>)>>,
    next: usize,
}

impl Asker {
    /// Begins at another request than its neighbours.
    pub(crate) fn new(address: &str, requests: Arc<Vec<(usize, Vec<u8>)>>, first: usize) -> Asker {
        Asker { http: Http::new(address), requests, next: first }
    }

    /// So many of them, spread over the requests.
    pub(crate) fn many(address: &str, requests: &Arc<Vec<(usize, Vec<u8>)>>, clients: usize) -> Vec<Asker> {
        (0..clients).map(|client| Asker::new(address, requests.clone(), client * requests.len() / clients.max(1))).collect()
    }
}

impl Client for Asker {
    async fn ask(&mut self) -> Result<Option<usize>, String> {
        let (kind, request) = self.requests.get(self.next % self.requests.len().max(1)).ok_or("nothing to ask")?;
        self.next += 1;
        let answer = self.http.send(request).await?;
        if answer.status != 200 {
            return Err(format!("{}: {}", answer.status, String::from_utf8_lossy(answer.body.get(..200).unwrap_or(&answer.body))));
        }
        Ok(Some(*kind))
    }
}

/// What is asked at one size of the directory.
struct Stage {
    doctors: usize,
    ours: Ours,
    floor: Running,
    postgres: Option<(Postgres, String)>,
    groonga: Option<Running>,
    questions: Arc<Vec<Question>>,
    requests: Arc<Vec<(usize, Vec<u8>)>>,
    peers: Arc<Vec<(usize, Vec<u8>)>>,
    nothing: Arc<Vec<(usize, Vec<u8>)>>,
}

/// Measures search at every size.
///
/// # Errors
/// When our own server or the floor cannot be run; peers that cannot are told of.
pub(crate) async fn run(bench: &Bench) -> Result<Part, String> {
    let (mut rounds, mut part) = (Rounds::default(), bench.part());
    for doctors in &bench.plan.scales {
        let place = bench.place(*doctors)?;
        let stage = prepare(bench, *doctors, &place, &mut part).await?;
        part.facts.extend(agreement(&stage).await?);
        for _ in 0..bench.plan.rounds {
            rounds.syncs.push(bench.syncs()?);
            for clients in [bench.plan.clients, 1] {
                ask(bench, &stage, clients, &mut rounds).await?;
            }
        }
        part.facts.extend(visible(&stage).await?);
    }
    facts(bench, &rounds, &mut part);
    bench.close(part, rounds)
}

async fn prepare(bench: &Bench, doctors: usize, place: &Place, part: &mut Part) -> Result<Stage, String> {
    let world = World::read(db::Place::Sqlite(place.data.join("recomed.db"))).await?;
    let questions = Arc::new(world.questions());
    let postgres = match &bench.postgres {
        Err(why) => {
            part.not_run.push(format!("{POSTGRES}, {doctors} doctors: {why}"));
            None
        }
        Ok(server) => {
            println!("filling PostgreSQL with {doctors} doctors");
            match postgres::load(server, &format!("search_{doctors}"), &world).await {
                Ok(address) => Some((server.clone(), address)),
                Err(why) => {
                    part.not_run.push(format!("{POSTGRES}, {doctors} doctors: {why}"));
                    None
                }
            }
        }
    };
    let groonga = bench.groonga.as_ref().map_err(String::clone).and_then(|program| {
        println!("filling Groonga with {doctors} doctors");
        groonga::start(program, &bench.work.join(format!("groonga-{doctors}")), &world)
    });
    let groonga = groonga.map_err(|why| part.not_run.push(format!("{GROONGA}, {doctors} doctors: {why}"))).ok();
    let ours = ours::start(&bench.program, place)?;
    let requests: Vec<(usize, Vec<u8>)> =
        questions.iter().map(|asked| (asked.kind, Http::request("GET", &asked.path(world.day), &[], &[]))).collect();
    let mut http = Http::new(&ours.running.address);
    let (mut sizes, mut empty) = (Vec::new(), [0_usize; KINDS.len()]);
    for (kind, request) in &requests {
        let answer = http.send(request).await?;
        if answer.status != 200 {
            return Err(format!("our search answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body)));
        }
        sizes.push(answer.body.len() as f64);
        if answer.body.windows(10).any(|window| window == b"\"total\":0}" || window == b"\"total\":0,") {
            empty[*kind] += 1;
        }
    }
    for ((name, _), (kind, empty)) in KINDS.iter().zip(empty.iter().enumerate()) {
        let asked = questions.iter().filter(|question| question.kind == kind).count();
        part.facts.push(Fact::plain(
            format!("questions answered with somebody, {name}, {doctors} doctors"),
            format!("{} of {asked}", asked - empty),
        ));
    }
    let body = median(sizes).unwrap_or(0.0) as usize;
    part.facts
        .push(Fact::plain(format!("body of a search answer, {doctors} doctors, the floor's too"), format!("{} bytes", round(body as f64))));
    let floor = bench.floor(body)?;
    let peers = Arc::new(groonga::requests(&questions));
    let nothing = Arc::new(vec![(0, Http::request("GET", "/", &[], &[]))]);
    Ok(Stage { doctors, ours, floor, postgres, groonga, questions, requests: Arc::new(requests), peers, nothing })
}

async fn ask(bench: &Bench, stage: &Stage, clients: usize, rounds: &mut Rounds) -> Result<(), String> {
    let doctors = stage.doctors;
    let ours = Asker::many(&stage.ours.running.address, &stage.requests, clients);
    rounds.add(MIX, OURS, doctors, clients, bench.measure(ours, Some(stage.ours.running.id())).await);
    let floor = Asker::many(&stage.floor.address, &stage.nothing, clients);
    rounds.add(MIX, FLOOR, doctors, clients, bench.measure(floor, Some(stage.floor.id())).await);
    if let Some((server, address)) = &stage.postgres {
        let mut searchers = Vec::new();
        for client in 0..clients {
            let first = client * stage.questions.len() / clients;
            searchers.push(postgres::Searcher::new(address, stage.questions.clone(), first).await?);
        }
        rounds.add(MIX, POSTGRES, doctors, clients, bench.measure(searchers, Some(server.id)).await);
    }
    if let Some(groonga) = &stage.groonga {
        let first = |client: usize| client * stage.peers.len() / clients;
        let searchers = (0..clients).map(|client| groonga::Searcher::new(&groonga.address, stage.peers.clone(), first(client))).collect();
        rounds.add(MIX, GROONGA, doctors, clients, bench.measure(searchers, Some(groonga.id())).await);
    }
    Ok(())
}

/// Whether the engines find the same doctors for the same filters: ids against PostgreSQL, totals against Groonga.
async fn agreement(stage: &Stage) -> Result<Vec<Fact>, String> {
    let filters: Vec<(&Question, &(usize, Vec<u8>))> =
        stage.questions.iter().zip(stage.requests.iter()).filter(|(question, _)| question.kind < 2).take(COMPARED).collect();
    let mut http = Http::new(&stage.ours.running.address);
    let mut facts = Vec::new();
    if let Some((_, address)) = &stage.postgres {
        let client = postgres::connect(address).await?;
        let (mut same, mut ids) = (0, 0);
        let mut first_difference = String::new();
        for (question, (_, request)) in &filters {
            let theirs = postgres::fitting(&client, question).await?;
            let ours = all_ids(&mut http, request).await?;
            ids += theirs.len();
            if ours == theirs {
                same += 1;
            } else if first_difference.is_empty() {
                first_difference = format!(" (first difference: {} of ours, {} of theirs)", ours.len(), theirs.len());
            }
        }
        facts.push(Fact::must(
            format!("same doctors as PostgreSQL for the same filters, {} doctors", stage.doctors),
            format!("{same} of {} questions, {ids} ids{first_difference}", filters.len()),
            "all",
            same == filters.len(),
        ));
    }
    if let Some(groonga) = &stage.groonga {
        let (mut same, mut peer) = (0, Http::new(&groonga.address));
        for (question, (_, request)) in &filters {
            let theirs = groonga::total(&mut peer, question).await?;
            same += usize::from(page(&mut http, request).await?.0 == theirs);
        }
        facts.push(Fact::must(
            format!("same number of doctors as Groonga for the same filters, {} doctors", stage.doctors),
            format!("{same} of {} questions", filters.len()),
            "all",
            same == filters.len(),
        ));
    }
    Ok(facts)
}

/// Total and ids of one page.
async fn page(http: &mut Http, request: &[u8]) -> Result<(u64, Vec<String>), String> {
    let answer = http.send(request).await?;
    let value: Value = serde_json::from_slice(&answer.body).map_err(|fault| fault.to_string())?;
    let none = Vec::new();
    let items = value["items"].as_array().unwrap_or(&none);
    let ids = items.iter().filter_map(|item| item["role_id"].as_str().map(String::from)).collect();
    value["total"].as_u64().map(|total| (total, ids)).ok_or_else(|| format!("no total: {value}"))
}

/// All ids that we give for a question, page by page, sorted.
async fn all_ids(http: &mut Http, request: &[u8]) -> Result<Vec<String>, String> {
    let text = String::from_utf8_lossy(request).into_owned();
    let mut all = Vec::new();
    for number in 1..=PAGES_MAX {
        let asked = text.replacen("per_page=20", &format!("per_page=50&page={number}"), 1);
        let (total, ids) = page(http, asked.as_bytes()).await?;
        let last = ids.is_empty();
        all.extend(ids);
        if last || all.len() as u64 >= total {
            break;
        }
    }
    all.sort();
    all.dedup();
    Ok(all)
}

/// How long after the answer to a hold its time is still offered by search. A hold leaves search as a booking does.
async fn visible(stage: &Stage) -> Result<Vec<Fact>, String> {
    let Some((_, request)) = stage.requests.iter().find(|(kind, _)| *kind == 0) else { return Ok(Vec::new()) };
    let mut http = Http::new(&stage.ours.running.address);
    let mut waits = Vec::new();
    for _ in 0..20 {
        let answer = http.send(request).await?;
        let value: Value = serde_json::from_slice(&answer.body).map_err(|fault| fault.to_string())?;
        let item = &value["items"][0];
        let (Some(role), Some(start)) = (item["role_id"].as_str(), item["slots"][0]["start"].as_str()) else { break };
        let body = serde_json::json!({ "role_id": role, "start": start }).to_string();
        let headers = [("Authorization", stage.ours.bearer.as_str()), ("Content-Type", "application/json")];
        let held = http.send(&Http::request("POST", "/api/v1/holds", &headers, body.as_bytes())).await?;
        if held.status != 201 {
            return Err(format!("a hold was answered {}", held.status));
        }
        let begun = std::time::Instant::now();
        let gone = loop {
            let answer = http.send(request).await?;
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            let value: Value = serde_json::from_str(&text).map_err(|fault| fault.to_string())?;
            let none = Vec::new();
            let offered = value["items"].as_array().unwrap_or(&none).iter().any(|item| {
                item["role_id"] == role && item["slots"].as_array().is_some_and(|slots| slots.iter().any(|slot| slot["start"] == start))
            });
            if !offered || begun.elapsed() > Duration::from_secs(5) {
                break begun.elapsed();
            }
        };
        waits.push(gone.as_secs_f64() * 1_000.0);
    }
    let worst = waits.iter().copied().fold(0.0, f64::max);
    Ok(vec![Fact::at_most(
        format!("a time taken is gone from search, worst of {}, {} doctors", waits.len(), stage.doctors),
        worst,
        50.0,
        " ms",
    )])
}

fn facts(bench: &Bench, rounds: &Rounds, part: &mut Part) {
    let many = bench.plan.clients;
    for doctors in &bench.plan.scales {
        let row = |who: &str, clients: usize| rounds.row(MIX, who, *doctors, clients);
        let (Some(ours), Some(floor)) = (row(OURS, many), row(FLOOR, many)) else { continue };
        if let Some(peer) = row(POSTGRES, many) {
            part.facts.push(Fact::at_least(
                format!("search, rate against {POSTGRES}, {doctors} doctors"),
                ours.rate / peer.rate,
                15.0,
                "× ",
            ));
        }
        if let Some(peer) = row(GROONGA, many) {
            part.facts.push(Fact::at_least(
                format!("search, rate against {GROONGA}, {doctors} doctors"),
                ours.rate / peer.rate,
                40.0,
                "× ",
            ));
        }
        part.facts.push(Fact::at_least(format!("search, rate against the {FLOOR}, {doctors} doctors"), ours.rate / floor.rate, 0.4, "× "));
        part.facts.push(Fact::at_most(
            format!("search, p99 against the floor's, {doctors} doctors"),
            ours.p99 / floor.p99.max(0.001),
            2.0,
            " ×",
        ));
        if let Some(cpu) = ours.cpu_micros {
            part.facts.push(Fact::at_most(format!("search, processor time a question, {doctors} doctors"), cpu, 40.0, " µs"));
        }
        for (kind, (name, _)) in KINDS.iter().enumerate() {
            if let Some(row) = rounds.row_of_kind(MIX, OURS, *doctors, 1, kind) {
                part.facts.push(Fact::at_most(format!("one client, p50 of {name}, {doctors} doctors"), row.p50, 1.0, " ms"));
            }
        }
    }
    if let [few, .., many] = bench.plan.scales.as_slice() {
        for (who, goal) in [(OURS, Some(1.15)), (FLOOR, None), (POSTGRES, None), (GROONGA, None)] {
            let (Some(small), Some(large)) = (rounds.row(MIX, who, *few, 1), rounds.row(MIX, who, *many, 1)) else { continue };
            let tenfolds = (*many as f64 / *few as f64).log10();
            let growth = (large.p50 / small.p50.max(0.001)).powf(1.0 / tenfolds.max(0.1));
            let what = format!("search, growth of one client's p50 per tenfold doctors, {who}");
            part.facts.push(match goal {
                Some(goal) => Fact::at_most(what, growth, goal, " ×"),
                None => Fact::plain(what, format!("{} ×", round(growth))),
            });
        }
    }
}

/// A round as the tables take it.
pub(crate) fn sample(seen: Seen, cpu_seconds: Option<f64>) -> Sample {
    let cpu_micros = cpu_seconds.filter(|_| !seen.answers.is_empty()).map(|seconds| seconds * 1_000_000.0 / seen.answers.len() as f64);
    Sample { seen, cpu_micros }
}
