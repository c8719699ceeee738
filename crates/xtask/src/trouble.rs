//! What an operator meets one day: a full disk, a file that is held, missing or wrong, a database that restarts. Each is really done to the
//! program, which must say so in one line, refuse cleanly, and lose nothing that it has acknowledged.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, fcntl_lock};

use crate::bookings::{Attempt, Partner, Time, Visit, free_times};
use crate::ground::Ground;
use crate::http::Http;
use crate::kills::{doubled, missing};
use crate::postgres;
use crate::program::{Launch, Program};
use crate::ring::Outcome;

/// A start that must fail has failed by then.
const REFUSAL: Duration = Duration::from_secs(30);
/// How long the server may take to be well again by itself.
const RECOVERY: Duration = Duration::from_secs(20);
/// The small disk. The database needs a part of it; the rest is filled.
const DISK: &str = "size=512m";
/// Bookings tried on the full disk at most; some still fit into space that the database has already.
const FULL_TRIES: usize = 60;
/// Clients that book while PostgreSQL restarts.
const CLIENTS: usize = 4;
/// Bookings acknowledged before PostgreSQL dies, and after it is back.
const ACKNOWLEDGED_MIN: usize = 10;

/// Runs the ring.
///
/// # Errors
/// When the server cannot be started or does not answer as its interface says.
pub(crate) fn run(ground: &Ground) -> Result<Outcome, String> {
    let program = ground.program()?;
    let scratch = ground.scratch("trouble")?;
    let mut outcome = Outcome::default();
    full_disk(&program, &scratch, &mut outcome)?;
    wrong_files(&program, &scratch, &mut outcome)?;
    postgres_restarts(&program, &scratch, &mut outcome)?;
    if outcome.failed == 0 {
        std::fs::remove_dir_all(&scratch).map_err(|fault| fault.to_string())?;
    } else {
        println!("        what it left: {}", scratch.display());
    }
    Ok(outcome)
}

