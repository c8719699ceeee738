//! The ledger of a month: how many visits took place at which clinic, under which tariff, and what they come to.

use access::Session;
use axum::extract::{Extension, Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use booking::{Month, SUMS_MAX, Sum, ledger_sums};
use db::{DbError, Lang};
use directory::catalogue::OrganizationId;
use serde::Deserialize;
use web::{dates, html, money};

use super::{Door, clinic_name, failed, lang_of, not_found, zone};
use crate::views::{Ledger, LedgerLine, LedgerTotal};

#[derive(Deserialize)]
pub(super) struct Asked {
    month: Option<String>,
}

impl Asked {
    /// The month that was asked for; without one, this month; `None` for what is none.
    fn month(&self, door: &Door, session: &Session) -> Option<Month> {
        match self.month.as_deref().filter(|text| !text.is_empty()) {
            Some(text) => Month::read(text),
            None => {
                let zone = zone(&door.world.catalogue(), session.staff.clinic);
                Some(Month::of(door.now().to_jiff().to_zoned(zone).date()))
            }
        }
    }
}

async fn sums(door: &Door, month: Month) -> Result<Vec<Sum>, DbError> {
    door.world.db.read("ledger", move |tx| Box::pin(ledger_sums(tx, month))).await
}

/// A clinic that is not in the directory any more is told by its id.
fn name(door: &Door, lang: Lang, clinic: OrganizationId) -> String {
    clinic_name(&door.world.catalogue(), lang, Some(clinic.bytes())).unwrap_or_else(|| clinic.to_string())
}

fn totals(sums: &[Sum]) -> Vec<LedgerTotal> {
    let mut currencies: Vec<&str> = sums.iter().map(|sum| sum.fees.currency.as_str()).collect();
    currencies.sort_unstable();
    currencies.dedup();
    let total = |currency: &str| {
        let of = || sums.iter().filter(|sum| sum.fees.currency == currency);
        LedgerTotal { visits: of().map(|sum| sum.visits).sum(), fees: money::price(of().map(|sum| sum.fees.minor).sum(), currency) }
    };
    currencies.into_iter().map(total).collect()
}

pub(super) async fn page(
    State(door): State<Door>,
    Path(lang): Path<String>,
    Query(asked): Query<Asked>,
    Extension(session): Extension<Session>,
) -> Response {
    let lang = lang_of(&lang);
    let Some(month) = asked.month(&door, &session) else { return not_found(&door, lang) };
    let sums = match sums(&door, month).await {
        Ok(sums) => sums,
        Err(fault) => return failed(&door, lang, &fault),
    };
    let texts = door.texts(lang);
    let mut lines: Vec<LedgerLine> = sums
        .iter()
        .map(|sum| LedgerLine {
            clinic: name(&door, lang, sum.clinic),
            tariff: texts.s(&format!("staff-tariff-{}", sum.tariff.code())),
            visits: sum.visits,
            fees: money::price(sum.fees.minor, &sum.fees.currency),
        })
        .collect();
    lines.sort_by(|one, other| (&one.clinic, &one.tariff).cmp(&(&other.clinic, &other.tariff)));
    let there = |month: Option<Month>| month.map(|month| format!("/{lang}/staff/ledger?month={month}")).unwrap_or_default();
    html::personal(&Ledger {
        page: door.page(lang, "/staff/ledger"),
        frame: door.frame(lang, "/staff/ledger", &session),
        month: month.to_string(),
        heading: dates::month(lang, month.first()),
        before: there(month.before()),
        after: there(month.after()),
        csv: format!("/{lang}/staff/ledger/csv?month={month}"),
        totals: totals(&sums),
        full: sums.len() >= SUMS_MAX,
        lines,
        days: door.world.profile.retention.ledger_days_after_visit,
    })
}

pub(super) async fn csv(
    State(door): State<Door>,
    Path(lang): Path<String>,
    Query(asked): Query<Asked>,
    Extension(session): Extension<Session>,
) -> Response {
    let lang = lang_of(&lang);
    let Some(month) = asked.month(&door, &session) else { return not_found(&door, lang) };
    match sums(&door, month).await {
        Ok(sums) => {
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"ledger-{month}.csv\"")),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ];
            (headers, booking::sums_csv(month, &sums, |clinic| name(&door, lang, clinic))).into_response()
        }
        Err(fault) => failed(&door, lang, &fault),
    }
}
