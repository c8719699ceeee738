//! What may go to whom, for what: a closed table (clause 4.1, the least that does it).

use crate::vocabulary::{Item, Purpose, Recipient};

/// Nothing at all.
const NOTHING: &[Item] = &[];

/// What the carrier of text messages gets to book: the number, and a text that names neither doctor nor clinic nor specialty (16.4).
const TEXT: &[Item] = &[Item::Phone, Item::Code, Item::Day, Item::Time, Item::Street, Item::Number, Item::Link];

/// The same for letters.
const LETTER: &[Item] = &[Item::Email, Item::Day, Item::Time, Item::Street, Item::Number, Item::Link];

/// What the chosen clinic gets: which time is taken. It sees the rest on the page behind the link, and nobody's name there either.
const VISIT: &[Item] = &[Item::Day, Item::Time, Item::Number, Item::Link];

/// The items that may go to a recipient of that kind for that purpose. A new kind or purpose does not compile until somebody has decided.
/// The choice itself (doctor, service, specialty) goes to nobody today: whom the clinic is to expect its own calendar says.
pub fn mask(to: Recipient, purpose: Purpose) -> &'static [Item] {
    match purpose {
        Purpose::P1 => match to {
            Recipient::SmsCarrier => TEXT,
            Recipient::MailCarrier => LETTER,
            Recipient::Organization => VISIT,
            // Handing over to these begins with their own slices, and with a consent document where they are not chosen.
            Recipient::DocDoc
            | Recipient::Partner
            | Recipient::Practitioner
            | Recipient::ContactCentre
            | Recipient::QualityControl
            | Recipient::Hosting
            | Recipient::Auditor => NOTHING,
        },
        // Nothing is done for these yet.
        Purpose::P2 | Purpose::P3 | Purpose::P4 | Purpose::P5 | Purpose::P7 | Purpose::P8 => NOTHING,
        // Statistics, answers to the person and the log of security go to nobody else.
        Purpose::P6 | Purpose::P9 | Purpose::P10 => NOTHING,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disclosure::{NotDisclosed, Parts};

    /// The whole table: every recipient × every purpose × every item.
    #[test]
    fn the_whole_table_of_masks() {
        let mut open = Vec::new();
        for to in Recipient::ALL {
            for purpose in Purpose::ALL {
                for item in Item::ALL {
                    let parts = Parts::new().with(item, "x").through(mask(to, purpose));
                    match (mask(to, purpose).contains(&item), item) {
                        (true, _) => {
                            assert!(purpose.categories().contains(&item.category()), "{purpose} has a use for {item} (clause 10.1)");
                            assert_eq!(parts.map(|parts| parts.items().count()), Ok(1));
                            open.push(format!("{to} {purpose} {item}"));
                        }
                        (false, Item::Comment) => assert_eq!(parts.map(|parts| parts.items().count()), Ok(0), "free text is dropped"),
                        (false, _) => assert_eq!(parts.map(drop), Err(NotDisclosed::Outside(item)), "{to} {purpose} {item}"),
                    }
                }
            }
        }
        let expected = [
            "R3 P1 day",
            "R3 P1 time",
            "R3 P1 number",
            "R3 P1 link",
            "R7.sms P1 phone",
            "R7.sms P1 code",
            "R7.sms P1 day",
            "R7.sms P1 time",
            "R7.sms P1 street",
            "R7.sms P1 number",
            "R7.sms P1 link",
            "R7.mail P1 email",
            "R7.mail P1 day",
            "R7.mail P1 time",
            "R7.mail P1 street",
            "R7.mail P1 number",
            "R7.mail P1 link",
        ];
        assert_eq!(open, expected);
    }
}
