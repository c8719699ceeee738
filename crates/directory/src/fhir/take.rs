//! One resource of a feed into the directory's own form. References to other resources are looked up when all have been read.

use std::collections::{BTreeMap, HashMap};

use db::reexport::Uuid;
use serde_json::Value;

use super::feed::{At, Feed};
use super::lists::{self, Lists, is_code};
use super::ours;
use super::read::{Fault, date, degrees, extension, extensions, items, minute, names, part, reference, string, target, whole};
use crate::catalogue::{
    Category, Degree, Exception, HealthcareService, License, Location, LocationId, MetroNear, Mode, Names, Organization, OrganizationId,
    Practitioner, PractitionerId, ResourceId, ResourceKind, RoleService, Rule, Schedule, ServiceKind, Sex,
};
use crate::cells;

/// Ids of FHIR have 64 characters; some systems use more.
const ID_MAX: usize = 128;
const NAME_MAX: usize = 300;
const TEXT_MAX: usize = 10_000;
/// Resources other than slots in one feed (I9).
const RESOURCES_MAX: usize = 2_000_000;

/// What has been read so far.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) lists: Lists,
    pub(super) seen: HashMap<String, At>,
    pub(super) organizations: BTreeMap<OrganizationId, (At, Organization)>,
    pub(super) places: BTreeMap<LocationId, (At, Place)>,
    pub(super) resources: BTreeMap<ResourceId, (At, Inside)>,
    pub(super) practitioners: BTreeMap<PractitionerId, (At, Practitioner)>,
    pub(super) services: Vec<(At, Offered)>,
    pub(super) roles: Vec<(At, Role)>,
    pub(super) schedules: Vec<(At, Calendar)>,
    /// Phone numbers that were left out because nobody could dial them.
    pub(super) phones_left_out: usize,
}

/// A Location before its city and clinic are known.
pub(super) struct Place {
    pub(super) their: String,
    pub(super) own: bool,
    pub(super) location: Location,
    pub(super) organization: Option<OrganizationId>,
    pub(super) city: Option<String>,
    pub(super) country: Option<String>,
    pub(super) site: String,
}

/// A device or a room before its place is known.
pub(super) struct Inside {
    pub(super) location: LocationId,
    pub(super) kind: ResourceKind,
    pub(super) names: Names,
}

/// A HealthcareService before its code is known.
pub(super) struct Offered {
    pub(super) their: String,
    pub(super) own: bool,
    pub(super) specialty: Option<String>,
    pub(super) service: HealthcareService,
}

/// A type of service as a coding names it.
#[derive(Clone, Debug, Default)]
pub(super) struct Coded {
    pub(super) codings: Vec<(String, String)>,
    pub(super) names: Option<Names>,
}

/// A PractitionerRole before what it refers to is known.
pub(super) struct Role {
    pub(super) their: String,
    pub(super) own: bool,
    pub(super) practitioner: Option<PractitionerId>,
    pub(super) organization: Option<OrganizationId>,
    pub(super) location: Option<LocationId>,
    pub(super) specialties: Vec<String>,
    pub(super) services: Vec<String>,
    pub(super) offers: Vec<RoleService>,
    pub(super) adults: bool,
    pub(super) children: bool,
    pub(super) ages: (Option<i64>, Option<i64>),
    pub(super) horizon_days: i64,
    pub(super) notice_minutes: i64,
    pub(super) schedule: Schedule,
    pub(super) source: Option<String>,
}

/// A Schedule before its actors are known.
pub(super) struct Calendar {
    pub(super) their: String,
    pub(super) own: bool,
    pub(super) actors: Vec<(String, String)>,
    pub(super) services: Vec<Coded>,
    pub(super) specialties: Vec<String>,
}

/// Ids of one resource: those of another Recomed stay, others are derived.
struct Ids<'f> {
    feed: &'f Feed,
    own: bool,
}

impl Ids<'_> {
    fn id(&self, kind: &str, their: &str) -> Result<Uuid, Fault> {
        if self.own {
            return their
                .parse()
                .map_err(|_| Fault::new("id", "not a UUID beside an identifier of this program; leave that identifier out"));
        }
        Ok(Uuid::from_bytes(self.feed.id(kind, their)))
    }
    fn to(&self, parent: &Value, field: &str, kind: &str) -> Result<Option<Uuid>, Fault> {
        match reference(parent, field)? {
            None => Ok(None),
            Some((named, id)) if named == kind => self.id(kind, &id).map(Some),
            Some(_) => Err(Fault::new(field, format!("not a reference to a {kind}; write it as {kind}/1"))),
        }
    }
}

