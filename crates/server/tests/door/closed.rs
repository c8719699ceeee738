//! What must not compile (I3): a permit made by hand, copied or used twice, a sealed value read without one, a consent made up, something
//! sent that was not disclosed. Each case is a small program against the very libraries that these tests are linked with, and names the one error that it must end with.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What stands above every case.
const BEFORE: &str = "#![allow(unused)]\nuse privacy::*;\n";

struct Case {
    name: &'static str,
    program: &'static str,
    /// Code and words of the error; empty for a program that compiles.
    error: (&'static str, &'static str),
}

const CASES: [Case; 16] = [
    // Without one that compiles, a library that is not found would look like so many good refusals.
    Case {
        name: "the one way in",
        program:
            "pub async fn open(tx: &mut Tx, sealed: &Sealed<String>, ask: &Ask<'_>, given: &[ConsentGiven]) -> Option<Personal<String>> {
            let mut permit = decide(ask, given, tx.now()).ok()?;
            sealed.open(tx, &mut permit).await.ok()
        }",
        error: ("", ""),
    },
    Case {
        name: "a permit made by hand",
        program: "pub fn make(key: SubjectKey) -> Permit { Permit { key, ..panic!() } }",
        error: ("E0451", "of struct `privacy::Permit` are private"),
    },
    Case {
        name: "a permit for one more field",
        program: "pub fn widen(permit: &mut Permit) { permit.fields.push(Field::Email); }",
        error: ("E0616", "field `fields` of struct `privacy::Permit` is private"),
    },
    Case {
        name: "a permit copied",
        program: "fn spend(_: Permit) {} pub fn twice(permit: Permit) { spend(permit); spend(permit); }",
        error: ("E0382", "use of moved value: `permit`"),
    },
    Case {
        name: "a permit cloned",
        program: "pub fn twice(permit: &Permit) -> Permit { let copy: Permit = Permit::clone(permit); copy }",
        error: ("E0277", "the trait bound `privacy::Permit: Clone` is not satisfied"),
    },
    Case {
        name: "a sealed value opened without a permit",
        program: "pub async fn open(tx: &mut Tx, sealed: &Sealed<String>) { let _ = sealed.open(tx).await; }",
        error: ("E0061", "this method takes 2 arguments but 1 argument was supplied"),
    },
    Case {
        name: "a sealed value read",
        program: "pub fn read(sealed: &Sealed<String>) -> &String { sealed.expose() }",
        error: ("E0599", "no method named `expose` found for reference `&privacy::Sealed<String>`"),
    },
    Case {
        name: "a key that opens by itself",
        program: "pub fn read(key: &SubjectKey, sealed: &[u8]) { let _ = key.open_bytes(&[], sealed); }",
        error: ("E0624", "method `open_bytes` is private"),
    },
    Case {
        name: "a consent made up",
        program: "pub fn agree() -> ConsentGiven { ConsentGiven { purpose: Purpose::P1, version: 1 } }",
        error: ("E0451", "fields `purpose` and `version` of struct `privacy::ConsentGiven` are private"),
    },
    Case {
        name: "a sign-in made up",
        program: "pub fn come_in() -> Asker { Asker::Staff(StaffProof { staff: [0; 16] }) }",
        error: ("E0451", "field `staff` of struct `privacy::StaffProof` is private"),
    },
    Case {
        name: "a console made up",
        program: "pub fn sit_down() -> Asker { Asker::Console(ConsoleProof(())) }",
        error: ("E0423", "cannot initialize a tuple struct which contains private fields"),
    },
    Case {
        name: "the one way out",
        program: "pub async fn send(gateway: &notify::Gateway, db: &db::Db, sms: disclosure::Disclosed<notify::Sms>) {
            let _ = gateway.send(db, sms, true).await;
        }",
        error: ("", ""),
    },
    Case {
        name: "a text sent that was not disclosed",
        program: "pub async fn send(gateway: &notify::Gateway, db: &db::Db, sms: notify::Sms) { let _ = gateway.send(db, sms, true).await; }",
        error: ("E0308", "mismatched types: expected `Disclosed<Sms>`, found `Sms`"),
    },
    Case {
        name: "a letter sent that was not disclosed",
        program: "pub async fn send(post: &notify::Post, db: &db::Db, letter: notify::Letter) { let _ = post.send(db, letter, true).await; }",
        error: ("E0308", "mismatched types: expected `Disclosed<Letter>`, found `Letter`"),
    },
    Case {
        name: "something sent twice",
        program: "pub async fn twice(gateway: &notify::Gateway, db: &db::Db, sms: disclosure::Disclosed<notify::Sms>) {
            let _ = gateway.send(db, sms, true).await;
            let _ = gateway.send(db, sms, true).await;
        }",
        error: ("E0382", "use of moved value: `sms`"),
    },
    Case {
        name: "a disclosure made by hand",
        program: "pub fn make(slip: disclosure::Slip, sms: notify::Sms) -> disclosure::Disclosed<notify::Sms> {
            disclosure::Disclosed { slip, written: sms }
        }",
        error: ("E0451", "fields `slip` and `written` of struct `Disclosed` are private"),
    },
];

