//! Cities, districts, metro and specialties as code systems: lists of concepts with names in three languages and properties.

use serde_json::{Value, json};

use super::ours;
use super::read::{Fault, items, string};
use crate::catalogue::{Catalogue, City, District, Lang, Metro, MetroLine, Names, Specialty};

/// Ids of the code systems, in the order in which they are read: a list comes after those that it refers to.
pub const LISTS: [&str; 5] = ["city", "district", "metro-line", "metro", "specialty"];

/// One list as a CodeSystem; `None` for an id that is not in [`LISTS`].
pub fn code_system(catalogue: &Catalogue, id: &str) -> Option<Value> {
    let concepts: Vec<Value> = match id {
        "city" => catalogue.cities.iter().map(city).collect(),
        "district" => catalogue.districts.iter().map(|entry| concept(&entry.code, &entry.names, vec![code("city", &entry.city)])).collect(),
        "metro-line" => catalogue
            .metro_lines
            .iter()
            .map(|entry| concept(&entry.code, &entry.names, vec![code("city", &entry.city), text("colour", &entry.colour)]))
            .collect(),
        "metro" => catalogue
            .metros
            .iter()
            .map(|entry| {
                let mut properties = vec![code("city", &entry.city), decimal("lat", entry.lat), decimal("lon", entry.lon)];
                properties.extend(entry.lines.iter().map(|line| code("line", line)));
                concept(&entry.code, &entry.names, properties)
            })
            .collect(),
        "specialty" => catalogue
            .specialties
            .iter()
            .map(|entry| {
                let mut properties = vec![json!({ "code": "child", "valueBoolean": entry.child })];
                for (name, names) in [("field", &entry.field), ("words", &entry.words)] {
                    let given = Lang::ALL.into_iter().filter(|lang| !names.get(*lang).is_empty());
                    properties.extend(given.map(|lang| text(&format!("{name}-{lang}"), names.get(lang))));
                }
                concept(&entry.code, &entry.names, properties)
            })
            .collect(),
        _ => return None,
    };
    Some(json!({
        "resourceType": "CodeSystem",
        "id": id,
        "url": ours(id),
        "status": "active",
        "content": "complete",
        "caseSensitive": true,
        "count": concepts.len(),
        "concept": concepts,
    }))
}

fn city(city: &City) -> Value {
    let mut properties = vec![
        text("zone", &city.zone),
        text("country", &city.country),
        text("currency", &city.currency),
        decimal("lat", city.lat),
        decimal("lon", city.lon),
    ];
    properties.extend(city.phone.as_deref().map(|phone| text("phone", phone)));
    concept(&city.code, &city.names, properties)
}

fn concept(code: &str, names: &Names, properties: Vec<Value>) -> Value {
    let designation: Vec<Value> = Lang::ALL.into_iter().map(|lang| json!({ "language": lang.code(), "value": names.get(lang) })).collect();
    json!({ "code": code, "display": names.ru, "designation": designation, "property": properties })
}
fn code(name: &str, value: &str) -> Value {
    json!({ "code": name, "valueCode": value })
}
fn text(name: &str, value: &str) -> Value {
    json!({ "code": name, "valueString": value })
}
fn decimal(name: &str, value: f64) -> Value {
    json!({ "code": name, "valueDecimal": value })
}

/// What a CodeSystem of ours lists.
#[derive(Default)]
pub(super) struct Lists {
    pub(super) cities: Vec<City>,
    pub(super) districts: Vec<District>,
    pub(super) metro_lines: Vec<MetroLine>,
    pub(super) metros: Vec<Metro>,
    pub(super) specialties: Vec<Specialty>,
}

/// Concepts of one list at most.
const CONCEPTS_MAX: usize = 20_000;

