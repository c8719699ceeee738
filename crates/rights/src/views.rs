//! The policy as a page.

use askama::Template;
use web::page::Page;
use web::prose::Block;

/// The slice's texts in three languages.
pub const TEXTS: web::Source =
    web::Source { kk: include_str!("../texts/kk.ftl"), ru: include_str!("../texts/ru.ftl"), en: include_str!("../texts/en.ftl") };

/// `/{lang}/policy`: the exact words, with a plain summary beside them (text ids `rights-policy-plain-…`).
#[derive(Template)]
#[template(path = "policy.html")]
pub struct Policy {
    /// The frame.
    pub page: Page,
    /// Title of the document.
    pub title: String,
    /// The whole text, which begins with its version and since when it holds ([`web::prose::parse`]); headings of level 2 make the contents.
    pub text: Vec<Block>,
    /// Hex SHA-256 of the text.
    pub sha256: String,
}

impl Policy {
    /// Number anchor and text of each main heading.
    pub fn contents(&self) -> Vec<(&str, &str)> {
        self.text
            .iter()
            .filter_map(|block| match block {
                Block::Heading { level: 2, anchor: Some(anchor), text } => Some((anchor.as_str(), text.as_str())),
                _ => None,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    #[test]
    fn texts_are_whole_in_three_languages() {
        assert_eq!(web::texts::faults("rights", &super::TEXTS), Vec::<String>::new());
        web::AllTexts::load(&[super::TEXTS]).unwrap();
    }

    #[test]
    fn templates_ask_only_for_texts_that_exist() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        assert_eq!(web::texts::unknown_in_templates(&folder, &super::TEXTS).unwrap(), Vec::<String>::new());
    }
}
