//! Backup and restore: both databases as rows, sealed, in two folders that can be kept apart.
//!
//! `TO/main/STAMP` and `TO/keys/STAMP` are the two files of a set, `TO/tombstones` those who were erased, of all sets. A set is whole when both
//! files are there: each is written under another name and gets its own when it is on the disk. The database of visits is read first and the
//! key store after it, each at one instant: whoever the first refers to is in the second, or was erased in between. The master key is in
//! neither. The key file opens under the master key; the file of visits opens under a key that stands in the key file alone, so it is noise when that
//! is gone, and goes with it (`retention.key_backup_days`): what was erased or untied since cannot be opened by what is left (I4).

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clock::{Clock, Timestamp};
use db::copy::{self, Table};
use db::{Db, DbError, Migration, Options, Place, Value};
use privacy::{ArchiveKey, BackupPlaces, MasterKey, Tombstones};
use serde_json::{Value as Json, json};
use zeroize::Zeroizing;

use crate::app::make_private_folder;
use crate::{Settings, StartError};

mod sets;

pub use sets::forget_sets;
use sets::sets;
pub(crate) use sets::{files, past_term};

/// The first bytes of every file.
const MAGIC: &[u8] = b"recomed backup 2\n";
/// Those of older programs: both files open under the master key.
const MAGIC_1: &[u8] = b"recomed backup 1\n";
/// Bytes of a piece before it is sealed, about.
const PIECE_BYTES: usize = 1 << 20;
/// Bytes of a sealed piece at most: a row may be longer than a piece, never by that much.
const SEALED_BYTES_MAX: u32 = 64 << 20;
/// Rows read, or written, at once.
const ROWS_AT_ONCE: i64 = 1_000;
/// Tables whose rows live for minutes or days under keys that are no person's: who is erased must not live on in them. Nor must a sign-in
/// that was ended since come back, or a link or a challenge that was used.
const LEFT_OUT: [&str; 7] = ["sent_message", "phone_code", "code_count", "staff_session", "staff_link", "staff_challenge", "staff_tries"];

/// A database of a set.
struct Part {
    name: &'static str,
    history: &'static [Migration],
}

const MAIN: Part = Part { name: "main", history: db::migrate::MAIN };
const KEYS: Part = Part { name: "keys", history: db::migrate::KEYS };

/// What a backup or a restore has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The set's name: the instant at which it was begun.
    pub set: String,
    /// Rows of the database of visits.
    pub rows: u64,
    /// Rows of the key store.
    pub key_rows: u64,
    /// Sets that were past their term and are gone; of a restore, people who were erased again.
    pub gone: u64,
}

/// Told of long work: which part, rows so far, rows in all.
pub type Told = Arc<dyn Fn(&str, u64, u64) + Send + Sync>;

fn said(path: &Path) -> impl Fn(std::io::Error) -> StartError + '_ {
    move |error| StartError(format!("{}: {error}", path.display()))
}

/// Writes a set of both databases into the folder `to`, while the server runs or not. Afterwards it is whole and on the disk, sets past
/// their term are gone, and erasures are written into the folder from now on.
///
/// # Errors
/// One line that says what is wrong; then there is no new set.
pub async fn backup(settings: &Settings, db: &Db, keys: &Db, master: &MasterKey, to: &Path, told: Told) -> Result<Done, StartError> {
    make_private_folder(to).map_err(said(to))?;
    let to = std::fs::canonicalize(to).map_err(said(to))?;
    let set = db.clock().now().to_jiff().strftime("%Y%m%dT%H%M%SZ").to_string();
    sets::reserve(&to, &set)?;
    let (key, main_key) = (Arc::new(master.archive(&set)), Arc::new(ArchiveKey::random(db.clock())));
    // First of all: from now on erasures are written here too, and those of before are here, whatever becomes of this run.
    BackupPlaces::in_folder(&settings.data).remember(&to)?;
    bring_tombstones(&settings.data, &to)?;
    let rows = write_part(db, &MAIN, &main_key, None, &to, &set, &told).await?;
    let key_rows = write_part(keys, &KEYS, &key, Some((&main_key, master)), &to, &set, &told).await;
    if key_rows.is_err() {
        // Without the other one it opens to nobody.
        let _gone = std::fs::remove_file(to.join(MAIN.name).join(&set));
    }
    let key_rows = key_rows?;

    // Whoever was erased meanwhile, by a program that did not know of the place yet.
    bring_tombstones(&settings.data, &to)?;
    let profile = privacy::Profile::named(&settings.profile).map_err(|error| StartError(error.to_string()))?;
    let gone = forget_sets(&to, db.clock().now(), profile.retention.key_backup_days)?;
    Ok(Done { set, rows, key_rows, gone })
}

