//! What leaves passes one door (clause 4.1): each message has its row, its recipient a live contract in a country that may be sent to, its
//! items a mask; and whatever dies in between, nothing leaves without a row or twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use access::Scope;
use db::DbError;
use db::jobs::JobId;
use privacy::disclosure::{self, Clinic, Ground, Leaving, NotDisclosed, Parts, Payload, To};
use privacy::{Item, Purpose, Recipient};
use serde_json::{Value, json};
use testkit::{Kind, Plan, TestApp, cast};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

testkit::both!(
    each_message_has_its_row,
    a_contract_that_is_over_stops_everything,
    a_country_without_protection_gets_nothing,
    a_clinic_has_its_place_on_the_register,
    no_mask_lets_more_through,
    nothing_leaves_twice,
    what_nobody_answered_ends,
);

/// A partner books the time at `slot` for Anna, with an e-mail: the visit.
async fn book(app: &TestApp, slot: usize) -> Value {
    let role = app.role("Берестов", "Тихая гавань");
    let times = app.slots(&role, "").await;
    let mut wish = app.wish(&role, &times[slot], &cast::anna()).await;
    wish["patient"]["email"] = json!("anna@demo.example");
    let (partner, _) = app.partner(&[Scope::Book]).await;
    let answer = partner.json("POST", "/api/v1/appointments?lang=ru", &wish).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

/// Kind, items, basis and state of each row, sorted.
async fn rows(app: &TestApp) -> Vec<String> {
    let rows = app.rows("SELECT kind, fields, basis, state FROM disclosure ORDER BY kind, fields", &[]).await;
    rows.iter().map(|row| (0..4).map(|at| row.get::<String>(at).unwrap()).collect::<Vec<_>>().join(" ")).collect()
}

async fn causes(app: &TestApp) -> Vec<String> {
    let rows = app.rows("SELECT kind, state, coalesce(cause, '') FROM job ORDER BY kind", &[]).await;
    rows.iter().map(|row| (0..3).map(|at| row.get::<String>(at).unwrap()).collect::<Vec<_>>().join(" ")).collect()
}

async fn write(app: &TestApp, sql: &'static str) -> Result<u64, DbError> {
    app.app.world.db.run("test", move |tx| Box::pin(async move { tx.execute(sql, &[]).await })).await
}

async fn each_message_has_its_row(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (id, code) = app.code(&cast::anna().phone).await;
    assert_eq!(rows(&app).await, ["R7.sms phone,code request sent"]);
    assert!(!id.is_empty() && !code.is_empty());
    let visit = book(&app, 3).await;
    app.jobs().await;
    assert_eq!(
        rows(&app).await,
        [
            "R3 number,day,time,link request sent",
            "R7.mail email,day,time,street,number,link consent sent",
            "R7.sms phone,code request sent",
            "R7.sms phone,day,time,street,number,link consent sent",
        ]
    );
    // Each stands in the log under the same id, names the visit, and stays.
    assert_eq!(app.count("SELECT count(*) FROM disclosure d JOIN audit_entry e ON e.id = d.id AND e.object = d.object AND e.fields = d.fields AND e.outcome = 'disclosed'").await, 4);
    assert_eq!(app.count("SELECT count(*) FROM audit_entry WHERE outcome = 'disclosed' AND subject IS NULL").await, 4);
    for sql in [
        "UPDATE disclosure SET fields = 'phone'",
        "UPDATE disclosure SET state = 'unknown'",
        "UPDATE disclosure SET state = 'pending'",
        "DELETE FROM disclosure",
    ] {
        let refused = write(&app, sql).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{sql}: {refused}");
    }
    // The row commits to the message word for word, for whoever holds the tie.
    let keys = &app.app.world.keys;
    let row = &app
        .rows("SELECT d.message, d.payload, a.link FROM disclosure d JOIN appointment a ON a.id = d.object WHERE d.kind = 'R7.sms'", &[])
        .await[0];
    let (message, payload, link): (JobId, Vec<u8>, Vec<u8>) = (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
    let number = visit["number"].as_str().unwrap();
    let sent = app.messages().await.into_iter().find(|(to, text)| *to == cast::anna().phone && text.contains(number)).unwrap();
    let bytes = |to: &str| format!("{to}\n{}", sent.1).into_bytes();
    assert!(disclosure::commits_to(keys, &link, message, &bytes(&sent.0), &payload));
    assert!(!disclosure::commits_to(keys, &link, message, &bytes(&cast::boris().phone), &payload), "another phone");
    assert!(!disclosure::commits_to(keys, &link, JobId::random(&app.clock), &bytes(&sent.0), &payload), "another message");
    // Once the tie is dead nobody can show whose message it was.
    app.pass(60 * 24 * 60);
    booking::untie_due(&app.app.world.db, keys, 30).await.unwrap();
    let noise: Vec<u8> = app.rows("SELECT link FROM appointment", &[]).await[0].get(0).unwrap();
    assert!(noise != link && !disclosure::commits_to(keys, &noise, message, &bytes(&sent.0), &payload));

    // The row goes after its entry, and not before.
    app.app.sealer.turn().await.unwrap();
    let signer = keys.signer().clone();
    let pruned = app.app.world.db.run("prune", move |tx| {
        let signer = signer.clone();
        Box::pin(async move {
            let early = disclosure::prune(tx).await?;
            let before = tx.now();
            privacy::audit::cut(tx, &signer, before).await?;
            privacy::audit::prune(tx).await?;
            Ok::<_, DbError>((early, disclosure::prune(tx).await?))
        })
    });
    assert_eq!(pruned.await.unwrap(), (0, 4));
}

fn with_carrier(kind: Kind, from: &str, until: &str) -> Plan {
    TestApp::plan(kind)
        .setting("SMS_CARRIER", "ООО «Проба-Связь»")
        .setting("SMS_CONTRACT", "17 от 2026-01-12")
        .setting("SMS_CONTRACT_FROM", from)
        .setting("SMS_CONTRACT_UNTIL", until)
}

async fn a_contract_that_is_over_stops_everything(kind: Kind) {
    // The clock stands on 2026-11-23, the last day.
    let app = with_carrier(kind, "2026-01-12", "2026-11-23").start().await;
    book(&app, 3).await;
    app.jobs().await;
    assert_eq!((causes(&app).await.len(), app.messages().await.len()), (0, 2));
    let before = rows(&app).await;
    app.pass(24 * 60);
    let visit = book(&app, 9).await;
    app.jobs().await;
    assert_eq!(causes(&app).await, ["tell_clinic waiting contract_over", "tell_person waiting contract_over"]);
    assert_eq!(app.messages().await.len(), 2, "nothing more was sent");
    assert_eq!(rows(&app).await.len(), before.len() + 1, "the letter alone");
    assert_eq!(
        app.count("SELECT count(*) FROM audit_entry WHERE outcome = 'opened' AND asker = 'job:tell_person'").await,
        1,
        "not even opened"
    );
    assert_eq!(app.count("SELECT count(*) FROM visit_to_call").await, 0);

    // Nobody renews it: the person is called.
    for _ in 1..db::jobs::TRIES_MAX {
        app.pass(62);
        app.jobs().await;
    }
    assert_eq!(causes(&app).await, ["tell_clinic dead contract_over", "tell_person dead contract_over"]);
    let list = app.app.world.db.read("to call", |tx| Box::pin(booking::to_call(tx, 10))).await.unwrap();
    assert_eq!(list.iter().map(|call| call.visit.to_string()).collect::<Vec<_>>(), [visit["id"].as_str().unwrap()]);
    assert_eq!(app.messages().await.len(), 2);

    // Renewed while a message waits: it goes out.
    book(&app, 15).await;
    app.jobs().await;
    assert_eq!(causes(&app).await.iter().filter(|cause| cause.contains("waiting")).count(), 2);
    write(&app, "UPDATE recipient SET until_on = 30000 WHERE kind = 'R7.sms'").await.unwrap();
    app.pass(2);
    app.jobs().await;
    assert_eq!(app.messages().await.len(), 4);
    // Named no more: nobody carries it.
    app.app.world.db.run("register", |tx| Box::pin(disclosure::register(tx, &[]))).await.unwrap();
    book(&app, 21).await;
    app.jobs().await;
    assert_eq!(
        causes(&app).await.iter().filter(|cause| cause.ends_with("waiting recipient_unknown")).count(),
        3,
        "{:?}",
        causes(&app).await
    );
}

async fn a_country_without_protection_gets_nothing(kind: Kind) {
    for (country, told) in [("US", 0), ("KZ", 2)] {
        let app = with_carrier(kind, "2026-01-12", "2027-01-12").setting("SMS_CARRIER_COUNTRY", country).start().await;
        book(&app, 3).await;
        app.jobs().await;
        assert_eq!(app.messages().await.len(), told, "{country}");
        let refused = ["tell_clinic waiting country_not_adequate", "tell_person waiting country_not_adequate"];
        assert_eq!(causes(&app).await, if told == 0 { refused.to_vec() } else { Vec::new() }, "{country}");
        assert_eq!(app.count("SELECT count(*) FROM disclosure WHERE kind <> 'R7.mail' AND country <> 'RU'").await, i64::from(told > 0));
    }
}

async fn a_clinic_has_its_place_on_the_register(kind: Kind) {
    let app = TestApp::start(kind).await;
    assert_eq!(app.count("SELECT count(*) FROM recipient").await, 2, "the carriers");
    book(&app, 3).await;
    app.jobs().await;
    let catalogue = app.app.world.catalogue();
    let role = catalogue.role(app.role("Берестов", "Тихая гавань").parse().unwrap()).unwrap();
    let clinic = catalogue.organization(role.organization).unwrap();
    let row = &app.rows("SELECT id, name, country, contract, notice FROM recipient WHERE kind = 'R3'", &[]).await[0];
    assert_eq!(row.get::<[u8; 16]>(0).unwrap(), clinic.id.bytes());
    let said: Vec<String> = (1..4).map(|at| row.get(at).unwrap()).collect();
    assert_eq!((said, row.get::<i64>(4).unwrap()), (vec![clinic.names.ru.clone(), "RU".to_owned(), "directory".to_owned()], 0));
    // Taken off the register: the person is told, the clinic is not.
    write(&app, "UPDATE recipient SET active = 0 WHERE kind = 'R3'").await.unwrap();
    book(&app, 9).await;
    app.jobs().await;
    assert_eq!(causes(&app).await, ["tell_clinic waiting contract_over"]);
    assert_eq!(app.count("SELECT count(*) FROM disclosure WHERE kind = 'R3'").await, 1);
}

struct Said(String);

impl Payload for Said {
    fn committed(&self) -> Vec<u8> {
        self.0.clone().into_bytes()
    }
}

/// What the door says to these parts for that recipient, and what was written out of them.
async fn tried(app: &TestApp, carrier: Option<Recipient>, purpose: Purpose, items: &'static [Item]) -> Result<String, NotDisclosed> {
    let (keys, profile) = (app.app.world.keys.clone(), app.app.world.profile.clone());
    let message = JobId::random(&app.clock);
    let done = app.app.world.db.run("try", move |tx| {
        let (keys, profile) = (keys.clone(), profile.clone());
        Box::pin(async move {
            let clinic = To::Clinic(Clinic { id: [7; 16], name: "Проба", country: "RU" });
            let door = disclosure::door(tx, &profile, carrier.map_or(clinic, To::Registered), None).await?;
            let leaving = Leaving { purpose, ground: Ground::Request, job: "try", object: [9; 16], tie: &[1], message };
            let parts = items.iter().fold(Parts::new(), |parts, item| parts.with(*item, format!("<{item}>")));
            let write = |parts: &Parts| Some(Said(parts.places().map(|(_, value)| value).collect()));
            door.disclose(tx, &keys, &profile, leaving, parts, write).await
        })
    });
    done.await.map(|disclosed| disclosed.released().1.0)
}

async fn no_mask_lets_more_through(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (sms, clinic) = (Some(Recipient::SmsCarrier), None);
    // Free text is dropped before anything is written; the rest goes.
    assert_eq!(tried(&app, clinic, Purpose::P1, &[Item::Number, Item::Comment, Item::Time]).await, Ok("<number><time>".into()));
    assert_eq!(app.count("SELECT count(*) FROM disclosure WHERE fields = 'number,time'").await, 1);
    for (to, purpose, items, refused) in [
        (clinic, Purpose::P1, &[Item::Number, Item::Name][..], NotDisclosed::Outside(Item::Name)),
        (clinic, Purpose::P1, &[Item::Number, Item::Phone], NotDisclosed::Outside(Item::Phone)),
        (clinic, Purpose::P5, &[Item::Number], NotDisclosed::Outside(Item::Number)),
        (sms, Purpose::P1, &[Item::Phone, Item::Code, Item::Specialty], NotDisclosed::Outside(Item::Specialty)),
        (sms, Purpose::P1, &[Item::Phone, Item::Code, Item::Doctor], NotDisclosed::Outside(Item::Doctor)),
        (sms, Purpose::P10, &[Item::Phone], NotDisclosed::Outside(Item::Phone)),
        // A phone leaves by a consent, or with the code that was asked for to it.
        (sms, Purpose::P1, &[Item::Phone, Item::Number], NotDisclosed::Basis),
        (Some(Recipient::DocDoc), Purpose::P1, &[Item::Number], NotDisclosed::Unknown),
    ] {
        assert_eq!(tried(&app, to, purpose, items).await, Err(refused), "{to:?} {items:?}");
    }
    assert_eq!(app.count("SELECT count(*) FROM disclosure").await, 1, "what was refused has no row");
    assert_eq!(app.count("SELECT count(*) FROM audit_entry WHERE outcome = 'disclosed'").await, 1);
    assert_eq!(tried(&app, sms, Purpose::P1, &[Item::Phone, Item::Code]).await, Ok("<phone><code>".into()));
}

/// A gateway that answers with the status it is told, and counts.
async fn gateway() -> (String, Arc<AtomicU16>, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (status, taken) = (Arc::new(AtomicU16::new(503)), Arc::new(AtomicUsize::new(0)));
    let (says, counts) = (status.clone(), taken.clone());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (says, counts) = (says.clone(), counts.clone());
            tokio::spawn(async move {
                let mut read = Vec::new();
                let mut piece = [0; 4096];
                // The body is JSON of one object: its end is the end of the request.
                while !(read.ends_with(b"}") && read.windows(4).any(|end| end == b"\r\n\r\n")) {
                    match stream.read(&mut piece).await {
                        Ok(0) | Err(_) => return,
                        Ok(length) => read.extend_from_slice(&piece[..length]),
                    }
                }
                let status = says.load(Ordering::SeqCst);
                if status == 200 {
                    counts.fetch_add(1, Ordering::SeqCst);
                }
                let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _gone = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    (url, status, taken)
}

async fn nothing_leaves_twice(kind: Kind) {
    let (url, status, taken) = gateway().await;
    let app = with_carrier(kind, "2026-01-12", "2027-01-12").setting("SMS_GATEWAY", "http").setting("SMS_URL", &url).start().await;
    book(&app, 3).await;
    app.jobs().await;
    // The row is there, the message is not: whether the try arrived nobody knows.
    let pending = ["R3 number,day,time,link request pending", "R7.sms phone,day,time,street,number,link consent pending"];
    let texts = async || rows(&app).await.into_iter().filter(|row| !row.starts_with("R7.mail")).collect::<Vec<_>>();
    assert_eq!(texts().await, pending);
    assert_eq!(causes(&app).await, ["tell_clinic waiting gateway_failed", "tell_person waiting gateway_failed"]);
    let jobs = app.rows("SELECT id, kind, payload FROM job ORDER BY kind", &[]).await;
    app.pass(1);
    app.jobs().await;
    assert_eq!(texts().await, pending, "a second try adds no row");
    status.store(200, Ordering::SeqCst);
    app.pass(2);
    app.jobs().await;
    let sent: Vec<String> = pending.iter().map(|row| row.replace("pending", "sent")).collect();
    assert_eq!((texts().await, taken.load(Ordering::SeqCst)), (sent.clone(), 2));

    // The program died after the sending, before the job was ended: the job is there again, and the row knows better.
    for job in &jobs {
        let (id, kind, payload): (JobId, String, String) = (job.get(0).unwrap(), job.get(1).unwrap(), job.get(2).unwrap());
        let again = app.app.world.db.run("again", move |tx| {
            let values = db::args![id, kind.clone(), payload.clone()];
            let sql = "INSERT INTO job (id, kind, payload, run_at, state, attempts, lease, lease_until, cause) VALUES ($1, $2, $3, 0, 'waiting', 0, NULL, 0, NULL)";
            Box::pin(async move { tx.execute(sql, &values).await })
        });
        let _: Result<u64, DbError> = again.await;
    }
    app.jobs().await;
    assert_eq!((texts().await, taken.load(Ordering::SeqCst)), (sent, 2), "not sent again");
    assert_eq!(causes(&app).await, Vec::<String>::new());

    // Refused for good: said so, and the person is called.
    status.store(422, Ordering::SeqCst);
    book(&app, 9).await;
    app.jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM disclosure WHERE state = 'refused'").await, 2);
    assert_eq!(app.count("SELECT count(*) FROM visit_to_call").await, 1);
}

async fn what_nobody_answered_ends(kind: Kind) {
    let app = TestApp::start(kind).await;
    assert_eq!(tried(&app, None, Purpose::P1, &[Item::Number]).await, Ok("<number>".into()));
    let ended = async || app.app.world.db.run("end", |tx| Box::pin(disclosure::end_forgotten(tx))).await.unwrap();
    app.pass(24 * 60);
    assert_eq!(ended().await, 0, "it may still be under way");
    app.pass(24 * 60);
    assert_eq!(ended().await, 1);
    assert_eq!(app.count("SELECT count(*) FROM disclosure WHERE state = 'unknown'").await, 1);
    // What a job will try again is not forgotten.
    assert_eq!(tried(&app, None, Purpose::P1, &[Item::Number]).await, Ok("<number>".into()));
    write(&app, "INSERT INTO job (id, kind, payload, run_at, state, attempts, lease, lease_until, cause) SELECT message, 'x', '{}', 0, 'waiting', 1, NULL, 0, NULL FROM disclosure WHERE state = 'pending'").await.unwrap();
    app.pass(48 * 60);
    assert_eq!(ended().await, 0);
}
