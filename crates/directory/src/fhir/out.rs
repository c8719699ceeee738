//! Entries of the directory as FHIR R4 resources. Pure.

use clock::Timestamp;
use clock::jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::{TRANSLATION, computed_slot_id, ours};
use crate::catalogue::{
    Catalogue, Exception, HealthcareService, Lang, Location, Names, Organization, Practitioner, PractitionerRole, Resource, ResourceKind,
    RoleService, Rule, Sex, StoredSlot,
};

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// The last moment of a day that FHIR's `time` can write; ours ends days at 24:00.
pub(super) const DAY_END: &str = "23:59:59";

/// A resource under construction.
struct Draft(Map<String, Value>);

impl Draft {
    fn new(kind: &str, id: &str) -> Draft {
        let mut draft = Draft(Map::new());
        draft.put("resourceType", kind);
        draft.put("id", id);
        draft
    }
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }
    /// A list; nothing when it is empty, as FHIR wants.
    fn list(&mut self, name: &str, values: Vec<Value>) {
        if !values.is_empty() {
            self.put(name, values);
        }
    }
    /// A text in three languages; nothing when it is empty.
    fn names(&mut self, name: &str, names: &Names) {
        if let Some(base) = base(names) {
            self.put(name, base);
            self.put(&format!("_{name}"), translations(names));
        }
    }
    fn done(self) -> Value {
        Value::Object(self.0)
    }
}

/// The text that stands in the element itself: Russian, else the first language that has one.
fn base(names: &Names) -> Option<&str> {
    [&names.ru, &names.en, &names.kk].into_iter().map(String::as_str).find(|name| !name.is_empty())
}

fn translations(names: &Names) -> Value {
    let given = Lang::ALL.into_iter().filter(|lang| !names.get(*lang).is_empty());
    let one = |lang: Lang| {
        json!({ "url": TRANSLATION, "extension": [
            { "url": "lang", "valueCode": lang.code() },
            { "url": "content", "valueString": names.get(lang) },
        ]})
    };
    json!({ "extension": given.map(one).collect::<Vec<_>>() })
}

fn text_extension(name: &str, names: &Names) -> Option<Value> {
    base(names).map(|base| json!({ "url": ours(name), "valueString": base, "_valueString": translations(names) }))
}

fn identifier(id: impl ToString) -> Vec<Value> {
    vec![json!({ "system": ours("id"), "value": id.to_string() })]
}

fn reference(kind: &str, id: impl std::fmt::Display) -> Value {
    json!({ "reference": format!("{kind}/{id}") })
}

fn telecom(phone: &str, site: &str) -> Vec<Value> {
    let phone = (!phone.is_empty()).then(|| json!({ "system": "phone", "value": phone }));
    let site = (!site.is_empty()).then(|| json!({ "system": "url", "value": site }));
    phone.into_iter().chain(site).collect()
}

/// A clinic. Where its messages go is not published when it is another number than the desk's.
pub fn organization(organization: &Organization) -> Value {
    let mut draft = Draft::new("Organization", &organization.id.to_string());
    let mut identifiers = identifier(organization.id);
    if let Some(license) = &organization.license {
        let mut licence = json!({
            "use": "official",
            "type": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "LN" }] },
            "system": ours("license"),
            "value": license.number,
        });
        if let Some(fields) = licence.as_object_mut() {
            fields.extend(license.issued_on.map(|day| ("period".to_owned(), json!({ "start": day.to_string() }))));
            fields.extend((!license.issuer.is_empty()).then(|| ("assigner".to_owned(), json!({ "display": license.issuer }))));
        }
        identifiers.push(licence);
    }
    draft.list("identifier", identifiers);
    draft.put("active", true);
    draft.names("name", &organization.names);
    draft.list("telecom", telecom(&organization.phone, &organization.site));
    if let Some(whole) = organization.part_of {
        draft.put("partOf", reference("Organization", whole));
    }
    let told = organization.notify_phone.as_ref().filter(|phone| **phone == organization.phone);
    let told = told.map(|_| json!({ "url": ours("told-at-phone"), "valueBoolean": true }));
    draft.list("extension", text_extension("about", &organization.about).into_iter().chain(told).collect());
    draft.done()
}

