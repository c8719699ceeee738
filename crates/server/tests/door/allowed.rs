//! Search refuses a value that it does not know by saying which ones it does, in the reader's language, and never repeats it.

use serde_json::Value;
use testkit::{Answer, Kind, TestApp};

testkit::both!(an_unknown_value_is_answered_by_the_known_ones, an_unreadable_value_is_answered_by_its_form);

/// What nobody may find again in an answer.
const GIVEN: &str = "ivanova-4417";

fn refusal(answer: &Answer, parameter: &str) -> Value {
    assert_eq!(answer.said(), "422 field_invalid", "{parameter}: {}", answer.text());
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert!(!answer.text().contains(GIVEN), "{}", answer.text());
    let body = answer.json();
    assert_eq!(body["parameter"], parameter);
    body
}

async fn an_unknown_value_is_answered_by_the_known_ones(kind: Kind) {
    let app = TestApp::start(kind).await;
    let door = app.door();
    for (lang, moscow, woman) in [("kk", "Мәскеу", "Әйел"), ("ru", "Москва", "Женщина"), ("en", "Moscow", "Woman")] {
        for call in ["practitioners", "suggest"] {
            let body = refusal(&door.get(&format!("/api/v1/{call}?q=a&city={GIVEN}&lang={lang}")).await, "city");
            let city = body["allowed"].as_array().unwrap().iter().find(|city| city["code"] == "moscow").unwrap();
            assert_eq!(city["name"], moscow);
        }
        let body = refusal(&door.get(&format!("/api/v1/practitioners?sex={GIVEN}&lang={lang}")).await, "sex");
        assert_eq!((&body["allowed"][0]["code"], &body["allowed"][0]["name"]), (&"f".into(), &woman.into()));
    }
    for parameter in ["specialty", "service", "district", "metro", "language", "child", "home", "online", "sort"] {
        let body = refusal(&door.get(&format!("/api/v1/practitioners?city=moscow&{parameter}={GIVEN}")).await, parameter);
        let (allowed, left_out) = (body["allowed"].as_array().unwrap(), body["allowed_left_out"].as_u64().unwrap());
        assert!((2..=50).contains(&allowed.len()) && (left_out == 0 || allowed.len() == 50), "{parameter}: {left_out}");
        // Whatever is offered is understood.
        for value in allowed {
            let code = value["code"].as_str().unwrap();
            assert!(!matches!(parameter, "district" | "metro") || code.starts_with("msk-"), "{code}");
            door.get(&format!("/api/v1/practitioners?city=moscow&near=55.7,37.6&per_page=1&{parameter}={code}")).await.ok();
        }
    }
    let everywhere = refusal(&door.get(&format!("/api/v1/practitioners?metro={GIVEN}")).await, "metro");
    assert!(everywhere["allowed_left_out"].as_u64().unwrap() > 0);
}

async fn an_unreadable_value_is_answered_by_its_form(kind: Kind) {
    let app = TestApp::start(kind).await;
    for (lang, day) in [("kk", "ЖЖЖЖ-АА-КК"), ("ru", "ГГГГ-ММ-ДД"), ("en", "YYYY-MM-DD")] {
        for parameter in ["date", "from", "to", "price_max", "near", "page", "per_page"] {
            let answer = app.door().get(&format!("/api/v1/practitioners?{parameter}={GIVEN}&lang={lang}")).await;
            let body = refusal(&answer, parameter);
            assert_eq!(answer.header("content-language"), lang);
            assert!(parameter != "date" || body["allowed_form"].as_str().unwrap().contains(day), "{body}");
            assert!(body["detail"].as_str().unwrap().contains(parameter), "{body}");
        }
    }
}
