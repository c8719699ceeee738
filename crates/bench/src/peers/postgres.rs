//! PostgreSQL as a search engine: full text, trigrams, arrays under GIN; spoken to by its own protocol, prepared statements, no HTTP.

use std::sync::Arc;

use tokio_postgres::{NoTls, Statement};

use crate::load::Client;
use crate::world::{BEFORE_HOUR, Doctor, Question, TIMES, World};

/// The server, and a connection that makes databases.
#[derive(Clone)]
pub(crate) struct Postgres {
    /// `postgres:///postgres?user=…&host=…`
    pub(crate) address: String,
    /// The postmaster's process.
    pub(crate) id: u32,
}

impl Postgres {
    /// The server at this address; its process is told by the file that it keeps beside its socket.
    ///
    /// # Errors
    /// When that file is not there.
    pub(crate) fn at(address: &str) -> Result<Postgres, String> {
        let home = address.split("host=").nth(1).and_then(|rest| rest.split('&').next()).ok_or("the address names no socket's folder")?;
        let file = format!("{home}/data/postmaster.pid");
        let text = std::fs::read_to_string(&file).map_err(|fault| format!("{file}: {fault}"))?;
        let id = text.lines().next().and_then(|line| line.trim().parse().ok()).ok_or_else(|| format!("{file}: no number"))?;
        Ok(Postgres { address: address.into(), id })
    }

    /// The address of another database of the server.
    pub(crate) fn database(&self, name: &str) -> String {
        self.address.replacen("/postgres?", &format!("/{name}?"), 1)
    }

