//! From the parameters of an address to a [`Query`]. A parameter that is empty is absent; one that we do not know is ignored; one
//! that cannot be read is refused by its name, never by its value, which may be personal.

use directory::catalogue::{Catalogue, Sex};
use jiff::civil::Date;

use crate::engine::{DAY_MINUTES, PAGE_MAX, PER_PAGE_MAX, Query, Sort, When};
use crate::names;

/// Roles on a page when nothing is said.
pub const PER_PAGE: usize = 20;
/// Highest price that can be asked for, major units: far above any visit, far below what overflows.
const PRICE_MAX: i64 = 1_000_000_000;

/// Values of one parameter that are looked at (I9).
const GIVEN_MAX: usize = 100;

/// The parameter of this name cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable(pub &'static str);

/// The parameters of an address; of a repeated one the first counts, except where a filter may have several values.
#[derive(Clone, Debug, Default)]
pub struct Parameters(pub Vec<(String, String)>);

impl Parameters {
    /// The value, without spaces around it; `None` when absent or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        web::query::given(&self.0, name)
    }

    /// The values of a parameter that may be repeated. One that is not `known` as it stands and holds commas is a list.
    pub(crate) fn all<'g>(&'g self, name: &'g str, known: impl Fn(&str) -> bool + 'g) -> impl Iterator<Item = &'g str> {
        let given = self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.trim()).filter(|value| !value.is_empty());
        given.take(GIVEN_MAX).flat_map(move |value| {
            let parts: Vec<&str> =
                if known(value) { vec![value] } else { value.split(',').map(str::trim).filter(|part| !part.is_empty()).collect() };
            parts.into_iter().take(GIVEN_MAX)
        })
    }

    /// All values of a filter that may have several, each once.
    fn read_all(&self, name: &'static str, read: impl Fn(&str) -> Vec<String>) -> Result<Vec<String>, Unreadable> {
        let mut codes = Vec::new();
        for found in self.all(name, |text| !read(text).is_empty()).map(&read) {
            if found.is_empty() {
                return Err(Unreadable(name));
            }
            found.into_iter().for_each(|code| {
                if !codes.contains(&code) {
                    codes.push(code);
                }
            });
        }
        Ok(codes)
    }

    fn read<T>(&self, name: &'static str, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Unreadable> {
        self.get(name).map(|value| read(value).ok_or(Unreadable(name))).transpose()
    }
}

/// Reads every parameter of a search. `price_max` is in major units (roubles, tenge), as people type it.
///
/// # Errors
/// The first parameter that cannot be read or names nothing that the directory has; `near` when distance has no origin.
pub fn query(catalogue: &Catalogue, given: &Parameters) -> Result<Query, Unreadable> {
    let city = given.read("city", |text| names::city(catalogue, text).map(|city| city.code.clone()))?;
    let here = city.as_deref();
    let district = given.read_all("district", |text| names::districts(catalogue, here, text))?;
    let metro = given.read_all("metro", |text| names::metros(catalogue, here, text))?;
    let near = given.read("near", place)?;
    let origin = near.or_else(|| metro.first().and_then(|code| catalogue.metro(code)).map(|metro| (metro.lat, metro.lon)));
    let sort = given.read("sort", sort)?.unwrap_or_default();
    if sort == Sort::Distance && origin.is_none() {
        return Err(Unreadable("near"));
    }
    Ok(Query {
        q: given.get("q").unwrap_or_default().to_owned(),
        specialty: given.read("specialty", |text| names::specialty(catalogue, text).map(|specialty| specialty.code.clone()))?,
        service: given.read("service", |text| names::service(catalogue, text).map(|service| service.code.clone()))?,
        price_max_minor: given.read("price_max", price)?,
        sex: given.read("sex", sex)?,
        language: given.read("language", |text| text.to_ascii_lowercase().parse().ok())?,
        child: given.read("child", yes_or_no)?,
        when: when(given)?,
        home: given.read("home", yes_or_no)?,
        online: given.read("online", yes_or_no)?,
        page: given.read("page", |text| text.parse().ok().filter(|page| (1..=PAGE_MAX).contains(page)))?.unwrap_or(1),
        per_page: given
            .read("per_page", |text| text.parse::<usize>().ok().filter(|count| *count > 0))?
            .map_or(PER_PAGE, |count| count.min(PER_PAGE_MAX)),
        city,
        district,
        metro,
        origin,
        sort,
    })
}

fn when(given: &Parameters) -> Result<When, Unreadable> {
    let date = given.read("date", |text| text.parse::<Date>().ok().filter(|_| text.len() == 10))?;
    let from_minute = given.read("from", hour)?.unwrap_or(0);
    let to_minute = given.read("to", hour)?.unwrap_or(DAY_MINUTES);
    if from_minute >= to_minute {
        // The one that was given is at fault.
        return Err(Unreadable(if given.get("to").is_some() { "to" } else { "from" }));
    }
    Ok(When { date, from_minute, to_minute })
}

