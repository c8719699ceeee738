//! What every page holds besides its own content: the reader's texts, the site's contacts, the language links; and the small
//! display-ready pieces that pages share.

use std::ops::Deref;
use std::sync::Arc;

use db::Names;

use crate::Lang;
use crate::found::Found;
use crate::texts::Texts;

/// What the shell says about the site. Made once from the settings.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// Who runs the site, as the policy names them.
    pub operator: Names,
    /// The address for questions and written applications.
    pub email: String,
    /// The numbers that people call, one for each city.
    pub phones: Vec<CityPhone>,
    /// Whether this is the demo: the shell then says so and links the outbox.
    pub demo: bool,
    /// `https://host` without a slash at its end: begins every address that machines read. Empty where none is known.
    pub public_url: String,
}

/// A city's number in the footer.
#[derive(Clone, Debug)]
pub struct CityPhone {
    /// The city's names.
    pub city: crate::Names,
    /// The number.
    pub phone: Phone,
}

/// A number to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone {
    /// As people read it: `+7 812 409-93-64`.
    pub shown: String,
    /// `tel:` address.
    pub href: String,
}

impl Phone {
    /// From E.164; a number of another shape than `+7` and ten digits is shown as it stands.
    pub fn new(e164: &str) -> Phone {
        let digits: Vec<char> = e164.chars().filter(char::is_ascii_digit).collect();
        let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default().iter().collect::<String>();
        let shown = if digits.len() == 11 && digits.first() == Some(&'7') {
            format!("+7\u{a0}{}\u{a0}{}-{}-{}", part(1, 4), part(4, 7), part(7, 9), part(9, 11))
        } else {
            e164.to_owned()
        };
        let href = format!("tel:+{}", digits.iter().collect::<String>());
        Phone { shown, href }
    }
}

/// The frame of one page; field `page` of every view. Texts are asked of it directly: `page.s("web-skip")`.
#[derive(Clone, Debug)]
pub struct Page {
    texts: Texts,
    site: Arc<Site>,
    /// Path and query after the language, beginning with `/`: the same page in another language is `/{lang}` + this.
    pub path: String,
    /// The number in the header: that of the chosen city, if one is known.
    pub phone: Option<Phone>,
    /// True on pages of one person (booking, visits): search engines are told to stay away.
    pub private: bool,
    /// The id of a form whose unsent fields go along when the language changes: it is then sent to the other language's address with
    /// `/keep` behind it.
    pub form: Option<&'static str>,
    /// What machines read of the page; `None` on pages that have nothing to say to them.
    pub found: Option<Box<Found>>,
    /// Random, new with each page: forms that act send it back, so that a second click is known to be one.
    pub once: String,
}

impl Page {
    /// A page at `/{lang}{path}`; `path` begins with `/` and holds the query if there is one.
    pub fn new(texts: Texts, site: Arc<Site>, path: impl Into<String>) -> Page {
        Page { texts, site, path: path.into(), phone: None, private: false, form: None, found: None, once: String::new() }
    }

    /// The same page with a number to call in its header.
    pub fn calling(mut self, phone: Option<Phone>) -> Page {
        self.phone = phone;
        self
    }

    /// The same page marked as one person's own.
    pub fn private(mut self) -> Page {
        self.private = true;
        self
    }

    /// The same page with a form whose fields a change of language keeps.
    pub fn keeping(mut self, form: &'static str) -> Page {
        self.form = Some(form);
        self
    }

    /// The same page with what machines read of it.
    pub fn found(mut self, found: Found) -> Page {
        self.found = Some(Box::new(found));
        self
    }

    /// The reader's language.
    pub fn lang(&self) -> Lang {
        self.texts.lang()
    }

