//! Which text stands for which value of a filter.

use directory::catalogue::{Lang, Sex};

use crate::engine::Sort;

/// "woman", "man".
pub(crate) fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "search-sex-f",
        Sex::Male => "search-sex-m",
    }
}

/// Whether children are received.
pub(crate) fn child(child: bool) -> &'static str {
    if child { "search-child" } else { "search-child-no" }
}

/// The language of the reception.
pub(crate) fn language(lang: Lang) -> &'static str {
    match lang {
        Lang::Kk => "search-language-kk",
        Lang::Ru => "search-language-ru",
        Lang::En => "search-language-en",
    }
}

/// Whether some visit is at the patient's home.
pub(crate) fn home(home: bool) -> &'static str {
    if home { "search-home-visit" } else { "search-home-visit-no" }
}

/// Whether some visit is by video.
pub(crate) fn online(online: bool) -> &'static str {
    if online { "search-online" } else { "search-online-no" }
}

/// An order, after "first".
pub(crate) fn sort(sort: Sort) -> &'static str {
    match sort {
        Sort::Relevance => "search-sort-relevance",
        Sort::Soonest => "search-sort-soonest",
        Sort::Price => "search-sort-price",
        Sort::Rating => "search-sort-rating",
        Sort::Experience => "search-sort-experience",
        Sort::Distance => "search-sort-distance",
    }
}

/// What a parameter of the address is called on the page.
pub(crate) fn parameter(name: &str) -> &'static str {
    match name {
        "city" => "search-city",
        "specialty" => "search-specialty",
        "service" => "search-service",
        "district" => "search-district",
        "metro" => "search-metro",
        "price_max" => "search-price-max",
        "sex" => "search-sex",
        "language" => "search-language",
        "child" | "home" | "online" => "search-visit",
        "date" => "search-date",
        "near" => "search-near",
        "sort" => "search-order",
        _ => "search-hours",
    }
}
