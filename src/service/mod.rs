//! Use cases: what somebody wants done, from values to values. Reads no file and prints nothing.

pub mod ceremony;
pub mod plan;
pub mod pools;
pub mod replan;
