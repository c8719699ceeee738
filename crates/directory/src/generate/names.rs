//! Names of invented people: which combination a number stands for, and how it is written in three languages.

use super::seed::shuffled;
use crate::reference::table;

const RU_GIVEN: &str = include_str!("../../data/generate/ru_given.csv");
const RU_FAMILY: &str = include_str!("../../data/generate/ru_family.csv");
const KK_GIVEN: &str = include_str!("../../data/generate/kk_given.csv");
const KK_FAMILY: &str = include_str!("../../data/generate/kk_family.csv");

struct Given {
    female: bool,
    kk: String,
    ru: String,
    en: String,
    father_male: String,
    father_female: String,
}

/// Family names, given names and fathers' names of one people.
struct People {
    kazakh: bool,
    family: Vec<[String; 3]>,
    men: Vec<Given>,
    women: Vec<Given>,
}

/// All names that can be combined.
pub(super) struct Names {
    russian: People,
    kazakh: People,
}

/// A full name in Kazakh, Russian and English.
pub(super) struct FullName {
    pub(super) kk: String,
    pub(super) ru: String,
    pub(super) en: String,
}

impl Names {
    pub(super) fn read() -> Names {
        let ru_given = table(RU_GIVEN, |row| Given {
            female: row.text("sex") == "f",
            kk: row.text("name"),
            en: english(&row.text("name")),
            ru: row.text("name"),
            father_male: row.text("father_m"),
            father_female: row.text("father_f"),
        });
        let kk_given = table(KK_GIVEN, |row| Given {
            female: row.text("sex") == "f",
            kk: row.text("kk"),
            ru: row.text("ru"),
            en: row.text("en"),
            father_female: row.text("father_ru").trim_end_matches("ич").to_owned() + "на",
            father_male: row.text("father_ru"),
        });
        let ru_family = table(RU_FAMILY, |row| [row.text("name"), row.text("name"), english(&row.text("name"))]);
        let kk_family = table(KK_FAMILY, |row| [row.text("kk"), row.text("ru"), row.text("en")]);
        Names { russian: People::of(false, ru_family, ru_given), kazakh: People::of(true, kk_family, kk_given) }
    }

    /// The name of that number. Numbers below [`Names::combinations`] have names of their own.
    pub(super) fn full(&self, kazakh: bool, female: bool, number: u64, seed: u64) -> FullName {
        let people = if kazakh { &self.kazakh } else { &self.russian };
        people.full(female, number, seed).unwrap_or(FullName { kk: String::new(), ru: String::new(), en: String::new() })
    }

    #[cfg(test)]
    pub(super) fn combinations(&self, kazakh: bool, female: bool) -> u64 {
        let people = if kazakh { &self.kazakh } else { &self.russian };
        people.combinations(female)
    }
}

impl People {
    fn of(kazakh: bool, family: Vec<[String; 3]>, given: Vec<Given>) -> People {
        let (women, men) = given.into_iter().partition(|given| given.female);
        People { kazakh, family, men, women }
    }

    fn combinations(&self, female: bool) -> u64 {
        let given = if female { &self.women } else { &self.men };
        (self.family.len() * given.len() * self.men.len()) as u64
    }

    fn full(&self, female: bool, number: u64, seed: u64) -> Option<FullName> {
        let given = if female { &self.women } else { &self.men };
        let place = usize::try_from(shuffled(number, self.combinations(female), seed)).ok()?;
        let [kk, ru, en] = self.family.get(place % self.family.len())?;
        let place = place / self.family.len();
        let own = given.get(place % given.len())?;
        let father = self.men.get(place / given.len())?;
        let (kk, ru, en) =
            if female { (feminine(kk), feminine(ru), english_feminine(en, ru)) } else { (kk.clone(), ru.clone(), en.clone()) };
        let father_ru = if female { &father.father_female } else { &father.father_male };
        Some(if self.kazakh {
            let father_kk = format!("{}{}", father.kk, if female { "қызы" } else { "ұлы" });
            FullName {
                kk: format!("{kk} {} {father_kk}", own.kk),
                ru: format!("{ru} {} {father_ru}", own.ru),
                en: format!("{} {en}", own.en),
            }
        } else {
            let ru = format!("{ru} {} {father_ru}", own.ru);
            FullName { kk: ru.clone(), ru, en: format!("{} {} {en}", own.en, english(father_ru)) }
        })
    }
}

