//! Who works here: added, ended, let in anew, granted a role for a while.

use access::{Act, By, GrantId, NewStaff, Reason, Role, Session, Staff, StaffId};
use axum::extract::rejection::FormRejection;
use axum::extract::{Extension, Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use clock::Timestamp;
use db::{DbError, Lang};
use directory::catalogue::{OrganizationId, PractitionerId};
use jiff::civil::Date;
use serde::Deserialize;
use web::html;
use web::page::{Choice, Field};

use super::{Door, clinic_name, failed, lang_of, moment, not_found, role_text, see_other, unreadable, zone};
use crate::problems;
use crate::views::{Colleague, ColleagueLine, Colleagues, GrantLine, NewColleague};

/// Clinics offered in the form at most.
const CLINICS_MAX: usize = 1_000;

/// What was typed about a new colleague.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Typed {
    login: String,
    name: String,
    role: String,
    #[serde(default)]
    clinic: String,
    #[serde(default)]
    practitioner: String,
    #[serde(default)]
    contract: String,
    #[serde(default)]
    until: String,
}

#[derive(Deserialize)]
pub(super) struct GrantTyped {
    role: String,
    reason: String,
    hours: String,
}

#[derive(Deserialize)]
pub(super) struct Which {
    id: String,
}

/// What the page says besides the list.
#[derive(Default)]
struct Shown {
    typed: Typed,
    error: Option<String>,
    /// A link that was just made, and for whom.
    link: Option<(String, String)>,
}

async fn show(door: &Door, lang: Lang, session: &Session, status: StatusCode, shown: Shown) -> Response {
    let all = match door.world.db.read("colleagues", |tx| Box::pin(access::list_staff(tx))).await {
        Ok(all) => all,
        Err(fault) => return failed(door, lang, &fault),
    };
    let (texts, catalogue, now) = (door.texts(lang), door.world.catalogue(), door.now());
    let lines = all
        .iter()
        .map(|one| ColleagueLine {
            href: format!("/{lang}/staff/colleagues/{}", one.id),
            name: one.name.clone(),
            login: one.login.clone(),
            role: role_text(&texts, one.role),
            clinic: clinic_name(&catalogue, lang, one.clinic),
            ended: !one.is_active(now),
        })
        .collect();
    let typed = shown.typed;
    let mut clinics: Vec<Choice> = catalogue
        .organizations
        .iter()
        .take(CLINICS_MAX)
        .map(|clinic| {
            let value = clinic.id.to_string();
            Choice { chosen: value == typed.clinic, value, text: clinic.names.get(lang).to_owned() }
        })
        .collect();
    clinics.sort_by(|one, two| one.text.cmp(&two.text));
    let roles = Role::ALL
        .into_iter()
        .map(|role| Choice { value: role.code().to_owned(), text: role_text(&texts, role), chosen: role.code() == typed.role })
        .collect();
    let view = Colleagues {
        page: door.page(lang, "/staff/colleagues"),
        frame: door.frame(lang, "/staff/colleagues", session),
        lines,
        new: (session.reach(Act::ChangeColleagues).is_some()).then(|| NewColleague {
            login: Field::of(typed.login),
            name: Field::of(typed.name),
            roles,
            clinics,
            practitioner: typed.practitioner,
            contract: typed.contract,
            until: typed.until,
        }),
        error: shown.error,
        link: shown.link,
        link_hours: door.world.profile.staff.enrolment_hours,
    };
    html::status(status, &view)
}

pub(super) async fn page(State(door): State<Door>, Path(lang): Path<String>, Extension(session): Extension<Session>) -> Response {
    show(&door, lang_of(&lang), &session, StatusCode::OK, Shown::default()).await
}

/// The doctor that an id, or the address of a doctor's page, names.
fn practitioner(door: &Door, typed: &str) -> Option<PractitionerId> {
    let last = typed.trim().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let id: PractitionerId = last.get(..36)?.parse().ok()?;
    door.world.catalogue().practitioner(id).map(|found| found.id)
}

fn welcome(door: &Door, lang: Lang, token: &str) -> String {
    format!("{}/{lang}/staff/welcome/{token}", door.url)
}

