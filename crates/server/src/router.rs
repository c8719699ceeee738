//! The router: one page of nouns, and what stands around every request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use access::Caller;
use axum::Router;

use axum::extract::{ConnectInfo, MatchedPath, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use db::Lang;
use db::jobs;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use serde_json::json;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;
use web::problem::{self, Plain, Problem};
use web::views::{Outbox as OutboxView, OutboxItem};
use web::{dates, headers, html};

use crate::app::App;

/// Bodies larger than this are refused.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// A request may take this long.
pub const REQUEST_SECONDS_MAX: u64 = 30;

/// Which pages a listener serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plane {
    /// All.
    Both,
    /// Everybody's; those of staff are not there.
    Public,
    /// Those of staff alone (clause 7.4.8: administration apart from the public).
    Staff,
}

/// Every route of the program.
///
/// # Errors
/// A public address that is none.
pub fn router(app: App) -> Result<Router, String> {
    plane(app, Plane::Both)
}

/// The routes of one listener.
///
/// # Errors
/// A public address that is none.
pub fn plane(app: App, plane: Plane) -> Result<Router, String> {
    let door = staff::Door::new(app.world.clone(), &app.staff_url);
    let search = search::State::new(app.world.clone(), app.search.clone());
    let staff = staff::pages(&door).merge(desk::pages(&door, &app.desk, &search));
    match plane {
        Plane::Both => around(app.clone(), Some(everybodys(&app)), Some(staff)),
        Plane::Public => around(app.clone(), Some(everybodys(&app)), None),
        Plane::Staff => around(app, None, Some(staff)),
    }
}

/// Pages and programs' addresses that everybody reaches.
fn everybodys(app: &App) -> (Router, Router) {
    let world = app.world.clone();
    let search = search::State::new(world.clone(), app.search.clone());
    let api = booking::api().with_state(world.clone()).merge(search::api().with_state(search.clone()));
    let pages = search::pages()
        .with_state(search)
        .merge(guide::pages().with_state(guide::State::new(world.clone())))
        .merge(booking::pages().with_state(world.clone()))
        .merge(Router::new().route("/{lang}/policy", get(policy)).with_state(app.clone()));
    let demo = Router::new().route("/demo/outbox", get(outbox_json)).route("/{lang}/demo/outbox", get(outbox_page)).with_state(app.clone());
    let pages = if world.demo { pages.merge(demo) } else { pages };
    let programs = Router::new()
        .nest("/api/v1", api.layer(middleware::from_fn_with_state(app.clone(), json_only)))
        // Else the pages of three parts would answer for a call that does not exist.
        .route("/api", any(nothing_here))
        .route("/api/", any(nothing_here))
        .route("/api/{*rest}", any(nothing_here))
        .route("/api/openapi.json", get(openapi))
        .merge(partners::fhir::routes().with_state(world));
    (pages, programs)
}

/// What stands around every request, and what every listener answers.
fn around(app: App, everybodys: Option<(Router, Router)>, staff: Option<Router>) -> Result<Router, String> {
    let own = Router::new()
        .route("/healthz", get(|| async { "alive" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/assets/{name}", get(web::assets::get))
        .route("/assets/portraits/{name}", get(web::portrait::get))
        .route("/favicon.ico", get(|| async { Redirect::permanent(&web::assets::url("icon.svg")) }))
        .with_state(app.clone());
    let world = app.world.clone();
    // Forms of staff come from where staff come in.
    let of_staff_alone = everybodys.is_none();
    let url = if of_staff_alone { app.staff_url.to_string() } else { world.public_url.to_string() };
    let csrf = headers::csrf((!url.is_empty()).then_some(url.as_str())).map_err(|error| format!("public_url: {error}"))?;
    let (pages, programs) = everybodys.unwrap_or_default();
    let pages = match (staff, world.demo) {
        (Some(staff), true) => pages.merge(staff).merge(Router::new().route("/{lang}/demo/staff", get(demo_staff)).with_state(app.clone())),
        (Some(staff), false) => pages.merge(staff),
        (None, _) => pages,
    };
    let secure = url.starts_with("https://");
    let router = Router::new()
        .merge(pages.layer(csrf))
        .merge(programs)
        .merge(own)
        .fallback(nothing_here)
        .layer(middleware::from_fn_with_state(app.clone(), caller))
        // A defect answers 500 like any other failure; `mend` gives it our form.
        .layer(CatchPanicLayer::custom(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()))
        .layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(REQUEST_SECONDS_MAX)))
        // Around limit and timeout, whose own answers are plain text.
        .layer(middleware::from_fn_with_state(app.clone(), mend))
        // No secret of a reader stands in a page beside what others can put there, so lengths tell nothing worth having.
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn(headers::guard))
        .layer(middleware::from_fn_with_state(app, count));
    Ok(if secure { router.layer(middleware::map_response(strict_transport)) } else { router })
}

