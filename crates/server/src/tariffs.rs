//! What the operator asks of clinics for visits that took place: the section `[tariffs]` of the settings.

use booking::{Fee, Tariff};
use directory::catalogue::ServiceKind;
use toml::Value;

/// A fee of more than this is a slip of the pen: ten million in major units.
const FEE_MINOR_MAX: i64 = 1_000_000_000;

/// The table `[tariffs]`: for each class of service `{ fee_minor = 50000, currency = "RUB" }`.
///
/// # Errors
/// One line: which key, what is wrong, what to do.
pub(crate) fn read(table: &Value) -> Result<Vec<Tariff>, String> {
    let table = table.as_table().ok_or("tariffs: write a table [tariffs]")?;
    let mut tariffs = Vec::with_capacity(table.len());
    for (class, value) in table {
        let form = || format!("tariffs.{class}: write {{ fee_minor = 50000, currency = \"RUB\" }}");
        let terms = value.as_table().filter(|terms| terms.len() == 2).ok_or_else(form)?;
        let fee = terms.get("fee_minor").and_then(Value::as_integer).ok_or_else(form)?;
        let currency = terms.get("currency").and_then(Value::as_str).ok_or_else(form)?;
        tariffs.push(tariff(class, fee, currency)?);
    }
    Ok(tariffs)
}

/// The variable `RECOMED_TARIFFS_<CLASS>`: `50000 RUB`.
///
/// # Errors
/// One line: which key, what is wrong, what to do.
pub(crate) fn from_variable(class: &str, value: &str) -> Result<Tariff, String> {
    let form = || format!("tariffs.{class}: write the fee in minor units and the currency, as 50000 RUB");
    let (fee, currency) = value.split_once(' ').ok_or_else(form)?;
    tariff(class, fee.parse().map_err(|_| form())?, currency)
}

fn tariff(class: &str, fee_minor: i64, currency: &str) -> Result<Tariff, String> {
    let kind = ServiceKind::from_code(class).ok_or_else(|| {
        let known: Vec<&str> = ServiceKind::ALL.iter().map(|kind| kind.code()).collect();
        format!("tariffs.{class} is not known; known are: {}", known.join(", "))
    })?;
    if !(0..=FEE_MINOR_MAX).contains(&fee_minor) {
        return Err(format!("tariffs.{class}: the fee is {fee_minor}; write a number from 0 to {FEE_MINOR_MAX}, in minor units"));
    }
    if currency.len() != 3 || !currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return Err(format!("tariffs.{class}: the currency is `{currency}`; write the three capital letters of ISO 4217"));
    }
    Ok(Tariff { kind, fee: Fee { minor: fee_minor, currency: currency.to_owned() } })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parsed(text: &str) -> Result<Vec<Tariff>, String> {
        read(text.parse::<toml::Table>().unwrap().get("tariffs").unwrap())
    }

    #[test]
    fn tariffs_are_read() {
        let tariffs = parsed("[tariffs]\nconsultation = { fee_minor = 50000, currency = \"RUB\" }").unwrap();
        assert_eq!(tariffs, [from_variable("consultation", "50000 RUB").unwrap()]);
        assert_eq!((tariffs[0].kind, tariffs[0].fee.minor), (ServiceKind::Consultation, 50_000));
    }

    #[test]
    fn what_is_wrong_is_said_in_one_line() {
        for (text, part) in [
            ("tariffs = 5", "tariffs: write a table"),
            (
                "[tariffs]\ncardiologist = { fee_minor = 1, currency = \"RUB\" }",
                "tariffs.cardiologist is not known; known are: consultation, ",
            ),
            ("[tariffs]\nconsultation = 500", "tariffs.consultation: write {"),
            ("[tariffs]\nconsultation = { fee_minor = 500 }", "tariffs.consultation: write {"),
            ("[tariffs]\nconsultation = { fee_minor = 500, currency = \"RUB\", vat = 20 }", "tariffs.consultation: write {"),
            ("[tariffs]\nexamination = { fee_minor = -1, currency = \"RUB\" }", "tariffs.examination: the fee is -1"),
            ("[tariffs]\nexamination = { fee_minor = 1, currency = \"rubles\" }", "the currency is `rubles`"),
        ] {
            let error = parsed(text).unwrap_err();
            assert!(error.contains(part) && !error.contains('\n'), "{error}");
        }
        for wrong in ["500", "RUB 500", "500  RUB", "500 RUB each"] {
            assert!(from_variable("consultation", wrong).unwrap_err().starts_with("tariffs.consultation: "), "{wrong}");
        }
    }
}
