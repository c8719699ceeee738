//! The contact sheet: each slice's test renders its views with invented people in three languages through [`Sheet::keep`], which
//! holds every page to the rules that all pages share and, when `RECOMED_CONTACT_SHEET` names a folder, writes it there.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use askama::Template;
use web::page::{CityPhone, DayLink, Page, Phone, Portrait, Site, Summary, TimeButton};
use web::{AllTexts, Lang, Names, Source};

/// One language of the sheet.
pub struct Sheet {
    pub lang: Lang,
    texts: AllTexts,
    folder: Option<PathBuf>,
}

/// Words that differ between languages, chosen by the sheet's own.
pub fn say(lang: Lang, kk: &str, ru: &str, en: &str) -> String {
    match lang {
        Lang::Kk => kk,
        Lang::Ru => ru,
        Lang::En => en,
    }
    .to_owned()
}

impl Sheet {
    /// A sheet for each language.
    pub fn all(source: Source) -> Vec<Sheet> {
        let texts = AllTexts::load(&[source]).unwrap();
        let folder = std::env::var_os("RECOMED_CONTACT_SHEET").map(PathBuf::from);
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder.join("assets")).unwrap();
            for (name, bytes) in web::assets::all() {
                std::fs::write(folder.join("assets").join(name), bytes).unwrap();
            }
        }
        Lang::ALL.into_iter().map(|lang| Sheet { lang, texts: texts.clone(), folder: folder.clone() }).collect()
    }

    /// The words of this sheet's language.
    pub fn say(&self, kk: &str, ru: &str, en: &str) -> String {
        say(self.lang, kk, ru, en)
    }

    /// A frame at `path`.
    pub fn page(&self, path: &str) -> Page {
        let phone = |city: [&str; 3], number: &str| CityPhone {
            city: Names { kk: city[0].into(), ru: city[1].into(), en: city[2].into() },
            phone: Phone::new(number),
        };
        let site = Site {
            operator: Names {
                kk: "Recomed, демонстрация операторы".into(),
                ru: "Recomed, оператор демонстрации".into(),
                en: "Recomed, operator of the demo".into(),
            },
            email: "contact@recomed.example".into(),
            phones: vec![
                phone(["Санкт-Петербург", "Санкт-Петербург", "Saint Petersburg"], "+70008120000"),
                phone(["Мәскеу", "Москва", "Moscow"], "+70004950000"),
                phone(["Алматы", "Алматы", "Almaty"], "+70007270000"),
            ],
            demo: true,
            public_url: "https://recomed.example".into(),
        };
        Page::new(self.texts.of(self.lang), Arc::new(site), path).calling(Some(Phone::new("+70008120000")))
    }

    /// A visit of an invented doctor.
    pub fn summary(&self) -> Summary {
        Summary {
            portrait: Portrait::of("Соколова Анна Викторовна"),
            doctor: self.say("Соколова Анна Викторовна", "Соколова Анна Викторовна", "Anna Sokolova"),
            specialty: self.say("Кардиолог", "Кардиолог", "Cardiologist"),
            when: self.say(
                "ертең, 24\u{a0}қараша, сейсенбі, 18:30",
                "завтра, вторник 24\u{a0}ноября, 18:30",
                "tomorrow, Tuesday 24\u{a0}November, 18:30",
            ),
            start: "2026-11-24T18:30:00+03:00".into(),
            zone: None,
            clinic: self.say("«Невский қайнар» емханасы", "Клиника «Невский родник»", "Nevsky Spring Clinic"),
            address: self.say(
                "Санкт-Петербург, Каменноостровский даңғ., 42",
                "Санкт-Петербург, Каменноостровский пр., 42",
                "Saint Petersburg, Kamennoostrovsky Avenue 42",
            ),
            metro: vec![self.say("Петроградская, жаяу 5 мин", "Петроградская, 5 мин пешком", "Petrogradskaya, 5 min on foot")],
            price: web::money::price(280_000, "RUB"),
        }
    }

    /// Times of the sheet's Tuesday.
    pub fn times(&self, labels: &[&str]) -> Vec<TimeButton> {
        labels
            .iter()
            .map(|label| TimeButton {
                label: (*label).into(),
                long: self.say(
                    &format!("ертең, 24 қараша, сейсенбі, {label}"),
                    &format!("завтра, вторник 24 ноября, {label}"),
                    &format!("tomorrow, Tuesday 24 November, {label}"),
                ),
                start: format!("2026-11-24T{label}:00+03:00"),
            })
            .collect()
    }

    /// Fourteen days, the second chosen, some empty.
    pub fn days(&self) -> Vec<DayLink> {
        let today: jiff::civil::Date = "2026-11-23".parse().unwrap();
        (0..14_i64)
            .map(|offset| {
                let day = today.checked_add(jiff::Span::new().days(offset)).unwrap();
                DayLink {
                    href: format!("?day={day}"),
                    weekday: web::dates::weekday_short(self.lang, day.weekday()).into(),
                    day: web::dates::day_short(self.lang, day),
                    long: web::dates::say_day(self.lang, day, today),
                    free: [3, 14, 9, 0, 11, 0, 0][usize::try_from(offset).unwrap() % 7],
                    chosen: offset == 1,
                }
            })
            .collect()
    }

    /// Holds the page to the common rules and writes it as `{lang}-{name}.html` when asked to.
    pub fn keep(&self, name: &str, view: &impl Template) {
        let html = view.render().unwrap();
        let at = format!("{}-{name}", self.lang.code());
        let rest = without_machines_own(&html);
        for inline in [" style=", "<style", " onclick", " onchange", "javascript:", "http://", "https://", "src=\"//", "href=\"//"] {
            assert!(!rest.contains(inline), "{at}: {inline}");
        }
        assert_eq!(html.matches("<h1").count(), 1, "{at}: one h1");
        headings_in_order(&at, &html);
        let mut ids = HashSet::new();
        for id in html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(ids.insert(id), "{at}: id {id} twice");
        }
        for word in words(&html) {
            let unknown = ["web-", "search-", "booking-", "rights-"].iter().any(|prefix| word.starts_with(prefix));
            assert!(!unknown, "{at}: a text is missing: {word}");
        }
        if let Some(folder) = &self.folder {
            std::fs::write(folder.join(format!("{at}.html")), html).unwrap();
        }
    }
}

