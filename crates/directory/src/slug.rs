//! Names as parts of addresses: ASCII, lower case, words joined by `-`.

/// The slug of a name in Russian, Kazakh or English: at most 80 characters of `a-z`, `0-9` and single `-` inside; `x` when nothing
/// of the name can be written so. Two names may have one slug: it decorates an address, the id beside it decides.
pub fn slug(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            out.push(letter);
        } else if let Some(latin) = latin(letter) {
            out.push_str(latin);
        } else if !matches!(letter, '\'' | '’' | '`' | '«' | '»' | '\u{301}') && !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
        if out.len() >= 80 {
            break;
        }
    }
    // Only ASCII was written, so the cut is between letters.
    out.truncate(80);
    let out = out.trim_end_matches('-');
    if out.is_empty() { "x".to_owned() } else { out.to_owned() }
}

/// One letter of the Russian or Kazakh alphabets as an English reader would write it; hard and soft signs are silent.
fn latin(letter: char) -> Option<&'static str> {
    Some(match letter {
        'а' | 'ә' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ғ' => "g",
        'д' => "d",
        'е' | 'э' => "e",
        'ё' => "yo",
        'ж' => "zh",
        'з' => "z",
        'и' | 'і' => "i",
        'й' | 'ы' => "y",
        'к' | 'қ' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'ң' => "ng",
        'о' | 'ө' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' | 'ұ' | 'ү' => "u",
        'ф' => "f",
        'х' => "kh",
        'һ' => "h",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ъ' | 'ь' => "",
        'ю' => "yu",
        'я' => "ya",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn names_become_addresses() {
        for (name, expected) in [
            ("Пчёлкина Софья Яковлевна", "pchyolkina-sofya-yakovlevna"),
            ("Қайыңбаев Олжас Ерболұлы", "kayyngbaev-olzhas-erboluly"),
            ("Сәуле  Жібекова", "saule-zhibekova"),
            ("Клиника «Тихая гавань»", "klinika-tikhaya-gavan"),
            ("Anna O’Hara-Smith", "anna-ohara-smith"),
            ("  Ёж, щётка и 2 цапли! ", "yozh-shchyotka-i-2-tsapli"),
            ("医者", "x"),
            ("", "x"),
        ] {
            assert_eq!(slug(name), expected, "{name}");
        }
        assert_eq!(slug(&"щ".repeat(100)).len(), 80);
    }
}
