//! Searches over the directory: parameters, filters, pages.

use booking::World;
use directory::catalogue::{Catalogue, Names, PractitionerRole, ResourceKind, Sex};
use directory::fhir::{lists, ours, out};
use serde_json::{Value, json};

use super::Refusal;

/// Resources of one page at most (I9), and without `_count`.
const COUNT_MAX: usize = 200;
const COUNT: usize = 20;
/// Parameters of one search at most.
const PARAMETERS_MAX: usize = 30;

/// Name and type of the parameters of a type.
pub(super) fn parameters(kind: &str) -> &'static [(&'static str, &'static str)] {
    match kind {
        "CodeSystem" => &[("_id", "token"), ("url", "uri")],
        "Organization" => &[("_id", "token"), ("name", "string"), ("partof", "reference")],
        "Location" => &[("_id", "token"), ("name", "string"), ("organization", "reference"), ("address-city", "string")],
        "Device" => &[("_id", "token"), ("organization", "reference"), ("location", "reference")],
        "Practitioner" => &[("_id", "token"), ("name", "string"), ("gender", "token")],
        "HealthcareService" => &[("_id", "token"), ("name", "string"), ("specialty", "token")],
        "PractitionerRole" => &[
            ("_id", "token"),
            ("practitioner", "reference"),
            ("organization", "reference"),
            ("location", "reference"),
            ("specialty", "token"),
            ("service", "reference"),
        ],
        "Schedule" => &[("_id", "token"), ("actor", "reference"), ("specialty", "token"), ("service-type", "token")],
        "Slot" => &[("_id", "token"), ("schedule", "reference"), ("start", "date"), ("status", "token")],
        _ => &[],
    }
}

/// A search as asked.
pub(super) struct Asked {
    pub(super) kind: String,
    /// Parameters that this server understands, in the order given.
    pub(super) given: Vec<(String, String)>,
    pub(super) count: usize,
    /// Where the page begins: what the link to it says.
    pub(super) page: Option<String>,
}

impl Asked {
    /// Reads the query of a search over one type.
    pub(super) fn read(kind: &str, query: &str, strict: bool) -> Result<Asked, Refusal> {
        let known = parameters(kind);
        if known.is_empty() {
            return Err(Refusal::NotFound);
        }
        let mut asked = Asked { kind: kind.to_owned(), given: Vec::new(), count: COUNT, page: None };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name), decoded(value));
            if asked.given.len() >= PARAMETERS_MAX {
                return Err(Refusal::Wrong(name));
            }
            match name.as_str() {
                "_count" => asked.count = value.parse::<usize>().map_err(|_| Refusal::Wrong(name))?.min(COUNT_MAX),
                "_page" => asked.page = Some(value),
                "_lastUpdated" => return Err(Refusal::NotKept(name)),
                "_format" if value.contains("json") => {}
                "_format" => return Err(Refusal::Wrong(name)),
                "lang" | "_total" => {}
                _ if known.iter().any(|(parameter, _)| *parameter == name) => {
                    if value.is_empty() || value.len() > 500 {
                        return Err(Refusal::Wrong(name));
                    }
                    asked.given.push((name, value));
                }
                _ if strict => return Err(Refusal::Unknown(name)),
                _ => {}
            }
        }
        Ok(asked)
    }

    /// Whether every value given for this parameter fits; a comma separates alternatives.
    fn fits(&self, name: &str, fits: impl Fn(&str) -> bool) -> bool {
        self.given.iter().filter(|(given, _)| given == name).all(|(_, values)| values.split(',').any(&fits))
    }

    /// The same for references: `Type/id` or the id alone.
    fn refers(&self, name: &str, ids: &[String]) -> bool {
        self.fits(name, |value| {
            let id = value.rsplit('/').next().unwrap_or_default();
            ids.iter().any(|known| known == id)
        })
    }

    /// The same for codes: `system|code` or the code alone.
    fn coded(&self, name: &str, codes: &[&str]) -> bool {
        self.fits(name, |value| codes.contains(&value.rsplit('|').next().unwrap_or_default()))
    }

    fn named(&self, name: &str, names: &Names) -> bool {
        self.fits(name, |value| {
            let wanted = value.to_lowercase();
            [&names.kk, &names.ru, &names.en].into_iter().any(|name| {
                let name = name.to_lowercase();
                name.starts_with(&wanted) || name.split_whitespace().any(|word| word.starts_with(&wanted))
            })
        })
    }

    /// A searchset with its links. `next` is what `_page` of the next page says.
    pub(super) fn bundle(&self, world: &World, total: Option<usize>, found: Vec<Value>, next: Option<String>) -> Value {
        let base = format!("{}/fhir", world.public_url);
        let address = |page: Option<&str>| {
            let mut query: Vec<String> = self.given.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
            query.push(format!("_count={}", self.count));
            query.extend(page.map(|page| format!("_page={}", encoded(page))));
            format!("{base}/{}?{}", self.kind, query.join("&"))
        };
        let mut links = vec![json!({ "relation": "self", "url": address(self.page.as_deref()) })];
        links.extend(next.map(|page| json!({ "relation": "next", "url": address(Some(&page)) })));
        let entry = |resource: Value| {
            let full = format!("{base}/{}/{}", self.kind, resource["id"].as_str().unwrap_or_default());
            json!({ "fullUrl": full, "resource": resource, "search": { "mode": "match" } })
        };
        let mut bundle = json!({ "resourceType": "Bundle", "type": "searchset", "link": links });
        if let Some(fields) = bundle.as_object_mut() {
            fields.extend(total.map(|total| ("total".to_owned(), total.into())));
            if !found.is_empty() {
                fields.insert("entry".to_owned(), found.into_iter().map(entry).collect());
            }
        }
        bundle
    }
}

