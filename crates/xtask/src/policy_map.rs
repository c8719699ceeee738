//! The map of the policy: clause -> rule -> function -> test -> check. The rules are written by hand in `policy/map.toml`; what keeps and proves
//! them is read from the sources, where a comment names its clause.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::ground::Ground;

/// The rules, by hand.
const SOURCE: &str = "policy/map.toml";
/// The map, made.
pub(crate) const MAP: &str = "policy/map.md";
/// The text whose anchors are the clauses.
const TEXT: &str = "policy/text/en.md";
/// Where the invariants stand that `recomed policy check` asks.
const CHECKS: &str = "crates/rights/src/check.rs";

const STATES: [&str; 3] = ["in force", "in part", "not yet"];

/// Writes the map.
///
/// # Errors
/// A rule that names no clause, a clause without a rule, a comment that names a clause that is not there.
pub(crate) fn write(ground: &Ground) -> Result<(), String> {
    let files = ground.files()?;
    let rust: Vec<(String, String)> = read(ground, &files)?;
    let map = made(ground, &rust).map_err(|faults| faults.join("\n"))?;
    std::fs::write(ground.root.join(MAP), map).map_err(|fault| format!("{MAP}: {fault}"))
}

fn read(ground: &Ground, files: &[String]) -> Result<Vec<(String, String)>, String> {
    let rust = files.iter().filter(|name| name.starts_with("crates/") && name.ends_with(".rs"));
    rust.map(|name| Ok((name.clone(), std::fs::read_to_string(ground.root.join(name)).map_err(|fault| format!("{name}: {fault}"))?)))
        .collect()
}

/// What is wrong with the map that is there.
pub(crate) fn stale(ground: &Ground, rust: &[(String, String)]) -> Vec<String> {
    match made(ground, rust) {
        Ok(map) if std::fs::read_to_string(ground.root.join(MAP)).is_ok_and(|there| there == map) => Vec::new(),
        Ok(_) => vec![format!("{MAP} is not what {SOURCE} and the sources make; run `cargo xtask policy-map`")],
        Err(faults) => faults,
    }
}

/// What a clause is kept, tested and checked by.
#[derive(Default)]
struct Proofs {
    functions: BTreeSet<String>,
    tests: BTreeSet<String>,
    checks: Vec<String>,
}

