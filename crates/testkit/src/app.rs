//! A whole program for one test.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use access::Scope;
use axum::Router;
use clock::{Clock, Timestamp};
use db::{Db, DbError, Place, Row, Tx, Value as SqlValue};
use notify::KeptLetter;
use privacy::Suite;
use serde_json::{Value, json};
use server::{App, Settings, StartError};
use tokio::sync::Notify;

use crate::cast::Person;
use crate::database::{Databases, Kind};
use crate::door::{Answer, Door};

/// The instant at which a simulated clock begins: a Monday morning.
const BEGIN: &str = "2026-11-23T06:00:00Z";
/// More requests than a test sends.
const UNLIMITED: [&str; 2] = ["RECOMED_LIMITS_REQUESTS_PER_SECOND", "100000"];
/// What a test server calls itself in links.
const PUBLIC_URL: &str = "http://127.0.0.1:8080";

/// How a test's program is opened.
pub struct Plan {
    kind: Kind,
    clock: Clock,
    suite: Suite,
    settings: Vec<(String, String)>,
    csv: Option<&'static str>,
    letters: bool,
}

impl Plan {
    /// As with a real server whose settings name no SMTP server.
    #[must_use]
    pub fn without_letters(mut self) -> Plan {
        self.letters = false;
        self
    }

    /// With the machine's clock instead of the simulated one.
    #[must_use]
    pub fn real_clock(mut self) -> Plan {
        self.clock = Clock::real();
        self
    }

    /// With another suite.
    #[must_use]
    pub fn suite(mut self, suite: Suite) -> Plan {
        self.suite = suite;
        self
    }

    /// With a setting more, named as its variable without the prefix.
    #[must_use]
    pub fn setting(mut self, key: &str, value: &str) -> Plan {
        self.settings.push((format!("RECOMED_{key}"), value.into()));
        self
    }

    /// With doctors of the test's own beside those of the demo.
    #[must_use]
    pub fn csv(mut self, text: &'static str) -> Plan {
        self.csv = Some(text);
        self
    }

    /// Opens it.
    pub async fn start(self) -> TestApp {
        let databases = tokio::task::spawn_blocking(move || Databases::make(self.kind)).await.unwrap();
        TestApp::over(databases, self).await
    }
}

/// A program, its clock and its databases.
pub struct TestApp {
    /// The open application.
    pub app: App,
    /// Its clock.
    pub clock: Clock,
    /// Its databases and folder.
    pub databases: Option<Databases>,
    router: Router,
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // Dropping databases waits for a thread of its own.
        let databases = self.databases.take();
        tokio::task::block_in_place(|| drop(databases));
    }
}

impl TestApp {
    /// The demo on a simulated clock, sealed, without a limit of requests that a test would notice.
    pub fn plan(kind: Kind) -> Plan {
        let settings = vec![UNLIMITED.map(str::to_owned).into()];
        let clock = Clock::simulated(Timestamp::parse_rfc3339(BEGIN).unwrap(), 1);
        Plan { kind, clock, suite: Suite::Sealed, settings, csv: None, letters: true }
    }

    /// [`TestApp::plan`], opened.
    pub async fn start(kind: Kind) -> TestApp {
        TestApp::plan(kind).start().await
    }

    async fn over(databases: Databases, plan: Plan) -> TestApp {
        let Plan { clock, suite, settings: mut variables, csv, letters, .. } = plan;
        variables.push(("RECOMED_DATA".into(), databases.folder.display().to_string()));
        let mut settings = Settings::read(None, variables.into_iter(), true).unwrap();
        settings.database = databases.main.clone();
        settings.keys = databases.keys.clone();
        let mut app = App::open(&settings, clock.clone(), suite, PUBLIC_URL).await.unwrap();
        app.world.letters &= letters;
        if let Some(csv) = csv {
            import(&app, csv).await;
            assert!(server::timetable::follow_directory_once(&app, clock.now()).await.unwrap());
        }
        let router = server::router::router(app.clone()).unwrap();
        TestApp { app, clock, databases: Some(databases), router }
    }

    /// A clinic's file, as `recomed import csv` reads it in a program of its own: this one knows nothing of it yet.
    pub async fn import(&self, csv: &str) {
        import(&self.app, csv).await;
    }

