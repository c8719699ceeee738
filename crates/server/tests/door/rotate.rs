//! The master key changes under a program that runs, and under one that dies at any step of it.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use db::{Db, DbError, Options};
use privacy::{KeyError, KeyStore, MasterKey, RotationStep, Suite, prepare_rotation, rotate};
use testkit::{Kind, TestApp, cast};

testkit::both!(
    a_program_that_runs_goes_on_under_the_new_key,
    whoever_dies_at_a_step_starts_again,
    another_machine_is_given_the_key_before,
    two_machines_do_not_change_it_at_once,
    a_new_key_that_was_lost_is_missed,
    the_older_wrapping_key_goes_the_day_after,
);

/// People, made by whoever has `keys`; more than are wrapped anew at once.
async fn people(keys: &KeyStore, from: usize, number: usize) {
    for number in from..from + number {
        let person = cast::extra(number);
        let identity = |_: &privacy::SubjectKey, _| privacy::Identity::stored([const { Vec::new() }; 5]);
        keys.find_or_make(&person.phone, &person.name, identity).await.unwrap();
    }
}

/// Whether all of them can be opened.
async fn all_open(keys: &KeyStore, number: usize) -> bool {
    for number in 0..number {
        let person = cast::extra(number);
        let found = keys.find(&person.phone, &person.name).await;
        let Ok(Some((key, _))) = found else { return false };
        if keys.known(key.person().unwrap()).await.unwrap().is_none() {
            return false;
        }
    }
    true
}

async fn store(app: &TestApp) -> Db {
    let place = app.databases.as_ref().unwrap().keys.clone();
    Db::open(Options { secure_delete: true, ..Options::new(place) }, app.clock.clone()).await.unwrap()
}

async fn opened(app: &TestApp, file: &Path) -> Result<KeyStore, KeyError> {
    KeyStore::open(store(app).await, MasterKey::read(file)?, Suite::Sealed).await
}

fn beside(app: &TestApp, part: &str) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(app.folder()).unwrap().flatten();
    folder.map(|entry| entry.path()).filter(|path| path.to_string_lossy().contains(part)).collect()
}

/// Keys that are not under the newest wrapping key, and wrapping keys.
async fn left(app: &TestApp) -> (i64, i64) {
    let older = "SELECT (SELECT count(*) FROM person_key WHERE generation < (SELECT max(generation) FROM wrapping_key))
                      + (SELECT count(*) FROM system_key WHERE generation < (SELECT max(generation) FROM wrapping_key))";
    (app.count_in_keys(older).await, app.count_in_keys("SELECT count(*) FROM wrapping_key").await)
}

async fn a_program_that_runs_goes_on_under_the_new_key(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (running, file) = (&app.app.world.keys, app.folder().join("master.key"));
    people(running, 0, 230).await;
    let old = std::fs::read(&file).unwrap();
    let (db, other) = (store(&app).await, app.twin().await);
    // Two programs run. Meanwhile one makes people, the other looks for them.
    let (done, ()) = tokio::join!(rotate(&db, &file, |_| Ok(())), people(running, 230, 60));
    let done = done.unwrap();
    assert!(done.keys >= 230, "{done:?}");
    // One that has not heard of it writes nothing under the older wrapping key.
    let before = left(&app).await;
    people(&other.app.world.keys, 290, 10).await;
    assert_eq!(left(&app).await, before);
    assert!(all_open(running, 300).await && all_open(&other.app.world.keys, 300).await);
    running.rewrap().await.unwrap();
    assert_eq!(left(&app).await.0, 0);

    // The old key opens nothing, the file has the new one, which only its owner reads; the old one is kept for backups.
    let kept = done.kept.unwrap();
    assert_eq!(std::fs::read(&kept).unwrap(), old);
    assert_ne!(std::fs::read(&file).unwrap(), old);
    assert_eq!(opened(&app, &kept).await.err(), Some(KeyError::WrongMaster));
    assert!(all_open(&opened(&app, &file).await.unwrap(), 300).await);
    for path in beside(&app, "master.key") {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
        assert!(mode & 0o077 == 0 || path.ends_with("master.key.lock"), "{}", path.display());
    }
    // What the old wrapping key would open with an old copy of the store: nobody's key as it is now.
    assert!(running.console(&MasterKey::read(&file).unwrap()).is_some());
    assert!(running.console(&MasterKey::read(&kept).unwrap()).is_none(), "the old one proves nothing");
    // And once more.
    rotate(&db, &file, |_| Ok(())).await.unwrap();
    assert!(all_open(running, 300).await && all_open(&opened(&app, &file).await.unwrap(), 300).await);
}

