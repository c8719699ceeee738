//! Every column of both databases stands in the data dictionary, and nothing else does (clause 1.2).

use db::Db;
use privacy::dictionary::{Column, Export, Form, Holds, faults};
use privacy::{Profile, Purpose, Subject, TermKey};
use server::personal::{dictionary, key_dictionary};
use testkit::Kind;

use crate::schema::{described, gone, open};

async fn names(db: &Db) -> Vec<(String, String)> {
    described(db).await.into_iter().map(|column| (column.table, column.name)).collect()
}

async fn change(db: &Db, sql: &'static str) {
    db.run("change the schema", move |tx| Box::pin(async move { tx.execute(sql, &[]).await.map(drop) })).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_stands_in_the_dictionary() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let (databases, main, keys) = open(kind).await;
        assert_eq!(faults(&dictionary(), &names(&main).await), Vec::<String>::new(), "{kind:?}, main");
        assert_eq!(faults(&key_dictionary(), &names(&keys).await), Vec::<String>::new(), "{kind:?}, key store");

        // A column that somebody adds and says nothing about, and one that is gone, are found.
        change(&main, "ALTER TABLE claim ADD COLUMN planted TEXT").await;
        change(&keys, "CREATE TABLE planted (id BIGINT PRIMARY KEY)").await;
        change(&main, "ALTER TABLE job DROP COLUMN cause").await;
        let found = [faults(&dictionary(), &names(&main).await), faults(&key_dictionary(), &names(&keys).await)].concat();
        let begins: Vec<&str> = found.iter().filter_map(|fault| fault.split(": stands in").next()).collect();
        assert_eq!(begins, ["claim.planted", "job.cause", "planted.id"], "{kind:?}: {found:?}");
        drop((main, keys));
        gone(databases);
    }
}

/// What is sealed (clause 2.8) or a tag stands in a column of bytes: clear text does not fit there.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_sealed_is_bytes() {
    let (databases, main, keys) = open(Kind::Sqlite).await;
    for (db, dictionary) in [(&main, dictionary()), (&keys, key_dictionary())] {
        let schema = described(db).await;
        for column in &dictionary {
            let sealed = column.datum().is_some_and(|datum| matches!(datum.form, Form::Sealed(_) | Form::UnderSystemKey));
            let kind =
                schema.iter().find(|known| known.table == column.table && known.name == column.name).map(|known| known.kind.as_str());
            assert!(!sealed || kind == Some("bytes"), "{}.{} is {kind:?}", column.table, column.name);
        }
    }
    drop((main, keys));
    gone(databases);
}

/// The sealed fields of a user, and how long the profiles let them live: a change here is a change of the policy (clauses 1.3, 2.6, 11.1, 16.5).
#[test]
fn what_is_known_of_a_user_by_name_lives_by_the_profile() {
    let all = [dictionary(), key_dictionary()].concat();
    let about_users: Vec<&Column> = all.iter().filter(|column| column.datum().is_some_and(|datum| datum.of.is_user())).collect();
    assert!(about_users.len() > 60, "{}", about_users.len());
    for name in ["ru", "kz"] {
        let profile = Profile::named(name).unwrap();
        for column in &about_users {
            let Holds::Personal(datum) = column.holds else { continue };
            if let privacy::dictionary::Term::Kept(key) = datum.term {
                // What a consent was taken back for may go at once; nothing else is written down to be dropped unseen.
                let least = i64::from(key != TermKey::Withdrawal);
                assert!(profile.term(key).micros().is_some_and(|term| term >= least), "{name}: {}.{}", column.table, column.name);
            }
            // Neither advertising nor improving the site reads anything of a user today.
            assert!(!datum.purposes.contains(&Purpose::P5) && !datum.purposes.contains(&Purpose::P6), "{}.{}", column.table, column.name);
        }
    }
    // Whatever a person told us is theirs to have: only what leads to nobody is left out.
    let left_out = about_users.iter().filter_map(|column| column.datum().map(|datum| (column, datum)));
    for (column, datum) in left_out.filter(|(_, datum)| matches!(datum.export, Export::Nothing(_))) {
        let passing = matches!(column.table, "phone_code" | "sent_message");
        assert!(passing || !matches!(datum.form, Form::Sealed(_)), "{}.{} is sealed and left out", column.table, column.name);
    }
    assert!(all.iter().any(|column| column.datum().is_some_and(|datum| datum.of == Subject::Practitioner)));
}
