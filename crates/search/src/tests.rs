//! The engine over the small world: words, order, filters, facets, times; and against a naive scan.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::sync::Arc;

use booking::Slot;
use clock::Timestamp;
use directory::catalogue::{Lang, RoleId, Sex};
use directory::schedule::day_number;
use proptest::prelude::*;

use crate::engine::{Free, Query, Sort, When, free_days, search};
use crate::index::Index;
use crate::small::{ASEL, KARDINA, LEVIN, LEVIN_TOO, PCHELKINA, Times, catalogue};
use crate::suggest::{SUGGESTED_MAX, suggest};

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

/// Monday morning in Moscow, a little later in Almaty.
fn now() -> Timestamp {
    at("2026-11-23T08:00:00+03:00")
}

struct World {
    index: Index,
    times: Times,
}

fn world() -> World {
    let index = Index::new(Arc::new(catalogue()), 18);
    let times = [
        (LEVIN, vec!["2026-11-24T10:00:00+03:00", "2026-11-24T18:30:00+03:00", "2026-11-26T09:00:00+03:00"]),
        (LEVIN_TOO, vec!["2026-11-25T11:00:00+03:00"]),
        (PCHELKINA, vec!["2026-11-23T12:00:00+03:00", "2026-11-24T09:00:00+03:00"]),
        (ASEL, vec!["2026-11-24T00:30:00+05:00", "2026-11-24T10:00:00+05:00"]),
    ];
    let times = times.into_iter().map(|(role, starts)| (role, starts.into_iter().map(at).collect())).collect();
    World { index, times: Times(times) }
}

impl World {
    fn found(&self, query: &Query) -> Vec<usize> {
        let query = Query { page: query.page.max(1), per_page: query.per_page.max(50), ..query.clone() };
        let found = search(&self.index, &self.times, now(), &query);
        assert_eq!(found.total, found.hits.len());
        found.hits.iter().map(|hit| hit.place).collect()
    }
    fn words(&self, q: &str) -> Vec<usize> {
        self.found(&Query { q: q.to_owned(), ..Query::default() })
    }
}

const NOBODY: [usize; 0] = [];

fn any() -> Query {
    Query::default()
}

#[test]
fn words_meet_whole_begun_and_inflected() {
    let world = world();
    for q in [
        "кардиолог",
        "Кардиологи",
        "запись к кардиологу",
        "карди приём",
        "кардиология",
        "cardiologists",
        "жүрек дәрігері",
        "журек",
        "ЖҮРЕК",
    ] {
        let found = world.words(q);
        assert!([LEVIN, LEVIN_TOO, ASEL].iter().all(|role| found.contains(role)), "{q}: {found:?}");
    }
    assert_eq!(world.words("пчелкина"), [PCHELKINA]);
    assert_eq!(world.words("ПЧЁЛ"), [PCHELKINA]);
    assert_eq!(world.words("дёсны"), world.words("десны"));
    assert_eq!(world.words("Әсел"), [ASEL]);
    assert_eq!(world.words("асел карлыгашева"), [ASEL]);
    assert_eq!(world.words("Левин"), [LEVIN, LEVIN_TOO]);
}

#[test]
fn every_word_must_be_found() {
    let world = world();
    assert_eq!(world.words("левин арбат"), [LEVIN]);
    assert_eq!(world.words("левин сокол"), [LEVIN_TOO]);
    assert_eq!(world.words("кардиолог стоматолог"), NOBODY);
    assert_eq!(world.words("левин xyz"), NOBODY);
    assert_eq!(world.words("болит голова"), [KARDINA]);
    assert_eq!(world.words("у меня очень болит голова"), [KARDINA]);
    assert_eq!(world.words("").len(), 5);
    assert_eq!(world.words("врач  ").len(), 5, "noise excludes nobody");
}

#[test]
fn beginnings_need_two_letters_at_the_end_and_three_before() {
    let world = world();
    assert_eq!(world.words("пч"), [PCHELKINA]);
    assert_eq!(world.words("п"), NOBODY);
    assert_eq!(world.words("пч яковлевна"), NOBODY);
    assert_eq!(world.words("пче яковлевна"), [PCHELKINA]);
}