/// Writes into the folder `to` whoever stands among the tombstones of the folder `from` and not there.
fn bring_tombstones(from: &Path, to: &Path) -> Result<(), StartError> {
    let there = Tombstones::in_folder(to);
    let already = there.read()?;
    for (person, day) in Tombstones::in_folder(from).read_days()? {
        if !already.contains(&person) {
            there.add(person, day)?;
        }
    }
    Ok(())
}

/// A file that is being written: lines gathered into pieces, each sealed.
struct Writer {
    file: BufWriter<File>,
    key: Arc<ArchiveKey>,
    clock: Clock,
    part: &'static str,
    number: u64,
    piece: Vec<u8>,
}

impl Writer {
    fn line(&mut self, line: &Json) -> std::io::Result<()> {
        serde_json::to_writer(&mut self.piece, line)?;
        self.piece.push(b'\n');
        if self.piece.len() >= PIECE_BYTES { self.seal(false) } else { Ok(()) }
    }

    fn seal(&mut self, last: bool) -> std::io::Result<()> {
        let place = privacy::Place { file: self.part, number: self.number, last };
        let sealed = self.key.seal(&self.clock, place, &self.piece);
        let length = u32::try_from(sealed.len()).map_err(std::io::Error::other)?;
        self.file.write_all(&length.to_be_bytes())?;
        self.file.write_all(&[u8::from(last)])?;
        self.file.write_all(&sealed)?;
        self.number += 1;
        self.piece.clear();
        Ok(())
    }
}

fn new_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes a file of the set; into its head, if they are given, the key of the other one. Then the master key must open what is written.
async fn write_part(
    db: &Db,
    part: &'static Part,
    key: &Arc<ArchiveKey>,
    other: Option<(&Arc<ArchiveKey>, &MasterKey)>,
    to: &Path,
    set: &str,
    told: &Told,
) -> Result<u64, StartError> {
    let folder = to.join(part.name);
    make_private_folder(&folder).map_err(said(&folder))?;
    let (partial, whole) = (folder.join(format!("{set}.partial")), folder.join(set));
    let (path, key, told, name) = (partial.clone(), key.clone(), told.clone(), set.to_owned());
    let other = other.map(|(other, master)| (Zeroizing::new(STANDARD.encode(other.bytes())), master.clone()));
    // A fault of the disk ends the reading; it is told as what it is.
    let fault: Arc<Mutex<Option<std::io::Error>>> = Arc::default();
    let kept = fault.clone();
    let written: Result<u64, DbError> = db
        .read("backup", move |tx| {
            let (path, key, told, name, kept, other) = (path.clone(), key.clone(), told.clone(), name.clone(), kept.clone(), other.clone());
            Box::pin(async move {
                let keep = |error: std::io::Error| {
                    *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    DbError::Unavailable("the backup's disk".into())
                };
                if let Some((_, master)) = &other
                    && !privacy::master_opens(tx, master).await?
                {
                    return Err(DbError::Schema(
                        "the master key was changed while this was written, or the file has not the store's; run it again with the new one"
                            .into(),
                    ));
                }
                let clock = tx.clock().clone();
                let file = BufWriter::new(new_file(&path).map_err(keep)?);
                let mut writer = Writer { file, key, clock, part: part.name, number: 0, piece: Vec::new() };
                writer.file.write_all(MAGIC).map_err(keep)?;
                let mut tables = copy::tables(tx).await?;
                tables.retain(|table| !LEFT_OUT.contains(&table.name.as_str()));
                let steps = copy::steps(tx, part.history).await?;
                let all = u64::try_from(copy::count(tx, &tables).await?).unwrap_or(0);
                let other = other.as_ref().map(|(key, _)| key.as_str());
                writer.line(&json!({"part": part.name, "set": name, "steps": steps, "rows": all, "other_key": other})).map_err(keep)?;
                let mut rows = 0;
                for table in &tables {
                    rows += write_table(tx, &mut writer, table, |so_far| told(part.name, rows + so_far, all)).await?.map_err(keep)?;
                }
                writer.line(&json!({"end": rows})).map_err(keep)?;
                writer.seal(true).map_err(keep)?;
                writer.file.flush().map_err(keep)?;
                writer.file.get_ref().sync_all().map_err(keep)?;
                Ok(rows)
            })
        })
        .await;
    match (written, fault.lock().unwrap_or_else(PoisonError::into_inner).take()) {
        (Ok(rows), None) => {
            std::fs::rename(&partial, &whole).map_err(said(&whole))?;
            File::open(&folder).and_then(|folder| folder.sync_all()).map_err(said(&folder))?;
            Ok(rows)
        }
        (_, Some(error)) => {
            let _gone = std::fs::remove_file(&partial);
            Err(said(&partial)(error))
        }
        (Err(error), None) => {
            let _gone = std::fs::remove_file(&partial);
            Err(error.into())
        }
    }
}

