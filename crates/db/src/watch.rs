//! A listener for statements, for the instrument that counts and repeats them. The program has none.

use std::sync::OnceLock;

use crate::Value;

/// Hears of every use case and every statement of this process, in the order in which they are begun.
pub trait Watch: Send + Sync {
    /// A use case (`writes`) or a read of this name is about to be sent.
    fn begins(&self, name: &'static str, writes: bool);
    /// A statement of it is about to run.
    fn statement(&self, sql: &str, args: &[Value]);
}

static WATCH: OnceLock<Box<dyn Watch>> = OnceLock::new();

/// Has this listener told from now on, until the process ends; `false` when there is one already.
pub fn watch(listener: Box<dyn Watch>) -> bool {
    WATCH.set(listener).is_ok()
}

pub(crate) fn begins(name: &'static str, writes: bool) {
    if let Some(listener) = WATCH.get() {
        listener.begins(name, writes);
    }
}

pub(crate) fn statement(sql: &str, args: &[Value]) {
    if let Some(listener) = WATCH.get() {
        listener.statement(sql, args);
    }
}
