//! The middle of the screen when a time or days are chosen: who comes, what is read aloud, what the caller says to it; and what is read out when
//! it is done.

use access::{Caller, Session};
use axum::extract::{Extension, Form, Path, State as Extracted};
use axum::http::HeaderMap;
use axum::response::Response;
use booking::request::{self, Applicant, BookRequest, Booked, ConsentRef, RequestError, VisitRequest};
use booking::{AppointmentId, BookError, By, Fault, PersonTyped, Typed};
use db::{DbError, Lang};
use privacy::Purpose;
use serde::Deserialize;
use staff::pages::{failed, lang_of};
use web::prose;

use super::call::{at_hand, let_go, no_call, on, words};
use super::{State, visit_when};
use crate::call::{Call, Stage};
use crate::call_views::{BookPane, DonePane, ScriptBlock};

/// What the form is about.
struct About {
    role: directory::catalogue::RoleId,
    summary: web::page::Summary,
    minutes: Option<i64>,
}

/// What was chosen; `None` when the hold has run out or the doctor is not in the directory any more.
async fn about(state: &State, lang: Lang, call: &Call) -> Result<Option<About>, DbError> {
    let world = &state.desk.world;
    match &call.stage {
        Stage::Held(hold) => {
            let now = world.clock().now();
            let Some(hold) = request::any_hold(world, *hold).await?.filter(|hold| hold.expires_at > now) else { return Ok(None) };
            let minutes = (hold.expires_at.micros() - now.micros()).max(0) / clock::MINUTE;
            let summary = booking::summary_of_hold(world, lang, &hold);
            Ok(summary.map(|summary| About { role: hold.role, summary, minutes: Some(minutes) }))
        }
        Stage::Wished { role, service, wishes, .. } => {
            let wishes = booking::wishes_ticked(wishes);
            let summary = booking::summary_of_wishes(world, lang, *role, service, &wishes);
            Ok(summary.map(|summary| About { role: *role, summary, minutes: None }))
        }
        _ => Ok(None),
    }
}