async fn write_table(tx: &mut db::Tx, writer: &mut Writer, table: &Table, told: impl Fn(u64)) -> Result<std::io::Result<u64>, DbError> {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let kinds: Vec<&str> = table.columns.iter().map(|column| column.kind.as_str()).collect();
    if let Err(error) = writer.line(&json!({"table": table.name, "columns": columns, "kinds": kinds})) {
        return Ok(Err(error));
    }
    let (mut rows, mut last): (u64, Option<Vec<Value>>) = (0, None);
    loop {
        let page = copy::page(tx, table, last.as_deref(), ROWS_AT_ONCE).await?;
        let full = i64::try_from(page.len()).unwrap_or(0) == ROWS_AT_ONCE;
        for row in &page {
            if let Err(error) = writer.line(&Json::Array(row.iter().map(written).collect())) {
                return Ok(Err(error));
            }
        }
        rows += page.len() as u64;
        told(rows);
        last = page.into_iter().next_back();
        if !full {
            return Ok(Ok(rows));
        }
    }
}

fn written(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Int(number) => json!(number),
        Value::Real(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Bytes(bytes) => json!(STANDARD.encode(bytes)),
    }
}

fn read_value(json: &Json, kind: &str) -> Option<Value> {
    Some(match (json, kind) {
        (Json::Null, _) => Value::Null,
        (Json::Number(number), "int") => Value::Int(number.as_i64()?),
        (Json::Number(number), "real") => Value::Real(number.as_f64()?),
        (Json::String(text), "text") => Value::Text(text.clone()),
        (Json::String(text), "bytes") => Value::Bytes(STANDARD.decode(text).ok()?),
        _ => return None,
    })
}

/// A file that is being read, piece by piece.
struct Reader {
    file: BufReader<File>,
    path: PathBuf,
    key: Arc<ArchiveKey>,
    part: &'static str,
    number: u64,
    ended: bool,
    /// The steps of the schema, and how many rows there are.
    head: (Vec<String>, u64),
    /// The key of the set's other file.
    other_key: Option<Arc<ArchiveKey>>,
    /// Lines of the first piece, behind the head.
    first: Option<Vec<Json>>,
}

