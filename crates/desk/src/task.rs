//! An item of the desk's list of work (FHIR Task): why, for which visit, until when, who has it in hand, how it ended.

use access::StaffId;
use booking::{AppointmentId, Need, Turn};
use clock::Timestamp;

db::id!(
    /// A task's id.
    pub TaskId
);

/// Why somebody has to do something by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The person can be told only by phone.
    Tell(Turn),
    /// A request names no doctor.
    FindTime,
    /// The clinic has not answered within its term.
    AskClinic,
    /// The person has not said whether they take what the clinic proposes.
    AskPerson,
}

impl From<Need> for Reason {
    fn from(need: Need) -> Reason {
        match need {
            Need::Tell(turn) => Reason::Tell(turn),
            Need::FindTime => Reason::FindTime,
            Need::AskClinic => Reason::AskClinic,
            Need::AskPerson => Reason::AskPerson,
        }
    }
}

impl Reason {
    /// The word of the table and of texts.
    pub fn code(self) -> &'static str {
        match self {
            Reason::Tell(_) => "tell",
            Reason::FindTime => "find-time",
            Reason::AskClinic => "ask-clinic",
            Reason::AskPerson => "ask-person",
        }
    }

    /// What the person has to be told, as the table has it; empty otherwise.
    pub(crate) fn turn_code(self) -> &'static str {
        if let Reason::Tell(turn) = self { turn.code() } else { "" }
    }

    /// The reason with these words.
    pub fn from_codes(reason: &str, turn: &str) -> Option<Reason> {
        match reason {
            "tell" => Turn::from_code(turn).map(Reason::Tell),
            "find-time" => Some(Reason::FindTime),
            "ask-clinic" => Some(Reason::AskClinic),
            "ask-person" => Some(Reason::AskPerson),
            _ => None,
        }
    }

    /// Whether there is work only when the other side has let its term pass.
    pub fn waits_for_an_answer(self) -> bool {
        matches!(self, Reason::AskClinic | Reason::AskPerson)
    }

    /// Whether it is the person who is called, and not their clinic.
    pub fn calls_person(self) -> bool {
        self != Reason::AskClinic
    }
}

/// How a task ends. None ends without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The person was told.
    Told,
    /// The person takes the proposed time.
    Taken,
    /// The person does not take the proposed time.
    Refused,
    /// The clinic expects them.
    Confirmed,
    /// The clinic has proposed another time.
    Proposed,
    /// The clinic does not receive them.
    Declined,
    /// The request has become a visit.
    Booked,
    /// The person does not want it any more.
    Cancelled,
    /// Nobody answers under this number, again and again.
    Unreachable,
    /// Somebody else answers under this number.
    WrongNumber,
    /// It came about by itself: somebody has answered, moved, called off.
    Overtaken,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Outcome; 11] = [
        Outcome::Told,
        Outcome::Taken,
        Outcome::Refused,
        Outcome::Confirmed,
        Outcome::Proposed,
        Outcome::Declined,
        Outcome::Booked,
        Outcome::Cancelled,
        Outcome::Unreachable,
        Outcome::WrongNumber,
        Outcome::Overtaken,
    ];

    /// The word of the table and of texts.
    pub fn code(self) -> &'static str {
        match self {
            Outcome::Told => "told",
            Outcome::Taken => "taken",
            Outcome::Refused => "refused",
            Outcome::Confirmed => "confirmed",
            Outcome::Proposed => "proposed",
            Outcome::Declined => "declined",
            Outcome::Booked => "booked",
            Outcome::Cancelled => "cancelled",
            Outcome::Unreachable => "unreachable",
            Outcome::WrongNumber => "wrong-number",
            Outcome::Overtaken => "overtaken",
        }
    }

    /// The outcome with that word.
    pub fn from_code(code: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|outcome| outcome.code() == code)
    }

    /// The outcomes by which an agent ends a task of that reason, in the order in which they are offered.
    pub fn of(reason: Reason) -> &'static [Outcome] {
        match reason {
            // What the clinic proposes is answered in the same breath.
            Reason::Tell(Turn::Proposed) | Reason::AskPerson => {
                &[Outcome::Taken, Outcome::Refused, Outcome::Cancelled, Outcome::Unreachable, Outcome::WrongNumber]
            }
            Reason::Tell(_) => &[Outcome::Told, Outcome::Cancelled, Outcome::Unreachable, Outcome::WrongNumber],
            Reason::FindTime => &[Outcome::Cancelled, Outcome::Unreachable, Outcome::WrongNumber],
            Reason::AskClinic => &[Outcome::Confirmed, Outcome::Proposed, Outcome::Declined],
        }
    }
}

/// A task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Which visit or request it is about.
    pub visit: AppointmentId,
    /// Why.
    pub reason: Reason,
    /// Since when.
    pub since: Timestamp,
    /// Until when: what was promised.
    pub due: Timestamp,
    /// Who has it in hand.
    pub owner: Option<StaffId>,
    /// Until when nobody else may take it.
    pub leased_until: Timestamp,
    /// Calls that nobody answered.
    pub tries: i64,
    /// How it ended; `None` while it is open.
    pub outcome: Option<Outcome>,
    /// When it ended.
    pub closed_at: Option<Timestamp>,
    /// By whom; `None` when it came about by itself.
    pub closed_by: Option<StaffId>,
}

impl Task {
    /// Who has it in hand at that instant.
    pub fn in_hand_of(&self, now: Timestamp) -> Option<StaffId> {
        self.owner.filter(|_| now < self.leased_until)
    }
}

/// How urgent a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// There is time.
    Calm,
    /// Red before it is late: less than a quarter of its term is left.
    Soon,
    /// The promise is broken.
    Late,
}

impl Urgency {
    /// How urgent something is at `now` that is due at `due` and was promised at `since`.
    pub fn at(now: Timestamp, since: Timestamp, due: Timestamp) -> Urgency {
        let left = due.micros() - now.micros();
        let term = due.micros() - since.micros();
        if left < 0 {
            Urgency::Late
        } else if left * 4 <= term {
            Urgency::Soon
        } else {
            Urgency::Calm
        }
    }

    /// `calm`, `soon`, `late`.
    pub fn code(self) -> &'static str {
        match self {
            Urgency::Calm => "calm",
            Urgency::Soon => "soon",
            Urgency::Late => "late",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::from_code(outcome.code()), Some(outcome));
        }
        let reasons = Turn::ALL.map(Reason::Tell).into_iter().chain([Reason::FindTime, Reason::AskClinic, Reason::AskPerson]);
        for reason in reasons {
            assert_eq!(Reason::from_codes(reason.code(), reason.turn_code()), Some(reason));
            assert!(!Outcome::of(reason).is_empty() && !Outcome::of(reason).contains(&Outcome::Overtaken), "{reason:?}");
        }
        assert_eq!(Reason::from_codes("tell", ""), None);
    }

    #[test]
    fn red_comes_before_late() {
        let at = |minutes| Timestamp(0).plus_minutes(minutes);
        let urgency = |now| Urgency::at(at(now), at(0), at(60)).code();
        assert_eq!([urgency(0), urgency(44), urgency(45), urgency(60), urgency(61)], ["calm", "calm", "soon", "soon", "late"]);
    }
}
