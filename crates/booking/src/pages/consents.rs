//! What somebody agreed to, word for word, whatever is in force now, and taking it back: a page that says what follows, and one button.

use axum::extract::{Form, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use clock::{DAY, Timestamp};
use db::Lang;
use privacy::Purpose;
use privacy::consent::{self, Method, TextKind, Turn};
use serde::Deserialize;
use web::html;
use web::prose::{self, Block};

use super::show::{self, When};
use super::visit::{city_of, clinic_told, own, state};
use super::{failed, lang_of, no, not_found, private, reader, see_other};
use crate::appointment::Appointment;
use crate::request::{self, Standing};
use crate::views::{AgreedLine, PublishedPage, VisitWithdraw};
use crate::withdraw::WithdrawError;
use crate::world::World;

/// A text by its hash. Its address names the text and nobody.
pub(super) async fn text(State(world): State<World>, Path((lang, sha256)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let Some(lang) = lang_of(&lang).filter(|_| consent::is_sha256(&sha256)) else { return not_found(&world, reader(&headers)) };
    let wanted = sha256.clone();
    let published = world.db.read("published text", move |tx| {
        let sha256 = wanted.clone();
        Box::pin(async move { consent::published(tx, &sha256).await })
    });
    let text = match published.await {
        Ok(Some(text)) => text,
        Ok(None) => return not_found(&world, lang),
        Err(fault) => return failed(&world, lang, &fault),
    };
    let blocks = prose::parse(&text.text);
    let texts = world.texts.of(lang);
    let title = blocks.iter().find(|block| block.level(0) == Some(1)).map_or_else(
        || texts.s(if text.kind == TextKind::Script { "booking-consent-script" } else { "booking-consent-declaration" }),
        |heading| heading.text().to_owned(),
    );
    let in_force = match text.kind {
        TextKind::Consent => world.documents.agreed(text.purpose, text.version, &sha256).is_some(),
        TextKind::Declaration => world.documents.declared(text.version, &sha256).is_some(),
        TextKind::Script => world.documents.script(text.purpose, text.lang).is_some_and(|script| script.sha256() == sha256),
    };
    html::personal(&PublishedPage {
        page: private(&world, lang, format!("/consents/{sha256}"), None),
        title,
        whole: blocks.into_iter().filter(|block: &Block| block.level(0) != Some(1)).collect(),
        of: text.lang,
        version: text.version.to_string(),
        sha256,
        in_force,
    })
}

/// What the person agreed to and declared for this visit, as its page says it.
pub(super) fn lines(world: &World, lang: Lang, visit: &Appointment, standing: &Standing) -> Vec<AgreedLine> {
    let texts = world.texts.of(lang);
    let day = |days: i64| web::dates::date(lang, Timestamp(days * DAY).to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date());
    let given = standing.events.iter().filter(|event| event.turn == Turn::Given);
    given
        .map(|event| {
            let back = standing
                .events
                .iter()
                .find(|back| back.turn == Turn::Withdrawn && (back.kind, back.purpose) == (event.kind, event.purpose));
            let how = match (event.kind, event.method) {
                (TextKind::Declaration, _) => "booking-agreed-declared",
                (_, Method::Web) => "booking-agreed-web",
                (_, Method::Partner) => "booking-agreed-partner",
                (_, Method::Voice) => "booking-agreed-voice",
                (_, Method::Paper) => "booking-agreed-paper",
            };
            let text = standing.texts.get(&event.sha256);
            let takes_back = event.kind == TextKind::Consent && event.purpose == Purpose::P1 && back.is_none();
            AgreedLine {
                short: text.and_then(|text| text.short()).map(str::to_owned),
                lang: event.lang.clone(),
                given: texts.one(how, "day", day(event.day)),
                withdrawn: back.map(|back| texts.one("booking-agreed-withdrawn", "day", day(back.day))),
                text_href: text.map(|text| format!("/{lang}/consents/{}", text.sha256)),
                withdraw_href: takes_back.then(|| format!("/{lang}/visits/{}/withdraw", visit.id)),
            }
        })
        .collect()
}

/// Whether the booking consent of this visit stands.
fn stands(standing: &Standing) -> bool {
    let of =
        |turn| standing.events.iter().any(|event| event.kind == TextKind::Consent && event.purpose == Purpose::P1 && event.turn == turn);
    of(Turn::Given) && !of(Turn::Withdrawn)
}

pub(super) async fn withdraw_form(State(world): State<World>, Path((lang, id)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let (lang, visit) = match own(&world, &headers, &lang, &id).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    let back_href = format!("/{lang}/visits/{}", visit.id);
    match request::standing(&world, visit.id).await {
        Ok(standing) if stands(&standing) => {}
        // Taken back already: the visit's page says since when.
        Ok(_) => return see_other(&back_href),
        Err(fault) => return failed(&world, lang, &fault),
    }
    let Some(summary) = show::summary(&world, lang, &When::from(&visit)) else { return not_found(&world, lang) };
    let path = format!("/visits/{}/withdraw", visit.id);
    html::personal(&VisitWithdraw {
        page: private(&world, lang, path.clone(), city_of(&world, &visit).as_deref()),
        summary,
        state: state(&world, &visit, None),
        clinic_told: clinic_told(&world, &visit),
        purpose: Purpose::P1.code(),
        data_days: world.profile.retention.data_days_after_withdrawal,
        proof_days: world.profile.retention.consent_proof_days_after_end,
        action: format!("/{lang}{path}"),
        back_href,
    })
}

#[derive(Deserialize)]
pub(super) struct PurposeForm {
    purpose: String,
}

pub(super) async fn withdraw(
    State(world): State<World>,
    Path((lang, id)): Path<(String, String)>,
    headers: HeaderMap,
    Form(form): Form<PurposeForm>,
) -> Response {
    let (lang, visit) = match own(&world, &headers, &lang, &id).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    let here = format!("/{lang}/visits/{}", visit.id);
    // No purpose of ours: the page is shown again.
    let Some(purpose) = Purpose::from_code(&form.purpose) else { return see_other(&format!("{here}/withdraw")) };
    match request::withdraw(&world, visit.id, purpose).await {
        Ok(_) => see_other(&here),
        Err(WithdrawError::Db(fault)) => failed(&world, lang, &fault),
        Err(error) => no(&world, lang, "/", &error),
    }
}
