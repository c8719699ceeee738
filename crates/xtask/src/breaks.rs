//! Proof that the tests see: each break is a patch that spoils one invariant, and the test that must turn red under it.
//!
//! The breaks are tried in a copy of the tree with a build folder of its own, so that nothing spoiled can reach the main
//! one. That folder begins with a copy of what the main one holds of the registry's crates, which no patch touches.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::cargo_tests;
use crate::ground::Ground;
use crate::ring::Outcome;
use crate::tidy;

/// How long one build and one test may take together.
const TRIAL_SECONDS_MAX: &str = "900";

/// One entry of tests/breaks/breaks.toml.
#[derive(Debug, PartialEq, Eq)]
struct Break {
    /// The invariant that the patch spoils, as in ARCHITECTURE.md.
    invariant: String,
    /// The patch's file name.
    patch: String,
    /// The crate whose test must see it.
    package: String,
    /// Where that test stands: `lib`, or the name of a file in the crate's `tests/`.
    target: String,
    /// The test's whole name.
    test: String,
    /// The file that the patch changes.
    patches: String,
}

/// How a test ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Passed,
    /// Its own assertion failed.
    Failed,
    /// It never got so far: the reason.
    Unclear(&'static str),
}

/// Shows, for every break, that its test passes without the patch and fails with it.
///
/// # Errors
/// When the list or the tree cannot be read or copied.
pub(crate) fn run(ground: &Ground) -> Result<Outcome, String> {
    let breaks = list(ground)?;
    if breaks.is_empty() {
        return Ok(Outcome::impossible("no break is listed"));
    }
    let build = ground.target.join("breaks");
    let tree = build.join("tree");
    copy_tree(ground, &tree)?;
    seed(ground, &build)?;
    let trial = Trial { ground, tree: &tree, build: &build };

    // First every test as it is: one build serves them all. Then patch by patch.
    let sound = breaks.iter().map(|entry| trial.test(entry)).collect::<Result<Vec<End>, String>>()?;
    let mut outcome = Outcome::default();
    for (entry, sound) in breaks.iter().zip(sound) {
        let faults = match sound {
            End::Passed => trial.spoiled(entry)?,
            End::Failed => vec![format!("{} fails without the patch", entry.test)],
            End::Unclear(why) => vec![format!("without the patch: {why}")],
        };
        outcome.check(&format!("{}: {} turns {} red", entry.invariant, entry.patch, entry.test), &faults);
    }
    Ok(outcome)
}

/// What is wrong with the list itself: patches that are not listed, listed ones that no longer apply.
///
/// # Errors
/// When the list cannot be read.
pub(crate) fn stale(ground: &Ground) -> Result<Vec<String>, String> {
    let breaks = list(ground)?;
    let mut faults = Vec::new();
    for entry in &breaks {
        let patch = folder(ground).join(&entry.patch);
        match std::fs::read_to_string(&patch) {
            Err(fault) => faults.push(format!("{}: {fault}", entry.patch)),
            Ok(text) if !text.contains(&format!("+++ b/{}\n", entry.patches)) => {
                faults.push(format!("{} does not change {}", entry.patch, entry.patches));
            }
            Ok(_) if !tidy::applies(ground, &patch)? => faults.push(format!("{} does not apply any more", entry.patch)),
            Ok(_) => {}
        }
    }
    let listed = |name: &str| breaks.iter().any(|entry| entry.patch == name);
    for name in ground.files()?.iter().filter_map(|name| name.strip_prefix("tests/breaks/")) {
        if name.ends_with(".patch") && !listed(name) {
            faults.push(format!("{name} is not in breaks.toml"));
        }
    }
    Ok(faults)
}

fn folder(ground: &Ground) -> PathBuf {
    ground.root.join("tests").join("breaks")
}

fn list(ground: &Ground) -> Result<Vec<Break>, String> {
    let file = folder(ground).join("breaks.toml");
    let text = std::fs::read_to_string(&file).map_err(|fault| format!("{}: {fault}", file.display()))?;
    read(&text)
}

