//! Formatting, clippy, and the habits of this project that no compiler checks.

use std::path::Path;
use std::process::Command;

use crate::breaks;
use crate::ground::Ground;
use crate::policy_map;
use crate::ring::Outcome;
use crate::terms;

/// A file with more lines than this is more than one room.
const LINES_MAX: usize = 600;

/// Endings that say nothing of what a thing is.
const EMPTY_NAMES: [&str; 8] = ["Manager", "Service", "Helper", "Helpers", "Util", "Utils", "Common", "Dto"];
/// Names of the field that end like that all the same: FHIR's resource, and its price at one clinic.
const FIELD_NAMES: [&str; 2] = ["HealthcareService", "RoleService"];
const EMPTY_ROOMS: [&str; 9] = ["manager", "service", "services", "helper", "helpers", "util", "utils", "common", "core"];

/// Runs every check.
///
/// # Errors
/// When git or cargo cannot be started.
pub(crate) fn run(ground: &Ground) -> Result<Outcome, String> {
    let mut outcome = Outcome::default();
    outcome.check("cargo fmt", &cargo(ground, &["fmt", "--all", "--check"])?);

    let files = ground.files()?;
    let rust = texts(ground, &files, &[".rs"])?;
    let by_hand = texts(ground, &files, &[".rs", ".md", ".toml", ".ftl", ".sql", ".html", ".css", ".js", ".mjs", ".csv", "run"])?;
    outcome.check("files are one room each", &too_long(&rust));
    outcome.check("names say what a thing is", &empty_names(&rust));
    outcome.check("SQL stands in store.rs alone (I7)", &stray_sql(&rust));
    outcome.check("database drivers stand behind db's door (I7)", &stray_drivers(ground));
    outcome.check("terms stand in the profiles alone (I8)", &terms::in_code(&rust));
    outcome.check("the policy's map is as the sources are", &policy_map::stale(ground, &rust));
    outcome.check("each migration is there for both databases", &lone_migrations(&files));
    outcome.check("no test is switched off", &ignored_tests(&rust));
    outcome.check("lines end cleanly", &ragged_lines(&by_hand));
    outcome.check("links in the documentation lead somewhere", &broken_links(ground, &by_hand));
    outcome.check("package-lock.json names no host", &lock_hosts(ground, &files)?);
    outcome.check("each break still applies", &breaks::stale(ground)?);

    let lints = ["clippy", "--locked", "--workspace", "--all-targets", "--profile", "ci", "--", "-D", "warnings"];
    outcome.check("cargo clippy", &cargo(ground, &lints)?);
    Ok(outcome)
}

fn cargo(ground: &Ground, arguments: &[&str]) -> Result<Vec<String>, String> {
    let status = ground.cargo().args(arguments).status().map_err(|fault| format!("cargo: {fault}"))?;
    Ok(if status.success() { vec![] } else { vec![format!("cargo {}: see above", arguments.join(" "))] })
}

/// The named kinds of files with their texts.
fn texts(ground: &Ground, files: &[String], endings: &[&str]) -> Result<Vec<(String, String)>, String> {
    files
        .iter()
        .filter(|name| endings.iter().any(|ending| name.ends_with(ending)))
        .map(|name| match std::fs::read_to_string(ground.root.join(name)) {
            Ok(text) => Ok((name.clone(), text)),
            Err(fault) => Err(format!("{name}: {fault}")),
        })
        .collect()
}

fn too_long(files: &[(String, String)]) -> Vec<String> {
    files
        .iter()
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(name, lines)| format!("{name}: {lines} lines; more than {LINES_MAX} are more than one room"))
        .collect()
}

fn empty_names(files: &[(String, String)]) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, text) in files {
        let stem = Path::new(name).file_stem().and_then(|stem| stem.to_str()).unwrap_or("");
        if EMPTY_ROOMS.contains(&stem) {
            faults.push(format!("{name}: the file's name says nothing of what is in it"));
        }
        let program = text.split("#[cfg(test)]").next().unwrap_or("");
        for (number, line) in program.lines().enumerate() {
            let mut words = line.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
            while let Some(word) = words.next() {
                if line.trim_start().starts_with("//") || !["struct", "enum", "trait", "type", "mod"].contains(&word) {
                    continue;
                }
                let named = words.next().unwrap_or("");
                let empty = EMPTY_ROOMS.contains(&named)
                    || (EMPTY_NAMES.iter().any(|ending| named.ends_with(ending)) && !FIELD_NAMES.contains(&named));
                if empty {
                    faults.push(format!("{name}:{}: {named} says nothing of what it is", number + 1));
                }
            }
        }
    }
    faults
}

fn stray_sql(files: &[(String, String)]) -> Vec<String> {
    let allowed = |name: &str| {
        name.ends_with("/store.rs")
            || name.contains("/store/")
            || name.contains("/tests/")
            || ["crates/db/", "crates/testkit/", "crates/xtask/", "crates/bench/"].iter().any(|folder| name.starts_with(folder))
    };
    let mut faults = Vec::new();
    for (name, text) in files.iter().filter(|(name, _)| !allowed(name)) {
        // Inline tests stand last in a file; they may look behind the door.
        let program = text.split("#[cfg(test)]").next().unwrap_or("");
        for (number, line) in program.lines().enumerate() {
            let line = line.trim_start();
            let starts = |verb: &str| line.contains(&format!("\"{verb}")) || line.starts_with(verb);
            let sql = ["SELECT ", "INSERT INTO ", "DELETE FROM ", "CREATE TABLE "].into_iter().any(starts)
                || (starts("UPDATE ") && line.contains(" SET "));
            if sql && !line.starts_with("//") {
                faults.push(format!("{name}:{}: SQL belongs into the slice's store.rs", number + 1));
            }
        }
    }
    faults
}

