//! Numbers that stay whole at the end of a line.

/// Joins what a line must not part: an invisible sign that forbids a break.
const JOINER: char = '\u{2060}';

/// An address or a phone number as a page shows it: a house number stays beside its street (`Lesnaya Street, 4` keeps `, 4`), and a hyphen
/// between digits or letters of a number (`10-2`, `409-93-64`) ends no line. For people's eyes only: what machines read or messages
/// say stays as it is.
pub fn unbroken(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (number, word) in text.split(' ').enumerate() {
        let begins_with_digit = word.starts_with(|letter: char| letter.is_ascii_digit());
        if number > 0 {
            out.push(if begins_with_digit && out.ends_with(',') { '\u{a0}' } else { ' ' });
        }
        if !word.contains(|letter: char| letter.is_ascii_digit()) {
            out.push_str(word);
            continue;
        }
        for letter in word.chars() {
            if matches!(letter, '-' | '–' | '/') {
                out.extend([JOINER, letter, JOINER]);
            } else {
                out.push(letter);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_house_number_stays_whole_beside_its_street() {
        assert_eq!(unbroken("Лесная улица, 4"), "Лесная улица,\u{a0}4");
        assert_eq!(unbroken("Москва, Тверская улица, 10-2/А"), "Москва, Тверская улица,\u{a0}10\u{2060}-\u{2060}2\u{2060}/\u{2060}А");
        assert_eq!(unbroken("42 Nevsky Prospekt"), "42 Nevsky Prospekt");
        assert_eq!(unbroken("Санкт-Петербург, Кронверкский проспект"), "Санкт-Петербург, Кронверкский проспект");
        assert_eq!(unbroken("+7\u{a0}000\u{a0}409-93"), "+7\u{a0}000\u{a0}409\u{2060}-\u{2060}93");
        assert_eq!(unbroken(""), "");
    }
}