/// The type and id of a resource.
pub(super) fn head(resource: &Value) -> Result<(String, String), Fault> {
    let kind = string(resource, "resourceType", 64)?.ok_or_else(|| Fault::new("resourceType", "not a FHIR resource; give resourceType"))?;
    let id = string(resource, "id", ID_MAX)?.ok_or_else(|| Fault::new("id", "absent; give each resource an id"))?;
    Ok((kind, id))
}

/// Whether a resource bears an identifier of ours and the operator has not named the feed: then its ids stay.
pub(super) fn is_own(feed: &Feed, resource: &Value) -> Result<bool, Fault> {
    let ours = |identifier: &Value| identifier["system"] == ours("id") || identifier["system"] == ours("service");
    Ok(!feed.named && items(resource, "identifier")?.iter().any(ours))
}

/// Adds one resource that is not a slot.
pub(super) fn take(taken: &mut Taken, feed: &Feed, at: At, resource: &Value) -> Result<(), Fault> {
    let (kind, their) = head(resource)?;
    if taken.seen.len() >= RESOURCES_MAX {
        return Err(Fault::new("", "more than two million resources; split the feed"));
    }
    let name = format!("{kind}/{their}");
    if taken.seen.contains_key(&name) {
        return Err(Fault::new("id", "the same id stands earlier in the feed; leave one of the two"));
    }
    let ids = Ids { feed, own: is_own(feed, resource)? };
    match kind.as_str() {
        "CodeSystem" => lists::take(&mut taken.lists, resource)?,
        "Organization" => organization(taken, &ids, at, &their, resource)?,
        "Location" => location(taken, &ids, at, their, resource)?,
        "Device" => device(taken, &ids, at, &their, resource)?,
        "Practitioner" => practitioner(taken, &ids, at, &their, resource)?,
        "HealthcareService" => service(taken, &ids, at, their, resource)?,
        "PractitionerRole" => role(taken, &ids, at, their, resource)?,
        "Schedule" => schedule(taken, &ids, at, their, resource)?,
        _ => return Err(Fault::new("resourceType", "a type that is not imported; leave it out")),
    }
    taken.seen.insert(name, at);
    Ok(())
}

fn named(resource: &Value, field: &str) -> Result<Names, Fault> {
    names(resource, field, NAME_MAX)?.ok_or_else(|| Fault::new(field, "absent; give a name"))
}

fn said(resource: &Value, name: &str) -> Result<Names, Fault> {
    let found = extension(resource, name)?.map(|found| names(found, "valueString", TEXT_MAX)).transpose()?;
    Ok(found.flatten().unwrap_or_default())
}

/// The first phone that can be dialled, and the site.
fn contacts(taken: &mut Taken, own: bool, resource: &Value) -> Result<(String, String), Fault> {
    let (mut phone, mut site) = (String::new(), String::new());
    for contact in items(resource, "telecom")? {
        let value = string(contact, "value", 500)?.unwrap_or_default();
        match string(contact, "system", 20)?.as_deref() {
            Some("phone") if phone.is_empty() => match cells::phone(&value, own) {
                Ok(number) => phone = number,
                Err(_) => taken.phones_left_out += 1,
            },
            Some("url") if site.is_empty() => site = web_address(&value, "telecom.value")?,
            _ => {}
        }
    }
    Ok((phone, site))
}

/// An address that a page may link to.
pub(super) fn web_address(text: &str, field: &str) -> Result<String, Fault> {
    let web = ["https://", "http://"].iter().any(|scheme| text.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme)));
    let plain = !text.chars().any(|c| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '\\'));
    if web && plain { Ok(text.to_owned()) } else { Err(Fault::new(field, "not an address; write it as https://…")) }
}