impl Reader {
    fn open(path: &Path, key: &Arc<ArchiveKey>, part: &'static str, set: &str) -> Result<Reader, StartError> {
        let mut file = BufReader::new(File::open(path).map_err(said(path))?);
        let mut magic = [0; MAGIC.len()];
        let read = file.read_exact(&mut magic);
        let (path, key) = (path.to_owned(), key.clone());
        let mut reader = Reader { file, path, key, part, number: 0, ended: false, head: (Vec::new(), 0), other_key: None, first: None };
        if read.is_err() || (magic != MAGIC && magic != MAGIC_1) {
            return Err(reader.refuse("this is not a backup that this program can read"));
        }
        let mut lines = reader.piece()?.unwrap_or_default();
        if lines.is_empty() {
            return Err(reader.refuse("it is empty; take another set with --set"));
        }
        let head = lines.remove(0);
        if head["part"] != part || head["set"] != set {
            return Err(reader.refuse("the file was renamed; take another set with --set"));
        }
        reader.head = (serde_json::from_value(head["steps"].clone()).unwrap_or_default(), head["rows"].as_u64().unwrap_or(0));
        let other = head["other_key"].as_str().and_then(|key| STANDARD.decode(key).ok()).and_then(|key| key.try_into().ok());
        reader.other_key = other.map(|key| Arc::new(ArchiveKey::from_bytes(key)));
        reader.first = Some(lines);
        Ok(reader)
    }

    fn refuse(&self, why: &str) -> StartError {
        StartError(format!("{}: {why}", self.path.display()))
    }

    /// The lines of the next piece; `None` after the last.
    fn piece(&mut self) -> Result<Option<Vec<Json>>, StartError> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        if self.ended {
            return Ok(None);
        }
        let mut head = [0; 5];
        if self.file.read_exact(&mut head).is_err() {
            return Err(self.refuse("the file is cut off; take another set with --set"));
        }
        let [a, b, c, d, last] = head;
        let length = u32::from_be_bytes([a, b, c, d]);
        if length > SEALED_BYTES_MAX || last > 1 {
            return Err(self.refuse("this is not a backup of ours, or it was changed; take another set with --set"));
        }
        let mut sealed = vec![0; length as usize];
        if self.file.read_exact(&mut sealed).is_err() {
            return Err(self.refuse("the file is cut off; take another set with --set"));
        }
        let place = privacy::Place { file: self.part, number: self.number, last: last == 1 };
        let plain = self.key.open(place, &sealed).map_err(|_| {
            self.refuse("it does not open: changed, renamed, or made under another master key; bring the one it was made with (a change keeps it as `….replaced-…`), or take another set with --set")
        })?;
        self.number += 1;
        self.ended = last == 1;
        if self.ended && self.file.read(&mut [0; 1]).map_err(said(&self.path))? != 0 {
            return Err(self.refuse("something follows the end of the file; take another set with --set"));
        }
        let lines = plain.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(serde_json::from_slice);
        lines.collect::<Result<_, _>>().map(Some).map_err(|_| self.refuse("a line in it cannot be read"))
    }
}

