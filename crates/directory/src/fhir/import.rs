//! A feed comes in: everything that is right in small transactions, everything else refused with its file, line and reason.
//!
//! Places and people first, slots after them, file by file. A run that is broken off leaves whole transactions behind; the next one
//! reads everything again, writes what is not there yet, and ends in the same state. The network is behind [`Opened`].

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::io::{BufRead, Read as _};
use std::sync::Arc;

use clock::Timestamp;
use db::{Db, DbError, Dirty, Tx};
use serde_json::Value;
use tokio::sync::mpsc;

use super::feed::{At, Feed, FeedFile, Found, Opened, Refused};
use super::read::Fault;
use super::settle::{Settled, settle};
use super::slots::{Bookable, Schedules, Told, slot};
use super::take::{Taken, head, take};
use crate::catalogue::{Catalogue, Parts, RoleId, SlotId, StoredSlot};
use crate::store::{self, slots as stored};

/// A line longer than this is no resource.
pub const LINE_BYTES_MAX: usize = 1024 * 1024;
/// A Bundle is read whole, so it may not be larger.
pub const BUNDLE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// A file has at most so many lines.
const LINES_MAX: u64 = 20_000_000;
/// Refusals kept for the report; the rest are counted.
const REFUSED_MAX: usize = 10_000;
/// Entries or slots of one transaction: it holds the one writer of SQLite for some ten milliseconds.
const CHUNK: usize = 1_000;
/// More changed days than these in one transaction, and followers read everything again instead of day by day.
const DIRTY_MAX: usize = 200;
/// Progress is told each time so many slots have been read.
const PROGRESS_SLOTS: usize = 20_000;

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Resources read, by type.
    pub read: BTreeMap<String, usize>,
    /// Entries of the directory that were new or changed.
    pub entries_changed: usize,
    /// Slots that were not there before.
    pub added: usize,
    /// Slots that changed.
    pub changed: usize,
    /// Slots that were as they are.
    pub unchanged: usize,
    /// Slots that the clinic has taken back.
    pub withdrawn: usize,
    /// Slots that follow from schedules and are not stored.
    pub computed: usize,
    /// Which slots of the feed can be booked here.
    pub bookable: Bookable,
    /// Phone numbers left out because nobody could dial them.
    pub phones_left_out: usize,
    /// What was not imported; at most 10,000 are kept.
    pub refused: Vec<Refused>,
    /// How many were not imported.
    pub refused_count: usize,
    /// Files that could not be read, each with its reason.
    pub absent: Vec<String>,
}

impl Report {
    /// Whether everything was imported.
    pub fn is_whole(&self) -> bool {
        self.refused_count == 0 && self.absent.is_empty()
    }

    /// Whether the directory and its slots are as they were.
    pub fn changed_nothing(&self) -> bool {
        self.entries_changed + self.added + self.changed + self.withdrawn == 0
    }

