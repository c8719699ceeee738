//! django-appointment: a site of its own under gunicorn, over PostgreSQL, with the same doctors and hours.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::load::{Client, Http};
use crate::peers::postgres::{Postgres, connect, said};
use crate::process::{Running, finish, free_port};
use crate::world::World;

/// Its site.
const SITE: &str = include_str!("../../peers/django_site.py");
/// What is installed for it, with versions.
pub(crate) const PACKAGES: &str = include_str!("../../peers/requirements.txt");
/// Days of a list of free times.
const DAYS: i64 = 14;
const DATABASE: &str = "django_appointment";

/// The running site.
pub(crate) struct Django {
    /// gunicorn.
    pub(crate) running: Running,
    /// Its database.
    pub(crate) database: String,
}

/// Fills a database and serves it with twice the cores and one more workers, as gunicorn advises.
///
/// # Errors
/// What Python or the server said.
pub(crate) async fn start(python: &Path, server: &Postgres, work: &Path, world: &World) -> Result<Django, String> {
    let folder = work.join("django");
    std::fs::create_dir_all(&folder).map_err(|fault| format!("{}: {fault}", folder.display()))?;
    let (site, list) = (folder.join("django_site.py"), folder.join("doctors"));
    let mut lines = String::new();
    for (number, doctor) in (1..).zip(&world.doctors) {
        lines.push_str(&format!("{number} {}", doctor.minutes));
        for weekday in 1..=7 {
            let of_day = || doctor.windows.iter().filter(|window| window.0 == weekday);
            // One window a day is all that it knows: from the first hour to the last.
            if let (Some(from), Some(to)) = (of_day().map(|window| window.1).min(), of_day().map(|window| window.2).max()) {
                lines.push_str(&format!(" {weekday}:{from}:{to}"));
            }
        }
        lines.push('\n');
    }
    std::fs::write(&site, SITE).and_then(|()| std::fs::write(&list, lines)).map_err(|fault| fault.to_string())?;
    let database = server.make(DATABASE, None).await?;
    let socket = server.address.split("host=").nth(1).and_then(|rest| rest.split('&').next()).unwrap_or_default().to_owned();
    let told = |mut command: Command| {
        command.current_dir(&folder).env("BENCH_DATABASE", DATABASE).env("BENCH_SOCKET", &socket).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    };
    let mut load = Command::new(python);
    load.arg(&site).arg("load").arg(&list);
    finish(&mut told(load))?;
    let port = free_port()?;
    let workers = std::thread::available_parallelism().map_or(2, usize::from) * 2 + 1;
    let mut serve = Command::new(python);
    serve.args(["-m", "gunicorn", "--worker-class", "gthread", "--threads", "4", "--keep-alive", "60"]);
    serve.args(["--workers", &workers.to_string(), "--bind", &format!("127.0.0.1:{port}"), "django_site:application"]);
    let running = Running::listening(told(serve), &folder.join("log"), &format!("127.0.0.1:{port}"))?;
    Ok(Django { running, database })
}

/// Asks for fourteen days of one doctor, a day at a time: one piece of work.
pub(crate) struct Days {
    http: Http,
    requests: Arc<Vec<[Vec<u8>; DAYS as usize]>>,
    next: usize,
}

/// The requests for the days of some doctors.
pub(crate) fn days(world: &World, doctors: usize) -> Vec<[Vec<u8>; DAYS as usize]> {
    let today = clock::Clock::real().now().to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date();
    (1..=world.doctors.len().min(doctors))
        .map(|doctor| {
            std::array::from_fn(|ahead| {
                let day = today.saturating_add(jiff::Span::new().days(ahead as i64));
                let path = format!("/ajax/available_slots/?selected_date={day}&staff_member={doctor}");
                Http::request("GET", &path, &[("X-Requested-With", "XMLHttpRequest")], &[])
            })
        })
        .collect()
}

impl Days {
    /// So many clients, spread over the doctors.
    pub(crate) fn many(address: &str, requests: &Arc<Vec<[Vec<u8>; DAYS as usize]>>, clients: usize) -> Vec<Days> {
        let first = |client: usize| client * requests.len() / clients.max(1);
        (0..clients).map(|client| Days { http: Http::new(address), requests: requests.clone(), next: first(client) }).collect()
    }
}

