//! The files of a feed: a manifest, a folder, a file, or an address.
//!
//! A manifest on this machine fetches nothing: its files are looked for beside it, by the last part of their addresses. A manifest at an
//! address leads to its own host, and to further hosts only when the operator has named them: a feed must not send this program into
//! the network in which it stands. Redirects are not followed.

use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use directory::fhir::{FeedFile, Found, Opened};
use directory::slug::slug;
use serde_json::Value;

/// A manifest is short.
const MANIFEST_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Files of one feed at most.
const FILES_MAX: usize = 10_000;
/// One file at most, when it is fetched.
const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024 * 1024;
const CONNECT_SECONDS_MAX: u64 = 10;
const ANSWER_SECONDS_MAX: u64 = 60;
const FILE_SECONDS_MAX: u64 = 60 * 60;
/// What a manifest beside its files is called.
const MANIFESTS: [&str; 3] = ["bulk-publish.json", "$bulk-publish", "$bulk-publish.json"];

/// A feed as found.
pub struct Feed {
    /// Its files, and those that are not there.
    pub found: Found,
    /// Whether these are all files of the feed.
    pub whole: bool,
    /// A name for it, unless the operator gives one.
    pub source: String,
    /// Opens its files.
    pub opened: Opened,
}

/// Finds the files of a feed at a path or an address. `hosts` may be fetched from beside the address's own.
///
/// # Errors
/// One line: what cannot be read, and what to do.
pub fn find(place: &str, hosts: &[String]) -> Result<Feed, String> {
    if place.starts_with("https://") || place.starts_with("http://") { at_address(place, hosts) } else { on_disk(Path::new(place)) }
}

fn on_disk(path: &Path) -> Result<Feed, String> {
    let shown = path.display();
    let unreadable =
        |fault: std::io::Error| format!("{shown}: cannot be read ({fault}); name a manifest, a folder, an .ndjson or a .json file");
    let full = path.canonicalize().map_err(unreadable)?;
    let folder = if full.is_dir() { full.clone() } else { full.parent().map(Path::to_path_buf).unwrap_or_default() };
    let source: String =
        slug(&folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()).chars().take(40).collect();
    let source = source.trim_end_matches('-').to_owned();
    let opened: Opened = Arc::new(|file: &FeedFile| {
        let opened = std::fs::File::open(&file.place).map_err(|fault| format!("cannot be read ({fault}); check its permissions"))?;
        Ok(Box::new(BufReader::with_capacity(64 * 1024, opened)) as Box<dyn BufRead + Send>)
    });
    let manifest = match full.is_dir() {
        true => MANIFESTS.iter().map(|name| folder.join(name)).find(|manifest| manifest.is_file()),
        false => Some(full.clone()).filter(|file| file.extension().is_none_or(|end| end != "ndjson")),
    };
    let (found, whole) = match manifest.map(|file| read_manifest(&file)).transpose()?.flatten() {
        Some(manifest) => (beside(&manifest, &folder)?, true),
        None if full.is_dir() => (in_folder(&folder).map_err(unreadable)?, true),
        None => (Found { files: vec![local(&full, None)], absent: Vec::new() }, false),
    };
    Ok(Feed { found, whole, source, opened })
}

fn local(path: &Path, kind: Option<String>) -> FeedFile {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    FeedFile { name, kind, place: path.to_string_lossy().into_owned() }
}

/// The manifest in a file; `None` when the file is something else, as a Bundle is.
fn read_manifest(path: &Path) -> Result<Option<Value>, String> {
    let shown = path.display();
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|fault| format!("{shown}: cannot be read ({fault}); check its permissions"))?;
    file.take(MANIFEST_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|fault| format!("{shown}: cannot be read ({fault})"))?;
    if bytes.len() as u64 > MANIFEST_BYTES_MAX {
        return Ok(None);
    }
    let value: Value = serde_json::from_slice(&bytes).map_err(|fault| format!("{shown}: not JSON ({fault}); correct the file"))?;
    Ok(Some(value).filter(|value| value.get("output").is_some()))
}

/// Type and address of each file that a manifest names.
fn outputs(manifest: &Value) -> Result<Vec<(Option<String>, String)>, String> {
    let list = manifest["output"].as_array().ok_or("the manifest's `output` is not a list; correct it")?;
    if list.len() > FILES_MAX {
        return Err(format!("the manifest names more than {FILES_MAX} files; split the feed"));
    }
    let output = |entry: &Value| {
        // Slots that follow from schedules say nothing that the schedules do not.
        let computed = entry["extension"]["computed"] == true;
        let url = entry["url"].as_str().filter(|_| !computed)?;
        Some((entry["type"].as_str().map(str::to_owned), url.to_owned()))
    };
    Ok(list.iter().filter_map(output).collect())
}

fn last_part(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

fn beside(manifest: &Value, folder: &Path) -> Result<Found, String> {
    let mut found = Found::default();
    for (kind, url) in outputs(manifest)? {
        let name = last_part(&url);
        // Only a name: `..` or a part with a separator would lead out of the folder.
        let path = folder.join(name);
        let plain = !name.is_empty() && name != ".." && name != "." && !name.contains(['\\', '\0']);
        if plain && path.is_file() {
            found.files.push(local(&path, kind));
        } else {
            let name: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
            found.absent.push(format!("{name}: not beside the manifest; put it there, or import the manifest by its address"));
        }
    }
    Ok(found)
}

fn in_folder(folder: &Path) -> std::io::Result<Found> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.retain(|path| path.is_file() && path.extension().is_some_and(|end| end == "ndjson" || end == "json"));
    paths.sort();
    paths.truncate(FILES_MAX);
    Ok(Found { files: paths.iter().map(|path| local(path, None)).collect(), absent: Vec::new() })
}

