//! A caller of the program, within the process: a browser with cookies, or a program with a key.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, header};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::scan::percent;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{} is no JSON: {}", self.status, self.text()))
    }

    /// Status and stable code of a refusal: `409 slot_taken`. Of anything else the status and `-`.
    pub fn said(&self) -> String {
        let code = serde_json::from_slice::<Value>(&self.body).ok().and_then(|body| body["code"].as_str().map(str::to_owned));
        format!("{} {}", self.status, code.unwrap_or_else(|| "-".into()))
    }

    /// A header's text; empty when it is not there.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// Where a 303 leads.
    pub fn location(&self) -> String {
        assert_eq!(self.status, 303, "{}", self.text());
        self.header("location")
    }

    /// Where a 301 leads.
    pub fn moved(&self) -> String {
        assert_eq!(self.status, 301, "{}", self.text());
        self.header("location")
    }

    /// The same answer, which must be 200.
    #[track_caller]
    pub fn ok(self) -> Answer {
        assert_eq!(self.status, 200, "{}", self.text());
        self
    }
}

/// A caller.
pub struct Door {
    router: Router,
    cookies: Mutex<BTreeMap<String, String>>,
    /// Sent with every request.
    pub headers: Vec<(String, String)>,
    /// From where it calls.
    pub peer: SocketAddr,
}

impl Door {
    /// Somebody from this machine, at the doors of a program that the test has opened itself.
    pub fn new(router: Router) -> Door {
        Door { router, cookies: Mutex::default(), headers: Vec::new(), peer: ([127, 0, 0, 1], 40_000).into() }
    }

    /// The same door with a header more.
    pub fn with(mut self, name: &str, value: &str) -> Door {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The same door called from another address.
    pub fn from(mut self, address: &str) -> Door {
        self.peer = (address.parse::<std::net::IpAddr>().unwrap(), 40_000).into();
        self
    }

    /// Another browser at the same address: no cookies.
    pub fn stranger(&self) -> Door {
        Door { router: self.router.clone(), cookies: Mutex::default(), headers: self.headers.clone(), peer: self.peer }
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Vec::new()).await
    }

    /// A JSON body by `method`.
    pub async fn json(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.json_with(method, path, body, &[]).await
    }

    /// A JSON body by `method`, with headers of this one request.
    pub async fn json_with(&self, method: &str, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend(headers);
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.send(method.parse().unwrap(), path, &all, body).await
    }

    /// A form, as a browser without JavaScript sends it from one of our own pages.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.form_with(path, fields, &[("sec-fetch-site", "same-origin")]).await
    }

    /// A form with headers of this one request.
    pub async fn form_with(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", percent(value.as_bytes(), false))).collect();
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend(headers);
        self.send(Method::POST, path, &all, body.join("&").into_bytes()).await
    }

    /// Sends a request as it is, with the door's own headers and cookies.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1:8080");
        for (name, value) in self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(headers.iter().copied()) {
            request = request.header(name, value);
        }
        let cookies: Vec<String> =
            self.cookies.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        request = request.header(header::CONTENT_LENGTH, body.len());
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        for cookie in head.headers.get_all(header::SET_COOKIE) {
            let (pair, rest) = cookie.to_str().unwrap().split_once(';').unwrap();
            assert!(
                rest.contains("HttpOnly") && (rest.contains("SameSite=Lax") || rest.contains("SameSite=Strict")) && rest.contains("Path=/"),
                "{rest}"
            );
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.lock().unwrap_or_else(PoisonError::into_inner).insert(name.into(), value.into());
        }
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }
}

/// The attribute `wanted` of every tag in `page` whose text contains `marked`, unescaped.
pub fn attributes(page: &str, marked: &str, wanted: &str) -> Vec<String> {
    page.split('<')
        .filter_map(|tag| tag.split_once('>').map(|(tag, _)| tag))
        .filter(|tag| tag.contains(marked))
        .filter_map(|tag| {
            let (_, value) = tag.split_once(&format!(" {wanted}=\""))?;
            let (value, _) = value.split_once('"')?;
            Some(value.replace("&#38;", "&").replace("&amp;", "&").replace("&#34;", "\"").replace("&#43;", "+"))
        })
        .collect()
}

/// The first of [`attributes`].
#[track_caller]
pub fn attribute(page: &str, marked: &str, wanted: &str) -> String {
    attributes(page, marked, wanted).into_iter().next().unwrap_or_else(|| panic!("no {wanted} in a tag with {marked}:\n{page}"))
}
