//! Booking for somebody else (clause 2.4), and whom a doctor receives.

use access::Scope;
use serde_json::{Value, json};
use testkit::cast::{self, Person};
use testkit::{Door, Kind, TestApp, attribute, attributes};

testkit::both!(
    a_mother_books_for_two_children_and_herself,
    a_length_tells_nobody_from_another,
    nobody_is_booked_by_somebody_who_has_not_declared,
    a_doctor_receives_by_age,
    a_child_is_booked_through_the_pages,
    nobodys_own_name_is_offered_as_a_childs,
    no_column_says_who_acts_for_whom,
);

/// A doctor for children, one for adults, one who sets limits of their own.
const BY_AGE: &str = "\
clinic,city,address,doctor,specialty,price,minutes,hours,horizon_days,notice_minutes,patients
Клиника «Семья»,Санкт-Петербург,\"улица Пробная, 3\",Детская Нина Ильинична,Педиатр,2000,30,mon-sun 09:00-17:00,28,0,children
Клиника «Семья»,Санкт-Петербург,\"улица Пробная, 3\",Взрослов Пётр Ильич,Терапевт,2000,30,mon-sun 09:00-17:00,28,0,adults
Клиника «Семья»,Санкт-Петербург,\"улица Пробная, 3\",Общая Яна Ильинична,Терапевт,2000,30,mon-sun 09:00-17:00,28,0,both
";

async fn family(kind: Kind) -> TestApp {
    TestApp::plan(kind).csv(BY_AGE).start().await
}

fn mother() -> Value {
    json!({"relation": "parent", "name": "Материна Ольга", "declaration": true})
}

fn child(name: &str) -> Person {
    Person::new(name, "+70001117777")
}

async fn a_mother_books_for_two_children_and_herself(kind: Kind) {
    let app = family(kind).await;
    let (pediatrician, other, own) = (app.role("Детская", "Семья"), app.role("Общая", "Семья"), app.role("Взрослов", "Семья"));
    let at = app.slots(&own, "").await[9].clone();
    let (partner, _) = app.partner(&[Scope::Book]).await;
    let book = async |role: &str, person: &Person, behalf: Option<Value>| {
        let mut wish = app.wish(role, &at, person).await;
        if let Some(behalf) = behalf {
            wish["on_behalf_of"] = behalf;
            wish["patient"]["age"] = json!(6);
        }
        partner.json("POST", "/api/v1/appointments?lang=ru", &wish).await
    };
    // Two children and the mother at one time with three doctors: nobody is in two places.
    let first = book(&pediatrician, &child("Материн Егор"), Some(mother())).await;
    assert_eq!(first.status, 201, "{}", first.text());
    assert_eq!(book(&other, &child("Материна Вера"), Some(mother())).await.status, 201);
    assert_eq!(book(&own, &child("Материна Ольга"), None).await.status, 201);
    // The first child is with the first doctor: a second visit at that time is a clash of that child's.
    assert_eq!(app.count("SELECT count(*) FROM representative").await, 2);
    let free = app.slots(&other, "").await;
    let again = free.iter().find(|start| **start > at).unwrap();
    let mut wish = app.wish(&other, again, &child("Материн Егор")).await;
    wish["on_behalf_of"] = mother();
    assert_eq!(partner.json("POST", "/api/v1/appointments", &wish).await.status, 201);
    let mut wish = app.wish(&pediatrician, again, &child("материн  егор")).await;
    wish["on_behalf_of"] = mother();
    assert_eq!(partner.json("POST", "/api/v1/appointments", &wish).await.said(), "409 person_busy", "the same child, written otherwise");
    assert_eq!(app.people().await, 3);
    // The message speaks of another person, and names nobody.
    app.jobs().await;
    let messages = app.messages().await;
    assert_eq!(
        messages.iter().filter(|(phone, text)| *phone == child("").phone && text.starts_with("Запись для другого человека")).count(),
        3
    );
    assert_eq!(messages.iter().filter(|(_, text)| text.starts_with("Вы записаны")).count(), 1);
    assert!(messages.iter().all(|(_, text)| !text.contains("Материн")));
    // Each entry lists what was collected then: no more, no less (clause 7.4.5).
    let rows = app.rows("SELECT fields FROM audit_entry WHERE outcome = 'booked' ORDER BY fields", &[]).await;
    let fields: Vec<String> = rows.iter().map(|row| row.get(0).unwrap()).collect();
    let behalf = "name,phone,age,relation,representative,declaration,visit";
    assert_eq!(fields, [behalf, behalf, "name,phone,relation,representative,declaration,visit", "name,phone,visit"]);
    let kept = app.count("SELECT count(*) FROM consent_event").await;
    assert_eq!(kept, 4 + 3, "a consent for each visit, a declaration for each that somebody else booked");
}