fn made(ground: &Ground, rust: &[(String, String)]) -> Result<String, Vec<String>> {
    let file = |name: &str| std::fs::read_to_string(ground.root.join(name)).map_err(|fault| vec![format!("{name}: {fault}")]);
    let (text, source) = (file(TEXT)?, file(SOURCE)?);
    let known: Vec<&str> = text.split("{#").skip(1).filter_map(|rest| rest.split('}').next()).collect();
    let rules: Value = toml::from_str(&source).map_err(|fault| vec![format!("{SOURCE}: {fault}")])?;

    let (mut faults, mut proofs): (Vec<String>, BTreeMap<String, Proofs>) = (Vec::new(), BTreeMap::new());
    for (name, text) in rust.iter().filter(|(name, _)| !name.starts_with("crates/xtask/")) {
        for (line, clause, place, test) in named(name, text) {
            if !known.contains(&clause.as_str()) {
                faults.push(format!("{name}:{line}: the policy has no clause {clause}"));
                continue;
            }
            let of = proofs.entry(clause).or_default();
            if test {
                of.tests.insert(place)
            } else {
                of.functions.insert(place)
            };
        }
        if name == CHECKS {
            for (clause, check) in checks(text) {
                proofs.entry(clause).or_default().checks.push(check);
            }
        }
    }

    let mut ruled = BTreeSet::new();
    let mut map = String::from(
        "# From clause to rule\n\nMade by `cargo xtask policy-map` from `policy/map.toml`, which says the rules, and from the sources: a comment that names a clause\nsays what keeps it, and a test's what proves it. `recomed policy map` prints this.\n\n\"In force\": the program keeps the rule by itself. \"In part\": it says what is kept and what is not. \"Not yet\": the operator keeps the\nclause by its own order of work, and the program does not help.\n",
    );
    let (mut unproven, none) = (Vec::new(), Vec::new());
    for rule in rules["rule"].as_array().unwrap_or(&none) {
        let word = |key: &str| rule[key].as_str().unwrap_or_default().trim().to_owned();
        let (said, state, but) = (word("rule"), word("state"), word("but"));
        let clauses: Vec<&str> = rule["clauses"].as_array().unwrap_or(&none).iter().filter_map(Value::as_str).collect();
        for clause in &clauses {
            if !known.contains(clause) || !ruled.insert((*clause).to_owned()) {
                faults.push(format!("{SOURCE}: clause {clause} is not in the policy, or has two rules"));
            }
        }
        if said.is_empty() || !STATES.contains(&state.as_str()) || (state == "in part") == but.is_empty() {
            faults.push(format!("{SOURCE}: {}: write rule, state ({}), and for a part of it `but`", clauses.join(", "), STATES.join(", ")));
        }
        map += &format!(
            "\n## {}\n\n{said}.\n\n**{}{}**{}\n",
            clauses.join(", "),
            state[..1].to_uppercase(),
            &state[1..],
            prefixed(": ", &but)
        );
        let all = |of: fn(&Proofs) -> Vec<&String>| -> BTreeSet<String> {
            clauses.iter().filter_map(|clause| proofs.get(*clause)).flat_map(of).cloned().collect()
        };
        let (functions, tests, checks) =
            (all(|of| of.functions.iter().collect()), all(|of| of.tests.iter().collect()), all(|of| of.checks.iter().collect()));
        for (what, places) in [("Kept by", &functions), ("Tested by", &tests), ("Asked by `recomed policy check`", &checks)] {
            if !places.is_empty() {
                map += &format!("\n- {what}: {}", places.iter().cloned().collect::<Vec<_>>().join("; "));
            }
        }
        map += if functions.is_empty() && tests.is_empty() && checks.is_empty() { "" } else { "\n" };
        if state != "not yet" && tests.is_empty() && checks.is_empty() {
            unproven.push(clauses.join(", "));
        }
    }
    // Sections are headings; each clause in them has its rule.
    faults.extend(
        known
            .iter()
            .filter(|clause| clause.contains('.') && !ruled.contains(**clause))
            .map(|clause| format!("{SOURCE}: clause {clause} has no rule")),
    );
    let most = rules["unproven_max"].as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or(0);
    if unproven.len() != most {
        faults.push(format!(
            "{SOURCE}: {} rules that are kept have neither test nor check ({}); unproven_max says {most}, and may only shrink",
            unproven.len(),
            unproven.join(" · ")
        ));
    }
    map += &format!(
        "\n## Kept, but neither tested nor asked\n\n{}\n",
        if unproven.is_empty() { "None.".to_owned() } else { unproven.join(" · ") }
    );
    if faults.is_empty() { Ok(map) } else { Err(faults) }
}

fn prefixed(prefix: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{prefix}{text}.") }
}

/// The invariants of `recomed policy check`: clause and name.
fn checks(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for verb in ["found(", "counted(", "warned("] {
        for rest in text.split(verb).skip(1) {
            let mut words = rest.split('"');
            if let (Some(before), Some(name), Some(between), Some(clause)) = (words.next(), words.next(), words.next(), words.next())
                && before.trim().is_empty()
                && between.trim() == ","
            {
                found.push((clause.to_owned(), name.to_owned()));
            }
        }
    }
    found
}

