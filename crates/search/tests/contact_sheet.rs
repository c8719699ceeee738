//! The pages of search, with sample data: see `frame`.
#![allow(clippy::unwrap_used, unreachable_pub, dead_code)]

#[path = "../../web/tests/frame/mod.rs"]
mod frame;

use frame::Sheet;
use search::views::{Card, Drop, Filters, Group, Home, Line, Metro, Results, TEXTS, Value};
use web::page::{Choice, Link, Phone, Portrait};

fn choices(chosen: usize, of: &[(&str, String)]) -> Vec<Choice> {
    of.iter()
        .enumerate()
        .map(|(place, (value, text))| Choice { value: (*value).into(), text: text.clone(), chosen: place == chosen })
        .collect()
}

fn cities(sheet: &Sheet) -> Vec<Choice> {
    choices(
        0,
        &[
            ("saint-petersburg", sheet.say("Санкт-Петербург", "Санкт-Петербург", "Saint Petersburg")),
            ("moscow", sheet.say("Мәскеу", "Москва", "Moscow")),
            ("almaty", "Алматы".into()),
        ],
    )
}

fn specialties(sheet: &Sheet) -> Vec<(&'static str, String)> {
    vec![
        ("therapist", sheet.say("Терапевт", "Терапевт", "General practitioner")),
        ("paediatrician", sheet.say("Балалар дәрігері", "Педиатр", "Paediatrician")),
        ("dentist", sheet.say("Тіс дәрігері", "Стоматолог", "Dentist")),
        ("gynaecologist", sheet.say("Гинеколог", "Гинеколог", "Gynaecologist")),
        ("cardiologist", sheet.say("Жүрек дәрігері, кардиолог", "Кардиолог", "Cardiologist")),
        ("neurologist", sheet.say("Жүйке дәрігері, невролог", "Невролог", "Neurologist")),
        ("ophthalmologist", sheet.say("Көз дәрігері", "Офтальмолог", "Eye doctor")),
        ("otolaryngologist", sheet.say("Құлақ-мұрын-тамақ дәрігері", "Оториноларинголог (ЛОР)", "Ear, nose and throat doctor")),
    ]
}

fn card(sheet: &Sheet, name: &str, at: i64, times: usize) -> Card {
    let all = ["09:00", "09:30", "10:00", "11:30", "12:00", "14:00", "15:30", "16:00", "18:30", "19:00"];
    let all = &all[..times];
    Card {
        role: format!("0192-{at}"),
        service: None,
        href: "/doctors".into(),
        portrait: Some(Portrait::of(name)),
        name: name.into(),
        what: sheet.say("Жүрек дәрігері, кардиолог", "Кардиолог", "Cardiologist"),
        notes: vec![sheet.page("/").one("search-years", "n", at * 7 + 1)],
        badges: if at == 2 { vec![sheet.page("/").s("search-home-visit")] } else { Vec::new() },
        clinic: sheet.say("«Невский қайнар» емханасы", "Клиника «Невский родник»", "Nevsky Spring Clinic"),
        address: sheet.say("Каменноостровский даңғ., 42", "Каменноостровский пр., 42", "Kamennoostrovsky Avenue 42"),
        metro: vec![
            Metro {
                name: sheet.say("Петроградская", "Петроградская", "Petrogradskaya"),
                minutes: 5,
                lines: vec![Line { colour: "#0078c9".into(), name: "2".into() }],
            },
            Metro { name: sheet.say("Горьковская", "Горьковская", "Gorkovskaya"), minutes: 12, lines: Vec::new() },
        ][..if at == 3 { 1 } else { 2 }]
            .to_vec(),
        distance: (at == 1).then(|| sheet.page("/").one("search-distance-about", "n", 2)),
        price_of: sheet.page("/").s("search-first-visit"),
        price: web::money::price(180_000 + at * 50_000, "RUB"),
        rating: None,
        day: (times > 0)
            .then(|| sheet.say("ертең, 24\u{a0}қараша, сейсенбі", "завтра, вторник 24\u{a0}ноября", "tomorrow, Tuesday 24\u{a0}November")),
        times: sheet.times(&all[..times.min(6)]),
        more: sheet.times(&all[times.min(6)..]),
        by_request: times == 0,
    }
}

