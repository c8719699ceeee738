//! Words, filters and ranking over the directory and free time.

pub mod views;