/// The shortest that a form takes and the longest: each sealed column has one length, so that a length tells nobody from another (I5).
async fn a_length_tells_nobody_from_another(kind: Kind) {
    let app = family(kind).await;
    let role = app.role("Детская", "Семья");
    let times = app.slots(&role, "").await;
    let (partner, _) = app.partner(&[Scope::Book]).await;
    let long = format!("{} {}", "Щ".repeat(49), "Ы".repeat(50));
    let host = [["m"; 60].concat(), ["n"; 60].concat(), ["o"; 60].concat()].join(".");
    for (at, name, phone) in [(&times[5], "Ли", "+70001117771"), (&times[60], long.as_str(), "+70001117772")] {
        let mut wish = app.wish(&role, at, &Person::new(name, phone)).await;
        wish["patient"]["age"] = json!(9);
        wish["on_behalf_of"] = json!({"relation": "parent", "name": name, "declaration": true});
        if name == long {
            wish["patient"]["age"] = json!(17);
            wish["patient"]["sex"] = json!("f");
            wish["patient"]["email"] = json!(format!("{}@{host}.example", "l".repeat(63)));
            wish["on_behalf_of"]["relation"] = json!("adoptive_parent");
        }
        let answer = partner.json("POST", "/api/v1/appointments?lang=ru", &wish).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    assert_eq!((app.people().await, app.count("SELECT count(*) FROM representative").await), (2, 2));
    for column in ["name", "phone", "email", "sex", "age"] {
        assert_eq!(app.count_in_keys(&format!("SELECT count(DISTINCT length({column})) FROM person")).await, 1, "person.{column}");
    }
    for column in ["relation", "name", "declaration"] {
        assert_eq!(app.count(&format!("SELECT count(DISTINCT length({column})) FROM representative")).await, 1, "representative.{column}");
    }
}

async fn nobody_is_booked_by_somebody_who_has_not_declared(kind: Kind) {
    let app = family(kind).await;
    let role = app.role("Общая", "Семья");
    let at = app.slots(&role, "").await[3].clone();
    let (partner, _) = app.partner(&[Scope::Book]).await;
    let mut wish = app.wish(&role, &at, &child("Материн Егор")).await;
    wish["patient"]["age"] = json!(17);
    let mut sentences = std::collections::BTreeSet::new();
    for lang in ["kk", "ru", "en"] {
        let answer = partner.json("POST", &format!("/api/v1/appointments?lang={lang}"), &wish).await;
        assert_eq!(answer.said(), "422 representative_missing");
        assert_eq!(answer.json()["clause"], "2.4");
        sentences.insert(answer.json()["detail"].as_str().unwrap().to_owned());
    }
    assert_eq!(sentences.len(), 3);
    for (behalf, expected) in [
        (json!({"relation": "parent", "name": "Материна Ольга", "declaration": false}), "422 declaration_missing"),
        (json!({"relation": "parent", "name": "Материна Ольга"}), "422 declaration_missing"),
        (json!({"relation": "neighbour", "name": "Материна Ольга", "declaration": true}), "422 field_invalid"),
        (json!({"relation": "parent", "declaration": true}), "422 field_invalid"),
        (json!({"name": "Материна Ольга", "declaration": true}), "422 field_invalid"),
        (json!(true), "422 body_invalid"),
    ] {
        wish["on_behalf_of"] = behalf.clone();
        assert_eq!(partner.json("POST", "/api/v1/appointments", &wish).await.said(), expected, "{behalf}");
    }
    assert_eq!(app.people().await + app.count("SELECT count(*) FROM appointment").await, 0);
    // For a child only a parent or a guardian acts; for an adult anybody whom the adult has asked.
    for relation in ["child", "spouse", "other"] {
        wish["on_behalf_of"] = json!({"relation": relation, "name": "Материна Ольга", "declaration": true});
        let mut sentences = std::collections::BTreeSet::new();
        for lang in ["kk", "ru", "en"] {
            let answer = partner.json("POST", &format!("/api/v1/appointments?lang={lang}"), &wish).await;
            assert_eq!((answer.said(), answer.json()["clause"].clone()), ("422 relation_unfit".into(), json!("2.4")), "{relation}");
            sentences.insert(answer.json()["detail"].as_str().unwrap().to_owned());
        }
        assert_eq!(sentences.len(), 3);
    }
    assert_eq!(app.people().await + app.count("SELECT count(*) FROM appointment").await, 0);
    wish["on_behalf_of"] = mother();
    assert_eq!(partner.json("POST", "/api/v1/appointments", &wish).await.status, 201);
    let counts = "SELECT (SELECT count(*) FROM representative) * 10 + (SELECT count(*) FROM consent_event)";
    assert_eq!(app.count(counts).await, 12, "one representative; consent and declaration");
    // What is declared is published word for word.
    let document = app.door().get("/api/v1/consent-documents?purpose=P1&lang=en").await.ok().json();
    let declared = app.rows("SELECT sha256 FROM consent_event WHERE sha256 <> $1", &[document["sha256"].as_str().unwrap().into()]).await;
    assert!(!declared.is_empty() && document["declaration"]["text"].as_str().unwrap().contains("complete, accurate"));
}

async fn a_doctor_receives_by_age(kind: Kind) {
    let app = family(kind).await;
    let (partner, _) = app.partner(&[Scope::Book]).await;
    for (number, (doctor, age, behalf, expected)) in [
        ("Детская", Some(40), false, "422 age_not_received"),
        ("Детская", Some(40), true, "422 age_not_received"),
        ("Детская", Some(17), true, "201"),
        ("Взрослов", Some(17), true, "422 age_not_received"),
        ("Взрослов", Some(18), false, "201"),
        ("Общая", Some(0), true, "201"),
        ("Общая", Some(90), false, "201"),
        // Nobody has to tell their age.
        ("Детская", None, false, "201"),
        ("Взрослов", None, true, "201"),
    ]
    .into_iter()
    .enumerate()
    {
        let role = app.role(doctor, "Семья");
        let at = app.slots(&role, "").await[2].clone();
        let mut wish = app.wish(&role, &at, &cast::extra(number)).await;
        if let Some(age) = age {
            wish["patient"]["age"] = json!(age);
        }
        if behalf {
            wish["on_behalf_of"] = mother();
        }
        let answer = partner.json("POST", "/api/v1/appointments", &wish).await;
        let said = if answer.status == 201 { "201".to_owned() } else { answer.said() };
        assert_eq!(said, expected, "{doctor} {age:?} {behalf}: {}", answer.text());
    }
}

/// Sends the page's form with its hidden fields and these.
async fn send(door: &Door, page: &str, to: &str, fields: &[(&str, &str)]) -> String {
    let names = attributes(page, "type=\"hidden\"", "name");
    let values = attributes(page, "type=\"hidden\"", "value");
    let mut all: Vec<(&str, &str)> = names.iter().zip(&values).map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.extend(fields);
    door.form(to, &all).await.location()
}

async fn a_child_is_booked_through_the_pages(kind: Kind) {
    let app = family(kind).await;
    for (number, lang) in ["kk", "ru", "en"].into_iter().enumerate() {
        let door = app.door();
        let doctor = door.get(&format!("/{lang}/doctors/{}", app.role("Детская", "Семья"))).await.moved();
        let page = door.get(&doctor).await.ok().text();
        let start = attributes(&page, "data-test=\"slot\"", "value")[number].clone();
        let form = send(&door, &page, &format!("/{lang}/holds"), &[("start", &start)]).await;
        let page = door.get(&form).await.ok().text();
        assert!(!page.contains("whom-self"), "nobody is asked to book themselves with a paediatrician");
        let phone = format!("+7000111777{number}");
        let whole = [
            ("name", "Материн Егор"),
            ("age", "6"),
            ("relation", "parent"),
            ("representative", "Материна Ольга"),
            ("declaration", "yes"),
            ("phone", phone.as_str()),
            ("consent", "yes"),
        ];
        // Each field left out is asked for beside itself, and nothing else is lost.
        for (left_out, error) in [
            ("age", "age-error"),
            ("relation", "relation-error"),
            ("representative", "representative-error"),
            ("declaration", "declaration-error"),
        ] {
            let fields: Vec<(&str, &str)> = whole.into_iter().filter(|(name, _)| *name != left_out).collect();
            assert_eq!(send(&door, &page, &form, &fields).await, form);
            let again = door.get(&form).await.ok().text();
            assert!(again.contains(&format!("id=\"{error}\"")), "{left_out}");
            assert_eq!(again.matches("class=\"error\" id=").count(), 1, "{left_out} alone is wrong");
            assert_eq!(attribute(&again, "id=\"name\"", "value"), "Материн Егор");
            let other = if lang == "kk" { "ru" } else { "kk" };
            let translated = door.get(&form.replacen(lang, other, 1)).await.ok().text();
            assert!(translated.contains(&format!("id=\"{error}\"")), "the fault is told in the other language too");
        }
        // A child has no grown daughter: the form does not offer it, and refuses it beside the field.
        assert!(!page.contains("<option value=\"child\"") && page.contains("<option value=\"guardian\""));
        let mut daughter = whole;
        daughter[2] = ("relation", "child");
        assert_eq!(send(&door, &page, &form, &daughter).await, form);
        assert!(door.get(&form).await.text().contains("id=\"relation-error\""));
        let mut grown = whole;
        grown[1] = ("age", "40");
        assert_eq!(send(&door, &page, &form, &grown).await, form);
        assert!(door.get(&form).await.text().contains("id=\"age-error\""));
        // Another language in the middle: what stands in the form comes along unsent.
        let other = if lang == "en" { "ru" } else { "en" };
        let there = form.replacen(lang, other, 1);
        assert!(page.contains(&format!("formaction=\"{there}/keep\"")));
        let kept = send(&door, &page, &format!("{there}/keep"), &[("name", "Материна Вера"), ("relation", "guardian"), ("age", "7")]).await;
        assert_eq!(kept, there);
        let translated = door.get(&there).await.ok().text();
        assert_eq!(attribute(&translated, "id=\"name\"", "value"), "Материна Вера");
        assert!(translated.contains("value=\"guardian\" selected"));
        let code = send(&door, &page, &form, &whole).await;
        assert_eq!(code, format!("{form}/code"));
        app.jobs().await;
        let digits = app.digits(&phone).await;
        let visit = door.form(&code, &[("code", &digits)]).await.location();
        let page = door.get(&visit).await.ok().text();
        assert!(!page.contains("Материн"), "the page says no more than before");
        let badge = app.app.world.texts.of(lang.parse().unwrap()).s("booking-badge-booked-other");
        assert!(page.contains(&badge), "{badge}");
    }
    assert_eq!(app.count("SELECT count(*) FROM representative").await, 3);
    // A doctor who receives everybody asks nobody's age, and an adult's doctor asks it only of another person.
    for (doctor, own, other) in [("Общая", false, false), ("Взрослов", false, true)] {
        let door = app.door();
        let address = door.get(&format!("/ru/doctors/{}", app.role(doctor, "Семья"))).await.moved();
        let page = door.get(&address).await.ok().text();
        let start = attributes(&page, "data-test=\"slot\"", "value")[5].clone();
        let form = send(&door, &page, "/ru/holds", &[("start", &start)]).await;
        let page = door.get(&form).await.ok().text();
        assert_eq!((page.contains("id=\"age\""), page.contains("id=\"age_other\"")), (own, other), "{doctor}");
        assert!(page.contains("whom-self"));
    }
}

/// Chooses a free time of the doctor; the form's address and page.
async fn choose(app: &TestApp, door: &Door, doctor: &str, number: usize) -> (String, String) {
    let address = door.get(&format!("/ru/doctors/{}", app.role(doctor, "Семья"))).await.moved();
    let page = door.get(&address).await.ok().text();
    let start = attributes(&page, "data-test=\"slot\"", "value")[number].clone();
    let form = send(door, &page, "/ru/holds", &[("start", &start)]).await;
    let page = door.get(&form).await.ok().text();
    (form, page)
}

/// A name that was typed for oneself and is remembered from one time to the next is the representative's when the next is a child's.
async fn nobodys_own_name_is_offered_as_a_childs(kind: Kind) {
    let app = family(kind).await;
    let door = app.door();
    let values = |page: &str| ["name", "representative", "phone"].map(|id| attribute(page, &format!("id=\"{id}\""), "value"));
    let (form, page) = choose(&app, &door, "Общая", 3).await;
    let own = [("whom", "self"), ("name", "Материна Ольга"), ("phone", "+70001117777")];
    assert_eq!(send(&door, &page, &form, &own).await, form, "without consent it comes back");
    let (_, page) = choose(&app, &door, "Общая", 5).await;
    assert_eq!(values(&page), ["Материна Ольга", "", "+70001117777"], "for herself what she has typed stays");
    let (form, page) = choose(&app, &door, "Детская", 3).await;
    assert_eq!(values(&page), ["", "Материна Ольга", "+70001117777"]);
    // The child's name is remembered as the child's.
    assert_eq!(send(&door, &page, &form, &[("name", "Материн Егор"), ("age", "6"), ("representative", "Материна Ольга")]).await, form);
    let (_, page) = choose(&app, &door, "Детская", 5).await;
    assert_eq!(values(&page), ["Материн Егор", "Материна Ольга", ""]);
}

/// The database alone does not tell which visits or people a representative stands behind (I5).
async fn no_column_says_who_acts_for_whom(kind: Kind) {
    let app = family(kind).await;
    let role = app.role("Общая", "Семья");
    let times = app.slots(&role, "").await;
    let (partner, _) = app.partner(&[Scope::Book]).await;
    for at in [&times[1], &times[5]] {
        let mut wish = app.wish(&role, at, &child("Материн Егор")).await;
        wish["on_behalf_of"] = mother();
        assert_eq!(partner.json("POST", "/api/v1/appointments", &wish).await.status, 201);
    }
    for column in ["tag", "relation", "name", "declaration"] {
        assert_eq!(app.count(&format!("SELECT count(DISTINCT {column}) FROM representative")).await, 2, "{column}");
    }
    // No value of the row stands anywhere else.
    let rows = app.rows("SELECT tag FROM representative", &[]).await;
    for row in rows {
        let tag: Vec<u8> = row.get(0).unwrap();
        for (table, column) in [("consent_event", "subject"), ("audit_entry", "subject"), ("appointment", "visit_tag")] {
            let found = app.rows(&format!("SELECT count(*) FROM {table} WHERE {column} = $1"), &[tag.clone().into()]).await;
            assert_eq!(found[0].get::<i64>(0).unwrap(), 0, "{table}.{column}");
        }
    }
    assert_eq!(app.count("SELECT count(DISTINCT fields) FROM audit_entry WHERE outcome = 'booked'").await, 1);
}
