//! What the JSON API writes of a search: borrowed from the catalogue, written once.

use std::borrow::Cow;

use booking::Slot;
use clock::{LocalTimes, Timestamp};
use directory::catalogue::{Catalogue, Lang, Names, OrganizationId, Practitioner, PractitionerId, PractitionerRole, RoleId, RoleService};
use jiff::tz::TimeZone;
use serde::Serialize;
use web::Texts;

use crate::engine::kilometres;
use crate::facets::Facets;
use crate::index::Index;

/// What of the question an item depends on.
#[derive(Clone, Copy, Default)]
pub(crate) struct Asked<'q> {
    /// Code of the service: price is its own.
    pub(crate) service: Option<&'q str>,
    /// Degrees north and east, from where distance is counted.
    pub(crate) origin: Option<(f64, f64)>,
}

/// One bookable schedule as the list shows it.
#[derive(Serialize)]
pub(crate) struct Item<'a> {
    role_id: RoleId,
    /// The doctor's name; else the device's or the room's; else the service's.
    name: &'a str,
    practitioner: Option<Person<'a>>,
    organization: Option<Clinic<'a>>,
    location: Place<'a>,
    specialties: Vec<Named<'a>>,
    /// The service that `price` and `slots` are of.
    service: Option<Named<'a>>,
    /// `null` when the clinic has not said it.
    price: Option<Price<'a>>,
    rating: Option<f64>,
    reviews: usize,
    /// Only when the question has an origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_km: Option<f64>,
    next_free: Option<String>,
    slots: Vec<Time>,
}

/// A doctor.
#[derive(Serialize)]
pub(crate) struct Person<'a> {
    id: PractitionerId,
    name: &'a str,
    sex: Option<&'static str>,
    experience_years: Option<i64>,
    photo: String,
}

#[derive(Serialize)]
struct Clinic<'a> {
    id: OrganizationId,
    name: &'a str,
}

#[derive(Serialize)]
struct Place<'a> {
    city: Option<&'a str>,
    district: Option<&'a str>,
    address: Option<&'a str>,
    metro: Vec<Near<'a>>,
    lat: Option<f64>,
    lon: Option<f64>,
}

#[derive(Serialize)]
struct Near<'a> {
    name: Option<&'a str>,
    walk_minutes: i64,
}

/// A code with its name in the reader's language.
#[derive(Serialize)]
pub(crate) struct Named<'a> {
    code: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Price<'a> {
    amount: i64,
    currency: Option<&'a str>,
}

#[derive(Serialize)]
struct Time {
    start: String,
    end: String,
}

/// Values of each facet.
#[derive(Serialize)]
struct Counted<'a> {
    specialty: Vec<Value<'a>>,
    city: Vec<Value<'a>>,
    district: Vec<Value<'a>>,
    metro: Vec<Value<'a>>,
    service: Vec<Value<'a>>,
    sex: Vec<Value<'a>>,
    child: Vec<Value<'a>>,
    language: Vec<Value<'a>>,
    home: Vec<Value<'a>>,
    online: Vec<Value<'a>>,
}

#[derive(Serialize)]
struct Value<'a> {
    code: &'a str,
    name: Cow<'a, str>,
    count: usize,
}

/// A doctor's own fields; `experience_years` counts whole calendar years.
pub(crate) fn person(lang: Lang, now: Timestamp, practitioner: &Practitioner) -> Person<'_> {
    let year = i64::from(now.to_jiff().to_zoned(TimeZone::UTC).year());
    Person {
        id: practitioner.id,
        name: practitioner.names.get(lang),
        sex: practitioner.sex.map(|sex| sex.code()),
        experience_years: practitioner.since_year.map(|since| (year - since).max(0)),
        photo: web::portrait::url(&practitioner.id.to_string(), practitioner.sex.map(|sex| sex.code())),
    }
}

/// The specialties of a role.
pub(crate) fn specialties<'a>(catalogue: &'a Catalogue, lang: Lang, role: &'a PractitionerRole) -> Vec<Named<'a>> {
    role.specialties.iter().filter_map(|code| catalogue.specialty(code)).map(|known| named(&known.code, &known.names, lang)).collect()
}

/// The clocks on the walls of an answer's cities: to find out a zone's offset costs more than to write a page of times.
#[derive(Default)]
pub(crate) struct Walls<'a>(Vec<(&'a str, LocalTimes)>);

impl<'a> Walls<'a> {
    fn of(&mut self, catalogue: &'a Catalogue, role: &PractitionerRole) -> &mut LocalTimes {
        let city = catalogue.city_of(role).map_or("", |city| city.code.as_str());
        let at = self.0.iter().position(|(known, _)| *known == city).unwrap_or(self.0.len());
        if at == self.0.len() {
            self.0.push((city, LocalTimes::new(catalogue.zone_of(role).unwrap_or(TimeZone::UTC))));
        }
        &mut self.0[at].1
    }
}

fn text(wall: &mut LocalTimes, at: Timestamp) -> String {
    let mut text = Vec::with_capacity(25);
    wall.push(at, &mut text);
    String::from_utf8(text).unwrap_or_default()
}

