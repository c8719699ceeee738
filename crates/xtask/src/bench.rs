//! `cargo xtask bench`: brings floors and peers to the machine, builds what is measured, runs the instrument (crates/bench).

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::ground::Ground;
use crate::machine::{self, Tool, on_path};
use crate::postgres;
use crate::ring::Outcome;

/// The instrument's parts.
const PARTS: [&str; 5] = ["search", "slots", "booking", "record", "privacy"];
/// Memory that PostgreSQL keeps pages in while it is measured; its default is made for small machines.
const SHARED_BUFFERS: &str = "1GB";

/// Measures these parts (all, when none is named), with the peers, and writes `docs/bench.md`, `.svg` and `.json`; with `quick`
/// little of each, without peers that must be installed, into the build folder.
///
/// # Errors
/// When the program or the instrument cannot be built or started.
pub(crate) fn run(arguments: &[&str]) -> Result<bool, String> {
    let quick = arguments.contains(&"quick");
    let parts: Vec<&str> = arguments.iter().copied().filter(|argument| *argument != "quick").collect();
    if let Some(unknown) = parts.iter().find(|part| !PARTS.contains(part)) {
        return Err(format!("there is no part {unknown}; there are {}", PARTS.join(", ")));
    }
    let mut ground = Ground::survey()?;
    machine::install(if quick { &[Tool::Postgres, Tool::Strace] } else { &[Tool::Postgres, Tool::Strace, Tool::Groonga, Tool::Python] });
    let server = if Tool::Postgres.is_here() { postgres::start_with(SHARED_BUFFERS) } else { Err("PostgreSQL is not installed".into()) };
    let server = server.map_err(|why| println!("without PostgreSQL: {why}")).ok();
    ground.postgres = server.as_ref().map(|server| server.address.clone());
    let measured = measure(&ground, &parts, quick);
    drop(server);
    measured
}

