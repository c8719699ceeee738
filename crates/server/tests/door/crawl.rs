//! A crawler's visit: from the home page of each language along every link of the demo, beside the sitemap. Nothing is broken,
//! nothing is an orphan, every thing has one address in each language, and what machines are told can be read.
//!
//! Of pages of one form (`/ru/doctors/…`) only so many are opened; with `RECOMED_CRAWL=full` all are.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;
use testkit::{Door, Kind, TestApp, attributes};

testkit::both!(a_crawler_finds_every_page_and_no_broken_link, one_thing_has_one_address);

/// Pages of one form opened in one language.
const SAMPLE: usize = 12;
/// Pages opened in one crawl at most: a mistake in links must not become a crawl without end.
const PAGES_MAX: usize = 40_000;

/// The form of an address: its parts without the names of things.
fn form(path: &str) -> String {
    let bare = path.split('?').next().unwrap();
    let parts: Vec<&str> = bare.split('/').filter(|part| !part.is_empty()).collect();
    let form = match parts.as_slice() {
        [lang, "doctors", _] => format!("{lang}/doctors"),
        [lang, "clinics", _] => format!("{lang}/clinic"),
        [lang, _, "examinations", _] => format!("{lang}/examination"),
        [lang, _, list @ ("clinics" | "examinations")] => format!("{lang}/{list}"),
        [lang, _, _] => format!("{lang}/specialty"),
        other => other.join("/"),
    };
    if path.contains('?') { format!("{form}?") } else { form }
}

/// Addresses on this site that a page links to, without fragments and what is not a page.
fn links(page: &str) -> BTreeSet<String> {
    let body = page.split_once("<body>").map_or(page, |(_, body)| body);
    let pages = |href: &String| {
        href.starts_with('/') && !["/assets/", "/api/", "/sitemap"].iter().any(|other| href.starts_with(other)) && !href.contains("/demo/")
    };
    attributes(body, "href=\"", "href")
        .into_iter()
        .map(|href| href.split('#').next().unwrap().to_owned())
        .filter(|href| !href.is_empty())
        .filter(pages)
        .collect()
}

/// What a page says of itself.
struct Said {
    canonical: String,
    indexed: bool,
    alternates: BTreeMap<String, String>,
}

