//! Where there are no live times: days and parts of days are ticked, and the form of the person follows, as for a booking.

use axum::extract::{Form, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use db::Lang;
use directory::catalogue::{PractitionerRole, RoleId};
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use web::dates;
use web::page::Choice;
use web::problem::Plain;

use super::chosen::doctor_href;
use super::{lang_of, no, not_found, see_other, show};
use crate::cookies::{Draft, WishedDraft};
use crate::hold::{HoldId, TimeError};
use crate::request::{self, RequestError};
use crate::views::AskBlock;
use crate::wish::{self, Part, WISHES_MAX, Wish, by_request};
use crate::world::World;

/// Pairs of a form that are looked at.
const PAIRS_MAX: usize = 64;

/// The block of the doctor's page; `None` where a time can be chosen.
pub(super) fn block(world: &World, lang: Lang, role: &PractitionerRole, zone: &TimeZone, refused: bool) -> Option<AskBlock> {
    if !by_request(&world.free, role) {
        return None;
    }
    let texts = world.texts.of(lang);
    let today = show::now(world, zone).date();
    let days = (0..world.profile.request_days_max).filter_map(|ahead| today.checked_add(ahead.days()).ok()).map(|day| Choice {
        value: day.to_string(),
        text: dates::say_day(lang, day, today),
        chosen: false,
    });
    let parts = [Part::Morning, Part::Day, Part::Evening].map(|part| Choice {
        value: part.code().to_owned(),
        text: texts.s(&format!("booking-part-{}", part.code())),
        chosen: false,
    });
    Some(AskBlock {
        action: format!("/{lang}/requests"),
        days: days.collect(),
        parts: parts.to_vec(),
        error: refused.then(|| texts.s("booking-error-when")),
    })
}

/// What was ticked: each day with each part; all parts or none are any.
pub fn wishes(pairs: &[(String, String)]) -> Vec<Wish> {
    let values = |name: &'static str| pairs.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str());
    let mut parts: Vec<Part> = values("part").filter_map(Part::from_code).filter(|part| *part != Part::Any).collect();
    parts.sort_unstable();
    parts.dedup();
    if parts.is_empty() || parts.len() == 3 {
        parts = vec![Part::Any];
    }
    let days = values("day").filter_map(|day| day.parse::<Date>().ok());
    days.flat_map(|day| parts.iter().map(move |part| Wish { day, part: *part }).collect::<Vec<_>>()).take(WISHES_MAX + 1).collect()
}

/// The wishes become a draft, and the form of the person follows.
pub(super) async fn begin(
    State(world): State<World>,
    Path(lang): Path<String>,
    headers: HeaderMap,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Response {
    let Some(lang) = lang_of(&lang) else { return not_found(&world, Lang::Ru) };
    let first = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let Some(role) = first("role").and_then(|role| role.parse::<RoleId>().ok()).filter(|_| pairs.len() <= PAIRS_MAX) else {
        return no(&world, lang, "/", &Plain::BadRequest);
    };
    let service = first("service").filter(|code| !code.is_empty());
    match request::wanted(&world, role, service, &wishes(&pairs)) {
        Ok(wanted) => {
            let id = HoldId::random(world.clock());
            let wished = WishedDraft { role, service: wanted.service, wishes: wish::written(&wanted.wishes) };
            let before = Draft::last(&world, &headers).filter(|draft| draft.became.is_none()).unwrap_or_default();
            before.on_with(id, Some(wished)).keep(&world, see_other(&format!("/{lang}/book/{id}")))
        }
        Err(RequestError::WhenInvalid) => see_other(&format!("{}?refused=when#ask", doctor_href(&world, lang, role))),
        // Times have come since: the doctor's page shows them.
        Err(RequestError::LiveTimes) => see_other(&doctor_href(&world, lang, role)),
        Err(RequestError::Book(crate::book::BookError::Time(TimeError::UnknownRole | TimeError::UnknownService))) => {
            not_found(&world, lang)
        }
        Err(error) => no(&world, lang, "/", &error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ticked_becomes_wishes() {
        let read = |text: &str| {
            let pairs: Vec<(String, String)> =
                text.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name.into(), value.into())).collect();
            wish::written(&wishes(&pairs))
        };
        assert_eq!(read("day=2026-11-24&day=2026-11-25"), "2026-11-24/any 2026-11-25/any");
        assert_eq!(read("day=2026-11-24&part=evening&part=morning"), "2026-11-24/morning 2026-11-24/evening");
        assert_eq!(read("day=2026-11-24&part=evening&part=morning&part=day"), "2026-11-24/any");
        assert_eq!(read("part=evening"), "");
        assert_eq!(read("day=tomorrow&part=noon"), "");
    }
}
