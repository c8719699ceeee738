//! What the form of a person asks, and what is wrong with what was typed into it.

use db::Lang;
use directory::catalogue::PractitionerRole;
use patients::{Details, PatientName, Phone, PhoneError, Relation, read_email};
use privacy::Purpose;
use serde::Deserialize;
use web::page::{Choice, Field};
use web::texts::Texts;

use crate::ages;
use crate::api::AGES;
use crate::cookies::{Fault, TYPED_CHARS_MAX, Typed};
use crate::request::OnBehalf;
use crate::views::{Declaration, WhomBlock};
use crate::world::World;

/// The form as a browser sends it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct PersonForm {
    whom: String,
    name: String,
    phone: String,
    email: String,
    age: String,
    age_other: String,
    relation: String,
    representative: String,
    declaration: String,
    declaration_version: String,
    declaration_sha256: String,
    consent: String,
    pub(super) consent_version: String,
    pub(super) consent_sha256: String,
}

impl PersonForm {
    /// What was typed. The box of the consent is not among it: it is ticked anew each time.
    pub(super) fn typed(&self) -> Typed {
        let declared = || (self.declaration_version.parse().unwrap_or_default(), self.declaration_sha256.clone());
        let typed = Typed {
            whom: self.whom.clone(),
            name: self.name.clone(),
            phone: self.phone.clone(),
            email: self.email.clone(),
            // The age of another person stands beside their other fields where only then it decides.
            age: if self.age.is_empty() { self.age_other.clone() } else { self.age.clone() },
            relation: self.relation.clone(),
            representative: self.representative.clone(),
            declaration: (self.declaration == "yes").then(declared),
        };
        typed.cut()
    }

    /// What is wrong with the consent.
    pub(super) fn consent_fault(&self, world: &World) -> Option<Fault> {
        if self.consent != "yes" {
            return Some(Fault::new("consent", "booking-error-consent"));
        }
        let version = self.consent_version.parse().unwrap_or_default();
        let agreed = world.documents.agreed(Purpose::P1, version, &self.consent_sha256);
        agreed.is_none().then(|| Fault::new("consent", "booking-error-consent-changed"))
    }
}

/// Who comes, and who acts for them.
pub struct PersonTyped {
    /// Whoever comes.
    pub details: Details,
    /// Whoever acts for them.
    pub on_behalf: Option<OnBehalf>,
}

fn for_other(world: &World, role: &PractitionerRole, typed: &Typed) -> bool {
    typed.whom == "other" || ages::children_only(role, world.profile.adult_years)
}

fn name_fault(at: &str, typed: &str, short: &'static str) -> Fault {
    Fault::new(at, if typed.chars().count() > 100 { "booking-error-name-long" } else { short })
}

