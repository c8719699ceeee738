//! How a text becomes words: one chain for what is indexed and for what is asked, so that both always meet.
//!
//! NFC, lower case, `ё` as `е`; cut where a character is neither letter nor digit. A word with Kazakh letters has a second form
//! in Russian ones, because people type Kazakh on Russian keyboards. Russian and English words also have a stem.

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization as _;

/// Characters of a text that are read; what follows is left out (I9).
pub const TEXT_MAX: usize = 400;
/// Words of a question that count; what follows is left out (I9).
pub const WORDS_MAX: usize = 8;

/// Words that choose nobody: people write them beside what they mean.
const NOISE: [&str; 62] = [
    "врач",
    "врача",
    "врачу",
    "врачи",
    "врачей",
    "доктор",
    "доктора",
    "доктору",
    "докторы",
    "запись",
    "записаться",
    "записать",
    "прием",
    "к",
    "ко",
    "у",
    "в",
    "во",
    "на",
    "и",
    "с",
    "со",
    "от",
    "по",
    "за",
    "из",
    "для",
    "меня",
    "мне",
    "мой",
    "моя",
    "дәрігер",
    "дәрігері",
    "дәрігерге",
    "дәрігерлер",
    "маған",
    "doctor",
    "doctors",
    "the",
    "of",
    "for",
    "in",
    "my",
    "очень",
    "сильно",
    "что",
    "как",
    "где",
    "найти",
    "нужен",
    "нужна",
    "хороший",
    "хочу",
    "өте",
    "қатты",
    "керек",
    "табу",
    "to",
    "need",
    "find",
    "very",
    "good",
];

/// A word in every form in which it can meet another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word itself, normalised.
    pub text: String,
    /// With Kazakh letters as their Russian neighbours; `None` when it has none.
    pub folded: Option<String>,
    /// The Russian or English stem; `None` for Kazakh, digits and mixed scripts.
    pub stem: Option<String>,
}

impl Word {
    /// The word and its folded form.
    pub fn forms(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.text.as_str()).chain(self.folded.as_deref())
    }
}

/// The words of a text, in its order, repeated ones too.
pub fn words(text: &str) -> Vec<Word> {
    normal(text).split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(word).collect()
}

/// The words of a question that choose: without noise, and without single letters unless nothing else was asked. At most
/// [`WORDS_MAX`].
pub fn asked(text: &str) -> Vec<Word> {
    let mut words = words(text);
    words.retain(|word| !NOISE.contains(&word.text.as_str()));
    if words.iter().any(is_longer_than_a_letter) {
        words.retain(is_longer_than_a_letter);
    }
    words.truncate(WORDS_MAX);
    words
}

fn is_longer_than_a_letter(word: &Word) -> bool {
    word.text.chars().nth(1).is_some()
}

/// A text in the form in which names are compared: normalised words, one space between, Kazakh letters folded.
pub fn plain(text: &str) -> String {
    let folded: String = normal(text).chars().map(fold).collect();
    folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn normal(text: &str) -> String {
    text.chars().take(TEXT_MAX).nfc().flat_map(char::to_lowercase).map(|letter| if letter == 'ё' { 'е' } else { letter }).collect()
}

fn word(text: &str) -> Word {
    let folded: String = text.chars().map(fold).collect();
    let kazakh = folded != text;
    let stem = if kazakh {
        None
    } else if text.chars().all(|letter| matches!(letter, 'а'..='я')) {
        Some(Algorithm::Russian)
    } else if text.chars().all(|letter| letter.is_ascii_lowercase()) {
        Some(Algorithm::English)
    } else {
        None
    }
    .map(|language| Stemmer::create(language).stem(text).into_owned());
    Word { text: text.to_owned(), folded: kazakh.then_some(folded), stem }
}

fn fold(letter: char) -> char {
    match letter {
        'ә' => 'а',
        'ғ' => 'г',
        'қ' => 'к',
        'ң' => 'н',
        'ө' => 'о',
        'ұ' | 'ү' => 'у',
        'һ' => 'х',
        'і' => 'и',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn texts(words: &[Word]) -> Vec<&str> {
        words.iter().map(|word| word.text.as_str()).collect()
    }

    #[test]
    fn case_composition_and_yo_make_no_difference() {
        assert_eq!(texts(&words("Пчёлкина, СОФЬЯ (врач)")), ["пчелкина", "софья", "врач"]);
        // Й written as И and a breve, as some systems store file names.
        assert_eq!(words("чеи\u{306}"), words("чей"));
        assert_eq!(texts(&words("акушер-гинеколог, women’s 24/7")), ["акушер", "гинеколог", "women", "s", "24", "7"]);
    }

    #[test]
    fn kazakh_has_a_second_form_in_russian_letters() {
        let word = words("Жүрек").remove(0);
        assert_eq!(word.forms().collect::<Vec<_>>(), ["жүрек", "журек"]);
        assert_eq!(word.stem, None);
        assert_eq!(words("ӘҒҚҢӨҰҮҺІ").remove(0).folded.unwrap(), "агкноуухи");
        assert_eq!(plain("Тіс дәрігері"), "тис даригери");
    }

    #[test]
    fn stems_follow_the_script() {
        let stem = |text: &str| words(text).remove(0).stem;
        assert_eq!(stem("кардиологи"), stem("кардиолога"));
        assert_eq!(stem("cardiologists"), stem("cardiologist"));
        assert_eq!(stem("covid19"), None);
    }

    #[test]
    fn words_that_choose_nobody_are_left_out_of_a_question() {
        assert_eq!(texts(&asked("записаться к врачу кардиологу")), ["кардиологу"]);
        assert_eq!(texts(&asked("Иванова М. П.")), ["иванова"]);
        assert_eq!(texts(&asked("я")), ["я"]);
        assert!(asked("врач").is_empty());
        assert_eq!(asked(&"зуб ".repeat(50)).len(), WORDS_MAX);
        assert!(asked(" ,.! ").is_empty());
    }
}
