//! Who asks, for whom, and on what papers: the part that a visit with a time and a request without one have in common. Refused here:
//! no consent, no representative, no declaration, an age that the doctor does not receive, no code.

use access::Caller;
use db::Lang;
use directory::catalogue::RoleId;
use patients::{CodeError, CodeId, Details, PatientName, Phone, Relation, Representative, enrol};
use privacy::audit;
use privacy::consent::{EmployeeId, Spoken};
use privacy::{Came, ConsentDocument, Evidence, Field, KeyStore, Purpose, SubjectKey};

use crate::ages;
use crate::appointment::{Appointment, AppointmentId};
use crate::book;
use crate::contact::Contact;
use crate::hold::TimeError;
use crate::request::{RequestError, confirm_code};
use crate::store;
use crate::sweep;
use crate::world::World;

/// A consent that the person gave: which document, word for word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRef {
    /// The purpose.
    pub purpose: Purpose,
    /// The version.
    pub version: i64,
    /// SHA-256 of the text that was shown.
    pub sha256: String,
}

/// Somebody acts for the person (clause 2.4).
#[derive(Clone)]
pub struct OnBehalf {
    /// What they are to the person.
    pub relation: Relation,
    /// Their own name.
    pub name: PatientName,
    /// What they declared; `None` when they declared nothing, which is refused.
    pub declaration: Option<ConsentDocument>,
}

impl std::fmt::Debug for OnBehalf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<on behalf>")
    }
}

/// Who asks, and for whom.
#[derive(Debug, Clone)]
pub struct Applicant {
    /// The person who comes. The phone is that of whoever books.
    pub details: Details,
    /// Who acts for the person, when it is not they.
    pub on_behalf: Option<OnBehalf>,
    /// The phone code and what was typed. The public needs one; a partner vouches.
    pub code: Option<(CodeId, String)>,
    /// What was agreed to.
    pub consents: Vec<ConsentRef>,
    /// In which language they are written to.
    pub lang: Lang,
    /// Idempotency key and the body that it is bound to.
    pub once: Option<(String, Vec<u8>)>,
    /// Who asks.
    pub caller: Caller,
}

/// An idempotency key, scoped by its caller and bound to a body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Once {
    pub(crate) caller: [u8; 32],
    pub(crate) key: [u8; 32],
    pub(crate) body: [u8; 32],
}

/// Whoever may have a visit: all that was asked of them is there.
#[derive(Debug, Clone)]
pub(crate) struct Admitted {
    /// The person's key: it and their identity are durable already (I2).
    pub(crate) key: SubjectKey,
    /// Who acts for them.
    pub(crate) representative: Option<Representative>,
    /// The confirmed code that is spent; a partner vouches instead.
    pub(crate) code: Option<(CodeId, Phone)>,
    pub(crate) document: ConsentDocument,
    /// How they agreed.
    pub(crate) evidence: Evidence,
    pub(crate) lang: Lang,
    /// How the person is told of it.
    pub(crate) contact: Contact,
    /// Scope, key and body of the idempotency key, each as a MAC.
    pub(crate) once: Option<Once>,
    /// Whether the person is there to choose between two visits: they have shown a code, or are on the line.
    pub(crate) chooses: bool,
    /// Who asked, for the audit entry: `public`, `partner:ID`, `staff:ID`.
    pub(crate) asker: String,
    /// What is collected, for the audit entry.
    pub(crate) fields: Vec<&'static str>,
}

/// What somebody gives who books: no more and no less than they typed, and the choice itself (clause 2.2).
fn collected(applicant: &Applicant) -> Vec<&'static str> {
    let Details { name: _, phone: _, email, sex, age } = &applicant.details;
    let behalf = applicant.on_behalf.is_some();
    let given = [
        (true, Field::Name.code()),
        (true, Field::Phone.code()),
        (email.is_some(), Field::Email.code()),
        (sex.is_some(), Field::Sex.code()),
        (age.is_some(), Field::Age.code()),
        (behalf, Field::Relation.code()),
        (behalf, Field::Representative.code()),
        (behalf, Field::Declaration.code()),
        (true, "visit"),
    ];
    given.into_iter().filter_map(|(given, field)| given.then_some(field)).collect()
}

