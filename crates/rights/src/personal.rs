//! What this crate keeps: counts of the nightly check, which name nobody.

use privacy::columns;
use privacy::dictionary::Holds;

columns! {
    /// Tables of the nightly check.
    pub const COLUMNS:
    control_run { day, begun_at, done_at } => Holds::Nothing;
    control_finding { day, name, clause, found, warning } => Holds::Nothing;
}
