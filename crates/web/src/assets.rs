//! Embedded files under names that hold a hash of their content, so that they may be kept for ever: `/assets/site.3f2a….css`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "assets"]
struct Embedded;

struct Asset {
    mime: &'static str,
    bytes: Vec<u8>,
}

struct Table {
    /// Plain name to hashed name.
    hashed: BTreeMap<String, String>,
    /// Hashed name to content.
    assets: BTreeMap<String, Asset>,
}

impl Table {
    fn add(&mut self, name: &str, bytes: Vec<u8>) {
        let digest = Sha256::digest(&bytes);
        let hash: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        let hashed = match name.rsplit_once('.') {
            Some((stem, end)) => format!("{stem}.{hash}.{end}"),
            None => format!("{name}.{hash}"),
        };
        self.hashed.insert(name.to_owned(), hashed.clone());
        self.assets.insert(hashed, Asset { mime: mime(name), bytes });
    }
}

fn mime(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = Table { hashed: BTreeMap::new(), assets: BTreeMap::new() };
        let (sheets, others): (Vec<_>, Vec<_>) = Embedded::iter().partition(|name| name.ends_with(".css"));
        for name in others {
            if let Some(file) = Embedded::get(&name) {
                table.add(&name, file.data.into_owned());
            }
        }
        // Sheets come last: the names of the fonts they load are known by then.
        for name in sheets {
            let Some(file) = Embedded::get(&name) else {
                continue;
            };
            let mut sheet = squeezed(&String::from_utf8_lossy(&file.data));
            for (plain, hashed) in &table.hashed {
                sheet = sheet.replace(&format!("url({plain})"), &format!("url({hashed})"));
            }
            table.add(&name, sheet.into_bytes());
        }
        table
    })
}

/// A style sheet without comments and indentation.
fn squeezed(sheet: &str) -> String {
    let mut out = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The address of an embedded file by its plain name; an unknown name gives an address that answers 404.
pub fn url(name: &str) -> String {
    format!("/assets/{}", table().hashed.get(name).map_or(name, String::as_str))
}

/// Every embedded file under its hashed name, for tests and for the contact sheet.
pub fn all() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    table().assets.iter().map(|(name, asset)| (name.as_str(), asset.bytes.as_slice()))
}

/// `GET /assets/{name}`: the file, immutable; 404 for any other name.
pub async fn get(Path(name): Path<String>) -> Response {
    match table().assets.get(&name) {
        Some(asset) => {
            ([(header::CONTENT_TYPE, asset.mime), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")], asset.bytes.as_slice())
                .into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
