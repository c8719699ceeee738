//! A visit as everybody may see it: which role, when, in which state. Who the person is stands nowhere in it (I5).

use clock::Timestamp;
use db::Lang;
use directory::catalogue::RoleId;
use jiff::tz::TimeZone;

use crate::status::Status;
use crate::wish::Wish;

db::id!(
    /// A visit's id: random, since the row's link to a person is sealed.
    pub AppointmentId
);

/// A visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// Its id.
    pub id: AppointmentId,
    /// Eight digits that a person can read out.
    pub number: i64,
    /// The doctor in the clinic.
    pub role: RoleId,
    /// Code of the service.
    pub service: String,
    /// Begin.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// IANA zone of the place when it was booked.
    pub zone: String,
    /// Its state.
    pub status: Status,
    /// Price told at booking, in minor units.
    pub price_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// The language in which the person is written to.
    pub lang: Lang,
    /// How often it was moved.
    pub moves: i64,
    /// What was asked for where there are no live times; empty for a visit with a time. While it is `proposed`, begin and end only bound
    /// the wishes.
    pub wishes: Vec<Wish>,
}

impl Appointment {
    /// The zone of the place; UTC when the stored name is no longer known.
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC)
    }

    /// What stands in the place of the number of a visit that has none any more: below zero, so that it is nobody's.
    pub(crate) fn no_number(clock: &clock::Clock) -> i64 {
        -1 - i64::try_from(clock.below(i64::MAX.unsigned_abs())).unwrap_or(0)
    }

    /// The number as it is shown and read out: `4821-3705`; a dash when it has none any more.
    pub fn number_shown(&self) -> String {
        number_shown(self.number)
    }

    /// Whether it is a request that names no doctor: somebody at the desk looks for one.
    pub fn names_no_doctor(&self) -> bool {
        self.role == RoleId(db::reexport::Uuid::nil())
    }

    /// Whether it is, or was, a request: no time was ever promised.
    pub fn is_request(&self) -> bool {
        let open = matches!(self.status, Status::Proposed | Status::Waitlist);
        open || (!self.wishes.is_empty() && matches!(self.status, Status::Cancelled | Status::EnteredInError))
    }

    /// Until when anything can be done about it: the begin of a visit, the end of the days that a request wishes for.
    pub fn open_until(&self) -> Timestamp {
        if self.is_request() { self.end } else { self.start }
    }
}

/// A visit's number as it is shown and read out: `4821-3705`; a dash where it has none any more.
pub fn number_shown(number: i64) -> String {
    if number < 0 {
        return "–".to_owned();
    }
    format!("{:04}-{:04}", number / 10_000, number % 10_000)
}

/// The civil day of an instant at a place, in days since 1970-01-01.
pub(crate) fn civil_day(at: Timestamp, zone: &TimeZone) -> i64 {
    let offset = zone.to_offset(at.to_jiff()).seconds();
    at.plus_seconds(i64::from(offset)).day()
}
