//! A person's record: made, opened with the opening written down, found by phone. Nothing of it has a door of its own yet, so it is
//! measured at the library, inside this process, without HTTP; the same statements sent bare and PostgreSQL with pgcrypto stand beside it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clock::Clock;
use db::Lang;
use patients::{Details, PatientName, Phone, enrol, open_phones};
use privacy::{Evidence, PersonId, Purpose, SubjectKey, Suite, consent};
use server::App;

use crate::Bench;
use crate::load::Client;
use crate::ours;
use crate::peers::postgres::{Postgres, connect, said};
use crate::peers::{BARE_SQLITE, OURS, PGCRYPTO};
use crate::recording::{recorder, settings};
use crate::replay::{Pair, Work};
use crate::report::{Fact, Part, Rounds};
use crate::search::sample;

const CREATE: &str = "record: create";
const OPEN: &str = "record: open, the opening written down";
const DAY: &str = "record: open 50 of one clinic's day at once";
const FIND: &str = "record: find by phone";
/// Records of one clinic's day.
const OF_A_DAY: usize = 50;
/// Records made and opened while what is sent is written down.
const RECORDED: usize = 2_400;

/// A person whose record can be opened: their key, and the visit for which they consented.
type Visitor = (SubjectKey, [u8; 16], String);

/// The open program, and the people in it.
#[derive(Clone)]
struct Records {
    app: App,
    next: Arc<AtomicUsize>,
    known: Arc<Mutex<VecDeque<Visitor>>>,
}

#[derive(Clone, Copy)]
enum Act {
    Create,
    Open(usize),
    Find,
}

struct Desk {
    records: Records,
    act: Act,
}

impl Records {
    fn details(number: usize) -> Result<Details, String> {
        Ok(Details {
            name: PatientName::parse("Айгүл Сәрсенова").ok_or("a name")?,
            phone: Phone::parse(&format!("+7000{number:07}"), true).map_err(|_| "a phone")?,
            email: None,
            sex: None,
            age: None,
        })
    }

    /// Makes a person's record.
    async fn create(&self) -> Result<(), String> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let details = Records::details(number)?;
        let (key, _) = enrol(&self.app.world.keys, &details).await.map_err(|fault| format!("{fault:?}"))?;
        let phone = details.phone.e164().to_owned();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // People to open are made by `consented`; these only have to be findable.
        known.push_back((key, [0; 16], phone));
        if known.len() > 20_000 {
            known.pop_front();
        }
        Ok(())
    }

    /// Makes so many people who consented to a visit, so that their records may be opened for it.
    async fn consented(&self, people: usize) -> Result<VecDeque<Visitor>, String> {
        let document = self.app.world.documents.get(Purpose::P1, Lang::Ru).ok_or("no consent document")?.clone();
        let mut made = VecDeque::new();
        for _ in 0..people {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let details = Records::details(number)?;
            let (key, _) = enrol(&self.app.world.keys, &details).await.map_err(|fault| format!("{fault:?}"))?;
            let visit = self.app.world.clock().bytes::<16>();
            let (of, document) = (key.clone(), document.clone());
            let given = self.app.world.db.run("consent", move |tx| {
                let (key, document) = (of.clone(), document.clone());
                Box::pin(async move { consent::record(tx, &key, &visit, &document, &Evidence::PARTNER).await.map(drop) })
            });
            given.await.map_err(|fault: db::DbError| fault.to_string())?;
            made.push_back((key, visit, details.phone.e164().to_owned()));
        }
        Ok(made)
    }

    fn some(&self, people: usize) -> Vec<Visitor> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let people = people.min(known.len());
        known.rotate_left(people);
        known.iter().rev().take(people).cloned().collect()
    }

    /// Opens the phones of so many people, in one transaction.
    async fn open(&self, people: usize) -> Result<(), String> {
        let people = Arc::new(self.some(people));
        let ids: Vec<PersonId> = people.iter().filter_map(|(key, _, _)| key.person()).collect();
        let known = Arc::new(self.app.world.keys.people(&ids).await.map_err(|fault| format!("{fault:?}"))?);
        let opened = self.app.world.db.run("open", move |tx| {
            let (people, known) = (people.clone(), known.clone());
            Box::pin(async move {
                let wanted: Vec<_> = people.iter().filter_map(|(key, visit, _)| Some((known.get(&key.person()?)?, *visit))).collect();
                let shown = open_phones(tx, "bench", &wanted).await.unwrap_or_default();
                let whole =
                    shown.iter().zip(people.iter()).all(|(shown, (_, _, phone))| shown.as_ref().is_some_and(|it| it.expose() == phone));
                Ok::<_, db::DbError>(whole && shown.len() == people.len() && !people.is_empty())
            })
        });
        if opened.await.map_err(|fault| fault.to_string())? { Ok(()) } else { Err("a record did not open".into()) }
    }

    async fn find(&self) -> Result<(), String> {
        let Some((key, _, phone)) = self.some(1).pop() else { return Err("nobody to find".into()) };
        let found = self.app.world.keys.by_phone(&phone).await.map_err(|fault| format!("{fault:?}"))?;
        if found.iter().any(|of| of.person() == key.person()) { Ok(()) } else { Err("a person was not found by phone".into()) }
    }
}

