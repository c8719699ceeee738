//! The index: words lead to things of the directory, things lead to roles. A role is named by its place in the catalogue's
//! list, so that lists of roles are short sorted lists of numbers and every filter is one comparison.
//!
//! What a specialty is called is stored once, not once for each doctor: the index of 100,000 doctors is little more than their names.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use directory::catalogue::{Catalogue, Lang, Names};
use jiff::tz::TimeZone;

use crate::bits::Bits;
use crate::facets::Facets;
use crate::sets::{Choice, Facet, Sets};
pub use crate::traits::Row;
use crate::traits::{Places, Traits, row, traits, zone};
use crate::typos::{Typos, edits, in_other_letters, on_other_keys};
use crate::wanted::Wanted;
use crate::words::{Word, asked, words};

/// Letters that the last word of a question needs to be taken for a beginning; people are still typing it.
const LAST_PREFIX_MIN: usize = 2;
/// Letters that any other word needs.
const PREFIX_MIN: usize = 3;

/// Combinations of filters whose facets are kept at most (I9); each is some kilobytes.
const COUNTED_MAX: usize = 1_000;

/// The roles of a word that meets more than one in so many are gathered as a set, not as lists. Tests do both.
const DENSE: usize = if cfg!(test) { 2 } else { 64 };

/// Roles whose choices are read at a time.
const FETCHED: usize = 32;
/// No worth: the word is not met.
const NOT_MET: u32 = u32::MAX;

/// Something that has a name. The number is its place in the catalogue's list of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Thing {
    /// A specialty, by its name or field.
    Specialty(usize),
    /// A service.
    Service(usize),
    /// Everyday words for a specialty: place in [`Index::complaints`].
    Complaint(usize),
    /// A doctor.
    Practitioner(usize),
    /// A clinic.
    Organization(usize),
    /// A metro station.
    Metro(usize),
    /// A district.
    District(usize),
    /// A city.
    City(usize),
}

/// What people say instead of a specialty's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Place of the specialty in the catalogue's list.
    pub specialty: usize,
    /// The words as written: `болит сердце`.
    pub text: String,
    /// Their language.
    pub lang: Lang,
}

/// Where a word stands: what a match there is worth among matches of the same kind, 0..100.
#[derive(Clone, Copy)]
struct Field(u16);

const PRACTITIONER: Field = Field(90);
const SPECIALTY: Field = Field(85);
const SPECIALTY_FIELD: Field = Field(80);
const ORGANIZATION: Field = Field(70);
const SERVICE: Field = Field(60);
const SERVICE_WORDS: Field = Field(55);
const METRO: Field = Field(50);
const DISTRICT: Field = Field(40);
const CITY: Field = Field(30);
/// Everyday words are worth less than any other match, however exact.
const EVERYDAY: Field = Field(0);

/// How a word met another: exact before beginning before stem; each a hundred apart, so that no field outweighs it. Below them all
/// everyday words, and below those what was mistyped, by its edits.
#[derive(Clone, Copy)]
enum Meeting {
    Exact,
    Prefix,
    Stem,
    Edited(usize),
}

fn worth(meeting: Meeting, field: u16) -> u32 {
    let step = match meeting {
        Meeting::Exact => 3,
        Meeting::Prefix => 2,
        Meeting::Stem => 1,
        Meeting::Edited(edits) => return u32::from(field) / u32::try_from(edits.max(1)).unwrap_or(1),
    };
    if field == EVERYDAY.0 { 100 + step } else { (step + 1) * 100 + u32::from(field) }
}

struct Term {
    text: String,
    /// Place in [`Index::things`] and the field; ordered.
    found: Vec<(u32, u16)>,
}

/// A word of a question, and the things that it meets with their worth.
type Heard = (Word, Vec<(u32, u32)>);

