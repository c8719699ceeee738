//! The documents in force, from `policy/`: what is agreed to, what is declared, and what is read aloud before a spoken yes.

use std::collections::HashMap;

use db::Lang;
use serde::Deserialize;

use super::{OperatorIdentity, sha256_hex};
use crate::vocabulary::Purpose;

/// What kind of text it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextKind {
    /// A consent document.
    Consent,
    /// What somebody declares who acts for another person.
    Declaration,
    /// What is read aloud before a spoken consent.
    Script,
}

impl TextKind {
    /// All of them.
    pub const ALL: [TextKind; 3] = [TextKind::Consent, TextKind::Declaration, TextKind::Script];

    /// The word of the database and of exports.
    pub fn code(self) -> &'static str {
        match self {
            TextKind::Consent => "consent",
            TextKind::Declaration => "declaration",
            TextKind::Script => "script",
        }
    }

    /// The kind with that word.
    pub fn from_code(code: &str) -> Option<TextKind> {
        TextKind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Its folder of `policy/`.
    fn folder(self) -> &'static str {
        match self {
            TextKind::Consent => "consents",
            TextKind::Declaration => "declarations",
            TextKind::Script => "scripts",
        }
    }
}

/// A document that can be agreed to: one purpose, one version, one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentDocument {
    /// Its folder of `policy/consents` or `policy/declarations`.
    pub document: &'static str,
    /// The one purpose it covers.
    pub purpose: Purpose,
    /// Its version.
    pub version: i64,
    /// Its language.
    pub lang: Lang,
    /// What one agrees to, in a sentence.
    pub short: String,
    /// The whole text (Markdown), which begins with the sentence.
    pub text: String,
    /// SHA-256 of `text`, in hex: names exactly what was agreed to.
    pub sha256: String,
}

/// What is read aloud, word for word, before somebody agrees by voice. Only [`Documents`] has any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script(ConsentDocument);

impl Script {
    /// The purpose that is agreed to.
    pub fn purpose(&self) -> Purpose {
        self.0.purpose
    }

    /// Its version.
    pub fn version(&self) -> i64 {
        self.0.version
    }

    /// What is read aloud.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// SHA-256 of the text, in hex.
    pub fn sha256(&self) -> &str {
        &self.0.sha256
    }
}

/// A text as it is published: filled in, with the hash of what it was before.
pub(super) struct Published<'a> {
    pub(super) kind: TextKind,
    pub(super) document: &'a ConsentDocument,
    /// SHA-256 of the text in the sources, its places open.
    pub(super) source: &'a str,
}

impl Published<'_> {
    /// Where the text stands in the sources.
    pub(super) fn place(&self) -> String {
        format!("policy/{}/{}", self.kind.folder(), self.document.document)
    }
}

/// All documents in force, and those that were, as far as the sources know them.
#[derive(Debug, Clone)]
pub struct Documents {
    consents: HashMap<(Purpose, Lang), ConsentDocument>,
    declarations: HashMap<Lang, ConsentDocument>,
    scripts: HashMap<(Purpose, Lang), Script>,
    /// Everything that is published, with the hashes of its sources.
    published: Vec<(TextKind, ConsentDocument, String)>,
}

#[derive(Deserialize)]
struct VersionFile {
    purpose: Purpose,
    version: i64,
}

