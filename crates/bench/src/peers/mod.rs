//! The peers: other engines that are given the same directory and the same questions. Each is installed on demand, outside.

pub(crate) mod django;
pub(crate) mod groonga;
pub(crate) mod postgres;

/// Who measured work belongs to, as the tables name it.
pub(crate) const OURS: &str = "Recomed";
/// Recomed on PostgreSQL.
pub(crate) const OURS_POSTGRES: &str = "Recomed on PostgreSQL";
/// The floor of answers.
pub(crate) const FLOOR: &str = "bare handler, equal body";
/// The peer of full text.
pub(crate) const POSTGRES: &str = "PostgreSQL full text + trigram, no HTTP";
/// The peer of full text over HTTP.
pub(crate) const GROONGA: &str = "Groonga over HTTP";
/// The peer of booking.
pub(crate) const DJANGO: &str = "django-appointment";
/// The bound of booking on SQLite.
pub(crate) const BARE_SQLITE: &str = "the same statements bare, SQLite";
/// The bound of booking on PostgreSQL.
pub(crate) const BARE_POSTGRES: &str = "the same statements bare, PostgreSQL";
/// A floor of records: sealing in the database itself.
pub(crate) const PGCRYPTO: &str = "PostgreSQL with pgcrypto, no HTTP";