/// Fills two empty databases from a set in the folder `from`, the newest whole one unless `set` names another; then opens them as a start does:
/// whoever was erased since is erased again. Nothing is answered before this has returned.
///
/// # Errors
/// One line that says what is wrong and what to do; files of a SQLite database that were begun are taken away again.
pub async fn restore(settings: &Settings, clock: &Clock, from: &Path, set: Option<&str>, told: Told) -> Result<Done, StartError> {
    if !settings.master_key_file.exists() {
        let file = settings.master_key_file.display();
        return Err(StartError(format!(
            "{file}: the master key is not here, and no backup has it; put the file it was kept in there first"
        )));
    }
    let master = MasterKey::read(&settings.master_key_file)?;
    let set = choose(from, set)?;
    // Its name is sealed into it. Whoever was erased since it was written is known by tombstones, for as long as those live.
    let profile = privacy::Profile::named(&settings.profile).map_err(|error| StartError(error.to_string()))?;
    let oldest =
        Timestamp(clock.now().micros() - profile.retention.tombstone_days * clock::DAY).to_jiff().strftime("%Y%m%dT%H%M%SZ").to_string();
    if set < oldest {
        return Err(StartError(format!(
            "{set}: this set is older than tombstones live ({} days), so people who were erased would come back with it; no copy of the keys is kept so long",
            profile.retention.tombstone_days
        )));
    }
    for place in [&settings.database, &settings.keys] {
        if let Place::Sqlite(path) = place {
            if path.exists() {
                let path = path.display();
                return Err(StartError(format!(
                    "{path}: there is a database already; a restore fills only an empty place: move it away first"
                )));
            }
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                make_private_folder(folder).map_err(said(folder))?;
            }
        }
    }
    let key = Arc::new(master.archive(&set));
    // Everybody who was erased, wherever it is written, before there is anything that could be opened: should this die half-way, the next
    // start knows them.
    make_private_folder(&settings.data).map_err(said(&settings.data))?;
    bring_tombstones(from, &settings.data)?;
    if let Ok(place) = std::fs::canonicalize(from) {
        BackupPlaces::in_folder(&settings.data).remember(&place)?;
    }
    let filled = fill_both(settings, clock, from, &set, &key, &told).await;
    let (rows, key_rows) = match filled {
        Ok(rows) => rows,
        Err(error) => {
            for place in [&settings.database, &settings.keys] {
                if let Place::Sqlite(path) = place {
                    for end in ["", "-wal", "-shm"] {
                        let mut file = path.clone().into_os_string();
                        file.push(end);
                        let _gone = std::fs::remove_file(file);
                    }
                }
            }
            return Err(error);
        }
    };
    let (db, keys) = crate::app::open_databases(settings, clock, privacy::Suite::Sealed).await?;
    // Erased between the reading of the one database and of the other: the visit is there, the key is not.
    booking::let_go_of_dead(&db, &keys, Tombstones::in_folder(&settings.data).read()?).await?;
    // Nobody knows which ways to sign in were taken away since.
    db.run("staff start over", |tx| Box::pin(access::start_all_over(tx))).await?;
    let risen = db.read("erased again", |tx| Box::pin(privacy::erasure::count_risen(tx))).await?;
    Ok(Done { set, rows, key_rows, gone: u64::try_from(risen).unwrap_or(0) })
}

/// The set to be restored: whole, and there.
fn choose(from: &Path, set: Option<&str>) -> Result<String, StartError> {
    let (main, keys) = (sets(&from.join(MAIN.name))?, sets(&from.join(KEYS.name))?);
    let place = from.display();
    match set {
        Some(set) if main.iter().any(|there| there == set) && keys.iter().any(|there| there == set) => Ok(set.to_owned()),
        Some(set) if main.iter().any(|there| there == set) => Err(StartError(format!(
            "{place}: of the set {set} the key file is gone, as its term demands; without it the other one does not open: take a newer set"
        ))),
        Some(set) => Err(StartError(format!("{place}: there is no set {set}; there are: {}", main.join(", ")))),
        None => main.into_iter().rev().find(|there| keys.contains(there)).ok_or_else(|| {
            StartError(format!("{place}: there is no whole set here: a file in main/ and one of the same name in keys/ are looked for"))
        }),
    }
}

async fn fill_both(
    settings: &Settings,
    clock: &Clock,
    from: &Path,
    set: &str,
    key: &Arc<ArchiveKey>,
    told: &Told,
) -> Result<(u64, u64), StartError> {
    let other = Reader::open(&from.join(KEYS.name).join(set), key, KEYS.name, set)?.other_key;
    // A set of an older program has both under one key.
    let rows = fill(&settings.database, false, clock, &MAIN, from, set, other.as_ref().unwrap_or(key), told).await?;
    let key_rows = fill(&settings.keys, true, clock, &KEYS, from, set, key, told).await?;
    Ok((rows, key_rows))
}

