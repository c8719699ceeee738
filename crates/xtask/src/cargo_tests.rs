//! The workspace's own tests, on SQLite and PostgreSQL.

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitStatus};

use crate::ground::Ground;
use crate::ring::Outcome;

/// Runs `cargo test` over the workspace.
///
/// # Errors
/// When cargo cannot be started.
pub(crate) fn run(ground: &Ground) -> Result<Outcome, String> {
    let mut command = ground.cargo();
    command.args(["test", "--locked", "--workspace", "--profile", "ci", "--no-fail-fast"]);
    let mut outcome = Outcome::default();
    let mut program = String::new();
    let status = follow(&mut command, |line| {
        println!("{line}");
        note(line, &mut program, &mut outcome);
    })?;
    if !status.success() && outcome.failed == 0 {
        println!("FAILED  cargo test ended without a result: see above");
        outcome.failed = 1;
    }
    Ok(outcome)
}

/// Runs a command and hands over each line of its output and its complaints, in the order in which they were written.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn follow(command: &mut Command, mut each: impl FnMut(&str)) -> Result<ExitStatus, String> {
    let (reader, writer) = std::io::pipe().map_err(|fault| fault.to_string())?;
    let complaints = writer.try_clone().map_err(|fault| fault.to_string())?;
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command.stdout(writer).stderr(complaints).spawn().map_err(|fault| format!("{name} cannot be started: {fault}"))?;
    // The command holds the pipe's writing ends; without this the reader would wait for ourselves.
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    for line in BufReader::new(reader).split(b'\n') {
        let line = line.map_err(|fault| fault.to_string())?;
        each(&String::from_utf8_lossy(&line));
    }
    child.wait().map_err(|fault| fault.to_string())
}

/// Takes the counts of one closing line of a test program; `program` holds the name that was announced before it.
fn note(line: &str, program: &mut String, outcome: &mut Outcome) {
    let trimmed = line.trim_start();
    if let Some(rest) = trimmed.strip_prefix("Running ").or_else(|| trimmed.strip_prefix("Doc-tests ")) {
        // `Running tests/races.rs (target/ci/deps/races-0f3a…)`: the crate is in neither form alone.
        let file = rest.split(['/', '(']).next_back().unwrap_or(rest).trim_end_matches(')');
        let known = file.rsplit_once('-').map_or(file, |(name, _)| name);
        let kind = if trimmed.starts_with("Doc-tests") { "doc-tests" } else { rest.split(" (").next().unwrap_or("") };
        *program = format!("{known}: {kind}");
        return;
    }
    let Some(counts) = trimmed.strip_prefix("test result: ") else {
        return;
    };
    let count = |word: &str| -> u64 {
        counts.split([';', '.']).filter_map(|part| part.trim().strip_suffix(word)?.trim().parse().ok()).next().unwrap_or(0)
    };
    let (passed, failed) = (count("passed"), count("failed"));
    outcome.passed += passed;
    outcome.failed += failed;
    if count("ignored") > 0 {
        outcome.not_run.push(format!("{} ignored in {program}", count("ignored")));
    }
    if passed + failed > 0 {
        outcome.closing.push(format!("{trimmed} ({program})"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_counted_and_kept_with_their_program() {
        let mut outcome = Outcome::default();
        let mut program = String::new();
        for line in [
            "     Running tests/races.rs (target/ci/deps/races-0123456789abcdef)",
            "test result: FAILED. 7 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.42s",
            "   Doc-tests privacy",
            "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ] {
            note(line, &mut program, &mut outcome);
        }
        assert_eq!((outcome.passed, outcome.failed), (10, 2));
        assert_eq!(outcome.not_run, ["1 ignored in races: tests/races.rs"]);
        assert_eq!(outcome.closing.len(), 2);
        assert!(outcome.closing[1].ends_with("(privacy: doc-tests)"), "{}", outcome.closing[1]);
    }
}
