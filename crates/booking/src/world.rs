//! What the use cases and pages of booking work with.

use std::sync::Arc;

use access::Limits;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clock::Clock;
use db::{Db, Dirty};
use directory::catalogue::Catalogue;
use privacy::{Documents, KeyStore, Profile};
use web::page::{Page, Phone, Site};
use web::texts::AllTexts;

use crate::free::FreeTime;

/// Everything a request needs, made once at start. Cheap to clone.
#[derive(Clone)]
pub struct World {
    /// The main database.
    pub db: Db,
    /// The key store.
    pub keys: KeyStore,
    /// Free time, and the directory that it belongs to.
    pub free: FreeTime,
    /// Terms and limits.
    pub profile: Arc<Profile>,
    /// Consent documents in force.
    pub documents: Arc<Documents>,
    /// Texts in all languages.
    pub texts: AllTexts,
    /// What the shell of a page says about the site.
    pub site: Arc<Site>,
    /// How often a network may do what costs.
    pub limits: Arc<Limits>,
    /// `https://host`, without a slash at its end: begins every link that leaves in a message.
    pub public_url: Arc<str>,
    /// Whether letters can be sent: only then is an e-mail asked for and kept.
    pub letters: bool,
    /// Whether this is the demo, with its numbers that cannot ring and its outbox.
    pub demo: bool,
}

impl World {
    /// The clock.
    pub fn clock(&self) -> &Clock {
        self.db.clock()
    }

    /// The directory as it is now.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.free.catalogue()
    }

    /// The frame of a page at `/{lang}{path}`, with the number of `city` in its header.
    pub fn page(&self, lang: db::Lang, path: impl Into<String>, city: Option<&str>) -> Page {
        let catalogue = self.catalogue();
        let city = city.and_then(|code| catalogue.city(code)).or_else(|| catalogue.first_city(lang));
        let phone = city.and_then(|city| city.phone.as_deref()).map(Phone::new);
        let mut page = Page::new(self.texts.of(lang), self.site.clone(), path).calling(phone);
        page.once = URL_SAFE_NO_PAD.encode(self.clock().bytes::<12>());
        page
    }

    /// Makes what a use case has just committed visible to this process's readers before its caller is answered. A failure is
    /// only late, not wrong: the feed brings it within a second.
    pub(crate) async fn seen(&self, dirty: &[Dirty]) {
        if let Err(fault) = self.free.refresh(&self.db, dirty).await {
            tracing::warn!(%fault, "free time follows by the feed");
        }
    }
}
