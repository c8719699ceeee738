//! The vault: people made, keys wrapped anew under a new master key, people erased; on SQLite, with every synced write that the program makes.

use std::path::Path;
use std::time::Instant;

use clock::Clock;
use db::{Db, Options, Place};
use patients::{Details, PatientName, Phone, enrol};
use privacy::{KeyStore, MasterKey, Suite, Tombstones, rotate};
use rights::erase::erase;

use crate::report::{Fact, Part, round};

/// People of a full run and of a quick one.
const PEOPLE: (usize, usize) = (5_000, 200);
/// People erased, of a full run and of a quick one.
const ERASED: (usize, usize) = (500, 40);
/// What the longest erasure takes at most.
const ERASE_MILLIS_MAX: f64 = 1_000.0;

fn said(fault: impl std::fmt::Display) -> String {
    fault.to_string()
}

fn millis(sorted: &[f64], part: usize) -> f64 {
    sorted.get(sorted.len() * part / 100).or(sorted.last()).copied().unwrap_or(f64::MAX)
}

/// Measures it in this folder, which is new.
///
/// # Errors
/// When a database fails.
pub(crate) async fn run(folder: &Path, whole: bool, part: &mut Part) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(said)?;
    let (people, erased) = if whole { (PEOPLE.0, ERASED.0) } else { (PEOPLE.1, ERASED.1) };
    let clock = Clock::real();
    let open = |name: &str, secure_delete: bool| {
        Db::open(Options { secure_delete, ..Options::new(Place::Sqlite(folder.join(name))) }, clock.clone())
    };
    let (main, store) = (open("recomed.db", false).await.map_err(said)?, open("keys.db", true).await.map_err(said)?);
    db::migrate::migrate(&main, db::migrate::MAIN).await.map_err(said)?;
    db::migrate::migrate(&store, db::migrate::KEYS).await.map_err(said)?;
    let file = folder.join("master.key");
    let master = MasterKey::create(&file, &clock).map_err(said)?;
    let keys = KeyStore::open(store.clone(), master, Suite::Sealed).await.map_err(said)?;
    let (keys, _) = keys.buried(vec![Tombstones::in_folder(folder)]).await.map_err(said)?;

    let mut made = Vec::with_capacity(people);
    for number in 0..people {
        let details = Details {
            name: PatientName::parse("Айгүл Сәрсенова").ok_or("a name")?,
            phone: Phone::parse(&format!("+7000{number:07}"), true).map_err(|_| "a phone")?,
            email: None,
            sex: None,
            age: None,
        };
        let begun = Instant::now();
        enrol(&keys, &details).await.map_err(said)?;
        made.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    made.sort_by(f64::total_cmp);
    part.facts.push(Fact::plain("vault: a person made, one after the other, p50", format!("{} ms", round(millis(&made, 50)))));
    part.facts.push(Fact::plain("vault: a person made, p99", format!("{} ms", round(millis(&made, 99)))));

    let begun = Instant::now();
    let done = rotate(&store, &file, |_| Ok(())).await.map_err(said)?;
    let rate = done.keys as f64 / begun.elapsed().as_secs_f64().max(1e-9);
    if done.keys != people as u64 {
        return Err(format!("{} keys of {people} were wrapped anew", done.keys));
    }
    part.facts.push(Fact::plain("vault: people's keys wrapped anew in a second, after a new master key", round(rate)));

    let shown = MasterKey::read(&file).map_err(said)?;
    let mut took = Vec::with_capacity(erased);
    for number in 0..erased {
        // The console is asked each time: the first meets the new master key.
        let (key, _) = keys.find(&format!("+7000{number:07}"), "Айгүл Сәрсенова").await.map_err(said)?.ok_or("a person")?;
        let known = keys.known(key.person().ok_or("a person")?).await.map_err(said)?.ok_or("a person")?;
        let console = keys.console(&shown).ok_or("the master key")?;
        let begun = Instant::now();
        erase(&main, &keys, &known, console).await.map_err(said)?;
        took.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    took.sort_by(f64::total_cmp);
    part.facts.push(Fact::plain(
        "vault: a person erased, act and tombstone and journal included, p50",
        format!("{} ms", round(millis(&took, 50))),
    ));
    part.facts.push(Fact::at_most("vault: a person erased, the longest of all", millis(&took, 100), ERASE_MILLIS_MAX, " ms"));
    Ok(())
}
