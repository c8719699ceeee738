//! Words that were mistyped: an edit or two away, on the keys of another layout, in the letters of another script.
//!
//! A table holds every known word with up to two letters of its beginning left out. A mistyped word with as many left out meets it there,
//! whatever the error was; the distance of the few words met is then counted in full.

/// Letters at the beginning of a word in which letters are left out. An error behind them does not keep the beginnings apart.
const BEGINNING: usize = 7;
/// Longer words are not guessed (I9).
const LETTERS_MAX: usize = 32;

/// Edits that are forgiven in a word of so many letters: short words are too near to each other.
pub(crate) fn edits(letters: usize) -> usize {
    match letters {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// The known words by what is left of their beginnings.
#[derive(Default)]
pub(crate) struct Typos(Vec<(u32, u32)>);

impl Typos {
    /// Of words, each named by its place.
    pub(crate) fn of<'t>(words: impl Iterator<Item = &'t str>) -> Typos {
        let mut left = Vec::new();
        for (place, word) in (0u32..).zip(words) {
            let letters: Vec<char> = word.chars().collect();
            // Who meets it may be longer by the edits forgiven to that length.
            let most = (1..=2).rev().find(|most| edits(letters.len() + most) >= *most).unwrap_or(0);
            if most > 0 && letters.len() <= LETTERS_MAX + 2 && !letters.iter().any(|letter| letter.is_numeric()) {
                shortened(&letters, most, &mut |hash| left.push((hash, place)));
            }
        }
        left.sort_unstable();
        left.dedup();
        left.shrink_to_fit();
        Typos(left)
    }

    /// The places of the words nearest to a mistyped one, with their distance of 1 or more; none when even they are too far.
    pub(crate) fn nearest<'t>(&self, word: &str, text: impl Fn(u32) -> &'t str) -> Vec<(u32, usize)> {
        let letters: Vec<char> = word.chars().collect();
        let most = edits(letters.len());
        if most == 0 || letters.len() > LETTERS_MAX || letters.iter().any(|letter| letter.is_numeric()) {
            return Vec::new();
        }
        let mut met: Vec<u32> = Vec::new();
        shortened(&letters, most, &mut |hash| {
            let first = self.0.partition_point(|(known, _)| *known < hash);
            met.extend(self.0.iter().skip(first).take_while(|(known, _)| *known == hash).map(|(_, place)| *place));
        });
        met.sort_unstable();
        met.dedup();
        let mut near: Vec<(u32, usize)> =
            met.into_iter().map(|place| (place, distance(&letters, text(place)))).filter(|(_, far)| (1..=most).contains(far)).collect();
        let least = near.iter().map(|(_, far)| *far).min();
        near.retain(|(_, far)| Some(*far) == least);
        near
    }
}

/// Shows the hash of the word's beginning, and of all that is left of it without one letter, without two, up to `most`.
fn shortened(letters: &[char], most: usize, show: &mut impl FnMut(u32)) {
    let mut beginning = [' '; BEGINNING];
    let length = letters.len().min(BEGINNING);
    beginning.iter_mut().zip(letters).for_each(|(to, from)| *to = *from);
    let mut without = |one: usize, two: usize| {
        let left = beginning.iter().take(length).enumerate().filter(|(at, _)| *at != one && *at != two);
        show(left.fold(0x811c_9dc5, |hash: u32, (_, letter)| (hash ^ u32::from(*letter)).wrapping_mul(0x0100_0193)));
    };
    without(length, length);
    if most >= 1 {
        (0..length).for_each(|one| without(one, length));
    }
    if most >= 2 {
        (0..length).for_each(|one| (0..one).for_each(|two| without(one, two)));
    }
}