async fn whoever_dies_at_a_step_starts_again(kind: Kind) {
    use RotationStep::{Doubled, Kept, Made, Renewed, Replaced, Rewrapped};
    let app = TestApp::start(kind).await;
    let (running, file, db) = (&app.app.world.keys, app.folder().join("master.key"), store(&app).await);
    people(running, 0, 210).await;
    for last in [Made, Doubled, Kept, Replaced, Renewed, Rewrapped(200, 210)] {
        let seen = Mutex::new(Vec::new());
        let died = rotate(&db, &file, |step| {
            seen.lock().unwrap().push(step);
            if step == last { Err(KeyError::Db(DbError::Unavailable("died".into()))) } else { Ok(()) }
        });
        assert!(died.await.is_err(), "{last:?}: {:?}", seen.lock().unwrap());
        // The program that runs, and one that starts now, know everybody; both make more.
        assert!(all_open(running, 210).await, "{last:?}: running");
        let started = opened(&app, &file).await.unwrap_or_else(|fault| panic!("{last:?}: {fault}"));
        assert!(all_open(&started, 210).await, "{last:?}: started");
        // The next run ends it.
        let at_death = std::fs::read(&file).unwrap();
        rotate(&db, &file, |_| Ok(())).await.unwrap();
        assert_eq!((left(&app).await.0, beside(&app, "next").len()), (0, 0), "{last:?}");
        let masters = app.count_in_keys("SELECT count(DISTINCT master) FROM wrapping_key").await;
        assert_eq!(masters, 1, "{last:?}: one key opens the store");
        if matches!(last, Replaced | Renewed | Rewrapped(..)) {
            assert_eq!(std::fs::read(&file).unwrap(), at_death, "the change that had begun was ended, no other made");
        }
        assert!(all_open(running, 210).await && all_open(&started, 210).await, "{last:?}: after it");
        assert!(all_open(&opened(&app, &file).await.unwrap(), 210).await);
    }
    // Every old key is there, and opens nothing.
    let old = beside(&app, "replaced");
    assert_eq!(old.len(), 6, "six changes were begun, and each of them ended by the next run: {old:?}");
    for old in old {
        assert_eq!(opened(&app, &old).await.err(), Some(KeyError::WrongMaster));
    }
    // A file that was torn while it was written is made anew.
    std::fs::write(app.folder().join("master.key.next"), "torn").unwrap();
    rotate(&db, &file, |_| Ok(())).await.unwrap();
    assert!(all_open(running, 210).await);
}

/// A replica on another machine has a file of its own: the new key is brought beside it before the change.
async fn another_machine_is_given_the_key_before(kind: Kind) {
    let app = TestApp::start(kind).await;
    // Here the settings name a link.
    let secret = app.folder().join("a folder of secrets");
    std::fs::create_dir(&secret).unwrap();
    let file = app.folder().join("master.key");
    let there = app.folder().join("there.key");
    std::fs::copy(&file, &there).unwrap();
    std::fs::rename(&file, secret.join("key")).unwrap();
    std::os::unix::fs::symlink(secret.join("key"), &file).unwrap();
    let other = opened(&app, &there).await.unwrap();
    people(&other, 0, 5).await;
    let db = store(&app).await;
    let next = prepare_rotation(&db, &file, |_| Ok(())).await.unwrap();
    assert!(all_open(&other, 5).await);
    std::fs::copy(&next, app.folder().join("there.key.next")).unwrap();
    assert_eq!(prepare_rotation(&db, &file, |_| Ok(())).await.unwrap(), next, "twice is as once");
    rotate(&db, &file, |_| Ok(())).await.unwrap();
    assert!(!next.exists() && next.starts_with(std::fs::canonicalize(&secret).unwrap()), "{}", next.display());
    assert!(std::fs::symlink_metadata(&file).unwrap().is_symlink(), "a link stays one");
    people(&app.app.world.keys, 5, 5).await;
    assert!(all_open(&other, 10).await, "it reads the key that was brought");
    people(&other, 10, 5).await;
    assert!(all_open(&app.app.world.keys, 15).await);
}

async fn the_older_wrapping_key_goes_the_day_after(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (keys, file, db) = (&app.app.world.keys, app.folder().join("master.key"), store(&app).await);
    people(keys, 0, 3).await;
    rotate(&db, &file, |_| Ok(())).await.unwrap();
    keys.rewrap().await.unwrap();
    assert_eq!(left(&app).await, (0, 2), "somebody may still hold a key under it");
    app.pass(24 * 60);
    assert_eq!(keys.rewrap().await.unwrap(), 0);
    assert_eq!(left(&app).await, (0, 1));
    assert!(all_open(keys, 3).await && all_open(&opened(&app, &file).await.unwrap(), 3).await);
}

