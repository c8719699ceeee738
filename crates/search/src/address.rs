//! What a results page was asked for, and its address: one question has one address, so that links, chips and languages agree.

use std::fmt::Write as _;

use directory::catalogue::{Catalogue, Lang, Sex};
use jiff::civil::Date;

use crate::asked::{self, Parameters};
use crate::engine::{DAY_MINUTES, PAGE_MAX, Query, Sort, When};
use crate::names;

/// Doctors on a page.
pub(crate) const PER_PAGE: usize = 20;
/// Letters of the search field.
const Q_MAX: usize = 120;
/// Values of one filter that an address can hold (I9).
const VALUES_MAX: usize = 50;

/// The parameters of a results page. People mistype addresses and keep old ones: what cannot be read is left out, and told.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Asked {
    /// Words.
    pub(crate) q: String,
    /// Code of the city.
    pub(crate) city: String,
    /// Code of the specialty.
    pub(crate) specialty: Option<String>,
    /// Code of the service.
    pub(crate) service: Option<String>,
    /// Codes of districts of that city, ordered.
    pub(crate) district: Vec<String>,
    /// Codes of stations of that city, ordered.
    pub(crate) metro: Vec<String>,
    /// Major units.
    pub(crate) price_max: Option<i64>,
    pub(crate) sex: Option<Sex>,
    /// The language of the reception.
    pub(crate) language: Option<Lang>,
    pub(crate) child: Option<bool>,
    pub(crate) home: Option<bool>,
    pub(crate) online: Option<bool>,
    pub(crate) date: Option<Date>,
    /// Minute of the day.
    pub(crate) from: Option<i64>,
    /// Minute of the day.
    pub(crate) to: Option<i64>,
    /// About where the person is.
    pub(crate) near: Option<Near>,
    pub(crate) sort: Sort,
    /// From 0: the page less one, so that the default is the first.
    pub(crate) pages_before: usize,
    /// Parameters that could not be read; not part of the address.
    pub(crate) puzzled: Vec<&'static str>,
}

/// A place rounded to hundredths of a degree: within a kilometre, so that an address never says where exactly somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Near {
    lat: i32,
    lon: i32,
}

impl Near {
    /// `LAT,LON` in degrees, however exact.
    pub(crate) fn read(text: &str) -> Option<Near> {
        let (lat, lon) = asked::place(text)?;
        // Within the ranges of degrees, so a cast loses nothing.
        let hundredths = |degrees: f64| (degrees * 100.0).round() as i32;
        Some(Near { lat: hundredths(lat), lon: hundredths(lon) })
    }

    fn degrees(self) -> (f64, f64) {
        (f64::from(self.lat) / 100.0, f64::from(self.lon) / 100.0)
    }

    /// As it stands in an address.
    pub(crate) fn written(self) -> String {
        let (lat, lon) = self.degrees();
        format!("{lat:.2},{lon:.2}")
    }
}

/// Reads parameters one by one and remembers those that cannot be read.
struct Reading<'g> {
    given: &'g Parameters,
    puzzled: Vec<&'static str>,
}

impl Reading<'_> {
    fn one<T>(&mut self, name: &'static str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let value = read(self.given.get(name)?);
        if value.is_none() {
            self.puzzled.push(name);
        }
        value
    }

    /// Every value of a filter that may have several; ordered, each once.
    fn many(&mut self, name: &'static str, read: impl Fn(&str) -> Vec<String>) -> Vec<String> {
        let (mut values, mut clear) = (Vec::new(), true);
        for found in self.given.all(name, |text| !read(text).is_empty()).map(&read) {
            clear &= !found.is_empty();
            values.extend(found);
        }
        if !clear {
            self.puzzled.push(name);
        }
        values.sort_unstable();
        values.dedup();
        values.truncate(VALUES_MAX);
        values
    }
}

