//! What each refusal tells the outside: status, stable code, sentence, clause.

use axum::http::StatusCode;
use patients::PhoneError;
use web::problem::Problem;

use crate::book::BookError;
use crate::cancel::CancelError;
use crate::hold::TimeError;
use crate::request::RequestError;
use crate::reschedule::MoveError;
use crate::respond::RespondError;
use crate::withdraw::WithdrawError;

type Text = (&'static str, Vec<(&'static str, web::texts::Value)>);

fn plain(id: &'static str) -> Text {
    (id, Vec::new())
}

fn counted(id: &'static str, n: i64) -> Text {
    (id, vec![("n", n.into())])
}

impl Problem for TimeError {
    fn status(&self) -> StatusCode {
        match self {
            TimeError::UnknownRole => StatusCode::NOT_FOUND,
            TimeError::UnknownService | TimeError::Past | TimeError::NotOffered => StatusCode::UNPROCESSABLE_ENTITY,
            TimeError::Taken => StatusCode::CONFLICT,
            TimeError::Db(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
    fn code(&self) -> &'static str {
        TimeError::code(self)
    }
    fn text(&self) -> Text {
        plain(match self {
            TimeError::UnknownRole => "booking-problem-role",
            TimeError::UnknownService => "booking-problem-service",
            TimeError::Past => "booking-problem-past",
            TimeError::NotOffered => "booking-problem-not-offered",
            TimeError::Taken => "booking-problem-taken",
            TimeError::Db(_) => "web-error-unavailable",
        })
    }
    fn retry_after_seconds(&self) -> Option<u64> {
        matches!(self, TimeError::Db(_)).then_some(5)
    }
}

impl Problem for BookError {
    fn status(&self) -> StatusCode {
        match self {
            BookError::Time(error) => error.status(),
            BookError::Code(error) => error.status(),
            BookError::PersonBusy(_) | BookError::OtherTooLate => StatusCode::CONFLICT,
            BookError::TooManyVisits(_) | BookError::TooManyRequests(_) | BookError::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            BookError::Db(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
    fn code(&self) -> &'static str {
        BookError::code(self)
    }
    fn text(&self) -> Text {
        match self {
            BookError::Time(error) => error.text(),
            BookError::Code(error) => error.text(),
            BookError::PersonBusy(_) => plain("booking-problem-person-busy"),
            BookError::OtherTooLate => plain("booking-problem-other-too-late"),
            BookError::TooManyVisits(most) => counted("booking-problem-too-many", *most),
            BookError::TooManyRequests(most) => counted("booking-problem-too-many-requests", *most),
            BookError::KeyReused => plain("booking-problem-key-reused"),
            BookError::Db(_) => plain("web-error-unavailable"),
        }
    }
}

impl Problem for RequestError {
    fn status(&self) -> StatusCode {
        match self {
            RequestError::Book(error) => error.status(),
            RequestError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
    fn code(&self) -> &'static str {
        match self {
            RequestError::ConsentMissing => "consent_missing",
            RequestError::ConsentOutdated => "consent_outdated",
            RequestError::ConsentUnknown => "consent_unknown",
            RequestError::CodeMissing => "code_missing",
            RequestError::TooManyPeople => "phone_shared_too_often",
            RequestError::RepresentativeMissing(_) => "representative_missing",
            RequestError::RelationUnfit(_) => "relation_unfit",
            RequestError::DeclarationMissing => "declaration_missing",
            RequestError::AgeNotReceived(_) => "age_not_received",
            RequestError::WhenInvalid => "when_invalid",
            RequestError::LiveTimes => "live_times",
            RequestError::Book(error) => error.code(),
            RequestError::Unavailable => "unavailable",
        }
    }
    fn text(&self) -> Text {
        match self {
            RequestError::ConsentMissing => plain("booking-error-consent"),
            RequestError::ConsentOutdated => plain("booking-error-consent-changed"),
            RequestError::ConsentUnknown => plain("booking-problem-consent-unknown"),
            RequestError::CodeMissing => plain("booking-problem-code-missing"),
            RequestError::TooManyPeople => plain("booking-problem-too-many-people"),
            RequestError::RepresentativeMissing(years) => counted("booking-problem-representative", *years),
            RequestError::RelationUnfit(years) => counted("booking-problem-relation", *years),
            RequestError::DeclarationMissing => plain("booking-error-declaration"),
            RequestError::AgeNotReceived(rule) => counted(rule.text_id(), rule.years()),
            RequestError::WhenInvalid => plain("booking-problem-when"),
            RequestError::LiveTimes => plain("booking-problem-live-times"),
            RequestError::Book(error) => error.text(),
            RequestError::Unavailable => plain("web-error-unavailable"),
        }
    }
    fn clause(&self) -> Option<&'static str> {
        match self {
            RequestError::ConsentMissing | RequestError::ConsentOutdated => Some("2.7"),
            RequestError::ConsentUnknown => Some("2.1"),
            RequestError::RepresentativeMissing(_) | RequestError::RelationUnfit(_) | RequestError::DeclarationMissing => Some("2.4"),
            _ => None,
        }
    }
    fn retry_after_seconds(&self) -> Option<u64> {
        matches!(self, RequestError::Unavailable).then_some(5)
    }
}

impl Problem for CancelError {
    fn status(&self) -> StatusCode {
        match self {
            CancelError::Unknown => StatusCode::NOT_FOUND,
            CancelError::NotPossible(_) | CancelError::TooLate(_) => StatusCode::CONFLICT,
            CancelError::Db(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
    fn code(&self) -> &'static str {
        CancelError::code(self)
    }
    fn text(&self) -> Text {
        plain(match self {
            CancelError::Unknown => "web-error-not-found",
            CancelError::NotPossible(_) => "booking-problem-not-open",
            CancelError::TooLate(_) => "booking-too-late",
            CancelError::Db(_) => "web-error-unavailable",
        })
    }
    fn retry_after_seconds(&self) -> Option<u64> {
        matches!(self, CancelError::Db(_)).then_some(5)
    }
}

impl Problem for WithdrawError {
    fn status(&self) -> StatusCode {
        match self {
            WithdrawError::Unknown | WithdrawError::NotGiven => StatusCode::NOT_FOUND,
            WithdrawError::Db(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
    fn code(&self) -> &'static str {
        WithdrawError::code(self)
    }
    fn text(&self) -> Text {
        plain(match self {
            WithdrawError::Unknown => "web-error-not-found",
            WithdrawError::NotGiven => "booking-problem-not-given",
            WithdrawError::Db(_) => "web-error-unavailable",
        })
    }
    fn retry_after_seconds(&self) -> Option<u64> {
        matches!(self, WithdrawError::Db(_)).then_some(5)
    }
}

impl Problem for MoveError {
    fn status(&self) -> StatusCode {
        match self {
            MoveError::Unknown => StatusCode::NOT_FOUND,
            MoveError::NotPossible(_) | MoveError::TooLate(_) | MoveError::TooOften(_) | MoveError::PersonBusy => StatusCode::CONFLICT,
            MoveError::OtherVisit => StatusCode::UNPROCESSABLE_ENTITY,
            MoveError::Time(error) => error.status(),
            MoveError::Db(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
    fn code(&self) -> &'static str {
        MoveError::code(self)
    }
    fn text(&self) -> Text {
        match self {
            MoveError::Unknown => plain("web-error-not-found"),
            MoveError::NotPossible(_) => plain("booking-problem-not-open"),
            MoveError::TooLate(_) => plain("booking-too-late"),
            MoveError::TooOften(most) => counted("booking-problem-moved-too-often", *most),
            MoveError::OtherVisit => plain("booking-problem-other-visit"),
            MoveError::PersonBusy => plain("booking-problem-person-busy-move"),
            MoveError::Time(TimeError::Taken) => plain("booking-move-taken"),
            MoveError::Time(error) => error.text(),
            MoveError::Db(_) => plain("web-error-unavailable"),
        }
    }
    fn retry_after_seconds(&self) -> Option<u64> {
        db::Refusal::fault(self).map(|_| 5)
    }
}

impl Problem for RespondError {
    fn status(&self) -> StatusCode {
        match self {
            RespondError::Unknown => StatusCode::NOT_FOUND,
            RespondError::NotPossible(_) | RespondError::Outdated | RespondError::PersonBusy | RespondError::TooOften(_) => {
                StatusCode::CONFLICT
            }
            RespondError::TimeMissing => StatusCode::UNPROCESSABLE_ENTITY,
            RespondError::Time(error) => error.status(),
            RespondError::Db(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
    fn code(&self) -> &'static str {
        RespondError::code(self)
    }
    fn text(&self) -> Text {
        match self {
            RespondError::Unknown => plain("web-error-not-found"),
            RespondError::NotPossible(_) => plain("booking-problem-visit-not-open"),
            RespondError::Outdated => plain("booking-problem-proposal-outdated"),
            RespondError::PersonBusy => plain("booking-problem-person-busy-move"),
            RespondError::TooOften(most) => counted("booking-problem-proposed-too-often", *most),
            RespondError::TimeMissing => plain("booking-problem-time-missing"),
            RespondError::Time(TimeError::NotOffered) => plain("booking-problem-time-missing"),
            RespondError::Time(error) => error.text(),
            RespondError::Db(_) => plain("web-error-unavailable"),
        }
    }
    fn retry_after_seconds(&self) -> Option<u64> {
        db::Refusal::fault(self).map(|_| 5)
    }
}

/// The page of a doctor whom the directory does not have, or has no more: it keeps no list of those who left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DoctorAbsent;

impl Problem for DoctorAbsent {
    fn status(&self) -> StatusCode {
        StatusCode::NOT_FOUND
    }
    fn code(&self) -> &'static str {
        "role_unknown"
    }
    fn text(&self) -> Text {
        plain("booking-absent")
    }
}

/// A request that cannot be read, or whose field is not what it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// The body is no JSON of the described form.
    Body,
    /// This parameter or field.
    Field(&'static str),
    /// The phone.
    Phone(PhoneError),
    /// A kind of request that is not taken here.
    Kind,
    /// The caller's key may not do this.
    Scope,
    /// The caller's key is not known.
    Key,
}

impl Problem for Malformed {
    fn status(&self) -> StatusCode {
        match self {
            Malformed::Body | Malformed::Field(_) | Malformed::Phone(_) | Malformed::Kind => StatusCode::UNPROCESSABLE_ENTITY,
            Malformed::Scope => StatusCode::FORBIDDEN,
            Malformed::Key => StatusCode::UNAUTHORIZED,
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Malformed::Body => "body_invalid",
            Malformed::Field(_) => "field_invalid",
            Malformed::Phone(PhoneError::Unreadable) => "phone_invalid",
            Malformed::Phone(PhoneError::Landline) => "phone_landline",
            Malformed::Kind => "kind_unsupported",
            Malformed::Scope => "scope_missing",
            Malformed::Key => "token_unknown",
        }
    }
    fn text(&self) -> Text {
        match self {
            Malformed::Body => plain("booking-problem-body"),
            Malformed::Field(name) => ("booking-problem-field", vec![("field", (*name).into())]),
            Malformed::Phone(PhoneError::Unreadable) => plain("booking-error-phone"),
            Malformed::Phone(PhoneError::Landline) => plain("patients-problem-landline"),
            Malformed::Kind => plain("booking-problem-kind"),
            Malformed::Scope => plain("booking-problem-scope"),
            Malformed::Key => plain("booking-problem-token"),
        }
    }
}
