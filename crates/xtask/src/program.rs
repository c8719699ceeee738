//! The server as a process: started on a port of its own, watched, stopped or killed.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::http::Http;

/// How long a start may take.
const START: Duration = Duration::from_secs(60);

/// How to start the program: once, or again on the same data.
pub(crate) struct Launch<'a> {
    /// The binary.
    pub(crate) program: &'a Path,
    /// The data folder.
    pub(crate) data: &'a Path,
    /// Settings beside the usual ones.
    pub(crate) settings: &'a [(&'a str, &'a str)],
    /// A program to put before it, with its arguments: the tracer.
    pub(crate) before: &'a [String],
}

/// A running server; dropped, it is killed.
pub(crate) struct Program {
    child: Child,
    /// `127.0.0.1:port`.
    pub(crate) address: String,
    log: PathBuf,
}

impl Launch<'_> {
    /// Starts `recomed demo` and waits until it says that it is ready.
    ///
    /// # Errors
    /// When it ends, or is not ready within a minute: the end of its log.
    pub(crate) fn start(&self) -> Result<Program, String> {
        let log = self.data.with_extension("log");
        let complaints = File::options().create(true).append(true).open(&log).map_err(|fault| format!("{}: {fault}", log.display()))?;
        let mut command = match self.before {
            [] => Command::new(self.program),
            [first, rest @ ..] => {
                let mut command = Command::new(first);
                command.args(rest).arg(self.program);
                command
            }
        };
        let mut child = command
            .args(["demo", "--listen", "127.0.0.1:0", "--data"])
            .arg(self.data)
            // A ring is a crowd behind one address; what the limit does is a test of its own.
            .env("RECOMED_LIMITS_REQUESTS_PER_SECOND", "100000")
            .envs(self.settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(complaints)
            .spawn()
            .map_err(|fault| format!("{}: {fault}", self.program.display()))?;
        let (told, address) = mpsc::channel();
        if let Some(output) = child.stdout.take() {
            // Read to its end in a thread: a full pipe would stop the server.
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    if let Some(address) = address_in(&line) {
                        let _nobody_waits_any_more = told.send(address);
                    }
                }
            });
        }
        let begun = Instant::now();
        let mut started = Program { child, address: String::new(), log };
        match address.recv_timeout(START) {
            Ok(address) => started.address = address,
            Err(_) => {
                return Err(format!("the server printed no address\n{}", started.last_words()));
            }
        }
        let mut client = Http::new(&started.address);
        while !client.call("GET", "/readyz", &[], None).is_ok_and(|answer| answer.status == 200) {
            if begun.elapsed() > START {
                return Err(format!("the server is not ready after a minute\n{}", started.last_words()));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(started)
    }

    /// Runs another command of the program on the same data; returns what it printed.
    ///
    /// # Errors
    /// When it fails: its own words.
    pub(crate) fn command(&self, arguments: &[&str]) -> Result<String, String> {
        let asked = Command::new(self.program)
            .args(arguments)
            .env("RECOMED_DATA", self.data)
            .envs(self.settings.iter().copied())
            .output()
            .map_err(|fault| format!("{}: {fault}", self.program.display()))?;
        if !asked.status.success() {
            let words = String::from_utf8_lossy(&asked.stderr);
            return Err(format!("recomed {}: {}", arguments.join(" "), words.trim()));
        }
        Ok(String::from_utf8_lossy(&asked.stdout).into_owned())
    }

    /// A partner's key, made while no server runs.
    ///
    /// # Errors
    /// When the command fails or prints nothing.
    pub(crate) fn partner_key(&self) -> Result<String, String> {
        let printed = self.command(&["partner", "add", "tests", "--scope", "search,book"])?;
        // The key is the longest word: whatever is said around it, in whatever language.
        let key = printed.split_whitespace().max_by_key(|word| word.len());
        key.map(String::from).ok_or_else(|| "recomed partner add printed no key".into())
    }
}

impl Program {
    /// Ends it at once, as a power cut would: nothing of it runs any more.
    pub(crate) fn kill(mut self) -> Result<(), String> {
        self.child.kill().and_then(|()| self.child.wait()).map(drop).map_err(|fault| fault.to_string())
    }

    /// Asks it to end and waits for that.
    ///
    /// # Errors
    /// When it does not end within 30 s, or not with 0.
    pub(crate) fn stop(mut self) -> Result<(), String> {
        let asked = Command::new("sh")
            .args(["-c", "kill -TERM \"$1\"", "stop", &self.child.id().to_string()])
            .status()
            .map_err(|fault| fault.to_string())?;
        if !asked.success() {
            return Err("the server could not be asked to stop".into());
        }
        let begun = Instant::now();
        loop {
            match self.child.try_wait().map_err(|fault| fault.to_string())? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => {
                    return Err(format!("the server ended with {status}\n{}", self.last_words()));
                }
                None if begun.elapsed() > Duration::from_secs(30) => {
                    return Err(format!("the server did not stop within 30 s\n{}", self.last_words()));
                }
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Already ended in most cases; then both calls fail, and nothing is left to do.
        let _ended = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// The first loopback address in a line of the server's greeting.
fn address_in(line: &str) -> Option<String> {
    let rest = line.split("http://127.0.0.1:").nth(1)?;
    let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!port.is_empty()).then(|| format!("127.0.0.1:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_the_greeting() {
        assert_eq!(address_in("  Patients: http://127.0.0.1:40123/ru/").as_deref(), Some("127.0.0.1:40123"));
        assert_eq!(address_in("Recomed"), None);
        assert_eq!(address_in("http://127.0.0.1:/"), None);
    }
}
