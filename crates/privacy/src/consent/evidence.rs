//! How a consent was given, and what proves it. The list is closed: looking at a page, scrolling it, or a box that was ticked before
//! anybody saw it are no ways to agree, and have no word here (clause 2.7).

use clock::Timestamp;
use db::{Value, args};

use super::Script;
use crate::vocabulary::Purpose;

db::id!(
    /// Somebody who works for the operator: an agent who took a call, whoever entered a sheet of paper.
    pub EmployeeId
);

/// A way to agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A box ticked on the site, the phone confirmed by a code.
    Web,
    /// A partner's site, which vouches for it.
    Partner,
    /// Said aloud, or by a key of the phone, after a script was read.
    Voice,
    /// Signed on a sheet of paper.
    Paper,
}

impl Method {
    /// All of them.
    pub const ALL: [Method; 4] = [Method::Web, Method::Partner, Method::Voice, Method::Paper];

    /// The word of the database and of exports. It never changes.
    pub fn code(self) -> &'static str {
        match self {
            Method::Web => "web",
            Method::Partner => "partner",
            Method::Voice => "voice",
            Method::Paper => "paper",
        }
    }

    /// The method with that word.
    pub fn from_code(code: &str) -> Option<Method> {
        Method::ALL.into_iter().find(|method| method.code() == code)
    }
}

/// A key of a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeypadKey(char);

impl KeypadKey {
    /// The key with that sign: a digit, `*` or `#`.
    pub fn new(sign: char) -> Option<KeypadKey> {
        (sign.is_ascii_digit() || sign == '*' || sign == '#').then_some(KeypadKey(sign))
    }
}

/// Letters of a sheet's number in the register, at most.
const SHEET_CHARS_MAX: usize = 40;
/// Letters that may stand in a row in it: enough for a mark, too few for a name.
const LETTERS_IN_A_ROW_MAX: usize = 3;

/// Where the register of signed sheets has it. It is a number, with marks: no name fits in, let alone a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetRef(String);

impl SheetRef {
    /// The number as it is typed, like `K-2026/117`; `None` when it is none.
    pub fn parse(typed: &str) -> Option<SheetRef> {
        let typed = typed.trim();
        let known = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '/' | '.');
        let short = typed.chars().count() <= SHEET_CHARS_MAX && typed.chars().all(known);
        let words = typed.split(|letter: char| !letter.is_alphabetic());
        let number = typed.chars().any(|letter| letter.is_ascii_digit());
        (short && number && words.into_iter().all(|word| word.chars().count() <= LETTERS_IN_A_ROW_MAX)).then(|| SheetRef(typed.to_owned()))
    }
}

/// To whom or to what somebody said yes on the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoken {
    /// To an agent, who heard it.
    ToAgent(EmployeeId),
    /// By this key, to a voice that had read the script.
    Key(KeypadKey),
}

/// Who entered a signed sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnteredBy {
    /// An employee at the desk.
    Employee(EmployeeId),
    /// The operator at the machine's console.
    Console,
}

/// What proves that somebody agreed, or took it back. Each way has its own, whole: none can be made with a part missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence(Proof);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Proof {
    Web,
    Partner,
    Voice { purpose: Purpose, version: i64, sha256: String, spoken: Spoken, at: Timestamp },
    Paper { sheet: SheetRef, entered_by: EnteredBy },
}

impl Evidence {
    /// The person's own act on the site: a box that nobody ticks for them, a phone confirmed by a code, a button on the visit's page.
    pub const WEB: Evidence = Evidence(Proof::Web);
    /// A partner's word.
    pub const PARTNER: Evidence = Evidence(Proof::Partner);

    /// The script was read, and at that instant it was said or pressed. No recording is needed.
    pub fn voice(script: &Script, spoken: Spoken, at: Timestamp) -> Evidence {
        Evidence(Proof::Voice { purpose: script.purpose(), version: script.version(), sha256: script.sha256().to_owned(), spoken, at })
    }

    /// A sheet was signed; it lies where the register says.
    pub fn paper(sheet: SheetRef, entered_by: EnteredBy) -> Evidence {
        Evidence(Proof::Paper { sheet, entered_by })
    }

    /// The way it was.
    pub fn method(&self) -> Method {
        match self.0 {
            Proof::Web => Method::Web,
            Proof::Partner => Method::Partner,
            Proof::Voice { .. } => Method::Voice,
            Proof::Paper { .. } => Method::Paper,
        }
    }

    /// Whether it is about that purpose: a script is read for one.
    pub(super) fn fits(&self, asked: Purpose) -> bool {
        !matches!(self.0, Proof::Voice { purpose, .. } if purpose != asked)
    }

    /// The columns of an event that hold it: instant, script's version and hash, key, sheet, witness.
    pub(super) fn columns(&self) -> [Value; 6] {
        let ((at, script), (sha256, keypad, sheet, witness)) = match &self.0 {
            Proof::Web | Proof::Partner => ((None, None), (None, None, None, None)),
            Proof::Voice { version, sha256, spoken, at, .. } => {
                let (keypad, agent) = match spoken {
                    Spoken::Key(KeypadKey(sign)) => (Some(sign.to_string()), None),
                    Spoken::ToAgent(agent) => (None, Some(agent.to_string())),
                };
                ((Some(at.micros()), Some(*version)), (Some(sha256.clone()), keypad, None, agent))
            }
            Proof::Paper { sheet, entered_by } => {
                let witness = match entered_by {
                    EnteredBy::Employee(employee) => employee.to_string(),
                    EnteredBy::Console => "console".to_owned(),
                };
                ((None, None), (None, None, Some(sheet.0.clone()), Some(witness)))
            }
        };
        args![at, script, sha256, keypad, sheet, witness]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clause 2.7: what is no act of the person has no word.
    #[test]
    fn nobody_agrees_by_looking() {
        for code in ["browse", "scroll", "prechecked", "call", ""] {
            assert_eq!(Method::from_code(code), None, "{code}");
        }
        assert!(Method::ALL.into_iter().all(|method| Method::from_code(method.code()) == Some(method)));
    }

    #[test]
    fn a_register_has_numbers_and_no_names() {
        for good in ["117", "K-2026/117", "С-12.5", " 2026/1 "] {
            assert!(SheetRef::parse(good).is_some(), "{good}");
        }
        for bad in ["", "sheet", "Иванов-1", "Anna Demo 1", "1 2", "К-1; diabetes", &"1".repeat(41)] {
            assert!(SheetRef::parse(bad).is_none(), "{bad}");
        }
        assert!(KeypadKey::new('1').is_some() && KeypadKey::new('#').is_some() && KeypadKey::new('y').is_none());
    }
}
