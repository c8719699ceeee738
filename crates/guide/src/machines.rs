//! What crawlers read first: `robots.txt`, the sitemap's index and its parts.

use std::fmt::Write as _;

use axum::body::Body;
use axum::extract::{Path, State as Held};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use db::Lang;
use jiff::tz::TimeZone;

use crate::pages::State;

/// Things of one part; each is three addresses. The protocol allows 50,000 addresses; fewer keep an answer near two megabytes.
pub(crate) const THINGS_MAX: usize = 5_000;

const HOUR: &str = "public, max-age=3600";

fn answer(kind: &'static str, body: impl Into<Body>) -> Response {
    let body: Body = body.into();
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, HOUR)], body).into_response()
}

/// Where the site is reached, as the sitemap must name it: what the settings say, else what the crawler asked.
fn base(state: &State, headers: &HeaderMap) -> String {
    if !state.world.public_url.is_empty() {
        return state.world.public_url.to_string();
    }
    format!("http://{}", headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost"))
}

/// Pages of one person and calls of programs are nothing for a search engine; everything else is open.
pub(crate) async fn robots(Held(state): Held<State>, headers: HeaderMap) -> Response {
    let mut out = String::from("User-agent: *\nDisallow: /api/\nDisallow: /clinic/\n");
    for lang in Lang::ALL {
        for path in ["book/", "visits/", "v/", "demo/"] {
            let _infallible = writeln!(out, "Disallow: /{lang}/{path}");
        }
    }
    let _infallible = write!(out, "\nSitemap: {}/sitemap.xml\n", base(&state, &headers));
    answer("text/plain; charset=utf-8", out)
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

/// `/sitemap.xml`: the parts, and since when they are as they are. Single pages bear no date: the directory keeps none for its rows, and
/// free times change by the minute.
pub(crate) async fn index(Held(state): Held<State>, headers: HeaderMap) -> Response {
    let (atlas, base) = (state.atlas(), base(&state, &headers));
    let since = atlas.made_at().rfc3339(&TimeZone::UTC);
    let mut out = format!("{HEAD}<sitemapindex xmlns=\"{NAMESPACE}\">\n");
    for number in 1..=atlas.things().len().div_ceil(THINGS_MAX) {
        let _infallible = writeln!(out, "<sitemap><loc>{base}/sitemap/{number}.xml</loc><lastmod>{since}</lastmod></sitemap>");
    }
    out.push_str("</sitemapindex>\n");
    answer("application/xml", out)
}

/// `/sitemap/{number}.xml`: every address of its things. They hold nothing that XML would have to escape: codes, ids and slugs.
pub(crate) async fn part(Held(state): Held<State>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let (atlas, base) = (state.atlas(), base(&state, &headers));
    let number = name.strip_suffix(".xml").and_then(|number| number.parse::<usize>().ok()).unwrap_or(0);
    let Some(things) = number.checked_sub(1).and_then(|before| atlas.things().chunks(THINGS_MAX).nth(before)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let write = || {
        let mut out = format!("{HEAD}<urlset xmlns=\"{NAMESPACE}\">\n");
        for thing in things {
            for lang in Lang::ALL {
                if let Some(path) = thing.path(atlas.catalogue(), lang) {
                    let _infallible = writeln!(out, "<url><loc>{base}/{lang}{path}</loc></url>");
                }
            }
        }
        out.push_str("</urlset>\n");
        out
    };
    // A crawler may name any host where the settings give none: what is kept is for the site's own address.
    let body = if state.world.public_url.is_empty() { write().into() } else { atlas.written(number, &base, write) };
    answer("application/xml", body)
}
