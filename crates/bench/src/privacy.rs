//! The audit log: sealed, exported and checked, at the library and on the disk; beside it a plain hash over the same file.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clock::Clock;
use db::{Db, DbError, Lang, Options, Place};
use patients::{Details, PatientName, Phone, enrol};
use privacy::audit::{self, Against, Checked, Entry, Place as Where, Progress, Sealer, VerifyError};
use privacy::{
    Ask, Asker, ConsentGiven, Documents, Evidence, Field, KeyStore, MasterKey, Operation, Purpose, Sealed, Suite, consent, decide,
};
use sha2::{Digest as _, Sha256};

use crate::Bench;
use crate::load::Seen;
use crate::peers::OURS;
use crate::report::{Fact, Part, Rounds, Sample, round};
use crate::vault;

/// The floor: what cannot be left out.
const PLAIN: &str = "SHA-256 over the same file, nothing else";
/// Entries of one transaction while the log is made.
const AT_ONCE: usize = 1_000;
/// Entries of a full run and of a quick one.
const ENTRIES: (usize, usize) = (1_000_000, 10_000);
/// The least rate of a check against the plain hash: reading each line, writing it anew, its leaf and its place in the tree come to eleven
/// times the hash of the file (measured: 0.09); half of that would be a defect.
const CHECK_MIN: f64 = 0.05;
/// Decisions and sealings measured.
const DECISIONS: usize = 200_000;
const SEALINGS: usize = 20_000;
/// What 99 of 100 decisions take at most.
const DECISION_NANOS_MAX: u128 = 5_000;
/// Bytes read at once, by both.
const BUFFER_BYTES: usize = 1 << 20;

fn said(fault: impl std::fmt::Display) -> String {
    fault.to_string()
}

/// Measures sealing, exporting and checking a log.
///
/// # Errors
/// When the log cannot be made or its file cannot be read.
pub(crate) async fn run(bench: &Bench) -> Result<Part, String> {
    let (mut rounds, mut part) = (Rounds::default(), bench.part());
    let entries = if bench.plan.rounds > 1 { ENTRIES.0 } else { ENTRIES.1 };
    let folder = bench.work.join("audit");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(said)?;
    }
    std::fs::create_dir_all(&folder).map_err(said)?;
    let file = folder.join("log");
    decisions(&folder.join("decisions"), &mut part).await?;
    vault::run(&folder.join("vault"), bench.plan.rounds > 1, &mut part).await?;
    let size = make(&folder, &file, entries, &mut part).await?;
    let work = format!("audit: check a copy of {} entries", round(entries as f64));
    for _ in 0..bench.plan.rounds {
        rounds.syncs.push(bench.syncs()?);
        let mut found = None;
        let sample = once(|| found = check(&file).ok())?;
        let whole = matches!(&found, Some(Checked::Log(log)) if log.entries == entries as u64);
        if !whole {
            return Err("the copy was not found to be whole".into());
        }
        rounds.add(&work, OURS, 0, 1, sample);
        let mut plain = Ok(());
        rounds.add(&work, PLAIN, 0, 1, once(|| plain = hash(&file))?);
        plain?;
    }
    if let (Some(ours), Some(plain)) = (rounds.row(&work, OURS, 0, 1), rounds.row(&work, PLAIN, 0, 1)) {
        let megabytes = size as f64 / 1e6;
        part.facts.push(Fact::at_least(format!("{work}, rate against {PLAIN}"), ours.rate / plain.rate.max(1e-9), CHECK_MIN, "× "));
        part.facts.push(Fact::plain("audit: entries checked in a second", round(ours.rate * entries as f64)));
        part.facts.push(Fact::plain("audit: megabytes checked in a second", round(ours.rate * megabytes)));
        part.facts.push(Fact::plain("audit: megabytes hashed in a second", round(plain.rate * megabytes)));
    }
    let found = spoiled(&file, size)?;
    part.facts.push(Fact::must(
        "audit: one changed byte in the middle of the copy",
        found.clone(),
        "found in its line",
        found == "found in its line",
    ));
    std::fs::remove_dir_all(&folder).map_err(said)?;
    bench.close(part, rounds)
}

