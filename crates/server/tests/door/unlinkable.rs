//! The experiment on I5 (clause 16.3): somebody has the whole main database, with all that ever stood in it, and no key. Of a visit, by which they know a
//! person, they look for the same person's other visit among twenty. They must do no better than chance; and where one protection is
//! missing they must win, or the experiment would prove nothing.
//!
//! What they have is more than any stolen file: after every booking they see every row of every table, so they know which rows each
//! transaction wrote, in which order, and what stood there before: all that hidden columns, journals and the order of rows could tell, and
//! more. They use shared bytes, ids, tags, instants, lengths, neighbourhood and numbers. What a visit says of itself is not hidden, and is the same for all here: language, and
//! whether it has a letter.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use access::Scope;
use privacy::Suite;
use serde_json::json;
use testkit::{Kind, TestApp, cast};

testkit::both!(nobody_is_found_by_what_the_database_says, an_unsealed_program_gives_everybody_away);

/// People, each with two visits.
const PEOPLE: usize = 40;
/// Visits among which the other one is looked for.
const AMONG: usize = 20;
/// Bytes that two rows must share to say something: less is shared by accident.
const SHINGLE: usize = 8;
/// In how many visits' traces bytes may stand to be somebody's own.
const RARE_MAX: usize = 3;

/// What one booking wrote: byte strings with the length of each, numbers, and when it was in the order of all.
#[derive(Default)]
struct Trace {
    bytes: Vec<(String, Vec<u8>)>,
    numbers: Vec<(String, i64)>,
}

/// Tables that say nothing of anybody: doctors, clinics, the schema.
fn is_about_visits(table: &str) -> bool {
    [
        "job",
        "audit_entry",
        "audit_leaf",
        "consent_event",
        "idempotency",
        "phone_code",
        "code_count",
        "patient",
        "person",
        "sent_message",
        "appointment",
        "representative",
        "visit_contact",
        "visit_to_call",
        "claim",
        "hold",
        "dirty",
        "erasure",
        "disclosure",
        "recipient",
    ]
    .contains(&table)
}

/// Every row of those tables: by its whole content, so that a changed row is a new one.
async fn rows(app: &TestApp, tables: &BTreeMap<String, Vec<(String, String)>>) -> BTreeSet<(String, Vec<String>)> {
    let mut all = BTreeSet::new();
    for (table, columns) in tables {
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        for row in app.rows(&format!("SELECT {} FROM {table}", names.join(", ")), &[]).await {
            let mut values = Vec::new();
            for (place, (_, of)) in columns.iter().enumerate() {
                values.push(match of.as_str() {
                    "bytes" => {
                        row.get::<Option<Vec<u8>>>(place).unwrap().unwrap_or_default().iter().map(|byte| format!("{byte:02x}")).collect()
                    }
                    "text" => row.get::<Option<String>>(place).unwrap().unwrap_or_default(),
                    _ => row.get::<Option<i64>>(place).unwrap_or_default().unwrap_or_default().to_string(),
                });
            }
            all.insert((table.clone(), values));
        }
    }
    all
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).unwrap()).collect()
}

