//! Backups: whole while the program works, sealed, from one database into the other; nobody comes back who was erased.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use access::Scope;
use db::{Db, Options};
use privacy::{BackupPlaces, MasterKey, Suite, Tombstones};
use rights::erase::erase;
use server::backup::{Done, Told, backup, restore};
use server::{App, Settings, StartError};
use testkit::cast::{self, Person};
use testkit::scan::{phone_forms, scan};
use testkit::{Databases, Kind, TestApp};

testkit::both!(
    a_restored_installation_is_the_same_but_for_the_erased,
    what_was_changed_or_mixed_is_refused,
    a_set_goes_at_its_term,
    visits_open_by_their_own_key_file_alone,
    two_in_one_second_do_not_mix,
    what_is_not_ours_stays,
    a_key_that_changed_meanwhile_is_noticed,
    who_was_erased_while_it_was_written_is_gone,
);

fn quiet() -> Told {
    Arc::new(|_, _, _| {})
}

fn settings_of(databases: &Databases) -> Settings {
    let variables = vec![("RECOMED_DATA".to_owned(), databases.folder.display().to_string())];
    let mut settings = Settings::read(None, variables.into_iter(), true).unwrap();
    settings.database = databases.main.clone();
    settings.keys = databases.keys.clone();
    settings
}

async fn back_up(app: &TestApp, to: &Path) -> Result<Done, StartError> {
    let settings = settings_of(app.databases.as_ref().unwrap());
    let keys = Db::open(Options::new(settings.keys.clone()), app.clock.clone()).await.unwrap();
    let master = MasterKey::read(&settings.master_key_file).unwrap();
    backup(&settings, &app.app.world.db, &keys, &master, to, quiet()).await
}

/// An empty machine of this kind, with the master key brought to it.
async fn machine(kind: Kind, from: &TestApp) -> (Databases, Settings) {
    let databases = tokio::task::spawn_blocking(move || Databases::empty(kind)).await.unwrap();
    let settings = settings_of(&databases);
    std::fs::copy(from.folder().join("master.key"), &settings.master_key_file).unwrap();
    (databases, settings)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() { found.extend(files(&entry.path())) } else { found.push(entry.path()) }
    }
    found.sort();
    found
}

fn gone(databases: Databases) {
    tokio::task::block_in_place(|| drop(databases));
}

fn anna() -> Person {
    Person::new("Кометина Лазурита", "+70007318299")
}

