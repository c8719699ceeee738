//! A doctor's day as the clinic keeps it: what is booked, what the clinic has taken for itself, what does not fit together; and the forms that block a
//! time, write down a visit that came another way, and give a time back. Names nobody.

use access::{Act, Session};
use axum::extract::{Extension, Form, Path, Query, State};
use axum::response::Response;
use booking::{Appointment, Busy, BusyError, BusyId, BusyReason};
use clock::Timestamp;
use db::Lang;
use directory::catalogue::{Catalogue, PractitionerRole, RoleId};
use directory::schedule;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::Deserialize;
use web::page::Choice;
use web::{dates, html};

use super::day::roles;
use super::{Door, failed, forbidden, lang_of, not_found, see_other};
use crate::views::{Calendar, CalendarEntry, Overbook};

/// Characters of a typed day or time that are looked at.
const TYPED_CHARS_MAX: usize = 20;
/// Refusals that have a text of their own.
const REFUSED: [&str; 5] = ["unknown", "range", "taken", "full", "too_many"];

#[derive(Deserialize)]
pub(super) struct Asked {
    role: Option<RoleId>,
    date: Option<String>,
    refused: Option<String>,
    /// What a second confirmation would put beside what stands: service and time.
    service: Option<String>,
    time: Option<String>,
}

fn href(lang: Lang, role: RoleId, date: Date) -> String {
    format!("/{lang}/staff/calendar?role={role}&date={date}")
}

/// Begin and end of a day at a place.
fn bounds(date: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let from = date.to_zoned(zone.clone()).ok()?;
    let to = date.tomorrow().ok()?.to_zoned(zone.clone()).ok()?;
    Some((Timestamp::from(from.timestamp()), Timestamp::from(to.timestamp())))
}

pub(super) async fn page(
    State(door): State<Door>,
    Path(lang): Path<String>,
    Query(asked): Query<Asked>,
    Extension(session): Extension<Session>,
) -> Response {
    let lang = lang_of(&lang);
    let catalogue = door.world.catalogue();
    let own = roles(&session, Act::ChangeCalendar, &catalogue);
    let frame = door.frame(lang, "/staff/calendar", &session);
    let Some(role) = asked.role.or_else(|| own.first().copied()).filter(|role| own.contains(role)) else {
        return if asked.role.is_some() { refuse(&door, lang, &session).await } else { empty(&door, lang, frame) };
    };
    let (Some(role), Some(zone)) = (catalogue.role(role), catalogue.role(role).and_then(|role| catalogue.zone_of(role))) else {
        return not_found(&door, lang);
    };
    let today = door.now().to_jiff().to_zoned(zone.clone()).date();
    let date = asked.date.as_deref().and_then(|date| date.parse::<Date>().ok()).unwrap_or(today);
    let Some((from, to)) = bounds(date, &zone) else { return not_found(&door, lang) };
    let (visits, busy) = match booking::calendar(&door.world, role.id, from, to).await {
        Ok(found) => found,
        Err(fault) => return failed(&door, lang, &fault),
    };
    let texts = door.texts(lang);
    let at = |day: Option<Date>| day.map(|day| href(lang, role.id, day)).unwrap_or_default();
    let overbook = asked.service.clone().zip(asked.time.clone()).filter(|_| asked.refused.as_deref() == Some("taken"));
    html::personal(&Calendar {
        day: dates::capital(&dates::say_day(lang, date, today)),
        date: date.to_string(),
        before: at(date.yesterday().ok()),
        after: at(date.tomorrow().ok()),
        role: role.id.to_string(),
        doctors: own
            .iter()
            .filter_map(|one| catalogue.role(*one))
            .map(|one| Choice { value: one.id.to_string(), text: name(&catalogue, one, lang), chosen: one.id == role.id })
            .collect(),
        services: role
            .services
            .iter()
            .filter_map(|offer| catalogue.service(&offer.service))
            .map(|service| Choice { value: service.code.clone(), text: service.names.get(lang).to_owned(), chosen: false })
            .collect(),
        entries: entries(&door, lang, role, &zone, &visits, &busy),
        overbook: overbook.map(|(service, time)| Overbook { service, time: time.chars().take(TYPED_CHARS_MAX).collect() }),
        refused: asked.refused.as_deref().map(|code| {
            let code = REFUSED.into_iter().find(|known| *known == code).unwrap_or("unknown");
            texts.s(&format!("staff-calendar-refused-{}", code.replace('_', "-")))
        }),
        page: door.page(lang, "/staff/calendar"),
        frame,
    })
}