    /// One turn of what follows the directory; whether it had changed.
    pub async fn follow_directory(&self) -> bool {
        server::timetable::follow_directory_once(&self.app, self.clock.now()).await.unwrap()
    }

    /// One turn of what follows other replicas.
    pub async fn follow_feed(&self) {
        self.app.world.free.catch_up(&self.app.world.db, self.clock.now()).await.unwrap();
    }

    /// The same data opened by another program: a restart, or a second replica.
    pub async fn replica(&self) -> Door {
        self.twin().await.door()
    }

    /// The same with all that a test may turn by hand; the databases stay this one's.
    pub async fn twin(&self) -> TestApp {
        let app = self.open_again().await.unwrap();
        let router = server::router::router(app.clone()).unwrap();
        TestApp { app, clock: self.clock.clone(), databases: None, router }
    }

    /// What a second start over the same data comes to.
    pub async fn open_again(&self) -> Result<App, StartError> {
        let databases = self.databases.as_ref().unwrap();
        let variables = vec![("RECOMED_DATA".to_owned(), databases.folder.display().to_string()), UNLIMITED.map(str::to_owned).into()];
        let mut settings = Settings::read(None, variables.into_iter(), true).unwrap();
        settings.database = databases.main.clone();
        settings.keys = databases.keys.clone();
        App::open(&settings, self.clock.clone(), Suite::Sealed, PUBLIC_URL).await
    }

    /// The folder of the test.
    pub fn folder(&self) -> &std::path::Path {
        &self.databases.as_ref().unwrap().folder
    }

    /// The key store's database, opened once more.
    pub async fn keys_db(&self) -> Db {
        let place: Place = self.databases.as_ref().unwrap().keys.clone();
        Db::open(db::Options::new(place), self.clock.clone()).await.unwrap()
    }

    /// Somebody from this machine.
    pub fn door(&self) -> Door {
        Door::new(self.router.clone())
    }

    /// A partner with these scopes, and its key.
    pub async fn partner(&self, scopes: &[Scope]) -> (Door, String) {
        let scopes = scopes.to_vec();
        let key: String = self
            .app
            .world
            .db
            .run("partner", move |tx| {
                let scopes = scopes.clone();
                Box::pin(async move { access::add_partner(tx, "Проба", &scopes).await })
            })
            .await
            .unwrap();
        (self.door().with("authorization", &format!("Bearer {key}")), key)
    }