fn read(text: &str) -> Result<Vec<Break>, String> {
    let table: toml::Table = text.parse().map_err(|fault| format!("breaks.toml: {fault}"))?;
    let Some(entries) = table.get("break") else {
        return Ok(vec![]);
    };
    let entries = entries.as_array().ok_or("breaks.toml: write [[break]]")?;
    let entry = |entry: &toml::Value| {
        let field = |key: &str| {
            entry.get(key).and_then(toml::Value::as_str).map(String::from).ok_or_else(|| format!("breaks.toml: an entry without {key}"))
        };
        Ok(Break {
            invariant: field("invariant")?,
            patch: field("patch")?,
            package: field("package")?,
            target: field("target")?,
            test: field("test")?,
            patches: field("patches")?,
        })
    };
    entries.iter().map(entry).collect()
}

struct Trial<'a> {
    ground: &'a Ground,
    tree: &'a Path,
    build: &'a Path,
}

impl Trial<'_> {
    /// Applies the patch, runs the test, puts the file back.
    fn spoiled(&self, entry: &Break) -> Result<Vec<String>, String> {
        let file = self.tree.join(&entry.patches);
        let fault = |fault: std::io::Error| format!("{}: {fault}", entry.patches);
        let whole = std::fs::read(&file).map_err(fault)?;
        let applied = Command::new("git")
            .arg("apply")
            .arg(folder(self.ground).join(&entry.patch))
            .current_dir(self.tree)
            // The copy may lie inside a work tree; git would then take the paths as that one's and skip them silently.
            .env("GIT_CEILING_DIRECTORIES", self.build)
            .status()
            .map_err(|fault| format!("git: {fault}"))?;
        if !applied.success() {
            return Ok(vec!["the patch does not apply".into()]);
        }
        if std::fs::read(&file).map_err(fault)? == whole {
            return Ok(vec![format!("the patch does not change {}", entry.patches)]);
        }
        let end = self.test(entry);
        // Written anew, so that its time is later than the spoiled build's: cargo compiles it again.
        std::fs::write(&file, whole).map_err(fault)?;
        Ok(match end? {
            End::Failed => vec![],
            End::Passed => vec!["the test does not see it".into()],
            End::Unclear(why) => vec![why.into()],
        })
    }

    fn test(&self, entry: &Break) -> Result<End, String> {
        // A spoiled program may wait for ever.
        let mut command = Command::new("timeout");
        command.args([TRIAL_SECONDS_MAX, "cargo"]).current_dir(self.tree);
        self.ground.describe_to(&mut command);
        command.env("CARGO_TARGET_DIR", self.build).args(["test", "--locked", "--profile", "ci"]);
        if entry.target == "lib" {
            command.args(["--package", &entry.package, "--lib"]);
        } else {
            // The whole workspace selects the same features as the other rings do, so what they compiled fits.
            command.args(["--workspace", "--test", &entry.target]);
        }
        command.args(["--", "--exact", &entry.test]);
        let mut lines = Vec::new();
        cargo_tests::follow(&mut command, |line| lines.push(line.to_owned()))?;
        let end = end_of(&entry.test, &lines);
        if matches!(end, End::Unclear(_)) {
            let tail = lines.len().saturating_sub(40);
            println!("{}", lines[tail..].join("\n"));
        }
        Ok(end)
    }
}

/// Reads from a test program's output how the named test ended.
fn end_of(test: &str, lines: &[String]) -> End {
    if lines.iter().any(|line| line.starts_with("error: could not compile") || line.starts_with("error[E")) {
        return End::Unclear("it does not compile");
    }
    // What a test prints may stand between its name and its verdict; the closing lines are the harness's own.
    let asserted = lines.iter().any(|line| line.trim() == format!("---- {test} stdout ----"));
    let ran = lines.iter().any(|line| line.starts_with(&format!("test {test} ... ")));
    if asserted && lines.iter().any(|line| line.starts_with("test result: FAILED")) {
        End::Failed
    } else if !ran {
        End::Unclear("no test of that name ran")
    } else if lines.iter().any(|line| line.starts_with("test result: ok. 1 passed")) {
        End::Passed
    } else {
        End::Unclear("the test ended without a verdict")
    }
}

