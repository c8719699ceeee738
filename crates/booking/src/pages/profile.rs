//! What the page of a doctor in a clinic shows, to people and to machines.

use db::Lang;
use directory::catalogue::{Catalogue, HealthcareService, Mode, PractitionerRole, RoleService, ServiceKind};
use directory::paths;
use jiff::Zoned;
use jiff::civil::Date;
use serde_json::{Value, json};
use web::page::{DayTimes, Link, Page};
use web::texts::Texts;
use web::{Found, money};

use super::show::{self, Days};
use crate::hold::HoldId;
use crate::views::{Doctor, OfferLine};
use crate::world::World;

/// Other clinics of the doctor in the list (I9).
const ELSEWHERE_MAX: usize = 20;

/// What of the page was asked for.
pub(super) struct Asked<'a> {
    /// A day of the strip.
    pub(super) day: Option<&'a str>,
    /// One of the services.
    pub(super) service: Option<&'a str>,
    /// A visit was asked for without saying when.
    pub(super) refused: bool,
    /// The hold whose time is not hidden from its owner.
    pub(super) mine: Option<HoldId>,
}

/// `None` when the directory lacks something that the role names.
pub(super) fn view(world: &World, catalogue: &Catalogue, role: &PractitionerRole, lang: Lang, asked: &Asked<'_>) -> Option<Doctor> {
    let doctor = catalogue.practitioner_of(role);
    let place = catalogue.location(role.location)?;
    let city = catalogue.city_of(role)?;
    let zone = catalogue.zone_of(role)?;
    let clinic = catalogue.organization(role.organization)?;
    let texts = world.texts.of(lang);
    let path = show::doctor_path(catalogue, role, lang);
    let offered = role.offer(asked.service).or_else(|| role.offer(None))?;
    let known = catalogue.service(&offered.service)?;
    let plain = role.services.first().is_some_and(|first| first.service == offered.service);
    let service = (!plain).then(|| offered.service.clone());
    let address = |day: Option<Date>, service: Option<&str>| {
        let mut query = Vec::new();
        query.extend(day.map(|day| format!("day={day}")));
        query.extend(service.map(|code| format!("service={code}")));
        if query.is_empty() { format!("/{lang}{path}") } else { format!("/{lang}{path}?{}#times", query.join("&")) }
    };
    let days = Days::of(world, role, &zone, Some(&offered.service), asked.mine);
    let chosen = days.chosen(asked.day);
    let times = DayTimes::group(days.buttons(lang, chosen));
    let to_day = |day: Date| address(Some(day), service.as_deref());
    let nearest = times.is_empty().then(|| days.nearest(lang, chosen, to_day)).flatten();
    let now: Zoned = show::now(world, &zone);
    let lines = role.services.iter().enumerate().filter_map(|(index, one)| {
        let service = catalogue.service(&one.service)?;
        Some(OfferLine {
            name: service.names.get(lang).to_owned(),
            href: address(None, (index > 0).then_some(one.service.as_str())),
            chosen: one.service == offered.service,
            note: length(&texts, one, service),
            price: money::price(one.price_minor, &city.currency),
        })
    });
    let elsewhere = doctor.into_iter().flat_map(|doctor| catalogue.roles_of(doctor.id)).filter(|other| other.id != role.id);
    let elsewhere = elsewhere
        .filter_map(|other| {
            let (clinic, place) = (catalogue.organization(other.organization)?, catalogue.location(other.location)?);
            let text = format!("{}, {}", clinic.names.get(lang), web::unbroken(&show::address(catalogue, place, lang)));
            Some(Link { text, href: format!("/{lang}{}", show::doctor_path(catalogue, other, lang)) })
        })
        .take(ELSEWHERE_MAX)
        .collect();
    let languages: Vec<String> =
        doctor.into_iter().flat_map(|doctor| &doctor.languages).map(|language| texts.s(&format!("booking-lang-{language}"))).collect();
    let clinic_name = clinic.names.get(lang).to_owned();
    let first = role.offer(None).and_then(|offer| catalogue.service(&offer.service)).unwrap_or(known);
    let name = doctor.map_or_else(|| first.names.get(lang), |doctor| doctor.names.get(lang)).to_owned();
    let specialty = if doctor.is_some() { show::specialties(catalogue, role, lang) } else { clinic_name.clone() };
    let page = world.page(lang, path.clone(), Some(&city.code));
    let examination = |service: &HealthcareService| Link {
        text: service.names.get(lang).to_owned(),
        href: page.url(&paths::examination(&city.code, &service.code)),
    };
    let mut crumbs = vec![
        Link { text: texts.s("booking-home"), href: page.url("/") },
        Link { text: city.names.get(lang).to_owned(), href: page.url(&paths::city(&city.code)) },
    ];
    let above = role.specialties.first().and_then(|code| catalogue.specialty(code));
    match (doctor, above) {
        (Some(_), Some(specialty)) => {
            crumbs.push(Link { text: specialty.names.get(lang).to_owned(), href: page.url(&paths::specialty(&city.code, &specialty.code)) })
        }
        (None, _) if first.kind == ServiceKind::Examination => crumbs.push(examination(first)),
        _ => {}
    }
    let whole = show::address(catalogue, place, lang);
    let notes = notes(&texts, role, doctor.and_then(|doctor| doctor.since_year), i64::from(now.year()));
    let ranks = doctor.into_iter().flat_map(|doctor| {
        let category = doctor.category.map(|category| texts.s(&format!("booking-category-{}", category.code())));
        category.into_iter().chain(doctor.degree.map(|degree| texts.s(&format!("booking-degree-{}", degree.code()))))
    });
    let ranks: Vec<String> = ranks.collect();
    let description = [&notes[..], &ranks[..]]
        .concat()
        .into_iter()
        .fold(format!("{name}, {specialty}. {clinic_name}, {whole}"), |words, more| format!("{words}. {more}"));
    let clinic_href = page.url(&paths::clinic(clinic, lang));
    let found = Found::by_language(
        Lang::ALL.map(|lang| show::doctor_path(catalogue, role, lang)),
        if doctor.is_some() { format!("{name}, {specialty}, {clinic_name}") } else { format!("{name}, {clinic_name}") },
        description,
    )
    .fact(page.breadcrumbs(&crumbs, &name))
    .fact(facts(&Seen {
        catalogue,
        role,
        page: &page,
        currency: &city.currency,
        name: &name,
        specialty: &specialty,
        languages: &languages,
    }));
    Some(Doctor {
        role: role.id.to_string(),
        portrait: doctor.map(|doctor| show::portrait(Some(doctor), &doctor.names, lang)),
        name,
        specialty,
        notes,
        ranks,
        clinic: Link { text: clinic_name, href: clinic_href },
        address: web::unbroken(&whole),
        district: place
            .district
            .as_deref()
            .and_then(|code| catalogue.district(code))
            .map_or_else(String::new, |district| texts.one("booking-district", "district", district.names.get(lang))),
        metro: show::stations(catalogue, place, &texts),
        service_name: known.names.get(lang).to_owned(),
        price: money::price(offered.price_minor, &city.currency),
        length: length(&texts, offered, known),
        device: offered.device.and_then(|id| catalogue.resource(id)).map_or_else(String::new, |device| device.names.get(lang).to_owned()),
        preparation: lines_of(known.preparation.get(lang)),
        examination: (known.kind == ServiceKind::Examination).then(|| examination(known)),
        services: if role.services.len() < 2 { Vec::new() } else { lines.collect() },
        days: days.strip(lang, chosen, to_day),
        day: days.say(lang, chosen),
        times,
        nearest,
        zone: show::zone_words(catalogue, lang, &now),
        elsewhere,
        about: doctor.map(|doctor| lines_of(doctor.about.get(lang))).unwrap_or_default(),
        languages: languages.join(", "),
        ask: super::ask::block(world, lang, role, &zone, asked.refused),
        service,
        crumbs,
        page: page.found(found),
    })
}

