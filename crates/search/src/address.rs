//! What a results page was asked for, and its address: one question has one address, so that links, chips and languages agree.

use std::fmt::Write as _;

use directory::catalogue::{Catalogue, Sex};
use jiff::civil::Date;

use crate::asked::{self, Parameters};
use crate::engine::{DAY_MINUTES, PAGE_MAX, Query, Sort, When};
use crate::names;

/// Doctors on a page.
pub(crate) const PER_PAGE: usize = 20;
/// Letters of the search field.
const Q_MAX: usize = 120;

/// The parameters of a results page. People mistype addresses and keep old ones: what cannot be read is as if it were not there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Asked {
    /// Words.
    pub(crate) q: String,
    /// Code of the city.
    pub(crate) city: String,
    /// Code of the specialty.
    pub(crate) specialty: Option<String>,
    /// Code of a station of that city.
    pub(crate) metro: Option<String>,
    /// Major units.
    pub(crate) price_max: Option<i64>,
    pub(crate) sex: Option<Sex>,
    pub(crate) child: bool,
    pub(crate) date: Option<Date>,
    /// Minute of the day.
    pub(crate) from: Option<i64>,
    /// Minute of the day.
    pub(crate) to: Option<i64>,
    pub(crate) sort: Sort,
    /// From 0: the page less one, so that the default is the first.
    pub(crate) pages_before: usize,
}

impl Asked {
    /// Reads the parameters; `city` stands in for a city that is not given or not known.
    pub(crate) fn read(catalogue: &Catalogue, given: &Parameters, city: &str) -> Asked {
        let city = given.get("city").and_then(|text| names::city(catalogue, text)).map_or(city, |city| city.code.as_str()).to_owned();
        let metro = given.get("metro").and_then(|text| names::metros(catalogue, Some(&city), text).into_iter().next());
        let (mut from, mut to) = (
            given.get("from").and_then(asked::hour).filter(|from| *from > 0),
            given.get("to").and_then(asked::hour).filter(|to| *to < DAY_MINUTES),
        );
        if let (Some(first), Some(last)) = (from, to)
            && first >= last
        {
            (from, to) = (None, None);
        }
        Asked {
            q: given.get("q").unwrap_or_default().chars().take(Q_MAX).collect(),
            specialty: given.get("specialty").and_then(|text| names::specialty(catalogue, text)).map(|specialty| specialty.code.clone()),
            metro: metro.filter(|code| catalogue.metro(code).is_some_and(|metro| metro.city == city)),
            price_max: given.get("price_max").and_then(asked::price).map(|minor| minor / 100),
            sex: given.get("sex").and_then(asked::sex),
            child: given.get("child").is_some_and(|text| text == "true" || text == "1"),
            date: given.get("date").and_then(|text| text.parse().ok()),
            from,
            to,
            sort: given.get("sort").and_then(asked::sort).unwrap_or_default(),
            pages_before: given.get("page").and_then(|text| text.parse::<usize>().ok()).unwrap_or(1).clamp(1, PAGE_MAX) - 1,
            city,
        }
    }

    /// The same as the engine asks it.
    pub(crate) fn query(&self) -> Query {
        Query {
            q: self.q.clone(),
            specialty: self.specialty.clone(),
            city: Some(self.city.clone()),
            metro: self.metro.iter().cloned().collect(),
            price_max_minor: self.price_max.map(|price| price * 100),
            sex: self.sex,
            child: self.child.then_some(true),
            when: When { date: self.date, from_minute: self.from.unwrap_or(0), to_minute: self.to.unwrap_or(DAY_MINUTES) },
            // The page offers no distance; from an address it needs an origin, which only a station gives.
            sort: if self.sort == Sort::Distance { Sort::Relevance } else { self.sort },
            page: self.pages_before + 1,
            per_page: PER_PAGE,
            ..Query::default()
        }
    }

