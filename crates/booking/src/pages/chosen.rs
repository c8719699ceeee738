//! What a booking is about: a time that is held, or the wishes of a request. And what has become of it, when it is there no more.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use clock::Timestamp;
use db::Lang;
use directory::catalogue::RoleId;
use patients::Phone;
use web::html;
use web::page::Summary;

use super::doctor::taken;
use super::show::{self, When};
use super::{failed, lang_of, no, not_found, private, see_other};
use crate::cookies::{self, Draft};
use crate::hold::{Hold, HoldId};
use crate::request::{self, Booked};
use crate::views::{Elsewhere, HeldTime, TakenWhy};
use crate::wish::{self, Wish};
use crate::world::World;

/// What was chosen.
pub(super) enum Chosen {
    /// A time, held while the form is filled.
    Held(Hold),
    /// Days and parts of days.
    Wished { id: HoldId, role: RoleId, service: String, wishes: Vec<Wish> },
}

impl Chosen {
    pub(super) fn id(&self) -> HoldId {
        match self {
            Chosen::Held(hold) => hold.id,
            Chosen::Wished { id, .. } => *id,
        }
    }

    pub(super) fn role(&self) -> RoleId {
        match self {
            Chosen::Held(hold) => hold.role,
            Chosen::Wished { role, .. } => *role,
        }
    }

    /// Whole minutes for which the time is still kept; nothing is kept for a request.
    pub(super) fn minutes(&self, world: &World) -> Option<i64> {
        match self {
            Chosen::Held(hold) => Some((hold.expires_at.micros() - world.clock().now().micros()).max(0) / clock::MINUTE),
            Chosen::Wished { .. } => None,
        }
    }

    pub(super) fn summary(&self, world: &World, lang: Lang) -> Option<Summary> {
        match self {
            Chosen::Held(hold) => show::summary(world, lang, &When::from(hold)),
            Chosen::Wished { role, service, wishes, .. } => {
                show::summary(world, lang, &When { role: *role, service, start: Timestamp(0), price: None, wishes })
            }
        }
    }

    /// Back to where it was chosen.
    pub(super) fn back_href(&self, world: &World, lang: Lang) -> String {
        doctor_href(world, lang, self.role())
    }

    pub(super) fn city(&self, world: &World) -> Option<String> {
        let catalogue = world.catalogue();
        catalogue.role(self.role()).and_then(|role| catalogue.city_of(role)).map(|city| city.code.clone())
    }
}

pub(super) fn doctor_href(world: &World, lang: Lang, role: RoleId) -> String {
    let catalogue = world.catalogue();
    catalogue.role(role).map_or_else(|| format!("/{lang}/"), |role| format!("/{lang}{}", show::doctor_path(&catalogue, role, lang)))
}

fn wished(draft: &Draft) -> Option<Chosen> {
    let wanted = draft.wished.as_ref()?;
    let wishes = wish::read(&wanted.wishes)?;
    Some(Chosen::Wished { id: draft.hold, role: wanted.role, service: wanted.service.clone(), wishes })
}

/// What every screen begins with: the language and what was chosen, or the answer that says what has become of it.
pub(super) async fn begin(world: &World, headers: &HeaderMap, lang: &str, id: &str) -> Result<(Lang, Chosen), Response> {
    let lang = lang_of(lang).ok_or_else(|| not_found(world, Lang::Ru))?;
    let id: HoldId = id.parse().map_err(|_| not_found(world, lang))?;
    let own = Draft::read(world, headers, id);
    if let Some(visit) = own.as_ref().and_then(|draft| draft.became) {
        return Err(see_other(&format!("/{lang}/visits/{visit}")));
    }
    if let Some(chosen) = own.as_ref().and_then(wished) {
        // The request went out, and its answer was lost.
        return match sent(world, own.as_ref()).await {
            Some(booked) => Err(arrived(world, headers, lang, id, &booked)),
            None => Ok((lang, chosen)),
        };
    }
    match request::any_hold(world, id).await {
        Ok(Some(hold)) if hold.expires_at > world.clock().now() => Ok((lang, Chosen::Held(hold))),
        Ok(gone) => Err(after(world, headers, lang, id, own, gone).await),
        Err(fault) => Err(failed(world, lang, &fault)),
    }
}

/// What the draft has become already.
async fn sent(world: &World, draft: Option<&Draft>) -> Option<Booked> {
    let draft = draft?;
    let (code, phone) = (draft.code?, Phone::parse(&draft.typed.phone, world.demo).ok()?);
    request::became(world, draft.hold, code, &phone).await.ok()?
}

/// The hold is gone: it ran out, another window has chosen since, or the booking went through (Back, a second click, a lost answer).
async fn after(world: &World, headers: &HeaderMap, lang: Lang, id: HoldId, own: Option<Draft>, gone: Option<Hold>) -> Response {
    if gone.is_none()
        && let Some(booked) = sent(world, own.as_ref()).await
    {
        return arrived(world, headers, lang, id, &booked);
    }
    if own.is_none()
        && let Some(last) = Draft::last(world, headers).filter(|last| last.became.is_none())
        && let Some(chosen) = alive(world, &last).await
        && let Some(response) = elsewhere(world, lang, id, gone.as_ref(), &chosen)
    {
        return response;
    }
    match gone {
        Some(hold) => taken(world, lang, hold.role, Some(&hold.service), hold.start, TakenWhy::Expired),
        None => not_found(world, lang),
    }
}

async fn alive(world: &World, last: &Draft) -> Option<Chosen> {
    if let Some(chosen) = wished(last) {
        return Some(chosen);
    }
    let hold = request::any_hold(world, last.hold).await.ok()??;
    (hold.expires_at > world.clock().now()).then_some(Chosen::Held(hold))
}

/// 409: this window shows one time, and another one was chosen in another window since. Neither is taken for the other.
fn elsewhere(world: &World, lang: Lang, id: HoldId, gone: Option<&Hold>, last: &Chosen) -> Option<Response> {
    let here = gone.and_then(|hold| {
        Some(HeldTime {
            summary: show::summary(world, lang, &When::from(hold))?,
            role: hold.role.to_string(),
            service: hold.service.clone(),
            start: hold.start.rfc3339(&jiff::tz::TimeZone::UTC),
        })
    });
    let view = Elsewhere {
        page: private(world, lang, format!("/book/{id}"), last.city(world).as_deref()),
        last: last.summary(world, lang)?,
        last_href: format!("/{lang}/book/{}", last.id()),
        here,
    };
    Some(html::status(StatusCode::CONFLICT, &view))
}

/// On to the visit, whose token the browser gets.
pub(super) fn arrived(world: &World, headers: &HeaderMap, lang: Lang, id: HoldId, booked: &Booked) -> Response {
    let response = see_other(&format!("/{lang}/visits/{}?new", booked.visit.id));
    let response = cookies::remember(world, headers, booked.visit.id, &booked.token, response);
    Draft::booked(world, id, booked.visit.id, response)
}

/// The answer to a fault that no page of the booking can tell.
pub(super) fn refused(world: &World, lang: Lang, id: HoldId, error: &dyn web::problem::Problem) -> Response {
    no(world, lang, &format!("/book/{id}"), error)
}
