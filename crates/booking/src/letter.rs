//! The letter of a visit: what the SMS says, as text and as a small page, with the visit as a calendar file.

use askama::Template;
use db::Lang;
use db::jobs::JobId;
use notify::{Calendar, Letter};
use privacy::disclosure::Parts;
use privacy::{Item, Personal};
use web::dates;

use crate::appointment::Appointment;
use crate::calendar::{self, Event, Method};
use crate::told::{self, Turn};
use crate::world::World;

/// The page of a letter: no pictures, nothing fetched from anywhere.
#[derive(Template)]
#[template(path = "letter.html")]
struct Page {
    lang: Lang,
    lead: String,
    when: String,
    street: String,
    number: String,
    link: String,
    link_words: String,
    notes: [String; 2],
}

/// What a letter is made of.
pub(crate) fn parts(world: &World, visit: &Appointment, email: &str) -> Parts {
    let at = visit.start.to_jiff().to_zoned(visit.time_zone());
    Parts::new()
        .with(Item::Email, email)
        .with(Item::Day, dates::date(visit.lang, at.date()))
        .with(Item::Time, dates::time(&at))
        .with(Item::Street, told::street(world, visit))
        .with(Item::Number, visit.number_shown())
        .with(Item::Link, told::own_link(world, visit))
}

/// Writes the letter out of its parts. `from` is the address it leaves from. `None` when its page could not be made.
pub(crate) fn of_visit(world: &World, from: &str, id: JobId, visit: &Appointment, turn: Turn, parts: &Parts) -> Option<Letter> {
    let texts = world.texts.of(visit.lang);
    let at = visit.start.to_jiff().to_zoned(visit.time_zone());
    let part = |item| parts.get(item).to_owned();
    let (to, day, time, street, number) = (part(Item::Email), part(Item::Day), part(Item::Time), part(Item::Street), part(Item::Number));
    let method = Method::Sent { from, to: &to };
    let word = method.word(visit);
    let file = calendar::file(&Event {
        method,
        visit,
        now: world.clock().now(),
        // A calendar is read over a shoulder: no more than the SMS says (clause 4.1).
        title: texts.one("booking-calendar-title", "number", number.clone()),
        place: street.clone(),
    });
    let page = Page {
        lang: visit.lang,
        lead: texts.s(&format!("booking-letter-lead-{}", turn.code())),
        when: format!("{day}, {time} ({})", dates::zone(visit.lang, &at)),
        street,
        number: texts.one("booking-letter-number", "number", number),
        link: part(Item::Link),
        link_words: texts.s(match turn {
            Turn::Cancelled => "booking-letter-open",
            Turn::Proposed => "booking-letter-answer",
            Turn::Declined => "booking-letter-other",
            _ => "booking-letter-change",
        }),
        notes: ["booking-letter-calendar", "booking-letter-why"].map(|note| texts.s(note)),
    };
    let [calendar, why] = &page.notes;
    let text = format!(
        "{}\n\n{}\n{}\n{}\n\n{}:\n{}\n\n{calendar}\n{why}\n",
        page.lead, page.when, page.street, page.number, page.link_words, page.link
    );
    let subject = texts.with(&format!("booking-letter-subject-{}", turn.code()), &[("day", day.into()), ("time", time.into())]);
    let html = page.render().ok()?;
    Some(Letter {
        id,
        to: Personal::new(to),
        subject: Personal::new(subject),
        text: Personal::new(text),
        html: Personal::new(html),
        calendar: Some(Calendar { method: word, file: Personal::new(file) }),
    })
}
