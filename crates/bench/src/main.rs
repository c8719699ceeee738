//! Measures the program beside its floors (a bare handler, the disk's syncs, the same statements without HTTP) and its peers, all
//! in one run, interleaved round by round. `cargo xtask bench` builds what is measured, brings the peers, and starts this.
//!
//! Ratios are of one run alone; times are never asserted, outcomes are: no time booked twice, the same doctors for the same filters.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an instrument on the command line: it talks to its caller, and its times are the wall's"
)]

mod booking;
mod dice;
mod floors;
mod load;
mod ours;
mod peers;
mod privacy;
mod process;
mod record;
mod recording;
mod render;
mod replay;
mod report;
mod search;
mod slots;
mod vault;
mod world;

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;

use load::Client;
use ours::Place;
use peers::postgres::Postgres;
use process::Running;
use report::{Part, Report, Rounds, Sample};

const USE: &str = "\
recomed-bench PART… --program FILE --work FOLDER --out FOLDER [--postgres ADDRESS] [--groonga FILE] [--django FILE] [--without NAME=WHY] [--revision WORD] [--quick]
recomed-bench floor BYTES     serve a body of so many bytes
parts: search, slots, booking, record, privacy; `cargo xtask bench` knows the rest";
const PARTS: [&str; 5] = ["search", "slots", "booking", "record", "privacy"];

/// How much is measured.
pub(crate) struct Plan {
    /// Rounds of which the median is taken.
    pub(crate) rounds: usize,
    /// Length of one measurement.
    pub(crate) length: Duration,
    /// Length of one measurement of a peer that needs seconds for an answer.
    pub(crate) long: Duration,
    /// Doctors in the directory.
    pub(crate) scales: Vec<usize>,
    /// Clients at one time.
    pub(crate) clients: usize,
}

/// What there is to measure with.
pub(crate) struct Bench {
    /// The program that is measured.
    pub(crate) program: PathBuf,
    /// Where data folders are made.
    pub(crate) work: PathBuf,
    /// PostgreSQL, or why there is none.
    pub(crate) postgres: Result<Postgres, String>,
    /// Groonga's program, or why there is none.
    pub(crate) groonga: Result<PathBuf, String>,
    /// The Python that has django-appointment, or why there is none.
    pub(crate) django: Result<PathBuf, String>,
    /// How much is measured.
    pub(crate) plan: Plan,
    /// Which state of the program, and which versions of the others.
    pub(crate) versions: String,
}

impl Bench {
    /// A data folder with so many doctors.
    pub(crate) fn place(&self, doctors: usize) -> Result<Place, String> {
        ours::prepare(&self.program, &self.work, &format!("data-{doctors}"), doctors, &[])
    }

    /// The floor of answers with a body of so many bytes.
    pub(crate) fn floor(&self, bytes: usize) -> Result<Running, String> {
        let myself = std::env::current_exe().map_err(|fault| fault.to_string())?;
        let mut command = Command::new(myself);
        command.arg("floor").arg(bytes.to_string());
        Running::greeted(command, &self.work.join("floor.log"))
    }

    /// One round of these clients against the server with this process.
    pub(crate) async fn measure<C: Client>(&self, clients: Vec<C>, server: Option<u32>) -> Sample {
        self.measure_for(self.plan.length, clients, server).await
    }

    /// The same for another length.
    pub(crate) async fn measure_for<C: Client>(&self, length: Duration, clients: Vec<C>, server: Option<u32>) -> Sample {
        // What a server does for the first time, it need not do again.
        let (_, clients) = load::run(clients, length / 8).await;
        let before = server.map(process::cpu_seconds);
        let (seen, _) = load::run(clients, length).await;
        let cpu = server.zip(before).map(|(id, before)| process::cpu_seconds(id) - before);
        search::sample(seen, cpu)
    }

    /// How much of so much work is recorded: little in a quick run.
    pub(crate) fn recorded(&self, most: usize) -> usize {
        if self.plan.rounds > 1 { most } else { most / 8 }
    }

    /// The disk's syncs in a second, now.
    pub(crate) fn syncs(&self) -> Result<f64, String> {
        floors::syncs_per_second(&self.work, self.plan.length.min(Duration::from_millis(500)))
    }

    /// A part with its surroundings filled in.
    pub(crate) fn part(&self) -> Part {
        let now = clock::Clock::real().now().to_jiff().strftime("%Y-%m-%d %H:%M UTC").to_string();
        Part { at: now, machine: machine(), versions: self.versions.clone(), rounds: self.plan.rounds, ..Part::default() }
    }

    /// The part with its rounds in it.
    pub(crate) fn close(&self, mut part: Part, rounds: Rounds) -> Result<Part, String> {
        part.rows = rounds.rows();
        part.syncs = rounds.syncs;
        part.not_run.extend(rounds.faults.iter().map(|fault| format!("fault while measured: {fault}")));
        Ok(part)
    }
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let text = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    let cpu = text("/proc/cpuinfo");
    let model = cpu.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(": ").nth(1)).unwrap_or("").trim();
    let memory = text("/proc/meminfo").lines().next().and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or(0);
    let load = text("/proc/loadavg").split(' ').next().unwrap_or("").to_owned();
    let kernel = text("/proc/sys/kernel/osrelease").trim().to_owned();
    format!("{cores} cores ({model}), {} GiB, Linux {kernel}, load {load} at the start", memory >> 20)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(fault) => return fail(&fault.to_string()),
    };
    match runtime.block_on(begin(&arguments)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(fault) => fail(&fault),
    }
}