#[test]
fn data_is_not_opened_without_a_permit() {
    let built = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    let folder = std::env::temp_dir().join(format!("recomed-closed-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let compile = |case: &Case, libraries: &[(&str, &PathBuf)]| {
        let source = folder.join("case.rs");
        std::fs::write(&source, format!("{BEFORE}{}\n", case.program)).unwrap();
        Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
            .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata", "--error-format", "short"])
            .args(libraries.iter().flat_map(|(name, library)| ["--extern".to_owned(), format!("{name}={}", library.display())]))
            .arg("-L")
            .arg(format!("dependency={}", built.display()))
            .arg("-o")
            .arg(folder.join("case.rmeta"))
            .arg(&source)
            .output()
            .expect("rustc runs: it has just built these tests")
    };
    // A build folder may hold several builds of a crate. The newest `notify` is the one that was linked; those of the crates below it that
    // belong to it are the ones with which the program that is right compiles.
    let right = CASES.iter().find(|case| case.error.0.is_empty()).unwrap();
    let [privacy, notify, db] = ["privacy", "notify", "db"].map(|name| libraries(&built, name));
    let pairs = privacy.iter().flat_map(|privacy| db.iter().map(move |db| (privacy, db)));
    let sets: Vec<_> = pairs.map(|(privacy, db)| [("privacy", privacy), ("notify", &notify[0]), ("db", db)]).collect();
    let fitting = sets.iter().find(|set| compile(right, *set).status.success());
    let libraries = fitting.unwrap_or_else(|| panic!("{}: must compile, but:\n{:?}", right.name, compile(right, &sets[0])));
    for case in &CASES {
        let out = compile(case, libraries);
        let said = String::from_utf8_lossy(&out.stderr);
        let errors: Vec<&str> = said.lines().filter(|line| line.contains("error")).collect();
        let (code, words) = case.error;
        if code.is_empty() {
            assert!(out.status.success(), "{}: must compile, but:\n{said}", case.name);
            continue;
        }
        assert!(!out.status.success(), "{}: compiles", case.name);
        let [error, _aborting] = errors.as_slice() else { panic!("{}: one error was expected:\n{said}", case.name) };
        assert!(error.contains(&format!("error[{code}]")) && error.contains(words), "{}: another error:\n{said}", case.name);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// The libraries of that crate beside the test, the newest first: at most a few, since there may be builds of long ago.
fn libraries(built: &Path, name: &str) -> Vec<PathBuf> {
    let begins = format!("lib{name}-");
    let mut found: Vec<_> = std::fs::read_dir(built)
        .unwrap()
        .flatten()
        .filter(|entry| {
            let file = entry.file_name();
            file.to_string_lossy().starts_with(&begins) && Path::new(&file).extension().is_some_and(|extension| extension == "rlib")
        })
        .map(|entry| (entry.metadata().unwrap().modified().unwrap(), entry.path()))
        .collect();
    found.sort();
    found.into_iter().rev().take(4).map(|(_, path)| path).collect()
}