    fn refuse(&mut self, files: &[FeedFile], at: At, resource: String, fault: Fault) {
        self.refused_count += 1;
        if self.refused.len() < REFUSED_MAX {
            let file = files.get(at.file).map(|file| file.name.clone()).unwrap_or_default();
            self.refused.push(Refused { file, line: at.line, resource, field: fault.field, why: fault.why });
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let read: Vec<String> = self.read.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        writeln!(f, "read: {}", if read.is_empty() { "nothing".to_owned() } else { read.join(", ") })?;
        writeln!(f, "directory: {} entries new or changed", self.entries_changed)?;
        let Report { added, changed, unchanged, withdrawn, .. } = self;
        writeln!(f, "slots: {added} added, {changed} changed, {unchanged} unchanged, {withdrawn} withdrawn")?;
        if self.computed > 0 {
            writeln!(f, "slots that follow from schedules and are not stored: {}", self.computed)?;
        }
        writeln!(f, "{} slots imported, {}", added + changed + unchanged, self.bookable)?;
        if self.phones_left_out > 0 {
            writeln!(f, "phone numbers left out because nobody could dial them: {}", self.phones_left_out)?;
        }
        write!(f, "refused: {}, files that could not be read: {}", self.refused_count, self.absent.len())?;
        if self.changed_nothing() { write!(f, "; nothing has changed") } else { Ok(()) }
    }
}

/// Why nothing was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportError {
    /// The feed's settings are wrong: one line that says what to do.
    Settings(String),
    /// The database failed; what was written stays, and the next run goes on.
    Database(DbError),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ImportError::Settings(why) => f.write_str(why),
            ImportError::Database(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ImportError {}

impl From<DbError> for ImportError {
    fn from(error: DbError) -> Self {
        ImportError::Database(error)
    }
}

/// Told how far the import is.
pub type Progress = Arc<dyn Fn(String) + Send + Sync>;

/// Afterwards the directory says what the right resources of the feed say, and its stored slots are those of the files that were
/// read whole. Importing the same again changes nothing. `whole` says that the feed has no other files than those found: slots of a
/// file that it no longer names are withdrawn too.
///
/// # Errors
/// [`ImportError`]; resources at fault are no error, they stand in the report.
pub async fn import(db: &Db, feed: Feed, found: Found, whole: bool, opened: Opened, progress: Progress) -> Result<Report, ImportError> {
    let known = db.read("directory before import", |tx| Box::pin(store::load(tx))).await?;
    feed.check(&known).map_err(ImportError::Settings)?;
    let work = Arc::new(Work { feed, files: found.files, opened, progress });
    let mut report = Report { absent: found.absent, ..Report::default() };

    let reading = Arc::clone(&work);
    let read = tokio::task::spawn_blocking(move || reading.entries()).await;
    let (taken, first) = read.map_err(|_| DbError::Unavailable("the reading of the feed was broken off".into()))?;
    report.read = first.read;
    report.refused = first.refused;
    report.refused_count = first.refused_count;
    report.absent.extend(first.absent);
    report.phones_left_out = taken.phones_left_out;

    let settled = settle(&work.feed, &known, taken);
    for (at, resource, fault) in settled.refused.iter().cloned() {
        report.refuse(&work.files, at, resource, fault);
    }
    let Settled { parts, schedules, .. } = settled;
    for part in chunks(news(parts, &known)) {
        report.entries_changed += count(&part);
        write_entries(db, part).await?;
    }
    let known = db.read("directory with the feed", |tx| Box::pin(store::load(tx))).await?;
    slots(db, &work, Arc::new(known), Arc::new(schedules), whole, &mut report).await?;
    report.refused.sort_by(|one, two| (&one.file, one.line).cmp(&(&two.file, two.line)));
    Ok(report)
}

struct Work {
    feed: Feed,
    files: Vec<FeedFile>,
    opened: Opened,
    progress: Progress,
}

impl Work {
    /// All resources but slots.
    fn entries(&self) -> (Taken, Report) {
        let (mut taken, mut report) = (Taken::default(), Report::default());
        for (file, of) in self.files.iter().enumerate() {
            if of.kind.as_deref() == Some("Slot") {
                continue;
            }
            (self.progress)(format!("reading {}", of.name));
            let read = self.each(of, &mut |line, resource| {
                let at = At { file, line };
                match resource {
                    // Told once, by the reading of slots.
                    Ok(resource) if resource["resourceType"] == "Slot" => {}
                    Ok(resource) => match take(&mut taken, &self.feed, at, &resource) {
                        Ok(()) => *report.read.entry(kind(&resource)).or_default() += 1,
                        Err(fault) => report.refuse(&self.files, at, name(&resource), fault),
                    },
                    Err(fault) => report.refuse(&self.files, at, String::new(), fault),
                }
                true
            });
            if let Err(why) = read {
                report.absent.push(format!("{}: {why}", of.name));
            }
        }
        (taken, report)
    }

    /// Slots, in portions; the files that were read to their end, and what was refused.
    fn slots(&self, known: &Catalogue, told: &HashMap<String, RoleId>, now: Timestamp, send: &mpsc::Sender<Portion>) -> SlotsRead {
        let mut read = SlotsRead::default();
        let schedules = Schedules { feed: &self.feed, told, known };
        for (file, of) in self.files.iter().enumerate() {
            if of.kind.as_deref().is_some_and(|kind| kind != "Slot") {
                continue;
            }
            let typed = of.kind.is_some();
            let mut portion = Vec::new();
            let done = self.each(of, &mut |line, resource| {
                let at = At { file, line };
                let resource = match resource {
                    Ok(resource) if resource["resourceType"] == "Slot" => resource,
                    // A file of mixed types was read before for the others.
                    Ok(_) if !typed => return true,
                    Ok(resource) => {
                        let fault = Fault::new("resourceType", "not a Slot, in a file that the manifest calls Slot; correct the manifest");
                        read.report.refuse(&self.files, at, name(&resource), fault);
                        return true;
                    }
                    Err(fault) => {
                        if typed {
                            read.report.refuse(&self.files, at, String::new(), fault);
                        }
                        return true;
                    }
                };
                match slot(&schedules, &resource) {
                    Ok(Told::Slot(slot)) if !read.seen.insert(slot.id) => {
                        let fault = Fault::new("id", "the same id stands earlier in the feed; leave one of the two");
                        read.report.refuse(&self.files, at, name(&resource), fault);
                    }
                    Ok(Told::Slot(slot)) => {
                        *read.report.read.entry("Slot".to_owned()).or_default() += 1;
                        read.report.bookable.count(known, &slot, now);
                        portion.push(slot);
                        if read.seen.len().is_multiple_of(PROGRESS_SLOTS) {
                            (self.progress)(format!("{} slots read", read.seen.len()));
                        }
                        if portion.len() >= CHUNK {
                            return send.blocking_send(Portion { file, slots: std::mem::take(&mut portion) }).is_ok();
                        }
                    }
                    Ok(Told::Computed) => read.report.computed += 1,
                    Ok(Told::Withdrawn) => {}
                    // What cannot be read is not taken back either: it keeps the slot as it was.
                    Err(fault) => {
                        read.kept.extend(
                            head(&resource).ok().map(|(_, their)| SlotId(db::reexport::Uuid::from_bytes(self.feed.id("Slot", &their)))),
                        );
                        read.report.refuse(&self.files, at, name(&resource), fault);
                    }
                }
                true
            });
            let sent = portion.is_empty() || send.blocking_send(Portion { file, slots: portion }).is_ok();
            match done {
                Ok(()) if sent => read.whole.push(file),
                Ok(()) => {}
                // A file of mixed types has been reported by the first reading.
                Err(why) if typed => read.report.absent.push(format!("{}: {why}", of.name)),
                Err(_) => {}
            }
        }
        read
    }

    /// Reads a file to its end or until `each` says no. The error is why it could not be read whole, and what to do.
    fn each(&self, file: &FeedFile, each: &mut dyn FnMut(u64, Result<Value, Fault>) -> bool) -> Result<(), String> {
        let mut reader = (self.opened)(file)?;
        if !file.name.ends_with(".ndjson") && file.name.ends_with(".json") {
            return bundle(reader, each);
        }
        let broken = |fault: std::io::Error| format!("the reading broke off ({fault}); run the import again");
        let mut line = Vec::new();
        for number in 1.. {
            if number > LINES_MAX {
                return Err(format!("more than {LINES_MAX} lines; split the file"));
            }
            line.clear();
            let read = reader.by_ref().take(LINE_BYTES_MAX as u64 + 1).read_until(b'\n', &mut line).map_err(broken)?;
            if read == 0 {
                return Ok(());
            }
            let text = line.trim_ascii();
            let resource = if line.len() > LINE_BYTES_MAX {
                if line.last() != Some(&b'\n') {
                    skip_line(&mut *reader).map_err(broken)?;
                }
                Err(Fault::new("", "longer than 1 MiB; a resource is shorter"))
            } else if text.is_empty() {
                continue;
            } else {
                serde_json::from_slice(text).map_err(|fault| Fault::new("", format!("not JSON ({fault}); write one resource on each line")))
            };
            if !each(number, resource) {
                return Err("the import was broken off; run it again".into());
            }
        }
        Ok(())
    }
}

fn skip_line(reader: &mut dyn BufRead) -> std::io::Result<()> {
    loop {
        let there = reader.fill_buf()?;
        if there.is_empty() {
            return Ok(());
        }
        let (used, end) = match there.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (there.len(), false),
        };
        reader.consume(used);
        if end {
            return Ok(());
        }
    }
}

fn bundle(reader: Box<dyn BufRead + Send>, each: &mut dyn FnMut(u64, Result<Value, Fault>) -> bool) -> Result<(), String> {
    let mut bytes = Vec::new();
    reader
        .take(BUNDLE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|fault| format!("the reading broke off ({fault}); run the import again"))?;
    if bytes.len() as u64 > BUNDLE_BYTES_MAX {
        return Err("larger than 64 MiB; write it as NDJSON, one resource on each line".into());
    }
    let mut whole: Value = serde_json::from_slice(&bytes).map_err(|fault| format!("not JSON ({fault}); correct the file"))?;
    if whole["resourceType"] != "Bundle" {
        each(1, Ok(whole));
        return Ok(());
    }
    let entries = match whole.get_mut("entry").map(Value::take) {
        Some(Value::Array(entries)) => entries,
        _ => Vec::new(),
    };
    for (number, mut entry) in (1..).zip(entries) {
        let resource = entry.get_mut("resource").map(Value::take);
        if !each(number, resource.ok_or_else(|| Fault::new("resource", "an entry without a resource; leave it out"))) {
            return Err("the import was broken off; run it again".into());
        }
    }
    Ok(())
}

fn kind(resource: &Value) -> String {
    resource["resourceType"].as_str().unwrap_or_default().to_owned()
}

/// `Slot/20`, as far as it may stand on a terminal.
fn name(resource: &Value) -> String {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':' | '#')).take(64).collect()
    };
    match (resource["resourceType"].as_str(), resource["id"].as_str()) {
        (Some(kind), Some(id)) => format!("{}/{}", plain(kind), plain(id)),
        (Some(kind), None) => plain(kind),
        _ => String::new(),
    }
}

