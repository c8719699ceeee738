//! Phone numbers as people write them, kept as E.164.

use std::fmt;

use phonenumber::{Mode, country};

/// A valid number in E.164. Prints as `<phone>`; [`Phone::e164`] is the number.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone {
    e164: String,
    landline: bool,
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<phone>")
    }
}

/// Why a text is not a number we can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneError {
    /// Not a phone number at all, or digits are missing.
    Unreadable,
    /// A landline where a mobile is needed: nothing can be sent there by SMS.
    Landline,
}

/// Longer texts are not looked at.
const TYPED_CHARS_MAX: usize = 40;
/// Numbers of the demo, which cannot ring.
const DEMO_PREFIX: &str = "+7000";

impl Phone {
    /// Reads a number that takes SMS. What people type and paste is read: `8 (921) 123-45-67`, `+7 921 1234567`, `921 123-45-67`, numbers of other countries with `+`.
    /// Numbers that begin with `+7 000` cannot ring and count only when `demo` is set.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(typed: &str, demo: bool) -> Result<Phone, PhoneError> {
        let phone = Phone::parse_any(typed, demo)?;
        if phone.landline { Err(PhoneError::Landline) } else { Ok(phone) }
    }

    /// The same for a number at which a person is only called: a landline is one too.
    ///
    /// # Errors
    /// [`PhoneError::Unreadable`].
    pub fn parse_any(typed: &str, demo: bool) -> Result<Phone, PhoneError> {
        if typed.chars().count() > TYPED_CHARS_MAX {
            return Err(PhoneError::Unreadable);
        }
        // Whatever is not a digit or a leading plus is how people group digits; letters are not.
        if typed.chars().any(char::is_alphabetic) {
            return Err(PhoneError::Unreadable);
        }
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        let plus = typed.trim_start().starts_with('+');
        let national = match (plus, digits.len()) {
            // 8 before ten digits is how a number is dialled inside Russia and Kazakhstan; 7 is the country.
            (false, 11) if digits.starts_with('8') || digits.starts_with('7') => digits.get(1..).map(str::to_owned),
            (true, 11) if digits.starts_with('7') => digits.get(1..).map(str::to_owned),
            // Some write the trunk 8 behind the country: +7 8 921 …
            (true, 12) if digits.starts_with("78") => digits.get(2..).map(str::to_owned),
            (false, 10) => Some(digits.clone()),
            _ => None,
        };
        let e164 = match &national {
            Some(national) => format!("+7{national}"),
            None if plus => format!("+{digits}"),
            None => return Err(PhoneError::Unreadable),
        };
        if e164.starts_with(DEMO_PREFIX) {
            return if demo && e164.len() == 12 { Ok(Phone { e164, landline: false }) } else { Err(PhoneError::Unreadable) };
        }
        if let Some(national) = &national {
            return is_landline_of_seven(national).map(|landline| Phone { e164, landline });
        }
        let number = phonenumber::parse(Some(country::Id::RU), &e164).map_err(|_| PhoneError::Unreadable)?;
        if !number.is_valid() {
            return Err(PhoneError::Unreadable);
        }
        let landline = matches!(number.number_type(&phonenumber::metadata::DATABASE), phonenumber::Type::FixedLine);
        Ok(Phone { e164: number.format().mode(Mode::E164).to_string(), landline })
    }

    /// Whether SMS can be sent to it. A landline can only be called.
    pub fn takes_sms(&self) -> bool {
        !self.landline
    }

    /// The number: `+79211234567`.
    pub fn e164(&self) -> &str {
        &self.e164
    }
}

/// Country code 7, by the first digits of the numbering plan: tables of assigned ranges lag behind what carriers hand out, and a
/// person with a new number must not be turned away. Whether it is a landline.
fn is_landline_of_seven(national: &str) -> Result<bool, PhoneError> {
    match national.as_bytes() {
        // Russia's mobile numbers; Kazakhstan's: 70x, 747, 77x.
        [b'9', ..] | [b'7', b'0' | b'4' | b'7', ..] => Ok(false),
        // 800 and its kin are services, not people.
        [b'8', b'0', ..] => Err(PhoneError::Unreadable),
        // Russia's geographic codes 3xx, 4xx and 8xx; Kazakhstan's 71x and 72x.
        [b'3' | b'4' | b'8', ..] | [b'7', b'1' | b'2', ..] => Ok(true),
        _ => Err(PhoneError::Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mobile(e164: &str) -> Phone {
        Phone { e164: e164.into(), landline: false }
    }

    #[test]
    fn what_people_paste_is_read() {
        let expected = Ok(mobile("+79211234567"));
        for typed in [
            "+7 921 123-45-67",
            "8 (921) 123-45-67",
            "89211234567",
            "921 123 45 67",
            "79211234567",
            "+7 8 921 123 45 67",
            " +7(921)1234567 ",
        ] {
            assert_eq!(Phone::parse(typed, false), expected, "{typed}");
        }
        assert_eq!(Phone::parse("8 701 123 45 67", false), Ok(mobile("+77011234567")));
        assert_eq!(Phone::parse("+49 1512 3456789", false), Ok(mobile("+4915123456789")));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for typed in
            ["", "123", "8 921 123", "my phone", "+7 921 123-45-6a", "00000000000000000000000000000000000000000000", "+7 111 111 11 11"]
        {
            assert_eq!(Phone::parse(typed, true), Err(PhoneError::Unreadable), "{typed}");
        }
        for (typed, e164) in [
            ("8 812 309-93-64", "+78123099364"),
            ("+7 499 123-45-67", "+74991234567"),
            ("8 (3452) 12-34-56", "+73452123456"),
            ("8 727 200 00 00", "+77272000000"),
            ("8 (7172) 20-00-00", "+77172200000"),
            ("+49 30 1234567", "+49301234567"),
        ] {
            assert_eq!(Phone::parse(typed, false), Err(PhoneError::Landline), "{typed}");
            let landline = Phone::parse_any(typed, false).map(|phone| (phone.e164().to_owned(), phone.takes_sms()));
            assert_eq!(landline, Ok((e164.to_owned(), false)), "{typed}");
        }
        assert_eq!(Phone::parse_any("8 921 123 45 67", false).map(|phone| phone.takes_sms()), Ok(true));
        assert_eq!(Phone::parse_any("8 800 100-00-00", false), Err(PhoneError::Unreadable));
        assert_eq!(Phone::parse("8 800 100-00-00", false), Err(PhoneError::Unreadable));
    }

    #[test]
    fn numbers_of_the_demo_count_only_there() {
        assert_eq!(Phone::parse("+7 000 000-00-01", true), Ok(mobile("+70000000001")));
        assert_eq!(Phone::parse("8 000 000 00 01", true), Ok(mobile("+70000000001")));
        assert_eq!(Phone::parse("+7 000 000-00-01", false), Err(PhoneError::Unreadable));
        assert_eq!(format!("{:?}", mobile("+70000000001")), "<phone>");
    }
}
