//! `recomed ledger`: what took place in a month, by clinic and tariff. It names no person, no doctor and no specialty.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use booking::{LEDGER_LINES_MAX, Month, SUMS_MAX};
use directory::catalogue::{Catalogue, OrganizationId};
use server::StartError;

use crate::{open_existing, read};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The month, as 2026-11
    #[arg(long)]
    month: String,
    /// Each visit's line with its number instead of the sums
    #[arg(long)]
    lines: bool,
    /// As CSV
    #[arg(long)]
    csv: bool,
    /// Settings in TOML
    #[arg(long)]
    config: Option<PathBuf>,
}

/// A clinic that is not in the directory any more is told by its id.
fn name(catalogue: &Catalogue, clinic: OrganizationId) -> String {
    catalogue.organization(clinic).map_or_else(|| clinic.to_string(), |clinic| clinic.names.ru.clone())
}

pub(crate) async fn run(args: Args) -> Result<ExitCode, StartError> {
    let Some(month) = Month::read(&args.month) else {
        eprintln!("recomed: --month `{}`: write year and month, as 2026-11", args.month);
        return Ok(ExitCode::from(2));
    };
    let (db, _keys) = open_existing(&read(args.config, false)?).await?;
    let catalogue = db.read("directory", |tx| Box::pin(directory::store::load(tx))).await?;
    let whole = if args.lines {
        let lines = db.read("ledger", move |tx| Box::pin(booking::ledger_lines(tx, month))).await?;
        if args.csv {
            print(&booking::lines_csv(month, &lines, |clinic| name(&catalogue, clinic)));
        } else {
            for line in &lines {
                let number = line.number.map_or_else(|| "no number".to_owned(), booking::number_shown);
                let (fee, tariff) = (web::money::price(line.fee.minor, &line.fee.currency), line.tariff.code());
                say!("{number}  {tariff}  {fee}  {}", name(&catalogue, line.clinic));
            }
            say!("visits: {}", lines.len());
        }
        lines.len() < LEDGER_LINES_MAX
    } else {
        let sums = db.read("ledger", move |tx| Box::pin(booking::ledger_sums(tx, month))).await?;
        if args.csv {
            print(&booking::sums_csv(month, &sums, |clinic| name(&catalogue, clinic)));
        } else {
            for sum in &sums {
                let (fees, tariff) = (web::money::price(sum.fees.minor, &sum.fees.currency), sum.tariff.code());
                say!("{:>7}  {tariff:<12}  {fees:>16}  {}", sum.visits, name(&catalogue, sum.clinic));
            }
            say!("visits: {}", sums.iter().map(|sum| sum.visits).sum::<i64>());
        }
        sums.len() < SUMS_MAX
    };
    if whole {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("recomed: the month has more than fits in one answer, and the rest was left out; ask the table ledger_line itself");
    Ok(ExitCode::from(1))
}

/// A reader that has gone away (`| head`) is no reason to stop.
fn print(csv: &str) {
    let _gone = std::io::stdout().write_all(csv.as_bytes());
}
