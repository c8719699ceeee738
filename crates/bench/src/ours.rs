//! The program that is measured: its data folder with a directory of so many doctors, the server over it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Running, finish};

/// The catalogue's seed: everybody measures the same doctors.
const SEED: &str = "20261123";

/// Where a server keeps its data.
#[derive(Clone)]
pub(crate) struct Place {
    /// The folder.
    pub(crate) data: PathBuf,
    /// Settings beside the folder: another database.
    pub(crate) settings: Vec<(String, String)>,
    /// The partner's key.
    pub(crate) key: String,
}

/// A running server of ours.
pub(crate) struct Ours {
    /// The process.
    pub(crate) running: Running,
    /// The header that names the partner.
    pub(crate) bearer: String,
}

fn command(program: &Path, place: &Path, settings: &[(String, String)]) -> Command {
    let mut command = Command::new(program);
    command.env("RECOMED_DATA", place).env("RECOMED_LOG", "warn").env("RECOMED_LIMITS_REQUESTS_PER_SECOND", "1000000");
    command.envs(settings.iter().map(|(key, value)| (key, value)));
    command
}

/// Makes a data folder with so many doctors and a partner. One of the same program that is there already is kept.
///
/// # Errors
/// What the program said.
pub(crate) fn prepare(program: &Path, work: &Path, name: &str, doctors: usize, settings: &[(String, String)]) -> Result<Place, String> {
    let data = work.join(name);
    let mark = data.join("made");
    let built = std::fs::metadata(program).and_then(|file| file.modified()).map_err(|fault| format!("{}: {fault}", program.display()))?;
    let of = format!("{doctors} {built:?} {settings:?}");
    let place = |key: String| Place { data: data.clone(), settings: settings.to_vec(), key };
    if let Ok(text) = std::fs::read_to_string(&mark)
        && let Some((made, key)) = text.split_once('\n')
        && made == of
    {
        return Ok(place(key.trim().to_owned()));
    }
    println!("making a directory of {doctors} doctors: {name}");
    if data.exists() {
        std::fs::remove_dir_all(&data).map_err(|fault| format!("{}: {fault}", data.display()))?;
    }
    std::fs::create_dir_all(&data).map_err(|fault| format!("{}: {fault}", data.display()))?;
    finish(command(program, &data, settings).arg("migrate"))?;
    let files = work.join(format!("catalogue-{doctors}"));
    if files.exists() {
        std::fs::remove_dir_all(&files).map_err(|fault| format!("{}: {fault}", files.display()))?;
    }
    finish(Command::new(program).args(["generate", "--practitioners", &doctors.to_string(), "--seed", SEED, "--out"]).arg(&files))?;
    finish(command(program, &data, settings).args(["import", "csv", "--demo"]).arg(&files))?;
    let printed = finish(command(program, &data, settings).args(["partner", "add", "bench", "--scope", "search,book"]))?;
    let key = printed.split_whitespace().find(|word| word.starts_with("rcm_")).ok_or("partner add printed no key")?.to_owned();
    std::fs::write(&mark, format!("{of}\n{key}\n")).map_err(|fault| format!("{}: {fault}", mark.display()))?;
    Ok(place(key))
}

/// Starts the server over a data folder, and waits until it serves.
///
/// # Errors
/// Its last words.
pub(crate) fn start(program: &Path, place: &Place) -> Result<Ours, String> {
    let mut command = command(program, &place.data, &place.settings);
    command.args(["demo", "--listen", "127.0.0.1:0", "--data"]).arg(&place.data);
    let running = Running::greeted(command, &place.data.join("server.log"))?;
    Ok(Ours { running, bearer: format!("Bearer {}", place.key) })
}

/// A copy of a data folder, for work that must begin where other work began.
///
/// # Errors
/// When it cannot be copied.
pub(crate) fn copy(place: &Place, work: &Path, name: &str) -> Result<Place, String> {
    let data = work.join(name);
    if data.exists() {
        std::fs::remove_dir_all(&data).map_err(|fault| format!("{}: {fault}", data.display()))?;
    }
    finish(Command::new("cp").arg("-r").arg(&place.data).arg(&data))?;
    Ok(Place { data, ..place.clone() })
}
