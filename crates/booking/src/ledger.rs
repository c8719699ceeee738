//! The ledger as it is read: by month and clinic, how many visits of each tariff took place and what they come to.

use db::{DbError, Tx};
use directory::catalogue::{OrganizationId, ServiceKind};
use jiff::civil::Date;

use crate::appointment::number_shown;
use crate::store;

/// Sums of one month that are read at most (I9).
pub const SUMS_MAX: usize = 10_000;
/// Lines of one month that are read at most (I9).
pub const LEDGER_LINES_MAX: usize = 100_000;

/// A month of the calendar, `2026-11`: all that the ledger says of when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(Date);

impl Month {
    /// The month of a day.
    pub fn of(day: Date) -> Month {
        Month(day.first_of_month())
    }

    /// The month so written: `2026-11`.
    pub fn read(text: &str) -> Option<Month> {
        let written =
            text.len() == 7 && text.bytes().enumerate().all(|(at, byte)| if at == 4 { byte == b'-' } else { byte.is_ascii_digit() });
        let first = written.then(|| format!("{text}-01").parse::<Date>().ok()).flatten()?;
        Some(Month(first))
    }

    /// Its first day.
    pub fn first(self) -> Date {
        self.0
    }

    /// The month before; none before the calendar's first.
    pub fn before(self) -> Option<Month> {
        self.0.yesterday().ok().map(Month::of)
    }

    /// The month after; none after the calendar's last.
    pub fn after(self) -> Option<Month> {
        self.0.last_of_month().tomorrow().ok().map(Month::of)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

/// An amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fee {
    /// In minor units.
    pub minor: i64,
    /// ISO 4217.
    pub currency: String,
}

impl Fee {
    /// As programs that reckon read it: `500.00`.
    fn decimal(&self) -> String {
        format!("{}.{:02}", self.minor / 100, self.minor % 100)
    }
}

/// One visit that took place. It says neither who came, to whom, nor when but for the month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The clinic.
    pub clinic: OrganizationId,
    /// The class of service, which is the code of the tariff.
    pub tariff: ServiceKind,
    /// The visit's printed number; none where its tie died before the line was written, or its person was erased.
    pub number: Option<i64>,
    /// The fee on the day on which it was written.
    pub fee: Fee,
}

/// All visits of a clinic under one tariff in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// The clinic.
    pub clinic: OrganizationId,
    /// The class of service.
    pub tariff: ServiceKind,
    /// How many visits.
    pub visits: i64,
    /// What they come to.
    pub fees: Fee,
}

/// The month's sums, by clinic, tariff and currency, at most [`SUMS_MAX`].
///
/// # Errors
/// A fault of the database.
pub async fn ledger_sums(tx: &mut Tx, month: Month) -> Result<Vec<Sum>, DbError> {
    store::settle::sums(tx, month, i64::try_from(SUMS_MAX).unwrap_or(i64::MAX)).await
}

/// The month's lines, by clinic, tariff and number, at most [`LEDGER_LINES_MAX`].
///
/// # Errors
/// A fault of the database.
pub async fn ledger_lines(tx: &mut Tx, month: Month) -> Result<Vec<Line>, DbError> {
    store::settle::lines(tx, month, i64::try_from(LEDGER_LINES_MAX).unwrap_or(i64::MAX)).await
}

/// The sums as CSV, one row for each; `name` names a clinic.
pub fn sums_csv(month: Month, sums: &[Sum], name: impl Fn(OrganizationId) -> String) -> String {
    let mut csv = String::from("month,clinic,name,tariff,visits,fees,currency\r\n");
    for sum in sums {
        let (clinic, name, tariff) = (sum.clinic, field(&name(sum.clinic)), sum.tariff.code());
        csv.push_str(&format!("{month},{clinic},{name},{tariff},{},{},{}\r\n", sum.visits, sum.fees.decimal(), sum.fees.currency));
    }
    csv
}

/// The lines as CSV, one row for each; `name` names a clinic.
pub fn lines_csv(month: Month, lines: &[Line], name: impl Fn(OrganizationId) -> String) -> String {
    let mut csv = String::from("month,clinic,name,tariff,number,fee,currency\r\n");
    for line in lines {
        let (clinic, name, tariff) = (line.clinic, field(&name(line.clinic)), line.tariff.code());
        let number = line.number.map(number_shown).unwrap_or_default();
        csv.push_str(&format!("{month},{clinic},{name},{tariff},{number},{},{}\r\n", line.fee.decimal(), line.fee.currency));
    }
    csv
}

/// A text between quotes. What a table would take for a formula is told that it is none: names come from clinics' own files.
fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn months_are_read_and_follow_each_other() {
        let month = Month::read("2026-12").unwrap();
        assert_eq!(month.to_string(), "2026-12");
        assert_eq!((month.before().unwrap().to_string(), month.after().unwrap().to_string()), ("2026-11".into(), "2027-01".into()));
        for wrong in ["", "2026", "2026-13", "2026-1", "2026-11-01", "26-11-01", "+026-11", "2026-1ё"] {
            assert_eq!(Month::read(wrong), None, "{wrong}");
        }
        assert_eq!(Month::read("9999-12").unwrap().after(), None);
    }

    #[test]
    fn a_clinic_s_name_is_no_formula() {
        let clinic = OrganizationId(db::reexport::Uuid::nil());
        let fees = Fee { minor: 100_050, currency: "RUB".into() };
        let sum = Sum { clinic, tariff: ServiceKind::Consultation, visits: 2, fees };
        let csv = sums_csv(Month::read("2026-11").unwrap(), &[sum], |_| "=1+1, \"Гавань\"".into());
        let row = csv.lines().nth(1).unwrap();
        assert_eq!(row, "2026-11,00000000-0000-0000-0000-000000000000,\"'=1+1, \"\"Гавань\"\"\",consultation,2,1000.50,RUB");
    }
}
