//! What people tell us is nowhere to be read (I4, I5): planted names, phones and addresses are looked for in everything that the
//! program has written (clauses 2.8, 3.1, 7.1, 15.3). The same search over an unsealed program finds them, so the search itself is proven.

use std::path::PathBuf;
use std::sync::OnceLock;

use db::Value as Sql;
use privacy::Suite;
use serde_json::json;
use testkit::cast::Person;
use testkit::scan::{Found, phone_forms, scan, scan_folder};
use testkit::{Kind, TestApp};

testkit::both!(planted_data_is_nowhere, a_specialty_stands_beside_nobody, an_unsealed_program_is_found_out);

/// One log for the process, at its loudest; names are planted once each, so tests do not find each other's.
fn log() -> &'static PathBuf {
    static LOG: OnceLock<PathBuf> = OnceLock::new();
    LOG.get_or_init(|| {
        let path = std::env::temp_dir().join(format!("recomed_test_{}.log", std::process::id()));
        let file = std::fs::File::create(&path).unwrap();
        tracing_subscriber::fmt()
            .with_env_filter(server::log_filter(Some("trace")))
            .with_ansi(false)
            .with_writer(std::sync::Mutex::new(file))
            .init();
        path
    })
}

struct Planted {
    person: Person,
    email: &'static str,
    representative: &'static str,
}

impl Planted {
    fn texts(&self) -> Vec<String> {
        let mut texts: Vec<String> = self.person.name.split(' ').map(str::to_owned).collect();
        texts.extend(texts.clone().iter().map(|word| word.to_lowercase()));
        texts.extend(self.representative.split(' ').flat_map(|word| [word.to_owned(), word.to_lowercase()]));
        texts.extend(self.email.split('@').map(str::to_owned));
        texts.extend(phone_forms(&self.person.phone));
        texts
    }
}