#[test]
fn exact_comes_before_begun_before_stem_before_everyday_words() {
    let world = world();
    // "Сердца" is a word of a clinic's name, the stem of "сердце" in complaints, the stem of nothing else.
    let found = world.words("сердца");
    assert_eq!(found.first(), Some(&LEVIN_TOO), "an exact word of the clinic's name: {found:?}");
    assert_eq!(&found[1..2], [KARDINA], "the same clinic, no free time: {found:?}");
    assert_eq!(found.len(), 4, "then the cardiologists by everyday words: {found:?}");
    // "Кардин" begins the surname; stems and services of cardiologists do not match it.
    assert_eq!(world.words("кардин"), [KARDINA]);
    // "кард" begins both: the surname weighs more than the specialty.
    assert_eq!(world.words("кард").first(), Some(&KARDINA));
}

#[test]
fn mistyped_words_are_understood() {
    let world = world();
    for q in [
        "пчолкина",
        "пчлкина",
        "пчеллкина",
        "пчекина",
        "печчлкина",
        "gxtkrbyf",
        "gxtkrbyj",
        "pchelkina",
        "Софя Пчелкина",
        "стомотолог",
        "cnjvfnjkju",
        "pe,",
    ] {
        assert_eq!(world.words(q), [PCHELKINA], "{q}");
    }
    assert_eq!(world.words("левен"), [LEVIN, LEVIN_TOO]);
    assert_eq!(world.words("ktdby арбат"), [LEVIN]);
    assert_eq!(
        world.words("рфке"),
        [LEVIN_TOO, KARDINA, ASEL, LEVIN],
        "heart on Russian keys: a begun word of an English name, and everyday words"
    );
    assert_eq!(world.words("kevroloh"), [KARDINA], "невролог in Latin letters, mistyped");
    for q in ["rfhlbjkju", "kardiolog", "кордеолог", "кардиоолг"] {
        let mut found = world.words(q);
        found.sort_unstable();
        assert_eq!(found, [LEVIN, LEVIN_TOO, ASEL], "{q}");
    }
    // Two words are known, and nobody has both: one of them may be mistyped for another known one.
    assert_eq!(world.words("левин гору"), NOBODY);
    for q in ["лвн", "кар", "лелелин", "кирдиалох", "24", "гар"] {
        let found = world.words(q);
        assert!(!found.contains(&PCHELKINA), "{q}: {found:?}");
    }
    assert_eq!(world.words("сокил"), [LEVIN_TOO, KARDINA]);
    assert_eq!(world.words("жүррек").len(), 4, "the heart of Kazakh names and everyday words, and a clinic");
}

#[test]
fn what_was_mistyped_stands_below_what_was_not() {
    let mut catalogue = catalogue();
    catalogue.practitioners[0].names.ru = "Левин Сафья".into();
    catalogue.practitioners[2].names.ru = "Левен Сафья".into();
    let index = Index::new(Arc::new(catalogue), 18);
    let found = |q: &str| index.roles(q).unwrap();
    assert_eq!(found("левин").iter().map(|(role, _)| *role).collect::<Vec<_>>(), [0, 1], "a name that is known is not guessed at");
    // Both words are known and nobody has both, so that each may stand for a neighbour.
    let both = found("левин софья");
    assert_eq!(both.iter().map(|(role, _)| *role).collect::<Vec<_>>(), [0, 1, 3]);
    assert!(both[0].1 == both[1].1 && both[1].1 > both[2].1, "one word right before none: {both:?}");
    // An everyday word is worth less than a name, and more than a name two edits away.
    let (everyday, edited) = (found("зуб"), found("карлыгашаво"));
    assert!(everyday[0].1 > edited[0].1, "{everyday:?} {edited:?}");
}