/// A woman's family name: Орлова, Полянская, Лесная.
fn feminine(family: &str) -> String {
    for ending in ["ий", "ый", "ой"] {
        if let Some(stem) = family.strip_suffix(ending) {
            return format!("{stem}ая");
        }
    }
    format!("{family}а")
}

fn english_feminine(family: &str, ru: &str) -> String {
    if ru.ends_with("ий") || ru.ends_with("ый") || ru.ends_with("ой") { english(&feminine(ru)) } else { format!("{family}a") }
}

/// A Russian name as English maps write it: Yevgeny, Fyodor, Solntseva.
pub(super) fn english(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let lower = letter.to_lowercase().next().unwrap_or(*letter);
        let before = at.checked_sub(1).and_then(|at| letters.get(at)).and_then(|before| before.to_lowercase().next());
        let last = at + 1 == letters.len();
        let after_consonant = before.is_some_and(|before| !"аеёиоуыэюяьъй -".contains(before));
        let written = match lower {
            'а' => "a",
            'б' => "b",
            'в' => "v",
            'г' => "g",
            'д' => "d",
            'ж' => "zh",
            'з' => "z",
            'и' => "i",
            'к' => "k",
            'л' => "l",
            'м' => "m",
            'н' => "n",
            'о' => "o",
            'п' => "p",
            'р' => "r",
            'с' => "s",
            'т' => "t",
            'у' => "u",
            'ф' => "f",
            'х' => "kh",
            'ц' => "ts",
            'ч' => "ch",
            'ш' => "sh",
            'щ' => "shch",
            'э' => "e",
            'ю' => "yu",
            'я' => "ya",
            'е' if after_consonant => "e",
            'е' => "ye",
            'ё' if before.is_some_and(|before| "жчшщ".contains(before)) => "o",
            'ё' => "yo",
            // The last two letters of Дмитрий and Подгорный are one sound to an English reader.
            'й' if last && before.is_some_and(|before| "иы".contains(before)) => {
                out.pop();
                "y"
            }
            'й' | 'ы' => "y",
            _ => "",
        };
        if letter.is_uppercase() {
            let mut parts = written.chars();
            out.extend(parts.next().map(|first| first.to_ascii_uppercase()));
            out.push_str(parts.as_str());
        } else {
            out.push_str(written);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_written_as_on_maps() {
        for (ru, en) in [
            ("Евгений", "Yevgeny"),
            ("Дмитриевич", "Dmitriyevich"),
            ("Фёдоровна", "Fyodorovna"),
            ("Юрьевич", "Yuryevich"),
            ("Подгорный", "Podgorny"),
            ("Щеглов", "Shcheglov"),
            ("Георгий", "Georgy"),
            ("Наталья", "Natalya"),
            ("Михайлович", "Mikhaylovich"),
        ] {
            assert_eq!(english(ru), en);
        }
        assert_eq!((feminine("Орлов"), feminine("Полянский"), feminine("Лесной")), ("Орлова".into(), "Полянская".into(), "Лесная".into()));
    }

    #[test]
    fn no_two_numbers_have_one_name() {
        let names = Names::read();
        for (kazakh, female) in [(true, true), (true, false), (false, true), (false, false)] {
            let count = names.combinations(kazakh, female);
            let all: HashSet<String> = (0..count).map(|number| names.full(kazakh, female, number, 7).kk).collect();
            assert_eq!(all.len() as u64, count);
            assert!(all.iter().all(|name| name.split(' ').count() == 3));
        }
    }
}