/// Words, things and roles of one catalogue. Never changes: a new catalogue has a new index.
pub struct Index {
    catalogue: Arc<Catalogue>,
    things: Vec<(Thing, Arc<[u32]>)>,
    terms: Vec<Term>,
    typos: Typos,
    stems: Vec<Term>,
    rows: Vec<Row>,
    zones: Vec<TimeZone>,
    longest_notice: i64,
    complaints: Vec<Complaint>,
    sets: Sets,
    counted: Mutex<HashMap<Wanted, Arc<Facets>>>,
}

impl Index {
    /// Reads the whole catalogue. Who has lived `adult_years` (the profile's) is no child.
    pub fn new(catalogue: Arc<Catalogue>, adult_years: i64) -> Index {
        let places = Places::of(&catalogue);
        let traits: Vec<Traits> = catalogue.roles.iter().map(|role| traits(&catalogue, adult_years, &places, role)).collect();
        let mut zones = vec![TimeZone::UTC];
        let of_city: Vec<usize> = catalogue.cities.iter().map(|city| zone(&mut zones, &city.zone)).collect();
        let rows: Vec<Row> = catalogue.roles.iter().zip(&traits).map(|(role, traits)| row(&catalogue, &of_city, role, traits)).collect();
        let sets = Sets::new(&catalogue, &traits);
        let mut building = Building::default();
        building.collect(&catalogue, &traits);
        drop(traits);
        let Building { things, terms, stems, complaints } = building;
        let terms = sorted(terms);
        Index {
            things,
            typos: Typos::of(terms.iter().map(|term| term.text.as_str())),
            terms,
            stems: sorted(stems),
            longest_notice: rows.iter().map(|row| row.notice_minutes).max().unwrap_or_default(),
            rows,
            zones,
            complaints,
            sets,
            counted: Mutex::default(),
            catalogue,
        }
    }

    /// The catalogue that it was made of; every number in the index is a place in its lists.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// What filters ask, for each role of the catalogue in its order.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The zones of the directory's cities; the first is UTC, for a role without a city.
    pub fn zones(&self) -> &[TimeZone] {
        &self.zones
    }

    /// The zone of a role's hours.
    pub(crate) fn zone_of(&self, row: &Row) -> TimeZone {
        self.zones.get(row.zone).cloned().unwrap_or(TimeZone::UTC)
    }

    /// Minutes of the longest notice of all roles.
    pub(crate) fn longest_notice(&self) -> i64 {
        self.longest_notice
    }

    /// Who has which choice of which facet.
    pub(crate) fn sets(&self) -> &Sets {
        &self.sets
    }

