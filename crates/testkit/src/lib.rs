//! The door through which tests enter: a whole program on either database ([`TestApp`]), a browser and a program that call it
//! ([`Door`], [`wire`]), the cast ([`cast`]), the search for planted data ([`scan`]) and for SQL ([`statements`]).
//!
//! Every test has a folder and databases of its own, gone when it ends. PostgreSQL is where `RECOMED_TEST_POSTGRES` says;
//! without it the tests on PostgreSQL fail: a skipped test proves nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc, reason = "whatever goes wrong here is the end of a test")]

mod app;
mod authenticator;
pub mod cast;
mod database;
mod door;
mod postbox;
pub mod scan;
pub mod statements;
pub mod wire;

pub use app::{Plan, TestApp};
pub use authenticator::Authenticator;
pub use database::{Databases, Kind};
pub use door::{Answer, Door, attribute, attributes};
pub use postbox::{Part, Postbox, Received};

/// Makes each of the named functions `async fn(Kind)` two tests: `sqlite::name` and `postgres::name`.
#[macro_export]
macro_rules! both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name($crate::Kind::Sqlite).await;
                }
            )+
        }
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name($crate::Kind::Postgres).await;
                }
            )+
        }
    };
}
