//! Whom the visit is for, name and phone. What was typed and what is wrong with it live in a sealed cookie, so that Back, a reload, another
//! language, another window or an error lose nothing: a form is sent, the answer leads to a page.

use access::Caller;
use axum::extract::{Extension, Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use db::Lang;
use patients::{AskCodeError, CodeTerms, Phone, ask_code};
use privacy::Purpose;
use web::html;
use web::prose;

use super::chosen::{Chosen, begin};
use super::person::{self, PersonForm, said, typed_field};
use super::{failed, lang_of, not_found, private, see_other};
use crate::cookies::{Draft, Fault};
use crate::hold::HoldId;
use crate::request;
use crate::views::{BookForm, ConsentBlock, ConsentText};
use crate::world::World;

pub(super) async fn form(State(world): State<World>, Path((lang, id)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let (lang, chosen) = match begin(&world, &headers, &lang, &id).await {
        Ok(begun) => begun,
        Err(response) => return response,
    };
    let draft = Draft::read(&world, &headers, chosen.id()).unwrap_or_else(|| Draft::begin(chosen.id()));
    match view(&world, lang, &chosen, &draft) {
        Some(view) => html::personal(&view),
        None => not_found(&world, lang),
    }
}

fn view(world: &World, lang: Lang, chosen: &Chosen, draft: &Draft) -> Option<BookForm> {
    let (summary, document) = (chosen.summary(world, lang)?, world.documents.get(Purpose::P1, lang)?.clone());
    let catalogue = world.catalogue();
    let role = catalogue.role(chosen.role())?;
    let (typed, faults) = (&person::typed_for_role(world, role, &draft.typed), &draft.faults);
    let (path, texts) = (format!("/book/{}", chosen.id()), world.texts.of(lang));
    Some(BookForm {
        page: private(world, lang, path.clone(), chosen.city(world).as_deref()).keeping("details"),
        summary,
        minutes: chosen.minutes(world),
        action: format!("/{lang}{path}"),
        back_href: chosen.back_href(world, lang),
        whom: person::whom_block(world, lang, role, typed, faults)?,
        name: typed_field(faults, &texts, "name", &typed.name),
        phone: typed_field(faults, &texts, "phone", &typed.phone),
        // A request has no time yet that a letter could tell.
        email: (world.letters && matches!(chosen, Chosen::Held(_))).then(|| typed_field(faults, &texts, "email", &typed.email)),
        age: person::age_field(world, lang, role, typed, faults),
        consent: ConsentBlock {
            short: vec![document.short.clone()],
            whole: prose::parse(&document.text),
            href: format!("/{lang}{path}/consent"),
            version: document.version.to_string(),
            sha256: document.sha256,
            error: said(faults, &texts, "consent"),
        },
        error: said(faults, &texts, "form"),
    })
}

pub(super) async fn consent(State(world): State<World>, Path((lang, id)): Path<(String, String)>) -> Response {
    let Some(lang) = lang_of(&lang) else { return not_found(&world, Lang::Ru) };
    // The text may be read when the hold has run out, too.
    let (Ok(id), Some(document)) = (id.parse::<HoldId>(), world.documents.get(Purpose::P1, lang).cloned()) else {
        return not_found(&world, lang);
    };
    html::personal(&ConsentText {
        page: private(&world, lang, format!("/book/{id}/consent"), None),
        whole: prose::parse(&document.text).into_iter().filter(|block| block.level(0) != Some(1)).collect(),
        version: document.version.to_string(),
        sha256: document.sha256,
        back_href: format!("/{lang}/book/{id}"),
    })
}

/// What is there no more keeps what was typed: in the draft of the same time, or of what was chosen in another window since.
fn keep_for_later(world: &World, headers: &HeaderMap, lang: &str, id: &str, form: &PersonForm, response: Response) -> Response {
    let Ok(id) = id.parse::<HoldId>() else { return response };
    if response.status() != StatusCode::CONFLICT {
        return response;
    }
    let draft = Draft::last(world, headers).filter(|last| last.became.is_none()).unwrap_or_else(|| Draft::begin(id));
    Draft { typed: form.typed(), faults: Vec::new(), ..draft }.keep(world, see_other(&format!("/{lang}/book/{id}")))
}

/// Another language is wanted while the form is being filled: what stands in it is kept, right or wrong.
pub(super) async fn keep(
    State(world): State<World>,
    Path((lang, id)): Path<(String, String)>,
    headers: HeaderMap,
    Form(form): Form<PersonForm>,
) -> Response {
    let (lang, chosen) = match begin(&world, &headers, &lang, &id).await {
        Ok(begun) => begun,
        Err(response) => return keep_for_later(&world, &headers, &lang, &id, &form, response),
    };
    let draft = Draft::read(&world, &headers, chosen.id()).unwrap_or_else(|| Draft::begin(chosen.id()));
    Draft { typed: form.typed(), ..draft }.keep(&world, see_other(&format!("/{lang}/book/{}", chosen.id())))
}

pub(super) async fn submit(
    State(world): State<World>,
    Path((lang, id)): Path<(String, String)>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Form(form): Form<PersonForm>,
) -> Response {
    let (lang, chosen) = match begin(&world, &headers, &lang, &id).await {
        Ok(begun) => begun,
        Err(response) => return keep_for_later(&world, &headers, &lang, &id, &form, response),
    };
    let here = format!("/{lang}/book/{}", chosen.id());
    let catalogue = world.catalogue();
    let Some(role) = catalogue.role(chosen.role()) else { return not_found(&world, lang) };
    let before = Draft::read(&world, &headers, chosen.id()).unwrap_or_else(|| Draft::begin(chosen.id()));
    let typed = form.typed();
    let (person, mut faults) = match person::read_person(&world, role, &typed, false) {
        Ok(person) => (Some(person), Vec::new()),
        Err(faults) => (None, faults),
    };
    faults.extend(form.consent_fault(&world));
    let draft = Draft {
        typed,
        faults: Vec::new(),
        version: form.consent_version.parse().unwrap_or_default(),
        sha256: form.consent_sha256.chars().take(64).collect(),
        code: None,
        shown_code: String::new(),
        clash: None,
        ..before.clone()
    };
    let (Some(person), true) = (person, faults.is_empty()) else {
        // A code that is on its way stays good for the same number.
        return Draft { code: before.code, ..draft.wrong(faults) }.keep(&world, see_other(&here));
    };
    let phone = &person.details.phone;
    // Back and forth with the same number does not cost a second code while the first may be on its way.
    let alive = match before.code {
        Some(code) => request::code_alive(&world, code, phone).await.then_some(code),
        None => None,
    };
    let code = match alive {
        Some(code) => Ok(code),
        None => send_code(&world, &caller, phone, lang).await,
    };
    match code {
        Ok(code) => Draft { code: Some(code), ..draft }.keep(&world, see_other(&format!("{here}/code"))),
        Err(AskCodeError::Db(fault)) => failed(&world, lang, &fault),
        Err(refusal) => draft.wrong(vec![code_fault("phone", &refusal)]).keep(&world, see_other(&here)),
    }
}

/// Why no code goes out, beside a field.
pub(super) fn code_fault(at: &str, refusal: &AskCodeError) -> Fault {
    match refusal {
        AskCodeError::TooSoon(seconds) => Fault::counted(at, "patients-problem-code-soon", *seconds),
        _ => Fault::new(at, "patients-problem-code-limit"),
    }
}

pub(super) async fn send_code(world: &World, caller: &Caller, phone: &Phone, lang: Lang) -> Result<patients::CodeId, AskCodeError> {
    let network = match caller {
        Caller::Public(network) => network.as_str(),
        Caller::Partner(_) | Caller::Agent(_) => "partner",
    };
    let terms = CodeTerms::from(&*world.profile);
    Ok(ask_code(&world.db, &world.keys, terms, phone, network, lang).await?.id)
}
