//! The person. A person is a name and a phone number that was confirmed; no account. What is known about them is sealed under
//! their own key (I4); rows about them carry no instant finer than a day (I5).
//!
//! Use cases: [`ask_code`] and [`confirm_code`] (the phone is theirs), [`enrol`] (key and identity, in the key store), [`represent`] (somebody acts
//! for them), [`open_phone`] and [`open_email`] for jobs.

mod code;
mod email;
mod enrol;
pub mod personal;
mod phone;
mod problems;
mod represent;
mod settle;
mod store;

pub use code::{
    AskCodeError, CodeError, CodeId, CodeIssued, CodeTerms, PhoneCodePayload, SEND_CODE, ask_code, code_alive, confirm_code, send_code,
    spend_code,
};
pub use email::read_email;
pub use enrol::{Details, OPENED_MAX, PatientName, Sex, enrol, open_email, open_phone, open_phones, permit_of_staff};
pub use phone::{Phone, PhoneError};
pub use represent::{Acting, Relation, Representative, is_represented, nobody_represents, open_representative, represent};
pub use settle::{SETTLED_BEFORE, settle};
pub use store::forget_codes_before;

/// The slice's texts in three languages.
pub const TEXTS: web::Source =
    web::Source { kk: include_str!("../texts/kk.ftl"), ru: include_str!("../texts/ru.ftl"), en: include_str!("../texts/en.ftl") };

#[cfg(test)]
mod tests {
    #[test]
    fn texts_are_whole_in_three_languages() {
        assert_eq!(web::texts::faults("patients", &super::TEXTS), Vec::<String>::new());
    }
}
