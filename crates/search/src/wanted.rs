//! The filters of a question in numbers, and the roles that pass them.

use std::borrow::Cow;

use crate::bits::Bits;
use crate::engine::Query;
use crate::index::Index;
use crate::sets::{Choice, Facet, SEXES};

/// What filters ask for. Equal ones find the same roles, whatever the words, the time and the order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Wanted {
    /// The facets asked for, each once, with the choices any of which fits.
    filters: Vec<(Facet, Vec<Choice>)>,
    /// The service asked for.
    pub(crate) service: Option<Choice>,
    /// Highest price, minor units.
    pub(crate) price_max_minor: Option<i64>,
}

impl Wanted {
    /// Of a question; `None` when a filter names nothing that the directory has: nobody fits, whatever else is chosen.
    pub(crate) fn of(index: &Index, query: &Query) -> Option<Wanted> {
        let (catalogue, sets) = (index.catalogue(), index.sets());
        let mut filters: Vec<(Facet, Vec<Choice>)> = Vec::new();
        let mut add = |facet: Facet, places: &[usize]| {
            if !places.is_empty() {
                filters.push((facet, places.iter().map(|place| sets.choice(facet, *place)).collect()));
            }
        };
        let specialty = place(query.specialty.as_deref(), catalogue.specialties.iter().map(|known| known.code.as_str()))?;
        let city = place(query.city.as_deref(), catalogue.cities.iter().map(|known| known.code.as_str()))?;
        let service = place(query.service.as_deref(), catalogue.services.iter().map(|known| known.code.as_str()))?;
        let sex = query.sex.and_then(|asked| SEXES.iter().position(|sex| *sex == asked));
        let language = query.language.and_then(|asked| db::Lang::ALL.iter().position(|lang| *lang == asked));
        let flag = |asked: Option<bool>| asked.map(usize::from);
        add(Facet::Specialty, specialty.as_slice());
        add(Facet::City, city.as_slice());
        add(Facet::District, &places(&query.district, catalogue.districts.iter().map(|known| known.code.as_str()))?);
        add(Facet::Metro, &places(&query.metro, catalogue.metros.iter().map(|known| known.code.as_str()))?);
        add(Facet::Service, service.as_slice());
        add(Facet::Sex, sex.as_slice());
        add(Facet::Language, language.as_slice());
        add(Facet::Child, flag(query.child).as_slice());
        add(Facet::Home, flag(query.home).as_slice());
        add(Facet::Online, flag(query.online).as_slice());
        let service = service.map(|place| sets.choice(Facet::Service, place));
        Some(Wanted { filters, service, price_max_minor: query.price_max_minor })
    }
}

/// The place of a code, `None` where none is asked for; nothing when it is not there.
fn place<'a>(asked: Option<&str>, mut codes: impl Iterator<Item = &'a str>) -> Option<Option<usize>> {
    match asked {
        None => Some(None),
        Some(asked) => codes.position(|code| code == asked).map(Some),
    }
}

/// The places of the codes that are there; nothing when none of those asked for is.
fn places<'a>(asked: &[String], codes: impl Iterator<Item = &'a str>) -> Option<Vec<usize>> {
    if asked.is_empty() {
        return Some(Vec::new());
    }
    let found: Vec<usize> = codes.enumerate().filter(|(_, code)| asked.iter().any(|asked| asked == code)).map(|(place, _)| place).collect();
    (!found.is_empty()).then_some(found)
}

/// Words and filters together.
pub(crate) struct Sieve<'i> {
    offering: &'i Bits,
    filters: Vec<(Facet, Cow<'i, Bits>)>,
    /// The roles of the words with what they are worth; `None` when there are no words.
    words: Option<Vec<(u32, u32)>>,
}

impl<'i> Sieve<'i> {
    /// For these filters and the words of this question.
    pub(crate) fn new(index: &'i Index, wanted: &Wanted, question: &str) -> Sieve<'i> {
        let sets = index.sets();
        let any_of = |choices: &[Choice]| -> Cow<'i, Bits> {
            let mut found = choices.iter().filter_map(|choice| sets.roles_of(*choice));
            let first = found.next().map_or_else(Cow::default, Cow::Borrowed);
            found.fold(first, |mut all, set| {
                all.to_mut().or(set);
                all
            })
        };
        let filters = wanted.filters.iter().map(|(facet, choices)| (*facet, any_of(choices))).collect();
        Sieve { offering: &sets.offering, filters, words: index.roles(question) }
    }

    /// Whether the question has words at all.
    pub(crate) fn has_words(&self) -> bool {
        self.words.is_some()
    }

    /// Shows every role that fits.
    pub(crate) fn each_fitting(&self, mut show: impl FnMut(usize)) {
        self.each_many(false, |many| many.iter().for_each(|passed| show(passed.role)));
    }

    /// Shows every role that fits words and filters; and, if those are wanted too, every role that fits all but one filter. Some dozens
    /// at a time: who is shown them can ask for what lies far apart in memory before it is needed.
    pub(crate) fn each_many(&self, all_but_one: bool, mut show: impl FnMut(&[Passed])) {
        let mut many: Vec<Passed> = Vec::with_capacity(MANY);
        let mut pass = |role: usize, worth: u32, missed: Option<Facet>| {
            many.push(Passed { role, worth, missed });
            if many.len() == MANY {
                show(&many);
                many.clear();
            }
        };
        if let Some(words) = &self.words {
            for (role, worth) in words {
                let role = *role as usize;
                if !self.offering.has(role) {
                    continue;
                }
                let mut missed = self.filters.iter().filter(|(_, set)| !set.has(role)).map(|(facet, _)| *facet);
                match (missed.next(), missed.next()) {
                    (None, _) => pass(role, *worth, None),
                    (Some(facet), None) if all_but_one => pass(role, *worth, Some(facet)),
                    _ => {}
                }
            }
        } else {
            for (at, offering) in self.offering.words().iter().enumerate() {
                // Roles that miss one filter or more, and two or more.
                let (mut once, mut twice) = (0, 0);
                for (_, set) in &self.filters {
                    let missed = !set.word(at);
                    twice |= once & missed;
                    once |= missed;
                }
                each_bit(at, offering & !once, |role| pass(role, 0, None));
                let lone = offering & once & !twice;
                if all_but_one && lone != 0 {
                    for (facet, set) in &self.filters {
                        each_bit(at, lone & !set.word(at), |role| pass(role, 0, Some(*facet)));
                    }
                }
            }
        }
        show(&many);
    }
}

/// A role that passed.
#[derive(Clone, Copy)]
pub(crate) struct Passed {
    pub(crate) role: usize,
    /// Of the match of its words.
    pub(crate) worth: u32,
    /// The one filter that it misses; `None` when it fits.
    pub(crate) missed: Option<Facet>,
}

/// Roles shown at a time.
const MANY: usize = 32;

fn each_bit(at: usize, mut word: u64, mut show: impl FnMut(usize)) {
    while word != 0 {
        show(at * 64 + word.trailing_zeros() as usize);
        word &= word - 1;
    }
}