fn said(base: &str, path: &str, page: &str) -> Said {
    let strip = |url: &String| url.strip_prefix(base).unwrap_or_else(|| panic!("{url} on {path} does not begin with {base}")).to_owned();
    let canonical: Vec<String> = attributes(page, "rel=\"canonical\"", "href").iter().map(strip).collect();
    assert_eq!(canonical.len(), 1, "{path} has one canonical address");
    let langs = attributes(page, "rel=\"alternate\"", "hreflang");
    let hrefs = attributes(page, "rel=\"alternate\"", "href");
    let alternates: BTreeMap<String, String> = langs.into_iter().zip(hrefs.iter().map(strip)).collect();
    let robots = attributes(page, "name=\"robots\"", "content");
    let indexed = !robots.iter().any(|robots| robots.contains("noindex"));
    if indexed {
        let title = page.split("<title>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default();
        assert!(title.chars().count() > 10, "{path} has a title: {title}");
        assert_eq!(alternates.keys().map(String::as_str).collect::<Vec<_>>(), ["en", "kk", "ru", "x-default"], "{path}");
        if !path.ends_with("/policy") {
            assert!(!attributes(page, "name=\"description\"", "content").concat().is_empty(), "{path} has a description");
            facts(base, path, page);
        }
    }
    Said { canonical: canonical[0].clone(), indexed, alternates }
}

/// The facts for machines can be read, and every word in them that people would read stands on the page too.
fn facts(base: &str, path: &str, page: &str) {
    let block = page.split("<script type=\"application/ld+json\">").nth(1).unwrap_or_else(|| panic!("{path} has no facts"));
    let block = block.split("</script>").next().unwrap();
    let read: Value = serde_json::from_str(block).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert_eq!(read["@context"], "https://schema.org");
    let nodes = read["@graph"].as_array().unwrap();
    assert!(!nodes.is_empty() && nodes.iter().all(|node| !node["@type"].is_null()), "{path}");
    let body = page.split_once("<body>").unwrap().1.replace("&#38;", "&").replace("&#39;", "'").replace("&#34;", "\"");
    for node in nodes {
        for key in ["name", "medicalSpecialty", "preparation"] {
            if let Some(word) = node[key].as_str().filter(|word| *word != "Recomed" && key != "preparation") {
                assert!(body.contains(word), "{path} tells machines {word:?} and people not");
            }
        }
        if let Some(url) = node["url"].as_str() {
            assert!(url.starts_with(base), "{path}: {url}");
        }
    }
}

/// The addresses of the sitemap, without the site's own.
async fn sitemap(door: &Door, base: &str) -> BTreeSet<String> {
    let robots = door.get("/robots.txt").await.ok().text();
    assert!(robots.contains(&format!("Sitemap: {base}/sitemap.xml")), "{robots}");
    let mut all = BTreeSet::new();
    let locations = |xml: &str| -> Vec<String> {
        xml.split("<loc>").skip(1).map(|rest| rest.split("</loc>").next().unwrap().strip_prefix(base).unwrap().to_owned()).collect()
    };
    for part in locations(&door.get("/sitemap.xml").await.ok().text()) {
        let addresses = locations(&door.get(&part).await.ok().text());
        assert!(addresses.len() <= 50_000, "the protocol allows no more");
        for address in addresses {
            assert!(all.insert(address.clone()), "{address} stands twice in the sitemap");
        }
    }
    all
}

async fn a_crawler_finds_every_page_and_no_broken_link(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (door, base) = (app.door(), app.app.world.public_url.to_string());
    let full = std::env::var("RECOMED_CRAWL").is_ok_and(|how| how == "full");
    let listed = sitemap(&door, &base).await;
    assert!(listed.len() > 150, "{}", listed.len());

    let mut queue: VecDeque<(String, String)> = ["kk", "ru", "en"].map(|lang| (format!("/{lang}/"), "the beginning".to_owned())).into();
    let mut seen: BTreeSet<String> = queue.iter().map(|(path, _)| path.clone()).collect();
    let mut opened: BTreeMap<String, usize> = BTreeMap::new();
    let mut canonicals: BTreeMap<String, String> = BTreeMap::new();
    let mut alternates: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut found: BTreeSet<String> = BTreeSet::new();
    // A link to a day of a doctor's page is a link to the page.
    let mut linked: BTreeSet<String> = seen.clone();
    let mut total = 0;
    while let Some((path, from)) = queue.pop_front() {
        // Lists lead to everything else: they are opened whole. Pages that are alike are sampled.
        let kind_of_page = form(&path);
        let alike = kind_of_page.trim_end_matches('?').ends_with("/doctors");
        let filtered = path.contains('?') && !path.contains("?page=");
        let count = opened.entry(kind_of_page).or_default();
        *count += 1;
        let limit = if alike {
            SAMPLE
        } else if filtered {
            4
        } else {
            usize::MAX
        };
        if !full && *count > limit {
            continue;
        }
        total += 1;
        assert!(total <= PAGES_MAX, "links without end, by way of {from}");
        let answer = door.get(&path).await;
        assert_eq!(answer.status, 200, "{path}, linked from {from}");
        let page = answer.text();
        let told = said(&base, &path, &page);
        if told.indexed {
            assert_eq!(told.canonical, path.split('?').next().unwrap(), "{path} is worth finding at its own address");
            if let Some(other) = canonicals.insert(told.canonical.clone(), path.clone()) {
                assert_eq!(other.split('?').next(), path.split('?').next(), "two pages say that they are {}", told.canonical);
            }
            assert!(listed.contains(&told.canonical), "{path} is worth finding and not in the sitemap");
            found.insert(told.canonical.clone());
            alternates.insert(told.canonical, told.alternates);
        }
        for link in links(&page) {
            linked.insert(link.split('?').next().unwrap().to_owned());
            if seen.insert(link.clone()) {
                queue.push_back((link, path.clone()));
            }
        }
    }
    let orphans: Vec<&String> = listed.iter().filter(|address| !linked.contains(*address)).collect();
    assert!(
        orphans.is_empty(),
        "{} of {} addresses have no link to them: {:?}",
        orphans.len(),
        listed.len(),
        &orphans[..orphans.len().min(5)]
    );
    for (address, others) in &alternates {
        for (lang, other) in others {
            assert!(listed.contains(other), "{address} names {other} as its {lang} page");
            if let Some(back) = alternates.get(other) {
                assert!(back.values().any(|known| known == address), "{other} does not name {address} in return");
            }
        }
    }
    assert!(found.len() > 100, "only {} pages were opened", found.len());
}

async fn one_thing_has_one_address(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (door, base) = (app.door(), app.app.world.public_url.to_string());
    for lang in ["kk", "ru", "en"] {
        let listed = sitemap(&door, &base).await;
        for kind_of_page in ["doctors", "clinics"] {
            let begin = format!("/{lang}/{kind_of_page}/");
            let right = listed.iter().find(|address| address.starts_with(&begin)).unwrap();
            let id = &right[begin.len()..begin.len() + 36];
            for wrong in [format!("{begin}{id}"), format!("{begin}{id}-another-name")] {
                let answer = door.get(&format!("{wrong}?utm_source=x")).await;
                assert_eq!((answer.status, answer.header("location")), (301, format!("{right}?utm_source=x")), "{wrong}");
            }
            let told = said(&base, right, &door.get(&format!("{right}?utm_source=x&day=2026-11-24")).await.ok().text());
            assert_eq!((told.canonical.as_str(), told.indexed), (right.as_str(), true));
            assert_eq!(door.get(&format!("{begin}00000000-0000-4000-8000-000000000000-nobody")).await.status, 404);
        }
        let plain = format!("/{lang}/saint-petersburg/therapist");
        for filtered in ["?sex=f", "?page=2", "?sort=price&utm_source=x"] {
            let told = said(&base, &plain, &door.get(&format!("{plain}{filtered}")).await.ok().text());
            assert_eq!((told.canonical.as_str(), told.indexed), (plain.as_str(), false), "{filtered}");
            assert!(told.alternates.is_empty());
        }
        assert!(said(&base, &plain, &door.get(&format!("{plain}?utm_source=x")).await.ok().text()).indexed);
        for missing in ["nowhere", "nowhere/clinics", "saint-petersburg/examinations/no-such", "clinics/none", "saint-petersburg/nobody"] {
            let answer = door.get(&format!("/{lang}/{missing}")).await;
            assert_eq!(answer.status, 404, "{missing}");
            assert!(answer.text().contains("noindex"));
        }
    }
    assert_eq!(door.get("/sitemap/0.xml").await.status, 404);
    assert_eq!(door.get("/sitemap/99.xml").await.status, 404);
}
