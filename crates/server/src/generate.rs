//! `recomed generate`: an invented catalogue as files that `recomed import csv` reads.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use directory::generate::files;
use server::StartError;

/// Afterwards the folder, which was empty or not there, holds `doctors-0001.csv` and so on. What was written before a failure stays.
pub(crate) fn generate(practitioners: u64, seed: u64, out: &Path) -> Result<ExitCode, StartError> {
    let fault = |error: std::io::Error| StartError(format!("{}: cannot be written: {error}", out.display()));
    std::fs::create_dir_all(out).map_err(fault)?;
    if std::fs::read_dir(out).map_err(fault)?.next().is_some() {
        return Err(StartError(format!("{}: the folder is not empty; name an empty or a new one", out.display())));
    }
    let (mut written, mut bytes) = (0, 0);
    for (number, file) in (1..).zip(files(practitioners, seed)) {
        std::fs::write(out.join(format!("doctors-{number:04}.csv")), &file.bytes).map_err(fault)?;
        (written, bytes) = (number, bytes + file.bytes.len());
        eprintln!("{} of {practitioners} doctors", file.practitioners);
    }
    let _gone = writeln!(
        std::io::stdout(),
        "{practitioners} doctors in {written} files, {} MiB; import them: recomed import csv --demo {}",
        bytes >> 20,
        out.display()
    );
    Ok(ExitCode::SUCCESS)
}