/// A place of a clinic.
pub fn location(catalogue: &Catalogue, location: &Location) -> Value {
    let mut draft = Draft::new("Location", &location.id.to_string());
    draft.list("identifier", identifier(location.id));
    draft.put("status", "active");
    draft.put("mode", "instance");
    draft.names("name", &location.names);
    draft.list("telecom", telecom(&location.phone, ""));
    let mut address = Draft(Map::new());
    address.names("text", &location.address);
    let city = catalogue.city(&location.city);
    if let Some(city) = city {
        address.put("city", city.names.ru.as_str());
        if !city.country.is_empty() {
            address.put("country", city.country.as_str());
        }
    }
    if let Some(district) = location.district.as_deref().and_then(|code| catalogue.district(code)) {
        address.put("district", district.names.ru.as_str());
    }
    draft.put("address", address.done());
    if let (Some(lat), Some(lon)) = (location.lat, location.lon) {
        draft.put("position", json!({ "latitude": lat, "longitude": lon }));
    }
    draft.put("managingOrganization", reference("Organization", location.organization));
    draft.list("hoursOfOperation", location.hours.iter().map(|rule| hours(rule, "openingTime", "closingTime")).collect());
    let mut extensions = vec![json!({ "url": ours("city"), "valueCode": location.city })];
    if let Some(city) = city.filter(|city| !city.zone.is_empty()) {
        extensions.push(json!({ "url": "http://hl7.org/fhir/StructureDefinition/timezone", "valueCode": city.zone }));
    }
    extensions.extend(location.district.as_ref().map(|code| json!({ "url": ours("district"), "valueCode": code })));
    extensions.extend(location.metro.iter().map(|near| {
        json!({ "url": ours("metro"), "extension": [
            { "url": "station", "valueCode": near.metro },
            { "url": "walk-minutes", "valueInteger": near.walk_minutes },
        ]})
    }));
    draft.list("extension", extensions);
    draft.done()
}

fn hours(rule: &Rule, from: &str, to: &str) -> Value {
    let day = usize::try_from(rule.weekday - 1).ok().and_then(|day| WEEKDAYS.get(day)).copied().unwrap_or("mon");
    json!({ "daysOfWeek": [day], from: time(rule.from_minute), to: time(rule.to_minute) })
}

fn time(minute: i64) -> String {
    if minute >= 1440 { DAY_END.to_owned() } else { format!("{:02}:{:02}:00", minute / 60, minute % 60) }
}

/// A device as a Device, a room as a Location inside its place.
pub fn resource(resource: &Resource) -> Value {
    let id = resource.id.to_string();
    match resource.kind {
        ResourceKind::Device => {
            let mut draft = Draft::new("Device", &id);
            draft.list("identifier", identifier(resource.id));
            draft.put("status", "active");
            let mut name = Draft(Map::new());
            name.names("name", &resource.names);
            name.put("type", "user-friendly-name");
            draft.list("deviceName", vec![name.done()]);
            draft.put("owner", reference("Organization", resource.organization));
            draft.put("location", reference("Location", resource.location));
            draft.done()
        }
        ResourceKind::Room => {
            let mut draft = Draft::new("Location", &id);
            draft.list("identifier", identifier(resource.id));
            draft.put("status", "active");
            draft.put("mode", "instance");
            draft.names("name", &resource.names);
            let system = "http://terminology.hl7.org/CodeSystem/location-physical-type";
            draft.put("physicalType", json!({ "coding": [{ "system": system, "code": "ro" }] }));
            draft.put("managingOrganization", reference("Organization", resource.organization));
            draft.put("partOf", reference("Location", resource.location));
            draft.done()
        }
    }
}

/// A doctor.
pub fn practitioner(practitioner: &Practitioner) -> Value {
    let mut draft = Draft::new("Practitioner", &practitioner.id.to_string());
    draft.list("identifier", identifier(practitioner.id));
    draft.put("active", true);
    let mut name = Draft(Map::new());
    name.names("text", &practitioner.names);
    let mut words = base(&practitioner.names).unwrap_or_default().split_whitespace();
    if let Some(family) = words.next() {
        name.put("family", family);
        name.list("given", words.map(Value::from).collect());
    }
    draft.list("name", vec![name.done()]);
    if let Some(sex) = practitioner.sex {
        draft.put("gender", if sex == Sex::Female { "female" } else { "male" });
    }
    let spoken = |lang: &Lang| json!({ "coding": [{ "system": "urn:ietf:bcp:47", "code": lang.code() }] });
    draft.list("communication", practitioner.languages.iter().map(spoken).collect());
    let category = practitioner.category.map(|word| ("category", word.code()));
    let degree = practitioner.degree.map(|word| ("degree", word.code()));
    let qualified = category.into_iter().chain(degree);
    draft.list(
        "qualification",
        qualified.map(|(list, code)| json!({ "code": { "coding": [{ "system": ours(list), "code": code }] } })).collect(),
    );
    let since = practitioner.since_year.map(|year| json!({ "url": ours("since-year"), "valueInteger": year }));
    draft.list("extension", text_extension("about", &practitioner.about).into_iter().chain(since).collect());
    draft.done()
}

