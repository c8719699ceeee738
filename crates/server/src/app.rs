//! The open application: both databases up to date, the key store open, the directory in memory.

use std::collections::HashMap;
use std::sync::Arc;

use access::{LimitTerms, Limits};
use booking::{FreeTime, LOOK, MAIL_CLINIC, MAIL_PERSON, TELL_CLINIC, TELL_PERSON, World};
use clock::Clock;
use db::jobs::{Handler, Runner};
use db::{Db, DbError, Names, Options, Place};
use desk::{Desk, Hours, Terms};
use jiff::tz::TimeZone;
use notify::{Gateway, HttpGateway, Outbox, Post, Smtp};
use patients::SEND_CODE;
use privacy::audit::Sealer;
use privacy::{BackupPlaces, Documents, KeyError, KeyStore, MasterKey, OperatorIdentity, Profile, Suite, Tombstones, consent};
use rights::Policies;
use search::Search;
use web::AllTexts;
use web::page::{CityPhone, Phone, Site};

use crate::check::Guarded;
use crate::metrics::Metrics;
use crate::settings::{EmailSettings, Settings, SmsSettings};

/// Everything that is open. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// What the slices work with.
    pub world: World,
    /// The index over the directory.
    pub search: Search,
    /// The contact centre.
    pub desk: Desk,
    /// The policy as published.
    pub policies: Arc<Policies>,
    /// Runs jobs.
    pub runner: Runner,
    /// Seals the audit log.
    pub sealer: Arc<Sealer>,
    /// The demo's outbox.
    pub outbox: Outbox,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: access::TrustedProxies,
    /// Where staff come in: `https://host`, without a slash at its end.
    pub staff_url: Arc<str>,
    /// What the nightly check looks at besides the databases.
    pub guarded: Arc<Guarded>,
    /// Partners' keys seen a moment ago.
    pub partner_keys: access::PartnerKeys,
}

/// Why the program does not start: one line that says what to do.
#[derive(Debug)]
pub struct StartError(pub String);

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

impl From<DbError> for StartError {
    fn from(error: DbError) -> Self {
        StartError(error.to_string())
    }
}

impl From<KeyError> for StartError {
    fn from(error: KeyError) -> Self {
        StartError(error.to_string())
    }
}

impl From<String> for StartError {
    fn from(error: String) -> Self {
        StartError(error)
    }
}

/// The operator of the demo: invented, as its phones are.
pub fn demo_operator() -> OperatorIdentity {
    OperatorIdentity {
        name: Names {
            kk: "Примерова Анна Демьяновна жеке кәсіпкері, көрсетілім".into(),
            ru: "ИП Примерова Анна Демьяновна, демонстрация".into(),
            en: "Anna Primerova, sole trader (a demonstration)".into(),
        },
        address: Names {
            kk: "190000, Санкт-Петербург, Примерная көшесі, 1".into(),
            ru: "190000, Санкт-Петербург, Примерная улица, 1".into(),
            en: "1 Primernaya Street, Saint Petersburg 190000".into(),
        },
        hosts: vec!["recomed.site".into()],
        contact_email: "contact@recomed.site".into(),
    }
}

/// Who runs this installation.
///
/// # Errors
/// When the settings name nobody, and it is no demo.
pub fn operator_of(settings: &Settings) -> Result<OperatorIdentity, StartError> {
    match (&settings.operator, settings.demo) {
        (Some(operator), _) => Ok(operator.clone()),
        (None, true) => Ok(demo_operator()),
        (None, false) => {
            Err(StartError("the settings name no operator; fill the section [operator]: name, address, hosts, contact_email".into()))
        }
    }
}