/// The host of an address, lower case, with its port.
fn host(address: &str) -> Option<&str> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next()?;
    // Whoever writes a name before the host wants another host to be read.
    Some(host).filter(|host| !host.is_empty() && !host.contains('@'))
}

fn at_address(address: &str, hosts: &[String]) -> Result<Feed, String> {
    let own = host(address).ok_or(format!("{address}: not an address; write it as https://host/$bulk-publish"))?.to_owned();
    let agent = agent();
    let fetched = fetch(&agent, address).map_err(|why| format!("{address}: {why}"))?;
    let source: String = slug(&own).chars().take(40).collect();
    let opening = agent.clone();
    let opened: Opened = Arc::new(move |file: &FeedFile| fetch(&opening, &file.place));
    let name = last_part(address);
    if name.ends_with(".ndjson") {
        let file = FeedFile { name: name.to_owned(), kind: None, place: address.to_owned() };
        return Ok(Feed { found: Found { files: vec![file], absent: Vec::new() }, whole: false, source, opened });
    }
    let mut bytes = Vec::new();
    fetched.take(MANIFEST_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|fault| format!("{address}: the reading broke off ({fault})"))?;
    let manifest: Option<Value> = serde_json::from_slice(&bytes).ok().filter(|value: &Value| value.get("output").is_some());
    let Some(manifest) = manifest else {
        let file = FeedFile { name: format!("{name}.json"), kind: None, place: address.to_owned() };
        return Ok(Feed { found: Found { files: vec![file], absent: Vec::new() }, whole: false, source, opened });
    };
    let mut found = Found::default();
    for (kind, url) in outputs(&manifest)? {
        let url = joined(address, &url);
        let name: String = last_part(&url).chars().filter(|c| !c.is_control()).take(100).collect();
        match host(&url) {
            Some(host) if host == own || hosts.iter().any(|named| named == host) => found.files.push(FeedFile { name, kind, place: url }),
            Some(host) => {
                let host: String = host.chars().filter(|c| !c.is_control()).take(100).collect();
                found.absent.push(format!("{name}: lies on another host, {host}; if you trust it, name it by --host {host}"));
            }
            None => found.absent.push(format!("{name}: not an http(s) address; ask the feed's owner to correct the manifest")),
        }
    }
    Ok(Feed { found, whole: true, source, opened })
}

/// An address that may be relative to the manifest's.
fn joined(manifest: &str, url: &str) -> String {
    if url.contains("://") {
        return url.to_owned();
    }
    let scheme = if manifest.starts_with("https://") { "https://" } else { "http://" };
    match url.strip_prefix('/') {
        Some(path) => format!("{scheme}{}/{path}", host(manifest).unwrap_or_default()),
        None => format!("{}/{url}", manifest.rsplit_once('/').map_or(manifest, |(folder, _)| folder)),
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .timeout_connect(Some(Duration::from_secs(CONNECT_SECONDS_MAX)))
        .timeout_recv_response(Some(Duration::from_secs(ANSWER_SECONDS_MAX)))
        .timeout_global(Some(Duration::from_secs(FILE_SECONDS_MAX)))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .build()
        .into()
}

fn fetch(agent: &ureq::Agent, address: &str) -> Result<Box<dyn BufRead + Send>, String> {
    let answer = agent
        .get(address)
        .header("accept", "application/fhir+ndjson, application/fhir+json, application/json")
        .call()
        .map_err(|fault| format!("cannot be fetched ({fault}); try again later, or ask the feed's owner"))?;
    match answer.status().as_u16() {
        200 => {
            let reader = answer.into_body().into_with_config().limit(FILE_BYTES_MAX).reader();
            Ok(Box::new(BufReader::with_capacity(64 * 1024, reader)))
        }
        status @ 300..=399 => {
            Err(format!("answers with a redirect ({status}), which is not followed; name the address where it really lies"))
        }
        404 | 410 => Err("is not there; ask the feed's owner".to_owned()),
        429 | 503 => Err("the host is busy; try again later".to_owned()),
        status => Err(format!("answers {status}; try again later, or ask the feed's owner")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_address_leads_to_its_own_host() {
        assert_eq!(host("https://a.example:8443/x?y"), Some("a.example:8443"));
        assert_eq!(host("https://a.example@10.0.0.1/x"), None);
        assert_eq!(host("file:///etc/passwd"), None);
        assert_eq!(joined("https://a.example/fhir/$bulk-publish", "slots.ndjson"), "https://a.example/fhir/slots.ndjson");
        assert_eq!(joined("https://a.example/fhir/$bulk-publish", "/slots.ndjson"), "https://a.example/slots.ndjson");
        assert_eq!(last_part("https://a.example/b/slots.ndjson?x=/y"), "slots.ndjson");
    }

    #[test]
    fn a_manifest_on_disk_does_not_lead_out_of_its_folder() {
        let manifest = serde_json::json!({ "output": [
            { "type": "Slot", "url": "https://a.example/.." },
            { "type": "Slot", "url": "https://a.example/" },
            { "type": "Slot", "url": "https://a.example/Cargo.toml" },
            { "type": "Slot", "url": "https://a.example/not-there.ndjson" },
            { "type": "Slot", "url": "https://a.example/computed.ndjson", "extension": { "computed": true } },
        ]});
        let found = beside(&manifest, Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert_eq!(found.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["Cargo.toml"]);
        assert_eq!(found.absent.len(), 3);
        assert!(found.absent[2].starts_with("not-there.ndjson: not beside the manifest"), "{found:?}");
    }
}