impl Asked {
    /// Reads the parameters; `city` stands in for a city that is not given or not known.
    pub(crate) fn read(catalogue: &Catalogue, given: &Parameters, city: &str) -> Asked {
        let mut reading = Reading { given, puzzled: Vec::new() };
        let known = reading.one("city", |text| names::city(catalogue, text).map(|city| city.code.clone()));
        let city = known.unwrap_or_else(|| city.to_owned());
        let (from, to) = reading.one("hours", hours).unwrap_or_else(|| {
            (reading.one("from", asked::hour).filter(|from| *from > 0), reading.one("to", asked::hour).filter(|to| *to < DAY_MINUTES))
        });
        let backwards = from.zip(to).is_some_and(|(first, last)| first >= last);
        if backwards {
            reading.puzzled.push("hours");
        }
        let (from, to) = if backwards { (None, None) } else { (from, to) };
        let mut asked = Asked {
            q: given.get("q").unwrap_or_default().chars().take(Q_MAX).collect(),
            specialty: reading.one("specialty", |text| names::specialty(catalogue, text).map(|specialty| specialty.code.clone())),
            service: reading.one("service", |text| names::service(catalogue, text).map(|service| service.code.clone())),
            district: reading.many("district", |text| names::districts(catalogue, Some(&city), text)),
            metro: reading.many("metro", |text| names::metros(catalogue, Some(&city), text)),
            price_max: reading.one("price_max", asked::price).map(|minor| minor / 100),
            sex: reading.one("sex", asked::sex),
            language: reading.one("language", |text| text.to_ascii_lowercase().parse().ok()),
            child: reading.one("child", asked::yes_or_no),
            home: reading.one("home", asked::yes_or_no),
            online: reading.one("online", asked::yes_or_no),
            date: reading.one("date", |text| text.parse().ok()),
            from,
            to,
            near: reading.one("near", Near::read),
            sort: reading.one("sort", asked::sort).unwrap_or_default(),
            pages_before: given.get("page").and_then(|text| text.parse::<usize>().ok()).unwrap_or(1).clamp(1, PAGE_MAX) - 1,
            city,
            puzzled: reading.puzzled,
        };
        // A form that goes to another city still carries the parts of the old one.
        let city = asked.city.as_str();
        asked.district.retain(|code| catalogue.district(code).is_some_and(|district| district.city == city));
        asked.metro.retain(|code| catalogue.metro(code).is_some_and(|metro| metro.city == city));
        asked
    }

    /// From where distance is counted: about where the person is, else the first station chosen.
    pub(crate) fn origin(&self, catalogue: &Catalogue) -> Option<(f64, f64)> {
        let station = || self.metro.first().and_then(|code| catalogue.metro(code)).map(|metro| (metro.lat, metro.lon));
        self.near.map(Near::degrees).or_else(station)
    }