/// Consent, representative, declaration and age: everything that is decided without a look at phone or database.
pub(crate) struct Papers {
    document: ConsentDocument,
    representative: Option<Representative>,
}

/// Whether the papers are in order.
///
/// # Errors
/// What is missing.
pub(crate) fn papers(world: &World, role: RoleId, applicant: &Applicant) -> Result<Papers, RequestError> {
    let agreed = applicant.consents.iter().find(|consent| consent.purpose == Purpose::P1).ok_or(RequestError::ConsentMissing)?;
    let document = world.documents.agreed(Purpose::P1, agreed.version, &agreed.sha256).ok_or(RequestError::ConsentOutdated)?.clone();
    // Documents of other purposes are published, but nothing here rests on them: the consent would be kept for nothing.
    if applicant.consents.iter().any(|consent| consent.purpose != Purpose::P1) {
        return Err(RequestError::ConsentUnknown);
    }
    let adult_years = world.profile.adult_years;
    let representative = match &applicant.on_behalf {
        None if applicant.details.age.is_some_and(|age| age < adult_years) => {
            return Err(RequestError::RepresentativeMissing(adult_years));
        }
        None => None,
        Some(OnBehalf { relation, .. })
            if applicant.details.age.is_some_and(|age| age < adult_years) && !ages::acts_for_children(*relation) =>
        {
            return Err(RequestError::RelationUnfit(adult_years));
        }
        Some(OnBehalf { declaration: None, .. }) => return Err(RequestError::DeclarationMissing),
        Some(OnBehalf { relation, name, declaration: Some(declaration) }) => {
            Some(Representative { relation: *relation, name: name.clone(), declaration: declaration.clone() })
        }
    };
    let catalogue = world.catalogue();
    let role = catalogue.role(role).ok_or(TimeError::UnknownRole)?;
    if let Some(age) = applicant.details.age {
        ages::received(role, age, adult_years).map_err(RequestError::AgeNotReceived)?;
    }
    Ok(Papers { document, representative })
}

/// What came of letting somebody in.
pub(crate) enum Entry {
    /// They were here before with the same request.
    Earlier(Appointment),
    /// They may have a visit.
    Admitted(Box<Admitted>),
}

