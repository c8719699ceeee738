//! Name and phone, then the code, then the visit. What was typed lives in a sealed cookie, so that Back, a reload, another
//! language or an error lose nothing.

use access::Caller;
use axum::extract::{Extension, Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use db::Lang;
use patients::{AskCodeError, CodeError, CodeTerms, Details, PatientName, Phone, PhoneError, ask_code, prepare_code};
use privacy::{ConsentDocument, Purpose};
use serde::Deserialize;
use web::html;
use web::page::Field;
use web::prose;

use super::doctor::taken;
use super::show::{self, When};
use super::{failed, lang_of, no, not_found, private, see_other};
use crate::book::BookError;
use crate::cookies::{self, Draft};
use crate::hold::{Hold, HoldId, TimeError};
use crate::request::{self, BookRequest, Booked, ConsentRef, RequestError};
use crate::views::{BookForm, Clash, CodeForm, ConsentBlock, ConsentText, TakenWhy};
use crate::world::World;

/// What every screen begins with: the language and a hold that still lives, or the answer that says why not.
async fn begin(world: &World, headers: &HeaderMap, lang: &str, hold: &str) -> Result<(Lang, Hold), Response> {
    let lang = lang_of(lang).ok_or_else(|| not_found(world, Lang::Ru))?;
    let id: HoldId = hold.parse().map_err(|_| not_found(world, lang))?;
    match request::any_hold(world, id).await {
        Ok(Some(hold)) if hold.expires_at > world.clock().now() => Ok((lang, hold)),
        Ok(Some(hold)) => Err(taken(world, lang, hold.role, Some(&hold.service), hold.start, TakenWhy::Expired)),
        Ok(None) => Err(after_the_hold(world, headers, lang, id).await),
        Err(fault) => Err(failed(world, lang, &fault)),
    }
}

/// The hold is gone: Back, a second click, or a first one whose answer was lost, after the booking went through.
async fn after_the_hold(world: &World, headers: &HeaderMap, lang: Lang, id: HoldId) -> Response {
    let Some(draft) = Draft::read(world, headers, id) else {
        // Another tab has chosen another time since: this browser goes on with that one.
        return match Draft::last(world, headers).filter(|last| last.became.is_none()) {
            Some(last) => see_other(&format!("/{lang}/book/{}", last.hold)),
            None => not_found(world, lang),
        };
    };
    if let Some(visit) = draft.became {
        return see_other(&format!("/{lang}/visits/{visit}"));
    }
    let (Some(code), Ok(phone)) = (draft.code, Phone::parse(&draft.phone, world.demo)) else { return not_found(world, lang) };
    match request::became(world, id, code, &phone).await {
        Ok(Some(booked)) => arrived(world, headers, lang, id, &booked),
        Ok(None) => not_found(world, lang),
        Err(error) => no(world, lang, "/", &error),
    }
}

/// On to the visit, whose token the browser gets.
fn arrived(world: &World, headers: &HeaderMap, lang: Lang, hold: HoldId, booked: &Booked) -> Response {
    let response = see_other(&format!("/{lang}/visits/{}?new", booked.visit.id));
    let response = cookies::remember(world, headers, booked.visit.id, &booked.token, response);
    Draft::booked(world, hold, booked.visit.id, response)
}

fn minutes_left(world: &World, hold: &Hold) -> i64 {
    (hold.expires_at.micros() - world.clock().now().micros()).max(0) / clock::MINUTE
}

fn city_of(world: &World, hold: &Hold) -> Option<String> {
    let catalogue = world.catalogue();
    catalogue.role(hold.role).and_then(|role| catalogue.city_of(role)).map(|city| city.code.clone())
}

fn document(world: &World, lang: Lang) -> Option<ConsentDocument> {
    world.documents.get(Purpose::P1, lang).cloned()
}

/// What stands in the form.
#[derive(Default)]
struct Typed {
    name: Field,
    phone: Field,
    consent_error: Option<String>,
    error: Option<String>,
}

pub(super) async fn form(State(world): State<World>, Path((lang, hold)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let (lang, hold) = match begin(&world, &headers, &lang, &hold).await {
        Ok(begun) => begun,
        Err(response) => return response,
    };
    let typed = Draft::read(&world, &headers, hold.id)
        .map(|draft| Typed { name: Field::of(draft.name), phone: Field::of(draft.phone), ..Typed::default() })
        .unwrap_or_default();
    show_form(&world, lang, &hold, typed, StatusCode::OK)
}

fn show_form(world: &World, lang: Lang, hold: &Hold, typed: Typed, status: StatusCode) -> Response {
    let (Some(summary), Some(document)) = (show::summary(world, lang, &When::from(hold)), document(world, lang)) else {
        return not_found(world, lang);
    };
    let path = format!("/book/{}", hold.id);
    let catalogue = world.catalogue();
    let back_href = catalogue
        .role(hold.role)
        .map_or_else(|| format!("/{lang}/"), |role| format!("/{lang}{}", show::doctor_path(&catalogue, role, lang)));
    let view = BookForm {
        page: private(world, lang, path.clone(), city_of(world, hold).as_deref()),
        summary,
        minutes: minutes_left(world, hold),
        action: format!("/{lang}{path}"),
        back_href,
        name: typed.name,
        phone: typed.phone,
        sex: None,
        age: None,
        consent: ConsentBlock {
            short: vec![document.short.clone()],
            whole: prose::parse(&document.text),
            href: format!("/{lang}{path}/consent"),
            version: document.version.to_string(),
            sha256: document.sha256,
            error: typed.consent_error,
        },
        error: typed.error,
    };
    html::status(status, &view)
}

pub(super) async fn consent(State(world): State<World>, Path((lang, hold)): Path<(String, String)>) -> Response {
    let Some(lang) = lang_of(&lang) else { return not_found(&world, Lang::Ru) };
    // The text may be read when the hold has run out, too.
    let (Ok(id), Some(document)) = (hold.parse::<HoldId>(), document(&world, lang)) else { return not_found(&world, lang) };
    html::personal(&ConsentText {
        page: private(&world, lang, format!("/book/{id}/consent"), None),
        whole: prose::parse(&document.text).into_iter().filter(|block| block.level(0) != Some(1)).collect(),
        version: document.version.to_string(),
        sha256: document.sha256,
        back_href: format!("/{lang}/book/{id}"),
    })
}

#[derive(Deserialize)]
pub(super) struct PersonForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    consent: String,
    #[serde(default)]
    consent_version: String,
    #[serde(default)]
    consent_sha256: String,
}

pub(super) async fn submit(
    State(world): State<World>,
    Path((lang, hold)): Path<(String, String)>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Form(form): Form<PersonForm>,
) -> Response {
    let (lang, hold) = match begin(&world, &headers, &lang, &hold).await {
        Ok(begun) => begun,
        // The hold ran out while the form was filled: what was typed goes along to the next choice.
        Err(response) => {
            let typed = hold.parse().map(|id| Draft { name: form.name.clone(), phone: form.phone.clone(), ..Draft::begin(id) });
            return match typed {
                Ok(draft) if response.status() == StatusCode::CONFLICT => draft.keep(&world, response),
                _ => response,
            };
        }
    };
    let texts = world.texts.of(lang);
    let mut typed = Typed { name: Field::of(form.name.clone()), phone: Field::of(form.phone.clone()), ..Typed::default() };
    let name = PatientName::parse(&form.name);
    if name.is_none() {
        let text = if form.name.chars().count() > 100 { "booking-error-name-long" } else { "booking-error-name" };
        typed.name = typed.name.wrong(texts.s(text));
    }
    let phone = Phone::parse(&form.phone, world.demo);
    if let Err(error) = phone {
        typed.phone = typed.phone.wrong(texts.s(match error {
            PhoneError::Unreadable => "booking-error-phone",
            PhoneError::Landline => "patients-problem-landline",
        }));
    }
    let version = form.consent_version.parse().unwrap_or_default();
    if form.consent != "yes" {
        typed.consent_error = Some(texts.s("booking-error-consent"));
    } else if world.documents.agreed(Purpose::P1, version, &form.consent_sha256).is_none() {
        typed.consent_error = Some(texts.s("booking-error-consent-changed"));
    }
    let draft = Draft {
        hold: hold.id,
        name: form.name,
        phone: form.phone,
        version,
        sha256: form.consent_sha256,
        code: None,
        shown_code: String::new(),
        became: None,
    };
    let (Some(_), Ok(phone), None) = (&name, &phone, &typed.consent_error) else {
        return draft.keep(&world, show_form(&world, lang, &hold, typed, StatusCode::UNPROCESSABLE_ENTITY));
    };
    // Back and forth with the same number does not cost a second code while the first may be on its way.
    let before = Draft::read(&world, &headers, hold.id).filter(|before| Phone::parse(&before.phone, world.demo).as_ref() == Ok(phone));
    let alive = match before.and_then(|before| before.code) {
        Some(code) => request::code_alive(&world, code, phone).await.then_some(code),
        None => None,
    };
    let code = match alive {
        Some(code) => Ok(code),
        None => send_code(&world, &caller, phone, lang).await,
    };
    match code {
        Ok(code) => Draft { code: Some(code), ..draft }.keep(&world, see_other(&format!("/{lang}/book/{}/code", hold.id))),
        Err(AskCodeError::Db(fault)) => failed(&world, lang, &fault),
        Err(AskCodeError::TooSoon(seconds)) => {
            typed.phone = typed.phone.wrong(texts.one("patients-problem-code-soon", "n", seconds));
            draft.keep(&world, show_form(&world, lang, &hold, typed, StatusCode::TOO_MANY_REQUESTS))
        }
        Err(AskCodeError::PhoneLimit | AskCodeError::NetworkLimit) => {
            typed.phone = typed.phone.wrong(texts.s("patients-problem-code-limit"));
            draft.keep(&world, show_form(&world, lang, &hold, typed, StatusCode::TOO_MANY_REQUESTS))
        }
    }
}

async fn send_code(world: &World, caller: &Caller, phone: &Phone, lang: Lang) -> Result<patients::CodeId, AskCodeError> {
    let network = match caller {
        Caller::Public(network) => network.as_str(),
        Caller::Partner(_) => "partner",
    };
    let prepared = prepare_code(&world.keys, world.clock(), phone, network, lang);
    let terms = CodeTerms::from(&*world.profile);
    let issued = world
        .db
        .run("ask code", move |tx| {
            let prepared = prepared.clone();
            Box::pin(async move { ask_code(tx, terms, &prepared).await })
        })
        .await?;
    Ok(issued.id)
}

/// The draft with a code on its way; whoever has none goes back to the form.
fn draft_with_code(world: &World, headers: &HeaderMap, hold: &Hold) -> Option<Draft> {
    Draft::read(world, headers, hold.id).filter(|draft| draft.code.is_some())
}

fn back_to_form(lang: Lang, hold: &Hold) -> Response {
    see_other(&format!("/{lang}/book/{}", hold.id))
}

pub(super) async fn code_form(State(world): State<World>, Path((lang, hold)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let (lang, hold) = match begin(&world, &headers, &lang, &hold).await {
        Ok(begun) => begun,
        Err(response) => return response,
    };
    match draft_with_code(&world, &headers, &hold) {
        Some(draft) => show_code(&world, lang, &hold, &draft, Field::default(), None, StatusCode::OK),
        None => back_to_form(lang, &hold),
    }
}

fn show_code(world: &World, lang: Lang, hold: &Hold, draft: &Draft, code: Field, note: Option<String>, status: StatusCode) -> Response {
    let Some(summary) = show::summary(world, lang, &When::from(hold)) else { return not_found(world, lang) };
    let path = format!("/book/{}/code", hold.id);
    let phone = Phone::parse(&draft.phone, world.demo).map(|phone| web::page::Phone::new(phone.e164()).shown).unwrap_or_default();
    let view = CodeForm {
        page: private(world, lang, path.clone(), city_of(world, hold).as_deref()),
        summary,
        minutes: minutes_left(world, hold),
        phone,
        code,
        action: format!("/{lang}{path}"),
        resend: Some(format!("/{lang}{path}/again")),
        note,
        change_href: format!("/{lang}/book/{}", hold.id),
        outbox_href: world.demo.then(|| format!("/{lang}/demo/outbox")),
    };
    html::status(status, &view)
}

pub(super) async fn again(
    State(world): State<World>,
    Path((lang, hold)): Path<(String, String)>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Response {
    let (lang, hold) = match begin(&world, &headers, &lang, &hold).await {
        Ok(begun) => begun,
        Err(response) => return response,
    };
    let Some(draft) = draft_with_code(&world, &headers, &hold) else { return back_to_form(lang, &hold) };
    let Ok(phone) = Phone::parse(&draft.phone, world.demo) else { return back_to_form(lang, &hold) };
    let texts = world.texts.of(lang);
    match send_code(&world, &caller, &phone, lang).await {
        Ok(code) => {
            let draft = Draft { code: Some(code), ..draft };
            let note = Some(texts.s("booking-code-note-sent"));
            draft.keep(&world, show_code(&world, lang, &hold, &draft, Field::default(), note, StatusCode::OK))
        }
        Err(AskCodeError::TooSoon(seconds)) => {
            let note = Some(texts.one("patients-problem-code-soon", "n", seconds));
            show_code(&world, lang, &hold, &draft, Field::default(), note, StatusCode::TOO_MANY_REQUESTS)
        }
        Err(AskCodeError::PhoneLimit | AskCodeError::NetworkLimit) => show_code(
            &world,
            lang,
            &hold,
            &draft,
            Field::default(),
            Some(texts.s("patients-problem-code-limit")),
            StatusCode::TOO_MANY_REQUESTS,
        ),
        Err(AskCodeError::Db(fault)) => failed(&world, lang, &fault),
    }
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
    Path((lang, hold)): Path<(String, String)>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Form(form): Form<CodeTyped>,
) -> Response {
    let (lang, hold) = match begin(&world, &headers, &lang, &hold).await {
        Ok(begun) => begun,
        Err(response) => return response,
    };
    let Some(draft) = draft_with_code(&world, &headers, &hold) else { return back_to_form(lang, &hold) };
    let (Some(name), Ok(phone), Some(code)) = (PatientName::parse(&draft.name), Phone::parse(&draft.phone, world.demo), draft.code) else {
        return back_to_form(lang, &hold);
    };
    let texts = world.texts.of(lang);
    let typed: String = form.code.chars().filter(char::is_ascii_digit).collect();
    let instead = form.instead == "yes";
    if typed.is_empty() && !instead {
        let field = Field::default().wrong(texts.s("booking-error-code-empty"));
        return show_code(&world, lang, &hold, &draft, field, None, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let request = BookRequest {
        role: hold.role,
        start: hold.start,
        service: Some(hold.service.clone()),
        hold: Some(hold.id),
        details: Details { name, phone, email: None, sex: None, age: None },
        // A person who chose between two visits has shown the code already: the sealed draft remembers it.
        code: Some((code, if instead { draft.shown_code.clone() } else { typed.clone() })),
        consents: vec![ConsentRef { purpose: Purpose::P1, version: draft.version, sha256: draft.sha256.clone() }],
        lang,
        instead,
        once: Some((request::page_key(hold.id, code), Vec::new())),
        caller,
    };
    let wrong = |id: &str, n: i64| {
        let field = Field::default().wrong(texts.one(id, "n", n));
        show_code(&world, lang, &hold, &draft, field, None, StatusCode::UNPROCESSABLE_ENTITY)
    };
    match request::take(&world, request).await {
        Ok(booked) => arrived(&world, &headers, lang, hold.id, &booked),
        Err(RequestError::Book(BookError::Code(CodeError::Wrong(left)))) => wrong("patients-problem-code-wrong", left),
        Err(RequestError::Book(BookError::Code(_))) => wrong("patients-problem-code-expired", 0),
        Err(RequestError::Book(BookError::Time(TimeError::Taken))) => {
            taken(&world, lang, hold.role, Some(&hold.service), hold.start, TakenWhy::Taken)
        }
        Err(RequestError::Book(BookError::Time(TimeError::Past | TimeError::NotOffered))) => {
            taken(&world, lang, hold.role, Some(&hold.service), hold.start, TakenWhy::Past)
        }
        Err(RequestError::Book(BookError::PersonBusy(other))) => {
            let catalogue = world.catalogue();
            let (Some(wanted), Some(existing)) =
                (show::summary(&world, lang, &When::from(&hold)), show::summary(&world, lang, &When::from(&*other)))
            else {
                return not_found(&world, lang);
            };
            let keep_href = catalogue
                .role(hold.role)
                .map_or_else(|| format!("/{lang}/"), |role| format!("/{lang}{}", show::doctor_path(&catalogue, role, lang)));
            let path = format!("/book/{}/code", hold.id);
            let view = Clash {
                page: private(&world, lang, path.clone(), None),
                wanted,
                existing,
                keep_href,
                instead_action: format!("/{lang}{path}"),
            };
            let draft = Draft { shown_code: typed, ..draft };
            draft.keep(&world, html::status(StatusCode::CONFLICT, &view))
        }
        Err(RequestError::ConsentMissing | RequestError::ConsentOutdated) => {
            let typed = Typed {
                name: Field::of(draft.name.clone()),
                phone: Field::of(draft.phone.clone()),
                consent_error: Some(texts.s("booking-error-consent-changed")),
                error: None,
            };
            show_form(&world, lang, &hold, typed, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(error) => no(&world, lang, &format!("/book/{}", hold.id), &error).into_response(),
    }
}
