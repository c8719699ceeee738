//! A crawler's visit: from the home page of each language along every link of the demo, beside the sitemap. Nothing is broken,
//! nothing is an orphan, every thing has one address in each language, and what machines are told can be read. What the crawler
//! would notice is proven on small sites that are spoiled in one way each.
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
/// Faults told of one crawl.
const FAULTS_MAX: usize = 20;

/// What is crawled: the program, or pages of a test's own making.
enum Site<'a> {
    Program(&'a Door),
    Made(BTreeMap<String, String>),
}

impl Site<'_> {
    async fn get(&self, path: &str) -> (u16, String) {
        match self {
            Site::Program(door) => {
                let answer = door.get(path).await;
                (answer.status, answer.text())
            }
            Site::Made(pages) => pages.get(path).map_or((404, String::new()), |page| (200, page.clone())),
        }
    }
}

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
        .map(|href| href.split('#').next().unwrap().replace("&#38;", "&"))
        .filter(|href| !href.is_empty())
        .filter(pages)
        .collect()
}

/// What a page says of itself.
#[derive(Debug, Default)]
struct Said {
    canonical: String,
    indexed: bool,
    alternates: BTreeMap<String, String>,
}

/// Reads what a page says of itself, and tells what is wrong with it.
fn said(base: &str, path: &str, page: &str) -> (Said, Vec<String>) {
    let mut faults = Vec::new();
    let strip = |url: &String| url.strip_prefix(base).unwrap_or("").to_owned();
    let canonical: Vec<String> = attributes(page, "rel=\"canonical\"", "href").iter().map(strip).collect();
    if canonical.len() != 1 || canonical[0].is_empty() {
        faults.push(format!("{path} has {} canonical addresses on this site", canonical.iter().filter(|url| !url.is_empty()).count()));
    }
    let langs = attributes(page, "rel=\"alternate\"", "hreflang");
    let hrefs = attributes(page, "rel=\"alternate\"", "href");
    let alternates: BTreeMap<String, String> = langs.into_iter().zip(hrefs.iter().map(strip)).collect();
    let robots = attributes(page, "name=\"robots\"", "content");
    let indexed = !robots.iter().any(|robots| robots.contains("noindex"));
    if indexed {
        let title = page.split("<title>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default();
        if title.chars().count() <= 10 {
            faults.push(format!("{path} has no title: {title}"));
        }
        if alternates.keys().map(String::as_str).collect::<Vec<_>>() != ["en", "kk", "ru", "x-default"] {
            faults.push(format!("{path} is not named in every language: {alternates:?}"));
        }
        if !path.ends_with("/policy") {
            if attributes(page, "name=\"description\"", "content").concat().is_empty() {
                faults.push(format!("{path} has no description"));
            }
            faults.extend(facts(base, page).into_iter().map(|fault| format!("{path}: {fault}")));
        }
    }
    faults.extend(frame(page).into_iter().map(|fault| format!("{path}: {fault}")));
    (Said { canonical: canonical.into_iter().next().unwrap_or_default(), indexed, alternates }, faults)
}

/// What schema.org's readers need of a node of each type that the site writes.
fn required(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "WebSite" => &["name", "url", "potentialAction"],
        "BreadcrumbList" => &["itemListElement"],
        "Physician" => &["name", "url", "address", "medicalSpecialty", "parentOrganization"],
        "MedicalClinic" => &["name", "url", "address", "telephone"],
        "MedicalTest" => &["name", "url"],
        "Service" => &["name", "offers"],
        _ => return None,
    })
}