fn stray_drivers(ground: &Ground) -> Vec<String> {
    let empty = Vec::new();
    let mut faults = Vec::new();
    for package in ground.metadata["packages"].as_array().unwrap_or(&empty) {
        let name = package["name"].as_str().unwrap_or("");
        let ours = package["source"].is_null();
        // The instrument sends the program's statements without the program: that takes the drivers bare.
        if !ours || name == "db" || name == "bench" {
            continue;
        }
        for dependency in package["dependencies"].as_array().unwrap_or(&empty) {
            let driver = dependency["name"].as_str().unwrap_or("");
            if ["rusqlite", "libsqlite3-sys", "tokio-postgres", "sqlx"].contains(&driver) && dependency["kind"].is_null() {
                faults.push(format!("{name} depends on {driver}: only db knows the databases"));
            }
        }
    }
    faults
}

fn lone_migrations(files: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    for name in files.iter().filter(|name| name.starts_with("migrations/") && name.ends_with(".sql")) {
        let other = match name.strip_suffix("/sqlite.sql") {
            Some(folder) => format!("{folder}/postgres.sql"),
            None => match name.strip_suffix("/postgres.sql") {
                Some(folder) => format!("{folder}/sqlite.sql"),
                None => {
                    faults.push(format!("{name}: a migration is named sqlite.sql or postgres.sql"));
                    continue;
                }
            },
        };
        if !files.contains(&other) {
            faults.push(format!("{name} is there without {other}"));
        }
    }
    faults
}

fn ignored_tests(files: &[(String, String)]) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, text) in files {
        for (number, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("#[ignore") {
                faults.push(format!("{name}:{}: a test that never runs proves nothing", number + 1));
            }
        }
    }
    faults
}

fn ragged_lines(files: &[(String, String)]) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, text) in files {
        if !text.is_empty() && !text.ends_with('\n') {
            faults.push(format!("{name}: the last line does not end"));
        }
        for (number, line) in text.split('\n').enumerate() {
            if line.ends_with([' ', '\t', '\r']) {
                faults.push(format!("{name}:{}: blanks at the end of the line", number + 1));
            }
        }
    }
    faults
}

fn broken_links(ground: &Ground, files: &[(String, String)]) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, text) in files.iter().filter(|(name, _)| name.ends_with(".md")) {
        let folder = ground.root.join(name);
        let folder = folder.parent().unwrap_or(&ground.root);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split(['#', ' ']).next().unwrap_or("");
            let elsewhere = file.is_empty() || file.contains(':') || file.starts_with('/') || file.contains('{');
            if !elsewhere && !folder.join(file).exists() {
                faults.push(format!("{name}: {link} leads nowhere"));
            }
        }
    }
    faults
}

fn lock_hosts(ground: &Ground, files: &[String]) -> Result<Vec<String>, String> {
    let locks = texts(ground, files, &["package-lock.json"])?;
    let named = locks.iter().filter(|(_, text)| text.contains("\"resolved\": \"http"));
    Ok(named.map(|(name, _)| format!("{name}: made without omit-lockfile-registry-resolved")).collect())
}

/// Whether a patch applies to the tree as it is.
pub(crate) fn applies(ground: &Ground, patch: &Path) -> Result<bool, String> {
    Command::new("git")
        .args(["apply", "--check"])
        .arg(patch)
        .current_dir(&ground.root)
        .status()
        .map(|status| status.success())
        .map_err(|fault| format!("git: {fault}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> Vec<(String, String)> {
        vec![(name.into(), text.into())]
    }

    #[test]
    fn a_name_that_says_nothing_is_found_and_the_fields_own_is_not() {
        let faults = empty_names(&file("crates/a/src/b.rs", "pub struct SlotManager;\npub struct HealthcareService;\n"));
        assert_eq!(faults, ["crates/a/src/b.rs:1: SlotManager says nothing of what it is"]);
        assert_eq!(empty_names(&file("crates/a/src/utils.rs", "// a struct CommonHelper\n")).len(), 1);
    }

    #[test]
    fn sql_is_found_outside_the_store_and_its_tests() {
        let text = "let a = \"SELECT 1\";\n#[cfg(test)]\nmod tests { const A: &str = \"DELETE FROM claim\"; }\n";
        assert_eq!(stray_sql(&file("crates/booking/src/book.rs", text)).len(), 1);
        assert_eq!(stray_sql(&file("crates/booking/src/store.rs", text)).len(), 0);
        assert_eq!(stray_sql(&file("crates/booking/src/book.rs", "    UPDATE claim SET owner = $1\n")).len(), 1);
    }

    #[test]
    fn a_migration_for_one_database_alone_is_found() {
        let names = |names: &[&str]| names.iter().map(|name| String::from(*name)).collect::<Vec<_>>();
        assert!(lone_migrations(&names(&["migrations/1_a/sqlite.sql", "migrations/1_a/postgres.sql"])).is_empty());
        assert_eq!(lone_migrations(&names(&["migrations/1_a/sqlite.sql", "migrations/1_a/x.sql"])).len(), 2);
    }

    #[test]
    fn ragged_lines_are_found() {
        assert_eq!(ragged_lines(&file("a.md", "good\nbad \nlast")).len(), 2);
    }
}
