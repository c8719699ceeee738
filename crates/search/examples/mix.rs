//! Times the questions of the bench's mix in this process, without HTTP, kind by kind: `cargo run --release -p search --example mix --
//! FOLDER/recomed.db`, where the folder is one of `recomed demo --practitioners N --data FOLDER`; a number behind it, 0 to 6, times that
//! kind alone. For finding what costs; the bench measures what a client sees.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    missing_docs,
    reason = "an instrument on the command line: it talks to its caller, and its times are the wall's"
)]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use booking::FreeTime;
use clock::Clock;
use db::{Db, Lang, Options, Place};
use directory::catalogue::{Catalogue, PractitionerRole};
use jiff::ToSpan as _;
use search::engine::{self, Query, Sort, When};
use search::index::Index;

const QUESTIONS: u64 = 200;
const ROUNDS: usize = 10;
const KINDS: [(&str, u64); 7] = [
    ("specialty and city", 35),
    ("metro, price, before a time", 25),
    ("beginning of a surname", 20),
    ("text of a service", 10),
    ("surname mistyped", 10),
    ("nothing at all", 0),
    ("city, in the evening of any day", 0),
];

fn surname(catalogue: &Catalogue, role: &PractitionerRole) -> Option<String> {
    Some(catalogue.practitioner_of(role)?.names.ru.split_whitespace().next()?.to_lowercase())
}

fn question(catalogue: &Catalogue, clock: &Clock, kind: usize) -> Option<Query> {
    let below = |most: usize| usize::try_from(clock.below(most as u64)).unwrap_or(0);
    let role = catalogue.roles.get(below(catalogue.roles.len()))?;
    let place = catalogue.location(role.location)?;
    let (specialty, city) = (role.specialties.first().cloned(), Some(place.city.clone()));
    let plain = Query { page: 1, per_page: 20, ..Query::default() };
    let day = clock.now().to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date().checked_add(2.days()).ok();
    Some(match kind {
        0 => Query { specialty, city, sort: Sort::Soonest, ..plain },
        1 => Query {
            specialty,
            city,
            sort: Sort::Soonest,
            metro: vec![place.metro.first()?.metro.clone()],
            price_max_minor: Some(role.services.first()?.price_minor / 50_000 * 50_000 + 100_000),
            when: When { date: day, from_minute: 0, to_minute: 13 * 60 },
            ..plain
        },
        2 => Query { q: surname(catalogue, role)?.chars().take(3 + below(3)).collect(), ..plain },
        3 => Query { q: catalogue.services.get(below(catalogue.services.len()))?.names.ru.to_lowercase(), ..plain },
        4 => {
            let name = surname(catalogue, role)?;
            let wrong = 1 + below(name.chars().count().saturating_sub(2).max(1));
            Query { q: name.chars().enumerate().filter(|(at, _)| *at != wrong).map(|(_, letter)| letter).collect(), ..plain }
        }
        6 => Query { city, when: When { date: None, from_minute: 18 * 60, to_minute: 21 * 60 }, ..plain },
        _ => plain,
    })
}

#[tokio::main]
async fn main() {
    let file = PathBuf::from(std::env::args().nth(1).unwrap());
    let clock = Clock::real();
    let db = Db::open(Options::new(Place::Sqlite(file)), clock.clone()).await.unwrap();
    let catalogue = Arc::new(db.read("directory", |tx| Box::pin(directory::store::load(tx))).await.unwrap());
    let free = FreeTime::new(clock.clone());
    let begun = Instant::now();
    free.rebuild(&db, catalogue.clone()).await.unwrap();
    println!("{} roles; free time in {:.1} s", catalogue.roles.len(), begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    let index = Index::new(catalogue.clone(), 18);
    println!("index in {:.2} s", begun.elapsed().as_secs_f64());
    let texts = web::AllTexts::load(&[booking::TEXTS, search::TEXTS]).unwrap();
    let texts = texts.of(Lang::Ru);
    let mut mean = 0.0;
    let only: Option<usize> = std::env::args().nth(2).map(|kind| kind.parse().unwrap());
    for (kind, (name, share)) in KINDS.iter().enumerate().filter(|(kind, _)| only.is_none_or(|only| only == *kind)) {
        let questions: Vec<Query> =
            (0..QUESTIONS * 4).filter_map(|_| question(&catalogue, &clock, kind)).take(QUESTIONS as usize).collect();
        let (mut found, mut fitting, mut bytes, mut whole) = (0, 0, 0, Vec::new());
        let mut engine = Vec::new();
        for round in 0..ROUNDS {
            for query in &questions {
                let begun = Instant::now();
                let answer = engine::search(&index, &free.reader(), clock.now(), query);
                if round > 0 {
                    engine.push(begun.elapsed().as_secs_f64() * 1e6);
                }
                found += usize::from(answer.total > 0);
                fitting += answer.total;
                let begun = Instant::now();
                let body = search::api::body(&index, &free.reader(), clock.now(), &texts, query).unwrap();
                if round > 0 {
                    whole.push(begun.elapsed().as_secs_f64() * 1e6);
                }
                bytes += body.len();
            }
        }
        let average = |times: &[f64]| times.iter().sum::<f64>() / times.len().max(1) as f64;
        whole.sort_by(f64::total_cmp);
        mean += average(&whole) * *share as f64 / 100.0;
        println!(
            "{name:30} engine {:8.1} µs, whole {:8.1} µs (p50 {:8.1}, p99 {:8.1}), {} bytes, {} of {} answered, {} roles each",
            average(&engine),
            average(&whole),
            whole.get(whole.len() / 2).copied().unwrap_or(0.0),
            whole.get(whole.len() * 99 / 100).copied().unwrap_or(0.0),
            bytes / questions.len().max(1) / ROUNDS,
            found / ROUNDS,
            questions.len(),
            fitting / questions.len().max(1) / ROUNDS
        );
    }
    println!("mean of the mix {mean:.1} µs");
}