/// Checks the code and makes the person, durable in the key store before the visit's transaction begins (I2).
/// `gone` says that the time wanted is known to be somebody else's.
///
/// # Errors
/// [`RequestError`].
pub(crate) async fn admit(
    world: &World,
    applicant: &Applicant,
    papers: Papers,
    once: Option<Once>,
    gone: bool,
) -> Result<Entry, RequestError> {
    let phone = &applicant.details.phone;
    let (code, evidence) = match &applicant.caller {
        Caller::Public(_) => {
            let (id, typed) = applicant.code.clone().ok_or(RequestError::CodeMissing)?;
            match (confirm_code(world, id, phone, typed).await, once) {
                (Ok(()), _) => {}
                // Spent a moment ago, by the same request sent twice.
                (Err(CodeError::Unknown), Some(once)) => {
                    return Ok(Entry::Earlier(earlier(world, once).await?.ok_or(CodeError::Unknown)?));
                }
                (Err(error), _) => return Err(error.into()),
            }
            (Some((id, phone.clone())), Evidence::WEB)
        }
        Caller::Partner(_) => (None, Evidence::PARTNER),
        // The agent has read the script aloud and heard the answer.
        Caller::Agent(staff) => {
            let script = world.documents.script(Purpose::P1, applicant.lang).ok_or(RequestError::ConsentMissing)?;
            let agent = EmployeeId(db::reexport::Uuid::from_bytes(staff.bytes()));
            (None, Evidence::voice(script, Spoken::ToAgent(agent), world.clock().now()))
        }
    };
    // A crowd that wants one time leaves no people behind: whoever is not known yet is told before they are made. The claim decides for
    // everybody else.
    let details = &applicant.details;
    if gone && world.keys.find(details.phone.e164(), details.name.as_str()).await?.is_none() {
        let (asker, fields) = (applicant.caller.code(), collected(applicant));
        return Err(world
            .db
            .run("refuse", move |tx| {
                let entry = book::entry(asker.clone(), fields.clone(), None, TimeError::Taken.code(), None);
                Box::pin(async move { audit::record(tx, &entry).await.map(drop) })
            })
            .await
            .map_or_else(RequestError::from, |()| TimeError::Taken.into()));
    }
    let (key, came) = enrol(&world.keys, details).await?;
    // Whoever came on an earlier day and has no visit yet could be swept while this booking is under way.
    if came == Came::Earlier
        && let Some(person) = key.person()
        && !sweep::has_visits(world, &key).await?
    {
        world.keys.touch(person).await?;
        if world.keys.person(person).await?.is_none() {
            tracing::warn!("a person was swept while booking; the next try finds them anew");
            return Err(RequestError::Unavailable);
        }
    }
    Ok(Entry::Admitted(Box::new(Admitted {
        key,
        representative: papers.representative,
        chooses: code.is_some() || matches!(applicant.caller, Caller::Agent(_)),
        code,
        document: papers.document,
        evidence,
        lang: applicant.lang,
        contact: Contact { email: applicant.details.email.is_some(), sms: phone.takes_sms() },
        once,
        asker: applicant.caller.code(),
        fields: collected(applicant),
    })))
}

/// A key is scoped by its caller: a partner, or the phone of a member of the public, whose network may change between two tries.
pub(crate) fn once(keys: &KeyStore, applicant: &Applicant) -> Option<Once> {
    let (key, body) = applicant.once.as_ref()?;
    Some(match &applicant.caller {
        Caller::Public(_) => once_of_public(keys, &applicant.details.phone, key, body),
        Caller::Partner(partner) => once_of(keys, "partner", &partner.id.to_string(), key, body),
        // The form names what was chosen, and is sent once.
        Caller::Agent(staff) => once_of_staff(keys, *staff, key),
    })
}

pub(crate) fn once_of_public(keys: &KeyStore, phone: &Phone, key: &str, body: &[u8]) -> Once {
    once_of(keys, "public", phone.e164(), key, body)
}

pub(crate) fn once_of_staff(keys: &KeyStore, staff: access::StaffId, key: &str) -> Once {
    once_of(keys, "staff", &staff.to_string(), key, &[])
}

fn once_of(keys: &KeyStore, kind: &str, scope: &str, key: &str, body: &[u8]) -> Once {
    Once {
        caller: keys.request_mac(&[b"caller", kind.as_bytes()]),
        // The scope goes into the key: a column of its own would show which visits one phone has booked (I5).
        key: keys.request_mac(&[b"key", scope.as_bytes(), key.as_bytes()]),
        body: keys.request_mac(&[b"body", body]),
    }
}

/// What was booked under this key before: then no code is asked for a second time.
///
/// # Errors
/// The key was used for another body, or a fault of the database.
pub(crate) async fn earlier(world: &World, once: Once) -> Result<Option<Appointment>, RequestError> {
    let found = world
        .db
        .read("earlier answer", move |tx| {
            Box::pin(async move {
                let Some((body, object)) = store::key(tx, once.caller, once.key).await? else { return Ok::<_, db::DbError>(None) };
                let visit = store::appointment(tx, AppointmentId(db::reexport::Uuid::from_bytes(object))).await?;
                Ok(visit.map(|visit| (body, visit)))
            })
        })
        .await?;
    match found {
        None => Ok(None),
        Some((body, visit)) if body == once.body => Ok(Some(visit)),
        Some(_) => Err(RequestError::Book(crate::book::BookError::KeyReused)),
    }
}