fn organization(taken: &mut Taken, ids: &Ids<'_>, at: At, their: &str, resource: &Value) -> Result<(), Fault> {
    let id = OrganizationId(ids.id("Organization", their)?);
    let mut license = None;
    for identifier in items(resource, "identifier")? {
        if identifier["system"] != ours("license") {
            continue;
        }
        let number =
            string(identifier, "value", 100)?.ok_or_else(|| Fault::new("identifier.value", "absent; give the licence's number"))?;
        let issued = identifier.get("period").map(|period| string(period, "start", 20)).transpose()?.flatten();
        let issuer = identifier.get("assigner").map(|assigner| string(assigner, "display", NAME_MAX)).transpose()?.flatten();
        let issued_on = issued.map(|day| date(&day, "identifier.period.start")).transpose()?;
        license = Some(License { number, issued_on, issuer: issuer.unwrap_or_default() });
    }
    let (phone, site) = contacts(taken, ids.own, resource)?;
    let told = extension(resource, "told-at-phone")?.is_some_and(|told| told["valueBoolean"] == true);
    let organization = Organization {
        id,
        names: named(resource, "name")?,
        notify_phone: (told && ids.own && !phone.is_empty()).then(|| phone.clone()),
        phone,
        part_of: ids.to(resource, "partOf", "Organization")?.map(OrganizationId),
        license,
        about: said(resource, "about")?,
        site,
    };
    taken.organizations.insert(id, (at, organization));
    Ok(())
}

fn location(taken: &mut Taken, ids: &Ids<'_>, at: At, their: String, resource: &Value) -> Result<(), Fault> {
    let physical = resource.get("physicalType").map(|kind| items(kind, "coding")).transpose()?.unwrap_or_default();
    if physical.iter().any(|coding| coding["code"] == "ro")
        && let Some(place) = ids.to(resource, "partOf", "Location")?
    {
        let id = ResourceId(ids.id("Location", &their)?);
        let inside = Inside { location: LocationId(place), kind: ResourceKind::Room, names: named(resource, "name")? };
        taken.resources.insert(id, (at, inside));
        return Ok(());
    }
    let id = LocationId(ids.id("Location", &their)?);
    let nothing = Value::Null;
    let address = resource.get("address").unwrap_or(&nothing);
    let lines: Vec<String> = items(address, "line")?.iter().filter_map(|line| line.as_str()).map(|line| line.trim().to_owned()).collect();
    let street = match names(address, "text", NAME_MAX)? {
        Some(names) => names,
        None => {
            let line = string(&serde_json::json!({ "line": lines.join(", ") }), "line", NAME_MAX)?.unwrap_or_default();
            Names { kk: line.clone(), ru: line.clone(), en: line }
        }
    };
    let position = resource.get("position").unwrap_or(&nothing);
    let (lat, lon) = (degrees(position, "latitude", 90.0)?, degrees(position, "longitude", 180.0)?);
    let (lat, lon) = lat.zip(lon).unzip();
    let mut hours = Vec::new();
    for open in items(resource, "hoursOfOperation")? {
        hours.extend(rules(open, "openingTime", "closingTime")?);
    }
    ordered(&mut hours, "hoursOfOperation")?;
    let code = |name: &str| -> Result<Option<String>, Fault> {
        extension(resource, name)?.map(|found| string(found, "valueCode", 64)).transpose().map(Option::flatten)
    };
    let mut metro = Vec::new();
    for near in extensions(resource, "metro")? {
        let station = part(near, "station")?.map(|part| string(part, "valueCode", 64)).transpose()?.flatten();
        let walk_minutes = part(near, "walk-minutes")?.map(|part| whole(part, "valueInteger", 0..=180)).transpose()?.flatten();
        let (Some(station), Some(walk_minutes)) = (station, walk_minutes) else {
            return Err(Fault::new("extension.metro", "station or walk-minutes is absent; give both"));
        };
        metro.push(MetroNear { metro: station, walk_minutes });
    }
    let (phone, site) = contacts(taken, ids.own, resource)?;
    let organization = ids.to(resource, "managingOrganization", "Organization")?.map(OrganizationId);
    let location = Location {
        id,
        organization: OrganizationId(Uuid::nil()),
        names: names(resource, "name", NAME_MAX)?.unwrap_or_default(),
        phone,
        hours,
        city: if ids.own { code("city")?.unwrap_or_default() } else { String::new() },
        district: if ids.own { code("district")? } else { None },
        address: street,
        metro: if ids.own { metro } else { Vec::new() },
        lat,
        lon,
    };
    let place = Place {
        own: ids.own,
        their,
        organization,
        city: string(address, "city", 100)?,
        country: string(address, "country", 2).ok().flatten(),
        site,
        location,
    };
    taken.places.insert(id, (at, place));
    Ok(())
}

