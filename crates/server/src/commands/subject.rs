//! `recomed subject`: what the privacy officer does for a person who asks, without a browser. Each act is in the log.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use patients::Phone;
use privacy::consent::SheetRef;
use privacy::{ConsoleProof, KeyStore, Known, MasterKey, PersonId, Profile, Purpose};
use server::{Settings, StartError};

use crate::{open_existing, read};

/// Bytes of standard input that may be a phone number.
const PHONE_BYTES_MAX: u64 = 256;

#[derive(Subcommand)]
pub(crate) enum Act {
    /// List the people of a phone number: ids and how many visits each has
    Find {
        /// The phone number; `-` reads it from standard input, so that it stands in no list of processes
        phone: String,
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Write all that is known of a person to standard output, as JSON
    Export {
        /// The person's id, as `find` lists it
        id: String,
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Enter a letter by which a person takes a consent back: coming visits are called off, waiting messages are not sent
    Withdraw {
        /// The person's id, as `find` lists it
        id: String,
        /// Where the register has the letter: a number, like K-2026/117
        #[arg(long)]
        sheet: String,
        /// The purpose of the consent
        #[arg(long, default_value = "P1")]
        purpose: String,
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Erase a person: coming visits are called off, the key to their data is destroyed, backups included
    Erase {
        /// The person's id, as `find` lists it
        id: String,
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
}

pub(crate) async fn run(act: Act) -> Result<ExitCode, StartError> {
    match act {
        Act::Find { phone, config } => find(&read(config, false)?, &phone).await,
        Act::Export { id, config } => export(&read(config, false)?, &id).await,
        Act::Withdraw { id, sheet, purpose, config } => withdraw(&read(config, false)?, &id, &sheet, &purpose).await,
        Act::Erase { id, config } => erase(&read(config, false)?, &id).await,
    }
}

fn console(settings: &Settings, keys: &KeyStore) -> Result<ConsoleProof, StartError> {
    let master = MasterKey::read(&settings.master_key_file)?;
    keys.console(&master).ok_or_else(|| StartError("the master key is not the one of this key store".into()))
}

/// A phone number comes by argument or by standard input; what is wrong with it is said without it.
fn phone(given: &str) -> Result<Phone, StartError> {
    let mut typed = given.to_owned();
    if given == "-" {
        typed.clear();
        let mut input = std::io::stdin().take(PHONE_BYTES_MAX);
        input.read_to_string(&mut typed).map_err(|error| StartError(format!("standard input: {error}")))?;
    }
    Phone::parse_any(typed.trim(), true)
        .map_err(|_| StartError("this is not a phone number; write it with its country, as +7 000 123-45-67".into()))
}

async fn find(settings: &Settings, given: &str) -> Result<ExitCode, StartError> {
    let phone = phone(given)?;
    let (db, keys) = open_existing(settings).await?;
    let found = rights::find(&db, &keys, phone.e164(), console(settings, &keys)?).await?;
    for person in &found {
        say!("{}  visits: {}", person.person, person.visits);
    }
    if found.is_empty() {
        eprintln!("recomed: nobody with this phone number is known");
        return Ok(ExitCode::from(1));
    }
    Ok(ExitCode::SUCCESS)
}

async fn known(keys: &KeyStore, id: &str) -> Result<Known, StartError> {
    let person: PersonId =
        id.trim().parse().map_err(|_| StartError("this is not an id of a person; `recomed subject find PHONE` lists them".into()))?;
    let gone =
        || StartError("nobody with this id is known: erased already, or never here; `recomed subject find PHONE` lists who is".into());
    keys.known(person).await?.ok_or_else(gone)
}

async fn export(settings: &Settings, id: &str) -> Result<ExitCode, StartError> {
    let (db, keys) = open_existing(settings).await?;
    let known = known(&keys, id).await?;
    // The data of a demo have no operator of their own.
    let operator = settings.operator.as_ref();
    let profile = Profile::named(&settings.profile).map_err(|error| StartError(error.to_string()))?;
    let exported = rights::export(&db, &keys, &known, operator, &profile, console(settings, &keys)?).await;
    let exported = exported.map_err(|error| StartError(format!("nothing was exported: {error}")))?;
    say!("{exported}");
    Ok(ExitCode::SUCCESS)
}

async fn withdraw(settings: &Settings, id: &str, sheet: &str, purpose: &str) -> Result<ExitCode, StartError> {
    let sheet = SheetRef::parse(sheet)
        .ok_or_else(|| StartError("--sheet is the letter's number in the register, like K-2026/117; no names, no spaces".into()))?;
    let purpose =
        Purpose::from_code(purpose).ok_or_else(|| StartError("--purpose is none of the policy; write P1, which is booking".into()))?;
    let (db, keys) = open_existing(settings).await?;
    let known = known(&keys, id).await?;
    match rights::withdraw(&db, &known, purpose, &sheet, console(settings, &keys)?).await? {
        0 => {
            eprintln!("recomed: no consent of this person for {purpose} stands");
            Ok(ExitCode::from(1))
        }
        visits => {
            say!("withdrawn in visits: {visits}; what rested on it is stopped, and is destroyed by the term of the profile");
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn erase(settings: &Settings, id: &str) -> Result<ExitCode, StartError> {
    let (db, keys) = open_existing(settings).await?;
    let known = known(&keys, id).await?;
    let erased = rights::erase::erase(&db, &keys, &known, console(settings, &keys)?).await;
    let begun = erased.map_err(|error| {
        StartError(format!("the erasure is not done: {error}; run the command again, or leave the server running, which ends it"))
    })?;
    say!("erased; the act of destruction stands in the log under {}", begun.id);
    Ok(ExitCode::SUCCESS)
}