/// Makes `tree` equal to the work tree. A file is written only when its bytes differ: its time then says so to cargo.
fn copy_tree(ground: &Ground, tree: &Path) -> Result<(), String> {
    let fault = |name: &Path, fault: std::io::Error| format!("{}: {fault}", name.display());
    let wanted = ground.files()?;
    for name in &wanted {
        let (from, to) = (ground.root.join(name), tree.join(name));
        let bytes = std::fs::read(&from).map_err(|what| fault(&from, what))?;
        if std::fs::read(&to).is_ok_and(|there| there == bytes) {
            continue;
        }
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).map_err(|what| fault(parent, what))?;
        }
        std::fs::write(&to, bytes).map_err(|what| fault(&to, what))?;
    }
    let mut there = Vec::new();
    walk(tree, &mut there).map_err(|what| fault(tree, what))?;
    for file in there {
        let name = file.strip_prefix(tree).ok().and_then(Path::to_str).unwrap_or("");
        if wanted.binary_search_by(|wanted| wanted.as_str().cmp(name)).is_err() {
            std::fs::remove_file(&file).map_err(|what| fault(&file, what))?;
        }
    }
    Ok(())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// Copies what the main build folder holds of the registry's crates, once: bytes and times, no links, so that neither
/// folder can change the other.
fn seed(ground: &Ground, build: &Path) -> Result<(), String> {
    let (from, to) = (ground.target.join("ci"), build.join("ci"));
    if to.join("deps").exists() || !from.join("deps").exists() {
        return Ok(());
    }
    let none = Vec::new();
    let mut ours = Vec::new();
    for package in ground.metadata["packages"].as_array().unwrap_or(&none) {
        if package["source"].is_null() {
            ours.extend(package["name"].as_str().map(|name| name.replace('-', "_")));
            let targets = package["targets"].as_array().unwrap_or(&none);
            ours.extend(targets.iter().filter_map(|target| target["name"].as_str()).map(|name| name.replace('-', "_")));
        }
    }
    for part in ["deps", "build", ".fingerprint"] {
        let mut files = Vec::new();
        walk(&from.join(part), &mut files).map_err(|fault| format!("{}: {fault}", from.display()))?;
        for file in files {
            let Ok(relative) = file.strip_prefix(&from) else {
                continue;
            };
            let unit = relative.components().nth(1).and_then(|unit| unit.as_os_str().to_str()).unwrap_or("");
            if !is_ours(unit, &ours) {
                copy_with_time(&file, &to.join(relative)).map_err(|fault| format!("{}: {fault}", file.display()))?;
            }
        }
    }
    Ok(())
}

/// Whether `libbooking-0f….rlib`, `booking-0f…` and the like belong to one of our crates.
fn is_ours(unit: &str, ours: &[String]) -> bool {
    let name = unit.rsplit_once('-').map_or(unit, |(name, _)| name).replace('-', "_");
    let bare = name.strip_prefix("lib").unwrap_or(&name);
    ours.iter().any(|own| *own == name || own == bare)
}