/// A service that is booked.
pub fn healthcare_service(service: &HealthcareService) -> Value {
    let mut draft = Draft::new("HealthcareService", &service.code);
    draft.list("identifier", vec![json!({ "system": ours("service"), "value": service.code })]);
    draft.put("active", true);
    draft.names("name", &service.names);
    draft.list("specialty", vec![json!({ "coding": [{ "system": ours("specialty"), "code": service.specialty }] })]);
    let mut extensions = vec![
        json!({ "url": ours("kind"), "valueCode": service.kind.code() }),
        json!({ "url": ours("mode"), "valueCode": service.mode.code() }),
    ];
    extensions.extend(text_extension("preparation", &service.preparation));
    extensions.extend(text_extension("words", &service.words));
    draft.list("extension", extensions);
    draft.done()
}

/// A doctor in a clinic, with hours, offers and the days that differ.
pub fn role(catalogue: &Catalogue, role: &PractitionerRole) -> Value {
    let mut draft = Draft::new("PractitionerRole", &role.id.to_string());
    draft.list("identifier", identifier(role.id));
    draft.put("active", true);
    if let Some(practitioner) = role.practitioner {
        draft.put("practitioner", reference("Practitioner", practitioner));
    }
    draft.put("organization", reference("Organization", role.organization));
    draft.list("location", vec![reference("Location", role.location)]);
    draft.list("specialty", role.specialties.iter().map(|code| specialty(catalogue, code)).collect());
    draft.list("healthcareService", role.services.iter().map(|offer| reference("HealthcareService", &offer.service)).collect());
    let rules = role.schedule.rules.iter().map(|rule| {
        let mut available = hours(rule, "availableStartTime", "availableEndTime");
        if let (Some(fields), true) = (available.as_object_mut(), rule.every_weeks != 1) {
            let weeks = [("every", rule.every_weeks), ("week", rule.week)];
            let weeks: Vec<Value> = weeks.iter().map(|(url, value)| json!({ "url": url, "valueInteger": value })).collect();
            fields.insert("extension".to_owned(), json!([{ "url": ours("weeks"), "extension": weeks }]));
        }
        available
    });
    draft.list("availableTime", rules.collect());
    let off = role.schedule.exceptions.iter().filter(|exception| exception.windows.is_empty());
    let off = off.map(|exception| {
        let day = exception.day.to_string();
        json!({ "description": "day off", "during": { "start": day, "end": day } })
    });
    draft.list("notAvailable", off.collect());
    let mut extensions = vec![
        json!({ "url": ours("adults"), "valueBoolean": role.adults }),
        json!({ "url": ours("children"), "valueBoolean": role.children }),
        json!({ "url": ours("horizon-days"), "valueInteger": role.horizon_days }),
        json!({ "url": ours("notice-minutes"), "valueInteger": role.notice_minutes }),
    ];
    let integer = |name: &str, value: i64| json!({ "url": ours(name), "valueInteger": value });
    extensions.extend(role.age_min_years.map(|years| integer("age-min-years", years)));
    extensions.extend(role.age_max_years.map(|years| integer("age-max-years", years)));
    extensions.extend(role.source.as_ref().map(|source| json!({ "url": ours("source"), "valueString": source })));
    let currency = catalogue.city_of(role).map(|city| city.currency.as_str()).unwrap_or_default();
    extensions.extend(role.services.iter().map(|service| offer(service, currency)));
    extensions.extend(role.schedule.exceptions.iter().filter(|exception| !exception.windows.is_empty()).map(exception));
    draft.list("extension", extensions);
    draft.done()
}

fn specialty(catalogue: &Catalogue, code: &str) -> Value {
    let mut coding = json!({ "system": ours("specialty"), "code": code });
    if let (Some(fields), Some(known)) = (coding.as_object_mut(), catalogue.specialty(code)) {
        fields.insert("display".to_owned(), known.names.ru.as_str().into());
    }
    json!({ "coding": [coding] })
}

