//! The person sees who used the data of their visit, and takes a receipt for each use that anybody can check without the program's
//! database.

use std::process::Command;
use std::time::Duration;

use testkit::{Kind, TestApp, attribute, attributes, cast};

testkit::both!(the_person_takes_a_receipt_for_each_use, nobody_else_sees_who_used_the_data);

async fn the_person_takes_a_receipt_for_each_use(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let slots = app.slots(&role, "").await;
    let visit = app.book(&role, &slots[3], &cast::anna()).await.json();
    // The message goes out a moment later.
    app.clock.advance(Duration::from_secs(1));
    app.jobs().await;
    let door = app.door();
    let key = app.app.world.keys.signer().public().to_string();
    let catalogue = app.app.world.catalogue();
    for lang in ["kk", "ru", "en"] {
        let texts = app.app.world.texts.of(lang.parse().unwrap());
        let arrived = format!("/{lang}/v/{}.{}", visit["id"].as_str().unwrap(), visit["manage_token"].as_str().unwrap());
        let own = door.get(&arrived).await.location();
        let page = door.get(&own).await.ok().text();
        let uses = attribute(&page, "data-test=\"uses-link\"", "href");
        assert_eq!(uses, format!("{own}/uses"));
        if lang == "kk" {
            // Right after the booking: nothing is sealed yet.
            let page = door.get(&uses).await.ok().text();
            assert_eq!(page.matches(&texts.s("booking-uses-waiting")).count(), 4);
            let entry = app.rows("SELECT id FROM audit_entry WHERE outcome = 'booked'", &[]).await[0].get::<privacy::audit::EntryId>(0);
            assert_eq!(door.get(&format!("{uses}/{}", entry.unwrap())).await.status, 404);
            app.app.sealer.turn().await.unwrap();
        }
        let page = door.get(&uses).await.ok().text();
        assert!(!page.contains(&texts.s("booking-uses-waiting")));
        let said = ["booking-uses-booked", "booking-uses-sms", "booking-data-name", "booking-data-phone"];
        let given = ["booking-data-street", "booking-given-consent", "booking-given-request", "booking-given-sent"];
        for said in said.into_iter().chain(given) {
            assert!(page.contains(&texts.s(said)), "{lang} {said}");
        }
        // To whom it went: the carrier by its name, the clinic by the name that the reader knows.
        let clinic = catalogue.organization(catalogue.role(role.parse().unwrap()).unwrap().organization).unwrap();
        for name in ["Пример-СМС", clinic.names.get(lang.parse().unwrap())] {
            assert!(page.contains(name), "{lang} {name}");
        }
        assert_eq!(page.matches("data-test=\"use\"").count(), 4, "{page}");
        assert!(page.contains(&key.replace('+', "&#43;")) || page.contains(&key));
        let receipts = attributes(&page, "data-test=\"receipt\"", "href");
        assert_eq!(receipts.len(), 4);
        let (mut opened, mut disclosed) = (0, 0);
        for (number, href) in receipts.iter().enumerate() {
            let answer = door.get(href).await.ok();
            assert_eq!(answer.header("content-disposition"), "attachment; filename=\"receipt.json\"");
            assert_eq!(answer.header("cache-control"), "no-store");
            for personal in [cast::anna().name.as_str(), &cast::anna().phone[2..]] {
                assert!(!answer.text().contains(personal) && !page.contains(personal));
            }
            let file = app.folder().join(format!("receipt-{number}.json"));
            std::fs::write(&file, answer.text()).unwrap();
            let (code, said) = verify(&file, &key);
            assert_eq!(code, Some(0), "{said}");
            assert!(said.contains("is true: entry"), "{said}");
            // What was disclosed names the visit alone; the others open their commitment to the person.
            let of_ledger = said.contains("outcome: disclosed");
            assert_ne!(of_ledger, said.contains("it opens the entry's commitment"), "{said}");
            assert!(of_ledger || said.contains("outcome: booked") || said.contains("job:tell_person"), "{said}");
            if of_ledger {
                disclosed += 1
            } else {
                opened += 1
            }
            // Another key, another word: refused.
            assert_eq!(verify(&file, "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=").0, Some(1));
            let forged = answer.text().replace("\"fields\": \"", "\"fields\": \"age,");
            assert_ne!(forged, answer.text());
            std::fs::write(&file, forged).unwrap();
            assert_eq!(verify(&file, &key).0, Some(1));
        }
        assert_eq!((opened, disclosed), (2, 2));
    }
    // What happens to the visit later is there too; once it is nobody's, the receipt says no more than the entry does.
    let arrived = format!("/ru/v/{}.{}", visit["id"].as_str().unwrap(), visit["manage_token"].as_str().unwrap());
    let own = door.get(&arrived).await.location();
    assert_eq!(door.form(&format!("{own}/move"), &[("start", &slots[5])]).await.location(), format!("{own}?moved"));
    door.form(&format!("{own}/cancel"), &[]).await;
    let page = door.get(&format!("{own}/uses")).await.ok().text();
    let texts = app.app.world.texts.of(db::Lang::Ru);
    assert!(page.contains(&texts.s("booking-uses-moved")) && page.contains(&texts.s("booking-uses-cancelled")));
}

/// `recomed audit verify` with no settings at all.
fn verify(file: &std::path::Path, key: &str) -> (Option<i32>, String) {
    let path = file.display().to_string();
    let mut command = Command::new(env!("CARGO_BIN_EXE_recomed"));
    let out = command.args(["audit", "verify", "--from", &path, "--key", key]).env_clear().current_dir("/").output().unwrap();
    (out.status.code(), String::from_utf8(out.stdout).unwrap() + &String::from_utf8(out.stderr).unwrap())
}

async fn nobody_else_sees_who_used_the_data(kind: Kind) {
    let app = TestApp::start(kind).await;
    let role = app.role("Берестов", "Тихая гавань");
    let slots = app.slots(&role, "").await;
    let mut doors = Vec::new();
    for (person, slot) in [(cast::anna(), &slots[3]), (cast::boris(), &slots[7])] {
        let visit = app.book(&role, slot, &person).await.json();
        let door = app.door().stranger();
        let own =
            door.get(&format!("/en/v/{}.{}", visit["id"].as_str().unwrap(), visit["manage_token"].as_str().unwrap())).await.location();
        doors.push((door, format!("{own}/uses")));
    }
    app.app.sealer.turn().await.unwrap();
    let [(anna, annas), (boris, boriss)] = doors.try_into().ok().unwrap();
    let receipt = attribute(&anna.get(&annas).await.ok().text(), "data-test=\"receipt\"", "href");
    anna.get(&receipt).await.ok();
    for path in [&annas, &receipt] {
        assert_eq!(boris.get(path).await.status, 403, "{path}");
        assert_eq!(app.door().stranger().get(path).await.status, 403, "{path}");
    }
    // An entry of another's visit is none of one's own.
    let entry = receipt.rsplit('/').next().unwrap();
    assert_eq!(boris.get(&format!("{boriss}/{entry}")).await.status, 404);
    assert_eq!(boris.get(&format!("{boriss}/nothing")).await.status, 404);
}
