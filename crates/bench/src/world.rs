//! The directory as every engine gets it: doctors, their words, their next free times; and the questions asked of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use booking::FreeTime;
use clock::{Clock, DAY, MINUTE, Timestamp};
use db::{Db, Options, Place};
use directory::catalogue::{Catalogue, PractitionerRole};
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::dice::Dice;

/// Free times of a card that every engine shows.
pub(crate) const TIMES: usize = 5;
/// Free times of one doctor that are looked at, to be booked.
const TIMES_MAX: usize = 500;
/// Questions of the mix.
pub(crate) const QUESTIONS: usize = 1_000;
/// "Free before a time": before one o'clock of the day asked for.
pub(crate) const BEFORE_HOUR: i64 = 13;
/// The kinds of questions, and how many of a hundred each has.
pub(crate) const KINDS: [(&str, usize); 5] = [
    ("specialty and city", 35),
    ("specialty, city, metro, price, free before a time", 25),
    ("beginning of a surname", 20),
    ("text of a service", 10),
    ("surname with a typing error", 10),
];

/// A doctor in a clinic, as the peers get it.
pub(crate) struct Doctor {
    /// The id that our API calls `role_id`.
    pub(crate) role: String,
    /// Lower case.
    pub(crate) surname: String,
    /// What a card shows, as JSON.
    pub(crate) card: String,
    /// Every name that words could mean.
    pub(crate) words: String,
    /// Codes.
    pub(crate) specialties: Vec<String>,
    /// Code.
    pub(crate) city: String,
    /// Codes.
    pub(crate) metros: Vec<String>,
    /// Of the first service.
    pub(crate) price_minor: i64,
    /// Unix microseconds of the next free times, at most [`TIMES`].
    pub(crate) next: Vec<i64>,
    /// The first free time of the day asked for, as a minute of the clinic's day.
    pub(crate) day_minute: Option<i64>,
    /// Minutes of a visit.
    pub(crate) minutes: i64,
    /// Weekly windows: weekday 1 to 7, minutes of the day.
    pub(crate) windows: Vec<(i64, i64, i64)>,
}

/// A directory and the day that questions name.
pub(crate) struct World {
    /// In the order of our catalogue.
    pub(crate) doctors: Vec<Doctor>,
    /// The day of "free before a time".
    pub(crate) day: Date,
    /// Names of the services that somebody offers, in Russian.
    services: Vec<String>,
    free: FreeTime,
}

/// A free time.
pub(crate) struct Time {
    /// Whose, as our API names it.
    pub(crate) role: String,
    /// RFC 3339, in UTC.
    pub(crate) start: String,
    /// Unix microseconds.
    pub(crate) at: i64,
}

/// One question.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Question {
    /// Place in [`KINDS`].
    pub(crate) kind: usize,
    pub(crate) specialty: String,
    pub(crate) city: String,
    pub(crate) metro: String,
    pub(crate) price_max_minor: i64,
    /// What is typed, lower case.
    pub(crate) words: String,
}

impl World {
    /// Reads the directory of a data folder as the program does.
    ///
    /// # Errors
    /// What the database said.
    pub(crate) async fn read(place: Place) -> Result<World, String> {
        let clock = Clock::real();
        let db = Db::open(Options::new(place), clock.clone()).await.map_err(|fault| fault.to_string())?;
        let catalogue = db.read("directory", |tx| Box::pin(directory::store::load(tx))).await.map_err(|fault| fault.to_string())?;
        let catalogue = Arc::new(catalogue);
        let free = FreeTime::new(clock.clone());
        free.rebuild(&db, catalogue.clone()).await.map_err(|fault| fault.to_string())?;
        let now = clock.now();
        let day = now.to_jiff().to_zoned(TimeZone::UTC).date().checked_add(2.days()).map_err(|fault| fault.to_string())?;
        let doctors = catalogue.roles.iter().filter_map(|role| doctor(&catalogue, &free, role, now, day)).collect();
        // What nobody offers nobody can find: a small directory has not every service of the list.
        let offered: BTreeSet<&str> = catalogue.roles.iter().flat_map(|role| &role.services).map(|offer| offer.service.as_str()).collect();
        let services = catalogue.services.iter().filter(|service| offered.contains(service.code.as_str()));
        let services = services.map(|service| service.names.ru.clone()).collect();
        Ok(World { doctors, day, services, free })
    }

