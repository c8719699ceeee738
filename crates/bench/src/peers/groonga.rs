//! Groonga over HTTP: the same doctors, its own text index, prefix search and fuzzy search.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::load::{Client, Http, escaped};
use crate::process::{Running, finish, free_port};
use crate::world::{BEFORE_HOUR, Question, TIMES, World};

const SCHEMA: &str = "\
plugin_register functions/vector
table_create Cities TABLE_HASH_KEY ShortText
table_create Specialties TABLE_HASH_KEY ShortText
table_create Metros TABLE_HASH_KEY ShortText
table_create Surnames TABLE_PAT_KEY ShortText
table_create Doctors TABLE_HASH_KEY ShortText
column_create Doctors surname COLUMN_SCALAR Surnames
column_create Doctors card COLUMN_SCALAR Text
column_create Doctors words COLUMN_SCALAR Text
column_create Doctors specialty COLUMN_VECTOR Specialties
column_create Doctors city COLUMN_SCALAR Cities
column_create Doctors metro COLUMN_VECTOR Metros
column_create Doctors price COLUMN_SCALAR Int64
column_create Doctors next_free COLUMN_SCALAR Int64
column_create Doctors day_minute COLUMN_SCALAR Int64
column_create Doctors slots COLUMN_VECTOR Int64
";
const INDEXES: &str = "\
table_create Terms TABLE_PAT_KEY ShortText --default_tokenizer TokenBigram --normalizer NormalizerAuto
column_create Terms words COLUMN_INDEX|WITH_POSITION Doctors words
column_create Cities doctors COLUMN_INDEX Doctors city
column_create Specialties doctors COLUMN_INDEX Doctors specialty
column_create Metros doctors COLUMN_INDEX Doctors metro
column_create Surnames doctors COLUMN_INDEX Doctors surname
";
/// A doctor without a free time, for an engine without null: behind all others.
const NEVER: i64 = i64::MAX;

/// Fills a new database in this folder and serves it.
///
/// # Errors
/// What the program said.
pub(crate) fn start(program: &Path, folder: &Path, world: &World) -> Result<Running, String> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|fault| format!("{}: {fault}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).map_err(|fault| format!("{}: {fault}", folder.display()))?;
    let (database, dump) = (folder.join("db"), folder.join("dump.grn"));
    let mut text = format!("{SCHEMA}load --table Doctors\n[\n");
    for (at, doctor) in world.doctors.iter().enumerate() {
        let next = doctor.next.first().copied();
        let row = json!({
            "_key": doctor.role, "surname": doctor.surname, "card": doctor.card, "words": doctor.words, "specialty": doctor.specialties,
            "city": doctor.city, "metro": doctor.metros, "price": doctor.price_minor, "next_free": next.unwrap_or(NEVER),
            "day_minute": doctor.day_minute.unwrap_or(NEVER), "slots": doctor.next,
        });
        text.push_str(if at == 0 { "" } else { ",\n" });
        text.push_str(&row.to_string());
    }
    text.push_str("\n]\n");
    text.push_str(INDEXES);
    std::fs::write(&dump, text).map_err(|fault| format!("{}: {fault}", dump.display()))?;
    finish(Command::new(program).arg("--file").arg(&dump).arg("-n").arg(&database))?;
    let port = free_port()?;
    let mut command = Command::new(program);
    command.args(["-s", "--protocol", "http", "--bind-address", "127.0.0.1", "-t", "4", "--port", &port.to_string()]).arg(&database);
    Running::listening(command, &folder.join("log"), &format!("127.0.0.1:{port}"))
}

/// A connection that asks the questions one after the other.
pub(crate) struct Searcher {
    http: Http,
    requests: Arc<Vec<(usize, Vec<u8>)>>,
    next: usize,
}

/// The questions as this engine's requests.
pub(crate) fn requests(questions: &[Question]) -> Vec<(usize, Vec<u8>)> {
    questions.iter().map(|asked| (asked.kind, Http::request("GET", &path(asked), &[], &[]))).collect()
}

fn path(asked: &Question) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace(['"', '\\'], ""));
    let (filter, order) = match asked.kind {
        0 => (format!("city == {} && specialty @ {}", quoted(&asked.city), quoted(&asked.specialty)), "next_free,_id"),
        1 => (
            format!(
                "city == {} && specialty @ {} && metro @ {} && price <= {} && day_minute < {}",
                quoted(&asked.city),
                quoted(&asked.specialty),
                quoted(&asked.metro),
                asked.price_max_minor,
                BEFORE_HOUR * 60
            ),
            "day_minute,_id",
        ),
        2 => (format!("surname @^ {}", quoted(&asked.words)), "next_free,_id"),
        3 => {
            let words: Vec<String> = asked.words.split_whitespace().map(|word| format!("words @ {}", quoted(word))).collect();
            (words.join(" && "), "-_score,next_free,_id")
        }
        _ => {
            let fuzzy = format!(
                "fuzzy_search(surname, {}, {{\"max_distance\": 1, \"prefix_length\": 1, \"with_transposition\": true}})",
                quoted(&asked.words)
            );
            (fuzzy, "-_score,next_free,_id")
        }
    };
    format!(
        "/d/select?command_version=2&table=Doctors&limit=20&filter={}&sort_keys={}&output_columns={}",
        escaped(&filter),
        escaped(order),
        escaped(&format!("_key,card,vector_slice(slots,0,{TIMES})"))
    )
}

impl Searcher {
    /// Begins at another question than its neighbours.
    pub(crate) fn new(address: &str, requests: Arc<Vec<(usize, Vec<u8>)>>, first: usize) -> Searcher {
        Searcher { http: Http::new(address), requests, next: first }
    }
}

impl Client for Searcher {
    async fn ask(&mut self) -> Result<Option<usize>, String> {
        let (kind, request) = self.requests.get(self.next % self.requests.len().max(1)).ok_or("no questions")?;
        self.next += 1;
        let answer = self.http.send(request).await?;
        // A fault stands in the answer's head as a code other than 0, whatever the status.
        if answer.status != 200 || !answer.body.starts_with(b"[[0,") {
            return Err(String::from_utf8_lossy(answer.body.get(..200).unwrap_or(&answer.body)).into_owned());
        }
        Ok(Some(*kind))
    }
}

/// How many doctors fit a question.
///
/// # Errors
/// What the server said.
pub(crate) async fn total(http: &mut Http, asked: &Question) -> Result<u64, String> {
    let answer = http.send(&Http::request("GET", &path(asked), &[], &[])).await?;
    let value: Value = serde_json::from_slice(&answer.body).map_err(|fault| fault.to_string())?;
    value
        .pointer("/1/0/0/0")
        .and_then(Value::as_u64)
        .ok_or_else(|| format!("no total: {}", value.to_string().chars().take(300).collect::<String>()))
}
