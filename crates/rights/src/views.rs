//! The policy as a page.

use askama::Template;
use web::page::Page;
use web::prose::Block;

/// `/{lang}/policy`: the exact words, with a plain summary beside them (text ids `rights-policy-plain-…`).
#[derive(Template)]
#[template(path = "policy.html")]
pub struct Policy {
    /// The frame.
    pub page: Page,
    /// Title of the document.
    pub title: String,
    /// The whole text ([`web::prose::parse`]); headings of level 2 make the contents.
    pub text: Vec<Block>,
    /// Its version.
    pub version: String,
    /// Since when, in words.
    pub since: String,
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
