//! The demo's small world: invented clinics, doctors and numbers in three real cities.

use crate::reference::table;

/// The demo's doctors and hours, in the form that [`crate::import_csv`] reads. All phones begin with `+7 000`, which cannot ring.
pub const DOCTORS: &[u8] = include_bytes!("../demo/doctors.csv");

const CITY_PHONES: &str = include_str!("../demo/city_phones.csv");

/// The number to call in each of the demo's cities: pairs of a city's code and an E.164 number from `+7 000`.
pub fn city_phones() -> Vec<(String, String)> {
    table(CITY_PHONES, |row| (row.text("city"), row.text("phone")))
}
