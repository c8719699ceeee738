//! Free time, holds, visits: who gets which time.
//!
//! Invariants kept here: I1 (the claim decides: `store::claim`), I2 (`request::take` keeps the order), I5 (a visit's row names no
//! person). Use cases: [`request::hold`], [`request::take`] (book), [`request::ask`], [`request::cancel`], [`request::reschedule`],
//! [`request::withdraw`]. Jobs:
//! [`told::tell_person`], [`told::mail_person`], [`told_clinic::tell_clinic`], [`told_clinic::mail_clinic`]. Follow a booking: `pages/booking.rs` or `api.rs` → `request.rs` → `book.rs` → `store.rs`.

mod admit;
mod ages;
mod api;
mod appointment;
mod ask;
mod book;
mod busy;
mod by;
mod calendar;
mod caller;
mod cancel;
mod cells;
mod contact;
mod cookies;
mod free;
mod hold;
mod ledger;
mod letter;
pub mod openapi;
mod pages;
pub mod personal;
mod problems;
pub mod request;
mod reschedule;
mod respond;
mod response;
mod settle;
mod staff;
mod status;
mod store;
mod sweep;
mod tokens;
mod told;
mod told_clinic;
mod untie;
mod uses;
pub mod views;
mod way;
mod wish;
mod withdraw;
mod world;

pub use api::api;
pub use appointment::{Appointment, AppointmentId, number_shown};
pub use book::BookError;
pub use busy::{Busy, BusyError, BusyId, BusyReason, add_own, block, calendar, give_back};
pub use by::By;
pub use caller::{OnPhone, Shown, open_caller, people_on_phone, visits_of_caller};
pub use cancel::CancelError;
pub use cells::CELL_SECONDS;
pub use contact::{ToCall, count_to_call, to_call};
pub use cookies::{Fault, Typed, opened as opened_cookie, set as set_cookie};
pub use free::{FreeTime, Reader, SLOTS_MAX, Slot};
pub use hold::{Hold, HoldId, TimeError};
pub use ledger::{Fee, LEDGER_LINES_MAX, Line, Month, SUMS_MAX, Sum, ledger_lines, ledger_sums, lines_csv, sums_csv};
pub use pages::{
    AnswerAsked, AnswerPlace, AnswerTyped, PersonTyped, age_field, answer_page, answer_submit, pages, read_person, summary_of,
    summary_of_hold, summary_of_wishes, typed_field, typed_for_role, whom_block, wishes_ticked,
};
pub use patients::read_email;
pub use reschedule::MoveError;
pub use respond::{ClinicAnswer, RespondError};
pub use response::{Need, Response, Standing, need, responses, unanswered};
pub use settle::{Tariff, set_tariffs, settle_due};
pub use staff::{
    LISTED_MAX, OpenForStaffError, OpenedForStaff, open_day, open_for_call, open_for_staff, visits_by_id, visits_of_day, visits_to_answer,
};
pub use status::Status;
pub use sweep::{counts, sweep, sweep_orphans};
pub use told::{LOOK, LookAt, MAIL_CLINIC, MAIL_PERSON, TELL_CLINIC, TELL_PERSON, Turn, mail_person, tell_person};
pub use told_clinic::{mail_clinic, tell_clinic};
pub use untie::{count_without_consent, let_go, let_go_of_dead, untie_due, visits_for_change, visits_of};
pub use views::TEXTS;
pub use way::{Way, choose_way, way_of};
pub use wish::{Part, WISHES_MAX, Wish, by_request};
pub use withdraw::{LetGo, WithdrawError, let_go_of_withdrawn, withdraw_all};
pub use world::World;
