//! The middle of the screen while a doctor and a time are looked for: the search of the site, as lines that are read while talking; and the
//! other times of a visit that is to be moved.

use access::Session;
use axum::extract::{Extension, Form, Path, State as Extracted};
use axum::http::HeaderMap;
use axum::response::Response;
use booking::{AppointmentId, HoldId, TimeError, request};
use clock::Timestamp;
use db::{DbError, Lang};
use directory::catalogue::{Catalogue, PractitionerRole, RoleId};
use jiff::ToSpan as _;
use jiff::civil::Date;
use search::asked::{self, Parameters};
use search::engine::{self, Hit, TIMES_MAX};
use serde::Deserialize;
use staff::pages::{failed, lang_of};
use web::page::{Choice, TimeButton};
use web::{dates, money};

use super::State;
use super::call::{at_hand, let_go, no_call, on, words};
use crate::call::{Call, Stage};
use crate::call_views::{FoundLine, MovePane, SearchPane, TimesOfDay};

/// Doctors of one page: as many as are read at a glance.
const FOUND_MAX: usize = 6;
/// Days and times offered to a visit that moves.
const DAYS_SHOWN: usize = 5;
const TIMES_OF_DAY_MAX: usize = 12;
const DAYS_AHEAD: i64 = 60;
/// Letters of what was asked that are shown again.
const ASKED_CHARS_MAX: usize = 120;

fn given<'a>(asked: &'a [(String, String)], name: &str) -> &'a str {
    asked.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
}

/// The question as an address has it.
fn question(q: &str, city: &str, date: &str, page: usize) -> String {
    let mut written = address(&[("q", q), ("city", city), ("date", date)]);
    if page > 1 {
        written.push_str(&format!("&page={page}"));
    }
    written
}

fn address(pairs: &[(&str, &str)]) -> String {
    let encoded = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
                byte => format!("%{byte:02X}"),
            })
            .collect()
    };
    pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect::<Vec<_>>()
        .join("&")
}

