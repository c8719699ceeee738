//! The pages in a real browser: a visit from the first page to its cancelling, and the contact sheet.

use std::path::Path;
use std::process::Command;

use crate::cargo_tests::follow;
use crate::ground::Ground;
use crate::machine;
use crate::program::Launch;
use crate::ring::Outcome;

/// Walks through the pages of a demo server in each language; each line that the walk prints is one check.
///
/// # Errors
/// When the server or Node.js cannot be started.
pub(crate) fn run(ground: &Ground) -> Result<Outcome, String> {
    let mut outcome = Outcome::default();
    let succeeded = with_server(ground, "walk.mjs", &mut |line| {
        println!("{line}");
        outcome.passed += u64::from(line.starts_with("ok "));
        outcome.failed += u64::from(line.starts_with("FAILED "));
    })?;
    if !succeeded && outcome.failed == 0 {
        println!("FAILED  the walk ended early");
        outcome.failed = 1;
    }
    Ok(outcome)
}

/// Makes docs/contact-sheet anew: every page at 360 and 1280 px in three languages.
///
/// # Errors
/// When something that it needs is missing.
pub(crate) fn sheet() -> Result<bool, String> {
    let ground = Ground::survey()?;
    machine::install(&[machine::Tool::Node, machine::Tool::Chromium, machine::Tool::Fonts]);
    with_server(&ground, "sheet.mjs", &mut |line| println!("{line}"))
}

fn with_server(ground: &Ground, script: &str, each: &mut dyn FnMut(&str)) -> Result<bool, String> {
    let folder = ground.root.join("tests").join("browser");
    install(&folder)?;
    let chromium = machine::chromium().ok_or("Chromium is missing")?;
    let program = ground.program()?;
    let scratch = ground.scratch("browser")?;
    let data = scratch.join("data");
    let launch = Launch { program: &program, data: &data, settings: &[], before: &[] };
    launch.start()?.stop()?;
    let key = launch.partner_key()?;
    let server = launch.start()?;
    let mut command = Command::new("node");
    command.arg(script).arg(format!("http://{}", server.address)).arg(key).current_dir(&folder).env("CHROMIUM", chromium);
    let succeeded = follow(&mut command, each)?.success();
    server.stop()?;
    std::fs::remove_dir_all(&scratch).map_err(|fault| fault.to_string())?;
    Ok(succeeded)
}

/// Brings the two packages that package-lock.json names.
fn install(folder: &Path) -> Result<(), String> {
    let status = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"])
        .current_dir(folder)
        .status()
        .map_err(|fault| format!("npm: {fault}"))?;
    if status.success() { Ok(()) } else { Err("npm ci failed".into()) }
}