/// Percent signs and plus signs undone; what is not UTF-8 becomes replacement characters.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(if *first == b'+' { b' ' } else { *first });
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b',' | b':' | b'/' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// One page of everything but slots.
pub(super) fn search(world: &World, asked: &Asked) -> Result<Value, Refusal> {
    let catalogue = &*world.catalogue();
    let skip = asked.page.as_deref().map_or(Ok(0), str::parse::<usize>).map_err(|_| Refusal::Wrong("_page".into()))?;
    let mut page = Page { skip, count: asked.count, total: 0, found: Vec::new() };
    let id = |id: &str| asked.coded("_id", &[id]);
    match asked.kind.as_str() {
        "CodeSystem" => {
            for list in lists::LISTS.into_iter().filter(|list| id(list) && asked.fits("url", |value| value == ours(list))) {
                page.add(|| lists::code_system(catalogue, list).unwrap_or_default());
            }
        }
        "Organization" => {
            for entry in &catalogue.organizations {
                let whole: Vec<String> = entry.part_of.iter().map(ToString::to_string).collect();
                if id(&entry.id.to_string()) && asked.named("name", &entry.names) && asked.refers("partof", &whole) {
                    page.add(|| out::organization(entry));
                }
            }
        }
        "Location" => {
            for entry in &catalogue.locations {
                let city = catalogue.city(&entry.city);
                let in_city =
                    asked.coded("address-city", &[&entry.city]) || city.is_some_and(|city| asked.named("address-city", &city.names));
                let of = [entry.organization.to_string()];
                if id(&entry.id.to_string()) && asked.named("name", &entry.names) && asked.refers("organization", &of) && in_city {
                    page.add(|| out::location(catalogue, entry));
                }
            }
            inside(catalogue, asked, ResourceKind::Room, &mut page);
        }
        "Device" => inside(catalogue, asked, ResourceKind::Device, &mut page),
        "Practitioner" => {
            for entry in &catalogue.practitioners {
                let gender = entry.sex.map_or("unknown", |sex| if sex == Sex::Female { "female" } else { "male" });
                if id(&entry.id.to_string()) && asked.named("name", &entry.names) && asked.coded("gender", &[gender]) {
                    page.add(|| out::practitioner(entry));
                }
            }
        }
        "HealthcareService" => {
            for entry in &catalogue.services {
                if id(&entry.code) && asked.named("name", &entry.names) && asked.coded("specialty", &[&entry.specialty]) {
                    page.add(|| out::healthcare_service(entry));
                }
            }
        }
        "PractitionerRole" => {
            for role in catalogue.roles.iter().filter(|role| id(&role.id.to_string()) && of_role(asked, role)) {
                page.add(|| out::role(catalogue, role));
            }
        }
        _ => {
            for role in catalogue.roles.iter().filter(|role| id(&role.id.to_string()) && of_role(asked, role)) {
                page.add(|| out::schedule(catalogue, role));
            }
        }
    }
    let next = (page.skip + page.found.len() < page.total && asked.count > 0).then(|| (page.skip + page.found.len()).to_string());
    Ok(asked.bundle(world, Some(page.total), page.found, next))
}

struct Page {
    skip: usize,
    count: usize,
    total: usize,
    found: Vec<Value>,
}

impl Page {
    /// Counts a match; makes it only when it lies on the page.
    fn add(&mut self, make: impl FnOnce() -> Value) {
        if self.total >= self.skip && self.found.len() < self.count {
            self.found.push(make());
        }
        self.total += 1;
    }
}

fn inside(catalogue: &Catalogue, asked: &Asked, kind: ResourceKind, page: &mut Page) {
    let rooms = !asked.given.iter().any(|(name, _)| name == "address-city");
    for entry in catalogue.resources.iter().filter(|entry| entry.kind == kind && rooms) {
        let id = entry.id.to_string();
        if asked.coded("_id", &[&id])
            && asked.named("name", &entry.names)
            && asked.refers("organization", &[entry.organization.to_string()])
            && asked.refers("location", &[entry.location.to_string()])
        {
            page.add(|| out::resource(entry));
        }
    }
}

fn of_role(asked: &Asked, role: &PractitionerRole) -> bool {
    let practitioner: Vec<String> = role.practitioner.iter().map(ToString::to_string).collect();
    let (organization, location) = ([role.organization.to_string()], [role.location.to_string()]);
    let services: Vec<String> = role.services.iter().map(|offer| offer.service.clone()).collect();
    let codes: Vec<&str> = services.iter().map(String::as_str).collect();
    let specialties: Vec<&str> = role.specialties.iter().map(String::as_str).collect();
    let actors: Vec<String> =
        practitioner.iter().cloned().chain([role.id.to_string()]).chain(organization.clone()).chain(location.clone()).collect();
    asked.refers("practitioner", &practitioner)
        && asked.refers("organization", &organization)
        && asked.refers("location", &location)
        && asked.refers("service", &services)
        && asked.coded("service-type", &codes)
        && asked.coded("specialty", &specialties)
        && asked.refers("actor", &actors)
}