impl Client for Desk {
    async fn ask(&mut self) -> Result<Option<usize>, String> {
        match self.act {
            Act::Create => self.records.create().await?,
            Act::Open(people) => self.records.open(people).await?,
            Act::Find => self.records.find().await?,
        }
        Ok(Some(0))
    }
}

/// Measures records on SQLite.
///
/// # Errors
/// When the program does not open.
pub(crate) async fn run(bench: &Bench) -> Result<Part, String> {
    let (mut rounds, mut part) = (Rounds::default(), bench.part());
    let base = bench.place(bench.plan.scales.first().copied().unwrap_or(600))?;
    println!("recording what is sent");
    let recorded = ours::copy(&base, &bench.work, "record-recorded")?;
    let (creates, opens) = record(&recorded, bench.recorded(RECORDED)).await?;
    let bare = ours::copy(&base, &bench.work, "record-bare")?;
    let mut pair = Pair::open(&bare.data)?;
    let place = ours::copy(&base, &bench.work, "record")?;
    let records = open_records(&place).await?;
    let openable = Records { known: Arc::new(Mutex::new(records.consented(bench.recorded(2_000)).await?)), ..records.clone() };
    let crypto = match &bench.postgres {
        Ok(server) => Some(pgcrypto(server).await?),
        Err(why) => {
            part.not_run.push(format!("{PGCRYPTO}: {why}"));
            None
        }
    };
    let many = bench.plan.clients;
    let (mut created, mut opened) = (0, 0);
    for _ in 0..bench.plan.rounds {
        rounds.syncs.push(bench.syncs()?);
        for (work, act) in [(CREATE, Act::Create), (FIND, Act::Find), (OPEN, Act::Open(1)), (DAY, Act::Open(OF_A_DAY))] {
            let of = if matches!(act, Act::Create | Act::Find) { &records } else { &openable };
            for clients in [many, 1] {
                let desks = (0..clients).map(|_| Desk { records: of.clone(), act }).collect();
                rounds.add(work, OURS, 0, clients, bench.measure(desks, Some(std::process::id())).await);
            }
        }
        for (work, works, sent) in [(CREATE, &creates, &mut created), (OPEN, &opens, &mut opened)] {
            let share = works.len() / bench.plan.rounds;
            let works = works.get(*sent..(*sent + share).min(works.len())).unwrap_or_default();
            let (seen, more) = tokio::task::block_in_place(|| pair.repeat(works, many, Duration::from_secs(60)))?;
            *sent += more;
            rounds.add(work, BARE_SQLITE, 0, many, sample(seen, None));
        }
        if let Some((server, address)) = &crypto {
            for (kind, work) in [(0, CREATE), (1, OPEN), (2, FIND)] {
                let mut clients = Vec::new();
                for _ in 0..many {
                    clients.push(Sealed::new(address, kind).await?);
                }
                rounds.add(work, PGCRYPTO, 0, many, bench.measure(clients, Some(server.id)).await);
            }
        }
    }
    facts(&rounds, many, &mut part);
    bench.close(part, rounds)
}

async fn open_records(place: &ours::Place) -> Result<Records, String> {
    let app = App::open(&settings(place)?, Clock::real(), Suite::Sealed, "http://127.0.0.1").await.map_err(|fault| fault.to_string())?;
    Ok(Records { app, next: Arc::new(AtomicUsize::new(1)), known: Arc::default() })
}

/// What is sent to make so many records, and to open them.
async fn record(place: &ours::Place, people: usize) -> Result<(Vec<Work>, Vec<Work>), String> {
    let recorder = recorder();
    let records = open_records(place).await?;
    let (mut creates, mut opens, mut known) = (Vec::new(), Vec::new(), VecDeque::new());
    recorder.listen(true);
    for _ in 0..people {
        known.extend(records.consented(1).await?);
        let mut work = recorder.take();
        // The consent belongs to the visit, not to the record.
        work.retain(|transaction| transaction.name != "consent");
        creates.push(work);
    }
    let records = Records { known: Arc::new(Mutex::new(known)), ..records };
    for _ in 0..people {
        records.open(1).await?;
        opens.push(recorder.take());
    }
    recorder.listen(false);
    Ok((creates, opens))
}