/// The search, with what was found if anything was asked.
pub(super) fn search(state: &State, lang: Lang, asked: &[(String, String)]) -> SearchPane {
    let (index, texts, now) = (state.search.index(), state.door.texts(lang), state.door.now());
    let catalogue = index.catalogue();
    let cut = |text: &str| text.chars().take(ASKED_CHARS_MAX).collect::<String>();
    let (q, date) = (cut(given(asked, "q")), given(asked, "date").parse::<Date>().ok());
    let home = catalogue.first_city(lang).map_or("", |city| city.code.as_str());
    let city = catalogue.city(given(asked, "city")).map_or(home, |city| city.code.as_str()).to_owned();
    let page = given(asked, "page").parse::<usize>().ok().filter(|page| (1..=engine::PAGE_MAX).contains(page)).unwrap_or(1);
    let date = date.map(|date| date.to_string()).unwrap_or_default();
    let was_asked = asked.iter().any(|(name, _)| name == "q");
    let mut view = SearchPane {
        q: q.clone(),
        cities: catalogue
            .cities
            .iter()
            .map(|one| Choice { value: one.code.clone(), text: one.names.get(lang).to_owned(), chosen: one.code == city })
            .collect(),
        date: date.clone(),
        date_min: now.to_jiff().to_zoned(state.desk.terms.hours.zone().clone()).date().to_string(),
        question: question(&q, &city, &date, page),
        found: was_asked.then(Vec::new),
        total: 0,
        next: None,
    };
    if !was_asked {
        return view;
    }
    let given = [("q", q.as_str()), ("city", city.as_str()), ("date", date.as_str())];
    let parameters = Parameters(given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
    let Ok(mut query) = asked::query(catalogue, &parameters) else { return view };
    (query.per_page, query.page) = (FOUND_MAX, page);
    let free = state.search.free(&index);
    let found = engine::search(&index, &free, now, &query);
    drop(free);
    view.total = found.total;
    view.next = (page * FOUND_MAX < found.total).then(|| format!("/{lang}/staff/desk?{}", question(&q, &city, &date, page + 1)));
    view.found = Some(found.hits.iter().filter_map(|hit| found_line(state, &texts, catalogue, lang, hit)).collect());
    view
}

fn found_line(state: &State, texts: &web::texts::Texts, catalogue: &Catalogue, lang: Lang, hit: &Hit) -> Option<FoundLine> {
    let role = catalogue.roles.get(hit.place)?;
    let (location, zone) = (catalogue.location(role.location)?, catalogue.zone_of(role)?);
    let offer = role.offer(None)?;
    let now_there = state.door.now().to_jiff().to_zoned(zone.clone());
    let time = |start: Timestamp| {
        let at = start.to_jiff().to_zoned(zone.clone());
        TimeButton { label: dates::time(&at), long: dates::say(lang, &at, &now_there), start: start.rfc3339(&zone) }
    };
    let (name, what) = named(catalogue, role, lang);
    let metro = location
        .metro
        .iter()
        .filter_map(|near| Some(texts.two("desk-metro", "metro", catalogue.metro(&near.metro)?.names.get(lang), "n", near.walk_minutes)));
    let currency = catalogue.city_of(role).map_or("", |city| city.currency.as_str());
    let request = hit.slots.is_empty() && booking::by_request(&state.desk.world.free, role);
    let today = now_there.date();
    let date_of = |start: Timestamp| start.to_jiff().to_zoned(zone.clone()).date();
    let first = hit.slots.first().map(|slot| date_of(slot.start));
    Some(FoundLine {
        role: role.id.to_string(),
        service: offer.service.clone(),
        name,
        what,
        clinic: catalogue.organization(role.organization).map_or_else(String::new, |clinic| clinic.names.get(lang).to_owned()),
        place: std::iter::once(location.address.get(lang).to_owned()).chain(metro.take(1)).collect::<Vec<_>>().join(" · "),
        price: if offer.price_minor > 0 { money::price(offer.price_minor, currency) } else { String::new() },
        day: first.map(|day| dates::say_day(lang, day, today)),
        // Times of one day stand under its name; the later ones are found by their day.
        times: hit.slots.iter().filter(|slot| Some(date_of(slot.start)) == first).take(TIMES_MAX).map(|slot| time(slot.start)).collect(),
        days: if request {
            let days = (0..state.desk.world.profile.request_days_max).filter_map(|ahead| today.checked_add(ahead.days()).ok());
            days.map(|day| Choice { value: day.to_string(), text: dates::say_day(lang, day, today), chosen: false }).collect()
        } else {
            Vec::new()
        },
        parts: ["morning", "day", "evening"]
            .map(|part| Choice { value: part.into(), text: texts.s(&format!("desk-part-{part}")), chosen: false })
            .to_vec(),
    })
}

fn named(catalogue: &Catalogue, role: &PractitionerRole, lang: Lang) -> (String, String) {
    let specialties: Vec<&str> =
        role.specialties.iter().filter_map(|code| catalogue.specialty(code)).map(|known| known.names.get(lang)).collect();
    let service = role.offer(None).and_then(|offer| catalogue.service(&offer.service)).map_or("", |service| service.names.get(lang));
    match catalogue.practitioner_of(role) {
        Some(doctor) => (doctor.names.get(lang).to_owned(), specialties.join(", ")),
        None => (service.to_owned(), specialties.join(", ")),
    }
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    role: RoleId,
    #[serde(default)]
    service: String,
    start: String,
    #[serde(default)]
    question: String,
}

/// A time is chosen: it is held while the rest is said.
pub(super) async fn hold(
    Extracted(state): Extracted<State>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    Form(chosen): Form<Chosen>,
) -> Response {
    let (lang, world) = (lang_of(&lang), &state.desk.world);
    let Some(call) = at_hand(&state, &headers, &session) else { return no_call(lang) };
    let call = call.asked(&chosen.question);
    let Ok(start) = Timestamp::parse_rfc3339(&chosen.start) else { return on(&state, lang, call.back()) };
    let service = Some(chosen.service.as_str()).filter(|service| !service.is_empty());
    let previous = if let Stage::Held(hold) = call.stage { Some(hold) } else { None };
    match request::hold(world, chosen.role, start, service, None, previous).await {
        Ok(held) => on(&state, lang, Call { stage: Stage::Held(held.id), faults: Vec::new(), ..call }),
        Err(TimeError::Db(fault)) => failed(&state.door, lang, &fault),
        Err(refusal) => {
            let said = words(&state.door.texts(lang), &refusal);
            on(&state, lang, call.back().saying(said))
        }
    }
}

/// Days are chosen where there are no live times.
pub(super) async fn wish(
    Extracted(state): Extracted<State>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Response {
    let lang = lang_of(&lang);
    let Some(call) = at_hand(&state, &headers, &session) else { return no_call(lang) };
    let call = call.asked(given(&pairs, "question"));
    if let Err(fault) = let_go(&state, &call).await {
        return failed(&state.door, lang, &fault);
    }
    let wishes: Vec<(String, String)> =
        pairs.iter().filter(|(name, _)| name == "day" || name == "part").take(booking::WISHES_MAX).cloned().collect();
    let Ok(role) = given(&pairs, "role").parse::<RoleId>() else { return on(&state, lang, call.back()) };
    if booking::wishes_ticked(&wishes).is_empty() {
        let said = state.door.texts(lang).s("desk-wish-none");
        return on(&state, lang, call.back().saying(said));
    }
    let once = HoldId::random(state.desk.world.clock());
    let stage = Stage::Wished { role, service: given(&pairs, "service").to_owned(), wishes, once };
    on(&state, lang, Call { stage, faults: Vec::new(), ..call })
}

/// The other times of a visit, from the day that is asked for on; `None` when the visit is not there any more.
pub(super) async fn other_times(
    state: &State,
    lang: Lang,
    id: AppointmentId,
    asked: &[(String, String)],
) -> Result<Option<MovePane>, DbError> {
    let world = &state.desk.world;
    let Some(visit) = request::visit(world, id).await? else { return Ok(None) };
    let (zone, now) = (visit.time_zone(), state.door.now());
    let now_there = now.to_jiff().to_zoned(zone.clone());
    let from = given(asked, "date").parse::<Date>().ok().filter(|date| *date > now_there.date());
    let begin = from.and_then(|date| date.to_zoned(zone.clone()).ok()).map_or(now, |at| Timestamp::from(at.timestamp()));
    let slots = world.free.slots(visit.role, Some(&visit.service), begin, begin.plus_minutes(DAYS_AHEAD * 1_440), booking::SLOTS_MAX, None);
    let mut days: Vec<TimesOfDay> = Vec::new();
    let mut last: Option<Date> = None;
    for slot in slots.iter().filter(|slot| slot.start != visit.start) {
        let at = slot.start.to_jiff().to_zoned(zone.clone());
        if last != Some(at.date()) {
            if days.len() >= DAYS_SHOWN {
                break;
            }
            last = Some(at.date());
            days.push(TimesOfDay { day: dates::capital(&dates::say_day(lang, at.date(), now_there.date())), times: Vec::new() });
        }
        if let Some(day) = days.last_mut().filter(|day| day.times.len() < TIMES_OF_DAY_MAX) {
            day.times.push(TimeButton {
                label: dates::time(&at),
                long: dates::say(lang, &at, &now_there),
                start: slot.start.rfc3339(&zone),
            });
        }
    }
    Ok(Some(MovePane {
        number: visit.number_shown(),
        summary: booking::summary_of(world, lang, &visit),
        date: from.map(|date| date.to_string()).unwrap_or_default(),
        date_min: now_there.date().to_string(),
        days,
        action: format!("/{lang}/staff/desk/visits/{id}/move"),
    }))
}