/// One piece of work, alone.
fn once(work: impl FnOnce()) -> Result<Sample, String> {
    let begun = Instant::now();
    work();
    let took = begun.elapsed();
    let micros = u64::try_from(took.as_micros()).map_err(said)?;
    Ok(Sample { seen: Seen { answers: vec![(0, micros)], seconds: took.as_secs_f64(), faults: vec![] }, cpu_micros: None })
}

/// Both databases, empty, in this folder.
async fn opened(folder: &Path) -> Result<(Clock, Db, KeyStore), String> {
    let clock = Clock::real();
    let open = |name: &str| Db::open(Options::new(Place::Sqlite(folder.join(name))), clock.clone());
    let (main, store) = (open("recomed.db").await.map_err(said)?, open("keys.db").await.map_err(said)?);
    db::migrate::migrate(&main, db::migrate::MAIN).await.map_err(said)?;
    db::migrate::migrate(&store, db::migrate::KEYS).await.map_err(said)?;
    let master = MasterKey::create(&folder.join("master.key"), &clock).map_err(said)?;
    let keys = KeyStore::open(store, master, Suite::Sealed).await.map_err(said)?;
    Ok((clock, main, keys))
}

/// How long a decision takes, and the sealing of a name.
async fn decisions(folder: &Path, part: &mut Part) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(said)?;
    let (clock, main, keys) = opened(folder).await?;
    let details = Details {
        name: PatientName::parse("Айгүл Сәрсенова").ok_or("a name")?,
        phone: Phone::parse("+70000000001", true).map_err(|_| "a phone")?,
        email: None,
        sex: None,
        age: None,
    };
    let (key, _) = enrol(&keys, &details).await.map_err(said)?;
    let documents = Documents::new(&server::app::demo_operator())?;
    let document = documents.get(Purpose::P1, Lang::Ru).ok_or("no consent document")?.clone();
    let of = key.clone();
    let consents = main.run("consent", move |tx| {
        let (key, document) = (of.clone(), document.clone());
        Box::pin(async move {
            consent::record(tx, &key, &[1; 16], &document, &Evidence::WEB).await?;
            consent::given(tx, &key, &[1; 16]).await
        })
    });
    let consents: Result<Vec<ConsentGiven>, DbError> = consents.await;
    let (consents, now) = (consents.map_err(said)?, clock.now());
    let (mut nanos, mut allowed) = (Vec::with_capacity(DECISIONS), 0);
    for turn in 0..DECISIONS {
        // Half of them are refused.
        let purpose = if turn % 2 == 0 { Purpose::P1 } else { Purpose::P5 };
        let ask = Ask {
            asker: Asker::Job("bench"),
            key: &key,
            fields: &[Field::Phone],
            purpose,
            operation: Operation::Provide,
            object: Some([1; 16]),
        };
        let begun = Instant::now();
        let decided = decide(&ask, &consents, now);
        nanos.push(begun.elapsed().as_nanos());
        allowed += usize::from(decided.is_ok());
    }
    if allowed != DECISIONS / 2 {
        return Err(format!("{allowed} of {DECISIONS} were allowed"));
    }
    nanos.sort_unstable();
    let p99 = nanos.get(DECISIONS * 99 / 100).copied().unwrap_or(u128::MAX);
    part.facts.push(Fact::must("privacy: a decision, p99", format!("{p99} ns"), "5 000 ns", p99 < DECISION_NANOS_MAX));
    let begun = Instant::now();
    let mut bytes = 0;
    for _ in 0..SEALINGS {
        bytes += Sealed::seal(&key, &clock, Field::Name, [1; 16], &details.name.as_str().to_owned()).bytes().len();
    }
    if bytes == 0 {
        return Err("nothing was sealed".into());
    }
    part.facts.push(Fact::plain("privacy: names sealed in a second", round(SEALINGS as f64 / begun.elapsed().as_secs_f64().max(1e-9))));
    Ok(())
}

