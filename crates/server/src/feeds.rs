//! `recomed import fhir`: what the operator says of feeds, and the import itself.

use std::sync::Arc;

use directory::fhir::Feed;
use directory::fhir::import::{ImportError, Progress, Report, import};
use toml::Value;

use crate::StartError;

/// Feeds in one settings file at most.
const FEEDS_MAX: usize = 1_000;

/// The tables `[[feed]]` of the settings: `source` names the feed; `zone`, `country`, `currency`, `city`, `specialty` and
/// `price_minor` say what its resources leave unsaid; the table `services` maps its types of service to ours.
///
/// # Errors
/// One line: which key, what is wrong, what to do.
pub fn read(tables: &Value) -> Result<Vec<Feed>, String> {
    let tables = tables.as_array().ok_or("feed: write each feed as a table [[feed]]")?;
    if tables.len() > FEEDS_MAX {
        return Err(format!("feed: more than {FEEDS_MAX} tables"));
    }
    tables.iter().map(feed).collect()
}

fn feed(table: &Value) -> Result<Feed, String> {
    let table = table.as_table().ok_or("feed: write each feed as a table [[feed]]")?;
    let mut feed = Feed { named: true, ..Feed::default() };
    for (key, value) in table {
        let text = || value.as_str().map(str::to_owned).ok_or(format!("feed.{key}: a text in quotes is expected"));
        match key.as_str() {
            "source" => feed.source = text()?,
            "zone" => feed.zone = Some(text()?),
            "country" => feed.country = Some(text()?),
            "currency" => feed.currency = Some(text()?),
            "city" => feed.city = Some(text()?),
            "specialty" => feed.specialty = Some(text()?),
            "price_minor" => feed.price_minor = value.as_integer().ok_or("feed.price_minor: a whole number is expected")?,
            "services" => {
                let services = value.as_table().ok_or("feed.services: a table of their code = our code is expected")?;
                for (theirs, ours) in services {
                    let ours = ours.as_str().ok_or(format!("feed.services.{theirs}: a code in quotes is expected"))?;
                    feed.services.push((theirs.clone(), ours.to_owned()));
                }
            }
            _ => {
                return Err(format!(
                    "feed.{key} is not known; known are: source, zone, country, currency, city, specialty, price_minor, services"
                ));
            }
        }
    }
    if feed.source.is_empty() { Err("feed.source: absent; name each feed".to_owned()) } else { Ok(feed) }
}

/// What a command line says of a feed: it wins over the settings.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// `--source`.
    pub source: Option<String>,
    /// `--zone`.
    pub zone: Option<String>,
    /// `--country`.
    pub country: Option<String>,
    /// `--currency`.
    pub currency: Option<String>,
    /// `--city`.
    pub city: Option<String>,
    /// `--specialty`.
    pub specialty: Option<String>,
    /// `--price-minor`.
    pub price_minor: Option<i64>,
    /// `--service THEIRS=OURS`.
    pub services: Vec<(String, String)>,
    /// `--host`.
    pub hosts: Vec<String>,
}

/// Why a feed was not imported at all.
#[derive(Debug)]
pub enum FeedError {
    /// Wrong use: exit code 2.
    Use(String),
    /// Refused or failed: exit code 1.
    Failed(StartError),
}

/// Imports the feed at a path or an address.
///
/// # Errors
/// [`FeedError`]; what was refused of the feed stands in the report.
pub async fn import_feed(db: &db::Db, known: &[Feed], place: &str, said: Said, progress: Progress) -> Result<Report, FeedError> {
    let (at, hosts) = (place.to_owned(), said.hosts);
    let found = tokio::task::spawn_blocking(move || partners::feed::find(&at, &hosts)).await;
    let found = found.map_err(|_| FeedError::Failed(StartError("the feed could not be looked up".into())))?;
    let found = found.map_err(|why| FeedError::Failed(StartError(why)))?;
    let source = said.source.clone().unwrap_or(found.source);
    let mut feed = known.iter().find(|feed| feed.source == source).cloned().unwrap_or_default();
    feed.named = feed.named || said.source.is_some();
    feed.source = source;
    feed.zone = said.zone.or(feed.zone);
    feed.country = said.country.or(feed.country);
    feed.currency = said.currency.or(feed.currency);
    feed.city = said.city.or(feed.city);
    feed.specialty = said.specialty.or(feed.specialty);
    feed.price_minor = said.price_minor.unwrap_or(feed.price_minor);
    feed.services.splice(0..0, said.services);
    import(db, feed, found.found, found.whole, Arc::clone(&found.opened), progress).await.map_err(|error| match error {
        ImportError::Settings(why) => FeedError::Use(why),
        ImportError::Database(fault) => FeedError::Failed(fault.into()),
    })
}
