//! A person comes to be: key, place in the phone index and sealed identity in one transaction of the key store. The database of visits is
//! not told: nothing in it is made or changed when a person comes (I2, I5).

use db::Tx;
use privacy::audit::{self, Entry};
use privacy::{
    Ask, Asker, Came, ConsentGiven, Field, Identity, KeyError, KeyStore, Known, OpenError, Operation, Permit, PersonId, Personal, Purpose,
    RefusedReason, Sealable, Sealed, SubjectKey, consent, decide, record_openings,
};

use crate::phone::Phone;

/// A name as a person gave it.
#[derive(Clone, PartialEq, Eq)]
pub struct PatientName(String);

impl std::fmt::Debug for PatientName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<name>")
    }
}

const NAME_CHARS_MAX: usize = 100;
const NAME_LETTERS_MIN: usize = 2;

impl PatientName {
    /// A name: at most 100 characters with at least two letters, spaces folded; no digits, no line breaks. `None` otherwise.
    pub fn parse(typed: &str) -> Option<PatientName> {
        let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
        let fits = name.chars().count() <= NAME_CHARS_MAX
            && name.chars().filter(|c| c.is_alphabetic()).count() >= NAME_LETTERS_MIN
            && name.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’' | '.' | 'ʼ' | '\u{300}'..='\u{36f}'));
        fits.then_some(PatientName(name))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Sex, if a person says it (C5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

impl Sealable for Sex {
    fn to_text(&self) -> String {
        match self {
            Sex::Female => "f".into(),
            Sex::Male => "m".into(),
        }
    }
    fn from_text(text: &str) -> Option<Self> {
        match text {
            "f" => Some(Sex::Female),
            "m" => Some(Sex::Male),
            _ => None,
        }
    }
}

/// What a person gives to book (clause 2.2). Only name and phone must be there.
#[derive(Clone)]
pub struct Details {
    /// C1.
    pub name: PatientName,
    /// C2.
    pub phone: Phone,
    /// C4.
    pub email: Option<String>,
    /// C5.
    pub sex: Option<Sex>,
    /// C6, whole years.
    pub age: Option<i64>,
}

impl std::fmt::Debug for Details {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<details>")
    }
}

/// The person's key and when they came; key, index entry and identity are durable when this returns. The same phone and name are the same
/// person: what they give at a later booking takes the place of what they gave before, and what they leave out stays.
///
/// # Errors
/// [`KeyError`].
pub async fn enrol(keys: &KeyStore, details: &Details) -> Result<(SubjectKey, Came), KeyError> {
    let sealed = |key: &SubjectKey, person: PersonId| {
        let (clock, row) = (keys.clock(), person.bytes());
        Identity::new(
            &Sealed::seal(key, clock, Field::Name, row, &details.name.as_str().to_owned()),
            &Sealed::seal(key, clock, Field::Phone, row, &details.phone.e164().to_owned()),
            &Sealed::seal(key, clock, Field::Email, row, &details.email),
            &Sealed::seal(key, clock, Field::Sex, row, &details.sex),
            &Sealed::seal(key, clock, Field::Age, row, &details.age),
        )
    };
    let (key, came) = keys.find_or_make(details.phone.e164(), details.name.as_str(), sealed).await?;
    if came != Came::Now
        && (details.email.is_some() || details.sex.is_some() || details.age.is_some())
        && let Some(person) = key.person()
    {
        let (clock, row) = (keys.clock(), person.bytes());
        let email = details.email.is_some().then(|| Sealed::seal(&key, clock, Field::Email, row, &details.email).bytes().to_vec());
        let sex = details.sex.is_some().then(|| Sealed::seal(&key, clock, Field::Sex, row, &details.sex).bytes().to_vec());
        let age = details.age.is_some().then(|| Sealed::seal(&key, clock, Field::Age, row, &details.age).bytes().to_vec());
        keys.refine(person, [None, None, email, sex, age]).await?;
    }
    Ok((key, came))
}

/// Opens the person's phone for a job that delivers a message about the visit `visit`, under the consent given for it.
///
/// # Errors
/// [`OpenError::Refused`] when no such consent stands; then the log has an entry that says so.
pub async fn open_phone(tx: &mut Tx, known: &Known, job: &'static str, visit: [u8; 16]) -> Result<Personal<String>, OpenError> {
    open_phones(tx, job, &[(known, visit)]).await?.pop().flatten().ok_or(OpenError::Refused(RefusedReason::Consent))
}

/// The same for many people, each with their visit, at most [`OPENED_MAX`] (I9): a permit and an entry for each, in as many statements as
/// for one. In the order asked for; `None` where no consent of the person stands, which the log then says.
///
/// # Errors
/// [`OpenError::Outside`] when more are asked for; then nobody's phone is opened.
pub async fn open_phones(tx: &mut Tx, job: &'static str, of: &[(&Known, [u8; 16])]) -> Result<Vec<Option<Personal<String>>>, OpenError> {
    if of.len() > OPENED_MAX {
        return Err(OpenError::Outside);
    }
    let asked: Vec<(&SubjectKey, [u8; 16])> = of.iter().map(|(known, visit)| (known.key(), *visit)).collect();
    let consents = consent::given_each(tx, &asked).await?;
    let (mut found, mut permits) = (Vec::with_capacity(of.len()), Vec::with_capacity(of.len()));
    for (place, ((known, visit), consents)) in of.iter().zip(consents).enumerate() {
        let permit = permit_of_job(tx, known.key(), job, *visit, Field::Phone, &consents).await;
        match (known.sealed::<String>(Field::Phone), permit) {
            (Some(phone), Ok(permit)) => {
                found.push((place, phone));
                permits.push(permit);
            }
            (_, Err(OpenError::Db(fault))) => return Err(OpenError::Db(fault)),
            _ => {}
        }
    }
    record_openings(tx, &mut permits).await?;
    let mut opened = vec![None; of.len()];
    for ((place, phone), permit) in found.iter().zip(&mut permits) {
        if let Some(here) = opened.get_mut(*place) {
            *here = Some(phone.open(tx, permit).await?);
        }
    }
    Ok(opened)
}

/// People whose data is opened at one time at most: a clinic's day, a page of a list.
pub const OPENED_MAX: usize = 100;

/// The same for the person's e-mail; `None` when they have none.
///
/// # Errors
/// As [`open_phone`].
pub async fn open_email(tx: &mut Tx, known: &Known, job: &'static str, visit: [u8; 16]) -> Result<Option<Personal<String>>, OpenError> {
    let consents = consent::given(tx, known.key(), &visit).await?;
    let mut permit = permit_of_job(tx, known.key(), job, visit, Field::Email, &consents).await?;
    let email = known.sealed::<Option<String>>(Field::Email).ok_or(OpenError::Outside)?;
    let email = email.open(tx, &mut permit).await?;
    Ok(email.expose().clone().map(Personal::new))
}

/// A permit for what stands at this instant; of a refusal an entry is left, so that whoever took a consent back sees that it was heeded.
async fn permit_of_job(
    tx: &mut Tx,
    key: &SubjectKey,
    job: &'static str,
    visit: [u8; 16],
    field: Field,
    consents: &[ConsentGiven],
) -> Result<Permit, OpenError> {
    let ask =
        Ask { asker: Asker::Job(job), key, fields: &[field], purpose: Purpose::P1, operation: Operation::Provide, object: Some(visit) };
    decided(tx, &ask, consents).await
}

/// Leave for one of the staff to open these of a visit's person, the name, the phone or both; a refusal leaves an entry too.
///
/// # Errors
/// [`OpenError::Refused`] when nothing that stands covers it.
pub async fn permit_of_staff(
    tx: &mut Tx,
    key: &SubjectKey,
    asker: Asker,
    fields: &[Field],
    visit: [u8; 16],
    consents: &[ConsentGiven],
) -> Result<Permit, OpenError> {
    let ask = Ask { asker, key, fields, purpose: Purpose::P1, operation: Operation::Use, object: Some(visit) };
    decided(tx, &ask, consents).await
}

async fn decided(tx: &mut Tx, ask: &Ask<'_>, consents: &[ConsentGiven]) -> Result<Permit, OpenError> {
    let refused = match decide(ask, consents, tx.now()) {
        Ok(permit) => return Ok(permit),
        Err(refused) => refused,
    };
    let entry = Entry {
        operation: ask.operation,
        purpose: ask.purpose,
        asker: ask.asker.code(),
        fields: ask.fields.iter().map(|field| field.code()).collect(),
        outcome: refused.code(),
        object: ask.object,
        subject: Some(ask.key),
    };
    audit::record(tx, &entry).await?;
    Err(OpenError::Refused(refused))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names() {
        for good in ["Ли", "Анна-Мария О’Нил", "Әлия Қасымқызы", "Иванов  И. И.", "José"] {
            assert!(PatientName::parse(good).is_some(), "{good}");
        }
        for bad in ["", "  ", "Я", "8 921 000", "<script>", "болит 3 дня", ".-'", &"ы".repeat(101)] {
            assert!(PatientName::parse(bad).is_none(), "{bad}");
        }
    }
}