    /// The facets counted before for these filters.
    pub(crate) fn counted(&self, wanted: &Wanted) -> Option<Arc<Facets>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).get(wanted).cloned()
    }

    /// Keeps facets that depend on nothing but this index and these filters; forgets all when there are too many.
    pub(crate) fn keep(&self, wanted: Wanted, facets: Arc<Facets>) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.len() >= COUNTED_MAX {
            counted.clear();
        }
        counted.insert(wanted, facets);
    }

    /// Everyday words, each pointing at its specialty.
    pub fn complaints(&self) -> &[Complaint] {
        &self.complaints
    }

    /// Roles in which every word of the question is found, ordered, each with what the match is worth. `None` when the question
    /// holds no word at all: it chooses nobody and excludes nobody. A word that nothing knows is taken for mistyped; when words
    /// are known and nobody has them all, each of them may be.
    pub fn roles(&self, question: &str) -> Option<Vec<(u32, u32)>> {
        self.in_all(question, |words| {
            let mut words: Vec<(usize, &Vec<(u32, u32)>)> = words.iter().map(|met| (self.reach(met), met)).collect();
            words.sort_by_key(|(reach, _)| *reach);
            let mut words = words.into_iter();
            // The rarest word says who may fit at all; the others are asked about those only.
            let mut found = words.next().map_or_else(Vec::new, |(reach, met)| self.roles_of(met, reach));
            words.for_each(|(_, met)| found = self.worth_of(std::mem::take(&mut found), met));
            found
        })
    }

    /// How many roles these things lead to; some may be counted twice.
    fn reach(&self, met: &[(u32, u32)]) -> usize {
        met.iter().filter_map(|(thing, _)| self.thing(*thing)).map(|(_, roles)| roles.len()).sum()
    }

    /// The roles of these things, ordered, each with the best worth.
    fn roles_of(&self, met: &[(u32, u32)], reach: usize) -> Vec<(u32, u32)> {
        let things = || met.iter().filter_map(|(thing, worth)| Some((&self.thing(*thing)?.1, *worth)));
        if reach < self.rows.len() / DENSE {
            return best(things().flat_map(|(roles, worth)| roles.iter().map(move |role| (*role, worth))).collect());
        }
        // So many that they are put in order faster as a set.
        let mut all = Bits::none(self.rows.len());
        for (thing, _) in met {
            let Some((thing, roles)) = self.thing(*thing) else { continue };
            match self.choice(*thing).and_then(|choice| self.sets.roles_of(choice)) {
                Some(set) => all.or(set),
                None => roles.iter().for_each(|role| all.put(*role as usize)),
            }
        }
        self.worth_of(all.places().filter_map(|role| Some((u32::try_from(role).ok()?, 0))).collect(), met)
    }

    /// Those of `found` that these things lead to, each with the best worth added.
    fn worth_of(&self, mut found: Vec<(u32, u32)>, met: &[(u32, u32)]) -> Vec<(u32, u32)> {
        // What is met is noted by the choices that roles have, people and clinics apart: nothing is read of other roles.
        let mut by_choice = vec![0; self.sets.choices()];
        let mut own: Vec<(u32, u32)> = Vec::new();
        for (thing, worth) in met {
            let Some((thing, roles)) = self.thing(*thing) else { continue };
            let Some(choice) = self.choice(*thing) else {
                own.extend(roles.iter().map(|role| (*role, worth + 1)));
                continue;
            };
            by_choice.get_mut(usize::from(choice)).into_iter().for_each(|known: &mut u32| *known = (*known).max(worth + 1));
        }
        let own = best(own);
        let mut own = own.iter().peekable();
        for many in found.chunks_mut(FETCHED) {
            self.sets.fetch(many.iter().map(|(role, _)| *role as usize));
            for (role, sum) in many {
                while own.next_if(|(other, _)| *other < *role).is_some() {}
                let named = own.peek().filter(|(other, _)| *other == *role).map_or(0, |(_, worth)| *worth);
                let choices = self.sets.choices_of_role(*role as usize).iter();
                let best: u32 = choices.filter_map(|choice| by_choice.get(usize::from(*choice)).copied()).fold(named, u32::max);
                *sum = if best == 0 { NOT_MET } else { *sum + best - 1 };
            }
        }
        found.retain(|(_, sum)| *sum != NOT_MET);
        found
    }

    /// The choice that everybody has whom a thing leads to; `None` for people and clinics, which are no choices.
    fn choice(&self, thing: Thing) -> Option<Choice> {
        let (facet, place) = match thing {
            Thing::Specialty(place) => (Facet::Specialty, place),
            Thing::Complaint(place) => (Facet::Specialty, self.complaints.get(place)?.specialty),
            Thing::Service(place) => (Facet::Service, place),
            Thing::Metro(place) => (Facet::Metro, place),
            Thing::District(place) => (Facet::District, place),
            Thing::City(place) => (Facet::City, place),
            Thing::Practitioner(_) | Thing::Organization(_) => return None,
        };
        Some(self.sets.choice(facet, place))
    }

    /// Things in whose own names every word of the question is found, the best first; each with the roles that it leads to.
    /// Mistyped words as in [`Index::roles`].
    pub fn things(&self, question: &str) -> Vec<(Thing, &[u32])> {
        let all = |words: &[Vec<(u32, u32)>]| words.iter().cloned().reduce(|before, here| both(&before, &here)).unwrap_or_default();
        let mut found = self.in_all(question, all).unwrap_or_default();
        found.sort_by_key(|(thing, worth)| (std::cmp::Reverse(*worth), *thing));
        found.into_iter().filter_map(|(thing, _)| self.thing(thing).map(|(thing, roles)| (*thing, &**roles))).collect()
    }

    /// What `all` makes of the things that each word meets.
    fn in_all(&self, question: &str, all: impl Fn(&[Vec<(u32, u32)>]) -> Vec<(u32, u32)>) -> Option<Vec<(u32, u32)>> {
        let (words, met): (Vec<Word>, Vec<Vec<(u32, u32)>>) = self.understood(question)?.into_iter().unzip();
        let found = all(&met);
        if !found.is_empty() || words.len() < 2 || met.iter().any(Vec::is_empty) {
            return Some(found);
        }
        let met = met.into_iter().zip(&words).map(|(met, word)| best([met, self.guessed(word)].concat()));
        Some(all(&met.collect::<Vec<_>>()))
    }

    /// The words of a question with what each meets. Those that meet nothing as they stand are tried on the keys of the other layout,
    /// in the letters of the other script, and an edit or two away.
    fn understood(&self, question: &str) -> Option<Vec<Heard>> {
        let meet = |question: &str| -> Vec<Heard> {
            let words = asked(question);
            let last = words.len().saturating_sub(1);
            words
                .into_iter()
                .enumerate()
                .map(|(at, word)| (at == last, word))
                .map(|(last, word)| {
                    let met = self.meet(&word, last);
                    (word, met)
                })
                .collect()
        };
        let mut words = meet(question);
        if words.is_empty() {
            return None;
        }
        let known = |words: &[Heard]| words.iter().all(|(_, met)| !met.is_empty());
        if known(&words) {
            return Some(words);
        }
        let typed: Vec<String> = question
            .split_whitespace()
            .map(|part| if known(&meet(part)) { None } else { on_other_keys(part) }.unwrap_or_else(|| part.to_owned()))
            .collect();
        let otherwise = meet(&typed.join(" "));
        if !otherwise.is_empty() && known(&otherwise) {
            return Some(otherwise);
        }
        for (word, met) in &mut words {
            if met.is_empty() {
                *met = self.guessed(word);
            }
        }
        Some(words)
    }

    /// What a mistyped word may have meant: what it is in other letters, and the words nearest to it, as it stands, else on other keys,
    /// else in other letters.
    fn guessed(&self, word: &Word) -> Vec<(u32, u32)> {
        if edits(word.text.chars().count()) == 0 {
            return Vec::new();
        }
        let letters = in_other_letters(&word.text);
        let mut met = letters.as_deref().and_then(|text| words(text).pop()).map(|word| self.meet(&word, false)).unwrap_or_default();
        let keys = on_other_keys(&word.text);
        for form in word.forms().map(str::to_owned).chain(keys).chain(letters) {
            let near = self.typos.nearest(&form, |place| self.term(place).map_or("", |term| term.text.as_str()));
            let known = met.len();
            let near = near.into_iter().filter_map(|(place, edits)| Some((self.term(place)?, edits)));
            met.extend(
                near.flat_map(|(term, edits)| term.found.iter().map(move |(thing, field)| (*thing, worth(Meeting::Edited(edits), *field)))),
            );
            if met.len() > known {
                // Forms farther from what was typed count only when nearer ones mean nothing.
                break;
            }
        }
        best(met)
    }

    fn term(&self, place: u32) -> Option<&Term> {
        usize::try_from(place).ok().and_then(|place| self.terms.get(place))
    }

    fn thing(&self, place: u32) -> Option<&(Thing, Arc<[u32]>)> {
        usize::try_from(place).ok().and_then(|place| self.things.get(place))
    }

    /// Every thing that the word meets, ordered, with the best worth.
    fn meet(&self, word: &Word, last: bool) -> Vec<(u32, u32)> {
        let least = if last { LAST_PREFIX_MIN } else { PREFIX_MIN };
        let mut met = Vec::new();
        for form in word.forms() {
            let begins = form.chars().nth(least - 1).is_some();
            for term in starting_with(&self.terms, form) {
                let meeting = if term.text == form { Meeting::Exact } else { Meeting::Prefix };
                if begins || term.text == form {
                    met.extend(term.found.iter().map(|(thing, field)| (*thing, worth(meeting, *field))));
                } else {
                    // The exact word sorts first; longer ones do not count for so short a word.
                    break;
                }
            }
        }
        if let Some(stem) = &word.stem
            && let Ok(place) = self.stems.binary_search_by(|term| term.text.as_str().cmp(stem))
            && let Some(term) = self.stems.get(place)
        {
            met.extend(term.found.iter().map(|(thing, field)| (*thing, worth(Meeting::Stem, *field))));
        }
        best(met)
    }
}