fn offer(offer: &RoleService, currency: &str) -> Value {
    let mut fields = vec![
        json!({ "url": "service", "valueCode": offer.service }),
        json!({ "url": "price-minor", "valueInteger": offer.price_minor }),
        json!({ "url": "minutes", "valueInteger": offer.minutes }),
        json!({ "url": "before-minutes", "valueInteger": offer.before_minutes }),
        json!({ "url": "after-minutes", "valueInteger": offer.after_minutes }),
        json!({ "url": "with-practitioner", "valueBoolean": offer.with_practitioner }),
    ];
    if !currency.is_empty() {
        fields.push(json!({ "url": "currency", "valueCode": currency }));
    }
    fields.extend(offer.device.map(|id| json!({ "url": "device", "valueReference": reference("Device", id) })));
    fields.extend(offer.room.map(|id| json!({ "url": "room", "valueReference": reference("Location", id) })));
    json!({ "url": ours("offer"), "extension": fields })
}

fn exception(exception: &Exception) -> Value {
    let mut fields = vec![json!({ "url": "day", "valueDate": exception.day.to_string() })];
    let window = |(from, to): &(i64, i64)| {
        json!({ "url": "window", "extension": [
            { "url": "from", "valueTime": time(*from) },
            { "url": "to", "valueTime": time(*to) },
        ]})
    };
    fields.extend(exception.windows.iter().map(window));
    json!({ "url": ours("hours-of-day"), "extension": fields })
}

/// The schedule of a role: same id, the role and its place as actors. Its rules stand in the PractitionerRole.
pub fn schedule(catalogue: &Catalogue, role: &PractitionerRole) -> Value {
    let mut draft = Draft::new("Schedule", &role.id.to_string());
    draft.list("identifier", identifier(role.id));
    draft.put("active", true);
    let kind = |offer: &RoleService| {
        let mut coding = json!({ "system": ours("service"), "code": offer.service });
        if let (Some(fields), Some(known)) = (coding.as_object_mut(), catalogue.service(&offer.service)) {
            fields.insert("display".to_owned(), known.names.ru.as_str().into());
        }
        json!({ "coding": [coding] })
    };
    draft.list("serviceType", role.services.iter().map(kind).collect());
    draft.list("specialty", role.specialties.iter().map(|code| specialty(catalogue, code)).collect());
    let mut actors = vec![reference("PractitionerRole", role.id)];
    actors.extend(role.practitioner.map(|id| reference("Practitioner", id)));
    actors.push(reference("Location", role.location));
    draft.list("actor", actors);
    let source = role.source.as_ref().map(|source| json!({ "url": ours("source"), "valueString": source }));
    draft.list("extension", source.into_iter().collect());
    draft.done()
}

/// A time that follows from a role's rules and is free.
pub fn computed_slot(role: &PractitionerRole, start: Timestamp, end: Timestamp, zone: &TimeZone) -> Value {
    json!({
        "resourceType": "Slot",
        "id": computed_slot_id(role.id, start),
        "schedule": reference("Schedule", role.id),
        "status": "free",
        "start": start.rfc3339(zone),
        "end": end.rfc3339(zone),
        "extension": [{ "url": ours("computed"), "valueBoolean": true }],
    })
}

/// A time that a clinic's own system publishes. `free` is false when it has been booked here since.
pub fn stored_slot(slot: &StoredSlot, free: bool, zone: &TimeZone) -> Value {
    let mut draft = Draft::new("Slot", &slot.id.to_string());
    let mut identifiers = identifier(slot.id);
    identifiers.push(json!({ "system": ours("their-id"), "value": slot.their_id }));
    draft.list("identifier", identifiers);
    draft.put("schedule", reference("Schedule", slot.role));
    draft.put("status", if free { "free" } else { "busy" });
    draft.put("start", slot.start.rfc3339(zone));
    draft.put("end", slot.end.rfc3339(zone));
    let base = "http://fhir-registry.smarthealthit.org/StructureDefinition";
    let mut extensions = vec![json!({ "url": format!("{base}/slot-capacity"), "valueInteger": slot.capacity })];
    if !slot.deep_link.is_empty() {
        extensions.push(json!({ "url": format!("{base}/booking-deep-link"), "valueUrl": slot.deep_link }));
    }
    if !slot.phone.is_empty() {
        extensions.push(json!({ "url": format!("{base}/booking-phone"), "valueString": slot.phone }));
    }
    extensions.push(json!({ "url": ours("source"), "valueString": slot.source }));
    draft.list("extension", extensions);
    draft.done()
}