    /// A new, empty database, in the place of one of that name; `from` another one, if it is named.
    ///
    /// # Errors
    /// What the server said.
    pub(crate) async fn make(&self, name: &str, from: Option<&str>) -> Result<String, String> {
        let client = connect(&self.address).await?;
        let run = |sql: String| {
            let client = &client;
            async move { client.batch_execute(&sql).await.map_err(|fault| said(&fault)) }
        };
        run(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        run(format!("CREATE DATABASE {name} TEMPLATE {}", from.unwrap_or("template0"))).await?;
        Ok(self.database(name))
    }
}

/// What the server said, in one line.
pub(crate) fn said(fault: &tokio_postgres::Error) -> String {
    fault.as_db_error().map_or_else(|| fault.to_string(), |db| format!("{} ({})", db.message(), db.code().code()))
}

/// A connection.
///
/// # Errors
/// What the server said.
pub(crate) async fn connect(address: &str) -> Result<tokio_postgres::Client, String> {
    let (client, connection) = tokio_postgres::connect(address, NoTls).await.map_err(|fault| said(&fault))?;
    tokio::spawn(async move {
        let _ended = connection.await;
    });
    Ok(client)
}

/// Doctors sent in one statement while filling.
const ROWS_AT_ONCE: usize = 10_000;
const TABLES: &str = "
CREATE EXTENSION pg_trgm;
CREATE EXTENSION btree_gin;
CREATE TABLE doctor (
    id BIGINT PRIMARY KEY, role TEXT NOT NULL, surname TEXT COLLATE \"C\" NOT NULL, card TEXT NOT NULL, words TEXT NOT NULL,
    specialty TEXT[] NOT NULL, city TEXT NOT NULL, metro TEXT[] NOT NULL, price BIGINT NOT NULL, next_free BIGINT, day_minute BIGINT,
    text TSVECTOR GENERATED ALWAYS AS (to_tsvector('russian', words)) STORED
);
CREATE TABLE slot (doctor BIGINT NOT NULL, start BIGINT NOT NULL);
";
const SPECIALTIES: &str = "
CREATE TABLE doctor_specialty AS SELECT unnest(specialty) AS specialty, city, next_free, id FROM doctor;
CREATE INDEX doctor_specialty_soonest ON doctor_specialty (specialty, city, next_free, id);
VACUUM ANALYZE doctor_specialty;
";
const INDEXES: &str = "
ALTER TABLE slot ADD PRIMARY KEY (doctor, start);
CREATE INDEX doctor_filters ON doctor USING gin (city, specialty, metro);
CREATE INDEX doctor_text ON doctor USING gin (text);
CREATE INDEX doctor_soonest ON doctor (next_free, id);
CREATE INDEX doctor_surname ON doctor (surname);
CREATE INDEX doctor_trigrams ON doctor USING gin (surname gin_trgm_ops);
VACUUM ANALYZE doctor;
VACUUM ANALYZE slot;
";

/// Fills a database with the directory.
///
/// # Errors
/// What the server said.
pub(crate) async fn load(server: &Postgres, name: &str, world: &World) -> Result<String, String> {
    let address = server.make(name, None).await?;
    let client = connect(&address).await?;
    client.batch_execute(TABLES).await.map_err(|fault| said(&fault))?;
    for (chunk, doctors) in world.doctors.chunks(ROWS_AT_ONCE).enumerate() {
        insert(&client, chunk * ROWS_AT_ONCE, doctors).await?;
    }
    for statement in SPECIALTIES.split(';').chain(INDEXES.split(';')).map(str::trim).filter(|statement| !statement.is_empty()) {
        client.batch_execute(statement).await.map_err(|fault| said(&fault))?;
    }
    Ok(address)
}

/// Lists go as texts with commas: a column of arrays has no shape that a parameter could have.
async fn insert(client: &tokio_postgres::Client, first: usize, doctors: &[Doctor]) -> Result<(), String> {
    let ids: Vec<i64> = (0..).skip(first).take(doctors.len()).collect();
    let texts = |of: fn(&Doctor) -> String| doctors.iter().map(of).collect::<Vec<String>>();
    let prices: Vec<i64> = doctors.iter().map(|doctor| doctor.price_minor).collect();
    let next: Vec<Option<i64>> = doctors.iter().map(|doctor| doctor.next.first().copied()).collect();
    let minutes: Vec<Option<i64>> = doctors.iter().map(|doctor| doctor.day_minute).collect();
    client
        .execute(
            "INSERT INTO doctor (id, role, surname, card, words, specialty, city, metro, price, next_free, day_minute)
             SELECT id, role, surname, card, words, string_to_array(specialty, ','), city, string_to_array(metro, ','), price, next_free, day_minute
             FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[],
                         $10::bigint[], $11::bigint[])
                  AS d (id, role, surname, card, words, specialty, city, metro, price, next_free, day_minute)",
            &[
                &ids,
                &texts(|doctor| doctor.role.clone()),
                &texts(|doctor| doctor.surname.clone()),
                &texts(|doctor| doctor.card.clone()),
                &texts(|doctor| doctor.words.clone()),
                &texts(|doctor| doctor.specialties.join(",")),
                &texts(|doctor| doctor.city.clone()),
                &texts(|doctor| doctor.metros.join(",")),
                &prices,
                &next,
                &minutes,
            ],
        )
        .await
        .map_err(|fault| said(&fault))?;
    let (of, starts): (Vec<i64>, Vec<i64>) =
        ids.iter().zip(doctors).flat_map(|(id, doctor)| doctor.next.iter().map(|start| (*id, *start))).unzip();
    client
        .execute("INSERT INTO slot (doctor, start) SELECT * FROM unnest($1::bigint[], $2::bigint[])", &[&of, &starts])
        .await
        .map(drop)
        .map_err(|fault| said(&fault))
}

/// A connection that asks the questions one after the other.
pub(crate) struct Searcher {
    client: tokio_postgres::Client,
    statements: [Statement; 5],
    questions: Arc<Vec<Question>>,
    next: usize,
}

impl Searcher {
    /// Connects and prepares; begins at another question than its neighbours.
    ///
    /// # Errors
    /// What the server said.
    pub(crate) async fn new(address: &str, questions: Arc<Vec<Question>>, first: usize) -> Result<Searcher, String> {
        let client = connect(address).await?;
        let mut statements = Vec::new();
        for kind in 0..5 {
            statements.push(client.prepare(&question(kind, false)).await.map_err(|fault| said(&fault))?);
        }
        let statements = statements.try_into().map_err(|_| "five statements")?;
        Ok(Searcher { client, statements, questions, next: first })
    }

