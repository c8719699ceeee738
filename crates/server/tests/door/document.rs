//! An answer beside what the description of the API says of it, in both directions: what is answered is described, and what is described
//! is answered.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::Answer;

/// A description, what of it has been seen in answers, and where the two differ.
pub(super) struct Document {
    whole: Value,
    seen: BTreeSet<String>,
    compared: BTreeSet<String>,
    faults: BTreeSet<String>,
}

impl Document {
    pub(super) fn new(whole: Value) -> Document {
        Document { whole, seen: BTreeSet::new(), compared: BTreeSet::new(), faults: BTreeSet::new() }
    }

    /// Compares an answer with the schema of its call, status and type.
    pub(super) fn compare(&mut self, method: &str, path: &str, answer: &Answer) {
        let place = format!("{method} {path} {}", answer.status);
        let kind = answer.header("content-type");
        let pointer =
            format!("/paths/{}/{}/responses/{}/content/{}/schema", escaped(path), method.to_lowercase(), answer.status, escaped(&kind));
        let Some(schema) = self.whole.pointer(&pointer).cloned() else {
            self.faults.insert(format!("{place} {kind}: not described; {}", answer.text().chars().take(200).collect::<String>()));
            return;
        };
        self.compared.insert(format!("{place}\n{pointer}"));
        self.value(&schema, &answer.json(), &place);
    }

    /// What is wrong. Properties and items that no answer had are, but for those whose place ends as `absent` says.
    pub(super) fn faults(mut self, absent: &[&str]) -> Vec<String> {
        for compared in std::mem::take(&mut self.compared) {
            let (place, pointer) = compared.split_once('\n').unwrap();
            let schema = self.whole.pointer(pointer).cloned().unwrap();
            self.missing(&schema, place, absent);
        }
        self.faults.into_iter().collect()
    }

    fn fault(&mut self, place: &str, what: &str) {
        self.faults.insert(format!("{place}: {what}"));
    }

    /// The schema itself where another place is named, and what that place is called. Wherever a problem comes from, it is one thing.
    fn resolved(&self, schema: &Value, place: &str) -> (Value, String) {
        let Some(name) = schema["$ref"].as_str() else { return (schema.clone(), place.to_owned()) };
        let found = self.whole.pointer(name.trim_start_matches('#')).cloned().unwrap_or_else(|| panic!("{place}: {name} is nowhere"));
        (found, if name.ends_with("/Problem") { "Problem".to_owned() } else { place.to_owned() })
    }

    fn value(&mut self, schema: &Value, value: &Value, place: &str) {
        let (schema, place) = self.resolved(schema, place);
        if !value.is_null() {
            self.seen.insert(place.clone());
        }
        let types = types(&schema);
        if types.is_empty() && schema["enum"].is_null() {
            return self.fault(&place, "has neither type nor values");
        }
        if !types.is_empty() && !types.iter().any(|of| is(of, value)) {
            return self.fault(&place, &format!("is no {}", types.join(" or ")));
        }
        if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
            return self.fault(&place, "is another value than those described");
        }
        match value {
            Value::Object(fields) => {
                for name in fields.keys().filter(|name| schema["properties"].get(name.as_str()).is_none()) {
                    self.fault(&format!("{place}.{name}"), "is answered and not described");
                }
                for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                    if !fields.contains_key(name) {
                        self.fault(&format!("{place}.{name}"), "is promised and not answered");
                    }
                }
                for (name, value) in fields {
                    if let Some(schema) = schema["properties"].get(name.as_str()) {
                        self.value(schema, value, &format!("{place}.{name}"));
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.value(&schema["items"], item, &format!("{place}[]"))),
            Value::String(text) => match schema["format"].as_str() {
                Some("date-time") if clock::Timestamp::parse_rfc3339(text).is_err() => self.fault(&place, "is no instant"),
                Some("uuid") if text.len() != 36 || text.split('-').map(str::len).ne([8, 4, 4, 4, 12]) => self.fault(&place, "is no UUID"),
                Some("date") if text.parse::<jiff::civil::Date>().is_err() => self.fault(&place, "is no day"),
                _ => {}
            },
            _ => {}
        }
    }