/// A connection that keeps people sealed by PostgreSQL itself.
struct Sealed {
    client: tokio_postgres::Client,
    statement: tokio_postgres::Statement,
    kind: usize,
}

/// The last person made there.
static LAST: AtomicUsize = AtomicUsize::new(0);
const SECRET: &str = "bench";

async fn pgcrypto(server: &Postgres) -> Result<(Postgres, String), String> {
    let address = server.make("pgcrypto", None).await?;
    let client = connect(&address).await?;
    let tables = "CREATE EXTENSION pgcrypto;
        CREATE TABLE person (id BIGINT PRIMARY KEY, phone_tag BYTEA NOT NULL UNIQUE, name BYTEA NOT NULL, phone BYTEA NOT NULL);
        CREATE TABLE opening (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person BIGINT NOT NULL, at TIMESTAMPTZ NOT NULL DEFAULT now());";
    client.batch_execute(tables).await.map_err(|fault| said(&fault))?;
    LAST.store(0, Ordering::Relaxed);
    Ok((server.clone(), address))
}

impl Sealed {
    async fn new(address: &str, kind: usize) -> Result<Sealed, String> {
        let client = connect(address).await?;
        // Plain AES-128 without key stretching: the cheapest that it has, in its favour.
        let options = "'cipher-algo=aes128, s2k-mode=0, compress-algo=0'";
        let sql = match kind {
            0 => format!(
                "INSERT INTO person VALUES ($1, hmac($2, '{SECRET}', 'sha256'), pgp_sym_encrypt('Айгүл Сәрсенова', '{SECRET}', {options}),
                 pgp_sym_encrypt($2, '{SECRET}', {options})) ON CONFLICT DO NOTHING"
            ),
            1 => format!(
                "WITH noted AS (INSERT INTO opening (person) VALUES ($1) RETURNING person)
                 SELECT pgp_sym_decrypt(phone, '{SECRET}') FROM person JOIN noted ON noted.person = person.id WHERE $2 <> ''"
            ),
            _ => format!("SELECT id FROM person WHERE phone_tag = hmac($2, '{SECRET}', 'sha256') AND $1 >= 0::bigint"),
        };
        let types = [tokio_postgres::types::Type::INT8, tokio_postgres::types::Type::TEXT];
        let statement = client.prepare_typed(&sql, &types).await.map_err(|fault| said(&fault))?;
        Ok(Sealed { client, statement, kind })
    }
}

impl Client for Sealed {
    async fn ask(&mut self) -> Result<Option<usize>, String> {
        let number = match self.kind {
            0 => LAST.fetch_add(1, Ordering::Relaxed),
            _ => Clock::real().below(LAST.load(Ordering::Relaxed).max(1) as u64) as usize,
        };
        let phone = format!("+7000{number:07}");
        let asked = self.client.query(&self.statement, &[&(number as i64), &phone]).await;
        asked.map(|_| Some(0)).map_err(|fault| said(&fault))
    }
}

fn facts(rounds: &Rounds, many: usize, part: &mut Part) {
    for (work, goal) in [(CREATE, 0.7), (OPEN, 0.7)] {
        if let (Some(ours), Some(bare)) = (rounds.row(work, OURS, 0, many), rounds.row(work, BARE_SQLITE, 0, many)) {
            part.facts.push(Fact::at_least(format!("{work}, rate against {BARE_SQLITE}"), ours.rate / bare.rate.max(0.001), goal, "× "));
        }
    }
    for work in [CREATE, OPEN, FIND] {
        if let (Some(ours), Some(crypto)) = (rounds.row(work, OURS, 0, many), rounds.row(work, PGCRYPTO, 0, many)) {
            let ratio = ours.rate / crypto.rate.max(0.001);
            part.facts.push(Fact::plain(format!("{work}, rate against {PGCRYPTO}"), format!("× {}", crate::report::round(ratio))));
        }
    }
    if let (Some(one), Some(day)) = (rounds.row(OPEN, OURS, 0, 1), rounds.row(DAY, OURS, 0, 1)) {
        let times = day.p50 / one.p50.max(0.001);
        part.facts.push(Fact::at_most("record: p50 of a clinic's day of 50 against one, one client", times, 2.0, " ×"));
    }
    part.not_run.push("GNU Health: it is not installed; its goals are not judged here".into());
}