    /// A server on a socket; it ends with the test.
    pub async fn listen(&self) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(server::router::serve(listener, self.router.clone(), Arc::new(Notify::new())));
        address
    }

    /// Moves the simulated clock.
    pub fn pass(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(minutes * 60));
    }

    /// Runs jobs until none is due.
    pub async fn jobs(&self) {
        while self.app.runner.turn().await.unwrap() > 0 {}
    }

    /// Text messages that would have been sent, newest first: phone and text.
    pub async fn messages(&self) -> Vec<(String, String)> {
        let kept = self.app.outbox.newest().await.unwrap();
        let texts = kept.iter().filter(|message| message.letter.is_none());
        texts.map(|message| (message.phone.expose().clone(), message.text.expose().clone())).collect()
    }

    /// Letters that would have been sent, newest first.
    pub async fn letters(&self) -> Vec<KeptLetter> {
        self.app.outbox.newest().await.unwrap().into_iter().filter_map(|message| message.letter).collect()
    }

    /// Rows of a statement.
    pub async fn rows(&self, sql: &str, args: &[SqlValue]) -> Vec<Row> {
        rows(&self.app.world.db, sql, args).await
    }

    /// The one number that a statement answers.
    pub async fn count(&self, sql: &str) -> i64 {
        self.rows(sql, &[]).await[0].get(0).unwrap()
    }

    /// What a statement finds in the key store.
    pub async fn rows_in_keys(&self, sql: &str) -> Vec<Row> {
        rows(&self.keys_db().await, sql, &[]).await
    }

    /// The one number that a statement answers in the key store.
    pub async fn count_in_keys(&self, sql: &str) -> i64 {
        self.rows_in_keys(sql).await[0].get(0).unwrap()
    }

    /// How many people there are.
    pub async fn people(&self) -> i64 {
        self.count_in_keys("SELECT count(*) FROM person").await
    }

    /// The role of the first doctor whose Russian name begins so, at the clinic whose Russian name contains `clinic`.
    #[track_caller]
    pub fn role(&self, doctor: &str, clinic: &str) -> String {
        let catalogue = self.app.world.catalogue();
        let role = catalogue.roles.iter().find(|role| {
            let name = |id| catalogue.practitioner(id).is_some_and(|found| found.names.ru.starts_with(doctor));
            role.practitioner.is_some_and(name)
                && catalogue.organization(role.organization).is_some_and(|found| found.names.ru.contains(clinic))
        });
        role.unwrap_or_else(|| panic!("{doctor} at {clinic}")).id.to_string()
    }

    /// Free times of a role: the begins, in order.
    pub async fn slots(&self, role: &str, more: &str) -> Vec<String> {
        let answer = self.door().get(&format!("/api/v1/roles/{role}/slots?days=14{more}")).await.ok().json();
        answer["items"].as_array().unwrap().iter().map(|slot| slot["start"].as_str().unwrap().to_owned()).collect()
    }

    /// The consent in force, as the API wants it back.
    pub async fn consents(&self) -> Value {
        let document = self.door().get("/api/v1/consent-documents?purpose=P1&lang=ru").await.ok().json();
        json!([{"purpose": "P1", "version": document["version"], "sha256": document["sha256"]}])
    }

    /// A code for the phone: its id and the digits that the SMS brought.
    pub async fn code(&self, phone: &str) -> (String, String) {
        let asked = self.door().json("POST", "/api/v1/phone-codes?lang=ru", &json!({"phone": phone})).await;
        assert_eq!(asked.status, 202, "{}", asked.text());
        self.jobs().await;
        (asked.json()["id"].as_str().unwrap().to_owned(), self.digits(phone).await)
    }

    /// The digits of the newest code that went to the phone.
    pub async fn digits(&self, phone: &str) -> String {
        let messages = self.messages().await;
        let digits = |text: &str| {
            text.split_whitespace()
                .map(|word| word.trim_matches([':', '.', ',']))
                .find(|word| word.len() == 6 && word.chars().all(|c| c.is_ascii_digit()))
                .map(str::to_owned)
        };
        messages
            .iter()
            .filter(|(to, _)| to == phone)
            .find_map(|(_, text)| digits(text))
            .unwrap_or_else(|| panic!("no code went to {phone}"))
    }

    /// A body for `POST /appointments`, without a code.
    pub async fn wish(&self, role: &str, start: &str, person: &Person) -> Value {
        json!({"role_id": role, "start": start, "patient": person.patient(), "consents": self.consents().await})
    }

    /// The same with a code of the person's phone, as the public sends it.
    pub async fn confirmed_wish(&self, role: &str, start: &str, person: &Person) -> Value {
        let (id, code) = self.code(&person.phone).await;
        let mut wish = self.wish(role, start, person).await;
        wish["phone_code"] = json!({"id": id, "code": code});
        wish
    }

    /// Books as a member of the public; the answer is whatever it is.
    pub async fn book(&self, role: &str, start: &str, person: &Person) -> Answer {
        let wish = self.confirmed_wish(role, start, person).await;
        self.door().json("POST", "/api/v1/appointments?lang=ru", &wish).await
    }
}

async fn import(app: &App, csv: &str) {
    let report = directory::import_csv::import_csv(&app.world.db, csv.as_bytes(), true).await.unwrap();
    assert_eq!(report.refused, [], "{report}");
}

/// Rows of a statement.
pub(crate) async fn rows(db: &Db, sql: &str, args: &[SqlValue]) -> Vec<Row> {
    let (sql, args) = (sql.to_owned(), args.to_vec());
    let done: Result<Vec<Row>, DbError> = db
        .read("test", move |tx: &mut Tx| {
            let (sql, args) = (sql.clone(), args.clone());
            Box::pin(async move { tx.query(&sql, &args).await })
        })
        .await;
    done.unwrap()
}