fn starting_with<'a>(terms: &'a [Term], prefix: &'a str) -> impl Iterator<Item = &'a Term> {
    let first = terms.partition_point(|term| term.text.as_str() < prefix);
    terms.iter().skip(first).take_while(move |term| term.text.starts_with(prefix))
}

/// One entry for each number, with its greatest worth; ordered.
fn best(mut found: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    found.sort_unstable_by_key(|(place, worth)| (*place, std::cmp::Reverse(*worth)));
    found.dedup_by_key(|(place, _)| *place);
    found
}

/// What stands in both ordered lists, with the sum of its worth.
fn both(one: &[(u32, u32)], two: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut two = two.iter().peekable();
    one.iter()
        .filter_map(|(place, worth)| {
            while two.next_if(|(other, _)| other < place).is_some() {}
            two.peek().filter(|(other, _)| other == place).map(|(_, more)| (*place, worth + more))
        })
        .collect()
}

fn sorted(terms: BTreeMap<String, Vec<(u32, u16)>>) -> Vec<Term> {
    terms
        .into_iter()
        .map(|(text, mut found)| {
            found.sort_unstable_by_key(|(thing, field)| (*thing, std::cmp::Reverse(*field)));
            found.dedup_by_key(|(thing, _)| *thing);
            Term { text, found }
        })
        .collect()
}