impl Client for Days {
    async fn ask(&mut self) -> Result<Option<usize>, String> {
        let days = self.requests.get(self.next % self.requests.len().max(1)).ok_or("nobody to ask about")?;
        self.next += 1;
        for request in days {
            let answer = self.http.send(request).await?;
            if answer.status != 200 || !answer.body.windows(15).any(|window| window == b"available_slots") {
                return Err(format!("{}: {}", answer.status, String::from_utf8_lossy(answer.body.get(..200).unwrap_or(&answer.body))));
            }
        }
        Ok(Some(0))
    }
}

/// A time that is fought over: everything that its form asks for.
pub(crate) struct Wanted {
    form: String,
}

/// So many times of different doctors and days, each of them within the doctor's hours.
pub(crate) fn wanted(world: &World, times: usize) -> Vec<Wanted> {
    let today = clock::Clock::real().now().to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut found = Vec::new();
    for turn in 0..40_i64 {
        for (number, doctor) in (1..).zip(&world.doctors) {
            if found.len() >= times {
                return found;
            }
            let day = today.saturating_add(jiff::Span::new().days(3 + turn % 10));
            let weekday = i64::from(day.weekday().to_monday_one_offset());
            let Some((_, from, to)) = doctor.windows.iter().find(|window| window.0 == weekday) else { continue };
            let start = from + turn / 10 * doctor.minutes;
            if start + doctor.minutes > *to {
                continue;
            }
            let clock = |minute: i64| format!("{:02}%3A{:02}", minute / 60, minute % 60);
            let (begin, end) = (clock(start), clock(start + doctor.minutes));
            let form = format!("date={day}&start_time={begin}&end_time={end}&service={}&staff_member={number}", doctor.minutes);
            found.push(Wanted { form });
        }
    }
    found
}

/// Books the times of a list that all clients share, each time by two of them one after the other in the list, so at once.
pub(crate) struct Booker {
    http: Http,
    wanted: Arc<Vec<Wanted>>,
    next: Arc<AtomicUsize>,
}

impl Booker {
    /// So many clients over one list.
    pub(crate) fn many(address: &str, wanted: &Arc<Vec<Wanted>>, next: &Arc<AtomicUsize>, clients: usize) -> Vec<Booker> {
        (0..clients).map(|_| Booker { http: Http::new(address), wanted: wanted.clone(), next: next.clone() }).collect()
    }
}

impl Client for Booker {
    async fn ask(&mut self) -> Result<Option<usize>, String> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let Some(wanted) = self.wanted.get(turn / 2) else { return Ok(None) };
        let patient = turn.to_string();
        let headers = [("X-Patient", patient.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
        let chosen = self.http.send(&Http::request("POST", "/request-submit/", &headers, wanted.form.as_bytes())).await?;
        let Some(details) = chosen.location.filter(|_| chosen.status == 302) else {
            return Err(format!("the choice was answered {}", chosen.status));
        };
        let form = "name=Anna&phone_0=RU&phone_1=9210000000&payment_type=full&address=x";
        let booked = self.http.send(&Http::request("POST", &details, &headers, form.as_bytes())).await?;
        if booked.status != 302 {
            return Err(format!("the booking was answered {}", booked.status));
        }
        Ok(Some(0))
    }
}

/// Times booked, and those of them booked more than once.
///
/// # Errors
/// What the server said.
pub(crate) async fn doubles(database: &str) -> Result<(i64, i64), String> {
    let client = connect(database).await?;
    let row = client
        .query_one(
            "SELECT count(*), count(*) FILTER (WHERE visits > 1) FROM (
                 SELECT count(*) AS visits FROM appointment_appointment a JOIN appointment_appointmentrequest r ON r.id = a.appointment_request_id
                 GROUP BY r.staff_member_id, r.date, r.start_time) times",
            &[],
        )
        .await
        .map_err(|fault| said(&fault))?;
    Ok((row.get(0), row.get(1)))
}
