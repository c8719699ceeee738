//! The whole program through its doors, on both databases: every test named here runs as `sqlite::…` and as `postgres::…`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod allowed;
mod api;
mod attacks;
mod audit;
mod backup;
mod closed;
mod consents;
mod crawl;
mod described;
mod devices;
mod dictionary;
mod document;
mod erase;
mod family;
mod fhir;
mod letters;
mod live;
mod pages;
mod planted;
mod races;
mod receive;
mod records;
mod refusals;
mod replicas;
mod requests;
mod results;
mod schema;
mod staff;
mod terms;
mod trouble;
mod unlinkable;
mod upgrade;
mod uses;
mod walls;
mod withdraw;
