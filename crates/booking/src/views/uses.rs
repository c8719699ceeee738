//! Who used the data of a visit.

use askama::Template;
use web::page::Page;

/// One use.
#[derive(Clone, Debug)]
pub struct UseLine {
    /// Day and time.
    pub when: String,
    /// Who did what, in a sentence.
    pub what: String,
    /// With which data, in words.
    pub data: String,
    /// Of what was given to somebody: what for, by what right, and how it ended.
    pub more: Option<String>,
    /// The file that proves it; `None` until it is sealed.
    pub receipt_href: Option<String>,
}

/// `/{lang}/visits/{id}/uses`.
#[derive(Template)]
#[template(path = "uses.html")]
pub struct Uses {
    /// The frame, private.
    pub page: Page,
    /// The uses, oldest first.
    pub lines: Vec<UseLine>,
    /// Where the earlier ones are told.
    pub earlier_href: Option<String>,
    /// The log's public key, base64.
    pub key: String,
    /// Back to the visit.
    pub back_href: String,
}