/// Leaves traces in every way that the program has: asks for codes, books by API and in the browser, is refused, moves, cancels,
/// writes the name where it does not belong.
async fn live(app: &TestApp, planted: &Planted) {
    let role = app.role("Берестов", "Тихая гавань");
    let slots = app.slots(&role, "").await;
    let door = app.door();
    let mut wish = app.confirmed_wish(&role, &slots[4], &planted.person).await;
    wish["patient"]["email"] = json!(planted.email);
    wish["patient"]["sex"] = json!("f");
    wish["patient"]["age"] = json!(37);
    wish["on_behalf_of"] = json!({"relation": "other", "name": planted.representative, "declaration": true});
    let mut wrong = wish.clone();
    wrong["phone_code"]["code"] = json!("not it");
    assert_eq!(door.json("POST", "/api/v1/appointments", &wrong).await.status, 422);
    wrong["consents"] = json!(planted.person.name);
    assert_eq!(door.json("POST", "/api/v1/appointments", &wrong).await.status, 422);
    let booked = door.json_with("POST", "/api/v1/appointments", &wish, &[("idempotency-key", &planted.person.phone)]).await;
    assert_eq!(booked.status, 201, "{}", booked.text());
    let visit = booked.json();
    app.jobs().await;
    let holder = app.door().with("authorization", &format!("Bearer {}", visit["manage_token"].as_str().unwrap()));
    let own = format!("/api/v1/appointments/{}", visit["id"].as_str().unwrap());
    holder.json("PATCH", &own, &json!({"start": slots[6]})).await.ok();
    let name = testkit::scan::percent(planted.person.name.as_bytes(), false);
    for path in [
        format!("/api/v1/practitioners?q={name}"),
        format!("/ru/search?q={name}"),
        format!("/api/v1/suggest?q={name}"),
        format!("/{name}"),
        format!("/ru/v/{name}"),
    ] {
        door.get(&path).await;
    }
    // In the browser, up to a wrong code.
    let hold = door.form("/ru/holds", &[("role", &role), ("start", &slots[8])]).await.location();
    let page = door.get(&hold).await.ok().text();
    let field = |name: &str| testkit::attribute(&page, &format!("name=\"{name}\""), "value");
    let fields = [
        ("whom", "other".into()),
        ("age_other", "37".into()),
        ("relation", "spouse".into()),
        ("representative", planted.representative.to_owned()),
        ("declaration", "yes".into()),
        ("declaration_version", field("declaration_version")),
        ("declaration_sha256", field("declaration_sha256")),
        ("name", planted.person.name.clone()),
        ("phone", planted.person.phone.clone()),
        ("consent", "yes".into()),
        ("consent_version", field("consent_version")),
        ("consent_sha256", field("consent_sha256")),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    app.pass(2);
    let code = door.form(&hold, &fields).await.location();
    app.jobs().await;
    assert_eq!(door.form(&code, &[("code", "000")]).await.location(), code);
    holder.json("DELETE", &own, &json!(null)).await.ok();
    app.jobs().await;
    assert!(app.messages().await.iter().any(|(phone, _)| *phone == planted.person.phone));
    assert_eq!(app.people().await, 1);
}

/// Everything that the two databases hold, by SQL: on PostgreSQL the files are the server's own.
async fn scan_tables(app: &TestApp, planted: &[String]) -> Vec<Found> {
    let mut found = Vec::new();
    let keys = app.keys_db().await;
    for db in [&app.app.world.db, &keys] {
        let columns = db.read("columns", |tx| Box::pin(db::schema::columns(tx))).await.unwrap();
        for column in columns.iter().filter(|column| ["text", "bytes"].contains(&column.kind.as_str())) {
            let sql = format!("SELECT {} FROM {} WHERE {} IS NOT NULL", column.name, column.table, column.name);
            let read = db.read("column", move |tx| {
                let sql = sql.clone();
                Box::pin(async move { tx.query(&sql, &[] as &[Sql]).await })
            });
            for row in read.await.unwrap() {
                let bytes = row.get::<Vec<u8>>(0).or_else(|_| row.get::<String>(0).map(String::into_bytes)).unwrap();
                scan(&format!("{}.{}", column.table, column.name), &bytes, planted, &mut found);
            }
        }
    }
    found
}

async fn planted_data_is_nowhere(kind: Kind) {
    let planted = Planted {
        person: match kind {
            Kind::Sqlite => Person::new("Звездопадова Аэлитаида", "+70007318264"),
            Kind::Postgres => Person::new("Светлоярова Евпраксия", "+70009152637"),
        },
        email: match kind {
            Kind::Sqlite => "zvezdopadova@aelitaida.example",
            Kind::Postgres => "svetloyarova@evpraksia.example",
        },
        representative: match kind {
            Kind::Sqlite => "Дебрянский Мстиславиан",
            Kind::Postgres => "Чащобин Велимудр",
        },
    };
    let log = log();
    let app = TestApp::start(kind).await;
    tracing::info!("planting");
    live(&app, &planted).await;
    assert_eq!(scan_tables(&app, &planted.texts()).await, []);
    let (files, found) = scan_folder(app.folder(), &planted.texts());
    assert_eq!(found, []);
    assert!(files >= if kind == Kind::Sqlite { 5 } else { 1 }, "database, WAL, key store and master key were looked through: {files}");
    let text = std::fs::read(log).unwrap();
    assert!(!text.is_empty(), "the log is written");
    let mut found = Vec::new();
    scan("log", &text, &planted.texts(), &mut found);
    assert_eq!(found, []);
}

/// What somebody chose is said by the directory and by the visit's own row, which names nobody, and by nothing else (clause 16.2): not by the key store,
/// where people are, not by entries, consents, codes, messages and jobs, which are about them.
async fn a_specialty_stands_beside_nobody(kind: Kind) {
    let planted = Planted {
        person: match kind {
            Kind::Sqlite => Person::new("Небосклонова Изольдина", "+70003391175"),
            Kind::Postgres => Person::new("Утреннева Пелагиана", "+70003391176"),
        },
        email: "nebosklonova@isoldina.example",
        representative: "Ярополков Святозар",
    };
    let app = TestApp::start(kind).await;
    live(&app, &planted).await;
    let catalogue = app.app.world.catalogue();
    let role = catalogue.role(app.role("Берестов", "Тихая гавань").parse().unwrap()).unwrap();
    let (doctor, clinic) = (catalogue.practitioner_of(role).unwrap(), catalogue.organization(role.organization).unwrap());
    let specialty = catalogue.specialties.iter().find(|known| Some(&known.code) == role.specialties.first()).unwrap();
    let mut chosen = vec![specialty.code.clone(), role.id.to_string(), role.services[0].service.clone()];
    for names in [&specialty.names, &doctor.names, &clinic.names] {
        chosen.extend([names.kk.clone(), names.ru.clone(), names.en.clone()]);
    }
    let found = scan_tables(&app, &chosen).await;
    let mut places: Vec<String> = found.into_iter().map(|found| found.place.split('.').next().unwrap().to_owned()).collect();
    places.sort();
    places.dedup();
    assert!(places.contains(&"appointment".to_owned()), "what is looked for can be found: {places:?}");
    for about in
        ["person", "person_key", "tombstone", "system_key", "code_count", "audit_entry", "consent_event", "phone_code", "sent_message"]
            .into_iter()
            .chain(["job", "idempotency", "representative", "visit_contact", "visit_to_call", "claim", "erasure"])
    {
        assert!(!places.iter().any(|place| place == about), "{about} says what was chosen: {places:?}");
    }
}

async fn an_unsealed_program_is_found_out(kind: Kind) {
    let planted = Planted {
        person: Person::new("Мракобесова Кунигунда", "+70004625173"),
        email: "mrakobesova@kunigunda.example",
        representative: "Супостатов Елпидифор",
    };
    let app = TestApp::plan(kind).suite(Suite::NakedForTests).start().await;
    live(&app, &planted).await;
    let by_table = scan_tables(&app, &planted.texts()).await;
    for (text, column) in [
        ("Мракобесова", "person.name"),
        ("Кунигунда", "person.name"),
        ("0004625173", "person.phone"),
        ("Супостатов", "representative.name"),
        ("mrakobesova", "person.email"),
        ("0004625173", "phone_code.phone"),
        ("0004625173", "sent_message.sealed"),
    ] {
        assert!(by_table.iter().any(|found| found.planted == text && found.place == column), "{text} in {column}: {by_table:?}");
    }
    if kind == Kind::Sqlite {
        let (_, found) = scan_folder(app.folder(), &planted.texts());
        assert!(found.iter().any(|found| found.place.starts_with("keys.db") && found.planted == "Мракобесова"), "{found:?}");
    }
}