/// The facts for machines can be read, have what their types need, and every word in them that people would read stands on the page too.
fn facts(base: &str, page: &str) -> Vec<String> {
    let Some(block) = page.split("<script type=\"application/ld+json\">").nth(1).and_then(|rest| rest.split("</script>").next()) else {
        return vec!["it has no facts".into()];
    };
    let read: Value = match serde_json::from_str(block) {
        Ok(read) => read,
        Err(error) => return vec![format!("its facts cannot be read: {error}")],
    };
    let mut faults = Vec::new();
    let nodes = read["@graph"].as_array().cloned().unwrap_or_default();
    if read["@context"] != "https://schema.org" || nodes.is_empty() {
        faults.push("its facts are not schema.org's".into());
    }
    let body = page.split_once("<body>").map_or(page, |(_, body)| body);
    let body = body.replace("&#38;", "&").replace("&#39;", "'").replace("&#34;", "\"");
    for node in &nodes {
        let kind = node["@type"].as_str().or(node["@type"][0].as_str()).unwrap_or_default();
        let Some(fields) = required(kind) else {
            faults.push(format!("a node of type {:?}, of which nothing is known", node["@type"]));
            continue;
        };
        let empty = |value: &Value| value.is_null() || value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty);
        faults.extend(fields.iter().filter(|field| empty(&node[**field])).map(|field| format!("its {kind} has no {field}")));
        for key in ["name", "medicalSpecialty"] {
            if let Some(word) = node[key].as_str().filter(|word| *word != "Recomed" && !body.contains(word)) {
                faults.push(format!("it tells machines {word:?} and people not"));
            }
        }
        if let Some(url) = node["url"].as_str().filter(|url| !url.starts_with(base)) {
            faults.push(format!("its {kind} is elsewhere: {url}"));
        }
        for (number, item) in node["itemListElement"].as_array().into_iter().flatten().enumerate() {
            let last = node["itemListElement"].as_array().is_some_and(|all| all.len() == number + 1);
            let leads = item["item"].as_str().is_some_and(|item| item.starts_with(base));
            if item["position"] != number + 1 || empty(&item["name"]) || leads == last {
                faults.push(format!("step {} of its way is {item}", number + 1));
            }
        }
        let single = [&node["offers"], &node["makesOffer"]];
        for offer in single.into_iter().flat_map(|offers| offers.as_array().cloned().unwrap_or_else(|| vec![offers.clone()])) {
            let prices = ["price", "lowPrice", "highPrice"].map(|key| offer[key].as_str().map(str::parse::<f64>));
            let right = prices.iter().flatten().all(|price| price.as_ref().is_ok_and(|price| *price > 0.0));
            if !offer.is_null()
                && (!right || prices.iter().flatten().count() == 0 || offer["priceCurrency"].as_str().map(str::len) != Some(3))
            {
                faults.push(format!("an offer of its {kind} has no price: {offer}"));
            }
        }
    }
    faults
}

/// What holds for every page: one heading of the first level and none that skips a level, no name twice, nothing inline and nothing
/// from elsewhere.
fn frame(page: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let body = page.split_once("<body>").map_or(page, |(_, body)| body);
    let levels: Vec<u32> = body.split("<h").skip(1).filter_map(|rest| rest.chars().next().and_then(|level| level.to_digit(10))).collect();
    if levels.iter().filter(|level| **level == 1).count() != 1 {
        faults.push("not one heading of the first level".into());
    }
    if let Some(pair) = levels.windows(2).find(|pair| pair[1] > pair[0] + 1) {
        faults.push(format!("a heading of level {} after one of level {}", pair[1], pair[0]));
    }
    let mut ids = BTreeSet::new();
    faults.extend(attributes(page, " id=\"", "id").into_iter().filter(|id| !ids.insert(id.clone())).map(|id| format!("id {id} twice")));
    for inline in [" style=\"", "<style", " onclick=", " onload=", "javascript:", " src=\"http", "url(http"] {
        if page.contains(inline) {
            faults.push(format!("it has {inline}"));
        }
    }
    let loaded = attributes(page, "rel=\"stylesheet\"", "href").into_iter().chain(attributes(page, "rel=\"preload\"", "href"));
    faults.extend(loaded.filter(|href| !href.starts_with("/assets/")).map(|href| format!("it loads {href}")));
    faults
}