fn filters(sheet: &Sheet, set: usize) -> Filters {
    let page = sheet.page("/search");
    let any = || page.s("search-any");
    let mut kinds = vec![("", any())];
    kinds.extend(specialties(sheet));
    let value = |id: &str, text: String, count| Value { id: id.into(), name: "metro", value: id.into(), text, count, ..Value::default() };
    let sex = ["f", "m"].map(|sex| value(sex, page.s(&format!("search-sex-{sex}")), Some(usize::from(sex == "f"))));
    Filters {
        q: String::new(),
        cities: cities(sheet),
        specialties: choices(5, &kinds),
        services: vec![(page.s("search-kind-consultation"), choices(0, &[("ecg", sheet.say("ЭКГ", "ЭКГ", "ECG"))]))],
        any_service: true,
        groups: vec![Group { id: "sex", legend: page.s("search-sex"), single: true, first: sex.into(), ..Group::default() }],
        lists: vec![Group {
            id: "metro",
            legend: page.s("search-metro"),
            first: vec![value("petrogradskaya", sheet.say("Петроградская", "Петроградская", "Petrogradskaya"), Some(3))],
            rest: vec![value("gorkovskaya", sheet.say("Горьковская", "Горьковская", "Gorkovskaya"), Some(1))],
            all: page.one("search-metro-all", "n", 1),
            ..Group::default()
        }],
        near: None,
        sort_note: None,
        sorts: choices(
            0,
            &[
                ("relevance", page.s("search-sort-relevance")),
                ("soonest", page.s("search-sort-soonest")),
                ("price", page.s("search-sort-price")),
            ],
        ),
        set,
    }
}

#[test]
fn pages_of_search() {
    for sheet in Sheet::all(TEXTS) {
        let popular = specialties(&sheet)
            .into_iter()
            .map(|(code, text)| Link { text, href: format!("/{}/saint-petersburg/{code}", sheet.lang) })
            .collect();
        sheet.keep(
            "home",
            &Home {
                page: sheet.page("/"),
                q: String::new(),
                cities: cities(&sheet),
                city: sheet.say("Санкт-Петербург", "Санкт-Петербург", "Saint Petersburg"),
                phone: Some(Phone::new("+70008120000")),
                examinations: vec![Link {
                    text: sheet.say("ЭКГ", "ЭКГ", "ECG"),
                    href: format!("/{}/saint-petersburg/examinations/ecg", sheet.lang),
                }],
                all: None,
                places: vec![Link { text: sheet.say("Алматы", "Алматы", "Almaty"), href: format!("/{}/almaty", sheet.lang) }],
                popular,
                doctors: 63,
                clinics: 12,
            },
        );
        let page = sheet.page("/saint-petersburg/cardiologist");
        let kind = sheet.say("Кардиолог", "Кардиолог", "Cardiologist");
        let city = sheet.say("Санкт-Петербург", "Санкт-Петербург", "Saint Petersburg");
        let chips = vec![
            Link { text: kind.clone(), href: "?".into() },
            Link { text: page.one("search-chip-price", "price", web::money::price(300_000, "RUB")), href: "?".into() },
        ];
        let names =
            ["Соколова Анна Викторовна", "Ахметов Ерлан Серікұлы", "Константинопольский-Заречный Всеволод Александрович", "Ли Мария"];
        let results = |chips: Vec<Link>, cards: Vec<Card>, total: usize| Results {
            heading: page.two("search-heading", "specialty", &kind, "city", &city),
            page: page.clone(),
            crumbs: vec![Link { text: page.s("search-home"), href: format!("/{}/", sheet.lang) }],
            landing: None,
            total,
            said: page.one("search-total", "n", total),
            show: page.one("search-show-n", "n", total),
            puzzled: None,
            drops: chips
                .iter()
                .map(|chip| Drop { text: chip.text.clone(), href: chip.href.clone(), count: 4 })
                .filter(|_| cards.is_empty())
                .collect(),
            cleared: 23,
            filters: filters(&sheet, chips.len()),
            chips,
            clear_href: "?".into(),
            other_days: if cards.is_empty() { sheet.days() } else { Vec::new() },
            cards,
            previous: None,
            next: (total > 10).then(|| "?page=2".into()),
            number: 1,
            pages: total.div_ceil(10),
        };
        let cards = names.iter().zip([(1, 10), (2, 6), (3, 3), (4, 0)]).map(|(name, (at, times))| card(&sheet, name, at, times)).collect();
        sheet.keep("results", &results(Vec::new(), cards, 23));
        sheet.keep("results-empty", &results(chips, Vec::new(), 0));
    }
}
