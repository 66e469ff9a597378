//! Use cases: what somebody wants done, from values to values. Reads no file and prints nothing.

pub mod ceremony;
pub mod cx;
pub mod health;
pub mod input;
pub mod journal;
pub mod login;
pub mod outbox;
pub mod passwords;
pub mod plan;
pub mod planning_rules;
pub mod plannings;
pub mod pools;
pub mod replacements;
pub mod replan;
pub mod rules;
pub mod second_factor;
pub mod seed;
pub mod sequencer;
pub mod sessions;
pub mod setup;
pub mod takeover;
pub mod tasks;
pub mod users;
pub mod visits;