/// Those entries that are new or differ from what is known.
fn news(mut parts: Parts, known: &Catalogue) -> Parts {
    parts.cities.retain(|entry| known.city(&entry.code) != Some(entry));
    parts.districts.retain(|entry| known.district(&entry.code) != Some(entry));
    parts.metro_lines.retain(|entry| known.metro_line(&entry.code) != Some(entry));
    parts.metros.retain(|entry| known.metro(&entry.code) != Some(entry));
    parts.specialties.retain(|entry| known.specialty(&entry.code) != Some(entry));
    parts.services.retain(|entry| known.service(&entry.code) != Some(entry));
    parts.organizations.retain(|entry| known.organization(entry.id) != Some(entry));
    parts.locations.retain(|entry| known.location(entry.id) != Some(entry));
    parts.resources.retain(|entry| known.resource(entry.id) != Some(entry));
    parts.practitioners.retain(|entry| known.practitioner(entry.id) != Some(entry));
    parts.roles.retain(|entry| known.role(entry.id) != Some(entry));
    parts
}

fn count(parts: &Parts) -> usize {
    parts.cities.len()
        + parts.districts.len()
        + parts.metro_lines.len()
        + parts.metros.len()
        + parts.specialties.len()
        + parts.services.len()
        + parts.organizations.len()
        + parts.locations.len()
        + parts.resources.len()
        + parts.practitioners.len()
        + parts.roles.len()
}