    /// Code of the reader's language for `lang` attributes and addresses.
    pub fn code(&self) -> &'static str {
        self.texts.lang().code()
    }

    /// The texts in the reader's language.
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// The site's contacts.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// An address on this site in the reader's language.
    pub fn url(&self, path: &str) -> String {
        format!("/{}{path}", self.code())
    }

    /// The hashed address of an embedded file.
    pub fn asset(&self, name: &str) -> String {
        crate::assets::url(name)
    }

    /// The same page in each language.
    pub fn languages(&self) -> Vec<LangLink> {
        Lang::ALL
            .into_iter()
            .map(|lang| LangLink {
                code: lang.code(),
                name: match lang {
                    Lang::Kk => "Қазақша",
                    Lang::Ru => "Русский",
                    Lang::En => "English",
                },
                href: format!("/{}{}", lang.code(), self.path_in(lang)),
                current: lang == self.lang(),
            })
            .collect()
    }

    /// Who runs the site, in the reader's language.
    pub fn operator(&self) -> &str {
        self.site.operator.get(self.lang())
    }

    /// The numbers of all cities, with the city in the reader's language.
    pub fn city_phones(&self) -> Vec<(String, Phone)> {
        self.site.phones.iter().map(|entry| (entry.city.get(self.lang()).to_owned(), entry.phone.clone())).collect()
    }
}

impl Deref for Page {
    type Target = Texts;
    fn deref(&self) -> &Texts {
        &self.texts
    }
}

/// A link to the same page in another language.
#[derive(Clone, Debug)]
pub struct LangLink {
    /// Language code.
    pub code: &'static str,
    /// The language's own name.
    pub name: &'static str,
    /// Where it leads.
    pub href: String,
    /// Whether it is the page's own language.
    pub current: bool,
}

/// A link with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What is read.
    pub text: String,
    /// Where it leads.
    pub href: String,
}

/// One option of a select or of radio buttons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What is read.
    pub text: String,
    /// Whether it is the chosen one.
    pub chosen: bool,
}

/// A typed field: what stands in it and what is wrong with it. The value survives every failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// What was typed.
    pub value: String,
    /// What to do about it, in the reader's language; shown beside the field.
    pub error: Option<String>,
}

impl Field {
    /// A field with a value and no fault.
    pub fn of(value: impl Into<String>) -> Field {
        Field { value: value.into(), error: None }
    }
    /// The same field with what is wrong with it.
    pub fn wrong(mut self, error: impl Into<String>) -> Field {
        self.error = Some(error.into());
        self
    }
}

/// A time that can be pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeButton {
    /// `18:30`.
    pub label: String,
    /// What a screen reader says: `tomorrow, Tuesday 24 November, 18:30` ([`crate::dates::say`]).
    pub long: String,
    /// RFC 3339 with the place's offset; the form's `start`.
    pub start: String,
}

/// One day of the day strip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayLink {
    /// Where it leads.
    pub href: String,
    /// `Tue` ([`crate::dates::weekday_short`]).
    pub weekday: String,
    /// `24 Nov` ([`crate::dates::day_short`]).
    pub day: String,
    /// What a screen reader says: `tomorrow, Tuesday 24 November` ([`crate::dates::say_day`]).
    pub long: String,
    /// Free times on the day; 0 makes the day look empty but leaves it a link.
    pub free: usize,
    /// Whether it is the day shown.
    pub chosen: bool,
}

/// A drawn portrait: the drawing of [`crate::portrait`], or initials on a quiet tone where nobody is named by an id. There are no
/// photographs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portrait {
    /// One or two letters.
    pub initials: String,
    /// 0..6: which of the tones, see `.portrait` in the style sheet.
    pub tone: u8,
    /// Address of the drawing; empty for initials.
    pub drawn: String,
}

impl Portrait {
    /// From a full name: surname first (`Иванова Мария Петровна` becomes `МИ`), or as English writes it, surname last (`Mariya
    /// Petrovna Ivanova` becomes `MI`).
    pub fn of(name: &str) -> Portrait {
        let letters: Vec<char> = name.split_whitespace().filter_map(|word| word.chars().next()).collect();
        let (given, surname) = match letters.as_slice() {
            [first, .., last] if first.is_ascii() => (Some(first), Some(last)),
            [first, second, ..] => (Some(second), Some(first)),
            rest => (rest.first(), None),
        };
        let initials = given.into_iter().chain(surname).flat_map(|letter| letter.to_uppercase()).collect();
        // FNV-1a: stable across builds, unlike the standard hasher.
        let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        Portrait { initials, tone: u8::try_from((hash >> 8) % 6).unwrap_or_default(), drawn: String::new() }
    }