/// A town in which everybody books twice, in an order that tells nothing: what each booking wrote, and whose it was.
async fn town(kind: Kind, suite: Suite) -> (Vec<Trace>, Vec<usize>) {
    let app = TestApp::plan(kind).suite(suite).start().await;
    let columns = app.app.world.db.read("columns", |tx| Box::pin(db::schema::columns(tx))).await.unwrap();
    let mut tables: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for column in columns.iter().filter(|column| is_about_visits(&column.table)) {
        tables.entry(column.table.clone()).or_default().push((column.name.clone(), column.kind.clone()));
    }
    assert!(tables.len() >= 12, "{tables:?}");

    // Times of twenty doctors of as many specialties as there are.
    let catalogue = app.app.world.catalogue();
    let mut offers = Vec::new();
    let mut specialties = BTreeSet::new();
    for role in &catalogue.roles {
        if role.practitioner.is_none()
            || role.source.is_some()
            || !specialties.insert(role.specialties.first().cloned())
            || offers.len() >= 20
        {
            continue;
        }
        let id = role.id.to_string();
        let times = app.slots(&id, "").await;
        if times.len() >= 40 {
            offers.push((id, times));
        }
    }
    assert!(offers.len() >= 8, "{}", offers.len());

    // Two of each, shuffled by the clock's own randomness; doctors and times apart from the person.
    let mut order: Vec<usize> = (0..PEOPLE).chain(0..PEOPLE).collect();
    for at in (1..order.len()).rev() {
        order.swap(at, usize::try_from(app.clock.below(at as u64 + 1)).unwrap());
    }
    let (partner, _) = app.partner(&[Scope::Book]).await;
    let mut taken = BTreeSet::new();
    let (mut traces, mut whose) = (Vec::new(), Vec::new());
    let mut before = rows(&app, &tables).await;
    for person in order {
        let who = cast::extra(person);
        let answer = loop {
            app.pass(2);
            let (role, times) = &offers[usize::try_from(app.clock.below(offers.len() as u64)).unwrap()];
            let time = &times[usize::try_from(app.clock.below(times.len() as u64)).unwrap()];
            if !taken.insert((role.clone(), time.clone())) {
                continue;
            }
            // A quarter comes by themselves, with a code, as many as one network may; the others by a partner.
            let answer = if person % 4 == 0 {
                let mut wish = app.confirmed_wish(role, time, &who).await;
                wish["patient"]["age"] = json!(30 + person);
                app.door().json("POST", "/api/v1/appointments?lang=ru", &wish).await
            } else {
                let wish = app.wish(role, time, &who).await;
                let key = format!("key-{}", app.clock.below(u64::MAX));
                partner.json_with("POST", "/api/v1/appointments?lang=ru", &wish, &[("idempotency-key", &key)]).await
            };
            if answer.status == 201 {
                break answer;
            }
        };
        drop(answer);
        app.jobs().await;
        let now = rows(&app, &tables).await;
        let mut trace = Trace::default();
        for (table, values) in now.difference(&before) {
            for ((name, of), value) in tables[table].iter().zip(values) {
                let place = format!("{table}.{name}");
                match of.as_str() {
                    "bytes" => trace.bytes.push((place, unhex(value))),
                    "text" => trace.bytes.push((place, value.clone().into_bytes())),
                    _ => trace.numbers.push((place, value.parse().unwrap())),
                }
            }
        }
        traces.push(trace);
        whose.push(person);
        before = now;
        // Minutes or hours pass; never less than a code's pause.
        app.pass(2 + app.clock.below(40));
    }
    (traces, whose)
}

/// The features of every visit that few others have.
fn rare<T: Ord + Clone>(of_each: &[BTreeSet<T>]) -> Vec<BTreeSet<T>> {
    let mut seen: BTreeMap<T, usize> = BTreeMap::new();
    of_each.iter().flatten().for_each(|feature| *seen.entry(feature.clone()).or_default() += 1);
    of_each.iter().map(|features| features.iter().filter(|feature| seen[*feature] <= RARE_MAX).cloned().collect()).collect()
}

fn shared<T: Ord>(one: &BTreeSet<T>, two: &BTreeSet<T>) -> i64 {
    i64::try_from(one.intersection(two).count()).unwrap()
}

/// A number below `bound` that looks like chance, and is the same every time.
fn drawn(from: usize, bound: usize) -> usize {
    let mut mixed = (from as u64).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^= mixed >> 29;
    mixed = mixed.wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((mixed >> 33) % bound as u64).unwrap()
}

/// The ways of looking.
const WAYS: [&str; 4] = ["shared bytes", "equal lengths", "equal numbers", "neighbours"];