fn device(taken: &mut Taken, ids: &Ids<'_>, at: At, their: &str, resource: &Value) -> Result<(), Fault> {
    let id = ResourceId(ids.id("Device", their)?);
    let names = match items(resource, "deviceName")?.first() {
        Some(name) => named(name, "name")?,
        None => return Err(Fault::new("deviceName", "absent; give the device a name")),
    };
    let place = ids.to(resource, "location", "Location")?.ok_or_else(|| Fault::new("location", "absent; say where the device stands"))?;
    taken.resources.insert(id, (at, Inside { location: LocationId(place), kind: ResourceKind::Device, names }));
    Ok(())
}

fn practitioner(taken: &mut Taken, ids: &Ids<'_>, at: At, their: &str, resource: &Value) -> Result<(), Fault> {
    let id = PractitionerId(ids.id("Practitioner", their)?);
    let name = items(resource, "name")?.first().ok_or_else(|| Fault::new("name", "absent; give the doctor's name"))?;
    let full = match names(name, "text", NAME_MAX)? {
        Some(names) => names,
        None => {
            let mut words: Vec<String> = string(name, "family", 100)?.into_iter().collect();
            words.extend(items(name, "given")?.iter().filter_map(Value::as_str).map(str::to_owned));
            let parent = serde_json::json!({ "text": words.join(" ") });
            names(&parent, "text", NAME_MAX)?.ok_or_else(|| Fault::new("name", "empty; give text, or family and given"))?
        }
    };
    let mut languages = Vec::new();
    for spoken in items(resource, "communication")? {
        for coding in items(spoken, "coding")? {
            let lang = coding["code"].as_str().and_then(|code| code.split('-').next()).and_then(|code| code.parse().ok());
            languages.extend(lang.filter(|lang| !languages.contains(lang)));
        }
    }
    let qualified = |list: &str| -> Result<Option<String>, Fault> {
        for qualification in items(resource, "qualification")? {
            for coding in qualification.get("code").map(|code| items(code, "coding")).transpose()?.unwrap_or_default() {
                if coding["system"] == ours(list) {
                    return string(coding, "code", 20);
                }
            }
        }
        Ok(None)
    };
    let since = extension(resource, "since-year")?.map(|since| whole(since, "valueInteger", 1900..=2200)).transpose()?;
    let practitioner = Practitioner {
        id,
        names: full,
        sex: match string(resource, "gender", 20)?.as_deref() {
            Some("female") => Some(Sex::Female),
            Some("male") => Some(Sex::Male),
            _ => None,
        },
        since_year: since.flatten(),
        languages,
        about: said(resource, "about")?,
        category: qualified("category")?.as_deref().and_then(Category::from_code),
        degree: qualified("degree")?.as_deref().and_then(Degree::from_code),
    };
    taken.practitioners.insert(id, (at, practitioner));
    Ok(())
}

fn service(taken: &mut Taken, ids: &Ids<'_>, at: At, their: String, resource: &Value) -> Result<(), Fault> {
    if ids.own && !is_code(&their) {
        return Err(Fault::new("id", lists::CODE));
    }
    let word = |name: &str| -> Result<Option<String>, Fault> {
        extension(resource, name)?.map(|found| string(found, "valueCode", 20)).transpose().map(Option::flatten)
    };
    let service = HealthcareService {
        code: if ids.own { their.clone() } else { String::new() },
        specialty: String::new(),
        names: named(resource, "name")?,
        kind: word("kind")?.as_deref().and_then(ServiceKind::from_code).unwrap_or(ServiceKind::Consultation),
        mode: word("mode")?.as_deref().and_then(Mode::from_code).unwrap_or(Mode::Clinic),
        preparation: said(resource, "preparation")?,
        words: said(resource, "words")?,
    };
    let specialty = specialties(resource, "specialty")?.into_iter().next();
    taken.services.push((at, Offered { own: ids.own, their, specialty, service }));
    Ok(())
}

/// Codes of our list of specialties that a resource names.
fn specialties(resource: &Value, field: &str) -> Result<Vec<String>, Fault> {
    let mut codes = Vec::new();
    for concept in items(resource, field)? {
        for coding in items(concept, "coding")? {
            if coding["system"] == ours("specialty") {
                codes.extend(string(coding, "code", 64)?);
            }
        }
    }
    Ok(codes)
}

