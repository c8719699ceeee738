//! The pages of the floor, with sample data: see `frame`.
#![allow(clippy::unwrap_used, unreachable_pub, dead_code)]

mod frame;

use frame::Sheet;
use web::Source;
use web::page::Link;
use web::views::{ErrorPage, Outbox, OutboxItem};

const NONE: Source = Source { kk: "", ru: "", en: "" };

#[test]
fn pages_of_the_floor() {
    for sheet in Sheet::all(NONE) {
        let page = sheet.page("/nowhere").private();
        sheet.keep(
            "error",
            &ErrorPage {
                status: 404,
                heading: page.s("web-error-not-found-heading"),
                sentence: page.s("web-error-not-found"),
                clause: None,
                links: Vec::<Link>::new(),
                page,
            },
        );
        let item = |text: &str, link: Option<&str>| OutboxItem {
            at: sheet.say("бүгін, 12:04", "сегодня, 12:04", "today, 12:04"),
            to: "+7 000 123-45-67".into(),
            subject: None,
            text: text.into(),
            link: link.map(str::to_owned),
        };
        sheet.keep(
            "outbox",
            &Outbox {
                page: sheet.page("/demo/outbox").private(),
                items: vec![
                    item("24.11 18:30, Каменноостровский пр., 42. recomed.example/ru/v/7f3a.Qk", Some("/ru/v/7f3a.Qk")),
                    item("Recomed: 481 902", None),
                ],
            },
        );
        sheet.keep("outbox-empty", &Outbox { page: sheet.page("/demo/outbox").private(), items: Vec::new() });
    }
}
