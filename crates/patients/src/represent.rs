//! Somebody books for another person (clause 2.4): who acts, what they are to the person, and what they declared. The row is sealed under
//! the person's key and is found only with it; the declaration is an event beside the consent.

use db::{DbError, Tx};
use privacy::{ConsentDocument, Evidence, Field, KeyStore, OpenError, Permit, Personal, Sealable, Sealed, SubjectKey, consent};

use crate::enrol::PatientName;
use crate::store;

/// What the representative is to the person. A closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Mother or father.
    Parent,
    /// Adoptive parent.
    AdoptiveParent,
    /// Guardian or trustee.
    Guardian,
    /// Wife or husband.
    Spouse,
    /// Son or daughter.
    Child,
    /// Another close person, whom the person has asked.
    Other,
}

impl Relation {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Relation; 6] =
        [Relation::Parent, Relation::AdoptiveParent, Relation::Guardian, Relation::Spouse, Relation::Child, Relation::Other];

    /// The code of forms and API.
    pub fn code(self) -> &'static str {
        match self {
            Relation::Parent => "parent",
            Relation::AdoptiveParent => "adoptive_parent",
            Relation::Guardian => "guardian",
            Relation::Spouse => "spouse",
            Relation::Child => "child",
            Relation::Other => "other",
        }
    }

    /// The relation with that code.
    pub fn from_code(code: &str) -> Option<Relation> {
        Relation::ALL.into_iter().find(|relation| relation.code() == code)
    }
}

impl Sealable for Relation {
    fn to_text(&self) -> String {
        self.code().to_owned()
    }
    fn from_text(text: &str) -> Option<Self> {
        Relation::from_code(text)
    }
}

/// Who acts for the person, and the text they declared.
#[derive(Clone)]
pub struct Representative {
    /// What they are to the person.
    pub relation: Relation,
    /// Their name.
    pub name: PatientName,
    /// The declaration that they were shown and made.
    pub declaration: ConsentDocument,
}

impl std::fmt::Debug for Representative {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<representative>")
    }
}

/// A representative's row, sealed.
pub(crate) struct RepresentativeRow {
    pub(crate) tag: [u8; 32],
    pub(crate) relation: Sealed<Relation>,
    pub(crate) name: Sealed<String>,
    pub(crate) declaration: Sealed<String>,
}

/// Found by the visit and the key store, not by the person: so it goes with the tie, when nobody knows any more whose the visit was.
fn tag(keys: &KeyStore, visit: &[u8; 16]) -> [u8; 32] {
    keys.request_mac(&[b"representative", visit])
}

/// How the rows of older programs are found.
fn older_tag(key: &SubjectKey, visit: &[u8; 16]) -> [u8; 32] {
    key.commitment(b"representative", visit)
}

/// Writes down who acts for the person in this visit, and the event of their declaration.
///
/// # Errors
/// A fault of the database.
pub async fn represent(
    tx: &mut Tx,
    keys: &KeyStore,
    key: &SubjectKey,
    visit: [u8; 16],
    representative: &Representative,
    evidence: &Evidence,
) -> Result<(), DbError> {
    let document = &representative.declaration;
    // What was declared is proof: it is kept word for word by its hash, with the instant, which is sealed here.
    let declared = format!("{} {} {} {}", document.version, document.sha256, document.lang, tx.now().micros());
    let clock = tx.clock().clone();
    let row = RepresentativeRow {
        tag: tag(keys, &visit),
        relation: Sealed::seal(key, &clock, Field::Relation, visit, &representative.relation),
        name: Sealed::seal(key, &clock, Field::Representative, visit, &representative.name.as_str().to_owned()),
        declaration: Sealed::seal(key, &clock, Field::Declaration, visit, &declared),
    };
    store::insert_representative(tx, &row).await?;
    consent::record_declaration(tx, key, &visit, document, evidence).await
}

/// Whether somebody acts for the person in this visit. Opens nothing.
///
/// # Errors
/// A fault of the database.
pub async fn is_represented(tx: &mut Tx, keys: &KeyStore, key: &SubjectKey, visit: &[u8; 16]) -> Result<bool, DbError> {
    store::representative_there(tx, [tag(keys, visit), older_tag(key, visit)]).await
}

/// Who acts for a person, opened.
pub struct Acting {
    /// What they are to the person.
    pub relation: Personal<Relation>,
    /// Their name.
    pub name: Personal<String>,
    /// What they declared: version, hash and language of the text, and the instant.
    pub declaration: Personal<String>,
}

/// Who acts for the person in this visit, opened under a permit for these fields; `None` when nobody does.
///
/// # Errors
/// Why it stays sealed.
pub async fn open_representative(
    tx: &mut Tx,
    keys: &KeyStore,
    key: &SubjectKey,
    visit: [u8; 16],
    permit: &mut Permit,
) -> Result<Option<Acting>, OpenError> {
    let Some([relation, name, declaration]) = store::representative(tx, [tag(keys, &visit), older_tag(key, &visit)]).await? else {
        return Ok(None);
    };
    Ok(Some(Acting {
        relation: Sealed::stored(Field::Relation, visit, relation).open(tx, permit).await?,
        name: Sealed::stored(Field::Representative, visit, name).open(tx, permit).await?,
        declaration: Sealed::stored(Field::Declaration, visit, declaration).open(tx, permit).await?,
    }))
}

/// Drops who acts for the person of this visit, whose tie dies.
///
/// # Errors
/// A fault of the database.
pub async fn nobody_represents(tx: &mut Tx, keys: &KeyStore, visit: &[u8; 16]) -> Result<(), DbError> {
    store::delete_representative(tx, tag(keys, visit)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_are_a_closed_list() {
        assert!(Relation::ALL.into_iter().all(|relation| Relation::from_code(relation.code()) == Some(relation)));
        assert_eq!(Relation::from_code("neighbour"), None);
        assert_eq!(Relation::from_text(&Relation::Guardian.to_text()), Some(Relation::Guardian));
    }
}