#[test]
fn each_filter_narrows() {
    let world = world();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(world.found(&Query { specialty: some("cardiologist"), ..any() }).len(), 3);
    assert_eq!(world.found(&Query { city: some("almaty"), ..any() }), [ASEL]);
    assert_eq!(world.found(&Query { district: vec!["msk-tverskoy".into()], ..any() }).len(), 4);
    assert_eq!(world.found(&Query { metro: vec!["msk-sokol".into()], ..any() }), [LEVIN_TOO, KARDINA]);
    assert_eq!(world.found(&Query { metro: vec!["msk-sokol".into(), "msk-arbat".into()], ..any() }).len(), 4);
    assert_eq!(world.found(&Query { service: some("dentist-consultation"), ..any() }), [PCHELKINA]);
    assert_eq!(world.found(&Query { price_max_minor: Some(250_000), ..any() }), [PCHELKINA, LEVIN_TOO]);
    assert_eq!(world.found(&Query { sex: Some(Sex::Male), ..any() }), [LEVIN, LEVIN_TOO]);
    assert_eq!(world.found(&Query { language: Some(Lang::En), ..any() }), [PCHELKINA]);
    assert_eq!(world.found(&Query { child: Some(true), ..any() }).len(), 3);
    assert_eq!(world.found(&Query { child: Some(false), ..any() }), [LEVIN, LEVIN_TOO]);
    assert_eq!(world.found(&Query { city: some("nowhere"), ..any() }), NOBODY);
    assert_eq!(world.found(&Query { home: Some(true), ..any() }), NOBODY);
    assert_eq!(world.found(&Query { online: Some(true), ..any() }), NOBODY);
    assert_eq!(world.found(&Query { home: Some(false), online: Some(false), ..any() }).len(), 5);
}

#[test]
fn with_a_day_or_hours_only_such_times_count() {
    let world = world();
    let when = |date: Option<&str>, from_minute, to_minute| When { date: date.map(|date| date.parse().unwrap()), from_minute, to_minute };
    let found = |when| world.found(&Query { when, sort: Sort::Soonest, ..any() });
    // Half past midnight in Almaty is still the 23rd in Moscow: each place has its own day.
    assert_eq!(found(when(Some("2026-11-24"), 0, 1440)), [ASEL, PCHELKINA, LEVIN]);
    assert_eq!(found(when(Some("2026-11-23"), 0, 1440)), [PCHELKINA]);
    assert_eq!(found(when(Some("2026-11-24"), 1080, 1440)), [LEVIN]);
    assert_eq!(found(when(None, 1080, 1440)), [LEVIN]);
    assert_eq!(found(when(None, 540, 600)), [PCHELKINA, LEVIN]);
    let query = Query { when: when(None, 540, 600), sex: Some(Sex::Male), page: 1, per_page: 10, ..any() };
    let hits = search(&world.index, &world.times, now(), &query).hits;
    assert_eq!(hits[0].slots.iter().map(|slot| slot.start).collect::<Vec<_>>(), [at("2026-11-26T09:00:00+03:00")]);
    assert_eq!(hits[0].next_free, Some(at("2026-11-26T09:00:00+03:00")));
    let days = free_days(&world.index, &world.times, now(), &Query { city: Some("moscow".into()), ..any() }, 14);
    let days: Vec<(String, usize)> = days.into_iter().map(|(date, count)| (date.to_string(), count)).collect();
    assert_eq!(days, [("2026-11-23".into(), 1), ("2026-11-24".into(), 3), ("2026-11-25".into(), 1), ("2026-11-26".into(), 1)]);
}

#[test]
fn orders() {
    let world = world();
    let sorted = |sort, origin| world.found(&Query { sort, origin, ..any() });
    assert_eq!(sorted(Sort::Soonest, None), [PCHELKINA, ASEL, LEVIN, LEVIN_TOO, KARDINA]);
    assert_eq!(sorted(Sort::Rating, None), sorted(Sort::Relevance, None));
    assert_eq!(sorted(Sort::Price, None), [PCHELKINA, LEVIN_TOO, LEVIN, KARDINA, ASEL]);
    assert_eq!(sorted(Sort::Experience, None), [LEVIN, LEVIN_TOO, ASEL, KARDINA, PCHELKINA]);
    assert_eq!(sorted(Sort::Distance, Some((55.81, 37.6))), [LEVIN_TOO, KARDINA, PCHELKINA, LEVIN, ASEL]);
}

