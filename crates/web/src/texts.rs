//! What people read, in three languages. Each slice hands over its three Fluent files once at start; pages, messages and
//! problems then ask for a text by its id. A text that does not exist is shown as its id and fails the tests, see [`faults`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::Lang;

/// A variable of a text that lives on its own: what a `Problem` hands over.
pub type Value = FluentValue<'static>;

/// The three Fluent files of one slice; every id begins with the slice's name.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Kazakh.
    pub kk: &'static str,
    /// Russian.
    pub ru: &'static str,
    /// English.
    pub en: &'static str,
}

impl Source {
    fn of(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::Kk => self.kk,
            Lang::Ru => self.ru,
            Lang::En => self.en,
        }
    }
}

/// Why the texts could not be loaded: one line for each fault, naming the language.
#[derive(Debug)]
pub struct BrokenTexts(Vec<String>);

impl fmt::Display for BrokenTexts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "texts cannot be read: {}", self.0.join("; "))
    }
}

impl std::error::Error for BrokenTexts {}

/// All texts of the program in all languages, read once at start.
#[derive(Clone, Debug)]
pub struct AllTexts {
    kk: Texts,
    ru: Texts,
    en: Texts,
}

impl AllTexts {
    /// Reads the files of every slice; the texts of `web` itself are always among them.
    ///
    /// # Errors
    /// A file that is not Fluent, or an id that two files define.
    pub fn load(sources: &[Source]) -> Result<AllTexts, BrokenTexts> {
        Ok(AllTexts { kk: Texts::load(Lang::Kk, sources)?, ru: Texts::load(Lang::Ru, sources)?, en: Texts::load(Lang::En, sources)? })
    }

    /// The texts in one language; cheap.
    pub fn of(&self, lang: Lang) -> Texts {
        match lang {
            Lang::Kk => self.kk.clone(),
            Lang::Ru => self.ru.clone(),
            Lang::En => self.en.clone(),
        }
    }
}

/// The texts of the program in one language. Cheap to clone.
#[derive(Clone)]
pub struct Texts {
    lang: Lang,
    bundle: Arc<FluentBundle<FluentResource>>,
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Texts({})", self.lang.code())
    }
}

/// A value that a text can hold: a number takes part in plural forms, a text is put in as it stands.
pub trait Arg {
    /// The value as Fluent knows it.
    fn value(&self) -> FluentValue<'_>;
}

impl<T: Arg + ?Sized> Arg for &T {
    fn value(&self) -> FluentValue<'_> {
        (**self).value()
    }
}

impl Arg for str {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(self)
    }
}

impl Arg for String {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(self.as_str())
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Arg for $number {
            fn value(&self) -> FluentValue<'_> {
                FluentValue::from(*self)
            }
        }
    )*};
}
numbers!(i64, i32, u32, u16, usize);

impl Texts {
    fn load(lang: Lang, sources: &[Source]) -> Result<Texts, BrokenTexts> {
        let id: LanguageIdentifier = lang.code().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Isolation marks guard against mixed writing directions; all three languages run left to right.
        bundle.set_use_isolating(false);
        let mut faults = Vec::new();
        for source in std::iter::once(&crate::TEXTS).chain(sources) {
            match FluentResource::try_new(source.of(lang).to_owned()) {
                Ok(resource) => {
                    if let Err(errors) = bundle.add_resource(resource) {
                        faults.extend(errors.iter().map(|error| format!("{}: {error}", lang.code())));
                    }
                }
                Err((_, errors)) => faults.extend(errors.iter().map(|error| format!("{}: {error}", lang.code()))),
            }
        }
        if faults.is_empty() { Ok(Texts { lang, bundle: Arc::new(bundle) }) } else { Err(BrokenTexts(faults)) }
    }

    /// The language of these texts.
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// The text `id`; the id itself when there is none.
    pub fn s(&self, id: &str) -> String {
        self.format(id, None)
    }

