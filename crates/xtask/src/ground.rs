//! Where the rings run: the repository, its build folder, the built program.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// What a ring may need to know of its surroundings.
pub(crate) struct Ground {
    /// The repository's top folder.
    pub(crate) root: PathBuf,
    /// cargo's build folder, absolute.
    pub(crate) target: PathBuf,
    /// What `cargo metadata` says of the whole graph.
    pub(crate) metadata: Value,
    /// Whether something that cannot be run is a failure (`CI=true`).
    pub(crate) ci: bool,
    /// The test server's address, once it runs.
    pub(crate) postgres: Option<String>,
}

impl Ground {
    /// Reads the surroundings by asking cargo.
    ///
    /// # Errors
    /// When `cargo metadata` fails: its own words.
    pub(crate) fn survey() -> Result<Self, String> {
        Self::survey_in(Path::new("."))
    }

    /// The same for the workspace that holds this folder.
    ///
    /// # Errors
    /// As [`Ground::survey`].
    pub(crate) fn survey_in(folder: &Path) -> Result<Self, String> {
        let asked = Command::new("cargo")
            .args(["metadata", "--format-version", "1", "--locked"])
            .current_dir(folder)
            .stderr(Stdio::inherit())
            .output()
            .map_err(|fault| format!("cargo cannot be started: {fault}"))?;
        if !asked.status.success() {
            return Err("cargo metadata --locked failed: is Cargo.lock up to date?".into());
        }
        let metadata: Value = serde_json::from_slice(&asked.stdout).map_err(|fault| format!("cargo metadata: {fault}"))?;
        let folder = |key: &str| metadata[key].as_str().map(PathBuf::from).ok_or_else(|| format!("cargo metadata has no {key}"));
        Ok(Self {
            root: folder("workspace_root")?,
            target: folder("target_directory")?,
            ci: std::env::var("CI").is_ok_and(|value| value == "true" || value == "1"),
            postgres: None,
            metadata,
        })
    }

    /// A cargo command in the repository, with the address of PostgreSQL for the tests.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new("cargo");
        command.current_dir(&self.root);
        self.describe_to(&mut command);
        command
    }

    /// Gives a command what the tests read from their environment.
    pub(crate) fn describe_to(&self, command: &mut Command) {
        command.env("CARGO_TERM_COLOR", "never");
        if let Some(address) = &self.postgres {
            command.env("RECOMED_TEST_POSTGRES", address);
        }
    }

    /// The program under test: the one that `RECOMED_TEST_PROGRAM` names, or else built in the profile that every ring
    /// shares.
    ///
    /// # Errors
    /// When it does not compile.
    pub(crate) fn program(&self) -> Result<PathBuf, String> {
        if let Some(program) = std::env::var_os("RECOMED_TEST_PROGRAM") {
            return Ok(PathBuf::from(program));
        }
        // The same selection as the tests: another one would unify features differently and compile everything again.
        let built = self
            .cargo()
            .args(["build", "--locked", "--workspace", "--profile", "ci"])
            .status()
            .map_err(|fault| format!("cargo cannot be started: {fault}"))?;
        let program = self.target.join("ci").join("recomed");
        if built.success() && program.is_file() { Ok(program) } else { Err("the program could not be built".into()) }
    }

    /// Files that git tracks or would track, relative to the top folder.
    ///
    /// # Errors
    /// When git is missing or this is no work tree.
    pub(crate) fn files(&self) -> Result<Vec<String>, String> {
        let asked = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(&self.root)
            .output()
            .map_err(|fault| format!("git cannot be started: {fault}"))?;
        if !asked.status.success() {
            return Err("git ls-files failed: the tests need a git work tree".into());
        }
        let mut names: Vec<String> = String::from_utf8_lossy(&asked.stdout)
            .split('\0')
            .filter(|name| !name.is_empty() && self.root.join(name).is_file())
            .map(String::from)
            .collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// A new empty folder for one ring's files, below the system's temporary folder.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub(crate) fn scratch(&self, ring: &str) -> Result<PathBuf, String> {
        let folder = std::env::temp_dir().join(format!("recomed-{ring}-{}", std::process::id()));
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(|fault| format!("{}: {fault}", folder.display()))?;
        }
        std::fs::create_dir_all(&folder).map_err(|fault| format!("{}: {fault}", folder.display()))?;
        Ok(folder)
    }
}