fn fail(why: &str) -> ExitCode {
    eprintln!("bench: {why}");
    ExitCode::from(1)
}

async fn begin(arguments: &[String]) -> Result<bool, String> {
    if let [first, bytes] = arguments
        && first == "floor"
    {
        floors::serve(bytes.parse().map_err(|_| USE)?).await?;
        return Ok(true);
    }
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let parts: Vec<&str> = arguments.iter().take_while(|argument| !argument.starts_with("--")).map(String::as_str).collect();
    if let Some(unknown) = parts.iter().find(|part| !PARTS.contains(part)) {
        return Err(format!("there is no part {unknown}\n{USE}"));
    }
    let parts = if parts.is_empty() { PARTS.to_vec() } else { parts };
    let needed = |name: &str| value(name).map(PathBuf::from).ok_or_else(|| format!("{name} is missing\n{USE}"));
    // What is not there says why: `--without groonga=…`.
    let absent = |name: &str| {
        let why = |argument: &String| Some(argument.strip_prefix(name.trim_start_matches('-'))?.strip_prefix('=')?.to_owned());
        value(name).ok_or_else(|| arguments.iter().find_map(why).unwrap_or_else(|| "it was not asked for".into()))
    };
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let plan = if quick {
        Plan { rounds: 1, length: Duration::from_millis(600), long: Duration::from_secs(2), scales: vec![600], clients: 16 }
    } else {
        Plan { rounds: 3, length: Duration::from_secs(2), long: Duration::from_secs(5), scales: vec![10_000, 100_000], clients: 16 }
    };
    let mut bench = Bench {
        versions: format!("Recomed at {}", value("--revision").unwrap_or_else(|| "an unknown state".into())),
        program: needed("--program")?,
        work: needed("--work")?,
        postgres: absent("--postgres").and_then(|address| Postgres::at(&address)),
        groonga: absent("--groonga").map(PathBuf::from),
        django: absent("--django").map(PathBuf::from),
        plan,
    };
    if let Ok(server) = &bench.postgres {
        let row = peers::postgres::connect(&server.address).await?.query_one("SHOW server_version", &[]).await;
        bench.versions.push_str(&format!(", PostgreSQL {}", row.map_or_else(|_| "?".into(), |row| row.get::<_, String>(0))));
    }
    if let Ok(groonga) = &bench.groonga {
        let told = process::finish(Command::new(groonga).arg("--version")).unwrap_or_default();
        bench.versions.push_str(&format!(", Groonga {}", told.split_whitespace().nth(1).unwrap_or("?")));
    }
    if bench.django.is_ok() {
        let pinned = peers::django::PACKAGES.lines().filter(|line| line.contains("==")).map(|line| line.replace("==", " "));
        bench.versions.push_str(&format!(", {}", pinned.collect::<Vec<_>>().join(", ")));
    }
    let out = needed("--out")?;
    for folder in [&bench.work, &out] {
        std::fs::create_dir_all(folder).map_err(|fault| format!("{}: {fault}", folder.display()))?;
    }
    measure(&bench, &parts, &out).await
}

/// Runs the parts one after the other; what each found is kept at once, so that a part can be run again alone.
async fn measure(bench: &Bench, parts: &[&str], out: &std::path::Path) -> Result<bool, String> {
    let file = out.join("bench.json");
    let mut report = Report::read(&file);
    let mut sound = true;
    for name in parts {
        let begun = std::time::Instant::now();
        println!("== {name}");
        let found = match *name {
            "search" => search::run(bench).await,
            "slots" => slots::run(bench).await,
            "booking" => booking::run(bench).await,
            "record" => record::run(bench).await,
            _ => privacy::run(bench).await,
        };
        match found {
            Ok(part) => {
                for fact in &part.facts {
                    let mark = fact.met.map_or("", |met| if met { "  met" } else { "  MISSED" });
                    println!("  {}: {} {}{mark}", fact.what, fact.value, fact.goal);
                }
                for why in &part.not_run {
                    println!("  not run: {why}");
                }
                sound &= part.facts.iter().all(|fact| !fact.outcome || fact.met == Some(true));
                report.parts.insert((*name).to_owned(), part);
                report.write(&file)?;
                for (name, text) in [("bench.md", render::page(&report)), ("bench.svg", render::plot(&report))] {
                    std::fs::write(out.join(name), text).map_err(|fault| format!("{name}: {fault}"))?;
                }
            }
            Err(fault) => {
                sound = false;
                println!("FAILED  {name}: {fault}");
            }
        }
        println!("   {name} took {:.0} s", begun.elapsed().as_secs_f64());
    }
    Ok(sound)
}
