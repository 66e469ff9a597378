//! Use cases: what somebody wants done, from values to values. Reads no file and prints nothing.

pub mod ceremony;
pub mod cx;
pub mod input;
pub mod login;
pub mod passwords;
pub mod plan;
pub mod planning_rules;
pub mod plannings;
pub mod pools;
pub mod replacements;
pub mod replan;
pub mod rules;
pub mod setup;
pub mod takeover;
pub mod tasks;
pub mod users;
pub mod visits;