/// The page without the places where its own address stands whole, because machines read it there: canonical address, other languages, the
/// address that OpenGraph tells, and the facts, which may name their vocabulary besides. Nothing of it is fetched. Anything else in
/// these places stays, and so does our own address anywhere else.
fn without_machines_own(html: &str) -> String {
    const OWN: &str = "https://recomed.example/";
    let mut rest = html.to_owned();
    if let Some((before, (facts, after))) =
        html.split_once("<script type=\"application/ld+json\">").and_then(|(before, block)| Some((before, block.split_once("</script>")?)))
    {
        let facts = facts.replace(&format!("\"{OWN}"), "\"/").replacen("\"@context\":\"https://schema.org\"", "", 1);
        rest = format!("{before}{facts}{after}");
    }
    for lang in Lang::ALL {
        rest = rest.replace(&format!("<link rel=\"alternate\" hreflang=\"{}\" href=\"{OWN}", lang.code()), "");
    }
    for place in [
        "<link rel=\"canonical\" href=\"",
        "<link rel=\"alternate\" hreflang=\"x-default\" href=\"",
        "<meta property=\"og:url\" content=\"",
    ] {
        rest = rest.replacen(&format!("{place}{OWN}"), "", 1);
    }
    rest
}

#[test]
fn only_machines_read_whole_addresses() {
    let free = |html: &str| !without_machines_own(html).contains("https://");
    let facts = |inside: &str| format!("<script type=\"application/ld+json\">{{\"@context\":\"https://schema.org\",{inside}}}</script>");
    assert!(free(
        "<link rel=\"canonical\" href=\"https://recomed.example/ru/\"><meta property=\"og:url\" content=\"https://recomed.example/ru/\">"
    ));
    assert!(free("<link rel=\"alternate\" hreflang=\"kk\" href=\"https://recomed.example/kk/\">"));
    assert!(free(&facts("\"url\":\"https://recomed.example/ru/\"")));
    for spoiled in [
        "<img src=\"https://recomed.example/a.png\">".to_owned(),
        "<a href=\"https://recomed.example/ru/\">".to_owned(),
        "<link rel=\"stylesheet\" href=\"https://recomed.example/a.css\">".to_owned(),
        "<link rel=\"canonical\" href=\"https://elsewhere.example/\">".to_owned(),
        "<link rel=\"alternate\" hreflang=\"uk\" href=\"https://recomed.example/\">".to_owned(),
        "https://schema.org".to_owned(),
        facts("\"url\":\"https://elsewhere.example/\""),
        facts("\"name\":\"see https://recomed.example/\""),
        facts("\"@context\":\"https://schema.org\""),
    ] {
        assert!(!free(&spoiled), "{spoiled}");
    }
}

/// No heading is more than one level below the one before it.
fn headings_in_order(at: &str, html: &str) {
    let mut last = 0;
    for rest in html.split("<h").skip(1) {
        let Some(level) = rest.chars().next().and_then(|c| c.to_digit(10)) else {
            continue;
        };
        assert!(level <= last + 1, "{at}: h{level} after h{last}");
        last = level;
    }
}

/// What stands between tags, word by word.
fn words(html: &str) -> impl Iterator<Item = &str> {
    html.split('<').filter_map(|part| part.split_once('>')).flat_map(|(_, text)| text.split_whitespace())
}
