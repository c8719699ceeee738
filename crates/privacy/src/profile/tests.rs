#![allow(clippy::unwrap_used)]
use std::collections::BTreeSet;

use super::*;
use crate::calendar::Span;

const RU: &str = TEXTS[0].1;

fn refused(text: &str) -> String {
    Profile::from_text("ru", text).unwrap_err().to_string()
}

#[test]
fn the_profiles_of_the_program_hold() {
    for (name, _) in TEXTS {
        let profile = Profile::named(name).unwrap();
        assert!(profile.unchecked, "{name}: its first line says that not all was read in the law");
        assert_eq!(profile.review, name == "kz");
        assert!(profile.special.specialty_protected_as_health && !profile.special.art10_written_consent);
        assert_eq!(profile.consent.own_documents, OwnDocument::ALL, "{name}: each of them has a document of its own");
        assert_eq!((profile.basis(Purpose::P1), profile.basis(Purpose::P9)), (LegalBasis::Consent, LegalBasis::LegalDuty));
    }
    assert_eq!(Profile::named("xx").unwrap_err().to_string(), "there is no profile `xx`; choose ru or kz");
}

/// A term that a column names is a key that a lawyer finds in the file.
#[test]
fn each_term_is_a_key_of_each_profile() {
    for (name, text) in TEXTS {
        let file: toml::Table = text.parse().unwrap();
        let profile = Profile::named(name).unwrap();
        let mut paths = BTreeSet::new();
        for key in TermKey::ALL {
            let value = key.path().split('.').try_fold(toml::Value::Table(file.clone()), |value, part| value.get(part).cloned());
            let number = value.and_then(|value| value.as_integer()).unwrap_or_else(|| panic!("{name} has no number {}", key.path()));
            let unit = |unit: &str| key.path().split(['_', '.']).any(|word| word == unit);
            let expected = if unit("days") {
                Span::Days(number)
            } else if unit("hours") {
                Span::Hours(number)
            } else if unit("minutes") {
                Span::Minutes(number)
            } else {
                assert!(unit("seconds"), "{}: the unit stands in the name", key.path());
                Span::Seconds(number)
            };
            assert_eq!(profile.term(key), expected, "{name}: {}", key.path());
            assert!(paths.insert(key.path()), "{}: two keys have one path", key.path());
        }
    }
}

/// Both files have the same keys in the same order, so that a lawyer can lay one beside the other.
#[test]
fn the_profiles_have_the_same_keys() {
    let keys = |text: &str| -> Vec<String> {
        let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#') && !line.is_empty());
        let keys = lines.filter_map(|line| if line.starts_with('[') { Some(line) } else { line.split_once(" = ").map(|(key, _)| key) });
        keys.map(str::to_owned).collect()
    };
    assert_eq!(keys(TEXTS[0].1), keys(TEXTS[1].1));
}

#[test]
fn what_is_missing_unknown_or_mistyped_is_named_with_its_line() {
    let without = RU.replacen("identity_days_after_last_visit = 365\n", "", 1);
    assert!(refused(&without).contains("missing field `identity_days_after_last_visit`"), "{}", refused(&without));
    let unknown = RU.replacen("outbox_days = 7", "outbox_day = 7", 1);
    let line = RU.lines().position(|line| line == "outbox_days = 7").unwrap() + 1;
    assert!(refused(&unknown).starts_with(&format!("profile ru: line {line}: unknown field `outbox_day`")), "{}", refused(&unknown));
    assert!(refused(&RU.replacen("outbox_days = 7", "outbox_days = 'a week'", 1)).contains(&format!("line {line}: invalid type")));
    for (table, key) in [("[special]", "special"), ("[answers]", "answers"), ("[staff]", "staff"), ("[purpose.P1]", "purpose")] {
        let added = RU.replacen(table, &format!("{table}\nsurprise = 1"), 1);
        assert!(refused(&added).contains("unknown field `surprise`"), "{key}: {}", refused(&added));
    }
    let basis = RU.replacen("basis = \"consent\"", "basis = \"habit\"", 1);
    assert!(refused(&basis).contains("`habit` is none of consent, request, law, interest"), "{}", refused(&basis));
    let purpose = RU.replacen("[purpose.P1]", "[purpose.P11]", 1);
    assert!(refused(&purpose).contains("`P11` is none of P1, "), "{}", refused(&purpose));
}

