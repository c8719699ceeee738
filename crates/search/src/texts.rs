//! Which text stands for which value of a filter.

use directory::catalogue::{Lang, Sex};

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