pub(super) async fn add(
    State(door): State<Door>,
    Path(lang): Path<String>,
    Extension(session): Extension<Session>,
    typed: Result<Form<Typed>, FormRejection>,
) -> Response {
    let lang = lang_of(&lang);
    let Ok(Form(typed)) = typed else { return unreadable(&door, lang) };
    let Some(role) = Role::from_code(&typed.role) else { return unreadable(&door, lang) };
    let catalogue = door.world.catalogue();
    let clinic: Option<OrganizationId> = typed.clinic.parse().ok().filter(|id| catalogue.organization(*id).is_some());
    // A day is over at its midnight where the first city is.
    let until: Option<Timestamp> = typed.until.parse::<Date>().ok().and_then(|day| {
        let next = day.tomorrow().ok()?.to_zoned(zone(&catalogue, None)).ok()?;
        Some(Timestamp::from(next.timestamp()))
    });
    let texts = door.texts(lang);
    if !typed.until.trim().is_empty() && until.is_none_or(|until| until <= door.now()) {
        let shown = Shown { error: Some(texts.s("staff-error-until")), typed, link: None };
        return show(&door, lang, &session, StatusCode::UNPROCESSABLE_ENTITY, shown).await;
    }
    let new = NewStaff {
        login: typed.login.clone(),
        name: typed.name.clone(),
        role,
        clinic: clinic.map(|id| id.bytes()),
        practitioner: practitioner(&door, &typed.practitioner).map(|id| id.bytes()),
        contract: typed.contract.clone(),
        until,
    };
    let (terms, by) = (door.world.profile.staff, session.by());
    let added = door.world.db.run("add staff", move |tx| {
        let new = new.clone();
        Box::pin(async move { access::add_staff(tx, &terms, &new, by).await })
    });
    match added.await {
        Ok((staff, token)) => {
            let shown = Shown { link: Some((staff.name, welcome(&door, lang, &token))), ..Shown::default() };
            show(&door, lang, &session, StatusCode::OK, shown).await
        }
        Err(error) => match problems::add(&texts, &error) {
            Some(said) => {
                let shown = Shown { typed, error: Some(said), link: None };
                show(&door, lang, &session, StatusCode::UNPROCESSABLE_ENTITY, shown).await
            }
            None => failed(&door, lang, &error),
        },
    }
}

async fn show_one(door: &Door, lang: Lang, session: &Session, id: &str, status: StatusCode, error: Option<String>) -> Response {
    let Ok(id) = id.parse::<StaffId>() else { return not_found(door, lang) };
    let read = door.world.db.read("colleague", move |tx| {
        Box::pin(async move { Ok::<_, DbError>((access::staff_by_id(tx, id).await?, access::grants_of(tx, id).await?)) })
    });
    let (staff, grants): (Staff, _) = match read.await {
        Ok((Some(staff), grants)) => (staff, grants),
        Ok((None, _)) => return not_found(door, lang),
        Err(fault) => return failed(door, lang, &fault),
    };
    let (texts, catalogue, now) = (door.texts(lang), door.world.catalogue(), door.now());
    let zone = zone(&catalogue, session.staff.clinic);
    let active = staff.is_active(now);
    let oneself = staff.id == session.staff.id;
    let view = Colleague {
        role: role_text(&texts, staff.role),
        clinic: clinic_name(&catalogue, lang, staff.clinic),
        since: moment(lang, &zone, staff.added_at, now),
        ended: staff.ended_at.map(|at| moment(lang, &zone, at, now)),
        until: staff.until.map(|at| moment(lang, &zone, at, now)),
        grants: grants
            .into_iter()
            .map(|grant| GrantLine {
                id: grant.id.to_string(),
                role: role_text(&texts, grant.role),
                reason: texts.s(&format!("staff-reason-{}", grant.reason.code())),
                until: moment(lang, &zone, grant.ends_at, now),
            })
            .collect(),
        can_change: active && !oneself && session.reach(Act::ChangeColleagues).is_some(),
        can_grant: active && !oneself && session.reach(Act::Grant).is_some(),
        roles: Role::ALL
            .into_iter()
            .filter(|role| *role != staff.role && *role != Role::Auditor)
            .map(|role| Choice { value: role.code().to_owned(), text: role_text(&texts, role), chosen: false })
            .collect(),
        reasons: Reason::ALL
            .into_iter()
            .map(|reason| Choice {
                value: reason.code().to_owned(),
                text: texts.s(&format!("staff-reason-{}", reason.code())),
                chosen: false,
            })
            .collect(),
        hours_max: door.world.profile.staff.grant_hours_max,
        path: format!("/{lang}/staff/colleagues/{id}"),
        back_href: format!("/{lang}/staff/colleagues"),
        name: staff.name,
        login: staff.login,
        contract: staff.contract,
        page: door.page(lang, &format!("/staff/colleagues/{id}")),
        frame: door.frame(lang, &format!("/staff/colleagues/{id}"), session),
        error,
    };
    html::status(status, &view)
}