/// The addresses of the sitemap, without the site's own, and what is wrong with it or with what robots are told.
async fn sitemap(site: &Site<'_>, base: &str) -> (BTreeSet<String>, Vec<String>) {
    let mut faults = Vec::new();
    let (_, robots) = site.get("/robots.txt").await;
    if !robots.contains(&format!("Sitemap: {base}/sitemap.xml")) {
        faults.push(format!("robots are not told of the sitemap: {robots}"));
    }
    let closed: Vec<&str> = robots.lines().filter_map(|line| line.strip_prefix("Disallow: ")).collect();
    let mut all = BTreeSet::new();
    let locations = |xml: &str| -> Vec<String> {
        xml.split("<loc>")
            .skip(1)
            .map(|rest| rest.split("</loc>").next().unwrap().strip_prefix(base).unwrap_or("elsewhere").to_owned())
            .collect()
    };
    for part in locations(&site.get("/sitemap.xml").await.1) {
        let addresses = locations(&site.get(&part).await.1);
        if addresses.is_empty() || addresses.len() > 50_000 {
            faults.push(format!("{part} has {} addresses; the protocol allows 50,000", addresses.len()));
        }
        for address in addresses {
            if closed.iter().any(|closed| address.starts_with(closed)) {
                faults.push(format!("robots are sent to {address} and turned away"));
            }
            if !all.insert(address.clone()) {
                faults.push(format!("{address} stands twice in the sitemap"));
            }
        }
    }
    (all, faults)
}

/// What a crawl found.
struct Crawl {
    listed: usize,
    opened: usize,
    faults: Vec<String>,
}

/// Follows every link from the home pages.
async fn crawl(site: &Site<'_>, base: &str, full: bool) -> Crawl {
    let (listed, mut faults) = sitemap(site, base).await;
    let mut queue: VecDeque<(String, String)> = ["kk", "ru", "en"].map(|lang| (format!("/{lang}/"), "the beginning".to_owned())).into();
    let mut seen: BTreeSet<String> = queue.iter().map(|(path, _)| path.clone()).collect();
    let mut opened: BTreeMap<String, usize> = BTreeMap::new();
    let mut canonicals: BTreeMap<String, String> = BTreeMap::new();
    let mut alternates: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
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
        if total > PAGES_MAX || faults.len() >= FAULTS_MAX {
            faults.push(format!("the crawl ends early, on the way from {from}"));
            break;
        }
        let (status, page) = site.get(&path).await;
        if status != 200 {
            faults.push(format!("{path}, linked from {from}, answers {status}"));
            continue;
        }
        let (told, wrong) = said(base, &path, &page);
        faults.extend(wrong);
        if told.indexed {
            if told.canonical != path.split('?').next().unwrap() {
                faults.push(format!("{path} is worth finding, and says that it is {}", told.canonical));
            }
            if let Some(other) = canonicals.insert(told.canonical.clone(), path.clone())
                && other.split('?').next() != path.split('?').next()
            {
                faults.push(format!("{other} and {path} both say that they are {}", told.canonical));
            }
            if !listed.contains(&told.canonical) {
                faults.push(format!("{path} is worth finding and not in the sitemap"));
            }
            alternates.insert(told.canonical, told.alternates);
        } else if listed.contains(&path) {
            faults.push(format!("{path} is in the sitemap, and not worth finding"));
        }
        for link in links(&page) {
            linked.insert(link.split('?').next().unwrap().to_owned());
            if seen.insert(link.clone()) {
                queue.push_back((link, path.clone()));
            }
        }
    }
    let orphans: Vec<&String> = listed.iter().filter(|address| !linked.contains(*address)).collect();
    if !orphans.is_empty() {
        faults.push(format!("{} addresses of the sitemap have no link to them: {:?}", orphans.len(), &orphans[..orphans.len().min(5)]));
    }
    for (address, others) in &alternates {
        for (lang, other) in others {
            if !listed.contains(other) {
                faults.push(format!("{address} names {other} as its {lang} page, which is not in the sitemap"));
            }
            if alternates.get(other).is_some_and(|back| !back.values().any(|known| known == address)) {
                faults.push(format!("{other} does not name {address} in return"));
            }
        }
    }
    Crawl { listed: listed.len(), opened: alternates.len(), faults }
}

async fn a_crawler_finds_every_page_and_no_broken_link(kind: Kind) {
    let app = TestApp::start(kind).await;
    let base = app.app.world.public_url.to_string();
    let full = std::env::var("RECOMED_CRAWL").is_ok_and(|how| how == "full");
    let door = app.door();
    let found = crawl(&Site::Program(&door), &base, full).await;
    assert_eq!(found.faults, Vec::<String>::new());
    assert!(found.listed > 150 && found.opened > 100, "{} listed, {} opened", found.listed, found.opened);
    // What is one person's own is closed to robots; what robots are sent to is open (`sitemap`).
    let robots = door.get("/robots.txt").await.ok().text();
    for closed in ["/ru/book/", "/kk/visits/", "/en/v/", "/clinic/", "/api/"] {
        assert!(robots.contains(&format!("Disallow: {closed}\n")), "{closed}");
    }
    let index = door.get("/sitemap.xml").await.ok().text();
    let since = index.split("<lastmod>").nth(1).unwrap().split('<').next().unwrap();
    assert_eq!(clock::Timestamp::parse_rfc3339(since).unwrap(), app.clock.now(), "the list was made when it was asked for first");
}

