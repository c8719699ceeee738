//! What a person is told: the policy and the consent documents.

pub mod views;