    /// The same tone in every language.
    pub fn named(names: &Names, lang: Lang) -> Portrait {
        Portrait { tone: Portrait::of(&names.ru).tone, ..Portrait::of(names.get(lang)) }
    }

    /// With the drawing that follows from that id; `sex` is `f`, `m` or nothing.
    pub fn drawn_by(self, id: &str, sex: Option<&str>) -> Portrait {
        Portrait { drawn: crate::portrait::url(id, sex), ..self }
    }
}

/// A station near a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Station {
    /// `Petrogradskaya, 5 min on foot`.
    pub words: String,
    /// Colour and name of each line that stops there: a dot beside the words, and words for who does not see it.
    pub lines: Vec<(String, String)>,
}

/// The times of one day in three groups: before 12:00, before 17:00, later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayTimes {
    /// Before noon.
    pub morning: Vec<TimeButton>,
    /// From noon to 17:00.
    pub day: Vec<TimeButton>,
    /// From 17:00.
    pub evening: Vec<TimeButton>,
}

impl DayTimes {
    /// Groups times by the hour in their label.
    pub fn group(times: Vec<TimeButton>) -> DayTimes {
        let mut groups = DayTimes::default();
        for time in times {
            let hour: u8 = time.label.split(':').next().and_then(|hour| hour.parse().ok()).unwrap_or_default();
            match hour {
                0..12 => groups.morning.push(time),
                12..17 => groups.day.push(time),
                _ => groups.evening.push(time),
            }
        }
        groups
    }

    /// Whether there is no time at all.
    pub fn is_empty(&self) -> bool {
        self.morning.is_empty() && self.day.is_empty() && self.evening.is_empty()
    }

    /// The groups that hold times, each with the id of its heading.
    pub fn groups(&self) -> Vec<(&'static str, &[TimeButton])> {
        [("web-morning", &self.morning), ("web-day", &self.day), ("web-evening", &self.evening)]
            .into_iter()
            .filter(|(_, times)| !times.is_empty())
            .map(|(id, times)| (id, times.as_slice()))
            .collect()
    }
}

/// Who, where, when and for how much: stands on top of every screen of a booking and of a visit.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The doctor's portrait.
    pub portrait: Portrait,
    /// The doctor's full name.
    pub doctor: String,
    /// The specialty, with the service when it is not the plain first visit.
    pub specialty: String,
    /// `tomorrow, Tuesday 24 November, 18:30` ([`crate::dates::say`]).
    pub when: String,
    /// RFC 3339, for `<time datetime>`.
    pub start: String,
    /// The zone in words, only when it may differ from the reader's.
    pub zone: Option<String>,
    /// The clinic's name.
    pub clinic: String,
    /// City, street and number.
    pub address: String,
    /// `Petrogradskaya, 5 min on foot`; empty when there is none.
    pub metro: Vec<String>,
    /// `2 500 ₽` ([`crate::money::price`]).
    pub price: String,
}

impl Summary {
    /// The time with a capital first letter, as it begins a line.
    pub fn when_capital(&self) -> String {
        crate::dates::capital(&self.when)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_shown_in_groups() {
        let phone = Phone::new("+78124099364");
        assert_eq!((phone.shown.as_str(), phone.href.as_str()), ("+7\u{a0}812\u{a0}409-93-64", "tel:+78124099364"));
        assert_eq!(Phone::new("+3120").shown, "+3120");
    }

    #[test]
    fn a_portrait_has_the_given_name_first_and_never_changes() {
        let portrait = Portrait::of("Иванова Мария Петровна");
        assert_eq!(portrait.initials, "МИ");
        assert_eq!(Portrait::of("Mariya Petrovna Ivanova").initials, "MI");
        assert_eq!(Portrait::of("Мария").initials, "М");
        let names = Names {
            kk: "Иванова Мария".into(), ru: "Иванова Мария Петровна".into(), en: "Mariya Petrovna Ivanova".into()
        };
        assert_eq!(Portrait::named(&names, Lang::Ru), portrait);
        assert_eq!(Portrait::named(&names, Lang::En).tone, portrait.tone);
        assert!(portrait.tone < 6);
    }
}