/// The form.
pub(super) async fn pane(state: &State, lang: Lang, call: &Call) -> Result<Option<BookPane>, DbError> {
    let (world, texts) = (&state.desk.world, state.door.texts(lang));
    let Some(about) = about(state, lang, call).await? else { return Ok(None) };
    let catalogue = world.catalogue();
    let Some(role) = catalogue.role(about.role) else { return Ok(None) };
    let (typed, faults) = (&booking::typed_for_role(world, role, &call.typed), &call.faults[..]);
    let (Some(whom), Some(script), Some(document)) = (
        booking::whom_block(world, lang, role, typed, faults),
        world.documents.script(Purpose::P1, call.lang),
        world.documents.get(Purpose::P1, call.lang),
    ) else {
        return Ok(None);
    };
    // What is declared for another person is read aloud too, in the caller's language.
    let declaration = world.documents.declaration(call.lang);
    Ok(Some(BookPane {
        summary: about.summary,
        minutes: about.minutes,
        whom,
        declaration: declaration.map(|text| (text.short.clone(), text.version.to_string(), text.sha256.clone())),
        name: booking::typed_field(faults, &texts, "name", &typed.name),
        age: booking::age_field(world, lang, role, typed, faults),
        email: (world.letters && about.minutes.is_some()).then(|| booking::typed_field(faults, &texts, "email", &typed.email)),
        script: ScriptBlock {
            lang: call.lang,
            text: prose::parse(script.text()),
            version: document.version.to_string(),
            sha256: document.sha256.clone(),
            error: faults.iter().find(|fault| fault.at == "consent").map(|fault| texts.s(&fault.text)),
        },
        clash: faults.iter().any(|fault| fault.at == "clash").then(|| texts.s("booking-problem-person-busy")),
        error: faults.iter().find(|fault| fault.at == "form").map(|fault| texts.one(&fault.text, "n", fault.n)),
    }))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct BookForm {
    whom: String,
    name: String,
    email: String,
    age: String,
    age_other: String,
    relation: String,
    representative: String,
    declaration: String,
    declaration_version: String,
    declaration_sha256: String,
    consent: String,
    consent_version: String,
    consent_sha256: String,
    instead: String,
}

impl BookForm {
    fn typed(&self, phone: &str) -> Typed {
        let declared = || (self.declaration_version.parse().unwrap_or_default(), self.declaration_sha256.clone());
        let typed = Typed {
            whom: self.whom.clone(),
            name: self.name.clone(),
            phone: phone.to_owned(),
            email: self.email.clone(),
            age: if self.age.is_empty() { self.age_other.clone() } else { self.age.clone() },
            relation: self.relation.clone(),
            representative: self.representative.clone(),
            declaration: (self.declaration == "yes").then(declared),
        };
        typed.cut()
    }
}

/// The caller has heard everything: it is booked, or nothing of it is kept.
pub(super) async fn submit(
    Extracted(state): Extracted<State>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    Form(form): Form<BookForm>,
) -> Response {
    let (lang, world) = (lang_of(&lang), &state.desk.world);
    let Some(call) = at_hand(&state, &headers, &session) else { return no_call(lang) };
    let texts = state.door.texts(lang);
    // The second click, when the first one's answer was lost: the page that follows says what was done.
    if matches!(call.stage, Stage::Done(_)) {
        return on(&state, lang, call);
    }
    if form.consent == "no" {
        return match let_go(&state, &call).await {
            Ok(()) => {
                let typed = call.nothing_typed();
                on(&state, lang, Call { typed, ..call.back() }.saying(texts.s("desk-not-agreed")))
            }
            Err(fault) => failed(&state.door, lang, &fault),
        };
    }
    let typed = form.typed(&call.phone);
    let chosen = match about(&state, lang, &call).await {
        Ok(about) => about.map(|about| about.role),
        Err(fault) => return failed(&state.door, lang, &fault),
    };
    let catalogue = world.catalogue();
    let Some(role) = chosen.and_then(|role| catalogue.role(role)) else {
        // The hold is gone: booked a moment ago by the same form, or run out.
        let done = match call.stage {
            Stage::Held(hold) => request::done_by_agent(world, session.staff.id, hold).await,
            _ => Ok(None),
        };
        return match done {
            Ok(Some(visit)) => on(&state, lang, Call { stage: Stage::Done(visit.id), faults: Vec::new(), ..call }),
            Ok(None) => on(&state, lang, Call { typed, ..call.back() }.saying(texts.s("desk-hold-over"))),
            Err(_) => failed(&state.door, lang, &"an agent's booking could not be looked up"),
        };
    };
    let (person, mut faults) = match booking::read_person(world, role, &typed, true) {
        Ok(person) => (Some(person), Vec::new()),
        Err(faults) => (None, faults),
    };
    if typed.whom == "other" && !typed.name.trim().is_empty() && typed.name == typed.representative {
        faults.push(Fault::new("name", "desk-same-name"));
    }
    let version = form.consent_version.parse().unwrap_or_default();
    if form.consent != "yes" {
        faults.push(Fault::new("consent", "desk-consent-missing"));
    } else if world.documents.agreed(Purpose::P1, version, &form.consent_sha256).is_none() {
        faults.push(Fault::new("consent", "desk-consent-changed"));
    }
    let call = Call { typed, ..call };
    let Some(PersonTyped { details, on_behalf }) = person.filter(|_| faults.is_empty()) else {
        return on(&state, lang, Call { faults, ..call });
    };
    let agreed = ConsentRef { purpose: Purpose::P1, version, sha256: form.consent_sha256.clone() };
    let applicant = Applicant {
        details,
        on_behalf,
        code: None,
        consents: vec![agreed],
        lang: call.lang,
        once: None,
        caller: Caller::Agent(session.staff.id),
    };
    match book(&state, &call, applicant, form.instead == "yes").await {
        Ok(booked) => {
            let typed = call.nothing_typed();
            on(&state, lang, Call { stage: Stage::Done(booked.visit.id), faults: Vec::new(), typed, ..call })
        }
        Err(RequestError::Unavailable) => failed(&state.door, lang, &"a caller could not be booked"),
        Err(RequestError::Book(BookError::PersonBusy(_))) => on(&state, lang, Call { faults: vec![Fault::new("clash", "")], ..call }),
        Err(refusal @ RequestError::Book(BookError::Time(_))) => on(&state, lang, call.back().saying(words(&texts, &refusal))),
        Err(refusal) => on(&state, lang, call.saying(words(&texts, &refusal))),
    }
}

async fn book(state: &State, call: &Call, mut applicant: Applicant, instead: bool) -> Result<Booked, RequestError> {
    let world = &state.desk.world;
    match &call.stage {
        Stage::Held(id) => {
            // One hold becomes one visit, however often the form is sent.
            applicant.once = Some((id.to_string(), Vec::new()));
            let hold = request::any_hold(world, *id).await?.ok_or(booking::TimeError::Taken)?;
            let (role, start, service) = (hold.role, hold.start, Some(hold.service));
            request::take(world, BookRequest { role, start, service, hold: Some(*id), instead, applicant }).await
        }
        Stage::Wished { role, service, wishes, once } => {
            applicant.once = Some((once.to_string(), Vec::new()));
            let service = Some(service.clone()).filter(|service| !service.is_empty());
            request::ask(world, VisitRequest { role: *role, service, wishes: booking::wishes_ticked(wishes), applicant }).await
        }
        _ => Err(booking::TimeError::Taken.into()),
    }
}

/// What is read out; `None` when the visit is nobody's any more.
pub(super) async fn done(state: &State, lang: Lang, call: &Call, id: AppointmentId) -> Result<Option<DonePane>, DbError> {
    let (world, texts) = (&state.desk.world, state.door.texts(lang));
    let Some(visit) = request::visit(world, id).await? else { return Ok(None) };
    Ok(Some(DonePane {
        number: visit.number_shown(),
        is_request: visit.is_request(),
        when: visit_when(state, lang, &visit),
        // In the caller's language: it is read as it stands.
        summary: booking::summary_of(world, call.lang, &visit),
        spoken: texts.s(&format!("desk-speaks-{}", call.lang.code())),
        must_be_read: !call.takes_sms,
    }))
}

/// It was read out to whoever nothing can be sent to: they need not be called.
pub(super) async fn read_out(
    Extracted(state): Extracted<State>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
) -> Response {
    let lang = lang_of(&lang);
    let Some(call) = at_hand(&state, &headers, &session) else { return no_call(lang) };
    if let Stage::Done(visit) = call.stage
        && let Err(fault) = request::told_by_phone(&state.desk.world, visit, By::Staff(session.staff.id)).await
    {
        return failed(&state.door, lang, &fault);
    }
    on(&state, lang, call.back())
}