/// One role as the list shows it, with these free times.
pub(crate) fn item<'a>(
    catalogue: &'a Catalogue,
    lang: Lang,
    now: Timestamp,
    role: &'a PractitionerRole,
    asked: Asked<'_>,
    slots: &[Slot],
    walls: &mut Walls<'a>,
) -> Item<'a> {
    let (location, city) = (catalogue.location(role.location), catalogue.city_of(role));
    let practitioner = catalogue.practitioner_of(role);
    let offer = role.offer(asked.service);
    let service = offer.and_then(|offer| catalogue.service(&offer.service));
    let place = location.and_then(|location| location.lat.zip(location.lon));
    let metro = location
        .iter()
        .flat_map(|location| &location.metro)
        .map(|near| Near { name: catalogue.metro(&near.metro).map(|metro| metro.names.get(lang)), walk_minutes: near.walk_minutes });
    let wall = walls.of(catalogue, role);
    let slots: Vec<Time> = slots.iter().map(|slot| Time { start: text(wall, slot.start), end: text(wall, slot.end) }).collect();
    let name = practitioner.map(|doctor| doctor.names.get(lang)).or_else(|| offer.and_then(|offer| device(catalogue, lang, offer)));
    Item {
        role_id: role.id,
        name: name.or_else(|| service.map(|service| service.names.get(lang))).unwrap_or_default(),
        practitioner: practitioner.map(|practitioner| person(lang, now, practitioner)),
        organization: catalogue.organization(role.organization).map(|known| Clinic { id: known.id, name: known.names.get(lang) }),
        location: Place {
            city: city.map(|city| city.names.get(lang)),
            district: location.and_then(|location| catalogue.district(location.district.as_deref()?)).map(|known| known.names.get(lang)),
            address: location.map(|location| location.address.get(lang)),
            metro: metro.collect(),
            lat: location.and_then(|location| location.lat),
            lon: location.and_then(|location| location.lon),
        },
        specialties: specialties(catalogue, lang, role),
        service: service.map(|service| named(&service.code, &service.names, lang)),
        // A feed without prices leaves zero.
        price: offer
            .filter(|offer| offer.price_minor > 0)
            .map(|offer| Price { amount: offer.price_minor, currency: city.map(|city| city.currency.as_str()) }),
        rating: None,
        reviews: 0,
        distance_km: asked.origin.zip(place).map(|(from, to)| (kilometres(from, to) * 100.0).round() / 100.0),
        next_free: slots.first().map(|slot| slot.start.clone()),
        slots,
    }
}

fn device<'a>(catalogue: &'a Catalogue, lang: Lang, offer: &RoleService) -> Option<&'a str> {
    offer.device.or(offer.room).and_then(|id| catalogue.resource(id)).map(|resource| resource.names.get(lang))
}

fn named<'a>(code: &'a str, names: &'a Names, lang: Lang) -> Named<'a> {
    Named { code, name: names.get(lang) }
}

/// The whole answer of `GET /practitioners`, the facets written before.
///
/// # Errors
/// None in practice: an item has nothing that JSON cannot say.
pub(crate) fn whole(total: usize, items: Vec<Item<'_>>, facets: &str) -> Result<Vec<u8>, serde_json::Error> {
    let mut body = Vec::with_capacity(facets.len() + 1_000 * items.len() + 100);
    body.extend_from_slice(format!("{{\"total\":{total},\"items\":").as_bytes());
    serde_json::to_writer(&mut body, &items)?;
    body.extend_from_slice(b",\"facets\":");
    body.extend_from_slice(facets.as_bytes());
    body.push(b'}');
    Ok(body)
}

/// The facets as JSON in the reader's language; what was written once stays with them.
pub(crate) fn written<'f>(index: &Index, texts: &Texts, known: &'f Facets) -> Cow<'f, str> {
    let write = || serde_json::to_string(&facets(index, texts, known)).unwrap_or_else(|_| "{}".to_owned());
    let place = Lang::ALL.iter().position(|lang| *lang == texts.lang());
    match place.and_then(|place| known.written.get(place)) {
        Some(written) => Cow::Borrowed(written.get_or_init(write)),
        None => Cow::Owned(write()),
    }
}

/// The facets with names in the reader's language.
fn facets<'a>(index: &'a Index, texts: &Texts, facets: &Facets) -> Counted<'a> {
    let (catalogue, lang) = (index.catalogue(), texts.lang());
    let yes_or_no = |counts: &[(bool, usize)], name: fn(bool) -> &'static str| {
        let value = |(is, count): &(bool, usize)| worded(if *is { "true" } else { "false" }, texts.s(name(*is)).to_string(), *count);
        counts.iter().map(value).collect()
    };
    Counted {
        specialty: values(&facets.specialty, lang, |place| catalogue.specialties.get(place).map(|known| (&*known.code, &known.names))),
        city: values(&facets.city, lang, |place| catalogue.cities.get(place).map(|known| (&*known.code, &known.names))),
        district: values(&facets.district, lang, |place| catalogue.districts.get(place).map(|known| (&*known.code, &known.names))),
        metro: values(&facets.metro, lang, |place| catalogue.metros.get(place).map(|known| (&*known.code, &known.names))),
        service: values(&facets.service, lang, |place| catalogue.services.get(place).map(|known| (&*known.code, &known.names))),
        sex: facets.sex.iter().map(|(sex, count)| worded(sex.code(), texts.s(crate::texts::sex(*sex)).to_string(), *count)).collect(),
        child: yes_or_no(&facets.child, crate::texts::child),
        language: facets
            .language
            .iter()
            .map(|(lang, count)| worded(lang.code(), texts.s(crate::texts::language(*lang)).to_string(), *count))
            .collect(),
        home: yes_or_no(&facets.home, crate::texts::home),
        online: yes_or_no(&facets.online, crate::texts::online),
    }
}

fn worded<'a>(code: &'static str, name: String, count: usize) -> Value<'a> {
    Value { code, name: name.into(), count }
}

fn values<'a>(counts: &[(usize, usize)], lang: Lang, entry: impl Fn(usize) -> Option<(&'a str, &'a Names)>) -> Vec<Value<'a>> {
    let value =
        |(place, count): &(usize, usize)| entry(*place).map(|(code, names)| Value { code, name: names.get(lang).into(), count: *count });
    counts.iter().filter_map(value).collect()
}