/// A whole site of one thing in three languages, as a base for spoiling.
fn small_site() -> BTreeMap<String, String> {
    let base = "https://small.test";
    let mut pages = BTreeMap::new();
    pages.insert("/robots.txt".into(), format!("User-agent: *\nDisallow: /ru/book/\n\nSitemap: {base}/sitemap.xml\n"));
    pages.insert("/sitemap.xml".into(), format!("<loc>{base}/sitemap/1.xml</loc>"));
    let listed: String =
        ["kk", "ru", "en"].iter().flat_map(|lang| ["", "thing"].map(|path| format!("<loc>{base}/{lang}/{path}</loc>"))).collect();
    pages.insert("/sitemap/1.xml".into(), listed);
    for lang in ["kk", "ru", "en"] {
        for path in ["", "thing"] {
            let others: String = [("kk", "kk"), ("ru", "ru"), ("en", "en"), ("x-default", "ru")]
                .iter()
                .map(|(name, other)| format!("<link rel=\"alternate\" hreflang=\"{name}\" href=\"{base}/{other}/{path}\">"))
                .collect();
            let facts = format!(
                "{{\"@context\":\"https://schema.org\",\"@graph\":[{{\"@type\":\"Service\",\"name\":\"Thing\",\"url\":\"{base}/{lang}/{path}\",\
                 \"offers\":[{{\"@type\":\"Offer\",\"price\":\"10\",\"priceCurrency\":\"RUB\"}}]}}]}}"
            );
            let page = format!(
                "<title>A thing of some length</title><link rel=\"canonical\" href=\"{base}/{lang}/{path}\">{others}\
                 <meta name=\"description\" content=\"About it\"><script type=\"application/ld+json\">{facts}</script>\
                 <body><h1 id=\"one\">Thing</h1><a href=\"/{lang}/thing\">Thing</a><h2>More</h2></body>"
            );
            pages.insert(format!("/{lang}/{path}"), page);
        }
    }
    pages
}

#[tokio::test]
async fn a_crawler_notices_what_is_wrong() {
    let base = "https://small.test";
    let whole = crawl(&Site::Made(small_site()), base, true).await;
    assert_eq!((whole.faults, whole.listed, whole.opened), (Vec::new(), 6, 6));
    // At which page, what is put in place of what, and what the crawler must say.
    for (at, from, to, told) in [
        ("/ru/", "<h2>", "<a href=\"/ru/gone\">Gone</a><h2>", "/ru/gone, linked from /ru/, answers 404"),
        ("/ru/", "<a href=\"/ru/thing\">Thing</a>", "", "have no link to them"),
        (
            "/ru/thing",
            "canonical\" href=\"https://small.test/ru/thing",
            "canonical\" href=\"https://small.test/ru/",
            "both say that they are /ru/",
        ),
        ("/ru/thing", "canonical\" href=\"https://small.test/ru", "canonical\" href=\"https://elsewhere.test/ru", "0 canonical addresses"),
        (
            "/en/thing",
            "hreflang=\"ru\" href=\"https://small.test/ru/thing",
            "hreflang=\"ru\" href=\"https://small.test/ru/",
            "does not name",
        ),
        ("/en/thing", "hreflang=\"kk\"", "hreflang=\"uk\"", "not named in every language"),
        ("/kk/thing", "\"@graph\":[", "\"@graph\":[,", "facts cannot be read"),
        ("/kk/thing", "application/ld+json", "application/json", "has no facts"),
        ("/kk/thing", "\"price\":\"10\"", "\"price\":\"ten\"", "has no price"),
        ("/kk/thing", "\"name\":\"Thing\"", "\"name\":\"\"", "its Service has no name"),
        ("/kk/thing", "\"name\":\"Thing\"", "\"name\":\"Other\"", "tells machines \"Other\" and people not"),
        ("/kk/thing", "\"Service\"", "\"Doctor\"", "of which nothing is known"),
        ("/kk/thing", "<h2>", "<h3>", "a heading of level 3 after one of level 1"),
        ("/kk/thing", "<h2>", "<h1>", "not one heading"),
        ("/kk/thing", "<h2>", "<h2 id=\"one\">", "id one twice"),
        ("/kk/thing", "<h2>", "<h2 style=\"color: red\">", "it has  style="),
        ("/kk/thing", "<h2>", "<img src=\"https://elsewhere.test/a.png\"><h2>", "it has  src="),
        ("/kk/thing", "A thing of some length", "A", "has no title"),
        ("/kk/thing", "About it", "", "has no description"),
        ("/kk/thing", "<title>", "<meta name=\"robots\" content=\"noindex\"><title>", "in the sitemap, and not worth finding"),
        ("/sitemap/1.xml", "<loc>https://small.test/kk/thing</loc>", "", "/kk/thing is worth finding and not in the sitemap"),
        ("/sitemap/1.xml", "/kk/thing</loc>", "/ru/thing</loc>", "stands twice"),
        ("/robots.txt", "/ru/book/", "/ru/thing", "and turned away"),
        ("/robots.txt", "Sitemap:", "Map:", "robots are not told of the sitemap"),
    ] {
        let mut pages = small_site();
        let page = pages.get_mut(at).unwrap();
        assert!(page.contains(from), "{from} is not on {at}");
        *page = page.replacen(from, to, 1);
        let found = crawl(&Site::Made(pages), base, true).await;
        assert!(found.faults.iter().any(|fault| fault.contains(told)), "{told}: {:?}", found.faults);
    }
}

