//! The demo's staff: invented, one for each role, with sign-ins that anybody at the machine may read.

use access::{By, NewStaff, Role, totp};
use booking::World;
use clock::Timestamp;
use db::DbError;
use privacy::KeyStore;

/// Login, role and name of each.
const STAFF: [(&str, Role, &str); 8] = [
    ("agent", Role::Agent, "Звонкова Майя"),
    ("supervisor", Role::Supervisor, "Старшинова Лидия"),
    ("registrar", Role::Registrar, "Стойкина Вера"),
    ("doctor", Role::Doctor, "Приёмов Олег"),
    ("operator", Role::Operator, "Порядков Глеб"),
    ("privacy", Role::PrivacyOfficer, "Тайнова Нина"),
    ("auditor", Role::Auditor, "Проверкин Илья"),
    ("content", Role::Content, "Словцова Ася"),
];
/// Until when the demo's auditor may come in: an auditor needs an end, a demo none.
const AUDITOR_UNTIL: &str = "2100-01-01T00:00:00Z";

/// A sign-in that is printed.
pub struct SignIn {
    /// Login.
    pub login: &'static str,
    /// Role.
    pub role: Role,
    /// Password.
    pub password: String,
    /// The one-time code of this half minute.
    pub code: String,
}

/// Derived, so that it is printed again at each start and stored nowhere.
fn derived(keys: &KeyStore, what: &str, login: &str) -> [u8; totp::SECRET_BYTES] {
    let mac = keys.request_mac(&[b"demo staff", what.as_bytes(), login.as_bytes()]);
    let mut secret = [0; totp::SECRET_BYTES];
    secret.copy_from_slice(mac.first_chunk().unwrap_or(&[0; totp::SECRET_BYTES]));
    secret
}

fn password(keys: &KeyStore, login: &str) -> String {
    let letters: Vec<char> = totp::base32(&derived(keys, "password", login)).to_lowercase().chars().take(16).collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<String>>().join("-")
}

/// The sign-ins, with the codes of this half minute.
pub fn sign_ins(keys: &KeyStore, now: Timestamp) -> Vec<SignIn> {
    STAFF
        .into_iter()
        .map(|(login, role, _)| SignIn {
            login,
            role,
            password: password(keys, login),
            code: totp::code_at(&derived(keys, "codes", login), now),
        })
        .collect()
}

/// Adds the demo's staff where they are missing; whoever was changed or ended since stays so. The registrar and the doctor work in the
/// clinic of the first doctor.
///
/// # Errors
/// A fault of the database.
pub async fn add_staff(world: &World) -> Result<(), DbError> {
    let catalogue = world.catalogue();
    let first = catalogue.roles.iter().find(|role| role.practitioner.is_some());
    let (clinic, doctor) = (first.map(|role| role.organization.bytes()), first.and_then(|role| role.practitioner).map(|id| id.bytes()));
    for (login, role, name) in STAFF {
        // An empty catalogue has no clinic to work in.
        if role.is_of_a_clinic() && clinic.is_none() {
            continue;
        }
        let terms = world.profile.staff;
        let auditor = role == Role::Auditor;
        let new = NewStaff {
            login: login.to_owned(),
            name: name.to_owned(),
            role,
            clinic,
            practitioner: doctor,
            contract: if auditor { "1".to_owned() } else { String::new() },
            until: auditor.then(|| Timestamp::parse_rfc3339(AUDITOR_UNTIL).ok()).flatten(),
        };
        let added = world.db.run("demo staff", move |tx| {
            let new = new.clone();
            Box::pin(async move {
                if access::staff_by_login(tx, login).await?.is_some() {
                    return Ok(None);
                }
                access::add_staff(tx, &terms, &new, By::Console).await.map(|(staff, _)| Some(staff.id))
            })
        });
        match added.await {
            Ok(Some(id)) => {
                access::equip_for_demo(&world.db, &world.keys, id, &password(&world.keys, login), &derived(&world.keys, "codes", login))
                    .await?;
            }
            Ok(None) | Err(access::AddError::Taken) => {}
            Err(access::AddError::Db(fault)) => return Err(fault),
            Err(other) => tracing::warn!(%other, login, "somebody of the demo could not be added"),
        }
    }
    Ok(())
}