/// `9`, `09`, `09:30`, `24:00` as minutes of the day.
pub fn hour(text: &str) -> Option<i64> {
    let (hour, minute) = text.split_once(':').unwrap_or((text, "00"));
    let digits = |part: &str, most: usize| {
        (!part.is_empty() && part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse::<i64>().ok())?
    };
    let (hour, minute) = (digits(hour, 2)?, digits(minute, 2).filter(|_| minute.len() == 2)?);
    Some(hour * 60 + minute).filter(|all| minute < 60 && *all <= DAY_MINUTES)
}

/// Major units as people type them, `3 000` too, as minor units.
pub fn price(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    digits.parse::<i64>().ok().filter(|price| (0..=PRICE_MAX).contains(price)).map(|price| price * 100)
}

/// `f` or `m`, or the word.
pub fn sex(text: &str) -> Option<Sex> {
    match text.to_ascii_lowercase().as_str() {
        "female" => Some(Sex::Female),
        "male" => Some(Sex::Male),
        code => Sex::from_code(code),
    }
}

/// `true` or `false`, in the spellings of forms and programs.
pub fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" => Some(false),
        _ => None,
    }
}

/// `LAT,LON` in degrees.
pub fn place(text: &str) -> Option<(f64, f64)> {
    let (lat, lon) = text.split_once(',')?;
    let (lat, lon): (f64, f64) = (lat.trim().parse().ok()?, lon.trim().parse().ok()?);
    // Ranges leave out what is not a number, too.
    ((-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon)).then_some((lat, lon))
}

/// The orders by their names.
pub(crate) const SORTS: [(&str, Sort); 6] = [
    ("relevance", Sort::Relevance),
    ("soonest", Sort::Soonest),
    ("price", Sort::Price),
    ("rating", Sort::Rating),
    ("experience", Sort::Experience),
    ("distance", Sort::Distance),
];

/// The order of that name.
pub fn sort(text: &str) -> Option<Sort> {
    SORTS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, sort)| *sort)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Query, Unreadable> {
        let given = Parameters(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        query(&crate::small::catalogue(), &given)
    }

    #[test]
    fn codes_and_names_mean_the_same() {
        for (specialty, city, metro) in [
            ("cardiologist", "moscow", "msk-arbat"),
            ("кардиология", "Москва", "арбат"),
            ("Жүрек дәрігері", "мәскеу", "Arbat"),
            ("ЖУРЕК ДАРИГЕРИ", "Moscow", " Арбат "),
        ] {
            let query = read(&[("specialty", specialty), ("city", city), ("metro", metro), ("sort", "distance")]).unwrap();
            assert_eq!(query.specialty.as_deref(), Some("cardiologist"));
            assert_eq!(query.city.as_deref(), Some("moscow"));
            assert_eq!(query.metro, ["msk-arbat"]);
            assert!(query.origin.is_some());
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (name, value) in [
            ("specialty", "astrologer"),
            ("city", "Paris"),
            ("district", "?"),
            ("metro", "nowhere"),
            ("service", "x"),
            ("price_max", "-1"),
            ("price_max", "9999999999999999999"),
            ("sex", "x"),
            ("language", "de"),
            ("child", "maybe"),
            ("date", "2026-02-30"),
            ("date", "tomorrow"),
            ("from", "25:00"),
            ("from", "9:5"),
            ("from", "24:00"),
            ("to", "0"),
            ("sort", "best"),
            ("page", "0"),
            ("page", "201"),
            ("per_page", "0"),
            ("near", "91,0"),
            ("near", "NaN,0"),
            ("near", "60"),
        ] {
            assert_eq!(read(&[(name, value)]), Err(Unreadable(name)), "{name}={value}");
        }
        assert_eq!(read(&[("sort", "distance")]), Err(Unreadable("near")));
    }

    #[test]
    fn stations_and_districts_may_be_several() {
        let query = read(&[("metro", "msk-sokol"), ("metro", "Арбат"), ("district", "msk-tverskoy, alm-medeu")]).unwrap();
        assert_eq!(
            (query.metro, query.district),
            (vec!["msk-sokol".into(), "msk-arbat".into()], vec!["msk-tverskoy".into(), "alm-medeu".into()])
        );
        assert_eq!(read(&[("metro", "msk-sokol"), ("metro", "nowhere")]), Err(Unreadable("metro")));
    }

    #[test]
    fn the_unknown_and_the_empty_are_ignored() {
        assert_eq!(
            read(&[("utm_source", "x"), ("city", ""), ("date", " ")]).unwrap(),
            Query { page: 1, per_page: PER_PAGE, ..Query::default() }
        );
        assert_eq!(read(&[("per_page", "5000")]).unwrap().per_page, PER_PAGE_MAX);
        assert_eq!(read(&[("price_max", "3 000")]).unwrap().price_max_minor, Some(300_000));
        assert_eq!(read(&[("from", "9"), ("to", "18:30")]).unwrap().when, When { date: None, from_minute: 540, to_minute: 1110 });
    }
}