#[test]
fn what_cannot_be_is_refused_in_one_line_that_says_what_to_do() {
    for (from, to, expected) in [
        ("outbox_days = 7", "outbox_days = 0", "retention.outbox_days is 0; write a number from 1 to 366"),
        ("outbox_days = 7", "outbox_days = -7", "retention.outbox_days is -7; write a number from 1 to 366"),
        ("hold_seconds = 900", "hold_seconds = 999999", "hold_seconds is 999999; write a number from 60 to 7200"),
        (
            "code_seconds = 600",
            "code_seconds = 1000",
            "code_seconds is 1000 and hold_seconds is 900: a code must be of use while the time is held; write no more than 900 for the first",
        ),
        (
            "identity_days_after_last_visit = 365",
            "identity_days_after_last_visit = 29",
            "retention.specialty_days_after_visit is 30 and retention.identity_days_after_last_visit is 29: whom a person chose is not kept longer than the person; write no more than 29 for the first",
        ),
        (
            "ledger_days_after_visit = 3",
            "ledger_days_after_visit = 30",
            "retention.ledger_days_after_visit + 1 is 31 and retention.specialty_days_after_visit is 30: a visit is settled, by whole days, while its number still means something; write no more than 30 for the first",
        ),
        (
            "key_backup_days = 14",
            "key_backup_days = 31",
            "retention.key_backup_days is 31 and answers.erase_days is 30: erasure is complete when the last copy of the key is gone; write no more than 30 for the first",
        ),
        (
            "tombstone_days = 1095",
            "tombstone_days = 14",
            "retention.key_backup_days + 1 is 15 and retention.tombstone_days is 14: a tombstone outlives every copy of its key; write no more than 14 for the first",
        ),
        (
            "password_fallback = false",
            "password_fallback = true",
            "staff.passkey_required and staff.password_fallback are both true; one of them is true: either only passkeys open a session, or a password does too",
        ),
        (
            "art10_written_consent = false",
            "art10_written_consent = true",
            "special.art10_written_consent is on, and there is no document for it yet; write false until counsel has one",
        ),
        ("[purpose.P9]\nbasis = \"law\"", "", "purpose.P9 is missing; say on what basis it rests"),
        (
            "[purpose.P9]\nbasis = \"law\"",
            "[purpose.P9]\nbasis = \"interest\"",
            "purpose.P9.basis is `interest`; P9 and P10 rest on the law, and they alone",
        ),
        ("document = \"booking\"", "document = \"../x\"", "purpose.P1.document is `../x`; write the name of a folder of policy/consents"),
        ("\"recording\",", "\"marketing\",", "consent.own_documents names `marketing` twice; leave one"),
        (
            "document = \"booking\"",
            "document = \"bookings\"",
            "purpose.P1.document is `bookings`; write the name of a folder of policy/consents",
        ),
        (
            "document = \"marketing\"",
            "document = \"booking\"",
            "purpose.P5.document is `booking`, which is for P1; write one that is for P5",
        ),
        (
            "\"recording\",",
            "",
            "nothing names the document policy/consents/recording; name it as the document of its purpose or among consent.own_documents",
        ),
        (
            "data_days_after_withdrawal = 10",
            "data_days_after_withdrawal = 17",
            "retention.data_days_after_withdrawal + retention.key_backup_days is 31 and answers.erase_days is 30: what rested on a withdrawn consent is gone, from the last copy of its key too; write no more than 30 for the first",
        ),
        ("home = \"RU\"", "home = \"KZ\"", "transfer.home is `KZ` and country is `RU`; data stays in the country of the profile"),
        ("home = \"RU\"", "home = \"Russia\"", "transfer.home has `Russia`; write the two capital letters of ISO 3166"),
        ("profile = \"ru\"", "profile = \"by\"", "`profile` is `by`; write `ru`, or rename the file"),
    ] {
        assert!(RU.contains(from), "{from}");
        assert_eq!(refused(&RU.replacen(from, to, 1)), format!("profile ru: {expected}"));
    }
}

#[test]
fn advertising_rests_on_consent_alone() {
    let (before, after) = RU.split_once("[purpose.P5]").unwrap();
    let text = format!("{before}[purpose.P5]{}", after.replacen("\"consent\"", "\"request\"", 1));
    assert_eq!(refused(&text), "profile ru: purpose.P5.basis is `request`; advertising rests on consent alone");
}

#[test]
fn the_choice_is_protected_as_health_where_the_profile_says_so() {
    let mut profile = Profile::named("ru").unwrap();
    assert!(profile.protected_as_health(DataCategory::C9) && !profile.protected_as_health(DataCategory::C1));
    profile.special.specialty_protected_as_health = false;
    assert!(!profile.protected_as_health(DataCategory::C9));
    assert!(profile.is_adequate("RU") && profile.is_adequate("KZ") && !profile.is_adequate("US"));
}

