//! Kills the server in the middle of a stream of bookings, again and again, and looks whether it kept its word.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::bookings::{Attempt, Partner, Time, Visit, expect, free_times, text, unix_seconds};
use crate::ground::Ground;
use crate::http::Http;
use crate::program::{Launch, Program};
use crate::ring::Outcome;

/// How often the server is killed.
const KILLS: usize = 20;
/// No kill before so many bookings were acknowledged.
const ACKNOWLEDGED_MIN: usize = 20;
/// Clients that book at the same time.
const CLIENTS: usize = 6;
/// Times offered to them per kill; every fifth is offered twice, to be fought over.
const TIMES: usize = 150;
/// How long the stream may take to reach its kill.
const STREAM: Duration = Duration::from_secs(60);
/// How long what was killed before its seal may wait for the next start's.
const SEALED: Duration = Duration::from_secs(30);
/// The term of a hold in this ring: short, so that its end can be waited for.
const HOLD_SECONDS: &str = "3";

/// What the clients saw of one stream.
#[derive(Default)]
struct Stream {
    acknowledged: Vec<Visit>,
    /// Asked, but the server died before it answered: the time, and the number to ask again with.
    unanswered: Vec<(Time, u32)>,
    faults: Vec<String>,
}

/// A time that was held when the server died.
struct Held {
    time: Time,
    expires_at: i64,
}

/// Runs the ring.
///
/// # Errors
/// When the server cannot be started or does not answer as its interface says.
pub(crate) fn run(ground: &Ground) -> Result<Outcome, String> {
    let program = ground.program()?;
    let scratch = ground.scratch("kills")?;
    let data = scratch.join("data");
    let settings = [("RECOMED_BOOKING_HOLD_SECONDS", HOLD_SECONDS)];
    let launch = Launch { program: &program, data: &data, settings: &settings, before: &[] };

    launch.start()?.stop()?;
    let key = launch.partner_key()?;
    let mut outcome = Outcome::default();
    let mut server = launch.start()?;
    let mut visits: Vec<Visit> = Vec::new();
    let mut holds: Vec<Held> = Vec::new();
    let mut number = 0;
    for kill in 1..=KILLS {
        let mut client = Http::new(&server.address);
        let partner = Partner::new(&key, &mut client)?;
        let mut times = free_times(&mut client, TIMES + 1 + holds.len())?;
        // A hold that has ended meanwhile is looked at below; nobody may book its time before that.
        times.retain(|time| holds.iter().all(|held| held.time.role != time.role || held.time.from != time.from));
        holds.extend(times.pop().map(|time| hold(&mut client, time)).transpose()?);

        let address = server.address.clone();
        let mut stream = book_until_killed(&partner, &address, times, &mut number, server, kill)?;
        server = launch.start()?;
        let mut client = Http::new(&server.address);
        let unanswered = stream.unanswered.len();
        let late = ask_again(&partner, &mut client, &mut stream)?;

        let mut faults = stream.faults;
        if stream.acknowledged.len() < ACKNOWLEDGED_MIN {
            faults.push(format!("only {} acknowledged before the kill", stream.acknowledged.len()));
        }
        let what = format!(
            "kill {kill}: {} acknowledged before it, each there once; {unanswered} unanswered, asked again; holds end",
            stream.acknowledged.len()
        );
        for visit in stream.acknowledged.iter().chain(&late) {
            faults.extend(missing(&mut client, visit)?);
        }
        visits.extend(stream.acknowledged);
        visits.extend(late);
        faults.extend(doubled(&visits));
        faults.extend(still_offered(&mut client, &visits)?);
        faults.extend(still_held(&mut client, &mut holds, kill == KILLS)?);
        outcome.check(&what, &faults);
    }
    outcome.check("the audit log is whole after all kills, and nothing of it waits", &whole_log(&launch)?);
    let stopped = server.stop().err().into_iter().collect::<Vec<_>>();
    outcome.check("the server stops in order after all that", &stopped);
    if outcome.failed == 0 {
        std::fs::remove_dir_all(&scratch).map_err(|fault| fault.to_string())?;
    } else {
        println!("        what it left: {}", scratch.display());
    }
    Ok(outcome)
}

