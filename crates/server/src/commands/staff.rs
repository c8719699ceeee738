//! `recomed staff`: who works with the program. The first of them is added here; later the operator has pages for it.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use access::{AddError, By, NewStaff, Role};
use clap::Subcommand;
use clock::Timestamp;
use db::{Db, DbError};
use directory::catalogue::{Catalogue, OrganizationId, PractitionerId};
use privacy::Profile;
use server::{Settings, StartError};

use crate::{open_existing, read};

#[derive(Subcommand)]
pub(crate) enum Act {
    /// Add somebody and print the link by which they come in, once
    Add(Box<Add>),
    /// List them
    List {
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Take every way to sign in away from somebody and print a new link, once
    Link {
        /// Their login
        login: String,
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// End somebody's access, at once
    End {
        /// Their login
        login: String,
        /// Settings in TOML
        #[arg(long)]
        config: Option<PathBuf>,
    },
}

#[derive(clap::Args)]
pub(crate) struct Add {
    /// Small letters, digits, `.`, `-`, `_`, a letter first
    login: String,
    /// agent, supervisor, registrar, doctor, operator, privacy-officer, auditor, content
    #[arg(long)]
    role: String,
    /// As colleagues know them; the login without it
    #[arg(long)]
    name: Option<String>,
    /// The clinic's id; for doctors and registrars
    #[arg(long)]
    clinic: Option<String>,
    /// The doctor's id; for doctors
    #[arg(long)]
    practitioner: Option<String>,
    /// Reference of the contract; for auditors
    #[arg(long)]
    contract: Option<String>,
    /// The last day of access, YYYY-MM-DD in UTC; for auditors
    #[arg(long)]
    until: Option<String>,
    /// Settings in TOML
    #[arg(long)]
    config: Option<PathBuf>,
}

pub(crate) async fn run(act: Act) -> Result<ExitCode, StartError> {
    match act {
        Act::Add(add) => {
            let settings = read(add.config.clone(), false)?;
            add_staff(&settings, *add).await
        }
        Act::List { config } => list(&read(config, false)?).await,
        Act::Link { login, config } => link(&read(config, false)?, login).await,
        Act::End { login, config } => end(&read(config, false)?, login).await,
    }
}

/// The id after an option, if the directory has it.
fn known<T: std::str::FromStr>(option: &str, id: Option<&str>, there: impl Fn(&T) -> bool) -> Result<Option<T>, StartError> {
    let Some(id) = id else { return Ok(None) };
    match id.trim().parse::<T>() {
        Ok(id) if there(&id) => Ok(Some(id)),
        _ => Err(StartError(format!("{option} `{id}`: the directory has no such id; it stands in the address of the page"))),
    }
}

async fn catalogue(db: &Db) -> Result<Catalogue, DbError> {
    db.read("directory", |tx| Box::pin(directory::store::load(tx))).await
}

async fn add_staff(settings: &Settings, add: Add) -> Result<ExitCode, StartError> {
    let Some(role) = Role::from_code(add.role.trim()) else {
        let all: Vec<&str> = Role::ALL.into_iter().map(Role::code).collect();
        eprintln!("recomed: --role `{}` is not known; choose from {}", add.role, all.join(", "));
        return Ok(ExitCode::from(2));
    };
    let until = match add.until.as_deref().map(str::trim) {
        None => None,
        Some(day) => {
            // The day itself still counts.
            let end = day
                .parse::<jiff::civil::Date>()
                .ok()
                .and_then(|day| day.tomorrow().ok())
                .and_then(|next| next.to_zoned(jiff::tz::TimeZone::UTC).ok());
            let Some(end) = end else {
                eprintln!("recomed: --until `{day}`: write a day like 2026-12-31");
                return Ok(ExitCode::from(2));
            };
            Some(Timestamp::from(end.timestamp()))
        }
    };
    let profile = Profile::named(&settings.profile).map_err(|error| StartError(error.to_string()))?;
    let (db, _keys) = open_existing(settings).await?;
    if until.is_some_and(|until| until <= db.clock().now()) {
        return Err(StartError("--until: the last day must lie ahead".into()));
    }
    let (clinic, practitioner) = if add.clinic.is_some() || add.practitioner.is_some() {
        let catalogue = catalogue(&db).await?;
        (
            known::<OrganizationId>("--clinic", add.clinic.as_deref(), |id| catalogue.organization(*id).is_some())?,
            known::<PractitionerId>("--practitioner", add.practitioner.as_deref(), |id| catalogue.practitioner(*id).is_some())?,
        )
    } else {
        (None, None)
    };
    let new = NewStaff {
        name: add.name.unwrap_or_else(|| add.login.clone()),
        login: add.login,
        role,
        clinic: clinic.map(|id| id.bytes()),
        practitioner: practitioner.map(|id| id.bytes()),
        contract: add.contract.unwrap_or_default(),
        until,
    };
    let terms = profile.staff;
    let added = db.run("add staff", move |tx| {
        let new = new.clone();
        Box::pin(async move { access::add_staff(tx, &terms, &new, By::Console).await })
    });
    match added.await {
        Ok((staff, token)) => {
            show_link(settings, &token, terms.enrolment_hours, &staff.login);
            Ok(ExitCode::SUCCESS)
        }
        Err(AddError::Db(fault)) => Err(fault.into()),
        Err(error) => Err(StartError(error.to_string())),
    }
}

fn show_link(settings: &Settings, token: &str, hours: i64, login: &str) {
    let listen = format!("http://{}", settings.staff_listen.as_ref().unwrap_or(&settings.listen));
    let url = settings.staff_url.as_ref().or(settings.public_url.as_ref()).unwrap_or(&listen);
    say!("{url}/ru/staff/welcome/{token}");
    eprintln!("By this link {login} comes in and chooses how to sign in. It is shown this once, counts once, and for {hours} hours.");
}

async fn list(settings: &Settings) -> Result<ExitCode, StartError> {
    let (db, _keys) = open_existing(settings).await?;
    let all = db.read("staff", |tx| Box::pin(access::list_staff(tx))).await?;
    let now = db.clock().now();
    for one in &all {
        let state = if one.is_active(now) { "" } else { "  no access" };
        say!("{}  {}  {}{state}", one.login, one.role.code(), one.name);
    }
    say!("staff: {}", all.len());
    Ok(ExitCode::SUCCESS)
}

async fn link(settings: &Settings, login: String) -> Result<ExitCode, StartError> {
    let profile = Profile::named(&settings.profile).map_err(|error| StartError(error.to_string()))?;
    let (db, _keys) = open_existing(settings).await?;
    let (terms, asked) = (profile.staff, login.clone());
    let made = db.run("start over", move |tx| {
        let asked = asked.clone();
        Box::pin(async move {
            match access::staff_by_login(tx, &asked).await? {
                Some(staff) => access::start_over(tx, &terms, staff.id, By::Console).await,
                None => Ok::<_, DbError>(None),
            }
        })
    });
    match made.await? {
        Some(token) => {
            show_link(settings, &token, terms.enrolment_hours, &login);
            Ok(ExitCode::SUCCESS)
        }
        None => Err(StartError(format!("there is nobody with the login `{login}`, or their access has ended; see `recomed staff list`"))),
    }
}

async fn end(settings: &Settings, login: String) -> Result<ExitCode, StartError> {
    let (db, _keys) = open_existing(settings).await?;
    let asked = login.clone();
    let ended = db.run("end staff", move |tx| {
        let asked = asked.clone();
        Box::pin(async move {
            match access::staff_by_login(tx, &asked).await? {
                Some(staff) => access::end_staff(tx, staff.id, By::Console).await,
                None => Ok::<_, DbError>(false),
            }
        })
    });
    if ended.await? {
        say!("{login} has no access any more");
        return Ok(ExitCode::SUCCESS);
    }
    Err(StartError(format!("there is nobody with the login `{login}`, or their access has ended; see `recomed staff list`")))
}
