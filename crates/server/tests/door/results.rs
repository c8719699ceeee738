//! The results page: every filter of the API stands on it and finds the same, a chip takes away exactly its own value, and an empty
//! page says truly what would bring somebody.

use std::collections::BTreeSet;

use serde_json::Value;
use testkit::{Door, Kind, TestApp, attribute, attributes};

testkit::both!(
    a_page_finds_what_the_api_finds,
    the_pages_of_a_list_hold_all_of_it,
    an_empty_page_says_what_would_help,
    what_is_not_understood_is_told
);

/// Questions put together at random, the same each time.
const QUESTIONS: usize = 30;
/// Each city with parts of it.
const CITIES: [(&str, [&str; 4]); 3] = [
    (
        "almaty",
        ["district=alm-medeu", "district=alm-almaly&district=alm-bostandyk", "metro=alm-abay", "metro=alm-almaly&metro=alm-zhibek-zholy"],
    ),
    ("moscow", ["district=msk-arbat", "district=msk-tverskoy&district=msk-arbat", "near=55.76,37.62", "near=55.76,37.62&sort=distance"]),
    (
        "saint-petersburg",
        ["district=spb-petrogradsky", "metro=spb-petrogradskaya", "metro=spb-gorkovskaya&metro=spb-petrogradskaya", "near=59.94,30.31"],
    ),
];
/// Values of the other filters; of each list at most one goes into a question.
const CHOICES: [&[&str]; 10] = [
    &["specialty=therapist", "specialty=cardiologist", "specialty=dentist", "specialty=radiologist"],
    &["service=ecg", "service=mri-brain", "service=therapist-follow-up"],
    &["price_max=2500", "price_max=12000"],
    &["sex=f", "sex=m"],
    &["language=kk", "language=en"],
    &["child=true"],
    &["home=true", "online=true"],
    &["date=2026-11-24", "date=2026-11-25"],
    &["to=12:00", "from=12:00&to=17:00", "from=17:00"],
    &["sort=soonest", "sort=price", "sort=experience"],
];

fn page_total(page: &str) -> u64 {
    attribute(page, "data-total=\"", "data-total").parse().unwrap()
}

/// The page of an address; a form's address leads to the one that stays.
async fn page(door: &Door, address: &str) -> String {
    let mut answer = door.get(address).await;
    if answer.status == 303 {
        answer = door.get(&answer.location()).await;
    }
    assert_eq!(answer.status, 200, "{address}");
    answer.text()
}