async fn nothing_here() -> StatusCode {
    StatusCode::NOT_FOUND
}

fn lang_of_path(path: &str) -> Option<Lang> {
    path.split('/').nth(1).and_then(|code| code.parse().ok())
}

fn reader(uri: &Uri, headers: &HeaderMap) -> Lang {
    lang_of_path(uri.path()).unwrap_or_else(|| web::lang::of_program(uri.query(), headers))
}

/// Answers a program with `problem+json` and a person with a page.
fn refuse(app: &App, uri: &Uri, headers: &HeaderMap, problem: &dyn Problem) -> Response {
    let (lang, path) = (reader(uri, headers), uri.path());
    if path == "/api" || path.starts_with("/api/") {
        problem::json(problem, &app.world.texts.of(lang))
    } else if path.starts_with("/fhir") {
        partners::fhir::refuse(problem, &app.world.texts.of(lang))
    } else {
        problem::page(problem, app.world.page(lang, "/", None), Vec::new())
    }
}

/// Finds out who calls: a partner by key, else the public from a network, whose requests are counted.
async fn caller(State(app): State<App>, ConnectInfo(peer): ConnectInfo<SocketAddr>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let bearer =
        request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
    let network = network(&app, peer, request.headers());
    // Assets are cached by browsers, and probes must always be answered.
    let free = path.starts_with("/assets/") || matches!(path.as_str(), "/healthz" | "/readyz" | "/metrics" | "/favicon.ico");
    let counted = || if free { Ok(()) } else { app.world.limits.request(&network) };
    let caller = match bearer.filter(|token| token.starts_with("rcm_")) {
        Some(key) => match app.partner_keys.find(&app.world.db, key.trim()).await {
            Ok(Some(partner)) => Caller::Partner(partner),
            // Whoever tries keys is counted like anybody else.
            Ok(None) => match counted() {
                Ok(()) => return refuse(&app, request.uri(), request.headers(), &KeyUnknown),
                Err(seconds) => return refuse(&app, request.uri(), request.headers(), &Plain::TooMany(seconds)),
            },
            Err(fault) => {
                tracing::error!(%fault, "a partner's key could not be looked up");
                return refuse(&app, request.uri(), request.headers(), &Plain::Unavailable);
            }
        },
        None => match counted() {
            Ok(()) => Caller::Public(network),
            Err(seconds) => return refuse(&app, request.uri(), request.headers(), &Plain::TooMany(seconds)),
        },
    };
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// From which network a request comes. A proxy may append a header line of its own, so all lines are read as one list.
fn network(app: &App, peer: SocketAddr, headers: &HeaderMap) -> access::Network {
    let lines: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    app.trusted_proxies.network(peer.ip(), Some(lines.join(",").as_str()))
}

/// A key that begins as ours do and is none of ours.
struct KeyUnknown;

impl Problem for KeyUnknown {
    fn status(&self) -> StatusCode {
        StatusCode::UNAUTHORIZED
    }
    fn code(&self) -> &'static str {
        "key_unknown"
    }
    fn text(&self) -> (&'static str, Vec<(&'static str, web::texts::Value)>) {
        ("web-error-key", Vec::new())
    }
}

/// Answers that a library made (a form that cannot be read, a method that is not there, a body too large, a timeout) in our form and
/// in the reader's language.
async fn mend(State(app): State<App>, request: Request, next: Next) -> Response {
    let (uri, headers) = (request.uri().clone(), request.headers().clone());
    let response = next.run(request).await;
    let status = response.status();
    let ours = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain"));
    if ours || !(status.is_client_error() || status.is_server_error()) || uri.path() == "/readyz" {
        return response;
    }
    let problem = match status {
        StatusCode::NOT_FOUND => Plain::NotFound,
        StatusCode::FORBIDDEN => Plain::Forbidden,
        StatusCode::METHOD_NOT_ALLOWED => Plain::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Plain::TooLarge,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::REQUEST_TIMEOUT => Plain::Unavailable,
        status if status.is_server_error() => Plain::Internal,
        _ => Plain::BadRequest,
    };
    let mut mended = refuse(&app, &uri, &headers, &problem);
    if let Some(allowed) = response.headers().get(header::ALLOW) {
        mended.headers_mut().insert(header::ALLOW, allowed.clone());
    }
    mended
}

