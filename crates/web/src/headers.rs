//! What every answer says about itself, and who may send forms.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Response as HttpResponse, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::csrf::{ConfigError, CsrfLayer};

/// Nothing from elsewhere, nothing inline, no frame around us.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
     object-src 'none'";

const PERMISSIONS: &str = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()";

const ALWAYS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Middleware: every answer carries the headers above; one that says nothing about caching is kept by nobody.
pub async fn guard(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A page that needs one of a device's senses says so itself.
    headers.entry("permissions-policy").or_insert(HeaderValue::from_static(PERMISSIONS));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The layer that refuses forms sent from other sites (403). `public_url` is the site's own address when it is known: behind a
/// proxy that changes `Host`, it is what old browsers are checked against.
///
/// # Errors
/// An address that is no origin: `https://host` without a path.
pub fn csrf(public_url: Option<&str>) -> Result<CsrfLayer, ConfigError> {
    let layer = CsrfLayer::new();
    match public_url {
        Some(url) => layer.add_trusted_origin(url.trim_end_matches('/')),
        None => Ok(layer),
    }
}

/// What a refused form is answered with when no page can be made: plain words in three languages.
pub fn refused() -> HttpResponse<Body> {
    let words = "Форма отправлена с другого сайта. Вернитесь и отправьте её ещё раз.\n\
         Форма басқа сайттан жіберілген. Артқа қайтып, қайта жіберіңіз.\n\
         This form came from another site. Go back and send it again.\n";
    let mut response = HttpResponse::new(Body::from(words));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
