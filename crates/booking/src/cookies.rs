//! The two cookies of the site, both sealed: what was typed between two screens of a booking, and the tokens of one's own visits.
//! Strictly necessary ones; the policy names them in 15.1.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use directory::catalogue::RoleId;
use patients::CodeId;
use serde::{Deserialize, Serialize};

use crate::appointment::AppointmentId;
use crate::hold::HoldId;
use crate::tokens;
use crate::world::World;

const DRAFT: &str = "recomed_booking";
const VISITS: &str = "recomed_visit";
/// Visits whose tokens a browser carries at most; the newest stay.
const VISITS_MAX: usize = 8;

/// Characters of one typed field that are kept: more than any field takes, so that what is too long is shown again and explained.
pub(crate) const TYPED_CHARS_MAX: usize = 200;

/// What was typed into the form, word for word.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Typed {
    /// `self` or `other`.
    pub whom: String,
    /// Of whoever comes.
    pub name: String,
    /// Of whoever books.
    pub phone: String,
    /// Of whoever books.
    pub email: String,
    /// Whole years of whoever comes.
    pub age: String,
    /// What whoever acts for them is to them.
    pub relation: String,
    /// Name of whoever acts for them.
    pub representative: String,
    /// Version and hash of the declaration that was ticked; empty when it was not.
    pub declaration: Option<(i64, String)>,
}

impl Typed {
    /// Cut to what a cookie holds.
    pub fn cut(mut self) -> Typed {
        let Typed { whom, name, phone, email, age, relation, representative, .. } = &mut self;
        let fields = [whom, name, phone, email, age, relation, representative];
        for text in fields {
            *text = text.chars().take(TYPED_CHARS_MAX).collect();
        }
        self.declaration = self.declaration.filter(|(_, sha256)| sha256.len() <= 64);
        self
    }
}

/// What is wrong with a field: the field, and the text that says what to do.
#[derive(Clone, Serialize, Deserialize)]
pub struct Fault {
    /// The field.
    pub at: String,
    /// Id of the text.
    pub text: String,
    /// The text's `n`.
    pub n: i64,
}

impl Fault {
    /// One whose text counts nothing.
    pub fn new(at: &str, text: &str) -> Fault {
        Fault::counted(at, text, 0)
    }
    /// One whose text counts.
    pub fn counted(at: &str, text: &str, n: i64) -> Fault {
        Fault { at: at.to_owned(), text: text.to_owned(), n }
    }
}

/// A visit that is asked for instead of booked.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct WishedDraft {
    pub(crate) role: RoleId,
    pub(crate) service: String,
    pub(crate) wishes: String,
}

/// What was typed so far, kept by the browser, sealed. Never put into an address or stored by us.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Draft {
    /// The hold, or what stands in its place for a request.
    pub(crate) hold: HoldId,
    pub(crate) wished: Option<WishedDraft>,
    pub(crate) typed: Typed,
    /// What was wrong when it was sent last: told by the page that follows, in its language.
    pub(crate) faults: Vec<Fault>,
    pub(crate) version: i64,
    pub(crate) sha256: String,
    pub(crate) code: Option<CodeId>,
    /// The digits, once they were right, while the person chooses between two visits.
    pub(crate) shown_code: String,
    /// The other visit of the person at that time.
    pub(crate) clash: Option<AppointmentId>,
    /// The visit that this draft became: the answer to a second click.
    pub(crate) became: Option<AppointmentId>,
}

impl Default for Draft {
    fn default() -> Self {
        Draft::begin(HoldId(db::reexport::Uuid::nil()))
    }
}

impl Draft {
    /// A draft of this hold in which nothing is typed yet.
    pub(crate) fn begin(hold: HoldId) -> Draft {
        Draft {
            hold,
            wished: None,
            typed: Typed::default(),
            faults: Vec::new(),
            version: 0,
            sha256: String::new(),
            code: None,
            shown_code: String::new(),
            clash: None,
            became: None,
        }
    }

    /// Another time or request with what was typed for this one.
    pub(crate) fn on_with(self, hold: HoldId, wished: Option<WishedDraft>) -> Draft {
        Draft { hold, wished, faults: Vec::new(), shown_code: String::new(), clash: None, became: None, ..self }
    }

    /// The same draft with what is wrong with it.
    pub(crate) fn wrong(self, faults: Vec<Fault>) -> Draft {
        Draft { faults, ..self }
    }

    /// The draft that the browser has, of whatever hold.
    pub(crate) fn last(world: &World, headers: &HeaderMap) -> Option<Draft> {
        serde_json::from_slice(&opened(world, headers, DRAFT)?).ok()
    }

    /// The draft of this hold, if the browser has it.
    pub(crate) fn read(world: &World, headers: &HeaderMap, hold: HoldId) -> Option<Draft> {
        Draft::last(world, headers).filter(|draft| draft.hold == hold)
    }

    /// Lets the browser keep the draft as long as the hold lives.
    pub(crate) fn keep(&self, world: &World, response: Response) -> Response {
        let plain = serde_json::to_vec(self).unwrap_or_default();
        set(world, response, DRAFT, &plain, Some(world.profile.hold_seconds))
    }

    /// Drops what was typed; keeps only which visit the hold became.
    pub(crate) fn booked(world: &World, hold: HoldId, visit: AppointmentId, response: Response) -> Response {
        let done = Draft { became: Some(visit), ..Draft::begin(hold) };
        done.keep(world, response)
    }
}

/// Whether the browser carries the token of this visit.
pub(crate) fn may_see(world: &World, headers: &HeaderMap, visit: AppointmentId) -> bool {
    let expected = tokens::manage(&world.keys, visit);
    carried(world, headers).iter().any(|(id, token)| *id == visit && tokens::same(&expected, token))
}

/// Gives the browser the token of a visit.
pub(crate) fn remember(world: &World, headers: &HeaderMap, visit: AppointmentId, token: &str, response: Response) -> Response {
    let mut visits = carried(world, headers);
    visits.retain(|(id, _)| *id != visit);
    visits.insert(0, (visit, token.to_owned()));
    visits.truncate(VISITS_MAX);
    set(world, response, VISITS, &serde_json::to_vec(&visits).unwrap_or_default(), None)
}

fn carried(world: &World, headers: &HeaderMap) -> Vec<(AppointmentId, String)> {
    opened(world, headers, VISITS).and_then(|plain| serde_json::from_slice(&plain).ok()).unwrap_or_default()
}

/// What a sealed cookie of that name holds, if the browser has one that is ours.
pub fn opened(world: &World, headers: &HeaderMap, name: &str) -> Option<Vec<u8>> {
    let sealed = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))?;
    let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    world.keys.open_cookie(name, &sealed).map(|plain| plain.to_vec())
}

/// Gives the browser a sealed cookie, for so many seconds or for as long as it is open.
pub fn set(world: &World, mut response: Response, name: &str, plain: &[u8], seconds: Option<i64>) -> Response {
    let sealed = URL_SAFE_NO_PAD.encode(world.keys.seal_cookie(name, plain));
    let life = seconds.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
    // Without TLS, as in the demo on one's own machine, a browser would drop a Secure cookie.
    let secure = if world.public_url.starts_with("https://") { "; Secure" } else { "" };
    if let Ok(value) = HeaderValue::from_str(&format!("{name}={sealed}; Path=/; HttpOnly; SameSite=Lax{life}{secure}")) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}
