//! Prices as people read them.

/// An amount in minor units (`250000`, `RUB`) as `2 500 ₽`: groups of three held by narrow no-break spaces, minor units only
/// when there are any, the sign after a no-break space. A currency without a sign here is shown by its code.
pub fn price(amount_minor: i64, currency: &str) -> String {
    let (whole, minor) = (amount_minor.unsigned_abs() / 100, amount_minor.unsigned_abs() % 100);
    let digits = whole.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    if minor > 0 {
        grouped.push_str(&format!(",{minor:02}"));
    }
    let minus = if amount_minor < 0 { "\u{2212}" } else { "" };
    format!("{minus}{grouped}\u{a0}{}", sign(currency))
}

/// `1 500 ₽` when both are one price, else `1 500–3 000 ₽`: the currency is named once.
pub fn range(low_minor: i64, high_minor: i64, currency: &str) -> String {
    let (low, high) = (price(low_minor, currency), price(high_minor, currency));
    if low_minor == high_minor {
        return high;
    }
    format!("{}–{high}", low.rsplit_once('\u{a0}').map_or(low.as_str(), |(figures, _)| figures))
}

/// The sign of a currency; its code when it has none here.
pub fn sign(currency: &str) -> &str {
    match currency {
        "RUB" => "₽",
        "KZT" => "₸",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(price(250_000, "RUB"), "2\u{202f}500\u{a0}₽");
        assert_eq!(price(90_000, "KZT"), "900\u{a0}₸");
        assert_eq!(range(150_000, 300_000, "RUB"), "1\u{202f}500–3\u{202f}000\u{a0}₽");
        assert_eq!(range(150_000, 150_000, "RUB"), "1\u{202f}500\u{a0}₽");
        assert_eq!(price(123_456_750, "RUB"), "1\u{202f}234\u{202f}567,50\u{a0}₽");
    }
}