/// Edits from one word to the other: a letter put in, left out, replaced, or two neighbours changed about; no part is edited twice.
pub(crate) fn distance(one: &[char], two: &str) -> usize {
    let two: Vec<char> = two.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=two.len()).collect();
    for (i, letter) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, other) in two.iter().enumerate() {
            let at = |row: &[usize], place: usize| row.get(place).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&last, j + 1) + 1).min(at(&row, j) + 1).min(at(&last, j) + usize::from(letter != other));
            let turned = |i: usize, j: usize| one.get(i) == Some(other) && two.get(j) == Some(letter);
            if let (Some(i), Some(j)) = (i.checked_sub(1), j.checked_sub(1))
                && turned(i, j)
            {
                best = best.min(at(&before, j) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

/// The keys of the Latin layout and what they write on the Russian one; digits as on the Kazakh one.
const KEYS: [(char, char); 44] = [
    ('q', 'й'),
    ('w', 'ц'),
    ('e', 'у'),
    ('r', 'к'),
    ('t', 'е'),
    ('y', 'н'),
    ('u', 'г'),
    ('i', 'ш'),
    ('o', 'щ'),
    ('p', 'з'),
    ('[', 'х'),
    (']', 'ъ'),
    ('a', 'ф'),
    ('s', 'ы'),
    ('d', 'в'),
    ('f', 'а'),
    ('g', 'п'),
    ('h', 'р'),
    ('j', 'о'),
    ('k', 'л'),
    ('l', 'д'),
    (';', 'ж'),
    ('\'', 'э'),
    ('z', 'я'),
    ('x', 'ч'),
    ('c', 'с'),
    ('v', 'м'),
    ('b', 'и'),
    ('n', 'т'),
    ('m', 'ь'),
    (',', 'б'),
    ('.', 'ю'),
    ('`', 'е'),
    ('{', 'х'),
    ('}', 'ъ'),
    ('2', 'ә'),
    ('3', 'і'),
    ('4', 'ң'),
    ('5', 'ғ'),
    ('8', 'ү'),
    ('9', 'ұ'),
    ('0', 'қ'),
    ('-', 'ө'),
    ('=', 'һ'),
];

/// What the same keys write on the other layout: Latin ones on ЙЦУКЕН, Cyrillic ones on QWERTY. `None` for a text without letters.
pub(crate) fn on_other_keys(text: &str) -> Option<String> {
    let lower = || text.chars().flat_map(char::to_lowercase);
    if lower().any(|letter| letter.is_ascii_alphabetic()) {
        Some(lower().map(|key| KEYS.iter().find(|(latin, _)| *latin == key).map_or(key, |(_, cyrillic)| *cyrillic)).collect())
    } else if lower().any(char::is_alphabetic) {
        Some(lower().map(|key| KEYS.iter().find(|(_, cyrillic)| *cyrillic == key).map_or(key, |(latin, _)| *latin)).collect())
    } else {
        None
    }
}

/// Latin letters and the Cyrillic ones that they stand for, what is longer before its own beginning; the first is also the way back.
const LETTERS: [(&str, &str); 42] = [
    ("shch", "щ"),
    ("sch", "щ"),
    ("zh", "ж"),
    ("kh", "х"),
    ("ts", "ц"),
    ("ch", "ч"),
    ("sh", "ш"),
    ("yu", "ю"),
    ("ju", "ю"),
    ("ya", "я"),
    ("ja", "я"),
    ("e", "е"),
    ("yo", "е"),
    ("ye", "е"),
    ("f", "ф"),
    ("ph", "ф"),
    ("k", "к"),
    ("ck", "к"),
    ("a", "а"),
    ("b", "б"),
    ("v", "в"),
    ("g", "г"),
    ("d", "д"),
    ("z", "з"),
    ("i", "и"),
    ("y", "й"),
    ("l", "л"),
    ("m", "м"),
    ("n", "н"),
    ("o", "о"),
    ("p", "п"),
    ("r", "р"),
    ("s", "с"),
    ("t", "т"),
    ("u", "у"),
    ("h", "х"),
    ("c", "ц"),
    ("w", "в"),
    ("j", "ж"),
    ("q", "к"),
    ("x", "кс"),
    ("y", "ы"),
];

/// A word of Latin letters in Cyrillic ones, or the other way; `None` for one of both or neither. Where a letter could be several, an edit
/// is left to find the other.
pub(crate) fn in_other_letters(word: &str) -> Option<String> {
    if word.is_empty() {
        return None;
    }
    if word.chars().all(|letter| letter.is_ascii_lowercase()) {
        let (mut left, mut written) = (word, String::new());
        while let Some((latin, cyrillic)) = LETTERS.iter().find(|(latin, _)| left.starts_with(latin)) {
            written.push_str(cyrillic);
            left = left.get(latin.len()..).unwrap_or_default();
        }
        return left.is_empty().then_some(written);
    }
    let latin = |letter: char| match letter {
        'э' => Some("e"),
        'ъ' | 'ь' => Some(""),
        'х' => Some("kh"),
        _ => LETTERS.iter().find(|(_, cyrillic)| cyrillic.chars().eq([letter])).map(|(latin, _)| *latin),
    };
    word.chars().map(latin).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn far(one: &str, two: &str) -> usize {
        distance(&one.chars().collect::<Vec<_>>(), two)
    }

    #[test]
    fn an_edit_is_a_letter_more_less_other_or_turned() {
        for (two, edits) in [("левин", 0), ("леввин", 1), ("леин", 1), ("ливин", 1), ("елвин", 1), ("елвни", 2), ("ловеин", 2), ("", 5)]
        {
            assert_eq!((far("левин", two), far(two, "левин")), (edits, edits), "{two}");
        }
    }

    #[test]
    fn keys_and_letters_of_the_other_kind() {
        assert_eq!(on_other_keys("Rfhlbjkju").unwrap(), "кардиолог");
        assert_eq!(on_other_keys("pe,s").unwrap(), "зубы");
        assert_eq!(on_other_keys(";8htr").unwrap(), "жүрек");
        assert_eq!(on_other_keys("фззду").unwrap(), "apple");
        assert_eq!(on_other_keys("24/7"), None);
        for (latin, cyrillic) in [("kardiolog", "кардиолог"), ("shchukina", "щукина"), ("zhanna", "жанна"), ("tsvetkov", "цветков")]
        {
            assert_eq!(in_other_letters(latin).unwrap(), cyrillic);
            assert_eq!(in_other_letters(cyrillic).unwrap(), latin);
        }
        assert_eq!(in_other_letters("khirurg").unwrap(), "хирург");
        assert_eq!(in_other_letters("covid19"), None);
        assert_eq!(in_other_letters("жүрек"), None);
    }

    proptest! {
        /// The table meets every word that counting the distance to each of them would.
        #[test]
        fn the_table_misses_nothing(words in prop::collection::btree_set("[аб]{2,11}", 1..40), asked in "[аб]{2,11}") {
            let words: Vec<String> = words.into_iter().collect();
            let typos = Typos::of(words.iter().map(String::as_str));
            let most = edits(asked.chars().count());
            let mut near: Vec<(u32, usize)> = (0..).zip(words.iter().map(|word| far(&asked, word))).filter(|(_, far)| (1..=most).contains(far)).collect();
            let least = near.iter().map(|(_, far)| *far).min();
            near.retain(|(_, far)| Some(*far) == least);
            prop_assert_eq!(typos.nearest(&asked, |place| words[place as usize].as_str()), near);
        }
    }
}
