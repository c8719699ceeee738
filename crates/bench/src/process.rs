//! Processes that are measured: started, told from their greeting, weighed, stopped.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// A start may take this long: a large directory is read into memory first.
const START_MAX: Duration = Duration::from_secs(180);
/// The kernel counts processor time in hundredths of a second.
const TICKS_PER_SECOND: f64 = 100.0;

/// A running server; dropped, it is ended.
pub(crate) struct Running {
    child: Child,
    /// `127.0.0.1:port`.
    pub(crate) address: String,
}

impl Running {
    /// Starts a program that prints `http://127.0.0.1:PORT/` once it serves.
    ///
    /// # Errors
    /// When it ends before it says so; what it complained of stands in the log.
    pub(crate) fn greeted(mut command: Command, log: &Path) -> Result<Running, String> {
        let mut started = spawn(&mut command, log, true)?;
        let (told, address) = mpsc::channel();
        if let Some(output) = started.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    if let Some(address) = address_in(&line) {
                        let _nobody_waits = told.send(address);
                    }
                }
            });
        }
        let mut running = Running { child: started, address: String::new() };
        match address.recv_timeout(START_MAX) {
            Ok(address) => running.address = address,
            Err(_) => return Err(format!("it did not start: {}", last_words(log))),
        }
        Ok(running)
    }

    /// Starts a program that will listen at this address, and waits until it does.
    ///
    /// # Errors
    /// As [`Running::greeted`].
    pub(crate) fn listening(mut command: Command, log: &Path, address: &str) -> Result<Running, String> {
        let child = spawn(&mut command, log, false)?;
        let mut running = Running { child, address: address.into() };
        let begun = Instant::now();
        while std::net::TcpStream::connect(address).is_err() {
            let ended = running.child.try_wait().map_err(|fault| fault.to_string())?.is_some();
            if ended || begun.elapsed() > START_MAX {
                return Err(format!("it did not start: {}", last_words(log)));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(running)
    }

    /// Its process's number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Asked first: a server with children ends them itself; then ended, if it did not listen.
        let _asked = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).stderr(Stdio::null()).status();
        let begun = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && begun.elapsed() < Duration::from_secs(12) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ended = self.child.kill();
        let _gone = self.child.wait();
    }
}

fn spawn(command: &mut Command, log: &Path, greets: bool) -> Result<Child, String> {
    let file = std::fs::File::options().create(true).append(true).open(log).map_err(|fault| format!("{}: {fault}", log.display()))?;
    let output = if greets { Stdio::piped() } else { file.try_clone().map_err(|fault| fault.to_string())?.into() };
    let program = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(output).stderr(file).spawn().map_err(|fault| format!("{program}: {fault}"))
}

/// Runs a command to its end.
///
/// # Errors
/// Its last words when it fails.
pub(crate) fn finish(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let asked = command.stdin(Stdio::null()).output().map_err(|fault| format!("{program}: {fault}"))?;
    if asked.status.success() {
        return Ok(String::from_utf8_lossy(&asked.stdout).into_owned());
    }
    let words = String::from_utf8_lossy(&asked.stderr).into_owned() + &String::from_utf8_lossy(&asked.stdout);
    let words: Vec<&str> = words.trim().lines().collect();
    Err(format!("{program}: {}", words.get(words.len().saturating_sub(5)..).unwrap_or_default().join(" | ")))
}

/// A free port of this machine. Somebody else could take it before it is used; then the start fails and says so.
pub(crate) fn free_port() -> Result<u16, String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(|fault| fault.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|fault| fault.to_string())
}

fn last_words(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(5)..).unwrap_or_default().join(" | ")
}

fn address_in(line: &str) -> Option<String> {
    let rest = line.split("http://127.0.0.1:").nth(1)?;
    let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!port.is_empty()).then(|| format!("127.0.0.1:{port}"))
}

/// Processor seconds that a process and all its descendants have used so far, those that have ended and were waited for
/// included. 0 when it is not there.
pub(crate) fn cpu_seconds(root: u32) -> f64 {
    let mut parents: HashMap<u32, u32> = HashMap::new();
    let mut used: HashMap<u32, f64> = HashMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{id}/stat")) else { continue };
        if let Some((parent, ticks)) = stat_of(&stat) {
            parents.insert(id, parent);
            used.insert(id, ticks as f64 / TICKS_PER_SECOND);
        }
    }
    let below = |mut id: u32| {
        for _ in 0..32 {
            if id == root {
                return true;
            }
            match parents.get(&id) {
                Some(parent) => id = *parent,
                None => return false,
            }
        }
        false
    };
    used.iter().filter(|(id, _)| below(**id)).map(|(_, seconds)| seconds).sum()
}

/// Parent, and ticks used by the process and its ended children, of a line of `/proc/ID/stat`.
fn stat_of(stat: &str) -> Option<(u32, u64)> {
    // The name may hold anything, so fields are counted from its closing parenthesis.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
    let ticks = number(11)? + number(12)? + number(13)? + number(14)?;
    Some((u32::try_from(number(1)?).ok()?, ticks))
}

/// How often a process and its threads call fsync or fdatasync while `work` runs; `None` when strace cannot look.
pub(crate) async fn syncs_during<T>(ids: &[u32], log: &Path, work: impl Future<Output = T>) -> (T, Option<u64>) {
    let mut command = Command::new("strace");
    command.args(["-f", "-q", "-e", "trace=fsync,fdatasync,sync_file_range", "-o"]).arg(log);
    for id in ids {
        command.arg("-p").arg(id.to_string());
    }
    let tracer = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut tracer) = tracer else { return (work.await, None) };
    tokio::time::sleep(Duration::from_millis(500)).await;
    let alive = matches!(tracer.try_wait(), Ok(None));
    let done = work.await;
    // Asked to end, it lets its processes go.
    let _asked = Command::new("kill").arg("-INT").arg(tracer.id().to_string()).status();
    let _gone = tracer.wait();
    if !alive {
        return (done, None);
    }
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let calls = text.lines().filter(|line| line.contains("sync(") && !line.contains("resumed")).count();
    (done, Some(calls as u64))
}

/// All processes below one, itself included.
pub(crate) fn family(root: u32) -> Vec<u32> {
    let mut found = vec![root];
    let mut at = 0;
    let all: Vec<(u32, u32)> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse::<u32>().ok()?;
            Some((id, stat_of(&std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?)?.0))
        })
        .collect();
    while let Some(parent) = found.get(at).copied() {
        found.extend(all.iter().filter(|(_, of)| *of == parent).map(|(id, _)| *id));
        at += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_weighed_with_its_children() {
        let stat = "77 (a) b) S 12 77 77 0 -1 4194560 1 2 3 4 100 50 7 3 20 0 1 0 5 6 7";
        assert_eq!(stat_of(stat), Some((12, 160)));
        assert!(cpu_seconds(std::process::id()) >= 0.0 && family(std::process::id()).contains(&std::process::id()));
    }
}