/// Where comments of a file name clauses: line, clause (of two numbers at most), place, and whether that is a test.
fn named(name: &str, text: &str) -> Vec<(usize, String, String, bool)> {
    let (lines, mut found, mut inline_tests) = (text.lines().collect::<Vec<_>>(), Vec::new(), false);
    let short = name.trim_start_matches("crates/").replace("/src/", "/").replace("/tests/", "/");
    for (at, line) in lines.iter().enumerate() {
        inline_tests |= line.trim() == "#[cfg(test)]";
        let Some((_, comment)) = line.split_once("//") else { continue };
        // An address in a string is no comment.
        if line.trim_start().starts_with("//") {
            let clauses = clauses(comment);
            if clauses.is_empty() {
                continue;
            }
            let item = if comment.starts_with('!') {
                None
            } else if comment.starts_with('/') {
                lines[at..]
                    .iter()
                    .find(|line| !line.trim_start().starts_with("//") && !line.trim_start().starts_with('#'))
                    .and_then(|line| item(line))
            } else {
                lines[..at].iter().rev().find_map(|line| item(line).filter(|_| line.contains("fn ")))
            };
            let test = inline_tests || name.contains("/tests/");
            let place = item.map_or_else(|| format!("`{short}`"), |item| format!("`{short}` {item}"));
            found.extend(clauses.into_iter().map(|clause| (at + 1, clause, place.clone(), test)));
        }
    }
    found
}

/// The name of what a line of code declares.
fn item(line: &str) -> Option<String> {
    let mut words = line.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).filter(|word| !word.is_empty());
    words.find(|word| ["fn", "struct", "enum", "const", "static", "trait", "type"].contains(word))?;
    words.find(|word| *word != "fn").map(str::to_owned)
}

/// The clauses that a comment names: after `clause` or `clauses`, numbers with commas or `and` between them, cut to two numbers.
fn clauses(comment: &str) -> Vec<String> {
    let mut found = Vec::new();
    // At the beginning of a sentence too.
    for rest in comment.replace("Clause", "clause").split("clause").skip(1) {
        let mut rest = rest.trim_start_matches('s').trim_start();
        loop {
            let end = rest.find(|letter: char| !(letter.is_ascii_digit() || letter == '.')).unwrap_or(rest.len());
            let number = rest[..end].trim_end_matches('.');
            if number.is_empty() {
                break;
            }
            found.push(number.split('.').take(2).collect::<Vec<_>>().join("."));
            let after = rest[end..].trim_start_matches(',').trim_start();
            rest = after.strip_prefix("and ").or_else(|| after.strip_prefix("to ")).unwrap_or(after);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_read_from_comments() {
        assert_eq!(clauses(" Who asks (clauses 2.1, 7.4.5 and 9.1): never"), ["2.1", "7.4", "9.1"]);
        assert_eq!(clauses(" the clause that is meant"), Vec::<String>::new());
        assert_eq!(clauses(" ends (clause 11.1)."), ["11.1"]);
    }

    #[test]
    fn a_place_is_what_is_declared_below_or_around() {
        let text = "//! A room (clause 1.1).\n/// Keeps it (clause 2.1).\n#[must_use]\npub async fn keep() {\n    // since (clause 2.2)\n}\n#[cfg(test)]\nmod tests {\n    /// (clause 2.3)\n    fn it_is_kept() {}\n}\n";
        let places: Vec<_> = named("crates/a/src/b.rs", text).into_iter().map(|(_, clause, place, test)| (clause, place, test)).collect();
        let of = |clause: &str, place: &str, test| (clause.to_owned(), place.to_owned(), test);
        assert_eq!(
            places,
            [
                of("1.1", "`a/b.rs`", false),
                of("2.1", "`a/b.rs` keep", false),
                of("2.2", "`a/b.rs` keep", false),
                of("2.3", "`a/b.rs` it_is_kept", true)
            ]
        );
    }

    #[test]
    fn invariants_are_found_with_their_clauses() {
        let text = "counted(\"nobody is\", \"6.1\", 1), found(\n   \"all stand\",\n  \"1.2\", x) fn found(name: &str)";
        assert_eq!(checks(text), [("1.2".to_owned(), "all stand".to_owned()), ("6.1".to_owned(), "nobody is".to_owned())]);
    }
}