/// The ring: a quick run, of which outcomes are asked and never times.
///
/// # Errors
/// When the program or the instrument cannot be built.
pub(crate) fn ring(ground: &Ground) -> Result<Outcome, String> {
    let mut outcome = Outcome::default();
    let report = folder(ground).join("quick").join("bench.json");
    if report.exists() {
        std::fs::remove_file(&report).map_err(|fault| format!("{}: {fault}", report.display()))?;
    }
    let sound = measure(ground, &[], true)?;
    let faults = if sound { vec![] } else { vec!["a part failed, or an outcome is not as it must be: see above".into()] };
    outcome.check("the instrument runs to its end", &faults);
    let text = std::fs::read_to_string(&report).map_err(|fault| format!("{}: {fault}", report.display()))?;
    let found: Value = serde_json::from_str(&text).map_err(|fault| format!("{}: {fault}", report.display()))?;
    for part in PARTS {
        for fact in list(&found["parts"][part]["facts"]).iter().filter(|fact| fact["outcome"] == true) {
            let faults = if fact["met"] == true { vec![] } else { vec![format!("{}, wanted {}", fact["value"], fact["goal"])] };
            outcome.check(fact["what"].as_str().unwrap_or("an outcome"), &faults);
        }
        outcome.check(&format!("bench {part}: every number is there"), &gaps(&found["parts"][part]));
    }
    Ok(outcome)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What a part should say and does not.
fn gaps(part: &Value) -> Vec<String> {
    let rows = list(&part["rows"]);
    let mut gaps: Vec<String> = rows
        .iter()
        .filter(|row| {
            !["rate", "p50", "p95", "p99", "answers"].iter().all(|number| row[number].as_f64().is_some_and(|number| number > 0.0))
        })
        .map(|row| format!("{}, {}: a number is missing", row["work"], row["who"]))
        .collect();
    if rows.is_empty() {
        gaps.push("nothing was measured".into());
    }
    let broken = list(&part["not_run"]).iter().filter_map(Value::as_str).filter(|why| why.starts_with("fault while measured"));
    gaps.extend(broken.map(String::from));
    gaps
}

fn folder(ground: &Ground) -> PathBuf {
    ground.target.join("bench")
}

fn measure(ground: &Ground, parts: &[&str], quick: bool) -> Result<bool, String> {
    let (program, instrument) = if quick {
        let program = ground.program()?;
        (program, ground.target.join("ci").join("recomed-bench"))
    } else {
        let built = ground.cargo().args(["build", "--locked", "--release", "--package", "server", "--package", "bench"]).status();
        if !built.map_err(|fault| format!("cargo cannot be started: {fault}"))?.success() {
            return Err("what is measured could not be built".into());
        }
        (ground.target.join("release").join("recomed"), ground.target.join("release").join("recomed-bench"))
    };
    let home = folder(ground);
    let out = if quick { home.join("quick") } else { ground.root.join("docs") };
    let mut command = Command::new(instrument);
    command.args(parts).arg("--program").arg(program).arg("--work").arg(home.join("work")).arg("--out").arg(out);
    command.args(["--revision", &revision(ground)]);
    if quick {
        command.arg("--quick");
    }
    let without = |command: &mut Command, name: &str, why: &str| {
        command.args(["--without", &format!("{name}={why}")]);
    };
    match &ground.postgres {
        Some(address) => drop(command.args(["--postgres", address])),
        None => without(&mut command, "postgres", "it could not be started here"),
    }
    if quick {
        without(&mut command, "groonga", "a quick run has no peers that must be installed");
        without(&mut command, "django", "a quick run has no peers that must be installed");
    } else {
        match on_path("groonga") {
            Some(groonga) => drop(command.arg("--groonga").arg(groonga)),
            None => without(&mut command, "groonga", "it is not installed, and the machine's packages do not have it"),
        }
        match django(ground, &home) {
            Ok(python) => drop(command.arg("--django").arg(python)),
            Err(why) => without(&mut command, "django", &why),
        }
    }
    let status = command.status().map_err(|fault| format!("the instrument cannot be started: {fault}"))?;
    Ok(status.success())
}

/// The commit that is measured, and whether the tree differs from it.
fn revision(ground: &Ground) -> String {
    let asked = Command::new("git").args(["describe", "--always", "--dirty", "--abbrev=10"]).current_dir(&ground.root).output();
    let words = asked.map(|asked| String::from_utf8_lossy(&asked.stdout).trim().to_owned()).unwrap_or_default();
    if words.is_empty() { "an unknown state".into() } else { words }
}

/// A Python of its own with django-appointment and what it needs, in pinned versions, from wherever this machine's pip takes its packages.
fn django(ground: &Ground, home: &Path) -> Result<PathBuf, String> {
    let (wanted, place) = (ground.root.join("crates/bench/peers/requirements.txt"), home.join("python"));
    let (python, mark) = (place.join("bin").join("python"), place.join("made"));
    let text = std::fs::read_to_string(&wanted).map_err(|fault| format!("{}: {fault}", wanted.display()))?;
    if std::fs::read_to_string(&mark).is_ok_and(|made| made == text) && python.is_file() {
        return Ok(python);
    }
    println!("installing django-appointment into {}", place.display());
    let run = |command: &mut Command, what: &str| {
        let ended = command.stdin(Stdio::null()).stdout(Stdio::null()).output().map_err(|fault| format!("{what}: {fault}"))?;
        let words = String::from_utf8_lossy(&ended.stderr).into_owned();
        let last = words.trim().lines().last().unwrap_or_default().to_owned();
        if ended.status.success() { Ok(()) } else { Err(format!("{what}: {last}")) }
    };
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&place), "python3 -m venv")?;
    let options = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--timeout", "60", "--requirement"];
    run(Command::new(&python).args(options).arg(&wanted), "pip install")?;
    std::fs::write(&mark, text).map_err(|fault| format!("{}: {fault}", mark.display()))?;
    Ok(python)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_part_without_a_number_is_noticed() {
        let row = |rate: f64| json!({"work": "w", "who": "us", "rate": rate, "p50": 1.0, "p95": 1.0, "p99": 1.0, "answers": 3});
        assert_eq!(gaps(&json!({"rows": [row(2.0)]})), Vec::<String>::new());
        assert_eq!(gaps(&json!({"rows": [row(2.0), row(0.0)]})).len(), 1);
        assert_eq!(gaps(&json!({"rows": []})).len(), 1);
        assert_eq!(gaps(&json!({"rows": [row(1.0)], "not_run": ["a peer", "fault while measured: 500"]})).len(), 1);
        assert_eq!(gaps(&Value::Null).len(), 1);
    }
}
