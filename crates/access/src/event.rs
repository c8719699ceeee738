//! Security events (purpose P10): who came in, who tried to, what changed in who may do what. They stand in the audit log.

use db::{DbError, Tx};
use privacy::audit::{self, Entry};
use privacy::{Operation, Purpose};

use crate::staff::StaffId;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Signed in with a passkey.
    InByPasskey,
    /// Signed in with a password and a one-time code.
    InByPassword,
    /// Went on at a shared workstation by PIN.
    InByPin,
    /// A sign-in was refused.
    Refused,
    /// So many wrong tries that the login is locked for a while.
    Locked,
    /// A PIN was wrong.
    PinWrong,
    /// So many wrong PINs that the session ended.
    PinsWrong,
    /// A passkey's counter went back: there may be a copy of the device.
    PasskeyCopied,
    /// Locked the screen.
    Away,
    /// Signed out.
    Out,
    /// Ended a session elsewhere.
    SessionEnded,
    /// Was added.
    Added,
    /// Lost their access.
    Ended,
    /// Got a link to sign in anew; everything before counts no more.
    LinkMade,
    /// Added a passkey.
    PasskeyAdded,
    /// Took a passkey away.
    PasskeyRemoved,
    /// Set a password with one-time codes.
    PasswordSet,
    /// Set a PIN.
    PinSet,
    /// Was granted a role for a while.
    Granted,
    /// Lost a grant.
    GrantEnded,
    /// Registered a shared workstation.
    WorkstationAdded,
    /// Ended a shared workstation.
    WorkstationEnded,
    /// Asked for what their role does not allow.
    Forbidden,
}

impl Event {
    /// All of them.
    pub const ALL: [Event; 23] = [
        Event::InByPasskey,
        Event::InByPassword,
        Event::InByPin,
        Event::Refused,
        Event::Locked,
        Event::PinWrong,
        Event::PinsWrong,
        Event::PasskeyCopied,
        Event::Away,
        Event::Out,
        Event::SessionEnded,
        Event::Added,
        Event::Ended,
        Event::LinkMade,
        Event::PasskeyAdded,
        Event::PasskeyRemoved,
        Event::PasswordSet,
        Event::PinSet,
        Event::Granted,
        Event::GrantEnded,
        Event::WorkstationAdded,
        Event::WorkstationEnded,
        Event::Forbidden,
    ];

    /// Its code in the log.
    pub fn code(self) -> &'static str {
        match self {
            Event::InByPasskey => "in-by-passkey",
            Event::InByPassword => "in-by-password",
            Event::InByPin => "in-by-pin",
            Event::Refused => "sign-in-refused",
            Event::Locked => "login-locked",
            Event::PinWrong => "pin-wrong",
            Event::PinsWrong => "pins-wrong",
            Event::PasskeyCopied => "passkey-copied",
            Event::Away => "away",
            Event::Out => "out",
            Event::SessionEnded => "session-ended",
            Event::Added => "staff-added",
            Event::Ended => "staff-ended",
            Event::LinkMade => "link-made",
            Event::PasskeyAdded => "passkey-added",
            Event::PasskeyRemoved => "passkey-removed",
            Event::PasswordSet => "password-set",
            Event::PinSet => "pin-set",
            Event::Granted => "granted",
            Event::GrantEnded => "grant-ended",
            Event::WorkstationAdded => "workstation-added",
            Event::WorkstationEnded => "workstation-ended",
            Event::Forbidden => "forbidden",
        }
    }

    /// The event with that code.
    pub fn from_code(code: &str) -> Option<Event> {
        Event::ALL.into_iter().find(|event| event.code() == code)
    }
}

/// Who did it, as the log names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Somebody who is not known, or not yet.
    Nobody,
    /// One of the staff.
    Staff(StaffId),
    /// The operator at the machine's console.
    Console,
}

impl By {
    fn code(self) -> String {
        match self {
            By::Nobody => "public".into(),
            By::Staff(id) => format!("staff:{id}"),
            By::Console => "console".into(),
        }
    }
}

/// Writes the event, and about whom or what of the staff's it is.
pub(crate) async fn record(tx: &mut Tx, by: By, event: Event, about: Option<[u8; 16]>) -> Result<(), DbError> {
    let entry = Entry {
        operation: Operation::Use,
        purpose: Purpose::P10,
        asker: by.code(),
        fields: Vec::new(),
        outcome: event.code(),
        object: about,
        subject: None,
    };
    audit::record(tx, &entry).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_has_its_code() {
        for event in Event::ALL {
            assert_eq!(Event::from_code(event.code()), Some(event));
        }
    }
}
