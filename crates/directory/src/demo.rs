//! The demo's small world: invented clinics, doctors and numbers in three real cities.

use crate::generate::files;
use crate::reference::table;

/// Doctors of the demo when nobody asks for another number.
pub const PRACTITIONERS: u64 = 600;
/// Doctors of [`DOCTORS`] and [`BY_REQUEST`], who are there in every demo.
const CURATED: u64 = 61;
const SEED: u64 = 2;

/// The demo's doctors and hours, in the form that [`crate::import_csv`] reads. All phones begin with `+7 000`, which cannot ring.
pub const DOCTORS: &[u8] = include_bytes!("../demo/doctors.csv");

/// A doctor whose hours are not on the site: a visit is asked for there.
pub const BY_REQUEST: &[u8] = include_bytes!("../demo/by_request.csv");

const CITY_PHONES: &str = include_str!("../demo/city_phones.csv");

/// The files of a demo with so many doctors: the curated ones, then invented ones by the fixed seed.
pub fn catalogue(practitioners: u64) -> impl Iterator<Item = Vec<u8>> {
    [DOCTORS.to_vec(), BY_REQUEST.to_vec()].into_iter().chain(files(practitioners.saturating_sub(CURATED), SEED).map(|file| file.bytes))
}

/// The number to call in each of the demo's cities: pairs of a city's code and an E.164 number from `+7 000`.
pub fn city_phones() -> Vec<(String, String)> {
    table(CITY_PHONES, |row| (row.text("city"), row.text("phone")))
}
