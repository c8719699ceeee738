//! The project's own commands: `cargo xtask test` and `cargo xtask tidy`.
//!
//! `test` brings the machine what the tests need, starts and stops it, runs every ring and says how long each took;
//! docs/operations/testing.md describes the rings. Nothing here is part of the program that is shipped.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a command-line tool talks to its caller, and its times are the wall's"
)]

mod bench;
mod bookings;
mod breaks;
mod browser;
mod cargo_tests;
mod drill;
mod ground;
mod http;
mod kills;
mod licences;
mod machine;
mod policy_map;
mod postgres;
mod program;
mod ring;
mod sync_trace;
mod terms;
mod tidy;
mod trace;
mod trouble;

use std::process::ExitCode;

const USE: &str = "\
cargo xtask test [RING…]   install what the tests need, run the rings (all without a name), sum up
cargo xtask tidy           formatting, clippy, the project's own checks
cargo xtask sheet          make the contact sheet of every page (docs/contact-sheet)
cargo xtask policy-map     make policy/map.md from policy/map.toml and the sources
cargo xtask bench [PART…]  measure beside floors and peers (docs/bench.md); parts: search, slots, booking, record
cargo xtask bench quick    a little of it, without peers that must be installed
rings: tidy, deny, tests, browser, kills, drill, trace, trouble, bench, breaks
exit codes: 0 all passed, 1 something failed (in CI also: could not be run), 2 wrong use";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let names: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match names.as_slice() {
        ["test", rings @ ..] => ring::test(rings),
        ["tidy"] => ring::test(&["tidy"]),
        ["sheet"] => browser::sheet(),
        ["policy-map"] => ground::Ground::survey().and_then(|ground| policy_map::write(&ground)).map(|()| true),
        ["bench", parts @ ..] => bench::run(parts),
        _ => {
            eprintln!("{USE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(fault) => {
            eprintln!("xtask: {fault}");
            ExitCode::from(1)
        }
    }
}
