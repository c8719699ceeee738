//! What the templates of the desk show.

use web::texts::Source;

/// The texts of these pages.
pub const TEXTS: Source =
    Source { kk: include_str!("../texts/kk.ftl"), ru: include_str!("../texts/ru.ftl"), en: include_str!("../texts/en.ftl") };

#[cfg(test)]
mod tests {
    #[test]
    fn texts_are_whole_in_three_languages() {
        assert_eq!(web::texts::faults("desk", &super::TEXTS), Vec::<String>::new());
    }
}