#[test]
fn pages_share_the_whole() {
    let world = world();
    let page = |page| search(&world.index, &world.times, now(), &Query { page, per_page: 2, ..any() });
    let all: Vec<RoleId> = (1..=4).flat_map(|number| page(number).hits).map(|hit| hit.role).collect();
    assert_eq!((page(1).total, page(3).hits.len(), page(4).hits.len(), all.len()), (5, 1, 0, 5));
    let mut once = all.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), 5);
}

#[test]
fn a_facet_counts_what_its_other_values_would_find() {
    let world = world();
    let query = Query { specialty: Some("cardiologist".into()), city: Some("moscow".into()), page: 1, per_page: 10, ..any() };
    let found = search(&world.index, &world.times, now(), &query);
    assert_eq!(found.total, 2);
    let (cardiologist, dentist, neurologist, almaty, moscow) = (0, 1, 2, 0, 1);
    assert_eq!(found.facets.specialty, [(cardiologist, 2), (dentist, 1), (neurologist, 1)]);
    assert_eq!(found.facets.city, [(moscow, 2), (almaty, 1)]);
    assert_eq!(found.facets.sex, [(Sex::Male, 2)]);
    assert_eq!(found.facets.child, [(false, 2)]);
    assert_eq!(found.facets.metro, [(0, 1), (1, 1)]);
    assert_eq!(found.facets.language, [(Lang::Ru, 2)]);
}

#[test]
fn half_hours_tell_only_whole_half_hours() {
    let mut world = world();
    world.times = Times(HashMap::from([(LEVIN, vec![at("2026-11-24T10:50:00+03:00")])]));
    for (to_minute, men) in [(645, vec![]), (660, vec![(Sex::Male, 1)])] {
        let when = When { date: Some("2026-11-24".parse().unwrap()), from_minute: 540, to_minute };
        let query = Query { when, sex: Some(Sex::Female), page: 1, per_page: 1, ..any() };
        assert_eq!(search(&world.index, &Masked(&world), now(), &query).facets.sex, men, "before minute {to_minute}");
    }
}

#[test]
fn suggestions_of_every_kind() {
    let world = world();
    let suggested = |text: &str, city| suggest(&world.index, text, city, Lang::Ru);
    assert_eq!(suggested("карди", None).specialties, [0]);
    assert_eq!(suggested("карди", None).services, [0]);
    assert_eq!(suggested("карди", None).practitioners, [2]);
    assert_eq!(suggested("болит го", None).complaints[0].text, "болит голова");
    assert_eq!(suggested("ябл", None).organizations, [0]);
    assert_eq!(suggested("ябл", Some("almaty")).organizations, NOBODY);
    assert_eq!(suggested("стоматолог", Some("almaty")).specialties, NOBODY);
    assert_eq!(suggested("", None), crate::suggest::Suggested::default());
    assert_eq!(suggested("стоматолог", Some("nowhere")).specialties, NOBODY);
    let many = suggested("ка", None);
    let total = many.specialties.len() + many.services.len() + many.complaints.len() + many.practitioners.len() + many.organizations.len();
    assert!(total <= SUGGESTED_MAX && total > 0);
}

