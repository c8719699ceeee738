//! What machines read of a page: the one address of the thing, the same thing in each language, a sentence about it, and its facts
//! in the words of schema.org. Only what the page also shows to people.
//!
//! The facts stand in a block `application/ld+json`. That is data, not a script: a browser never runs it, so the policy of
//! [`crate::headers`], which allows no inline script, has no say in it. `<` is written as `\u003c`, so that no name can end the block.

use serde_json::{Value, json};

use crate::Lang;
use crate::page::{Link, Page};

/// Letters of a description; search engines cut longer ones.
const DESCRIPTION_MAX: usize = 160;

/// What machines read of a page.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The page's title without the site's name.
    pub title: String,
    /// One or two sentences, at most 160 letters.
    pub description: String,
    /// The thing's address after the language, without a query, in the order of [`Lang::ALL`].
    pub paths: [String; 3],
    /// Whether the page is worth finding. Pages of filters and numbers are only a way to other pages.
    pub index: bool,
    /// Nodes of schema.org.
    pub facts: Vec<Value>,
}

impl Found {
    /// A page worth finding that has one path in every language.
    pub fn at(path: &str, title: impl Into<String>, description: impl AsRef<str>) -> Found {
        Found::by_language(Lang::ALL.map(|_| path.to_owned()), title, description)
    }

    /// A page worth finding whose path differs between languages, in the order of [`Lang::ALL`].
    pub fn by_language(paths: [String; 3], title: impl Into<String>, description: impl AsRef<str>) -> Found {
        Found { title: title.into(), description: cut(description.as_ref()), paths, index: true, facts: Vec::new() }
    }

    /// The same with a node of schema.org.
    pub fn fact(mut self, node: Value) -> Found {
        self.facts.push(node);
        self
    }

    /// The same, worth finding or only a way.
    pub fn indexed(mut self, index: bool) -> Found {
        self.index = index;
        self
    }
}

/// Whole words up to the limit.
fn cut(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= DESCRIPTION_MAX {
        return words;
    }
    let mut out: String = words.chars().take(DESCRIPTION_MAX - 1).collect();
    if let Some((whole, _)) = out.rsplit_once(' ') {
        out = whole.trim_end_matches([',', '.', ';', ':', '—']).to_owned();
    }
    out.push('…');
    out
}

fn place(lang: Lang) -> usize {
    Lang::ALL.iter().position(|known| *known == lang).unwrap_or_default()
}

impl Page {
    /// The page's path and query in that language, after the language.
    pub fn path_in(&self, lang: Lang) -> String {
        let own = self.found.as_ref().and_then(|found| found.paths.get(place(lang)));
        match (own, self.path.split_once('?')) {
            (Some(path), Some((_, query))) => format!("{path}?{query}"),
            (Some(path), None) => path.clone(),
            (None, _) => self.path.clone(),
        }
    }

    /// An address on this site as machines need it: whole.
    pub fn absolute(&self, href: &str) -> String {
        format!("{}{href}", self.site().public_url)
    }

    /// The thing's address in that language: whole, without a query.
    fn address(&self, lang: Lang) -> String {
        let path = self.path_in(lang);
        let path = path.split(['?', '#']).next().unwrap_or_default();
        self.absolute(&format!("/{}{path}", lang.code()))
    }

    /// What search engines are told, when it is not the usual.
    pub fn robots(&self) -> Option<&'static str> {
        match &self.found {
            _ if self.private => Some("noindex, nofollow"),
            Some(found) if !found.index => Some("noindex, follow"),
            _ => None,
        }
    }

    /// The one address of the thing; filters, page numbers and what others add to an address do not make another.
    pub fn canonical(&self) -> Option<String> {
        (!self.private).then(|| self.address(self.lang()))
    }

    /// The same thing in each language, and the language for those who have none of them.
    pub fn alternates(&self) -> Vec<(&'static str, String)> {
        if self.robots().is_some() {
            return Vec::new();
        }
        let mut all: Vec<_> = Lang::ALL.into_iter().map(|lang| (lang.code(), self.address(lang))).collect();
        all.push(("x-default", self.address(crate::lang::choose(None))));
        all
    }

    /// The language as OpenGraph writes it.
    pub fn locale(&self) -> &'static str {
        match self.lang() {
            Lang::Kk => "kk_KZ",
            Lang::Ru => "ru_RU",
            Lang::En => "en_GB",
        }
    }

    /// The facts as the content of a data block.
    pub fn facts(&self) -> Option<String> {
        let facts = &self.found.as_ref().filter(|found| !self.private && found.index && !found.facts.is_empty())?.facts;
        let whole = json!({"@context": "https://schema.org", "@graph": facts});
        Some(whole.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"))
    }

    /// The way from the home page to this one as schema.org says it: the crumbs shown, then the page itself.
    pub fn breadcrumbs(&self, crumbs: &[Link], title: &str) -> Value {
        let mut items: Vec<Value> = crumbs
            .iter()
            .enumerate()
            .map(|(at, crumb)| json!({"@type": "ListItem", "position": at + 1, "name": crumb.text, "item": self.absolute(&crumb.href)}))
            .collect();
        items.push(json!({"@type": "ListItem", "position": crumbs.len() + 1, "name": title}));
        json!({"@type": "BreadcrumbList", "itemListElement": items})
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use super::*;
    use crate::{AllTexts, Site};

    fn page(path: &str, found: Found) -> Page {
        let site = Site { public_url: "https://example.test".into(), ..Site::default() };
        Page::new(AllTexts::load(&[]).unwrap().of(Lang::Ru), Arc::new(site), path).found(found)
    }

    #[test]
    fn a_thing_has_one_address_whatever_is_added_to_it() {
        let found = Found::by_language(["/a-kk".into(), "/a-ru".into(), "/a-en".into()], "A", "a");
        let page = page("/a-ru?day=2026-11-24", found);
        assert_eq!(page.canonical().unwrap(), "https://example.test/ru/a-ru");
        assert_eq!(
            page.languages().iter().map(|link| link.href.as_str()).collect::<Vec<_>>(),
            ["/kk/a-kk?day=2026-11-24", "/ru/a-ru?day=2026-11-24", "/en/a-en?day=2026-11-24"]
        );
        let alternates = page.alternates();
        assert_eq!(alternates[0], ("kk", "https://example.test/kk/a-kk".into()));
        assert_eq!(alternates[3], ("x-default", "https://example.test/ru/a-ru".into()));
        let way = super::tests::page("/a?page=2", Found::at("/a", "A", "a").indexed(false));
        assert_eq!((way.robots(), way.alternates().len()), (Some("noindex, follow"), 0));
        assert_eq!(way.private().canonical(), None);
    }

    #[test]
    fn no_name_ends_the_block_of_facts() {
        let found = Found::at("/", "A", "a").fact(json!({"name": "</script><b>&"}));
        let facts = page("/", found).facts().unwrap();
        assert!(!facts.contains(['<', '>', '&']), "{facts}");
        let read: Value = serde_json::from_str(&facts).unwrap();
        assert_eq!(read["@graph"][0]["name"], "</script><b>&");
    }

    #[test]
    fn a_description_ends_with_a_whole_word() {
        let long = cut(&"слово ".repeat(60));
        assert!(long.chars().count() <= DESCRIPTION_MAX && long.ends_with("слово…"), "{long}");
        assert_eq!(cut(" a \n b "), "a b");
    }
}