fn lines_of(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// `30 min`, `30 min, at home`.
fn length(texts: &Texts, offer: &RoleService, service: &HealthcareService) -> String {
    let minutes = texts.one("booking-minutes", "n", offer.minutes);
    match service.mode {
        Mode::Clinic => minutes,
        Mode::Home => format!("{minutes}, {}", texts.s("booking-mode-home")),
        Mode::Online => format!("{minutes}, {}", texts.s("booking-mode-online")),
    }
}

/// Years of practice; whom the doctor sees, with ages where they are told.
fn notes(texts: &Texts, role: &PractitionerRole, since: Option<i64>, year: i64) -> Vec<String> {
    let mut notes: Vec<String> = since.map(|since| texts.one("booking-years", "n", (year - since).max(0))).into_iter().collect();
    match (role.adults, role.children) {
        (true, true) => notes.push(texts.s("booking-sees-both")),
        (false, true) => notes.push(texts.s("booking-sees-children")),
        (_, false) => {}
    }
    match (role.age_min_years.filter(|age| *age > 0), role.age_max_years) {
        (Some(from), Some(to)) => notes.push(texts.two("booking-ages", "from", from, "to", to)),
        (Some(from), None) => notes.push(texts.one("booking-ages-from", "from", from)),
        (None, Some(to)) => notes.push(texts.one("booking-ages-to", "to", to)),
        (None, None) => {}
    }
    notes
}

struct Seen<'a> {
    catalogue: &'a Catalogue,
    role: &'a PractitionerRole,
    page: &'a Page,
    currency: &'a str,
    name: &'a str,
    specialty: &'a str,
    languages: &'a [String],
}