/// A folder of the policy: which version it is, and its texts.
struct Folder {
    kind: TextKind,
    name: &'static str,
    version: &'static str,
    texts: [(Lang, &'static str); 3],
}

/// Includes a folder of `policy/`: the kind of its texts, where it stands, the name of the document.
macro_rules! folder {
    ($kind:ident, $place:literal, $name:literal) => {
        Folder {
            kind: TextKind::$kind,
            name: $name,
            version: include_str!(concat!("../../../../policy/", $place, "/version.toml")),
            texts: [
                (Lang::Kk, include_str!(concat!("../../../../policy/", $place, "/kk.md"))),
                (Lang::Ru, include_str!(concat!("../../../../policy/", $place, "/ru.md"))),
                (Lang::En, include_str!(concat!("../../../../policy/", $place, "/en.md"))),
            ],
        }
    };
}

const FORCE: [Folder; 7] = [
    folder!(Consent, "consents/booking", "booking"),
    folder!(Consent, "consents/marketing", "marketing"),
    folder!(Consent, "consents/recording", "recording"),
    folder!(Consent, "consents/dissemination", "dissemination"),
    folder!(Consent, "consents/other_recipient", "other_recipient"),
    folder!(Declaration, "declarations/representative", "representative"),
    folder!(Script, "scripts/booking", "booking"),
];

/// What was in force before and has been agreed to: published for whoever did. A document that gets another version leaves the one before here.
const FORMER: [Folder; 1] = [folder!(Consent, "consents/booking/2", "booking")];

/// The folders of `policy/consents`: a profile names each, and no other.
pub const FOLDERS: [&str; 5] = ["booking", "marketing", "recording", "dissemination", "other_recipient"];

/// For which purpose the consent document of that folder is; `None` when there is no such folder.
pub(crate) fn purpose_of(name: &str) -> Option<Purpose> {
    let folder = FORCE.iter().find(|folder| folder.kind == TextKind::Consent && folder.name == name)?;
    toml::from_str::<VersionFile>(folder.version).ok().map(|version| version.purpose)
}

impl Documents {
    /// The documents as this operator publishes them.
    ///
    /// # Errors
    /// A text whose places could not all be filled, a version file that cannot be read, or two documents for one purpose.
    pub fn new(operator: &OperatorIdentity) -> Result<Documents, String> {
        let mut documents =
            Documents { consents: HashMap::new(), declarations: HashMap::new(), scripts: HashMap::new(), published: Vec::new() };
        for folder in &FORCE {
            for (document, source) in read(operator, folder)? {
                documents.published.push((folder.kind, document.clone(), source));
                let place = (document.purpose, document.lang);
                let second = match folder.kind {
                    TextKind::Consent => documents.consents.insert(place, document).is_some(),
                    TextKind::Declaration => documents.declarations.insert(document.lang, document).is_some(),
                    TextKind::Script => documents.scripts.insert(place, Script(document)).is_some(),
                };
                if second {
                    return Err(format!("policy/{}/{}: there is another text for {}", folder.kind.folder(), folder.name, place.0));
                }
            }
        }
        for folder in &FORMER {
            documents.published.extend(read(operator, folder)?.into_iter().map(|(document, source)| (folder.kind, document, source)));
        }
        Ok(documents)
    }

    /// The document in force for a purpose, if there is one.
    pub fn get(&self, purpose: Purpose, lang: Lang) -> Option<&ConsentDocument> {
        self.consents.get(&(purpose, lang))
    }

    /// The document that was shown to a person who names its version and hash; `None` when no such document is in force.
    pub fn agreed(&self, purpose: Purpose, version: i64, sha256: &str) -> Option<&ConsentDocument> {
        self.consents.values().find(|document| document.purpose == purpose && document.version == version && document.sha256 == sha256)
    }

    /// What somebody declares who acts for another person (clause 2.4).
    pub fn declaration(&self, lang: Lang) -> Option<&ConsentDocument> {
        self.declarations.get(&lang)
    }

    /// The declaration that was shown to somebody who names its version and hash; `None` when it is not in force.
    pub fn declared(&self, version: i64, sha256: &str) -> Option<&ConsentDocument> {
        self.declarations.values().find(|document| document.version == version && document.sha256 == sha256)
    }

    /// What is read aloud before somebody agrees by voice to that purpose, if it can be agreed to by voice.
    pub fn script(&self, purpose: Purpose, lang: Lang) -> Option<&Script> {
        self.scripts.get(&(purpose, lang))
    }

    /// Every text in force, and those before them.
    pub(super) fn all(&self) -> impl Iterator<Item = Published<'_>> {
        self.published.iter().map(|(kind, document, source)| Published { kind: *kind, document, source })
    }
}

/// One folder in its languages, the open places filled; each with the hash of its source.
fn read(operator: &OperatorIdentity, folder: &Folder) -> Result<Vec<(ConsentDocument, String)>, String> {
    let what = format!("policy/{}/{}", folder.kind.folder(), folder.name);
    let version: VersionFile = toml::from_str(folder.version).map_err(|error| format!("{what}/version.toml: {}", error.message()))?;
    let filled = folder.texts.into_iter().map(|(lang, source)| {
        let text = operator.fill(source.trim(), lang);
        if text.contains('{') {
            return Err(format!("{what}/{lang}.md: a place was left open"));
        }
        let short =
            text.lines().next().and_then(|line| line.strip_prefix("> ")).ok_or(format!("{what}/{lang}.md: the short form is missing"))?;
        let document = ConsentDocument {
            document: folder.name,
            purpose: version.purpose,
            version: version.version,
            lang,
            short: short.to_owned(),
            sha256: sha256_hex(text.as_bytes()),
            text,
        };
        Ok((document, sha256_hex(source.trim().as_bytes())))
    });
    filled.collect()
}