async fn a_restored_installation_is_the_same_but_for_the_erased(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let times = app.slots(&role, "").await;
    let (partner, partners_key) = app.partner(&[Scope::Book]).await;
    let mut visits = Vec::new();
    for (at, person) in [(2, anna()), (8, cast::boris()), (14, cast::aigul())] {
        let wish = app.wish(&role, &times[at], &person).await;
        let answer = partner.json("POST", "/api/v1/appointments?lang=ru", &wish).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        visits.push(answer.json());
    }
    app.jobs().await;
    // One of the staff, with everything that lets in.
    let terms = app.app.world.profile.staff;
    let boss = access::NewStaff {
        login: "boss".into(),
        name: "Пробный".into(),
        role: access::Role::Operator,
        clinic: None,
        practitioner: None,
        contract: String::new(),
        until: None,
    };
    let added = app.app.world.db.run("staff", move |tx| {
        let boss = boss.clone();
        Box::pin(async move { access::add_staff(tx, &terms, &boss, access::By::Console).await })
    });
    let (boss, _) = added.await.unwrap();
    access::equip_for_demo(&app.app.world.db, &app.app.world.keys, boss.id, "a sentence of words", &[3; 20]).await.unwrap();
    let to = app.folder().join("backups");
    // Bookings go on while it is written.
    let (written, booked) = tokio::join!(back_up(&app, &to), async {
        let mut booked = 0;
        for number in 0..10 {
            let wish = app.wish(&role, &times[30 + number * 5], &cast::extra(number)).await;
            booked += u64::from(partner.json("POST", "/api/v1/appointments?lang=ru", &wish).await.status == 201);
        }
        booked
    });
    let written = written.unwrap();
    assert!(booked >= 5 && written.rows > 100 && written.key_rows >= 10, "{booked} {written:?}");
    assert_eq!(BackupPlaces::in_folder(app.folder()).read().unwrap(), [std::fs::canonicalize(&to).unwrap()]);

    // Nothing in the folder is in clear, and nobody else may read it.
    let mut found = Vec::new();
    for file in files(&to) {
        let bytes = std::fs::read(&file).unwrap();
        let name = file.display().to_string();
        scan(&name, &bytes, &["Лазурита", "Кометина", "Примеров", "Берестов", "therapist", "appointment"].map(str::to_owned), &mut found);
        scan(&name, &bytes, &phone_forms(&anna().phone), &mut found);
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
        assert_eq!(mode & 0o077, 0, "{name}");
    }
    assert_eq!(found, []);
    assert_eq!(files(&to).len(), 2);

    // Anna is erased after the backup, by a program that knows of its place.
    let twin = app.twin().await;
    let keys = &twin.app.world.keys;
    let console = keys.console(&MasterKey::read(&app.folder().join("master.key")).unwrap()).unwrap();
    let (key, _) = keys.find(&anna().phone, &anna().name).await.unwrap().unwrap();
    let known = keys.known(key.person().unwrap()).await.unwrap().unwrap();
    erase(&twin.app.world.db, keys, &known, console).await.unwrap();
    assert!(Tombstones::in_folder(&to).read().unwrap().contains(&known.person()), "the place of backups knows");

    // The machine burns down. Another one, of the same kind and of the other, begins from the folder and the master key.
    for other in [Kind::Sqlite, Kind::Postgres] {
        let (databases, settings) = machine(other, &app).await;
        let done = restore(&settings, &app.clock, &to, None, quiet()).await.unwrap();
        assert_eq!((&done.set, done.rows, done.key_rows, done.gone), (&written.set, written.rows, written.key_rows, 1));
        let second = restore(&settings, &app.clock, &to, None, quiet()).await.unwrap_err();
        assert!(second.0.contains("empty"), "only an empty place is filled: {}", second.0);

        let open = App::open(&settings, app.clock.clone(), Suite::Sealed, "http://127.0.0.1:8080").await.unwrap();
        let door = || testkit::Door::new(server::router::router(open.clone()).unwrap());
        for (visit, status) in visits.iter().zip([404, 200, 200]) {
            let own = door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
            assert_eq!(own.get(&format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap())).await.status, status);
        }
        assert!(open.world.keys.find(&anna().phone, &anna().name).await.unwrap().is_none(), "nobody knows her");
        assert!(open.world.keys.person(known.person()).await.unwrap().is_none());
        let (boris, _) = open.world.keys.find(&cast::boris().phone, &cast::boris().name).await.unwrap().unwrap();
        let boris = open.world.keys.known(boris.person().unwrap()).await.unwrap().unwrap();
        let told = rights::export(&open.world.db, &open.world.keys, &boris, None, &open.world.profile, console).await.unwrap();
        assert!(told.contains("Примеров") && told.contains(visits[1]["number"].as_str().unwrap()), "{told}");
        // It works: her time can be had, by a partner whose key is as it was.
        let wish = app.wish(&role, &times[2], &cast::extra(77)).await;
        let partner = door().with("authorization", &format!("Bearer {partners_key}"));
        assert_eq!(partner.json("POST", "/api/v1/appointments?lang=ru", &wish).await.status, 201);
        let quick = open.world.db.read("quick", |tx| {
            let sql = "SELECT (SELECT count(*) FROM phone_code) + (SELECT count(*) FROM sent_message)";
            Box::pin(async move { tx.query_one(sql, &[]).await?.get::<i64>(0) })
        });
        let quick: Result<i64, db::DbError> = quick.await;
        assert_eq!(quick, Ok(0), "what lives for minutes is in no backup");
        // Her password may have been taken away since: she is there, and comes in by a new link alone.
        let code = access::totp::code_at(&[3; 20], app.clock.now());
        let typed = [("login", "boss"), ("password", "a sentence of words"), ("code", code.as_str())];
        assert_eq!(app.door().form("/ru/staff/sign-in", &typed).await.location(), "/ru/staff", "where it was written it opens");
        assert_eq!(door().form("/ru/staff/sign-in", &typed).await.status, 401);
        let found = open.world.db.read("boss", |tx| Box::pin(access::staff_by_login(tx, "boss"))).await.unwrap().unwrap();
        assert!(found.is_active(app.clock.now()) && !found.has_password);
        app.pass(1);
        drop(open);
        gone(databases);
    }
}

