//! What each refusal tells the outside: status, stable code, sentence.

use axum::http::StatusCode;
use web::problem::Problem;

use crate::code::{AskCodeError, CodeError};

type Text = (&'static str, Vec<(&'static str, web::texts::Value)>);

fn plain(id: &'static str) -> Text {
    (id, Vec::new())
}

fn counted(id: &'static str, n: i64) -> Text {
    (id, vec![("n", n.into())])
}

impl Problem for CodeError {
    fn status(&self) -> StatusCode {
        match self {
            CodeError::Db(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
    fn code(&self) -> &'static str {
        match self {
            CodeError::Unknown => "code_unknown",
            CodeError::Expired => "code_expired",
            CodeError::Wrong(_) => "code_wrong",
            CodeError::Dead => "code_dead",
            CodeError::Db(_) => "unavailable",
        }
    }
    fn text(&self) -> Text {
        match self {
            CodeError::Unknown | CodeError::Expired | CodeError::Dead => plain("patients-problem-code-expired"),
            CodeError::Wrong(left) => counted("patients-problem-code-wrong", *left),
            CodeError::Db(_) => plain("web-error-unavailable"),
        }
    }
}

impl Problem for AskCodeError {
    fn status(&self) -> StatusCode {
        match self {
            AskCodeError::Db(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::TOO_MANY_REQUESTS,
        }
    }
    fn code(&self) -> &'static str {
        match self {
            AskCodeError::TooSoon(_) => "code_too_soon",
            AskCodeError::PhoneLimit => "code_phone_limit",
            AskCodeError::NetworkLimit => "code_network_limit",
            AskCodeError::Db(_) => "unavailable",
        }
    }
    fn text(&self) -> Text {
        match self {
            AskCodeError::TooSoon(seconds) => counted("patients-problem-code-soon", *seconds),
            AskCodeError::PhoneLimit | AskCodeError::NetworkLimit => plain("patients-problem-code-limit"),
            AskCodeError::Db(_) => plain("web-error-unavailable"),
        }
    }
    fn retry_after_seconds(&self) -> Option<u64> {
        match self {
            AskCodeError::TooSoon(seconds) => u64::try_from(*seconds).ok(),
            AskCodeError::Db(_) => Some(5),
            _ => None,
        }
    }
}
