//! Looks from outside whether the server answers before its booking is on the disk: under the system-call tracer.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::bookings::{Attempt, Partner, free_times};
use crate::ground::Ground;
use crate::http::Http;
use crate::program::Launch;
use crate::ring::Outcome;
use crate::trace;

/// Bookings per run.
const BOOKINGS: usize = 60;

/// Runs the server twice under the tracer: as it is, where each acknowledgement must have its sync; and with SQLite's syncs
/// switched off, where the same check must fail, or it would prove nothing.
///
/// # Errors
/// When the server or the tracer cannot be started.
pub(crate) fn run(ground: &Ground) -> Result<Outcome, String> {
    let program = ground.program()?;
    let scratch = ground.scratch("trace")?;
    let mut outcome = Outcome::default();

    let bookings = book_under_trace(&program, &scratch.join("synced"), &[])?;
    let unpaired: Vec<String> = bookings
        .iter()
        .filter_map(|booking| {
            let why = booking.verdict.as_ref().err()?;
            Some(format!("line {}: {} was acknowledged: {why:?}", booking.line, booking.id))
        })
        .collect();
    outcome.check(&format!("{} bookings acknowledged, each after its sync", bookings.len()), &unpaired);
    let enough = if bookings.len() >= BOOKINGS { vec![] } else { vec![format!("only {}", bookings.len())] };
    outcome.check(&format!("all {BOOKINGS} acknowledgements are in the trace"), &enough);

    let off = [("RECOMED_SQLITE_SYNCHRONOUS", "off")];
    let bookings = book_under_trace(&program, &scratch.join("unsynced"), &off)?;
    let paired = bookings.iter().filter(|booking| booking.verdict.is_ok()).count();
    let blind = if bookings.len() >= BOOKINGS && paired == 0 {
        vec![]
    } else {
        vec![format!("{paired} of {} bookings are said to be synced with syncs switched off", bookings.len())]
    };
    outcome.check("with synchronous=off the same check finds no sync", &blind);

    if outcome.failed == 0 {
        std::fs::remove_dir_all(&scratch).map_err(|fault| fault.to_string())?;
    } else {
        println!("        the traces: {}", scratch.display());
    }
    Ok(outcome)
}

fn book_under_trace(program: &Path, folder: &Path, settings: &[(&str, &str)]) -> Result<Vec<trace::Acknowledged>, String> {
    std::fs::create_dir_all(folder).map_err(|fault| format!("{}: {fault}", folder.display()))?;
    let (data, file) = (folder.join("data"), folder.join("server.trace"));
    let untraced = Launch { program, data: &data, settings, before: &[] };
    untraced.start()?.stop()?;
    let key = untraced.partner_key()?;

    let before = tracer(&file);
    let server = Launch { before: &before, ..untraced }.start()?;
    let mut client = Http::new(&server.address);
    let partner = Partner::new(&key, &mut client)?;
    for (time, number) in free_times(&mut client, BOOKINGS)?.iter().zip(1..) {
        match partner.book(&mut client, time, number)? {
            Attempt::Acknowledged(_) => {}
            Attempt::Taken => return Err(format!("{} was offered and is taken", time.start)),
            Attempt::Unavailable => return Err(format!("{}: unavailable", time.start)),
            Attempt::Unanswered => return Err(format!("{}: no answer", time.start)),
        }
    }
    server.stop()?;
    Ok(trace::pair(&whole(&file)?))
}

/// The tracer's command line. `-D` makes the server our own child, so that signals reach it; strings long enough for a page
/// of the database, where the visit's id is looked for.
fn tracer(file: &Path) -> Vec<String> {
    let calls = "trace=fdatasync,fsync,write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg";
    let mut words: Vec<String> =
        ["strace", "-D", "-f", "--seccomp-bpf", "-ttt", "-y", "-s", "5000", "-e", calls, "-o"].map(String::from).into();
    words.push(file.display().to_string());
    words
}

/// The trace, once the tracer has written its last line.
fn whole(file: &PathBuf) -> Result<String, String> {
    let begun = Instant::now();
    loop {
        let trace = std::fs::read(file).map_err(|fault| format!("{}: {fault}", file.display()))?;
        let trace = String::from_utf8_lossy(&trace);
        if trace.trim_end().ends_with("+++") {
            return Ok(trace.into_owned());
        }
        if begun.elapsed() > Duration::from_secs(20) {
            return Err("the tracer did not finish its file".into());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}