/// Cut into transactions, in an order in which nothing refers to what comes later.
fn chunks(parts: Parts) -> Vec<Parts> {
    fn cut<T>(mut list: Vec<T>, of: impl Fn(Vec<T>) -> Parts, all: &mut Vec<Parts>) {
        while !list.is_empty() {
            let rest = list.split_off(list.len().min(CHUNK));
            all.push(of(std::mem::replace(&mut list, rest)));
        }
    }
    let mut all = Vec::new();
    cut(parts.cities, |cities| Parts { cities, ..Parts::default() }, &mut all);
    cut(parts.districts, |districts| Parts { districts, ..Parts::default() }, &mut all);
    cut(parts.metro_lines, |metro_lines| Parts { metro_lines, ..Parts::default() }, &mut all);
    cut(parts.metros, |metros| Parts { metros, ..Parts::default() }, &mut all);
    cut(parts.specialties, |specialties| Parts { specialties, ..Parts::default() }, &mut all);
    cut(parts.services, |services| Parts { services, ..Parts::default() }, &mut all);
    cut(parts.organizations, |organizations| Parts { organizations, ..Parts::default() }, &mut all);
    cut(parts.locations, |locations| Parts { locations, ..Parts::default() }, &mut all);
    cut(parts.resources, |resources| Parts { resources, ..Parts::default() }, &mut all);
    cut(parts.practitioners, |practitioners| Parts { practitioners, ..Parts::default() }, &mut all);
    cut(parts.roles, |roles| Parts { roles, ..Parts::default() }, &mut all);
    all
}

