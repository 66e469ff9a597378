//! Use cases: what somebody wants done, from values to values. Reads no file and prints nothing.

pub mod ceremony;
pub mod cx;
pub mod health;
pub mod journal;
pub mod login;
pub mod outbox;
pub mod passwords;
pub mod plan;
pub mod pools;
pub mod replan;
pub mod rules;
pub mod second_factor;
pub mod seed;
pub mod sequencer;
pub mod sessions;
pub mod setup;
pub mod users;