    /// Free times from tomorrow on, at most so many: one of each doctor, then the next of each, so that neighbours in the list are
    /// of different doctors. Nobody who works in two clinics is in it twice, nobody who receives only some ages, no shared device.
    pub(crate) fn times(&self, most: usize) -> Vec<Time> {
        let (catalogue, now) = (self.free.catalogue(), Clock::real().now());
        let (from, to) = (Timestamp(now.micros() + DAY), Timestamp(now.micros() + 12 * DAY));
        let mut seen = BTreeSet::new();
        let plain = |role: &&PractitionerRole| {
            let alone = role.services.first().is_some_and(|offer| offer.device.is_none() && offer.room.is_none());
            alone && role.adults && role.source.is_none() && role.age_min_years.is_none() && role.age_max_years.is_none()
        };
        let roles = catalogue.roles.iter().filter(plain);
        let roles: Vec<_> = roles.filter(|role| role.practitioner.is_some_and(|id| seen.insert(id))).collect();
        let each = most.div_ceil(roles.len().max(1)).saturating_mul(2);
        let of_each: Vec<Vec<Time>> = roles
            .iter()
            .map(|role| {
                let slots = self.free.slots(role.id, None, from, to, TIMES_MAX, None);
                // Spread over all days: else every time would lie in the same morning.
                let step = (slots.len() / each.max(1)).max(1);
                let time = |start: Timestamp| Time { role: role.id.to_string(), start: start.rfc3339(&TimeZone::UTC), at: start.micros() };
                slots.iter().step_by(step).map(|slot| time(slot.start)).collect()
            })
            .collect();
        let mut turns: Vec<_> = of_each.into_iter().map(Vec::into_iter).collect();
        let mut times = Vec::new();
        while times.len() < most {
            let before = times.len();
            times.extend(turns.iter_mut().filter_map(Iterator::next));
            if times.len() == before {
                break;
            }
        }
        times.truncate(most);
        times
    }

    /// The questions of the mix, in an order that mixes the kinds.
    pub(crate) fn questions(&self) -> Vec<Question> {
        let mut dice = Dice::new(7);
        let mut questions = Vec::new();
        for (kind, (_, share)) in KINDS.iter().enumerate() {
            for _ in 0..QUESTIONS * share / 100 {
                questions.extend(self.question(kind, &mut dice));
            }
        }
        for at in (1..questions.len()).rev() {
            questions.swap(at, dice.below(at + 1));
        }
        questions
    }

    fn question(&self, kind: usize, dice: &mut Dice) -> Option<Question> {
        let someone = (0..200).filter_map(|_| dice.one(&self.doctors)).find(|doctor| !doctor.surname.is_empty())?;
        let specialty = someone.specialties.first()?.clone();
        let plain = Question { kind, ..Question::default() };
        Some(match kind {
            0 => Question { specialty, city: someone.city.clone(), ..plain },
            1 => {
                // What somebody asks for, somebody has.
                let near = (0..200).filter_map(|_| dice.one(&self.doctors)).find(|doctor| !doctor.metros.is_empty())?;
                let price_max_minor = near.price_minor / 50_000 * 50_000 + 100_000;
                Question {
                    specialty: near.specialties.first()?.clone(),
                    city: near.city.clone(),
                    metro: near.metros.first()?.clone(),
                    price_max_minor,
                    ..plain
                }
            }
            2 => Question { words: someone.surname.chars().take(3 + dice.below(3)).collect(), ..plain },
            3 => Question { words: dice.one(&self.services)?.to_lowercase(), ..plain },
            _ => Question { words: mistyped(&someone.surname, dice), ..plain },
        })
    }
}

impl Question {
    /// The address of our API.
    pub(crate) fn path(&self, day: Date) -> String {
        use crate::load::escaped;
        let mut path = String::from("/api/v1/practitioners?per_page=20&lang=ru");
        if !self.specialty.is_empty() {
            path.push_str(&format!("&specialty={}&city={}&sort=soonest", self.specialty, self.city));
        }
        if !self.metro.is_empty() {
            path.push_str(&format!("&metro={}&price_max={}&date={day}&to={BEFORE_HOUR}", self.metro, self.price_max_minor / 100));
        }
        if !self.words.is_empty() {
            path.push_str(&format!("&q={}", escaped(&self.words)));
        }
        path
    }
}

