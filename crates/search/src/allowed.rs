//! A parameter that could not be read, and what it may say instead. The value that was given is never repeated: it may be personal.

use axum::http::StatusCode;
use db::Lang;
use directory::catalogue::{Names, Sex};
use serde_json::{Map, Value as Json, json};
use web::Texts;
use web::problem::Problem;
use web::texts::Value;

use crate::asked::{Parameters, SORTS, Unreadable};
use crate::bits::Bits;
use crate::engine::{PAGE_MAX, PER_PAGE_MAX};
use crate::index::Index;
use crate::sets::Facet;
use crate::{names, texts};

/// Values that are listed of one parameter at most (I9).
pub(crate) const ALLOWED_MAX: usize = 50;

/// The refusal of a parameter: its name, and either the values it may have or the form of its value, in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    parameter: &'static str,
    allowed: Allowed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Allowed {
    /// Codes with their names, at most [`ALLOWED_MAX`], and how many there are beyond them.
    Listed { values: Vec<(String, String)>, left_out: usize },
    /// What a value looks like.
    Formed(String),
}

impl Refused {
    /// What the parameter may say. Values of the directory stand in the order of how many schedules they lead to; districts, stations
    /// and services are those of the city that `given` names, where it names one.
    pub(crate) fn new(index: &Index, texts: &Texts, given: &Parameters, Unreadable(parameter): Unreadable) -> Refused {
        let (catalogue, sets, lang) = (index.catalogue(), index.sets(), texts.lang());
        let city = given.get("city").and_then(|text| names::city(catalogue, text));
        let city_place = city.and_then(|city| catalogue.cities.iter().position(|known| known.code == city.code));
        let here = city_place.and_then(|place| sets.of(Facet::City, place));
        let of_city = |code: &str| city.is_none_or(|city| city.code == code);
        let coded = |entries: Vec<Entry<'_>>| most_first(entries, here, lang);
        let worded = |values: &[(&str, &str)]| {
            let values = values.iter().map(|(code, id)| ((*code).to_owned(), texts.s(id).to_string())).collect();
            Allowed::Listed { values, left_out: 0 }
        };
        let yes_or_no = |name: fn(bool) -> &'static str| worded(&[("true", name(true)), ("false", name(false))]);
        let form = |id: &str, most: usize| Allowed::Formed(texts.with(id, &[("most", most.into())]));
        let allowed = match parameter {
            "city" => {
                let all = catalogue.cities.iter().zip(sets.all_of(Facet::City));
                // Another city is what is asked for: the one that was given does not count.
                most_first(all.map(|(known, set)| (&*known.code, &known.names, set)).collect(), None, lang)
            }
            "specialty" => {
                let all = catalogue.specialties.iter().zip(sets.all_of(Facet::Specialty));
                coded(all.map(|(known, set)| (&*known.code, &known.names, set)).collect())
            }
            "service" => {
                let all = catalogue.services.iter().zip(sets.all_of(Facet::Service));
                let offered = all.filter(|(_, set)| here.is_none_or(|here| set.common(here) > 0));
                coded(offered.map(|(known, set)| (&*known.code, &known.names, set)).collect())
            }
            "district" => {
                let all = catalogue.districts.iter().zip(sets.all_of(Facet::District)).filter(|(known, _)| of_city(&known.city));
                coded(all.map(|(known, set)| (&*known.code, &known.names, set)).collect())
            }
            "metro" => {
                let all = catalogue.metros.iter().zip(sets.all_of(Facet::Metro)).filter(|(known, _)| of_city(&known.city));
                coded(all.map(|(known, set)| (&*known.code, &known.names, set)).collect())
            }
            "sex" => worded(&[Sex::Female, Sex::Male].map(|sex| (sex.code(), texts::sex(sex)))),
            "language" => worded(&Lang::ALL.map(|lang| (lang.code(), texts::language(lang)))),
            "child" => yes_or_no(texts::child),
            "home" => yes_or_no(texts::home),
            "online" => yes_or_no(texts::online),
            "sort" => worded(&SORTS.map(|(code, sort)| (code, texts::sort(sort)))),
            "date" => form("search-form-date", 0),
            "price_max" => form("search-form-price", 0),
            "near" => form("search-form-near", 0),
            "page" => form("search-form-page", PAGE_MAX),
            "per_page" => form("search-form-per-page", PER_PAGE_MAX),
            _ => form("search-form-hour", 0),
        };
        Refused { parameter, allowed }
    }
}

/// Code, names, and the schedules it leads to.
type Entry<'a> = (&'a str, &'a Names, &'a Bits);

fn most_first(mut entries: Vec<Entry<'_>>, here: Option<&Bits>, lang: Lang) -> Allowed {
    entries.sort_by_cached_key(|(_, _, set)| std::cmp::Reverse(here.map_or_else(|| set.count(), |here| set.common(here))));
    let left_out = entries.len().saturating_sub(ALLOWED_MAX);
    let values = entries.into_iter().take(ALLOWED_MAX).map(|(code, names, _)| (code.to_owned(), names.get(lang).to_owned())).collect();
    Allowed::Listed { values, left_out }
}