#[expect(clippy::too_many_arguments, reason = "one call, in which each is named by its type")]
async fn fill(
    place: &Place,
    secure_delete: bool,
    clock: &Clock,
    part: &'static Part,
    from: &Path,
    set: &str,
    key: &Arc<ArchiveKey>,
    told: &Told,
) -> Result<u64, StartError> {
    let path: PathBuf = from.join(part.name).join(set);
    let (steps, _) = Reader::open(&path, key, part.name, set)?.head;
    let db = Db::open(Options { secure_delete, ..Options::new(place.clone()) }, clock.clone()).await?;
    let empty = db.read("empty", |tx| Box::pin(db::schema::columns(tx))).await?.is_empty();
    if !empty {
        return Err(StartError(
            "the database is not empty; a restore fills only an empty one: make a new one and name it in the settings".into(),
        ));
    }
    db::migrate::migrate_to(&db, part.history, &steps).await?;

    // All in one transaction: a file that turns out to be broken at its end leaves nothing behind.
    let (key, set, told) = (key.clone(), set.to_owned(), told.clone());
    let refusal: Arc<Mutex<Option<StartError>>> = Arc::default();
    let kept = refusal.clone();
    let filled: Result<u64, DbError> = db
        .run("restore", move |tx| {
            let (path, key, set, told, kept) = (path.clone(), key.clone(), set.clone(), told.clone(), kept.clone());
            Box::pin(async move {
                let refused = |error: StartError| {
                    *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    DbError::Shape("the backup cannot be read".into())
                };
                let mut reader = Reader::open(&path, &key, part.name, &set).map_err(refused)?;
                let tables = copy::tables(tx).await?;
                copy::begin_load(tx).await?;
                // Whatever the steps themselves have put there is in the backup too, as it was.
                let made: Vec<String> = tables.iter().map(|table| table.name.clone()).collect();
                copy::clear(tx, &made).await?;
                let rows = load_all(tx, &mut reader, &made, &told).await?.map_err(refused)?;
                copy::end_load(tx).await?;
                Ok(rows)
            })
        })
        .await;
    match refusal.lock().unwrap_or_else(PoisonError::into_inner).take() {
        Some(error) => Err(error),
        None => Ok(filled?),
    }
}

/// Loads what follows the head; how many rows.
async fn load_all(tx: &mut db::Tx, reader: &mut Reader, known: &[String], told: &Told) -> Result<Result<u64, StartError>, DbError> {
    let (mut rows, mut into, mut ended): (u64, Option<Filling>, Option<u64>) = (0, None, None);
    let mut gathered: Vec<Vec<Value>> = Vec::new();
    loop {
        let lines = match reader.piece() {
            Ok(Some(lines)) => lines,
            Ok(None) => break,
            Err(error) => return Ok(Err(error)),
        };
        for line in lines {
            if let Json::Array(values) = &line {
                let Some((_, columns, kinds)) = &into else { return Ok(Err(reader.refuse("a row stands outside a table"))) };
                let row: Option<Vec<Value>> = values.iter().zip(kinds).map(|(value, kind)| read_value(value, kind)).collect();
                let Some(row) = row.filter(|row| row.len() == columns.len()) else {
                    return Ok(Err(reader.refuse("a value is of another kind than its column")));
                };
                gathered.push(row);
                if i64::try_from(gathered.len()).unwrap_or(0) < ROWS_AT_ONCE {
                    continue;
                }
            }
            if let Some((table, columns, _)) = &into
                && !gathered.is_empty()
            {
                copy::load(tx, table, columns, &gathered).await?;
                rows += gathered.len() as u64;
                gathered.clear();
                told(reader.part, rows, reader.head.1);
            }
            if let Some(end) = line["end"].as_u64() {
                ended = Some(end);
            } else if let Some(table) = line["table"].as_str() {
                if !known.iter().any(|known| known == table) {
                    let why =
                        format!("it has a table {table} that this program does not know; use the program it was made with, or a newer one");
                    return Ok(Err(reader.refuse(&why)));
                }
                let columns = serde_json::from_value(line["columns"].clone()).unwrap_or_default();
                let kinds = serde_json::from_value(line["kinds"].clone()).unwrap_or_default();
                into = Some((table.to_owned(), columns, kinds));
            }
        }
    }
    if ended != Some(rows) || rows != reader.head.1 {
        return Ok(Err(reader.refuse("it has another number of rows than it says; take another set with --set")));
    }
    Ok(Ok(rows))
}

/// The table that rows are for: its name, its columns, their kinds.
type Filling = (String, Vec<String>, Vec<String>);