/// Reads what was typed. Whoever books on the site needs a phone that takes the code, and may give an e-mail; whoever is on the line is
/// reached where they call from.
///
/// # Errors
/// Every field with a fault, in the order of the form.
pub fn read_person(world: &World, role: &PractitionerRole, typed: &Typed, on_the_line: bool) -> Result<PersonTyped, Vec<Fault>> {
    let mut faults = Vec::new();
    let other = for_other(world, role, typed);
    let name = PatientName::parse(&typed.name);
    if name.is_none() {
        faults.push(name_fault("name", &typed.name, "booking-error-name"));
    }
    let age = if ages::decides(role, other, world.profile.adult_years) {
        let at = if ages::decides(role, false, world.profile.adult_years) { "age" } else { "age_other" };
        let age = typed.age.trim().parse::<i64>().ok().filter(|age| AGES.contains(age));
        match age {
            None => faults.push(Fault::new(at, "booking-error-age")),
            Some(age) => {
                let adult_years = world.profile.adult_years;
                if let Err(rule) = ages::received(role, age, adult_years) {
                    faults.push(Fault::counted(at, rule.text_id(), rule.years()));
                } else if age < adult_years && !other {
                    faults.push(Fault::counted("whom", "booking-error-whom-young", adult_years));
                }
            }
        }
        age
    } else {
        None
    };
    let on_behalf = if other {
        let relation = Relation::from_code(&typed.relation);
        let adult_years = world.profile.adult_years;
        let child = ages::children_only(role, adult_years) || age.is_some_and(|age| age < adult_years);
        match relation {
            None => faults.push(Fault::new("relation", "booking-error-relation")),
            Some(relation) if child && !ages::acts_for_children(relation) => {
                faults.push(Fault::counted("relation", "booking-error-relation-child", adult_years));
            }
            Some(_) => {}
        }
        let name = PatientName::parse(&typed.representative);
        if name.is_none() {
            faults.push(name_fault("representative", &typed.representative, "booking-error-representative"));
        }
        let declaration = match &typed.declaration {
            None => Err("booking-error-declaration"),
            Some((version, sha256)) => world.documents.declared(*version, sha256).ok_or("booking-error-declaration-changed"),
        };
        if let Err(text) = declaration {
            faults.push(Fault::new("declaration", text));
        }
        match (relation, name, declaration) {
            (Some(relation), Some(name), Ok(declaration)) => Some(OnBehalf { relation, name, declaration: Some(declaration.clone()) }),
            _ => None,
        }
    } else {
        None
    };
    let parse = if on_the_line { Phone::parse_any } else { Phone::parse };
    let phone = parse(&typed.phone, world.demo);
    if let Err(error) = phone {
        let text = match error {
            PhoneError::Unreadable => "booking-error-phone",
            PhoneError::Landline => "patients-problem-landline",
        };
        faults.push(Fault::new("phone", text));
    }
    let email = Some(typed.email.trim()).filter(|email| !email.is_empty() && world.letters);
    // One that was cut to fit into the cookie would be somebody else's.
    if email.is_some_and(|email| email.chars().count() >= TYPED_CHARS_MAX || read_email(email).is_none()) {
        faults.push(Fault::new("email", "booking-error-email"));
    }
    match (name, phone) {
        (Some(name), Ok(phone)) if faults.is_empty() => {
            Ok(PersonTyped { details: Details { name, phone, email: email.and_then(read_email), sex: None, age }, on_behalf })
        }
        _ => Err(faults),
    }
}

/// What is wrong with a field, in the reader's language.
pub(super) fn said(faults: &[Fault], texts: &Texts, at: &str) -> Option<String> {
    let fault = faults.iter().find(|fault| fault.at == at)?;
    Some(texts.one(&fault.text, "n", fault.n))
}

/// A field as the form shows it again.
pub fn typed_field(faults: &[Fault], texts: &Texts, at: &str, value: &str) -> Field {
    Field { value: value.to_owned(), error: said(faults, texts, at) }
}

/// What was typed, as the form of this role shows it. What somebody has typed of themselves for another doctor is no child's: the name is that
/// of the representative, and the child's is asked for.
pub fn typed_for_role(world: &World, role: &PractitionerRole, typed: &Typed) -> Typed {
    let mut typed = typed.clone();
    if typed.whom == "self" && ages::children_only(role, world.profile.adult_years) {
        typed.age.clear();
        typed.representative = std::mem::take(&mut typed.name);
    }
    typed
}

/// The part of the form about whom it is for.
pub fn whom_block(world: &World, lang: Lang, role: &PractitionerRole, typed: &Typed, faults: &[Fault]) -> Option<WhomBlock> {
    let texts = world.texts.of(lang);
    let document = world.documents.declaration(lang)?;
    let children_only = ages::children_only(role, world.profile.adult_years);
    let fits = |relation: &Relation| !children_only || ages::acts_for_children(*relation);
    let relations = Relation::ALL.into_iter().filter(fits).map(|relation| Choice {
        value: relation.code().to_owned(),
        text: texts.s(&format!("booking-relation-{}", relation.code())),
        chosen: typed.relation == relation.code(),
    });
    Some(WhomBlock {
        children_only,
        other: children_only || typed.whom == "other",
        error: said(faults, &texts, "whom"),
        relations: relations.collect(),
        relation_error: said(faults, &texts, "relation"),
        representative: typed_field(faults, &texts, "representative", &typed.representative),
        age: (!ages::decides(role, false, world.profile.adult_years) && ages::decides(role, true, world.profile.adult_years))
            .then(|| typed_field(faults, &texts, "age_other", &typed.age)),
        declaration: Declaration {
            text: document.short.clone(),
            version: document.version.to_string(),
            sha256: document.sha256.clone(),
            error: said(faults, &texts, "declaration"),
        },
    })
}

/// The age of whoever comes, where it decides for everybody.
pub fn age_field(world: &World, lang: Lang, role: &PractitionerRole, typed: &Typed, faults: &[Fault]) -> Option<Field> {
    ages::decides(role, false, world.profile.adult_years).then(|| typed_field(faults, &world.texts.of(lang), "age", &typed.age))
}
