//! The pages of search, with sample data: see `frame`.
#![allow(clippy::unwrap_used, unreachable_pub, dead_code)]

#[path = "../../web/tests/frame/mod.rs"]
mod frame;

use frame::Sheet;
use search::views::{Card, Filters, Home, Metro, Results, TEXTS};
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
        portrait: Portrait::of(name),
        name: name.into(),
        specialty: sheet.say("Жүрек дәрігері, кардиолог", "Кардиолог", "Cardiologist"),
        years: Some(at * 7 + 1),
        sees: (at == 2).then_some("search-sees-both"),
        clinic: sheet.say("«Невский қайнар» емханасы", "Клиника «Невский родник»", "Nevsky Spring Clinic"),
        address: sheet.say("Каменноостровский даңғ., 42", "Каменноостровский пр., 42", "Kamennoostrovsky Avenue 42"),
        metro: vec![
            Metro { name: sheet.say("Петроградская", "Петроградская", "Petrogradskaya"), minutes: 5 },
            Metro { name: sheet.say("Горьковская", "Горьковская", "Gorkovskaya"), minutes: 12 },
        ][..if at == 3 { 1 } else { 2 }]
            .to_vec(),
        price: web::money::price(180_000 + at * 50_000, "RUB"),
        rating: None,
        day: (times > 0)
            .then(|| sheet.say("ертең, 24\u{a0}қараша, сейсенбі", "завтра, вторник 24\u{a0}ноября", "tomorrow, Tuesday 24\u{a0}November")),
        times: sheet.times(&all[..times.min(6)]),
        more: sheet.times(&all[times.min(6)..]),
    }
}

fn filters(sheet: &Sheet, set: usize) -> Filters {
    let page = sheet.page("/search");
    let any = || page.s("search-any");
    let mut kinds = vec![("", any())];
    kinds.extend(specialties(sheet));
    let hours = [("", any()), ("08:00", "08:00".into()), ("12:00", "12:00".into()), ("18:00", "18:00".into())];
    Filters {
        q: String::new(),
        cities: cities(sheet),
        specialties: choices(5, &kinds),
        metros: choices(0, &[("", any()), ("petrogradskaya", sheet.say("Петроградская", "Петроградская", "Petrogradskaya"))]),
        sexes: choices(0, &[("", any()), ("f", page.s("search-sex-f")), ("m", page.s("search-sex-m"))]),
        price_max: if set > 1 { "3000".into() } else { String::new() },
        currency: "₽".into(),
        child: false,
        date: "2026-11-24".into(),
        date_min: "2026-11-23".into(),
        date_max: "2026-12-21".into(),
        from: choices(0, &hours),
        to: choices(0, &hours),
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
