//! What every page and every answer shares: the shell, texts in three languages, dates and prices as people say them, assets,
//! problems and the headers that keep a page to itself. Knows no slice.
//!
//! Invariants: a page asks nothing of any third party and runs no inline script or style (`headers`); every text exists in
//! kk, ru and en with the same variables (`texts::faults`); every text colour stands out from its paper by 4.5:1 or more
//! (`tests/contrast.rs`).

pub mod assets;
pub mod dates;
pub mod found;
pub mod headers;
pub mod html;
pub mod lang;
pub mod money;
pub mod page;
pub mod portrait;
pub mod problem;
pub mod prose;
pub mod query;
pub mod texts;
mod unbroken;
pub mod views;

pub use db::{Lang, Names};
pub use found::Found;
pub use page::{Page, Site};
pub use problem::Problem;
pub use texts::{AllTexts, Source, Texts};
pub use unbroken::unbroken;

/// The texts of the shell, of errors and of the outbox; every [`AllTexts`] holds them.
pub const TEXTS: Source =
    Source { kk: include_str!("../texts/kk.ftl"), ru: include_str!("../texts/ru.ftl"), en: include_str!("../texts/en.ftl") };

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    #[test]
    fn texts_are_whole_in_three_languages() {
        assert_eq!(super::texts::faults("web", &super::TEXTS), Vec::<String>::new());
        super::AllTexts::load(&[]).unwrap();
    }

    #[test]
    fn templates_ask_only_for_texts_that_exist() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        assert_eq!(super::texts::unknown_in_templates(&folder, &super::TEXTS).unwrap(), Vec::<String>::new());
    }
}
