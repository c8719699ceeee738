//! A database and a key store for one test.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use clock::{Clock, Timestamp};
use db::{Db, DbError, Options, Place};

/// The variable that says where tests may create PostgreSQL databases.
const WHERE: &str = "RECOMED_TEST_POSTGRES";
/// Tries to copy a template that somebody is still connected to.
const COPIES_TRIED_MAX: u32 = 50;

/// On which database a test runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Files in a folder of the test's own.
    Sqlite,
    /// Databases of the test's own on the server that `RECOMED_TEST_POSTGRES` names.
    Postgres,
}

/// Two empty, migrated databases and a folder; gone when dropped.
pub struct Databases {
    /// The folder: SQLite's files, the master key, whatever the test puts there.
    pub folder: PathBuf,
    /// The main database.
    pub main: Place,
    /// The key store.
    pub keys: Place,
    made: Vec<String>,
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl Databases {
    /// Places in which there is nothing yet, not even a schema.
    pub fn empty(kind: Kind) -> Databases {
        Databases::new(kind, false)
    }

    /// New ones.
    pub fn make(kind: Kind) -> Databases {
        Databases::new(kind, true)
    }

    fn new(kind: Kind, filled: bool) -> Databases {
        let name = format!("recomed_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(&name);
        let mut builder = std::fs::DirBuilder::new();
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).unwrap();
        match kind {
            Kind::Sqlite => {
                let (main, keys) = (Place::Sqlite(folder.join("recomed.db")), Place::Sqlite(folder.join("keys.db")));
                Databases { folder, main, keys, made: Vec::new() }
            }
            Kind::Postgres => {
                let empty = ["template0".to_owned(), "template0".to_owned()];
                let templates = if filled { templates() } else { &empty };
                let made = vec![format!("{name}_main"), format!("{name}_keys")];
                for (database, template) in made.iter().zip(templates) {
                    administer(format!("CREATE DATABASE {database} TEMPLATE {template}"));
                }
                let place = |database: &String| Place::Postgres(address_of(database));
                Databases { folder, main: place(&made[0]), keys: place(&made[1]), made }
            }
        }
    }
}

impl Drop for Databases {
    fn drop(&mut self) {
        for database in &self.made {
            administer(format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"));
        }
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}

/// Every file under a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn server() -> String {
    match std::env::var(WHERE) {
        Ok(address) if !address.is_empty() => address,
        _ => panic!("{WHERE} does not say where PostgreSQL is; run cargo xtask test, which starts one"),
    }
}

/// The server's address with another database's name: `postgres:///NAME?user=…`.
fn address_of(database: &str) -> String {
    let address = server();
    let (before, query) =
        address.split_once('?').map_or((address.as_str(), String::new()), |(before, query)| (before, format!("?{query}")));
    let (before, _) = before.rsplit_once('/').unwrap();
    format!("{before}/{database}{query}")
}

/// Two migrated databases, made once per process: copying them is faster than migrating anew.
fn templates() -> &'static [String; 2] {
    static TEMPLATES: OnceLock<[String; 2]> = OnceLock::new();
    TEMPLATES.get_or_init(|| {
        let names = ["main", "keys"].map(|part| format!("recomed_template_{}_{part}", std::process::id()));
        for (name, history) in names.iter().zip([db::migrate::MAIN, db::migrate::KEYS]) {
            administer(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            administer(format!("CREATE DATABASE {name}"));
            let place = Place::Postgres(address_of(name));
            apart(async move {
                let db = Db::open(Options::new(place), clock()).await.unwrap();
                db::migrate::migrate(&db, history).await.unwrap();
            });
        }
        names
    })
}

fn clock() -> Clock {
    Clock::simulated(Timestamp(0), 0)
}

/// Runs work on a thread and a runtime of its own, whose connections are closed when it ends.
fn apart(work: impl Future<Output = ()> + Send + 'static) {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    std::thread::spawn(move || runtime().block_on(work)).join().unwrap();
}

/// Runs a statement that no transaction may hold. The transaction that `db` has begun is ended first.
fn administer(statement: String) {
    let place = Place::Postgres(server());
    apart(async move {
        let db = Db::open(Options { connections: 1, ..Options::new(place) }, clock()).await.unwrap();
        let mut tries = 0;
        loop {
            let sql = statement.clone();
            let done: Result<u64, DbError> = db
                .run("administer", move |tx| {
                    let sql = sql.clone();
                    Box::pin(async move {
                        tx.execute("COMMIT", &[]).await?;
                        tx.execute(&sql, &[]).await
                    })
                })
                .await;
            match done {
                Ok(_) => return,
                // 55006: the template's own connection is still closing.
                Err(fault) if fault.to_string().contains("55006") && tries < COPIES_TRIED_MAX => {
                    tries += 1;
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
                Err(fault) => panic!("{statement}: {fault}"),
            }
        }
    });
}