    /// The same as the engine asks it. Distance without an origin is relevance; the page says so.
    pub(crate) fn query(&self, catalogue: &Catalogue) -> Query {
        let origin = self.origin(catalogue);
        Query {
            q: self.q.clone(),
            specialty: self.specialty.clone(),
            city: Some(self.city.clone()),
            district: self.district.clone(),
            metro: self.metro.clone(),
            service: self.service.clone(),
            price_max_minor: self.price_max.map(|price| price * 100),
            sex: self.sex,
            language: self.language,
            child: self.child,
            when: When { date: self.date, from_minute: self.from.unwrap_or(0), to_minute: self.to.unwrap_or(DAY_MINUTES) },
            origin,
            home: self.home,
            online: self.online,
            sort: if self.sort == Sort::Distance && origin.is_none() { Sort::Relevance } else { self.sort },
            page: self.pages_before + 1,
            per_page: PER_PAGE,
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
        let flag = |is: bool| (if is { "true" } else { "false" }).to_owned();
        pairs.extend(self.service.iter().map(|code| ("service", code.clone())));
        pairs.extend(self.district.iter().map(|code| ("district", code.clone())));
        pairs.extend(self.metro.iter().map(|code| ("metro", code.clone())));
        pairs.extend(self.price_max.map(|price| ("price_max", price.to_string())));
        pairs.extend(self.sex.map(|sex| ("sex", sex.code().to_owned())));
        pairs.extend(self.language.map(|lang| ("language", lang.code().to_owned())));
        pairs.extend(self.child.map(|is| ("child", flag(is))));
        pairs.extend(self.home.map(|is| ("home", flag(is))));
        pairs.extend(self.online.map(|is| ("online", flag(is))));
        pairs.extend(self.date.map(|date| ("date", date.to_string())));
        pairs.extend(self.from.map(|minute| ("from", clock_time(minute))));
        pairs.extend(self.to.map(|minute| ("to", clock_time(minute))));
        pairs.extend(self.near.map(|near| ("near", near.written())));
        pairs.extend((self.sort != Sort::Relevance).then(|| ("sort", sort_name(self.sort).to_owned())));
        pairs.extend((self.pages_before > 0).then(|| ("page", (self.pages_before + 1).to_string())));
        let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }

    /// The same question changed, from its first page on.
    pub(crate) fn but(&self, change: impl FnOnce(&mut Asked)) -> Asked {
        let mut asked = Asked { pages_before: 0, puzzled: Vec::new(), ..self.clone() };
        change(&mut asked);
        asked
    }

    /// The same words and city without any filter.
    pub(crate) fn cleared(&self) -> Asked {
        Asked { q: self.q.clone(), city: self.city.clone(), sort: self.sort, ..Asked::default() }
    }
}

/// A part of the day as the form sends it, `12:00-17:00`, `-12:00`, `17:00-`: from when, before when.
fn hours(text: &str) -> Option<(Option<i64>, Option<i64>)> {
    let (from, to) = text.split_once('-')?;
    let minute = |text: &str| if text.is_empty() { Some(None) } else { asked::hour(text).map(Some) };
    Some((minute(from)?.filter(|from| *from > 0), minute(to)?.filter(|to| *to < DAY_MINUTES)))
}

/// The same written.
pub(crate) fn hours_written(from: Option<i64>, to: Option<i64>) -> String {
    let side = |minute: Option<i64>| minute.map_or_else(String::new, clock_time);
    if from.is_none() && to.is_none() { String::new() } else { format!("{}-{}", side(from), side(to)) }
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

/// Percent-encoding of all but the unreserved characters of RFC 3986; a colon and a comma may stand in a query as they are.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:,".contains(&byte) {
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
    fn what_cannot_be_read_is_left_out_and_told() {
        let asked = read(&[
            ("specialty", "?"),
            ("city", "?"),
            ("page", "0"),
            ("from", "18"),
            ("to", "9"),
            ("date", "soon"),
            ("sort", "best"),
            ("district", "msk-tverskoy"),
            ("district", "nowhere"),
            ("child", "perhaps"),
            ("near", "here"),
            ("sex", "f"),
        ]);
        assert_eq!(asked.address(), "/search?city=moscow&district=msk-tverskoy&sex=f");
        assert_eq!(asked.puzzled, ["city", "hours", "specialty", "district", "child", "date", "near", "sort"]);
        assert!(asked.but(|_| ()).puzzled.is_empty());
    }

    #[test]
    fn several_values_and_parts_of_the_day_are_read() {
        let asked =
            read(&[("metro", "Сокол"), ("metro", "msk-arbat,msk-sokol"), ("hours", "12:00-17:00"), ("online", "on"), ("home", "false")]);
        assert_eq!(asked.address(), "/search?city=moscow&metro=msk-arbat&metro=msk-sokol&home=false&online=true&from=12:00&to=17:00");
        assert_eq!((asked.puzzled.len(), hours_written(asked.from, asked.to)), (0, "12:00-17:00".to_owned()));
        assert_eq!(read(&[("hours", "17:00-")]).address(), "/search?city=moscow&from=17:00");
        assert_eq!(read(&[("hours", "-12:00"), ("from", "15")]).address(), "/search?city=moscow&to=12:00", "the form's choice counts");
        // Parts of the city that was left.
        let moved = read(&[("city", "almaty"), ("metro", "msk-arbat"), ("district", "msk-tverskoy")]);
        assert_eq!((moved.address().as_str(), moved.puzzled.len()), ("/search?city=almaty", 0));
    }

    #[test]
    fn an_address_knows_a_place_only_to_a_kilometre() {
        let asked = read(&[("near", "55.755864, 37.617698"), ("sort", "distance")]);
        assert_eq!(asked.address(), "/search?city=moscow&near=55.76,37.62&sort=distance");
        assert_eq!(asked.query(&crate::small::catalogue()).origin, Some((55.76, 37.62)));
        assert_eq!(read(&[("near", asked.near.map(Near::written).unwrap_or_default().as_str())]).near, asked.near);
        assert_eq!(read(&[("near", "-0.004,-0.006")]).near.map(Near::written).as_deref(), Some("0.00,-0.01"));
        // Without an origin there is no distance.
        assert_eq!(read(&[("sort", "distance")]).query(&crate::small::catalogue()).sort, Sort::Relevance);
        assert_eq!(read(&[("sort", "distance"), ("metro", "msk-arbat")]).query(&crate::small::catalogue()).sort, Sort::Distance);
    }
}
