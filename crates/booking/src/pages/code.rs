//! The code of the message, and with it the visit or the request.

use access::Caller;
use axum::extract::{Extension, Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use db::Lang;
use patients::{AskCodeError, CodeError, Phone};
use privacy::Purpose;
use serde::Deserialize;
use web::html;
use web::page::Field;
use web::problem::Problem as _;
use web::texts::Value;

use super::booking::{code_fault, send_code};
use super::chosen::{Chosen, arrived, begin, refused};
use super::doctor::taken_path;
use super::person::{self, said};
use super::show::{self, When};
use super::{failed, not_found, private, see_other};
use crate::book::BookError;
use crate::cookies::{Draft, Fault};
use crate::hold::TimeError;
use crate::request::{self, Applicant, BookRequest, ConsentRef, RequestError, VisitRequest};
use crate::views::{Clash, CodeForm, TakenWhy};
use crate::world::World;

/// The draft with a code on its way; whoever has none goes back to the form.
fn draft_with_code(world: &World, headers: &HeaderMap, chosen: &Chosen) -> Option<Draft> {
    Draft::read(world, headers, chosen.id()).filter(|draft| draft.code.is_some())
}

fn form_of(lang: Lang, chosen: &Chosen) -> Response {
    see_other(&format!("/{lang}/book/{}", chosen.id()))
}

pub(super) async fn form(State(world): State<World>, Path((lang, id)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let (lang, chosen) = match begin(&world, &headers, &lang, &id).await {
        Ok(begun) => begun,
        Err(response) => return response,
    };
    let Some(draft) = draft_with_code(&world, &headers, &chosen) else { return form_of(lang, &chosen) };
    let Some(summary) = chosen.summary(&world, lang) else { return not_found(&world, lang) };
    let (path, texts) = (format!("/book/{}/code", chosen.id()), world.texts.of(lang));
    let phone = Phone::parse(&draft.typed.phone, world.demo).map(|phone| web::page::Phone::new(phone.e164()).shown).unwrap_or_default();
    html::personal(&CodeForm {
        page: private(&world, lang, path.clone(), chosen.city(&world).as_deref()),
        summary,
        minutes: chosen.minutes(&world),
        phone,
        code: Field { value: String::new(), error: said(&draft.faults, &texts, "code") },
        action: format!("/{lang}{path}"),
        resend: Some(format!("/{lang}{path}/again")),
        note: said(&draft.faults, &texts, "note"),
        error: said(&draft.faults, &texts, "form"),
        change_href: format!("/{lang}/book/{}", chosen.id()),
        outbox_href: world.demo.then(|| format!("/{lang}/demo/outbox")),
    })
}

pub(super) async fn again(
    State(world): State<World>,
    Path((lang, id)): Path<(String, String)>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    let (lang, chosen) = match begin(&world, &headers, &lang, &id).await {
        Ok(begun) => begun,
        Err(response) => return response,
    };
    let Some(draft) = draft_with_code(&world, &headers, &chosen) else { return form_of(lang, &chosen) };
    let Ok(phone) = Phone::parse(&draft.typed.phone, world.demo) else { return form_of(lang, &chosen) };
    let draft = match send_code(&world, &caller, &phone, lang).await {
        Ok(code) => Draft { code: Some(code), ..draft.wrong(vec![Fault::new("note", "booking-code-note-sent")]) },
        Err(AskCodeError::Db(fault)) => return failed(&world, lang, &fault),
        Err(refusal) => draft.wrong(vec![code_fault("note", &refusal)]),
    };
    draft.keep(&world, see_other(&format!("/{lang}/book/{}/code", chosen.id())))
}

#[derive(Deserialize)]
pub(super) struct CodeTyped {
    #[serde(default)]
    code: String,
    #[serde(default)]
    instead: String,
}

pub(super) async fn finish(
    State(world): State<World>,
    Path((lang, id)): Path<(String, String)>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Form(form): Form<CodeTyped>,
) -> Response {
    let (lang, chosen) = match begin(&world, &headers, &lang, &id).await {
        Ok(begun) => begun,
        // The page at the same address says what has become of the time.
        Err(response) if response.status() == StatusCode::CONFLICT => return see_other(&format!("/{lang}/book/{id}")),
        Err(response) => return response,
    };
    let Some(draft) = draft_with_code(&world, &headers, &chosen) else { return form_of(lang, &chosen) };
    let catalogue = world.catalogue();
    let Some(role) = catalogue.role(chosen.role()) else { return not_found(&world, lang) };
    let person = match person::read_person(&world, role, &draft.typed, false) {
        Ok(person) => person,
        Err(faults) => return draft.wrong(faults).keep(&world, form_of(lang, &chosen)),
    };
    let here = format!("/{lang}/book/{}/code", chosen.id());
    let typed: String = form.code.chars().filter(char::is_ascii_digit).take(12).collect();
    let instead = form.instead == "yes";
    if typed.is_empty() && !instead {
        return draft.wrong(vec![Fault::new("code", "booking-error-code-empty")]).keep(&world, see_other(&here));
    }
    let Some(code) = draft.code else { return form_of(lang, &chosen) };
    let applicant = Applicant {
        details: person.details,
        on_behalf: person.on_behalf,
        // A person who chose between two visits has shown the code already: the sealed draft remembers it.
        code: Some((code, if instead { draft.shown_code.clone() } else { typed.clone() })),
        consents: vec![ConsentRef { purpose: Purpose::P1, version: draft.version, sha256: draft.sha256.clone() }],
        lang,
        once: Some((request::page_key(chosen.id(), code), Vec::new())),
        caller,
    };
    let outcome = match &chosen {
        Chosen::Held(hold) => {
            let (service, hold_id) = (Some(hold.service.clone()), Some(hold.id));
            request::take(&world, BookRequest { role: hold.role, start: hold.start, service, hold: hold_id, instead, applicant }).await
        }
        Chosen::Wished { role, service, wishes, .. } => {
            request::ask(&world, VisitRequest { role: *role, service: Some(service.clone()), wishes: wishes.clone(), applicant }).await
        }
    };
    match outcome {
        Ok(booked) => arrived(&world, &headers, lang, chosen.id(), &booked),
        Err(error) => answer(&world, lang, &chosen, draft, typed, error),
    }
}

/// Where a refusal is told.
fn answer(world: &World, lang: Lang, chosen: &Chosen, draft: Draft, typed: String, error: RequestError) -> Response {
    let form = format!("/{lang}/book/{}", chosen.id());
    let code = format!("{form}/code");
    let gone = |why| match chosen {
        Chosen::Held(hold) => taken_path(lang, hold.role, Some(&hold.service), hold.start, why),
        Chosen::Wished { .. } => chosen.back_href(world, lang),
    };
    let to_code = |draft: Draft, fault: Fault| draft.wrong(vec![fault]).keep(world, see_other(&code));
    match error {
        RequestError::Book(BookError::Code(CodeError::Wrong(left))) => {
            to_code(draft, Fault::counted("code", "patients-problem-code-wrong", left))
        }
        RequestError::Book(BookError::Code(_)) => to_code(draft, Fault::new("code", "patients-problem-code-expired")),
        RequestError::Book(BookError::Time(TimeError::Taken)) => draft.keep(world, see_other(&gone(TakenWhy::Taken))),
        RequestError::Book(BookError::Time(TimeError::Past | TimeError::NotOffered)) => draft.keep(world, see_other(&gone(TakenWhy::Past))),
        // The doctor's page shows what can be chosen there now.
        RequestError::WhenInvalid => draft.keep(world, see_other(&format!("{}?refused=when#ask", gone(TakenWhy::Past)))),
        RequestError::LiveTimes => draft.keep(world, see_other(&gone(TakenWhy::Past))),
        RequestError::Book(BookError::PersonBusy(other)) => {
            let draft = Draft { shown_code: typed, clash: Some(other.id), ..draft };
            draft.keep(world, see_other(&format!("{form}/clash")))
        }
        RequestError::ConsentMissing | RequestError::ConsentOutdated => {
            draft.wrong(vec![Fault::new("consent", "booking-error-consent-changed")]).keep(world, see_other(&form))
        }
        error @ RequestError::Unavailable => refused(world, lang, chosen.id(), &error),
        error => {
            let (text, values) = error.text();
            let n = values.iter().find_map(|(_, value)| if let Value::Number(n) = value { Some(n.value as i64) } else { None });
            to_code(draft, Fault::counted("form", text, n.unwrap_or_default()))
        }
    }
}

/// The person has another visit at that time: which one stays is theirs to say.
pub(super) async fn clash(State(world): State<World>, Path((lang, id)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let (lang, chosen) = match begin(&world, &headers, &lang, &id).await {
        Ok(begun) => begun,
        Err(response) => return response,
    };
    let Some(draft) = draft_with_code(&world, &headers, &chosen) else { return form_of(lang, &chosen) };
    let Some(other) = draft.clash else { return form_of(lang, &chosen) };
    let other = match request::visit(&world, other).await {
        Ok(Some(other)) => other,
        Ok(None) => return form_of(lang, &chosen),
        Err(fault) => return failed(&world, lang, &fault),
    };
    let (Some(wanted), Some(existing)) = (chosen.summary(&world, lang), show::summary(&world, lang, &When::from(&other))) else {
        return not_found(&world, lang);
    };
    let path = format!("/book/{}", chosen.id());
    let view = Clash {
        page: private(&world, lang, format!("{path}/clash"), None),
        other: draft.typed.whom == "other",
        wanted,
        existing,
        keep_href: chosen.back_href(&world, lang),
        instead_action: format!("/{lang}{path}/code"),
    };
    html::status(StatusCode::CONFLICT, &view)
}
