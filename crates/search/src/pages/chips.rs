//! What is asked for, one chip for each value: its words, and the question without it.

use directory::catalogue::Catalogue;
use jiff::Zoned;
use web::dates;
use web::money;
use web::page::Page;

use crate::address::{Asked, clock_time};
use crate::texts;

/// A value asked for.
pub(super) struct Chip {
    /// Its words.
    pub(super) text: String,
    /// The question without it.
    pub(super) without: Asked,
}

/// One for each value of a filter, in the order of the filters. Words, city and order are none.
pub(super) fn chips(catalogue: &Catalogue, page: &Page, asked: &Asked, now_there: &Zoned) -> Vec<Chip> {
    let lang = page.lang();
    let mut chips = Vec::new();
    let mut add = |text: String, change: &dyn Fn(&mut Asked)| chips.push(Chip { text, without: asked.but(change) });
    if let Some(specialty) = asked.specialty.as_deref().and_then(|code| catalogue.specialty(code)) {
        add(specialty.names.get(lang).to_owned(), &|asked| asked.specialty = None);
    }
    if let Some(service) = asked.service.as_deref().and_then(|code| catalogue.service(code)) {
        add(service.names.get(lang).to_owned(), &|asked| asked.service = None);
    }
    if let Some(date) = asked.date {
        add(dates::capital(&dates::say_day(lang, date, now_there.date())), &|asked| asked.date = None);
    }
    if let Some(hours) = hours(page, asked.from, asked.to) {
        add(hours, &|asked| (asked.from, asked.to) = (None, None));
    }
    if let Some(price) = asked.price_max {
        let currency = catalogue.city(&asked.city).map_or("", |city| city.currency.as_str());
        add(page.one("search-chip-price", "price", money::price(price * 100, currency)), &|asked| asked.price_max = None);
    }
    for code in &asked.district {
        let name = catalogue.district(code).map_or("", |district| district.names.get(lang));
        add(page.one("search-chip-district", "name", name), &|asked| asked.district.retain(|known| known != code));
    }
    for code in &asked.metro {
        let name = catalogue.metro(code).map_or("", |metro| metro.names.get(lang));
        add(page.one("search-chip-metro", "name", name), &|asked| asked.metro.retain(|known| known != code));
    }
    if asked.near.is_some() {
        add(page.s("search-chip-near"), &|asked| asked.near = None);
    }
    if let Some(child) = asked.child {
        add(page.s(texts::child(child)), &|asked| asked.child = None);
    }
    if let Some(home) = asked.home {
        add(page.s(texts::home(home)), &|asked| asked.home = None);
    }
    if let Some(online) = asked.online {
        add(page.s(texts::online(online)), &|asked| asked.online = None);
    }
    if let Some(sex) = asked.sex {
        add(page.s(texts::sex(sex)), &|asked| asked.sex = None);
    }
    if let Some(language) = asked.language {
        add(dates::capital(&page.s(texts::language(language))), &|asked| asked.language = None);
    }
    chips
}

/// A part of the day in words; `None` for the whole of it.
pub(super) fn hours(page: &Page, from: Option<i64>, to: Option<i64>) -> Option<String> {
    match (from.map(clock_time), to.map(clock_time)) {
        (Some(from), Some(to)) => Some(page.two("search-chip-hours", "from", from, "to", to)),
        (Some(from), None) => Some(page.one("search-chip-from", "from", from)),
        (None, Some(to)) => Some(page.one("search-chip-to", "to", to)),
        (None, None) => None,
    }
}