/// The main database and the key store, migrated.
///
/// # Errors
/// Why one of them cannot be opened.
pub async fn open_databases(settings: &Settings, clock: &Clock, suite: Suite) -> Result<(Db, KeyStore), StartError> {
    if settings.database == settings.keys {
        return Err(StartError("the key store must be apart from the database: give `keys` another place than `database`".into()));
    }
    for place in [&settings.database, &settings.keys] {
        if let Place::Sqlite(path) = place
            && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
        {
            make_private_folder(folder).map_err(|error| StartError(format!("{}: the folder cannot be made: {error}", folder.display())))?;
        }
    }
    // An empty database beside keys of people would look like a fresh installation, while their visits lie elsewhere.
    if let (Place::Sqlite(main), Place::Sqlite(keys)) = (&settings.database, &settings.keys)
        && !main.exists()
        && keys.exists()
    {
        let (main, keys) = (main.display(), keys.display());
        return Err(StartError(format!(
            "{main}: the database is missing, but its key store {keys} is there; bring the database back, or put the key store away to begin anew"
        )));
    }
    let options = |place: &Place, secure_delete: bool| Options {
        secure_delete,
        synchronous: settings.sqlite_synchronous,
        ..Options::new(place.clone())
    };
    let db = Db::open(options(&settings.database, false), clock.clone()).await?;
    let people_to_come = db::migrate::migrate_before(&db, db::migrate::MAIN, patients::SETTLED_BEFORE).await?;
    if let Place::Sqlite(path) = &settings.keys
        && !path.exists()
        && KeyStore::is_expected_by(&db).await?
    {
        let path = path.display();
        return Err(StartError(format!("{path}: the key store is missing, but the database was filled with one; bring it back")));
    }
    // A new store needs a new master key; a store that is there needs the one it was made with.
    let master = if settings.master_key_file.exists() { MasterKey::read(&settings.master_key_file)? } else { new_master(settings, clock)? };
    let keys_db = Db::open(options(&settings.keys, true), clock.clone()).await?;
    db::migrate::migrate(&keys_db, db::migrate::KEYS).await?;
    let keys = KeyStore::open(keys_db, master, suite).await?;
    keys.belongs_to(&db).await?;
    if people_to_come {
        let moved = patients::settle(&db, &keys).await?;
        tracing::info!(moved, "people were moved into the key store");
    }
    db::migrate::migrate(&db, db::migrate::MAIN).await?;
    // Before anybody is answered: a key store that was brought back does not know who was erased since (I4).
    make_private_folder(&settings.data)
        .map_err(|error| StartError(format!("{}: the folder cannot be made: {error}", settings.data.display())))?;
    let (keys, risen) = keys.buried(tombstones(settings)?).await?;
    for key in &risen {
        let erased = rights::erase::erase_again(&db, &keys, key).await;
        erased
            .map_err(|error| StartError(format!("somebody who was erased has come back with a backup, and cannot be erased: {error}")))?;
    }
    if !risen.is_empty() {
        tracing::warn!(risen = risen.len(), "people who were erased had come back with a backup; they are erased again");
    }
    Ok((db, keys))
}

/// Where tombstones are written: beside the data first, then in every place of backups that this installation knows and can see.
fn tombstones(settings: &Settings) -> Result<Vec<Tombstones>, StartError> {
    let mut places = vec![Tombstones::in_folder(&settings.data)];
    places.extend(
        BackupPlaces::in_folder(&settings.data).read()?.iter().filter(|place| place.is_dir()).map(|place| Tombstones::in_folder(place)),
    );
    Ok(places)
}

fn new_master(settings: &Settings, clock: &Clock) -> Result<MasterKey, StartError> {
    if let Place::Sqlite(path) = &settings.keys
        && path.exists()
    {
        let (file, store) = (settings.master_key_file.display(), path.display());
        return Err(StartError(format!(
            "{file}: the master key is missing, but the key store {store} is there; bring back the file it was made with"
        )));
    }
    if let Some(folder) = settings.master_key_file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_private_folder(folder).map_err(|error| StartError(format!("{}: the folder cannot be made: {error}", folder.display())))?;
    }
    Ok(MasterKey::create(&settings.master_key_file, clock)?)
}