async fn write_entries(db: &Db, parts: Parts) -> Result<(), DbError> {
    let parts = Arc::new(parts);
    db.run("import fhir entries", move |tx| {
        let parts = Arc::clone(&parts);
        Box::pin(async move {
            store::write(tx, &parts).await?;
            // Each time: a run that is broken off must not leave followers with the old directory.
            store::raise_version(tx).await
        })
    })
    .await
}

/// Slots of one file that go into one transaction.
struct Portion {
    file: usize,
    slots: Vec<StoredSlot>,
}

/// What the reading of slots leaves.
#[derive(Default)]
struct SlotsRead {
    report: Report,
    seen: HashSet<SlotId>,
    /// Slots whose line was refused.
    kept: HashSet<SlotId>,
    whole: Vec<usize>,
}

async fn slots(
    db: &Db,
    work: &Arc<Work>,
    known: Arc<Catalogue>,
    schedules: Arc<HashMap<String, RoleId>>,
    whole: bool,
    report: &mut Report,
) -> Result<(), DbError> {
    // Few portions wait: the reader stops while the database works.
    let (send, mut portions) = mpsc::channel(2);
    let (reading, catalogue, now) = (Arc::clone(work), Arc::clone(&known), db.clock().now());
    let reader = tokio::task::spawn_blocking(move || reading.slots(&catalogue, &schedules, now, &send));
    while let Some(portion) = portions.recv().await {
        let file = work.files.get(portion.file).map(|file| file.name.clone()).unwrap_or_default();
        let (added, changed) = write_slots(db, &work.feed, &file, Arc::new(portion.slots.clone()), &known).await?;
        report.added += added;
        report.changed += changed;
        report.unchanged += portion.slots.len() - added - changed;
    }
    let read = reader.await.map_err(|_| DbError::Unavailable("the reading of the feed was broken off".into()))?;
    for (kind, count) in read.report.read {
        *report.read.entry(kind).or_default() += count;
    }
    report.bookable = read.report.bookable;
    report.computed = read.report.computed;
    report.refused_count += read.report.refused_count;
    report.refused.extend(read.report.refused);
    report.refused.truncate(REFUSED_MAX);

    let name = |file: &usize| work.files.get(*file).map(|file| file.name.clone());
    let mut emptied: HashSet<String> = read.whole.iter().filter_map(name).collect();
    // Only when every file was there: one that could not be read may hold what is missing.
    if whole && report.absent.is_empty() && read.report.absent.is_empty() {
        let feed = work.feed.source.clone();
        let files = db.read("files of a feed", move |tx| {
            let feed = feed.clone();
            Box::pin(async move { stored::files_of_feed(tx, &feed).await })
        });
        emptied.extend(files.await?);
    }
    report.absent.extend(read.report.absent);
    for file in emptied {
        report.withdrawn += withdraw(db, &work.feed, &file, &read.seen, &read.kept, &known).await?;
    }
    Ok(())
}

