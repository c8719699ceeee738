//! The seam at which a simulation makes transactions fail.

/// A moment of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The work is done and nothing is kept yet: a fault here loses it.
    Before,
    /// All is kept and nobody has been answered: a fault here is an answer that never arrives.
    After,
}

/// Decides which commits fail. Asked once before and once after each commit.
pub trait Faults: Send + Sync {
    /// Whether a fault strikes now.
    fn strikes(&self, moment: Moment) -> bool;
}
