//! What is built into the program: licences, forbidden crates, sources, as deny.toml says.
//!
//! cargo-deny is the richer reader of the same file and is asked too where it is installed; compiling it would take longer
//! than all the rings together.

use serde_json::Value;

use crate::ground::Ground;
use crate::machine;
use crate::ring::Outcome;

/// Checks the whole graph of Cargo.lock.
///
/// # Errors
/// When deny.toml cannot be read.
pub(crate) fn run(ground: &Ground) -> Result<Outcome, String> {
    let text = std::fs::read_to_string(ground.root.join("deny.toml")).map_err(|fault| format!("deny.toml: {fault}"))?;
    let rules = Rules::read(&text)?;
    let none = Vec::new();
    let packages = ground.metadata["packages"].as_array().unwrap_or(&none);
    let mut outcome = Outcome::default();
    outcome.check("licences", &packages.iter().filter_map(|package| rules.licence(package)).collect::<Vec<_>>());
    outcome.check("no forbidden crate", &packages.iter().filter_map(|package| rules.ban(package)).collect::<Vec<_>>());
    outcome.check("versions are named", &packages.iter().flat_map(wildcards).collect::<Vec<_>>());
    outcome.check("sources", &packages.iter().filter_map(|package| rules.source(package)).collect::<Vec<_>>());
    if machine::on_path("cargo-deny").is_some() {
        let status = ground
            .cargo()
            .args(["deny", "--locked", "check", "licenses", "bans", "sources"])
            .status()
            .map_err(|fault| fault.to_string())?;
        let faults = if status.success() { vec![] } else { vec!["see above".to_owned()] };
        outcome.check("cargo deny check licenses bans sources", &faults);
    } else {
        println!("        (cargo-deny is not installed: deny.toml was read by xtask alone)");
    }
    Ok(outcome)
}

struct Rules {
    licences: Vec<String>,
    /// Crate and reason.
    bans: Vec<(String, String)>,
    registries: Vec<String>,
}

impl Rules {
    fn read(text: &str) -> Result<Self, String> {
        let table: toml::Table = text.parse().map_err(|fault| format!("deny.toml: {fault}"))?;
        let list = |section: &str, key: &str| {
            table
                .get(section)
                .and_then(|section| section.get(key)?.as_array())
                .ok_or_else(|| format!("deny.toml: [{section}] {key} is missing"))
        };
        let strings = |section: &str, key: &str| -> Result<Vec<String>, String> {
            Ok(list(section, key)?.iter().filter_map(|value| value.as_str().map(String::from)).collect())
        };
        let bans = list("bans", "deny")?
            .iter()
            .map(|ban| {
                let field = |key: &str| ban.get(key).and_then(toml::Value::as_str).map(String::from);
                Ok((
                    field("crate").ok_or("deny.toml: [bans] deny: an entry without crate")?,
                    field("reason").ok_or("deny.toml: [bans] deny: an entry without reason")?,
                ))
            })
            .collect::<Result<_, String>>()?;
        Ok(Self { licences: strings("licenses", "allow")?, bans, registries: strings("sources", "allow-registry")? })
    }

    fn licence(&self, package: &Value) -> Option<String> {
        if package["source"].is_null() && package["publish"].as_array().is_some_and(Vec::is_empty) {
            return None;
        }
        let name = &package["name"];
        match package["license"].as_str() {
            None => Some(format!("{name} names no licence")),
            Some(expression) => match allowed(expression, &self.licences) {
                Some(true) => None,
                Some(false) => Some(format!("{name}: {expression} is not allowed in deny.toml")),
                None => Some(format!("{name}: {expression} cannot be read")),
            },
        }
    }

    fn ban(&self, package: &Value) -> Option<String> {
        let name = package["name"].as_str()?;
        let (_, reason) = self.bans.iter().find(|(banned, _)| banned == name)?;
        Some(format!("{name}: {reason}"))
    }

    fn source(&self, package: &Value) -> Option<String> {
        let source = package["source"].as_str()?;
        let known = source.strip_prefix("registry+").is_some_and(|registry| self.registries.iter().any(|allowed| allowed == registry));
        (!known).then(|| format!("{}: comes from {source}", package["name"]))
    }
}

fn wildcards(package: &Value) -> Vec<String> {
    if !package["source"].is_null() {
        return vec![];
    }
    let none = Vec::new();
    let free = |dependency: &&Value| dependency["req"] == "*" && dependency["path"].is_null();
    let found = package["dependencies"].as_array().unwrap_or(&none).iter().filter(free);
    found.map(|dependency| format!("{} takes any version of {}", package["name"], dependency["name"])).collect()
}

/// Whether an SPDX expression can be satisfied by the allowed licences; `None` when it cannot be read. The old `/` means OR.
fn allowed(expression: &str, licences: &[String]) -> Option<bool> {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let verdict = either(&words, &mut at, licences)?;
    (at == words.len()).then_some(verdict)
}

fn either(words: &[&str], at: &mut usize, licences: &[String]) -> Option<bool> {
    let mut verdict = both(words, at, licences)?;
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        verdict |= both(words, at, licences)?;
    }
    Some(verdict)
}

fn both(words: &[&str], at: &mut usize, licences: &[String]) -> Option<bool> {
    let mut verdict = one(words, at, licences)?;
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        verdict &= one(words, at, licences)?;
    }
    Some(verdict)
}

fn one(words: &[&str], at: &mut usize, licences: &[String]) -> Option<bool> {
    let word = *words.get(*at)?;
    *at += 1;
    if word == "(" {
        let verdict = either(words, at, licences)?;
        let closed = words.get(*at) == Some(&")");
        *at += 1;
        return closed.then_some(verdict);
    }
    if ["OR", "AND", "WITH", ")"].contains(&word) {
        return None;
    }
    let mut licence = word.to_owned();
    if words.get(*at) == Some(&"WITH") {
        licence = format!("{word} WITH {}", words.get(*at + 1)?);
        *at += 2;
    }
    Some(licences.contains(&licence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_weighed() {
        let licences = ["MIT", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"].map(String::from);
        for (expression, verdict) in [
            ("MIT", Some(true)),
            ("MIT OR GPL-3.0", Some(true)),
            ("MIT/Apache-2.0", Some(true)),
            ("MIT AND GPL-3.0", Some(false)),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", Some(true)),
            ("GPL-3.0 OR MIT AND BSD-3-Clause", Some(false)),
            ("Apache-2.0 WITH LLVM-exception", Some(true)),
            ("Apache-2.0", Some(false)),
            ("MIT OR", None),
            ("(MIT", None),
            ("MIT MIT", None),
        ] {
            assert_eq!(allowed(expression, &licences), verdict, "{expression}");
        }
    }

    #[test]
    fn a_banned_crate_and_a_strange_source_are_told_with_their_reasons() {
        let rules = Rules::read(
            "[licenses]\nallow = []\n[bans]\ndeny = [{ crate = \"a\", reason = \"because\" }]\n\
             [sources]\nallow-registry = [\"https://good\"]\n",
        )
        .unwrap();
        let package = serde_json::json!({ "name": "a", "source": "git+https://good", "license": null });
        assert_eq!(rules.ban(&package).unwrap(), "a: because");
        assert!(rules.source(&package).is_some());
        assert!(rules.licence(&package).is_some());
        let ours = serde_json::json!({ "name": "b", "source": null, "publish": [], "license": null,
            "dependencies": [{ "name": "c", "req": "*", "path": null }] });
        assert_eq!((rules.licence(&ours), rules.source(&ours), wildcards(&ours).len()), (None, None, 1));
    }
}