/// A small disk of memory; dropped, it is taken away.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: PathBuf) -> Result<Disk, String> {
        std::fs::create_dir_all(&at).map_err(|fault| format!("{}: {fault}", at.display()))?;
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", DISK, "tmpfs"]).arg(&at).stderr(Stdio::null()).status();
        if mounted.is_ok_and(|status| status.success()) { Ok(Disk(at)) } else { Err("a disk of memory cannot be mounted here".into()) }
    }

    fn remount(&self, how: &str) -> Result<(), String> {
        let done = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&self.0).status();
        if done.is_ok_and(|status| status.success()) { Ok(()) } else { Err(format!("the disk cannot be remounted {how}")) }
    }

    /// Writes until there is no room left.
    fn fill(&self) -> Result<PathBuf, String> {
        let path = self.0.join("filler");
        let mut file = File::create(&path).map_err(|fault| fault.to_string())?;
        for size in [1 << 20, 4096, 1] {
            let block = vec![b'.'; size];
            while file.write_all(&block).is_ok() {}
        }
        Ok(path)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _gone = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Starts the program where it must not start: it ends with 1 and says why in one line that has these words.
fn refused(program: &Path, data: &Path, arguments: &[&str], words: &[&str]) -> Result<Vec<String>, String> {
    let mut child = Command::new(program)
        .args(arguments)
        .env("RECOMED_DATA", data)
        .env("RECOMED_LISTEN", "127.0.0.1:0")
        .env("RECOMED_SMS_GATEWAY", "log")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|fault| format!("{}: {fault}", program.display()))?;
    let begun = Instant::now();
    while child.try_wait().map_err(|fault| fault.to_string())?.is_none() {
        if begun.elapsed() > REFUSAL {
            child.kill().and_then(|()| child.wait()).map_err(|fault| fault.to_string())?;
            return Ok(vec!["it did not end within 30 s".into()]);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let ended = child.wait_with_output().map_err(|fault| fault.to_string())?;
    let said = String::from_utf8_lossy(&ended.stderr).trim().to_owned();
    let mut faults = Vec::new();
    if ended.status.code() != Some(1) {
        faults.push(format!("it ended with {}", ended.status));
    }
    if said.lines().count() != 1 || !said.starts_with("recomed: ") {
        faults.push("it did not say one line".into());
    }
    faults.extend(words.iter().filter(|word| !said.contains(**word)).map(|word| format!("its line lacks «{word}»")));
    if !faults.is_empty() {
        faults.push(format!("it said: {said}"));
    }
    Ok(faults)
}

/// Bookings one after the other; how many were refused as unavailable, and what was wrong with the others.
fn book_all(partner: &Partner, client: &mut Http, times: &[Time], number: &mut u32, visits: &mut Vec<Visit>) -> (usize, Vec<String>) {
    let (mut unavailable, mut faults) = (0, Vec::new());
    for time in times {
        *number += 1;
        match partner.book(client, time, *number) {
            Ok(Attempt::Acknowledged(visit)) => visits.push(visit),
            Ok(Attempt::Unavailable) => unavailable += 1,
            Ok(Attempt::Taken) => faults.push(format!("{} was taken, by nobody", time.start)),
            Ok(Attempt::Unanswered) => faults.push(format!("{} got no answer", time.start)),
            Err(fault) => faults.push(fault),
        }
    }
    (unavailable, faults)
}

/// Books one of the times as soon as the server can: it must be well again by itself.
fn recovered(partner: &Partner, client: &mut Http, times: &[Time], number: &mut u32, visits: &mut Vec<Visit>) -> Vec<String> {
    let begun = Instant::now();
    let mut faults = vec!["there was no time to book".to_owned()];
    for time in times.iter().cycle() {
        *number += 1;
        match partner.book(client, time, *number) {
            Ok(Attempt::Acknowledged(visit)) => {
                visits.push(visit);
                return Vec::new();
            }
            Ok(Attempt::Taken | Attempt::Unavailable | Attempt::Unanswered) => faults = vec!["it did not recover within 20 s".into()],
            Err(fault) => faults = vec![fault],
        }
        if begun.elapsed() > RECOVERY {
            break;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    faults
}

fn all_there(client: &mut Http, visits: &[Visit]) -> Result<Vec<String>, String> {
    let mut faults = doubled(visits);
    for visit in visits {
        faults.extend(missing(client, visit)?);
    }
    Ok(faults)
}

fn full_disk(program: &Path, scratch: &Path, outcome: &mut Outcome) -> Result<(), String> {
    let disk = match Disk::mount(scratch.join("disk")) {
        Ok(disk) => disk,
        Err(why) => {
            outcome.not_run.push(format!("a full disk: {why} (it takes root)"));
            return Ok(());
        }
    };
    let data = disk.0.join("data");
    let launch = Launch { program, data: &data, settings: &[], before: &[] };
    std::fs::create_dir_all(&data).map_err(|fault| fault.to_string())?;
    launch.start()?.stop()?;
    let key = launch.partner_key()?;
    let server = launch.start()?;
    let mut client = Http::new(&server.address);
    let partner = Partner::new(&key, &mut client)?;
    let times = free_times(&mut client, FULL_TRIES + 20)?;
    let (mut visits, mut number) = (Vec::new(), 0);
    let (early, mut faults) = book_all(&partner, &mut client, &times[..5], &mut number, &mut visits);
    let filler = disk.fill()?;
    let (refused_there, more) = book_all(&partner, &mut client, &times[5..5 + FULL_TRIES], &mut number, &mut visits);
    faults.extend(more);
    if early > 0 || refused_there == 0 {
        faults.push(format!("{early} refused before the disk was full, {refused_there} of {FULL_TRIES} after"));
    }
    if let Err(fault) = client.call("GET", "/healthz", &[], None) {
        faults.push(fault);
    }
    outcome.check(&format!("a full disk: {refused_there} bookings are refused with 503 and the time to wait"), &faults);

    let other = disk.0.join("other");
    let faults = refused(program, &other, &["demo"], &["disk"])?;
    outcome.check("a full disk: a new installation is refused in one line", &faults);

    std::fs::remove_file(filler).map_err(|fault| fault.to_string())?;
    let mut faults = recovered(&partner, &mut client, &times[5 + FULL_TRIES..], &mut number, &mut visits);
    faults.extend(all_there(&mut client, &visits)?);
    server.stop()?;
    let server = launch.start()?;
    faults.extend(all_there(&mut Http::new(&server.address), &visits)?);
    server.stop()?;
    outcome.check(
        &format!("room again: it books by itself, and all {} acknowledged visits are there, after a restart too", visits.len()),
        &faults,
    );

    disk.remount("ro")?;
    let faults = refused(program, &data, &["demo"], &[&data.display().to_string()])?;
    outcome.check("a folder that may not be written is refused in one line", &faults);
    Ok(())
}

fn wrong_files(program: &Path, scratch: &Path, outcome: &mut Outcome) -> Result<(), String> {
    let data = scratch.join("files");
    let launch = Launch { program, data: &data, settings: &[], before: &[] };
    launch.start()?.stop()?;
    let (main, keys, master) = (data.join("recomed.db"), data.join("keys.db"), data.join("master.key"));
    let aside = scratch.join("aside");
    let io = |fault: std::io::Error| fault.to_string();

    let held = File::options().read(true).write(true).open(&main).map_err(io)?;
    fcntl_lock(&held, FlockOperation::NonBlockingLockExclusive).map_err(|fault| format!("{}: {fault}", main.display()))?;
    let faults = refused(program, &data, &["demo"], &["recomed.db", "another program holds", "stop"])?;
    outcome.check("a database that another program holds is refused in one line", &faults);
    drop(held);

    std::fs::rename(&main, &aside).map_err(io)?;
    let faults = refused(program, &data, &["demo"], &["recomed.db", "missing", "bring"])?;
    outcome.check("a missing database beside a key store is refused in one line", &faults);
    let faults = refused(program, &data, &["jobs", "dead"], &["recomed.db", "there is no database"])?;
    outcome.check("a command on a missing database is refused in one line", &faults);
    std::fs::rename(&aside, &main).map_err(io)?;
    let (folder, main_elsewhere) = (scratch.join("false"), scratch.join("false/recomed.db"));
    std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(main_elsewhere, vec![b'x'; 8192])).map_err(io)?;
    let faults = refused(program, &folder, &["demo"], &["recomed.db", "not a database"])?;
    outcome.check("a file that is no database is refused in one line", &faults);

    std::fs::rename(&keys, &aside).map_err(io)?;
    let faults = refused(program, &data, &["demo"], &["keys.db", "missing", "bring it back"])?;
    outcome.check("a missing key store is refused in one line", &faults);
    std::fs::rename(&aside, &keys).map_err(io)?;

    std::fs::copy(&master, &aside).map_err(io)?;
    // Base64 of 32 bytes, as every master key is, but not this one's.
    std::fs::write(&master, format!("{}=\n", "A".repeat(43))).map_err(io)?;
    let faults = refused(program, &data, &["demo"], &["master key"])?;
    outcome.check("a wrong master key is refused in one line", &faults);
    std::fs::copy(&aside, &master).map_err(io)?;

    let mut permissions = std::fs::metadata(&master).map_err(io)?.permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o600);
    std::fs::set_permissions(&master, permissions).map_err(io)?;
    let file = scratch.join("no-folder");
    std::fs::write(&file, "a file").map_err(io)?;
    let faults = refused(program, &file.join("data"), &["demo"], &["no-folder"])?;
    outcome.check("a folder that cannot be made is refused in one line", &faults);

    // Under the running program: what would be acknowledged now would be gone at the next start.
    let key = launch.partner_key()?;
    let server = launch.start()?;
    let mut client = Http::new(&server.address);
    let partner = Partner::new(&key, &mut client)?;
    let times = free_times(&mut client, 12)?;
    let (mut visits, mut number) = (Vec::new(), 0);
    std::fs::rename(&main, &aside).map_err(io)?;
    let (unavailable, mut faults) = book_all(&partner, &mut client, &times[..4], &mut number, &mut visits);
    if unavailable != 4 {
        faults.push(format!("{unavailable} of 4 were refused"));
    }
    std::fs::rename(&aside, &main).map_err(io)?;
    faults.extend(recovered(&partner, &mut client, &times[4..], &mut number, &mut visits));
    faults.extend(all_there(&mut client, &visits)?);
    server.stop()?;
    outcome.check("a database that is moved away under the program: refused with 503 until it is back", &faults);
    Ok(())
}

fn postgres_restarts(program: &Path, scratch: &Path, outcome: &mut Outcome) -> Result<(), String> {
    let mut database = postgres::start("trouble-postgres")?;
    let data = scratch.join("postgres");
    let settings = [("RECOMED_DATABASE", database.address.as_str())];
    let address = database.address.clone();
    let faults = refused_database(program, &scratch.join("nowhere"))?;
    outcome.check("a PostgreSQL that is not there is refused in one line", &faults);
    let settings = settings.map(|(name, _)| (name, address.as_str()));
    let launch = Launch { program, data: &data, settings: &settings, before: &[] };
    launch.start()?.stop()?;
    let key = launch.partner_key()?;
    let server = launch.start()?;
    let partner = Partner::new(&key, &mut Http::new(&server.address))?;
    let times = free_times(&mut Http::new(&server.address), 3_000)?;
    let (visits, refusals, faults) = book_through_a_restart(&partner, &server, times, &mut database)?;
    let mut faults = faults;
    faults.extend(all_there(&mut Http::new(&server.address), &visits)?);
    server.stop()?;
    outcome.check(
        &format!(
            "PostgreSQL restarts under load: {} acknowledged visits, each there once; {refusals} clean refusals; it goes on by itself",
            visits.len()
        ),
        &faults,
    );
    Ok(())
}

fn refused_database(program: &Path, folder: &Path) -> Result<Vec<String>, String> {
    let address = format!("postgres:///postgres?user=recomed&host={}", folder.display());
    let ended = Command::new(program)
        .args(["demo"])
        .env("RECOMED_DATA", folder)
        .env("RECOMED_LISTEN", "127.0.0.1:0")
        .env("RECOMED_DATABASE", address)
        .output()
        .map_err(|fault| fault.to_string())?;
    let said = String::from_utf8_lossy(&ended.stderr).trim().to_owned();
    let clear = ended.status.code() == Some(1) && said.lines().count() == 1 && said.contains("PostgreSQL");
    Ok(if clear { Vec::new() } else { vec![format!("{}: {said}", ended.status)] })
}

/// Several clients book; the database dies in the middle of it and comes back; they go on. A request without an answer is sent again with
/// its own key, and so is one that was refused.
fn book_through_a_restart(
    partner: &Partner,
    server: &Program,
    times: Vec<Time>,
    database: &mut postgres::Server,
) -> Result<(Vec<Visit>, usize, Vec<String>), String> {
    let queue = Mutex::new(times.into_iter().zip(1_u32..).collect::<std::collections::VecDeque<_>>());
    let (acknowledged, refusals, enough) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let client = || {
        let mut client = Http::new(&server.address);
        let (mut visits, mut faults) = (Vec::new(), Vec::new());
        while !enough.load(Ordering::SeqCst) {
            let Some((time, number)) = queue.lock().ok().and_then(|mut queue| queue.pop_front()) else { break };
            let begun = Instant::now();
            loop {
                match partner.book(&mut client, &time, number) {
                    Ok(Attempt::Acknowledged(visit)) => {
                        visits.push(visit);
                        acknowledged.fetch_add(1, Ordering::SeqCst);
                        break;
                    }
                    Ok(Attempt::Unavailable) => {
                        refusals.fetch_add(1, Ordering::SeqCst);
                    }
                    Ok(Attempt::Unanswered) => faults.push(format!("{} got no answer: the server itself was well", time.start)),
                    Ok(Attempt::Taken) => {
                        faults.push(format!("{} was taken, by nobody", time.start));
                        break;
                    }
                    Err(fault) => {
                        faults.push(fault);
                        break;
                    }
                }
                if begun.elapsed() > RECOVERY {
                    faults.push(format!("{} could not be booked within 20 s", time.start));
                    break;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        }
        (visits, faults)
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        let until = |count: usize| {
            let begun = Instant::now();
            while acknowledged.load(Ordering::SeqCst) < count && begun.elapsed() < RECOVERY {
                std::thread::sleep(Duration::from_millis(2));
            }
        };
        until(ACKNOWLEDGED_MIN);
        let restarted = database.restart();
        let begun = Instant::now();
        while refusals.load(Ordering::SeqCst) == 0 && begun.elapsed() < RECOVERY {
            std::thread::sleep(Duration::from_millis(2));
        }
        let before = acknowledged.load(Ordering::SeqCst);
        until(before + ACKNOWLEDGED_MIN);
        enough.store(true, Ordering::SeqCst);
        let (mut visits, mut faults) = (Vec::new(), Vec::new());
        for client in clients {
            let (seen, wrong) = client.join().map_err(|_| "a client of the ring panicked")?;
            visits.extend(seen);
            faults.extend(wrong);
        }
        restarted?;
        let refusals = refusals.load(Ordering::SeqCst);
        if refusals == 0 || visits.len() < before + ACKNOWLEDGED_MIN {
            faults.push(format!("{refusals} refusals, {before} acknowledged before the end of them, {} in all", visits.len()));
        }
        Ok((visits, refusals, faults))
    })
}