/// The role as schema.org says it: a physician, or a service of the clinic.
fn facts(seen: &Seen<'_>) -> Value {
    let (catalogue, role, page) = (seen.catalogue, seen.role, seen.page);
    let lang = page.lang();
    let url = page.absolute(&page.url(&show::doctor_path(catalogue, role, lang)));
    let clinic = catalogue.organization(role.organization).map(|clinic| {
        json!({
            "@type": "MedicalClinic",
            "name": clinic.names.get(lang),
            "url": page.absolute(&page.url(&paths::clinic(clinic, lang))),
        })
    });
    let address = catalogue.location(role.location).map(|place| {
        let city = catalogue.city(&place.city);
        json!({
            "@type": "PostalAddress",
            "streetAddress": place.address.get(lang),
            "addressLocality": city.map(|city| city.names.get(lang)),
            "addressCountry": city.map(|city| city.country.as_str()),
        })
    });
    let offers: Vec<Value> = role
        .services
        .iter()
        .filter_map(|offer| {
            let price = if offer.price_minor % 100 == 0 {
                (offer.price_minor / 100).to_string()
            } else {
                format!("{}.{:02}", offer.price_minor / 100, offer.price_minor % 100)
            };
            Some(json!({
                "@type": "Offer",
                "price": price,
                "priceCurrency": seen.currency,
                "itemOffered": {"@type": "Service", "name": catalogue.service(&offer.service)?.names.get(lang)},
            }))
        })
        .collect();
    if role.practitioner.is_none() {
        return json!({"@type": "Service", "name": seen.name, "url": url, "provider": clinic, "offers": offers});
    }
    let mut node = json!({
        "@type": "Physician",
        "@id": url,
        "url": url,
        "name": seen.name,
        "medicalSpecialty": seen.specialty,
        "parentOrganization": clinic,
        "address": address,
        "makesOffer": offers,
    });
    if let (Some(fields), false) = (node.as_object_mut(), seen.languages.is_empty()) {
        fields.insert("knowsLanguage".into(), seen.languages.into());
    }
    node
}