/// What the engine must find, said the long way.
fn naive(world: &World, query: &Query) -> Vec<usize> {
    let catalogue = world.index.catalogue();
    let fits = |place: usize| {
        let role = &catalogue.roles[place];
        let doctor = catalogue.practitioner_of(role).unwrap();
        let location = catalogue.location(role.location).unwrap();
        let zone = catalogue.zone_of(role).unwrap();
        let text = {
            let mut all = Vec::new();
            let mut add = |names: &directory::catalogue::Names| all.push(format!("{} {} {}", names.kk, names.ru, names.en));
            add(&doctor.names);
            add(&catalogue.organization(role.organization).unwrap().names);
            add(&catalogue.city(&location.city).unwrap().names);
            add(&catalogue.district(location.district.as_deref().unwrap()).unwrap().names);
            location.metro.iter().for_each(|near| add(&catalogue.metro(&near.metro).unwrap().names));
            role.services.iter().for_each(|offer| add(&catalogue.service(&offer.service).unwrap().names));
            for code in &role.specialties {
                let specialty = catalogue.specialty(code).unwrap();
                [&specialty.names, &specialty.field, &specialty.words].into_iter().for_each(&mut add);
            }
            crate::words::words(&all.join(" "))
        };
        let asked = crate::words::asked(&query.q);
        let words = asked.iter().enumerate().all(|(at, word)| {
            let least = if at + 1 == asked.len() { 2 } else { 3 };
            text.iter().any(|known| {
                let meets = |form: &str| known.forms().any(|name| name == form || form.chars().count() >= least && name.starts_with(form));
                word.forms().any(meets) || word.stem.is_some() && word.stem == known.stem
            })
        });
        let times = world.times.0.get(&place).cloned().unwrap_or_default();
        let timely = times.iter().any(|start| {
            let there = start.to_jiff().to_zoned(zone.clone());
            let minute = i64::from(there.hour()) * 60 + i64::from(there.minute());
            query.when.date.is_none_or(|date| date == there.date()) && (query.when.from_minute..query.when.to_minute).contains(&minute)
        });
        words
            && query.specialty.as_ref().is_none_or(|code| role.specialties.contains(code))
            && query.city.as_ref().is_none_or(|code| location.city == *code)
            && (query.metro.is_empty() || location.metro.iter().any(|near| query.metro.contains(&near.metro)))
            && query.sex.is_none_or(|sex| doctor.sex == Some(sex))
            && query.child.is_none_or(|child| role.children == child)
            && query.price_max_minor.is_none_or(|most| role.services[0].price_minor <= most)
            && (!query.when.is_set() || timely)
    };
    (0..catalogue.roles.len()).filter(|place| fits(*place)).collect()
}