async fn api(door: &Door, query: &str) -> Value {
    let answer = door.get(&format!("/api/v1/practitioners?lang=ru&per_page=20&{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    answer.json()
}

/// What a link asks for, as pairs.
fn pairs(href: &str) -> BTreeSet<String> {
    let (path, query) = href.split_once('?').unwrap_or((href, ""));
    let mut pairs: BTreeSet<String> = query.split('&').filter(|pair| !pair.is_empty()).map(str::to_owned).collect();
    if let [_, _, city, specialty] = path.split('/').collect::<Vec<_>>().as_slice() {
        pairs.extend([format!("city={city}"), format!("specialty={specialty}")]);
    }
    pairs
}

/// The links of a list of the page.
fn links(page: &str, list: &str) -> Vec<String> {
    let list = page.split(list).nth(1).and_then(|rest| rest.split("</ul>").next()).unwrap_or_default();
    list.split("<li>")
        .skip(1)
        .filter(|item| !item.contains("class=\"bare\""))
        .flat_map(|item| attributes(item, "href=", "href").into_iter().next())
        .collect()
}

/// The number that stands beside a value, if the page has it.
fn count(page: &str, id: &str) -> Option<u64> {
    let label = page.split(&format!(" id=\"{id}\"")).nth(1)?.split("</label>").next()?;
    label.split("class=\"count\">").nth(1)?.split('<').next()?.parse().ok()
}

fn roles(found: &Value) -> Vec<String> {
    found["items"].as_array().unwrap().iter().map(|item| item["role_id"].as_str().unwrap().to_owned()).collect()
}

/// A city, perhaps a part of it, and some filters.
fn question(dice: &mut impl FnMut(usize) -> usize) -> String {
    let (city, parts) = CITIES[dice(CITIES.len())];
    let mut asked = vec![format!("city={city}")];
    if dice(2) == 0 {
        asked.push(parts[dice(parts.len())].to_owned());
    }
    let sorted = asked.iter().any(|part| part.contains("sort="));
    for choices in CHOICES.iter().filter(|choices| !(sorted && choices[0].starts_with("sort"))) {
        if dice(5) == 0 {
            asked.push(choices[dice(choices.len())].to_owned());
        }
    }
    asked.join("&")
}

async fn a_page_finds_what_the_api_finds(kind: Kind) {
    let app = TestApp::start(kind).await;
    let door = app.door();
    let mut state: usize = 7;
    let mut dice = move |sides: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % sides
    };
    let (mut some, mut counted, mut chips) = (0, 0, 0);
    for _ in 0..QUESTIONS {
        let query = question(&mut dice);
        let (seen, found) = (page(&door, &format!("/ru/search?{query}")).await, api(&door, &query).await);
        assert_eq!(page_total(&seen), found["total"], "{query}");
        assert_eq!(attributes(&seen, "name=\"role\"", "value"), roles(&found), "{query}: every one of them has a card, in the same order");
        some += u64::from(found["total"] != 0);
        for facet in ["sex", "language", "district", "metro", "child", "home", "online"] {
            for value in found["facets"][facet].as_array().unwrap().iter().filter(|value| value["code"] != "false") {
                let id = format!("{facet}-{}", value["code"].as_str().unwrap());
                // Another city's parts are not offered.
                if let Some(count) = count(&seen, &id) {
                    assert_eq!(value["count"], count, "{query}: {id}");
                    counted += 1;
                }
            }
        }
        let asked: BTreeSet<String> = query.split('&').map(str::to_owned).collect();
        let filters: BTreeSet<&String> =
            asked.iter().filter(|pair| !pair.starts_with("city=") && !pair.starts_with("sort=") && !pair.starts_with("to=")).collect();
        let found = links(&seen, "class=\"plain chips\"");
        let hours_alone = asked.iter().any(|pair| pair.starts_with("to=")) && !asked.iter().any(|pair| pair.starts_with("from="));
        assert_eq!(found.len(), filters.len() + usize::from(hours_alone), "{query}: one chip for each value");
        for chip in found {
            let left = pairs(&chip);
            let gone: Vec<&String> = asked.difference(&left).collect();
            let hours = gone.len() == 2 && gone.iter().all(|pair| pair.starts_with("from=") || pair.starts_with("to="));
            assert!(left.is_subset(&asked) && (gone.len() == 1 || hours), "{query}: {chip} takes away {gone:?}");
            chips += 1;
        }
    }
    assert!(some > 10 && counted > 200 && chips > 40, "{some} {counted} {chips}: the questions ask too little");
}

async fn the_pages_of_a_list_hold_all_of_it(kind: Kind) {
    let app = TestApp::start(kind).await;
    let door = app.door();
    // Devices are found with doctors.
    let query = "q=%D0%BC%D1%80%D1%82&city=moscow";
    let total = page_total(&page(&door, &format!("/ru/search?{query}")).await);
    let mut shown = BTreeSet::new();
    for number in 1..=total.div_ceil(20) {
        shown.extend(attributes(&page(&door, &format!("/ru/search?{query}&page={number}")).await, "name=\"role\"", "value"));
    }
    assert!(total > 20, "{total}");
    assert_eq!(u64::try_from(shown.len()).unwrap(), total);
    let beyond = page(&door, &format!("/ru/search?{query}&page=150")).await;
    assert!(!attributes(&beyond, "name=\"role\"", "value").is_empty(), "an old link leads to the last page");
}

async fn an_empty_page_says_what_would_help(kind: Kind) {
    let app = TestApp::start(kind).await;
    let door = app.door();
    let mut helped = 0;
    for query in [
        "city=almaty&specialty=cardiologist&district=alm-almaly&price_max=100",
        "city=moscow&specialty=dentist&sex=f&service=mri-brain",
        "city=almaty&specialty=therapist&home=true&online=true",
        "city=moscow&q=%D0%B7%D0%B7%D0%B7%D0%B7&sex=f",
        "city=moscow&specialty=therapist&date=2026-11-22",
    ] {
        let empty = page(&door, &format!("/ru/search?{query}")).await;
        assert_eq!(page_total(&empty), 0, "{query}");
        let list = empty.split("class=\"plain drops\"").nth(1).and_then(|rest| rest.split("</ul>").next()).unwrap_or_default();
        let said: Vec<u64> = list
            .split("class=\"quiet\">")
            .skip(1)
            .map(|rest| rest.split('<').next().unwrap().chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap())
            .collect();
        let ways = links(&empty, "class=\"plain drops\"");
        assert_eq!(ways.len(), said.len());
        for (way, said) in ways.iter().zip(&said) {
            assert_eq!(page_total(&page(&door, way).await), *said, "{query}: {way}");
            helped += 1;
        }
        for chip in links(&empty, "class=\"plain chips\"").iter().filter(|chip| !ways.contains(chip)) {
            assert_eq!(page_total(&page(&door, chip).await), 0, "{query}: {chip} would help and is not offered");
        }
    }
    assert!(helped >= 4, "{helped}");
}

async fn what_is_not_understood_is_told(kind: Kind) {
    let app = TestApp::start(kind).await;
    let door = app.door();
    for (lang, sex) in [("kk", "дәрігер"), ("ru", "кто принимает"), ("en", "doctor")] {
        let seen = page(&door, &format!("/{lang}/search?city=moscow&sex=planted&district=planted&child=true&hours=")).await;
        let note = seen.split("data-test=\"puzzled\">").nth(1).unwrap().split('<').next().unwrap();
        assert!(note.contains(sex) && !seen.contains("planted"), "{note}");
        assert!(seen.contains(" id=\"child-true\" name=\"child\" value=\"true\" checked"), "the rest counts");
        assert!(!page(&door, &format!("/{lang}/search?city=moscow&child=true")).await.contains("data-test=\"puzzled\""));
    }
    // Where somebody is, is known to a kilometre, whatever was sent; only this page may ask for it.
    let near = door.get("/ru/search?city=moscow&near=55.755864,37.617698&sort=distance").await.ok();
    assert!(near.header("permissions-policy").contains("geolocation=(self)"));
    assert!(door.get("/ru/").await.header("permissions-policy").contains("geolocation=()"));
    let near = near.text();
    assert!(!near.contains("55.755") && near.contains("near=55.76,37.62"), "links and fields have the round place");
    assert_eq!(attributes(&near, "name=\"robots\"", "content"), ["noindex, follow"]);
    assert!(!attribute(&near, "rel=\"canonical\"", "href").contains('?'));
}
