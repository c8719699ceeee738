//! Other programs: the directory as FHIR R4, and the feeds in which clinics publish their times.
//!
//! - [`fhir::routes`]: `GET /fhir/…` reads and searches the directory and its free times, and publishes all of it in bulk.
//! - [`feed::find`]: the files of a feed, beside a manifest or at its address; `directory` imports them.
//!
//! Nothing here writes, and nothing here knows a patient.

pub mod feed;
pub mod fhir;

/// The slice's texts in three languages.
pub const TEXTS: web::Source =
    web::Source { kk: include_str!("../texts/kk.ftl"), ru: include_str!("../texts/ru.ftl"), en: include_str!("../texts/en.ftl") };

#[cfg(test)]
mod tests {
    #[test]
    fn texts_are_whole_in_three_languages() {
        assert_eq!(web::texts::faults("partners", &super::TEXTS), Vec::<String>::new());
    }
}