#[derive(Default)]
struct Building {
    things: Vec<(Thing, Arc<[u32]>)>,
    terms: BTreeMap<String, Vec<(u32, u16)>>,
    stems: BTreeMap<String, Vec<(u32, u16)>>,
    complaints: Vec<Complaint>,
}

impl Building {
    fn collect(&mut self, catalogue: &Catalogue, rows: &[Traits]) {
        let roles = || catalogue.roles.iter().zip(rows).zip(0u32..);
        let mut specialties = vec![Vec::new(); catalogue.specialties.len()];
        let mut metros = vec![Vec::new(); catalogue.metros.len()];
        let mut districts = vec![Vec::new(); catalogue.districts.len()];
        let mut cities = vec![Vec::new(); catalogue.cities.len()];
        let mut services: HashMap<&str, Vec<u32>> = HashMap::new();
        let mut practitioners: HashMap<_, Vec<u32>> = HashMap::new();
        let mut organizations: HashMap<_, Vec<u32>> = HashMap::new();
        for ((role, row), at) in roles() {
            row.specialties.iter().for_each(|place| put(&mut specialties, *place, at));
            row.metros.iter().for_each(|place| put(&mut metros, *place, at));
            row.district.iter().for_each(|place| put(&mut districts, *place, at));
            row.city.iter().for_each(|place| put(&mut cities, *place, at));
            role.services.iter().for_each(|offer| services.entry(&offer.service).or_default().push(at));
            if let Some(practitioner) = role.practitioner {
                practitioners.entry(practitioner).or_default().push(at);
            }
            organizations.entry(role.organization).or_default().push(at);
        }
        for (place, (specialty, roles)) in catalogue.specialties.iter().zip(specialties).enumerate() {
            let roles: Arc<[u32]> = Arc::from(roles);
            let thing = self.add(Thing::Specialty(place), &roles, &specialty.names, SPECIALTY);
            self.learn(thing, &specialty.field, SPECIALTY_FIELD);
            self.everyday(place, &specialty.words, &roles);
        }
        for (place, service) in catalogue.services.iter().enumerate() {
            let roles = Arc::from(services.remove(service.code.as_str()).unwrap_or_default());
            let thing = self.add(Thing::Service(place), &roles, &service.names, SERVICE);
            self.learn(thing, &service.words, SERVICE_WORDS);
        }
        for (place, practitioner) in catalogue.practitioners.iter().enumerate() {
            let roles = Arc::from(practitioners.remove(&practitioner.id).unwrap_or_default());
            self.add(Thing::Practitioner(place), &roles, &practitioner.names, PRACTITIONER);
        }
        for (place, organization) in catalogue.organizations.iter().enumerate() {
            let roles = Arc::from(organizations.remove(&organization.id).unwrap_or_default());
            self.add(Thing::Organization(place), &roles, &organization.names, ORGANIZATION);
        }
        for (place, (metro, roles)) in catalogue.metros.iter().zip(metros).enumerate() {
            self.add(Thing::Metro(place), &Arc::from(roles), &metro.names, METRO);
        }
        for (place, (district, roles)) in catalogue.districts.iter().zip(districts).enumerate() {
            self.add(Thing::District(place), &Arc::from(roles), &district.names, DISTRICT);
        }
        for (place, (city, roles)) in catalogue.cities.iter().zip(cities).enumerate() {
            self.add(Thing::City(place), &Arc::from(roles), &city.names, CITY);
        }
    }