fn rules(open: &Value, from: &str, to: &str) -> Result<Vec<Rule>, Fault> {
    let all_day = open["allDay"] == true;
    let (from_minute, to_minute) = if all_day { (0, 1440) } else { (minute(open, from)?, minute(open, to)?) };
    if from_minute >= to_minute {
        return Err(Fault::new(to, "not later than the begin; correct the hours"));
    }
    let (mut every_weeks, mut week) = (1, 0);
    if let Some(weeks) = extension(open, "weeks")? {
        every_weeks = part(weeks, "every")?.map(|part| whole(part, "valueInteger", 1..=8)).transpose()?.flatten().unwrap_or(1);
        week = part(weeks, "week")?.map(|part| whole(part, "valueInteger", 0..=every_weeks - 1)).transpose()?.flatten().unwrap_or(0);
    }
    let mut rules = Vec::new();
    for day in items(open, "daysOfWeek")? {
        let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let weekday = (1..).zip(days).find(|(_, name)| day == name).map(|(number, _)| number);
        let weekday = weekday.ok_or_else(|| Fault::new("daysOfWeek", "not a weekday; write mon, tue, wed, thu, fri, sat or sun"))?;
        rules.push(Rule { weekday, from_minute, to_minute, every_weeks, week });
    }
    Ok(rules)
}

/// Sorts hours; those that overlap in the same weeks contradict each other.
fn ordered(rules: &mut [Rule], field: &str) -> Result<(), Fault> {
    rules.sort_unstable_by_key(|rule| (rule.weekday, rule.from_minute, rule.every_weeks, rule.week));
    for (place, one) in rules.iter().enumerate() {
        let later = rules.iter().skip(place + 1).take_while(|two| two.weekday == one.weekday && two.from_minute < one.to_minute);
        if later.clone().count() > 64 || later.filter(|two| meet(one, two)).count() > 0 {
            return Err(Fault::new(field, "hours of one weekday overlap; give each time once"));
        }
    }
    Ok(())
}

/// Whether there is a week in which both rules hold.
fn meet(one: &Rule, two: &Rule) -> bool {
    (0..one.every_weeks * two.every_weeks).any(|week| week % one.every_weeks == one.week && week % two.every_weeks == two.week)
}

fn role(taken: &mut Taken, ids: &Ids<'_>, at: At, their: String, resource: &Value) -> Result<(), Fault> {
    let flag =
        |name: &str| -> Result<Option<bool>, Fault> { Ok(extension(resource, name)?.and_then(|found| found["valueBoolean"].as_bool())) };
    let number = |name: &str, range| -> Result<Option<i64>, Fault> {
        extension(resource, name)?.map(|found| whole(found, "valueInteger", range)).transpose().map(Option::flatten)
    };
    let location = items(resource, "location")?.first().map(|place| target(place, "location")).transpose()?;
    let location = location.map(|(_, id)| ids.id("Location", &id)).transpose()?.map(LocationId);
    let mut services = Vec::new();
    for service in items(resource, "healthcareService")? {
        services.push(target(service, "healthcareService")?.1);
    }
    let mut offers = Vec::new();
    for found in extensions(resource, "offer")? {
        offers.push(offer(ids, found)?);
    }
    let source = extension(resource, "source")?.map(|source| string(source, "valueString", 40)).transpose()?.flatten();
    let role = Role {
        practitioner: ids.to(resource, "practitioner", "Practitioner")?.map(PractitionerId),
        organization: ids.to(resource, "organization", "Organization")?.map(OrganizationId),
        location,
        specialties: specialties(resource, "specialty")?,
        services,
        offers,
        adults: flag("adults")?.unwrap_or(true),
        children: flag("children")?.unwrap_or(false),
        ages: (number("age-min-years", 0..=130)?, number("age-max-years", 0..=130)?),
        horizon_days: number("horizon-days", 1..=366)?.unwrap_or(60),
        notice_minutes: number("notice-minutes", 0..=10_080)?.unwrap_or(0),
        schedule: hours_of_role(resource)?,
        source: if ids.own { source } else { Some(ids.feed.source.clone()) },
        own: ids.own,
        their,
    };
    taken.roles.push((at, role));
    Ok(())
}

