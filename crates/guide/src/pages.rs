//! The routes of the guide and what their handlers hold.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use booking::World;
use db::Lang;
use directory::catalogue::City;
use directory::paths;
use web::page::{Link, Page};
use web::problem::{self, Plain, Problem};

use crate::atlas::{Atlas, Kept};
use crate::{city, clinic, examination, machines};

/// Cities offered at most where a clinic is not there.
const CITIES_MAX: usize = 12;

/// The state of the guide's routes.
#[derive(Clone)]
pub struct State {
    /// Free time, texts, clock.
    pub world: World,
    /// The counted directory.
    pub kept: Kept,
}

impl State {
    /// With an atlas that the first request makes.
    pub fn new(world: World) -> State {
        State { world, kept: Kept::default() }
    }

    /// The atlas of the directory as it is now.
    pub fn atlas(&self) -> Arc<Atlas> {
        self.kept.atlas(self.world.catalogue(), self.world.clock().now())
    }
}

/// The routes. `{lang}` is `kk`, `ru` or `en`, `{city}` the code of a city where somebody receives; anything else is not found.
pub fn pages() -> Router<State> {
    Router::new()
        .route("/{lang}/{city}", get(city::page))
        .route("/{lang}/{city}/clinics", get(city::clinics))
        .route("/{lang}/{city}/examinations", get(city::examinations))
        .route("/{lang}/{city}/examinations/{service}", get(examination::page))
        .route("/{lang}/clinics/{clinic}", get(clinic::page))
        .route("/robots.txt", get(machines::robots))
        .route("/sitemap.xml", get(machines::index))
        .route("/sitemap/{part}", get(machines::part))
}

/// The page that says that there is nothing here, in the language of the address or else the reader's.
pub(crate) fn not_found(state: &State, lang: &str, headers: &HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let lang = lang.parse().unwrap_or_else(|_| web::lang::choose(accepted));
    problem::page(&Plain::NotFound, state.world.page(lang, "/", None), Vec::new())
}

/// A clinic that the directory does not have, or has no more: it keeps no list of those that closed.
struct ClinicAbsent;

impl Problem for ClinicAbsent {
    fn status(&self) -> StatusCode {
        StatusCode::NOT_FOUND
    }
    fn code(&self) -> &'static str {
        "clinic_unknown"
    }
    fn text(&self) -> (&'static str, Vec<(&'static str, web::texts::Value)>) {
        ("guide-absent", Vec::new())
    }
}

/// Whoever comes by an old link is led to the clinics of each city.
pub(crate) fn clinic_absent(state: &State, lang: Lang) -> Response {
    let (atlas, page) = (state.atlas(), state.world.page(lang, "/", None));
    let cities = atlas.catalogue().cities.iter().filter(|city| atlas.city(&city.code).is_some()).take(CITIES_MAX);
    let link = |city: &City| Link {
        text: page.one("guide-clinics-heading", "city", city.names.get(lang)),
        href: page.url(&paths::clinics(&city.code)),
    };
    let links = cities.map(link).collect();
    problem::page(&ClinicAbsent, page, links)
}

/// 301: the thing is at another address, and stays there.
pub(crate) fn moved(address: &str) -> Response {
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, address)]).into_response()
}

/// The first crumb: the home page.
pub(crate) fn home(page: &Page) -> Link {
    Link { text: page.s("guide-home"), href: page.url("/") }
}

/// Names in the order of the reader's alphabet, as near as code points come to it.
pub(crate) fn by_name<T>(list: &mut [T], name: impl Fn(&T) -> &str) {
    list.sort_by_cached_key(|entry| name(entry).trim_start_matches(['«', '"', '“']).to_lowercase());
}

/// Paragraphs of a text that people wrote.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// The languages in order, each through `path`.
pub(crate) fn in_all(path: impl Fn(Lang) -> String) -> [String; 3] {
    Lang::ALL.map(path)
}
