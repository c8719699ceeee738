//! Pages that belong to no slice.

use askama::Template;

use crate::page::{Link, Page};

/// Any failure, in the reader's language. Made by [`crate::problem`].
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// The frame.
    pub page: Page,
    /// HTTP status.
    pub status: u16,
    /// What happened, short.
    pub heading: String,
    /// What happened and what to do, one or two sentences.
    pub sentence: String,
    /// Number of the policy's clause that says so, if one does.
    pub clause: Option<String>,
    /// Next steps besides the home page and the phone.
    pub links: Vec<Link>,
}

/// A message in the demo's outbox.
#[derive(Clone, Debug)]
pub struct OutboxItem {
    /// When, in words.
    pub at: String,
    /// To which number, as people read it, or to which e-mail address.
    pub to: String,
    /// The subject of a letter.
    pub subject: Option<String>,
    /// The text as sent.
    pub text: String,
    /// The link in the text, if there is one, as an address on this site.
    pub link: Option<String>,
}

/// `/{lang}/demo/outbox`: what would have been sent. Demo only.
#[derive(Template)]
#[template(path = "outbox.html")]
pub struct Outbox {
    /// The frame, private.
    pub page: Page,
    /// Newest first.
    pub items: Vec<OutboxItem>,
}