    /// The page's address after the language: `/moscow/cardiologist?…` when no words are asked, else `/search?…`.
    pub(crate) fn address(&self) -> String {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        let path = match (&self.specialty, self.q.is_empty()) {
            (Some(specialty), true) => format!("/{}/{specialty}", self.city),
            (specialty, _) => {
                if !self.q.is_empty() {
                    pairs.push(("q", self.q.clone()));
                }
                pairs.push(("city", self.city.clone()));
                pairs.extend(specialty.iter().map(|code| ("specialty", code.clone())));
                "/search".to_owned()
            }
        };
        pairs.extend(self.metro.iter().map(|code| ("metro", code.clone())));
        pairs.extend(self.price_max.map(|price| ("price_max", price.to_string())));
        pairs.extend(self.sex.map(|sex| ("sex", sex.code().to_owned())));
        pairs.extend(self.child.then(|| ("child", "true".to_owned())));
        pairs.extend(self.date.map(|date| ("date", date.to_string())));
        pairs.extend(self.from.map(|minute| ("from", clock_time(minute))));
        pairs.extend(self.to.map(|minute| ("to", clock_time(minute))));
        pairs.extend((self.sort != Sort::Relevance).then(|| ("sort", sort_name(self.sort).to_owned())));
        pairs.extend((self.pages_before > 0).then(|| ("page", (self.pages_before + 1).to_string())));
        let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }

    /// The same question changed, from its first page on.
    pub(crate) fn but(&self, change: impl FnOnce(&mut Asked)) -> Asked {
        let mut asked = Asked { pages_before: 0, ..self.clone() };
        change(&mut asked);
        asked
    }

    /// The same words and city without any filter.
    pub(crate) fn cleared(&self) -> Asked {
        Asked { q: self.q.clone(), city: self.city.clone(), sort: self.sort, ..Asked::default() }
    }
}

/// `09:00` for 540.
pub(crate) fn clock_time(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The name under which an order stands in addresses.
pub(crate) fn sort_name(sort: Sort) -> &'static str {
    match sort {
        Sort::Relevance => "relevance",
        Sort::Soonest => "soonest",
        Sort::Price => "price",
        Sort::Rating => "rating",
        Sort::Experience => "experience",
        Sort::Distance => "distance",
    }
}

/// Percent-encoding of all but the unreserved characters of RFC 3986; a colon may stand in a query as it is.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _infallible = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Asked {
        let given = Parameters(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        Asked::read(&crate::small::catalogue(), &given, "moscow")
    }

    #[test]
    fn one_question_has_one_address() {
        assert_eq!(read(&[("specialty", "кардиолог"), ("city", "Мәскеу")]).address(), "/moscow/cardiologist");
        assert_eq!(
            read(&[("sort", "soonest"), ("to", "18"), ("specialty", "dentist"), ("price_max", "3 000")]).address(),
            "/moscow/dentist?price_max=3000&to=18:00&sort=soonest"
        );
        assert_eq!(
            read(&[("q", "болит & зуб"), ("page", "3")]).address(),
            "/search?q=%D0%B1%D0%BE%D0%BB%D0%B8%D1%82%20%26%20%D0%B7%D1%83%D0%B1&city=moscow&page=3"
        );
        let whole = read(&[
            ("q", "x"),
            ("city", "almaty"),
            ("metro", "arbat"),
            ("sex", "f"),
            ("child", "true"),
            ("date", "2026-12-01"),
            ("from", "9"),
        ]);
        assert_eq!(whole.address(), "/search?q=x&city=almaty&sex=f&child=true&date=2026-12-01&from=09:00");
        assert_eq!(whole.cleared().address(), "/search?q=x&city=almaty");
    }

    #[test]
    fn what_cannot_be_read_is_as_if_absent() {
        assert_eq!(
            read(&[("specialty", "?"), ("city", "?"), ("page", "0"), ("from", "18"), ("to", "9"), ("date", "soon"), ("sort", "best")])
                .address(),
            "/search?city=moscow"
        );
    }
}