/// Whoever receives nobody has no calendar.
fn empty(door: &Door, lang: Lang, frame: crate::views::Frame) -> Response {
    html::personal(&Calendar {
        day: door.texts(lang).s("staff-nav-calendar"),
        date: String::new(),
        before: String::new(),
        after: String::new(),
        role: String::new(),
        doctors: Vec::new(),
        services: Vec::new(),
        entries: Vec::new(),
        overbook: None,
        refused: None,
        page: door.page(lang, "/staff/calendar"),
        frame,
    })
}

fn name(catalogue: &Catalogue, role: &PractitionerRole, lang: Lang) -> String {
    let doctor = catalogue.practitioner_of(role).map(|doctor| doctor.names.get(lang).to_owned());
    let service = || role.offer(None).and_then(|offer| catalogue.service(&offer.service)).map(|service| service.names.get(lang).to_owned());
    doctor.or_else(service).unwrap_or_default()
}

/// What stands in the day, by its begin, with what does not fit together.
fn entries(door: &Door, lang: Lang, role: &PractitionerRole, zone: &TimeZone, visits: &[Appointment], busy: &[Busy]) -> Vec<CalendarEntry> {
    let (texts, catalogue) = (door.texts(lang), door.world.catalogue());
    let time = |at: Timestamp| dates::time(&at.to_jiff().to_zoned(zone.clone()));
    let mut entries: Vec<(Timestamp, CalendarEntry)> = Vec::with_capacity(visits.len() + busy.len());
    for visit in visits {
        let blocked = busy.iter().any(|busy| busy.reason == BusyReason::Unavailable && busy.start < visit.end && visit.start < busy.end);
        let date = visit.start.to_jiff().to_zoned(zone.clone()).date();
        let in_hours = schedule::windows(&role.schedule, zone, date).iter().any(|(from, to)| *from <= visit.start && visit.end <= *to);
        let conflict = match (blocked, in_hours) {
            (true, _) => Some("staff-calendar-conflict-blocked"),
            (false, false) => Some("staff-calendar-conflict-hours"),
            _ => None,
        };
        entries.push((
            visit.start,
            CalendarEntry {
                from: time(visit.start),
                to: time(visit.end),
                what: texts.one("staff-calendar-visit", "number", visit.number_shown()),
                more: catalogue.service(&visit.service).map(|service| service.names.get(lang).to_owned()).unwrap_or_default(),
                conflict: conflict.map(|id| texts.s(id)),
                id: None,
            },
        ));
    }
    for one in busy {
        let what = match (one.reason, one.overbooked) {
            (BusyReason::Unavailable, _) => "staff-calendar-blocked",
            (BusyReason::Elsewhere, false) => "staff-calendar-own",
            (BusyReason::Elsewhere, true) => "staff-calendar-own-beside",
        };
        let day = |at: Timestamp| at.to_jiff().to_zoned(zone.clone()).date();
        let said = |at: Timestamp| {
            if day(one.start) == day(one.end) { time(at) } else { format!("{} {}", dates::day_short(lang, day(at)), time(at)) }
        };
        entries.push((
            one.start,
            CalendarEntry {
                from: said(one.start),
                to: said(one.end),
                what: texts.s(what),
                more: String::new(),
                conflict: None,
                id: Some(one.id.to_string()),
            },
        ));
    }
    entries.sort_by_key(|(start, _)| *start);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

/// A try at somebody else's calendar is written down.
async fn refuse(door: &Door, lang: Lang, session: &Session) -> Response {
    let staff = session.staff.id;
    match door.world.db.run("forbidden", move |tx| Box::pin(access::record_forbidden(tx, staff))).await {
        Ok(()) => forbidden(door, lang),
        Err(fault) => failed(door, lang, &fault),
    }
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    role: RoleId,
    date: String,
    /// Of a block: its last day; empty when it is the first.
    #[serde(default)]
    until: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    time: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    confirm: String,
    #[serde(default)]
    id: String,
}

/// The instant of a day and a time at a place; 24:00 is the next day's begin.
fn instant(date: &str, time: &str, zone: &TimeZone) -> Option<Timestamp> {
    let cut = |text: &str| text.trim().chars().take(TYPED_CHARS_MAX).collect::<String>();
    let date: Date = cut(date).parse().ok()?;
    let time: Time = cut(time).parse().ok()?;
    Some(Timestamp::from(date.to_datetime(time).to_zoned(zone.clone()).ok()?.timestamp()))
}

/// Back to the day, or the refusal: what was typed for a visit that can be put beside another is asked about once more.
fn back(door: &Door, lang: Lang, wanted: &Wanted, done: Result<Busy, BusyError>) -> Response {
    let date = wanted.date.parse::<Date>().unwrap_or_else(|_| door.now().to_jiff().to_zoned(TimeZone::UTC).date());
    let here = href(lang, wanted.role, date);
    match done {
        Ok(_) => see_other(&here),
        Err(BusyError::Db(fault)) => failed(door, lang, &fault),
        Err(BusyError::Taken) => {
            let plain = |text: &str| text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_:".contains(letter));
            let (service, time) = (&wanted.service, &wanted.time);
            let again = if plain(service) && plain(time) { format!("&service={service}&time={time}") } else { String::new() };
            see_other(&format!("{here}&refused=taken{again}"))
        }
        Err(refusal) => see_other(&format!("{here}&refused={}", refusal.code())),
    }
}

/// The zone of a role of this session; else the answer.
async fn own(door: &Door, lang: Lang, session: &Session, role: RoleId) -> Result<TimeZone, Response> {
    let catalogue = door.world.catalogue();
    if !roles(session, Act::ChangeCalendar, &catalogue).contains(&role) {
        return Err(refuse(door, lang, session).await);
    }
    catalogue.role(role).and_then(|role| catalogue.zone_of(role)).ok_or_else(|| not_found(door, lang))
}

pub(super) async fn block(
    State(door): State<Door>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    Form(wanted): Form<Wanted>,
) -> Response {
    let lang = lang_of(&lang);
    let zone = match own(&door, lang, &session, wanted.role).await {
        Ok(zone) => zone,
        Err(response) => return response,
    };
    let until = if wanted.until.is_empty() { &wanted.date } else { &wanted.until };
    let stretch = instant(&wanted.date, &wanted.from, &zone).zip(instant(until, &wanted.to, &zone));
    let done = match stretch {
        Some((start, end)) => booking::block(&door.world, wanted.role, start, end, session.staff.id).await,
        None => Err(BusyError::Range),
    };
    back(&door, lang, &wanted, done)
}

pub(super) async fn add(
    State(door): State<Door>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    Form(wanted): Form<Wanted>,
) -> Response {
    let lang = lang_of(&lang);
    let zone = match own(&door, lang, &session, wanted.role).await {
        Ok(zone) => zone,
        Err(response) => return response,
    };
    let service = Some(wanted.service.as_str()).filter(|service| !service.is_empty());
    let done = match instant(&wanted.date, &wanted.time, &zone) {
        Some(start) => booking::add_own(&door.world, wanted.role, service, start, wanted.confirm == "yes", session.staff.id).await,
        None => Err(BusyError::Range),
    };
    back(&door, lang, &wanted, done)
}

pub(super) async fn give_back(
    State(door): State<Door>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    Form(wanted): Form<Wanted>,
) -> Response {
    let lang = lang_of(&lang);
    if let Err(response) = own(&door, lang, &session, wanted.role).await {
        return response;
    }
    let of = roles(&session, Act::ChangeCalendar, &door.world.catalogue());
    let done = match wanted.id.parse::<BusyId>() {
        Ok(id) => booking::give_back(&door.world, id, &of, session.staff.id).await,
        Err(_) => Err(BusyError::Unknown),
    };
    back(&door, lang, &wanted, done)
}