/// By how much each way of looking finds the other visit: hits out of tries.
fn attack(traces: &[Trace], whose: &[usize]) -> BTreeMap<&'static str, usize> {
    let shingles: Vec<BTreeSet<Vec<u8>>> =
        traces.iter().map(|trace| trace.bytes.iter().flat_map(|(_, bytes)| bytes.windows(SHINGLE).map(<[u8]>::to_vec)).collect()).collect();
    let lengths: Vec<BTreeSet<(String, usize)>> =
        traces.iter().map(|trace| trace.bytes.iter().map(|(place, bytes)| (place.clone(), bytes.len())).collect()).collect();
    // Instants and counts are each booking's own; what is left are numbers that come twice.
    let numbers: Vec<BTreeSet<(String, i64)>> = traces.iter().map(|trace| trace.numbers.iter().cloned().collect()).collect();
    let (shingles, numbers) = (rare(&shingles), rare(&numbers));
    let mut hits: BTreeMap<&'static str, usize> = WAYS.map(|way| (way, 0)).into();
    for visit in 0..traces.len() {
        let other = (0..traces.len()).find(|there| *there != visit && whose[*there] == whose[visit]).unwrap();
        // Nineteen others, spread over all, and the one that is looked for.
        let mut others: Vec<usize> = (0..traces.len()).filter(|there| *there != visit && *there != other).collect();
        others.rotate_left(visit * 7 % (traces.len() - 2));
        let mut among: Vec<usize> = others.iter().step_by(others.len() / (AMONG - 1)).take(AMONG - 1).copied().collect();
        among.insert(drawn(visit * 2, AMONG), other);
        let scores: Vec<[i64; WAYS.len()]> = among
            .iter()
            .map(|there| {
                [
                    shared(&shingles[visit], &shingles[*there]),
                    shared(&lengths[visit], &lengths[*there]),
                    shared(&numbers[visit], &numbers[*there]),
                    -i64::try_from(there.abs_diff(visit)).unwrap(),
                ]
            })
            .collect();
        for (place, way) in WAYS.into_iter().enumerate() {
            let best = scores.iter().map(|score| score[place]).max().unwrap();
            let equals: Vec<usize> = among.iter().zip(&scores).filter(|(_, score)| score[place] == best).map(|(there, _)| *there).collect();
            // Among equals one is drawn, in a way that has nothing to do with where the right one stands.
            if equals[drawn(visit * 2 + 1, equals.len())] == other {
                *hits.entry(way).or_default() += 1;
            }
        }
    }
    hits
}

fn shown(hits: &BTreeMap<&'static str, usize>, tries: usize) -> String {
    let shown: HashMap<_, _> = hits.iter().map(|(way, hits)| (*way, format!("{hits} of {tries}"))).collect();
    format!("the other visit among {AMONG}, by chance {} of {tries}: {shown:?}", tries / AMONG)
}

#[expect(clippy::print_stdout, reason = "the figure is what the experiment is for")]
async fn nobody_is_found_by_what_the_database_says(kind: Kind) {
    let (traces, whose) = town(kind, Suite::Sealed).await;
    let (hits, tries) = (attack(&traces, &whose), traces.len());
    println!("{}", shown(&hits, tries));
    for (way, found) in &hits {
        // Four deviations above chance, squared and without fractions: of many runs with nothing to find, one in thousands is beyond it.
        let above = (found * AMONG).saturating_sub(tries);
        assert!(above * above < 16 * tries * (AMONG - 1), "{way} finds people: {}", shown(&hits, tries));
    }
}

#[expect(clippy::print_stdout, reason = "the figure is what the experiment is for")]
async fn an_unsealed_program_gives_everybody_away(kind: Kind) {
    let (traces, whose) = town(kind, Suite::NakedForTests).await;
    let hits = attack(&traces, &whose);
    println!("nothing sealed: {}", shown(&hits, traces.len()));
    assert!(hits["shared bytes"] * 5 >= traces.len() * 4, "the one who looks can see: {}", shown(&hits, traces.len()));
}
