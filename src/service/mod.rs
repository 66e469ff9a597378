//! Use cases: what somebody wants done, from values to values. Reads no file and prints nothing.

pub mod caps;
pub mod ceremony;
pub mod common;
pub mod cx;
pub mod departments;
pub mod exports;
pub mod imports;
pub mod inspectors;
pub mod items;
pub mod login;
pub mod passwords;
pub mod plan;
pub mod plans;
pub mod pools;
pub mod recusals;
pub mod replan;
pub mod rules;
pub mod seed;
pub mod setup;
pub mod subjects;
pub mod users;
