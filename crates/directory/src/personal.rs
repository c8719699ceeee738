//! What the directory holds about people: doctors, and clinics where they are one person's business. It is published, so it stands in clear;
//! nothing about patients is here.

use privacy::columns;
use privacy::dictionary::{Datum, Erase, Export, Form, Holds, Term};
use privacy::vocabulary::{DataCategory, Purpose, Subject};

/// What is published of a doctor.
const DOCTOR: Datum = Datum {
    form: Form::Clear,
    category: DataCategory::D1,
    of: Subject::Practitioner,
    purposes: &[Purpose::P1],
    term: Term::WhileTakingPart,
    export: Export::Value,
    erase: Erase::TakenOut,
};

/// What is published of a clinic; a sole trader's is a person's.
const CLINIC: Datum = Datum { category: DataCategory::C1, of: Subject::Organization, ..DOCTOR };

columns! {
    /// Tables of the main database.
    pub const COLUMNS:
    city { code, name_kk, name_ru, name_en, zone, country, currency, phone, lat, lon } => Holds::Nothing;
    district { code, city, name_kk, name_ru, name_en } => Holds::Nothing;
    metro { code, city, name_kk, name_ru, name_en, lat, lon, lines } => Holds::Nothing;
    metro_line { code, city, name_kk, name_ru, name_en, colour } => Holds::Nothing;
    specialty { code, name_kk, name_ru, name_en, field_kk, field_ru, field_en, words_kk, words_ru, words_en, child } => Holds::Nothing;
    healthcare_service { code, specialty, name_kk, name_ru, name_en, kind, mode } => Holds::Nothing;
    healthcare_service { preparation_kk, preparation_ru, preparation_en, words_kk, words_ru, words_en } => Holds::Nothing;
    organization { id, part_of } => Holds::Nothing;
    organization { name_kk, name_ru, name_en, about_kk, about_ru, about_en, site } => Holds::Personal(CLINIC);
    organization { license_number, license_issued_on, license_issuer } => Holds::Personal(Datum { category: DataCategory::D1, ..CLINIC });
    organization { phone, notify_phone } => Holds::Personal(Datum { category: DataCategory::C2, ..CLINIC });
    location { id, organization, city, district, address_kk, address_ru, address_en, lat, lon, name_kk, name_ru, name_en } => Holds::Nothing;
    location { phone } => Holds::Personal(Datum { category: DataCategory::C2, ..CLINIC });
    location_hours { location, weekday, from_minute, to_minute } => Holds::Nothing;
    location_metro { location, metro, walk_minutes } => Holds::Nothing;
    practitioner { id } => Holds::Nothing;
    practitioner { name_kk, name_ru, name_en } => Holds::Personal(Datum { category: DataCategory::C1, ..DOCTOR });
    practitioner { sex } => Holds::Personal(Datum { category: DataCategory::C5, ..DOCTOR });
    practitioner { since_year, languages, about_kk, about_ru, about_en, category, degree } => Holds::Personal(DOCTOR);
    practitioner_role { id, organization, location, horizon_days, notice_minutes, source } => Holds::Nothing;
    practitioner_role { practitioner, adults, children, age_min_years, age_max_years } => Holds::Personal(DOCTOR);
    role_specialty { role, specialty, place } => Holds::Personal(DOCTOR);
    role_service { role, service, place, price_minor, minutes, before_minutes, after_minutes } => Holds::Personal(DOCTOR);
    role_service { device, room, with_practitioner } => Holds::Nothing;
    schedule_rule { role, weekday, from_minute, to_minute, every_weeks, week } => Holds::Personal(DOCTOR);
    schedule_exception { role, day, number, from_minute, to_minute } => Holds::Personal(DOCTOR);
    resource { id, organization, location, kind, name_kk, name_ru, name_en } => Holds::Nothing;
    slot { role, starts_at, ends_at, free, capacity } => Holds::Personal(DOCTOR);
    slot { id, source, their_id, deep_link, phone, feed, file } => Holds::Nothing;
    catalogue_version { one, version } => Holds::Nothing;
}
