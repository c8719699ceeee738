//! Every text that was ever published, word for word, for ever: whoever agreed to it can be shown it, whatever is in force now.

use db::{DbError, Lang, Tx, args};

use super::{Documents, TextKind};
use crate::store;
use crate::vocabulary::Purpose;

/// A text that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedText {
    /// What kind of text.
    pub kind: TextKind,
    /// Its folder of the policy.
    pub document: String,
    /// The purpose it is about.
    pub purpose: Purpose,
    /// Its version.
    pub version: i64,
    /// Its language.
    pub lang: Lang,
    /// SHA-256 of `text`, in hex.
    pub sha256: String,
    /// The text, word for word.
    pub text: String,
}

impl PublishedText {
    /// What one agrees to, in a sentence: the first line of every document.
    pub fn short(&self) -> Option<&str> {
        self.text.lines().next()?.strip_prefix("> ")
    }
}

/// Why the texts in force cannot be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishError {
    /// A text was changed and is still called by the version under which another one was published: where it stands, its language, its version.
    Edited(String, Lang, i64),
    /// The database failed.
    Db(DbError),
}

impl std::fmt::Display for PublishError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PublishError::Edited(place, lang, version) => write!(
                f,
                "{place}/{lang}.md was changed, and version {version} of it has been published with other words; raise `version` in {place}/version.toml, or bring the words back"
            ),
            PublishError::Db(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for PublishError {}

impl From<DbError> for PublishError {
    fn from(error: DbError) -> Self {
        PublishError::Db(error)
    }
}

impl db::Refusal for PublishError {
    fn fault(&self) -> Option<&DbError> {
        if let PublishError::Db(error) = self { Some(error) } else { None }
    }
}

/// Writes every text in force that is not among the published ones yet; how many. A text that the operator's new name or address has changed
/// is a new text of the same version; a change of the source under the same version is refused, since then nobody could tell which of the two
/// a version means.
///
/// # Errors
/// [`PublishError::Edited`]: then nothing is written.
pub async fn publish(tx: &mut Tx, documents: &Documents) -> Result<u64, PublishError> {
    for text in documents.all() {
        let document = text.document;
        let of = args![text.kind.code(), document.document, document.version, document.lang.code(), text.source];
        if store::has_other_source(tx, &of).await? {
            return Err(PublishError::Edited(text.place(), document.lang, document.version));
        }
    }
    let mut written = 0;
    for text in documents.all() {
        let document = text.document;
        let (kind, lang) = (text.kind.code(), document.lang.code());
        if store::is_published(tx, &args![kind, document.document, document.version, lang, document.sha256.as_str()]).await? {
            continue;
        }
        let columns = args![
            kind,
            document.document,
            document.purpose.code(),
            document.version,
            lang,
            document.sha256.as_str(),
            text.source,
            document.text.as_str(),
            tx.now()
        ];
        written += store::append_text(tx, &columns).await?;
    }
    Ok(written)
}

/// The text with that hash, whenever it was published.
///
/// # Errors
/// A fault of the database.
pub async fn published(tx: &mut Tx, sha256: &str) -> Result<Option<PublishedText>, DbError> {
    let Some(row) = store::text(tx, sha256).await? else { return Ok(None) };
    let strange = |what: &str| DbError::Shape(format!("a published text has a strange {what}"));
    Ok(Some(PublishedText {
        kind: TextKind::from_code(&row.get::<String>(0)?).ok_or_else(|| strange("kind"))?,
        document: row.get(1)?,
        purpose: Purpose::from_code(&row.get::<String>(2)?).ok_or_else(|| strange("purpose"))?,
        version: row.get(3)?,
        lang: row.get::<String>(4)?.parse().map_err(|_| strange("language"))?,
        sha256: sha256.to_owned(),
        text: row.get(5)?,
    }))
}
