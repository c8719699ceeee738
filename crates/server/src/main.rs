//! The `recomed` command. Exit codes: 0 done, 1 refused or failed, 2 wrong use. Errors are one line: what, where, what to do.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line: its answers are printed")]

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use access::Scope;
use clap::{Parser, Subcommand};
use clock::Clock;
use privacy::Suite;
use server::router::Plane;
use server::{App, Settings, StartError, router, timetable};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, watch};

/// Prints a line; a reader that has gone away (`| head`) is no reason to stop.
macro_rules! say {
    ($($words:tt)*) => {{
        let _gone = writeln!(std::io::stdout(), $($words)*);
    }};
}

mod commands;
mod generate;
mod import;

/// Choose a doctor and book a time: a self-hosted booking platform that keeps its privacy policy.
#[derive(Parser)]
#[command(name = "recomed", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start with invented doctors, messages shown instead of sent
    Demo {
        /// Address and port; port 0 takes a free one
        #[arg(long)]
        listen: Option<String>,
        /// Folder for the data, made when it is not there
        #[arg(long)]
        data: Option<PathBuf>,
        /// How many doctors, when the folder is new
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..=directory::generate::PRACTITIONERS_MAX))]
        practitioners: Option<u64>,
    },
    /// Start for real
    Serve {
        /// Settings in TOML; every key is also an environment variable RECOMED_<SECTION>_<KEY>
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Write an invented catalogue: the same seed gives the same bytes
    Generate {
        /// How many doctors, to 1,000,000
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..=directory::generate::PRACTITIONERS_MAX))]
        practitioners: u64,
        /// What the numbers are drawn from
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Folder for the files, empty or not there
        #[arg(long)]
        out: PathBuf,
    },
    /// Bring both databases up to this program's schema
    Migrate {
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Write both databases, sealed, into a folder; the server may run
    Backup {
        /// The folder; main/ and keys/ in it can be kept apart
        to: PathBuf,
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Fill empty databases from a backup; whoever was erased since stays erased
    Restore {
        /// The folder of backups
        from: PathBuf,
        /// Which set, by its name; the newest whole one without it
        #[arg(long)]
        set: Option<String>,
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Take in doctors and hours
    Import {
        #[command(subcommand)]
        form: ImportForm,
    },
    /// Work that goes on behind requests
    Jobs {
        #[command(subcommand)]
        act: JobsAct,
    },
    /// Programs that book for people
    Partner {
        #[command(subcommand)]
        act: PartnerAct,
    },
    /// The policy: whether the program and its data keep to it
    Policy {
        #[command(subcommand)]
        act: commands::policy::Act,
    },
    /// The master key, which opens everything
    Keys {
        #[command(subcommand)]
        act: commands::keys::Act,
    },
    /// What took place in a month, by clinic and tariff
    Ledger(commands::ledger::Args),
    /// What is past its term: look, or let it go now
    Retention {
        #[command(subcommand)]
        act: commands::retention::Act,
    },
    /// Whoever works with the program
    Staff {
        #[command(subcommand)]
        act: commands::staff::Act,
    },
    /// The log of what was done with whose data
    Audit {
        #[command(subcommand)]
        act: commands::audit::Act,
    },
    /// Answer a person who asks for their data, or for its end
    Subject {
        #[command(subcommand)]
        act: commands::subject::Act,
    },
}

#[derive(Subcommand)]
enum ImportForm {
    /// Clinics, doctors and times as FHIR R4, described in docs/operations/fhir.md
    Fhir(Box<FhirArgs>),
    /// A CSV file, described in docs/operations/import-csv.md
    Csv {
        /// Files, or folders whose *.csv files are read in the order of their names; `-` reads standard input
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Accept the demo's numbers, which begin with +7 000 and cannot ring
        #[arg(long)]
        demo: bool,
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
}

#[derive(clap::Args)]
struct FhirArgs {
    /// A manifest ($bulk-publish), a folder, an .ndjson file or a Bundle; or the address of one
    place: String,
    /// Name of the feed; its ids are derived from it. Without one, the directory of another Recomed keeps its ids
    #[arg(long)]
    source: Option<String>,
    /// Time zone of its cities, as Asia/Almaty
    #[arg(long)]
    zone: Option<String>,
    /// Country of its cities, as KZ
    #[arg(long)]
    country: Option<String>,
    /// Currency of its prices, as KZT
    #[arg(long)]
    currency: Option<String>,
    /// City of places that name none
    #[arg(long)]
    city: Option<String>,
    /// Code of the specialty under which its services stand
    #[arg(long)]
    specialty: Option<String>,
    /// Price of a visit in minor units
    #[arg(long)]
    price_minor: Option<i64>,
    /// Their code of a service and ours, as 57=therapist-consultation
    #[arg(long = "service")]
    services: Vec<String>,
    /// A further host that its files may be fetched from
    #[arg(long = "host")]
    hosts: Vec<String>,
    /// Settings in TOML
    #[arg(long)]
    config: Option<PathBuf>,
}

#[derive(Subcommand)]
enum JobsAct {
    /// List the jobs that will not be tried again, oldest first
    Dead {
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// List the visits whose person could not be told and is to be called, longest waiting first
    ToCall {
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum PartnerAct {
    /// Add a partner and print its key, once
    Add {
        /// Its name
        name: String,
        /// What it may do: search, book
        #[arg(long, value_delimiter = ',', default_value = "search,book")]
        scope: Vec<String>,
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
}

/// Rows listed at most.
const LISTED_MAX: i64 = 1_000;
/// Requests under way and jobs may end within this time.
const STOP_SECONDS_MAX: u64 = 10;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = server::log_filter(std::env::var("RECOMED_LOG").ok().as_deref());
    // A log on a full disk must not stop what it tells of: complaints about it would go the same way and panic.
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("no runtime: {error}")),
    };
    match runtime.block_on(run(cli.command)) {
        Ok(code) => code,
        Err(error) => fail(&error.to_string()),
    }
}

fn fail(why: &str) -> ExitCode {
    eprintln!("recomed: {}", why.replace('\n', " "));
    ExitCode::from(1)
}

async fn run(command: Command) -> Result<ExitCode, StartError> {
    match command {
        Command::Demo { listen, data, practitioners } => {
            let mut environment: Vec<(String, String)> = std::env::vars().collect();
            environment.extend(listen.map(|listen| ("RECOMED_LISTEN".to_owned(), listen)));
            environment.extend(data.map(|data| ("RECOMED_DATA".to_owned(), data.to_string_lossy().into_owned())));
            let mut settings = Settings::read(None, environment.into_iter(), true)?;
            settings.practitioners = practitioners.unwrap_or(directory::demo::PRACTITIONERS);
            start(settings).await
        }
        Command::Serve { config } => start(read(config, false)?).await,
        Command::Generate { practitioners, seed, out } => generate::generate(practitioners, seed, &out),
        Command::Migrate { config } => {
            server::app::open_databases(&read(config, false)?, &Clock::real(), Suite::Sealed).await?;
            say!("both databases have this program's schema");
            Ok(ExitCode::SUCCESS)
        }
        Command::Import { form: ImportForm::Csv { files, demo, config } } => import::csv(&read(config, false)?, &files, demo).await,
        Command::Import { form: ImportForm::Fhir(args) } => import_fhir(*args).await,
        Command::Backup { to, config } => commands::backup::backup(&read(config, false)?, &to).await,
        Command::Restore { from, set, config } => commands::backup::restore(&read(config, false)?, &from, set.as_deref()).await,
        Command::Jobs { act: JobsAct::Dead { config } } => list_dead(&read(config, false)?).await,
        Command::Jobs { act: JobsAct::ToCall { config } } => list_to_call(&read(config, false)?).await,
        Command::Subject { act } => commands::subject::run(act).await,
        Command::Partner { act: PartnerAct::Add { name, scope, config } } => add_partner(&read(config, false)?, &name, &scope).await,
        Command::Keys { act } => commands::keys::run(act).await,
        Command::Policy { act } => commands::policy::run(act).await,
        Command::Ledger(args) => commands::ledger::run(args).await,
        Command::Retention { act } => commands::retention::run(act).await,
        Command::Staff { act } => commands::staff::run(act).await,
        Command::Audit { act } => commands::audit::run(act).await,
    }
}

fn read(config: Option<PathBuf>, demo: bool) -> Result<Settings, StartError> {
    Ok(Settings::read(config.as_deref(), std::env::vars(), demo)?)
}

/// The databases of an installation that is there: a mistyped folder must not become a second, empty one.
async fn open_existing(settings: &Settings) -> Result<(db::Db, privacy::KeyStore), StartError> {
    if let db::Place::Sqlite(path) = &settings.database
        && !path.exists()
    {
        let path = path.display();
        return Err(StartError(format!(
            "{path}: there is no database; name its folder by --config or RECOMED_DATA, or run `recomed migrate` first"
        )));
    }
    server::app::open_databases(settings, &Clock::real(), Suite::Sealed).await
}

async fn import_fhir(args: FhirArgs) -> Result<ExitCode, StartError> {
    let settings = read(args.config, false)?;
    let mut services = Vec::new();
    for pair in &args.services {
        let Some((theirs, ours)) = pair.rsplit_once('=') else {
            eprintln!("recomed: --service `{pair}`: write their code, an equals sign and ours");
            return Ok(ExitCode::from(2));
        };
        services.push((theirs.to_owned(), ours.to_owned()));
    }
    let said = server::feeds::Said {
        source: args.source,
        zone: args.zone,
        country: args.country,
        currency: args.currency,
        city: args.city,
        specialty: args.specialty,
        price_minor: args.price_minor,
        services,
        hosts: args.hosts,
    };
    let (db, _keys) = open_existing(&settings).await?;
    db.run("reference", |tx| Box::pin(directory::import_csv::write_reference(tx))).await?;
    let progress = Arc::new(|line: String| eprintln!("{line}"));
    let report = match server::feeds::import_feed(&db, &settings.feeds, &args.place, said, progress).await {
        Ok(report) => report,
        Err(server::feeds::FeedError::Use(why)) => {
            eprintln!("recomed: {why}");
            return Ok(ExitCode::from(2));
        }
        Err(server::feeds::FeedError::Failed(error)) => return Err(error),
    };
    for absent in &report.absent {
        eprintln!("{absent}");
    }
    for refused in report.refused.iter().take(import::REFUSED_SHOWN_MAX) {
        eprintln!("{refused}");
    }
    if let Some(more) = report.refused_count.checked_sub(import::REFUSED_SHOWN_MAX).filter(|more| *more > 0) {
        eprintln!("{more} more");
    }
    say!("{report}");
    Ok(if report.is_whole() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The list holds no personal data: a job names a visit or a code, never a person.
async fn list_dead(settings: &Settings) -> Result<ExitCode, StartError> {
    let (db, _keys) = open_existing(settings).await?;
    let dead = db.read("dead jobs", |tx| Box::pin(db::jobs::dead(tx, LISTED_MAX))).await?;
    for job in &dead {
        say!("{}  {}  tries: {}  cause: {}", job.id, job.kind, job.attempts, job.cause);
    }
    say!("dead: {}", dead.len());
    Ok(ExitCode::SUCCESS)
}

/// The list names visits, never people: whoever calls opens the number for that call.
async fn list_to_call(settings: &Settings) -> Result<ExitCode, StartError> {
    let (db, _keys) = open_existing(settings).await?;
    let (visits, all) = db
        .read("to call", |tx| {
            Box::pin(async move { Ok::<_, db::DbError>((booking::to_call(tx, LISTED_MAX).await?, booking::count_to_call(tx).await?)) })
        })
        .await?;
    for call in &visits {
        say!("{}  not told: {}  begins: {}  since: {}", call.number, call.turn, call.start.to_jiff(), call.since.to_jiff());
    }
    say!("to call: {all}");
    Ok(ExitCode::SUCCESS)
}

async fn add_partner(settings: &Settings, name: &str, scopes: &[String]) -> Result<ExitCode, StartError> {
    let mut known = Vec::new();
    for scope in scopes {
        known.push(Scope::from_code(scope.trim()).ok_or(StartError(format!("--scope: `{scope}` is not known; choose from search, book")))?);
    }
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(StartError("the partner's name must have 1 to 100 characters".into()));
    }
    let (db, _keys) = open_existing(settings).await?;
    let key = db
        .run("add partner", move |tx| {
            let (name, known) = (name.clone(), known.clone());
            Box::pin(async move { access::add_partner(tx, &name, &known).await })
        })
        .await?;
    say!("{key}");
    eprintln!("This key is shown once; only its hash is kept. The partner sends it as: Authorization: Bearer KEY");
    Ok(ExitCode::SUCCESS)
}

async fn start(settings: Settings) -> Result<ExitCode, StartError> {
    let listener = tokio::net::TcpListener::bind(&settings.listen).await.map_err(|error| {
        StartError(format!("{}: cannot listen there: {error}; choose another with --listen or RECOMED_LISTEN", settings.listen))
    })?;
    let staff_listener = match &settings.staff_listen {
        Some(at) => Some(tokio::net::TcpListener::bind(at).await.map_err(|error| {
            StartError(format!("{at}: cannot listen there for staff: {error}; choose another with RECOMED_STAFF_LISTEN"))
        })?),
        None => None,
    };
    let address: SocketAddr = listener.local_addr().map_err(|error| StartError(error.to_string()))?;
    let public_url = settings.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let app = App::open(&settings, Clock::real(), Suite::Sealed, &public_url).await?;
    if settings.demo {
        server::demo::add_staff(&app.world).await?;
    }
    let plane = if staff_listener.is_some() { Plane::Public } else { Plane::Both };
    let router = router::plane(app.clone(), plane)?;
    let of_staff = staff_listener.map(|listener| Ok::<_, String>((listener, router::plane(app.clone(), Plane::Staff)?))).transpose()?;
    let mut signals = StopSignals::listen().map_err(|error| StartError(format!("signals cannot be listened to: {error}")))?;
    let (stopping, stopped) = watch::channel(false);
    let mut tasks = timetable::start(&app, &stopped);
    greet(&settings, &app, address);

    let listeners = std::iter::once((listener, router)).chain(of_staff);
    let serving: Vec<_> = listeners
        .map(|(listener, router)| {
            let stop = Arc::new(Notify::new());
            (stop.clone(), tokio::spawn(router::serve(listener, router, stop)))
        })
        .collect();
    signals.wait().await;
    tracing::info!("stopping: requests under way may end");
    serving.iter().for_each(|(stop, _)| stop.notify_one());
    let _told = stopping.send(true);
    let ended = tokio::time::timeout(Duration::from_secs(STOP_SECONDS_MAX), async {
        for (_, served) in serving {
            let _served = served.await;
        }
        while tasks.join_next().await.is_some() {}
    });
    if ended.await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
    Ok(ExitCode::SUCCESS)
}

/// The two signals that ask the program to end. Once made, they no longer end it by themselves, so this comes before the
/// greeting: whoever has seen the address may ask at once.
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    fn listen() -> std::io::Result<StopSignals> {
        Ok(StopSignals { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

fn greet(settings: &Settings, app: &App, address: SocketAddr) {
    let catalogue = app.world.catalogue();
    say!("Recomed is ready: http://{address}/");
    say!("  doctors in clinics: {}, clinics: {}, cities: {}", catalogue.roles.len(), catalogue.organizations.len(), catalogue.cities.len());
    if settings.demo {
        say!("  data: {}", settings.data.display());
        say!("  messages that would be sent: http://{address}/ru/demo/outbox");
        say!("Try first: open http://{address}/ru/ (or /kk/, /en/), search for «кардиолог», choose a time, give a name and the");
        say!("phone +7 000 000-00-01 (numbers of the demo begin with +7 000), and read the code in the outbox.");
        say!("As a partner: RECOMED_DATA={} recomed partner add NAME --scope search,book", settings.data.display());
        greet_staff(app);
        say!("Stop with Ctrl-C; a second start keeps the data.");
    }
    if catalogue.roles.is_empty() {
        say!("The directory is empty: recomed import csv FILE (the form: docs/operations/import-csv.md)");
    }
}

/// The demo's sign-ins; the codes change, so the page has them.
fn greet_staff(app: &App) {
    let url = &app.staff_url;
    say!("Staff come in at {url}/staff with login, password and the one-time code that {url}/ru/demo/staff shows:");
    for one in server::demo::sign_ins(&app.world.keys, app.world.clock().now()) {
        say!("  {:<12}{}", one.login, one.password);
    }
}
