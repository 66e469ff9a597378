//! Use cases: what somebody wants done, from values to values. Reads no file and prints nothing.

pub mod ceremony;
pub mod cx;
pub mod draws;
pub mod inspections;
pub mod invitations;
pub mod login;
pub mod overlap;
pub mod passwords;
pub mod plan;
pub mod pools;
pub mod replan;
pub mod rules;
pub mod setup;
pub mod users;