    /// The text `id` with its variables.
    pub fn with(&self, id: &str, args: &[(&str, FluentValue<'_>)]) -> String {
        let args: FluentArgs<'_> = args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        self.format(id, Some(&args))
    }

    /// The text `id` with one variable; made for templates.
    pub fn one(&self, id: &str, name: &str, value: impl Arg) -> String {
        self.with(id, &[(name, value.value())])
    }

    /// The text `id` with two variables; made for templates.
    pub fn two(&self, id: &str, name: &str, value: impl Arg, second: &str, second_value: impl Arg) -> String {
        self.with(id, &[(name, value.value()), (second, second_value.value())])
    }

    /// Whether there is a text `id`.
    pub fn has(&self, id: &str) -> bool {
        self.bundle.get_message(id).is_some_and(|message| message.value().is_some())
    }

    fn format(&self, id: &str, args: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let mut errors = Vec::new();
        self.bundle.format_pattern(pattern, args, &mut errors).into_owned()
    }
}

/// What is wrong with a slice's texts: an id that one language lacks, variables that differ between languages, an id that does
/// not begin with `prefix`, a file that cannot be read. Empty when all is well; every slice has a test that says so.
pub fn faults(prefix: &str, source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    let files = Lang::ALL.map(|lang| (lang, ids(source.of(lang))));
    for lang in Lang::ALL {
        if let Err((_, errors)) = FluentResource::try_new(source.of(lang).to_owned()) {
            faults.extend(errors.iter().map(|error| format!("{}: {error}", lang.code())));
        }
    }
    let all: BTreeSet<&String> = files.iter().flat_map(|(_, ids)| ids.keys()).collect();
    for id in all {
        if !id.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('-')) {
            faults.push(format!("{id} does not begin with {prefix}-"));
        }
        let mut seen: Option<&BTreeSet<String>> = None;
        for (lang, ids) in &files {
            match (ids.get(id), seen) {
                (None, _) => faults.push(format!("{id} is missing in {}", lang.code())),
                (Some(variables), Some(first)) if variables != first => {
                    faults.push(format!("{id} in {} uses {variables:?}, not {first:?}", lang.code()));
                }
                (Some(variables), _) => seen = Some(variables),
            }
        }
    }
    faults
}

/// The ids that templates in `folder` ask for and that neither `source` nor `web` has. For tests.
///
/// # Errors
/// The folder cannot be read.
pub fn unknown_in_templates(folder: &std::path::Path, source: &Source) -> std::io::Result<Vec<String>> {
    let mut known: BTreeSet<String> = ids(source.ru).into_keys().collect();
    known.extend(ids(crate::TEXTS.ru).into_keys());
    let mut unknown = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let template = std::fs::read_to_string(entry.path())?;
        for call in ["page.s(\"", "page.one(\"", "page.two(\""] {
            for rest in template.split(call).skip(1) {
                let id = rest.split('"').next().unwrap_or_default();
                if !known.contains(id) {
                    unknown.push(format!("{}: {id}", entry.file_name().to_string_lossy()));
                }
            }
        }
    }
    Ok(unknown)
}

/// Each id of a Fluent file with the variables that its text uses.
fn ids(file: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current: Option<String> = None;
    for line in file.lines() {
        if line.starts_with(|c: char| c.is_ascii_lowercase())
            && let Some((id, _)) = line.split_once('=')
        {
            let id = id.trim().to_owned();
            found.entry(id.clone()).or_default();
            current = Some(id);
        } else if line.starts_with('#') {
            current = None;
        }
        let Some(variables) = current.as_ref().and_then(|id| found.get_mut(id)) else {
            continue;
        };
        for rest in line.split('$').skip(1) {
            let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '-').collect();
            variables.insert(name);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_number_takes_its_plural_form() {
        let texts = AllTexts::load(&[Source {
            kk: "x-visits = { $n } жазылу",
            ru: "x-visits = { $n ->\n    [one] { $n } запись\n    [few] { $n } записи\n   *[many] { $n } записей\n }",
            en: "x-visits = { $n ->\n    [one] { $n } visit\n   *[other] { $n } visits\n }",
        }])
        .unwrap();
        let said = |lang, n: i64| texts.of(lang).one("x-visits", "n", n);
        assert_eq!([1, 2, 5, 21].map(|n| said(Lang::Ru, n)), ["1 запись", "2 записи", "5 записей", "21 запись"]);
        assert_eq!(said(Lang::En, 1), "1 visit");
        assert_eq!(said(Lang::Kk, 3), "3 жазылу");
        assert_eq!(texts.of(Lang::Ru).s("x-none"), "x-none");
    }

    #[test]
    fn faults_name_what_is_missing_and_what_differs() {
        let source = Source { kk: "x-a = a", ru: "x-a = { $n }\nx-b = b", en: "x-a = a\nx-b = b\ny = y" };
        let found = faults("x", &source).join("\n");
        for part in ["x-a in ru", "x-b is missing in kk", "y is missing in ru", "y does not begin"] {
            assert!(found.contains(part), "{part} not in {found}");
        }
    }
}