/// A log of so many entries, sealed and exported; the file's bytes.
async fn make(folder: &Path, file: &PathBuf, entries: usize, part: &mut Part) -> Result<u64, String> {
    let (_, main, keys) = opened(folder).await?;
    for _ in 0..entries / AT_ONCE {
        let written = main.run("entries", |tx| {
            Box::pin(async move {
                for _ in 0..AT_ONCE {
                    // Of the length of an ordinary one: a job opens a phone number to tell of a visit.
                    let object = Some(tx.clock().bytes::<16>());
                    let fields = vec!["name", "phone"];
                    let (operation, purpose) = (Operation::Provide, Purpose::P1);
                    let entry =
                        Entry { operation, purpose, asker: "job:tell_person".into(), fields, outcome: "opened", object, subject: None };
                    audit::record(tx, &entry).await?;
                }
                Ok::<_, DbError>(())
            })
        });
        written.await.map_err(said)?;
    }
    let (sealer, begun) = (Sealer::new(main.clone(), &keys), Instant::now());
    while sealer.turn().await.map_err(said)? > 0 {}
    let rate = |begun: Instant| round(entries as f64 / begun.elapsed().as_secs_f64().max(1e-9));
    part.facts.push(Fact::plain("audit: entries sealed in a second, when many wait, on SQLite", rate(begun)));
    let (begun, to) = (Instant::now(), BufWriter::with_capacity(BUFFER_BYTES, File::create(file).map_err(said)?));
    let (to, exported) = audit::export(&main, &keys, to, quiet()).await.map_err(said)?;
    to.into_inner().map_err(said)?.sync_all().map_err(said)?;
    part.facts.push(Fact::plain("audit: entries exported in a second", rate(begun)));
    if exported.entries != entries as u64 || exported.unsealed != 0 {
        return Err(format!("{} entries were exported, {} of them unsealed", exported.entries, exported.unsealed));
    }
    let size = std::fs::metadata(file).map_err(said)?.len();
    part.facts.push(Fact::plain("audit: bytes of the copy for an entry", round(size as f64 / entries as f64)));
    Ok(size)
}

fn quiet() -> Progress {
    Arc::new(|_| {})
}

fn check(file: &Path) -> Result<Checked, VerifyError> {
    let opened = File::open(file).map_err(|fault| VerifyError::Read(fault.to_string()))?;
    audit::verify_file(&mut BufReader::with_capacity(BUFFER_BYTES, opened), &Against::default(), &quiet())
}

fn hash(file: &Path) -> Result<(), String> {
    let (mut opened, mut buffer, mut hash) = (File::open(file).map_err(said)?, vec![0; BUFFER_BYTES], Sha256::new());
    loop {
        let read = opened.read(&mut buffer).map_err(said)?;
        if read == 0 {
            // The hash must be wanted, or it is not computed.
            return if hash.finalize().iter().all(|byte| *byte == 0) { Err("an unlikely hash".into()) } else { Ok(()) };
        }
        hash.update(buffer.get(..read).unwrap_or_default());
    }
}

/// Changes one byte, and says what the check makes of it.
fn spoiled(file: &Path, size: u64) -> Result<String, String> {
    let mut bytes = std::fs::read(file).map_err(said)?;
    let at = usize::try_from(size / 2).map_err(said)?;
    let line = 1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count() as u64;
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1;
    }
    Ok(match audit::verify_file(&mut bytes.as_slice(), &Against::default(), &quiet()) {
        Err(VerifyError::Wrong(Where::Line(found), _)) if found == line => "found in its line".into(),
        Err(other) => other.to_string(),
        Ok(_) => "not found".into(),
    })
}