/// What is wrong with the audit log: a kill between an entry's commit and its seal leaves it to the next start.
fn whole_log(launch: &Launch<'_>) -> Result<Vec<String>, String> {
    let begun = Instant::now();
    loop {
        // It fails by itself when the log is not whole.
        let said = launch.command(&["audit", "verify"])?;
        if !said.contains("not sealed yet") {
            return Ok(if said.contains("is whole") { vec![] } else { vec![said] });
        }
        if begun.elapsed() > SEALED {
            return Ok(vec![said]);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Books from several clients until enough is acknowledged, then kills the server in the middle of it.
fn book_until_killed(
    partner: &Partner,
    address: &str,
    times: Vec<Time>,
    number: &mut u32,
    server: Program,
    kill: usize,
) -> Result<Stream, String> {
    let mut queue: VecDeque<(Time, u32)> = VecDeque::new();
    for (index, time) in times.into_iter().enumerate() {
        for _ in 0..if index % 5 == 0 { 2 } else { 1 } {
            *number += 1;
            queue.push_back((time.clone(), *number));
        }
    }
    let queue = Mutex::new(queue);
    let count = AtomicUsize::new(0);
    let take = || queue.lock().ok().and_then(|mut queue| queue.pop_front());
    let client = || {
        let mut client = Http::new(address);
        let mut seen = Stream::default();
        while let Some((time, number)) = take() {
            match partner.book(&mut client, &time, number) {
                Ok(Attempt::Acknowledged(visit)) => {
                    seen.acknowledged.push(visit);
                    count.fetch_add(1, Ordering::SeqCst);
                }
                Ok(Attempt::Taken) => {}
                Ok(Attempt::Unavailable) => seen.faults.push(format!("{} was refused: unavailable", time.start)),
                Ok(Attempt::Unanswered) => {
                    seen.unanswered.push((time, number));
                    break;
                }
                Err(fault) => seen.faults.push(fault),
            }
        }
        seen
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        let begun = Instant::now();
        while count.load(Ordering::SeqCst) < ACKNOWLEDGED_MIN && begun.elapsed() < STREAM {
            std::thread::sleep(Duration::from_millis(1));
        }
        // A little later each time, so that the kills fall on different moments of the writer's round.
        std::thread::sleep(Duration::from_millis(kill as u64 * 3 % 17));
        let killed = server.kill();
        let mut whole = Stream::default();
        for client in clients {
            let seen = client.join().map_err(|_| "a client of the ring panicked")?;
            whole.acknowledged.extend(seen.acknowledged);
            whole.unanswered.extend(seen.unanswered);
            whole.faults.extend(seen.faults);
        }
        killed.map(|()| whole)
    })
}

/// Sends what was not answered once more, with the same idempotency key: it is booked exactly once, then or now.
fn ask_again(partner: &Partner, client: &mut Http, stream: &mut Stream) -> Result<Vec<Visit>, String> {
    let mut late = Vec::new();
    for (time, number) in std::mem::take(&mut stream.unanswered) {
        match partner.book(client, &time, number)? {
            Attempt::Acknowledged(visit) => late.push(visit),
            // Another client may have won a time that was offered twice.
            Attempt::Taken => {}
            Attempt::Unavailable => stream.faults.push(format!("{} was refused: unavailable", time.start)),
            Attempt::Unanswered => stream.faults.push(format!("{} got no answer twice", time.start)),
        }
    }
    Ok(late)
}

pub(crate) fn missing(client: &mut Http, visit: &Visit) -> Result<Option<String>, String> {
    let bearer = format!("Bearer {}", visit.manage_token);
    let path = format!("/api/v1/appointments/{}", visit.id);
    let answer = client.call("GET", &path, &[("Authorization", &bearer)], None)?;
    let there = answer.status == 200
        && answer.body["status"] == "booked"
        && answer.body["start"].as_str().is_none_or(|start| unix_seconds(start) == Some(visit.time.from));
    Ok((!there).then(|| format!("{} was acknowledged; now: {} {}", visit.id, answer.status, answer.body)))
}

/// Visits of one doctor that overlap, whatever the clinic, and ids given out twice.
pub(crate) fn doubled(visits: &[Visit]) -> Vec<String> {
    let mut faults = Vec::new();
    let ids: BTreeSet<&str> = visits.iter().map(|visit| visit.id.as_str()).collect();
    if ids.len() < visits.len() {
        faults.push(format!("{} ids for {} acknowledged visits", ids.len(), visits.len()));
    }
    let mut calendars: HashMap<&str, Vec<&Visit>> = HashMap::new();
    for visit in visits {
        calendars.entry(&visit.time.practitioner).or_default().push(visit);
    }
    for calendar in calendars.values_mut() {
        calendar.sort_by_key(|visit| visit.time.from);
        for pair in calendar.windows(2) {
            if let [first, second] = pair
                && second.time.from < first.time.to
            {
                faults.push(format!("{} and {} are of one doctor at one time", first.id, second.id));
            }
        }
    }
    faults
}

/// Booked times that the server offers again.
fn still_offered(client: &mut Http, visits: &[Visit]) -> Result<Vec<String>, String> {
    let mut faults = Vec::new();
    let roles: BTreeSet<&str> = visits.iter().map(|visit| visit.time.role.as_str()).collect();
    for role in roles {
        let offered = offered(client, role)?;
        let booked = visits.iter().filter(|visit| visit.time.role == role && offered.contains(&visit.time.from));
        faults.extend(booked.map(|visit| format!("{} is booked and offered: {}", visit.time.start, visit.id)));
    }
    Ok(faults)
}

fn offered(client: &mut Http, role: &str) -> Result<BTreeSet<i64>, String> {
    let slots = expect(client.call("GET", &format!("/api/v1/roles/{role}/slots?days=21"), &[], None)?, 200)?;
    let none = Vec::new();
    let starts = slots["items"].as_array().unwrap_or(&none).iter().filter_map(|slot| slot["start"].as_str());
    Ok(starts.filter_map(unix_seconds).collect())
}

fn hold(client: &mut Http, time: Time) -> Result<Held, String> {
    let body = json!({ "role_id": time.role, "start": time.start });
    let held = expect(client.call("POST", "/api/v1/holds", &[], Some(&body))?, 201)?;
    let expires_at = text(&held, "expires_at")?;
    let expires_at = unix_seconds(&expires_at).ok_or_else(|| format!("{expires_at} is no RFC 3339 time"))?;
    if offered(client, &time.role)?.contains(&time.from) {
        return Err(format!("{} is held and offered", time.start));
    }
    Ok(Held { time, expires_at })
}

/// Times whose hold has ended and that are not offered again; `all` waits for the last of them to end.
fn still_held(client: &mut Http, holds: &mut Vec<Held>, all: bool) -> Result<Vec<String>, String> {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed());
    let last = holds.iter().map(|held| held.expires_at).max().unwrap_or(0);
    if all {
        if last > now() + 60 {
            return Ok(vec!["a hold lasts longer than a minute: was its term not set?".into()]);
        }
        while now() <= last + 1 {
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    let mut faults = Vec::new();
    let mut open = Vec::new();
    for held in holds.drain(..) {
        if now() <= held.expires_at + 1 {
            open.push(held);
        } else if !offered(client, &held.time.role)?.contains(&held.time.from) {
            faults.push(format!("{} was held before a kill and is not offered after the hold's end", held.time.start));
        }
    }
    *holds = open;
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(id: &str, practitioner: &str, from: i64, to: i64) -> Visit {
        let time = Time { role: "r".into(), practitioner: practitioner.into(), start: String::new(), from, to };
        Visit { id: id.into(), manage_token: String::new(), time }
    }

    #[test]
    fn overlapping_visits_of_one_doctor_and_repeated_ids_are_found() {
        let good = [visit("a", "p", 0, 60), visit("b", "p", 60, 120), visit("c", "q", 0, 60)];
        assert_eq!(doubled(&good), Vec::<String>::new());
        assert_eq!(doubled(&[visit("a", "p", 0, 60), visit("b", "p", 30, 90)]).len(), 1);
        assert_eq!(doubled(&[visit("a", "p", 0, 60), visit("a", "q", 0, 60)]).len(), 1);
    }
}