/// The API reads `application/json` and nothing else: a form of another site cannot send that without being asked about it first.
async fn json_only(State(app): State<App>, request: Request, next: Next) -> Response {
    let carries = matches!(*request.method(), Method::POST | Method::PATCH);
    let json = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")));
    if carries && !json {
        let lang = web::lang::of_program(request.uri().query(), request.headers());
        return problem::json(&NotJson, &app.world.texts.of(lang));
    }
    next.run(request).await
}

/// A body of another type than JSON.
struct NotJson;

impl Problem for NotJson {
    fn status(&self) -> StatusCode {
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    }
    fn code(&self) -> &'static str {
        "not_json"
    }
    fn text(&self) -> (&'static str, Vec<(&'static str, web::texts::Value)>) {
        ("web-error-not-json", Vec::new())
    }
}

/// Tells browsers to keep to https once they came by it.
async fn strict_transport(mut response: Response) -> Response {
    response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    response
}

/// Counts by route template, never by path.
async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let began = app.world.clock().now();
    let response = next.run(request).await;
    let took = app.world.clock().now().micros().saturating_sub(began.micros());
    app.metrics.answered(&route, response.status().as_u16(), Duration::from_micros(u64::try_from(took).unwrap_or(0)));
    response
}

async fn policy(State(app): State<App>, Path(lang): Path<String>) -> Response {
    let Ok(lang) = lang.parse::<Lang>() else { return StatusCode::NOT_FOUND.into_response() };
    match app.policies.view(app.world.page(lang, "/policy", None)) {
        Some(view) => html::public(&view),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Ready: both databases answer.
async fn ready(State(app): State<App>) -> Response {
    let database = app.world.db.read("ready", |tx| Box::pin(async move { jobs::counts(tx).await.map(drop) })).await;
    let keys = app.world.keys.ready().await;
    match (database, keys) {
        (Ok(()), Ok(())) => "ready".into_response(),
        (Err(fault), _) => {
            tracing::warn!(%fault, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer").into_response()
        }
        (_, Err(fault)) => {
            tracing::warn!(%fault, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the key store does not answer").into_response()
        }
    }
}

async fn metrics(State(app): State<App>) -> Response {
    let counts = app
        .world
        .db
        .read("metrics", |tx| {
            Box::pin(async move {
                let (appointments, jobs) = (booking::counts(tx).await?, jobs::counts(tx).await?);
                let (to_call, control) = (booking::count_to_call(tx).await?, rights::control::newest(tx).await?);
                let tasks = desk::counts(tx).await?;
                Ok::<_, db::DbError>((appointments, jobs, to_call, privacy::audit::waiting(tx).await?, control, tasks))
            })
        })
        .await;
    if let Ok((appointments, jobs, to_call, unsealed, control, tasks)) = counts {
        app.metrics.set_tasks(tasks);
        if let Some(newest) = control {
            app.metrics.set_control(&newest);
        }
        app.metrics.set_counts(&appointments, jobs, to_call, unsealed);
    }
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], app.metrics.text()).into_response()
}

async fn openapi() -> Response {
    axum::Json(crate::openapi::document()).into_response()
}

/// Only for whoever sits at the machine: not through a proxy, not from outside.
fn from_this_machine(peer: SocketAddr, headers: &HeaderMap) -> bool {
    const OF_PROXIES: [&str; 6] = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];
    // A page of another site could give its own name this machine's address; its requests then carry that name.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit())).map_or(host, |(name, _)| name);
    let near = name == "localhost" || name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    near && peer.ip().to_canonical().is_loopback() && !OF_PROXIES.iter().any(|name| headers.contains_key(*name))
}

async fn outbox_json(State(app): State<App>, ConnectInfo(peer): ConnectInfo<SocketAddr>, headers: HeaderMap) -> Response {
    if !from_this_machine(peer, &headers) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match app.outbox.newest().await {
        Ok(kept) => {
            let items: Vec<_> = kept
                .iter()
                .map(|message| {
                    let mut item = json!({"phone": message.phone.expose(), "text": message.text.expose()});
                    if let Some(letter) = &message.letter {
                        item["email"] = json!(letter.email.expose());
                        item["subject"] = json!(letter.subject.expose());
                        item["calendar"] = json!(letter.calendar.expose());
                    }
                    item
                })
                .collect();
            axum::Json(json!({ "items": items })).into_response()
        }
        Err(fault) => {
            tracing::error!(%fault, "the outbox could not be opened");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn outbox_page(
    State(app): State<App>,
    Path(lang): Path<String>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    let Some(lang) = lang.parse::<Lang>().ok().filter(|_| from_this_machine(peer, &headers)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kept = match app.outbox.newest().await {
        Ok(kept) => kept,
        Err(fault) => {
            tracing::error!(%fault, "the outbox could not be opened");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let catalogue = app.world.catalogue();
    let zone = catalogue.cities.first().and_then(|city| jiff::tz::TimeZone::get(&city.zone).ok()).unwrap_or(jiff::tz::TimeZone::UTC);
    let now = app.world.clock().now().to_jiff().to_zoned(zone.clone());
    let items = kept
        .iter()
        .map(|message| {
            let text = message.text.expose().clone();
            let link = text
                .split_whitespace()
                .find(|word| word.starts_with("http"))
                .and_then(|url| url.strip_prefix(&*app.world.public_url))
                .map(str::to_owned);
            OutboxItem {
                at: dates::say(lang, &message.at.to_jiff().to_zoned(zone.clone()), &now),
                to: match &message.letter {
                    Some(letter) => letter.email.expose().clone(),
                    None => web::page::Phone::new(message.phone.expose()).shown,
                },
                subject: message.letter.as_ref().map(|letter| letter.subject.expose().clone()),
                text,
                link,
            }
        })
        .collect();
    html::personal(&OutboxView { page: app.world.page(lang, "/demo/outbox", None).private(), items })
}

/// The demo's sign-ins with their codes, for whoever sits at the machine.
async fn demo_staff(
    State(app): State<App>,
    Path(lang): Path<String>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    let Some(lang) = lang.parse::<Lang>().ok().filter(|_| from_this_machine(peer, &headers)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let texts = app.world.texts.of(lang);
    let lines = crate::demo::sign_ins(&app.world.keys, app.world.clock().now())
        .into_iter()
        .map(|one| staff::views::DemoSignIn {
            role: texts.s(&format!("staff-role-{}", one.role.code())),
            login: one.login.to_owned(),
            password: one.password,
            code: one.code,
        })
        .collect();
    html::personal(&staff::views::Demo { page: app.world.page(lang, "/demo/staff", None).private(), lines })
}

/// Connections open at one time; more wait in the system's queue.
const CONNECTIONS_MAX: usize = 4_096;
/// A request's head must arrive within this time, and so must the next one on an idle connection.
const HEAD_SECONDS_MAX: u64 = 30;
/// Requests under way may end within this time after `stop`.
const LAST_SECONDS_MAX: u64 = 8;

/// Serves until `stop` is woken; requests under way may end within eight seconds.
///
/// # Errors
/// The socket failed.
pub async fn serve(listener: tokio::net::TcpListener, router: Router, stop: Arc<tokio::sync::Notify>) -> std::io::Result<()> {
    let (graceful, slots) = (GracefulShutdown::new(), Arc::new(Semaphore::new(CONNECTIONS_MAX)));
    let stopped = stop.notified();
    tokio::pin!(stopped);
    loop {
        let accepted = async {
            let slot = slots.clone().acquire_owned().await.map_err(std::io::Error::other)?;
            listener.accept().await.map(|(stream, peer)| (slot, stream, peer))
        };
        let (slot, stream, peer) = tokio::select! {
            accepted = accepted => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of descriptors, or a peer that went away: neither is a reason to stop serving the others.
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = &mut stopped => break,
        };
        let router = router.clone();
        let service = hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().oneshot(request.map(axum::body::Body::new))
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(HEAD_SECONDS_MAX))
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            let _slot = slot;
            // A connection that breaks is the reader's matter; what it asked for is committed or not by itself.
            let _broken = connection.await;
        });
    }
    drop(listener);
    let _late = tokio::time::timeout(Duration::from_secs(LAST_SECONDS_MAX), graceful.shutdown()).await;
    Ok(())
}