/// How many slots were added and changed.
async fn write_slots(
    db: &Db,
    feed: &Feed,
    file: &str,
    slots: Arc<Vec<StoredSlot>>,
    known: &Arc<Catalogue>,
) -> Result<(usize, usize), DbError> {
    let (feed, file, known) = (feed.source.clone(), file.to_owned(), Arc::clone(known));
    db.run("import fhir slots", move |tx| {
        let (feed, file, slots, known) = (feed.clone(), file.clone(), Arc::clone(&slots), Arc::clone(&known));
        Box::pin(async move {
            let ids: Vec<SlotId> = slots.iter().map(|slot| slot.id).collect();
            let there: HashMap<SlotId, (StoredSlot, String)> =
                stored::slots_of_ids(tx, &ids).await?.into_iter().map(|found| (found.0.id, found)).collect();
            let differs = |slot: &&StoredSlot| there.get(&slot.id).is_none_or(|(known, of)| known != *slot || *of != file);
            let news: Vec<&StoredSlot> = slots.iter().filter(differs).collect();
            if news.is_empty() {
                return Ok((0, 0));
            }
            let old = news.iter().filter_map(|slot| there.get(&slot.id)).map(|(slot, _)| (slot.role, slot.start));
            let days: Vec<(RoleId, Timestamp)> = news.iter().map(|slot| (slot.role, slot.start)).chain(old).collect();
            stored::write_slots_of_file(tx, &feed, &file, &news).await?;
            tell(tx, &known, &days).await?;
            let added = news.iter().filter(|slot| !there.contains_key(&slot.id)).count();
            Ok::<_, DbError>((added, news.len() - added))
        })
    })
    .await
}

/// Tells followers which days have changed.
async fn tell(tx: &mut Tx, known: &Catalogue, changed: &[(RoleId, Timestamp)]) -> Result<(), DbError> {
    let day = |(role, at): &(RoleId, Timestamp)| {
        let role = known.role(*role)?;
        let date = at.to_jiff().to_zoned(known.zone_of(role)?).date();
        let midnight = date.to_zoned(clock::jiff::tz::TimeZone::UTC).ok()?;
        Some(Dirty { whose: role.id.bytes(), day: Timestamp::from(midnight.timestamp()).day() })
    };
    let days: HashSet<Dirty> = changed.iter().filter_map(day).collect();
    if days.len() > DIRTY_MAX {
        return store::raise_version(tx).await;
    }
    for dirty in days {
        tx.mark_dirty(dirty).await?;
    }
    Ok(())
}

/// Deletes the slots of a file that the feed no longer has; how many.
async fn withdraw(
    db: &Db,
    feed: &Feed,
    file: &str,
    seen: &HashSet<SlotId>,
    kept: &HashSet<SlotId>,
    known: &Arc<Catalogue>,
) -> Result<usize, DbError> {
    let (mut after, mut withdrawn) = ([0; 16], 0);
    loop {
        let (feed, of) = (feed.source.clone(), file.to_owned());
        let page = db.read("slots of a file", move |tx| {
            let (feed, of) = (feed.clone(), of.clone());
            Box::pin(async move { stored::ids_of_file(tx, &feed, &of, after, CHUNK as i64).await })
        });
        let page = page.await?;
        let Some((last, ..)) = page.last() else { return Ok(withdrawn) };
        after = last.bytes();
        let gone: Arc<Vec<(SlotId, RoleId, Timestamp)>> =
            Arc::new(page.into_iter().filter(|(id, ..)| !seen.contains(id) && !kept.contains(id)).collect());
        if gone.is_empty() {
            continue;
        }
        withdrawn += gone.len();
        let known = Arc::clone(known);
        db.run("withdraw slots", move |tx| {
            let (gone, known) = (Arc::clone(&gone), Arc::clone(&known));
            Box::pin(async move {
                let ids: Vec<SlotId> = gone.iter().map(|(id, ..)| *id).collect();
                stored::delete_slots(tx, &ids).await?;
                let days: Vec<(RoleId, Timestamp)> = gone.iter().map(|(_, role, at)| (*role, *at)).collect();
                tell(tx, &known, &days).await
            })
        })
        .await?;
    }
}