async fn what_was_changed_or_mixed_is_refused(kind: Kind) {
    let app = TestApp::start(kind).await;
    let to = app.folder().join("backups");
    let first = back_up(&app, &to).await.unwrap().set;
    app.pass(5);
    let second = back_up(&app, &to).await.unwrap().set;
    let (databases, settings) = machine(Kind::Sqlite, &app).await;
    let refused = async |set: Option<&str>| restore(&settings, &app.clock, &to, set, quiet()).await.unwrap_err().0;
    assert!(refused(Some("20200101T000000Z")).await.contains(&second), "it says which there are");

    let somebody = privacy::PersonId::random(&app.clock);
    Tombstones::in_folder(&to).add(somebody, app.clock.now().day()).unwrap();
    let file = to.join("main").join(&second);
    let whole = std::fs::read(&file).unwrap();
    // A byte here and there, at the beginning, in the middle, at the end; a piece less; a piece more.
    for at in [0, 20, 25, 60, whole.len() / 2, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        std::fs::write(&file, &changed).unwrap();
        let why = refused(None).await;
        assert!(["does not open", "cut off", "not a backup"].iter().any(|word| why.contains(word)), "{at}: {why}");
    }
    assert!(Tombstones::in_folder(&settings.data).read().unwrap().contains(&somebody), "before anything else");
    for cut in [1, 100, whole.len() / 2, whole.len() - 18] {
        std::fs::write(&file, &whole[..whole.len() - cut]).unwrap();
        assert!(refused(None).await.contains("cut off"), "{cut}");
    }
    std::fs::write(&file, [whole.as_slice(), b"x"].concat()).unwrap();
    assert!(refused(None).await.contains("follows the end"));
    // The other set's file under this set's name; the key store's file in place of the visits'.
    for other in [to.join("main").join(&first), to.join("keys").join(&second)] {
        std::fs::write(&file, std::fs::read(other).unwrap()).unwrap();
        assert!(refused(None).await.contains("does not open"));
    }
    std::fs::write(&file, &whole).unwrap();
    std::fs::remove_file(to.join("keys").join(&second)).unwrap();
    assert!(refused(Some(&second)).await.contains("key file is gone"));

    // Another master key, and none.
    let right = std::fs::read(&settings.master_key_file).unwrap();
    std::fs::remove_file(&settings.master_key_file).unwrap();
    assert!(refused(None).await.contains("no backup has it"));
    MasterKey::create(&settings.master_key_file, &app.clock).unwrap();
    assert!(refused(None).await.contains("another master key"));
    std::fs::write(&settings.master_key_file, right).unwrap();
    // Nothing of all that is left behind: the older set, which is whole, goes in.
    // One that is older than the tombstones could bring somebody back.
    let term = app.app.world.profile.retention.tombstone_days;
    let later = clock::Clock::simulated(clock::Timestamp(app.clock.now().micros() + (term + 1) * clock::DAY), 2);
    let old = restore(&settings, &later, &to, Some(&first), quiet()).await.unwrap_err().0;
    assert!(old.contains("older than tombstones live"), "{old}");
    assert_eq!(restore(&settings, &app.clock, &to, None, quiet()).await.unwrap().set, first);
    gone(databases);
}

async fn a_set_goes_at_its_term(kind: Kind) {
    let app = TestApp::start(kind).await;
    let to = app.folder().join("backups");
    let first = back_up(&app, &to).await.unwrap();
    let days = u64::try_from(app.app.world.profile.retention.key_backup_days).unwrap();
    app.pass(days * 24 * 60);
    assert_eq!(back_up(&app, &to).await.unwrap().gone, 0, "on its last day it is there");
    for folder in ["main", "keys"] {
        std::fs::write(to.join(folder).join("20260101T000000Z.partial"), "of a run that died").unwrap();
    }
    app.pass(5);
    assert_eq!(back_up(&app, &to).await.unwrap().gone, 1);
    assert!(files(&to).iter().all(|file| file.extension().is_none()), "nothing torn is left: {:?}", files(&to));
    assert!(!to.join("main").join(&first.set).exists() && !to.join("keys").join(&first.set).exists());
}

/// Whoever kept the file of visits past its term, and has the master key and the living key store besides, opens nothing of it: in it the ties
/// still stand that have died since.
async fn visits_open_by_their_own_key_file_alone(kind: Kind) {
    let app = TestApp::start(kind).await;
    let to = app.folder().join("backups");
    let set = back_up(&app, &to).await.unwrap().set;
    app.pass(5);
    let later = back_up(&app, &to).await.unwrap().set;
    let master = MasterKey::read(&app.folder().join("master.key")).unwrap();
    let piece = |part: &str, set: &str| {
        let file = std::fs::read(to.join(part).join(set)).unwrap();
        let (head, rest) = file["recomed backup 2\n".len()..].split_first_chunk::<5>().unwrap();
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        (rest[..length].to_vec(), head[4] == 1)
    };
    let open = |key: &privacy::ArchiveKey, part: &str, set: &str| {
        let (sealed, last) = piece(part, set);
        key.open(privacy::Place { file: part, number: 0, last }, &sealed).map(|plain| String::from_utf8(plain.to_vec()).unwrap())
    };
    let head: serde_json::Value = serde_json::from_str(open(&master.archive(&set), "keys", &set).unwrap().lines().next().unwrap()).unwrap();
    let key = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, head["other_key"].as_str().unwrap()).unwrap();
    let key = privacy::ArchiveKey::from_bytes(key.try_into().unwrap());
    assert!(open(&key, "main", &set).unwrap().contains("installation"), "the key in the key file is the one");
    for stranger in [master.archive(&set), master.archive(&later)] {
        assert!(open(&stranger, "main", &set).is_err());
    }
    assert!(open(&key, "main", &later).is_err(), "each set has its own");
}