/// Facet, value (by place), number; values that find nobody left out.
type Counts = std::collections::BTreeSet<(&'static str, usize, usize)>;

fn counted(facets: &crate::facets::Facets) -> Counts {
    let places = |name, counts: &[(usize, usize)]| counts.iter().map(move |(place, count)| (name, *place, *count)).collect::<Vec<_>>();
    let flags = |name, counts: &[(bool, usize)]| counts.iter().map(move |(is, count)| (name, usize::from(*is), *count)).collect::<Vec<_>>();
    let sexes = facets.sex.iter().map(|(sex, count)| ("sex", usize::from(*sex == Sex::Male), *count)).collect();
    let spoken = facets.language.iter().map(|(lang, count)| ("language", Lang::ALL.iter().position(|one| one == lang).unwrap(), *count));
    [
        places("specialty", &facets.specialty),
        places("city", &facets.city),
        places("district", &facets.district),
        places("metro", &facets.metro),
        places("service", &facets.service),
        flags("child", &facets.child),
        flags("home", &facets.home),
        flags("online", &facets.online),
        sexes,
        spoken.collect(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The same counts, each by a search with that value alone in the filter.
fn each_value_alone(world: &World, query: &Query) -> Counts {
    let catalogue = world.index.catalogue();
    let mut asked: Vec<(&'static str, usize, Query)> = Vec::new();
    let mut ask = |name, place, change: &dyn Fn(&mut Query)| {
        let mut changed = query.clone();
        change(&mut changed);
        asked.push((name, place, changed));
    };
    (0..).zip(&catalogue.specialties).for_each(|(at, one)| ask("specialty", at, &|query| query.specialty = Some(one.code.clone())));
    (0..).zip(&catalogue.cities).for_each(|(at, one)| ask("city", at, &|query| query.city = Some(one.code.clone())));
    (0..).zip(&catalogue.districts).for_each(|(at, one)| ask("district", at, &|query| query.district = vec![one.code.clone()]));
    (0..).zip(&catalogue.metros).for_each(|(at, one)| ask("metro", at, &|query| query.metro = vec![one.code.clone()]));
    (0..).zip(&catalogue.services).for_each(|(at, one)| ask("service", at, &|query| query.service = Some(one.code.clone())));
    (0..).zip(Lang::ALL).for_each(|(at, one)| ask("language", at, &|query| query.language = Some(one)));
    (0..).zip([Sex::Female, Sex::Male]).for_each(|(at, one)| ask("sex", at, &|query| query.sex = Some(one)));
    for (at, is) in [false, true].into_iter().enumerate() {
        ask("child", at, &|query| query.child = Some(is));
        ask("home", at, &|query| query.home = Some(is));
        ask("online", at, &|query| query.online = Some(is));
    }
    // An unknown code finds nobody, whatever else is chosen.
    let unknown = query.specialty.as_ref().is_some_and(|code| catalogue.specialty(code).is_none());
    let total = |query: &Query| if unknown { 0 } else { world.found(query).len() };
    asked.iter().map(|(name, at, query)| (*name, *at, total(query))).filter(|(.., count)| *count > 0).collect()
}

/// The same times, with the half-hours of each day as free time keeps them.
struct Masked<'w>(&'w World);

impl Free for Masked<'_> {
    fn slots(&self, role: usize, service: Option<&str>, from: Timestamp, to: Timestamp, limit: usize) -> Vec<Slot> {
        self.0.times.slots(role, service, from, to, limit)
    }
    fn day_mask(&self, role: usize, day: i64) -> Option<u64> {
        let zone = self.0.index.catalogue().zone_of(&self.0.index.catalogue().roles[role]).unwrap();
        let starts = self.0.times.0.get(&role).map_or(&[][..], Vec::as_slice);
        let there = starts.iter().map(|start| start.to_jiff().to_zoned(zone.clone())).filter(|start| day_number(start.date()) == day);
        let halves = there.map(|start| i64::from(start.hour()) * 2 + i64::from(start.minute() / 30));
        Some(halves.fold(0, |mask, half| mask | 1 << half))
    }
}

fn of<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = Option<T>> + use<T> {
    prop::option::of(prop::sample::select(values.to_vec()))
}

proptest! {
    #[test]
    fn a_filtered_search_equals_a_naive_scan(
        words in prop::collection::vec(prop::sample::select(vec!["кардиолог", "кард", "левин", "болит", "сердца", "зубы", "арбат", "журек", "жүрек", "heart", "приём", "москва", "д", "xyz"]), 0..3),
        specialty in of(&["cardiologist", "dentist", "neurologist", "nothing"]), city in of(&["moscow", "almaty"]), metro in of(&["msk-arbat", "msk-sokol"]),
        sex in of(&[Sex::Female, Sex::Male]), child in of(&[true, false]), price in of(&[100_000i64, 250_000, 300_000]),
        date in of(&["2026-11-23", "2026-11-24", "2026-11-26", "2026-12-20"]), hours in of(&[(0i64, 600i64), (540, 600), (600, 1440), (1080, 1200), (555, 645)]),
        sort in prop::sample::select(vec![Sort::Relevance, Sort::Soonest, Sort::Price, Sort::Experience]),
        times in prop::collection::hash_map(0usize..5, prop::collection::vec(0i64..6 * 96, 0..6), 0..5),
    ) {
        let mut world = world();
        let midnight = at("2026-11-23T09:00:00+03:00");
        world.times = Times(times.into_iter().map(|(role, mut halves)| {
            halves.sort_unstable();
            (role, halves.into_iter().map(|half| midnight.plus_minutes(half * 15)).collect())
        }).collect::<HashMap<_, _>>());
        let (from_minute, to_minute) = hours.unwrap_or((0, 1440));
        let query = Query {
            q: words.join(" "), specialty: specialty.map(str::to_owned), city: city.map(str::to_owned), metro: metro.into_iter().map(str::to_owned).collect(),
            sex, child, price_max_minor: price, when: When { date: date.map(|date| date.parse().unwrap()), from_minute, to_minute }, sort, ..any()
        };
        let one = Query { page: 1, per_page: 1, ..query.clone() };
        let facets = search(&world.index, &world.times, now(), &one).facets;
        prop_assert_eq!(&search(&world.index, &Masked(&world), now(), &one).facets, &facets, "half-hours tell the same as times");
        prop_assert_eq!(each_value_alone(&world, &query), counted(&facets), "a facet counts what its value would find");
        let mut found = world.found(&query);
        let again = world.found(&query);
        prop_assert_eq!(&found, &again, "the order stays");
        found.sort_unstable();
        prop_assert_eq!(found, naive(&world, &query));
    }
}