    fn missing(&mut self, schema: &Value, place: &str, absent: &[&str]) {
        let (schema, place) = self.resolved(schema, place);
        if !self.seen.contains(&place) {
            if !absent.iter().any(|end| place.ends_with(end)) {
                self.fault(&place, "is described and no answer had it");
            }
            return;
        }
        let properties: Vec<(String, Value)> =
            schema["properties"].as_object().into_iter().flatten().map(|(name, schema)| (name.clone(), schema.clone())).collect();
        if properties.is_empty() && types(&schema).contains(&"object".to_owned()) {
            self.fault(&place, "is an object of which nothing is described");
        }
        for (name, schema) in properties {
            self.missing(&schema, &format!("{place}.{name}"), absent);
        }
        if !schema["items"].is_null() {
            self.missing(&schema["items"], &format!("{place}[]"), absent);
        }
    }
}

fn types(schema: &Value) -> Vec<String> {
    match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        of => of.as_str().map(str::to_owned).into_iter().collect(),
    }
}

fn is(of: &str, value: &Value) -> bool {
    match of {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

fn escaped(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}

/// What the comparison finds in an answer to `GET /x` whose field `items` is described so.
fn found(properties: &Value, required: &Value, answers: &[Value]) -> Vec<String> {
    let schema = json!({"type": "object", "required": required, "properties": properties});
    let content = json!({"application/json": {"schema": schema}});
    let mut document = Document::new(json!({"paths": {"/x": {"get": {"responses": {"200": {"content": content}}}}}}));
    for answer in answers {
        let headers = [(axum::http::header::CONTENT_TYPE, "application/json".parse().unwrap())].into_iter().collect();
        document.compare("GET", "/x", &Answer { status: 200, headers, body: answer.to_string().into_bytes() });
    }
    document.faults(&[])
}

#[test]
fn the_comparison_fails_in_both_directions() {
    let items = json!({"items": {"type": "array", "items": {"type": "object", "required": ["a"], "properties": {
        "a": {"type": "integer"}, "b": {"type": ["string", "null"]},
    }}}});
    let whole = json!(["items"]);
    for (answers, expected) in [
        (vec![json!({"items": [{"a": 1, "b": null}, {"a": 2, "b": "x"}]})], vec![]),
        (vec![json!({"items": []}), json!({"items": [{"a": 1, "b": "x"}]})], vec![]),
        (vec![json!({"items": [{"a": 1, "b": "x", "c": 1}]})], vec!["GET /x 200.items[].c: is answered and not described"]),
        (vec![json!({"items": [{"a": 1, "b": "x"}, {"b": "x"}]})], vec!["GET /x 200.items[].a: is promised and not answered"]),
        (vec![json!({"items": [{"a": "1", "b": "x"}]})], vec!["GET /x 200.items[].a: is no integer"]),
        (vec![json!({"items": [{"a": 1}]})], vec!["GET /x 200.items[].b: is described and no answer had it"]),
        (vec![json!({"items": [{"a": 1, "b": null}]})], vec!["GET /x 200.items[].b: is described and no answer had it"]),
        (vec![json!({"items": []})], vec!["GET /x 200.items[]: is described and no answer had it"]),
        (vec![json!([])], vec!["GET /x 200.items: is described and no answer had it", "GET /x 200: is no object"]),
    ] {
        assert_eq!(found(&items, &whole, &answers), expected, "{answers:?}");
    }
    assert_eq!(found(&json!({"a": {}}), &json!([]), &[json!({"a": 1})]), ["GET /x 200.a: has neither type nor values"]);
    assert_eq!(
        found(&json!({"a": {"type": "object"}}), &json!([]), &[json!({"a": {}})]),
        ["GET /x 200.a: is an object of which nothing is described"]
    );
    assert_eq!(
        found(&json!({"a": {"enum": ["x"]}}), &json!([]), &[json!({"a": "y"})]),
        ["GET /x 200.a: is another value than those described"]
    );
    let nothing = Document::new(json!({"paths": {}}));
    assert_eq!(nothing.faults(&[]), Vec::<String>::new());
}