/// The visits were read before the erasure and the key store after it: her visit has a link to nobody. It is called off, and its time free.
async fn who_was_erased_while_it_was_written_is_gone(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let times = app.slots(&role, "").await;
    let (partner, partners_key) = app.partner(&[Scope::Book]).await;
    let visit = partner.json("POST", "/api/v1/appointments?lang=ru", &app.wish(&role, &times[9], &anna()).await).await;
    assert_eq!(visit.status, 201, "{}", visit.text());
    let (key, _) = app.app.world.keys.find(&anna().phone, &anna().name).await.unwrap().unwrap();
    Tombstones::in_folder(app.folder()).add(key.person().unwrap(), app.clock.now().day()).unwrap();
    app.app.world.keys.destroy(key.person().unwrap()).await.unwrap();
    let to = app.folder().join("backups");
    back_up(&app, &to).await.unwrap();

    let (databases, settings) = machine(kind, &app).await;
    restore(&settings, &app.clock, &to, None, quiet()).await.unwrap();
    let open = App::open(&settings, app.clock.clone(), Suite::Sealed, "http://127.0.0.1:8080").await.unwrap();
    let door = || testkit::Door::new(server::router::router(open.clone()).unwrap());
    let visit = visit.json();
    let own = door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
    assert_eq!(own.get(&format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap())).await.status, 404);
    let wish = app.wish(&role, &times[9], &cast::boris()).await;
    let partner = door().with("authorization", &format!("Bearer {partners_key}"));
    assert_eq!(partner.json("POST", "/api/v1/appointments?lang=ru", &wish).await.status, 201);
    drop(open);
    gone(databases);
}

async fn two_in_one_second_do_not_mix(kind: Kind) {
    let app = TestApp::start(kind).await;
    let to = app.folder().join("backups");
    for _ in 0..3 {
        let (first, second) = tokio::join!(back_up(&app, &to), back_up(&app, &to));
        let refused = [&first, &second].into_iter().filter_map(|done| done.as_ref().err()).map(|error| error.0.clone()).collect::<Vec<_>>();
        assert!(refused.len() == 1 && refused[0].contains("in this very second"), "{refused:?}");
        let late = back_up(&app, &to).await.unwrap_err().0;
        assert!(late.contains("in this very second"), "{late}");
        let (databases, settings) = machine(Kind::Sqlite, &app).await;
        restore(&settings, &app.clock, &to, None, quiet()).await.unwrap();
        gone(databases);
        app.pass(1);
    }
    assert!(files(&to).iter().all(|file| file.extension().is_none()), "{:?}", files(&to));
}

/// Other files of a folder of backups, and links and folders that bear the name of a set.
async fn what_is_not_ours_stays(kind: Kind) {
    let app = TestApp::start(kind).await;
    let to = app.folder().join("backups");
    back_up(&app, &to).await.unwrap();
    let main = to.join("main");
    for name in ["1.partial", "2025-report.partial", "20250101TmyfileZ", "20250101T00000xZ"] {
        std::fs::write(main.join(name), "somebody's").unwrap();
    }
    std::os::unix::fs::symlink(app.folder().join("master.key"), main.join("20240101T000000Z")).unwrap();
    std::fs::create_dir(main.join("20240101T000001Z")).unwrap();
    let before = std::fs::read_dir(&main).unwrap().count();
    app.pass(5);
    assert_eq!(back_up(&app, &to).await.unwrap().gone, 0);
    assert_eq!(std::fs::read_dir(&main).unwrap().count(), before + 1);
}

/// A copy of the store under a key that opens nothing of it could not be restored.
async fn a_key_that_changed_meanwhile_is_noticed(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (to, file) = (app.folder().join("backups"), app.folder().join("master.key"));
    let settings = settings_of(app.databases.as_ref().unwrap());
    let keys = Db::open(Options { secure_delete: true, ..Options::new(settings.keys.clone()) }, app.clock.clone()).await.unwrap();
    let old = MasterKey::read(&file).unwrap();
    privacy::rotate(&keys, &file, |_| Ok(())).await.unwrap();
    let refused = backup(&settings, &app.app.world.db, &keys, &old, &to, quiet()).await.unwrap_err().0;
    assert!(refused.contains("the master key was changed"), "{refused}");
    assert_eq!(files(&to), Vec::<PathBuf>::new(), "nothing that does not open is left");
    app.pass(1);
    back_up(&app, &to).await.unwrap();
}
