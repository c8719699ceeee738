//! The call at hand: what an agent has typed and chosen while somebody is on the line. It lives sealed in the agent's browser for as long as the
//! call does, and nowhere else; another session does not read it.

use axum::http::HeaderMap;
use axum::response::Response;
use booking::{AppointmentId, Fault, HoldId, OnPhone, Typed, World};
use clock::Timestamp;
use db::Lang;
use directory::catalogue::RoleId;
use privacy::PersonId;
use serde::{Deserialize, Serialize};

const COOKIE: &str = "recomed_call";
/// Minutes without an act after which a call is over.
const CALL_MINUTES: i64 = 60;
/// Letters of a question that are kept while a time is being booked.
const QUESTION_CHARS_MAX: usize = 400;

/// What the middle of the screen is about.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// A doctor and a time are looked for.
    Search,
    /// A time is held.
    Held(HoldId),
    /// Days are wished for, where there are no live times.
    Wished {
        role: RoleId,
        service: String,
        /// The wishes as a form sends them.
        wishes: Vec<(String, String)>,
        /// Names the request: a second click is the same one.
        once: HoldId,
    },
    /// Another time is looked for, for this visit.
    Moving(AppointmentId),
    /// This was booked or asked for: it is read out.
    Done(AppointmentId),
}

/// Somebody who may be calling: who, the first letters of their name, their open visits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Candidate {
    pub(crate) person: PersonId,
    pub(crate) masked: String,
    pub(crate) coming: usize,
}

impl From<OnPhone> for Candidate {
    fn from(found: OnPhone) -> Candidate {
        Candidate { person: found.person, masked: found.masked, coming: found.coming }
    }
}

/// A call.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Call {
    pub(crate) session: [u8; 16],
    /// Until when, in microseconds.
    pub(crate) until: i64,
    /// E.164.
    pub(crate) phone: String,
    /// Whether the number takes text messages.
    pub(crate) takes_sms: bool,
    /// The caller's language.
    pub(crate) lang: Lang,
    /// The people of the number.
    pub(crate) people: Vec<Candidate>,
    /// Who it is, once they have shown it, and their name.
    pub(crate) person: Option<(PersonId, String)>,
    pub(crate) stage: Stage,
    /// The question of the search, as an address has it.
    pub(crate) question: String,
    pub(crate) typed: Typed,
    pub(crate) faults: Vec<Fault>,
    /// What is to be told once.
    pub(crate) said: Option<String>,
}

impl Call {
    pub(crate) fn begin(session: [u8; 16], phone: &patients::Phone, lang: Lang, people: Vec<OnPhone>) -> Call {
        Call {
            session,
            until: 0,
            phone: phone.e164().to_owned(),
            takes_sms: phone.takes_sms(),
            lang,
            people: people.into_iter().map(Candidate::from).collect(),
            person: None,
            stage: Stage::Search,
            question: String::new(),
            typed: Typed { whom: "self".into(), ..Typed::default() },
            faults: Vec::new(),
            said: None,
        }
    }

    /// The call of this session, if there is one that is not over.
    pub(crate) fn read(world: &World, headers: &HeaderMap, session: [u8; 16]) -> Option<Call> {
        let call: Call = serde_json::from_slice(&booking::opened_cookie(world, headers, COOKIE)?).ok()?;
        (call.session == session && Timestamp(call.until) > world.clock().now()).then_some(call)
    }

    /// Goes on with the call: the browser keeps it, and it lasts anew.
    pub(crate) fn keep(mut self, world: &World, response: Response) -> Response {
        self.until = world.clock().now().plus_minutes(CALL_MINUTES).micros();
        let plain = serde_json::to_vec(&self).unwrap_or_default();
        booking::set_cookie(world, response, COOKIE, &plain, Some(CALL_MINUTES * 60))
    }

    /// Nothing of it is left in the browser.
    pub(crate) fn end(world: &World, response: Response) -> Response {
        booking::set_cookie(world, response, COOKIE, &[], Some(0))
    }

    /// A form in which nothing is typed but what is known of the caller: they come themselves, or act for whoever does.
    pub(crate) fn nothing_typed(&self) -> Typed {
        let name = self.person.as_ref().map(|(_, name)| name.clone()).unwrap_or_default();
        Typed { whom: "self".into(), representative: name.clone(), name, ..Typed::default() }
    }

    /// Back to the search, with the question as it stood.
    pub(crate) fn back(mut self) -> Call {
        self.stage = Stage::Search;
        self.faults = Vec::new();
        self
    }

    pub(crate) fn saying(mut self, text: impl Into<String>) -> Call {
        self.said = Some(text.into());
        self
    }

    /// Keeps the question with which a time was found. Only what an address may hold.
    pub(crate) fn asked(mut self, question: &str) -> Call {
        let fits = question.len() <= QUESTION_CHARS_MAX && question.bytes().all(|byte| byte.is_ascii_graphic());
        self.question = if fits { question.to_owned() } else { String::new() };
        self
    }

    /// Where the call goes on.
    pub(crate) fn href(&self, lang: Lang) -> String {
        match (&self.stage, self.question.as_str()) {
            (Stage::Search, question) if !question.is_empty() => format!("/{lang}/staff/desk?{question}"),
            _ => format!("/{lang}/staff/desk"),
        }
    }
}
