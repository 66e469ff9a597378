//! The one integration-test binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod allocate;
mod architecture;
mod counties;
mod draw_cli;
mod draw_properties;
mod draw_session;
mod draw_statistics;
mod draw_vectors;
mod draw_verify;
mod exchange;
mod fairness;
mod formal_plan;
mod journal;
mod merge;
mod modes;
mod packages;
mod plan;
mod replan;
mod report;
mod rules;
mod sample;
mod sample_cli;
mod server_people;
mod small;
mod supply;
mod support;
mod unstaffed;
