//! `recomed import csv`: one or several files, told as one.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use directory::import_csv::{import_csv_with, write_reference};
use server::{Settings, StartError};

use crate::open_existing;

/// A file larger than this is not an operator's list.
const IMPORT_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Refusals printed at most; files with more of them have one cause.
pub(crate) const REFUSED_SHOWN_MAX: usize = 1_000;
/// Files of one import at most.
const FILES_MAX: usize = 1_000;
/// Rows between two lines of progress.
const TOLD_ROWS: usize = 10_000;

/// Afterwards the directory says what the right rows of all these files say. Ends with 1 when a row was refused; a file that cannot be
/// read stops the import, what the files before it said stays.
pub(crate) async fn csv(settings: &Settings, given: &[PathBuf], demo: bool) -> Result<ExitCode, StartError> {
    let files = listed(given)?;
    let (db, _keys) = open_existing(settings).await?;
    db.run("reference", |tx| Box::pin(write_reference(tx))).await?;
    let (mut refused, mut shown) = (0, 0);
    for file in &files {
        let name = file.display();
        let bytes = read(file)?;
        let mut told = 0;
        let report = import_csv_with(&db, &bytes, demo, |written, total| {
            if written / TOLD_ROWS > told && total > TOLD_ROWS {
                told = written / TOLD_ROWS;
                eprintln!("{name}: {written} of {total} rows written");
            }
        })
        .await
        .map_err(|error| StartError(format!("{name}: {error}")))?;
        refused += report.refused.len();
        for refusal in report.refused.iter().take(REFUSED_SHOWN_MAX - shown) {
            eprintln!("{name}: {refusal}");
            shown += 1;
        }
        let line = if files.len() == 1 { report.to_string() } else { format!("{name}: {report}") };
        let _gone = writeln!(std::io::stdout(), "{line}");
    }
    if refused > shown {
        eprintln!("{} more faults are not shown", refused - shown);
    }
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The files themselves: a folder stands for its `*.csv` files in the order of their names.
fn listed(given: &[PathBuf]) -> Result<Vec<PathBuf>, StartError> {
    let mut files = Vec::new();
    for path in given {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let unread = |error: std::io::Error| StartError(format!("{}: the folder cannot be read: {error}", path.display()));
        let mut inside = Vec::new();
        for entry in std::fs::read_dir(path).map_err(unread)? {
            let file = entry.map_err(unread)?.path();
            if file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
                inside.push(file);
            }
        }
        if inside.is_empty() {
            return Err(StartError(format!("{}: no file in this folder ends in .csv; name the files themselves", path.display())));
        }
        inside.sort();
        files.append(&mut inside);
    }
    if files.len() > FILES_MAX {
        return Err(StartError(format!("{} files are too many for one import; at most {FILES_MAX}", files.len())));
    }
    Ok(files)
}

fn read(file: &Path) -> Result<Vec<u8>, StartError> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().take(IMPORT_BYTES_MAX + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(IMPORT_BYTES_MAX + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| StartError(format!("{}: the file cannot be read: {error}", file.display())))?;
    if bytes.len() as u64 > IMPORT_BYTES_MAX {
        return Err(StartError(format!("{}: the file is larger than 64 MiB; split it", file.display())));
    }
    Ok(bytes)
}