/// Adds what this CodeSystem lists; one that is not ours says nothing to us.
pub(super) fn take(lists: &mut Lists, resource: &Value) -> Result<(), Fault> {
    let url = string(resource, "url", 200)?.unwrap_or_default();
    let Some(list) = LISTS.into_iter().find(|list| url == ours(list)) else {
        return Err(Fault::new("url", "not a list of this program; leave the resource out"));
    };
    let concepts = items(resource, "concept")?;
    if concepts.len() > CONCEPTS_MAX {
        return Err(Fault::new("concept", "more than 20000 entries; a list of this program is shorter"));
    }
    for concept in concepts {
        let code = string(concept, "code", 64)?.filter(|code| is_code(code)).ok_or_else(|| Fault::new("concept.code", CODE))?;
        let name = |lang: Lang| -> Result<String, Fault> {
            for designation in items(concept, "designation")? {
                if string(designation, "language", 10)?.as_deref() == Some(lang.code()) {
                    return Ok(string(designation, "value", 200)?.unwrap_or_default());
                }
            }
            Ok(string(concept, "display", 200)?.unwrap_or_default())
        };
        let names = Names { kk: name(Lang::Kk)?, ru: name(Lang::Ru)?, en: name(Lang::En)? };
        if Lang::ALL.into_iter().any(|lang| names.get(lang).is_empty()) {
            return Err(Fault::new("concept.display", "an entry has no name; give display or designation"));
        }
        let properties = Properties(items(concept, "property")?);
        match list {
            "city" => lists.cities.push(City {
                code,
                names,
                zone: properties.text("zone").unwrap_or_default(),
                country: properties.text("country").unwrap_or_default(),
                currency: properties.text("currency").unwrap_or_default(),
                phone: properties.text("phone"),
                lat: properties.decimal("lat"),
                lon: properties.decimal("lon"),
            }),
            "district" => lists.districts.push(District { code, city: properties.text("city").unwrap_or_default(), names }),
            "metro-line" => lists.metro_lines.push(MetroLine {
                code,
                city: properties.text("city").unwrap_or_default(),
                names,
                colour: properties.text("colour").filter(|colour| is_colour(colour)).unwrap_or_else(|| "#808080".to_owned()),
            }),
            "metro" => lists.metros.push(Metro {
                code,
                city: properties.text("city").unwrap_or_default(),
                names,
                lines: properties.texts("line"),
                lat: properties.decimal("lat"),
                lon: properties.decimal("lon"),
            }),
            _ => lists.specialties.push(Specialty {
                code,
                names,
                field: properties.names("field"),
                words: properties.names("words"),
                child: properties.0.iter().any(|property| property["code"] == "child" && property["valueBoolean"] == true),
            }),
        }
    }
    Ok(())
}

/// What a code of ours may be.
pub(super) const CODE: &str = "not a code; use 1 to 64 of a-z, 0-9 and hyphen";

/// Whether a text is a code as ours are.
pub(super) fn is_code(code: &str) -> bool {
    (1..=64).contains(&code.len()) && code.bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-')
}

fn is_colour(colour: &str) -> bool {
    colour.len() == 7 && colour.starts_with('#') && colour.bytes().skip(1).all(|digit| digit.is_ascii_hexdigit())
}

struct Properties<'c>(&'c [Value]);

impl Properties<'_> {
    fn texts(&self, name: &str) -> Vec<String> {
        let named = self.0.iter().filter(|property| property["code"] == name);
        let value = |property: &Value| property["valueString"].as_str().or_else(|| property["valueCode"].as_str()).map(str::to_owned);
        named.filter_map(value).filter(|value| value.chars().count() <= 5_000 && !value.chars().any(char::is_control)).collect()
    }
    fn text(&self, name: &str) -> Option<String> {
        self.texts(name).into_iter().next()
    }
    fn decimal(&self, name: &str) -> f64 {
        let named = self.0.iter().find(|property| property["code"] == name);
        named.and_then(|property| property["valueDecimal"].as_f64()).filter(|value| value.abs() <= 180.0).unwrap_or_default()
    }
    fn names(&self, name: &str) -> Names {
        let of = |lang: Lang| self.text(&format!("{name}-{lang}")).unwrap_or_default();
        Names { kk: of(Lang::Kk), ru: of(Lang::Ru), en: of(Lang::En) }
    }
}
