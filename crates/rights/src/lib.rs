//! What a person is told: the policy, word for word, in three languages, rendered from the one source in `policy/text`.
//!
//! Knows no slice. Later the privacy console and the requests of data subjects live here.

pub mod check;
pub mod control;
pub mod erase;
mod export;
mod find;
pub mod personal;
pub mod retention;
mod store;
pub mod views;
mod withdraw;

use std::collections::HashMap;

use db::Lang;
use privacy::OperatorIdentity;
use privacy::consent::sha256_hex;
use serde::Deserialize;
use web::page::Page;
use web::prose::{self, Block};

pub use export::export;
pub use find::{Found, find};
pub use views::TEXTS;
pub use withdraw::withdraw;

/// Version of the text in `policy/text`, and since when it is in force (`version.toml` beside it).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Version {
    version: i64,
    effective_on: String,
}

impl Version {
    fn read() -> Result<(i64, jiff::civil::Date), String> {
        let wrong = |why: String| format!("policy/text/version.toml: {why}");
        let read: Version =
            toml::from_str(include_str!("../../../policy/text/version.toml")).map_err(|error| wrong(error.message().to_owned()))?;
        let effective_on = read
            .effective_on
            .parse::<jiff::civil::Date>()
            .map_err(|_| wrong("effective_on is no date; write it like 2026-12-31".into()))?;
        Ok((read.version, effective_on))
    }
}

/// The policy in force, as this operator publishes it.
#[derive(Debug, Clone)]
pub struct Policies(HashMap<Lang, Rendered>);

#[derive(Debug, Clone)]
struct Rendered {
    title: String,
    blocks: Vec<Block>,
    source: String,
    sha256: String,
}

impl Policies {
    /// The policy of this operator. Nothing may be left open in it (clause 1.1).
    ///
    /// # Errors
    /// Which language has an open place or no title.
    pub fn new(operator: &OperatorIdentity) -> Result<Policies, String> {
        let sources = [
            (Lang::Kk, include_str!("../../../policy/text/kk.md")),
            (Lang::Ru, include_str!("../../../policy/text/ru.md")),
            (Lang::En, include_str!("../../../policy/text/en.md")),
        ];
        let (version, effective_on) = Version::read()?;
        let mut policies = HashMap::new();
        for (lang, source) in sources {
            let text = operator
                .fill(source, lang)
                .replace("{policy_version}", &version.to_string())
                .replace("{effective_on}", &web::dates::date(lang, effective_on));
            if let Some(at) = text.find("{").filter(|at| !text.get(*at..).unwrap_or_default().starts_with("{#")) {
                return Err(format!("policy, {lang}: a place was left open at byte {at}"));
            }
            let (first, rest) = text.split_once('\n').ok_or(format!("policy, {lang}: the text is empty"))?;
            let title = first.strip_prefix("# ").ok_or(format!("policy, {lang}: the title is missing"))?.to_owned();
            policies
                .insert(lang, Rendered { title, blocks: prose::parse(rest), sha256: sha256_hex(text.as_bytes()), source: text.clone() });
        }
        Ok(Policies(policies))
    }

    /// The policy in Markdown, word for word what the hash on its page is of.
    pub fn text(&self, lang: Lang) -> Option<&str> {
        self.0.get(&lang).map(|rendered| rendered.source.as_str())
    }

    /// The policy as a page.
    pub fn view(&self, page: Page) -> Option<views::Policy> {
        let lang = page.lang();
        let rendered = self.0.get(&lang)?;
        Some(views::Policy { page, title: rendered.title.clone(), text: rendered.blocks.clone(), sha256: rendered.sha256.clone() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn operator() -> OperatorIdentity {
        OperatorIdentity {
            name: "Operator".into(),
            address: "Street 1".into(),
            hosts: vec!["example.test".into()],
            contact_email: "contact@example.test".into(),
        }
    }

    /// Clause 17.3.
    #[test]
    fn the_policy_has_the_same_clauses_in_each_language() {
        let policies = Policies::new(&operator()).unwrap();
        let anchors = |lang| policies.0.get(&lang).unwrap().blocks.iter().filter_map(Block::anchor).map(str::to_owned).collect::<Vec<_>>();
        let russian = anchors(Lang::Ru);
        assert!(russian.len() > 60 && russian.contains(&"9.2".to_owned()), "{russian:?}");
        assert_eq!((anchors(Lang::Kk), anchors(Lang::En)), (russian.clone(), russian));
    }

    #[test]
    fn the_text_is_what_the_page_has_the_hash_of() {
        let policies = Policies::new(&operator()).unwrap();
        for lang in Lang::ALL {
            let text = policies.text(lang).unwrap();
            assert!(text.starts_with("# ") && text.contains("{#2.1}") && text.contains("Street 1"));
            assert_eq!(sha256_hex(text.as_bytes()), policies.0.get(&lang).unwrap().sha256);
        }
    }

    /// Clause 1.1.
    #[test]
    fn a_place_left_open_is_refused() {
        assert!(Policies::new(&OperatorIdentity { name: "{nobody}".into(), ..operator() }).is_err());
    }
}