pub(super) async fn one(
    State(door): State<Door>,
    Path((lang, id)): Path<(String, String)>,
    Extension(session): Extension<Session>,
) -> Response {
    show_one(&door, lang_of(&lang), &session, &id, StatusCode::OK, None).await
}

/// Whom an address names, if it is not the one who asks: nobody changes their own access.
async fn somebody_else(door: &Door, lang: Lang, session: &Session, id: &str) -> Result<StaffId, Response> {
    let Ok(id) = id.parse::<StaffId>() else { return Err(not_found(door, lang)) };
    if id != session.staff.id {
        return Ok(id);
    }
    let said = door.texts(lang).s("staff-error-oneself");
    Err(show_one(door, lang, session, &id.to_string(), StatusCode::UNPROCESSABLE_ENTITY, Some(said)).await)
}

pub(super) async fn end(
    State(door): State<Door>,
    Path((lang, id)): Path<(String, String)>,
    Extension(session): Extension<Session>,
) -> Response {
    let lang = lang_of(&lang);
    let id = match somebody_else(&door, lang, &session, &id).await {
        Ok(id) => id,
        Err(response) => return response,
    };
    let by = session.by();
    match door.world.db.run("end staff", move |tx| Box::pin(access::end_staff(tx, id, by))).await {
        Ok(_) => see_other(&format!("/{lang}/staff/colleagues/{id}")),
        Err(fault) => failed(&door, lang, &fault),
    }
}

pub(super) async fn anew(
    State(door): State<Door>,
    Path((lang, id)): Path<(String, String)>,
    Extension(session): Extension<Session>,
) -> Response {
    let lang = lang_of(&lang);
    let id = match somebody_else(&door, lang, &session, &id).await {
        Ok(id) => id,
        Err(response) => return response,
    };
    let (terms, by): (_, By) = (door.world.profile.staff, session.by());
    let made = door.world.db.run("start over", move |tx| {
        Box::pin(async move {
            let token = access::start_over(tx, &terms, id, by).await?;
            Ok::<_, DbError>(access::staff_by_id(tx, id).await?.zip(token))
        })
    });
    match made.await {
        Ok(Some((staff, token))) => {
            let shown = Shown { link: Some((staff.name, welcome(&door, lang, &token))), ..Shown::default() };
            show(&door, lang, &session, StatusCode::OK, shown).await
        }
        Ok(None) => see_other(&format!("/{lang}/staff/colleagues/{id}")),
        Err(fault) => failed(&door, lang, &fault),
    }
}

pub(super) async fn grant(
    State(door): State<Door>,
    Path((lang, id)): Path<(String, String)>,
    Extension(session): Extension<Session>,
    typed: Result<Form<GrantTyped>, FormRejection>,
) -> Response {
    let lang = lang_of(&lang);
    let Ok(Form(typed)) = typed else { return unreadable(&door, lang) };
    let (Ok(to), Some(role), Some(reason)) = (id.parse::<StaffId>(), Role::from_code(&typed.role), Reason::from_code(&typed.reason)) else {
        return unreadable(&door, lang);
    };
    // What is no number is no number of hours that may be.
    let hours = typed.hours.trim().parse::<i64>().unwrap_or(0);
    let (terms, by) = (door.world.profile.staff, session.staff.id);
    let granted =
        door.world.db.run("grant", move |tx| Box::pin(async move { access::grant(tx, &terms, to, role, reason, hours, by).await }));
    match granted.await {
        Ok(_) => see_other(&format!("/{lang}/staff/colleagues/{to}")),
        Err(error) => match problems::grant(&door.texts(lang), &error) {
            Some(said) => show_one(&door, lang, &session, &id, StatusCode::UNPROCESSABLE_ENTITY, Some(said)).await,
            None => failed(&door, lang, &format!("{error:?}")),
        },
    }
}

pub(super) async fn end_grant(
    State(door): State<Door>,
    Path((lang, id)): Path<(String, String)>,
    Extension(session): Extension<Session>,
    which: Result<Form<Which>, FormRejection>,
) -> Response {
    let lang = lang_of(&lang);
    let Some(grant) = which.ok().and_then(|Form(which)| which.id.parse::<GrantId>().ok()) else { return unreadable(&door, lang) };
    let Ok(of) = id.parse::<StaffId>() else { return not_found(&door, lang) };
    let by = session.staff.id;
    match door.world.db.run("end grant", move |tx| Box::pin(access::end_grant(tx, grant, by))).await {
        Ok(_) => see_other(&format!("/{lang}/staff/colleagues/{of}")),
        Err(fault) => failed(&door, lang, &fault),
    }
}