async fn one_thing_has_one_address(kind: Kind) {
    let app = TestApp::start(kind).await;
    let (door, base) = (app.door(), app.app.world.public_url.to_string());
    for lang in ["kk", "ru", "en"] {
        let (listed, _) = sitemap(&Site::Program(&door), &base).await;
        for kind_of_page in ["doctors", "clinics"] {
            let begin = format!("/{lang}/{kind_of_page}/");
            let right = listed.iter().find(|address| address.starts_with(&begin)).unwrap();
            let id = &right[begin.len()..begin.len() + 36];
            for wrong in [format!("{begin}{id}"), format!("{begin}{id}-another-name")] {
                let answer = door.get(&format!("{wrong}?utm_source=x")).await;
                assert_eq!((answer.status, answer.header("location")), (301, format!("{right}?utm_source=x")), "{wrong}");
            }
            let (told, faults) = said(&base, right, &door.get(&format!("{right}?utm_source=x&day=2026-11-24")).await.ok().text());
            assert_eq!((told.canonical.as_str(), told.indexed, faults), (right.as_str(), true, Vec::new()));
            // An old link leads to what there is instead.
            let absent = door.get(&format!("{begin}00000000-0000-4000-8000-000000000000-nobody")).await;
            let instead = if kind_of_page == "clinics" { "/almaty/clinics\"" } else { "/almaty\"" };
            assert!(absent.status == 404 && absent.text().contains(instead), "{}", absent.text());
        }
        let plain = format!("/{lang}/saint-petersburg/therapist");
        for filtered in ["?sex=f", "?page=2", "?sort=price&utm_source=x"] {
            let (told, _) = said(&base, &plain, &door.get(&format!("{plain}{filtered}")).await.ok().text());
            assert_eq!((told.canonical.as_str(), told.indexed), (plain.as_str(), false), "{filtered}");
            assert!(told.alternates.is_empty());
        }
        assert!(said(&base, &plain, &door.get(&format!("{plain}?utm_source=x")).await.ok().text()).0.indexed);
        for missing in ["nowhere", "nowhere/clinics", "saint-petersburg/examinations/no-such", "clinics/none", "saint-petersburg/nobody"] {
            let answer = door.get(&format!("/{lang}/{missing}")).await;
            assert_eq!(answer.status, 404, "{missing}");
            assert!(answer.text().contains("noindex"));
        }
    }
    assert_eq!(door.get("/sitemap/0.xml").await.status, 404);
    assert_eq!(door.get("/sitemap/99.xml").await.status, 404);
}