/// Makes a folder that only its owner enters; one that is there stays as it is.
pub(crate) fn make_private_folder(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

impl App {
    /// Opens everything. `public_url` stands in links that leave by message.
    ///
    /// # Errors
    /// One line that says what is wrong and what to do.
    pub async fn open(settings: &Settings, clock: Clock, suite: Suite, public_url: &str) -> Result<App, StartError> {
        let operator = operator_of(settings)?;
        let mut profile = Profile::named(&settings.profile).map_err(|error| StartError(error.to_string()))?;
        if let Some(seconds) = settings.hold_seconds {
            profile.hold_seconds = seconds;
        }
        if settings.demo {
            // Its sign-ins are printed, and its address is one for which browsers make no passkeys.
            profile.staff.passkey_required = false;
            profile.staff.password_fallback = true;
        }
        let documents = Documents::new(&operator)?;
        let policies = Policies::new(&operator)?;
        let carriers = crate::recipients::carriers(settings, &profile.transfer.home)?;
        let texts = AllTexts::load(&[
            partners::TEXTS,
            patients::TEXTS,
            booking::TEXTS,
            search::views::TEXTS,
            guide::TEXTS,
            rights::TEXTS,
            staff::TEXTS,
            desk::TEXTS,
        ])
        .map_err(|error| StartError(format!("the texts are broken: {error}")))?;
        let (db, keys) = open_databases(settings, &clock, suite).await?;
        publish(&db, &documents).await?;
        prepare_directory(&db, settings).await?;
        db.run("recipients", move |tx| {
            let carriers = carriers.clone();
            Box::pin(async move { privacy::disclosure::register(tx, &carriers).await })
        })
        .await?;
        let tariffs = settings.tariffs.clone();
        db.run("tariffs", move |tx| {
            let tariffs = tariffs.clone();
            Box::pin(async move { booking::set_tariffs(tx, &tariffs).await })
        })
        .await?;

        let catalogue = Arc::new(db.read("directory", |tx| Box::pin(directory::store::load(tx))).await?);
        let phones = catalogue
            .cities
            .iter()
            .filter_map(|city| Some(CityPhone { city: city.names.clone(), phone: Phone::new(city.phone.as_deref()?) }))
            .collect();
        let site = Site {
            operator: operator.name.clone(),
            email: operator.contact_email.clone(),
            phones,
            demo: settings.demo,
            public_url: public_url.trim_end_matches('/').to_owned(),
        };
        let (free, search) = (FreeTime::new(clock.clone()), Search::new(profile.adult_years));
        // Both before the first request: nobody who asks is made to wait for them.
        let (rebuilt, ()) = tokio::join!(free.rebuild(&db, catalogue.clone()), search.prepare(catalogue));
        rebuilt?;
        let limits = Limits::new(LimitTerms {
            requests_per_second: settings.requests_per_second,
            holds_per_hour: u32::try_from(profile.holds_per_network_per_hour_max).unwrap_or(u32::MAX),
            holds_max: usize::try_from(profile.holds_per_network_max).unwrap_or(usize::MAX),
        });
        let outbox = Outbox::new(db.clone(), keys.clone());
        let gateway = gateway(settings, &outbox)?;
        let post = match &settings.email {
            EmailSettings::Off => Post::Off,
            EmailSettings::Log => Post::Log(Box::new(outbox.clone())),
            EmailSettings::Smtp(terms) => Post::Smtp(Box::new(Smtp::new(terms)?)),
        };
        let world = World {
            db,
            keys,
            free,
            profile: Arc::new(profile),
            documents: Arc::new(documents),
            texts,
            site: Arc::new(site),
            limits: Arc::new(limits),
            public_url: public_url.trim_end_matches('/').into(),
            letters: post.is_on(),
            demo: settings.demo,
        };
        let sealer = Arc::new(Sealer::new(world.db.clone(), &world.keys));
        let desk = desk_of(settings, &world)?;
        let runner = Runner::new(world.db.clone(), handlers(&world, &desk, &gateway, &post));
        Ok(App {
            world,
            desk,
            search,
            policies: Arc::new(policies),
            runner,
            sealer,
            outbox,
            metrics: Arc::default(),
            trusted_proxies: settings.trusted_proxies.clone(),
            staff_url: settings.staff_url.as_deref().unwrap_or(public_url).trim_end_matches('/').into(),
            guarded: Arc::new(Guarded::of(settings)),
            partner_keys: access::PartnerKeys::default(),
        })
    }
}

/// What people agree to is kept for ever before anybody is shown it.
async fn publish(db: &Db, documents: &Documents) -> Result<(), StartError> {
    let texts = documents.clone();
    let published = db.run("publish texts", move |tx| {
        let texts = texts.clone();
        Box::pin(async move { consent::publish(tx, &texts).await })
    });
    match published.await {
        Ok(0) => Ok(()),
        Ok(texts) => {
            tracing::info!(texts, "texts to agree to were published");
            Ok(())
        }
        Err(refused) => Err(StartError(refused.to_string())),
    }
}

/// The program's own lists, the demo's doctors, and the numbers to call.
async fn prepare_directory(db: &Db, settings: &Settings) -> Result<(), StartError> {
    db.run("reference", |tx| Box::pin(directory::import_csv::write_reference(tx))).await?;
    let mut phones = settings.phones.clone();
    if settings.demo {
        let empty = db.read("directory", |tx| Box::pin(directory::store::load(tx))).await?.roles.is_empty();
        // A second start keeps what was changed since the first.
        if empty {
            for file in directory::demo::catalogue(settings.practitioners) {
                directory::import_csv::import_csv(db, &file, true).await.map_err(|error| StartError(error.to_string()))?;
            }
        }
        if phones.is_empty() {
            phones = directory::demo::city_phones();
        }
    }
    db.run("city phones", move |tx| {
        let phones = phones.clone();
        Box::pin(async move { directory::import_csv::set_city_phones(tx, &phones).await.map(drop) })
    })
    .await?;
    Ok(())
}

fn gateway(settings: &Settings, outbox: &Outbox) -> Result<Gateway, StartError> {
    match &settings.sms {
        SmsSettings::Unset => Err(StartError(
            "`sms_gateway` is not set; write http with sms_url, or log to keep messages sealed instead of sending them".into(),
        )),
        SmsSettings::Log => Ok(Gateway::Log(Box::new(outbox.clone()))),
        SmsSettings::Http { url, token_file } => {
            let token = token_file
                .as_ref()
                .map(|path| {
                    std::fs::read_to_string(path)
                        .map(|token| token.trim().to_owned())
                        .map_err(|error| format!("{}: {error}", path.display()))
                })
                .transpose()?;
            Ok(Gateway::Http(HttpGateway::new(url.clone(), token)))
        }
    }
}

/// The desk with its hours: in the zone that the settings name, else in that of the first city of the profile's country.
fn desk_of(settings: &Settings, world: &World) -> Result<Desk, StartError> {
    let asked = &settings.desk;
    let zone = match &asked.zone {
        Some(name) => {
            TimeZone::get(name).map_err(|_| StartError(format!("`desk_zone`: `{name}` is no zone; write one like Europe/Moscow")))?
        }
        None => {
            let catalogue = world.catalogue();
            let home = catalogue.cities.iter().find(|city| city.country == world.profile.country);
            home.or(catalogue.cities.first()).and_then(|city| TimeZone::get(&city.zone).ok()).unwrap_or(TimeZone::UTC)
        }
    };
    let hours = Hours::parse(&asked.hours, zone).map_err(|why| StartError(format!("`desk_hours`: {why}")))?;
    let terms = Terms {
        hours,
        promise_minutes: asked.promise_minutes,
        answer_minutes: asked.answer_minutes,
        retry_minutes: asked.retry_minutes,
        tries_max: asked.tries_max,
        lease_minutes: asked.lease_minutes,
    };
    Ok(Desk { world: world.clone(), terms: Arc::new(terms) })
}

fn handlers(world: &World, desk: &Desk, gateway: &Gateway, post: &Post) -> HashMap<&'static str, Handler> {
    let mut handlers: HashMap<&'static str, Handler> = HashMap::new();
    let (w, g) = (world.clone(), gateway.clone());
    handlers.insert(
        SEND_CODE,
        Arc::new(move |job| {
            Box::pin(patients::send_code(w.db.clone(), w.keys.clone(), g.clone(), w.texts.clone(), w.profile.clone(), job))
        }),
    );
    let (w, g) = (world.clone(), gateway.clone());
    handlers.insert(TELL_PERSON, Arc::new(move |job| Box::pin(booking::tell_person(w.clone(), g.clone(), job))));
    let (w, p) = (world.clone(), post.clone());
    handlers.insert(MAIL_PERSON, Arc::new(move |job| Box::pin(booking::mail_person(w.clone(), p.clone(), job))));
    let (w, p) = (world.clone(), post.clone());
    handlers.insert(MAIL_CLINIC, Arc::new(move |job| Box::pin(booking::mail_clinic(w.clone(), p.clone(), job))));
    let d = desk.clone();
    handlers.insert(LOOK, Arc::new(move |job| Box::pin(desk::look_job(d.clone(), job))));
    let (w, g) = (world.clone(), gateway.clone());
    handlers.insert(TELL_CLINIC, Arc::new(move |job| Box::pin(booking::tell_clinic(w.clone(), g.clone(), job))));
    handlers
}
