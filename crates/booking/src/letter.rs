//! The letter of a visit: what the SMS says, as text and as a small page, with the visit as a calendar file.

use askama::Template;
use db::Lang;
use db::jobs::{Failure, JobId};
use notify::{Calendar, Letter};
use privacy::Personal;
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

/// Writes the letter. `from` is the address it leaves from.
///
/// # Errors
/// The page could not be made.
pub(crate) fn of_visit(
    world: &World,
    from: &str,
    id: JobId,
    visit: &Appointment,
    turn: Turn,
    to: Personal<String>,
) -> Result<Letter, Failure> {
    let texts = world.texts.of(visit.lang);
    let at = visit.start.to_jiff().to_zoned(visit.time_zone());
    let (day, time) = (dates::date(visit.lang, at.date()), dates::time(&at));
    let street = told::street(world, visit);
    let method = Method::Sent { from, to: to.expose() };
    let word = method.word(visit);
    let file = calendar::file(&Event {
        method,
        visit,
        now: world.clock().now(),
        // A calendar is read over a shoulder: no more than the SMS says (clause 4.1).
        title: texts.one("booking-calendar-title", "number", visit.number_shown()),
        place: street.clone(),
    });
    let page = Page {
        lang: visit.lang,
        lead: texts.s(&format!("booking-letter-lead-{}", turn.code())),
        when: format!("{day}, {time} ({})", dates::zone(visit.lang, &at)),
        street,
        number: texts.one("booking-letter-number", "number", visit.number_shown()),
        link: told::own_link(world, visit),
        link_words: texts.s(if turn == Turn::Cancelled { "booking-letter-open" } else { "booking-letter-change" }),
        notes: ["booking-letter-calendar", "booking-letter-why"].map(|note| texts.s(note)),
    };
    let [calendar, why] = &page.notes;
    let text = format!(
        "{}\n\n{}\n{}\n{}\n\n{}:\n{}\n\n{calendar}\n{why}\n",
        page.lead, page.when, page.street, page.number, page.link_words, page.link
    );
    let subject = texts.with(&format!("booking-letter-subject-{}", turn.code()), &[("day", day.into()), ("time", time.into())]);
    let html = page.render().map_err(|_| Failure::Never("email_form"))?;
    Ok(Letter {
        id,
        to,
        subject: Personal::new(subject),
        text: Personal::new(text),
        html: Personal::new(html),
        calendar: Calendar { method: word, file: Personal::new(file) },
    })
}