fn copy_with_time(from: &Path, to: &Path) -> std::io::Result<()> {
    if let Some(parent) = to.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::copy(from, to)?;
    let time = from.metadata()?.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    std::fs::File::options().append(true).open(to)?.set_modified(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(String::from).collect()
    }

    #[test]
    fn an_end_is_red_only_by_the_tests_own_assertion() {
        let red = "running 1 test\ntest a::b ... FAILED\n\nfailures:\n\n---- a::b stdout ----\n\n\
                   thread 'a::b' panicked at src/lib.rs:3:5:\nassertion failed\n\n\
                   test result: FAILED. 0 passed; 1 failed; 0 ignored";
        assert_eq!(end_of("a::b", &lines(red)), End::Failed);
        assert_eq!(end_of("a::c", &lines(red)), End::Unclear("no test of that name ran"));
        let green = "running 1 test\ntest a::b ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored";
        assert_eq!(end_of("a::b", &lines(green)), End::Passed);
        let broken = "error[E0308]: mismatched types\nerror: could not compile `a` (lib test) due to 1 previous error";
        assert_eq!(end_of("a::b", &lines(broken)), End::Unclear("it does not compile"));
        let killed = "running 1 test\ntest a::b ... error: test failed, to rerun pass `--lib`";
        assert_eq!(end_of("a::b", &lines(killed)), End::Unclear("the test ended without a verdict"));
    }

    #[test]
    fn an_entry_says_everything() {
        let text = "[[break]]\ninvariant = \"I1\"\npatch = \"a.patch\"\npackage = \"booking\"\ntarget = \"races\"\n\
                    test = \"one_wins\"\npatches = \"crates/booking/src/store.rs\"\n";
        assert_eq!(read(text).unwrap().len(), 1);
        assert!(read("[[break]]\ninvariant = \"I1\"\n").unwrap_err().contains("patch"));
        assert_eq!(read("# none yet\n").unwrap(), []);
    }

    #[test]
    fn our_crates_are_told_from_the_registrys() {
        let ours = ["booking", "db"].map(String::from);
        for (unit, expected) in [
            ("libbooking-0f3a.rlib", true),
            ("booking-0f3a", true),
            ("libdb-1.rmeta", true),
            ("libdbus-1.rlib", false),
            ("libsqlite3-sys-77", false),
            ("serde_json-12.d", false),
        ] {
            assert_eq!(is_ours(unit, &ours), expected, "{unit}");
        }
    }

    /// A work tree of one small crate, whose test guards one rule.
    fn small_tree() -> Ground {
        let root = std::env::temp_dir().join(format!("recomed-breaks-{}", std::process::id()));
        let _fresh = std::fs::remove_dir_all(&root);
        let write = |name: &str, text: &str| {
            std::fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            std::fs::write(root.join(name), text).unwrap();
        };
        write("Cargo.toml", "[package]\nname = \"rule\"\nedition = \"2024\"\n[workspace]\n[profile.ci]\ninherits = \"dev\"\n");
        write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"rule\"\nversion = \"0.0.0\"\n");
        write("src/lib.rs", "pub fn free(taken: bool) -> bool {\n    !taken\n}\n");
        write(
            "tests/rules.rs",
            "#[test]\nfn taken_is_not_free() {\n    assert!(!rule::free(true));\n}\n\
             #[test]\nfn sees_nothing() {}\n#[test]\nfn red() {\n    panic!()\n}\n",
        );
        let patch = |line: &str| {
            format!(
                "--- a/src/lib.rs\n+++ b/src/lib.rs\n@@ -1,3 +1,3 @@\n pub fn free(taken: bool) -> bool {{\n-    !taken\n+    {line}\n }}\n"
            )
        };
        write("tests/breaks/always-free.patch", &patch("taken || !taken"));
        write("tests/breaks/torn.patch", &patch("taken +"));
        write("tests/breaks/rotten.patch", &patch("true").replace("-    !taken", "-    taken == false"));
        let entry = |patch: &str, test: &str| {
            format!(
                "[[break]]\ninvariant = \"I0\"\npatch = \"{patch}.patch\"\npackage = \"rule\"\ntarget = \"rules\"\n\
                 test = \"{test}\"\npatches = \"src/lib.rs\"\n"
            )
        };
        let breaks = [
            ("always-free", "taken_is_not_free"),
            ("always-free", "sees_nothing"),
            ("always-free", "red"),
            ("always-free", "is_not_there"),
            ("torn", "taken_is_not_free"),
            ("rotten", "taken_is_not_free"),
        ];
        write("tests/breaks/breaks.toml", &breaks.map(|(patch, test)| entry(patch, test)).concat());
        let made = Command::new("git").args(["init", "-q"]).current_dir(&root).status().unwrap();
        assert!(made.success());
        let mut ground = Ground::survey_in(&root).unwrap();
        // Where a build folder stands by default: within the work tree, which git apply must not mistake for the copy.
        ground.target = root.join("target");
        std::fs::write(root.join(".gitignore"), "/target/\n").unwrap();
        ground
    }

    #[test]
    fn only_a_patch_that_its_own_test_sees_is_a_break() {
        let ground = small_tree();
        let outcome = run(&ground).unwrap();
        assert_eq!((outcome.passed, outcome.failed), (1, 5));
        let copy = ground.target.join("breaks/tree/src/lib.rs");
        assert_eq!(std::fs::read(copy).unwrap(), std::fs::read(ground.root.join("src/lib.rs")).unwrap());
        assert_eq!(stale(&ground).unwrap(), ["rotten.patch does not apply any more"]);
        std::fs::remove_dir_all(&ground.root).unwrap();
    }
}