    async fn answer(&self, asked: &Question) -> Result<usize, String> {
        let statement = self.statements.get(asked.kind).ok_or("a strange question")?;
        let rows = match asked.kind {
            0 => self.client.query(statement, &[&asked.specialty, &asked.city]).await,
            1 => self.client.query(statement, &[&asked.specialty, &asked.city, &asked.metro, &asked.price_max_minor]).await,
            2 => self.client.query(statement, &[&asked.words, &after(&asked.words)]).await,
            _ => self.client.query(statement, &[&asked.words]).await,
        };
        rows.map(|rows| rows.len()).map_err(|fault| said(&fault))
    }
}

impl Client for Searcher {
    async fn ask(&mut self) -> Result<Option<usize>, String> {
        let asked = self.questions.get(self.next % self.questions.len().max(1)).ok_or("no questions")?;
        self.next += 1;
        self.answer(asked).await?;
        Ok(Some(asked.kind))
    }
}

/// The first text that does not begin so.
fn after(beginning: &str) -> String {
    format!("{beginning}\u{10ffff}")
}

/// The statement of a kind: twenty cards with their next free times; or the ids of all that fit. In the peer's favour it is asked
/// for less than we answer: no total, no facets, and no rank for the text of a service, since all who offer it fit alike.
fn question(kind: usize, ids: bool) -> String {
    let (fits, order) = match kind {
        0 if !ids => ("specialty = $1 AND city = $2".to_owned(), "next_free, id"),
        0 => ("specialty @> ARRAY[$1] AND city = $2".to_owned(), ""),
        1 => {
            let before = BEFORE_HOUR * 60;
            let fits = format!("specialty @> ARRAY[$1] AND city = $2 AND metro @> ARRAY[$3] AND price <= $4 AND day_minute < {before}");
            (fits, "day_minute, id")
        }
        2 => ("surname >= $1 AND surname < $2".to_owned(), "next_free, id"),
        3 => ("text @@ plainto_tsquery('russian', $1)".to_owned(), "next_free, id"),
        _ => ("surname % $1".to_owned(), "surname <-> $1, next_free, id"),
    };
    if ids {
        return format!("SELECT role FROM doctor WHERE {fits}");
    }
    let from = if kind == 0 { "doctor_specialty" } else { "doctor" };
    format!(
        "SELECT doctor.card, ARRAY(SELECT start FROM slot WHERE slot.doctor = top.id ORDER BY start LIMIT {TIMES})
         FROM (SELECT id, row_number() OVER (ORDER BY {order}) AS place FROM {from} WHERE {fits} ORDER BY {order} LIMIT 20) top
         JOIN doctor USING (id) ORDER BY place"
    )
}

/// The ids of all doctors that fit a question of filters, sorted.
///
/// # Errors
/// What the server said.
pub(crate) async fn fitting(client: &tokio_postgres::Client, asked: &Question) -> Result<Vec<String>, String> {
    let sql = question(asked.kind, true);
    let rows = if asked.kind == 0 {
        client.query(&sql, &[&asked.specialty, &asked.city]).await
    } else {
        client.query(&sql, &[&asked.specialty, &asked.city, &asked.metro, &asked.price_max_minor]).await
    };
    let mut roles: Vec<String> = rows.map_err(|fault| said(&fault))?.iter().map(|row| row.get(0)).collect();
    roles.sort();
    Ok(roles)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_keeps_the_socket() {
        let server = Postgres { address: "postgres:///postgres?user=recomed&host=/tmp/x".into(), id: 1 };
        assert_eq!(server.database("bench"), "postgres:///bench?user=recomed&host=/tmp/x");
        assert!(after("ива").as_str() > "иванов" && after("ива").as_str() < "ивб");
    }
}