/// A document that a profile names can be agreed to, and is for that purpose.
#[test]
fn each_document_that_a_profile_names_is_there() {
    let operator = crate::OperatorIdentity {
        name: "Operator".into(),
        address: "Street 1".into(),
        hosts: vec!["example.test".into()],
        contact_email: "contact@example.test".into(),
    };
    let documents = crate::Documents::new(&operator).unwrap();
    let folder = |purpose| {
        let folders: Vec<&str> =
            db::Lang::ALL.into_iter().filter_map(|lang| documents.get(purpose, lang)).map(|document| document.document).collect();
        (folders.len() == db::Lang::ALL.len()).then(|| folders[0])
    };
    let of_purposes: Vec<&str> = Purpose::ALL.into_iter().filter_map(folder).collect();
    assert_eq!(of_purposes, ["booking", "recording", "other_recipient", "marketing", "dissemination"], "P1, P2, P3, P5, P8");
    for (name, _) in TEXTS {
        let profile = Profile::named(name).unwrap();
        for (purpose, terms) in &profile.purpose {
            assert!(terms.document.is_none() || terms.document.as_deref() == folder(*purpose), "{name}, {purpose}: {:?}", terms.document);
        }
        assert!(profile.consent.own_documents.iter().all(|own| of_purposes.contains(&own.code())), "{name}");
    }
    // What can be agreed to by voice has words to be read.
    assert!(db::Lang::ALL.into_iter().all(|lang| documents.script(Purpose::P1, lang).is_some()));
    assert!(documents.script(Purpose::P5, db::Lang::Ru).is_none());
}

/// The published text repeats the numbers of `ru`: whoever changes one changes the other.
#[test]
fn the_published_text_has_the_numbers_of_its_profile() {
    let profile = Profile::named("ru").unwrap();
    let Profile { retention, answers, incidents, transfer, .. } = &profile;
    let years = |days: i64| days / 365;
    let expected: [(&str, Vec<i64>); 6] = [
        ("5.1", vec![transfer.notice_working_days]),
        (
            "11.1",
            vec![
                retention.specialty_days_after_visit,
                retention.identity_days_after_last_visit,
                profile.hold_seconds / 60,
                profile.code_seconds / 60,
                retention.outbox_days,
                retention.idempotency_hours,
                retention.recording_days,
                years(retention.request_days_after_answer),
                years(retention.consent_proof_days_after_end),
                retention.security_log_days,
            ],
        ),
        ("12.2", vec![answers.erase_days, retention.key_backup_days, answers.deferral_days_max / 30]),
        ("12.3", vec![years(retention.erasure_act_days)]),
        (
            "13.2",
            vec![
                answers.access_working_days,
                answers.access_more_working_days_max,
                answers.rectify_working_days,
                answers.unlawful_stop_working_days,
                answers.unlawful_destroy_working_days,
                answers.stop_working_days,
                answers.stop_more_working_days_max,
            ],
        ),
        ("14.1", vec![incidents.authority_first_hours, incidents.authority_second_hours]),
    ];
    for (lang, text) in [
        ("kk", include_str!("../../../../policy/text/kk.md")),
        ("ru", include_str!("../../../../policy/text/ru.md")),
        ("en", include_str!("../../../../policy/text/en.md")),
    ] {
        for (clause, numbers) in &expected {
            assert_eq!(numbers_of(text, clause), *numbers, "policy/text/{lang}.md, clause {clause}");
        }
    }
}

/// So does the document that people agree to when they book; it names section 5 of the policy besides.
#[test]
fn the_booking_document_has_the_numbers_of_its_profile() {
    let Profile { retention, answers, .. } = Profile::named("ru").unwrap();
    let terms = [5, retention.specialty_days_after_visit, retention.identity_days_after_last_visit, answers.erase_days];
    for (lang, text) in [
        ("kk", include_str!("../../../../policy/consents/booking/kk.md")),
        ("ru", include_str!("../../../../policy/consents/booking/ru.md")),
        ("en", include_str!("../../../../policy/consents/booking/en.md")),
    ] {
        let numbers: Vec<i64> = text.split(|letter: char| !letter.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect();
        assert_eq!(numbers, terms, "policy/consents/booking/{lang}.md");
    }
}

/// And the document of recordings, which names section 5 nowhere.
#[test]
fn the_recording_document_has_the_numbers_of_its_profile() {
    let days = Profile::named("ru").unwrap().retention.recording_days;
    for (lang, text) in [
        ("kk", include_str!("../../../../policy/consents/recording/kk.md")),
        ("ru", include_str!("../../../../policy/consents/recording/ru.md")),
        ("en", include_str!("../../../../policy/consents/recording/en.md")),
    ] {
        let numbers: Vec<i64> = text.split(|letter: char| !letter.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect();
        assert_eq!(numbers, [days], "policy/consents/recording/{lang}.md");
    }
}

/// The numbers of a clause, in the order of the text, without those of clauses and purposes that it refers to.
fn numbers_of(text: &str, clause: &str) -> Vec<i64> {
    let start = text.find(&format!("**{clause}.**")).unwrap() + clause.len() + 5;
    let end = text[start..].find("\n\n").map_or(text.len(), |end| start + end);
    let words = text[start..end].split(|letter: char| letter.is_whitespace() || letter == '(' || letter == ')');
    words.filter_map(|word| word.trim_end_matches([',', ';', '.', ':']).parse().ok()).collect()
}