/// Each machine has a file of its own, so no lock on a file keeps them apart: the store does.
async fn two_machines_do_not_change_it_at_once(kind: Kind) {
    let app = TestApp::start(kind).await;
    let file = app.folder().join("master.key");
    people(&app.app.world.keys, 0, 30).await;
    for round in 0..5 {
        let there = app.folder().join(format!("there-{round}"));
        std::fs::copy(&file, &there).unwrap();
        let (one, other) = (store(&app).await, store(&app).await);
        let (first, second) = tokio::join!(rotate(&one, &file, |_| Ok(())), rotate(&other, &there, |_| Ok(())));
        // One of them, or one after the other has ended; whoever is refused has the old key still.
        assert!(first.is_ok() || second.is_ok(), "{first:?} {second:?}");
        let opens = [opened(&app, &file).await, opened(&app, &there).await];
        let whole = opens.iter().flatten().collect::<Vec<_>>();
        assert!(!whole.is_empty(), "{round}: no key opens the store any more: {first:?} {second:?}");
        for keys in whole {
            assert!(all_open(keys, 30).await, "{round}");
        }
        // The next round begins with whichever file opens.
        if opened(&app, &file).await.is_err() {
            std::fs::copy(&there, &file).unwrap();
        }
        let masters = app.count_in_keys("SELECT count(DISTINCT master) FROM wrapping_key").await;
        assert_eq!((masters, app.count_in_keys("SELECT count(*) FROM rotation").await), (1, 0), "{round}");
    }
}

/// The files do not say how far a change has come: without the new key nothing is called changed. It can be brought, or the change taken back.
async fn a_new_key_that_was_lost_is_missed(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (file, db, keys) = (app.folder().join("master.key"), store(&app).await, &app.app.world.keys);
    people(keys, 0, 5).await;
    let old = std::fs::read(&file).unwrap();
    assert!(privacy::abandon_rotation(&db, &file).await.is_err(), "nothing was begun");
    let next = prepare_rotation(&db, &file, |_| Ok(())).await.unwrap();
    let away = app.folder().join("taken away");
    std::fs::rename(&next, &away).unwrap();
    for refused in [rotate(&db, &file, |_| Ok(())).await.err(), prepare_rotation(&db, &file, |_| Ok(())).await.err()] {
        assert!(matches!(&refused, Some(KeyError::MasterFile(why)) if why.contains("--abandon")), "{refused:?}");
    }
    assert_eq!(std::fs::read(&file).unwrap(), old);
    // Taken back: the key that was taken away opens nothing, and a change can begin anew.
    privacy::abandon_rotation(&db, &file).await.unwrap();
    assert_eq!(opened(&app, &away).await.err(), Some(KeyError::WrongMaster));
    assert!(all_open(&opened(&app, &file).await.unwrap(), 5).await);
    // Whatever lies beside is no new key: it may be the one that is to go, or one that somebody has seen.
    std::fs::write(app.folder().join("master.key.next"), &old).unwrap();
    rotate(&db, &file, |_| Ok(())).await.unwrap();
    assert_ne!(std::fs::read(&file).unwrap(), old);
    assert!(privacy::abandon_rotation(&db, &file).await.is_err(), "too late");
    assert!(all_open(keys, 5).await);

    // Where nothing can be renamed, a mounted file, its text is put in place by hand; the next run goes on.
    let next = prepare_rotation(&db, &file, |_| Ok(())).await.unwrap();
    std::fs::write(&file, std::fs::read(&next).unwrap()).unwrap();
    rotate(&db, &file, |_| Ok(())).await.unwrap();
    assert_eq!(left(&app).await.0, 0);
    assert!(all_open(keys, 5).await);

    // Another machine, which still has the old key, takes the new one that was brought beside it.
    let there = app.folder().join("there.key");
    std::fs::copy(&file, &there).unwrap();
    let next = prepare_rotation(&db, &file, |_| Ok(())).await.unwrap();
    std::fs::copy(&next, app.folder().join("there.key.next")).unwrap();
    rotate(&db, &file, |_| Ok(())).await.unwrap();
    assert_eq!(opened(&app, &there).await.err(), Some(KeyError::WrongMaster));
    assert_eq!(rotate(&db, &there, |_| Ok(())).await.unwrap().keys, 0);
    assert_eq!(std::fs::read(&there).unwrap(), std::fs::read(&file).unwrap());
}