fn hours_of_role(resource: &Value) -> Result<Schedule, Fault> {
    let mut schedule = Schedule::default();
    for available in items(resource, "availableTime")? {
        schedule.rules.extend(rules(available, "availableStartTime", "availableEndTime")?);
    }
    ordered(&mut schedule.rules, "availableTime")?;
    for off in items(resource, "notAvailable")? {
        let during = off.get("during").unwrap_or(&Value::Null);
        let (start, end) = (string(during, "start", 40)?, string(during, "end", 40)?);
        let Some(start) = start else { continue };
        let day = |text: &str| date(text.get(..10).unwrap_or(text), "notAvailable.during");
        let (first, last) = (day(&start)?, day(end.as_deref().unwrap_or(&start))?);
        let days = first.series(clock::jiff::ToSpan::day(1)).take_while(|day| *day <= last).take(400);
        schedule.exceptions.extend(days.map(|day| Exception { day, windows: Vec::new() }));
    }
    for hours in extensions(resource, "hours-of-day")? {
        let day = part(hours, "day")?.map(|day| string(day, "valueDate", 20)).transpose()?.flatten().unwrap_or_default();
        let mut windows = Vec::new();
        for window in items(hours, "extension")?.iter().filter(|window| window["url"] == "window") {
            let bound = |name: &str| {
                part(window, name)?.map_or_else(|| Err(Fault::new("window", "give from and to")), |part| minute(part, "valueTime"))
            };
            windows.push((bound("from")?, bound("to")?));
        }
        windows.sort_unstable();
        if windows.iter().any(|(from, to)| from >= to) || windows.windows(2).any(|pair| matches!(pair, [one, two] if one.1 > two.0)) {
            return Err(Fault::new("window", "hours overlap or end before they begin; correct them"));
        }
        schedule.exceptions.push(Exception { day: date(&day, "hours-of-day.day")?, windows });
    }
    schedule.exceptions.sort_by_key(|exception| exception.day);
    if schedule.exceptions.windows(2).any(|pair| matches!(pair, [one, two] if one.day == two.day)) {
        return Err(Fault::new("notAvailable", "one day is given twice; write its hours once"));
    }
    Ok(schedule)
}

fn offer(ids: &Ids<'_>, found: &Value) -> Result<RoleService, Fault> {
    let number = |name: &str, range| -> Result<Option<i64>, Fault> {
        part(found, name)?.map(|part| whole(part, "valueInteger", range)).transpose().map(Option::flatten)
    };
    let steps = |name: &str, minutes: Option<i64>| match minutes {
        Some(minutes) if minutes % 5 != 0 => Err(Fault::new(name, "not in steps of 5 minutes; correct it")),
        minutes => Ok(minutes),
    };
    let resource = |name: &str, kind: &str| -> Result<Option<ResourceId>, Fault> {
        let found = part(found, name)?.map(|part| ids.to(part, "valueReference", kind)).transpose()?.flatten();
        Ok(found.map(ResourceId))
    };
    let absent = |name: &str| Fault::new(format!("offer.{name}"), "absent; give it");
    Ok(RoleService {
        service: part(found, "service")?
            .map(|part| string(part, "valueCode", 64))
            .transpose()?
            .flatten()
            .ok_or_else(|| absent("service"))?,
        price_minor: number("price-minor", 0..=1_000_000_000)?.unwrap_or(0),
        minutes: steps("minutes", number("minutes", 5..=480)?)?.ok_or_else(|| absent("minutes"))?,
        before_minutes: steps("before-minutes", number("before-minutes", 0..=120)?)?.unwrap_or(0),
        after_minutes: steps("after-minutes", number("after-minutes", 0..=120)?)?.unwrap_or(0),
        device: resource("device", "Device")?,
        room: resource("room", "Location")?,
        with_practitioner: part(found, "with-practitioner")?.and_then(|part| part["valueBoolean"].as_bool()).unwrap_or(true),
    })
}

fn schedule(taken: &mut Taken, ids: &Ids<'_>, at: At, their: String, resource: &Value) -> Result<(), Fault> {
    let mut actors = Vec::new();
    for actor in items(resource, "actor")? {
        actors.push(target(actor, "actor")?);
    }
    let mut services = Vec::new();
    for concept in items(resource, "serviceType")? {
        let mut coded = Coded { codings: Vec::new(), names: names(concept, "text", NAME_MAX)? };
        for coding in items(concept, "coding")? {
            let Some(code) = string(coding, "code", 100)? else { continue };
            coded.codings.push((string(coding, "system", 300)?.unwrap_or_default(), code));
            // The last coding is the narrowest: "immunization", then which one.
            coded.names = names(coding, "display", NAME_MAX)?.or(coded.names);
        }
        services.push(coded);
    }
    let specialties = specialties(resource, "specialty")?;
    taken.schedules.push((at, Calendar { own: ids.own, their, actors, services, specialties }));
    Ok(())
}
