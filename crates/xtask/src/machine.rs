//! What the tests need of the machine, and bringing it there through Debian's packages.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program or a set of files that a ring needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// The file list, and applying patches.
    Git,
    /// The database server's programs.
    Postgres,
    /// Node.js 18 or newer with npm.
    Node,
    /// A browser.
    Chromium,
    /// A font with Kazakh letters, for what the pages' own fonts do not cover.
    Fonts,
    /// The system-call tracer.
    Strace,
    /// A search engine, measured beside ours.
    Groonga,
    /// Python 3 with its virtual environments, for a peer of booking.
    Python,
}

impl Tool {
    /// The name for a person.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Git => "git",
            Self::Postgres => "PostgreSQL",
            Self::Node => "Node.js 18 with npm",
            Self::Chromium => "Chromium",
            Self::Fonts => "a font with Kazakh letters",
            Self::Strace => "strace",
            Self::Groonga => "Groonga",
            Self::Python => "Python 3 with venv",
        }
    }

    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Git => &["git"],
            Self::Postgres => &["postgresql"],
            Self::Node if on_path("node").is_some() => &["npm"],
            Self::Node => &["nodejs", "npm"],
            Self::Chromium => &["chromium"],
            Self::Fonts => &["fonts-dejavu-core"],
            Self::Strace => &["strace"],
            Self::Groonga => &["groonga"],
            Self::Python => &["python3", "python3-venv"],
        }
    }

    /// Whether it can be used now.
    pub(crate) fn is_here(self) -> bool {
        match self {
            Self::Git => on_path("git").is_some(),
            Self::Postgres => postgres_programs().is_some(),
            Self::Node => on_path("npm").is_some() && node_major().is_some_and(|major| major >= 18),
            Self::Chromium => chromium().is_some(),
            Self::Fonts => Path::new("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf").exists(),
            Self::Strace => on_path("strace").is_some(),
            Self::Groonga => on_path("groonga").is_some(),
            Self::Python => python_has_venv(),
        }
    }
}

/// Installs what is missing of `needed`, when this is Debian and we are root; otherwise says what to install.
pub(crate) fn install(needed: &[Tool]) {
    let missing: Vec<Tool> = needed.iter().copied().filter(|tool| !tool.is_here()).collect();
    let mut packages: Vec<&str> = missing.iter().flat_map(|tool| tool.packages()).copied().collect();
    packages.sort_unstable();
    packages.dedup();
    if packages.is_empty() {
        return;
    }
    if on_path("apt-get").is_none() || user_id("") != Some(0) {
        println!("missing here: {}; on Debian: apt-get install {}", names(&missing), packages.join(" "));
        return;
    }
    println!("installing: {}", packages.join(" "));
    let updated = apt_get(&["update", "-qq"]);
    if !(updated && apt_get_install(&packages)) {
        // One package that cannot be had must not keep the others away.
        for package in packages {
            if !apt_get_install(&[package]) {
                println!("could not be installed: {package}");
            }
        }
    }
}

fn names(tools: &[Tool]) -> String {
    tools.iter().map(|tool| tool.name()).collect::<Vec<_>>().join(", ")
}

fn apt_get_install(packages: &[&str]) -> bool {
    apt_get(&[&["install", "-y", "-qq", "--no-install-recommends"], packages].concat())
}

fn apt_get(arguments: &[&str]) -> bool {
    Command::new("apt-get")
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Where a program of this name stands on the PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The browser's program.
pub(crate) fn chromium() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(on_path)
}

/// The folder of PostgreSQL's server programs: Debian keeps them off the PATH, one folder per version; the newest is used.
pub(crate) fn postgres_programs() -> Option<PathBuf> {
    let complete = |folder: &Path| ["initdb", "postgres", "pg_isready"].iter().all(|program| folder.join(program).is_file());
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| complete(folder))
        .collect();
    versions.sort();
    let on_path = || on_path("initdb")?.parent().map(Path::to_path_buf).filter(|folder| complete(folder));
    versions.pop().map(|(_, folder)| folder).or_else(on_path)
}

fn python_has_venv() -> bool {
    // Debian keeps `ensurepip`, which a new environment needs, in a package of its own.
    Command::new("python3").args(["-c", "import venv, ensurepip"]).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn node_major() -> Option<u32> {
    let asked = Command::new("node").arg("--version").output().ok()?;
    String::from_utf8(asked.stdout).ok()?.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// The number of a user of this machine; of ourselves for an empty name.
pub(crate) fn user_id(name: &str) -> Option<u32> {
    let mut command = Command::new("id");
    command.arg("-u").stderr(Stdio::null());
    if !name.is_empty() {
        command.arg(name);
    }
    String::from_utf8(command.output().ok()?.stdout).ok()?.trim().parse().ok()
}
