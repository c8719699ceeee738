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

/// Whether some visit is at the patient's home.
pub(crate) fn home(home: bool) -> &'static str {
    if home { "search-home-visit" } else { "search-home-visit-no" }
}

/// Whether some visit is by video.
pub(crate) fn online(online: bool) -> &'static str {
    if online { "search-online" } else { "search-online-no" }
}
