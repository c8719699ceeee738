//! The drill: people are erased while the erasing program is killed; a backup is made under load; the machine is lost, and another one begins
//! from the backup folder and the master key alone. Nobody who was erased is known to it, and nobody else is missing.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use crate::bookings::{Attempt, Partner, Visit, free_times};
use crate::ground::Ground;
use crate::http::Http;
use crate::program::Launch;
use crate::ring::Outcome;

/// People who book before anything else; a third of them is erased.
const PEOPLE: u32 = 36;
/// People erased by a program that is killed meanwhile, each a little later.
const KILLED: u32 = 12;
/// The first number of those who book while the backup is written.
const UNDER_LOAD: u32 = 1_000;
/// How many may.
const UNDER_LOAD_MAX: u32 = 400;

/// Runs the ring.
///
/// # Errors
/// When the program cannot be started or does not answer as its interface says.
pub(crate) fn run(ground: &Ground) -> Result<Outcome, String> {
    let program = ground.program()?;
    let scratch = ground.scratch("drill")?;
    let (data, backups, kept) = (scratch.join("data"), scratch.join("backups"), scratch.join("master.key"));
    let launch = Launch { program: &program, data: &data, settings: &[], before: &[] };
    launch.start()?.stop()?;
    let key = launch.partner_key()?;
    let mut outcome = Outcome::default();
    let server = launch.start()?;
    let mut client = Http::new(&server.address);
    let partner = Partner::new(&key, &mut client)?;
    let mut times = free_times(&mut client, (PEOPLE + UNDER_LOAD_MAX) as usize)?;
    let mut visits = Vec::new();
    for (number, time) in (1..=PEOPLE).zip(times.drain(..PEOPLE as usize)) {
        match partner.book(&mut client, &time, number)? {
            Attempt::Acknowledged(visit) => visits.push((number, visit)),
            _ => return Err(format!("{} could not be booked", time.start)),
        }
    }

    // Every third is erased, the first of them by a program that dies in the middle of it.
    let erased: Vec<u32> = (1..=PEOPLE).filter(|number| number % 3 == 0).collect();
    let mut faults = Vec::new();
    let mut finished = 0;
    for (turn, number) in (1..=KILLED).zip(&erased) {
        finished += u32::from(erase_and_kill(&launch, *number, turn)?);
        // Known still, or not: whoever asks once more gets an answer, and then nobody is known.
        if let Some(id) = person(&launch, *number) {
            faults.extend(launch.command(&["subject", "erase", &id]).err());
        }
        faults.extend(person(&launch, *number).map(|_| format!("person {number} is known after the erasure")));
    }
    if finished == KILLED {
        faults.push("every erasure was done before its kill: nothing was tried".into());
    }
    faults.extend(seen(&mut client, &visits, &erased)?);
    outcome.check(
        &format!("{KILLED} erasures, {} of them killed in the middle: nobody of them is known, nobody else is missing", KILLED - finished),
        &faults,
    );

    // A backup while others book; then one more is erased, whom the backup still has.
    let (stop, booked) = (AtomicBool::new(false), AtomicU32::new(0));
    let backup = std::thread::scope(|scope| {
        let load = scope.spawn(|| {
            let mut client = Http::new(&server.address);
            for (number, time) in (UNDER_LOAD..UNDER_LOAD + UNDER_LOAD_MAX).zip(&times) {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                if let Ok(Attempt::Acknowledged(_)) = partner.book(&mut client, time, number) {
                    booked.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
        std::thread::sleep(Duration::from_millis(100));
        let written = launch.command(&["backup", &backups.display().to_string()]);
        stop.store(true, Ordering::SeqCst);
        load.join().map_err(|_| "the load of the ring panicked".to_owned())?;
        written
    });
    let mut faults: Vec<String> = backup.err().into_iter().collect();
    if booked.load(Ordering::SeqCst) == 0 {
        faults.push("nobody booked while it was written".into());
    }
    faults.extend(in_clear(&backups)?);
    outcome.check("a backup is written while others book, and holds nothing in clear", &faults);
    let late = 1;
    let id = person(&launch, late).ok_or("the first person is not known")?;
    launch.command(&["subject", "erase", &id])?;

    // The machine is lost. What is left is the folder of backups, and the master key, which was kept elsewhere.
    std::fs::copy(data.join("master.key"), &kept).map_err(|fault| fault.to_string())?;
    server.kill()?;
    std::fs::remove_dir_all(&data).map_err(|fault| fault.to_string())?;
    let mut faults = Vec::new();
    let from = backups.display().to_string();
    if launch.command(&["restore", &from]).is_ok() {
        faults.push("it was restored without the master key".into());
    }
    std::fs::create_dir_all(&data).map_err(|fault| fault.to_string())?;
    std::fs::copy(&kept, data.join("master.key")).map_err(|fault| fault.to_string())?;
    faults.extend(launch.command(&["restore", &from]).err());
    let server = launch.start()?;
    let mut client = Http::new(&server.address);
    let gone: Vec<u32> = erased.iter().copied().chain([late]).collect();
    faults.extend(seen(&mut client, &visits, &gone)?);
    for number in &gone {
        faults.extend(person(&launch, *number).map(|_| format!("person {number} is known after the restore")));
    }
    faults.extend(person(&launch, 2).is_none().then(|| "somebody who was not erased is unknown".to_owned()));
    let log = launch.command(&["audit", "verify"])?;
    if !log.contains("is whole") {
        faults.push(log);
    }
    outcome.check("another machine goes on from the folder and the master key: the erased are unknown, the others are all there", &faults);
    outcome.check("the server stops in order after all that", &server.stop().err().into_iter().collect::<Vec<_>>());
    if outcome.failed == 0 {
        std::fs::remove_dir_all(&scratch).map_err(|fault| fault.to_string())?;
    } else {
        println!("        what it left: {}", scratch.display());
    }
    Ok(outcome)
}

/// The phone that [`Partner::book`] gives to this number.
fn phone(number: u32) -> String {
    format!("+7000{number:07}")
}

/// The id of the one person of this number; `None` when nobody is known.
fn person(launch: &Launch<'_>, number: u32) -> Option<String> {
    let found = launch.command(&["subject", "find", &phone(number)]).ok()?;
    found.split_whitespace().next().map(str::to_owned)
}

/// Begins to erase the person and kills the program a little later each turn; whether it had ended by itself.
fn erase_and_kill(launch: &Launch<'_>, number: u32, turn: u32) -> Result<bool, String> {
    let id = person(launch, number).ok_or_else(|| format!("person {number} is not known"))?;
    let mut erasing = Command::new(launch.program)
        .args(["subject", "erase", &id])
        .env("RECOMED_DATA", launch.data)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|fault| fault.to_string())?;
    std::thread::sleep(Duration::from_millis(u64::from(turn) * 3));
    let ended = erasing.try_wait().map_err(|fault| fault.to_string())?.is_some();
    // One that has ended cannot be killed any more, and that is well.
    let _ended = erasing.kill();
    erasing.wait().map_err(|fault| fault.to_string())?;
    Ok(ended)
}

/// What is wrong with the visits: those of the erased open no more, all others do.
fn seen(client: &mut Http, visits: &[(u32, Visit)], erased: &[u32]) -> Result<Vec<String>, String> {
    let mut faults = Vec::new();
    for (number, visit) in visits {
        let bearer = format!("Bearer {}", visit.manage_token);
        let path = format!("/api/v1/appointments/{}", visit.id);
        let status = client.call("GET", &path, &[("Authorization", bearer.as_str())], None)?.status;
        let expected = if erased.contains(number) { 404 } else { 200 };
        if status != expected {
            faults.push(format!("the visit of person {number} answers {status}, not {expected}"));
        }
    }
    Ok(faults)
}

/// Names and numbers of people that stand in clear in the files of a folder.
fn in_clear(folder: &Path) -> Result<Vec<String>, String> {
    let mut faults = Vec::new();
    let mut folders = vec![folder.to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|fault| fault.to_string())? {
            let path = entry.map_err(|fault| fault.to_string())?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let bytes = std::fs::read(&path).map_err(|fault| fault.to_string())?;
            for planted in ["Сәрсенова", "Айгүл", "70000000002", "0000000002"] {
                if bytes.windows(planted.len()).any(|window| window == planted.as_bytes()) {
                    faults.push(format!("{planted} stands in {}", path.display()));
                }
            }
        }
    }
    if files < 3 {
        faults.push(format!("only {files} files were looked through"));
    }
    Ok(faults)
}