fn doctor(catalogue: &Catalogue, free: &FreeTime, role: &PractitionerRole, now: Timestamp, day: Date) -> Option<Doctor> {
    let practitioner = catalogue.practitioner_of(role);
    // A device or a place that is booked without a doctor has no name of its own.
    let name = practitioner.map_or("", |practitioner| practitioner.names.ru.as_str());
    let (location, organization) = (catalogue.location(role.location)?, catalogue.organization(role.organization)?);
    let (zone, offer) = (catalogue.zone_of(role)?, role.services.first()?);
    let next: Vec<i64> =
        free.slots(role.id, None, now, Timestamp(now.micros() + 30 * DAY), TIMES, None).iter().map(|slot| slot.start.micros()).collect();
    let midnight = Timestamp::from(day.to_zoned(zone).ok()?.timestamp());
    let of_day = free.slots(role.id, None, midnight, Timestamp(midnight.micros() + DAY), 1, None);
    let day_minute = of_day.first().map(|slot| (slot.start.micros() - midnight.micros()) / MINUTE);
    let mut words: BTreeSet<&str> = BTreeSet::new();
    words.extend([name, organization.names.ru.as_str(), location.address.ru.as_str()]);
    for code in &role.specialties {
        let specialty = catalogue.specialty(code)?;
        words.extend([specialty.names.ru.as_str(), specialty.field.ru.as_str(), specialty.words.ru.as_str()]);
    }
    words.extend(role.services.iter().filter_map(|offer| catalogue.service(&offer.service)).map(|service| service.names.ru.as_str()));
    let metros: Vec<String> = location.metro.iter().map(|near| near.metro.clone()).collect();
    words.extend(metros.iter().filter_map(|code| catalogue.metro(code)).map(|metro| metro.names.ru.as_str()));
    let card = json!({
        "role_id": role.id.to_string(),
        "practitioner": practitioner.map(|of| json!({"id": of.id.to_string(), "name": of.names.ru, "since": of.since_year})),
        "organization": {"id": organization.id.to_string(), "name": organization.names.ru},
        "location": {"city": location.city, "address": location.address.ru, "metro": metros, "lat": location.lat, "lon": location.lon},
        "specialties": role.specialties,
        "price": offer.price_minor,
    });
    Some(Doctor {
        role: role.id.to_string(),
        surname: name.split_whitespace().next().unwrap_or_default().to_lowercase(),
        card: card.to_string(),
        words: words.into_iter().collect::<Vec<_>>().join(" "),
        specialties: role.specialties.clone(),
        city: location.city.clone(),
        metros,
        price_minor: offer.price_minor,
        next,
        day_minute,
        minutes: offer.minutes,
        windows: role.schedule.rules.iter().map(|rule| (rule.weekday, rule.from_minute, rule.to_minute)).collect(),
    })
}

/// One letter wrong, missing, doubled or in its neighbour's place; never the first.
fn mistyped(word: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() < 4 {
        return word.to_owned();
    }
    let at = 1 + dice.below(letters.len() - 2);
    match dice.below(4) {
        0 => drop(letters.remove(at)),
        1 => letters.insert(at, letters.get(at).copied().unwrap_or('а')),
        2 => letters.swap(at, at + 1),
        _ => {
            let wrong = if letters.get(at) == Some(&'о') { 'а' } else { 'о' };
            if let Some(letter) = letters.get_mut(at) {
                *letter = wrong;
            }
        }
    }
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_changes_one_place() {
        let mut dice = Dice::new(1);
        for _ in 0..100 {
            let wrong = mistyped("воробьева", &mut dice);
            assert!(wrong.starts_with('в') && (8..=10).contains(&wrong.chars().count()), "{wrong}");
        }
    }

    #[test]
    fn a_question_names_what_it_asks_for() {
        let question = Question {
            kind: 1,
            specialty: "dentist".into(),
            city: "moscow".into(),
            metro: "m".into(),
            price_max_minor: 200_000,
            words: String::new(),
        };
        let path = question.path(jiff::civil::date(2026, 11, 25));
        assert!(path.contains("&metro=m&price_max=2000&date=2026-11-25&to=13"), "{path}");
        assert_eq!(KINDS.iter().map(|(_, share)| share).sum::<usize>(), 100);
    }
}