    fn everyday(&mut self, specialty: usize, all: &Names, roles: &Arc<[u32]>) {
        for lang in Lang::ALL {
            for text in all.get(lang).split(',').map(str::trim).filter(|text| !text.is_empty()) {
                // A language that falls back to another one brings the same words again.
                if self.complaints.iter().any(|known| known.specialty == specialty && known.text == text) {
                    continue;
                }
                let place = self.complaints.len();
                self.complaints.push(Complaint { specialty, text: text.to_owned(), lang });
                let thing = self.number(Thing::Complaint(place), roles);
                self.write(thing, text, EVERYDAY);
            }
        }
    }

    fn add(&mut self, thing: Thing, roles: &Arc<[u32]>, names: &Names, field: Field) -> u32 {
        let thing = self.number(thing, roles);
        self.learn(thing, names, field);
        thing
    }

    fn number(&mut self, thing: Thing, roles: &Arc<[u32]>) -> u32 {
        let number = u32::try_from(self.things.len()).unwrap_or(u32::MAX);
        self.things.push((thing, roles.clone()));
        number
    }

    fn learn(&mut self, thing: u32, names: &Names, field: Field) {
        for lang in Lang::ALL {
            self.write(thing, names.get(lang), field);
        }
    }

    fn write(&mut self, thing: u32, text: &str, field: Field) {
        for word in words(text) {
            for form in word.forms() {
                self.terms.entry(form.to_owned()).or_default().push((thing, field.0));
            }
            if let Some(stem) = word.stem {
                self.stems.entry(stem).or_default().push((thing, field.0));
            }
        }
    }
}

fn put(lists: &mut [Vec<u32>], place: usize, role: u32) {
    if let Some(list) = lists.get_mut(place) {
        list.push(role);
    }
}