impl Problem for Refused {
    fn status(&self) -> StatusCode {
        StatusCode::UNPROCESSABLE_ENTITY
    }
    fn code(&self) -> &'static str {
        "field_invalid"
    }
    fn text(&self) -> (&'static str, Vec<(&'static str, Value)>) {
        match &self.allowed {
            Allowed::Formed(_) if self.parameter == "near" => ("search-problem-near", Vec::new()),
            Allowed::Formed(form) => ("search-problem-parameter", vec![("name", self.parameter.into()), ("form", form.clone().into())]),
            Allowed::Listed { .. } => ("search-problem-value", vec![("name", self.parameter.into())]),
        }
    }
    fn more(&self) -> Map<String, Json> {
        let mut more = Map::from_iter([("parameter".to_owned(), self.parameter.into())]);
        match &self.allowed {
            Allowed::Listed { values, left_out } => {
                let values: Json = values.iter().map(|(code, name)| json!({ "code": code, "name": name })).collect();
                more.insert("allowed".to_owned(), values);
                more.insert("allowed_left_out".to_owned(), (*left_out).into());
            }
            Allowed::Formed(form) => {
                more.insert("allowed_form".to_owned(), form.as_str().into());
            }
        }
        more
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use web::texts::AllTexts;

    use super::*;
    use crate::asked;

    fn refused(lang: Lang, pairs: &[(&str, &str)]) -> (String, Map<String, Json>) {
        let texts = AllTexts::load(&[crate::TEXTS]).unwrap().of(lang);
        let index = Index::new(Arc::new(crate::small::catalogue()), 18);
        let given = Parameters(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        let unreadable = asked::query(index.catalogue(), &given).unwrap_err();
        let refused = Refused::new(&index, &texts, &given, unreadable);
        (web::problem::sentence(&refused, &texts), refused.more())
    }

    fn codes(more: &Map<String, Json>) -> Vec<&str> {
        more["allowed"].as_array().unwrap().iter().map(|value| value["code"].as_str().unwrap()).collect()
    }

    #[test]
    fn values_are_listed_by_how_much_they_lead_to() {
        let (said, more) = refused(Lang::En, &[("specialty", "astrologer")]);
        assert_eq!(said, "The parameter specialty has no such value. Choose one of those listed in allowed.");
        assert_eq!(
            Json::Object(more),
            json!({ "parameter": "specialty", "allowed_left_out": 0, "allowed": [
                { "code": "cardiologist", "name": "Cardiologist" },
                { "code": "dentist", "name": "Dentist" },
                { "code": "neurologist", "name": "Neurologist" },
            ] })
        );
        let (_, more) = refused(Lang::Kk, &[("city", "Paris")]);
        assert_eq!(more["allowed"][0], json!({ "code": "moscow", "name": "Мәскеу" }), "four of the five schedules are there");
    }

    #[test]
    fn a_known_city_narrows_what_lies_in_it() {
        for (pairs, expected) in [
            (vec![("city", "Алматы"), ("district", "?")], vec!["alm-medeu"]),
            (vec![("city", "moscow"), ("metro", "x")], vec!["msk-arbat", "msk-sokol"]),
            (vec![("city", "almaty"), ("metro", "x")], vec![]),
            (vec![("city", "almaty"), ("service", "x")], vec!["cardiologist-consultation"]),
            (vec![("service", "x")], vec!["cardiologist-consultation", "dentist-consultation", "neurologist-consultation"]),
            (vec![("district", "?")], vec!["msk-tverskoy", "alm-medeu"]),
        ] {
            assert_eq!(codes(&refused(Lang::Ru, &pairs).1), expected, "{pairs:?}");
        }
    }

    #[test]
    fn a_long_list_is_cut_and_says_so() {
        let mut parts = Vec::new();
        let (names, none) = (Names::default(), Bits::none(1));
        let codes: Vec<String> = (0..ALLOWED_MAX + 7).map(|number| format!("c{number}")).collect();
        parts.extend(codes.iter().map(|code| (code.as_str(), &names, &none)));
        let Allowed::Listed { values, left_out } = most_first(parts, None, Lang::En) else { unreachable!() };
        assert_eq!((values.len(), left_out), (ALLOWED_MAX, 7));
    }

    #[test]
    fn every_listed_word_is_understood() {
        for name in ["sex", "language", "child", "home", "online", "sort"] {
            for lang in Lang::ALL {
                let (_, more) = refused(lang, &[(name, "?")]);
                assert!(codes(&more).len() >= 2, "{name}");
                for code in codes(&more) {
                    let near = ("near".to_owned(), "55.7,37.6".to_owned());
                    let given = Parameters(vec![(name.to_owned(), code.to_owned()), near]);
                    assert!(asked::query(&crate::small::catalogue(), &given).is_ok(), "{name}={code}");
                }
            }
        }
    }

    #[test]
    fn a_form_is_described_and_the_value_kept_quiet() {
        for (name, value) in [
            ("date", "ivanov-7f"),
            ("from", "ivanov-7f"),
            ("to", "ivanov-7f"),
            ("price_max", "ivanov-7f"),
            ("page", "ivanov-7f"),
            ("per_page", "ivanov-7f"),
            ("near", "ivanov-7f"),
        ] {
            for lang in Lang::ALL {
                let (said, more) = refused(lang, &[(name, value)]);
                let form = more["allowed_form"].as_str().unwrap();
                assert!(!form.starts_with("search-") && form.ends_with('.'), "{form}");
                assert!(!said.contains(value) && !form.contains(value), "{said}");
                assert!(name == "near" || said.ends_with(form), "{said}");
                assert_eq!(more["parameter"], name);
            }
        }
        let (said, _) = refused(Lang::En, &[("page", "0")]);
        assert_eq!(said, "The parameter page cannot be read. It takes a whole number from 1 to 200.");
    }
}
